//! `/v1/identify`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;

use crate::agent::api::extract::Reading;
use crate::agent::api::problem::Problem;
use crate::agent::api::{Api, reply};
use crate::agent::message::reply::IdentifyReply;
use crate::agent::message::request::IdentifyBody;

pub(super) fn router() -> Router<Api> {
    Router::new().route("/v1/identify", post(identify))
}

/// Who a scan is.
#[utoipa::path(
    post,
    path = "/v1/identify",
    tag = "till",
    request_body = IdentifyBody,
    responses((status = 200, description = "The member", body = IdentifyReply)),
)]
pub(crate) async fn identify(
    State(api): State<Api>,
    Reading(body): Reading<IdentifyBody>,
) -> Result<Response, Problem> {
    let programme = api.till().programme()?;
    let language = api.usual().speaking(body.language.as_deref()).language;
    let identified = api.till().identify(body.into_request()).await?;
    let reply = IdentifyReply::of(&identified, programme.programme(), language);
    Ok(reply::json(StatusCode::OK, &reply))
}
