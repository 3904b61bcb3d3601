//! Greetings of the programme, and how much a till says unasked (BQ-7, BC-11, BQ-32).

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::support::{MEMBERS, PROGRAMME, Shop, line, receipt, with};

const GREETINGS: &str = r#"
[messages]
promotional_max = 2
frequency = [{ window = "week", uses = 1 }]

[[greetings]]
id = "vip"
priority = 10
text = { cs = "Vítejte zpět, jste náš VIP host", en = "Welcome back, you are our VIP guest" }
audience = { flags = ["vip"] }

[[greetings]]
id = "vip-cashier"
priority = 5
text = { en = "VIP: call the manager" }
shown_to = "cashier"
audience = { flags = ["vip"] }
frequency = [{ window = "ever", uses = 1000 }]
"#;

fn shop() -> Shop {
    let mut shop = Shop::empty();
    let member = |n: usize, flags: Value| {
        json!({ "member": MEMBERS[n].0, "codes": [MEMBERS[n].1], "flags": flags }).to_string()
    };
    let members = [member(0, json!(["vip"])), member(1, json!([]))];
    shop.fill_with(&format!("{PROGRAMME}{GREETINGS}"), &members.join("\n"));
    shop.start();
    shop
}

fn unasked(reply: &Value) -> Vec<&str> {
    let messages = reply["messages"].as_array().into_iter().flatten();
    let unasked = ["greeting", "refused_below_minimum_amount", "reward_ready", "reward_missing"];
    let told = messages.filter(|message| unasked.iter().any(|id| message["id"] == **id));
    told.map(|message| message["text"].as_str().expect("a text")).collect()
}

fn basket() -> Vec<Value> {
    vec![line("1", "bread", 1, 5_000)]
}

fn quoted(shop: &Shop, n: usize, more: Value) -> Value {
    let body = json!({
        "till": "1", "currency": "CZK", "lines": basket(), "member": MEMBERS[n].0,
    });
    let (status, quoted) = shop.post("/v1/quotes", &with(&body, more));
    assert_eq!(status, 200, "{quoted}");
    quoted
}

const WELCOME: &str = "Welcome back, you are our VIP guest";
const CALL: &str = "VIP: call the manager";

#[test]
fn bq_7_bc_11_a_vip_is_greeted_at_identification_and_with_the_quote_in_the_language_asked_for() {
    let shop = shop();
    let identified = |n: usize, language: &str| {
        let body = json!({ "raw": MEMBERS[n].1, "language": language });
        let (status, identified) = shop.post("/v1/identify", &body);
        assert_eq!(status, 200, "{identified}");
        identified
    };
    let czech = "Vítejte zpět, jste náš VIP host";
    for (language, expected) in [("cs-CZ", czech), ("en", WELCOME), ("de", WELCOME)] {
        let messages = json!([
            { "id": "greeting", "text": expected, "arguments": { "greeting": "vip" } },
            {
                "id": "greeting", "text": CALL, "arguments": { "greeting": "vip-cashier" },
                "shown_to": "cashier",
            },
        ]);
        assert_eq!(identified(0, language)["messages"], messages, "{language}");
    }
    assert_eq!(identified(1, "cs").get("messages"), None, "nobody else is greeted");
    assert_eq!(unasked(&quoted(&shop, 0, json!({ "language": "cs" }))), [czech, CALL]);
    assert_eq!(unasked(&quoted(&shop, 1, json!({}))).len(), 1, "20 off is within reach");
}

#[test]
fn bq_7_a_display_that_listens_hears_the_greeting_that_is_meant_for_it() {
    let shop = shop();
    let mut stream = TcpStream::connect(shop.address()).expect("a connection");
    stream.write_all(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map(|line| line.expect("readable"));
    assert!(lines.next().is_some_and(|status| status.contains("200")));
    let mut heard = |n: usize| {
        shop.identify(MEMBERS[n].1);
        let data = lines.find_map(|line| line.strip_prefix("data:").map(str::to_owned));
        serde_json::from_str::<Value>(&data.expect("an event")).expect("JSON")
    };
    let vip = heard(0);
    assert_eq!((&vip["type"], &vip["greetings"]), (&json!("identified"), &json!([WELCOME])));
    assert_eq!(heard(1).get("greetings"), None, "nobody else is greeted");
}

#[test]
fn bq_32_an_answer_has_few_promotional_messages_and_a_member_hears_the_same_once() {
    let mut shop = shop();
    let first = quoted(&shop, 0, json!({}));
    assert_eq!(unasked(&first), [WELCOME, CALL], "two of three: {first}");
    assert_eq!(first.get("offers"), None, "what is left out is not shown either: {first}");
    let reason = first["rejected"].to_string();
    assert!(reason.contains("below_minimum_amount"), "it is explained all the same: {reason}");
    assert_eq!(unasked(&quoted(&shop, 0, json!({}))), [WELCOME, CALL], "a quote counts nothing");
    let sale = with(&receipt(&basket(), 5_000), json!({ "member": MEMBERS[0].0 }));
    let (status, sold) = shop.put("/v1/receipts/R1", &sale);
    assert_eq!(status, 201, "{sold}");
    assert_eq!(unasked(&sold), [""; 0], "what was left out is left out of the receipt's too");
    assert_eq!(shop.put("/v1/receipts/R1", &sale).1, sold, "worded from the record");
    let shown = shop.succeed(&["journal", "show", "--kind", "sale", "--json"]);
    let record: Value = serde_json::from_str(shown.trim()).expect("one record");
    assert_eq!(
        record["sale"]["told"],
        json!([{ "greeting": "vip" }, { "greeting": "vip-cashier" }]),
    );
    shop.stop();
    let rebuilt = shop.succeed(&["rebuild"]);
    assert!(rebuilt.contains("; 0 differed"), "{rebuilt}");
    shop.start();
    let second = quoted(&shop, 0, json!({}));
    let told = unasked(&second);
    assert_eq!((told.len(), told[0]), (2, CALL), "the greeting was heard this week: {second}");
    assert_eq!(second["offers"][0]["standing"], "within_reach", "and makes room: {second}");
    let void = json!({ "till": "1", "void_uid": "B1" });
    assert_eq!(shop.post("/v1/receipts/R1/void", &void).0, 201);
    assert_eq!(unasked(&quoted(&shop, 0, json!({}))), [WELCOME, CALL], "as if nothing had been");
}

#[test]
fn bq_32_an_offer_that_the_till_showed_is_not_shown_again_this_week() {
    let shop = shop();
    let offers = |quote: &Value| quote["offers"].as_array().map_or(0, Vec::len);
    assert_eq!(offers(&quoted(&shop, 1, json!({}))), 1);
    let reactions = json!([{ "offer": "big", "reaction": "shown" }]);
    let sale = json!({ "member": MEMBERS[1].0, "reactions": reactions });
    let sale = with(&receipt(&basket(), 4_900), sale);
    let (status, sold) = shop.put("/v1/receipts/R1", &sale);
    assert_eq!((status, &sold["flags"]), (201, &json!(["discount_differs"])), "{sold}");
    let next = quoted(&shop, 1, json!({}));
    assert_eq!((offers(&next), unasked(&next).len()), (0, 0), "{next}");
}
