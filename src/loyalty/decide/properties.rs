//! What holds for every programme and basket.

mod cases;
mod groups;
mod histories;
mod units;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

pub(crate) use self::cases::{cases, ran};
use super::examples::*;
use super::redemption_tests::any_redemption;
use super::*;
use crate::loyalty::basket::{Line, LineFlag, RequestedBenefits, RequestedSpend};
use crate::loyalty::chance::{Chance, DrawnNumber};
use crate::loyalty::claw_back::ClawBack;
use crate::loyalty::conversion::Conversion;
use crate::loyalty::counter::{CountWindow, Counted, CounterId, UseLimit, UseUnit};
use crate::loyalty::decision::{Choices, Subject};
use crate::loyalty::earn_rule::*;
use crate::loyalty::entry::Change;
use crate::loyalty::entry::RemainingSale;
use crate::loyalty::gifts::{GiftTerms, Gifts, GiftsBack};
use crate::loyalty::ids::{
    CategoryId, ConversionId, GreetingId, GroupId, LineId, RuleId, Sku, VoucherId, VoucherTypeId,
};
use crate::loyalty::issue::{Grants, IssueState, Issued, SoldIssue, VoucherGrant, VoucherTerm};
use crate::loyalty::personal::{PersonalOffer, PersonalOffers, PersonalPolicy, Reach, Score};
use crate::loyalty::programme::*;
use crate::loyalty::promotion::{Greeting, MessagePolicy, ShownTo, Texts};
use crate::loyalty::purse::balance_after;
use crate::loyalty::returns::{ReturnLine, Returned, SoldLine, SoldPoints, SoldReceipt};
use crate::loyalty::shared_limit::{SharedLimit, SharedOffline, SharedScope};
use crate::loyalty::spent_back::UsedPointsBack;
use crate::loyalty::tax::{TaxMode, tendered};
use crate::loyalty::terms::{Conditions, Minimum, MinimumOf, Scope};
use crate::money::{LeftOver, Percent, Quantity, Rounding};

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
    let amount = prop::option::weighted(0.2, 0_i64..20_000);
    let floors = prop::collection::vec((any_scope(), 0_i64..5_000), 0..2);
    let floors = prop_oneof![3 => Just(Vec::new()), 1 => floors];
    let others = (prop::bool::weighted(0.1), amount, floors);
    (percent(), percent(), others).prop_map(|(receipt, line, (excluded, amount, floors))| {
        let category = |path| CategoryId::parse(path).expect("plain");
        DiscountBounds {
            receipt_percent_max: receipt,
            receipt_amount_max: amount.map(Amount::new),
            price_floors: floors
                .into_iter()
                .map(|(scope, price)| PriceFloor { scope, unit_price_min: Amount::new(price) })
                .collect(),
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
    let switches = (any::<bool>(), limits, prop::option::of(1_i64..4));
    (any_reward(), scope, minimum, group, cap, -2_i32..3, switches).prop_map(
        |(reward, skus, minimum, group, cap, priority, (alone, limits, quantity_max))| {
            let of_lines = matches!(reward, Reward::LinePercent(_) | Reward::LineAmountEach(_));
            let prices =
                of_lines || matches!(reward, Reward::FixedPrice { .. } | Reward::PriceList { .. });
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
                quantity_max: quantity_max.filter(|_| of_lines).map(Quantity::units),
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

/// A gift by itself, as the file has them: without what bounds or combines discounts.
fn any_gift() -> impl Strategy<Value = Offer> {
    let minimum = (any_minimum(), prop::option::of(1_i64..6))
        .prop_map(|(minimum, units)| Minimum { quantity: units.map(Quantity::units), ..minimum });
    (any_scope(), minimum, 1_u32..4, 1_u32..3, prop::option::of(1_u32..4)).prop_map(
        |(scope, minimum, times_max, units, uses_max)| {
            let limit = |uses_max| OfferLimit {
                per: LimitScope::Account,
                unit: UseUnit::Receipts,
                limit: UseLimit { window: CountWindow::Week, uses_max },
            };
            let terms = GiftTerms { sku: None, price: Amount::ZERO, units, times_max };
            Offer {
                conditions: Conditions { scope, minimum, ..Conditions::default() },
                limits: uses_max.map(limit).into_iter().collect(),
                ..offer("x", Reward::Gift(terms))
            }
        },
    )
}

/// Greetings, and now and then a bound on what is said unasked.
fn any_words() -> impl Strategy<Value = (Vec<Greeting>, Option<MessagePolicy>)> {
    let often = || prop::collection::vec(1_u32..3, 0..2);
    let greetings = prop::collection::vec((-2_i32..3, often()), 0..3);
    let policy = prop::option::of((prop::option::of(0_u32..4), often()));
    let limits = |often: Vec<u32>| -> Vec<UseLimit> {
        let limit = |uses_max| UseLimit { window: CountWindow::Week, uses_max };
        often.into_iter().map(limit).collect()
    };
    (greetings, policy).prop_map(move |(greetings, policy)| {
        let greeting = |(n, (priority, often)): (usize, _)| Greeting {
            id: GreetingId::parse(&format!("w{n}")).expect("plain"),
            priority,
            conditions: Conditions::default(),
            shown_to: ShownTo::default(),
            texts: Texts::new([("en", "hello".to_owned())].into()).expect("a text"),
            frequency: limits(often),
        };
        let greetings = greetings.into_iter().enumerate().map(greeting).collect();
        let policy = policy.map(|(promotional_max, often)| MessagePolicy {
            promotional_max,
            frequency: limits(often),
        });
        (greetings, policy)
    })
}

/// Some of the offers are for those who carry them.
fn partly_personal(offers: Vec<Offer>, personal: u16) -> impl Iterator<Item = Offer> {
    offers.into_iter().enumerate().map(move |(n, offer)| {
        let is_personal = personal >> (n % 16) & 1 == 1;
        Offer { reach: if is_personal { Reach::Personal } else { Reach::Open }, ..offer }
    })
}

/// Two of three personal offers by their numbers, with scores that tie now and then.
fn carried(programme: &Programme) -> PersonalOffers {
    let personal = programme.offers.iter().filter(|offer| offer.reach == Reach::Personal);
    let number = |offer: &Offer| offer.id.as_str()[1..].parse::<u16>().expect("numbered");
    let carried = personal.filter(|offer| number(offer) % 3 != 2).map(|offer| {
        let score = Score::new(number(offer) % 4 * 250).expect("within the scale");
        (offer.id.clone(), PersonalOffer { score, ..PersonalOffer::default() })
    });
    carried.collect()
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

fn any_method() -> impl Strategy<Value = DiscountMethod> {
    prop_oneof![3 => Just([false; 3]), 1 => any::<[bool; 3]>()].prop_map(
        |[before, additive, first]| DiscountMethod {
            minimum: if before { MinimumMoment::BeforeStages } else { MinimumMoment::AfterStages },
            percents: if additive { PercentStyle::Additive } else { PercentStyle::Sequential },
            left_over: if first { LeftOver::FirstLines } else { LeftOver::LargestRemainder },
        },
    )
}

fn any_programme() -> impl Strategy<Value = Programme> {
    let offers = prop::collection::vec(any_offer(), 0..8);
    let claw_back = prop_oneof![
        Just(ClawBack::NegativeAllowed),
        Just(ClawBack::WithinBalance),
        Just(ClawBack::PendingOnly),
    ];
    let full_return_only = prop::bool::weighted(0.2);
    let returns = (claw_back, full_return_only);
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), returns);
    let policies =
        (any_bounds(), any_redemption(), any_voucher_types(), any_method(), any_conversions());
    let gifts = (prop::collection::vec(any_gift(), 0..3), any::<bool>());
    let personal = (prop_oneof![Just(0_u16), any::<u16>()], prop::option::of(1_u32..4));
    let cashback = prop::option::of((any::<bool>(), any::<bool>(), 1_u32..=100));
    let waits = (cashback, prop_oneof![Just(0_u16), 1_u16..40]);
    let of_offers = (gifts, personal, any_words());
    let rest = (of_offers, waits);
    (offers, switches, policies, rest).prop_map(|(offers, switches, policies, rest)| {
        let (of_offers, waits) = rest;
        let ((gifts, kept), (personal, shown_max), (greetings, messages)) = of_offers;
        let offers = offers.into_iter().chain(gifts).collect();
        let offers = partly_personal(offers, personal).collect();
        let (net, before, lots, added, (claw_back, full_return_only)) = switches;
        let (discounts, redemption, voucher_types, discount_method, conversions) = policies;
        let moment = if before { AccrualMoment::Before } else { AccrualMoment::After };
        let (cashback, waits) = waits;
        let earn = club().earn.into_iter().chain(collecting(net)).chain(surprises());
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
            discount_method,
            used_points_back: match full_return_only {
                true => UsedPointsBack::FullReturnOnly,
                false => UsedPointsBack::ProRata,
            },
            prices: PricePolicy {
                tax: if added { TaxMode::Added } else { TaxMode::Included },
                ..PricePolicy::default()
            },
            claw_back,
            gifts_back: if kept { GiftsBack::Kept } else { GiftsBack::Claimed },
            personal: PersonalPolicy { shown_max },
            greetings,
            messages,
            redemption: Some(redemption),
            voucher_types,
            conversions,
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

/// Conversions that a purchase may lift a balance of 2,000 or 5,000 to.
fn any_conversions() -> impl Strategy<Value = Vec<Conversion>> {
    let conversion = (1_i64..60, 1_i64..60, 1_u32..9);
    prop::collection::vec(conversion, 0..3).prop_map(|conversions| {
        let conversion = |(n, (points, beyond, times_max)): (usize, (i64, i64, u32))| Conversion {
            id: ConversionId::parse(&format!("c{n}")).expect("plain"),
            name: "c".to_owned(),
            conditions: Conditions::default(),
            at: Points::new((points + beyond) * 50),
            points: Points::new(points * 50),
            times_max,
            voucher: VoucherGrant {
                types: BTreeMap::from([(0, VoucherTypeId::parse("v0").expect("plain"))]),
                starts_in_days: 0,
                term: VoucherTerm::Days(30),
            },
        };
        conversions.into_iter().enumerate().map(conversion).collect()
    })
}

/// A rule that is drawn and wins, one that loses, and one with a budget of points.
fn surprises() -> impl Iterator<Item = EarnRule> {
    let half = Chance::from_basis_points(5_000);
    let rules = [("lost", half, 1_000), ("lucky", half, 1_000), ("short", None, 30)];
    rules.into_iter().map(|(id, chance, points)| EarnRule {
        id: RuleId::parse(id).expect("plain"),
        name: id.to_owned(),
        conditions: on_skus(&["beer", "tv"]),
        kind: EarnKind::PerItem { points: Points::new(7) },
        tier_multiplied: TierMultiplied::No,
        grants: Grants { voucher: None, entries: 1 },
        limits: vec![RuleLimit {
            unit: UseUnit::Points,
            limit: UseLimit { window: CountWindow::Day, uses_max: 500 },
        }],
        shared_limits: vec![SharedLimit {
            per: SharedScope::Store,
            unit: UseUnit::Points,
            limit: UseLimit { window: CountWindow::Day, uses_max: points },
            offline: SharedOffline::Approximate,
        }],
        chance,
        pending_days: 0,
    })
}

/// What is drawn where everything is drawn.
fn drawn() -> crate::loyalty::Draws {
    let number = |number| DrawnNumber::new(number).expect("a number");
    let draws = [("lost", number(5_000)), ("lucky", number(4_999))];
    draws.into_iter().map(|(id, number)| (RuleId::parse(id).expect("plain"), number)).collect()
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
        milestone(MilestoneMeasure::VisitDays, 1),
        EarnKind::AboveAverage { points, amount: Amount::new(10_000), visits_min: 1 },
    ];
    kinds.into_iter().zip(["visits", "spend", "stamps", "days", "above"]).map(|(kind, id)| {
        EarnRule {
            id: crate::loyalty::RuleId::parse(id).expect("plain"),
            name: id.to_owned(),
            conditions: on_skus(&["milk", "tv"]),
            kind,
            tier_multiplied: TierMultiplied::No,
            grants: Grants { voucher: None, entries: 2 },
            limits: vec![RuleLimit {
                unit: UseUnit::Receipts,
                limit: UseLimit { window: CountWindow::Day, uses_max: 1 },
            }],
            shared_limits: Vec::new(),
            chance: None,
            pending_days: 0,
        }
    })
}

fn decided(programme: &Programme, lines: Vec<Line>, spend: i64) -> Decision {
    let mut scene = Scene { personal: carried(programme), draws: drawn(), ..Scene::member(5_000) };
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

/// What came back of a sale in all.
#[derive(Debug, PartialEq)]
struct CameBack {
    refund: Amount,
    /// Points and cashback.
    clawed: (Points, Amount),
    /// Points and cashback.
    restored: (Points, Amount),
    remaining: RemainingSale,
    returned: Returned,
    withdrawn: BTreeSet<VoucherId>,
    /// Codes that were used and paid for with points.
    kept: BTreeSet<VoucherId>,
    gifts: Gifts,
    counted: BTreeMap<CounterId, i64>,
    /// What was used of limits over all customers.
    used: i64,
}

/// A sold receipt of a decision, taken back in the given parts; what came back in all, and how. Of
/// the codes that were handed out, some were used before.
fn take_back(
    programme: &Programme,
    lines: &[Line],
    decision: &Decision,
    parts: &[Vec<ReturnLine>],
    used_codes: impl Fn(usize) -> bool,
) -> (CameBack, Vec<Change>) {
    let flags = BTreeSet::new();
    let scene = Scene::member(0);
    let points = decision.points.as_ref().expect("a member");
    let shared = of_rules(decision);
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
            shared: &shared,
            average_basket: points.average_basket,
            converted: &points.converted,
            issued: &[],
        }),
    };
    let evaluator = Evaluator::new(programme.clone());
    let mut returned = Returned::new();
    let (mut refund, mut used) = (Amount::ZERO, 0);
    let (mut clawed, mut restored) = <((Points, Amount), (Points, Amount))>::default();
    let (mut gifts, mut taken_back) = (Gifts::new(), BTreeMap::new());
    let mut changes = Vec::new();
    let mut remaining = RemainingSale::Some;
    let mut by_rate: BTreeMap<Percent, (Amount, Amount)> = BTreeMap::new();
    let issued = handed_out(points);
    let [mut withdrawn, mut kept] = [BTreeSet::new(), BTreeSet::new()];
    for part in parts {
        let state = |number, issued: &Issued| match withdrawn.contains(&issued.code) {
            true => IssueState::Withdrawn,
            false if used_codes(number) => IssueState::Used,
            false => IssueState::Open,
        };
        let issues: Vec<SoldIssue<'_>> = issued
            .iter()
            .enumerate()
            .map(|(number, issued)| SoldIssue { issued, state: state(number, issued) })
            .collect();
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
        assert!(outcome.shared.iter().all(|back| back.by < 0), "a return uses nothing");
        used += outcome.shared.iter().map(|back| back.by).sum::<i64>();
        for code in outcome.withdrawn {
            assert!(withdrawn.insert(code), "nothing is withdrawn twice");
        }
        for (offer, times) in outcome.gifts_back {
            *gifts.entry(offer).or_default() += times;
        }
        for code in outcome.kept {
            assert!(kept.insert(code), "nothing is told twice");
        }
        returned = outcome.returned;
        changes.extend(outcome.change.clone());
        if let Some(Change::Undo { points, cashback, counted, .. }) = outcome.change {
            for Counted { counter, by, .. } in counted {
                *taken_back.entry(counter).or_default() += by;
            }
            assert!(points.clawed_back.value() >= 0, "a return never earns");
            assert!(cashback.clawed_back.value() >= 0, "a return never earns");
            let waiting: Points = points.pending.iter().map(|part| part.value).sum();
            assert!(waiting <= points.clawed_back, "no more was pending than was earned");
            clawed.0 += points.clawed_back;
            clawed.1 += cashback.clawed_back;
            restored.0 += points.given_back();
            restored.1 += cashback.given_back();
        }
    }
    if remaining == RemainingSale::Nothing {
        let sums = decision.taxes.iter().filter(|sum| !sum.total.is_zero());
        let whole = sums.map(|sum| (sum.rate, (sum.total, sum.tax))).collect();
        assert_eq!(by_rate, whole, "all tax comes back");
    }
    taken_back.retain(|_, by: &mut i64| *by != 0);
    let counted = taken_back;
    let came_back = CameBack {
        refund,
        clawed,
        restored,
        remaining,
        returned,
        withdrawn,
        kept,
        gifts,
        counted,
        used,
    };
    (came_back, changes)
}

/// What the rules of a decision use of limits over all customers.
fn of_rules(decision: &Decision) -> Vec<Counted> {
    decision.shared.iter().filter(|used| !used.counter.is_of_offer()).cloned().collect()
}

/// The gifts of a decision.
fn gifts_of(decision: &Decision) -> Gifts {
    let gift = |applied: &Applied| match &applied.benefit {
        Benefit::Gift { offer, times } => Some((offer.clone(), *times)),
        _ => None,
    };
    decision.applied.iter().filter_map(gift).collect()
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
            let is_gift = matches!(applied.benefit, Benefit::Gift { .. });
            prop_assert_eq!(applied.amount.is_positive(), !is_gift);
        }
        let totals = decision.totals;
        prop_assert_eq!(totals.gross - totals.discount - totals.redeemed + totals.tax, totals.payable);
        let points = decision.points.expect("a member");
        let pending: Points = points.earned_pending.iter().map(|part| part.value).sum();
        prop_assert_eq!(points.before + points.earned - pending - points.spent - points.converted.points(), points.after);
        prop_assert_eq!(points.spent_from.iter().map(|part| part.value).sum::<Points>(), points.spent);
        prop_assert_eq!(points.converted.from.iter().map(|part| part.value).sum::<Points>(), points.converted.points());
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
        if let Some(most) = bounds.receipt_amount_max {
            prop_assert!(decision.totals.discount <= most);
        }
        for floor in &bounds.price_floors {
            for (line, out) in lines.iter().zip(&decision.lines).filter(|(line, _)| floor.scope.covers(line)) {
                let least = line.quantity.at(floor.unit_price_min).expect("it fits");
                prop_assert!(out.gross - out.discount >= least.min(line.amount), "{:?} {:?}", floor, out);
            }
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
        let pending: Points = points.earned_pending.iter().map(|part| part.value).sum();
        let of_this_sale = match policy.this_sale {
            ThisSale::Usable => points.earned.value() - pending.value(),
            ThisSale::Later => 0,
        };
        prop_assert!(spent.value() <= asked.min((5_000 - held).max(0) + of_this_sale));
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
        // Which promotions are left out goes by priority, which is looked up by the order of the ids.
        let messages = programme.messages.clone().map(|policy| MessagePolicy { promotional_max: None, ..policy });
        let programme = Programme { messages, ..programme };
        let forward = decided(&programme, lines.clone(), spend * 100);
        let mut turned = programme.clone();
        turned.offers.reverse();
        let backward = decided(&turned, lines.into_iter().rev().collect(), spend * 100);
        let all_told = |decision: &Decision| decision.promotions.iter().cloned().collect::<BTreeSet<_>>();
        prop_assert_eq!(all_told(&forward), all_told(&backward));
        let by_line = |decision: &Decision| {
            let mut lines = decision.lines.clone();
            lines.sort_by(|a, b| a.line_id.cmp(&b.line_id));
            lines
        };
        prop_assert_eq!(by_line(&forward), by_line(&backward));
        prop_assert_eq!(forward.points, backward.points);
        prop_assert_eq!(forward.refused, backward.refused);
        prop_assert_eq!(forward.gifts_due, backward.gifts_due);
        prop_assert_eq!(forward.personal, backward.personal);
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
        // Both keep their line's place among the ids.
        let part = |place: &str, quantity: Quantity, line: &Line| Line {
            line_id: LineId::parse(&format!("{}{place}", line.line_id)).expect("plain"),
            quantity,
            amount: quantity.at(line.unit_price).expect("it fits"),
            ..line.clone()
        };
        let rest = split[at].quantity - Quantity::ONE;
        let (first, second) = (part("", Quantity::ONE, &split[at]), part("b", rest, &split[at]));
        split.splice(at..=at, [first, second]);
        let parts = decided(&programme, split, 0);
        prop_assert_eq!(whole.totals, parts.totals);
        prop_assert_eq!(whole.gifts_due, parts.gifts_due);
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
        let unused = |_| false;
        for used in [0, 1, 2] {
            let used = |number: usize| number % 3 < used;
            let in_parts = take_back(&programme, &lines, &decision, &parts, used);
            let at_once = take_back(&programme, &lines, &decision, std::slice::from_ref(&some), used);
            prop_assert_eq!(&in_parts.0, &at_once.0);
        }
        let rest: Vec<ReturnLine> = (0..lines.len()).filter(|at| left[*at] > 0).map(|at| one(at, left[at])).collect();
        if !rest.is_empty() {
            parts.push(rest);
        }
        let (all, _) = take_back(&programme, &lines, &decision, &parts, unused);
        let points = decision.points.as_ref().expect("a member");
        let cashback = points.cashback.as_ref().map(|cashback| cashback.gained.clone()).unwrap_or_default();
        prop_assert_eq!(all.refund, decision.totals.payable, "all money comes back");
        prop_assert_eq!(all.clawed, (points.earned, cashback.earned));
        prop_assert_eq!(all.restored, (points.spent + points.converted.points(), cashback.spent));
        prop_assert_eq!(-all.used, of_rules(&decision).iter().map(|used| used.by).sum::<i64>());
        prop_assert_eq!(all.remaining, RemainingSale::Nothing);
        prop_assert_eq!(all.withdrawn.len(), handed_out(points).len(), "every code goes");
        prop_assert_eq!(all.gifts, gifts_of(&decision), "every gift is claimed");
        let (used, _) = take_back(&programme, &lines, &decision, &parts, |_| true);
        prop_assert_eq!((used.clawed.0, used.restored.0), (points.earned, points.spent), "used vouchers were paid for");
        let vouchers: u32 = points.converted.by.iter().map(|by| by.times).sum();
        prop_assert_eq!(used.kept.len(), vouchers as usize);
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
        let (_, undo) = take_back(&programme, &lines, &decision, &[back], |_| false);
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
