use serde_json::Value;

use crate::support::{MEMBERS, PROGRAMME, Shop, line, receipt, with};

#[test]
fn a_wrong_configuration_ends_with_64_and_every_fault() {
    let shop = Shop::without_agent();
    let config = shop
        .write("wrong.toml", "[api]\nlisten = \"nowhere\"\n[receipt]\ncolumns = 5\n[nothing]\n");
    let output = shop.run(&["--config", config.to_str().unwrap(), "run", "--store", "S1"]);
    assert_eq!(output.status.code(), Some(64));
    let told = String::from_utf8_lossy(&output.stderr);
    for fault in ["api.listen", "receipt.columns", "nothing"] {
        assert!(told.contains(fault), "{fault}: {told}");
    }
    let open = shop.run(&["run", "--store", "S1", "--listen", "0.0.0.0:8731"]);
    assert_eq!(open.status.code(), Some(64), "beyond loopback a token per till is needed");
}

#[test]
fn programme_check_tells_every_fault_with_its_path() {
    let shop = Shop::without_agent();
    let sound = shop.write("sound.toml", PROGRAMME);
    assert!(shop.succeed(&["programme", "check", sound.to_str().unwrap()]).contains("is sound"));
    let text = PROGRAMME
        .replace("percent = \"10\"", "percent = \"110\"")
        .replace("days = 365\n\n[tiers]", "days = 0\n\n[tiers]");
    let wrong = shop.write("wrong.toml", &text);
    let output = shop.run(&["programme", "check", wrong.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(65));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("milk10") && told.contains("expiry.days"), "{told}");
}

#[test]
fn ld_15_programme_check_advises_where_more_costs_less_and_ends_well() {
    let shop = Shop::without_agent();
    let ten = "[[offers]]\nid = \"ten\"\nname = \"Ten\"\nkind = \"basket_percent\"\npercent = \"10\"\nminimum = { amount = \"50.00\" }\n";
    let file = shop.write("ten.toml", &format!("{PROGRAMME}\n{ten}"));
    let told = shop.succeed(&["programme", "check", file.to_str().unwrap()]);
    assert!(told.contains("is sound"), "{told}");
    let advice = told.lines().find(|line| line.starts_with("offers (ten): ")).expect("advice");
    assert!(advice.contains("it costs 45.00") && advice.ends_with("[more_costs_less]"), "{told}");
}

#[test]
fn ld_9_programme_check_tells_how_far_agents_go_beyond_limits_over_all_customers() {
    let shop = Shop::without_agent();
    let half = "[[offers]]\nid = \"half\"\nname = \"Half\"\nkind = \"line_percent\"\npercent = \"50\"\naudience = { members = \"everyone\" }\nshared_limits = [{ per = \"store\", window = \"day\", uses = 10, offline = \"approximate\" }, { per = \"total\", window = \"ever\", uses = 100, offline = \"slice\", slice = 40 }]\n";
    let surprise = "[[earn]]\nid = \"lucky\"\nkind = \"per_visit\"\npoints = 50\nshared_limits = [{ per = \"total\", window = \"year\", uses = 1000, count = \"points\", offline = \"approximate\" }]\n";
    let file = shop.write("half.toml", &format!("{PROGRAMME}\n{half}\n{surprise}"));
    let told = shop.succeed(&["programme", "check", file.to_str().unwrap(), "--agents", "3"]);
    for expected in [
        "of one store, none of which hears of the others, give at most 20 more than 10",
        "of all stores, none of which hears of the others, give at most 20 more than 100",
        "earn.lucky.shared_limits[0]: 3 agents of all stores, none of which hears of the others, give at most 2000 more than 1000 points",
    ] {
        assert!(told.contains(expected), "{told}");
    }
    let none = shop.write("none.toml", PROGRAMME);
    let told = shop.succeed(&["programme", "check", none.to_str().unwrap(), "--agents", "3"]);
    assert!(told.contains("no offer or earning rule has a limit over all customers"), "{told}");
}

#[test]
fn a_quote_on_paper_is_the_quote_of_the_till() {
    let shop = Shop::new();
    let member = serde_json::json!({ "member": MEMBERS[0].0, "codes": [MEMBERS[0].1], "points": 1_000, "last_purchase": &crate::support::chrono_now()[..10] });
    let member = shop.write("member.json", &member.to_string());
    let lines = vec![line("1", "milk", 2, 2_500)];
    let basket =
        serde_json::json!({ "till": "1", "currency": "CZK", "lines": lines, "spend_points": 200 });
    let file = shop.write("basket.json", &basket.to_string());
    let programme = shop.write("club.toml", PROGRAMME);
    let told = shop.succeed(&[
        "quote",
        "--programme",
        programme.to_str().unwrap(),
        "--member",
        member.to_str().unwrap(),
        "--basket",
        file.to_str().unwrap(),
    ]);
    let on_paper: Value = serde_json::from_str(&told).expect("JSON");
    let id = shop.identify(MEMBERS[0].1);
    let (_, quoted) =
        shop.post("/v1/quotes", &with(&basket, serde_json::json!({ "identification_id": id })));
    for part in ["totals", "lines", "points", "tier"] {
        assert_eq!(on_paper[part], quoted[part], "{part}");
    }
}

