use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::json;

use crate::support::{MEMBERS, Shop, line, receipt, with};

/// How often the agent is killed; `.ci/full` asks for more.
const KILLS: u64 = 8;

/// Receipts answered between two kills.
const ANSWERED_BETWEEN: u64 = 40;

#[test]
fn every_answered_receipt_is_there_exactly_once_whenever_the_agent_is_killed() {
    let kills = std::env::var("TILLWARD_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS);
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
            let killer =
                std::process::Command::new("kill").args(["-9", &shop.pid().to_string()]).status();
            killed.store(true, Ordering::Release);
            assert!(killer.expect("kill runs").success());
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
fn a_second_agent_on_the_same_folder_is_refused_and_the_first_goes_on() {
    let shop = Shop::new();
    let second = shop.run(&["run", "--store", "S1", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(75), "{}", String::from_utf8_lossy(&second.stderr));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another tillward is running"));
    assert_eq!(shop.put("/v1/receipts/R1", &receipt(&[line("1", "milk", 1, 100)], 100)).0, 201);
}
