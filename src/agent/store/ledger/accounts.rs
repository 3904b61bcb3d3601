//! Accounts as folded, and how to fold them anew.

use rusqlite::{Connection, OptionalExtension, params};

use super::journal;
use crate::agent::store::base::Base;
use crate::agent::store::checksum::checksum;
use crate::agent::store::error::StoreError;
use crate::journal::{Body, entry};
use crate::loyalty::{Account, AccountFacts, AccountRef, Entry, Unconfirmed};
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
        None => fold_anew(connection, base, account),
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

/// Folds an account from what it begins with and the records that are not in that.
pub(crate) fn fold_anew(
    connection: &Connection,
    base: Option<Base<'_>>,
    account: AccountRef,
) -> Result<Account, StoreError> {
    fold_from(connection, connection, base, account)
}

/// The same of the journal of one file and the notes in another of which records touch an account.
pub(crate) fn fold_from(
    journal: &Connection,
    notes: &Connection,
    base: Option<Base<'_>>,
    account: AccountRef,
) -> Result<Account, StoreError> {
    let opening = base.map(|base| base.opening(account)).transpose()?.unwrap_or_default();
    let mut folded = Account::from_facts(opening.facts);
    for entry in entries(journal, notes, account, opening.contained)? {
        folded.apply(&entry);
    }
    Ok(folded)
}

/// What this journal's records behind the hub's word did to an account. A return counts only where
/// it is of a sale among them: what it gives back of an earlier one is not the hub's yet.
pub(crate) fn unconfirmed(
    connection: &Connection,
    base: Option<Base<'_>>,
    account: AccountRef,
) -> Result<Unconfirmed, StoreError> {
    let opening = base.map(|base| base.opening(account)).transpose()?.unwrap_or_default();
    let mut found = Unconfirmed::default();
    for id in touching(connection, account, opening.contained)? {
        found.records += 1;
        match journal::load(connection, id)?.record.body {
            Body::Sale(sale) => {
                let Some(part) = sale.member.filter(|part| part.account == account) else {
                    continue;
                };
                found.points += part.spent;
                found.cashback += part.cashback.map(|cashback| cashback.spent).unwrap_or_default();
            }
            Body::Void(undo) | Body::Return(undo) => {
                let sold = journal::row_id(undo.of.epoch, undo.of.sequence);
                let part = undo.account.filter(|_| sold > opening.contained);
                let Some(part) = part.filter(|part| part.account == account) else { continue };
                found.points -= part.points().given_back();
                found.cashback -= part.cashback.given_back();
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Folds and stores an account anew, if a record of this journal ever touched it: what it begins
/// with is another now.
pub(crate) fn fold_if_touched(
    connection: &Connection,
    base: Base<'_>,
    account: AccountRef,
) -> Result<(), StoreError> {
    let touched = connection
        .prepare_cached("SELECT 1 FROM account_records WHERE account = ?1 LIMIT 1")?
        .exists([account.as_bytes().as_slice()])
        .map_err(StoreError::sqlite("look for an account's records"))?;
    if !touched {
        return Ok(());
    }
    let folded = fold_anew(connection, Some(base), account)?;
    save(connection, base.cursor(), account, folded.facts())
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

/// An account's entries of records behind `contained`, in the order of their keys.
fn entries(
    journal: &Connection,
    notes: &Connection,
    account: AccountRef,
    contained: i64,
) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    for id in touching(notes, account, contained)? {
        let stored = journal::load(journal, id)?;
        entries.extend(entry(&stored.record).map(|(_, entry)| entry));
    }
    entries.sort_by_key(|entry| entry.key);
    Ok(entries)
}

/// The rows of records behind a place that touch an account, in order.
fn touching(
    notes: &Connection,
    account: AccountRef,
    contained: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut statement = notes.prepare_cached(
        "SELECT id FROM account_records WHERE account = ?1 AND id > ?2 ORDER BY id",
    )?;
    let ids =
        statement.query_map(params![account.as_bytes().as_slice(), contained], |row| row.get(0))?;
    ids.collect::<Result<_, _>>().map_err(StoreError::sqlite("find an account's records"))
}

fn row_checksum(account: AccountRef, base_cursor: i64, facts: &[u8]) -> i64 {
    checksum(&[account.as_bytes(), &base_cursor.to_be_bytes(), facts])
}
