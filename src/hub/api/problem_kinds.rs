//! The table of problems: code, status, whether to try again, title.

use crate::shell::http::problem_kind::{ProblemKind, later, no, soon};

/// Every kind of problem, by status. What a device acts on is in `wire::sync::RefusalKind` too.
pub(crate) const PROBLEMS: &[ProblemKind] = &[
    no("request_malformed", 400, "The request cannot be read"),
    no("protocol_unknown", 400, "The version of the messages is not spoken here"),
    no("body_damaged", 400, "The body cannot be unpacked"),
    no("clock_differs", 401, "The request was not made now"),
    no("not_signed", 401, "The request is not signed by a known device"),
    no("revoked", 403, "The device may not do this"),
    no("code_unknown", 403, "The code is not known"),
    no("path_unknown", 404, "Nothing is at this path"),
    no("chunk_unknown", 404, "No snapshot has this chunk any more"),
    no("programme_unknown", 404, "No programme has this hash"),
    no("method_not_allowed", 405, "The path does not take this method"),
    no("unknown_predecessor", 409, "The records do not follow what is there"),
    no("fork", 409, "The journal has two branches"),
    no("code_used", 409, "The code was used"),
    no("key_enrolled", 409, "The key is a known device's"),
    no("replaced_before", 409, "The device was replaced already"),
    no("code_expired", 410, "The code is no longer good"),
    no("snapshot_needed", 410, "Begin with a snapshot"),
    no("body_too_large", 413, "The body is too large"),
    no("content_type_unsupported", 415, "The body is no message"),
    no("encoding_unsupported", 415, "The body is not packed with zstd"),
    no("body_invalid", 422, "The message cannot be understood"),
    no("record_refused", 422, "A record cannot be taken"),
    soon("too_many_codes", 429, 60, "Too many wrong codes"),
    later("internal", 500, "Internal error"),
    later("outcome_unknown", 500, "It may or may not be stored"),
    no("row_damaged", 500, "A stored row is damaged"),
    soon("busy", 503, 1, "The hub is busy"),
    soon("too_many_connections", 503, 1, "Too many connections"),
    soon("timed_out", 503, 1, "The request took too long"),
    soon("not_ready", 503, 5, "The hub is not ready"),
    soon("storage_full", 507, 60, "The disk is full"),
];

/// The kind of a code; one that is not listed is a mistake of ours, and told as such.
pub(crate) fn kind_of(code: &str) -> &'static ProblemKind {
    PROBLEMS.iter().find(|kind| kind.code == code).unwrap_or(&INTERNAL)
}

const INTERNAL: ProblemKind = later("internal", 500, "Internal error");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::sync::RefusalKind;

    #[test]
    fn codes_are_listed_once_in_snake_case_by_status() {
        for (index, kind) in PROBLEMS.iter().enumerate() {
            let snake = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            assert!(kind.code.bytes().all(snake), "{}", kind.code);
            assert!(PROBLEMS[..index].iter().all(|other| other.code != kind.code), "{}", kind.code);
            assert!(PROBLEMS[..index].iter().all(|other| other.status <= kind.status));
        }
        assert_eq!(kind_of("no such code"), &INTERNAL);
    }

    #[test]
    fn what_a_device_acts_on_is_listed_with_its_status() {
        for kind in RefusalKind::ALL {
            let listed = kind_of(kind.code());
            assert_eq!((listed.code, listed.status), (kind.code(), kind.status()));
        }
    }
}
