//! An account as the fold of its entries.

mod tier;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::counter::{Counted, Counters};
use super::entry::{Change, Entry, EntryKey, EntryTerms, RemainingSale};
use super::programme::{Expiries, ExpiryPolicy};
use super::purse::Purse;
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
    /// Its points.
    pub points: Purse<Points>,
    /// Its cashback (BQ-43).
    pub cashback: Purse<Amount>,
    /// What happened on recent local days.
    pub days: BTreeMap<NaiveDate, DayTotals>,
    /// A last purchase known from elsewhere, where `days` does not hold it.
    pub last_purchase: Option<NaiveDate>,
    /// Sums over the account's life, net of returns.
    pub lifetime: DayTotals,
    /// What it used and collected.
    pub counters: Counters,
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
        let expiries = terms.expiries();
        self.settle_expiry(today, expiries);
        match change {
            Change::Sale { points, cashback, converted, spend, counted } => {
                self.facts.points.sell(points, expiries.points);
                self.facts.points.convert(*converted);
                self.facts.cashback.sell(cashback, expiries.cashback);
                let day = self.facts.days.entry(today).or_default();
                for totals in [day, &mut self.facts.lifetime] {
                    totals.visits += 1;
                    totals.spend += *spend;
                    totals.earned += points.earned;
                }
                self.count(counted, today);
            }
            Change::Undo { sale_day, remaining, points, cashback, spend, counted } => {
                self.undo_day(*sale_day, *remaining, points.clawed_back, *spend);
                self.count(counted, *sale_day);
                self.facts.points.undo(points);
                self.facts.cashback.undo(cashback);
                self.settle_expiry(today, expiries);
            }
            Change::Adjust { points, expires, cashback, cashback_expires, counted } => {
                self.facts.points.adjust(*points, *expires);
                self.facts.cashback.adjust(*cashback, *cashback_expires);
                if let Some((day, counted)) = counted {
                    self.count(counted, *day);
                }
            }
        }
        self.forget_old_days(today, terms.days_kept);
    }

    /// Makes usable what was pending until `today`, and lets everything lapse that is past its last
    /// day on `today`.
    pub fn settle_expiry(&mut self, today: NaiveDate, expiries: Expiries) {
        let ends = self.activity_expiry(expiries.points);
        self.facts.points.settle(today, ends);
        let ends = self.activity_expiry(expiries.cashback);
        self.facts.cashback.settle(today, ends);
    }

    /// Points that may be spent, after [`Account::settle_expiry`].
    #[must_use]
    pub fn balance(&self) -> Points {
        self.facts.points.balance()
    }

    /// Points owed.
    #[must_use]
    pub fn debt(&self) -> Points {
        self.facts.points.debt
    }

    /// Its points.
    #[must_use]
    pub fn points(&self) -> &Purse<Points> {
        &self.facts.points
    }

    /// Its cashback.
    #[must_use]
    pub fn cashback(&self) -> &Purse<Amount> {
        &self.facts.cashback
    }

    /// The last day of the soonest expiring points that may be spent, and how many they are.
    #[must_use]
    pub fn next_expiry(&self, policy: ExpiryPolicy) -> Option<(NaiveDate, Points)> {
        self.facts.points.next_expiry(self.activity_expiry(policy))
    }

    /// The last day of the soonest expiring cashback that may be spent, and how much it is.
    #[must_use]
    pub fn next_cashback_expiry(&self, policy: ExpiryPolicy) -> Option<(NaiveDate, Amount)> {
        self.facts.cashback.next_expiry(self.activity_expiry(policy))
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

    /// The last day of what lives with the account's purchases.
    pub(super) fn activity_expiry(&self, policy: ExpiryPolicy) -> Option<NaiveDate> {
        match policy {
            ExpiryPolicy::Sliding { days } => {
                self.last_purchase()?.checked_add_days(Days::new(u64::from(days)))
            }
            ExpiryPolicy::Lots { .. } | ExpiryPolicy::Never => None,
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
