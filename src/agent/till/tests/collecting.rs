//! Rules that look at what an account did before, on a real ledger.

use super::*;
use crate::loyalty::{CounterId, RuleId};

const RULES: &str = r#"
[[earn]]
id = "hello"
kind = "welcome"
points = 200

[[earn]]
id = "third"
name = "Every third visit"
kind = "milestone"
points = 30
measure = "visits"
at = 3
repeat = "every"

[[earn]]
id = "birthday"
kind = "per_visit"
points = 500
audience = { birthday = {} }
"#;

/// A world where member 40 is new and has a birthday on 3 March.
async fn collecting() -> World {
    let world = World::with_more(RULES).await;
    let line = format!(r#"{{"member":"{:032x}","codes":["{}"],"birthday":"03-03"}}"#, 40, card(40));
    world.import(&line).await;
    world
}

async fn earned(world: &World, uid: &str) -> i64 {
    let recorded = world.sell(uid, &Purchase::of(40, 1_000)).await;
    let Body::Sale(sale) = &recorded.record.body else { panic!("a sale") };
    sale.member.as_ref().expect("a member").earned.value()
}

fn counts(world: &World) -> Vec<(CounterId, i64)> {
    let account = AccountRef::from_bytes(*member_ref(40).as_bytes());
    let account = accounts::load(&ledger(world), None, account).expect("reads");
    let of = |(id, counter): (&CounterId, &crate::loyalty::Counter)| {
        (id.clone(), counter.days.values().sum())
    };
    account.facts().counters.iter().map(of).collect()
}

#[tokio::test]
async fn what_is_collected_survives_returns_restarts_and_a_rebuild() {
    let mut world = collecting().await;
    // The world begins on 2 March 2026.
    assert_eq!(earned(&world, "A").await, 10 + 200, "the first purchase");
    assert_eq!(earned(&world, "B").await, 10);
    assert_eq!(earned(&world, "C").await, 10 + 30, "the third visit");
    world.pass(TimeDelta::days(1));
    assert_eq!(earned(&world, "D").await, 10 + 500, "the birthday");
    assert_eq!(earned(&world, "E").await, 10, "once");
    world.void("C").await;
    world.cut_power().await;
    world.start().await;
    assert_eq!(earned(&world, "F").await, 10 + 30, "the reward that went back with C");
    assert_eq!(earned(&world, "G").await, 10 + 30, "six");
    world.void("A").await;
    assert_eq!(earned(&world, "H").await, 10, "six, and rewarded twice");
    assert_eq!(check_accounts(&world), 1);
    let rule = |id: &str| RuleId::parse(id).expect("an id");
    let counted = [
        (CounterId::RuleUses(rule("birthday")), 1),
        (CounterId::MemberRuleUses { rule: rule("birthday"), member: member_ref(40) }, 1),
        (CounterId::RuleProgress(rule("third")), 6),
        (CounterId::RuleReached(rule("third")), 2),
    ];
    assert_eq!(counts(&world), counted);
    world.stop().await;
}

#[tokio::test]
async fn bc_16_days_of_visits_survive_returns_restarts_and_a_rebuild() {
    let mut world = World::new().await;
    let days = RULES.replace("measure = \"visits\"", "measure = \"visits\"\nvisits = \"days\"");
    let programme = PROGRAMME.replace("version = 1", "version = 2") + &days;
    world.till().publish(programme).await.expect("the programme is sound");
    let line = format!(r#"{{"member":"{:032x}","codes":["{}"]}}"#, 40, card(40));
    world.import(&line).await;
    assert_eq!(earned(&world, "A").await, 10 + 200, "the first purchase");
    assert_eq!(earned(&world, "B").await, 10);
    world.pass(TimeDelta::days(1));
    assert_eq!(earned(&world, "C").await, 10, "the second day");
    world.void("A").await;
    world.cut_power().await;
    world.start().await;
    world.sell("D", &Purchase::anonymous(1_000)).await;
    world.pass(TimeDelta::days(1));
    world.assign("D", 40).await;
    assert_eq!(earned(&world, "E").await, 10 + 30, "the third day: B keeps the first");
    world.void("B").await;
    assert_eq!(check_accounts(&world), 1);
    let rule = || RuleId::parse("third").expect("an id");
    // C and D are of one day.
    let counted = [(CounterId::RuleVisitDays(rule()), 3), (CounterId::RuleReached(rule()), 1)];
    assert_eq!(counts(&world), counted);
    world.stop().await;
}

#[tokio::test]
async fn a_late_member_collects_as_of_the_sale() {
    let mut world = collecting().await;
    world.sell("A", &Purchase::anonymous(1_000)).await;
    world.assign("A", 40).await;
    assert_eq!(world.balance(40).await, 10 + 200);
    world.void("A").await;
    assert_eq!(world.balance(40).await, 0);
    assert!(counts(&world).is_empty());
    assert_eq!(earned(&world, "B").await, 10 + 200, "the first purchase is this one");
    world.stop().await;
}
