//! A balance of one kind: points, or money given back (BQ-43). What earning, spending and returns
//! do to it is the same for both.

mod in_parts;

pub(super) use in_parts::Today;
pub use in_parts::{SpentBack, UndoneSoFar};

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use chrono::NaiveDate;

use super::decide::POINTS_PER_RECEIPT_MAX;

use super::entry::Expires;
use super::gain::{EarnedBy, Gain};
use super::programme::ExpiryPolicy;
use crate::money::{AMOUNT_MINOR_MAX, Amount, Points};

/// What a balance is counted in: points, or minor units of the programme's currency.
pub trait Unit:
    Copy
    + Debug
    + Default
    + Ord
    + Add<Output = Self>
    + Sub<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + Sum
{
    /// Nothing.
    const NONE: Self;

    /// What a gain adds to a balance of this kind.
    fn of(gain: Gain) -> Self;

    /// No more than one receipt may earn: a bound that no honest programme meets and that keeps a
    /// hostile one from overflowing a balance or a journal's totals.
    #[must_use]
    fn bounded(self) -> Self;
}

impl Unit for Points {
    const NONE: Self = Self::ZERO;

    fn of(gain: Gain) -> Self {
        match gain {
            Gain::Points(points) => points,
            Gain::Cashback(_) => Self::ZERO,
        }
    }

    fn bounded(self) -> Self {
        self.min(POINTS_PER_RECEIPT_MAX)
    }
}

impl Unit for Amount {
    const NONE: Self = Self::ZERO;

    fn of(gain: Gain) -> Self {
        match gain {
            Gain::Points(_) => Self::ZERO,
            Gain::Cashback(amount) => amount,
        }
    }

    fn bounded(self) -> Self {
        self.min(Self::new(AMOUNT_MINOR_MAX))
    }
}

/// A balance with what is known of its parts. Facts only: what is pending and what lapsed is
/// computed when read.
///
/// What is pending lives exactly as long as if it could be spent at once: waiting neither lengthens
/// nor shortens its life, and what would lapse before its day is never usable. It settles what is
/// owed on the day it becomes usable, not before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purse<U> {
    /// What may be spent, by lot; no lot is empty or negative.
    pub lots: BTreeMap<Expires, U>,
    /// What may be spent from a day on, by that day and its lot; no part is empty or negative.
    pub pending: BTreeMap<(NaiveDate, Expires), U>,
    /// What is owed: taken back or spent beyond the balance; the next award settles it.
    pub debt: U,
    /// Where it came from and went: issued - spent + restored - clawed back + adjusted - expired
    /// is what is usable and pending less the debt.
    pub totals: PurseTotals<U>,
}

/// Where a balance came from and went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PurseTotals<U> {
    /// Earned by sales.
    pub issued: U,
    /// Spent, or converted into vouchers.
    pub spent: U,
    /// Given back by returns of what it was spent on.
    pub restored: U,
    /// Taken back by returns of what earned it, less what was forgiven.
    pub clawed_back: U,
    /// Given or taken by hand, and what the account began with.
    pub adjusted: U,
    /// Lapsed.
    pub expired: U,
}

/// What was taken from one lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpentPart<U = Points> {
    /// The lot.
    pub expires: Expires,
    /// So much.
    pub value: U,
}

/// What may be spent from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingPart<U = Points> {
    /// The first day.
    pub usable_from: NaiveDate,
    /// So much.
    pub value: U,
}

/// What a sale gives and takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gained<U> {
    /// Earned.
    pub earned: U,
    /// Its lot.
    pub expires: Expires,
    /// How much of it may be spent only later, by day.
    pub pending: Vec<PendingPart<U>>,
    /// Spent.
    pub spent: U,
}

/// What a return or void takes and gives back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone<U> {
    /// What was earned and is to be taken back.
    pub clawed_back: U,
    /// How much of it is not taken (see [`ClawBack`](super::claw_back::ClawBack)); negative where a
    /// return takes what an earlier one of the same sale forgave. Never more than `clawed_back`.
    pub forgiven: U,
    /// The lot it was earned in.
    pub expires: Expires,
    /// How much of `clawed_back` was earned to be spent only later, by day: what is still pending,
    /// once that is settled.
    pub pending: Vec<PendingPart<U>>,
    /// What was spent and is given back, to its lots.
    pub restored: Vec<SpentPart<U>>,
    /// Other lots than its own that it is taken from, once that is settled. What they do not hold
    /// is taken as if they were not named.
    pub taken_from: Vec<SpentPart<U>>,
}

impl<U: Unit> Undone<U> {
    /// What was earned and is taken back.
    #[must_use]
    pub fn taken(&self) -> U {
        self.clawed_back - self.forgiven
    }

