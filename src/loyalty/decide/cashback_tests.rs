//! Cashback beside points (BQ-43), and what is pending of both.

use super::examples::*;
use super::*;
use crate::loyalty::claw_back::ClawBack;
use crate::loyalty::decision::{Reason, Subject};
use crate::loyalty::entry::Change;
use crate::loyalty::gain::Gain;
use crate::loyalty::ids::LineId;
use crate::loyalty::programme::{Excess, RedeemAs};
use crate::loyalty::purse::Undone;
use crate::loyalty::returns::{LotsBack, ReturnLine, Returned, SoldPoints};
use crate::loyalty::{Basket, Line, SoldPurse};
use crate::loyalty::{CashbackOutcome, Expires, Gained, PendingPart};
use crate::money::{Percent, Quantity};
use std::collections::BTreeSet;

/// A member with points and cashback.
fn scene(points: i64, cashback: i64) -> Scene {
    let mut scene = Scene::member(points);
    scene.account = scene.account.map(|account| with_cashback(account, cashback));
    scene
}

fn decided(programme: &Programme, basket: &Basket, scene: &Scene) -> Decision {
    Evaluator::new(programme.clone()).decide(basket, &scene.occasion())
}

fn cashback(decision: &Decision) -> &CashbackOutcome {
    let points = decision.points.as_ref().expect("a member");
    points.cashback.as_ref().expect("a programme with cashback")
}

fn tv(price: i64) -> Vec<Line> {
    vec![line("1", "tv", 1, price)]
}

#[test]
fn bq_43_a_share_of_what_is_paid_comes_back_as_money_beside_the_points() {
    let cases = [
        // price, points spent, cashback spent; points and cashback earned
        (12_345, 0, 0, 12, 246),
        (49, 0, 0, 0, 0),
        (12_345, 100, 0, 11, 226),
        (12_345, 100, 345, 11, 220),
    ];
    for (price, spend, spend_cashback, points, earned) in cases {
        let basket = paying(tv(price), spend, spend_cashback);
        let decision = decided(&club_with_cashback(), &basket, &scene(500, 1_000));
        let outcome = decision.points.as_ref().expect("a member");
        assert_eq!(outcome.earned.value(), points, "{price} {spend} {spend_cashback}");
        let found = cashback(&decision);
        assert_eq!(found.gained.earned.value(), earned, "{price} {spend} {spend_cashback}");
        assert_eq!(found.before, Amount::new(1_000));
        assert_eq!(found.after, Amount::new(1_000 - spend_cashback + earned));
    }
}

#[test]
fn bq_43_a_cashback_rule_has_scopes_limits_and_tiers_as_one_of_points() {
    let mut programme = club_with_cashback();
    let rule = programme.earn.last_mut().expect("the rule on cashback");
    rule.conditions = on_skus(&["milk"]);
    rule.tier_multiplied = crate::loyalty::TierMultiplied::Yes;
    let tiers = programme.tiers.as_mut().expect("tiers");
    tiers.steps[0].multiplier = crate::money::Factor::from_thousandths(1_500);
    let lines = vec![line("1", "tv", 1, 10_000), line("2", "milk", 1, 10_000)];
    let decision = decided(&programme, &paying(lines, 0, 0), &scene(0, 0));
    assert_eq!(cashback(&decision).gained.earned, Amount::new(300), "2 % of the milk, half more");
    let decision = decided(&programme, &paying(tv(10_000), 0, 0), &scene(0, 0));
    assert_eq!(cashback(&decision).gained.earned, Amount::ZERO);
    let told = |refusal: &&Refusal| refusal.reason == Reason::NoEligibleLine;
    assert!(decision.refused.iter().any(|refusal| told(&refusal)), "{:?}", decision.refused);
}

