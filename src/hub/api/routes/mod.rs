//! The paths, a file for each group.

pub(super) mod changes;
pub(super) mod enrolments;
pub(super) mod fetched;
pub(super) mod keys;
pub(super) mod operations;
pub(super) mod records;

use axum::Router;
use axum::routing::{get, post};

use super::Api;
use crate::wire::sync::paths;

/// A chunk by its hash.
const CHUNK: &str = "/sync/v1/chunks/{hash}";
/// A programme by its hash.
const PROGRAMME: &str = "/sync/v1/programmes/{hash}";

/// Every path.
pub(super) fn router() -> Router<Api> {
    Router::new()
        .route(paths::KEYS, get(keys::keys))
        .route(paths::ENROLMENTS, post(enrolments::enrol))
        .route(paths::RECORDS, post(records::push))
        .route(paths::CHANGES, get(changes::changes))
        .route(paths::SNAPSHOT, get(fetched::snapshot))
        .route(CHUNK, get(fetched::chunk))
        .route(PROGRAMME, get(fetched::programme))
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/info", get(operations::info))
        .route("/metrics", get(operations::metrics))
        .route("/openapi.json", get(operations::openapi_json))
}

/// The routes as labels: whatever else is asked for is one label.
pub(super) fn known_route(route: &str) -> &'static str {
    const KNOWN: [&str; 12] = [
        paths::KEYS,
        paths::ENROLMENTS,
        paths::RECORDS,
        paths::CHANGES,
        paths::SNAPSHOT,
        CHUNK,
        PROGRAMME,
        "/healthz",
        "/readyz",
        "/info",
        "/metrics",
        "/openapi.json",
    ];
    KNOWN.into_iter().find(|known| *known == route).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_with_a_hash_are_those_that_devices_ask_for() {
        assert_eq!(CHUNK, format!("{}/{{hash}}", paths::CHUNKS));
        assert_eq!(PROGRAMME, format!("{}/{{hash}}", paths::PROGRAMMES));
        assert_eq!(known_route("/etc/passwd"), "other");
    }
}
