//! Surprises that are drawn (BQ-19), and limits of earning rules over all customers, which are their
//! budget (LD-9).

use chrono::TimeDelta;

use super::examples::{Scene, basket, club, line};
use super::{Decision, Evaluator};
use crate::loyalty::chance::{Chance, DrawnNumber};
use crate::loyalty::counter::{CountWindow, UseLimit, UseUnit};
use crate::loyalty::decision::{Reason, Subject};
use crate::loyalty::earn_rule::{
    EarnKind, EarnRule, MilestoneMeasure, MilestoneRepeat, RuleLimit, TierMultiplied,
};
use crate::loyalty::ids::RuleId;
use crate::loyalty::issue::Grants;
use crate::loyalty::programme::Programme;
use crate::loyalty::shared_limit::{SharedLimit, SharedOffline, SharedScope};
use crate::loyalty::terms::Conditions;
use crate::money::Points;

fn lucky() -> RuleId {
    RuleId::parse("lucky").expect("plain")
}

fn rule(points: i64, chance_bp: Option<u16>) -> EarnRule {
    EarnRule {
        id: lucky(),
        name: "Surprise".to_owned(),
        conditions: Conditions::default(),
        kind: EarnKind::PerVisit { points: Points::new(points) },
        grants: Grants { voucher: None, entries: 1 },
        tier_multiplied: TierMultiplied::No,
        limits: Vec::new(),
        shared_limits: Vec::new(),
        chance: chance_bp.and_then(Chance::from_basis_points),
        pending_days: 0,
    }
}

fn limit(unit: UseUnit, window: CountWindow, uses_max: u32, offline: SharedOffline) -> SharedLimit {
    let limit = UseLimit { window, uses_max };
    SharedLimit { per: SharedScope::Store, unit, limit, offline }
}

fn own(unit: UseUnit, window: CountWindow, uses_max: u32) -> RuleLimit {
    RuleLimit { unit, limit: UseLimit { window, uses_max } }
}

fn evaluator(rule: EarnRule) -> Evaluator {
    Evaluator::new(Programme { earn: vec![rule], tiers: None, ..club() })
}

/// Buys bread with this number drawn, and counts what that used, as a ledger does.
fn bought(evaluator: &Evaluator, scene: &mut Scene, drawn: Option<u16>) -> Decision {
    let number = drawn.and_then(DrawnNumber::new);
    scene.draws = number.map(|number| (lucky(), number)).into_iter().collect();
    let bread = basket(vec![line("1", "bread", 1, 5_000)]);
    let decision = evaluator.decide(&bread, &scene.occasion());
    let programme = evaluator.programme();
    let day = programme.day_of(scene.now);
    for used in &decision.shared {
        scene.shared_uses.add(&used.counter, day, used.by);
    }
    let points = decision.points.as_ref().expect("a member");
    let sale = points.change(decision.totals.payable);
    let account = scene.account.take().expect("a member");
    scene.account = Some(account.after(day, programme.entry_terms(), &sale));
    decision
}

fn earned(decision: &Decision) -> i64 {
    decision.points.as_ref().expect("a member").earned.value()
}

fn told(decision: &Decision) -> Vec<&Reason> {
    let of_rule = decision.refused.iter().filter(|r| matches!(r.subject, Subject::Rule(_)));
    of_rule.map(|refusal| &refusal.reason).collect()
}

#[test]
fn bq_19_a_surprise_comes_where_its_draw_wins_and_is_never_spoken_of_before() {
    let evaluator = evaluator(rule(40, Some(250)));
    // drawn; points, codes, numbers kept
    let cases = [
        (None, 0, 0, vec![]),
        (Some(0), 40, 1, vec![0]),
        (Some(249), 40, 1, vec![249]),
        (Some(250), 0, 0, vec![250]),
        (Some(9_999), 0, 0, vec![9_999]),
    ];
    for (drawn, points, codes, kept) in cases {
        let decision = bought(&evaluator, &mut Scene::member(0), drawn);
        assert_eq!(earned(&decision), points, "{drawn:?}");
        let issues = &decision.points.as_ref().expect("a member").issues;
        assert_eq!(issues.iter().map(|issue| issue.count).sum::<u32>(), codes, "{drawn:?}");
        assert_eq!(decision.draws.values().map(|n| n.value()).collect::<Vec<_>>(), kept);
        assert_eq!(told(&decision), [&Reason::NoEligibleLine; 0], "{drawn:?}");
    }
}

#[test]
fn bq_19_a_member_wins_so_often_and_only_wins_count() {
    let mut rule = rule(40, Some(5_000));
    rule.limits = vec![own(UseUnit::Receipts, CountWindow::Day, 1)];
    let evaluator = evaluator(rule);
    let mut scene = Scene::member(0);
    for (drawn, points, draws) in [(9_000, 0, 1), (0, 40, 1), (0, 0, 0)] {
        let decision = bought(&evaluator, &mut scene, Some(drawn));
        assert_eq!((earned(&decision), decision.draws.len()), (points, draws));
        assert_eq!(told(&decision), [&Reason::NoEligibleLine; 0]);
    }
    scene.now += TimeDelta::days(1);
    assert_eq!(earned(&bought(&evaluator, &mut scene, Some(0))), 40, "the next day");
}

