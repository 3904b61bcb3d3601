use std::collections::BTreeMap;

use super::tx::SqliteTx;
use crate::hub::store::Accounts;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{AccountRow, EntryRow};
use crate::hub::store::stored::{Cell, accounts, limit};
use crate::loyalty::AccountRef;
use crate::wire::sync::Cursor;

impl Accounts for SqliteTx<'_> {
    fn lock_accounts(
        &mut self,
        refs: &[AccountRef],
    ) -> Result<BTreeMap<AccountRef, AccountRow>, StoreError> {
        const SQL: &str = "
            INSERT INTO accounts (account, opening, facts, changed) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO NOTHING";
        let rows = refs.iter().map(|account| Ok(accounts::empty_account_cells(account)));
        self.run("make accounts", SQL, rows)?;
        self.accounts(refs)
    }

    fn accounts(
        &mut self,
        refs: &[AccountRef],
    ) -> Result<BTreeMap<AccountRef, AccountRow>, StoreError> {
        const SQL: &str = "SELECT account, opening, facts FROM accounts WHERE account = ?1";
        let keys = refs.iter().map(|account| Ok([Cell::bytes(account.as_bytes())]));
        let rows = self.each(("read accounts", "accounts"), SQL, keys, accounts::account)?;
        Ok(rows.into_iter().map(|row| (row.account, row)).collect())
    }

    fn add_entries(&mut self, rows: &[EntryRow]) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO entries (account, device, epoch, sequence, number, effective_at, entry)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT DO NOTHING";
        self.run("add entries", SQL, rows.iter().map(accounts::entry_cells)).map(drop)
    }

    fn entries(
        &mut self,
        refs: &[AccountRef],
    ) -> Result<BTreeMap<AccountRef, Vec<EntryRow>>, StoreError> {
        const SQL: &str = "SELECT account, number, entry FROM entries WHERE account = ?1";
        let keys = refs.iter().map(|account| Ok([Cell::bytes(account.as_bytes())]));
        let rows = self.each(("read entries", "entries"), SQL, keys, accounts::entry)?;
        Ok(accounts::by_account(rows))
    }

    fn save_accounts(&mut self, rows: &[AccountRow], at: Cursor) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO accounts (account, opening, facts, changed) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (account) DO UPDATE SET
                opening = excluded.opening, facts = excluded.facts, changed = excluded.changed";
        let rows = rows.iter().map(|row| accounts::account_cells(row, at));
        self.run("store accounts", SQL, rows).map(drop)
    }

    fn accounts_after(
        &mut self,
        after: Option<AccountRef>,
        count: usize,
    ) -> Result<Vec<AccountRow>, StoreError> {
        const SQL: &str = "
            SELECT account, opening, facts FROM accounts WHERE account > ?1
            ORDER BY account LIMIT ?2";
        let after = after.as_ref().map_or(&[][..], |account| account.as_bytes());
        let cells = [Cell::bytes(after), Cell::int(limit(count))];
        self.rows(("read accounts in order", "accounts"), SQL, cells, accounts::account)
    }
}
