//! Offers that the customer calls for.

use super::examples::*;
use super::*;
use crate::loyalty::basket::{Line, RequestedBenefits};
use crate::loyalty::decision::{Benefit, Reason, Subject};
use crate::loyalty::ids::GroupId;
use crate::loyalty::offer_code::{CouponOf, OfferCode, PresentedCode};
use crate::loyalty::programme::*;
use crate::member_code::Coupon;
use crate::money::Percent;

const SERIAL: &str = "]Q32559501101530003123|3902150";

fn code(text: &str) -> OfferCode {
    OfferCode::parse(text).expect("a code")
}

fn coupon(raw: &str) -> Coupon {
    match PresentedCode::read(raw) {
        Ok(PresentedCode::Coupon(coupon)) => coupon,
        other => panic!("{raw}: {other:?}"),
    }
}

fn bringing(lines: Vec<Line>, codes: &[&str], coupons: &[&str]) -> Basket {
    let coupons = coupons.iter().map(|raw| coupon(raw));
    let benefits = RequestedBenefits {
        codes: codes.iter().map(|text| code(text)).collect(),
        coupons: coupons.map(|coupon| (coupon.number.clone(), coupon)).collect(),
        ..RequestedBenefits::default()
    };
    Basket::parse(lines, benefits).expect("a sound basket")
}

fn by_code(id: &str, codes: &[&str], percent: u32) -> Offer {
    let codes = codes.iter().map(|text| code(text)).collect();
    Offer {
        trigger: Trigger::Codes(codes),
        conditions: on_skus(&["milk"]),
        ..offer(id, Reward::LinePercent(Percent::whole(percent)))
    }
}

fn of_coupon(id: &str, of: CouponOf, reward: Reward) -> Offer {
    let conditions = on_skus(&["milk"]);
    Offer { trigger: Trigger::Coupon(of), conditions, ..offer(id, reward) }
}

fn decide(offers: Vec<Offer>, basket: &Basket, scene: &Scene) -> Decision {
    Evaluator::new(Programme { offers, ..club() }).decide(basket, &scene.occasion())
}

fn told(decision: &Decision) -> Vec<(Subject, Reason)> {
    let asked = |subject: &Subject| !matches!(subject, Subject::Rule(_));
    let refused = decision.refused.iter().filter(|refusal| asked(&refusal.subject));
    refused.map(|refusal| (refusal.subject.clone(), refusal.reason.clone())).collect()
}

fn milk() -> Vec<Line> {
    vec![line("1", "milk", 2, 5_000), line("2", "bread", 1, 1_000)]
}

#[test]
fn ld_18_an_offer_with_codes_comes_only_by_one_of_them() {
    let leaflet = || vec![by_code("leaf", &["LEAF10", "LEAF-B"], 10)];
    for (codes, discount, case) in [
        (&[][..], 0, "nobody gives one"),
        (&["leaf10"][..], 1_000, "in small letters"),
        (&["LEAF-B", "LEAF10"][..], 1_000, "two codes of one offer give it once"),
    ] {
        let decision = decide(leaflet(), &bringing(milk(), codes, &[]), &Scene::member(0));
        assert_eq!(decision.totals.discount.value(), discount, "{case}");
        assert_eq!(told(&decision), [], "{case}");
    }
    let unknown = decide(leaflet(), &bringing(milk(), &["LEAF99"], &[]), &Scene::member(0));
    assert_eq!(told(&unknown), [(Subject::Code(code("LEAF99")), Reason::OfferCodeUnknown)]);
}

#[test]
fn ld_18_a_code_whose_offer_does_not_apply_says_why() {
    let leaflet = || vec![by_code("leaf", &["LEAF10"], 10)];
    let bread = vec![line("1", "bread", 1, 1_000)];
    let subject = || Subject::Offer(offer("leaf", Reward::CouponValue).id);
    let none = decide(leaflet(), &bringing(bread, &["LEAF10"], &[]), &Scene::member(0));
    assert_eq!(told(&none), [(subject(), Reason::NoEligibleLine)]);
    let nobody = decide(leaflet(), &bringing(milk(), &["LEAF10"], &[]), &Scene::anonymous());
    assert_eq!(told(&nobody), [(subject(), Reason::MembersOnly)]);
    let scene = Scene::member(0);
    let everything = Occasion { explain: Explain::Everything, ..scene.occasion() };
    let evaluator = Evaluator::new(Programme { offers: leaflet(), ..club() });
    let asked = evaluator.decide(&basket(milk()), &everything);
    assert_eq!(told(&asked), [(subject(), Reason::NeedsCode)]);
}

