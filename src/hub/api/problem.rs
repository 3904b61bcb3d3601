//! What went wrong, as RFC 9457 says it: the one place where errors become statuses.

use std::error::Error;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem_kinds::kind_of;
use crate::hub::changes::ChangesError;
use crate::hub::enrolment::EnrolmentError;
use crate::hub::ingest::IngestError;
use crate::hub::snapshot::SnapshotError;
use crate::hub::store::error::{Retry as StoreRetry, StoreError};
use crate::journal::Head;
use crate::shell::http::problem_kind::{PROBLEM_JSON, ProblemKind, Retry};
use crate::shell::process::chain;
use crate::wire::sync::{JournalPlace, Refusal, RefusalKind};

/// A request that was not carried out.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    kind: &'static ProblemKind,
    detail: String,
    refusal: Box<Refusal>,
}

/// A problem on the wire (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// Names the kind of problem; ends in its code.
    #[serde(rename = "type")]
    #[schema(example = "urn:tillward:problem:clock_differs")]
    problem_type: String,
    /// The kind in a few words.
    title: &'a str,
    /// The HTTP status.
    #[schema(example = 401)]
    status: u16,
    /// What happened and what to do, for a person.
    detail: &'a str,
    /// The path that was asked for.
    #[schema(example = "/sync/v1/records")]
    instance: &'a str,
    /// Whether the same request may succeed later.
    retryable: bool,
    /// Names the request in the hub's log.
    #[schema(example = "9f86d081884c7d65")]
    request_id: &'a str,
    /// The stable code, and what a device needs to go on: `hub_time_ms`, `nonce`, `head`, `record`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    refusal: &'a Refusal,
}

impl Problem {
    /// A problem of a listed code with a sentence of its own.
    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        let refusal = Refusal { code: code.to_owned(), ..Refusal::default() };
        Self { kind: kind_of(code), detail: detail.into(), refusal: Box::new(refusal) }
    }

    /// A refusal that a device acts on.
    pub(crate) fn refusal(refusal: Refusal, detail: impl Into<String>) -> Self {
        Self { kind: kind_of(&refusal.code), detail: detail.into(), refusal: Box::new(refusal) }
    }

    /// A refusal with nothing beside its code.
    pub(crate) fn of(kind: RefusalKind, detail: impl Into<String>) -> Self {
        Self::refusal(Refusal::of(kind), detail)
    }

    /// Our own fault; the log says more than the caller hears.
    pub(crate) fn internal(error: &(dyn Error + 'static)) -> Self {
        tracing::error!(error = chain(error), "internal error");
        Self::new("internal", "internal error; the log says more")
    }

    /// The problem that a bare status is, where something below us answered.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::new("path_unknown", "there is nothing at this path"),
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new("method_not_allowed", "this path does not take this method")
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new("body_too_large", "the body is larger than is taken")
            }
            status if status.is_client_error() => {
                Self::new("request_malformed", "the request could not be read")
            }
            _ => Self::new("internal", "internal error; the log says more"),
        }
    }

    /// The status it is answered with.
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The answer to one request.
    pub(crate) fn render(&self, instance: &str, request_id: &str) -> Response {
        let body = ProblemBody {
            problem_type: format!("urn:tillward:problem:{}", self.refusal.code),
            title: self.kind.title,
            status: self.kind.status,
            detail: &self.detail,
            instance,
            retryable: self.kind.retry != Retry::No,
            request_id,
            refusal: &self.refusal,
        };
        let bytes = serde_json::to_vec(&body).expect("a problem has text keys only");
        let mut response = Response::new(Body::from(bytes));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Retry::After { seconds } = self.kind.retry {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Signature"));
        }
        response
    }
}

impl IntoResponse for Problem {
    /// Leaves the problem with the response: the front knows path and request id, and renders it.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if is_disk_full(&error) {
            tracing::warn!(error = chain(&error), "the disk is full");
            return Self::new("storage_full", "the hub's disk is full; nothing was stored");
        }
        match &error {
            StoreError::Database { retry: StoreRetry::MayHelp, .. } => {
                tracing::warn!(error = chain(&error), "the store is busy");
                Self::new("busy", "the store is busy; nothing was stored")
            }
            StoreError::OutcomeUnknown => {
                tracing::error!("the outcome of a commit is not known");
                Self::new("outcome_unknown", error.to_string())
            }
            StoreError::RowDamaged { table } => {
                tracing::error!(table, "a row is damaged");
                Self::new("row_damaged", "a stored row is damaged; the log says which")
            }
            _ => Self::internal(&error),
        }
    }
}

/// Both databases say it in words of their own, somewhere below.
fn is_disk_full(error: &StoreError) -> bool {
    let mut causes = std::iter::successors(error.source(), |&error| error.source());
    causes.any(|cause| {
        let sqlite = cause.downcast_ref::<rusqlite::Error>();
        let postgres = cause.downcast_ref::<postgres::Error>();
        sqlite.and_then(rusqlite::Error::sqlite_error_code) == Some(rusqlite::ErrorCode::DiskFull)
            || postgres.and_then(postgres::Error::code)
                == Some(&postgres::error::SqlState::DISK_FULL)
    })
}

