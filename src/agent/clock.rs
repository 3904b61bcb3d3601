//! What time it is, how far that can be believed, and whether it jumped.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
#[cfg(any(test, feature = "demo"))]
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Offset, SubsecRound, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use ring::rand::{SecureRandom, SystemRandom};

use crate::journal::{BootId, ClockJump, ClockReading, ClockTrust};

/// No till runs this program before it was written: 2026-01-01T00:00:00Z. A dead clock battery
/// commonly says 1970 or 2000.
const BUILD_DATE_UNIX_MS: i64 = 1_767_225_600_000;
/// How far the clock may stand behind the last record before it is doubted: more than a network
/// time step, less than any wrong date.
pub(crate) const CLOCK_BACK_MS_MAX: i64 = 120_000;
/// Wall and monotonic clock part by more than this only when somebody set the clock.
pub(crate) const CLOCK_JUMP_MS_MIN: i64 = 120_000;
/// How far the clock may stand ahead of this program's date: longer than anybody runs one version.
/// A clock that says 2040 would let every point lapse.
pub(crate) const CLOCK_AHEAD_MS_MAX: i64 = 10 * 365 * 24 * 60 * 60 * 1_000;
/// How far the clock may leap ahead while the agent runs: longer than a till is ever suspended.
pub(crate) const CLOCK_LEAP_MS_MAX: i64 = 31 * 24 * 60 * 60 * 1_000;
/// The kernel's name for this boot.
const BOOT_ID_PATH: &str = "/proc/sys/kernel/random/boot_id";
/// Seconds since boot, so that two runs within one boot share a monotonic scale.
const UPTIME_PATH: &str = "/proc/uptime";

/// The agent's only source of time; clones share one clock.
#[derive(Clone, Debug)]
pub(crate) struct Clock(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    source: Source,
    /// The store's zone, for the offset that a reading carries.
    zone: Tz,
    boot: BootId,
    /// `i64::MIN` until a record is known.
    last_record_unix_ms: AtomicI64,
    /// What the monotonic clock and this come to is a time that has passed for certain: that of
    /// the latest trusted record, what the last record was decided by, or this program's making.
    certain_minus_monotonic_ms: AtomicI64,
    /// The same of the latest trusted reading of this run; `i64::MIN` before there is one.
    trusted_minus_monotonic_ms: AtomicI64,
    /// What the monotonic clock and this come to is the hub's time; `i64::MIN` before it was told.
    hub_minus_monotonic_ms: AtomicI64,
    told_wrong: AtomicBool,
}

#[derive(Debug)]
enum Source {
    System {
        started: Instant,
        uptime_at_start_ms: u64,
    },
    #[cfg(any(test, feature = "demo"))]
    Simulated(Mutex<Simulation>),
}

#[cfg(any(test, feature = "demo"))]
#[derive(Clone, Copy, Debug)]
struct Simulation {
    wall: DateTime<Utc>,
    monotonic_ms: u64,
}

/// What the clocks say, and what is believed of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    /// What the clocks say: a record keeps it as it is.
    pub(crate) reading: ClockReading,
    /// The instant to decide by: the wall time where it is trusted, else the latest time that has
    /// passed for certain, moved on by the monotonic clock.
    pub(crate) at: DateTime<Utc>,
}

impl Clock {
    /// The computer's clock, in a store of this zone.
    pub(crate) fn system(zone: Tz) -> Self {
        let source = Source::System { started: Instant::now(), uptime_at_start_ms: uptime_ms() };
        Self::new(source, zone, boot_id())
    }

    /// A clock that stands at `start` until it is moved: for the demo, replays and tests.
    #[cfg(any(test, feature = "demo"))]
    pub(crate) fn simulated(start: DateTime<Utc>, zone: Tz) -> Self {
        let simulation = Simulation { wall: start.trunc_subsecs(3), monotonic_ms: 0 };
        Self::new(Source::Simulated(Mutex::new(simulation)), zone, BootId([0; 16]))
    }

