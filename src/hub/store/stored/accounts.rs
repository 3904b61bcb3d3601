//! Accounts and entries.

use std::collections::BTreeMap;

use super::{Cell, RowReader};
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{AccountRow, EntryRow};
use crate::journal::{entry_from_bytes, entry_to_bytes};
use crate::loyalty::{AccountFacts, AccountRef};
use crate::wire::account_facts;
use crate::wire::sync::Cursor;

/// In the order of the table's columns.
pub(in super::super) fn account_cells(
    row: &AccountRow,
    at: Cursor,
) -> Result<[Cell<'_>; 4], StoreError> {
    Ok([
        Cell::bytes(row.account.as_bytes()),
        Cell::Made(row.opening.as_ref().map(account_facts::encode)),
        Cell::Made(Some(account_facts::encode(&row.facts))),
        Cell::unsigned(at.0)?,
    ])
}

/// An account that nothing happened to, which no till was told.
pub(in super::super) fn empty_account_cells(account: &AccountRef) -> [Cell<'_>; 4] {
    let facts = account_facts::encode(&AccountFacts::default());
    [Cell::bytes(account.as_bytes()), Cell::Made(None), Cell::Made(Some(facts)), Cell::int(0)]
}

pub(in super::super) fn account(row: &mut RowReader<'_>) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        account: row.array().map(AccountRef::from_bytes)?,
        opening: match row.bytes_or_none()? {
            None => None,
            Some(bytes) => Some(facts(row, &bytes)?),
        },
        facts: {
            let bytes = row.bytes()?;
            facts(row, &bytes)?
        },
    })
}

fn facts(row: &RowReader<'_>, bytes: &[u8]) -> Result<AccountFacts, StoreError> {
    row.ok(account_facts::decode(bytes).ok())
}

/// In the order of the table's columns.
pub(in super::super) fn entry_cells(row: &EntryRow) -> Result<[Cell<'_>; 7], StoreError> {
    let key = &row.entry.key;
    Ok([
        Cell::bytes(row.account.as_bytes()),
        Cell::bytes(key.device.as_bytes()),
        Cell::int(key.epoch),
        Cell::unsigned(key.sequence)?,
        Cell::int(row.number),
        Cell::instant(key.effective_at),
        Cell::Made(Some(entry_to_bytes(&row.entry))),
    ])
}

/// Account, number and entry.
pub(in super::super) fn entry(row: &mut RowReader<'_>) -> Result<EntryRow, StoreError> {
    Ok(EntryRow {
        account: row.array().map(AccountRef::from_bytes)?,
        number: row.number()?,
        entry: {
            let entry = entry_from_bytes(&row.bytes()?).ok();
            row.ok(entry)?
        },
    })
}

/// Each account's entries in the order of their keys.
pub(in super::super) fn by_account(rows: Vec<EntryRow>) -> BTreeMap<AccountRef, Vec<EntryRow>> {
    let mut accounts = BTreeMap::<_, Vec<EntryRow>>::new();
    for row in rows {
        accounts.entry(row.account).or_default().push(row);
    }
    for rows in accounts.values_mut() {
        rows.sort_by_key(|row| (row.entry.key, row.number));
    }
    accounts
}
