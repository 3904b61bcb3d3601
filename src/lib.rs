//! Tillward: loyalty at the till, decided from a signed local ledger.
//!
//! The pure core (`money`, `loyalty`, `simulation`, `advice`, `member_code`, `journal`, `recompute`,
//! `wire`, `sync`) computes; `agent` and `hub` do the I/O. `ARCHITECTURE.md` has the map and the
//! invariants.

#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod advice;
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod loyalty;
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod member_code;
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod money;
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod simulation;

#[cfg(feature = "crypto")]
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod journal;

#[cfg(feature = "crypto")]
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod recompute;

#[cfg(feature = "wire")]
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod wire;

#[cfg(feature = "wire")]
#[cfg_attr(not(test), deny(clippy::disallowed_methods))]
pub mod sync;

#[cfg(feature = "shell")]
#[cfg_attr(
    not(all(feature = "agent", feature = "hub")),
    allow(dead_code, unreachable_pub, reason = "each daemon uses its part")
)]
mod shell;

#[cfg(feature = "agent")]
pub mod agent;

#[cfg(feature = "hub")]
pub mod hub;

#[cfg(feature = "demo")]
pub mod demo;

#[cfg(test)]
mod cases;

#[cfg(all(test, feature = "agent", feature = "hub"))]
mod simulator;
