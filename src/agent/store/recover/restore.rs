//! Restores a backup without losing what was sold since it was made.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::building::{Building, Occasion};
use super::remains::Remains;
use super::{Built, RecoverError, replace};
use crate::agent::clock::Clock;
use crate::agent::start::LEDGER_FILE;
use crate::agent::store::open::FileLock;
use crate::agent::store::verify::Missing;
use crate::journal::SigningKey;
use crate::loyalty::StoreId;

/// What a restore did.
#[derive(Clone, Debug)]
pub(crate) struct Restored {
    /// Proven records of the backup.
    pub(crate) from_backup: u64,
    /// Proven records of the ledger in use that the backup does not have.
    pub(crate) carried_over: u64,
    /// Records that neither has.
    pub(crate) lost: Vec<Missing>,
    /// Holds that were dropped.
    pub(crate) dropped_holds: u32,
    /// The epoch that the journal goes on in.
    pub(crate) epoch: u32,
    /// Where the ledger that was in use now is.
    pub(crate) aside: Option<PathBuf>,
}

/// Puts a ledger in place that has every proven record of the backup and of the ledger in use,
/// in a new epoch, with projections computed anew. The agent must not run.
///
/// # Errors
/// [`RecoverError`]; the ledger in use is then as it was.
pub(crate) fn restore(
    folder: &Path,
    backup: &Path,
    store: &StoreId,
    signing: &Arc<SigningKey>,
    clock: &Clock,
) -> Result<Restored, RecoverError> {
    let now = clock.now().wall;
    replace::finish_interrupted(folder, now)?;
    let ledger = folder.join(LEDGER_FILE);
    let _lock = FileLock::acquire(&ledger)?;
    let mut building = Building::begin(folder, store, signing, clock)?;
    let saved = Remains::of(backup, &folder.join("ledger.reading-backup.db"))?;
    let from_backup = building.take_from(&saved)?;
    if from_backup == 0 {
        saved.close();
        return Err(RecoverError::BadBackup {
            path: backup.to_owned(),
            reason: "it has no record that this device's key proves".to_owned(),
        });
    }
    let present = Remains::of(&ledger, &folder.join("ledger.reading.db"))?;
    let carried_over = building.take_from(&present)?;
    building.keep_from(&present)?;
    building.keep_from(&saved)?;
    present.close();
    saved.close();
    let Built { lost, epoch, dropped_holds, .. } = building.finish(Occasion::Restore)?;
    let aside = replace::put_in_place(folder, "replaced", now)?;
    tracing::info!(from_backup, carried_over, epoch, "backup restored");
    Ok(Restored { from_backup, carried_over, lost, dropped_holds, epoch, aside })
}
