//! Decisions of the largest baskets under the worst programmes: bounded work, bounded records.

use super::examples::*;
use super::*;
use crate::loyalty::basket::{LINES_MAX, Line};
use crate::loyalty::decision::{Benefit, Reason, Subject};
use crate::loyalty::ids::{GroupId, Sku};
use crate::loyalty::programme::{
    Bundle, BundlePart, BundleValue, BuyGet, GotUnits, Offer, Reward, Stacking, VoucherType,
    VoucherValue,
};
use crate::loyalty::terms::{Conditions, Minimum, MinimumOf, Scope};
use crate::money::Percent;

/// Lines of so many products, one unit each.
fn lines(count: usize) -> Vec<Line> {
    let line_of = |n: usize| line(&format!("l{n:05}"), &format!("p{n}"), 1, 10_000 + n as i64 % 97);
    (0..count).map(line_of).collect()
}

fn offers(count: usize, offer_of: impl Fn(usize, &str) -> Offer) -> Vec<Offer> {
    (0..count).map(|n| offer_of(n, &format!("o{n:04}"))).collect()
}

fn in_group(offer: Offer, number: usize) -> Offer {
    Offer { group: GroupId::parse(&format!("g{number}")).ok(), ..offer }
}

fn percent_of_basket(id: &str, thousandths: u32) -> Offer {
    offer(id, Reward::BasketPercent(Percent::from_thousandths(thousandths)))
}

/// A bundle whose parts everything fits.
fn bundle(parts: usize, value: BundleValue) -> Reward {
    let part = BundlePart { scope: Scope::default(), units: 1 };
    Reward::Bundle(Bundle { parts: vec![part; parts], value, times_max: None })
}

fn buy_get(buy: u32, get_scope: Option<Scope>) -> Reward {
    let (percent, which) = (Percent::WHOLE, GotUnits::Cheapest);
    Reward::BuyGet(BuyGet { buy, get: 1, percent, which, get_scope, times_max: None })
}

#[test]
fn no_decision_looks_more_often_at_its_goods_than_the_programme_says() {
    let dear = Amount::new(i64::MAX / 4);
    let never_saves = || BundleValue::Price(dear);
    let saves = || BundleValue::Price(Amount::new(9_000));
    let mix = || Reward::UnitsForPrice { units: 3, price: dear, times_max: None };
    let cent = || Reward::FixedPrice { price: Amount::new(1), quantity_max: None };
    let rivals = |n: usize, id: &str| in_group(percent_of_basket(id, 1_000), n / 3);
    let both_stages = |n: usize, id: &str| match n % 2 {
        0 => in_group(offer(id, buy_get(1 + n as u32 % 7, None)), n / 4),
        _ => in_group(percent_of_basket(id, 500), n / 4),
    };
    let elsewhere = || buy_get(1, Some(on_skus(&["p1"]).scope));
    let cases = [
        // offers, the least share of what was said that is really looked at
        (
            "dear bundles",
            offers(2, |n, id| in_group(offer(id, bundle(4, never_saves())), n / 2)),
            50,
        ),
        ("bundles that save", offers(4, |_, id| offer(id, bundle(3, saves()))), 3),
        ("mix and match", offers(80, |_, id| offer(id, mix())), 30),
        ("sets", offers(60, |n, id| offer(id, buy_get(1 + n as u32 % 7, None))), 50),
        ("sets from elsewhere", offers(60, |_, id| offer(id, elsewhere())), 50),
        ("groups over two stages", offers(40, both_stages), 50),
        ("percents in groups", offers(90, rivals), 50),
        ("fixed prices", offers(90, |_, id| offer(id, cent())), 90),
    ];
    // As many units as fit on a line: the more, the longer sets are searched for.
    let line_of = |n: i64| line(&format!("l{n}"), &format!("p{n}"), 1_000_000, 1_000 + n % 97);
    let basket = basket((0..600).map(line_of).collect());
    let scene = Scene::member(0);
    for (name, offers, least_percent) in cases {
        let count = offers.len() as u64;
        let programme = Programme { offers, ..club() };
        let cost = programme.line_cost().looks;
        assert!(cost <= LOOKS_PER_LINE_MAX, "{name} is sound: {cost}");
        let (_, looks) = Evaluator::new(programme).decide_counting(&basket, &scene.occasion());
        let said = 600 * cost + count;
        assert!(looks <= said, "{name}: {looks} looks, at most {said}");
        assert!(looks * 100 >= said * least_percent, "{name}: {looks} looks of {said}");
    }
}

