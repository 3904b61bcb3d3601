//! Offers on products and units, and the bounds on all of them: one wrong thing at a time.

use super::*;
use crate::loyalty::BUNDLE_PARTS_MAX;

/// What `rest` of an offer of a kind is told, below the offer.
fn told_of(kind: &str, rest: &str) -> Vec<String> {
    let head =
        "[discounts]\nexcluded_categories = [\"tobacco\"]\n[[offers]]\nid = \"o\"\nname = \"O\"";
    let faults = refused(&format!("{LEAST}{head}\nkind = \"{kind}\"\n{rest}"));
    faults.into_iter().map(|fault| fault.replace("offers[0] (o).", "")).collect()
}

#[test]
fn wrong_bounds_are_told() {
    let cases = [
        ("receipt_percent_max = \"101\"", "percent_over_100 discounts.receipt_percent_max"),
        ("receipt_percent_max = \"0\"", "not_positive discounts.receipt_percent_max"),
        ("line_percent_max = 50", "wrong_type discounts.line_percent_max"),
        ("excluded_categories = [\"a//b\"]", "bad_id discounts.excluded_categories[0]"),
        ("line_max = \"5\"", "unknown_key discounts.line_max"),
    ];
    for (key, told) in cases {
        assert_eq!(refused(&format!("{LEAST}[discounts]\n{key}")), [told], "{key}");
    }
}

#[test]
fn a_wrong_price_list_is_told() {
    let cases = [
        ("", "missing_key prices"),
        ("prices = []", "empty_list prices"),
        ("prices = [{ sku = \"1\" }]", "missing_key prices[0].price"),
        ("prices = [{ price = \"1\" }]", "missing_key prices[0].sku"),
        ("prices = [{ sku = \"1\", price = \"0\" }]", "not_positive prices[0].price"),
        ("prices = [{ sku = \"1\", price = 1.5 }]", "wrong_type prices[0].price"),
        (
            "prices = [{ sku = \"1\", price = \"1\" }, { sku = \"2\", price = \"1\" }, { sku = \"1\", price = \"2\" }]",
            "duplicate_id prices[2].sku",
        ),
        (
            "prices = [{ sku = \"1\", price = \"1\" }]\nscope = { skus = [\"1\"] }",
            "unused_key scope",
        ),
        ("prices = [{ sku = \"1\", price = \"1\" }]\nprice = \"1\"", "unused_key price"),
        ("prices = [{ sku = \"1\", price = \"1\" }]\ntimes_max = 1", "unused_key times_max"),
        (
            "prices = [{ sku = \"1\", price = \"1\" }]\nquantity_max = \"0\"",
            "bad_quantity quantity_max",
        ),
    ];
    for (rest, told) in cases {
        assert_eq!(told_of("price_list", rest), [told], "{rest}");
    }
    let entries: String =
        (0..=LIST_ENTRIES_MAX).map(|n| format!("{{sku=\"{n}\",price=\"1\"}},")).collect();
    assert_eq!(told_of("price_list", &format!("prices = [{entries}]")), ["too_many prices"]);
}

#[test]
fn a_wrong_buy_and_get_is_told() {
    let cases = [
        ("get = 1", "missing_key buy"),
        ("buy = 1", "missing_key get"),
        ("buy = 0\nget = 1", "out_of_range buy"),
        ("buy = 1\nget = 1001", "out_of_range get"),
        ("buy = \"1\"\nget = 1", "wrong_type buy"),
        ("buy = 1\nget = 1\npercent = \"101\"", "percent_over_100 percent"),
        ("buy = 1\nget = 1\npercent = \"0\"", "not_positive percent"),
        ("buy = 1\nget = 1\nwhich = \"cheap\"", "unknown_word which"),
        ("buy = 1\nget = 1\ntimes_max = 0", "out_of_range times_max"),
        ("buy = 1\nget = 1\ntimes_max = 1000001", "out_of_range times_max"),
        ("buy = 1\nget = 1\nunits = 1", "unused_key units"),
        (
            "buy = 1\nget = 1\nget_scope = { skus = [\"1\"], excluded_skus = [\"1\"] }",
            "contradiction get_scope.excluded_skus",
        ),
        (
            "buy = 1\nget = 1\nget_scope = { categories = [\"tobacco/pipe\"] }",
            "contradiction get_scope.categories",
        ),
        (
            "buy = 1\nget = 1\nscope = { categories = [\"tobacco\"] }",
            "contradiction scope.categories",
        ),
        ("buy = 1\nget = 1\nget_scope = [\"1\"]", "wrong_type get_scope"),
    ];
    for (rest, told) in cases {
        assert_eq!(told_of("buy_get", rest), [told], "{rest}");
    }
}

