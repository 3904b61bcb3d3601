//! What a right file becomes.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};

use super::*;
use crate::loyalty::TaxMode;
use crate::loyalty::{
    AccrualMoment, AccrualPolicy, BirthdayWindow, Bundle, BundlePart, BundleValue, BuyGet,
    CategoryId, Chance, ClawBack, CountWindow, CouponOf, DiscountBounds, EarnKind, Excess,
    ExpiryPolicy, Gift, GiftTerms, GiftsBack, GotUnits, Grants, ISSUED_PER_RECEIPT_MAX, Ladder,
    Level, LevelWorth, LimitScope, Membership, MessagePolicy, MilestoneMeasure, MilestoneRepeat,
    Offer, OfferCode, OfferLimit, Oversize, PointsWorth, QuantityStep, Reach, RedeemAs, Reward,
    RuleLimit, Scope, SharedLimit, SharedOffline, SharedScope, ShownTo, Sku, Stacking, StepStyle,
    TaxBase, TierKept, TierMeasure, TierMultiplied, TierWindow, Trigger, UseLimit, UseUnit,
    VoucherGrant, VoucherTerm, VoucherTypeId, VoucherValue,
};
use crate::member_code::Strength;
use crate::money::{Amount, CashRounding, Factor, Percent, Points, Quantity, Rounding};

#[test]
fn what_the_file_leaves_out_has_the_written_default() {
    let programme = accepted(LEAST);
    assert_eq!(programme.accrual, AccrualPolicy::default());
    assert_eq!(programme.expiry, ExpiryPolicy::Sliding { days: 365 });
    assert_eq!(programme.late_member_days, 14);
    assert_eq!(programme.tiers, None);
    assert_eq!(programme.redemption, None);
    let redemption = "[redemption]\nstep = 100\nstep_value = \"10.00\"";
    let policy = accepted(&format!("{LEAST}{redemption}")).redemption.expect("it has one");
    assert_eq!(policy.minimum, Points::new(100), "one step");
    assert_eq!(policy.share_max, Percent::WHOLE);
    assert_eq!((policy.excess, policy.redeem_as), (Excess::Clamp, RedeemAs::Discount));
    assert_eq!(policy.strength, vec![]);
}

#[test]
fn policies_are_read_as_written() {
    let programme = accepted(FULL);
    let tiers = programme.tiers.expect("it has tiers");
    assert_eq!(tiers.measure, TierMeasure::Spend);
    assert_eq!(tiers.window, TierWindow::RollingDays(365));
    assert_eq!(tiers.kept, TierKept::DaysAfter(90));
    let gold = &tiers.steps[1];
    assert_eq!((gold.threshold, gold.multiplier), (2_000_000, Factor::from_thousandths(1_500)));
    let redemption = programme.redemption.expect("it has one");
    assert_eq!(redemption.step(), Some((Points::new(100), Amount::new(1_000))));
    assert_eq!(redemption.share_max, Percent::whole(50));
    let strengths: Vec<_> =
        redemption.strength.iter().map(|s| (s.from.value(), s.strength)).collect();
    let expected = [(0, Strength::Static), (20_000, Strength::Totp), (200_000, Strength::Token)];
    assert_eq!(strengths, expected);
    let switched = accepted(&format!(
        "{LEAST}[accrual]\ntax = \"net\"\ndiscounts = \"before\"\nredemption = \"before\"\nrounding = \"ceil\""
    ));
    assert_eq!(switched.accrual.tax, TaxBase::Net);
    assert_eq!(switched.accrual.base.discounts, AccrualMoment::Before);
    assert_eq!(switched.accrual.base.redemption, AccrualMoment::Before);
    assert_eq!(switched.accrual.rounding, Rounding::Ceil);
}

#[test]
fn bc_24_cash_is_rounded_as_the_country_of_the_currency_or_the_one_named_does() {
    let rule = |country| CashRounding::of_country(country).expect("a listed country").0;
    let cases = [
        ("CZK", "", rule("CZ")),
        ("CZK", "cash_rounding = \"none\"", CashRounding::NONE),
        ("PLN", "", CashRounding::NONE),
        ("EUR", "", CashRounding::NONE),
        ("EUR", "cash_rounding = \"SK\"", rule("SK")),
        ("EUR", "cash_rounding = \"FI\"", rule("FI")),
    ];
    for (currency, key, expected) in cases {
        let text = LEAST.replace("CZK", currency);
        let programme = accepted(&format!("{text}[prices]\n{key}"));
        assert_eq!(programme.prices.cash_rounding, expected, "{currency} {key}");
    }
}

