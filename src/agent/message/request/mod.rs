//! The bodies that tills send, and how they are read into the use cases' requests.
//!
//! Types are checked by serde; `fields` and `lines` check what a type cannot say. Fields that are
//! not known are ignored: tills send more than loyalty needs.

mod event;
mod fields;
mod identify;
mod lines;
mod member;
mod offer_codes;
mod quote;
mod reactions;
mod receipt;
mod reservation;
mod undo;
mod who;

#[cfg(test)]
mod tests;

pub(crate) use event::EventBody;
pub(crate) use fields::{member_of, till_of, uid_of};
pub(crate) use identify::IdentifyBody;
pub(crate) use member::{AdjustmentBody, MemberBody};
pub(crate) use quote::QuoteBody;
pub(crate) use receipt::{PAYMENTS_MAX, QUOTE_ID_BYTES_MAX, ReceiptBody};
pub(crate) use reservation::ReservationBody;
pub(crate) use undo::{ReturnBody, VoidBody};
pub(crate) use who::IDENTIFICATION_BYTES_MAX;
