//! The main job on real purchases: `tillward demo`.
//!
//! `log` reads the purchases, `habits` says what customers do with them, `stage` sets up a shop
//! with an agent, `play` replays day by day through `till_client`, `audit` reads what came of it,
//! `oracle` computes the same from the log alone, `figures` compares, `summary` tells.
//!
//! With a hub, `stores` sets up three such tills and the hub of `centre`, to which a `line` leads that
//! can be taken away; `whereabouts` says who goes to which till, `together` plays and checks, and
//! `sync_summary` tells.

mod audit;
mod centre;
mod error;
mod figures;
mod fsyncs;
mod habits;
mod latency;
mod line;
mod log;
mod money_text;
mod oracle;
mod play;
mod progress;
mod say;
mod stage;
mod stores;
mod summary;
mod sync_summary;
mod till_client;
mod together;
mod whereabouts;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio::signal::unix::{Signal, SignalKind, signal};

use self::error::DemoError;
use self::figures::{Customer, Figures};
use self::log::Purchase;
use self::progress::Progress;
use self::say::say;
use self::stage::{Door, Stage};
use self::stores::Stores;
use self::summary::{Sold, Summary};
use self::till_client::TillClient;
use crate::agent::cli::{CommandError, DemoArgs, DemoHandler};

/// How often the simulated clock moves on while the demo serves whoever tries it.
const TICK: Duration = Duration::from_secs(1);

/// The demo, for the command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Demo;

impl DemoHandler for Demo {
    fn demo(&self, args: DemoArgs, data_dir: Option<PathBuf>) -> Result<(), CommandError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(DemoError::io("start the runtime"))?;
        runtime.block_on(run(args, data_dir))
    }
}

async fn run(args: DemoArgs, data_dir: Option<PathBuf>) -> Result<(), CommandError> {
    let mut purchases = log::purchases().map_err(DemoError::part("read the purchase log"))?;
    let customers: BTreeSet<Customer> = purchases.iter().map(|p| p.customer).collect();
    let customers: Vec<Customer> = customers.into_iter().collect();
    if let Some(receipts) = args.receipts {
        purchases.truncate(usize::try_from(receipts.get()).unwrap_or(usize::MAX));
    }
    if args.no_hub {
        alone(&args, data_dir, &purchases, &customers).await
    } else {
        with_hub(&args, data_dir, &purchases, &customers).await
    }
}

/// A hub and three tills.
async fn with_hub(
    args: &DemoArgs,
    data_dir: Option<PathBuf>,
    purchases: &[Purchase],
    customers: &[Customer],
) -> Result<(), CommandError> {
    let first_day = purchases[0].day;
    let listen = args.listen.as_ref();
    let stores = Stores::set(data_dir, listen, customers.iter().copied(), first_day).await?;
    say(&format!("data folder {}", stores.folder.display()));
    let (members, sold) = (customers.len(), purchases.len());
    say(&format!("a hub with {members} members, three tills enrolled; {sold} purchases to come"));
    let mut told_to_stop = StopSignals::new().map_err(DemoError::io("hear Ctrl-C"))?;
    let verdict = tokio::select! {
        verdict = together::perform(&stores, purchases, customers) => verdict,
        () = told_to_stop.wait() => Err(DemoError::Stopped),
    };
    if matches!(verdict, Ok(Verdict::AsExpected)) && !args.no_serve {
        say(&invitation(&stores.tills[0].running.door, purchases));
        for till in &stores.tills[1..] {
            let door = &till.running.door;
            say(&format!("{} of {} listens at {door}.", till.name, till.store));
        }
        say("What one till sells, the others know a moment later.");
        tokio::select! {
            () = let_time_pass_together(&stores) => {}
            () = told_to_stop.wait() => say("closing"),
        }
    }
    stores.strike().await?;
    ended(verdict?)
}

