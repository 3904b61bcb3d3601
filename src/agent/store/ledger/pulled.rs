//! What the hub said since the base file was made: rows that stand before the file's.
//!
//! Every row names the number of the base file that it stands over, so whoever still reads an
//! earlier file sees what belongs to that one. Rows over earlier files are swept away in time.

mod take_up;

use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) use self::take_up::{Told, lift_tombstone, sweep, take_up};
use crate::agent::store::base::{
    BaseMember, BaseVoucher, BaseWallet, MemberRow, Opening, VoucherSaid, code_checksum,
    member_row, member_row_checksum, voucher_checksum, voucher_row, wallet_checksum, wallet_row,
};
use crate::agent::store::checksum::{CheckedTable, ReadRow, checksum, intact};
use crate::agent::store::error::StoreError;
use crate::loyalty::{AccountFacts, AccountRef, MemberRef, VoucherId};
use crate::wire::account_facts;

/// What was pulled of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said<T> {
    /// Nothing: the base file says what it is.
    Nothing,
    /// There is none any more.
    Gone,
    /// What it is now.
    Is(T),
    /// Something, in a row that is damaged.
    Damaged,
}

/// The tables, to look them over.
pub(crate) const MEMBERS: CheckedTable = CheckedTable {
    name: "pulled_members",
    key: &["base", "member"],
    is_intact: |row| intact(read_member(row), member_sum).is_some(),
};
/// See [`MEMBERS`].
pub(crate) const CODES: CheckedTable = CheckedTable {
    name: "pulled_codes",
    key: &["base", "code"],
    is_intact: |row| intact(read_code(row), code_sum).is_some(),
};
/// See [`MEMBERS`].
pub(crate) const WALLETS: CheckedTable = CheckedTable {
    name: "pulled_wallets",
    key: &["base", "wallet"],
    is_intact: |row| intact(read_wallet(row), wallet_sum).is_some(),
};
/// See [`MEMBERS`].
pub(crate) const ACCOUNTS: CheckedTable = CheckedTable {
    name: "pulled_accounts",
    key: &["base", "account"],
    is_intact: |row| intact(read_account(row), account_sum).is_some(),
};
/// See [`MEMBERS`].
pub(crate) const VOUCHERS: CheckedTable = CheckedTable {
    name: "pulled_vouchers",
    key: &["base", "voucher"],
    is_intact: |row| intact(read_voucher(row), voucher_sum).is_some(),
};

/// A member by ref.
pub(crate) fn member(
    ledger: &Connection,
    base: i64,
    member: MemberRef,
) -> Result<Said<Box<BaseMember>>, StoreError> {
    let read = ledger
        .prepare_cached("SELECT * FROM pulled_members WHERE base = ?1 AND member = ?2")?
        .query_row(params![base, member.as_bytes()], |row| Ok(read_member(row)))
        .optional()
        .map_err(StoreError::sqlite("read a pulled member"))?;
    let Some(read) = read else { return Ok(Said::Nothing) };
    Ok(match intact(read, member_sum) {
        None => Said::Damaged,
        Some(PulledMember { row: None, .. }) => Said::Gone,
        Some(PulledMember { row: Some(row), .. }) => {
            row.member().map_or(Said::Damaged, |member| Said::Is(Box::new(member)))
        }
    })
}

/// Whether anything was pulled and not swept away since.
pub(crate) fn is_any(ledger: &Connection) -> Result<bool, StoreError> {
    ledger
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM pulled_members) OR EXISTS (SELECT 1 FROM pulled_codes)
                 OR EXISTS (SELECT 1 FROM pulled_wallets) OR EXISTS (SELECT 1 FROM pulled_accounts)
                 OR EXISTS (SELECT 1 FROM pulled_vouchers)",
            [],
            |row| row.get(0),
        )
        .map_err(StoreError::sqlite("look for what was pulled"))
}

/// Whether anything was pulled of a member.
pub(crate) fn tells_of(
    ledger: &Connection,
    base: i64,
    member: MemberRef,
) -> Result<bool, StoreError> {
    ledger
        .prepare_cached("SELECT 1 FROM pulled_members WHERE base = ?1 AND member = ?2")?
        .exists(params![base, member.as_bytes()])
        .map_err(StoreError::sqlite("look for a pulled member"))
}

