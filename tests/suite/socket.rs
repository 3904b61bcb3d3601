use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{MEMBERS, Shop, line, receipt, with};

/// Starts the agent on a socket beside the data folder, as the configuration file says.
fn start(shop: &mut Shop, more: &str) -> Result<String, String> {
    let socket = shop.folder.path().join("agent.sock").to_str().unwrap().to_owned();
    let text = format!("[store]\nid = \"S1\"\n[api]\nlisten = \"unix:{socket}\"\n{more}");
    let config = shop.write("socket.toml", &text);
    shop.try_start(&["--config", config.to_str().unwrap(), "run"]).map(|()| socket)
}

#[test]
fn a_till_sells_over_a_unix_socket() {
    let mut shop = Shop::without_agent();
    let socket = start(&mut shop, "").expect("the agent starts");
    assert_eq!(shop.get("/healthz").0, 200);
    let id = shop.identify(MEMBERS[0].1);
    let lines = [line("1", "milk", 2, 2_500)];
    let basket = json!({ "till": "1", "currency": "CZK", "lines": lines, "identification_id": id });
    let (status, quote) = shop.post("/v1/quotes", &basket);
    assert_eq!((status, &quote["totals"]["payable"]), (200, &json!(4_500)), "{quote}");
    let sound = with(
        &receipt(&lines, 4_500),
        json!({ "identification_id": id, "quote_id": quote["quote_id"] }),
    );
    let (status, sold) = shop.put("/v1/receipts/R1", &sound);
    assert_eq!((status, &sold["flags"]), (201, &json!([])), "{sold}");
    let (status, known) = shop.get("/v1/receipts/R1?till=1");
    assert_eq!((status, &known["sale"]["totals"]), (200, &sold["totals"]), "{known}");
    assert_eq!(shop.balance(MEMBERS[0].0), 1_004);
    let (status, problem) = shop.get("/v1/receipts/R2?till=1");
    assert_eq!((status, &problem["code"]), (404, &json!("receipt_unknown")));
    assert!(std::fs::symlink_metadata(&socket).unwrap().file_type().is_socket());

    shop.kill();
    assert!(Path::new(&socket).exists(), "a killed agent leaves its socket");
    start(&mut shop, "").expect("and the next one takes its place");
    assert_eq!(shop.put("/v1/receipts/R1", &sound), (201, sold));
    shop.stop();
}

#[test]
fn a_web_page_is_not_served_over_a_unix_socket_either() {
    let mut shop = Shop::without_agent();
    start(&mut shop, "").expect("the agent starts");
    let asked = shop.client.get(shop.url("/v1/info")).header("origin", "https://evil.example");
    assert_eq!(asked.send().expect("an answer").status().as_u16(), 403);
    let other = shop.client.get("http://evil.example/v1/info").send().expect("an answer");
    let problem: Value = other.json().expect("a problem");
    assert_eq!(problem["code"], "host_not_allowed");
}

#[test]
fn what_is_no_socket_is_never_replaced() {
    let mut shop = Shop::without_agent();
    let path = shop.write("agent.sock", "somebody's file");
    let refused = start(&mut shop, "").expect_err("there is a file");
    assert!(refused.contains("could not listen on unix:"), "{refused}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), "somebody's file");
}
