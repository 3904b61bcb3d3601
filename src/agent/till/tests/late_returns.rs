//! Returns after the world moved on: after the member's tier changed, after points lapsed.

use super::*;
use crate::agent::till::answer::Recorded;

/// The tests' programme without its offer, and with something put before the tiers.
fn programme(more: &str) -> String {
    let programme = PROGRAMME
        .replace("version = 1\n", "version = 2\n")
        .replace("minimum = { amount = \"50.00\" }", "minimum = { amount = \"9000.00\" }")
        .replace("[tiers]\n", &format!("{more}\n[tiers]\n"));
    assert!(programme.contains("9000.00") && programme.contains(more));
    programme
}

/// A world where member 40 has nothing yet.
async fn world(more: &str) -> World {
    let world = World::new().await;
    world.till().publish(programme(more)).await.expect("a sound programme");
    world.import(&format!(r#"{{"member":"{:032x}","codes":["{}"]}}"#, 40, card(40))).await;
    world
}

fn undone(recorded: &Recorded) -> &crate::journal::AccountPart {
    match &recorded.record.body {
        Body::Void(undo) | Body::Return(undo) => undo.account.as_ref().expect("a member"),
        _ => panic!("it is taken back"),
    }
}

fn clawed_back(recorded: &Recorded) -> i64 {
    undone(recorded).clawed_back.value()
}

/// Points of an account, less what it owes.
fn net(world: &World) -> i64 {
    let account = AccountRef::from_bytes(*member_ref(40).as_bytes());
    let account = accounts::load(&ledger(world), None, account).expect("reads");
    (account.balance() - account.debt()).value()
}

#[tokio::test]
async fn a_return_claws_back_by_the_tier_of_the_sale_after_it_rose_and_after_it_fell() {
    let mut world = world("").await;
    // Bronze: 1 point per 1.00. Gold from 500.00: 2 points.
    world.sell("bronze", &Purchase::of(40, 10_000).in_units(10)).await;
    world.sell("rises", &Purchase::of(40, 45_000)).await;
    assert_eq!(net(&world), 100 + 450);
    assert_eq!(clawed_back(&world.take_back("bronze", 5).await), 50, "as bronze, now gold");
    world.sell("gold", &Purchase::of(40, 4_000).in_units(4)).await;
    assert_eq!(net(&world), 50 + 450 + 80, "gold");
    world.void("rises").await;
    world.sell("fell", &Purchase::of(40, 1_000)).await;
    assert_eq!(net(&world), 50 + 80 + 10, "bronze again");
    assert_eq!(clawed_back(&world.take_back("gold", 1).await), 20, "as gold, now bronze");
    assert_eq!(clawed_back(&world.void("gold").await), 60);
    assert_eq!(net(&world), 50 + 10);
    check_accounts(&world);
    world.stop().await;
}

#[tokio::test]
async fn points_spent_from_a_lot_that_lapsed_since_come_back_lapsed() {
    // Returned while the lot lives, and after its last day.
    for (days, left) in [(5, 100 + 50), (40, 50)] {
        let mut world = world("[expiry]\nmode = \"lots\"\ndays = 30\n").await;
        world.sell("earns", &Purchase::of(40, 10_000)).await;
        world.pass(TimeDelta::days(20));
        world.sell("spends", &Purchase::of(40, 5_000).spending(100)).await;
        world.sell("later", &Purchase::of(40, 5_000)).await;
        // 50.00 less 1.00 earn 49 points, which live on.
        assert_eq!(net(&world), 49 + 50);
        world.pass(TimeDelta::days(if days < 30 { days } else { 15 }));
        let back = world.void("spends").await;
        let restored: i64 = undone(&back).restored.iter().map(|part| part.value.value()).sum();
        assert_eq!(restored, 100, "they go to the lot that they came from");
        assert_eq!(world.balance(40).await, left, "after {days} days");
        check_accounts(&world);
        world.stop().await;
    }
}

#[tokio::test]
async fn what_a_return_takes_back_of_points_that_lapsed_is_owed_or_forgiven() {
    for (claw_back, left) in [("negative_allowed", -100), ("within_balance", 0)] {
        let more = format!(
            "[expiry]\nmode = \"sliding\"\ndays = 30\n\n[returns]\nclaw_back = \"{claw_back}\"\n"
        );
        let mut world = world(&more).await;
        world.sell("lapses", &Purchase::of(40, 10_000).in_units(2)).await;
        world.pass(TimeDelta::days(31));
        assert_eq!(world.balance(40).await, 0, "the points lapsed");
        // The return is never refused, and parts are the whole.
        world.take_back("lapses", 1).await;
        let rest = world.void("lapses").await;
        assert_eq!(clawed_back(&rest), 50);
        assert_eq!(net(&world), left, "{claw_back}");
        check_accounts(&world);
        world.stop().await;
    }
}

#[tokio::test]
async fn parts_of_a_return_leave_the_lots_of_one_return() {
    let more =
        "[expiry]\nmode = \"lots\"\ndays = 30\n\n[returns]\nused_points = \"full_return_only\"\n";
    let mut lots = Vec::new();
    for parts in [&[5][..], &[4, 1]] {
        let mut world = world(more).await;
        let usable =
            programme(more).replace("[redemption]", "[redemption]\nthis_sale = \"usable\"");
        let usable = usable.replace("version = 2\n", "version = 3\n");
        world.till().publish(usable).await.expect("a sound programme");
        // It pays 100 points of the 199 that it earns by itself.
        world.sell("A", &Purchase::of(40, 20_000).in_units(5).spending(100)).await;
        assert_eq!(net(&world), 199 - 100);
        world.pass(TimeDelta::days(10));
        world.sell("later", &Purchase::of(40, 10_000)).await;
        let mut taken_from = Vec::new();
        for part in parts {
            let back = world.take_back("A", *part).await;
            taken_from.extend(undone(&back).taken_from.iter().map(|lot| lot.value.value()));
            // The records are enough to know what a part did.
            world.cut_power().await;
            world.start().await;
        }
        let account = AccountRef::from_bytes(*member_ref(40).as_bytes());
        let account = accounts::load(&ledger(&world), None, account).expect("reads");
        assert_eq!(account.balance().value(), 100);
        lots.push((account.points().lots.clone(), taken_from));
        check_accounts(&world);
        world.stop().await;
    }
    let [(at_once, of_once), (in_parts, of_parts)] = &lots[..] else { panic!("two") };
    assert_eq!(at_once, in_parts);
    assert_eq!(of_once, &Vec::<i64>::new());
    assert!(of_parts.iter().sum::<i64>() > 0, "the first part took from the later sale's lot");
}
