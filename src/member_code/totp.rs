//! RFC 6238 as Google Wallet's rotating barcodes use it: SHA-1, T0 = 0, a period in milliseconds,
//! keys in base 16.

use std::hint::black_box;

use chrono::{DateTime, Utc};

use super::clock_trust::{ClockTrust, LikelyCause};
use super::rotating::RotatingCode;
pub use super::totp_policy::{
    PERIOD_MS_MAX, PERIOD_MS_MIN, STEPS_MAX, TotpPolicy, TotpPolicyError,
};
pub use super::totp_secret::{TotpSecret, TotpSecretError};

/// How far an untimed code that fails is searched, in steps, only to say what is wrong with it.
const STEPS_EXPLAINED: i64 = 20;

/// The number of a period since 1970; `(member, step)` is stored to refuse a second use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TotpStep(pub u64);

/// A genuine code in its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotpAccepted {
    /// To be stored as used before the answer goes out.
    pub step: TotpStep,
    /// The trust in the clock that judged it: untrusted means that the wider window was in use.
    pub clock: ClockTrust,
}

/// Why a rotating code is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TotpRefusal {
    /// Not made with this member's secret, or for another number of digits.
    #[error("the code is not right: ask the customer to show it again")]
    WrongDigits,
    /// Genuine, and too old.
    #[error("the code expired {behind_s} s ago: {likely}")]
    Expired {
        /// Seconds from when it was made to now.
        behind_s: i64,
        /// What most likely went wrong.
        likely: LikelyCause,
    },
    /// Genuine, and not yet due.
    #[error("the code is {ahead_s} s ahead of the till: {likely}")]
    FromTheFuture {
        /// Seconds from now to when it says it was made.
        ahead_s: i64,
        /// What most likely went wrong.
        likely: LikelyCause,
    },
    /// This code, or a later one of the same pass, was used before.
    #[error("the code was used before: ask the customer to wait for the next one")]
    AlreadyUsed,
}

impl TotpRefusal {
    /// The stable code of this refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WrongDigits => "totp_wrong_digits",
            Self::Expired { .. } => "totp_expired",
            Self::FromTheFuture { .. } => "totp_from_the_future",
            Self::AlreadyUsed => "totp_already_used",
        }
    }
}

/// Checks a rotating code of the pass whose secret is `secret`.
///
/// The digits first, so that only a genuine code is told about clocks; `last_used` is the latest
/// step of this pass that was accepted, and no step up to it is accepted again (RFC 6238 5.2).
///
/// # Errors
/// [`TotpRefusal`].
pub fn verify(
    secret: &TotpSecret,
    code: &RotatingCode,
    now: DateTime<Utc>,
    policy: &TotpPolicy,
    clock: ClockTrust,
    last_used: Option<TotpStep>,
) -> Result<TotpAccepted, TotpRefusal> {
    let now_step = policy.step_of(now.timestamp_millis());
    let (step, generated_at) = match code.generated_at {
        Some(seconds) => (step_at(secret, code, policy, seconds), Some(seconds)),
        None => (step_near(secret, code, policy, now_step, clock), None),
    };
    let step = step.ok_or(TotpRefusal::WrongDigits)?;
    let used = TotpStep(u64::try_from(step).map_err(|_| TotpRefusal::WrongDigits)?);
    if last_used == Some(used) {
        return Err(TotpRefusal::AlreadyUsed);
    }
    let (back, ahead) = policy.window(clock);
    let since_s = match generated_at {
        Some(seconds) => now.timestamp().saturating_sub(seconds),
        None => policy.seconds(now_step.saturating_sub(step)),
    };
    let untrusted = clock == ClockTrust::Untrusted;
    if step < now_step.saturating_sub(back) {
        let likely = if untrusted { LikelyCause::TillClock } else { LikelyCause::OldCode };
        return Err(TotpRefusal::Expired { behind_s: since_s, likely });
    }
    if step > now_step.saturating_add(ahead) {
        let likely = if untrusted { LikelyCause::TillClock } else { LikelyCause::PhoneClock };
        return Err(TotpRefusal::FromTheFuture { ahead_s: since_s.saturating_neg(), likely });
    }
    if last_used.is_some_and(|last| used < last) {
        return Err(TotpRefusal::AlreadyUsed);
    }
    Ok(TotpAccepted { step: used, clock })
}

