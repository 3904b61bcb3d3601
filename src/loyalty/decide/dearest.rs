//! Discounts on at most so much of the basket: the dearest units first.

use super::cost;
use super::offers::Discount;
use super::slate::{Claim, Slate};
use crate::money::{Amount, Percent, Quantity};

/// A share of at most so much, taken once on the whole.
pub(super) fn share_of(
    slate: &Slate<'_>,
    lines: &[usize],
    percent: Percent,
    quantity_max: Option<Quantity>,
) -> Discount {
    let mut dearest = Dearest::of(slate, lines, quantity_max);
    let mut thousandfold_sum: i128 = 0;
    for (at, counted) in &dearest.counted {
        let heap = slate.heap(*at);
        let base = i128::from(heap.percent_base().value()) * 1_000;
        // The counted units' part of it, cut below a thousandth of a minor unit.
        let part = base * i128::from(counted.value()) / i128::from(heap.quantity.value());
        thousandfold_sum += part;
        let weight = Amount::new(i64::try_from(part).unwrap_or(i64::MAX));
        dearest.claims.push(Claim { at: *at, weight, room: heap.room() });
    }
    let whole = i128::from(Percent::WHOLE.thousandths()) * 1_000;
    let total = (thousandfold_sum * i128::from(percent.thousandths()) + whole / 2) / whole;
    dearest.discount(Amount::new(i64::try_from(total).unwrap_or(i64::MAX)))
}

/// An amount off each whole unit of at most so much.
pub(super) fn amount_each(
    slate: &Slate<'_>,
    lines: &[usize],
    amount: Amount,
    quantity_max: Option<Quantity>,
) -> Discount {
    let mut dearest = Dearest::of(slate, lines, quantity_max);
    let mut total = Amount::ZERO;
    for (at, counted) in &dearest.counted {
        let heap = slate.heap(*at);
        let units = counted.whole_units();
        let wanted = Amount::new(amount.value().saturating_mul(units)).min(heap.room());
        total += wanted;
        dearest.claims.push(Claim { at: *at, weight: wanted, room: wanted });
    }
    dearest.discount(total)
}

/// How much of each heap counts.
struct Dearest {
    counted: Vec<(usize, Quantity)>,
    claims: Vec<Claim>,
}

impl Dearest {
    fn of(slate: &Slate<'_>, lines: &[usize], quantity_max: Option<Quantity>) -> Self {
        let mut dearest_first: Vec<usize> = lines.to_vec();
        if quantity_max.is_some() {
            slate.look(lines.len() * cost::OF_PRICES);
            dearest_first.sort_by_key(|&at| std::cmp::Reverse(slate.heap(at).line.unit_price));
        }
        let mut left = quantity_max;
        let mut counted = Vec::with_capacity(lines.len());
        for at in dearest_first {
            let heap = slate.heap(at);
            // Units that nothing can be taken off use up nothing.
            if !heap.room().is_positive() {
                continue;
            }
            let quantity = heap.quantity.min(left.unwrap_or(heap.quantity));
            if let Some(left) = &mut left {
                *left -= quantity;
            }
            if quantity.is_positive() {
                counted.push((at, quantity));
            }
        }
        Self { counted, claims: Vec::new() }
    }

    fn discount(mut self, total: Amount) -> Discount {
        self.claims.sort_by_key(|claim| claim.at);
        let priced = self.counted.iter().map(|(_, quantity)| *quantity).sum();
        Discount { total, claims: self.claims, priced, ..Discount::default() }
    }
}
