//! Quotes: 50 lines, 500 offers, another member each time.

use std::time::Duration;

use serde_json::Value;
use tillward::agent::probe;

use crate::client::{self, request};
use crate::server::Server;
use crate::shim::Disk;
use crate::table::{Verdict, ms, percentile};
use crate::world::{
    Dice, World, lines, programme_text, quote_body, worst_lines, worst_programme_text,
};
use crate::{Bench, Outcome};

const LINES: usize = 50;
const IN_PROCESS_MAX: Duration = Duration::from_millis(1);
const OVER_HTTP_MAX: Duration = Duration::from_millis(3);
/// As many as a programme may have.
const OFFERS_MAX: u64 = tillward::wire::programme::OFFERS_MAX as u64;
const LARGE_LINES: usize = 200;
const LARGE_MAX: Duration = Duration::from_millis(10);
const LARGE_MEMBERS: u64 = 10_000;
const LARGE_QUOTES: usize = 500;
/// The worst programme that a check takes, on a large basket and on the largest that there is.
const WORST_MAX: Duration = Duration::from_millis(20);
const LARGEST_LINES: usize = tillward::loyalty::LINES_MAX;
const LARGEST_QUOTES: usize = 20;
const LARGEST_MAX: Duration = Duration::from_secs(1);
/// Quotes before the measured ones: caches are as in a running shop.
const WARM_UP: usize = 200;

pub fn run(bench: &mut Bench, world: &World) -> Outcome<()> {
    let count = bench.size.quotes + WARM_UP;
    let mut dice = Dice::new(1);
    let bodies: Vec<String> = (0..count)
        .map(|_| {
            let lines = lines(&mut dice, LINES);
            quote_body(&lines, dice.below(world.members)).to_string()
        })
        .collect();
    let times = probe::time_quotes(&world.data, &bodies)?;
    told(bench, "in process", &times[WARM_UP..], String::new(), IN_PROCESS_MAX);

    let agent = Server::agent(&world.data, &bench.shim, Disk::AsItIs)?;
    let requests = bodies.iter().map(|body| request("POST", "/v1/quotes", body)).collect();
    let answered = client::send(&agent.address, 1, 200, requests)?;
    if answered.refused > 0 {
        return Err(format!("{} quotes were refused", answered.refused).into());
    }
    let health = vec![request("GET", "/healthz", ""); count];
    let health = client::send(&agent.address, 1, 200, health)?;
    let floor = format!("/healthz p99 {}", ms(percentile(&health.times, 99.0)));
    told(bench, "over HTTP", &answered.times[WARM_UP..], floor, OVER_HTTP_MAX);
    agent.stop()
}

/// The largest programme that is taken, on a large basket; and the worst.
pub fn run_large(bench: &mut Bench, _: &World) -> Outcome<()> {
    let every_kind = format!("{OFFERS_MAX} offers of every kind");
    let worst = "the worst sound programme";
    let same: fn(&mut Dice, usize) -> Vec<Value> = |_, count| worst_lines(count);
    let rows = [
        Row {
            programme: programme_text(OFFERS_MAX),
            kind: &every_kind,
            basket: lines,
            lines: LARGE_LINES,
            quotes: LARGE_QUOTES,
            most: LARGE_MAX,
        },
        Row {
            programme: worst_programme_text(),
            kind: worst,
            basket: same,
            lines: LARGE_LINES,
            quotes: LARGE_QUOTES,
            most: WORST_MAX,
        },
        Row {
            programme: worst_programme_text(),
            kind: worst,
            basket: same,
            lines: LARGEST_LINES,
            quotes: LARGEST_QUOTES,
            most: LARGEST_MAX,
        },
    ];
    for (number, row) in rows.into_iter().enumerate() {
        let Row { programme, kind, basket, lines, quotes, most } = row;
        let data = bench.folder.path().join(format!("large{number}"));
        let world = World::under(data, LARGE_MEMBERS, &programme)?;
        let mut dice = Dice::new(9);
        let bodies: Vec<String> = (0..quotes)
            .map(|_| {
                let lines = basket(&mut dice, lines);
                quote_body(&lines, dice.below(LARGE_MEMBERS)).to_string()
            })
            .collect();
        let times = probe::time_quotes(&world.data, &bodies)?;
        let (half, slowest) = (percentile(&times, 50.0), percentile(&times, 99.0));
        bench.table.add(
            format!("quote of {lines} lines, {kind}, p99"),
            format!("{} (p50 {})", ms(slowest), ms(half)),
            "",
            format!("< {} ms", most.as_millis()),
            Verdict::of(slowest < most),
        );
        std::fs::remove_dir_all(&world.data)?;
    }
    Ok(())
}

/// A large basket under a programme.
struct Row<'k> {
    programme: String,
    kind: &'k str,
    basket: fn(&mut Dice, usize) -> Vec<Value>,
    lines: usize,
    quotes: usize,
    most: Duration,
}

fn told(bench: &mut Bench, how: &str, times: &[Duration], floor: String, most: Duration) {
    let (half, worst) = (percentile(times, 50.0), percentile(times, 99.0));
    bench.table.add(
        format!("quote of {LINES} lines {how}, p99"),
        format!("{} (p50 {})", ms(worst), ms(half)),
        floor,
        format!("< {} ms", most.as_millis()),
        Verdict::of(worst < most),
    );
}
