//! A member's birthday: month and day only, which is all that a till needs.

use chrono::{Datelike, Days, NaiveDate};

/// Month and day. 29 February is celebrated on 28 February where a year has none (BQ-18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Birthday {
    month: u8,
    day: u8,
}

/// So many days around a birthday.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BirthdayWindow {
    /// Days before it; 0 where the day itself is the first.
    pub days_before: u16,
    /// Days after it.
    pub days_after: u16,
}

/// The most days on either side of a birthday: less than half a year, so that two windows of one
/// member never meet.
pub const BIRTHDAY_DAYS_MAX: u16 = 180;

impl Birthday {
    /// A month and a day that some year has; `None` for any other.
    #[must_use]
    pub fn new(month: u8, day: u8) -> Option<Self> {
        // 2000 was a leap year.
        NaiveDate::from_ymd_opt(2000, u32::from(month), u32::from(day))?;
        Some(Self { month, day })
    }

    /// Reads "05-17".
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let two = |text: &str| {
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().ok()).flatten()
        };
        let (month, day) = text.split_once('-')?;
        Self::new(two(month)?, two(day)?)
    }

    /// The day in a year.
    fn in_year(self, year: i32) -> Option<NaiveDate> {
        let (month, day) = (u32::from(self.month), u32::from(self.day));
        NaiveDate::from_ymd_opt(year, month, day).or_else(|| NaiveDate::from_ymd_opt(year, 2, 28))
    }

    /// The first and the last day of the window that `today` is in.
    #[must_use]
    pub fn window_around(
        self,
        today: NaiveDate,
        window: BirthdayWindow,
    ) -> Option<(NaiveDate, NaiveDate)> {
        (-1..=1).find_map(|years| {
            let birthday = self.in_year(today.year() + years)?;
            let first = birthday.checked_sub_days(Days::new(u64::from(window.days_before)))?;
            let last = birthday.checked_add_days(Days::new(u64::from(window.days_after)))?;
            (first..=last).contains(&today).then_some((first, last))
        })
    }
}

impl std::fmt::Display for Birthday {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:02}-{:02}", self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_over_new_year_and_keeps_the_leap_day() {
        let cases = [
            ("05-17", 0, 0, "2026-05-17", Some(("2026-05-17", "2026-05-17"))),
            ("05-17", 0, 0, "2026-05-18", None),
            ("05-17", 3, 3, "2026-05-14", Some(("2026-05-14", "2026-05-20"))),
            ("01-02", 5, 5, "2025-12-28", Some(("2025-12-28", "2026-01-07"))),
            ("12-30", 5, 5, "2026-01-04", Some(("2025-12-25", "2026-01-04"))),
            ("12-30", 5, 5, "2026-01-05", None),
            ("02-29", 0, 0, "2026-02-28", Some(("2026-02-28", "2026-02-28"))),
            ("02-29", 0, 0, "2026-03-01", None),
            ("02-29", 0, 0, "2028-02-28", None),
            ("02-29", 0, 0, "2028-02-29", Some(("2028-02-29", "2028-02-29"))),
        ];
        for (birthday, days_before, days_after, today, expected) in cases {
            let window = BirthdayWindow { days_before, days_after };
            let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
            let birthday = Birthday::parse(birthday).expect("a birthday");
            let found = birthday.window_around(day(today), window);
            assert_eq!(found, expected.map(|(a, b)| (day(a), day(b))), "{birthday} {today}");
        }
    }

    #[test]
    fn only_days_of_some_year_are_birthdays() {
        for text in ["02-29", "12-31", "01-01"] {
            assert_eq!(Birthday::parse(text).map(|b| b.to_string()).as_deref(), Some(text));
        }
        for text in ["02-30", "13-01", "00-10", "1-1", "01-00", "0101", "+1-01", ""] {
            assert_eq!(Birthday::parse(text), None, "{text}");
        }
    }
}
