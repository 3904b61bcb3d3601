//! An account as the fold of its entries.

mod tier;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::counter::{Counted, Counters};
use super::decision::SpentPart;
use super::entry::{Change, Entry, EntryKey, EntryTerms, Expires, RemainingSale};
use super::programme::ExpiryPolicy;
use crate::money::{Amount, Points};

/// What an account owns and did. Facts only: expiry and windows are computed when read, so no
/// nightly job can be late.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    facts: AccountFacts,
}

/// The facts, for storage and transport.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountFacts {
    /// Points by lot; no lot is empty or negative.
    pub lots: BTreeMap<Expires, Points>,
    /// Points owed: taken back or spent beyond the balance; the next award settles it.
    pub debt: Points,
    /// What happened on recent local days.
    pub days: BTreeMap<NaiveDate, DayTotals>,
    /// A last purchase known from elsewhere, where `days` does not hold it.
    pub last_purchase: Option<NaiveDate>,
    /// Sums over the account's life, net of returns.
    pub lifetime: DayTotals,
    /// What it used and collected.
    pub counters: Counters,
    /// Where the points went: issued - spent + restored - clawed back + adjusted - expired is
    /// the balance less the debt.
    pub totals: PointTotals,
    /// The last entry folded.
    pub last_entry: Option<EntryKey>,
}

/// Sums of a day or a life, net of returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayTotals {
    /// Paid receipts of which something stays sold.
    pub visits: u32,
    /// Money paid.
    pub spend: Amount,
    /// Points earned.
    pub earned: Points,
}

/// Where an account's points came from and went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PointTotals {
    /// Earned by sales.
    pub issued: Points,
    /// Spent, or converted into vouchers.
    pub spent: Points,
    /// Given back by returns of what they were spent on.
    pub restored: Points,
    /// Taken back by returns of what earned them, less what was forgiven.
    pub clawed_back: Points,
    /// Given or taken by hand, and what the account began with.
    pub adjusted: Points,
    /// Lapsed.
    pub expired: Points,
}

impl Account {
    /// Wraps stored facts.
    #[must_use]
    pub fn from_facts(facts: AccountFacts) -> Self {
        Self { facts }
    }

    /// The facts to store.
    #[must_use]
    pub fn facts(&self) -> &AccountFacts {
        &self.facts
    }

    /// Folds one entry. Entries must come in the order of their keys; a caller with an earlier
    /// one folds anew from the base. An entry brings the terms it was decided under, so folding
    /// again gives the same whatever programme is in force then.
    pub fn apply(&mut self, entry: &Entry) {
        debug_assert!(self.facts.last_entry.is_none_or(|last| last < entry.key));
        self.change(entry.day, entry.terms, &entry.change);
        self.facts.last_entry = Some(entry.key);
    }

    /// What the account would be after a change that is not recorded yet.
    #[must_use]
    pub fn after(&self, day: NaiveDate, terms: EntryTerms, change: &Change) -> Self {
        let mut after = self.clone();
        after.change(day, terms, change);
        after
    }

    fn change(&mut self, today: NaiveDate, terms: EntryTerms, change: &Change) {
        let policy = terms.expiry;
        self.settle_expiry(today, policy);
        match change {
            Change::Sale { earned, expires, spent, converted, spend, counted } => {
                self.take(*spent);
                self.facts.totals.spent += *spent;
                if matches!(policy, ExpiryPolicy::Sliding { .. }) {
                    self.renew_all();
                }
                let day = self.facts.days.entry(today).or_default();
                for totals in [day, &mut self.facts.lifetime] {
                    totals.visits += 1;
                    totals.spend += *spend;
                    totals.earned += *earned;
                }
                self.award(*earned, *expires);
                self.facts.totals.issued += *earned;
                self.take(*converted);
                self.facts.totals.spent += *converted;
                self.count(counted, today);
            }
            Change::Undo {
                sale_day,
                remaining,
                clawed_back,
                forgiven,
                expires,
                restored,
                spend,
                counted,
            } => {
                self.undo_day(*sale_day, *remaining, *clawed_back, *spend);
                self.count(counted, *sale_day);
                self.give_back(restored);
                let taken = *clawed_back - *forgiven;
                self.claw_back(taken, *expires);
                self.facts.totals.clawed_back += taken;
                self.settle_expiry(today, policy);
            }
            Change::Adjust { points, expires, counted } => {
                if points.is_positive() {
                    self.award(*points, *expires);
                } else {
                    self.take(-*points);
                }
                self.facts.totals.adjusted += *points;
                if let Some((day, counted)) = counted {
                    self.count(counted, *day);
                }
            }
        }
        self.forget_old_days(today, terms.days_kept);
    }

    /// Lets everything lapse that is past its last day on `today`.
    pub fn settle_expiry(&mut self, today: NaiveDate, policy: ExpiryPolicy) {
        let activity_ends = self.activity_expiry(policy);
        let lapsed = |expires: &Expires| match expires {
            Expires::On(last_day) => *last_day < today,
            Expires::WithActivity => activity_ends.is_some_and(|last_day| last_day < today),
            Expires::Never => false,
        };
        let mut expired = Points::ZERO;
        self.facts.lots.retain(|expires, points| {
            let gone = lapsed(expires);
            if gone {
                expired += *points;
            }
            !gone
        });
        self.facts.totals.expired += expired;
    }

    /// Points that may be spent, after [`Account::settle_expiry`].
    #[must_use]
    pub fn balance(&self) -> Points {
        self.facts.lots.values().copied().sum()
    }

    /// Points owed.
    #[must_use]
    pub fn debt(&self) -> Points {
        self.facts.debt
    }

