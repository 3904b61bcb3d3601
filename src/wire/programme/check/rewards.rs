//! What an offer gives.

use std::collections::BTreeMap;

use super::super::fault::FaultCode;
use super::super::file::{
    BundlePartTable, GotUnitsWord, OfferKind, OfferTable, PriceTable, QuantityStepTable,
};
use super::super::limits::{LIST_ENTRIES_MAX, QUANTITY_STEPS_MAX, TIMES_MAX, UNITS_MAX};
use super::super::place::Place;
use super::Check;
use crate::loyalty::{
    BUNDLE_PARTS_MAX, Bundle, BundlePart, BundleValue, BuyGet, GIFTS_GIVEN_MAX, GiftTerms,
    GotUnits, QuantityStep, Reward, Sku,
};
use crate::money::{Amount, Percent};
use crate::wire::table::Table;

impl Check<'_, '_> {
    /// What an offer gives, by its kind.
    pub(super) fn reward(&mut self, at: &Place<'_>, table: &OfferTable) -> Option<Reward> {
        let kind = *self.required(at, "kind", table.kind.as_ref())?;
        self.only_keys_of(at, table, kind);
        match kind {
            OfferKind::FixedPrice => {
                let quantity_max = table.quantity_max.as_ref();
                let quantity_max =
                    quantity_max.and_then(|text| self.quantity(&at.key("quantity_max"), text));
                let price = self.required_amount(at, "price", table.price.as_ref())?;
                Some(Reward::FixedPrice { price, quantity_max })
            }
            OfferKind::PriceList => {
                let quantity_max = table.quantity_max.as_ref();
                let quantity_max =
                    quantity_max.and_then(|text| self.quantity(&at.key("quantity_max"), text));
                let prices = self.required(at, "prices", table.prices.as_ref())?;
                let prices = self.prices(&at.key("prices"), prices);
                Some(Reward::PriceList { prices, quantity_max })
            }
            OfferKind::LinePercent => {
                let percent = self.required_percent(at, table.percent.as_ref());
                percent.map(Reward::LinePercent)
            }
            OfferKind::LineAmountEach => {
                let amount = self.required_amount(at, "amount", table.amount.as_ref());
                amount.map(Reward::LineAmountEach)
            }
            OfferKind::BuyGet => self.buy_get(at, table).map(Reward::BuyGet),
            OfferKind::UnitsForPrice => {
                let units = self.required_units(at, "units", table.units);
                let price = self.required_amount(at, "price", table.price.as_ref());
                let times_max = self.times_max(at, table);
                Some(Reward::UnitsForPrice { units: units?, price: price?, times_max })
            }
            OfferKind::Bundle => self.bundle(at, table).map(Reward::Bundle),
            OfferKind::QuantityPercent => {
                let steps = self.required(at, "steps", table.steps.as_ref())?;
                Some(Reward::QuantityPercent(self.quantity_steps(&at.key("steps"), steps)))
            }
            OfferKind::BasketPercent => {
                let percent = self.required_percent(at, table.percent.as_ref());
                percent.map(Reward::BasketPercent)
            }
            OfferKind::BasketAmount => {
                let amount = self.required_amount(at, "amount", table.amount.as_ref());
                amount.map(Reward::BasketAmount)
            }
            OfferKind::Gift => self.gift(at, table).map(Reward::Gift),
            OfferKind::CouponValue => {
                self.required(at, "coupon", table.coupon.as_ref())?;
                Some(Reward::CouponValue)
            }
        }
    }

