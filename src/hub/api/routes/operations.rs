//! What whoever runs the hub asks.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::hub::api::limits::{BODY_BYTES_MAX, UNPACKED_BYTES_MAX, WAIT_S_MAX};
use crate::hub::api::metrics::OPEN_METRICS;
use crate::hub::api::problem::Problem;
use crate::hub::api::{Api, openapi, reply};
use crate::journal::{ENGINE, FORMAT};
use crate::wire::sync::{PROTOCOL, PUSH_RECORDS_MAX};

/// Whether the process lives
#[utoipa::path(get, path = "/healthz", tag = "operations", security(()),
    responses((status = 200, description = "It does")))]
pub(in crate::hub::api) async fn healthz() -> Response {
    reply::json(StatusCode::OK, &Health { status: "alive" })
}

/// Whether it can serve: the store answers
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()),
    responses((status = 200, description = "It can")))]
pub(in crate::hub::api) async fn readyz(State(api): State<Api>) -> Result<Response, Problem> {
    let looked = api.blocking(|api| Ok(api.inner.store.read()?.cursor()?)).await;
    looked.map_err(|_| Problem::new("not_ready", "the store does not answer; the log says why"))?;
    Ok(reply::json(StatusCode::OK, &Health { status: "ready" }))
}

/// What runs here, and its limits
#[utoipa::path(get, path = "/info", tag = "operations", security(()),
    responses((status = 200, description = "What runs here", body = Info)))]
pub(in crate::hub::api) async fn info(State(api): State<Api>) -> Response {
    let info = Info {
        version: env!("CARGO_PKG_VERSION"),
        engine: ENGINE.into(),
        record_format: FORMAT.into(),
        protocol: PROTOCOL,
        fingerprint: api.inner.fingerprint.to_string(),
        now: api.now().to_rfc3339(),
        limits: Limits {
            body_bytes_max: BODY_BYTES_MAX,
            unpacked_bytes_max: UNPACKED_BYTES_MAX,
            records_max: PUSH_RECORDS_MAX,
            wait_s_max: WAIT_S_MAX,
        },
    };
    reply::json(StatusCode::OK, &info)
}

/// Counters for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "operations", security(()),
    responses((status = 200, description = "OpenMetrics 1.0",
        content_type = "application/openmetrics-text", body = String)))]
pub(in crate::hub::api) async fn metrics(State(api): State<Api>) -> Response {
    reply::of_type(OPEN_METRICS, api.metrics().render())
}

/// This description
#[utoipa::path(get, path = "/openapi.json", tag = "operations", security(()),
    responses((status = 200, description = "OpenAPI 3.1")))]
pub(in crate::hub::api) async fn openapi_json() -> Response {
    reply::of_type("application/json", openapi::document())
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// What runs here.
#[derive(Serialize, ToSchema)]
pub(in crate::hub::api) struct Info {
    /// The program's version.
    version: &'static str,
    /// The version of the decisions.
    engine: u64,
    /// The format of records.
    record_format: u64,
    /// The version of the messages.
    protocol: u16,
    /// By what devices know the hub.
    fingerprint: String,
    /// The hub's time.
    now: String,
    /// What is taken.
    limits: Limits,
}

/// What is taken.
#[derive(Serialize, ToSchema)]
struct Limits {
    /// A body as it is sent.
    body_bytes_max: usize,
    /// A body when it is unpacked.
    unpacked_bytes_max: usize,
    /// Records of a batch.
    records_max: usize,
    /// Seconds that a question for changes waits.
    wait_s_max: u64,
}
