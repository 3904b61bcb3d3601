//! Which vouchers and coupons of one kind were used, and by which receipts: several may have taken
//! the same one, as what a receipt took is a fact.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::agent::store::checksum::{CheckedTable, checksum, intact};
use crate::agent::store::error::StoreError;
use crate::loyalty::VoucherId;

/// The table, to look it over.
pub(crate) const VOUCHERS_USED: CheckedTable =
    CheckedTable { name: "vouchers_used", key: &["voucher", "id"], is_intact };

/// Whether a record behind the row `since` used a voucher; 0 asks for all. A row that is damaged
/// says so as well: it is there.
pub(crate) fn is_used(
    connection: &Connection,
    voucher: &VoucherId,
    since: i64,
) -> Result<bool, StoreError> {
    let used = connection
        .prepare_cached("SELECT * FROM vouchers_used WHERE voucher = ?1 AND id > ?2 LIMIT 1")?
        .query_row(params![voucher.as_str(), since], |row| Ok(is_intact(row)))
        .optional()
        .map_err(StoreError::sqlite("look a used voucher up"))?;
    if used == Some(false) {
        tracing::error!(table = VOUCHERS_USED.name, "stored row is damaged; counts as used");
    }
    Ok(used.is_some())
}

/// The records that used a voucher. One of a damaged row may be another than it was: ask the record.
pub(crate) fn users(connection: &Connection, voucher: &VoucherId) -> Result<Vec<i64>, StoreError> {
    let mut users =
        connection.prepare_cached("SELECT id FROM vouchers_used WHERE voucher = ?1 ORDER BY id")?;
    let users = users.query_map([voucher.as_str()], |row| row.get(0))?;
    users.collect::<Result<_, _>>().map_err(StoreError::sqlite("look up who used a voucher"))
}

/// Notes that a record used a voucher.
pub(crate) fn note(
    connection: &Connection,
    voucher: &VoucherId,
    id: i64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO vouchers_used (voucher, id, checksum) VALUES (?1, ?2, ?3)
             ON CONFLICT (voucher, id) DO NOTHING",
        )?
        .execute(params![voucher.as_str(), id, row_checksum(voucher.as_str(), id)])
        .map_err(StoreError::sqlite("note a used voucher"))?;
    Ok(())
}

/// Lets a voucher be used again: no receipt that used it is left.
pub(crate) fn free(connection: &Connection, voucher: &VoucherId) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM vouchers_used WHERE voucher = ?1")?
        .execute([voucher.as_str()])
        .map_err(StoreError::sqlite("free a voucher"))?;
    Ok(())
}

/// As ledgers have it before there may be several uses of a voucher.
#[cfg(test)]
pub(crate) fn note_as_before(
    connection: &Connection,
    voucher: &VoucherId,
    id: i64,
) -> Result<(), StoreError> {
    let row = params![voucher.as_str(), id, row_checksum(voucher.as_str(), id)];
    connection
        .execute("INSERT INTO vouchers_used (voucher, id, checksum) VALUES (?1, ?2, ?3)", row)
        .map_err(StoreError::sqlite("note a used voucher"))?;
    Ok(())
}

fn is_intact(row: &Row<'_>) -> bool {
    let read = |row: &Row<'_>| Ok(((row.get("voucher")?, row.get("id")?), row.get("checksum")?));
    intact(read(row), |(voucher, id): &(String, i64)| row_checksum(voucher, *id)).is_some()
}

fn row_checksum(voucher: &str, id: i64) -> i64 {
    checksum(&[voucher.as_bytes(), &id.to_be_bytes()])
}
