//! Points that become vouchers by themselves, and vouchers chosen for points, on a real ledger.

use super::*;
use crate::agent::store::rebuild;
use crate::agent::till::answer::Recorded;
use crate::agent::till::request::ReturnRequest;
use crate::journal::Sale;
use crate::loyalty::{Issued, IssuedBy, Reason, RewardId, Subject};
use crate::money::Amount;

/// From 1,020 points on 500 become a voucher of 5.00; one of them may be chosen for 300.
const RULES: &str = r#"
[[conversions]]
id = "each-500"
points = 500
at = 1020
voucher = { type = "five", days = 30 }

[[rewards]]
id = "voucher"
name = "Voucher 5.00"
kind = "voucher"
points = 300
voucher = { type = "five", days = 30 }

[[voucher_types]]
id = "five"
name = "Voucher 5.00"
kind = "amount"
amount = "5.00"
"#;

fn sale(recorded: &Recorded) -> &Sale {
    match &recorded.record.body {
        Body::Sale(sale) | Body::Training(sale) => sale,
        other => panic!("{other:?}"),
    }
}

fn issued(recorded: &Recorded) -> &[Issued] {
    match &recorded.record.body {
        Body::Assign(assign) => &assign.issued,
        _ => sale(recorded).member.as_ref().map_or(&[], |member| &member.issued),
    }
}

/// The one code that was handed out.
fn code(recorded: &Recorded) -> String {
    let [one] = issued(recorded) else { panic!("{:?}", issued(recorded)) };
    one.code.to_string()
}

fn undone(recorded: &Recorded) -> (Vec<String>, Vec<Flag>) {
    match &recorded.record.body {
        Body::Void(undo) | Body::Return(undo) => {
            let codes = undo.codes_cancelled.iter().map(ToString::to_string).collect();
            (codes, undo.flags.iter().copied().collect())
        }
        other => panic!("{other:?}"),
    }
}

/// Why a member may not use a voucher now.
async fn refusal(world: &World, member: u32, code: &str) -> Option<Reason> {
    let quoted = world.quote(&Purchase::of(member, 3_000).with_voucher(code)).await;
    let mut refused = quoted.decision.refused.into_iter();
    refused.find(|refusal| matches!(refusal.subject, Subject::Voucher { .. })).map(|r| r.reason)
}

