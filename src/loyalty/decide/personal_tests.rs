//! Offers that single members carry: own windows (LD-51) and ranks (LD-57).

use chrono::NaiveDateTime;

use super::Evaluator;
use super::examples::{Scene, basket, club, line, offer, on_skus};
use crate::loyalty::counter::{CountWindow, UseLimit, UseUnit};
use crate::loyalty::decision::{Benefit, Decision, Reason, Subject};
use crate::loyalty::ids::{OfferId, VariantId};
use crate::loyalty::personal::{
    PersonalOffer, PersonalOffers, PersonalPolicy, PersonalWindow, Reach, Score,
};
use crate::loyalty::programme::{LimitScope, Offer, OfferLimit, Programme, Reward};
use crate::loyalty::terms::{Conditions, Window};
use crate::money::Percent;

fn id(text: &str) -> OfferId {
    OfferId::parse(text).expect("an id")
}

fn at(text: &str) -> NaiveDateTime {
    text.parse().expect("a local time")
}

/// A tenth off milk, for those who carry it.
fn personal(name: &str, sku: &str) -> Offer {
    let reward = Reward::LinePercent(Percent::whole(10));
    Offer { reach: Reach::Personal, conditions: on_skus(&[sku]), ..offer(name, reward) }
}

fn programme(offers: Vec<Offer>, shown_max: Option<u32>) -> Programme {
    Programme { offers, personal: PersonalPolicy { shown_max }, ..club() }
}

fn scored(score: u16) -> PersonalOffer {
    PersonalOffer { score: Score::new(score).expect("within the scale"), ..Default::default() }
}

fn open(from: Option<&str>, until: Option<&str>) -> PersonalOffer {
    let window = PersonalWindow { from: from.map(at), until: until.map(at) };
    PersonalOffer { window, ..PersonalOffer::default() }
}

fn carrying(offers: &[(&str, PersonalOffer)]) -> Scene {
    let personal: PersonalOffers =
        offers.iter().map(|(name, carried)| (id(name), carried.clone())).collect();
    Scene { personal, ..Scene::member(0) }
}

fn given(decision: &Decision) -> Vec<&str> {
    let of_offer = decision.applied.iter().filter_map(|applied| match &applied.benefit {
        Benefit::Offer(id) => Some(id.as_str()),
        _ => None,
    });
    of_offer.collect()
}

fn refused<'d>(decision: &'d Decision, name: &str) -> Option<&'d Reason> {
    let subject = Subject::Offer(id(name));
    let refusal = decision.refused.iter().find(|refusal| refusal.subject == subject)?;
    Some(&refusal.reason)
}

#[test]
fn ld_51_an_offer_applies_to_those_who_carry_it_within_their_own_window_and_its_own() {
    let march = Window { until: "2026-03-31".parse().ok(), ..Window::default() };
    let milk = personal("milk", "milk");
    let milk = Offer { conditions: Conditions { window: march, ..milk.conditions }, ..milk };
    let evaluator = Evaluator::new(programme(vec![milk], None));
    let basket = basket(vec![line("1", "milk", 1, 1_000)]);
    // It is 10 March, 10:30 in Prague.
    let from = at("2026-03-10T14:00:00");
    let until = at("2026-03-10T10:30:00");
    let cases = [
        (carrying(&[("milk", open(None, None))]), None),
        (carrying(&[("milk", open(Some("2026-03-10T10:30:00"), None))]), None),
        (carrying(&[("milk", open(None, Some("2026-03-10T10:30:01")))]), None),
        (
            carrying(&[("milk", open(Some("2026-03-10T14:00:00"), None))]),
            Some(Reason::OwnNotYet { from }),
        ),
        (
            carrying(&[("milk", open(None, Some("2026-03-10T10:30:00")))]),
            Some(Reason::OwnOver { until }),
        ),
        (carrying(&[("bread", open(None, None))]), Some(Reason::NotPersonal)),
        (Scene::member(0), Some(Reason::NotPersonal)),
        (Scene::anonymous(), Some(Reason::MembersOnly)),
    ];
    for (n, (scene, expected)) in cases.into_iter().enumerate() {
        let decision = evaluator.decide(&basket, &scene.occasion());
        assert_eq!(refused(&decision, "milk"), expected.as_ref(), "case {n}");
        assert_eq!(given(&decision).is_empty(), expected.is_some(), "case {n}");
    }
    let april = Scene {
        now: "2026-04-10T08:30:00Z".parse().expect("an instant"),
        ..carrying(&[("milk", open(None, None))])
    };
    let decision = evaluator.decide(&basket, &april.occasion());
    assert!(matches!(refused(&decision, "milk"), Some(Reason::Over { .. })), "{decision:?}");
}

