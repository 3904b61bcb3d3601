//! Gifts that come by themselves (BC-9), from the basket to what a return claims.

use super::examples::{Scene, basket, club, line, offer, on_skus, presenting, sold_receipt};
use super::{Evaluator, VoucherStanding, VoucherState};
use crate::loyalty::basket::{Basket, Line, LineFlag, RequestedBenefits};
use crate::loyalty::birthday::{Birthday, BirthdayWindow};
use crate::loyalty::counter::{CountWindow, CounterId, UseLimit, UseUnit};
use crate::loyalty::decision::{Benefit, Decision, Reason, Subject};
use crate::loyalty::gifts::{GiftTerms, Gifts, GiftsBack};
use crate::loyalty::ids::{LineId, OfferId, Sku, VoucherId, VoucherTypeId};
use crate::loyalty::programme::{
    BuyGet, GotUnits, LimitScope, Offer, OfferLimit, Programme, Reward,
};
use crate::loyalty::programme::{VoucherType, VoucherValue};
use crate::loyalty::returns::{ReturnLine, Returned};
use crate::loyalty::terms::{Audience, Conditions, Membership, Minimum, MinimumOf};
use crate::money::{Amount, Percent, Quantity};

/// Gifts that a till says it gave.
type Said<'a> = &'a [(&'a str, u32)];

fn id(text: &str) -> OfferId {
    OfferId::parse(text).expect("an id")
}

fn gift(name: &str, minimum: Minimum, times_max: u32) -> Offer {
    let terms = GiftTerms { sku: None, price: Amount::new(1), units: 1, times_max };
    let conditions = Conditions { minimum, ..Conditions::default() };
    Offer { conditions, ..offer(name, Reward::Gift(terms)) }
}

fn from(amount: i64) -> Minimum {
    Minimum { amount: Some(Amount::new(amount)), ..Minimum::default() }
}

fn programme(offers: Vec<Offer>) -> Programme {
    Programme { offers, ..club() }
}

fn given(decision: &Decision) -> Vec<(&str, u32)> {
    let gift = decision.applied.iter().filter_map(|applied| match &applied.benefit {
        Benefit::Gift { offer, times } => {
            assert!(applied.amount.is_zero() && applied.allocations.is_empty());
            Some((offer.as_str(), *times))
        }
        _ => None,
    });
    gift.collect()
}

fn refused(decision: &Decision, name: &str) -> Option<Reason> {
    let subject = Subject::Offer(id(name));
    let found = decision.refused.iter().find(|refusal| refusal.subject == subject);
    found.map(|refusal| refusal.reason.clone())
}

#[test]
fn bc_9_a_gift_comes_for_each_time_that_the_minimum_is_met() {
    let quantity = |units| Minimum { quantity: Some(Quantity::units(units)), ..Minimum::default() };
    let both = Minimum { quantity: Some(Quantity::units(2)), ..from(10_000) };
    let cases = [
        (Minimum::default(), 1, Some(1)),
        (from(50_000), 1, Some(1)),
        (from(50_001), 1, None),
        (from(10_000), 1, Some(1)),
        (from(10_000), 3, Some(3)),
        (from(10_000), 9, Some(5)),
        (quantity(2), 9, Some(2)),
        (quantity(6), 9, None),
        (both, 9, Some(2)),
    ];
    for (n, (minimum, times_max, expected)) in cases.into_iter().enumerate() {
        let evaluator = Evaluator::new(programme(vec![gift("mug", minimum, times_max)]));
        let basket = basket(vec![line("1", "milk", 5, 10_000)]);
        let decision = evaluator.decide(&basket, &Scene::member(0).occasion());
        let expected: Vec<_> = expected.map(|times| ("mug", times)).into_iter().collect();
        assert_eq!(given(&decision), expected, "case {n}");
        assert_eq!(decision.totals.payable, Amount::new(50_000), "nothing is taken off");
    }
}

#[test]
fn bc_9_a_gift_is_for_goods_time_and_person_like_any_offer() {
    let mug = || gift("mug", from(10_000), 1);
    let of_milk = Conditions { minimum: from(10_000), ..on_skus(&["milk"]) };
    let of_basket = Minimum { of: MinimumOf::Basket, ..from(10_000) };
    let of_basket = Conditions { minimum: of_basket, ..on_skus(&["milk"]) };
    let everyone = Audience { membership: Membership::Everyone, ..Audience::default() };
    let everyone = Conditions { audience: everyone, ..mug().conditions };
    let window = BirthdayWindow { days_before: 0, days_after: 3 };
    let birthday = Audience { birthday: Some(window), ..Audience::default() };
    let birthday = Conditions { audience: birthday, ..Conditions::default() };
    let born = |text| Scene { birthday: Birthday::parse(text), ..Scene::member(0) };
    let no_discount =
        || Line { flags: [LineFlag::NoDiscount].into(), ..line("1", "tobacco", 2, 10_000) };
    let missing = |minor| Some(Reason::BelowMinimumAmount { missing: Amount::new(minor) });
    let milk = |price| line("1", "milk", 1, price);
    let bread = |price| line("2", "bread", 1, price);
    let member = || Scene::member(0);
    let cases = [
        (Conditions::default(), vec![milk(5)], Scene::anonymous(), Some(Reason::MembersOnly)),
        (everyone, vec![milk(10_000)], Scene::anonymous(), None),
        (mug().conditions, vec![milk(9_990)], member(), missing(10)),
        (of_milk.clone(), vec![milk(5_000), bread(9_000)], member(), missing(5_000)),
        (of_milk, vec![milk(10_000), bread(9_000)], member(), None),
        (of_basket.clone(), vec![milk(10), bread(9_990)], member(), None),
        (of_basket, vec![bread(10_000)], member(), None::<Reason>.filter(|_| false)),
        (Conditions::default(), vec![no_discount()], member(), Some(Reason::NoEligibleLine)),
        (birthday.clone(), vec![milk(5)], born("03-08"), None),
        (birthday, vec![milk(5)], born("03-05"), Some(Reason::NotBirthday)),
    ];
    for (n, (conditions, lines, scene, expected)) in cases.into_iter().enumerate() {
        let evaluator = Evaluator::new(programme(vec![Offer { conditions, ..mug() }]));
        let decision = evaluator.decide(&basket(lines.clone()), &scene.occasion());
        assert_eq!(refused(&decision, "mug"), expected, "case {n}");
        // Nothing of the goods is in the basket: nobody speaks of it, and nothing is given.
        let covered = lines.iter().any(|line| evaluator.programme().offers[0].covers(line));
        let is_given = expected.is_none() && covered;
        assert_eq!(given(&decision).len(), usize::from(is_given), "case {n}");
    }
}

#[test]
fn bc_9_the_line_that_the_till_adds_for_a_gift_earns_no_other() {
    let of_basket = Minimum { of: MinimumOf::Basket, ..from(1_000) };
    for minimum in [from(1_000), of_basket] {
        let sku = Sku::parse("mug").ok();
        let terms = GiftTerms { sku, price: Amount::new(1), units: 1, times_max: 9 };
        let mug = Offer { reward: Reward::Gift(terms), ..gift("mug", minimum, 9) };
        let evaluator = Evaluator::new(programme(vec![mug]));
        // 19.99 is one gift; with the mug for 0.01 it would be two. A mug that is bought counts.
        for (lines, expected) in [
            (vec![line("1", "milk", 1, 1_999)], 1),
            (vec![line("1", "milk", 1, 1_999), line("2", "mug", 1, 1)], 1),
            (vec![line("1", "milk", 1, 1_999), line("2", "mug", 1, 2)], 2),
        ] {
            let decision = evaluator.decide(&basket(lines), &Scene::member(0).occasion());
            assert_eq!(given(&decision), [("mug", expected)], "{minimum:?}");
        }
    }
}

#[test]
fn bc_9_the_minimum_is_what_offers_and_vouchers_left_before_points_are_spent() {
    let half = offer("half", Reward::BasketPercent(Percent::whole(50)));
    let kind = VoucherTypeId::parse("v").expect("an id");
    let voucher_type = VoucherType {
        id: kind.clone(),
        name: "v".to_owned(),
        conditions: Conditions::default(),
        value: VoucherValue::Amount(Amount::new(1_000)),
        cap: None,
        cost: None,
    };
    let programme = Programme {
        voucher_types: [(kind.clone(), voucher_type)].into(),
        ..programme(vec![gift("mug", from(9_000), 1), half])
    };
    let state = VoucherState {
        voucher_type: kind,
        standing: VoucherStanding::Usable,
        valid_from: None,
        valid_until: None,
    };
    let mut scene = Scene::member(5_000);
    scene.vouchers.insert(VoucherId::parse("V").expect("an id"), state);
    let evaluator = Evaluator::new(programme);
    for (price, expected) in [(20_000, 1), (19_999, 0)] {
        let basket = presenting(vec![line("1", "milk", 1, price)], &["V"]);
        let decision = evaluator.decide(&basket, &scene.occasion());
        assert_eq!(given(&decision).len(), expected, "{price}: half of it less 10.00");
    }
    let spending = super::examples::spending(vec![line("1", "milk", 1, 18_000)], 400);
    let decision = evaluator.decide(&spending, &scene.occasion());
    assert_eq!(given(&decision), [("mug", 1)], "points do not matter: {:?}", decision.totals);
}

#[test]
fn bc_9_limits_count_gifts_and_a_till_says_what_it_gave() {
    let limit = UseLimit { window: CountWindow::Month, uses_max: 1 };
    let limits = vec![OfferLimit { per: LimitScope::Member, unit: UseUnit::Receipts, limit }];
    let mug = Offer { limits, ..gift("mug", from(100), 2) };
    let evaluator = Evaluator::new(programme(vec![mug, gift("pen", from(100_000), 1)]));
    let scene = Scene::member(0);
    let saying = |gifts: Option<Said<'_>>| {
        let gifts = gifts.map(|gifts| gifts.iter().map(|(name, n)| (id(name), *n)).collect());
        let benefits = RequestedBenefits { gifts, ..RequestedBenefits::default() };
        Basket::parse(vec![line("1", "milk", 1, 250)], benefits).expect("a sound basket")
    };
    let due = Gifts::from([(id("mug"), 2)]);
    let cases: [(Option<Said<'_>>, Said<'_>, i64); 5] = [
        (None, &[("mug", 2)], 1),
        (Some(&[]), &[], 0),
        (Some(&[("mug", 1)]), &[("mug", 1)], 1),
        (Some(&[("mug", 3), ("pen", 1)]), &[("mug", 3), ("pen", 1)], 1),
        (Some(&[("of-last-year", 1)]), &[], 0),
    ];
    for (said, expected, uses) in cases {
        let decision = evaluator.decide(&saying(said), &scene.occasion());
        assert_eq!(given(&decision), expected, "{said:?}");
        assert_eq!(decision.gifts_due, due, "whatever the till says");
        let counted = decision.points.expect("a member").counted;
        let of_mug = counted.iter().filter(|counted| {
            matches!(&counted.counter, CounterId::OfferUses { offer, .. } if *offer == id("mug"))
        });
        assert_eq!(of_mug.map(|counted| counted.by).sum::<i64>(), uses, "{said:?}");
    }
}

/// What returns of so many units of milk claim, one after the other, and whether a use is left.
fn claims(programme: &Programme, decision: &Decision, units: &[i64]) -> (Vec<u32>, bool) {
    let lines = [line("1", "milk", 5, 10_000)];
    let scene = Scene::anonymous();
    let sold = sold_receipt(programme, &lines, decision, &scene);
    let evaluator = Evaluator::new(programme.clone());
    let (mut returned, mut uses) = (Returned::new(), 0);
    let claims = units.iter().map(|units| {
        let line_id = LineId::parse("1").expect("an id");
        let back = ReturnLine { line_id, quantity: Quantity::units(*units) };
        let outcome = evaluator.take_back(&sold, &returned, &[back]).expect("a sound return");
        returned = outcome.returned;
        if let Some(crate::loyalty::Change::Undo { counted, .. }) = outcome.change {
            let of_offer = counted.iter().filter(|counted| counted.counter.is_of_offer());
            uses += of_offer.map(|counted| counted.by).sum::<i64>();
        }
        outcome.gifts_back.iter().map(|(_, times)| times).sum()
    });
    let claims = claims.collect();
    (claims, uses == 0)
}

#[test]
fn bc_9_a_return_claims_what_the_rest_would_not_have_earned() {
    let limit = UseLimit { window: CountWindow::Month, uses_max: 9 };
    let limits = vec![OfferLimit { per: LimitScope::Account, unit: UseUnit::Receipts, limit }];
    let sell = |gifts_back, minimum, times_max, said: Option<u32>| {
        let mug = Offer { limits: limits.clone(), ..gift("mug", minimum, times_max) };
        let programme = Programme { gifts_back, ..programme(vec![mug]) };
        let gifts = said.map(|times| Gifts::from([(id("mug"), times)]));
        let benefits = RequestedBenefits { gifts, ..RequestedBenefits::default() };
        let basket = Basket::parse(vec![line("1", "milk", 5, 10_000)], benefits).expect("sound");
        let occasion = Scene::member(0);
        let decision = Evaluator::new(programme.clone()).decide(&basket, &occasion.occasion());
        (programme, decision)
    };
    let one = |minimum| sell(GiftsBack::Claimed, minimum, 1, None);
    let cases: [(_, &[i64], &[u32], bool); 9] = [
        (one(from(30_000)), &[1, 1], &[0, 0], true),
        (one(from(30_000)), &[3], &[1], false),
        (one(from(30_000)), &[2, 1, 2], &[0, 1, 0], false),
        (one(Minimum::default()), &[4, 1], &[0, 1], false),
        (sell(GiftsBack::Claimed, from(10_000), 3, None), &[2, 1, 1], &[0, 1, 1], true),
        (sell(GiftsBack::Claimed, from(10_000), 3, None), &[4], &[2], true),
        (sell(GiftsBack::Kept, from(30_000), 1, None), &[4, 1], &[0, 1], false),
        // More than was due was given: what the goods had earned is claimed, the rest at the end.
        (sell(GiftsBack::Claimed, from(30_000), 1, Some(2)), &[3, 2], &[1, 1], false),
        (sell(GiftsBack::Claimed, from(30_000), 1, Some(0)), &[3, 2], &[0, 0], true),
    ];
    for (n, ((programme, decision), units, expected, use_is_left)) in cases.into_iter().enumerate()
    {
        assert_eq!(claims(&programme, &decision, units), (expected.to_vec(), use_is_left), "{n}");
    }
}

#[test]
fn a_free_unit_comes_out_of_the_basket_or_on_top_of_it_as_the_programme_says() {
    let three = |units| vec![line("1", "soap", units, 1_000)];
    let out_of = offer(
        "third",
        Reward::BuyGet(BuyGet {
            buy: 2,
            get: 1,
            percent: Percent::WHOLE,
            which: GotUnits::Cheapest,
            get_scope: None,
            times_max: None,
        }),
    );
    let minimum = Minimum { quantity: Some(Quantity::units(2)), ..Minimum::default() };
    let on_top = Offer {
        conditions: Conditions { minimum, ..on_skus(&["soap"]) },
        ..offer(
            "extra",
            Reward::Gift(GiftTerms {
                sku: Sku::parse("soap").ok(),
                price: Amount::ZERO,
                units: 1,
                times_max: 9,
            }),
        )
    };
    // Units in the basket; what is paid; units that are handed out beside them.
    let cases = [
        (&out_of, 2, 2_000, 0),
        (&out_of, 3, 2_000, 0),
        (&on_top, 1, 1_000, 0),
        (&on_top, 2, 2_000, 1),
        (&on_top, 3, 3_000, 1),
        (&on_top, 4, 4_000, 2),
    ];
    for (offer, units, paid, handed_out) in cases {
        let programme = Programme { offers: vec![offer.clone()], ..club() };
        let scene = Scene::member(0);
        let decision = Evaluator::new(programme).decide(&basket(three(units)), &scene.occasion());
        let gifts: u32 = decision.gifts_due.values().sum();
        let found = (decision.totals.payable.value(), gifts);
        assert_eq!(found, (paid, handed_out), "{units} units under {}", offer.id);
    }
}
