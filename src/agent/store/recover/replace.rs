//! Puts a new ledger in the place of the old one, so that a crash at any moment is harmless.
//!
//! The new one is complete under [`NEXT_FILE`] before the old one moves: where that file is there,
//! the exchange was decided and is finished by whoever comes next.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::RecoverError;
use crate::agent::start::LEDGER_FILE;
use crate::agent::store::open::{self, FileLock};
use crate::shell::durable_file;

/// A ledger that is complete and takes the place of the one in use.
pub(crate) const NEXT_FILE: &str = "ledger.next.db";

/// Finishes an exchange that a crash cut off, if there is one.
///
/// # Errors
/// [`RecoverError`]; it can be tried again.
pub(crate) fn finish_interrupted(folder: &Path, now: DateTime<Utc>) -> Result<(), RecoverError> {
    if !folder.join(NEXT_FILE).exists() {
        return Ok(());
    }
    let _lock = FileLock::acquire(&folder.join(LEDGER_FILE))?;
    tracing::warn!("finishing an exchange of the ledger that was cut off");
    put_in_place(folder, "replaced", now).map(drop)
}

/// Moves the ledger in use aside and the complete one into its place. The caller has the lock.
pub(super) fn put_in_place(
    folder: &Path,
    why: &str,
    now: DateTime<Utc>,
) -> Result<Option<PathBuf>, RecoverError> {
    let (ledger, next) = (folder.join(LEDGER_FILE), folder.join(NEXT_FILE));
    // A WAL without its file is moved too: the new file must not swallow it.
    let was_there = ledger.exists();
    let aside =
        open::move_aside(&ledger, why, now).map_err(RecoverError::file("move aside", &ledger))?;
    fs::rename(&next, &ledger)
        .and_then(|()| durable_file::sync_folder_of(&ledger))
        .map_err(RecoverError::file("put in place", &ledger))?;
    Ok(was_there.then_some(aside))
}
