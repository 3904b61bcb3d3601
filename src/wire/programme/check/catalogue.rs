//! What points buy beside a discount.

use std::collections::BTreeMap;

use super::super::fault::FaultCode;
use super::super::file::{GiftKind, RewardTable};
use super::super::limits::REWARDS_MAX;
use super::super::place::Place;
use super::Check;
use crate::loyalty::{CatalogueReward, Gift, Membership, RewardId, Sku};
use crate::money::Amount;

impl Check<'_, '_> {
    /// The rewards in the order of their ids.
    pub(super) fn catalogue(&mut self, tables: &[(usize, RewardTable)]) -> Vec<CatalogueReward> {
        let at = Place::Root.key("rewards");
        self.count(&at, tables.len(), REWARDS_MAX);
        let mut ids = BTreeMap::new();
        let mut rewards = Vec::new();
        for (index, table) in tables.iter().take(REWARDS_MAX) {
            let reward_at = at.index(*index);
            self.distinct_id(&reward_at, table.id.as_deref(), &mut ids);
            rewards.extend(self.catalogue_reward(&reward_at, table));
        }
        rewards.sort_by(|left, right| left.id.cmp(&right.id));
        rewards
    }

    fn catalogue_reward(&mut self, at: &Place<'_>, table: &RewardTable) -> Option<CatalogueReward> {
        let id = self.required_id(at, "id", table.id.as_deref(), RewardId::parse);
        let name = self.name(at, table.name.as_deref());
        let conditions = self.conditions(at, table.conditions());
        if conditions.audience.membership == Membership::Everyone {
            let reason = "only members have points: leave members = \"everyone\" out";
            self.faults.add(&at.key("audience").key("members"), FaultCode::Contradiction, reason);
        }
        let limits = self.use_limits(&at.key("limits"), table.limits.as_deref());
        let points = self
            .required(at, "points", table.points.as_ref())
            .and_then(|points| self.points(&at.key("points"), points));
        let kind = *self.required(at, "kind", table.kind.as_ref())?;
        let by = format!("kind {}", kind.as_str());
        let gift = match kind {
            GiftKind::Item => {
                self.unused(at, "sku", table.sku.as_ref(), &by);
                self.unused(at, "voucher", table.voucher.as_ref(), &by);
                if self.required(at, "scope", table.scope.as_ref()).is_some() {
                    self.discountable(&at.key("scope"), &conditions.scope);
                }
                let price = table.price.as_ref();
                let price = price.map_or(Some(Amount::ZERO), |text| {
                    self.amount_or_zero(&at.key("price"), &text.0)
                });
                price.map(|price| Gift::Item { price })
            }
            GiftKind::Service => {
                self.unused(at, "price", table.price.as_ref(), &by);
                self.unused(at, "voucher", table.voucher.as_ref(), &by);
                let sku = table.sku.as_deref();
                let sku = sku.map(|text| self.id(&at.key("sku"), text, Sku::parse));
                Some(Gift::Service { sku: sku.flatten() })
            }
            GiftKind::Voucher => {
                self.unused(at, "price", table.price.as_ref(), &by);
                self.unused(at, "sku", table.sku.as_ref(), &by);
                let voucher = self.required(at, "voucher", table.voucher.as_ref())?;
                self.voucher_grant(&at.key("voucher"), voucher).map(Gift::Voucher)
            }
        };
        Some(CatalogueReward {
            id: id?,
            name: name?,
            points: points?,
            gift: gift?,
            conditions,
            limits,
        })
    }
}
