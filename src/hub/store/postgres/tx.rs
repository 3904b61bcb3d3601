//! One transaction, and how its statements are run.

use std::error::Error;
use std::io;

use postgres::Row;
use postgres::error::{DbError, Severity};
use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use r2d2::PooledConnection;

use super::session::Sessions;
use crate::hub::store::Tx;
use crate::hub::store::error::{Retry, StoreError};
use crate::hub::store::stored::{Cell, Columns, RowReader};

/// One transaction.
pub(super) struct PostgresTx {
    session: PooledConnection<Sessions>,
    /// Something failed: what was done is not the whole, and must not be committed. (The server
    /// answers such a commit as if all were well, and rolls back.)
    broken: bool,
    /// It was not ended yet.
    open: bool,
}

impl PostgresTx {
    pub(super) fn new(session: PooledConnection<Sessions>) -> Self {
        Self { session, broken: false, open: true }
    }

    /// Runs one statement for all rows of cells together, each column an array.
    pub(super) fn run<'c, const N: usize>(
        &mut self,
        doing: &'static str,
        sql: &'static str,
        rows: impl IntoIterator<Item = Result<[Cell<'c>; N], StoreError>>,
    ) -> Result<(), StoreError> {
        self.each((doing, ""), sql, rows, |_| Ok(())).map(drop)
    }

    /// Every row that one query gives for all rows of cells together, each column an array.
    pub(super) fn each<'c, const N: usize, T>(
        &mut self,
        doing: (&'static str, &'static str),
        sql: &'static str,
        keys: impl IntoIterator<Item = Result<[Cell<'c>; N], StoreError>>,
        read: impl Fn(&mut RowReader<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let columns = self.noting(|_| columns(keys))?;
        if columns.first().is_none_or(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let arrays = columns.each_ref().map(|column| column as &(dyn ToSql + Sync));
        self.query(doing, sql, &arrays, read)
    }

    /// Every row that a query gives.
    pub(super) fn rows<const N: usize, T>(
        &mut self,
        doing: (&'static str, &'static str),
        sql: &'static str,
        cells: [Cell<'_>; N],
        read: impl Fn(&mut RowReader<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let cells = cells.each_ref().map(|cell| cell as &(dyn ToSql + Sync));
        self.query(doing, sql, &cells, read)
    }

    /// Runs a statement with one row of cells.
    pub(super) fn run_one<const N: usize>(
        &mut self,
        doing: &'static str,
        sql: &'static str,
        cells: Result<[Cell<'_>; N], StoreError>,
    ) -> Result<(), StoreError> {
        let cells = self.noting(|_| cells)?;
        self.rows((doing, ""), sql, cells, |_| Ok(())).map(drop)
    }

    fn query<T>(
        &mut self,
        (doing, table): (&'static str, &'static str),
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
        read: impl Fn(&mut RowReader<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.noting(|session| {
            let statement = session.prepare(sql).map_err(failed(doing))?;
            let found = session.client.query(&statement, parameters).map_err(failed(doing))?;
            found.iter().map(|row| read(&mut RowReader::new(row, table))).collect()
        })
    }

    /// Does something, and notes where it fails.
    pub(super) fn noting<T>(
        &mut self,
        job: impl FnOnce(&mut PooledConnection<Sessions>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        job(&mut self.session).inspect_err(|_| self.broken = true)
    }
}

impl Tx for PostgresTx {
    fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.broken {
            return Err(StoreError::Broken);
        }
        self.open = false;
        let Err(error) = self.session.client.batch_execute("COMMIT") else { return Ok(()) };
        self.session.spoiled = true;
        match error.as_db_error().and_then(DbError::parsed_severity) {
            // The server is still there and rolled it back.
            Some(Severity::Error) => Err(failed("commit a transaction")(error)),
            _ => Err(StoreError::OutcomeUnknown),
        }
    }
}

impl Drop for PostgresTx {
    fn drop(&mut self) {
        if self.open && self.session.client.batch_execute("ROLLBACK").is_err() {
            self.session.spoiled = true;
        }
    }
}

fn columns<'c, const N: usize>(
    rows: impl IntoIterator<Item = Result<[Cell<'c>; N], StoreError>>,
) -> Result<[Vec<Cell<'c>>; N], StoreError> {
    let rows = rows.into_iter();
    let mut columns = std::array::from_fn(|_| Vec::with_capacity(rows.size_hint().0));
    for row in rows {
        for (column, cell) in columns.iter_mut().zip(row?) {
            column.push(cell);
        }
    }
    Ok(columns)
}

/// Says what was being done when the server refused or was out of reach.
pub(super) fn failed(doing: &'static str) -> impl FnOnce(postgres::Error) -> StoreError {
    move |source| StoreError::database(doing, retry(&source), source)
}

/// By the code of the error (PostgreSQL's manual, appendix A).
fn retry(error: &postgres::Error) -> Retry {
    let may_help = match error.code() {
        Some(code) => may_help(code.code()),
        None => error.is_closed() || error.source().is_some_and(|source| source.is::<io::Error>()),
    };
    if may_help { Retry::MayHelp } else { Retry::IsUseless }
}

fn may_help(code: &str) -> bool {
    match code {
        // Lost an argument with another transaction; waited too long for a lock.
        "40001" | "40P01" | "55P03" => true,
        // Took too long: cancelled, or ended while it was idle.
        "57014" | "25P03" => true,
        // The server became a standby.
        "25006" => true,
        // The connection; no room on the disk, in memory, for connections; shutting down or starting.
        _ => ["08", "53", "57P"].iter().any(|class| code.starts_with(class)),
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Int(number) => number.to_sql_checked(ty, out),
            Self::Text(text) => text.to_sql_checked(ty, out),
            Self::Bytes(bytes) => bytes.to_sql_checked(ty, out),
            Self::Made(bytes) => bytes.as_deref().to_sql_checked(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}

impl Columns for Row {
    fn int_at(&self, column: usize) -> Option<Option<i64>> {
        self.try_get(column).ok()
    }

    fn text_at(&self, column: usize) -> Option<Option<String>> {
        self.try_get(column).ok()
    }

    fn bytes_at(&self, column: usize) -> Option<Option<Vec<u8>>> {
        self.try_get(column).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_the_fault_of_what_was_asked_may_be_tried_again() {
        for (code, expected) in [
            ("40001", true),
            ("40P01", true),
            ("08006", true),
            ("53100", true),
            ("53300", true),
            ("57P01", true),
            ("57P03", true),
            ("55P03", true),
            ("25006", true),
            ("23505", false),
            ("22021", false),
            ("42P01", false),
            ("25P02", false),
            ("57000", false),
        ] {
            assert_eq!(may_help(code), expected, "{code}");
        }
    }
}
