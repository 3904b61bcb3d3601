//! Switches of the programme where engines differ: one example of either side.

use super::examples::*;
use super::*;
use crate::loyalty::basket::Line;
use crate::loyalty::decision::Reason;
use crate::loyalty::earn_rule::{EarnKind, EarnRule};
use crate::loyalty::ids::{RuleId, VoucherId};
use crate::loyalty::programme::*;
use crate::loyalty::terms::{Conditions, Minimum};
use crate::money::{LeftOver, Percent, Rounding};

fn percent(id: &str, percent: u32) -> Offer {
    offer(id, Reward::BasketPercent(Percent::whole(percent)))
}

fn discounts(programme: Programme, lines: Vec<Line>) -> Vec<i64> {
    let scene = Scene::member(0);
    let decision = Evaluator::new(programme).decide(&basket(lines), &scene.occasion());
    decision.lines.iter().map(|line| line.discount.value()).collect()
}

fn voucher_type(id: &str, value: VoucherValue, minimum: Minimum) -> VoucherType {
    VoucherType {
        id: crate::loyalty::VoucherTypeId::parse(id).expect("plain"),
        name: id.to_owned(),
        conditions: Conditions { minimum, ..Conditions::default() },
        value,
        cap: None,
        cost: None,
    }
}

/// A member with one voucher of a kind.
fn with_voucher(kind: &VoucherType) -> Scene {
    let mut scene = Scene::member(0);
    let state = VoucherState {
        voucher_type: kind.id.clone(),
        standing: VoucherStanding::Usable,
        valid_from: None,
        valid_until: None,
    };
    scene.vouchers.insert(VoucherId::parse("v").expect("plain"), state);
    scene
}

#[test]
fn percentages_are_taken_of_what_is_left_or_summed_up() {
    let with = |percents, offers: Vec<Offer>| Programme {
        offers,
        discount_method: DiscountMethod { percents, ..DiscountMethod::default() },
        ..club()
    };
    let line_percent = |p| offer("a", Reward::LinePercent(Percent::whole(p)));
    let amount = || offer("b", Reward::BasketAmount(Amount::new(1_000)));
    let steps = |p| {
        let step = QuantityStep { from: 2, percent: Percent::whole(p) };
        offer("q", Reward::QuantityPercent(vec![step]))
    };
    let first = |offer: Offer| Offer { priority: 9, ..offer };
    let fixed =
        |price| offer("f", Reward::FixedPrice { price: Amount::new(price), quantity_max: None });
    // Two units for 100.00 each: what is taken in all by either style.
    let cases: [(Vec<Offer>, i64, i64); 7] = [
        (vec![percent("x", 10), percent("y", 20)], 5_600, 6_000),
        (vec![line_percent(10), percent("y", 20)], 5_600, 6_000),
        (vec![line_percent(10), steps(20)], 5_600, 6_000),
        (vec![steps(20), percent("y", 10)], 5_600, 6_000),
        // A new price is no percentage: both percentages are of it.
        (vec![fixed(5_000), line_percent(10), percent("y", 20)], 12_800, 13_000),
        // An amount neither.
        (vec![first(amount()), percent("y", 10)], 2_900, 2_900),
        // More than everything is everything.
        (vec![percent("x", 60), percent("y", 70)], 17_600, 20_000),
    ];
    for (offers, sequential, additive) in cases {
        let lines = || vec![line("1", "tv", 2, 10_000)];
        let case = format!("{offers:?}");
        let taken = |style| discounts(with(style, offers.clone()), lines())[0];
        assert_eq!(taken(PercentStyle::Sequential), sequential, "{case}");
        assert_eq!(taken(PercentStyle::Additive), additive, "{case}");
    }
}

#[test]
fn a_percentage_of_a_voucher_follows_the_same_switch() {
    let kind = voucher_type("vip", VoucherValue::Percent(Percent::whole(20)), Minimum::default());
    for (percents, taken) in [(PercentStyle::Sequential, 2_800), (PercentStyle::Additive, 3_000)] {
        let programme = Programme {
            offers: vec![percent("x", 10)],
            voucher_types: [(kind.id.clone(), kind.clone())].into(),
            discount_method: DiscountMethod { percents, ..DiscountMethod::default() },
            ..club()
        };
        let scene = with_voucher(&kind);
        let basket = presenting(vec![line("1", "tv", 1, 10_000)], &["v"]);
        let decision = Evaluator::new(programme).decide(&basket, &scene.occasion());
        assert_eq!(decision.totals.discount.value(), taken, "{percents:?}");
    }
}

