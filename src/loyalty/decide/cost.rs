//! How much work a decision can be, known from the programme alone.
//!
//! Work is counted in looks at one heap of equal goods. A receipt has no more heaps than lines, and
//! what a heap costs follows from the offers that cover its goods. So the dearest goods that
//! anybody could put on all lines bound every decision, whatever is bought.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::index::Stage;
use super::this_sale::TRIALS_MAX;
use super::units::looks_of_fill;
use crate::loyalty::basket::VOUCHERS_MAX;
use crate::loyalty::counter::UseUnit;
use crate::loyalty::ids::{CategoryId, GroupId, OfferId, Sku};
use crate::loyalty::offer_code::{OFFER_CODES_MAX, OfferCode};
use crate::loyalty::programme::{
    BundleValue, Offer, Programme, REWARDS_CHOSEN_MAX, RedemptionPolicy, Reward, ThisSale, Trigger,
};

/// The most looks that the dearest goods may cost: 20 million on a receipt of 10,000 lines.
pub const LOOKS_PER_LINE_MAX: u64 = 2_000;

/// Looks at a heap to see that an offer covers it, and which lines it takes.
pub(super) const OF_PRICING: usize = 2;
/// More of them where units have a price.
pub(super) const OF_PRICES: usize = 2;
/// More of them to sort units for an offer on units.
pub(super) const OF_PILE: usize = 4;
/// Looks at a heap for one voucher.
pub(super) const OF_VOUCHER: usize = 3;
/// Looks at a heap for one reward.
pub(super) const OF_REWARD: usize = 2;
/// Looks at a line for one earning rule.
pub(super) const OF_RULE: u64 = 2;

/// Binary digits of the most units that a receipt holds: 10,000 lines of a million.
const DIGITS_OF_UNITS: u32 = 34;

/// What the dearest goods of a programme cost to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineCost {
    /// Looks at one line of them.
    pub looks: u64,
    /// The product among them that most offers name, if any does.
    pub sku: Option<Sku>,
    /// The category that they are in, if any offer names one.
    pub category: Option<CategoryId>,
    /// The offers that cost most, with what each costs; the dearest first.
    pub dearest: Vec<(OfferId, u64)>,
}

/// How many of the dearest offers are named.
const DEAREST_NAMED: usize = 3;

impl Programme {
    /// What the goods cost that are the most work. Goods may be under all offers that name one
    /// product and one category, and under those that cover everything.
    #[must_use]
    pub fn line_cost(&self) -> LineCost {
        let stages = stages_of_groups(&self.offers);
        let mut shelf = Shelf::default();
        let mut dearest: Vec<(u64, &OfferId)> = Vec::with_capacity(self.offers.len());
        for offer in &self.offers {
            let settled = offer.group.as_ref().and_then(|group| stages.get(group)).copied();
            let looks = looks_of(offer, settled.unwrap_or_default());
            shelf.enter(offer, looks);
            dearest.push((looks, &offer.id));
        }
        dearest.sort_unstable_by_key(|&(looks, id)| (Reverse(looks), id));
        let (sku, of_sku) = most(shelf.by_sku.iter().map(|(sku, looks)| (*sku, *looks)));
        let around = |category: &CategoryId| -> u64 {
            category.path().filter_map(|path| Some(shelf.by_category.get(path)?.1)).sum()
        };
        let categories = shelf.by_category.values().map(|(category, _)| *category);
        let (category, of_category) = most(categories.map(|id| (id, around(id))));
        LineCost {
            looks: shelf.of_everything + shelf.called() + of_sku + of_category + self.other_looks(),
            sku: sku.cloned(),
            category: category.cloned(),
            dearest: dearest
                .into_iter()
                .take(DEAREST_NAMED)
                .map(|(looks, id)| (id.clone(), looks))
                .collect(),
        }
    }

    /// Looks at a line for everything but offers.
    fn other_looks(&self) -> u64 {
        let vouchers = if self.voucher_types.is_empty() { 0 } else { VOUCHERS_MAX * OF_VOUCHER };
        let rewards = match self.rewards.len() {
            0 => 0,
            many => (many + REWARDS_CHOSEN_MAX as usize) * OF_REWARD,
        };
        let usable = |policy: &RedemptionPolicy| policy.this_sale == ThisSale::Usable;
        let times = match self.redemption.as_ref().is_some_and(usable) {
            true => 1 + TRIALS_MAX,
            false => 1,
        };
        (vouchers + rewards) as u64 + self.earn.len() as u64 * OF_RULE * u64::from(times)
    }
}

/// The looks of offers by what leads goods to them.
#[derive(Default)]
struct Shelf<'p> {
    of_everything: u64,
    by_sku: BTreeMap<&'p Sku, u64>,
    by_category: BTreeMap<&'p str, (&'p CategoryId, u64)>,
    by_code: BTreeMap<&'p OfferCode, u64>,
    by_coupon: Vec<u64>,
}

impl<'p> Shelf<'p> {
    fn enter(&mut self, offer: &'p Offer, looks: u64) {
        match &offer.trigger {
            Trigger::Codes(codes) => {
                codes.iter().for_each(|code| *self.by_code.entry(code).or_default() += looks);
            }
            Trigger::Coupon(_) => self.by_coupon.push(looks),
            Trigger::Itself => self.enter_by_goods(offer, looks),
        }
    }

