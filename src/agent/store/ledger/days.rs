//! Sums of local days, for their closing.
//!
//! A day is closed by the pass at the first record or upkeep after its midnight, after a clock
//! jump and after a start. A receipt that falls into a closed day opens it again, and the next
//! such pass closes it anew with the sums of the whole day: late receipts in a row share one
//! supplement.

use chrono::NaiveDate;
use rusqlite::{Connection, Row, params};

use super::journal;
use crate::agent::store::checksum::checksum;
use crate::agent::store::error::StoreError;
use crate::agent::store::sums::{DaySums, Days};
use crate::journal::{RunningTotals, TakenBack};
use crate::money::{Amount, Points};

/// A local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) day: NaiveDate,
    pub(crate) sums: DaySums,
    /// Closings that were recorded.
    pub(crate) closings: u32,
    pub(crate) state: DayState,
}

/// Whether a closing has a day's sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DayState {
    /// The next pass closes the day, once it is over.
    Open = 0,
    /// Nothing came since the last closing.
    Closed = 1,
}

impl Day {
    /// A day on which nothing happened yet.
    pub(crate) fn new(day: NaiveDate) -> Self {
        Self { day, sums: DaySums::default(), closings: 0, state: DayState::Open }
    }

    /// Adds what a record adds.
    pub(crate) fn add(&mut self, sums: &DaySums) {
        self.sums = self.sums.plus(sums);
        self.state = DayState::Open;
    }

    /// A closing with these sums is recorded.
    pub(crate) fn close(&mut self) {
        self.closings += 1;
        self.state = DayState::Closed;
    }
}

/// A day, if anything happened on it.
pub(crate) fn load(connection: &Connection, day: NaiveDate) -> Result<Option<Day>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT * FROM days WHERE day = ?1")?;
    let mut rows = statement.query([day.to_string()])?;
    rows.next()?.map(checked).transpose()
}

/// Every day. Closed ones too, so that a damaged one is noticed.
pub(crate) fn all(connection: &Connection) -> Result<Vec<Day>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT * FROM days ORDER BY day")?;
    let mut rows = statement.query([])?;
    let mut days = Vec::new();
    while let Some(row) = rows.next()? {
        days.push(checked(row)?);
    }
    Ok(days)
}

/// Stores a day.
pub(crate) fn save(connection: &Connection, day: &Day) -> Result<(), StoreError> {
    let numbers = numbers(day);
    let [receipts, gross, discount, redeemed, issued, spent, rest @ ..] = numbers;
    let [identified_receipts, identified_value, closed, rest @ ..] = rest;
    let [voids, returns, refunded, clawed_back, restored, closings, rest @ ..] = rest;
    let [cashback_issued, cashback_spent, cashback_clawed_back, cashback_restored] = rest;
    let text = day.day.to_string();
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO days
                 (day, receipts, gross, discount, redeemed, points_issued, points_spent,
                  identified_receipts, identified_value, closed, voids, returns, refunded,
                  points_clawed_back, points_restored, closings, checksum, cashback_issued,
                  cashback_spent, cashback_clawed_back, cashback_restored)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                  ?18, ?19, ?20, ?21)",
        )?
        .execute(params![
            text,
            receipts,
            gross,
            discount,
            redeemed,
            issued,
            spent,
            identified_receipts,
            identified_value,
            closed,
            voids,
            returns,
            refunded,
            clawed_back,
            restored,
            closings,
            row_checksum(&text, &numbers),
            cashback_issued,
            cashback_spent,
            cashback_clawed_back,
            cashback_restored,
        ])
        .map_err(StoreError::sqlite("store a day's sums"))?;
    Ok(())
}

/// Computes every day from the journal again. A record that cannot be read is left to the doctor:
/// no receipt is refused for a day's sums.
pub(crate) fn sum_anew(connection: &Connection) -> Result<(), StoreError> {
    let mut days = Days::default();
    journal::each(connection, 0, |id, bytes| {
        match journal::decode(id, bytes) {
            Ok(stored) => days.take(&stored.record),
            Err(error) => tracing::error!(%error, id, "a record is left out of its day's sums"),
        }
        Ok::<_, StoreError>(())
    })?;
    connection
        .execute("DELETE FROM days", [])
        .map_err(StoreError::sqlite("forget the days' sums"))?;
    days.0.values().try_for_each(|day| save(connection, day))
}

