use std::path::PathBuf;

use super::arguments::{
    BackupArgs, DemoArgs, DoctorArgs, EnrolArgs, ExportArgs, ImportMembersArgs, JournalShowArgs,
    ProgrammeCheckArgs, ProgrammeFileArgs, QuoteArgs, ReplayArgs, RestoreArgs, SimulateArgs,
};
use crate::agent::config::Config;
use crate::loyalty::StoreId;
use crate::shell::exit::CommandError;

/// Which journal to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalSource {
    /// An exported one.
    File(PathBuf),
    /// That of the agent with this configuration.
    Ledger(Box<Config>),
}

/// What each command asks of the agent. Every method writes its own results to standard output;
/// an error's message is written to standard error by the caller. The configuration has the flags
/// in it already.
pub trait Handlers {
    /// `run`: serve the store's tills until told to stop.
    fn run(&self, config: Config, store: StoreId) -> Result<(), CommandError>;
    /// `enrol`: make this device known to a hub.
    fn enrol(&self, config: Config, args: EnrolArgs) -> Result<(), CommandError>;
    /// `quote`: decide one basket from files alone.
    fn quote(&self, args: QuoteArgs) -> Result<(), CommandError>;
    /// `programme check`: tell everything that is wrong with a programme file.
    fn programme_check(&self, args: ProgrammeCheckArgs) -> Result<(), CommandError>;
    /// `programme activate`: put a programme file in force.
    fn programme_activate(
        &self,
        config: Config,
        args: ProgrammeFileArgs,
    ) -> Result<(), CommandError>;
    /// `programme simulate`: what a draft would have come to on a purchase log.
    fn programme_simulate(&self, args: SimulateArgs) -> Result<(), CommandError>;
    /// `programme schema`: the JSON schema of programme files; the caller writes it.
    fn programme_schema(&self) -> serde_json::Value;
    /// `limits`: every limit as a table in Markdown; the caller writes it.
    fn limits(&self) -> String;
    /// `import members`.
    fn import_members(&self, config: Config, args: ImportMembersArgs) -> Result<(), CommandError>;
    /// `replay`: send the receipts of a file to a running agent.
    fn replay(&self, args: ReplayArgs) -> Result<(), CommandError>;
    /// `journal verify`: check signatures, chain and sums.
    fn journal_verify(&self, source: JournalSource) -> Result<(), CommandError>;
    /// `journal show`: records as text or JSON lines.
    fn journal_show(&self, config: Config, args: JournalShowArgs) -> Result<(), CommandError>;
    /// `journal export`: the sealed records into a file.
    fn journal_export(&self, config: Config, args: ExportArgs) -> Result<(), CommandError>;
    /// `rebuild`: compute balances from the journal again.
    fn rebuild(&self, config: Config) -> Result<(), CommandError>;
    /// `doctor`: look the till's files over.
    fn doctor(&self, config: Config, args: DoctorArgs) -> Result<(), CommandError>;
    /// `backup`: one file with all that cannot be had again.
    fn backup(&self, config: Config, args: BackupArgs) -> Result<(), CommandError>;
    /// `restore`: a backup into an empty data folder, as a new epoch.
    fn restore(&self, config: Config, args: RestoreArgs) -> Result<(), CommandError>;
}

/// The demo, which stands above the agent and is plugged in by the binary.
pub trait DemoHandler {
    /// `demo`: the main job on real purchases; `data_dir` is `--data-dir` if it was given.
    fn demo(&self, args: DemoArgs, data_dir: Option<PathBuf>) -> Result<(), CommandError>;
}
