//! The writer's thread: gathers jobs into batches, commits each batch, answers, tends the WAL.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, TryRecvError};
#[cfg(test)]
use std::time::Duration;
use std::time::Instant;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};

use super::job::{Fault, Job, Ran, Verdict};
use super::{
    BatchReport, CommitStep, Jobs, Message, Shared, Status, WriterLimits, WriterObserver,
    WriterState,
};
use crate::agent::store::checkpoint::{
    CheckpointMode, Checkpointer, WalPolicy, WalStep, checkpoint, restart,
};
use crate::agent::store::open::OwnedFile;

/// A crowd is halved only where each half is still worth an fsync of its own.
const HALF_CROWD_JOBS_MIN: usize = 16;

pub(super) struct Engine<S> {
    file: OwnedFile,
    state: S,
    jobs: Jobs<S>,
    shared: Arc<Shared>,
    limits: WriterLimits,
    observer: Arc<dyn WriterObserver>,
    checkpointer: Checkpointer,
    wal_policy: WalPolicy,
    /// How many callers there were at the ends of the last two batches.
    crowds: [usize; 2],
    drain: Drain,
}

/// Whether the queue is still being filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drain {
    Open,
    Last,
}

/// One batch while it is gathered.
struct Batch<S: WriterState> {
    jobs: Vec<Box<dyn Job<S>>>,
    began: Instant,
    /// When the latest job came.
    arrived: Instant,
    mark: S::Mark,
}

/// Why a batch cannot be committed.
enum Broken {
    Fault(Fault),
    /// A job ended the transaction that it was to share.
    Unknown(String),
}

impl<S: WriterState> Engine<S> {
    pub(super) fn new(
        file: OwnedFile,
        state: S,
        jobs: Jobs<S>,
        shared: Arc<Shared>,
        limits: WriterLimits,
        observer: Arc<dyn WriterObserver>,
        checkpointer: Checkpointer,
    ) -> Self {
        let (wal_policy, crowds, drain) = (WalPolicy::default(), [0; 2], Drain::Open);
        Self {
            file,
            state,
            jobs,
            shared,
            limits,
            observer,
            checkpointer,
            wal_policy,
            crowds,
            drain,
        }
    }

    pub(super) fn serve(mut self) {
        while self.shared.status() != Status::Failed {
            let Some(first) = self.await_first() else { break };
            self.run_batch(first);
        }
        self.close();
    }

    fn await_first(&mut self) -> Option<Box<dyn Job<S>>> {
        if self.drain == Drain::Last {
            return self.try_next();
        }
        let first = match self.jobs.recv_timeout(self.limits.idle_min) {
            Err(RecvTimeoutError::Timeout) => {
                self.checkpointer.request();
                // Nothing more to do until somebody comes: sleep without a clock.
                self.jobs.recv().ok()?
            }
            received => received.ok()?,
        };
        self.accept(first).or_else(|| self.await_first())
    }

    fn run_batch(&mut self, first: Box<dyn Job<S>>) {
        if let Err(error) = run(&self.file.connection, "BEGIN IMMEDIATE") {
            tracing::error!(%error, "a batch could not begin");
            return self.answer(vec![first], &Verdict::NotWritten(Fault::of(&error)));
        }
        let began = Instant::now();
        let mark = self.state.mark();
        let mut batch = Batch { jobs: Vec::new(), began, arrived: began, mark };
        let mut next = Some(first);
        while let Some(job) = next.take() {
            let ran = self.run_job(&mut batch, job);
            if let Err(broken) = ran {
                return self.abandon(batch, broken);
            }
            next = self.next_job(&mut batch);
        }
        self.commit(batch);
    }

