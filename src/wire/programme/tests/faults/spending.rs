//! Faults of what points buy.

use super::*;

#[test]
fn br_4_a_wrong_ladder_is_told_with_its_path() {
    let cases = [
        ("", "missing_key redemption"),
        ("minimum = 100", "missing_key redemption"),
        ("levels = []\nminimum = 2", "empty_list redemption.levels"),
        ("levels = [1]", "wrong_type redemption.levels[0]"),
        ("step = 1\nlevels = [[1, '1']]", "unused_key redemption.step"),
        ("step_value = \"1\"\nlevels = [[1, '1']]", "unused_key redemption.step_value"),
        ("step = 1\nstep_value = \"1\"\nrounding = \"ceil\"", "unused_key redemption.rounding"),
        ("step = 1\nstep_value = \"1\"\noversize = \"capped\"", "unused_key redemption.oversize"),
        ("levels = [[1, '1']]\noversize = \"lost\"", "unknown_word redemption.oversize"),
        ("levels = [{ amount = \"1\" }]", "missing_key redemption.levels[0].points"),
        ("levels = [{ points = 1 }]", "missing_key redemption.levels[0]"),
        (
            "levels = [{ points = 1, amount = \"1\", percent = \"1\" }]",
            "unused_key redemption.levels[0].percent",
        ),
        ("levels = [[0, '1']]\nminimum = 2", "out_of_range redemption.levels[0].points"),
        ("levels = [[1, '0']]", "not_positive redemption.levels[0].amount"),
        ("levels = [[1, '101%']]", "percent_over_100 redemption.levels[0].percent"),
        ("levels = [[2, '1'], [2, '2']]", "levels_not_rising redemption.levels[1].points"),
        ("levels = [[1, '2'], [2, '1.99']]", "levels_not_rising redemption.levels[1].amount"),
        ("levels = [[1, '2%'], [2, '1%']]", "levels_not_rising redemption.levels[1].percent"),
        ("levels = [[1, '2'], [2, '2%']]", "contradiction redemption.levels[1].percent"),
        ("levels = [[1, '2%'], [2, '2']]", "contradiction redemption.levels[1].amount"),
        ("levels = [[1, '1'], [3, '2']]\nminimum = 2", "not_whole_steps redemption.minimum"),
        ("levels = [[1, '1'], [3, '2']]\nminimum = 4", "not_whole_steps redemption.minimum"),
    ];
    for (table, told) in cases {
        let table = with_levels(table);
        assert_eq!(refused(&format!("{LEAST}[redemption]\n{table}")), [told], "{table}");
    }
    let levels: Vec<String> = (1..=21).map(|points| format!("[{points}, '1']")).collect();
    let table = with_levels(&format!("levels = [{}]", levels.join(", ")));
    assert_eq!(refused(&format!("{LEAST}[redemption]\n{table}")), ["too_many redemption.levels"]);
}

/// Writes out `[points, 'amount']` and `[points, 'percent%']`.
fn with_levels(table: &str) -> String {
    let mut parts = table.split('\'');
    let mut text = parts.next().unwrap_or_default().to_owned();
    while let (Some(worth), Some(rest)) = (parts.next(), parts.next()) {
        let (key, worth) = match worth.strip_suffix('%') {
            Some(percent) => ("percent", percent),
            None => ("amount", worth),
        };
        let start = text.rfind('[').expect("a level begins with a bracket");
        let points = text.split_off(start);
        let points = points.trim_matches(['[', ',', ' ']);
        text.push_str(&format!("{{ points = {points}, {key} = \"{worth}\" }}"));
        text.push_str(rest.strip_prefix(']').expect("and ends with one"));
    }
    text
}

#[test]
fn a_ladders_fault_has_its_line_and_says_what_to_write() {
    let table = "[redemption]\n[[redemption.levels]]\npoints = 5\namount = \"2\"\n\
                 [[redemption.levels]]\npoints = 6\namount = \"1\"";
    let faults = ProgrammeFile::check(&format!("{LEAST}{table}")).expect_err("it is wrong");
    let told = "line 14: redemption.levels[1].amount: must not be less than on the level before \
                [levels_not_rising]";
    assert_eq!(lines_of(&faults).trim_end(), told);
}

#[test]
fn ld_42_a_wrong_reward_is_told() {
    let scope = "scope = { skus = [\"a\"] }";
    let cases = [
        ("kind = \"item\"\npoints = 1", "missing_key", "scope"),
        ("kind = \"service\"", "missing_key", "points"),
        ("points = 1", "missing_key", "kind"),
        ("kind = \"service\"\npoints = 0", "out_of_range", "points"),
        ("kind = \"service\"\npoints = 1\nprice = \"1\"", "unused_key", "price"),
        (&format!("kind = \"item\"\npoints = 1\nsku = \"a\"\n{scope}"), "unused_key", "sku"),
        (&format!("kind = \"item\"\npoints = 1\nprice = \"-1\"\n{scope}"), "not_positive", "price"),
        (
            "kind = \"service\"\npoints = 1\naudience = { members = \"everyone\" }",
            "contradiction",
            "audience.members",
        ),
        ("kind = \"voucher\"\npoints = 1", "missing_key", "voucher"),
        (
            "kind = \"service\"\npoints = 1\nvoucher = { type = \"v\", days = 1 }",
            "unused_key",
            "voucher",
        ),
        (
            "kind = \"voucher\"\npoints = 1\nvoucher = { type = \"v\", days = 1 }",
            "unknown_voucher_type",
            "voucher.type",
        ),
    ];
    for (table, code, key) in cases {
        let text = format!("{LEAST}[[rewards]]\nid = \"r\"\nname = \"R\"\n{table}");
        assert_eq!(refused(&text), [format!("{code} rewards[0] (r).{key}")], "{table}");
    }
}

#[test]
fn ld_41_a_wrong_conversion_is_told() {
    let voucher = "voucher = { type = \"v\", days = 1 }";
    let cases = [
        (voucher.to_owned(), "missing_key", "points"),
        ("points = 1".to_owned(), "missing_key", "voucher"),
        (format!("points = 0\n{voucher}"), "out_of_range", "points"),
        (format!("points = 500\nat = 499\n{voucher}"), "contradiction", "at"),
        (format!("points = 500\ntimes_max = 51\n{voucher}"), "out_of_range", "times_max"),
        (format!("points = 500\nscope = {{}}\n{voucher}"), "unknown_key", "scope"),
        (
            "points = 500\nvoucher = { type = \"w\", days = 1 }".to_owned(),
            "unknown_voucher_type",
            "voucher.type",
        ),
        (
            format!("points = 500\naudience = {{ members = \"everyone\" }}\n{voucher}"),
            "contradiction",
            "audience.members",
        ),
    ];
    let kind = "[[voucher_types]]\nid = \"v\"\nname = \"V\"\nkind = \"amount\"\namount = \"1\"";
    for (table, code, key) in cases {
        let text = format!("{LEAST}[[conversions]]\nid = \"c\"\n{table}\n{kind}");
        assert_eq!(refused(&text), [format!("{code} conversions[0] (c).{key}")], "{table}");
    }
}
