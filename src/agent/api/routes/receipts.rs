//! `/v1/receipts/{uid}`: commit and status.

use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::put;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::agent::api::extract::{PathText, QueryOf, Writing};
use crate::agent::api::guard::Caller;
use crate::agent::api::problem::Problem;
use crate::agent::api::{Api, reply};
use crate::agent::message::fault::Faults;
use crate::agent::message::presentation::{Asked, DiscountStyle, Presentation};
use crate::agent::message::reply::{ReceiptReply, RecordReply};
use crate::agent::message::request::{ReceiptBody, till_of, uid_of};

pub(super) fn router() -> Router<Api> {
    Router::new().route("/v1/receipts/{uid}", put(commit).get(status))
}

/// What the status of a receipt is asked for with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatusQuery {
    /// The till that sold.
    till: String,
    /// Columns of the receipt text, 20 to 80; the store's where missing.
    columns: Option<u16>,
    /// Language of the sentences as a BCP 47 tag; the store's where missing or unknown.
    language: Option<String>,
    /// How the till applies discounts.
    #[param(inline)]
    style: Option<DiscountStyle>,
}

/// Records a paid receipt: signed, chained and on the disk before the answer. The path makes it
/// repeatable; the key is optional.
#[utoipa::path(
    put,
    path = "/v1/receipts/{uid}",
    tag = "till",
    params(
        ("uid" = String, Path, description = "The receipt's id, unique in its till for ever"),
        ("Idempotency-Key" = Option<String>, Header, description = "Optional"),
    ),
    request_body = ReceiptBody,
    responses((
        status = 201,
        description = "Recorded, now or before: then `Idempotent-Replay: true` is sent",
        body = RecordReply,
    )),
)]
pub(crate) async fn commit(
    State(api): State<Api>,
    caller: Caller,
    PathText(uid): PathText,
    Writing { body, idempotency }: Writing<ReceiptBody>,
) -> Result<Response, Problem> {
    let started = Instant::now();
    let uid = uid_of(&uid)?;
    let evaluator = api.till().programme()?;
    let currency = evaluator.programme().currency;
    let (request, presentation) = body.into_request(uid, currency, api.usual())?;
    caller.may_act_for(&request.till)?;
    let recorded = api.till().commit(request, idempotency).await?;
    let response = reply::recorded(api.till(), &recorded, presentation)?;
    api.metrics().observe_commit(started.elapsed(), &recorded);
    Ok(response)
}

/// What became of a receipt: after a lost answer, or to see voids and returns.
#[utoipa::path(
    get,
    path = "/v1/receipts/{uid}",
    tag = "till",
    params(
        ("uid" = String, Path, description = "The receipt's id"),
        StatusQuery,
        ("If-None-Match" = Option<String>, Header, description = "An ETag heard before"),
    ),
    responses(
        (status = 200, description = "The receipt; `ETag` names this state", body = ReceiptReply),
        (status = 304, description = "Nothing changed since that ETag"),
    ),
)]
pub(crate) async fn status(
    State(api): State<Api>,
    caller: Caller,
    PathText(uid): PathText,
    QueryOf(query): QueryOf<StatusQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (uid, till) = (uid_of(&uid)?, till_of(&query.till)?);
    caller.may_act_for(&till)?;
    let mut faults = Faults::default();
    let language = query.language.as_deref();
    let asked = Asked { columns: query.columns, style: query.style, language };
    let presentation = Presentation::parse(asked, api.usual(), &mut faults);
    let presentation = faults.settle(Some(presentation))?;
    let status = api.till().status(till, uid).await?;
    let decided_under = status.sale.record.header.programme_version;
    let evaluator = api.till().programme_of(decided_under);
    let evaluator = evaluator.map_or_else(|| api.till().programme(), Ok)?;
    let etag = ReceiptReply::etag(&status, evaluator.programme(), presentation);
    let mut response = if is_known(&headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let reply = ReceiptReply::of(&status, evaluator.programme(), presentation);
        reply::json(StatusCode::OK, &reply)
    };
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(ETAG, etag);
    }
    Ok(response)
}

fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let named = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_heard_before_is_found() {
        let cases = [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
        ];
        for (value, known) in cases {
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static(value))]);
            assert_eq!(is_known(&headers, "\"a\""), known, "{value}");
        }
    }
}
