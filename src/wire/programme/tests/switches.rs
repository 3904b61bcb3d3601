//! Switches where engines differ: the default, and either side as it is written.

use super::{FULL, LEAST, accepted};
use crate::loyalty::{
    DiscountMethod, EarnKind, MilestoneMeasure, MinimumMoment, PercentStyle, Programme, ThisSale,
    UsedPointsBack,
};
use crate::money::LeftOver;

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
    let this_sale = programme.redemption.map(|policy| policy.this_sale);
    assert_eq!(this_sale, Some(ThisSale::Usable));
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
