//! One case of each rule of the decision.

use chrono::{NaiveDate, TimeZone, Utc};

use super::examples::*;
use super::*;
use crate::loyalty::basket::{Line, LineFlag};
use crate::loyalty::decision::{Benefit, Reason, Subject};
use crate::loyalty::earn_rule::*;
use crate::loyalty::ids::{FlagId, GroupId, OfferId, StoreId, VoucherId, VoucherTypeId};
use crate::loyalty::programme::*;
use crate::loyalty::terms::{Audience, Conditions, Membership, Minimum, PointsRange, Window};
use crate::member_code::Strength;
use crate::money::{Percent, Quantity, Rounding};

fn decide(programme: Programme, basket: &Basket, scene: &Scene) -> Decision {
    Evaluator::new(programme).decide(basket, &scene.occasion())
}

fn with_offers(offers: Vec<Offer>) -> Programme {
    Programme { offers, ..club() }
}

/// Payable, discount and redeemed value, and points earned and spent.
fn figures(decision: &Decision) -> (i64, i64, i64, i64, i64) {
    let totals = decision.totals;
    let (earned, spent) =
        decision.points.as_ref().map_or((0, 0), |p| (p.earned.value(), p.spent.value()));
    (totals.payable.value(), totals.discount.value(), totals.redeemed.value(), earned, spent)
}

fn reason_for<'d>(decision: &'d Decision, subject: &Subject) -> Option<&'d Reason> {
    decision.refused.iter().find(|refusal| refusal.subject == *subject).map(|r| &r.reason)
}

fn offer_subject(id: &str) -> Subject {
    Subject::Offer(OfferId::parse(id).expect("plain"))
}

fn voucher_subject() -> Subject {
    Subject::Voucher {
        voucher: VoucherId::parse("V1").expect("plain"),
        voucher_type: Some(VoucherTypeId::parse("fifteen").expect("plain")),
    }
}

fn two_lines() -> Vec<Line> {
    vec![line("1", "milk", 2, 2_500), line("2", "bread", 1, 4_000)]
}

#[test]
fn each_reward_takes_what_it_says() {
    let capped = |reward, cap| Offer { cap: Some(Amount::new(cap)), ..offer("o", reward) };
    let on_milk = |reward| Offer { conditions: on_skus(&["milk"]), ..offer("o", reward) };
    let grosz = |quantity_max| Reward::FixedPrice { price: Amount::new(1), quantity_max };
    let cases = [
        ("10 % off lines", offer("o", Reward::LinePercent(Percent::whole(10))), 900),
        ("10 % off milk", on_milk(Reward::LinePercent(Percent::whole(10))), 500),
        (
            "10 % off the basket, capped",
            capped(Reward::BasketPercent(Percent::whole(10)), 300),
            300,
        ),
        ("3.00 off each milk", on_milk(Reward::LineAmountEach(Amount::new(300))), 600),
        (
            "50.00 off each milk stops at its price",
            on_milk(Reward::LineAmountEach(Amount::new(5_000))),
            5_000,
        ),
        ("20.00 off the basket", offer("o", Reward::BasketAmount(Amount::new(2_000))), 2_000),
        (
            "200.00 off the basket stops at the basket",
            offer("o", Reward::BasketAmount(Amount::new(20_000))),
            9_000,
        ),
        ("milk for 0.01 (LD-11)", on_milk(grosz(None)), 4_998),
        ("one milk for 0.01", on_milk(grosz(Some(Quantity::ONE))), 2_499),
        (
            "a fixed price above the price changes nothing",
            on_milk(Reward::FixedPrice { price: Amount::new(9_999), quantity_max: None }),
            0,
        ),
    ];
    for (case, offer, discount) in cases {
        let decision = decide(with_offers(vec![offer]), &basket(two_lines()), &Scene::member(0));
        assert_eq!(decision.totals.discount.value(), discount, "{case}");
        assert_eq!(decision.totals.payable.value(), 9_000 - discount, "{case}");
    }
}

