//! The import file: members with what they own, and vouchers, one JSON object a line.
//!
//! `line` has the format as it is written, `parse` reads and checks one line, `facts` what the
//! account begins with, `personal` the offers that the member carries, `fault` is what may be wrong with it. A line holds codes and secrets: no
//! fault and no debug output repeats them.

mod facts;
mod fault;
mod line;
mod parse;
mod personal;
#[cfg(test)]
mod tests;

pub use fault::{ImportFault, ImportFaultCode};
pub use parse::{
    CODE_BYTES_MAX, CODES_MAX, DAYS_MAX, FLAGS_MAX, LINE_BYTES_MAX, LOTS_MAX, POINTS_MAX,
    SECRET_BYTES_MAX, SECRET_BYTES_MIN, VISITS_MAX, VOUCHERS_MAX, WALLET_ID_CHARS, parse_line,
};

use std::collections::BTreeSet;
use std::fmt;

use chrono::NaiveDate;

use crate::loyalty::{
    AccountFacts, AccountRef, Birthday, FlagId, MemberRef, PersonalOffers, Standing, VoucherId,
    VoucherTypeId,
};

/// One line of the import file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportLine {
    /// A member.
    Member(Box<ImportedMember>),
    /// A voucher that whoever holds it may use.
    Voucher(ImportedVoucher),
}

/// A member as another system knew it.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportedMember {
    /// Its ref.
    pub member: MemberRef,
    /// The account it belongs to; its own where the line names none.
    pub account: AccountRef,
    /// Its codes as a scanner reads them. To be hashed by the caller; never stored as they are.
    pub codes: Vec<String>,
    /// What it passes on to newcomers. To be hashed by the caller; never stored as they are.
    pub referral_codes: Vec<String>,
    /// What the account begins with.
    pub facts: AccountFacts,
    /// Marks that offers may ask for.
    pub flags: BTreeSet<FlagId>,
    /// Month and day of birth, for birthday rules.
    pub birthday: Option<Birthday>,
    /// Its place in the account.
    pub standing: Standing,
    /// A wallet pass that makes rotating codes.
    pub wallet: Option<WalletEnrolment>,
    /// The member's own vouchers.
    pub vouchers: Vec<ImportedVoucher>,
    /// Offers that the member carries.
    pub offers: PersonalOffers,
}

impl fmt::Debug for ImportedMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportedMember")
            .field("member", &self.member)
            .field("account", &self.account)
            .field("codes", &self.codes.len())
            .field("referral_codes", &self.referral_codes.len())
            .field("facts", &self.facts)
            .field("flags", &self.flags)
            .field("standing", &self.standing)
            .field("wallet", &self.wallet)
            .field("vouchers", &self.vouchers)
            .field("offers", &self.offers)
            .finish()
    }
}

/// The wallet pass of a member: what a till needs to check its rotating codes.
#[derive(Clone, PartialEq, Eq)]
pub struct WalletEnrolment {
    /// The id that the pass shows: 16 characters of Crockford's base 32, in capitals.
    pub wallet_id: String,
    /// The shared secret of RFC 6238.
    pub secret: Vec<u8>,
}

impl fmt::Debug for WalletEnrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WalletEnrolment(..)")
    }
}

/// A voucher that is out already.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportedVoucher {
    /// Its code, which is its id.
    pub code: VoucherId,
    /// Its kind in the programme; the caller checks that the programme has it.
    pub voucher_type: VoucherTypeId,
    /// The first day it counts.
    pub valid_from: Option<NaiveDate>,
    /// The last day it counts.
    pub valid_until: Option<NaiveDate>,
}

impl fmt::Debug for ImportedVoucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportedVoucher")
            .field("voucher_type", &self.voucher_type)
            .field("valid_from", &self.valid_from)
            .field("valid_until", &self.valid_until)
            .finish_non_exhaustive()
    }
}