#[test]
fn tax_is_inside_the_prices_unless_it_is_added() {
    for (table, expected) in [
        ("", TaxMode::Included),
        ("[prices]\ntax = \"included\"", TaxMode::Included),
        ("[prices]\ntax = \"added\"", TaxMode::Added),
    ] {
        assert_eq!(accepted(&format!("{LEAST}{table}")).prices.tax, expected, "{table}");
    }
}

#[test]
fn ld_38_vouchers_and_entries_of_rules_are_read_as_written() {
    let programme = accepted(FULL);
    let grants = |id: &str| {
        let rule = programme.earn.iter().find(|rule| rule.id.as_str() == id);
        rule.expect("it has the rule").grants.clone()
    };
    let kind = |id: &str| VoucherTypeId::parse(id).expect("plain");
    let coupon = VoucherGrant {
        types: BTreeMap::from([(0, kind("hundred")), (10, kind("ten"))]),
        starts_in_days: 1,
        term: VoucherTerm::Days(14),
    };
    assert_eq!(grants("next-time"), Grants { voucher: Some(coupon), entries: 0 });
    assert_eq!(grants("trip"), Grants { voucher: None, entries: 1 });
    assert_eq!(grants("spend"), Grants::default());
    let until = FULL.replace("\ndays = 14  ", "\nuntil = \"2026-12-31\"  ");
    let programme = accepted(&until);
    let rule = programme.earn.iter().find(|rule| rule.id.as_str() == "next-time");
    let term = rule.and_then(|rule| rule.grants.voucher.as_ref()).map(|grant| grant.term);
    let day = "2026-12-31".parse().expect("a day");
    assert_eq!(term, Some(VoucherTerm::Until(day)));
}

#[test]
fn ld_42_rewards_are_read_as_written() {
    let programme = accepted(FULL);
    let coffee = programme.rewards.first().expect("it has rewards");
    assert_eq!((coffee.id.as_str(), coffee.points), ("coffee", Points::new(80)));
    assert_eq!(coffee.gift, Gift::Item { price: Amount::new(100) });
    assert_eq!(coffee.limits, [UseLimit { window: CountWindow::Day, uses_max: 2 }]);
    let wrapping = programme.rewards.last().expect("it has rewards");
    let sku = Sku::parse("8594000000999").expect("plain");
    assert_eq!(wrapping.gift, Gift::Service { sku: Some(sku) });
    assert_eq!(wrapping.conditions.minimum.amount, Some(Amount::new(20_000)));
    let voucher = programme.rewards.iter().find(|reward| reward.id.as_str() == "hundred-off");
    assert_eq!(voucher.expect("it has one").gift, Gift::Voucher(hundred_for_60_days()));
}

fn hundred_for_60_days() -> VoucherGrant {
    VoucherGrant {
        types: BTreeMap::from([(0, VoucherTypeId::parse("hundred").expect("plain"))]),
        starts_in_days: 0,
        term: VoucherTerm::Days(60),
    }
}

#[test]
fn ld_41_conversions_are_read_as_written() {
    let programme = accepted(FULL);
    let [conversion] = &programme.conversions[..] else { panic!("{:?}", programme.conversions) };
    assert_eq!(conversion.name, "Poukaz za body");
    assert_eq!((conversion.points, conversion.at), (Points::new(1_000), Points::new(1_200)));
    assert_eq!((conversion.times_max, &conversion.voucher), (3, &hundred_for_60_days()));
    let least = "[[conversions]]\nid = \"c\"\npoints = 7\nvoucher = { type = \"v\", days = 1 }\n\
                 [[voucher_types]]\nid = \"v\"\nname = \"V\"\nkind = \"amount\"\namount = \"1\"";
    let programme = accepted(&format!("{LEAST}{least}"));
    let conversion = programme.conversions.first().expect("it has one");
    assert_eq!((conversion.name.as_str(), conversion.at), ("c", Points::new(7)));
    assert_eq!(conversion.times_max, ISSUED_PER_RECEIPT_MAX);
}

