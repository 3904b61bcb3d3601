//! What is pending, case by case.

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn waiting(usable_from: &str, value: i64) -> PendingPart {
    PendingPart { usable_from: day(usable_from), value: Points::new(value) }
}

/// A purse that earned so much to be spent from a day on.
fn earned(value: i64, usable_from: &str, expires: Expires) -> Purse<Points> {
    let pending = vec![waiting(usable_from, value)];
    let earned = Points::new(value);
    let mut purse = Purse::default();
    purse.sell(&Gained { earned, expires, pending, spent: Points::ZERO }, ExpiryPolicy::Never);
    purse
}

/// Usable, pending, owed and lapsed on a day.
fn on(purse: &Purse<Points>, today: &str, activity_ends: Option<&str>) -> [i64; 4] {
    let mut purse = purse.clone();
    purse.settle(day(today), activity_ends.map(day));
    assert_eq!(purse.totals.left(), purse.worth());
    let pending: Points = purse.pending().iter().map(|part| part.value).sum();
    [purse.balance(), pending, purse.debt, purse.totals.expired].map(Points::value)
}

#[test]
fn pending_points_are_usable_from_their_day_and_live_as_if_they_had_been_at_once() {
    let lot = Expires::On(day("2027-11-21"));
    let (with, never) = (Expires::WithActivity, Expires::Never);
    let cases = [
        // lot, the day, the last day of the activity; usable, pending, owed, lapsed
        (never, "2026-11-21", None, [0, 12, 0, 0]),
        (never, "2026-12-04", None, [0, 12, 0, 0]),
        (never, "2026-12-05", None, [12, 0, 0, 0]),
        (lot, "2027-11-21", None, [12, 0, 0, 0]),
        (lot, "2027-11-22", None, [0, 0, 0, 12]),
        (with, "2027-11-21", Some("2027-11-21"), [12, 0, 0, 0]),
        (with, "2027-11-22", Some("2027-11-21"), [0, 0, 0, 12]),
        // What would lapse before its day is never usable.
        (with, "2026-12-03", Some("2026-12-03"), [0, 12, 0, 0]),
        (with, "2026-12-04", Some("2026-12-03"), [0, 0, 0, 12]),
        (with, "2027-01-01", Some("2026-12-03"), [0, 0, 0, 12]),
        (with, "2026-12-05", Some("2026-12-05"), [12, 0, 0, 0]),
    ];
    for (expires, today, ends, expected) in cases {
        let purse = earned(12, "2026-12-05", expires);
        assert_eq!(on(&purse, today, ends), expected, "{expires:?} {today} {ends:?}");
    }
}

#[test]
fn pending_points_settle_what_is_owed_on_their_day_and_not_before() {
    let mut purse = earned(12, "2026-12-05", Expires::Never);
    purse.adjust(Points::new(-20), Expires::Never);
    assert_eq!(on(&purse, "2026-12-04", None), [0, 12, 20, 0]);
    assert_eq!(on(&purse, "2026-12-05", None), [0, 0, 8, 0]);
    purse.adjust(Points::new(15), Expires::Never);
    assert_eq!(on(&purse, "2026-12-04", None), [0, 12, 5, 0]);
    assert_eq!(on(&purse, "2026-12-05", None), [7, 0, 0, 0]);
}

#[test]
fn looking_in_between_changes_nothing() {
    let mut purse = earned(12, "2026-12-05", Expires::On(day("2026-12-20")));
    purse.sell(
        &Gained {
            earned: Points::new(5),
            expires: Expires::WithActivity,
            pending: vec![waiting("2026-12-10", 3)],
            spent: Points::new(6),
        },
        ExpiryPolicy::Never,
    );
    for days in 0..60 {
        let today = day("2026-11-20") + chrono::Days::new(days);
        let (mut often, mut once) = (purse.clone(), purse.clone());
        for earlier in 0..=days {
            let earlier = day("2026-11-20") + chrono::Days::new(earlier);
            often.settle(earlier, Some(day("2026-12-25")));
        }
        once.settle(today, Some(day("2026-12-25")));
        assert_eq!(often, once, "{today}");
    }
}

#[test]
fn a_return_takes_its_own_pending_points_first_and_leaves_those_of_other_days() {
    let mut purse = earned(12, "2026-12-05", Expires::Never);
    let gained = Gained { pending: vec![waiting("2026-12-06", 30)], ..Gained::default() };
    let gained = Gained { earned: Points::new(40), ..gained };
    purse.sell(&gained, ExpiryPolicy::Never);
    let undone = Undone {
        clawed_back: Points::new(20),
        expires: Expires::Never,
        pending: vec![waiting("2026-12-05", 12)],
        ..Undone::default()
    };
    assert_eq!(purse.still_pending(&undone), Points::new(12));
    purse.undo(&undone);
    assert_eq!(purse.pending(), [waiting("2026-12-06", 30)]);
    assert_eq!(purse.balance(), Points::new(2), "the rest comes from what is usable");
    assert_eq!(purse.totals.left(), purse.worth());
}

#[test]
fn a_purchase_renews_pending_points_that_live_by_a_day() {
    let mut purse = earned(12, "2026-12-05", Expires::On(day("2026-12-31")));
    purse.sell(&Gained::default(), ExpiryPolicy::Sliding { days: 365 });
    assert_eq!(on(&purse, "2027-06-01", Some("2027-11-30")), [12, 0, 0, 0]);
}
