//! Tax inside the prices and on top of them.

use super::examples::*;
use super::*;
use crate::loyalty::basket::{BasketTax, Line};
use crate::loyalty::entry::RemainingSale;
use crate::loyalty::ids::LineId;
use crate::loyalty::programme::{
    AccrualPolicy, PricePolicy, RedeemAs, RedemptionPolicy, Reward, TaxBase,
};
use crate::loyalty::returns::{ReturnLine, Returned};
use crate::money::Percent;

fn taxed(tax: TaxMode) -> Programme {
    let prices = PricePolicy { tax, ..PricePolicy::default() };
    Programme {
        prices,
        offers: vec![offer("ten", Reward::BasketPercent(Percent::whole(10)))],
        ..club()
    }
}

fn at(rate: u32, id: &str, units: i64, unit_price: i64) -> Line {
    Line { tax_rate: Percent::whole(rate), ..line(id, id, units, unit_price) }
}

/// 200.00 at 21 % and 100.05 at 12 %.
fn two_rates() -> Vec<Line> {
    vec![at(21, "1", 2, 10_000), at(12, "2", 1, 10_005)]
}

/// Rate, gross, discount, net, tax, total.
fn figures(decision: &Decision) -> Vec<(u32, [i64; 5])> {
    let figures = |sum: &TaxSum| {
        let amounts = [sum.gross, sum.discount, sum.net(), sum.tax, sum.total];
        (sum.rate.thousandths() / 1_000, amounts.map(Amount::value))
    };
    decision.taxes.iter().map(figures).collect()
}

fn decide(programme: &Programme, basket: &Basket) -> Decision {
    Evaluator::new(programme.clone()).decide(basket, &Scene::member(1_000).occasion())
}

#[test]
fn a_discount_lowers_each_rate_by_its_lines_and_tax_is_inside_or_on_top() {
    // 10 % of 300.05 is 30.01 (half up): 20.00 of it at 21 %, 10.01 at 12 %.
    let inside = decide(&taxed(TaxMode::Included), &basket(two_rates()));
    let expected = vec![
        (12, [10_005, 1_001, 8_039, 965, 9_004]),
        (21, [20_000, 2_000, 14_876, 3_124, 18_000]),
    ];
    assert_eq!(figures(&inside), expected);
    assert_eq!((inside.totals.tax, inside.totals.payable.value()), (Amount::ZERO, 27_004));
    let on_top = decide(&taxed(TaxMode::Added), &basket(two_rates()));
    let expected = vec![
        (12, [10_005, 1_001, 9_004, 1_080, 10_084]),
        (21, [20_000, 2_000, 18_000, 3_780, 21_780]),
    ];
    assert_eq!(figures(&on_top), expected);
    assert_eq!((on_top.totals.tax.value(), on_top.totals.payable.value()), (4_860, 31_864));
    let by_line: Vec<(i64, i64)> =
        on_top.lines.iter().map(|line| (line.tax.value(), line.net.value())).collect();
    assert_eq!(by_line, [(3_780, 21_780), (1_080, 10_084)]);
}

#[test]
fn tax_on_top_is_rounded_once_per_rate_however_the_lines_are() {
    let programme = Programme { offers: Vec::new(), ..taxed(TaxMode::Added) };
    // 21 % of 0.02 is nothing, of 0.06 a cent: it goes to the first of the lines.
    let small = ["b", "a", "c"].map(|id| at(21, id, 1, 2)).to_vec();
    let decision = decide(&programme, &basket(small));
    let taxes: Vec<i64> = decision.lines.iter().map(|line| line.tax.value()).collect();
    assert_eq!((taxes, decision.totals.payable.value()), (vec![0, 1, 0], 7));
}

#[test]
fn a_basket_may_be_taxed_otherwise_than_the_programme_says() {
    for (programme, asked, payable) in [
        (TaxMode::Included, None, 27_004),
        (TaxMode::Included, Some(TaxMode::Added), 31_864),
        (TaxMode::Added, Some(TaxMode::Included), 27_004),
        (TaxMode::Added, None, 31_864),
    ] {
        let mut asking = basket(two_rates());
        asking.note_tax(BasketTax { mode: asked, charged: None });
        let decision = decide(&taxed(programme), &asking);
        assert_eq!(decision.totals.payable.value(), payable, "{programme:?} {asked:?}");
    }
}

