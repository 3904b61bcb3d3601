//! Switches where engines differ: the default, and either side as it is written.

use super::{FULL, LEAST, accepted, refused};
use crate::loyalty::{
    DiscountMethod, EarnKind, MilestoneMeasure, MinimumMoment, OfflineSpending, PercentStyle,
    Programme, ThisSale, UsedPointsBack,
};
use crate::money::{Amount, LeftOver, PointDecimals, Points};

/// The programme of the golden decisions that has the other side of each switch.
const SWITCHES: &str = include_str!("../../../../tests/data/programmes/switches.toml");

fn method(programme: &Programme) -> DiscountMethod {
    programme.discount_method
}

#[test]
fn without_a_word_every_switch_has_its_default_and_the_example_of_all_keys_says_it() {
    for text in [LEAST, FULL] {
        let programme = accepted(text);
        assert_eq!(method(&programme), DiscountMethod::default());
        assert_eq!(programme.used_points_back, UsedPointsBack::ProRata);
        assert_eq!(programme.point_decimals, PointDecimals::WHOLE);
        assert_eq!(programme.offline, None);
        let this_sale = programme.redemption.map(|policy| policy.this_sale);
        assert!(this_sale.is_none_or(|this_sale| this_sale == ThisSale::Later));
    }
    let announced = accepted(FULL).offers.into_iter().filter(|offer| offer.announced);
    assert_eq!(announced.map(|offer| offer.id.to_string()).collect::<Vec<_>>(), ["milk10"]);
}

#[test]
fn the_other_side_of_every_switch_is_read_as_written() {
    let programme = accepted(SWITCHES);
    let expected = DiscountMethod {
        minimum: MinimumMoment::BeforeStages,
        percents: PercentStyle::Additive,
        left_over: LeftOver::FirstLines,
    };
    assert_eq!(method(&programme), expected);
    assert_eq!(programme.used_points_back, UsedPointsBack::FullReturnOnly);
    let floor = OfflineSpending::Floor { points: Points::new(2_000), cashback: Amount::ZERO };
    assert_eq!(programme.offline, Some(floor));
    let this_sale = programme.redemption.map(|policy| policy.this_sale);
    assert_eq!(this_sale, Some(ThisSale::Usable));
}

#[test]
fn points_with_decimals_are_read_in_their_smallest_part() {
    let rule = |decimals: &str, points: &str| {
        format!(
            "{LEAST}[points]\n{decimals}\n[[earn]]\nid = \"r\"\nkind = \"per_visit\"\npoints = {points}"
        )
    };
    let cases = [
        ("", "3", 3),
        ("decimals = 0", "3", 3),
        ("decimals = 1", "3", 30),
        ("decimals = 2", "\"3.5\"", 350),
        ("decimals = 3", "\"0.001\"", 1),
    ];
    for (decimals, points, parts) in cases {
        let EarnKind::PerVisit { points: found } = accepted(&rule(decimals, points)).earn[0].kind
        else {
            panic!("a rule per visit");
        };
        assert_eq!(found, Points::new(parts), "{decimals} {points}");
    }
    let wrong = [
        ("decimals = 4", "3", "out_of_range points.decimals"),
        ("decimals = 4", "\"1.5\"", "out_of_range points.decimals"),
        ("decimals = 1", "\"3.55\"", "bad_points earn[0] (r).points"),
        ("decimals = 1", "\"-3\"", "out_of_range earn[0] (r).points"),
        ("decimals = 3", "10000000", "out_of_range earn[0] (r).points"),
        ("decimals = 2", "0", "out_of_range earn[0] (r).points"),
        ("decimals = 2", "1.5", "wrong_type earn[0] (r).points"),
        ("", "\"3\"", "wrong_type earn[0] (r).points"),
    ];
    for (decimals, points, fault) in wrong {
        assert_eq!(refused(&rule(decimals, points)), [fault], "{decimals} {points}");
    }
    let tiers = "[points]\ndecimals = 1\n[tiers]\nmeasure = \"points\"\nwindow = \"lifetime\"\n\
                 steps = [{ id = \"a\", name = \"A\", threshold = 0 }, { id = \"b\", name = \"B\", threshold = \"10.5\" }]\n";
    let policy = accepted(&format!("{LEAST}{tiers}")).tiers.expect("there are tiers");
    assert_eq!(policy.steps[1].threshold, 105);
}

