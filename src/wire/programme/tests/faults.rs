//! One wrong thing at a time: what is told, and that nothing else is.

mod earning;
mod offers;
mod spending;

use super::*;

/// The head of an offer; a case adds what it gives.
const OFFER: &str = "[[offers]]\nid = \"o\"\nname = \"O\"\n";

#[test]
fn a_wrong_head_is_told() {
    let cases = [
        // the right line, the wrong one, what is told
        ("format = 1", "format = 2", "format_unsupported format"),
        ("format = 1", "", "missing_key format"),
        ("id = \"club\"", "", "missing_key id"),
        ("id = \"club\"", "id = \"\"", "bad_id id"),
        ("id = \"club\"", "id = 5", "wrong_type id"),
        ("version = 1", "version = 0", "out_of_range version"),
        ("version = 1", "version = -1", "out_of_range version"),
        ("version = 1", "version = 4294967296", "out_of_range version"),
        ("version = 1", "version = 99999999999999999999", "wrong_type version"),
        ("version = 1", "version = \"1\"", "wrong_type version"),
        ("name = \"Klub\"", "name = \" \"", "bad_name name"),
        ("name = \"Klub\"", "name = \"a\\nb\"", "bad_name name"),
        ("currency = \"CZK\"", "currency = \"czk\"", "bad_currency currency"),
        ("zone = \"Europe/Prague\"", "zone = \"Prague\"", "bad_zone zone"),
        (
            "zone = \"Europe/Prague\"",
            "zone = \"Europe/Prague\"\nlate_member_days = 91",
            "out_of_range late_member_days",
        ),
        (
            "zone = \"Europe/Prague\"",
            "zone = \"Europe/Prague\"\nevent_types = [1]",
            "wrong_type event_types[0]",
        ),
        (
            "zone = \"Europe/Prague\"",
            "zone = \"Europe/Prague\"\nevent_types = [\"\"]",
            "bad_id event_types[0]",
        ),
        ("zone = \"Europe/Prague\"", "zone = \"Europe/Prague\"\ncolour = 1", "unknown_key colour"),
        ("zone = \"Europe/Prague\"", "zone = \"Europe/Prague\"\noffers = 1", "wrong_type offers"),
        (
            "zone = \"Europe/Prague\"",
            "zone = \"Europe/Prague\"\noffers = [1]",
            "wrong_type offers[0]",
        ),
    ];
    for (right, wrong, told) in cases {
        assert_eq!(refused(&LEAST.replacen(right, wrong, 1)), [told], "{wrong}");
    }
}

#[test]
fn a_wrong_table_is_told() {
    let cases = [
        ("[accrual]\ntax = \"brutto\"", "unknown_word accrual.tax"),
        ("[accrual]\nrounding = 1", "wrong_type accrual.rounding"),
        ("[expiry]\ndays = 0", "out_of_range expiry.days"),
        ("[expiry]\ndays = 3661", "out_of_range expiry.days"),
        ("[expiry]\nmode = \"never\"\ndays = 5", "unused_key expiry.days"),
        ("[returns]\nclaw_back = \"never\"", "unknown_word returns.claw_back"),
        ("[returns]\nclaw_back = true", "wrong_type returns.claw_back"),
        ("[returns]\nclawback = \"within_balance\"", "unknown_key returns.clawback"),
        ("returns = \"within_balance\"", "wrong_type returns"),
        ("[returns]\nused_points = \"never\"", "unknown_word returns.used_points"),
        ("[discounts]\nminimums = \"during\"", "unknown_word discounts.minimums"),
        ("[discounts]\nreceipt_amount_max = \"0\"", "not_positive discounts.receipt_amount_max"),
        (
            "[discounts]\nprice_floors = [{}]",
            "missing_key discounts.price_floors[0].unit_price_min",
        ),
        ("[discounts]\npercents = \"summed\"", "unknown_word discounts.percents"),
        ("[discounts]\nleft_over = \"last\"", "unknown_word discounts.left_over"),
        ("[prices]\ntax = \"net\"", "unknown_word prices.tax"),
        ("[prices]\ncash_rounding = \"SE\"", "unknown_word prices.cash_rounding"),
        ("[prices]\ncash_rounding = \"SK\"", "contradiction prices.cash_rounding"),
        ("[redemption]\nstep_value = \"1.00\"", "missing_key redemption.step"),
        ("[redemption]\nstep = 0\nstep_value = \"1.00\"", "out_of_range redemption.step"),
        ("[redemption]\nstep = 1\nstep_value = \"0.00\"", "not_positive redemption.step_value"),
        ("[redemption]\nstep = 1\nstep_value = \"-1\"", "not_positive redemption.step_value"),
        ("[redemption]\nstep = 1\nstep_value = 1.5", "wrong_type redemption.step_value"),
        (
            "[redemption]\nstep = 2\nstep_value = \"1\"\nminimum = 3",
            "not_whole_steps redemption.minimum",
        ),
        (
            "[redemption]\nstep = 1\nstep_value = \"1\"\nshare_max = \"101\"",
            "percent_over_100 redemption.share_max",
        ),
        (
            "[redemption]\nstep = 1\nstep_value = \"1\"\nshare_max = \"0\"",
            "not_positive redemption.share_max",
        ),
        (
            "[redemption]\nstep = 1\nstep_value = \"1\"\nstrength = [{ from = \"1\", strength = \"totp\" }, { from = \"1\", strength = \"signed_token\" }]",
            "strength_not_rising redemption.strength[1]",
        ),
        (
            "[redemption]\nstep = 1\nstep_value = \"1\"\nstrength = [{ from = \"1\", strength = \"totp\" }, { from = \"2\", strength = \"static\" }]",
            "strength_not_rising redemption.strength[1]",
        ),
        (
            "[redemption]\nstep = 1\nstep_value = \"1\"\nstrength = [1]",
            "wrong_type redemption.strength[0]",
        ),
    ];
    for (table, told) in cases {
        assert_eq!(refused(&format!("{LEAST}{table}")), [told], "{table}");
    }
}

