use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::{MEMBERS, Shop, line, receipt, with};

const PAGE_BYTES: usize = 4_096;

/// Receipts that are sold before the disk loses one page.
const RECEIPTS: usize = 200;

/// A shop that sold receipts of a point each to the first member, and stopped in order.
fn sold() -> Shop {
    let mut shop = Shop::new();
    let id = shop.identify(MEMBERS[0].1);
    let body = receipt(&[line("1", "bread", 1, 1_000)], 1_000);
    let body = with(&body, json!({ "identification_id": id }));
    for number in 0..RECEIPTS {
        assert_eq!(shop.put(&format!("/v1/receipts/{}", uid(number)), &body).0, 201);
    }
    shop.stop();
    shop
}

fn uid(number: usize) -> String {
    format!("uid-{number:04}")
}

fn ledger(shop: &Shop) -> PathBuf {
    shop.data().join("ledger.db")
}

/// Overwrites the page that has a receipt's record.
fn lose_the_page_of(shop: &Shop, number: usize) {
    let mut bytes = fs::read(ledger(shop)).expect("readable");
    let has =
        |page: &[u8], text: &str| page.windows(text.len()).any(|part| part == text.as_bytes());
    let record = |page: &&mut [u8]| has(page, &uid(number)) && has(page, "bread");
    let page = bytes.chunks_mut(PAGE_BYTES).find(record).expect("a record's page");
    page.fill(0xa5);
    fs::write(ledger(shop), bytes).expect("written");
}

/// The numbers of the receipts that the agent knows.
fn known(shop: &Shop) -> Vec<usize> {
    let is_known = |number: &usize| {
        let (status, reply) = shop.get(&format!("/v1/receipts/{}?till=1", uid(*number)));
        assert!([200, 404].contains(&status), "{number}: {reply}");
        status == 200
    };
    (0..RECEIPTS).filter(is_known).collect()
}

/// What the agent has after a salvage: all but a page's records, for which gaps stand.
fn check_salvaged(shop: &mut Shop, gone: usize) {
    let known = known(shop);
    let lost = RECEIPTS - known.len();
    assert!((1..=PAGE_BYTES / 300).contains(&lost), "{lost} receipts lie in one page");
    assert!(!known.contains(&gone) && known.contains(&0), "{known:?}");
    assert_eq!(shop.balance(MEMBERS[0].0), 1_000 + known.len() as i64, "as the records say");
    let body = receipt(&[line("1", "bread", 1, 1_000)], 1_000);
    assert_eq!(shop.put("/v1/receipts/after", &body).0, 201, "the till sells on");
    assert_eq!(shop.get("/v1/info").1["epoch"], 2, "in an epoch of its own");
    shop.stop();
    let names = fs::read_dir(shop.data()).expect("a folder").map(|file| file.unwrap().file_name());
    let aside = names.filter(|name| name.to_string_lossy().starts_with("ledger.db.damaged-"));
    assert!(aside.count() >= 1, "the damaged file is kept");
    let gaps = shop.succeed(&["journal", "show", "--kind", "gap", "--json"]);
    let of_gap = |gap: &str| {
        let gap: Value = serde_json::from_str(gap).expect("JSON");
        let sequence = |key: &str| gap["gap"][key].as_u64().expect("a number");
        sequence("last_sequence") - sequence("first_sequence") + 1
    };
    assert_eq!(gaps.lines().map(of_gap).sum::<u64>(), lost as u64, "a gap for each: {gaps}");
    assert!(shop.succeed(&["journal", "verify"]).contains("0 faults"));
    let doctor = shop.run(&["doctor"]);
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
}

#[test]
fn an_agent_whose_last_record_is_lost_salvages_the_rest_at_its_start_and_sells_on() {
    let mut shop = sold();
    let last = RECEIPTS - 1;
    lose_the_page_of(&shop, last);
    shop.start();
    assert!(shop.log().contains("salvage"), "{}", shop.log());
    check_salvaged(&mut shop, last);
}