#[test]
fn bc_16_a_visit_is_a_receipt_or_a_day_as_the_milestone_says() {
    for (word, expected) in [
        ("", MilestoneMeasure::Visits),
        ("visits = \"receipts\"", MilestoneMeasure::Visits),
        ("visits = \"days\"", MilestoneMeasure::VisitDays),
    ] {
        let rule = "[[earn]]\nid = \"e\"\nkind = \"milestone\"\npoints = 1\nmeasure = \"visits\"\nat = 3\n";
        let programme = accepted(&format!("{LEAST}{rule}{word}"));
        let EarnKind::Milestone { measure, .. } = programme.earn[0].kind else {
            panic!("a milestone");
        };
        assert_eq!(measure, expected, "{word}");
    }
}

/// Points in steps of 100, at least 200.
const SPENT: &str = "[redemption]\nstep = 100\nstep_value = \"1.00\"\nminimum = 200\n";
const CASHBACK: &str = "[cashback]\nminimum = \"2.00\"\n";

#[test]
fn what_is_spent_without_the_hub_is_read_with_a_floor_for_each_thing_that_can_be_spent() {
    let floor = |points, cashback| {
        let (points, cashback) = (Points::new(points), Amount::new(cashback));
        Some(OfflineSpending::Floor { points, cashback })
    };
    for (tables, offline, expected) in [
        (SPENT, "", None),
        (SPENT, "[offline]\nspending = \"none\"", Some(OfflineSpending::Nothing)),
        (SPENT, "[offline]\nspending = \"floor\"\nfloor_points = 200", floor(200, 0)),
        (CASHBACK, "[offline]\nspending = \"floor\"\nfloor_cashback = \"2.00\"", floor(0, 200)),
    ] {
        let programme = accepted(&format!("{LEAST}{tables}{offline}"));
        assert_eq!(programme.offline, expected, "{offline}");
    }
}

#[test]
fn a_floor_that_is_missing_useless_or_contradicts_the_rest_is_told() {
    let floor = "spending = \"floor\"";
    for (tables, keys, fault) in [
        (SPENT, String::new(), "missing_key offline.spending"),
        (SPENT, "spending = \"lease\"".to_owned(), "unknown_word offline.spending"),
        (SPENT, floor.to_owned(), "missing_key offline.floor_points"),
        (SPENT, format!("{floor}\nfloor_points = 199"), "contradiction offline.floor_points"),
        (SPENT, format!("{floor}\nfloor_points = 0"), "out_of_range offline.floor_points"),
        (
            SPENT,
            format!("{floor}\nfloor_points = 200\nfloor_cashback = \"1.00\""),
            "unused_key offline.floor_cashback",
        ),
        (
            SPENT,
            "spending = \"none\"\nfloor_points = 200".to_owned(),
            "unused_key offline.floor_points",
        ),
        (CASHBACK, floor.to_owned(), "missing_key offline.floor_cashback"),
        (
            CASHBACK,
            format!("{floor}\nfloor_cashback = \"1.99\""),
            "contradiction offline.floor_cashback",
        ),
        (
            CASHBACK,
            format!("{floor}\nfloor_points = 5\nfloor_cashback = \"2.00\""),
            "unused_key offline.floor_points",
        ),
        ("", "spending = \"none\"".to_owned(), "contradiction offline"),
    ] {
        assert_eq!(refused(&format!("{LEAST}{tables}[offline]\n{keys}\n")), [fault], "{keys}");
    }
}
