//! Brings a ledger back: salvage of a damaged file, rebuilding of projections.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::StoreError;
use super::open::{self, OpenError};
use crate::agent::clock::Clock;
use crate::journal::SigningKey;
use crate::loyalty::StoreId;

/// Why a ledger could not be brought back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecoverError {
    /// A file could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A row could not be written.
    #[error("could not write the salvaged ledger")]
    Store(#[from] StoreError),
    /// A file could not be moved.
    #[error("could not move {path} aside")]
    Move {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Moves a damaged ledger aside and starts a new one in its place.
pub(crate) fn salvage(
    folder: &Path,
    _store: &StoreId,
    _signing: &Arc<SigningKey>,
    clock: &Clock,
) -> Result<(), RecoverError> {
    let path = folder.join(crate::agent::start::LEDGER_FILE);
    open::move_aside(&path, clock.now().wall)
        .map_err(|source| RecoverError::Move { path, source })?;
    Ok(())
}
