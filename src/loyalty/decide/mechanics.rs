//! One example of each kind of offer, as its requirement has it.

use chrono::{NaiveDate, TimeZone, Utc};

use super::examples::*;
use super::*;
use crate::loyalty::basket::{Line, LineFlag};
use crate::loyalty::counter::{CountWindow, UseLimit, UseUnit};
use crate::loyalty::decision::{Benefit, Reason, Refusal, Subject};
use crate::loyalty::ids::{CategoryId, GroupId, Sku};
use crate::loyalty::programme::*;
use crate::loyalty::terms::{Conditions, Minimum, MinimumOf, Window};
use crate::money::{Percent, Quantity};

fn decide(offers: Vec<Offer>, lines: Vec<Line>) -> Decision {
    decide_by(Programme { offers, ..club() }, lines, &Scene::member(0))
}

fn decide_by(programme: Programme, lines: Vec<Line>, scene: &Scene) -> Decision {
    Evaluator::new(programme).decide(&basket(lines), &scene.occasion())
}

fn on(id: &str, skus: &[&str], reward: Reward) -> Offer {
    Offer { conditions: on_skus(skus), ..offer(id, reward) }
}

fn price_list(prices: &[(&str, i64)], quantity_max: Option<i64>) -> Reward {
    let entry = |(sku, price): &(&str, i64)| (Sku::parse(sku).expect("plain"), Amount::new(*price));
    let prices = prices.iter().map(entry).collect();
    Reward::PriceList { prices, quantity_max: quantity_max.map(Quantity::units) }
}

fn buy_get(buy: u32, get: u32) -> BuyGet {
    BuyGet {
        buy,
        get,
        percent: Percent::WHOLE,
        which: GotUnits::Cheapest,
        get_scope: None,
        times_max: None,
    }
}

fn part(skus: &[&str], units: u32) -> BundlePart {
    BundlePart { scope: on_skus(skus).scope, units }
}

fn bundle(parts: Vec<BundlePart>, value: BundleValue) -> Reward {
    Reward::Bundle(Bundle { parts, value, times_max: None })
}

fn payable(decision: &Decision) -> i64 {
    decision.totals.payable.value()
}

fn nets(decision: &Decision) -> Vec<i64> {
    decision.lines.iter().map(|line| line.net.value()).collect()
}

fn reasons(decision: &Decision) -> Vec<Reason> {
    let of_offer = |refusal: &&Refusal| matches!(refusal.subject, Subject::Offer(_));
    decision.refused.iter().filter(of_offer).map(|refusal| refusal.reason.clone()).collect()
}

fn by_offer(decision: &Decision) -> Vec<(&str, i64)> {
    decision
        .applied
        .iter()
        .filter_map(|applied| match &applied.benefit {
            Benefit::Offer(id) => Some((id.as_str(), applied.amount.value())),
            _ => None,
        })
        .collect()
}

#[test]
fn ld_12_member_prices_come_once_the_member_is_known() {
    let list = offer("fast", price_list(&[("milk", 1_990), ("bread", 2_490), ("beer", 990)], None));
    let lines =
        || vec![line("1", "milk", 2, 2_500), line("2", "bread", 1, 4_000), line("3", "tv", 1, 9)];
    let before =
        decide_by(Programme { offers: vec![list.clone()], ..club() }, lines(), &Scene::anonymous());
    assert_eq!(payable(&before), 9_009, "scanned before the card");
    assert_eq!(reasons(&before), [Reason::MembersOnly]);
    let after = decide(vec![list], lines());
    assert_eq!(nets(&after), [3_980, 2_490, 9], "the lines already scanned are re-priced");
}

#[test]
fn a_price_list_never_makes_dearer_and_may_be_limited_per_receipt() {
    let cases = [
        ("a price above the shelf's changes nothing", price_list(&[("milk", 2_600)], None), 7_500),
        ("two at the price, one at the shelf's", price_list(&[("milk", 2_000)], Some(2)), 6_500),
        ("another product", price_list(&[("bread", 2_000)], None), 7_500),
    ];
    for (case, reward, paid) in cases {
        let decision = decide(vec![offer("o", reward)], vec![line("1", "milk", 3, 2_500)]);
        assert_eq!(payable(&decision), paid, "{case}");
    }
}

