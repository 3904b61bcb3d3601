//! What Prometheus is told. No device, member or code is ever a label.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::shell::http::connections::ConnectionCounts;

/// The media type of [`Metrics::render`].
pub(crate) const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds: from a look at an index to a batch on a disk that hangs.
const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];

/// Counters and histograms of one process. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    requests: Family<RequestLabels, Counter>,
    ingest_duration: Histogram,
    records: Counter,
    quarantined: Counter,
    waiting: Gauge,
    cursor: Gauge,
    connections: ConnectionCounts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: &'static str,
    status: u16,
}

impl Metrics {
    /// Counts from nothing.
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Arc::default(),
            requests: Family::default(),
            ingest_duration: Histogram::new(SECONDS),
            records: Counter::default(),
            quarantined: Counter::default(),
            waiting: Gauge::default(),
            cursor: Gauge::default(),
            connections: ConnectionCounts::default(),
        };
        metrics.registry = Arc::new(metrics.registered());
        metrics
    }

    /// A request was answered.
    pub(crate) fn observe_request(&self, method: &'static str, route: &'static str, status: u16) {
        self.requests.get_or_create(&RequestLabels { method, route, status }).inc();
    }

    /// A batch was taken in.
    pub(crate) fn observe_batch(&self, records: usize, quarantined: usize, duration: Duration) {
        self.records.inc_by(records as u64);
        self.quarantined.inc_by(quarantined as u64);
        self.ingest_duration.observe(duration.as_secs_f64());
    }

    /// Devices that wait for changes.
    pub(crate) fn waiting(&self) -> &Gauge {
        &self.waiting
    }

    /// The cursor of the last change.
    pub(crate) fn note_cursor(&self, cursor: u64) {
        self.cursor.set(i64::try_from(cursor).unwrap_or(i64::MAX));
    }

    /// Connections that are open, and those that were one too many.
    pub(crate) fn connections(&self) -> &ConnectionCounts {
        &self.connections
    }

    /// Everything as text (OpenMetrics 1.0).
    pub(crate) fn render(&self) -> String {
        let mut text = String::with_capacity(8 * 1024);
        encode(&mut text, &self.registry).expect("a string takes every text");
        text
    }

    fn registered(&self) -> Registry {
        let mut registry = Registry::with_prefix("tillward_hub");
        registry.register("requests", "Requests answered", self.requests.clone());
        let help = "Taking in a batch of records";
        registry.register("ingest_duration_seconds", help, self.ingest_duration.clone());
        registry.register("records", "Records in batches taken in", self.records.clone());
        let help = "Records that were stored but not booked";
        registry.register("records_quarantined", help, self.quarantined.clone());
        registry.register("waiting", "Devices that wait for changes", self.waiting.clone());
        registry.register("cursor", "The cursor of the last change", self.cursor.clone());
        registry.register("connections", "Open connections", self.connections.open.clone());
        let help = "Connections refused because too many were open";
        registry.register("connections_refused", help, self.connections.refused.clone());
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The software that runs", build);
        registry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_observed_is_told() {
        let metrics = Metrics::new();
        metrics.observe_request("POST", "/sync/v1/records", 200);
        metrics.observe_batch(17, 2, Duration::from_millis(3));
        metrics.note_cursor(9);
        let text = metrics.render();
        for line in [
            "tillward_hub_requests_total{method=\"POST\",route=\"/sync/v1/records\",status=\"200\"} 1",
            "tillward_hub_records_total 17",
            "tillward_hub_records_quarantined_total 2",
            "tillward_hub_ingest_duration_seconds_count 1",
            "tillward_hub_cursor 9",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }
}
