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
