use serde_json::{Value, json};

use crate::support::{MEMBERS, Shop, line, receipt, told, with};

fn two_lines() -> Vec<Value> {
    vec![line("1", "milk", 2, 2_500), line("2", "bread", 1, 4_000)]
}

#[test]
fn a_cashier_scans_quotes_commits_and_takes_back() {
    let shop = Shop::new();
    let (member, code) = MEMBERS[0];
    let id = shop.identify(code);
    let basket = json!({
        "till": "1", "currency": "CZK", "lines": two_lines(), "identification_id": id,
        "spend_points": 200,
    });
    let (status, quote) = shop.post("/v1/quotes", &basket);
    assert_eq!(status, 200, "{quote}");
    // Milk 50.00 less 10 %, bread 40.00, 200 points pay 20.00.
    assert_eq!(quote["totals"]["discount"], 500);
    assert_eq!(quote["totals"]["redeemed"], 2_000);
    assert_eq!(quote["totals"]["payable"], 6_500);
    assert_eq!(quote["points"]["spent"], 200);
    assert_eq!(quote["points"]["earned"], 6);
    let again = shop.post("/v1/quotes", &basket).1;
    assert_eq!(again["totals"], quote["totals"], "a quote writes nothing");

    let commit = with(
        &receipt(&two_lines(), 6_500),
        json!({ "identification_id": id, "spend_points": 200, "quote_id": quote["quote_id"] }),
    );
    let (status, sold) = shop.put("/v1/receipts/R1", &commit);
    assert_eq!(status, 201, "{sold}");
    assert_eq!(sold["totals"], quote["totals"], "quote = commit");
    assert_eq!(sold["flags"], json!([]), "{sold}");
    assert_eq!(shop.balance(member), 1_000 - 200 + 6);

    let returned =
        json!({ "till": "1", "return_uid": "B1", "lines": [{ "line_id": "1", "quantity": "1" }] });
    let (status, back) = shop.post("/v1/receipts/R1/returns", &returned);
    assert_eq!(status, 201, "{back}");
    let (_, voided) = shop.post("/v1/receipts/R1/void", &json!({ "till": "1", "void_uid": "B2" }));
    let refunds = back["refund"].as_i64().unwrap() + voided["refund"].as_i64().unwrap();
    assert_eq!(refunds, 6_500, "parts of a return are the whole: {back} {voided}");
    assert_eq!(shop.balance(member), 1_000, "points are as they were");
    let (status, gone) =
        shop.post("/v1/receipts/R1/void", &json!({ "till": "1", "void_uid": "B3" }));
    assert_eq!((status, &gone["code"]), (409, &json!("nothing_left")));

    let (status, known) = shop.get("/v1/receipts/R1?till=1");
    assert_eq!(status, 200, "{known}");
    assert_eq!(known["followed_by"].as_array().map(Vec::len), Some(2), "{known}");
}

#[test]
fn a_retry_gets_the_same_answer_and_books_nothing() {
    let shop = Shop::new();
    let (member, code) = MEMBERS[1];
    let id = shop.identify(code);
    let commit = with(&receipt(&two_lines(), 8_500), json!({ "identification_id": id }));
    let send =
        || shop.client.put(shop.url("/v1/receipts/R1")).json(&commit).send().expect("an answer");
    let first = send();
    assert_eq!(first.status(), 201);
    assert_eq!(first.headers().get("idempotent-replay"), None);
    let first = first.text().unwrap();
    let again = send();
    assert_eq!(again.status(), 201);
    assert_eq!(again.headers().get("idempotent-replay").map(|v| v.as_bytes()), Some(&b"true"[..]));
    assert_eq!(again.text().unwrap(), first, "byte for byte");
    assert_eq!(shop.balance(member), 2_008);
    let other = with(&commit, json!({ "receipt_number": "17" }));
    let (status, problem) = shop.put("/v1/receipts/R1", &other);
    assert_eq!((status, &problem["code"]), (409, &json!("conflict")), "{problem}");
}

#[test]
fn a_key_repeats_a_request_and_refuses_another() {
    let shop = Shop::new();
    let send = |uid: &str, body: &Value| {
        let request = shop.client.put(shop.url(&format!("/v1/receipts/{uid}")));
        told(request.header("Idempotency-Key", "\"k-1\"").json(body).send().expect("an answer"))
    };
    let body = receipt(&two_lines(), 9_000);
    assert_eq!(send("R1", &body).0, 201);
    assert_eq!(send("R1", &body).0, 201);
    let (status, problem) = send("R2", &body);
    assert_eq!((status, &problem["code"]), (422, &json!("idempotency_key_reused")), "{problem}");
}

