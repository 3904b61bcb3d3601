//! Commits: how many, how soon, how many share an fsync; against a skeleton and plain commits.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::client::{self, Answered, request};
use crate::server::Server;
use crate::shim::Disk;
use crate::table::{Verdict, median, ms, percentile};
use crate::world::{Dice, OFFERS, Receipts, World, plain_programme_text};
use crate::{Bench, Outcome};

/// Clients of the load.
pub const CLIENTS: usize = 64;
/// Commits before the measured ones.
pub const WARM_UP: usize = 2_000;
const PER_SECOND_MIN: f64 = 5_000.0;
const PER_FSYNC_MIN: f64 = 16.0;
const SKELETON_SHARE_MIN: f64 = 0.4;
const SLOWER_BY_MS: u32 = 5;
const OVER_PLAIN_MIN: f64 = 10.0;
const SLOW_P99_MAX: Duration = Duration::from_millis(50);
const PLAIN_SECONDS: u64 = 5;
const CROWD: usize = 128;
const CROWD_COMMITS_EACH: usize = 20;
const CROWD_MAX: Duration = Duration::from_millis(250);

/// Receipts whose payable the agent at `address` decided.
pub fn receipts(address: &str, members: u64) -> Outcome<Receipts> {
    Receipts::new(members, |body| {
        let quote = request("POST", "/v1/quotes", &body.to_string());
        let (status, reply) = client::ask(address, &quote)?;
        let payable = reply["totals"]["payable"].as_i64();
        payable.ok_or_else(|| format!("a quote got {status}: {reply}").into())
    })
}

/// So many commits of new receipts; `prefix` keeps their ids apart from earlier ones.
pub fn requests(receipts: &Receipts, prefix: &str, count: usize) -> Vec<Vec<u8>> {
    let seed = prefix.bytes().fold(5, |seed: u64, byte| seed * 31 + u64::from(byte));
    let mut dice = Dice::new(seed);
    let commit = |number| {
        request("PUT", &format!("/v1/receipts/{prefix}{number}"), &receipts.body(&mut dice))
    };
    (0..count).map(commit).collect()
}

/// A load that must be answered whole.
pub fn load(address: &str, clients: usize, requests: Vec<Vec<u8>>) -> Outcome<Answered> {
    let answered = client::send(address, clients, 201, requests)?;
    if answered.refused > 0 {
        return Err(format!("{} commits were refused", answered.refused).into());
    }
    Ok(answered)
}

/// A load of [`CLIENTS`], and the processor time in microseconds that the server spent on each.
pub fn load_costing(server: &Server, requests: Vec<Vec<u8>>) -> Outcome<(Answered, f64)> {
    let before = server.cpu_seconds()?;
    let answered = load(&server.address, CLIENTS, requests)?;
    let cost = server.cpu_seconds()? - before;
    let each = cost * 1e6 / answered.times.len() as f64;
    Ok((answered, each))
}

pub fn run(bench: &mut Bench, world: &World) -> Outcome<()> {
    let world = world.copy_to(bench.folder.path().join("commits"))?;
    let every_kind = measure(bench, &world, "e")?;
    world.activate(&plain_programme_text(OFFERS))?;
    let plain = measure(bench, &world, "p")?;
    std::fs::remove_dir_all(&world.data)?;
    let table = &mut bench.table;
    table.add(
        format!("signed commits a second, {CLIENTS} clients"),
        format!("{:.0}", plain.rate),
        format!("bare skeleton {:.0}", plain.floor),
        format!(">= {PER_SECOND_MIN}"),
        Verdict::of(plain.rate >= PER_SECOND_MIN),
    );
    table.add(
        "share of the bare skeleton",
        format!("{:.2}", plain.share),
        "1",
        format!(">= {SKELETON_SHARE_MIN}"),
        Verdict::of(plain.share >= SKELETON_SHARE_MIN),
    );
    table.add(
        "commits per fsync, counted",
        format!("{:.1}", plain.per_fsync),
        "1",
        format!(">= {PER_FSYNC_MIN}"),
        Verdict::of(plain.per_fsync >= PER_FSYNC_MIN),
    );
    table.add("time of such a commit", spread(&plain.times), "", "", Verdict::Told);
    table.add(
        "processor time of such a commit",
        format!("{:.0} us", plain.cost),
        format!("bare skeleton {:.0} us", plain.floor_cost),
        "",
        Verdict::Told,
    );
    table.add(
        "commits a second, with limits, milestones, codes and vouchers",
        format!("{:.0}, share {:.2}, {:.0} us", every_kind.rate, every_kind.share, every_kind.cost),
        format!("bare skeleton {:.0}", every_kind.floor),
        format!(">= {PER_SECOND_MIN}"),
        Verdict::of(every_kind.rate >= PER_SECOND_MIN),
    );
    Ok(())
}

/// What commits came to, beside the skeleton.
struct Measured {
    rate: f64,
    floor: f64,
    share: f64,
    per_fsync: f64,
    cost: f64,
    floor_cost: f64,
    times: Vec<Duration>,
}