#[test]
fn nothing_is_lost_or_doubled_by_backup_and_restore() {
    let mut shop = Shop::new();
    let sell = |shop: &Shop, from: u32| {
        let id = shop.identify(MEMBERS[0].1);
        for number in from..from + 10 {
            let body = with(
                &receipt(&[line("1", "bread", 1, 1_000)], 1_000),
                serde_json::json!({ "identification_id": id }),
            );
            assert_eq!(shop.put(&format!("/v1/receipts/R{number}"), &body).0, 201);
        }
    };
    sell(&shop, 0);
    let backup = shop.folder.path().join("backup.db");
    shop.succeed(&["backup", backup.to_str().unwrap()]);
    sell(&shop, 10);
    shop.stop();
    shop.succeed(&["restore", backup.to_str().unwrap()]);
    shop.start();
    sell(&shop, 20);
    for number in 0..30 {
        assert_eq!(shop.get(&format!("/v1/receipts/R{number}?till=1")).0, 200, "R{number}");
    }
    assert_eq!(shop.balance(MEMBERS[0].0), 1_030);
    let (_, info) = shop.get("/v1/info");
    assert_eq!(info["epoch"], 2, "a restore begins a new epoch: {info}");
    shop.stop();
    assert!(shop.succeed(&["journal", "verify"]).contains("0 faults"));
    let doctor = shop.run(&["doctor"]);
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
}

#[test]
fn rebuilding_changes_nothing_and_an_export_proves_itself() {
    let mut shop = Shop::new();
    let id = shop.identify(MEMBERS[0].1);
    let body = with(
        &receipt(&[line("1", "bread", 1, 1_000)], 1_000),
        serde_json::json!({ "identification_id": id }),
    );
    shop.put("/v1/receipts/R1", &body);
    shop.stop();
    shop.succeed(&["rebuild"]);
    let export = shop.folder.path().join("journal.export");
    shop.succeed(&["journal", "export", export.to_str().unwrap()]);
    assert!(shop.succeed(&["journal", "verify", export.to_str().unwrap()]).contains("0 faults"));
    assert!(shop.succeed(&["journal", "show"]).contains("sale"));
    let mut bytes = std::fs::read(&export).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&export, bytes).unwrap();
    assert!(!shop.run(&["journal", "verify", export.to_str().unwrap()]).status.success());
    shop.start();
    assert_eq!(shop.balance(MEMBERS[0].0), 1_001);
    assert_eq!(
        shop.put("/v1/receipts/R1", &body).0,
        201,
        "a retry after a rebuild is still a retry"
    );
}

#[test]
fn completions_man_pages_and_the_schema_are_printed_as_they_are_used() {
    let shop = Shop::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = shop.succeed(&["completions", shell]);
        for command in ["programme", "journal", "doctor", "replay"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    let page = shop.succeed(&["man"]);
    assert!(page.contains(".TH tillward") && page.contains("doctor"), "{page}");
    let folder = shop.folder.path().join("man1");
    shop.succeed(&["man", "--dir", folder.to_str().unwrap()]);
    for name in ["tillward.1", "tillward-run.1", "tillward-programme-check.1"] {
        let page = std::fs::read_to_string(folder.join(name)).expect(name);
        assert!(page.contains(".TH "), "{name}: {page}");
    }
    let schema: Value = serde_json::from_str(&shop.succeed(&["programme", "schema"])).unwrap();
    assert!(schema["$schema"].as_str().is_some_and(|id| id.contains("json-schema.org")));
    // What the example writes is what the schema knows.
    let example: toml::Table = PROGRAMME.parse().expect("TOML");
    for key in example.keys() {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
    assert!(!shop.data().exists(), "none of them makes a data folder");
}

#[test]
fn replay_sends_receipts_and_what_came_back_of_them_and_again_books_nothing() {
    let shop = Shop::new();
    let (member, _) = MEMBERS[0];
    let lines = [line("1", "bread", 2, 5_000)];
    let sold = |uid: &str| {
        with(&receipt(&lines, 10_000), serde_json::json!({ "uid": uid, "member": member }))
    };
    let part = serde_json::json!({
        "uid": "R1", "till": "1", "return_uid": "B1",
        "lines": [{ "line_id": "1", "quantity": "1" }],
    });
    let void = serde_json::json!({ "uid": "R2", "till": "1", "void_uid": "B2" });
    let log: Vec<String> =
        [sold("R1"), sold("R2"), part, void].iter().map(ToString::to_string).collect();
    let log = shop.write("log.jsonl", &log.join("\n"));
    let url = shop.url("/");
    let replay = || shop.succeed(&["replay", log.to_str().unwrap(), "--url", &url]);
    assert_eq!(replay().trim(), "4 receipts recorded, 0 recorded before, 0 refused");
    // Half of one receipt remains: 50.00 earn 5 points.
    assert_eq!(shop.balance(member), 1_000 + 5);
    assert_eq!(replay().trim(), "0 receipts recorded, 4 recorded before, 0 refused");
    assert_eq!(shop.balance(member), 1_000 + 5);
}
