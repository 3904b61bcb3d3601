use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Cell, RowReader, place_cells};
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::Place;
use crate::loyalty::AccountRef;

/// A sale and what follows it, in the order of the table's columns.
pub(in super::super) fn follow_up_cells<'a>(
    (sale, after): &'a (Place, Place),
) -> Result<[Cell<'a>; 6], StoreError> {
    let [of_device, of_epoch, of_sequence] = place_cells(sale)?;
    let [device, epoch, sequence] = place_cells(after)?;
    Ok([of_device, of_epoch, of_sequence, device, epoch, sequence])
}

pub(in super::super) fn follow_up(row: &mut RowReader<'_>) -> Result<(Place, Place), StoreError> {
    Ok((row.place()?, row.place()?))
}

/// What follows each sale, in order.
pub(in super::super) fn by_sale(rows: Vec<(Place, Place)>) -> BTreeMap<Place, Vec<Place>> {
    let mut sales = BTreeMap::<_, Vec<Place>>::new();
    for (sale, after) in rows {
        sales.entry(sale).or_default().push(after);
    }
    sales
}

/// An account and the record of its entries.
pub(in super::super) fn entry_key_cells<'a>(
    (account, place): &'a (AccountRef, Place),
) -> Result<[Cell<'a>; 4], StoreError> {
    let [device, epoch, sequence] = place_cells(place)?;
    Ok([Cell::bytes(account.as_bytes()), device, epoch, sequence])
}

pub(in super::super) fn instant(row: &mut RowReader<'_>) -> Result<DateTime<Utc>, StoreError> {
    row.instant()
}
