//! Writes the rows of a base that is being built.

use rusqlite::{Connection, params};

use super::rows::{
    MemberRow, code_checksum, member_row_checksum, voucher_checksum, wallet_checksum,
};
use super::{BaseAbout, BaseVoucher, BaseWallet};
use crate::agent::store::checksum::checksum;
use crate::loyalty::{AccountFacts, AccountRef, MemberRef};
use crate::wire::account_facts;

/// The rows of a base that nobody reads yet. Each is put in the place of one of its key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BaseRows<'c> {
    connection: &'c Connection,
}

impl<'c> BaseRows<'c> {
    /// Writes through this connection, in its transaction.
    pub(crate) fn of(connection: &'c Connection) -> Self {
        Self { connection }
    }

    /// A member.
    pub(crate) fn put_member(&self, row: &MemberRow) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO members
                 (member, account, flags, birthday, checksum, kind, role, recruiter, offers)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                row.member,
                row.account,
                row.flags,
                row.birthday,
                member_row_checksum(row),
                row.kind,
                row.role,
                row.recruiter,
                row.offers,
            ])?;
        Ok(())
    }

    /// Whose a code is, by its hash.
    pub(crate) fn put_code(&self, code: i64, member: MemberRef) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO codes VALUES (?1, ?2, ?3)")?
            .execute(params![code, member.as_bytes().as_slice(), code_checksum(code, member)])?;
        Ok(())
    }

    /// A wallet by the bytes of its id.
    pub(crate) fn put_wallet(&self, wallet: &[u8], row: &BaseWallet) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO wallets VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
            wallet,
            row.member.as_bytes().as_slice(),
            row.sealed_secret,
            wallet_checksum(wallet, row),
        ])?;
        Ok(())
    }

    /// What an account begins with.
    pub(crate) fn put_account(
        &self,
        account: AccountRef,
        facts: &AccountFacts,
    ) -> rusqlite::Result<()> {
        let facts = account_facts::encode(facts);
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO accounts VALUES (?1, ?2, ?3)")?
            .execute(params![
                account.as_bytes().as_slice(),
                facts,
                checksum(&[account.as_bytes(), &facts]),
            ])?;
        Ok(())
    }

    /// An account begins with nothing.
    pub(crate) fn forget_account(&self, account: AccountRef) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM accounts WHERE account = ?1")?
            .execute([account.as_bytes().as_slice()])?;
        Ok(())
    }

    /// A voucher.
    pub(crate) fn put_voucher(&self, row: &BaseVoucher) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO vouchers VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
                row.voucher.as_str(),
                row.voucher_type.as_str(),
                row.account.as_ref().map(|account| account.as_bytes().as_slice()),
                row.valid_from.map(|day| day.to_string()),
                row.valid_until.map(|day| day.to_string()),
                voucher_checksum(row),
            ])?;
        Ok(())
    }

    /// How many members there are.
    pub(crate) fn members(&self) -> rusqlite::Result<u64> {
        self.connection
            .query_row("SELECT count(*) FROM members", [], |row| row.get::<_, i64>(0))
            .map(i64::unsigned_abs)
    }

    /// What the base says of itself.
    pub(crate) fn put_about(&self, about: &BaseAbout) -> rusqlite::Result<()> {
        self.connection.execute(
            "INSERT OR REPLACE INTO about
             (one, cursor, content, source, members, imported, points, hub_cursor, contained)
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                about.cursor,
                about.content,
                about.source,
                about.members as i64,
                about.imported as i64,
                about.points.value(),
                about.hub_cursor,
                about.contained,
            ],
        )?;
        Ok(())
    }
}
