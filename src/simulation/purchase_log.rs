//! A purchase log as CDNOW published its own: a header, then one purchase a row, columns apart by
//! blanks: customer, date, number of CDs, value.
//!
//! Identical rows and purchases of 0.00 are in the real log and stay.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::log::{LoggedReceipt, LoggedTime};
use crate::loyalty::{
    Basket, BasketError, CategoryId, Line, LineId, MemberRef, RequestedBenefits, Sku,
};
use crate::money::{Amount, Percent, Quantity};

/// The product that all purchases of such a log are of: it does not name any.
pub const LOG_SKU: &str = "CD";

/// The category of [`LOG_SKU`].
pub const LOG_CATEGORY: &str = "music/cd";

/// The header's words.
const HEADER: [&str; 4] = ["customer_id", "date", "number_of_cds", "dollar_value"];

/// Digits of a customer's id.
const CUSTOMER_DIGITS: usize = 5;

/// A purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Place in the file, from 1: the purchase's only name.
    pub row: u32,
    /// Who bought.
    pub customer: u32,
    /// When.
    pub day: NaiveDate,
    /// How many CDs.
    pub units: u32,
    /// What they cost together.
    pub cents: i64,
}

/// A line of a purchase's receipt. Prices in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoldLine {
    /// Its id on the receipt.
    pub line_id: &'static str,
    /// How many CDs.
    pub units: i64,
    /// What each costs.
    pub unit_price: i64,
}

/// Why the log cannot be read; its author's mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// Other columns than expected.
    #[error("line 1: expected the header `{}`", HEADER.join(" "))]
    Header,
    /// A row that cannot be.
    #[error("line {}: the {column} is wrong", row + 1)]
    Row {
        /// Place in the file, from 1; the header is not counted.
        row: u32,
        /// What cannot be read.
        column: &'static str,
    },
}

/// Whether a first line is the header of such a log.
#[must_use]
pub fn is_purchase_header(line: &str) -> bool {
    line.split_whitespace().eq(HEADER)
}

/// All purchases, in the order in which they happened: by day, then by place in the file.
///
/// # Errors
/// The first [`LogError`].
pub fn parse_purchases(text: &str) -> Result<Vec<Purchase>, LogError> {
    let mut lines = text.lines();
    if !lines.next().is_some_and(is_purchase_header) {
        return Err(LogError::Header);
    }
    let read = |(row, line)| parse_row(row, line);
    let mut purchases = (1..).zip(lines).map(read).collect::<Result<Vec<_>, _>>()?;
    purchases.sort_by_key(|purchase| (purchase.day, purchase.row));
    Ok(purchases)
}

impl Purchase {
    /// The lines: the log has only how many and how much, so the units cost the same but for a
    /// cent. A purchase of no CDs is one unit.
    #[must_use]
    pub fn lines(&self) -> Vec<SoldLine> {
        let units = i64::from(self.units.max(1));
        let (price, dearer) = (self.cents / units, self.cents % units);
        let line = |line_id, units, unit_price| SoldLine { line_id, units, unit_price };
        let mut lines = vec![line("1", units - dearer, price)];
        if dearer > 0 {
            lines.push(line("2", dearer, price + 1));
        }
        lines
    }

    /// The purchase as a receipt of its customer. Cents are minor units.
    ///
    /// # Errors
    /// Every [`BasketError`], where units or value are beyond any basket.
    pub fn receipt(&self) -> Result<LoggedReceipt, Vec<BasketError>> {
        let plain = "a plain text is an id";
        let line = |sold: SoldLine| Line {
            line_id: LineId::parse(sold.line_id).expect(plain),
            sku: Sku::parse(LOG_SKU).expect(plain),
            category: Some(CategoryId::parse(LOG_CATEGORY).expect(plain)),
            quantity: Quantity::new(sold.units * 1_000),
            unit_price: Amount::new(sold.unit_price),
            amount: Amount::new(sold.units * sold.unit_price),
            tax_rate: Percent::default(),
            flags: BTreeSet::new(),
            unit_price_min: None,
            lowest_30d_price: None,
            cost: None,
        };
        let lines = self.lines().into_iter().map(line).collect();
        Ok(LoggedReceipt {
            at: LoggedTime::Day(self.day),
            member: Some(MemberRef::from_bytes(u128::from(self.customer).to_be_bytes())),
            referral: None,
            basket: Basket::parse(lines, RequestedBenefits::default())?,
        })
    }
}

fn parse_row(row: u32, line: &str) -> Result<Purchase, LogError> {
    let wrong = |column| LogError::Row { row, column };
    let mut columns = line.split_whitespace();
    let mut next = |column| columns.next().ok_or(wrong(column));
    let customer = next("customer")?;
    let day = next("date")?;
    let units = next("number of CDs")?;
    let dollars = next("value")?;
    if columns.next().is_some() {
        return Err(wrong("number of columns"));
    }
    let customer = Some(customer).filter(|digits| digits.len() == CUSTOMER_DIGITS);
    Ok(Purchase {
        row,
        customer: customer.and_then(whole).ok_or(wrong("customer"))?,
        day: NaiveDate::parse_from_str(day, "%Y%m%d").map_err(|_| wrong("date"))?,
        units: whole(units).ok_or(wrong("number of CDs"))?,
        cents: cents(dollars).ok_or(wrong("value"))?,
    })
}

fn whole(digits: &str) -> Option<u32> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// "11.77" as 1177; exactly two decimals.
fn cents(dollars: &str) -> Option<i64> {
    let (whole_part, decimals) = dollars.split_once('.')?;
    if decimals.len() != 2 {
        return None;
    }
    Some(i64::from(whole(whole_part)?) * 100 + i64::from(whole(decimals)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_exactly_or_not_at_all() {
        let header = " customer_id  date number_of_cds  dollar_value\r\n";
        let read = |line: &str| parse_purchases(&format!("{header}{line}\r\n"));
        let day = NaiveDate::from_ymd_opt(1997, 1, 12).expect("a day");
        let good = read(" 00002 19970112  5   77.05").expect("a row");
        assert_eq!(good, [Purchase { row: 1, customer: 2, day, units: 5, cents: 7_705 }]);
        for (line, column) in [
            ("00002 19970112 5", "value"),
            ("00002 19970112 5 77.05 1", "number of columns"),
            ("2 19970112 5 77.05", "customer"),
            ("00002 19970230 5 77.05", "date"),
            ("00002 19970112 -5 77.05", "number of CDs"),
            ("00002 19970112 5 77.5", "value"),
            ("00002 19970112 5 -77.50", "value"),
            ("00002 19970112 5 77", "value"),
            ("", "customer"),
        ] {
            let error = read(line).expect_err(line);
            assert_eq!(error, LogError::Row { row: 1, column }, "{line}");
            assert!(error.to_string().starts_with("line 2: the "), "{error}");
        }
        assert_eq!(parse_purchases("customer date\n"), Err(LogError::Header));
    }

    #[test]
    fn lines_come_to_exactly_what_was_paid() {
        let day = NaiveDate::from_ymd_opt(1997, 1, 1).expect("a day");
        for (units, cents) in [(1, 1_177), (5, 7_700), (3, 1_000), (99, 1), (4, 0), (0, 999)] {
            let lines = Purchase { row: 1, customer: 1, day, units, cents }.lines();
            let sum: i64 = lines.iter().map(|line| line.units * line.unit_price).sum();
            let count: i64 = lines.iter().map(|line| line.units).sum();
            assert_eq!((sum, count), (cents, i64::from(units.max(1))));
            assert!(lines.iter().all(|line| line.units > 0) && lines.len() <= 2);
        }
    }
}