/// One agent that knows of no hub.
async fn alone(
    args: &DemoArgs,
    data_dir: Option<PathBuf>,
    purchases: &[Purchase],
    customers: &[Customer],
) -> Result<(), CommandError> {
    let first_day = purchases[0].day;
    let listen = args.listen.as_ref();
    let stage = Stage::set(data_dir, listen, customers.iter().copied(), first_day).await?;
    say(&format!("data folder {}", stage.till.agent.folder.display()));
    say(&format!("{} members, {} purchases, the shop opens", customers.len(), purchases.len()));
    let mut told_to_stop = StopSignals::new().map_err(DemoError::io("hear Ctrl-C"))?;
    let verdict = tokio::select! {
        verdict = perform(&stage, purchases, customers) => verdict,
        () = told_to_stop.wait() => Err(DemoError::Stopped),
    };
    if matches!(verdict, Ok(Verdict::AsExpected)) && !args.no_serve {
        say(&invitation(&stage.till.door, purchases));
        tokio::select! {
            () = let_time_pass(&stage) => {}
            () = told_to_stop.wait() => say("closing"),
        }
    }
    stage.strike().await?;
    ended(verdict?)
}

fn ended(verdict: Verdict) -> Result<(), CommandError> {
    match verdict {
        Verdict::AsExpected => Ok(()),
        Verdict::Otherwise(message) => Err(CommandError::failed(message)),
    }
}

/// Ctrl-C and its kin: either way the data folder is cleaned up.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    fn new() -> std::io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate })
    }

    /// Ready when somebody wants the demo to end.
    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// How the demo went.
#[derive(Debug)]
enum Verdict {
    AsExpected,
    /// Somebody has to look, and at what.
    Otherwise(String),
}

/// Replays, checks and tells.
async fn perform(
    stage: &Stage,
    purchases: &[Purchase],
    customers: &[Customer],
) -> Result<Verdict, DemoError> {
    let client = TillClient::at(&stage.till.door)?;
    let days = habits::days(purchases);
    let (first_day, today) = (days[0].date, days[days.len() - 1].date);
    let progress = Progress::new(purchases.len() as u64);
    let (writes_before, fsyncs_before) = stage.till.fsyncs.counted();
    let started = Instant::now();
    let seen = play::play(stage, &client, &days, &progress).await?;
    let took = started.elapsed();
    progress.finish();
    let (writes, fsyncs) = stage.till.fsyncs.counted();
    say("the last day is over; checking every member, every record and every sum");
    let expected = {
        let (purchases, customers) = (purchases.to_vec(), customers.to_vec());
        tokio::task::spawn_blocking(move || oracle::figures(&purchases, customers, today))
    };
    let folder = stage.till.agent.folder.clone();
    let verified = tokio::task::spawn_blocking(move || audit::verify(&folder));
    let evaluator =
        stage.till.agent.till.programme().map_err(DemoError::part("read the programme"))?;
    let folder = &stage.till.agent.folder;
    let programme = evaluator.programme();
    let standings = audit::standings(&client, folder, programme, customers, today).await?;
    let agent = Figures { standings, sums: seen.sums };
    let expected = expected.await.map_err(DemoError::part("run the oracle"))?;
    let expected = expected.map_err(DemoError::part("run the oracle"))?;
    let verified = verified.await.map_err(DemoError::part("verify the journal"))??;
    let differences = agent.differences(&expected);
    let sold = Sold {
        first_day,
        today,
        seen: &seen,
        agent: &agent,
        took,
        writes: writes - writes_before,
        fsyncs: fsyncs - fsyncs_before,
    };
    let summary = Summary { sold, differences: &differences, verified: &verified };
    say(&summary.text());
    Ok(if !verified.report.is_sound() {
        Verdict::Otherwise("the journal does not verify".to_owned())
    } else if !differences.is_empty() {
        Verdict::Otherwise(format!("the agent and the oracle differ in {}", differences.len()))
    } else if seen.flagged > 0 {
        Verdict::Otherwise(format!("{} receipts were flagged", seen.flagged))
    } else {
        Verdict::AsExpected
    })
}

