//! The daemon at the till.

pub mod cli;
pub mod config;
pub mod logging;
pub(crate) mod till;
