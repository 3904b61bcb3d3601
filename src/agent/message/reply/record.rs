//! The answer to everything that is recorded, from the record alone.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::presentation::Presentation;
use super::sale::{Counts, SaleReply};
use super::time;
use super::undo::{AdjustmentReply, AssignReply, EventReply, OtherReply, UndoReply};
use crate::agent::till::answer::Recorded;
use crate::journal::{Body, Header, Signature, short_code};
use crate::loyalty::Programme;

/// What was recorded. Asked again, it is the same bytes; the header `Idempotent-Replay` says so.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum RecordReply<'a> {
    /// A paid receipt.
    Sale(Box<SaleReply<'a>>),
    /// A receipt of a till in training.
    Training(Box<SaleReply<'a>>),
    /// A receipt taken back.
    Void(UndoReply<'a>),
    /// Goods brought back.
    Return(UndoReply<'a>),
    /// A member named after the sale.
    Assign(AssignReply<'a>),
    /// Points given or taken by hand.
    Adjustment(AdjustmentReply<'a>),
    /// A custom event.
    Event(EventReply<'a>),
    /// Anything else in the journal.
    Other(OtherReply<'a>),
}

/// Where something is recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordStamp<'a> {
    /// The device whose journal it is.
    pub(crate) device: String,
    /// The device's epoch.
    #[schema(example = 1)]
    pub(crate) epoch: u32,
    /// Number in the epoch.
    #[schema(example = 111)]
    pub(crate) sequence: u64,
    /// The code that a receipt prints.
    #[schema(example = "3F-7K2M")]
    pub(crate) code: String,
    /// By the agent's clock, with the store's offset.
    #[schema(example = "2026-02-28T10:30:15.250+01:00")]
    pub(crate) recorded_at: String,
    /// Whether that clock was to be believed.
    #[schema(example = "trusted")]
    pub(crate) clock: &'static str,
    /// The store.
    pub(crate) store: &'a str,
    /// The till.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) till: Option<&'a str>,
    /// Who worked it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operator: Option<&'a str>,
    /// The programme in force.
    #[schema(example = 12)]
    pub(crate) programme_version: u32,
}

impl<'a> RecordReply<'a> {
    /// Renders a record; names come from the programme.
    pub(crate) fn of(
        recorded: &'a Recorded,
        programme: &'a Programme,
        presentation: Presentation,
    ) -> Self {
        let header = &recorded.record.header;
        let stamp = RecordStamp::of(header, &recorded.signature);
        let sale = |sale, stamp, counts| {
            Box::new(SaleReply::of(sale, header, stamp, programme, presentation, counts))
        };
        match &recorded.record.body {
            Body::Sale(body) => Self::Sale(sale(body, stamp, Counts::Yes)),
            Body::Training(body) => Self::Training(sale(body, stamp, Counts::Training)),
            Body::Void(undo) => {
                Self::Void(UndoReply::of(undo, stamp, programme, presentation.locale(programme)))
            }
            Body::Return(undo) => {
                Self::Return(UndoReply::of(undo, stamp, programme, presentation.locale(programme)))
            }
            Body::Assign(assign) => Self::Assign(AssignReply::of(assign, stamp, programme)),
            Body::Adjustment(body) => Self::Adjustment(AdjustmentReply::of(body, stamp)),
            Body::Event(event) => Self::Event(EventReply::of(event, stamp)),
            other => Self::Other(OtherReply { record: stamp, what: other.kind().name() }),
        }
    }
}

impl<'a> RecordStamp<'a> {
    fn of(header: &'a Header, signature: &Signature) -> Self {
        Self {
            device: header.device.to_string(),
            epoch: header.epoch,
            sequence: header.sequence,
            code: short_code(header.epoch, header.sequence, signature),
            recorded_at: time::recorded_at(&header.clock),
            clock: header.clock.trust.name(),
            store: header.store.as_str(),
            till: header.till.as_ref().map(|till| till.as_str()),
            operator: header.operator.as_ref().map(|operator| operator.as_str()),
            programme_version: header.programme_version,
        }
    }
}
