//! Gifts that come by themselves (BC-9): the till hands something out, nothing is taken off. How
//! often one is due is a function of the goods and of what offers and vouchers left of them, so that
//! what a return claims back is a function of what remains.

use std::collections::BTreeMap;

use super::basket::Line;
use super::decision::{Benefit, Reason};
use super::ids::{OfferId, Sku};
use super::programme::{DiscountBounds, Offer, Programme, Reward};
use super::returns::{Returned, SoldReceipt};
use super::terms::MinimumOf;
use crate::money::{Amount, Quantity, share_until};

/// The most gifts of one offer that a till may say it gave on one receipt.
pub const GIFTS_GIVEN_MAX: u32 = 1_000;

/// Gifts by the offer that gave them, and how often each did.
pub type Gifts = BTreeMap<OfferId, u32>;

/// What a gift is. Counts are at least 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiftTerms {
    /// What the till books it as, where it books it.
    pub sku: Option<Sku>,
    /// What the till books a unit at: zero, or the 0.01 that some countries ask for.
    pub price: Amount,
    /// So many units each time.
    pub units: u32,
    /// Once for each time that the minimum is met, at most so often on one receipt.
    pub times_max: u32,
}

/// What becomes of gifts when a part of what they were given for comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GiftsBack {
    /// Those that what remains does not earn are claimed. The default.
    #[default]
    Claimed,
    /// They stay the customer's as long as anything stays sold.
    Kept,
}

/// Goods that a gift may be given for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GiftGoods<'a> {
    pub(crate) line: &'a Line,
    pub(crate) quantity: Quantity,
    /// To be paid after offers and vouchers, before points, without tax on top.
    pub(crate) left: Amount,
}

/// How often a gift is due on goods. Goods that nobody may discount earn none, but count where the
/// whole basket does. A line that the till added for the gift counts for nothing, so that adding it
/// changes nothing.
///
/// # Errors
/// What is missing for the first.
pub(crate) fn times_due(
    offer: &Offer,
    terms: &GiftTerms,
    bounds: &DiscountBounds,
    goods: &[GiftGoods<'_>],
) -> Result<u32, Reason> {
    let minimum = &offer.conditions.minimum;
    let dear_enough =
        |goods: &&GiftGoods<'_>| minimum.unit_price.is_none_or(|min| goods.line.unit_price >= min);
    let bought: Vec<&GiftGoods<'_>> =
        goods.iter().filter(|goods| !terms.is_booked_as(goods.line)).collect();
    let covered =
        |goods: &&GiftGoods<'_>| bounds.may_be_discounted(goods.line) && offer.covers(goods.line);
    let eligible = bought.iter().copied().filter(covered).filter(dear_enough);
    let eligible: Vec<&GiftGoods<'_>> = eligible.collect();
    if eligible.is_empty() {
        return Err(Reason::NoEligibleLine);
    }
    let counted: Vec<&GiftGoods<'_>> = match minimum.of {
        MinimumOf::Eligible => eligible,
        MinimumOf::Basket => bought,
    };
    let mut times = None;
    if let Some(least) = minimum.amount {
        let sum: Amount = counted.iter().map(|goods| goods.left).sum();
        if sum < least {
            return Err(Reason::BelowMinimumAmount { missing: least - sum });
        }
        times = Some(sum.value() / least.value().max(1));
    }
    if let Some(least) = minimum.quantity {
        let sum: Quantity = counted.iter().map(|goods| goods.quantity).sum();
        if sum < least {
            return Err(Reason::BelowMinimumQuantity { missing: least - sum });
        }
        let of_quantity = sum.value() / least.value().max(1);
        times = Some(times.map_or(of_quantity, |times: i64| times.min(of_quantity)));
    }
    let times = times.map_or(1, |times| u32::try_from(times).unwrap_or(u32::MAX));
    Ok(times.min(terms.times_max))
}

impl GiftTerms {
    /// Whether a line is what the till books the gift as.
    fn is_booked_as(&self, line: &Line) -> bool {
        self.sku.as_ref() == Some(&line.sku) && line.unit_price <= self.price
    }
}

impl Offer {
    /// The gift that it gives, if it is one.
    #[must_use]
    pub fn gift(&self) -> Option<&GiftTerms> {
        match &self.reward {
            Reward::Gift(terms) => Some(terms),
            _ => None,
        }
    }
}

impl SoldReceipt<'_> {
    /// The gifts that are still the customer's when so much came back: each loses what the goods
    /// that came back had earned, and all are claimed when nothing remains.
    pub(crate) fn gifts_kept(&self, programme: &Programme, returned: &Returned) -> Gifts {
        let given = self.applied.iter().filter_map(|applied| match &applied.benefit {
            Benefit::Gift { offer, times } => Some((offer.clone(), *times)),
            _ => None,
        });
        let untouched = returned.values().all(|gone| gone.is_zero());
        if self.lines.is_empty() || untouched {
            return given.collect();
        }
        if self.is_gone(returned) {
            return Gifts::new();
        }
        if programme.gifts_back == GiftsBack::Kept {
            return given.collect();
        }
        let (whole, rest) = (self.goods(&Returned::new()), self.goods(returned));
        let kept = given.map(|(offer, times)| {
            let found = programme.offer(&offer);
            let lost =
                found.and_then(|found| Some((found, found.gift()?))).map(|(found, terms)| {
                    let bounds = &programme.discounts;
                    let due = |goods: &[GiftGoods<'_>]| {
                        times_due(found, terms, bounds, goods).unwrap_or(0)
                    };
                    due(&whole).saturating_sub(due(&rest))
                });
            (offer, times.saturating_sub(lost.unwrap_or(0)))
        });
        kept.filter(|(_, times)| *times > 0).collect()
    }

    /// What is left of its lines.
    fn goods(&self, returned: &Returned) -> Vec<GiftGoods<'_>> {
        let left = self.lines.iter().map(|sold| {
            let gone = returned.get(&sold.line.line_id).copied().unwrap_or_default();
            let paid = (sold.line.amount - sold.discount).value();
            let back = share_until(paid, gone.value(), sold.line.quantity.value());
            let quantity = sold.line.quantity - gone;
            GiftGoods { line: sold.line, quantity, left: Amount::new(paid - back) }
        });
        left.filter(|goods| goods.quantity.is_positive()).collect()
    }
}

/// The gifts that a return claims: what was kept before and is not after.
pub(crate) fn claimed(before: &Gifts, after: &Gifts) -> Vec<(OfferId, u32)> {
    let lost = before.iter().map(|(offer, times)| {
        let kept = after.get(offer).copied().unwrap_or_default();
        (offer.clone(), times.saturating_sub(kept))
    });
    lost.filter(|(_, times)| *times > 0).collect()
}
