//! Points that a return takes back and the balance does not hold, on a real ledger.

use super::*;
use crate::journal::AccountPart;
use crate::money::Points;

/// A world that forgives them, where members 40 and 41 have no points.
async fn forgiving() -> World {
    let world = World::new().await;
    let returns = "[returns]\nclaw_back = \"within_balance\"\n\n[redemption]";
    let programme =
        PROGRAMME.replace("version = 1", "version = 2").replace("[redemption]", returns);
    world.till().publish(programme).await.expect("the programme is sound");
    let line = |member| format!(r#"{{"member":"{member:032x}","codes":["{}"]}}"#, card(member));
    world.import(&[40, 41].map(line).join("\n")).await;
    world
}

fn part(recorded: &crate::agent::till::answer::Recorded) -> &AccountPart {
    match &recorded.record.body {
        Body::Void(undo) | Body::Return(undo) => undo.account.as_ref().expect("a member"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_the_balance_does_not_hold_is_forgiven_and_the_record_says_so() {
    let mut world = forgiving().await;
    world.sell("A", &Purchase::of(40, 4_000).in_units(4)).await;
    world.adjust("elsewhere", 40, -30).await;
    let first = world.take_back("A", 3).await;
    let told = |part: &AccountPart| (part.clawed_back.value(), part.forgiven.value());
    assert_eq!(told(part(&first)), (30, 20));
    assert_eq!(world.balance(40).await, 0);
    // The programme may change and the till stop: the record is enough.
    let strict = PROGRAMME.replace("version = 1", "version = 3");
    world.till().publish(strict).await.expect("the programme is sound");
    world.cut_power().await;
    world.start().await;
    world.adjust("gift", 40, 15).await;
    let second = world.void("A").await;
    assert_eq!(told(part(&second)), (10, -5), "15 of the 30 that are owed by now");
    let known = world.till().member(member_ref(40)).await.expect("a member");
    assert_eq!((known.balance, known.debt), (Points::ZERO, Points::ZERO));
    assert!(check_accounts(&world) > 0);
    world.stop().await;
}

#[tokio::test]
async fn a_late_member_who_owed_points_owes_them_again_after_the_void() {
    let mut world = forgiving().await;
    world.adjust("debt", 41, -20).await;
    world.sell("A", &Purchase::anonymous(4_000)).await;
    world.assign("A", 41).await;
    assert_eq!(world.balance(41).await, 20);
    let voided = world.void("A").await;
    assert_eq!(part(&voided).forgiven, Points::ZERO);
    let known = world.till().member(member_ref(41)).await.expect("a member");
    assert_eq!((known.balance, known.debt), (Points::ZERO, Points::new(20)));
    check_accounts(&world);
    world.stop().await;
}
