//! The one task that keeps up with the hub.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::line::{Answer, HubLine, HubUrl, HubUrlError, LineSetupError};
use super::report::{SyncReport, SyncStanding};
use super::tls::AcceptedKeys;
use super::work::{Done, Worker, put_due_programmes_in_force};
use crate::agent::store::ledger::programmes_to_come::ProgrammeToCome;
use crate::agent::till::Till;
use crate::agent::till::error::TillError;
use crate::agent::till::hub::{HubKnown, checkpoint_of};
use crate::sync::{
    Alert, Attempt, Fault, HubKeys, Now, PushPosition, Start, StoreOutcome, SyncClient,
};
use crate::wire::sync::{Bytes, Cursor, JournalPlace, KeyListError, KeyUse, ProgrammeNotice};

/// How often a programme that is kept is looked at, whether its time has come.
const PROGRAMME_LOOK: Duration = Duration::from_secs(1);
/// The wait after the ledger itself could not be read.
const LEDGER_WAIT: Duration = Duration::from_secs(10);
/// Threads that the sync may block at a time: for reads, looking names up, building a base.
const BLOCKING_THREADS_MAX: usize = 4;
/// How long an end waits for work that blocks; the process takes the rest with it.
const STOP_MAX: Duration = Duration::from_millis(500);
/// The hub's clock is noted again when it is this much further off than was noted.
const AHEAD_NOTED_MS_MIN: u64 = 10_000;

