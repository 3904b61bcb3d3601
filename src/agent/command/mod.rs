//! What each command does: one file for each group, the bin hands them over.

mod enrol;
mod journal;
mod programme;
mod recovery;
mod replay;
mod run;
mod simulate;
mod try_out;

pub(crate) use recovery::FREE_MIB_MIN;
pub(crate) use replay::{REQUEST_TIME_MAX, TRIES_MAX, WAIT_MS_MAX};
use serde_json::Value;

use super::cli::{
    BackupArgs, CommandError, DoctorArgs, EnrolArgs, ExportArgs, Handlers, ImportMembersArgs,
    JournalShowArgs, JournalSource, ProgrammeCheckArgs, ProgrammeFileArgs, QuoteArgs, ReplayArgs,
    RestoreArgs, SimulateArgs,
};
use super::config::Config;
use crate::loyalty::StoreId;
pub(crate) use crate::shell::process::{chain, say};

/// The agent's commands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Commands;

impl Handlers for Commands {
    fn run(&self, config: Config, store: StoreId) -> Result<(), CommandError> {
        run::run(config, store)
    }

    fn quote(&self, args: QuoteArgs) -> Result<(), CommandError> {
        try_out::quote(&args)
    }

    fn programme_check(&self, args: ProgrammeCheckArgs) -> Result<(), CommandError> {
        programme::check(&args)
    }

    fn programme_activate(
        &self,
        config: Config,
        args: ProgrammeFileArgs,
    ) -> Result<(), CommandError> {
        programme::activate(&config, &args)
    }

    fn programme_simulate(&self, args: SimulateArgs) -> Result<(), CommandError> {
        simulate::simulate(&args)
    }

    fn programme_schema(&self) -> Value {
        crate::wire::programme::json_schema()
    }

    fn limits(&self) -> String {
        super::limits::markdown()
    }

    fn import_members(&self, config: Config, args: ImportMembersArgs) -> Result<(), CommandError> {
        programme::import_members(&config, &args)
    }

    fn replay(&self, args: ReplayArgs) -> Result<(), CommandError> {
        replay::replay(&args)
    }

    fn journal_verify(&self, source: JournalSource) -> Result<(), CommandError> {
        journal::verify(source)
    }

    fn journal_show(&self, config: Config, args: JournalShowArgs) -> Result<(), CommandError> {
        journal::show(&config, &args)
    }

    fn journal_export(&self, config: Config, args: ExportArgs) -> Result<(), CommandError> {
        journal::export(&config, &args)
    }

    fn enrol(&self, config: Config, args: EnrolArgs) -> Result<(), CommandError> {
        enrol::enrol(&config, &args)
    }

    fn rebuild(&self, config: Config) -> Result<(), CommandError> {
        recovery::rebuild(&config)
    }

    fn doctor(&self, config: Config, args: DoctorArgs) -> Result<(), CommandError> {
        recovery::doctor(&config, &args)
    }

    fn backup(&self, config: Config, args: BackupArgs) -> Result<(), CommandError> {
        recovery::backup(&config, &args)
    }

    fn restore(&self, config: Config, args: RestoreArgs) -> Result<(), CommandError> {
        recovery::restore(&config, &args)
    }
}
