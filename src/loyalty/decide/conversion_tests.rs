//! Points that become vouchers by themselves (LD-41), and vouchers chosen for points (LD-42), from
//! the sale to what comes back.

use std::collections::{BTreeMap, BTreeSet};

use super::examples::*;
use super::*;
use crate::loyalty::basket::{Line, RequestedBenefits};
use crate::loyalty::conversion::Conversion;
use crate::loyalty::decision::{Reason, Subject};
use crate::loyalty::entry::{Change, Expires};
use crate::loyalty::ids::{ConversionId, FlagId, LineId, RewardId, VoucherId, VoucherTypeId};
use crate::loyalty::issue::{IssueState, Issued, IssuedBy, SoldIssue, VoucherGrant, VoucherTerm};
use crate::loyalty::programme::*;
use crate::loyalty::returns::{
    ReturnError, ReturnLine, ReturnOutcome, Returned, RewardsBack, SoldPoints, SoldReceipt,
};
use crate::loyalty::terms::{Audience, Conditions};
use crate::money::Quantity;

fn grant(term: VoucherTerm) -> VoucherGrant {
    let kind = VoucherTypeId::parse("v5").expect("plain");
    VoucherGrant { types: BTreeMap::from([(0, kind)]), starts_in_days: 0, term }
}

fn conversion(id: &str, at: i64, points: i64, times_max: u32) -> Conversion {
    Conversion {
        id: ConversionId::parse(id).expect("plain"),
        name: id.to_owned(),
        conditions: Conditions::default(),
        at: Points::new(at),
        points: Points::new(points),
        times_max,
        voucher: grant(VoucherTerm::Days(30)),
    }
}

/// The club, where each 500 points become a voucher.
fn with(conversions: Vec<Conversion>) -> Programme {
    Programme { conversions, ..club() }
}

fn decide(programme: &Programme, scene: &Scene, tens: i64) -> Decision {
    let bought = basket(vec![line("a", "milk", tens, 1_000)]);
    Evaluator::new(programme.clone()).decide(&bought, &scene.occasion())
}

/// Conversions with their vouchers, and the balance after.
fn converted(decision: &Decision) -> (Vec<(&str, u32)>, i64) {
    let points = decision.points.as_ref().expect("a member");
    let by = points.converted.by.iter().map(|by| (by.conversion.as_str(), by.times)).collect();
    (by, points.after.value())
}

fn told(decision: &Decision) -> Vec<(&str, &Reason)> {
    let of = decision.refused.iter().filter_map(|refusal| match &refusal.subject {
        Subject::Conversion(id) => Some((id.as_str(), &refusal.reason)),
        _ => None,
    });
    of.collect()
}

#[test]
fn ld_41_points_become_vouchers_when_the_balance_after_the_sale_is_enough() {
    let each = || conversion("each", 500, 500, 9);
    let twice = || conversion("each", 500, 500, 2);
    let keeps = || conversion("keeps", 600, 500, 9);
    let big = || conversion("big", 1_000, 1_000, 1);
    let none: &[(&str, u32)] = &[];
    let cases = [
        // conversions, balance before, points earned; vouchers, balance after
        (vec![each()], 400, 99, none, 499),
        (vec![each()], 400, 100, &[("each", 1)][..], 0),
        (vec![each()], 1_430, 80, &[("each", 3)], 10),
        (vec![twice()], 1_430, 80, &[("each", 2)], 510),
        (vec![keeps()], 500, 99, none, 599),
        (vec![keeps()], 1_000, 100, &[("keeps", 2)], 100),
        // The highest balance first, then what is left.
        (vec![each(), big()], 1_500, 10, &[("big", 1), ("each", 1)], 10),
        (vec![each(), keeps()], 1_100, 5, &[("keeps", 2)], 105),
    ];
    for (conversions, before, earned, expected, after) in cases {
        let programme = with(conversions);
        let decision = decide(&programme, &Scene::member(before), earned);
        assert_eq!(converted(&decision), (expected.to_vec(), after), "{before} {earned}");
        let points = decision.points.as_ref().expect("a member");
        let vouchers: u32 = points.issues.iter().map(|issue| issue.count).sum();
        assert_eq!(vouchers, expected.iter().map(|(_, times)| times).sum::<u32>());
        let taken: Points = points.converted.from.iter().map(|part| part.value).sum();
        assert_eq!(taken, points.converted.points());
        assert_eq!(points.before + points.earned - taken, points.after);
    }
}

