//! What went wrong, as RFC 9457 says it: the one place where errors become statuses.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem_kinds::kind_of;
use crate::agent::message::fault::FieldFault;
use crate::agent::till::error::TillError;
use crate::shell::http::problem_kind::{PROBLEM_JSON, ProblemKind, Retry};

/// A request that was not carried out.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    kind: &'static ProblemKind,
    code: &'static str,
    detail: String,
    errors: Vec<FieldFault>,
}

/// A problem on the wire (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// Names the kind of problem; ends in its code.
    #[serde(rename = "type")]
    #[schema(example = "urn:tillward:problem:conflict")]
    pub(crate) problem_type: String,
    /// The kind in a few words.
    pub(crate) title: &'a str,
    /// The HTTP status.
    #[schema(example = 409)]
    pub(crate) status: u16,
    /// What happened and what to do, for the person at the till.
    pub(crate) detail: &'a str,
    /// The path that was asked for.
    #[schema(example = "/v1/receipts/0b1c")]
    pub(crate) instance: &'a str,
    /// Stable code. A body with faults of one code has that code, otherwise `body_invalid`.
    #[schema(example = "conflict")]
    pub(crate) code: &'a str,
    /// Whether the same request may succeed later.
    pub(crate) retryable: bool,
    /// Names the request in the agent's log.
    #[schema(example = "9f86d081884c7d65")]
    pub(crate) request_id: &'a str,
    /// What is wrong with the body, where.
    pub(crate) errors: &'a [FieldFault],
}

