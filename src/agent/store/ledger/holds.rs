//! Points and vouchers kept free while a customer pays.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use crate::agent::store::error::StoreError;
use crate::loyalty::{AccountRef, ReceiptUid, TillId, VoucherId};
use crate::money::Points;

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) till: TillId,
    pub(crate) uid: ReceiptUid,
    pub(crate) account: AccountRef,
    pub(crate) points: Points,
    pub(crate) vouchers: Vec<VoucherId>,
    pub(crate) expires_at_ms: i64,
    pub(crate) fingerprint: [u8; 32],
}

/// A hold that has not lapsed.
pub(crate) fn find(
    connection: &Connection,
    till: &TillId,
    uid: &ReceiptUid,
    now_ms: i64,
) -> Result<Option<Hold>, StoreError> {
    let row = connection
        .prepare_cached(
            "SELECT account, points, vouchers, expires_at, fingerprint FROM holds
             WHERE till = ?1 AND uid = ?2 AND expires_at > ?3",
        )?
        .query_row(params![till.as_str(), uid.as_str(), now_ms], |row| {
            Ok((
                row.get::<_, [u8; 16]>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, i64>(3)?,
                row.get::<_, [u8; 32]>(4)?,
            ))
        })
        .optional()
        .map_err(StoreError::sqlite("look a hold up"))?;
    row.map(|(account, points, vouchers, expires_at_ms, fingerprint)| {
        Ok(Hold {
            till: till.clone(),
            uid: uid.clone(),
            account: AccountRef::from_bytes(account),
            points: Points::new(points),
            vouchers: vouchers_from(&vouchers)?,
            expires_at_ms,
            fingerprint,
        })
    })
    .transpose()
}

/// Points held of an account besides one reservation.
pub(crate) fn points_of(
    connection: &Connection,
    account: AccountRef,
    except: Option<(&TillId, &ReceiptUid)>,
    now_ms: i64,
) -> Result<Points, StoreError> {
    let (till, uid) = except.map_or(("", ""), |(till, uid)| (till.as_str(), uid.as_str()));
    connection
        .prepare_cached(
            "SELECT coalesce(sum(points), 0) FROM holds
             WHERE account = ?1 AND expires_at > ?2 AND NOT (till = ?3 AND uid = ?4)",
        )?
        .query_row(params![account.as_bytes().as_slice(), now_ms, till, uid], |row| {
            row.get(0).map(Points::new)
        })
        .map_err(StoreError::sqlite("sum what is held"))
}

/// Every voucher that is held besides one reservation.
pub(crate) fn vouchers(
    connection: &Connection,
    except: Option<(&TillId, &ReceiptUid)>,
    now_ms: i64,
) -> Result<BTreeSet<VoucherId>, StoreError> {
    let (till, uid) = except.map_or(("", ""), |(till, uid)| (till.as_str(), uid.as_str()));
    let mut statement = connection.prepare_cached(
        "SELECT vouchers FROM holds WHERE expires_at > ?1 AND NOT (till = ?2 AND uid = ?3)",
    )?;
    let rows = statement.query_map(params![now_ms, till, uid], |row| row.get::<_, String>(0))?;
    let mut held = BTreeSet::new();
    for row in rows {
        held.extend(vouchers_from(&row?)?);
    }
    Ok(held)
}

/// Keeps points and vouchers.
pub(crate) fn put(connection: &Connection, hold: &Hold) -> Result<(), StoreError> {
    let vouchers: Vec<&str> = hold.vouchers.iter().map(VoucherId::as_str).collect();
    let vouchers = serde_json::to_string(&vouchers).expect("a list of texts is valid JSON");
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO holds
                 (till, uid, account, points, vouchers, expires_at, fingerprint)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            hold.till.as_str(),
            hold.uid.as_str(),
            hold.account.as_bytes().as_slice(),
            hold.points.value(),
            vouchers,
            hold.expires_at_ms,
            hold.fingerprint,
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

/// Forgets holds that lapsed.
pub(crate) fn forget(connection: &Connection, now_ms: i64) -> Result<usize, StoreError> {
    connection
        .execute("DELETE FROM holds WHERE expires_at <= ?1", [now_ms])
        .map_err(StoreError::sqlite("forget lapsed holds"))
}

fn vouchers_from(json: &str) -> Result<Vec<VoucherId>, StoreError> {
    let damaged = || StoreError::RowDamaged { table: "holds" };
    let texts: Vec<String> = serde_json::from_str(json).map_err(|_| damaged())?;
    texts.iter().map(|text| VoucherId::parse(text).map_err(|_| damaged())).collect()
}
