//! Answers as responses.

use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;

use crate::wire::sync::{Message, packing, paths};

/// A message, packed.
pub(super) fn message(message: &impl Message) -> Response {
    packed(paths::CONTENT_TYPE, packing::pack(&message.to_message()))
}

/// Bytes that are packed already.
pub(super) fn packed(media_type: &'static str, bytes: Vec<u8>) -> Response {
    let mut response = of_type(media_type, bytes);
    let zstd = HeaderValue::from_static(packing::CONTENT_ENCODING);
    response.headers_mut().insert(CONTENT_ENCODING, zstd);
    response
}

/// Bytes as they are.
pub(super) fn of_type(media_type: &'static str, bytes: impl Into<Body>) -> Response {
    let mut response = Response::new(bytes.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// JSON, for people and their tools.
pub(super) fn json(status: StatusCode, reply: &impl Serialize) -> Response {
    let bytes = serde_json::to_vec(reply).expect("replies have text keys only");
    let mut response = of_type("application/json", bytes);
    *response.status_mut() = status;
    response
}
