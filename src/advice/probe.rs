//! Baskets in which a benefit may turn: around its minimums, sets, steps and caps.

use std::collections::BTreeSet;
use std::fmt;

use crate::loyalty::{
    BundleValue, CategoryId, Conditions, Line, LineId, Reward, Scope, Sku, VoucherValue,
};
use crate::money::{Amount, Currency, Percent, Quantity};

/// A price where nothing says one.
const PRICE: i64 = 1_000;

/// The dearest goods that are tried: beyond it sums might not fit.
const PRICE_TRIED_MAX: i64 = 100_000_000_000;

/// The most units that are tried of one product.
const UNITS_TRIED_MAX: i64 = 10_000;

/// A product that a benefit covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Goods {
    sku: Sku,
    category: Option<CategoryId>,
    /// Whether the programme names the product itself.
    is_named: bool,
}

/// Some units of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) goods: Goods,
    pub(super) units: i64,
    /// Minor units for one.
    pub(super) price: i64,
}

/// A basket, and what is bought beyond it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) base: Vec<Item>,
    pub(super) more: Item,
}

/// Where a benefit may turn.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// What must come together: examples of the goods, and how many units.
    parts: Vec<(Vec<Goods>, i64)>,
    /// Sums from which something holds.
    minimums: BTreeSet<i64>,
    /// Other amounts that it names.
    amounts: BTreeSet<i64>,
    /// Numbers of units from which something holds, or until which.
    units: BTreeSet<i64>,
    /// The least price of what counts.
    price_min: i64,
}

impl Shape {
    /// Of an offer.
    pub(super) fn of_offer(conditions: &Conditions, reward: &Reward, cap: Option<Amount>) -> Self {
        let mut shape = Self::of_conditions(conditions, cap);
        let mut units = |counts: &[u32]| shape.units.extend(counts.iter().map(|n| i64::from(*n)));
        match reward {
            Reward::FixedPrice { price, quantity_max } => {
                shape.amounts.insert(price.value().saturating_mul(10));
                shape.units.extend(quantity_max.map(Quantity::started_units));
            }
            Reward::PriceList { prices, quantity_max } => {
                let named = |sku: &Sku| Goods { sku: sku.clone(), category: None, is_named: true };
                shape.parts = vec![(prices.keys().take(2).map(named).collect(), 1)];
                let dearest = prices.values().map(|price| price.value()).max().unwrap_or(PRICE);
                shape.amounts.insert(dearest.saturating_mul(2));
                shape.units.extend(quantity_max.map(Quantity::started_units));
            }
            Reward::LinePercent(_)
            | Reward::BasketPercent(_)
            | Reward::CouponValue
            | Reward::Gift(_) => {}
            Reward::LineAmountEach(amount) | Reward::BasketAmount(amount) => {
                shape.amounts.insert(amount.value());
            }
            Reward::BuyGet(deal) => {
                let set = deal.buy.saturating_add(deal.get);
                units(&[deal.buy, set, set.saturating_mul(deal.times_max.unwrap_or(2))]);
                if let Some(scope) = &deal.get_scope {
                    shape.parts[0].1 = i64::from(deal.buy);
                    shape.parts.push((examples(scope), i64::from(deal.get)));
                }
            }
            Reward::UnitsForPrice { units: set, price, times_max } => {
                units(&[*set, set.saturating_mul(times_max.unwrap_or(2))]);
                shape.amounts.insert(price.value());
                shape.amounts.insert(price.value() / i64::from(*set).saturating_sub(1).max(1) + 1);
            }
            Reward::Bundle(bundle) => {
                let part = |part: &crate::loyalty::BundlePart| {
                    (examples(&part.scope), i64::from(part.units))
                };
                shape.parts = bundle.parts.iter().map(part).collect();
                match bundle.value {
                    BundleValue::Price(amount) | BundleValue::Amount(amount) => {
                        shape.amounts.insert(amount.value());
                    }
                    BundleValue::Percent(_) => {}
                }
            }
            Reward::QuantityPercent(steps) => {
                shape.units.extend(steps.iter().map(|step| i64::from(step.from)));
            }
        }
        shape
    }

