//! Pending points and cashback on a real ledger.

use super::*;
use crate::agent::testing::till_id;
use crate::agent::till::answer::Recorded;
use crate::agent::till::request::ReserveRequest;
use crate::journal::{AccountPart, DailyClosing, MemberPart};
use crate::money::{Amount, Points};

/// A world that gives two percent back for 100 days, and whose points can be spent from the 14th
/// day on; members 40 and 41 have nothing.
async fn giving_back(returns: &str) -> World {
    let world = World::new().await;
    let more = format!(
        "[accrual]\npending = {{ days = 14 }}\n\n{returns}\n[cashback]\nexpiry = {{ mode = \"lots\", \
         days = 100 }}\n\n[redemption]"
    );
    let rule = "[[earn]]\nid = \"back\"\nkind = \"cashback\"\npercent = \"2\"\npending = { days = 2 }\n\
                tier_multiplied = false\n\n[[earn]]";
    let programme = PROGRAMME
        .replace("version = 1", "version = 2")
        .replace("[redemption]", &more)
        .replace("[[earn]]", rule);
    world.till().publish(programme).await.expect("the programme is sound");
    let line = |member| format!(r#"{{"member":"{member:032x}","codes":["{}"]}}"#, card(member));
    world.import(&[40, 41].map(line).join("\n")).await;
    world
}

fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

/// Usable and pending points, usable and pending cashback, owed cashback.
async fn stands(world: &World, member: u32) -> [i64; 5] {
    let known = world.till().member(member_ref(member)).await.expect("a member");
    let pending: Points = known.pending.iter().map(|part| part.value).sum();
    let cashback = known.cashback.expect("a programme with cashback");
    let waiting: Amount = cashback.pending.iter().map(|part| part.value).sum();
    [
        known.balance.value(),
        pending.value(),
        cashback.balance.value(),
        waiting.value(),
        cashback.debt.value(),
    ]
}

fn member(recorded: &Recorded) -> &MemberPart {
    match &recorded.record.body {
        Body::Sale(sale) => sale.member.as_ref().expect("a member"),
        other => panic!("{other:?}"),
    }
}

fn undone(recorded: &Recorded) -> &AccountPart {
    match &recorded.record.body {
        Body::Void(undo) | Body::Return(undo) => undo.account.as_ref().expect("a member"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn bq_43_cashback_is_earned_spent_and_comes_back_on_a_ledger() {
    let mut world = giving_back("").await;
    world.sell("A", &Purchase::of(40, 4_000)).await;
    assert_eq!(stands(&world, 40).await, [0, 40, 0, 80, 0], "all of it waits");
    world.pass(days(2));
    assert_eq!(stands(&world, 40).await, [0, 40, 80, 0, 0]);
    let purchase = Purchase::of(40, 4_000).in_units(4).spending_cashback(60);
    let sold = world.sell("B", &purchase).await;
    let part = member(&sold).cashback.as_ref().expect("cashback");
    assert_eq!(
        (part.before, part.spent, part.earned),
        (Amount::new(80), Amount::new(60), Amount::new(78))
    );
    let Body::Sale(sale) = &sold.record.body else { panic!("a sale") };
    assert_eq!((sale.payable, sale.flags.is_empty()), (Amount::new(3_940), true));
    assert_eq!(stands(&world, 40).await, [0, 79, 20, 78, 0]);
    let first = world.take_back("B", 1).await;
    let back = undone(&first);
    assert_eq!(
        (back.cashback.taken(), back.cashback.given_back()),
        (Amount::new(19), Amount::new(15))
    );
    assert_eq!(back.pending.iter().map(|part| part.value).sum::<Points>(), back.clawed_back);
    assert_eq!(stands(&world, 40).await, [0, 69, 35, 59, 0]);
    world.cut_power().await;
    world.start().await;
    world.void("B").await;
    assert_eq!(stands(&world, 40).await, [0, 40, 80, 0, 0], "as before the purchase");
    world.pass(days(12));
    assert_eq!(stands(&world, 40).await, [40, 0, 80, 0, 0], "the points' day has come");
    world.pass(days(86));
    assert_eq!(stands(&world, 40).await, [40, 0, 80, 0, 0], "the last day of the cashback");
    world.pass(days(1));
    assert_eq!(stands(&world, 40).await, [40, 0, 0, 0, 0]);
    assert!(check_accounts(&world) > 0);
    world.stop().await;
}

#[tokio::test]
async fn bq_43_the_closing_of_a_day_has_the_sums_of_its_cashback() {
    let world = giving_back("").await;
    world.sell("A", &Purchase::of(40, 4_000)).await;
    world.pass(days(2));
    world.sell("B", &Purchase::of(40, 4_000).in_units(4).spending_cashback(60)).await;
    world.sell("C", &Purchase::of(41, 1_000).in_training()).await;
    world.take_back("B", 1).await;
    world.pass(days(1));
    let next = world.sell("D", &Purchase::anonymous(500)).await;
    let closing = journal::load(&ledger(&world), next.id - 1).expect("a record");
    let Body::DailyClosing(closing) = closing.record.body else { panic!("a closing comes first") };
    let DailyClosing { day_totals, perpetual, taken_back, .. } = closing;
    let amounts = |totals: crate::journal::RunningTotals| {
        [totals.cashback_issued, totals.cashback_spent].map(Amount::value)
    };
    assert_eq!((amounts(day_totals), amounts(perpetual)), ([78, 60], [158, 60]));
    let back = [taken_back.cashback_clawed_back, taken_back.cashback_restored];
    assert_eq!(back.map(Amount::value), [19, 15]);
}

#[tokio::test]
async fn bq_43_a_till_that_spent_more_than_there_is_leaves_a_debt_and_a_flag() {
    let world = giving_back("").await;
    world.sell("A", &Purchase::of(40, 4_000)).await;
    world.pass(days(2));
    let purchase = Purchase::of(40, 4_000).spending_cashback(200);
    let mut request = world.commit_request("B", &purchase).await;
    assert_eq!(request.payable, Amount::new(3_920), "the quote gives what there is");
    request.payable = Amount::new(3_800);
    let sold = world.till().commit(request, once("B")).await.expect("a fact");
    let Body::Sale(sale) = &sold.record.body else { panic!("a sale") };
    assert!(sale.flags.contains(&Flag::SpentBeyondBalance), "{:?}", sale.flags);
    let part = member(&sold).cashback.as_ref().expect("cashback");
    assert_eq!((part.spent, part.earned), (Amount::new(200), Amount::new(76)));
    assert_eq!(stands(&world, 40).await, [0, 78, 0, 76, 120]);
    world.pass(days(2));
    assert_eq!(stands(&world, 40).await, [0, 78, 0, 0, 44], "what waited settles it");
    let next = world.sell("C", &Purchase::of(40, 100)).await;
    let part = member(&next).cashback.as_ref().expect("cashback");
    assert_eq!((part.before, part.debt), (Amount::ZERO, Amount::new(44)), "as it stood that day");
    world.void("C").await;
    world.void("B").await;
    assert_eq!(stands(&world, 40).await, [0, 40, 80, 0, 0]);
    check_accounts(&world);
}

#[tokio::test]
async fn bq_43_a_late_member_earns_cashback_as_of_the_sale() {
    let world = giving_back("").await;
    world.sell("A", &Purchase::anonymous(4_000)).await;
    world.pass(days(3));
    world.assign("A", 41).await;
    assert_eq!(
        stands(&world, 41).await,
        [0, 40, 80, 0, 0],
        "its day has come, the points' has not"
    );
    world.void("A").await;
    assert_eq!(stands(&world, 41).await, [0, 0, 0, 0, 0]);
    check_accounts(&world);
}

#[tokio::test]
async fn a_return_after_the_pending_days_forgives_and_one_within_them_takes() {
    let world = giving_back("[returns]\nclaw_back = \"pending_only\"\n").await;
    world.sell("A", &Purchase::of(40, 4_000).in_units(4)).await;
    world.pass(days(2));
    let first = world.take_back("A", 1).await;
    let told = |part: &AccountPart| {
        let points = (part.clawed_back.value(), part.forgiven.value());
        (points, part.cashback.clawed_back.value(), part.cashback.forgiven.value())
    };
    assert_eq!(told(undone(&first)), ((10, 0), 20, 20), "the cashback is usable by now");
    assert_eq!(stands(&world, 40).await, [0, 30, 80, 0, 0]);
    world.pass(days(12));
    let second = world.void("A").await;
    assert_eq!(told(undone(&second)), ((30, 30), 60, 60));
    assert_eq!(stands(&world, 40).await, [30, 0, 80, 0, 0]);
    check_accounts(&world);
}

#[tokio::test]
async fn bq_43_cashback_on_hold_is_free_for_the_basket_that_holds_it_only() {
    let mut world = giving_back("").await;
    world.sell("A", &Purchase::of(40, 4_000)).await;
    world.pass(days(2));
    let hold = |uid: &str, minor, who| ReserveRequest {
        uid: receipt(uid),
        till: till_id(),
        who,
        points: Points::ZERO,
        cashback: Amount::new(minor),
        vouchers: Vec::new(),
    };
    let who = world.identify(40).await;
    world.till().reserve(hold("H1", 50, who), once("H1")).await.expect("held");
    world.cut_power().await;
    world.start().await;
    let who = world.identify(40).await;
    let beyond = world.till().reserve(hold("H2", 31, who), once("H2")).await;
    assert_eq!(beyond.map(|_| ()).map_err(|error| error.code()), Err("not_enough_cashback"));
    let purchase = Purchase::of(40, 4_000).spending_cashback(80);
    let elsewhere = world.quote(&purchase).await.decision;
    assert_eq!(elsewhere.totals.payable, Amount::new(3_970), "30 are free");
    let known = world.till().member(member_ref(40)).await.expect("a member");
    assert_eq!(known.cashback.expect("cashback").held, Amount::new(50));
    let mut request = world.commit_request("B", &purchase).await;
    request.reservation = Some(receipt("H1"));
    request.payable = Amount::new(3_920);
    let sold = world.till().commit(request, once("B")).await.expect("committed");
    let Body::Sale(sale) = &sold.record.body else { panic!("a sale") };
    assert!(sale.flags.is_empty(), "{:?}", sale.flags);
    assert_eq!(stands(&world, 40).await, [0, 79, 0, 78, 0]);
    let known = world.till().member(member_ref(40)).await.expect("a member");
    assert_eq!(known.cashback.expect("cashback").held, Amount::ZERO, "the hold is gone");
}

#[tokio::test]
async fn what_a_members_file_says_is_pending_becomes_usable_on_its_day() {
    let world = giving_back("").await;
    let line = format!(
        r#"{{"member":"{:032x}","codes":["{}"],"points":5,"cashback":"12.50","last_purchase":"2026-03-01",
        "pending":[{{"points":7,"usable_from":"2026-03-04"}},
                   {{"points":3,"usable_from":"2026-03-04","expires":"2026-03-05"}}]}}"#,
        42,
        card(42)
    );
    world.import(&line.replace('\n', "")).await;
    assert_eq!(stands(&world, 42).await, [5, 10, 1_250, 0, 0]);
    world.pass(days(2));
    assert_eq!(stands(&world, 42).await, [15, 0, 1_250, 0, 0]);
    world.pass(days(2));
    assert_eq!(stands(&world, 42).await, [12, 0, 1_250, 0, 0]);
}
