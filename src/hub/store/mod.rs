//! What the hub keeps, behind traits that SQLite and PostgreSQL implement alike.
//!
//! A [`Store`] gives transactions; a [`Tx`] sees and changes everything together. Every call that
//! touches many rows takes or gives many at once, for a row at a time would be a round trip each.
//! All calls block: a server calls them on threads of their own. `rows` has what is stored, each
//! trait here one group of tables.

pub(crate) mod error;
pub(crate) mod postgres;
pub(crate) mod rows;
pub(crate) mod sqlite;
mod stored;
#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use self::error::StoreError;
use self::rows::{
    AccountRow, ChangeRow, DeviceRow, EnrolmentRow, EntryRow, FlagRow, ForkRow, JournalRow,
    MemberRow, Place, ProgrammeRow, ReceiptKey, VoucherRow,
};
use crate::journal::RecordHash;
use crate::loyalty::{AccountRef, DeviceId, MemberRef, VoucherId};
use crate::wire::sync::Cursor;

/// Where everything of the hub is kept.
pub(crate) trait Store: Send + Sync {
    /// Begins a transaction that may write. What it changed is durable when [`Tx::commit`]
    /// answers, and gone where it is dropped before.
    ///
    /// # Errors
    /// [`StoreError`].
    fn write(&self) -> Result<Box<dyn Tx + '_>, StoreError>;

    /// Begins a look at one state of everything; nothing is written through it.
    ///
    /// # Errors
    /// [`StoreError`].
    fn read(&self) -> Result<Box<dyn Tx + '_>, StoreError>;
}

