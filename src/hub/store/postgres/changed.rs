use super::tx::PostgresTx;
use crate::hub::store::Changed;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::ChangeRow;
use crate::hub::store::stored::{Cell, accounts, clamped, limit, members, published};
use crate::wire::sync::Cursor;

impl Changed for PostgresTx {
    fn next_cursor(&mut self) -> Result<Cursor, StoreError> {
        const SQL: &str = "UPDATE cursor SET value = value + 1 WHERE one = 1 RETURNING value";
        let rows = self.rows(("take the next cursor", "cursor"), SQL, [], published::cursor)?;
        self.noting(|_| published::the_cursor(rows))
    }

    fn cursor(&mut self) -> Result<Cursor, StoreError> {
        const SQL: &str = "SELECT value FROM cursor WHERE one = 1";
        let rows = self.rows(("read the cursor", "cursor"), SQL, [], published::cursor)?;
        self.noting(|_| published::the_cursor(rows))
    }

    fn changes_after(
        &mut self,
        after: Cursor,
        count: usize,
    ) -> Result<(Vec<ChangeRow>, Cursor), StoreError> {
        const NEXT: [&str; 3] = [
            "SELECT changed FROM members WHERE changed > $1 ORDER BY changed LIMIT $2",
            "SELECT changed FROM accounts WHERE changed > $1 ORDER BY changed LIMIT $2",
            "SELECT changed FROM vouchers WHERE changed > $1 ORDER BY changed LIMIT $2",
        ];
        const MEMBERS: &str = "
            SELECT changed, member, state FROM members WHERE changed > $1 AND changed <= $2";
        const ACCOUNTS: &str = "
            SELECT changed, account, opening, facts FROM accounts
            WHERE changed > $1 AND changed <= $2";
        const VOUCHERS: &str = "
            SELECT changed, voucher, voucher_type, account, valid_from, valid_until, standing,
                used_device, used_epoch, used_sequence
            FROM vouchers WHERE changed > $1 AND changed <= $2";
        let doing = |table| ("read what changed", table);
        let newest = self.cursor()?;
        let behind = || Cell::int(clamped(after.0));
        let mut next = Vec::new();
        for sql in NEXT {
            let cells = [behind(), Cell::int(limit(count.max(1)))];
            next.extend(self.rows(doing("cursor"), sql, cells, published::cursor)?);
        }
        let to = published::page_end(next, count, newest);
        let page = || [behind(), Cell::int(clamped(to.0))];
        let mut changes = self.rows(doing("members"), MEMBERS, page(), |row| {
            Ok((published::cursor(row)?, ChangeRow::Member(members::member(row)?)))
        })?;
        changes.extend(self.rows(doing("accounts"), ACCOUNTS, page(), |row| {
            Ok((published::cursor(row)?, ChangeRow::Account(accounts::account(row)?)))
        })?);
        changes.extend(self.rows(doing("vouchers"), VOUCHERS, page(), |row| {
            Ok((published::cursor(row)?, ChangeRow::Voucher(members::voucher(row)?)))
        })?);
        Ok((published::in_order(changes), to))
    }
}
