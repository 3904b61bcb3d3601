//! One caller's job: what it does, how it ended, and whom to tell.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use super::SubmitError;

/// A job without its types, so that one queue holds them all.
pub(super) trait Job<S>: Send {
    /// Does the work, once; a panic is caught here.
    fn run(&mut self, connection: &Connection, state: &mut S) -> Ran;
    /// Tells the caller.
    fn answer(self: Box<Self>, verdict: &Verdict);
}

/// How a job's work ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ran {
    /// With a result: keep what it wrote.
    Kept,
    /// With an error or a panic: undo what it wrote. The fault is what SQLite told the job, if that
    /// was the reason.
    Refused(Option<Fault>),
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is on the disk.
    Durable,
    /// Nothing of it is.
    NotWritten(Fault),
    /// Nothing of it is, for what another job of its batch may have met.
    Again,
    /// It was never begun, because the writer stops.
    Stopped,
    /// Nobody can say.
    Unknown,
}

/// Why SQLite wrote nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    StorageFull,
    ReadOnly,
    /// A page that was read is damaged.
    Damaged,
    Other(String),
}

impl Fault {
    /// The fault in an error that was not met at a commit.
    pub(super) fn of(error: &rusqlite::Error) -> Self {
        let code = error.sqlite_error_code();
        code.and_then(Self::of_code).unwrap_or_else(|| Self::Other(error.to_string()))
    }

    /// The fault in an error of a layer above.
    pub(super) fn within(error: &(dyn Error + 'static)) -> Self {
        sqlite_fault(error).unwrap_or_else(|| Self::Other(error.to_string()))
    }

    fn of_code(code: ErrorCode) -> Option<Self> {
        match code {
            ErrorCode::DiskFull => Some(Self::StorageFull),
            ErrorCode::ReadOnly => Some(Self::ReadOnly),
            ErrorCode::DatabaseCorrupt => Some(Self::Damaged),
            _ => None,
        }
    }

    fn into_error<E>(self) -> SubmitError<E> {
        match self {
            Self::StorageFull => SubmitError::StorageFull,
            Self::ReadOnly => SubmitError::ReadOnly,
            Self::Damaged => SubmitError::Damaged,
            Self::Other(reason) => SubmitError::NotWritten(reason),
        }
    }
}

pub(super) struct TypedJob<F, R, E> {
    work: Option<F>,
    result: Option<Result<R, SubmitError<E>>>,
    reply: oneshot::Sender<Result<R, SubmitError<E>>>,
}

impl<F, R, E> TypedJob<F, R, E> {
    pub(super) fn new(work: F, reply: oneshot::Sender<Result<R, SubmitError<E>>>) -> Self {
        Self { work: Some(work), result: None, reply }
    }
}

impl<S, F, R, E> Job<S> for TypedJob<F, R, E>
where
    F: FnOnce(&Connection, &mut S) -> Result<R, E> + Send,
    R: Send,
    E: Error + Send + 'static,
{
    fn run(&mut self, connection: &Connection, state: &mut S) -> Ran {
        let Some(work) = self.work.take() else { return Ran::Refused(None) };
        // The state is restored from its mark and the savepoint rolled back after a panic, so
        // nothing half done is ever seen.
        let (ran, result) = match catch_unwind(AssertUnwindSafe(|| work(connection, state))) {
            Ok(Ok(result)) => (Ran::Kept, Ok(result)),
            Ok(Err(error)) => match storage_fault(&error) {
                Some(fault) => (Ran::Refused(Some(fault.clone())), Err(fault.into_error())),
                None => (Ran::Refused(None), Err(SubmitError::Job(error))),
            },
            Err(_) => {
                tracing::error!("a write job panicked and is rolled back");
                (Ran::Refused(None), Err(SubmitError::Panicked))
            }
        };
        self.result = Some(result);
        ran
    }

    fn answer(self: Box<Self>, verdict: &Verdict) {
        let result = match (verdict, self.result) {
            (Verdict::Durable, Some(result)) => result,
            // A job that refused because of the damage knows best; it was alone in its batch.
            (Verdict::NotWritten(Fault::Damaged), Some(Err(refusal))) => Err(refusal),
            (Verdict::NotWritten(fault), _) => Err(fault.clone().into_error()),
            (Verdict::Again, _) => Err(SubmitError::Busy),
            (Verdict::Stopped, _) => Err(SubmitError::Stopped),
            (Verdict::Durable | Verdict::Unknown, _) => Err(SubmitError::OutcomeUnknown),
        };
        // A caller who has gone does not need the answer; the work stands.
        let _ = self.reply.send(result);
    }
}

/// The full or read-only disk at the bottom of a job's own error. Of damage the job tells itself.
fn storage_fault(error: &(dyn Error + 'static)) -> Option<Fault> {
    let fault = sqlite_fault(error)?;
    matches!(fault, Fault::StorageFull | Fault::ReadOnly).then_some(fault)
}

/// What SQLite told at the bottom of an error, through however many layers.
fn sqlite_fault(error: &(dyn Error + 'static)) -> Option<Fault> {
    let mut layer = Some(error);
    while let Some(current) = layer {
        if let Some(sqlite) = current.downcast_ref::<rusqlite::ffi::Error>() {
            return Fault::of_code(sqlite.code);
        }
        layer = current.source();
    }
    None
}
