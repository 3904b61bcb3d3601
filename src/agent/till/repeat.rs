//! Makes retries harmless: the same request gets the answer it got, another one under the same id
//! is refused.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::answer::{Novelty, Recorded};
use super::error::TillError;
use super::request::Idempotency;
use crate::agent::store::error::StoreError;
use crate::agent::store::ledger::journal;
use crate::agent::store::ledger::requests::{self, Answered, What};
use crate::loyalty::{ReceiptUid, TillId};

/// The fingerprint of a request that a rebuilt ledger knows by its record alone: a repetition is
/// answered with that record, whatever it says.
pub(crate) const FINGERPRINT_LOST: [u8; 32] = [0; 32];

/// How long an idempotency key is kept: longer than any till retries.
pub(crate) const KEY_KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// A request by what makes it one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeatable<'a> {
    pub(super) what: What,
    /// For the sentence of a conflict.
    pub(super) name: &'static str,
    pub(super) till: Option<&'a TillId>,
    pub(super) uid: &'a ReceiptUid,
    pub(super) idempotency: &'a Idempotency,
}

/// The answer that the request got before, if it was carried out.
pub(super) fn repeated(
    connection: &Connection,
    request: &Repeatable<'_>,
) -> Result<Option<Recorded>, TillError> {
    let fingerprint = request.idempotency.fingerprint;
    if let Some(answered) = requests::find(connection, request.what, request.till, request.uid)? {
        if ![fingerprint, FINGERPRINT_LOST].contains(&answered.fingerprint) {
            return Err(TillError::Conflict { what: request.name });
        }
        return load(connection, answered.id, Novelty::Repeated).map(Some).map_err(Into::into);
    }
    let Some(key) = &request.idempotency.key else { return Ok(None) };
    match requests::find_key(connection, till_text(request), key)? {
        Some(answered) if answered.fingerprint == fingerprint => {
            load(connection, answered.id, Novelty::Repeated).map(Some).map_err(Into::into)
        }
        Some(_) => Err(TillError::KeyReused),
        None => Ok(None),
    }
}

/// Notes what answered the request, in the record's own transaction.
pub(super) fn note_request(
    connection: &Connection,
    request: &Repeatable<'_>,
    id: i64,
    now: DateTime<Utc>,
) -> Result<(), TillError> {
    let answered = Answered { id, fingerprint: request.idempotency.fingerprint };
    requests::note(connection, request.what, request.till, request.uid, &answered)?;
    if let Some(key) = &request.idempotency.key {
        let until = now.timestamp_millis() + KEY_KEPT_MS;
        requests::note_key(connection, till_text(request), key, &answered, until)?;
    }
    Ok(())
}

/// A stored record as an answer.
pub(super) fn load(
    connection: &Connection,
    id: i64,
    novelty: Novelty,
) -> Result<Recorded, StoreError> {
    let stored = journal::load(connection, id)?;
    Ok(Recorded { id, record: stored.record, signature: stored.signature, novelty })
}

fn till_text<'a>(request: &Repeatable<'a>) -> &'a str {
    request.till.map_or("", TillId::as_str)
}
