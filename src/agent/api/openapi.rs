//! The description of the API (OpenAPI 3.1), from the code.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::body::Bytes;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, PathItem, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use super::problem::{Problem, ProblemBody};
use super::problem_kinds::kind_of;
use super::routes::{events, identify, members, operations, quotes, receipts, reservations, undo};
use crate::shell::http::problem_kind::{PROBLEM_JSON, ProblemKind};

/// The description as JSON; written once.
pub(super) fn document() -> Bytes {
    static DOCUMENT: OnceLock<Bytes> = OnceLock::new();
    let write = || {
        let json = Description::openapi().to_json().expect("the description has text keys only");
        Bytes::from(json)
    };
    DOCUMENT.get_or_init(write).clone()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tillward local API",
        description = "Loyalty at the till: identify, quote, commit, void, return. Money is \
                       integer minor units, quantities are decimal texts. Unknown fields are \
                       ignored.",
    ),
    paths(
        identify::identify,
        quotes::quote,
        receipts::commit,
        receipts::status,
        undo::void,
        undo::take_back,
        undo::assign,
        reservations::reserve,
        reservations::release,
        members::member,
        members::adjust,
        events::record,
        events::listen,
        operations::healthz,
        operations::readyz,
        operations::info,
        operations::metrics,
        operations::openapi_json,
    ),
    components(schemas(ProblemBody)),
    modifiers(&Problems, &Tokens),
    security((), ("token" = [])),
)]
struct Description;

/// Adds what can go wrong to every operation.
struct Problems;

/// Adds the tills' tokens.
struct Tokens;

/// What can go wrong everywhere.
const ANYWHERE: &[&str] = &[
    "request_malformed",
    "token_missing",
    "token_wrong",
    "host_not_allowed",
    "origin_not_allowed",
    "too_many_connections",
    "timed_out",
    "internal",
];

/// What can go wrong with a body.
const BODY: &[&str] = &[
    "not_json",
    "not_utf8",
    "too_deep",
    "body_cut_off",
    "body_too_large",
    "content_type_unsupported",
    "body_invalid",
];

/// What can go wrong when something is recorded.
const RECORDING: &[&str] = &[
    "idempotency_key_malformed",
    "idempotency_key_reused",
    "conflict",
    "no_programme",
    "busy",
    "storage_full",
    "storage_read_only",
    "outcome_unknown",
    "row_damaged",
];

/// What can go wrong where a member is named.
const MEMBER: &[&str] = &["member_unknown", "identification_unknown", "identification_expired"];

/// What can go wrong with one operation, by its method and path.
fn problems_of(method: &str, path: &str) -> Vec<&'static [&'static str]> {
    let own: &[&[&str]] = match (method, path) {
        ("post", "/v1/identify") => &[
            BODY,
            &["code_unusable", "code_used", "member_unknown", "no_programme", "busy"],
            &["storage_full", "storage_read_only", "row_damaged"],
        ],
        ("post", "/v1/quotes") => &[
            BODY,
            MEMBER,
            &["other_currency", "other_till", "no_programme", "busy", "row_damaged"],
        ],
        ("put", "/v1/receipts/{uid}") => &[
            BODY,
            RECORDING,
            MEMBER,
            &["other_currency", "other_till", "totals_do_not_add_up", "payments_differ"],
        ],
        ("get", "/v1/receipts/{uid}") => {
            &[&["body_invalid", "other_till", "receipt_unknown", "no_programme", "row_damaged"]]
        }
        ("post", "/v1/receipts/{uid}/void") => {
            &[BODY, RECORDING, &["other_till", "receipt_unknown", "nothing_left"]]
        }
        ("post", "/v1/receipts/{uid}/returns") => &[
            BODY,
            RECORDING,
            &["other_till", "receipt_unknown", "nothing_left", "return_no_such_line"],
            &[
                "return_more_than_sold",
                "return_nothing",
                "return_no_lines",
                "return_no_such_reward",
                "return_more_rewards_than_given",
            ],
        ],
        ("post", "/v1/receipts/{uid}/member") => &[
            BODY,
            RECORDING,
            MEMBER,
            &["other_till", "receipt_unknown", "member_present", "too_late_for_member"],
            &["nothing_left"],
        ],
        ("post", "/v1/reservations") => &[
            BODY,
            RECORDING,
            MEMBER,
            &[
                "other_till",
                "not_enough_points",
                "not_enough_cashback",
                "offline_limit",
                "voucher_not_usable",
                "identify_better",
                "role_may_not_spend",
            ],
            &["too_many_reservations"],
        ],
        ("delete", "/v1/reservations/{uid}") => {
            &[&["body_invalid", "other_till", "reservation_unknown", "busy"]]
        }
        ("get", "/v1/members/{ref}") => {
            &[&["body_invalid", "member_unknown", "no_programme", "row_damaged"]]
        }
        ("post", "/v1/members/{ref}/adjustments") => &[BODY, RECORDING, &["member_unknown"]],
        ("post", "/v1/events") => {
            &[BODY, RECORDING, &["other_till", "member_unknown", "event_type_unknown"]]
        }
        ("get", "/readyz") => &[&["not_ready"]],
        _ => &[],
    };
    let mut lists = vec![ANYWHERE];
    lists.extend(own);
    lists
}

