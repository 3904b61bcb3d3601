//! Runs the agent until it is told to stop.

use crate::agent::cli::CommandError;
use crate::agent::config::Config;
use crate::loyalty::StoreId;

pub(super) fn run(_config: Config, _store: StoreId) -> Result<(), CommandError> {
    Err(CommandError::failed("run"))
}
