//! WAL checkpoints outside the commit path, so that no commit waits for the database file.
//!
//! The writer tells a second thread when the WAL has grown; that thread copies pages back without
//! blocking anybody (PASSIVE). Under a steady stream of commits such a copy never quite catches up,
//! so the writer itself lets the WAL start again (RESTART) between two batches, when little is left
//! to copy.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::open::{self, OpenError};

/// The WAL grows by this much between two PASSIVE checkpoints: rare enough to cost little, often
/// enough that little is left for RESTART.
pub(crate) const WAL_SOFT_BYTES: u64 = 4 * 1024 * 1024;
/// From here the writer tries RESTART after each batch, without waiting for readers.
pub(crate) const WAL_RESTART_BYTES: u64 = 12 * 1024 * 1024;
/// From here RESTART waits for the readers that are in its way: the WAL stays below this plus one
/// batch, so that opening after a power cut stays quick and the disk's share is known.
pub(crate) const WAL_HARD_BYTES: u64 = 16 * 1024 * 1024;
/// The longest that RESTART waits at the hard limit: longer than any read may take.
const RESTART_PATIENCE: Duration = Duration::from_millis(1_200);
/// Between two attempts of RESTART.
const RESTART_PAUSE: Duration = Duration::from_millis(1);
/// A frame of the WAL: a header of 24 bytes and the page.
const WAL_FRAME_BYTES: u64 = 24 + 4096;

/// How a checkpoint that ran to its end left the WAL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WalState {
    /// Pages in the WAL since it last began; 0 when it is about to begin again.
    pub(crate) wal_pages: u64,
    /// How many of them are in the database file already.
    pub(crate) copied_pages: u64,
    /// Another connection was in the way of all or a part of the work.
    pub(crate) hindrance: Hindrance,
}

impl WalState {
    /// The size of the live part of the WAL.
    pub(crate) fn wal_bytes(self) -> u64 {
        self.wal_pages * WAL_FRAME_BYTES
    }
}

/// Whether a checkpoint could do all that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hindrance {
    /// Nothing was in its way.
    None,
    /// A reader or another checkpoint was.
    Busy,
}

/// What a checkpoint is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CheckpointMode {
    /// Nothing but say how large the WAL is.
    Look,
    /// Copy what can be copied without waiting.
    Passive,
    /// Copy all and let the next commit begin the WAL again.
    Restart,
    /// As restart, and cut the WAL file to nothing: at shutdown.
    Truncate,
}

/// Runs one checkpoint on `connection`.
///
/// # Errors
/// What SQLite says about the disk; being busy is no error.
pub(crate) fn checkpoint(
    connection: &Connection,
    mode: CheckpointMode,
) -> rusqlite::Result<WalState> {
    let sql = match mode {
        CheckpointMode::Look => "PRAGMA wal_checkpoint(NOOP)",
        CheckpointMode::Passive => "PRAGMA wal_checkpoint(PASSIVE)",
        CheckpointMode::Restart => "PRAGMA wal_checkpoint(RESTART)",
        CheckpointMode::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
    };
    connection.prepare_cached(sql)?.query_row([], |row| {
        let busy: i64 = row.get(0)?;
        let (wal_pages, copied_pages): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(WalState {
            // -1 stands for "no WAL yet".
            wal_pages: u64::try_from(wal_pages).unwrap_or(0),
            copied_pages: u64::try_from(copied_pages).unwrap_or(0),
            hindrance: if busy == 0 { Hindrance::None } else { Hindrance::Busy },
        })
    })
}

/// The thread that makes PASSIVE checkpoints.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    requests: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Checkpointer {
    /// Starts the thread with its own connection to `path`, which a writer has open.
    ///
    /// # Errors
    /// The file could not be opened, or the system refused a thread.
    pub(crate) fn start(path: &Path) -> Result<Self, OpenError> {
        let connection = open::open_checkpointer(path)?;
        // One request may wait: more would ask for the same.
        let (requests, waiting) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || serve(&connection, &waiting))
            .map_err(|source| OpenError::Io { path: path.to_owned(), source })?;
        Ok(Self { requests, thread })
    }

    /// Asks for a PASSIVE checkpoint; returns at once.
    pub(crate) fn request(&self) {
        // Full: one is asked for already. Disconnected: the writer's RESTART does its work.
        let _ = self.requests.try_send(());
    }

    /// Ends the thread after the checkpoint it may be at.
    pub(crate) fn stop(self) {
        drop(self.requests);
        if self.thread.join().is_err() {
            tracing::error!("checkpoint thread panicked");
        }
    }
}

fn serve(connection: &Connection, requests: &Receiver<()>) {
    while requests.recv().is_ok() {
        match checkpoint(connection, CheckpointMode::Passive) {
            Ok(state) => tracing::debug!(
                wal_pages = state.wal_pages,
                copied_pages = state.copied_pages,
                "checkpoint"
            ),
            // Nothing is lost: the WAL has every commit. The writer will meet the same fault.
            Err(error) => tracing::warn!(%error, "checkpoint failed"),
        }
    }
}

/// Decides after each batch what the size of the WAL calls for; pure.
#[derive(Debug, Default)]
pub(crate) struct WalPolicy {
    asked_at_bytes: u64,
    awaited_at_bytes: Option<u64>,
}

