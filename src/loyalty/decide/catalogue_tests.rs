//! The choice of rewards for points (LD-42), case by case.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::examples::*;
use super::*;
use crate::cases::{cases, ran};
use crate::loyalty::Change;
use crate::loyalty::basket::{Line, LineFlag, RequestedBenefits, RequestedSpend};
use crate::loyalty::counter::{CountWindow, CounterId, UseLimit};
use crate::loyalty::decision::{Benefit, Reason, Subject};
use crate::loyalty::entry::RemainingSale;
use crate::loyalty::ids::{LineId, RewardId};
use crate::loyalty::programme::*;
use crate::loyalty::returns::{ReturnLine, Returned};
use crate::loyalty::standing::{AccountKind, CompanyRole};
use crate::loyalty::terms::Conditions;
use crate::member_code::Strength;
use crate::money::Quantity;

fn reward(id: &str, points: i64, gift: Gift, conditions: Conditions) -> CatalogueReward {
    CatalogueReward {
        id: RewardId::parse(id).expect("plain"),
        name: id.to_owned(),
        points: Points::new(points),
        gift,
        conditions,
        limits: Vec::new(),
    }
}

/// A milk for 80 points, a tv for 1.00 and 500 points, wrapping for 30 points.
fn with_catalogue() -> Programme {
    let item = |price| Gift::Item { price: Amount::new(price) };
    let rewards = vec![
        reward("cheap-tv", 500, item(100), on_skus(&["tv"])),
        reward("milk", 80, item(0), on_skus(&["milk"])),
        reward("wrap", 30, Gift::Service { sku: None }, Conditions::default()),
    ];
    Programme { rewards, ..club() }
}

fn choosing(lines: Vec<Line>, rewards: &[&str], spend: i64) -> Basket {
    let mut chosen = BTreeMap::new();
    for id in rewards {
        *chosen.entry(RewardId::parse(id).expect("plain")).or_insert(0) += 1;
    }
    let spend = RequestedSpend::Exactly(Points::new(spend));
    Basket::parse(
        lines,
        RequestedBenefits { spend, rewards: chosen, ..RequestedBenefits::default() },
    )
    .expect("a sound basket")
}

fn decide(programme: &Programme, basket: &Basket, scene: &Scene) -> Decision {
    Evaluator::new(programme.clone()).decide(basket, &scene.occasion())
}

/// Two milks of 15.00 and a tv of 60.00.
fn ninety() -> Vec<Line> {
    vec![line("a", "milk", 2, 1_500), line("b", "tv", 1, 6_000)]
}

fn given(decision: &Decision) -> Vec<(&str, i64, u32, i64)> {
    let given = decision.applied.iter().filter_map(|applied| match &applied.benefit {
        Benefit::Reward { reward, points, times } => {
            Some((reward.as_str(), points.value(), *times, applied.amount.value()))
        }
        _ => None,
    });
    given.collect()
}

fn reasons(decision: &Decision, id: &str) -> Vec<Reason> {
    let subject = Subject::Reward(RewardId::parse(id).expect("plain"));
    let told = decision.refused.iter().filter(|refusal| refusal.subject == subject);
    told.map(|refusal| refusal.reason.clone()).collect()
}

fn missing(points: i64) -> Reason {
    Reason::PointsMissing { missing: Points::new(points) }
}

#[test]
fn ld_42_a_customer_chooses_items_and_services_for_exactly_their_points() {
    let none: &[&str] = &[];
    let cases = [
        // chosen, spent, given (reward, points, times, money off), to be paid of 90.00
        (none, 0, vec![], 9_000),
        (&["milk"][..], 80, vec![("milk", 80, 1, 1_500)], 7_500),
        (&["milk", "milk"][..], 160, vec![("milk", 160, 2, 3_000)], 6_000),
        (&["wrap", "wrap"][..], 60, vec![("wrap", 60, 2, 0)], 9_000),
        (
            &["wrap", "cheap-tv"][..],
            530,
            vec![("cheap-tv", 500, 1, 5_900), ("wrap", 30, 1, 0)],
            3_100,
        ),
        (&["nothing"][..], 0, vec![], 9_000),
    ];
    for (chosen, spent, expected, payable) in cases {
        let basket = choosing(ninety(), chosen, 0);
        let decision = decide(&with_catalogue(), &basket, &Scene::member(1_000));
        let points = decision.points.as_ref().expect("a member");
        assert_eq!(given(&decision), expected, "{chosen:?}");
        assert_eq!(points.spent, Points::new(spent), "{chosen:?}");
        assert_eq!(decision.totals.payable, Amount::new(payable), "{chosen:?}");
        assert_eq!(points.after, points.before - points.spent + points.earned, "{chosen:?}");
    }
}

