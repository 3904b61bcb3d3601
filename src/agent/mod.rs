//! The daemon at the till: use cases in `till` over files in `store`; `cli` and `config` are how
//! a person starts it, `command` what each command does.

pub(crate) mod api;
pub mod cli;
pub(crate) mod clock;
pub mod command;
pub mod config;
pub(crate) mod limits;
pub(crate) mod message;
#[doc(hidden)]
pub mod probe;
pub(crate) mod start;
pub(crate) mod store;
pub(crate) mod sync;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod till;
