//! Offers that do not come by themselves, at the till.

use serde_json::{Value, json};

use super::support::{MEMBERS, PROGRAMME, Shop, line, receipt, with};

const CALLED: &str = r#"
[[offers]]
id = "leaf"
name = "Leaflet 20 %"
kind = "line_percent"
percent = "20"
codes = ["LEAF20"]
variant = "B"
scope = { skus = ["bread"] }

[[offers]]
id = "maker"
name = "Coupon of the maker"
kind = "coupon_value"
coupon = { number = "9501101530003" }
audience = { members = "everyone" }
scope = { skus = ["bread"] }
"#;

/// 1.50 off, once.
const COUPON: &str = "]Q32559501101530003123|3902150";

fn shop() -> Shop {
    let mut shop = Shop::empty();
    let members = format!(r#"{{"member":"{}","codes":["{}"]}}"#, MEMBERS[0].0, MEMBERS[0].1);
    shop.fill_with(&format!("{PROGRAMME}{CALLED}"), &members);
    shop.start();
    shop
}

fn bread(more: Value) -> Value {
    let basket = json!({ "till": "1", "currency": "CZK", "lines": [line("1", "bread", 1, 5_000)] });
    with(&basket, more)
}

#[test]
fn ld_18_a_leaflet_code_is_quoted_sold_and_stands_in_the_record() {
    let shop = shop();
    let id = shop.identify(MEMBERS[0].1);
    let quote = |codes: Value| {
        let basket = bread(json!({ "identification_id": id, "offer_codes": codes }));
        shop.post("/v1/quotes", &basket)
    };
    assert_eq!(quote(json!([])).1["totals"]["payable"], 5_000);
    let (_, unknown) = quote(json!(["LEAF99"]));
    let refused = unknown["rejected"].as_array().expect("a list").last().expect("one");
    assert_eq!(
        (&refused["benefit"], &refused["kind"], &refused["reason"]),
        (&json!("LEAF99"), &json!("code"), &json!("offer_code_unknown")),
    );
    assert!(unknown["messages"].to_string().contains("LEAF99"), "the cashier hears of it");
    assert_eq!(quote(json!(["leaf20"])).1["totals"]["payable"], 4_000);
    let commit = json!({ "identification_id": id, "offer_codes": ["leaf20"] });
    let commit = with(&receipt(&[line("1", "bread", 1, 5_000)], 4_000), commit);
    let (status, sold) = shop.put("/v1/receipts/R1", &commit);
    assert_eq!((status, &sold["flags"]), (201, &json!([])), "{sold}");
    assert_eq!(sold["effects"][0]["rule_id"], "leaf");
    let shown = shop.succeed(&["journal", "show", "--kind", "sale", "--json"]);
    assert!(shown.contains("LEAF20"), "{shown}");
    let many: Vec<String> = (0..21).map(|number| format!("LEAF{number}")).collect();
    for (codes, at, code) in [
        (json!(["LEAF20", "!"]), "/offer_codes/1", "offer_code_malformed"),
        (json!(["]C18110ABC12"]), "/offer_codes/0", "code_coupon_8110_unsupported"),
        (json!(many), "/offer_codes", "too_many_offer_codes"),
    ] {
        let (status, problem) = quote(codes);
        let fault = &problem["errors"][0];
        assert_eq!(
            (status, &fault["pointer"], &fault["code"]),
            (422, &json!(at), &json!(code)),
            "{problem}"
        );
    }
}

#[test]
fn bc_4_bq_41_offers_shown_accepted_and_refused_are_recorded_with_their_variant() {
    let shop = shop();
    let lines = || vec![line("1", "bread", 1, 5_000)];
    let (_, quoted) = shop.post("/v1/quotes", &bread(json!({ "offer_codes": ["LEAF20"] })));
    assert_eq!(quoted.get("offers"), None, "nothing to show to nobody: {quoted}");
    let id = shop.identify(MEMBERS[0].1);
    let (_, quoted) = shop
        .post("/v1/quotes", &bread(json!({ "identification_id": id, "offer_codes": ["LEAF20"] })));
    assert_eq!(
        quoted["offers"][0],
        json!({ "offer": "leaf", "label": "Leaflet 20 %", "variant": "B", "standing": "applies" }),
        "{quoted}"
    );
    let told = json!([
        { "offer": "leaf", "reaction": "shown" },
        { "offer": "leaf", "reaction": "accepted" },
        { "offer": "maker", "variant": "old", "reaction": "refused" },
        { "offer": "leaf", "reaction": "shown" },
        { "offer": "of-last-year", "reaction": "shown" },
    ]);
    let commit =
        |reactions: &Value| with(&receipt(&lines(), 5_000), json!({ "reactions": reactions }));
    let told = commit(&told);
    let (status, sold) = shop.put("/v1/receipts/R1", &told);
    assert_eq!((status, &sold["flags"]), (201, &json!(["offer_unknown"])), "{sold}");
    assert_eq!(shop.put("/v1/receipts/R1", &told), (201, sold), "the same again");
    assert_eq!(shop.put("/v1/receipts/R1", &commit(&json!([]))).0, 409, "another receipt");
    let shown = shop.succeed(&["journal", "show", "--kind", "sale", "--json"]);
    let record: Value = serde_json::from_str(shown.trim()).expect("one record");
    assert_eq!(
        record["sale"]["reactions"],
        json!([
            { "offer": "leaf", "variant": "B", "reaction": "shown" },
            { "offer": "leaf", "variant": "B", "reaction": "accepted" },
            { "offer": "maker", "variant": "old", "reaction": "refused" },
            { "offer": "of-last-year", "variant": null, "reaction": "shown" },
        ]),
        "once each, in a fixed order"
    );
    let many = vec![json!({ "offer": "leaf", "reaction": "shown" }); 101];
    for (reactions, at, code) in [
        (json!([{ "offer": "", "reaction": "shown" }]), "/reactions/0/offer", "id_empty"),
        (
            json!([{ "offer": "a", "variant": " ", "reaction": "shown" }]),
            "/reactions/0/variant",
            "id_not_plain",
        ),
        (json!(many), "/reactions", "too_many_reactions"),
    ] {
        let (status, problem) = shop.put("/v1/receipts/R2", &commit(&reactions));
        let fault = &problem["errors"][0];
        assert_eq!(
            (status, &fault["pointer"], &fault["code"]),
            (422, &json!(at), &json!(code)),
            "{problem}"
        );
    }
    let bored = json!([{ "offer": "leaf", "reaction": "bored" }]);
    assert_eq!(shop.put("/v1/receipts/R2", &commit(&bored)).1["code"], "wrong_value");
}

#[test]
fn a_coupon_with_a_serial_number_counts_once_until_every_receipt_that_took_it_is_void() {
    let mut shop = shop();
    let basket = || bread(json!({ "offer_codes": [COUPON] }));
    let (status, scanned) = shop.post("/v1/identify", &json!({ "raw": COUPON }));
    assert_eq!((status, &scanned["code"]), (422, &json!("code_is_coupon")));
    assert!(scanned["detail"].to_string().contains("offer_codes"), "{scanned}");
    assert_eq!(shop.post("/v1/quotes", &basket()).1["totals"]["payable"], 4_850);
    let sell = |uid: &str, payable: i64| {
        let sold = receipt(&[line("1", "bread", 1, 5_000)], payable);
        let sold = with(&sold, json!({ "offer_codes": [COUPON] }));
        shop.put(&format!("/v1/receipts/{uid}"), &sold).1
    };
    assert_eq!(sell("R1", 4_850)["flags"], json!([]));
    let (_, used) = shop.post("/v1/quotes", &basket());
    assert_eq!(used["totals"]["payable"], 5_000, "{used}");
    assert_eq!(used["rejected"][1]["reason"], "coupon_used", "{used}");
    let again = sell("R2", 4_850);
    assert_eq!(again["flags"], json!(["discount_differs", "coupon_already_used"]), "{again}");
    shop.stop();
    let rebuilt = shop.succeed(&["rebuild"]);
    assert!(rebuilt.contains("; 0 differed"), "{rebuilt}");
    shop.start();
    assert_eq!(shop.post("/v1/quotes", &basket()).1["totals"]["payable"], 5_000);
    for (uid, payable) in [("R1", 5_000), ("R2", 4_850)] {
        let void = json!({ "till": "1", "void_uid": format!("{uid}-void") });
        assert_eq!(shop.post(&format!("/v1/receipts/{uid}/void"), &void).0, 201);
        let (_, quoted) = shop.post("/v1/quotes", &basket());
        assert_eq!(quoted["totals"]["payable"], payable, "free when neither is left: {uid}");
    }
}
