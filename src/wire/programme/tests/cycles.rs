//! Programmes whose points beget themselves, and their neighbours that do not.

use super::*;

const TIERS: &str = "[tiers]\nmeasure = \"visits\"\nwindow = \"lifetime\"\n\
    [[tiers.steps]]\nid = \"a\"\nname = \"A\"\nthreshold = 0\n\
    [[tiers.steps]]\nid = \"b\"\nname = \"B\"\nthreshold = 9\nmultiplier = \"2\"\n";

/// What is told of a programme with a rule.
fn told(programme: &str, rule: &str) -> Vec<String> {
    let text = format!("{LEAST}{programme}[[earn]]\nid = \"rule\"\n{rule}\n");
    ProgrammeFile::check(&text).map_or_else(
        |faults| faults.iter().map(|fault| format!("{} {}", fault.code, fault.path)).collect(),
        |_| Vec::new(),
    )
}

#[test]
fn points_spent_as_money_that_earn_themselves_back_are_told() {
    let before = "[accrual]\nredemption = \"before\"\n";
    let steps = "[redemption]\nstep = 100\nstep_value = \"10\"\n";
    let ladder = "[redemption]\n[[redemption.levels]]\npoints = 50\namount = \"1\"\n\
        [[redemption.levels]]\npoints = 100\namount = \"10\"\n";
    let per = |points: u32, rest: &str| {
        format!("kind = \"per_amount\"\npoints = {points}\namount = \"1\"\n{rest}")
    };
    let plain = "tier_multiplied = false";
    let cases = [
        // settings, way to spend, rule, what is told
        (before, steps, per(10, ""), "pays_for_itself redemption.step"),
        (before, steps, per(9, ""), ""),
        (&format!("{before}{TIERS}"), steps, per(5, ""), "pays_for_itself redemption.step"),
        (&format!("{before}{TIERS}"), steps, per(5, plain), ""),
        (before, steps, per(10, "limits = [{ window = \"day\", uses = 1 }]"), ""),
        ("", steps, per(10, ""), ""),
        (before, ladder, per(10, ""), "pays_for_itself redemption.levels"),
        (before, ladder, per(9, ""), ""),
    ];
    for (settings, spend, rule, expected) in cases {
        let found = told(&format!("{settings}{spend}"), &rule).join(", ");
        assert_eq!(found, expected, "{settings}{spend}{rule}");
    }
}

#[test]
fn a_reward_that_earns_its_own_price_is_told() {
    let coffee = "[[rewards]]\nid = \"coffee\"\nname = \"Coffee\"\nkind = \"item\"\npoints = 80\n\
        scope = { skus = [\"c\"] }\n";
    let priced = format!("{coffee}price = \"1\"\n");
    let visit = "kind = \"per_visit\"\npoints = 80";
    let cycle = "pays_for_itself rewards[0] (coffee).points";
    let cases = [
        (coffee, visit.to_owned(), cycle),
        (coffee, visit.replace("80", "79"), ""),
        (coffee, format!("{visit}\nminimum = {{ amount = \"1\" }}"), ""),
        (coffee, format!("{visit}\nlimits = [{{ window = \"day\", uses = 1 }}]"), ""),
        (&priced, visit.to_owned(), ""),
        (
            coffee,
            "kind = \"per_item\"\npoints = 80\nscope = { skus = [\"c\", \"d\"] }".to_owned(),
            cycle,
        ),
        (coffee, "kind = \"per_item\"\npoints = 80\nscope = { skus = [\"d\"] }".to_owned(), ""),
        (
            coffee,
            "kind = \"milestone\"\nmeasure = \"visits\"\nat = 10\npoints = 800\nrepeat = \"every\""
                .to_owned(),
            cycle,
        ),
        (
            coffee,
            "kind = \"milestone\"\nmeasure = \"visits\"\nat = 10\npoints = 800".to_owned(),
            "",
        ),
    ];
    for (reward, rule, expected) in cases {
        assert_eq!(told(reward, &rule).join(", "), expected, "{reward}{rule}");
    }
}

