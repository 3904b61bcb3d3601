//! Earning rules that look at what an account did before, each as its requirement says.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::examples::*;
use super::*;
use crate::loyalty::Change;
use crate::loyalty::basket::Line;
use crate::loyalty::birthday::{Birthday, BirthdayWindow};
use crate::loyalty::counter::{CountWindow, Counted, CounterId, UseLimit, UseUnit};
use crate::loyalty::decision::{Reason, Subject};
use crate::loyalty::earn_rule::*;
use crate::loyalty::entry::{Entry, EntryKey, RemainingSale};
use crate::loyalty::ids::{CategoryId, DeviceId, MemberRef, RuleId};
use crate::loyalty::issue::Grants;
use crate::loyalty::programme::{LimitScope, Offer, OfferLimit, Reward};
use crate::loyalty::returns::{ReturnLine, Returned, SoldReceipt};
use crate::loyalty::terms::{Audience, Conditions, Membership, Minimum, MinimumOf, Scope};
use crate::money::Quantity;

/// A member who buys over the years: what was sold, and the account as the fold of it.
struct Life {
    evaluator: Evaluator,
    birthday: Option<Birthday>,
    account: Account,
    entries: Vec<Entry>,
    sold: Vec<(Vec<Line>, Decision, NaiveDate, Returned)>,
}

impl Life {
    fn under(rule: EarnRule) -> Self {
        Self {
            evaluator: Evaluator::new(Programme { earn: vec![rule], offers: Vec::new(), ..club() }),
            birthday: None,
            account: Account::default(),
            entries: Vec::new(),
            sold: Vec::new(),
        }
    }

    /// Points that a purchase on a day earns.
    fn buy(&mut self, day: &str, lines: Vec<Line>) -> i64 {
        self.bought(day, lines).points.expect("a member").earned.value()
    }

    fn bought(&mut self, day: &str, lines: Vec<Line>) -> Decision {
        let scene = Scene {
            now: format!("{day}T10:00:00Z").parse().expect("an instant"),
            birthday: self.birthday,
            account: Some(self.account.clone()),
            ..Scene::anonymous()
        };
        let decision = self.evaluator.decide(&basket(lines.clone()), &scene.occasion());
        let points = decision.points.clone().expect("a member");
        let sale = points.change(decision.totals.payable);
        let day = day.parse().expect("a day");
        self.fold(day, sale);
        self.sold.push((lines, decision.clone(), day, Returned::new()));
        decision
    }

    /// Points that taking units of a line of the n-th purchase back costs.
    fn give_back(&mut self, sale: usize, line: &str, units: i64) -> i64 {
        let (lines, decision, day, returned) = &self.sold[sale];
        let scene = Scene::anonymous();
        let sold = sold_receipt(self.evaluator.programme(), lines, decision, &scene);
        let receipt = SoldReceipt { day: *day, ..sold };
        let line_id = crate::loyalty::LineId::parse(line).expect("plain");
        let part = [ReturnLine { line_id, quantity: Quantity::units(units) }];
        let outcome = self.evaluator.take_back(&receipt, returned, &part).expect("it was sold");
        let (day, change) = (*day, outcome.change.expect("a member"));
        self.sold[sale].3 = outcome.returned;
        let Change::Undo { points, .. } = &change else { panic!("a return undoes") };
        let clawed_back = points.clawed_back.value();
        self.fold(day, change);
        clawed_back
    }

    /// Folds all entries in their order, as a ledger does whatever order they come in.
    fn fold(&mut self, day: NaiveDate, change: Change) {
        let sequence = self.entries.len() as u64 + 1;
        let at = day.and_hms_opt(10, 0, 0).expect("a time").and_utc();
        let key = EntryKey {
            effective_at: at + chrono::TimeDelta::seconds(sequence as i64),
            device: DeviceId::from_bytes([7; 16]),
            epoch: 1,
            sequence,
        };
        let terms = self.evaluator.programme().entry_terms();
        self.entries.push(Entry { key, day, terms, change });
        let mut in_order = self.entries.clone();
        in_order.sort_by_key(|entry| entry.key);
        self.account = Account::default();
        in_order.iter().for_each(|entry| self.account.apply(entry));
    }
}

