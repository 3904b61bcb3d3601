//! The agent's configuration: flags over environment over files over defaults.
//!
//! [`Config::load`] finds the files (`locate`), reads every source into a `layer`, lays them over
//! one another (`load`) and turns what is left into domain types (`resolve`). Every fault is told
//! with its source, path and reason, all at once. The process, its environment and its files are
//! seen only through [`Surroundings`].

mod defaults;
mod fault;
mod keys;
mod layer;
mod listen;
mod load;
mod locate;
mod raw;
mod repair;
mod resolve;
mod resolve_codes;
mod settings;
mod surroundings;
#[cfg(test)]
mod tests;

pub(crate) use defaults::{
    CONNECTIONS_MAX_RANGE, FAULTS_MAX, FILE_BYTES_MAX, JOURNAL_DAYS_RANGE, RECEIPT_COLUMNS_RANGE,
};
pub use fault::{ConfigFault, ConfigFaults, Origin};
pub(crate) use listen::UNIX_PATH_BYTES_MAX;
pub use listen::{ListenAddress, ListenAddressError};
pub use load::{Needs, Overrides};
pub use settings::{
    ApiSettings, CodeSettings, Config, LogFormat, LogLevel, LogSettings, ReceiptSettings,
    RetentionSettings, TillToken,
};
pub use surroundings::{Process, Surroundings};

#[cfg(test)]
pub(crate) use surroundings::Pretended;
