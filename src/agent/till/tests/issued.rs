//! Vouchers and contest entries that receipts hand out, on a real ledger: what earns them, that
//! they are used once, and what becomes of them when what earned them comes back.

use super::*;
use crate::agent::store::rebuild;
use crate::agent::till::answer::Recorded;
use crate::loyalty::{IssuedKind, Reason, Subject};

/// The tests' programme with a coupon for the next purchase whose value follows the purchases before
/// (LD-38), a gift for the third visit (BC-16) and a contest with an entry for each 10.00 (LD-44).
const RULES: &str = r#"
[[voucher_types]]
id = "five"
name = "Voucher 5.00"
kind = "amount"
amount = "5.00"
cost = "3.00"

[[earn]]
id = "next"
kind = "per_visit"
voucher = { type = "five", days = 14, by_purchases = [{ from = 2, type = "ten" }] }
limits = [{ window = "day", uses = 1 }]

[[earn]]
id = "third"
kind = "milestone"
measure = "visits"
at = 3
voucher = { type = "five", days = 30 }

[[earn]]
id = "contest"
name = "Win a trip"
kind = "per_amount"
amount = "10.00"
points = 1
entries = 1
"#;

/// Code and kind of what a sale or late member was given: the voucher type, or "entry".
fn issued(recorded: &Recorded) -> Vec<(String, String)> {
    let issued = match &recorded.record.body {
        Body::Sale(sale) => sale.member.as_ref().map(|member| member.issued.clone()),
        Body::Assign(assign) => Some(assign.issued.clone()),
        other => panic!("{other:?}"),
    };
    let issued = issued.unwrap_or_default().into_iter();
    let told = |kind: &IssuedKind| match kind {
        IssuedKind::Voucher { voucher_type, .. } => voucher_type.to_string(),
        IssuedKind::Entry => "entry".to_owned(),
    };
    issued.map(|issued| (issued.code.to_string(), told(&issued.what))).collect()
}

fn kinds_of(recorded: &Recorded) -> Vec<String> {
    issued(recorded).into_iter().map(|(_, kind)| kind).collect()
}

fn voucher(recorded: &Recorded, kind: &str) -> String {
    let found = issued(recorded).into_iter().find(|(_, found)| found == kind);
    found.expect("it was handed out").0
}

fn undone(recorded: &Recorded) -> (usize, BTreeSet<Flag>) {
    match &recorded.record.body {
        Body::Void(undo) | Body::Return(undo) => (undo.codes_cancelled.len(), undo.flags.clone()),
        other => panic!("{other:?}"),
    }
}

/// Why a member may not use a voucher now.
async fn refusal(world: &World, member: u32, code: &str) -> Option<Reason> {
    let quoted = world.quote(&Purchase::of(member, 3_000).with_voucher(code)).await;
    let of_voucher = |subject: &Subject| matches!(subject, Subject::Voucher { .. });
    let refused = quoted.decision.refused.into_iter();
    refused.filter(|refusal| of_voucher(&refusal.subject)).map(|refusal| refusal.reason).next()
}

/// Vouchers that a scan of the card tells beside the three that were imported.
async fn in_hand(world: &World, member: u32) -> Vec<String> {
    let request = IdentifyRequest { raw: card(member), symbology: None };
    let identified = world.till().identify(request).await.expect("the card is known");
    let vouchers = identified.standing.vouchers.iter().map(|held| held.voucher.to_string());
    // A code that was handed out may begin with any letter, but its first group has four.
    vouchers.filter(|code| code.find('-') == Some(4)).collect()
}

#[tokio::test]
async fn ld_38_a_coupon_for_the_next_purchase_is_worth_more_the_more_purchases_came_before() {
    let world = World::with_more(RULES).await;
    for (uid, kinds) in [
        ("A", vec!["entry", "five"]),
        ("B", vec!["entry", "five"]),
        ("C", vec!["entry", "ten", "five"]),
        ("D", vec!["entry", "ten"]),
    ] {
        let recorded = world.sell(uid, &Purchase::of(1, 1_999)).await;
        assert_eq!(kinds_of(&recorded), kinds, "{uid}");
        world.pass(TimeDelta::days(1));
    }
}

