//! Which offers concern which products, so that a quote looks only at those.

use std::collections::{BTreeMap, BTreeSet};

use crate::loyalty::basket::Line;
use crate::loyalty::ids::{CategoryId, GroupId, Sku};
use crate::loyalty::offer_code::OfferCode;
use crate::loyalty::programme::{Offer, Reward, Trigger};
use crate::member_code::CouponNumber;

/// The stages of offers, in their order. [`Self::ALL`] are those that take something off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Price,
    Line,
    Units,
    Basket,
    /// After vouchers.
    Gift,
}

impl Stage {
    pub(super) const ALL: [Self; 4] = [Self::Price, Self::Line, Self::Units, Self::Basket];

    pub(super) fn of(reward: &Reward) -> Self {
        match reward {
            Reward::FixedPrice { .. } | Reward::PriceList { .. } => Self::Price,
            Reward::LinePercent(_) | Reward::LineAmountEach(_) => Self::Line,
            Reward::BuyGet(_)
            | Reward::UnitsForPrice { .. }
            | Reward::Bundle(_)
            | Reward::QuantityPercent(_) => Self::Units,
            Reward::BasketPercent(_) | Reward::BasketAmount(_) | Reward::CouponValue => {
                Self::Basket
            }
            Reward::Gift(_) => Self::Gift,
        }
    }
}

/// Offers by what they cover, as places in the programme's list.
#[derive(Clone, Debug, Default)]
pub(super) struct OfferIndex {
    by_sku: BTreeMap<Sku, Vec<usize>>,
    by_category: BTreeMap<CategoryId, Vec<usize>>,
    of_everything: Vec<usize>,
    by_code: BTreeMap<OfferCode, Vec<usize>>,
    by_coupon: Vec<usize>,
    /// By place in the programme: the turn of an offer, by stage, priority, id.
    turn: Vec<usize>,
    /// Members of a group, the one that wins a tie first.
    by_group: BTreeMap<GroupId, Vec<usize>>,
}

impl OfferIndex {
    pub(super) fn build(offers: &[Offer]) -> Self {
        let mut index = Self::default();
        for (at, offer) in offers.iter().enumerate() {
            match &offer.trigger {
                Trigger::Itself => index.enter(at, offer),
                Trigger::Codes(codes) => {
                    for code in codes {
                        index.by_code.entry(code.clone()).or_default().push(at);
                    }
                }
                Trigger::Coupon(_) => index.by_coupon.push(at),
            }
            if let Some(group) = &offer.group {
                index.by_group.entry(group.clone()).or_default().push(at);
            }
        }
        let mut order: Vec<usize> = (0..offers.len()).collect();
        let by_priority = |a: usize, b: usize| {
            let (a, b) = (&offers[a], &offers[b]);
            b.priority.cmp(&a.priority).then_with(|| a.id.cmp(&b.id))
        };
        let stage = |at: usize| Stage::of(&offers[at].reward);
        order.sort_by(|&a, &b| stage(a).cmp(&stage(b)).then_with(|| by_priority(a, b)));
        index.turn = vec![0; offers.len()];
        for (turn, at) in order.into_iter().enumerate() {
            index.turn[at] = turn;
        }
        for members in index.by_group.values_mut() {
            members.sort_by(|&a, &b| by_priority(a, b));
        }
        index
    }

    /// Enters an offer under everything that may lead a line to it.
    fn enter(&mut self, at: usize, offer: &Offer) {
        if let Reward::PriceList { prices, .. } = &offer.reward {
            for sku in prices.keys() {
                self.by_sku.entry(sku.clone()).or_default().push(at);
            }
            return;
        }
        if offer.scopes().any(|scope| scope.skus.is_empty() && scope.categories.is_empty()) {
            self.of_everything.push(at);
            return;
        }
        let skus: BTreeSet<&Sku> = offer.scopes().flat_map(|scope| &scope.skus).collect();
        for sku in skus {
            self.by_sku.entry(sku.clone()).or_default().push(at);
        }
        let categories: BTreeSet<&CategoryId> =
            offer.scopes().flat_map(|scope| &scope.categories).collect();
        for category in categories {
            self.by_category.entry(category.clone()).or_default().push(at);
        }
    }

    /// The offers that a code calls for.
    pub(super) fn of_code(&self, code: &OfferCode) -> &[usize] {
        self.by_code.get(code).map_or(&[], Vec::as_slice)
    }

    /// The offer that a coupon calls for.
    pub(super) fn of_coupon(&self, offers: &[Offer], number: &CouponNumber) -> Option<usize> {
        let covers = |at: &usize| match &offers[*at].trigger {
            Trigger::Coupon(of) => of.covers(number),
            Trigger::Itself | Trigger::Codes(_) => false,
        };
        self.by_coupon.iter().copied().find(covers)
    }

    /// The members of a group, the one that wins a tie first.
    pub(super) fn members_of(&self, group: &GroupId) -> impl Iterator<Item = usize> {
        self.by_group.get(group).into_iter().flatten().copied()
    }

    /// When an offer is applied among the others.
    pub(super) fn turn(&self, at: usize) -> usize {
        self.turn[at]
    }

    /// The offers that come by themselves and cover any line, each with the places of the lines, rising.
    pub(super) fn covered<'l>(
        &self,
        offers: &[Offer],
        lines: impl Iterator<Item = &'l Line>,
    ) -> BTreeMap<usize, Vec<usize>> {
        // Pairs of offer and place: a few of many offers, where a list for each offer would cost
        // more than all else.
        let mut covering = Vec::new();
        for (place, line) in lines.enumerate() {
            let by_sku = self.by_sku.get(&line.sku).into_iter().flatten();
            let by_category =
                line.category_path().filter_map(|path| self.by_category.get(path)).flatten();
            let offers_on = by_sku.chain(by_category).chain(&self.of_everything);
            let covers = offers_on.filter(|&&at| offers[at].covers(line));
            covering.extend(covers.map(|&at| (at, place)));
        }
        covering.sort_unstable();
        // A line may be reached by product and by category; it counts once.
        covering.dedup();
        let of_offers = covering.chunk_by(|(one, _), (other, _)| one == other);
        of_offers.map(|of| (of[0].0, of.iter().map(|&(_, place)| place).collect())).collect()
    }
}