#[test]
fn ld_42_a_reward_that_cannot_be_had_says_why_and_what_is_missing() {
    let scene = Scene::member(100);
    let anonymous = Scene::anonymous();
    let held = Scene { held: Points::new(50), ..Scene::member(100) };
    let cases = [
        ("milk", ninety(), &anonymous, vec![Reason::MembersOnly]),
        ("gold-bar", ninety(), &scene, vec![Reason::RewardUnknown]),
        ("cheap-tv", ninety(), &scene, vec![missing(400)]),
        ("milk", ninety(), &held, vec![missing(30)]),
        ("milk", vec![line("b", "tv", 1, 6_000)], &scene, vec![Reason::NoEligibleLine]),
        ("milk", vec![line("b", "milk", 1, 0)], &scene, vec![Reason::NothingLeft]),
    ];
    for (id, lines, scene, expected) in cases {
        let decision = decide(&with_catalogue(), &choosing(lines, &[id], 0), scene);
        assert_eq!(reasons(&decision, id), expected, "{id}");
        assert_eq!(given(&decision), [], "{id}");
    }
    let decision = decide(&with_catalogue(), &choosing(ninety(), &["milk", "milk"], 0), &scene);
    assert_eq!(given(&decision), [("milk", 80, 1, 1_500)], "as many as the points pay for");
    assert_eq!(reasons(&decision, "milk"), [missing(60)]);
}

#[test]
fn ld_42_a_unit_is_one_reward_and_a_fixed_line_is_none() {
    let mut fixed = line("a", "milk", 1, 1_500);
    fixed.flags.insert(LineFlag::NoDiscount);
    let mut floored = line("a", "milk", 1, 1_500);
    floored.unit_price_min = Some(Amount::new(1));
    let mut weighed = line("a", "milk", 1, 1_500);
    (weighed.quantity, weighed.amount) = (Quantity::new(1_500), Amount::new(2_250));
    let cases = [
        (line("a", "milk", 1, 1_500), 1, vec![Reason::NoEligibleLine]),
        (fixed, 0, vec![Reason::NoEligibleLine]),
        (floored, 0, vec![Reason::NothingLeft]),
        (weighed, 0, vec![Reason::NoEligibleLine]),
    ];
    for (line, times, expected) in cases {
        let basket = choosing(vec![line], &["milk", "milk"], 0);
        let decision = decide(&with_catalogue(), &basket, &Scene::member(1_000));
        assert_eq!(given(&decision).first().map_or(0, |given| given.2), times, "{basket:?}");
        assert_eq!(reasons(&decision, "milk"), expected, "{basket:?}");
    }
}

#[test]
fn ld_42_points_are_spent_as_money_beside_rewards_from_what_is_left() {
    let basket = choosing(ninety(), &["milk"], 300);
    let decision = decide(&with_catalogue(), &basket, &Scene::member(300));
    let points = decision.points.as_ref().expect("a member");
    assert_eq!(points.spent, Points::new(280), "80 for the milk, two whole steps of the other 220");
    assert_eq!(decision.totals.redeemed, Amount::new(1_500 + 2_000));
    let only = Reason::NotEnoughPoints { available: Points::new(220) };
    assert!(decision.refused.contains(&Refusal { subject: Subject::Spend, reason: only }));
}

