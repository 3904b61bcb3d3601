//! Which units make bundles, where a unit may fit several parts.
//!
//! A set of parts is a number of which each bit is a part. So many bundles can be made exactly
//! where every set of parts asks for no more units than fit one of them (Hall's theorem, with
//! counts). Taking the dearest unit that still leaves that true, again and again, gives the
//! dearest units that can make the bundles: such sets of units are the bases of a matroid.

use crate::loyalty::basket::Line;
use crate::loyalty::programme::BundlePart;

/// Looks at one pile of goods to take units of it for a bundle of so many parts: each set of parts
/// around those that the pile fits is asked for room, four of them as quick as one look.
pub(in crate::loyalty::decide) fn looks_of_fill(parts: usize) -> usize {
    1 + (1_usize << parts) / 4
}

/// What the parts of a bundle ask for.
pub(super) struct Demand<'a> {
    /// The parts; none where there is one part that everything fits.
    parts: &'a [BundlePart],
    /// Units that each set of parts asks for together.
    by_set: Vec<i64>,
}

/// Units of one pile, and the set of parts that they fit.
pub(super) struct Fitting {
    set: usize,
    units: i64,
}

impl<'a> Demand<'a> {
    /// Any so many units.
    pub(super) fn of_any(units: i64) -> Self {
        Self { parts: &[], by_set: vec![0, units] }
    }

    /// So many units of each part.
    pub(super) fn of_parts(parts: &'a [BundlePart]) -> Self {
        let asked = |set: usize| {
            let in_set = parts.iter().enumerate().filter(|(n, _)| set >> n & 1 == 1);
            in_set.map(|(_, part)| i64::from(part.units)).sum()
        };
        Self { parts, by_set: (0..1 << parts.len()).map(asked).collect() }
    }

    /// Units of one bundle.
    pub(super) fn units(&self) -> i64 {
        self.by_set.last().copied().unwrap_or(0)
    }

    /// Looks at one pile to see which parts it fits.
    pub(super) fn looks_of_supply(&self) -> usize {
        self.parts.len().max(1)
    }

    /// Whether any units make a bundle, and these are some.
    pub(super) fn is_filled_by(&self, fitting: &Fitting) -> bool {
        self.by_set.len() == 2 && fitting.set == 1
    }

    /// Looks at one pile to take units of it.
    pub(super) fn looks_of_fill(&self) -> usize {
        looks_of_fill(self.parts.len())
    }

    /// What there is, in the order in which it is to be taken.
    pub(super) fn supply<'l>(&self, piles: impl Iterator<Item = (&'l Line, i64)>) -> Vec<Fitting> {
        let set = |line: &Line| match self.parts {
            [] => 1,
            parts => parts
                .iter()
                .enumerate()
                .filter(|(_, part)| part.scope.covers(line))
                .fold(0, |set, (n, _)| set | 1 << n),
        };
        piles.map(|(line, units)| Fitting { set: set(line), units }).collect()
    }

    /// How many bundles can be made.
    pub(super) fn times(&self, supply: &[Fitting]) -> i64 {
        let mut by_set = vec![0; self.by_set.len()];
        for fitting in supply {
            by_set[fitting.set] += fitting.units;
        }
        let fit = |set: usize| -> i64 {
            by_set.iter().enumerate().filter(|(of, _)| of & set != 0).map(|(_, units)| units).sum()
        };
        let asked = self.by_set.iter().enumerate().filter(|(_, asked)| **asked > 0);
        asked.map(|(set, asked)| fit(set) / asked).min().unwrap_or(0)
    }

    /// How many units of each pile make so many bundles, or as much of them as there is.
    pub(super) fn fill(&self, supply: &[Fitting], times: i64) -> Vec<i64> {
        let mut spare: Vec<i64> = self.by_set.iter().map(|asked| asked * times).collect();
        let all = spare.len() - 1;
        let take = |fitting: &Fitting| {
            if fitting.set == 0 || spare[all] == 0 {
                return 0;
            }
            let around = (fitting.set..=all).filter(|set| set & fitting.set == fitting.set);
            let room = around.clone().map(|set| spare[set]).min().unwrap_or(0);
            let taken = fitting.units.min(room);
            for set in around {
                spare[set] -= taken;
            }
            taken
        };
        supply.iter().map(take).collect()
    }
}