#[test]
fn a_page_that_is_lost_amid_the_journal_stops_no_sale() {
    let mut shop = sold();
    let middle = RECEIPTS / 2;
    lose_the_page_of(&shop, middle);
    shop.start();
    let (status, problem) = shop.get(&format!("/v1/receipts/{}?till=1", uid(middle)));
    assert_eq!(
        (status, &problem["code"]),
        (500, &json!("row_damaged")),
        "{problem} {}",
        shop.log()
    );
    assert_eq!(shop.balance(MEMBERS[0].0), 1_000 + RECEIPTS as i64);
    let id = shop.identify(MEMBERS[0].1);
    let body = receipt(&[line("1", "bread", 1, 1_000)], 1_000);
    let body = with(&body, json!({ "identification_id": id }));
    assert_eq!(shop.put("/v1/receipts/after", &body).0, 201, "the till sells on");
    assert_eq!(shop.balance(MEMBERS[0].0), 1_001 + RECEIPTS as i64);
    for _ in 0..2 {
        let void = json!({ "till": "1", "void_uid": "B1" });
        let (status, problem) = shop.post(&format!("/v1/receipts/{}/void", uid(middle)), &void);
        assert_eq!((status, &problem["code"]), (500, &json!("row_damaged")), "{problem}");
    }
    assert_eq!(shop.put("/v1/receipts/later", &body).0, 201, "nor is the writer stopped by it");
    assert_eq!(shop.get("/readyz").0, 200);
    shop.stop();
    let verified = shop.run(&["journal", "verify"]);
    assert!(!verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn a_lost_page_of_accounts_stops_no_sale_and_a_salvage_finds_the_points_again() {
    let mut shop = Shop::new();
    let id = shop.identify(MEMBERS[0].1);
    let body = receipt(&[line("1", "bread", 1, 1_000)], 1_000);
    let body = with(&body, json!({ "identification_id": id }));
    assert_eq!(shop.put("/v1/receipts/R1", &body).0, 201);
    shop.stop();
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'accounts'";
    let opened = Connection::open(ledger(&shop)).expect("opened");
    let page: u32 = opened.query_row(sql, [], |row| row.get(0)).expect("a page");
    drop(opened);
    let mut bytes = fs::read(ledger(&shop)).expect("readable");
    bytes.chunks_mut(PAGE_BYTES).nth(page as usize - 1).expect("the page").fill(0xa5);
    fs::write(ledger(&shop), bytes).expect("written");
    shop.start();
    for uid in ["R2", "R3"] {
        let path = format!("/v1/receipts/{uid}");
        // Whoever shares a commit with what meets the page is asked to come again.
        let (status, sold) = std::iter::repeat_with(|| shop.put(&path, &body))
            .find(|(status, answer)| *status != 503 || answer["code"] != "busy")
            .expect("an endless row");
        assert_eq!((status, &sold["flags"]), (201, &json!(["member_unknown"])), "{sold}");
    }
    shop.stop();
    shop.succeed(&["doctor", "--salvage"]);
    shop.start();
    assert_eq!(shop.balance(MEMBERS[0].0), 1_001);
    for uid in ["R2", "R3"] {
        let late = json!({ "till": "1", "identification_id": shop.identify(MEMBERS[0].1) });
        let (status, named) = shop.post(&format!("/v1/receipts/{uid}/member"), &late);
        assert_eq!(status, 201, "{named}");
    }
    assert_eq!(shop.balance(MEMBERS[0].0), 1_003, "nothing was lost");
}

#[test]
fn doctor_tells_of_a_lost_page_and_salvages_where_it_is_told_to() {
    let mut shop = sold();
    let well = shop.succeed(&["doctor", "--salvage"]);
    assert!(well.contains("nothing was changed"), "{well}");
    let middle = RECEIPTS / 2;
    lose_the_page_of(&shop, middle);
    let before = fs::read(ledger(&shop)).expect("readable");
    let told = shop.run(&["doctor"]);
    let findings = String::from_utf8_lossy(&told.stdout);
    assert_eq!(told.status.code(), Some(1), "{findings}");
    assert!(findings.contains("AMISS") && findings.contains("doctor --salvage"), "{findings}");
    assert_eq!(fs::read(ledger(&shop)).expect("readable"), before, "it only looks");
    let salvaged = shop.succeed(&["doctor", "--salvage"]);
    assert!(salvaged.contains("the journal goes on in epoch 2"), "{salvaged}");
    assert!(salvaged.contains("gap records stand for them"), "{salvaged}");
    shop.start();
    check_salvaged(&mut shop, middle);
}

#[test]
fn rebuild_says_what_differed_and_puts_it_right() {
    let mut shop = sold();
    let broken = Connection::open(ledger(&shop)).expect("opened");
    broken
        .execute_batch(
            "DELETE FROM accounts; DELETE FROM days; DELETE FROM account_records WHERE id % 20 = 0;
             DELETE FROM requests WHERE uid = 'uid-0007';
             INSERT INTO vouchers_used (voucher, id, checksum) VALUES ('V1', 1, 0);",
        )
        .expect("broken");
    drop(broken);
    let told = shop.run(&["doctor"]);
    let findings = String::from_utf8_lossy(&told.stdout);
    assert!(!told.status.success() && findings.contains("tillward rebuild"), "{findings}");
    let rebuilt = shop.succeed(&["rebuild"]);
    assert!(!rebuilt.contains("; 0 differed before"), "{rebuilt}");
    for row in ["accounts", "days", "account_records", "uid-0007", "'V1'"] {
        assert!(rebuilt.contains(row), "{row}: {rebuilt}");
    }
    assert!(shop.succeed(&["rebuild"]).contains("; 0 differed before"));
    let doctor = shop.run(&["doctor"]);
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
    shop.start();
    assert_eq!(shop.balance(MEMBERS[0].0), 1_000 + RECEIPTS as i64);
    assert_eq!(known(&shop).len(), RECEIPTS);
    let id = shop.identify(MEMBERS[0].1);
    let quote = json!({
        "till": "1", "currency": "CZK", "lines": [line("1", "bread", 1, 4_000)],
        "identification_id": id, "vouchers": ["V1"],
    });
    assert_eq!(shop.post("/v1/quotes", &quote).1["totals"]["payable"], 2_500, "it was not used");
}

#[test]
fn replay_sends_a_file_of_receipts_once_and_tells_what_was_refused() {
    let shop = Shop::new();
    let url = format!("http://{}", shop.address());
    let sell = |uid: &str, more: Value| {
        let body = receipt(&[line("1", "bread", 1, 1_000)], 1_000);
        with(&body, with(&json!({ "uid": uid }), more)).to_string()
    };
    let sound: Vec<String> =
        (0..5).map(|number| sell(&uid(number), json!({ "member": MEMBERS[0].0 }))).collect();
    let file = shop.write("receipts.jsonl", &(sound.join("\n") + "\n"));
    let replay = |file: &PathBuf| shop.run(&["replay", "--url", &url, file.to_str().unwrap()]);
    for told in [
        "5 receipts recorded, 0 recorded before, 0 refused",
        "0 receipts recorded, 5 recorded before, 0 refused",
    ] {
        let output = replay(&file);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains(told), "{output:?}");
        assert_eq!(shop.balance(MEMBERS[0].0), 1_005, "each once");
    }
    let mixed = [sell("new", json!({})), sell("wrong", json!({ "currency": "EUR" }))];
    let output = replay(&shop.write("mixed.jsonl", &mixed.join("\n")));
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("1 receipts recorded, 0 recorded before, 1 refused"), "{told}");
    assert!(told.contains("line 2: ") && told.contains("other_currency"), "{told}");
    assert_eq!(shop.get("/v1/receipts/new?till=1").0, 200);
    let nobody = shop.run(&["replay", "--url", "nowhere", file.to_str().unwrap()]);
    assert_eq!(nobody.status.code(), Some(64));
}
