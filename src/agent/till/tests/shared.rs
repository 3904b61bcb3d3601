//! Limits over all customers, on a real ledger.

use super::*;
use crate::agent::store::ledger::shared_uses;
use crate::agent::store::rebuild;
use crate::loyalty::{CountWindow, Counters};

const HALF: &str = r#"
[[offers]]
id = "half"
name = "Half for the first"
kind = "line_percent"
percent = "50"
audience = { members = "everyone" }
shared_limits = [{ per = "total", window = "day", uses = 100, offline = "slice", slice = 2 }]
"#;

async fn costs(world: &World) -> i64 {
    world.quote(&Purchase::anonymous(1_000)).await.decision.totals.payable.value()
}

async fn sold(world: &World, uid: &str) -> i64 {
    let recorded = world.sell(uid, &Purchase::anonymous(1_000)).await;
    let Body::Sale(sale) = &recorded.record.body else { panic!("a sale") };
    assert_eq!(sale.shared.len(), usize::from(sale.payable.value() == 500));
    sale.payable.value()
}

/// How often the offer was used today, as the ledger's rows say.
fn used(world: &World) -> i64 {
    let programme = world.till().programme().expect("a programme");
    let programme = programme.programme();
    let today = programme.day_of(world.clock.now().wall);
    let wanted = programme.shared_counters(today);
    let counter = wanted.keys().next().expect("a limit").clone();
    let uses: Counters = shared_uses::load(&ledger(world), wanted).expect("readable");
    uses.count(&counter, CountWindow::Day, today)
}

fn differing(world: &World) -> Vec<String> {
    let differences = rebuild::compare(&ledger(world), None).expect("compared");
    differences.told.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn ld_9_all_receipts_use_up_what_the_agent_may_give_and_a_void_gives_it_back() {
    let mut world = World::with_more(HALF).await;
    world.sell("T", &Purchase::anonymous(1_000).in_training()).await;
    assert_eq!((sold(&world, "A").await, sold(&world, "B").await), (500, 500));
    let quoted = world.quote(&Purchase::anonymous(1_000)).await;
    let reasons: Vec<_> = quoted.decision.refused.iter().map(|r| &r.reason).collect();
    assert!(
        reasons.iter().any(|r| matches!(r, crate::loyalty::Reason::SharedLimitReached { .. })),
        "{reasons:?}"
    );
    assert_eq!(sold(&world, "C").await, 1_000, "the slice is used up");
    world.void("A").await;
    world.void("C").await;
    assert_eq!((used(&world), costs(&world).await), (1, 500));
    world.cut_power().await;
    world.start().await;
    assert_eq!(used(&world), 1);
    assert_eq!(differing(&world), [""; 0]);
    assert_eq!(sold(&world, "D").await, 500);
    world.pass(TimeDelta::days(1));
    assert_eq!(costs(&world).await, 500, "the next day");
    world.void("D").await;
    assert_eq!(used(&world), 0, "it goes back to its own day");
    assert_eq!(differing(&world), [""; 0]);
    world.stop().await;
}

#[tokio::test]
async fn ld_9_what_was_quoted_is_sold_beyond_the_limit_counted_and_flagged() {
    let mut world = World::with_more(HALF).await;
    let late = world.commit_request("L", &Purchase::anonymous(1_000)).await;
    assert_eq!((sold(&world, "A").await, sold(&world, "B").await), (500, 500));
    let recorded = world.till().commit(late, once("L")).await.expect("a fact");
    let Body::Sale(sale) = &recorded.record.body else { panic!("a sale") };
    assert_eq!(sale.flags, BTreeSet::from([Flag::SharedLimitExceeded]));
    assert_eq!((sale.payable.value(), sale.shared[0].before, used(&world)), (500, 2, 3));
    world.void("A").await;
    assert_eq!(costs(&world).await, 1_000, "two are still given");
    world.void("L").await;
    assert_eq!((used(&world), costs(&world).await), (1, 500));
    assert_eq!(differing(&world), [""; 0]);
    world.stop().await;
}

#[tokio::test]
async fn a_damaged_row_counts_as_used_up_until_a_sale_sums_it_anew() {
    let mut world = World::with_more(HALF).await;
    assert_eq!(sold(&world, "A").await, 500);
    let late = world.commit_request("L", &Purchase::anonymous(1_000)).await;
    world.stop().await;
    let connection = Connection::open(world.ledger()).expect("opens");
    let changed = connection.execute("UPDATE shared_uses SET uses = 0", []).expect("damaged");
    assert_eq!(changed, 1);
    drop(connection);
    world.start().await;
    assert_eq!(costs(&world).await, 1_000);
    world.till().commit(late, once("L")).await.expect("a fact");
    assert_eq!(used(&world), 2);
    assert_eq!(differing(&world), [""; 0]);
    world.stop().await;
}