#[test]
fn bq_19_surprises_and_budgets_of_rules_are_read_as_written() {
    let programme = accepted(FULL);
    let rule = |id: &str| {
        let found = programme.earn.iter().find(|rule| rule.id.as_str() == id);
        found.expect("it has the rule")
    };
    let surprise = rule("surprise");
    assert_eq!(surprise.chance, Chance::from_basis_points(250));
    let limit = |window, uses_max| UseLimit { window, uses_max };
    let expected = [
        SharedLimit {
            per: SharedScope::Store,
            unit: UseUnit::Receipts,
            limit: limit(CountWindow::Day, 20),
            offline: SharedOffline::Approximate,
        },
        SharedLimit {
            per: SharedScope::Total,
            unit: UseUnit::Points,
            limit: limit(CountWindow::Year, 500_000),
            offline: SharedOffline::Slice(10_000),
        },
    ];
    assert_eq!(surprise.shared_limits, expected);
    assert_eq!((rule("spend").chance, &rule("spend").shared_limits[..]), (None, &[][..]));
}

#[test]
fn br_4_a_ladder_is_read_as_written() {
    let policy = accepted(LADDER).redemption.expect("it has one");
    let level = |points, percent| Level {
        points: Points::new(points),
        worth: LevelWorth::Percent(Percent::whole(percent)),
    };
    let expected = Ladder {
        levels: vec![level(100, 5), level(200, 10), level(400, 20)],
        rounding: Rounding::HalfUp,
        oversize: Oversize::NotOffered,
    };
    assert_eq!(policy.worth, PointsWorth::Levels(expected));
    assert_eq!((policy.minimum, policy.share_max), (Points::new(100), Percent::whole(50)));
    let amounts = "[redemption]\nlevels = [{ points = 3, amount = \"1.50\" }]\n\
                   rounding = \"ceil\"\noversize = \"capped\"";
    let policy = accepted(&format!("{LEAST}{amounts}")).redemption.expect("it has one");
    let amount = LevelWorth::Amount(Amount::new(150));
    let expected = Ladder {
        levels: vec![Level { points: Points::new(3), worth: amount }],
        rounding: Rounding::Ceil,
        oversize: Oversize::Capped,
    };
    assert_eq!(policy.worth, PointsWorth::Levels(expected));
    assert_eq!((policy.minimum, policy.step()), (Points::new(3), None), "the lowest level");
    let levels = "levels = [{ points = 3, percent = \"1\" }, { points = 4, percent = \"1\" }]";
    let from_4 = format!("{LEAST}[redemption]\nminimum = 4\n{levels}");
    let policy = accepted(&from_4).redemption.expect("worth may stay the same");
    assert_eq!(policy.minimum, Points::new(4));
}

#[test]
fn expiry_is_read_as_written() {
    let cases = [
        ("", ExpiryPolicy::Sliding { days: 365 }),
        ("days = 30", ExpiryPolicy::Sliding { days: 30 }),
        ("mode = \"lots\"", ExpiryPolicy::Lots { days: 365 }),
        ("mode = \"lots\"\ndays = 3660", ExpiryPolicy::Lots { days: 3_660 }),
        ("mode = \"never\"", ExpiryPolicy::Never),
    ];
    for (table, expected) in cases {
        assert_eq!(accepted(&format!("{LEAST}[expiry]\n{table}")).expiry, expected, "{table}");
    }
}

#[test]
fn what_returns_take_back_is_read_as_written() {
    let cases = [
        ("", ClawBack::NegativeAllowed),
        ("[returns]", ClawBack::NegativeAllowed),
        ("[returns]\nclaw_back = \"negative_allowed\"", ClawBack::NegativeAllowed),
        ("[returns]\nclaw_back = \"within_balance\"", ClawBack::WithinBalance),
    ];
    for (table, expected) in cases {
        assert_eq!(accepted(&format!("{LEAST}{table}")).claw_back, expected, "{table}");
    }
}

