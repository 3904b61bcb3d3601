//! The one writer of a store file: jobs come through a bounded queue, are run as they come, and
//! share one commit. A caller is answered after the fsync that makes its job durable.

mod batch;
mod job;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::checkpoint::Checkpointer;
use super::error::StoreError;
use super::open::{OpenError, OwnedFile};
use batch::Engine;
use job::{Job, TypedJob};

/// Jobs that may wait: four whole batches. More than that is an overload that the caller must see.
pub(crate) const QUEUE_JOBS_MAX: usize = 1024;
/// Jobs that share one commit: as many as the local API has connections.
pub(crate) const BATCH_JOBS_MAX: usize = 256;
/// The longest that the first job of a batch waits for the commit to begin.
pub(crate) const BATCH_TIME_MS_MAX: u64 = 20;
/// How long a batch waits, after its latest job, for those callers who were there a moment ago:
/// less than an fsync of any flash costs, enough for a client to send its next request.
pub(crate) const LINGER_MS_MAX: u64 = 2;
/// After this long without a job, what is in the WAL is copied to the database file. Less than the
/// agent's upkeep takes to come again, which is a job each second: else no till would ever be idle.
pub(crate) const IDLE_MS_MIN: u64 = 500;

/// What the writer keeps in memory beside the file, such as the head of the journal.
pub(crate) trait WriterState: Send + 'static {
    /// Enough to come back to an earlier state.
    type Mark;
    /// Remembers the present state; called before every job, so it must be cheap.
    fn mark(&self) -> Self::Mark;
    /// Comes back to the state at `mark`; marks are restored newest first.
    fn restore(&mut self, mark: Self::Mark);
    /// Writes what jobs left for the end of their batch, inside its transaction.
    ///
    /// # Errors
    /// The batch is undone then.
    fn before_commit(&mut self, _connection: &Connection) -> Result<(), StoreError> {
        Ok(())
    }
    /// What was done is durable: no mark made before will be restored.
    fn committed(&mut self) {}
}

/// Who is told how the writer fares, on the writer's own thread.
pub(crate) trait WriterObserver: Send + Sync {
    /// A batch is durable and its callers are answered.
    fn batch_committed(&self, report: &BatchReport);
    /// The writer has stopped for good: what the last batch left on the disk is unknown.
    fn writer_failed(&self, reason: &str);
}

/// Figures of one durable batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchReport {
    /// Jobs in the batch, those refused by themselves included.
    pub(crate) jobs: usize,
    /// Time from the first job to the begin of the commit.
    pub(crate) gathered_in: Duration,
    /// Time that the commit (the fsync) took.
    pub(crate) committed_in: Duration,
    /// Pages in the WAL after it.
    pub(crate) wal_pages: u64,
}

/// Bounds of the writer; the default is what the constants of this module say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WriterLimits {
    /// Jobs that may wait.
    pub(crate) queue_jobs_max: usize,
    /// Jobs that share one commit.
    pub(crate) batch_jobs_max: usize,
    /// The longest time from a batch's first job to its commit.
    pub(crate) batch_time_max: Duration,
    /// The longest wait for one more job.
    pub(crate) linger_max: Duration,
    /// The quiet time after which the WAL is copied.
    pub(crate) idle_min: Duration,
    /// How a batch is committed.
    pub(crate) commit: CommitStep,
}

impl Default for WriterLimits {
    fn default() -> Self {
        Self {
            queue_jobs_max: QUEUE_JOBS_MAX,
            batch_jobs_max: BATCH_JOBS_MAX,
            batch_time_max: Duration::from_millis(BATCH_TIME_MS_MAX),
            linger_max: Duration::from_millis(LINGER_MS_MAX),
            idle_min: Duration::from_millis(IDLE_MS_MIN),
            commit: CommitStep::Fsync,
        }
    }
}

/// How a batch is committed. There is no way that skips the fsync.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CommitStep {
    /// As SQLite does with `synchronous=FULL`.
    Fsync,
    /// The same on a disk made slower by this much, to measure with.
    #[cfg(test)]
    SlowFsync(Duration),
    /// Instead of a commit, SQLite's answer on this result code.
    #[cfg(test)]
    Fails(std::ffi::c_int),
}

/// Why a submitted job has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubmitError<E> {
    /// The job itself refused; nothing of it was written.
    #[error(transparent)]
    Job(E),
    /// The job panicked, a fault of this program; nothing of it was written.
    #[error("the job panicked and was rolled back")]
    Panicked,
    /// Too many jobs wait, or one beside it met damage; nothing was done, try again.
    #[error("too many writes are waiting: try again in a moment")]
    Busy,
    /// The writer has been shut down or has failed; nothing was done.
    #[error("the store has stopped writing")]
    Stopped,
    /// Nothing was written: the disk, or the file's own limit, is full.
    #[error("the disk is full: free some space, then try again")]
    StorageFull,
    /// Nothing was written: the file or its disk is read-only.
    #[error("the store is read-only: make its disk writable, then try again")]
    ReadOnly,
    /// Nothing was written: a page that had to be read is damaged.
    #[error("a page of the store is damaged: run `tillward doctor`")]
    Damaged,
    /// Nothing was written, for the reason that SQLite gave.
    #[error("the store did not write: {0}")]
    NotWritten(String),
    /// The disk failed while it made the batch durable: it may be there or not. The writer has
    /// stopped; after a restart the store tells.
    #[error("the disk failed: restart, then ask for the receipt's status")]
    OutcomeUnknown,
}