/// Who holds a static code, by its hash.
pub(crate) fn member_of_code(
    ledger: &Connection,
    base: i64,
    code: i64,
) -> Result<Said<MemberRef>, StoreError> {
    let read = ledger
        .prepare_cached("SELECT * FROM pulled_codes WHERE base = ?1 AND code = ?2")?
        .query_row(params![base, code], |row| Ok(read_code(row)))
        .optional()
        .map_err(StoreError::sqlite("look a pulled code up"))?;
    let Some(read) = read else { return Ok(Said::Nothing) };
    Ok(intact(read, code_sum).map_or(Said::Damaged, |(_, _, member)| Said::Is(member)))
}

/// A wallet by the bytes of its id.
pub(crate) fn wallet(
    ledger: &Connection,
    base: i64,
    wallet: &[u8],
) -> Result<Said<BaseWallet>, StoreError> {
    let read = ledger
        .prepare_cached("SELECT * FROM pulled_wallets WHERE base = ?1 AND wallet = ?2")?
        .query_row(params![base, wallet], |row| Ok(read_wallet(row)))
        .optional()
        .map_err(StoreError::sqlite("read a pulled wallet"))?;
    let Some(read) = read else { return Ok(Said::Nothing) };
    Ok(intact(read, wallet_sum).map_or(Said::Damaged, |(_, _, wallet)| Said::Is(wallet)))
}

/// What an account begins with.
pub(crate) fn opening(
    ledger: &Connection,
    base: i64,
    account: AccountRef,
) -> Result<Said<Opening>, StoreError> {
    let read = ledger
        .prepare_cached("SELECT * FROM pulled_accounts WHERE base = ?1 AND account = ?2")?
        .query_row(params![base, account.as_bytes()], |row| Ok(read_account(row)))
        .optional()
        .map_err(StoreError::sqlite("read a pulled account"))?;
    let Some(read) = read else { return Ok(Said::Nothing) };
    let Some(row) = intact(read, account_sum) else { return Ok(Said::Damaged) };
    Ok(account_facts::decode(&row.facts).map_or(Said::Damaged, |facts| {
        // Whose last entry it was says nothing of the order among this journal's own.
        let facts = AccountFacts { last_entry: None, ..facts };
        Said::Is(Opening { facts, contained: row.contained })
    }))
}

/// A voucher by its code.
pub(crate) fn voucher(
    ledger: &Connection,
    base: i64,
    voucher: &VoucherId,
) -> Result<Said<VoucherSaid>, StoreError> {
    let read = ledger
        .prepare_cached("SELECT * FROM pulled_vouchers WHERE base = ?1 AND voucher = ?2")?
        .query_row(params![base, voucher.as_str()], |row| Ok(read_voucher(row)))
        .optional()
        .map_err(StoreError::sqlite("read a pulled voucher"))?;
    let Some(read) = read else { return Ok(Said::Nothing) };
    Ok(match intact(read, voucher_sum) {
        None => Said::Damaged,
        Some(PulledVoucher { contained, gone: false, voucher: Some(voucher), .. }) => {
            Said::Is(VoucherSaid::Known { voucher, contained })
        }
        Some(PulledVoucher { contained, voucher, .. }) => {
            Said::Is(VoucherSaid::Gone { was: voucher, contained })
        }
    })
}

/// Whether anything was pulled of a voucher.
pub(crate) fn tells_of_voucher(
    ledger: &Connection,
    base: i64,
    voucher: &VoucherId,
) -> Result<bool, StoreError> {
    ledger
        .prepare_cached("SELECT 1 FROM pulled_vouchers WHERE base = ?1 AND voucher = ?2")?
        .exists(params![base, voucher.as_str()])
        .map_err(StoreError::sqlite("look for a pulled voucher"))
}

/// The pulled vouchers of an account, by code.
pub(crate) fn vouchers_of(
    ledger: &Connection,
    base: i64,
    account: AccountRef,
) -> Result<Vec<Said<BaseVoucher>>, StoreError> {
    let mut statement = ledger.prepare_cached(
        "SELECT * FROM pulled_vouchers WHERE base = ?1 AND account = ?2 ORDER BY voucher",
    )?;
    let rows = statement
        .query_map(params![base, account.as_bytes()], |row| Ok(read_voucher(row)))
        .map_err(StoreError::sqlite("read an account's pulled vouchers"))?;
    let mut vouchers = Vec::new();
    for row in rows {
        vouchers.push(match intact(row?, voucher_sum) {
            None => Said::Damaged,
            Some(PulledVoucher { gone: false, voucher: Some(voucher), .. }) => Said::Is(voucher),
            Some(_) => Said::Gone,
        });
    }
    Ok(vouchers)
}

