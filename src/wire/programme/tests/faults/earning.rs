//! Faults of tiers and of what gives points.

use super::*;

#[test]
fn wrong_tiers_are_told() {
    let cases = [
        ("spend", "lifetime", "days = 3", "[a, '0']", "unused_key tiers.days"),
        ("spend", "rolling_days", "", "[a, '0']", "missing_key tiers.days"),
        ("spend", "rolling_days", "days = 0", "[a, '0']", "out_of_range tiers.days"),
        ("spend", "lifetime", "grace_days = 3", "[a, '0']", "unused_key tiers.grace_days"),
        ("spend", "calendar_year", "grace_days = 0", "[a, '0']", "out_of_range tiers.grace_days"),
        (
            "spend",
            "calendar_year",
            "grace_days = 9\nkept = \"year_after\"",
            "[a, '0']",
            "unused_key tiers.grace_days",
        ),
        ("spend", "lifetime", "kept = \"year_after\"", "[a, '0']", "contradiction tiers.kept"),
        ("spend", "calendar_year", "kept = \"yearly\"", "[a, '0']", "unknown_word tiers.kept"),
        ("spend", "lifetime", "", "[a, '1']", "thresholds_not_rising tiers.steps[0] (a).threshold"),
        (
            "spend",
            "lifetime",
            "",
            "[a, '0'] [b, '0']",
            "thresholds_not_rising tiers.steps[1] (b).threshold",
        ),
        ("spend", "lifetime", "", "[a, '0'] [a, '5']", "duplicate_id tiers.steps[1] (a).id"),
        ("spend", "lifetime", "", "[a, 0]", "wrong_type tiers.steps[0] (a).threshold"),
        ("visits", "lifetime", "", "[a, '0']", "wrong_type tiers.steps[0] (a).threshold"),
        ("points", "lifetime", "", "[a, 0.5]", "wrong_type tiers.steps[0] (a).threshold"),
        ("points", "lifetime", "", "[a, 0] [b, -1]", "out_of_range tiers.steps[1] (b).threshold"),
        (
            "points",
            "lifetime",
            "",
            "[a, 0] [b, 5] [c, 4]",
            "thresholds_not_rising tiers.steps[2] (c).threshold",
        ),
        ("points", "lifetime", "", "", "missing_key tiers.steps"),
    ];
    for (measure, window, days, steps, told) in cases {
        let steps = steps
            .replace('[', "[[tiers.steps]]\nname = \"T\"\nid = \"")
            .replace(", ", "\"\nthreshold = ")
            .replace(']', "\n")
            .replace("[[tiers.steps\n\n", "[[tiers.steps]]\n");
        let text = format!(
            "{LEAST}[tiers]\nmeasure = \"{measure}\"\nwindow = \"{window}\"\n{days}\n{steps}"
        );
        assert_eq!(refused(&text), [told], "{text}");
    }
    let multiplier = "[tiers]\nmeasure = \"visits\"\nwindow = \"lifetime\"\nsteps = [{ id = \"a\", name = \"A\", threshold = 0, multiplier = \"X\" }]";
    for wrong in ["0", "-1", "100.5", "1.0001", "viel"] {
        let text = format!("{LEAST}{}", multiplier.replace('X', wrong));
        assert_eq!(refused(&text), ["bad_multiplier tiers.steps[0] (a).multiplier"], "{wrong}");
    }
}

#[test]
fn a_wrong_earning_rule_is_told() {
    let cases = [
        ("kind = \"per_amount\"\npoints = 1", "missing_key earn[0] (e).amount"),
        ("kind = \"per_amount\"\npoints = 1\namount = \"0\"", "not_positive earn[0] (e).amount"),
        ("kind = \"per_amount\"\npoints = 1\namount = 10", "wrong_type earn[0] (e).amount"),
        ("kind = \"per_visit\"\npoints = 1\namount = \"1\"", "unused_key earn[0] (e).amount"),
        ("kind = \"per_item\"\npoints = 1\nstyle = \"full_steps\"", "unused_key earn[0] (e).style"),
        ("kind = \"per_visit\"\npoints = 1\nvisits = \"days\"", "unused_key earn[0] (e).visits"),
        (
            "kind = \"milestone\"\npoints = 1\nmeasure = \"items\"\nat = 3\nvisits = \"days\"",
            "unused_key earn[0] (e).visits",
        ),
        ("kind = \"per_item\"", "missing_key earn[0] (e).points"),
        ("kind = \"per_item\"\npoints = 0", "out_of_range earn[0] (e).points"),
        ("kind = \"per_item\"\npoints = 1000000001", "out_of_range earn[0] (e).points"),
        ("kind = \"per_itme\"\npoints = 1", "unknown_word earn[0] (e).kind"),
        ("points = 1", "missing_key earn[0] (e).kind"),
        (
            "kind = \"per_item\"\npoints = 1\ntier_multiplied = \"yes\"",
            "wrong_type earn[0] (e).tier_multiplied",
        ),
    ];
    for (rule, told) in cases {
        assert_eq!(refused(&format!("{LEAST}[[earn]]\nid = \"e\"\n{rule}")), [told], "{rule}");
    }
}

