use std::collections::BTreeMap;

use super::tx::SqliteTx;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{MemberRow, VoucherRow};
use crate::hub::store::stored::{Cell, members};
use crate::hub::store::{Members, Vouchers};
use crate::loyalty::{MemberRef, VoucherId};
use crate::wire::sync::Cursor;

impl Members for SqliteTx<'_> {
    fn save_members(&mut self, rows: &[MemberRow], at: Cursor) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO members (member, state, changed) VALUES (?1, ?2, ?3)
            ON CONFLICT (member) DO UPDATE SET
                state = excluded.state, changed = excluded.changed";
        let rows: BTreeMap<_, _> = rows.iter().map(|row| (row.member, row)).collect();
        let cells = rows.values().map(|row| members::member_cells(row, at));
        self.run("store members", SQL, cells)?;
        self.replace_codes(&rows)
    }

    fn members(
        &mut self,
        refs: &[MemberRef],
    ) -> Result<BTreeMap<MemberRef, MemberRow>, StoreError> {
        const SQL: &str = "SELECT member, state FROM members WHERE member = ?1";
        let keys = refs.iter().map(|member| Ok([Cell::bytes(member.as_bytes())]));
        let rows = self.each(("read members", "members"), SQL, keys, members::member)?;
        Ok(rows.into_iter().map(|row| (row.member, row)).collect())
    }

    fn holders(&mut self, codes: &[i64]) -> Result<BTreeMap<i64, MemberRef>, StoreError> {
        const SQL: &str = "SELECT code, member FROM member_codes WHERE code = ?1";
        let keys = codes.iter().map(|code| Ok([Cell::int(*code)]));
        let rows = self.each(("read codes", "member_codes"), SQL, keys, members::holder)?;
        Ok(rows.into_iter().collect())
    }

    fn count_members(&mut self) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT count(*) FROM members WHERE state IS NOT NULL";
        let counted =
            self.rows(("count members", "members"), SQL, [], |row| row.number::<u64>())?;
        Ok(counted.into_iter().sum())
    }
}

impl SqliteTx<'_> {
    fn replace_codes(&mut self, rows: &BTreeMap<MemberRef, &MemberRow>) -> Result<(), StoreError> {
        const FREE: &str = "DELETE FROM member_codes WHERE member = ?1";
        const TAKE: &str = "
            INSERT INTO member_codes (code, member) VALUES (?1, ?2)
            ON CONFLICT DO NOTHING";
        let codes = self.noting(|_| members::codes_of(rows))?;
        let freed = rows.keys().map(|member| Ok([Cell::bytes(member.as_bytes())]));
        self.run("free codes of members", FREE, freed)?;
        let cells = |(code, member): (&i64, _)| Ok(members::holder_cells(*code, member));
        let taken = self.run("store codes of members", TAKE, codes.iter().map(cells))?;
        let of_others = codes.keys().zip(taken).filter(|(_, taken)| *taken == 0);
        let of_others: Vec<i64> = of_others.map(|(code, _)| *code).collect();
        let holder = self.holders(&of_others)?.into_values().next();
        self.noting(|_| holder.map_or(Ok(()), |holder| Err(StoreError::CodeTaken { holder })))
    }
}

impl Vouchers for SqliteTx<'_> {
    fn lock_vouchers(
        &mut self,
        vouchers: &[VoucherId],
    ) -> Result<BTreeMap<VoucherId, VoucherRow>, StoreError> {
        const SQL: &str = "
            SELECT voucher, voucher_type, account, valid_from, valid_until, standing, used_device,
                used_epoch, used_sequence
            FROM vouchers WHERE voucher = ?1";
        let keys = vouchers.iter().map(|voucher| Ok([Cell::text(voucher.as_str())]));
        let rows = self.each(("read vouchers", "vouchers"), SQL, keys, members::voucher)?;
        Ok(rows.into_iter().map(|row| (row.voucher.clone(), row)).collect())
    }

    fn save_vouchers(&mut self, rows: &[VoucherRow], at: Cursor) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO vouchers (
                voucher, voucher_type, account, valid_from, valid_until, standing, used_device,
                used_epoch, used_sequence, changed
            )
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (voucher) DO UPDATE SET
                voucher_type = excluded.voucher_type, account = excluded.account,
                valid_from = excluded.valid_from, valid_until = excluded.valid_until,
                standing = excluded.standing, used_device = excluded.used_device,
                used_epoch = excluded.used_epoch, used_sequence = excluded.used_sequence,
                changed = excluded.changed";
        let rows = rows.iter().map(|row| members::voucher_cells(row, at));
        self.run("store vouchers", SQL, rows).map(drop)
    }
}