#[test]
fn stages_go_price_line_basket_whatever_the_priority() {
    let offers = vec![
        Offer { priority: 9, ..offer("basket", Reward::BasketPercent(Percent::whole(50))) },
        Offer { priority: 5, ..offer("line", Reward::LinePercent(Percent::whole(10))) },
        Offer {
            conditions: on_skus(&["milk"]),
            ..offer("price", Reward::FixedPrice { price: Amount::new(1_000), quantity_max: None })
        },
    ];
    let decision = decide(with_offers(offers), &basket(two_lines()), &Scene::member(0));
    let steps: Vec<i64> = decision.applied.iter().map(|applied| applied.amount.value()).collect();
    assert_eq!(steps, [3_000, 600, 2_700], "2 x 15.00, 10 % of 60.00, half of 54.00");
}

#[test]
fn br_16_offers_go_by_the_band_of_the_balance_before_the_sale() {
    let band = |id, percent, min: Option<i64>, max: Option<i64>| {
        let points = PointsRange { min: min.map(Points::new), max: max.map(Points::new) };
        let audience = Audience { points: Some(points), ..Audience::default() };
        let conditions = Conditions { audience, ..Conditions::default() };
        Offer { conditions, ..offer(id, Reward::LinePercent(Percent::whole(percent))) }
    };
    let programme = || Programme {
        offers: vec![
            band("cheap", 5, Some(150), Some(399)),
            band("dear", 10, Some(400), None),
            band("start", 1, None, Some(0)),
        ],
        ..club()
    };
    let below = |missing| Reason::OtherBalance { missing: Some(Points::new(missing)) };
    let above = || Reason::OtherBalance { missing: None };
    let cases = [
        (0, "start", [below(150), below(400)]),
        (149, "", [below(1), below(251)]),
        (150, "cheap", [below(250), above()]),
        (399, "cheap", [below(1), above()]),
        (400, "dear", [above(), above()]),
    ];
    for (balance, given, refused) in cases {
        let basket = basket(vec![line("1", "milk", 2, 2_500)]);
        let scene = Scene::member(balance);
        let decision = Evaluator::new(programme()).decide(&basket, &scene.occasion());
        let applied: Vec<String> = decision
            .applied
            .iter()
            .map(|by| match &by.benefit {
                Benefit::Offer(id) => id.to_string(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(applied.concat(), given, "{balance}");
        let told: Vec<Reason> = decision.refused.iter().map(|told| told.reason.clone()).collect();
        assert_eq!(told[..2], refused, "{balance}");
    }
    let mut lapsed = Scene::member(400);
    lapsed.now += chrono::TimeDelta::days(800);
    let decision = Evaluator::new(programme())
        .decide(&basket(vec![line("1", "milk", 2, 2_500)]), &lapsed.occasion());
    assert!(
        decision.refused.iter().any(|told| told.reason == below(400)),
        "lapsed points do not count"
    );
    let nobody = Scene::anonymous();
    let decision = Evaluator::new(programme())
        .decide(&basket(vec![line("1", "milk", 2, 2_500)]), &nobody.occasion());
    assert!(decision.refused.iter().all(|told| told.reason == Reason::MembersOnly));
}

#[test]
fn each_condition_is_refused_with_its_reason() {
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).expect("a day");
    let hour = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour");
    let windowed = |window| Conditions { window, ..Conditions::default() };
    let least = |minimum| Conditions { minimum, ..on_skus(&["milk"]) };
    let mut flagged = Conditions::default();
    flagged.audience.flags = Some([FlagId::parse("vip").expect("plain")].into());
    let mut silver = Conditions::default();
    silver.audience.tiers = Some([tier("silver", 0, 0).id].into());
    let elsewhere = Conditions {
        stores: Some([StoreId::parse("S2").expect("plain")].into()),
        ..Conditions::default()
    };
    let cases = [
        (
            windowed(Window { from: Some(day(3, 11)), ..Window::default() }),
            Reason::NotYet { from: day(3, 11) },
        ),
        (
            windowed(Window { until: Some(day(3, 9)), ..Window::default() }),
            Reason::Over { until: day(3, 9) },
        ),
        (
            windowed(Window { weekdays: Some([1, 3].into()), ..Window::default() }),
            Reason::OtherWeekday,
        ),
        (
            windowed(Window { hours: Some((hour(8), hour(10))), ..Window::default() }),
            Reason::OtherHours { from: hour(8), to: hour(10) },
        ),
        (elsewhere, Reason::OtherStore),
        (
            silver.clone(),
            Reason::OtherTier { needs: silver.audience.tiers.iter().flatten().cloned().collect() },
        ),
        (flagged, Reason::NotInSegment),
        (on_skus(&["beer"]), Reason::NoEligibleLine),
        (
            least(Minimum { amount: Some(Amount::new(6_240)), ..Minimum::default() }),
            Reason::BelowMinimumAmount { missing: Amount::new(1_240) },
        ),
        (
            least(Minimum { quantity: Some(Quantity::units(3)), ..Minimum::default() }),
            Reason::BelowMinimumQuantity { missing: Quantity::ONE },
        ),
        (
            least(Minimum { unit_price: Some(Amount::new(2_501)), ..Minimum::default() }),
            Reason::NoEligibleLine,
        ),
    ];
    for (conditions, reason) in cases {
        let offer = Offer { conditions, ..offer("o", Reward::LinePercent(Percent::whole(10))) };
        let scene = Scene::member(0);
        let occasion = Occasion { explain: Explain::Everything, ..scene.occasion() };
        let decision =
            Evaluator::new(with_offers(vec![offer])).decide(&basket(two_lines()), &occasion);
        assert_eq!(reason_for(&decision, &offer_subject("o")), Some(&reason));
        assert_eq!(decision.totals.discount.value(), 0, "{reason:?}");
    }
}

#[test]
fn windows_are_local_and_may_cross_midnight() {
    let hour = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour");
    let night = Window { hours: Some((hour(22), hour(6))), ..Window::default() };
    let at = |hour| Utc.with_ymd_and_hms(2026, 7, 1, hour, 30, 0).single().expect("an instant");
    for (utc_hour, open) in [(19, false), (20, true), (3, true), (4, false)] {
        let local = at(utc_hour).with_timezone(&chrono_tz::Europe::Prague).naive_local();
        assert_eq!(night.refuse(local).is_none(), open, "{utc_hour}:30 UTC in summer");
    }
}

#[test]
fn offers_for_members_wait_for_a_member_and_others_do_not() {
    let mut everyone = offer("all", Reward::LinePercent(Percent::whole(10)));
    everyone.conditions.audience.membership = Membership::Everyone;
    let members = offer("club", Reward::LinePercent(Percent::whole(10)));
    let decision =
        decide(with_offers(vec![everyone, members]), &basket(two_lines()), &Scene::anonymous());
    assert_eq!(decision.totals.discount.value(), 900);
    assert_eq!(reason_for(&decision, &offer_subject("club")), Some(&Reason::MembersOnly));
    assert_eq!(decision.points, None);
}

#[test]
fn of_a_group_only_the_best_for_the_customer_applies_and_ties_go_by_priority_then_id() {
    let group = Some(GroupId::parse("g").expect("plain"));
    let grouped = |id, priority, percent| Offer {
        group: group.clone(),
        priority,
        ..offer(id, Reward::LinePercent(Percent::whole(percent)))
    };
    let cases = [
        (vec![grouped("a", 9, 10), grouped("b", 0, 20)], "b"),
        (vec![grouped("a", 0, 10), grouped("b", 1, 10)], "b"),
        (vec![grouped("b", 0, 10), grouped("a", 0, 10)], "a"),
    ];
    for (mut offers, winner) in cases {
        offers.sort_by(|a, b| a.id.cmp(&b.id));
        let decision = decide(with_offers(offers), &basket(two_lines()), &Scene::member(0));
        assert_eq!(decision.applied.len(), 1);
        assert_eq!(
            decision.applied[0].benefit,
            Benefit::Offer(OfferId::parse(winner).expect("plain"))
        );
    }
}

#[test]
fn an_offer_that_stands_alone_shares_no_line() {
    let alone = |id, priority| Offer {
        stacking: Stacking::Alone,
        priority,
        conditions: on_skus(&["milk"]),
        ..offer(id, Reward::LinePercent(Percent::whole(10)))
    };
    let stackable = offer("s", Reward::LinePercent(Percent::whole(10)));
    let first = decide(
        with_offers(vec![alone("a", 1), stackable.clone()]),
        &basket(two_lines()),
        &Scene::member(0),
    );
    assert_eq!(figures(&first).1, 500 + 400, "milk by the lone offer, bread by the other");
    let last = decide(
        with_offers(vec![alone("a", -1), stackable]),
        &basket(two_lines()),
        &Scene::member(0),
    );
    assert_eq!(figures(&last).1, 900, "the lone offer comes too late");
    assert_eq!(reason_for(&last, &offer_subject("a")), Some(&Reason::DoesNotStack));
}

#[test]
fn lines_that_may_not_be_discounted_stay_whole_and_floors_hold() {
    let mut lines = two_lines();
    lines[0].flags.insert(LineFlag::NoDiscount);
    lines[1].unit_price_min = Some(Amount::new(3_900));
    let offer = offer("o", Reward::BasketAmount(Amount::new(2_000)));
    let decision = decide(with_offers(vec![offer]), &basket(lines), &Scene::member(0));
    let nets: Vec<i64> = decision.lines.iter().map(|line| line.net.value()).collect();
    assert_eq!(nets, [5_000, 3_900]);
}

fn programme_with_voucher(value: VoucherValue) -> Programme {
    let mut programme = club();
    let minimum = Minimum { amount: Some(Amount::new(2_500)), ..Minimum::default() };
    let conditions = Conditions { minimum, ..Conditions::default() };
    let id = VoucherTypeId::parse("fifteen").expect("plain");
    let kind = VoucherType {
        id: id.clone(),
        name: "15".to_owned(),
        conditions,
        value,
        cap: None,
        cost: None,
    };
    programme.voucher_types.insert(id, kind);
    programme
}

fn scene_with_voucher(standing: VoucherStanding) -> Scene {
    let mut scene = Scene::member(0);
    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day);
    let state = VoucherState {
        voucher_type: VoucherTypeId::parse("fifteen").expect("plain"),
        standing,
        valid_from: day(1),
        valid_until: day(10),
    };
    scene.vouchers.insert(VoucherId::parse("V1").expect("plain"), state);
    scene
}

#[test]
fn a_voucher_of_15_applies_from_25_and_says_what_is_missing_below() {
    let programme = programme_with_voucher(VoucherValue::Amount(Amount::new(1_500)));
    let cases = [(2_499, None, 2_499), (2_500, Some(1_500), 1_000), (10_000, Some(1_500), 8_500)];
    for (price, discount, payable) in cases {
        let basket = presenting(vec![line("1", "milk", 1, price)], &["V1"]);
        let decision =
            decide(programme.clone(), &basket, &scene_with_voucher(VoucherStanding::Usable));
        assert_eq!(decision.totals.payable.value(), payable, "{price}");
        let missing = Reason::BelowMinimumAmount { missing: Amount::new(1) };
        let subject = voucher_subject();
        let refused = discount.is_none().then_some(&missing);
        assert_eq!(reason_for(&decision, &subject), refused, "{price}");
    }
}

#[test]
fn a_voucher_is_refused_with_its_reason() {
    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).expect("a day");
    let at = |day| Utc.with_ymd_and_hms(2026, 3, day, 22, 59, 59).single().expect("an instant");
    let cases = [
        (VoucherStanding::Used, tuesday(), Some(Reason::VoucherUsed)),
        (VoucherStanding::Held, tuesday(), Some(Reason::VoucherHeld)),
        (VoucherStanding::OfOther, tuesday(), Some(Reason::VoucherOfOther)),
        (VoucherStanding::Cancelled, tuesday(), Some(Reason::VoucherCancelled)),
        (VoucherStanding::Usable, at(10), None), // 23:59:59 in Prague: its last second
        (VoucherStanding::Usable, at(11), Some(Reason::Over { until: day(10) })),
        (
            VoucherStanding::Usable,
            at(1) - chrono::Duration::days(1),
            Some(Reason::NotYet { from: day(1) }),
        ),
    ];
    for (standing, now, reason) in cases {
        let scene = Scene { now, ..scene_with_voucher(standing) };
        let programme = programme_with_voucher(VoucherValue::Percent(Percent::whole(10)));
        let decision = decide(programme, &presenting(two_lines(), &["V1"]), &scene);
        let subject = voucher_subject();
        assert_eq!(reason_for(&decision, &subject), reason.as_ref(), "{standing:?} at {now}");
        assert_eq!(decision.totals.discount.value(), if reason.is_none() { 900 } else { 0 });
    }
    let unknown = decide(club(), &presenting(two_lines(), &["V9"]), &Scene::member(0));
    assert_eq!(unknown.refused.last().map(|r| &r.reason), Some(&Reason::VoucherUnknown));
}

