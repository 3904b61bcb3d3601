//! What the hub says of a voucher, and what records that it has not heard of say, count once.

use std::sync::Arc;

use super::*;
use crate::agent::store::ledger::sync_state::{self, SyncState};
use crate::agent::store::recover;
use crate::agent::store::snapshot::{self, Chunks};
use crate::agent::till::hub::{Pulled, TakenUp};
use crate::journal::testing::hub_key;
use crate::journal::{ContentHash, Kind};
use crate::loyalty::{VoucherId, VoucherTypeId};
use crate::shell::keys::{DirectoryKey, load_or_create_device_key};
use crate::wire::sync::packing::pack;
use crate::wire::sync::{
    Change, Contained, Cursor, MemberState, Message, SnapshotChunk, SnapshotManifest, VoucherState,
};

/// Where the journal stands: what a hub that has all of it would say.
pub(super) fn head(world: &World) -> Contained {
    let place = world.till().heads().borrow().expect("records");
    Contained { epoch: place.epoch, sequence: place.sequence }
}

fn voucher(text: &str) -> Change {
    Change::Voucher(VoucherState {
        voucher: VoucherId::parse(text).expect("an id"),
        voucher_type: VoucherTypeId::parse("ten").expect("an id"),
        account: Some(AccountRef::from_bytes(*member_ref(1).as_bytes())),
        valid_from: None,
        valid_until: None,
    })
}

fn gone(text: &str) -> Change {
    Change::VoucherGone(VoucherId::parse(text).expect("an id"))
}

/// A world whose base is the hub's: member 1 with these vouchers.
async fn of_hub(vouchers: &[&str]) -> World {
    of_hub_with(vouchers.iter().map(|text| voucher(text)).collect()).await
}

/// A world whose base is the hub's: member 1 and what else the hub says.
pub(super) async fn of_hub_with(mut changes: Vec<Change>) -> World {
    let world = World::new().await;
    let state = SyncState {
        hub_url: "https://hub.example".to_owned(),
        device: world.till().signing_key().device_id(),
        store: world.till().store().clone(),
        root: hub_key().public_key(),
        key_list_serial: 1,
        key_list: Vec::new(),
        cursor: 0,
        contained: Contained { epoch: 0, sequence: 0 },
        checkpoint: None,
        hub_ahead_ms: None,
    };
    let saved = world.till().write(move |ledger, _| Ok(sync_state::save(ledger, &state)?));
    saved.await.expect("stored");
    let (directory, _) = DirectoryKey::load_or_create(world.folder()).expect("a key");
    let member = Change::Member(Box::new(MemberState {
        member: member_ref(1),
        account: AccountRef::from_bytes(*member_ref(1).as_bytes()),
        codes: vec![directory.hash_code(&crate::agent::testing::card(1))],
        flags: Default::default(),
        birthday: None,
        kind: None,
        role: None,
        recruiter: None,
        wallets: Vec::new(),
        offers: Default::default(),
    }));
    changes.push(member);
    let packed = pack(&SnapshotChunk { changes }.to_message());
    let hash = ContentHash::of(&packed);
    Chunks::of(world.folder()).keep(hash, &packed).expect("kept");
    let manifest = SnapshotManifest {
        cursor: Cursor(40),
        contained: Contained { epoch: 0, sequence: 0 },
        chunks: vec![hash],
        members: 1,
        at: world.clock.now().wall,
        programme: None,
        key_list: None,
    };
    snapshot::build(world.folder(), &manifest).expect("built");
    world.till().take_up_base(world.folder()).await.expect("taken up");
    world
}

pub(super) async fn hear(world: &World, changes: Vec<Change>, contained: Contained) {
    let known = world.till().hub_known().await.expect("readable").expect("enrolled");
    let after = Cursor(known.state.cursor);
    let to = Some(Cursor(after.0 + 1));
    let taken = world.till().take_up_pulled(Pulled { changes, contained, after, to }).await;
    assert_eq!(taken.expect("stored"), TakenUp::Stored);
}

