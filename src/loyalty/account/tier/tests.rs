//! Tiers that stay for a while, and what keeps them.

use super::*;
use crate::loyalty::account::AccountFacts;
use crate::loyalty::counter::Counted;
use crate::loyalty::decide::examples::club;
use crate::loyalty::entry::{Change, Expires, RemainingSale};
use crate::loyalty::ids::TierId;
use crate::loyalty::purse::{Gained, Undone};
use crate::money::{Amount, Points};

const ROLLING: TierWindow = TierWindow::RollingDays(30);
const YEAR: TierWindow = TierWindow::CalendarYear;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// The club with tiers from 0, 100 and 200 of spend.
fn keeping(window: TierWindow, kept: TierKept) -> Programme {
    let mut programme = club();
    let policy = programme.tiers.as_mut().expect("the club has tiers");
    (policy.measure, policy.window, policy.kept) = (TierMeasure::Spend, window, kept);
    let mut gold = policy.steps[1].clone();
    gold.id = TierId::parse("gold").expect("plain");
    policy.steps.push(gold);
    for (step, threshold) in policy.steps.iter_mut().zip([0, 100, 200]) {
        step.threshold = threshold;
    }
    programme
}

fn bought(days: &[(&str, i64)]) -> Account {
    let totals = |spend| DayTotals { visits: 1, spend: Amount::new(spend), earned: Points::ZERO };
    let days = days.iter().map(|(on, spend)| (day(on), totals(*spend)));
    Account::from_facts(AccountFacts { days: days.collect(), ..AccountFacts::default() })
}

fn place(account: &Account, programme: &Programme, on: &str) -> usize {
    let (tier, _) = account.tier(programme, day(on)).expect("the programme has tiers");
    let steps = &programme.tiers.as_ref().expect("tiers").steps;
    steps.iter().position(|step| step.id == tier.id).expect("one of them")
}

fn validity(account: &Account, programme: &Programme, on: &str) -> Option<(String, Option<i64>)> {
    let validity = account.tier_validity(programme, day(on))?;
    Some((validity.until.to_string(), validity.missing))
}

#[test]
fn bq_16_a_tier_stays_for_its_days_of_grace_after_the_measure_fell() {
    let account = bought(&[("2026-01-01", 60), ("2026-01-11", 60)]);
    // Both count until 2026-01-30; the measure is 60 from then on.
    let cases = [
        (TierKept::Measured, "2026-01-10", 0),
        (TierKept::Measured, "2026-01-30", 1),
        (TierKept::Measured, "2026-01-31", 0),
        (TierKept::DaysAfter(10), "2026-01-10", 0),
        (TierKept::DaysAfter(10), "2026-01-11", 1),
        (TierKept::DaysAfter(10), "2026-02-09", 1),
        (TierKept::DaysAfter(10), "2026-02-10", 0),
    ];
    for (kept, on, expected) in cases {
        let programme = keeping(ROLLING, kept);
        assert_eq!(place(&account, &programme, on), expected, "{kept:?} on {on}");
    }
}

#[test]
fn bq_16_what_keeps_a_tier_is_told_with_its_last_day() {
    let account = bought(&[("2026-01-01", 60), ("2026-01-11", 60)]);
    let programme = keeping(ROLLING, TierKept::DaysAfter(10));
    let until = |missing| Some(("2026-02-09".to_owned(), missing));
    // On 2026-02-09 only the second purchase counts; from then on it is 60 of 100.
    let cases = [
        ("2026-01-10", None),
        ("2026-01-11", until(Some(40))),
        ("2026-01-20", until(Some(40))),
        ("2026-02-09", until(Some(40))),
        ("2026-02-10", None),
    ];
    for (on, expected) in cases {
        let known = bought(&[("2026-01-01", 60), ("2026-01-11", 60)]);
        assert_eq!(validity(&known, &programme, on), expected, "{on}");
    }
    // What is missing is enough, on whichever day it is bought, and one less is not.
    for on in ["2026-01-20", "2026-01-31", "2026-02-09"] {
        for (more, kept) in [(40, 1), (39, 0)] {
            let mut facts = account.facts().clone();
            facts.days.entry(day(on)).or_default().spend += Amount::new(more);
            let account = Account::from_facts(facts);
            assert_eq!(place(&account, &programme, "2026-02-10"), kept, "{more} on {on}");
        }
    }
    // A purchase that is the whole tier by itself is as good as one more on the same day.
    let whole = bought(&[("2026-01-01", 100)]);
    let told = validity(&whole, &programme, "2026-01-01");
    assert_eq!(told, Some(("2026-02-09".to_owned(), None)));
}