#[test]
fn bq_43_cashback_is_spent_exactly_as_asked_for_after_points_and_never_unasked() {
    let amount = Amount::new;
    let (clamp, refuse) = (Excess::Clamp, Excess::Refuse);
    let cases = [
        // excess, balance, points, asked; spent, to be paid, why not
        (clamp, 1_000, 0, 0, 0, 10_000, None),
        (clamp, 1_000, 0, 345, 345, 9_655, None),
        (clamp, 1_000, 500, 345, 345, 4_655, None),
        (
            clamp,
            1_000,
            0,
            1_001,
            1_000,
            9_000,
            Some(Reason::NotEnoughCashback { available: amount(1_000) }),
        ),
        (
            refuse,
            1_000,
            0,
            1_001,
            0,
            10_000,
            Some(Reason::NotEnoughCashback { available: amount(1_000) }),
        ),
        (
            clamp,
            50_000,
            500,
            6_000,
            5_000,
            0,
            Some(Reason::CashbackOverShare { amount_max: amount(5_000) }),
        ),
        (clamp, 0, 0, 5, 0, 10_000, Some(Reason::NotEnoughCashback { available: amount(0) })),
    ];
    for (excess, held, points, asked, spent, payable, why_not) in cases {
        let mut programme = club_with_cashback();
        programme.cashback.as_mut().expect("cashback").redemption.excess = excess;
        let decision = decided(&programme, &paying(tv(10_000), points, asked), &scene(500, held));
        let found = cashback(&decision);
        assert_eq!(found.gained.spent, amount(spent), "{held} {points} {asked}");
        assert_eq!(decision.totals.payable, amount(payable), "{held} {points} {asked}");
        let of_cashback = |refusal: &&Refusal| refusal.subject == Subject::Cashback;
        let refused = decision.refused.iter().find(of_cashback).map(|refusal| &refusal.reason);
        assert_eq!(refused, why_not.as_ref(), "{held} {points} {asked}");
        let spent_from: Amount = found.spent_from.iter().map(|part| part.value).sum();
        assert_eq!(spent_from, amount(spent));
    }
}

#[test]
fn bq_43_a_minimum_and_a_share_bound_what_is_spent() {
    let mut programme = club_with_cashback();
    let policy = &mut programme.cashback.as_mut().expect("cashback").redemption;
    policy.minimum = Points::new(100);
    policy.share_max = Percent::whole(10);
    let asked = |amount| {
        let decision = decided(&programme, &paying(tv(5_000), 0, amount), &scene(0, 2_000));
        let of_cashback = |refusal: &&Refusal| refusal.subject == Subject::Cashback;
        let refused = decision.refused.iter().find(of_cashback).map(|r| r.reason.clone());
        let found = cashback(&decision);
        (found.gained.spent.value(), found.spendable.map(Amount::value), refused)
    };
    let amount = Amount::new;
    let below = Reason::BelowCashbackMinimum { minimum: amount(100) };
    let over = Reason::CashbackOverShare { amount_max: amount(500) };
    assert_eq!(asked(99), (0, Some(500), Some(below)));
    assert_eq!(asked(100), (100, Some(500), None));
    assert_eq!(asked(501), (500, Some(500), Some(over)));
}

#[test]
fn bq_43_without_cashback_in_the_programme_or_a_member_there_is_none() {
    let without = decided(&club(), &paying(tv(5_000), 0, 100), &Scene::member(0));
    assert_eq!(without.points.as_ref().expect("a member").cashback, None);
    let reasons = |decision: &Decision| -> Vec<Reason> {
        decision.refused.iter().map(|refusal| refusal.reason.clone()).collect()
    };
    assert_eq!(reasons(&without), [Reason::NoCashback]);
    let nobody = decided(&club_with_cashback(), &paying(tv(5_000), 0, 100), &Scene::anonymous());
    assert!(reasons(&nobody).contains(&Reason::MembersOnly));
    assert_eq!(nobody.totals.payable, Amount::new(5_000));
}

