//! The offers that a till shows to the customer (BC-4).

use std::cmp::Reverse;

use serde::Serialize;
use utoipa::ToSchema;

use super::rejected::{BenefitKind, RejectedReply};
use crate::loyalty::{Applied, Benefit, CarriedOffer, Programme};

/// An offer to be shown; what becomes of it goes into the receipt's `reactions`.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct OfferReply<'a> {
    /// The offer.
    #[schema(example = "spring-a")]
    pub(crate) offer: &'a str,
    /// What customers call it.
    pub(crate) label: &'a str,
    /// Which of several variants that are compared it is.
    #[schema(example = "A")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) variant: Option<&'a str>,
    /// How much it is likely to interest the member, 0 to 1000; of an offer that the member carries.
    #[schema(example = 870)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) score: Option<u16>,
    /// Whether the basket has it.
    pub(crate) standing: OfferStanding,
}

/// Whether a basket has an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OfferStanding {
    /// It has.
    Applies,
    /// It would with what `rejected` says is missing.
    WithinReach,
}

/// What applies, in the order of the stages, then what is within reach: what the member carries, the
/// best by score first, then the others by id.
pub(super) fn to_show<'a>(
    applied: &'a [Applied],
    rejected: &[RejectedReply<'a>],
    personal: &'a [CarriedOffer],
    programme: &'a Programme,
) -> Vec<OfferReply<'a>> {
    let reply = |id: &str, standing| {
        let found = programme.offers.binary_search_by(|offer| offer.id.as_str().cmp(id)).ok()?;
        let offer = &programme.offers[found];
        let carried = personal.iter().find(|carried| carried.offer == offer.id);
        let own = carried.and_then(|carried| carried.as_carried.variant.as_ref());
        Some(OfferReply {
            offer: offer.id.as_str(),
            label: &offer.name,
            variant: own.or(offer.variant.as_ref()).map(|variant| variant.as_str()),
            score: carried.map(|carried| carried.as_carried.score.value()),
            standing,
        })
    };
    let applies = applied.iter().filter_map(|applied| match &applied.benefit {
        Benefit::Offer(id)
        | Benefit::Coupon { offer: id, .. }
        | Benefit::Gift { offer: id, .. } => reply(id.as_str(), OfferStanding::Applies),
        Benefit::Voucher { .. }
        | Benefit::Points(_)
        | Benefit::Cashback
        | Benefit::Reward { .. }
        | Benefit::Till => None,
    });
    let ahead = rejected
        .iter()
        .filter(|rejected| rejected.kind == BenefitKind::Offer && rejected.shown.is_some())
        .filter_map(|rejected| reply(rejected.benefit, OfferStanding::WithinReach));
    let mut ahead: Vec<OfferReply<'_>> = ahead.collect();
    ahead.sort_by_key(|offer| Reverse(offer.score));
    applies.chain(ahead).collect()
}
