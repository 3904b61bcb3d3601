//! Times as they are told.

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};

use crate::journal::ClockReading;

/// An instant in UTC, to the millisecond, which is what a record keeps.
pub(super) fn utc(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// When a record was made, with the store's offset from UTC then.
pub(super) fn recorded_at(clock: &ClockReading) -> String {
    match FixedOffset::east_opt(i32::from(clock.offset_minutes) * 60) {
        Some(zone) => clock.wall.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Millis, true),
        None => utc(clock.wall),
    }
}