#[test]
fn bq_43_as_a_tender_it_lowers_no_tax_and_pays_for_what_nobody_may_discount() {
    let mut programme = club_with_cashback();
    let mut goods = tv(12_100);
    goods[0].unit_price_min = Some(Amount::new(12_100));
    let tax = |programme: &Programme| {
        let decision = decided(programme, &paying(goods.clone(), 0, 1_000), &scene(0, 1_000));
        let sum = decision.taxes[0];
        (decision.totals.payable.value(), sum.total.value(), sum.tax.value())
    };
    assert_eq!(tax(&programme), (12_100, 12_100, 2_100), "a discount stops at the floor");
    programme.cashback.as_mut().expect("cashback").redemption.redeem_as = RedeemAs::Tender;
    assert_eq!(tax(&programme), (11_100, 12_100, 2_100));
}

/// Takes units of the first line back: cashback taken, given back, points taken, given back.
fn take_back(
    programme: &Programme,
    (lines, decision): (&[Line], &Decision),
    units: &[i64],
) -> Vec<[i64; 4]> {
    let scene = Scene::anonymous();
    let sold = sold_receipt(programme, lines, decision, &scene);
    let evaluator = Evaluator::new(programme.clone());
    let mut returned = Returned::new();
    let part = |units: &i64| {
        let line_id = LineId::parse("1").expect("plain");
        let part = ReturnLine { line_id, quantity: Quantity::units(*units) };
        let outcome = evaluator.take_back(&sold, &returned, &[part]).expect("it was sold");
        returned = outcome.returned;
        let Some(Change::Undo { points, cashback, .. }) = outcome.change else {
            panic!("a member's return changes the account");
        };
        let taken = [cashback.clawed_back, cashback.given_back()].map(Amount::value);
        let of_points = [points.clawed_back, points.given_back()].map(Points::value);
        [taken[0], taken[1], of_points[0], of_points[1]]
    };
    units.iter().map(part).collect()
}

#[test]
fn bq_43_parts_of_a_return_bring_back_what_the_whole_does() {
    let programme = club_with_cashback();
    let lines = vec![line("1", "tv", 3, 3_350)];
    // 10.00 by 100 points and 7.77 of cashback of 100.50 leave 82.73.
    let decision = decided(&programme, &paying(lines.clone(), 100, 777), &scene(500, 1_000));
    assert_eq!(decision.totals.payable, Amount::new(8_273));
    let sold = (lines.as_slice(), &decision);
    assert_eq!(take_back(&programme, sold, &[3]), [[165, 777, 8, 100]]);
    let parts = take_back(&programme, sold, &[1, 1, 1]);
    assert_eq!(parts, [[55, 259, 3, 33], [55, 259, 3, 33], [55, 259, 2, 34]]);
}

#[test]
fn what_a_rule_gives_is_pending_for_its_days() {
    let mut programme = club_with_cashback();
    programme.earn[0].pending_days = 14;
    programme.earn[1].pending_days = 3;
    let decision = decided(&programme, &paying(tv(10_000), 0, 0), &scene(500, 1_000));
    let points = decision.points.as_ref().expect("a member");
    let day = |text: &str| text.parse().expect("a day");
    let part = |from: &str, points| PendingPart { usable_from: day(from), value: points };
    assert_eq!(points.pending_after, [part("2026-03-24", Points::new(10))]);
    assert_eq!((points.before, points.after), (Points::new(500), Points::new(500)));
    let found = cashback(&decision);
    let back = PendingPart { usable_from: day("2026-03-13"), value: Amount::new(200) };
    assert_eq!((found.after, &found.pending_after), (Amount::new(1_000), &vec![back]));
    let told: Vec<_> = points.earned_by.iter().map(|by| (by.gain, by.usable_from)).collect();
    assert_eq!(
        told,
        [
            (Gain::Points(Points::new(10)), Some(day("2026-03-24"))),
            (Gain::Cashback(Amount::new(200)), Some(day("2026-03-13"))),
        ]
    );
}