#[test]
fn ld_11_a_product_for_one_grosz() {
    let reward = Reward::FixedPrice { price: Amount::new(1), quantity_max: Some(Quantity::ONE) };
    let decision = decide(vec![on("grosz", &["bag"], reward)], vec![line("1", "bag", 2, 500)]);
    assert_eq!(payable(&decision), 501);
}

#[test]
fn ld_11_a_product_for_one_grosz_comes_with_a_basket_of_so_much() {
    let reward = Reward::FixedPrice { price: Amount::new(1), quantity_max: None };
    let grosz = |of| {
        let minimum = Minimum { amount: Some(Amount::new(5_000)), of, ..Minimum::default() };
        let bag = on("grosz", &["bag"], reward.clone());
        Offer { conditions: Conditions { minimum, ..bag.conditions.clone() }, ..bag }
    };
    let cases = [
        (MinimumOf::Basket, 4_500, 4_501),
        (MinimumOf::Basket, 4_499, 4_999),
        (MinimumOf::Eligible, 4_500, 5_000),
    ];
    for (of, soap, paid) in cases {
        let lines = vec![line("1", "bag", 1, 500), line("2", "soap", 1, soap)];
        assert_eq!(payable(&decide(vec![grosz(of)], lines)), paid, "{of:?}, soap for {soap}");
    }
}

#[test]
fn ld_32_a_price_switches_on_a_date_by_two_windows() {
    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).expect("a day");
    let priced = |id, price, window| Offer {
        conditions: Conditions { window, ..on_skus(&["planner"]) },
        ..offer(id, price_list(&[("planner", price)], None))
    };
    let offers = vec![
        priced("a", 100, Window { until: Some(day(10)), ..Window::default() }),
        priced("b", 4_900, Window { from: Some(day(11)), ..Window::default() }),
    ];
    let programme = Programme { offers, ..club() };
    // Midnight in Prague is 23:00 UTC in March.
    for (hour, minute, price) in [(22, 59, 100), (23, 0, 4_900)] {
        let now = Utc.with_ymd_and_hms(2026, 3, 10, hour, minute, 0).single().expect("an instant");
        let scene = Scene { now, ..Scene::member(0) };
        let decision = decide_by(programme.clone(), vec![line("1", "planner", 1, 9_900)], &scene);
        assert_eq!(payable(&decision), price, "{hour}:{minute} UTC");
    }
}

#[test]
fn three_for_the_price_of_two_gives_the_cheapest_of_each_three() {
    let offer = || vec![on("o", &["milk", "bread"], Reward::BuyGet(buy_get(2, 1)))];
    let cases = [
        (vec![line("1", "milk", 3, 100)], 200),
        (vec![line("1", "milk", 2, 100), line("2", "bread", 1, 40)], 200),
        (vec![line("1", "milk", 3, 100), line("2", "bread", 3, 40)], 200 + 80),
        (vec![line("1", "milk", 5, 100)], 400),
        (vec![line("1", "milk", 3, 100), line("2", "tv", 1, 1)], 201),
    ];
    for (lines, paid) in cases {
        assert_eq!(payable(&decide(offer(), lines.clone())), paid, "{lines:?}");
    }
    let short = decide(offer(), vec![line("1", "milk", 2, 100)]);
    assert_eq!(reasons(&short), [Reason::BelowMinimumQuantity { missing: Quantity::ONE }]);
}

#[test]
fn the_free_unit_lowers_every_unit_of_its_set_so_that_no_return_keeps_it() {
    let lines = vec![line("1", "milk", 2, 3_000), line("2", "bread", 1, 1_500)];
    let decision = decide(vec![offer("o", Reward::BuyGet(buy_get(2, 1)))], lines);
    assert_eq!(nets(&decision), [4_800, 1_200], "15.00 off 75.00: a fifth off each");
}