impl Problem {
    /// A problem of a listed code with a sentence of its own.
    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { kind: kind_of(code), code, detail: detail.into(), errors: Vec::new() }
    }

    /// A problem of a listed code with faults of the request.
    pub(crate) fn with_faults(
        code: &'static str,
        detail: impl Into<String>,
        errors: Vec<FieldFault>,
    ) -> Self {
        Self { errors, ..Self::new(code, detail) }
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

    /// Its stable code.
    #[cfg(test)]
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// The answer to one request.
    pub(crate) fn render(&self, instance: &str, request_id: &str) -> Response {
        let body = self.body(instance, request_id);
        let bytes = serde_json::to_vec(&body).expect("a problem has text keys only");
        let mut response = Response::new(Body::from(bytes));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Retry::After { seconds } = self.kind.retry {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }

    /// What [`Problem::render`] writes.
    pub(crate) fn body<'a>(&'a self, instance: &'a str, request_id: &'a str) -> ProblemBody<'a> {
        ProblemBody {
            problem_type: format!("urn:tillward:problem:{}", self.code),
            title: self.kind.title,
            status: self.kind.status,
            detail: &self.detail,
            instance,
            code: self.code,
            retryable: self.kind.retry != Retry::No,
            request_id,
            errors: &self.errors,
        }
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

impl From<Vec<FieldFault>> for Problem {
    fn from(errors: Vec<FieldFault>) -> Self {
        let (code, detail) = match errors.as_slice() {
            [only] if only.pointer.is_empty() => (only.code, only.message.clone()),
            [only] => (only.code, format!("{}: {}", only.pointer, only.message)),
            [first, rest @ ..] => {
                let alike = rest.iter().all(|fault| fault.code == first.code);
                let code = if alike { first.code } else { "body_invalid" };
                (code, format!("{} things are wrong with the request; see errors", errors.len()))
            }
            [] => ("body_invalid", "the request cannot be understood".to_owned()),
        };
        Self { kind: kind_of("body_invalid"), code, detail, errors }
    }
}

impl From<TillError> for Problem {
    fn from(error: TillError) -> Self {
        let code = error.code();
        let detail = match &error {
            TillError::Internal { doing, source } => {
                let cause = source.source().map(ToString::to_string);
                tracing::error!(doing, error = %source, cause, "internal error");
                "internal error; the log says more".to_owned()
            }
            TillError::Damaged | TillError::OutcomeUnknown => {
                tracing::error!(code, "storage failed");
                error.to_string()
            }
            TillError::StorageFull | TillError::StorageReadOnly => {
                tracing::warn!(code, "nothing can be recorded");
                error.to_string()
            }
            _ => error.to_string(),
        };
        Self::new(code, detail)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use serde_json::json;

    use super::*;
    use crate::loyalty::{LineId, ReturnError};
    use crate::member_code::Strength;
    use crate::money::{Amount, Points};

    #[test]
    fn every_error_of_the_use_cases_has_its_status() {
        let line_id = || LineId::parse("1").expect("an id");
        let reward = || crate::loyalty::RewardId::parse("r").expect("an id");
        let cases: Vec<(TillError, u16)> = vec![
            (TillError::Code { code: "code_malformed", sentence: "no".to_owned() }, 422),
            (TillError::MemberUnknown, 404),
            (TillError::CodeUsed, 409),
            (TillError::IdentificationUnknown, 409),
            (TillError::IdentificationExpired, 409),
            (TillError::ReceiptUnknown { uid: "r".to_owned(), till: "1".to_owned() }, 404),
            (TillError::Conflict { what: "receipt" }, 409),
            (TillError::KeyReused, 422),
            (TillError::TotalsDoNotAddUp { sentence: "no".to_owned() }, 422),
            (TillError::PaymentsDiffer { paid: Amount::ZERO, due: Amount::new(1) }, 422),
            (TillError::NothingLeft, 409),
            (ReturnError::NoSuchLine { line_id: line_id() }.into(), 422),
            (ReturnError::MoreThanSold { line_id: line_id(), left_milli: 0 }.into(), 422),
            (ReturnError::NothingToReturn { line_id: line_id() }.into(), 422),
            (ReturnError::NoLines.into(), 422),
            (ReturnError::NoSuchReward { reward: reward() }.into(), 422),
            (ReturnError::MoreRewardsThanGiven { reward: reward(), left: 0 }.into(), 422),
            (TillError::MemberPresent, 409),
            (TillError::TooLateForMember { days: 14 }, 409),
            (TillError::NotEnoughPoints { available: Points::ZERO }, 409),
            (TillError::NotEnoughCashback { available: Amount::ZERO }, 409),
            (TillError::OfflineLimit { points: Points::ZERO, cashback: Amount::ZERO }, 409),
            (TillError::VoucherNotUsable { reason: "voucher_used" }, 409),
            (TillError::TooManyReservations, 409),
            (TillError::IdentifyBetter { needs: Strength::Totp }, 409),
            (TillError::RoleMayNotSpend, 409),
            (TillError::ReservationUnknown, 404),
            (TillError::EventTypeUnknown { event_type: "x".to_owned() }, 422),
            (TillError::NoProgramme, 503),
            (TillError::Busy, 503),
            (TillError::StorageFull, 507),
            (TillError::StorageReadOnly, 503),
            (TillError::OutcomeUnknown, 500),
            (TillError::Damaged, 500),
            (TillError::internal("testing", io::Error::other("secret")), 500),
        ];
        for (error, status) in cases {
            let code = error.code();
            let problem = Problem::from(error);
            assert_eq!(problem.status().as_u16(), status, "{code}");
            assert_eq!(problem.code(), code);
            let listed = kind_of(code).code;
            assert!(listed == code || listed == "code_unusable", "{code} is not listed");
            assert!(!problem.detail.contains("secret"), "{code}");
        }
    }

    #[test]
    fn a_problem_is_written_as_rfc_9457_says() {
        let fault = FieldFault::new("/till", "id_empty", "the id is empty");
        let problem = Problem::from(vec![fault]);
        let body = serde_json::to_value(problem.body("/v1/quotes", "00ff")).expect("JSON");
        assert_eq!(
            body,
            json!({
                "type": "urn:tillward:problem:id_empty",
                "title": "The request cannot be understood",
                "status": 422,
                "detail": "/till: the id is empty",
                "instance": "/v1/quotes",
                "code": "id_empty",
                "retryable": false,
                "request_id": "00ff",
                "errors": [{"pointer": "/till", "code": "id_empty", "message": "the id is empty"}]
            })
        );
        let response = Problem::new("busy", "later").render("/", "0");
        assert_eq!(response.headers()[RETRY_AFTER], "1");
        assert_eq!(response.headers()[CONTENT_TYPE], PROBLEM_JSON);
    }

    #[test]
    fn faults_of_one_code_give_the_problem_their_code() {
        let fault = |code| FieldFault::new("/x", code, "wrong");
        let cases = [
            (vec![fault("a"), fault("a")], "a"),
            (vec![fault("a"), fault("b")], "body_invalid"),
            (vec![], "body_invalid"),
        ];
        for (faults, code) in cases {
            assert_eq!(Problem::from(faults).code(), code);
        }
    }
}