#[test]
fn ld_57_only_the_best_of_what_is_open_to_the_member_counts_whatever_the_basket_has() {
    let offers = ["a", "b", "c", "d"].map(|name| personal(name, &format!("sku-{name}"))).to_vec();
    let all = || ["a", "b", "c", "d"].map(|name| line(name, &format!("sku-{name}"), 1, 1_000));
    let closed = open(Some("2026-03-11T00:00:00"), None);
    let carried = [
        ("a", PersonalOffer { score: scored(990).score, ..closed }),
        ("b", scored(100)),
        ("c", scored(700)),
        ("d", scored(100)),
    ];
    let decide = |shown_max, lines: Vec<_>| {
        let evaluator = Evaluator::new(programme(offers.clone(), shown_max));
        evaluator.decide(&basket(lines), &carrying(&carried).occasion())
    };
    for (shown_max, expected) in [
        (None, &["b", "c", "d"][..]),
        (Some(3), &["b", "c", "d"][..]),
        (Some(2), &["b", "c"][..]),
        (Some(1), &["c"][..]),
    ] {
        let decision = decide(shown_max, all().to_vec());
        let mut applied = given(&decision);
        applied.sort_unstable();
        assert_eq!(applied, expected, "{shown_max:?}");
        let outranked = ["b", "c", "d"].iter().filter(|name| !expected.contains(name));
        for name in outranked {
            assert_eq!(refused(&decision, name), Some(&Reason::Outranked), "{shown_max:?} {name}");
        }
    }
    // Only d is in the basket: c and b, which come first, are still the member's two best.
    let decision = decide(Some(2), all()[3..].to_vec());
    assert_eq!(given(&decision), [""; 0]);
    assert_eq!(refused(&decision, "d"), Some(&Reason::Outranked));
}

#[test]
fn ld_57_an_offer_that_is_used_up_makes_room_for_the_next() {
    let limit = UseLimit { window: CountWindow::Ever, uses_max: 1 };
    let limits = vec![OfferLimit { per: LimitScope::Member, unit: UseUnit::Receipts, limit }];
    let once = Offer { limits, ..personal("a", "milk") };
    let evaluator = Evaluator::new(programme(vec![once, personal("b", "milk")], Some(1)));
    let carried = [("a", scored(900)), ("b", scored(10))];
    let mut scene = carrying(&carried);
    let basket = basket(vec![line("1", "milk", 1, 1_000)]);
    let first = evaluator.decide(&basket, &scene.occasion());
    assert_eq!(given(&first), ["a"]);
    let points = first.points.expect("a member");
    let account = scene.account.take().expect("a member");
    let change = points.change(first.totals.payable);
    let day = "2026-03-10".parse().expect("a day");
    scene.account = Some(account.after(day, evaluator.programme().entry_terms(), &change));
    assert_eq!(given(&evaluator.decide(&basket, &scene.occasion())), ["b"]);
}

#[test]
fn ld_57_the_decision_says_what_it_read_of_the_members_offers() {
    let offers = vec![personal("a", "milk"), personal("b", "bread"), personal("c", "milk")];
    let evaluator = Evaluator::new(programme(offers, Some(1)));
    let variant = VariantId::parse("B").ok();
    let best = PersonalOffer { variant, ..scored(870) };
    let scene = carrying(&[("a", scored(5)), ("b", scored(3)), ("c", best.clone())]);
    let decision = evaluator.decide(&basket(vec![line("1", "milk", 1, 1_000)]), &scene.occasion());
    let read: Vec<_> =
        decision.personal.iter().map(|read| (read.offer.as_str(), &read.as_carried)).collect();
    assert_eq!(read, [("a", &scored(5)), ("c", &best)], "what is about goods of the basket");
    assert_eq!(given(&decision), ["c"]);
}
