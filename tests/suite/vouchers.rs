use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use crate::support::{MEMBERS, PROGRAMME, Shop, line, receipt, with};

/// What a receipt of 40.00 costs with the member's voucher of 15.00.
const WITH_VOUCHER: i64 = 2_500;

/// A receipt of 40.00 of the first member, whose till took the voucher off.
fn taken(shop: &Shop, till: &str) -> Value {
    let id = shop.identify(MEMBERS[0].1);
    let body = receipt(&[line("1", "bread", 1, 4_000)], WITH_VOUCHER);
    with(&body, json!({ "till": till, "identification_id": id, "vouchers": ["V1"] }))
}

fn sell(shop: &Shop, uid: &str, body: &Value) -> Value {
    let (status, sold) = shop.put(&format!("/v1/receipts/{uid}"), body);
    assert_eq!(status, 201, "{sold}");
    sold["flags"].clone()
}

/// Why each benefit did not apply, as an answer says.
fn reasons(answer: &Value) -> Vec<(String, String)> {
    let told = |told: &Value, key: &str| told[key].as_str().expect("a text").to_owned();
    let rejected = answer["rejected"].as_array().expect("a list").iter();
    rejected.map(|one| (told(one, "benefit"), told(one, "reason"))).collect()
}

/// What a basket of 40.00 costs now with the voucher, and why it does not apply.
fn quoted(shop: &Shop) -> (i64, String) {
    let body = json!({
        "till": "1", "currency": "CZK", "lines": [line("1", "bread", 1, 4_000)],
        "identification_id": shop.identify(MEMBERS[0].1), "vouchers": ["V1"],
    });
    let (status, quoted) = shop.post("/v1/quotes", &body);
    assert_eq!(status, 200, "{quoted}");
    let rejected = quoted["rejected"].as_array().cloned().unwrap_or_default();
    let of_voucher = rejected.iter().find(|told| told["benefit"] == "V1");
    let reason = of_voucher.and_then(|told| told["reason"].as_str()).unwrap_or_default();
    (quoted["totals"]["payable"].as_i64().expect("an amount"), reason.to_owned())
}

fn reserve(shop: &Shop, till: &str, uid: &str) -> u16 {
    let id = shop.identify(MEMBERS[0].1);
    let body = json!({
        "till": till, "reservation_uid": uid, "identification_id": id, "vouchers": ["V1"],
    });
    shop.post("/v1/reservations", &body).0
}

#[test]
fn a_voucher_that_another_basket_holds_is_used_by_the_receipt_that_took_it() {
    let mut shop = Shop::new();
    assert_eq!(reserve(&shop, "1", "H1"), 201);
    let flags = sell(&shop, "R1", &taken(&shop, "2"));
    assert_eq!(flags, json!(["discount_differs", "voucher_held"]));
    let released = shop.client.delete(shop.url("/v1/reservations/H1?till=1")).send();
    assert_eq!(released.expect("an answer").status(), 204);
    assert_eq!(quoted(&shop), (4_000, "voucher_used".to_owned()));
    let again = sell(&shop, "R2", &taken(&shop, "1"));
    assert_eq!(again, json!(["discount_differs", "voucher_already_used"]));
    let stranger = with(&taken(&shop, "1"), json!({ "vouchers": ["V2"] }));
    let flags = sell(&shop, "R3", &stranger);
    assert_eq!(flags, json!(["discount_differs", "voucher_of_other"]));
    shop.stop();
    shop.succeed(&["rebuild"]);
    shop.start();
    assert_eq!(quoted(&shop), (4_000, "voucher_used".to_owned()));
}

#[test]
fn a_voucher_that_two_receipts_took_is_free_when_both_are_voided_in_any_order() {
    for [first, second] in [["1", "2"], ["2", "1"]] {
        let shop = Shop::new();
        for till in ["1", "2"] {
            sell(&shop, &format!("R{till}"), &taken(&shop, till));
        }
        let void = |till: &str| {
            let body = json!({ "till": till, "void_uid": format!("B{till}") });
            let (status, back) = shop.post(&format!("/v1/receipts/R{till}/void"), &body);
            assert_eq!(status, 201, "{back}");
            back["vouchers_freed"].clone()
        };
        assert_eq!(void(first), json!([]), "the other receipt used it too");
        assert_eq!(quoted(&shop), (4_000, "voucher_used".to_owned()));
        assert_eq!(void(second), json!(["V1"]));
        assert_eq!(quoted(&shop), (WITH_VOUCHER, String::new()));
    }
}

