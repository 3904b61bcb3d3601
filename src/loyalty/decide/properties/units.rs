//! Offers on units against a slow reference that looks at every unit.

use proptest::prelude::*;

use super::{cases, ran};
use crate::loyalty::basket::Line;
use crate::loyalty::decide::Evaluator;
use crate::loyalty::decide::examples::*;
use crate::loyalty::programme::{
    Bundle, BundlePart, BundleValue, BuyGet, GotUnits, Programme, QuantityStep, Reward,
};
use crate::money::{Amount, Percent, Quantity};

const SKUS: [&str; 4] = ["a", "b", "c", "d"];

/// Units by product, with a price each.
type Shelf = Vec<(usize, i64, i64)>;

fn any_shelf() -> impl Strategy<Value = Shelf> {
    prop::collection::vec((0..SKUS.len(), 1_i64..4, 1_i64..12), 1..5)
}

fn lines_of(shelf: &Shelf) -> Vec<Line> {
    let line_of = |(n, (sku, units, price)): (usize, &(usize, i64, i64))| {
        line(&n.to_string(), SKUS[*sku], *units, price * 100)
    };
    shelf.iter().enumerate().map(line_of).collect()
}

/// Every unit: its product and price.
fn units_of(shelf: &Shelf) -> Vec<(usize, i64)> {
    let each =
        shelf.iter().flat_map(|(sku, units, price)| (0..*units).map(move |_| (*sku, price * 100)));
    each.collect()
}

fn discount(reward: Reward, lines: Vec<Line>) -> i64 {
    let programme = Programme { offers: vec![offer("o", reward)], ..club() };
    let scene = Scene::member(0);
    let decision = Evaluator::new(programme).decide(&basket(lines), &scene.occasion());
    decision.totals.discount.value()
}

fn dearest_first(shelf: &Shelf) -> Vec<i64> {
    let mut prices: Vec<i64> = units_of(shelf).into_iter().map(|(_, price)| price).collect();
    prices.sort_unstable_by(|a, b| b.cmp(a));
    prices
}

/// What the dearest assignment of units to slots is worth; `None` where they cannot be filled.
fn best_filling(units: &[(usize, i64)], used: &mut Vec<bool>, slots: &[Vec<usize>]) -> Option<i64> {
    let Some((slot, others)) = slots.split_first() else { return Some(0) };
    let mut best = None;
    for at in 0..units.len() {
        if used[at] || !slot.contains(&units[at].0) {
            continue;
        }
        used[at] = true;
        let with = best_filling(units, used, others).map(|worth| worth + units[at].1);
        used[at] = false;
        best = best.max(with);
    }
    best
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn sets_are_made_from_the_dearest_units_down(
        shelf in any_shelf(), buy in 1_u32..4, get in 1_u32..3, dearest in any::<bool>(),
        times_max in prop::option::of(1_u32..3),
    ) {
        let expected: i64 = dearest_first(&shelf)
            .chunks_exact((buy + get) as usize)
            .take(times_max.map_or(usize::MAX, |times| times as usize))
            .map(|set| -> i64 {
                let (buy, get) = (buy as usize, get as usize);
                if dearest { set[..get].iter().sum() } else { set[buy..].iter().sum() }
            })
            .sum();
        let which = if dearest { GotUnits::Dearest } else { GotUnits::Cheapest };
        let deal = BuyGet { buy, get, percent: Percent::WHOLE, which, get_scope: None, times_max };
        prop_assert_eq!(discount(Reward::BuyGet(deal), lines_of(&shelf)), expected);
        ran();
    }

    #[test]
    fn paying_in_two_receipts_never_saves_on_a_set(
        shelf in any_shelf(), split in any::<prop::sample::Index>(), buy in 1_u32..4,
    ) {
        let reward = || Reward::BuyGet(BuyGet {
            buy, get: 1, percent: Percent::WHOLE, which: GotUnits::Cheapest, get_scope: None, times_max: None,
        });
        let lines = lines_of(&shelf);
        let at = split.index(lines.len());
        let (first, second) = lines.split_at(at);
        let parts = [first, second].into_iter().filter(|part| !part.is_empty());
        let apart: i64 = parts.map(|part| discount(reward(), part.to_vec())).sum();
        prop_assert!(discount(reward(), lines) >= apart);
        ran();
    }

    #[test]
    fn mix_and_match_takes_the_dearest_as_often_as_it_saves(
        shelf in any_shelf(), units in 1_u32..5, price in 1_i64..2_000,
        times_max in prop::option::of(1_u32..3),
    ) {
        let expected: i64 = dearest_first(&shelf)
            .chunks_exact(units as usize)
            .take(times_max.map_or(usize::MAX, |times| times as usize))
            .map(|group| (group.iter().sum::<i64>() - price).max(0))
            .sum();
        let reward = Reward::UnitsForPrice { units, price: Amount::new(price), times_max };
        prop_assert_eq!(discount(reward, lines_of(&shelf)), expected);
        ran();
    }

    #[test]
    fn bundles_save_the_most_that_any_choice_of_units_and_times_saves(
        shelf in prop::collection::vec((0..SKUS.len(), 1_i64..3, 1_i64..12), 1..4),
        parts in prop::collection::vec((prop::collection::btree_set(0..SKUS.len(), 1..4), 1_u32..3), 1..=3),
        price in 1_i64..2_000, percent in 1_u32..=100,
    ) {
        let units = units_of(&shelf);
        let one: Vec<Vec<usize>> = parts.iter().flat_map(|(skus, units)| {
            (0..*units).map(|_| skus.iter().copied().collect())
        }).collect();
        let (mut by_price, mut by_percent, mut slots) = (0, 0, one.clone());
        let mut times = 1;
        while let Some(worth) = best_filling(&units, &mut vec![false; units.len()], &slots) {
            by_price = by_price.max(worth - price * times);
            by_percent = (worth * i64::from(percent) + 50) / 100;
            slots.extend(one.clone());
            times += 1;
        }
        let parts: Vec<BundlePart> = parts.iter().map(|(skus, units)| {
            let skus: Vec<&str> = skus.iter().map(|at| SKUS[*at]).collect();
            BundlePart { scope: on_skus(&skus).scope, units: *units }
        }).collect();
        let bundle = |value| Reward::Bundle(Bundle { parts: parts.clone(), value, times_max: None });
        let lines = lines_of(&shelf);
        let value = BundleValue::Price(Amount::new(price));
        prop_assert_eq!(discount(bundle(value), lines.clone()), by_price);
        let value = BundleValue::Percent(Percent::whole(percent));
        prop_assert_eq!(discount(bundle(value), lines), by_percent);
        ran();
    }

    #[test]
    fn got_units_of_another_scope_are_the_cheapest_there_that_leave_enough_to_buy(
        shelf in prop::collection::vec((0..SKUS.len(), 1_i64..3, 1_i64..12), 1..4),
        bought in prop::collection::btree_set(0..SKUS.len(), 1..4),
        got in prop::collection::btree_set(0..SKUS.len(), 1..4), buy in 1_u32..3, get in 1_u32..3,
    ) {
        // The cheapest got units: the dearest where each unit is worth what is missing to 100.00.
        let turned: Vec<(usize, i64)> = units_of(&shelf).iter().map(|(sku, price)| (*sku, 10_000 - price)).collect();
        let slot = |set: &std::collections::BTreeSet<usize>| set.iter().copied().collect::<Vec<_>>();
        let mut expected = 0;
        for times in 1.. {
            let gots = (0..get * times).map(|_| slot(&got));
            let boughts = (0..buy * times).map(|_| slot(&bought));
            let both: Vec<_> = gots.clone().chain(boughts).collect();
            if best_filling(&turned, &mut vec![false; turned.len()], &both).is_none() {
                break;
            }
            // Only the got units count: the bought ones need no more than to exist.
            let count = i64::from(get * times);
            expected = count * 10_000 - best_got(&turned, &got, &bought, (get * times) as usize, (buy * times) as usize);
        }
        let on = |set: &std::collections::BTreeSet<usize>| {
            let skus: Vec<&str> = set.iter().map(|at| SKUS[*at]).collect();
            on_skus(&skus)
        };
        let reward = Reward::BuyGet(BuyGet {
            buy, get, percent: Percent::WHOLE, which: GotUnits::Cheapest,
            get_scope: Some(on(&got).scope), times_max: None,
        });
        let offer = crate::loyalty::Offer { conditions: on(&bought), ..offer("o", reward) };
        let programme = Programme { offers: vec![offer], ..club() };
        let scene = Scene::member(0);
        let decision = Evaluator::new(programme).decide(&basket(lines_of(&shelf)), &scene.occasion());
        prop_assert_eq!(decision.totals.discount.value(), expected);
        ran();
    }
}

