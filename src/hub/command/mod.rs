//! What each command does: one file for each group.

mod device;
mod exposure;
mod import;
mod keys;
mod opened;
mod programme;
mod qr;
mod reports;
mod run;

use std::path::Path;

use chrono::{DateTime, Utc};

pub(crate) use self::opened::open_store;
use super::cli::{Command, ImportCommand};
use super::config::Config;
use super::keys::KeysError;
use crate::shell::exit::CommandError;
use crate::shell::process::chain;

/// Does what the arguments ask for.
pub(crate) fn perform(command: Command, config: Config) -> Result<(), CommandError> {
    match command {
        Command::Init(args) => keys::init_hub(&config, &args),
        Command::Run(_) => run::run(config),
        Command::Device(command) => device::perform(&config, command),
        Command::Programme(command) => programme::perform(&config, command),
        Command::Exposure(args) => exposure::perform(&config, &args),
        Command::Import(ImportCommand::Members(args)) => import::members(&config, &args.file),
        Command::Keys(command) => keys::perform(&config, command),
        Command::Reconcile(args) => reports::reconcile(&config, &args),
        Command::Flags(args) => reports::flags(&config, &args),
    }
}

/// The time of this machine, which the hub goes by.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

fn failed(error: &(impl std::error::Error + 'static)) -> CommandError {
    CommandError::failed(chain(error))
}

fn keys_failed(error: KeysError) -> CommandError {
    match error {
        KeysError::NotInitialised { .. }
        | KeysError::RootNeeded { .. }
        | KeysError::OtherRoot { .. }
        | KeysError::UnderWay { .. }
        | KeysError::NotBegun { .. } => CommandError::usage(error),
        error => failed(&error),
    }
}

fn make_folder(folder: &Path) -> Result<(), CommandError> {
    std::fs::create_dir_all(folder).map_err(|error| {
        CommandError::failed(format!("could not make {}: {error}", folder.display()))
    })
}
