//! Gifts that come by themselves, at the till (BC-9).

use serde_json::{Value, json};

use super::support::{MEMBERS, PROGRAMME, Shop, chrono_now, line, receipt, with};

const GIFTS: &str = r#"
[[offers]]
id = "mug"
name = "Mug of the club"
kind = "gift"
sku = "4000000000001"
price = "0.01"
times_max = 3
minimum = { amount = "20.00" }
limits = [{ window = "day", uses = 1, per = "member" }]

[[offers]]
id = "cake"
name = "Birthday cake"
kind = "gift"
audience = { birthday = { days_before = 1, days_after = 1 } }
limits = [{ window = "days", days = 30, uses = 1, per = "member" }]
"#;

fn shop(birthday: &str) -> Shop {
    let mut shop = Shop::empty();
    let members: Vec<String> = MEMBERS
        .iter()
        .map(|(member, code)| {
            json!({ "member": member, "codes": [code], "birthday": birthday }).to_string()
        })
        .collect();
    shop.fill_with(&format!("{PROGRAMME}{GIFTS}"), &members.join("\n"));
    shop.start();
    shop
}

/// A day that is nobody's birthday: half a year from now.
fn not_today() -> String {
    let month: u8 = chrono_now()[5..7].parse().expect("a month");
    format!("{:02}-15", (month + 5) % 12 + 1)
}

fn bread(units: i64) -> Vec<Value> {
    vec![line("1", "bread", units, 2_000)]
}

fn sale(units: i64, payable: i64, more: Value) -> Value {
    with(&receipt(&bread(units), payable), with(&json!({ "member": MEMBERS[0].0 }), more))
}

fn quoted(shop: &Shop, units: i64) -> Value {
    let body = json!({
        "till": "1", "currency": "CZK", "lines": bread(units), "member": MEMBERS[0].0,
    });
    let (status, quoted) = shop.post("/v1/quotes", &body);
    assert_eq!(status, 200, "{quoted}");
    quoted
}

fn gifts(reply: &Value) -> Vec<(&str, i64)> {
    let effects = reply["effects"].as_array().expect("a list").iter();
    let gifts = effects.filter(|effect| effect["type"] == "gift").map(|effect| {
        let times = effect["times"].as_i64().expect("a number");
        (effect["rule_id"].as_str().expect("an id"), times)
    });
    gifts.collect()
}

