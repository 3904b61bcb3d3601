//! Sums of local days, for their closing.

use chrono::NaiveDate;
use rusqlite::{Connection, Row, params};

use crate::agent::store::error::StoreError;
use crate::journal::RunningTotals;
use crate::money::{Amount, Points};

/// Sums of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DaySums {
    pub(crate) totals: RunningTotals,
    pub(crate) identified_receipts: u64,
    pub(crate) identified_value: Amount,
}

/// Adds a receipt's sums to its day.
pub(crate) fn add(
    connection: &Connection,
    day: NaiveDate,
    sums: &DaySums,
) -> Result<(), StoreError> {
    let totals = &sums.totals;
    connection
        .prepare_cached(
            "INSERT INTO days VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)
             ON CONFLICT (day) DO UPDATE SET
                 receipts = receipts + excluded.receipts,
                 gross = gross + excluded.gross,
                 discount = discount + excluded.discount,
                 redeemed = redeemed + excluded.redeemed,
                 points_issued = points_issued + excluded.points_issued,
                 points_spent = points_spent + excluded.points_spent,
                 identified_receipts = identified_receipts + excluded.identified_receipts,
                 identified_value = identified_value + excluded.identified_value",
        )?
        .execute(params![
            day.to_string(),
            totals.receipts as i64,
            totals.gross.value(),
            totals.discount.value(),
            totals.redeemed.value(),
            totals.points_issued.value(),
            totals.points_spent.value(),
            sums.identified_receipts as i64,
            sums.identified_value.value(),
        ])
        .map_err(StoreError::sqlite("add to a day's sums"))?;
    Ok(())
}

/// Days before `today` that are not closed yet, in order.
pub(crate) fn open_before(
    connection: &Connection,
    today: NaiveDate,
) -> Result<Vec<(NaiveDate, DaySums)>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT * FROM days WHERE closed = 0 AND day < ?1 ORDER BY day")?;
    let rows = statement.query_map([today.to_string()], day_row)?;
    rows.map(|row| {
        let (day, sums) = row?;
        let day = day.parse().map_err(|_| StoreError::RowDamaged { table: "days" })?;
        Ok((day, sums))
    })
    .collect()
}

/// Marks a day as closed. Its sums may still grow by late receipts, which the next closing of the
/// same day does not repeat: the perpetual totals hold them.
pub(crate) fn close(connection: &Connection, day: NaiveDate) -> Result<(), StoreError> {
    connection
        .execute("UPDATE days SET closed = 1 WHERE day = ?1", [day.to_string()])
        .map_err(StoreError::sqlite("close a day"))?;
    Ok(())
}

fn day_row(row: &Row<'_>) -> rusqlite::Result<(String, DaySums)> {
    let count = |at: usize| row.get::<_, i64>(at).map(|count| count.unsigned_abs());
    let totals = RunningTotals {
        receipts: count(1)?,
        gross: Amount::new(row.get(2)?),
        discount: Amount::new(row.get(3)?),
        redeemed: Amount::new(row.get(4)?),
        points_issued: Points::new(row.get(5)?),
        points_spent: Points::new(row.get(6)?),
    };
    let identified_value = Amount::new(row.get(8)?);
    Ok((row.get(0)?, DaySums { totals, identified_receipts: count(7)?, identified_value }))
}