/// The most that so many got units are worth while so many others can be bought.
fn best_got(
    units: &[(usize, i64)],
    got: &std::collections::BTreeSet<usize>,
    bought: &std::collections::BTreeSet<usize>,
    gets: usize,
    buys: usize,
) -> i64 {
    let subsets = 0_u32..1 << units.len();
    let fits = |subset: &u32| {
        let picked = |at: &usize| subset >> at & 1 == 1;
        let all_got = (0..units.len()).filter(picked).all(|at| got.contains(&units[at].0));
        let left = (0..units.len()).filter(|at| !picked(at) && bought.contains(&units[*at].0));
        subset.count_ones() as usize == gets && all_got && left.count() >= buys
    };
    let worth = |subset: u32| {
        (0..units.len()).filter(|at| subset >> at & 1 == 1).map(|at| units[at].1).sum::<i64>()
    };
    subsets.filter(fits).map(worth).max().unwrap_or(0)
}

#[test]
fn a_million_units_on_each_of_ten_thousand_lines_are_decided_by_heap() {
    let line_of = |n: i64| Line {
        quantity: Quantity::units(1_000_000),
        amount: Amount::new(1_000_000 * (1 + n % 90)),
        ..line(&n.to_string(), &format!("p{}", n % 3_000), 1, 1 + n % 90)
    };
    let lines: Vec<Line> = (0..10_000).map(line_of).collect();
    let gross: i64 = lines.iter().map(|line| line.amount.value()).sum();
    let two_for_one = BuyGet {
        buy: 1,
        get: 1,
        percent: Percent::WHOLE,
        which: GotUnits::Cheapest,
        get_scope: None,
        times_max: None,
    };
    assert_eq!(discount(Reward::BuyGet(two_for_one), lines.clone()), gross / 2);
    let half = vec![QuantityStep { from: 2, percent: Percent::whole(50) }];
    assert_eq!(discount(Reward::QuantityPercent(half), lines.clone()), gross / 2);
    let price = Amount::new(100);
    let saves = |unit: i64| (2 * unit - 100).max(0);
    let expected: i64 = lines.iter().map(|line| saves(line.unit_price.value()) * 500_000).sum();
    let reward = Reward::UnitsForPrice { units: 2, price, times_max: None };
    assert_eq!(discount(reward, lines), expected);
}
