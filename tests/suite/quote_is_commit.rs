use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::support::{MEMBERS, Shop, chrono_now, with};

/// Every key of the format.
const FULL: &str = include_str!("../data/programmes/full.toml");

/// Receipts that are quoted and sold.
const RECEIPTS: usize = 120;

/// Goods by sku, category, tax rate and unit price, for every offer of the programme and for none.
const GOODS: [(&str, &str, &str, i64); 14] = [
    ("8594000000017", "home/bags", "21", 300),
    ("8594009999999", "food/dairy", "12", 2_490),
    ("beans", "food/coffee", "12", 21_900),
    ("espresso", "food/coffee", "12", 4_500),
    ("8594000000024", "food/bread", "12", 2_990),
    ("dark", "food/chocolate", "12", 5_490),
    ("milk-choc", "food/chocolate", "12", 3_490),
    ("maker", "home/coffee-makers", "21", 399_000),
    ("mug", "home/cups", "21", 14_900),
    ("gouda", "food/cheese", "12", 4_250),
    ("baguette", "food/sandwiches", "12", 8_900),
    ("cola", "food/drinks", "12", 3_900),
    ("red", "food/wine", "21", 18_900),
    ("cigarettes", "tobacco", "21", 16_500),
];

/// A basket and what the customer brings.
#[derive(Clone, Debug)]
struct Wish {
    member: Option<usize>,
    /// Goods by number, thousandths of a unit, and whether the price is off what it usually is.
    lines: Vec<(usize, i64, i64)>,
    tax: Option<&'static str>,
    vouchers: BTreeSet<usize>,
    codes: BTreeSet<&'static str>,
    /// Of a coupon that counts once.
    serial: Option<usize>,
    points: i64,
    rewards: Vec<&'static str>,
    says_lines: bool,
}

fn wish() -> impl Strategy<Value = Wish> {
    let quantity = prop_oneof![4 => (1_i64..8).prop_map(|units| units * 1_000), 1 => 1_i64..3_000];
    let line = (0..GOODS.len(), quantity, prop_oneof![3 => Just(0_i64), 1 => 1_i64..500]);
    let codes = prop::sample::subsequence(vec!["LEAF15", "NOTHING", "9813765030011"], 0..=3);
    let rewards = prop::sample::subsequence(vec!["coffee", "coffee", "wrapping"], 0..=3);
    let brought = (
        prop::collection::btree_set(0_usize..30, 0..3),
        codes,
        prop::option::weighted(0.3, 0_usize..30),
        prop_oneof![2 => Just(0_i64), 1 => (1_i64..30).prop_map(|steps| steps * 100)],
        rewards,
    );
    let member = prop::option::weighted(0.85, 0..MEMBERS.len());
    let tax = prop::sample::select(vec![None, Some("included"), Some("added")]);
    let lines = prop::collection::vec(line, 1..9);
    (member, lines, tax, brought, any::<bool>()).prop_map(
        |(member, lines, tax, (vouchers, codes, serial, points, rewards), says_lines)| Wish {
            member,
            lines,
            tax,
            vouchers,
            codes: codes.into_iter().collect(),
            serial,
            points,
            rewards,
            says_lines,
        },
    )
}

impl Wish {
    /// What quote and receipt say alike.
    fn basket(&self, identifications: &[String]) -> Value {
        let line = |(number, (good, milli, more)): (usize, &(usize, i64, i64))| {
            let (sku, category, tax_rate, price) = GOODS[*good];
            let price = price + more;
            json!({
                "line_id": format!("l{number}"), "sku": sku, "category": category,
                "quantity": format!("{}.{:03}", milli / 1_000, milli % 1_000),
                "unit_price": price, "amount": (price * milli + 500) / 1_000,
                "tax_rate": tax_rate,
            })
        };
        let lines: Vec<Value> = self.lines.iter().enumerate().map(line).collect();
        let vouchers = self.vouchers.iter().map(|number| voucher(self.member, *number));
        let coupon = self.serial.map(|serial| format!("]Q32559501101530003{serial}"));
        let codes = self.codes.iter().map(|code| (*code).to_owned()).chain(coupon);
        let mut basket = json!({
            "till": "1", "currency": "CZK", "lines": lines,
            "vouchers": vouchers.collect::<Vec<_>>(), "offer_codes": codes.collect::<Vec<_>>(),
        });
        if let Some(member) = self.member {
            basket["identification_id"] = json!(identifications[member]);
        }
        if let Some(tax) = self.tax {
            basket["tax"] = json!(tax);
        }
        basket
    }
}

/// The code of a member's voucher; nobody has those of nobody.
fn voucher(member: Option<usize>, number: usize) -> String {
    member.map_or_else(|| format!("V-{number}"), |member| format!("V{member}-{number}"))
}

fn members() -> String {
    let member = |(at, (member, code)): (usize, &(&str, &str))| {
        let kind = |number: usize| if number % 2 == 0 { "hundred" } else { "ten" };
        let vouchers: Vec<Value> = (0..30)
            .map(|number| json!({ "code": voucher(Some(at), number), "type": kind(number) }))
            .collect();
        let today = &chrono_now()[..10];
        let points = 40_000;
        json!({ "member": member, "codes": [code], "points": points, "last_purchase": today, "vouchers": vouchers })
            .to_string()
    };
    MEMBERS.iter().enumerate().map(member).collect::<Vec<_>>().join("\n") + "\n"
}

/// Effects of an answer of a type.
fn effects<'v>(answer: &'v Value, kind: &'v str) -> impl Iterator<Item = &'v Value> {
    let effects = answer["effects"].as_array().expect("a list").iter();
    effects.filter(move |effect| effect["type"] == kind)
}

