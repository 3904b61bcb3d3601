//! Limits over all customers.

use super::super::fault::FaultCode;
use super::super::file::{LimitTable, SharedLimitTable, SharedOfflineWord, SharedScopeWord};
use super::super::limits::{LIMIT_USES_MAX, USE_LIMITS_MAX};
use super::super::place::Place;
use super::Check;
use crate::loyalty::{Reward, SharedLimit, SharedOffline, SharedScope};
use crate::wire::table::Table;

impl Check<'_, '_> {
    /// An offer's limits over all customers, in the order of the file.
    pub(super) fn shared_limits(
        &mut self,
        at: &Place<'_>,
        tables: Option<&[Table<SharedLimitTable>]>,
        reward: Option<&Reward>,
    ) -> Vec<SharedLimit> {
        let tables = tables.unwrap_or_default();
        self.count(at, tables.len(), USE_LIMITS_MAX);
        let tables = tables.iter().take(USE_LIMITS_MAX).enumerate();
        tables
            .filter_map(|(index, table)| self.shared_limit(&at.index(index), table, reward))
            .collect()
    }

    fn shared_limit(
        &mut self,
        at: &Place<'_>,
        table: &SharedLimitTable,
        reward: Option<&Reward>,
    ) -> Option<SharedLimit> {
        let SharedLimitTable { per, count, window, days, uses, offline, slice } = table;
        let unit = self.use_unit(at, *count, reward);
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
}
