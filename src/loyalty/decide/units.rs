//! Stage 3: offers on units: buy and get, mix and match, bundles, steps by quantity.
//!
//! Units are counted by heap, so neither the order of lines nor how they are split matters, and
//! no basket is so large that its units would be looked at one by one. The dearest units by what
//! is left of them come first, ties in the order of the slate. What units are worth is exact up
//! to the offer's one rounding.
//!
//! A discount is spread over all units that take part, those bought and those got, in proportion
//! to what is left of them. So whatever part of a set comes back, its fair part of the money goes
//! back, and nobody can return the unit that was paid and keep the one that was free.

mod bundles;
mod demand;
mod worth;

use self::demand::Demand;
pub(super) use self::demand::looks_of_fill;
use self::worth::Worth;
use super::cost;
use super::offers::Discount;
use super::slate::{Claim, Slate};
use crate::loyalty::basket::Line;
use crate::loyalty::decision::Reason;
use crate::loyalty::programme::{BundleValue, BuyGet, GotUnits, QuantityStep, Reward};
use crate::money::Quantity;

/// What an offer on units takes off: `lines` are the places of what it covers, `got` of what its
/// scope of got units covers, if it has one; both rising.
pub(super) fn claim<'a>(
    reward: &Reward,
    slate: &'a Slate<'a>,
    lines: &[usize],
    got: &[usize],
) -> Result<Discount, Reason> {
    let basis = match reward {
        Reward::QuantityPercent(_) => Basis::Percents,
        _ => Basis::Left,
    };
    let free = Piles::new(slate, lines, got, Count::Free, basis);
    match free.deal(reward) {
        Ok(deal) => Ok(free.discount(&deal)),
        Err(Short::NothingSaved) => Err(Reason::NothingLeft),
        Err(Short::Units(missing)) => {
            let is_engaged = |at: &usize| {
                let units = slate.heap(*at).free_units();
                units.units < units.whole
            };
            // With the units of other offers there would be enough.
            let enough = lines.iter().chain(got).any(is_engaged)
                && Piles::new(slate, lines, got, Count::All, basis).deal(reward).is_ok();
            let missing = Quantity::units(missing);
            Err(if enough {
                Reason::DoesNotStack
            } else {
                Reason::BelowMinimumQuantity { missing }
            })
        }
    }
}

/// Which units count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Count {
    /// Those that took part in no offer on units yet.
    Free,
    /// All.
    All,
}

/// What units are worth to an offer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basis {
    /// What is left of them.
    Left,
    /// What a percentage is a share of.
    Percents,
}

/// Units of equal worth: those of one heap.
struct Pile<'a> {
    /// Place on the slate.
    at: usize,
    line: &'a Line,
    units: i64,
    /// So many units of the heap
    whole: i64,
    /// are worth so much.
    left: i64,
    bought: Role,
    got: Role,
}

/// Whether units may be what is bought or what is got.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    May,
    MayNot,
}

/// The units that an offer may count, dearest first.
struct Piles<'a> {
    piles: Vec<Pile<'a>>,
    slate: &'a Slate<'a>,
}

/// The units that take part, by pile, and what is taken off them.
struct Deal {
    units: Vec<i64>,
    off: Worth,
}

/// Why there is no deal.
enum Short {
    /// So many units are missing.
    Units(i64),
    /// It would save nothing.
    NothingSaved,
}

impl<'a> Piles<'a> {
    fn new(
        slate: &'a Slate<'a>,
        lines: &[usize],
        got: &[usize],
        count: Count,
        basis: Basis,
    ) -> Self {
        let places = slate.dearest_first([lines, got].concat());
        slate.look(places.len() * cost::OF_PILE);
        let role = |list: &[usize], at| match list.binary_search(&at) {
            Ok(_) => Role::May,
            Err(_) => Role::MayNot,
        };
        let pile = |at: usize| {
            let heap = slate.heap(at);
            let free = heap.free_units();
            let units = if count == Count::All { free.whole } else { free.units };
            let left = if basis == Basis::Percents { free.percent_base } else { free.left };
            // Units that cost nothing any more are neither bought nor given.
            (units > 0 && free.left.is_positive()).then(|| Pile {
                at,
                line: heap.line,
                units,
                whole: free.whole,
                left: left.value(),
                bought: role(lines, at),
                got: role(got, at),
            })
        };
        Self { piles: places.into_iter().filter_map(pile).collect(), slate }
    }

    fn deal(&self, reward: &Reward) -> Result<Deal, Short> {
        match reward {
            Reward::BuyGet(deal) if deal.get_scope.is_some() => self.buy_here_get_there(deal),
            Reward::BuyGet(deal) => self.buy_get(deal),
            Reward::UnitsForPrice { units, price, times_max } => {
                let demand = Demand::of_any(i64::from(*units));
                self.bundles(&demand, BundleValue::Price(*price), *times_max)
            }
            Reward::Bundle(bundle) => {
                self.bundles(&Demand::of_parts(&bundle.parts), bundle.value, bundle.times_max)
            }
            Reward::QuantityPercent(steps) => self.by_quantity(steps),
            _ => Err(Short::NothingSaved),
        }
    }