    /// Runs one job inside a savepoint, so that its failure is its own.
    fn run_job(&mut self, batch: &mut Batch<S>, mut job: Box<dyn Job<S>>) -> Result<(), Broken> {
        let connection = &self.file.connection;
        let fault = |error: rusqlite::Error| Broken::Fault(Fault::of(&error));
        let begun = run(connection, "SAVEPOINT job");
        let mark = self.state.mark();
        let ran = match &begun {
            Ok(()) => job.run(connection, &mut self.state),
            Err(_) => Ran::Refused(None),
        };
        batch.jobs.push(job);
        begun.map_err(fault)?;
        match ran {
            Ran::Kept if connection.is_autocommit() => {
                Err(Broken::Unknown("a job ended the transaction of its batch".to_owned()))
            }
            Ran::Kept => run(connection, "RELEASE job").map_err(fault),
            Ran::Refused(fault) if connection.is_autocommit() => {
                // SQLite rolls the whole transaction back on some faults of the disk.
                let told = || Fault::Other("the transaction was rolled back".to_owned());
                Err(Broken::Fault(fault.unwrap_or_else(told)))
            }
            Ran::Refused(_) => {
                self.state.restore(mark);
                run(connection, "ROLLBACK TO job")
                    .and_then(|()| run(connection, "RELEASE job"))
                    .map_err(fault)
            }
        }
    }

    /// The next job of this batch; none when it is time to commit.
    fn next_job(&mut self, batch: &mut Batch<S>) -> Option<Box<dyn Job<S>>> {
        let in_time = batch.began.elapsed() < self.limits.batch_time_max;
        if batch.jobs.len() >= self.batch_jobs_enough() || !in_time {
            return None;
        }
        let job = self.try_next().or_else(|| self.linger(batch))?;
        batch.arrived = Instant::now();
        Some(job)
    }

    /// How many callers there were a moment ago.
    fn crowd(&self) -> usize {
        self.crowds[0].max(self.crowds[1])
    }

    /// A batch that has half of a large crowd is committed: the other half is worked on while the
    /// first is answered and sends again. One batch for all would let everybody wait for everybody.
    fn batch_jobs_enough(&self) -> usize {
        (self.crowd() / 2).max(HALF_CROWD_JOBS_MIN).min(self.limits.batch_jobs_max)
    }

    /// Waits a little for the callers who were there a moment ago; a lone client never waits.
    fn linger(&mut self, batch: &Batch<S>) -> Option<Box<dyn Job<S>>> {
        if batch.jobs.len() >= self.crowd() || self.drain == Drain::Last {
            return None;
        }
        let latest =
            (batch.arrived + self.limits.linger_max).min(batch.began + self.limits.batch_time_max);
        let patience = latest.saturating_duration_since(Instant::now());
        let message = self.jobs.recv_timeout(patience).ok()?;
        self.accept(message)
    }

    fn try_next(&mut self) -> Option<Box<dyn Job<S>>> {
        match self.jobs.try_recv() {
            Ok(Message::Shutdown) => {
                self.drain = Drain::Last;
                self.try_next()
            }
            Ok(Message::Job(job)) => Some(job),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => None,
        }
    }

    fn accept(&mut self, message: Message<S>) -> Option<Box<dyn Job<S>>> {
        match message {
            Message::Job(job) => Some(job),
            Message::Shutdown => {
                self.drain = Drain::Last;
                self.try_next()
            }
        }
    }

    fn commit(&mut self, batch: Batch<S>) {
        let gathered_in = batch.began.elapsed();
        let began = Instant::now();
        if let Err(error) = self.state.before_commit(&self.file.connection) {
            return self.abandon(batch, Broken::Fault(Fault::within(&error)));
        }
        if let Err(error) = commit(&self.file.connection, self.limits.commit) {
            let broken = match error.sqlite_error_code() {
                // Told before the commit's last frame is in the WAL: nothing is written.
                // A damaged page that any job met is told here once more: SQLite writes nothing of
                // a transaction that saw one.
                Some(
                    ErrorCode::DiskFull
                    | ErrorCode::ReadOnly
                    | ErrorCode::DatabaseCorrupt
                    | ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::ConstraintViolation,
                ) => Broken::Fault(Fault::of(&error)),
                _ => Broken::Unknown(error.to_string()),
            };
            return self.abandon(batch, broken);
        }
        let committed_in = began.elapsed();
        self.state.committed();
        // Counted before the answers go out: these callers and those who wait already.
        self.crowds = [self.crowds[1], self.shared.in_flight.load(Ordering::Relaxed)];
        let jobs = batch.jobs.len();
        self.answer(batch.jobs, &Verdict::Durable);
        let wal_pages = self.tend_wal();
        self.observer.batch_committed(&BatchReport { jobs, gathered_in, committed_in, wal_pages });
    }

