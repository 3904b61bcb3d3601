use std::process::Command;

use serde_json::{Value, json};

use crate::passes::{PERIOD_S, Token, TokenKey, Wallet, now_s};
use crate::support::{MEMBERS, PROGRAMME, Shop, line, receipt};

/// Moves a process's wall clock by CLOCK_SHIFT_S seconds, and only that clock.
const CLOCK_SHIM: &str = r#"
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    const char *shift = getenv("CLOCK_SHIFT_S");
    if (result == 0 && clock == CLOCK_REALTIME && shift) {
        now->tv_sec += atol(shift);
    }
    return result;
}
"#;

fn scan(shop: &Shop, raw: &str) -> (u16, Value) {
    shop.post("/v1/identify", &json!({ "raw": raw }))
}

/// What a refused scan is told: status, code, sentence.
fn refusal(shop: &Shop, raw: &str) -> (u16, String, String) {
    let (status, problem) = scan(shop, raw);
    let text = |field: &str| problem[field].as_str().unwrap_or_default().to_owned();
    assert!(!problem.to_string().contains(raw), "no answer repeats a code: {problem}");
    (status, text("code"), text("detail"))
}

fn refused(shop: &Shop, raw: &str) -> (u16, String) {
    let (status, code, _) = refusal(shop, raw);
    (status, code)
}

fn with_code(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// A shop whose members have these wallets and 500 points each; the agent does not run yet.
fn shop_of(wallets: &[Wallet]) -> Shop {
    let shop = Shop::empty();
    let lines: String = wallets.iter().map(|wallet| wallet.member_line(500)).collect();
    shop.fill_with(PROGRAMME, &lines);
    shop
}

/// Waits for the next step where this one is about to end, so that a test stays within one.
fn early_in_a_step() -> i64 {
    while PERIOD_S - now_s() % PERIOD_S < 5 {
        std::thread::yield_now();
    }
    now_s()
}

#[test]
fn a_rotating_code_is_good_once_even_after_power_was_cut() {
    let wallet = Wallet::new(1);
    let mut shop = shop_of(&[Wallet::new(1)]);
    shop.start();
    let now = early_in_a_step();
    let code = wallet.shows(now);
    let (status, known) = scan(&shop, &code);
    assert_eq!(status, 200, "{known}");
    assert_eq!(
        (&known["member"], &known["balance"], &known["strength"], &known["warnings"]),
        (&json!(wallet.member), &json!(500), &json!("totp"), &json!([]))
    );
    let used = with_code(422, "totp_already_used");
    assert_eq!(refused(&shop, &code), used, "the very same");
    assert_eq!(refused(&shop, &wallet.shows_untimed(now)), used, "the other form of it");
    shop.kill();
    shop.start();
    assert_eq!(refused(&shop, &code), used, "a code that was answered is used for good");
    let next = wallet.shows_untimed(now + PERIOD_S);
    assert_eq!(scan(&shop, &next).0, 200, "the next one is another code");
    assert_eq!(refused(&shop, &wallet.shows(now - PERIOD_S)), used, "none from before it");
}

#[test]
fn of_many_lanes_that_scan_one_code_at_once_one_is_answered() {
    let wallet = Wallet::new(1);
    let mut shop = shop_of(&[Wallet::new(1)]);
    shop.start();
    let code = wallet.shows(now_s());
    let lanes = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..8).map(|_| scope.spawn(|| scan(&shop, &code))).collect();
        lanes.into_iter().map(|lane| lane.join().expect("an answer")).collect::<Vec<_>>()
    });
    assert_eq!(lanes.iter().filter(|(status, _)| *status == 200).count(), 1, "{lanes:?}");
    for (_, problem) in lanes.iter().filter(|(status, _)| *status != 200) {
        let code = problem["code"].as_str().unwrap_or_default();
        assert!(matches!(code, "totp_already_used" | "code_used"), "{problem}");
    }
}

#[test]
fn a_rotating_code_that_is_not_good_says_why() {
    let (wallet, stranger) = (Wallet::new(1), Wallet::new(2));
    let mut shop = shop_of(&[Wallet::new(1)]);
    shop.start();
    let now = now_s();
    let (status, code, sentence) = refusal(&shop, &wallet.shows(now - 600));
    assert_eq!((status, &code[..]), (422, "totp_expired"));
    assert!(sentence.contains("expired 60") && sentence.contains("screenshot"), "{sentence}");
    assert_eq!(refused(&shop, &wallet.shows_untimed(now - 150)), with_code(422, "totp_expired"));
    let (status, code, sentence) = refusal(&shop, &wallet.shows(now + 600));
    assert_eq!((status, &code[..]), (422, "totp_from_the_future"));
    assert!(sentence.contains("the phone's clock is ahead"), "{sentence}");
    assert_eq!(refused(&shop, &stranger.shows(now)), with_code(404, "member_unknown"));
    let forged = stranger.shows(now).replace(&stranger.id, &wallet.id);
    assert_eq!(refused(&shop, &forged), with_code(422, "totp_wrong_digits"));
    let torn = &wallet.shows(now)[..30];
    assert_eq!(refused(&shop, torn), with_code(422, "code_malformed"));
    assert_eq!(scan(&shop, &wallet.shows(now)).0, 200, "no refusal used the good one up");
    assert!(!shop.log().contains(&wallet.id), "the log holds no codes");
}

