//! Memory and start.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::commits::{CLIENTS, load, receipts, requests};
use crate::server::{Server, resident_mib};
use crate::table::{Verdict, ms};
use crate::world::World;
use crate::{Bench, Outcome};

const IDLE_MIB_MAX: f64 = 12.0;
const LOADED_MIB_MAX: f64 = 24.0;
const AFTER_MIB_MAX: f64 = 16.0;
const READY_MAX: Duration = Duration::from_millis(300);
const STARTS: usize = 5;
/// Nothing is sent for so long before memory is called idle.
const IDLE: Duration = Duration::from_secs(2);
const AFTER: Duration = Duration::from_secs(5);
const SAMPLE_EVERY: Duration = Duration::from_millis(20);

pub fn run(bench: &mut Bench, world: &World) -> Outcome<()> {
    let world = world.copy_to(bench.folder.path().join("footprint"))?;
    let mut slowest = Duration::ZERO;
    for _ in 0..STARTS {
        let agent = Server::bare_agent(&world.data)?;
        slowest = slowest.max(agent.ready_in);
        agent.stop()?;
    }
    bench.table.add(
        "start to ready",
        format!("{} (slowest of {STARTS})", ms(slowest)),
        "",
        format!("< {} ms", READY_MAX.as_millis()),
        Verdict::of(slowest < READY_MAX),
    );

    let agent = Server::bare_agent(&world.data)?;
    thread::sleep(IDLE);
    let idle = agent.resident_mib()?;
    told(bench, "idle", idle, IDLE_MIB_MAX);
    let receipts = receipts(&agent.address, world.members)?;
    let commits = requests(&receipts, "m-", bench.size.commits);
    let loaded = most_while(agent.pid(), || load(&agent.address, CLIENTS, commits).map(drop))?;
    told(bench, &format!("at most under {CLIENTS} clients"), loaded, LOADED_MIB_MAX);
    thread::sleep(AFTER);
    let after = agent.resident_mib()?;
    told(bench, &format!("{} s after that", AFTER.as_secs()), after, AFTER_MIB_MAX);
    agent.stop()?;
    std::fs::remove_dir_all(&world.data)?;
    Ok(())
}

fn told(bench: &mut Bench, when: &str, mib: f64, most: f64) {
    let figure = format!("resident memory, {when}");
    let measured = format!("{mib:.1} MiB");
    bench.table.add(figure, measured, "", format!("< {most} MiB"), Verdict::of(mib < most));
}

/// The most resident memory that a process has while something is done.
fn most_while(pid: u32, work: impl FnOnce() -> Outcome<()>) -> Outcome<f64> {
    let done = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&done);
    let watcher = thread::spawn(move || {
        let mut most = 0.0_f64;
        while !seen.load(Ordering::Acquire) {
            most = most.max(resident_mib(pid).unwrap_or_default());
            thread::sleep(SAMPLE_EVERY);
        }
        most
    });
    let worked = work();
    done.store(true, Ordering::Release);
    let most = watcher.join().map_err(|_| "the watcher panicked")?;
    worked.map(|()| most)
}