#[test]
fn ld_42_rewards_ask_for_the_strength_of_all_points_together() {
    let mut programme = with_catalogue();
    let policy = programme.redemption.as_mut().expect("the club redeems");
    // 100 points are worth 10.00; from 15.00 on a rotating code is asked for.
    policy.strength = vec![StrengthStep { from: Amount::new(1_500), strength: Strength::Totp }];
    let better = Reason::IdentifyBetter { needs: Strength::Totp };
    let cases: [(&[&str], i64, usize, &str); 3] = [
        (&["milk"], 0, 1, "8.00"),
        (&["milk", "milk"], 0, 1, "16.00"),
        (&["milk"], 100, 1, "18.00"),
    ];
    for (chosen, spend, times, worth) in cases {
        let basket = choosing(ninety(), chosen, spend);
        let decision = decide(&programme, &basket, &Scene::member(1_000));
        assert_eq!(given(&decision).len(), times, "{worth}");
        let asked = decision.refused.iter().any(|refusal| refusal.reason == better);
        assert_eq!(asked, worth != "8.00", "{worth}");
    }
}

#[test]
fn ld_26_only_those_that_the_programme_names_spend_a_companys_points() {
    let mut programme = with_catalogue();
    let policy = programme.redemption.as_mut().expect("the club redeems");
    policy.company_roles = Some(BTreeSet::from([CompanyRole::DecisionMaker]));
    let cases = [
        (AccountKind::Company, Some(CompanyRole::DecisionMaker), true),
        (AccountKind::Company, Some(CompanyRole::Buyer), false),
        (AccountKind::Company, None, false),
        (AccountKind::Household, None, true),
        (AccountKind::Person, None, true),
    ];
    for (kind, role, may) in cases {
        let scene = Scene { kind, role, ..Scene::member(1_000) };
        let decision = decide(&programme, &choosing(ninety(), &["wrap"], 100), &scene);
        let points = decision.points.as_ref().expect("a member");
        assert_eq!(points.spent, Points::new(if may { 130 } else { 0 }), "{kind:?} {role:?}");
        assert_eq!(points.redeemable.is_some(), may, "{kind:?} {role:?}");
        let told = decision.refused.iter().filter(|told| told.reason == Reason::RoleMayNotSpend);
        assert_eq!(told.count(), if may { 0 } else { 2 }, "{kind:?} {role:?}");
        assert!(points.earned.is_positive(), "everybody collects");
    }
}

#[test]
fn ld_26_a_benefit_may_be_for_kinds_of_accounts_and_roles() {
    let mut programme = with_catalogue();
    let audience = &mut programme.rewards[2].conditions.audience;
    audience.account_kinds = Some(BTreeSet::from([AccountKind::Company, AccountKind::Household]));
    let cases = [
        (AccountKind::Company, Some(CompanyRole::Buyer), None, None),
        (AccountKind::Company, None, Some(Reason::OtherRole), None),
        (AccountKind::Household, None, Some(Reason::OtherRole), None),
        (AccountKind::Person, None, Some(Reason::OtherAccountKind), Some(Reason::OtherAccountKind)),
    ];
    for (kind, role, for_buyers, for_all) in cases {
        let scene = Scene { kind, role, ..Scene::member(1_000) };
        let buyers = Some(BTreeSet::from([CompanyRole::Buyer]));
        for (roles, expected) in [(buyers, for_buyers), (None, for_all)] {
            programme.rewards[2].conditions.audience.roles = roles;
            let decision = decide(&programme, &choosing(ninety(), &["wrap"], 0), &scene);
            assert_eq!(reasons(&decision, "wrap").first(), expected.as_ref(), "{kind:?} {role:?}");
        }
    }
}

#[test]
fn ld_42_limits_count_every_choice_of_an_account() {
    let mut programme = with_catalogue();
    let limit = UseLimit { window: CountWindow::Month, uses_max: 2 };
    programme.rewards[2].limits = vec![limit];
    let mut scene = Scene::member(1_000);
    for (chosen, times, refused) in [(1, 1, false), (2, 1, true), (1, 0, true)] {
        let basket = choosing(ninety(), &vec!["wrap"; chosen], 0);
        let decision = decide(&programme, &basket, &scene);
        assert_eq!(given(&decision).first().map_or(0, |given| given.2), times);
        let told = reasons(&decision, "wrap").contains(&Reason::LimitReached { limit });
        assert_eq!(told, refused);
        let points = decision.points.expect("a member");
        let change = points.change(decision.totals.payable);
        let day = programme.day_of(scene.now);
        let account = scene.account.take().expect("a member");
        scene.account = Some(account.after(day, programme.entry_terms(), &change));
    }
}