    /// Tells the keys that are there and have no meaning for the kind.
    fn only_keys_of(&mut self, at: &Place<'_>, table: &OfferTable, kind: OfferKind) {
        let used: &[&str] = match kind {
            OfferKind::FixedPrice => &["price", "quantity_max", "scope"],
            // The list says which products.
            OfferKind::PriceList => &["prices", "quantity_max"],
            OfferKind::LinePercent => &["percent", "quantity_max", "scope"],
            OfferKind::BasketPercent => &["percent", "scope"],
            OfferKind::LineAmountEach => &["amount", "quantity_max", "scope"],
            OfferKind::BasketAmount => &["amount", "scope"],
            OfferKind::BuyGet => {
                &["buy", "get", "percent", "which", "get_scope", "times_max", "scope"]
            }
            OfferKind::UnitsForPrice => &["units", "price", "times_max", "scope"],
            // The parts say which products.
            OfferKind::Bundle => &["parts", "price", "percent", "amount", "times_max"],
            OfferKind::QuantityPercent => &["steps", "scope"],
            OfferKind::CouponValue => &["scope"],
            OfferKind::Gift => &["sku", "price", "units", "times_max", "scope"],
        };
        let written = [
            ("price", table.price.is_some()),
            ("prices", table.prices.is_some()),
            ("sku", table.sku.is_some()),
            ("quantity_max", table.quantity_max.is_some()),
            ("percent", table.percent.is_some()),
            ("amount", table.amount.is_some()),
            ("buy", table.buy.is_some()),
            ("get", table.get.is_some()),
            ("which", table.which.is_some()),
            ("get_scope", table.get_scope.is_some()),
            ("units", table.units.is_some()),
            ("parts", table.parts.is_some()),
            ("steps", table.steps.is_some()),
            ("times_max", table.times_max.is_some()),
            ("scope", table.scope.is_some()),
        ];
        let by = format!("kind {}", kind.as_str());
        for (key, is_written) in written {
            if is_written && !used.contains(&key) {
                self.unused(at, key, Some(&()), &by);
            }
        }
    }

    /// A gift takes no money, so that what bounds or combines discounts says nothing of it.
    fn gift(&mut self, at: &Place<'_>, table: &OfferTable) -> Option<GiftTerms> {
        for (key, is_written) in [
            ("group", table.group.is_some()),
            ("stacking", table.stacking.is_some()),
            ("cap", table.cap.is_some()),
        ] {
            self.unused(at, key, is_written.then_some(&()), "kind gift");
        }
        if table.coupon.is_some() {
            let reason = "a coupon takes money off; a gift comes by itself or by `codes`";
            self.faults.add(&at.key("coupon"), FaultCode::Contradiction, reason);
        }
        let minimum = table.minimum.as_deref();
        let counts = minimum.is_some_and(|min| min.amount.is_some() || min.quantity.is_some());
        if table.times_max.is_some_and(|times| times > 1) && !counts {
            let reason = "it is given once for each time that `minimum` is met, and there is none";
            self.faults.add(&at.key("times_max"), FaultCode::UnusedKey, reason);
        }
        let sku = table.sku.as_deref();
        let sku = sku.map(|text| self.id(&at.key("sku"), text, Sku::parse));
        let price = table.price.as_ref();
        let price =
            price.map_or(Some(Amount::ZERO), |text| self.amount_or_zero(&at.key("price"), &text.0));
        let units = table.units.unwrap_or(1);
        let units = self.whole(&at.key("units"), units, 1..=UNITS_MAX);
        let times = table.times_max.unwrap_or(1);
        let times_max = self.whole(&at.key("times_max"), times, 1..=GIFTS_GIVEN_MAX);
        Some(GiftTerms { sku: sku.flatten(), price: price?, units: units?, times_max: times_max? })
    }

    fn prices(&mut self, at: &Place<'_>, tables: &[Table<PriceTable>]) -> BTreeMap<Sku, Amount> {
        self.not_empty(at, tables.len());
        self.count(at, tables.len(), LIST_ENTRIES_MAX);
        let mut first_of: BTreeMap<&str, usize> = BTreeMap::new();
        let mut prices = BTreeMap::new();
        for (index, table) in tables.iter().enumerate().take(LIST_ENTRIES_MAX) {
            let entry = at.index(index);
            let sku = self.required_id(&entry, "sku", table.sku.as_deref(), Sku::parse);
            let price = self.required_amount(&entry, "price", table.price.as_ref());
            let earlier = table.sku.as_deref().and_then(|sku| {
                let first = *first_of.entry(sku).or_insert(index);
                (first != index).then_some(first)
            });
            if let Some(first) = earlier {
                let reason = format!("element [{first}] prices the same product");
                self.faults.add(&entry.key("sku"), FaultCode::DuplicateId, reason);
            }
            prices.extend(sku.zip(price));
        }
        prices
    }

    fn buy_get(&mut self, at: &Place<'_>, table: &OfferTable) -> Option<BuyGet> {
        let buy = self.required_units(at, "buy", table.buy);
        let get = self.required_units(at, "get", table.get);
        let percent = match &table.percent {
            Some(text) => self.percent(&at.key("percent"), text),
            None => Some(Percent::WHOLE),
        };
        let get_scope = table.get_scope.as_deref();
        let get_scope = get_scope.map(|scope| self.benefit_scope(&at.key("get_scope"), scope));
        let times_max = self.times_max(at, table);
        Some(BuyGet {
            buy: buy?,
            get: get?,
            percent: percent?,
            which: match table.which {
                Some(GotUnitsWord::Dearest) => GotUnits::Dearest,
                Some(GotUnitsWord::Cheapest) | None => GotUnits::Cheapest,
            },
            get_scope,
            times_max,
        })
    }