/// A row of `pulled_members`; without a row of the base for one that is gone.
struct PulledMember {
    base: i64,
    member: [u8; 16],
    row: Option<MemberRow>,
}

/// A row of `pulled_accounts`.
struct PulledAccount {
    base: i64,
    account: [u8; 16],
    contained: i64,
    facts: Vec<u8>,
}

/// A row of `pulled_vouchers`.
struct PulledVoucher {
    base: i64,
    id: String,
    contained: i64,
    gone: bool,
    /// What was known of it.
    voucher: Option<BaseVoucher>,
}

fn read_member(row: &Row<'_>) -> ReadRow<PulledMember> {
    let gone: bool = row.get("gone")?;
    let read = if gone { None } else { Some(member_row(row)?.0) };
    let pulled = PulledMember { base: row.get("base")?, member: row.get("member")?, row: read };
    Ok((pulled, row.get::<_, i64>("checksum").map(Some)?))
}

fn read_code(row: &Row<'_>) -> ReadRow<(i64, i64, MemberRef)> {
    let member = MemberRef::from_bytes(row.get("member")?);
    let read = (row.get("base")?, row.get("code")?, member);
    Ok((read, row.get::<_, i64>("checksum").map(Some)?))
}

fn read_wallet(row: &Row<'_>) -> ReadRow<(i64, Vec<u8>, BaseWallet)> {
    let ((wallet, read), sum) = wallet_row(row)?;
    Ok(((row.get("base")?, wallet, read), sum))
}

fn read_account(row: &Row<'_>) -> ReadRow<PulledAccount> {
    let read = PulledAccount {
        base: row.get("base")?,
        account: row.get("account")?,
        contained: row.get("contained")?,
        facts: row.get("facts")?,
    };
    Ok((read, row.get::<_, i64>("checksum").map(Some)?))
}

fn read_voucher(row: &Row<'_>) -> ReadRow<PulledVoucher> {
    let is_known = row.get::<_, Option<String>>("voucher_type")?.is_some();
    let read = PulledVoucher {
        base: row.get("base")?,
        id: row.get("voucher")?,
        contained: row.get("contained")?,
        gone: row.get("gone")?,
        voucher: if is_known { Some(voucher_row(row)?.0) } else { None },
    };
    Ok((read, row.get::<_, i64>("checksum").map(Some)?))
}

fn member_sum(read: &PulledMember) -> i64 {
    let PulledMember { base, member, row } = read;
    let row = row.as_ref().map(|row| member_row_checksum(row).to_be_bytes());
    checksum(&[&base.to_be_bytes(), member, row.as_ref().map_or(&[], <[u8; 8]>::as_slice)])
}

fn code_sum((base, code, member): &(i64, i64, MemberRef)) -> i64 {
    checksum(&[&base.to_be_bytes(), &code_checksum(*code, *member).to_be_bytes()])
}

fn wallet_sum((base, wallet, row): &(i64, Vec<u8>, BaseWallet)) -> i64 {
    checksum(&[&base.to_be_bytes(), &wallet_checksum(wallet, row).to_be_bytes()])
}

fn account_sum(read: &PulledAccount) -> i64 {
    let PulledAccount { base, account, contained, facts } = read;
    checksum(&[&base.to_be_bytes(), account, &contained.to_be_bytes(), facts])
}

fn voucher_sum(read: &PulledVoucher) -> i64 {
    let PulledVoucher { base, id, contained, gone, voucher } = read;
    let voucher = voucher.as_ref().map(|voucher| voucher_checksum(voucher).to_be_bytes());
    checksum(&[
        &base.to_be_bytes(),
        id.as_bytes(),
        &contained.to_be_bytes(),
        &[u8::from(*gone)],
        voucher.as_ref().map_or(&[], <[u8; 8]>::as_slice),
    ])
}

#[cfg(test)]
mod tests;