#[test]
fn ld_42_a_quote_lists_what_can_be_had_now_and_what_the_next_one_needs() {
    let mut programme = with_catalogue();
    let flags = Some(BTreeSet::from([crate::loyalty::FlagId::parse("vip").expect("plain")]));
    programme.rewards[1].conditions.audience.flags = flags;
    let options = |programme: &Programme, chosen: &[&str], scene: &Scene| {
        let decision = decide(programme, &choosing(ninety(), chosen, 0), scene);
        let told = |option: crate::loyalty::decision::RewardOption| {
            (option.reward.to_string(), option.obstacles)
        };
        decision.rewards.into_iter().map(told).collect::<Vec<_>>()
    };
    let scene = Scene::member(100);
    let expected = [("wrap".to_owned(), vec![]), ("cheap-tv".to_owned(), vec![missing(400)])];
    assert_eq!(options(&programme, &[], &scene), expected, "who is not meant is told nothing");
    let twice = [("wrap".to_owned(), vec![]), ("cheap-tv".to_owned(), vec![missing(430)])];
    assert_eq!(options(&programme, &["wrap"], &scene), twice, "of what is left");
    assert_eq!(options(&programme, &[], &Scene::anonymous()), []);
}

/// What came back of a sale in parts: points in all.
fn points_back(lines: &[Line], decision: &Decision, parts: &[(&str, i64)]) -> Vec<i64> {
    let programme = with_catalogue();
    let scene = Scene::member(0);
    let sold = sold_receipt(&programme, lines, decision, &scene);
    let evaluator = Evaluator::new(programme);
    let mut returned = Returned::new();
    let mut back = Vec::new();
    let undone = |outcome: crate::loyalty::ReturnOutcome| {
        let Some(Change::Undo { points, .. }) = outcome.change else { panic!("a change") };
        (points.given_back().value(), outcome.returned, outcome.remaining)
    };
    for (id, units) in parts {
        let line_id = LineId::parse(id).expect("plain");
        let part = [ReturnLine { line_id, quantity: Quantity::units(*units) }];
        let outcome = evaluator.take_back(&sold, &returned, &part).expect("a sound return");
        let (points, gone, _) = undone(outcome);
        back.push(points);
        returned = gone;
    }
    let (points, _, remaining) = undone(evaluator.take_back_the_rest(&sold, &returned));
    assert_eq!(remaining, RemainingSale::Nothing);
    back.push(points);
    back
}

