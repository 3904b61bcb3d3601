//! One wrong thing at a time: what is told, and that nothing else is.

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
fn ld_57_wrong_use_of_personal_offers_is_told() {
    let offer =
        |more: &str| format!("{LEAST}{OFFER}kind = \"line_percent\"\npercent = \"5\"\n{more}\n");
    let cases = [
        ("personal = \"yes\"", "wrong_type offers[0].personal"),
        (
            "personal = true\naudience = { members = \"everyone\" }",
            "contradiction offers[0].personal",
        ),
        ("personal = true\n[personal]\nshown_max = 0", "out_of_range personal.shown_max"),
        ("personal = true\n[personal]\nshown_max = 101", "out_of_range personal.shown_max"),
        ("personal = true\n[personal]\nshown = 1", "unknown_key personal.shown"),
        ("[personal]\nshown_max = 3", "unused_key personal"),
    ];
    for (more, told) in cases {
        let told = told.replace("offers[0]", "offers[0] (o)");
        assert_eq!(refused(&offer(more)), [told], "{more}");
    }
}

#[test]
fn bc_9_wrong_gifts_are_told() {
    let cases = [
        ("percent = \"5\"", "unused_key offers[0] (o).percent"),
        ("group = \"g\"", "unused_key offers[0] (o).group"),
        ("stacking = \"alone\"", "unused_key offers[0] (o).stacking"),
        ("cap = \"5.00\"", "unused_key offers[0] (o).cap"),
        ("price = \"-1\"", "not_positive offers[0] (o).price"),
        ("units = 0", "out_of_range offers[0] (o).units"),
        ("sku = \"\"", "bad_id offers[0] (o).sku"),
        ("times_max = 2", "unused_key offers[0] (o).times_max"),
        (
            "times_max = 2\nminimum = { unit_price = \"5.00\" }",
            "unused_key offers[0] (o).times_max",
        ),
        ("coupon = { number = \"95\" }", "contradiction offers[0] (o).coupon"),
        (
            "limits = [{ window = \"day\", uses = 1, count = \"units\" }]",
            "contradiction offers[0] (o).limits[0].count",
        ),
    ];
    for (more, told) in cases {
        let text = format!("{LEAST}{OFFER}kind = \"gift\"\n{more}\n");
        assert_eq!(refused(&text), [told], "{more}");
    }
    let other = format!("{LEAST}{OFFER}kind = \"line_percent\"\npercent = \"5\"\nsku = \"a\"");
    assert_eq!(refused(&other), ["unused_key offers[0] (o).sku"]);
    let gifts = format!("{LEAST}[returns]\ngifts = \"never\"");
    assert_eq!(refused(&gifts), ["unknown_word returns.gifts"]);
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
fn a_wrong_offer_is_told() {
    let cases = [
        ("kind = \"line_percent\"", "missing_key", "percent"),
        ("kind = \"line_percent\"\npercent = \"100.001\"", "percent_over_100", "percent"),
        ("kind = \"line_percent\"\npercent = \"0\"", "not_positive", "percent"),
        ("kind = \"line_percent\"\npercent = \"ten\"", "bad_percent", "percent"),
        ("kind = \"line_percent\"\npercent = 10", "wrong_type", "percent"),
        ("kind = \"line_percent\"\npercent = \"5\"\nprice = \"1\"", "unused_key", "price"),
        (
            "kind = \"basket_percent\"\npercent = \"5\"\nquantity_max = \"1\"",
            "unused_key",
            "quantity_max",
        ),
        ("kind = \"basket_percent\"\npercent = \"5\"\namount = \"1\"", "unused_key", "amount"),
        ("kind = \"basket_amount\"\namount = \"1\"\npercent = \"1\"", "unused_key", "percent"),
        ("kind = \"basket_amount\"", "missing_key", "amount"),
        ("kind = \"basket_amount\"\namount = \"1.005\"", "bad_amount", "amount"),
        ("kind = \"line_amount_each\"\namount = \"0\"", "not_positive", "amount"),
        ("kind = \"fixed_price\"", "missing_key", "price"),
        ("kind = \"fixed_price\"\nprice = \"0.00\"", "not_positive", "price"),
        (
            "kind = \"fixed_price\"\nprice = \"1\"\nquantity_max = \"0\"",
            "bad_quantity",
            "quantity_max",
        ),
        (
            "kind = \"fixed_price\"\nprice = \"1\"\nquantity_max = \"1000001\"",
            "bad_quantity",
            "quantity_max",
        ),
        ("kind = \"basket_amount\"\namount = \"1\"\ncap = \"0\"", "not_positive", "cap"),
        (
            "kind = \"basket_amount\"\namount = \"1\"\npriority = 2147483648",
            "out_of_range",
            "priority",
        ),
        ("kind = \"basket_amount\"\namount = \"1\"\ngroup = \"\"", "bad_id", "group"),
        ("kind = \"basket_amount\"\namount = \"1\"\nvariant = \" B\"", "bad_id", "variant"),
        ("kind = \"basket_amount\"\namount = \"1\"\nvariant = 2", "wrong_type", "variant"),
        (
            "kind = \"basket_amount\"\namount = \"1\"\nstacking = \"never\"",
            "unknown_word",
            "stacking",
        ),
    ];
    for (offer, code, key) in cases {
        let told = format!("{code} offers[0] (o).{key}");
        assert_eq!(refused(&format!("{LEAST}{OFFER}{offer}")), [told], "{offer}");
    }
}

#[test]
fn a_voucher_on_what_nobody_may_discount_is_told() {
    let text = format!(
        "{LEAST}[discounts]\nexcluded_categories = [\"a\"]\n[[voucher_types]]\nid = \"v\"\nname = \"V\"\nkind = \"amount\"\namount = \"1\"\nscope = {{ categories = [\"a/b\"] }}"
    );
    assert_eq!(refused(&text), ["contradiction voucher_types[0] (v).scope.categories"]);
}

#[test]
fn a_wrong_voucher_type_is_told() {
    let cases = [
        ("kind = \"amount\"", "missing_key", "amount"),
        ("kind = \"percent\"", "missing_key", "percent"),
        ("kind = \"amount\"\namount = \"1\"\npercent = \"1\"", "unused_key", "percent"),
        ("kind = \"percent\"\npercent = \"1\"\namount = \"1\"", "unused_key", "amount"),
        ("kind = \"percent\"\npercent = \"101\"", "percent_over_100", "percent"),
        ("kind = \"amount\"\namount = \"1\"\ncap = \"-1\"", "not_positive", "cap"),
        ("kind = \"amount\"\namount = \"1\"\ncost = \"0\"", "not_positive", "cost"),
        ("kind = \"amount\"\namount = \"1\"\ncost = 1", "wrong_type", "cost"),
        ("amount = \"1\"", "missing_key", "kind"),
    ];
    for (table, code, key) in cases {
        let text = format!("{LEAST}[[voucher_types]]\nid = \"v\"\nname = \"V\"\n{table}");
        assert_eq!(refused(&text), [format!("{code} voucher_types[0] (v).{key}")], "{table}");
    }
}

#[test]
fn ld_26_wrong_kinds_and_roles_are_told() {
    let cases = [
        ("account_kinds = []", "empty_list", "account_kinds"),
        ("roles = []", "empty_list", "roles"),
        ("account_kinds = [\"club\"]", "unknown_word", "account_kinds[0]"),
        ("members = \"everyone\", roles = [\"buyer\"]", "contradiction", "members"),
    ];
    for (keys, code, key) in cases {
        let text = format!(
            "{LEAST}[[earn]]\nid = \"r\"\nkind = \"per_visit\"\npoints = 1\naudience = {{ {keys} }}"
        );
        assert_eq!(refused(&text), [format!("{code} earn[0] (r).audience.{key}")], "{keys}");
    }
    let text = format!("{LEAST}[redemption]\nstep = 1\nstep_value = \"1\"\ncompany_roles = []");
    assert_eq!(refused(&text), ["empty_list redemption.company_roles"]);
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

#[test]
fn wrong_conditions_are_told() {
    let cases = [
        (
            "window = { from = \"2026-03-02\", until = \"2026-03-01\" }",
            "window_never_opens",
            "window.until",
        ),
        ("window = { from = \"2026-02-30\" }", "bad_date", "window.from"),
        ("window = { until = \"2026-3-1\" }", "bad_date", "window.until"),
        ("window = { weekdays = [] }", "window_never_opens", "window.weekdays"),
        ("window = { weekdays = [\"Mon\"] }", "bad_weekday", "window.weekdays[0]"),
        // 2026-03-02 is a Monday.
        (
            "window = { from = \"2026-03-02\", until = \"2026-03-03\", weekdays = [\"wed\"] }",
            "window_never_opens",
            "window.weekdays",
        ),
        ("window = { hours = \"10:00-10:00\" }", "window_never_opens", "window.hours"),
        ("window = { hours = \"00:00-24:00\" }", "window_never_opens", "window.hours"),
        ("window = { hours = \"8:00-10:00\" }", "bad_hours", "window.hours"),
        ("window = { hours = \"08:00-25:00\" }", "bad_hours", "window.hours"),
        ("window = { hours = \"08:00\" }", "bad_hours", "window.hours"),
        ("window = 5", "wrong_type", "window"),
        ("window = { form = \"2026-03-01\" }", "unknown_key", "window.form"),
        ("stores = []", "empty_list", "stores"),
        ("stores = \"S1\"", "wrong_type", "stores"),
        ("audience = { tiers = [] }", "empty_list", "audience.tiers"),
        ("audience = { tiers = [\"gold\"] }", "unknown_tier", "audience.tiers[0]"),
        ("audience = { flags = [\" \"] }", "bad_id", "audience.flags[0]"),
        ("audience = { excluded_flags = [] }", "empty_list", "audience.excluded_flags"),
        (
            "audience = { flags = [\"vip\", \"staff\"], excluded_flags = [\"staff\"] }",
            "contradiction",
            "audience.excluded_flags",
        ),
        ("audience = { points = {} }", "missing_key", "audience.points"),
        ("audience = { points = { min = 0 } }", "out_of_range", "audience.points.min"),
        ("audience = { points = { max = -1 } }", "out_of_range", "audience.points.max"),
        ("audience = { points = { min = \"150\" } }", "wrong_type", "audience.points.min"),
        ("audience = { points = 150 }", "wrong_type", "audience.points"),
        (
            "audience = { points = { min = 400, max = 399 } }",
            "contradiction",
            "audience.points.max",
        ),
        (
            "audience = { members = \"everyone\", points = { min = 1 } }",
            "contradiction",
            "audience.members",
        ),
        (
            "audience = { members = \"everyone\", flags = [\"staff\"] }",
            "contradiction",
            "audience.members",
        ),
        ("audience = { members = \"nobody\" }", "unknown_word", "audience.members"),
        (
            "scope = { skus = [\"1\"], excluded_skus = [\"1\"] }",
            "contradiction",
            "scope.excluded_skus",
        ),
        ("scope = { categories = [\"a/\"] }", "bad_id", "scope.categories[0]"),
        (
            "scope = { categories = [\"a\"], excluded_categories = [\"a\"] }",
            "contradiction",
            "scope.excluded_categories",
        ),
        (
            "scope = { categories = [\"a/b\"], excluded_categories = [\"a\"] }",
            "contradiction",
            "scope.excluded_categories",
        ),
        ("minimum = [\"1\", \"2\", \"3\"]", "wrong_type", "minimum"),
        ("minimum = { amount = \"0\" }", "not_positive", "minimum.amount"),
        ("minimum = { quantity = 3 }", "wrong_type", "minimum.quantity"),
        ("minimum = { unit_price = \"x\" }", "bad_amount", "minimum.unit_price"),
        ("minimum = { amount = \"1\", of = \"receipt\" }", "unknown_word", "minimum.of"),
        ("minimum = { of = \"basket\" }", "unused_key", "minimum.of"),
        ("minimum = { amount = \"10.00 EUR\" }", "currencies_mixed", "minimum.amount"),
        ("minimum = { amount = \"CZK 10\" }", "currencies_mixed", "minimum.amount"),
        ("minimum = { amount = \"10 crowns\" }", "bad_amount", "minimum.amount"),
        ("group = [\"a\", \"b\"]", "wrong_type", "group"),
    ];
    for (condition, code, key) in cases {
        let offer = "kind = \"basket_amount\"\namount = \"1\"\n";
        let told = format!("{code} offers[0] (o).{key}");
        assert_eq!(refused(&format!("{LEAST}{OFFER}{offer}{condition}")), [told], "{condition}");
    }
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