#[test]
fn a_benefit_that_the_receipt_cannot_record_any_more_is_refused_in_its_turn() {
    let types = |id: &str| {
        let id = crate::loyalty::VoucherTypeId::parse(id).expect("plain");
        let value = VoucherValue::Percent(Percent::whole(1));
        let conditions = Conditions::default();
        (
            id.clone(),
            VoucherType { id, name: "v".to_owned(), conditions, value, cap: None, cost: None },
        )
    };
    let full = ALLOCATIONS_MAX / LINES_MAX;
    let offers = offers(full + 2, |_, id| percent_of_basket(id, 1_000));
    let programme = Programme { offers, voucher_types: [types("v")].into(), ..club() };
    let mut scene = Scene::member(5_000);
    let voucher = crate::loyalty::VoucherId::parse("v").expect("plain");
    let state = VoucherState {
        voucher_type: crate::loyalty::VoucherTypeId::parse("v").expect("plain"),
        standing: VoucherStanding::Usable,
        valid_from: None,
        valid_until: None,
    };
    scene.vouchers.insert(voucher.clone(), state);
    let benefits = crate::loyalty::RequestedBenefits {
        vouchers: [voucher.clone()].into(),
        spend: crate::loyalty::RequestedSpend::Exactly(Points::new(1_000)),
        ..Default::default()
    };
    let decided = |lines: Vec<Line>, offers_turned: bool| {
        let mut programme = programme.clone();
        if offers_turned {
            programme.offers.reverse();
        }
        let basket = Basket::parse(lines, benefits.clone()).expect("a sound basket");
        Evaluator::new(programme).decide(&basket, &scene.occasion())
    };
    let decision = decided(lines(LINES_MAX), false);
    let benefits: Vec<&Benefit> = decision.applied.iter().map(|applied| &applied.benefit).collect();
    assert_eq!(benefits.len(), full + 1, "as many offers as fit, and the points");
    assert_eq!(benefits.last(), Some(&&Benefit::Points(Points::new(1_000))));
    let parts: usize = decision.applied.iter().map(|applied| applied.allocations.len()).sum();
    assert!(parts <= ALLOCATIONS_MAX + LINES_MAX, "{parts}");
    let refused: Vec<_> =
        decision.refused.iter().map(|refusal| (&refusal.subject, &refusal.reason)).collect();
    let offer = |n: usize| Subject::Offer(OfferId::parse(&format!("o{n:04}")).expect("plain"));
    let (one, other) = (offer(full), offer(full + 1));
    let voucher_type = crate::loyalty::VoucherTypeId::parse("v").ok();
    let of_voucher = Subject::Voucher { voucher, voucher_type };
    let expected: Vec<_> =
        [&one, &other, &of_voucher].map(|subject| (subject, &Reason::AllocationLimit)).into();
    assert_eq!(refused, expected, "the later in their turns");
    let turned = decided(lines(LINES_MAX).into_iter().rev().collect(), true);
    assert_eq!(turned.totals, decision.totals);
    assert_eq!(turned.refused, decision.refused);
}