#[test]
fn earning_rules_are_read_as_written_and_sorted_by_id() {
    let mut rules = accepted(FULL).earn;
    assert!(rules.is_sorted_by(|a, b| a.id < b.id));
    rules.retain(|rule| ["morning", "refill", "spend"].contains(&rule.id.as_str()));
    assert_eq!(rules[0].kind, EarnKind::PerVisit { points: Points::new(5) });
    assert_eq!(rules[0].tier_multiplied, TierMultiplied::No);
    assert_eq!(rules[1].kind, EarnKind::PerItem { points: Points::new(3) });
    let points = Points::new(1);
    let amount = Amount::new(1_000);
    let style = StepStyle::Proportional;
    assert_eq!(rules[2].kind, EarnKind::PerAmount { points, amount, style });
    assert_eq!(rules[2].tier_multiplied, TierMultiplied::Yes);
}

#[test]
fn rules_that_look_at_the_account_are_read_as_written() {
    let programme = accepted(FULL);
    let rule = |id: &str| {
        programme.earn.iter().find(|rule| rule.id.as_str() == id).expect("in the file").clone()
    };
    assert_eq!(rule("hello").kind, EarnKind::Welcome { points: Points::new(100) });
    assert_eq!((rule("hello").name.as_str(), rule("spend").name.as_str()), ("Vítejte", "spend"));
    let (measure, repeat) = (MilestoneMeasure::Visits, MilestoneRepeat::Every);
    let tenth = EarnKind::Milestone { points: Points::new(50), measure, at: 10, repeat };
    assert_eq!(rule("tenth-visit").kind, tenth);
    let window = BirthdayWindow { days_before: 3, days_after: 3 };
    assert_eq!(rule("birthday").conditions.audience.birthday, Some(window));
    let above = EarnKind::AboveAverage {
        points: Points::new(1),
        amount: Amount::new(2_000),
        visits_min: 3,
    };
    assert_eq!(rule("big-basket").kind, above);
    let limit = |unit, window, uses_max| RuleLimit { unit, limit: UseLimit { window, uses_max } };
    let limits = [
        limit(UseUnit::Receipts, CountWindow::Week, 1),
        limit(UseUnit::Receipts, CountWindow::Days(30), 3),
        limit(UseUnit::Points, CountWindow::Year, 1_000),
    ];
    assert_eq!(rule("big-basket").limits, limits);
}

/// The offers for everybody that take something off and that nobody has to call for.
fn of_themselves(programme: &Programme) -> impl Iterator<Item = &Offer> {
    let of_itself = |offer: &&Offer| offer.trigger == Trigger::Itself && offer.gift().is_none();
    programme.offers.iter().filter(of_itself).filter(|offer| offer.reach == Reach::Open)
}

#[test]
fn ld_18_codes_and_coupons_are_read_as_written() {
    let code = |text: &str| OfferCode::parse(text).expect("a code");
    let issuer = CouponOf::Issuer { issuer: "3765".to_owned(), offer: "03".to_owned() };
    let number = CouponOf::Number("9501101530003".to_owned());
    let expected = [
        ("gcn", Trigger::Coupon(number)),
        ("leaflet", Trigger::Codes([code("LEAF15"), code("LEAF15-B")].into())),
        ("maker", Trigger::Coupon(issuer)),
    ];
    let programme = accepted(FULL);
    let called = programme.offers.iter().filter(|offer| offer.trigger != Trigger::Itself);
    let called: Vec<_> = called.map(|o| (o.id.as_str(), o.trigger.clone())).collect();
    assert_eq!(called, expected);
}

#[test]
fn ld_57_bc_9_personal_offers_and_gifts_are_read_as_written() {
    let programme = accepted(FULL);
    assert_eq!(programme.personal.shown_max, Some(3));
    let personal = programme.offers.iter().filter(|offer| offer.reach == Reach::Personal);
    assert_eq!(personal.map(|offer| offer.id.as_str()).collect::<Vec<_>>(), ["for-you"]);
    let gifts: Vec<&GiftTerms> = programme.offers.iter().filter_map(Offer::gift).collect();
    let sku = Sku::parse("8594000000048").ok();
    let mug = GiftTerms { sku, price: Amount::new(1), units: 1, times_max: 3 };
    assert_eq!(gifts, [&mug]);
    let least = format!("{LEAST}[[offers]]\nid = \"g\"\nname = \"G\"\nkind = \"gift\"");
    let least = accepted(&least);
    let plain = GiftTerms { sku: None, price: Amount::ZERO, units: 1, times_max: 1 };
    assert_eq!(least.offers[0].gift(), Some(&plain));
    let kept = accepted(&format!("{LEAST}[returns]\ngifts = \"kept\""));
    assert_eq!((least.gifts_back, kept.gifts_back), (GiftsBack::Claimed, GiftsBack::Kept));
}

