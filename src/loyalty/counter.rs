//! What an account has used and collected: counts by local day, so that a window is computed when
//! it is read and a late or returned sale changes its own day only.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};

use super::ids::{MemberRef, OfferId, RewardId, RuleId};
use super::promotion::Promotion;

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CounterId {
    /// How many receipts an earning rule gave points on.
    RuleUses(RuleId),
    /// How many receipts of one member an earning rule gave points on, where each member has its
    /// own: a birthday.
    MemberRuleUses {
        /// The rule.
        rule: RuleId,
        /// Whose.
        member: MemberRef,
    },
    /// What an earning rule collects towards a milestone: visits, minor units or units of goods.
    RuleProgress(RuleId),
    /// Receipts by local day of an earning rule that collects days: a day with any counts once. What
    /// was before in a record are the other days.
    RuleVisitDays(RuleId),
    /// How many times a milestone was reached and rewarded.
    RuleReached(RuleId),
    /// How often an offer was used.
    OfferUses {
        /// The offer.
        offer: OfferId,
        /// What is counted of it.
        unit: UseUnit,
        /// Whose uses, where each member of the account has its own.
        member: Option<MemberRef>,
    },
    /// How many newcomers an account brought by a rule on referrals.
    RuleReferrals(RuleId),
    /// How often a reward was chosen.
    RewardUses(RewardId),
    /// How often a member was told something unasked (BQ-32).
    Told {
        /// What.
        what: Promotion,
        /// Who.
        member: MemberRef,
    },
    /// How many points an earning rule gave, where an account or all customers have a limit of them.
    RulePoints(RuleId),
}

/// What counts as a use of an offer or rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum UseUnit {
    /// A receipt on which it applied. The default.
    #[default]
    Receipts,
    /// A unit that an offer priced; a part of one counts as a whole.
    Units,
    /// A point that a rule gave.
    Points,
}

impl CounterId {
    /// Whether it counts for an earning rule.
    #[must_use]
    pub fn is_of(&self, wanted: &RuleId) -> bool {
        match self {
            Self::RuleUses(rule)
            | Self::RuleProgress(rule)
            | Self::RuleVisitDays(rule)
            | Self::RuleReached(rule)
            | Self::RulePoints(rule) => rule == wanted,
            Self::MemberRuleUses { rule, .. } => rule == wanted,
            // It counts for the account of the one who referred, not for the sale's.
            Self::RuleReferrals(_)
            | Self::OfferUses { .. }
            | Self::RewardUses(_)
            | Self::Told { .. } => false,
        }
    }
}

impl CounterId {
    /// Whether it counts uses of something that was given as it is: an offer, a reward, a word.
    #[must_use]
    pub fn is_of_offer(&self) -> bool {
        matches!(self, Self::OfferUses { .. } | Self::RewardUses(_) | Self::Told { .. })
    }
}

/// One change of a counter, with what it was before: an input of the decision that a return
/// computes with again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// What is counted.
    pub counter: CounterId,
    /// Its count before, in the window that the decision looked at.
    pub before: i64,
    /// More, or fewer by a return.
    pub by: i64,
}

impl Counted {
    /// With so much more.
    pub(crate) fn counting(mut self, by: i64) -> Self {
        self.by = by;
        self
    }

    /// The count after it.
    pub(crate) fn after(&self) -> i64 {
        self.before.saturating_add(self.by)
    }

    /// What takes one list of counts to another, counter by counter.
    pub(crate) fn differences(from: &[Self], to: &[Self]) -> Vec<Self> {
        let mut changes: BTreeMap<&CounterId, (i64, i64)> = BTreeMap::new();
        for counted in from {
            changes.entry(&counted.counter).or_insert((counted.before, 0)).1 -= counted.by;
        }
        for counted in to {
            changes.entry(&counted.counter).or_insert((counted.before, 0)).1 += counted.by;
        }
        let changed = changes.into_iter().filter(|(_, (_, by))| *by != 0);
        changed
            .map(|(counter, (before, by))| Self { counter: counter.clone(), before, by })
            .collect()
    }
}

/// The counters of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    by_id: BTreeMap<CounterId, Counter>,
}

/// Counts of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    /// What came before the days that are kept.
    pub earlier: i64,
    /// By local day; no day is 0.
    pub days: BTreeMap<NaiveDate, i64>,
}

