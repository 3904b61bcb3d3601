//! Sums and lines.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use crate::journal::SaleLine;
use crate::loyalty::{LineId, LineOutcome, Totals};
use crate::money::Amount;

/// Sums over the lines, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TotalsReply {
    /// Before loyalty.
    #[schema(example = 14871)]
    pub(crate) gross: i64,
    /// Offers and vouchers.
    #[schema(example = 1596)]
    pub(crate) discount: i64,
    /// Points and cashback spent, as money.
    #[schema(example = 1000)]
    pub(crate) redeemed: i64,
    /// Tax added on top.
    #[serde(skip_serializing_if = "is_nothing")]
    pub(crate) tax: i64,
    /// What the customer pays.
    #[schema(example = 12275)]
    pub(crate) payable: i64,
}

/// A sum where it is paid in cash, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct CashReply {
    /// What changes hands.
    #[schema(example = 12300)]
    pub(crate) amount: i64,
    /// What was added to the sum for it; below nothing where it was lowered.
    #[schema(example = 25)]
    pub(crate) rounding: i64,
}

/// A line after everything, in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LineReply<'a> {
    /// The line.
    pub(crate) line_id: &'a str,
    /// What the till asked for.
    pub(crate) gross: i64,
    /// Offers and vouchers on it.
    pub(crate) discount: i64,
    /// Points and cashback spent on it, as money.
    pub(crate) redeemed: i64,
    /// Its part of the tax added on top.
    #[serde(skip_serializing_if = "is_nothing")]
    pub(crate) tax: i64,
    /// What remains to be paid for it, with the tax on top.
    pub(crate) net: i64,
    /// The lowest price of one unit in the last 30 days, where an announced reduction is on the
    /// line and the till sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lowest_30d_price: Option<i64>,
}

impl From<Totals> for TotalsReply {
    fn from(totals: Totals) -> Self {
        Self {
            gross: totals.gross.value(),
            discount: totals.discount.value(),
            redeemed: totals.redeemed.value(),
            tax: totals.tax.value(),
            payable: totals.payable.value(),
        }
    }
}

impl CashReply {
    pub(super) fn of(sum: Amount, rounding: Amount) -> Self {
        Self { amount: (sum + rounding).value(), rounding: rounding.value() }
    }
}

impl TotalsReply {
    /// The sums of a recorded sale; what was paid is the till's word.
    pub(super) fn of_sale(lines: &[SaleLine], payable: Amount) -> Self {
        let sum = |part: fn(&SaleLine) -> Amount| lines.iter().map(part).sum::<Amount>().value();
        Self {
            gross: sum(|sold| sold.line.amount),
            discount: sum(|sold| sold.discount),
            redeemed: sum(|sold| sold.redeemed),
            tax: sum(|sold| sold.tax),
            payable: payable.value(),
        }
    }
}

impl<'a> LineReply<'a> {
    pub(super) fn of_outcome(line: &'a LineOutcome) -> Self {
        Self {
            line_id: line.line_id.as_str(),
            gross: line.gross.value(),
            discount: line.discount.value(),
            redeemed: line.redeemed.value(),
            tax: line.tax.value(),
            net: line.net.value(),
            lowest_30d_price: line.lowest_30d_price.map(Amount::value),
        }
    }

    /// `announced` are the lines with an announced reduction.
    pub(super) fn of_sold(sold: &'a SaleLine, announced: &BTreeSet<&LineId>) -> Self {
        let lowest = sold.line.lowest_30d_price;
        Self {
            line_id: sold.line.line_id.as_str(),
            gross: sold.line.amount.value(),
            discount: sold.discount.value(),
            redeemed: sold.redeemed.value(),
            tax: sold.tax.value(),
            net: sold.paid().value(),
            lowest_30d_price: lowest
                .filter(|_| announced.contains(&sold.line.line_id))
                .map(Amount::value),
        }
    }
}

/// Tax on top is left out where prices have it inside.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_nothing(minor: &i64) -> bool {
    *minor == 0
}