#[test]
fn bq_7_bq_32_wrong_greetings_and_messages_are_told() {
    let cases = [
        ("[messages]\npromotional_max = 51", "out_of_range messages.promotional_max"),
        ("[messages]\npromotional_max = -1", "out_of_range messages.promotional_max"),
        ("[messages]\nmax = 1", "unknown_key messages.max"),
        (
            "[messages]\nfrequency = [{ window = \"day\" }]",
            "missing_key messages.frequency[0].uses",
        ),
        ("[[greetings]]\ntext = { en = \"Hi\" }", "missing_key greetings[0].id"),
        ("[[greetings]]\nid = \"a\"", "missing_key greetings[0] (a).text"),
        ("[[greetings]]\nid = \"a\"\ntext = {}", "missing_key greetings[0] (a).text"),
        (
            "[[greetings]]\nid = \"a\"\ntext = { fr = \"Bonjour\" }",
            "unknown_key greetings[0] (a).text.fr",
        ),
        ("[[greetings]]\nid = \"a\"\ntext = { en = \" \" }", "bad_text greetings[0] (a).text.en"),
        (
            "[[greetings]]\nid = \"a\"\ntext = { en = \"a\\nb\" }",
            "bad_text greetings[0] (a).text.en",
        ),
        (
            "[[greetings]]\nid = \"a\"\ntext = { en = \"Hi\" }\nshown_to = \"boss\"",
            "unknown_word greetings[0] (a).shown_to",
        ),
        (
            "[[greetings]]\nid = \"a\"\ntext = { en = \"Hi\" }\naudience = { tiers = [\"gold\"] }",
            "unknown_tier greetings[0] (a).audience.tiers[0]",
        ),
        (
            "[[greetings]]\nid = \"a\"\ntext = { en = \"Hi\" }\nminimum = { amount = \"5\" }",
            "unknown_key greetings[0] (a).minimum",
        ),
        (
            "[[greetings]]\nid = \"a\"\ntext = { en = \"Hi\" }\n[[greetings]]\nid = \"a\"\ntext = { en = \"Hi\" }",
            "duplicate_id greetings[1] (a).id",
        ),
    ];
    for (more, told) in cases {
        assert_eq!(refused(&format!("{LEAST}{more}\n")), [told], "{more}");
    }
    let long = "x".repeat(201);
    let long = format!("{LEAST}[[greetings]]\nid = \"a\"\ntext = {{ en = \"{long}\" }}");
    assert_eq!(refused(&long), ["bad_text greetings[0] (a).text.en"]);
}

#[test]
fn ids_are_unique_within_their_list() {
    let twice = |list: &str, rest: &str| {
        let element = format!("[[{list}]]\nid = \"x\"\n{rest}\n");
        refused(&format!("{LEAST}{element}{element}"))
    };
    let offer = "name = \"X\"\nkind = \"basket_amount\"\namount = \"1\"";
    assert_eq!(twice("offers", offer), ["duplicate_id offers[1] (x).id"]);
    assert_eq!(twice("earn", "kind = \"per_visit\"\npoints = 1"), ["duplicate_id earn[1] (x).id"]);
    let voucher = "name = \"X\"\nkind = \"amount\"\namount = \"1\"";
    assert_eq!(twice("voucher_types", voucher), ["duplicate_id voucher_types[1] (x).id"]);
}

