//! What both directions have in common: one piece of work at a time, and waits after failures.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::backoff;
use super::command::Attempt;
use super::progress::LaneProgress;

/// The time, as far as the device knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Time since any fixed moment, by a clock that never jumps: waits are measured by it.
    pub elapsed: Duration,
    /// The wall time that is believed.
    pub at: DateTime<Utc>,
}

/// What went wrong last, for logs and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Nothing came back, or not all of it.
    Line,
    /// The hub, or who stands before it, asked to wait.
    AskedToWait,
    /// An answer that is not the hub's or cannot be read.
    Unusable,
    /// The hub said no.
    Refused,
    /// What came is not signed as it must be.
    NotProven,
    /// The device could not store it.
    Storage,
}

impl Fault {
    /// Its name in logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::AskedToWait => "asked_to_wait",
            Self::Unusable => "unusable_reply",
            Self::Refused => "refused",
            Self::NotProven => "not_proven",
            Self::Storage => "storage",
        }
    }
}

/// One direction's turn.
#[derive(Debug, Default)]
pub(super) struct Lane {
    in_flight: Option<Attempt>,
    wait: Option<Wait>,
    failures: u32,
    fault: Option<Fault>,
    success_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug)]
struct Wait {
    until: Duration,
    /// A sign that the line is back ends it.
    for_the_line: bool,
}

impl Lane {
    /// Whether something may be begun.
    pub(super) fn is_free(&self, now: Now) -> bool {
        self.in_flight.is_none() && self.wait.is_none_or(|wait| wait.until <= now.elapsed)
    }

    /// From when on it is free; none while the shell works on something.
    pub(super) fn free_from(&self) -> Option<Duration> {
        match (self.in_flight, self.wait) {
            (Some(_), _) => None,
            (None, wait) => Some(wait.map_or(Duration::ZERO, |wait| wait.until)),
        }
    }

    pub(super) fn begin(&mut self, attempt: Attempt) {
        self.in_flight = Some(attempt);
        self.wait = None;
    }

    /// Whether an outcome is of what is being worked on; it is over then. Anything else is late
    /// or told twice.
    pub(super) fn end(&mut self, attempt: Attempt) -> bool {
        let mine = self.in_flight == Some(attempt);
        if mine {
            self.in_flight = None;
        }
        mine
    }

    pub(super) fn succeed(&mut self, now: Now) {
        self.failures = 0;
        self.fault = None;
        self.success_at = Some(now.at);
    }

    pub(super) fn fail(&mut self, fault: Fault, now: Now, jitter: u64) {
        self.failures = self.failures.saturating_add(1);
        self.fault = Some(fault);
        let until = now.elapsed + backoff::after_failures(self.failures, jitter);
        self.wait = Some(Wait { until, for_the_line: fault == Fault::Line });
    }

    /// Waits as the hub asked. That is no failure.
    pub(super) fn wait_as_asked(&mut self, asked: Duration, now: Now, jitter: u64) {
        self.fault = Some(Fault::AskedToWait);
        let until = now.elapsed + backoff::as_asked(asked, jitter);
        self.wait = Some(Wait { until, for_the_line: false });
    }

    pub(super) fn pause(&mut self, until: Duration) {
        self.wait = Some(Wait { until, for_the_line: false });
    }

    /// The other direction was heard: the line is back.
    pub(super) fn line_is_back(&mut self) {
        self.wait = self.wait.filter(|wait| !wait.for_the_line);
    }

    /// Whether the last thing failed: the next is a probe.
    pub(super) fn is_probing(&self) -> bool {
        self.success_at.is_none() || self.failures > 0
    }

    pub(super) fn progress(&self) -> LaneProgress {
        LaneProgress {
            failures_in_a_row: self.failures,
            fault: self.fault,
            success_at: self.success_at,
            waits_until: self.wait.map(|wait| wait.until),
        }
    }
}
