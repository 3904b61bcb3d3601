//! Five members whose every figure is worked out by hand.
//!
//! | member | purchases | points (welcome 5, 1 per 10.00, third 10) | spent |
//! |---|---|---|---|
//! | 1 | 100.00, 150.00, 50.00 | 15, 15, 4 + 10 of 47.00 | 30 of 30 at the third |
//! | 2 | 30.00 | 8, lapse on 2026-01-01 | |
//! | 3 | 250.00, 40.00 | 30, 3 of 37.00 | 30 of 30 at the second |
//! | 4 | 5 for 100.00, less 10 % | 14, lapse on 2026-01-10 | |
//! | 5 | 10.00, a year later 10.00 | 6, lapse; 1 | |

use super::*;
use crate::loyalty::{Evaluator, RuleId, StoreId, TierId};
use crate::money::{Amount, Points};
use crate::wire::programme::ProgrammeFile;

const DRAFT: &str = include_str!("../../tests/data/simulate/draft.toml");
const LOG: &str = include_str!("../../tests/data/simulate/five.txt");

fn receipts() -> Vec<LoggedReceipt> {
    let purchases = parse_purchases(LOG).expect("a sound log");
    purchases.iter().map(|purchase| purchase.receipt().expect("a receipt")).collect()
}

fn run(log: &[LoggedReceipt], spending: Spending) -> SimulationOutcome {
    let evaluator = Evaluator::new(ProgrammeFile::check(DRAFT).expect("a sound programme"));
    simulate(&evaluator, log, &StoreId::parse("S1").expect("an id"), spending)
}

fn reached(
    reward: RewardName,
    members: u64,
    days: (u32, u32),
    purchases: (u32, u32),
) -> RewardReached {
    let quantiles = |(median, p90)| Some(Quantiles { median, p90 });
    RewardReached { reward, members, days: quantiles(days), purchases: quantiles(purchases) }
}

#[test]
fn ld_15_a_draft_comes_to_exactly_what_is_worked_out_by_hand() {
    let outcome = run(&receipts(), Spending::Whenever);
    let rule = |id| RewardName::Rule(RuleId::parse(id).expect("an id"));
    assert_eq!(
        outcome.rewards,
        [
            reached(RewardName::Tier(TierId::parse("silver").expect("an id")), 2, (0, 10), (1, 2)),
            reached(RewardName::PointsToSpend, 2, (0, 10), (1, 2)),
            reached(RewardName::PointsSpent, 2, (30, 30), (2, 3)),
            reached(rule("third"), 1, (30, 30), (3, 3)),
            reached(rule("welcome"), 5, (0, 0), (1, 1)),
            reached(
                RewardName::Offer(crate::loyalty::OfferId::parse("five5").expect("an id")),
                1,
                (0, 0),
                (1, 1)
            ),
        ]
    );
    let expected = SimulationOutcome {
        receipts: 9,
        receipts_of_members: 9,
        members: 5,
        first_day: chrono::NaiveDate::from_ymd_opt(2025, 1, 1),
        last_day: chrono::NaiveDate::from_ymd_opt(2026, 1, 20),
        sales: Amount::new(74_000),
        discount: Amount::new(1_000),
        redeemed: Amount::new(600),
        points_issued: Points::new(106),
        points_spent: Points::new(60),
        points_expired: Points::new(28),
        points_outstanding: Points::new(18),
        cashback: None,
        outstanding_worth: Some(Amount::new(100)),
        spendable_worth: Some(Amount::ZERO),
        rewards: outcome.rewards.clone(),
        offers_never_applied: 1,
    };
    assert_eq!(outcome, expected);
}