/// The step of a code that says when it was made: one, or two where a period ends inside that
/// second.
fn step_at(
    secret: &TotpSecret,
    code: &RotatingCode,
    policy: &TotpPolicy,
    seconds: i64,
) -> Option<i64> {
    let from_ms = seconds.saturating_mul(1000);
    let (first, last) = (policy.step_of(from_ms), policy.step_of(from_ms.saturating_add(999)));
    (first..=last).find(|step| has_digits(secret, code, policy, *step))
}

/// The step of a code that does not say: the window from the middle out, then its surroundings,
/// which are refused but explained.
fn step_near(
    secret: &TotpSecret,
    code: &RotatingCode,
    policy: &TotpPolicy,
    now_step: i64,
    clock: ClockTrust,
) -> Option<i64> {
    let (back, ahead) = policy.window(clock);
    let inside = |offset: &i64| (-back..=ahead).contains(offset);
    let mut offsets: Vec<i64> = (-STEPS_EXPLAINED..=STEPS_EXPLAINED).collect();
    offsets.sort_by_key(|offset| (!inside(offset), offset.abs()));
    offsets
        .into_iter()
        .map(|offset| now_step.saturating_add(offset))
        .find(|step| has_digits(secret, code, policy, *step))
}

fn has_digits(secret: &TotpSecret, code: &RotatingCode, policy: &TotpPolicy, step: i64) -> bool {
    let Ok(step) = u64::try_from(step) else { return false };
    let wanted = secret.code(step, policy.digits);
    same_in_constant_time(wanted.as_bytes(), code.digits().as_bytes())
}