#[test]
fn a_wrong_bundle_or_mix_is_told() {
    let part = "parts = [{ scope = { skus = [\"1\"] } }]";
    let bundles = [
        ("price = \"1\"".to_owned(), "missing_key parts"),
        ("price = \"1\"\nparts = []".to_owned(), "empty_list parts"),
        ("price = \"1\"\nparts = [{ units = 2 }]".to_owned(), "missing_key parts[0].scope"),
        (
            "price = \"1\"\nparts = [{ scope = {}, units = 0 }]".to_owned(),
            "out_of_range parts[0].units",
        ),
        (
            "price = \"1\"\nparts = [{ scope = { categories = [\"tobacco\"] } }]".to_owned(),
            "contradiction parts[0].scope.categories",
        ),
        (
            format!("price = \"1\"\nparts = [{}]", "{ scope = {} },".repeat(BUNDLE_PARTS_MAX + 1)),
            "too_many parts",
        ),
        (part.to_owned(), "missing_key price"),
        (format!("{part}\nprice = \"1\"\npercent = \"5\""), "contradiction percent"),
        (format!("{part}\npercent = \"5\"\namount = \"1\""), "contradiction amount"),
        (format!("{part}\npercent = \"100.5\""), "percent_over_100 percent"),
        (format!("{part}\nprice = \"1\"\nscope = {{ skus = [\"1\"] }}"), "unused_key scope"),
        (format!("{part}\nprice = \"1\"\nbuy = 1"), "unused_key buy"),
    ];
    for (rest, told) in bundles {
        assert_eq!(told_of("bundle", &rest), [told], "{rest}");
    }
    let mixes = [
        ("price = \"1\"", "missing_key units"),
        ("units = 3", "missing_key price"),
        ("units = 1001\nprice = \"1\"", "out_of_range units"),
        ("units = 3\nprice = \"1\"\nsteps = []", "unused_key steps"),
    ];
    for (rest, told) in mixes {
        assert_eq!(told_of("units_for_price", rest), [told], "{rest}");
    }
}

#[test]
fn wrong_steps_by_quantity_are_told() {
    let step = |from: &str, percent: &str| format!("{{ from = {from}, percent = \"{percent}\" }}");
    let cases = [
        (String::new(), "empty_list steps"),
        ("{ from = 3 }".to_owned(), "missing_key steps[0].percent"),
        ("{ percent = \"3\" }".to_owned(), "missing_key steps[0].from"),
        (step("0", "5"), "out_of_range steps[0].from"),
        (step("3", "101"), "percent_over_100 steps[0].percent"),
        ([step("3", "5"), step("3", "6")].join(","), "steps_not_rising steps[1]"),
        ([step("3", "5"), step("4", "5")].join(","), "steps_not_rising steps[1]"),
        (
            (1..=21).map(|n| step(&n.to_string(), &n.to_string())).collect::<Vec<_>>().join(","),
            "too_many steps",
        ),
    ];
    for (steps, told) in cases {
        assert_eq!(told_of("quantity_percent", &format!("steps = [{steps}]")), [told], "{steps}");
    }
    assert_eq!(told_of("quantity_percent", ""), ["missing_key steps"]);
}

#[test]
fn ld_18_wrong_codes_and_coupons_are_told() {
    let cases = [
        ("codes = []", "empty_list codes"),
        ("codes = [\"A\"]", "bad_code codes[0]"),
        ("codes = [\"12345\"]", "bad_code codes[0]"),
        ("codes = [\"LEAF10\", \"LEAF 11\"]", "bad_code codes[1]"),
        ("codes = [\"LEAF10\", \"leaf10\"]", "duplicate_id codes[1]"),
        ("codes = [\"LEAF10\"]\ncoupon = { number = \"99\" }", "contradiction coupon"),
        ("coupon = {}", "bad_coupon coupon"),
        ("coupon = { issuer = \"3765\" }", "bad_coupon coupon"),
        ("coupon = { issuer = \"376\", offer = \"03\" }", "bad_coupon coupon"),
        ("coupon = { number = \"99 1\" }", "bad_coupon coupon"),
        ("coupon = { number = \"95011015300031\" }", "bad_coupon coupon"),
    ];
    for (rest, told) in cases {
        let rest = format!("percent = \"10\"\n{rest}");
        assert_eq!(told_of("line_percent", &rest), [told], "{rest}");
    }
    assert_eq!(told_of("coupon_value", ""), ["missing_key coupon"]);
    let other = "\n[[offers]]\nid = \"p\"\nname = \"P\"\nkind = \"coupon_value\"\ncoupon = { number = \"981\" }";
    let first = format!("coupon = {{ issuer = \"3765\", offer = \"03\" }}{other}");
    assert_eq!(told_of("coupon_value", &first), ["duplicate_id offers[1] (p).coupon"]);
}
