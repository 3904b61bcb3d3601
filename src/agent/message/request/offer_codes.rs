//! Codes and coupons of a body.

use std::collections::{BTreeMap, BTreeSet};

use super::super::fault::Faults;
use super::fields;
use crate::loyalty::{OFFER_CODES_MAX, OfferCode, PresentedCode};
use crate::member_code::{Coupon, CouponNumber};

/// What was brought to call for offers.
#[derive(Debug, Default)]
pub(super) struct Brought {
    pub(super) codes: BTreeSet<OfferCode>,
    pub(super) coupons: BTreeMap<CouponNumber, Coupon>,
}

/// Reads codes and coupons; one that is there twice counts once. What was typed or scanned is
/// never repeated in a fault.
pub(super) fn offer_codes(faults: &mut Faults, texts: &[String]) -> Brought {
    let (at, code) = ("/offer_codes", "too_many_offer_codes");
    fields::list_within(faults, texts.len(), OFFER_CODES_MAX, at, code, "codes and coupons");
    let mut brought = Brought::default();
    for (index, text) in texts.iter().enumerate().take(OFFER_CODES_MAX) {
        match PresentedCode::read(text) {
            Ok(PresentedCode::Code(code)) => drop(brought.codes.insert(code)),
            Ok(PresentedCode::Coupon(coupon)) => {
                brought.coupons.entry(coupon.number.clone()).or_insert(coupon);
            }
            Err(error) => faults.add(format!("{at}/{index}"), error.code(), &error),
        }
    }
    brought
}
