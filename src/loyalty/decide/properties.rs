//! What holds for every programme and basket.

mod cases;
mod histories;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

pub(crate) use self::cases::{cases, ran};
use super::examples::*;
use super::redemption_tests::any_redemption;
use super::*;
use crate::loyalty::basket::{Line, LineFlag, RequestedBenefits, RequestedSpend};
use crate::loyalty::claw_back::ClawBack;
use crate::loyalty::counter::{CountWindow, UseLimit, UseUnit};
use crate::loyalty::decision::{Choices, Subject};
use crate::loyalty::earn_rule::*;
use crate::loyalty::entry::Change;
use crate::loyalty::entry::RemainingSale;
use crate::loyalty::ids::{CategoryId, GroupId, LineId, Sku, VoucherId, VoucherTypeId};
use crate::loyalty::issue::{Grants, IssueState, Issued, SoldIssue};
use crate::loyalty::programme::*;
use crate::loyalty::purse::balance_after;
use crate::loyalty::returns::{ReturnLine, Returned, SoldLine, SoldPoints, SoldReceipt};
use crate::loyalty::shared_limit::{SharedLimit, SharedOffline, SharedScope};
use crate::loyalty::tax::{TaxMode, tendered};
use crate::loyalty::terms::{Conditions, Minimum, MinimumOf, Scope};
use crate::money::{Percent, Quantity, Rounding};

/// Vouchers on the counter, one of each kind that a programme has.
const VOUCHERS: [&str; 2] = ["v0", "v1"];

/// Cashback that an account begins with, in minor units.
const CASHBACK: i64 = 1_500;

const SKUS: [&str; 4] = ["beer", "bread", "milk", "tv"];

fn any_line() -> impl Strategy<Value = Line> {
    let flags = prop_oneof![8 => Just(None), 1 => Just(Some(LineFlag::NoDiscount)), 1 => Just(Some(LineFlag::NoPoints))];
    let milli = prop_oneof![4 => Just(0), 1 => 0_i64..1_000];
    (0..SKUS.len(), 1_i64..6, milli, 0_i64..30_000, flags, 0_u32..3, 0_i64..40).prop_map(
        |(sku, units, milli, price, flag, tax, floor_percent)| {
            let quantity = Quantity::new(units * 1_000 + milli);
            Line {
                quantity,
                amount: quantity.at(Amount::new(price)).expect("it fits"),
                flags: flag.into_iter().collect(),
                tax_rate: Percent::whole([0, 12, 21][tax as usize]),
                unit_price_min: Some(Amount::new(price * floor_percent / 100)),
                category: CategoryId::parse(if sku == 0 { "drinks/beer" } else { "food" }).ok(),
                ..line("x", SKUS[sku], units, price)
            }
        },
    )
}

fn numbered(lines: Vec<Line>) -> Vec<Line> {
    let number = |(n, line): (usize, Line)| Line {
        line_id: LineId::parse(&format!("l{n:03}")).expect("plain"),
        ..line
    };
    lines.into_iter().enumerate().map(number).collect()
}

fn any_lines() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec(any_line(), 1..12).prop_map(numbered)
}

fn any_scope() -> impl Strategy<Value = Scope> {
    prop::collection::btree_set(0..SKUS.len(), 0..3).prop_map(|skus| {
        let skus: Vec<&str> = skus.into_iter().map(|at| SKUS[at]).collect();
        on_skus(&skus).scope
    })
}

fn any_price_list() -> impl Strategy<Value = Reward> {
    let prices = prop::collection::btree_map(0..SKUS.len(), 1_i64..20_000, 1..4);
    (prices, prop::option::of(1_i64..4)).prop_map(|(prices, max)| Reward::PriceList {
        prices: prices
            .into_iter()
            .map(|(at, price)| (Sku::parse(SKUS[at]).expect("plain"), Amount::new(price)))
            .collect(),
        quantity_max: max.map(Quantity::units),
    })
}

fn any_buy_get() -> impl Strategy<Value = Reward> {
    let dearest = any::<bool>();
    let times = prop::option::of(1_u32..3);
    let scope = prop::option::of(any_scope());
    (1_u32..4, 1_u32..3, 1_u32..=100, dearest, scope, times).prop_map(
        |(buy, get, percent, dearest, get_scope, times_max)| {
            let percent = Percent::whole(percent);
            let which = if dearest { GotUnits::Dearest } else { GotUnits::Cheapest };
            Reward::BuyGet(BuyGet { buy, get, percent, which, get_scope, times_max })
        },
    )
}

