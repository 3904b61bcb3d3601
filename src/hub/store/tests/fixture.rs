//! A place for a store of a test's own.

use std::path::PathBuf;

use crate::hub::store::Store;
use crate::hub::store::error::OpenError;
use crate::hub::store::sqlite::{self, SqliteStore};

/// Where a test's store is, empty at first.
#[derive(Debug)]
pub(super) enum Fixture {
    Sqlite { _folder: tempfile::TempDir, path: PathBuf },
}

/// Runs a case on SQLite.
pub(super) fn on_sqlite(case: fn(&Fixture)) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hub.db");
    case(&Fixture::Sqlite { _folder: folder, path });
}

impl Fixture {
    /// Opens the store, as one more process would.
    pub(super) fn open(&self) -> Box<dyn Store> {
        self.try_open().expect("the store opens")
    }

    pub(super) fn try_open(&self) -> Result<Box<dyn Store>, OpenError> {
        match self {
            Self::Sqlite { path, .. } => Ok(Box::new(SqliteStore::open(path)?)),
        }
    }

    /// Runs statements beside the store.
    pub(super) fn execute(&self, sql: &str) {
        match self {
            Self::Sqlite { path, .. } => {
                let connection = rusqlite::Connection::open(path).expect("the file opens");
                connection.execute_batch(sql).expect("the statements run");
            }
        }
    }

    /// Brings the empty store to an older schema.
    pub(super) fn make_older(&self, number: u32) {
        match self {
            Self::Sqlite { .. } => {
                let steps = sqlite::MIGRATIONS.iter().filter(|step| step.number <= number);
                let sql: String = steps.map(|step| step.sql).collect();
                let id = sqlite::APPLICATION_ID;
                let id = if number == 0 { 0 } else { id };
                self.execute(&format!(
                    "{sql}; PRAGMA user_version = {number}; PRAGMA application_id = {id}"
                ));
            }
        }
    }

    /// The number of the newest schema.
    pub(super) fn newest_schema(&self) -> u32 {
        match self {
            Self::Sqlite { .. } => sqlite::MIGRATIONS.len() as u32,
        }
    }

    /// Says that a newer program wrote the store.
    pub(super) fn make_newer(&self) {
        match self {
            Self::Sqlite { .. } => self.execute("PRAGMA user_version = 999"),
        }
    }

    /// Every table, column and index, as the database describes them.
    pub(super) fn schema(&self) -> Vec<String> {
        match self {
            Self::Sqlite { path, .. } => {
                let connection = rusqlite::Connection::open(path).expect("the file opens");
                let sql = "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name";
                let mut statement = connection.prepare(sql).expect("prepared");
                let rows = statement.query_map([], |row| row.get(0)).expect("queried");
                rows.collect::<Result<_, _>>().expect("read")
            }
        }
    }

    /// What the whole database is, to see whether it was touched.
    pub(super) fn content(&self) -> Vec<u8> {
        match self {
            Self::Sqlite { path, .. } => std::fs::read(path).expect("readable"),
        }
    }
}
