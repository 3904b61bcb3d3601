//! The programmes that were in force, word for word: what the journal names by hash.

use rusqlite::{Connection, OptionalExtension, params};

use crate::agent::store::error::StoreError;
use crate::journal::ContentHash;

/// The first schema of a ledger that has programmes.
const PROGRAMMES_SINCE: u32 = 2;

/// Which programme: its version, and the SHA-256 of its text as hexadecimal.
pub(crate) type ProgrammeKey = (u32, String);

/// Keeps a programme's text, in the place of one that is damaged.
pub(crate) fn keep(connection: &Connection, version: u32, text: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO programmes (version, hash, text) VALUES (?1, ?2, ?3)
             ON CONFLICT (version, hash) DO UPDATE SET text = excluded.text",
        )?
        .execute(params![version, hash_of(text), text])
        .map_err(StoreError::sqlite("keep a programme"))?;
    Ok(())
}

/// Every programme that is kept, by version; none in a ledger that is older than this table.
pub(crate) fn keys(connection: &Connection) -> Result<Vec<ProgrammeKey>, StoreError> {
    if !has_table(connection)? {
        return Ok(Vec::new());
    }
    let mut statement =
        connection.prepare_cached("SELECT version, hash FROM programmes ORDER BY version, hash")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect::<Result<_, _>>().map_err(StoreError::sqlite("read which programmes are kept"))
}

/// A programme's text, where it is kept and is what its hash says.
pub(crate) fn text_of(
    connection: &Connection,
    version: u32,
    hash: &str,
) -> Result<Option<String>, StoreError> {
    if !has_table(connection)? {
        return Ok(None);
    }
    let read = connection
        .prepare_cached("SELECT text FROM programmes WHERE version = ?1 AND hash = ?2")?
        .query_row(params![version, hash], |row| Ok(row.get::<_, String>(0).ok()))
        .optional()
        .map_err(StoreError::sqlite("read a programme"))?;
    let Some(text) = read else { return Ok(None) };
    let text = text.filter(|text| hash_of(text) == hash);
    if text.is_none() {
        tracing::error!(table = "programmes", version, "stored row is damaged");
    }
    Ok(text)
}

/// The hash of a programme's text.
pub(crate) fn hash_of(text: &str) -> String {
    ContentHash::of(text.as_bytes()).to_string()
}

fn has_table(connection: &Connection) -> Result<bool, StoreError> {
    let schema: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(schema >= PROGRAMMES_SINCE)
}
