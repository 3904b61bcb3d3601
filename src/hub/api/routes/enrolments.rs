//! Makes devices known.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::response::Response;
use ring::rand::SystemRandom;

use crate::hub::api::limits::ENROLMENT_BYTES_MAX;
use crate::hub::api::problem::Problem;
use crate::hub::api::signed::{Received, read_message};
use crate::hub::api::{Api, reply};
use crate::hub::enrolment::{EnrolmentError, enrol as enrol_device};
use crate::wire::sync::EnrolRequest;

/// Make a device known
///
/// The body is an `EnrolRequest` with the code of `tillward-hub device add`. The request is signed
/// with the key that it names. The same request again gets the same answer.
#[utoipa::path(
    post,
    path = "/sync/v1/enrolments",
    tag = "devices",
    request_body(content_type = "application/vnd.tillward.sync+cbor", content = Vec<u8>),
    responses((status = 200, description = "An `EnrolReply`",
        content_type = "application/vnd.tillward.sync+cbor", body = Vec<u8>)),
)]
pub(in crate::hub::api) async fn enrol(
    State(api): State<Api>,
    request: Request,
) -> Result<Response, Problem> {
    let received = Received::read(request, ENROLMENT_BYTES_MAX).await?;
    let body = received.unpacked(ENROLMENT_BYTES_MAX)?;
    let asked: EnrolRequest = read_message(&body)?;
    let at = api.now();
    received.verified(&api, &asked.public_key, at)?;
    if !api.inner.wrong_codes.may_look(Instant::now()) {
        return Err(Problem::new("too_many_codes", "too many wrong codes; wait a minute"));
    }
    let key_id = asked.public_key.key_id();
    let answered = api.blocking(move |api| {
        let random = SystemRandom::new();
        let enrolled = enrol_device(&*api.inner.store, &api.inner.directory, &asked, &random, at);
        if matches!(enrolled, Err(EnrolmentError::CodeUnknown)) {
            api.inner.wrong_codes.note(Instant::now());
        }
        Ok(enrolled?)
    });
    let answered = answered.await?;
    api.inner.devices.note(key_id, answered.device);
    Ok(reply::message(&answered))
}
