use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use serde_json::{Value, json};

use self::errand::{Answer, Errand, POINTS_BEFORE, PROGRAMME, Sent, Step, Verb, hold_one_more};
use crate::passes::Wallet;
use crate::support::{MEMBERS, Shop, line, receipt, with};

mod errand;

/// How often the agent is killed; `.ci/full` asks for more.
const KILLS: u64 = 8;

/// Receipts answered between two kills.
const ANSWERED_BETWEEN: u64 = 40;

/// Errands between two kills at most: each has a wallet of its own.
const ERRANDS_BETWEEN: usize = 64;

fn kills() -> u64 {
    std::env::var("TILLWARD_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS)
}

/// Ends the agent while its lanes go on, and tells them.
fn kill_under_way(shop: &Shop, killed: &AtomicBool) {
    let killer = std::process::Command::new("kill").args(["-9", &shop.pid().to_string()]).status();
    killed.store(true, Ordering::Release);
    assert!(killer.expect("kill runs").success());
}

#[test]
fn every_answered_receipt_is_there_exactly_once_whenever_the_agent_is_killed() {
    let kills = kills();
    let mut shop = Shop::new();
    let (member, code) = MEMBERS[0];
    let answered = Mutex::new(BTreeSet::new());
    let next = AtomicU64::new(0);
    for _ in 0..kills {
        let id = shop.identify(code);
        let until = answered.lock().unwrap().len() as u64 + ANSWERED_BETWEEN;
        let killed = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !killed.load(Ordering::Acquire) {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let body = with(
                            &receipt(&[line("1", "bread", 1, 1_000)], 1_000),
                            json!({ "identification_id": id }),
                        );
                        let put = shop.client.put(shop.url(&format!("/v1/receipts/R{number}")));
                        if put.json(&body).send().is_ok_and(|answer| answer.status() == 201) {
                            answered.lock().unwrap().insert(number);
                        }
                    }
                });
            }
            while (answered.lock().unwrap().len() as u64) < until {
                std::thread::yield_now();
            }
            kill_under_way(&shop, &killed);
        });
        shop.kill();
        shop.start();
    }
    let answered = answered.into_inner().unwrap();
    let mut there = 0;
    for number in 0..next.load(Ordering::Relaxed) {
        let (status, _) = shop.get(&format!("/v1/receipts/R{number}?till=1"));
        assert!(status == 200 || status == 404, "{status}");
        assert!(status == 200 || !answered.contains(&number), "R{number} was answered and is gone");
        there += i64::from(status == 200);
    }
    assert_eq!(shop.balance(member), 1_000 + there, "one point each, none twice");
    shop.stop();
    let verified = shop.succeed(&["journal", "verify"]);
    assert!(verified.contains("0 faults"), "{verified}");
    let doctor = shop.run(&["doctor"]);
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
}

#[test]
fn whatever_was_answered_is_there_exactly_once_whenever_the_agent_is_killed() {
    let wallets = usize::try_from(kills()).unwrap() * ERRANDS_BETWEEN;
    let wallets: Vec<Wallet> = (0..wallets).map(|n| Wallet::new(n as u32)).collect();
    let (member, code) = MEMBERS[0];
    let mut shop = Shop::empty();
    let card = json!({ "member": member, "codes": [code], "points": POINTS_BEFORE });
    let lines: String = wallets.iter().map(|wallet| wallet.member_line(POINTS_BEFORE)).collect();
    shop.fill_with(PROGRAMME, &format!("{card}\n{lines}"));
    shop.start();
    let next = AtomicUsize::new(0);
    let mut all: Vec<Sent> = Vec::new();
    for round in 0..kills() {
        let round = usize::try_from(round).unwrap();
        // Another number each time, so that the kill meets every verb at every stage.
        let answers = 25 + round * 17 % 50;
        let wallets = &wallets[round * ERRANDS_BETWEEN..][..ERRANDS_BETWEEN];
        let sent = errands_until_killed(&shop, (member, code), wallets, &next, answers);
        shop.kill();
        shop.start();
        for Sent { step, answer } in &sent {
            if let Some(answer) = answer {
                check_answered(&shop, step, answer, &sent);
            }
        }
        for Sent { step, .. } in sent.iter().filter(|sent| sent.answer.is_none()) {
            retry(&shop, step);
        }
        let touched: BTreeSet<String> = sent.iter().map(|sent| sent.step.worth.0.clone()).collect();
        all.extend(sent);
        check_balances(&shop, &all, &touched);
        shop.stop();
        let verified = shop.succeed(&["journal", "verify"]);
        assert!(verified.contains("0 faults"), "{verified}");
        let rebuilt = shop.succeed(&["rebuild"]);
        assert!(rebuilt.contains("; 0 differed before"), "{rebuilt}");
        shop.start();
        check_balances(&shop, &all, &touched);
    }
    for Sent { step, .. } in all.iter().filter(|sent| sent.step.verb == Verb::Identify) {
        assert_eq!(refusal(&shop, step), code_used(), "a rebuild frees no code: {step:?}");
    }
    shop.stop();
    check_journal(&shop, &all);
    let doctor = shop.run(&["doctor"]);
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
}