    fn enter_by_goods(&mut self, offer: &'p Offer, looks: u64) {
        if let Reward::PriceList { prices, .. } = &offer.reward {
            prices.keys().for_each(|sku| *self.by_sku.entry(sku).or_default() += looks);
            return;
        }
        if offer.scopes().any(|scope| scope.skus.is_empty() && scope.categories.is_empty()) {
            self.of_everything += looks;
            return;
        }
        let skus: BTreeSet<&Sku> = offer.scopes().flat_map(|scope| &scope.skus).collect();
        skus.into_iter().for_each(|sku| *self.by_sku.entry(sku).or_default() += looks);
        let categories: BTreeSet<&CategoryId> =
            offer.scopes().flat_map(|scope| &scope.categories).collect();
        for category in categories {
            self.by_category.entry(category.as_str()).or_insert((category, 0)).1 += looks;
        }
    }

    /// What the dearest codes and coupons cost that one receipt may carry.
    fn called(&self) -> u64 {
        let mut all: Vec<u64> = self.by_code.values().chain(&self.by_coupon).copied().collect();
        all.sort_unstable_by_key(|looks| Reverse(*looks));
        all.into_iter().take(OFFER_CODES_MAX).sum()
    }
}

fn most<'p, Id>(of: impl Iterator<Item = (&'p Id, u64)>) -> (Option<&'p Id>, u64) {
    let dearest = of.reduce(|most, other| if other.1 > most.1 { other } else { most });
    dearest.map_or((None, 0), |(id, looks)| (Some(id), looks))
}

/// How often the members of each group with several are compared: once for each stage that they
/// belong to.
fn stages_of_groups(offers: &[Offer]) -> BTreeMap<&GroupId, u64> {
    let mut groups: BTreeMap<&GroupId, (usize, BTreeSet<Stage>)> = BTreeMap::new();
    for offer in offers {
        if let Some(group) = &offer.group {
            let (members, stages) = groups.entry(group).or_default();
            *members += 1;
            stages.insert(Stage::of(&offer.reward));
        }
    }
    let several = groups.into_iter().filter(|(_, (members, _))| *members > 1);
    several.map(|(group, (_, stages))| (group, stages.len() as u64)).collect()
}

/// Looks at a heap that an offer covers, where its group compares its members so often.
fn looks_of(offer: &Offer, settled: u64) -> u64 {
    let to_find = match offer.trigger {
        Trigger::Itself => 1,
        Trigger::Codes(_) | Trigger::Coupon(_) => 2,
    };
    let of_units = match offer.reward {
        Reward::LinePercent(_) | Reward::LineAmountEach(_) if counts_units(offer) => OF_PRICES,
        _ => 0,
    };
    to_find + (OF_PRICING + of_units + of_reward(&offer.reward)) as u64 * (1 + settled)
}

/// Whether an offer may be for a part of the units that it covers.
fn counts_units(offer: &Offer) -> bool {
    let of_limits = offer.limits.iter().map(|limit| limit.unit);
    let mut units = of_limits.chain(offer.shared_limits.iter().map(|limit| limit.unit));
    offer.quantity_max.is_some() || units.any(|unit| unit == UseUnit::Units)
}

/// Looks at a heap to say what a reward gives on it, beyond those of every offer.
fn of_reward(reward: &Reward) -> usize {
    match reward {
        Reward::LinePercent(_)
        | Reward::LineAmountEach(_)
        | Reward::BasketPercent(_)
        | Reward::BasketAmount(_)
        | Reward::Gift(_) => 0,
        // A coupon may say that goods are free.
        Reward::FixedPrice { .. } | Reward::PriceList { .. } | Reward::CouponValue => OF_PRICES,
        // With free units, and once more with all to say what is in the way.
        Reward::BuyGet(_) | Reward::QuantityPercent(_) => 2 * OF_PILE,
        Reward::UnitsForPrice { .. } => of_sets(1, Search::Nothing),
        Reward::Bundle(bundle) => {
            let search = match bundle.value {
                // Where any units make a set, what they are worth is summed up once.
                BundleValue::Price(_) if bundle.parts.len() > 1 => Search::Times(bundle.times_max),
                _ => Search::Nothing,
            };
            of_sets(bundle.parts.len(), search)
        }
    }
}

/// What is searched for where units make sets.
enum Search {
    /// How many sets save something, of at most so many.
    Times(Option<u32>),
    /// Nothing: as many as there are.
    Nothing,
}

/// Looks at a heap whose units may be in a set of so many parts.
fn of_sets(parts: usize, search: Search) -> usize {
    let digits = match search {
        Search::Times(most) => {
            most.map_or(DIGITS_OF_UNITS, |most| u32::BITS - most.leading_zeros())
        }
        Search::Nothing => 0,
    };
    // Each step compares two numbers of sets; the last two are of the answer, one says what is
    // missing.
    let steps = if digits > 0 { digits as usize + 1 } else { 0 };
    let fills = 2 * steps + 3;
    2 * (OF_PILE + parts) + fills * looks_of_fill(parts)
}
