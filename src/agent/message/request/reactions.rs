//! What became of the offers that a customer was shown.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::fault::Faults;
use super::fields;
use crate::journal::{OfferReaction, REACTIONS_MAX, Reaction};
use crate::loyalty::{OfferId, VariantId};

/// What became of an offer.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct ReactionBody {
    /// The offer.
    #[schema(example = "spring-a")]
    pub(crate) offer: String,
    /// Which variant was shown; the programme's where missing.
    #[schema(example = "A")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) variant: Option<String>,
    /// What became of it.
    pub(crate) reaction: ReactionName,
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReactionName {
    /// The customer saw or heard it.
    Shown,
    /// The customer wanted it.
    Accepted,
    /// The customer did not want it.
    Refused,
}

impl From<ReactionName> for Reaction {
    fn from(name: ReactionName) -> Self {
        match name {
            ReactionName::Shown => Self::Shown,
            ReactionName::Accepted => Self::Accepted,
            ReactionName::Refused => Self::Refused,
        }
    }
}

/// Reads reactions; one that is there twice counts once.
pub(super) fn reactions(faults: &mut Faults, bodies: &[ReactionBody]) -> BTreeSet<OfferReaction> {
    let most = REACTIONS_MAX;
    let (at, code) = ("/reactions", "too_many_reactions");
    fields::list_within(faults, bodies.len(), most, at, code, "reactions");
    let read = |(index, body): (usize, &ReactionBody)| {
        let at = |field: &str| format!("{at}/{index}/{field}");
        let offer = fields::id(faults, &body.offer, OfferId::parse, || at("offer"));
        let variant = body.variant.as_deref();
        let variant =
            variant.and_then(|text| fields::id(faults, text, VariantId::parse, || at("variant")));
        Some(OfferReaction { offer: offer?, variant, reaction: body.reaction.into() })
    };
    bodies.iter().take(most).enumerate().filter_map(read).collect()
}