#[test]
fn ld_41_a_voucher_that_earns_its_own_price_is_told() {
    let before = "[accrual]\ndiscounts = \"before\"\n";
    let kind = "[[voucher_types]]\nid = \"v\"\nname = \"V\"\nkind = \"amount\"\namount = \"10\"\n";
    let least = format!("{kind}minimum = {{ amount = \"20\" }}\n");
    let voucher = "points = 100\nvoucher = { type = \"v\", days = 1 }\n";
    let conversion = format!("[[conversions]]\nid = \"c\"\n{voucher}");
    let reward = format!("[[rewards]]\nid = \"r\"\nname = \"R\"\nkind = \"voucher\"\n{voucher}");
    let per = |points: u32, rest: &str| {
        format!("kind = \"per_amount\"\npoints = {points}\namount = \"1\"\n{rest}")
    };
    let budget = "shared_limits = [{ per = \"total\", window = \"ever\", uses = 9, offline = \"approximate\" }]";
    let cases = [
        (before, &conversion, kind, per(10, ""), "pays_for_itself conversions[0] (c).points"),
        (before, &reward, kind, per(10, ""), "pays_for_itself rewards[0] (r).points"),
        (before, &conversion, kind, per(9, ""), ""),
        (before, &conversion, &least, per(10, ""), ""),
        (before, &conversion, kind, per(10, budget), ""),
        (before, &conversion, kind, per(10, "chance_bp = 9_999"), ""),
        ("", &conversion, kind, per(10, ""), ""),
    ];
    for (settings, sells, kind, rule, expected) in cases {
        let found = told(&format!("{settings}{sells}{kind}"), &rule).join(", ");
        assert_eq!(found, expected, "{settings}{sells}{kind}{rule}");
    }
}

/// A limit over all customers ends whatever goes round.
const BUDGET: &str = "shared_limits = [{ per = \"total\", window = \"year\", uses = 20, offline = \"approximate\" }]";

#[test]
fn points_for_each_visit_or_unit_that_pay_for_the_next_receipt_are_told() {
    let steps = "[redemption]\nstep = 100\nstep_value = \"10\"\n";
    let levels = "[redemption]\n[[redemption.levels]]\npoints = 900\namount = \"90\"\n\
        [[redemption.levels]]\npoints = 1000\namount = \"100\"\n";
    let visit = "kind = \"per_visit\"\npoints = 1000\n";
    let every = "kind = \"milestone\"\nmeasure = \"visits\"\nat = 10\nrepeat = \"every\"\n";
    let step = "pays_for_itself redemption.step";
    let cases = [
        (steps, visit.to_owned(), step),
        (steps, visit.replace("1000", "10000"), step),
        (steps, visit.replace("1000", "999"), ""),
        (&format!("{TIERS}{steps}"), visit.replace("1000", "500"), ""),
        (&format!("{TIERS}{steps}"), visit.replace("1000", "500") + "tier_multiplied = true", step),
        (&format!("{steps}share_max = \"99\"\n"), visit.to_owned(), ""),
        (&format!("{steps}minimum = 1100\n"), visit.to_owned(), ""),
        (levels, visit.to_owned(), "pays_for_itself redemption.levels"),
        (levels, visit.replace("1000", "999"), ""),
        (steps, visit.replace("per_visit", "per_item"), step),
        (steps, format!("{every}points = 10000"), step),
        (steps, format!("{every}points = 9999"), ""),
        (steps, format!("{visit}minimum = {{ amount = \"1\" }}"), ""),
        (steps, format!("{visit}scope = {{ skus = [\"c\"] }}"), ""),
        (steps, format!("{visit}limits = [{{ window = \"day\", uses = 1 }}]"), ""),
        (steps, format!("{visit}audience = {{ birthday = {{}} }}"), ""),
        (steps, format!("{visit}chance_bp = 250"), ""),
        (steps, format!("{visit}{BUDGET}"), ""),
        (steps, format!("{visit}audience = {{ points = {{ max = 5000 }} }}"), ""),
        ("", visit.to_owned(), ""),
    ];
    for (spend, rule, expected) in cases {
        assert_eq!(told(spend, &rule).join(", "), expected, "{spend}{rule}");
    }
}

