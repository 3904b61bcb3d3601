//! A store: the shipped agent on files of its own, and the shipped sync machine, driven a piece of
//! work at a time.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tempfile::TempDir;

use super::chance::Chance;
use super::day::Sold;
use super::folder;
use super::hub::SimulatedHub;
use super::network::Network;
use crate::agent::clock::Clock;
use crate::agent::start::{Agent, LEDGER_FILE, Settings};
use crate::agent::store::ledger::facts::{self, Fact};
use crate::agent::store::ledger::sync_state::{self, SyncState};
use crate::agent::store::ledger::{LEDGER_APPLICATION_ID, LEDGER_MIGRATIONS};
use crate::agent::store::open;
use crate::agent::store::writer::WriterLimits;
use crate::agent::sync::driver::{Told, start_of, tell};
use crate::agent::sync::line::{Answer, HubLine};
use crate::agent::sync::work::{Done, Worker, put_due_programmes_in_force};
use crate::agent::testing::Unobserved;
use crate::agent::till::request::CommitRequest;
use crate::agent::till::{CodeSettings, Till};
use crate::hub::store::rows::{DeviceRow, DeviceStanding};
use crate::journal::SigningKey;
use crate::loyalty::{DeviceId, StoreId, TillId};
use crate::shell::durable_file::{self, FileAccess};
use crate::shell::keys::{DEVICE_KEY_FILE, DIRECTORY_KEY_FILE};
use crate::sync::{Attempt, Command, HubKeys, Now, Sent, SyncClient, Work};
use crate::wire::sync::{Bytes, Contained, Cursor};

/// Tills of each store.
const TILLS: u64 = 2;

/// A store.
pub(super) struct Site {
    pub(super) device: DeviceId,
    pub(super) store: StoreId,
    pub(super) clock: Clock,
    pub(super) network: Arc<Network>,
    /// What it sold, to be taken back.
    pub(super) sold: Vec<Sold>,
    /// The last receipt, should the till not have heard the answer.
    pub(super) last: Option<(CommitRequest, i64)>,
    folder: TempDir,
    agent: Option<Agent>,
    sync: Option<Syncing>,
}

/// The machine and what it has going.
struct Syncing {
    client: SyncClient,
    worker: Worker,
    started: DateTime<Utc>,
    in_flight: Vec<(Attempt, Stage)>,
    /// What the machine was told of a batch, to be told again.
    heard: Option<(Attempt, Sent, Option<Answer>)>,
}

impl Syncing {
    fn take_commands(&mut self, now: Now) {
        while let Some(Command { attempt, work }) = self.client.next_command(now) {
            self.in_flight.push((attempt, Stage::Asked(work)));
        }
    }
}

enum Stage {
    Asked(Work),
    Came(Done),
}

impl Site {
    /// A store that is enrolled and open.
    pub(super) async fn begin(
        number: usize,
        chance: &mut Chance,
        hub: &Arc<SimulatedHub>,
        directory: &[u8; 32],
    ) -> Self {
        let folder = folder();
        let seed = chance.key_seed();
        let key = SigningKey::from_seed(seed);
        let (device, public) = (key.device_id(), key.public_key());
        let write = |file: &str, bytes: &[u8]| {
            durable_file::replace(&folder.path().join(file), bytes, FileAccess::OwnerOnly)
                .expect("written");
        };
        write(DEVICE_KEY_FILE, &pkcs8(&seed, public.as_bytes()));
        write(DIRECTORY_KEY_FILE, directory);
        let store = StoreId::parse(&format!("store-{number}")).expect("an id");
        let (root, key_list_serial, key_list) = hub.enrol(&DeviceRow {
            device,
            name: store.to_string(),
            store: store.clone(),
            group: "all".to_owned(),
            key: public,
            standing: DeviceStanding::Active,
            replaces: None,
            head: None,
            checkpoint: 0,
            enrolled_at: hub.now(),
            seen_at: None,
            software: String::new(),
            clock_offset_ms: 0,
        });
        let state = SyncState {
            hub_url: "http://127.0.0.1:1".to_owned(),
            device,
            store: store.clone(),
            root,
            key_list_serial,
            key_list,
            cursor: 0,
            contained: Contained { epoch: 0, sequence: 0 },
            checkpoint: None,
            hub_ahead_ms: None,
        };
        let ledger = folder.path().join(LEDGER_FILE);
        let file = open::open_writer(&ledger, LEDGER_APPLICATION_ID, LEDGER_MIGRATIONS);
        let file = file.expect("a ledger");
        sync_state::save(&file.connection, &state).expect("saved");
        facts::note(&file.connection, Fact::BeginsInEpoch, "1").expect("noted");
        drop(file);
        let network = Arc::new(Network::new(Arc::clone(hub), Chance::of(chance.number())));
        let mut site = Self {
            device,
            store,
            clock: Clock::simulated(hub.now(), Tz::UTC),
            network,
            sold: Vec::new(),
            last: None,
            folder,
            agent: None,
            sync: None,
        };
        site.start().await;
        site
    }