/// Requirements 9.2.
#[test]
fn of_two_tills_that_present_one_voucher_at_once_exactly_one_gets_it() {
    let shop = Shop::new();
    let at_once = |act: &(dyn Fn(&str) -> Value + Sync)| {
        let barrier = Barrier::new(2);
        let run = |till: &'static str| {
            barrier.wait();
            act(till)
        };
        thread::scope(|scope| {
            let tills = ["1", "2"].map(|till| scope.spawn(move || (till, run(till))));
            tills.map(|till| till.join().expect("it answers"))
        })
    };
    let held = at_once(&|till| json!(reserve(&shop, till, &format!("H{till}"))));
    let mut statuses = held.each_ref().map(|(_, status)| status.as_u64().expect("a status"));
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "one reservation holds it");
    let holder = held.iter().find(|(_, status)| *status == 201).expect("one").0;
    let release = shop.url(&format!("/v1/reservations/H{holder}?till={holder}"));
    assert_eq!(shop.client.delete(release).send().expect("an answer").status(), 204);
    let mut sold = at_once(&|till| sell(&shop, &format!("R{till}"), &taken(&shop, till)));
    sold.sort_by_key(|(_, flags)| flags.to_string().len());
    assert_eq!(sold[0].1, json!([]), "one receipt used it");
    assert_eq!(sold[1].1, json!(["discount_differs", "voucher_already_used"]));
}

#[test]
fn a_receipt_that_differs_from_the_decision_keeps_why_benefits_did_not_apply() {
    let mut shop = Shop::new();
    assert_eq!(reserve(&shop, "1", "H1"), 201);
    let (status, sold) = shop.put("/v1/receipts/R1", &taken(&shop, "2"));
    assert_eq!(status, 201, "{sold}");
    let expected = [("V1", "voucher_held"), ("big", "below_minimum_amount")];
    let expected = expected.map(|(benefit, why)| (benefit.to_owned(), why.to_owned()));
    let mut told = reasons(&sold);
    told.sort();
    assert_eq!(told, expected);
    shop.stop();
    let shown = shop.succeed(&["journal", "show", "--json"]);
    assert!(shown.contains("voucher_held") && shown.contains("below_minimum_amount"), "{shown}");
}

#[test]
fn a_voucher_that_its_kind_does_not_allow_here_and_now_is_not_held() {
    let mut shop = Shop::empty();
    let kind = |id: &str, rest: &str| {
        format!(
            "[[voucher_types]]\nid = \"{id}\"\nname = \"V\"\nkind = \"amount\"\namount = \"5.00\"\n{rest}\n"
        )
    };
    let kinds = [
        ("tier", "audience = { tiers = [\"silver\"] }", "other_tier"),
        ("store", "stores = [\"S2\"]", "other_store"),
        ("over", "window = { until = \"2020-12-31\" }", "over"),
        // Without a basket nobody knows what it comes to: the quote says.
        ("minimum", "minimum = { amount = \"500.00\" }", ""),
    ];
    let more: String = kinds.iter().map(|(id, rest, _)| kind(id, rest)).collect();
    let vouchers = kinds.iter().map(|(id, ..)| json!({ "code": format!("V-{id}"), "type": id }));
    let member = json!({
        "member": MEMBERS[0].0, "codes": [MEMBERS[0].1], "vouchers": vouchers.collect::<Vec<_>>(),
    });
    shop.fill_with(&format!("{PROGRAMME}\n{more}"), &format!("{member}\n"));
    shop.start();
    let id = shop.identify(MEMBERS[0].1);
    for (kind, _, reason) in kinds {
        let body = json!({
            "till": "1", "reservation_uid": kind, "identification_id": id,
            "vouchers": [format!("V-{kind}")],
        });
        let (status, answer) = shop.post("/v1/reservations", &body);
        if reason.is_empty() {
            assert_eq!(status, 201, "{kind}: {answer}");
            continue;
        }
        assert_eq!((status, &answer["code"]), (409, &json!("voucher_not_usable")), "{answer}");
        assert!(answer["detail"].to_string().contains(reason), "{kind}: {answer}");
    }
}