#[test]
fn points_are_spent_as_chosen_within_the_limits_and_never_silently() {
    let points = Points::new;
    let cases: [(i64, i64, i64, Option<Reason>); 8] = [
        // balance, asked, spent, limit met; the basket is 90.00, half of it 45.00 or 400 points
        (1_000, 0, 0, None),
        (1_000, 300, 300, None),
        (1_000, 400, 400, None),
        (1_000, 500, 400, Some(Reason::OverShare { points_max: points(400) })),
        (250, 300, 200, Some(Reason::NotEnoughPoints { available: points(250) })),
        (1_000, 250, 200, Some(Reason::NotWholeSteps { step: points(100) })),
        (1_000, 50, 0, Some(Reason::NotWholeSteps { step: points(100) })),
        (50, 100, 0, Some(Reason::NotEnoughPoints { available: points(50) })),
    ];
    for (balance, asked, spent, limit) in cases {
        let decision = decide(club(), &spending(two_lines(), asked), &Scene::member(balance));
        let (payable, _, redeemed, _, got) = figures(&decision);
        assert_eq!(
            (got, redeemed, payable),
            (spent, spent * 10, 9_000 - spent * 10),
            "{balance} {asked}"
        );
        assert_eq!(reason_for(&decision, &Subject::Spend), limit.as_ref(), "{balance} {asked}");
        let outcome = decision.points.expect("a member");
        assert_eq!(outcome.after, outcome.before - points(spent) + outcome.earned);
    }
}

