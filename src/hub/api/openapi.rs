//! The description of the API (OpenAPI 3.1), from the code.

use std::sync::OnceLock;

use axum::body::Bytes;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use super::problem::ProblemBody;
use super::problem_kinds::PROBLEMS;
use super::routes::{changes, enrolments, fetched, keys, operations, records};
use crate::shell::http::problem_kind::PROBLEM_JSON;
use crate::wire::sync::SIGNATURE;

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
        title = "Tillward hub API",
        description = "What tills say to the hub. Messages are CBOR maps with integer keys \
                       (application/vnd.tillward.sync+cbor), packed with zstd, described in \
                       `wire::sync`. Requests of devices are signed (RFC 9421, Ed25519) and carry \
                       `tillward-protocol: 1`. Problems are RFC 9457 with a stable `code`.",
    ),
    paths(
        keys::keys,
        enrolments::enrol,
        records::push,
        changes::changes,
        fetched::snapshot,
        fetched::chunk,
        fetched::programme,
        operations::healthz,
        operations::readyz,
        operations::info,
        operations::metrics,
        operations::openapi_json,
    ),
    components(schemas(ProblemBody, operations::Info)),
    modifiers(&Problems),
    security(("signature" = [])),
)]
struct Description;

/// Adds what can go wrong, and how requests are signed.
struct Problems;

impl Modify for Problems {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let signature = ApiKey::Header(ApiKeyValue::with_description(
            SIGNATURE,
            "An HTTP message signature over method, path, query and content-digest",
        ));
        if let Some(components) = &mut description.components {
            components.add_security_scheme("signature", SecurityScheme::ApiKey(signature));
        }
        for (path, item) in &mut description.paths.paths {
            let is_of_devices = path.starts_with("/sync/");
            for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
                add_problems(operation, is_of_devices);
            }
        }
    }
}

fn add_problems(operation: &mut Operation, is_of_devices: bool) {
    let mut statuses: Vec<u16> = PROBLEMS.iter().map(|kind| kind.status).collect();
    statuses.dedup();
    for status in statuses.into_iter().filter(|status| is_of_devices || *status >= 500) {
        let codes: Vec<&str> =
            PROBLEMS.iter().filter(|kind| kind.status == status).map(|kind| kind.code).collect();
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new()
            .description(codes.join(", "))
            .content(PROBLEM_JSON, content)
            .build();
        operation.responses.responses.insert(status.to_string(), RefOr::T(response));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_described_with_its_problems() {
        let document: serde_json::Value =
            serde_json::from_slice(&document()).expect("the description is JSON");
        assert_eq!(document["openapi"], "3.1.0");
        let paths = document["paths"].as_object().expect("paths");
        assert_eq!(paths.len(), 12);
        for (path, item) in paths {
            assert_eq!(super::super::routes::known_route(path), path);
            let operation = item.as_object().and_then(|item| item.values().next());
            let responses = &operation.expect("an operation")["responses"];
            assert!(responses["503"]["description"].is_string(), "{path}");
        }
        let told = &paths["/sync/v1/records"]["post"]["responses"]["401"]["description"];
        assert_eq!(told, "clock_differs, not_signed");
    }
}
