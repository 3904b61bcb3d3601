//! Takes in what devices push: every authentic record is kept whatever is thought of it, booked once,
//! computed again, and acknowledged with a signed checkpoint.
//!
//! `chain` says what of a batch is new and whether it follows; `effective` when it took effect;
//! `twins` finds receipts that are in two journals; `books` folds accounts, `vouchers` keeps who
//! used what; `judge` computes records again and `explain` words what comes out; `booking` does all
//! of it in one transaction. `rebuild` folds everything anew and compares.

mod booking;
mod books;
mod chain;
mod effective;
mod evaluators;
pub(crate) mod explain;
mod judge;
mod past;
pub(crate) mod rebuild;
mod twins;
mod vouchers;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use self::booking::Booking;
use self::chain::{BatchFault, Fresh, Here};
use self::evaluators::Evaluators;
use super::store::error::StoreError;
use super::store::rows::{DeviceRow, DeviceStanding, FlagRow, ForkRow, Place};
use super::store::{Store, Tx};
use crate::journal::{Checkpoint, EnvelopeError, Head, SigningKey};
use crate::loyalty::DeviceId;
use crate::wire::sync::{Cursor, PUSH_RECORDS_MAX, PushBatch, Quarantined};

/// How often a batch is read again because another of the same device came between.
const READ_AGAIN_MAX: usize = 8;

/// Takes batches in.
#[derive(Debug)]
pub(crate) struct Ingest {
    checkpoint_key: SigningKey,
    evaluators: Evaluators,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ingested {
    /// The sealed checkpoint of the journal's head; none where there is no record.
    pub(crate) checkpoint: Option<Vec<u8>>,
    /// Records of the batch that are kept but not booked.
    pub(crate) quarantined: Vec<Quarantined>,
    /// Records that were not here before.
    pub(crate) added: usize,
    /// What a person may have to look at.
    pub(crate) flagged: usize,
    /// The change that it made; none where everything was here.
    pub(crate) cursor: Option<Cursor>,
}

/// Why a batch is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IngestError {
    /// The device's fault, or nobody enrolled it.
    #[error("device {device} is not known: enrol it")]
    DeviceUnknown {
        /// Which.
        device: DeviceId,
    },
    /// A person's decision.
    #[error("device {device} was revoked: enrol it anew")]
    DeviceRevoked {
        /// Which.
        device: DeviceId,
    },
    /// The device's fault.
    #[error("the batch has {records} records, at most {PUSH_RECORDS_MAX} are taken: split it")]
    TooManyRecords {
        /// How many.
        records: usize,
    },
    /// A record was changed after it was signed, or another key signed it.
    #[error("record {}/{} is not what the device signed: {fault}", place.epoch, place.sequence)]
    RecordNotSigned {
        /// Where it should be.
        place: Place,
        /// Why.
        #[source]
        fault: EnvelopeError,
    },
    /// A record is of another journal or place than it is sent for.
    #[error(
        "record {}/{} says that it is {}/{} of device {}",
        place.epoch, place.sequence, found.epoch, found.sequence, found.device
    )]
    RecordMisplaced {
        /// Where it should be.
        place: Place,
        /// Where it says that it is.
        found: Place,
    },
    /// Records are missing before the batch: push from behind the head.
    #[error("the batch does not follow what is here")]
    UnknownPredecessor {
        /// The last record that is here.
        head: Option<Head>,
    },
    /// The journal has two branches; both are kept, and the device is suspended until a person
    /// looked at it. It goes on in a new epoch.
    #[error("the journal of device {device} has two branches")]
    Fork {
        /// Which.
        device: DeviceId,
        /// The last record of the branch that was first here.
        head: Option<Head>,
    },
    /// Nobody's fault: other batches of the device came between again and again. Try again.
    #[error("other batches of the device came between")]
    Busy,
    /// The hub's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Ingest {
    /// With the hub's key for checkpoints.
    pub(crate) fn new(checkpoint_key: SigningKey) -> Self {
        Self { checkpoint_key, evaluators: Evaluators::default() }
    }

    /// Takes a batch of a device in. Whoever calls knows that the device asked. The same batch
    /// again does nothing and gets the same answer.
    ///
    /// # Errors
    /// [`IngestError`]; of the batch nothing is then booked, but second branches are kept.
    pub(crate) fn take_in(
        &self,
        store: &dyn Store,
        device: DeviceId,
        batch: &PushBatch,
        now: DateTime<Utc>,
    ) -> Result<Ingested, IngestError> {
        let records = batch.records.len();
        if records > PUSH_RECORDS_MAX {
            return Err(IngestError::TooManyRecords { records });
        }
        for _ in 0..READ_AGAIN_MAX {
            // Signatures are checked before anything is locked: most of the work of a batch.
            let (row, here, forked) = Self::read(store, device, batch)?;
            let fresh =
                chain::read(&row, batch, &here, &forked).map_err(|fault| refused(fault, &row))?;
            if fresh.records.is_empty() && fresh.forks.is_empty() && fresh.set_aside.is_empty() {
                if fresh.is_forked {
                    return Err(IngestError::Fork { device, head: head_of(&row) });
                }
                return Ok(self.nothing_new(&row, now));
            }
            let mut tx = store.write()?;
            let locked = tx.lock_device(device)?.ok_or(IngestError::DeviceUnknown { device })?;
            if (locked.head, locked.key) != (row.head, row.key) {
                continue;
            }
            return self.keep(tx, locked, fresh, now);
        }
        Err(IngestError::Busy)
    }

    /// The device, and what is here of the places of a batch.
    fn read(
        store: &dyn Store,
        device: DeviceId,
        batch: &PushBatch,
    ) -> Result<(DeviceRow, Here, Here), IngestError> {
        let mut tx = store.read()?;
        let row = tx.device(device)?.ok_or(IngestError::DeviceUnknown { device })?;
        if row.standing == DeviceStanding::Revoked {
            return Err(IngestError::DeviceRevoked { device });
        }
        let (head_epoch, head_sequence) = row.head.map_or((0, 0), |(epoch, at, _)| (epoch, at));
        let mut here = Here::new();
        let count = batch.records.len().saturating_add(1);
        let behind_head = (batch.epoch, batch.sequence) > (head_epoch, head_sequence);
        if !behind_head {
            for epoch in batch.epoch..=head_epoch {
                let from = if epoch == batch.epoch { batch.sequence } else { 1 };
                let hashes = tx.hashes(device, epoch, from, count)?;
                here.extend(
                    hashes
                        .into_iter()
                        .map(|(sequence, hash)| (hash, Place { device, epoch, sequence })),
                );
            }
        }
        let forks = tx.forks(device)?;
        let forked = forks.into_iter().map(|fork| (fork.hash, fork.place)).collect();
        Ok((row, here, forked))
    }

    fn nothing_new(&self, row: &DeviceRow, now: DateTime<Utc>) -> Ingested {
        let checkpoint = head_of(row).map(|head| self.seal(row.device, row.checkpoint, head, now));
        Ingested { checkpoint, quarantined: Vec::new(), added: 0, flagged: 0, cursor: None }
    }

    fn keep(
        &self,
        mut tx: Box<dyn Tx + '_>,
        mut device: DeviceRow,
        fresh: Fresh,
        now: DateTime<Utc>,
    ) -> Result<Ingested, IngestError> {
        let Fresh { records, is_forked, forks, key, head, epochs_elsewhere, set_aside } = fresh;
        let mut flags = epochs_elsewhere_flags(&device, &epochs_elsewhere, now);
        for (place, hash) in &set_aside {
            let detail = serde_json::json!({ "hash": hash.to_string() });
            flags.push(explain::flag(*place, explain::kind::SET_ASIDE, "", &detail, now));
        }
        if !forks.is_empty() {
            keep_forks(tx.as_mut(), &mut device, forks, &mut flags, now)?;
        }
        let booking = Booking { evaluators: &self.evaluators, now };
        let booked = booking.book(tx.as_mut(), &device, records)?;
        flags.extend(booked.flags);
        tx.add_flags(&flags)?;
        device.key = key;
        let checkpoint = if head == head_of(&device) {
            head.map(|head| self.seal(device.device, device.checkpoint, head, now))
        } else {
            device.head = head.map(|head| (head.epoch, head.sequence, head.hash));
            device.checkpoint += 1;
            tx.note_checkpoint(device.device, device.checkpoint, now)?;
            head.map(|head| self.seal(device.device, device.checkpoint, head, now))
        };
        tx.save_device(&device)?;
        let cursor = tx.next_cursor()?;
        tx.save_accounts(&booked.accounts, cursor)?;
        tx.save_vouchers(&booked.vouchers, cursor)?;
        tx.commit()?;
        if is_forked {
            return Err(IngestError::Fork { device: device.device, head: head_of(&device) });
        }
        Ok(Ingested {
            checkpoint,
            quarantined: booked.quarantined,
            added: booked.added,
            flagged: flags.len(),
            cursor: Some(cursor),
        })
    }

    fn seal(&self, device: DeviceId, number: u64, head: Head, at: DateTime<Utc>) -> Vec<u8> {
        let Head { epoch, sequence, hash } = head;
        let checkpoint = Checkpoint { number, device, epoch, sequence, hash, at };
        let sealed = checkpoint.seal(&self.checkpoint_key);
        sealed.expect("a checkpoint is far smaller than what is sealed").bytes
    }
}