fn any_bundle() -> impl Strategy<Value = Reward> {
    let part = (any_scope(), 1_u32..3).prop_map(|(scope, units)| BundlePart { scope, units });
    let value = prop_oneof![
        (1_i64..30_000).prop_map(|price| BundleValue::Price(Amount::new(price))),
        (1_u32..=100).prop_map(|percent| BundleValue::Percent(Percent::whole(percent))),
        (1_i64..9_000).prop_map(|amount| BundleValue::Amount(Amount::new(amount))),
    ];
    let parts = prop::collection::vec(part, 1..=3);
    (parts, value, prop::option::of(1_u32..3))
        .prop_map(|(parts, value, times_max)| Reward::Bundle(Bundle { parts, value, times_max }))
}

fn any_steps() -> impl Strategy<Value = Reward> {
    prop::collection::btree_map(1_u32..12, 1_u32..=100, 1..4).prop_map(|steps| {
        let step = |(from, percent)| QuantityStep { from, percent: Percent::whole(percent) };
        Reward::QuantityPercent(steps.into_iter().map(step).collect())
    })
}

/// What the stage of offers on units gives.
fn any_on_units() -> impl Strategy<Value = Reward> {
    let units_for_price = (1_u32..5, 1_i64..20_000, prop::option::of(1_u32..3)).prop_map(
        |(units, price, times_max)| Reward::UnitsForPrice {
            units,
            price: Amount::new(price),
            times_max,
        },
    );
    prop_oneof![any_buy_get(), units_for_price, any_bundle(), any_steps()]
}

fn any_reward() -> impl Strategy<Value = Reward> {
    prop_oneof![
        1 => (1_i64..5_000, prop::option::of(1_i64..4)).prop_map(|(price, max)| Reward::FixedPrice {
            price: Amount::new(price),
            quantity_max: max.map(Quantity::units),
        }),
        1 => any_price_list(),
        1 => (1_u32..=100).prop_map(|p| Reward::LinePercent(Percent::whole(p))),
        1 => (1_i64..3_000).prop_map(|a| Reward::LineAmountEach(Amount::new(a))),
        4 => any_on_units(),
        1 => (1_u32..=100_000).prop_map(|p| Reward::BasketPercent(Percent::from_thousandths(p))),
        1 => (1_i64..20_000).prop_map(|a| Reward::BasketAmount(Amount::new(a))),
    ]
}

fn any_bounds() -> impl Strategy<Value = DiscountBounds> {
    let percent =
        || prop::option::weighted(0.3, (0_u32..=100_000).prop_map(Percent::from_thousandths));
    (percent(), percent(), prop::bool::weighted(0.1)).prop_map(|(receipt, line, excluded)| {
        let category = |path| CategoryId::parse(path).expect("plain");
        DiscountBounds {
            receipt_percent_max: receipt,
            line_percent_max: line,
            excluded_categories: excluded.then(|| category("drinks")).into_iter().collect(),
        }
    })
}

fn any_offer() -> impl Strategy<Value = Offer> {
    let scope = prop::collection::btree_set(0..SKUS.len(), 0..3);
    let minimum = any_minimum();
    let group = prop::option::of(0_u8..2);
    let cap = prop::option::of(1_i64..5_000);
    let limits = prop::collection::vec((any::<bool>(), any::<bool>(), 1_u32..4), 0..2);
    let switches = (any::<bool>(), limits);
    (any_reward(), scope, minimum, group, cap, -2_i32..3, switches).prop_map(
        |(reward, skus, minimum, group, cap, priority, (alone, limits))| {
            let prices = matches!(reward, Reward::FixedPrice { .. } | Reward::PriceList { .. });
            let limit = |(of_member, of_units, uses_max): (bool, bool, u32)| OfferLimit {
                per: if of_member { LimitScope::Member } else { LimitScope::Account },
                unit: if of_units && prices { UseUnit::Units } else { UseUnit::Receipts },
                limit: UseLimit { window: CountWindow::Week, uses_max },
            };
            let shared = |(per_store, of_units, uses_max): (bool, bool, u32)| SharedLimit {
                per: if per_store { SharedScope::Store } else { SharedScope::Total },
                unit: if of_units && prices { UseUnit::Units } else { UseUnit::Receipts },
                limit: UseLimit { window: CountWindow::Day, uses_max: uses_max + 1 },
                offline: if per_store {
                    SharedOffline::Approximate
                } else {
                    SharedOffline::Slice(2)
                },
            };
            let skus: Vec<&str> = skus.into_iter().map(|at| SKUS[at]).collect();
            Offer {
                conditions: Conditions { minimum, ..on_skus(&skus) },
                cap: cap.map(Amount::new),
                group: group.map(|g| GroupId::parse(&format!("g{g}")).expect("plain")),
                priority,
                stacking: if alone { Stacking::Alone } else { Stacking::Stackable },
                shared_limits: limits.iter().copied().map(shared).collect(),
                limits: limits.into_iter().map(limit).collect(),
                ..offer("x", reward)
            }
        },
    )
}

