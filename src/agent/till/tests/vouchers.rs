//! What a receipt took is a fact: a voucher is used by each receipt that took it, whatever its
//! standing was, and free again when none of them is left.

use super::*;
use crate::agent::store::rebuild;
use crate::agent::till::answer::Recorded;
use crate::agent::till::request::{ReserveRequest, VoidRequest};
use crate::loyalty::{Reason, Subject, TillId, VoucherId};
use crate::money::{Amount, Points};

/// What the vouchers of these tests take off 20.00.
const OFF: i64 = 200;

/// Commits a receipt of 20.00 whose till took so much off for the vouchers in it.
async fn take_at(world: &World, till: &str, uid: &str, purchase: &Purchase, off: i64) -> Recorded {
    let mut request = world.commit_request(uid, purchase).await;
    request.till = TillId::parse(till).expect("an id");
    request.quote = None;
    request.payable = Amount::new(2_000 - off);
    world.till().commit(request, once(uid)).await.expect("committed")
}

async fn take(world: &World, uid: &str, member: u32, voucher: &str) -> BTreeSet<Flag> {
    let purchase = Purchase::of(member, 2_000).with_voucher(voucher);
    flags(&take_at(world, "till-1", uid, &purchase, OFF).await)
}

fn flags(recorded: &Recorded) -> BTreeSet<Flag> {
    match &recorded.record.body {
        Body::Sale(sale) => sale.flags.clone(),
        other => panic!("{other:?}"),
    }
}

/// Why a member may not use a voucher now.
async fn refusal(world: &World, member: u32, voucher: &str) -> Option<Reason> {
    let quoted = world.quote(&Purchase::of(member, 2_000).with_voucher(voucher)).await;
    let of_voucher = |subject: &Subject| matches!(subject, Subject::Voucher { .. });
    let refused = quoted.decision.refused.into_iter();
    refused.filter(|refusal| of_voucher(&refusal.subject)).map(|refusal| refusal.reason).next()
}

fn freed(recorded: &Recorded) -> Vec<String> {
    match &recorded.record.body {
        Body::Void(undo) | Body::Return(undo) => {
            undo.vouchers_freed.iter().map(ToString::to_string).collect()
        }
        other => panic!("{other:?}"),
    }
}

async fn reserve(world: &World, uid: &str, member: u32, voucher: &str) {
    let request = ReserveRequest {
        uid: receipt(uid),
        till: crate::agent::testing::till_id(),
        who: world.identify(member).await,
        points: Points::ZERO,
        cashback: crate::money::Amount::ZERO,
        vouchers: vec![VoucherId::parse(voucher).expect("an id")],
    };
    world.till().reserve(request, once(uid)).await.expect("reserved");
}

/// Rows of vouchers that a rebuild finds otherwise than they are stored.
fn differences(world: &World) -> usize {
    let ledger = ledger(world);
    let (_, base) = base_files::newest(world.folder()).expect("a base");
    let base = open::open_reader(&base).expect("readable");
    rebuild::compare(&ledger, Some(Base::of(&base).expect("a base"))).expect("compared").found
}

#[tokio::test]
async fn a_voucher_that_is_held_and_taken_all_the_same_is_used_by_that_receipt() {
    for till in ["till-1", "till-2"] {
        let world = World::new().await;
        reserve(&world, "H1", 1, "V1-1").await;
        let purchase = Purchase::of(1, 2_000).with_voucher("V1-1");
        let taken = take_at(&world, till, "R1", &purchase, OFF).await;
        assert_eq!(flags(&taken), BTreeSet::from([Flag::DiscountDiffers, Flag::VoucherHeld]));
        let hold = receipt("H1");
        world.till().release(crate::agent::testing::till_id(), hold).await.expect("released");
        assert_eq!(refusal(&world, 1, "V1-1").await, Some(Reason::VoucherUsed), "{till}");
        let again = take(&world, "R2", 1, "V1-1").await;
        assert_eq!(again, BTreeSet::from([Flag::DiscountDiffers, Flag::VoucherAlreadyUsed]));
        assert_eq!(differences(&world), 0);
    }
}

