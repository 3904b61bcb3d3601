//! What bounds an earning rule once it is known what it would give: limits of points, limits over
//! all customers (LD-9), and the draw of a surprise (BQ-19).

use chrono::NaiveDate;

use super::accrual::Given;
use super::history::{History, PastOfSale};
use crate::loyalty::account::Account;
use crate::loyalty::chance::Draws;
use crate::loyalty::counter::{Counted, CounterId, Counters, UseUnit};
use crate::loyalty::decision::Reason;
use crate::loyalty::earn_rule::EarnRule;
use crate::loyalty::purse::Unit;
use crate::money::Points;

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
    /// What is left of what a rule would give: nothing where the draw is lost; where the account or
    /// all customers used it up, nothing but what a milestone collected, so that its reward comes
    /// later.
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
        let account = match history {
            History::Account(account) => account,
            History::Sale(past) => return given.counted_again(rule, past),
        };
        let drawn = match rule.chance {
            None => None,
            Some(chance) => match self.draws.get(&rule.id) {
                Some(drawn) if chance.wins(*drawn) => Some(*drawn),
                // Nothing is drawn for a quote.
                lost_or_none => return Given { drawn: lost_or_none.copied(), ..Given::default() },
            },
        };
        let uses = points_of_account(rule, &given, account, today)
            .and_then(|of_account| Ok((of_account, self.shared(rule, &given, today)?)));
        match uses {
            Ok((of_account, shared)) => {
                let counted = given.counted.into_iter().chain(of_account).collect();
                Given { drawn, counted, shared, ..given }
            }
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
                UseUnit::Points => given.points().value(),
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

/// The points that an account's own limits count.
fn points_of_account(
    rule: &EarnRule,
    given: &Given,
    account: &Account,
    today: NaiveDate,
) -> Result<Option<Counted>, Reason> {
    let counter = CounterId::RulePoints(rule.id.clone());
    let by = given.points().value();
    let mut counted = None;
    for limit in rule.limits.iter().filter(|limit| limit.unit == UseUnit::Points) {
        let limit = limit.limit;
        let before = account.facts().counters.count(&counter, limit.window, today);
        if before.saturating_add(by) > i64::from(limit.uses_max) {
            return Err(Reason::LimitReached { limit });
        }
        // Several limits look at one counter over different times.
        counted.get_or_insert(Counted { counter: counter.clone(), before, by });
    }
    Ok(counted)
}

impl Given {
    fn points(&self) -> Points {
        Points::of(self.gain)
    }

    /// What is left of a sale uses what the sale used, as far as it still gives it.
    fn counted_again(mut self, rule: &EarnRule, past: PastOfSale<'_>) -> Self {
        let of_points = CounterId::RulePoints(rule.id.clone());
        let points = |counted: &&Counted| counted.counter == of_points;
        let by = self.points().value();
        let again = |counted: &Counted, by: i64| Counted { by, ..counted.clone() };
        self.counted.extend(past.counted.iter().find(points).map(|used| again(used, by)));
        let shared = past.shared.iter().filter(|counted| counted.counter.is_of(&rule.id));
        self.shared = shared.map(|used| again(used, if points(&used) { by } else { 1 })).collect();
        self
    }
}
