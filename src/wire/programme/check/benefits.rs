//! What is taken off baskets: offers and voucher types.

use std::collections::BTreeMap;

use super::super::fault::FaultCode;
use super::super::file::{DecimalText, OfferTable, StackingWord, VoucherKind, VoucherTypeTable};
use super::super::limits::{OFFERS_MAX, VOUCHER_TYPES_MAX};
use super::super::place::Place;
use super::Check;
use super::shared_limits::Counts;
use crate::loyalty::{
    GroupId, Membership, Offer, OfferId, Reach, Reward, Stacking, VariantId, VoucherType,
    VoucherTypeId, VoucherValue,
};
use crate::money::{Amount, Percent};

impl Check<'_, '_> {
    /// The offers in the order of their ids.
    pub(super) fn offers(&mut self, tables: &[(usize, OfferTable)]) -> Vec<Offer> {
        let at = Place::Root.key("offers");
        self.count(&at, tables.len(), OFFERS_MAX);
        let mut ids = BTreeMap::new();
        let mut offers = Vec::new();
        for (index, table) in tables.iter().take(OFFERS_MAX) {
            let offer_at = at.index(*index);
            self.distinct_id(&offer_at, table.id.as_deref(), &mut ids);
            offers.extend(self.offer(&offer_at, table));
        }
        self.coupons_apart(&at, tables);
        offers.sort_by(|left, right| left.id.cmp(&right.id));
        offers
    }

    fn offer(&mut self, at: &Place<'_>, table: &OfferTable) -> Option<Offer> {
        let id = self.required_id(at, "id", table.id.as_deref(), OfferId::parse);
        let name = self.name(at, table.name.as_deref());
        let variant = table.variant.as_deref();
        let variant = variant.and_then(|text| self.id(&at.key("variant"), text, VariantId::parse));
        let priority = match table.priority {
            Some(priority) => self.whole(&at.key("priority"), priority, i32::MIN..=i32::MAX),
            None => Some(0),
        };
        let group = table.group.as_deref();
        let group = group.and_then(|text| self.id(&at.key("group"), text, GroupId::parse));
        let trigger = self.trigger(at, table);
        let conditions = self.conditions(at, table.conditions());
        self.discountable(&at.key("scope"), &conditions.scope);
        let reward = self.reward(at, table);
        let cap = self.optional_amount(at, "cap", table.cap.as_ref());
        let quantity_max = match reward {
            Some(Reward::LinePercent(_) | Reward::LineAmountEach(_)) => {
                let text = table.quantity_max.as_ref();
                text.and_then(|text| self.quantity(&at.key("quantity_max"), text))
            }
            _ => None,
        };
        let limits_at = at.key("limits");
        let limits = self.offer_limits(&limits_at, table.limits.as_deref(), reward.as_ref());
        let shared_at = at.key("shared_limits");
        let shared = table.shared_limits.as_deref();
        let counts = Counts::of_offer(reward.as_ref());
        let shared_limits = self.shared_limits(&shared_at, shared, counts);
        let reach = match table.personal {
            Some(true) => Reach::Personal,
            Some(false) | None => Reach::Open,
        };
        if reach == Reach::Personal && conditions.audience.membership == Membership::Everyone {
            let reason = "only members carry offers: leave members = \"everyone\" out";
            self.faults.add(&at.key("personal"), FaultCode::Contradiction, reason);
        }
        if !limits.is_empty() && conditions.audience.membership == Membership::Everyone {
            let reason = "uses can only be counted of members: leave members = \"everyone\" out";
            self.faults.add(&limits_at, FaultCode::Contradiction, reason);
        }
        Some(Offer {
            id: id?,
            name: name?,
            variant,
            announced: table.announced.unwrap_or(false),
            priority: priority?,
            group,
            reach,
            trigger: trigger?,
            stacking: match table.stacking {
                Some(StackingWord::Alone) => Stacking::Alone,
                Some(StackingWord::Stackable) | None => Stacking::Stackable,
            },
            conditions,
            reward: reward?,
            cap,
            quantity_max,
            limits,
            shared_limits,
        })
    }

    /// The voucher types by id.
    pub(super) fn voucher_types(
        &mut self,
        tables: &[(usize, VoucherTypeTable)],
    ) -> BTreeMap<VoucherTypeId, VoucherType> {
        let at = Place::Root.key("voucher_types");
        self.count(&at, tables.len(), VOUCHER_TYPES_MAX);
        let mut ids = BTreeMap::new();
        let mut types = BTreeMap::new();
        for (index, table) in tables.iter().take(VOUCHER_TYPES_MAX) {
            let type_at = at.index(*index);
            self.distinct_id(&type_at, table.id.as_deref(), &mut ids);
            let voucher_type = self.voucher_type(&type_at, table);
            types.extend(voucher_type.map(|kind| (kind.id.clone(), kind)));
        }
        types
    }

    fn voucher_type(&mut self, at: &Place<'_>, table: &VoucherTypeTable) -> Option<VoucherType> {
        let id = self.required_id(at, "id", table.id.as_deref(), VoucherTypeId::parse);
        let name = self.name(at, table.name.as_deref());
        let conditions = self.conditions(at, table.conditions());
        self.discountable(&at.key("scope"), &conditions.scope);
        let cap = self.optional_amount(at, "cap", table.cap.as_ref());
        let cost = self.optional_amount(at, "cost", table.cost.as_ref());
        let kind = *self.required(at, "kind", table.kind.as_ref())?;
        let by = format!("kind {}", kind.as_str());
        let value = match kind {
            VoucherKind::Amount => {
                self.unused(at, "percent", table.percent.as_ref(), &by);
                let amount = self.required_amount(at, "amount", table.amount.as_ref());
                amount.map(VoucherValue::Amount)
            }
            VoucherKind::Percent => {
                self.unused(at, "amount", table.amount.as_ref(), &by);
                let percent = self.required_percent(at, table.percent.as_ref());
                percent.map(VoucherValue::Percent)
            }
        };
        Some(VoucherType { id: id?, name: name?, conditions, value: value?, cap, cost })
    }

    pub(super) fn required_amount(
        &mut self,
        table: &Place<'_>,
        key: &'static str,
        text: Option<&DecimalText>,
    ) -> Option<Amount> {
        let text = self.required(table, key, text)?;
        self.amount(&table.key(key), text)
    }

    pub(super) fn optional_amount(
        &mut self,
        table: &Place<'_>,
        key: &'static str,
        text: Option<&DecimalText>,
    ) -> Option<Amount> {
        text.and_then(|text| self.amount(&table.key(key), text))
    }

    pub(super) fn required_percent(
        &mut self,
        table: &Place<'_>,
        text: Option<&DecimalText>,
    ) -> Option<Percent> {
        let text = self.required(table, "percent", text)?;
        self.percent(&table.key("percent"), text)
    }
}