#[test]
fn ld_38_a_wrong_voucher_of_a_rule_is_told() {
    let voucher = |keys: &str| format!("voucher = {{ {keys} }}");
    let cases = [
        (voucher("days = 5"), "missing_key", "voucher.type"),
        (voucher("type = \"w\", days = 5"), "unknown_voucher_type", "voucher.type"),
        (voucher("type = \"\", days = 5"), "bad_id", "voucher.type"),
        (voucher("type = 5, days = 5"), "wrong_type", "voucher.type"),
        (voucher("type = \"v\""), "missing_key", "voucher.days"),
        (voucher("type = \"v\", days = 0"), "out_of_range", "voucher.days"),
        (voucher("type = \"v\", days = 3661"), "out_of_range", "voucher.days"),
        (voucher("type = \"v\", until = \"soon\""), "bad_date", "voucher.until"),
        (voucher("type = \"v\", days = 5, until = \"2026-12-31\""), "unused_key", "voucher.days"),
        (
            voucher("type = \"v\", days = 5, starts_in_days = -1"),
            "out_of_range",
            "voucher.starts_in_days",
        ),
        (
            voucher("type = \"v\", days = 5, by_purchases = [{ from = 0, type = \"v\" }]"),
            "out_of_range",
            "voucher.by_purchases[0].from",
        ),
        (
            voucher("type = \"v\", days = 5, by_purchases = [{ from = 2, type = \"w\" }]"),
            "unknown_voucher_type",
            "voucher.by_purchases[0].type",
        ),
        (
            voucher(
                "type = \"v\", days = 5, by_purchases = [{ from = 2, type = \"v\" }, { from = 2, type = \"v\" }]",
            ),
            "thresholds_not_rising",
            "voucher.by_purchases[1].from",
        ),
        (voucher("type = \"v\", days = 5, colour = 1"), "unknown_key", "voucher.colour"),
        ("voucher = 1".to_owned(), "wrong_type", "voucher"),
        ("entries = 0".to_owned(), "out_of_range", "entries"),
        ("entries = 51".to_owned(), "out_of_range", "entries"),
        ("entries = \"one\"".to_owned(), "wrong_type", "entries"),
    ];
    let kind = "[[voucher_types]]\nid = \"v\"\nname = \"V\"\nkind = \"amount\"\namount = \"1\"\n";
    for (keys, code, key) in cases {
        let text =
            format!("{LEAST}{kind}[[earn]]\nid = \"e\"\nkind = \"per_visit\"\npoints = 1\n{keys}");
        assert_eq!(refused(&text), [format!("{code} earn[0] (e).{key}")], "{keys}");
    }
    let referral = format!(
        "{LEAST}[[earn]]\nid = \"e\"\nkind = \"referral\"\nreferrer_points = 1\nentries = 1"
    );
    assert_eq!(refused(&referral), ["missing_key earn[0] (e).points"]);
}

#[test]
fn bq_14_a_wrong_referral_is_told() {
    let cases = [
        ("kind = \"referral\"\npoints = 1", "missing_key", "referrer_points"),
        ("kind = \"referral\"\npoints = 1\nreferrer_points = 0", "out_of_range", "referrer_points"),
        ("kind = \"welcome\"\npoints = 1\nreferrer_points = 1", "unused_key", "referrer_points"),
        (
            "kind = \"welcome\"\npoints = 1\nunknown_referrer = \"earn\"",
            "unused_key",
            "unknown_referrer",
        ),
    ];
    for (table, code, key) in cases {
        let text = format!("{LEAST}[[earn]]\nid = \"r\"\n{table}");
        assert_eq!(refused(&text), [format!("{code} earn[0] (r).{key}")], "{table}");
    }
}

#[test]
fn bq_19_a_wrong_surprise_or_budget_is_told() {
    let budget =
        |keys: &str| format!("shared_limits = [{{ per = \"store\", window = \"day\", {keys} }}]");
    let held = "offline = \"approximate\"";
    let points = |uses: i64| budget(&format!("uses = {uses}, count = \"points\", {held}"));
    let own = |uses: i64, count: &str| {
        format!("limits = [{{ window = \"day\", uses = {uses}, count = \"{count}\" }}]")
    };
    let milestone = "kind = \"milestone\"\nmeasure = \"visits\"\nat = 3\npoints = 5";
    let visit = "kind = \"per_visit\"\npoints = 5";
    let entries = "kind = \"per_visit\"\nentries = 1";
    let cases = [
        (format!("{visit}\nchance_bp = 0"), "out_of_range", "chance_bp"),
        (format!("{visit}\nchance_bp = 10_001"), "out_of_range", "chance_bp"),
        (format!("{milestone}\nchance_bp = 1"), "contradiction", "chance_bp"),
        (format!("{visit}\n{}", points(4)), "contradiction", "shared_limits[0]"),
        (format!("{entries}\n{}", points(9)), "contradiction", "shared_limits[0].count"),
        (
            format!("{visit}\n{}", budget(&format!("uses = 9, count = \"units\", {held}"))),
            "contradiction",
            "shared_limits[0].count",
        ),
        (format!("{visit}\n{}", budget("uses = 9")), "missing_key", "shared_limits[0].offline"),
        (format!("{visit}\n{}", own(4, "points")), "contradiction", "limits[0]"),
        (format!("{visit}\n{}", own(9, "units")), "contradiction", "limits[0].count"),
        (format!("{entries}\n{}", own(9, "points")), "contradiction", "limits[0].count"),
        (
            format!("kind = \"referral\"\npoints = 5\nreferrer_points = 5\n{}", own(9, "points")),
            "contradiction",
            "limits[0].count",
        ),
    ];
    for (table, code, key) in cases {
        let text = format!("{LEAST}[[earn]]\nid = \"r\"\n{table}");
        assert_eq!(refused(&text), [format!("{code} earn[0] (r).{key}")], "{table}");
    }
    accepted(&format!("{LEAST}[[earn]]\nid = \"r\"\n{visit}\nchance_bp = 10_000\n{}", points(5)));
    let of_offer = points(9);
    let text = format!("{LEAST}{OFFER}kind = \"fixed_price\"\nprice = \"1\"\n{of_offer}");
    assert_eq!(refused(&text), ["contradiction offers[0] (o).shared_limits[0].count"]);
}
