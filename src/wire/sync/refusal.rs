//! How the hub says no: a problem (RFC 9457) with a stable code and what the device needs to go on.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::place::JournalPlace;
use super::signature::Nonce;

/// The media type of problems.
pub const PROBLEM_TYPE: &str = "application/problem+json";

/// What a device reads of a problem; the hub writes these beside `type`, `title`, `status` and
/// `detail`. Members that a reader does not know are passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The stable code: [`RefusalKind::code`], or another that the device does not act on.
    pub code: String,
    /// The hub's time in milliseconds since 1970, with `clock_differs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub_time_ms: Option<i64>,
    /// A nonce to sign anew with, with `clock_differs`: [`Nonce::as_str`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Where the device's journal ends at the hub, with `unknown_predecessor` and `fork`; none where
    /// it has not begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<JournalPlace>,
    /// The record of a batch that is refused, with `record_refused`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<JournalPlace>,
}

/// The refusals that a device acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefusalKind {
    /// 401: the request's time is not the hub's; sign anew with the nonce.
    ClockDiffers,
    /// 401: the hub does not know the key, or the signature does not fit. A person looks at it; the
    /// device tries again.
    NotSigned,
    /// 403: the device was revoked. A person looks at it; the device tries again.
    Revoked,
    /// 409: the batch does not follow what the hub has; `head` says from where.
    UnknownPredecessor,
    /// 409: the journal has two branches and the hub keeps both; `head` says from where.
    Fork,
    /// 410: the hub no longer has the changes behind this cursor; begin with a snapshot.
    SnapshotNeeded,
    /// 422: one record of the batch cannot be taken whatever is tried; `record` says which.
    RecordRefused,
}

impl RefusalKind {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::ClockDiffers,
        Self::NotSigned,
        Self::Revoked,
        Self::UnknownPredecessor,
        Self::Fork,
        Self::SnapshotNeeded,
        Self::RecordRefused,
    ];

    /// The code in a problem; never changed.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ClockDiffers => "clock_differs",
            Self::NotSigned => "not_signed",
            Self::Revoked => "revoked",
            Self::UnknownPredecessor => "unknown_predecessor",
            Self::Fork => "fork",
            Self::SnapshotNeeded => "snapshot_needed",
            Self::RecordRefused => "record_refused",
        }
    }

    /// The status it is answered with.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::ClockDiffers | Self::NotSigned => 401,
            Self::Revoked => 403,
            Self::UnknownPredecessor | Self::Fork => 409,
            Self::SnapshotNeeded => 410,
            Self::RecordRefused => 422,
        }
    }

    /// The one of a code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl Refusal {
    /// One of a kind, with nothing beside its code.
    #[must_use]
    pub fn of(kind: RefusalKind) -> Self {
        Self { code: kind.code().to_owned(), ..Self::default() }
    }

    /// The request's clock differs.
    #[must_use]
    pub fn clock_differs(hub_time: DateTime<Utc>, nonce: &Nonce) -> Self {
        Self {
            hub_time_ms: Some(hub_time.timestamp_millis()),
            nonce: Some(nonce.as_str().to_owned()),
            ..Self::of(RefusalKind::ClockDiffers)
        }
    }

    /// The hub's time, where it is told.
    #[must_use]
    pub fn hub_time(&self) -> Option<DateTime<Utc>> {
        self.hub_time_ms.and_then(DateTime::from_timestamp_millis)
    }

    /// Reads the body of a problem.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::testing::instant;

    #[test]
    fn a_code_and_a_kind_stand_for_each_other() {
        for kind in RefusalKind::ALL {
            assert_eq!(RefusalKind::of_code(kind.code()), Some(kind));
            assert!((400..500).contains(&kind.status()), "{kind:?}");
        }
        assert_eq!(RefusalKind::of_code("busy"), None);
    }

    #[test]
    fn a_refusal_is_read_from_a_problem_that_says_more() {
        let told = Refusal::clock_differs(instant(0), &Nonce::of_random([1; 12]));
        assert_eq!(told.hub_time(), Some(instant(0)));
        let mut problem = serde_json::to_value(&told).expect("JSON");
        problem["title"] = "The clock differs".into();
        problem["status"] = 401.into();
        assert_eq!(Refusal::read(problem.to_string().as_bytes()), Some(told));
        for body in ["", "<html>", "[]", "{}", r#"{"code": 7}"#] {
            assert_eq!(Refusal::read(body.as_bytes()), None, "{body}");
        }
    }
}
