use std::cell::RefCell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::dispatch::{Shell, dispatch};
use super::*;
use crate::agent::config::{Config, LogLevel, LogSettings, Pretended};
use crate::loyalty::StoreId;

/// Notes what it is asked to do.
#[derive(Default)]
struct Noted(RefCell<Vec<String>>);

impl Noted {
    fn note(&self, asked: String) -> Result<(), CommandError> {
        self.0.borrow_mut().push(asked);
        Ok(())
    }
}

impl Handlers for Noted {
    fn run(&self, config: Config, store: StoreId) -> Result<(), CommandError> {
        self.note(format!("run {store} {} {}", config.api.listen, config.data_dir.display()))
    }
    fn enrol(&self, _: Config, args: EnrolArgs) -> Result<(), CommandError> {
        let EnrolArgs { url, code, fingerprint, from } = args;
        self.note(format!("enrol {url:?} {code:?} {fingerprint:?} {from:?}"))
    }
    fn quote(&self, args: QuoteArgs) -> Result<(), CommandError> {
        let at = args.at.map(|at| at.to_rfc3339());
        self.note(format!("quote {} {at:?} {:?}", args.basket.display(), args.explain))
    }
    fn programme_check(&self, args: ProgrammeCheckArgs) -> Result<(), CommandError> {
        self.note(format!("check {}", args.file.display()))
    }
    fn programme_activate(&self, _: Config, args: ProgrammeFileArgs) -> Result<(), CommandError> {
        self.note(format!("activate {}", args.file.display()))
    }
    fn programme_simulate(&self, args: SimulateArgs) -> Result<(), CommandError> {
        let (current, log) = (args.current.is_some(), args.log.display());
        let (programme, spend, vouchers) = (args.programme.display(), args.spend, args.vouchers);
        self.note(format!("simulate {programme} {current} {log} {spend:?} {vouchers:?}"))
    }
    fn limits(&self) -> String {
        "limits\n".to_owned()
    }

    fn programme_schema(&self) -> serde_json::Value {
        serde_json::json!({ "type": "object" })
    }
    fn import_members(&self, _: Config, args: ImportMembersArgs) -> Result<(), CommandError> {
        self.note(format!("import {}", args.file.display()))
    }
    fn replay(&self, args: ReplayArgs) -> Result<(), CommandError> {
        self.note(format!("replay {} {}", args.file.display(), args.url))
    }
    fn journal_verify(&self, source: JournalSource) -> Result<(), CommandError> {
        self.note(match source {
            JournalSource::File(file) => format!("verify {}", file.display()),
            JournalSource::Ledger(config) => format!("verify in {}", config.data_dir.display()),
        })
    }
    fn journal_show(&self, _: Config, args: JournalShowArgs) -> Result<(), CommandError> {
        self.note(format!("show {:?} {:?} {:?} {}", args.from, args.to, args.kind, args.json))
    }
    fn journal_export(&self, _: Config, args: ExportArgs) -> Result<(), CommandError> {
        self.note(format!("export {}", args.file.display()))
    }
    fn rebuild(&self, _: Config) -> Result<(), CommandError> {
        self.note("rebuild".to_owned())
    }
    fn doctor(&self, _: Config, args: DoctorArgs) -> Result<(), CommandError> {
        self.note(format!("doctor {}", args.salvage))
    }
    fn backup(&self, _: Config, _: BackupArgs) -> Result<(), CommandError> {
        Err(CommandError::busy("another agent\nholds the ledger"))
    }
    fn restore(&self, _: Config, args: RestoreArgs) -> Result<(), CommandError> {
        self.note(format!("restore {}", args.file.display()))
    }
}

impl DemoHandler for Noted {
    fn demo(&self, args: DemoArgs, data_dir: Option<PathBuf>) -> Result<(), CommandError> {
        let listen = args.listen.map(|listen| listen.to_string());
        let flags = (args.no_serve, args.no_hub);
        self.note(format!("demo {:?} {flags:?} {listen:?} {data_dir:?}", args.receipts))
    }
}