#[test]
fn a_programme_may_refuse_excess_and_ask_for_a_strong_identification() {
    let mut programme = club();
    let policy = programme.redemption.as_mut().expect("the club redeems");
    policy.excess = Excess::Refuse;
    policy.strength = vec![
        StrengthStep { from: Amount::ZERO, strength: Strength::Static },
        StrengthStep { from: Amount::new(3_000), strength: Strength::Totp },
    ];
    let evaluator = Evaluator::new(programme);
    let cases = [
        (500, Some(Strength::Token), 0),
        (200, None, 0),
        (200, Some(Strength::Static), 200),
        (300, Some(Strength::Static), 0),
        (300, Some(Strength::Totp), 300),
        (300, Some(Strength::Token), 300),
    ];
    for (asked, strength, spent) in cases {
        let scene = Scene::member(1_000);
        let mut occasion = scene.occasion();
        occasion.shopper.as_mut().expect("a member").strength = strength;
        let decision = evaluator.decide(&spending(two_lines(), asked), &occasion);
        assert_eq!(figures(&decision).4, spent, "{asked} with {strength:?}");
    }
}

#[test]
fn points_held_elsewhere_cannot_be_spent_here() {
    let scene = Scene { held: Points::new(900), ..Scene::member(1_000) };
    let decision = decide(club(), &spending(two_lines(), 300), &scene);
    assert_eq!(figures(&decision).4, 100);
}