#[test]
fn what_the_till_sold_is_a_fact_even_where_it_differs() {
    let shop = Shop::new();
    let (member, code) = MEMBERS[0];
    let id = shop.identify(code);
    // The till gave nothing although 5.00 were due, and spent 5,000 points that nobody has.
    let commit = with(
        &receipt(&two_lines(), 8_000),
        json!({ "identification_id": id, "spend_points": 5_000 }),
    );
    let (status, sold) = shop.put("/v1/receipts/R1", &commit);
    assert_eq!(status, 201, "{sold}");
    let flags = sold["flags"].to_string();
    assert!(
        flags.contains("discount_differs") && flags.contains("spent_beyond_balance"),
        "{flags}"
    );
    assert_eq!(sold["totals"]["payable"], 8_000);
    let (_, account) = shop.get(&format!("/v1/members/{member}"));
    assert_eq!((&account["balance"], &account["debt"]), (&json!(0), &json!(3_992)), "{account}");
}

#[test]
fn a_voucher_is_used_once_and_says_what_is_missing() {
    let shop = Shop::new();
    let id = shop.identify(MEMBERS[0].1);
    let basket = |price: i64| {
        json!({
            "till": "1", "currency": "CZK", "lines": [line("1", "bread", 1, price)],
            "identification_id": id, "vouchers": ["V1"],
        })
    };
    let (_, below) = shop.post("/v1/quotes", &basket(2_499));
    assert_eq!(below["totals"]["payable"], 2_499);
    let rejected = below["rejected"].as_array().expect("a list");
    let refused = rejected.iter().find(|refused| refused["benefit"] == "V1").expect("it is told");
    assert_eq!(
        (&refused["reason"], &refused["missing"]),
        (&json!("below_minimum_amount"), &json!(1)),
        "{below}"
    );
    assert_eq!(refused["message"], "0.01 more and Voucher 15 applies");
    let (_, reached) = shop.post("/v1/quotes", &basket(2_500));
    assert_eq!(reached["totals"]["payable"], 1_000, "{reached}");
    let commit = with(
        &receipt(&[line("1", "bread", 1, 2_500)], 1_000),
        json!({ "identification_id": id, "vouchers": ["V1"], "quote_id": reached["quote_id"] }),
    );
    assert_eq!(shop.put("/v1/receipts/R1", &commit).0, 201);
    let (_, used) = shop.post("/v1/quotes", &basket(2_500));
    assert_eq!(used["rejected"][1]["reason"], "voucher_used", "{used}");
    assert_eq!(shop.post("/v1/receipts/R1/void", &json!({ "till": "1", "void_uid": "B1" })).0, 201);
    let (_, free) = shop.post("/v1/quotes", &basket(2_500));
    assert_eq!(free["totals"]["payable"], 1_000, "a void frees the voucher: {free}");
}

#[test]
fn a_reservation_keeps_points_from_other_lanes_until_it_is_released() {
    let shop = Shop::new();
    let id = shop.identify(MEMBERS[0].1);
    let reserve =
        json!({ "reservation_uid": "H1", "till": "1", "identification_id": id, "points": 900 });
    let (status, held) = shop.post("/v1/reservations", &reserve);
    assert_eq!(status, 201, "{held}");
    let basket = |till: &str, reservation: Value| {
        json!({
            "till": till, "currency": "CZK", "lines": [line("1", "bread", 10, 4_000)],
            "identification_id": id, "spend_points": 900, "reservation": reservation,
        })
    };
    let spent = |body: &Value| shop.post("/v1/quotes", body).1["points"]["spent"].clone();
    assert_eq!(spent(&basket("2", Value::Null)), 100, "another lane sees what is free");
    assert_eq!(spent(&basket("1", json!("H1"))), 900, "the lane that holds them may spend them");
    let more =
        json!({ "reservation_uid": "H2", "till": "2", "identification_id": id, "points": 200 });
    let (status, problem) = shop.post("/v1/reservations", &more);
    assert_eq!((status, &problem["code"]), (409, &json!("not_enough_points")), "{problem}");
    let release = shop.client.delete(shop.url("/v1/reservations/H1?till=1")).send().unwrap();
    assert_eq!(release.status(), 204);
    assert_eq!(spent(&basket("2", Value::Null)), 900);
}

