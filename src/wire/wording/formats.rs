//! Numbers, money, days and times as a language writes them (CLDR). English is plain: no marks
//! between thousands, no currency sign, ISO 8601 days.

use chrono::{Datelike as _, NaiveDate, NaiveTime};

use super::language::Language;
use super::locale::Locale;
use crate::money::{Amount, Currency, Percent, PointDecimals, Points};

/// Keeps a number and its sign on one line (U+00A0).
pub const NO_BREAK_SPACE: char = '\u{a0}';

/// How a language writes numbers.
struct Style {
    decimal_mark: char,
    /// Between thousands.
    group_mark: Option<char>,
}

impl Style {
    const fn of(language: Language) -> Self {
        match language {
            Language::Czech | Language::Slovak | Language::Polish => {
                Self { decimal_mark: ',', group_mark: Some(NO_BREAK_SPACE) }
            }
            Language::German => Self { decimal_mark: ',', group_mark: Some('.') },
            Language::English => Self { decimal_mark: '.', group_mark: None },
        }
    }
}

/// A whole number.
#[must_use]
pub fn whole(language: Language, number: i64) -> String {
    let mut text = String::with_capacity(16);
    if number < 0 {
        text.push('-');
    }
    push_grouped(&mut text, &Style::of(language), &number.unsigned_abs().to_string());
    text
}

/// Points, without needless zeros.
#[must_use]
pub fn points(locale: Locale, points: Points) -> String {
    let thousandths_each = 1_000 / locale.point_decimals.parts();
    match locale.point_decimals {
        PointDecimals::WHOLE => whole(locale.language, points.value()),
        _ => thousandths(locale.language, points.value().saturating_mul(thousandths_each)),
    }
}

/// Points with their sign, "+14".
#[must_use]
pub fn points_signed(locale: Locale, value: Points) -> String {
    let text = points(locale, value);
    if value < Points::ZERO { text } else { format!("+{text}") }
}

/// Thousandths as a decimal without needless zeros: "2", "0,5".
pub(super) fn thousandths(language: Language, milli: i64) -> String {
    let style = Style::of(language);
    let mut text = String::with_capacity(16);
    if milli < 0 {
        text.push('-');
    }
    let milli = milli.unsigned_abs();
    push_grouped(&mut text, &style, &(milli / 1_000).to_string());
    if milli % 1_000 != 0 {
        text.push(style.decimal_mark);
        text.push_str(format!("{:03}", milli % 1_000).trim_end_matches('0'));
    }
    text
}

/// A share without its sign, "12,5".
#[must_use]
pub fn percent(language: Language, percent: Percent) -> String {
    thousandths(language, i64::from(percent.thousandths()))
}

/// An amount with the sign of its currency: "1 234,50 Kč".
#[must_use]
pub fn money(language: Language, amount: Amount, currency: Currency) -> String {
    let plain = currency.format(amount);
    if language == Language::English {
        return plain;
    }
    let style = Style::of(language);
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", plain.as_str()),
    };
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let mut text = String::with_capacity(24);
    text.push_str(sign);
    push_grouped(&mut text, &style, before);
    if !after.is_empty() {
        text.push(style.decimal_mark);
        text.push_str(after);
    }
    text.push(NO_BREAK_SPACE);
    text.push_str(match currency.code() {
        "CZK" => "Kč",
        "EUR" => "€",
        "PLN" => "zł",
        other => other,
    });
    text
}

/// A day: "31. 12. 2026", "31.12.2026", in English "2026-12-31".
#[must_use]
pub fn day(language: Language, day: NaiveDate) -> String {
    let (y, m, d) = (day.year(), day.month(), day.day());
    match language {
        Language::Czech | Language::Slovak => {
            format!("{d}.{NO_BREAK_SPACE}{m}.{NO_BREAK_SPACE}{y}")
        }
        Language::Polish | Language::German => format!("{d:02}.{m:02}.{y}"),
        Language::English => day.to_string(),
    }
}

/// A time of day: "8:05" in Czech and Slovak, else "08:05".
#[must_use]
pub fn time(language: Language, time: NaiveTime) -> String {
    let form = match language {
        Language::Czech | Language::Slovak => "%-H:%M",
        Language::Polish | Language::German | Language::English => "%H:%M",
    };
    time.format(form).to_string()
}

/// With plain spaces, for printers that know no others.
#[must_use]
pub fn plain_spaces(text: &str) -> String {
    text.replace(NO_BREAK_SPACE, " ")
}

fn push_grouped(text: &mut String, style: &Style, digits: &str) {
    for (at, digit) in digits.chars().enumerate() {
        if let (Some(mark), true) = (style.group_mark, at > 0 && (digits.len() - at) % 3 == 0) {
            text.push(mark);
        }
        text.push(digit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Language; 5] =
        [Language::Czech, Language::Slovak, Language::Polish, Language::German, Language::English];

    #[test]
    fn money_is_written_as_the_language_does() {
        let cases = [
            (
                123_450,
                "CZK",
                ["1 234,50 Kč", "1 234,50 Kč", "1 234,50 Kč", "1.234,50 Kč", "1234.50"],
            ),
            (123_450, "EUR", ["1 234,50 €", "1 234,50 €", "1 234,50 €", "1.234,50 €", "1234.50"]),
            (-5, "PLN", ["-0,05 zł", "-0,05 zł", "-0,05 zł", "-0,05 zł", "-0.05"]),
            (
                100_000_000,
                "JPY",
                [
                    "100 000 000 JPY",
                    "100 000 000 JPY",
                    "100 000 000 JPY",
                    "100.000.000 JPY",
                    "100000000",
                ],
            ),
        ];
        for (minor, code, expected) in cases {
            let currency = Currency::from_code(code).expect("a code");
            for (language, expected) in ALL.into_iter().zip(expected) {
                let text = money(language, Amount::new(minor), currency);
                assert_eq!(plain_spaces(&text), expected, "{code} {language:?}");
                assert!(!text.contains(' '), "{text:?} would break over lines");
            }
        }
    }

    #[test]
    fn numbers_days_and_times_are_written_as_the_language_does() {
        let date = NaiveDate::from_ymd_opt(2026, 2, 8).expect("a day");
        let early = NaiveTime::from_hms_opt(8, 5, 0).expect("a time");
        let cases = [
            ["1 234", "+999", "1 000,5", "8. 2. 2026", "8:05"],
            ["1 234", "+999", "1 000,5", "8. 2. 2026", "8:05"],
            ["1 234", "+999", "1 000,5", "08.02.2026", "08:05"],
            ["1.234", "+999", "1.000,5", "08.02.2026", "08:05"],
            ["1234", "+999", "1000.5", "2026-02-08", "08:05"],
        ];
        for (language, expected) in ALL.into_iter().zip(cases) {
            let found = [
                whole(language, 1_234),
                points_signed(language.into(), Points::new(999)),
                thousandths(language, 1_000_500),
                day(language, date),
                time(language, early),
            ];
            assert_eq!(found.map(|text| plain_spaces(&text)), expected, "{language:?}");
        }
        assert_eq!(whole(Language::German, -1_234_567), "-1.234.567");
        assert_eq!(thousandths(Language::German, 2_000), "2");
        assert_eq!(points_signed(Language::German.into(), Points::ZERO), "+0");
    }
}
