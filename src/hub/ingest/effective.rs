//! When a record took effect, set once.

use chrono::{DateTime, Utc};

use crate::journal::{ClockTrust, Header};
use crate::loyalty::Entry;

/// What bounds the time of a record whose clock was doubted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// The checkpoint that it was built on, or the device's enrolment.
    pub(super) earliest: DateTime<Utc>,
    /// When it came.
    pub(super) latest: DateTime<Utc>,
}

impl Bounds {
    fn clamp(self, at: DateTime<Utc>) -> DateTime<Utc> {
        // A hub whose own clock was set back knows no better than the later of the two.
        at.clamp(self.earliest, self.latest.max(self.earliest))
    }
}

/// When a record took effect: as its device says where its clock was believed, else as far as that
/// lies between what it was built on and its arrival.
pub(super) fn of_record(header: &Header, bounds: Bounds) -> DateTime<Utc> {
    match header.clock.trust {
        ClockTrust::Trusted => header.decided_at(),
        ClockTrust::Untrusted => bounds.clamp(header.decided_at()),
    }
}

/// The same of what a record does to an account: a sale takes effect when it was decided, a late
/// member at the sale. Its local day follows where the time is another.
pub(super) fn place(entry: &mut Entry, header: &Header, bounds: Bounds) {
    if header.clock.trust == ClockTrust::Trusted {
        return;
    }
    let clamped = bounds.clamp(entry.key.effective_at);
    if clamped != entry.key.effective_at {
        let ms = DateTime::from_timestamp_millis(clamped.timestamp_millis());
        entry.key.effective_at = ms.unwrap_or(clamped);
        entry.day = header.clock.local_day(entry.key.effective_at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::testing::{instant, record_of};
    use crate::journal::{Kind, entry};

    #[test]
    fn a_doubted_clock_counts_between_what_the_record_was_built_on_and_its_arrival() {
        let bounds = Bounds { earliest: instant(-1_000), latest: instant(1_000) };
        let cases = [
            (ClockTrust::Trusted, -90_000_000, -90_000_000),
            (ClockTrust::Trusted, 90_000_000, 90_000_000),
            (ClockTrust::Untrusted, -90_000_000, -1_000),
            (ClockTrust::Untrusted, 90_000_000, 1_000),
            (ClockTrust::Untrusted, 5, 5),
        ];
        for (trust, said_ms, expected_ms) in cases {
            let mut record = record_of(Kind::Return);
            record.header.clock.trust = trust;
            record.header.clock.wall = instant(said_ms);
            let header = &record.header;
            assert_eq!(of_record(header, bounds), instant(expected_ms), "{trust} {said_ms}");
            let (_, mut entry) = entry(&record).expect("a return changes an account");
            place(&mut entry, header, bounds);
            assert_eq!(entry.key.effective_at, instant(expected_ms), "{trust} {said_ms}");
            assert_eq!(entry.day, header.clock.local_day(instant(expected_ms)));
        }
    }
}
