//! `/v1/reservations`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{delete, post};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::agent::api::extract::{PathText, QueryOf, Writing};
use crate::agent::api::guard::Caller;
use crate::agent::api::problem::Problem;
use crate::agent::api::{Api, reply};
use crate::agent::message::reply::ReservationReply;
use crate::agent::message::request::{ReservationBody, till_of, uid_of};

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/v1/reservations", post(reserve))
        .route("/v1/reservations/{uid}", delete(release))
}

/// What a reservation is let go with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TillQuery {
    /// The till that reserved.
    till: String,
}

/// Keeps points and vouchers free while the customer pays. `reservation_uid` makes it repeatable.
///
/// There is no basket yet: what depends on one, such as a voucher's minimum, is said by the quote.
#[utoipa::path(
    post,
    path = "/v1/reservations",
    tag = "till",
    params(("Idempotency-Key" = Option<String>, Header, description = "Optional")),
    request_body = ReservationBody,
    responses((
        status = 201,
        description = "On hold, now or before: then `Idempotent-Replay: true` is sent",
        body = ReservationReply,
    )),
)]
pub(crate) async fn reserve(
    State(api): State<Api>,
    caller: Caller,
    Writing { body, idempotency }: Writing<ReservationBody>,
) -> Result<Response, Problem> {
    let request = body.into_request()?;
    caller.may_act_for(&request.till)?;
    let reserved = api.till().reserve(request, idempotency).await?;
    let response = reply::json(StatusCode::CREATED, &ReservationReply::of(&reserved));
    Ok(reply::telling_repeat(response, reserved.novelty))
}

/// Lets a reservation go.
#[utoipa::path(
    delete,
    path = "/v1/reservations/{uid}",
    tag = "till",
    params(("uid" = String, Path, description = "The reservation's id"), TillQuery),
    responses((status = 204, description = "Let go")),
)]
pub(crate) async fn release(
    State(api): State<Api>,
    caller: Caller,
    PathText(uid): PathText,
    QueryOf(query): QueryOf<TillQuery>,
) -> Result<StatusCode, Problem> {
    let (uid, till) = (uid_of(&uid)?, till_of(&query.till)?);
    caller.may_act_for(&till)?;
    api.till().release(till, uid).await?;
    Ok(StatusCode::NO_CONTENT)
}
