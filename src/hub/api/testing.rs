//! A hub and devices for tests: a real server on loopback, a real SQLite file, real requests.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::blocking::{Client, Response};
use ring::rand::SystemRandom;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::listener::{HubListener, Protection};
use super::metrics::Metrics;
use super::{Api, Parts, serve};
use crate::hub::enrolment::{Expected, expect};
use crate::hub::keys::{Init, KeyRing, init};
use crate::hub::snapshot::{Freshness, Shelf};
use crate::hub::store::Store;
use crate::hub::store::sqlite::SqliteStore;
use crate::journal::SigningKey;
use crate::journal::testing::instant;
use crate::loyalty::{DeviceId, StoreId};
use crate::shell::http::connections::{ConnectionCounts, ConnectionLimits};
use crate::wire::sync::packing::{pack, unpack};
use crate::wire::sync::{
    EnrolReply, EnrolRequest, EnrolmentCode, Message, Nonce, PROTOCOL_HEADER, RequestParts,
    SealingSecret, paths,
};

/// A programme with a kind of voucher.
pub(crate) const PROGRAMME: &str = r#"format = 1
id = "club"
version = 1
name = "Club"
currency = "CZK"
zone = "Europe/Prague"

[[earn]]
id = "spend"
kind = "per_amount"
points = 1
amount = "10.00"

[[voucher_types]]
id = "hundred"
name = "Poukaz 100"
kind = "amount"
amount = "100.00"
"#;

/// The store that devices are of.
pub(crate) fn store_id() -> StoreId {
    StoreId::parse("S1").expect("an id")
}

/// A folder with a hub's keys and its store.
pub(crate) fn hub_folder() -> (TempDir, SqliteStore, KeyRing) {
    let dir = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&dir.path().join("hub.db")).expect("a store");
    let root_file = dir.path().join("root.key");
    let (folder, now) = (dir.path(), instant(0));
    init(&Init { folder, root_file: &root_file, store: &store, now }).expect("initialised");
    let keys = KeyRing::load(folder, &store).expect("keys");
    (dir, store, keys)
}

/// A hub that serves on loopback until it is dropped.
pub(crate) struct TestHub {
    pub(crate) dir: TempDir,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TestHub {
    /// Over a SQLite file; the hub's clock stands still.
    pub(crate) fn new() -> Self {
        Self::over(|store| store)
    }

    /// Over a store that is made of the SQLite file.
    pub(crate) fn over(store_of: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>) -> Self {
        let (dir, store, keys) = hub_folder();
        let store = store_of(Arc::new(store));
        let freshness = Freshness { age_max: TimeDelta::hours(1), changes_max: 2 };
        let parts = Parts {
            store: Arc::clone(&store),
            keys,
            shelf: Shelf::open(dir.path(), freshness).expect("a folder"),
            clock: Arc::new(hub_time),
            metrics: Metrics::new(),
        };
        let (stop, stopped) = oneshot::channel();
        let (told, bound) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                told.send(socket.local_addr().expect("an address")).expect("somebody waits");
                let counts = ConnectionCounts::default();
                let listener = HubListener::new(socket, Protection::Plain, counts, LIMITS);
                let shutdown = async {
                    let _ = stopped.await;
                };
                serve(listener.expect("a listener"), Api::new(parts), shutdown)
                    .await
                    .expect("served");
            });
        });
        let url = format!("http://{}", bound.recv().expect("it listens"));
        Self { dir, store, url, stop: Some(stop), thread: Some(thread) }
    }

    /// The file of the root key.
    pub(crate) fn root_file(&self) -> PathBuf {
        self.dir.path().join("root.key")
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// Expects a device under a code.
    pub(crate) fn expect_device(&self, code: &EnrolmentCode, replaces: Option<DeviceId>) {
        let expected = Expected {
            name: "lane".to_owned(),
            store: store_id(),
            group: "all".to_owned(),
            replaces,
            code_life: TimeDelta::days(7),
        };
        expect(&*self.store, expected, code, hub_time()).expect("expected");
    }

    /// A device that is enrolled.
    pub(crate) fn enrolled(&self, number: u8) -> TestDevice {
        let device = self.device(number);
        self.expect_device(&device.code(), None);
        let (status, _, _) = device.enrol(&device.code(), hub_time(), None);
        assert_eq!(status, 200);
        device
    }

    /// A device that nobody knows yet.
    pub(crate) fn device(&self, number: u8) -> TestDevice {
        let key = SigningKey::from_seed([number; 32]);
        TestDevice { key, number, url: self.url.clone(), http: client() }
    }
}

