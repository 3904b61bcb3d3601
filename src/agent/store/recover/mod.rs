//! Brings a ledger back: out of a damaged file, or out of a backup.
//!
//! `remains` reads what can still be read of a file, `building` makes a new ledger of it, in a new
//! epoch, and `replace` puts that in the place of the old one, which is moved aside and kept.

mod building;
mod remains;
pub(crate) mod replace;
mod restore;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::building::{Building, Occasion};
use self::remains::Remains;
pub(crate) use self::restore::restore;
use super::error::StoreError;
use super::open::{FileLock, OpenError};
use super::verify::Missing;
use crate::agent::clock::Clock;
use crate::agent::start::LEDGER_FILE;
use crate::journal::{KeyId, SigningKey};
use crate::loyalty::StoreId;

/// Where rows of a journal go that nothing proves, each as `<row>.cbor`.
pub(crate) const SET_ASIDE_FOLDER: &str = "set-aside";

/// Why a ledger could not be brought back. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecoverError {
    /// A file could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A row could not be written.
    #[error("could not write the new ledger")]
    Store(#[from] StoreError),
    /// A file could not be read, written or moved.
    #[error("could not {doing} {path}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There are records of a later version of the software.
    #[error("the ledger has records that only a newer version of this software reads: update it")]
    NewerRecords,
    /// The device's key is not the one that signed the journal.
    #[error(
        "the ledger was signed with key {found}, and device.key is another one: put the right device.key back; nothing was changed"
    )]
    OtherKey {
        /// The key of the records.
        found: KeyId,
    },
    /// A file has other records under the same numbers.
    #[error(
        "record {sequence} of epoch {epoch} is another one in this till's own ledger: the backup is not of this ledger, or was restored elsewhere and sold on there; nothing was changed"
    )]
    Fork {
        /// Of the record.
        epoch: u32,
        /// Of the record.
        sequence: u64,
    },
    /// The file is no sound backup.
    #[error("{path} is no sound backup of this device: {reason}")]
    BadBackup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl RecoverError {
    fn file<'p>(
        doing: &'static str,
        path: &'p Path,
    ) -> impl FnOnce(std::io::Error) -> Self + use<'p> {
        move |source| Self::File { doing, path: path.to_owned(), source }
    }
}

impl From<rusqlite::Error> for RecoverError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What a salvage saved.
#[derive(Clone, Debug)]
pub(crate) struct Salvaged {
    /// Records that are proven and in the new ledger.
    pub(crate) records: u64,
    /// Records that are lost, as far as is known.
    pub(crate) lost: Vec<Missing>,
    /// The epoch that the journal goes on in.
    pub(crate) epoch: u32,
    /// Where the damaged file now is.
    pub(crate) aside: Option<PathBuf>,
}

/// Makes a new ledger of all that can be proven of a damaged one and puts it in its place. The
/// damaged file is moved aside; a crash on the way leaves the one or the other in place.
///
/// # Errors
/// [`RecoverError`]; the damaged file is then as it was.
pub(crate) fn salvage(
    folder: &Path,
    store: &StoreId,
    signing: &Arc<SigningKey>,
    clock: &Clock,
) -> Result<Salvaged, RecoverError> {
    let path = folder.join(LEDGER_FILE);
    let _lock = FileLock::acquire(&path)?;
    let remains = Remains::of(&path, &folder.join("ledger.reading.db"))?;
    let mut building = Building::begin(folder, store, signing, clock)?;
    building.take_from(&remains)?;
    building.keep_from(&remains)?;
    remains.close();
    let built = building.finish(Occasion::Salvage)?;
    let aside = replace::put_in_place(folder, "damaged", clock.now().wall)?;
    tracing::warn!(
        records = built.records,
        ranges_lost = built.lost.len(),
        epoch = built.epoch,
        "the ledger was salvaged"
    );
    let Built { records, lost, epoch, .. } = built;
    Ok(Salvaged { records, lost, epoch, aside })
}

/// What a new ledger has.
#[derive(Clone, Debug)]
pub(crate) struct Built {
    records: u64,
    lost: Vec<Missing>,
    epoch: u32,
    dropped_holds: u32,
}
