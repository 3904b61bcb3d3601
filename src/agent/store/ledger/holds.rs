//! Points and vouchers kept free while a customer pays.
//!
//! A hold whose row is damaged holds everything of its account until it lapses: what it promised is
//! not known, and a customer who pays must not find it gone. A sale is recorded all the same.

use std::collections::BTreeSet;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::agent::store::checksum::{CheckedTable, ReadRow, checksum, intact};
use crate::agent::store::error::StoreError;
use crate::loyalty::{AccountRef, ReceiptUid, TillId, VoucherId};
use crate::money::{Amount, Points};

/// The table, to look it over.
pub(crate) const HOLDS: CheckedTable =
    CheckedTable { name: "holds", key: &["till", "uid"], is_intact };

/// What a damaged hold holds: more than any account has, so little that sums of it stay sums.
const HELD_IN_DOUBT: Held =
    Held { points: Points::new(1_000_000_000_000), cashback: Amount::new(1_000_000_000_000) };

/// How long a damaged hold may hold from now on, whatever its row says: twice what any hold does.
const DAMAGED_HOLD_MS_MAX: i64 = 10 * 60 * 1_000;

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) till: TillId,
    pub(crate) uid: ReceiptUid,
    pub(crate) account: AccountRef,
    pub(crate) points: Points,
    pub(crate) cashback: Amount,
    pub(crate) vouchers: Vec<VoucherId>,
    pub(crate) expires_at_ms: i64,
    pub(crate) fingerprint: [u8; 32],
}

/// What of an account's balances is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) points: Points,
    pub(crate) cashback: Amount,
}

/// Vouchers that are held.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeldVouchers {
    named: BTreeSet<VoucherId>,
    /// Accounts with a damaged hold, which may hold any voucher of theirs.
    in_doubt: BTreeSet<AccountRef>,
}

impl HeldVouchers {
    /// Whether a voucher, of an account where it is somebody's, is held.
    pub(crate) fn has(&self, voucher: &VoucherId, account: Option<AccountRef>) -> bool {
        self.named.contains(voucher)
            || account.is_some_and(|account| self.in_doubt.contains(&account))
    }
}

/// A hold that has not lapsed. One that is damaged is let go: whoever made it asks again.
pub(crate) fn find(
    connection: &Connection,
    till: &TillId,
    uid: &ReceiptUid,
    now_ms: i64,
) -> Result<Option<Hold>, StoreError> {
    let read = connection
        .prepare_cached("SELECT * FROM holds WHERE till = ?1 AND uid = ?2 AND expires_at > ?3")?
        .query_row(params![till.as_str(), uid.as_str(), now_ms], |row| Ok(hold_row(row)))
        .optional()
        .map_err(StoreError::sqlite("look a hold up"))?;
    let Some(read) = read else { return Ok(None) };
    let hold = intact(read, row_checksum).and_then(|row| {
        Some(Hold {
            till: till.clone(),
            uid: uid.clone(),
            account: AccountRef::from_bytes(row.account),
            points: Points::new(row.points),
            cashback: Amount::new(row.cashback),
            vouchers: vouchers_from(&row.vouchers)?,
            expires_at_ms: row.expires_at_ms,
            fingerprint: row.fingerprint,
        })
    });
    if hold.is_none() {
        tracing::error!(table = HOLDS.name, "stored row is damaged; let go");
        release(connection, till, uid)?;
    }
    Ok(hold)
}

/// What is held of an account besides one reservation.
pub(crate) fn of_account(
    connection: &Connection,
    account: AccountRef,
    except: Option<(&TillId, &ReceiptUid)>,
    now_ms: i64,
) -> Result<Held, StoreError> {
    let (till, uid) = except.map_or(("", ""), |(till, uid)| (till.as_str(), uid.as_str()));
    let mut statement = connection.prepare_cached(
        "SELECT * FROM holds
         WHERE account = ?1 AND expires_at > ?2 AND NOT (till = ?3 AND uid = ?4)",
    )?;
    let holds =
        statement.query_map(params![account.as_bytes().as_slice(), now_ms, till, uid], |row| {
            let held = |hold: HoldRow| Held {
                points: Points::new(hold.points),
                cashback: Amount::new(hold.cashback),
            };
            Ok(intact(hold_row(row), row_checksum).map(held))
        })?;
    let mut sum = Held::default();
    for held in holds {
        let held = held.map_err(StoreError::sqlite("sum what is held"))?;
        let held = held.unwrap_or_else(|| {
            tracing::error!(table = HOLDS.name, %account, "stored row is damaged; holds all there is");
            HELD_IN_DOUBT
        });
        sum.points += held.points;
        sum.cashback += held.cashback;
    }
    Ok(sum)
}

