//! Times as they are told.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

use crate::journal::ClockReading;

/// An instant in UTC, to the millisecond, which is what a record keeps.
pub(super) fn utc(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A time by the clock of the programme's zone.
pub(super) fn local(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// When a record was made, with the store's offset from UTC then.
pub(super) fn recorded_at(clock: &ClockReading) -> String {
    match FixedOffset::east_opt(i32::from(clock.offset_minutes) * 60) {
        Some(zone) => clock.wall.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Millis, true),
        None => utc(clock.wall),
    }
}

/// A day, told as ISO 8601.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Day(pub(crate) NaiveDate);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