/// How it ended, what was asked, what was written and at which level was logged.
struct Ended {
    exit: Exit,
    asked: Vec<String>,
    out: String,
    err: String,
    log_level: Option<LogLevel>,
}

fn typed(line: &str, around: &Pretended) -> Ended {
    let arguments = ["tillward"].into_iter().chain(line.split_whitespace()).map(OsString::from);
    let noted = Noted::default();
    let log_level = RefCell::new(None);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let start_log = |settings: &LogSettings| *log_level.borrow_mut() = Some(settings.level);
    let mut shell = Shell { around, start_log: &start_log, out: &mut out, err: &mut err };
    let exit = dispatch(arguments, &mut shell, &noted, Some(&noted));
    Ended {
        exit,
        asked: noted.0.take(),
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
        log_level: log_level.take(),
    }
}

fn all(command: &clap::Command) -> Vec<clap::Command> {
    let below = command.get_subcommands().filter(|sub| sub.get_name() != "help");
    std::iter::once(command.clone()).chain(below.flat_map(all)).collect()
}

#[test]
fn the_definition_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_and_argument_has_a_help_text() {
    let mut line = Cli::command();
    line.build();
    let commands = all(&line);
    assert_eq!(commands.len(), 24);
    for command in commands {
        assert!(command.get_about().is_some(), "{}", command.get_name());
        for argument in command.get_arguments() {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!help.is_empty(), "{} {}", command.get_name(), argument.get_id());
        }
    }
}

