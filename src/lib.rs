//! Tillward: loyalty at the till, decided from a signed local ledger.
//!
//! The pure core (`money`, `loyalty`, `member_code`, `journal`, `wire`) computes; the `agent` does
//! the I/O. `ARCHITECTURE.md` has the map and the invariants.

pub mod loyalty;
pub mod member_code;
pub mod money;

#[cfg(feature = "crypto")]
pub mod journal;

#[cfg(feature = "wire")]
pub mod wire;

#[cfg(feature = "agent")]
pub mod agent;

#[cfg(feature = "demo")]
pub mod demo;