/// Every voucher that is held besides one reservation.
pub(crate) fn vouchers(
    connection: &Connection,
    except: Option<(&TillId, &ReceiptUid)>,
    now_ms: i64,
) -> Result<HeldVouchers, StoreError> {
    let (till, uid) = except.map_or(("", ""), |(till, uid)| (till.as_str(), uid.as_str()));
    let mut statement = connection.prepare_cached(
        "SELECT * FROM holds WHERE expires_at > ?1 AND NOT (till = ?2 AND uid = ?3)",
    )?;
    let mut rows = statement.query(params![now_ms, till, uid])?;
    let mut held = HeldVouchers::default();
    while let Some(row) = rows.next()? {
        let named =
            intact(hold_row(row), row_checksum).and_then(|hold| vouchers_from(&hold.vouchers));
        if let Some(named) = named {
            held.named.extend(named);
            continue;
        }
        tracing::error!(table = HOLDS.name, "stored row is damaged; holds its account's vouchers");
        // What it still names is likely right: most of a damaged row is.
        let named = row.get::<_, String>("vouchers").ok();
        held.named.extend(named.and_then(|named| vouchers_from(&named)).unwrap_or_default());
        held.in_doubt.extend(row.get("account").ok().map(AccountRef::from_bytes));
    }
    Ok(held)
}

/// Keeps points and vouchers.
pub(crate) fn put(connection: &Connection, hold: &Hold) -> Result<(), StoreError> {
    let vouchers: Vec<&str> = hold.vouchers.iter().map(VoucherId::as_str).collect();
    let row = HoldRow {
        till: hold.till.to_string(),
        uid: hold.uid.to_string(),
        account: *hold.account.as_bytes(),
        points: hold.points.value(),
        cashback: hold.cashback.value(),
        vouchers: serde_json::to_string(&vouchers).expect("a list of texts is valid JSON"),
        expires_at_ms: hold.expires_at_ms,
        fingerprint: hold.fingerprint,
    };
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO holds
                 (till, uid, account, points, vouchers, expires_at, fingerprint, checksum,
                  cashback)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            row.till,
            row.uid,
            row.account,
            row.points,
            row.vouchers,
            row.expires_at_ms,
            row.fingerprint,
            row_checksum(&row),
            row.cashback,
        ])
        .map_err(StoreError::sqlite("keep a hold"))?;
    Ok(())
}

/// Lets a hold go; whether there was one.
pub(crate) fn release(
    connection: &Connection,
    till: &TillId,
    uid: &ReceiptUid,
) -> Result<bool, StoreError> {
    let gone = connection
        .prepare_cached("DELETE FROM holds WHERE till = ?1 AND uid = ?2")?
        .execute([till.as_str(), uid.as_str()])
        .map_err(StoreError::sqlite("release a hold"))?;
    Ok(gone > 0)
}

/// Forgets holds that lapsed, and damaged ones that would hold for longer than any hold does.
pub(crate) fn forget(connection: &Connection, now_ms: i64) -> Result<usize, StoreError> {
    let lapsed = connection
        .execute("DELETE FROM holds WHERE expires_at <= ?1", [now_ms])
        .map_err(StoreError::sqlite("forget lapsed holds"))?;
    let mut far = connection.prepare_cached("SELECT * FROM holds WHERE expires_at > ?1")?;
    let mut rows = far.query([now_ms + DAMAGED_HOLD_MS_MAX])?;
    let mut damaged: Vec<(Value, Value)> = Vec::new();
    while let Some(row) = rows.next()? {
        if !is_intact(row) {
            damaged.push((row.get("till")?, row.get("uid")?));
        }
    }
    for key in &damaged {
        tracing::error!(table = HOLDS.name, "stored row is damaged; let go");
        connection.execute("DELETE FROM holds WHERE till = ?1 AND uid = ?2", (&key.0, &key.1))?;
    }
    Ok(lapsed + damaged.len())
}

/// A row as it stands.
struct HoldRow {
    till: String,
    uid: String,
    account: [u8; 16],
    points: i64,
    cashback: i64,
    vouchers: String,
    expires_at_ms: i64,
    fingerprint: [u8; 32],
}

fn hold_row(row: &Row<'_>) -> ReadRow<HoldRow> {
    let hold = HoldRow {
        till: row.get("till")?,
        uid: row.get("uid")?,
        account: row.get("account")?,
        points: row.get("points")?,
        cashback: row.get("cashback")?,
        vouchers: row.get("vouchers")?,
        expires_at_ms: row.get("expires_at")?,
        fingerprint: row.get("fingerprint")?,
    };
    Ok((hold, row.get("checksum")?))
}

/// A hold without cashback has none in its checksum, as those from before there was any.
fn row_checksum(row: &HoldRow) -> i64 {
    let cashback = row.cashback.to_be_bytes();
    checksum(&[
        row.till.as_bytes(),
        row.uid.as_bytes(),
        &row.account,
        &row.points.to_be_bytes(),
        row.vouchers.as_bytes(),
        &row.expires_at_ms.to_be_bytes(),
        &row.fingerprint,
        if row.cashback == 0 { &[] } else { &cashback },
    ])
}

fn is_intact(row: &Row<'_>) -> bool {
    intact(hold_row(row), row_checksum).is_some()
}

fn vouchers_from(json: &str) -> Option<Vec<VoucherId>> {
    let texts: Vec<String> = serde_json::from_str(json).ok()?;
    texts.iter().map(|text| VoucherId::parse(text).ok()).collect()
}
