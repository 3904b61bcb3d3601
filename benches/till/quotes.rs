//! Quotes: 50 lines, 500 offers, another member each time.

use std::time::Duration;

use tillward::agent::probe;

use crate::client::{self, request};
use crate::server::Server;
use crate::shim::Disk;
use crate::table::{Verdict, ms, percentile};
use crate::world::{Dice, World, lines, quote_body};
use crate::{Bench, Outcome};

const LINES: usize = 50;
const IN_PROCESS_MAX: Duration = Duration::from_millis(1);
const OVER_HTTP_MAX: Duration = Duration::from_millis(3);
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
