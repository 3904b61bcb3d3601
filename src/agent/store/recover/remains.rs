//! What can still be read of a ledger file, however damaged. The file itself is never opened by
//! SQLite, which might change it: a copy is.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::RecoverError;
use crate::journal::{ObjectKind, RECORD_BYTES_MAX, SigningKey, seal};
use crate::shell::durable_file;

/// Reads of broken ranges before the search inside the tables is given up: a leaf page holds some
/// dozens of records, so hundreds of broken pages are searched to the last row.
const BROKEN_READS_MAX: usize = 20_000;

/// How much of a file is searched at a time, and how far a record that begins in it may go on.
const WINDOW_BYTES: usize = RECORD_BYTES_MAX + 4096;

/// What stands beside the payload in a signed record after its payload's first byte: the head of
/// the signature and the signature.
const AFTER_EMPTY_PAYLOAD: usize = 1 + 2 + 64;

/// A copy of a ledger file, open as far as it can be opened.
pub(super) struct Remains {
    original: PathBuf,
    copy: PathBuf,
    connection: Option<Connection>,
}

/// A row of the journal as it was found.
pub(super) struct FoundRow {
    pub(super) id: i64,
    pub(super) bytes: Vec<u8>,
}

impl Remains {
    /// Copies a file and its WAL to `copy`. A file that is not there leaves nothing.
    pub(super) fn of(path: &Path, copy: &Path) -> Result<Self, RecoverError> {
        remove(copy)?;
        for suffix in ["", "-wal"] {
            let from = durable_file::with_suffix(path, suffix);
            match fs::copy(&from, durable_file::with_suffix(copy, suffix)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                copied => copied.map(drop).map_err(RecoverError::file("copy", &from))?,
            }
        }
        let connection = open(copy).ok();
        Ok(Self { original: path.to_owned(), copy: copy.to_owned(), connection })
    }

    /// Lets go of the copy.
    pub(super) fn close(self) {
        drop(self.connection);
        if let Err(error) = remove(&self.copy) {
            tracing::warn!(%error, "could not remove the copy of the old ledger");
        }
    }

    /// The rows of a table that can be read at all; a table that cannot be has none.
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        map: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Vec<T> {
        let Some(connection) = &self.connection else { return Vec::new() };
        let Ok(mut statement) = connection.prepare(sql) else { return Vec::new() };
        let Ok(rows) = statement.query_map([], map) else { return Vec::new() };
        rows.map_while(Result::ok).collect()
    }

