//! Vouchers and offers that somebody else hands out: the till's part is to take each where it counts,
//! once, and to say why not elsewhere.

use serde_json::{Value, json};

use super::support::{MEMBERS, PROGRAMME, Shop, line, receipt, with};

const KINDS: &str = r#"
[[voucher_types]]
id = "ten"
name = "Voucher 10"
kind = "amount"
amount = "10.00"

[[voucher_types]]
id = "twenty"
name = "Voucher 20"
kind = "amount"
amount = "20.00"

[[voucher_types]]
id = "back"
name = "Come back 20 %"
kind = "percent"
percent = "20"

[[voucher_types]]
id = "filter"
name = "Filters 25 %"
kind = "percent"
percent = "25"
scope = { skus = ["filter"] }

[[offers]]
id = "wake"
name = "Welcome back 15 %"
kind = "basket_percent"
percent = "15"
audience = { flags = ["sleeping"] }
limits = [{ window = "ever", uses = 1 }]

[[offers]]
id = "cake"
name = "Birthday cake"
kind = "line_percent"
percent = "100"
scope = { skus = ["cake"] }
audience = { birthday = { days_before = 1, days_after = 1 } }
limits = [{ window = "days", days = 30, uses = 1 }]
"#;

fn day(days: i64) -> String {
    (chrono::Utc::now().date_naive() + chrono::TimeDelta::days(days)).to_string()
}

/// A shop whose members are the first two cards with these fields.
fn shop(members: [Value; 2]) -> Shop {
    let mut shop = Shop::empty();
    shop.fill_with(&format!("{PROGRAMME}{KINDS}"), &lines_of(members));
    shop.start();
    shop
}

fn lines_of(members: [Value; 2]) -> String {
    let of = |((member, code), more): (&(&str, &str), Value)| {
        with(&json!({ "member": member, "codes": [code] }), more).to_string()
    };
    MEMBERS.iter().zip(members).map(of).collect::<Vec<_>>().join("\n") + "\n"
}

fn quote(shop: &Shop, who: usize, sku: &str, vouchers: &[&str]) -> Value {
    let id = shop.identify(MEMBERS[who].1);
    let basket = json!({
        "till": "1", "currency": "CZK", "lines": [line("1", sku, 1, 10_000)],
        "identification_id": id, "vouchers": vouchers,
    });
    let (status, quoted) = shop.post("/v1/quotes", &basket);
    assert_eq!(status, 200, "{quoted}");
    quoted
}

/// What 100.00 of a product cost.
fn pays(shop: &Shop, who: usize, sku: &str, vouchers: &[&str]) -> i64 {
    quote(shop, who, sku, vouchers)["totals"]["payable"].as_i64().expect("a sum")
}

/// Why a voucher does not apply.
fn why_not(shop: &Shop, who: usize, sku: &str, voucher: &str) -> String {
    let quoted = quote(shop, who, sku, &[voucher]);
    let rejected = quoted["rejected"].as_array().expect("a list");
    let found = rejected.iter().find(|refused| refused["benefit"] == voucher);
    found.expect("it is told")["reason"].as_str().expect("a code").to_owned()
}

fn sell(shop: &Shop, who: usize, uid: &str, sku: &str, vouchers: &[&str]) -> i64 {
    let id = shop.identify(MEMBERS[who].1);
    let payable = pays(shop, who, sku, vouchers);
    let asked = json!({ "identification_id": id, "vouchers": vouchers });
    let commit = with(&receipt(&[line("1", sku, 1, 10_000)], payable), asked);
    let (status, sold) = shop.put(&format!("/v1/receipts/{uid}"), &commit);
    assert_eq!((status, &sold["flags"]), (201, &json!([])), "{sold}");
    payable
}

#[test]
fn cc_6_each_code_of_a_run_of_three_vouchers_is_worth_its_own_amount_once() {
    let given = |from: i64| {
        let voucher = |(at, kind)| json!({ "code": format!("RUN1-{}", from + at), "type": kind });
        let kinds = [(0, "ten"), (1, "fifteen"), (2, "twenty")].map(voucher);
        json!({ "vouchers": kinds })
    };
    let shop = shop([given(0), given(3)]);
    for (who, from) in [(0, 0), (1, 3)] {
        for (at, paid) in [(0, 9_000), (1, 8_500), (2, 8_000)] {
            let code = format!("RUN1-{}", from + at);
            assert_eq!(sell(&shop, who, &format!("R{code}"), "bread", &[&code]), paid, "{code}");
            assert_eq!(why_not(&shop, who, "bread", &code), "voucher_used");
        }
    }
}