fn rule(kind: EarnKind) -> EarnRule {
    EarnRule {
        id: RuleId::parse("r").expect("plain"),
        name: "r".to_owned(),
        conditions: Conditions::default(),
        kind,
        tier_multiplied: TierMultiplied::No,
        grants: Grants::default(),
        shared_limits: Vec::new(),
        chance: None,
        limits: Vec::new(),
        pending_days: 0,
    }
}

fn receipts(limit: UseLimit) -> Vec<RuleLimit> {
    vec![RuleLimit { unit: UseUnit::Receipts, limit }]
}

fn milestone(measure: MilestoneMeasure, at: i64, repeat: MilestoneRepeat) -> EarnRule {
    rule(EarnKind::Milestone { points: Points::new(100), measure, at, repeat })
}

fn bread(units: i64) -> Vec<Line> {
    vec![line("1", "bread", units, 5_000)]
}

fn why_not(decision: &Decision) -> Vec<Reason> {
    let of_rule = |refusal: &&Refusal| matches!(refusal.subject, Subject::Rule(_));
    decision.refused.iter().filter(of_rule).map(|refusal| refusal.reason.clone()).collect()
}

#[test]
fn ld_10_welcome_points_come_with_the_first_purchase_only() {
    let mut life = Life::under(rule(EarnKind::Welcome { points: Points::new(200) }));
    assert_eq!(life.buy("2026-03-01", bread(1)), 200);
    assert_eq!(life.buy("2026-03-02", bread(1)), 0);
    assert_eq!(why_not(&life.sold[1].1), [Reason::NotFirstPurchase]);
}

#[test]
fn ld_10_a_first_purchase_that_is_returned_was_none() {
    let mut life = Life::under(rule(EarnKind::Welcome { points: Points::new(200) }));
    assert_eq!(life.buy("2026-03-01", bread(2)), 200);
    assert_eq!(life.give_back(0, "1", 1), 0, "something stays sold");
    assert_eq!(life.give_back(0, "1", 1), 200);
    assert_eq!(life.buy("2026-03-02", bread(1)), 200);
}

#[test]
fn bc_16_the_fifth_purchase_is_rewarded_once_whatever_comes_back() {
    let mut life = Life::under(milestone(MilestoneMeasure::Visits, 5, MilestoneRepeat::Once));
    let days = ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"];
    for (day, missing) in days.iter().zip([4, 3, 2, 1]) {
        let decision = life.bought(day, bread(1));
        assert_eq!(why_not(&decision), [Reason::MilestoneAhead { missing }], "{day}");
    }
    assert_eq!(life.buy("2026-03-05", bread(1)), 100);
    assert_eq!(life.give_back(0, "1", 1), 0, "the reward stays: its own purchase does");
    assert_eq!(life.buy("2026-03-06", bread(1)), 0, "five again, but rewarded already");
    assert_eq!(life.buy("2026-03-07", bread(1)), 0);
}

#[test]
fn bc_16_returning_the_fifth_purchase_takes_its_reward_back_and_the_next_fifth_earns_it() {
    let mut life = Life::under(milestone(MilestoneMeasure::Visits, 5, MilestoneRepeat::Once));
    for day in ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"] {
        life.buy(day, bread(1));
    }
    assert_eq!(life.give_back(4, "1", 1), 100);
    assert_eq!(life.account.debt(), Points::ZERO);
    assert_eq!(life.buy("2026-03-06", bread(1)), 100);
}

#[test]
fn bc_16_receipts_of_one_day_are_one_visit_as_long_as_any_of_them_remains() {
    let third = milestone(MilestoneMeasure::VisitDays, 3, MilestoneRepeat::Every);
    let mut life = Life::under(third);
    let ahead = |decision: &Decision| match why_not(decision)[..] {
        [Reason::MilestoneAhead { missing }] => missing,
        ref other => panic!("{other:?}"),
    };
    assert_eq!(ahead(&life.bought("2026-03-01", bread(2))), 2);
    assert_eq!(ahead(&life.bought("2026-03-01", bread(1))), 2, "the same day");
    assert_eq!(life.give_back(0, "1", 2), 0);
    assert_eq!(ahead(&life.bought("2026-03-05", bread(1))), 1, "the second receipt keeps the day");
    // A receipt of an earlier day comes late.
    assert_eq!(life.buy("2026-03-03", bread(2)), 100, "three days");
    assert_eq!(ahead(&life.bought("2026-03-03", bread(1))), 3, "rewarded, and no day more");
    assert_eq!(life.give_back(3, "1", 1), 0, "a part of it remains");
    assert_eq!(life.give_back(3, "1", 1), 100, "its own reward goes with all of it");
    // The day remains by its other receipt: the reward is due with the next purchase.
    assert_eq!(life.buy("2026-03-05", bread(1)), 100);
    assert_eq!(life.give_back(1, "1", 1), 0, "nothing of the first day remains");
    assert_eq!(ahead(&life.bought("2026-03-06", bread(1))), 3, "three days, rewarded once");
    assert_eq!(ahead(&life.bought("2026-03-07", bread(1))), 2);
}

