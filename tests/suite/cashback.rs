//! Cashback and pending points at the till.

use serde_json::{Value, json};

use super::support::{MEMBERS, PROGRAMME, Shop, chrono_now, line, receipt, with};

const CASHBACK: &str = r#"
[cashback]
minimum = "1.00"

[[earn]]
id = "back"
name = "Two percent back"
kind = "cashback"
percent = "2"
pending = { days = 14 }
tier_multiplied = false
"#;

/// A shop whose first member has 1000 points and 50.00 of cashback.
fn shop(programme: &str) -> Shop {
    let mut shop = Shop::empty();
    let (member, code) = MEMBERS[0];
    let member = json!({
        "member": member, "codes": [code], "points": 1_000, "cashback": "50.00",
        "last_purchase": &chrono_now()[..10],
    });
    shop.fill_with(programme, &member.to_string());
    shop.start();
    shop
}

fn bread() -> Vec<Value> {
    vec![line("1", "bread", 2, 10_000)]
}

/// The local day so many days from now, in the programme's zone.
fn in_days(days: i64) -> String {
    let now: chrono::DateTime<chrono::Utc> = chrono_now().parse().expect("a time");
    let local = now.with_timezone(&chrono_tz::Europe::Prague).date_naive();
    (local + chrono::TimeDelta::days(days)).to_string()
}

#[test]
fn ld_24_one_receipt_is_paid_with_points_then_cashback_then_money() {
    let mut shop = shop(&format!("{PROGRAMME}{CASHBACK}"));
    let id = shop.identify(MEMBERS[0].1);
    let asked = json!({
        "identification_id": id, "spend_points": 500, "spend_cashback": 3_000,
    });
    let basket = json!({ "till": "1", "currency": "CZK", "lines": bread() });
    let (_, unasked) = shop.post("/v1/quotes", &with(&basket, json!({ "identification_id": id })));
    assert_eq!(unasked["totals"]["payable"], 20_000, "nothing is spent unasked: {unasked}");
    assert_eq!(unasked["cashback"]["spendable"], 5_000);
    let (_, quoted) = shop.post("/v1/quotes", &with(&basket, asked.clone()));
    // Points first: 50.00 for 500 of them. Cashback then takes its 30.00 of what they left, and
    // what nobody paid yet is paid in money. It alone earns.
    let kinds: Vec<&Value> = quoted["effects"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|effect| &effect["type"])
        .collect();
    assert_eq!(kinds, ["points_burn", "cashback_burn", "cashback_earn", "points_earn"], "{quoted}");
    assert_eq!(quoted["effects"][0]["amount"], 5_000);
    assert_eq!(quoted["effects"][1]["amount"], 3_000);
    let totals = &quoted["totals"];
    assert_eq!((&totals["redeemed"], &totals["payable"]), (&json!(8_000), &json!(12_000)));
    let points = &quoted["points"];
    assert_eq!(
        (&points["spent"], &points["earned"], &points["after"]),
        (&json!(500), &json!(12), &json!(512))
    );
    let cashback = &quoted["cashback"];
    assert_eq!(
        (&cashback["before"], &cashback["spent"], &cashback["earned"], &cashback["after"]),
        (&json!(5_000), &json!(3_000), &json!(240), &json!(2_000)),
    );
    assert_eq!(cashback["pending"], json!([{ "usable_from": in_days(14), "amount": 240 }]));

    let commit = with(&receipt(&bread(), 12_000), asked);
    let (status, sold) = shop.put("/v1/receipts/R1", &commit);
    assert_eq!((status, &sold["flags"]), (201, &json!([])), "{sold}");
    assert_eq!(
        (&sold["points"]["after"], &sold["cashback"]["after"]),
        (&json!(512), &json!(2_000))
    );
    assert_eq!(shop.put("/v1/receipts/R1", &commit), (201, sold.clone()), "the same again");
    let printed = sold["receipt_lines"].to_string();
    for part in ["Paid with 500 points", "Paid with cashback", "Cashback balance", "usable from"] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    let said = sold["messages"].to_string();
    assert!(said.contains("2.40 cashback, usable from"), "{said}");

    let back =
        json!({ "till": "1", "return_uid": "B1", "lines": [{ "line_id": "1", "quantity": "1" }] });
    let (status, returned) = shop.post("/v1/receipts/R1/returns", &back);
    assert_eq!((status, &returned["refund"]), (201, &json!(6_000)), "{returned}");
    let account = &returned["account"];
    assert_eq!((&account["clawed_back"], &account["restored"]), (&json!(6), &json!(250)));
    assert_eq!(account["cashback"], json!({ "clawed_back": 120, "restored": 1_500 }));
    shop.kill();
    shop.succeed(&["rebuild"]);
    shop.start();
    let (_, member) = shop.get(&format!("/v1/members/{}", MEMBERS[0].0));
    assert_eq!(member["balance"], 756);
    assert_eq!(
        member["cashback"],
        json!({
            "balance": 3_500, "held": 0, "debt": 0,
            "pending": [{ "usable_from": in_days(14), "amount": 120 }],
            "next_expiry": { "date": in_days(365), "amount": 3_500 },
        }),
        "{member}"
    );
    let (status, _) = shop.post("/v1/receipts/R1/void", &json!({ "till": "1", "void_uid": "V1" }));
    assert_eq!(status, 201);
    let (_, member) = shop.get(&format!("/v1/members/{}", MEMBERS[0].0));
    assert_eq!(
        (&member["balance"], &member["cashback"]["balance"]),
        (&json!(1_000), &json!(5_000))
    );
    assert_eq!(
        member["cashback"].get("pending"),
        None,
        "a sale and its void are nothing: {member}"
    );
    let shown = shop.succeed(&["journal", "show", "--kind", "sale", "--json"]);
    let record: Value = serde_json::from_str(shown.trim()).expect("one record");
    let kept = &record["sale"]["member"]["cashback"];
    assert_eq!(
        (&kept["before"], &kept["earned"], &kept["spent"]),
        (&json!(5_000), &json!(240), &json!(3_000))
    );
}

