//! The words of the local API and what they mean.
//!
//! `request` has the bodies that tills send and reads them into the use cases' values, collecting
//! every `fault`; `reply` renders answers; `receipt_text` lays out the lines that a till prints in
//! the words of its language (`wire::wording`). Money on the wire is whole minor units, a quantity is a decimal
//! text: no float is ever taken.

pub(crate) mod fault;
pub(crate) mod fingerprint;
#[cfg(test)]
mod language_tests;
pub(crate) mod layout;
pub(crate) mod presentation;
pub(crate) mod receipt_text;
pub(crate) mod reply;
pub(crate) mod request;
