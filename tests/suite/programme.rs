use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};

use crate::support::{MEMBERS, PROGRAMME, Shop, chrono_now, line, receipt, with};

/// A file of `tests/data/simulate`.
fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/simulate").join(name)
}

fn simulate(shop: &Shop, programme: &Path, log: &Path, more: &[&str]) -> Output {
    let args = ["programme", "simulate", "--programme", programme.to_str().unwrap(), "--log"];
    shop.run(&[&args[..], &[log.to_str().unwrap()], more].concat())
}

fn told(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Decides a basket on paper.
fn quote(shop: &Shop, programme: &str, member: &Value, basket: &Value, at: &str) -> Value {
    let programme = shop.write("paper.toml", programme);
    let member = shop.write("member.json", &member.to_string());
    let basket = shop.write("basket.json", &basket.to_string());
    let [programme, member, basket] =
        [&programme, &member, &basket].map(|path| path.to_str().unwrap());
    let told = shop.succeed(&[
        "quote",
        "--programme",
        programme,
        "--member",
        member,
        "--basket",
        basket,
        "--at",
        at,
    ]);
    serde_json::from_str(&told).expect("JSON")
}

#[test]
fn ld_15_a_draft_is_simulated_on_a_log_beside_the_current_programme() {
    let shop = Shop::empty();
    let draft = std::fs::read_to_string(data("draft.toml")).unwrap();
    // In force is a programme whose points are hard to reach: 50 for the first reward, not 20.
    let current =
        draft.replace("minimum = 20", "minimum = 50").replace("version = 2", "version = 1");
    let current = shop.write("current.toml", &current);
    let more = ["--current", current.to_str().unwrap(), "--json"];
    let run = || told(&simulate(&shop, &data("draft.toml"), &data("five.txt"), &more));
    let report: Value = serde_json::from_str(&run()).expect("JSON");
    let reached = |programme: &str| {
        let rewards = report[programme]["rewards"].as_array().expect("a list");
        let found = rewards.iter().find(|reward| reward["kind"] == "points_to_spend");
        found.expect("it is told").clone()
    };
    assert_eq!(
        reached("draft"),
        json!({
            "kind": "points_to_spend", "id": null, "name": "enough points to spend",
            "members": 2, "members_percent": "40.00",
            "days": { "median": 0, "p90": 10 }, "purchases": { "median": 1, "p90": 2 },
        })
    );
    assert_eq!(reached("current")["members_percent"], "0.00");
    assert_eq!(
        (&report["draft"]["cost"], &report["current"]["cost"]),
        (&json!("16.00"), &json!("10.00"))
    );
    assert_eq!(run(), run(), "the same answer, byte for byte");
    assert!(!shop.data().exists(), "nothing was written");
    let keeps = simulate(&shop, &data("draft.toml"), &data("five.txt"), &["--spend", "never"]);
    assert!(told(&keeps).contains("never spend any (--spend never)"));
}

#[test]
fn the_whole_purchase_log_gives_the_same_report_twice() {
    let shop = Shop::empty();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let programme = folder.join("src/demo/programme.toml");
    let log = folder.join("tests/data/cdnow_master.txt.gz");
    let run = || simulate(&shop, &programme, &log, &[]);
    if !cfg!(feature = "demo") {
        let output = run();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(65), "what ships to tills reads no gzip");
        assert!(told.contains("unpack it first with gunzip"), "{told}");
        return;
    }
    let first = told(&run());
    for figure in ["69659", "23570", "1997-01-01 to 1998-06-30"] {
        assert!(first.contains(figure), "{figure}: {first}");
    }
    assert_eq!(told(&run()), first);
}