#[test]
fn pending_points_cannot_be_spent_and_no_condition_counts_them() {
    let mut programme = club();
    programme.earn[0].pending_days = 14;
    let mut scene = Scene::member(0);
    let first = decided(&programme, &paying(tv(200_000), 0, 0), &scene);
    let change = first.points.as_ref().expect("a member").change(first.totals.payable);
    let today = programme.day_of(scene.now);
    let account = scene.account.take().expect("a member");
    scene.account = Some(account.after(today, programme.entry_terms(), &change));
    let spent_in = |days, scene: &mut Scene| {
        scene.now += chrono::TimeDelta::days(days);
        let decision = decided(&programme, &paying(tv(10_000), 200, 0), scene);
        let points = decision.points.expect("a member");
        (points.before.value(), points.spent.value())
    };
    assert_eq!(spent_in(13, &mut scene), (0, 0));
    assert_eq!(spent_in(1, &mut scene), (200, 200));
}

#[test]
fn a_return_under_pending_only_takes_what_is_pending_and_forgives_the_rest() {
    let sale_day: NaiveDate = "2026-03-10".parse().expect("a day");
    let usable_from: NaiveDate = "2026-03-24".parse().expect("a day");
    let terms = club().entry_terms();
    let gained = Gained {
        earned: Points::new(100),
        expires: Expires::WithActivity,
        pending: vec![PendingPart { usable_from, value: Points::new(100) }],
        spent: Points::ZERO,
    };
    let sale = Change::Sale {
        points: gained,
        cashback: Gained::default(),
        converted: Points::ZERO,
        spend: Amount::new(100_000),
        counted: Vec::new(),
    };
    let sold = Account::default().after(sale_day, terms, &sale);
    let flags = BTreeSet::new();
    let sold_points = SoldPoints {
        tier: None,
        flags: &flags,
        points: SoldPurse { earned: Points::new(100), ..SoldPurse::default() },
        cashback: SoldPurse::default(),
        earned_by: &[],
        counted: &[],
        shared: &[],
        average_basket: None,
        converted: &Default::default(),
        issued: &[],
    };
    let part = |value| PendingPart { usable_from, value: Points::new(value) };
    let cases = [
        // the days of two parts of a return; what is forgiven of 60 and of 40, usable, pending
        (["2026-03-10", "2026-03-10"], [0, 0], 0, 0),
        (["2026-03-23", "2026-03-23"], [0, 0], 0, 0),
        (["2026-03-23", "2026-03-24"], [0, 40], 40, 0),
        (["2026-03-24", "2026-03-24"], [60, 40], 100, 0),
    ];
    for (days, expected, usable, pending) in cases {
        let mut account = sold.clone();
        let mut forgiven = [0; 2];
        for (at, value) in [60, 40].into_iter().enumerate() {
            let day: NaiveDate = days[at].parse().expect("a day");
            let mut change = Change::Undo {
                sale_day,
                remaining: crate::loyalty::RemainingSale::Some,
                points: Undone {
                    clawed_back: Points::new(value),
                    expires: Expires::WithActivity,
                    pending: vec![part(value)],
                    ..Undone::default()
                },
                cashback: Undone::default(),
                spend: Amount::ZERO,
                counted: Vec::new(),
            };
            let back = LotsBack::default();
            ClawBack::PendingOnly.settle((&mut change, &back), &sold_points, &account, day, terms);
            account = account.after(day, terms, &change);
            let Change::Undo { points, .. } = change else { unreachable!("as made") };
            forgiven[at] = points.forgiven.value();
        }
        let waiting: Points = account.points().pending().iter().map(|part| part.value).sum();
        assert_eq!(forgiven, expected, "{days:?}");
        assert_eq!((account.balance().value(), waiting.value()), (usable, pending), "{days:?}");
        assert_eq!(account.debt(), Points::ZERO);
    }
}
