//! `/v1/members/{ref}`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use crate::agent::api::extract::{PathText, Writing};
use crate::agent::api::guard::Caller;
use crate::agent::api::problem::Problem;
use crate::agent::api::{Api, reply};
use crate::agent::message::reply::{MemberReply, RecordReply};
use crate::agent::message::request::{AdjustmentBody, member_of};

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/v1/members/{ref}", get(member))
        .route("/v1/members/{ref}/adjustments", post(adjust))
}

/// A member's account as it is: a reference and figures, never a name.
#[utoipa::path(
    get,
    path = "/v1/members/{ref}",
    tag = "members",
    params(("ref" = String, Path, description = "32 hexadecimal digits")),
    responses((status = 200, description = "The account", body = MemberReply)),
)]
pub(crate) async fn member(
    State(api): State<Api>,
    PathText(member): PathText,
) -> Result<Response, Problem> {
    let member = member_of(&member)?;
    let evaluator = api.till().programme()?;
    let standing = api.till().member(member).await?;
    let reply = MemberReply::of(&standing, evaluator.programme());
    Ok(reply::json(StatusCode::OK, &reply))
}

/// Gives or takes points by hand. `adjustment_uid` makes it repeatable.
#[utoipa::path(
    post,
    path = "/v1/members/{ref}/adjustments",
    tag = "members",
    params(
        ("ref" = String, Path, description = "32 hexadecimal digits"),
        ("Idempotency-Key" = Option<String>, Header, description = "Optional"),
    ),
    request_body = AdjustmentBody,
    responses((
        status = 201,
        description = "Recorded, now or before: then `Idempotent-Replay: true` is sent",
        body = RecordReply,
    )),
)]
pub(crate) async fn adjust(
    State(api): State<Api>,
    caller: Caller,
    PathText(member): PathText,
    Writing { body, idempotency }: Writing<AdjustmentBody>,
) -> Result<Response, Problem> {
    let mut request = body.into_request(member_of(&member)?)?;
    request.till = caller.till().cloned();
    let recorded = api.till().adjust(request, idempotency).await?;
    Ok(reply::recorded(api.till(), &recorded, api.usual())?)
}
