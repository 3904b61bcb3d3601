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
use crate::loyalty::{ConversionId, Evaluator, RuleId, StoreId, TierId};
use crate::money::{Amount, Points};
use crate::wire::programme::ProgrammeFile;

const DRAFT: &str = include_str!("../../tests/data/simulate/draft.toml");
const LOG: &str = include_str!("../../tests/data/simulate/five.txt");

fn receipts() -> Vec<LoggedReceipt> {
    let purchases = parse_purchases(LOG).expect("a sound log");
    purchases.iter().map(|purchase| purchase.receipt().expect("a receipt")).collect()
}

fn run(receipts: &[LoggedReceipt], spending: Spending) -> SimulationOutcome {
    let log = SalesLog { receipts: receipts.to_vec(), returns: Vec::new() };
    of_programme(DRAFT, &log, Assumptions { spending, vouchers: VoucherUse::Whenever })
}

/// With more in the programme, of members who use no voucher.
fn run_with(tables: &str, receipts: &[LoggedReceipt], spending: Spending) -> SimulationOutcome {
    let log = SalesLog { receipts: receipts.to_vec(), returns: Vec::new() };
    let assumptions = Assumptions { spending, vouchers: VoucherUse::Never };
    of_programme(&format!("{DRAFT}{tables}"), &log, assumptions)
}

