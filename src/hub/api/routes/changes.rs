//! What changed behind a cursor.

use std::time::Duration;

use axum::extract::{FromRequest as _, Query, Request, State};
use axum::response::Response;
use prometheus_client::metrics::gauge::Gauge;
use serde::Deserialize;
use tokio::time::timeout;

use crate::hub::api::limits::WAIT_S_MAX;
use crate::hub::api::problem::Problem;
use crate::hub::api::signed::Signed;
use crate::hub::api::{Api, reply};
use crate::hub::changes::changes as changes_after;
use crate::hub::store::rows::DeviceRow;
use crate::wire::sync::{Changes, Cursor};

/// The question.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::hub::api) struct Asked {
    /// The cursor that the device holds.
    after: u64,
    /// How many seconds to wait for a change, 0 to 50; more is taken as 50.
    #[serde(default)]
    wait_s: u64,
}

/// What changed behind a cursor
///
/// Waits until something did or the time is over. A reply has everything up to now: `more` is never
/// true. 410 `snapshot_needed` where more changed than one reply tells.
#[utoipa::path(
    get,
    path = "/sync/v1/changes",
    tag = "devices",
    params(Asked),
    responses((status = 200, description = "`Changes`",
        content_type = "application/vnd.tillward.sync+cbor", body = Vec<u8>)),
)]
pub(in crate::hub::api) async fn changes(
    State(api): State<Api>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|_| {
        Problem::new("request_malformed", "the query has to be after=CURSOR&wait_s=SECONDS")
    })?;
    let signed = Signed::from_request(request, &api).await?.in_place()?;
    let after = Cursor(asked.after);
    let wait = Duration::from_secs(asked.wait_s.min(WAIT_S_MAX));
    let first = look(&api, signed.device.clone(), after).await?;
    if first.to != after || wait.is_zero() {
        return Ok(reply::message(&first));
    }
    wait_beyond(&api, after, wait).await;
    let then = look(&api, signed.device, after).await?;
    Ok(reply::message(&then))
}

async fn look(api: &Api, device: DeviceRow, after: Cursor) -> Result<Changes, Problem> {
    api.blocking(move |api| {
        let mut tx = api.inner.store.read()?;
        let found = changes_after(&mut *tx, &device, after, api.now())?;
        // What a commit of another process changed is known now.
        api.note_cursor(found.to);
        Ok(found)
    })
    .await
}

/// Ends too when the hub stops: the device asks the next process.
async fn wait_beyond(api: &Api, after: Cursor, wait: Duration) {
    let _waiting = Waiting::counted_in(api.metrics().waiting());
    let woken = async {
        tokio::select! {
            () = api.inner.seen.beyond(after) => tokio::time::sleep(api.inner.linger).await,
            () = api.closed() => {}
        }
    };
    // Whether it is over or something came is seen by looking.
    let _ = timeout(wait, woken).await;
}

/// A device that waits. One that hangs up takes its question with it, and is counted no more.
struct Waiting<'a>(&'a Gauge);

impl<'a> Waiting<'a> {
    fn counted_in(waiting: &'a Gauge) -> Self {
        waiting.inc();
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}