#[test]
fn a_late_member_earns_as_of_the_sale() {
    let shop = Shop::new();
    let (member, code) = MEMBERS[2];
    assert_eq!(shop.put("/v1/receipts/R1", &receipt(&two_lines(), 9_000)).0, 201);
    let id = shop.identify(code);
    let (status, assigned) =
        shop.post("/v1/receipts/R1/member", &json!({ "till": "1", "identification_id": id }));
    assert_eq!(status, 201, "{assigned}");
    assert_eq!(shop.balance(member), 3_009);
    let id = shop.identify(MEMBERS[0].1);
    let (status, problem) =
        shop.post("/v1/receipts/R1/member", &json!({ "till": "1", "identification_id": id }));
    assert_eq!((status, &problem["code"]), (409, &json!("member_present")), "{problem}");
    assert_eq!(shop.post("/v1/receipts/R1/void", &json!({ "till": "1", "void_uid": "B1" })).0, 201);
    assert_eq!(shop.balance(member), 3_000, "a void takes the late points back");
}

#[test]
fn training_receipts_touch_nothing() {
    let shop = Shop::new();
    let id = shop.identify(MEMBERS[0].1);
    let commit =
        with(&receipt(&two_lines(), 8_500), json!({ "identification_id": id, "mode": "training" }));
    let (status, trained) = shop.put("/v1/receipts/R1", &commit);
    assert_eq!(status, 201, "{trained}");
    assert_eq!(shop.balance(MEMBERS[0].0), 1_000);
}

#[test]
fn events_and_adjustments_are_recorded_once() {
    let shop = Shop::new();
    let member = MEMBERS[0].0;
    let event = json!({ "event_uid": "E1", "type": "survey", "member": member, "attributes": { "answer": "yes" } });
    assert_eq!(shop.post("/v1/events", &event).0, 201);
    assert_eq!(shop.post("/v1/events", &event).0, 201);
    let (status, problem) =
        shop.post("/v1/events", &with(&event, json!({ "event_uid": "E2", "type": "party" })));
    assert_eq!((status, &problem["code"]), (422, &json!("event_type_unknown")), "{problem}");
    let adjust =
        json!({ "adjustment_uid": "A1", "operator": "o-7", "points": 50, "reason": "spilt milk" });
    let path = format!("/v1/members/{member}/adjustments");
    assert_eq!(shop.post(&path, &adjust).0, 201);
    assert_eq!(shop.post(&path, &adjust).0, 201);
    assert_eq!(shop.balance(member), 1_050);
}

#[test]
fn everything_is_there_after_a_restart() {
    let mut shop = Shop::new();
    let id = shop.identify(MEMBERS[0].1);
    let commit = with(&receipt(&two_lines(), 8_500), json!({ "identification_id": id }));
    let (_, sold) = shop.put("/v1/receipts/R1", &commit);
    shop.stop();
    shop.start();
    assert_eq!(shop.balance(MEMBERS[0].0), 1_008);
    let (status, again) = shop.put("/v1/receipts/R1", &commit);
    assert_eq!((status, again), (201, sold), "the identification outlives the restart too");
}

#[test]
fn monitors_see_readiness_figures_and_the_contract() {
    let shop = Shop::new();
    shop.put("/v1/receipts/R1", &receipt(&two_lines(), 9_000));
    assert_eq!(shop.get("/healthz").0, 200);
    let (status, info) = shop.get("/v1/info");
    assert_eq!(status, 200, "{info}");
    let (_, metrics) = shop.get("/metrics");
    let metrics = metrics.as_str().expect("text");
    assert!(metrics.contains("tillward_receipts_total{identified=\"no\"} 1"), "{metrics}");
    let (_, contract) = shop.get("/openapi.json");
    assert_eq!(contract["openapi"], "3.1.0");
    for path in ["/v1/identify", "/v1/quotes", "/v1/receipts/{uid}", "/v1/events", "/readyz"] {
        assert!(contract["paths"][path].is_object(), "{path}");
    }
}

#[test]
fn ld_16_the_cost_of_a_line_stands_in_the_record_and_changes_nothing() {
    let shop = Shop::new();
    let plain = line("1", "milk", 2, 2_500);
    let costing = with(&plain, json!({ "cost": 3_105 }));
    let basket = |line: &Value| json!({ "till": "1", "currency": "CZK", "lines": [line] });
    let quoted = |line: &Value| shop.post("/v1/quotes", &basket(line)).1;
    let (cheap, known) = (quoted(&plain), quoted(&costing));
    assert_eq!((&cheap["totals"], &cheap["lines"]), (&known["totals"], &known["lines"]));
    let (status, sold) = shop.put("/v1/receipts/R1", &receipt(&[costing], 5_000));
    assert_eq!(status, 201, "{sold}");
    assert!(!sold.to_string().contains("3105"), "no reply tells what goods cost: {sold}");
    let shown = shop.succeed(&["journal", "show", "--kind", "sale", "--json"]);
    let record: Value = serde_json::from_str(shown.trim()).expect("one record");
    assert_eq!(record["sale"]["lines"][0]["cost"], 3_105, "{record}");
}
