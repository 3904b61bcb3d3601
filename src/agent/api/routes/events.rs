//! `/v1/events`: custom events in, what happens out.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::agent::api::event_log::Completeness;
use crate::agent::api::extract::Writing;
use crate::agent::api::guard::Caller;
use crate::agent::api::limits::EVENT_KEEP_ALIVE;
use crate::agent::api::problem::Problem;
use crate::agent::api::{Api, reply};
use crate::agent::message::reply::{EventMessage, RecordReply};
use crate::agent::message::request::EventBody;

pub(super) fn router() -> Router<Api> {
    Router::new().route("/v1/events", get(listen).post(record))
}

/// Records a custom event of a registered type. `event_uid` makes it repeatable.
#[utoipa::path(
    post,
    path = "/v1/events",
    tag = "events",
    params(("Idempotency-Key" = Option<String>, Header, description = "Optional")),
    request_body = EventBody,
    responses((
        status = 201,
        description = "Recorded, now or before: then `Idempotent-Replay: true` is sent",
        body = RecordReply,
    )),
)]
pub(crate) async fn record(
    State(api): State<Api>,
    caller: Caller,
    Writing { body, idempotency }: Writing<EventBody>,
) -> Result<Response, Problem> {
    let request = body.into_request()?;
    if let Some(till) = &request.till {
        caller.may_act_for(till)?;
    }
    let recorded = api.till().record_event(request, idempotency).await?;
    Ok(reply::recorded(api.till(), &recorded, api.usual())?)
}

/// What happens at the till, as server-sent events. Send the last id heard as `Last-Event-ID` to
/// go on from there; an event `missed` says that some are gone.
#[utoipa::path(
    get,
    path = "/v1/events",
    tag = "events",
    params(("Last-Event-ID" = Option<u64>, Header, description = "The last id heard")),
    responses((
        status = 200,
        description = "A stream that does not end; each event's data is such a message",
        body = EventMessage,
        content_type = "text/event-stream",
    )),
)]
pub(crate) async fn listen(State(api): State<Api>, caller: Caller, headers: HeaderMap) -> Response {
    let heard_last = headers.get("last-event-id");
    let heard_last = heard_last.and_then(|id| id.to_str().ok()?.trim().parse().ok());
    let listening = api.inner.events.listen(heard_last);
    let first = match listening.completeness {
        Completeness::Whole => None,
        Completeness::Missed => Some(missed()),
    };
    let happenings = happenings(listening.backlog, listening.live, caller);
    let until_closed = async move { api.closed().await };
    let events = stream::iter(first).chain(happenings).take_until(Box::pin(until_closed));
    let keep_alive = KeepAlive::new().interval(EVENT_KEEP_ALIVE);
    Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(keep_alive).into_response()
}

/// The backlog, then whatever happens, as far as the caller may hear of it.
fn happenings(
    backlog: VecDeque<Arc<EventMessage>>,
    live: Receiver<Arc<EventMessage>>,
    caller: Caller,
) -> impl Stream<Item = Event> {
    stream::unfold((backlog, live, caller), |(mut backlog, mut live, caller)| async move {
        loop {
            let message = match backlog.pop_front() {
                Some(message) => message,
                None => match live.recv().await {
                    Ok(message) => message,
                    Err(RecvError::Lagged(_)) => return Some((missed(), (backlog, live, caller))),
                    Err(RecvError::Closed) => return None,
                },
            };
            if caller.hears_of(message.till()) {
                return Some((event(&message), (backlog, live, caller)));
            }
        }
    })
}

fn event(message: &EventMessage) -> Event {
    let event = Event::default().id(message.number.to_string()).event(message.name());
    event.json_data(message).unwrap_or_default()
}

fn missed() -> Event {
    Event::default().event("missed").data("{}")
}
