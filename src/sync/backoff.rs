//! How long to wait after a failure. There is no last time: the line comes back, or a person does.

use std::time::Duration;

/// The wait after the first failure, before jitter.
const FIRST_MS: u64 = 1_000;
/// The longest wait: a till that was off the line for a week is heard within five minutes.
const LONGEST_MS: u64 = 300_000;
/// The longest wait that the hub may ask for.
const ASKED_MAX: Duration = Duration::from_secs(3_600);

/// The wait after so many failures in a row: doubled each time, and between half and all of that,
/// so that a thousand tills do not come back at once.
pub(super) fn after_failures(failures: u32, jitter: u64) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let whole = (FIRST_MS << doublings).min(LONGEST_MS);
    let half = whole / 2;
    Duration::from_millis(half + jitter % (whole - half + 1))
}

/// The wait that the hub asked for, and up to a tenth and a second more.
pub(super) fn as_asked(asked: Duration, jitter: u64) -> Duration {
    let asked = asked.min(ASKED_MAX).as_millis() as u64;
    Duration::from_millis(asked + jitter % (asked / 10 + 1_001))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes_and_half_of_each_is_jitter() {
        for (failures, least_ms, most_ms) in [
            (0, 500, 1_000),
            (1, 500, 1_000),
            (2, 1_000, 2_000),
            (5, 8_000, 16_000),
            (9, 128_000, 256_000),
            (10, 150_000, 300_000),
            (u32::MAX, 150_000, 300_000),
        ] {
            let spread = most_ms - least_ms;
            assert_eq!(after_failures(failures, 0).as_millis(), u128::from(least_ms));
            assert_eq!(after_failures(failures, spread).as_millis(), u128::from(most_ms));
            for jitter in [1, 77, u64::MAX] {
                let wait = after_failures(failures, jitter).as_millis() as u64;
                assert!((least_ms..=most_ms).contains(&wait), "{failures} {jitter}: {wait}");
            }
        }
    }

    #[test]
    fn the_hub_is_never_asked_before_it_said_and_never_an_hour_late() {
        for asked_s in [0, 1, 30, 3_600, u64::MAX] {
            for jitter in [0, 12_345, u64::MAX] {
                let wait = as_asked(Duration::from_secs(asked_s), jitter).as_secs();
                let least = asked_s.min(3_600);
                assert!((least..=least + least / 10 + 1).contains(&wait), "{asked_s}: {wait}");
            }
        }
    }
}