/// Handle to the writer's thread; clones share it.
pub(crate) struct Writer<S> {
    queue: SyncSender<Message<S>>,
    shared: Arc<Shared>,
}

impl<S> Clone for Writer<S> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), shared: Arc::clone(&self.shared) }
    }
}

impl<S> fmt::Debug for Writer<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Writer").field("status", &self.shared.status()).finish()
    }
}

impl<S: WriterState> Writer<S> {
    /// Starts the thread that owns `file` and `state`, and the thread that makes its checkpoints.
    /// The file and its lock are released when the joined thread has ended.
    ///
    /// # Errors
    /// The second connection or a thread could not be had.
    pub(crate) fn start(
        file: OwnedFile,
        state: S,
        limits: WriterLimits,
        observer: Arc<dyn WriterObserver>,
    ) -> Result<(Self, JoinHandle<()>), OpenError> {
        let path = file.path.clone();
        let checkpointer = Checkpointer::start(&path)?;
        let (queue, jobs) = sync_channel(limits.queue_jobs_max);
        let shared = Arc::new(Shared::default());
        let engine =
            Engine::new(file, state, jobs, Arc::clone(&shared), limits, observer, checkpointer);
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || engine.serve())
            .map_err(|source| OpenError::Io { path, source })?;
        Ok((Self { queue, shared }, thread))
    }

    /// Runs `job` on the write connection inside a savepoint of its own and answers once the
    /// result is durable. The job must not begin, commit or roll back anything itself.
    ///
    /// Dropping the future does not call the job back.
    ///
    /// # Errors
    /// See [`SubmitError`]. A refusal by the job is told only after the batch it ran in is durable,
    /// because it may rest on what that batch wrote.
    pub(crate) async fn submit<R, E>(
        &self,
        job: impl FnOnce(&Connection, &mut S) -> Result<R, E> + Send + 'static,
    ) -> Result<R, SubmitError<E>>
    where
        R: Send + 'static,
        E: std::error::Error + Send + 'static,
    {
        // A sender dropped without an answer: the thread died with the job in its hands.
        self.enqueue(job)?.await.unwrap_or(Err(SubmitError::OutcomeUnknown))
    }

    /// [`Writer::submit`] for commands without a runtime; must not be called from async code.
    ///
    /// # Errors
    /// As [`Writer::submit`].
    #[cfg(test)]
    pub(crate) fn submit_blocking<R, E>(
        &self,
        job: impl FnOnce(&Connection, &mut S) -> Result<R, E> + Send + 'static,
    ) -> Result<R, SubmitError<E>>
    where
        R: Send + 'static,
        E: std::error::Error + Send + 'static,
    {
        self.enqueue(job)?.blocking_recv().unwrap_or(Err(SubmitError::OutcomeUnknown))
    }

    /// Takes no further jobs, finishes those that wait, copies the WAL into the file and closes
    /// it; returns at once, the thread's handle tells when it is done.
    pub(crate) fn shutdown(&self) {
        if self.shared.leave(Status::Running, Status::Stopping) {
            // Disconnected means that it has ended already.
            let _ = self.queue.send(Message::Shutdown);
        }
    }

    /// Whether the writer takes jobs.
    pub(crate) fn status(&self) -> Status {
        self.shared.status()
    }

    fn enqueue<R, E>(
        &self,
        work: impl FnOnce(&Connection, &mut S) -> Result<R, E> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<R, SubmitError<E>>>, SubmitError<E>>
    where
        R: Send + 'static,
        E: std::error::Error + Send + 'static,
    {
        if self.shared.status() != Status::Running {
            return Err(SubmitError::Stopped);
        }
        let (reply, answer) = oneshot::channel();
        let job = Box::new(TypedJob::new(work, reply));
        self.shared.in_flight.fetch_add(1, Ordering::Relaxed);
        let refused = match self.queue.try_send(Message::Job(job)) {
            Ok(()) => return Ok(answer),
            Err(TrySendError::Full(_)) => SubmitError::Busy,
            Err(TrySendError::Disconnected(_)) => SubmitError::Stopped,
        };
        self.shared.in_flight.fetch_sub(1, Ordering::Relaxed);
        Err(refused)
    }
}

/// Whether a writer takes jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Status {
    /// It does.
    Running = 0,
    /// It was shut down.
    Stopping = 1,
    /// It stopped by itself: the disk failed, and the truth about the last batch is unknown.
    Failed = 2,
}

enum Message<S> {
    Job(Box<dyn Job<S>>),
    Shutdown,
}

type Jobs<S> = Receiver<Message<S>>;

#[derive(Debug, Default)]
struct Shared {
    status: AtomicU8,
    /// Jobs submitted and not yet answered: how large a crowd the next batch may wait for.
    in_flight: AtomicUsize,
}

impl Shared {
    fn status(&self) -> Status {
        match self.status.load(Ordering::Acquire) {
            0 => Status::Running,
            1 => Status::Stopping,
            _ => Status::Failed,
        }
    }

    fn leave(&self, from: Status, to: Status) -> bool {
        let change = (from as u8, to as u8);
        self.status
            .compare_exchange(change.0, change.1, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    fn fail(&self) {
        self.status.store(Status::Failed as u8, Ordering::Release);
    }
}

#[cfg(test)]
mod tests;
