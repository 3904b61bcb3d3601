use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::loyalty::{AccountKind, Birthday, CompanyRole, DayTotals, Expires};
use crate::money::{Amount, Currency, Points};

const MEMBER: &str = "00112233445566778899aabbccddeeff";

/// A code that no fault may repeat.
const CODE: &str = "2000000000015";

fn crowns() -> Currency {
    Currency::from_code("CZK").expect("a listed code")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day of the calendar")
}

/// A member with a code and these further keys.
fn member(keys: &str) -> String {
    let comma = if keys.is_empty() { "" } else { "," };
    format!("{{\"member\":\"{MEMBER}\",\"codes\":[\"{CODE}\"]{comma}{keys}}}")
}

fn accepted(text: &str) -> ImportedMember {
    match parse_line(1, text, crowns()) {
        Ok(ImportLine::Member(member)) => *member,
        other => panic!("expected a member, found {other:?}"),
    }
}

fn refused(text: &str) -> String {
    let fault = parse_line(7, text, crowns()).expect_err("something is wrong with it");
    assert_eq!(fault.line, 7);
    format!("{} {}", fault.code, fault.path)
}

#[test]
fn a_member_needs_a_ref_and_a_code() {
    let member = accepted(&member(""));
    assert_eq!(member.member.to_string(), MEMBER);
    assert_eq!(member.account.to_string(), MEMBER, "its own account");
    assert_eq!(member.codes, [CODE]);
    assert_eq!(member.facts, AccountFacts::default());
    assert_eq!(member.wallet, None);
}