#[test]
fn a_voucher_that_pays_for_the_receipt_that_earns_the_next_is_told() {
    let voucher = |rest: &str| format!("[[voucher_types]]\nid = \"v\"\nname = \"V\"\n{rest}\n");
    let all = voucher("kind = \"percent\"\npercent = \"100\"");
    let hundred = voucher("kind = \"amount\"\namount = \"100\"");
    let grant = "voucher = { type = \"v\", days = 14 }\n";
    let visit = format!("kind = \"per_visit\"\n{grant}");
    let per_amount = format!("kind = \"per_amount\"\namount = \"50\"\npoints = 1\n{grant}");
    let milestone = |measure: &str, at: u32, repeat: &str| {
        let what = format!("measure = \"{measure}\"\nat = {at}\nrepeat = \"{repeat}\"");
        format!("kind = \"milestone\"\n{what}\n{grant}")
    };
    let before = "[accrual]\ndiscounts = \"before\"\n";
    let cycle = "pays_for_itself earn[0] (rule).voucher";
    let cases = [
        // what there is, rule, what is told
        (all.clone(), visit.clone(), cycle),
        (voucher("kind = \"percent\"\npercent = \"99\""), visit.clone(), ""),
        (all.clone(), format!("kind = \"per_visit\"\nchance_bp = 250\n{grant}"), ""),
        (all.clone(), format!("kind = \"per_visit\"\n{BUDGET}\n{grant}"), ""),
        (format!("{all}minimum = {{ amount = \"5000\" }}\n"), visit.clone(), cycle),
        (format!("{all}cap = \"99.99\"\n"), visit.clone(), ""),
        (format!("{all}cap = \"100\"\n"), visit.clone(), cycle),
        (format!("{all}scope = {{ skus = [\"c\"] }}\n"), visit.clone(), cycle),
        (format!("{all}audience = {{ flags = [\"x\"] }}\n"), visit.clone(), ""),
        (format!("[discounts]\nreceipt_percent_max = \"99\"\n{all}"), visit.clone(), ""),
        (all.clone(), format!("{visit}minimum = {{ amount = \"0.01\" }}"), ""),
        (all.clone(), format!("{visit}minimum = {{ quantity = \"3\" }}"), cycle),
        (all.clone(), format!("{visit}scope = {{ skus = [\"c\"] }}"), ""),
        (all.clone(), format!("{visit}limits = [{{ window = \"year\", uses = 9 }}]"), ""),
        (all.clone(), format!("{visit}audience = {{ birthday = {{}} }}"), ""),
        (all.clone(), visit.replace("per_visit", "per_item"), cycle),
        (all.clone(), visit.replace("per_visit", "welcome"), ""),
        (all.clone(), milestone("items", 10, "every"), cycle),
        (all.clone(), milestone("visits", 1, "every"), cycle),
        (all.clone(), milestone("visits", 2, "every"), ""),
        (all.clone(), milestone("items", 10, "once"), ""),
        (all.clone(), milestone("spend", 10, "every").replace("at = 10", "at = \"10\""), ""),
        (all.clone(), per_amount.clone(), ""),
        (format!("{before}{all}"), per_amount.clone(), cycle),
        (hundred.clone(), visit.clone(), cycle),
        (hundred.replace("100", "99.99"), visit.clone(), ""),
        (format!("{hundred}minimum = {{ amount = \"100\" }}\n"), visit.clone(), cycle),
        (format!("{hundred}minimum = {{ amount = \"100.01\" }}\n"), visit.clone(), ""),
        (hundred.clone(), format!("{visit}minimum = {{ quantity = \"3\" }}"), ""),
        (hundred.clone(), milestone("items", 10, "every"), ""),
        (format!("{before}{hundred}"), per_amount.replace("50", "100"), cycle),
        (format!("{before}{hundred}"), per_amount.replace("50", "100.01"), ""),
    ];
    for (programme, rule, expected) in cases {
        assert_eq!(told(&programme, &rule).join(", "), expected, "{programme}{rule}");
    }
}

#[test]
fn a_voucher_that_grows_with_the_purchases_is_looked_at_as_it_ends() {
    let types = "[[voucher_types]]\nid = \"five\"\nname = \"5 %\"\nkind = \"percent\"\npercent = \"5\"\n\
        [[voucher_types]]\nid = \"all\"\nname = \"All\"\nkind = \"percent\"\npercent = \"100\"\n";
    let visit = |first: &str, last: &str| {
        let by = format!("by_purchases = [{{ from = 10, type = \"{last}\" }}]");
        format!("kind = \"per_visit\"\nvoucher = {{ type = \"{first}\", days = 9, {by} }}")
    };
    assert_eq!(told(types, &visit("five", "all")), ["pays_for_itself earn[0] (rule).voucher"]);
    assert_eq!(told(types, &visit("all", "five")), Vec::<String>::new());
}

#[test]
fn a_cycle_is_told_with_the_rule_that_closes_it() {
    let text = format!(
        "{LEAST}[[earn]]\nid = \"visit\"\nkind = \"per_visit\"\npoints = 80\n[[rewards]]\nid = \"coffee\"\n\
         name = \"Coffee\"\nkind = \"item\"\npoints = 80\nscope = {{ skus = [\"c\"] }}\n"
    );
    let faults = ProgrammeFile::check(&text).expect_err("a cycle");
    assert_eq!(
        faults[0].reason,
        "a cycle: what 80 points buy earns them back by the rule `visit`; raise what it costs, or \
         give the rule limits or a minimum"
    );
}