/// How many columns are between the day and the checksum; those of cashback come after it.
const BEFORE_CHECKSUM: usize = 15;

/// How many numbers a day has.
const NUMBERS: usize = 19;

/// The columns after the day but the checksum.
fn numbers(day: &Day) -> [i64; NUMBERS] {
    let Day { day: _, sums, closings, state } = day;
    let DaySums { totals, identified_receipts, identified_value, taken_back } = sums;
    let RunningTotals {
        receipts,
        gross,
        discount,
        redeemed,
        points_issued,
        points_spent,
        cashback_issued,
        cashback_spent,
    } = totals;
    let TakenBack {
        voids,
        returns,
        refunded,
        points_clawed_back,
        points_restored,
        cashback_clawed_back,
        cashback_restored,
    } = taken_back;
    [
        *receipts as i64,
        gross.value(),
        discount.value(),
        redeemed.value(),
        points_issued.value(),
        points_spent.value(),
        *identified_receipts as i64,
        identified_value.value(),
        *state as i64,
        *voids as i64,
        *returns as i64,
        refunded.value(),
        points_clawed_back.value(),
        points_restored.value(),
        i64::from(*closings),
        cashback_issued.value(),
        cashback_spent.value(),
        cashback_clawed_back.value(),
        cashback_restored.value(),
    ]
}

/// Rows from before there was cashback have none in their checksum; nor have those without any.
fn row_checksum(day: &str, numbers: &[i64; NUMBERS]) -> i64 {
    let mut bytes = [0; NUMBERS * 8];
    for (place, number) in bytes.chunks_exact_mut(8).zip(numbers) {
        place.copy_from_slice(&number.to_be_bytes());
    }
    let (before, _) = bytes.split_at(BEFORE_CHECKSUM * 8);
    let any = numbers[BEFORE_CHECKSUM..].iter().any(|number| *number != 0);
    checksum(&[day.as_bytes(), if any { &bytes } else { before }])
}

fn checked(row: &Row<'_>) -> Result<Day, StoreError> {
    let damaged = || StoreError::RowDamaged { table: "days" };
    let text: String = row.get(0).map_err(|_| damaged())?;
    let mut numbers = [0; NUMBERS];
    for (at, number) in numbers.iter_mut().enumerate() {
        let column = if at < BEFORE_CHECKSUM { at + 1 } else { at + 2 };
        *number = row.get(column).map_err(|_| damaged())?;
    }
    let stored: i64 = row.get(BEFORE_CHECKSUM + 1).map_err(|_| damaged())?;
    if stored != row_checksum(&text, &numbers) {
        return Err(damaged());
    }
    let [receipts, gross, discount, redeemed, issued, spent, rest @ ..] = numbers;
    let [identified_receipts, identified_value, closed, rest @ ..] = rest;
    let [voids, returns, refunded, clawed_back, restored, closings, rest @ ..] = rest;
    let [cashback_issued, cashback_spent, cashback_clawed_back, cashback_restored] = rest;
    Ok(Day {
        day: text.parse().map_err(|_| damaged())?,
        sums: DaySums {
            totals: RunningTotals {
                receipts: receipts.unsigned_abs(),
                gross: Amount::new(gross),
                discount: Amount::new(discount),
                redeemed: Amount::new(redeemed),
                points_issued: Points::new(issued),
                points_spent: Points::new(spent),
                cashback_issued: Amount::new(cashback_issued),
                cashback_spent: Amount::new(cashback_spent),
            },
            identified_receipts: identified_receipts.unsigned_abs(),
            identified_value: Amount::new(identified_value),
            taken_back: TakenBack {
                voids: voids.unsigned_abs(),
                returns: returns.unsigned_abs(),
                refunded: Amount::new(refunded),
                points_clawed_back: Points::new(clawed_back),
                points_restored: Points::new(restored),
                cashback_clawed_back: Amount::new(cashback_clawed_back),
                cashback_restored: Amount::new(cashback_restored),
            },
        },
        closings: u32::try_from(closings).map_err(|_| damaged())?,
        state: if closed == 0 { DayState::Open } else { DayState::Closed },
    })
}