    fn new(source: Source, zone: Tz, boot: BootId) -> Self {
        let last_record_unix_ms = AtomicI64::new(i64::MIN);
        let certain_minus_monotonic_ms = AtomicI64::new(i64::MIN);
        let trusted_minus_monotonic_ms = AtomicI64::new(i64::MIN);
        let hub_minus_monotonic_ms = AtomicI64::new(i64::MIN);
        let told_wrong = AtomicBool::new(false);
        let clock = Self(Arc::new(Shared {
            source,
            zone,
            boot,
            last_record_unix_ms,
            certain_minus_monotonic_ms,
            trusted_minus_monotonic_ms,
            hub_minus_monotonic_ms,
            told_wrong,
        }));
        clock.note_certain(build_date());
        clock
    }

    /// Now. A simulated clock is trusted whatever it shows, unless told otherwise: it replays the
    /// past on purpose, in a data folder that is marked as simulated.
    pub(crate) fn now(&self) -> ClockReading {
        let shared = &self.0;
        let (wall, monotonic_ms) = self.both();
        let judged = match &shared.source {
            Source::System { .. } => {
                let judged = judge(wall, self.last_record(), self.expected(monotonic_ms));
                if judged == ClockTrust::Trusted {
                    self.expect_from(wall, monotonic_ms);
                }
                judged
            }
            #[cfg(any(test, feature = "demo"))]
            Source::Simulated(_) => ClockTrust::Trusted,
        };
        // Who heard from the hub knows better than any guess, and goes on knowing by the monotonic
        // clock.
        let judged = self.hub_time(monotonic_ms).map_or(judged, |hub| {
            let apart_ms = wall.signed_duration_since(hub).num_milliseconds().abs();
            if apart_ms > CLOCK_BACK_MS_MAX { ClockTrust::Untrusted } else { ClockTrust::Trusted }
        });
        let told_wrong = shared.told_wrong.load(Ordering::Acquire);
        let trust = if told_wrong { ClockTrust::Untrusted } else { judged };
        let offset_minutes = offset_minutes(shared.zone, wall);
        ClockReading { wall, offset_minutes, monotonic_ms, boot: shared.boot, trust }
    }

    /// Now, and what to decide by. While the wall clock is doubted, decisions are made at the last
    /// time that was sure: an offer of the season applies and no point lapses for a dead battery.
    pub(crate) fn sample(&self) -> Sample {
        let reading = self.now();
        let at = match reading.trust {
            ClockTrust::Trusted => reading.wall,
            ClockTrust::Untrusted => self.certain(reading.monotonic_ms),
        };
        Sample { reading, at }
    }

    /// Remembers the wall time of a record that was trusted: the clock must not stand before it.
    pub(crate) fn note_record_time(&self, wall: DateTime<Utc>) {
        self.0.last_record_unix_ms.fetch_max(wall.timestamp_millis(), Ordering::AcqRel);
        self.note_certain(wall);
    }

    /// Remembers an instant that has passed, though no clock that was trusted said so: what is
    /// decided from now on comes after it.
    pub(crate) fn note_passed(&self, at: DateTime<Utc>) {
        self.note_certain(at);
    }

    /// The hub says what time it is, a moment ago at most: that much has passed for certain, and the
    /// wall clock is believed from now on exactly where it agrees. The computer's clock is never set.
    /// How far the hub is ahead of the wall clock, in milliseconds.
    pub(crate) fn hear_hub(&self, hub: DateTime<Utc>) -> i64 {
        let (wall, monotonic_ms) = self.both();
        let minus_monotonic_ms = hub.timestamp_millis().saturating_sub_unsigned(monotonic_ms);
        self.0.hub_minus_monotonic_ms.store(minus_monotonic_ms, Ordering::Release);
        self.note_certain(hub);
        hub.signed_duration_since(wall).num_milliseconds()
    }

    /// The hub's time by the monotonic clock, since it was told in this run.
    fn hub_time(&self, monotonic_ms: u64) -> Option<DateTime<Utc>> {
        let minus_monotonic_ms = self.0.hub_minus_monotonic_ms.load(Ordering::Acquire);
        let known = minus_monotonic_ms != i64::MIN;
        let now_ms = minus_monotonic_ms.saturating_add_unsigned(monotonic_ms);
        known.then(|| DateTime::from_timestamp_millis(now_ms)).flatten()
    }

