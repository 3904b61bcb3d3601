//! Programmes as authors write them, and what they are told.

use super::*;
use crate::wire::programme::ProgrammeFile;

const HEAD: &str = r#"
format = 1
id = "club"
version = 1
name = "Klub"
currency = "CZK"
zone = "Europe/Prague"
"#;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 10).expect("a day")
}

fn advised(text: &str) -> Advised {
    let programme = ProgrammeFile::check(&format!("{HEAD}{text}"));
    let programme = programme.unwrap_or_else(|faults| panic!("{faults:#?}"));
    advise(&Evaluator::new(programme), today())
}

/// The advice as `code element.key`.
fn told(text: &str) -> Vec<String> {
    let of_one = |advice: &Advice| {
        let line = advice.to_string();
        let path = line.split_once(": ").map_or(line.as_str(), |(path, _)| path);
        format!("{} {path}", advice.code.as_str())
    };
    advised(text).advice.iter().map(of_one).collect()
}

fn offer(id: &str, rest: &str) -> String {
    format!("[[offers]]\nid = \"{id}\"\nname = \"{id}\"\n{rest}\n")
}

#[test]
fn ld_15_ten_percent_from_50_makes_50_00_cheaper_than_49_90() {
    let text = offer(
        "ten",
        "kind = \"basket_percent\"\npercent = \"10\"\nminimum = { amount = \"50.00\" }",
    );
    let advised = advised(&text);
    let lines: Vec<String> = advised.advice.iter().map(ToString::to_string).collect();
    let expected = "offers (ten): buying more costs less: 1 x goods at 49.90 costs 49.90, with \
        1 x small goods at 0.10 more it costs 45.00, by offers (ten); a cap, or several offers of \
        one group with rising minimums, makes the step smaller; points or a voucher for the next \
        purchase have none [more_costs_less]";
    assert_eq!(lines, [expected]);
    assert!(advised.baskets_compared > 1 && !advised.is_cut_short);
}

#[test]
fn ld_15_offers_where_more_costs_less_are_found() {
    let cases = [
        (
            "amount off from a minimum",
            "kind = \"basket_amount\"\namount = \"5\"\nminimum = { amount = \"50\" }",
        ),
        (
            "a price from a minimum",
            "kind = \"fixed_price\"\nprice = \"1\"\nminimum = { quantity = \"3\" }",
        ),
        (
            "steps that rise too fast",
            "kind = \"quantity_percent\"\nsteps = [{ from = 3, percent = \"40\" }]",
        ),
        (
            "steps too near each other",
            "kind = \"quantity_percent\"\nsteps = [{ from = 2, percent = \"10\" }, { from = 3, percent = \"45\" }]",
        ),
        ("a price for many", "kind = \"units_for_price\"\nunits = 3\nprice = \"10\""),
        (
            "a bundle below its parts",
            "kind = \"bundle\"\nprice = \"10\"\nparts = [{ scope = { skus = [\"a\"] } }, { scope = { skus = [\"b\"] } }]",
        ),
        (
            "a free unit from a minimum",
            "kind = \"buy_get\"\nbuy = 1\nget = 1\nminimum = { quantity = \"5\" }",
        ),
        (
            "for members of a tier at night",
            "kind = \"basket_amount\"\namount = \"5\"\nminimum = { amount = \"50\" }\nwindow = { weekdays = [\"sun\"], hours = \"22:00-02:00\" }\nstores = [\"S9\"]\naudience = { flags = [\"vip\"], birthday = { days_before = 1 } }\nlimits = [{ window = \"year\", uses = 1 }]",
        ),
    ];
    for (name, rest) in cases {
        assert_eq!(told(&offer("o", rest)), ["more_costs_less offers (o)"], "{name}");
    }
    let voucher = "[[voucher_types]]\nid = \"v\"\nname = \"V\"\nkind = \"amount\"\namount = \"10\"\nminimum = { amount = \"100\" }";
    assert_eq!(told(voucher), ["more_costs_less voucher_types (v)"]);
}

#[test]
fn offers_where_more_never_costs_less_are_not_told() {
    let cases = [
        "kind = \"basket_percent\"\npercent = \"10\"",
        "kind = \"line_amount_each\"\namount = \"5\"",
        "kind = \"buy_get\"\nbuy = 2\nget = 1",
        "kind = \"buy_get\"\nbuy = 2\nget = 1\npercent = \"50\"\ntimes_max = 2",
        "kind = \"quantity_percent\"\nsteps = [{ from = 3, percent = \"33\" }, { from = 10, percent = \"35\" }]",
        "kind = \"price_list\"\nprices = [{ sku = \"a\", price = \"5\" }]\nquantity_max = \"2\"",
        "kind = \"basket_percent\"\npercent = \"100\"\nminimum = { amount = \"0.01\" }\ncap = \"0.01\"",
    ];
    for rest in cases {
        assert_eq!(told(&offer("o", rest)), [""; 0], "{rest}");
    }
}