fn any_minimum() -> impl Strategy<Value = Minimum> {
    (prop::option::of(1_i64..40_000), any::<bool>()).prop_map(|(amount, of_basket)| Minimum {
        amount: amount.map(Amount::new),
        of: if of_basket { MinimumOf::Basket } else { MinimumOf::Eligible },
        ..Minimum::default()
    })
}

fn numbered_offers(offers: Vec<Offer>) -> impl Iterator<Item = Offer> {
    let number = |(n, offer): (usize, Offer)| Offer {
        id: crate::loyalty::OfferId::parse(&format!("o{n:02}")).expect("plain"),
        ..offer
    };
    offers.into_iter().enumerate().map(number)
}

fn any_voucher_types() -> impl Strategy<Value = BTreeMap<VoucherTypeId, VoucherType>> {
    let value = prop_oneof![
        (1_i64..20_000).prop_map(|amount| VoucherValue::Amount(Amount::new(amount))),
        (1_u32..=100).prop_map(|percent| VoucherValue::Percent(Percent::whole(percent))),
    ];
    let cap = prop::option::of(1_i64..5_000);
    let one = (value, any_scope(), any_minimum(), cap);
    prop::collection::vec(one, 0..3).prop_map(|types| {
        let kind = |(n, (value, scope, minimum, cap)): (usize, (_, _, _, Option<i64>))| {
            let id = VoucherTypeId::parse(VOUCHERS[n]).expect("plain");
            let conditions = Conditions { scope, minimum, ..Conditions::default() };
            let cap = cap.map(Amount::new);
            (
                id.clone(),
                VoucherType { id, name: "v".to_owned(), conditions, value, cap, cost: None },
            )
        };
        types.into_iter().enumerate().map(kind).collect()
    })
}

fn any_programme() -> impl Strategy<Value = Programme> {
    let offers = prop::collection::vec(any_offer(), 0..8);
    let claw_back = prop_oneof![
        Just(ClawBack::NegativeAllowed),
        Just(ClawBack::WithinBalance),
        Just(ClawBack::PendingOnly),
    ];
    let cashback = prop::option::of((any::<bool>(), any::<bool>(), 1_u32..=100));
    let waits = (cashback, prop_oneof![Just(0_u16), 1_u16..40]);
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), claw_back);
    let policies = (any_bounds(), any_redemption(), any_voucher_types());
    (offers, switches, policies, waits).prop_map(|(offers, switches, policies, waits)| {
        let (net, before, lots, added, claw_back) = switches;
        let (discounts, redemption, voucher_types) = policies;
        let moment = if before { AccrualMoment::Before } else { AccrualMoment::After };
        let (cashback, waits) = waits;
        let earn = club().earn.into_iter().chain(collecting(net));
        let earn = earn.chain(cashback.map(|(_, _, percent)| EarnRule {
            kind: EarnKind::Cashback { percent: Percent::whole(percent) },
            ..two_percent()
        }));
        let earn = earn.enumerate().map(|(n, rule)| {
            // Where a return takes only what is pending, everything is at first.
            let least = u16::from(claw_back == ClawBack::PendingOnly);
            let waits = if n % 2 == 0 { waits } else { waits / 2 };
            EarnRule { pending_days: waits.max(least), ..rule }
        });
        Programme {
            offers: numbered_offers(offers).collect(),
            discounts,
            prices: PricePolicy {
                tax: if added { TaxMode::Added } else { TaxMode::Included },
                ..PricePolicy::default()
            },
            claw_back,
            redemption: Some(redemption),
            voucher_types,
            accrual: AccrualPolicy {
                tax: if net { TaxBase::Net } else { TaxBase::Gross },
                base: AccrualBase { discounts: moment, redemption: AccrualMoment::After },
                ..AccrualPolicy::default()
            },
            expiry: if lots { ExpiryPolicy::Lots { days: 365 } } else { club().expiry },
            earn: earn.collect(),
            cashback: cashback.map(|(tender, lots, _)| {
                let mut policy = cashback_policy();
                policy.redemption.redeem_as =
                    if tender { RedeemAs::Tender } else { RedeemAs::Discount };
                if lots {
                    policy.expiry = ExpiryPolicy::Lots { days: 60 };
                }
                policy
            }),
            ..club()
        }
    })
}