#[test]
fn a_purchase_makes_something_else_cheaper() {
    let deal = |which, times_max| {
        let get_scope = Some(on_skus(&["filter", "cup"]).scope);
        let percent = Percent::whole(50);
        let deal = BuyGet { percent, which, get_scope, times_max, ..buy_get(1, 1) };
        vec![on("o", &["machine"], Reward::BuyGet(deal))]
    };
    let lines = |machines| {
        vec![
            line("1", "machine", machines, 100_000),
            line("2", "filter", 1, 1_000),
            line("3", "cup", 2, 3_000),
        ]
    };
    let cases = [
        (GotUnits::Cheapest, None, 1, 500),
        (GotUnits::Dearest, None, 1, 1_500),
        (GotUnits::Cheapest, None, 2, 500 + 1_500),
        (GotUnits::Cheapest, Some(1), 2, 500),
        (GotUnits::Dearest, None, 9, 500 + 3_000),
    ];
    for (which, times_max, machines, discount) in cases {
        let decision = decide(deal(which, times_max), lines(machines));
        assert_eq!(
            decision.totals.discount.value(),
            discount,
            "{which:?} {times_max:?} {machines}"
        );
    }
    let only_machine = vec![line("1", "machine", 1, 100_000)];
    let short = decide(deal(GotUnits::Cheapest, None), only_machine);
    assert_eq!(reasons(&short), [Reason::BelowMinimumQuantity { missing: Quantity::ONE }]);
    let no_machine = decide(deal(GotUnits::Cheapest, None), vec![line("1", "cup", 1, 3_000)]);
    assert_eq!(reasons(&no_machine), [Reason::NoEligibleLine]);
}

#[test]
fn any_three_for_a_price_groups_the_dearest_and_never_costs_more() {
    let price = Amount::new(250);
    let reward = || Reward::UnitsForPrice { units: 3, price, times_max: None };
    let cases = [
        (vec![line("1", "milk", 2, 100), line("2", "bread", 2, 90)], 250 + 90),
        (vec![line("1", "milk", 3, 100), line("2", "bread", 3, 80)], 250 + 240),
        (vec![line("1", "milk", 7, 100)], 250 + 250 + 100),
    ];
    for (lines, paid) in cases {
        assert_eq!(payable(&decide(vec![offer("o", reward())], lines.clone())), paid, "{lines:?}");
    }
    let dear = decide(vec![offer("o", reward())], vec![line("1", "bread", 3, 80)]);
    assert_eq!((payable(&dear), reasons(&dear)), (240, vec![Reason::NothingLeft]));
}

#[test]
fn a_bundle_costs_its_price_or_saves_a_share_or_an_amount() {
    let parts = || vec![part(&["soup", "salad"], 1), part(&["roll"], 2)];
    let lines =
        || vec![line("1", "soup", 1, 500), line("2", "salad", 1, 700), line("3", "roll", 3, 100)];
    let cases = [
        (BundleValue::Price(Amount::new(800)), 100, "the dearer salad and two rolls for 8.00"),
        (BundleValue::Percent(Percent::whole(10)), 90, "10 % of 9.00"),
        (BundleValue::Amount(Amount::new(150)), 150, "1.50 off"),
        (BundleValue::Amount(Amount::new(5_000)), 900, "no more than it is worth"),
    ];
    for (value, discount, case) in cases {
        let decision = decide(vec![offer("o", bundle(parts(), value))], lines());
        assert_eq!(decision.totals.discount.value(), discount, "{case}");
    }
    let lunch = || vec![offer("o", bundle(parts(), BundleValue::Price(Amount::new(600))))];
    let short = decide(lunch(), vec![line("1", "soup", 1, 500), line("3", "roll", 1, 100)]);
    assert_eq!(reasons(&short), [Reason::BelowMinimumQuantity { missing: Quantity::ONE }]);
    let twice = decide(lunch(), vec![line("1", "soup", 2, 500), line("3", "roll", 5, 100)]);
    assert_eq!(payable(&twice), 600 + 600 + 100);
}