#[test]
fn ld_26_a_member_has_a_place_in_the_account() {
    assert!(accepted(&member("")).standing.is_plain());
    let boss = accepted(&member(r#""kind":"company","role":"decision_maker","recruiter":"rep-7""#));
    let recruiter = boss.standing.recruiter.as_ref().map(|recruiter| recruiter.as_str());
    assert_eq!((boss.standing.kind, recruiter), (AccountKind::Company, Some("rep-7")));
    assert_eq!(boss.standing.role, Some(CompanyRole::DecisionMaker));
    let cases = [
        (r#""kind":"club""#, "bad_value kind"),
        (r#""kind":"company","role":"boss""#, "bad_value role"),
        (r#""role":"buyer""#, "contradiction role"),
        (r#""kind":"household","role":"buyer""#, "contradiction role"),
        (r#""recruiter":"""#, "bad_value recruiter"),
    ];
    for (keys, told) in cases {
        assert_eq!(refused(&member(keys)), told, "{keys}");
    }
}

#[test]
fn ld_51_a_member_carries_offers_with_windows_and_scores() {
    assert!(accepted(&member("")).offers.is_empty());
    let carries = r#""offers":[{"offer":"tea","from":"2026-03-10T14:00","until":"2026-03-12","score":870,
        "variant":"B"},{"offer":"rolls"}]"#;
    let carried = accepted(&member(&carries.replace('\n', " "))).offers;
    let tea = &carried["tea"];
    let time = |at: Option<chrono::NaiveDateTime>| at.map(|at| at.to_string());
    assert_eq!(time(tea.window.from).as_deref(), Some("2026-03-10 14:00:00"));
    assert_eq!(time(tea.window.until).as_deref(), Some("2026-03-13 00:00:00"), "through the day");
    assert_eq!((tea.score.value(), tea.variant.as_ref().map(|v| v.as_str())), (870, Some("B")));
    assert_eq!(carried["rolls"], crate::loyalty::PersonalOffer::default());
    let of = |more: &str| format!(r#""offers":[{{"offer":"a"{more}}}]"#);
    let cases = [
        (r#""offers":[{}]"#.to_owned(), "missing_key offers[0]"),
        (r#""offers":[{"offer":""}]"#.to_owned(), "bad_value offers[0].offer"),
        (r#""offers":[{"offer":"a"},{"offer":"a"}]"#.to_owned(), "duplicate offers[1].offer"),
        (of(r#","name":"x""#), "unknown_key offers[0].name"),
        (of(r#","score":1001"#), "bad_value offers[0].score"),
        (of(r#","score":-1"#), "bad_value offers[0].score"),
        (of(r#","from":"10.3.2026""#), "bad_value offers[0].from"),
        (of(r#","until":"2026-03-10T14""#), "bad_value offers[0].until"),
        (of(r#","until":"2026-03-10T24:00""#), "bad_value offers[0].until"),
        (of(r#","variant":" ""#), "bad_value offers[0].variant"),
        (of(r#","from":"2026-03-10","until":"2026-03-09""#), "contradiction offers[0].until"),
        (
            of(r#","from":"2026-03-10T14:00","until":"2026-03-10T14:00""#),
            "contradiction offers[0].until",
        ),
    ];
    for (keys, told) in cases {
        assert_eq!(refused(&member(&keys)), told, "{keys}");
    }
    let many: Vec<String> = (0..101).map(|n| format!(r#"{{"offer":"o{n}"}}"#)).collect();
    let many = format!(r#""offers":[{}]"#, many.join(","));
    assert_eq!(refused(&member(&many)), "too_many offers");
}

#[test]
fn bq_14_referral_codes_are_read_like_codes() {
    let passing = accepted(&member(r#""referral_codes":["ANNA-7","anna"]"#));
    assert_eq!(passing.referral_codes, ["ANNA-7", "anna"]);
    assert_eq!(refused(&member(r#""referral_codes":["a","a"]"#)), "duplicate referral_codes[1]");
    assert_eq!(refused(&member(r#""referral_codes":[" "]"#)), "bad_value referral_codes[0]");
}

#[test]
fn a_member_brings_what_its_account_begins_with() {
    let member = accepted(&member(
        r#""account":"ffeeddccbbaa99887766554433221100","points":120,
        "lots":[{"points":50,"expires":"2026-12-31"},{"points":5,"expires":"2026-12-31"}],
        "last_purchase":"2026-01-15","spend_lifetime":"1234.50","visits_lifetime":12,
        "earned_lifetime":300,"days":[{"day":"2026-01-02","visits":1,"spend":"10.00","earned":3}],
        "flags":["staff"],"birthday":"02-29",
        "wallet":{"id":"0123456789ABCDEF","secret":"3132333435363738393031323334353637383930"},
        "vouchers":[{"code":"ABC123","type":"ten","valid_from":"2026-01-01"}]"#,
    ));
    let facts = &member.facts;
    let lots: Vec<_> = facts.points.lots.iter().map(|(e, p)| (*e, p.value())).collect();
    assert_eq!(lots, [(Expires::On(day("2026-12-31")), 55), (Expires::WithActivity, 120)]);
    assert_eq!(facts.points.totals.adjusted, Points::new(175), "what it began with");
    assert_eq!(facts.last_purchase, Some(day("2026-01-15")));
    let life = DayTotals { visits: 12, spend: Amount::new(123_450), earned: Points::new(300) };
    assert_eq!(facts.lifetime, life);
    let first = DayTotals { visits: 1, spend: Amount::new(1_000), earned: Points::new(3) };
    assert_eq!(facts.days, [(day("2026-01-02"), first)].into());
    assert_eq!(member.account.to_string(), "ffeeddccbbaa99887766554433221100");
    assert!(member.flags.contains("staff"));
    assert_eq!(member.birthday, Birthday::parse("02-29"));
    let wallet = member.wallet.expect("it has one");
    assert_eq!(wallet.wallet_id, "0123456789ABCDEF");
    assert_eq!(wallet.secret, b"12345678901234567890");
    assert_eq!(member.vouchers[0].code.as_str(), "ABC123");
    assert_eq!(member.vouchers[0].valid_from, Some(day("2026-01-01")));
}

#[test]
fn a_life_left_out_is_the_sum_of_its_days() {
    let days = r#""days":[{"day":"2026-01-02","visits":1,"spend":"10.00","earned":3},
        {"day":"2026-01-03","visits":2,"spend":"5.00"}]"#;
    let life = DayTotals { visits: 3, spend: Amount::new(1_500), earned: Points::new(3) };
    assert_eq!(accepted(&member(days)).facts.lifetime, life);
}

#[test]
fn a_voucher_line_has_a_bearer_voucher() {
    let line = r#"{"voucher":{"code":"ABC123","type":"ten","valid_until":"2026-02-01"}}"#;
    match parse_line(1, line, crowns()) {
        Ok(ImportLine::Voucher(voucher)) => {
            assert_eq!(voucher.voucher_type.as_str(), "ten");
            assert_eq!(voucher.valid_until, Some(day("2026-02-01")));
        }
        other => panic!("expected a voucher, found {other:?}"),
    }
}

#[test]
fn wrong_keys_of_a_member_are_told() {
    let secret = "00".repeat(20);
    let wallet =
        |id: &str, secret: &str| format!("\"wallet\":{{\"id\":\"{id}\",\"secret\":\"{secret}\"}}");
    let cases = [
        ("\"name\":\"Jan\"".to_owned(), "unknown_key name"),
        ("\"email\":\"jan@example.org\"".to_owned(), "unknown_key email"),
        ("\"+420777123456\":1".to_owned(), "unknown_key ?"),
        ("\"member\":\"00\"".to_owned(), "duplicate "),
        ("\"account\":\"00\"".to_owned(), "bad_value account"),
        ("\"points\":-1".to_owned(), "bad_value points"),
        ("\"points\":1.5".to_owned(), "wrong_type points"),
        ("\"points\":\"1\"".to_owned(), "wrong_type points"),
        ("\"points\":1000000000001".to_owned(), "bad_value points"),
        ("\"lots\":[{\"points\":0,\"expires\":\"2026-12-31\"}]".to_owned(), "bad_value lots[0].points"),
        ("\"lots\":[{\"points\":1,\"expires\":\"2026-02-30\"}]".to_owned(), "bad_value lots[0].expires"),
        ("\"lots\":[{\"points\":1}]".to_owned(), "missing_key lots[0]"),
        ("\"lots\":[[1,\"2026-12-31\"]]".to_owned(), "wrong_type lots[0]"),
        ("\"last_purchase\":\"15.1.2026\"".to_owned(), "bad_value last_purchase"),
        ("\"spend_lifetime\":1234.5".to_owned(), "wrong_type spend_lifetime"),
        ("\"spend_lifetime\":\"-1\"".to_owned(), "bad_value spend_lifetime"),
        ("\"visits_lifetime\":-1".to_owned(), "wrong_type visits_lifetime"),
        ("\"visits_lifetime\":1000001".to_owned(), "bad_value visits_lifetime"),
        ("\"visits_lifetime\":0,\"days\":[{\"day\":\"2026-01-02\",\"visits\":1,\"spend\":\"1\"}]".to_owned(), "contradiction visits_lifetime"),
        ("\"days\":[{\"day\":\"2026-01-02\",\"visits\":1,\"spend\":\"1\"},{\"day\":\"2026-01-02\",\"visits\":1,\"spend\":\"1\"}]".to_owned(), "duplicate days[1].day"),
        ("\"flags\":[\"\"]".to_owned(), "bad_value flags[0]"),
        ("\"birthday\":\"2001-05-17\"".to_owned(), "bad_value birthday"),
        (wallet("0123456789ABCDEU", &secret), "bad_value wallet.id"),
        (wallet("0123456789abcdef", &secret), "bad_value wallet.id"),
        (wallet("0123456789ABCDE", &secret), "bad_value wallet.id"),
        (wallet("0123456789ABCDEF", "00"), "bad_value wallet.secret"),
        (wallet("0123456789ABCDEF", &secret.replace('0', "x")), "bad_value wallet.secret"),
        (wallet("0123456789ABCDEF", &"00".repeat(65)), "bad_value wallet.secret"),
        ("\"vouchers\":[{\"code\":\"A\",\"type\":\"t\"},{\"code\":\"A\",\"type\":\"t\"}]".to_owned(), "duplicate vouchers[1]"),
        ("\"vouchers\":[{\"code\":\"A\",\"type\":\"t\",\"valid_from\":\"2026-02-01\",\"valid_until\":\"2026-01-01\"}]".to_owned(), "contradiction vouchers[0].valid_until"),
        ("\"voucher\":{\"code\":\"A\",\"type\":\"t\"}".to_owned(), "contradiction voucher"),
    ];
    for (keys, told) in cases {
        assert_eq!(refused(&member(&keys)), told, "{keys}");
    }
}

#[test]
fn wrong_lines_are_told() {
    let cases = [
        ("", "syntax "),
        ("{", "syntax "),
        ("[]", "wrong_type "),
        ("[null,null,null,null,null,null,null,null,null,null,null,null,null,null]", "wrong_type "),
        ("{} {}", "syntax "),
        ("{}", "missing_key member"),
        ("{\"member\":\"00112233445566778899aabbccddeeff\"}", "missing_key codes"),
        ("{\"member\":\"00112233445566778899aabbccddeeff\",\"codes\":[]}", "missing_key codes"),
        (
            "{\"member\":\"00112233445566778899aabbccddeeff\",\"codes\":[\"\"]}",
            "bad_value codes[0]",
        ),
        (
            "{\"member\":\"00112233445566778899aabbccddeeff\",\"codes\":[\"1\",\"1\"]}",
            "duplicate codes[1]",
        ),
        ("{\"member\":\"00112233445566778899aabbccddeeff\",\"codes\":[1]}", "wrong_type codes[0]"),
        ("{\"voucher\":{\"code\":\"A\"}}", "missing_key voucher"),
        ("{\"voucher\":{\"code\":\"\",\"type\":\"t\"}}", "bad_value voucher.code"),
    ];
    for (line, told) in cases {
        assert_eq!(refused(line), told, "{line}");
    }
    assert_eq!(refused(&" ".repeat(LINE_BYTES_MAX + 1)), "too_long ");
    let codes: Vec<String> = (0..=CODES_MAX).map(|n| format!("\"{n}\"")).collect();
    let line = format!("{{\"member\":\"{MEMBER}\",\"codes\":[{}]}}", codes.join(","));
    assert_eq!(refused(&line), "too_many codes");
}

#[test]
fn personal_data_is_refused_with_the_reason() {
    let fault = parse_line(3, &member("\"phone\":\"+420777123456\""), crowns());
    let told = fault.map_err(|fault| fault.to_string());
    let expected = "line 3: phone: unknown key; tills hold no personal data (names, e-mails, \
                    phones): take it out of the file [unknown_key]";
    assert_eq!(told.err().as_deref(), Some(expected));
}

#[test]
fn nothing_told_or_logged_repeats_a_code() {
    let wrong = [
        format!("{{\"member\":\"{CODE}\",\"codes\":[\"{CODE}\"]}}"),
        format!("{{\"member\":\"{MEMBER}\",\"codes\":\"{CODE}\"}}"),
        format!("{{\"member\":\"{MEMBER}\",\"codes\":[{CODE}]}}"),
        format!("{{\"member\":\"{MEMBER}\",\"codes\":[\"{CODE}\",\"{CODE}\"]}}"),
        format!("{{\"member\":\"{MEMBER}\",\"codes\":[\"{CODE}\\n\"]}}"),
        format!("{{\"member\":\"{MEMBER}\",\"codes\":{{\"{CODE}\":1}}}}"),
        format!("{{\"{CODE}\":1}}"),
        format!("{{\"points\":\", expected {CODE}\"}}"),
        format!("{{\"voucher\":{{\"code\":\"{CODE}\",\"type\":\"{CODE} \"}}}}"),
        format!("{{\"voucher\":\"{CODE}\"}}"),
        format!("\"{CODE}\""),
        CODE.to_owned(),
    ];
    for line in wrong {
        let fault = parse_line(1, &line, crowns()).expect_err("it is wrong");
        assert!(!format!("{fault} {fault:?}").contains(CODE), "{line} gave {fault}");
    }
    let voucher = format!("\"vouchers\":[{{\"code\":\"{CODE}\",\"type\":\"t\"}}]");
    let logged = format!("{:?}", accepted(&member(&voucher)));
    assert!(!logged.contains(CODE), "{logged}");
}

proptest! {
    #[test]
    fn arbitrary_text_is_answered(text in any::<String>()) {
        prop_assert!(parse_line(1, &text, crowns()).is_err(), "no random text is a member");
    }

    #[test]
    fn a_mutated_line_is_answered(at in any::<prop::sample::Index>(), put in "[\\PC\"{}:,]{0,3}") {
        let line = member("\"points\":120,\"days\":[{\"day\":\"2026-01-02\",\"visits\":1,\"spend\":\"1\"}]");
        let mut text: Vec<char> = line.chars().collect();
        let at = at.index(text.len());
        text.splice(at..=at, put.chars());
        let text: String = text.into_iter().collect();
        if let Err(fault) = parse_line(5, &text, crowns()) {
            prop_assert_eq!(fault.line, 5);
        }
    }
}
