//! The hub: arguments, configuration, run.

use std::process::ExitCode;

fn main() -> ExitCode {
    tillward::hub::cli::main()
}
