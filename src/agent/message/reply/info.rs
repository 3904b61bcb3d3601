//! What monitors and technicians are told.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::points::PointsDecimals;
use crate::agent::till::answer::{Health, HubHealth};
use crate::loyalty::{LINES_MAX, Programme, StoreId};

/// The answer to `GET /v1/info`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InfoReply<'a> {
    /// The software.
    #[schema(example = "tillward")]
    pub(crate) software: &'static str,
    /// Its version.
    #[schema(example = "0.1.0")]
    pub(crate) version: &'static str,
    /// The version of this API.
    #[schema(example = "v1")]
    pub(crate) api: &'static str,
    /// The store.
    pub(crate) store: &'a str,
    /// Who signs.
    pub(crate) device: String,
    /// The journal's epoch.
    pub(crate) epoch: u32,
    /// The last record's number.
    pub(crate) sequence: u64,
    /// Members in the base.
    pub(crate) members: u64,
    /// Whether wall time may be believed.
    pub(crate) clock_trusted: bool,
    /// The programme in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) programme: Option<ProgrammeReply<'a>>,
    /// The hub that this agent keeps up with. Missing where it is not enrolled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hub: Option<HubReply>,
    /// What a request may be.
    pub(crate) limits: LimitsReply,
}

/// How an agent keeps up with its hub.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HubReply {
    /// Where it is.
    #[schema(example = "https://hub.example:8740")]
    pub(crate) url: String,
    /// Records that it does not have yet.
    #[schema(example = 0)]
    pub(crate) unsent: u64,
    /// When the oldest of them was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) oldest_unsent_at: Option<String>,
    /// When it last answered, since the agent's start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) success_at: Option<String>,
    /// Failures since then.
    #[schema(example = 0)]
    pub(crate) failures_in_a_row: u32,
    /// How far its changes are known; missing before the first snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<u64>,
    /// How far its clock is ahead of this machine's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hub_ahead_ms: Option<i64>,
    /// What a person has to look at, such as `hub_rolled_back`.
    pub(crate) alerts: Vec<&'static str>,
}

impl HubReply {
    fn of(health: &HubHealth) -> Self {
        let HubHealth { standing, unsent } = health;
        Self {
            url: standing.hub_url.clone(),
            unsent: unsent.records,
            oldest_unsent_at: unsent.oldest_at.map(rfc3339),
            success_at: standing.success_at.map(rfc3339),
            failures_in_a_row: standing.failures_in_a_row(),
            cursor: standing.progress.cursor.map(|cursor| cursor.0),
            hub_ahead_ms: standing.hub_ahead_ms,
            alerts: standing.alerts(),
        }
    }
}

fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The programme in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProgrammeReply<'a> {
    /// Its id.
    pub(crate) id: &'a str,
    /// Its version.
    pub(crate) version: u32,
    /// What customers call it.
    pub(crate) name: &'a str,
    /// The one currency of its receipts.
    pub(crate) currency: String,
    /// Whose midnight ends a day.
    #[schema(example = "Europe/Prague")]
    pub(crate) zone: &'static str,
    /// How many decimals points have: 250 are 2.50 where it is 2. Missing where they are whole.
    #[serde(skip_serializing_if = "PointsDecimals::are_whole")]
    #[schema(value_type = Option<u8>)]
    pub(crate) point_decimals: PointsDecimals,
}

/// What a request may be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LimitsReply {
    /// Lines of a basket.
    #[schema(example = 10000)]
    pub(crate) lines_max: usize,
    /// Bytes of a body.
    #[schema(example = 4194304)]
    pub(crate) body_bytes_max: usize,
    /// Connections at once.
    #[schema(example = 256)]
    pub(crate) connections_max: usize,
    /// Seconds until a request is given up.
    #[schema(example = 10)]
    pub(crate) request_seconds_max: u64,
}

/// The answer to `GET /readyz`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadyReply {
    /// Always; otherwise the answer is a problem.
    pub(crate) ready: bool,
    /// What was looked at.
    pub(crate) checks: Vec<CheckReply>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct CheckReply {
    /// What.
    #[schema(example = "ledger_writable")]
    pub(crate) name: &'static str,
    /// Whether it is well.
    pub(crate) ok: bool,
    /// Whether tills can be served without it.
    pub(crate) needed: bool,
    /// What to do where it is not well.
    pub(crate) advice: &'static str,
}

impl<'a> InfoReply<'a> {
    /// Renders what is known.
    pub(crate) fn of(
        health: &Health,
        store: &'a StoreId,
        programme: Option<&'a Programme>,
        limits: LimitsReply,
    ) -> Self {
        Self {
            software: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            api: "v1",
            store: store.as_str(),
            device: health.device.to_string(),
            epoch: health.epoch,
            sequence: health.sequence,
            members: health.members,
            clock_trusted: health.clock_trusted,
            hub: health.hub.as_ref().map(HubReply::of),
            programme: programme.map(|programme| ProgrammeReply {
                id: programme.id.as_str(),
                version: programme.version,
                name: &programme.name,
                currency: programme.currency.to_string(),
                zone: programme.zone.name(),
                point_decimals: PointsDecimals::of(programme),
            }),
            limits,
        }
    }
}

impl LimitsReply {
    /// The limits of an API; those of a basket are the core's.
    pub(crate) const fn new(
        body_bytes_max: usize,
        connections_max: usize,
        request_seconds_max: u64,
    ) -> Self {
        Self { lines_max: LINES_MAX, body_bytes_max, connections_max, request_seconds_max }
    }
}

impl CheckReply {
    /// Everything that readiness looks at. Being behind with the hub is no reason: a store may be
    /// offline for weeks. Nor is a doubtful clock: the till sells, and its records say so.
    pub(crate) fn all(health: &Health) -> Vec<Self> {
        let check = |name, ok, needed, advice| Self { name, ok, needed, advice };
        vec![
            check(
                "ledger_writable",
                health.ledger_writable,
                true,
                "see that the disk is not full or read-only, then run `tillward doctor`",
            ),
            check(
                "programme_in_force",
                health.programme_version.is_some(),
                true,
                "put a programme in force with `tillward programme activate`",
            ),
            // Without members every receipt is still recorded.
            check(
                "base_readable",
                health.base_readable,
                false,
                "import the members with `tillward import members`",
            ),
            check(
                "clock_trusted",
                health.clock_trusted,
                false,
                "set the clock of this machine or let it synchronise",
            ),
            check(
                "hub_in_order",
                health.hub.as_ref().is_none_or(|hub| hub.standing.alerts().is_empty()),
                false,
                "see hub.alerts of /v1/info and the log; sales go on and nothing is lost meanwhile",
            ),
        ]
    }
}
