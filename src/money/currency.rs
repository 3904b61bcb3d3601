//! ISO 4217 codes and how amounts are written in them.

use std::fmt;

use super::amount::{AMOUNT_MINOR_MAX, Amount};
use super::decimal::{self, DecimalError};

/// Currencies without two decimals; every other code has two (ISO 4217, column "minor unit").
const EXPONENTS: [(&str, u8); 23] = [
    ("BHD", 3),
    ("BIF", 0),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// A currency: its ISO 4217 code and its number of decimals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: [u8; 3],
    exponent: u8,
}

impl Currency {
    /// Reads a three-letter upper-case code.
    ///
    /// # Errors
    /// [`CurrencyError`] where the text is not three upper-case letters.
    pub fn from_code(code: &str) -> Result<Self, CurrencyError> {
        let bytes: [u8; 3] = code.as_bytes().try_into().map_err(|_| CurrencyError)?;
        if !bytes.iter().all(u8::is_ascii_uppercase) {
            return Err(CurrencyError);
        }
        let exponent = EXPONENTS
            .iter()
            .find_map(|(listed, exponent)| (*listed == code).then_some(*exponent))
            .unwrap_or(2);
        Ok(Self { code: bytes, exponent })
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).expect("a currency code is three ASCII letters")
    }

    /// The number of decimals.
    #[must_use]
    pub const fn exponent(&self) -> u8 {
        self.exponent
    }

    /// Reads a decimal text such as "12.50" or "-3".
    ///
    /// # Errors
    /// [`ParseAmountError`] where it is no decimal number, has too many decimals, or is too large.
    pub fn parse(&self, text: &str) -> Result<Amount, ParseAmountError> {
        let minor = decimal::parse(text, self.exponent, AMOUNT_MINOR_MAX);
        minor.map(Amount::new).map_err(|error| match error {
            DecimalError::NotDecimal => ParseAmountError::NotDecimal,
            DecimalError::TooManyDecimals => {
                ParseAmountError::TooManyDecimals { decimals_max: self.exponent }
            }
            DecimalError::TooLarge => ParseAmountError::TooLarge,
        })
    }

    /// Writes an amount as a plain decimal, "1234.50".
    #[must_use]
    pub fn format(&self, amount: Amount) -> String {
        decimal::format(amount.value(), self.exponent)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Why a text is not a currency code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an ISO 4217 code of three capital letters, like \"CZK\"")]
pub struct CurrencyError;

/// Why a text is not an amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseAmountError {
    /// Not a decimal number.
    #[error("expected a decimal number as text, like \"12.50\"")]
    NotDecimal,
    /// More decimals than the currency has.
    #[error("the currency has only {decimals_max} decimals")]
    TooManyDecimals {
        /// The currency's number of decimals.
        decimals_max: u8,
    },
    /// Beyond [`AMOUNT_MINOR_MAX`].
    #[error("the amount is too large")]
    TooLarge,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written_in_the_currencys_decimals() {
        let cases = [
            ("CZK", "12.50", Ok(1250), "12.50"),
            ("CZK", "12.5", Ok(1250), "12.50"),
            ("CZK", "-0.01", Ok(-1), "-0.01"),
            ("CZK", "0", Ok(0), "0.00"),
            ("JPY", "300", Ok(300), "300"),
            ("KWD", "1.234", Ok(1234), "1.234"),
            ("CZK", "1.234", Err(ParseAmountError::TooManyDecimals { decimals_max: 2 }), ""),
            ("JPY", "1.5", Err(ParseAmountError::TooManyDecimals { decimals_max: 0 }), ""),
            ("CZK", "NaN", Err(ParseAmountError::NotDecimal), ""),
            ("CZK", "1e3", Err(ParseAmountError::NotDecimal), ""),
            ("CZK", "1.", Err(ParseAmountError::NotDecimal), ""),
            ("CZK", ".5", Err(ParseAmountError::NotDecimal), ""),
            ("CZK", "--1", Err(ParseAmountError::NotDecimal), ""),
            ("CZK", "99999999999999", Err(ParseAmountError::TooLarge), ""),
            ("CZK", "99999999999999999999999", Err(ParseAmountError::TooLarge), ""),
        ];
        for (code, text, minor, written) in cases {
            let currency = Currency::from_code(code).expect("a listed code");
            let parsed = currency.parse(text);
            assert_eq!(parsed.map(Amount::value), minor, "{text} {code}");
            if let Ok(amount) = parsed {
                assert_eq!(currency.format(amount), written, "{text} {code}");
            }
        }
        for wrong in ["", "czk", "CZ", "CZKK", "C1K"] {
            assert_eq!(Currency::from_code(wrong), Err(CurrencyError), "{wrong}");
        }
    }
}
