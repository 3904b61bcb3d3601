//! Programmes that the hub published and that are not in force yet.

use rusqlite::{Connection, Row, params};

use crate::agent::store::checksum::{CheckedTable, ReadRow, checksum, intact};
use crate::agent::store::error::StoreError;
use crate::journal::ContentHash;

/// The table, to look it over.
pub(crate) const PROGRAMMES_TO_COME: CheckedTable = CheckedTable {
    name: "programmes_to_come",
    key: &["version"],
    is_intact: |row| intact(read(row), row_sum).is_some(),
};

/// A programme that is to be in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProgrammeToCome {
    /// Its version.
    pub(crate) version: u32,
    /// SHA-256 of its text.
    pub(crate) hash: ContentHash,
    /// When, in Unix milliseconds.
    pub(crate) from_ms: i64,
    /// The hub's signed notice.
    pub(crate) sealed: Vec<u8>,
    /// Its text, once it is fetched.
    pub(crate) text: Option<String>,
}

/// Every one, by version. A damaged row says nothing and is told of again with everything else.
pub(crate) fn all(connection: &Connection) -> Result<Vec<ProgrammeToCome>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT * FROM programmes_to_come ORDER BY version")?;
    let rows = statement.query_map([], |row| Ok(read(row)))?;
    let mut programmes = Vec::new();
    for row in rows {
        let row = intact(row?, row_sum);
        if row.is_none() {
            tracing::error!(table = PROGRAMMES_TO_COME.name, "stored row is damaged");
        }
        programmes.extend(row);
    }
    Ok(programmes)
}

/// Keeps one. The hub tells of its programme with every change: a notice alone leaves the text that
/// was fetched.
pub(crate) fn save(connection: &Connection, row: &ProgrammeToCome) -> Result<(), StoreError> {
    let is_same = |kept: &ProgrammeToCome| (kept.version, kept.hash) == (row.version, row.hash);
    if row.text.is_none() && all(connection)?.iter().any(is_same) {
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO programmes_to_come
             (version, hash, from_ms, sealed, text, checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            row.version,
            row.hash.as_bytes(),
            row.from_ms,
            row.sealed,
            row.text,
            row_sum(row)
        ])
        .map_err(StoreError::sqlite("keep a programme to come"))?;
    Ok(())
}

/// Forgets those up to a version: it is in force, or was refused.
pub(crate) fn forget(connection: &Connection, version: u32) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM programmes_to_come WHERE version <= ?1")?
        .execute([version])
        .map_err(StoreError::sqlite("forget a programme to come"))?;
    Ok(())
}

fn read(row: &Row<'_>) -> ReadRow<ProgrammeToCome> {
    let read = ProgrammeToCome {
        version: row.get("version")?,
        hash: ContentHash::from_bytes(row.get("hash")?),
        from_ms: row.get("from_ms")?,
        sealed: row.get("sealed")?,
        text: row.get("text")?,
    };
    Ok((read, row.get::<_, i64>("checksum").map(Some)?))
}

fn row_sum(row: &ProgrammeToCome) -> i64 {
    let ProgrammeToCome { version, hash, from_ms, sealed, text } = row;
    checksum(&[
        &version.to_be_bytes(),
        hash.as_bytes(),
        &from_ms.to_be_bytes(),
        sealed,
        &[u8::from(text.is_some())],
        text.as_deref().unwrap_or_default().as_bytes(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::store::ledger::LEDGER_MIGRATIONS;
    use crate::shell::migrate::migrate;

    #[test]
    fn a_notice_that_is_told_again_leaves_the_text_that_was_fetched() {
        let mut connection = Connection::open_in_memory().expect("opened");
        migrate(&mut connection, LEDGER_MIGRATIONS).expect("migrated");
        let hash = ContentHash::of(b"text");
        let notice = ProgrammeToCome { version: 2, hash, from_ms: 7, sealed: vec![1], text: None };
        let fetched = ProgrammeToCome { text: Some("text".to_owned()), ..notice.clone() };
        for (told, kept) in [(&notice, &notice), (&fetched, &fetched), (&notice, &fetched)] {
            save(&connection, told).expect("saved");
            assert_eq!(all(&connection).expect("read"), std::slice::from_ref(kept));
        }
    }
}
