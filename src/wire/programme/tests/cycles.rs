//! Programmes whose points beget themselves, and their neighbours that do not.

use super::*;

const TIERS: &str = "[tiers]\nmeasure = \"visits\"\nwindow = \"lifetime\"\n\
    [[tiers.steps]]\nid = \"a\"\nname = \"A\"\nthreshold = 0\n\
    [[tiers.steps]]\nid = \"b\"\nname = \"B\"\nthreshold = 9\nmultiplier = \"2\"\n";

/// What is told of a programme with a rule.
fn told(programme: &str, rule: &str) -> Vec<String> {
    told_of(&format!("{programme}[[earn]]\nid = \"rule\"\n{rule}\n"))
}

fn told_of(programme: &str) -> Vec<String> {
    ProgrammeFile::check(&format!("{LEAST}{programme}")).map_or_else(
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
        "a cycle: 80 points -> the reward `coffee` -> 80 points by the rule `visit`; raise what it \
         costs, or give a rule limits or a minimum"
    );
}

/// What is told of a programme with several rules.
fn told_of_all(programme: &str, rules: &[String]) -> String {
    let rule = |(id, rule): (char, &String)| format!("[[earn]]\nid = \"{id}\"\n{rule}\n");
    let rules: String = ('a'..='z').zip(rules).map(rule).collect();
    told_of(&format!("{programme}{rules}")).join(", ")
}

/// A rule by amount, for an amount.
fn per(points: u32, amount: u32, rest: &str) -> String {
    format!("kind = \"per_amount\"\npoints = {points}\namount = \"{amount}\"\n{rest}")
}

fn visit(points: u32, rest: &str) -> String {
    format!("kind = \"per_visit\"\npoints = {points}\n{rest}")
}

const BEFORE: &str = "[accrual]\nredemption = \"before\"\n";
const STEPS: &str = "[redemption]\nstep = 100\nstep_value = \"10\"\n";

#[test]
fn rules_that_give_all_back_only_together_are_told() {
    let levels = "[redemption]\n[[redemption.levels]]\npoints = 100\namount = \"10\"\n";
    let (none, c, d) = ("", "scope = { skus = [\"c\"] }", "scope = { skus = [\"d\"] }");
    let day = "limits = [{ window = \"day\", uses = 1 }]";
    let (at, of) = (
        |shop| format!("stores = [\"{shop}\"]"),
        |tier| format!("audience = {{ tiers = [\"{tier}\"] }}"),
    );
    let least = |amount| format!("minimum = {{ amount = \"{amount}\" }}");
    let step = "pays_for_itself redemption.step";
    let tiers = format!("{TIERS}{STEPS}");
    let cases = [
        // how points are spent; what rules give for so much of what 100 points pay; what is told
        (STEPS, vec![per(6, 1, none), per(5, 1, none)], step),
        (STEPS, vec![per(6, 1, none), per(3, 1, none)], ""),
        (STEPS, vec![per(4, 1, none), per(3, 1, none), per(3, 1, none)], step),
        (STEPS, vec![per(6, 1, day), per(5, 1, none)], ""),
        // A third and two thirds are all where enough is spent at once, and less where it is not.
        (STEPS, vec![per(10, 3, none), per(20, 3, none)], step),
        (levels, vec![per(10, 3, none), per(20, 3, none)], ""),
        (levels, vec![per(6, 1, none), per(5, 1, none)], "pays_for_itself redemption.levels"),
        // They must count on the same purchase.
        (STEPS, vec![per(6, 1, c), per(5, 1, none)], step),
        (STEPS, vec![per(6, 1, c), per(5, 1, d)], ""),
        (STEPS, vec![per(6, 1, &at("S1")), per(5, 1, none)], step),
        (STEPS, vec![per(6, 1, &at("S1")), per(5, 1, &at("S2"))], ""),
        (STEPS, vec![per(6, 1, &least(50)), per(5, 1, none)], step),
        (STEPS, vec![per(6, 1, &least(50)), per(5, 1, &least(60))], ""),
        (&tiers, vec![per(2, 1, &of("b")), per(3, 1, none)], step),
        (&tiers, vec![per(2, 1, &of("a")), per(2, 1, none)], ""),
        (&tiers, vec![per(6, 1, &of("a")), per(2, 1, &of("b"))], ""),
        // Points for visits are no part of what a step earns.
        (STEPS, vec![per(6, 1, none), visit(300, none)], ""),
    ];
    for (spend, rules, expected) in cases {
        assert_eq!(told_of_all(&format!("{BEFORE}{spend}"), &rules), expected, "{spend}{rules:?}");
    }
}