#[test]
fn counts_are_bounded() {
    let many = |element: &str, count: usize| format!("{LEAST}{}", element.repeat(count));
    // The elements are wrong too: what matters is that the count is among the faults.
    let cases = [
        (many("[[earn]]\n", EARN_RULES_MAX + 1), "too_many earn"),
        (many("[[offers]]\n", OFFERS_MAX + 1), "too_many offers"),
        (many("[[voucher_types]]\n", VOUCHER_TYPES_MAX + 1), "too_many voucher_types"),
        (many("[[rewards]]\n", REWARDS_MAX + 1), "too_many rewards"),
        (many("[[conversions]]\n", CONVERSIONS_MAX + 1), "too_many conversions"),
    ];
    for (text, told) in cases {
        assert!(refused(&text).iter().any(|fault| fault == told), "{told}");
    }
    let stores = format!("stores = [{}]", "\"S\",".repeat(LIST_ENTRIES_MAX + 1));
    let text = format!("{LEAST}{OFFER}kind = \"basket_amount\"\namount = \"1\"\n{stores}");
    assert_eq!(refused(&text), ["too_many offers[0] (o).stores"]);
    let large = "#".repeat(FILE_BYTES_MAX + 1);
    assert_eq!(refused(&large), ["file_too_large "]);
    let name = "x".repeat(NAME_CHARS_MAX + 1);
    assert_eq!(refused(&LEAST.replace("Klub", &name)), ["bad_name name"]);
}

#[test]
fn beyond_the_most_faults_one_says_that_there_are_more() {
    let text = format!("{LEAST}{}", "[[offers]]\n".repeat(500));
    let told = refused(&text);
    assert_eq!(told.len(), FAULTS_MAX + 1);
    assert_eq!(told.last().map(String::as_str), Some("more_faults "));
}

#[test]
fn text_that_is_not_toml_is_told_with_its_lines() {
    let faults = ProgrammeFile::check("format = 1\nid = \nname = \"x\n").expect_err("no TOML");
    let lines: Vec<_> = faults.iter().map(|fault| (fault.code, fault.line)).collect();
    assert_eq!(lines, [(FaultCode::Syntax, Some(2)), (FaultCode::Syntax, Some(3))]);
}

#[test]
fn a_fault_has_its_line_and_says_what_to_write() {
    let cases = [
        (
            "[expiry]\ndays = 0",
            "line 9: expiry.days: expected a whole number from 1 to 3660, found 0 [out_of_range]",
        ),
        (
            "\n[[offers]]\nid = \"o\"\nkind = \"basket_amount\"\namount = \"1\"",
            "line 9: offers[0] (o).name: `name` is missing [missing_key]",
        ),
        (
            "[offers]\nid = \"o\"",
            "line 8: offers: expected a list: write [[offers]] before each element, or [ ... ] [wrong_type]",
        ),
        ("[acrual]", "line 8: acrual: unknown key; did you mean `accrual`? [unknown_key]"),
        (
            "[redemption]\nstep = 1\nstep_value = 12.5",
            "line 10: redemption.step_value: a bare number may be rounded; write it as text: \"12.5\" [wrong_type]",
        ),
        (
            "[accrual]\ntax = \"nett\"",
            "line 9: accrual.tax: unknown word \"nett\"; did you mean \"net\"? [unknown_word]",
        ),
    ];
    for (text, told) in cases {
        let faults = ProgrammeFile::check(&format!("{LEAST}{text}")).expect_err("it is wrong");
        assert_eq!(lines_of(&faults).trim_end(), told, "{text}");
    }
}

#[test]
fn unknown_keys_are_all_told_and_shown_plainly() {
    let told =
        refused(&format!("{LEAST}[expiry]\ndasy = 1\n\"\\u001b[2J\" = 2\nzzz = {{ a = 1 }}"));
    assert_eq!(
        told,
        ["unknown_key expiry.dasy", "unknown_key expiry.?[2J", "unknown_key expiry.zzz"]
    );
}

#[test]
fn elements_keep_their_position_beside_ones_that_cannot_be_read() {
    let list = "[{ id = 1 }, 5, { id = \"v\", name = \"V\", kind = \"amount\", amount = \"0\" }]";
    let told = refused(&format!("{LEAST}voucher_types = {list}"));
    let expected = [
        "wrong_type voucher_types[0].id",
        "wrong_type voucher_types[1]",
        "missing_key voucher_types[0].name",
        "missing_key voucher_types[0].kind",
        "not_positive voucher_types[2] (v).amount",
    ];
    assert_eq!(told, expected);
}