/// What to try while the demo serves.
fn invitation(door: &Door, purchases: &[Purchase]) -> String {
    let curl = match door {
        Door::Tcp(address) => format!("curl -s http://{address}"),
        Door::Unix(path) => format!("curl -s --unix-socket {} http://localhost", path.display()),
    };
    let customer = purchases[purchases.len() - 1].customer;
    let card = habits::card_code(customer);
    let member = habits::member_ref(customer);
    format!(
        "The agent goes on serving in its simulated {zone}. In another terminal, try:\n\n  \
         Scan a member's card:\n    {curl}/v1/identify --json '{{\"raw\":\"{card}\"}}'\n  \
         See the member's account:\n    {curl}/v1/members/{member}\n  \
         Ask what five CDs cost the member (repeat it without `member` for everybody's price):\n    \
         {curl}/v1/quotes --json '{{\"till\":\"till-1\",\"currency\":\"USD\",\
         \"member\":\"{member}\",\"lines\":[{{\"line_id\":\"1\",\"sku\":\"CD\",\
         \"quantity\":\"5\",\"unit_price\":1499,\"amount\":7495}}]}}'\n  \
         See the figures that a monitor reads:\n    {curl}/metrics\n\n\
         Ctrl-C ends it.",
        zone = stage::ZONE,
    )
}

/// From here on the simulated clock goes as clocks do.
async fn let_time_pass(stage: &Stage) {
    let mut ticks = tokio::time::interval(TICK);
    let mut last = Instant::now();
    loop {
        ticks.tick().await;
        let passed = TimeDelta::from_std(last.elapsed()).unwrap_or_default();
        last = Instant::now();
        stage.till.clock.move_to(stage.till.clock.now().wall + passed);
        stage.till.agent.keep_up().await;
    }
}

/// The same for hub and tills.
async fn let_time_pass_together(stores: &Stores) {
    let mut ticks = tokio::time::interval(TICK);
    let mut last = Instant::now();
    loop {
        ticks.tick().await;
        let passed = TimeDelta::from_std(last.elapsed()).unwrap_or_default();
        last = Instant::now();
        stores.move_clocks(stores.now() + passed);
        stores.keep_up().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_customers_whole_histories_come_to_what_the_oracle_says() {
        let mut purchases = log::purchases().expect("a sound log");
        purchases.retain(|purchase| purchase.customer <= 200);
        let customers: Vec<Customer> = (1..=200).collect();
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let of = customers.iter().copied();
        let stage = Stage::set(Some(data.clone()), None, of, purchases[0].day).await;
        let stage = stage.expect("a stage");
        let verdict = perform(&stage, &purchases, &customers).await.expect("a verdict");
        assert!(matches!(verdict, Verdict::AsExpected), "{verdict:?}");
        stage.strike().await.expect("an end in order");
        assert!(data.join("SIMULATED").exists());
        let again = Stage::set(Some(data), None, [1], purchases[0].day).await;
        assert!(matches!(again.err(), Some(DemoError::FolderInUse { .. })));
    }

    #[tokio::test]
    async fn a_hub_and_three_tills_come_to_the_same_with_the_line_away_in_between() {
        let mut purchases = log::purchases().expect("a sound log");
        purchases.retain(|purchase| purchase.customer <= 40);
        let customers: Vec<Customer> = (1..=40).collect();
        let of = customers.iter().copied();
        let stores = Stores::set(None, None, of, purchases[0].day).await.expect("stores");
        let verdict = together::perform(&stores, &purchases, &customers).await;
        let verdict = verdict.expect("a verdict");
        assert!(matches!(verdict, Verdict::AsExpected), "{verdict:?}");
        stores.strike().await.expect("an end in order");
    }
}