    /// The wall time and the monotonic one.
    fn both(&self) -> (DateTime<Utc>, u64) {
        match &self.0.source {
            Source::System { started, uptime_at_start_ms } => {
                let since_start_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(0);
                (Utc::now().trunc_subsecs(3), uptime_at_start_ms + since_start_ms)
            }
            #[cfg(any(test, feature = "demo"))]
            Source::Simulated(simulation) => {
                let now = *simulation.lock().unwrap_or_else(PoisonError::into_inner);
                (now.wall, now.monotonic_ms)
            }
        }
    }

    /// What the wall clock should say by the monotonic one, since it was last trusted in this run.
    fn expected(&self, monotonic_ms: u64) -> Option<DateTime<Utc>> {
        let minus_monotonic_ms = self.0.trusted_minus_monotonic_ms.load(Ordering::Acquire);
        let known = minus_monotonic_ms != i64::MIN;
        let now_ms = minus_monotonic_ms.saturating_add_unsigned(monotonic_ms);
        known.then(|| DateTime::from_timestamp_millis(now_ms)).flatten()
    }

    fn expect_from(&self, wall: DateTime<Utc>, monotonic_ms: u64) {
        let minus_monotonic_ms = wall.timestamp_millis().saturating_sub_unsigned(monotonic_ms);
        self.0.trusted_minus_monotonic_ms.store(minus_monotonic_ms, Ordering::Release);
    }

    fn note_certain(&self, passed: DateTime<Utc>) {
        let minus_monotonic_ms = passed.timestamp_millis().saturating_sub_unsigned(self.both().1);
        self.0.certain_minus_monotonic_ms.fetch_max(minus_monotonic_ms, Ordering::AcqRel);
    }

    fn certain(&self, monotonic_ms: u64) -> DateTime<Utc> {
        let minus_monotonic_ms = self.0.certain_minus_monotonic_ms.load(Ordering::Acquire);
        DateTime::from_timestamp_millis(minus_monotonic_ms.saturating_add_unsigned(monotonic_ms))
            .unwrap_or_else(build_date)
    }

    /// Says what somebody who knows better, such as the hub, thinks of this clock.
    #[cfg(test)]
    pub(crate) fn tell(&self, trust: ClockTrust) {
        self.0.told_wrong.store(trust == ClockTrust::Untrusted, Ordering::Release);
    }

    /// Moves a simulated clock to `wall`; its monotonic time goes along when that is forward.
    /// On the system's clock it does nothing: this program never sets that.
    #[cfg(any(test, feature = "demo"))]
    pub(crate) fn move_to(&self, wall: DateTime<Utc>) {
        if let Source::Simulated(simulation) = &self.0.source {
            let mut now = simulation.lock().unwrap_or_else(PoisonError::into_inner);
            let passed_ms = wall.signed_duration_since(now.wall).num_milliseconds();
            now.monotonic_ms += u64::try_from(passed_ms).unwrap_or(0);
            now.wall = wall.trunc_subsecs(3);
        }
    }

    /// Sets a simulated clock to `wall` as a person would set a wrong clock: no time passes.
    #[cfg(test)]
    pub(crate) fn set_wall(&self, wall: DateTime<Utc>) {
        if let Source::Simulated(simulation) = &self.0.source {
            let mut now = simulation.lock().unwrap_or_else(PoisonError::into_inner);
            now.wall = wall.trunc_subsecs(3);
        }
    }

    fn last_record(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.0.last_record_unix_ms.load(Ordering::Acquire))
    }
}

/// The build date that [`judge`] is given in production.
pub(crate) fn build_date() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(BUILD_DATE_UNIX_MS).unwrap_or(DateTime::UNIX_EPOCH)
}

