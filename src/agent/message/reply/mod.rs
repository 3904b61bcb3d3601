//! What tills are told.
//!
//! A recorded request is answered from its record alone (`record`, `sale`, `undo`), with the names
//! that the programme gives to its parts: asked again, it gives the same bytes.

mod effects;
mod happening;
mod info;
mod member;
mod points;
mod quote;
mod receipt;
mod record;
mod rejected;
mod reservation;
mod sale;
mod tier;
mod time;
mod totals;
mod undo;

#[cfg(test)]
pub(crate) mod examples;
#[cfg(test)]
mod tests;

pub(crate) use effects::{
    AllocationReply, EffectKind, EffectReason, EffectReply, NegativeLineReply, TaxRates,
};
pub(crate) use happening::{EventMessage, HappenedMessage};
pub(crate) use info::{CheckReply, InfoReply, LimitsReply, ProgrammeReply, ReadyReply};
pub(crate) use member::{IdentifyReply, MemberReply, MemberTierReply, VoucherReply};
pub(crate) use points::{ExpiryReply, PointsReply, RedeemableReply};
pub(crate) use quote::{MismatchReply, QuoteReply};
pub(crate) use receipt::{ReceiptReply, ReceiptState};
pub(crate) use record::{RecordReply, RecordStamp};
pub(crate) use rejected::{BenefitKind, RejectedReply};
pub(crate) use reservation::ReservationReply;
pub(crate) use sale::{Counts, PaymentReply, SaleReply};
pub(crate) use tier::{MeasureName, TierReply};
pub(crate) use totals::{LineReply, TotalsReply};
pub(crate) use undo::{
    AdjustmentReply, AssignReply, EventReply, OtherReply, ReturnedLineReply, UndoAccountReply,
    UndoReply,
};
