//! Which record answered which request: what makes a retry harmless.
//!
//! The journal is the truth of it. A row that is damaged is looked up there; an idempotency key,
//! which the journal does not know, counts as never used: the request's own id still answers.

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};

use super::journal;
use crate::agent::store::checksum::{CheckedTable, ReadRow, checksum, intact};
use crate::agent::store::error::StoreError;
use crate::agent::till::repeat::FINGERPRINT_LOST;
use crate::journal::{Body, Record};
use crate::loyalty::{ReceiptUid, TillId};

/// The table of requests, to look it over.
pub(crate) const REQUESTS: CheckedTable = CheckedTable {
    name: "requests",
    key: &["what", "till", "uid"],
    is_intact: |row| intact(request_row(row), request_checksum).is_some(),
};

/// The table of idempotency keys, to look it over.
pub(crate) const IDEMPOTENCY: CheckedTable = CheckedTable {
    name: "idempotency",
    key: &["till", "key"],
    is_intact: |row| intact(key_row(row), key_checksum).is_some(),
};

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

/// A row of a request as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestRow {
    pub(crate) what: u8,
    pub(crate) till: String,
    pub(crate) uid: String,
    pub(crate) answered: Answered,
}

/// A row of an idempotency key as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyRow {
    pub(crate) till: String,
    pub(crate) key: String,
    pub(crate) answered: Answered,
    /// In Unix milliseconds.
    pub(crate) kept_until: i64,
}

/// What answered a request, if anything did.
pub(crate) fn find(
    connection: &Connection,
    what: What,
    till: Option<&TillId>,
    uid: &ReceiptUid,
) -> Result<Option<Answered>, StoreError> {
    match stored(connection, what, till, uid)? {
        None => Ok(None),
        Some(Stored::Intact(answered)) => Ok(Some(answered)),
        Some(Stored::Damaged { named }) => {
            tracing::error!(table = REQUESTS.name, "stored row is damaged; the journal is asked");
            let id = in_journal(connection, named, what, till, uid)?;
            Ok(id.map(|id| Answered { id, fingerprint: FINGERPRINT_LOST }))
        }
    }
}

/// Notes what answered a request; in the place of a damaged row, where one of another request
/// turned into this one's.
pub(crate) fn note(
    connection: &Connection,
    what: What,
    till: Option<&TillId>,
    uid: &ReceiptUid,
    answered: &Answered,
) -> Result<(), StoreError> {
    let row = RequestRow {
        what: what as u8,
        till: till_text(till).to_owned(),
        uid: uid.to_string(),
        answered: *answered,
    };
    let written = match write_request(connection, INSERT_REQUEST, &row) {
        Err(error) if is_taken(&error) => match stored(connection, what, till, uid)? {
            Some(Stored::Damaged { .. }) => write_request(connection, REPLACE_REQUEST, &row),
            _ => Err(error),
        },
        written => written,
    };
    written.map_err(StoreError::sqlite("note a request"))
}

/// Takes a row over from another ledger, unless there is one already.
pub(crate) fn keep(connection: &Connection, row: &RequestRow) -> Result<(), StoreError> {
    write_request(connection, KEEP_REQUEST, row).map_err(StoreError::sqlite("keep a request"))
}

/// What answered a request with an idempotency key, if anything did.
pub(crate) fn find_key(
    connection: &Connection,
    till: &str,
    key: &str,
) -> Result<Option<Answered>, StoreError> {
    let read = connection
        .prepare_cached("SELECT * FROM idempotency WHERE till = ?1 AND key = ?2")?
        .query_row([till, key], |row| Ok(key_row(row)))
        .optional()
        .map_err(StoreError::sqlite("look an idempotency key up"))?;
    let Some(read) = read else { return Ok(None) };
    let row = intact(read, key_checksum);
    if row.is_none() {
        tracing::error!(table = IDEMPOTENCY.name, "stored row is damaged; counts as never used");
    }
    Ok(row.map(|row| row.answered))
}

