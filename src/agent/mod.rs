//! The daemon at the till.

pub mod config;
pub(crate) mod till;
