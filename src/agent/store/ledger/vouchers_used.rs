//! Which vouchers were used.

use rusqlite::{Connection, OptionalExtension, params};

use crate::agent::store::checksum::checksum;
use crate::agent::store::error::StoreError;
use crate::loyalty::VoucherId;

/// The record that used a voucher, if one did.
pub(crate) fn used_by(
    connection: &Connection,
    voucher: &VoucherId,
) -> Result<Option<i64>, StoreError> {
    let row = connection
        .prepare_cached("SELECT id, checksum FROM vouchers_used WHERE voucher = ?1")?
        .query_row([voucher.as_str()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        .optional()
        .map_err(StoreError::sqlite("look a used voucher up"))?;
    row.map(|(id, stored)| {
        if stored == row_checksum(voucher, id) {
            Ok(id)
        } else {
            Err(StoreError::RowDamaged { table: "vouchers_used" })
        }
    })
    .transpose()
}

/// Notes that a record used a voucher; the first use stays.
pub(crate) fn note(
    connection: &Connection,
    voucher: &VoucherId,
    id: i64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO vouchers_used (voucher, id, checksum) VALUES (?1, ?2, ?3)
             ON CONFLICT (voucher) DO NOTHING",
        )?
        .execute(params![voucher.as_str(), id, row_checksum(voucher, id)])
        .map_err(StoreError::sqlite("note a used voucher"))?;
    Ok(())
}

/// Lets a voucher be used again.
pub(crate) fn free(connection: &Connection, voucher: &VoucherId) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM vouchers_used WHERE voucher = ?1")?
        .execute([voucher.as_str()])
        .map_err(StoreError::sqlite("free a voucher"))?;
    Ok(())
}

fn row_checksum(voucher: &VoucherId, id: i64) -> i64 {
    checksum(&[voucher.as_str().as_bytes(), &id.to_be_bytes()])
}
