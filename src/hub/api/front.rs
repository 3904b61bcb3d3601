//! What every request passes first and every answer last.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use tokio::time::timeout;
use tracing::Instrument as _;

use super::Api;
use super::limits::{REQUEST_TIMEOUT, WAIT_S_MAX};
use super::problem::Problem;
use super::routes::known_route;
use crate::shell::http::front::{X_REQUEST_ID, keeping_allow, method_name, panic_text};
use crate::wire::sync::paths;

/// Bounds the time, catches panics, and gives problems their form.
pub(super) async fn front(State(api): State<Api>, request: Request, next: Next) -> Response {
    let request_id = api.inner.request_ids.next();
    let method = method_name(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let route = known_route(route);
    let path = request.uri().path().to_owned();
    let span = tracing::info_span!("request", request_id, method, route);
    let time_max = if route == paths::CHANGES {
        REQUEST_TIMEOUT + Duration::from_secs(WAIT_S_MAX)
    } else {
        REQUEST_TIMEOUT
    };
    let answer = carry_out(next.run(request), time_max).instrument(span.clone()).await;
    let mut response = in_form(answer, &path, &request_id);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(X_REQUEST_ID, value);
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let status = response.status().as_u16();
    span.in_scope(|| tracing::debug!(status, "answered"));
    api.metrics().observe_request(method, route, status);
    response
}

/// The answer, or a problem where it does not come in time or the handler panics.
async fn carry_out(answer: impl Future<Output = Response>, time_max: Duration) -> Response {
    match timeout(time_max, AssertUnwindSafe(answer).catch_unwind()).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            tracing::error!(panic = panic_text(&*panic), "a handler panicked");
            Problem::new("internal", "internal error; the log says more").into_response()
        }
        Err(_) => {
            let seconds = time_max.as_secs();
            tracing::warn!(seconds, "a request was given up");
            let detail = format!("the request took longer than {seconds} seconds; send it again");
            Problem::new("timed_out", detail).into_response()
        }
    }
}

/// Renders the problem that a response carries; an error without one gets one. What a caller
/// accepts changes nothing: a browser gets the same as a device.
fn in_form(mut response: Response, path: &str, request_id: &str) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() {
        return keeping_allow(&response, problem.render(path, request_id));
    }
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        return keeping_allow(&response, Problem::of_status(status).render(path, request_id));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_or_a_request_without_end_is_a_problem() {
        let panics = carry_out(async { panic!("secret") }, REQUEST_TIMEOUT).await;
        let endless = carry_out(std::future::pending(), Duration::ZERO).await;
        for (response, status) in [(panics, 500), (endless, 503)] {
            let told = in_form(response, "/x", "00ff");
            assert_eq!(told.status(), status);
            let body = axum::body::to_bytes(told.into_body(), 10_000).await.expect("a body");
            let text = String::from_utf8(body.to_vec()).expect("JSON");
            assert!(text.contains("00ff") && !text.contains("secret"), "{text}");
        }
    }
}