    /// Undoes a batch, in the file and in memory, and tells its callers.
    fn abandon(&mut self, batch: Batch<S>, broken: Broken) {
        self.state.restore(batch.mark);
        let connection = &self.file.connection;
        let undone = if connection.is_autocommit() { Ok(()) } else { run(connection, "ROLLBACK") };
        let broken = match (broken, undone) {
            (Broken::Fault(_), Err(error)) => Broken::Unknown(error.to_string()),
            (broken, _) => broken,
        };
        match broken {
            Broken::Fault(fault) => {
                tracing::error!(jobs = batch.jobs.len(), ?fault, "a batch was not written");
                // Which of several jobs met the damage is not known: alone, it is.
                let is_shared = fault == Fault::Damaged && batch.jobs.len() > 1;
                let verdict = if is_shared { Verdict::Again } else { Verdict::NotWritten(fault) };
                self.answer(batch.jobs, &verdict);
            }
            Broken::Unknown(reason) => {
                // First the flag: whoever hears "unknown" must find the writer stopped.
                self.shared.fail();
                tracing::error!(jobs = batch.jobs.len(), reason, "the writer has stopped");
                self.observer.writer_failed(&reason);
                self.answer(batch.jobs, &Verdict::Unknown);
            }
        }
    }

    fn answer(&self, jobs: Vec<Box<dyn Job<S>>>, verdict: &Verdict) {
        self.shared.in_flight.fetch_sub(jobs.len(), Ordering::Relaxed);
        for job in jobs {
            job.answer(verdict);
        }
    }

    /// Keeps the WAL within its bounds; answers its pages.
    fn tend_wal(&mut self) -> u64 {
        let connection = &self.file.connection;
        let tended = checkpoint(connection, CheckpointMode::Look).and_then(|wal| {
            match self.wal_policy.after_batch(wal.wal_bytes()) {
                WalStep::Leave => Ok(wal),
                WalStep::AskPassive => {
                    self.checkpointer.request();
                    Ok(wal)
                }
                step @ (WalStep::TryRestart | WalStep::AwaitRestart) => restart(connection, step),
            }
        });
        match tended {
            Ok(wal) => wal.wal_pages,
            Err(error) => {
                // The WAL has every answered commit; only its size is out of hand.
                tracing::warn!(%error, "checkpoint failed");
                0
            }
        }
    }

    fn close(mut self) {
        while let Some(job) = self.try_next() {
            self.answer(vec![job], &Verdict::Stopped);
        }
        self.checkpointer.stop();
        let connection = &self.file.connection;
        let closed = if self.shared.status() == Status::Failed {
            // The files stay as the fault left them, for the next start to judge.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map(drop)
        } else {
            checkpoint(connection, CheckpointMode::Truncate).map(drop)
        };
        if let Err(error) = closed {
            tracing::warn!(%error, "the store was closed without its last checkpoint");
        }
    }
}

fn commit(connection: &Connection, step: CommitStep) -> rusqlite::Result<()> {
    match step {
        CommitStep::Fsync => {}
        #[cfg(test)]
        CommitStep::SlowFsync(delay) => pause(delay),
        #[cfg(test)]
        CommitStep::Fails(code) => {
            return Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
        }
    }
    run(connection, "COMMIT")
}

#[cfg(test)]
fn pause(delay: Duration) {
    std::thread::sleep(delay);
}

fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}