#[test]
fn a_minimum_counts_what_earlier_stages_left_or_the_prices_before_them() {
    let least = Minimum { amount: Some(Amount::new(10_000)), ..Minimum::default() };
    let kind = voucher_type("vip", VoucherValue::Amount(Amount::new(500)), least);
    let from_hundred = Offer {
        conditions: Conditions { minimum: least, ..Conditions::default() },
        ..offer("b", Reward::BasketAmount(Amount::new(1_000)))
    };
    let missing = Amount::new(1_000);
    let cases = [
        (MinimumMoment::AfterStages, 1_000, vec![Reason::BelowMinimumAmount { missing }; 2]),
        (MinimumMoment::BeforeStages, 2_500, Vec::new()),
    ];
    for (minimum, taken, refused) in cases {
        let programme = Programme {
            offers: vec![offer("a", Reward::LinePercent(Percent::whole(10))), from_hundred.clone()],
            voucher_types: [(kind.id.clone(), kind.clone())].into(),
            discount_method: DiscountMethod { minimum, ..DiscountMethod::default() },
            ..club()
        };
        let scene = with_voucher(&kind);
        let basket = presenting(vec![line("1", "tv", 1, 10_000)], &["v"]);
        let decision = Evaluator::new(programme).decide(&basket, &scene.occasion());
        assert_eq!(decision.totals.discount.value(), taken, "{minimum:?}");
        let reasons: Vec<Reason> = decision.refused.into_iter().map(|r| r.reason).collect();
        assert_eq!(reasons, refused, "{minimum:?}");
    }
}

#[test]
fn the_cent_that_is_left_over_goes_where_most_was_cut_or_to_the_first_lines() {
    let with = |left_over| Programme {
        offers: vec![offer("a", Reward::BasketAmount(Amount::new(2)))],
        discount_method: DiscountMethod { left_over, ..DiscountMethod::default() },
        ..club()
    };
    // 0.25 and 1.75 of two; goods in the other order than their lines.
    let lines = || vec![line("1", "wine", 1, 100), line("2", "beer", 1, 700)];
    assert_eq!(discounts(with(LeftOver::LargestRemainder), lines()), [0, 2]);
    assert_eq!(discounts(with(LeftOver::FirstLines), lines()), [1, 1]);
    let turned = lines().into_iter().rev().collect();
    assert_eq!(discounts(with(LeftOver::FirstLines), turned), [1, 1], "by id, not by place");
}

#[test]
fn points_of_this_sale_count_from_the_next_one_on_or_at_once() {
    let with = |this_sale, redemption| Programme {
        redemption: Some(RedemptionPolicy {
            this_sale,
            worth: PointsWorth::Steps { step: Points::new(10), value: Amount::new(100) },
            minimum: Points::new(10),
            share_max: Percent::WHOLE,
            ..club().redemption.expect("a policy")
        }),
        accrual: AccrualPolicy {
            base: AccrualBase { redemption, ..AccrualBase::default() },
            ..AccrualPolicy::default()
        },
        ..club()
    };
    // A point for 10.00, ten of them pay 1.00: 2,000.00 earn 200 points. Of what points pay,
    // nothing is earned where earning counts after redemption.
    let cases = [
        // balance, on hold; asked for; spent, earned, balance afterwards
        (ThisSale::Later, AccrualMoment::After, (100, 0), 300, (100, 199, 199)),
        (ThisSale::Usable, AccrualMoment::Before, (100, 0), 300, (300, 200, 0)),
        (ThisSale::Usable, AccrualMoment::Before, (100, 0), 500, (300, 200, 0)),
        (ThisSale::Usable, AccrualMoment::Before, (100, 0), 50, (50, 200, 250)),
        (ThisSale::Usable, AccrualMoment::Before, (100, 40), 500, (260, 200, 40)),
        // 300 points pay 30.00 and so cost 3 points of the 200: 290 are the most.
        (ThisSale::Usable, AccrualMoment::After, (100, 0), 300, (290, 197, 7)),
        (ThisSale::Usable, AccrualMoment::After, (103, 0), 300, (300, 197, 0)),
    ];
    for (this_sale, redemption, (balance, held), asked, expected) in cases {
        let scene = Scene { held: Points::new(held), ..Scene::member(balance) };
        let lines = vec![line("1", "tv", 1, 200_000)];
        let evaluator = Evaluator::new(with(this_sale, redemption));
        let decision = evaluator.decide(&spending(lines, asked), &scene.occasion());
        let points = decision.points.as_ref().expect("a member");
        let found = (points.spent.value(), points.earned.value(), points.after.value());
        let case = format!("{this_sale:?} {redemption:?} {balance} {held} {asked}");
        assert_eq!(found, expected, "{case}");
        let clamped = decision.refused.iter().any(|refused| {
            let available = points.redeemable.as_ref().expect("a member").points_max;
            assert!(points.spent <= available);
            matches!(refused.reason, Reason::NotEnoughPoints { .. })
        });
        assert_eq!(clamped, points.spent.value() < asked, "{case}");
    }
}