/// Whether `wall` can be the time, given the latest trusted record and what the monotonic clock
/// expects, where it was ever trusted in this run.
pub(crate) fn judge(
    wall: DateTime<Utc>,
    last_record: Option<DateTime<Utc>>,
    expected: Option<DateTime<Utc>>,
) -> ClockTrust {
    let ms_ahead_of = |before: DateTime<Utc>| wall.signed_duration_since(before).num_milliseconds();
    let possible = (0..=CLOCK_AHEAD_MS_MAX).contains(&ms_ahead_of(build_date()));
    let behind_record = last_record.is_some_and(|last| ms_ahead_of(last) < -CLOCK_BACK_MS_MAX);
    let leapt = expected.is_some_and(|expected| ms_ahead_of(expected) > CLOCK_LEAP_MS_MAX);
    if !possible || behind_record || leapt { ClockTrust::Untrusted } else { ClockTrust::Trusted }
}

/// Finds jumps in a row of readings; pure.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct JumpDetector {
    last: Option<ClockReading>,
}

impl JumpDetector {
    /// Takes the next reading. Across a boot nothing can be told, so nothing is.
    pub(crate) fn feed(&mut self, reading: ClockReading) -> Option<ClockJump> {
        let last = self.last.replace(reading)?;
        if last.boot != reading.boot {
            return None;
        }
        let wall_ms = reading.wall.signed_duration_since(last.wall).num_milliseconds();
        let monotonic_ms = i128::from(reading.monotonic_ms) - i128::from(last.monotonic_ms);
        let by_ms = i64::try_from(i128::from(wall_ms) - monotonic_ms).ok()?;
        if by_ms.abs() <= CLOCK_JUMP_MS_MIN {
            return None;
        }
        let from = reading.wall.checked_sub_signed(TimeDelta::try_milliseconds(by_ms)?)?;
        Some(ClockJump { from, to: reading.wall })
    }
}

/// The zone's offset from UTC, east positive.
fn offset_minutes(zone: Tz, at: DateTime<Utc>) -> i16 {
    let offset_s = zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
    i16::try_from(offset_s / 60).unwrap_or(0)
}

fn uptime_ms() -> u64 {
    let text = fs::read_to_string(UPTIME_PATH).unwrap_or_default();
    parse_uptime_ms(&text).unwrap_or(0)
}

fn parse_uptime_ms(text: &str) -> Option<u64> {
    let (seconds, hundredths) = text.split_whitespace().next()?.split_once('.')?;
    let (seconds, hundredths) = (seconds.parse::<u64>().ok()?, hundredths.parse::<u64>().ok()?);
    seconds.checked_mul(1_000)?.checked_add(hundredths.checked_mul(10)?)
}

fn boot_id() -> BootId {
    let text = fs::read_to_string(BOOT_ID_PATH).unwrap_or_default();
    parse_boot_id(&text).unwrap_or_else(|| {
        // Another system, or a sandbox: every run counts as a boot of its own.
        let mut random = [0; 16];
        if SystemRandom::new().fill(&mut random).is_err() {
            tracing::warn!("no boot id and no random numbers");
        }
        BootId(random)
    })
}