#[test]
fn ld_41_pending_points_are_not_converted_and_taking_them_back_withdraws_no_voucher() {
    let mut programme = with(vec![conversion("each", 500, 500, 9)]);
    programme.earn[0].pending_days = 14;
    // 1,020 usable make two vouchers; with the 490 that are pending it would be three.
    let decision = decide(&programme, &Scene::member(1_020), 490);
    assert_eq!(converted(&decision), (vec![("each", 2)], 20));
    let points = decision.points.as_ref().expect("a member");
    let pending: Points = points.pending_after.iter().map(|part| part.value).sum();
    assert_eq!((points.earned.value(), pending.value()), (490, 490));
    let missing = Reason::PointsMissing { missing: Points::new(480) };
    assert_eq!(told(&decision), [("each", &missing)]);
    let mut sold = Sold::new(programme, vec![line("a", "milk", 490, 1_000)], decision);
    assert_eq!(sold.back(300, &[]), Ok(back(300, 0, &[], &[])));
}

#[test]
fn ld_41_points_on_hold_owed_or_of_who_chooses_are_not_converted() {
    let flag = FlagId::parse("chooses").expect("plain");
    let mut each = conversion("each", 500, 500, 9);
    each.conditions.audience =
        Audience { excluded_flags: BTreeSet::from([flag.clone()]), ..Audience::default() };
    let programme = with(vec![each]);
    let missing = |points| Reason::PointsMissing { missing: Points::new(points) };
    let held = Scene { held: Points::new(120), ..Scene::member(500) };
    let chooses = Scene { flags: BTreeSet::from([flag]), ..Scene::member(800) };
    let terms = programme.entry_terms();
    let mut owes = Scene::member(0);
    let owed = Change::of_points(Points::new(-30), Expires::Never);
    let account = owes.account.take().expect("a member");
    owes.account = Some(account.after(programme.day_of(owes.now), terms, &owed));
    let cases = [
        (held, 10, Some(missing(110))),
        (chooses, 10, None),
        (owes, 10, Some(missing(520))),
        (Scene::member(450), 20, Some(missing(30))),
    ];
    for (scene, earned, reason) in cases {
        let decision = decide(&programme, &scene, earned);
        assert_eq!(converted(&decision).0, []);
        let expected: Vec<_> = reason.iter().map(|reason| ("each", reason)).collect();
        assert_eq!(told(&decision), expected);
    }
    let decision = decide(&programme, &Scene::member(450), 60);
    assert_eq!(told(&decision), [("each", &missing(490))], "how far the next one is");
    let nobody = basket(vec![line("a", "milk", 900, 1_000)]);
    let decision = Evaluator::new(programme).decide(&nobody, &Scene::anonymous().occasion());
    assert_eq!((decision.points, is_silent(&decision.refused)), (None, true));
}

fn is_silent(refused: &[Refusal]) -> bool {
    !refused.iter().any(|refusal| matches!(refusal.subject, Subject::Conversion(_)))
}

#[test]
fn ld_41_no_points_are_taken_for_a_voucher_that_is_over_or_has_no_paper() {
    let mut over = conversion("over", 100, 100, 50);
    let until = "2026-03-09".parse().expect("a day");
    over.voucher = grant(VoucherTerm::Until(until));
    let (programme, scene) = (with(vec![over]), Scene::member(500));
    for (explain, told_why) in [(Explain::Relevant, false), (Explain::Everything, true)] {
        let bought = basket(vec![line("a", "milk", 10, 1_000)]);
        let occasion = Occasion { explain, ..scene.occasion() };
        let decision = Evaluator::new(programme.clone()).decide(&bought, &occasion);
        assert_eq!(converted(&decision), (vec![], 510));
        let reason = Reason::Over { until };
        assert_eq!(told(&decision) == [("over", &reason)], told_why);
    }
    let many = vec![conversion("b", 10, 10, 50), conversion("a", 20, 20, 30)];
    let decision = decide(&with(many), &Scene::member(5_000), 10);
    assert_eq!(converted(&decision), (vec![("a", 30), ("b", 20)], 5_010 - 600 - 200));
}

/// A sale with codes, and what became of them.
struct Sold {
    programme: Programme,
    lines: Vec<Line>,
    decision: Decision,
    issued: Vec<(Issued, IssueState)>,
    returned: Returned,
    rewards_back: RewardsBack,
}

