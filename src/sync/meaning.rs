//! What a reply means: the one place where statuses become decisions.
//!
//! A success is a 2xx of the protocol's own type that can be read. Who stands between (a proxy, a
//! captive portal) can make the device wait or send less at once, never anything else.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::journal::ContentHash;
use crate::wire::sync::packing::{CONTENT_ENCODING, unpack};
use crate::wire::sync::paths::CONTENT_TYPE;
use crate::wire::sync::{
    JournalPlace, MESSAGE_BYTES_MAX, Message, Nonce, PROBLEM_TYPE, Refusal, RefusalKind,
};

/// The most that is read of a reply's body; what is longer is a failure of the line.
pub const REPLY_BYTES_MAX: usize = MESSAGE_BYTES_MAX;

/// The wait where the hub asks for one and does not say how long.
const WAIT_UNSAID: Duration = Duration::from_secs(30);

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// A whole reply.
    Reply(Reply<'a>),
    /// None, or one that was cut: no connection, a timeout, a certificate of another key.
    NoReply,
}

/// A reply as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The status.
    pub status: u16,
    /// `content-type`.
    pub content_type: Option<&'a str>,
    /// `content-encoding`.
    pub content_encoding: Option<&'a str>,
    /// `retry-after`.
    pub retry_after: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// What a reply means that is no success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing came.
    Line,
    /// It asks to wait.
    Wait(Duration),
    /// Sign anew, with the hub's time and nonce.
    ClockDiffers {
        /// The hub's time.
        hub_time: DateTime<Utc>,
        /// A nonce that is good for a moment.
        nonce: Nonce,
    },
    /// Too much at once.
    TooLarge {
        /// Whether the hub itself says so.
        of_the_hub: bool,
    },
    /// The changes behind the cursor are no longer kept.
    SnapshotNeeded,
    /// The batch does not follow what the hub has.
    PushFrom {
        /// Where the journal ends at the hub.
        head: Option<JournalPlace>,
        /// The hub has another branch of it.
        forked: bool,
    },
    /// The hub refuses one record or, where none is named, something of the batch.
    RecordRefused {
        /// Which.
        record: Option<JournalPlace>,
    },
    /// The hub does not know the device, or has revoked it.
    DeviceRefused,
    /// There is no such thing.
    NotFound,
    /// Not the hub's, or not to be understood: try again.
    Unusable,
}

/// What an outcome means where a message is expected.
pub(super) fn message<M: Message>(outcome: Outcome<'_>) -> Result<M, Failure> {
    let reply = success(outcome)?;
    if !is_type(reply.content_type, CONTENT_TYPE) {
        return Err(Failure::Unusable);
    }
    let body = unpacked(&reply, MESSAGE_BYTES_MAX)?;
    M::from_message(&body).map_err(|_| Failure::Unusable)
}

/// What an outcome means where bytes of a known hash are expected, as they are.
pub(super) fn content(outcome: Outcome<'_>, hash: ContentHash) -> Result<Vec<u8>, Failure> {
    let reply = success(outcome)?;
    let fits = |bytes: &[u8]| ContentHash::of(bytes) == hash;
    if fits(reply.body) {
        return Ok(reply.body.to_vec());
    }
    let unpacked = unpacked(&reply, MESSAGE_BYTES_MAX)?;
    if fits(&unpacked) { Ok(unpacked) } else { Err(Failure::Unusable) }
}

