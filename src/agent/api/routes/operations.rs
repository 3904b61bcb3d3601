//! What monitors and technicians ask for.

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::agent::api::limits::{BODY_BYTES_MAX, CONNECTIONS_MAX, REQUEST_TIMEOUT};
use crate::agent::api::metrics::OPEN_METRICS;
use crate::agent::api::problem::Problem;
use crate::agent::api::{Api, openapi, reply};
use crate::agent::message::fault::FieldFault;
use crate::agent::message::reply::{CheckReply, InfoReply, LimitsReply, ReadyReply};

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/v1/info", get(info))
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(openapi_json))
}

/// Whether the process lives. Touches nothing.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operations",
    responses((status = 200, description = "It lives", body = String, example = "ok")),
)]
pub(crate) async fn healthz() -> &'static str {
    "ok"
}

/// Whether tills can be served. Being offline for weeks is no reason that they cannot.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operations",
    responses((status = 200, description = "They can", body = ReadyReply)),
)]
pub(crate) async fn readyz(State(api): State<Api>) -> Result<Response, Problem> {
    let checks = CheckReply::all(&api.till().health().await);
    let faults = failed(&checks);
    if faults.is_empty() {
        return Ok(reply::json(StatusCode::OK, &ReadyReply { ready: true, checks }));
    }
    let detail = "tills cannot be served; errors says what to do";
    Err(Problem::with_faults("not_ready", detail, faults))
}

/// Who this is and what it takes.
#[utoipa::path(
    get,
    path = "/v1/info",
    tag = "operations",
    responses((status = 200, description = "The agent", body = InfoReply)),
)]
pub(crate) async fn info(State(api): State<Api>) -> Response {
    let health = api.till().health().await;
    let evaluator = api.till().programme().ok();
    let programme = evaluator.as_ref().map(|evaluator| evaluator.programme());
    let seconds = REQUEST_TIMEOUT.as_secs();
    let limits = LimitsReply::new(BODY_BYTES_MAX, CONNECTIONS_MAX, seconds);
    let reply = InfoReply::of(&health, api.till().store(), programme, limits);
    reply::json(StatusCode::OK, &reply)
}

/// Counters and histograms for Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operations",
    responses((
        status = 200,
        description = "OpenMetrics 1.0",
        body = String,
        content_type = "application/openmetrics-text",
    )),
)]
pub(crate) async fn metrics(State(api): State<Api>) -> Response {
    let content_type = (CONTENT_TYPE, HeaderValue::from_static(OPEN_METRICS));
    let health = api.till().health().await;
    let now = api.till().clock().sample().at;
    api.metrics().observe_hub(health.hub.as_ref(), now);
    ([content_type], api.metrics().render()).into_response()
}

/// This description.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "operations",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)),
)]
pub(crate) async fn openapi_json() -> Response {
    let content_type = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
    ([content_type], openapi::document()).into_response()
}

/// The needed checks that failed.
fn failed(checks: &[CheckReply]) -> Vec<FieldFault> {
    let failed = checks.iter().filter(|check| check.needed && !check.ok);
    failed
        .map(|check| FieldFault::new(format!("/checks/{}", check.name), check.name, check.advice))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::till::answer::Health;
    use crate::loyalty::DeviceId;

    #[test]
    fn only_what_tills_need_makes_the_agent_unready() {
        let well = Health {
            ledger_writable: true,
            programme_version: Some(1),
            clock_trusted: true,
            base_readable: true,
            members: 0,
            device: DeviceId::from_bytes([0; 16]),
            epoch: 1,
            sequence: 0,
            hub: None,
        };
        let cases = [
            (well.clone(), vec![]),
            (Health { clock_trusted: false, ..well.clone() }, vec![]),
            (Health { ledger_writable: false, ..well.clone() }, vec!["ledger_writable"]),
            (
                Health { programme_version: None, base_readable: false, ..well },
                vec!["programme_in_force"],
            ),
        ];
        for (health, codes) in cases {
            let faults = failed(&CheckReply::all(&health));
            assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), codes);
        }
    }
}
