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
    /// A number is beyond what databases hold.
    #[error("{number} is beyond what the database holds")]
    OutOfRange {
        /// It.
        number: u64,
    },
    /// Something in the transaction failed before, so that it cannot be committed.
    #[error("a transaction in which something failed was to be committed")]
    Broken,
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

impl StoreError {
    /// The database could not do something.
    pub(super) fn database(
        doing: &'static str,
        retry: Retry,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Database { doing, retry, source: source.into() }
    }
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// A newer program wrote it: going back would lose what only that program knows.
    #[error(
        "the database has schema {found} but this program knows {known}: install the newer program again"
    )]
    Newer {
        /// The schema that it has.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
    /// It belongs to something else.
    #[error("{what} holds the data of another program: name another one")]
    Foreign {
        /// Its name.
        what: String,
    },
    /// The server is too old.
    #[error("PostgreSQL {found} is too old: {oldest} or newer is needed")]
    TooOld {
        /// Its major version.
        found: u32,
        /// The oldest that will do.
        oldest: u32,
    },
    /// The database does not hold every text.
    #[error("the database has the encoding {found}: make it with UTF8")]
    Encoding {
        /// Its encoding.
        found: String,
    },
    /// It is out of reach, damaged, or its schema could not be brought up to date.
    #[error("the database cannot be used")]
    Unusable {
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl OpenError {
    pub(super) fn unusable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unusable { source: source.into() }
    }
}
