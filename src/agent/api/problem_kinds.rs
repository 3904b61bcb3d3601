//! The table of problems: code, status, whether to try again, title.
//!
//! 404 names what is not there, 409 what the state does not allow now, 422 what cannot be
//! understood or does not fit itself, 503 and 507 what may go well later, 500 our own fault.

use crate::shell::http::problem_kind::{ProblemKind, later, no, soon};

/// Every kind of problem, by status.
pub(crate) const PROBLEMS: &[ProblemKind] = &[
    no("request_malformed", 400, "The request cannot be read"),
    no("not_json", 400, "The body is not JSON"),
    no("not_utf8", 400, "The body is not UTF-8"),
    no("too_deep", 400, "The body is nested too deeply"),
    no("body_cut_off", 400, "The body ended early"),
    no("idempotency_key_malformed", 400, "The idempotency key cannot be read"),
    no("token_missing", 401, "A token is needed"),
    no("token_wrong", 401, "The token is not known"),
    no("host_not_allowed", 403, "This host name is not served"),
    no("origin_not_allowed", 403, "This web page may not call"),
    no("other_till", 403, "The token is another till's"),
    no("path_unknown", 404, "Nothing is at this path"),
    no("member_unknown", 404, "The member is not known"),
    no("receipt_unknown", 404, "The receipt is not known"),
    no("reservation_unknown", 404, "The reservation is not known"),
    no("method_not_allowed", 405, "The path does not take this method"),
    no("conflict", 409, "Recorded before with other content"),
    no("code_used", 409, "The code was used before"),
    no("identification_unknown", 409, "The identification is not known"),
    no("identification_expired", 409, "The identification is too old"),
    no("identify_better", 409, "A better identification is needed"),
    no("role_may_not_spend", 409, "Others of the company spend its points"),
    no("nothing_left", 409, "Nothing is left of the receipt"),
    no("member_present", 409, "The receipt has a member"),
    no("too_late_for_member", 409, "The receipt is too old for a member"),
    no("not_enough_points", 409, "Not enough points are free"),
    no("not_enough_cashback", 409, "Not enough cashback is free"),
    later("offline_limit", 409, "More than may be spent without the hub"),
    no("voucher_not_usable", 409, "The voucher cannot be used"),
    later("too_many_reservations", 409, "The till has too many reservations"),
    no("body_too_large", 413, "The body is too large"),
    no("content_type_unsupported", 415, "The body is not declared as JSON"),
    no("body_invalid", 422, "The request cannot be understood"),
    no("code_unusable", 422, "The code cannot be used"),
    no("idempotency_key_reused", 422, "The idempotency key was used before"),
    no("totals_do_not_add_up", 422, "The totals do not add up"),
    no("payments_differ", 422, "The payments do not add up"),
    no("return_no_such_line", 422, "The receipt has no such line"),
    no("return_more_than_sold", 422, "More is returned than was sold"),
    no("return_nothing", 422, "Nothing is returned"),
    no("return_no_lines", 422, "The return names no line"),
    no("return_no_such_reward", 422, "The receipt has no such reward to return"),
    no("return_more_rewards_than_given", 422, "More rewards are returned than were given"),
    no("event_type_unknown", 422, "The event type is not registered"),
    no("other_currency", 422, "The currency is not the programme's"),
    later("internal", 500, "Internal error"),
    later("outcome_unknown", 500, "It may or may not be recorded"),
    no("row_damaged", 500, "A stored row is damaged"),
    soon("busy", 503, 1, "The agent is busy"),
    soon("too_many_connections", 503, 1, "Too many connections"),
    soon("timed_out", 503, 1, "The request took too long"),
    soon("not_ready", 503, 5, "The agent is not ready"),
    later("no_programme", 503, "No programme is in force"),
    later("storage_read_only", 503, "Nothing can be recorded"),
    later("storage_full", 507, "The disk is full"),
];

/// The kind of a code. The codes of scans are many and all of one kind; a code that is not listed
/// otherwise is a mistake of ours, and told as such.
pub(crate) fn kind_of(code: &str) -> &'static ProblemKind {
    let listed = |code: &str| PROBLEMS.iter().find(|kind| kind.code == code);
    let of_a_scan = SCAN_CODE_PREFIXES.iter().any(|prefix| code.starts_with(prefix));
    let scan = || of_a_scan.then(|| listed("code_unusable")).flatten();
    listed(code).or_else(scan).unwrap_or(&INTERNAL)
}

/// What the codes of `member_code` begin with: framing, codes, rotating codes, tokens.
const SCAN_CODE_PREFIXES: [&str; 4] = ["code_", "scan_", "totp_", "token_"];

const INTERNAL: ProblemKind = later("internal", 500, "Internal error");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_lists_every_code_and_every_flag() {
        let readme = include_str!("../../../README.md");
        let families = ["return_", "code_", "scan_", "totp_", "token_"];
        let is_told = |code: &str| {
            let of_family =
                |family: &str| code.starts_with(family) && readme.contains(&format!("`{family}*`"));
            readme.contains(&format!("`{code}`")) || families.into_iter().any(of_family)
        };
        let codes = PROBLEMS.iter().map(|kind| kind.code);
        let flags = crate::journal::Flag::ALL.iter().map(|flag| flag.name());
        let missing: Vec<&str> = codes.chain(flags).filter(|code| !is_told(code)).collect();
        assert_eq!(missing, [""; 0]);
    }

    #[test]
    fn codes_are_listed_once_in_snake_case_by_status() {
        for (index, kind) in PROBLEMS.iter().enumerate() {
            let snake =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            assert!(kind.code.bytes().all(snake), "{}", kind.code);
            assert!(PROBLEMS[..index].iter().all(|other| other.code != kind.code), "{}", kind.code);
            assert!(PROBLEMS[..index].iter().all(|other| other.status <= kind.status));
        }
        for code in ["code_check_digit_wrong", "scan_empty", "totp_expired", "token_expired"] {
            assert_eq!(kind_of(code).status, 422, "{code}");
        }
        assert_eq!(kind_of("token_wrong").status, 401, "the till's token, not the member's");
        assert_eq!(kind_of("no such code"), &INTERNAL);
    }
}
