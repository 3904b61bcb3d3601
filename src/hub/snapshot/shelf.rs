//! The snapshot that tills fetch now, and when it is made anew.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::build::{SnapshotError, build};
use super::{Snapshot, chunk_file};
use crate::hub::store::Store;
use crate::journal::ContentHash;
use crate::shell::durable_file::{self, FileAccess};
use crate::wire::sync::Message;

/// The folder of snapshots, in the data folder.
const FOLDER: &str = "snapshots";
/// What the present snapshot is, in that folder.
const INDEX_FILE: &str = "snapshot.cbor";

/// When a snapshot is made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Freshness {
    /// One that is older.
    pub(crate) age_max: TimeDelta,
    /// One that more changed since.
    pub(crate) changes_max: usize,
}

/// The snapshots of a data folder.
#[derive(Debug)]
pub(crate) struct Shelf {
    folder: PathBuf,
    freshness: Freshness,
    present: Mutex<Option<Arc<Snapshot>>>,
    /// One is built at a time.
    building: Mutex<()>,
}

impl Shelf {
    /// Those of a data folder; the last one is taken up again where its files are all there.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub(crate) fn open(data_dir: &Path, freshness: Freshness) -> io::Result<Self> {
        let folder = data_dir.join(FOLDER);
        std::fs::create_dir_all(&folder)?;
        let present = match std::fs::read(folder.join(INDEX_FILE)) {
            Ok(bytes) => Snapshot::from_message(&bytes).ok(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let is_whole = |found: &Snapshot| {
            found.chunks.iter().all(|hash| folder.join(chunk_file(hash)).exists())
        };
        let present = Mutex::new(present.filter(is_whole).map(Arc::new));
        Ok(Self { folder, freshness, present, building: Mutex::new(()) })
    }

    /// The present snapshot, made anew where it is too old. Takes as long as that takes; who comes
    /// meanwhile waits for the same one.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub(crate) fn fresh(
        &self,
        store: &dyn Store,
        now: DateTime<Utc>,
    ) -> Result<Arc<Snapshot>, SnapshotError> {
        let _turn = lock(&self.building);
        let present = lock(&self.present).clone();
        if let Some(present) = present {
            if self.is_fresh(&present, store, now)? {
                return Ok(present);
            }
        }
        let built = Arc::new(build(store, &self.folder, now)?);
        let io = |doing| move |source| SnapshotError::Io { doing, source };
        let index = self.folder.join(INDEX_FILE);
        durable_file::replace(&index, &built.to_message(), FileAccess::OwnerOnly)
            .map_err(io("write the index of a snapshot"))?;
        let before = lock(&self.present).replace(Arc::clone(&built));
        self.tidy(&[Some(&built), before.as_ref()]).map_err(io("remove old chunks"))?;
        tracing::info!(
            cursor = built.cursor.0,
            members = built.members,
            chunks = built.chunks.len(),
            "snapshot built"
        );
        Ok(built)
    }

    /// A chunk's bytes; none where it is of no snapshot that is still there.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn chunk(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, SnapshotError> {
        match std::fs::read(self.folder.join(chunk_file(hash))) {
            // A damaged file would be fetched again and again.
            Ok(bytes) if ContentHash::of(&bytes) == *hash => Ok(Some(bytes)),
            Ok(_) => {
                tracing::error!(%hash, "a chunk of a snapshot is damaged");
                self.forget();
                Ok(None)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(SnapshotError::Io { doing: "read a chunk", source }),
        }
    }

    fn is_fresh(
        &self,
        present: &Snapshot,
        store: &dyn Store,
        now: DateTime<Utc>,
    ) -> Result<bool, SnapshotError> {
        let mut tx = store.read()?;
        let newest = tx.cursor()?;
        // One of before a backup was restored says what nobody knows any more.
        if present.cursor > newest {
            return Ok(false);
        }
        if present.cursor == newest {
            return Ok(true);
        }
        let age = now.signed_duration_since(present.at);
        if age > self.freshness.age_max || age < -self.freshness.age_max {
            return Ok(false);
        }
        // What one cursor changed comes whole, however much it is.
        let (rows, to) = tx.changes_after(present.cursor, self.freshness.changes_max)?;
        Ok(to == newest && rows.len() <= self.freshness.changes_max)
    }

    /// The damaged snapshot is made anew, and its chunks with it.
    fn forget(&self) {
        let gone = lock(&self.present).take();
        for hash in gone.iter().flat_map(|snapshot| &snapshot.chunks) {
            // One that stays is checked again before it is sent.
            let _ = std::fs::remove_file(self.folder.join(chunk_file(hash)));
        }
    }

    /// Removes chunks of neither this snapshot nor the one before, which tills may still fetch.
    fn tidy(&self, kept: &[Option<&Arc<Snapshot>>]) -> io::Result<()> {
        let kept: BTreeSet<String> = kept
            .iter()
            .flatten()
            .flat_map(|snapshot| snapshot.chunks.iter().map(chunk_file))
            .collect();
        for entry in std::fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.ends_with(".chunk") && !kept.contains(name) {
                std::fs::remove_file(self.folder.join(name))?;
            }
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
