//! Records, forks, receipts and flags.

use super::{Cell, RowReader, clamped, place_cells};
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{FlagRow, ForkRow, JournalRow, Place, ReceiptKey};
use crate::journal::RecordHash;
use crate::loyalty::{ReceiptUid, StoreId, TillId};
use crate::wire::sync::Quarantine;

/// In the order of the table's columns.
pub(in super::super) fn record_cells(row: &JournalRow) -> Result<[Cell<'_>; 9], StoreError> {
    let [device, epoch, sequence] = place_cells(&row.place)?;
    Ok([
        device,
        epoch,
        sequence,
        Cell::int(row.kind),
        Cell::bytes(&row.bytes),
        Cell::bytes(row.hash.as_bytes()),
        Cell::instant(row.effective_at),
        Cell::instant(row.arrived_at),
        Cell::Int(row.quarantine.map(|reason| i64::from(reason.number()))),
    ])
}

pub(in super::super) fn record(row: &mut RowReader<'_>) -> Result<JournalRow, StoreError> {
    Ok(JournalRow {
        place: row.place()?,
        kind: row.number()?,
        bytes: row.bytes()?,
        hash: row.array().map(RecordHash::from_bytes)?,
        effective_at: row.instant()?,
        arrived_at: row.instant()?,
        quarantine: match row.int_or_none()? {
            None => None,
            Some(number) => {
                let reason = u8::try_from(number).ok().and_then(Quarantine::of_number);
                Some(row.ok(reason)?)
            }
        },
    })
}

/// The epoch and sequence to go on behind; the first of all is behind what no record has.
pub(in super::super) fn behind(after: Option<(u32, u64)>) -> (Cell<'static>, Cell<'static>) {
    match after {
        None => (Cell::int(-1), Cell::int(-1)),
        Some((epoch, sequence)) => (Cell::int(epoch), Cell::int(clamped(sequence))),
    }
}

/// Sequence and hash.
pub(in super::super) fn numbered_hash(
    row: &mut RowReader<'_>,
) -> Result<(u64, RecordHash), StoreError> {
    Ok((row.number()?, row.array().map(RecordHash::from_bytes)?))
}

/// In the order of the table's columns.
pub(in super::super) fn fork_cells(row: &ForkRow) -> Result<[Cell<'_>; 6], StoreError> {
    let [device, epoch, sequence] = place_cells(&row.place)?;
    let hash = Cell::bytes(row.hash.as_bytes());
    Ok([device, epoch, sequence, hash, Cell::bytes(&row.bytes), Cell::instant(row.arrived_at)])
}

pub(in super::super) fn fork(row: &mut RowReader<'_>) -> Result<ForkRow, StoreError> {
    Ok(ForkRow {
        place: row.place()?,
        hash: row.array().map(RecordHash::from_bytes)?,
        bytes: row.bytes()?,
        arrived_at: row.instant()?,
    })
}

/// Store, till and receipt.
pub(in super::super) fn receipt_key_cells(key: &ReceiptKey) -> [Cell<'_>; 3] {
    let ReceiptKey { store, till, uid } = key;
    [Cell::text(store.as_str()), Cell::text(till.as_str()), Cell::text(uid.as_str())]
}

/// In the order of the table's columns.
pub(in super::super) fn receipt_cells<'a>(
    key: &'a ReceiptKey,
    place: &'a Place,
) -> Result<[Cell<'a>; 6], StoreError> {
    let [store, till, uid] = receipt_key_cells(key);
    let [device, epoch, sequence] = place_cells(place)?;
    Ok([store, till, uid, device, epoch, sequence])
}

pub(in super::super) fn receipt(
    row: &mut RowReader<'_>,
) -> Result<(ReceiptKey, Place), StoreError> {
    let key = receipt_key(row)?;
    Ok((key, row.place()?))
}

pub(in super::super) fn receipt_key(row: &mut RowReader<'_>) -> Result<ReceiptKey, StoreError> {
    Ok(ReceiptKey {
        store: row.parsed(StoreId::parse)?,
        till: row.parsed(TillId::parse)?,
        uid: row.parsed(ReceiptUid::parse)?,
    })
}

/// In the order of the table's columns.
pub(in super::super) fn flag_cells(row: &FlagRow) -> Result<[Cell<'_>; 7], StoreError> {
    let [device, epoch, sequence] = place_cells(&row.place)?;
    let [kind, subject, detail] =
        [&row.kind, &row.subject, &row.detail].map(|text| Cell::text(text));
    Ok([device, epoch, sequence, kind, subject, detail, Cell::instant(row.at)])
}

pub(in super::super) fn flag(row: &mut RowReader<'_>) -> Result<FlagRow, StoreError> {
    Ok(FlagRow {
        place: row.place()?,
        kind: row.text()?,
        subject: row.text()?,
        detail: row.text()?,
        at: row.instant()?,
    })
}
