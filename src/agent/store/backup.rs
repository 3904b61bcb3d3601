//! Copies a ledger consistently while the agent runs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::error::StoreError;
use super::open::{self, OpenError};
use super::verify::{self, JournalReport};
use crate::journal::PublicKey;
use crate::shell::durable_file;

/// How often the copy tries again while the writer is in its way, and how long it waits.
const BUSY_TRIES_MAX: usize = 100;
const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupError {
    /// A file is there already.
    #[error("{path} is there already: a backup never overwrites, name another file")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The ledger cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The ledger cannot be read, or the copy not be written.
    #[error("could not copy the ledger")]
    Sqlite(#[from] rusqlite::Error),
    /// The writer did not let go for seconds.
    #[error("the ledger is too busy to be copied: try again")]
    Busy,
    /// The copy cannot be read back.
    #[error("could not read the copy back")]
    Store(#[from] StoreError),
    /// The copy cannot be put in place.
    #[error("could not write {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Copies the ledger to a new file and says what the copy holds.
///
/// # Errors
/// [`BackupError`]; there is then no new file.
pub(crate) fn backup(
    ledger: &Path,
    path: &Path,
    key: PublicKey,
) -> Result<JournalReport, BackupError> {
    if path.symlink_metadata().is_ok() {
        return Err(BackupError::Exists { path: path.to_owned() });
    }
    let beside = durable_file::with_suffix(path, ".tmp");
    let failed = |source| BackupError::File { path: path.to_owned(), source };
    remove_if_there(&beside).map_err(failed)?;
    let copied = copy(ledger, &beside, key);
    let report = copied.inspect_err(|_| drop(fs::remove_file(&beside)))?;
    fs::File::open(&beside)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&beside, path))
        .and_then(|()| durable_file::sync_folder_of(path))
        .map_err(failed)?;
    Ok(report)
}

fn copy(ledger: &Path, beside: &Path, key: PublicKey) -> Result<JournalReport, BackupError> {
    let source = open::open_reader(ledger)?;
    let mut target = Connection::open(beside)?;
    {
        let backup = Backup::new(&source, &mut target)?;
        let mut tries = 0;
        // In one step: one of many begins anew with every commit of a busy store.
        loop {
            match backup.step(-1)? {
                StepResult::Done => break,
                _ if tries == BUSY_TRIES_MAX => return Err(BackupError::Busy),
                _ => tries += 1,
            }
            std::thread::sleep(BUSY_PAUSE);
        }
    }
    // One file that can be read from a disk that cannot be written.
    target.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    Ok(verify::verify(&target, key)?)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
