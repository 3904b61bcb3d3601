//! Points that are not whole.

use super::amount::{AMOUNT_MINOR_MAX, Points};
use super::decimal::{self, DecimalError};

/// The most decimals that points have: as many as quantities.
pub const POINT_DECIMALS_MAX: u8 = 3;

/// How many decimals the points of a programme have. [`Points`] count the smallest part that there
/// is, as amounts count minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PointDecimals(u8);

impl PointDecimals {
    /// None: points are whole. The default.
    pub const WHOLE: Self = Self(0);

    /// So many decimals; `None` beyond [`POINT_DECIMALS_MAX`].
    #[must_use]
    pub const fn new(decimals: u8) -> Option<Self> {
        if decimals <= POINT_DECIMALS_MAX { Some(Self(decimals)) } else { None }
    }

    /// How many.
    #[must_use]
    pub const fn count(self) -> u8 {
        self.0
    }

    /// The parts of one point.
    #[must_use]
    pub const fn parts(self) -> i64 {
        10_i64.pow(self.0 as u32)
    }

    /// Reads a decimal text such as "1.50".
    ///
    /// # Errors
    /// [`ParsePointsError`] where it is no decimal number, has too many decimals, or is too large.
    pub fn parse(self, text: &str) -> Result<Points, ParsePointsError> {
        let parts = decimal::parse(text, self.0, AMOUNT_MINOR_MAX);
        parts.map(Points::new).map_err(|error| match error {
            DecimalError::NotDecimal => ParsePointsError::NotDecimal,
            DecimalError::TooManyDecimals => {
                ParsePointsError::TooManyDecimals { decimals_max: self.0 }
            }
            DecimalError::TooLarge => ParsePointsError::TooLarge,
        })
    }

    /// Writes points as a plain decimal, "1.50".
    #[must_use]
    pub fn format(self, points: Points) -> String {
        decimal::format(points.value(), self.0)
    }
}

/// Why a text is no number of points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParsePointsError {
    /// Not a decimal number.
    #[error("expected a whole number, or a decimal number as text, like \"1.5\"")]
    NotDecimal,
    /// More decimals than the programme has.
    #[error("points have {decimals_max} decimals here: see [points] decimals")]
    TooManyDecimals {
        /// The programme's number of decimals.
        decimals_max: u8,
    },
    /// Too large for any balance.
    #[error("too many points")]
    TooLarge,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_and_written_in_the_programmes_decimals() {
        let cases = [
            (0, "3", Ok(3), "3"),
            (0, "3.5", Err(ParsePointsError::TooManyDecimals { decimals_max: 0 }), ""),
            (1, "3.5", Ok(35), "3.5"),
            (2, "3.5", Ok(350), "3.50"),
            (3, "0.001", Ok(1), "0.001"),
            (3, "0.0001", Err(ParsePointsError::TooManyDecimals { decimals_max: 3 }), ""),
            (2, "half", Err(ParsePointsError::NotDecimal), ""),
            (3, "99999999999", Err(ParsePointsError::TooLarge), ""),
        ];
        for (decimals, text, parts, written) in cases {
            let decimals = PointDecimals::new(decimals).expect("few enough");
            let parsed = decimals.parse(text);
            assert_eq!(parsed.map(Points::value), parts, "{text} {decimals:?}");
            if let Ok(points) = parsed {
                assert_eq!(decimals.format(points), written, "{text} {decimals:?}");
            }
        }
        assert_eq!(PointDecimals::new(4), None);
        assert_eq!(PointDecimals::new(3).map(PointDecimals::parts), Some(1_000));
    }
}
