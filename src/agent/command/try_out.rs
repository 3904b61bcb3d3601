//! Decides a basket on paper: the programme author's try-out.

use crate::agent::cli::{CommandError, QuoteArgs};

pub(super) fn quote(_args: &QuoteArgs) -> Result<(), CommandError> {
    Err(CommandError::failed("quote"))
}
