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
use super::guard::{Verdict, judge, share_with};
use super::limits::REQUEST_TIMEOUT;
use super::problem::Problem;
use super::routes::known_route;
use crate::shell::http::front::{X_REQUEST_ID, keeping_allow, method_name, panic_text};

/// Judges the caller, bounds the time, catches panics, and gives problems their form.
pub(super) async fn front(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let request_id = api.inner.request_ids.next();
    let method = method_name(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let route = known_route(route);
    let path = request.uri().path().to_owned();
    let span = tracing::info_span!("request", request_id, method, route);
    let settings = &api.inner.settings;
    let verdict = judge(settings, request.method(), request.uri(), request.headers());
    let (answer, origin) = match verdict {
        Err(problem) => (problem.into_response(), None),
        Ok(Verdict::Preflight(response)) => (*response, None),
        Ok(Verdict::Pass { caller, origin }) => {
            request.extensions_mut().insert(caller);
            let answer = carry_out(next.run(request), REQUEST_TIMEOUT);
            (answer.instrument(span.clone()).await, origin)
        }
    };
    let mut response = in_form(answer, &path, &request_id);
    if let Some(origin) = origin {
        share_with(origin, response.headers_mut());
    }
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
            let detail = format!(
                "the request took longer than {seconds} seconds and may or may not be carried \
                 out; send the same request again"
            );
            Problem::new("timed_out", detail).into_response()
        }
    }
}

/// Renders the problem that a response carries; an error without one gets one.
fn in_form(mut response: Response, path: &str, request_id: &str) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() {
        return keeping_allow(&response, problem.render(path, request_id));
    }
    let status = response.status();
    let plain = response.headers().get("content-type").is_none_or(|value| {
        value.to_str().is_ok_and(|media_type| media_type.starts_with("text/plain"))
    });
    if plain && (status.is_client_error() || status.is_server_error()) {
        let problem = Problem::of_status(status);
        return keeping_allow(&response, problem.render(path, request_id));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::http::StatusCode;

    use super::*;

    async fn told(response: Response) -> (StatusCode, serde_json::Value) {
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 10_000).await.expect("a body");
        (status, serde_json::from_slice(&bytes).expect("JSON"))
    }

    #[tokio::test]
    async fn a_problem_gets_its_path_and_request_id() {
        let response = Problem::new("conflict", "no").into_response();
        let (status, body) = told(in_form(response, "/v1/receipts/a", "00ff")).await;
        assert_eq!(status, 409);
        assert_eq!(
            (&body["instance"], &body["request_id"]),
            (&"/v1/receipts/a".into(), &"00ff".into())
        );
    }

    #[tokio::test]
    async fn a_bare_error_becomes_a_problem() {
        let cases = [
            (StatusCode::NOT_FOUND, "path_unknown"),
            (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
            (StatusCode::BAD_REQUEST, "request_malformed"),
            (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        ];
        for (status, code) in cases {
            let (answered, body) = told(in_form(status.into_response(), "/", "0")).await;
            assert_eq!((answered, &body["code"]), (status, &code.into()));
        }
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_error_that_tells_nothing() {
        let response = carry_out(async { panic!("secret") }, REQUEST_TIMEOUT).await;
        let (status, body) = told(in_form(response, "/", "0")).await;
        assert_eq!((status.as_u16(), &body["code"]), (500, &"internal".into()));
        assert!(!body.to_string().contains("secret"));
    }

    #[tokio::test]
    async fn a_request_is_given_up_after_its_time() {
        let response = carry_out(std::future::pending(), Duration::ZERO).await;
        let (status, body) = told(in_form(response, "/", "0")).await;
        assert_eq!((status.as_u16(), &body["code"]), (503, &"timed_out".into()));
        assert_eq!(body["retryable"], true);
    }
}
