//! Several vouchers on one basket.

use super::examples::*;
use super::*;
use crate::loyalty::decision::Benefit;
use crate::loyalty::ids::{VoucherId, VoucherTypeId};
use crate::loyalty::programme::{VoucherType, VoucherValue};
use crate::loyalty::terms::Conditions;
use crate::money::Percent;

/// Kinds of vouchers by their ids.
fn kinds() -> Vec<VoucherType> {
    let percent = |percent| VoucherValue::Percent(Percent::whole(percent));
    let amount = |minor| VoucherValue::Amount(Amount::new(minor));
    let kinds = [("half", percent(50)), ("ten", percent(10)), ("a50", amount(5_000))];
    let kind = |(id, value): (&str, _)| VoucherType {
        id: VoucherTypeId::parse(id).expect("plain"),
        name: id.to_owned(),
        conditions: Conditions::default(),
        value,
        cap: None,
        cost: None,
    };
    kinds.into_iter().map(kind).collect()
}

/// Kinds of the vouchers that applied and what each took off a line of 100.00, in their order, and
/// what remains to be paid. Each voucher is a code and its kind.
fn taken(vouchers: &[(&str, &str)]) -> (Vec<(String, i64)>, i64) {
    let mut programme = club();
    programme.voucher_types = kinds().into_iter().map(|kind| (kind.id.clone(), kind)).collect();
    let mut scene = Scene::member(0);
    for (code, kind) in vouchers {
        let state = VoucherState {
            voucher_type: VoucherTypeId::parse(kind).expect("plain"),
            standing: VoucherStanding::Usable,
            valid_from: None,
            valid_until: None,
        };
        scene.vouchers.insert(VoucherId::parse(code).expect("plain"), state);
    }
    let codes: Vec<&str> = vouchers.iter().map(|(code, _)| *code).collect();
    let basket = presenting(vec![line("1", "bread", 1, 10_000)], &codes);
    let decision = Evaluator::new(programme).decide(&basket, &scene.occasion());
    let of_voucher = |applied: &Applied| match &applied.benefit {
        Benefit::Voucher { voucher_type, .. } => {
            Some((voucher_type.to_string(), applied.amount.value()))
        }
        _ => None,
    };
    let taken = decision.applied.iter().filter_map(of_voucher).collect();
    (taken, decision.totals.payable.value())
}

#[test]
fn vouchers_apply_in_the_order_of_what_they_are_whatever_their_codes() {
    let cases = [
        // kinds, what each took in its turn, what remains
        (["ten", "a50"].as_slice(), [("ten", 1_000), ("a50", 5_000)].as_slice(), 4_000),
        (&["half", "ten"], &[("half", 5_000), ("ten", 500)], 4_500),
        (&["half", "ten", "a50"], &[("half", 5_000), ("ten", 500), ("a50", 4_500)], 0),
        (&["a50", "a50"], &[("a50", 5_000), ("a50", 5_000)], 0),
    ];
    let codes = ["A1", "M5", "Z9"];
    for (kinds, expected, payable) in cases {
        let expected: Vec<_> =
            expected.iter().map(|(kind, took)| ((*kind).to_owned(), *took)).collect();
        for turned in 0..codes.len() {
            let code = |at: usize| codes[(at + turned) % codes.len()];
            let numbered = kinds.iter().enumerate();
            let vouchers: Vec<_> = numbered.map(|(at, kind)| (code(at), *kind)).collect();
            assert_eq!(taken(&vouchers), (expected.clone(), payable), "{vouchers:?}");
        }
    }
}
