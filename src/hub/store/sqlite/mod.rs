//! The store in one SQLite file: the default, nothing to install.
//!
//! One connection writes, a transaction at a time; a few others read, each a snapshot. Several
//! processes may have the file open: who writes waits for the other.

mod accounts;
mod changed;
mod devices;
mod journal;
mod links;
mod members;
mod published;
mod tx;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use self::tx::{Held, SqliteTx};
use super::error::{OpenError, Retry, StoreError};
use super::{Store, Tx};
use crate::shell::durable_file;
use crate::shell::migrate::{self, MigrateError, Migration};

/// `TwHb`: tells the hub's file from other SQLite files.
pub(super) const APPLICATION_ID: i32 = 0x5477_4862;
/// How long a transaction waits for another process's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How often one that opens a file meets others that do so for the first time.
const WAL_ATTEMPTS: u32 = 100;
/// Connections for reading that are kept when nobody reads; more are opened as they are needed.
const READERS_KEPT: usize = 4;
/// Statements that a connection keeps prepared: more than this program has.
const STATEMENTS_KEPT: usize = 96;
/// Pages that the writer keeps: the hot part of the indexes of a chain's day.
const WRITER_CACHE_KIB: i64 = 32 * 1024;
/// Pages that each reader keeps; the system's page cache holds the rest.
const READER_CACHE_KIB: i64 = 4 * 1024;
/// The WAL file is cut back to this size when it starts again from its beginning.
const WAL_SIZE_LIMIT_BYTES: i64 = 64 * 1024 * 1024;

/// Every step of the schema's history.
pub(super) const MIGRATIONS: [Migration; 2] = [
    Migration { number: 1, name: "the hub", sql: include_str!("hub_0001.sql") },
    Migration { number: 2, name: "what follows sales", sql: include_str!("hub_0002.sql") },
];

/// The store in a file.
#[derive(Debug)]
pub(crate) struct SqliteStore {
    path: PathBuf,
    writer: Mutex<Connection>,
    idle_readers: Mutex<Vec<Connection>>,
}

impl SqliteStore {
    /// Opens the file, makes it where there is none, and brings its schema up to date. Its folder
    /// must exist.
    ///
    /// # Errors
    /// [`OpenError`]; the file is then as it was.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let sqlite = |source: rusqlite::Error| OpenError::unusable(source);
        let mut writer = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(sqlite)?;
        writer.busy_timeout(BUSY_TIMEOUT).map_err(sqlite)?;
        refuse_foreign(&writer, path)?;
        // Before anything is written, so that the file of a newer program stays as it was.
        migrate::refuse_newer(&writer, &MIGRATIONS).map_err(opening)?;
        prepare_writer(&writer).map_err(sqlite)?;
        migrate::migrate(&mut writer, &MIGRATIONS).map_err(opening)?;
        durable_file::sync_folder_of(path).map_err(OpenError::unusable)?;
        let (writer, idle_readers) = (Mutex::new(writer), Mutex::default());
        Ok(Self { path: path.to_owned(), writer, idle_readers })
    }

    fn reader(&self) -> Result<Connection, StoreError> {
        match lock(&self.idle_readers).pop() {
            Some(idle) => Ok(idle),
            None => open_reader(&self.path).map_err(failed("open the database for reading")),
        }
    }

    fn give_back(&self, reader: Connection) {
        let mut idle = lock(&self.idle_readers);
        if idle.len() < READERS_KEPT {
            idle.push(reader);
        }
    }
}

impl Store for SqliteStore {
    fn write(&self) -> Result<Box<dyn Tx + '_>, StoreError> {
        let writer = lock(&self.writer);
        writer.execute_batch("BEGIN IMMEDIATE").map_err(failed("begin a transaction"))?;
        Ok(Box::new(SqliteTx::new(Held::Writer(writer))))
    }

    fn read(&self) -> Result<Box<dyn Tx + '_>, StoreError> {
        let reader = self.reader()?;
        // A snapshot begins with what is first read.
        reader
            .execute_batch("BEGIN DEFERRED; SELECT value FROM cursor")
            .map_err(failed("begin to read"))?;
        Ok(Box::new(SqliteTx::new(Held::reader(reader, self))))
    }
}

fn prepare_writer(writer: &Connection) -> rusqlite::Result<()> {
    common_settings(writer)?;
    // Only once: it waits for who writes.
    if application_id(writer)? != APPLICATION_ID {
        writer.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    set_wal(writer)?;
    // The WAL is fsynced at every commit: what a till was told is acknowledged survives a power cut.
    writer.pragma_update(None, "synchronous", "full")?;
    writer.pragma_update_and_check(None, "journal_size_limit", WAL_SIZE_LIMIT_BYTES, |_| Ok(()))?;
    // Negative = KiB instead of pages.
    writer.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)
}

/// The first process to open a file changes how it is written, for which it must be alone; who meets
/// it then is told so at once, whatever the timeout says.
fn set_wal(writer: &Connection) -> rusqlite::Result<()> {
    let mut attempts = 0..WAL_ATTEMPTS;
    loop {
        match writer.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())) {
            Err(error) if is_busy(&error) && attempts.next().is_some() => {
                // This waits until the other has written.
                writer.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
            }
            set => return set,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    use ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
}

fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reader = Connection::open_with_flags(path, flags)?;
    reader.busy_timeout(BUSY_TIMEOUT)?;
    common_settings(&reader)?;
    reader.pragma_update(None, "query_only", true)?;
    reader.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    Ok(reader)
}

fn common_settings(connection: &Connection) -> rusqlite::Result<()> {
    // A memory-mapped read of a failing disk is a SIGBUS instead of an error.
    connection.pragma_update_and_check(None, "mmap_size", 0, |_| Ok(()))?;
    // A damaged page is noticed when it is read, not after it was believed.
    connection.pragma_update(None, "cell_size_check", true)?;
    // SQL inside a damaged or planted schema must not call functions with side effects.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(())
}

fn refuse_foreign(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let sqlite = |source: rusqlite::Error| OpenError::unusable(source);
    // The tables first: another process may be making them, and says before whose they are.
    let objects = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0));
    let objects: i64 = objects.map_err(sqlite)?;
    match application_id(connection).map_err(sqlite)? {
        APPLICATION_ID => Ok(()),
        0 if objects == 0 => Ok(()),
        _ => Err(OpenError::Foreign { what: path.display().to_string() }),
    }
}

fn application_id(connection: &Connection) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
}

fn opening(error: MigrateError) -> OpenError {
    match error {
        MigrateError::FileIsNewer { file, program } => {
            OpenError::Newer { found: file, known: program }
        }
        error => OpenError::unusable(error),
    }
}

/// Says what was being done when SQLite refused.
fn failed(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
    move |source| {
        let is_full = source.sqlite_error_code() == Some(ErrorCode::DiskFull);
        let may_help = is_full || is_busy(&source);
        let retry = if may_help { Retry::MayHelp } else { Retry::IsUseless };
        StoreError::database(doing, retry, source)
    }
}

// A transaction is rolled back when it is dropped, by a panic too: nothing half done is behind a
// poisoned lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
