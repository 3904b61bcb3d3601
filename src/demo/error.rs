//! Why the demo cannot go on.

use std::path::PathBuf;

use crate::agent::cli::CommandError;
use crate::agent::command::chain;

/// Why the demo cannot go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// The data folder holds something already; the demo would mix with it.
    #[error("{folder} is not empty: the demo begins in a fresh folder")]
    FolderInUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The demo has no tokens, so it serves this machine only.
    #[error("the demo serves this machine only: listen on 127.0.0.1:PORT or unix:/PATH")]
    ListensTooFar,
    /// A file, a socket or a thread.
    #[error("could not {doing}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Something of the agent or of the oracle.
    #[error("could not {doing}")]
    Part {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The agent could not be asked.
    #[error("asking the agent failed: {0}")]
    Http(#[from] reqwest::Error),
    /// The agent refused what a till must be able to do.
    #[error("{asked} was answered with {status}: {problem}")]
    Refused {
        /// The request.
        asked: String,
        /// The HTTP status.
        status: u16,
        /// What the agent said.
        problem: String,
    },
    /// Hub and tills went on saying different things.
    #[error("hub and tills did not come to know the same within {seconds} s")]
    NotAgreed {
        /// How long it was waited for.
        seconds: u64,
    },
    /// Somebody pressed Ctrl-C.
    #[error("stopped before the end")]
    Stopped,
}

impl DemoError {
    /// An input or output that failed.
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }

    /// A part of the agent that failed.
    pub(crate) fn part<E>(doing: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        move |source| Self::Part { doing, source: source.into() }
    }
}

impl From<DemoError> for CommandError {
    fn from(error: DemoError) -> Self {
        let message = chain(&error);
        match error {
            DemoError::FolderInUse { .. } | DemoError::ListensTooFar => Self::usage(message),
            _ => Self::failed(message),
        }
    }
}
