//! The ladder of discounts by balance, case by case. The club's level table of the tests is the
//! one that the requirements give as an example: 100, 200 and 400 points.

use proptest::prelude::*;

use super::examples::*;
use super::*;
use crate::loyalty::Change;
use crate::loyalty::basket::{Line, LineFlag};
use crate::loyalty::decision::{Choices, LevelChoice, Reason, Subject};
use crate::loyalty::entry::RemainingSale;
use crate::loyalty::programme::*;
use crate::loyalty::returns::{ReturnLine, Returned};
use crate::loyalty::spent_back::UsedPointsBack;
use crate::member_code::Strength;
use crate::money::{AMOUNT_MINOR_MAX, Percent, Quantity, Rounding};

fn level(points: i64, worth: LevelWorth) -> Level {
    Level { points: Points::new(points), worth }
}

/// 100, 200 and 400 points; of all three the worth is made.
fn ladder(worth: impl Fn(i64) -> LevelWorth) -> Ladder {
    let levels = [100, 200, 400].map(|points| level(points, worth(points)));
    Ladder { levels: levels.to_vec(), rounding: Rounding::HalfUp, oversize: Oversize::NotOffered }
}

/// 10.00, 25.00 and 60.00.
fn amounts() -> Ladder {
    ladder(|points| {
        LevelWorth::Amount(Amount::new(match points {
            100 => 1_000,
            200 => 2_500,
            _ => 6_000,
        }))
    })
}

/// 5, 10 and 20 %.
fn percents() -> Ladder {
    ladder(|points| LevelWorth::Percent(Percent::whole(u32::try_from(points / 20).expect("few"))))
}

fn policy(ladder: Ladder) -> RedemptionPolicy {
    RedemptionPolicy {
        worth: PointsWorth::Levels(ladder),
        minimum: Points::new(100),
        share_max: Percent::WHOLE,
        excess: Excess::Clamp,
        redeem_as: RedeemAs::Discount,
        this_sale: ThisSale::Later,
        strength: Vec::new(),
        company_roles: None,
    }
}

fn club_with(policy: RedemptionPolicy) -> Programme {
    Programme { redemption: Some(policy), ..club() }
}

fn decide(policy: RedemptionPolicy, asked: i64, lines: Vec<Line>, scene: &Scene) -> Decision {
    Evaluator::new(club_with(policy)).decide(&spending(lines, asked), &scene.occasion())
}

/// 90.00 in two lines.
fn ninety() -> Vec<Line> {
    vec![line("a", "milk", 2, 1_500), line("b", "tv", 1, 6_000)]
}

fn spend_reasons(decision: &Decision) -> Vec<Reason> {
    let spend = decision.refused.iter().filter(|refusal| refusal.subject == Subject::Spend);
    spend.map(|refusal| refusal.reason.clone()).collect()
}

fn not_a_level(below: i64, above: i64) -> Reason {
    let level = |points: i64| (points > 0).then(|| Points::new(points));
    Reason::NotALevel { below: level(below), above: level(above) }
}

#[test]
fn br_4_a_level_of_the_balance_buys_its_discount() {
    let cases = [
        // asked, paid with points by amounts, by percentages of 90.00
        (100, 1_000, 450),
        (200, 2_500, 900),
        (400, 6_000, 1_800),
    ];
    for (asked, amount, percent) in cases {
        for (ladder, paid) in [(amounts(), amount), (percents(), percent)] {
            let decision = decide(policy(ladder), asked, ninety(), &Scene::member(1_000));
            let outcome = decision.points.as_ref().expect("a member");
            assert_eq!(outcome.spent, Points::new(asked));
            assert_eq!(decision.totals.redeemed, Amount::new(paid), "{asked}");
            assert_eq!(decision.totals.payable, Amount::new(9_000 - paid), "{asked}");
            assert_eq!(spend_reasons(&decision), [], "{asked}");
        }
    }
}

