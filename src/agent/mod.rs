//! The daemon at the till.

pub(crate) mod clock;
pub(crate) mod keys;
pub(crate) mod start;
pub(crate) mod store;
pub(crate) mod till;
