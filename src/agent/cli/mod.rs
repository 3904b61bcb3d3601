//! The agent's command line.
//!
//! `arguments` is what a person types, `handlers` what each command asks of the agent, `dispatch`
//! brings the two together, `manual` writes completions and man pages. [`main`] is the story.

mod arguments;
mod dispatch;
mod handlers;
mod manual;
#[cfg(test)]
mod tests;
mod value;

pub use crate::shell::exit::{CommandError, Exit};
pub use arguments::{
    BackupArgs, Cli, DemoArgs, DoctorArgs, EnrolArgs, Explain, ExportArgs, ImportMembersArgs,
    JournalShowArgs, ProgrammeCheckArgs, ProgrammeFileArgs, QuoteArgs, ReplayArgs, RestoreArgs,
    SimulateArgs, Spend, Vouchers,
};
pub use handlers::{DemoHandler, Handlers, JournalSource};

use std::process::ExitCode;

/// Parses the process's arguments, reads the configuration where the command needs it, starts the
/// log and hands the command to `handlers`. The command `demo` is there only with a handler for it.
pub fn main(handlers: &dyn Handlers, demo: Option<&dyn DemoHandler>) -> ExitCode {
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let start_log = |settings: &_| crate::shell::logging::start(settings);
    let mut shell = dispatch::Shell {
        around: &super::config::Process,
        start_log: &start_log,
        out: &mut out,
        err: &mut err,
    };
    dispatch::dispatch(std::env::args_os(), &mut shell, handlers, demo).into()
}