fn head_of(row: &DeviceRow) -> Option<Head> {
    row.head.map(|(epoch, sequence, hash)| Head { epoch, sequence, hash })
}

fn refused(fault: BatchFault, row: &DeviceRow) -> IngestError {
    match fault {
        BatchFault::NotSigned { place, fault } => IngestError::RecordNotSigned { place, fault },
        BatchFault::Misplaced { place, found } => IngestError::RecordMisplaced { place, found },
        BatchFault::UnknownPredecessor => IngestError::UnknownPredecessor { head: head_of(row) },
    }
}

fn epochs_elsewhere_flags(device: &DeviceRow, epochs: &[u32], now: DateTime<Utc>) -> Vec<FlagRow> {
    let flag = |epoch: &u32| {
        let place = Place { device: device.device, epoch: *epoch, sequence: 1 };
        explain::flag(place, explain::kind::EPOCH_ELSEWHERE, "", &serde_json::json!({}), now)
    };
    epochs.iter().map(flag).collect()
}

/// Keeps a second branch. Whoever works on it may push and earn, but what is lent is not lent to two.
fn keep_forks(
    tx: &mut dyn Tx,
    device: &mut DeviceRow,
    forks: Vec<(Place, Vec<u8>, crate::journal::RecordHash)>,
    flags: &mut Vec<FlagRow>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let rows: Vec<ForkRow> = forks
        .into_iter()
        .map(|(place, bytes, hash)| ForkRow { place, bytes, hash, arrived_at: now })
        .collect();
    for row in &rows {
        let detail = serde_json::json!({ "hash": row.hash.to_string() });
        let hash = row.hash.to_string();
        flags.push(explain::flag(row.place, explain::kind::FORK, &hash, &detail, now));
    }
    tx.keep_forks(&rows)?;
    if device.standing == DeviceStanding::Active {
        device.standing = DeviceStanding::Suspended;
    }
    Ok(())
}
