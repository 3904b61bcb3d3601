//! Stores what the hub said.

use rusqlite::{Connection, params};

use super::{
    PulledAccount, PulledMember, PulledVoucher, account_sum, code_sum, member_sum, read_voucher,
    voucher_sum, wallet_sum,
};
use crate::agent::store::base::{Base, BaseVoucher, BaseWallet, MemberRow};
use crate::agent::store::checksum::intact;
use crate::agent::store::error::StoreError;
use crate::agent::store::ledger::accounts;
use crate::loyalty::{MemberRef, VoucherId};
use crate::wire::account_facts;
use crate::wire::sync::{AccountState, Change, MemberState, VoucherState};

/// Rows over earlier base files that one job sweeps away.
const SWEPT_MAX: usize = 200;

/// What the hub said, with what it knew then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    /// Things as they are now.
    pub(crate) changes: &'a [Change],
    /// The row of the last record of this journal that is in them.
    pub(crate) contained: i64,
}

/// Stores what the hub said over a base, which must look at this ledger. Accounts that it touches
/// and that records of this journal touched are folded anew: what is told of each is whole, so a
/// part of what was told may be stored in one transaction and the rest in later ones.
pub(crate) fn take_up(
    ledger: &Connection,
    base: Base<'_>,
    told: &Told<'_>,
) -> Result<(), StoreError> {
    let number = base.cursor();
    for change in told.changes {
        match change {
            Change::Member(state) => put_member(ledger, number, state)?,
            Change::MemberGone(member) => forget_member(ledger, number, *member)?,
            Change::Account(state) => {
                put_account(ledger, number, state, told.contained)?;
                accounts::fold_if_touched(ledger, base, state.account)?;
            }
            Change::Voucher(state) => put_voucher(ledger, number, state, told.contained)?,
            Change::VoucherGone(voucher) => {
                forget_voucher(ledger, number, voucher, told.contained)?;
            }
        }
    }
    Ok(())
}

/// A record of this journal gave a voucher back: what the hub said of its end was of before.
pub(crate) fn lift_tombstone(
    ledger: &Connection,
    base: i64,
    voucher: &VoucherId,
) -> Result<(), StoreError> {
    let Some(row) = voucher_row(ledger, base, voucher)?.filter(|row| row.gone) else {
        return Ok(());
    };
    if row.voucher.is_some() {
        return save_voucher(ledger, &PulledVoucher { gone: false, ..row });
    }
    ledger
        .prepare_cached("DELETE FROM pulled_vouchers WHERE base = ?1 AND voucher = ?2")?
        .execute(params![base, voucher.as_str()])
        .map_err(StoreError::sqlite("let a voucher be used again"))?;
    Ok(())
}

/// Sweeps some rows away that stand over base files before `base`; whether there may be more.
pub(crate) fn sweep(ledger: &Connection, base: i64) -> Result<bool, StoreError> {
    let mut swept = 0;
    for (table, key) in [
        ("pulled_members", "member"),
        ("pulled_codes", "code"),
        ("pulled_wallets", "wallet"),
        ("pulled_accounts", "account"),
        ("pulled_vouchers", "voucher"),
    ] {
        let left = SWEPT_MAX - swept;
        if left == 0 {
            break;
        }
        let sql = format!(
            "DELETE FROM {table} WHERE (base, {key}) IN
                 (SELECT base, {key} FROM {table} WHERE base < ?1 LIMIT ?2)"
        );
        swept += ledger
            .prepare_cached(&sql)?
            .execute(params![base, left as i64])
            .map_err(StoreError::sqlite("sweep away what was pulled over an earlier base"))?;
    }
    Ok(swept == SWEPT_MAX)
}

fn put_member(ledger: &Connection, base: i64, state: &MemberState) -> Result<(), StoreError> {
    let row = MemberRow::of_state(state);
    forget_codes_and_wallets(ledger, base, state.member)?;
    save_member(ledger, &PulledMember { base, member: *state.member.as_bytes(), row: Some(row) })?;
    for code in &state.codes {
        let row = (base, *code, state.member);
        ledger
            .prepare_cached(
                "INSERT OR REPLACE INTO pulled_codes (base, code, member, checksum)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![base, code, state.member.as_bytes(), code_sum(&row)])
            .map_err(StoreError::sqlite("store a pulled code"))?;
    }
    for wallet in &state.wallets {
        let sealed_secret = wallet.sealed_secret.0.clone();
        let row =
            (base, wallet.wallet.0.clone(), BaseWallet { member: state.member, sealed_secret });
        ledger
            .prepare_cached(
                "INSERT OR REPLACE INTO pulled_wallets (base, wallet, member, secret, checksum)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                base,
                row.1,
                state.member.as_bytes(),
                row.2.sealed_secret,
                wallet_sum(&row)
            ])
            .map_err(StoreError::sqlite("store a pulled wallet"))?;
    }
    Ok(())
}

