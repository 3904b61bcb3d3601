//! How a command ends.

use std::process::ExitCode;

use crate::shell::config::ConfigFaults;

/// How a command ends; the numbers are those of `sysexits.h` where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: it could not be done; the message says why.
    Failed,
    /// 64: the arguments or the configuration are wrong, nothing was begun.
    Usage,
    /// 65: the file that was given is wrong (a programme, an import, a journal).
    Data,
    /// 75: something is in the way that goes away, such as another process on the same files.
    Busy,
}

impl Exit {
    /// The number for the shell.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 64,
            Self::Data => 65,
            Self::Busy => 75,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command did not do what was asked, in words for whoever typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CommandError {
    /// How the process ends.
    pub exit: Exit,
    /// What was being done, what was in the way, what to do; may have several lines.
    pub message: String,
}

impl CommandError {
    /// It could not be done.
    pub fn failed(message: impl ToString) -> Self {
        Self { exit: Exit::Failed, message: message.to_string() }
    }

    /// What was asked makes no sense.
    pub fn usage(message: impl ToString) -> Self {
        Self { exit: Exit::Usage, message: message.to_string() }
    }

    /// The given file is wrong.
    pub fn data(message: impl ToString) -> Self {
        Self { exit: Exit::Data, message: message.to_string() }
    }

    /// Try again later.
    pub fn busy(message: impl ToString) -> Self {
        Self { exit: Exit::Busy, message: message.to_string() }
    }
}

impl From<ConfigFaults> for CommandError {
    fn from(faults: ConfigFaults) -> Self {
        Self::usage(faults)
    }
}
