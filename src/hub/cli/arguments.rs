//! What a person types. The doc comments here are the help texts.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use crate::hub::config::Overrides;
use crate::journal::{ENGINE, FORMAT};
use crate::loyalty::{DeviceId, IdError, StoreId};
use crate::shell::config::LogLevel;
use crate::wire::sync::KeyUse;

/// The program's version with what decides whether two of them agree.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    format!("{} (engine {ENGINE}, record format {FORMAT})", env!("CARGO_PKG_VERSION"))
});

/// The centre of Tillward: takes in what the tills of every store recorded, and tells them what it
/// knows.
///
/// Begin with `init`, which makes the hub's keys. `run` serves the tills. `device add` prints what a
/// technician types at a new till. `programme publish` sends a programme to all of them.
#[derive(Debug, Parser)]
#[command(name = "tillward-hub", version = VERSION.as_str(), arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 64 wrong arguments or configuration, \
                        65 the given file is wrong, 75 busy, try again.")]
pub struct Cli {
    #[command(flatten)]
    pub(super) global: GlobalArgs,
    #[command(subcommand)]
    pub(super) command: Command,
}

impl Cli {
    pub(super) fn overrides(&self) -> Overrides {
        let listen = match &self.command {
            Command::Run(args) => args.listen.clone(),
            _ => None,
        };
        Overrides {
            config: self.global.config.clone(),
            data_dir: self.global.data_dir.clone(),
            store_url: self.global.store_url.clone(),
            log_level: self.global.log_level.clone(),
            listen,
        }
    }
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Flags of every command")]
pub(super) struct GlobalArgs {
    /// The configuration file [default: /etc/tillward-hub/config.toml, or TILLWARD_HUB_CONFIG]
    ///
    /// The files conf.d/*.toml beside it are laid over it. Without the flag it is the one that the
    /// variable TILLWARD_HUB_CONFIG names, else ~/.config/tillward-hub/config.toml or
    /// /etc/tillward-hub/config.toml, which may be missing.
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) config: Option<PathBuf>,
    /// The folder of the hub's keys and snapshots
    #[arg(long, visible_alias = "data", global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) data_dir: Option<String>,
    /// Where everything is kept: sqlite:PATH or postgres://USER@HOST/DATABASE
    #[arg(long, global = true, value_name = "URL")]
    pub(super) store_url: Option<String>,
    /// How much is logged to standard error
    #[arg(long, global = true, value_name = "LEVEL", value_parser = LogLevel::NAMED.map(|(name, _)| name))]
    pub(super) log_level: Option<String>,
}

/// The commands, in the order of the help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(InitArgs),
    Run(RunArgs),
    /// Say which tills are expected and known, and stop one
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Publish programmes to all tills
    #[command(subcommand)]
    Programme(ProgrammeCommand),
    Exposure(ExposureArgs),
    /// Take over what another system knows
    #[command(subcommand)]
    Import(ImportCommand),
    /// Look at the hub's keys and replace them
    #[command(subcommand)]
    Keys(KeysCommand),
    Reconcile(ReconcileArgs),
    Flags(FlagsArgs),
}

/// Compare every balance with the journals it comes from
///
/// Folds each account anew from its entries and makes each entry anew from its signed record. Prints
/// `0 differences`, or each one and ends with exit code 1. Changes nothing.
#[derive(Debug, Args)]
pub(crate) struct ReconcileArgs {
    /// One JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

/// What the hub found in the journals that a person may have to look at, newest first
///
/// A receipt that the hub computes differently, a voucher used twice, a receipt in two journals, a
/// journal with two branches. Nothing of it was refused: the record is stored and booked as it is.
#[derive(Debug, Args)]
pub(crate) struct FlagsArgs {
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) count: u16,
    /// One JSON object a line, with both explanations
    #[arg(long)]
    pub(crate) json: bool,
}

/// Make the hub's keys and its store; doing it again changes nothing
///
/// Writes the root key into a file of its own. The root is needed only to replace other keys: carry
/// the file to where nobody reaches it over a network, and keep a copy. Whoever has it can make
/// tills believe another hub; without it no key can ever be replaced.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Where the root key is written [default: root.key in the data folder]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) root_out: Option<PathBuf>,
}

/// Serve the tills until stopped (Ctrl-C or SIGTERM)
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Where to listen: ADDRESS:PORT [default: 127.0.0.1:8740]
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    Add(DeviceAddArgs),
    List(DeviceListArgs),
    /// Stop a device for good: stolen, lost, gone
    ///
    /// Whatever it sends from now on is refused. What it recorded before stays. A new till in its
    /// place gets a code of its own: `device add --replaces ID`.
    Revoke(DeviceArgs),
    /// Let a device do everything again that was suspended because its journal had two branches
    Restore(DeviceArgs),
}

