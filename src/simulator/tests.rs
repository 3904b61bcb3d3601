use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

/// Runs of the ordinary test.
const SEEDS: u64 = 200;
/// Steps of each: some days of a small chain.
const STEPS: u32 = 40;

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

fn steps() -> u32 {
    setting("TILLWARD_STEPS").map_or(STEPS, |steps| u32::try_from(steps).expect("that many"))
}

fn play_one(seed: u64) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(play(seed, steps()))
}

/// Plays seeds on every processor; says which ones failed.
fn play_all(seeds: Vec<u64>) -> Vec<Outcome> {
    let next = AtomicU64::new(0);
    let (outcomes, failed) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                    match catch_unwind(AssertUnwindSafe(|| play_one(*seed))) {
                        Ok(outcome) => outcomes.lock().expect("whole").push(outcome),
                        Err(_) => failed.lock().expect("whole").push(*seed),
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("whole");
    assert!(failed.is_empty(), "seeds that failed, TILLWARD_SEED=n plays one: {failed:?}");
    outcomes.into_inner().expect("whole")
}

#[test]
fn whatever_happens_nothing_is_lost_or_doubled_and_everybody_sees_the_same() {
    let seeds = match setting("TILLWARD_SEED") {
        Some(seed) => vec![seed],
        None => (0..setting("TILLWARD_SEEDS").unwrap_or(SEEDS)).collect(),
    };
    let is_ordinary = seeds.len() as u64 >= SEEDS;
    let outcomes = play_all(seeds);
    let mut fates: BTreeMap<Fate, u64> = BTreeMap::new();
    let mut flags: BTreeMap<String, u64> = BTreeMap::new();
    let (mut answered, mut days, mut crashes, mut hub_deaths) = (0, 0, 0, 0);
    for outcome in outcomes {
        answered += outcome.answered;
        days += outcome.days;
        crashes += outcome.crashes;
        hub_deaths += outcome.hub_deaths;
        for (fate, times) in outcome.fates {
            *fates.entry(fate).or_default() += times;
        }
        for (flag, times) in outcome.flags {
            *flags.entry(flag).or_default() += times;
        }
    }
    eprintln!(
        "{answered} answers, {days} days, {crashes} crashes, {hub_deaths} of the hub; {fates:?}; {flags:?}"
    );
    // A simulator in which nothing goes wrong would prove nothing.
    if is_ordinary {
        assert_eq!(fates.len(), 8, "{fates:?}");
        assert!(crashes > 100 && hub_deaths > 100, "{crashes} {hub_deaths}");
        assert!(flags.contains_key("inputs_differ"), "{flags:?}");
        assert!(flags.contains_key("voucher_used_twice"), "{flags:?}");
    }
}

#[test]
fn a_seed_gives_the_same_records_again() {
    for seed in [7, 8] {
        assert_eq!(play_one(seed), play_one(seed), "{seed}");
    }
}
