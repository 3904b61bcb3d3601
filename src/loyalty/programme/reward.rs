//! What an offer gives.

use std::collections::BTreeMap;

use super::Offer;
use crate::loyalty::basket::Line;
use crate::loyalty::gifts::GiftTerms;
use crate::loyalty::ids::Sku;
use crate::loyalty::terms::Scope;
use crate::money::{Amount, Percent, Quantity};

/// The most parts of a bundle. Finding the best bundles looks at every set of parts, so each part
/// more doubles the time.
pub const BUNDLE_PARTS_MAX: usize = 5;

/// What an offer gives. Counts of units are at least 1.
///
/// Units are whole: goods whose quantity over the receipt is not whole (0.235 kg) have none. A
/// unit takes part in one of the offers on units only, the first by priority and id; offers of
/// other stages see what these left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reward {
    /// Eligible units cost this much each (LD-11: 0.01).
    FixedPrice {
        /// Price of one unit.
        price: Amount,
        /// At most so much of the basket, dearest units first.
        quantity_max: Option<Quantity>,
    },
    /// Each product costs what the list says for one unit; dearer never (LD-12: member prices).
    PriceList {
        /// Price of one unit by product. Products that are not in it are not covered.
        prices: BTreeMap<Sku, Amount>,
        /// At most so much of the basket, dearest units first.
        quantity_max: Option<Quantity>,
    },
    /// A share off the eligible lines, in the stage of line offers.
    LinePercent(Percent),
    /// This much off each whole eligible unit.
    LineAmountEach(Amount),
    /// Some units bought make others cheaper or free.
    BuyGet(BuyGet),
    /// Any so many eligible units together for a price (mix and match), the dearest units first,
    /// as often as it saves something.
    UnitsForPrice {
        /// Units that go together.
        units: u32,
        /// What they cost together.
        price: Amount,
        /// At most so often on one receipt.
        times_max: Option<u32>,
    },
    /// Goods of several kinds together.
    Bundle(Bundle),
    /// A share off all eligible units, by how many they are: the highest step that is reached.
    /// The steps rise.
    QuantityPercent(Vec<QuantityStep>),
    /// A share off the eligible lines, in the stage of basket offers.
    BasketPercent(Percent),
    /// This much off once, split over the eligible lines.
    BasketAmount(Amount),
    /// Something that the till hands out, told by itself: nothing is taken off (BC-9).
    Gift(GiftTerms),
    /// What the coupon that calls for the offer says, in the stage of basket offers: an amount or
    /// a share off the eligible lines, or the dearest eligible unit for nothing.
    CouponValue,
}

/// Buy so many, get so many cheaper. "3 for the price of 2" is buy 2, get 1.
///
/// Within one scope, sets of bought and got units are made from the dearest units down, so that
/// nobody gains by paying in two receipts. Where the got units have a scope of their own, they
/// are the cheapest or dearest of it, and the bought units are the dearest others. The offer's
/// minimums count what may be bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuyGet {
    /// Units at their price.
    pub buy: u32,
    /// Units that become cheaper.
    pub get: u32,
    /// What is taken off them; the whole makes them free.
    pub percent: Percent,
    /// Which units of a set are the got ones.
    pub which: GotUnits,
    /// Where the got units come from; the offer's own scope where `None`.
    pub get_scope: Option<Scope>,
    /// At most so often on one receipt.
    pub times_max: Option<u32>,
}

/// Which units of a set become cheaper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GotUnits {
    /// The cheapest. The default: what customers know as "the cheapest is free".
    #[default]
    Cheapest,
    /// The dearest.
    Dearest,
}

/// Goods of several kinds together, as often as the basket has them all. Of the units that fit,
/// the dearest take part; a unit that fits several parts fills the one that needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// What it consists of: 1 to [`BUNDLE_PARTS_MAX`].
    pub parts: Vec<BundlePart>,
    /// What it costs or saves.
    pub value: BundleValue,
    /// At most so often on one receipt.
    pub times_max: Option<u32>,
}

/// One kind of goods in a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundlePart {
    /// Which products.
    pub scope: Scope,
    /// How many of them.
    pub units: u32,
}

/// What a bundle costs or saves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleValue {
    /// Its units together cost this much; a bundle that would be dearer is not made.
    Price(Amount),
    /// A share off its units.
    Percent(Percent),
    /// This much off each bundle.
    Amount(Amount),
}

/// From so many units on, a share off all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuantityStep {
    /// Units from which it holds.
    pub from: u32,
    /// The share.
    pub percent: Percent,
}

impl Reward {
    /// Where the units that become cheaper come from, if not from the offer's own scope.
    pub(crate) fn got_scope(&self) -> Option<&Scope> {
        match self {
            Self::BuyGet(deal) => deal.get_scope.as_ref(),
            _ => None,
        }
    }
}

impl Offer {
    /// The scopes by which goods take part in the offer: a product is covered where one of them
    /// covers it, and [`Self::covers`] holds.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &Scope> {
        let (own, others) = match &self.reward {
            Reward::Bundle(bundle) => (None, bundle.parts.as_slice()),
            _ => (Some(&self.conditions.scope), [].as_slice()),
        };
        own.into_iter().chain(self.reward.got_scope()).chain(others.iter().map(|part| &part.scope))
    }

    /// Whether a line's product takes part in the offer.
    pub(crate) fn covers(&self, line: &Line) -> bool {
        let listed = match &self.reward {
            Reward::PriceList { prices, .. } => prices.contains_key(&line.sku),
            _ => true,
        };
        listed && self.scopes().any(|scope| scope.covers(line))
    }
}
