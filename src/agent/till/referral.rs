//! Who referred a newcomer, and the half of the points that is theirs (BQ-14).
//!
//! The half is a record of its own in the transaction of the newcomer's purchase: both are durable
//! or none is. It follows the purchase, so that a return of all of it finds and takes it back.

use std::fmt;

use rusqlite::Connection;

use super::Till;
use super::answer::Recorded;
use super::error::TillError;
use super::lookup::Sources;
use super::scribe::{Asked, Scribe};
use super::sold::SoldSale;
use crate::agent::clock::Sample;
use crate::agent::store::base::BaseMember;
use crate::agent::store::ledger::{accounts, requests};
use crate::journal::{Adjustment, Body, ContentHash, RecordRef, ReferralPart, Remark};
use crate::loyalty::{
    Account, AccountRef, Counted, EarnedBy, Expires, Programme, ReceiptUid, Referral, Referrer,
};
use crate::member_code::{self, Code, Scan};
use crate::money::Amount;

/// Bytes of a code that somebody passes on: as long as any member code.
pub(crate) const REFERRAL_CODE_BYTES_MAX: usize = 128;

/// A code that a newcomer brought. It is never stored, told or logged as it is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ReferralCode(String);

/// What a code is looked up by.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReferralKeys {
    referral: i64,
    card: Option<i64>,
}

/// A code and whose it is, as far as the base says.
#[derive(Debug)]
pub(crate) struct KnownReferral {
    keys: ReferralKeys,
    by: Option<(BaseMember, Account)>,
}

/// The newcomer's purchase: its row, its record, what it earned by which rule.
pub(super) struct FirstPurchase<'a> {
    pub(super) id: i64,
    pub(super) of: RecordRef,
    pub(super) newcomer: AccountRef,
    pub(super) earned_by: &'a [EarnedBy],
    pub(super) day: chrono::NaiveDate,
}

impl<'a> FirstPurchase<'a> {
    /// A recorded sale to a member.
    pub(super) fn of(recorded: &'a Recorded) -> Option<Self> {
        let Body::Sale(sale) = &recorded.record.body else { return None };
        let (member, header) = (sale.member.as_ref()?, &recorded.record.header);
        Some(Self {
            id: recorded.id,
            of: RecordRef {
                device: header.device,
                epoch: header.epoch,
                sequence: header.sequence,
                uid: sale.uid.clone(),
            },
            newcomer: member.account,
            earned_by: &member.earned_by,
            day: header.clock.local_day(sale.decided_at),
        })
    }
}

impl ReferralCode {
    /// Reads what was typed or scanned.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = (1..=REFERRAL_CODE_BYTES_MAX).contains(&text.len());
        (fits && !text.chars().any(char::is_control)).then(|| Self(text.to_owned()))
    }
}

impl fmt::Debug for ReferralCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReferralCode(..)")
    }
}

impl Till {
    /// What a code is looked up by, where the programme has a use for it: a referral code, or the
    /// number of a card.
    pub(super) fn referral_keys(
        &self,
        code: Option<&ReferralCode>,
        programme: &Programme,
    ) -> Option<ReferralKeys> {
        let ReferralCode(text) = code.filter(|_| programme.has_referrals())?;
        let directory = &self.inner.keys.directory;
        let settings = &self.inner.codes;
        let scan = Scan::parse(text, &settings.framing).ok();
        let card = scan.and_then(|scan| member_code::read_member(&scan, &settings.rules).ok());
        let card = card.and_then(|code| match code {
            Code::Card { number, .. } => Some(directory.hash_code(number.as_str())),
            _ => None,
        });
        Some(ReferralKeys { referral: directory.hash_referral_code(text), card })
    }
}

impl Sources<'_> {
    /// Whose a code is. A base that cannot say knows nobody.
    pub(super) fn referral(&self, keys: ReferralKeys) -> Result<KnownReferral, TillError> {
        let unknown = KnownReferral { keys, by: None };
        let Some(base) = self.base else { return Ok(unknown) };
        let mut found = base.member_of_code(keys.referral)?;
        if let (None, Some(card)) = (found, keys.card) {
            found = base.member_of_code(card)?;
        }
        let Some(member) = found else { return Ok(unknown) };
        let by = match self.member(member) {
            Err(TillError::MemberUnknown | TillError::Damaged) => return Ok(unknown),
            by => by?,
        };
        let account = match accounts::load(self.ledger, self.base, by.account) {
            Err(crate::agent::store::error::StoreError::RowDamaged { .. }) => return Ok(unknown),
            account => account?,
        };
        Ok(KnownReferral { keys, by: Some((by, account)) })
    }
}

