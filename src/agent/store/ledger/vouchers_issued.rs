//! Vouchers that this ledger's own receipts handed out: what their records say, to be looked up.

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::agent::store::base::BaseVoucher;
use crate::agent::store::checksum::{CheckedTable, ReadRow, checksum, intact};
use crate::agent::store::error::StoreError;
use crate::journal::{Body, Record};
use crate::loyalty::{AccountRef, Issued, IssuedKind, VoucherId, VoucherTypeId};

/// The table, to look it over.
pub(crate) const VOUCHERS_ISSUED: CheckedTable =
    CheckedTable { name: "vouchers_issued", key: &["voucher"], is_intact };

/// A voucher that a receipt handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IssuedVoucher {
    /// As a base would say it.
    pub(crate) voucher: BaseVoucher,
    /// The record that handed it out.
    id: i64,
    /// The record that took back what it was given for.
    cancelled_by: Option<i64>,
}

impl IssuedVoucher {
    /// Whether a record behind the row `since` took back what it was given for; 0 asks for all.
    pub(crate) fn is_cancelled(&self, since: i64) -> bool {
        self.cancelled_by.is_some_and(|by| by > since)
    }
}

/// Keeps what a record says of vouchers that are handed out or cancelled.
pub(crate) fn take_up(connection: &Connection, record: &Record, id: i64) -> Result<(), StoreError> {
    match &record.body {
        Body::Sale(sale) => {
            let Some(member) = &sale.member else { return Ok(()) };
            note(connection, member.account, &member.issued, id)
        }
        Body::Assign(assign) => note(connection, assign.account, &assign.issued, id),
        Body::Void(undo) | Body::Return(undo) => {
            undo.codes_cancelled.iter().try_for_each(|code| cancel(connection, code, id))
        }
        _ => Ok(()),
    }
}

/// A voucher by its code; a damaged row counts as none.
pub(crate) fn find(
    connection: &Connection,
    voucher: &VoucherId,
) -> Result<Option<IssuedVoucher>, StoreError> {
    let read = connection
        .prepare_cached("SELECT * FROM vouchers_issued WHERE voucher = ?1")?
        .query_row([voucher.as_str()], |row| Ok(issued_row(row)))
        .optional()
        .map_err(StoreError::sqlite("look a handed out voucher up"))?;
    Ok(read.and_then(whole))
}

/// The vouchers of an account that were not cancelled, by code, but for damaged rows.
pub(crate) fn of_account(
    connection: &Connection,
    account: AccountRef,
) -> Result<Vec<BaseVoucher>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM vouchers_issued WHERE account = ?1 AND cancelled_by IS NULL ORDER BY voucher",
    )?;
    let rows = statement
        .query_map([account.as_bytes().as_slice()], |row| Ok(issued_row(row)))
        .map_err(StoreError::sqlite("read an account's handed out vouchers"))?;
    let mut vouchers = Vec::new();
    for row in rows {
        vouchers.extend(whole(row?).map(|issued| issued.voucher));
    }
    Ok(vouchers)
}

fn note(
    connection: &Connection,
    account: AccountRef,
    issued: &[Issued],
    id: i64,
) -> Result<(), StoreError> {
    for Issued { code, what, .. } in issued {
        let IssuedKind::Voucher { voucher_type, valid_from, valid_until, .. } = what else {
            continue;
        };
        let voucher = BaseVoucher {
            voucher: code.clone(),
            voucher_type: voucher_type.clone(),
            account: Some(account),
            valid_from: Some(*valid_from),
            valid_until: Some(*valid_until),
        };
        save(connection, &IssuedVoucher { voucher, id, cancelled_by: None })?;
    }
    Ok(())
}

/// Entries of contests are no rows: nobody looks one up at a till.
fn cancel(connection: &Connection, code: &VoucherId, id: i64) -> Result<(), StoreError> {
    match find(connection, code)? {
        Some(issued) => save(connection, &IssuedVoucher { cancelled_by: Some(id), ..issued }),
        None => Ok(()),
    }
}

fn save(connection: &Connection, issued: &IssuedVoucher) -> Result<(), StoreError> {
    let IssuedVoucher { voucher, id, cancelled_by } = issued;
    let account = voucher.account.map(|account| *account.as_bytes());
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO vouchers_issued
             (voucher, voucher_type, account, valid_from, valid_until, id, cancelled_by, checksum)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            voucher.voucher.as_str(),
            voucher.voucher_type.as_str(),
            account.as_ref().map(<[u8; 16]>::as_slice),
            voucher.valid_from.map(|day| day.to_string()),
            voucher.valid_until.map(|day| day.to_string()),
            id,
            cancelled_by,
            row_checksum(issued),
        ])
        .map_err(StoreError::sqlite("keep a handed out voucher"))?;
    Ok(())
}

fn whole(read: ReadRow<IssuedVoucher>) -> Option<IssuedVoucher> {
    let issued = intact(read, row_checksum);
    if issued.is_none() {
        tracing::error!(table = VOUCHERS_ISSUED.name, "stored row is damaged; counts as unknown");
    }
    issued
}

fn is_intact(row: &Row<'_>) -> bool {
    intact(issued_row(row), row_checksum).is_some()
}

fn issued_row(row: &Row<'_>) -> ReadRow<IssuedVoucher> {
    let damaged = |_| rusqlite::Error::InvalidQuery;
    let day = |column: &str| -> rusqlite::Result<Option<NaiveDate>> {
        let text: String = row.get(column)?;
        text.parse().map(Some).map_err(|_| rusqlite::Error::InvalidQuery)
    };
    let (voucher, voucher_type): (String, String) = (row.get("voucher")?, row.get("voucher_type")?);
    let voucher = BaseVoucher {
        voucher: VoucherId::parse(&voucher).map_err(damaged)?,
        voucher_type: VoucherTypeId::parse(&voucher_type).map_err(damaged)?,
        account: Some(AccountRef::from_bytes(row.get("account")?)),
        valid_from: day("valid_from")?,
        valid_until: day("valid_until")?,
    };
    let (id, cancelled_by) = (row.get("id")?, row.get("cancelled_by")?);
    Ok((IssuedVoucher { voucher, id, cancelled_by }, row.get::<_, i64>("checksum").map(Some)?))
}

fn row_checksum(issued: &IssuedVoucher) -> i64 {
    let IssuedVoucher { voucher, id, cancelled_by } = issued;
    let account = voucher.account.map(|account| *account.as_bytes());
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let cancelled_by = cancelled_by.map(i64::to_be_bytes);
    checksum(&[
        voucher.voucher.as_str().as_bytes(),
        voucher.voucher_type.as_str().as_bytes(),
        account.as_ref().map_or(&[], <[u8; 16]>::as_slice),
        day(voucher.valid_from).as_bytes(),
        day(voucher.valid_until).as_bytes(),
        &id.to_be_bytes(),
        cancelled_by.as_ref().map_or(&[], <[u8; 8]>::as_slice),
    ])
}
