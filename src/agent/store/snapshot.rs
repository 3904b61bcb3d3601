//! Builds the next base from a snapshot of the hub: chunks that are fetched to files one by one, each
//! named by the hash of its bytes, and taken in when all are there. A fetch that breaks off goes on
//! where it was; the base in use is not touched before the next one is complete.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};

use super::base::{Base, BaseAbout, BaseRows, BaseVoucher, BaseWallet, MemberRow};
use super::base_files::{self, BaseFileError};
use super::error::StoreError;
use super::import::{self, BUILDING_FILE, ImportError};
use super::ledger::BASE_MIGRATIONS;
use super::ledger::sync_state::row_of;
use super::open::{FileLock, OpenError};
use crate::journal::ContentHash;
use crate::money::Points;
use crate::shell::durable_file::{self, FileAccess};
use crate::shell::migrate::{self, MigrateError};
use crate::wire::sync::packing::{PackingError, unpack};
use crate::wire::sync::{
    Change, Message, SNAPSHOT_CHUNK_BYTES_MAX, SnapshotChunk, SnapshotManifest,
};

/// Where chunks are kept until all are there.
const CHUNKS_FOLDER: &str = "snapshot";

/// Why a snapshot was not taken in; the base in use stays.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotError {
    /// A file could not be read or written.
    #[error("could not {doing}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Bytes are not those of the hash that names them.
    #[error("the bytes of a chunk are not those of its name")]
    OtherBytes,
    /// A chunk cannot be unpacked.
    #[error("a chunk cannot be unpacked")]
    Packing(#[from] PackingError),
    /// A chunk cannot be read.
    #[error("a chunk cannot be read: {0}")]
    Payload(String),
    /// What was taken in is not all.
    #[error("the snapshot is said to have {said} members and has {found}")]
    OtherCount {
        /// By the manifest.
        said: u64,
        /// In the chunks.
        found: u64,
    },
    /// Another import or snapshot is being built.
    #[error("another base is being built")]
    UnderWay,
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(OpenError),
    /// The base could not be written.
    #[error(transparent)]
    Base(#[from] ImportError),
    /// The base in use does not say what it is.
    #[error(transparent)]
    Files(#[from] BaseFileError),
    /// The new base has no tables.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
}

impl From<rusqlite::Error> for SnapshotError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Base(ImportError::Store(error.into()))
    }
}

impl From<StoreError> for SnapshotError {
    fn from(error: StoreError) -> Self {
        Self::Base(ImportError::Store(error))
    }
}

/// The chunks that are there already.
#[derive(Debug)]
pub(crate) struct Chunks {
    folder: PathBuf,
}

impl Chunks {
    /// Those of a data folder.
    pub(crate) fn of(data_folder: &Path) -> Self {
        Self { folder: data_folder.join(CHUNKS_FOLDER) }
    }

    /// Whether a chunk is there. What is in it is checked when it is taken in.
    pub(crate) fn has(&self, hash: ContentHash) -> bool {
        self.path(hash).is_file()
    }

    /// Keeps a chunk, durably.
    ///
    /// # Errors
    /// [`SnapshotError::OtherBytes`] where it is another; the error of the file.
    pub(crate) fn keep(&self, hash: ContentHash, packed: &[u8]) -> Result<(), SnapshotError> {
        if ContentHash::of(packed) != hash {
            return Err(SnapshotError::OtherBytes);
        }
        std::fs::create_dir_all(&self.folder).map_err(failed("make the folder of chunks"))?;
        durable_file::replace(&self.path(hash), packed, FileAccess::OwnerOnly)
            .map_err(failed("keep a chunk"))
    }