    /// Of a kind of voucher.
    pub(super) fn of_voucher(
        conditions: &Conditions,
        value: VoucherValue,
        cap: Option<Amount>,
    ) -> Self {
        let mut shape = Self::of_conditions(conditions, cap);
        if let VoucherValue::Amount(amount) = value {
            shape.amounts.insert(amount.value());
        }
        shape
    }

    fn of_conditions(conditions: &Conditions, cap: Option<Amount>) -> Self {
        let minimum = &conditions.minimum;
        Self {
            parts: vec![(examples(&conditions.scope), 1)],
            minimums: minimum.amount.map(Amount::value).into_iter().collect(),
            amounts: cap.map(Amount::value).into_iter().collect(),
            units: minimum.quantity.map(Quantity::started_units).into_iter().collect(),
            price_min: minimum.unit_price.map_or(1, Amount::value),
        }
    }

    /// Whether more goods can only be more of the same.
    pub(super) fn is_plain(&self) -> bool {
        self.minimums.is_empty() && self.units.is_empty() && self.parts.len() == 1
    }

    /// The baskets to try, the most telling first.
    pub(super) fn probes(&self) -> Vec<Probe> {
        let mut probes = Vec::new();
        if self.parts.iter().any(|(goods, _)| goods.is_empty()) {
            return probes;
        }
        match self.parts.as_slice() {
            [(goods, _)] => {
                self.fill_up(goods, &mut probes);
                self.one_more(&goods[0], &mut probes);
            }
            _ => self.complete(&mut probes),
        }
        probes
    }

    /// Baskets of this and another benefit, for one that may take the other's place.
    pub(super) fn probes_with(&self, other: &Self) -> Vec<Probe> {
        let first =
            |shape: &Self| shape.parts.first().and_then(|(goods, _)| goods.first().cloned());
        let Some((own, others)) = first(self).zip(first(other)) else { return Vec::new() };
        let mut probes = Vec::new();
        let prices: BTreeSet<i64> = self.prices().into_iter().chain(other.prices()).collect();
        for price in prices {
            for own_units in self.units_to_try() {
                for other_units in other.units_to_try() {
                    let item = |goods: &Goods, units| Item { goods: goods.clone(), units, price };
                    if own == others {
                        let base = vec![item(&own, own_units + other_units - 1)];
                        probes.push(Probe { base, more: item(&own, 1) });
                        continue;
                    }
                    let one_less = |units: i64, goods| (units > 1).then(|| item(goods, units - 1));
                    let base = std::iter::once(item(&own, own_units));
                    let base = base.chain(one_less(other_units, &others)).collect();
                    probes.push(Probe { base, more: item(&others, 1) });
                    let base = std::iter::once(item(&others, other_units));
                    let base = base.chain(one_less(own_units, &own)).collect();
                    probes.push(Probe { base, more: item(&own, 1) });
                }
            }
        }
        probes
    }

    /// Just below a minimum, and what is missing on top.
    fn fill_up(&self, goods: &[Goods], probes: &mut Vec<Probe>) {
        let small = goods.get(1).unwrap_or(&goods[0]);
        for minimum in &self.minimums {
            for price in self.prices() {
                let units = (minimum - 1) / price;
                let rest = minimum - units * price;
                if (1..=UNITS_TRIED_MAX).contains(&units)
                    && (self.price_min..=price).contains(&rest)
                {
                    let base = vec![Item { goods: goods[0].clone(), units, price }];
                    let more = Item { goods: small.clone(), units: 1, price: rest };
                    probes.push(Probe { base, more });
                }
            }
        }
    }