/// Rules that look at what the account did before, on goods of one kind.
fn collecting(repeated: bool) -> impl Iterator<Item = EarnRule> {
    let points = Points::new(50);
    let repeat = if repeated { MilestoneRepeat::Every } else { MilestoneRepeat::Once };
    let milestone = |measure, at| EarnKind::Milestone { points, measure, at, repeat };
    let kinds = [
        milestone(MilestoneMeasure::Visits, 1),
        milestone(MilestoneMeasure::Spend, 40_000),
        milestone(MilestoneMeasure::Items, 3),
        EarnKind::AboveAverage { points, amount: Amount::new(10_000), visits_min: 1 },
    ];
    kinds.into_iter().zip(["visits", "spend", "stamps", "above"]).map(|(kind, id)| EarnRule {
        id: crate::loyalty::RuleId::parse(id).expect("plain"),
        name: id.to_owned(),
        conditions: on_skus(&["milk", "tv"]),
        kind,
        tier_multiplied: TierMultiplied::No,
        grants: Grants { voucher: None, entries: 2 },
        limits: vec![UseLimit { window: CountWindow::Day, uses_max: 1 }],
        pending_days: 0,
    })
}

fn decided(programme: &Programme, lines: Vec<Line>, spend: i64) -> Decision {
    let mut scene = Scene::member(5_000);
    for kind in programme.voucher_types.keys() {
        let state = VoucherState {
            voucher_type: kind.clone(),
            standing: VoucherStanding::Usable,
            valid_from: None,
            valid_until: None,
        };
        scene.vouchers.insert(VoucherId::parse(kind.as_str()).expect("plain"), state);
    }
    scene.account = scene.account.map(|account| with_cashback(account, CASHBACK));
    let benefits = RequestedBenefits {
        vouchers: scene.vouchers.keys().cloned().collect(),
        spend: RequestedSpend::Exactly(Points::new(spend)),
        // As much in minor units: any amount between nothing and more than there is.
        cashback: Amount::new(spend),
        ..RequestedBenefits::default()
    };
    let basket = Basket::parse(lines, benefits).expect("a sound basket");
    Evaluator::new(programme.clone()).decide(&basket, &scene.occasion())
}

/// What came back in all: money, points and cashback taken, points and cashback given back.
#[derive(Debug, PartialEq)]
struct TakenBack {
    refund: Amount,
    clawed_back: (Points, Amount),
    restored: (Points, Amount),
    remaining: RemainingSale,
    returned: Returned,
    withdrawn: BTreeSet<VoucherId>,
}

