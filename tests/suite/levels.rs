//! Levels of discount by balance and tiers measured by points: what the cashier and the customer
//! hear of the way to the next (BR-12 to BR-15).

use serde_json::{Value, json};

use super::support::{MEMBERS, PROGRAMME, Shop, line, with};

/// The example with levels at 100, 200 and 400 points instead of steps, and tiers that count points.
fn programme() -> String {
    let levels = r#"levels = [
    { points = 100, amount = "10.00" },
    { points = 200, amount = "25.00" },
    { points = 400, amount = "60.00" },
]"#;
    let programme = PROGRAMME
        .replace("step = 100\nstep_value = \"10.00\"", levels)
        .replace("measure = \"spend\"", "measure = \"points\"")
        .replace("threshold = \"0.00\"", "threshold = 0")
        .replace("threshold = \"1000.00\"", "threshold = 50")
        // The amount that is told is one of goods that no offer is on.
        .replace("minimum = { amount = \"500.00\" }", "minimum = { amount = \"9000.00\" }");
    assert!(programme.contains("amount = \"60.00\"") && programme.contains("threshold = 50"));
    programme
}

/// A shop where the first member has so many points, of a purchase so many days ago.
fn shop(points: i64, last_purchase: &str) -> Shop {
    let mut shop = Shop::empty();
    let (member, code) = MEMBERS[0];
    let member = json!({
        "member": member, "codes": [code], "points": points, "last_purchase": last_purchase,
    });
    shop.fill_with(&programme(), &member.to_string());
    shop.start();
    shop
}

fn quote(shop: &Shop, id: &str, price: i64, more: Value) -> Value {
    let basket = json!({
        "till": "1", "currency": "CZK", "lines": [line("1", "bread", 1, price)],
        "identification_id": id,
    });
    let (status, quoted) = shop.post("/v1/quotes", &with(&basket, more));
    assert_eq!(status, 200, "{quoted}");
    quoted
}

fn text(quoted: &Value, id: &str) -> Option<String> {
    let messages = quoted["messages"].as_array().expect("a list");
    let found = messages.iter().find(|message| message["id"] == id)?;
    Some(found["text"].as_str().expect("a text").replace('\u{a0}', " "))
}

fn today() -> String {
    super::support::chrono_now()[..10].to_owned()
}

#[test]
fn br_13_the_level_its_floor_the_next_and_the_percent_of_the_way_are_told() {
    let shop = shop(230, &today());
    let id = shop.identify(MEMBERS[0].1);
    let before = json!({ "reached": 200, "next": 400, "missing": 170, "progress_percent": 15 });
    let (_, member) = shop.get(&format!("/v1/members/{}", MEMBERS[0].0));
    assert_eq!(member["level"], before, "before anything is bought: {member}");
    // 100.00 earn 10 points: 240, a fifth of the way from 200 to 400.
    let quoted = quote(&shop, &id, 10_000, json!({}));
    let ladder = &quoted["points"]["redeemable"]["ladder"];
    assert_eq!(ladder["before"], before);
    assert_eq!(
        ladder["after"],
        json!({
            "reached": 200, "next": 400, "missing": 160, "progress_percent": 20,
            "missing_amount": 160_000,
        }),
    );
    for (language, level, progress) in [
        (
            "en",
            "Your discount level: 200 points",
            "20 % of the way to the discount level of 400 points",
        ),
        ("cs", "Vaše slevová úroveň: 200 bodů", "Cesta k slevové úrovni: 20 % (400 bodů)"),
        ("sk", "Vaša zľavová úroveň: 200 bodov", "Cesta k zľavovej úrovni: 20 % (400 bodov)"),
        ("pl", "Twój próg rabatowy: 200 punktów", "Droga do progu rabatowego: 20% (400 punktów)"),
        ("de", "Ihre Rabattstufe: 200 Punkte", "Weg zur Rabattstufe: 20 % (400 Punkte)"),
    ] {
        let quoted = quote(&shop, &id, 10_000, json!({ "language": language }));
        assert_eq!(text(&quoted, "level_reached").as_deref(), Some(level));
        assert_eq!(text(&quoted, "level_progress").as_deref(), Some(progress));
    }
    let spends = quote(&shop, &id, 10_000, json!({ "spend_points": 200 }));
    let after = &spends["points"]["redeemable"]["ladder"]["after"];
    assert_eq!((&after["reached"], &after["next"]), (&Value::Null, &json!(100)), "{after}");
}

#[test]
fn br_14_buying_for_so_much_more_reaches_the_next_level_and_the_next_tier() {
    let shop = shop(230, &today());
    let id = shop.identify(MEMBERS[0].1);
    let quoted = quote(&shop, &id, 10_000, json!({ "language": "en" }));
    assert_eq!(
        text(&quoted, "level_missing_spend").as_deref(),
        Some("Buy for 1600.00 more to reach the discount level of 400 points"),
        "{quoted}",
    );
    // 10 of the 50 points of silver.
    let tier = &quoted["tier"];
    assert_eq!(
        (&tier["missing"], &tier["missing_amount"], &tier["progress_percent"]),
        (&json!(40), &json!(40_000), &json!(20)),
    );
    assert_eq!(
        text(&quoted, "tier_missing_points").as_deref(),
        Some("40 points more to reach Silver")
    );
    assert_eq!(
        text(&quoted, "tier_missing_spend").as_deref(),
        Some("Buy for 400.00 more to reach Silver"),
    );
    for (price, highest, reached) in [(10_000 + 160_000, true, 400), (10_000 + 159_999, false, 200)]
    {
        let quoted = quote(&shop, &id, price, json!({ "language": "en" }));
        let after = &quoted["points"]["redeemable"]["ladder"]["after"];
        assert_eq!(after["reached"], reached, "{price}");
        let told = text(&quoted, "level_highest");
        assert_eq!(told.is_some(), highest, "{price}");
        assert_eq!(after.get("missing_amount").is_none(), highest, "nothing is left to reach");
    }
    let silver = |price| quote(&shop, &id, price, json!({}))["tier"]["after"].clone();
    assert_eq!((silver(50_000), silver(49_999)), (json!("silver"), json!("bronze")));
}

#[test]
fn br_12_br_15_the_balance_and_the_days_until_points_lapse_are_told() {
    let day = chrono::Utc::now().date_naive() - chrono::Days::new(362);
    let shop = shop(230, &day.to_string());
    let (status, member) = shop.get(&format!("/v1/members/{}?language=en", MEMBERS[0].0));
    assert_eq!((status, &member["balance"]), (200, &json!(230)), "{member}");
    let last_day = day + chrono::Days::new(365);
    assert_eq!(member["next_expiry"]["date"], json!(last_day.to_string()), "{member}");
    assert_eq!(member["next_expiry"]["points"], 230);
}
