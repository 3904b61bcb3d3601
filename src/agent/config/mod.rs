//! The agent's configuration: flags over environment over files over defaults.
//!
//! [`Config::load`] finds the files (`locate`), has every source read and laid over one another
//! (`load`; how is the same for both daemons, in `shell`) and turns what is left into domain types
//! (`resolve`). Every fault is told with its source, path and reason, all at once.

mod defaults;
mod keys;
mod listen;
mod load;
mod raw;
mod resolve;
mod resolve_codes;
mod settings;
#[cfg(test)]
mod tests;

pub(crate) use defaults::{CONNECTIONS_MAX_RANGE, JOURNAL_DAYS_RANGE, RECEIPT_COLUMNS_RANGE};
pub(crate) use listen::UNIX_PATH_BYTES_MAX;
pub use listen::{ListenAddress, ListenAddressError};
pub use load::{Needs, Overrides};
pub use settings::{
    ApiSettings, CodeSettings, Config, HubSettings, HubSync, ReceiptSettings, RetentionSettings,
    TillToken,
};

#[cfg(test)]
pub(crate) use crate::shell::config::Pretended;
pub use crate::shell::config::{
    ConfigFault, ConfigFaults, LogFormat, LogLevel, LogSettings, Origin, Process, Surroundings,
};
pub(crate) use crate::shell::config::{FAULTS_MAX, FILE_BYTES_MAX};
