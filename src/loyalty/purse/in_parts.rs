//! Returns of one sale in parts: each gives back what lies between all of them at once with it and
//! all of them at once without it, lot by lot. So parts come to the whole in their dates too.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Purse, SpentPart, Undone, Unit};
use crate::loyalty::entry::Expires;

/// What returns of a sale did so far to what may be spent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoneSoFar<U> {
    /// What they forgave.
    pub forgiven: U,
    /// What they took out of the lot that the sale earned in, or left as debt.
    own: U,
    /// What they took out of other lots.
    others: BTreeMap<Expires, U>,
    /// What they gave back, by lot.
    given_back: BTreeMap<Expires, U>,
}

/// What comes back of what a sale spent, in the order that serves the customer: what all returns
/// before one gave back, had they been one, and the same with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpentBack<U> {
    /// Without this return.
    pub before: Vec<SpentPart<U>>,
    /// With it; never less of any lot.
    pub after: Vec<SpentPart<U>>,
}

/// A day, and the one on which what lives with the account's purchases ends.
#[derive(Clone, Copy, Debug)]
pub(in crate::loyalty) struct Today {
    pub(in crate::loyalty) day: NaiveDate,
    pub(in crate::loyalty) activity_ends: Option<NaiveDate>,
}

impl<U: Unit> UndoneSoFar<U> {
    /// Adds a return, with what it forgave and took from.
    pub fn add(&mut self, undone: &Undone<U>) {
        self.forgiven += undone.forgiven;
        self.own += undone.taken_usable() - sum(&undone.taken_from);
        for part in &undone.taken_from {
            *self.others.entry(part.expires).or_default() += part.value;
        }
        for part in &undone.restored {
            *self.given_back.entry(part.expires).or_default() += part.value;
        }
    }

    fn taken_usable(&self) -> U {
        self.own + self.others.values().copied().sum()
    }
}

impl<U: Unit> Undone<U> {
    /// What is taken of what may be spent, or owed.
    fn taken_usable(&self) -> U {
        self.taken() - self.pending.iter().map(|part| part.value).sum()
    }
}

impl<U: Unit> Purse<U> {
    /// Settles lot by lot what a return does, once it is known what it forgives: how much is still
    /// pending of what it takes, which lots it gives back to, and which ones it takes from. Of a
    /// purse that was settled.
    pub(in crate::loyalty) fn settle_lots(
        &self,
        undone: &mut Undone<U>,
        so_far: &UndoneSoFar<U>,
        back: &SpentBack<U>,
        today: Today,
    ) {
        for part in &mut undone.pending {
            part.value = self.held_of(part, undone.expires);
        }
        undone.pending.retain(|part| part.value > U::NONE);
        // The first return gives back what it says: nothing was taken for it to make good.
        if *so_far != UndoneSoFar::default() {
            undone.restored = self.given_back(undone.expires, so_far, back, today);
        }
        undone.taken_from = self.taken_from(undone);
    }

    /// What a return gives back, its own lot first: that settles what earlier ones left as debt.
    fn given_back(
        &self,
        own: Expires,
        so_far: &UndoneSoFar<U>,
        back: &SpentBack<U>,
        today: Today,
    ) -> Vec<SpentPart<U>> {
        let mut begun = self.before_returns(own, so_far);
        // What lapsed meanwhile is not made good in a lot where it would lapse.
        begun.settle(today.day, today.activity_ends);
        let once = |parts: &[SpentPart<U>]| {
            let mut purse = begun.clone();
            purse.give_back(parts);
            purse.take_back(so_far.taken_usable(), own);
            purse
        };
        let (before, after) = (once(&back.before), once(&back.after));
        let held = |expires: &Expires| before.lots.get(expires).copied().unwrap_or_default();
        let more =
            after.lots.iter().rev().map(|(expires, value)| (*expires, *value - held(expires)));
        let settled = (own, before.debt - after.debt);
        let mut parts: Vec<SpentPart<U>> = Vec::new();
        for (expires, value) in [settled].into_iter().chain(more) {
            match parts.iter_mut().find(|part| part.expires == expires) {
                _ if value <= U::NONE => {}
                Some(part) => part.value += value,
                None => parts.push(SpentPart { expires, value }),
            }
        }
        parts
    }

    /// The other lots than its own that a return takes from.
    fn taken_from(&self, undone: &Undone<U>) -> Vec<SpentPart<U>> {
        let mut purse = self.clone();
        purse.give_back(&undone.restored);
        let left = purse.take_from_own(undone.taken_usable(), undone.expires);
        purse.consumption(left)
    }

    /// The purse as if returns of a sale had done nothing. What was given back and is gone counts
    /// as spent from other lots.
    fn before_returns(&self, own: Expires, so_far: &UndoneSoFar<U>) -> Self {
        let mut purse = self.clone();
        // What is owed was counted as taken from their own lot.
        purse.award(so_far.own, own);
        for (expires, value) in &so_far.others {
            purse.award(*value, *expires);
        }
        let mut gone = U::NONE;
        for (expires, value) in &so_far.given_back {
            let held = purse.lots.get(expires).copied().unwrap_or_default().min(*value);
            purse.take_from(*expires, held);
            gone += *value - held;
        }
        purse.take(gone);
        purse
    }
}

fn sum<U: Unit>(parts: &[SpentPart<U>]) -> U {
    parts.iter().map(|part| part.value).sum()
}