    /// The running till; none while it is down.
    pub(super) fn till(&self) -> Option<&Till> {
        self.agent.as_ref().map(|agent| &agent.till)
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// One of its tills.
    pub(super) fn any_till(&self, chance: &mut Chance) -> TillId {
        TillId::parse(&format!("till-{}", chance.below(TILLS) + 1)).expect("an id")
    }

    pub(super) async fn start(&mut self) {
        if self.agent.is_some() {
            return;
        }
        let settings = Settings {
            folder: self.folder().to_owned(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            codes: CodeSettings::default(),
            // Everybody waits for one another here: nobody else will come.
            limits: WriterLimits { linger_max: Duration::ZERO, ..WriterLimits::default() },
            observer: Arc::new(Unobserved),
        };
        self.agent = Some(Agent::start(settings).await.expect("the agent starts"));
    }

    /// Ends as at a power cut: what the machine had going is gone, whether or not the hub answered.
    pub(super) async fn crash(&mut self) {
        self.sync = None;
        if let Some(agent) = self.agent.take() {
            agent.abandon().await;
        }
    }

    /// Ends in order.
    pub(super) async fn stop(&mut self) {
        self.sync = None;
        if let Some(agent) = self.agent.take() {
            agent.stop().await;
        }
    }

    /// Lets time pass; a wrong clock stays as wrong.
    pub(super) fn pass(&self, time: TimeDelta) {
        self.clock.move_to(self.clock.now().wall + time);
    }

    /// What a running agent does every few seconds.
    pub(super) async fn keep_up(&self) {
        let Some(agent) = &self.agent else { return };
        agent.keep_up().await;
        put_due_programmes_in_force(&agent.till, self.clock.sample().at).await;
    }

    /// Does one thing of what the sync has going: sends or stores something, or tells the machine what
    /// came of it. False where there is nothing to do now.
    pub(super) async fn sync(&mut self, chance: &mut Chance, now: DateTime<Utc>) -> bool {
        let Some(till) = self.agent.as_ref().map(|agent| agent.till.clone()) else { return false };
        if self.sync.is_none() {
            self.sync = Some(self.begin_sync(till.clone(), now).await);
        }
        let Some(sync) = &mut self.sync else { return false };
        if let Some(head) = *till.heads().borrow() {
            sync.client.handle_journal_head(head);
        }
        let at = Now {
            elapsed: (now - sync.started).to_std().unwrap_or_default(),
            at: self.clock.sample().at,
        };
        sync.take_commands(at);
        if sync.in_flight.is_empty() {
            return false;
        }
        let place = chance.place_in(&sync.in_flight);
        let (attempt, stage) = sync.in_flight.swap_remove(place);
        match stage {
            Stage::Asked(work) => {
                let work = without_wait(work);
                let done = sync.worker.clone().run(Command { attempt, work }).await;
                sync.in_flight.push((attempt, Stage::Came(done)));
            }
            Stage::Came(done) => {
                if let Done::Pushed { sent, answer } = &done {
                    sync.heard = Some((attempt, *sent, answer.clone()));
                }
                let told = tell(&mut sync.client, attempt, done, at, chance.number());
                match told {
                    Told::Answer => {
                        if let Some(hub_time) = sync.client.hub_time(at) {
                            let ahead_ms = till.clock().hear_hub(hub_time);
                            till.note_hub_ahead(ahead_ms).await.expect("noted");
                        }
                    }
                    Told::Elsewhere => {
                        self.sync = None;
                        return true;
                    }
                    Told::Stored | Told::Programme | Told::Nothing => {}
                }
                sync.take_commands(at);
            }
        }
        true
    }

    /// Tells the machine of a batch again that it heard of before.
    pub(super) fn hear_again(&mut self, chance: &mut Chance, now: DateTime<Utc>) {
        let Some(sync) = &mut self.sync else { return };
        let Some((attempt, sent, answer)) = sync.heard.clone() else { return };
        let elapsed = (now - sync.started).to_std().unwrap_or_default();
        let at = Now { elapsed, at: self.clock.sample().at };
        let before = sync.client.progress().acknowledged;
        tell(&mut sync.client, attempt, Done::Pushed { sent, answer }, at, chance.number());
        assert_eq!(sync.client.progress().acknowledged, before, "an old answer says nothing");
    }

    /// Whether the hub has acknowledged everything, and this store has heard everything up to a
    /// cursor.
    pub(super) fn is_quiet(&self, cursor: Cursor) -> bool {
        let (Some(sync), Some(till)) = (&self.sync, self.till()) else { return false };
        let progress = sync.client.progress();
        let asks_for_more = |(_, stage): &(Attempt, Stage)| matches!(stage, Stage::Asked(Work::Pull { after, .. }) if *after == cursor);
        progress.drained
            && progress.acknowledged == *till.heads().borrow()
            && sync.in_flight.iter().all(asks_for_more)
            && progress.cursor == Some(cursor)
    }

    /// How the sync fares, to say when it does not come to an end.
    pub(super) fn progress(&self) -> String {
        self.sync
            .as_ref()
            .map_or_else(|| "no sync".to_owned(), |sync| format!("{:?}", sync.client.progress()))
    }

    /// What a person would have to look at.
    pub(super) fn alerts(&self) -> Vec<&'static str> {
        let alerts = self.sync.as_ref().map(|sync| sync.client.progress().alerts);
        alerts.unwrap_or_default().into_iter().map(crate::sync::Alert::name).collect()
    }

    async fn begin_sync(&self, till: Till, now: DateTime<Utc>) -> Syncing {
        let known = till.hub_known().await.expect("readable").expect("enrolled");
        let keys = HubKeys::read(known.state.root, &Bytes(known.state.key_list.clone()));
        let key = Arc::clone(till.signing_key());
        let line = HubLine::over(Arc::clone(&self.network) as _, key, self.clock.clone());
        let worker = Worker { till: till.clone(), line, folder: self.folder().to_owned() };
        let to_come = till.programmes_to_come().await.expect("readable");
        let start = start_of(&worker, &known, keys.expect("the root's"), &to_come);
        let client = SyncClient::new(start);
        Syncing { client, worker, started: now, in_flight: Vec::new(), heard: None }
    }
}

/// Nobody can wait for a change in a world that does one thing at a time.
fn without_wait(work: Work) -> Work {
    match work {
        Work::Pull { after, signing, .. } => Work::Pull { after, wait: Duration::ZERO, signing },
        work => work,
    }
}

/// An Ed25519 key as a key file has it (RFC 5958).
fn pkcs8(seed: &[u8; 32], public: &[u8; 32]) -> Vec<u8> {
    let mut der = vec![0x30, 0x51, 0x02, 0x01, 0x01, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];
    der.extend([0x04, 0x22, 0x04, 0x20]);
    der.extend(seed);
    der.extend([0x81, 0x21, 0x00]);
    der.extend(public);
    der
}
