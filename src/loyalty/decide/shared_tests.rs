//! Limits over all customers (LD-9).

use chrono::TimeDelta;

use super::examples::{Scene, basket, club, line, offer, on_skus};
use super::{Evaluator, Occasion, SharedUses};
use crate::loyalty::counter::{CountWindow, Counted, UseLimit, UseUnit};
use crate::loyalty::decision::{Decision, Reason, Subject};
use crate::loyalty::programme::{Offer, Reward};
use crate::loyalty::shared_limit::{SharedLimit, SharedOffline, SharedScope};
use crate::loyalty::terms::{Audience, Conditions, Membership};
use crate::money::Amount;

const ANY: SharedOffline = SharedOffline::Approximate;

fn limited(unit: UseUnit, window: CountWindow, uses_max: u32, offline: SharedOffline) -> Offer {
    let limit = UseLimit { window, uses_max };
    let reward = Reward::FixedPrice { price: Amount::new(1), quantity_max: None };
    let shared_limits = vec![SharedLimit { per: SharedScope::Store, unit, limit, offline }];
    let audience = Audience { membership: Membership::Everyone, ..Audience::default() };
    let conditions = Conditions { audience, ..on_skus(&["bread"]) };
    Offer { conditions, shared_limits, ..offer("grosz", reward) }
}

fn evaluator(offer: Offer) -> Evaluator {
    let mut programme = club();
    programme.offers = vec![offer];
    Evaluator::new(programme)
}

/// Buys bread and counts what that used, as a ledger does.
fn bought(evaluator: &Evaluator, scene: &mut Scene, units: i64) -> Decision {
    let bread = basket(vec![line("1", "bread", units, 5_000)]);
    let decision = evaluator.decide(&bread, &scene.occasion());
    let day = evaluator.programme().day_of(scene.now);
    for used in &decision.shared {
        scene.shared_uses.add(&used.counter, day, used.by);
    }
    decision
}

fn refusals(decision: &Decision) -> Vec<&Reason> {
    let of_offers = decision.refused.iter().filter(|r| matches!(r.subject, Subject::Offer(_)));
    of_offers.map(|refusal| &refusal.reason).collect()
}

#[test]
fn ld_9_all_customers_together_use_an_offer_so_often_with_or_without_a_card() {
    let evaluator = evaluator(limited(UseUnit::Receipts, CountWindow::Day, 2, ANY));
    let mut scene = Scene::anonymous();
    assert_eq!(bought(&evaluator, &mut scene, 3).totals.payable, Amount::new(3));
    scene.account = Scene::member(0).account;
    assert_eq!(bought(&evaluator, &mut scene, 1).totals.payable, Amount::new(1));
    let third = bought(&evaluator, &mut scene, 1);
    let limit = UseLimit { window: CountWindow::Day, uses_max: 2 };
    let per = SharedScope::Store;
    assert_eq!(refusals(&third), [&Reason::SharedLimitReached { per, limit }]);
    assert_eq!((third.totals.payable, third.shared), (Amount::new(5_000), Vec::new()));
    scene.now += TimeDelta::days(1);
    assert_eq!(bought(&evaluator, &mut scene, 1).totals.payable, Amount::new(1), "the next day");
}

#[test]
fn ld_9_units_are_given_as_far_as_they_go_and_an_agent_gives_no_more_than_its_slice() {
    let cases = [(4, ANY, 4, [3, 1]), (100, SharedOffline::Slice(5), 5, [3, 2])];
    for (uses_max, offline, together, each) in cases {
        let of_units = limited(UseUnit::Units, CountWindow::Ever, uses_max, offline);
        let evaluator = evaluator(of_units);
        let mut scene = Scene::anonymous();
        let used: Vec<i64> =
            (0..2).map(|_| bought(&evaluator, &mut scene, 3).shared[0].by).collect();
        assert_eq!((used.as_slice(), used.iter().sum::<i64>()), (each.as_slice(), together));
        assert_eq!(refusals(&bought(&evaluator, &mut scene, 3)).len(), 1, "{offline:?}");
    }
}

#[test]
fn ld_9_several_limits_count_a_use_once_and_all_of_them_hold() {
    let mut twice = limited(UseUnit::Receipts, CountWindow::Day, 1, ANY);
    let weekly = UseLimit { window: CountWindow::Week, uses_max: 2 };
    twice.shared_limits.push(SharedLimit { limit: weekly, ..twice.shared_limits[0] });
    let evaluator = evaluator(twice);
    let mut scene = Scene::anonymous();
    let given = |decision: &Decision| decision.shared.iter().map(|used| used.by).sum::<i64>();
    // A Tuesday.
    for expected in [1, 0, 1, 0, 0] {
        assert_eq!(given(&bought(&evaluator, &mut scene, 1)), expected, "{}", scene.now);
        scene.now += TimeDelta::hours(13);
    }
}

#[test]
fn ld_9_what_was_quoted_before_others_used_it_up_counts_beyond_the_limit() {
    let evaluator = evaluator(limited(UseUnit::Receipts, CountWindow::Day, 1, ANY));
    let mut scene = Scene::anonymous();
    bought(&evaluator, &mut scene, 1);
    let shared_uses = SharedUses::Beyond(&scene.shared_uses);
    let bread = basket(vec![line("1", "bread", 1, 5_000)]);
    let beyond = evaluator.decide(&bread, &Occasion { shared_uses, ..scene.occasion() });
    let counter = evaluator.programme().offers[0].shared_limits[0]
        .counter(&evaluator.programme().offers[0].id);
    assert_eq!(beyond.shared, [Counted { counter, before: 1, by: 1 }]);
    assert_eq!(beyond.totals.payable, Amount::new(1));
}

#[test]
fn what_is_read_beforehand_covers_every_window_of_an_offer() {
    let mut offer = limited(UseUnit::Receipts, CountWindow::Day, 1, ANY);
    let today = "2026-03-10".parse().expect("a day");
    let days = |offer: &Offer| {
        let evaluator = evaluator(offer.clone());
        let counters = evaluator.programme().shared_counters(today);
        assert_eq!(counters.len(), 1, "one counter");
        counters.into_values().next().flatten().map(|(first, last)| format!("{first} {last}"))
    };
    assert_eq!(days(&offer).as_deref(), Some("2026-03-10 2026-03-10"));
    let weekly = UseLimit { window: CountWindow::Week, uses_max: 2 };
    offer.shared_limits.push(SharedLimit { limit: weekly, ..offer.shared_limits[0] });
    assert_eq!(days(&offer).as_deref(), Some("2026-03-09 2026-03-15"));
    let ever = UseLimit { window: CountWindow::Ever, uses_max: 2 };
    offer.shared_limits.push(SharedLimit { limit: ever, ..offer.shared_limits[0] });
    assert_eq!(days(&offer), None, "all days");
    let none = Evaluator::new(club());
    assert!(none.programme().shared_counters(today).is_empty());
}

#[test]
fn only_offers_on_goods_of_the_basket_are_asked_about() {
    let evaluator = evaluator(limited(UseUnit::Units, CountWindow::Day, 5, ANY));
    let programme = evaluator.programme();
    let today = programme.day_of(Scene::anonymous().now);
    let asked = |sku| {
        let basket = basket(vec![line("1", "tea", 1, 100), line("2", sku, 1, 100)]);
        evaluator.shared_counters_for(&basket, today).len()
    };
    assert_eq!((asked("bread"), asked("milk")), (1, 0));
    assert_eq!(programme.shared_counters(today).len(), 1);
}