#[test]
fn bc_16_only_receipts_above_the_minimum_count() {
    let minimum = Minimum { amount: Some(Amount::new(10_000)), ..Minimum::default() };
    let conditions = Conditions { minimum, ..Conditions::default() };
    let counted = milestone(MilestoneMeasure::Visits, 2, MilestoneRepeat::Once);
    let mut life = Life::under(EarnRule { conditions, ..counted });
    assert_eq!(life.buy("2026-03-01", bread(2)), 0);
    assert_eq!(life.buy("2026-03-02", bread(1)), 0, "50.00 is below 100.00");
    assert_eq!(life.buy("2026-03-03", bread(2)), 100);
}

#[test]
fn bc_16_a_minimum_of_the_basket_counts_what_the_rule_does_not() {
    let least = Amount::new(10_000);
    let minimum = |of| Minimum {
        amount: Some(least),
        quantity: Some(Quantity::units(3)),
        of,
        ..Minimum::default()
    };
    let counted = milestone(MilestoneMeasure::Visits, 1, MilestoneRepeat::Every);
    let on_coffee = |of| EarnRule {
        conditions: Conditions { minimum: minimum(of), ..on_skus(&["coffee"]) },
        ..counted.clone()
    };
    let coffee = |loaves| vec![line("1", "coffee", 1, 6_000), line("2", "bread", loaves, 2_000)];
    for (of, loaves, earned) in
        [(MinimumOf::Basket, 2, 100), (MinimumOf::Basket, 1, 0), (MinimumOf::Eligible, 2, 0)]
    {
        let mut life = Life::under(on_coffee(of));
        assert_eq!(life.buy("2026-03-01", coffee(loaves)), earned, "{of:?}, {loaves}");
    }
    let mut life = Life::under(on_coffee(MinimumOf::Basket));
    life.buy("2026-03-01", coffee(2));
    assert_eq!(life.give_back(0, "2", 1), 100, "80.00 are left");
}

#[test]
fn bc_16_a_sum_spent_is_a_milestone_too() {
    let mut life = Life::under(milestone(MilestoneMeasure::Spend, 30_000, MilestoneRepeat::Once));
    let missing = Reason::MilestoneAheadAmount { missing: Amount::new(20_000) };
    assert_eq!(why_not(&life.bought("2026-03-01", bread(2))), [missing]);
    assert_eq!(life.buy("2026-03-02", bread(5)), 100);
    assert_eq!(life.give_back(1, "1", 2), 100, "only 250.00 are left");
    assert_eq!(life.buy("2026-03-03", bread(1)), 100, "300.00 again, and not rewarded");
}

#[test]
fn bq_34_every_third_visit_unlocks_a_bonus() {
    let mut life = Life::under(milestone(MilestoneMeasure::Visits, 3, MilestoneRepeat::Every));
    let earned: Vec<i64> =
        (1..=7).map(|day| life.buy(&format!("2026-03-0{day}"), bread(1))).collect();
    assert_eq!(earned, [0, 0, 100, 0, 0, 100, 0]);
}

#[test]
fn a_stamp_card_is_filled_by_items_and_returned_in_any_parts() {
    let card = milestone(MilestoneMeasure::Items, 10, MilestoneRepeat::Every);
    let mut life = Life::under(EarnRule { conditions: on_skus(&["coffee"]), ..card });
    let coffee = |units| vec![line("1", "coffee", units, 6_000), line("2", "bread", 4, 5_000)];
    assert_eq!(life.buy("2026-03-01", coffee(8)), 0);
    assert_eq!(life.buy("2026-03-02", coffee(13)), 200, "21 stamps are two full cards");
    assert_eq!(life.give_back(1, "2", 1), 0, "bread has no stamps");
    assert_eq!(life.give_back(1, "1", 1), 0, "20 stamps");
    assert_eq!(life.give_back(1, "1", 1), 100, "19 stamps are one full card");
    assert_eq!(life.give_back(1, "1", 11), 100);
    assert_eq!(life.buy("2026-03-03", coffee(2)), 100);
}