fn of_programme(text: &str, log: &SalesLog, assumptions: Assumptions) -> SimulationOutcome {
    let evaluator = Evaluator::new(ProgrammeFile::check(text).expect("a sound programme"));
    simulate(&evaluator, log, &StoreId::parse("S1").expect("an id"), assumptions)
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
        ..SimulationOutcome::default()
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
fn ld_41_points_that_become_vouchers_are_spent_and_told_as_reached() {
    let conversion = "\n[[conversions]]\nid = \"each\"\npoints = 30\n\
                      voucher = { type = \"three\", days = 30 }\n\n[[voucher_types]]\n\
                      id = \"three\"\nname = \"3\"\nkind = \"amount\"\namount = \"3.00\"\n";
    let outcome = run_with(conversion, &receipts(), Spending::Never);
    let each = RewardName::Conversion(ConversionId::parse("each").expect("an id"));
    let found = outcome.rewards.iter().find(|found| found.reward == each);
    // Member 1 with the second purchase, member 3 with the first.
    assert_eq!(found, Some(&reached(each, 2, (0, 10), (1, 2))));
    let points = [outcome.points_issued, outcome.points_spent, outcome.points_outstanding];
    assert_eq!(points.map(Points::value), [108, 60, 20]);
}

#[test]
fn bq_19_a_simulation_draws_evenly_so_that_two_of_them_can_be_compared() {
    let surprise =
        "\n[[earn]]\nid = \"lucky\"\nkind = \"per_visit\"\npoints = 100\nchance_bp = 2500\n";
    let outcome = run_with(surprise, &receipts(), Spending::Never);
    // The second and the fifth of nine receipts: multiples of 6,181, modulo 10,000, below 2,500.
    assert_eq!(outcome.points_issued, Points::new(108 + 200));
    let lucky = RewardName::Rule(RuleId::parse("lucky").expect("an id"));
    let found = outcome.rewards.iter().find(|found| found.reward == lucky);
    assert_eq!(found.map(|found| found.members), Some(2));
    assert_eq!(run_with(surprise, &receipts(), Spending::Never), outcome);
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
    let log = SalesLog { receipts: receipts(), returns: Vec::new() };
    let run = |spending| {
        of_programme(&draft, &log, Assumptions { spending, vouchers: VoucherUse::Whenever })
    };
    let kept = run(Spending::Never);
    let sums = kept.cashback.expect("a programme with cashback");
    // A tenth of 740.00 less the 10.00 of discount; nobody spends.
    assert_eq!((sums.issued, sums.spent), (Amount::new(7_300), Amount::ZERO));
    assert_eq!(sums.issued - sums.expired, sums.outstanding);
    assert!(sums.expired.is_positive(), "the purchases of 2025 lapse");
    let spent = run(Spending::Whenever);
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

/// Each receipt hands out a voucher of 5.00 for three days from the next one, and an entry for each
/// full 100.00; a mug costs 20 points; whoever refers a newcomer gets 7 points, the newcomer 3.
const GIVING: &str = r#"
format = 1
id = "giving"
version = 1
name = "Giving"
currency = "CZK"
zone = "Europe/Prague"

[expiry]
mode = "never"

[[earn]]
id = "base"
kind = "per_amount"
points = 1
amount = "10.00"

[[earn]]
id = "contest"
name = "Win a trip"
kind = "per_amount"
amount = "100.00"
entries = 1

[[earn]]
id = "friend"
kind = "referral"
points = 3
referrer_points = 7

[[earn]]
id = "next"
kind = "per_visit"
voucher = { type = "five", starts_in_days = 1, days = 3 }

[[rewards]]
id = "mug"
name = "Mug"
kind = "service"
points = 20

[[voucher_types]]
id = "five"
name = "Five off"
kind = "amount"
amount = "5.00"
cost = "4.00"
"#;

fn receipt(member: u8, day: u32, units: i64, price: i64) -> LoggedReceipt {
    let cents = units * price;
    let purchase = Purchase {
        row: 1,
        customer: u32::from(member),
        day: chrono::NaiveDate::from_ymd_opt(2025, 1, day).expect("a day"),
        units: u32::try_from(units).expect("few"),
        cents,
    };
    purchase.receipt().expect("a receipt")
}

fn back(of: usize, day: u32, back: BackGoods) -> LoggedReturn {
    let day = chrono::NaiveDate::from_ymd_opt(2025, 1, day).expect("a day");
    LoggedReturn { at: LoggedTime::Day(day), of, back }
}

fn units(quantity: i64) -> BackGoods {
    BackGoods::Units(vec![crate::loyalty::ReturnLine {
        line_id: crate::loyalty::LineId::parse("1").expect("an id"),
        quantity: crate::money::Quantity::new(quantity * 1_000),
    }])
}

fn give(log: &SalesLog, vouchers: VoucherUse) -> SimulationOutcome {
    of_programme(GIVING, log, Assumptions { spending: Spending::Never, vouchers })
}

/// Member 1 buys for 100.00 on the 1st, 3rd and 20th: the voucher of the 1st is used on the 3rd,
/// that of the 3rd has lapsed by the 20th, that of the 20th is open.
fn three_visits() -> SalesLog {
    let receipts = [1, 3, 20].map(|day| receipt(1, day, 1, 10_000)).to_vec();
    SalesLog { receipts, returns: Vec::new() }
}

fn five(outcome: &SimulationOutcome) -> &VouchersHandedOut {
    outcome.vouchers.values().next().expect("one kind was handed out")
}

#[test]
fn ld_15_vouchers_handed_out_cost_what_those_cost_that_are_used() {
    let with_use = give(&three_visits(), VoucherUse::Whenever);
    let expected = VouchersHandedOut {
        handed_out: 3,
        used: 1,
        lapsed: 1,
        withdrawn: 0,
        open: 1,
        discount: Amount::new(500),
        cost: Amount::new(400),
        open_cost: Some(Amount::new(400)),
    };
    assert_eq!(*five(&with_use), expected);
    assert_eq!((with_use.discount, with_use.cost()), (Amount::new(500), Amount::new(500)));
    let kept = give(&three_visits(), VoucherUse::Never);
    let VouchersHandedOut { handed_out, used, lapsed, open, discount, .. } = five(&kept);
    assert_eq!((*handed_out, *used, *lapsed, *open, *discount), (3, 0, 2, 1, Amount::ZERO));
    assert_eq!(kept.cost(), Amount::ZERO);
    // 95.00 on the second visit: no full 100.00.
    let entries = |outcome: &SimulationOutcome| outcome.entries.values().copied().next();
    let entered = |handed_out| Some(EntriesHandedOut { handed_out, withdrawn: 0 });
    assert_eq!((entries(&with_use), entries(&kept)), (entered(2), entered(3)));
}

#[test]
fn ld_15_a_reward_of_the_catalogue_is_reached_when_the_balance_holds_it() {
    let outcome = give(&three_visits(), VoucherUse::Never);
    let mug = RewardName::Catalogue(crate::loyalty::RewardId::parse("mug").expect("an id"));
    let found = outcome.rewards.iter().find(|reached| reached.reward == mug);
    assert_eq!(found, Some(&reached(mug, 1, (2, 2), (2, 2))));
    let next = RewardName::Rule(RuleId::parse("next").expect("an id"));
    assert!(outcome.rewards.contains(&reached(next, 1, (0, 0), (1, 1))));
    let base = RewardName::Rule(RuleId::parse("base").expect("an id"));
    assert!(outcome.rewards.iter().all(|reached| reached.reward != base));
}

#[test]
fn ld_15_goods_that_come_back_are_as_if_they_had_not_been_bought() {
    let receipts = vec![receipt(1, 1, 4, 5_000), receipt(1, 10, 1, 3_000)];
    let bought = |returns: Vec<LoggedReturn>| SalesLog { receipts: receipts.clone(), returns };
    let parts = give(&bought(vec![back(0, 2, units(1)), back(0, 12, units(3))]), VoucherUse::Never);
    let at_once = give(&bought(vec![back(0, 12, BackGoods::Everything)]), VoucherUse::Never);
    for outcome in [&parts, &at_once] {
        assert_eq!((outcome.sales, outcome.refunded), (Amount::new(3_000), Amount::new(20_000)));
        assert_eq!(
            (outcome.points_issued, outcome.points_taken_back),
            (Points::new(23), Points::new(20))
        );
        assert_eq!(
            (outcome.points_outstanding, outcome.points_owed),
            (Points::new(3), Points::ZERO)
        );
        let entries = outcome.entries.values().copied().next();
        assert_eq!(entries, Some(EntriesHandedOut { handed_out: 2, withdrawn: 2 }));
        assert_eq!((five(outcome).handed_out, five(outcome).withdrawn), (2, 1));
    }
    assert_eq!((parts.returns, at_once.returns), (2, 1));
    // More than was left, and a return before its sale, which comes right after it.
    let odd = bought(vec![back(0, 2, units(3)), back(0, 3, units(2)), back(1, 1, units(1))]);
    let odd = give(&odd, VoucherUse::Never);
    assert_eq!((odd.returns, odd.returns_impossible, odd.sales), (3, 1, Amount::new(5_000)));
}

#[test]
fn ld_15_a_voucher_used_on_goods_that_came_back_is_used_again() {
    let receipts = vec![receipt(1, 1, 1, 1_000), receipt(1, 2, 1, 2_000), receipt(1, 3, 1, 2_000)];
    let returns = vec![back(1, 2, BackGoods::Everything)];
    let outcome = give(&SalesLog { receipts, returns }, VoucherUse::Whenever);
    // Used on the 2nd, freed, used on the 3rd; the voucher of the 2nd is withdrawn.
    let VouchersHandedOut { handed_out, used, withdrawn, open, .. } = five(&outcome);
    assert_eq!((*handed_out, *used, *withdrawn, *open), (3, 1, 1, 1));
    assert_eq!((outcome.discount, outcome.refunded), (Amount::new(500), Amount::new(1_500)));
}

#[test]
fn ld_15_referrals_count_where_the_log_says_who_referred() {
    let by = |name: u8| {
        let name = u128::from(name).to_be_bytes();
        Some(LoggedReferral::By(crate::loyalty::MemberRef::from_bytes(name)))
    };
    let referred = |referral| LoggedReceipt { referral, ..receipt(2, 5, 1, 1_000) };
    for (referral, newcomer, referrer) in [
        (by(1), 3, 7),
        (by(2), 0, 0),
        (by(9), 0, 0),
        (Some(LoggedReferral::Unknown), 0, 0),
        (None, 0, 0),
    ] {
        let log = |returns| SalesLog {
            receipts: vec![receipt(1, 1, 1, 1_000), referred(referral)],
            returns,
        };
        let outcome = give(&log(Vec::new()), VoucherUse::Never);
        let points = [outcome.points_issued, outcome.points_of_referrers].map(Points::value);
        assert_eq!(points, [2 + newcomer, referrer], "{referral:?}");
        let undone = give(&log(vec![back(1, 6, BackGoods::Everything)]), VoucherUse::Never);
        assert_eq!(undone.points_outstanding, Points::new(1), "{referral:?}");
        assert_eq!(undone.points_of_referrers, Points::ZERO, "{referral:?}");
    }
}