#[test]
fn members_who_never_spend_hold_all_that_does_not_lapse() {
    let outcome = run(&receipts(), Spending::Never);
    // 50.00 and 40.00 are paid in full and earn 5 and 4: one more each.
    let points = [outcome.points_issued, outcome.points_expired, outcome.points_outstanding];
    assert_eq!(points.map(Points::value), [108, 28, 80]);
    assert_eq!((outcome.points_spent, outcome.redeemed), (Points::ZERO, Amount::ZERO));
    // 45 points of member 1 and 34 of member 3, in whole steps of each, and of all 80.
    assert_eq!(outcome.spendable_worth, Some(Amount::new(700)));
    assert_eq!(outcome.outstanding_worth, Some(Amount::new(800)));
    assert!(outcome.rewards.iter().all(|reached| reached.reward != RewardName::PointsSpent));
}

#[test]
fn receipts_count_in_the_order_of_time_whatever_the_order_of_the_log() {
    let mut log = receipts();
    log.reverse();
    assert_eq!(run(&log, Spending::Whenever), run(&receipts(), Spending::Whenever));
}

#[test]
fn receipts_of_nobody_are_sales_and_earn_nothing() {
    let nobody = |receipt: LoggedReceipt| LoggedReceipt { member: None, ..receipt };
    let log: Vec<LoggedReceipt> = receipts().into_iter().map(nobody).collect();
    let outcome = run(&log, Spending::Whenever);
    assert_eq!((outcome.receipts, outcome.receipts_of_members, outcome.members), (9, 0, 0));
    assert_eq!((outcome.sales, outcome.points_issued), (Amount::new(74_000), Points::ZERO));
    assert!(outcome.rewards.iter().all(|reached| reached.members == 0 && reached.days.is_none()));
}

#[test]
fn bq_43_cashback_is_earned_spent_lapses_and_costs() {
    // The rule on welcome points and all others stay; each purchase gives a tenth back, usable
    // from the day after, for 100 days.
    let back = "[cashback]\nexpiry = { mode = \"lots\", days = 100 }\n\n[[earn]]\nid = \"back\"\n\
                kind = \"cashback\"\npercent = \"10\"\npending = { days = 1 }\ntier_multiplied = false\n\n[[earn]]";
    let draft = DRAFT.replacen("[[earn]]", back, 1);
    let evaluator = Evaluator::new(ProgrammeFile::check(&draft).expect("a sound programme"));
    let store = StoreId::parse("S1").expect("an id");
    let kept = simulate(&evaluator, &receipts(), &store, Spending::Never);
    let sums = kept.cashback.expect("a programme with cashback");
    // A tenth of 740.00 less the 10.00 of discount; nobody spends.
    assert_eq!((sums.issued, sums.spent), (Amount::new(7_300), Amount::ZERO));
    assert_eq!(sums.issued - sums.expired, sums.outstanding);
    assert!(sums.expired.is_positive(), "the purchases of 2025 lapse");
    let spent = simulate(&evaluator, &receipts(), &store, Spending::Whenever);
    let sums = spent.cashback.expect("a programme with cashback");
    assert_eq!(sums.issued - sums.spent - sums.expired, sums.outstanding);
    assert!(sums.spent.is_positive() && sums.issued < Amount::new(7_300), "{sums:?}");
    // 10 points pay 1.00; what cashback paid earns no points.
    assert_eq!(spent.points_spent, Points::new(50));
    assert_eq!(spent.redeemed, Amount::new(500) + sums.spent);
    assert_eq!(spent.cost(), spent.discount + spent.redeemed);
}

#[test]
fn an_empty_log_comes_to_nothing() {
    let outcome = run(&[], Spending::Whenever);
    assert_eq!((outcome.receipts, outcome.first_day, outcome.last_day), (0, None, None));
}

#[test]
fn quantiles_go_by_nearest_rank() {
    for (values, expected) in [
        (vec![], None),
        (vec![7], Some((7, 7))),
        (vec![2, 1], Some((1, 2))),
        (vec![3, 1, 2], Some((2, 3))),
        ((1..=10).rev().collect(), Some((5, 9))),
        ((1..=11).collect(), Some((6, 10))),
    ] {
        let quantiles = Quantiles::of(values).map(|q| (q.median, q.p90));
        assert_eq!(quantiles, expected);
    }
}
