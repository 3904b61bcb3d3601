//! Answers as responses.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;

use crate::agent::message::presentation::Presentation;
use crate::agent::message::reply::RecordReply;
use crate::agent::till::Till;
use crate::agent::till::answer::{Novelty, Recorded};
use crate::agent::till::error::TillError;

const IDEMPOTENT_REPLAY: HeaderName = HeaderName::from_static("idempotent-replay");

/// What most answers take, so that the buffer does not grow.
const BYTES_USUAL: usize = 2_048;

/// An answer in JSON.
pub(super) fn json(status: StatusCode, reply: &impl Serialize) -> Response {
    let mut bytes = Vec::with_capacity(BYTES_USUAL);
    serde_json::to_writer(&mut bytes, reply)
        .expect("replies have text keys only and a vector takes every byte");
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Something recorded: 201 with the same body each time it is asked for, worded by the programme
/// that it was decided under; a header tells a repeat.
pub(super) fn recorded(
    till: &Till,
    recorded: &Recorded,
    presentation: Presentation,
) -> Result<Response, TillError> {
    let evaluator = till.programme_of(recorded.record.header.programme_version);
    let evaluator = evaluator.map_or_else(|| till.programme(), Ok)?;
    let reply = RecordReply::of(recorded, evaluator.programme(), presentation);
    Ok(telling_repeat(json(StatusCode::CREATED, &reply), recorded.novelty))
}

/// Says that an answer was given before.
pub(super) fn telling_repeat(mut response: Response, novelty: Novelty) -> Response {
    if novelty == Novelty::Repeated {
        response.headers_mut().insert(IDEMPOTENT_REPLAY, HeaderValue::from_static("true"));
    }
    response
}
