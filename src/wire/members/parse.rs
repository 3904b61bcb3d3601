//! From a line to a member or a voucher.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::facts::account_facts;
use super::fault::{ImportFault, ImportFaultCode};
use super::line::{LineObject, VoucherObject, WalletObject, read};
use super::personal::personal_offers;
use super::{ImportLine, ImportedMember, ImportedVoucher, WalletEnrolment};
use crate::loyalty::{
    AccountKind, AccountRef, Birthday, CompanyRole, FlagId, IdError, MemberRef, RecruiterRef,
    Standing, VoucherId, VoucherTypeId,
};
use crate::money::{Amount, Currency, Points};
use crate::wire::table::Table;

/// Bytes of a line: a member with ten years of days fits.
pub const LINE_BYTES_MAX: usize = 512 * 1024;

/// Codes of one member: a card, a few replacements, a phone.
pub const CODES_MAX: usize = 32;

/// Bytes of a code: the longest that a GS1 element string of a member has, and room.
pub const CODE_BYTES_MAX: usize = 128;

/// Lots of one account: one a day for the longest window.
pub const LOTS_MAX: usize = 3_660;

/// Days of one account: as long as the longest window.
pub const DAYS_MAX: usize = 3_660;

/// Flags of one member.
pub const FLAGS_MAX: usize = 100;

/// Vouchers of one member.
pub const VOUCHERS_MAX: usize = 1_000;

/// Points of one lot, day or life, so that sums over an account fit with room to spare.
pub const POINTS_MAX: i64 = 1_000_000_000_000;

/// Visits of one day or life, so that the days of an account sum up within their type.
pub const VISITS_MAX: u32 = 1_000_000;

/// Characters of a wallet id: 80 bits in base 32.
pub const WALLET_ID_CHARS: usize = 16;

/// Bytes of a shared secret at least: RFC 4226 section 4, requirement R6, asks for 128 bits.
pub const SECRET_BYTES_MIN: usize = 16;

/// Bytes of a shared secret at most: the block of SHA-1, beyond which it would be hashed first.
pub const SECRET_BYTES_MAX: usize = 64;

/// The letters and digits of Crockford's base 32.
const CROCKFORD: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What reading a part of a line comes to.
pub(crate) type Outcome<T> = Result<T, ImportFault>;

/// Reads one line of the import file. Amounts are in the programme's currency.
///
/// `points` become a lot that lives with the account's last purchase (where none is known it does
/// not lapse before the first), and so do `cashback` and, where they say no day, `pending` points;
/// `lots` lapse on their day. Lifetime sums that the line leaves out
/// are those of its `days`.
///
/// # Errors
/// [`ImportFault`]: the first thing that is wrong, without what the line has there.
pub fn parse_line(line_number: usize, text: &str, currency: Currency) -> Outcome<ImportLine> {
    let line = Line { number: line_number, currency };
    if text.len() > LINE_BYTES_MAX {
        let reason = format!("the line is longer than {LINE_BYTES_MAX} bytes");
        return Err(line.fault("", ImportFaultCode::TooLong, reason));
    }
    let object = read(text).map_err(|misfit| {
        let path = misfit.path;
        line.fault(&path, misfit.code, misfit.reason)
    })?;
    match &object.voucher {
        Some(_) if object.has_member_keys() => {
            let reason = "a voucher line has nothing but `voucher`; a member has `vouchers`";
            Err(line.fault("voucher", ImportFaultCode::Contradiction, reason))
        }
        Some(voucher) => line.voucher("voucher", voucher).map(ImportLine::Voucher),
        None => line.member(object).map(|member| ImportLine::Member(Box::new(member))),
    }
}

/// What reading a line needs to know.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    number: usize,
    currency: Currency,
}

impl Line {
    fn member(self, object: LineObject) -> Outcome<ImportedMember> {
        let member = self.present("member", object.member.as_deref())?;
        let member = self.id("member", member, MemberRef::parse)?;
        let account = match &object.account {
            Some(account) => self.id("account", account, AccountRef::parse)?,
            None => AccountRef::from_bytes(*member.as_bytes()),
        };
        let wallet = object.wallet.as_ref().map(|wallet| self.wallet(wallet)).transpose()?;
        let flags = self.flags(object.flags.as_deref().unwrap_or_default())?;
        let vouchers = self.vouchers(object.vouchers.as_deref().unwrap_or_default())?;
        let offers = personal_offers(self, object.offers.as_deref().unwrap_or_default())?;
        let birthday = object.birthday.as_deref().map(|text| self.birthday(text)).transpose()?;
        let standing = self.standing(&object)?;
        let facts = account_facts(self, &object)?;
        let referral_codes = object.referral_codes.unwrap_or_default();
        let referral_codes = self.codes("referral_codes", referral_codes)?;
        let codes = self.codes("codes", self.present("codes", object.codes)?)?;
        if codes.is_empty() && wallet.is_none() {
            let reason = "a member needs a code or a wallet to be known by";
            return Err(self.fault("codes", ImportFaultCode::MissingKey, reason));
        }
        Ok(ImportedMember {
            member,
            account,
            codes,
            referral_codes,
            facts,
            flags,
            birthday,
            standing,
            wallet,
            vouchers,
            offers,
        })
    }

