//! The fold, case by case.

use chrono::{TimeZone, Utc};

use super::*;
use crate::loyalty::decide::examples::club;
use crate::loyalty::entry::{EntryTerms, Expires};
use crate::loyalty::ids::DeviceId;
use crate::loyalty::programme::{TierKept, TierMeasure, TierPolicy, TierWindow};
use crate::loyalty::purse::{Gained, SpentPart, Undone};

const SLIDING: ExpiryPolicy = ExpiryPolicy::Sliding { days: 365 };
const LOTS: ExpiryPolicy = ExpiryPolicy::Lots { days: 365 };

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn entry(number: u64, on: &str, expiry: ExpiryPolicy, change: Change) -> Entry {
    let day = day(on);
    let noon = day.and_hms_opt(11, 0, 0).expect("an hour");
    Entry {
        key: EntryKey {
            effective_at: Utc.from_utc_datetime(&noon),
            device: DeviceId::from_bytes([7; 16]),
            epoch: 1,
            sequence: number,
        },
        day,
        terms: EntryTerms { expiry, cashback_expiry: ExpiryPolicy::Never, days_kept: 431 },
        change,
    }
}

fn sale(earned: i64, spent: i64, expires: Expires) -> Change {
    let (earned, spent) = (Points::new(earned), Points::new(spent));
    let (converted, spend) = (Points::ZERO, Amount::new(10_000));
    let points = Gained { earned, expires, pending: Vec::new(), spent };
    let cashback = Gained::default();
    Change::Sale { points, cashback, converted, spend, counted: Vec::new() }
}

fn undo(sale_day: &str, remaining: RemainingSale, clawed_back: i64, restored: i64) -> Change {
    let expires = Expires::WithActivity;
    let restored = match restored {
        0 => Vec::new(),
        points => vec![SpentPart { expires, value: Points::new(points) }],
    };
    Change::Undo {
        sale_day: day(sale_day),
        remaining,
        points: Undone {
            clawed_back: Points::new(clawed_back),
            expires,
            restored,
            ..Undone::default()
        },
        cashback: Undone::default(),
        spend: Amount::new(10_000),
        counted: Vec::new(),
    }
}

fn fold(expiry: ExpiryPolicy, entries: &[(&str, Change)]) -> Account {
    let mut account = Account::default();
    for (number, (on, change)) in (1..).zip(entries) {
        account.apply(&entry(number, on, expiry, change.clone()));
    }
    account
}

fn balance_on(account: &Account, on: &str, policy: ExpiryPolicy) -> i64 {
    let mut account = account.clone();
    account.settle_expiry(day(on), Expiries { points: policy, cashback: ExpiryPolicy::Never });
    account.balance().value()
}

/// Issued - spent + restored - clawed back + adjusted - expired.
fn conserved(account: &Account) -> i64 {
    account.points().totals.left().value()
}

#[test]
fn points_live_to_the_end_of_the_365th_day_and_each_purchase_renews_them_all() {
    let with = Expires::WithActivity;
    // Dates of requirements 9.1, leap years among them.
    let cases = [
        ("2025-01-15", "2026-01-15", "2026-01-16"),
        ("2027-06-01", "2028-05-31", "2028-06-01"),
        ("2028-02-29", "2029-02-28", "2029-03-01"),
    ];
    for (bought, last, gone) in cases {
        let account = fold(SLIDING, &[(bought, sale(10, 0, with))]);
        assert_eq!(balance_on(&account, last, SLIDING), 10, "{bought}");
        assert_eq!(balance_on(&account, gone, SLIDING), 0, "{bought}");
        assert_eq!(account.next_expiry(SLIDING), Some((day(last), Points::new(10))));
    }
    let renewed =
        fold(SLIDING, &[("2025-01-15", sale(10, 0, with)), ("2026-01-09", sale(0, 0, with))]);
    assert_eq!(balance_on(&renewed, "2027-01-09", SLIDING), 10);
    assert_eq!(balance_on(&renewed, "2027-01-10", SLIDING), 0);
}

#[test]
fn a_purchase_after_the_lapse_begins_anew() {
    let with = Expires::WithActivity;
    let account =
        fold(SLIDING, &[("2025-01-15", sale(10, 0, with)), ("2026-01-16", sale(5, 0, with))]);
    assert_eq!(balance_on(&account, "2026-01-16", SLIDING), 5);
    assert_eq!(account.points().totals.expired, Points::new(10));
}

#[test]
fn a_return_of_the_whole_purchase_restores_the_earlier_expiry() {
    let with = Expires::WithActivity;
    let entries = |remaining| {
        fold(
            SLIDING,
            &[
                ("2025-01-15", sale(10, 0, with)),
                ("2025-12-01", sale(3, 0, with)),
                ("2025-12-05", undo("2025-12-01", remaining, 3, 0)),
            ],
        )
    };
    let all_back = entries(RemainingSale::Nothing);
    assert_eq!(balance_on(&all_back, "2026-01-15", SLIDING), 10);
    assert_eq!(balance_on(&all_back, "2026-01-16", SLIDING), 0);
    let some_kept = entries(RemainingSale::Some);
    assert_eq!(balance_on(&some_kept, "2026-01-16", SLIDING), 10);
}

