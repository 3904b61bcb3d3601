//! What applies more often than its author may think.

use super::{Advice, AdviceCode, Element};
use crate::loyalty::{Offer, Programme};

/// Offers around a birthday that nothing bounds. Earning rules count once around each birthday by
/// themselves, offers do not.
pub(super) fn examine(programme: &Programme) -> Vec<Advice> {
    let unbounded =
        |offer: &&Offer| offer.conditions.audience.birthday.is_some() && offer.limits.is_empty();
    let advice = |offer: &Offer| Advice {
        element: Element::Offer(offer.id.clone()),
        key: "limits".to_owned(),
        code: AdviceCode::BirthdayWithoutLimit,
        reason: "it applies to every purchase of these days around the birthday; limits = \
                 [{ window = \"year\", uses = 1, per = \"member\" }] gives it once"
            .to_owned(),
    };
    programme.offers.iter().filter(unbounded).map(advice).collect()
}