fn measure(bench: &mut Bench, world: &World, name: &str) -> Outcome<Measured> {
    let (mut rates, mut shares, mut floors) = (Vec::new(), Vec::new(), Vec::new());
    let (mut times, mut per_fsync) = (Vec::new(), Vec::new());
    let (mut costs, mut floor_costs) = (Vec::new(), Vec::new());
    for round in 0..bench.size.rounds {
        let agent = Server::agent(&world.data, &bench.shim, Disk::AsItIs)?;
        let receipts = receipts(&agent.address, world.members)?;
        let of = |kind: &str, count| requests(&receipts, &format!("{name}{kind}{round}-"), count);
        load(&agent.address, CLIENTS, of("w", WARM_UP))?;
        let before = bench.shim.fsyncs()?;
        let (answered, cost) = load_costing(&agent, of("c", bench.size.commits))?;
        let fsyncs = bench.shim.fsyncs()? - before;
        agent.stop()?;
        costs.push(cost);
        per_fsync.push(answered.times.len() as f64 / fsyncs as f64);
        rates.push(answered.per_second());
        let bare = folder(bench, &format!("skeleton-{name}{round}"))?;
        let skeleton = Server::floor(&["--floor", "skeleton", &bare], &bench.shim, Disk::AsItIs)?;
        load(&skeleton.address, CLIENTS, of("w", WARM_UP))?;
        let (floor, cost) = load_costing(&skeleton, of("c", bench.size.commits))?;
        floor_costs.push(cost);
        floors.push(floor.per_second());
        shares.push(answered.per_second() / floor.per_second());
        times.extend(answered.times);
    }
    Ok(Measured {
        rate: median(rates),
        floor: median(floors),
        share: median(shares),
        per_fsync: per_fsync.iter().copied().fold(f64::INFINITY, f64::min),
        cost: median(costs),
        floor_cost: median(floor_costs),
        times,
    })
}

pub fn run_slow_disk(bench: &mut Bench, world: &World) -> Outcome<()> {
    let disk = Disk::SlowerByMs(SLOWER_BY_MS);
    let world = world.copy_to(bench.folder.path().join("slow"))?;
    let agent = Server::agent(&world.data, &bench.shim, disk)?;
    let receipts = receipts(&agent.address, world.members)?;
    load(&agent.address, CLIENTS, requests(&receipts, "w-", WARM_UP))?;
    let before = bench.shim.fsyncs()?;
    let slow = requests(&receipts, "s-", bench.size.slow_commits);
    let answered = load(&agent.address, CLIENTS, slow)?;
    let per_fsync = answered.times.len() as f64 / (bench.shim.fsyncs()? - before) as f64;
    agent.stop()?;
    std::fs::remove_dir_all(&world.data)?;
    let plain = plain_commits_per_second(bench, disk)?;
    let (rate, worst) = (answered.per_second(), percentile(&answered.times, 99.0));
    let table = &mut bench.table;
    table.add(
        format!("commits a second, fsync slower by {SLOWER_BY_MS} ms"),
        format!("{rate:.0} = {:.1}x, {per_fsync:.1} per fsync", rate / plain),
        format!("plain single-row commits {plain:.0}"),
        format!(">= {OVER_PLAIN_MIN}x"),
        Verdict::of(rate >= OVER_PLAIN_MIN * plain),
    );
    table.add(
        "time of such a commit, p99",
        spread(&answered.times),
        "",
        format!("< {} ms", SLOW_P99_MAX.as_millis()),
        Verdict::of(worst < SLOW_P99_MAX),
    );
    Ok(())
}

pub fn run_crowd(bench: &mut Bench, world: &World) -> Outcome<()> {
    let world = world.copy_to(bench.folder.path().join("crowd"))?;
    let agent = Server::agent(&world.data, &bench.shim, Disk::AsItIs)?;
    let receipts = receipts(&agent.address, world.members)?;
    let count = CROWD * CROWD_COMMITS_EACH;
    let answered = load(&agent.address, CROWD, requests(&receipts, "p-", count))?;
    agent.stop()?;
    std::fs::remove_dir_all(&world.data)?;
    let worst = percentile(&answered.times, 100.0);
    bench.table.add(
        format!("{CROWD} clients, one commit in flight each"),
        format!("{} of {count} answered, {}", answered.times.len(), spread(&answered.times)),
        "",
        format!("all, max < {} ms", CROWD_MAX.as_millis()),
        Verdict::of(answered.times.len() == count && worst < CROWD_MAX),
    );
    Ok(())
}

fn plain_commits_per_second(bench: &Bench, disk: Disk) -> Outcome<f64> {
    let bare = folder(bench, "plain")?;
    let mut plain = Command::new(std::env::current_exe()?);
    plain.args(["--floor", "plain", &bare, &PLAIN_SECONDS.to_string()]);
    bench.shim.preload(&mut plain, disk)?;
    let output = plain.stderr(Stdio::inherit()).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

fn folder(bench: &Bench, name: &str) -> Outcome<String> {
    let path: PathBuf = bench.folder.path().join(name);
    path.into_os_string().into_string().map_err(|_| "the folder's name is not UTF-8".into())
}

fn spread(times: &[Duration]) -> String {
    let at = |percent| ms(percentile(times, percent));
    format!("p50 {}, p99 {}, max {}", at(50.0), at(99.0), at(100.0))
}
