//! What can go wrong with what the hub keeps.

use std::error::Error;

use crate::loyalty::MemberRef;

/// The store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The database refused or is out of reach.
    #[error("could not {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// Whether trying the whole transaction again may help: it was not the fault of what was
        /// asked (a deadlock, a lost connection, a busy file).
        retry: Retry,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The commit was sent and its answer did not come.
    #[error(
        "the connection was lost while a transaction was committed; whether it is durable is not known"
    )]
    OutcomeUnknown,
    /// A row does not decode.
    #[error("a row of {table} is damaged")]
    RowDamaged {
        /// Where.
        table: &'static str,
    },
    /// A code can have one holder.
    #[error("a code belongs to member {holder} already")]
    CodeTaken {
        /// Whose it is.
        holder: MemberRef,
    },
}

/// Whether the same may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// It may go through the next time.
    MayHelp,
    /// It will fail again.
    IsUseless,
}
