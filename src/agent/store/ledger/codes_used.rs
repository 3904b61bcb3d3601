//! Rotating codes and tokens that were used, so that a copy of one is refused.

use rusqlite::{Connection, OptionalExtension, params};

use crate::agent::store::error::StoreError;

/// The last step that was used of a code's owner, or of a token: 0.
pub(crate) fn last_step(connection: &Connection, code: &[u8]) -> Result<Option<u64>, StoreError> {
    let step: Option<i64> = connection
        .prepare_cached("SELECT last_step FROM codes_used WHERE code = ?1")?
        .query_row([code], |row| row.get(0))
        .optional()
        .map_err(StoreError::sqlite("look a used code up"))?;
    step.map(|step| u64::try_from(step).map_err(|_| StoreError::RowDamaged { table: "codes_used" }))
        .transpose()
}

/// Notes a use, until an instant in Unix milliseconds.
pub(crate) fn note(
    connection: &Connection,
    code: &[u8],
    step: u64,
    used_until_ms: i64,
) -> Result<(), StoreError> {
    let step = i64::try_from(step).map_err(|_| StoreError::RowDamaged { table: "codes_used" })?;
    connection
        .prepare_cached(
            "INSERT INTO codes_used (code, last_step, used_until) VALUES (?1, ?2, ?3)
             ON CONFLICT (code) DO UPDATE SET
                 last_step = excluded.last_step, used_until = excluded.used_until",
        )?
        .execute(params![code, step, used_until_ms])
        .map_err(StoreError::sqlite("note a used code"))?;
    Ok(())
}

/// Forgets uses whose time is over.
pub(crate) fn forget(connection: &Connection, now_ms: i64) -> Result<usize, StoreError> {
    connection
        .execute("DELETE FROM codes_used WHERE used_until < ?1", [now_ms])
        .map_err(StoreError::sqlite("forget used codes"))
}