#[test]
fn points_earn_on_prices_with_or_without_tax_wherever_the_tax_is() {
    // A point per 10.00 of 242.00 with tax, 200.00 without.
    for (mode, price, earns, points) in [
        (TaxMode::Included, 24_200, TaxBase::Gross, 24),
        (TaxMode::Included, 24_200, TaxBase::Net, 20),
        (TaxMode::Added, 20_000, TaxBase::Gross, 24),
        (TaxMode::Added, 20_000, TaxBase::Net, 20),
    ] {
        let accrual = AccrualPolicy { tax: earns, ..AccrualPolicy::default() };
        let programme = Programme { accrual, offers: Vec::new(), ..taxed(mode) };
        let decision = decide(&programme, &basket(vec![at(21, "1", 1, price)]));
        assert_eq!(decision.totals.payable, Amount::new(24_200));
        let earned = decision.points.expect("a member").earned;
        assert_eq!(earned, Points::new(points), "{mode:?} {earns:?}");
    }
}

#[test]
fn points_lower_the_tax_as_a_discount_and_pay_it_as_money() {
    for (redeem_as, discount, tax, payable) in
        [(RedeemAs::Discount, 1_000, 1_890, 10_890), (RedeemAs::Tender, 0, 2_100, 11_100)]
    {
        let policy = RedemptionPolicy { redeem_as, ..club().redemption.expect("a policy") };
        let programme =
            Programme { redemption: Some(policy), offers: Vec::new(), ..taxed(TaxMode::Added) };
        let decision = decide(&programme, &spending(vec![at(21, "1", 1, 10_000)], 100));
        let sum = decision.taxes[0];
        let found = (sum.discount.value(), sum.tax.value(), decision.totals.payable.value());
        assert_eq!(found, (discount, tax, payable), "{redeem_as:?}");
    }
}

#[test]
fn what_a_till_charged_is_split_over_the_lines_as_tax_is_due() {
    let mut asking = basket(two_rates());
    asking.note_tax(BasketTax { mode: Some(TaxMode::Added), charged: Some(Amount::new(4_861)) });
    let decision = decide(&taxed(TaxMode::Included), &asking);
    assert_eq!(decision.tax_due, Amount::new(4_860));
    let by_line: Vec<i64> = decision.lines.iter().map(|line| line.tax.value()).collect();
    assert_eq!((by_line, decision.totals.payable.value()), (vec![3_781, 1_080], 31_865));
}

#[test]
fn a_return_in_parts_pays_back_the_tax_of_its_units_and_all_of_it_in_the_end() {
    let programme = taxed(TaxMode::Added);
    let lines = vec![at(21, "1", 3, 3_333), at(12, "2", 1, 10_005)];
    let decision = decide(&programme, &basket(lines.clone()));
    let scene = Scene::member(1_000);
    let sold = sold_receipt(&programme, &lines, &decision, &scene);
    let evaluator = Evaluator::new(programme);
    let one = |id: &str, units| ReturnLine {
        line_id: LineId::parse(id).expect("plain"),
        quantity: crate::money::Quantity::units(units),
    };
    // 89.99 and 18.90 of tax for the three, a third of it each; 90.05 and 10.81 for the other.
    let mut returned = Returned::new();
    let mut told = Vec::new();
    for part in [vec![one("1", 1)], vec![one("1", 1)], vec![one("1", 1), one("2", 1)]] {
        let outcome = evaluator.take_back(&sold, &returned, &part).expect("sold");
        let taxes = outcome.taxes.iter();
        let taxes: Vec<(u32, i64, i64)> = taxes
            .map(|back| (back.rate.thousandths() / 1_000, back.total.value(), back.tax.value()))
            .collect();
        told.push((outcome.refund.value(), taxes));
        returned = outcome.returned;
        let last = outcome.remaining == RemainingSale::Nothing;
        assert_eq!(last, told.len() == 3);
    }
    let all: i64 = told.iter().map(|(refund, _)| refund).sum();
    assert_eq!(all, decision.totals.payable.value());
    assert_eq!(told[0], (3_629, vec![(21, 3_629, 629)]));
    assert_eq!(told[1], (3_630, vec![(21, 3_630, 630)]));
    assert_eq!(told[2], (3_630 + 10_086, vec![(12, 10_086, 1_081), (21, 3_630, 631)]));
    let voided = evaluator.take_back_the_rest(&sold, &Returned::new());
    let whole = decision.taxes.iter().map(|sum| (sum.rate, sum.total, sum.tax));
    let back = voided.taxes.iter().map(|back| (back.rate, back.total, back.tax));
    assert!(whole.eq(back), "{voided:?}");
}
