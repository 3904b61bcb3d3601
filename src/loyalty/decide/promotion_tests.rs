//! What is said unasked: greetings (BQ-7, BC-11), and how much of it (BQ-32).

use std::collections::{BTreeMap, BTreeSet};

use super::Evaluator;
use super::examples::{Scene, basket, club, line, offer};
use crate::loyalty::basket::Basket;
use crate::loyalty::counter::{CountWindow, UseLimit};
use crate::loyalty::decision::Decision;
use crate::loyalty::ids::{FlagId, GreetingId, OfferId, StoreId, TierId};
use crate::loyalty::programme::{Offer, Programme, Reward};
use crate::loyalty::promotion::{Greeting, MessagePolicy, Promotion, ShownTo, Texts};
use crate::loyalty::terms::{Audience, Conditions, Membership, Minimum, Window};
use crate::money::{Amount, Percent};

fn greeting(id: &str, priority: i32, audience: Audience) -> Greeting {
    Greeting {
        id: GreetingId::parse(id).expect("an id"),
        priority,
        conditions: Conditions { audience, ..Conditions::default() },
        shown_to: ShownTo::Everybody,
        texts: Texts::new([("en", "Welcome".to_owned())].into()).expect("a text"),
        frequency: Vec::new(),
    }
}

fn flag(text: &str) -> BTreeSet<FlagId> {
    [FlagId::parse(text).expect("an id")].into()
}

fn for_flag(text: &str) -> Audience {
    Audience { flags: Some(flag(text)), ..Audience::default() }
}

/// Ten off from so much.
fn from(id: &str, least: i64, priority: i32) -> Offer {
    let minimum = Minimum { amount: Some(Amount::new(least)), ..Minimum::default() };
    let conditions = Conditions { minimum, ..Conditions::default() };
    let reward = Reward::BasketPercent(Percent::whole(10));
    Offer { conditions, priority, ..offer(id, reward) }
}

fn limit(window: CountWindow, uses_max: u32) -> UseLimit {
    UseLimit { window, uses_max }
}

fn policy(promotional_max: Option<u32>, frequency: &[UseLimit]) -> Option<MessagePolicy> {
    let frequency = frequency.to_vec();
    Some(MessagePolicy { promotional_max, frequency, ..MessagePolicy::default() })
}

fn told(promotions: &[Promotion]) -> Vec<String> {
    let name = |promotion: &Promotion| match promotion {
        Promotion::Greeting(id) => format!("greeting {id}"),
        Promotion::Offer(id) => format!("offer {id}"),
        Promotion::Rule(id) => format!("rule {id}"),
        Promotion::Reward(id) => format!("reward {id}"),
    };
    promotions.iter().map(name).collect()
}

fn milk() -> Basket {
    basket(vec![line("1", "milk", 1, 1_000)])
}

/// The account after a sale of a decision.
fn sell(evaluator: &Evaluator, scene: &mut Scene, decision: &Decision) {
    let points = decision.points.clone().expect("a member");
    let change = points.change(decision.totals.payable);
    let programme = evaluator.programme();
    let account = scene.account.take().expect("a member");
    let today = programme.day_of(scene.now);
    scene.account = Some(account.after(today, programme.entry_terms(), &change));
}

#[test]
fn bq_7_bc_11_a_greeting_is_for_a_flag_a_tier_a_time_and_a_store() {
    let silver = TierId::parse("silver").expect("an id");
    let of_silver = Audience { tiers: Some([silver].into()), ..Audience::default() };
    let everyone = Audience { membership: Membership::Everyone, ..Audience::default() };
    let april = Window { from: "2026-04-01".parse().ok(), ..Window::default() };
    let elsewhere = Some([StoreId::parse("S2").expect("an id")].into());
    let members = |id| greeting(id, 0, Audience::default());
    let greetings = vec![
        Greeting {
            conditions: Conditions { window: april, ..Conditions::default() },
            ..members("april")
        },
        greeting("everyone", 0, everyone),
        Greeting {
            conditions: Conditions { stores: elsewhere, ..Conditions::default() },
            ..members("s2")
        },
        greeting("silver", 0, of_silver),
        greeting("vip", 5, for_flag("vip")),
    ];
    let evaluator = Evaluator::new(Programme { greetings, messages: policy(None, &[]), ..club() });
    let vip = Scene { flags: flag("vip"), ..Scene::member(0) };
    let elsewhere = Scene {
        store: StoreId::parse("S2").expect("an id"),
        now: "2026-04-01T10:00:00Z".parse().expect("an instant"),
        ..Scene::member(0)
    };
    let mut spender = Scene::member(0);
    let bought = evaluator.decide(&basket(vec![line("1", "tv", 1, 200_000)]), &spender.occasion());
    sell(&evaluator, &mut spender, &bought);
    let cases: [(Scene, &[&str]); 5] = [
        (Scene::anonymous(), &["greeting everyone"]),
        (Scene::member(0), &["greeting everyone"]),
        (vip, &["greeting vip", "greeting everyone"]),
        (spender, &["greeting everyone", "greeting silver"]),
        (elsewhere, &["greeting april", "greeting everyone", "greeting s2"]),
    ];
    for (n, (scene, expected)) in cases.into_iter().enumerate() {
        assert_eq!(told(&evaluator.greet(&scene.occasion())), expected, "case {n}");
        let decision = evaluator.decide(&milk(), &scene.occasion());
        assert_eq!(told(&decision.promotions), expected, "with a basket, case {n}");
    }
}