impl Modify for Problems {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut openapi.paths.paths {
            for (method, operation) in operations_of(item) {
                let mut by_status: BTreeMap<u16, Vec<&ProblemKind>> = BTreeMap::new();
                for code in problems_of(method, path).into_iter().flatten() {
                    let kind = kind_of(code);
                    by_status.entry(kind.status).or_default().push(kind);
                }
                for (status, kinds) in by_status {
                    let responses = &mut operation.responses.responses;
                    responses.insert(status.to_string(), RefOr::T(response(&kinds, path)));
                }
            }
        }
    }
}

impl Modify for Tokens {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let description = "The till's token; needed when the agent does not listen on loopback";
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(description))
            .build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

fn operations_of(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let operations = [
        ("get", item.get.as_mut()),
        ("put", item.put.as_mut()),
        ("post", item.post.as_mut()),
        ("delete", item.delete.as_mut()),
    ];
    operations.into_iter().filter_map(|(method, operation)| Some((method, operation?)))
}

/// The response of a status with an example of each problem that has it.
fn response(kinds: &[&ProblemKind], path: &str) -> utoipa::openapi::Response {
    let examples = kinds.iter().map(|kind| {
        let problem = Problem::new(kind.code, kind.title);
        let value = serde_json::to_value(problem.body(path, "9f86d081884c7d65")).ok();
        let example = ExampleBuilder::new().summary(kind.title).value(value).build();
        (kind.code, example)
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .examples_from_iter(examples)
        .build();
    let codes: Vec<&str> = kinds.iter().map(|kind| kind.code).collect();
    ResponseBuilder::new().description(codes.join(", ")).content(PROBLEM_JSON, content).build()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::problem_kinds::PROBLEMS;
    use super::super::routes::ROUTES;
    use super::*;

    fn described() -> Value {
        serde_json::from_slice(&document()).expect("JSON")
    }

    /// Every `$ref` in a description.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn it_is_openapi_3_1_and_every_reference_leads_somewhere() {
        let described = described();
        assert_eq!(described["openapi"], "3.1.0");
        let mut found = Vec::new();
        references(&described, &mut found);
        assert!(found.len() > 100, "{} references", found.len());
        for reference in found {
            let pointer = reference.strip_prefix('#').expect("a reference into the document");
            assert!(described.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let described = described();
        let paths = described["paths"].as_object().expect("paths");
        for route in ROUTES.iter().filter(|route| **route != "unknown") {
            assert!(paths.contains_key(*route), "{route} is not described");
        }
        assert_eq!(paths.len(), ROUTES.len() - 1);
    }

    #[test]
    fn every_problem_is_an_example_somewhere() {
        let text = described().to_string();
        let silent = ["path_unknown", "method_not_allowed"];
        for kind in PROBLEMS.iter().filter(|kind| !silent.contains(&kind.code)) {
            let problem_type = format!("urn:tillward:problem:{}\"", kind.code);
            assert!(text.contains(&problem_type), "{} has no example", kind.code);
        }
    }

    #[test]
    fn money_is_integer_and_quantities_are_text() {
        let described = described();
        let line = &described["components"]["schemas"]["LineBody"]["properties"];
        assert_eq!(line["amount"]["type"], "integer");
        assert_eq!(line["quantity"]["type"], "string");
        assert!(!described.to_string().contains(r#""type":"number""#), "no float anywhere");
    }
}
