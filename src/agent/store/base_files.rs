//! Base files in the data folder: `base-<cursor>.db`, and `base.next.db` that waits to be taken
//! up. A base is never changed in place; a new one takes over and the old one goes.

use std::io;
use std::path::{Path, PathBuf};

use super::base::{Base, BaseAbout};
use super::open;
use crate::shell::durable_file;

/// A complete base that the agent has not taken up yet.
pub(crate) const PENDING_BASE_FILE: &str = "base.next.db";

/// Why a base file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BaseFileError {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] open::OpenError),
    /// It does not say what it is.
    #[error(transparent)]
    Store(#[from] super::error::StoreError),
    /// Another base took its number.
    #[error("base {cursor} is there already: remove base.next.db and import again")]
    Overtaken {
        /// The number.
        cursor: i64,
    },
    /// It cannot be moved.
    #[error("could not move the base into its place")]
    Io(#[from] io::Error),
}

/// What a base file says of itself.
pub(crate) fn about(path: &Path) -> Result<BaseAbout, BaseFileError> {
    let connection = open::open_sealed(path)?;
    Ok(Base::of(&connection)?.about()?)
}

/// Moves the pending base to its place, durably.
pub(crate) fn place(folder: &Path, cursor: i64) -> Result<PathBuf, BaseFileError> {
    let path = path_of(folder, cursor);
    if path.exists() {
        // It was built on a base that meanwhile is not the latest: it would hide that one.
        return Err(BaseFileError::Overtaken { cursor });
    }
    std::fs::rename(folder.join(PENDING_BASE_FILE), &path)?;
    durable_file::sync_folder_of(&path)?;
    Ok(path)
}

/// Where a base is.
pub(crate) fn path_of(folder: &Path, cursor: i64) -> PathBuf {
    folder.join(format!("base-{cursor}.db"))
}

/// Every base in a folder, by its cursor.
fn bases(folder: &Path) -> Vec<(i64, PathBuf)> {
    let cursor = |path: &Path| {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix("base-")?.strip_suffix(".db")?.parse::<i64>().ok()
    };
    let files = std::fs::read_dir(folder).into_iter().flatten();
    files
        .filter_map(|file| file.ok().map(|file| file.path()))
        .filter_map(|path| cursor(&path).map(|cursor| (cursor, path)))
        .collect()
}

/// The newest base in a folder.
pub(crate) fn newest(folder: &Path) -> Option<(i64, PathBuf)> {
    bases(folder).into_iter().max()
}

/// The base that the next one builds on: one that waits to be taken up, else the newest.
pub(crate) fn latest(folder: &Path) -> Option<PathBuf> {
    let pending = folder.join(PENDING_BASE_FILE);
    if pending.exists() { Some(pending) } else { newest(folder).map(|(_, path)| path) }
}

/// Removes bases that a newer one replaced. One that cannot be removed only costs space.
pub(crate) fn remove_older(path: &Path, cursor: i64) {
    for (older, path) in bases(durable_file::folder_of(path)) {
        if older < cursor {
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(%error, cursor = older, "could not remove an old base");
            }
        }
    }
}
