//! The base of members: what the hub or an import said. Read only; replaced as a whole.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::checksum::checksum;
use super::error::StoreError;
use super::facts_codec;
use crate::loyalty::{AccountFacts, AccountRef, FlagId, MemberRef, VoucherId, VoucherTypeId};

/// An open base.
#[derive(Debug)]
pub(crate) struct Base {
    connection: Connection,
    cursor: i64,
}

/// A member as the base knows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseMember {
    pub(crate) member: MemberRef,
    pub(crate) account: AccountRef,
    pub(crate) flags: BTreeSet<FlagId>,
}

/// A voucher as the base knows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseVoucher {
    pub(crate) voucher: VoucherId,
    pub(crate) voucher_type: VoucherTypeId,
    /// Whose; `None` for whoever brings it.
    pub(crate) account: Option<AccountRef>,
    pub(crate) valid_from: Option<NaiveDate>,
    pub(crate) valid_until: Option<NaiveDate>,
}

/// A wallet's member and sealed secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseWallet {
    pub(crate) member: MemberRef,
    pub(crate) sealed_secret: Vec<u8>,
}

impl Base {
    /// Wraps an open connection to a base file.
    pub(crate) fn of(connection: Connection) -> Result<Self, StoreError> {
        let cursor = connection
            .query_row("SELECT cursor FROM about", [], |row| row.get(0))
            .map_err(StoreError::sqlite("read which base this is"))?;
        Ok(Self { connection, cursor })
    }

    /// Which base this is; rises with every change.
    pub(crate) fn cursor(&self) -> i64 {
        self.cursor
    }

    /// SHA-256 over the base's rows, as its maker computed it.
    pub(crate) fn content(&self) -> Result<[u8; 32], StoreError> {
        self.connection
            .query_row("SELECT content FROM about", [], |row| row.get(0))
            .map_err(StoreError::sqlite("read which base this is"))
    }

    /// How many members it has.
    pub(crate) fn members(&self) -> Result<u64, StoreError> {
        self.connection
            .query_row("SELECT members FROM about", [], |row| row.get(0))
            .map_err(StoreError::sqlite("count the members"))
    }

    /// A member by ref.
    pub(crate) fn member(&self, member: MemberRef) -> Result<Option<BaseMember>, StoreError> {
        self.connection
            .prepare_cached("SELECT account, flags, checksum FROM members WHERE member = ?1")?
            .query_row([member.as_bytes().as_slice()], |row| {
                let account: [u8; 16] = row.get(0)?;
                let flags: Option<String> = row.get(1)?;
                let stored: i64 = row.get(2)?;
                Ok((account, flags, stored))
            })
            .optional()
            .map_err(StoreError::sqlite("read a member"))?
            .map(|(account, flags, stored)| {
                let damaged = || StoreError::RowDamaged { table: "members" };
                if stored != member_checksum(member, account, flags.as_deref()) {
                    return Err(damaged());
                }
                let flags = flags_from(flags.as_deref()).ok_or_else(damaged)?;
                Ok(BaseMember { member, account: AccountRef::from_bytes(account), flags })
            })
            .transpose()
    }

    /// Who holds a static code, by its HMAC.
    pub(crate) fn member_of_code(&self, code: i64) -> Result<Option<MemberRef>, StoreError> {
        self.connection
            .prepare_cached("SELECT member FROM codes WHERE code = ?1")?
            .query_row([code], |row| row.get(0).map(MemberRef::from_bytes))
            .optional()
            .map_err(StoreError::sqlite("look a code up"))
    }

    /// A wallet's member and sealed secret.
    pub(crate) fn wallet(&self, wallet: &[u8]) -> Result<Option<BaseWallet>, StoreError> {
        self.connection
            .prepare_cached("SELECT member, secret FROM wallets WHERE wallet = ?1")?
            .query_row([wallet], |row| {
                let member = MemberRef::from_bytes(row.get(0)?);
                Ok(BaseWallet { member, sealed_secret: row.get(1)? })
            })
            .optional()
            .map_err(StoreError::sqlite("read a wallet"))
    }

