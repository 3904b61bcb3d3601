//! As many sets of units as there are, or as save something.

use super::demand::{Demand, Fitting};
use super::worth::Worth;
use super::{Deal, Piles, Short, at_most};
use crate::loyalty::programme::BundleValue;

impl Piles<'_> {
    /// As many bundles as there are, of a price only those that save something.
    pub(super) fn bundles(
        &self,
        demand: &Demand<'_>,
        value: BundleValue,
        times_max: Option<u32>,
    ) -> Result<Deal, Short> {
        let sets = Sets::new(self, demand);
        let mut times = demand.times(&sets.supply).min(at_most(times_max));
        if times == 0 {
            let one: i64 = sets.fill(1).iter().sum();
            return Err(Short::Units(demand.units() - one));
        }
        if let BundleValue::Price(price) = value {
            // Each further bundle is worth no more than the one before it: the dearest go first.
            let saves = |nth| sets.worth(nth) - sets.worth(nth - 1) > Worth::of(price);
            times = last_that(times, saves);
            if times == 0 {
                return Err(Short::NothingSaved);
            }
        }
        let worth = sets.worth(times);
        let off = match value {
            BundleValue::Price(price) => worth - Worth::of(price).times(times),
            BundleValue::Percent(percent) => worth.share(percent),
            BundleValue::Amount(amount) => worth.min(Worth::of(amount).times(times)),
        };
        Ok(Deal { units: sets.fill(times), off })
    }
}

/// What units are worth in so many bundles. The search asks for many numbers of them, so what does
/// not depend on the number is computed once.
struct Sets<'p> {
    piles: &'p Piles<'p>,
    demand: &'p Demand<'p>,
    supply: Vec<Fitting>,
    /// What all units of each pile are worth.
    whole: Vec<Worth>,
    /// Where any units make a bundle, they go in their order: how many units are before each pile,
    /// and what these are worth.
    before: Option<Vec<(i64, Worth)>>,
}

impl<'p> Sets<'p> {
    fn new(piles: &'p Piles<'_>, demand: &'p Demand<'_>) -> Self {
        let of_piles = || piles.piles.iter();
        let supply = demand.supply(of_piles().map(|pile| (pile.line, pile.units)));
        piles.slate.look(supply.len() * demand.looks_of_supply());
        let whole: Vec<Worth> = of_piles().map(|pile| pile.worth(pile.units)).collect();
        let before = supply.iter().all(|fitting| demand.is_filled_by(fitting)).then(|| {
            let mut sum = (0, Worth::NOTHING);
            let add = |(pile, worth): (&super::Pile<'_>, &Worth)| {
                let before = sum;
                sum = (sum.0 + pile.units, sum.1 + *worth);
                before
            };
            of_piles().zip(&whole).map(add).collect()
        });
        Self { piles, demand, supply, whole, before }
    }

    /// The units of each pile that make so many bundles.
    fn fill(&self, times: i64) -> Vec<i64> {
        self.piles.slate.look(self.supply.len() * self.demand.looks_of_fill());
        self.demand.fill(&self.supply, times)
    }

    /// What so many bundles are worth together.
    fn worth(&self, times: i64) -> Worth {
        let piles = &self.piles.piles;
        if let Some(before) = &self.before {
            let units = self.demand.units() * times;
            let reached = before.partition_point(|(count, _)| *count < units);
            let Some(last) = reached.checked_sub(1) else { return Worth::NOTHING };
            let (count, worth) = before[last];
            return worth + piles[last].worth(units - count);
        }
        let worth = |(n, units): (usize, i64)| match units {
            0 => Worth::NOTHING,
            all if all == piles[n].units => self.whole[n],
            some => piles[n].worth(some),
        };
        self.fill(times).into_iter().enumerate().map(worth).fold(Worth::NOTHING, |a, b| a + b)
    }
}

/// The last number from 1 to `most` that holds, where all before one that holds do too.
fn last_that(most: i64, holds: impl Fn(i64) -> bool) -> i64 {
    if holds(most) {
        return most;
    }
    let (mut held, mut failed) = (0, most);
    while failed - held > 1 {
        let middle = held + (failed - held) / 2;
        if holds(middle) {
            held = middle;
        } else {
            failed = middle;
        }
    }
    held
}
