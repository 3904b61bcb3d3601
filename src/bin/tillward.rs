//! The agent: arguments, configuration, run.

use std::process::ExitCode;

use tillward::agent::cli::{
    self, BackupArgs, CommandError, DoctorArgs, ExportArgs, Handlers, ImportMembersArgs,
    JournalShowArgs, JournalSource, ProgrammeFileArgs, QuoteArgs, ReplayArgs, RestoreArgs,
};
use tillward::agent::config::Config;
use tillward::loyalty::StoreId;

fn main() -> ExitCode {
    cli::main(&Agent, None)
}

/// Hands each command to the agent.
struct Agent;

fn not_here(command: &str) -> Result<(), CommandError> {
    Err(CommandError::failed(format!("this build cannot {command}")))
}

impl Handlers for Agent {
    fn run(&self, _: Config, _: StoreId) -> Result<(), CommandError> {
        not_here("run")
    }
    fn quote(&self, _: QuoteArgs) -> Result<(), CommandError> {
        not_here("quote")
    }
    fn programme_check(&self, _: ProgrammeFileArgs) -> Result<(), CommandError> {
        not_here("check programmes")
    }
    fn programme_activate(&self, _: Config, _: ProgrammeFileArgs) -> Result<(), CommandError> {
        not_here("activate programmes")
    }
    fn programme_schema(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
    fn import_members(&self, _: Config, _: ImportMembersArgs) -> Result<(), CommandError> {
        not_here("import members")
    }
    fn replay(&self, _: ReplayArgs) -> Result<(), CommandError> {
        not_here("replay")
    }
    fn journal_verify(&self, _: JournalSource) -> Result<(), CommandError> {
        not_here("verify journals")
    }
    fn journal_show(&self, _: Config, _: JournalShowArgs) -> Result<(), CommandError> {
        not_here("show journals")
    }
    fn journal_export(&self, _: Config, _: ExportArgs) -> Result<(), CommandError> {
        not_here("export journals")
    }
    fn rebuild(&self, _: Config) -> Result<(), CommandError> {
        not_here("rebuild")
    }
    fn doctor(&self, _: Config, _: DoctorArgs) -> Result<(), CommandError> {
        not_here("look files over")
    }
    fn backup(&self, _: Config, _: BackupArgs) -> Result<(), CommandError> {
        not_here("back up")
    }
    fn restore(&self, _: Config, _: RestoreArgs) -> Result<(), CommandError> {
        not_here("restore")
    }
}
