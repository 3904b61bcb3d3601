//! Offers that do not come by themselves: which of them the customer called for.

use std::collections::{BTreeMap, BTreeSet};

use super::Work;
use super::index::OfferIndex;
use crate::loyalty::decision::{Benefit, Reason, Refusal, Subject};
use crate::loyalty::ids::OfferId;
use crate::loyalty::programme::{Offer, Reward, Trigger};
use crate::member_code::{Coupon, CouponNumber, CouponWorth};
use crate::money::{AMOUNT_MINOR_MAX, Amount, Currency, Percent, Quantity};

/// How an offer came to be looked at.
#[derive(Clone, Debug)]
pub(super) struct Called {
    /// What the record puts its discount down to.
    pub(super) benefit: Benefit,
    /// What it gives, where what was brought says so.
    pub(super) reward: Option<Reward>,
}

/// The offers that were called for, by place in the programme. What calls for none is refused.
pub(super) fn called_for(work: &mut Work<'_>, index: &OfferIndex) -> BTreeMap<usize, Called> {
    let mut called = BTreeMap::new();
    let benefits = work.basket.benefits();
    let offers = &work.programme.offers;
    for code in &benefits.codes {
        let of_code = index.of_code(code);
        if of_code.is_empty() {
            let subject = Subject::Code(code.clone());
            work.refused.push(Refusal { subject, reason: Reason::OfferCodeUnknown });
        }
        for &at in of_code {
            let benefit = Benefit::Offer(offers[at].id.clone());
            called.entry(at).or_insert(Called { benefit, reward: None });
        }
    }
    for coupon in benefits.coupons.values() {
        let calls = examine(work, index, coupon).and_then(|(at, called_by)| {
            // Of one offer, one coupon counts on a receipt.
            if called.contains_key(&at) { Err(Reason::DoesNotStack) } else { Ok((at, called_by)) }
        });
        match calls {
            Ok((at, called_by)) => drop(called.insert(at, called_by)),
            Err(reason) => {
                let subject = Subject::Coupon(coupon.number.clone());
                work.refused.push(Refusal { subject, reason });
            }
        }
    }
    called
}

/// The offer of a coupon, by id, whatever becomes of it.
pub(super) fn offer_of<'o>(offers: &'o [Offer], number: &CouponNumber) -> Option<&'o OfferId> {
    let covers = |offer: &&Offer| match &offer.trigger {
        Trigger::Coupon(of) => of.covers(number),
        Trigger::Itself | Trigger::Codes(_) => false,
    };
    offers.iter().find(covers).map(|offer| &offer.id)
}

fn examine(
    work: &Work<'_>,
    index: &OfferIndex,
    coupon: &Coupon,
) -> Result<(usize, Called), Reason> {
    let offers = &work.programme.offers;
    let at = index.of_coupon(offers, &coupon.number).ok_or(Reason::OfferCodeUnknown)?;
    if let Some(until) = coupon.expires_on.filter(|until| work.today > *until) {
        return Err(Reason::Over { until });
    }
    let used: &BTreeSet<CouponNumber> = work.occasion.coupons_used;
    if used.contains(&coupon.number) {
        return Err(Reason::CouponUsed);
    }
    let reward = match offers[at].reward {
        Reward::CouponValue => {
            let worth = coupon.worth.and_then(|worth| reward_of(worth, work.programme.currency));
            Some(worth.ok_or(Reason::CouponUnusable)?)
        }
        _ => None,
    };
    let offer = offers[at].id.clone();
    let benefit = Benefit::Coupon { offer, number: coupon.number.clone() };
    Ok((at, Called { benefit, reward }))
}

/// What a coupon's own worth gives. Points on a coupon are not taken, nor what the currency has
/// no coins for.
fn reward_of(worth: CouponWorth, currency: Currency) -> Option<Reward> {
    match worth {
        CouponWorth::FreeGoods => {
            Some(Reward::FixedPrice { price: Amount::ZERO, quantity_max: Some(Quantity::ONE) })
        }
        CouponWorth::Amount { value, decimals } => {
            let (value, exponent) = (i128::from(value), u32::from(currency.exponent()));
            let scaled = value * 10_i128.pow(exponent);
            let unit = 10_i128.pow(u32::from(decimals));
            let minor = i64::try_from(scaled / unit).ok().filter(|_| scaled % unit == 0)?;
            let fits = (1..=AMOUNT_MINOR_MAX).contains(&minor);
            fits.then(|| Reward::BasketAmount(Amount::new(minor)))
        }
        CouponWorth::Percent { value, decimals } => {
            let thousandths = value.checked_mul(10_u64.pow(3_u32.checked_sub(decimals.into())?))?;
            let percent = Percent::from_thousandths(u32::try_from(thousandths).ok()?);
            let fits = percent > Percent::default() && percent <= Percent::WHOLE;
            fits.then_some(Reward::BasketPercent(percent))
        }
        CouponWorth::Points(_) => None,
    }
}
