//! A recorded receipt computed again, as the till computed it and with the same code.
//!
//! A record says what was sold, what was known of the account ([`Inputs`](crate::journal::Inputs))
//! and what was given. [`sale()`] and [`taken_back`] ask the programme of the record's version what
//! would have been given, first with what the asker knows of the account, then with what the record
//! says was known: a till that was offline and did what it should is told apart from one that did
//! not. Nothing is refused here and nothing corrected: what comes out are two explanations beside
//! one another.
//!
//! `recorded` is how a decision is written into a record and `sold` a sale with what followed it:
//! tills record and read their own receipts with them too.

mod assigned;
mod compare;
mod given;
mod inputs;
mod recorded;
mod sale;
mod sold;
mod undone;

#[cfg(all(test, feature = "wire"))]
mod tests;

pub use assigned::assigned;
pub use compare::{Difference, Differing, Figure};
pub use inputs::{InputDifference, InputKind};
pub use recorded::{Buyer, REFUSALS_KEPT_MAX, member_part, refusals_kept, sale_lines};
pub use sale::sale;
pub use sold::{Owner, Sold, use_of_coupon, vouchers_of};
pub use undone::{TakenBack, taken_back, what_comes_back};

use std::collections::{BTreeMap, BTreeSet};

use crate::journal::{ENGINE, Header, RefusedBenefit};
use crate::loyalty::{
    Account, AccountRef, Applied, Birthday, EarnedBy, FlagId, PersonalOffers, ReturnError,
    VoucherId, VoucherState,
};
use crate::money::Amount;

/// What the asker knows beside the record.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// The account as it was just before the record, from every entry that is known now; `None`
    /// for one that nothing is known of.
    pub account: Option<&'a Account>,
    /// The member's birthday. No record says it.
    pub birthday: Option<Birthday>,
    /// Offers that the member carries; the record's own word on one comes first.
    pub personal: &'a PersonalOffers,
    /// First and last days of vouchers; one that is missing is taken as the record says.
    pub vouchers: &'a BTreeMap<VoucherId, VoucherState>,
    /// Whoever referred the member, where the record names one.
    pub referrer: Option<KnownReferrer<'a>>,
}

/// A member who referred.
#[derive(Clone, Copy, Debug)]
pub struct KnownReferrer<'a> {
    /// Whose points.
    pub account_ref: AccountRef,
    /// The member's flags.
    pub flags: &'a BTreeSet<FlagId>,
    /// The account.
    pub account: &'a Account,
}

/// What came of computing a record again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recomputed {
    /// The same was given.
    Same,
    /// What was given follows from what the till knew, but more is known now.
    InputsDiffer {
        /// What was known otherwise.
        inputs: Vec<InputDifference>,
        /// What would have been given with what is known now.
        explained: Box<Explained>,
    },
    /// The till gave another discount than was decided, and said so; what it made of that is right.
    GivenOtherwise {
        /// What was given and what would have been decided.
        explained: Box<Explained>,
    },
    /// Something else was given than the programme gives.
    Different {
        /// What was known otherwise too; empty where that is not in question.
        inputs: Vec<InputDifference>,
        /// Both sides.
        explained: Box<Explained>,
    },
    /// A return or a late member that the receipt does not have room for.
    Impossible {
        /// Why not.
        reason: ReturnError,
    },
    /// It cannot be computed again.
    NotRecomputed(NotRecomputed),
}

/// Two explanations of one receipt, and where they part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// What the record says.
    pub recorded: Explanation,
    /// What comes out now.
    pub computed: Explanation,
    /// Where they differ.
    pub differences: Vec<Difference>,
}

/// Why a receipt came to what it did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// Money paid, or paid back.
    pub payable: Amount,
    /// What was given.
    pub applied: Vec<Applied>,
    /// What each rule gave.
    pub earned_by: Vec<EarnedBy>,
    /// What was not given, and why.
    pub refused: Vec<RefusedBenefit>,
}

/// Why a record cannot be computed again. Nobody's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRecomputed {
    /// Another engine decided it.
    #[error("engine {engine} decided it, this software has engine {ENGINE}")]
    EngineUnknown {
        /// The record's engine.
        engine: u16,
    },
    /// The programme is not here.
    #[error("version {version} of the programme is not here")]
    ProgrammeUnknown {
        /// The record's version.
        version: u32,
    },
    /// The sale that it is about is not here.
    #[error("the sale that it is about is not here")]
    SaleUnknown,
    /// The record of the late member whose account it touches is not here.
    #[error("who was named for the sale afterwards is not here")]
    LateMemberUnknown,
    /// It depends on something that no record says.
    #[error("it depends on {what}, which the record does not say")]
    NotInRecord {
        /// What.
        what: &'static str,
    },
}

/// Whether the record can be computed again by this software.
///
/// # Errors
/// [`NotRecomputed::EngineUnknown`].
pub fn check_engine(header: &Header) -> Result<(), NotRecomputed> {
    let engine = header.engine;
    if engine == ENGINE { Ok(()) } else { Err(NotRecomputed::EngineUnknown { engine }) }
}
