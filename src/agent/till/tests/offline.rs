//! What is spent at a till that does not know the hub's latest word.

use super::hub::{head, hear, of_hub_with};
use super::*;
use crate::agent::testing::till_id;
use crate::agent::till::answer::Recorded;
use crate::agent::till::request::ReserveRequest;
use crate::journal::{RefusalCode, Sale};
use crate::loyalty::{AccountFacts, Benefit, Expires, HUB_WORD_MS_MAX, Reason, RewardId, Subject};
use crate::money::{Amount, Points};
use crate::wire::sync::{AccountState, Change, Contained};

const FLOOR: &str = "[offline]\nspending = \"floor\"\nfloor_points = 500\n";
const NOTHING: &str = "[offline]\nspending = \"none\"\n";
const REWARDS: &str =
    "[[rewards]]\nid = \"wrap\"\nname = \"Wrapping\"\nkind = \"service\"\npoints = 300\n";

/// Where the hub has heard nothing of this journal.
const UNHEARD: Contained = Contained { epoch: 0, sequence: 0 };

/// The account of member 1, with points.
fn account(points: i64) -> Change {
    let mut facts = AccountFacts::default();
    facts.points.lots.insert(Expires::Never, Points::new(points));
    facts.points.totals.adjusted = Points::new(points);
    let account = AccountRef::from_bytes(*member_ref(1).as_bytes());
    Change::Account(Box::new(AccountState { account, facts }))
}

/// A till of a hub that says member 1 has 1,000 points, under a programme with more tables.
async fn enrolled(tables: &str) -> World {
    let world = of_hub_with(vec![account(1_000)]).await;
    put_in_force(&world, tables).await;
    world
}

async fn put_in_force(world: &World, tables: &str) {
    let text = PROGRAMME.replace("version = 1\n", "version = 2\n") + tables;
    world.till().publish(text).await.expect("a sound programme");
}

/// The most points that a basket of 40.00 takes now, and why no more of 1,000.
async fn spendable(world: &World) -> (i64, Vec<Reason>) {
    let quoted = world.quote(&Purchase::of(1, 4_000).spending(1_000)).await.decision;
    let points = quoted.points.expect("a member");
    let most = points.redeemable.expect("points can be spent").points_max;
    let told = quoted.refused.into_iter().filter(|refusal| refusal.subject == Subject::Spend);
    (most.value(), told.map(|refusal| refusal.reason).collect())
}

fn offline_limit(left: i64) -> Vec<Reason> {
    vec![Reason::OfflineLimit { left: Points::new(left) }]
}

fn sale(recorded: &Recorded) -> &Sale {
    match &recorded.record.body {
        Body::Sale(sale) => sale,
        other => panic!("{other:?}"),
    }
}

fn spent(recorded: &Recorded) -> i64 {
    sale(recorded).member.as_ref().expect("a member").spent.value()
}

#[tokio::test]
async fn a_till_of_no_hub_spends_what_its_ledger_holds_whatever_the_programme_says() {
    for tables in [FLOOR, NOTHING] {
        let world = World::with_more(tables).await;
        assert_eq!(spendable(&world).await, (1_000, vec![]));
        assert_eq!(spent(&world.sell("R1", &Purchase::of(1, 4_000).spending(1_000)).await), 1_000);
    }
}

#[tokio::test]
async fn without_a_word_in_the_programme_a_till_of_a_hub_spends_what_its_ledger_holds() {
    let world = of_hub_with(vec![account(1_000)]).await;
    assert_eq!(spendable(&world).await, (1_000, vec![]));
}

#[tokio::test]
async fn the_floor_is_used_up_until_the_hub_has_booked_what_was_spent() {
    let mut world = enrolled(FLOOR).await;
    assert_eq!(spendable(&world).await, (500, offline_limit(500)), "not heard since the start");
    let sold = world.sell("R1", &Purchase::of(1, 4_000).spending(300)).await;
    assert_eq!((spent(&sold), sale(&sold).flags.len()), (300, 0));
    assert_eq!(spendable(&world).await, (200, offline_limit(200)));
    let sold = world.sell("R2", &Purchase::of(1, 4_000).spending(200)).await;
    assert_eq!((spent(&sold), sale(&sold).flags.len()), (200, 0));

    world.pass(TimeDelta::days(1));
    world.agent().keep_up().await;
    assert_eq!(spendable(&world).await.0, 0, "no midnight gives it back");
    world.cut_power().await;
    world.start().await;
    assert_eq!(spendable(&world).await.0, 0, "nor does a restart");

    let all = head(&world);
    hear(&world, vec![account(500)], all).await;
    assert_eq!(
        spendable(&world).await,
        (500, {
            let available = Points::new(500);
            vec![Reason::NotEnoughPoints { available }]
        }),
        "the hub has booked it"
    );
    check_accounts(&world);
}

#[tokio::test]
async fn what_a_void_gives_back_of_a_sale_the_hub_has_not_heard_of_is_free_again() {
    let world = enrolled(FLOOR).await;
    world.sell("R1", &Purchase::of(1, 4_000).spending(500)).await;
    assert_eq!(spendable(&world).await.0, 0);
    world.void("R1").await;
    assert_eq!(spendable(&world).await, (500, offline_limit(500)));

    world.sell("R2", &Purchase::of(1, 4_000).spending(500)).await;
    hear(&world, vec![account(535)], head(&world)).await;
    world.void("R2").await;
    assert_eq!(world.balance(1).await, 1_000);
    assert_eq!(spendable(&world).await.0, 500, "a sale that was booked widens no floor");
    check_accounts(&world);
}

