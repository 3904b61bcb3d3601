//! Sums of each tax rate.

use serde::Serialize;
use utoipa::ToSchema;

use crate::journal::Sale;
use crate::loyalty::{Programme, TaxRefund, TaxSum, TaxedLine, tendered};
use crate::money::{Amount, Percent};

/// What a receipt comes to at one tax rate, in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TaxReply {
    /// Tax rate in percent.
    #[schema(example = "21")]
    pub(crate) tax_rate: String,
    /// The same, to be worded.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) rate: Percent,
    /// What the till asked for, before loyalty.
    #[schema(example = 14871)]
    pub(crate) gross: i64,
    /// What lowered it: all but points spent as a means of payment.
    #[schema(example = 1596)]
    pub(crate) discount: i64,
    /// What is left, without tax.
    #[schema(example = 10971)]
    pub(crate) net: i64,
    /// The tax of it.
    #[schema(example = 2304)]
    pub(crate) tax: i64,
    /// With tax; what points paid for as a means of payment is in it.
    #[schema(example = 13275)]
    pub(crate) total: i64,
}

/// What comes back at one tax rate, in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TaxRefundReply {
    /// Tax rate in percent.
    #[schema(example = "21")]
    pub(crate) tax_rate: String,
    /// Without tax.
    #[schema(example = 2431)]
    pub(crate) net: i64,
    /// The tax of it.
    #[schema(example = 511)]
    pub(crate) tax: i64,
    /// With tax; what points paid for as a means of payment is in it.
    #[schema(example = 2942)]
    pub(crate) total: i64,
}

/// A rate as tills write it: "21", "12.5".
pub(super) fn rate_text(rate: Percent) -> String {
    rate.to_string().trim_end_matches(" %").to_owned()
}

/// The sums of each rate, the lowest first; none where nothing is taxed.
pub(super) fn taxes(sums: &[TaxSum]) -> Vec<TaxReply> {
    if sums.iter().all(|sum| sum.rate == Percent::default()) {
        return Vec::new();
    }
    let reply = |sum: &TaxSum| TaxReply {
        tax_rate: rate_text(sum.rate),
        rate: sum.rate,
        gross: sum.gross.value(),
        discount: sum.discount.value(),
        net: sum.net().value(),
        tax: sum.tax.value(),
        total: sum.total.value(),
    };
    sums.iter().map(reply).collect()
}

/// The sums of each rate of a recorded receipt.
pub(super) fn sums_of(sale: &Sale, programme: &Programme) -> Vec<TaxSum> {
    let tendered = tendered(&sale.applied, programme);
    sale.tax.sums(sale.lines.iter().map(|sold| {
        let tender: Amount = tendered.get(&sold.line.line_id).copied().unwrap_or_default();
        let discount = sold.discount + sold.redeemed - tender;
        TaxedLine { line: &sold.line, discount, added: sold.tax }
    }))
}

/// What comes back at each rate; none where nothing is taxed.
pub(super) fn refunds(refunds: &[TaxRefund]) -> Vec<TaxRefundReply> {
    if refunds.iter().all(|refund| refund.rate == Percent::default()) {
        return Vec::new();
    }
    let reply = |refund: &TaxRefund| TaxRefundReply {
        tax_rate: rate_text(refund.rate),
        net: refund.net().value(),
        tax: refund.tax.value(),
        total: refund.total.value(),
    };
    refunds.iter().map(reply).collect()
}