#[test]
fn bq_43_wrong_wishes_for_cashback_are_told_with_what_there_is() {
    let shop = shop(&format!("{PROGRAMME}{CASHBACK}"));
    let id = shop.identify(MEMBERS[0].1);
    let quote = |cashback: i64| {
        let basket = json!({ "till": "1", "currency": "CZK", "lines": bread(),
            "identification_id": id, "spend_cashback": cashback });
        shop.post("/v1/quotes", &basket)
    };
    let told = |cashback: i64| {
        let (_, quoted) = quote(cashback);
        let refused = quoted["rejected"].as_array().expect("a list");
        let refused = refused.iter().find(|refused| refused["kind"] == "cashback").cloned();
        let refused = refused.unwrap_or_default();
        (quoted["totals"]["payable"].clone(), refused["reason"].clone(), refused["message"].clone())
    };
    let cases = [
        (99, 20_000, json!("below_cashback_minimum"), "at least 1.00 of cashback at once"),
        (5_001, 15_000, json!("not_enough_cashback"), "only 50.00 of cashback may be spent"),
    ];
    for (asked, payable, reason, message) in cases {
        let (found, why, said) = told(asked);
        assert_eq!((found, why), (json!(payable), reason), "{asked}");
        assert!(said.as_str().is_some_and(|said| said.starts_with(message)), "{said}");
    }
    let (status, problem) = quote(-1);
    let fault = &problem["errors"][0];
    assert_eq!(
        (status, &fault["pointer"], &fault["code"]),
        (422, &json!("/spend_cashback"), &json!("cashback_out_of_range")),
    );
}

#[test]
fn bq_43_cashback_is_given_and_taken_by_hand() {
    let shop = shop(&format!("{PROGRAMME}{CASHBACK}"));
    let path = format!("/v1/members/{}/adjustments", MEMBERS[0].0);
    let adjust = |uid: &str, more: Value| {
        let body = json!({ "adjustment_uid": uid, "operator": "anna", "reason": "goodwill" });
        shop.post(&path, &with(&body, more))
    };
    let (status, told) = adjust("a", json!({ "cashback": 1_200 }));
    assert_eq!(
        (status, &told["points"], &told["cashback"]),
        (201, &json!(0), &json!(1_200)),
        "{told}"
    );
    assert_eq!(adjust("a", json!({ "cashback": 1_200 })).1, told, "once");
    assert_eq!(adjust("b", json!({ "points": 5, "cashback": -7_000 })).0, 201);
    let (_, member) = shop.get(&format!("/v1/members/{}", MEMBERS[0].0));
    let cashback = &member["cashback"];
    assert_eq!(
        (&member["balance"], &cashback["balance"], &cashback["debt"]),
        (&json!(1_005), &json!(0), &json!(800)),
        "{member}"
    );
    let (status, problem) = adjust("c", json!({}));
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("points_out_of_range")));
}

#[test]
fn points_of_a_sale_wait_for_their_day_and_a_return_before_it_takes_them() {
    let pending =
        "[accrual]\npending = { days = 14 }\n\n[returns]\nclaw_back = \"pending_only\"\n\n[expiry]";
    let shop = shop(&PROGRAMME.replace("[expiry]", pending));
    let id = shop.identify(MEMBERS[0].1);
    let commit =
        with(&receipt(&bread(), 20_000), json!({ "identification_id": id, "language": "cs" }));
    let (status, sold) = shop.put("/v1/receipts/R1", &commit);
    assert_eq!(status, 201, "{sold}");
    let waiting = json!([{ "usable_from": in_days(14), "points": 20 }]);
    assert_eq!((&sold["points"]["after"], &sold["points"]["pending"]), (&json!(1_000), &waiting));
    assert!(sold["messages"].to_string().contains("20 bodů, k uplatnění od"), "{sold}");
    let identified = shop.post("/v1/identify", &json!({ "raw": MEMBERS[0].1 })).1;
    assert_eq!((&identified["balance"], &identified["pending"]), (&json!(1_000), &waiting));
    let back =
        json!({ "till": "1", "return_uid": "B1", "lines": [{ "line_id": "1", "quantity": "1" }] });
    let (_, returned) = shop.post("/v1/receipts/R1/returns", &back);
    assert_eq!(
        (&returned["account"]["clawed_back"], returned["account"].get("forgiven")),
        (&json!(10), None)
    );
    let identified = shop.post("/v1/identify", &json!({ "raw": MEMBERS[0].1 })).1;
    assert_eq!(identified["pending"], json!([{ "usable_from": in_days(14), "points": 10 }]));
}