#[test]
fn a_till_whose_clock_is_in_doubt_takes_more_and_says_so() {
    let wallets = [Wallet::new(1), Wallet::new(2)];
    let mut shop = shop_of(&[Wallet::new(1), Wallet::new(2)]);
    let library = shop.folder.path().join("clock.so");
    let source = shop.write("clock.c", CLOCK_SHIM);
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .status()
        .expect("a C compiler, which the build needs too");
    assert!(compiled.success());
    shop.start();
    let sold = receipt(&[line("1", "bread", 1, 1_000)], 1_000);
    assert_eq!(shop.put("/v1/receipts/R1", &sold).0, 201);
    shop.stop();
    shop.environment = vec![
        ("LD_PRELOAD", library.to_str().unwrap().to_owned()),
        ("CLOCK_SHIFT_S", "-150".to_owned()),
    ];
    shop.start();
    // Two and a half minutes behind the last record: the phone is right and the till knows it may
    // not be.
    let (status, known) = scan(&shop, &wallets[0].shows(now_s() - PERIOD_S));
    assert_eq!((status, &known["warnings"]), (200, &json!(["clock_uncertain"])), "{known}");
    shop.stop();
    shop.environment[1].1 = "-3600".to_owned();
    shop.start();
    let (status, code, sentence) = refusal(&shop, &wallets[1].shows(now_s()));
    assert_eq!((status, &code[..]), (422, "totp_from_the_future"));
    assert!(sentence.contains("the till's clock may be wrong"), "{sentence}");
    let (status, late) = shop.put("/v1/receipts/R2", &sold);
    assert_eq!(status, 201, "a sale is a fact whatever the clock says: {late}");
    assert!(late["flags"].to_string().contains("clock_untrusted"), "{late}");
}

/// A shop that trusts a key, and the key.
fn shop_with_key() -> (Shop, TokenKey) {
    let key = TokenKey::new([0, 0x11, 0x22, 0x33]);
    let mut shop = Shop::without_agent();
    start_trusting(&mut shop, &key);
    (shop, key)
}

fn start_trusting(shop: &mut Shop, key: &TokenKey) {
    let config = shop.write("keys.toml", &key.trusted());
    shop.try_start_with(&["--config", config.to_str().unwrap()]).expect("the agent starts");
}

#[test]
fn a_signed_token_is_good_once_even_after_power_was_cut() {
    let (mut shop, key) = shop_with_key();
    let (member, _) = MEMBERS[0];
    let token = key.sign(&Token::of(member, 1));
    let (status, known) = scan(&shop, &token);
    assert_eq!(status, 200, "{known}");
    assert_eq!(
        (&known["member"], &known["balance"], &known["strength"]),
        (&json!(member), &json!(1_000), &json!("signed_token"))
    );
    assert_eq!(refused(&shop, &token), with_code(409, "code_used"));
    shop.kill();
    start_trusting(&mut shop, &key);
    assert_eq!(refused(&shop, &token), with_code(409, "code_used"));
    let resealed = key.sign(&Token { expires_at: now_s() + 60, ..Token::of(member, 1) });
    assert_eq!(refused(&shop, &resealed), with_code(409, "code_used"), "the id counts");
    assert_eq!(scan(&shop, &key.sign(&Token::of(member, 2))).0, 200);
    assert!(!shop.log().contains(&token[5..40]), "the log holds no codes");
}

#[test]
fn a_token_that_is_not_good_says_why() {
    let (shop, key) = shop_with_key();
    let (member, _) = MEMBERS[0];
    let sound = Token::of(member, 1);
    let now = now_s();
    let expired = Token { issued_at: now - 900, expires_at: now - 600, ..sound.clone() };
    let (status, code, sentence) = refusal(&shop, &key.sign(&expired));
    assert_eq!((status, &code[..]), (422, "token_expired"));
    assert!(sentence.contains("expired 60"), "{sentence}");
    let early = Token { issued_at: now + 600, expires_at: now + 720, ..sound.clone() };
    let (status, code, sentence) = refusal(&shop, &key.sign(&early));
    assert_eq!((status, &code[..]), (422, "token_not_yet_valid"));
    assert!(sentence.contains("the till's clock may be wrong"), "{sentence}");

    let other_key = TokenKey::new([9, 9, 9, 9]).sign(&sound);
    let forged = TokenKey::new(key.id).sign(&sound);
    let altered = key.sign(&sound).replace("LYT1:", "LYT1:0");
    let eternal = Token { expires_at: now + 30 * 86_400, ..sound.clone() };
    let nobody = Token { member: "ee".repeat(16), ..sound.clone() };
    for (text, status, code) in [
        (other_key, 422, "token_unknown_key"),
        (forged, 422, "token_bad_signature"),
        (altered, 422, "token_malformed"),
        (key.sign(&eternal), 422, "token_malformed"),
        (key.sign(&Token { programme: "other", ..sound.clone() }), 422, "token_other_programme"),
        (key.sign(&Token { algorithm: -8, ..sound.clone() }), 422, "token_wrong_algorithm"),
        (key.sign(&Token { kind: "tillward/record/v1", ..sound.clone() }), 422, "token_wrong_kind"),
        (key.sign(&nobody), 404, "member_unknown"),
    ] {
        assert_eq!(refused(&shop, &text), with_code(status, code));
    }
    assert_eq!(scan(&shop, &key.sign(&sound)).0, 200, "no refusal used the good one up");
}