#[test]
fn a_basket_is_decided_anew_for_a_group_only_while_that_is_little_work() {
    let group = |offer: Offer| in_group(offer, 0);
    let unreachable = Minimum {
        amount: Some(Amount::new(i64::MAX)),
        of: MinimumOf::Basket,
        ..Minimum::default()
    };
    let idle = |_: usize, id: &str| Offer {
        conditions: Conditions { minimum: unreachable, ..Conditions::default() },
        ..percent_of_basket(id, 1_000)
    };
    let mut all = offers(80, idle);
    let first =
        Offer { stacking: Stacking::Alone, priority: 1, ..percent_of_basket("alone", 1_000) };
    all.push(first);
    all.push(group(percent_of_basket("p10", 10_000)));
    all.push(group(offer("p5", Reward::LinePercent(Percent::whole(5)))));
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let evaluator = Evaluator::new(Programme { offers: all, ..club() });
    let applied = |count: usize| {
        let scene = Scene::member(0);
        let (decision, looks) = evaluator.decide_counting(&basket(lines(count)), &scene.occasion());
        let ids: Vec<String> = decision
            .applied
            .iter()
            .map(|applied| match &applied.benefit {
                Benefit::Offer(id) => id.to_string(),
                other => format!("{other:?}"),
            })
            .collect();
        (ids.join(" "), looks)
    };
    let (gave, looks) = applied(100);
    assert_eq!(gave, "p5", "the next best of the group, and so nothing for what stands alone");
    assert!(looks < LOOKS_ANEW_MAX);
    let (gave, looks) = applied(LINES_MAX);
    assert_eq!(gave, "alone", "the first round stands");
    assert!(looks > LOOKS_ANEW_MAX);
}

#[test]
fn the_dearest_goods_are_those_under_most_offers_of_a_product_a_category_and_everything() {
    let simple = || Reward::LinePercent(Percent::whole(1));
    let of_sku = |sku: &str, id: &str| Offer { conditions: on_skus(&[sku]), ..offer(id, simple()) };
    let of_category = |path: &str, id: &str| {
        let categories = [crate::loyalty::CategoryId::parse(path).expect("plain")].into();
        let scope = Scope { categories, ..Scope::default() };
        Offer { conditions: Conditions { scope, ..Conditions::default() }, ..offer(id, simple()) }
    };
    let coded = |id: &str| {
        let code = crate::loyalty::OfferCode::parse(&format!("CODE{id}")).expect("a code");
        Offer { trigger: crate::loyalty::Trigger::Codes([code].into()), ..offer(id, simple()) }
    };
    let cost = |offers: Vec<Offer>| {
        let earn = Vec::new();
        let cost = Programme { offers, earn, ..club() }.line_cost();
        let named = |id: Option<String>| id.unwrap_or_default();
        (
            cost.looks,
            named(cost.sku.map(|id| id.to_string())),
            named(cost.category.map(|id| id.to_string())),
        )
    };
    let told = |looks: u64, sku: &str, category: &str| (looks, sku.to_owned(), category.to_owned());
    assert_eq!(cost(vec![]), told(0, "", ""));
    assert_eq!(cost(vec![of_sku("a", "1"), of_sku("b", "2"), of_sku("b", "3")]), told(6, "b", ""));
    let tree =
        vec![of_category("food", "1"), of_category("food/dairy", "2"), of_category("toys", "3")];
    assert_eq!(cost(tree), told(6, "", "food/dairy"));
    let codes = (0..50).map(|n| coded(&format!("{n:02}"))).collect();
    assert_eq!(cost(codes), told(20 * 4, "", ""), "a receipt carries at most 20 codes");
    let alone = vec![in_group(offer("1", simple()), 0), in_group(offer("2", simple()), 1)];
    assert_eq!(cost(alone), told(6, "", ""), "nothing to compare with");
    let rivals = vec![in_group(offer("1", simple()), 0), in_group(percent_of_basket("2", 1), 0)];
    assert_eq!(cost(rivals), told(2 * (1 + 2 * 3), "", ""), "compared in two stages, given in one");
    let list = [Sku::parse("a").expect("plain")].map(|sku| (sku, Amount::new(1))).into();
    let list = offer("1", Reward::PriceList { prices: list, quantity_max: None });
    assert_eq!(cost(vec![list]), told(5, "a", ""));
}