#[test]
fn bc_9_the_till_is_told_what_to_hand_out_and_the_record_and_the_receipt_have_it() {
    let mut shop = shop(&not_today());
    assert_eq!(gifts(&quoted(&shop, 1)), [("mug", 1)]);
    let quote = quoted(&shop, 2);
    let effects = quote["effects"].as_array().expect("a list").iter();
    let gift = effects.clone().find(|effect| effect["type"] == "gift").expect("a gift");
    assert_eq!(
        (&gift["sku"], &gift["unit_price"], &gift["times"], &gift["amount"]),
        (&json!("4000000000001"), &json!(1), &json!(2), &json!(0)),
    );
    assert!(quote["messages"].to_string().contains("Gift: 2× Mug of the club"), "{quote}");
    assert_eq!(quote["totals"]["payable"], 4_000);
    let sold = sale(2, 4_000, json!({ "quote_id": quote["quote_id"] }));
    let (status, first) = shop.put("/v1/receipts/R1", &sold);
    assert_eq!((status, &first["flags"]), (201, &json!([])), "{first}");
    assert_eq!(gifts(&first), [("mug", 2)]);
    assert!(first["receipt_lines"].to_string().contains("Gift: 2× Mug of the club"), "{first}");
    assert_eq!(shop.put("/v1/receipts/R1", &sold).1, first, "worded from the record");
    let shown = shop.succeed(&["journal", "show", "--kind", "sale", "--json"]);
    assert!(shown.contains(r#""gift":"mug","times":2"#), "{shown}");
    // Once a day and member: the limit is met until the receipt is void.
    let again = quoted(&shop, 2);
    assert_eq!(gifts(&again), []);
    assert!(again["rejected"].to_string().contains("limit_reached"), "{again}");
    shop.stop();
    let rebuilt = shop.succeed(&["rebuild"]);
    assert!(rebuilt.contains("; 0 differed"), "{rebuilt}");
    shop.start();
    assert_eq!(gifts(&quoted(&shop, 2)), []);
    let void = json!({ "till": "1", "void_uid": "B1" });
    let (status, void) = shop.post("/v1/receipts/R1/void", &void);
    assert_eq!(status, 201, "{void}");
    assert_eq!(
        void["gifts_back"],
        json!([{ "offer": "mug", "label": "Mug of the club", "times": 2 }])
    );
    assert_eq!(gifts(&quoted(&shop, 2)), [("mug", 2)]);
}

#[test]
fn bc_9_a_return_claims_the_gift_that_the_rest_does_not_earn() {
    let shop = shop(&not_today());
    assert_eq!(shop.put("/v1/receipts/R1", &sale(3, 6_000, json!({}))).0, 201);
    let back = |uid: &str, units: i64| {
        let lines = json!([{ "line_id": "1", "quantity": format!("{units}.000") }]);
        let body = json!({ "till": "1", "return_uid": uid, "lines": lines });
        let (status, reply) = shop.post("/v1/receipts/R1/returns", &body);
        assert_eq!(status, 201, "{reply}");
        reply
    };
    let first = back("B1", 1);
    assert_eq!(first["gifts_back"][0]["times"], 1, "{first}");
    let told = "Gift to take back: 1× Mug of the club";
    assert!(first["messages"].to_string().contains(told), "{first}");
    assert_eq!(first["refund"], 2_000, "nothing is kept of the money");
    assert_eq!(gifts(&quoted(&shop, 1)), [], "two of the three are still there");
    let rest = back("B2", 2);
    assert_eq!(rest["gifts_back"][0]["times"], 2, "{rest}");
    assert_eq!(gifts(&quoted(&shop, 1)), [("mug", 1)]);
}

#[test]
fn bc_9_what_was_handed_out_is_a_fact_with_a_flag() {
    let shop = shop(&not_today());
    let flags = |uid: &str, more: Value| {
        let (status, sold) = shop.put(&format!("/v1/receipts/{uid}"), &sale(1, 2_000, more));
        assert_eq!(status, 201, "{sold}");
        let gifts: Vec<_> =
            gifts(&sold).iter().map(|(id, times)| format!("{id} {times}")).collect();
        (sold["flags"].clone(), gifts.join(", "))
    };
    assert_eq!(flags("R1", json!({ "gifts": [] })), (json!([]), String::new()), "not wanted");
    let two = json!({ "gifts": ["mug", "mug"] });
    assert_eq!(flags("R2", two), (json!(["gift_not_due"]), "mug 2".to_owned()));
    let gone = json!({ "gifts": ["of-last-year"] });
    assert_eq!(flags("R3", gone), (json!(["gift_not_due"]), String::new()));
    // Another discount than was decided leaves the gift as it was.
    let body = with(&sale(1, 1_900, json!({})), json!({ "member": MEMBERS[1].0 }));
    let (status, sold) = shop.put("/v1/receipts/R4", &body);
    assert_eq!((status, &sold["flags"]), (201, &json!(["discount_differs"])), "{sold}");
    assert_eq!(gifts(&sold), [("mug", 1)]);
    let many = vec!["mug"; 1_001];
    let (status, problem) = shop.put("/v1/receipts/R5", &sale(1, 2_000, json!({ "gifts": many })));
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("too_many_gifts")),
        "{problem}"
    );
}

#[test]
fn bc_9_bc_15_a_birthday_gift_is_handed_out_once() {
    let shop = shop(&chrono_now()[5..10]);
    let quote = quoted(&shop, 1);
    assert_eq!(gifts(&quote), [("cake", 1), ("mug", 1)]);
    assert!(quote["messages"].to_string().contains("Happy birthday! Birthday cake"), "{quote}");
    let trained = sale(1, 2_000, json!({ "mode": "training" }));
    assert_eq!(shop.put("/v1/receipts/T1", &trained).0, 201);
    assert_eq!(gifts(&quoted(&shop, 1)).len(), 2, "a training uses nothing");
    assert_eq!(shop.put("/v1/receipts/R1", &sale(1, 2_000, json!({}))).0, 201);
    assert_eq!(gifts(&quoted(&shop, 1)), []);
}
