//! How many wrong codes are looked up.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::limits::WRONG_CODES_MAX;

/// The time in which wrong codes are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// Wrong codes of the last minute, of all callers together.
#[derive(Debug, Default)]
pub(super) struct WrongCodes {
    counted: Mutex<Option<(Instant, u32)>>,
}

impl WrongCodes {
    /// Whether one more may be looked up.
    pub(super) fn may_look(&self, now: Instant) -> bool {
        let counted = *self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.is_none_or(|(since, count)| now - since >= WINDOW || count < WRONG_CODES_MAX)
    }

    /// One was wrong.
    pub(super) fn note(&self, now: Instant) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        *counted = match *counted {
            Some((since, count)) if now - since < WINDOW => Some((since, count.saturating_add(1))),
            _ => Some((now, 1)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_wrong_codes_are_looked_up_in_a_minute_and_then_again() {
        let codes = WrongCodes::default();
        let begin = Instant::now();
        for _ in 0..WRONG_CODES_MAX {
            assert!(codes.may_look(begin));
            codes.note(begin);
        }
        assert!(!codes.may_look(begin + WINDOW - Duration::from_millis(1)));
        assert!(codes.may_look(begin + WINDOW));
        codes.note(begin + WINDOW);
        assert!(codes.may_look(begin + WINDOW));
    }
}
