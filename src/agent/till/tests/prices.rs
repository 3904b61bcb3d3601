//! How prices are computed where countries differ: cash rounding.

use super::*;
use crate::journal::{Payment, PaymentKind};
use crate::money::Amount;

/// The tests' programme with a table of prices.
async fn world(prices: &str) -> World {
    let text = PROGRAMME
        .replace("version = 1\n", "version = 2\n")
        .replace("[tiers]\n", &format!("[prices]\n{prices}\n\n[tiers]\n"));
    assert!(text.contains(prices), "the replacement found its place");
    let world = World::new().await;
    world.till().publish(text).await.expect("a sound programme");
    world
}

fn paid(kind: &str, minor: i64) -> Payment {
    Payment { kind: PaymentKind::clip(kind), amount: Amount::new(minor) }
}

#[tokio::test]
async fn bc_24_cash_is_rounded_as_the_country_does_or_flagged_and_never_refused() {
    let world = world("cash_rounding = \"SK\"").await;
    let (cash, card) = (|minor| paid("cash", minor), |minor| paid("card", minor));
    // Of 12.43: what was paid, the rounding that the till made, whether that is the country's.
    let cases = [
        (vec![cash(1_245)], 2, true),
        (vec![cash(2_000), cash(-755)], 2, true),
        (vec![cash(1_243)], 0, false),
        (vec![cash(1_240)], -3, false),
        (vec![card(1_243)], 0, true),
        (vec![card(1_245)], 2, false),
        (vec![card(1_000), cash(245)], 2, true),
        (vec![card(1_001), cash(240)], -2, true),
        (vec![card(1_241), cash(5)], 3, true),
        (vec![], 0, true),
        (vec![], 2, true),
        (vec![], 1, false),
    ];
    let mut spend = 0;
    for (number, (payments, rounding, agrees)) in cases.into_iter().enumerate() {
        let uid = format!("R{number}");
        let mut request = world.commit_request(&uid, &Purchase::of(1, 1_243)).await;
        (request.payments, request.rounding) = (payments, Amount::new(rounding));
        let recorded = world.till().commit(request, once(&uid)).await.expect("never refused");
        let Body::Sale(sale) = &recorded.record.body else { panic!("a sale") };
        assert_eq!(!sale.flags.contains(&Flag::RoundingDiffers), agrees, "case {number}");
        assert_eq!(sale.rounding, Amount::new(rounding), "a fact");
        let member = sale.member.as_ref().expect("a member");
        assert_eq!(sale.payable, Amount::new(1_243), "without the rounding");
        assert_eq!(
            (member.earned.value(), member.inputs.measure),
            (12, spend),
            "nor is it counted"
        );
        spend += 1_243;
    }
    let Body::Void(void) = world.void("R0").await.record.body else { panic!("a void") };
    let counted = void.account.as_ref().map(|account| account.spend);
    assert_eq!((void.refund, counted), (Amount::new(1_243), Some(Amount::new(1_243))));
    assert_eq!(void.cash_rounding, Amount::new(2), "12.45 where it is paid back in cash");
    check_accounts(&world);
}
