//! How many holds a till has.

use rusqlite::{Connection, params};

use crate::agent::store::error::StoreError;
use crate::loyalty::TillId;

/// Holds of a till that have not lapsed.
pub(crate) fn of_till(
    connection: &Connection,
    till: &TillId,
    now_ms: i64,
) -> Result<u64, StoreError> {
    connection
        .prepare_cached("SELECT count(*) FROM holds WHERE till = ?1 AND expires_at > ?2")?
        .query_row(params![till.as_str(), now_ms], |row| row.get::<_, i64>(0))
        .map(i64::unsigned_abs)
        .map_err(StoreError::sqlite("count a till's holds"))
}