#[test]
fn lots_are_spent_soonest_first_and_never_expiring_last() {
    let on = |text| Expires::On(day(text));
    let mut account = fold(
        LOTS,
        &[
            ("2026-01-01", sale(10, 0, on("2027-01-01"))),
            ("2026-02-01", sale(20, 0, on("2027-02-01"))),
            ("2026-02-02", Change::of_points(Points::new(5), Expires::Never)),
        ],
    );
    let parts = account.points().consumption(Points::new(32));
    let taken: Vec<_> = parts.iter().map(|part| (part.expires, part.value.value())).collect();
    assert_eq!(taken, [(on("2027-01-01"), 10), (on("2027-02-01"), 20), (Expires::Never, 2)]);
    account.apply(&entry(9, "2026-03-01", LOTS, sale(0, 15, on("2027-03-01"))));
    assert_eq!(
        balance_on(&account, "2027-01-02", LOTS),
        20,
        "only the second and third lot are left"
    );
    assert_eq!(balance_on(&account, "2027-02-02", LOTS), 5);
}

#[test]
fn what_is_taken_beyond_the_balance_is_owed_and_the_next_award_settles_it() {
    let with = Expires::WithActivity;
    let account = fold(
        SLIDING,
        &[
            ("2026-01-01", sale(100, 0, with)),
            ("2026-01-02", sale(0, 100, with)),
            ("2026-01-03", undo("2026-01-01", RemainingSale::Nothing, 100, 0)),
        ],
    );
    assert_eq!((account.balance(), account.debt()), (Points::ZERO, Points::new(100)));
    let mut settled = account.clone();
    settled.apply(&entry(9, "2026-01-04", SLIDING, sale(130, 0, with)));
    assert_eq!((settled.balance(), settled.debt()), (Points::new(30), Points::ZERO));
    assert_eq!(conserved(&settled), 30);
}

#[test]
fn points_given_by_hand_do_not_renew_but_a_purchase_renews_them() {
    let with = Expires::WithActivity;
    let given = Change::of_points(Points::new(50), club().lot_of_adjustment(day("2025-06-01")));
    let account = fold(SLIDING, &[("2025-01-15", sale(10, 0, with)), ("2025-06-01", given)]);
    assert_eq!(balance_on(&account, "2026-01-16", SLIDING), 50, "the earned ones lapsed");
    assert_eq!(balance_on(&account, "2026-06-02", SLIDING), 0);
    let mut bought = account.clone();
    bought.apply(&entry(9, "2026-01-10", SLIDING, sale(1, 0, with)));
    assert_eq!(
        balance_on(&bought, "2027-01-10", SLIDING),
        61,
        "a purchase renews the whole balance"
    );
}

#[test]
fn tiers_count_their_measure_over_their_window() {
    let with = Expires::WithActivity;
    let account = fold(
        SLIDING,
        &[
            ("2025-03-11", sale(7, 0, with)),
            ("2026-01-01", sale(7, 0, with)),
            ("2026-03-10", sale(7, 0, with)),
        ],
    );
    let cases = [
        (TierMeasure::Spend, TierWindow::Lifetime, 30_000),
        (TierMeasure::Spend, TierWindow::CalendarYear, 20_000),
        (TierMeasure::Spend, TierWindow::RollingDays(365), 30_000),
        (TierMeasure::Spend, TierWindow::RollingDays(364), 20_000),
        (TierMeasure::Visits, TierWindow::RollingDays(1), 1),
        (TierMeasure::PointsEarned, TierWindow::CalendarYear, 14),
    ];
    for (measure, window, expected) in cases {
        let mut programme = club();
        let steps = programme.tiers.take().map(|policy| policy.steps).unwrap_or_default();
        programme.tiers = Some(TierPolicy { measure, window, kept: TierKept::Measured, steps });
        let got = account.tier_measure(&programme, day("2026-03-10"));
        assert_eq!(got, expected, "{measure:?} over {window:?}");
    }
}

#[test]
fn old_days_are_forgotten_but_the_last_purchase_is_not() {
    let given = Change::of_points(Points::new(1), Expires::Never);
    let account =
        fold(SLIDING, &[("2020-01-01", sale(10, 0, Expires::WithActivity)), ("2026-01-01", given)]);
    assert!(account.facts().days.is_empty());
    assert_eq!(account.last_purchase(), Some(day("2020-01-01")));
    assert_eq!(account.facts().lifetime.visits, 1);
}
