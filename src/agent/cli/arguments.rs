//! What a person types. The doc comments here are the help texts.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

use super::value;
use crate::agent::config::{ListenAddress, LogLevel, Overrides};
use crate::journal::{ENGINE, FORMAT, Kind};
use crate::loyalty::StoreId;

/// Where `replay` finds an agent with the default configuration.
const REPLAY_URL: &str = "http://127.0.0.1:8731";

/// The program's version with what decides whether two of them agree.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    format!("{} (engine {ENGINE}, record format {FORMAT})", env!("CARGO_PKG_VERSION"))
});

/// Loyalty at the till: discounts and points decided from a signed local ledger, online or off.
///
/// One agent serves all the lanes of a store, or one lane. A till asks it over HTTP on this
/// machine what a basket is worth to a member and tells it what was sold.
#[derive(Debug, Parser)]
#[command(name = "tillward", version = VERSION.as_str(), arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 64 wrong arguments or configuration, \
                        65 the given file is wrong, 75 busy, try again.")]
pub struct Cli {
    #[command(flatten)]
    pub(super) global: GlobalArgs,
    #[command(subcommand)]
    pub(super) command: Command,
}

impl Cli {
    /// The whole command line with `demo`, for help, completions and man pages.
    pub fn command() -> clap::Command {
        Self::command_with_demo()
    }

    pub(super) fn command_with_demo() -> clap::Command {
        // First, because it is what a newcomer looks for.
        Self::command_without_demo()
            .subcommand(DemoArgs::augment_args(clap::Command::new("demo")).display_order(0))
    }

    pub(super) fn command_without_demo() -> clap::Command {
        <Self as CommandFactory>::command()
    }
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Flags of every command")]
pub(super) struct GlobalArgs {
    /// The configuration file [default: /etc/tillward/config.toml, or TILLWARD_CONFIG]
    ///
    /// The files conf.d/*.toml beside it are laid over it. Without the flag it is the one that the
    /// variable TILLWARD_CONFIG names, else ~/.config/tillward/config.toml or
    /// /etc/tillward/config.toml, which may be missing.
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) config: Option<PathBuf>,
    /// The folder of the ledger, the members and the device key
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) data_dir: Option<String>,
    /// How much is logged to standard error
    #[arg(long, global = true, value_name = "LEVEL", value_parser = LogLevel::NAMED.map(|(name, _)| name))]
    pub(super) log_level: Option<String>,
}

impl GlobalArgs {
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            config: self.config.clone(),
            data_dir: self.data_dir.clone(),
            log_level: self.log_level.clone(),
            ..Overrides::default()
        }
    }
}

/// The commands, in the order of the help.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Run(RunArgs),
    Enrol(EnrolArgs),
    Quote(QuoteArgs),
    /// Check programme files and put them in force
    #[command(subcommand)]
    Programme(ProgrammeCommand),
    /// Import what another system knows
    #[command(subcommand)]
    Import(ImportCommand),
    Replay(ReplayArgs),
    /// Look at the signed journal of everything that was decided
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Compute all balances from the journal again
    ///
    /// Stop the agent first. The journal is only read; balances, counters and limits are thrown
    /// away and computed from it, and the command says if any differed.
    Rebuild,
    Doctor(DoctorArgs),
    Backup(BackupArgs),
    Restore(RestoreArgs),
    /// Print every limit as a table in Markdown: what is taken, why, and what happens beyond it
    Limits,
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Make this till known to a hub, with the code that the hub gave out
///
/// Stop the agent first. The till makes a key of its own, which never leaves it, and believes the
/// hub by the fingerprint and by nothing else. From then on the agent keeps up with the hub whenever
/// there is a line.
#[derive(Debug, Clone, Args)]
pub struct EnrolArgs {
    /// Where the hub is, as in `https://hub.example:8740`
    #[arg(required_unless_present = "from", requires = "code", value_hint = ValueHint::Url)]
    pub url: Option<String>,
    /// The code for this till, as in 7XKQ-0M4T-9WDA-E5ZP; good once and not for long
    #[arg(requires = "fingerprint")]
    pub code: Option<String>,
    /// The fingerprint of the hub's root, shown with the code
    #[arg(long, value_name = "HEX")]
    pub fingerprint: Option<String>,
    /// All three in one text, as the hub's QR code has it: 'tillward-enrol:...'
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["url", "fingerprint"])]
    pub from: Option<String>,
}

