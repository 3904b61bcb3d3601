//! A daemon's configuration: flags over environment over files over defaults.
//!
//! `sources` finds what is said and reads each source into a `layer` (`repair` takes out what does
//! not fit), lays them over one another, and a `resolver` turns what is left into domain types.
//! Every fault is told with its source, path and reason, all at once. What the keys are and mean is
//! each daemon's own. The process, its environment and its files are seen only through
//! [`Surroundings`].

#![cfg_attr(
    not(all(feature = "agent", feature = "hub")),
    allow(unused_imports, reason = "each daemon uses its part")
)]

mod fault;
mod layer;
mod locate;
mod log;
pub(crate) mod repair;
mod resolver;
mod sources;
mod surroundings;

pub use fault::{ConfigFault, ConfigFaults, Origin};
pub(crate) use layer::{Format, Layer, Spelling};
pub(crate) use locate::Usual;
pub use log::{LogFormat, LogLevel, LogSettings};
pub(crate) use repair::FAULTS_MAX;
pub(crate) use resolver::{Resolver, hex, named};
pub(crate) use sources::{Place, files, laid_over, variables};
pub(crate) use surroundings::FILE_BYTES_MAX;
pub use surroundings::{Process, Surroundings};

#[cfg(test)]
pub(crate) use surroundings::Pretended;
