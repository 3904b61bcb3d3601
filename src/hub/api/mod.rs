//! What devices ask of the hub, over HTTP.
//!
//! `front` sees every request first and gives problems their form; `signed` takes only what a known
//! device signed; `routes` has a file for each group of paths; `waiting` wakes who waits for changes;
//! `listener` takes connections, with TLS or on loopback; `problem` and `problem_kinds` say what went
//! wrong, `openapi` describes all of it from the code.

mod codes;
mod devices;
mod front;
pub(crate) mod limits;
pub(crate) mod listener;
pub(crate) mod metrics;
mod openapi;
pub(crate) mod problem;
pub(crate) mod problem_kinds;
mod reply;
mod routes;
mod signed;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod waiting;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::{Router, middleware};
use chrono::{DateTime, Utc};
use tokio::sync::{Mutex, Semaphore, watch};

use self::codes::WrongCodes;
use self::devices::KnownDevices;
use self::limits::{DRAIN_TIMEOUT, STORE_THREADS_MAX};
use self::listener::HubListener;
use self::metrics::Metrics;
use self::problem::Problem;
use self::waiting::SeenCursor;
use super::ingest::Ingest;
use super::keys::KeyRing;
use super::snapshot::Shelf;
use super::store::Store;
use crate::journal::PublicKey;
use crate::shell::http::request_id::RequestIds;
use crate::shell::keys::DIRECTORY_KEY_BYTES;
use crate::wire::sync::{Cursor, HubNonces, RootFingerprint};

/// What tells the hub the time: a machine's clock, or one that is simulated.
pub(crate) type HubClock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What a server is made of.
pub(crate) struct Parts {
    /// The store.
    pub(crate) store: Arc<dyn Store>,
    /// The keys.
    pub(crate) keys: KeyRing,
    /// The snapshots.
    pub(crate) shelf: Shelf,
    /// The hub's clock.
    pub(crate) clock: HubClock,
    /// How long a device that waits is kept waiting behind the first change: see [`limits::LINGER`].
    pub(crate) linger: Duration,
    /// What is counted.
    pub(crate) metrics: Metrics,
}

/// What handlers share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    root: PublicKey,
    fingerprint: RootFingerprint,
    directory: [u8; DIRECTORY_KEY_BYTES],
    nonces: HubNonces,
    ingest: Ingest,
    shelf: Shelf,
    clock: HubClock,
    linger: Duration,
    metrics: Metrics,
    devices: KnownDevices,
    wrong_codes: WrongCodes,
    seen: SeenCursor,
    request_ids: RequestIds,
    threads: Semaphore,
    snapshot_turn: Mutex<()>,
    closing: watch::Sender<bool>,
}

impl Api {
    /// An API over a store.
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { store, keys, shelf, clock, linger, metrics } = parts;
        let inner = Inner {
            store,
            root: keys.root,
            fingerprint: keys.fingerprint(),
            directory: keys.directory,
            nonces: keys.nonces,
            ingest: Ingest::new(keys.checkpoint),
            shelf,
            clock,
            linger,
            metrics,
            devices: KnownDevices::default(),
            wrong_codes: WrongCodes::default(),
            seen: SeenCursor::new(),
            request_ids: RequestIds::new(),
            threads: Semaphore::new(STORE_THREADS_MAX),
            snapshot_turn: Mutex::new(()),
            closing: watch::Sender::new(false),
        };
        Self { inner: Arc::new(inner) }
    }

    fn now(&self) -> DateTime<Utc> {
        (self.inner.clock)()
    }

    fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Does something with the store on a thread of its own; a few at once.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let _turn = self.inner.threads.acquire().await;
        let api = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&api)).await;
        done.unwrap_or_else(|error| Err(Problem::internal(&error)))
    }

    /// Notes where the changes are; wakes who waits for them.
    fn note_cursor(&self, cursor: Cursor) {
        self.inner.metrics.note_cursor(cursor.0);
        self.inner.seen.note(cursor);
    }

    /// Ready when the hub stops.
    async fn closed(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.inner.closing.subscribe().wait_for(|closing| *closing).await;
    }
}

/// Every path, with the front before it.
pub(crate) fn router(api: Api) -> Router {
    routes::router()
        .layer(middleware::from_fn_with_state(api.clone(), front::front))
        .with_state(api)
}

/// Serves devices until `shutdown`; requests that are open then may finish.
///
/// # Errors
/// Where the listener fails for good.
pub(crate) async fn serve(
    listener: HubListener,
    api: Api,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let told = api.clone();
    let signal = async move {
        shutdown.await;
        told.inner.closing.send_replace(true);
    };
    let server = axum::serve(listener, router(api.clone()).into_make_service())
        .with_graceful_shutdown(signal);
    let give_up = async {
        api.closed().await;
        tokio::time::sleep(DRAIN_TIMEOUT).await;
    };
    tokio::select! {
        result = server.into_future() => result,
        () = give_up => {
            tracing::warn!("requests were still open when the hub stopped");
            Ok(())
        }
        () = waiting::keep_looking(api.clone()) => Ok(()),
    }
}