impl KnownReferral {
    /// As the core sees it.
    pub(super) fn of(&self, newcomer: AccountRef) -> Referral<'_> {
        match &self.by {
            None => Referral::Unknown,
            Some((by, _)) if by.account == newcomer => Referral::OwnAccount,
            Some((by, account)) => Referral::By(Referrer { flags: &by.flags, account }),
        }
    }

    /// Whether nobody here is known by the code.
    pub(super) fn is_unknown(&self) -> bool {
        self.by.is_none()
    }

    /// What a record keeps: who it was, or for a later base what the code is looked up by.
    pub(super) fn part(&self) -> ReferralPart {
        match &self.by {
            Some((by, _)) => ReferralPart { referrer: Some(by.member), code: None },
            None => ReferralPart { referrer: None, code: Some(self.keys.referral) },
        }
    }
}

/// Gives the one who referred their half.
pub(super) fn reward(
    connection: &Connection,
    scribe: &mut Scribe,
    sample: Sample,
    asked: &Asked,
    programme: &Programme,
    referral: &KnownReferral,
    purchase: &FirstPurchase<'_>,
) -> Result<(), TillError> {
    let (Some((by, _)), Referral::By(referrer)) = (&referral.by, referral.of(purchase.newcomer))
    else {
        return Ok(());
    };
    let gain = programme.referrer_gain(purchase.earned_by, &referrer, purchase.day);
    let Some(gain) = gain else { return Ok(()) };
    let adjustment = Adjustment {
        uid: uid_of("referral", asked, &purchase.of),
        member: by.member,
        account: by.account,
        points: gain.points,
        expires: programme.lot_of_adjustment(programme.day_of(sample.at)),
        terms: programme.entry_terms(),
        reason: Remark::clip("referred a newcomer"),
        counted_on: (!gain.counted.is_empty()).then_some(purchase.day),
        counted: gain.counted,
        of: Some(purchase.of.clone()),
        cashback: Amount::ZERO,
        cashback_expires: Expires::Never,
    };
    follow(connection, scribe, sample, asked, purchase.id, adjustment)
}

/// Takes the half back, once nothing of the newcomer's purchase is left.
pub(super) fn take_back(
    connection: &Connection,
    scribe: &mut Scribe,
    sample: Sample,
    asked: &Asked,
    sold: &SoldSale,
) -> Result<(), TillError> {
    let given: Vec<Adjustment> =
        sold.sold().referrals().filter(|given| given.points.is_positive()).cloned().collect();
    for given in given {
        let of = sold.record_ref();
        let taken = |counted: Counted| Counted { by: -counted.by, ..counted };
        let back = Adjustment {
            uid: uid_of("referral-back", asked, &of),
            points: -given.points,
            reason: Remark::clip("the newcomer's purchase came back"),
            counted: given.counted.iter().cloned().map(taken).collect(),
            of: Some(of),
            ..given
        };
        follow(connection, scribe, sample, asked, sold.id(), back)?;
    }
    Ok(())
}

fn follow(
    connection: &Connection,
    scribe: &mut Scribe,
    sample: Sample,
    asked: &Asked,
    sale: i64,
    adjustment: Adjustment,
) -> Result<(), TillError> {
    let recorded = scribe.record(connection, sample, asked, Body::Adjustment(adjustment))?;
    requests::note_follow_up(connection, sale, recorded.id)?;
    Ok(())
}

/// The same for the same purchase.
fn uid_of(kind: &str, asked: &Asked, of: &RecordRef) -> ReceiptUid {
    let till = asked.till.as_ref().map_or("", |till| till.as_str());
    let hash = ContentHash::of(format!("{till}\n{}", of.uid).as_bytes()).to_string();
    ReceiptUid::parse(&format!("{kind}-{}", &hash[..32])).expect("letters and digits are an id")
}