#[test]
fn offers_of_one_group_that_take_each_others_place_are_tried_together() {
    // Sold alone, the second unit makes the smaller offer win at an earlier stage.
    let text = offer(
        "early",
        "group = \"g\"\nkind = \"line_percent\"\npercent = \"5\"\nscope = { skus = [\"a\"] }",
    ) + &offer(
        "late",
        "group = \"g\"\nkind = \"basket_percent\"\npercent = \"80\"\nscope = { skus = [\"b\"] }\nminimum = { quantity = \"2\" }",
    );
    assert_eq!(told(&text), ["more_costs_less offers (late)"]);
}

#[test]
fn ld_51_a_personal_offer_is_tried_with_a_member_who_carries_it() {
    let text = offer(
        "own",
        "personal = true\nkind = \"basket_percent\"\npercent = \"10\"\nminimum = { amount = \"50.00\" }",
    );
    let others = offer("a", "personal = true\nkind = \"line_percent\"\npercent = \"5\"");
    let text = format!("[personal]\nshown_max = 1\n{text}{others}");
    assert_eq!(told(&text), ["more_costs_less offers (own)"]);
}

#[test]
fn bc_9_a_gift_makes_nothing_cheaper_and_a_greeting_can_be_over() {
    let gift = offer("mug", "kind = \"gift\"\nminimum = { amount = \"50.00\" }");
    assert_eq!(told(&gift), [""; 0]);
    let greeting = "[[greetings]]\nid = \"new-year\"\ntext = { en = \"Happy new year\" }\n\
        window = { until = \"2026-01-31\" }\n";
    assert_eq!(told(greeting), ["window_over greetings (new-year).window.until"]);
}

#[test]
fn a_member_of_a_group_that_never_wins_is_told() {
    let group = "group = \"g\"\n";
    let percent = |percent: u32, more: &str| {
        format!("{group}kind = \"line_percent\"\npercent = \"{percent}\"\n{more}")
    };
    // the first offer, the second one, what is told
    let cases = [
        (percent(10, ""), percent(20, ""), "never_wins offers (a)"),
        (percent(20, ""), percent(10, ""), "never_wins offers (b)"),
        (percent(10, ""), percent(10, ""), "never_wins offers (b)"),
        (percent(10, ""), percent(10, "priority = 1"), "never_wins offers (a)"),
        (percent(20, "scope = { skus = [\"x\"] }"), percent(10, ""), ""),
        (percent(10, "scope = { skus = [\"x\"] }"), percent(20, ""), "never_wins offers (a)"),
        (percent(10, ""), percent(20, "cap = \"5\""), ""),
        (percent(10, ""), percent(20, "stacking = \"alone\""), ""),
        (percent(10, ""), percent(20, "limits = [{ window = \"day\", uses = 1 }]"), ""),
        (percent(10, ""), percent(20, "stores = [\"S\"]"), ""),
        (percent(10, ""), percent(20, "window = { weekdays = [\"mon\"] }"), ""),
        (percent(10, ""), percent(20, "audience = { flags = [\"vip\"] }"), ""),
        (percent(10, "audience = { members = \"everyone\" }"), percent(20, ""), ""),
        (percent(10, ""), percent(20, "personal = true"), ""),
        (percent(10, "personal = true"), percent(20, ""), "never_wins offers (a)"),
        (
            percent(10, "window = { weekdays = [\"mon\"] }"),
            percent(20, "window = { weekdays = [\"mon\", \"tue\"] }"),
            "never_wins offers (a)",
        ),
        (
            format!("{group}kind = \"fixed_price\"\nprice = \"5\""),
            format!("{group}kind = \"fixed_price\"\nprice = \"4\""),
            "never_wins offers (a)",
        ),
        (
            format!("{group}kind = \"fixed_price\"\nprice = \"5\""),
            format!("{group}kind = \"fixed_price\"\nprice = \"4\"\nquantity_max = \"1\""),
            "",
        ),
    ];
    for (first, second, expected) in cases {
        let text = offer("a", &first) + &offer("b", &second);
        let told: Vec<String> =
            told(&text).into_iter().filter(|told| told.starts_with("never_wins")).collect();
        assert_eq!(told.join(" "), expected, "{text}");
    }
}