    /// What was spent and is given back.
    #[must_use]
    pub fn given_back(&self) -> U {
        self.restored.iter().map(|part| part.value).sum()
    }
}

impl<U: Unit> PendingPart<U> {
    /// The parts of what rules gave that may be spent only later, by day; together no more than
    /// what the receipt earned.
    #[must_use]
    pub fn of(earned_by: &[EarnedBy], earned: U) -> Vec<Self> {
        let mut by_day: BTreeMap<NaiveDate, U> = BTreeMap::new();
        for by in earned_by {
            let value = U::of(by.gain);
            if let Some(day) = by.usable_from.filter(|_| value > U::NONE) {
                *by_day.entry(day).or_default() += value;
            }
        }
        let mut left = earned;
        let part = |(usable_from, value): (NaiveDate, U)| {
            let value = value.min(left);
            left -= value;
            (value > U::NONE).then_some(Self { usable_from, value })
        };
        by_day.into_iter().filter_map(part).collect()
    }
}

impl<U: Unit> PurseTotals<U> {
    /// What is left of what came: usable and pending less the debt.
    #[must_use]
    pub fn left(&self) -> U {
        let Self { issued, spent, restored, clawed_back, adjusted, expired } = *self;
        issued - spent + restored - clawed_back + adjusted - expired
    }
}

impl<U: Unit> Purse<U> {
    /// What is usable and pending less the debt.
    #[must_use]
    pub fn worth(&self) -> U {
        self.balance() + self.pending.values().copied().sum() - self.debt
    }

    /// What may be spent.
    #[must_use]
    pub fn balance(&self) -> U {
        self.lots.values().copied().sum()
    }

    /// What may be spent later, by day.
    #[must_use]
    pub fn pending(&self) -> Vec<PendingPart<U>> {
        let mut parts: Vec<PendingPart<U>> = Vec::new();
        for ((day, _), value) in &self.pending {
            match parts.last_mut().filter(|part| part.usable_from == *day) {
                Some(part) => part.value += *value,
                None => parts.push(PendingPart { usable_from: *day, value: *value }),
            }
        }
        parts
    }

    /// The lots that `value` would come from, soonest expiring first. What the balance does not
    /// hold is left out: it becomes debt.
    #[must_use]
    pub fn consumption(&self, value: U) -> Vec<SpentPart<U>> {
        let mut left = value;
        let mut parts = Vec::new();
        for (expires, held) in &self.lots {
            let taken = left.min(*held);
            if taken > U::NONE {
                parts.push(SpentPart { expires: *expires, value: taken });
                left -= taken;
            }
        }
        parts
    }

    /// The last day of what lapses soonest of what may be spent, and how much that is.
    pub(super) fn next_expiry(&self, activity_ends: Option<NaiveDate>) -> Option<(NaiveDate, U)> {
        let lots = self.lots.iter();
        lots.filter_map(|(expires, value)| Some((expires.last_day(activity_ends)?, *value))).min()
    }

    /// Makes usable what waited until `today`, and lets lapse what is past its last day.
    pub(super) fn settle(&mut self, today: NaiveDate, activity_ends: Option<NaiveDate>) {
        let last_day = |expires: Expires| expires.last_day(activity_ends);
        self.pending.retain(|(from, expires), value| {
            let waits = *from > today;
            let lapses = last_day(*expires).is_some_and(|last| last < today.min(*from));
            if lapses {
                self.totals.expired += *value;
            } else if !waits {
                award(&mut self.lots, &mut self.debt, *value, *expires);
            }
            waits && !lapses
        });
        self.lots.retain(|expires, value| {
            let lapses = last_day(*expires).is_some_and(|last| last < today);
            if lapses {
                self.totals.expired += *value;
            }
            !lapses
        });
    }

    /// Spends, renews what lives with the account's purchases, then earns.
    pub(super) fn sell(&mut self, gained: &Gained<U>, policy: ExpiryPolicy) {
        self.take(gained.spent);
        self.totals.spent += gained.spent;
        if matches!(policy, ExpiryPolicy::Sliding { .. }) {
            self.renew_all();
        }
        let mut at_once = gained.earned;
        for PendingPart { usable_from, value } in &gained.pending {
            *self.pending.entry((*usable_from, gained.expires)).or_default() += *value;
            at_once -= *value;
        }
        self.award(at_once, gained.expires);
        self.totals.issued += gained.earned;
    }

    /// Turns so much of what may be spent into vouchers.
    pub(super) fn convert(&mut self, value: U) {
        self.take(value);
        self.totals.spent += value;
    }

    pub(super) fn adjust(&mut self, value: U, expires: Expires) {
        if value > U::NONE {
            self.award(value, expires);
        } else {
            self.take(-value);
        }
        self.totals.adjusted += value;
    }

