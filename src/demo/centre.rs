//! The hub of the demo: its keys, its store in SQLite, its HTTPS API on a thread of its own, and the
//! line that leads to it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use ring::rand::SystemRandom;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::error::DemoError;
use super::figures::{Customer, Standing};
use super::habits::member_ref;
use super::line::Line;
use super::stage::{PROGRAMME, members_file};
use crate::agent::clock::Clock;
use crate::hub::api::limits::{IDLE_TIMEOUT, REFUSALS_MAX, STORE_THREADS_MAX};
use crate::hub::api::listener::{HubListener, Protection, tls};
use crate::hub::api::metrics::Metrics;
use crate::hub::api::{Api, Parts, serve};
use crate::hub::enrolment::{Expected, expect, new_code};
use crate::hub::import::{Importer, import};
use crate::hub::keys::{Init, KeyRing, init};
use crate::hub::programmes::{Checked, publish};
use crate::hub::snapshot::{Freshness, Shelf};
use crate::hub::store::Store;
use crate::hub::store::rows::DeviceRow;
use crate::hub::store::sqlite::SqliteStore;
use crate::loyalty::{Account, AccountRef, MemberRef, Programme, StoreId};
use crate::shell::http::connections::ConnectionLimits;
use crate::shell::keys::DirectoryKey;
use crate::wire::sync::{Invitation, RootFingerprint};

/// How long tills that wait for changes are kept waiting behind the first one. A hub in earnest
/// gathers for half a second; here a day takes a tenth of one.
const LINGER: Duration = Duration::from_millis(20);

/// Tills, and whoever looks at the metrics.
const CONNECTIONS_MAX: usize = 64;

/// A snapshot is fetched when a till begins; nobody needs a newer one than that of the first day.
const FRESHNESS: Freshness = Freshness { age_max: TimeDelta::days(1), changes_max: 10_000 };

/// Flags that are read: more than there are records to flag would be told as so many.
const FLAGS_READ_MAX: usize = 1_000_000;

/// The hub with its door open.
pub(crate) struct Centre {
    pub(crate) line: Line,
    store: Arc<dyn Store>,
    metrics: Metrics,
    root: RootFingerprint,
    clock: Clock,
    close: oneshot::Sender<()>,
    thread: JoinHandle<Result<(), DemoError>>,
}

impl Centre {
    /// A hub in a fresh folder that has the programme and the customers.
    pub(crate) fn open(
        folder: &Path,
        clock: Clock,
        customers: impl IntoIterator<Item = Customer>,
    ) -> Result<Self, DemoError> {
        std::fs::create_dir_all(folder).map_err(DemoError::io("make the hub's folder"))?;
        let store = SqliteStore::open(&folder.join("hub.db"));
        let store = store.map_err(DemoError::part("open the hub's store"))?;
        let store: Arc<dyn Store> = Arc::new(store);
        let keys = keys(folder, &*store, &clock)?;
        fill(&*store, &keys, &clock, customers)?;
        let root = keys.fingerprint();
        let metrics = Metrics::new();
        let told_time = clock.clone();
        let parts = Parts {
            store: Arc::clone(&store),
            keys,
            shelf: Shelf::open(folder, FRESHNESS).map_err(DemoError::io("open the snapshots"))?,
            clock: Arc::new(move || told_time.now().wall),
            linger: LINGER,
            metrics: metrics.clone(),
        };
        let (close, closed) = oneshot::channel();
        let (opened, line) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("hub".to_owned())
            .spawn(move || run(parts, &opened, closed))
            .map_err(DemoError::io("start the hub's thread"))?;
        let line = match line.recv() {
            Ok(line) => line,
            // It ended before it listened, and says why.
            Err(_) => {
                thread.join().unwrap_or(Err(DemoError::Stopped))?;
                return Err(DemoError::Stopped);
            }
        };
        Ok(Self { line, store, metrics, root, clock, close, thread })
    }

    /// Expects a till; what a person would carry there.
    pub(crate) fn invite(&self, name: &str, store: StoreId) -> Result<Invitation, DemoError> {
        let doing = "invite a till";
        let code = new_code(&SystemRandom::new()).map_err(DemoError::part(doing))?;
        let expected = Expected {
            name: name.to_owned(),
            store,
            group: "all".to_owned(),
            replaces: None,
            code_life: TimeDelta::days(1),
        };
        expect(&*self.store, expected, &code, self.clock.now().wall)
            .map_err(DemoError::part(doing))?;
        let url = format!("https://{}", self.line.address);
        Ok(Invitation { url, code, root: self.root })
    }

    /// The cursor of the last change.
    pub(crate) fn cursor(&self) -> Result<u64, DemoError> {
        let cursor = self.store.read().and_then(|mut tx| tx.cursor());
        Ok(cursor.map_err(DemoError::part("read the hub's cursor"))?.0)
    }

    /// Tills that have heard everything and wait for more.
    pub(crate) fn waiting(&self) -> i64 {
        self.metrics.waiting().get()
    }

    /// The devices as they are known.
    pub(crate) fn devices(&self) -> Result<Vec<DeviceRow>, DemoError> {
        let devices = self.store.read().and_then(|mut tx| tx.devices());
        devices.map_err(DemoError::part("read the hub's devices"))
    }

    /// How many flags there are of each kind.
    pub(crate) fn flags(&self) -> Result<BTreeMap<String, u64>, DemoError> {
        let flags = self.store.read().and_then(|mut tx| tx.flags(FLAGS_READ_MAX));
        let mut by_kind = BTreeMap::new();
        for flag in flags.map_err(DemoError::part("read the hub's flags"))? {
            *by_kind.entry(flag.kind).or_default() += 1;
        }
        Ok(by_kind)
    }

