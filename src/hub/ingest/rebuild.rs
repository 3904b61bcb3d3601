//! Every account folded anew, and compared with what is stored.

use std::collections::BTreeMap;

use super::books::fold;
use super::effective::{self, Bounds};
use crate::hub::store::Tx;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{DeviceRow, EntryRow};
use crate::journal::{ClockTrust, ObjectKind, Record, entry, read_unverified};
use crate::loyalty::{AccountRef, DeviceId, Entry};

/// How many accounts or records are looked at together: bounds the memory, not the work.
const TOGETHER: usize = 500;

/// What was looked at and what differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rebuilt {
    /// Accounts looked at.
    pub(crate) accounts: u64,
    /// Entries folded.
    pub(crate) entries: u64,
    /// Records of journals looked at.
    pub(crate) records: u64,
    /// Accounts whose stored facts are not what their entries come to.
    pub(crate) accounts_differ: Vec<AccountRef>,
    /// Entries that are not what their record says.
    pub(crate) entries_differ: Vec<(AccountRef, DeviceId, u32, u64)>,
}

impl Rebuilt {
    /// How much differs.
    pub(crate) fn differences(&self) -> usize {
        self.accounts_differ.len() + self.entries_differ.len()
    }
}

/// Folds every account from what it began with and its entries, and makes every entry again from
/// its record. Reads one state of everything; changes nothing.
pub(crate) fn rebuild(tx: &mut dyn Tx) -> Result<Rebuilt, StoreError> {
    let mut rebuilt = Rebuilt::default();
    let mut after = None;
    loop {
        let rows = tx.accounts_after(after, TOGETHER)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.account);
        let refs: Vec<AccountRef> = rows.iter().map(|row| row.account).collect();
        let mut entries = tx.entries(&refs)?;
        for row in rows {
            let entries: Vec<Entry> = entries
                .remove(&row.account)
                .unwrap_or_default()
                .into_iter()
                .map(|row: EntryRow| row.entry)
                .collect();
            rebuilt.accounts += 1;
            rebuilt.entries += entries.len() as u64;
            if *fold(&row, &entries).facts() != row.facts {
                rebuilt.accounts_differ.push(row.account);
            }
        }
    }
    for device in tx.devices()? {
        of_journal(tx, &device, &mut rebuilt)?;
    }
    Ok(rebuilt)
}

/// Compares what is booked with the records of a journal.
fn of_journal(
    tx: &mut dyn Tx,
    device: &DeviceRow,
    rebuilt: &mut Rebuilt,
) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let rows = tx.records_after(device.device, after, TOGETHER)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some((last.place.epoch, last.place.sequence));
        rebuilt.records += rows.len() as u64;
        let mut expected: BTreeMap<AccountRef, Vec<Entry>> = BTreeMap::new();
        for row in rows.into_iter().filter(|row| row.quarantine.is_none()) {
            let opened = read_unverified(ObjectKind::Record, &row.bytes).ok();
            let record = opened.and_then(|opened| Record::from_payload(opened.payload).ok());
            let Some(record) = record else { continue };
            let Some((account, mut entry)) = entry(&record) else { continue };
            if record.header.clock.trust == ClockTrust::Untrusted {
                let number = record.header.checkpoint;
                let at = tx.checkpoint_at(device.device, number)?.unwrap_or(device.enrolled_at);
                let bounds = Bounds { earliest: at, latest: row.arrived_at };
                effective::place(&mut entry, &record.header, bounds);
            }
            expected.entry(account).or_default().push(entry);
        }
        let refs: Vec<AccountRef> = expected.keys().copied().collect();
        let booked = tx.entries(&refs)?;
        for (account, entries) in expected {
            let there = booked.get(&account).map(Vec::as_slice).unwrap_or_default();
            for entry in entries {
                // One that is not booked at all is a twin's, and is flagged.
                let found = there.iter().find(|row| is_of(&row.entry, &entry));
                if found.is_some_and(|row| row.entry != entry) {
                    let key = entry.key;
                    let place = (account, key.device, key.epoch, key.sequence);
                    rebuilt.entries_differ.push(place);
                }
            }
        }
    }
}

fn is_of(one: &Entry, other: &Entry) -> bool {
    let place = |entry: &Entry| (entry.key.device, entry.key.epoch, entry.key.sequence);
    place(one) == place(other)
}