/// Serve the tills of a store until stopped (Ctrl-C or SIGTERM)
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Where to listen: ADDRESS:PORT or unix:/PATH [default: 127.0.0.1:8731]
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<String>,
    /// The store this agent is of [default: store.id of the configuration]
    #[arg(long, value_name = "ID")]
    pub(super) store: Option<String>,
}

/// See it work: replay real purchases through the API, then keep serving until Ctrl-C
///
/// Makes a fresh data folder with a sample programme, takes the customers of a real purchase log
/// as members and sells them what they bought, with points, tiers, expiry and returns. The result
/// is compared with an independent computation.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Stop after this many receipts [default: all of them]
    #[arg(long, value_name = "COUNT")]
    pub receipts: Option<NonZeroU32>,
    /// End after the summary instead of serving
    #[arg(long)]
    pub no_serve: bool,
    /// Play with one agent alone instead of a hub and three tills
    #[arg(long)]
    pub no_hub: bool,
    /// Where to listen, with a hub the first till: ADDRESS:PORT or unix:/PATH
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<ListenAddress>,
}

/// Try a programme: decide one basket and print the decision as JSON
///
/// Works on files alone: nothing is sold, no agent is needed.
#[derive(Debug, Clone, Args)]
pub struct QuoteArgs {
    /// The programme file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub programme: PathBuf,
    /// A file with what is known of the member; without it nobody identified themselves
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub member: Option<PathBuf>,
    /// A file with the basket, as a till would send it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub basket: PathBuf,
    /// When it is sold, as in 2026-03-01T10:15:00+01:00 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::time)]
    pub at: Option<DateTime<FixedOffset>>,
    /// The store where it is sold
    #[arg(long, value_name = "ID", value_parser = value::store)]
    pub store: Option<StoreId>,
    /// How much is said about offers that did not apply
    #[arg(long, value_enum, default_value_t = Explain::Relevant)]
    pub explain: Explain,
}

/// How much a decision says about offers that did not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Explain {
    /// Those that this basket or member could reach
    Relevant,
    /// Every offer of the programme with its reason
    Everything,
}

#[derive(Debug, Subcommand)]
pub(super) enum ProgrammeCommand {
    /// Tell everything that is wrong with a programme file, with place and reason
    Check(ProgrammeCheckArgs),
    /// Put a programme file in force; a wrong one leaves the old one in force
    Activate(ProgrammeFileArgs),
    Simulate(SimulateArgs),
    /// Print the JSON schema of programme files, for editors that complete and check
    Schema,
}

/// A programme file, and who will give what it says.
#[derive(Debug, Clone, Args)]
pub struct ProgrammeCheckArgs {
    /// The programme file
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Tell how far so many agents go beyond each limit over all customers at most
    ///
    /// None of which hears of the others: of limits per store the agents of one store, of limits in
    /// total those of all stores.
    #[arg(long, value_name = "N")]
    pub agents: Option<u32>,
}

/// A programme file.
#[derive(Debug, Clone, Args)]
pub struct ProgrammeFileArgs {
    /// The programme file
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

/// Try a draft on a purchase log: what it costs, and who reaches its rewards and when
///
/// Sends every receipt of the log through the draft, with the code that decides at the till, and
/// prints sales, discounts, points and the share of members who ever reach each reward. Works on
/// files alone: nothing is sold, no agent is needed, and the same files always give the same
/// report. Members buy what they bought whatever the programme; they begin with no points, and
/// nothing is known of their flags, birthdays and vouchers.
#[derive(Debug, Clone, Args)]
pub struct SimulateArgs {
    /// The draft: a programme file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub programme: PathBuf,
    /// A programme file to compare it with: the one in force
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub current: Option<PathBuf>,
    /// What was bought: receipts as `replay` sends them, or rows of customer, date, units, value
    ///
    /// Either one JSON object a line, the body of PUT /v1/receipts/{uid} with `uid` beside it
    /// (members are told apart by `member`; a `referral_code` that is such a member of an earlier
    /// receipt says who referred; points, vouchers and discounts in it do not count), or the body of
    /// its void or return with `uid` beside it; or a purchase log with the header `customer_id date
    /// number_of_cds dollar_value`, whose values are in the programme's currency.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub log: PathBuf,
    /// When members spend their points
    #[arg(long, value_enum, default_value_t = Spend::Whenever)]
    pub spend: Spend,
    /// Whether members use the vouchers that they get
    #[arg(long, value_enum, default_value_t = Vouchers::Used)]
    pub vouchers: Vouchers,
    /// The store where all was sold
    #[arg(long, value_name = "ID", value_parser = value::store)]
    pub store: Option<StoreId>,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// When members of a simulation spend their points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Spend {
    /// They keep them
    Never,
    /// All that may be spent, as soon as it may
    Whenever,
}

/// Whether members of a simulation use their vouchers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Vouchers {
    /// All that are valid come to each purchase, and what applies is used
    Used,
    /// They keep them
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// Take over members with their cards and balances
    Members(ImportMembersArgs),
}

