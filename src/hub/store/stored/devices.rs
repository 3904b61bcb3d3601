//! Devices and enrolments.

use super::{Cell, RowReader};
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{DeviceRow, DeviceStanding, EnrolmentRow};
use crate::journal::{PublicKey, RecordHash};
use crate::loyalty::{DeviceId, StoreId};

/// In the order of the table's columns.
pub(in super::super) fn enrolment_cells(row: &EnrolmentRow) -> [Cell<'_>; 7] {
    let EnrolmentRow { code_hash, name, store, group, replaces, expires_at, used_by } = row;
    [
        Cell::bytes(code_hash),
        Cell::text(name),
        Cell::text(store.as_str()),
        Cell::text(group),
        device_cell(replaces),
        Cell::instant(*expires_at),
        device_cell(used_by),
    ]
}

pub(in super::super) fn enrolment(row: &mut RowReader<'_>) -> Result<EnrolmentRow, StoreError> {
    Ok(EnrolmentRow {
        code_hash: row.array()?,
        name: row.text()?,
        store: row.parsed(StoreId::parse)?,
        group: row.text()?,
        replaces: row.array_or_none()?.map(DeviceId::from_bytes),
        expires_at: row.instant()?,
        used_by: row.array_or_none()?.map(DeviceId::from_bytes),
    })
}

/// In the order of the table's columns.
pub(in super::super) fn device_cells(row: &DeviceRow) -> Result<[Cell<'_>; 15], StoreError> {
    let head = row.head.as_ref();
    let head_sequence = head.map(|(_, sequence, _)| super::signed(*sequence)).transpose()?;
    Ok([
        Cell::bytes(row.device.as_bytes()),
        Cell::text(&row.name),
        Cell::text(row.store.as_str()),
        Cell::text(&row.group),
        Cell::bytes(row.key.as_bytes()),
        Cell::int(standing_number(row.standing)),
        device_cell(&row.replaces),
        Cell::Int(head.map(|(epoch, _, _)| i64::from(*epoch))),
        Cell::Int(head_sequence),
        Cell::Bytes(head.map(|(_, _, hash)| hash.as_bytes().as_slice())),
        Cell::unsigned(row.checkpoint)?,
        Cell::instant(row.enrolled_at),
        Cell::Int(row.seen_at.map(|at| at.timestamp_millis())),
        Cell::text(&row.software),
        Cell::int(row.clock_offset_ms),
    ])
}

pub(in super::super) fn device(row: &mut RowReader<'_>) -> Result<DeviceRow, StoreError> {
    Ok(DeviceRow {
        device: row.device()?,
        name: row.text()?,
        store: row.parsed(StoreId::parse)?,
        group: row.text()?,
        key: {
            let key = PublicKey::parse(row.array()?).ok();
            row.ok(key)?
        },
        standing: {
            let standing = standing(row.int()?);
            row.ok(standing)?
        },
        replaces: row.array_or_none()?.map(DeviceId::from_bytes),
        head: head(row)?,
        checkpoint: row.number()?,
        enrolled_at: row.instant()?,
        seen_at: row.instant_or_none()?,
        software: row.text()?,
        clock_offset_ms: row.int()?,
    })
}

fn head(row: &mut RowReader<'_>) -> Result<Option<(u32, u64, RecordHash)>, StoreError> {
    match (row.int_or_none()?, row.int_or_none()?, row.array_or_none()?) {
        (None, None, None) => Ok(None),
        (Some(epoch), Some(sequence), Some(hash)) => {
            let epoch = u32::try_from(epoch).ok();
            let sequence = u64::try_from(sequence).ok();
            Ok(Some((row.ok(epoch)?, row.ok(sequence)?, RecordHash::from_bytes(hash))))
        }
        _ => Err(row.damaged()),
    }
}

fn device_cell(device: &Option<DeviceId>) -> Cell<'_> {
    Cell::Bytes(device.as_ref().map(|device| device.as_bytes().as_slice()))
}

fn standing_number(standing: DeviceStanding) -> i64 {
    match standing {
        DeviceStanding::Active => 1,
        DeviceStanding::Suspended => 2,
        DeviceStanding::Replaced => 3,
        DeviceStanding::Revoked => 4,
    }
}

fn standing(number: i64) -> Option<DeviceStanding> {
    match number {
        1 => Some(DeviceStanding::Active),
        2 => Some(DeviceStanding::Suspended),
        3 => Some(DeviceStanding::Replaced),
        4 => Some(DeviceStanding::Revoked),
        _ => None,
    }
}