#[test]
fn a_group_that_decides_nothing_is_told() {
    let member = |id: &str, more: &str| {
        offer(id, &format!("group = \"g\"\nkind = \"line_percent\"\npercent = \"10\"\n{more}"))
    };
    assert_eq!(told(&member("a", "")), ["group_without_effect offers (a).group"]);
    let apart = [
        ("stores = [\"S1\"]", "stores = [\"S2\"]"),
        ("window = { weekdays = [\"mon\"] }", "window = { weekdays = [\"tue\"] }"),
        ("window = { until = \"2026-05-01\" }", "window = { from = \"2026-05-02\" }"),
    ];
    for (one, other) in apart {
        let text = member("a", one) + &member("b", other);
        assert_eq!(told(&text), ["group_without_effect offers (a).group"], "{text}");
    }
}

#[test]
fn what_changes_nothing_is_told() {
    let percent = "kind = \"line_percent\"\npercent = \"10\"\n";
    let cases = [
        (
            format!("{percent}window = {{ until = \"2026-03-09\" }}"),
            "window_over offers (o).window.until",
        ),
        (format!("{percent}window = {{ until = \"2026-03-10\" }}"), ""),
        (
            "kind = \"basket_amount\"\namount = \"5\"\ncap = \"5\"".to_owned(),
            "limit_without_effect offers (o).cap",
        ),
        (
            "kind = \"buy_get\"\nbuy = 2\nget = 1\nminimum = { quantity = \"3\" }".to_owned(),
            "limit_without_effect offers (o).minimum.quantity",
        ),
        (
            format!(
                "{percent}limits = [{{ window = \"day\", uses = 5 }}, {{ window = \"week\", uses = 5 }}]"
            ),
            "limit_without_effect offers (o).limits[0]",
        ),
        (
            format!(
                "{percent}limits = [{{ window = \"week\", uses = 1 }}, {{ window = \"month\", uses = 1 }}]"
            ),
            "",
        ),
        (
            format!(
                "{percent}limits = [{{ window = \"month\", uses = 2 }}, {{ window = \"days\", days = 31, uses = 2 }}]"
            ),
            "limit_without_effect offers (o).limits[0]",
        ),
        (
            format!(
                "{percent}limits = [{{ window = \"day\", uses = 1 }}, {{ window = \"day\", uses = 1, per = \"member\" }}]"
            ),
            "limit_without_effect offers (o).limits[1]",
        ),
        (
            format!(
                "{percent}limits = [{{ window = \"day\", uses = 1, per = \"member\" }}, {{ window = \"ever\", uses = 9 }}]"
            ),
            "",
        ),
    ];
    for (rest, expected) in cases {
        assert_eq!(told(&offer("o", &rest)).join(" "), expected, "{rest}");
    }
    let levels = "[redemption]\nshare_max = \"20\"\nlevels = [{ points = 1, percent = \"20\" }, { points = 2, percent = \"21\" }]\n";
    assert_eq!(told(levels), ["never_applies redemption.levels[1]"]);
    assert_eq!(told(&format!("{levels}oversize = \"capped\"\n")), [""; 0]);
}

#[test]
fn a_tier_that_no_rule_leads_to_is_told() {
    let tiers = |measure: &str| {
        format!(
            "[tiers]\nmeasure = \"{measure}\"\nwindow = \"lifetime\"\nsteps = [{{ id = \"base\", name = \"B\", threshold = 0 }}, {{ id = \"gold\", name = \"G\", threshold = 100 }}]\n"
        )
    };
    let rule = |rest: &str| format!("[[earn]]\nid = \"r\"\n{rest}\n");
    let unreachable = "tier_unreachable tiers.steps (gold).threshold";
    let cases = [
        (String::new(), unreachable),
        (rule("kind = \"welcome\"\npoints = 50"), unreachable),
        (rule("kind = \"welcome\"\npoints = 100"), ""),
        (rule("kind = \"per_visit\"\npoints = 1"), ""),
        (
            rule("kind = \"per_visit\"\npoints = 1\nwindow = { until = \"2026-01-01\" }"),
            "window_over earn (r).window.until tier_unreachable tiers.steps (gold).threshold",
        ),
        (
            rule("kind = \"per_visit\"\npoints = 1\naudience = { tiers = [\"gold\"] }"),
            "never_applies earn (r).audience.tiers tier_unreachable tiers.steps (gold).threshold",
        ),
    ];
    for (rules, expected) in cases {
        let mut told = told(&format!("{}{rules}", tiers("points")));
        told.sort_by_key(|told| !told.contains("earn"));
        assert_eq!(told.join(" "), expected, "{rules}");
    }
    assert_eq!(told(&tiers("visits")), [""; 0]);
}