#[tokio::test]
async fn ld_38_a_coupon_is_used_once_by_its_owner_within_its_days_and_survives_restart_and_rebuild()
{
    let mut world = World::with_more(RULES).await;
    let sold = world.sell("A", &Purchase::of(1, 999)).await;
    let code = voucher(&sold, "five");
    let again = world.sell("A", &Purchase::of(1, 999)).await;
    assert_eq!(issued(&again), issued(&sold), "the same request, the same codes");
    assert_eq!(in_hand(&world, 1).await.concat(), code);
    assert_eq!(refusal(&world, 1, &code).await, None);
    assert_eq!(refusal(&world, 2, &code).await, Some(Reason::VoucherOfOther));
    world.cut_power().await;
    {
        let connection = Connection::open(world.ledger()).expect("opened");
        let (_, base) = base_files::newest(world.folder()).expect("a base");
        let base = open::open_reader(&base).expect("opened");
        let base = Some(Base::of(&base).expect("a base"));
        assert_eq!(rebuild::compare(&connection, base).expect("compared").found, 0);
        connection.execute_batch("DELETE FROM vouchers_issued").expect("broken");
        assert_eq!(rebuild::compare(&connection, base).expect("compared").found, 1);
        rebuild::rebuild(&connection, base).expect("rebuilt");
        assert_eq!(rebuild::compare(&connection, base).expect("compared").found, 0);
    }
    world.start().await;
    assert_eq!(refusal(&world, 1, &code).await, None, "after a restart and a rebuild");
    world.pass(TimeDelta::days(13));
    assert_eq!(refusal(&world, 1, &code).await, None, "the last day");
    world.pass(TimeDelta::days(1));
    let until = "2026-03-15".parse().expect("a day");
    assert_eq!(refusal(&world, 1, &code).await, Some(Reason::Over { until }));
    assert!(in_hand(&world, 1).await.is_empty());
}

#[tokio::test]
async fn ld_38_a_coupon_that_was_used_is_told_and_one_that_was_cancelled_too() {
    let world = World::with_more(RULES).await;
    let code = voucher(&world.sell("A", &Purchase::of(1, 999)).await, "five");
    let used = world.sell("B", &Purchase::of(1, 3_000).with_voucher(&code)).await;
    let Body::Sale(sale) = &used.record.body else { panic!("a sale") };
    assert_eq!((sale.payable.value(), &sale.flags), (2_500, &BTreeSet::new()));
    assert_eq!(refusal(&world, 1, &code).await, Some(Reason::VoucherUsed));
    // What earned it comes back after it was used: it stays used, the return goes through.
    let (cancelled, flags) = undone(&world.void("A").await);
    assert_eq!((cancelled, flags), (1, BTreeSet::from([Flag::IssuedVoucherUsed])));
    assert_eq!(refusal(&world, 1, &code).await, Some(Reason::VoucherUsed));
    // What it was used on comes back too: it is not given again.
    world.void("B").await;
    assert_eq!(refusal(&world, 1, &code).await, Some(Reason::VoucherCancelled));
    // A till that takes it all the same states a fact.
    let mut request = world.commit_request("C", &Purchase::of(1, 3_000)).await;
    request.basket = Purchase::of(1, 3_000).with_voucher(&code).basket();
    request.payable = crate::money::Amount::new(2_500);
    let taken = world.till().commit(request, once("C")).await.expect("a fact");
    let Body::Sale(sale) = &taken.record.body else { panic!("a sale") };
    let flags = BTreeSet::from([Flag::DiscountDiffers, Flag::VoucherCancelled]);
    assert_eq!(sale.flags, flags);
    check_accounts(&world);
}

