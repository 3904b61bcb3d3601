//! Takes in what devices recorded.

use std::time::Instant;

use axum::extract::State;
use axum::response::Response;

use crate::hub::api::problem::Problem;
use crate::hub::api::signed::Signed;
use crate::hub::api::{Api, reply};
use crate::wire::sync::{Bytes, PushBatch, PushReply};

/// Send records of the device's journal
///
/// The body is a `PushBatch`. The reply's checkpoint is the only acknowledgement. The same batch again
/// does nothing and gets the same answer.
#[utoipa::path(
    post,
    path = "/sync/v1/records",
    tag = "devices",
    request_body(content_type = "application/vnd.tillward.sync+cbor", content = Vec<u8>),
    responses((status = 200, description = "A `PushReply`",
        content_type = "application/vnd.tillward.sync+cbor", body = Vec<u8>)),
)]
pub(in crate::hub::api) async fn push(
    State(api): State<Api>,
    signed: Signed,
) -> Result<Response, Problem> {
    let batch: PushBatch = signed.message()?;
    let (device, at) = (signed.device.device, signed.at);
    let ingested = api.blocking(move |api| {
        let begun = Instant::now();
        let ingested = api.inner.ingest.take_in(&*api.inner.store, device, &batch, at)?;
        let quarantined = ingested.quarantined.len();
        api.metrics().observe_batch(ingested.added, quarantined, begun.elapsed());
        Ok(ingested)
    });
    let ingested = ingested.await?;
    if let Some(cursor) = ingested.cursor {
        api.note_cursor(cursor);
    }
    Ok(reply::message(&PushReply {
        checkpoint: ingested.checkpoint.map(Bytes),
        quarantined: ingested.quarantined,
        at,
    }))
}
