//! What makes an offer come: itself, codes or coupons.

use std::collections::{BTreeMap, BTreeSet};

use super::super::fault::FaultCode;
use super::super::file::{CouponTable, OfferTable};
use super::super::limits::CODES_OF_OFFER_MAX;
use super::super::place::Place;
use super::Check;
use crate::loyalty::{CouponOf, OfferCode, Trigger};

/// Digits of an issuer and of an offer in an EAN-13 coupon; digits of a number without its serial.
const ISSUER_DIGITS: usize = 4;
const OFFER_DIGITS: usize = 2;
const NUMBER_DIGITS: usize = 13;

impl Check<'_, '_> {
    pub(super) fn trigger(&mut self, at: &Place<'_>, table: &OfferTable) -> Option<Trigger> {
        match (&table.codes, table.coupon.as_deref()) {
            (None, None) => Some(Trigger::Itself),
            (Some(codes), None) => Some(Trigger::Codes(self.offer_codes(&at.key("codes"), codes))),
            (None, Some(coupon)) => self.coupon(&at.key("coupon"), coupon).map(Trigger::Coupon),
            (Some(_), Some(_)) => {
                let reason = "an offer comes by codes or by a coupon: make two offers of it";
                self.faults.add(&at.key("coupon"), FaultCode::Contradiction, reason);
                None
            }
        }
    }

    /// Two offers must not take the same coupon.
    pub(super) fn coupons_apart(&mut self, offers: &Place<'_>, tables: &[(usize, OfferTable)]) {
        let mut earlier: Vec<(usize, CouponOf)> = Vec::new();
        for (index, table) in tables {
            let Some(of) = table.coupon.as_deref().and_then(coupon_of) else { continue };
            if let Some((first, _)) = earlier.iter().find(|(_, other)| other.meets(&of)) {
                let reason = format!("element [{first}] takes the same coupons");
                let at = offers.index(*index);
                self.faults.add(&at.key("coupon"), FaultCode::DuplicateId, reason);
            }
            earlier.push((*index, of));
        }
    }

    fn offer_codes(&mut self, at: &Place<'_>, texts: &[String]) -> BTreeSet<OfferCode> {
        if texts.is_empty() {
            self.faults.add(at, FaultCode::EmptyList, "an offer without a code never applies");
        }
        self.count(at, texts.len(), CODES_OF_OFFER_MAX);
        let mut first_of = BTreeMap::new();
        for (index, text) in texts.iter().enumerate().take(CODES_OF_OFFER_MAX) {
            let code_at = at.index(index);
            match OfferCode::parse(text) {
                Ok(code) => {
                    let first = *first_of.entry(code).or_insert(index);
                    if first != index {
                        let reason = format!("element [{first}] is the same code");
                        self.faults.add(&code_at, FaultCode::DuplicateId, reason);
                    }
                }
                Err(error) => self.faults.add(&code_at, FaultCode::BadCode, error.to_string()),
            }
        }
        first_of.into_keys().collect()
    }

    fn coupon(&mut self, at: &Place<'_>, table: &CouponTable) -> Option<CouponOf> {
        let of = coupon_of(table);
        if of.is_none() {
            let reason = "expected `issuer` (4 digits) and `offer` (2 digits), or `number` \
                          (the first digits, up to 13)";
            self.faults.add(at, FaultCode::BadCoupon, reason);
        }
        of
    }
}

/// The coupons of a table, where it is sound.
fn coupon_of(table: &CouponTable) -> Option<CouponOf> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match (table.issuer.as_deref(), table.offer.as_deref(), table.number.as_deref()) {
        (Some(issuer), Some(offer), None) => {
            let fits = digits(issuer)
                && issuer.len() == ISSUER_DIGITS
                && digits(offer)
                && offer.len() == OFFER_DIGITS;
            let of = || CouponOf::Issuer { issuer: issuer.to_owned(), offer: offer.to_owned() };
            fits.then(of)
        }
        (None, None, Some(number)) => {
            let fits = digits(number) && number.len() <= NUMBER_DIGITS;
            fits.then(|| CouponOf::Number(number.to_owned()))
        }
        _ => None,
    }
}
