//! Opening SQLite files: settings, the lock against a second daemon, and what can be wrong.
//!
//! Nothing else in this process may open a store file by `std::fs` while SQLite has it open:
//! closing such a handle would drop SQLite's own POSIX locks.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::shell::durable_file;
use crate::shell::migrate::{self, MigrateError, Migration};

/// The oldest SQLite that is safe here: before 3.51.3 a write and a checkpoint at the same moment
/// could lose committed pages of a WAL (<https://sqlite.org/wal.html>, section 11).
pub(crate) const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// What SQLite may hold in all before it reuses pages that nobody needs at the moment: the caches
/// below, and about 1.5 MiB of schemas and statements.
pub(crate) const SQLITE_MEMORY_BYTES_MAX: i64 = 3 * 1024 * 1024;
/// Pages the writer keeps in memory: the hot part of the indexes of a store's day.
const WRITER_CACHE_KIB: i64 = 1024;
/// Pages each reader keeps: a quote touches a few dozen; the system's page cache holds the rest.
const READER_CACHE_KIB: i64 = 256;
/// How long a statement waits for another connection's lock; ours are short by design.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_millis(250);
/// The WAL file is cut back to this size when it starts again from its beginning.
const WAL_SIZE_LIMIT_BYTES: i64 = 16 * 1024 * 1024;

/// One setting of a connection.
struct Pragma {
    name: &'static str,
    value: i64,
}

// name, value, and why. `journal_mode` is set apart because it answers with what it became.
const COMMON_PRAGMAS: [Pragma; 5] = [
    // Of the whole process: this SQLite pools the pages of all connections, and one that is busy
    // would otherwise grow into the shares of those that are not.
    Pragma { name: "soft_heap_limit", value: SQLITE_MEMORY_BYTES_MAX },
    // A memory-mapped read of a failing disk is a SIGBUS instead of an error.
    Pragma { name: "mmap_size", value: 0 },
    // 2 = memory: sorts and savepoints never look for a temporary folder.
    Pragma { name: "temp_store", value: 2 },
    // A damaged page is noticed when it is read, not after it was believed.
    Pragma { name: "cell_size_check", value: 1 },
    // SQL inside a damaged or planted schema must not call functions with side effects.
    Pragma { name: "trusted_schema", value: 0 },
];
const WRITER_PRAGMAS: [Pragma; 5] = [
    // 2 = FULL: the WAL is fsynced at every commit, so an answered commit survives a power cut.
    Pragma { name: "synchronous", value: 2 },
    // Checkpoints are made outside the commit path, by `checkpoint`.
    Pragma { name: "wal_autocheckpoint", value: 0 },
    // After one unusually large batch the file shrinks again.
    Pragma { name: "journal_size_limit", value: WAL_SIZE_LIMIT_BYTES },
    Pragma { name: "foreign_keys", value: 1 },
    // Negative = KiB instead of pages.
    Pragma { name: "cache_size", value: -WRITER_CACHE_KIB },
];
const READER_PRAGMAS: [Pragma; 2] = [
    // A read path that writes is a fault of this program; SQLite then says so.
    Pragma { name: "query_only", value: 1 },
    Pragma { name: "cache_size", value: -READER_CACHE_KIB },
];

