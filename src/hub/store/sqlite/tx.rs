//! One transaction, and how its statements are run.

use std::ops::Deref;
use std::sync::MutexGuard;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, Row, Statement, ToSql};

use super::{SqliteStore, failed};
use crate::hub::store::Tx;
use crate::hub::store::error::StoreError;
use crate::hub::store::stored::{Cell, Columns, RowReader};

/// A connection for as long as a transaction lasts.
pub(super) enum Held<'a> {
    /// The one that writes.
    Writer(MutexGuard<'a, Connection>),
    /// One of those that read; goes back when the transaction ends.
    Reader { connection: Option<Connection>, store: &'a SqliteStore },
}

impl<'a> Held<'a> {
    pub(super) fn reader(connection: Connection, store: &'a SqliteStore) -> Self {
        Self::Reader { connection: Some(connection), store }
    }
}

impl Deref for Held<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match self {
            Self::Writer(writer) => writer,
            Self::Reader { connection, .. } => {
                connection.as_ref().expect("it is taken only when this is dropped")
            }
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // Of a transaction that was not committed, or failed to.
        if !self.is_autocommit() && self.execute_batch("ROLLBACK").is_err() {
            tracing::error!("a transaction could not be rolled back");
        }
        if let Self::Reader { connection, store } = self {
            if let Some(connection) = connection.take().filter(Connection::is_autocommit) {
                store.give_back(connection);
            }
        }
    }
}

/// One transaction.
pub(super) struct SqliteTx<'a> {
    connection: Held<'a>,
    /// Something failed: what was done is not the whole, and must not be committed.
    broken: bool,
}

impl<'a> SqliteTx<'a> {
    pub(super) fn new(connection: Held<'a>) -> Self {
        Self { connection, broken: false }
    }

    /// Runs a statement for each row of cells; how many rows it changed for each.
    pub(super) fn run<'c, const N: usize>(
        &mut self,
        doing: &'static str,
        sql: &str,
        rows: impl IntoIterator<Item = Result<[Cell<'c>; N], StoreError>>,
    ) -> Result<Vec<usize>, StoreError> {
        self.noting(|connection| {
            let mut statement = connection.prepare_cached(sql).map_err(failed(doing))?;
            let mut run = |cells: Result<[Cell<'c>; N], StoreError>| {
                bind(&mut statement, &cells?).map_err(failed(doing))?;
                statement.raw_execute().map_err(failed(doing))
            };
            rows.into_iter().map(&mut run).collect()
        })
    }

    /// Every row that a query gives for each row of cells.
    pub(super) fn each<'c, const N: usize, T>(
        &mut self,
        (doing, table): (&'static str, &'static str),
        sql: &str,
        keys: impl IntoIterator<Item = Result<[Cell<'c>; N], StoreError>>,
        read: impl Fn(&mut RowReader<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.noting(|connection| {
            let mut statement = connection.prepare_cached(sql).map_err(failed(doing))?;
            let mut found = Vec::new();
            for cells in keys {
                bind(&mut statement, &cells?).map_err(failed(doing))?;
                let mut rows = statement.raw_query();
                while let Some(row) = rows.next().map_err(failed(doing))? {
                    found.push(read(&mut RowReader::new(row, table))?);
                }
            }
            Ok(found)
        })
    }

    /// Every row that one query gives.
    pub(super) fn rows<const N: usize, T>(
        &mut self,
        doing: (&'static str, &'static str),
        sql: &str,
        cells: [Cell<'_>; N],
        read: impl Fn(&mut RowReader<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.each(doing, sql, [Ok(cells)], read)
    }

    /// Does something, and notes where it fails.
    pub(super) fn noting<T>(
        &mut self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        job(&self.connection).inspect_err(|_| self.broken = true)
    }
}

impl Tx for SqliteTx<'_> {
    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.broken {
            return Err(StoreError::Broken);
        }
        self.connection.execute_batch("COMMIT").map_err(|error| match error.sqlite_error_code() {
            // The end of the transaction may have reached the disk though its fsync failed.
            Some(ErrorCode::SystemIoFailure) => StoreError::OutcomeUnknown,
            _ => failed("commit a transaction")(error),
        })
    }
}

fn bind<const N: usize>(
    statement: &mut Statement<'_>,
    cells: &[Cell<'_>; N],
) -> rusqlite::Result<()> {
    cells
        .iter()
        .enumerate()
        .try_for_each(|(index, cell)| statement.raw_bind_parameter(index + 1, cell))
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Int(Some(number)) => ValueRef::Integer(*number),
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(Some(bytes)) => ValueRef::Blob(bytes),
            Self::Made(Some(bytes)) => ValueRef::Blob(bytes),
            Self::Int(None) | Self::Text(None) | Self::Bytes(None) | Self::Made(None) => {
                ValueRef::Null
            }
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

impl Columns for Row<'_> {
    fn int_at(&self, column: usize) -> Option<Option<i64>> {
        self.get(column).ok()
    }

    fn text_at(&self, column: usize) -> Option<Option<String>> {
        self.get(column).ok()
    }

    fn bytes_at(&self, column: usize) -> Option<Option<Vec<u8>>> {
        self.get(column).ok()
    }
}
