//! How often an account, its members and all customers together may use an offer (LD-9).

use super::{SharedUses, Work};
use crate::loyalty::counter::{Counted, CounterId, UseUnit};
use crate::loyalty::decision::Reason;
use crate::loyalty::ids::MemberRef;
use crate::loyalty::programme::{LimitScope, Offer, OfferLimit};
use crate::money::Quantity;

/// The units that an offer's limits leave; `None` where they leave as many as there are.
///
/// # Errors
/// A limit that is reached.
pub(super) fn allowance(work: &Work<'_>, offer: &Offer) -> Result<Option<Quantity>, Reason> {
    let mut units_left: Option<i64> = None;
    for limit in &offer.limits {
        let left =
            i64::from(limit.limit.uses_max) - work.used(offer, limit).ok_or(Reason::MembersOnly)?;
        if left <= 0 {
            return Err(Reason::LimitReached { limit: limit.limit });
        }
        if limit.unit == UseUnit::Units {
            units_left = Some(units_left.map_or(left, |before| before.min(left)));
        }
    }
    for shared in &offer.shared_limits {
        let SharedUses::Within(uses) = work.occasion.shared_uses else { break };
        let used = uses.count(&shared.counter(&offer.id), shared.limit.window, work.today);
        let left = i64::from(shared.of_one_agent()) - used;
        if left <= 0 {
            return Err(Reason::SharedLimitReached { per: shared.per, limit: shared.limit });
        }
        if shared.unit == UseUnit::Units {
            units_left = Some(units_left.map_or(left, |before| before.min(left)));
        }
    }
    Ok(units_left.map(Quantity::units))
}

impl Work<'_> {
    /// Counts a use of an offer that was given, in each way that its limits count.
    pub(super) fn count_uses(&mut self, offer: &Offer, priced: Quantity) {
        // An offer is given once: what it counts twice, it counts now.
        let (counted, shared_before) = (self.counted.len(), self.shared.len());
        for limit in &offer.limits {
            let Some(before) = self.used(offer, limit) else { continue };
            let Some(counter) = self.counter(offer, limit) else { continue };
            let by = used_by(limit.unit, priced);
            // Several limits may look at one counter over different times.
            if !self.counted[counted..].iter().any(|counted| counted.counter == counter) {
                self.counted.push(Counted { counter, before, by });
            }
        }
        for shared in &offer.shared_limits {
            let counter = shared.counter(&offer.id);
            if self.shared[shared_before..].iter().any(|counted| counted.counter == counter) {
                continue;
            }
            let uses = self.occasion.shared_uses.counters();
            let before = uses.count(&counter, shared.limit.window, self.today);
            let by = used_by(shared.unit, priced);
            self.shared.push(Counted { counter, before, by });
        }
    }

    fn used(&self, offer: &Offer, limit: &OfferLimit) -> Option<i64> {
        let counter = self.counter(offer, limit)?;
        let counters = &self.account.as_ref()?.facts().counters;
        Some(counters.count(&counter, limit.limit.window, self.today))
    }

    fn counter(&self, offer: &Offer, limit: &OfferLimit) -> Option<CounterId> {
        let member: MemberRef = self.occasion.shopper.as_ref()?.member;
        let member = match limit.per {
            LimitScope::Account => None,
            LimitScope::Member => Some(member),
        };
        Some(CounterId::OfferUses { offer: offer.id.clone(), unit: limit.unit, member })
    }
}

/// How much one receipt uses.
fn used_by(unit: UseUnit, priced: Quantity) -> i64 {
    match unit {
        UseUnit::Receipts => 1,
        UseUnit::Units => priced.started_units(),
        // Offers give no points.
        UseUnit::Points => 0,
    }
}
