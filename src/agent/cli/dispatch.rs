use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use super::arguments::{
    Cli, Command, GlobalArgs, ImportCommand, JournalCommand, ProgrammeCommand, RunArgs, Typed,
};
use super::handlers::{DemoHandler, Handlers, JournalSource};
use super::manual;
use crate::agent::config::{Config, LogLevel, LogSettings, Needs, Overrides, Surroundings};
use crate::shell::exit::{CommandError, Exit};

/// The world around a command.
pub(super) struct Shell<'a> {
    pub(super) around: &'a dyn Surroundings,
    pub(super) start_log: &'a dyn Fn(&LogSettings),
    pub(super) out: &'a mut dyn Write,
    pub(super) err: &'a mut dyn Write,
}

/// Does what the arguments ask for.
pub(super) fn dispatch(
    arguments: impl IntoIterator<Item = OsString>,
    shell: &mut Shell<'_>,
    handlers: &dyn Handlers,
    demo: Option<&dyn DemoHandler>,
) -> Exit {
    let command = match demo {
        Some(_) => Cli::command_with_demo(),
        None => Cli::command_without_demo(),
    };
    let matches = command.clone().try_get_matches_from(arguments);
    let typed = matches.and_then(|matches| Typed::read(&matches));
    let done = match (typed, demo) {
        (Err(error), _) => return explain(&error, shell),
        (Ok(Typed::Demo(global, args)), Some(handler)) => {
            start_log(&global, shell);
            handler.demo(args, global.data_dir.map(PathBuf::from))
        }
        (Ok(Typed::Demo(..)), None) => Err(CommandError::usage("this build has no demo")),
        (Ok(Typed::Command(cli)), _) => perform(*cli, command, shell, handlers),
    };
    match done {
        Ok(()) => Exit::Done,
        Err(error) => {
            // Nobody to tell is no reason to end otherwise.
            let _ = writeln!(shell.err, "tillward: {}", error.message);
            error.exit
        }
    }
}

/// Help and version go to standard output, a usage error to standard error.
fn explain(error: &clap::Error, shell: &mut Shell<'_>) -> Exit {
    let text = error.render();
    if error.use_stderr() {
        let _ = write!(shell.err, "{text}");
        Exit::Usage
    } else {
        let _ = write!(shell.out, "{text}");
        Exit::Done
    }
}

fn perform(
    cli: Cli,
    line: clap::Command,
    shell: &mut Shell<'_>,
    handlers: &dyn Handlers,
) -> Result<(), CommandError> {
    let global = cli.global;
    match cli.command {
        Command::Run(args) => run(&global, args, shell, handlers),
        Command::Enrol(args) => handlers.enrol(configured(&global, shell)?, args),
        Command::Quote(args) => {
            start_log(&global, shell);
            handlers.quote(args)
        }
        Command::Programme(ProgrammeCommand::Check(args)) => {
            start_log(&global, shell);
            handlers.programme_check(args)
        }
        Command::Programme(ProgrammeCommand::Activate(args)) => {
            handlers.programme_activate(configured(&global, shell)?, args)
        }
        Command::Programme(ProgrammeCommand::Simulate(args)) => {
            start_log(&global, shell);
            handlers.programme_simulate(args)
        }
        Command::Programme(ProgrammeCommand::Schema) => {
            print(shell, format!("{:#}\n", handlers.programme_schema()).as_bytes())
        }
        Command::Import(ImportCommand::Members(args)) => {
            handlers.import_members(configured(&global, shell)?, args)
        }
        Command::Replay(args) => {
            start_log(&global, shell);
            handlers.replay(args)
        }
        Command::Journal(command) => journal(command, &global, shell, handlers),
        Command::Rebuild => handlers.rebuild(configured(&global, shell)?),
        Command::Doctor(args) => handlers.doctor(configured(&global, shell)?, args),
        Command::Backup(args) => handlers.backup(configured(&global, shell)?, args),
        Command::Restore(args) => handlers.restore(configured(&global, shell)?, args),
        Command::Limits => print(shell, handlers.limits().as_bytes()),
        Command::Completions(args) => print(shell, &manual::completions(line, args.shell)),
        Command::Man(args) => match args.dir {
            None => print(shell, &manual::page(line)?),
            Some(dir) => manual::write_pages(line, &dir),
        },
    }
}

fn run(
    global: &GlobalArgs,
    args: RunArgs,
    shell: &mut Shell<'_>,
    handlers: &dyn Handlers,
) -> Result<(), CommandError> {
    let overrides = Overrides { listen: args.listen, store: args.store, ..global.overrides() };
    let config = Config::load(&overrides, Needs::StoreId, shell.around)?;
    (shell.start_log)(&config.log);
    let store = config.store()?.clone();
    handlers.run(config, store)
}

fn journal(
    command: JournalCommand,
    global: &GlobalArgs,
    shell: &mut Shell<'_>,
    handlers: &dyn Handlers,
) -> Result<(), CommandError> {
    match command {
        JournalCommand::Verify(args) => {
            let source = match args.file {
                Some(file) => {
                    start_log(global, shell);
                    JournalSource::File(file)
                }
                None => JournalSource::Ledger(Box::new(configured(global, shell)?)),
            };
            handlers.journal_verify(source)
        }
        JournalCommand::Show(args) => handlers.journal_show(configured(global, shell)?, args),
        JournalCommand::Export(args) => handlers.journal_export(configured(global, shell)?, args),
    }
}

/// The configuration, with the log started as it says.
fn configured(global: &GlobalArgs, shell: &Shell<'_>) -> Result<Config, CommandError> {
    let config = Config::load(&global.overrides(), Needs::Nothing, shell.around)?;
    (shell.start_log)(&config.log);
    Ok(config)
}

/// The log of a command that needs no configuration.
fn start_log(global: &GlobalArgs, shell: &Shell<'_>) {
    // What a command answers is its output; of the log only what is amiss belongs beside it.
    let level = global.log_level.as_deref().and_then(|level| level.parse().ok());
    let level = level.unwrap_or(LogLevel::Warn);
    let settings = LogSettings { level, ..LogSettings::default() };
    (shell.start_log)(&settings);
}

fn print(shell: &mut Shell<'_>, bytes: &[u8]) -> Result<(), CommandError> {
    match shell.out.write_all(bytes).and_then(|()| shell.out.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| {
            CommandError::failed(format!("writing to standard output failed: {error}"))
        }),
    }
}