#[test]
fn a_reward_that_rules_give_back_together_is_told() {
    let coffee = "[[rewards]]\nid = \"coffee\"\nname = \"Coffee\"\nkind = \"item\"\npoints = 80\n\
        scope = { skus = [\"c\"] }\n";
    let of_gold = format!("{TIERS}{coffee}audience = {{ tiers = [\"b\"] }}\n");
    let item = |points: u32, sku: &str| {
        format!(
            "kind = \"per_item\"\npoints = {points}\nscope = {{ skus = [\"{sku}\", \"x{points}\"] }}"
        )
    };
    let tier = |id: &str| format!("audience = {{ tiers = [\"{id}\"] }}");
    let cycle = "pays_for_itself rewards[0] (coffee).points";
    let cases = [
        (coffee, vec![visit(50, ""), item(30, "c")], cycle),
        (coffee, vec![visit(50, ""), item(29, "c")], ""),
        (coffee, vec![visit(50, ""), item(30, "d")], ""),
        (coffee, vec![item(50, "c"), item(30, "c")], cycle),
        (&of_gold, vec![visit(50, &tier("b")), visit(30, "")], cycle),
        (&of_gold, vec![visit(50, &tier("a")), visit(30, "")], ""),
        (&of_gold, vec![visit(80, &tier("a"))], ""),
    ];
    for (reward, rules, expected) in cases {
        assert_eq!(told_of_all(reward, &rules), expected, "{reward}{rules:?}");
    }
}

#[test]
fn ld_41_a_voucher_whose_receipt_earns_its_price_is_told() {
    let kind = |rest: &str| format!("[[voucher_types]]\nid = \"v\"\nname = \"V\"\n{rest}\n");
    let amount = |amount: &str| kind(&format!("kind = \"amount\"\namount = \"{amount}\""));
    let percent = |percent: u32| kind(&format!("kind = \"percent\"\npercent = \"{percent}\""));
    let voucher = "points = 500\nvoucher = { type = \"v\", days = 1 }\n";
    let conversion = format!("[[conversions]]\nid = \"c\"\n{voucher}");
    let reward = format!("[[rewards]]\nid = \"r\"\nname = \"R\"\nkind = \"voucher\"\n{voucher}");
    let before = "[accrual]\ndiscounts = \"before\"\n";
    let bounded = "[discounts]\nreceipt_percent_max = \"99\"\n";
    let cycle = "pays_for_itself conversions[0] (c).points";
    let (least, day) =
        ("minimum = { amount = \"1\" }", "limits = [{ window = \"day\", uses = 1 }]");
    let cases = [
        // settings, what sells vouchers, their kind, rules; what is told
        ("", &conversion, amount("100"), vec![visit(500, "")], cycle),
        ("", &reward, amount("100"), vec![visit(500, "")], "pays_for_itself rewards[0] (r).points"),
        ("", &conversion, percent(100), vec![visit(500, "")], cycle),
        ("", &conversion, amount("100"), vec![visit(300, ""), visit(200, "")], cycle),
        ("", &conversion, amount("100"), vec![visit(300, ""), visit(199, "")], ""),
        ("", &conversion, amount("99.99"), vec![visit(500, "")], ""),
        ("", &conversion, percent(99), vec![visit(500, "")], ""),
        (
            "",
            &conversion,
            amount("100") + "minimum = { amount = \"101\" }\n",
            vec![visit(500, "")],
            "",
        ),
        (
            "",
            &conversion,
            amount("100") + "audience = { flags = [\"x\"] }\n",
            vec![visit(500, "")],
            cycle,
        ),
        ("", &conversion, amount("100"), vec![visit(500, least)], ""),
        ("", &conversion, amount("100"), vec![visit(300, day), visit(200, "")], ""),
        (bounded, &conversion, amount("100"), vec![visit(500, "")], ""),
        // What rules give by amount counts where what vouchers pay does.
        (before, &conversion, amount("100"), vec![visit(300, ""), per(2, 1, "")], cycle),
        ("", &conversion, amount("100"), vec![visit(300, ""), per(2, 1, "")], ""),
        (before, &conversion, amount("10"), vec![per(30, 1, ""), per(20, 1, "")], cycle),
        (before, &conversion, amount("10"), vec![per(30, 1, ""), per(19, 1, "")], ""),
        (before, &conversion, amount("10"), vec![per(30, 1, ""), visit(200, "")], ""),
    ];
    for (settings, sells, kind, rules, expected) in cases {
        let found = told_of_all(&format!("{settings}{sells}{kind}"), &rules);
        assert_eq!(found, expected, "{settings}{sells}{kind}{rules:?}");
    }
}

