//! Offers that single members carry, from the members file to the record.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::support::{MEMBERS, PROGRAMME, Shop, chrono_now, line, receipt, with};

const PERSONAL: &str = r#"
[personal]
shown_max = 1

[[offers]]
id = "bread-for-you"
name = "Bread for you"
personal = true
variant = "A"
kind = "line_percent"
percent = "20"
scope = { skus = ["bread"] }

[[offers]]
id = "rolls-for-you"
name = "Rolls for you"
personal = true
kind = "line_percent"
percent = "10"
scope = { skus = ["rolls"] }
"#;

fn today() -> NaiveDate {
    chrono_now()[..10].parse().expect("a day")
}

fn days_from_now(days: u64) -> String {
    (today() + Days::new(days)).to_string()
}

/// The members carry: bread before rolls; bread from a day to come; nothing.
fn shop() -> Shop {
    let mut shop = Shop::empty();
    let yesterday = (today() - Days::new(1)).to_string();
    let first = json!([
        { "offer": "rolls-for-you", "score": 400 },
        {
            "offer": "bread-for-you", "score": 870, "variant": "B",
            "from": yesterday, "until": format!("{}T12:00", days_from_now(5)),
        },
    ]);
    let second = json!([{ "offer": "bread-for-you", "from": days_from_now(3) }]);
    let members: Vec<String> = [first, second, json!([])]
        .into_iter()
        .zip(MEMBERS)
        .map(|(offers, (member, code))| {
            json!({ "member": member, "codes": [code], "offers": offers }).to_string()
        })
        .collect();
    shop.fill_with(&format!("{PROGRAMME}{PERSONAL}"), &members.join("\n"));
    shop.start();
    shop
}

fn basket() -> Vec<Value> {
    vec![line("1", "bread", 1, 5_000), line("2", "rolls", 1, 1_000)]
}

fn quoted(shop: &Shop, code: &str) -> Value {
    let id = shop.identify(code);
    let body =
        json!({ "till": "1", "currency": "CZK", "lines": basket(), "identification_id": id });
    let (status, quoted) = shop.post("/v1/quotes", &body);
    assert_eq!(status, 200, "{quoted}");
    quoted
}

fn refused<'q>(quoted: &'q Value, offer: &str) -> &'q Value {
    let rejected = quoted["rejected"].as_array().expect("a list");
    let found = rejected.iter().find(|refusal| refusal["benefit"] == offer);
    found.unwrap_or_else(|| panic!("{offer} is not refused: {quoted}"))
}

#[test]
fn ld_51_a_members_own_window_is_quoted_with_what_is_missing() {
    let shop = shop();
    let (_, identified) = shop.post("/v1/identify", &json!({ "raw": MEMBERS[0].1 }));
    let carried = json!([{
        "offer": "bread-for-you", "label": "Bread for you", "variant": "B", "score": 870,
        "until": format!("{}T12:00:00", days_from_now(5)),
    }]);
    assert_eq!(identified["offers"], carried, "the best that is open now");
    let (_, identified) = shop.post("/v1/identify", &json!({ "raw": MEMBERS[1].1 }));
    assert_eq!(identified.get("offers"), None, "not open yet: {identified}");
    let now = quoted(&shop, MEMBERS[0].1);
    assert_eq!(now["totals"]["payable"], 5_000, "a fifth off the bread: {now}");
    let ahead = quoted(&shop, MEMBERS[1].1);
    assert_eq!(ahead["totals"]["payable"], 6_000, "{ahead}");
    let refusal = refused(&ahead, "bread-for-you");
    assert_eq!(refusal["reason"], "not_yet", "{ahead}");
    assert_eq!(refusal["opens_at"], format!("{}T00:00:00", days_from_now(3)));
    let told = format!("Bread for you: your offer begins on {}", days_from_now(3));
    assert!(ahead["messages"].to_string().contains(&told), "{ahead}");
    let within_reach = json!({
        "offer": "bread-for-you", "label": "Bread for you", "variant": "A", "score": 0,
        "standing": "within_reach",
    });
    assert_eq!(ahead["offers"][0], within_reach, "before those for everybody: {ahead}");
    let nobodys = quoted(&shop, MEMBERS[2].1);
    assert_eq!(refused(&nobodys, "bread-for-you")["reason"], "not_personal", "{nobodys}");
}

#[test]
fn ld_57_the_best_scored_offer_applies_and_the_record_says_what_was_read() {
    let mut shop = shop();
    let quoted = quoted(&shop, MEMBERS[0].1);
    assert_eq!(refused(&quoted, "rolls-for-you")["reason"], "outranked", "{quoted}");
    let best = json!({
        "offer": "bread-for-you", "label": "Bread for you", "variant": "B", "score": 870,
        "standing": "applies",
    });
    assert_eq!(quoted["offers"][0], best);
    let sold = with(
        &receipt(&basket(), 5_000),
        json!({
            "quote_id": quoted["quote_id"], "member": MEMBERS[0].0,
            "reactions": [{ "offer": "bread-for-you", "reaction": "accepted" }],
        }),
    );
    let (status, first) = shop.put("/v1/receipts/R1", &sold);
    assert_eq!((status, &first["flags"]), (201, &json!([])), "{first}");
    assert_eq!(shop.put("/v1/receipts/R1", &sold).1, first, "worded from the record");
    let shown = shop.succeed(&["journal", "show", "--kind", "sale", "--json"]);
    let record: Value = serde_json::from_str(shown.trim()).expect("one record");
    let sale = &record["sale"];
    assert_eq!(sale["reactions"][0]["variant"], "B", "the one that the member got");
    let read = &sale["member"]["personal"];
    assert_eq!(read.as_array().map(Vec::len), Some(2), "{read}");
    assert_eq!(
        (&read[0]["offer"], &read[0]["score"], &read[0]["variant"]),
        (&json!("bread-for-you"), &json!(870), &json!("B")),
    );
    assert_eq!(read[0]["until"], format!("{} 12:00:00", days_from_now(5)));
    // A till that gave something else: a fact, and still what was read.
    let other = with(&receipt(&basket(), 5_500), json!({ "member": MEMBERS[0].0 }));
    let (status, second) = shop.put("/v1/receipts/R2", &other);
    assert_eq!((status, &second["flags"]), (201, &json!(["discount_differs"])), "{second}");
    shop.stop();
    let rebuilt = shop.succeed(&["rebuild"]);
    assert!(rebuilt.contains("; 0 differed"), "{rebuilt}");
    let shown = shop.succeed(&["journal", "show", "--kind", "sale", "--json"]);
    assert_eq!(shown.matches("\"score\":870").count(), 2, "{shown}");
}

#[test]
fn ld_51_a_list_for_another_programme_is_not_imported() {
    let shop = shop();
    for (offer, told) in [
        ("of-last-year", "the programme has no such offer"),
        ("milk10", "an offer of the member is not personal"),
    ] {
        let member = json!({
            "member": MEMBERS[0].0, "codes": [MEMBERS[0].1], "offers": [{ "offer": offer }],
        });
        let file = shop.write("wrong.jsonl", &member.to_string());
        let output = shop.run(&["import", "members", file.to_str().unwrap()]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && error.contains(told), "{offer}: {error}");
    }
}
