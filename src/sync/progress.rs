//! How far the device and the hub are, for health, metrics and support.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::hub_keys::CheckpointFault;
use super::lane::Fault;
use crate::wire::sync::{Cursor, JournalPlace};

/// How far the device and the hub are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The last record that the hub acknowledged by a checkpoint.
    pub acknowledged: Option<JournalPlace>,
    /// The last record of the journal.
    pub journal_head: Option<JournalPlace>,
    /// Everything is acknowledged.
    pub drained: bool,
    /// To the hub.
    pub push: LaneProgress,
    /// The changes that the device has; none before the first snapshot.
    pub cursor: Option<Cursor>,
    /// A snapshot that is being fetched.
    pub snapshot: Option<SnapshotProgress>,
    /// From the hub.
    pub pull: LaneProgress,
    /// What a person has to look at.
    pub alerts: BTreeSet<Alert>,
    /// Why the last checkpoint was not believed, while that is so.
    pub checkpoint_fault: Option<CheckpointFault>,
    /// How far the device's believed time was ahead of the hub's when it was last told; negative
    /// behind it.
    pub clock_ahead_ms: Option<i64>,
}

/// How one direction goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneProgress {
    /// Failures since the last success.
    pub failures_in_a_row: u32,
    /// What the last of them was, or that the hub asked to wait.
    pub fault: Option<Fault>,
    /// The last success since the start.
    pub success_at: Option<DateTime<Utc>>,
    /// When it goes on, by [`super::Now::elapsed`].
    pub waits_until: Option<Duration>,
}

/// How much of a snapshot is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotProgress {
    /// Chunks that are stored.
    pub chunks_done: usize,
    /// All of them.
    pub chunks: usize,
}

/// What a person has to look at. Sales go on, and so do the attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alert {
    /// The hub knows less of the journal than it acknowledged: it was restored from a backup. What
    /// it lost is sent again.
    HubRolledBack,
    /// The hub knows more of the journal than the device: the device was restored from a backup.
    JournalBehindHub,
    /// The hub has another record at a place of the journal: two devices write under one key.
    JournalForked,
    /// What the hub sends is not signed by the keys that the device trusts, or these expired.
    HubNotProven,
    /// The hub does not know the device, or has revoked it.
    DeviceRefused,
    /// The hub refuses records, and more than a few in a row.
    RecordsRefused,
    /// The hub offers an older state than the device has.
    OlderSnapshot,
    /// A snapshot came whole and could not be taken up.
    SnapshotUnusable,
    /// A programme was published that this software cannot use.
    ProgrammeUnusable,
}

impl Alert {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::HubRolledBack,
        Self::JournalBehindHub,
        Self::JournalForked,
        Self::HubNotProven,
        Self::DeviceRefused,
        Self::RecordsRefused,
        Self::OlderSnapshot,
        Self::SnapshotUnusable,
        Self::ProgrammeUnusable,
    ];

    /// Its name in health, logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HubRolledBack => "hub_rolled_back",
            Self::JournalBehindHub => "journal_behind_hub",
            Self::JournalForked => "journal_forked",
            Self::HubNotProven => "hub_not_proven",
            Self::DeviceRefused => "device_refused",
            Self::RecordsRefused => "records_refused",
            Self::OlderSnapshot => "older_snapshot",
            Self::SnapshotUnusable => "snapshot_unusable",
            Self::ProgrammeUnusable => "programme_unusable",
        }
    }
}