    /// Forgets those that a manifest does not name, of an earlier snapshot.
    pub(crate) fn keep_only(&self, manifest: &SnapshotManifest) {
        let named: BTreeSet<PathBuf> =
            manifest.chunks.iter().map(|hash| self.path(*hash)).collect();
        let files = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for path in files.map(|file| file.path()).filter(|path| !named.contains(path)) {
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(%error, "could not remove a chunk of an earlier snapshot");
            }
        }
    }

    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, "could not remove the chunks of a snapshot");
            }
            _ => {}
        }
    }

    fn load(&self, hash: ContentHash) -> Result<SnapshotChunk, SnapshotError> {
        let path = self.path(hash);
        let packed = std::fs::read(&path).map_err(failed("read a chunk"))?;
        if ContentHash::of(&packed) != hash {
            // It is fetched again the next time.
            std::fs::remove_file(&path).map_err(failed("remove a damaged chunk"))?;
            return Err(SnapshotError::OtherBytes);
        }
        let bytes = unpack(&packed, SNAPSHOT_CHUNK_BYTES_MAX)?;
        SnapshotChunk::from_message(&bytes)
            .map_err(|error| SnapshotError::Payload(error.to_string()))
    }

    fn path(&self, hash: ContentHash) -> PathBuf {
        self.folder.join(hash.to_string())
    }
}

/// Takes every chunk of a manifest in and leaves the next base where the agent takes it up. Takes as
/// long as there are members, and reads and writes nothing that a till waits for.
///
/// # Errors
/// [`SnapshotError`]; nothing is left in the place of the next base then.
pub(crate) fn build(folder: &Path, manifest: &SnapshotManifest) -> Result<(), SnapshotError> {
    let building = folder.join(BUILDING_FILE);
    let _lock = FileLock::acquire(&building).map_err(|error| match error {
        OpenError::AlreadyRunning { .. } => SnapshotError::UnderWay,
        error => SnapshotError::Folder(error),
    })?;
    import::remove_if_there(&building)?;
    let latest = base_files::latest(folder).map(|path| base_files::about(&path));
    let latest = match latest {
        // The number of a base that cannot be read is in its name; the next goes behind it.
        Some(Err(error)) => {
            tracing::warn!(%error, "the base before the snapshot cannot be read");
            base_files::newest(folder).map_or(0, |(number, _)| number)
        }
        Some(Ok(about)) => about.cursor,
        None => 0,
    };
    let mut connection = import::open_building(&building)?;
    migrate::migrate(&mut connection, BASE_MIGRATIONS)?;
    let transaction = connection.transaction()?;
    let rows = BaseRows::of(&transaction);
    let chunks = Chunks::of(folder);
    let mut content = Context::new(&SHA256);
    for hash in &manifest.chunks {
        content.update(hash.as_bytes());
        chunks.load(*hash)?.changes.iter().try_for_each(|change| put(&rows, change))?;
    }
    let found = rows.members()?;
    if found != manifest.members {
        return Err(SnapshotError::OtherCount { said: manifest.members, found });
    }
    let content = content.finish().as_ref().try_into().expect("a SHA-256 has 32 bytes");
    rows.put_about(&BaseAbout {
        cursor: latest + 1,
        content,
        source: content,
        members: found,
        imported: 0,
        points: Points::ZERO,
        hub_cursor: Some(manifest.cursor.0 as i64),
        contained: row_of(manifest.contained),
    })?;
    transaction.commit()?;
    Base::of(&connection)?;
    drop(connection);
    Ok(import::put_in_place(folder, &building)?)
}

fn put(rows: &BaseRows<'_>, change: &Change) -> rusqlite::Result<()> {
    match change {
        Change::Member(state) => {
            rows.put_member(&MemberRow::of_state(state))?;
            for code in &state.codes {
                rows.put_code(*code, state.member)?;
            }
            for wallet in &state.wallets {
                let sealed_secret = wallet.sealed_secret.0.clone();
                let row = BaseWallet { member: state.member, sealed_secret };
                rows.put_wallet(&wallet.wallet.0, &row)?;
            }
            Ok(())
        }
        Change::Account(state) => rows.put_account(state.account, &state.facts),
        Change::Voucher(state) => rows.put_voucher(&BaseVoucher::of_state(state)),
        // A snapshot is what is there; what is gone has no part in it.
        Change::MemberGone(_) | Change::VoucherGone(_) => Ok(()),
    }
}

fn failed(doing: &'static str) -> impl FnOnce(std::io::Error) -> SnapshotError {
    move |source| SnapshotError::Io { doing, source }
}
