//! Limits of an offer or earning rule over all customers of a store or of the whole programme (LD-9), and how far
//! agents that cannot ask each other may go beyond them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::counter::{CounterId, UseLimit, UseUnit};
use super::ids::{OfferId, RuleId};
use super::programme::{Offer, Programme};

/// How often all customers together may use an offer, where receipts without a member count too, or
/// how much an earning rule may give them: its budget (BQ-19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedLimit {
    /// Whose uses count.
    pub per: SharedScope,
    /// What counts as a use.
    pub unit: UseUnit,
    /// Over which time, and how often.
    pub limit: UseLimit,
    /// How an agent holds it that knows its own uses only.
    pub offline: SharedOffline,
}

/// Whose uses a limit over all customers counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SharedScope {
    /// All customers of a store.
    Store,
    /// All customers of all stores.
    Total,
}

/// How an agent holds a limit that others give from as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedOffline {
    /// Each agent may give so much of the limit by itself, until it is lent more.
    Slice(u32),
    /// Each agent may give all of it, so that all together may give too much.
    Approximate,
}

impl SharedLimit {
    /// What one agent may give in the limit's window.
    #[must_use]
    pub fn of_one_agent(&self) -> u32 {
        match self.offline {
            SharedOffline::Slice(slice) => slice.min(self.limit.uses_max),
            SharedOffline::Approximate => self.limit.uses_max,
        }
    }

    /// How much more than the limit so many agents give at most in its window, none of which hears
    /// of the others, as long as tills give what was decided.
    #[must_use]
    pub fn overshoot_max(&self, agents: u32) -> u64 {
        let together = u64::from(self.of_one_agent()) * u64::from(agents);
        together.saturating_sub(u64::from(self.limit.uses_max))
    }

    /// What it counts an earning rule by.
    #[must_use]
    pub fn counter_of_rule(&self, rule: &RuleId) -> CounterId {
        match self.unit {
            UseUnit::Receipts | UseUnit::Units => CounterId::RuleUses(rule.clone()),
            UseUnit::Points => CounterId::RulePoints(rule.clone()),
        }
    }

    /// What it counts an offer by.
    #[must_use]
    pub fn counter(&self, offer: &OfferId) -> CounterId {
        CounterId::OfferUses { offer: offer.clone(), unit: self.unit, member: None }
    }
}

/// From which day to which day something counts; `None` where all days do.
pub type CountedDays = Option<(NaiveDate, NaiveDate)>;

impl Programme {
    /// What limits over all customers look at on a day, so that it can be read beforehand.
    #[must_use]
    pub fn shared_counters(&self, today: NaiveDate) -> BTreeMap<CounterId, CountedDays> {
        self.shared_counters_of(self.offers.iter(), today)
    }

    /// The same of these offers, and of all rules.
    pub(super) fn shared_counters_of<'a>(
        &'a self,
        offers: impl Iterator<Item = &'a Offer>,
        today: NaiveDate,
    ) -> BTreeMap<CounterId, CountedDays> {
        let mut counters: BTreeMap<CounterId, CountedDays> = BTreeMap::new();
        let of_offers = offers.flat_map(|offer| {
            offer.shared_limits.iter().map(|shared| (shared, shared.counter(&offer.id)))
        });
        let of_rules = self.earn.iter().flat_map(|rule| {
            rule.shared_limits.iter().map(|shared| (shared, shared.counter_of_rule(&rule.id)))
        });
        for (shared, counter) in of_offers.chain(of_rules) {
            let window = shared.limit.window;
            let days = window.first_day(today).zip(window.last_day(today));
            counters
                .entry(counter)
                .and_modify(|before| *before = both(*before, days))
                .or_insert(days);
        }
        counters
    }
}

fn both(one: CountedDays, other: CountedDays) -> CountedDays {
    one.zip(other).map(|(one, other)| (one.0.min(other.0), one.1.max(other.1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loyalty::CountWindow;

    #[test]
    fn ld_9_agents_that_hear_nothing_of_each_other_give_at_most_so_much_more() {
        use SharedOffline::{Approximate, Slice};
        let cases = [
            (100, Approximate, 1, 0),
            (100, Approximate, 20, 1_900),
            (100, Slice(5), 20, 0),
            (100, Slice(6), 20, 20),
            (100, Slice(500), 3, 200),
            (100, Slice(5), 0, 0),
            (u32::MAX, Approximate, u32::MAX, u64::from(u32::MAX) * (u64::from(u32::MAX) - 1)),
        ];
        for (uses_max, offline, agents, expected) in cases {
            let shared = SharedLimit {
                per: SharedScope::Total,
                unit: UseUnit::Receipts,
                limit: UseLimit { window: CountWindow::Ever, uses_max },
                offline,
            };
            assert_eq!(shared.overshoot_max(agents), expected, "{uses_max} {offline:?} {agents}");
        }
    }
}