#[tokio::test]
async fn a_voucher_of_another_member_that_was_taken_is_used_for_its_owner_too() {
    let world = World::new().await;
    let taken = take(&world, "R1", 2, "V1-1").await;
    assert_eq!(taken, BTreeSet::from([Flag::DiscountDiffers, Flag::VoucherOfOther]));
    assert_eq!(refusal(&world, 1, "V1-1").await, Some(Reason::VoucherUsed));
    assert_eq!(freed(&world.void("R1").await), ["V1-1"]);
    assert_eq!(refusal(&world, 1, "V1-1").await, None);
    assert_eq!(differences(&world), 0);
}

#[tokio::test]
async fn a_voucher_that_a_till_did_not_take_stays_free() {
    let world = World::new().await;
    reserve(&world, "H1", 1, "V1-1").await;
    let purchase = Purchase::of(1, 2_000).with_voucher("V1-1");
    let sold = take_at(&world, "till-2", "R1", &purchase, 0).await;
    assert_eq!(flags(&sold), BTreeSet::new(), "what was decided without the voucher was charged");
    world.till().release(crate::agent::testing::till_id(), receipt("H1")).await.expect("released");
    assert_eq!(refusal(&world, 1, "V1-1").await, None);
}

#[tokio::test]
async fn a_voucher_is_free_again_only_when_no_receipt_that_took_it_is_left() {
    for order in [["R1", "R2", "R3"], ["R3", "R1", "R2"], ["R2", "R3", "R1"]] {
        let mut world = World::new().await;
        for uid in ["R1", "R2", "R3"] {
            take(&world, uid, 1, "V1-1").await;
        }
        for uid in &order[..2] {
            let back = world.void(uid).await;
            assert_eq!(freed(&back), Vec::<String>::new(), "{order:?}: {uid}");
            let refused = refusal(&world, 1, "V1-1").await;
            assert_eq!(refused, Some(Reason::VoucherUsed), "{order:?}: {uid}");
        }
        assert_eq!(differences(&world), 0, "{order:?}");
        world.cut_power().await;
        world.start().await;
        assert_eq!(freed(&world.take_back(order[2], 1).await), ["V1-1"], "{order:?}");
        assert_eq!(refusal(&world, 1, "V1-1").await, None, "{order:?}");
        assert_eq!(differences(&world), 0, "{order:?}");
    }
}

#[tokio::test]
async fn a_voucher_that_becomes_known_after_a_till_took_it_is_used() {
    let world = World::new().await;
    let taken = take(&world, "R1", 1, "LATER").await;
    assert_eq!(taken, BTreeSet::from([Flag::DiscountDiffers, Flag::VoucherUnknown]));
    let line = format!(
        r#"{{"member":"{:032x}","codes":["{}"],"points":1000,"last_purchase":"2026-03-01","vouchers":[{{"code":"LATER","type":"ten"}}]}}"#,
        1,
        card(1)
    );
    world.import(&line).await;
    assert_eq!(refusal(&world, 1, "LATER").await, Some(Reason::VoucherUsed));
    assert_eq!(differences(&world), 0);
    let back = world.void("R1").await;
    assert_eq!(freed(&back), ["LATER"]);
    assert_eq!(refusal(&world, 1, "LATER").await, None);
}

#[tokio::test]
async fn a_damaged_row_of_a_used_voucher_keeps_no_other_receipt_alive() {
    let mut world = World::new().await;
    take(&world, "R1", 1, "V1-1").await;
    world.stop().await;
    let connection = Connection::open(world.ledger()).expect("opens");
    connection.execute("UPDATE vouchers_used SET id = id + 7", []).expect("damaged");
    drop(connection);
    world.start().await;
    let request = VoidRequest {
        of: receipt("R1"),
        till: crate::agent::testing::till_id(),
        operator: None,
        undo_uid: receipt("B1"),
        closed_at: None,
        reason: None,
    };
    let back = world.till().void(request, once("B1")).await.expect("voided");
    assert_eq!(freed(&back), ["V1-1"]);
    assert_eq!(refusal(&world, 1, "V1-1").await, None);
}