/// The vouchers that member 1 may use.
async fn in_hand(world: &World) -> Vec<String> {
    let standing = world.till().member(member_ref(1)).await.expect("known");
    standing.vouchers.into_iter().map(|voucher| voucher.voucher.to_string()).collect()
}

#[tokio::test]
async fn a_base_of_the_hub_is_one_record_and_what_was_said_before_it_says_nothing() {
    let world = of_hub(&["A"]).await;
    assert_eq!(in_hand(&world).await, ["A"]);
    assert_eq!(kinds(&world).into_iter().filter(|kind| *kind == Kind::Import).count(), 1);
    let sold = world.sell("R1", &Purchase::of(1, 1_000)).await;
    assert_eq!(sold.record.header.base_cursor, 40);
    hear(&world, vec![voucher("B")], head(&world)).await;
    assert_eq!(in_hand(&world).await, ["A", "B"]);
    let sold = world.sell("R2", &Purchase::of(1, 1_000)).await;
    assert_eq!(sold.record.header.base_cursor, 41);
    check_accounts(&world);
}

#[tokio::test]
async fn a_voucher_is_used_or_free_by_the_hubs_word_and_what_it_has_not_heard() {
    let world = of_hub(&["A", "B", "C"]).await;
    let with = |text: &str| Purchase::of(1, 10_000).with_voucher(text);
    world.sell("R1", &with("A")).await;
    assert_eq!(in_hand(&world).await, ["B", "C"], "used here");
    hear(&world, vec![voucher("A")], Contained { epoch: 0, sequence: 0 }).await;
    assert_eq!(in_hand(&world).await, ["B", "C"], "the hub has not heard of it");
    hear(&world, vec![gone("A")], head(&world)).await;
    assert_eq!(in_hand(&world).await, ["B", "C"], "now it has");
    world.void("R1").await;
    assert_eq!(in_hand(&world).await, ["A", "B", "C"], "given back here");
    hear(&world, vec![voucher("A")], head(&world)).await;
    assert_eq!(in_hand(&world).await, ["A", "B", "C"]);

    world.sell("R2", &with("B")).await;
    hear(&world, vec![gone("B")], head(&world)).await;
    // Another till took the sale back, which this one never hears of but by the hub.
    hear(&world, vec![voucher("B")], head(&world)).await;
    assert_eq!(in_hand(&world).await, ["A", "B", "C"]);
    let sold = world.sell("R3", &with("B")).await;
    let Body::Sale(sale) = &sold.record.body else { panic!("a sale") };
    assert_eq!(sale.refused, [], "it can be used once more");
    assert_eq!(in_hand(&world).await, ["A", "C"]);

    hear(&world, vec![gone("C")], head(&world)).await;
    assert_eq!(in_hand(&world).await, ["A"], "used at another till");
    check_accounts(&world);
}

#[tokio::test]
async fn a_salvage_keeps_the_hub_and_its_base_and_asks_for_the_rest_again() {
    let mut world = of_hub(&["A"]).await;
    world.sell("R1", &Purchase::of(1, 10_000)).await;
    hear(&world, vec![voucher("B")], head(&world)).await;
    let before = world.balance(1).await;
    world.stop().await;
    let (key, _) = load_or_create_device_key(world.folder()).expect("a key");
    let store = crate::agent::testing::store();
    recover::salvage(world.folder(), &store, &Arc::new(key), &world.clock).expect("salvaged");
    world.start().await;
    let known = world.till().hub_known().await.expect("readable").expect("enrolled");
    assert_eq!((known.state.cursor, known.has_base), (40, true), "as far as its base says");
    assert_eq!((in_hand(&world).await, world.balance(1).await), (vec!["A".to_owned()], before));
    hear(&world, vec![voucher("B")], head(&world)).await;
    assert_eq!(in_hand(&world).await, ["A", "B"]);
    check_accounts(&world);
}
