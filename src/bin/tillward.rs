//! The agent: arguments, configuration, run.

use std::process::ExitCode;

use tillward::agent::cli;
use tillward::agent::command::Commands;

fn main() -> ExitCode {
    cli::main(&Commands, None)
}
