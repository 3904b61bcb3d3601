use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::support::{MEMBERS, Shop, line, receipt, told, with};

#[test]
fn every_wrong_receipt_is_refused_with_its_code() {
    let shop = Shop::new();
    let sound = receipt(&[line("1", "milk", 1, 2_500)], 2_500);
    let lines = |lines: Vec<Value>| with(&sound, json!({ "lines": lines }));
    let changed = |more: Value| lines(vec![with(&line("1", "milk", 1, 2_500), more)]);
    let many: Vec<Value> = (0..10_001).map(|n| line(&n.to_string(), "x", 1, 0)).collect();
    let cases = [
        (
            "a negative amount",
            changed(json!({ "amount": -1 })),
            "/lines/0/amount",
            "amount_out_of_range",
        ),
        (
            "a negative quantity",
            changed(json!({ "quantity": "-1" })),
            "/lines/0/quantity",
            "quantity_out_of_range",
        ),
        (
            "no quantity",
            changed(json!({ "quantity": "0" })),
            "/lines/0/quantity",
            "quantity_out_of_range",
        ),
        (
            "a quantity that is no number",
            changed(json!({ "quantity": "NaN" })),
            "/lines/0/quantity",
            "quantity_malformed",
        ),
        (
            "an overflowing amount",
            changed(json!({ "amount": i64::MAX })),
            "/lines/0/amount",
            "amount_out_of_range",
        ),
        ("a float", changed(json!({ "amount": 2500.0 })), "/lines/0/amount", "wrong_type"),
        (
            "a text for an amount",
            changed(json!({ "amount": "2500" })),
            "/lines/0/amount",
            "wrong_type",
        ),
        (
            "an amount that is not quantity times price",
            changed(json!({ "amount": 2_600 })),
            "/lines/0/amount",
            "not_quantity_times_price",
        ),
        ("10,001 lines", lines(many), "/lines", "too_many_lines"),
        (
            "a line id twice",
            lines(vec![line("1", "a", 1, 1), line("1", "b", 1, 1)]),
            "/lines/1/line_id",
            "line_id_twice",
        ),
        (
            "another currency",
            with(&sound, json!({ "currency": "EUR" })),
            "/currency",
            "other_currency",
        ),
        (
            "a closing time that is none",
            with(&sound, json!({ "closed_at": "yesterday" })),
            "/closed_at",
            "not_a_time",
        ),
    ];
    for (case, body, pointer, code) in cases {
        let (status, problem) = shop.put("/v1/receipts/R1", &body);
        assert_eq!((status, &problem["code"]), (422, &json!(code)), "{case}: {problem}");
        let faults = problem["errors"].as_array().expect("a list").iter();
        let told: Vec<_> = faults.map(|one| (&one["pointer"], &one["code"])).collect();
        assert_eq!(told, [(&json!(pointer), &json!(code))], "{case}: {problem}");
        assert!(problem["detail"].is_string(), "{case}: {problem}");
    }
    let sums = [
        (
            "payments that differ",
            with(&sound, json!({ "payments": [{ "type": "cash", "amount": 1 }] })),
            "payments_differ",
        ),
        (
            "more to pay than sold",
            with(&sound, json!({ "payable": 2_501, "payments": [] })),
            "totals_do_not_add_up",
        ),
        (
            "less than nothing to pay",
            with(&sound, json!({ "payable": -1, "payments": [] })),
            "amount_out_of_range",
        ),
        (
            "line discounts that differ",
            with(&sound, json!({ "line_discounts": [{ "line_id": "1", "amount": 1 }] })),
            "totals_do_not_add_up",
        ),
    ];
    for (case, body, code) in sums {
        let (status, problem) = shop.put("/v1/receipts/R1", &body);
        assert_eq!((status, &problem["code"]), (422, &json!(code)), "{case}: {problem}");
    }
    assert_eq!(shop.get("/v1/receipts/R1?till=1").0, 404, "nothing of it was recorded");
    assert_eq!(shop.put("/v1/receipts/R1", &sound).0, 201, "the till sells on");
}

