//! The local API: HTTP/JSON for the tills of a store.
//!
//! `front` sees every request first: it asks `guard` whether the caller may, bounds the time,
//! and gives every problem its form. `extract` reads bodies, `routes` has a file for each group
//! of paths, `problem` and `problem_kinds` say what went wrong, `openapi` describes all of it from
//! the code.

pub(crate) mod event_log;
pub(crate) mod extract;
pub(crate) mod front;
pub(crate) mod guard;
pub(crate) mod limits;
pub(crate) mod metrics;
pub(crate) mod openapi;
pub(crate) mod problem;
pub(crate) mod problem_kinds;
pub(crate) mod reply;
pub(crate) mod routes;
pub(crate) mod settings;

use std::io;
use std::sync::Arc;

use axum::serve::{Listener, ListenerExt as _};
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use self::event_log::EventLog;
use self::limits::{CONNECTIONS_MAX, DRAIN_TIMEOUT, IDLE_TIMEOUT, REFUSALS_MAX};
use self::metrics::Metrics;
use self::settings::ApiSettings;
use super::message::presentation::Presentation;
use super::message::reply::EventMessage;
use super::till::Till;
use crate::shell::http::connections::{ConnectionLimits, LimitedListener};
use crate::shell::http::request_id::RequestIds;

/// What handlers share. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    till: Till,
    settings: ApiSettings,
    metrics: Metrics,
    request_ids: RequestIds,
    events: EventLog,
    closing: watch::Sender<bool>,
}

impl Api {
    /// An API for the use cases of a till.
    pub(crate) fn new(till: Till, settings: ApiSettings, metrics: Metrics) -> Self {
        let inner = Inner {
            till,
            settings,
            metrics,
            request_ids: RequestIds::new(),
            events: EventLog::new(),
            closing: watch::Sender::new(false),
        };
        Self { inner: Arc::new(inner) }
    }

    fn till(&self) -> &Till {
        &self.inner.till
    }

    /// How answers look where a request does not say.
    fn usual(&self) -> Presentation {
        self.inner.settings.usual
    }

    fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Passes on what happens at the till until the agent stops.
    async fn pass_on_events(&self) {
        let mut happenings = self.till().subscribe();
        loop {
            match happenings.recv().await {
                Ok(event) => {
                    let message = EventMessage::of(&event, self.usual().language);
                    self.inner.events.publish(message);
                }
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "events came faster than they were passed on");
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// Ready when the agent stops.
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

/// Serves tills over TCP until `shutdown`; requests that are open then may finish.
///
/// # Errors
/// Where the listener fails for good.
pub(crate) async fn serve(
    listener: TcpListener,
    api: Api,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "answers may be delayed");
        }
    });
    serve_on(listener, api, shutdown).await
}

/// Serves any listener (a Unix socket, TLS) until `shutdown`.
///
/// # Errors
/// Where the listener fails for good.
pub(crate) async fn serve_on<L: Listener>(
    listener: L,
    api: Api,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()>
where
    L::Addr: std::fmt::Debug,
{
    let limits = ConnectionLimits {
        connections_max: api.inner.settings.connections_max.min(CONNECTIONS_MAX),
        refusals_max: REFUSALS_MAX,
        idle_max: IDLE_TIMEOUT,
    };
    let listener =
        LimitedListener::with_limit(listener, api.metrics().connections().clone(), limits);
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
    let events = async {
        api.pass_on_events().await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        result = server.into_future() => result,
        () = give_up => {
            tracing::warn!("requests were still open when the agent stopped");
            Ok(())
        }
        () = events => Ok(()),
    }
}
