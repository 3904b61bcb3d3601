//! Records on their way from a device to the hub.

use chrono::{DateTime, Utc};
use ciborium::Value;

use super::fields::{Bytes, Message};
use super::place::JournalPlace;
use super::records_packing::{pack_records, unpack_records};
use crate::journal::RecordHash;
use crate::journal::cbor::{CborError, CborFault, Field, MapBuilder, MapReader, cbor_map};

/// The most records of one batch: a batch is one transaction at the hub, and 1,000 receipts of ten
/// lines are about a megabyte before they are compressed.
pub const PUSH_RECORDS_MAX: usize = 1_000;

/// Records of the sending device's journal that follow one another, each exactly as it was signed.
/// Whose they are is said by the request's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushBatch {
    /// The epoch of the first.
    pub epoch: u32,
    /// The sequence of the first.
    pub sequence: u64,
    /// The records; may go on into a later epoch.
    pub records: Vec<Bytes>,
    /// Records between them that are left out because the hub refused them before: the chain goes
    /// on behind them.
    pub set_aside: Vec<SetAside>,
}

/// The records as they are (3), or packed where that can be undone (5).
impl Field for PushBatch {
    fn to_cbor(&self) -> Value {
        let Self { epoch, sequence, records, set_aside } = self;
        let mut map = MapBuilder::with_capacity(4);
        map.required(1, epoch);
        map.required(2, sequence);
        let bytes: Vec<&[u8]> = records.iter().map(|record| record.0.as_slice()).collect();
        match pack_records(&bytes) {
            Some(packed) => map.required(5, &Bytes(packed)),
            None => map.required(3, records),
        }
        map.or_default(4, set_aside);
        map.finish()
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let mut map = MapReader::open(value)?;
        let packed: Option<Bytes> = map.optional(5, "packed")?;
        let records = match packed {
            Some(Bytes(packed)) => {
                let records = unpack_records(&packed).map_err(|error| {
                    let fault = CborFault::Text { reason: error.to_string() };
                    CborError::from(fault).within("packed")
                })?;
                records.into_iter().map(Bytes).collect()
            }
            None => map.required(3, "records")?,
        };
        Ok(Self {
            epoch: map.required(1, "epoch")?,
            sequence: map.required(2, "sequence")?,
            records,
            set_aside: map.or_default(4, "set_aside")?,
        })
    }
}

impl Message for PushBatch {}

/// A record that the hub refused. It stays in the device's journal; the record behind it names its
/// hash, so the hub can go on there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where it is.
    pub place: JournalPlace,
    /// The hash of its bytes.
    pub hash: RecordHash,
}

cbor_map!(SetAside {
    1 place required,
    2 hash required,
});

/// What the hub has of the journal now. Only the checkpoint counts as an acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushReply {
    /// The sealed [`crate::journal::Checkpoint`] of the journal's head at the hub; none where the
    /// hub has no record of the device yet.
    pub checkpoint: Option<Bytes>,
    /// Records of the batch that were stored but not booked, each with the reason.
    pub quarantined: Vec<Quarantined>,
    /// The hub's time.
    pub at: DateTime<Utc>,
}

cbor_map!(PushReply {
    1 checkpoint optional,
    2 quarantined required,
    3 at required,
});

impl Message for PushReply {}

/// A record that the hub set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Its epoch.
    pub epoch: u32,
    /// Its sequence.
    pub sequence: u64,
    /// Why, by [`Quarantine::number`].
    pub reason: u8,
}

cbor_map!(Quarantined {
    1 epoch required,
    2 sequence required,
    3 reason required,
});

/// Why a record is set aside: the chain goes on behind it, a person looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quarantine {
    /// It is signed, but this hub cannot read its content.
    Unreadable,
    /// It is of a format that this hub does not know: update the hub.
    UnknownFormat,
    /// Booking it would break a sum.
    OutOfRange,
}

impl Quarantine {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Unreadable, Self::UnknownFormat, Self::OutOfRange];

    /// As messages and rows write it.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Unreadable => 1,
            Self::UnknownFormat => 2,
            Self::OutOfRange => 3,
        }
    }

    /// The reason of a number; none for one of a later version.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.number() == number)
    }
}