#[test]
fn a_tender_pays_for_lines_that_may_not_be_discounted() {
    let mut lines = two_lines();
    lines[0].flags.insert(LineFlag::NoDiscount);
    lines[1].flags.insert(LineFlag::NoDiscount);
    for (redeem_as, spent) in [(RedeemAs::Discount, 0), (RedeemAs::Tender, 400)] {
        let mut programme = club();
        programme.redemption.as_mut().expect("the club redeems").redeem_as = redeem_as;
        let decision = decide(programme, &spending(lines.clone(), 400), &Scene::member(1_000));
        assert_eq!(figures(&decision).4, spent, "{redeem_as:?}");
    }
}

#[test]
fn earning_follows_its_switches() {
    let rule = |kind| {
        let tier_multiplied = TierMultiplied::No;
        let id = crate::loyalty::RuleId::parse("r").expect("plain");
        vec![EarnRule {
            id,
            name: String::new(),
            conditions: Conditions::default(),
            kind,
            grants: crate::loyalty::Grants::default(),
            shared_limits: Vec::new(),
            chance: None,
            tier_multiplied,
            limits: Vec::new(),
            pending_days: 0,
        }]
    };
    let per_amount =
        |style| EarnKind::PerAmount { points: Points::new(5), amount: Amount::new(4_000), style };
    let accrual = |tax, discounts, redemption| AccrualPolicy {
        tax,
        base: AccrualBase { discounts, redemption },
        rounding: Rounding::Floor,
    };
    use AccrualMoment::{After, Before};
    let net = accrual(TaxBase::Net, After, After);
    let offer = offer("o", Reward::BasketAmount(Amount::new(1_000)));
    let cases = [
        (
            "proportional, 70.00 after all",
            rule(per_amount(StepStyle::Proportional)),
            AccrualPolicy::default(),
            8,
        ),
        (
            "full steps of 40.00",
            rule(per_amount(StepStyle::FullSteps)),
            AccrualPolicy::default(),
            5,
        ),
        (
            "before discounts, 80.00",
            rule(per_amount(StepStyle::Proportional)),
            accrual(TaxBase::Gross, Before, After),
            10,
        ),
        (
            "before redemption, 80.00",
            rule(per_amount(StepStyle::Proportional)),
            accrual(TaxBase::Gross, After, Before),
            10,
        ),
        (
            "before both, 90.00",
            rule(per_amount(StepStyle::Proportional)),
            accrual(TaxBase::Gross, Before, Before),
            11,
        ),
        ("net of 21 % tax, 57.85", rule(per_amount(StepStyle::Proportional)), net, 7),
        (
            "per visit",
            rule(EarnKind::PerVisit { points: Points::new(3) }),
            AccrualPolicy::default(),
            3,
        ),
        (
            "per item",
            rule(EarnKind::PerItem { points: Points::new(3) }),
            AccrualPolicy::default(),
            9,
        ),
    ];
    for (case, earn, accrual, earned) in cases {
        let programme = Programme { earn, accrual, ..with_offers(vec![offer.clone()]) };
        let decision = decide(programme, &spending(two_lines(), 100), &Scene::member(100));
        assert_eq!(figures(&decision).3, earned, "{case}");
    }
}