/// What [`WalPolicy::after_batch`] calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WalStep {
    /// Nothing.
    Leave,
    /// A PASSIVE checkpoint by the other thread.
    AskPassive,
    /// A RESTART by the writer, giving up at once when a reader is in its way.
    TryRestart,
    /// A RESTART by the writer that waits for readers.
    AwaitRestart,
}

impl WalPolicy {
    /// What to do about a WAL of `wal_bytes`.
    pub(crate) fn after_batch(&mut self, wal_bytes: u64) -> WalStep {
        if wal_bytes < self.asked_at_bytes {
            *self = Self::default();
        }
        if wal_bytes >= WAL_HARD_BYTES {
            // A reader that outlasts the patience is not ours: every batch must not wait for it.
            let again_at_bytes = self.awaited_at_bytes.map_or(0, |at| at + WAL_SOFT_BYTES);
            if wal_bytes < again_at_bytes {
                return WalStep::TryRestart;
            }
            self.awaited_at_bytes = Some(wal_bytes);
            return WalStep::AwaitRestart;
        }
        if wal_bytes >= WAL_RESTART_BYTES {
            return WalStep::TryRestart;
        }
        if wal_bytes >= self.asked_at_bytes + WAL_SOFT_BYTES {
            self.asked_at_bytes = wal_bytes;
            return WalStep::AskPassive;
        }
        WalStep::Leave
    }
}

/// Lets the WAL begin again, from the writer's own connection, outside a transaction.
///
/// # Errors
/// What SQLite says about the disk; a reader in the way is a [`Hindrance`].
pub(crate) fn restart(connection: &Connection, step: WalStep) -> rusqlite::Result<WalState> {
    let patience = if step == WalStep::AwaitRestart { RESTART_PATIENCE } else { Duration::ZERO };
    connection.busy_timeout(Duration::ZERO)?;
    let restarted = restart_within(connection, patience);
    connection.busy_timeout(open::BUSY_TIMEOUT)?;
    let state = restarted?;
    if step == WalStep::AwaitRestart && state.hindrance == Hindrance::Busy {
        tracing::warn!(wal_pages = state.wal_pages, "a long read keeps the WAL growing");
    }
    Ok(state)
}

/// Many short attempts instead of SQLite's one long wait: while the writer stands here each read
/// that begins is harmless to the next attempt, but one attempt goes on waiting for the lock that
/// such a read took over from an older one.
fn restart_within(connection: &Connection, patience: Duration) -> rusqlite::Result<WalState> {
    let began = Instant::now();
    loop {
        let state = checkpoint(connection, CheckpointMode::Restart)?;
        if state.hindrance == Hindrance::None || began.elapsed() >= patience {
            return Ok(state);
        }
        std::thread::sleep(RESTART_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn the_size_of_the_wal_decides_the_step() {
        let mut policy = WalPolicy::default();
        let cases = [
            (MIB, WalStep::Leave),
            (4 * MIB, WalStep::AskPassive),
            (5 * MIB, WalStep::Leave),
            (8 * MIB, WalStep::AskPassive),
            (11 * MIB, WalStep::Leave),
            (12 * MIB, WalStep::TryRestart),
            (13 * MIB, WalStep::TryRestart),
            (16 * MIB, WalStep::AwaitRestart),
            // Somebody else's reader is in the way.
            (17 * MIB, WalStep::TryRestart),
            (20 * MIB, WalStep::AwaitRestart),
            (21 * MIB, WalStep::TryRestart),
            // It began again: the counting does too.
            (MIB, WalStep::Leave),
            (4 * MIB, WalStep::AskPassive),
            (17 * MIB, WalStep::AwaitRestart),
        ];
        for (wal_bytes, step) in cases {
            assert_eq!(policy.after_batch(wal_bytes), step, "{wal_bytes} bytes");
        }
    }

    #[test]
    fn each_mode_leaves_the_wal_as_it_says() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("toy.db");
        let file = open::open_writer(&path, 1, &[]).expect("opened");
        file.connection
            .execute_batch(
                "CREATE TABLE note (id INTEGER PRIMARY KEY); INSERT INTO note VALUES (1)",
            )
            .expect("filled");
        let look = checkpoint(&file.connection, CheckpointMode::Look).expect("looked");
        assert!(look.wal_pages > 0 && look.copied_pages < look.wal_pages, "{look:?}");
        let passive = checkpoint(&file.connection, CheckpointMode::Passive).expect("copied");
        assert_eq!(passive.copied_pages, look.wal_pages);

        let reader = open::open_reader(&path).expect("opened");
        file.connection.execute_batch("INSERT INTO note VALUES (2)").expect("inserted");
        reader.execute_batch("BEGIN; SELECT count(*) FROM note").expect("a snapshot");
        file.connection.execute_batch("INSERT INTO note VALUES (3)").expect("inserted");
        let hindered = restart(&file.connection, WalStep::TryRestart).expect("no error");
        assert_eq!(hindered.hindrance, Hindrance::Busy);
        reader.execute_batch("COMMIT").expect("ended");
        let restarted = restart(&file.connection, WalStep::TryRestart).expect("restarted");
        assert_eq!(restarted.hindrance, Hindrance::None);

        let truncated = checkpoint(&file.connection, CheckpointMode::Truncate).expect("cut");
        assert_eq!(truncated.hindrance, Hindrance::None);
        let wal = crate::shell::durable_file::with_suffix(&path, "-wal");
        assert_eq!(wal.metadata().expect("a file").len(), 0);
    }
}