#[test]
fn every_unreadable_body_is_refused_with_its_code() {
    let shop = Shop::new();
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let cases: [(&str, Vec<u8>, u16, &str); 6] = [
        ("nothing", Vec::new(), 400, "not_json"),
        ("no JSON", b"{".to_vec(), 400, "not_json"),
        ("not UTF-8", b"{\"raw\":\"\xff\"}".to_vec(), 400, "not_utf8"),
        ("too deep", deep.into_bytes(), 400, "too_deep"),
        ("a list", b"[]".to_vec(), 422, "wrong_type"),
        ("another type", b"{\"raw\":1}".to_vec(), 422, "wrong_type"),
    ];
    for (case, body, status, code) in cases {
        let request = shop.client.post(shop.url("/v1/identify"));
        let answer = request.header("Content-Type", "application/json").body(body).send();
        let (got, problem) = told(answer.expect("an answer"));
        assert_eq!((got, &problem["code"]), (status, &json!(code)), "{case}: {problem}");
    }
    let raw = |head: &str, body: &str| {
        let mut stream = TcpStream::connect(shop.address()).expect("a connection");
        let head = format!(
            "POST /v1/identify HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/json\r\n{head}\r\n\r\n{body}"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    };
    for (head, body) in [
        ("Content-Length: 90", "{\"raw\":"),
        ("Transfer-Encoding: chunked", "8\r\n{\"raw\":\r\nnonsense"),
    ] {
        let answer = raw(head, body);
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("body_cut_off"), "{answer}");
    }
    let mut stream = TcpStream::connect(shop.address()).expect("a connection");
    let head = "POST /v1/identify HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                Content-Type: application/json\r\nContent-Length: 5000000\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer before the body");
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("body_too_large"), "{answer}");
    let (status, problem) =
        told(shop.client.post(shop.url("/v1/identify")).body("{}").send().unwrap());
    assert_eq!((status, &problem["code"]), (415, &json!("content_type_unsupported")), "{problem}");
    let (status, problem) = shop.get("/v1/nothing");
    assert_eq!((status, &problem["code"]), (404, &json!("path_unknown")), "{problem}");
    let method = shop.client.patch(shop.url("/v1/identify")).send().unwrap();
    let (status, problem) = told(method);
    assert_eq!((status, &problem["code"]), (405, &json!("method_not_allowed")), "{problem}");
    for key in ["\"open", "two words", "\"\"", &"k".repeat(256)] {
        let request = shop.client.post(shop.url("/v1/receipts/R1/void"));
        let body = json!({ "till": "1", "void_uid": "B1" });
        let (status, problem) =
            told(request.header("Idempotency-Key", key).json(&body).send().expect("an answer"));
        let malformed = json!("idempotency_key_malformed");
        assert_eq!((status, &problem["code"]), (400, &malformed), "{key}: {problem}");
    }
}

#[test]
fn codes_are_refused_each_with_its_own_answer() {
    let shop = Shop::new();
    let cases = [
        ("2000000000016", 422, "code_check_digit_wrong"),
        ("2000000009995", 404, "member_unknown"),
        ("9813765030011", 422, "code_is_coupon"),
        ("LY1-0123456789ABCDEF-x-1", 422, "code_malformed"),
        ("", 422, "scan_empty"),
    ];
    for (raw, status, code) in cases {
        let (got, problem) = shop.post("/v1/identify", &json!({ "raw": raw }));
        assert_eq!(got, status, "{raw}: {problem}");
        assert_eq!(problem["code"], code, "{raw}: {problem}");
        assert!(raw.len() < 13 || !problem.to_string().contains(raw), "no code in an answer");
    }
    let forged = format!("id1-{}", "0".repeat(66));
    let quote = json!({ "till": "1", "currency": "CZK", "lines": [], "identification_id": forged });
    let (status, problem) = shop.post("/v1/quotes", &quote);
    assert_eq!((status, &problem["code"]), (409, &json!("identification_unknown")), "{problem}");
    assert!(!shop.log().contains("2000000009995"), "no code in the log");
}

#[test]
fn returns_that_cannot_be_are_refused_and_the_rest_is_not() {
    let shop = Shop::new();
    let sold = receipt(&[line("1", "milk", 2, 2_500)], 5_000);
    assert_eq!(shop.put("/v1/receipts/R1", &sold).0, 201);
    let give_back = |of: &str, line: &str, quantity: &str, uid: &str| {
        let lines = json!([{ "line_id": line, "quantity": quantity }]);
        let body = json!({ "till": "1", "return_uid": uid, "lines": lines });
        let (status, reply) = shop.post(&format!("/v1/receipts/{of}/returns"), &body);
        (status, reply["code"].as_str().unwrap_or_default().to_owned())
    };
    let refused = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(give_back("R9", "1", "1", "B1"), refused(404, "receipt_unknown"));
    assert_eq!(give_back("R1", "9", "1", "B1"), refused(422, "return_no_such_line"));
    assert_eq!(give_back("R1", "1", "3", "B1"), refused(422, "return_more_than_sold"));
    assert_eq!(give_back("R1", "1", "2", "B1"), refused(201, ""));
    assert_eq!(give_back("R1", "1", "1", "B2"), refused(422, "return_more_than_sold"));
    let other = json!({ "till": "2", "void_uid": "B1" });
    let (status, problem) = shop.post("/v1/receipts/R1/void", &other);
    assert_eq!(
        (status, &problem["code"]),
        (404, &json!("receipt_unknown")),
        "another till's receipt"
    );
}

