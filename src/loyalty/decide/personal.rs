//! Which of the offers that a member carries count now (LD-51, LD-57).

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::Work;
use super::offers::refuse_circumstances;
use super::uses::allowance;
use crate::loyalty::decision::Reason;
use crate::loyalty::ids::OfferId;
use crate::loyalty::personal::{CarriedOffer, NOTHING_PERSONAL, PersonalOffers, Reach};
use crate::loyalty::programme::{Offer, Trigger};

/// What the member carries, and which of it is best.
pub(super) struct Own<'a> {
    carried: &'a PersonalOffers,
    /// The best of those that are open now, where the programme counts only some.
    best: Option<BTreeSet<&'a OfferId>>,
}

impl<'a> Own<'a> {
    /// Looks at what the member carries, whatever the basket has.
    pub(super) fn of(work: &Work<'a>) -> Self {
        let shopper = work.occasion.shopper.as_ref();
        let carried = shopper.map_or(&NOTHING_PERSONAL, |shopper| shopper.personal);
        let shown_max = work.programme.personal.shown_max;
        let best = shown_max.map(|most| ranked(work, carried).take(most as usize).collect());
        Self { carried, best }
    }

    /// Why an offer is not this member's now, if not.
    pub(super) fn refuse(&self, work: &Work<'_>, offer: &Offer) -> Option<Reason> {
        if offer.reach == Reach::Open {
            return None;
        }
        match self.carried.get(&offer.id) {
            Some(carried) => carried.window.refuse(work.local),
            None => Some(Reason::NotPersonal),
        }
    }

    /// Why others come before an offer that is open now, if they do. What the customer called for
    /// is not ranked.
    pub(super) fn outranks(&self, offer: &Offer) -> Option<Reason> {
        let ranked = offer.reach == Reach::Personal && offer.trigger == Trigger::Itself;
        let best = self.best.as_ref().filter(|_| ranked)?;
        (!best.contains(&offer.id)).then_some(Reason::Outranked)
    }

    /// What the record says of an offer that is looked at, where the member carries it.
    pub(super) fn as_carried(&self, offer: &Offer) -> Option<CarriedOffer> {
        let as_carried = self.carried.get(&offer.id).filter(|_| offer.reach == Reach::Personal)?;
        Some(CarriedOffer { offer: offer.id.clone(), as_carried: as_carried.clone() })
    }
}

/// The offers that the member carries and that count now, the best first.
pub(super) fn counting(work: &Work<'_>) -> Vec<OfferId> {
    let Some(shopper) = &work.occasion.shopper else { return Vec::new() };
    let most = work.programme.personal.shown_max.unwrap_or(u32::MAX);
    ranked(work, shopper.personal).take(most as usize).cloned().collect()
}

/// The offers that are open to the member now, the best first; ties by id.
fn ranked<'a>(
    work: &Work<'a>,
    carried: &'a PersonalOffers,
) -> impl Iterator<Item = &'a OfferId> + use<'a> {
    let open = |offer: &&Offer| {
        offer.reach == Reach::Personal
            && carried.contains_key(&offer.id)
            && offer.trigger == Trigger::Itself
            && refuse_circumstances(work, &offer.conditions).is_none()
            && allowance(work, offer).is_ok()
    };
    let mut ranked: Vec<_> = work
        .programme
        .offers
        .iter()
        .filter(open)
        .filter_map(|offer| carried.get_key_value(&offer.id))
        .filter(|(_, carried)| carried.window.refuse(work.local).is_none())
        .map(|(id, carried)| (Reverse(carried.score), id))
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, id)| id)
}