fn forget_member(ledger: &Connection, base: i64, member: MemberRef) -> Result<(), StoreError> {
    forget_codes_and_wallets(ledger, base, member)?;
    save_member(ledger, &PulledMember { base, member: *member.as_bytes(), row: None })
}

fn forget_codes_and_wallets(
    ledger: &Connection,
    base: i64,
    member: MemberRef,
) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM pulled_codes WHERE base = ?1 AND member = ?2",
        "DELETE FROM pulled_wallets WHERE base = ?1 AND member = ?2",
    ] {
        ledger
            .prepare_cached(sql)?
            .execute(params![base, member.as_bytes()])
            .map_err(StoreError::sqlite("forget a member's pulled codes"))?;
    }
    Ok(())
}

fn save_member(ledger: &Connection, pulled: &PulledMember) -> Result<(), StoreError> {
    let PulledMember { base, member, row } = pulled;
    let of = |column: fn(&MemberRow) -> &Option<String>| {
        row.as_ref().and_then(|row| column(row).as_deref())
    };
    ledger
        .prepare_cached(
            "INSERT OR REPLACE INTO pulled_members
             (base, member, gone, account, flags, birthday, kind, role, recruiter, offers, checksum)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            base,
            member,
            row.is_none(),
            row.as_ref().map(|row| row.account),
            of(|row| &row.flags),
            of(|row| &row.birthday),
            of(|row| &row.kind),
            of(|row| &row.role),
            of(|row| &row.recruiter),
            of(|row| &row.offers),
            member_sum(pulled),
        ])
        .map_err(StoreError::sqlite("store a pulled member"))?;
    Ok(())
}

fn put_account(
    ledger: &Connection,
    base: i64,
    state: &AccountState,
    contained: i64,
) -> Result<(), StoreError> {
    let facts = account_facts::encode(&state.facts);
    let row = PulledAccount { base, account: *state.account.as_bytes(), contained, facts };
    ledger
        .prepare_cached(
            "INSERT OR REPLACE INTO pulled_accounts (base, account, contained, facts, checksum)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![base, row.account, contained, row.facts, account_sum(&row)])
        .map_err(StoreError::sqlite("store a pulled account"))?;
    Ok(())
}

fn put_voucher(
    ledger: &Connection,
    base: i64,
    state: &VoucherState,
    contained: i64,
) -> Result<(), StoreError> {
    let id = state.voucher.as_str().to_owned();
    let voucher = Some(BaseVoucher::of_state(state));
    save_voucher(ledger, &PulledVoucher { base, id, contained, gone: false, voucher })
}

fn forget_voucher(
    ledger: &Connection,
    base: i64,
    voucher: &VoucherId,
    contained: i64,
) -> Result<(), StoreError> {
    let before = voucher_row(ledger, base, voucher)?.and_then(|row| row.voucher);
    let id = voucher.as_str().to_owned();
    save_voucher(ledger, &PulledVoucher { base, id, contained, gone: true, voucher: before })
}

fn voucher_row(
    ledger: &Connection,
    base: i64,
    voucher: &VoucherId,
) -> Result<Option<PulledVoucher>, StoreError> {
    let mut statement =
        ledger.prepare_cached("SELECT * FROM pulled_vouchers WHERE base = ?1 AND voucher = ?2")?;
    let mut rows = statement.query(params![base, voucher.as_str()])?;
    Ok(rows.next()?.and_then(|row| intact(read_voucher(row), voucher_sum)))
}

fn save_voucher(ledger: &Connection, row: &PulledVoucher) -> Result<(), StoreError> {
    let known = row.voucher.as_ref();
    ledger
        .prepare_cached(
            "INSERT OR REPLACE INTO pulled_vouchers
             (base, voucher, contained, gone, voucher_type, account, valid_from, valid_until,
              checksum)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            row.base,
            row.id,
            row.contained,
            row.gone,
            known.map(|voucher| voucher.voucher_type.as_str()),
            known.and_then(|voucher| voucher.account).map(|account| *account.as_bytes()),
            known.and_then(|voucher| voucher.valid_from).map(|day| day.to_string()),
            known.and_then(|voucher| voucher.valid_until).map(|day| day.to_string()),
            voucher_sum(row),
        ])
        .map_err(StoreError::sqlite("store a pulled voucher"))?;
    Ok(())
}
