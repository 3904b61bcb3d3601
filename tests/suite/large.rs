//! The largest receipts under the worst programmes: committed whatever was decided, or the
//! programme is none.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{PROGRAMME, Shop, line, members_file, receipt};

/// As many lines as a receipt may have.
const LINES: usize = 10_000;

/// So many offers of one text; `#` is the number of each.
fn programme(offers: usize, text: &str) -> String {
    let mut programme = PROGRAMME.to_owned();
    for number in 0..offers {
        let text = text.replace('#', &number.to_string());
        let _ = write!(programme, "\n[[offers]]\nid = \"n{number}\"\nname = \"N\"\n{text}\n");
    }
    programme
}

const PERCENT: &str =
    "kind = \"basket_percent\"\npercent = \"0.1\"\naudience = { members = \"everyone\" }";

#[test]
fn a_programme_that_could_hold_the_shop_up_is_never_put_in_force() {
    let shop = Shop::without_agent();
    let part = "{ scope = { categories = [\"food\"] } }";
    let bundle =
        format!("kind = \"bundle\"\nprice = \"999999\"\nparts = [{}]", [part; 5].join(", "));
    let in_groups: String = (0..1_000)
        .map(|n| programme(2, &format!("{bundle}\ngroup = \"g{n}\"")).replace(PROGRAMME, ""))
        .enumerate()
        .map(|(n, offers)| offers.replace("id = \"n", &format!("id = \"n{n}-")))
        .collect();
    for text in [format!("{PROGRAMME}{in_groups}"), programme(2_000, PERCENT)] {
        let file = shop.write("hostile.toml", &text);
        for command in ["check", "activate"] {
            let output = shop.run(&["programme", command, file.to_str().unwrap()]);
            let told =
                String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
            assert_eq!(output.status.code(), Some(65), "{command}: {told}");
            assert!(told.contains("too_costly"), "{command}: {told}");
        }
    }
}

#[test]
fn the_largest_receipt_under_a_programme_of_many_discounts_is_committed_and_taken_back() {
    let mut shop = Shop::empty();
    shop.fill_with(&programme(150, PERCENT), &members_file());
    shop.start();
    let lines: Vec<Value> = (0..LINES)
        .map(|n| line(&format!("{n}"), &format!("p{n}"), 1, 10_000 + n as i64 % 97))
        .collect();
    let basket = json!({ "till": "1", "currency": "CZK", "lines": lines });
    let (status, quote) = shop.post("/v1/quotes", &basket);
    assert_eq!(status, 200, "{}", quote.to_string().chars().take(300).collect::<String>());
    let rejected = quote["rejected"].as_array().expect("a list");
    let full = rejected.iter().filter(|refused| refused["reason"] == "allocation_limit").count();
    assert_eq!(full, 150 - 20, "20 benefits on each line fit");
    let payable = quote["totals"]["payable"].as_i64().expect("a sum");
    let commit = receipt(&lines, payable);
    let (status, sold) = shop.put("/v1/receipts/R1", &commit);
    assert_eq!(status, 201, "{}", sold.to_string().chars().take(300).collect::<String>());
    assert_eq!((&sold["flags"], &sold["totals"]), (&json!([]), &quote["totals"]), "quote = commit");
    let (status, again) = shop.put("/v1/receipts/R1", &commit);
    assert_eq!((status, &again["effects"]), (201, &sold["effects"]), "worded from the record");
    let void = json!({ "till": "1", "void_uid": "V1" });
    let (status, void) = shop.post("/v1/receipts/R1/void", &void);
    assert_eq!((status, void["refund"].as_i64()), (201, Some(payable)));
    shop.stop();
    shop.succeed(&["journal", "verify"]);
}