#[test]
fn br_4_a_percentage_is_rounded_once_as_the_policy_says() {
    // 10 % of 0.45 in three lines of 0.15: 4.5.
    let lines = || ["a", "b", "c"].map(|id| line(id, id, 1, 15)).to_vec();
    for (rounding, paid) in [(Rounding::Floor, 4), (Rounding::HalfUp, 5), (Rounding::Ceil, 5)] {
        let ladder = Ladder { rounding, ..percents() };
        let decision = decide(policy(ladder), 200, lines(), &Scene::member(1_000));
        assert_eq!(decision.totals.redeemed, Amount::new(paid), "{rounding:?}");
    }
}

#[test]
fn br_5_points_are_kept_unless_the_customer_chooses_a_level() {
    for ladder in [amounts(), percents()] {
        let decision = decide(policy(ladder), 0, ninety(), &Scene::member(1_000));
        let outcome = decision.points.as_ref().expect("a member");
        assert_eq!((outcome.spent, decision.totals.redeemed), (Points::ZERO, Amount::ZERO));
        let redeemable = outcome.redeemable.as_ref().expect("points may be spent");
        assert_eq!(redeemable.points_max, Points::new(400), "and it is said that they could be");
    }
}

#[test]
fn br_5_a_number_that_is_no_level_goes_down_to_one_or_is_refused() {
    let over = |most| Reason::OverShare { points_max: Points::new(most) };
    let only = |points| Reason::NotEnoughPoints { available: Points::new(points) };
    let minimum = || Reason::BelowSpendMinimum { minimum: Points::new(100) };
    let cases: [(i64, i64, i64, i64, Vec<Reason>); 8] = [
        // balance, asked, spent where the policy clamps, payable then, why
        (1_000, 400, 400, 3_000, vec![]),
        (1_000, 300, 200, 6_500, vec![not_a_level(200, 400)]),
        (1_000, 999, 400, 3_000, vec![not_a_level(400, 0)]),
        (1_000, 99, 0, 9_000, vec![not_a_level(0, 100), minimum()]),
        (399, 400, 200, 6_500, vec![only(399)]),
        (150, 300, 100, 8_000, vec![only(150), not_a_level(200, 400)]),
        (99, 100, 0, 9_000, vec![only(99)]),
        (0, 50, 0, 9_000, vec![only(0), not_a_level(0, 100), minimum()]),
    ];
    for (balance, asked, spent, payable, reasons) in cases {
        let scene = Scene::member(balance);
        let clamped = decide(policy(amounts()), asked, ninety(), &scene);
        let got = clamped.points.as_ref().expect("a member").spent;
        assert_eq!((got.value(), clamped.totals.payable.value()), (spent, payable), "{asked}");
        assert_eq!(spend_reasons(&clamped), reasons, "{balance} {asked}");
        let strict = RedemptionPolicy { excess: Excess::Refuse, ..policy(amounts()) };
        let refused = decide(strict, asked, ninety(), &scene);
        let expected = if reasons.is_empty() { spent } else { 0 };
        let got = refused.points.as_ref().expect("a member").spent;
        assert_eq!(got.value(), expected, "{balance} {asked}");
        assert_eq!(spend_reasons(&refused), reasons, "{balance} {asked}");
    }
    let over_share =
        decide(policy(amounts()), 400, vec![line("a", "milk", 1, 5_999)], &Scene::member(400));
    assert_eq!(spend_reasons(&over_share), [over(200)]);
}

#[test]
fn br_4_points_never_go_for_less_than_they_are_worth_unless_the_programme_says_so() {
    let capped = Ladder { oversize: Oversize::Capped, ..amounts() };
    let cases = [
        // basket, asked, spent and paid, spent and paid where the rest is lost
        (6_000, 400, (400, 6_000), (400, 6_000)),
        (5_999, 400, (200, 2_500), (400, 5_999)),
        (2_499, 400, (100, 1_000), (400, 2_499)),
        (999, 400, (0, 0), (400, 999)),
        (0, 400, (0, 0), (0, 0)),
    ];
    for (basket, asked, kept, lost) in cases {
        for (ladder, expected) in [(amounts(), kept), (capped.clone(), lost)] {
            let lines = vec![line("a", "milk", 1, basket)];
            let decision = decide(policy(ladder), asked, lines, &Scene::member(400));
            let spent = decision.points.as_ref().expect("a member").spent;
            let got = (spent.value(), decision.totals.redeemed.value());
            assert_eq!(got, expected, "{basket}");
            let full = expected == (400, 6_000) || (expected.0 == 400);
            assert_eq!(spend_reasons(&decision).is_empty(), full, "{basket}");
        }
    }
}

