//! Entries of accounts as bytes: what the hub keeps beside the records, so that an account is
//! folded again without opening each of them.

use ciborium::Value;

use crate::journal::cbor::{
    CborError, CborFault, Field, MapBuilder, MapReader, cbor_map, from_bytes, tagged, to_bytes,
};
use crate::loyalty::{Change, Entry, EntryKey, Gained, Undone};
use crate::money::{Amount, Points};

/// Writes an entry: the same bytes for the same entry. Instants are whole milliseconds, as in
/// every entry of a record.
#[must_use]
pub fn entry_to_bytes(entry: &Entry) -> Vec<u8> {
    to_bytes(&entry.to_cbor())
}

/// Reads an entry.
///
/// # Errors
/// [`CborError`] for anything that [`entry_to_bytes`] does not write: the stored row is damaged or
/// of a later version.
pub fn entry_from_bytes(bytes: &[u8]) -> Result<Entry, CborError> {
    Entry::from_cbor(from_bytes(bytes)?)
}

cbor_map!(Entry {
    1 key required,
    2 day required,
    3 terms required,
    4 change required,
});

cbor_map!(EntryKey {
    1 effective_at required,
    2 device required,
    3 epoch required,
    4 sequence required,
});

/// The number of what it does, and a map of it.
impl Field for Change {
    fn to_cbor(&self) -> Value {
        let mut map = MapBuilder::with_capacity(7);
        let number: u64 = match self {
            Self::Sale { points, cashback, converted, spend, counted } => {
                map.or_default(1, points);
                map.or_default(2, cashback);
                map.or_default(3, converted);
                map.or_default(4, spend);
                map.or_default(5, counted);
                1
            }
            Self::Undo { sale_day, remaining, points, cashback, spend, counted } => {
                map.or_default(1, points);
                map.or_default(2, cashback);
                map.or_default(4, spend);
                map.or_default(5, counted);
                map.required(6, sale_day);
                map.required(7, remaining);
                2
            }
            Self::Adjust { points, expires, cashback, cashback_expires, counted } => {
                map.or_default(1, points);
                map.or_default(2, cashback);
                map.optional(5, counted);
                map.or_default(8, expires);
                map.or_default(9, cashback_expires);
                3
            }
        };
        Value::Array(vec![number.into(), map.finish()])
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let (number, mut items) = tagged(value)?;
        let map = items.next().ok_or(CborFault::expected("a longer list"))?;
        let mut map = MapReader::open(map)?;
        Ok(match number {
            1 => Self::Sale {
                points: map.or_default(1, "points")?,
                cashback: map.or_default(2, "cashback")?,
                converted: map.or_default(3, "converted")?,
                spend: map.or_default(4, "spend")?,
                counted: map.or_default(5, "counted")?,
            },
            2 => Self::Undo {
                points: map.or_default(1, "points")?,
                cashback: map.or_default(2, "cashback")?,
                spend: map.or_default(4, "spend")?,
                counted: map.or_default(5, "counted")?,
                sale_day: map.required(6, "sale_day")?,
                remaining: map.required(7, "remaining")?,
            },
            3 => Self::Adjust {
                points: map.or_default(1, "points")?,
                cashback: map.or_default(2, "cashback")?,
                counted: map.optional(5, "counted")?,
                expires: map.or_default(8, "expires")?,
                cashback_expires: map.or_default(9, "cashback_expires")?,
            },
            number => return Err(CborFault::UnknownNumber { number }.into()),
        })
    }
}

type GainedPoints = Gained<Points>;
type GainedCashback = Gained<Amount>;
type UndonePoints = Undone<Points>;

cbor_map!(GainedPoints {
    1 earned or_default,
    2 expires or_default,
    3 pending or_default,
    4 spent or_default,
});

cbor_map!(GainedCashback {
    1 earned or_default,
    2 expires or_default,
    3 pending or_default,
    4 spent or_default,
});

cbor_map!(UndonePoints {
    1 clawed_back or_default,
    2 forgiven or_default,
    3 expires required,
    4 pending or_default,
    5 restored or_default,
});