    /// Where every member stands by the hub's accounts.
    pub(crate) fn standings(
        &self,
        programme: &Programme,
        customers: &[Customer],
        today: NaiveDate,
    ) -> Result<BTreeMap<Customer, Standing>, DemoError> {
        let doing = "read the hub's accounts";
        let member_of = |customer: &Customer| Ok((*customer, ref_of(*customer)?));
        let refs: BTreeMap<Customer, MemberRef> =
            customers.iter().map(member_of).collect::<Result<_, DemoError>>()?;
        let mut tx = self.store.read().map_err(DemoError::part(doing))?;
        let members: Vec<MemberRef> = refs.values().copied().collect();
        let members = tx.members(&members).map_err(DemoError::part(doing))?;
        let account_of = |member| Some(members.get(member)?.state.as_ref()?.account);
        let accounts: Vec<AccountRef> = refs.values().filter_map(account_of).collect();
        let accounts = tx.accounts(&accounts).map_err(DemoError::part(doing))?;
        let mut standings = BTreeMap::new();
        for (customer, member) in &refs {
            // Who is missing is told as a difference.
            let Some(account) = account_of(member) else { continue };
            let facts = accounts.get(&account).map(|row| row.facts.clone()).unwrap_or_default();
            standings.insert(*customer, standing(Account::from_facts(facts), programme, today));
        }
        Ok(standings)
    }

    /// Closes the door and ends in order.
    pub(crate) async fn stop(self) -> Result<(), DemoError> {
        let Self { close, thread, .. } = self;
        // The server may have ended already.
        let _ = close.send(());
        match tokio::task::spawn_blocking(move || thread.join()).await {
            Ok(Ok(served)) => served,
            _ => {
                tracing::error!("the hub did not end in order");
                Ok(())
            }
        }
    }
}

fn keys(folder: &Path, store: &dyn Store, clock: &Clock) -> Result<KeyRing, DemoError> {
    let root_file: PathBuf = folder.join("root.key");
    let now = clock.now().wall;
    init(&Init { folder, root_file: &root_file, store, now })
        .map_err(DemoError::part("make the hub's keys"))?;
    KeyRing::load(folder, store).map_err(DemoError::part("read the hub's keys"))
}

/// Publishes the programme and takes the customers over.
fn fill(
    store: &dyn Store,
    keys: &KeyRing,
    clock: &Clock,
    customers: impl IntoIterator<Item = Customer>,
) -> Result<(), DemoError> {
    let checked = Checked::of(PROGRAMME.to_owned());
    let checked = checked.map_err(DemoError::part("check the programme"))?;
    let programme = checked.programme.clone();
    publish(store, &keys.programme, checked, clock.now().wall)
        .map_err(DemoError::part("publish the programme at the hub"))?;
    let directory = DirectoryKey::from_bytes(&keys.directory);
    let importer = Importer { store, directory: &directory, programme: &programme };
    let file = members_file(customers);
    import(&importer, || Ok(file.as_slice()))
        .map_err(DemoError::part("import the members at the hub"))?;
    Ok(())
}

/// The hub's own thread: its API, and the line that leads there.
fn run(
    parts: Parts,
    opened: &std::sync::mpsc::Sender<Line>,
    closed: oneshot::Receiver<()>,
) -> Result<(), DemoError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(STORE_THREADS_MAX)
        .build()
        .map_err(DemoError::io("start the hub's runtime"))?;
    let failed = || DemoError::io("open the hub's door");
    runtime.block_on(async move {
        let acceptor = tls(&parts.keys.tls).map_err(DemoError::part("set up TLS"))?;
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed())?;
        let address = socket.local_addr().map_err(failed())?;
        let counts = parts.metrics.connections().clone();
        let limits = ConnectionLimits {
            connections_max: CONNECTIONS_MAX,
            refusals_max: REFUSALS_MAX,
            idle_max: IDLE_TIMEOUT,
        };
        let listener = HubListener::new(socket, Protection::Tls(acceptor), counts, limits);
        let listener = listener.map_err(failed())?;
        let line = Line::to(address).await.map_err(DemoError::io("open the line to the hub"))?;
        // Who opened it may be gone: then `closed` is too.
        let _ = opened.send(line);
        let shutdown = async {
            let _ = closed.await;
        };
        serve(listener, Api::new(parts), shutdown).await.map_err(DemoError::io("serve the hub"))
    })
}

fn ref_of(customer: Customer) -> Result<MemberRef, DemoError> {
    MemberRef::parse(&member_ref(customer)).map_err(DemoError::part("read a member's ref"))
}

fn standing(mut account: Account, programme: &Programme, today: NaiveDate) -> Standing {
    account.settle_expiry(today, programme.expiries());
    let (totals, lifetime) = (account.points().totals, account.facts().lifetime);
    Standing {
        balance: account.balance().value(),
        debt: account.debt().value(),
        issued: totals.issued.value(),
        spent: totals.spent.value(),
        restored: totals.restored.value(),
        clawed_back: totals.clawed_back.value(),
        expired: totals.expired.value(),
        spend: lifetime.spend.value(),
        visits: i64::from(lifetime.visits),
        tier: account
            .tier(programme, today)
            .map(|(tier, _)| tier.id.as_str().to_owned())
            .unwrap_or_default(),
        last_purchase: account.last_purchase().map(|day| day.to_string()),
        expires: account.next_expiry(programme.expiry).map(|(day, _)| day.to_string()),
    }
}