#[test]
fn bq_7_bq_32_greetings_and_messages_are_read_as_written() {
    let programme = accepted(FULL);
    let messages = programme.messages.as_ref().expect("it bounds them");
    assert_eq!(messages.promotional_max, Some(20));
    let week = UseLimit { window: CountWindow::Days(7), uses_max: 5 };
    assert_eq!(messages.frequency, [week]);
    assert_eq!(messages.voucher_days_before, 10);
    let [pilot] = programme.greetings.as_slice() else { panic!("one greeting") };
    assert_eq!((pilot.id.as_str(), pilot.priority), ("pilot", 10));
    assert_eq!(pilot.shown_to, ShownTo::Display);
    assert_eq!(pilot.texts.in_language("de"), "Danke fürs Mittesten");
    assert_eq!(pilot.frequency, [UseLimit { window: CountWindow::Day, uses_max: 1 }]);
    assert_eq!(pilot.conditions.stores.as_ref().map(|stores| stores.len()), Some(2));
    let greeting = "[[greetings]]\nid = \"a\"\ntext = { pl = \"Witamy\" }";
    let least = accepted(&format!("{LEAST}{greeting}"));
    assert_eq!(least.messages, Some(MessagePolicy::default()), "who greets has the usual bounds");
    assert_eq!(least.greetings[0].shown_to, ShownTo::Everybody);
    assert_eq!(accepted(LEAST).messages, None);
}

#[test]
fn offers_and_vouchers_are_read_as_written() {
    let programme = accepted(FULL);
    let rewards: Vec<_> =
        of_themselves(&programme).map(|o| (o.id.as_str(), o.reward.clone())).take(5).collect();
    let price = Amount::new(1);
    let quantity_max = Some(Quantity::ONE);
    let expected = [
        ("bag1hal", Reward::FixedPrice { price, quantity_max }),
        ("basket3", Reward::BasketPercent(Percent::whole(3))),
        ("basket50", Reward::BasketAmount(Amount::new(5_000))),
        ("coffee5", Reward::LineAmountEach(Amount::new(500))),
        ("milk10", Reward::LinePercent(Percent::whole(10))),
    ];
    assert_eq!(rewards, expected);
    assert_eq!(programme.offers[3].stacking, Stacking::Alone);
    let values: Vec<_> = programme.voucher_types.values().map(|kind| kind.value).collect();
    let expected =
        [VoucherValue::Amount(Amount::new(10_000)), VoucherValue::Percent(Percent::whole(10))];
    assert_eq!(values, expected);
}