#[test]
fn a_second_agent_on_the_same_folder_is_refused_and_the_first_goes_on() {
    let shop = Shop::new();
    let second = shop.run(&["run", "--store", "S1", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(75), "{}", String::from_utf8_lossy(&second.stderr));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another tillward is running"));
    assert_eq!(shop.put("/v1/receipts/R1", &receipt(&[line("1", "milk", 1, 100)], 100)).0, 201);
}

/// Four lanes on their errands, until so many answers came and the agent was killed: what they
/// sent, each errand's requests in their order.
fn errands_until_killed(
    shop: &Shop,
    (member, code): (&str, &str),
    wallets: &[Wallet],
    next: &AtomicUsize,
    answers: usize,
) -> Vec<Sent> {
    let identification = shop.identify(code);
    let (sent, answered) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
    let (begun, killed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let lane = |lane: usize| {
        while !killed.load(Ordering::Acquire) {
            let Some(wallet) = wallets.get(begun.fetch_add(1, Ordering::Relaxed)) else { return };
            let number = next.fetch_add(1, Ordering::Relaxed);
            let till = format!("T{lane}");
            let errand = Errand { number, till, member, identification: &identification, wallet };
            errand.run(shop, |step| {
                answered.fetch_add(usize::from(step.answer.is_some()), Ordering::Release);
                sent.lock().unwrap().push(step);
            });
        }
    };
    std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..4)
            .map(|number| {
                let lane = &lane;
                scope.spawn(move || lane(number))
            })
            .collect();
        while answered.load(Ordering::Acquire) < answers {
            assert!(lanes.iter().any(|lane| !lane.is_finished()), "the lanes go on");
            std::thread::yield_now();
        }
        kill_under_way(shop, &killed);
    });
    sent.into_inner().unwrap()
}

/// What was answered is there, once, and is the same when it is asked for again.
fn check_answered(shop: &Shop, step: &Step, answer: &Answer, sent: &[Sent]) {
    let goes_on = sent.iter().any(|other| {
        other.step.errand == step.errand && matches!(other.step.verb, Verb::Sell | Verb::Release)
    });
    match step.verb {
        Verb::Identify => assert_eq!(refusal(shop, step), code_used(), "{step:?}"),
        Verb::Reserve if goes_on => {}
        Verb::Reserve => {
            let refused = (409, json!("not_enough_points"));
            assert_eq!(hold_one_more(shop, step), refused, "the points are held: {step:?}");
        }
        Verb::Release => {
            assert_eq!(refusal(shop, step), (404, json!("reservation_unknown")), "{step:?}");
        }
        Verb::Sell | Verb::Return | Verb::Void | Verb::Assign => {
            let (status, receipt) = step.receipt(shop);
            assert_eq!(status, 200, "{step:?} was answered and is gone");
            let after = receipt["followed_by"].as_array().expect("a list");
            let records = std::iter::once(&receipt["sale"]).chain(after);
            let same = records.filter(|record| **record == answer.body).count();
            assert_eq!(same, 1, "{step:?} was answered {answer:?} and is {receipt}");
            let again = step.send(shop).expect("an answer");
            assert_eq!(again, Answer { repeated: true, ..answer.clone() }, "{step:?}");
        }
    }
}

/// Sends again what was cut off: it is carried out now, or was before.
fn retry(shop: &Shop, step: &Step) {
    let answer = step.send(shop).expect("an answer");
    match (step.verb, answer.status) {
        (Verb::Identify, 422) => assert_eq!(answer.body["code"], "totp_already_used", "{step:?}"),
        (Verb::Release, 404) => {}
        (_, status) => assert_eq!(status, step.status_done(), "{step:?}: {answer:?}"),
    }
    let again = step.send(shop).expect("an answer");
    match step.verb {
        Verb::Identify => assert_eq!(again.status, 422, "{step:?}: {again:?}"),
        Verb::Release => assert_eq!(again.status, 404, "{step:?}: {again:?}"),
        _ => assert_eq!(again, Answer { repeated: true, ..answer }, "{step:?}"),
    }
}

fn refusal(shop: &Shop, step: &Step) -> (u16, Value) {
    let answer = step.send(shop).expect("an answer");
    (answer.status, answer.body["code"].clone())
}

fn code_used() -> (u16, Value) {
    (422, json!("totp_already_used"))
}

/// The members have what all errands so far are worth, each counted once.
fn check_balances(shop: &Shop, all: &[Sent], members: &BTreeSet<String>) {
    let mut expected: BTreeMap<&str, i64> = BTreeMap::new();
    for Sent { step, .. } in all.iter().filter(|sent| members.contains(&sent.step.worth.0)) {
        let (member, points) = &step.worth;
        *expected.entry(member).or_insert(POINTS_BEFORE) += points;
    }
    for (member, points) in expected {
        assert_eq!(shop.balance(member), points, "{member}");
    }
}

/// The journal has one record for each request that leaves one, and no other of their kinds.
fn check_journal(shop: &Shop, all: &[Sent]) {
    let journal = shop.succeed(&["journal", "show", "--json"]);
    let recorded = journal.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let mut recorded: Vec<(String, String)> = recorded
        .filter_map(|record: Value| {
            let kind = record["kind"].as_str()?;
            let uid = match kind {
                "sale" | "return" | "void" => &record[kind]["uid"],
                "assign" => &record[kind]["of"]["uid"],
                _ => return None,
            };
            Some((kind.to_owned(), uid.as_str()?.to_owned()))
        })
        .collect();
    let mut sent: Vec<(String, String)> = all
        .iter()
        .filter_map(|sent| {
            let kind = match sent.step.verb {
                Verb::Sell => "sale",
                Verb::Return => "return",
                Verb::Void => "void",
                Verb::Assign => "assign",
                Verb::Identify | Verb::Reserve | Verb::Release => return None,
            };
            Some((kind.to_owned(), sent.step.uid.clone()))
        })
        .collect();
    recorded.sort();
    sent.sort();
    assert_eq!(recorded, sent);
}
