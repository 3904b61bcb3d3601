//! `/v1/receipts/{uid}/void`, `/returns` and `/member`: what follows a sale.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;

use crate::agent::api::extract::{PathText, Writing};
use crate::agent::api::guard::Caller;
use crate::agent::api::problem::Problem;
use crate::agent::api::{Api, reply};
use crate::agent::message::reply::RecordReply;
use crate::agent::message::request::{MemberBody, ReturnBody, VoidBody, uid_of};

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/v1/receipts/{uid}/void", post(void))
        .route("/v1/receipts/{uid}/returns", post(take_back))
        .route("/v1/receipts/{uid}/member", post(assign))
}

/// Takes back everything that is left of a receipt. `void_uid` makes it repeatable.
#[utoipa::path(
    post,
    path = "/v1/receipts/{uid}/void",
    tag = "till",
    params(
        ("uid" = String, Path, description = "The receipt's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Optional"),
    ),
    request_body = VoidBody,
    responses((
        status = 201,
        description = "Recorded, now or before: then `Idempotent-Replay: true` is sent",
        body = RecordReply,
    )),
)]
pub(crate) async fn void(
    State(api): State<Api>,
    caller: Caller,
    PathText(uid): PathText,
    Writing { body, idempotency }: Writing<VoidBody>,
) -> Result<Response, Problem> {
    let presentation = api.usual().speaking(body.language.as_deref());
    let request = body.into_request(uid_of(&uid)?)?;
    caller.may_act_for(&request.till)?;
    let recorded = api.till().void(request, idempotency).await?;
    api.metrics().observe_undo(&recorded);
    Ok(reply::recorded(api.till(), &recorded, presentation)?)
}

/// Takes back units of a receipt. `return_uid` makes it repeatable.
#[utoipa::path(
    post,
    path = "/v1/receipts/{uid}/returns",
    tag = "till",
    params(
        ("uid" = String, Path, description = "The receipt's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Optional"),
    ),
    request_body = ReturnBody,
    responses((
        status = 201,
        description = "Recorded, now or before: then `Idempotent-Replay: true` is sent",
        body = RecordReply,
    )),
)]
pub(crate) async fn take_back(
    State(api): State<Api>,
    caller: Caller,
    PathText(uid): PathText,
    Writing { body, idempotency }: Writing<ReturnBody>,
) -> Result<Response, Problem> {
    let presentation = api.usual().speaking(body.language.as_deref());
    let request = body.into_request(uid_of(&uid)?)?;
    caller.may_act_for(&request.till)?;
    let recorded = api.till().take_back(request, idempotency).await?;
    api.metrics().observe_undo(&recorded);
    Ok(reply::recorded(api.till(), &recorded, presentation)?)
}

/// Names the member of a receipt afterwards. The receipt makes it repeatable.
#[utoipa::path(
    post,
    path = "/v1/receipts/{uid}/member",
    tag = "till",
    params(
        ("uid" = String, Path, description = "The receipt's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Optional"),
    ),
    request_body = MemberBody,
    responses((
        status = 201,
        description = "Recorded, now or before: then `Idempotent-Replay: true` is sent",
        body = RecordReply,
    )),
)]
pub(crate) async fn assign(
    State(api): State<Api>,
    caller: Caller,
    PathText(uid): PathText,
    Writing { body, idempotency }: Writing<MemberBody>,
) -> Result<Response, Problem> {
    let presentation = api.usual().speaking(body.language.as_deref());
    let request = body.into_request(uid_of(&uid)?)?;
    caller.may_act_for(&request.till)?;
    let recorded = api.till().assign(request, idempotency).await?;
    api.metrics().observe_assign(&recorded);
    Ok(reply::recorded(api.till(), &recorded, presentation)?)
}
