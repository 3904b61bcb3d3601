//! Surprises that are drawn when a receipt is paid, and budgets of rules, on a real ledger.

use super::*;
use crate::agent::store::rebuild;
use crate::agent::till::answer::Recorded;
use crate::loyalty::{Counted, Draws, EarnedBy, Unit};
use crate::money::Points;

/// Every receipt is drawn and wins 40 points, 100 points a day of all customers; half of the
/// receipts would win a voucher.
const RULES: &str = r#"
[[earn]]
id = "lucky"
name = "Surprise"
kind = "per_item"
points = 20
chance_bp = 10_000
shared_limits = [
    { per = "store", window = "day", uses = 100, count = "points", offline = "approximate" },
    { per = "total", window = "ever", uses = 1000, offline = "slice", slice = 3 },
]

[[earn]]
id = "half"
kind = "per_visit"
chance_bp = 5_000
voucher = { type = "five", days = 30 }

[[voucher_types]]
id = "five"
name = "Voucher 5.00"
kind = "amount"
amount = "5.00"
"#;

/// What rules gave, what was drawn, and what was used of all customers' limits.
fn of(recorded: &Recorded) -> (&[EarnedBy], &Draws, &[Counted]) {
    match &recorded.record.body {
        Body::Sale(sale) => {
            let member = sale.member.as_ref().expect("a member");
            (&member.earned_by, &sale.draws, &sale.shared)
        }
        Body::Assign(assign) => (&assign.earned_by, &assign.draws, &assign.shared),
        other => panic!("{other:?}"),
    }
}

/// Points of the surprise, and the receipts and points that it used.
fn lucky(recorded: &Recorded) -> (i64, Vec<i64>) {
    let (earned_by, _, shared) = of(recorded);
    let won = earned_by.iter().find(|by| by.rule.as_str() == "lucky");
    (won.map_or(0, |by| Points::of(by.gain).value()), shared.iter().map(|used| used.by).collect())
}

fn differing(world: &World) -> Vec<String> {
    let (_, path) = base_files::newest(world.folder()).expect("a base");
    let base = open::open_reader(&path).expect("readable");
    let base = Some(Base::of(&base).expect("a base"));
    let differences = rebuild::compare(&ledger(world), base).expect("compared");
    differences.told.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn bq_19_a_quote_says_nothing_and_the_paid_receipt_wins_the_same_however_often_it_is_sent() {
    let mut world = World::with_more(RULES).await;
    let quoted = world.quote(&Purchase::of(1, 1_000)).await;
    let points = quoted.decision.points.expect("a member");
    assert_eq!((points.earned.value(), points.issues.len()), (10, 0));
    assert!(quoted.decision.refused.iter().all(|refusal| !format!("{refusal:?}").contains("half")));
    let sold = world.sell("A", &Purchase::of(1, 1_000)).await;
    assert_eq!((lucky(&sold), world.balance(1).await), ((20, vec![20, 1]), 1_030));
    assert_eq!(of(&sold).1.len(), 2, "won or lost, what was drawn is in the record");
    world.cut_power().await;
    world.start().await;
    let again = world.sell("A", &Purchase::of(1, 1_000)).await;
    assert_eq!(of(&again), of(&sold));
    assert_eq!((world.balance(1).await, differing(&world)), (1_030, vec![]));
}

#[tokio::test]
async fn bq_19_receipts_win_as_often_as_the_chance_says() {
    let world = World::with_more(RULES).await;
    let mut won = 0;
    for number in 0..60 {
        let sold = world.sell(&format!("R{number}"), &Purchase::of(1, 100)).await;
        let (_, draws, _) = of(&sold);
        let drawn = draws.iter().find(|(rule, _)| rule.as_str() == "half").expect("drawn").1;
        let Body::Sale(sale) = &sold.record.body else { panic!("a sale") };
        let issued = sale.member.as_ref().expect("a member").issued.len();
        assert_eq!(issued, usize::from(drawn.value() < 5_000));
        won += issued;
    }
    // Four standard deviations of 60 draws of a half are 15.
    assert!((15..=45).contains(&won), "{won}");
}

#[tokio::test]
async fn bq_19_the_budget_is_of_all_customers_and_comes_back_with_what_was_won() {
    let mut world = World::with_more(RULES).await;
    let won = world.sell("A", &Purchase::of(1, 6_000).in_units(3)).await;
    assert_eq!(lucky(&won), (60, vec![60, 1]));
    assert_eq!(
        lucky(&world.sell("B", &Purchase::of(2, 900).in_units(3)).await).0,
        0,
        "40 are left"
    );
    world.sell("N", &Purchase::anonymous(900)).await;
    assert_eq!(lucky(&world.assign("N", 3).await), (20, vec![20, 1]), "a late member's too");
    let back = world.take_back("A", 1).await;
    let Body::Return(undo) = &back.record.body else { panic!("a return") };
    assert_eq!(undo.shared.iter().map(|back| back.by).collect::<Vec<_>>(), [-20]);
    assert_eq!(lucky(&world.sell("C", &Purchase::of(2, 900).in_units(2)).await).0, 40);
    assert_eq!(lucky(&world.sell("D", &Purchase::of(2, 100)).await).0, 0, "three winners a slice");
    world.void("N").await;
    assert_eq!(lucky(&world.sell("E", &Purchase::of(2, 100)).await).0, 20);
    world.void("A").await;
    world.cut_power().await;
    world.start().await;
    assert_eq!(differing(&world), [""; 0]);
    check_accounts(&world);
    world.stop().await;
    let mut connection = Connection::open(world.ledger()).expect("opens");
    let transaction = connection.transaction().expect("begun");
    let (_, path) = base_files::newest(world.folder()).expect("a base");
    let base = open::open_reader(&path).expect("readable");
    rebuild::rebuild(&transaction, Some(Base::of(&base).expect("a base"))).expect("rebuilt");
    transaction.commit().expect("kept");
    drop(connection);
    world.start().await;
    assert_eq!(lucky(&world.sell("F", &Purchase::of(4, 200).in_units(2)).await).0, 40);
    assert_eq!(lucky(&world.sell("G", &Purchase::of(4, 100)).await).0, 0, "three again");
}

#[tokio::test]
async fn bq_19_a_training_draws_but_uses_nothing_up() {
    let world = World::with_more(RULES).await;
    for number in 0..4 {
        world.sell(&format!("T{number}"), &Purchase::of(1, 100).in_training()).await;
    }
    assert_eq!(
        (lucky(&world.sell("A", &Purchase::of(1, 100)).await).0, differing(&world)),
        (20, vec![])
    );
}

#[tokio::test]
async fn ld_9_what_a_till_gives_of_its_own_uses_a_rules_budget_once() {
    let world = World::with_more(RULES).await;
    let mut request = world.commit_request("A", &Purchase::of(1, 6_000)).await;
    request.payable = crate::money::Amount::new(5_000);
    let recorded = world.till().commit(request, once("A")).await.expect("a fact");
    let Body::Sale(sale) = &recorded.record.body else { panic!("a sale") };
    assert!(sale.flags.contains(&Flag::DiscountDiffers));
    assert_eq!(lucky(&recorded), (20, vec![20, 1]));
    assert_eq!(differing(&world), [""; 0]);
}