/// A sold receipt of a decision, taken back in the given parts; what came back in all, and how.
fn take_back(
    programme: &Programme,
    lines: &[Line],
    decision: &Decision,
    parts: &[Vec<ReturnLine>],
) -> (TakenBack, Vec<Change>) {
    let flags = BTreeSet::new();
    let scene = Scene::member(0);
    let points = decision.points.as_ref().expect("a member");
    let tier = decision.tier.as_ref().map(|tier| tier.before.clone());
    let sold = SoldReceipt {
        lines: lines
            .iter()
            .zip(&decision.lines)
            .map(|(line, out)| SoldLine {
                line,
                discount: out.discount,
                redeemed: out.redeemed,
                tax: out.tax,
            })
            .collect(),
        decided_at: scene.now,
        day: programme.day_of(scene.now),
        store: &scene.store,
        applied: &decision.applied,
        tax: programme.prices.tax,
        rewards_back: Default::default(),
        points: Some(SoldPoints {
            points: sold_points(points),
            cashback: sold_cashback(points),
            tier: tier.as_ref(),
            flags: &flags,
            earned_by: &points.earned_by,
            counted: &points.counted,
            average_basket: points.average_basket,
            issued: &[],
        }),
    };
    let evaluator = Evaluator::new(programme.clone());
    let mut returned = Returned::new();
    let mut refund = Amount::ZERO;
    let (mut clawed_back, mut restored) = <((Points, Amount), (Points, Amount))>::default();
    let mut changes = Vec::new();
    let mut remaining = RemainingSale::Some;
    let mut by_rate: BTreeMap<Percent, (Amount, Amount)> = BTreeMap::new();
    let issued = handed_out(points);
    let mut withdrawn = BTreeSet::new();
    for part in parts {
        let state = |issued: &Issued| match withdrawn.contains(&issued.code) {
            true => IssueState::Withdrawn,
            false => IssueState::Open,
        };
        let issues: Vec<SoldIssue<'_>> =
            issued.iter().map(|issued| SoldIssue { issued, state: state(issued) }).collect();
        let points = sold.points.clone().map(|points| SoldPoints { issued: &issues, ..points });
        let sold = SoldReceipt { points, ..sold.clone() };
        let outcome = evaluator.take_back(&sold, &returned, part).expect("a sound return");
        refund += outcome.refund;
        for back in &outcome.taxes {
            assert!(Amount::ZERO <= back.tax && back.tax <= back.total, "{back:?}");
            let sum = by_rate.entry(back.rate).or_default();
            *sum = (sum.0 + back.total, sum.1 + back.tax);
        }
        remaining = outcome.remaining;
        for code in outcome.withdrawn {
            assert!(withdrawn.insert(code), "nothing is withdrawn twice");
        }
        returned = outcome.returned;
        changes.extend(outcome.change.clone());
        if let Some(Change::Undo { points, cashback, .. }) = outcome.change {
            assert!(points.clawed_back.value() >= 0, "a return never earns");
            assert!(cashback.clawed_back.value() >= 0, "a return never earns");
            let waiting: Points = points.pending.iter().map(|part| part.value).sum();
            assert!(waiting <= points.clawed_back, "no more was pending than was earned");
            clawed_back.0 += points.clawed_back;
            clawed_back.1 += cashback.clawed_back;
            restored.0 += points.given_back();
            restored.1 += cashback.given_back();
        }
    }
    if remaining == RemainingSale::Nothing {
        let sums = decision.taxes.iter().filter(|sum| !sum.total.is_zero());
        let whole = sums.map(|sum| (sum.rate, (sum.total, sum.tax))).collect();
        assert_eq!(by_rate, whole, "all tax comes back");
    }
    (TakenBack { refund, clawed_back, restored, remaining, returned, withdrawn }, changes)
}

