//! What is stored, as domain types.

use chrono::{DateTime, NaiveDate, Utc};

use crate::journal::{ContentHash, PublicKey, RecordHash};
use crate::loyalty::{
    AccountFacts, AccountRef, DeviceId, Entry, MemberRef, ReceiptUid, StoreId, TillId, VoucherId,
    VoucherTypeId,
};
use crate::wire::sync::{MemberState, Quarantine};

/// A place in a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Whose journal.
    pub(crate) device: DeviceId,
    /// The epoch.
    pub(crate) epoch: u32,
    /// Number in the epoch.
    pub(crate) sequence: u64,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeviceRow {
    /// Its id.
    pub(crate) device: DeviceId,
    /// What people call it.
    pub(crate) name: String,
    /// The store it serves.
    pub(crate) store: StoreId,
    /// The group that wanted versions go by.
    pub(crate) group: String,
    /// The key that its records are signed with now.
    pub(crate) key: PublicKey,
    /// What it may do.
    pub(crate) standing: DeviceStanding,
    /// The device whose place it took.
    pub(crate) replaces: Option<DeviceId>,
    /// The last record of its journal here.
    pub(crate) head: Option<(u32, u64, RecordHash)>,
    /// Number of the last checkpoint; 0 is none.
    pub(crate) checkpoint: u64,
    /// When it was enrolled.
    pub(crate) enrolled_at: DateTime<Utc>,
    /// When it was last heard.
    pub(crate) seen_at: Option<DateTime<Utc>>,
    /// The software it runs.
    pub(crate) software: String,
    /// How far its clock is ahead of the hub's, in milliseconds.
    pub(crate) clock_offset_ms: i64,
}

/// What a device may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DeviceStanding {
    /// Everything.
    Active,
    /// Its journal has two branches: it may push and earn, but holds and leases are refused until a
    /// person looked at it.
    Suspended,
    /// Nothing but push what it had recorded before; another has its place.
    Replaced,
    /// Nothing.
    Revoked,
}

/// A code that makes a device known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EnrolmentRow {
    /// SHA-256 of the code.
    pub(crate) code_hash: [u8; 32],
    /// What people will call the device.
    pub(crate) name: String,
    /// The store.
    pub(crate) store: StoreId,
    /// The group.
    pub(crate) group: String,
    /// The device whose place the new one takes.
    pub(crate) replaces: Option<DeviceId>,
    /// From when the code is refused.
    pub(crate) expires_at: DateTime<Utc>,
    /// The device that used it.
    pub(crate) used_by: Option<DeviceId>,
}

/// A record of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JournalRow {
    /// Its place.
    pub(crate) place: Place,
    /// The number of its kind; 0 where it cannot be read.
    pub(crate) kind: u8,
    /// The exact bytes.
    pub(crate) bytes: Vec<u8>,
    /// Their hash.
    pub(crate) hash: RecordHash,
    /// When it took effect, set once by the hub.
    pub(crate) effective_at: DateTime<Utc>,
    /// When it came.
    pub(crate) arrived_at: DateTime<Utc>,
    /// Why it is not booked.
    pub(crate) quarantine: Option<Quarantine>,
}

/// The second record of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ForkRow {
    /// The place.
    pub(crate) place: Place,
    /// The exact bytes.
    pub(crate) bytes: Vec<u8>,
    /// Their hash.
    pub(crate) hash: RecordHash,
    /// When it came.
    pub(crate) arrived_at: DateTime<Utc>,
}

/// What makes a receipt unique for ever.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ReceiptKey {
    /// The store.
    pub(crate) store: StoreId,
    /// The till.
    pub(crate) till: TillId,
    /// The receipt.
    pub(crate) uid: ReceiptUid,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountRow {
    /// Its ref.
    pub(crate) account: AccountRef,
    /// What it began with, from an import; its fold begins here.
    pub(crate) opening: Option<AccountFacts>,
    /// Opening and every entry, folded.
    pub(crate) facts: AccountFacts,
}

/// What a record does to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntryRow {
    /// Whose.
    pub(crate) account: AccountRef,
    /// Tells several entries of one record and account apart.
    pub(crate) number: u16,
    /// The entry; device, epoch and sequence are in its key.
    pub(crate) entry: Entry,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MemberRow {
    /// Its ref.
    pub(crate) member: MemberRef,
    /// What tills are told; none for one that is gone.
    pub(crate) state: Option<MemberState>,
}

/// A voucher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VoucherRow {
    /// Its code.
    pub(crate) voucher: VoucherId,
    /// Its kind.
    pub(crate) voucher_type: VoucherTypeId,
    /// Whose.
    pub(crate) account: Option<AccountRef>,
    /// The first day it counts.
    pub(crate) valid_from: Option<NaiveDate>,
    /// The last day it counts.
    pub(crate) valid_until: Option<NaiveDate>,
    /// What became of it.
    pub(crate) standing: VoucherStanding,
}

/// What became of a voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum VoucherStanding {
    /// It can be used.
    Open,
    /// The record that used it.
    Used(Place),
    /// It was withdrawn.
    Revoked,
}

/// A published programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProgrammeRow {
    /// Its version.
    pub(crate) version: u32,
    /// SHA-256 of its text.
    pub(crate) hash: ContentHash,
    /// Its text.
    pub(crate) text: String,
    /// From when it is in force.
    pub(crate) from: DateTime<Utc>,
    /// The sealed notice.
    pub(crate) sealed: Vec<u8>,
}

/// Something that a person may have to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FlagRow {
    /// The record.
    pub(crate) place: Place,
    /// What about it, a stable word.
    pub(crate) kind: String,
    /// Which part of the record; empty for the whole.
    pub(crate) subject: String,
    /// The explanation, as JSON.
    pub(crate) detail: String,
    /// When.
    pub(crate) at: DateTime<Utc>,
}

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ChangeRow {
    /// A member.
    Member(MemberRow),
    /// An account.
    Account(Box<AccountRow>),
    /// A voucher.
    Voucher(VoucherRow),
}
