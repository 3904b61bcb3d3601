//! Goods for other goods, goods without a receipt, parts of a bundle.

use serde_json::{Value, json};

use super::support::{MEMBERS, PROGRAMME, Shop, line, receipt, with};

/// Tea for 10.00 once a day, and a sandwich with a drink for 24.00.
const OFFERS: &str = r#"
[[offers]]
id = "tea10"
name = "Tea for 10"
kind = "fixed_price"
price = "10.00"
scope = { skus = ["tea"] }
limits = [{ window = "day", uses = 1 }]

[[offers]]
id = "menu"
name = "Menu for 24"
kind = "bundle"
price = "24.00"
parts = [{ scope = { skus = ["sandwich"] } }, { scope = { skus = ["drink"] } }]
"#;

fn shop() -> Shop {
    let mut shop = Shop::without_agent();
    let programme = format!("{PROGRAMME}{OFFERS}").replace("version = 1\n", "version = 2\n");
    let programme = shop.write("offers.toml", &programme);
    shop.succeed(&["programme", "activate", programme.to_str().unwrap()]);
    shop.start();
    shop
}

/// Sells as it is quoted, with vouchers; what was paid.
fn sell(shop: &Shop, who: usize, uid: &str, goods: &[(&str, i64)], vouchers: &[&str]) -> i64 {
    let id = shop.identify(MEMBERS[who].1);
    let lines: Vec<Value> = goods.iter().map(|(sku, price)| line(sku, sku, 1, *price)).collect();
    let asked = json!({ "identification_id": id, "vouchers": vouchers });
    let basket = with(&json!({ "till": "1", "currency": "CZK", "lines": lines }), asked.clone());
    let (status, quoted) = shop.post("/v1/quotes", &basket);
    assert_eq!(status, 200, "{quoted}");
    let payable = quoted["totals"]["payable"].as_i64().expect("a sum");
    let asked = with(&asked, json!({ "quote_id": quoted["quote_id"] }));
    let (status, sold) =
        shop.put(&format!("/v1/receipts/{uid}"), &with(&receipt(&lines, payable), asked));
    assert_eq!((status, &sold["flags"]), (201, &json!([])), "{sold}");
    payable
}

/// Takes lines back; what is paid back.
fn give_back(shop: &Shop, uid: &str, return_uid: &str, lines: &[&str]) -> i64 {
    let lines: Vec<Value> =
        lines.iter().map(|id| json!({ "line_id": id, "quantity": "1" })).collect();
    let body = json!({
        "till": "1", "return_uid": return_uid, "lines": lines, "reason": "exchange R2",
    });
    let (status, back) = shop.post(&format!("/v1/receipts/{uid}/returns"), &body);
    assert_eq!(status, 201, "{back}");
    back["refund"].as_i64().expect("a sum")
}

/// What a member has got since the import: points, money paid, purchases, whether the own voucher
/// is still there.
fn gained(shop: &Shop, who: usize) -> (i64, i64, i64, bool) {
    let (_, member) = shop.get(&format!("/v1/members/{}", MEMBERS[who].0));
    let figure = |name: &str| member[name].as_i64().expect("a figure");
    let voucher = member["vouchers"].as_array().is_some_and(|vouchers| !vouchers.is_empty());
    let imported = (who as i64 + 1) * 1_000;
    let spend = figure("lifetime_spend");
    (figure("balance") - figure("debt") - imported, spend, figure("lifetime_visits"), voucher)
}

#[test]
fn an_exchange_is_a_return_and_a_sale_and_comes_out_as_if_the_kept_goods_had_been_bought() {
    let (bread, rice, pasta) = (("bread", 5_000), ("rice", 8_000), ("pasta", 5_000));
    for (taken, kept, difference) in [
        (bread, pasta, 0),
        (bread, rice, 3_000),
        (rice, bread, -3_000),
        (("tea", 4_000), ("tea", 6_000), 0),
        (("tea", 4_000), bread, 4_000),
    ] {
        let shop = shop();
        let paid = sell(&shop, 0, "R1", &[taken], &[]);
        let back = give_back(&shop, "R1", "B1", &[taken.0]);
        let again = sell(&shop, 0, "R2", &[kept], &[]);
        assert_eq!((paid - back, again - back), (0, difference), "{taken:?} {kept:?}");
        // Somebody who bought the kept goods only. The tea's limit is each member's own.
        sell(&shop, 1, "R3", &[kept], &[]);
        assert_eq!(gained(&shop, 0), gained(&shop, 1), "{taken:?} {kept:?}");
    }
}

