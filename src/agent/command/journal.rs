//! Verifies, shows and exports a journal.

use crate::agent::cli::{CommandError, ExportArgs, JournalShowArgs, JournalSource};
use crate::agent::config::Config;

pub(super) fn verify(source: JournalSource) -> Result<(), CommandError> {
    Err(CommandError::failed(format!("{source:?}")))
}

pub(super) fn show(_config: &Config, _args: &JournalShowArgs) -> Result<(), CommandError> {
    Err(CommandError::failed("show"))
}

pub(super) fn export(_config: &Config, _args: &ExportArgs) -> Result<(), CommandError> {
    Err(CommandError::failed("export"))
}