#[test]
fn a_unit_that_fits_two_parts_fills_the_one_that_needs_it() {
    let parts = vec![part(&["beer", "cola"], 1), part(&["beer"], 1)];
    let reward = bundle(parts, BundleValue::Price(Amount::new(100)));
    let decision =
        decide(vec![offer("o", reward)], vec![line("1", "beer", 1, 100), line("2", "cola", 1, 50)]);
    assert_eq!(payable(&decision), 100);
}

#[test]
fn the_more_units_the_higher_the_share_off_all_of_them() {
    let step = |from, percent| QuantityStep { from, percent: Percent::whole(percent) };
    let steps = Reward::QuantityPercent(vec![step(3, 10), step(6, 20)]);
    let cases = [(2, 200), (3, 270), (5, 450), (6, 480), (60, 4_800)];
    for (units, paid) in cases {
        let lines = vec![line("1", "wine", units, 100)];
        let decision = decide(vec![offer("o", steps.clone())], lines);
        assert_eq!(payable(&decision), paid, "{units}");
        let missing = Quantity::units(1);
        let told = if units < 3 { vec![Reason::BelowMinimumQuantity { missing }] } else { vec![] };
        assert_eq!(reasons(&decision), told, "{units}");
    }
}

#[test]
fn a_unit_takes_part_in_one_offer_on_units_the_first_by_priority() {
    let pair = |id, priority, price| Offer {
        priority,
        ..offer(
            id,
            Reward::UnitsForPrice { units: 2, price: Amount::new(price), times_max: Some(1) },
        )
    };
    let both = decide(vec![pair("a", 0, 150), pair("b", 1, 120)], vec![line("1", "milk", 4, 100)]);
    assert_eq!(by_offer(&both), [("b", 80), ("a", 50)], "two units each");
    let one = decide(vec![pair("a", 0, 150), pair("b", 1, 120)], vec![line("1", "milk", 3, 100)]);
    assert_eq!(by_offer(&one), [("b", 80)]);
    assert_eq!(reasons(&one), [Reason::DoesNotStack], "its second unit is in the other offer");
}

#[test]
fn an_offer_on_units_sees_what_lines_left_and_the_basket_sees_what_it_left() {
    let offers = vec![
        offer("basket", Reward::BasketPercent(Percent::whole(50))),
        offer("line", Reward::LinePercent(Percent::whole(10))),
        offer("units", Reward::BuyGet(buy_get(1, 1))),
    ];
    let decision = decide(offers, vec![line("1", "milk", 2, 1_000)]);
    assert_eq!(by_offer(&decision), [("line", 200), ("units", 900), ("basket", 450)]);
}

#[test]
fn goods_of_no_whole_quantity_are_no_units() {
    let weighed = |id: &str, grams| Line {
        quantity: Quantity::new(grams),
        amount: Amount::new(grams),
        ..line(id, "cheese", 1, 1_000)
    };
    let offer = || vec![offer("o", Reward::BuyGet(buy_get(1, 1)))];
    let odd = decide(offer(), vec![weighed("1", 2_250)]);
    let missing = Quantity::units(2);
    assert_eq!(reasons(&odd), [Reason::BelowMinimumQuantity { missing }]);
    let whole = decide(offer(), vec![weighed("1", 1_250), weighed("2", 750)]);
    assert_eq!(payable(&whole), 1_000, "two kilograms of the same cheese");
}