    /// One unit more of the same, up to and over each number of units that matters.
    fn one_more(&self, goods: &Goods, probes: &mut Vec<Probe>) {
        for price in self.prices() {
            for units in self.units_to_try() {
                let item = |units| Item { goods: goods.clone(), units, price };
                probes.push(Probe { base: vec![item(units)], more: item(1) });
            }
        }
    }

    /// Sets of which one unit is missing.
    fn complete(&self, probes: &mut Vec<Probe>) {
        for price in self.prices() {
            for cheap in [price, (price / 10).max(self.price_min)] {
                for missing in 0..self.parts.len() {
                    let item = |(n, (goods, units)): (usize, &(Vec<Goods>, i64))| {
                        let units = if n == missing { units - 1 } else { *units };
                        let price = if n == missing { cheap } else { price };
                        (units > 0).then(|| Item { goods: goods[0].clone(), units, price })
                    };
                    let base: Vec<Item> = self.parts.iter().enumerate().filter_map(item).collect();
                    let goods = self.parts[missing].0[0].clone();
                    if !base.is_empty() {
                        probes.push(Probe { base, more: Item { goods, units: 1, price: cheap } });
                    }
                }
            }
        }
    }

    fn prices(&self) -> BTreeSet<i64> {
        let of_minimums = self.minimums.iter().flat_map(|sum| {
            // 49.90 where the minimum is 50.00.
            [sum - (sum / 500).max(1), *sum, sum / 2, sum / 10]
        });
        let of_amounts = self.amounts.iter().flat_map(|sum| [*sum, sum.saturating_mul(2), sum / 2]);
        let prices = of_minimums.chain(of_amounts).chain([PRICE]);
        prices.map(|price| price.clamp(self.price_min.max(1), PRICE_TRIED_MAX)).collect()
    }

    /// Numbers of units after which one more may change something.
    fn units_to_try(&self) -> BTreeSet<i64> {
        let around = self.units.iter().flat_map(|units| [units - 1, *units]);
        around.chain([1, 2]).map(|units| units.clamp(1, UNITS_TRIED_MAX)).collect()
    }
}

/// Up to two products that a scope covers.
fn examples(scope: &Scope) -> Vec<Goods> {
    if !scope.skus.is_empty() {
        let named = |sku: &Sku| Goods { sku: sku.clone(), category: None, is_named: true };
        return scope.skus.difference(&scope.excluded_skus).take(2).map(named).collect();
    }
    let open = |category: &&CategoryId| !category.is_within(&scope.excluded_categories);
    let category = scope.categories.iter().find(open).cloned();
    if category.is_none() && !scope.categories.is_empty() {
        return Vec::new();
    }
    let example = |name| {
        let sku = Sku::parse(name).ok().filter(|sku| !scope.excluded_skus.contains(sku))?;
        Some(Goods { sku, category: category.clone(), is_named: false })
    };
    ["goods", "small goods"].into_iter().filter_map(example).collect()
}

impl Item {
    /// A line of a basket.
    pub(super) fn line(&self, number: usize) -> Option<Line> {
        Some(Line {
            line_id: LineId::parse(&number.to_string()).ok()?,
            sku: self.goods.sku.clone(),
            category: self.goods.category.clone(),
            quantity: Quantity::units(self.units),
            unit_price: Amount::new(self.price),
            amount: Amount::new(self.price.checked_mul(self.units)?),
            tax_rate: Percent::default(),
            flags: BTreeSet::new(),
            unit_price_min: None,
            lowest_30d_price: None,
            cost: None,
        })
    }

    /// "3 x milk at 12.50".
    pub(super) fn shown(&self, currency: Currency) -> String {
        let price = currency.format(Amount::new(self.price));
        format!("{} x {} at {price}", self.units, self.goods)
    }
}

impl fmt::Display for Goods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.category {
            Some(category) if !self.is_named => write!(f, "{} of {category}", self.sku),
            _ => write!(f, "{}", self.sku),
        }
    }
}