fn success(outcome: Outcome<'_>) -> Result<Reply<'_>, Failure> {
    let Outcome::Reply(reply) = outcome else { return Err(Failure::Line) };
    if (200..300).contains(&reply.status) { Ok(reply) } else { Err(failure(&reply)) }
}

fn failure(reply: &Reply<'_>) -> Failure {
    let told = is_type(reply.content_type, PROBLEM_TYPE).then(|| Refusal::read(reply.body));
    let told = told.flatten();
    let kind = told.as_ref().and_then(|told| RefusalKind::of_code(&told.code));
    let kind = kind.filter(|kind| kind.status() == reply.status);
    match (kind, told) {
        (Some(kind), Some(told)) => refusal(kind, &told),
        (_, told) => by_status(reply, told.is_some()),
    }
}

fn refusal(kind: RefusalKind, told: &Refusal) -> Failure {
    match kind {
        RefusalKind::ClockDiffers => {
            let nonce = told.nonce.as_deref().and_then(Nonce::parse);
            match (told.hub_time(), nonce) {
                (Some(hub_time), Some(nonce)) => Failure::ClockDiffers { hub_time, nonce },
                _ => Failure::Unusable,
            }
        }
        RefusalKind::NotSigned | RefusalKind::Revoked => Failure::DeviceRefused,
        RefusalKind::UnknownPredecessor => Failure::PushFrom { head: told.head, forked: false },
        RefusalKind::Fork => Failure::PushFrom { head: told.head, forked: true },
        RefusalKind::SnapshotNeeded => Failure::SnapshotNeeded,
        RefusalKind::RecordRefused => Failure::RecordRefused { record: told.record },
    }
}

fn by_status(reply: &Reply<'_>, of_the_hub: bool) -> Failure {
    match reply.status {
        413 => Failure::TooLarge { of_the_hub },
        429 => Failure::Wait(asked_wait(reply).unwrap_or(WAIT_UNSAID)),
        503 => asked_wait(reply).map_or(Failure::Unusable, Failure::Wait),
        404 if of_the_hub => Failure::NotFound,
        400 | 422 if of_the_hub => Failure::RecordRefused { record: None },
        _ => Failure::Unusable,
    }
}

/// The wait of `retry-after` in seconds; a date is not used, for clocks differ.
fn asked_wait(reply: &Reply<'_>) -> Option<Duration> {
    reply.retry_after?.trim().parse().ok().map(Duration::from_secs)
}

fn is_type(content_type: Option<&str>, expected: &str) -> bool {
    let named = content_type.and_then(|value| value.split(';').next());
    named.is_some_and(|named| named.trim().eq_ignore_ascii_case(expected))
}

fn unpacked(reply: &Reply<'_>, bytes_max: usize) -> Result<Vec<u8>, Failure> {
    match reply.content_encoding {
        None => Ok(reply.body.to_vec()),
        Some(CONTENT_ENCODING) => unpack(reply.body, bytes_max).map_err(|_| Failure::Unusable),
        Some(_) => Err(Failure::Unusable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::testing::instant;
    use crate::sync::testing::{Answer, place, push_reply};
    use crate::wire::sync::packing::pack;
    use crate::wire::sync::{PushReply, Refusal};

    fn meaning(answer: &Answer) -> Result<PushReply, Failure> {
        message(answer.outcome())
    }

    fn reply() -> PushReply {
        push_reply(1, place(1, 9), instant(0))
    }

    fn refused(kind: RefusalKind) -> Answer {
        Answer::problem(kind.status(), &Refusal::of(kind))
    }

    #[test]
    fn a_message_of_the_hub_is_read_and_nothing_else_is_a_success() {
        let good = Answer::message(&reply());
        assert_eq!(meaning(&good), Ok(reply()));
        let plain = Answer {
            content_encoding: None,
            body: reply().to_message(),
            content_type: "Application/vnd.tillward.sync+cbor; v=1",
            ..good.clone()
        };
        assert_eq!(meaning(&plain), Ok(reply()));
        for (answer, why) in [
            (Answer::html(200), "a captive portal"),
            (Answer { content_type: "text/html", ..good.clone() }, "another type"),
            (Answer { content_encoding: Some("gzip"), ..good.clone() }, "another coding"),
            (Answer { content_encoding: None, ..good.clone() }, "no coding told"),
            (Answer { body: Vec::new(), ..good.clone() }, "nothing"),
            (Answer { body: pack(b"\xa0"), ..good.clone() }, "keys missing"),
            (Answer { body: pack(&[0; 64]), ..good.clone() }, "another value"),
            (Answer { body: pack(&vec![0; MESSAGE_BYTES_MAX + 1]), ..good.clone() }, "a bomb"),
            (Answer { status: 302, ..good.clone() }, "a redirect"),
            (Answer { status: 100, ..good.clone() }, "no answer yet"),
        ] {
            assert_eq!(meaning(&answer), Err(Failure::Unusable), "{why}");
        }
        for bytes in 0..good.body.len() {
            let cut = Answer { body: good.body[..bytes].to_vec(), ..good.clone() };
            assert_eq!(meaning(&cut), Err(Failure::Unusable), "{bytes} bytes");
        }
        assert_eq!(message::<PushReply>(Outcome::NoReply), Err(Failure::Line));
    }

    #[test]
    fn a_refusal_means_what_its_code_says_with_its_status() {
        let nonce = Nonce::of_random([3; 12]);
        let differs = Refusal::clock_differs(instant(0), &nonce);
        let head = Some(place(2, 7));
        let at = |kind| Refusal { head, record: head, ..Refusal::of(kind) };
        for (status, refusal, expected) in [
            (401, differs.clone(), Failure::ClockDiffers { hub_time: instant(0), nonce }),
            (401, Refusal::of(RefusalKind::ClockDiffers), Failure::Unusable),
            (403, differs, Failure::Unusable),
            (401, Refusal::of(RefusalKind::NotSigned), Failure::DeviceRefused),
            (403, Refusal::of(RefusalKind::Revoked), Failure::DeviceRefused),
            (409, at(RefusalKind::UnknownPredecessor), Failure::PushFrom { head, forked: false }),
            (
                409,
                Refusal::of(RefusalKind::UnknownPredecessor),
                Failure::PushFrom { head: None, forked: false },
            ),
            (409, at(RefusalKind::Fork), Failure::PushFrom { head, forked: true }),
            (410, Refusal::of(RefusalKind::SnapshotNeeded), Failure::SnapshotNeeded),
            (422, at(RefusalKind::RecordRefused), Failure::RecordRefused { record: head }),
            (200, at(RefusalKind::RecordRefused), Failure::Unusable),
            (500, at(RefusalKind::RecordRefused), Failure::Unusable),
        ] {
            let told = refusal.code.clone();
            assert_eq!(
                meaning(&Answer::problem(status, &refusal)),
                Err(expected),
                "{status} {told}"
            );
        }
    }

    #[test]
    fn a_status_without_a_known_code_means_the_least() {
        let other = Refusal { code: "something_new".to_owned(), ..Refusal::default() };
        let waiting = |status, retry_after| Answer { retry_after, ..Answer::html(status) };
        let seconds = |seconds| Failure::Wait(Duration::from_secs(seconds));
        for (answer, expected) in [
            (Answer::html(413), Failure::TooLarge { of_the_hub: false }),
            (Answer::problem(413, &other), Failure::TooLarge { of_the_hub: true }),
            (waiting(429, None), seconds(30)),
            (waiting(429, Some("7")), seconds(7)),
            (waiting(429, Some(" 120 ")), seconds(120)),
            (waiting(429, Some("Sat, 28 Feb 2026 09:30:15 GMT")), seconds(30)),
            (waiting(429, Some("-1")), seconds(30)),
            (waiting(503, Some("5")), seconds(5)),
            (waiting(503, None), Failure::Unusable),
            (Answer::html(404), Failure::Unusable),
            (Answer::problem(404, &other), Failure::NotFound),
            (Answer::html(400), Failure::Unusable),
            (Answer::problem(400, &other), Failure::RecordRefused { record: None }),
            (Answer::problem(422, &other), Failure::RecordRefused { record: None }),
            (Answer::html(401), Failure::Unusable),
            (Answer::html(403), Failure::Unusable),
            (Answer::html(407), Failure::Unusable),
            (Answer::html(409), Failure::Unusable),
            (Answer::html(410), Failure::Unusable),
            (Answer::html(500), Failure::Unusable),
            (Answer::html(502), Failure::Unusable),
            (Answer::html(504), Failure::Unusable),
            (
                Answer { body: b"<html>".to_vec(), ..refused(RefusalKind::Revoked) },
                Failure::Unusable,
            ),
        ] {
            assert_eq!(meaning(&answer), Err(expected), "{answer:?}");
        }
    }

    #[test]
    fn a_content_is_taken_by_its_hash_alone() {
        let text = b"programme".to_vec();
        let answer = Answer { content_encoding: None, body: text.clone(), ..Answer::html(200) };
        let hash = ContentHash::of(&text);
        assert_eq!(content(answer.outcome(), hash), Ok(text.clone()));
        let packed = pack(&text);
        let coded =
            Answer { content_encoding: Some("zstd"), body: packed.clone(), ..answer.clone() };
        assert_eq!(content(coded.outcome(), hash), Ok(text), "the text travels packed");
        assert_eq!(
            content(coded.outcome(), ContentHash::of(&packed)),
            Ok(packed),
            "a chunk is named by its packed bytes"
        );
        let other = ContentHash::of(b"other");
        for answer in [answer, coded, Answer::html(200)] {
            assert_eq!(content(answer.outcome(), other), Err(Failure::Unusable));
        }
    }
}
