//! Members, their codes, and vouchers.

use std::collections::BTreeMap;

use super::{Cell, RowReader, place_cells};
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{MemberRow, VoucherRow, VoucherStanding};
use crate::loyalty::{AccountRef, MemberRef, VoucherId, VoucherTypeId};
use crate::wire::sync::{Cursor, MemberState, Message as _};

/// In the order of the table's columns.
pub(in super::super) fn member_cells(
    row: &MemberRow,
    at: Cursor,
) -> Result<[Cell<'_>; 3], StoreError> {
    Ok([
        Cell::bytes(row.member.as_bytes()),
        Cell::Made(row.state.as_ref().map(MemberState::to_message)),
        Cell::unsigned(at.0)?,
    ])
}

pub(in super::super) fn member(row: &mut RowReader<'_>) -> Result<MemberRow, StoreError> {
    Ok(MemberRow {
        member: row.array().map(MemberRef::from_bytes)?,
        state: match row.bytes_or_none()? {
            None => None,
            Some(bytes) => {
                let state = MemberState::from_message(&bytes).ok();
                Some(row.ok(state)?)
            }
        },
    })
}

/// Code and member.
pub(in super::super) fn holder_cells(code: i64, member: &MemberRef) -> [Cell<'_>; 2] {
    [Cell::int(code), Cell::bytes(member.as_bytes())]
}

pub(in super::super) fn holder(row: &mut RowReader<'_>) -> Result<(i64, MemberRef), StoreError> {
    Ok((row.int()?, row.array().map(MemberRef::from_bytes)?))
}

/// Whose every code of some members is to be. Two of them cannot have the same.
pub(in super::super) fn codes_of(
    rows: &BTreeMap<MemberRef, &MemberRow>,
) -> Result<BTreeMap<i64, MemberRef>, StoreError> {
    let mut holders = BTreeMap::new();
    for (member, row) in rows {
        for code in row.state.iter().flat_map(|state| &state.codes) {
            let holder = *holders.entry(*code).or_insert(*member);
            if holder != *member {
                return Err(StoreError::CodeTaken { holder });
            }
        }
    }
    Ok(holders)
}

/// In the order of the table's columns.
pub(in super::super) fn voucher_cells(
    row: &VoucherRow,
    at: Cursor,
) -> Result<[Cell<'_>; 10], StoreError> {
    let (standing, used) = match &row.standing {
        VoucherStanding::Open => (OPEN, None),
        VoucherStanding::Used(place) => (USED, Some(place)),
        VoucherStanding::Revoked => (REVOKED, None),
    };
    let [device, epoch, sequence] = match used {
        None => [Cell::Bytes(None), Cell::Int(None), Cell::Int(None)],
        Some(place) => place_cells(place)?,
    };
    Ok([
        Cell::text(row.voucher.as_str()),
        Cell::text(row.voucher_type.as_str()),
        Cell::Bytes(row.account.as_ref().map(|account| account.as_bytes().as_slice())),
        Cell::day(row.valid_from),
        Cell::day(row.valid_until),
        Cell::int(standing),
        device,
        epoch,
        sequence,
        Cell::unsigned(at.0)?,
    ])
}

const OPEN: i64 = 1;
const USED: i64 = 2;
const REVOKED: i64 = 3;

pub(in super::super) fn voucher(row: &mut RowReader<'_>) -> Result<VoucherRow, StoreError> {
    Ok(VoucherRow {
        voucher: row.parsed(VoucherId::parse)?,
        voucher_type: row.parsed(VoucherTypeId::parse)?,
        account: row.array_or_none()?.map(AccountRef::from_bytes),
        valid_from: row.day_or_none()?,
        valid_until: row.day_or_none()?,
        standing: match row.int()? {
            OPEN => VoucherStanding::Open,
            USED => VoucherStanding::Used(row.place()?),
            REVOKED => VoucherStanding::Revoked,
            _ => return Err(row.damaged()),
        },
    })
}
