//! Rotating codes and tokens that were used, so that a copy of one is refused.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::agent::store::checksum::{CheckedTable, ReadRow, checksum, intact};
use crate::agent::store::error::StoreError;

/// The table, to look it over.
pub(crate) const CODES_USED: CheckedTable =
    CheckedTable { name: "codes_used", key: &["code"], is_intact };

/// What is known of the last use of a wallet's codes, or of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LastUse {
    /// None was used.
    Never,
    /// The last step that was used; of a token 0.
    Step(u64),
    /// One was used, but the row that says which is damaged.
    Damaged,
}

/// What is known of a code's last use.
pub(crate) fn last_use(connection: &Connection, code: &[u8]) -> Result<LastUse, StoreError> {
    let read = connection
        .prepare_cached("SELECT * FROM codes_used WHERE code = ?1")?
        .query_row([code], |row| Ok(used_row(row)))
        .optional()
        .map_err(StoreError::sqlite("look a used code up"))?;
    let Some(read) = read else { return Ok(LastUse::Never) };
    let step = intact(read, row_checksum).and_then(|(_, step, _)| u64::try_from(step).ok());
    Ok(step.map_or_else(
        || {
            tracing::error!(table = CODES_USED.name, "stored row is damaged; counts as used");
            LastUse::Damaged
        },
        LastUse::Step,
    ))
}

/// Notes a use, until an instant in Unix milliseconds.
pub(crate) fn note(
    connection: &Connection,
    code: &[u8],
    step: u64,
    used_until_ms: i64,
) -> Result<(), StoreError> {
    let step = i64::try_from(step).map_err(|_| StoreError::RowDamaged { table: "codes_used" })?;
    let row = (code.to_vec(), step, used_until_ms);
    keep(connection, &row, Some(row_checksum(&row)))
}

/// A row as it stands: code, step, and until when it is kept in Unix milliseconds.
pub(crate) type UsedRow = (Vec<u8>, i64, i64);

/// Writes a row with the checksum that it has elsewhere, right or not: a use whose row is damaged
/// is a use.
pub(crate) fn keep(
    connection: &Connection,
    row: &UsedRow,
    sum: Option<i64>,
) -> Result<(), StoreError> {
    let (code, step, used_until_ms) = row;
    connection
        .prepare_cached(
            "INSERT INTO codes_used (code, last_step, used_until, checksum) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (code) DO UPDATE SET
                 last_step = excluded.last_step,
                 used_until = excluded.used_until,
                 checksum = excluded.checksum",
        )?
        .execute(params![code, step, used_until_ms, sum])
        .map_err(StoreError::sqlite("note a used code"))?;
    Ok(())
}

/// Forgets uses whose time is over.
pub(crate) fn forget(connection: &Connection, now_ms: i64) -> Result<usize, StoreError> {
    connection
        .execute("DELETE FROM codes_used WHERE used_until < ?1", [now_ms])
        .map_err(StoreError::sqlite("forget used codes"))
}

/// A row with its checksum.
pub(crate) fn used_row(row: &Row<'_>) -> ReadRow<UsedRow> {
    let used = (row.get("code")?, row.get("last_step")?, row.get("used_until")?);
    Ok((used, row.get("checksum")?))
}

fn row_checksum((code, step, used_until_ms): &UsedRow) -> i64 {
    checksum(&[code, &step.to_be_bytes(), &used_until_ms.to_be_bytes()])
}

fn is_intact(row: &Row<'_>) -> bool {
    intact(used_row(row), row_checksum).is_some()
}
