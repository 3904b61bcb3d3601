//! `/v1/quotes`.

use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;

use crate::agent::api::extract::Reading;
use crate::agent::api::guard::Caller;
use crate::agent::api::problem::Problem;
use crate::agent::api::{Api, reply};
use crate::agent::message::presentation::DiscountStyle;
use crate::agent::message::reply::{QuoteReply, TaxRates};
use crate::agent::message::request::QuoteBody;

pub(super) fn router() -> Router<Api> {
    Router::new().route("/v1/quotes", post(quote))
}

/// Prices a basket. Writes nothing; repeat it with the whole basket as often as you like.
#[utoipa::path(
    post,
    path = "/v1/quotes",
    tag = "till",
    request_body = QuoteBody,
    responses((status = 200, description = "The priced basket", body = QuoteReply)),
)]
pub(crate) async fn quote(
    State(api): State<Api>,
    caller: Caller,
    Reading(body): Reading<QuoteBody>,
) -> Result<Response, Problem> {
    let started = Instant::now();
    let evaluator = api.till().programme()?;
    let programme = evaluator.programme();
    let (request, presentation) = body.into_request(programme.currency, api.usual())?;
    caller.may_act_for(&request.till)?;
    let rates: TaxRates = match presentation.style {
        DiscountStyle::OnLines => TaxRates::default(),
        DiscountStyle::NegativeLines => request.basket.lines().iter().collect(),
    };
    let quoted = api.till().quote(request).await?;
    let reply = QuoteReply::of(&quoted, &rates, programme, presentation);
    let response = reply::json(StatusCode::OK, &reply);
    api.metrics().observe_quote(started.elapsed());
    Ok(response)
}
