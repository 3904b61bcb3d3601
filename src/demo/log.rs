//! The purchase log that the demo replays: CDNOW, January 1997 to June 1998, one row a purchase.
//!
//! The file is in the program, so that the demo needs nothing but it. Identical rows and purchases
//! of 0.00 are in the real log and stay.

use std::io::Read;

use chrono::NaiveDate;
use flate2::read::GzDecoder;

/// The log as it was published: a header, CRLF, columns apart by blanks.
const CDNOW: &[u8] = include_bytes!("../../tests/data/cdnow_master.txt.gz");

/// The header's words.
const HEADER: [&str; 4] = ["customer_id", "date", "number_of_cds", "dollar_value"];

/// Digits of a customer's id.
const CUSTOMER_DIGITS: usize = 5;

/// A purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Purchase {
    /// Place in the file, from 1: the purchase's only name.
    pub(crate) row: u32,
    pub(crate) customer: u32,
    pub(crate) day: NaiveDate,
    /// How many CDs.
    pub(crate) units: u32,
    /// What they cost together.
    pub(crate) cents: i64,
}

/// Why the log cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LogError {
    /// It cannot be unpacked, or is no text.
    #[error("the purchase log cannot be unpacked: {0}")]
    Packed(String),
    /// Other columns than expected.
    #[error("the purchase log begins with another header")]
    Header,
    /// A row that cannot be.
    #[error("row {row} of the purchase log: {column} is wrong")]
    Row {
        /// Place in the file, from 1.
        row: u32,
        /// What cannot be read.
        column: &'static str,
    },
}

/// All purchases, in the order in which they happened: by day, then by place in the file.
pub(crate) fn purchases() -> Result<Vec<Purchase>, LogError> {
    let mut text = String::new();
    let unpacked = GzDecoder::new(CDNOW).read_to_string(&mut text);
    unpacked.map_err(|error| LogError::Packed(error.to_string()))?;
    parse(&text)
}

/// Reads the log's text.
fn parse(text: &str) -> Result<Vec<Purchase>, LogError> {
    let mut lines = text.lines();
    let header = lines.next().ok_or(LogError::Header)?;
    if !header.split_whitespace().eq(HEADER) {
        return Err(LogError::Header);
    }
    let read = |(row, line)| parse_row(row, line);
    let mut purchases = (1..).zip(lines).map(read).collect::<Result<Vec<_>, _>>()?;
    purchases.sort_by_key(|purchase| (purchase.day, purchase.row));
    Ok(purchases)
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
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_whole_log_is_there_with_its_doubles_and_its_gifts() {
        let purchases = purchases().expect("a sound log");
        assert_eq!(purchases.len(), 69_659);
        let customers: BTreeSet<u32> = purchases.iter().map(|p| p.customer).collect();
        assert_eq!((customers.len(), customers.last()), (23_570, Some(&23_570)));
        assert_eq!(purchases.iter().filter(|p| p.cents == 0).count(), 80);
        let distinct: BTreeSet<_> =
            purchases.iter().map(|p| (p.customer, p.day, p.units, p.cents)).collect();
        assert_eq!(purchases.len() - distinct.len(), 255);
        assert!(purchases.windows(2).all(|w| (w[0].day, w[0].row) < (w[1].day, w[1].row)));
        let days = (purchases[0].day.to_string(), purchases[69_658].day.to_string());
        assert_eq!(days, ("1997-01-01".to_owned(), "1998-06-30".to_owned()));
    }

    #[test]
    fn a_row_is_read_exactly_or_not_at_all() {
        let header = " customer_id  date number_of_cds  dollar_value\r\n";
        let good = parse(&format!("{header} 00002 19970112  5   77.05\r\n")).expect("a row");
        let day = NaiveDate::from_ymd_opt(1997, 1, 12).expect("a day");
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
            let error = parse(&format!("{header}{line}\n")).expect_err(line);
            assert_eq!(error, LogError::Row { row: 1, column }, "{line}");
        }
        assert_eq!(parse("customer date\n"), Err(LogError::Header));
    }
}
