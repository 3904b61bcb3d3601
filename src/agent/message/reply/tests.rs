use chrono::NaiveTime;
use serde_json::{Value, json};

use super::examples::{programme, recorded};
use super::receipt::ReceiptState;
use super::rejected::RejectedReply;
use super::*;
use crate::agent::message::presentation::{DiscountStyle, Presentation};
use crate::agent::till::answer::{Novelty, ReceiptStatus};
use crate::journal::{Body, Kind};
use crate::loyalty::{GroupId, OfferId, Reason, Refusal, Subject, TierId};
use crate::money::{Amount, Points, Quantity};
use crate::wire::wording::Language;

fn rendered(kind: Kind, presentation: Presentation) -> Value {
    let (recorded, programme) = (recorded(kind), programme());
    serde_json::to_value(RecordReply::of(&recorded, &programme, presentation)).expect("JSON")
}

#[test]
fn a_sale_is_told_from_its_record() {
    let reply = rendered(Kind::Sale, Presentation::default());
    let told = |pointer: &str| reply.pointer(pointer).cloned().unwrap_or_default();
    let cases = [
        ("/kind", json!("sale")),
        ("/record/sequence", json!(1)),
        ("/record/code", json!("1-0000")),
        ("/record/recorded_at", json!("2026-02-28T10:30:15.250+01:00")),
        ("/record/till", json!("till-3")),
        ("/receipt_uid", json!("3f0c1a52-7d34-4b0e-9f57-2a6f0c9d1e77")),
        (
            "/lines/0",
            json!({"line_id": "1", "gross": 7980, "discount": 1596, "redeemed": 200, "net": 6184}),
        ),
        ("/effects/0/type", json!("line_discount")),
        ("/effects/0/label", json!("Everything from the dairy -20 %")),
        ("/effects/0/allocations", json!([{"line_id": "1", "amount": 1596}])),
        ("/effects/1/type", json!("points_burn")),
        ("/effects/1/points", json!(10)),
        ("/effects/2/type", json!("points_earn")),
        ("/effects/2/effect_id", json!("e3")),
        ("/rejected/0/message", json!("361.37 more and 50 off from 500 applies")),
        ("/rejected/0/reason", json!("below_minimum_amount")),
        ("/totals/payable", json!(12_276)),
        ("/points/before", json!(1_240)),
        ("/points/after", json!(1_244)),
        ("/points/next_expiry", json!({"date": "2027-02-28", "points": 1_244})),
        ("/tier/next", json!("gold")),
        ("/tier/missing", json!(2_000_000 - 1_250_300 - 12_276)),
        ("/tier/progress_percent", json!(26)),
        ("/flags", json!(["late_commit"])),
        ("/negative_lines", Value::Null),
    ];
    for (pointer, expected) in cases {
        assert_eq!(told(pointer), expected, "{pointer}");
    }
}

#[test]
fn a_repeated_answer_has_the_same_bytes() {
    let (mut recorded, programme) = (recorded(Kind::Sale), programme());
    let bytes = |recorded: &_| {
        let reply = RecordReply::of(recorded, &programme, Presentation::default());
        serde_json::to_vec(&reply).expect("JSON")
    };
    let first = bytes(&recorded);
    recorded.novelty = Novelty::Repeated;
    assert_eq!(bytes(&recorded), first);
}

#[test]
fn negative_lines_book_each_discount_by_tax_rate() {
    let style = DiscountStyle::NegativeLines;
    let reply = rendered(Kind::Sale, Presentation { style, ..Presentation::default() });
    assert_eq!(
        reply["negative_lines"],
        json!([
            {
                "effect_id": "e1",
                "label": "Everything from the dairy -20 %",
                "amount": -1596,
                "tax_rate": "12"
            },
            {"effect_id": "e2", "label": "Points", "amount": -1000, "tax_rate": "12"},
        ])
    );
}

#[test]
fn points_spent_beyond_the_balance_are_debt_that_the_earned_ones_settle() {
    let mut recorded = recorded(Kind::Sale);
    let Body::Sale(sale) = &mut recorded.record.body else {
        panic!("a sale");
    };
    let member = sale.member.as_mut().expect("a member");
    let cases = [
        // balance, debt, spent, earned -> after, debt after
        (100, 0, 30, 5, 75, 0),
        (10, 0, 30, 5, 0, 15),
        (0, 3, 0, 5, 2, 0),
        (0, 8, 0, 5, 0, 3),
    ];
    for (balance, debt, spent, earned, after, debt_after) in cases {
        member.inputs.balance = Points::new(balance);
        member.inputs.debt = Points::new(debt);
        (member.spent, member.earned) = (Points::new(spent), Points::new(earned));
        let told = PointsReply::of_member(member, &sale_of(Kind::Sale), &recorded.record.header);
        assert_eq!((told.after, told.debt_after), (after, debt_after), "{balance} {debt} {spent}");
    }
}

