use std::collections::{BTreeMap, BTreeSet};

use super::tx::PostgresTx;
use crate::hub::store::Accounts;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{AccountRow, EntryRow};
use crate::hub::store::stored::{Cell, accounts, limit};
use crate::loyalty::AccountRef;
use crate::wire::sync::Cursor;

impl Accounts for PostgresTx {
    fn lock_accounts(
        &mut self,
        refs: &[AccountRef],
    ) -> Result<BTreeMap<AccountRef, AccountRow>, StoreError> {
        // Writing what is there locks it, and makes what is not, in one order.
        const SQL: &str = "
            INSERT INTO accounts (account, opening, facts, changed)
            SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bigint[])
                AS empty (account, opening, facts, changed)
            ORDER BY account
            ON CONFLICT (account) DO UPDATE SET changed = accounts.changed
            RETURNING account, opening, facts";
        let refs: BTreeSet<_> = refs.iter().collect();
        let rows = refs.into_iter().map(|account| Ok(accounts::empty_account_cells(account)));
        let rows = self.each(("lock accounts", "accounts"), SQL, rows, accounts::account)?;
        Ok(rows.into_iter().map(|row| (row.account, row)).collect())
    }

    fn accounts(
        &mut self,
        refs: &[AccountRef],
    ) -> Result<BTreeMap<AccountRef, AccountRow>, StoreError> {
        const SQL: &str = "
            SELECT account, opening, facts FROM accounts WHERE account = ANY ($1::bytea[])";
        let keys = refs.iter().map(|account| Ok([Cell::bytes(account.as_bytes())]));
        let rows = self.each(("read accounts", "accounts"), SQL, keys, accounts::account)?;
        Ok(rows.into_iter().map(|row| (row.account, row)).collect())
    }

    fn add_entries(&mut self, rows: &[EntryRow]) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO entries (account, device, epoch, sequence, number, effective_at, entry)
            SELECT * FROM unnest(
                $1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                $7::bytea[]
            )
            ON CONFLICT DO NOTHING";
        self.run("add entries", SQL, rows.iter().map(accounts::entry_cells))
    }

    fn entries(
        &mut self,
        refs: &[AccountRef],
    ) -> Result<BTreeMap<AccountRef, Vec<EntryRow>>, StoreError> {
        const SQL: &str = "
            SELECT account, number, entry FROM entries WHERE account = ANY ($1::bytea[])";
        let keys = refs.iter().map(|account| Ok([Cell::bytes(account.as_bytes())]));
        let rows = self.each(("read entries", "entries"), SQL, keys, accounts::entry)?;
        Ok(accounts::by_account(rows))
    }

    fn save_accounts(&mut self, rows: &[AccountRow], at: Cursor) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO accounts (account, opening, facts, changed)
            SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bigint[])
                AS saved (account, opening, facts, changed)
            ORDER BY account
            ON CONFLICT (account) DO UPDATE SET
                opening = excluded.opening, facts = excluded.facts, changed = excluded.changed";
        // The last of an account: a statement writes a row once.
        let rows: BTreeMap<_, _> = rows.iter().map(|row| (row.account, row)).collect();
        let rows = rows.into_values().map(|row| accounts::account_cells(row, at));
        self.run("store accounts", SQL, rows)
    }

    fn accounts_after(
        &mut self,
        after: Option<AccountRef>,
        count: usize,
    ) -> Result<Vec<AccountRow>, StoreError> {
        const SQL: &str = "
            SELECT account, opening, facts FROM accounts WHERE account > $1
            ORDER BY account LIMIT $2";
        let after = after.as_ref().map_or(&[][..], |account| account.as_bytes());
        let cells = [Cell::bytes(after), Cell::int(limit(count))];
        self.rows(("read accounts in order", "accounts"), SQL, cells, accounts::account)
    }
}