#[test]
fn an_exchange_with_a_voucher_of_the_whole_receipt_uses_it_on_the_new_one() {
    let shop = shop();
    assert_eq!(sell(&shop, 0, "R1", &[("bread", 5_000)], &["V1"]), 3_500);
    assert_eq!(give_back(&shop, "R1", "B1", &["bread"]), 3_500);
    assert_eq!(sell(&shop, 0, "R2", &[("rice", 8_000)], &["V1"]), 6_500);
    sell(&shop, 1, "R3", &[("rice", 8_000)], &["V2"]);
    assert_eq!(gained(&shop, 0), gained(&shop, 1));
    assert!(!gained(&shop, 0).3, "it is used once");
    // Whoever looks at the old receipt finds the new one.
    let (_, old) = shop.get("/v1/receipts/R1?till=1");
    assert!(old["followed_by"].to_string().contains("exchange R2"), "{old}");
    let shown = shop.succeed(&["journal", "show", "--kind", "return", "--json"]);
    assert!(shown.contains("exchange R2"), "{shown}");
}

#[test]
fn a_part_of_a_receipt_with_a_limit_or_voucher_is_exchanged_by_selling_the_rest_again() {
    let shop = shop();
    let goods = [("bread", 5_000), ("tea", 4_000)];
    // 50.00 and 10.00 less 15.00.
    assert_eq!(sell(&shop, 0, "R1", &goods, &["V1"]), 4_500);
    // The tea goes back alone: its limit and the voucher stay used on what remains.
    assert_eq!(give_back(&shop, "R1", "B1", &["tea"]), 750, "its own part of the 45.00");
    let quoted = |vouchers: Value| {
        let id = shop.identify(MEMBERS[0].1);
        let basket = json!({
            "till": "1", "currency": "CZK", "lines": [line("1", "tea", 1, 6_000)],
            "identification_id": id, "vouchers": vouchers,
        });
        shop.post("/v1/quotes", &basket).1
    };
    let quote = quoted(json!(["V1"]));
    assert_eq!(quote["totals"]["payable"], 6_000, "{quote}");
    let rejected = quote["rejected"].to_string();
    assert!(rejected.contains("voucher_used") && rejected.contains("limit_reached"), "{rejected}");
    // All of it goes back, and what is kept is sold with the new goods: both count for those.
    let (status, rest) =
        shop.post("/v1/receipts/R1/void", &json!({ "till": "1", "void_uid": "B2" }));
    assert_eq!((status, &rest["refund"]), (201, &json!(3_750)), "{rest}");
    assert_eq!(sell(&shop, 0, "R2", &[("bread", 5_000), ("tea", 6_000)], &["V1"]), 4_500);
    sell(&shop, 1, "R3", &[("bread", 5_000), ("tea", 6_000)], &["V2"]);
    assert_eq!(gained(&shop, 0), gained(&shop, 1));
}

#[test]
fn parts_of_a_bundle_come_back_with_their_own_money_and_points() {
    let shop = shop();
    // 20.00 and 10.00 for 24.00: the sandwich 16.00, the drink 8.00; 12.00 of bread beside it.
    let goods = [("sandwich", 2_000), ("drink", 1_000), ("bread", 1_200)];
    assert_eq!(sell(&shop, 0, "R1", &goods, &[]), 3_600);
    assert_eq!(gained(&shop, 0).0, 3, "36.00");
    assert_eq!(give_back(&shop, "R1", "B1", &["sandwich"]), 1_600);
    assert_eq!(gained(&shop, 0).0, 2, "20.00 are left");
    assert_eq!(give_back(&shop, "R1", "B2", &["drink"]), 800);
    assert_eq!(gained(&shop, 0).0, 1, "12.00 are left");
    assert_eq!(give_back(&shop, "R1", "B3", &["bread"]), 1_200);
    assert_eq!(gained(&shop, 0), (0, 0, 0, true), "as if nothing had been bought");
}

#[test]
fn goods_without_a_receipt_are_not_taken_back_and_an_adjustment_puts_points_right() {
    let shop = shop();
    sell(&shop, 0, "R1", &[("bread", 5_000)], &[]);
    let body = json!({
        "till": "1", "return_uid": "B1", "lines": [{ "line_id": "1", "quantity": "1" }],
    });
    let voids = json!({ "till": "1", "void_uid": "B2" });
    for (path, body) in [("R-lost/returns", &body), ("R-lost/void", &voids)] {
        let (status, problem) = shop.post(&format!("/v1/receipts/{path}"), body);
        assert_eq!((status, &problem["code"]), (404, &json!("receipt_unknown")), "{problem}");
        assert_eq!(problem["retryable"], false);
        let told = problem["detail"].as_str().expect("a sentence");
        assert!(told.contains("R-lost") && told.contains("adjustment"), "{told}");
    }
    assert_eq!(gained(&shop, 0), (5, 5_000, 1, true), "nothing was booked");
    let adjust = json!({
        "adjustment_uid": "A1", "operator": "anna", "points": -5, "reason": "bread without receipt",
    });
    let path = format!("/v1/members/{}/adjustments", MEMBERS[0].0);
    let (status, adjusted) = shop.post(&path, &adjust);
    assert_eq!(status, 201, "{adjusted}");
    assert_eq!(gained(&shop, 0), (0, 5_000, 1, true));
    let shown = shop.succeed(&["journal", "show", "--kind", "adjustment", "--json"]);
    assert!(shown.contains("bread without receipt"), "{shown}");
}