/// The receipt that a till makes of a quote: it takes off and spends what the quote says.
fn receipt_of(wish: &Wish, basket: &Value, quoted: &Value) -> Value {
    let payable = quoted["totals"]["payable"].as_i64().expect("an amount");
    let paid = Some(json!({ "type": "card", "amount": payable })).filter(|_| payable > 0);
    let (mut rewards, mut for_rewards) = (Vec::new(), 0);
    for reward in effects(quoted, "reward") {
        let times = reward["times"].as_u64().unwrap_or(1) as usize;
        rewards.extend(std::iter::repeat_n(reward["rule_id"].clone(), times));
        for_rewards += reward["points"].as_i64().expect("points").abs();
    }
    let spent = quoted["points"]["spent"].as_i64().unwrap_or(0) - for_rewards;
    let mut receipt = with(
        basket,
        json!({
            "closed_at": chrono_now(), "quote_id": quoted["quote_id"], "payable": payable,
            "payments": paid.into_iter().collect::<Vec<_>>(), "rewards": rewards,
            "spend_points": spent,
        }),
    );
    if wish.says_lines {
        let off = |line: &Value| {
            let part = |key: &str| line[key].as_i64().expect("an amount");
            json!({ "line_id": line["line_id"], "amount": part("discount") + part("redeemed") })
        };
        let lines = quoted["lines"].as_array().expect("a list");
        receipt["line_discounts"] = lines.iter().map(off).collect();
    }
    receipt
}

/// The effects that a quote can know of, and the points of a surprise, which it says nothing of.
fn without_surprise(effects: &Value) -> (Value, i64) {
    let (surprises, others): (Vec<Value>, Vec<Value>) = effects
        .as_array()
        .expect("a list")
        .iter()
        .cloned()
        .partition(|effect| effect["rule_id"] == "surprise");
    let points = surprises.iter().map(|effect| effect["points"].as_i64().expect("points")).sum();
    (Value::Array(others), points)
}

/// The effects without the numbers that they have in their answer.
fn unnumbered(effects: &Value) -> Vec<Value> {
    let mut effects = effects.as_array().expect("a list").clone();
    for effect in &mut effects {
        effect.as_object_mut().expect("an object").remove("effect_id");
    }
    effects
}

#[test]
fn what_is_sold_is_what_was_quoted_whatever_the_programme_has() {
    let mut shop = Shop::empty();
    shop.fill_with(FULL, &members());
    shop.start();
    let identifications = MEMBERS.map(|(_, code)| shop.identify(code));
    let (mut runner, strategy) = (TestRunner::deterministic(), wish());
    let mut seen = BTreeSet::new();
    for number in 0..RECEIPTS {
        let wish = strategy.new_tree(&mut runner).expect("a basket").current();
        let basket = wish.basket(&identifications);
        let asked = json!({ "spend_points": wish.points, "rewards": wish.rewards });
        let (status, quoted) = shop.post("/v1/quotes", &with(&basket, asked));
        assert_eq!(status, 200, "{number} {wish:?}: {quoted}");
        let receipt = receipt_of(&wish, &basket, &quoted);
        let (status, sold) = shop.put(&format!("/v1/receipts/R{number}"), &receipt);
        assert_eq!(status, 201, "{number} {wish:?}: {sold}");
        assert_eq!(sold["flags"], json!([]), "{number} {wish:?}: {quoted} {sold}");
        for part in ["member", "lines", "totals", "taxes", "decided_at"] {
            assert_eq!(sold[part], quoted[part], "{part} of {number} {wish:?}: {quoted} {sold}");
        }
        let (effects, surprise) = without_surprise(&sold["effects"]);
        assert_eq!(
            unnumbered(&effects),
            unnumbered(&quoted["effects"]),
            "{number} {wish:?}: {quoted} {sold}"
        );
        for (part, more) in [
            ("before", 0),
            ("earned", surprise),
            ("spent", 0),
            ("after", surprise),
            ("debt_after", 0),
        ] {
            let [sold, quoted] = [&sold, &quoted].map(|reply| reply["points"][part].as_i64());
            let expected = quoted.map(|points| points + more);
            assert_eq!(sold, expected, "{part} of {number} {wish:?}");
        }
        let count = |list: &Value| -> u64 {
            let list = list.as_array().into_iter().flatten();
            list.map(|issued| issued["count"].as_u64().expect("a number")).sum()
        };
        assert_eq!(count(&sold["issued"]), count(&quoted["issues"]), "{number} {wish:?}");
        seen.extend(sold["effects"].as_array().into_iter().flatten().map(|effect| {
            let id = effect["rule_id"].as_str().or(effect["type"].as_str());
            id.expect("a text").to_owned()
        }));
        seen.extend(sold["totals"]["tax"].is_i64().then(|| "tax".to_owned()));
    }
    // So that the test says something: all that baskets like these can have was had.
    let had = [
        "bag1hal",
        "basket3",
        "basket50",
        "coffee",
        "coffee5",
        "gcn",
        "hundred",
        "leaflet",
        "maker",
        "points_burn",
        "prices",
        "snack-menu",
        "spend",
        "tax",
        "ten",
        "tenth-visit",
        "third-free",
        "trio",
        "tumbler",
        "wine6",
        "wrapping",
    ];
    let missing: Vec<_> = had.iter().filter(|id| !seen.contains(**id)).collect();
    assert!(missing.is_empty(), "never given: {missing:?} of {seen:?}");
    shop.stop();
    assert!(shop.succeed(&["journal", "verify"]).contains("0 faults"));
    assert!(shop.succeed(&["rebuild"]).contains("; 0 differed before"));
}