#[test]
fn bq_18_a_birthday_bonus_comes_once_around_the_day() {
    let window = BirthdayWindow { days_before: 3, days_after: 3 };
    let audience = Audience { birthday: Some(window), ..Audience::default() };
    let conditions = Conditions { audience, ..Conditions::default() };
    let bonus = rule(EarnKind::PerVisit { points: Points::new(500) });
    let mut life = Life::under(EarnRule { conditions, ..bonus });
    life.birthday = Birthday::parse("01-01");
    assert_eq!(life.buy("2026-12-28", bread(1)), 0);
    assert_eq!(why_not(&life.sold[0].1), [Reason::NotBirthday]);
    assert_eq!(life.buy("2026-12-30", bread(1)), 500);
    assert_eq!(life.buy("2027-01-02", bread(1)), 0, "the same birthday, in the next year");
    assert_eq!(why_not(&life.sold[2].1), [Reason::BirthdayUsed]);
    assert_eq!(life.buy("2027-12-29", bread(1)), 500);
    life.birthday = None;
    assert_eq!(life.buy("2028-12-31", bread(1)), 0, "an unknown birthday is none");
}

#[test]
fn bc_12_what_a_basket_is_above_the_own_average_earns_extra() {
    let bonus = EarnKind::AboveAverage {
        points: Points::new(10),
        amount: Amount::new(5_000),
        visits_min: 2,
    };
    let mut life = Life::under(rule(bonus));
    assert_eq!(why_not(&life.bought("2026-03-01", bread(2))), [Reason::NoAverageYet]);
    assert_eq!(why_not(&life.bought("2026-03-02", bread(4))), [Reason::NoAverageYet]);
    let below = Reason::BelowOwnAverage { missing: Amount::new(5_000) };
    assert_eq!(why_not(&life.bought("2026-03-03", bread(2))), [below]);
    // The average is 400.00 / 3 = 133.33; 500.00 is 366.67 above: 73.334 points.
    assert_eq!(life.buy("2026-03-04", bread(10)), 73);
    assert_eq!(life.give_back(3, "1", 8), 73, "100.00 is below the average of that day");
}

#[test]
fn ld_9_a_rule_is_used_so_often_a_week_and_a_return_gives_the_use_back() {
    let weekly = UseLimit { window: CountWindow::Week, uses_max: 1 };
    let bonus = rule(EarnKind::PerVisit { points: Points::new(10) });
    let mut life = Life::under(EarnRule { limits: receipts(weekly), ..bonus });
    assert_eq!(life.buy("2026-03-02", bread(1)), 10, "a Monday");
    assert_eq!(life.buy("2026-03-08", bread(1)), 0, "the Sunday of that week");
    assert_eq!(why_not(&life.sold[1].1), [Reason::LimitReached { limit: weekly }]);
    assert_eq!(life.buy("2026-03-09", bread(1)), 10);
    assert_eq!(life.give_back(2, "1", 1), 10);
    assert_eq!(life.buy("2026-03-10", bread(1)), 10);
}

/// A life under one offer instead of a rule.
fn offered(offer: Offer) -> Life {
    let mut life = Life::under(rule(EarnKind::PerVisit { points: Points::new(1) }));
    let programme = Programme { offers: vec![offer], ..life.evaluator.programme().clone() };
    life.evaluator = Evaluator::new(programme);
    life
}

fn one_grosz(limits: Vec<OfferLimit>) -> Offer {
    let reward = Reward::FixedPrice { price: Amount::new(1), quantity_max: None };
    Offer { conditions: on_skus(&["bread"]), limits, ..offer("grosz", reward) }
}

