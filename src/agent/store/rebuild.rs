//! Computes from the journal and the base again what the ledger keeps beside them, and compares.

use rusqlite::{Connection, params};

use super::base::Base;
use super::error::StoreError;
use super::ledger::requests::{self, Answered, What, request_checksum, request_of, request_row};
use super::ledger::{LEDGER_MIGRATIONS, accounts, codes_used, days, holds, journal, shared_uses};
use super::ledger::{vouchers_issued, vouchers_used};
use super::sums::Days;
use crate::agent::store::checksum::{drop_damaged, intact};
use crate::agent::till::repeat::FINGERPRINT_LOST;
use crate::journal::{Body, Record, RecordRef, entry};
use crate::loyalty::{AccountRef, ReceiptUid, TillId};
use crate::recompute::vouchers_of;
use crate::shell::migrate::{self, MigrateError};

/// Differences that are told one by one.
const DIFFERENCES_TOLD_MAX: usize = 100;

/// Why projections could not be computed again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RebuildError {
    /// A row could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tables to compare with could not be made.
    #[error("could not make tables to compare with")]
    Migrate(#[from] MigrateError),
}

impl From<rusqlite::Error> for RebuildError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Where the stored rows are not what the journal gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Differences {
    /// The first of them.
    pub(crate) told: Vec<Difference>,
    pub(crate) found: usize,
    /// Rows that were compared.
    pub(crate) rows: u64,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{table} {key}: stored {}, the journal gives {}", said(stored), said(computed))]
pub(crate) struct Difference {
    table: &'static str,
    key: String,
    stored: Option<String>,
    computed: Option<String>,
}

fn said(row: &Option<String>) -> &str {
    row.as_deref().unwrap_or("nothing")
}

/// A table, the columns that name a row, those that follow from the journal, and which rows count.
struct Projection {
    table: &'static str,
    key: &'static str,
    columns: &'static str,
    counts: &'static str,
}

const PROJECTIONS: [Projection; 8] = [
    Projection {
        table: "accounts",
        key: "quote(account)",
        columns: "quote(facts) || ' ' || checksum",
        counts: "base_cursor = ?1",
    },
    Projection {
        table: "account_records",
        key: "quote(account) || ' ' || id",
        columns: "''",
        counts: "?1 = ?1",
    },
    Projection {
        table: "vouchers_used",
        key: "quote(voucher) || ' ' || id",
        columns: "checksum",
        counts: "?1 = ?1",
    },
    Projection {
        table: "shared_uses",
        key: "quote(offer) || ' ' || unit || ' ' || quote(day)",
        columns: "uses || ' ' || checksum",
        counts: "?1 = ?1",
    },
    Projection {
        table: "vouchers_issued",
        key: "quote(voucher)",
        columns: "id || ' ' || ifnull(cancelled_by, '') || ' ' || checksum",
        counts: "?1 = ?1",
    },
    // Fingerprints are of requests, which the journal does not keep.
    Projection {
        table: "requests",
        key: "what || ' ' || quote(till) || ' ' || quote(uid)",
        columns: "id",
        counts: "?1 = ?1",
    },
    Projection { table: "follow_ups", key: "sale || ' ' || id", columns: "''", counts: "?1 = ?1" },
    Projection {
        table: "days",
        key: "quote(day)",
        columns: "receipts || ' ' || gross || ' ' || discount || ' ' || redeemed || ' ' ||
                  points_issued || ' ' || points_spent || ' ' || identified_receipts || ' ' ||
                  identified_value || ' ' || closed || ' ' || voids || ' ' || returns || ' ' ||
                  refunded || ' ' || points_clawed_back || ' ' || points_restored || ' ' ||
                  closings || ' ' || checksum",
        counts: "?1 = ?1",
    },
];

/// Compares every stored projection with what journal and base give. Reads only.
pub(crate) fn compare(
    connection: &Connection,
    base: Option<Base<'_>>,
) -> Result<Differences, RebuildError> {
    let mut shadow = Connection::open_in_memory()?;
    migrate::migrate(&mut shadow, LEDGER_MIGRATIONS)?;
    shadow.execute_batch("BEGIN")?;
    replay(connection, &shadow, base)?;
    let cursor = base.map_or(0, |base| base.cursor());
    forget_stale_accounts(connection, &shadow, cursor)?;
    let mut differences = Differences::default();
    for projection in &PROJECTIONS {
        compare_table(projection, connection, &shadow, cursor, &mut differences)?;
    }
    Ok(differences)
}

/// Throws every projection away and computes it again, within the caller's transaction.
/// Fingerprints of requests are kept where there are any.
pub(crate) fn rebuild(connection: &Connection, base: Option<Base<'_>>) -> Result<(), StoreError> {
    connection.execute_batch(
        "CREATE TEMP TABLE kept_requests AS SELECT * FROM main.requests;
         DELETE FROM accounts;
         DELETE FROM account_records;
         DELETE FROM vouchers_used;
         DELETE FROM shared_uses;
         DELETE FROM vouchers_issued;
         DELETE FROM requests;
         DELETE FROM follow_ups;
         DELETE FROM days;",
    )?;
    replay(connection, connection, base)?;
    keep_fingerprints(connection)?;
    connection.execute_batch("DROP TABLE temp.kept_requests")?;
    // What the journal does not know: a damaged row says nothing, and each goes by itself in time.
    for table in [requests::IDEMPOTENCY, holds::HOLDS, codes_used::CODES_USED] {
        drop_damaged(connection, &table)?;
    }
    Ok(())
}

/// Gives the computed requests the fingerprints of those before, where their rows are whole.
fn keep_fingerprints(connection: &Connection) -> Result<(), StoreError> {
    let mut kept = connection.prepare("SELECT * FROM temp.kept_requests")?;
    let mut update = connection.prepare(
        "UPDATE main.requests SET fingerprint = ?5, checksum = ?6
         WHERE what = ?1 AND till = ?2 AND uid = ?3 AND id = ?4",
    )?;
    let mut rows = kept.query([])?;
    while let Some(row) = rows.next()? {
        let Some(row) = intact(request_row(row), request_checksum) else { continue };
        let (Answered { id, fingerprint }, sum) = (row.answered, request_checksum(&row));
        update.execute(params![row.what, row.till, row.uid, id, fingerprint, sum])?;
    }
    Ok(())
}

/// Writes to `target`, whose projections are empty, what the journal in `source` gives.
fn replay(
    source: &Connection,
    target: &Connection,
    base: Option<Base<'_>>,
) -> Result<(), StoreError> {
    let mut days = Days::default();
    journal::each(source, 0, |id, bytes| {
        let record = journal::decode(id, bytes)?.record;
        days.take(&record);
        replay_record(target, id, &record)
    })?;
    days.0.values().try_for_each(|day| days::save(target, day))?;
    let mut accounts = target.prepare("SELECT DISTINCT account FROM account_records")?;
    let touched = accounts.query_map([], |row| row.get::<_, [u8; 16]>(0))?;
    for account in touched {
        let account = AccountRef::from_bytes(account?);
        let folded = accounts::fold_from(source, target, base, account)?;
        accounts::save(target, base.map_or(0, |base| base.cursor()), account, folded.facts())?;
    }
    Ok(())
}

fn replay_record(target: &Connection, id: i64, record: &Record) -> Result<(), StoreError> {
    if let Some((what, till, uid)) = request_of(record) {
        note(target, what, till, uid, id)?;
    }
    match &record.body {
        Body::Sale(sale) => {
            for voucher in vouchers_of(sale) {
                vouchers_used::note(target, &voucher, id)?;
            }
        }
        Body::Void(undo) | Body::Return(undo) => {
            note_follow_up(target, record, &undo.of, id)?;
            for voucher in &undo.vouchers_freed {
                vouchers_used::free(target, voucher)?;
            }
        }
        Body::Assign(assign) => note_follow_up(target, record, &assign.of, id)?,
        Body::Adjustment(adjustment) => {
            if let Some(of) = &adjustment.of {
                note_follow_up(target, record, of, id)?;
            }
        }
        _ => {}
    }
    shared_uses::add(target, record)?;
    vouchers_issued::take_up(target, record, id)?;
    if let Some((account, _)) = entry(record) {
        accounts::note_record(target, account, id)?;
    }
    Ok(())
}

/// A request that two records answer, after a part of the journal was lost, is the first one's.
fn note(
    target: &Connection,
    what: What,
    till: Option<&TillId>,
    uid: &ReceiptUid,
    id: i64,
) -> Result<(), StoreError> {
    if requests::find(target, what, till, uid)?.is_some() {
        return Ok(());
    }
    requests::note(target, what, till, uid, &Answered { id, fingerprint: FINGERPRINT_LOST })
}

fn note_follow_up(
    target: &Connection,
    record: &Record,
    of: &RecordRef,
    id: i64,
) -> Result<(), StoreError> {
    if of.device != record.header.device {
        return Ok(());
    }
    requests::note_follow_up(target, journal::row_id(of.epoch, of.sequence), id)
}

/// Rows of another base are folded anew when they are next read: they say nothing.
fn forget_stale_accounts(
    connection: &Connection,
    shadow: &Connection,
    cursor: i64,
) -> Result<(), StoreError> {
    let mut stale = connection.prepare("SELECT account FROM accounts WHERE base_cursor <> ?1")?;
    let mut forget = shadow.prepare("DELETE FROM accounts WHERE account = ?1")?;
    for account in stale.query_map([cursor], |row| row.get::<_, Vec<u8>>(0))? {
        forget.execute([account?])?;
    }
    Ok(())
}

fn compare_table(
    projection: &Projection,
    connection: &Connection,
    shadow: &Connection,
    cursor: i64,
    differences: &mut Differences,
) -> Result<(), StoreError> {
    let Projection { table, key, columns, counts } = projection;
    let sql = format!("SELECT {key} AS k, {columns} FROM {table} WHERE {counts} ORDER BY k");
    let (mut stored, mut computed) = (connection.prepare(&sql)?, shadow.prepare(&sql)?);
    let row = |row: &rusqlite::Row<'_>| {
        let column = match row.get_ref(1)? {
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            _ => row.get(1)?,
        };
        Ok((row.get::<_, String>(0)?, column))
    };
    let mut stored = stored.query_map(params![cursor], row)?.peekable();
    let mut computed = computed.query_map(params![cursor], row)?.peekable();
    loop {
        let keys = (key_of(stored.peek()), key_of(computed.peek()));
        let (left, right) = match keys {
            (None, None) => return Ok(()),
            (Some(left), Some(right)) if left == right => (stored.next(), computed.next()),
            (Some(left), Some(right)) if left < right => (stored.next(), None),
            (Some(_), None) => (stored.next(), None),
            _ => (None, computed.next()),
        };
        let (left, right) = (left.transpose()?, right.transpose()?);
        differences.rows += 1;
        if left == right {
            continue;
        }
        differences.found += 1;
        if differences.told.len() < DIFFERENCES_TOLD_MAX {
            let key = left.as_ref().or(right.as_ref()).map(|(key, _)| key.clone());
            differences.told.push(Difference {
                table,
                key: key.unwrap_or_default(),
                stored: left.map(|(_, columns)| columns),
                computed: right.map(|(_, columns)| columns),
            });
        }
    }
}

/// A row that cannot be read sorts first, so that its error is met at once.
fn key_of(row: Option<&rusqlite::Result<(String, String)>>) -> Option<&str> {
    row.map(|row| row.as_ref().map_or("", |(key, _)| key.as_str()))
}