/// Why a store file could not be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// The linked SQLite can lose committed data.
    #[error(
        "SQLite {found} is linked but {SQLITE_VERSION_MIN} or newer is needed: use another build"
    )]
    SqliteTooOld {
        /// The linked version as SQLite counts it, such as 3053002.
        found: i32,
    },
    /// Another daemon holds this file.
    #[error("another tillward is running on {path}: stop it first, or name another data folder")]
    AlreadyRunning {
        /// The store file.
        path: PathBuf,
    },
    /// The folder of the file does not exist.
    #[error("the folder {path} does not exist: create it or correct the data folder's name")]
    FolderMissing {
        /// The missing folder.
        path: PathBuf,
    },
    /// The folder cannot be written.
    #[error(
        "{path} cannot be written: give this user the right to write there, or remount it writable"
    )]
    FolderReadOnly {
        /// The folder.
        path: PathBuf,
    },
    /// The file exists but cannot be written.
    #[error(
        "{path} is read-only: give this user the right to write it, or remount its disk writable"
    )]
    FileReadOnly {
        /// The store file.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("the disk that holds {path} is full: free some space and start again")]
    StorageFull {
        /// The store file.
        path: PathBuf,
    },
    /// The file is no database, or a page of it is broken.
    #[error("{path} is damaged ({found}): it can be moved aside, never delete it")]
    Damaged {
        /// The store file.
        path: PathBuf,
        /// What SQLite found.
        found: String,
    },
    /// The file is an SQLite database of something else.
    #[error("{path} belongs to another program (application id {found:#010x}): name another file")]
    Foreign {
        /// The store file.
        path: PathBuf,
        /// Its `application_id`.
        found: i32,
    },
    /// The schema could not be brought up to date.
    #[error("the schema of {path} could not be brought up to date")]
    Migrate {
        /// The store file.
        path: PathBuf,
        /// Why.
        source: MigrateError,
    },
    /// Anything else that SQLite said.
    #[error("{path} could not be opened")]
    Sqlite {
        /// The store file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// Anything else that the system said.
    #[error("{path} could not be opened")]
    Io {
        /// The store file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl OpenError {
    fn from_sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { path, found: source.to_string() }
            }
            Some(ErrorCode::DiskFull) => Self::StorageFull { path },
            Some(ErrorCode::ReadOnly) => Self::FileReadOnly { path },
            _ => Self::Sqlite { path, source },
        }
    }

    fn from_migrate(path: &Path, source: MigrateError) -> Self {
        match source {
            MigrateError::Sqlite(source) => Self::from_sqlite(path, source),
            // A broken page or a full disk says nothing of the step that met it.
            MigrateError::StepFailed { source, .. } if is_of_the_file(&source) => {
                Self::from_sqlite(path, source)
            }
            source => Self::Migrate { path: path.to_owned(), source },
        }
    }

    /// What a failed attempt to create a file beside `path` says about its folder.
    fn from_folder(path: &Path, source: io::Error) -> Self {
        let folder = durable_file::folder_of(path).to_owned();
        match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                Self::FolderMissing { path: folder }
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::FolderReadOnly { path: folder }
            }
            io::ErrorKind::StorageFull => Self::StorageFull { path: path.to_owned() },
            _ => Self::Io { path: path.to_owned(), source },
        }
    }
}

/// Whether an error is the file's or the disk's own, rather than that of what was asked.
fn is_of_the_file(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::NotADatabase
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::DiskFull
                | ErrorCode::ReadOnly
        )
    )
}

/// A store file that this process, and no other, may write.
#[derive(Debug)]
pub(crate) struct OwnedFile {
    /// The one write connection.
    pub(crate) connection: Connection,
    /// Where the file is.
    pub(crate) path: PathBuf,
    // Declared after the connection: fields drop in order, so the lock goes last.
    pub(crate) _lock: FileLock,
}

/// The right to write a store file: an SQLite transaction held open on `<file>.lock`, which the
/// kernel ends whatever way the process dies.
#[derive(Debug)]
pub(crate) struct FileLock {
    _held: Connection,
}

impl FileLock {
    /// Takes the lock of `path`.
    ///
    /// # Errors
    /// [`OpenError::AlreadyRunning`] when another process or connection has it; the errors of the
    /// folder otherwise.
    pub(crate) fn acquire(path: &Path) -> Result<Self, OpenError> {
        refuse_old_sqlite(rusqlite::version_number())?;
        let lock_path = durable_file::with_suffix(path, ".lock");
        probe_folder(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let held = Connection::open_with_flags(&lock_path, flags)
            .map_err(|source| OpenError::from_sqlite(&lock_path, source))?;
        held.busy_timeout(Duration::ZERO)
            .and_then(|()| held.execute_batch("BEGIN EXCLUSIVE"))
            .map_err(|source| match source.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                    OpenError::AlreadyRunning { path: path.to_owned() }
                }
                _ => OpenError::from_sqlite(&lock_path, source),
            })?;
        Ok(Self { _held: held })
    }
}

