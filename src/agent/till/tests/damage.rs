//! Damaged rows decide nothing and stop no sale.

use super::*;
use crate::agent::till::answer::Novelty;
use crate::agent::till::request::ReserveRequest;

/// Changes rows of a file as a failing disk would, while the agent is stopped.
async fn damage(world: &mut World, file: &str, sql: &str) {
    world.stop().await;
    let connection = Connection::open(world.folder().join(file)).expect("opens");
    connection.execute_batch(sql).expect("damaged");
    drop(connection);
    world.start().await;
}

#[tokio::test]
async fn the_journal_answers_for_damaged_rows_of_requests() {
    for change in ["id = id + 1", "fingerprint = zeroblob(32)", "id = -5, fingerprint = x'00'"] {
        let mut world = World::new().await;
        let purchase = Purchase::of(1, 10_000);
        let request = world.commit_request("R1", &purchase).await;
        let first = world.till().commit(request.clone(), once("R1")).await.expect("committed");
        world.trade("a").await;
        damage(&mut world, "ledger.db", &format!("UPDATE requests SET {change}")).await;
        let again = world.till().commit(request, once("R1")).await.expect("answered");
        assert_eq!((again.id, again.novelty), (first.id, Novelty::Repeated), "{change}");
        for uid in ["a-1", "a-4", "a-5"] {
            let status = world.till().status(crate::agent::testing::till_id(), receipt(uid)).await;
            let sold = status.expect("known").sale.record;
            let (Body::Sale(sale) | Body::Training(sale)) = sold.body else { panic!("a sale") };
            assert_eq!(sale.uid.as_str(), uid, "{change}");
        }
        let records = kinds(&world).len();
        world.adjust("a-6", 5, -30).await;
        world.event("a-7", 6).await;
        world.assign("a-4", 4).await;
        assert_eq!(kinds(&world).len(), records, "{change}: nothing twice");
        world.void("a-1").await;
        world.sell("R2", &purchase).await;
        check_accounts(&world);
    }
}

#[tokio::test]
async fn a_row_that_turned_into_another_receipts_stops_no_sale() {
    let mut world = World::new().await;
    world.sell("R1", &Purchase::of(1, 10_000)).await;
    damage(&mut world, "ledger.db", "UPDATE requests SET uid = 'R2'").await;
    let sold = world.sell("R2", &Purchase::of(2, 1_000)).await;
    assert_eq!(sold.novelty, Novelty::Fresh);
    let again = world.till().status(crate::agent::testing::till_id(), receipt("R2")).await;
    assert_eq!(again.expect("known").sale.id, sold.id);
}

#[tokio::test]
async fn a_damaged_hold_is_no_reason_not_to_sell_and_lapses() {
    let mut world = World::new().await;
    world.reserve("held", 1, 100).await;
    damage(&mut world, "ledger.db", "UPDATE holds SET points = 0, expires_at = 9000000000000000")
        .await;
    let purchase = Purchase::of(1, 10_000).spending(300).with_voucher("V1-1");
    let quoted = world.quote(&purchase).await;
    assert_eq!(quoted.decision.points.map(|points| points.spent.value()), Some(0), "all is held");
    let recorded = world.sell("R1", &Purchase::of(1, 10_000)).await;
    let Body::Sale(sale) = recorded.record.body else { panic!("a sale") };
    assert!(sale.member.is_some());
    let request = ReserveRequest {
        uid: receipt("held"),
        till: crate::agent::testing::till_id(),
        who: world.identify(1).await,
        points: crate::money::Points::new(100),
        cashback: crate::money::Amount::ZERO,
        vouchers: Vec::new(),
    };
    let again = world.till().reserve(request, once("held")).await.expect("made anew");
    assert_eq!(again.novelty, Novelty::Fresh);
    damage(&mut world, "ledger.db", "UPDATE holds SET expires_at = 9000000000000000").await;
    world.agent().keep_up().await;
    let quoted = world.quote(&purchase).await;
    assert_eq!(quoted.decision.points.map(|points| points.spent.value()), Some(300));
}

#[tokio::test]
async fn a_damaged_code_is_an_unknown_code() {
    let mut world = World::new().await;
    let other = "UPDATE codes SET member = (SELECT max(member) FROM members)
                 WHERE member = (SELECT min(member) FROM members)";
    damage(&mut world, "base-1.db", other).await;
    let request = IdentifyRequest { raw: card(1), symbology: None };
    let refused = world.till().identify(request).await.map(drop);
    assert!(matches!(refused, Err(TillError::MemberUnknown)), "{refused:?}");
    world.sell("R1", &Purchase::of(2, 1_000)).await;
    world.sell("R2", &Purchase::anonymous(1_000)).await;
}

fn vouchers_taken(body: &Body) -> usize {
    let Body::Sale(sale) = body else { panic!("a sale") };
    crate::recompute::vouchers_of(sale).len()
}

#[tokio::test]
async fn damaged_vouchers_are_unknown_or_used_and_stop_no_sale() {
    let mut world = World::new().await;
    let purchase = Purchase::of(1, 10_000).with_voucher("V1-1");
    world.sell("R1", &purchase).await;
    damage(&mut world, "ledger.db", "UPDATE vouchers_used SET id = id + 1").await;
    let again = world.sell("R2", &purchase).await;
    assert_eq!(vouchers_taken(&again.record.body), 0, "it was used");
    let sql = "UPDATE vouchers SET account = NULL WHERE voucher = 'V1-2'";
    damage(&mut world, "base-1.db", sql).await;
    let purchase = Purchase::anonymous(10_000).with_voucher("V1-2");
    let sold = world.sell("R3", &purchase).await;
    assert_eq!(vouchers_taken(&sold.record.body), 0, "it is another's");
    world.identify(1).await;
}

#[tokio::test]
async fn a_base_of_the_schema_before_serves_and_the_next_import_builds_on_it() {
    let mut world = World::new().await;
    let back = "ALTER TABLE codes DROP COLUMN checksum; ALTER TABLE wallets DROP COLUMN checksum;
                ALTER TABLE members DROP COLUMN birthday;
                ALTER TABLE members DROP COLUMN kind; ALTER TABLE members DROP COLUMN role;
                ALTER TABLE members DROP COLUMN recruiter; ALTER TABLE members DROP COLUMN offers;
                ALTER TABLE about DROP COLUMN hub_cursor; ALTER TABLE about DROP COLUMN contained;
                PRAGMA user_version = 1";
    damage(&mut world, "base-1.db", back).await;
    assert_eq!(world.balance(1).await, 1_000);
    let line = format!(
        r#"{{"member":"{:032x}","codes":["{}"],"points":7,"last_purchase":"2026-03-01"}}"#,
        30,
        card(30)
    );
    world.import(&line).await;
    assert_eq!(world.balance(1).await, 1_000, "a row without a checksum");
    assert_eq!(world.balance(30).await, 7, "a row with one");
}