#[test]
fn ld_41_what_points_buy_no_more_is_told() {
    let kind = "[[voucher_types]]\nid = \"v\"\nname = \"V\"\nkind = \"amount\"\namount = \"1\"\n";
    let until = |day: &str| format!("voucher = {{ type = \"v\", until = \"{day}\" }}\n");
    let conversion = |rest: &str| format!("[[conversions]]\nid = \"c\"\npoints = 9\n{rest}{kind}");
    let reward = |rest: &str| {
        format!("[[rewards]]\nid = \"r\"\nname = \"R\"\npoints = 9\nkind = {rest}{kind}")
    };
    let over = "window = { until = \"2026-03-09\" }\n";
    let limits = "limits = [{ window = \"day\", uses = 2 }, { window = \"week\", uses = 2 }]\n";
    let cases = [
        (conversion(&until("2026-03-10")), ""),
        (conversion(&until("2026-03-09")), "window_over conversions (c).voucher.until"),
        (
            conversion(&format!("{}{over}", until("2026-12-31"))),
            "window_over conversions (c).window.until",
        ),
        (
            reward(&format!("\"voucher\"\n{}", until("2026-03-09"))),
            "window_over rewards (r).voucher.until",
        ),
        (reward(&format!("\"service\"\n{over}")), "window_over rewards (r).window.until"),
        (reward(&format!("\"service\"\n{limits}")), "limit_without_effect rewards (r).limits[0]"),
    ];
    for (tables, expected) in cases {
        assert_eq!(told(&tables).join(" "), expected, "{tables}");
    }
}

#[test]
fn the_same_programme_always_gets_the_same_advice_within_the_bounds() {
    let many: String = (0..80)
        .map(|n| {
            let rest = format!("kind = \"basket_percent\"\npercent = \"1\"\nminimum = {{ amount = \"{}\" }}\ngroup = \"g{}\"", n + 10, n % 7);
            offer(&format!("o{n}"), &rest)
        })
        .collect();
    let first = advised(&many);
    assert!(first.is_cut_short);
    assert!(first.baskets_compared <= PROBES_MAX && first.advice.len() <= ADVICE_MAX);
    assert_eq!(first, advised(&many));
}

#[test]
fn offers_that_are_called_for_are_tried_with_their_code() {
    let kind = "kind = \"basket_percent\"\npercent = \"10\"\nminimum = { amount = \"50\" }";
    let called = offer("o", &format!("{kind}\ncodes = [\"LEAF10\"]"));
    assert_eq!(told(&called), ["more_costs_less offers (o)"]);
}

#[test]
fn an_offer_that_needs_a_code_does_not_beat_one_that_comes_by_itself() {
    let grouped = |id, percent: u8, rest: &str| {
        let kind = format!("kind = \"line_percent\"\npercent = \"{percent}\"\ngroup = \"g\"");
        offer(id, &format!("{kind}\n{rest}"))
    };
    let called = "codes = [\"LEAF20\"]";
    let text = format!("{}{}", grouped("a", 10, ""), grouped("b", 20, called));
    assert!(told(&text).is_empty(), "{:?}", told(&text));
    let text = format!("{}{}", grouped("a", 10, called), grouped("b", 20, ""));
    assert_eq!(told(&text), ["never_wins offers (a)"]);
}

#[test]
fn an_offer_for_companies_is_tried_by_one() {
    let kind = "kind = \"basket_percent\"\npercent = \"10\"\nminimum = { amount = \"50\" }";
    let audience = "audience = { account_kinds = [\"company\"], roles = [\"decision_maker\"] }";
    assert_eq!(told(&offer("o", &format!("{kind}\n{audience}"))), ["more_costs_less offers (o)"]);
}

#[test]
fn an_offer_around_a_birthday_that_nothing_bounds_is_told() {
    let text = |rest: &str| {
        let gives = "kind = \"line_percent\"\npercent = \"10\"\n";
        offer("cake", &format!("{gives}{rest}"))
    };
    let around = "audience = { birthday = { days_before = 3, days_after = 3 } }\n";
    let limits = "limits = [{ window = \"year\", uses = 1, per = \"member\" }]\n";
    let shared = "shared_limits = [{ per = \"store\", window = \"day\", uses = 9, offline = \"approximate\" }]\n";
    let told_of = |rest: &str| {
        let told = told(&text(rest)).into_iter();
        told.filter(|line| line.starts_with("birthday_without_limit")).collect::<Vec<_>>()
    };
    let expected = ["birthday_without_limit offers (cake).limits"];
    assert_eq!(told_of(around), expected);
    assert_eq!(
        told_of(&format!("{around}{shared}")),
        expected,
        "others use that up, not the member"
    );
    assert_eq!(told_of(&format!("{around}{limits}")), [""; 0]);
    assert_eq!(told_of(""), [""; 0]);
}
