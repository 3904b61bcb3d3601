//! How many records share one fsync.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::agent::api::metrics::Metrics;
use crate::agent::store::writer::{BatchReport, WriterObserver};

/// Counts what the writer does, and passes it on to the agent's metrics.
pub(crate) struct Fsyncs {
    metrics: Metrics,
    jobs: AtomicU64,
    batches: AtomicU64,
}

impl Fsyncs {
    /// Counts from nothing.
    pub(crate) fn new(metrics: Metrics) -> Self {
        Self { metrics, jobs: AtomicU64::new(0), batches: AtomicU64::new(0) }
    }

    /// Writes and fsyncs so far.
    pub(crate) fn counted(&self) -> (u64, u64) {
        (self.jobs.load(Ordering::Relaxed), self.batches.load(Ordering::Relaxed))
    }
}

impl WriterObserver for Fsyncs {
    fn batch_committed(&self, report: &BatchReport) {
        self.jobs.fetch_add(report.jobs as u64, Ordering::Relaxed);
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.metrics.observe_batch(report.jobs, report.committed_in);
    }

    fn writer_failed(&self, reason: &str) {
        tracing::error!(reason, "the writer stopped");
    }
}
