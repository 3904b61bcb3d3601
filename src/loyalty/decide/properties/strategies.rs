//! Random lines, offers and programmes.

use super::*;

/// Vouchers on the counter, one of each kind that a programme has.
pub(super) const VOUCHERS: [&str; 2] = ["v0", "v1"];

/// Cashback that an account begins with, in minor units.
pub(super) const CASHBACK: i64 = 1_500;

pub(super) const SKUS: [&str; 4] = ["beer", "bread", "milk", "tv"];

pub(super) fn any_line() -> impl Strategy<Value = Line> {
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
                category: CATEGORIES[sku].map(category),
                ..line("x", SKUS[sku], units, price)
            }
        },
    )
}

pub(super) fn numbered(lines: Vec<Line>) -> Vec<Line> {
    let number = |(n, line): (usize, Line)| Line {
        line_id: LineId::parse(&format!("l{n:03}")).expect("plain"),
        ..line
    };
    lines.into_iter().enumerate().map(number).collect()
}

pub(super) fn any_lines() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec(any_line(), 1..12).prop_map(numbered)
}

pub(super) fn any_price_list() -> impl Strategy<Value = Reward> {
    let prices = prop::collection::btree_map(0..SKUS.len(), 1_i64..20_000, 1..4);
    (prices, prop::option::of(1_i64..4)).prop_map(|(prices, max)| Reward::PriceList {
        prices: prices
            .into_iter()
            .map(|(at, price)| (Sku::parse(SKUS[at]).expect("plain"), Amount::new(price)))
            .collect(),
        quantity_max: max.map(Quantity::units),
    })
}

