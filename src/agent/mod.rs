//! The daemon at the till.

pub(crate) mod api;
pub(crate) mod message;
pub(crate) mod till;
