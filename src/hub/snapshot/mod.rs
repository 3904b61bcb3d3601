//! Everything that tills are told, in chunk files named by the hash of their bytes.
//!
//! A snapshot is built from one look at the store and kept as files, so that it is fetched by as
//! many tills as want it, piece by piece, and costs the store nothing. It says of every device what
//! of its journal it contains.

mod build;
mod shelf;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

pub(crate) use self::build::SnapshotError;
pub(crate) use self::shelf::{Freshness, Shelf};
use super::changes::notice;
use super::store::Tx;
use super::store::error::StoreError;
use crate::journal::ContentHash;
use crate::journal::cbor::cbor_map;
use crate::loyalty::DeviceId;
use crate::wire::sync::{Bytes, Contained, Cursor, Message, SnapshotManifest};

/// What a snapshot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// The changes that it contains.
    pub(crate) cursor: Cursor,
    /// Its chunks, in order.
    pub(crate) chunks: Vec<ContentHash>,
    /// Members in all.
    pub(crate) members: u64,
    /// When it was built.
    pub(crate) at: DateTime<Utc>,
    /// What of each device's journal it contains.
    heads: Vec<DeviceHead>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct DeviceHead {
    device: DeviceId,
    contained: Contained,
}

cbor_map!(Snapshot {
    1 cursor required,
    2 chunks required,
    3 members required,
    4 at required,
    5 heads required,
});

cbor_map!(DeviceHead {
    1 device required,
    2 contained required,
});

impl Message for Snapshot {}

impl Snapshot {
    /// What a device is told: with the programme and the keys as they are now, which may be newer
    /// than the snapshot and are told again behind it.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn manifest(
        &self,
        tx: &mut dyn Tx,
        device: DeviceId,
        now: DateTime<Utc>,
    ) -> Result<SnapshotManifest, StoreError> {
        // A till that begins needs one to sell under; what is to follow is told with the changes.
        let programme = match tx.programme_in_force(now)? {
            None => tx.newest_programme()?,
            in_force => in_force,
        };
        let head = self.heads.iter().find(|head| head.device == device);
        Ok(SnapshotManifest {
            cursor: self.cursor,
            contained: head.map_or_else(Contained::default, |head| head.contained),
            chunks: self.chunks.clone(),
            members: self.members,
            at: now,
            programme: programme.map(notice),
            key_list: tx.newest_key_list()?.map(|(_, sealed, _)| Bytes(sealed)),
        })
    }

    fn new(
        cursor: Cursor,
        chunks: Vec<ContentHash>,
        members: u64,
        at: DateTime<Utc>,
        heads: BTreeMap<DeviceId, Contained>,
    ) -> Self {
        let heads = heads.into_iter().map(|(device, contained)| DeviceHead { device, contained });
        Self { cursor, chunks, members, at, heads: heads.collect() }
    }
}

/// The file of a chunk, in the snapshots' folder.
fn chunk_file(hash: &ContentHash) -> String {
    format!("{hash}.chunk")
}