/// What a decision hands out, with codes.
fn handed_out(points: &PointsOutcome) -> Vec<Issued> {
    let code = |issue: &crate::loyalty::Issue, number: u32| {
        VoucherId::parse(&format!("{:?} {number}", issue.by)).expect("plain")
    };
    points.issues.iter().flat_map(|issue| issue.hand_out(code)).collect()
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn allocations_sum_exactly_and_no_line_goes_below_its_floor(
        programme in any_programme(), lines in any_lines(), spend in 0_i64..30,
    ) {
        let decision = decided(&programme, lines.clone(), spend * 100);
        for (line, out) in lines.iter().zip(&decision.lines) {
            prop_assert_eq!(out.gross - out.discount - out.redeemed + out.tax, out.net);
            // A means of payment may go below the floors that bind a discount.
            let tendered = tendered(&decision.applied, &programme).get(&line.line_id).copied().unwrap_or_default();
            prop_assert!(out.net - out.tax + tendered >= line.floor().min(line.amount), "{:?} {:?}", line, out);
            let given: Amount = decision.applied.iter().flat_map(|applied| &applied.allocations)
                .filter(|part| part.line_id == line.line_id).map(|part| part.amount).sum();
            prop_assert_eq!(given, out.discount + out.redeemed);
        }
        for applied in &decision.applied {
            prop_assert_eq!(applied.allocations.iter().map(|part| part.amount).sum::<Amount>(), applied.amount);
            prop_assert!(applied.amount.is_positive());
        }
        let totals = decision.totals;
        prop_assert_eq!(totals.gross - totals.discount - totals.redeemed + totals.tax, totals.payable);
        let points = decision.points.expect("a member");
        let pending: Points = points.earned_pending.iter().map(|part| part.value).sum();
        prop_assert_eq!(points.before + points.earned - pending - points.spent, points.after);
        prop_assert_eq!(points.spent_from.iter().map(|part| part.value).sum::<Points>(), points.spent);
        if let Some(cashback) = points.cashback {
            let gained = &cashback.gained;
            let of_lines: Amount = decision.applied.iter()
                .filter(|applied| applied.benefit == Benefit::Cashback).map(|applied| applied.amount).sum();
            prop_assert_eq!(of_lines, gained.spent);
            prop_assert!(gained.spent <= cashback.before);
            prop_assert_eq!(cashback.spent_from.iter().map(|part| part.value).sum::<Amount>(), gained.spent);
            let owed = Amount::ZERO;
            prop_assert_eq!(balance_after(cashback.before, owed, gained), (cashback.after, cashback.debt_after));
        }
        ran();
    }

    #[test]
    fn discounts_together_stay_within_the_programmes_bounds(
        programme in any_programme(), lines in any_lines(), spend in 0_i64..30,
    ) {
        let decision = decided(&programme, lines.clone(), spend * 100);
        let bounds = &programme.discounts;
        let share = |percent: Percent, of: Amount, rounding| {
            Amount::new(percent.of(of.value(), rounding).expect("it fits"))
        };
        if let Some(percent) = bounds.receipt_percent_max {
            let totals = decision.totals;
            prop_assert!(totals.discount <= share(percent, totals.gross, Rounding::Floor));
        }
        let mut by_goods = BTreeMap::<_, (Amount, Amount)>::new();
        let tendered = tendered(&decision.applied, &programme);
        for (line, out) in lines.iter().zip(&decision.lines) {
            let goods = (&line.sku, line.unit_price, line.tax_rate, &line.flags, line.unit_price_min);
            let (gross, discount) = by_goods.entry(goods).or_default();
            *gross += out.gross;
            *discount += out.discount;
            if let Some(percent) = bounds.line_percent_max {
                prop_assert!(out.discount <= share(percent, out.gross, Rounding::Ceil));
            }
            if line.category_path().any(|path| bounds.excluded_categories.contains(path)) {
                prop_assert_eq!(out.discount + out.redeemed, tendered.get(&line.line_id).copied().unwrap_or_default());
            }
        }
        for (gross, discount) in by_goods.into_values() {
            let percent = bounds.line_percent_max.unwrap_or(Percent::WHOLE);
            prop_assert!(discount <= share(percent, gross, Rounding::Floor));
        }
        ran();
    }

    #[test]
    fn points_are_spent_as_asked_for_as_far_as_balance_and_basket_go(
        programme in any_programme(), lines in any_lines(), asked in 0_i64..6_000, held in 0_i64..6_000,
    ) {
        let scene = Scene { held: Points::new(held), ..Scene::member(5_000) };
        let evaluator = Evaluator::new(programme.clone());
        let decision = evaluator.decide(&spending(lines, asked), &scene.occasion());
        let policy = programme.redemption.as_ref().expect("it has one");
        let totals = decision.totals;
        let points = decision.points.as_ref().expect("a member");
        let spent = points.spent;
        prop_assert!(spent.value() <= asked.min((5_000 - held).max(0)));
        prop_assert_eq!(policy.spendable(spent), spent, "whole steps, or a level");
        prop_assert_eq!(spent.is_positive(), totals.redeemed.is_positive());
        let left = totals.gross - totals.discount;
        let rounding = match &policy.worth {
            PointsWorth::Steps { .. } => Rounding::Floor,
            PointsWorth::Levels(ladder) => ladder.rounding,
        };
        let share = policy.share_max.of(left.value(), rounding).expect("it fits");
        prop_assert!(totals.redeemed <= Amount::new(share));
        let redeemable = points.redeemable.as_ref().expect("a member");
        prop_assert!(spent <= redeemable.points_max);
        prop_assert!(totals.redeemed <= redeemable.value_max);
        let told = decision.refused.iter().any(|refusal| refusal.subject == Subject::Spend);
        prop_assert_eq!(told, spent.value() != asked, "whatever is not as asked is told");
        let paid = match &redeemable.choices {
            Choices::Steps { .. } => policy.value_of(spent),
            Choices::Levels { levels, .. } => {
                let level = levels.iter().find(|level| level.points == spent);
                prop_assert!(level.is_none_or(|level| level.obstacles.is_empty()));
                level.map_or(Amount::ZERO, |level| level.value)
            }
        };
        prop_assert_eq!(totals.redeemed, paid, "and it gives what was told");
        ran();
    }

    #[test]
    fn of_one_group_the_best_is_the_best_of_all_tried_alone(
        programme in any_programme(), lines in any_lines(),
        offers in prop::collection::vec(any_offer(), 1..=12),
    ) {
        let offers: Vec<Offer> = numbered_offers(offers)
            .map(|offer| Offer { group: GroupId::parse("g").ok(), ..offer }).collect();
        let programme = Programme { offers, voucher_types: BTreeMap::new(), ..programme };
        let alone = |offer: &Offer| {
            let alone = Programme { offers: vec![offer.clone()], ..programme.clone() };
            (decided(&alone, lines.clone(), 0).totals.discount, offer.priority, std::cmp::Reverse(offer.id.clone()))
        };
        // Ties go to the priority, then to the id.
        let best = programme.offers.iter().map(alone).max().expect("there are offers");
        let decision = decided(&programme, lines.clone(), 0);
        prop_assert_eq!(decision.totals.discount, best.0);
        let winners: Vec<Benefit> = decision.applied.into_iter().map(|applied| applied.benefit).collect();
        let winner = best.0.is_positive().then_some(Benefit::Offer(best.2.0));
        prop_assert_eq!(winners, Vec::from_iter(winner));
        ran();
    }

    #[test]
    fn lines_tax_rates_and_the_receipt_come_to_the_same(
        programme in any_programme(), lines in any_lines(), spend in 0_i64..30,
    ) {
        let decision = decided(&programme, lines.clone(), spend * 100);
        let tendered = tendered(&decision.applied, &programme);
        let tender: Amount = tendered.values().copied().sum();
        let sum_of = |part: fn(&crate::loyalty::TaxSum) -> Amount| decision.taxes.iter().map(part).sum::<Amount>();
        let totals = decision.totals;
        prop_assert_eq!(sum_of(|sum| sum.gross), totals.gross);
        prop_assert_eq!(sum_of(|sum| sum.discount), totals.discount + totals.redeemed - tender);
        prop_assert_eq!(sum_of(|sum| sum.total), totals.payable + tender);
        for sum in &decision.taxes {
            // What a person with a pocket calculator finds: the rate once on the whole.
            let rate = i128::from(sum.rate.thousandths());
            let net = i128::from(sum.net().value());
            let (exact, found) = match programme.prices.tax {
                TaxMode::Added => {
                    prop_assert_eq!(sum.net(), sum.gross - sum.discount);
                    (net * rate * 2, i128::from(sum.tax.value()) * 200_000)
                }
                TaxMode::Included => {
                    prop_assert_eq!(sum.total, sum.gross - sum.discount);
                    let with = 100_000 + rate;
                    (i128::from(sum.total.value()) * 200_000, net * 2 * with)
                }
            };
            let unit = match programme.prices.tax {
                TaxMode::Added => 100_000,
                TaxMode::Included => 100_000 + rate,
            };
            prop_assert!((exact - found).abs() <= unit, "{:?}", sum);
            let of_rate = || lines.iter().zip(&decision.lines).filter(|(line, _)| line.tax_rate == sum.rate);
            let tax_of_lines: Amount = of_rate().map(|(_, out)| out.tax).sum();
            let on_top = if programme.prices.tax == TaxMode::Added { sum.tax } else { Amount::ZERO };
            prop_assert_eq!(tax_of_lines, on_top);
            let discounts: Amount = decision.applied.iter().flat_map(|applied| &applied.allocations)
                .filter(|part| of_rate().any(|(line, _)| line.line_id == part.line_id))
                .map(|part| part.amount).sum();
            let paid_with_points: Amount = of_rate().filter_map(|(line, _)| tendered.get(&line.line_id)).copied().sum();
            prop_assert_eq!(discounts - paid_with_points, sum.discount, "discounts of a rate are those of its lines");
        }
        ran();
    }

    #[test]
    fn the_order_of_lines_and_offers_does_not_matter(
        programme in any_programme(), lines in any_lines(), spend in 0_i64..30,
    ) {
        let forward = decided(&programme, lines.clone(), spend * 100);
        let mut turned = programme.clone();
        turned.offers.reverse();
        let backward = decided(&turned, lines.into_iter().rev().collect(), spend * 100);
        let by_line = |decision: &Decision| {
            let mut lines = decision.lines.clone();
            lines.sort_by(|a, b| a.line_id.cmp(&b.line_id));
            lines
        };
        prop_assert_eq!(by_line(&forward), by_line(&backward));
        prop_assert_eq!(forward.points, backward.points);
        prop_assert_eq!(forward.refused, backward.refused);
        ran();
    }

    #[test]
    fn splitting_a_line_keeps_the_totals(programme in any_programme(), lines in any_lines(), at in any::<prop::sample::Index>()) {
        let whole = decided(&programme, lines.clone(), 0);
        let several = |at: &usize| lines[*at].quantity > Quantity::ONE;
        let divisible: Vec<usize> = (0..lines.len()).filter(several).collect();
        if divisible.is_empty() {
            return Ok(());
        }
        let at = *at.get(&divisible);
        let mut split = lines;
        let part = |id: &str, quantity: Quantity, line: &Line| Line {
            line_id: LineId::parse(id).expect("plain"),
            quantity,
            amount: quantity.at(line.unit_price).expect("it fits"),
            ..line.clone()
        };
        let rest = split[at].quantity - Quantity::ONE;
        let (first, second) = (part("s1", Quantity::ONE, &split[at]), part("s2", rest, &split[at]));
        split.splice(at..=at, [first, second]);
        let parts = decided(&programme, split, 0);
        prop_assert_eq!(whole.totals, parts.totals);
        prop_assert_eq!(whole.points.map(|p| p.earned), parts.points.map(|p| p.earned));
        ran();
    }

    #[test]
    fn parts_of_a_return_are_the_whole(
        programme in any_programme(), lines in any_lines(), spend in 0_i64..30,
        picks in prop::collection::vec((any::<prop::sample::Index>(), 1_i64..1_500), 1..20),
    ) {
        let decision = decided(&programme, lines.clone(), spend * 100);
        let mut parts = Vec::new();
        let mut left: Vec<i64> = lines.iter().map(|line| line.quantity.value()).collect();
        let one = |at: usize, quantity: i64| ReturnLine {
            line_id: lines[at].line_id.clone(),
            quantity: Quantity::new(quantity),
        };
        for (pick, quantity) in picks {
            let at = pick.index(lines.len());
            let quantity = quantity.min(left[at]);
            if quantity > 0 {
                left[at] -= quantity;
                parts.push(vec![one(at, quantity)]);
            }
        }
        let some: Vec<ReturnLine> = (0..lines.len())
            .map(|at| (at, lines[at].quantity.value() - left[at]))
            .filter(|(_, gone)| *gone > 0).map(|(at, gone)| one(at, gone)).collect();
        let in_parts = take_back(&programme, &lines, &decision, &parts);
        let at_once = take_back(&programme, &lines, &decision, &[some]);
        prop_assert_eq!(&in_parts.0, &at_once.0);
        let rest: Vec<ReturnLine> = (0..lines.len()).filter(|at| left[*at] > 0).map(|at| one(at, left[at])).collect();
        if !rest.is_empty() {
            parts.push(rest);
        }
        let (all, _) = take_back(&programme, &lines, &decision, &parts);
        let points = decision.points.as_ref().expect("a member");
        let cashback = points.cashback.as_ref().map(|cashback| cashback.gained.clone()).unwrap_or_default();
        prop_assert_eq!(all.refund, decision.totals.payable, "all money comes back");
        prop_assert_eq!(all.clawed_back, (points.earned, cashback.earned));
        prop_assert_eq!(all.restored, (points.spent, cashback.spent));
        prop_assert_eq!(all.remaining, RemainingSale::Nothing);
        prop_assert_eq!(all.withdrawn.len(), handed_out(points).len(), "every code goes");
        ran();
    }

    #[test]
    fn a_sale_and_its_void_leave_the_account_as_it_was(
        programme in any_programme(), lines in any_lines(), spend in 0_i64..30,
    ) {
        let decision = decided(&programme, lines.clone(), spend * 100);
        let points = decision.points.as_ref().expect("a member");
        let scene = Scene::member(5_000);
        let today = programme.day_of(scene.now);
        let before = with_cashback(scene.account.expect("a member"), CASHBACK);
        let terms = programme.entry_terms();
        let sale = points.change(decision.totals.payable);
        let sold = before.after(today, terms, &sale);
        let back: Vec<ReturnLine> = lines.iter().map(|line| ReturnLine { line_id: line.line_id.clone(), quantity: line.quantity }).collect();
        let (_, undo) = take_back(&programme, &lines, &decision, &[back]);
        let after = sold.after(today, terms, &undo[0]);
        prop_assert_eq!(after.points().worth(), before.points().worth());
        prop_assert_eq!(&after.points().pending, &before.points().pending);
        prop_assert_eq!(after.cashback().worth(), before.cashback().worth());
        prop_assert_eq!(&after.cashback().pending, &before.cashback().pending);
        prop_assert_eq!(after.balance(), before.balance());
        prop_assert_eq!(after.debt(), before.debt());
        prop_assert_eq!(after.last_purchase(), before.last_purchase());
        prop_assert_eq!(after.facts().lifetime, before.facts().lifetime);
        prop_assert_eq!(&after.facts().counters, &before.facts().counters);
        ran();
    }
}