#[test]
fn ld_9_a_rule_gives_an_account_so_many_points_and_no_more() {
    let mut rule = rule(40, None);
    rule.limits = vec![
        own(UseUnit::Points, CountWindow::Day, 80),
        own(UseUnit::Points, CountWindow::Month, 130),
    ];
    let [a_day, a_month] = [rule.limits[0].limit, rule.limits[1].limit];
    let evaluator = evaluator(rule);
    let mut scene = Scene::member(0);
    for (days, points, met) in
        [(0, 40, None), (0, 40, None), (0, 0, Some(a_day)), (1, 40, None), (0, 0, Some(a_month))]
    {
        scene.now += TimeDelta::days(days);
        let decision = bought(&evaluator, &mut scene, None);
        let reason = met.map(|limit| Reason::LimitReached { limit });
        assert_eq!((earned(&decision), told(&decision)), (points, reason.iter().collect()));
    }
}

#[test]
fn ld_9_a_rule_gives_all_customers_together_no_more_than_its_budget() {
    use SharedOffline::{Approximate, Slice};
    let per = SharedScope::Store;
    let cases = [
        // what is counted, how many, held how; points of four purchases
        (UseUnit::Receipts, 2, Approximate, [40, 40, 0, 0]),
        (UseUnit::Receipts, 3, Slice(1), [40, 0, 0, 0]),
        (UseUnit::Points, 119, Approximate, [40, 40, 0, 0]),
        (UseUnit::Points, 120, Approximate, [40, 40, 40, 0]),
        (UseUnit::Points, 39, Approximate, [0, 0, 0, 0]),
    ];
    for (unit, uses_max, offline, points) in cases {
        let mut rule = rule(40, None);
        rule.shared_limits = vec![limit(unit, CountWindow::Day, uses_max, offline)];
        let reached = rule.shared_limits[0].limit;
        let evaluator = evaluator(rule);
        let mut scene = Scene::member(0);
        for expected in points {
            // Each is another customer.
            scene.account = Scene::member(0).account;
            let decision = bought(&evaluator, &mut scene, None);
            assert_eq!(earned(&decision), expected, "{unit:?} {uses_max} {offline:?}");
            let reason = Reason::SharedLimitReached { per, limit: reached };
            let reasons = if expected == 0 { vec![&reason] } else { vec![] };
            assert_eq!(told(&decision), reasons);
        }
        scene.now += TimeDelta::days(1);
        let next_day = earned(&bought(&evaluator, &mut scene, None));
        assert_eq!(next_day, points[0], "{unit:?} {uses_max} {offline:?}");
    }
}

#[test]
fn bq_19_a_surprise_beyond_its_budget_does_not_come_and_is_not_told() {
    let mut rule = rule(40, Some(10_000));
    let any = SharedOffline::Approximate;
    rule.shared_limits = vec![
        limit(UseUnit::Receipts, CountWindow::Day, 2, any),
        limit(UseUnit::Points, CountWindow::Ever, 100, any),
    ];
    let evaluator = evaluator(rule);
    let mut scene = Scene::member(0);
    for points in [40, 40, 0] {
        let decision = bought(&evaluator, &mut scene, Some(1));
        assert_eq!((earned(&decision), decision.draws.len()), (points, 1));
        assert_eq!(decision.shared.len(), if points == 0 { 0 } else { 2 });
        assert_eq!(told(&decision), [&Reason::NoEligibleLine; 0]);
    }
    scene.now += TimeDelta::days(1);
    assert_eq!(earned(&bought(&evaluator, &mut scene, Some(1))), 0, "20 of 100 points are left");
}

#[test]
fn ld_9_a_milestone_that_the_budget_does_not_hold_comes_later() {
    let mut rule = rule(100, None);
    rule.kind = EarnKind::Milestone {
        points: Points::new(100),
        measure: MilestoneMeasure::Visits,
        at: 2,
        repeat: MilestoneRepeat::Once,
    };
    rule.shared_limits =
        vec![limit(UseUnit::Receipts, CountWindow::Day, 1, SharedOffline::Approximate)];
    let evaluator = evaluator(rule);
    let mut scene = Scene::member(0);
    for points in [0, 100] {
        assert_eq!(earned(&bought(&evaluator, &mut scene, None)), points);
    }
    scene.account = Scene::member(0).account;
    for points in [0, 0, 0] {
        assert_eq!(earned(&bought(&evaluator, &mut scene, None)), points, "today's is given away");
    }
    scene.now += TimeDelta::days(1);
    assert_eq!(earned(&bought(&evaluator, &mut scene, None)), 100, "what was collected counts");
}
