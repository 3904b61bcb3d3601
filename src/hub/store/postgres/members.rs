use std::collections::{BTreeMap, BTreeSet};

use super::tx::PostgresTx;
use crate::hub::store::error::{Retry, StoreError};
use crate::hub::store::rows::{MemberRow, VoucherRow};
use crate::hub::store::stored::{Cell, members};
use crate::hub::store::{Members, Vouchers};
use crate::loyalty::{MemberRef, VoucherId};
use crate::wire::sync::Cursor;

impl Members for PostgresTx {
    fn save_members(&mut self, rows: &[MemberRow], at: Cursor) -> Result<(), StoreError> {
        const SQL: &str = "
            INSERT INTO members (member, state, changed)
            SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bigint[])
                AS saved (member, state, changed)
            ORDER BY member
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
        const SQL: &str = "SELECT member, state FROM members WHERE member = ANY ($1::bytea[])";
        let keys = refs.iter().map(|member| Ok([Cell::bytes(member.as_bytes())]));
        let rows = self.each(("read members", "members"), SQL, keys, members::member)?;
        Ok(rows.into_iter().map(|row| (row.member, row)).collect())
    }

    fn holders(&mut self, codes: &[i64]) -> Result<BTreeMap<i64, MemberRef>, StoreError> {
        const SQL: &str = "SELECT code, member FROM member_codes WHERE code = ANY ($1::bigint[])";
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

impl PostgresTx {
    fn replace_codes(&mut self, rows: &BTreeMap<MemberRef, &MemberRow>) -> Result<(), StoreError> {
        const FREE: &str = "DELETE FROM member_codes WHERE member = ANY ($1::bytea[])";
        const TAKE: &str = "
            INSERT INTO member_codes (code, member)
            SELECT * FROM unnest($1::bigint[], $2::bytea[]) AS taken (code, member)
            ORDER BY code
            ON CONFLICT DO NOTHING
            RETURNING code, member";
        let codes = self.noting(|_| members::codes_of(rows))?;
        let freed = rows.keys().map(|member| Ok([Cell::bytes(member.as_bytes())]));
        self.run("free codes of members", FREE, freed)?;
        let doing = "store codes of members";
        let cells = |(code, member): (&i64, _)| Ok(members::holder_cells(*code, member));
        let taken = codes.iter().map(cells);
        let taken = self.each((doing, "member_codes"), TAKE, taken, members::holder)?;
        let taken: BTreeSet<i64> = taken.into_iter().map(|(code, _)| code).collect();
        let of_others: Vec<i64> = codes.into_keys().filter(|code| !taken.contains(code)).collect();
        let holder = self.holders(&of_others)?.into_values().next();
        self.noting(|_| match holder {
            Some(holder) => Err(StoreError::CodeTaken { holder }),
            None if of_others.is_empty() => Ok(()),
            None => Err(StoreError::database(doing, Retry::MayHelp, "a code was freed meanwhile")),
        })
    }
}

impl Vouchers for PostgresTx {
    fn lock_vouchers(
        &mut self,
        vouchers: &[VoucherId],
    ) -> Result<BTreeMap<VoucherId, VoucherRow>, StoreError> {
        // Writing what is there locks it, in one order.
        const SQL: &str = "
            INSERT INTO vouchers (
                voucher, voucher_type, account, valid_from, valid_until, standing, used_device,
                used_epoch, used_sequence, changed
            )
            SELECT voucher, voucher_type, account, valid_from, valid_until, standing, used_device,
                used_epoch, used_sequence, changed
            FROM vouchers WHERE voucher = ANY ($1::text[])
            ORDER BY voucher
            ON CONFLICT (voucher) DO UPDATE SET changed = vouchers.changed
            RETURNING voucher, voucher_type, account, valid_from, valid_until, standing,
                used_device, used_epoch, used_sequence";
        let keys = vouchers.iter().map(|voucher| Ok([Cell::text(voucher.as_str())]));
        let rows = self.each(("lock vouchers", "vouchers"), SQL, keys, members::voucher)?;
        Ok(rows.into_iter().map(|row| (row.voucher.clone(), row)).collect())
    }

    fn save_vouchers(&mut self, rows: &[VoucherRow], at: Cursor) -> Result<(), StoreError> {
        const SQL: &str = r#"
            INSERT INTO vouchers (
                voucher, voucher_type, account, valid_from, valid_until, standing, used_device,
                used_epoch, used_sequence, changed
            )
            SELECT * FROM unnest(
                $1::text[], $2::text[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[],
                $7::bytea[], $8::bigint[], $9::bigint[], $10::bigint[]
            ) AS saved (
                voucher, voucher_type, account, valid_from, valid_until, standing, used_device,
                used_epoch, used_sequence, changed
            )
            ORDER BY voucher COLLATE "C"
            ON CONFLICT (voucher) DO UPDATE SET
                voucher_type = excluded.voucher_type, account = excluded.account,
                valid_from = excluded.valid_from, valid_until = excluded.valid_until,
                standing = excluded.standing, used_device = excluded.used_device,
                used_epoch = excluded.used_epoch, used_sequence = excluded.used_sequence,
                changed = excluded.changed"#;
        // The last of a voucher: a statement writes a row once.
        let rows: BTreeMap<_, _> = rows.iter().map(|row| (&row.voucher, row)).collect();
        let rows = rows.into_values().map(|row| members::voucher_cells(row, at));
        self.run("store vouchers", SQL, rows)
    }
}