#[test]
fn br_4_share_minimum_and_lines_without_discount_bind_levels_too() {
    let share =
        |percent| RedemptionPolicy { share_max: Percent::whole(percent), ..policy(amounts()) };
    let from_200 = RedemptionPolicy { minimum: Points::new(200), ..policy(amounts()) };
    let dear = |flag: Option<LineFlag>| {
        let mut lines = ninety();
        lines[1].flags.extend(flag);
        lines
    };
    let half = percents();
    let cases = [
        // policy, asked, lines, spent, paid
        (share(50), 400, dear(None), 200, 2_500),
        (share(66), 400, dear(None), 200, 2_500),
        (share(67), 400, dear(None), 400, 6_000),
        (from_200.clone(), 100, dear(None), 0, 0),
        (from_200, 200, dear(None), 200, 2_500),
        (policy(amounts()), 400, dear(Some(LineFlag::NoDiscount)), 200, 2_500),
        // 20 % of the 30.00 that may be discounted.
        (policy(half), 400, dear(Some(LineFlag::NoDiscount)), 400, 600),
    ];
    for (number, (policy, asked, lines, spent, paid)) in cases.into_iter().enumerate() {
        let decision = decide(policy, asked, lines, &Scene::member(1_000));
        let got = decision.points.as_ref().expect("a member").spent;
        assert_eq!((got.value(), decision.totals.redeemed.value()), (spent, paid), "{number}");
    }
}

#[test]
fn br_4_the_strength_that_is_asked_for_follows_what_the_level_gives_on_the_basket() {
    let step = |from, strength| StrengthStep { from: Amount::new(from), strength };
    let steps = vec![step(0, Strength::Static), step(1_000, Strength::Totp)];
    let cases = [
        // 20 % of 90.00 is more than 10.00, 10 % is not
        (200, Strength::Static, 200),
        (400, Strength::Static, 0),
        (400, Strength::Totp, 400),
    ];
    for (asked, strength, spent) in cases {
        let policy = RedemptionPolicy { strength: steps.clone(), ..policy(percents()) };
        let scene = Scene::member(1_000);
        let mut occasion = scene.occasion();
        occasion.shopper.as_mut().expect("a member").strength = Some(strength);
        let decision =
            Evaluator::new(club_with(policy)).decide(&spending(ninety(), asked), &occasion);
        let got = decision.points.as_ref().expect("a member").spent;
        assert_eq!(got.value(), spent, "{asked} with {strength:?}");
    }
}

#[test]
fn br_4_what_a_level_is_worth_without_a_basket_is_never_less_than_on_one() {
    let worth = |ladder, points| policy(ladder).value_of(Points::new(points)).value();
    for (points, value) in [(99, 0), (100, 1_000), (399, 2_500), (5_000, 6_000)] {
        assert_eq!(worth(amounts(), points), value, "{points}");
    }
    assert_eq!(worth(percents(), 99), 0);
    assert_eq!(worth(percents(), 100), AMOUNT_MINOR_MAX, "so the surest is asked for");
}

#[test]
fn br_4_a_till_that_gave_otherwise_paid_with_points_what_they_come_to_beside_its_money() {
    let beside = |ladder, points, paid| {
        policy(ladder).value_beside(Points::new(points), Amount::new(paid)).value()
    };
    let all =
        Ladder { levels: vec![level(100, LevelWorth::Percent(Percent::WHOLE))], ..percents() };
    assert_eq!(beside(amounts(), 250, 1), 2_500);
    assert_eq!(beside(percents(), 400, 8_000), 2_000, "20 % of 100.00");
    assert_eq!(beside(percents(), 50, 8_000), 0);
    assert_eq!(beside(all, 100, 0), AMOUNT_MINOR_MAX, "all that there is");
}