#[test]
fn offers_on_products_and_units_are_read_as_written() {
    let scope = |path: &str| Scope {
        categories: [CategoryId::parse(path).expect("plain")].into(),
        ..Scope::default()
    };
    let sku = |text: &str| Sku::parse(text).expect("plain");
    let prices = [(sku("8594000000024"), 1_990), (sku("8594000000031"), 2_490)];
    let prices = prices.map(|(sku, price)| (sku, Amount::new(price))).into();
    let step = |from, percent| QuantityStep { from, percent: Percent::whole(percent) };
    let part = |path, units| BundlePart { scope: scope(path), units };
    let menu = Bundle {
        parts: vec![part("food/sandwiches", 1), part("food/drinks", 2)],
        value: BundleValue::Price(Amount::new(12_900)),
        times_max: None,
    };
    let third_free = BuyGet {
        buy: 2,
        get: 1,
        percent: Percent::WHOLE,
        which: GotUnits::Cheapest,
        get_scope: None,
        times_max: Some(2),
    };
    let tumbler = BuyGet {
        buy: 1,
        percent: Percent::whole(50),
        get_scope: Some(scope("home/cups")),
        times_max: None,
        ..third_free.clone()
    };
    let expected = [
        ("prices", Reward::PriceList { prices, quantity_max: None }),
        ("snack-menu", Reward::Bundle(menu)),
        ("third-free", Reward::BuyGet(third_free)),
        ("trio", Reward::UnitsForPrice { units: 3, price: Amount::new(9_900), times_max: None }),
        ("tumbler", Reward::BuyGet(tumbler)),
        ("wine6", Reward::QuantityPercent(vec![step(3, 5), step(6, 10)])),
    ];
    let programme = accepted(FULL);
    let rewards = of_themselves(&programme).map(|o| (o.id.as_str(), o.reward.clone()));
    assert_eq!(rewards.skip(5).collect::<Vec<_>>(), expected);
    let bounds = &programme.discounts;
    assert_eq!(bounds.receipt_percent_max, Some(Percent::whole(60)));
    assert_eq!(bounds.line_percent_max, Some(Percent::whole(80)));
    assert_eq!(bounds.receipt_amount_max, Some(Amount::new(150_000)));
    assert_eq!(bounds.price_floors.len(), 1);
    assert_eq!(bounds.price_floors[0].unit_price_min, Amount::new(2_000));
    assert!(bounds.excluded_categories.contains("tobacco"));
    assert_eq!(accepted(LEAST).discounts, DiscountBounds::default());
}

#[test]
fn a_bundle_may_save_a_share_or_an_amount() {
    let bundle =
        "[[offers]]\nid = \"o\"\nname = \"O\"\nkind = \"bundle\"\nparts = [{ scope = {} }]\n";
    let cases = [
        ("percent = \"10\"", BundleValue::Percent(Percent::whole(10))),
        ("amount = \"5.00\"", BundleValue::Amount(Amount::new(500))),
    ];
    for (text, expected) in cases {
        let programme = accepted(&format!("{LEAST}{bundle}{text}"));
        let Reward::Bundle(bundle) = &programme.offers[0].reward else {
            panic!("{text} makes a bundle");
        };
        assert_eq!(bundle.value, expected);
    }
}

#[test]
fn limits_of_offers_are_read_as_written() {
    let programme = accepted(FULL);
    let bag = programme.offers.iter().find(|offer| offer.id.as_str() == "bag1hal").expect("there");
    let by = |per, unit, window, uses_max| OfferLimit {
        per,
        unit,
        limit: UseLimit { window, uses_max },
    };
    let expected = [
        by(LimitScope::Member, UseUnit::Units, CountWindow::Week, 1),
        by(LimitScope::Account, UseUnit::Receipts, CountWindow::Year, 20),
    ];
    assert_eq!(bag.limits, expected);
    let shared = |per, unit, window, uses_max, offline| SharedLimit {
        per,
        unit,
        limit: UseLimit { window, uses_max },
        offline,
    };
    let expected = [
        shared(
            SharedScope::Store,
            UseUnit::Units,
            CountWindow::Day,
            200,
            SharedOffline::Approximate,
        ),
        shared(
            SharedScope::Total,
            UseUnit::Receipts,
            CountWindow::Ever,
            5_000,
            SharedOffline::Slice(100),
        ),
    ];
    assert_eq!(bag.shared_limits, expected);
}

