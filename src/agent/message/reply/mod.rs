//! What tills are told.
//!
//! A recorded request is answered from its record alone (`record`, `sale`, `undo`), with the names
//! that the programme gives to its parts: asked again, it gives the same bytes.

mod cashback;
mod catalogue;
mod effects;
mod happening;
mod info;
mod issued;
mod member;
mod messages;
mod offers;
mod points;
mod quote;
mod receipt;
mod record;
mod redeemable;
mod rejected;
mod reservation;
mod sale;
mod tax;
mod tier;
mod time;
mod totals;
mod undo;

#[cfg(test)]
pub(crate) mod examples;
#[cfg(test)]
mod tests;

pub(crate) use cashback::CashbackReply;
pub(crate) use effects::{EffectKind, EffectReply, TaxRates};
pub(crate) use happening::EventMessage;
#[cfg(test)]
pub(crate) use happening::HappenedMessage;
pub(crate) use info::{CheckReply, InfoReply, LimitsReply, ReadyReply};
pub(crate) use issued::IssuedReply;
pub(crate) use member::{IdentifyReply, MemberReply};
pub(crate) use messages::{MessageReply, NextReward};
pub(crate) use points::PointsReply;
pub(crate) use quote::QuoteReply;
pub(crate) use receipt::ReceiptReply;
pub(crate) use record::RecordReply;
pub(crate) use reservation::ReservationReply;
pub(crate) use sale::{Counts, SaleReply};
pub(crate) use tax::TaxReply;
pub(crate) use tier::{MeasureName, TierReply};
pub(crate) use totals::LineReply;