#[tokio::test]
async fn what_was_not_given_is_kept_where_the_till_gave_otherwise() {
    let world = World::new().await;
    reserve(&world, "H1", 1, "V1-1").await;
    let purchase = Purchase::of(1, 2_000).with_voucher("V1-1").spending(5_000);
    let quoted = world.quote(&Purchase::of(1, 2_000).with_voucher("V1-1")).await.decision;
    let of_offer = |refusal: &crate::loyalty::Refusal| matches!(refusal.subject, Subject::Offer(_));
    assert!(quoted.refused.iter().any(of_offer), "the 5 % from 50.00 is missing something");
    let taken = take_at(&world, "till-1", "R1", &purchase, OFF).await;
    let Body::Sale(sale) = &taken.record.body else { panic!("a sale") };
    let told: Vec<_> = sale.refused.iter().map(|refused| refused.code.name()).collect();
    assert_eq!(told, ["voucher_held", "not_enough_points", "below_minimum_amount"]);
    assert_eq!(sale.refused[2].missing, Some(3_000));
}

/// Codes of the vouchers that a scan tells: those that may be used, and those to come.
async fn in_hand(world: &World) -> (Vec<String>, Vec<String>) {
    let request = IdentifyRequest { raw: card(30), symbology: None };
    let standing = world.till().identify(request).await.expect("the card is known").standing;
    let codes = |vouchers: &[crate::agent::till::answer::VoucherInHand]| {
        vouchers.iter().map(|held| held.voucher.to_string()).collect()
    };
    (codes(&standing.vouchers), codes(&standing.vouchers_to_come))
}

#[tokio::test]
async fn vouchers_in_hand_are_those_that_may_be_used_and_others_come_from_their_first_day_on() {
    let world = World::new().await;
    let voucher = |code: &str, from: &str| {
        format!(
            r#"{{"code":"{code}","type":"ten","valid_from":"{from}","valid_until":"2026-03-04"}}"#
        )
    };
    let vouchers = [voucher("NOW", "2026-03-02"), voucher("SOON", "2026-03-03")].join(",");
    let line = format!(
        r#"{{"member":"{:032x}","codes":["{}"],"points":0,"vouchers":[{vouchers}]}}"#,
        30,
        card(30)
    );
    world.import(&line).await;
    let told = |now: &[&str], to_come: &[&str]| {
        let owned = |codes: &[&str]| codes.iter().map(|&code| code.to_owned()).collect::<Vec<_>>();
        (owned(now), owned(to_come))
    };
    assert_eq!(in_hand(&world).await, told(&["NOW"], &["SOON"]));
    reserve(&world, "H1", 30, "NOW").await;
    assert_eq!(in_hand(&world).await, told(&[], &["SOON"]), "it is in another basket");
    world.till().release(crate::agent::testing::till_id(), receipt("H1")).await.expect("released");
    world.pass(TimeDelta::days(1));
    assert_eq!(in_hand(&world).await, told(&["NOW", "SOON"], &[]));
    world.sell("R1", &Purchase::of(30, 2_000).with_voucher("NOW")).await;
    assert_eq!(in_hand(&world).await, told(&["SOON"], &[]));
    world.pass(TimeDelta::days(2));
    assert_eq!(in_hand(&world).await, told(&[], &[]));
}

#[tokio::test]
async fn a_member_hears_of_vouchers_in_their_last_days_within_what_is_said_unasked() {
    let world = World::new().await;
    let voucher = |code: &str, until: &str| {
        format!(r#"{{"code":"{code}","type":"ten","valid_until":"{until}"}}"#)
    };
    let vouchers =
        [voucher("LATER", "2026-03-20"), voucher("B", "2026-03-09"), voucher("A", "2026-03-05")];
    let line = format!(
        r#"{{"member":"{:032x}","codes":["{}"],"points":0,"vouchers":[{}]}}"#,
        30,
        card(30),
        vouchers.join(",")
    );
    world.import(&line).await;
    // The world begins on 2 March; a voucher is spoken of a week before its last day.
    let cases = [(0, vec![3, 7]), (3, vec![0, 4]), (1, vec![3]), (7, vec![7]), (8, vec![])];
    for (days, expected) in cases {
        world.pass(TimeDelta::days(days));
        let standing = world.till().member(member_ref(30)).await.expect("known");
        let left: Vec<u16> =
            standing.vouchers_lapsing.iter().map(|voucher| voucher.days_left).collect();
        assert_eq!(left, expected, "{days} days later");
    }
}