#[test]
fn a_wrong_draft_or_log_is_told_with_every_fault() {
    let shop = Shop::empty();
    let draft = std::fs::read_to_string(data("draft.toml")).unwrap();
    let wrong = draft.replace("days = 365", "days = 0").replace("\"10\"", "\"110\"");
    let wrong = shop.write("wrong.toml", &wrong);
    let log = std::fs::read_to_string(data("five.txt")).unwrap();
    let broken = shop.write("broken.txt", &log.replace("20250131", "20250231"));
    let unknown = shop.write("unknown.txt", "when who what\n");
    for (programme, log, code, expected) in [
        (&wrong, &data("five.txt"), 65, ["expiry.days", "five5"]),
        (&data("draft.toml"), &broken, 65, ["broken.txt is wrong", "line 4: the date is wrong"]),
        (&data("draft.toml"), &unknown, 65, ["line 1", "customer_id date"]),
        (&data("draft.toml"), &PathBuf::from("nowhere.txt"), 1, ["could not read", "nowhere.txt"]),
    ] {
        let output = simulate(&shop, programme, log, &[]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{told}");
        assert!(expected.iter().all(|expected| told.contains(expected)), "{expected:?}: {told}");
        assert!(output.stdout.is_empty(), "no report of what is wrong");
    }
    assert_eq!(shop.run(&["programme", "simulate", "--log", "l"]).status.code(), Some(64));
}

#[test]
fn bq_17_an_offer_for_a_segment_applies_to_those_who_carry_its_flag() {
    let shop = Shop::empty();
    let programme = PROGRAMME.replace(
        "scope = { skus = [\"milk\"] }",
        "scope = { skus = [\"milk\"] }\naudience = { flags = [\"vip\", \"staff\"] }",
    );
    let basket = json!({ "till": "1", "currency": "CZK", "lines": [line("1", "milk", 2, 2_500)] });
    for (flags, payable, refused) in [
        (json!(["vip"]), 4_500, false),
        (json!(["staff", "other"]), 4_500, false),
        (json!(["other"]), 5_000, true),
        (json!([]), 5_000, true),
    ] {
        let member = json!({ "member": MEMBERS[0].0, "codes": [MEMBERS[0].1], "flags": flags });
        let quoted = quote(&shop, &programme, &member, &basket, "2026-03-01T10:00:00+01:00");
        assert_eq!(quoted["totals"]["payable"], payable, "{flags}");
        let told = quoted["rejected"].to_string().contains("not_in_segment");
        assert_eq!(told, refused, "{flags}: {quoted}");
    }
}

#[test]
fn ld_17_staff_get_what_is_theirs_and_not_what_is_for_customers() {
    let shop = Shop::empty();
    let own = "[[offers]]\nid = \"own\"\nname = \"Staff 5 %\"\nkind = \"basket_percent\"\npercent = \"5\"\n\
        audience = { flags = [\"staff\"] }\n";
    let programme = PROGRAMME.replace(
        "scope = { skus = [\"milk\"] }",
        "scope = { skus = [\"milk\"] }\naudience = { members = \"everyone\", excluded_flags = [\"staff\"] }",
    );
    let programme = format!("{programme}\n{own}");
    let basket = json!({ "till": "1", "currency": "CZK", "lines": [line("1", "milk", 2, 2_500)] });
    for (flags, payable, refused) in [
        (json!([]), 4_500, "own"),
        (json!(["vip"]), 4_500, "own"),
        (json!(["staff"]), 4_750, "milk10"),
    ] {
        let member = json!({ "member": MEMBERS[0].0, "codes": [MEMBERS[0].1], "flags": flags });
        let quoted = quote(&shop, &programme, &member, &basket, "2026-03-01T10:00:00+01:00");
        assert_eq!(quoted["totals"]["payable"], payable, "{flags}");
        let rejected = quoted["rejected"].as_array().expect("a list").iter();
        let others: Vec<&Value> = rejected
            .filter(|refusal| refusal["reason"] == "not_in_segment")
            .map(|refusal| &refusal["benefit"])
            .collect();
        assert_eq!(others, [refused], "{flags}: {quoted}");
    }
}

#[test]
fn br_11_points_that_lapsed_are_not_spent() {
    let shop = Shop::empty();
    let member = json!({
        "member": MEMBERS[0].0, "codes": [MEMBERS[0].1], "points": 500, "last_purchase": "2025-01-15",
    });
    let basket = json!({
        "till": "1", "currency": "CZK", "lines": [line("1", "bread", 1, 10_000)], "spend_points": 300,
    });
    // Requirements 9.1: bought on 2025-01-15, good to the end of 2026-01-15 in Prague.
    for (at, spent, payable) in
        [("2026-01-15T23:59:59+01:00", 300, 7_000), ("2026-01-16T00:00:00+01:00", 0, 10_000)]
    {
        let quoted = quote(&shop, PROGRAMME, &member, &basket, at);
        assert_eq!(
            (&quoted["points"]["spent"], &quoted["totals"]["payable"]),
            (&json!(spent), &json!(payable)),
            "{quoted}"
        );
    }
}

#[test]
fn ld_48_a_family_shares_its_points_whoever_shows_a_card() {
    let mut shop = Shop::empty();
    let account = "ffeeddccbbaa99887766554433221100";
    let members: Vec<String> = MEMBERS[..2]
        .iter()
        .map(|(member, code)| json!({ "member": member, "account": account, "codes": [code] }))
        .map(|member| member.to_string())
        .collect();
    shop.fill_with(PROGRAMME, &members.join("\n"));
    shop.start();
    let [(parent, parents_card), (child, childs_card)] = [MEMBERS[0], MEMBERS[1]];
    let bread = |units: i64| vec![line("1", "bread", units, 4_000)];
    let bought = json!({ "identification_id": shop.identify(parents_card) });
    assert_eq!(shop.put("/v1/receipts/R1", &with(&receipt(&bread(12), 48_000), bought)).0, 201);
    let earned = shop.balance(parent);
    assert_eq!(earned, 48);
    assert_eq!(shop.balance(child), earned, "one balance");
    let bought = json!({ "identification_id": shop.identify(childs_card) });
    assert_eq!(shop.put("/v1/receipts/R2", &with(&receipt(&bread(12), 48_000), bought)).0, 201);
    assert_eq!((shop.balance(parent), shop.balance(child)), (96, 96));
    let bought = json!({ "identification_id": shop.identify(parents_card) });
    assert_eq!(shop.put("/v1/receipts/R3", &with(&receipt(&bread(1), 4_000), bought)).0, 201);
    let spends = json!({ "identification_id": shop.identify(childs_card), "spend_points": 100 });
    assert_eq!(shop.put("/v1/receipts/R4", &with(&receipt(&bread(1), 3_000), spends)).0, 201);
    // What they spent together made them silver: 30.00 earn 3 points, and half as much again.
    assert_eq!((shop.balance(parent), shop.balance(child)), (4, 4));
}

#[test]
fn ld_42_a_till_offers_rewards_for_points_and_books_the_chosen_ones() {
    let rewards = "[[rewards]]\nid = \"milk\"\nname = \"Milk\"\nkind = \"item\"\npoints = 80\n\
                   scope = { skus = [\"milk\"] }\n\n[[rewards]]\nid = \"wrap\"\nname = \"Wrapping\"\n\
                   kind = \"service\"\npoints = 1100\nsku = \"W-1\"\n\n[[offers]]";
    let programme = PROGRAMME.replacen("[[offers]]", rewards, 1);
    let mut shop = Shop::empty();
    let member = json!({
        "member": MEMBERS[0].0, "codes": [MEMBERS[0].1], "points": 1_000,
        "last_purchase": chrono_now()[..10],
    });
    shop.fill_with(&programme, &member.to_string());
    shop.start();
    let lines = vec![line("1", "bread", 1, 4_000), line("2", "milk", 1, 2_500)];
    let chosen = json!({ "identification_id": shop.identify(MEMBERS[0].1), "rewards": ["milk"] });
    let basket = json!({ "till": "1", "currency": "CZK", "lines": lines });
    let (status, quoted) = shop.post("/v1/quotes", &with(&basket, chosen.clone()));
    assert_eq!(status, 200, "{quoted}");
    assert_eq!(quoted["totals"]["payable"], 4_000, "{quoted}");
    let told = &quoted["rewards"][1];
    assert_eq!(
        (&told["reward"], &told["available"], &told["missing"]),
        (&json!("wrap"), &json!(false), &json!(180)),
        "{quoted}"
    );
    let said = quoted["messages"].to_string();
    assert!(said.contains("Wrapping for 1100 points: 180 more"), "{said}");
    let (status, sold) = shop.put("/v1/receipts/R1", &with(&receipt(&lines, 4_000), chosen));
    assert_eq!((status, &sold["flags"]), (201, &json!([])), "{sold}");
    let effect =
        sold["effects"].as_array().and_then(|all| all.iter().find(|e| e["type"] == "reward"));
    let effect = effect.expect("the reward is told");
    assert_eq!((&effect["rule_id"], &effect["points"]), (&json!("milk"), &json!(80)));
    assert!(sold["receipt_lines"].to_string().contains("Milk for 80 points"), "{sold}");
    assert_eq!(shop.balance(MEMBERS[0].0), 1_000 - 80 + 4);
    let twenty_one = json!({ "rewards": vec!["milk"; 21] });
    let (status, problem) = shop.post("/v1/quotes", &with(&basket, twenty_one));
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("too_many_rewards")));
}

