//! Rebuilds, examines, backs up and restores a ledger.

use crate::agent::cli::{BackupArgs, CommandError, DoctorArgs, RestoreArgs};
use crate::agent::config::Config;

pub(super) fn rebuild(_config: &Config) -> Result<(), CommandError> {
    Err(CommandError::failed("rebuild"))
}

pub(super) fn doctor(_config: &Config, _args: &DoctorArgs) -> Result<(), CommandError> {
    Err(CommandError::failed("doctor"))
}

pub(super) fn backup(_config: &Config, _args: &BackupArgs) -> Result<(), CommandError> {
    Err(CommandError::failed("backup"))
}

pub(super) fn restore(_config: &Config, _args: &RestoreArgs) -> Result<(), CommandError> {
    Err(CommandError::failed("restore"))
}
