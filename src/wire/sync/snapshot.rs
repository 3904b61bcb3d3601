//! All that the hub would say, in pieces that can be fetched one by one and verified: for a first
//! start, and where too much changed.

use chrono::{DateTime, Utc};

use super::change::{Change, Contained, Cursor};
use super::fields::{Bytes, Message};
use super::notice::ProgrammeNotice;
use crate::journal::ContentHash;
use crate::journal::cbor::cbor_map;

/// The largest chunk before it is compressed: what a small till unpacks at once.
pub const SNAPSHOT_CHUNK_BYTES_MAX: usize = 1024 * 1024;

/// What a snapshot is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotManifest {
    /// The changes that it contains.
    pub cursor: Cursor,
    /// What of the asking device's journal is in the accounts.
    pub contained: Contained,
    /// The SHA-256 of each compressed chunk, in the order in which they are taken in.
    pub chunks: Vec<ContentHash>,
    /// Members in all, to compare with what was taken in.
    pub members: u64,
    /// The hub's time.
    pub at: DateTime<Utc>,
    /// The programme that is to be in force, where there is one.
    pub programme: Option<ProgrammeNotice>,
    /// The newest sealed list of keys.
    pub key_list: Option<Bytes>,
}

cbor_map!(SnapshotManifest {
    1 cursor required,
    2 contained required,
    3 chunks required,
    4 members required,
    5 at required,
    6 programme optional,
    7 key_list optional,
});

impl Message for SnapshotManifest {}

/// A piece of a snapshot; sent compressed (zstd), named by the hash of the compressed bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotChunk {
    /// Things as of the manifest's cursor.
    pub changes: Vec<Change>,
}

cbor_map!(SnapshotChunk {
    1 changes required,
});

impl Message for SnapshotChunk {}