#[test]
fn bq_14_a_code_brought_to_the_first_purchase_rewards_both_sides() {
    let rule = "[[earn]]\nid = \"friend\"\nkind = \"referral\"\npoints = 100\nreferrer_points = 50\n\n[[offers]]";
    let mut shop = Shop::empty();
    let [(friend, card), (newcomer, newcomers_card)] = [MEMBERS[0], MEMBERS[1]];
    let members = [
        json!({ "member": friend, "codes": [card], "referral_codes": ["ANNA-7"] }),
        json!({ "member": newcomer, "codes": [newcomers_card] }),
    ];
    let members = members.map(|member| member.to_string()).join("\n");
    shop.fill_with(&PROGRAMME.replacen("[[offers]]", rule, 1), &members);
    shop.start();
    let lines = vec![line("1", "bread", 1, 4_000)];
    let brought = json!({
        "identification_id": shop.identify(newcomers_card), "referral_code": "anna-7",
    });
    let sale = with(&receipt(&lines, 4_000), brought);
    let (status, sold) = shop.put("/v1/receipts/R1", &sale);
    assert_eq!((status, &sold["points"]["earned"]), (201, &json!(104)), "{sold}");
    assert!(sold["receipt_lines"].to_string().contains("For the recommendation: 100 points"));
    assert_eq!(shop.put("/v1/receipts/R1", &sale).0, 201, "asked again");
    assert_eq!((shop.balance(friend), shop.balance(newcomer)), (50, 104));
    assert!(!shop.log().to_lowercase().contains("anna-7"), "no code is logged");
    let void = json!({ "till": "1", "void_uid": "B1" });
    assert!(shop.post("/v1/receipts/R1/void", &void).0 < 300);
    assert_eq!((shop.balance(friend), shop.balance(newcomer)), (0, 0));
    let empty = json!({ "referral_code": " " });
    let (status, problem) = shop.put("/v1/receipts/R2", &with(&receipt(&lines, 4_000), empty));
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("referral_code_malformed")));
    shop.stop();
    shop.succeed(&["journal", "verify"]);
}