#[test]
fn br_14_every_level_is_told_with_what_it_gives_and_what_stands_in_its_way() {
    let step = |from, strength| StrengthStep { from: Amount::new(from), strength };
    let policy = RedemptionPolicy {
        strength: vec![step(0, Strength::Static), step(2_000, Strength::Totp)],
        share_max: Percent::whole(50),
        ..policy(amounts())
    };
    let scene = Scene { held: Points::new(50), ..Scene::member(300) };
    let decision = decide(policy, 0, ninety(), &scene);
    let redeemable = decision.points.expect("a member").redeemable.expect("it may be spent");
    assert_eq!((redeemable.points_max.value(), redeemable.value_max.value()), (200, 2_500));
    let Choices::Levels { levels, before, .. } = redeemable.choices else {
        panic!("the programme has levels");
    };
    let choice = |points, value, obstacles| LevelChoice {
        points: Points::new(points),
        value: Amount::new(value),
        obstacles,
    };
    let better = || Reason::IdentifyBetter { needs: Strength::Totp };
    let too_many = Reason::NotEnoughPoints { available: Points::new(250) };
    let over = Reason::OverShare { points_max: Points::new(200) };
    let expected = [
        choice(100, 1_000, vec![]),
        choice(200, 2_500, vec![better()]),
        choice(400, 6_000, vec![too_many, over, better()]),
    ];
    assert_eq!(levels, expected);
    assert_eq!(before.reached, Some(Points::new(200)));
}

#[test]
fn br_14_the_points_missing_to_the_next_level_are_told_before_and_after_the_sale() {
    let cases = [
        // balance, asked; reached, next and missing before; the same after 90.00 earned 1 per 10.00
        (0, 0, (0, 100, 100), (0, 100, 91)),
        (95, 0, (0, 100, 5), (100, 200, 96)),
        (399, 0, (200, 400, 1), (400, 0, 0)),
        (400, 0, (400, 0, 0), (400, 0, 0)),
        (250, 200, (200, 400, 150), (0, 100, 44)),
    ];
    let some = |points: i64| (points > 0).then(|| Points::new(points));
    let progress = |(reached, next, missing)| LadderProgress {
        reached: some(reached),
        next: some(next).map(|next| (next, Points::new(missing))),
    };
    for (balance, asked, before, after) in cases {
        let decision = decide(policy(amounts()), asked, ninety(), &Scene::member(balance));
        let redeemable = decision.points.expect("a member").redeemable.expect("there is a ladder");
        let Choices::Levels { before: told_before, after: told_after, .. } = redeemable.choices
        else {
            panic!("the programme has levels");
        };
        assert_eq!((told_before, told_after), (progress(before), progress(after)), "{balance}");
    }
}

#[test]
fn ld_24_one_receipt_is_paid_with_points_and_money() {
    let mut lines = ninety();
    for line in &mut lines {
        line.flags.insert(LineFlag::NoDiscount);
    }
    let tender = RedemptionPolicy { redeem_as: RedeemAs::Tender, ..policy(amounts()) };
    let decision = decide(tender, 400, lines, &Scene::member(400));
    let totals = decision.totals;
    let figures = (totals.discount, totals.redeemed, totals.payable);
    assert_eq!(figures, (Amount::ZERO, Amount::new(6_000), Amount::new(3_000)));
    let by_line: Vec<i64> = decision.lines.iter().map(|line| line.redeemed.value()).collect();
    assert_eq!(by_line, [2_000, 4_000], "every line is paid in the same proportion");
}

#[test]
fn br_4_returned_goods_give_back_their_part_of_the_level() {
    returned_in_parts(UsedPointsBack::ProRata, [66, 267, 67]);
}