#[test]
fn the_tier_before_the_sale_multiplies_and_the_tier_after_it_is_told() {
    let mut scene = Scene::member(0);
    let first = decide(club(), &basket(vec![line("1", "tv", 1, 100_000)]), &scene);
    assert_eq!(figures(&first).3, 100, "bronze while buying");
    let tier = first.tier.expect("the club has tiers");
    assert_eq!((tier.before.as_str(), tier.after.as_str(), tier.next), ("bronze", "silver", None));
    let points = crate::loyalty::Gained {
        earned: Points::new(100),
        expires: crate::loyalty::Expires::WithActivity,
        ..Default::default()
    };
    let change = crate::loyalty::Change::Sale {
        points,
        cashback: Default::default(),
        converted: Points::ZERO,
        spend: Amount::new(100_000),
        counted: Vec::new(),
    };
    let today = club().day_of(scene.now);
    scene.account =
        scene.account.map(|account| account.after(today, club().entry_terms(), &change));
    let second = decide(club(), &basket(vec![line("1", "tv", 1, 100_000)]), &scene);
    assert_eq!(figures(&second).3, 150, "silver earns half more");
}

#[test]
fn lines_without_points_earn_nothing() {
    let mut lines = two_lines();
    lines[0].flags.insert(LineFlag::NoPoints);
    assert_eq!(figures(&decide(club(), &basket(lines), &Scene::member(0))).3, 4);
}

#[test]
fn an_empty_basket_is_decided_to_nothing() {
    let decision = decide(club(), &basket(Vec::new()), &Scene::member(0));
    assert_eq!(figures(&decision), (0, 0, 0, 0, 0));
}

#[test]
fn what_the_till_gave_counts_where_it_differs() {
    let scene = Scene::member(1_000);
    let evaluator = Evaluator::new(club());
    let amounts = |parts: [i64; 2]| parts.map(Amount::new);
    let (discounts, redeemed) = (amounts([1_500, 500]), amounts([1_000, 0]));
    let given = GivenByTill {
        discounts: &discounts,
        spent: Points::new(100),
        redeemed: &redeemed,
        rewards: &[],
        offers_used: &[],
        tax: Amount::ZERO,
        shared_used: &[],
        gifts: &[],
        promotions: &[],
        cashback: &amounts([0, 0]),
    };
    let decision = evaluator.decide_as_given(&basket(two_lines()), &scene.occasion(), &given);
    assert_eq!(figures(&decision), (7_000, 1_000, 1_000, 7, 100));
}