#[test]
fn ld_9_limits_over_all_customers_say_how_they_are_held_offline() {
    let offer = "[[offers]]\nid = \"x\"\nname = \"X\"\naudience = { members = \"everyone\" }\n";
    let percent = "kind = \"basket_percent\"\npercent = \"5\"\n";
    let day = "per = \"store\", window = \"day\", uses = 5";
    let cases = [
        (format!("{day}, offline = \"approximate\""), ""),
        (format!("{day}, offline = \"slice\", slice = 5"), ""),
        (format!("{day}, offline = \"slice\", slice = 6"), "[0].slice"),
        (format!("{day}, offline = \"slice\", slice = 0"), "[0].slice"),
        (format!("{day}, offline = \"slice\""), "[0].slice"),
        (format!("{day}, offline = \"approximate\", slice = 5"), "[0].slice"),
        (format!("{day}, offline = \"never\""), "[0].offline"),
        (day.to_owned(), "[0].offline"),
        (format!("{day}, offline = \"approximate\", count = \"units\""), "[0].count"),
        ("window = \"day\", uses = 5, offline = \"approximate\"".to_owned(), "[0].per"),
        ("per = \"total\", window = \"day\", offline = \"approximate\"".to_owned(), "[0].uses"),
        ("per = \"total\", uses = 5, offline = \"approximate\"".to_owned(), "[0].window"),
        (format!("{day}, offline = \"approximate\", days = 3"), "[0].days"),
    ];
    for (limit, path) in cases {
        let text = format!("{LEAST}\n{offer}{percent}shared_limits = [{{ {limit} }}]\n");
        let faults: Vec<String> = match ProgrammeFile::check(&text) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(ToString::to_string).collect(),
        };
        let told = faults.iter().any(|fault| fault.contains(&format!("shared_limits{path}")));
        assert_eq!(told, !path.is_empty(), "{limit}: {faults:?}");
        assert!(faults.len() <= 1, "{limit}: {faults:?}");
    }
}

#[test]
fn limits_that_cannot_be_counted_are_told() {
    let offer =
        |more: &str| format!("{}\n[[offers]]\nid = \"x\"\nname = \"X\"\n{more}\n", FULL.trim_end());
    let limit = "limits = [{ window = \"day\", uses = 1, count = \"units\" }]";
    let cases = [
        (format!("kind = \"basket_percent\"\npercent = \"5\"\n{limit}"), "limits[0].count"),
        (
            format!(
                "kind = \"fixed_price\"\nprice = \"1.00\"\naudience = {{ members = \"everyone\" }}\n{limit}"
            ),
            "limits",
        ),
        (
            "kind = \"fixed_price\"\nprice = \"1.00\"\nlimits = [{ window = \"days\", uses = 0 }]"
                .to_owned(),
            "limits[0].uses",
        ),
    ];
    for (more, path) in cases {
        let faults = ProgrammeFile::check(&offer(&more)).expect_err(&more);
        assert!(faults.iter().any(|fault| fault.path.ends_with(path)), "{more}: {faults:?}");
    }
}

#[test]
fn conditions_are_read_as_written() {
    let programme = accepted(FULL);
    let milk = of_themselves(&programme).nth(4).expect("milk10");
    let milk = &milk.conditions;
    assert_eq!(milk.audience.membership, Membership::Members);
    assert_eq!(milk.audience.tiers.as_ref().map(|tiers| tiers.contains("gold")), Some(true));
    assert_eq!(milk.audience.flags.as_ref().map(|flags| flags.len()), Some(2));
    assert_eq!(milk.window.from, NaiveDate::from_ymd_opt(2026, 3, 1));
    assert_eq!(milk.window.until, NaiveDate::from_ymd_opt(2026, 3, 31));
    assert_eq!(milk.window.weekdays, Some([1, 6].into()));
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour of the day");
    assert_eq!(milk.window.hours, Some((at(22), at(2))), "over midnight");
    assert_eq!(milk.stores.as_ref().map(|stores| stores.len()), Some(2));
    assert!(milk.scope.categories.contains("food/dairy"));
    assert!(milk.scope.excluded_categories.contains("food/dairy/baby"));
    assert_eq!(milk.minimum.amount, Some(Amount::new(20_000)));
    assert_eq!(milk.minimum.quantity, Some(Quantity::units(3)));
    assert_eq!(milk.minimum.unit_price, Some(Amount::new(500)));
    let basket = &programme.offers[1].conditions;
    assert_eq!(basket.audience.membership, Membership::Everyone);
}

#[test]
fn amounts_have_the_decimals_of_the_currency() {
    let yen = LEAST.replace("CZK", "JPY");
    let cap = "[[voucher_types]]\nid = \"v\"\nname = \"v\"\nkind = \"amount\"\namount = ";
    let programme = accepted(&format!("{yen}{cap}\"500\""));
    let value = programme.voucher_types.values().next().map(|kind| kind.value);
    assert_eq!(value, Some(VoucherValue::Amount(Amount::new(500))));
    assert_eq!(refused(&format!("{yen}{cap}\"5.00\"")), ["bad_amount voucher_types[0] (v).amount"]);
}
