//! What Prometheus is told. No member, code or receipt is ever a label.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::agent::till::answer::{HubHealth, Novelty, Recorded};
use crate::journal::{Body, UndoneKind};
use crate::shell::http::connections::ConnectionCounts;
use crate::sync::Alert;

/// The media type of [`Metrics::render`].
pub(crate) const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds: from a quote in memory to a disk that hangs.
const SECONDS: [f64; 12] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0];

/// Commits that share one fsync.
const BATCH_SIZES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Counters and histograms of one agent. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    quote_duration: Histogram,
    commit_duration: Histogram,
    requests: Family<RequestLabels, Counter>,
    receipts: Family<IdentifiedLabels, Counter>,
    receipts_value: Family<IdentifiedLabels, Counter>,
    identified_late: Counter,
    identified_late_value: Counter,
    taken_back: Family<TakenBackLabels, Counter>,
    taken_back_value: Family<TakenBackLabels, Counter>,
    commits_per_fsync: Histogram,
    fsync_duration: Histogram,
    connections: ConnectionCounts,
    hub: HubGauges,
}

/// How the agent keeps up with its hub, as of the last look; zeros where it is not enrolled.
#[derive(Clone, Debug, Default)]
struct HubGauges {
    unsent_records: Gauge,
    oldest_unsent_seconds: Gauge,
    last_success_timestamp_seconds: Gauge,
    failures_in_a_row: Gauge,
    ahead_milliseconds: Gauge,
    alerts: Family<AlertLabels, Gauge>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AlertLabels {
    alert: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct IdentifiedLabels {
    identified: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TakenBackLabels {
    kind: &'static str,
}

impl Metrics {
    /// Counts from nothing.
    #[must_use]
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Arc::default(),
            quote_duration: Histogram::new(SECONDS),
            commit_duration: Histogram::new(SECONDS),
            requests: Family::default(),
            receipts: Family::default(),
            receipts_value: Family::default(),
            identified_late: Counter::default(),
            identified_late_value: Counter::default(),
            taken_back: Family::default(),
            taken_back_value: Family::default(),
            commits_per_fsync: Histogram::new(BATCH_SIZES),
            fsync_duration: Histogram::new(SECONDS),
            connections: ConnectionCounts::default(),
            hub: HubGauges::default(),
        };
        metrics.registry = Arc::new(metrics.registered());
        metrics
    }

    /// How the agent keeps up with its hub.
    pub(crate) fn observe_hub(&self, hub: Option<&HubHealth>, now: DateTime<Utc>) {
        let Some(hub) = hub else { return };
        let gauges = &self.hub;
        let standing = &hub.standing;
        gauges.unsent_records.set(i64::try_from(hub.unsent.records).unwrap_or(i64::MAX));
        gauges.oldest_unsent_seconds.set(hub.oldest_unsent_s(now));
        gauges
            .last_success_timestamp_seconds
            .set(standing.success_at.map_or(0, |at| at.timestamp()));
        gauges.failures_in_a_row.set(i64::from(standing.failures_in_a_row()));
        gauges.ahead_milliseconds.set(standing.hub_ahead_ms.unwrap_or(0));
        for alert in Alert::ALL {
            let raised = standing.progress.alerts.contains(&alert);
            let labels = AlertLabels { alert: alert.name() };
            gauges.alerts.get_or_create(&labels).set(i64::from(raised));
        }
    }

    /// A basket was priced.
    pub(crate) fn observe_quote(&self, duration: Duration) {
        self.quote_duration.observe(duration.as_secs_f64());
    }

    /// A receipt was recorded, or found recorded.
    pub(crate) fn observe_commit(&self, duration: Duration, recorded: &Recorded) {
        self.commit_duration.observe(duration.as_secs_f64());
        if let (Novelty::Fresh, Body::Sale(sale)) = (recorded.novelty, &recorded.record.body) {
            let identified = if sale.member.is_some() { "yes" } else { "no" };
            let labels = IdentifiedLabels { identified };
            self.receipts.get_or_create(&labels).inc();
            let value = u64::try_from(sale.payable.value()).unwrap_or(0);
            self.receipts_value.get_or_create(&labels).inc_by(value);
        }
    }

    /// The member of a receipt was named afterwards, or found named. The receipt itself was counted
    /// as nobody's, and counters never fall.
    pub(crate) fn observe_assign(&self, recorded: &Recorded) {
        if let (Novelty::Fresh, Body::Assign(assign)) = (recorded.novelty, &recorded.record.body) {
            self.identified_late.inc();
            let value = u64::try_from(assign.spend.value()).unwrap_or(0);
            self.identified_late_value.inc_by(value);
        }
    }

    /// A void or a return was recorded, or found recorded.
    pub(crate) fn observe_undo(&self, recorded: &Recorded) {
        let body = &recorded.record.body;
        let (Novelty::Fresh, Body::Void(undo) | Body::Return(undo)) = (recorded.novelty, body)
        else {
            return;
        };
        if undo.of_kind == UndoneKind::Training {
            return;
        }
        let labels = TakenBackLabels { kind: body.kind().name() };
        self.taken_back.get_or_create(&labels).inc();
        let value = u64::try_from(undo.refund.value()).unwrap_or(0);
        self.taken_back_value.get_or_create(&labels).inc_by(value);
    }

    /// The writer made so many records durable with one fsync.
    pub(crate) fn observe_batch(&self, size: usize, duration: Duration) {
        self.commits_per_fsync.observe(size as f64);
        self.fsync_duration.observe(duration.as_secs_f64());
    }

    /// A request was answered.
    pub(crate) fn observe_request(&self, method: &'static str, route: &'static str, status: u16) {
        self.requests.get_or_create(&RequestLabels { method, route, status }).inc();
    }

    /// Connections that are open, and those that were one too many.
    pub(crate) fn connections(&self) -> &ConnectionCounts {
        &self.connections
    }

    /// Everything as text (OpenMetrics 1.0).
    pub(crate) fn render(&self) -> String {
        let mut text = String::with_capacity(16 * 1024);
        encode(&mut text, &self.registry).expect("a string takes every text");
        text
    }

    fn registered(&self) -> Registry {
        let mut registry = Registry::with_prefix("tillward");
        for (name, help, metric) in [
            ("quote_duration_seconds", "Pricing a basket", &self.quote_duration),
            ("commit_duration_seconds", "Recording a receipt", &self.commit_duration),
            ("commits_per_fsync", "Records that shared an fsync", &self.commits_per_fsync),
            ("fsync_duration_seconds", "Making records durable", &self.fsync_duration),
        ] {
            registry.register(name, help, metric.clone());
        }
        registry.register("requests", "Requests answered", self.requests.clone());
        registry.register("receipts", "Receipts recorded", self.receipts.clone());
        let help = "What was paid on receipts, in minor units";
        registry.register("receipts_value_minor", help, self.receipts_value.clone());
        let help = "Receipts whose member was named afterwards; they are among those without one";
        registry.register("receipts_identified_late", help, self.identified_late.clone());
        let help = "What was paid on those, in minor units";
        let value = self.identified_late_value.clone();
        registry.register("receipts_identified_late_value_minor", help, value);
        let help = "Voids and returns recorded";
        registry.register("receipts_taken_back", help, self.taken_back.clone());
        let help = "What was paid back on voids and returns, in minor units";
        registry.register("receipts_taken_back_value_minor", help, self.taken_back_value.clone());
        registry.register("connections", "Open connections", self.connections.open.clone());
        let help = "Connections refused because too many were open";
        registry.register("connections_refused", help, self.connections.refused.clone());
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        let hub = &self.hub;
        let help = "Records that the hub does not have yet";
        registry.register("hub_unsent_records", help, hub.unsent_records.clone());
        let help = "Age of the oldest record that the hub does not have";
        registry.register("hub_oldest_unsent_seconds", help, hub.oldest_unsent_seconds.clone());
        let help = "When the hub last answered, as Unix time; 0 for never since the start";
        let value = hub.last_success_timestamp_seconds.clone();
        registry.register("hub_last_success_timestamp_seconds", help, value);
        let help = "Attempts to reach the hub that failed since the last that did not";
        registry.register("hub_failures_in_a_row", help, hub.failures_in_a_row.clone());
        let help = "How far the hub's clock is ahead of this one";
        registry.register("hub_ahead_milliseconds", help, hub.ahead_milliseconds.clone());
        let help = "1 for what a person has to look at";
        registry.register("hub_alert", help, hub.alerts.clone());
        registry.register("build", "The software that runs", build);
        registry
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::message::reply::examples::recorded;
    use crate::journal::Kind;

    #[test]
    fn receipts_are_counted_once_and_trainings_never() {
        let metrics = Metrics::new();
        let duration = Duration::from_micros(300);
        let mut repeated = recorded(Kind::Sale);
        repeated.novelty = Novelty::Repeated;
        for answer in [recorded(Kind::Sale), repeated, recorded(Kind::Training)] {
            metrics.observe_commit(duration, &answer);
        }
        let mut repeated = recorded(Kind::Void);
        repeated.novelty = Novelty::Repeated;
        let mut of_training = recorded(Kind::Void);
        if let Body::Void(undo) = &mut of_training.record.body {
            undo.of_kind = UndoneKind::Training;
        }
        for answer in [recorded(Kind::Void), recorded(Kind::Return), repeated, of_training] {
            metrics.observe_undo(&answer);
        }
        let mut repeated = recorded(Kind::Assign);
        repeated.novelty = Novelty::Repeated;
        for answer in [recorded(Kind::Assign), repeated] {
            metrics.observe_assign(&answer);
        }
        metrics.observe_quote(duration);
        metrics.observe_batch(17, duration);
        metrics.observe_request("PUT", "/v1/receipts/{uid}", 201);
        let text = metrics.render();
        for line in [
            "tillward_receipts_total{identified=\"yes\"} 1",
            "tillward_receipts_value_minor_total{identified=\"yes\"} 12276",
            "tillward_receipts_identified_late_total 1",
            "tillward_receipts_identified_late_value_minor_total 14000",
            "tillward_receipts_taken_back_total{kind=\"void\"} 1",
            "tillward_receipts_taken_back_total{kind=\"return\"} 1",
            "tillward_receipts_taken_back_value_minor_total{kind=\"void\"} 2942",
            "tillward_commit_duration_seconds_count 3",
            "tillward_quote_duration_seconds_bucket{le=\"0.0005\"} 1",
            "tillward_commits_per_fsync_bucket{le=\"16.0\"} 0",
            "tillward_commits_per_fsync_bucket{le=\"32.0\"} 1",
            "tillward_requests_total{method=\"PUT\",route=\"/v1/receipts/{uid}\",status=\"201\"} 1",
            "tillward_build_info{version=\"0.1.0\"} 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }
}
