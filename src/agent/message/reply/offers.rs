//! The offers that a till shows to the customer (BC-4).

use serde::Serialize;
use utoipa::ToSchema;

use super::rejected::{BenefitKind, RejectedReply};
use crate::loyalty::{Applied, Benefit, Programme};

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

/// What applies, in the order of the stages, then what is within reach, by id.
pub(super) fn to_show<'a>(
    applied: &'a [Applied],
    rejected: &[RejectedReply<'a>],
    programme: &'a Programme,
) -> Vec<OfferReply<'a>> {
    let reply = |id: &str, standing| {
        let found = programme.offers.binary_search_by(|offer| offer.id.as_str().cmp(id)).ok()?;
        let offer = &programme.offers[found];
        Some(OfferReply {
            offer: offer.id.as_str(),
            label: &offer.name,
            variant: offer.variant.as_ref().map(|variant| variant.as_str()),
            standing,
        })
    };
    let applies = applied.iter().filter_map(|applied| match &applied.benefit {
        Benefit::Offer(id) | Benefit::Coupon { offer: id, .. } => {
            reply(id.as_str(), OfferStanding::Applies)
        }
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
    applies.chain(ahead).collect()
}
