use super::clock_trust::ClockTrust;
use super::rotating::{DIGITS_MAX, DIGITS_MIN};

/// How long Google Wallet shows a code by our pass template.
const PERIOD_MS_DEFAULT: u32 = 30_000;
/// Shortest period: codes carry whole seconds.
pub const PERIOD_MS_MIN: u32 = 1_000;
/// Longest period: a day-old code proves no presence.
pub const PERIOD_MS_MAX: u32 = 86_400_000;
/// Steps back: the walk from the shelf to the till, and a phone that is slow.
const STEPS_BACK_DEFAULT: u32 = 2;
/// Steps ahead: a phone that is fast.
const STEPS_AHEAD_DEFAULT: u32 = 1;
/// Steps either way while the till's own clock is in doubt.
const STEPS_UNTRUSTED_DEFAULT: u32 = 5;
/// Most steps a policy may accept: each is a guess for free.
pub const STEPS_MAX: u32 = 20;
/// Which codes a programme takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotpPolicy {
    period_ms: u32,
    pub(crate) digits: usize,
    steps_back: u32,
    steps_ahead: u32,
    steps_untrusted: u32,
}

/// A policy outside its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TotpPolicyError {
    /// The period.
    #[error("a TOTP period must lie within {PERIOD_MS_MIN} and {PERIOD_MS_MAX} milliseconds")]
    Period,
    /// The digits.
    #[error("a TOTP code must have {DIGITS_MIN} to {DIGITS_MAX} digits")]
    Digits,
    /// The window.
    #[error("at most {STEPS_MAX} TOTP steps may be accepted either way")]
    Steps,
}

impl Default for TotpPolicy {
    /// Eight digits of 30 seconds, accepted two steps back and one ahead.
    fn default() -> Self {
        Self {
            period_ms: PERIOD_MS_DEFAULT,
            digits: 8,
            steps_back: STEPS_BACK_DEFAULT,
            steps_ahead: STEPS_AHEAD_DEFAULT,
            steps_untrusted: STEPS_UNTRUSTED_DEFAULT,
        }
    }
}

impl TotpPolicy {
    /// The default window on another period (milliseconds) and number of digits.
    ///
    /// # Errors
    /// Outside the limits.
    pub fn new(period_ms: u32, digits: usize) -> Result<Self, TotpPolicyError> {
        if !(PERIOD_MS_MIN..=PERIOD_MS_MAX).contains(&period_ms) {
            return Err(TotpPolicyError::Period);
        }
        if !(DIGITS_MIN..=DIGITS_MAX).contains(&digits) {
            return Err(TotpPolicyError::Digits);
        }
        Ok(Self { period_ms, digits, ..Self::default() })
    }

    /// The same codes with another window, in steps; `untrusted` is both ways and holds while the
    /// till's clock is in doubt.
    ///
    /// # Errors
    /// Outside the limits.
    pub fn with_window(
        self,
        back: u32,
        ahead: u32,
        untrusted: u32,
    ) -> Result<Self, TotpPolicyError> {
        if [back, ahead, untrusted].iter().any(|steps| *steps > STEPS_MAX) {
            return Err(TotpPolicyError::Steps);
        }
        Ok(Self { steps_back: back, steps_ahead: ahead, steps_untrusted: untrusted, ..self })
    }

    pub(crate) fn window(&self, clock: ClockTrust) -> (i64, i64) {
        match clock {
            ClockTrust::Trusted => (i64::from(self.steps_back), i64::from(self.steps_ahead)),
            ClockTrust::Untrusted => (
                i64::from(self.steps_untrusted.max(self.steps_back)),
                i64::from(self.steps_untrusted.max(self.steps_ahead)),
            ),
        }
    }

    pub(crate) fn step_of(&self, time_ms: i64) -> i64 {
        time_ms.div_euclid(i64::from(self.period_ms))
    }

    pub(crate) fn seconds(&self, steps: i64) -> i64 {
        steps.saturating_mul(i64::from(self.period_ms)) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_outside_the_limits_are_refused() {
        for (period_ms, digits, error) in [
            (999, 8, TotpPolicyError::Period),
            (86_400_001, 8, TotpPolicyError::Period),
            (30_000, 5, TotpPolicyError::Digits),
            (30_000, 11, TotpPolicyError::Digits),
        ] {
            assert_eq!(TotpPolicy::new(period_ms, digits), Err(error));
        }
        assert_eq!(TotpPolicy::new(30_000, 8), Ok(TotpPolicy::default()));
        let window = TotpPolicy::default().with_window(0, 21, 0);
        assert_eq!(window, Err(TotpPolicyError::Steps));
    }

    #[test]
    fn an_untrusted_clock_never_narrows_the_window() {
        let policy = TotpPolicy::default().with_window(9, 1, 5).unwrap();
        assert_eq!(policy.window(ClockTrust::Trusted), (9, 1));
        assert_eq!(policy.window(ClockTrust::Untrusted), (9, 5));
    }
}
