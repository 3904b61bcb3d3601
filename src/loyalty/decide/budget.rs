//! What bounds an earning rule beyond its account: limits over all customers (LD-9) and the draw of
//! a surprise (BQ-19).

use super::accrual::Given;
use super::history::History;
use crate::loyalty::chance::Draws;
use crate::loyalty::counter::{Counted, CounterId, Counters, UseUnit};
use crate::loyalty::decision::Reason;
use crate::loyalty::earn_rule::EarnRule;

use chrono::NaiveDate;

/// What all customers used of rules with limits over all of them, and what was drawn for rules with
/// a chance.
#[derive(Clone, Copy, Debug)]
pub struct Budgets<'a> {
    /// As far as it is known here.
    pub shared_uses: &'a Counters,
    /// Empty where nothing is drawn.
    pub draws: &'a Draws,
}

impl Budgets<'_> {
    /// What is left of what a rule would give: nothing where the draw is lost; where all customers
    /// used it up, nothing but what a milestone collected, so that its reward comes later.
    pub(super) fn bound(
        self,
        rule: &EarnRule,
        given: Given,
        history: History<'_>,
        today: NaiveDate,
    ) -> Given {
        if !given.gives(rule) {
            return given;
        }
        if let History::Sale(past) = history {
            let shared = past.shared.iter().filter(|counted| counted.counter.is_of(&rule.id));
            let again = |counted: &Counted| {
                let by = match counted.counter {
                    CounterId::RulePoints(_) => given.points.value(),
                    _ => 1,
                };
                Counted { by, ..counted.clone() }
            };
            let shared = shared.map(again).collect();
            return Given { shared, ..given };
        }
        let drawn = match rule.chance {
            None => None,
            Some(chance) => match self.draws.get(&rule.id) {
                Some(drawn) if chance.wins(*drawn) => Some(*drawn),
                // Nothing is drawn for a quote.
                lost_or_none => return Given { drawn: lost_or_none.copied(), ..Given::default() },
            },
        };
        match self.shared(rule, &given, today) {
            Ok(shared) => Given { drawn, shared, ..given },
            Err(reason) => {
                let progress =
                    |counted: &Counted| matches!(counted.counter, CounterId::RuleProgress(_));
                let counted = given.counted.into_iter().filter(progress).collect();
                Given { drawn, counted, ahead: Some(reason), ..Given::default() }
            }
        }
    }

    /// What it uses of limits over all customers.
    fn shared(
        self,
        rule: &EarnRule,
        given: &Given,
        today: NaiveDate,
    ) -> Result<Vec<Counted>, Reason> {
        let mut uses: Vec<Counted> = Vec::new();
        for shared in &rule.shared_limits {
            let counter = shared.counter_of_rule(&rule.id);
            let before = self.shared_uses.count(&counter, shared.limit.window, today);
            let by = match shared.unit {
                UseUnit::Receipts | UseUnit::Units => 1,
                UseUnit::Points => given.points.value(),
            };
            if before.saturating_add(by) > i64::from(shared.of_one_agent()) {
                return Err(Reason::SharedLimitReached { per: shared.per, limit: shared.limit });
            }
            // Several limits may look at one counter over different times.
            if !uses.iter().any(|counted| counted.counter == counter) {
                uses.push(Counted { counter, before, by });
            }
        }
        Ok(uses)
    }
}
