//! Two stores with three tills and their hub: every till has a folder, a clock, an agent with its API
//! and a sync of its own, and was made known to the hub as any till is.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use tempfile::TempDir;

use super::centre::Centre;
use super::error::DemoError;
use super::figures::Customer;
use super::stage::{RunningTill, ZONE, fresh_folder, open_door, opening};
use super::till_client::TillClient;
use crate::agent::clock::Clock;
use crate::agent::config::ListenAddress;
use crate::agent::sync::driver::SyncThread;
use crate::agent::sync::enrol::enrol;
use crate::loyalty::StoreId;
use crate::wire::sync::JournalPlace;

/// The tills, and the store of each.
const TILLS: [(&str, &str); 3] =
    [("till-1", "downtown"), ("till-2", "downtown"), ("till-3", "airport")];

/// How many tills there are.
pub(crate) const TILL_COUNT: usize = TILLS.len();

/// How long hub and tills may take until all know the same: a till that found no line for long waits
/// up to five minutes before it looks again.
const AGREEMENT_MAX: Duration = Duration::from_secs(600);

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// A hub, and tills that keep up with it.
pub(crate) struct Stores {
    pub(crate) centre: Centre,
    pub(crate) tills: Vec<SyncedTill>,
    /// The hub's clock.
    clock: Clock,
    /// The folder of all folders.
    pub(crate) folder: PathBuf,
    /// Goes with everything in it when the demo ends, unless the folder was given.
    _kept: Option<TempDir>,
}

/// A till of a store.
pub(crate) struct SyncedTill {
    pub(crate) name: &'static str,
    pub(crate) store: &'static str,
    pub(crate) running: RunningTill,
    pub(crate) client: TillClient,
    sync: SyncThread,
}

impl Stores {
    /// Sets everything up for a first day; the first till listens where it is told to.
    pub(crate) async fn set(
        data_dir: Option<PathBuf>,
        listen: Option<&ListenAddress>,
        customers: impl IntoIterator<Item = Customer>,
        first_day: NaiveDate,
    ) -> Result<Self, DemoError> {
        let (folder, kept) = fresh_folder(data_dir)?;
        let first_door = open_door(listen)?;
        let now = opening(first_day);
        let clock = Clock::simulated(now, ZONE);
        let centre = Centre::open(&folder.join("hub"), clock.clone(), customers)?;
        let mut doors = vec![first_door];
        while doors.len() < TILL_COUNT {
            doors.push(open_door(None)?);
        }
        let mut tills = Vec::with_capacity(TILL_COUNT);
        for ((name, store), door) in TILLS.into_iter().zip(doors) {
            let till_folder = folder.join(name);
            let clock = Clock::simulated(now, ZONE);
            make_known(&centre, &till_folder, (name, store), &clock).await?;
            let running =
                RunningTill::start(till_folder.clone(), id_of(store)?, clock, door).await?;
            let sync = SyncThread::start(running.agent.till.clone(), till_folder)
                .map_err(DemoError::io("start a till's sync"))?;
            let client = TillClient::of_till(&running.door, name)?;
            tills.push(SyncedTill { name, store, running, client, sync });
        }
        let stores = Self { centre, tills, clock, folder, _kept: kept };
        stores.wait_until_agreed().await?;
        Ok(stores)
    }

    /// Moves every clock, the hub's first.
    pub(crate) fn move_clocks(&self, at: DateTime<Utc>) {
        self.clock.move_to(at);
        self.tills.iter().for_each(|till| till.running.clock.move_to(at));
    }

    /// What the clocks show.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now().wall
    }

    /// Does what the agents do every second.
    pub(crate) async fn keep_up(&self) {
        for till in &self.tills {
            till.running.agent.keep_up().await;
        }
    }

    /// Waits until the hub has every record and every till everything that the hub knows. Nothing is
    /// then on its way, so that the clocks may leap to another day.
    pub(crate) async fn wait_until_agreed(&self) -> Result<(), DemoError> {
        let started = Instant::now();
        while !self.is_agreed().await? {
            if started.elapsed() > AGREEMENT_MAX {
                return Err(DemoError::NotAgreed { seconds: AGREEMENT_MAX.as_secs() });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    async fn is_agreed(&self) -> Result<bool, DemoError> {
        // First what is cheap.
        if self.centre.waiting() != TILL_COUNT as i64 {
            return Ok(false);
        }
        for till in &self.tills {
            let agent = &till.running.agent.till;
            let head = *agent.heads().borrow();
            let standing = agent.sync_report().standing();
            let pushed = standing.as_ref().is_some_and(|standing| {
                standing.progress.drained && standing.progress.journal_head == head
            });
            if !pushed || agent.programme().is_err() {
                return Ok(false);
            }
        }
        let cursor = self.centre.cursor()?;
        let heard = self.tills.iter().all(|till| {
            let standing = till.running.agent.till.sync_report().standing();
            let heard = standing.and_then(|standing| standing.progress.cursor);
            heard.is_some_and(|heard| heard.0 == cursor)
        });
        // A till that heard the last of it waits again only now.
        Ok(heard && self.centre.waiting() == TILL_COUNT as i64)
    }

    /// Records that the hub has not acknowledged.
    pub(crate) fn unsent(&self) -> u64 {
        // One epoch: nothing is restored here.
        let sequence = |place: Option<JournalPlace>| place.map_or(0, |place| place.sequence);
        let of_till = |till: &SyncedTill| {
            let agent = &till.running.agent.till;
            let standing = agent.sync_report().standing();
            let acknowledged = standing.and_then(|standing| standing.progress.acknowledged);
            sequence(*agent.heads().borrow()) - sequence(acknowledged)
        };
        self.tills.iter().map(of_till).sum()
    }

    /// Writes and fsyncs of all tills so far.
    pub(crate) fn writes_counted(&self) -> (u64, u64) {
        let counted = self.tills.iter().map(|till| till.running.fsyncs.counted());
        counted.fold((0, 0), |(writes, fsyncs), (more, more_fsyncs)| {
            (writes + more, fsyncs + more_fsyncs)
        })
    }

    /// Ends the tills, then the hub, in order.
    pub(crate) async fn strike(self) -> Result<(), DemoError> {
        let Self { centre, tills, .. } = self;
        for SyncedTill { running, sync, .. } in tills {
            let stopped = tokio::task::spawn_blocking(move || sync.stop()).await;
            stopped.map_err(DemoError::part("stop a till's sync"))?;
            running.stop().await?;
        }
        centre.stop().await
    }
}

async fn make_known(
    centre: &Centre,
    folder: &Path,
    (name, store): (&str, &str),
    clock: &Clock,
) -> Result<(), DemoError> {
    let invitation = centre.invite(name, id_of(store)?)?;
    let enrolled = enrol(folder, &invitation, clock.clone()).await;
    enrolled.map_err(DemoError::part("enrol a till"))?;
    Ok(())
}

fn id_of(store: &str) -> Result<StoreId, DemoError> {
    StoreId::parse(store).map_err(DemoError::part("name the store"))
}
