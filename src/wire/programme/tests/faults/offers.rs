//! Faults of offers, what they ask for, and vouchers.

use super::*;

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
