//! What a commit costs the processor, whatever the number of members and of records before it.

use tillward::agent::probe;

use crate::commits::{CLIENTS, WARM_UP, load, load_costing, receipts, requests};
use crate::server::Server;
use crate::shim::Disk;
use crate::table::{Verdict, median};
use crate::world::{Dice, Receipts, World};
use crate::{Bench, Outcome};

/// The small shop.
const MEMBERS_FEW: u64 = 10_000;
/// How much more or less a commit may cost.
const CHANGE_MAX: f64 = 0.2;

pub fn run(bench: &mut Bench, world: &World) -> Outcome<()> {
    let small = World::make(bench.folder.path(), MEMBERS_FEW)?;
    crate::settle(bench, &small)?;
    let large = world.copy_to(bench.folder.path().join("large"))?;
    let full = world.copy_to(bench.folder.path().join("full"))?;
    fill(bench, &full)?;
    // Taken in turns, so that what else the machine does falls on all alike.
    let worlds = [&small, &large, &full];
    let mut costs = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..bench.size.rounds {
        for (world, costs) in worlds.iter().zip(&mut costs) {
            costs.push(microseconds(bench, world, round)?);
        }
    }
    let [small, large, full] = costs.map(median);
    let (members, before) = (bench.size.members, bench.size.records_before);
    told(
        bench,
        &format!("processor time of a commit, {members} members"),
        large,
        small,
        &format!("{MEMBERS_FEW} members"),
    );
    told(
        bench,
        &format!("processor time of a commit, {before} records before"),
        full,
        large,
        "0 records before",
    );
    Ok(())
}

fn told(bench: &mut Bench, figure: &str, cost: f64, floor: f64, beside: &str) {
    let change = cost / floor - 1.0;
    bench.table.add(
        figure,
        format!("{cost:.0} us ({:+.0} %)", change * 100.0),
        format!("{beside}: {floor:.0} us"),
        format!("+-{:.0} %", CHANGE_MAX * 100.0),
        Verdict::of(change.abs() <= CHANGE_MAX),
    );
}

/// Puts records into the journal before the measuring.
fn fill(bench: &Bench, world: &World) -> Outcome<()> {
    let agent = Server::agent(&world.data, &bench.shim, Disk::AsItIs)?;
    let receipts: Receipts = receipts(&agent.address, world.members)?;
    agent.stop()?;
    let mut dice = Dice::new(9);
    let commits = (0..bench.size.records_before)
        .map(|number| (format!("before-{number}"), receipts.body(&mut dice)));
    probe::commit_receipts(&world.data, commits)
}

fn microseconds(bench: &Bench, world: &World, round: usize) -> Outcome<f64> {
    let agent = Server::agent(&world.data, &bench.shim, Disk::AsItIs)?;
    let receipts = receipts(&agent.address, world.members)?;
    let of = |name: &str, count| requests(&receipts, &format!("{name}{round}-"), count);
    load(&agent.address, CLIENTS, of("w", WARM_UP))?;
    let (_, cost) = load_costing(&agent, of("f", bench.size.commits))?;
    agent.stop()?;
    Ok(cost)
}