#[test]
fn another_till_takes_back_what_it_says_who_sold() {
    let shop = Shop::new();
    let id = shop.identify(MEMBERS[0].1);
    let sold =
        with(&receipt(&[line("1", "milk", 3, 2_500)], 6_750), json!({ "identification_id": id }));
    assert_eq!(shop.put("/v1/receipts/R1", &sold).0, 201);
    assert_eq!(shop.balance(MEMBERS[0].0), 1_006);
    let give_back = |uid: &str, till: &str, sold_by: Option<&str>| {
        let lines = json!([{ "line_id": "1", "quantity": "1" }]);
        let body = json!({ "till": till, "sold_by": sold_by, "return_uid": uid, "lines": lines });
        shop.post("/v1/receipts/R1/returns", &body)
    };
    for sold_by in [None, Some("2"), Some("3")] {
        let (status, problem) = give_back("B1", "2", sold_by);
        let unknown = json!("receipt_unknown");
        assert_eq!((status, &problem["code"]), (404, &unknown), "{sold_by:?}: {problem}");
    }
    let (status, first) = give_back("B1", "2", Some("1"));
    assert_eq!((status, &first["refund"]), (201, &json!(2_250)), "{first}");
    let (status, again) = give_back("B1", "2", Some("1"));
    assert_eq!((status, again), (201, first), "a retry gets the same answer");
    assert_eq!(shop.balance(MEMBERS[0].0), 1_004, "45.00 of 67.50 remain");
    let (status, other) = give_back("B1", "1", None);
    assert_eq!(status, 201, "ids are each till's own: {other}");
    let (_, known) = shop.get("/v1/receipts/R1?till=1");
    assert_eq!(known["followed_by"].as_array().map(Vec::len), Some(2), "{known}");
    assert_eq!(give_back("B2", "2", Some("1")).1["refund"], 2_250);
    let (status, problem) = give_back("B3", "2", Some("1"));
    assert_eq!((status, &problem["code"]), (422, &json!("return_more_than_sold")), "{problem}");
    assert_eq!(shop.balance(MEMBERS[0].0), 1_000);
}

#[test]
fn an_agent_without_a_programme_says_that_it_is_not_ready_until_it_has_one() {
    let mut shop = Shop::empty();
    shop.launch(&["run", "--store", "S1", "--listen", "127.0.0.1:0"]).expect("the agent starts");
    let (status, problem) = shop.get("/readyz");
    assert_eq!((status, &problem["code"]), (503, &json!("not_ready")), "{problem}");
    assert_eq!(problem["retryable"], true, "{problem}");
    assert_eq!(problem["errors"][0]["code"], "programme_in_force", "{problem}");
    let quote = json!({ "till": "1", "currency": "CZK", "lines": [line("1", "milk", 1, 1_000)] });
    let (status, problem) = shop.post("/v1/quotes", &quote);
    assert_eq!((status, &problem["code"]), (503, &json!("no_programme")), "{problem}");
    shop.fill();
    shop.wait_until_ready();
    assert_eq!(shop.post("/v1/quotes", &quote).0, 200);
}

#[test]
fn what_is_off_by_a_little_is_recorded_and_flagged() {
    let shop = Shop::new();
    let weighed = json!({
        "line_id": "1", "sku": "ham", "quantity": "0.333", "unit_price": 1_000, "amount": 334,
        "tax_rate": "12",
    });
    let quote = json!({ "till": "1", "currency": "CZK", "lines": [weighed] });
    let (status, quoted) = shop.post("/v1/quotes", &quote);
    assert_eq!(status, 200, "{quoted}");
    let sold = receipt(&[weighed], 334);
    let flags = |uid: &str, more: Value| {
        let (status, sold) = shop.put(&format!("/v1/receipts/{uid}"), &with(&sold, more));
        assert_eq!(status, 201, "{sold}");
        sold["flags"].clone()
    };
    let id = quoted["quote_id"].clone();
    assert_eq!(flags("R1", json!({ "quote_id": id })), json!(["amount_off_by_one"]));
    let outdated = json!(["amount_off_by_one", "quote_outdated"]);
    assert_eq!(flags("R2", json!({ "till": "2", "quote_id": id })), outdated, "another till's");
    assert_eq!(flags("R3", json!({ "quote_id": "q1-forged" })), outdated);
}

