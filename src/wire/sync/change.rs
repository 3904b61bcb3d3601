//! What the hub says of members, accounts, vouchers and the programme.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use ciborium::Value;

use super::fields::{Bytes, Message};
use super::notice::ProgrammeNotice;
use crate::journal::cbor::{CborError, CborFault, Field, cbor_map, next, tagged};
use crate::loyalty::{
    AccountFacts, AccountKind, AccountRef, Birthday, CompanyRole, FlagId, MemberRef,
    PersonalOffers, RecruiterRef, VoucherId, VoucherTypeId,
};

/// How far the hub's changes are known: rises with every one. 0 is nothing yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub u64);

impl Field for Cursor {
    fn to_cbor(&self) -> Value {
        self.0.to_cbor()
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        u64::from_cbor(value).map(Self)
    }
}

/// The last record of the asking device's own journal that the accounts told contain: what comes
/// after it is pending at the till.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contained {
    /// Its epoch; 0 where there is none.
    pub epoch: u32,
    /// Its sequence.
    pub sequence: u64,
}

cbor_map!(Contained {
    1 epoch required,
    2 sequence required,
});

/// Everything that changed behind a cursor, each thing once, as it is at `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The cursor that was asked for.
    pub after: Cursor,
    /// Where the next question goes on.
    pub to: Cursor,
    /// There is more behind `to` already.
    pub more: bool,
    /// What of the device's journal is in the accounts, as of `to`.
    pub contained: Contained,
    /// What changed, in no order: each stands for itself.
    pub changes: Vec<Change>,
    /// The programme that is to be in force, where it changed.
    pub programme: Option<ProgrammeNotice>,
    /// The newest sealed list of keys, where it changed.
    pub key_list: Option<Bytes>,
    /// The hub's time.
    pub at: DateTime<Utc>,
}

cbor_map!(Changes {
    1 after required,
    2 to required,
    3 more required,
    4 contained required,
    5 changes required,
    6 programme optional,
    7 key_list optional,
    8 at required,
});

impl Message for Changes {}

/// One thing as the hub knows it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A member.
    Member(Box<MemberState>),
    /// A member is gone: codes, wallet and offers with it (a tombstone).
    MemberGone(MemberRef),
    /// An account.
    Account(Box<AccountState>),
    /// A voucher.
    Voucher(VoucherState),
    /// A voucher can no longer be used.
    VoucherGone(VoucherId),
}

impl Field for Change {
    fn to_cbor(&self) -> Value {
        let (number, value) = match self {
            Self::Member(state) => (1_u64, state.to_cbor()),
            Self::MemberGone(member) => (2, member.to_cbor()),
            Self::Account(state) => (3, state.to_cbor()),
            Self::Voucher(state) => (4, state.to_cbor()),
            Self::VoucherGone(voucher) => (5, voucher.to_cbor()),
        };
        Value::Array(vec![number.into(), value])
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let (number, mut items) = tagged(value)?;
        Ok(match number {
            1 => Self::Member(Box::new(next(&mut items)?)),
            2 => Self::MemberGone(next(&mut items)?),
            3 => Self::Account(Box::new(next(&mut items)?)),
            4 => Self::Voucher(next(&mut items)?),
            5 => Self::VoucherGone(next(&mut items)?),
            number => return Err(CborFault::UnknownNumber { number }.into()),
        })
    }
}

/// A member, without anything that names the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberState {
    /// Its ref.
    pub member: MemberRef,
    /// The account it belongs to.
    pub account: AccountRef,
    /// The hashes of its card numbers and referral codes under the directory key.
    pub codes: Vec<i64>,
    /// Marks that offers may ask for.
    pub flags: BTreeSet<FlagId>,
    /// Month and day of birth.
    pub birthday: Option<Birthday>,
    /// What the account stands for.
    pub kind: Option<AccountKind>,
    /// What the member is in a company.
    pub role: Option<CompanyRole>,
    /// Who won the account.
    pub recruiter: Option<RecruiterRef>,
    /// Wallet passes.
    pub wallets: Vec<WalletState>,
    /// Offers that the member carries.
    pub offers: PersonalOffers,
}

cbor_map!(MemberState {
    1 member required,
    2 account required,
    3 codes or_default,
    4 flags or_default,
    5 birthday optional,
    6 kind optional,
    7 role optional,
    8 recruiter optional,
    9 wallets or_default,
    10 offers or_default,
});

impl Message for MemberState {}

/// A wallet pass: what a till needs to check its rotating codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletState {
    /// The bytes of the id that the pass shows.
    pub wallet: Bytes,
    /// The shared secret, sealed under the directory key for this member.
    pub sealed_secret: Bytes,
}

cbor_map!(WalletState {
    1 wallet required,
    2 sealed_secret required,
});

/// An account as the hub has folded it. Facts only: expiry and windows are computed when read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountState {
    /// The account.
    pub account: AccountRef,
    /// Its facts.
    pub facts: AccountFacts,
}

cbor_map!(AccountState {
    1 account required,
    2 facts required,
});

/// A voucher that is out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoucherState {
    /// Its code, which is its id.
    pub voucher: VoucherId,
    /// Its kind in the programme.
    pub voucher_type: VoucherTypeId,
    /// Whose; none for whoever brings it.
    pub account: Option<AccountRef>,
    /// The first day it counts.
    pub valid_from: Option<NaiveDate>,
    /// The last day it counts.
    pub valid_until: Option<NaiveDate>,
}

cbor_map!(VoucherState {
    1 voucher required,
    2 voucher_type required,
    3 account optional,
    4 valid_from optional,
    5 valid_until optional,
});