#[test]
fn every_command_reaches_its_handler_with_its_arguments() {
    let none = Pretended::default();
    for (line, asked) in [
        ("run --store S1 --listen 127.0.0.1:1 --data-dir /d", "run S1 127.0.0.1:1 /d"),
        ("--data-dir /d run --store S1", "run S1 127.0.0.1:8731 /d"),
        (
            "quote --programme p --basket b --at 2026-03-01T10:15:00+01:00 --explain everything",
            "quote b Some(\"2026-03-01T10:15:00+01:00\") Everything",
        ),
        ("programme check p.toml", "check p.toml"),
        ("programme activate p.toml", "activate p.toml"),
        ("programme simulate --programme p --log l", "simulate p false l Whenever Used"),
        (
            "programme simulate --programme p --current c --log l --spend never --vouchers never --json",
            "simulate p true l Never Never",
        ),
        ("import members m.csv", "import m.csv"),
        ("replay r", "replay r http://127.0.0.1:8731"),
        ("journal verify", "verify in /var/lib/tillward"),
        ("journal verify j", "verify j"),
        ("journal show --from 2 --kind void --json", "show Some(2) None Some(Void) true"),
        ("journal export j", "export j"),
        ("rebuild", "rebuild"),
        ("doctor --salvage", "doctor true"),
        ("restore b", "restore b"),
        (
            "demo --receipts 5 --no-serve --listen unix:/a --data-dir /d",
            "demo Some(5) (true, false) Some(\"unix:/a\") Some(\"/d\")",
        ),
        ("demo --no-hub", "demo None (false, true) None None"),
    ] {
        let ended = typed(line, &none);
        assert_eq!((ended.exit, ended.asked), (Exit::Done, vec![asked.to_owned()]), "{line}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_64_and_says_why() {
    for line in [
        "",
        "sell",
        "run --store",
        "quote --programme p",
        "quote --programme p --basket b --at yesterday",
        "journal show --kind sold",
        "demo --receipts 0",
        "demo --listen nowhere",
        "doctor --log-level loud",
    ] {
        let ended = typed(line, &Pretended::default());
        assert_eq!((ended.exit.code(), ended.asked.len()), (64, 0), "{line}");
        assert!(!ended.err.is_empty() && ended.out.is_empty(), "{line}");
    }
}

#[test]
fn a_wrong_configuration_ends_with_64_and_tells_every_fault() {
    let wrong =
        Pretended::default().file("/etc/tillward/config.toml", "typo = 1\n[receipt]\ncolumns = 1");
    for line in ["run", "rebuild", "journal verify", "backup b", "programme activate p"] {
        let ended = typed(line, &wrong);
        assert_eq!((ended.exit.code(), ended.asked.len()), (64, 0), "{line}");
        assert!(ended.err.contains("typo") && ended.err.contains("receipt.columns"), "{line}");
    }
    let no_store = typed("run", &Pretended::default());
    assert_eq!(no_store.exit, Exit::Usage);
    assert!(no_store.err.contains("store.id: "), "{}", no_store.err);
    // What needs no configuration does not stumble over it.
    for line in ["quote --programme p --basket b", "programme check p", "journal verify j"] {
        assert_eq!(typed(line, &wrong).exit, Exit::Done, "{line}");
    }
}

#[test]
fn a_handlers_error_is_told_and_decides_the_exit_code() {
    let ended = typed("backup b", &Pretended::default());
    assert_eq!((ended.exit.code(), ended.out.as_str()), (75, ""));
    assert_eq!(ended.err, "tillward: another agent\nholds the ledger\n");
}

#[test]
fn the_log_is_as_configured_and_quiet_for_commands_without_configuration() {
    let around = Pretended::default().set("TILLWARD__LOG__LEVEL", "debug");
    for (line, level) in [
        ("rebuild", LogLevel::Debug),
        ("rebuild --log-level error", LogLevel::Error),
        ("programme check p", LogLevel::Warn),
        ("programme check p --log-level trace", LogLevel::Trace),
    ] {
        assert_eq!(typed(line, &around).log_level, Some(level), "{line}");
    }
}

#[test]
fn help_and_version_are_answers() {
    let none = Pretended::default();
    let version = typed("--version", &none);
    let expected = format!(
        "tillward {} (engine {}, record format {})\n",
        env!("CARGO_PKG_VERSION"),
        crate::journal::ENGINE,
        crate::journal::FORMAT
    );
    assert_eq!((version.exit, version.out), (Exit::Done, expected));
    let help = typed("--help", &none).out;
    assert!(help.starts_with("Loyalty at the till"), "{help}");
    assert!(typed("journal show --help", &none).out.starts_with("Print records"));
}

#[test]
fn the_demo_is_there_only_with_a_handler() {
    let noted = Noted::default();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let around = Pretended::default();
    let mut shell = Shell { around: &around, start_log: &|_| {}, out: &mut out, err: &mut err };
    let line = ["tillward", "demo"].map(OsString::from);
    assert_eq!(dispatch(line, &mut shell, &noted, None), Exit::Usage);
    let line = ["tillward", "--help"].map(OsString::from);
    assert_eq!(dispatch(line, &mut shell, &noted, None), Exit::Done);
    assert!(!String::from_utf8(out).unwrap().contains("demo"));
}

#[test]
fn schema_completions_and_the_page_are_printed() {
    let none = Pretended::default();
    assert_eq!(typed("programme schema", &none).out, "{\n  \"type\": \"object\"\n}\n");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = typed(&format!("completions {shell}"), &none);
        assert_eq!(ended.exit, Exit::Done);
        assert!(ended.out.contains("doctor"), "{shell}");
    }
    assert!(typed("man", &none).out.contains(".TH tillward 1"));
}

#[test]
fn every_command_has_its_man_page() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("man1");
    let ended = typed(&format!("man --dir {}", dir.display()), &Pretended::default());
    assert_eq!((ended.exit, ended.err.as_str()), (Exit::Done, ""));
    let names = ["tillward", "tillward-demo", "tillward-programme-check", "tillward-journal-show"];
    for name in names {
        let page = std::fs::read_to_string(dir.join(format!("{name}.1"))).unwrap();
        assert!(page.contains(".SH DESCRIPTION"), "{name}");
    }
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 24);
    let file = dir.join("tillward.1");
    let failed = typed(&format!("man --dir {}", file.display()), &Pretended::default());
    assert_eq!(failed.exit, Exit::Failed);
    assert!(Path::new(&file).is_file());
}
