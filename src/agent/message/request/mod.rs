//! The bodies that tills send, and how they are read into the use cases' requests.
//!
//! Types are checked by serde; `fields` and `lines` check what a type cannot say. Fields that are
//! not known are ignored: tills send more than loyalty needs.

mod event;
mod fields;
mod identify;
mod lines;
mod member;
mod quote;
mod receipt;
mod reservation;
mod undo;
mod who;

#[cfg(test)]
mod tests;

pub(crate) use event::EventBody;
pub(crate) use fields::{member_of, parse_decimal, till_of, uid_of};
pub(crate) use identify::{EntryModeName, IdentifyBody, SymbologyName};
pub(crate) use lines::{LineBody, LineFlagName};
pub(crate) use member::{AdjustmentBody, MemberBody};
pub(crate) use quote::{ExplainName, QuoteBody};
pub(crate) use receipt::{CommitModeName, LineDiscountBody, PaymentBody, ReceiptBody};
pub(crate) use reservation::ReservationBody;
pub(crate) use undo::{ReturnBody, ReturnLineBody, VoidBody};