    /// The rows of a table with all their columns, a checksum among them: null for all where the
    /// file is older than checksums are.
    pub(super) fn checked_rows<T>(
        &self,
        table: &str,
        map: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Vec<T> {
        let with_checksum = format!("SELECT *, checksum FROM {table}");
        let has_checksum =
            self.connection.as_ref().is_some_and(|c| c.prepare(&with_checksum).is_ok());
        let columns = if has_checksum { "*" } else { "*, NULL AS checksum" };
        self.rows(&format!("SELECT {columns} FROM {table}"), map)
    }

    /// Every row of the journal that can be read, in no order: first through the table, around
    /// broken pages.
    pub(super) fn each_row<E>(
        &self,
        mut visit: impl FnMut(FoundRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(connection) = &self.connection else { return Ok(()) };
        if connection.prepare("SELECT id, bytes FROM journal").is_err() {
            return Ok(());
        }
        let mut ranges = VecDeque::from([(i64::MIN, i64::MAX)]);
        let mut broken_reads = 0;
        while let Some((first, last)) = ranges.pop_front() {
            let (low, high) = (Direction::Up, Direction::Down);
            let Reading::Broken(after) = read(connection, first, last, low, &mut visit)? else {
                continue;
            };
            // From the other side; what is between is broken, or rows that no page leads to.
            let first = after.map_or(first, |id| id.saturating_add(1));
            let before = match read(connection, first, last, high, &mut visit)? {
                Reading::Broken(before) => before,
                Reading::Whole => continue,
            };
            let last = before.map_or(last, |id| id.saturating_sub(1));
            broken_reads += 1;
            if first >= last || broken_reads > BROKEN_READS_MAX {
                continue;
            }
            let middle = ((i128::from(first) + i128::from(last)) / 2) as i64;
            ranges.extend([(first, middle), (middle.saturating_add(1), last)]);
        }
        Ok(())
    }

    /// Whatever stands in the bytes of the file and its WAL as a record signed by `key` would
    /// begin, each to the end that it claims: rows that no page leads to any more.
    pub(super) fn carve<E>(
        &self,
        key: &SigningKey,
        mut visit: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let sealed = seal(ObjectKind::Record, &[], key).expect("nothing is not too large");
        let mark = &sealed.bytes[..sealed.bytes.len() - AFTER_EMPTY_PAYLOAD];
        for suffix in ["", "-wal"] {
            let Ok(mut file) = fs::File::open(durable_file::with_suffix(&self.original, suffix))
            else {
                continue;
            };
            let mut window = Vec::new();
            loop {
                let room = (2 * WINDOW_BYTES - window.len()) as u64;
                let read = io::Read::by_ref(&mut file).take(room).read_to_end(&mut window);
                let is_last = read.is_err() || window.len() < 2 * WINDOW_BYTES;
                let begins = if is_last { window.len() } else { WINDOW_BYTES };
                carve_window(&window, begins, mark, &mut visit)?;
                if is_last {
                    break;
                }
                window.drain(..WINDOW_BYTES);
            }
        }
        Ok(())
    }
}

/// Visits what begins as a record in the first `begins` bytes of a window.
fn carve_window<E>(
    window: &[u8],
    begins: usize,
    mark: &[u8],
    visit: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut at = 0;
    while let Some(found) = find(&window[at..], mark) {
        let begin = at + found;
        at = begin + mark.len();
        if begin >= begins {
            break;
        }
        if let Some(end) = end_of(window, at) {
            visit(&window[begin..end])?;
        }
    }
    Ok(())
}

enum Direction {
    Up,
    Down,
}

enum Reading {
    Whole,
    /// After this row.
    Broken(Option<i64>),
}

fn read<E>(
    connection: &Connection,
    first: i64,
    last: i64,
    direction: Direction,
    visit: &mut impl FnMut(FoundRow) -> Result<(), E>,
) -> Result<Reading, E> {
    let sql = match direction {
        Direction::Up => "SELECT id, bytes FROM journal WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
        Direction::Down => {
            "SELECT id, bytes FROM journal WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC"
        }
    };
    let mut reached = None;
    let Ok(mut statement) = connection.prepare_cached(sql) else {
        return Ok(Reading::Broken(None));
    };
    let Ok(mut rows) = statement.query([first, last]) else { return Ok(Reading::Broken(None)) };
    loop {
        match rows.next() {
            Ok(None) => return Ok(Reading::Whole),
            Err(_) => return Ok(Reading::Broken(reached)),
            Ok(Some(row)) => {
                let Ok(id) = row.get::<_, i64>(0) else { return Ok(Reading::Broken(reached)) };
                // Pages that point into each other would lead in a circle.
                let moves_on = match direction {
                    Direction::Up => reached.is_none_or(|reached| id > reached),
                    Direction::Down => reached.is_none_or(|reached| id < reached),
                };
                if !moves_on || id < first || id > last {
                    return Ok(Reading::Broken(reached));
                }
                match row.get_ref(1) {
                    Ok(bytes) => {
                        let bytes = bytes.as_bytes().unwrap_or_default().to_vec();
                        visit(FoundRow { id, bytes })?;
                    }
                    Err(_) => return Ok(Reading::Broken(reached)),
                }
                reached = Some(id);
            }
        }
    }
}

fn open(copy: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(copy, flags)?;
    // The WAL stays as it is, to be searched.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.execute_batch("PRAGMA cell_size_check = 1; PRAGMA trusted_schema = 0;")?;
    Ok(connection)
}

/// Where a frame ends whose payload's length stands at `at`, if the file is that long.
fn end_of(bytes: &[u8], at: usize) -> Option<usize> {
    let head = *bytes.get(at)?;
    let (length_bytes, length) = match head {
        0x40..=0x57 => (0, usize::from(head - 0x40)),
        0x58 => (1, 0),
        0x59 => (2, 0),
        0x5a => (4, 0),
        _ => return None,
    };
    let tail = bytes.get(at + 1..at + 1 + length_bytes)?;
    let length = tail.iter().fold(length, |length, byte| length << 8 | usize::from(*byte));
    let end = (at + 1 + length_bytes).checked_add(length)?.checked_add(AFTER_EMPTY_PAYLOAD - 1)?;
    (end <= bytes.len()).then_some(end)
}

/// Where `mark` first stands.
fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    let first = *mark.first()?;
    let mut at = 0;
    loop {
        at += bytes[at..].iter().position(|byte| *byte == first)?;
        if bytes[at..].starts_with(mark) {
            return Some(at);
        }
        at += 1;
    }
}

/// Removes our own copy and what SQLite put beside it.
pub(super) fn remove(path: &Path) -> Result<(), RecoverError> {
    for suffix in ["", "-wal", "-shm", "-journal", ".lock", ".lock-journal"] {
        let path = durable_file::with_suffix(path, suffix);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed.map_err(RecoverError::file("remove", &path))?,
        }
    }
    Ok(())
}