impl Drop for TestHub {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the hub's clock shows.
pub(crate) fn hub_time() -> DateTime<Utc> {
    instant(0)
}

pub(crate) const LIMITS: ConnectionLimits = ConnectionLimits {
    connections_max: 64,
    refusals_max: 4,
    idle_max: std::time::Duration::from_secs(60),
};

/// A device that talks to a hub.
pub(crate) struct TestDevice {
    pub(crate) key: SigningKey,
    number: u8,
    url: String,
    http: Client,
}

/// What came back: status, body as it came, media type.
pub(crate) type Answer = (u16, Vec<u8>, String);

impl TestDevice {
    /// The code that it enrols with.
    pub(crate) fn code(&self) -> EnrolmentCode {
        EnrolmentCode::of_random([self.number; 16])
    }

    /// Asks to be known; gives the secret to open the directory key with.
    pub(crate) fn enrol(
        &self,
        code: &EnrolmentCode,
        created: DateTime<Utc>,
        nonce: Option<Nonce>,
    ) -> (u16, Vec<u8>, SealingSecret) {
        let secret = SealingSecret::generate(&SystemRandom::new()).expect("a secret");
        let request = EnrolRequest {
            code: code.as_str().to_owned(),
            public_key: self.key.public_key(),
            sealing_key: secret.public_key(),
            software: crate::journal::SoftwareVersion::parse("0.1.0").expect("a version"),
            at: created,
        };
        let body = pack(&request.to_message());
        let (status, body, _) = self.send("POST", paths::ENROLMENTS, &body, created, nonce);
        (status, body, secret)
    }

    /// The reply to an enrolment that was taken.
    pub(crate) fn reply(body: &[u8]) -> EnrolReply {
        EnrolReply::from_message(&unpack(body, 100_000).expect("packed")).expect("a reply")
    }

    /// Asks for something now.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, b"", hub_time(), None)
    }

    /// Asks for a message now.
    pub(crate) fn message<M: Message>(&self, path: &str) -> M {
        let (status, body, media_type) = self.get(path);
        assert_eq!((status, media_type.as_str()), (200, paths::CONTENT_TYPE), "{path}");
        M::from_message(&unpack(&body, 10_000_000).expect("packed")).expect("a message")
    }

    /// Sends a signed request.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        created: DateTime<Utc>,
        nonce: Option<Nonce>,
    ) -> Answer {
        let (plain, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
        let parts = RequestParts::new(method, plain, query, body).expect("a request");
        let nonce = nonce.unwrap_or_else(|| Nonce::of_random([7; 12]));
        let signed = parts.sign(created, nonce, &self.key);
        let headers = signed.headers().map(|(name, value)| (name, value.to_owned()));
        self.send_with(method, path, body, &headers)
    }

    /// Sends a request with headers as they are.
    pub(crate) fn send_with(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        headers: &[(&str, String)],
    ) -> Answer {
        let method = method.parse().expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        request = request.header(PROTOCOL_HEADER, "1");
        if !body.is_empty() {
            request = request
                .header("content-type", paths::CONTENT_TYPE)
                .header("content-encoding", "zstd")
                .body(body.to_vec());
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        answer(request.send().expect("an answer"))
    }
}

/// Asks without a signature.
pub(crate) fn plain(url: &str, accept: &str) -> Answer {
    let request = client().get(url).header("accept", accept);
    answer(request.send().expect("an answer"))
}

fn answer(response: Response) -> Answer {
    let status = response.status().as_u16();
    let media_type = response.headers().get("content-type");
    let media_type = media_type.and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    (status, response.bytes().expect("a body").to_vec(), media_type)
}

/// A client over plain HTTP. Where the agent is built too, `reqwest` wants to know by what it would
/// speak TLS.
fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}
