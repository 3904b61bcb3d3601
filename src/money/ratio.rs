//! Percentages, multipliers and the one function that multiplies and rounds.

use std::fmt;
use std::str::FromStr;

/// How a fraction becomes whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rounding {
    /// Towards minus infinity. The default for points: never give what was not earned.
    #[default]
    Floor,
    /// To the nearest, a half away from zero. The usual rule for money.
    HalfUp,
    /// Towards plus infinity.
    Ceil,
}

/// `value * numerator / denominator`, multiplied in full width and rounded once.
/// `None` where the denominator is not positive or the result does not fit.
#[must_use]
pub fn mul_div(value: i64, numerator: i64, denominator: i64, rounding: Rounding) -> Option<i64> {
    if denominator <= 0 {
        return None;
    }
    let product = i128::from(value) * i128::from(numerator);
    let denominator = i128::from(denominator);
    let floor = product.div_euclid(denominator);
    let rest = product.rem_euclid(denominator);
    let rounded = match rounding {
        Rounding::Floor => floor,
        Rounding::Ceil => floor + i128::from(rest > 0),
        Rounding::HalfUp if product >= 0 => floor + i128::from(rest * 2 >= denominator),
        Rounding::HalfUp => floor + i128::from(rest * 2 > denominator),
    };
    i64::try_from(rounded).ok()
}

/// A share in thousandths of a percent, so that "12.345" is exact: 100 % = 100,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u32);

impl Percent {
    /// The whole.
    pub const WHOLE: Self = Self(100_000);

    /// So many whole percent.
    #[must_use]
    pub const fn whole(percent: u32) -> Self {
        Self(percent * 1_000)
    }

    /// Thousandths of a percent.
    #[must_use]
    pub const fn from_thousandths(thousandths: u32) -> Self {
        Self(thousandths)
    }

    /// Thousandths of a percent.
    #[must_use]
    pub const fn thousandths(self) -> u32 {
        self.0
    }

    /// This share of a value. `None` where the result does not fit.
    #[must_use]
    pub fn of(self, value: i64, rounding: Rounding) -> Option<i64> {
        mul_div(value, i64::from(self.0), i64::from(Self::WHOLE.0), rounding)
    }
}

impl FromStr for Percent {
    type Err = ParseRatioError;

    /// Reads "10", "12.5", "0.125", with or without a trailing percent sign.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        thousandths(text.strip_suffix('%').map_or(text, str::trim_end)).map(Self)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_thousandths(f, self.0)?;
        f.write_str(" %")
    }
}

/// A multiplier in thousandths: 1.5 times = 1,500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Factor(u32);

impl Factor {
    /// Unchanged.
    pub const ONE: Self = Self(1_000);

    /// Thousandths.
    #[must_use]
    pub const fn from_thousandths(thousandths: u32) -> Self {
        Self(thousandths)
    }

    /// Thousandths.
    #[must_use]
    pub const fn thousandths(self) -> u32 {
        self.0
    }
}

impl Default for Factor {
    fn default() -> Self {
        Self::ONE
    }
}

impl FromStr for Factor {
    type Err = ParseRatioError;

    /// Reads "1", "1.5", "2.125".
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        thousandths(text).map(Self)
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_thousandths(f, self.0)
    }
}

/// Why a text is not a share or multiplier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number from 0 with at most three decimals, like \"12.5\"")]
pub struct ParseRatioError;

fn thousandths(text: &str) -> Result<u32, ParseRatioError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits_only = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits_only(whole) || !digits_only(fraction) || fraction.len() > 3 {
        return Err(ParseRatioError);
    }
    let scaled: u32 = format!("{fraction:0<3}").parse().map_err(|_| ParseRatioError)?;
    let whole: u32 = whole.parse().map_err(|_| ParseRatioError)?;
    whole.checked_mul(1_000).and_then(|w| w.checked_add(scaled)).ok_or(ParseRatioError)
}

fn write_thousandths(f: &mut fmt::Formatter<'_>, value: u32) -> fmt::Result {
    let (whole, rest) = (value / 1_000, value % 1_000);
    if rest == 0 {
        return write!(f, "{whole}");
    }
    let decimals = format!("{rest:03}");
    write!(f, "{whole}.{}", decimals.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_rounded_once_as_told() {
        let cases = [
            // value, numerator, denominator, floor, half up, ceil
            (10, 1, 4, 2, 3, 3),
            (9, 1, 4, 2, 2, 3),
            (-10, 1, 4, -3, -3, -2),
            (-9, 1, 4, -3, -2, -2),
            (0, 7, 3, 0, 0, 0),
            (i64::MAX, 1, 1, i64::MAX, i64::MAX, i64::MAX),
        ];
        for (value, numerator, denominator, floor, half_up, ceil) in cases {
            let got = |rounding| mul_div(value, numerator, denominator, rounding);
            assert_eq!(
                got(Rounding::Floor),
                Some(floor),
                "floor of {value}*{numerator}/{denominator}"
            );
            assert_eq!(got(Rounding::HalfUp), Some(half_up), "half up of {value}");
            assert_eq!(got(Rounding::Ceil), Some(ceil), "ceil of {value}");
        }
        assert_eq!(mul_div(i64::MAX, 2, 1, Rounding::Floor), None, "overflow is told");
        assert_eq!(mul_div(1, 1, 0, Rounding::Floor), None, "no division by nothing");
    }

    #[test]
    fn percentages_and_factors_are_read_exactly() {
        let cases = [
            ("10", Ok(10_000)),
            ("12.5", Ok(12_500)),
            ("0.125 %", Ok(125)),
            ("100%", Ok(100_000)),
            ("", Err(ParseRatioError)),
            ("-1", Err(ParseRatioError)),
            ("1.2345", Err(ParseRatioError)),
            ("1,5", Err(ParseRatioError)),
            ("NaN", Err(ParseRatioError)),
            ("99999999999", Err(ParseRatioError)),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Percent>().map(Percent::thousandths), expected, "{text}");
        }
        assert_eq!("12.5".parse::<Percent>().map(|p| p.to_string()), Ok("12.5 %".to_owned()));
        assert_eq!("1.25".parse::<Factor>().map(|f| f.to_string()), Ok("1.25".to_owned()));
    }
}
