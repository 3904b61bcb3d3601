//! Programmes, lists of keys, and what changed.

use super::{Cell, RowReader};
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{ChangeRow, ProgrammeRow};
use crate::journal::ContentHash;
use crate::wire::sync::Cursor;

/// In the order of the table's columns.
pub(in super::super) fn programme_cells(
    row: &ProgrammeRow,
    at: Cursor,
) -> Result<[Cell<'_>; 6], StoreError> {
    Ok([
        Cell::int(row.version),
        Cell::bytes(row.hash.as_bytes()),
        Cell::text(&row.text),
        Cell::instant(row.from),
        Cell::bytes(&row.sealed),
        Cell::unsigned(at.0)?,
    ])
}

pub(in super::super) fn programme(row: &mut RowReader<'_>) -> Result<ProgrammeRow, StoreError> {
    Ok(ProgrammeRow {
        version: row.number()?,
        hash: row.array().map(ContentHash::from_bytes)?,
        text: row.text()?,
        from: row.instant()?,
        sealed: row.bytes()?,
    })
}

/// In the order of the table's columns.
pub(in super::super) fn key_list_cells(
    serial: u64,
    sealed: &[u8],
    at: Cursor,
) -> Result<[Cell<'_>; 3], StoreError> {
    Ok([Cell::unsigned(serial)?, Cell::bytes(sealed), Cell::unsigned(at.0)?])
}

/// Serial, sealed list and where it changed.
pub(in super::super) fn key_list(
    row: &mut RowReader<'_>,
) -> Result<(u64, Vec<u8>, Cursor), StoreError> {
    Ok((row.number()?, row.bytes()?, cursor(row)?))
}

pub(in super::super) fn cursor(row: &mut RowReader<'_>) -> Result<Cursor, StoreError> {
    row.number().map(Cursor)
}

/// The one row of its table.
pub(in super::super) fn the_cursor(rows: Vec<Cursor>) -> Result<Cursor, StoreError> {
    match rows[..] {
        [cursor] => Ok(cursor),
        _ => Err(StoreError::RowDamaged { table: "cursor" }),
    }
}

/// Where a page of about `count` changes ends: `changed` has the cursors of the first `count`
/// changes of each kind, `newest` is that of everything.
pub(in super::super) fn page_end(mut changed: Vec<Cursor>, count: usize, newest: Cursor) -> Cursor {
    changed.sort_unstable();
    // A page of nothing would never get on.
    let last = changed.get(count.max(1) - 1);
    last.copied().unwrap_or(newest)
}

/// Changes of every kind in the order of their cursors.
pub(in super::super) fn in_order(mut changes: Vec<(Cursor, ChangeRow)>) -> Vec<ChangeRow> {
    changes.sort_by_key(|(changed, _)| *changed);
    changes.into_iter().map(|(_, change)| change).collect()
}
