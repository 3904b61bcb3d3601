//! Single facts about the ledger.

use rusqlite::{Connection, OptionalExtension, params};

use crate::agent::store::error::StoreError;

/// What is remembered. The names are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// Version of the software that wrote last.
    Software,
    /// Version and content hash of the programme in force: `7 <hex>`.
    Programme,
    /// Cursor and content hash of the base that the journal knows: `3 <hex>`.
    Base,
    /// The epoch in which the hub expects the journal to go on, as a number.
    BeginsInEpoch,
    /// "yes" while the agent runs; "no" after it stopped in order.
    Running,
}

impl Fact {
    /// Its name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Software => "software",
            Self::Programme => "programme",
            Self::Base => "base",
            Self::BeginsInEpoch => "begins_in_epoch",
            Self::Running => "running",
        }
    }
}

/// A fact, if it was ever noted.
pub(crate) fn read(connection: &Connection, fact: Fact) -> Result<Option<String>, StoreError> {
    connection
        .prepare_cached("SELECT value FROM facts WHERE name = ?1")?
        .query_row([fact.name()], |row| row.get(0))
        .optional()
        .map_err(StoreError::sqlite("read a fact"))
}

/// Notes a fact.
pub(crate) fn note(connection: &Connection, fact: Fact, value: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO facts (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![fact.name(), value])
        .map_err(StoreError::sqlite("note a fact"))?;
    Ok(())
}
