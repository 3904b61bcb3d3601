//! Limits over all customers.

use super::super::fault::FaultCode;
use super::super::file::{
    LimitTable, SharedLimitTable, SharedOfflineWord, SharedScopeWord, UseUnitWord,
};
use super::super::limits::{LIMIT_USES_MAX, SHARED_LIMITS_MAX, USE_LIMITS_MAX};
use super::super::place::Place;
use super::Check;
use crate::loyalty::{EarnRule, Offer, Reward, SharedLimit, SharedOffline, SharedScope, UseUnit};
use crate::wire::table::Table;

/// What a limit may count beside receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counts {
    /// Nothing.
    Receipts,
    /// Units that an offer priced.
    UnitsToo,
    /// Points that a rule gave.
    PointsToo,
}

impl Counts {
    /// Of an offer, whose reward may not be known.
    pub(super) fn of_offer(reward: Option<&Reward>) -> Self {
        match reward {
            None
            | Some(
                Reward::FixedPrice { .. }
                | Reward::PriceList { .. }
                | Reward::LinePercent(_)
                | Reward::LineAmountEach(_),
            ) => Self::UnitsToo,
            Some(_) => Self::Receipts,
        }
    }
}

impl Check<'_, '_> {
    /// Bounds the limits over all customers of a programme.
    pub(super) fn count_shared_limits(&mut self, rules: &[EarnRule], offers: &[Offer]) {
        let of_rules: usize = rules.iter().map(|rule| rule.shared_limits.len()).sum();
        let of_offers: usize = offers.iter().map(|offer| offer.shared_limits.len()).sum();
        let list = if of_offers == 0 { "earn" } else { "offers" };
        self.count(&Place::Root.key(list), of_rules + of_offers, SHARED_LIMITS_MAX);
    }

    /// Limits over all customers, in the order of the file.
    pub(super) fn shared_limits(
        &mut self,
        at: &Place<'_>,
        tables: Option<&[Table<SharedLimitTable>]>,
        counts: Counts,
    ) -> Vec<SharedLimit> {
        let tables = tables.unwrap_or_default();
        self.count(at, tables.len(), USE_LIMITS_MAX);
        let tables = tables.iter().take(USE_LIMITS_MAX).enumerate();
        tables
            .filter_map(|(index, table)| self.shared_limit(&at.index(index), table, counts))
            .collect()
    }

    fn shared_limit(
        &mut self,
        at: &Place<'_>,
        table: &SharedLimitTable,
        counts: Counts,
    ) -> Option<SharedLimit> {
        let SharedLimitTable { per, count, window, days, uses, offline, slice } = table;
        let unit = self.use_unit(at, *count, counts);
        let limit = LimitTable { window: *window, days: *days, uses: *uses };
        let limit = self.use_limit(at, &limit);
        let per = self.required(at, "per", per.as_ref()).map(|per| match per {
            SharedScopeWord::Store => SharedScope::Store,
            SharedScopeWord::Total => SharedScope::Total,
        });
        let offline = match self.required(at, "offline", offline.as_ref())? {
            SharedOfflineWord::Approximate => {
                self.unused(at, "slice", slice.as_ref(), "offline = \"approximate\"");
                SharedOffline::Approximate
            }
            SharedOfflineWord::Slice => {
                let slice = self.required(at, "slice", slice.as_ref())?;
                let slice = self.whole(&at.key("slice"), *slice, 1..=LIMIT_USES_MAX)?;
                if limit.is_some_and(|limit| slice > limit.uses_max) {
                    let reason = "a slice is a part of the uses: it must not be more than they are";
                    self.faults.add(&at.key("slice"), FaultCode::Contradiction, reason);
                }
                SharedOffline::Slice(slice)
            }
        };
        Some(SharedLimit { per: per?, unit, limit: limit?, offline })
    }

    /// What counts as a use.
    pub(super) fn use_unit(
        &mut self,
        at: &Place<'_>,
        count: Option<UseUnitWord>,
        counts: Counts,
    ) -> UseUnit {
        let (unit, may, reason) = match count {
            Some(UseUnitWord::Units) => (
                UseUnit::Units,
                counts == Counts::UnitsToo,
                "units are counted of kinds fixed_price, price_list, line_percent and line_amount_each only",
            ),
            Some(UseUnitWord::Points) => (
                UseUnit::Points,
                counts == Counts::PointsToo,
                "points are counted of earning rules that give their customer points only",
            ),
            Some(UseUnitWord::Receipts) | None => return UseUnit::Receipts,
        };
        if !may {
            self.faults.add(&at.key("count"), FaultCode::Contradiction, reason);
        }
        unit
    }
}
