//! Accounts as folded, and how to fold them anew.

use rusqlite::{Connection, OptionalExtension, params};

use super::journal;
use crate::agent::store::base::Base;
use crate::agent::store::checksum::checksum;
use crate::agent::store::error::StoreError;
use crate::journal::entry;
use crate::loyalty::{Account, AccountFacts, AccountRef, Entry};
use crate::wire::account_facts;

/// An account as it stands: base facts and the device's own records. A row that is missing, of an
/// older base or damaged is folded anew.
pub(crate) fn load(
    connection: &Connection,
    base: Option<Base<'_>>,
    account: AccountRef,
) -> Result<Account, StoreError> {
    let cursor = base.map_or(0, |base| base.cursor());
    let stored = connection
        .prepare_cached("SELECT base_cursor, facts, checksum FROM accounts WHERE account = ?1")?
        .query_row([account.as_bytes().as_slice()], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, i64>(2)?))
        })
        .optional()
        .map_err(StoreError::sqlite("read an account"))?;
    match stored {
        None => Ok(Account::from_facts(base_facts(base, account)?)),
        Some((of_base, facts, stored)) if of_base == cursor => {
            let intact = stored == row_checksum(account, of_base, &facts);
            match account_facts::decode(&facts) {
                Ok(facts) if intact => Ok(Account::from_facts(facts)),
                _ => {
                    tracing::error!(%account, "stored account is damaged; folded anew");
                    fold_anew(connection, base, account)
                }
            }
        }
        Some(_) => fold_anew(connection, base, account),
    }
}

/// Folds an account from the base and its records.
pub(crate) fn fold_anew(
    connection: &Connection,
    base: Option<Base<'_>>,
    account: AccountRef,
) -> Result<Account, StoreError> {
    let mut folded = Account::from_facts(base_facts(base, account)?);
    for entry in entries(connection, account)? {
        folded.apply(&entry);
    }
    Ok(folded)
}

/// Stores an account.
pub(crate) fn save(
    connection: &Connection,
    base_cursor: i64,
    account: AccountRef,
    facts: &AccountFacts,
) -> Result<(), StoreError> {
    let facts = account_facts::encode(facts);
    let sum = row_checksum(account, base_cursor, &facts);
    connection
        .prepare_cached(
            "INSERT INTO accounts (account, base_cursor, facts, checksum) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (account) DO UPDATE SET
                 base_cursor = excluded.base_cursor,
                 facts = excluded.facts,
                 checksum = excluded.checksum",
        )?
        .execute(params![account.as_bytes().as_slice(), base_cursor, facts, sum])
        .map_err(StoreError::sqlite("store an account"))?;
    Ok(())
}

/// Notes that a record touches an account.
pub(crate) fn note_record(
    connection: &Connection,
    account: AccountRef,
    id: i64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO account_records (account, id) VALUES (?1, ?2)")?
        .execute(params![account.as_bytes().as_slice(), id])
        .map_err(StoreError::sqlite("note an account's record"))?;
    Ok(())
}

/// Applies a record's entry to its account: in place where it is the latest, else by folding
/// anew, so that the order of arrival does not matter. The record is in the journal already.
/// `before` is the account as loaded in the same transaction, where the caller has it.
pub(crate) fn book(
    connection: &Connection,
    base: Option<Base<'_>>,
    account: AccountRef,
    before: Option<Account>,
    entry: &Entry,
    id: i64,
) -> Result<(), StoreError> {
    let mut booked = match before {
        Some(before) => before,
        None => load(connection, base, account)?,
    };
    note_record(connection, account, id)?;
    if booked.facts().last_entry.is_none_or(|last| last < entry.key) {
        booked.apply(entry);
    } else {
        booked = fold_anew(connection, base, account)?;
    }
    save(connection, base.map_or(0, |base| base.cursor()), account, booked.facts())
}

fn base_facts(base: Option<Base<'_>>, account: AccountRef) -> Result<AccountFacts, StoreError> {
    let facts = base.map(|base| base.account_facts(account)).transpose()?;
    Ok(facts.flatten().unwrap_or_default())
}

/// An account's entries in the order of their keys.
fn entries(connection: &Connection, account: AccountRef) -> Result<Vec<Entry>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT id FROM account_records WHERE account = ?1 ORDER BY id")?;
    let ids = statement.query_map([account.as_bytes().as_slice()], |row| row.get(0))?;
    let mut entries = Vec::new();
    for id in ids {
        let stored = journal::load(connection, id?)?;
        entries.extend(entry(&stored.record).map(|(_, entry)| entry));
    }
    entries.sort_by_key(|entry| entry.key);
    Ok(entries)
}

fn row_checksum(account: AccountRef, base_cursor: i64, facts: &[u8]) -> i64 {
    checksum(&[account.as_bytes(), &base_cursor.to_be_bytes(), facts])
}
