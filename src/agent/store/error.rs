//! What can go wrong with stored rows.

use rusqlite::ErrorCode;

use crate::journal::RecordError;
use crate::wire::account_facts::FactsDamaged;

/// A stored row could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// SQLite refused.
    #[error("could not {doing}")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// A row fails its checksum or does not decode.
    #[error("a row of {table} is damaged")]
    RowDamaged {
        /// Where.
        table: &'static str,
    },
    /// A record does not decode.
    #[error("record {id} of the journal is damaged")]
    RecordDamaged {
        /// Its row.
        id: i64,
        /// How.
        #[source]
        source: RecordError,
    },
    /// A record that another row names is not there.
    #[error("record {id} of the journal is missing")]
    RecordMissing {
        /// Its row.
        id: i64,
    },
    /// A record is too large to be written.
    #[error("the record is too large to be signed")]
    RecordTooLarge,
}

impl StoreError {
    /// Says what was being done when SQLite refused.
    pub(crate) fn sqlite(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| Self::Sqlite { doing, source }
    }

    /// Whether what is stored is damaged, rather than out of reach.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Sqlite { source, .. } => matches!(
                source.sqlite_error_code(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) | None
            ),
            Self::RowDamaged { .. } | Self::RecordDamaged { .. } | Self::RecordMissing { .. } => {
                true
            }
            Self::RecordTooLarge => false,
        }
    }

    /// The row that does not decode.
    pub(crate) fn damaged(table: &'static str) -> impl FnOnce(FactsDamaged) -> Self {
        move |_| Self::RowDamaged { table }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Sqlite { doing: "use the database", source }
    }
}
