//! The paths, a file for each group.

pub(super) mod events;
pub(super) mod identify;
pub(super) mod members;
pub(super) mod operations;
pub(super) mod quotes;
pub(super) mod receipts;
pub(super) mod reservations;
pub(super) mod undo;

use axum::Router;

use super::Api;
use super::problem::Problem;

/// Every path, as metrics name it.
pub(super) const ROUTES: [&str; 17] = [
    "/v1/identify",
    "/v1/quotes",
    "/v1/receipts/{uid}",
    "/v1/receipts/{uid}/void",
    "/v1/receipts/{uid}/returns",
    "/v1/receipts/{uid}/member",
    "/v1/reservations",
    "/v1/reservations/{uid}",
    "/v1/members/{ref}",
    "/v1/members/{ref}/adjustments",
    "/v1/events",
    "/v1/info",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "unknown",
];

/// Every path with its handlers.
pub(super) fn router() -> Router<Api> {
    Router::new()
        .merge(identify::router())
        .merge(quotes::router())
        .merge(receipts::router())
        .merge(undo::router())
        .merge(reservations::router())
        .merge(members::router())
        .merge(events::router())
        .merge(operations::router())
        .fallback(unknown_path)
}

/// The name of a route for metrics: only known ones, so that no caller can invent any.
pub(super) fn known_route(matched: &str) -> &'static str {
    ROUTES.iter().find(|route| **route == matched).copied().unwrap_or("unknown")
}

async fn unknown_path() -> Problem {
    Problem::new("path_unknown", "there is nothing at this path; /openapi.json lists every path")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_do_not_overlap_and_metrics_know_no_others() {
        // Building panics where two handlers have one path and method.
        let routes = format!("{:?}", router());
        for route in ROUTES.iter().filter(|route| **route != "unknown") {
            assert!(routes.contains(&format!("{route:?}")), "{route} has no handler");
            assert_eq!(known_route(route), *route);
        }
        assert_eq!(known_route("/v1/invented"), "unknown");
    }
}