#[test]
fn what_rules_give_for_a_free_receipt_adds_up_to_the_next_one() {
    let kind = |id: &str, amount: &str, rest: &str| {
        format!(
            "[[voucher_types]]\nid = \"{id}\"\nname = \"V\"\nkind = \"amount\"\namount = \"{amount}\"\n{rest}"
        )
    };
    let gives =
        |id: &str| format!("kind = \"per_visit\"\nvoucher = {{ type = \"{id}\", days = 9 }}");
    let two = |other: &str, rest: &str| kind("v", "60", "") + &kind("w", other, rest);
    let least = "minimum = { amount = \"1\" }\n";
    let (step, voucher) =
        ("pays_for_itself redemption.step", "pays_for_itself earn[0] (a).voucher");
    let before = format!("{BEFORE}{STEPS}");
    let share = format!("{STEPS}share_max = \"99\"\n");
    let cases = [
        (STEPS.to_owned(), vec![visit(600, ""), visit(400, "")], step),
        (STEPS.to_owned(), vec![visit(600, ""), visit(399, "")], ""),
        (STEPS.to_owned(), vec![visit(600, ""), visit(400, least)], ""),
        // What points pay earns some more, which is spent on the next one too.
        (before.clone(), vec![visit(550, ""), per(5, 1, "")], step),
        (before, vec![visit(450, ""), per(5, 1, "")], ""),
        (STEPS.to_owned(), vec![visit(550, ""), per(5, 1, "")], ""),
        (two("40", ""), vec![gives("v"), gives("w")], voucher),
        (two("39.99", ""), vec![gives("v"), gives("w")], ""),
        (two("40", least), vec![gives("v"), gives("w")], ""),
        (kind("v", "60", "") + STEPS, vec![gives("v"), visit(400, "")], voucher),
        (kind("v", "60", "") + STEPS, vec![gives("v"), visit(399, "")], ""),
        (kind("v", "60", "") + &share, vec![gives("v"), visit(400, "")], ""),
    ];
    for (programme, rules, expected) in cases {
        assert_eq!(told_of_all(&programme, &rules), expected, "{programme}{rules:?}");
    }
}

#[test]
fn bq_43_points_and_cashback_that_pay_a_purchase_together_are_told() {
    let cashback = "[cashback]\nexpiry = { days = 90 }\n";
    let share = format!("{cashback}share_max = \"99\"\n");
    let back = |percent: u32| format!("kind = \"cashback\"\npercent = \"{percent}\"");
    let cycle = "pays_for_itself earn[0] (a).percent";
    let cases = [
        (BEFORE, cashback, vec![back(60), per(4, 1, "")], cycle),
        (BEFORE, cashback, vec![back(60), per(3, 1, "")], ""),
        (BEFORE, cashback, vec![back(60), back(40)], cycle),
        (BEFORE, cashback, vec![back(60), back(39)], ""),
        (BEFORE, &share, vec![back(60), per(4, 1, "")], ""),
        ("", cashback, vec![back(60), per(4, 1, "")], ""),
    ];
    for (settings, cashback, rules, expected) in cases {
        let found = told_of_all(&format!("{settings}{STEPS}{cashback}"), &rules);
        assert_eq!(found, expected, "{settings}{cashback}{rules:?}");
    }
}

#[test]
fn a_cycle_of_several_rules_is_told_with_its_path_and_what_it_comes_to() {
    let text = |programme: &str, rules: [String; 2]| {
        let [a, b] = rules;
        format!("{LEAST}{programme}[[earn]]\nid = \"a\"\n{a}\n[[earn]]\nid = \"b\"\n{b}\n")
    };
    let voucher = "[[voucher_types]]\nid = \"v\"\nname = \"V\"\nkind = \"amount\"\namount = \"100\"\n\
        [[conversions]]\nid = \"c\"\npoints = 500\nvoucher = { type = \"v\", days = 1 }\n";
    let cases = [
        (
            text(&format!("{BEFORE}{STEPS}"), [per(6, 1, ""), per(5, 1, "")]),
            "a cycle: 100 points -> 10.00 to pay with -> 110 points by the rules `a` and `b` together; \
             raise what it costs, or give a rule limits or a minimum",
        ),
        (
            text(voucher, [visit(300, ""), visit(250, "")]),
            "a cycle: 500 points -> a voucher `v` -> a receipt that it pays for -> 550 points by the \
             rules `a` and `b` together; raise what it costs, or give a rule limits or a minimum",
        ),
    ];
    for (text, expected) in cases {
        let faults = ProgrammeFile::check(&text).expect_err("a cycle");
        assert_eq!(faults[0].reason, expected);
    }
}
