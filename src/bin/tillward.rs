//! The agent: arguments, configuration, run.

use std::process::ExitCode;

use tillward::agent::cli;
use tillward::agent::command::Commands;

fn main() -> ExitCode {
    #[cfg(feature = "demo")]
    let demo: Option<&dyn cli::DemoHandler> = Some(&tillward::demo::Demo);
    #[cfg(not(feature = "demo"))]
    let demo: Option<&dyn cli::DemoHandler> = None;
    cli::main(&Commands, demo)
}