fn differing(world: &World) -> Vec<String> {
    let (_, path) = base_files::newest(world.folder()).expect("a base");
    let base = open::open_reader(&path).expect("readable");
    let base = Some(Base::of(&base).expect("a base"));
    let differences = rebuild::compare(&ledger(world), base).expect("compared");
    differences.told.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn ld_41_a_sale_that_lifts_the_balance_hands_a_voucher_out_and_its_void_takes_it_back() {
    let mut world = World::with_more(RULES).await;
    let below = world.sell("A", &Purchase::of(1, 1_999)).await;
    assert_eq!((issued(&below).len(), world.balance(1).await), (0, 1_019));
    let quoted = world.quote(&Purchase::of(1, 100)).await;
    let points = quoted.decision.points.expect("a member");
    assert_eq!((points.issues.len(), points.after.value()), (1, 520), "a quote says so");
    let lifted = world.sell("B", &Purchase::of(1, 100)).await;
    let code = code(&lifted);
    assert_eq!(world.balance(1).await, 520);
    let again = world.sell("B", &Purchase::of(1, 100)).await;
    assert_eq!(issued(&again), issued(&lifted), "the same request, the same code");
    assert_eq!(refusal(&world, 1, &code).await, None);
    assert_eq!(refusal(&world, 2, &code).await, Some(Reason::VoucherOfOther));
    world.cut_power().await;
    world.start().await;
    assert_eq!((world.balance(1).await, differing(&world)), (520, vec![]));
    assert_eq!(undone(&world.void("B").await), (vec![code.clone()], vec![]));
    assert_eq!(world.balance(1).await, 1_019, "as if it had never been");
    assert_eq!(refusal(&world, 1, &code).await, Some(Reason::VoucherCancelled));
    check_accounts(&world);
    assert_eq!(differing(&world), [""; 0]);
}

#[tokio::test]
async fn ld_41_the_closing_of_a_day_counts_converted_points_once() {
    let world = World::with_more(RULES).await;
    let lifted = world.sell("A", &Purchase::of(1, 2_000)).await;
    assert_eq!((issued(&lifted).len(), world.balance(1).await), (1, 520));
    world.pass(TimeDelta::days(1));
    let next = world.sell("B", &Purchase::anonymous(500)).await;
    let closing = journal::load(&ledger(&world), next.id - 1).expect("a record");
    let Body::DailyClosing(closing) = closing.record.body else { panic!("a closing comes first") };
    let totals = closing.day_totals;
    assert_eq!((totals.points_issued.value(), totals.points_spent.value()), (20, 500));
}

#[tokio::test]
async fn ld_41_a_used_voucher_stays_and_what_the_return_takes_is_owed() {
    let world = World::with_more(RULES).await;
    world.adjust("down", 1, -500).await;
    let lifted = world.sell("A", &Purchase::of(1, 60_000).in_units(6)).await;
    let code = code(&lifted);
    // Club -5 %: 570 points are earned, and 500 of 1,070 converted.
    assert_eq!(world.balance(1).await, 570);
    let used = world.sell("B", &Purchase::of(1, 1_000).with_voucher(&code)).await;
    assert_eq!(sale(&used).payable, Amount::new(500));
    assert_eq!(undone(&world.void("A").await), (vec![], vec![Flag::IssuedVoucherUsed]));
    assert_eq!(refusal(&world, 1, &code).await, Some(Reason::VoucherUsed));
    assert_eq!(world.balance(1).await, 570 + 10 - 570, "10 for B; nothing for the voucher");
    // Points were paid for it, so it is there again where it was used in vain.
    world.void("B").await;
    assert_eq!((refusal(&world, 1, &code).await, world.balance(1).await), (None, 0));
    check_accounts(&world);
    assert_eq!(differing(&world), [""; 0]);
}

#[tokio::test]
async fn ld_41_a_late_members_points_are_converted_and_a_training_hands_nothing_out() {
    let world = World::with_more(RULES).await;
    let training = world.sell("T", &Purchase::of(1, 3_000).in_training()).await;
    let taken = sale(&training).member.as_ref().expect("a member").converted.points().value();
    assert_eq!((issued(&training).len(), taken, world.balance(1).await), (0, 0, 1_000));
    world.sell("A", &Purchase::anonymous(2_500).in_units(5)).await;
    let late = world.assign("A", 1).await;
    let code = code(&late);
    assert_eq!((world.balance(1).await, refusal(&world, 1, &code).await), (525, None));
    assert_eq!(undone(&world.take_back("A", 1).await), (vec![], vec![]), "1,020 are enough");
    assert_eq!(undone(&world.take_back("A", 2).await), (vec![code], vec![]));
    assert_eq!(world.balance(1).await, 1_010);
    check_accounts(&world);
    assert_eq!(differing(&world), [""; 0]);
}

#[tokio::test]
async fn ld_41_points_on_hold_for_another_basket_are_not_converted() {
    let world = World::with_more(RULES).await;
    world.reserve("H", 1, 100).await;
    let sold = world.sell("A", &Purchase::of(1, 5_000)).await;
    assert_eq!(
        (issued(&sold).len(), sale(&sold).member.as_ref().map(|m| m.converted.by.len())),
        (0, Some(0))
    );
}

#[tokio::test]
async fn ld_42_a_chosen_voucher_is_paid_for_handed_out_used_and_brought_back() {
    let world = World::with_more(RULES).await;
    let purchase = Purchase::of(1, 1_000).in_units(2).choosing("voucher");
    let told = world.quote(&purchase).await;
    let issues = told.decision.points.expect("a member").issues;
    let by = IssuedBy::Reward(RewardId::parse("voucher").expect("an id"));
    assert_eq!(issues.iter().map(|issue| (&issue.by, issue.count)).collect::<Vec<_>>(), [(&by, 1)]);
    let sold = world.sell("A", &purchase).await;
    let code = code(&sold);
    assert_eq!((sale(&sold).payable, world.balance(1).await), (Amount::new(1_000), 710));
    let handed_back = |uid: &str| ReturnRequest {
        of: receipt("A"),
        sold_by: None,
        till: crate::agent::testing::till_id(),
        operator: None,
        undo_uid: receipt(uid),
        lines: Vec::new(),
        rewards: [(RewardId::parse("voucher").expect("an id"), 1)].into(),
        closed_at: None,
        reason: None,
    };
    // Used: neither by itself nor with the goods does it come back.
    world.sell("B", &Purchase::of(1, 1_000).with_voucher(&code)).await;
    let refused = world.till().take_back(handed_back("A-1"), once("A-1")).await;
    assert_eq!(refused.map(|_| ()).map_err(|e| e.code()), Err("return_more_rewards_than_given"));
    world.void("B").await;
    let back = world.till().take_back(handed_back("A-2"), once("A-2")).await.expect("unused");
    assert_eq!(undone(&back), (vec![code.clone()], vec![]));
    assert_eq!(world.balance(1).await, 1_010);
    assert_eq!(refusal(&world, 1, &code).await, Some(Reason::VoucherCancelled));
    assert_eq!(undone(&world.void("A").await), (vec![], vec![]));
    assert_eq!(world.balance(1).await, 1_000, "each comes back once");
    check_accounts(&world);
    assert_eq!(differing(&world), [""; 0]);
}

#[tokio::test]
async fn ld_42_a_voucher_that_points_do_not_pay_for_is_not_handed_out_whatever_the_till_says() {
    let world = World::with_more(RULES).await;
    let purchase = Purchase::of(1, 1_000);
    let mut request = world.commit_request("A", &purchase).await;
    let four = (0..4).fold(purchase, |purchase, _| purchase.choosing("voucher"));
    request.basket = four.basket();
    let recorded = world.till().commit(request, once("A")).await.expect("a fact");
    let flags = BTreeSet::from([Flag::RewardNotDue, Flag::SpentBeyondBalance]);
    assert_eq!((issued(&recorded).len(), &sale(&recorded).flags), (3, &flags));
    assert_eq!(world.balance(1).await, 1_000 - 900 + 10);
    world.void("A").await;
    assert_eq!(world.balance(1).await, 1_000);
    check_accounts(&world);
}
