//! The hub's command line: `arguments` is what a person types, [`main`] is the story.

mod arguments;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

pub use self::arguments::Cli;
pub(crate) use self::arguments::{
    Command, DeviceAddArgs, DeviceCommand, DeviceListArgs, ExposureArgs, FlagsArgs, ImportCommand,
    InitArgs, KeysCommand, ProgrammeCommand, PublishArgs, ReconcileArgs, RotateArgs,
};
use super::command;
use super::config::Config;
use crate::shell::config::{LogLevel, LogSettings, Process, Surroundings};
use crate::shell::exit::{CommandError, Exit};
use crate::shell::logging;

/// Parses the process's arguments, reads the configuration, starts the log and does what was asked.
pub fn main() -> ExitCode {
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let exit = dispatch(std::env::args_os(), &Process, &mut out, &mut err, &command::perform);
    exit.into()
}

fn dispatch(
    arguments: impl IntoIterator<Item = OsString>,
    around: &dyn Surroundings,
    out: &mut dyn Write,
    err: &mut dyn Write,
    perform: &dyn Fn(Command, Config) -> Result<(), CommandError>,
) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return explain(&error, out, err),
    };
    match configured(&cli, around).and_then(|config| perform(cli.command, config)) {
        Ok(()) => Exit::Done,
        Err(error) => {
            // Nobody to tell is no reason to end otherwise.
            let _ = writeln!(err, "tillward-hub: {}", error.message);
            error.exit
        }
    }
}

/// Help and version go to standard output, a usage error to standard error.
fn explain(error: &clap::Error, out: &mut dyn Write, err: &mut dyn Write) -> Exit {
    let text = error.render();
    if error.use_stderr() {
        let _ = write!(err, "{text}");
        Exit::Usage
    } else {
        let _ = write!(out, "{text}");
        Exit::Done
    }
}

fn configured(cli: &Cli, around: &dyn Surroundings) -> Result<Config, CommandError> {
    let config = Config::load(&cli.overrides(), around)?;
    // What a command answers is its output; of the log only what is amiss belongs beside it.
    let level = match (&cli.command, &cli.global.log_level) {
        (Command::Run(_), _) | (_, Some(_)) => config.log.level,
        _ => config.log.level.min(LogLevel::Warn),
    };
    logging::start(&LogSettings { level, ..config.log });
    Ok(config)
}
