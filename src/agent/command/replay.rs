//! Sends a purchase log to a running agent.

use crate::agent::cli::{CommandError, ReplayArgs};

pub(super) fn replay(_args: &ReplayArgs) -> Result<(), CommandError> {
    Err(CommandError::failed("replay"))
}