#[test]
fn an_offer_called_for_competes_in_its_group_like_any_other() {
    let group = GroupId::parse("g").ok();
    let own = Offer { group: group.clone(), ..by_code("leaf", &["LEAF10"], 10) };
    let better = Offer {
        group,
        conditions: on_skus(&["milk"]),
        ..offer("other", Reward::LinePercent(Percent::whole(20)))
    };
    let decision =
        decide(vec![own, better], &bringing(milk(), &["LEAF10"], &[]), &Scene::member(0));
    assert_eq!(decision.totals.discount.value(), 2_000);
    assert!(matches!(told(&decision)[..], [(_, Reason::GroupBestIs { .. })]));
}

#[test]
fn a_coupon_gives_its_own_value_where_the_offer_says_so() {
    let by_number = |digits: &str| CouponOf::Number(digits.to_owned());
    let issuer = CouponOf::Issuer { issuer: "8508".to_owned(), offer: "01".to_owned() };
    for (raw, of, discount, case) in [
        ("]Q32559501101530003|3902150", by_number("95011"), 150, "1.50"),
        ("]Q32559501101530003|390115", by_number("95011"), 150, "1.5"),
        ("]Q32559501101530003|3900000", by_number("95011"), 5_000, "one unit for nothing"),
        ("]Q32559501101530003|39410125", by_number("95011"), 1_250, "12.5 %"),
        ("9828508010106", issuer.clone(), 10, "ten cents"),
        ("9828508010007", issuer, 5_000, "free goods"),
    ] {
        let offers = vec![of_coupon("c", of, Reward::CouponValue)];
        let decision = decide(offers, &bringing(milk(), &[], &[raw]), &Scene::member(0));
        assert_eq!(decision.totals.discount.value(), discount, "{case}: {:?}", told(&decision));
        let number = coupon(raw).number;
        assert!(
            matches!(&decision.applied[..], [applied] if matches!(&applied.benefit, Benefit::Coupon { number: used, .. } if *used == number)),
            "{case}"
        );
    }
}

#[test]
fn a_coupon_that_cannot_be_used_says_why() {
    let offers = || {
        let of = CouponOf::Number("95011".to_owned());
        vec![of_coupon("c", of, Reward::CouponValue)]
    };
    let until = chrono::NaiveDate::from_ymd_opt(2026, 3, 9).expect("a day");
    for (raw, reason) in [
        ("]Q32559501101530003|3902150|17260309", Reason::Over { until }),
        ("]Q32559501101530003|3903001", Reason::CouponUnusable),
        ("]Q32559501101530003|81110500", Reason::CouponUnusable),
        ("]Q32559501101530003", Reason::CouponUnusable),
        ("9828508010106", Reason::OfferCodeUnknown),
        (SERIAL, Reason::CouponUsed),
    ] {
        let coupons_used = [coupon(SERIAL).number].into();
        let scene = Scene { coupons_used, ..Scene::member(0) };
        let decision = decide(offers(), &bringing(milk(), &[], &[raw]), &scene);
        assert_eq!(told(&decision), [(Subject::Coupon(coupon(raw).number), reason)], "{raw}");
        assert_eq!(decision.totals.discount, Amount::ZERO, "{raw}");
    }
}

#[test]
fn of_one_offer_one_coupon_counts_whichever_may_still_be_used() {
    let of = CouponOf::Number("95011".to_owned());
    let offers = vec![of_coupon("c", of, Reward::CouponValue)];
    let (first, second) = (SERIAL, "]Q32559501101530003124|3902150");
    let both = bringing(milk(), &[], &[second, first]);
    let decision = decide(offers.clone(), &both, &Scene::member(0));
    assert_eq!(decision.totals.discount.value(), 150);
    let number = coupon(second).number;
    assert_eq!(told(&decision), [(Subject::Coupon(number.clone()), Reason::DoesNotStack)]);
    let coupons_used = [coupon(first).number].into();
    let decision = decide(offers, &both, &Scene { coupons_used, ..Scene::member(0) });
    assert_eq!(decision.totals.discount.value(), 150);
    let used = Subject::Coupon(coupon(first).number);
    assert_eq!(told(&decision), [(used, Reason::CouponUsed)]);
}