impl From<EnrolmentError> for Problem {
    fn from(error: EnrolmentError) -> Self {
        let code = match error {
            EnrolmentError::CodeUnknown => "code_unknown",
            EnrolmentError::CodeExpired => "code_expired",
            EnrolmentError::CodeUsed => "code_used",
            EnrolmentError::KeyEnrolled { .. } => "key_enrolled",
            EnrolmentError::ReplacedBefore { .. } | EnrolmentError::ReplacedUnknown { .. } => {
                "replaced_before"
            }
            EnrolmentError::Sealing(_) => "body_invalid",
            EnrolmentError::NoKeyList => "not_ready",
            EnrolmentError::Store(error) => return error.into(),
            EnrolmentError::NoRandomness
            | EnrolmentError::DeviceUnknown { .. }
            | EnrolmentError::NoWay { .. } => return Self::internal(&error),
        };
        Self::new(code, error.to_string())
    }
}

impl From<IngestError> for Problem {
    fn from(error: IngestError) -> Self {
        let detail = error.to_string();
        let refusal = match error {
            IngestError::Store(error) => return error.into(),
            IngestError::Busy => return Self::new("busy", detail),
            IngestError::TooManyRecords { .. } => return Self::new("body_too_large", detail),
            IngestError::DeviceUnknown { .. } => Refusal::of(RefusalKind::NotSigned),
            IngestError::DeviceRevoked { .. } => Refusal::of(RefusalKind::Revoked),
            IngestError::RecordNotSigned { place, .. }
            | IngestError::RecordMisplaced { place, .. } => Refusal {
                record: Some(JournalPlace { epoch: place.epoch, sequence: place.sequence }),
                ..Refusal::of(RefusalKind::RecordRefused)
            },
            IngestError::UnknownPredecessor { head } => Refusal {
                head: head.map(journal_place),
                ..Refusal::of(RefusalKind::UnknownPredecessor)
            },
            IngestError::Fork { head, .. } => {
                Refusal { head: head.map(journal_place), ..Refusal::of(RefusalKind::Fork) }
            }
        };
        Self::refusal(refusal, detail)
    }
}

fn journal_place(head: Head) -> JournalPlace {
    JournalPlace { epoch: head.epoch, sequence: head.sequence }
}

impl From<ChangesError> for Problem {
    fn from(error: ChangesError) -> Self {
        match error {
            ChangesError::SnapshotNeeded => {
                Self::of(RefusalKind::SnapshotNeeded, error.to_string())
            }
            ChangesError::Store(error) => error.into(),
        }
    }
}

impl From<SnapshotError> for Problem {
    fn from(error: SnapshotError) -> Self {
        match error {
            SnapshotError::Store(error) => error.into(),
            SnapshotError::Io { ref source, .. }
                if source.kind() == std::io::ErrorKind::StorageFull =>
            {
                tracing::warn!(error = chain(&error), "the disk is full");
                Self::new("storage_full", "the hub's disk is full; no snapshot can be made")
            }
            error @ SnapshotError::Io { .. } => Self::internal(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loyalty::DeviceId;

    fn full() -> StoreError {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        StoreError::Database {
            doing: "add records",
            retry: StoreRetry::MayHelp,
            source: rusqlite::Error::SqliteFailure(code, None).into(),
        }
    }

    #[test]
    fn every_error_has_its_status() {
        let device = DeviceId::from_bytes([1; 16]);
        let database = |retry| StoreError::Database { doing: "x", retry, source: "secret".into() };
        for (problem, code, status) in [
            (full().into(), "storage_full", 507),
            (database(StoreRetry::MayHelp).into(), "busy", 503),
            (database(StoreRetry::IsUseless).into(), "internal", 500),
            (StoreError::OutcomeUnknown.into(), "outcome_unknown", 500),
            (StoreError::RowDamaged { table: "x" }.into(), "row_damaged", 500),
            (EnrolmentError::CodeUnknown.into(), "code_unknown", 403),
            (EnrolmentError::CodeExpired.into(), "code_expired", 410),
            (EnrolmentError::CodeUsed.into(), "code_used", 409),
            (EnrolmentError::KeyEnrolled { device }.into(), "key_enrolled", 409),
            (EnrolmentError::Store(full()).into(), "storage_full", 507),
            (ChangesError::SnapshotNeeded.into(), "snapshot_needed", 410),
        ] {
            let problem: Problem = problem;
            assert_eq!((problem.refusal.code.as_str(), problem.kind.status), (code, status));
            assert!(!problem.detail.contains("secret"), "{code}");
        }
    }

    #[test]
    fn a_problem_is_written_as_rfc_9457_says_and_read_by_a_device() {
        let problem = Problem::new("storage_full", "full");
        let response = problem.render("/sync/v1/records", "00ff");
        assert_eq!(response.status(), 507);
        assert_eq!(response.headers()[CONTENT_TYPE], PROBLEM_JSON);
        assert_eq!(response.headers()[RETRY_AFTER], "60");
        let unsigned = Problem::of(RefusalKind::NotSigned, "no").render("/", "0");
        assert_eq!(unsigned.headers()[WWW_AUTHENTICATE], "Signature");
    }
}