#[test]
fn offers_on_units_heed_flags_floors_caps_minimums_and_groups() {
    let milk = || line("1", "milk", 2, 1_000);
    let half = || offer("o", Reward::BuyGet(buy_get(1, 1)));
    let mut fixed = milk();
    fixed.flags.insert(LineFlag::NoDiscount);
    assert_eq!(reasons(&decide(vec![half()], vec![fixed])), [Reason::NoEligibleLine]);
    let floored = Line { unit_price_min: Some(Amount::new(900)), ..milk() };
    assert_eq!(payable(&decide(vec![half()], vec![floored])), 1_800);
    let capped = Offer { cap: Some(Amount::new(300)), ..half() };
    assert_eq!(payable(&decide(vec![capped], vec![milk()])), 1_700);
    let minimum = Minimum { amount: Some(Amount::new(2_100)), ..Minimum::default() };
    let from = Offer { conditions: Conditions { minimum, ..Conditions::default() }, ..half() };
    let missing = Amount::new(100);
    let below = decide(vec![from], vec![milk()]);
    assert_eq!(reasons(&below), [Reason::BelowMinimumAmount { missing }]);
    let group = GroupId::parse("g").ok();
    let grouped = |id: &str, reward| Offer { group: group.clone(), ..offer(id, reward) };
    let offers = vec![
        grouped("a", Reward::LinePercent(Percent::whole(49))),
        grouped("b", Reward::BuyGet(buy_get(1, 1))),
        grouped("c", Reward::BasketAmount(Amount::new(999))),
    ];
    assert_eq!(by_offer(&decide(offers, vec![milk()])), [("b", 1_000)]);
    let alone = Offer { stacking: Stacking::Alone, ..half() };
    let late =
        decide(vec![offer("a", Reward::LinePercent(Percent::whole(1))), alone], vec![milk()]);
    assert_eq!(reasons(&late), [Reason::DoesNotStack]);
}

#[test]
fn discounts_together_stop_at_the_programmes_bounds_and_points_do_not() {
    let tenth = |id: &str| offer(id, Reward::BasketPercent(Percent::whole(20)));
    let bounded = |discounts| Programme {
        offers: vec![tenth("a"), tenth("b"), tenth("c")],
        discounts,
        ..club()
    };
    let percent = Some(Percent::whole(30));
    let receipt = DiscountBounds { receipt_percent_max: percent, ..DiscountBounds::default() };
    let per_line = DiscountBounds { line_percent_max: percent, ..DiscountBounds::default() };
    for bounds in [receipt, per_line] {
        let programme = bounded(bounds);
        let lines = vec![line("1", "milk", 1, 10_000), line("2", "bread", 1, 5_000)];
        let evaluator = Evaluator::new(programme);
        let scene = Scene::member(1_000);
        let decision = evaluator.decide(&spending(lines, 300), &scene.occasion());
        assert_eq!(by_offer(&decision), [("a", 3_000), ("b", 1_500)]);
        assert_eq!(reasons(&decision), [Reason::DiscountLimit], "30 % are reached");
        assert_eq!(decision.totals.redeemed.value(), 3_000, "points are the customer's own");
    }
}

#[test]
fn what_the_law_excludes_is_never_discounted() {
    let excluded_categories = [CategoryId::parse("tobacco").expect("plain")].into();
    let programme = Programme {
        offers: vec![offer("a", Reward::BasketPercent(Percent::whole(20)))],
        discounts: DiscountBounds { excluded_categories, ..DiscountBounds::default() },
        ..club()
    };
    let category = CategoryId::parse("tobacco/cigars").ok();
    let cigars = || Line { category: category.clone(), ..line("1", "cigars", 1, 10_000) };
    let scene = Scene::member(1_000);
    let both = basket(vec![cigars(), line("2", "milk", 1, 1_000)]);
    let decision = Evaluator::new(programme.clone()).decide(&both, &scene.occasion());
    assert_eq!(nets(&decision), [10_000, 800]);
    let spent = Evaluator::new(programme).decide(&spending(vec![cigars()], 300), &scene.occasion());
    assert_eq!((payable(&spent), reasons(&spent)), (10_000, vec![Reason::NoEligibleLine]));
}

