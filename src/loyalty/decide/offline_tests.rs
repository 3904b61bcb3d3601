//! A bound of the device on what is spent, beside the balance.

use super::examples::*;
use super::*;
use crate::loyalty::SpendingCap;
use crate::loyalty::decision::{Choices, Reason, Subject};
use crate::loyalty::programme::{
    AccrualBase, AccrualMoment, Excess, Ladder, Level, LevelWorth, Oversize, PointsWorth,
    RedemptionPolicy, ThisSale,
};
use crate::money::{Percent, Rounding};

/// A member with points and cashback at a device that may spend so much of each.
fn scene(points: i64, cashback: i64, cap: (i64, i64)) -> Scene {
    let mut scene = Scene::member(points);
    scene.account = scene.account.map(|account| with_cashback(account, cashback));
    scene.offline_cap =
        SpendingCap { points: Some(Points::new(cap.0)), cashback: Some(Amount::new(cap.1)) };
    scene
}

/// Ten points pay 1.00.
fn in_tens(this_sale: ThisSale) -> RedemptionPolicy {
    let worth = PointsWorth::Steps { step: Points::new(10), value: Amount::new(100) };
    let (share_max, minimum) = (Percent::WHOLE, Points::new(10));
    let policy = club().redemption.expect("a policy");
    RedemptionPolicy { this_sale, worth, minimum, share_max, excess: Excess::Clamp, ..policy }
}

fn of_spend(decision: &Decision) -> Vec<Reason> {
    let of_spend = decision.refused.iter().filter(|refusal| refusal.subject == Subject::Spend);
    of_spend.map(|refusal| refusal.reason.clone()).collect()
}

#[test]
fn the_tighter_of_balance_and_bound_holds_and_is_the_one_that_is_told() {
    let offline = |left| vec![Reason::OfflineLimit { left: Points::new(left) }];
    let balance = |points| vec![Reason::NotEnoughPoints { available: Points::new(points) }];
    let programme = Programme { redemption: Some(in_tens(ThisSale::Later)), ..club() };
    let cases = [
        // balance, on hold, bound; asked for; spent, why no more
        (1_000, 0, 300, 200, 200, vec![]),
        (1_000, 0, 300, 500, 300, offline(300)),
        (1_000, 50, 300, 500, 250, offline(250)),
        (1_000, 400, 300, 500, 0, offline(0)),
        (1_000, 0, 0, 500, 0, offline(0)),
        (200, 0, 300, 500, 200, balance(200)),
        (300, 0, 300, 500, 300, balance(300)),
    ];
    for (points, held, cap, asked, spent, told) in cases {
        let scene = Scene { held: Points::new(held), ..scene(points, 0, (cap, 0)) };
        let basket = spending(vec![line("1", "tv", 1, 200_000)], asked);
        let decision = Evaluator::new(programme.clone()).decide(&basket, &scene.occasion());
        let found = decision.points.as_ref().expect("a member");
        assert_eq!(found.spent, Points::new(spent), "{points} {held} {cap}");
        let most = found.redeemable.as_ref().expect("points can be spent").points_max;
        assert!(found.spent <= most && most <= Points::new(cap), "{most:?}");
        assert_eq!(of_spend(&decision), told, "{points} {held} {cap}");
    }
}

#[test]
fn points_of_this_sale_are_spent_within_the_bound_too() {
    let programme = Programme {
        redemption: Some(in_tens(ThisSale::Usable)),
        accrual: crate::loyalty::AccrualPolicy {
            base: AccrualBase { redemption: AccrualMoment::Before, ..AccrualBase::default() },
            ..club().accrual
        },
        ..club()
    };
    for (cap, spent) in [(1_000, 300), (250, 250), (50, 50), (0, 0)] {
        let basket = spending(vec![line("1", "tv", 1, 200_000)], 500);
        let scene = scene(100, 0, (cap, 0));
        let decision = Evaluator::new(programme.clone()).decide(&basket, &scene.occasion());
        assert_eq!(decision.points.expect("a member").spent, Points::new(spent), "{cap}");
    }
}

#[test]
fn a_level_beyond_the_bound_says_so() {
    let levels = [100, 200, 400].map(|points| Level {
        points: Points::new(points),
        worth: LevelWorth::Amount(Amount::new(points * 10)),
    });
    let (levels, rounding) = (levels.to_vec(), Rounding::HalfUp);
    let worth = PointsWorth::Levels(Ladder { levels, rounding, oversize: Oversize::NotOffered });
    let policy = RedemptionPolicy { worth, minimum: Points::new(100), ..in_tens(ThisSale::Later) };
    let programme = Programme { redemption: Some(policy), ..club() };
    let basket = spending(vec![line("1", "tv", 1, 200_000)], 0);
    let scene = scene(300, 0, (150, 0));
    let decision = Evaluator::new(programme).decide(&basket, &scene.occasion());
    let redeemable = decision.points.expect("a member").redeemable.expect("points can be spent");
    let Choices::Levels { levels, .. } = redeemable.choices else { panic!("levels") };
    let told: Vec<_> = levels.into_iter().map(|level| level.obstacles).collect();
    let offline = vec![Reason::OfflineLimit { left: Points::new(150) }];
    assert_eq!(told, [vec![], offline.clone(), offline]);
}

#[test]
fn cashback_has_a_bound_of_its_own() {
    let offline = |left| Some(Reason::CashbackOfflineLimit { left: Amount::new(left) });
    let balance = |left| Some(Reason::NotEnoughCashback { available: Amount::new(left) });
    for (cashback, held, cap, asked, spent, told) in [
        (1_000, 0, 400, 400, 400, None),
        (1_000, 0, 400, 401, 400, offline(400)),
        (1_000, 100, 400, 401, 300, offline(300)),
        (300, 0, 400, 401, 300, balance(300)),
    ] {
        let held_cashback = Amount::new(held);
        let scene = Scene { held_cashback, ..scene(0, cashback, (0, cap)) };
        let basket = paying(vec![line("1", "tv", 1, 10_000)], 0, asked);
        let evaluator = Evaluator::new(club_with_cashback());
        let decision = evaluator.decide(&basket, &scene.occasion());
        let of_cashback = |refusal: &&Refusal| refusal.subject == Subject::Cashback;
        let found = decision.refused.iter().find(of_cashback).map(|refusal| refusal.reason.clone());
        assert_eq!(found, told, "{cashback} {cap}");
        let points = decision.points.expect("a member");
        let found = points.cashback.expect("cashback").gained.spent;
        assert_eq!(found, Amount::new(spent), "{cashback} {cap}");
    }
}
