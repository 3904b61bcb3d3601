//! The hub in process: the shipped API over the shipped SQLite store. Only its clock is simulated,
//! and its end.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;
use tower_service::Service as _;

use super::folder;
use crate::agent::sync::line::{Answer, SignedRequest};
use crate::hub::api::metrics::Metrics;
use crate::hub::api::{Api, Parts, router};
use crate::hub::import::{Importer, import};
use crate::hub::keys::{Init, KeyRing, init};
use crate::hub::programmes::{Checked, publish};
use crate::hub::snapshot::{Freshness, Shelf};
use crate::hub::store::rows::DeviceRow;
use crate::hub::store::sqlite::SqliteStore;
use crate::hub::store::{Store, Tx};
use crate::journal::{PublicKey, SigningKey};
use crate::shell::durable_file::{self, FileAccess};
use crate::shell::keys::{DIRECTORY_KEY_FILE, DirectoryKey};
use crate::sync::REPLY_BYTES_MAX;
use crate::wire::programme::ProgrammeFile;

const STORE_FILE: &str = "hub.db";
/// Snapshots are made anew after few changes, so that devices meet new ones.
const FRESHNESS: Freshness = Freshness { age_max: TimeDelta::hours(6), changes_max: 40 };

/// A hub that can end at any time and goes on from its files.
pub(super) struct SimulatedHub {
    clock_ms: Arc<AtomicI64>,
    running: Mutex<Running>,
    /// How often it was killed.
    deaths: Mutex<u32>,
}

struct Running {
    folder: TempDir,
    store: Arc<dyn Store>,
    api: Api,
    programme_key: SigningKey,
}

impl fmt::Debug for SimulatedHub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SimulatedHub({})", self.now())
    }
}

impl SimulatedHub {
    /// A hub with a programme and members.
    pub(super) fn begin(
        now: DateTime<Utc>,
        directory: &[u8; 32],
        programme: &str,
        members: &str,
    ) -> Self {
        let folder = folder();
        let path = folder.path();
        durable_file::replace(&path.join(DIRECTORY_KEY_FILE), directory, FileAccess::OwnerOnly)
            .expect("written");
        let store = SqliteStore::open(&path.join(STORE_FILE)).expect("a store");
        let root_file = path.join("root.key");
        init(&Init { folder: path, root_file: &root_file, store: &store, now })
            .expect("initialised");
        let programme_read = ProgrammeFile::check(programme).expect("a programme");
        let importer = Importer {
            store: &store,
            directory: &DirectoryKey::from_bytes(directory),
            programme: &programme_read,
        };
        import(&importer, || Ok(std::io::Cursor::new(members.to_owned()))).expect("imported");
        drop(store);
        let clock_ms = Arc::new(AtomicI64::new(now.timestamp_millis()));
        let running = Mutex::new(Running::of(folder, &clock_ms));
        let hub = Self { clock_ms, running, deaths: Mutex::new(0) };
        hub.publish(programme, now);
        hub
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        instant(&self.clock_ms)
    }

    pub(super) fn move_to(&self, now: DateTime<Utc>) {
        self.clock_ms.store(now.timestamp_millis(), Ordering::Release);
    }

    /// Publishes a programme, in force from an instant.
    pub(super) fn publish(&self, text: &str, from: DateTime<Utc>) {
        let running = lock(&self.running);
        let checked = Checked::of(text.to_owned()).expect("sound");
        publish(&*running.store, &running.programme_key, checked, from).expect("published");
    }

    /// Makes a device known. Gives the root's key, and the list of keys with its serial.
    pub(super) fn enrol(&self, device: &DeviceRow) -> (PublicKey, u64, Vec<u8>) {
        let running = lock(&self.running);
        let mut tx = running.store.write().expect("a transaction");
        tx.save_device(device).expect("saved");
        tx.commit().expect("committed");
        let keys = KeyRing::load(running.folder.path(), &*running.store).expect("keys");
        let list = running.store.read().expect("a look").newest_key_list().expect("read");
        let (serial, sealed, _) = list.expect("a list");
        (keys.root, serial, sealed)
    }

    /// Looks at what is stored.
    pub(super) fn look<T>(&self, look: impl FnOnce(&mut dyn Tx) -> T) -> T {
        let running = lock(&self.running);
        let mut tx = running.store.write().expect("a transaction");
        look(tx.as_mut())
    }

    /// Answers a request as the server would.
    pub(super) async fn answer(&self, request: SignedRequest) -> Answer {
        let SignedRequest { method, path, query, headers, body, wait: _ } = request;
        let uri = query.map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
        let body = Body::from(body.unwrap_or_default());
        let mut asked = axum::http::Request::new(body);
        *asked.method_mut() = method;
        *asked.uri_mut() = uri.parse().expect("a path");
        *asked.headers_mut() = headers;
        let mut service = router(lock(&self.running).api.clone());
        let answer = service.call(asked).await.unwrap_or_else(|never| match never {});
        let (answer, body) = answer.into_parts();
        let text = |name: HeaderName| {
            answer.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        Answer {
            status: answer.status.as_u16(),
            content_type: text(CONTENT_TYPE),
            content_encoding: text(CONTENT_ENCODING),
            retry_after: text(RETRY_AFTER),
            body: to_bytes(body, REPLY_BYTES_MAX).await.expect("a body").to_vec(),
        }
    }

    /// Ends as a killed process does and starts again: on the files as they lie there, with what is
    /// only in the write-ahead log.
    pub(super) fn die(&self) {
        let mut running = lock(&self.running);
        let left = folder();
        copy(running.folder.path(), left.path());
        *running = Running::of(left, &self.clock_ms);
        *lock(&self.deaths) += 1;
    }

    pub(super) fn deaths(&self) -> u32 {
        *lock(&self.deaths)
    }
}

impl Running {
    fn of(folder: TempDir, clock_ms: &Arc<AtomicI64>) -> Self {
        let path = folder.path();
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(&path.join(STORE_FILE)).expect("a store"));
        let keys = KeyRing::load(path, &*store).expect("keys");
        let programme_key = KeyRing::load(path, &*store).expect("keys").programme;
        let clock_ms = Arc::clone(clock_ms);
        let api = Api::new(Parts {
            store: Arc::clone(&store),
            keys,
            shelf: Shelf::open(path, FRESHNESS).expect("a folder"),
            clock: Arc::new(move || instant(&clock_ms)),
            linger: Duration::ZERO,
            metrics: Metrics::new(),
        });
        Self { folder, store, api, programme_key }
    }
}

/// Copies the files of a folder, without what only a running SQLite shares.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            std::fs::create_dir_all(&target).expect("made");
            copy(&entry.path(), &target);
        } else if !entry.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(entry.path(), &target).expect("copied");
        }
    }
}

fn instant(clock_ms: &AtomicI64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(clock_ms.load(Ordering::Acquire)).expect("in range")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