    /// What an account began with; `None` where it began with nothing.
    pub(crate) fn account_facts(
        &self,
        account: AccountRef,
    ) -> Result<Option<AccountFacts>, StoreError> {
        self.connection
            .prepare_cached("SELECT facts, checksum FROM accounts WHERE account = ?1")?
            .query_row([account.as_bytes().as_slice()], |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?))
            })
            .optional()
            .map_err(StoreError::sqlite("read an account of the base"))?
            .map(|(facts, stored)| {
                if stored != checksum(&[account.as_bytes(), &facts]) {
                    return Err(StoreError::RowDamaged { table: "base accounts" });
                }
                facts_codec::decode(&facts).map_err(StoreError::damaged("base accounts"))
            })
            .transpose()
    }

    /// A voucher by its code.
    pub(crate) fn voucher(&self, voucher: &VoucherId) -> Result<Option<BaseVoucher>, StoreError> {
        self.connection
            .prepare_cached(
                "SELECT voucher, voucher_type, account, valid_from, valid_until, checksum
                 FROM vouchers WHERE voucher = ?1",
            )?
            .query_row([voucher.as_str()], voucher_row)
            .optional()
            .map_err(StoreError::sqlite("read a voucher"))?
            .map(checked_voucher)
            .transpose()
    }

    /// The vouchers of an account, by code.
    pub(crate) fn vouchers_of(&self, account: AccountRef) -> Result<Vec<BaseVoucher>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT voucher, voucher_type, account, valid_from, valid_until, checksum
             FROM vouchers WHERE account = ?1 ORDER BY voucher",
        )?;
        let rows = statement
            .query_map(params![account.as_bytes().as_slice()], voucher_row)
            .map_err(StoreError::sqlite("read an account's vouchers"))?;
        rows.map(|row| checked_voucher(row?)).collect()
    }
}

/// The checksum of a member's row.
pub(crate) fn member_checksum(member: MemberRef, account: [u8; 16], flags: Option<&str>) -> i64 {
    checksum(&[member.as_bytes(), &account, flags.unwrap_or_default().as_bytes()])
}

/// The checksum of a voucher's row.
pub(crate) fn voucher_checksum(voucher: &BaseVoucher) -> i64 {
    let account = voucher.account.map(|account| *account.as_bytes());
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    checksum(&[
        voucher.voucher.as_str().as_bytes(),
        voucher.voucher_type.as_str().as_bytes(),
        account.as_ref().map_or(&[], <[u8; 16]>::as_slice),
        day(voucher.valid_from).as_bytes(),
        day(voucher.valid_until).as_bytes(),
    ])
}

fn flags_from(json: Option<&str>) -> Option<BTreeSet<FlagId>> {
    let Some(json) = json else { return Some(BTreeSet::new()) };
    let texts: Vec<String> = serde_json::from_str(json).ok()?;
    texts.iter().map(|text| FlagId::parse(text).ok()).collect()
}

type VoucherRow = (String, String, Option<[u8; 16]>, Option<String>, Option<String>, i64);

fn voucher_row(row: &Row<'_>) -> rusqlite::Result<VoucherRow> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
}

fn checked_voucher(row: VoucherRow) -> Result<BaseVoucher, StoreError> {
    let (voucher, voucher_type, account, from, until, stored) = row;
    let damaged = || StoreError::RowDamaged { table: "vouchers" };
    let day = |text: Option<String>| {
        text.map(|text| text.parse::<NaiveDate>()).transpose().map_err(|_| damaged())
    };
    let voucher = BaseVoucher {
        voucher: VoucherId::parse(&voucher).map_err(|_| damaged())?,
        voucher_type: VoucherTypeId::parse(&voucher_type).map_err(|_| damaged())?,
        account: account.map(AccountRef::from_bytes),
        valid_from: day(from)?,
        valid_until: day(until)?,
    };
    if voucher_checksum(&voucher) == stored { Ok(voucher) } else { Err(damaged()) }
}
