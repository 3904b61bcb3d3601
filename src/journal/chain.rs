//! Checks that a device's records follow one another without a gap, a swap or a change.

use super::codec::RecordError;
use super::envelope::{EnvelopeError, ObjectKind, open};
use super::hash::RecordHash;
use super::header::Header;
use super::key::PublicKey;
use super::record::{Body, Record};
use crate::loyalty::DeviceId;

/// The last record of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its epoch.
    pub epoch: u32,
    /// Its number in the epoch.
    pub sequence: u64,
    /// The hash of its bytes.
    pub hash: RecordHash,
}

/// Where a record to be written goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Its epoch.
    pub epoch: u32,
    /// Its number in the epoch.
    pub sequence: u64,
    /// What it names as the record before.
    pub previous: RecordHash,
}

impl Position {
    /// The place of a device's very first record.
    pub const FIRST: Self = Self { epoch: 1, sequence: 1, previous: RecordHash::ZERO };
}

impl Head {
    /// The head after a record with these bytes' hash.
    #[must_use]
    pub fn of(header: &Header, hash: RecordHash) -> Self {
        Self { epoch: header.epoch, sequence: header.sequence, hash }
    }

    /// The place of the next record.
    #[must_use]
    pub fn next(&self) -> Position {
        Position { epoch: self.epoch, sequence: self.sequence + 1, previous: self.hash }
    }

    /// The place of the first record of a new epoch, after a salvage or a restore.
    #[must_use]
    pub fn next_epoch(&self) -> Position {
        Position { epoch: self.epoch + 1, sequence: 1, previous: self.hash }
    }
}

/// A verifier of one device's journal. After a fault it stands where it stood; the caller sets
/// the record aside, or goes on behind it with [`Chain::resume_at`].
#[derive(Clone, Debug)]
pub struct Chain {
    device: DeviceId,
    key: PublicKey,
    head: Option<Head>,
    announced_key: Option<PublicKey>,
}

impl Chain {
    /// Begins before a device's first record.
    #[must_use]
    pub fn begin(device: DeviceId, key: PublicKey) -> Self {
        Self { device, key, head: None, announced_key: None }
    }

    /// Goes on behind a record that is proven otherwise: by a checkpoint, a signed gap, or an
    /// epoch that began at an older record.
    pub fn resume_at(&mut self, head: Head) {
        self.head = Some(head);
    }

    /// The last record accepted.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.head
    }

    /// The key that the last key change told. Which key to check with is the caller's decision.
    #[must_use]
    pub fn announced_key(&self) -> Option<PublicKey> {
        self.announced_key
    }

    /// Checks the next record.
    ///
    /// # Errors
    /// [`ChainFault`], the first that is found: signature, device, content, place, hash.
    pub fn accept(&mut self, bytes: &[u8]) -> Result<Record, ChainFault> {
        let opened = open(ObjectKind::Record, bytes, &self.key).map_err(|error| match error {
            EnvelopeError::Signature => ChainFault::Signature,
            other => ChainFault::Envelope(other),
        })?;
        let record = Record::from_payload(opened.payload).map_err(|error| match error {
            RecordError::UnknownFormat { found } => ChainFault::UnknownFormat { found },
            other => ChainFault::Record(other),
        })?;
        self.check_place(&record.header)?;
        self.head = Some(Head::of(&record.header, RecordHash::of(bytes)));
        if let Body::KeyChange(change) = &record.body {
            self.announced_key = Some(change.public_key);
        }
        Ok(record)
    }

    fn check_place(&self, header: &Header) -> Result<(), ChainFault> {
        let (epoch, found) = (header.epoch, header.sequence);
        if header.device != self.device {
            return Err(ChainFault::OtherDevice { found: header.device });
        }
        let head = match self.head {
            Some(head) if head.epoch > epoch => {
                return Err(ChainFault::EpochBackwards { head: head.epoch, found: epoch });
            }
            head => head.filter(|head| head.epoch == epoch),
        };
        // Nothing comes after the last number; a record there can only be repeated.
        let expected = head.map_or(1, |head| head.sequence.saturating_add(1));
        if found < expected {
            return Err(ChainFault::SequenceRepeated { expected, found });
        }
        if found > expected {
            return Err(ChainFault::SequenceGap { expected, found });
        }
        match (head, self.head) {
            (Some(head), _) if header.previous != head.hash => {
                Err(ChainFault::HashMismatch { sequence: found, expected: head.hash })
            }
            (None, Some(before))
                if header.previous != before.hash && header.previous != RecordHash::ZERO =>
            {
                Err(ChainFault::EpochStartsElsewhere { epoch, previous: header.previous })
            }
            (None, None) if epoch == 1 && header.previous != RecordHash::ZERO => {
                Err(ChainFault::HashMismatch { sequence: found, expected: RecordHash::ZERO })
            }
            _ => Ok(()),
        }
    }
}

/// Why a record does not continue a journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// Changed after it was signed.
    #[error("the record's signature does not fit: it was changed or is another device's")]
    Signature,
    /// No record at all.
    #[error("the record cannot be opened: {0}")]
    Envelope(EnvelopeError),
    /// Signed, but not readable.
    #[error(transparent)]
    Record(RecordError),
    /// Of a later version of the software.
    #[error("the record has format {found}, which this software does not know; update it")]
    UnknownFormat {
        /// The record's format.
        found: u8,
    },
    /// Of another journal.
    #[error("the record is of device {found}")]
    OtherDevice {
        /// The record's device.
        found: DeviceId,
    },
    /// Of an epoch that ended.
    #[error("the record is of epoch {found}, the journal is in epoch {head}")]
    EpochBackwards {
        /// The journal's epoch.
        head: u32,
        /// The record's epoch.
        found: u32,
    },
    /// An epoch that begins behind an older record: a restore from a backup, or a fork.
    #[error("epoch {epoch} does not begin behind the last record but behind {previous}")]
    EpochStartsElsewhere {
        /// The new epoch.
        epoch: u32,
        /// What its first record names.
        previous: RecordHash,
    },
    /// Records are missing.
    #[error("expected record {expected}, found {found}: records are missing")]
    SequenceGap {
        /// The next number.
        expected: u64,
        /// The record's number.
        found: u64,
    },
    /// The number was there before: a replay, or a fork.
    #[error("expected record {expected}, found {found} again")]
    SequenceRepeated {
        /// The next number.
        expected: u64,
        /// The record's number.
        found: u64,
    },
    /// It names another record as the one before.
    #[error("record {sequence} does not name {expected} as the record before it")]
    HashMismatch {
        /// The record's number.
        sequence: u64,
        /// What it should name.
        expected: RecordHash,
    },
}

#[cfg(test)]
mod tests;