impl Sold {
    fn new(programme: Programme, lines: Vec<Line>, decision: Decision) -> Self {
        let points = decision.points.as_ref().expect("a member");
        let mut number = 0;
        let mut code = |_: &crate::loyalty::Issue, _: u32| {
            number += 1;
            VoucherId::parse(&format!("V{number}")).expect("plain")
        };
        let issues = points.issues.iter();
        let issued = issues.flat_map(|issue| issue.hand_out(&mut code));
        let issued = issued.map(|issued| (issued, IssueState::Open)).collect();
        let (returned, rewards_back) = Default::default();
        Self { programme, lines, decision, issued, returned, rewards_back }
    }

    fn use_up(&mut self, number: usize) {
        self.issued[number - 1].1 = IssueState::Used;
    }

    /// Takes units of the first line and rewards back.
    fn back(&mut self, units: i64, rewards: &[(&str, u32)]) -> Result<Back, ReturnError> {
        let scene = Scene::anonymous();
        let issued: Vec<SoldIssue<'_>> =
            self.issued.iter().map(|(issued, state)| SoldIssue { issued, state: *state }).collect();
        let sold = sold_receipt(&self.programme, &self.lines, &self.decision, &scene);
        let points = sold.points.map(|points| SoldPoints { issued: &issued, ..points });
        let sold = SoldReceipt { rewards_back: self.rewards_back.clone(), points, ..sold };
        let line_id = LineId::parse("a").expect("plain");
        let line = ReturnLine { line_id, quantity: Quantity::units(units) };
        let lines: Vec<ReturnLine> = (units > 0).then_some(line).into_iter().collect();
        let id = |text| RewardId::parse(text).expect("plain");
        let rewards: RewardsBack = rewards.iter().map(|(text, times)| (id(text), *times)).collect();
        let evaluator = Evaluator::new(self.programme.clone());
        let outcome = evaluator.take_back_with_rewards(&sold, &self.returned, &lines, &rewards)?;
        let back = Back::of(&outcome);
        for (issued, state) in &mut self.issued {
            if outcome.withdrawn.contains(&issued.code) {
                *state = IssueState::Withdrawn;
            }
        }
        for (reward, times) in rewards {
            *self.rewards_back.entry(reward).or_default() += times;
        }
        self.returned = outcome.returned;
        Ok(back)
    }
}

/// Points taken and given back, codes withdrawn, and used vouchers that stay.
#[derive(Debug, PartialEq, Eq)]
struct Back(i64, i64, Vec<String>, Vec<String>);

impl Back {
    fn of(outcome: &ReturnOutcome) -> Self {
        let Some(Change::Undo { points, .. }) = &outcome.change else {
            panic!("a member");
        };
        let codes = |codes: &[VoucherId]| codes.iter().map(VoucherId::to_string).collect();
        let (withdrawn, kept) = (codes(&outcome.withdrawn), codes(&outcome.kept));
        Self(points.clawed_back.value(), points.given_back().value(), withdrawn, kept)
    }
}

fn back(taken: i64, given: i64, withdrawn: &[&str], kept: &[&str]) -> Back {
    let texts = |codes: &[&str]| codes.iter().map(ToString::to_string).collect();
    Back(taken, given, texts(withdrawn), texts(kept))
}

/// 1,400 points and 130 for 130 milks: three vouchers, of which 100 points lifted the third.
fn three_vouchers() -> Sold {
    let programme = with(vec![conversion("each", 500, 500, 9)]);
    let decision = decide(&programme, &Scene::member(1_400), 130);
    assert_eq!(converted(&decision), (vec![("each", 3)], 30));
    Sold::new(programme, vec![line("a", "milk", 130, 1_000)], decision)
}

#[test]
fn ld_41_a_return_withdraws_the_vouchers_that_the_rest_would_not_have_lifted_the_balance_to() {
    let mut sold = three_vouchers();
    let in_parts = [
        (30, back(30, 0, &[], &[])),
        (1, back(1, 500, &["V3"], &[])),
        (98, back(98, 0, &[], &[])),
        (1, back(1, 1_000, &["V1", "V2"], &[])),
    ];
    for (units, expected) in in_parts {
        assert_eq!(sold.back(units, &[]), Ok(expected), "{units}");
    }
    let mut sold = three_vouchers();
    assert_eq!(sold.back(130, &[]), Ok(back(130, 1_500, &["V1", "V2", "V3"], &[])));
}

