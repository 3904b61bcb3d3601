//! The header shares the record's map: keys 0 to 21.

use ciborium::Value;

use crate::journal::cbor::{CborError, Field, MapReader, MapWriter, Writer, cbor_map, list, next};
use crate::journal::header::{ClockReading, Header, RunningTotals};
use crate::money::{Amount, Points};

pub(super) fn write(header: &Header, map: &mut MapWriter<'_>) {
    let Header {
        format,
        engine,
        device,
        epoch,
        sequence,
        previous,
        clock,
        store,
        till,
        operator,
        programme_version,
        base_cursor,
        checkpoint,
        totals,
        believed_at,
    } = header;
    map.required(super::KEY_FORMAT, format);
    map.required(1, engine);
    map.required(2, device);
    map.required(3, epoch);
    map.required(4, sequence);
    map.required(5, previous);
    map.required(6, clock);
    map.required(7, store);
    map.optional(8, till);
    map.optional(9, operator);
    map.or_default(10, programme_version);
    map.or_default(11, base_cursor);
    map.or_default(12, checkpoint);
    map.or_default(13, totals);
    map.optional(14, believed_at);
}

pub(super) fn read(format: u8, map: &mut MapReader) -> Result<Header, CborError> {
    Ok(Header {
        format,
        engine: map.required(1, "engine")?,
        device: map.required(2, "device")?,
        epoch: map.required(3, "epoch")?,
        sequence: map.required(4, "sequence")?,
        previous: map.required(5, "previous")?,
        clock: map.required(6, "clock")?,
        store: map.required(7, "store")?,
        till: map.optional(8, "till")?,
        operator: map.optional(9, "operator")?,
        programme_version: map.or_default(10, "programme_version")?,
        base_cursor: map.or_default(11, "base_cursor")?,
        checkpoint: map.or_default(12, "checkpoint")?,
        totals: map.or_default(13, "totals")?,
        believed_at: map.optional(14, "believed_at")?,
    })
}

cbor_map!(ClockReading {
    1 wall required,
    2 offset_minutes or_default,
    3 monotonic_ms required,
    4 boot required,
    5 trust required,
});

/// A list, not a map: six numbers that every record carries, and two more of cashback where there
/// is any. They are not bounded as other sums
/// are, for they grow as long as the device lives.
impl Field for RunningTotals {
    fn write(&self, out: &mut Writer) {
        let Self {
            receipts,
            gross,
            discount,
            redeemed,
            points_issued,
            points_spent,
            cashback_issued,
            cashback_spent,
        } = self;
        out.list(|list| {
            list.item(receipts).item(gross).item(discount).item(redeemed);
            list.item(points_issued).item(points_spent);
            if !cashback_issued.is_zero() || !cashback_spent.is_zero() {
                list.item(cashback_issued).item(cashback_spent);
            }
        });
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let mut items = list(value)?.into_iter();
        Ok(Self {
            receipts: next(&mut items)?,
            gross: Amount::new(next(&mut items)?),
            discount: Amount::new(next(&mut items)?),
            redeemed: Amount::new(next(&mut items)?),
            points_issued: Points::new(next(&mut items)?),
            points_spent: Points::new(next(&mut items)?),
            cashback_issued: Amount::new(later(&mut items)?),
            cashback_spent: Amount::new(later(&mut items)?),
        })
    }
}

/// A number of a longer list, nothing where the list is shorter.
fn later(items: &mut std::vec::IntoIter<Value>) -> Result<i64, CborError> {
    items.next().map_or(Ok(0), i64::from_cbor)
}
