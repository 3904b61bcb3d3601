//! What earning rules may know of the account's past: the account itself at a sale, what the sale's
//! record says of it when a part of the sale comes back.

use chrono::NaiveDate;

use crate::loyalty::account::Account;
use crate::loyalty::counter::{CountWindow, Counted, CounterId, UseUnit};
use crate::loyalty::decision::Reason;
use crate::loyalty::earn_rule::{EarnKind, EarnRule};
use crate::loyalty::gain::EarnedBy;
use crate::loyalty::ids::RuleId;
use crate::loyalty::issue::{IssuedBy, SoldIssue};
use crate::loyalty::terms::Person;
use crate::money::Amount;

/// The past as a rule sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum History<'a> {
    /// A sale is being decided.
    Account(&'a Account),
    /// What is left of a sale is looked at.
    Sale(PastOfSale<'a>),
}

/// What a sale's record says of the account as it was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PastOfSale<'a> {
    /// What each rule gave.
    pub(crate) earned_by: &'a [EarnedBy],
    /// What was counted.
    pub(crate) counted: &'a [Counted],
    /// What rules used of limits over all customers.
    pub(crate) shared: &'a [Counted],
    /// What was handed out.
    pub(crate) issued: &'a [SoldIssue<'a>],
    /// The average basket then.
    pub(crate) average_basket: Option<Amount>,
}

impl History<'_> {
    /// Whether a rule can matter: of a sale only those that gave or counted something. What is
    /// left of a sale never earns by a rule that the whole did not.
    pub(super) fn knows(self, rule: &RuleId) -> bool {
        match self {
            Self::Account(_) => true,
            Self::Sale(past) => {
                past.earned_by.iter().any(|by| by.rule == *rule)
                    || past.counted.iter().any(|counted| counted.counter.is_of(rule))
                    || past.handed_out_by(rule)
            }
        }
    }

    /// What a rule used up at the sale.
    pub(super) fn uses_of(self, rule: &RuleId) -> Vec<Counted> {
        let Self::Sale(past) = self else { return Vec::new() };
        let is_use = |counted: &&Counted| match &counted.counter {
            CounterId::RuleUses(of) | CounterId::MemberRuleUses { rule: of, .. } => of == rule,
            _ => false,
        };
        past.counted.iter().filter(is_use).cloned().collect()
    }

    /// What a milestone had collected.
    pub(super) fn progress(self, rule: &RuleId) -> Counted {
        self.before(CounterId::RuleProgress(rule.clone()))
    }

    /// On how many other days than this one a milestone had collected visits.
    pub(super) fn other_visit_days(self, rule: &RuleId, today: NaiveDate) -> Counted {
        let counter = CounterId::RuleVisitDays(rule.clone());
        match self {
            Self::Account(account) => {
                let before = account.facts().counters.other_days(&counter, today);
                Counted { counter, before, by: 0 }
            }
            Self::Sale(_) => self.before(counter),
        }
    }

    /// How many times a milestone had been reached.
    pub(super) fn reached(self, rule: &RuleId) -> Counted {
        let reached = CounterId::RuleReached(rule.clone());
        match self {
            // A sale that reached nothing says nothing: what is left of it reaches nothing either.
            Self::Sale(past) if past.find(&reached).is_none() => {
                Counted { counter: reached, before: i64::MAX, by: 0 }
            }
            _ => self.before(reached),
        }
    }

    /// The average basket of an account that bought often enough.
    pub(super) fn average_basket(self, visits_min: u32) -> Option<Amount> {
        match self {
            Self::Account(account) => account.average_basket(visits_min),
            Self::Sale(past) => past.average_basket,
        }
    }

    /// How many purchases of the account came before. What is left of a sale does not ask: what it
    /// handed out has its kind already.
    pub(super) fn purchases(self) -> u32 {
        match self {
            Self::Account(account) => account.facts().lifetime.visits,
            Self::Sale(_) => 0,
        }
    }

    fn before(self, counter: CounterId) -> Counted {
        let before = match self {
            Self::Account(account) => {
                account.facts().counters.count(&counter, CountWindow::Ever, NaiveDate::MAX)
            }
            Self::Sale(past) => past.find(&counter).map_or(0, |counted| counted.before),
        };
        Counted { counter, before, by: 0 }
    }
}

impl PastOfSale<'_> {
    fn handed_out_by(&self, rule: &RuleId) -> bool {
        self.issued.iter().any(|sold| match &sold.issued.by {
            IssuedBy::Rule(of) => of == rule,
            IssuedBy::Conversion(_) | IssuedBy::Reward(_) => false,
        })
    }

    fn find(&self, counter: &CounterId) -> Option<&Counted> {
        self.counted.iter().find(|counted| counted.counter == *counter)
    }
}

impl EarnRule {
    /// Whether the account may use the rule once more, and what that uses up.
    pub(super) fn may_be_used_by(
        &self,
        account: &Account,
        person: Option<Person<'_>>,
        today: NaiveDate,
    ) -> Result<Vec<Counted>, Reason> {
        let counter = CounterId::RuleUses(self.id.clone());
        let counters = &account.facts().counters;
        let mut before = None;
        let mut uses = Vec::new();
        let is_referral = matches!(self.kind, EarnKind::Referral(_));
        // Of a referral they bound the account of the one who referred.
        let of_receipts = self.limits.iter().filter(|limit| limit.unit == UseUnit::Receipts);
        for limit in of_receipts.map(|limit| limit.limit).filter(|_| !is_referral) {
            let used = counters.count(&counter, limit.window, today);
            if used >= i64::from(limit.uses_max) {
                return Err(Reason::LimitReached { limit });
            }
            before = before.max(Some(used));
        }
        if is_referral || matches!(self.kind, EarnKind::Welcome { .. }) {
            let used = counters.count(&counter, CountWindow::Ever, today);
            if account.has_bought() || used > 0 {
                return Err(Reason::NotFirstPurchase);
            }
            before = before.max(Some(used));
        }
        let birthday = person.and_then(|person| person.birthday);
        let around = self.conditions.audience.birthday.zip(birthday);
        if let Some((window, birthday)) = around {
            let days = birthday.window_around(today, window).ok_or(Reason::NotBirthday)?;
            let own = person
                .and_then(|person| person.member)
                .map(|member| CounterId::MemberRuleUses { rule: self.id.clone(), member });
            let used = own.as_ref().map_or(0, |own| counters.between(own, days.0, days.1));
            // Uses from before members had their own counts are of everybody.
            let all = counters.between(&counter, days.0, days.1);
            let of_nobody = all - counters.of_members(&self.id, days.0, days.1);
            if used > 0 || of_nobody > 0 {
                return Err(Reason::BirthdayUsed);
            }
            before = before.max(Some(all));
            uses.extend(own.map(|own| Counted { counter: own, before: used, by: 1 }));
        }
        uses.extend(before.map(|before| Counted { counter, before, by: 1 }));
        Ok(uses)
    }
}