/// One transaction. Where anything in it fails it can only be dropped.
pub(crate) trait Tx:
    Devices + Journal + Links + Accounts + Members + Vouchers + Programmes + Changed
{
    /// Makes it durable.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where something in it failed before; nothing is then changed.
    /// [`StoreError::OutcomeUnknown`] where nobody knows whether it is.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// Devices and how they are enrolled.
pub(crate) trait Devices {
    /// Keeps an enrolment code by its hash.
    fn add_enrolment(&mut self, row: &EnrolmentRow) -> Result<(), StoreError>;
    /// An enrolment by its code's hash, locked until the transaction ends.
    fn lock_enrolment(&mut self, code_hash: &[u8; 32]) -> Result<Option<EnrolmentRow>, StoreError>;
    /// Notes that a code was used, and by which device.
    fn use_enrolment(&mut self, code_hash: &[u8; 32], device: DeviceId) -> Result<(), StoreError>;
    /// Adds a device or replaces its row.
    fn save_device(&mut self, row: &DeviceRow) -> Result<(), StoreError>;
    /// A device, locked until the transaction ends: who holds it is the only one to add to its
    /// journal.
    fn lock_device(&mut self, device: DeviceId) -> Result<Option<DeviceRow>, StoreError>;
    /// A device as it is.
    fn device(&mut self, device: DeviceId) -> Result<Option<DeviceRow>, StoreError>;
    /// Every device, in order.
    fn devices(&mut self) -> Result<Vec<DeviceRow>, StoreError>;
    /// Notes that a device was heard, what it runs and how far its clock is off.
    fn note_seen(
        &mut self,
        device: DeviceId,
        at: DateTime<Utc>,
        software: &str,
        clock_offset_ms: i64,
    ) -> Result<(), StoreError>;
}

/// Journals of all devices, the hub's own among them.
pub(crate) trait Journal {
    /// Adds records; their places are free, for the caller holds the device.
    fn append(&mut self, rows: &[JournalRow]) -> Result<(), StoreError>;
    /// The hashes of a device's records of an epoch, from a sequence on, at most `count`.
    fn hashes(
        &mut self,
        device: DeviceId,
        epoch: u32,
        from: u64,
        count: usize,
    ) -> Result<Vec<(u64, RecordHash)>, StoreError>;
    /// Records by place; those that are not there are left out.
    fn records(&mut self, places: &[Place]) -> Result<BTreeMap<Place, JournalRow>, StoreError>;
    /// A device's records behind a place, in order, at most `count`.
    fn records_after(
        &mut self,
        device: DeviceId,
        after: Option<(u32, u64)>,
        count: usize,
    ) -> Result<Vec<JournalRow>, StoreError>;
    /// Keeps the second of two records of one place.
    fn keep_forks(&mut self, rows: &[ForkRow]) -> Result<(), StoreError>;
    /// Second records of a device, in order.
    fn forks(&mut self, device: DeviceId) -> Result<Vec<ForkRow>, StoreError>;
    /// Notes which record a receipt is; one that is noted already stays, and is given back with
    /// the place that it has.
    fn note_receipts(
        &mut self,
        receipts: &[(ReceiptKey, Place)],
    ) -> Result<BTreeMap<ReceiptKey, Place>, StoreError>;
    /// Which records receipts are.
    fn receipts(&mut self, keys: &[ReceiptKey]) -> Result<BTreeMap<ReceiptKey, Place>, StoreError>;
    /// Adds what a person may have to look at; one for the same record, kind and subject stays.
    fn add_flags(&mut self, rows: &[FlagRow]) -> Result<(), StoreError>;
    /// Flags, newest first, at most `count`.
    fn flags(&mut self, count: usize) -> Result<Vec<FlagRow>, StoreError>;
}

/// What records have to do with one another, and what is put right once an earlier one came late.
pub(crate) trait Links {
    /// Notes records that are about sales: of each pair the sale's place comes first. The sale need
    /// not be here; what is noted already stays.
    fn note_follow_ups(&mut self, follow_ups: &[(Place, Place)]) -> Result<(), StoreError>;
    /// The records that are about sales, in order.
    fn follow_ups(&mut self, sales: &[Place]) -> Result<BTreeMap<Place, Vec<Place>>, StoreError>;
    /// Notes when a device's checkpoint was sealed; one that is noted already stays.
    fn note_checkpoint(
        &mut self,
        device: DeviceId,
        number: u64,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError>;
    /// When a device's checkpoint was sealed.
    fn checkpoint_at(
        &mut self,
        device: DeviceId,
        number: u64,
    ) -> Result<Option<DateTime<Utc>>, StoreError>;
    /// Takes the entries of records back: their receipt turned out to be another record's.
    fn remove_entries(&mut self, entries: &[(AccountRef, Place)]) -> Result<(), StoreError>;
    /// Says that receipts which are noted are other records.
    fn move_receipts(&mut self, receipts: &[(ReceiptKey, Place)]) -> Result<(), StoreError>;
}

/// Accounts and their entries.
pub(crate) trait Accounts {
    /// Accounts, locked in order of their refs until the transaction ends; those that are not there
    /// yet are made, empty.
    fn lock_accounts(
        &mut self,
        accounts: &[AccountRef],
    ) -> Result<BTreeMap<AccountRef, AccountRow>, StoreError>;
    /// Accounts as they are; those that are not there are left out.
    fn accounts(
        &mut self,
        accounts: &[AccountRef],
    ) -> Result<BTreeMap<AccountRef, AccountRow>, StoreError>;
    /// Adds entries of accounts; one that is there already stays.
    fn add_entries(&mut self, rows: &[EntryRow]) -> Result<(), StoreError>;
    /// Every entry of accounts, in the order of their keys.
    fn entries(
        &mut self,
        accounts: &[AccountRef],
    ) -> Result<BTreeMap<AccountRef, Vec<EntryRow>>, StoreError>;
    /// Stores accounts, as changed at a cursor.
    fn save_accounts(&mut self, rows: &[AccountRow], at: Cursor) -> Result<(), StoreError>;
    /// Accounts behind a ref, in order, at most `count`: to go through all.
    fn accounts_after(
        &mut self,
        after: Option<AccountRef>,
        count: usize,
    ) -> Result<Vec<AccountRow>, StoreError>;
}

/// Members, without what names a person.
pub(crate) trait Members {
    /// Stores members and whose their codes are, as changed at a cursor. A code that another member
    /// has is refused with [`StoreError::CodeTaken`].
    fn save_members(&mut self, rows: &[MemberRow], at: Cursor) -> Result<(), StoreError>;
    /// Members by ref; those that are not there are left out.
    fn members(
        &mut self,
        members: &[MemberRef],
    ) -> Result<BTreeMap<MemberRef, MemberRow>, StoreError>;
    /// Whose codes these are.
    fn holders(&mut self, codes: &[i64]) -> Result<BTreeMap<i64, MemberRef>, StoreError>;
    /// How many there are, without those that are gone.
    fn count_members(&mut self) -> Result<u64, StoreError>;
}

/// Vouchers.
pub(crate) trait Vouchers {
    /// Vouchers, locked in order of their codes until the transaction ends; those that are not
    /// there are left out.
    fn lock_vouchers(
        &mut self,
        vouchers: &[VoucherId],
    ) -> Result<BTreeMap<VoucherId, VoucherRow>, StoreError>;
    /// Stores vouchers, as changed at a cursor.
    fn save_vouchers(&mut self, rows: &[VoucherRow], at: Cursor) -> Result<(), StoreError>;
}

/// Programmes and lists of keys, as published.
pub(crate) trait Programmes {
    /// Adds a programme, as changed at a cursor; its version is above every other.
    fn add_programme(&mut self, row: &ProgrammeRow, at: Cursor) -> Result<(), StoreError>;
    /// A programme by version.
    fn programme(&mut self, version: u32) -> Result<Option<ProgrammeRow>, StoreError>;
    /// The programme of the highest version of those whose time has come.
    fn programme_in_force(
        &mut self,
        now: DateTime<Utc>,
    ) -> Result<Option<ProgrammeRow>, StoreError>;
    /// The programme of the highest version.
    fn newest_programme(&mut self) -> Result<Option<ProgrammeRow>, StoreError>;
    /// A programme's text by the SHA-256 of it.
    fn programme_text(&mut self, hash: &[u8; 32]) -> Result<Option<String>, StoreError>;
    /// Keeps a sealed list of keys, as changed at a cursor; its serial is above every other.
    fn add_key_list(&mut self, serial: u64, sealed: &[u8], at: Cursor) -> Result<(), StoreError>;
    /// The sealed list of keys of the highest serial, and where it changed.
    fn newest_key_list(&mut self) -> Result<Option<(u64, Vec<u8>, Cursor)>, StoreError>;
}

/// What changed, for the tills.
pub(crate) trait Changed {
    /// The next cursor. Locks the counter until the transaction ends, so cursors become visible in
    /// their order: to be called last, when every other lock is held.
    fn next_cursor(&mut self) -> Result<Cursor, StoreError>;
    /// The cursor of the last change that is visible.
    fn cursor(&mut self) -> Result<Cursor, StoreError>;
    /// Members, accounts and vouchers that changed behind a cursor, each once as it is now, in the
    /// order of the cursors of their last changes; about `count`, but never a part of what one
    /// cursor changed. The cursor that was reached.
    fn changes_after(
        &mut self,
        after: Cursor,
        count: usize,
    ) -> Result<(Vec<ChangeRow>, Cursor), StoreError>;
}