    fn codes(self, key: &str, codes: Vec<String>) -> Outcome<Vec<String>> {
        self.count(key, codes.len(), CODES_MAX)?;
        let mut seen = BTreeSet::new();
        for (index, code) in codes.iter().enumerate() {
            let path = format!("{key}[{index}]");
            let plain = !code.is_empty()
                && code.len() <= CODE_BYTES_MAX
                && code.trim() == code
                && !code.chars().any(char::is_control);
            if !plain {
                let reason = format!("expected 1 to {CODE_BYTES_MAX} bytes of plain text");
                return Err(self.fault(&path, ImportFaultCode::BadValue, reason));
            }
            if !seen.insert(code) {
                let reason = "the member has this code already";
                return Err(self.fault(&path, ImportFaultCode::Duplicate, reason));
            }
        }
        Ok(codes)
    }

    fn flags(self, texts: &[String]) -> Outcome<BTreeSet<FlagId>> {
        self.count("flags", texts.len(), FLAGS_MAX)?;
        let flags = texts.iter().enumerate();
        flags
            .map(|(index, text)| self.id(&format!("flags[{index}]"), text, FlagId::parse))
            .collect()
    }

    fn birthday(self, text: &str) -> Outcome<Birthday> {
        let reason = "expected month and day like \"05-17\", without the year";
        Birthday::parse(text)
            .ok_or_else(|| self.fault("birthday", ImportFaultCode::BadValue, reason))
    }

    fn standing(self, object: &LineObject) -> Outcome<Standing> {
        let word = |key: &str, known: &[&str]| {
            let reason = format!("expected one of {}", known.join(", "));
            self.fault(key, ImportFaultCode::BadValue, reason)
        };
        let kind = match object.kind.as_deref() {
            None => AccountKind::default(),
            Some(name) => AccountKind::of_name(name)
                .ok_or_else(|| word("kind", &AccountKind::ALL.map(AccountKind::name)))?,
        };
        let role = match object.role.as_deref() {
            None => None,
            Some(name) => Some(
                CompanyRole::of_name(name)
                    .ok_or_else(|| word("role", &CompanyRole::ALL.map(CompanyRole::name)))?,
            ),
        };
        if role.is_some() && kind != AccountKind::Company {
            let reason = "only people of a company have a role: write \"kind\": \"company\"";
            return Err(self.fault("role", ImportFaultCode::Contradiction, reason));
        }
        let recruiter = object.recruiter.as_deref();
        let recruiter =
            recruiter.map(|text| self.id("recruiter", text, RecruiterRef::parse)).transpose()?;
        Ok(Standing { kind, role, recruiter })
    }

    fn wallet(self, wallet: &WalletObject) -> Outcome<WalletEnrolment> {
        let id = wallet.id.as_bytes();
        if id.len() != WALLET_ID_CHARS || !id.iter().all(|byte| CROCKFORD.contains(byte)) {
            let reason = format!(
                "expected {WALLET_ID_CHARS} capitals and digits of base 32 (no I, L, O, U)"
            );
            return Err(self.fault("wallet.id", ImportFaultCode::BadValue, reason));
        }
        let secret = hex_bytes(&wallet.secret)
            .filter(|secret| (SECRET_BYTES_MIN..=SECRET_BYTES_MAX).contains(&secret.len()));
        let Some(secret) = secret else {
            let reason = format!(
                "expected {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes as hexadecimal digits"
            );
            return Err(self.fault("wallet.secret", ImportFaultCode::BadValue, reason));
        };
        Ok(WalletEnrolment { wallet_id: wallet.id.clone(), secret })
    }