    pub(super) fn undo(&mut self, undone: &Undone<U>) {
        self.give_back(&undone.restored);
        self.claw_back(undone);
        self.totals.clawed_back += undone.taken();
    }

    /// A purchase renews all that lives by a day, what was given by hand included (BR-2).
    fn renew_all(&mut self) {
        let dated = |expires: &Expires| matches!(expires, Expires::On(_));
        if !self.lots.keys().chain(self.pending.keys().map(|(_, expires)| expires)).any(dated) {
            return;
        }
        let renewed = |expires| if dated(&expires) { Expires::WithActivity } else { expires };
        for (expires, value) in std::mem::take(&mut self.lots) {
            *self.lots.entry(renewed(expires)).or_default() += value;
        }
        for ((from, expires), value) in std::mem::take(&mut self.pending) {
            *self.pending.entry((from, renewed(expires))).or_default() += value;
        }
    }

    /// How much a return may take back that gives its own parts back first, so that no more than
    /// `debt_max` is owed because of it. Of a purse that was settled.
    pub(super) fn room_for_claw_back(&self, undone: &Undone<U>, debt_max: U) -> U {
        let mut purse = self.clone();
        purse.give_back(&undone.restored);
        let debt_more = (debt_max - purse.debt).max(U::NONE);
        purse.balance() + purse.still_pending(undone) + debt_more
    }

    /// How much of what a return takes back is still pending. Of a purse that was settled.
    pub(super) fn still_pending(&self, undone: &Undone<U>) -> U {
        undone.pending.iter().map(|part| self.held_of(part, undone.expires)).sum()
    }

    fn held_of(&self, part: &PendingPart<U>, expires: Expires) -> U {
        let held = self.pending.get(&(part.usable_from, expires)).copied();
        part.value.min(held.unwrap_or_default())
    }

    fn award(&mut self, value: U, expires: Expires) {
        award(&mut self.lots, &mut self.debt, value, expires);
    }

    fn give_back(&mut self, parts: &[SpentPart<U>]) {
        for part in parts {
            self.award(part.value, part.expires);
            self.totals.restored += part.value;
        }
    }

    fn take(&mut self, value: U) {
        let mut left = value;
        for part in self.consumption(value) {
            self.take_from(part.expires, part.value);
            left -= part.value;
        }
        self.debt += left;
    }

    /// What is still pending goes first, then what the return named, then the lot it was earned in,
    /// then the others.
    fn claw_back(&mut self, undone: &Undone<U>) {
        let mut left = undone.taken();
        for part in &undone.pending {
            let key = (part.usable_from, undone.expires);
            let held = self.pending.get(&key).copied().unwrap_or_default();
            let taken = held.min(part.value).min(left).max(U::NONE);
            if taken == held {
                self.pending.remove(&key);
            } else {
                self.pending.insert(key, held - taken);
            }
            left -= taken;
        }
        for part in &undone.taken_from {
            let held = self.lots.get(&part.expires).copied().unwrap_or_default();
            let taken = held.min(part.value).min(left).max(U::NONE);
            self.take_from(part.expires, taken);
            left -= taken;
        }
        self.take_back(left, undone.expires);
    }

    /// Takes from the lot it was earned in first, then from the others.
    fn take_back(&mut self, value: U, own: Expires) {
        let left = self.take_from_own(value, own);
        self.take(left);
    }

    /// Takes from one lot; what it does not hold is left.
    fn take_from_own(&mut self, value: U, own: Expires) -> U {
        let held = self.lots.get(&own).copied().unwrap_or_default().min(value);
        self.take_from(own, held);
        value - held
    }

    fn take_from(&mut self, expires: Expires, value: U) {
        if let Some(held) = self.lots.get_mut(&expires) {
            *held -= value;
            if *held == U::NONE {
                self.lots.remove(&expires);
            }
        }
    }
}

/// What can be spent, and what is owed, after a sale: spending comes first, what the balance does not
/// hold is owed, and what is earned to be spent at once settles that first.
#[must_use]
pub fn balance_after<U: Unit>(before: U, debt: U, gained: &Gained<U>) -> (U, U) {
    let from_balance = gained.spent.min(before);
    let debt = debt + (gained.spent - from_balance);
    let pending: U = gained.pending.iter().map(|part| part.value).sum();
    let at_once = gained.earned - pending;
    let settled = at_once.min(debt);
    (before - from_balance + at_once - settled, debt - settled)
}

/// Settles what is owed and adds the rest to a lot.
fn award<U: Unit>(lots: &mut BTreeMap<Expires, U>, debt: &mut U, value: U, expires: Expires) {
    let settled = value.min(*debt);
    *debt -= settled;
    let rest = value - settled;
    if rest > U::NONE {
        *lots.entry(expires).or_default() += rest;
    }
}

#[cfg(test)]
mod tests;
