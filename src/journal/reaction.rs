//! What became of the offers that a customer was shown (BC-4, BQ-41): facts for those who compare
//! campaigns; nothing is computed from them.

use super::numbered::numbered;
use crate::loyalty::{OfferId, VariantId};

/// The most reactions of one receipt: each of two dozen offers shown and then taken or not, and
/// room for as many again.
pub const REACTIONS_MAX: usize = 100;

/// What a customer made of an offer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OfferReaction {
    /// The offer; the programme need not have it any more.
    pub offer: OfferId,
    /// Which variant of it was shown.
    pub variant: Option<VariantId>,
    /// What became of it.
    pub reaction: Reaction,
}

numbered! {
    /// What became of an offer.
    Reaction {
        /// The customer saw or heard it.
        Shown = 1 "shown",
        /// The customer wanted it.
        Accepted = 2 "accepted",
        /// The customer did not want it.
        Refused = 3 "refused",
    }
}