#[test]
fn spent_points_come_back_with_the_last_goods_where_the_programme_says_so() {
    returned_in_parts(UsedPointsBack::FullReturnOnly, [0, 0, 400]);
}

fn returned_in_parts(used_points_back: UsedPointsBack, spent_back: [i64; 3]) {
    let programme = Programme { used_points_back, ..club_with(policy(percents())) };
    let lines = ninety();
    let scene = Scene::member(1_000);
    let evaluator = Evaluator::new(programme.clone());
    let decision = evaluator.decide(&spending(lines.clone(), 400), &scene.occasion());
    let sold = sold_receipt(&programme, &lines, &decision, &scene);
    let mut returned = Returned::new();
    let parts = [
        // line, units; money back, all that remains
        ("a", 1, 1_200, RemainingSale::Some),
        ("b", 1, 4_800, RemainingSale::Some),
        ("a", 1, 1_200, RemainingSale::Nothing),
    ];
    for ((id, units, money, remaining), spent_back) in parts.into_iter().zip(spent_back) {
        let line_id = crate::loyalty::LineId::parse(id).expect("plain");
        let part = [ReturnLine { line_id, quantity: Quantity::units(units) }];
        let outcome = evaluator.take_back(&sold, &returned, &part).expect("a sound return");
        let Some(Change::Undo { points, .. }) = outcome.change else {
            panic!("a member's return changes the account");
        };
        let back = points.given_back().value();
        assert_eq!((outcome.refund.value(), back), (money, spent_back), "{id}");
        assert_eq!(outcome.remaining, remaining);
        returned = outcome.returned;
    }
}

/// Up to five levels at whole hundreds of points, worth more and more or as much again.
fn any_ladder() -> impl Strategy<Value = Ladder> {
    let rises = prop::collection::vec((1_i64..8, 0_u32..20_000), 1..6);
    let rounding = prop_oneof![Just(Rounding::Floor), Just(Rounding::HalfUp), Just(Rounding::Ceil)];
    (rises, any::<bool>(), rounding, any::<bool>()).prop_map(
        |(rises, percent, rounding, capped)| {
            let (mut points, mut worth) = (Points::ZERO, 1);
            let rise = |(hundreds, more): (i64, u32)| {
                points += Points::new(hundreds * 100);
                worth += more;
                let worth = match percent {
                    true => LevelWorth::Percent(Percent::from_thousandths(worth)),
                    false => LevelWorth::Amount(Amount::new(i64::from(worth))),
                };
                Level { points, worth }
            };
            let levels = rises.into_iter().map(rise).collect();
            let oversize = if capped { Oversize::Capped } else { Oversize::NotOffered };
            Ladder { levels, rounding, oversize }
        },
    )
}

/// The club's steps, or a ladder.
pub(super) fn any_redemption() -> impl Strategy<Value = RedemptionPolicy> {
    let worth = prop::option::of(any_ladder());
    let usable = prop::bool::weighted(0.2);
    (worth, any::<bool>(), 20_u32..=100, usable).prop_map(|(ladder, refuse, share, usable)| {
        let steps = club().redemption.expect("the club redeems");
        RedemptionPolicy {
            worth: ladder.map_or(steps.worth, PointsWorth::Levels),
            excess: if refuse { Excess::Refuse } else { Excess::Clamp },
            share_max: Percent::whole(share),
            this_sale: if usable { ThisSale::Usable } else { ThisSale::Later },
            ..steps
        }
    })
}

#[test]
fn a_level_of_as_many_percent_as_the_share_allows_is_offered_on_every_basket() {
    for price in 1_000..1_010 {
        let policy = RedemptionPolicy { share_max: Percent::whole(20), ..policy(percents()) };
        let decision = decide(policy, 400, vec![line("a", "milk", 1, price)], &Scene::member(400));
        let points = decision.points.as_ref().expect("a member");
        assert_eq!(points.spent, Points::new(400), "{price}: {:?}", spend_reasons(&decision));
    }
}