#[test]
fn ld_38_a_coupon_for_the_next_purchase_is_printed_used_and_withdrawn() {
    let rules = "[[earn]]\nid = \"next\"\nkind = \"per_visit\"\n\
                 limits = [{ window = \"day\", uses = 1 }]\n\
                 voucher = { type = \"fifteen\", days = 30 }\n\n\
                 [[earn]]\nid = \"trip\"\nname = \"Win a trip\"\nkind = \"per_amount\"\n\
                 amount = \"20.00\"\nentries = 1\n\n[[offers]]";
    let mut shop = Shop::empty();
    let member = json!({ "member": MEMBERS[0].0, "codes": [MEMBERS[0].1] });
    shop.fill_with(&PROGRAMME.replacen("[[offers]]", rules, 1), &member.to_string());
    shop.start();
    let lines = vec![line("1", "bread", 2, 2_000)];
    let who = json!({ "identification_id": shop.identify(MEMBERS[0].1) });
    let basket = with(&json!({ "till": "1", "currency": "CZK", "lines": lines }), who.clone());
    let (_, quoted) = shop.post("/v1/quotes", &basket);
    let told = |issues: &Value| -> Vec<(Value, Value)> {
        let issues = issues.as_array().expect("a list").iter();
        issues.map(|one| (one["kind"].clone(), one["count"].clone())).collect()
    };
    let expected = [(json!("voucher"), json!(1)), (json!("contest_entry"), json!(2))];
    assert_eq!(told(&quoted["issues"]), expected, "{quoted}");
    assert!(quoted["issues"][0].get("code").is_none(), "no code before it is sold");
    let sale = with(&receipt(&lines, 4_000), who);
    let (status, sold) = shop.put("/v1/receipts/R1", &sale);
    assert_eq!(status, 201, "{sold}");
    let issued = sold["issued"].as_array().expect("a list");
    let codes: Vec<&str> = issued.iter().filter_map(|one| one["code"].as_str()).collect();
    assert_eq!(codes.len(), 3, "{sold}");
    let printed = sold["receipt_lines"].to_string();
    for text in codes.iter().chain(&["You received a voucher: Voucher 15", "Win a trip"]) {
        assert!(printed.contains(text), "{text}: {printed}");
    }
    assert_eq!(shop.put("/v1/receipts/R1", &sale).1, sold, "asked again, the same codes");
    shop.stop();
    shop.start();
    let id = shop.identify(MEMBERS[0].1);
    let spending = json!({
        "till": "1", "currency": "CZK", "lines": lines, "identification_id": id,
        "vouchers": [codes[0]],
    });
    let (_, quoted) = shop.post("/v1/quotes", &spending);
    assert_eq!(quoted["totals"]["payable"], 2_500, "{quoted}");
    assert_eq!((&issued[0]["cost"], &quoted["effects"][0]["cost"]), (&json!(1_500), &json!(1_500)));
    let back = json!({
        "till": "1", "return_uid": "B1", "lines": [{ "line_id": "1", "quantity": "1" }],
    });
    let (status, back) = shop.post("/v1/receipts/R1/returns", &back);
    assert_eq!((status, &back["codes_cancelled"]), (201, &json!([codes[2]])), "{back}");
    let void = json!({ "till": "1", "void_uid": "B2" });
    let (status, back) = shop.post("/v1/receipts/R1/void", &void);
    assert_eq!((status, &back["codes_cancelled"]), (201, &json!(codes[..2])), "{back}");
    let (_, quoted) = shop.post("/v1/quotes", &spending);
    assert_eq!(quoted["totals"]["payable"], 4_000, "{quoted}");
    assert!(quoted["rejected"].to_string().contains("voucher_cancelled"), "{quoted}");
    shop.stop();
    shop.succeed(&["journal", "verify"]);
}