#[test]
fn ld_42_an_item_gives_its_own_points_back_and_a_service_with_the_whole_sale() {
    let cases = [
        // chosen, spent as money, what comes back; points back, the last with the rest
        (&["cheap-tv"][..], 0, vec![("b", 1)], vec![500, 0]),
        (&["milk"][..], 0, vec![("a", 1), ("a", 1)], vec![40, 40, 0]),
        (&["wrap"][..], 0, vec![("a", 2)], vec![0, 30]),
        // Of the 10.00 spent as money the tv, 1.00 by then, was paid 0.32.
        (&["cheap-tv", "wrap"][..], 100, vec![("b", 1)], vec![503, 127]),
        (&["wrap"][..], 0, vec![], vec![30]),
    ];
    for (chosen, spend, parts, expected) in cases {
        let lines = ninety();
        let basket = choosing(lines.clone(), chosen, spend);
        let decision = decide(&with_catalogue(), &basket, &Scene::member(1_000));
        assert_eq!(points_back(&lines, &decision, &parts), expected, "{chosen:?} {parts:?}");
    }
    let basket = choosing(Vec::new(), &["wrap"], 0);
    let decision = decide(&with_catalogue(), &basket, &Scene::member(1_000));
    assert_eq!(points_back(&[], &decision, &[]), [30], "a receipt of a service alone");
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn ld_42_neither_the_order_nor_the_split_of_lines_changes_what_a_reward_gives(
        prices in prop::collection::vec(1_i64..5_000, 1..4),
        units in 1_i64..5, chosen in 1_usize..5, spend in 0_i64..10,
    ) {
        let skus = ["milk", "tv", "milk"];
        let of = |at: usize, id: &str, units| line(id, skus[at], units, prices[at]);
        let whole: Vec<Line> =
            (0..prices.len()).map(|at| of(at, &format!("{at}"), units)).collect();
        let mut split: Vec<Line> = (0..prices.len())
            .flat_map(|at| (0..units).map(move |unit| (at, unit)))
            .map(|(at, unit)| of(at, &format!("{at}-{unit}"), 1))
            .collect();
        split.reverse();
        let wanted = &["milk", "wrap", "cheap-tv", "milk"][..chosen];
        let scene = Scene::member(700);
        let decide = |lines: Vec<Line>| {
            decide(&with_catalogue(), &choosing(lines, wanted, spend * 100), &scene)
        };
        let (a, b) = (decide(whole), decide(split));
        prop_assert_eq!(a.totals, b.totals);
        prop_assert_eq!(given(&a), given(&b));
        prop_assert_eq!(a.points.map(|points| points.spent), b.points.map(|points| points.spent));
        ran();
    }

    #[test]
    fn ld_42_points_of_a_return_in_parts_are_those_of_a_return_at_once(
        units in 1_i64..4, chosen in 1_usize..5, spend in 0_i64..10, first in 0_usize..2,
    ) {
        let lines = vec![line("a", "milk", units, 1_999), line("b", "tv", units, 6_000)];
        let wanted = &["milk", "wrap", "cheap-tv", "milk"][..chosen];
        let basket = choosing(lines.clone(), wanted, spend * 100);
        let decision = decide(&with_catalogue(), &basket, &Scene::member(1_700));
        let parts: Vec<(&str, i64)> = (0..units).map(|_| (["a", "b"][first], 1)).collect();
        let at_once: i64 = points_back(&lines, &decision, &[]).iter().sum();
        let in_parts: i64 = points_back(&lines, &decision, &parts).iter().sum();
        prop_assert_eq!(at_once, in_parts);
        prop_assert_eq!(at_once, decision.points.expect("a member").spent.value());
        ran();
    }
}

#[test]
fn ld_42_what_a_till_gave_of_its_own_spends_the_points_and_counts() {
    let mut programme = with_catalogue();
    let limit = UseLimit { window: CountWindow::Month, uses_max: 1 };
    programme.rewards[2].limits = vec![limit];
    let lines = ninety();
    let basket = choosing(lines.clone(), &["wrap", "milk"], 0);
    let scene = Scene::member(50);
    let amounts = |values: [i64; 2]| values.map(Amount::new).to_vec();
    let rewards = [
        GivenReward { reward: &programme.rewards[1], times: 1, amounts: amounts([1_500, 0]) },
        GivenReward { reward: &programme.rewards[2], times: 2, amounts: amounts([0, 0]) },
    ];
    let given_by_till = GivenByTill {
        discounts: &amounts([1_500, 500]),
        spent: Points::new(140),
        redeemed: &amounts([1_500, 0]),
        rewards: &rewards,
        offers_used: &[],
        tax: Amount::ZERO,
        shared_used: &[],
        gifts: &[],
        promotions: &[],
        cashback: &amounts([0, 0]),
    };
    let evaluator = Evaluator::new(programme.clone());
    let decision = evaluator.decide_as_given(&basket, &scene.occasion(), &given_by_till);
    assert_eq!(given(&decision), [("milk", 80, 1, 1_500), ("wrap", 60, 2, 0)]);
    assert_eq!(decision.totals.payable, Amount::new(7_000));
    let points = decision.points.expect("a member");
    assert_eq!(points.spent, Points::new(140));
    let counted: Vec<_> = points.counted.iter().map(|c| (c.counter.clone(), c.by)).collect();
    let wrap = CounterId::RewardUses(RewardId::parse("wrap").expect("plain"));
    assert_eq!(counted, [(wrap, 2)]);
}
