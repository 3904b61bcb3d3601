//! What the front of every server does with requests and answers.

use std::any::Any;

use axum::http::{HeaderName, Method};
use axum::response::Response;

/// Names the request in the answer.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A 405 says which methods the path takes (RFC 9110, 15.5.6).
pub(crate) fn keeping_allow(plain: &Response, mut problem: Response) -> Response {
    if let Some(allow) = plain.headers().get("allow") {
        problem.headers_mut().insert("allow", allow.clone());
    }
    problem
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (None, Some(text)) => text,
        (None, None) => "unknown",
    }
}

/// A method as a label, of which there are few.
pub(crate) fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::HEAD => "HEAD",
        _ => "other",
    }
}