#[test]
fn bq_16_a_tier_of_a_year_holds_to_the_end_of_the_next() {
    let account = bought(&[("2024-12-31", 250), ("2025-03-01", 120)]);
    let kept = keeping(YEAR, TierKept::YearAfter);
    let until = |year: i32, missing| Some((format!("{year}-12-31"), missing));
    let cases = [
        ("2024-12-30", 0, None),
        ("2024-12-31", 2, until(2025, None)),
        ("2025-01-01", 2, until(2025, Some(200))),
        ("2025-03-01", 2, until(2025, Some(80))),
        ("2025-12-31", 2, until(2025, Some(80))),
        ("2026-01-01", 1, until(2026, Some(100))),
        ("2026-12-31", 1, until(2026, Some(100))),
        ("2027-01-01", 0, None),
    ];
    for (on, expected, told) in cases {
        // A till knows nothing of what is still to come.
        let mut facts = account.facts().clone();
        facts.days.retain(|bought, _| *bought <= day(on));
        let account = Account::from_facts(facts);
        assert_eq!(place(&account, &kept, on), expected, "{on}");
        assert_eq!(validity(&account, &kept, on), told, "{on}");
    }
    let measured = keeping(YEAR, TierKept::Measured);
    assert_eq!(place(&account, &measured, "2025-03-01"), 1);
    assert_eq!(validity(&account, &measured, "2025-03-01"), None);
}

#[test]
fn bq_16_a_calendar_year_may_have_days_of_grace_too() {
    let account = bought(&[("2025-06-01", 100), ("2026-01-05", 30)]);
    let programme = keeping(YEAR, TierKept::DaysAfter(31));
    let until = |missing| Some(("2026-01-31".to_owned(), missing));
    let cases = [("2025-12-31", 1, until(None)), ("2026-01-31", 1, until(Some(70)))];
    for (on, expected, told) in cases {
        assert_eq!(place(&account, &programme, on), expected, "{on}");
        assert_eq!(validity(&account, &programme, on), told, "{on}");
    }
    assert_eq!(place(&account, &programme, "2026-02-01"), 0);
}

#[test]
fn bq_16_a_return_that_takes_the_measure_away_takes_the_tier_away() {
    for (window, kept) in [(ROLLING, TierKept::DaysAfter(90)), (YEAR, TierKept::YearAfter)] {
        let programme = keeping(window, kept);
        let sale = Change::Sale {
            points: Gained { expires: Expires::WithActivity, ..Gained::default() },
            cashback: Gained::default(),
            converted: Points::ZERO,
            spend: Amount::new(150),
            counted: Vec::<Counted>::new(),
        };
        let undo = Change::Undo {
            sale_day: day("2025-12-01"),
            remaining: RemainingSale::Some,
            points: Undone { expires: Expires::WithActivity, ..Undone::default() },
            cashback: Undone::default(),
            spend: Amount::new(60),
            counted: Vec::new(),
        };
        let account = Account::default().after(day("2025-12-01"), programme.entry_terms(), &sale);
        assert_eq!(place(&account, &programme, "2026-02-20"), 1, "{kept:?}");
        let account = account.after(day("2026-02-20"), programme.entry_terms(), &undo);
        assert_eq!(place(&account, &programme, "2026-02-20"), 0, "{kept:?}");
    }
}

#[test]
fn bq_16_the_days_that_a_kept_tier_needs_are_kept() {
    let cases = [
        (YEAR, TierKept::YearAfter, 732 + 31),
        (TierWindow::RollingDays(365), TierKept::DaysAfter(180), 545 + 31),
        (YEAR, TierKept::DaysAfter(90), 456 + 31),
        (TierWindow::Lifetime, TierKept::Measured, 400 + 31),
    ];
    for (window, kept, expected) in cases {
        assert_eq!(keeping(window, kept).entry_terms().days_kept, expected, "{kept:?}");
    }
}