/// Over which time a limit counts (LD-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountWindow {
    /// The running local day.
    Day,
    /// The running week, from Monday (ISO 8601).
    Week,
    /// The running calendar month.
    Month,
    /// The running calendar year.
    Year,
    /// The last so many days, today included.
    Days(u16),
    /// As long as the rule or offer has been there.
    Ever,
}

/// So many uses in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UseLimit {
    /// Over which time.
    pub window: CountWindow,
    /// At most so many.
    pub uses_max: u32,
}

impl CountWindow {
    /// The first day that counts on a day; `None` where all do.
    #[must_use]
    pub fn first_day(self, today: NaiveDate) -> Option<NaiveDate> {
        let back = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN);
        match self {
            Self::Day => Some(today),
            Self::Week => Some(back(u64::from(today.weekday().num_days_from_monday()))),
            Self::Month => today.with_day(1),
            Self::Year => today.with_ordinal(1),
            Self::Days(days) => Some(back(u64::from(days.saturating_sub(1)))),
            Self::Ever => None,
        }
    }

    /// The last day that counts on a day; `None` where all do. Days to come count too: a member may
    /// be named late, or a receipt come late, after the limit was used up.
    #[must_use]
    pub fn last_day(self, today: NaiveDate) -> Option<NaiveDate> {
        let ahead = |days: u64| today.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX);
        match self {
            Self::Day => Some(today),
            Self::Week => Some(ahead(6 - u64::from(today.weekday().num_days_from_monday()))),
            Self::Month => {
                let first = today.with_day(1)?.checked_add_months(Months::new(1))?;
                first.pred_opt()
            }
            Self::Year => NaiveDate::from_ymd_opt(today.year(), 12, 31),
            Self::Days(days) => Some(ahead(u64::from(days.saturating_sub(1)))),
            Self::Ever => None,
        }
    }

    /// How many days of history it needs.
    #[must_use]
    pub fn days(self) -> u16 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 31,
            Self::Year => 366,
            Self::Days(days) => days,
            Self::Ever => 0,
        }
    }
}

impl Counters {
    /// Counters as they were stored.
    #[must_use]
    pub fn from_parts(by_id: BTreeMap<CounterId, Counter>) -> Self {
        Self { by_id }
    }

