use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::{Snapshot, chunk_file};
use crate::hub::changes::{contained, told};
use crate::hub::store::Store;
use crate::hub::store::error::StoreError;
use crate::journal::ContentHash;
use crate::journal::cbor::to_bytes;
use crate::shell::durable_file::{self, FileAccess};
use crate::wire::sync::{
    Change, Cursor, Message, SNAPSHOT_CHUNK_BYTES_MAX, SnapshotChunk, packing,
};

/// Rows that are read at once.
const ROWS_AT_ONCE: usize = 5_000;

/// Room that the list around the changes of a chunk takes.
const CHUNK_FRAME_BYTES: usize = 64;

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be read or written.
    #[error("could not {doing}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Writes everything that is there now into chunk files of a folder.
///
/// # Errors
/// [`SnapshotError`]; chunks that were written stay and are replaced by the next.
pub(crate) fn build(
    store: &dyn Store,
    folder: &Path,
    now: DateTime<Utc>,
) -> Result<Snapshot, SnapshotError> {
    let mut tx = store.read()?;
    let newest = tx.cursor()?;
    let members = tx.count_members()?;
    let heads: BTreeMap<_, _> =
        tx.devices()?.iter().map(|row| (row.device, contained(row))).collect();
    let mut writer = Writer { folder, chunks: Vec::new(), changes: Vec::new(), bytes: 0 };
    let mut cursor = Cursor(0);
    while cursor < newest {
        let (rows, to) = tx.changes_after(cursor, ROWS_AT_ONCE)?;
        for row in rows {
            writer.add(told(row))?;
        }
        cursor = to;
    }
    writer.flush()?;
    Ok(Snapshot::new(newest, writer.chunks, members, now, heads))
}

struct Writer<'a> {
    folder: &'a Path,
    chunks: Vec<ContentHash>,
    changes: Vec<Change>,
    bytes: usize,
}

impl Writer<'_> {
    /// What is gone is left out: a till that begins has never heard of it.
    fn add(&mut self, change: Change) -> Result<(), SnapshotError> {
        if matches!(change, Change::MemberGone(_) | Change::VoucherGone(_)) {
            return Ok(());
        }
        let bytes = to_bytes(&change).len();
        if self.bytes + bytes + CHUNK_FRAME_BYTES > SNAPSHOT_CHUNK_BYTES_MAX {
            self.flush()?;
        }
        self.bytes += bytes;
        self.changes.push(change);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SnapshotError> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let chunk = SnapshotChunk { changes: std::mem::take(&mut self.changes) };
        self.bytes = 0;
        let packed = packing::pack(&chunk.to_message());
        let hash = ContentHash::of(&packed);
        let path = self.folder.join(chunk_file(&hash));
        // Content-addressed: one that is there is the same.
        if !path.exists() {
            durable_file::replace(&path, &packed, FileAccess::OwnerOnly)
                .map_err(|source| SnapshotError::Io { doing: "write a chunk", source })?;
        }
        self.chunks.push(hash);
        Ok(())
    }
}
