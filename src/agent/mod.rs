//! The daemon at the till.

pub(crate) mod till;
