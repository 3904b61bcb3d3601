//! How prices are computed where shops and countries differ: cash rounding, tax.

use super::*;
use crate::journal::{Payment, PaymentKind};
use crate::loyalty::{Basket, BasketTax, Line, LineId, RequestedBenefits, TaxMode};
use crate::money::{Amount, Percent};

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

/// Two rates in one receipt: 40.00 at 21 %, 10.05 at 12 %.
fn two_rates() -> Basket {
    let of = |id: &str, minor, rate| Line {
        line_id: LineId::parse(id).expect("an id"),
        tax_rate: Percent::whole(rate),
        ..Purchase::of(1, minor).basket().lines()[0].clone()
    };
    let lines = vec![of("1", 4_000, 21), of("2", 1_005, 12)];
    Basket::parse(lines, RequestedBenefits::default()).expect("a basket")
}

fn sale_in(recorded: &crate::agent::till::answer::Recorded) -> &crate::journal::Sale {
    let Body::Sale(sale) = &recorded.record.body else { panic!("a sale") };
    sale
}

#[tokio::test]
async fn tax_on_top_is_quoted_recorded_and_paid_back_with_its_units() {
    let world = world("tax = \"added\"").await;
    // 5 % for members: 38.00 and 9.55 are left, with 7.98 and 1.15 of tax.
    let mut request = world.commit_request("R1", &Purchase::of(1, 5_005)).await;
    (request.basket, request.payable) = (two_rates(), Amount::new(5_668));
    let recorded = world.till().commit(request, once("R1")).await.expect("committed");
    let sale = sale_in(&recorded);
    assert_eq!(
        (sale.payable, sale.tax, &sale.flags),
        (Amount::new(5_668), TaxMode::Added, &BTreeSet::new())
    );
    let taxes: Vec<i64> = sale.lines.iter().map(|sold| sold.tax.value()).collect();
    assert_eq!(taxes, [798, 115]);
    let Body::Return(back) = world.take_back("R1", 1).await.record.body else { panic!("a return") };
    let told = |back: &crate::journal::Undo| {
        let taxes = back.taxes.iter();
        taxes.map(|tax| (tax.rate, tax.total.value(), tax.tax.value())).collect::<Vec<_>>()
    };
    assert_eq!((back.refund.value(), told(&back)), (4_598, vec![(Percent::whole(21), 4_598, 798)]));
    let Body::Void(rest) = world.void("R1").await.record.body else { panic!("a void") };
    assert_eq!((rest.refund.value(), told(&rest)), (1_070, vec![(Percent::whole(12), 1_070, 115)]));
    check_accounts(&world);
}

#[tokio::test]
async fn a_till_that_rounds_tax_otherwise_is_flagged_and_believed_and_sums_must_fit() {
    let world = world("tax = \"added\"").await;
    let differs = BTreeSet::from([Flag::TaxDiffers]);
    let as_given = BTreeSet::from([Flag::DiscountDiffers]);
    let none = BTreeSet::new();
    // Payable, tax as the till says it, discounts by line; the flags and the tax that is recorded,
    // or that the sums are refused.
    type Case<'a> = (i64, Option<i64>, Option<[i64; 2]>, Option<(&'a BTreeSet<Flag>, i64)>);
    let cases: [Case<'_>; 12] = [
        (5_966, None, None, Some((&none, 961))),
        (5_966, Some(961), None, Some((&none, 961))),
        (5_967, Some(962), None, Some((&differs, 962))),
        (5_966, Some(961), Some([0, 0]), Some((&none, 961))),
        (5_966, None, Some([0, 0]), Some((&none, 961))),
        (5_967, None, Some([0, 0]), Some((&differs, 962))),
        // Half of it all: the tax has its share of what was paid.
        (2_983, None, None, Some((&as_given, 480))),
        (0, None, None, Some((&as_given, 0))),
        (5_967, None, None, None),
        (5_966, Some(960), None, None),
        (900, Some(961), None, None),
        (5_966, Some(961), Some([1, 0]), None),
    ];
    for (number, (payable, tax_added, discounts, expected)) in cases.into_iter().enumerate() {
        let uid = format!("R{number}");
        let mut request = world.commit_request(&uid, &Purchase::anonymous(5_005)).await;
        request.basket = two_rates();
        request.payable = Amount::new(payable);
        request.tax_added = tax_added.map(Amount::new);
        request.line_discounts = discounts.map(|given| {
            let ids = ["1", "2"].map(|id| LineId::parse(id).expect("an id"));
            ids.into_iter().zip(given.map(Amount::new)).collect()
        });
        let answer = world.till().commit(request, once(&uid)).await;
        let Some((flags, tax)) = expected else {
            assert!(matches!(answer, Err(TillError::TotalsDoNotAddUp { .. })), "case {number}");
            continue;
        };
        let recorded = answer.unwrap_or_else(|error| panic!("case {number}: {error}"));
        let sale = sale_in(&recorded);
        let found: i64 = sale.lines.iter().map(|sold| sold.tax.value()).sum();
        let paid: Amount = sale.lines.iter().map(crate::journal::SaleLine::paid).sum();
        assert_eq!((&sale.flags, found, paid.value()), (flags, tax, payable), "case {number}");
    }
}

#[tokio::test]
async fn tax_is_inside_the_prices_unless_programme_or_receipt_says_otherwise() {
    let world = world("cash_rounding = \"none\"").await;
    // As the receipt says, payable, tax as the till says it; whether the sums fit.
    let cases = [
        (None, 5_005, None, true),
        (None, 5_005, Some(0), true),
        (None, 5_966, Some(961), false),
        (Some(TaxMode::Added), 5_966, None, true),
        (Some(TaxMode::Included), 5_005, None, true),
    ];
    for (number, (mode, payable, tax_added, fits)) in cases.into_iter().enumerate() {
        let uid = format!("R{number}");
        let mut request = world.commit_request(&uid, &Purchase::anonymous(5_005)).await;
        request.basket = two_rates();
        request.basket.note_tax(BasketTax { mode, charged: None });
        request.payable = Amount::new(payable);
        request.tax_added = tax_added.map(Amount::new);
        let answer = world.till().commit(request, once(&uid)).await;
        assert_eq!(answer.is_ok(), fits, "case {number}");
        if let Ok(recorded) = &answer {
            let sale = sale_in(recorded);
            assert_eq!((sale.tax, &sale.flags), (mode.unwrap_or_default(), &BTreeSet::new()));
        }
    }
}