#[test]
fn strangers_are_refused() {
    let shop = Shop::new();
    let with_header = |name: &str, value: &str| {
        let request = shop.client.get(shop.url("/v1/info")).header(name, value);
        told(request.send().expect("an answer"))
    };
    let (status, problem) = with_header("Host", "evil.example");
    assert_eq!((status, &problem["code"]), (403, &json!("host_not_allowed")), "DNS rebinding");
    let (status, problem) = with_header("Origin", "https://evil.example");
    assert_eq!((status, &problem["code"]), (403, &json!("origin_not_allowed")));
}

#[test]
fn beyond_256_connections_the_answer_is_503_and_the_others_go_on() {
    let shop = Shop::new();
    let mut open = Vec::new();
    let mut refused = 0;
    for _ in 0..270 {
        let mut stream = TcpStream::connect(shop.address()).expect("a connection");
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").ok();
        let mut answer = [0; 12];
        match stream.read_exact(&mut answer) {
            Ok(()) if answer.ends_with(b"503") => refused += 1,
            Ok(()) => open.push(stream),
            Err(_) => refused += 1,
        }
    }
    assert!(open.len() <= 256 && refused >= 14, "{} open, {refused} refused", open.len());
    drop(open);
    let begun = std::time::Instant::now();
    while shop.client.get(shop.url("/healthz")).send().map(|r| r.status().as_u16()).ok()
        != Some(200)
    {
        assert!(begun.elapsed().as_secs() < 10, "connections come back");
    }
}