#[test]
fn bq_13_an_incentive_made_for_one_member_is_taken_from_that_member_only() {
    let shop = shop([json!({ "vouchers": [{ "code": "FOR-ONE", "type": "twenty" }] }), json!({})]);
    assert_eq!(why_not(&shop, 1, "bread", "FOR-ONE"), "voucher_of_other");
    assert_eq!(why_not(&shop, 0, "bread", "FOR-ONF"), "voucher_unknown");
    assert_eq!(sell(&shop, 0, "R1", "bread", &["FOR-ONE"]), 8_000);
}

#[test]
fn bq_35_a_voucher_to_return_is_taken_after_a_long_absence_though_the_points_lapsed() {
    let gone = json!({
        "points": 900, "last_purchase": day(-400),
        "vouchers": [{ "code": "MISS-YOU", "type": "back", "valid_until": day(14) }],
    });
    let shop = shop([gone, json!({})]);
    assert_eq!(shop.balance(MEMBERS[0].0), 0, "365 days are over");
    assert_eq!(sell(&shop, 0, "R1", "bread", &["MISS-YOU"]), 8_000);
    assert_eq!(shop.balance(MEMBERS[0].0), 8, "and points are earned again");
}

#[test]
fn bc_13_the_offer_for_who_sleeps_is_taken_once_and_ends_with_the_flag() {
    let sleeping = || json!({ "flags": ["sleeping"] });
    let shop = shop([sleeping(), sleeping()]);
    assert_eq!(sell(&shop, 0, "R1", "bread", &[]), 8_500);
    assert_eq!(pays(&shop, 0, "bread", &[]), 10_000, "once");
    assert_eq!(pays(&shop, 1, "bread", &[]), 8_500);
    let awake = shop.write("awake.jsonl", &lines_of([json!({}), json!({})]));
    shop.succeed(&["import", "members", awake.to_str().unwrap()]);
    let begun = std::time::Instant::now();
    while pays(&shop, 1, "bread", &[]) != 10_000 {
        assert!(begun.elapsed().as_secs() < 30, "the new base is taken up");
        std::thread::yield_now();
    }
}

#[test]
fn bc_15_a_birthday_brings_a_gift_and_a_code_that_counts_once() {
    let today = &day(0)[5..];
    let other = &day(40)[5..];
    let born = |day: &str, code: &str| {
        let until = self::day(7);
        json!({
            "birthday": day,
            "vouchers": [{ "code": code, "type": "ten", "valid_until": until }],
        })
    };
    let shop = shop([born(today, "BDAY-1"), born(other, "BDAY-2")]);
    assert_eq!(pays(&shop, 1, "cake", &[]), 10_000, "it is not the other's birthday");
    assert_eq!(sell(&shop, 0, "R1", "cake", &[]), 0);
    assert_eq!(pays(&shop, 0, "cake", &[]), 10_000, "one gift a birthday");
    assert_eq!(sell(&shop, 0, "R2", "bread", &["BDAY-1"]), 9_000);
    assert_eq!(why_not(&shop, 0, "bread", "BDAY-1"), "voucher_used");
}

#[test]
fn bc_17_a_discount_to_replenish_counts_for_the_product_that_runs_out_only() {
    let shop = shop([json!({ "vouchers": [{ "code": "REFILL", "type": "filter" }] }), json!({})]);
    assert_eq!(why_not(&shop, 0, "bread", "REFILL"), "no_eligible_line");
    assert_eq!(sell(&shop, 0, "R1", "filter", &["REFILL"]), 7_500);
}

#[test]
fn bq_28_a_voucher_about_to_lapse_is_listed_with_its_last_day_and_taken_on_it() {
    let voucher =
        |code: &str, days: i64| json!({ "code": code, "type": "ten", "valid_until": day(days) });
    let vouchers = json!({ "vouchers": [voucher("LAST-DAY", 1), voucher("OVER", -2)] });
    let shop = shop([vouchers, json!({})]);
    let (_, member) = shop.get(&format!("/v1/members/{}", MEMBERS[0].0));
    let listed = member["vouchers"].as_array().expect("a list");
    let told: Vec<_> =
        listed.iter().map(|listed| (&listed["voucher"], &listed["valid_until"])).collect();
    assert_eq!(told, [(&json!("LAST-DAY"), &json!(day(1)))], "what is over is not");
    assert_eq!(why_not(&shop, 0, "bread", "OVER"), "over");
    assert_eq!(sell(&shop, 0, "R1", "bread", &["LAST-DAY"]), 9_000);
}