#[test]
fn ld_41_a_used_voucher_and_its_points_stay_with_whoever_paid_for_it() {
    let mut sold = three_vouchers();
    sold.use_up(3);
    assert_eq!(sold.back(31, &[]), Ok(back(31, 500, &["V2"], &[])), "an unused one goes first");
    assert_eq!(sold.back(99, &[]), Ok(back(99, 500, &["V1"], &["V3"])));
    let mut sold = three_vouchers();
    (1..=3).for_each(|number| sold.use_up(number));
    assert_eq!(sold.back(31, &[]), Ok(back(31, 0, &[], &["V3"])));
    assert_eq!(sold.back(99, &[]), Ok(back(99, 0, &[], &["V1", "V2"])), "each is told once");
}

/// The club, where 200 points buy a voucher and 30 wrapping.
fn with_rewards(term: VoucherTerm) -> Programme {
    let reward = |id: &str, points, gift| CatalogueReward {
        id: RewardId::parse(id).expect("plain"),
        name: id.to_owned(),
        points: Points::new(points),
        gift,
        conditions: Conditions::default(),
        limits: Vec::new(),
    };
    let rewards = vec![
        reward("voucher", 200, Gift::Voucher(grant(term))),
        reward("wrap", 30, Gift::Service { sku: None }),
    ];
    Programme { rewards, ..club() }
}

fn choosing(programme: &Programme, before: i64, rewards: &[(&str, u32)]) -> Sold {
    let id = |text| RewardId::parse(text).expect("plain");
    let rewards = rewards.iter().map(|(text, times)| (id(text), *times)).collect();
    let lines = vec![line("a", "milk", 10, 1_000)];
    let benefits = RequestedBenefits { rewards, ..RequestedBenefits::default() };
    let bought = Basket::parse(lines.clone(), benefits).expect("a sound basket");
    let evaluator = Evaluator::new(programme.clone());
    let decision = evaluator.decide(&bought, &Scene::member(before).occasion());
    Sold::new(programme.clone(), lines, decision)
}

#[test]
fn ld_42_a_customer_chooses_a_voucher_for_its_points_and_gets_a_code() {
    let programme = with_rewards(VoucherTerm::Days(30));
    for (before, chosen, codes, spent) in
        [(1_000, 1, 1, 200), (1_000, 2, 2, 400), (399, 2, 1, 200), (199, 1, 0, 0)]
    {
        let sold = choosing(&programme, before, &[("voucher", chosen)]);
        let points = sold.decision.points.as_ref().expect("a member");
        assert_eq!((sold.issued.len(), points.spent.value()), (codes, spent), "{before} {chosen}");
        let by = IssuedBy::Reward(RewardId::parse("voucher").expect("plain"));
        assert!(sold.issued.iter().all(|(issued, _)| issued.by == by && issued.what.is_voucher()));
        assert_eq!(sold.decision.totals.payable, Amount::new(10_000), "it is for a later purchase");
    }
    let until = "2026-03-09".parse().expect("a day");
    let over = choosing(&with_rewards(VoucherTerm::Until(until)), 1_000, &[("voucher", 1)]);
    let reasons: Vec<_> = over.decision.refused.iter().map(|refusal| &refusal.reason).collect();
    assert_eq!((over.issued.len(), reasons), (0, vec![&Reason::Over { until }]));
    let offered: Vec<_> = over.decision.rewards.iter().map(|told| told.reward.as_str()).collect();
    assert_eq!(offered, ["wrap"], "nor is it offered");
}

#[test]
fn ld_42_a_chosen_voucher_comes_back_with_the_sale_or_by_itself_unless_it_was_used() {
    let programme = with_rewards(VoucherTerm::Days(30));
    let bought = || choosing(&programme, 1_000, &[("voucher", 2), ("wrap", 1)]);
    let mut sold = bought();
    assert_eq!(sold.back(4, &[]), Ok(back(4, 0, &[], &[])), "it is no part of the goods");
    assert_eq!(sold.back(0, &[("voucher", 1)]), Ok(back(0, 200, &["V2"], &[])));
    assert_eq!(sold.back(6, &[]), Ok(back(6, 230, &["V1"], &[])));
    let mut sold = bought();
    sold.use_up(1);
    let reward = RewardId::parse("voucher").expect("plain");
    let none_left = ReturnError::MoreRewardsThanGiven { reward, left: 1 };
    assert_eq!(sold.back(0, &[("voucher", 2)]), Err(none_left));
    assert_eq!(sold.back(0, &[("voucher", 1), ("wrap", 1)]), Ok(back(0, 230, &["V2"], &[])));
    assert_eq!(sold.back(10, &[]), Ok(back(10, 0, &[], &["V1"])), "what was used was paid for");
}
