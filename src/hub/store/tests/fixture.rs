//! A place for a store of a test's own.

use std::path::PathBuf;

use postgres::{Client, NoTls};

use super::postgres_server;
use crate::hub::store::Store;
use crate::hub::store::error::OpenError;
use crate::hub::store::postgres::{PostgresStore, migrate};
use crate::hub::store::sqlite::{self, SqliteStore};

/// Where a test's store is, empty at first.
#[derive(Debug)]
pub(super) enum Fixture {
    Sqlite { _folder: tempfile::TempDir, path: PathBuf },
    Postgres { url: String },
}

/// Runs a case on SQLite.
pub(super) fn on_sqlite(case: fn(&Fixture)) {
    case(&Fixture::sqlite());
}

/// Runs a case on PostgreSQL, where the machine has it.
pub(super) fn on_postgres(case: fn(&Fixture)) {
    if let Some(server) = postgres_server::server() {
        case(&Fixture::Postgres { url: server.new_database() });
    }
}

impl Fixture {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hub.db");
        Self::Sqlite { _folder: folder, path }
    }

    /// One more of its kind, empty.
    pub(super) fn fresh(&self) -> Self {
        match self {
            Self::Sqlite { .. } => Self::sqlite(),
            Self::Postgres { .. } => {
                let server = postgres_server::server().expect("there is one already");
                Self::Postgres { url: server.new_database() }
            }
        }
    }

    /// Opens the store, as one more process would.
    pub(super) fn open(&self) -> Box<dyn Store> {
        self.try_open().expect("the store opens")
    }

    pub(super) fn try_open(&self) -> Result<Box<dyn Store>, OpenError> {
        match self {
            Self::Sqlite { path, .. } => Ok(Box::new(SqliteStore::open(path)?)),
            Self::Postgres { url } => Ok(Box::new(PostgresStore::open(url)?)),
        }
    }

    /// Brings the empty store to an older schema.
    pub(super) fn make_older(&self, number: u32) {
        match self {
            Self::Sqlite { .. } => {
                let steps = sqlite::MIGRATIONS.iter().filter(|step| step.number <= number);
                let sql: String = steps.map(|step| step.sql).collect();
                let id = if number == 0 { 0 } else { sqlite::APPLICATION_ID };
                let pragmas =
                    format!("PRAGMA user_version = {number}; PRAGMA application_id = {id}");
                self.execute(&format!("{sql}; {pragmas}"));
            }
            Self::Postgres { url } => {
                let mut client = Client::connect(url, NoTls).expect("the server answers");
                let steps = migrate::STEPS.iter().take_while(|step| step.number <= number);
                let steps: Vec<_> = steps.copied().collect();
                migrate::migrate(&mut client, &steps).expect("migrated");
            }
        }
    }

    /// The number of the newest schema.
    pub(super) fn newest_schema(&self) -> u32 {
        let steps = match self {
            Self::Sqlite { .. } => sqlite::MIGRATIONS.len(),
            Self::Postgres { .. } => migrate::STEPS.len(),
        };
        u32::try_from(steps).expect("a few")
    }

    /// Says that a newer program wrote the store.
    pub(super) fn make_newer(&self) {
        self.execute(match self {
            Self::Sqlite { .. } => "PRAGMA user_version = 999",
            Self::Postgres { .. } => {
                "INSERT INTO tillward.schema_version (number, name) VALUES (999, 'newer')"
            }
        });
    }

    /// Puts a table of another program where ours would be.
    pub(super) fn make_foreign(&self) {
        self.execute(match self {
            Self::Sqlite { .. } => "CREATE TABLE receipts (till TEXT NOT NULL)",
            Self::Postgres { .. } => {
                "CREATE SCHEMA tillward; CREATE TABLE tillward.receipts (till TEXT NOT NULL)"
            }
        });
    }

    /// Every column, index and constraint, as the database describes them.
    pub(super) fn schema(&self) -> Vec<String> {
        match self {
            Self::Sqlite { .. } => self.texts("SELECT coalesce(sql, name) FROM sqlite_schema"),
            Self::Postgres { .. } => self.texts(
                "SELECT format('%s %s %s %s', table_name, column_name, data_type, collation_name)
                 FROM information_schema.columns WHERE table_schema = 'tillward'
                 UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'tillward'
                 UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint
                 WHERE connamespace = to_regnamespace('tillward')",
            ),
        }
    }

    /// The schema and what is in every table, to see whether anything was touched.
    pub(super) fn content(&self) -> Vec<String> {
        let mut content = self.schema();
        let tables = match self {
            Self::Sqlite { .. } => "SELECT name FROM sqlite_schema WHERE type = 'table'",
            Self::Postgres { .. } => {
                "SELECT 'tillward.' || tablename FROM pg_tables WHERE schemaname = 'tillward'"
            }
        };
        for table in self.texts(tables) {
            let rows = match self {
                Self::Sqlite { .. } => format!("SELECT '{table}' || count(*) FROM {table}"),
                Self::Postgres { .. } => format!("SELECT '{table}' || t::text FROM {table} AS t"),
            };
            content.extend(self.texts(&rows));
        }
        if let Self::Sqlite { .. } = self {
            content.extend(self.texts("SELECT user_version || '' FROM pragma_user_version"));
            content.extend(self.texts("SELECT application_id || '' FROM pragma_application_id"));
        }
        content
    }

    /// Runs statements beside the store.
    fn execute(&self, sql: &str) {
        match self {
            Self::Sqlite { path, .. } => {
                let connection = rusqlite::Connection::open(path).expect("the file opens");
                connection.execute_batch(sql).expect("the statements run");
            }
            Self::Postgres { url } => {
                let mut client = Client::connect(url, NoTls).expect("the server answers");
                client.batch_execute(sql).expect("the statements run");
            }
        }
    }

    /// The one text of each row of a query, sorted.
    fn texts(&self, sql: &str) -> Vec<String> {
        let mut texts: Vec<String> = match self {
            Self::Sqlite { path, .. } => {
                let connection = rusqlite::Connection::open(path).expect("the file opens");
                let mut statement = connection.prepare(sql).expect("prepared");
                let rows = statement.query_map([], |row| row.get(0)).expect("queried");
                rows.collect::<Result<_, _>>().expect("read")
            }
            Self::Postgres { url } => {
                let mut client = Client::connect(url, NoTls).expect("the server answers");
                let rows = client.query(sql, &[]).expect("queried");
                rows.iter().map(|row| row.get(0)).collect()
            }
        };
        texts.sort();
        texts
    }
}
