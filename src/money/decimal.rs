//! Decimal texts of a fixed number of decimals, without floats.

/// Why a text is no such number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecimalError {
    /// Not a decimal number.
    NotDecimal,
    /// More decimals than there may be.
    TooManyDecimals,
    /// Larger than may be.
    TooLarge,
}

/// Reads "12.50" or "-3" in units of the last of so many decimals.
pub(super) fn parse(text: &str, decimals: u8, most: i64) -> Result<i64, DecimalError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return Err(DecimalError::NotDecimal),
        Some((whole, fraction)) => (whole, fraction),
        None => (digits, ""),
    };
    let decimals = usize::from(decimals);
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(DecimalError::NotDecimal);
    }
    if fraction.len() > decimals {
        return Err(DecimalError::TooManyDecimals);
    }
    let units: i64 =
        format!("{whole}{fraction:0<decimals$}").parse().map_err(|_| DecimalError::TooLarge)?;
    if units > most {
        return Err(DecimalError::TooLarge);
    }
    Ok(if negative { -units } else { units })
}

/// Writes units of the last of so many decimals as a plain decimal, "1234.50".
pub(super) fn format(units: i64, decimals: u8) -> String {
    let decimals = usize::from(decimals);
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = decimals + 1);
    let sign = if units < 0 { "-" } else { "" };
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}