/// A members file.
#[derive(Debug, Clone, Args)]
pub struct ImportMembersArgs {
    /// The members file
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

/// Send the receipts of a file to a running agent, in their order
///
/// A line is the body of PUT /v1/receipts/{uid} with `uid` beside it, or with a `void_uid` or
/// `return_uid` that of its void or return.
/// Receipts that the agent has already are answered as before and counted once.
#[derive(Debug, Clone, Args)]
pub struct ReplayArgs {
    /// The file with receipts
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Where the agent listens
    #[arg(long, default_value = REPLAY_URL, value_hint = ValueHint::Url)]
    pub url: String,
}

#[derive(Debug, Subcommand)]
pub(super) enum JournalCommand {
    /// Check every signature and that no record is missing or changed
    Verify(JournalVerifyArgs),
    /// Print records
    Show(JournalShowArgs),
    /// Write the signed records into a file that `journal verify` and auditors can read
    Export(ExportArgs),
}

#[derive(Debug, Args)]
pub(super) struct JournalVerifyArgs {
    /// An exported journal [default: the agent's own]
    #[arg(value_hint = ValueHint::FilePath)]
    pub(super) file: Option<PathBuf>,
}

/// Which records to print, and how.
#[derive(Debug, Clone, Args)]
pub struct JournalShowArgs {
    /// The first sequence number
    #[arg(long, value_name = "SEQUENCE")]
    pub from: Option<u64>,
    /// The last sequence number
    #[arg(long, value_name = "SEQUENCE")]
    pub to: Option<u64>,
    /// Only records of this kind, as in sale, void, return
    #[arg(long, value_parser = value::kind)]
    pub kind: Option<Kind>,
    /// One JSON object a line instead of text
    #[arg(long)]
    pub json: bool,
}

/// A file to export to.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// The file to write; it must not exist yet
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

/// Look the till's files over and say what to do
///
/// Checks the configuration, the folder, the disk, the clock, both databases and the journal, and
/// changes nothing unless told to salvage.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Save what can be proven from a damaged ledger into a new one
    ///
    /// Stop the agent first. The damaged file is moved aside, never deleted; the journal goes on
    /// in a new epoch.
    #[arg(long)]
    pub salvage: bool,
}

/// Copy the ledger into one file, while the till sells
///
/// The file holds the journal and the balances, no key: keep device.key and directory.key apart
/// from it, without them it cannot be restored.
#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    /// The file to write; it must not exist yet
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

/// Restore a backup; what was sold since it was made is kept
///
/// Stop the agent first; device.key must be in the data folder. What can be read of the present
/// ledger is carried over and its file kept. The journal goes on in a new epoch; points lent to
/// the till and holds are dropped.
#[derive(Debug, Clone, Args)]
pub struct RestoreArgs {
    /// The backup
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

/// Print the completions of a shell
///
/// For example: tillward completions bash > /usr/share/bash-completion/completions/tillward
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    pub(super) shell: Shell,
}

/// Print the man page, or write one for every command into a folder
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// The folder to write the pages to, as in /usr/share/man/man1
    #[arg(long, value_hint = ValueHint::DirPath)]
    pub(super) dir: Option<PathBuf>,
}

/// The command line that was typed.
pub(super) enum Typed {
    Command(Box<Cli>),
    Demo(GlobalArgs, DemoArgs),
}

impl Typed {
    pub(super) fn read(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        match matches.subcommand() {
            Some(("demo", demo)) => {
                let global = GlobalArgs::from_arg_matches(matches)?;
                Ok(Self::Demo(global, DemoArgs::from_arg_matches(demo)?))
            }
            _ => Ok(Self::Command(Box::new(Cli::from_arg_matches(matches)?))),
        }
    }
}