fn parse_boot_id(text: &str) -> Option<BootId> {
    let hex: String = text.trim().chars().filter(|character| *character != '-').collect();
    let number = u128::from_str_radix(&hex, 16).ok().filter(|_| hex.len() == 32)?;
    Some(BootId(number.to_be_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WARSAW: Tz = Tz::Europe__Warsaw;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn a_clock_is_believed_unless_it_stands_before_what_is_known() {
        let cases = [
            ("2026-05-01T12:00:00Z", None, ClockTrust::Trusted),
            ("2026-01-01T00:00:00Z", None, ClockTrust::Trusted),
            ("2025-12-31T23:59:59.999Z", None, ClockTrust::Untrusted),
            ("1970-01-01T00:00:07Z", None, ClockTrust::Untrusted),
            ("2026-05-01T12:00:00Z", Some("2026-05-01T11:00:00Z"), ClockTrust::Trusted),
            ("2026-05-01T12:00:00Z", Some("2026-05-01T12:02:00Z"), ClockTrust::Trusted),
            ("2026-05-01T12:00:00Z", Some("2026-05-01T12:02:00.001Z"), ClockTrust::Untrusted),
            ("1970-01-01T00:00:07Z", Some("1969-01-01T00:00:00Z"), ClockTrust::Untrusted),
            ("2035-12-01T00:00:00Z", Some("2026-05-01T12:00:00Z"), ClockTrust::Trusted),
            ("2040-01-01T00:00:00Z", None, ClockTrust::Untrusted),
        ];
        for (wall, last, trust) in cases {
            assert_eq!(judge(at(wall), last.map(at), None), trust, "{wall} {last:?}");
        }
    }

    #[test]
    fn a_clock_that_leaps_ahead_is_doubted_until_it_is_back() {
        let last = Some(at("2026-05-01T12:00:00Z"));
        let expected = Some(at("2026-05-01T12:00:01Z"));
        let cases = [
            ("2026-05-01T12:00:01Z", ClockTrust::Trusted),
            ("2026-05-30T12:00:00Z", ClockTrust::Trusted),
            ("2026-06-02T12:00:00Z", ClockTrust::Untrusted),
            ("2027-05-01T12:00:00Z", ClockTrust::Untrusted),
        ];
        for (wall, trust) in cases {
            assert_eq!(judge(at(wall), last, expected), trust, "{wall}");
        }
        let clock = Clock::system(WARSAW);
        let now = clock.now();
        assert_eq!(clock.expected(now.monotonic_ms), Some(now.wall), "from the latest trusted one");
    }

    #[test]
    fn the_build_date_is_the_first_of_2026() {
        assert_eq!(build_date(), at("2026-01-01T00:00:00Z"));
    }

    #[test]
    fn the_systems_clock_is_doubted_after_a_later_record_or_when_told() {
        let clock = Clock::system(WARSAW);
        clock.tell(ClockTrust::Untrusted);
        assert_eq!(clock.now().trust, ClockTrust::Untrusted);
        clock.tell(ClockTrust::Trusted);
        clock.note_record_time(clock.now().wall + TimeDelta::days(400));
        assert_eq!(clock.now().trust, ClockTrust::Untrusted);
    }

    #[test]
    fn a_doubted_clock_decides_at_the_last_sure_time_and_what_passed_since() {
        let clock = Clock::simulated(at("2026-05-01T09:00:00Z"), WARSAW);
        assert_eq!(clock.sample().at, at("2026-05-01T09:00:00Z"), "trusted: the wall time");
        clock.tell(ClockTrust::Untrusted);
        assert_eq!(clock.sample().at, build_date(), "no record yet");
        clock.note_record_time(at("2026-05-01T09:00:00Z"));
        for wall in ["1970-01-01T00:00:00Z", "2040-01-01T00:00:00Z"] {
            clock.set_wall(at(wall));
            assert_eq!(clock.sample().at, at("2026-05-01T09:00:00Z"), "{wall}");
            assert_eq!(clock.sample().reading.wall, at(wall));
        }
        clock.move_to(at("2040-01-01T00:10:00Z"));
        assert_eq!(clock.sample().at, at("2026-05-01T09:10:00Z"), "ten minutes later");
        clock.note_record_time(at("2026-04-01T00:00:00Z"));
        assert_eq!(clock.sample().at, at("2026-05-01T09:10:00Z"), "never back");
    }

    #[test]
    fn the_hub_says_whether_a_clock_is_right_and_is_believed_until_it_speaks_again() {
        let wrong = ["1970-01-01T00:00:00Z", "2040-01-01T00:00:00Z", "2026-05-01T09:02:01Z"];
        for wall in wrong {
            let clock = Clock::simulated(at(wall), WARSAW);
            assert_eq!(clock.hear_hub(at("2026-05-01T09:00:00Z")).signum() > 0, wall < "2026");
            assert_eq!(clock.now().trust, ClockTrust::Untrusted, "{wall}");
            assert_eq!(clock.sample().at, at("2026-05-01T09:00:00Z"), "{wall}: the hub's");
            clock.move_to(at(wall) + TimeDelta::minutes(10));
            assert_eq!(clock.sample().at, at("2026-05-01T09:10:00Z"), "{wall}: moved on");
            clock.set_wall(at("2026-05-01T09:11:00Z"));
            assert_eq!(clock.now().trust, ClockTrust::Trusted, "{wall}: set right");
        }
        let clock = Clock::system(WARSAW);
        let wall = clock.now().wall;
        clock.note_record_time(wall + TimeDelta::days(400));
        assert_eq!(clock.now().trust, ClockTrust::Untrusted, "a record of the future");
        let ahead_ms = clock.hear_hub(wall + TimeDelta::seconds(30));
        assert!((29_000..=30_000).contains(&ahead_ms), "{ahead_ms}");
        assert_eq!(clock.now().trust, ClockTrust::Trusted, "the hub knows better");
    }

    #[test]
    fn readings_are_whole_milliseconds_and_never_run_back() {
        let clock = Clock::system(WARSAW);
        let (first, second) = (clock.now(), clock.now());
        assert_eq!(first.wall, first.wall.trunc_subsecs(3));
        assert!(second.monotonic_ms >= first.monotonic_ms);
        assert_eq!(first.boot, Clock::system(WARSAW).now().boot, "one boot has one name");
    }

    #[test]
    fn a_simulated_clock_stands_where_it_is_put_and_clones_share_it() {
        let clock = Clock::simulated(at("1997-01-01T09:00:00Z"), WARSAW);
        clock.clone().move_to(at("1997-01-02T09:00:00Z"));
        let now = clock.now();
        assert_eq!((now.wall, now.monotonic_ms), (at("1997-01-02T09:00:00Z"), 86_400_000));
        assert_eq!(now.trust, ClockTrust::Trusted);
    }

    #[test]
    fn a_reading_carries_the_stores_offset_of_that_day() {
        for (wall, minutes) in [("2026-01-15T12:00:00Z", 60), ("2026-07-15T12:00:00Z", 120)] {
            assert_eq!(Clock::simulated(at(wall), WARSAW).now().offset_minutes, minutes, "{wall}");
        }
    }

    #[test]
    fn only_a_clock_that_was_set_jumps() {
        // Seconds on the wall and on the monotonic clock, the boot, and the jump in seconds.
        let cases = [
            (1_000, 1_000, 1, None),
            (1_060, 1_060, 1, None),
            (1_180, 1_060, 1, None),
            (1_302, 1_061, 1, Some(121_000)),
            // A night's sleep passes on both.
            (31_302, 31_061, 1, None),
            (1_302, 31_061, 1, Some(-30_000_000)),
            // After a boot the monotonic clock begins again.
            (900_000, 5, 2, None),
            (900_121, 5, 2, Some(121_000)),
        ];
        let mut detector = JumpDetector::default();
        for (wall_s, monotonic_s, boot, jump_ms) in cases {
            let reading = ClockReading {
                wall: DateTime::from_timestamp(wall_s, 0).expect("a time"),
                monotonic_ms: monotonic_s * 1_000,
                offset_minutes: 0,
                boot: BootId([boot; 16]),
                trust: ClockTrust::Trusted,
            };
            let jump = detector.feed(reading).map(|jump| (jump.to - jump.from).num_milliseconds());
            assert_eq!(jump, jump_ms, "at {wall_s} s");
        }
    }

    #[test]
    fn a_wrong_clock_that_is_set_right_jumps() {
        let clock = Clock::simulated(at("2026-05-01T09:00:00Z"), WARSAW);
        let mut detector = JumpDetector::default();
        assert_eq!(detector.feed(clock.now()), None);
        clock.move_to(at("2026-05-01T19:00:00Z"));
        assert_eq!(detector.feed(clock.now()), None);
        clock.set_wall(at("2026-05-01T17:00:00Z"));
        let to = at("2026-05-01T17:00:00Z");
        assert_eq!(
            detector.feed(clock.now()),
            Some(ClockJump { from: at("2026-05-01T19:00:00Z"), to })
        );
    }

    #[test]
    fn the_kernels_words_are_understood() {
        assert_eq!(parse_uptime_ms("350735.47 234388.90\n"), Some(350_735_470));
        let id = parse_boot_id("00000000-0000-0000-0000-0000000001ff\n").expect("an id");
        assert_eq!(id.0[14..], [0x01, 0xff]);
        for wrong in ["", "x", "1ff", "-"] {
            assert_eq!((parse_uptime_ms(wrong), parse_boot_id(wrong)), (None, None), "{wrong}");
        }
    }
}
