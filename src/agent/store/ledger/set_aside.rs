//! Records that the hub refuses whatever is tried. They stay in the journal; batches name them.

use rusqlite::{Connection, params};

use crate::agent::store::error::StoreError;

/// Notes one.
pub(crate) fn note(connection: &Connection, id: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO records_set_aside (id) VALUES (?1)")?
        .execute([id])
        .map_err(StoreError::sqlite("note a record that the hub refuses"))?;
    Ok(())
}

/// Those of a range of rows, both ends included, in order.
pub(crate) fn between(
    connection: &Connection,
    first: i64,
    last: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM records_set_aside WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
    )?;
    let ids = statement.query_map(params![first, last], |row| row.get(0))?;
    ids.collect::<Result<_, _>>().map_err(StoreError::sqlite("read what the hub refuses"))
}

/// How many there are.
pub(crate) fn count(connection: &Connection) -> Result<u64, StoreError> {
    connection
        .prepare_cached("SELECT count(*) FROM records_set_aside")?
        .query_row([], |row| row.get::<_, i64>(0))
        .map(i64::unsigned_abs)
        .map_err(StoreError::sqlite("count what the hub refuses"))
}