/// Opens a store file for its one writer: locked, checked, migrated, in WAL mode.
///
/// A file that is refused (newer, foreign, damaged) is not changed.
///
/// # Errors
/// See [`OpenError`].
pub(crate) fn open_writer(
    path: &Path,
    application_id: i32,
    migrations: &[Migration],
) -> Result<OwnedFile, OpenError> {
    let lock = FileLock::acquire(path)?;
    refuse_headless(path)?;
    let sqlite = |source| OpenError::from_sqlite(path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sqlite)?;
    apply(&connection, &COMMON_PRAGMAS).map_err(sqlite)?;
    if connection.is_readonly("main").map_err(sqlite)? {
        return Err(OpenError::FileReadOnly { path: path.to_owned() });
    }
    let ownership = ownership(&connection, path, application_id)?;
    migrate::refuse_newer(&connection, migrations)
        .map_err(|source| OpenError::from_migrate(path, source))?;
    enter_wal(&connection, path)?;
    apply(&connection, &WRITER_PRAGMAS).map_err(sqlite)?;
    if ownership == Ownership::Empty {
        connection.pragma_update(None, "application_id", application_id).map_err(sqlite)?;
    }
    migrate::migrate(&mut connection, migrations)
        .map_err(|source| OpenError::from_migrate(path, source))?;
    durable_file::sync_folder_of(path)
        .map_err(|source| OpenError::Io { path: path.to_owned(), source })?;
    Ok(OwnedFile { connection, path: path.to_owned(), _lock: lock })
}

/// Opens a store file for reading only. Each read must be one short transaction: a snapshot that
/// stays open keeps the WAL from starting again (`readers` ends every read within a second).
///
/// # Errors
/// See [`OpenError`]; a file that does not exist is [`OpenError::Sqlite`].
pub(crate) fn open_reader(path: &Path) -> Result<Connection, OpenError> {
    open_to_read(path, path, OpenFlags::empty())
}

/// Opens a file that nobody ever changes under its name, such as a base: SQLite then takes no
/// locks and looks for no journal, which costs more than the reads themselves.
///
/// # Errors
/// As [`open_reader`].
pub(crate) fn open_sealed(path: &Path) -> Result<Connection, OpenError> {
    open_to_read(&sealed_uri(path), path, OpenFlags::SQLITE_OPEN_URI)
}

fn open_to_read(name: &Path, path: &Path, more: OpenFlags) -> Result<Connection, OpenError> {
    refuse_old_sqlite(rusqlite::version_number())?;
    let sqlite = |source| OpenError::from_sqlite(path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    let connection = Connection::open_with_flags(name, flags).map_err(sqlite)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sqlite)?;
    apply(&connection, &COMMON_PRAGMAS).map_err(sqlite)?;
    apply(&connection, &READER_PRAGMAS).map_err(sqlite)?;
    // The first page is read here, so that a damaged file is told at opening.
    connection.pragma_query(None, "schema_version", |_| Ok(())).map_err(sqlite)?;
    Ok(connection)
}

/// The path as SQLite's `file:` URI with `immutable=1`: what would end or escape the path is
/// escaped (<https://sqlite.org/uri.html>, section 3.1).
fn sealed_uri(path: &Path) -> PathBuf {
    // An absolute path stands behind an empty authority, so that none is read out of it.
    let mut uri = if path.is_absolute() { b"file://".to_vec() } else { b"file:".to_vec() };
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'%' | b'?' | b'#' => uri.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            byte => uri.push(*byte),
        }
    }
    uri.extend_from_slice(b"?immutable=1");
    PathBuf::from(OsString::from_vec(uri))
}

/// Opens a second connection for checkpoints of a file that [`open_writer`] has open.
///
/// # Errors
/// See [`OpenError`].
pub(crate) fn open_checkpointer(path: &Path) -> Result<Connection, OpenError> {
    let sqlite = |source| OpenError::from_sqlite(path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(sqlite)?;
    apply(&connection, &COMMON_PRAGMAS).map_err(sqlite)?;
    apply(&connection, &WRITER_PRAGMAS).map_err(sqlite)?;
    Ok(connection)
}

/// Reads the whole file for broken pages and rows; seconds on a large one.
///
/// # Errors
/// [`OpenError::Damaged`] with the first finding.
pub(crate) fn quick_check(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let found: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|source| OpenError::from_sqlite(path, source))?;
    if found == "ok" {
        return Ok(());
    }
    Err(OpenError::Damaged { path: path.to_owned(), found })
}