#[test]
fn the_lowest_price_of_thirty_days_stands_beside_an_announced_reduction() {
    let mut shop = Shop::empty();
    let programme = PROGRAMME.replacen("[[offers]]", "[[offers]]\nannounced = true", 1);
    shop.fill_with(
        &programme,
        &json!({ "member": MEMBERS[0].0, "codes": [MEMBERS[0].1] }).to_string(),
    );
    shop.start();
    let known = |line: &Value| with(line, json!({ "lowest_30d_price": 1_750 }));
    let lines = [known(&line("1", "milk", 1, 2_500)), known(&line("2", "bread", 1, 2_000))];
    let who = json!({ "identification_id": shop.identify(MEMBERS[0].1) });
    let basket = with(&json!({ "till": "1", "currency": "CZK", "lines": lines }), who.clone());
    let quoted = shop.post("/v1/quotes", &basket).1;
    let told =
        |reply: &Value| [0, 1].map(|at: usize| reply["lines"][at].get("lowest_30d_price").cloned());
    assert_eq!(told(&quoted), [Some(json!(1_750)), None], "{quoted}");
    let payable = quoted["totals"]["payable"].as_i64().expect("a sum");
    let sale = with(&receipt(&lines, payable), who);
    let (status, sold) = shop.put("/v1/receipts/R1", &sale);
    assert_eq!((status, told(&sold)), (201, told(&quoted)), "{sold}");
    let printed = sold["receipt_lines"].to_string();
    assert!(printed.contains("Lowest price in 30 days, line 1"), "{printed}");
    assert!(!printed.contains("line 2"), "{printed}");
    let shown = shop.succeed(&["journal", "show", "--kind", "sale", "--json"]);
    let record: Value = serde_json::from_str(shown.trim()).expect("one record");
    assert_eq!(record["sale"]["lines"][1]["lowest_30d_price"], 1_750, "{record}");
}