pub(super) fn any_buy_get() -> impl Strategy<Value = Reward> {
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

pub(super) fn any_bundle() -> impl Strategy<Value = Reward> {
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

pub(super) fn any_steps() -> impl Strategy<Value = Reward> {
    prop::collection::btree_map(1_u32..12, 1_u32..=100, 1..4).prop_map(|steps| {
        let step = |(from, percent)| QuantityStep { from, percent: Percent::whole(percent) };
        Reward::QuantityPercent(steps.into_iter().map(step).collect())
    })
}

/// What the stage of offers on units gives.
pub(super) fn any_on_units() -> impl Strategy<Value = Reward> {
    let units_for_price = (1_u32..5, 1_i64..20_000, prop::option::of(1_u32..3)).prop_map(
        |(units, price, times_max)| Reward::UnitsForPrice {
            units,
            price: Amount::new(price),
            times_max,
        },
    );
    prop_oneof![any_buy_get(), units_for_price, any_bundle(), any_steps()]
}

pub(super) fn any_reward() -> impl Strategy<Value = Reward> {
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

pub(super) fn any_bounds() -> impl Strategy<Value = DiscountBounds> {
    let percent =
        || prop::option::weighted(0.3, (0_u32..=100_000).prop_map(Percent::from_thousandths));
    let amount = prop::option::weighted(0.2, 0_i64..20_000);
    let floors = prop::collection::vec((any_scope(), 0_i64..5_000), 0..2);
    let floors = prop_oneof![3 => Just(Vec::new()), 1 => floors];
    let others = (prop::bool::weighted(0.1), amount, floors);
    (percent(), percent(), others).prop_map(|(receipt, line, (excluded, amount, floors))| {
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

/// What makes an offer come: by itself, as a rule. Which coupons, its number says later.
pub(super) fn any_trigger() -> impl Strategy<Value = Trigger> {
    let codes = prop::collection::btree_set(0..CODES.len(), 1..3);
    let codes = codes.prop_map(|codes| Trigger::Codes(codes.into_iter().map(offer_code).collect()));
    prop_oneof![5 => Just(Trigger::Itself), 1 => codes, 2 => Just(Trigger::Coupon(coupon_of(0)))]
}

pub(super) fn any_offer() -> impl Strategy<Value = Offer> {
    let terms = (any_circumstances(), any_scope(), any_trigger(), any::<bool>());
    let minimum = any_minimum();
    let group = prop::option::of(0_u8..2);
    let cap = prop::option::of(1_i64..5_000);
    let limits = prop::collection::vec((any::<bool>(), any::<bool>(), 1_u32..4), 0..2);
    let switches = (any::<bool>(), limits, prop::option::of(1_i64..4));
    (any_reward(), terms, minimum, group, cap, -2_i32..3, switches).prop_map(
        |(reward, terms, minimum, group, cap, priority, (alone, limits, quantity_max))| {
            let (circumstances, scope, trigger, says_itself) = terms;
            let reward = match trigger {
                Trigger::Coupon(_) if says_itself => Reward::CouponValue,
                _ => reward,
            };
            let conditions = Conditions { scope, minimum, ..circumstances };
            // Uses are counted of members only.
            let conditions = if limits.is_empty() { conditions } else { of_members(conditions) };
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
            Offer {
                conditions,
                trigger,
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
pub(super) fn any_gift() -> impl Strategy<Value = Offer> {
    let minimum = (any_minimum(), prop::option::of(1_i64..6))
        .prop_map(|(minimum, units)| Minimum { quantity: units.map(Quantity::units), ..minimum });
    let terms = (any_circumstances_of_members(), any_scope(), any_trigger());
    (terms, minimum, 1_u32..4, 1_u32..3, prop::option::of(1_u32..4)).prop_map(
        |((circumstances, scope, trigger), minimum, times_max, units, uses_max)| {
            let limit = |uses_max| OfferLimit {
                per: LimitScope::Account,
                unit: UseUnit::Receipts,
                limit: UseLimit { window: CountWindow::Week, uses_max },
            };
            let terms = GiftTerms { sku: None, price: Amount::ZERO, units, times_max };
            Offer {
                conditions: Conditions { scope, minimum, ..circumstances },
                trigger,
                limits: uses_max.map(limit).into_iter().collect(),
                ..offer("x", Reward::Gift(terms))
            }
        },
    )
}

/// Greetings, and now and then a bound on what is said unasked.
pub(super) fn any_words() -> impl Strategy<Value = (Vec<Greeting>, Option<MessagePolicy>)> {
    let often = || prop::collection::vec(1_u32..3, 0..2);
    let greetings = prop::collection::vec((-2_i32..3, often(), any_circumstances()), 0..3);
    let policy = prop::option::of((prop::option::of(0_u32..4), often()));
    let limits = |often: Vec<u32>| -> Vec<UseLimit> {
        let limit = |uses_max| UseLimit { window: CountWindow::Week, uses_max };
        often.into_iter().map(limit).collect()
    };
    (greetings, policy).prop_map(move |(greetings, policy)| {
        let greeting = |(n, (priority, often, conditions)): (usize, _)| Greeting {
            id: GreetingId::parse(&format!("w{n}")).expect("plain"),
            priority,
            conditions,
            shown_to: ShownTo::default(),
            texts: Texts::new([("en", "hello".to_owned())].into()).expect("a text"),
            frequency: limits(often),
        };
        let greetings = greetings.into_iter().enumerate().map(greeting).collect();
        let policy = policy.map(|(promotional_max, often)| MessagePolicy {
            promotional_max,
            frequency: limits(often),
            ..MessagePolicy::default()
        });
        (greetings, policy)
    })
}

/// Some of the offers are for those who carry them.
pub(super) fn partly_personal(offers: Vec<Offer>, personal: u16) -> impl Iterator<Item = Offer> {
    offers.into_iter().enumerate().map(move |(n, offer)| {
        let is_personal = personal >> (n % 16) & 1 == 1;
        if !is_personal {
            return offer;
        }
        Offer { reach: Reach::Personal, conditions: of_members(offer.conditions), ..offer }
    })
}

/// Two of three personal offers by their numbers, with scores that tie now and then.
pub(super) fn carried(programme: &Programme) -> PersonalOffers {
    let personal = programme.offers.iter().filter(|offer| offer.reach == Reach::Personal);
    let number = |offer: &Offer| offer.id.as_str()[1..].parse::<u16>().expect("numbered");
    let carried = personal.filter(|offer| number(offer) % 3 != 2).map(|offer| {
        let score = Score::new(number(offer) % 4 * 250).expect("within the scale");
        (offer.id.clone(), PersonalOffer { score, ..PersonalOffer::default() })
    });
    carried.collect()
}

pub(super) fn numbered_offers(offers: Vec<Offer>) -> impl Iterator<Item = Offer> {
    let number = |(n, offer): (usize, Offer)| Offer {
        id: crate::loyalty::OfferId::parse(&format!("o{n:02}")).expect("plain"),
        trigger: match offer.trigger {
            // No two offers take the same coupon.
            Trigger::Coupon(_) => Trigger::Coupon(coupon_of(n)),
            other => other,
        },
        ..offer
    };
    offers.into_iter().enumerate().map(number)
}

pub(super) fn voucher_type(at: usize) -> VoucherTypeId {
    VoucherTypeId::parse(VOUCHERS[at]).expect("plain")
}

pub(super) fn any_voucher_types() -> impl Strategy<Value = BTreeMap<VoucherTypeId, VoucherType>> {
    let value = prop_oneof![
        (1_i64..20_000).prop_map(|amount| VoucherValue::Amount(Amount::new(amount))),
        (1_u32..=100).prop_map(|percent| VoucherValue::Percent(Percent::whole(percent))),
    ];
    let cap = prop::option::of(1_i64..5_000);
    let one = (value, any_scope(), any_minimum(), cap, any_circumstances());
    prop::collection::vec(one, VOUCHERS.len()).prop_map(|types| {
        let kind = |(n, (value, scope, minimum, cap, circumstances)): (usize, (_, _, _, _, _))| {
            let id = voucher_type(n);
            let conditions = Conditions { scope, minimum, ..circumstances };
            let cap = Option::map(cap, Amount::new);
            (
                id.clone(),
                VoucherType { id, name: "v".to_owned(), conditions, value, cap, cost: None },
            )
        };
        types.into_iter().enumerate().map(kind).collect()
    })
}

pub(super) fn any_method() -> impl Strategy<Value = DiscountMethod> {
    prop_oneof![3 => Just([false; 3]), 1 => any::<[bool; 3]>()].prop_map(
        |[before, additive, first]| DiscountMethod {
            minimum: if before { MinimumMoment::BeforeStages } else { MinimumMoment::AfterStages },
            percents: if additive { PercentStyle::Additive } else { PercentStyle::Sequential },
            left_over: if first { LeftOver::FirstLines } else { LeftOver::LargestRemainder },
        },
    )
}

pub(super) fn any_programme() -> impl Strategy<Value = Programme> {
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
    let rest = (of_offers, waits, (any_catalogue(), any_granting(), any_rule_terms()));
    (offers, switches, policies, rest).prop_map(|(offers, switches, policies, rest)| {
        let (of_offers, waits, (rewards, granting, rule_terms)) = rest;
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
        let earn = earn.chain(granting);
        let earn =
            earn.zip(rule_terms.into_iter().cycle()).enumerate().map(|(n, (rule, terms))| {
                // Where a return takes only what is pending, everything is at first.
                let least = u16::from(claw_back == ClawBack::PendingOnly);
                let waits = if n % 2 == 0 { waits } else { waits / 2 };
                let conditions = match terms {
                    Some(terms) => Conditions {
                        scope: rule.conditions.scope,
                        minimum: rule.conditions.minimum,
                        ..terms
                    },
                    None => rule.conditions,
                };
                EarnRule { pending_days: waits.max(least), conditions, ..rule }
            });
        let mut earn: Vec<EarnRule> = earn.collect();
        earn.sort_by(|a, b| a.id.cmp(&b.id));
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
            rewards,
            accrual: AccrualPolicy {
                tax: if net { TaxBase::Net } else { TaxBase::Gross },
                base: AccrualBase { discounts: moment, redemption: AccrualMoment::After },
                ..AccrualPolicy::default()
            },
            expiry: if lots { ExpiryPolicy::Lots { days: 365 } } else { club().expiry },
            earn,
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
pub(super) fn any_conversions() -> impl Strategy<Value = Vec<Conversion>> {
    let conversion = (1_i64..60, 1_i64..60, 1_u32..9, any_circumstances_of_members());
    prop::collection::vec(conversion, 0..3).prop_map(|conversions| {
        let conversion =
            |(n, (points, beyond, times_max, conditions)): (usize, (i64, i64, _, _))| Conversion {
                id: ConversionId::parse(&format!("c{n}")).expect("plain"),
                name: "c".to_owned(),
                conditions,
                at: Points::new((points + beyond) * 50),
                points: Points::new(points * 50),
                times_max,
                voucher: VoucherGrant {
                    types: BTreeMap::from([(0, voucher_type(0))]),
                    starts_in_days: 0,
                    term: VoucherTerm::Days(30),
                },
            };
        conversions.into_iter().enumerate().map(conversion).collect()
    })
}

/// A rule that is drawn and wins, one that loses, and one with a budget of points.
pub(super) fn surprises() -> impl Iterator<Item = EarnRule> {
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
pub(super) fn drawn() -> crate::loyalty::Draws {
    let number = |number| DrawnNumber::new(number).expect("a number");
    let draws = [("lost", number(5_000)), ("lucky", number(4_999))];
    draws.into_iter().map(|(id, number)| (RuleId::parse(id).expect("plain"), number)).collect()
}

/// Rules that look at what the account did before, on goods of one kind.
pub(super) fn collecting(repeated: bool) -> impl Iterator<Item = EarnRule> {
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
