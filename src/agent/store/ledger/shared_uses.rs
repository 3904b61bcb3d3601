//! What was used of offers and earning rules with limits over all customers, by local day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::journal;
use crate::agent::store::checksum::{CheckedTable, ReadRow, checksum, intact};
use crate::agent::store::error::StoreError;
use crate::journal::{Record, shared_uses};
use crate::loyalty::{CountedDays, Counter, CounterId, Counters, UseUnit};

/// The table, to look it over.
pub(crate) const SHARED_USES: CheckedTable =
    CheckedTable { name: "shared_uses", key: &["offer", "unit", "day"], is_intact };

/// What a damaged row counts as: more than any limit, so that nothing is given on its word, and
/// less than what makes sums of such rows overflow.
const DAMAGED_USES: i64 = 1 << 40;

/// A row before its checksum.
struct UsesRow {
    /// An offer, or of what rules gave, the rule.
    offer: String,
    /// What is counted of which of the two.
    unit: i64,
    day: String,
    uses: i64,
}

/// Reads what limits look at.
pub(crate) fn load(
    connection: &Connection,
    wanted: BTreeMap<CounterId, CountedDays>,
) -> Result<Counters, StoreError> {
    if wanted.is_empty() {
        return Ok(Counters::default());
    }
    let mut asked: Vec<SqlValue> = Vec::with_capacity(wanted.len() * 4);
    let mut found: Vec<(CounterId, CountedDays, Counter)> = Vec::with_capacity(wanted.len());
    for (counter, days) in wanted {
        let Some((offer, unit)) = key_of(&counter) else { continue };
        // Days are text that begins with a digit.
        let (first, last) = match days {
            Some((first, last)) => (first.to_string(), last.to_string()),
            None => (String::new(), "~".to_owned()),
        };
        let texts = [first, last].map(SqlValue::from);
        asked.extend([offer.to_owned().into(), unit.into()]);
        asked.extend(texts);
        found.push((counter, days, Counter::default()));
    }
    let mut statement = connection.prepare_cached(&all_at_once(found.len()))?;
    let mut rows = statement.query(params_from_iter(asked))?;
    while let Some(row) = rows.next()? {
        let number: u32 = row.get("number")?;
        let Some((_, asked, counted)) = found.get_mut(number as usize) else { continue };
        let read = intact(read(row), row_checksum)
            .and_then(|row| Some((row.day.parse::<NaiveDate>().ok()?, row.uses)));
        match read {
            Some((day, uses)) => {
                counted.days.insert(day, uses);
            }
            None => {
                tracing::error!(
                    table = SHARED_USES.name,
                    "stored row is damaged; counts as used up"
                );
                // It may be of any day that was asked for.
                let day = asked.map_or(NaiveDate::MIN, |(first, _)| first);
                counted.days.insert(day, DAMAGED_USES);
            }
        }
    }
    Ok(Counters::from_parts(found.into_iter().map(|(id, _, counted)| (id, counted)).collect()))
}

/// One question for so many counters: a programme's limits are looked at on every quote, and a
/// statement each would cost more than all else that is read for it.
fn all_at_once(counters: usize) -> String {
    let one = |number: usize| format!("({number}, ?, ?, ?, ?)");
    let all: Vec<String> = (0..counters).map(one).collect();
    // CROSS JOIN keeps the order: each counter is looked up by the table's key.
    format!(
        "WITH asked (number, of_offer, of_unit, first, last) AS (VALUES {})
         SELECT number, shared_uses.* FROM asked CROSS JOIN shared_uses
         WHERE offer = of_offer AND unit = of_unit AND day BETWEEN first AND last",
        all.join(", ")
    )
}

/// Adds what a record used, or takes off what it gave back. The record is in the journal already.
pub(crate) fn add(connection: &Connection, record: &Record) -> Result<(), StoreError> {
    for (day, one) in shared_uses(record) {
        let Some((offer, unit)) = key_of(&one.counter) else { continue };
        let day = day.to_string();
        let before = connection
            .prepare_cached(
                "SELECT * FROM shared_uses WHERE offer = ?1 AND unit = ?2 AND day = ?3",
            )?
            .query_row(params![offer, unit, day], |row| Ok(intact(read(row), row_checksum)))
            .optional()
            .map_err(StoreError::sqlite("read what all customers used"))?;
        let before = match before {
            None => 0,
            Some(Some(row)) => row.uses,
            Some(None) => {
                tracing::warn!(table = SHARED_USES.name, "stored row is damaged; summed anew");
                return sum_anew(connection);
            }
        };
        let uses = before.saturating_add(one.by);
        let row = UsesRow { offer: offer.to_owned(), unit, day, uses };
        save(connection, &row)?;
    }
    Ok(())
}

/// Computes every row from the journal again. A record that cannot be read is left to the doctor.
fn sum_anew(connection: &Connection) -> Result<(), StoreError> {
    let mut sums = BTreeMap::<(String, i64, NaiveDate), i64>::new();
    journal::each(connection, 0, |id, bytes| {
        match journal::decode(id, bytes) {
            Ok(stored) => {
                for (day, one) in shared_uses(&stored.record) {
                    let Some((offer, unit)) = key_of(&one.counter) else { continue };
                    let sum = sums.entry((offer.to_owned(), unit, day)).or_default();
                    *sum = sum.saturating_add(one.by);
                }
            }
            Err(error) => tracing::error!(%error, id, "a record is left out of what was used"),
        }
        Ok::<_, StoreError>(())
    })?;
    connection
        .execute("DELETE FROM shared_uses", [])
        .map_err(StoreError::sqlite("forget what all customers used"))?;
    for ((offer, unit, day), uses) in sums {
        save(connection, &UsesRow { offer, unit, day: day.to_string(), uses })?;
    }
    Ok(())
}

fn save(connection: &Connection, row: &UsesRow) -> Result<(), StoreError> {
    let UsesRow { offer, unit, day, uses } = row;
    let doing = StoreError::sqlite("store what all customers used");
    if *uses == 0 {
        connection
            .prepare_cached("DELETE FROM shared_uses WHERE offer = ?1 AND unit = ?2 AND day = ?3")?
            .execute(params![offer, unit, day])
            .map_err(doing)?;
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO shared_uses (offer, unit, day, uses, checksum)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![offer, unit, day, uses, row_checksum(row)])
        .map_err(doing)?;
    Ok(())
}

/// What a counter's rows are found by.
fn key_of(counter: &CounterId) -> Option<(&str, i64)> {
    match counter {
        CounterId::OfferUses { offer, unit: UseUnit::Receipts, .. } => Some((offer.as_str(), 0)),
        CounterId::OfferUses { offer, unit: UseUnit::Units, .. } => Some((offer.as_str(), 1)),
        CounterId::RuleUses(rule) => Some((rule.as_str(), 2)),
        CounterId::RulePoints(rule) => Some((rule.as_str(), 3)),
        _ => None,
    }
}

fn is_intact(row: &Row<'_>) -> bool {
    intact(read(row), row_checksum).is_some()
}

fn read(row: &Row<'_>) -> ReadRow<UsesRow> {
    let uses = UsesRow {
        offer: row.get("offer")?,
        unit: row.get("unit")?,
        day: row.get("day")?,
        uses: row.get("uses")?,
    };
    Ok((uses, row.get("checksum")?))
}

fn row_checksum(row: &UsesRow) -> i64 {
    let UsesRow { offer, unit, day, uses } = row;
    checksum(&[offer.as_bytes(), &unit.to_be_bytes(), day.as_bytes(), &uses.to_be_bytes()])
}
