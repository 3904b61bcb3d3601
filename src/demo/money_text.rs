//! Figures as people read them.

/// Groups digits: 1234567 as "1,234,567".
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Cents as dollars: 123456 as "$1,234.56".
pub(crate) fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.abs();
    format!("{sign}${}.{:02}", grouped(cents / 100), cents % 100)
}

/// A share of a whole: "97.9 %".
pub(crate) fn percent(part: i64, whole: i64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let tenths = (part * 1_000 + whole / 2) / whole;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_by_thousands() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")]
        {
            assert_eq!(grouped(number), text);
        }
        for (cents, text) in [(0, "$0.00"), (5, "$0.05"), (123_456, "$1,234.56"), (-5, "-$0.05")] {
            assert_eq!(dollars(cents), text);
        }
        for (part, whole, text) in
            [(1, 3, "33.3 %"), (2, 3, "66.7 %"), (0, 0, "-"), (5, 5, "100.0 %")]
        {
            assert_eq!(percent(part, whole), text);
        }
    }
}
