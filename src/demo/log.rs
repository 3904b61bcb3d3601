//! The purchase log that the demo replays: CDNOW, January 1997 to June 1998, one row a purchase.
//!
//! The file is in the program, so that the demo needs nothing but it.

use std::io::Read;

use flate2::read::GzDecoder;

pub(crate) use crate::simulation::Purchase;
use crate::simulation::{LogError, parse_purchases};

/// The log as it was published: a header, CRLF, columns apart by blanks.
const CDNOW: &[u8] = include_bytes!("../../tests/data/cdnow_master.txt.gz");

/// Why the log cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackedLogError {
    /// It cannot be unpacked, or is no text.
    #[error("the purchase log cannot be unpacked")]
    Packed(#[source] std::io::Error),
    /// What is in it is not right.
    #[error(transparent)]
    Wrong(#[from] LogError),
}

/// All purchases, in the order in which they happened: by day, then by place in the file.
pub(crate) fn purchases() -> Result<Vec<Purchase>, PackedLogError> {
    let mut text = String::new();
    GzDecoder::new(CDNOW).read_to_string(&mut text).map_err(PackedLogError::Packed)?;
    Ok(parse_purchases(&text)?)
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
}