#[test]
fn pending_points_of_this_sale_do_not_pay_on_it() {
    let worth = PointsWorth::Steps { step: Points::new(10), value: Amount::new(100) };
    let share_max = Percent::WHOLE;
    let (this_sale, minimum) = (ThisSale::Usable, Points::new(10));
    let policy = club().redemption.expect("a policy");
    let redemption = Some(RedemptionPolicy { this_sale, worth, minimum, share_max, ..policy });
    let earns = |id: &str, points, pending_days| EarnRule {
        id: RuleId::parse(id).expect("plain"),
        kind: EarnKind::PerVisit { points: Points::new(points) },
        pending_days,
        ..club().earn[0].clone()
    };
    // days that 40 and 70 points are pending; spent of 300 asked for, usable and pending afterwards
    let cases = [([0, 0], (110, 0, 0)), ([0, 14], (40, 0, 70)), ([7, 14], (0, 0, 110))];
    for ([first, second], expected) in cases {
        let earn = vec![earns("a", 40, first), earns("b", 70, second)];
        let programme = Programme { redemption: redemption.clone(), earn, ..club() };
        let lines = vec![line("1", "tv", 1, 200_000)];
        let scene = Scene::member(0);
        let decision = Evaluator::new(programme).decide(&spending(lines, 300), &scene.occasion());
        let points = decision.points.expect("a member");
        let pending: Points = points.pending_after.iter().map(|part| part.value).sum();
        let found = (points.spent.value(), points.after.value(), pending.value());
        assert_eq!(found, expected, "{first} {second}");
    }
}

#[test]
fn points_are_rounded_as_the_programme_says_once_for_each_rule_and_receipt() {
    // 15.40 and 4.60 each earn a part of a point; together they are two points of 10.00.
    for (cents, [floor, half_up, ceil]) in [(1_540, [1, 2, 2]), (1_400, [1, 1, 2]), (2_000, [2; 3])]
    {
        let cases = [(Rounding::Floor, floor), (Rounding::HalfUp, half_up), (Rounding::Ceil, ceil)];
        for (rounding, earned) in cases {
            let accrual = AccrualPolicy { rounding, ..AccrualPolicy::default() };
            let programme = Programme { accrual, ..club() };
            let lines = vec![line("1", "tv", 1, cents - 100), line("2", "milk", 1, 100)];
            let scene = Scene::member(0);
            let decision = Evaluator::new(programme).decide(&basket(lines), &scene.occasion());
            let points = decision.points.expect("a member");
            assert_eq!(points.earned.value(), earned, "{cents} {rounding:?}");
        }
    }
}

#[test]
fn points_expire_with_activity_by_lots_or_never() {
    let bought = chrono::NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day");
    let cases = [
        // policy, days after the last purchase; whether the points are still there
        (ExpiryPolicy::Sliding { days: 365 }, 365, true),
        (ExpiryPolicy::Sliding { days: 365 }, 366, false),
        (ExpiryPolicy::Never, 3_000, true),
    ];
    for (expiry, days, there) in cases {
        let mut scene = Scene::member(500);
        scene.now = tuesday() + chrono::TimeDelta::days(days - 9);
        assert_eq!((scene.now.date_naive() - bought).num_days(), days);
        let programme = Programme { expiry, ..club() };
        let lines = vec![line("1", "tv", 1, 100)];
        let decision = Evaluator::new(programme).decide(&basket(lines), &scene.occasion());
        let before = decision.points.expect("a member").before.value();
        assert_eq!(before, if there { 500 } else { 0 }, "{expiry:?} after {days} days");
    }
}

#[test]
fn the_lowest_price_of_thirty_days_is_told_beside_an_announced_reduction_only() {
    let offers = |announced| {
        vec![
            Offer { announced, ..offer("a", Reward::LinePercent(Percent::whole(10))) },
            Offer { conditions: on_skus(&["tv"]), ..percent("b", 5) },
        ]
    };
    let known =
        |id, sku| Line { lowest_30d_price: Some(Amount::new(9_000)), ..line(id, sku, 1, 10_000) };
    let cases = [(true, [Some(9_000), None]), (false, [None, None])];
    for (announced, expected) in cases {
        let programme = Programme { offers: offers(announced), ..club() };
        let lines = vec![known("1", "tv"), line("2", "milk", 1, 1_000)];
        let scene = Scene::member(0);
        let decision = Evaluator::new(programme).decide(&basket(lines), &scene.occasion());
        let told = decision.lines.iter().map(|line| line.lowest_30d_price.map(Amount::value));
        assert_eq!(told.collect::<Vec<_>>(), expected, "{announced}");
    }
}