/// Why there is no sync.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SyncError {
    /// What is known of the hub cannot be read.
    #[error("what is known of the hub cannot be read")]
    State(#[from] TillError),
    /// The address that is kept is none.
    #[error(transparent)]
    Url(#[from] HubUrlError),
    /// The keys that are kept are not the root's.
    #[error("the list of the hub's keys that is kept cannot be used")]
    Keys(#[from] KeyListError),
    /// There is no way to the hub.
    #[error(transparent)]
    Line(#[from] LineSetupError),
}

/// The thread that keeps up with the hub. It has a runtime of its own, so that packing, unpacking and
/// checking what goes over the line never keep a till waiting.
#[derive(Debug)]
pub(crate) struct SyncThread {
    stop: oneshot::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

impl SyncThread {
    /// Starts it.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn start(till: Till, folder: PathBuf) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS_MAX)
            .build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("sync".to_owned()).spawn(move || {
            let report = till.sync_report().clone();
            runtime.block_on(async move {
                tokio::select! {
                    () = keep_up(till, folder, report) => {}
                    // An error says that whoever could tell is gone.
                    _ = stopped => {}
                }
            });
            runtime.shutdown_timeout(STOP_MAX);
        })?;
        Ok(Self { stop, thread })
    }

    /// Ends it; what it was about to store is heard again after the next start. May take a moment:
    /// not for async code.
    pub(crate) fn stop(self) {
        // It may have ended by itself.
        let _ = self.stop.send(());
        if self.thread.join().is_err() {
            tracing::error!("the sync did not end in order");
        }
    }
}

/// Keeps up with the hub until it is dropped; returns at once where the device is not enrolled.
/// Nothing that goes wrong here stops the tills.
pub(crate) async fn keep_up(till: Till, folder: PathBuf, report: SyncReport) {
    loop {
        match Driver::begin(&till, &folder, &report).await {
            Ok(None) => return,
            Ok(Some(mut driver)) => driver.run().await,
            Err(error) => {
                let why = crate::shell::process::chain(&error);
                tracing::error!(why, "no sync with the hub");
                sleep(LEDGER_WAIT).await;
            }
        }
    }
}

struct Driver {
    client: SyncClient,
    worker: Worker,
    accepted: Arc<AcceptedKeys>,
    key_list_serial: u64,
    report: SyncReport,
    hub_url: String,
    started: Instant,
    alerts: BTreeSet<Alert>,
    reachable: bool,
    noted_ahead_ms: Option<i64>,
    programme_waits: bool,
    caught_up_at: Option<Duration>,
}

/// Whether the machine still knows where the ledger stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Knows {
    Everything,
    /// It begins again from what is stored.
    NoMore,
}

impl Driver {
    async fn begin(
        till: &Till,
        folder: &std::path::Path,
        report: &SyncReport,
    ) -> Result<Option<Self>, SyncError> {
        let Some(known) = till.hub_known().await? else { return Ok(None) };
        let state = &known.state;
        let keys = HubKeys::read(state.root, &Bytes(state.key_list.clone()))?;
        let accepted = AcceptedKeys::only(keys.list().keys_for(KeyUse::Tls));
        let url = HubUrl::parse(&state.hub_url)?;
        let key = Arc::clone(till.signing_key());
        let line = HubLine::new(url, &accepted, key, till.clock().clone())?;
        let worker = Worker { till: till.clone(), line, folder: folder.to_owned() };
        let to_come = till.programmes_to_come().await?;
        let start = start_of(&worker, &known, keys, &to_come);
        tracing::info!(hub = state.hub_url, "keeping up with the hub");
        Ok(Some(Self {
            key_list_serial: start.keys.list().serial,
            client: SyncClient::new(start),
            worker,
            accepted,
            report: report.clone(),
            hub_url: state.hub_url.clone(),
            started: Instant::now(),
            alerts: BTreeSet::new(),
            reachable: true,
            noted_ahead_ms: state.hub_ahead_ms,
            programme_waits: !to_come.is_empty(),
            caught_up_at: None,
        }))
    }

    /// Runs until the machine no longer knows where the ledger stands.
    async fn run(&mut self) {
        let mut work: JoinSet<(Attempt, Done)> = JoinSet::new();
        let mut heads = self.worker.till.heads();
        loop {
            if self.worker.till.pulled_damage_seen() {
                self.ask_again().await;
                return;
            }
            if self.programme_waits {
                self.look_at_programmes().await;
            }
            if let Some(head) = *heads.borrow_and_update() {
                self.client.handle_journal_head(head);
            }
            while let Some(command) = self.client.next_command(self.now()) {
                let (attempt, worker) = (command.attempt, self.worker.clone());
                work.spawn(async move { (attempt, worker.run(command).await) });
            }
            self.tell();
            let mut wake = self.client.poll_timeout().map(|at| self.started + at);
            if self.programme_waits {
                let look = Instant::now() + PROGRAMME_LOOK;
                wake = Some(wake.map_or(look, |wake| wake.min(look)));
            }
            tokio::select! {
                Some(done) = work.join_next() => match done {
                    Ok((attempt, done)) => {
                        if self.handle(attempt, done).await == Knows::NoMore {
                            return;
                        }
                    }
                    Err(error) => {
                        // A fault of this program: what that piece of work was to do is not known.
                        tracing::error!(%error, "a piece of work of the sync ended");
                        sleep(LEDGER_WAIT).await;
                        return;
                    }
                },
                changed = heads.changed() => if changed.is_err() {
                    // The writer has stopped for good.
                    sleep(LEDGER_WAIT).await;
                    return;
                },
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
            }
        }
    }

    async fn handle(&mut self, attempt: Attempt, done: Done) -> Knows {
        let now = self.now();
        match tell(&mut self.client, attempt, done, now, jitter()) {
            Told::Answer => self.hear(now).await,
            Told::Stored => {
                self.programme_waits = true;
                self.take_new_keys();
            }
            Told::Programme => self.programme_waits = true,
            Told::Nothing => {}
            Told::Elsewhere => return Knows::NoMore,
        }
        let caught_up_at = self.client.caught_up_at();
        if caught_up_at != self.caught_up_at {
            self.caught_up_at = caught_up_at;
            self.worker.till.note_hub_said_all();
        }
        Knows::Everything
    }

    /// Takes the hub's word on what time it is.
    async fn hear(&mut self, now: Now) {
        let Some(hub_time) = self.client.hub_time(now) else { return };
        let ahead_ms = self.worker.till.clock().hear_hub(hub_time);
        let noted = self.noted_ahead_ms;
        if noted.is_some_and(|noted| noted.abs_diff(ahead_ms) < AHEAD_NOTED_MS_MIN) {
            return;
        }
        self.noted_ahead_ms = Some(ahead_ms);
        tracing::info!(ahead_ms, "the hub's clock is ahead of this one by so much");
        if let Err(error) = self.worker.till.note_hub_ahead(ahead_ms).await {
            tracing::warn!(%error, "the hub's time could not be noted");
        }
    }

    fn take_new_keys(&mut self) {
        let list = self.client.keys().list();
        if list.serial != self.key_list_serial {
            self.key_list_serial = list.serial;
            self.accepted.replace(list.keys_for(KeyUse::Tls));
            tracing::info!(serial = list.serial, "the hub's keys are of a newer list");
        }
    }

    async fn look_at_programmes(&mut self) {
        let till = &self.worker.till;
        put_due_programmes_in_force(till, till.clock().sample().at).await;
        let to_come = till.programmes_to_come().await;
        self.programme_waits = to_come.is_ok_and(|to_come| !to_come.is_empty());
    }

    async fn ask_again(&self) {
        match self.worker.till.ask_again().await {
            Ok(cursor) => {
                let cursor = cursor.map_or(0, |cursor| cursor.0);
                tracing::warn!(cursor, "asking the hub again for what it said since");
            }
            Err(error) => {
                tracing::error!(%error, "the hub cannot be asked again");
                sleep(LEDGER_WAIT).await;
            }
        }
    }

    /// Tells how it fares; what a person must look at is an error of the log once.
    fn tell(&mut self) {
        let progress = self.client.progress();
        for raised in progress.alerts.difference(&self.alerts) {
            tracing::error!(alert = raised.name(), "the sync needs a person");
        }
        for settled in self.alerts.difference(&progress.alerts) {
            tracing::info!(alert = settled.name(), "settled");
        }
        self.alerts.clone_from(&progress.alerts);
        let out_of_reach =
            progress.pull.fault == Some(Fault::Line) || progress.push.fault == Some(Fault::Line);
        if self.reachable == out_of_reach {
            self.reachable = !out_of_reach;
            tracing::info!(reachable = self.reachable, "the hub");
        }
        let success_at = progress.push.success_at.max(progress.pull.success_at);
        let hub_ahead_ms = self.noted_ahead_ms;
        let hub_url = self.hub_url.clone();
        self.report.tell(SyncStanding { hub_url, progress, success_at, hub_ahead_ms });
    }

    fn now(&self) -> Now {
        Now { elapsed: self.started.elapsed(), at: self.worker.till.clock().sample().at }
    }
}

/// Where a machine begins, by what is stored.
pub(crate) fn start_of(
    worker: &Worker,
    known: &HubKnown,
    keys: HubKeys,
    to_come: &[ProgrammeToCome],
) -> Start {
    let HubKnown { state, has_base } = known;
    let till = &worker.till;
    let in_force = till.programme().map_or(0, |evaluator| evaluator.programme().version);
    let fetched = to_come.iter().filter(|programme| programme.text.is_some());
    let programme_version =
        fetched.map(|programme| programme.version).max().unwrap_or(0).max(in_force);
    let wanted = to_come.iter().rfind(|programme| programme.text.is_none());
    let checkpoint = checkpoint_of(state);
    let acknowledged = checkpoint
        .as_ref()
        .map(|checkpoint| JournalPlace { epoch: checkpoint.epoch, sequence: checkpoint.sequence });
    Start {
        device: state.device,
        push: PushPosition {
            acknowledged,
            checkpoint: checkpoint.map_or(0, |checkpoint| checkpoint.number),
            journal_head: *till.heads().borrow(),
        },
        cursor: has_base.then_some(Cursor(state.cursor)),
        snapshot: worker.begun_snapshot(),
        programme_version,
        notice: wanted.map(|programme| ProgrammeNotice {
            version: programme.version,
            hash: programme.hash,
            from: chrono::DateTime::from_timestamp_millis(programme.from_ms).unwrap_or_default(),
            sealed: Bytes(programme.sealed.clone()),
        }),
        keys,
    }
}

/// What the machine was told, as far as more than the machine has to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// Somebody answered over the line.
    Answer,
    /// What the hub said is stored.
    Stored,
    /// The text of a programme was looked at.
    Programme,
    /// Nothing of the kind.
    Nothing,
    /// The machine no longer knows where the ledger stands: begin with [`start_of`].
    Elsewhere,
}

/// Tells the machine what came of a piece of work.
pub(crate) fn tell(
    client: &mut SyncClient,
    attempt: Attempt,
    done: Done,
    now: Now,
    jitter: u64,
) -> Told {
    let answered = |answer: &Option<Answer>| match answer {
        Some(_) => Told::Answer,
        None => Told::Nothing,
    };
    match done {
        Done::Pushed { sent, answer } => {
            let outcome = Answer::outcome(answer.as_ref());
            client.handle_push(attempt, sent, outcome, now, jitter);
            answered(&answer)
        }
        Done::NothingToPush => {
            client.handle_nothing_to_push(attempt);
            Told::Nothing
        }
        Done::Answered(answer) => {
            let outcome = Answer::outcome(answer.as_ref());
            client.handle_reply(attempt, outcome, now, jitter);
            answered(&answer)
        }
        Done::Acknowledged(found) => {
            client.handle_acknowledged(attempt, found, now, jitter);
            Told::Nothing
        }
        Done::Stored(outcome) => {
            client.handle_stored(attempt, outcome, now, jitter);
            if outcome == StoreOutcome::Stored { Told::Stored } else { Told::Nothing }
        }
        Done::Programme { version, used } => {
            client.handle_programme(attempt, version, used, now);
            Told::Programme
        }
        Done::Elsewhere => Told::Elsewhere,
    }
}

fn jitter() -> u64 {
    let mut bytes = [0; 8];
    // Without random numbers nothing else works either; a jitter may well be none.
    let _ = SystemRandom::new().fill(&mut bytes);
    u64::from_be_bytes(bytes)
}
