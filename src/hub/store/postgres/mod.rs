//! The store in PostgreSQL 15 or newer: for chains, and for several hubs at once.
//!
//! All tables are in the schema `tillward`. What touches many rows is one statement over arrays
//! (`unnest`). Rows are locked in the order of their keys, so that two batches wait for each other
//! and do not lock each other out; where the server ends one of them all the same, trying it again
//! helps. The statements are those that Citus has for distributed tables too (`citus.sql`): rows of
//! several shards are locked by writing what they are, for `FOR UPDATE` is only had within one.

mod accounts;
mod changed;
mod devices;
mod journal;
mod links;
mod members;
pub(super) mod migrate;
mod published;
mod session;
#[cfg(test)]
mod tests;
mod tx;

use postgres::NoTls;
use r2d2::Pool;

use self::session::Sessions;
use self::tx::{PostgresTx, failed};
use super::error::{OpenError, Retry, StoreError};
use super::{Store, Tx};

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// The snapshot is taken by the first question, so there is one.
const BEGIN_READ: &str =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT value FROM cursor";

/// The store in a database. It is to be opened and dropped on a thread that may block.
#[derive(Debug)]
pub(crate) struct PostgresStore {
    pool: Pool<Sessions>,
}

impl PostgresStore {
    /// Connects to the database of an address (`postgres://user:password@host:port/database`) and
    /// brings its schema up to date.
    ///
    /// # Errors
    /// [`OpenError`]; the database is then as it was.
    pub(crate) fn open(url: &str) -> Result<Self, OpenError> {
        let config = session::config(url).map_err(OpenError::unusable)?;
        let mut client = config.connect(NoTls).map_err(OpenError::unusable)?;
        migrate::migrate(&mut client, &migrate::STEPS)?;
        Ok(Self { pool: session::pool(config) })
    }

    /// Begins a transaction. A connection that was lost since it was last used is told by it, and
    /// another is taken.
    fn begin(&self, statement: &str) -> Result<Box<dyn Tx + '_>, StoreError> {
        let doing = "begin a transaction";
        for _ in 0..session::CONNECTIONS_MAX {
            let mut session = self
                .pool
                .get()
                .map_err(|source| StoreError::database("connect", Retry::MayHelp, source))?;
            match session.client.batch_execute(statement) {
                Ok(()) => return Ok(Box::new(PostgresTx::new(session))),
                Err(_) if session.client.is_closed() => {}
                Err(error) => {
                    session.spoiled = true;
                    return Err(failed(doing)(error));
                }
            }
        }
        Err(StoreError::database(doing, Retry::MayHelp, "every connection is lost"))
    }
}

impl Store for PostgresStore {
    fn write(&self) -> Result<Box<dyn Tx + '_>, StoreError> {
        self.begin(BEGIN)
    }

    fn read(&self) -> Result<Box<dyn Tx + '_>, StoreError> {
        self.begin(BEGIN_READ)
    }
}