#[test]
fn ld_9_a_percentage_or_an_amount_off_lines_may_be_for_so_many_units_the_dearest_first() {
    let limited = |reward, quantity_max| {
        vec![Offer { quantity_max: Some(Quantity::units(quantity_max)), ..offer("o", reward) }]
    };
    let tenth = || Reward::LinePercent(Percent::whole(10));
    let basket = || vec![line("1", "milk", 3, 1_000), line("2", "tv", 2, 50_000)];
    let cases = [
        (tenth(), 1, 5_000),
        (tenth(), 2, 10_000),
        (tenth(), 3, 10_100),
        (tenth(), 9, 10_300),
        (Reward::LineAmountEach(Amount::new(150)), 1, 150),
        (Reward::LineAmountEach(Amount::new(150)), 4, 600),
        (Reward::LineAmountEach(Amount::new(150)), 9, 750),
    ];
    for (reward, units, taken) in cases {
        let case = format!("{units} units of {reward:?}");
        let decision = decide(limited(reward, units), basket());
        assert_eq!(decision.totals.discount.value(), taken, "{case}");
    }
    // 10 % of one of three for 10.00 together, after a heap was made of two lines: 0.33.
    let odd = vec![
        Line { amount: Amount::new(333), ..line("1", "milk", 1, 333) },
        Line { amount: Amount::new(667), ..line("2", "milk", 2, 333) },
    ];
    assert_eq!(decide(limited(tenth(), 1), odd).totals.discount.value(), 33);
}

#[test]
fn ld_9_units_at_a_percentage_use_up_the_limits_of_member_and_customers() {
    let per_member = OfferLimit {
        per: LimitScope::Member,
        unit: UseUnit::Units,
        limit: UseLimit { window: CountWindow::Day, uses_max: 2 },
    };
    let offers = vec![Offer {
        limits: vec![per_member],
        ..offer("o", Reward::LinePercent(Percent::whole(20)))
    }];
    let decision = decide(offers, vec![line("1", "milk", 5, 1_000)]);
    assert_eq!(decision.totals.discount.value(), 400, "two units of five");
    let counted = decision.points.expect("a member").counted;
    assert_eq!(counted.iter().map(|counted| counted.by).collect::<Vec<_>>(), [2]);
}

#[test]
fn no_unit_comes_below_the_floor_of_its_goods_by_offers_or_points() {
    let floor = |skus: &[&str], price| PriceFloor {
        scope: on_skus(skus).scope,
        unit_price_min: Amount::new(price),
    };
    let price_floors = vec![floor(&["book"], 8_000), floor(&["book", "pen"], 900)];
    let programme = Programme {
        offers: vec![offer("o", Reward::BasketPercent(Percent::whole(50)))],
        discounts: DiscountBounds { price_floors, ..DiscountBounds::default() },
        ..club()
    };
    let lines = || {
        vec![
            line("1", "book", 1, 10_000),
            // Cheaper than its floor already: not discounted at all.
            line("2", "pen", 2, 500),
            line("3", "milk", 1, 3_000),
        ]
    };
    let scene = Scene::member(1_000);
    let evaluator = Evaluator::new(programme);
    let decision = evaluator.decide(&basket(lines()), &scene.occasion());
    assert_eq!(nets(&decision), [8_000, 1_000, 0]);
    let spent = evaluator.decide(&spending(lines(), 300), &scene.occasion());
    assert_eq!(nets(&spent)[..2], [8_000, 1_000], "points as a discount neither");
}

#[test]
fn all_discounts_together_stop_at_the_amount_for_a_receipt() {
    let bounds = DiscountBounds {
        receipt_amount_max: Some(Amount::new(700)),
        receipt_percent_max: Some(Percent::whole(50)),
        ..DiscountBounds::default()
    };
    for (price, taken) in [(10_000, 700), (1_400, 420), (1_000, 300)] {
        let programme = Programme {
            offers: vec![offer("o", Reward::BasketPercent(Percent::whole(30)))],
            discounts: bounds.clone(),
            ..club()
        };
        let decision = decide_by(programme, vec![line("1", "tv", 1, price)], &Scene::member(0));
        assert_eq!(decision.totals.discount.value(), taken, "{price}");
    }
}