    fn bundle(&mut self, at: &Place<'_>, table: &OfferTable) -> Option<Bundle> {
        let parts = self.required(at, "parts", table.parts.as_deref());
        let parts = parts.map(|parts| self.bundle_parts(&at.key("parts"), parts));
        let value = self.bundle_value(at, table);
        let times_max = self.times_max(at, table);
        Some(Bundle { parts: parts?, value: value?, times_max })
    }

    fn bundle_parts(
        &mut self,
        at: &Place<'_>,
        tables: &[Table<BundlePartTable>],
    ) -> Vec<BundlePart> {
        self.not_empty(at, tables.len());
        self.count(at, tables.len(), BUNDLE_PARTS_MAX);
        let mut parts = Vec::new();
        for (index, table) in tables.iter().enumerate().take(BUNDLE_PARTS_MAX) {
            let part = at.index(index);
            let scope = self.required(&part, "scope", table.scope.as_deref());
            let scope = scope.map(|scope| self.benefit_scope(&part.key("scope"), scope));
            let units = match table.units {
                Some(units) => self.whole(&part.key("units"), units, 1..=UNITS_MAX),
                None => Some(1),
            };
            parts.extend(scope.zip(units).map(|(scope, units)| BundlePart { scope, units }));
        }
        parts
    }

    fn bundle_value(&mut self, at: &Place<'_>, table: &OfferTable) -> Option<BundleValue> {
        let price = table.price.as_ref();
        let percent = table.percent.as_ref();
        let amount = table.amount.as_ref();
        let written = [price.is_some(), percent.is_some(), amount.is_some()];
        match written.iter().filter(|is_written| **is_written).count() {
            0 => {
                let reason = "one of `price`, `percent` and `amount` is missing";
                self.faults.add(&at.key("price"), FaultCode::MissingKey, reason);
            }
            1 => {}
            _ => {
                let key = if amount.is_some() { "amount" } else { "percent" };
                let reason = "a bundle has one of `price`, `percent` and `amount`";
                self.faults.add(&at.key(key), FaultCode::Contradiction, reason);
            }
        }
        let price = price.and_then(|text| self.amount(&at.key("price"), text));
        let percent = percent.and_then(|text| self.percent(&at.key("percent"), text));
        let amount = amount.and_then(|text| self.amount(&at.key("amount"), text));
        let value = price.map(BundleValue::Price).or(percent.map(BundleValue::Percent));
        value.or(amount.map(BundleValue::Amount))
    }

    fn quantity_steps(
        &mut self,
        at: &Place<'_>,
        tables: &[Table<QuantityStepTable>],
    ) -> Vec<QuantityStep> {
        self.not_empty(at, tables.len());
        self.count(at, tables.len(), QUANTITY_STEPS_MAX);
        let mut steps: Vec<QuantityStep> = Vec::new();
        for (index, table) in tables.iter().enumerate().take(QUANTITY_STEPS_MAX) {
            let step = at.index(index);
            let from = self.required_units(&step, "from", table.from);
            let percent = self.required_percent(&step, table.percent.as_ref());
            let Some((from, percent)) = from.zip(percent) else { continue };
            if steps.last().is_some_and(|last| from <= last.from || percent <= last.percent) {
                let reason = "units and percentage must both be more than in the step before";
                self.faults.add(&step, FaultCode::StepsNotRising, reason);
            }
            steps.push(QuantityStep { from, percent });
        }
        steps
    }

    fn required_units(
        &mut self,
        table: &Place<'_>,
        key: &'static str,
        units: Option<i64>,
    ) -> Option<u32> {
        let units = *self.required(table, key, units.as_ref())?;
        self.whole(&table.key(key), units, 1..=UNITS_MAX)
    }

    fn times_max(&mut self, at: &Place<'_>, table: &OfferTable) -> Option<u32> {
        table.times_max.and_then(|times| self.whole(&at.key("times_max"), times, 1..=TIMES_MAX))
    }

    fn not_empty(&mut self, at: &Place<'_>, count: usize) {
        if count == 0 {
            self.faults.add(at, FaultCode::EmptyList, "the list is empty: nothing would be given");
        }
    }
}