/// Renames a file and its `-wal` and `-shm` to `<name>.<why>-<UTC time>`, such as
/// `ledger.db.damaged-…`, durably, and says where the file now is. No connection may have it open.
/// Nothing is ever deleted.
///
/// # Errors
/// The I/O error of the rename that failed.
pub(crate) fn move_aside(path: &Path, why: &str, now: DateTime<Utc>) -> io::Result<PathBuf> {
    let stem = format!(".{why}-{}", now.format("%Y%m%dT%H%M%S%.3fZ"));
    let mut aside = durable_file::with_suffix(path, &stem);
    let mut attempt = 1;
    while aside.symlink_metadata().is_ok() {
        attempt += 1;
        aside = durable_file::with_suffix(path, &format!("{stem}-{attempt}"));
    }
    // Any of the three may be the one that is missing. The WAL first: a crash in between must not leave it for a new file to swallow.
    for suffix in ["-wal", "-shm", ""] {
        let from = durable_file::with_suffix(path, suffix);
        match fs::rename(&from, durable_file::with_suffix(&aside, suffix)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            renamed => renamed?,
        }
    }
    durable_file::sync_folder_of(path)?;
    tracing::warn!(file = %path.display(), aside = %aside.display(), why, "file moved aside");
    Ok(aside)
}

#[derive(Debug, PartialEq, Eq)]
enum Ownership {
    Empty,
    Ours,
}

fn ownership(
    connection: &Connection,
    path: &Path,
    application_id: i32,
) -> Result<Ownership, OpenError> {
    let sqlite = |source| OpenError::from_sqlite(path, source);
    let found: i32 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(sqlite)?;
    if found == application_id {
        return Ok(Ownership::Ours);
    }
    let objects: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(sqlite)?;
    if found == 0 && objects == 0 {
        return Ok(Ownership::Empty);
    }
    Err(OpenError::Foreign { path: path.to_owned(), found })
}

fn refuse_old_sqlite(found: i32) -> Result<(), OpenError> {
    if found < SQLITE_VERSION_MIN { Err(OpenError::SqliteTooOld { found }) } else { Ok(()) }
}

/// SQLite deletes the WAL of a file that it finds empty, and of one that it cannot read when it
/// closes it. What is in that WAL may be the only copy of answered commits, so such a file is
/// refused before SQLite sees it.
fn refuse_headless(path: &Path) -> Result<(), OpenError> {
    let damaged =
        |found: &str| Err(OpenError::Damaged { path: path.to_owned(), found: found.to_owned() });
    let beside = |suffix| durable_file::with_suffix(path, suffix);
    // A creation that was cut off is SQLite's own to roll back.
    if beside("-journal").exists() {
        return Ok(());
    }
    let mut head = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(16).read_to_end(&mut head));
    match read {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(OpenError::Io { path: path.to_owned(), source: error });
        }
        _ => {}
    }
    let wal_bytes = beside("-wal").metadata().map_or(0, |found| found.len());
    match head.as_slice() {
        b"SQLite format 3\0" => Ok(()),
        [] if wal_bytes == 0 => Ok(()),
        [] => damaged("its write-ahead log is there but the file itself is empty or gone"),
        _ => damaged("it does not begin as an SQLite file does"),
    }
}

fn probe_folder(path: &Path) -> Result<(), OpenError> {
    let probe = durable_file::with_suffix(path, ".probe");
    fs::File::create(&probe)
        .and_then(|_| match fs::remove_file(&probe) {
            // Somebody else probes at the same moment.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        })
        .map_err(|source| OpenError::from_folder(path, source))
}

fn enter_wal(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::from_sqlite(path, source);
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(sqlite)?;
    if mode == "wal" {
        return Ok(());
    }
    let found = format!("the disk does not allow a WAL, journal mode stays {mode}");
    Err(OpenError::Io { path: path.to_owned(), source: io::Error::other(found) })
}

fn apply(connection: &Connection, pragmas: &[Pragma]) -> rusqlite::Result<()> {
    for Pragma { name, value } in pragmas {
        // Some settings answer with a row and some do not.
        connection.execute_batch(&format!("PRAGMA {name} = {value}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
