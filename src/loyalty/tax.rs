//! Tax by rate: inside the prices or added on top of them, rounded half up once per rate.
//!
//! Discounts, points spent as a discount and rewards lower what is taxed; points spent as a means
//! of payment do not. The tax of a rate is allocated to its lines, so that the lines, the rates and
//! the receipt come to the same.

use std::collections::BTreeMap;

use super::basket::Line;
use super::decision::{Applied, Benefit};
use super::ids::LineId;
use super::programme::{Programme, RedeemAs};
use crate::money::{Amount, Percent, Rounding, allocate, mul_div};

/// Whether prices have their tax inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaxMode {
    /// Tax is inside the prices. The default.
    #[default]
    Included,
    /// Prices are without tax; it is added to what is left of them.
    Added,
}

/// What a receipt comes to at one tax rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxSum {
    /// The rate.
    pub rate: Percent,
    /// What the till asked for, before loyalty.
    pub gross: Amount,
    /// What lowered it: everything but points spent as a means of payment.
    pub discount: Amount,
    /// What is left, with tax.
    pub total: Amount,
    /// The tax of it.
    pub tax: Amount,
}

/// What a return pays back at one tax rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxRefund {
    /// The rate.
    pub rate: Percent,
    /// With tax; what points paid for as a means of payment is in it.
    pub total: Amount,
    /// The tax of it.
    pub tax: Amount,
}

/// What tax looks at of a line.
#[derive(Clone, Copy, Debug)]
pub struct TaxedLine<'a> {
    /// The line.
    pub line: &'a Line,
    /// What lowers what is taxed.
    pub discount: Amount,
    /// The part of the tax on top.
    pub added: Amount,
}

impl TaxSum {
    /// What is left, without tax.
    #[must_use]
    pub fn net(&self) -> Amount {
        self.total - self.tax
    }
}

impl TaxRefund {
    /// Without tax.
    #[must_use]
    pub fn net(&self) -> Amount {
        self.total - self.tax
    }
}

impl TaxedLine<'_> {
    /// What is left of the line, with tax.
    #[must_use]
    pub fn total(&self) -> Amount {
        self.line.amount - self.discount + self.added
    }
}

impl TaxMode {
    /// The sums of each rate, the lowest rate first.
    #[must_use]
    pub fn sums<'a>(self, lines: impl IntoIterator<Item = TaxedLine<'a>>) -> Vec<TaxSum> {
        let mut by_rate: BTreeMap<Percent, TaxSum> = BTreeMap::new();
        for taxed in lines {
            let rate = taxed.line.tax_rate;
            let none = Amount::ZERO;
            let sum = by_rate.entry(rate).or_insert(TaxSum {
                rate,
                gross: none,
                discount: none,
                total: none,
                tax: none,
            });
            sum.gross += taxed.line.amount;
            sum.discount += taxed.discount;
            sum.total += taxed.total();
            sum.tax += taxed.added;
        }
        let mut sums: Vec<TaxSum> = by_rate.into_values().collect();
        if self == Self::Included {
            sums.iter_mut().for_each(|sum| sum.tax = sum.total - without(sum.rate, sum.total));
        }
        sums
    }

    /// The tax to be added to each line, in their order: that of each rate is taken once of the
    /// whole, then allocated by largest remainder, ties by line id.
    #[must_use]
    pub(crate) fn added_to(self, lines: &[(&Line, Amount)]) -> Vec<Amount> {
        let mut added = vec![Amount::ZERO; lines.len()];
        if self == Self::Included {
            return added;
        }
        let mut by_rate: BTreeMap<Percent, Vec<usize>> = BTreeMap::new();
        for at in by_line_id(lines.iter().map(|(line, _)| *line)) {
            by_rate.entry(lines[at].0.tax_rate).or_default().push(at);
        }
        for (rate, places) in by_rate {
            let taxed: Vec<i64> = places.iter().map(|&at| lines[at].1.value()).collect();
            let tax = on_top(rate, Amount::new(taxed.iter().sum()));
            let rooms = vec![tax.value(); taxed.len()];
            for (at, part) in places.into_iter().zip(allocate(tax.value(), &taxed, &rooms)) {
                added[at] = Amount::new(part);
            }
        }
        added
    }

    /// A tax that the till charged, split in proportion to what is due on each line.
    #[must_use]
    pub(crate) fn charged_on(
        self,
        lines: &[(&Line, Amount)],
        due: Vec<Amount>,
        charged: Amount,
    ) -> Vec<Amount> {
        if self == Self::Included || due.iter().copied().sum::<Amount>() == charged {
            return due;
        }
        let in_order = by_line_id(lines.iter().map(|(line, _)| *line));
        let weights: Vec<i64> = in_order.iter().map(|&at| due[at].value()).collect();
        let rooms = vec![charged.value(); weights.len()];
        let mut split = vec![Amount::ZERO; lines.len()];
        for (at, part) in in_order.into_iter().zip(allocate(charged.value(), &weights, &rooms)) {
            split[at] = Amount::new(part);
        }
        split
    }

    /// The tax that lines are taxed with before anything is taken off them.
    #[must_use]
    pub fn in_full(self, lines: &[Line]) -> Amount {
        let lines: Vec<_> = lines.iter().map(|line| (line, line.amount)).collect();
        self.added_to(&lines).into_iter().sum()
    }
}

/// A sum without the tax that is inside it.
pub(crate) fn without(rate: Percent, sum: Amount) -> Amount {
    let whole = i64::from(Percent::WHOLE.thousandths());
    let with_tax = whole + i64::from(rate.thousandths());
    mul_div(sum.value(), whole, with_tax, Rounding::HalfUp)
        .map(Amount::new)
        .expect("a sum without its tax is no larger than the sum")
}

/// The tax to be added to a sum.
pub(crate) fn on_top(rate: Percent, sum: Amount) -> Amount {
    rate.of(sum.value(), Rounding::HalfUp)
        .map(Amount::new)
        .expect("a share of at most 100 % of a sum fits where the sum fits")
}

/// What points and cashback paid of each line where they are a means of payment: it is taxed like
/// money.
#[must_use]
pub fn tendered<'a>(applied: &'a [Applied], programme: &Programme) -> BTreeMap<&'a LineId, Amount> {
    let mut by_line = BTreeMap::new();
    let is_tender = |one: &&Applied| {
        let policy = match one.benefit {
            Benefit::Points(_) => programme.redemption.as_ref(),
            Benefit::Cashback => programme.cashback.as_ref().map(|policy| &policy.redemption),
            _ => None,
        };
        policy.is_some_and(|policy| policy.redeem_as == RedeemAs::Tender)
    };
    for part in applied.iter().filter(is_tender).flat_map(|one| &one.allocations) {
        *by_line.entry(&part.line_id).or_default() += part.amount;
    }
    by_line
}

fn by_line_id<'a>(lines: impl Iterator<Item = &'a Line>) -> Vec<usize> {
    let mut by_id: Vec<(&LineId, usize)> =
        lines.enumerate().map(|(at, line)| (&line.line_id, at)).collect();
    by_id.sort_unstable();
    by_id.into_iter().map(|(_, at)| at).collect()
}