fn sale_of(kind: Kind) -> crate::journal::Sale {
    match recorded(kind).record.body {
        Body::Sale(sale) => *sale,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_kind_of_record_has_an_answer() {
    for kind in Kind::ALL {
        let reply = rendered(*kind, Presentation::default());
        let told = reply["kind"].as_str().expect("a kind");
        assert!(told == kind.name() || reply["what"] == kind.name(), "{kind}: {reply}");
        assert_eq!(reply["record"]["epoch"], 1, "{kind}");
    }
    let undo = rendered(Kind::Return, Presentation::default());
    assert_eq!(undo["lines"][1], json!({"line_id": "3", "quantity": "0.250"}));
    assert_eq!(undo["account"]["restored"], 3);
}

#[test]
fn a_receipt_says_what_became_of_it() {
    let (sale, programme) = (recorded(Kind::Sale), programme());
    let mut whole = recorded(Kind::Return);
    let Body::Return(undo) = &mut whole.record.body else {
        panic!("a return");
    };
    undo.lines = sale_of(Kind::Sale)
        .lines
        .into_iter()
        .map(|sold| (sold.line.line_id, sold.line.quantity))
        .collect();
    let cases = [
        (vec![], ReceiptState::Sold),
        (vec![recorded(Kind::Assign)], ReceiptState::Sold),
        (vec![recorded(Kind::Return)], ReceiptState::ReturnedInPart),
        (vec![whole], ReceiptState::Returned),
        (vec![recorded(Kind::Return), recorded(Kind::Void)], ReceiptState::Voided),
    ];
    for (followed_by, state) in cases {
        let status = ReceiptStatus { sale: sale.clone(), followed_by };
        let reply = ReceiptReply::of(&status, &programme, Presentation::default());
        assert_eq!(reply.state, state, "{:?}", status.followed_by.len());
    }
}

#[test]
fn the_etag_changes_with_the_last_record_and_the_looks() {
    let programme = programme();
    let mut later = recorded(Kind::Void);
    later.signature = crate::journal::Signature::from_bytes([1; 64]);
    let sold = ReceiptStatus { sale: recorded(Kind::Sale), followed_by: vec![] };
    let voided = ReceiptStatus { sale: recorded(Kind::Sale), followed_by: vec![later] };
    let wide = Presentation { columns: 48, ..Presentation::default() };
    let tag = |status, looks| ReceiptReply::etag(status, &programme, looks);
    assert_eq!(tag(&sold, wide), "\"000000000000000000000000-12-48l-en\"");
    assert_ne!(tag(&sold, wide), tag(&voided, wide));
    assert_ne!(tag(&sold, wide), tag(&sold, wide.speaking(Some("cs"))));
    assert_ne!(tag(&sold, wide), tag(&sold, Presentation::default()));
}

#[test]
fn a_quotes_refusals_are_told_with_their_particulars() {
    let programme = programme();
    let offer = |id: &str| OfferId::parse(id).expect("an id");
    let day = |text: &str| text.parse().expect("a day");
    let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour");
    let cases = [
        (Reason::NotYet { from: day("2026-03-01") }, "50 off from 500 begins on 2026-03-01"),
        (Reason::Over { until: day("2026-01-01") }, "50 off from 500 ended on 2026-01-01"),
        (
            Reason::OtherHours { from: hour(8), to: hour(10) },
            "50 off from 500 applies from 08:00 to 10:00",
        ),
        (
            Reason::OtherTier { needs: vec![TierId::parse("gold").expect("an id")] },
            "50 off from 500 is for Gold",
        ),
        (
            Reason::GroupBestIs {
                group: GroupId::parse("g").expect("an id"),
                offer: offer("dairy-20"),
            },
            "Everything from the dairy -20 % is better for the customer than 50 off from 500",
        ),
        (
            Reason::BelowMinimumAmount { missing: Amount::new(1_240) },
            "12.40 more and 50 off from 500 applies",
        ),
        (
            Reason::BelowMinimumQuantity { missing: Quantity::new(1_500) },
            "1.5 more of the eligible products and 50 off from 500 applies",
        ),
    ];
    let level = |points| Some(Points::new(points));
    let levels = [
        (level(200), level(400), "200 / 400"),
        (None, level(100), "100"),
        (level(400), None, "400"),
    ];
    for (below, above, nearest) in levels {
        let reason = Reason::NotALevel { below, above };
        let refusal = Refusal { subject: Subject::Spend, reason };
        let told =
            RejectedReply::of_refusal(&refusal, &programme, Language::English.into()).message;
        assert_eq!(told, format!("points are spent level by level; nearest: {nearest}"));
    }
    for (reason, message) in cases {
        let refusal = Refusal { subject: Subject::Offer(offer("over-500")), reason };
        assert_eq!(
            RejectedReply::of_refusal(&refusal, &programme, Language::English.into()).message,
            message
        );
    }
}
