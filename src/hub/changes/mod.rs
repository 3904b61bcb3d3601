//! What changed behind a cursor, for one device.
//!
//! A reply is everything up to now or nothing: what of the device's own journal the accounts contain
//! is known as of now, and a part of the changes with it would be wrong. Who is too far behind
//! begins with a snapshot.

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use super::store::Tx;
use super::store::error::StoreError;
use super::store::rows::{ChangeRow, DeviceRow, ProgrammeRow, VoucherStanding};
use crate::wire::sync::{
    AccountState, Bytes, Change, Changes, Contained, Cursor, ProgrammeNotice, VoucherState,
};

/// The most things that one reply tells: a few megabytes before they are compressed, which the
/// smallest till takes in within seconds.
pub(crate) const CHANGES_REPLY_MAX: usize = 20_000;

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangesError {
    /// More changed than one reply tells, or the cursor is none that this hub gave out: it was
    /// restored from a backup.
    #[error("too much changed since, or the hub does not know the cursor: begin with a snapshot")]
    SnapshotNeeded,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Everything behind a cursor, as of now.
///
/// # Errors
/// [`ChangesError`].
pub(crate) fn changes(
    tx: &mut dyn Tx,
    device: &DeviceRow,
    after: Cursor,
    now: DateTime<Utc>,
) -> Result<Changes, ChangesError> {
    let newest = tx.cursor()?;
    if after > newest {
        return Err(ChangesError::SnapshotNeeded);
    }
    let contained = contained(tx.device(device.device)?.as_ref().unwrap_or(device));
    let nothing = Changes {
        after,
        to: after,
        more: false,
        contained,
        changes: Vec::new(),
        programme: None,
        key_list: None,
        at: now,
    };
    if after == newest {
        return Ok(nothing);
    }
    let (rows, to) = tx.changes_after(after, CHANGES_REPLY_MAX)?;
    if to < newest {
        return Err(ChangesError::SnapshotNeeded);
    }
    let programme = tx.newest_programme()?.map(notice);
    let key_list = tx.newest_key_list()?.filter(|(_, _, changed)| *changed > after);
    Ok(Changes {
        to,
        changes: rows.into_iter().map(told).collect(),
        programme,
        key_list: key_list.map(|(_, sealed, _)| Bytes(sealed)),
        ..nothing
    })
}

/// A published programme as tills are told of it.
pub(crate) fn notice(row: ProgrammeRow) -> ProgrammeNotice {
    let ProgrammeRow { version, hash, from, sealed, .. } = row;
    ProgrammeNotice { version, hash, from, sealed: Bytes(sealed) }
}

/// What of its journal the accounts contain.
pub(crate) fn contained(device: &DeviceRow) -> Contained {
    device
        .head
        .map_or_else(Contained::default, |(epoch, sequence, _)| Contained { epoch, sequence })
}

/// A stored row as tills are told of it.
pub(crate) fn told(row: ChangeRow) -> Change {
    match row {
        ChangeRow::Member(row) => match row.state {
            Some(state) => Change::Member(Box::new(state)),
            None => Change::MemberGone(row.member),
        },
        ChangeRow::Account(row) => {
            Change::Account(Box::new(AccountState { account: row.account, facts: row.facts }))
        }
        ChangeRow::Voucher(row) => match row.standing {
            VoucherStanding::Open => Change::Voucher(VoucherState {
                voucher: row.voucher,
                voucher_type: row.voucher_type,
                account: row.account,
                valid_from: row.valid_from,
                valid_until: row.valid_until,
            }),
            VoucherStanding::Used(_) | VoucherStanding::Revoked => Change::VoucherGone(row.voucher),
        },
    }
}