#[test]
fn ld_9_a_one_grosz_product_is_sold_once_a_member_and_week() {
    let limit = UseLimit { window: CountWindow::Week, uses_max: 1 };
    let weekly = OfferLimit { per: LimitScope::Member, unit: UseUnit::Units, limit };
    let mut life = offered(one_grosz(vec![weekly]));
    let paid = |decision: Decision| decision.totals.payable.value();
    assert_eq!(paid(life.bought("2026-03-02", bread(3))), 1 + 2 * 5_000, "one unit of three");
    let second = life.bought("2026-03-08", bread(1));
    let refused = &second.refused.iter().find(|r| matches!(r.subject, Subject::Offer(_)));
    assert_eq!(refused.map(|r| r.reason.clone()), Some(Reason::LimitReached { limit }));
    assert_eq!(paid(second), 5_000);
    assert_eq!(paid(life.bought("2026-03-09", bread(1))), 1, "the next week");
    assert_eq!(life.give_back(2, "1", 1), 1);
    assert_eq!(paid(life.bought("2026-03-10", bread(1))), 1, "a void gives the use back");
}

#[test]
fn ld_9_a_use_comes_back_only_when_nothing_stays_sold() {
    let limit = UseLimit { window: CountWindow::Ever, uses_max: 2 };
    let ever = OfferLimit { per: LimitScope::Account, unit: UseUnit::Receipts, limit };
    let mut life = offered(one_grosz(vec![ever]));
    let two = || vec![line("1", "bread", 1, 5_000), line("2", "milk", 1, 2_000)];
    life.buy("2026-03-02", two());
    life.give_back(0, "1", 1);
    life.buy("2026-03-03", two());
    let third = life.bought("2026-03-04", two());
    assert_eq!(third.totals.payable.value(), 7_000, "used twice though one was returned");
    life.give_back(0, "2", 1);
    assert_eq!(life.bought("2026-03-05", two()).totals.payable.value(), 2_001);
}

#[test]
fn ld_9_several_limits_of_one_offer_count_one_use() {
    let by = |window, uses_max| OfferLimit {
        per: LimitScope::Account,
        unit: UseUnit::Receipts,
        limit: UseLimit { window, uses_max },
    };
    let mut life = offered(one_grosz(vec![by(CountWindow::Day, 1), by(CountWindow::Month, 2)]));
    let days = ["2026-03-02", "2026-03-02", "2026-03-03", "2026-03-04", "2026-04-01"];
    let paid = days.map(|day| life.bought(day, bread(1)).totals.payable.value());
    assert_eq!(paid, [1, 5_000, 1, 5_000, 1]);
}

#[test]
fn ld_9_a_limited_offer_is_for_members() {
    let limit = UseLimit { window: CountWindow::Ever, uses_max: 2 };
    let ever = OfferLimit { per: LimitScope::Account, unit: UseUnit::Receipts, limit };
    let mut everyone = one_grosz(vec![ever]);
    everyone.conditions.audience.membership = Membership::Everyone;
    let life = offered(everyone);
    let scene = Scene::anonymous();
    let decision = life.evaluator.decide(&basket(bread(1)), &scene.occasion());
    assert_eq!(decision.totals.payable.value(), 5_000);
    assert_eq!(decision.refused[0].reason, Reason::MembersOnly);
}

#[test]
fn ld_9_a_use_that_came_later_in_the_window_counts_for_an_earlier_sale_too() {
    let monthly = UseLimit { window: CountWindow::Month, uses_max: 1 };
    let bonus = rule(EarnKind::PerVisit { points: Points::new(10) });
    let mut life = Life::under(EarnRule { limits: receipts(monthly), ..bonus });
    let days = ["2026-03-06", "2026-03-05", "2026-03-04", "2026-02-28"];
    assert_eq!(days.map(|day| life.buy(day, bread(1))), [10, 0, 0, 10]);
}

#[test]
fn units_that_a_price_takes_nothing_off_use_up_nothing_of_the_quantity() {
    let prices = [("steak", 3_500), ("bread", 50)]
        .map(|(sku, price)| (crate::loyalty::Sku::parse(sku).expect("plain"), Amount::new(price)));
    let reward =
        Reward::PriceList { prices: prices.into(), quantity_max: Some(Quantity::units(1)) };
    let mut life = offered(offer("list", reward));
    let both = vec![line("1", "steak", 1, 3_000), line("2", "bread", 1, 100)];
    assert_eq!(life.bought("2026-03-02", both).totals.payable.value(), 3_050);
}

