//! What customers do, from the number of the row alone, so that the oracle can say the same in SQL.
//!
//! - Every row with `row % 50 == 7` is bought without a card; of those, every other one
//!   (`row % 100 == 57`) names the member right after paying.
//! - Every row with `row % 5 == 0` spends as many points as the quote says may be spent.
//! - Every row with `row % 97 == 0` is brought back whole the next day; else with
//!   `row % 101 == 0` one unit of its first line at once; else with `row % 211 == 0` it is voided
//!   at once.
//! - On a day, a customer first brings back what was bought the day before, then buys.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use ring::digest::{SHA256, digest};

use super::figures::Customer;
use super::log::Purchase;
use crate::member_code::CheckDigit;

/// Who stands at the till.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Showing {
    /// The member's card.
    Card,
    /// The card after paying.
    CardAfterwards,
    /// No card.
    Nothing,
}

/// What becomes of a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aftermath {
    Kept,
    /// Everything comes back the next day.
    BackNextDay,
    /// One unit of the first line comes back at once.
    OneUnitBack,
    /// The cashier voids it at once.
    Voided,
}

/// What somebody comes to the till for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// Brings back everything of an earlier purchase.
    BringBack(Purchase),
    Buy(Purchase),
}

/// A day in the shop: each customer's errands in their order, customers as they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) date: NaiveDate,
    pub(crate) visits: Vec<(Customer, Vec<Errand>)>,
}

impl Purchase {
    pub(crate) fn showing(&self) -> Showing {
        match (self.row % 50, self.row % 100) {
            (7, 57) => Showing::CardAfterwards,
            (7, _) => Showing::Nothing,
            _ => Showing::Card,
        }
    }

    pub(crate) fn spends_points(&self) -> bool {
        self.row % 5 == 0
    }

    pub(crate) fn aftermath(&self) -> Aftermath {
        if self.row % 97 == 0 {
            Aftermath::BackNextDay
        } else if self.row % 101 == 0 {
            Aftermath::OneUnitBack
        } else if self.row % 211 == 0 {
            Aftermath::Voided
        } else {
            Aftermath::Kept
        }
    }

    /// The receipt's id, the same in every run.
    pub(crate) fn receipt_uid(&self) -> String {
        format!("cdnow-{:05}", self.row)
    }
}

/// Every day on which something happens; the last is the day after the last purchase.
pub(crate) fn days(purchases: &[Purchase]) -> Vec<Day> {
    let mut days: BTreeMap<NaiveDate, Vec<(Customer, Vec<Errand>)>> = BTreeMap::new();
    let mut come = |date, customer, errand| {
        let visits = days.entry(date).or_default();
        match visits.iter_mut().find(|(known, _)| *known == customer) {
            Some((_, errands)) => errands.push(errand),
            None => visits.push((customer, vec![errand])),
        }
    };
    // Two passes: what is brought back comes first on its day.
    for purchase in purchases.iter().filter(|p| p.aftermath() == Aftermath::BackNextDay) {
        come(next(purchase.day), purchase.customer, Errand::BringBack(*purchase));
    }
    for purchase in purchases {
        come(purchase.day, purchase.customer, Errand::Buy(*purchase));
    }
    if let Some(last) = purchases.last() {
        days.entry(next(last.day)).or_default();
    }
    days.into_iter().map(|(date, visits)| Day { date, visits }).collect()
}

fn next(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(NaiveDate::MAX)
}

/// The member's ref: looks random, is the same in every run.
pub(crate) fn member_ref(customer: Customer) -> String {
    let digest = digest(&SHA256, format!("cdnow customer {customer:05}").as_bytes());
    digest.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The member's card: an EAN-13 of the range that shops give out themselves.
pub(crate) fn card_code(customer: Customer) -> String {
    let body = format!("2997{customer:08}");
    let check = CheckDigit::Gs1.digit_for(&body).expect("digits have a check digit");
    format!("{body}{check}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bought(row: u32, date: &str, units: u32, cents: i64) -> Purchase {
        Purchase { row, customer: row % 2, day: date.parse().expect("a day"), units, cents }
    }

    #[test]
    fn returns_come_before_the_days_purchases_and_the_last_day_is_the_one_after() {
        let (a, b) = (bought(97, "1997-01-01", 1, 100), bought(99, "1997-01-02", 1, 100));
        let days = days(&[a, b]);
        let dates: Vec<String> = days.iter().map(|day| day.date.to_string()).collect();
        assert_eq!(dates, ["1997-01-01", "1997-01-02", "1997-01-03"]);
        assert_eq!(days[1].visits, [(1, vec![Errand::BringBack(a), Errand::Buy(b)])]);
        assert!(days[2].visits.is_empty());
    }

    #[test]
    fn cards_and_refs_have_their_form_and_stay_the_same() {
        assert_eq!(card_code(1), "2997000000018");
        assert_eq!(member_ref(1).len(), 32);
        assert_eq!(member_ref(1), member_ref(1));
        assert_ne!(member_ref(1), member_ref(2));
    }

    #[test]
    fn habits_follow_from_the_row() {
        let of = |row| {
            let purchase = bought(row, "1997-01-01", 1, 100);
            (purchase.showing(), purchase.spends_points(), purchase.aftermath())
        };
        assert_eq!(of(1), (Showing::Card, false, Aftermath::Kept));
        assert_eq!(of(7), (Showing::Nothing, false, Aftermath::Kept));
        assert_eq!(of(57), (Showing::CardAfterwards, false, Aftermath::Kept));
        assert_eq!(of(97), (Showing::Card, false, Aftermath::BackNextDay));
        assert_eq!(of(97 * 101), (Showing::Card, false, Aftermath::BackNextDay));
        assert_eq!(of(505), (Showing::Card, true, Aftermath::OneUnitBack));
        assert_eq!(of(211), (Showing::Card, false, Aftermath::Voided));
    }
}