    fn vouchers(self, objects: &[Table<VoucherObject>]) -> Outcome<Vec<ImportedVoucher>> {
        self.count("vouchers", objects.len(), VOUCHERS_MAX)?;
        let mut seen = BTreeSet::new();
        let mut vouchers = Vec::with_capacity(objects.len());
        for (index, object) in objects.iter().enumerate() {
            let path = format!("vouchers[{index}]");
            let voucher = self.voucher(&path, object)?;
            if !seen.insert(voucher.code.clone()) {
                let reason = "the member has this voucher already";
                return Err(self.fault(&path, ImportFaultCode::Duplicate, reason));
            }
            vouchers.push(voucher);
        }
        Ok(vouchers)
    }

    fn voucher(self, path: &str, object: &VoucherObject) -> Outcome<ImportedVoucher> {
        let day = |key: &str, text: &Option<String>| {
            text.as_deref().map(|text| self.day(&format!("{path}.{key}"), text)).transpose()
        };
        let valid_from = day("valid_from", &object.valid_from)?;
        let valid_until = day("valid_until", &object.valid_until)?;
        if let (Some(from), Some(until)) = (valid_from, valid_until) {
            if until < from {
                let path = format!("{path}.valid_until");
                let reason = "the last day is before the first";
                return Err(self.fault(&path, ImportFaultCode::Contradiction, reason));
            }
        }
        let type_path = format!("{path}.type");
        Ok(ImportedVoucher {
            code: self.id(&format!("{path}.code"), &object.code, VoucherId::parse)?,
            voucher_type: self.id(&type_path, &object.voucher_type, VoucherTypeId::parse)?,
            valid_from,
            valid_until,
        })
    }

    /// A fault of this line.
    pub(crate) fn fault(
        self,
        path: &str,
        code: ImportFaultCode,
        reason: impl Into<String>,
    ) -> ImportFault {
        ImportFault { line: self.number, path: path.to_owned(), code, reason: reason.into() }
    }

    /// At most so many entries.
    pub(crate) fn count(self, path: &str, count: usize, count_max: usize) -> Outcome<()> {
        if count <= count_max {
            return Ok(());
        }
        let reason = format!("at most {count_max} are allowed, found {count}");
        Err(self.fault(path, ImportFaultCode::TooMany, reason))
    }

    /// A day written "2026-01-15".
    pub(crate) fn day(self, path: &str, text: &str) -> Outcome<NaiveDate> {
        let day = text.parse::<NaiveDate>().ok().filter(|day| day.to_string() == text);
        day.ok_or_else(|| {
            let reason = "expected a day of the calendar like \"2026-01-15\"";
            self.fault(path, ImportFaultCode::BadValue, reason)
        })
    }

    /// An amount that is not negative.
    pub(crate) fn amount(self, path: &str, text: &str) -> Outcome<Amount> {
        let amount = self.currency.parse(text).map_err(|error| error.to_string());
        amount
            .and_then(|amount| {
                let negative = || "must not be negative".to_owned();
                Some(amount).filter(|amount| *amount >= Amount::ZERO).ok_or_else(negative)
            })
            .map_err(|reason| self.fault(path, ImportFaultCode::BadValue, reason))
    }

    /// Points from a least number on.
    pub(crate) fn points(self, path: &str, number: i64, least: i64) -> Outcome<Points> {
        if (least..=POINTS_MAX).contains(&number) {
            return Ok(Points::new(number));
        }
        let reason = format!("expected a whole number from {least} to {POINTS_MAX}");
        Err(self.fault(path, ImportFaultCode::BadValue, reason))
    }

    /// A count of visits.
    pub(crate) fn visits(self, path: &str, number: u32) -> Outcome<u32> {
        if number <= VISITS_MAX {
            return Ok(number);
        }
        let reason = format!("expected a whole number from 0 to {VISITS_MAX}");
        Err(self.fault(path, ImportFaultCode::BadValue, reason))
    }

    fn present<T>(self, key: &str, value: Option<T>) -> Outcome<T> {
        let missing =
            || self.fault(key, ImportFaultCode::MissingKey, format!("`{key}` is missing"));
        value.ok_or_else(missing)
    }

    /// An id.
    pub(crate) fn id<T>(
        self,
        path: &str,
        text: &str,
        parse: fn(&str) -> Result<T, IdError>,
    ) -> Outcome<T> {
        parse(text).map_err(|error| self.fault(path, ImportFaultCode::BadValue, error.to_string()))
    }
}

fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if digits.len() % 2 != 0 {
        return None;
    }
    let nibble = |digit: u8| char::from(digit).to_digit(16);
    digits
        .chunks_exact(2)
        .map(|pair| u8::try_from(nibble(pair[0])? * 16 + nibble(pair[1])?).ok())
        .collect()
}