/// Compares without telling by the time taken how much agrees; lengths are no secret.
fn same_in_constant_time(one: &[u8], other: &[u8]) -> bool {
    let difference = one.iter().zip(other).fold(0, |sum, (a, b)| black_box(sum | (a ^ b)));
    one.len() == other.len() && difference == 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::rotating::WalletId;
    use super::*;
    use ClockTrust::{Trusted, Untrusted};

    const NOW_S: i64 = 1_700_000_010;
    const NOW_STEP: u64 = 56_666_667;

    fn secret() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890").unwrap()
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(NOW_S, 0).unwrap()
    }

    /// The code that the phone shows at `unix_s`, with the time in it or without.
    fn shown(unix_s: i64, timed: bool) -> RotatingCode {
        let digits = secret().code(u64::try_from(unix_s / 30).unwrap(), 8);
        let member = WalletId::from_bytes([1; 10]);
        RotatingCode::new(member, timed.then_some(unix_s), &digits).unwrap()
    }

    fn judge(
        code: &RotatingCode,
        clock: ClockTrust,
        last: Option<u64>,
    ) -> Result<u64, TotpRefusal> {
        let last = last.map(TotpStep);
        let accepted = verify(&secret(), code, now(), &TotpPolicy::default(), clock, last)?;
        assert_eq!(accepted.clock, clock);
        Ok(accepted.step.0)
    }

    #[test]
    fn the_window_is_two_steps_back_and_one_ahead_or_five_either_way() {
        for timed in [true, false] {
            for (offset, trusted, untrusted) in [
                (0, true, true),
                (-2, true, true),
                (-3, false, true),
                (1, true, true),
                (2, false, true),
                (-5, false, true),
                (-6, false, false),
                (5, false, true),
                (6, false, false),
            ] {
                let code = shown(NOW_S + offset * 30, timed);
                assert_eq!(judge(&code, Trusted, None).is_ok(), trusted, "{timed} {offset}");
                assert_eq!(judge(&code, Untrusted, None).is_ok(), untrusted, "{timed} {offset}");
            }
        }
    }

    #[test]
    fn a_genuine_code_out_of_time_says_how_far_and_whose_clock() {
        let expired = |behind_s, likely| Err(TotpRefusal::Expired { behind_s, likely });
        let ahead = |ahead_s, likely| Err(TotpRefusal::FromTheFuture { ahead_s, likely });
        for timed in [true, false] {
            let code = |offset_s| shown(NOW_S + offset_s, timed);
            for (offset_s, clock, answer) in [
                (-300, Trusted, expired(300, LikelyCause::OldCode)),
                (-300, Untrusted, expired(300, LikelyCause::TillClock)),
                (300, Trusted, ahead(300, LikelyCause::PhoneClock)),
                (300, Untrusted, ahead(300, LikelyCause::TillClock)),
            ] {
                assert_eq!(judge(&code(offset_s), clock, None), answer);
            }
        }
        // Without a time in it only the surroundings can be explained.
        let day = -86_400;
        let answer = judge(&shown(NOW_S + day, true), Trusted, None);
        assert_eq!(answer, expired(-day, LikelyCause::OldCode));
        let answer = judge(&shown(NOW_S + day, false), Trusted, None);
        assert_eq!(answer, Err(TotpRefusal::WrongDigits));
    }

    #[test]
    fn digits_of_another_time_secret_or_length_are_wrong() {
        let member = WalletId::from_bytes([1; 10]);
        let code = |digits: &str| RotatingCode::new(member, Some(NOW_S), digits).unwrap();
        let right = shown(NOW_S, true);
        let other_step = shown(NOW_S - 30, true);
        assert!(judge(&right, Trusted, None).is_ok());
        for digits in [other_step.digits(), &right.digits()[..7], &format!("{}0", right.digits())] {
            assert_eq!(judge(&code(digits), Trusted, None), Err(TotpRefusal::WrongDigits));
        }
    }

    #[test]
    fn a_used_step_and_all_before_it_are_refused() {
        let code = shown(NOW_S, true);
        assert_eq!(judge(&code, Trusted, Some(NOW_STEP - 1)), Ok(NOW_STEP));
        assert_eq!(judge(&code, Trusted, Some(NOW_STEP)), Err(TotpRefusal::AlreadyUsed));
        assert_eq!(judge(&code, Trusted, Some(NOW_STEP + 1)), Err(TotpRefusal::AlreadyUsed));
        // The very code that was used is called used however late it comes again.
        let old = shown(NOW_S - 3000, true);
        assert_eq!(judge(&old, Trusted, Some(NOW_STEP - 100)), Err(TotpRefusal::AlreadyUsed));
    }

    #[test]
    fn a_period_that_ends_inside_a_second_accepts_both_its_steps() {
        let policy = TotpPolicy::new(2_500, 8).unwrap();
        // Second 12 holds the end of step 4 and the start of step 5.
        for step in [4, 5] {
            let digits = secret().code(step, 8);
            let code = RotatingCode::new(WalletId::from_bytes([1; 10]), Some(12), &digits).unwrap();
            let now = DateTime::from_timestamp(13, 0).unwrap();
            let accepted = verify(&secret(), &code, now, &policy, Trusted, None).unwrap();
            assert_eq!(accepted.step, TotpStep(step));
        }
    }

    proptest! {
        #[test]
        fn any_code_at_any_time_gives_an_answer(
            seconds in proptest::option::of(0_i64..100_000_000_000), digits in "[0-9]{6,10}",
            now_s in -100_000_000_000_i64..100_000_000_000, last in proptest::option::of(any::<u64>()),
            period_ms in 1_000_u32..86_400_000,
        ) {
            let code = RotatingCode::new(WalletId::from_bytes([1; 10]), seconds, &digits).unwrap();
            let now = DateTime::from_timestamp(now_s, 0).unwrap();
            let policy = TotpPolicy::new(period_ms, 8).unwrap();
            let _ = verify(&secret(), &code, now, &policy, Untrusted, last.map(TotpStep));
        }
    }
}