    /// The last day of the soonest expiring points and how many they are.
    #[must_use]
    pub fn next_expiry(&self, policy: ExpiryPolicy) -> Option<(NaiveDate, Points)> {
        self.facts
            .lots
            .iter()
            .filter_map(|(expires, points)| match expires {
                Expires::On(last_day) => Some((*last_day, *points)),
                Expires::WithActivity => self.activity_expiry(policy).map(|day| (day, *points)),
                Expires::Never => None,
            })
            .min()
    }

    /// The lots that `points` would come from, soonest expiring first. What the balance does not
    /// hold is left out: it becomes debt.
    #[must_use]
    pub fn consumption(&self, points: Points) -> Vec<SpentPart> {
        let mut left = points;
        let mut parts = Vec::new();
        for (expires, held) in &self.facts.lots {
            let taken = left.min(*held);
            if taken.is_positive() {
                parts.push(SpentPart { expires: *expires, points: taken });
                left -= taken;
            }
        }
        parts
    }

    /// How many points a return may take back that gives these back first, so that the account
    /// owes no more than `debt_max` because of it.
    pub(super) fn room_for_claw_back(
        &self,
        day: NaiveDate,
        terms: EntryTerms,
        restored: &[SpentPart],
        debt_max: Points,
    ) -> Points {
        let mut account = self.clone();
        account.settle_expiry(day, terms.expiry);
        account.give_back(restored);
        account.balance() + (debt_max - account.debt()).or_zero()
    }

    /// What an average basket of the account came to; `None` before it bought so often.
    #[must_use]
    pub fn average_basket(&self, visits_min: u32) -> Option<Amount> {
        let DayTotals { visits, spend, .. } = self.facts.lifetime;
        let enough = visits >= visits_min.max(1);
        enough.then(|| Amount::new(spend.value() / i64::from(visits)))
    }

    /// Whether the account ever bought anything that stays sold.
    #[must_use]
    pub fn has_bought(&self) -> bool {
        self.facts.lifetime.visits > 0 || self.last_purchase().is_some()
    }

    /// The last purchase of which something stays sold.
    #[must_use]
    pub fn last_purchase(&self) -> Option<NaiveDate> {
        let visited = self.facts.days.iter().rev().find(|(_, totals)| totals.visits > 0);
        visited.map(|(day, _)| *day).max(self.facts.last_purchase)
    }

    fn activity_expiry(&self, policy: ExpiryPolicy) -> Option<NaiveDate> {
        match policy {
            ExpiryPolicy::Sliding { days } => {
                self.last_purchase()?.checked_add_days(Days::new(u64::from(days)))
            }
            ExpiryPolicy::Lots { .. } | ExpiryPolicy::Never => None,
        }
    }

    fn award(&mut self, points: Points, expires: Expires) {
        let settled = points.min(self.facts.debt);
        self.facts.debt -= settled;
        let rest = points - settled;
        if rest.is_positive() {
            *self.facts.lots.entry(expires).or_default() += rest;
        }
    }

    fn give_back(&mut self, parts: &[SpentPart]) {
        for part in parts {
            self.award(part.points, part.expires);
            self.facts.totals.restored += part.points;
        }
    }

    fn take(&mut self, points: Points) {
        let mut left = points;
        for part in self.consumption(points) {
            self.take_from(part.expires, part.points);
            left -= part.points;
        }
        self.facts.debt += left;
    }

    fn claw_back(&mut self, points: Points, expires: Expires) {
        let own = points.min(self.facts.lots.get(&expires).copied().unwrap_or_default());
        self.take_from(expires, own);
        self.take(points - own);
    }

    fn take_from(&mut self, expires: Expires, points: Points) {
        if let Some(held) = self.facts.lots.get_mut(&expires) {
            *held -= points;
            if held.is_zero() {
                self.facts.lots.remove(&expires);
            }
        }
    }

    fn count(&mut self, counted: &[Counted], day: NaiveDate) {
        for counted in counted {
            self.facts.counters.add(&counted.counter, day, counted.by);
        }
    }

    fn undo_day(
        &mut self,
        sale_day: NaiveDate,
        remaining: RemainingSale,
        clawed_back: Points,
        spend: Amount,
    ) {
        let day = self.facts.days.get_mut(&sale_day);
        for totals in day.into_iter().chain([&mut self.facts.lifetime]) {
            totals.spend -= spend;
            totals.earned -= clawed_back;
            if remaining == RemainingSale::Nothing {
                totals.visits = totals.visits.saturating_sub(1);
            }
        }
    }

    /// A purchase renews the whole balance (BR-2), points given by hand included.
    fn renew_all(&mut self) {
        let dated = self.facts.lots.range(Expires::On(NaiveDate::MIN)..Expires::WithActivity);
        let points: Points = dated.map(|(_, points)| *points).sum();
        if points.is_positive() {
            self.facts.lots = self.facts.lots.split_off(&Expires::WithActivity);
            *self.facts.lots.entry(Expires::WithActivity).or_default() += points;
        }
    }

    fn forget_old_days(&mut self, today: NaiveDate, days_kept: u16) {
        let Some(oldest) = today.checked_sub_days(Days::new(u64::from(days_kept))) else {
            return;
        };
        self.facts.counters.forget_before(oldest);
        if self.facts.days.first_key_value().is_none_or(|(day, _)| *day >= oldest) {
            return;
        }
        let kept = self.facts.days.split_off(&oldest);
        let forgotten = std::mem::replace(&mut self.facts.days, kept);
        let visited = forgotten.iter().rev().find(|(_, totals)| totals.visits > 0);
        self.facts.last_purchase = self.facts.last_purchase.max(visited.map(|(day, _)| *day));
    }
}

#[cfg(test)]
mod tests;