    /// Each counter, in the order of what is counted.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&CounterId, &Counter)> {
        self.by_id.iter()
    }

    /// Whether nothing was ever counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The count in a window on a day. Never less than nothing: more may come back than this
    /// ledger knows to have been counted.
    #[must_use]
    pub fn count(&self, counter: &CounterId, window: CountWindow, today: NaiveDate) -> i64 {
        match window.first_day(today).zip(window.last_day(today)) {
            Some((first_day, last_day)) => self.between(counter, first_day, last_day),
            None => self.by_id.get(counter).map_or(0, |counter| {
                counter
                    .days
                    .values()
                    .fold(counter.earlier, |sum, by| sum.saturating_add(*by))
                    .max(0)
            }),
        }
    }

    /// The count from a day to a day, both included.
    #[must_use]
    pub fn between(&self, counter: &CounterId, first: NaiveDate, last: NaiveDate) -> i64 {
        let Some(counter) = self.by_id.get(counter).filter(|_| first <= last) else { return 0 };
        let days = counter.days.range(first..=last);
        days.fold(0_i64, |sum, (_, by)| sum.saturating_add(*by)).max(0)
    }

    /// On how many days other than one anything was counted.
    pub(crate) fn other_days(&self, counter: &CounterId, day: NaiveDate) -> i64 {
        let Some(counter) = self.by_id.get(counter) else { return 0 };
        let days = counter.days.iter().filter(|(other, by)| **other != day && **by > 0).count();
        let days = i64::try_from(days).unwrap_or(i64::MAX);
        counter.earlier.saturating_add(days).max(0)
    }

    /// What each member used a rule, from a day to a day.
    pub(crate) fn of_members(&self, rule: &RuleId, first: NaiveDate, last: NaiveDate) -> i64 {
        let theirs = self.by_id.keys().filter(|id| match id {
            CounterId::MemberRuleUses { rule: of, .. } => of == rule,
            _ => false,
        });
        theirs.map(|id| self.between(id, first, last)).sum()
    }

    /// Counts on a day.
    pub(crate) fn add(&mut self, counter: &CounterId, day: NaiveDate, by: i64) {
        if by == 0 {
            return;
        }
        let counter = self.by_id.entry(counter.clone()).or_default();
        let count = counter.days.entry(day).or_default();
        *count = count.saturating_add(by);
        if *count == 0 {
            counter.days.remove(&day);
        }
    }

    /// Sums up the days before `oldest`. Of days that count once it is the days that are summed up:
    /// what comes back of one that is forgotten leaves it counted.
    pub(crate) fn forget_before(&mut self, oldest: NaiveDate) {
        for (id, counter) in &mut self.by_id {
            if counter.days.first_key_value().is_some_and(|(day, _)| *day < oldest) {
                let kept = counter.days.split_off(&oldest);
                let gone = std::mem::replace(&mut counter.days, kept);
                let worth = |by: i64| match id {
                    CounterId::RuleVisitDays(_) => by.clamp(0, 1),
                    _ => by,
                };
                counter.earlier =
                    gone.values().fold(counter.earlier, |sum, by| sum.saturating_add(worth(*by)));
            }
        }
        self.by_id.retain(|_, counter| counter.earlier != 0 || !counter.days.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn counter() -> CounterId {
        CounterId::RuleUses(RuleId::parse("r").expect("an id"))
    }

    #[test]
    fn a_window_counts_its_own_days() {
        let mut counters = Counters::default();
        for text in ["2025-12-31", "2026-03-01", "2026-03-30", "2026-04-05", "2026-04-06"] {
            counters.add(&counter(), day(text), 1);
        }
        // 2026-04-05 is a Sunday.
        let cases = [
            (CountWindow::Day, "2026-04-05", 1),
            (CountWindow::Day, "2026-04-04", 0),
            (CountWindow::Week, "2026-04-05", 2),
            (CountWindow::Week, "2026-03-30", 2),
            (CountWindow::Week, "2026-04-06", 1),
            (CountWindow::Month, "2026-03-31", 2),
            (CountWindow::Month, "2026-02-01", 0),
            (CountWindow::Year, "2026-01-01", 4),
            (CountWindow::Year, "2026-12-31", 4),
            (CountWindow::Days(8), "2026-04-06", 3),
            (CountWindow::Days(7), "2026-04-06", 2),
            (CountWindow::Ever, "2026-04-06", 5),
        ];
        for (window, today, expected) in cases {
            assert_eq!(
                counters.count(&counter(), window, day(today)),
                expected,
                "{window:?} {today}"
            );
        }
    }

    #[test]
    fn what_is_forgotten_still_counts_for_ever_and_can_come_back() {
        let mut counters = Counters::default();
        counters.add(&counter(), day("2026-01-01"), 3);
        counters.add(&counter(), day("2026-02-01"), 2);
        counters.forget_before(day("2026-02-01"));
        let ever =
            |counters: &Counters| counters.count(&counter(), CountWindow::Ever, day("2026-02-01"));
        assert_eq!(ever(&counters), 5);
        counters.add(&counter(), day("2026-01-01"), -1);
        counters.forget_before(day("2026-02-01"));
        assert_eq!(ever(&counters), 4);
        assert_eq!(counters.count(&counter(), CountWindow::Year, day("2026-02-01")), 2);
    }

    #[test]
    fn days_that_count_once_do_so_whatever_was_on_them_and_when_they_are_forgotten() {
        let visits = CounterId::RuleVisitDays(RuleId::parse("r").expect("an id"));
        let mut counters = Counters::default();
        for (text, by) in [("2026-01-01", 3), ("2026-01-02", 1), ("2026-02-01", 2)] {
            counters.add(&visits, day(text), by);
        }
        let others = |counters: &Counters, text| counters.other_days(&visits, day(text));
        assert_eq!((others(&counters, "2026-01-01"), others(&counters, "2026-03-01")), (2, 3));
        counters.add(&visits, day("2026-02-01"), -1);
        assert_eq!(others(&counters, "2026-03-01"), 3, "one receipt of the day remains");
        counters.add(&visits, day("2026-02-01"), -1);
        assert_eq!(others(&counters, "2026-03-01"), 2, "none remains");
        counters.forget_before(day("2026-02-01"));
        assert_eq!(others(&counters, "2026-03-01"), 2);
        counters.add(&visits, day("2026-01-01"), -1);
        counters.forget_before(day("2026-02-01"));
        assert_eq!(others(&counters, "2026-03-01"), 2, "too late to take the day back");
    }

    #[test]
    fn what_was_counted_and_taken_back_leaves_nothing() {
        let mut counters = Counters::default();
        counters.add(&counter(), day("2026-01-01"), 1);
        counters.add(&counter(), day("2026-01-01"), -1);
        counters.forget_before(day("2026-01-01"));
        assert!(counters.is_empty());
    }
}