#[tokio::test]
async fn ld_44_entries_come_by_amount_and_a_return_cancels_what_is_no_longer_earned() {
    let world = World::with_more(RULES).await;
    let sold = world.sell("A", &Purchase::of(1, 4_000).in_units(4)).await;
    let entries: Vec<String> = issued(&sold)
        .into_iter()
        .filter(|(_, kind)| kind == "entry")
        .map(|(code, _)| code)
        .collect();
    assert_eq!(entries.iter().collect::<BTreeSet<_>>().len(), 4, "{entries:?}");
    let (cancelled, flags) = undone(&world.take_back("A", 1).await);
    assert_eq!((cancelled, flags), (1, BTreeSet::new()));
    let code = voucher(&sold, "five");
    assert_eq!(refusal(&world, 1, &code).await, None, "the visit stays one");
    assert_eq!(refusal(&world, 1, &entries[0]).await, Some(Reason::VoucherUnknown));
    let rest = world.void("A").await;
    let Body::Void(undo) = &rest.record.body else { panic!("a void") };
    assert_eq!(undo.codes_cancelled.len(), 4, "three entries and the coupon");
    assert_eq!(refusal(&world, 1, &code).await, Some(Reason::VoucherCancelled));
    check_accounts(&world);
}

#[tokio::test]
async fn bq_36_a_milestones_voucher_comes_once_and_again_only_if_it_went_back() {
    let world = World::with_more(RULES).await;
    for uid in ["A", "B"] {
        world.sell(uid, &Purchase::of(1, 500)).await;
    }
    let third = world.sell("C", &Purchase::of(1, 500)).await;
    assert_eq!(kinds_of(&third), ["five"], "one coupon a day came with the first");
    assert_eq!(kinds_of(&world.sell("D", &Purchase::of(1, 500)).await), [""; 0]);
    world.void("D").await;
    assert_eq!(undone(&world.void("C").await).0, 1);
    assert_eq!(kinds_of(&world.sell("E", &Purchase::of(1, 500)).await), ["five"]);
    check_accounts(&world);
}

#[tokio::test]
async fn a_late_member_is_given_the_vouchers_of_the_sale_and_a_training_or_nobody_none() {
    let world = World::with_more(RULES).await;
    let sold = world.sell("A", &Purchase::anonymous(1_500)).await;
    assert_eq!(issued(&sold), []);
    let training = world.sell("T", &Purchase::of(1, 1_500).in_training()).await;
    let Body::Training(sale) = &training.record.body else { panic!("a training") };
    assert!(sale.member.as_ref().expect("a member").issued.is_empty());
    let late = world.assign("A", 1).await;
    assert_eq!(kinds_of(&late), ["entry", "five"]);
    let code = voucher(&late, "five");
    assert_eq!(refusal(&world, 1, &code).await, None);
    assert_eq!(undone(&world.void("A").await).0, 2);
    assert_eq!(refusal(&world, 1, &code).await, Some(Reason::VoucherCancelled));
}

#[tokio::test]
async fn bq_33_a_quote_says_what_will_be_handed_out() {
    let world = World::with_more(RULES).await;
    let quoted = world.quote(&Purchase::of(1, 2_500)).await;
    let issues = quoted.decision.points.expect("a member").issues;
    let told: Vec<(bool, u32)> =
        issues.iter().map(|issue| (issue.what.is_voucher(), issue.count)).collect();
    assert_eq!(told, [(false, 2), (true, 1)]);
}

#[tokio::test]
async fn cc_28_what_a_voucher_costs_is_in_the_record_when_it_is_given_and_when_it_is_used() {
    let world = World::with_more(RULES).await;
    let sold = world.sell("A", &Purchase::of(1, 999)).await;
    let Body::Sale(sale) = &sold.record.body else { panic!("a sale") };
    let issued = &sale.member.as_ref().expect("a member").issued;
    let cost = |issued: &crate::loyalty::Issued| match &issued.what {
        IssuedKind::Voucher { cost, .. } => *cost,
        IssuedKind::Entry => None,
    };
    let three = crate::money::Amount::new(300);
    assert_eq!(issued.iter().map(cost).collect::<Vec<_>>(), [Some(three)]);
    let code = voucher(&sold, "five");
    // The kind of the second says no cost: it is its discount of 10 %.
    for (uid, code, cost) in [("B", code.as_str(), 300), ("C", "V1-1", 250)] {
        let used = world.sell(uid, &Purchase::of(1, 2_500).with_voucher(code)).await;
        let Body::Sale(sale) = &used.record.body else { panic!("a sale") };
        let costs = &sale.voucher_costs;
        let costs: Vec<_> =
            costs.iter().map(|(code, cost)| (code.as_str(), cost.value())).collect();
        assert_eq!(costs, [(code, cost)]);
    }
}