    /// Sets of bought and got units, from the dearest units down.
    fn buy_get(&self, offer: &BuyGet) -> Result<Deal, Short> {
        let (buy, get) = (i64::from(offer.buy), i64::from(offer.get));
        let set = buy + get;
        let all = self.count();
        if all < set {
            return Err(Short::Units(set - all));
        }
        let times = (all / set).min(at_most(offer.times_max));
        // Of the first so many units, how many are got ones.
        let got_until = |count: i64| {
            let part = match offer.which {
                GotUnits::Cheapest => (count % set - buy).max(0),
                GotUnits::Dearest => (count % set).min(get),
            };
            count / set * get + part
        };
        let mut units = Vec::with_capacity(self.piles.len());
        let (mut seen, mut off) = (0, Worth::NOTHING);
        for pile in &self.piles {
            let taken = pile.units.min(times * set - seen);
            off += pile.worth(got_until(seen + taken) - got_until(seen));
            seen += taken;
            units.push(taken);
        }
        Ok(Deal { units, off: off.share(offer.percent) })
    }

    /// The got units from one scope, the bought ones from another; they may overlap.
    fn buy_here_get_there(&self, offer: &BuyGet) -> Result<Deal, Short> {
        let (buy, get) = (i64::from(offer.buy), i64::from(offer.get));
        let count = |wanted: &dyn Fn(&Pile<'_>) -> bool| -> i64 {
            self.piles.iter().filter(|pile| wanted(pile)).map(|pile| pile.units).sum()
        };
        let (all, only_bought, only_got) = (
            self.count(),
            count(&|pile| pile.got == Role::MayNot),
            count(&|pile| pile.bought == Role::MayNot),
        );
        let (may_be_bought, may_be_got) = (all - only_got, all - only_bought);
        let missing = (buy - may_be_bought).max(get - may_be_got).max(buy + get - all);
        if missing > 0 {
            return Err(Short::Units(missing));
        }
        let times = (may_be_bought / buy)
            .min(may_be_got / get)
            .min(all / (buy + get))
            .min(at_most(offer.times_max));
        let mut units = vec![0; self.piles.len()];
        let mut off = Worth::NOTHING;
        // Of the units that may be either, enough must stay to be bought.
        let mut either = all - only_bought - only_got - (times * buy - only_bought).max(0);
        let mut wanted = times * get;
        let mut order: Vec<usize> = (0..self.piles.len()).collect();
        if offer.which == GotUnits::Cheapest {
            order.reverse();
        }
        for n in order {
            let pile = &self.piles[n];
            if pile.got == Role::MayNot {
                continue;
            }
            let mut taken = pile.units.min(wanted);
            if pile.bought == Role::May {
                taken = taken.min(either);
                either -= taken;
            }
            wanted -= taken;
            units[n] = taken;
            off += pile.worth(taken);
        }
        let mut wanted = times * buy;
        for (pile, units) in self.piles.iter().zip(&mut units) {
            if pile.bought == Role::May {
                let taken = (pile.units - *units).min(wanted);
                wanted -= taken;
                *units += taken;
            }
        }
        Ok(Deal { units, off: off.share(offer.percent) })
    }

    fn by_quantity(&self, steps: &[QuantityStep]) -> Result<Deal, Short> {
        let all = self.count();
        let Some(step) = steps.iter().rev().find(|step| i64::from(step.from) <= all) else {
            let first = steps.first().ok_or(Short::NothingSaved)?;
            return Err(Short::Units(i64::from(first.from) - all));
        };
        let worth =
            self.piles.iter().fold(Worth::NOTHING, |sum, pile| sum + pile.worth(pile.units));
        let units = self.piles.iter().map(|pile| pile.units).collect();
        Ok(Deal { units, off: worth.share(step.percent) })
    }

    fn count(&self) -> i64 {
        self.piles.iter().map(|pile| pile.units).sum()
    }

    fn discount(&self, deal: &Deal) -> Discount {
        let slate = self.slate;
        let piles =
            self.piles.iter().zip(deal.units.iter().copied()).filter(|(_, units)| *units > 0);
        let claim = |(pile, units): (&Pile<'_>, i64)| Claim {
            at: pile.at,
            weight: pile.worth(units).weight(),
            room: slate.heap(pile.at).room_of_units(units),
        };
        let mut claims: Vec<Claim> = piles.clone().map(claim).collect();
        claims.sort_by_key(|claim| claim.at);
        let units = piles.map(|(pile, units)| (pile.at, units)).collect();
        Discount { total: deal.off.rounded(), claims, units, ..Discount::default() }
    }
}

impl Pile<'_> {
    fn worth(&self, units: i64) -> Worth {
        Worth::of_units(self.left, units, self.whole)
    }
}

fn at_most(times_max: Option<u32>) -> i64 {
    times_max.map_or(i64::MAX, i64::from)
}
