//! What the shell is to do, and what it tells of it.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::journal::{Checkpoint, ContentHash};
use crate::wire::sync::{
    Bytes, Changes, Cursor, JournalPlace, Nonce, ProgrammeNotice, Quarantined, SnapshotManifest,
};

/// Names one command; its outcome is told with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt(pub u64);

/// Something to do. Several may be under way: at most one of each direction and one programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its name.
    pub attempt: Attempt,
    /// What.
    pub work: Work,
}

/// What is to be done. The first group goes to the hub and ends in
/// [`super::SyncClient::handle_push`] or [`super::SyncClient::handle_reply`], the second to the
/// device's own storage and ends as each says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Read the records behind a place, at most so many, and send them. Those that were set aside
    /// are named, not sent.
    Push {
        /// The place; none is the beginning of the journal.
        after: Option<JournalPlace>,
        /// The most records.
        records_max: usize,
        /// How to sign.
        signing: Signing,
    },
    /// Ask for changes.
    Pull {
        /// The cursor held.
        after: Cursor,
        /// How long the hub may wait for one. The shell gives up a while after it.
        wait: Duration,
        /// How to sign.
        signing: Signing,
    },
    /// Ask what a snapshot is made of.
    FetchManifest {
        /// How to sign.
        signing: Signing,
    },
    /// Ask for a piece of a snapshot, if it is not in the folder already: then tell
    /// [`super::SyncClient::handle_stored`] instead.
    FetchChunk {
        /// The SHA-256 of its compressed bytes.
        hash: ContentHash,
        /// How to sign.
        signing: Signing,
    },
    /// Ask for the text of a programme.
    FetchProgramme {
        /// Its SHA-256.
        hash: ContentHash,
        /// How to sign.
        signing: Signing,
    },

    /// Compare the checkpoint with the journal, and where its record is there store it. Ends in
    /// [`super::SyncClient::handle_acknowledged`].
    Acknowledge(Box<Acknowledgement>),
    /// Note that the hub refuses a record, so that later batches name it. It is not deleted. Ends in
    /// [`super::SyncClient::handle_stored`].
    SetAside {
        /// Which.
        place: JournalPlace,
    },
    /// Store the manifest, so that a restart goes on with its chunks, and the list of keys where one
    /// is given. Ends in [`super::SyncClient::handle_stored`].
    StoreManifest {
        /// The manifest.
        manifest: Box<SnapshotManifest>,
        /// A newer list of keys, verified.
        key_list: Option<Bytes>,
    },
    /// Store a piece of a snapshot under its hash, which fits. Ends in
    /// [`super::SyncClient::handle_stored`].
    StoreChunk(ChunkBytes),
    /// Build the base of the chunks and take it up, with the cursor and what it contains. Ends in
    /// [`super::SyncClient::handle_stored`]; a failure throws the chunks away.
    ApplySnapshot(Box<SnapshotManifest>),
    /// Store the changes, with the cursor and what it contains, in one transaction; and the list of
    /// keys and the notice of a programme where they are given. Ends in
    /// [`super::SyncClient::handle_stored`].
    StoreChanges {
        /// The changes. Their own list and notice are not to be used.
        changes: Box<Changes>,
        /// A newer list of keys, verified.
        key_list: Option<Bytes>,
        /// A newer programme, verified.
        notice: Option<ProgrammeNotice>,
    },
    /// Store the text of a programme, whose hash fits, to be in force as the notice says. Ends in
    /// [`super::SyncClient::handle_programme`].
    StoreProgramme {
        /// The notice, verified.
        notice: ProgrammeNotice,
        /// The text.
        text: Vec<u8>,
    },
}

/// How to sign a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signing {
    /// The hub's time as far as it is known; none: by the device's wall clock.
    pub created: Option<DateTime<Utc>>,
    /// A nonce of the hub; none: one of the device's own.
    pub nonce: Option<Nonce>,
}

/// The hub's proven word on the head of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// What was signed, verified.
    pub checkpoint: Checkpoint,
    /// The exact bytes.
    pub sealed: Bytes,
    /// Records that the hub keeps but could not book.
    pub quarantined: Vec<Quarantined>,
}

impl Acknowledgement {
    /// The head.
    #[must_use]
    pub fn place(&self) -> JournalPlace {
        JournalPlace { epoch: self.checkpoint.epoch, sequence: self.checkpoint.sequence }
    }
}

/// What a batch held that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The first record.
    pub first: JournalPlace,
    /// The last record.
    pub last: JournalPlace,
    /// How many, without those set aside.
    pub records: usize,
}

/// What became of something that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreOutcome {
    /// It is durable.
    Stored,
    /// It is not: tried again later.
    Failed,
}

/// How a checkpoint compares with the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalMatch {
    /// Its record is there, with that hash; the checkpoint is stored.
    Same,
    /// There is no such record: the device's journal was restored from an older one.
    Missing,
    /// There is another record: two devices write under one key, or one was copied.
    Other,
}

/// What became of a programme's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgrammeUse {
    /// It is stored.
    Stored,
    /// It is stored, but this software cannot use it: an update is needed. It is not fetched again.
    NotUsable,
}

/// A compressed piece of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkBytes {
    /// The SHA-256 of the bytes.
    pub hash: ContentHash,
    /// As they came.
    pub bytes: Bytes,
}