#[tokio::test]
async fn by_the_hubs_latest_word_the_whole_balance_is_spent() {
    for (tables, without) in [(FLOOR, 500), (NOTHING, 0)] {
        let world = enrolled(tables).await;
        world.till().note_hub_said_all();
        assert_eq!(spendable(&world).await, (1_000, vec![]));
        world.pass(TimeDelta::milliseconds(HUB_WORD_MS_MAX as i64 - 1));
        assert_eq!(spendable(&world).await.0, 1_000);
        world.pass(TimeDelta::milliseconds(1));
        assert_eq!(spendable(&world).await, (without, offline_limit(without)));

        world.till().note_hub_said_all();
        world.sell("R1", &Purchase::of(1, 4_000)).await;
        assert_eq!(spendable(&world).await.0, without, "the hub has not heard of a sale");
        hear(&world, vec![account(1_038)], UNHEARD).await;
        assert_eq!(spendable(&world).await.0, without, "nor by what it said meanwhile");
        hear(&world, vec![account(1_038)], head(&world)).await;
        assert_eq!(spendable(&world).await, (1_000, vec![]));
        check_accounts(&world);
    }
}

#[tokio::test]
async fn what_was_quoted_by_the_hubs_word_is_a_fact_when_it_is_heard_no_more() {
    let world = enrolled(FLOOR).await;
    world.till().note_hub_said_all();
    let late = world.commit_request("R1", &Purchase::of(1, 4_000).spending(1_000)).await;
    world.pass(TimeDelta::minutes(1));
    let recorded = world.till().commit(late, once("R1")).await.expect("a fact");
    assert_eq!(sale(&recorded).flags, BTreeSet::from([Flag::OfflineLimitExceeded]));
    assert_eq!((spent(&recorded), sale(&recorded).payable.value()), (1_000, 3_000));
    assert_eq!(world.balance(1).await, 30);
    check_accounts(&world);
}

#[tokio::test]
async fn what_a_till_gives_beyond_the_floor_in_its_own_way_is_flagged_for_both() {
    let world = enrolled(FLOOR).await;
    let mut request = world.commit_request("R1", &Purchase::of(1, 4_000).spending(1_000)).await;
    request.payable = Amount::new(2_999);
    let recorded = world.till().commit(request, once("R1")).await.expect("a fact");
    let flags = [Flag::OfflineLimitExceeded, Flag::DiscountDiffers];
    assert_eq!(sale(&recorded).flags, BTreeSet::from(flags));
    let told = sale(&recorded).refused.iter().find(|told| told.subject == Subject::Spend);
    let told = told.expect("a reason");
    assert_eq!((told.code, told.missing), (RefusalCode::OfflineLimit, Some(500)));
    check_accounts(&world);
}

#[tokio::test]
async fn a_reservation_holds_no_more_than_the_floor_and_uses_it_up() {
    let world = enrolled(FLOOR).await;
    let hold = |uid: &str, points, who| ReserveRequest {
        uid: receipt(uid),
        till: till_id(),
        who,
        points: Points::new(points),
        cashback: Amount::ZERO,
        vouchers: Vec::new(),
    };
    for (uid, points, expected) in
        [("H1", 501, Err("offline_limit")), ("H2", 400, Ok(())), ("H3", 101, Err("offline_limit"))]
    {
        let who = world.identify(1).await;
        let reserved = world.till().reserve(hold(uid, points, who), once(uid)).await;
        assert_eq!(reserved.map(|_| ()).map_err(|error| error.code()), expected, "{uid}");
    }
    assert_eq!(spendable(&world).await, (100, offline_limit(100)), "held for another basket");
    let mut request = world.commit_request("R1", &Purchase::of(1, 4_000).spending(400)).await;
    request.reservation = Some(receipt("H2"));
    request.payable = Amount::new(3_600);
    let recorded = world.till().commit(request, once("R1")).await.expect("committed");
    assert_eq!((spent(&recorded), sale(&recorded).flags.len()), (400, 0));
    assert_eq!(spendable(&world).await.0, 100);
}

#[tokio::test]
async fn rewards_and_points_as_money_share_one_floor() {
    let world = enrolled(&format!("{FLOOR}{REWARDS}")).await;
    let purchase = Purchase::of(1, 4_000).choosing("wrap").choosing("wrap").spending(300);
    let quoted = world.quote(&purchase).await.decision;
    let told: Vec<_> = quoted.refused.iter().map(|told| (&told.subject, &told.reason)).collect();
    let wrap = Subject::Reward(RewardId::parse("wrap").expect("an id"));
    let left = Reason::OfflineLimit { left: Points::new(200) };
    assert!(told.contains(&(&wrap, &left)) && told.contains(&(&Subject::Spend, &left)), "{told:?}");
    let purchase = Purchase::of(1, 4_000).choosing("wrap").spending(200);
    let recorded = world.sell("R1", &purchase).await;
    assert_eq!((spent(&recorded), sale(&recorded).flags.len()), (500, 0));
    assert_eq!(spendable(&world).await.0, 0);
    let times = sale(&recorded).applied.iter().find_map(|applied| match &applied.benefit {
        Benefit::Reward { times, .. } => Some(*times),
        _ => None,
    });
    assert_eq!(times, Some(1));
    check_accounts(&world);
}