#[test]
fn bq_32_an_answer_says_so_much_unasked_what_matters_most_first() {
    let programme = |promotional_max| Programme {
        greetings: vec![greeting("hello", 1, Audience::default())],
        messages: policy(promotional_max, &[]),
        offers: vec![from("a", 5_000, 0), from("b", 2_000, 0), from("c", 9_000, 9)],
        ..club()
    };
    let cases: [(Option<u32>, &[&str]); 5] = [
        (None, &["offer c", "greeting hello", "offer a", "offer b"]),
        (Some(3), &["offer c", "greeting hello", "offer a"]),
        (Some(2), &["offer c", "greeting hello"]),
        (Some(1), &["offer c"]),
        (Some(0), &[]),
    ];
    for (most, expected) in cases {
        let decision =
            Evaluator::new(programme(most)).decide(&milk(), &Scene::member(0).occasion());
        assert_eq!(told(&decision.promotions), expected, "{most:?}");
        assert_eq!(decision.refused.len(), 3, "what does not apply is explained all the same");
    }
    let silent = Programme { greetings: Vec::new(), messages: None, ..programme(None) };
    let decision = Evaluator::new(silent).decide(&milk(), &Scene::member(0).occasion());
    assert_eq!(told(&decision.promotions), ["offer a", "offer b", "offer c"], "nothing bounds it");
}

#[test]
fn bq_32_a_member_is_told_the_same_once_a_week_by_what_the_records_say() {
    let hello = Greeting {
        frequency: vec![limit(CountWindow::Day, 2)],
        ..greeting("hello", 0, Audience::default())
    };
    let programme = Programme {
        greetings: vec![hello, greeting("vip", 0, Audience::default())],
        messages: policy(None, &[limit(CountWindow::Week, 1)]),
        offers: vec![from("a", 5_000, 0), from("b", 9_000, 0)],
        ..club()
    };
    let evaluator = Evaluator::new(programme);
    let mut scene = Scene::member(0);
    let decide = |scene: &Scene| evaluator.decide(&milk(), &scene.occasion());
    let all = ["greeting hello", "greeting vip", "offer a", "offer b"];
    let first = decide(&scene);
    assert_eq!(told(&first.promotions), all);
    assert_eq!(told(&decide(&scene).promotions), all, "a quote counts nothing");
    sell(&evaluator, &mut scene, &first);
    let second = decide(&scene);
    assert_eq!(told(&second.promotions), ["greeting hello"], "it has a frequency of its own");
    assert_eq!(told(&evaluator.greet(&scene.occasion())), ["greeting hello"]);
    sell(&evaluator, &mut scene, &second);
    assert_eq!(told(&decide(&scene).promotions), [""; 0]);
    scene.now = "2026-03-11T09:30:00Z".parse().expect("an instant");
    assert_eq!(told(&decide(&scene).promotions), ["greeting hello"], "another day");
    scene.now = "2026-03-16T09:30:00Z".parse().expect("an instant");
    assert_eq!(told(&decide(&scene).promotions), all, "another week");
}

#[test]
fn bq_32_what_a_till_says_it_showed_counts_too() {
    let programme = Programme {
        messages: policy(Some(1), &[limit(CountWindow::Day, 1)]),
        offers: vec![from("a", 5_000, 9), from("b", 9_000, 0)],
        ..club()
    };
    let evaluator = Evaluator::new(programme);
    let showing = |shown: &[&str]| {
        let mut basket = milk();
        let shown = shown.iter().map(|id| OfferId::parse(id).expect("an id"));
        basket.note_shown(shown.collect());
        basket
    };
    let cases: [(&[&str], &[&str]); 3] =
        [(&[], &["offer b"]), (&["a"], &["offer b"]), (&["a", "b"], &[])];
    for (shown, expected) in cases {
        let mut scene = Scene::member(0);
        let decision = evaluator.decide(&showing(shown), &scene.occasion());
        assert_eq!(told(&decision.promotions), ["offer a"]);
        let counted = decision.points.as_ref().expect("a member").counted.len();
        assert_eq!(counted, shown.len().max(1), "each once: {shown:?}");
        sell(&evaluator, &mut scene, &decision);
        let next = evaluator.decide(&milk(), &scene.occasion());
        assert_eq!(told(&next.promotions), expected, "{shown:?}");
    }
}

#[test]
fn bq_32_nothing_is_counted_where_nothing_bounds_it() {
    let programme = Programme {
        greetings: vec![greeting("hello", 0, Audience::default())],
        messages: policy(None, &[]),
        offers: vec![from("a", 5_000, 0)],
        voucher_types: BTreeMap::new(),
        ..club()
    };
    let decision = Evaluator::new(programme).decide(&milk(), &Scene::member(0).occasion());
    assert_eq!(told(&decision.promotions), ["greeting hello", "offer a"]);
    assert_eq!(decision.points.expect("a member").counted, []);
}