/// Notes an idempotency key until an instant in Unix milliseconds; in the place of a damaged row.
pub(crate) fn note_key(
    connection: &Connection,
    till: &str,
    key: &str,
    answered: &Answered,
    kept_until_ms: i64,
) -> Result<(), StoreError> {
    let (till, key, answered) = (till.to_owned(), key.to_owned(), *answered);
    let row = KeyRow { till, key, answered, kept_until: kept_until_ms };
    let written = match write_key(connection, INSERT_KEY, &row) {
        Err(error) if is_taken(&error) && find_key(connection, &row.till, &row.key)?.is_none() => {
            write_key(connection, REPLACE_KEY, &row)
        }
        written => written,
    };
    written.map_err(StoreError::sqlite("note an idempotency key"))
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

/// The request that a record answers, if it answers one.
pub(crate) fn request_of(record: &Record) -> Option<(What, Option<&TillId>, &ReceiptUid)> {
    let till = record.header.till.as_ref();
    match &record.body {
        Body::Sale(sale) | Body::Training(sale) => Some((What::Receipt, till, &sale.uid)),
        Body::Void(undo) | Body::Return(undo) => Some((What::Undo, till, &undo.undo_uid)),
        Body::Assign(assign) => Some((What::Assign, till, &assign.of.uid)),
        // What follows a purchase answers none of its own.
        Body::Adjustment(adjustment) if adjustment.of.is_some() => None,
        Body::Adjustment(adjustment) => Some((What::Adjustment, None, &adjustment.uid)),
        Body::Event(event) => Some((What::Event, till, &event.event_uid)),
        _ => None,
    }
}

/// A request's row with its checksum.
pub(crate) fn request_row(row: &Row<'_>) -> ReadRow<RequestRow> {
    let answered = Answered { id: row.get("id")?, fingerprint: row.get("fingerprint")? };
    let (what, till, uid) = (row.get("what")?, row.get("till")?, row.get("uid")?);
    Ok((RequestRow { what, till, uid, answered }, row.get("checksum")?))
}

/// What a request's row must have as its checksum.
pub(crate) fn request_checksum(row: &RequestRow) -> i64 {
    checksum(&[
        &[row.what],
        row.till.as_bytes(),
        row.uid.as_bytes(),
        &row.answered.id.to_be_bytes(),
        &row.answered.fingerprint,
    ])
}

/// A key's row with its checksum.
pub(crate) fn key_row(row: &Row<'_>) -> ReadRow<KeyRow> {
    let answered = Answered { id: row.get("id")?, fingerprint: row.get("fingerprint")? };
    let (till, key, kept_until) = (row.get("till")?, row.get("key")?, row.get("kept_until")?);
    Ok((KeyRow { till, key, answered, kept_until }, row.get("checksum")?))
}

/// What a key's row must have as its checksum.
pub(crate) fn key_checksum(row: &KeyRow) -> i64 {
    checksum(&[
        row.till.as_bytes(),
        row.key.as_bytes(),
        &row.answered.fingerprint,
        &row.answered.id.to_be_bytes(),
        &row.kept_until.to_be_bytes(),
    ])
}

const INSERT_REQUEST: &str = "INSERT INTO requests (what, till, uid, id, fingerprint, checksum)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const REPLACE_REQUEST: &str =
    "INSERT OR REPLACE INTO requests (what, till, uid, id, fingerprint, checksum)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const KEEP_REQUEST: &str =
    "INSERT OR IGNORE INTO requests (what, till, uid, id, fingerprint, checksum)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

fn write_request(connection: &Connection, sql: &str, row: &RequestRow) -> rusqlite::Result<()> {
    let Answered { id, fingerprint } = row.answered;
    let sum = request_checksum(row);
    connection
        .prepare_cached(sql)?
        .execute(params![row.what, row.till, row.uid, id, fingerprint, sum])
        .map(drop)
}

const INSERT_KEY: &str =
    "INSERT INTO idempotency (till, key, fingerprint, id, kept_until, checksum)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const REPLACE_KEY: &str =
    "INSERT OR REPLACE INTO idempotency (till, key, fingerprint, id, kept_until, checksum)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

fn write_key(connection: &Connection, sql: &str, row: &KeyRow) -> rusqlite::Result<()> {
    let Answered { id, fingerprint } = row.answered;
    let sum = key_checksum(row);
    connection
        .prepare_cached(sql)?
        .execute(params![row.till, row.key, fingerprint, id, row.kept_until, sum])
        .map(drop)
}

/// What stands under a request.
enum Stored {
    Intact(Answered),
    Damaged {
        /// The record that the row names, right or not.
        named: Option<i64>,
    },
}

fn stored(
    connection: &Connection,
    what: What,
    till: Option<&TillId>,
    uid: &ReceiptUid,
) -> Result<Option<Stored>, StoreError> {
    connection
        .prepare_cached("SELECT * FROM requests WHERE what = ?1 AND till = ?2 AND uid = ?3")?
        .query_row(params![what as u8, till_text(till), uid.as_str()], |row| {
            Ok(match intact(request_row(row), request_checksum) {
                Some(row) => Stored::Intact(row.answered),
                None => Stored::Damaged { named: row.get("id").ok() },
            })
        })
        .optional()
        .map_err(StoreError::sqlite("look a request up"))
}

/// The record that answers a request: the one that a damaged row names, if it does, else the first
/// one that does, which takes a look at every record.
fn in_journal(
    connection: &Connection,
    named: Option<i64>,
    what: What,
    till: Option<&TillId>,
    uid: &ReceiptUid,
) -> Result<Option<i64>, StoreError> {
    let answers = |record: &Record| request_of(record) == Some((what, till, uid));
    let named = named
        .filter(|id| journal::load(connection, *id).is_ok_and(|stored| answers(&stored.record)));
    if named.is_some() {
        return Ok(named);
    }
    // Texts stand in a record as they are, so most records need not be read.
    let mut statement = connection
        .prepare_cached("SELECT id, bytes FROM journal WHERE instr(bytes, ?1) > 0 ORDER BY id")?;
    let mut rows = statement.query([uid.as_str().as_bytes()])?;
    while let Some(row) = rows.next().map_err(StoreError::sqlite("search the journal"))? {
        let (id, bytes): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        if journal::decode(id, &bytes).is_ok_and(|stored| answers(&stored.record)) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

fn is_taken(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

fn till_text(till: Option<&TillId>) -> &str {
    till.map_or(NO_TILL, TillId::as_str)
}
