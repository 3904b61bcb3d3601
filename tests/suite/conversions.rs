use serde_json::{Value, json};

use crate::support::{MEMBERS, PROGRAMME, Shop, chrono_now, line, receipt, with};

/// A shop whose programme has these tables too, and a member with so many points.
fn shop(tables: &str, points: i64) -> Shop {
    let mut shop = Shop::empty();
    let member = json!({
        "member": MEMBERS[0].0, "codes": [MEMBERS[0].1], "points": points,
        "last_purchase": chrono_now()[..10],
    });
    let programme = PROGRAMME.replacen("[[offers]]", &format!("{tables}\n[[offers]]"), 1);
    shop.fill_with(&programme, &member.to_string());
    shop.start();
    shop
}

/// The quote and the receipt of goods for 40.00 that earn 4 points, with what a basket asks for
/// beside them.
fn buy(shop: &Shop, uid: &str, payable: i64, asked: Value) -> (Value, Value) {
    let lines = vec![line("1", "bread", 2, 2_000)];
    let who = json!({ "identification_id": shop.identify(MEMBERS[0].1) });
    let asked = with(&who, asked);
    let basket = with(&json!({ "till": "1", "currency": "CZK", "lines": lines }), asked.clone());
    let (status, quoted) = shop.post("/v1/quotes", &basket);
    assert_eq!((status, &quoted["totals"]["payable"]), (200, &json!(payable)), "{quoted}");
    let (_, sold) =
        shop.put(&format!("/v1/receipts/{uid}"), &with(&receipt(&lines, payable), asked));
    assert_eq!(sold["flags"], json!([]), "{sold}");
    (quoted, sold)
}

fn void(shop: &Shop, uid: &str) -> Value {
    let void = json!({ "till": "1", "void_uid": format!("{uid}-void") });
    let (status, back) = shop.post(&format!("/v1/receipts/{uid}/void"), &void);
    assert_eq!(status, 201, "{back}");
    back
}

fn printed(sold: &Value) -> String {
    sold["receipt_lines"].to_string()
}

#[test]
fn ld_41_points_become_a_printed_voucher_by_themselves_and_come_back_with_the_sale() {
    let conversion = "[[conversions]]\nid = \"each\"\nname = \"Voucher 15\"\npoints = 1000\n\
                      voucher = { type = \"fifteen\", days = 30 }\n";
    let mut shop = shop(conversion, 993);
    let (quoted, sold) = buy(&shop, "R1", 4_000, json!({}));
    assert_eq!(quoted["points"]["after"], 997, "{quoted}");
    let said = quoted["messages"].to_string();
    assert!(said.contains("3 points more for Voucher 15"), "{said}");
    assert!(sold.get("issued").is_none(), "{sold}");
    let (quoted, sold) = buy(&shop, "R2", 4_000, json!({}));
    let points = &quoted["points"];
    assert_eq!((&points["converted"], &points["after"]), (&json!(1_000), &json!(1)), "{quoted}");
    assert_eq!(quoted["issues"][0]["conversion"], "each", "{quoted}");
    let code = sold["issued"][0]["code"].as_str().expect("a code");
    for text in [code, "Points for vouchers", "-1000", "You received a voucher: Voucher 15"] {
        assert!(printed(&sold).contains(text), "{text}: {sold}");
    }
    assert_eq!(shop.balance(MEMBERS[0].0), 1);
    shop.stop();
    shop.start();
    let (_, used) = buy(&shop, "R3", 2_500, json!({ "vouchers": [code] }));
    assert_eq!(used["effects"][0]["voucher"], code, "{used}");
    let back = void(&shop, "R2");
    assert_eq!(back["flags"], json!(["issued_voucher_used"]), "{back}");
    assert_eq!(back["account"]["restored"], 0, "the voucher was used: {back}");
    void(&shop, "R3");
    let back = void(&shop, "R1");
    assert_eq!(back["account"]["clawed_back"], 4, "{back}");
    shop.stop();
    assert!(shop.succeed(&["journal", "show"]).contains("earned 4 spent 0 converted 1000"));
    shop.succeed(&["journal", "verify"]);
    shop.succeed(&["doctor"]);
}

#[test]
fn ld_42_a_voucher_is_chosen_for_points_and_handed_back() {
    let reward = "[[rewards]]\nid = \"later\"\nname = \"15 off next time\"\nkind = \"voucher\"\n\
                  points = 300\nvoucher = { type = \"fifteen\", days = 30 }\n";
    let shop = shop(reward, 1_000);
    let (quoted, sold) = buy(&shop, "R1", 4_000, json!({ "rewards": ["later"] }));
    assert_eq!(quoted["rewards"][0]["kind"], "voucher", "{quoted}");
    assert_eq!(sold["issued"][0]["reward"], "later", "{sold}");
    let code = sold["issued"][0]["code"].as_str().expect("a code");
    for text in [code, "15 off next time for 300 points"] {
        assert!(printed(&sold).contains(text), "{text}: {sold}");
    }
    assert_eq!(shop.balance(MEMBERS[0].0), 704);
    let back = json!({ "till": "1", "return_uid": "B1", "lines": [], "rewards": ["later"] });
    let (status, back) = shop.post("/v1/receipts/R1/returns", &back);
    assert_eq!((status, &back["codes_cancelled"]), (201, &json!([code])), "{back}");
    assert_eq!((&back["account"]["restored"], &back["refund"]), (&json!(300), &json!(0)));
    assert_eq!(shop.balance(MEMBERS[0].0), 1_004);
}

#[test]
fn bq_19_a_surprise_is_on_the_receipt_and_nowhere_before() {
    let surprise = "[[earn]]\nid = \"lucky\"\nname = \"Lucky bread\"\nkind = \"per_visit\"\n\
                    points = 50\nchance_bp = 10000\nshared_limits = [{ per = \"store\", window = \
                    \"day\", uses = 1, offline = \"approximate\" }]\n";
    let mut shop = shop(surprise, 1_000);
    let (quoted, sold) = buy(&shop, "R1", 4_000, json!({}));
    assert!(!quoted.to_string().to_lowercase().contains("lucky"), "{quoted}");
    assert_eq!((&quoted["points"]["earned"], &sold["points"]["earned"]), (&json!(4), &json!(54)));
    assert!(printed(&sold).contains("A surprise for you! Lucky bread"), "{sold}");
    let (_, next) = buy(&shop, "R2", 4_000, json!({}));
    assert_eq!(next["points"]["earned"], 4, "today's is given away: {next}");
    assert!(!next.to_string().to_lowercase().contains("lucky"), "{next}");
    void(&shop, "R1");
    let (_, again) = buy(&shop, "R3", 4_000, json!({}));
    assert_eq!(again["points"]["earned"], 54, "it came back: {again}");
    shop.stop();
    let told = shop.succeed(&["journal", "show", "--kind", "sale", "--json"]);
    let drawn = told.matches("\"draws\":[{\"number\":").count();
    assert_eq!(drawn, 3, "won or lost, each is in the journal: {told}");
    shop.succeed(&["journal", "verify"]);
    shop.succeed(&["doctor"]);
}
