//! How the sync fares, for health, metrics and whoever asks.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::sync::Progress;

/// How the sync fares. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct SyncReport(Arc<Mutex<Option<SyncStanding>>>);

/// What is known of it; none where the device is not enrolled.
#[derive(Clone, Debug)]
pub(crate) struct SyncStanding {
    /// The hub.
    pub(crate) hub_url: String,
    /// How far both are.
    pub(crate) progress: Progress,
    /// When the hub last answered, in this run.
    pub(crate) success_at: Option<DateTime<Utc>>,
    /// How far the hub's clock is ahead of this one's wall time.
    pub(crate) hub_ahead_ms: Option<i64>,
}

impl SyncReport {
    /// The latest.
    pub(crate) fn standing(&self) -> Option<SyncStanding> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn tell(&self, standing: SyncStanding) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(standing);
    }
}

impl SyncStanding {
    /// Failures since the last success, of the direction that has more.
    pub(crate) fn failures_in_a_row(&self) -> u32 {
        self.progress.push.failures_in_a_row.max(self.progress.pull.failures_in_a_row)
    }

    /// The names of what a person has to look at.
    pub(crate) fn alerts(&self) -> Vec<&'static str> {
        self.progress.alerts.iter().map(|alert| alert.name()).collect()
    }
}
