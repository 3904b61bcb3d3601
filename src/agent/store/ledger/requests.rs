//! Which record answered which request: what makes a retry harmless.

use rusqlite::{Connection, OptionalExtension, params};

use crate::agent::store::error::StoreError;
use crate::loyalty::{ReceiptUid, TillId};

/// What was asked for. The numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A receipt, a sale or a training.
    Receipt = 1,
    /// A void or return.
    Undo = 2,
    /// A custom event.
    Event = 3,
    /// An adjustment.
    Adjustment = 4,
    /// A late member; the uid is the receipt's.
    Assign = 5,
}

/// The till under which requests without a till are kept: no till id is empty.
const NO_TILL: &str = "";

/// A request that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    /// The record.
    pub(crate) id: i64,
    pub(crate) fingerprint: [u8; 32],
}

/// What answered a request, if anything did.
pub(crate) fn find(
    connection: &Connection,
    what: What,
    till: Option<&TillId>,
    uid: &ReceiptUid,
) -> Result<Option<Answered>, StoreError> {
    let till = till.map_or(NO_TILL, TillId::as_str);
    connection
        .prepare_cached(
            "SELECT id, fingerprint FROM requests WHERE what = ?1 AND till = ?2 AND uid = ?3",
        )?
        .query_row(params![what as u8, till, uid.as_str()], |row| {
            Ok(Answered { id: row.get(0)?, fingerprint: row.get(1)? })
        })
        .optional()
        .map_err(StoreError::sqlite("look a request up"))
}

/// Notes what answered a request.
pub(crate) fn note(
    connection: &Connection,
    what: What,
    till: Option<&TillId>,
    uid: &ReceiptUid,
    answered: &Answered,
) -> Result<(), StoreError> {
    let till = till.map_or(NO_TILL, TillId::as_str);
    connection
        .prepare_cached(
            "INSERT INTO requests (what, till, uid, id, fingerprint) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![what as u8, till, uid.as_str(), answered.id, answered.fingerprint])
        .map_err(StoreError::sqlite("note a request"))?;
    Ok(())
}

/// What answered a request with an idempotency key, if anything did.
pub(crate) fn find_key(
    connection: &Connection,
    till: &str,
    key: &str,
) -> Result<Option<Answered>, StoreError> {
    connection
        .prepare_cached("SELECT id, fingerprint FROM idempotency WHERE till = ?1 AND key = ?2")?
        .query_row([till, key], |row| Ok(Answered { id: row.get(0)?, fingerprint: row.get(1)? }))
        .optional()
        .map_err(StoreError::sqlite("look an idempotency key up"))
}

/// Notes an idempotency key until an instant in Unix milliseconds.
pub(crate) fn note_key(
    connection: &Connection,
    till: &str,
    key: &str,
    answered: &Answered,
    kept_until_ms: i64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO idempotency (till, key, fingerprint, id, kept_until)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![till, key, answered.fingerprint, answered.id, kept_until_ms])
        .map_err(StoreError::sqlite("note an idempotency key"))?;
    Ok(())
}

/// Forgets keys whose time is over.
pub(crate) fn forget_keys(connection: &Connection, now_ms: i64) -> Result<usize, StoreError> {
    connection
        .execute("DELETE FROM idempotency WHERE kept_until < ?1", [now_ms])
        .map_err(StoreError::sqlite("forget old idempotency keys"))
}

/// Notes that a record follows a sale.
pub(crate) fn note_follow_up(
    connection: &Connection,
    sale: i64,
    id: i64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO follow_ups (sale, id) VALUES (?1, ?2)")?
        .execute([sale, id])
        .map_err(StoreError::sqlite("note what follows a sale"))?;
    Ok(())
}

/// The records that follow a sale, in order.
pub(crate) fn follow_ups(connection: &Connection, sale: i64) -> Result<Vec<i64>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM follow_ups WHERE sale = ?1 ORDER BY id")?;
    let ids = statement.query_map([sale], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}