#[test]
fn ld_9_a_till_that_gave_otherwise_used_the_offer_all_the_same() {
    let limit = UseLimit { window: CountWindow::Ever, uses_max: 1 };
    let ever = OfferLimit { per: LimitScope::Account, unit: UseUnit::Receipts, limit };
    let life = offered(one_grosz(vec![ever]));
    let scene = Scene { account: Some(Account::default()), ..Scene::anonymous() };
    let occasion = scene.occasion();
    let decided = life.evaluator.decide(&basket(bread(1)), &occasion);
    let used = decided.points.expect("a member").counted;
    assert!(used.iter().any(|counted| counted.counter.is_of_offer()));
    let given = GivenByTill {
        discounts: &[Amount::new(5_000)],
        spent: Points::ZERO,
        redeemed: &[Amount::ZERO],
        rewards: &[],
        offers_used: &used,
        tax: Amount::ZERO,
        shared_used: &[],
        gifts: &[],
        promotions: &[],
        cashback: &[Amount::ZERO],
    };
    let as_given = life.evaluator.decide_as_given(&basket(bread(1)), &occasion, &given);
    assert_eq!(as_given.points.expect("a member").counted, used);
}

#[test]
fn ld_48_each_of_a_household_has_a_birthday_of_their_own() {
    let window = BirthdayWindow { days_before: 3, days_after: 3 };
    let audience = Audience { birthday: Some(window), ..Audience::default() };
    let visit = rule(EarnKind::PerVisit { points: Points::new(20) });
    let conditions = Conditions { audience, ..Conditions::default() };
    let evaluator = Life::under(EarnRule { conditions, ..visit }).evaluator;
    let day: NaiveDate = "2026-05-17".parse().expect("a day");
    let own = |member: u8| CounterId::MemberRuleUses {
        rule: RuleId::parse("r").expect("plain"),
        member: MemberRef::from_bytes([member; 16]),
    };
    // What the account counted before: by everybody, of it by member 1.
    let cases =
        [(0, 0, true, true), (1, 1, false, true), (1, 0, false, false), (2, 1, false, false)];
    for (by_all, by_first, first, second) in cases {
        let mut account = Account::default().facts().clone();
        account.counters.add(&CounterId::RuleUses(RuleId::parse("r").expect("plain")), day, by_all);
        account.counters.add(&own(1), day, by_first);
        let scene = Scene {
            now: "2026-05-16T10:00:00Z".parse().expect("an instant"),
            birthday: Birthday::parse("05-17"),
            account: Some(Account::from_facts(account)),
            ..Scene::anonymous()
        };
        for (member, expected) in [(1, first), (2, second)] {
            let mut occasion = scene.occasion();
            let shopper = occasion.shopper.as_mut().expect("a member");
            shopper.member = MemberRef::from_bytes([member; 16]);
            let decision = evaluator.decide(&basket(bread(1)), &occasion);
            let points = decision.points.expect("a member");
            assert_eq!(points.earned.is_positive(), expected, "{by_all} {by_first} {member}");
            let counts_own = points.counted.iter().any(|counted| counted.counter == own(member));
            assert_eq!(counts_own, expected);
        }
    }
}

#[test]
fn ld_47_a_service_visit_earns_like_a_purchase() {
    let categories = BTreeSet::from([CategoryId::parse("services").expect("plain")]);
    let conditions =
        Conditions { scope: Scope { categories, ..Scope::default() }, ..Conditions::default() };
    let visit = rule(EarnKind::PerVisit { points: Points::new(30) });
    let mut life = Life::under(EarnRule { conditions, ..visit });
    let eye_test = Line {
        category: CategoryId::parse("services/eye-test").ok(),
        ..line("1", "eye-test", 1, 0)
    };
    assert_eq!(life.buy("2026-03-01", vec![eye_test]), 30, "a free one too");
    assert_eq!(life.account.facts().lifetime.visits, 1, "and is a visit");
    assert_eq!(life.buy("2026-03-02", bread(1)), 0);
}

#[test]
fn what_a_whole_return_takes_back_is_what_the_sale_counted() {
    let mut life = Life::under(milestone(MilestoneMeasure::Items, 3, MilestoneRepeat::Every));
    life.buy("2026-03-01", bread(2));
    let before = life.account.facts().counters.clone();
    life.buy("2026-03-02", bread(5));
    let (_, change) = (life.give_back(1, "1", 5), life.entries.last().expect("a return"));
    let Change::Undo { counted, remaining, .. } = &change.change else { panic!("a return") };
    let by: Vec<i64> = counted.iter().map(|Counted { by, .. }| *by).collect();
    assert_eq!((by.as_slice(), *remaining), (&[-5, -2][..], RemainingSale::Nothing));
    assert_eq!(life.account.facts().counters, before);
}