/// Expect a till: print the code that makes it known
///
/// Prints the address of the hub, a code that works once, and the fingerprint of the hub's root key,
/// as text and as a QR code. At the till: `tillward enrol URL CODE --fingerprint FINGERPRINT`.
#[derive(Debug, Args)]
pub(crate) struct DeviceAddArgs {
    /// What people will call it, as in "Brno, lane 3"
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(crate) name: String,
    /// The store it serves
    #[arg(long, value_name = "ID", value_parser = store)]
    pub(crate) store: StoreId,
    /// The group that wanted versions go by
    #[arg(long, value_name = "GROUP", default_value = "all", value_parser = name)]
    pub(crate) group: String,
    /// The device whose place it takes; that one's history stays
    #[arg(long, value_name = "DEVICE", value_parser = device)]
    pub(crate) replaces: Option<DeviceId>,
    /// Days that the code works
    #[arg(long, value_name = "DAYS", default_value_t = crate::hub::enrolment::CODE_DAYS, value_parser = clap::value_parser!(u16).range(1..=365))]
    pub(crate) days: u16,
    /// Where tills reach the hub [default: hub.public_url of the configuration]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) url: Option<String>,
}

/// Every device by store and name: standing, when it was heard, what it runs
#[derive(Debug, Args)]
pub(crate) struct DeviceListArgs {
    /// One JSON object a line instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DeviceArgs {
    /// The device, by its id of 32 hexadecimal digits
    #[arg(value_parser = device)]
    pub(crate) device: DeviceId,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProgrammeCommand {
    Publish(PublishArgs),
    /// The published programme and those before it
    List,
    Rollback(RollbackArgs),
}

/// Check a programme file, sign it and send it to all tills
///
/// Its version must be above that of the last one. A wrong file leaves the old one in force.
#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// The programme file
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// From when it is in force: 2026-03-01 (midnight of the programme's zone) or
    /// 2026-03-01T06:00:00+01:00 [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
}

/// Go back to an earlier programme: publish its content under a new version
#[derive(Debug, Args)]
pub(crate) struct RollbackArgs {
    /// The version whose content is to be in force again
    pub(crate) version: u32,
}

/// Say how much members could spend at tills that do not hear the hub
///
/// By the newest programme's `[offline]` table: floor x devices x accounts. Devices are those that are
/// not revoked and not replaced, also suspended ones, heard lately or not; accounts are those that
/// ever had an opening balance or a record. What an account holds now does not lower it: a device
/// that was away may know a balance that was spent since. In money by what the programme says points
/// are worth, by the level that gives most where they go by levels. With spending = "none" it is 0.
/// Not in it: what several devices that hear the hub spend of one account at once, before it told
/// them of one another (30 s); and what tills gave against their own decision, which is flagged.
#[derive(Debug, Args)]
pub(crate) struct ExposureArgs {
    /// One JSON object instead of text; points in their smallest part, money in minor units
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Take over members with their cards and balances
    ///
    /// The file is the one that `tillward import members` reads. A line that is wrong ends it before
    /// anything is imported. The same file again changes nothing.
    Members(ImportMembersArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ImportMembersArgs {
    /// The members file
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// The list of keys in force
    List,
    /// The fingerprint of the hub's root key, by which tills know the hub
    Fingerprint,
    Rotate(RotateArgs),
    /// Publish the same keys with a new date
    Renew(RootArgs),
}

/// Replace a key, in two steps
///
/// The first makes the new key and publishes a list with both. Restart every hub process: it signs
/// with the new key then. The second, with --retire-old, takes the old key off the list.
#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    /// Which key
    #[arg(value_name = "USE")]
    pub(crate) key_use: KeyUseArg,
    #[command(flatten)]
    pub(crate) root: RootArgs,
    /// Take the old key off the list
    #[arg(long)]
    pub(crate) retire_old: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RootArgs {
    /// The file of the root key
    #[arg(long = "root", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
}

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyUseArg {
    /// Checkpoints: the hub's word on what it has of a till
    Checkpoint,
    /// Programmes
    Programme,
    /// Members' signed codes
    Token,
    /// The encrypted connection
    Tls,
}

impl From<KeyUseArg> for KeyUse {
    fn from(key_use: KeyUseArg) -> Self {
        match key_use {
            KeyUseArg::Checkpoint => Self::Checkpoint,
            KeyUseArg::Programme => Self::Programme,
            KeyUseArg::Token => Self::Token,
            KeyUseArg::Tls => Self::Tls,
        }
    }
}

fn store(text: &str) -> Result<StoreId, IdError> {
    StoreId::parse(text)
}

fn device(text: &str) -> Result<DeviceId, IdError> {
    DeviceId::parse(text)
}

/// A name that people read in a table.
fn name(text: &str) -> Result<String, &'static str> {
    let plain = text.trim() == text && !text.chars().any(char::is_control);
    if plain && (1..=crate::loyalty::ID_BYTES_MAX).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("expected 1 to 64 bytes of text without control characters")
    }
}