#[test]
fn a_wrong_programme_leaves_the_old_one_in_force() {
    let shop = Shop::new();
    let wrong = crate::support::PROGRAMME
        .replace("version = 1", "version = 2")
        .replace("\"10.00\"", "\"ten\"");
    let path = shop.write("wrong.toml", &wrong);
    let output = shop.run(&["programme", "activate", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(65));
    // Somebody who goes around the command is not heard either.
    std::fs::write(shop.data().join("programme.toml"), &wrong).unwrap();
    let begun = std::time::Instant::now();
    while !shop.data().join("programme.toml.refused").exists() {
        assert!(begun.elapsed().as_secs() < 20, "taken up within seconds");
        std::thread::yield_now();
    }
    let (_, info) = shop.get("/v1/info");
    assert_eq!(info["programme"]["version"], 1, "{info}");
    let id = shop.identify(MEMBERS[0].1);
    let quote = json!({ "till": "1", "currency": "CZK", "lines": [line("1", "milk", 1, 1_000)], "identification_id": id });
    assert_eq!(shop.post("/v1/quotes", &quote).1["totals"]["payable"], 900);
}

#[test]
fn another_programme_or_currency_than_the_ledgers_is_never_put_in_force() {
    let shop = Shop::new();
    let next = crate::support::PROGRAMME.replace("version = 1", "version = 2");
    let id = next.replace("id = \"club\"", "id = \"other\"");
    let currency = next.replace("\"CZK\"", "\"EUR\"");
    for (text, code) in [(id, "[other_programme]"), (currency, "[other_currency]")] {
        let path = shop.write("other.toml", &text);
        let output = shop.run(&["programme", "activate", path.to_str().unwrap()]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(65), "{told}");
        assert!(told.contains(code) && told.contains("data folder of its own"), "{told}");
        assert!(!shop.data().join("programme.toml").exists(), "nothing was handed over");
        // Nor by somebody who goes around the command.
        std::fs::write(shop.data().join("programme.toml"), &text).unwrap();
        let refused = shop.data().join("programme.toml.refused");
        let begun = std::time::Instant::now();
        while !refused.exists() {
            assert!(begun.elapsed().as_secs() < 20, "taken up within seconds");
            std::thread::yield_now();
        }
        std::fs::remove_file(refused).unwrap();
        assert!(shop.log().contains(code), "{}", shop.log());
        let (_, info) = shop.get("/v1/info");
        assert_eq!(info["programme"]["version"], 1, "{info}");
        assert_eq!(shop.get("/readyz").0, 200, "the old one stays");
    }
    let path = shop.write("next.toml", &next);
    shop.succeed(&["programme", "activate", path.to_str().unwrap()]);
}

#[test]
fn a_quote_is_honoured_after_the_programme_changed() {
    let shop = Shop::new();
    let id = shop.identify(MEMBERS[0].1);
    let lines = vec![line("1", "milk", 1, 1_000)];
    let quote = json!({ "till": "1", "currency": "CZK", "lines": lines, "identification_id": id });
    let (_, quoted) = shop.post("/v1/quotes", &quote);
    assert_eq!(quoted["totals"]["payable"], 900);
    let next = crate::support::PROGRAMME
        .replace("version = 1", "version = 2")
        .replace("percent = \"10\"", "percent = \"50\"");
    let path = shop.write("next.toml", &next);
    shop.succeed(&["programme", "activate", path.to_str().unwrap()]);
    let begun = std::time::Instant::now();
    while shop.get("/v1/info").1["programme"]["version"] != 2 {
        assert!(begun.elapsed().as_secs() < 20, "taken up within seconds");
    }
    assert_eq!(shop.post("/v1/quotes", &quote).1["totals"]["payable"], 500);
    let commit = with(
        &receipt(&lines, 900),
        json!({ "identification_id": id, "quote_id": quoted["quote_id"] }),
    );
    let (status, sold) = shop.put("/v1/receipts/R1", &commit);
    assert_eq!(status, 201, "{sold}");
    assert_eq!(sold["flags"], json!(["programme_outdated"]), "{sold}");
    assert_eq!(sold["totals"]["discount"], 100, "{sold}");
}

#[test]
fn a_paid_receipt_is_recorded_even_when_nobody_knows_the_member() {
    let mut shop = Shop::new();
    let id = shop.identify(MEMBERS[0].1);
    shop.stop();
    // The base of members is lost; the ledger is not.
    std::fs::remove_file(shop.data().join("base-1.db")).unwrap();
    shop.start();
    let sound = receipt(&[line("1", "bread", 1, 1_000)], 1_000);
    let (status, sold) =
        shop.put("/v1/receipts/R1", &with(&sound, json!({ "identification_id": id })));
    assert_eq!((status, &sold["flags"]), (201, &json!(["member_unknown"])), "{sold}");
    let stranger = with(&sound, json!({ "member": "000000000000000000000000000000ff" }));
    assert_eq!(shop.put("/v1/receipts/R2", &stranger).0, 201);
    let forged = with(&sound, json!({ "identification_id": format!("id1-{}", "0".repeat(66)) }));
    assert_eq!(shop.put("/v1/receipts/R3", &forged).0, 201);
    let members = shop.folder.path().join("members.jsonl");
    shop.succeed(&["import", "members", members.to_str().unwrap()]);
    let begun = std::time::Instant::now();
    while shop.get(&format!("/v1/members/{}", MEMBERS[0].0)).0 != 200 {
        assert!(begun.elapsed().as_secs() < 20, "taken up within seconds");
    }
    let late = json!({ "till": "1", "identification_id": shop.identify(MEMBERS[0].1) });
    assert_eq!(shop.post("/v1/receipts/R1/member", &late).0, 201, "and the points are not lost");
    assert_eq!(shop.balance(MEMBERS[0].0), 1_001);
}

#[test]
fn points_spent_without_a_scan_are_flagged() {
    let shop = Shop::new();
    let named = with(
        &receipt(&[line("1", "bread", 1, 4_000)], 2_000),
        json!({ "member": MEMBERS[0].0, "spend_points": 200 }),
    );
    let (status, sold) = shop.put("/v1/receipts/R1", &named);
    assert_eq!(status, 201, "{sold}");
    assert!(sold["flags"].to_string().contains("spent_unproven"), "{sold}");
}

#[test]
fn a_second_import_adds_to_the_first() {
    let shop = Shop::without_agent();
    let more =
        r#"{"member":"00000000000000000000000000000009","codes":["2000000000091"],"points":9}"#;
    let file = shop.write("more.jsonl", more);
    shop.succeed(&["import", "members", file.to_str().unwrap()]);
    let mut shop = shop;
    shop.start();
    assert_eq!(shop.balance("00000000000000000000000000000009"), 9);
    assert_eq!(shop.balance(MEMBERS[0].0), 1_000);
}

#[test]
fn a_key_that_is_lost_is_never_replaced_by_a_new_one() {
    let mut shop = Shop::new();
    shop.stop();
    for key in ["device.key", "directory.key"] {
        let (path, aside) = (shop.data().join(key), shop.folder.path().join(key));
        std::fs::rename(&path, &aside).unwrap();
        let output = shop.run(&["run", "--store", "S1", "--listen", "127.0.0.1:0"]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && told.contains(key) && !path.exists(), "{told}");
        std::fs::rename(&aside, &path).unwrap();
    }
    shop.start();
}
