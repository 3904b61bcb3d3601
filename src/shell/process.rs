//! What a process is told and tells.

use std::io::{self, Write};

use tokio::signal::unix::{SignalKind, signal};

/// Ready when somebody wants the daemon to end.
pub(crate) fn told_to_stop() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    })
}

/// Something that whoever started the daemon waits for.
#[allow(clippy::print_stdout, reason = "whoever started the daemon reads where it listens")]
pub(crate) fn say_now(text: &str) {
    println!("{text}");
    // A supervisor reads it through a pipe. Where nobody reads it, nothing is lost.
    let _ = io::stdout().flush();
}

/// A command's answer.
#[allow(clippy::print_stdout, reason = "a command's answer is its output")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// An error with everything that caused it, for whoever typed the command.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
