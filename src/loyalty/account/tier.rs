//! The tier of an account, computed when read from the days that are kept: nothing is stored, so no
//! nightly job can be late.

use std::ops::Bound::{Excluded, Included};

use chrono::{Datelike, Days, NaiveDate};

use super::{Account, DayTotals};
use crate::loyalty::decision::TierValidity;
use crate::loyalty::programme::{Programme, Tier, TierKept, TierMeasure, TierPolicy, TierWindow};

/// The level that holds on a day, and the last day whose measure says so.
#[derive(Clone, Copy, Debug)]
struct Held {
    place: usize,
    day: NaiveDate,
}

impl Account {
    /// The measure of the programme's tiers on a day.
    #[must_use]
    pub fn tier_measure(&self, programme: &Programme, today: NaiveDate) -> i64 {
        programme.tiers.as_ref().map_or(0, |policy| self.measure_on(policy, today))
    }

    /// The tier on a day, and the next one.
    #[must_use]
    pub fn tier<'p>(
        &self,
        programme: &'p Programme,
        today: NaiveDate,
    ) -> Option<(&'p Tier, Option<&'p Tier>)> {
        let policy = programme.tiers.as_ref()?;
        let Held { place, .. } = self.tier_held(policy, today);
        policy.steps.get(place).map(|tier| (tier, policy.steps.get(place + 1)))
    }

    /// How long the tier of a day holds if nothing more is bought, and what keeps it. Only where
    /// the programme keeps tiers, and not of the lowest, which nobody loses.
    #[must_use]
    pub fn tier_validity(&self, programme: &Programme, today: NaiveDate) -> Option<TierValidity> {
        let policy = programme.tiers.as_ref()?;
        let held = self.tier_held(policy, today);
        let threshold = policy.steps.get(held.place)?.threshold;
        if held.place == 0 {
            return None;
        }
        match policy.kept {
            TierKept::Measured => None,
            TierKept::YearAfter => {
                let bought_before = held.day.year() < today.year();
                let missing = || threshold - self.measure_on(policy, today);
                Some(TierValidity {
                    until: last_day_of(held.day.year() + 1),
                    missing: bought_before.then(missing),
                })
            }
            TierKept::DaysAfter(days) => {
                let measured_until = self.measured_until(policy, threshold, held.day)?;
                let until = measured_until.checked_add_days(Days::new(u64::from(days)))?;
                // Only where what is bought now still counts when it is needed.
                let (counts, on) = match policy.window {
                    TierWindow::RollingDays(window_days) => {
                        let counts_days = (measured_until - today).num_days() + 1;
                        (counts_days < i64::from(window_days), until)
                    }
                    _ => (until.year() == today.year(), today),
                };
                let missing = || threshold - self.measure_on(policy, on);
                Some(TierValidity { until, missing: counts.then(missing) })
            }
        }
    }

    fn measure_on(&self, policy: &TierPolicy, day: NaiveDate) -> i64 {
        let Some(first_day) = policy.window_start(day) else {
            return counted(policy, &self.facts.lifetime);
        };
        let days = self.facts.days.range(first_day..=day);
        days.map(|(_, totals)| counted(policy, totals)).sum()
    }

    fn tier_held(&self, policy: &TierPolicy, today: NaiveDate) -> Held {
        let on = |day| Held { place: policy.place_of(self.measure_on(policy, day)), day };
        match policy.kept {
            TierKept::Measured => on(today),
            TierKept::YearAfter => {
                let (now, before) = (on(today), on(last_day_of(today.year() - 1)));
                if now.place >= before.place { now } else { before }
            }
            TierKept::DaysAfter(days) => {
                let first = today.checked_sub_days(Days::new(u64::from(days)));
                self.highest_since(policy, first.unwrap_or(NaiveDate::MIN), today)
            }
        }
    }

    /// The highest level from a day on, and the last day that reaches it among those that can
    /// raise it: the first, and those on which something was bought.
    fn highest_since(&self, policy: &TierPolicy, first: NaiveDate, today: NaiveDate) -> Held {
        let mut measure = self.measure_on(policy, first);
        let mut highest = Held { place: policy.place_of(measure), day: first };
        let window_start = |day| policy.window_start(day).unwrap_or(NaiveDate::MIN);
        let mut leaving = self.facts.days.range(window_start(first)..).peekable();
        for (day, totals) in self.facts.days.range((Excluded(first), Included(today))) {
            measure += counted(policy, totals);
            while let Some((_, gone)) = leaving.next_if(|(left, _)| **left < window_start(*day)) {
                measure -= counted(policy, gone);
            }
            let place = policy.place_of(measure);
            if place >= highest.place {
                highest = Held { place, day: *day };
            }
        }
        highest
    }

    /// The last day on which what was bought until `day` still comes to a threshold.
    fn measured_until(
        &self,
        policy: &TierPolicy,
        threshold: i64,
        day: NaiveDate,
    ) -> Option<NaiveDate> {
        let TierWindow::RollingDays(window_days) = policy.window else {
            return (policy.window == TierWindow::CalendarYear).then(|| last_day_of(day.year()));
        };
        let mut measure = self.measure_on(policy, day);
        let in_window = self.facts.days.range(policy.window_start(day)?..=day);
        let (breaks, _) = in_window
            .map(|(bought, totals)| (bought, counted(policy, totals)))
            .find(|(_, by)| {
                measure -= by;
                measure < threshold
            })?;
        breaks.checked_add_days(Days::new(u64::from(window_days.saturating_sub(1))))
    }
}

fn counted(policy: &TierPolicy, totals: &DayTotals) -> i64 {
    match policy.measure {
        TierMeasure::Spend => totals.spend.value(),
        TierMeasure::PointsEarned => totals.earned.value(),
        TierMeasure::Visits => i64::from(totals.visits),
    }
}

fn last_day_of(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests;
