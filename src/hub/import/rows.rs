//! Lines of the file, and what is wrong with them.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use super::{Importer, LineFault};
use crate::loyalty::{MemberRef, Reach};
use crate::member_code::{self, CardRules, Code, Framing, Scan, WalletId};
use crate::money::Currency;
use crate::shell::keys::DirectoryKey;
use crate::wire::members::{ImportLine, ImportedMember, ImportedVoucher, parse_line};

/// A line that is not empty.
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: usize,
    /// What it says.
    pub(super) parsed: Result<ImportLine, LineFault>,
}

/// Reads a file line by line.
pub(super) struct Reading<R> {
    source: R,
    number: usize,
    line: Vec<u8>,
}

impl<R: BufRead> Reading<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, number: 0, line: Vec::new() }
    }

    /// The next line that is not empty; `None` at the end.
    pub(super) fn next(&mut self, currency: Currency) -> Option<io::Result<Line>> {
        loop {
            self.line.clear();
            match self.source.read_until(b'\n', &mut self.line) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(error)),
            }
            self.number += 1;
            let number = self.number;
            let parsed = match std::str::from_utf8(&self.line) {
                Ok(text) if text.trim().is_empty() => continue,
                Ok(text) => parse_line(number, text.trim_end(), currency).map_err(LineFault::from),
                Err(_) => {
                    Err(LineFault { line: number, reason: "the line is not UTF-8".to_owned() })
                }
            };
            return Some(Ok(Line { number, parsed }));
        }
    }
}

/// Notes what is wrong with lines.
pub(super) struct Checker<'a> {
    importer: &'a Importer<'a>,
    /// Holder of each code of the file, so that two members never share one.
    codes: BTreeMap<i64, MemberRef>,
    pub(super) faults: Vec<LineFault>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(importer: &'a Importer<'a>) -> Self {
        Self { importer, codes: BTreeMap::new(), faults: Vec::new() }
    }

    pub(super) fn check(&mut self, line: Line) {
        let number = line.number;
        match line.parsed {
            Ok(ImportLine::Member(member)) => self.check_member(number, &member),
            Ok(ImportLine::Voucher(voucher)) => self.check_voucher(number, &voucher),
            Err(fault) => self.faults.push(fault),
        }
    }

    fn check_member(&mut self, number: usize, member: &ImportedMember) {
        for offer in member.offers.keys() {
            match self.importer.programme.offer(offer).map(|offer| offer.reach) {
                Some(Reach::Personal) => {}
                Some(Reach::Open) => self.fault(number, "an offer of the member is not personal"),
                None => self.fault(number, "the programme has no such offer as the member has"),
            }
        }
        match hashes(self.importer.directory, member) {
            None => {
                self.fault(number, "a code is none that a till would read as a member's card");
            }
            Some(codes) => {
                for code in codes {
                    let other = self.codes.insert(code, member.member);
                    if other.is_some_and(|other| other != member.member) {
                        self.fault(number, "a code belongs to an earlier member of the file");
                    }
                }
            }
        }
        let wallet_id = member.wallet.as_ref().map(|wallet| WalletId::parse(&wallet.wallet_id));
        if wallet_id.is_some_and(|id| id.is_none()) {
            self.fault(number, "the wallet id is not 16 characters of Crockford's base 32");
        }
        for voucher in &member.vouchers {
            self.check_voucher(number, voucher);
        }
    }

    fn check_voucher(&mut self, number: usize, voucher: &ImportedVoucher) {
        if !self.importer.programme.voucher_types.contains_key(&voucher.voucher_type) {
            self.fault(number, "the programme has no such kind of voucher");
        }
    }

    fn fault(&mut self, line: usize, reason: &str) {
        self.faults.push(LineFault { line, reason: reason.to_owned() });
    }
}

/// What a member's cards and referral codes are looked up by; `None` where a till would not read
/// one as a card.
pub(super) fn hashes(directory: &DirectoryKey, member: &ImportedMember) -> Option<Vec<i64>> {
    let (framing, rules) = (Framing::default(), CardRules::default());
    let card = |raw: &String| {
        let scan = Scan::parse(raw, &framing).ok()?;
        match member_code::read(&scan, &rules).ok()? {
            Code::Card { number, .. } => Some(directory.hash_code(number.as_str())),
            _ => None,
        }
    };
    let mut codes = member.codes.iter().map(card).collect::<Option<Vec<i64>>>()?;
    codes.extend(member.referral_codes.iter().map(|code| directory.hash_referral_code(code)));
    codes.sort_unstable();
    codes.dedup();
    Some(codes)
}
