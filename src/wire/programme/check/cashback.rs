//! Money given back for later purchases, and how long what is earned stays pending.

use super::super::fault::FaultCode;
use super::super::file::{CashbackTable, EarnKindWord, EarnTable, PendingTable};
use super::super::limits::PENDING_DAYS_MAX;
use super::super::place::Place;
use super::Check;
use super::cycles::is_endless;
use super::redemption::SpendKeys;
use crate::loyalty::{
    AccrualMoment, CashbackPolicy, ClawBack, EarnKind, EarnRule, ExpiryPolicy, PointsWorth,
    Programme, ThisSale, TierMultiplied,
};
use crate::money::{Amount, Factor, Percent, Points};

impl Check<'_, '_> {
    pub(super) fn cashback(&mut self, table: Option<&CashbackTable>) -> Option<CashbackPolicy> {
        let table = table?;
        let at = Place::Root.key("cashback");
        let expiry = self.expiry(&at.key("expiry"), table.expiry.as_deref());
        let least = match &table.minimum {
            Some(text) => self.amount(&at.key("minimum"), text),
            None => Some(Amount::new(1)),
        };
        let worth = PointsWorth::Steps { step: Points::new(1), value: Amount::new(1) };
        let worth = least.map(|least| (worth, Points::new(least.value())));
        let keys = SpendKeys {
            share_max: table.share_max.as_ref(),
            excess: table.excess,
            redeem_as: table.redeem_as,
            this_sale: None,
            company_roles: table.company_roles.as_deref(),
            strength: table.strength.as_deref(),
        };
        let redemption = self.spending(&at, worth, keys);
        Some(CashbackPolicy { expiry: expiry?, redemption: redemption? })
    }

    /// Days for which what is earned is pending.
    pub(super) fn pending_days(
        &mut self,
        at: &Place<'_>,
        table: Option<&PendingTable>,
    ) -> Option<u16> {
        let Some(table) = table else { return Some(0) };
        let at = at.key("pending");
        let days = self.required(&at, "days", table.days.as_ref())?;
        self.whole(&at.key("days"), *days, 0..=PENDING_DAYS_MAX)
    }

    /// The cashback that a rule gives.
    pub(super) fn cashback_rule(&mut self, at: &Place<'_>, table: &EarnTable) -> Option<EarnKind> {
        let percent = self
            .required(at, "percent", table.percent.as_ref())
            .and_then(|text| self.percent(&at.key("percent"), text));
        Some(EarnKind::Cashback { percent: percent? })
    }

    /// Cashback that is earned again in full on what it paid never ends.
    fn money_for_nothing(&mut self, at: &Place<'_>, programme: &Programme, rule: &EarnRule) {
        let EarnKind::Cashback { percent } = rule.kind else { return };
        let earns_again = programme.accrual.base.redemption == AccrualMoment::Before;
        let most = match rule.tier_multiplied {
            TierMultiplied::Yes => programme.highest_multiplier(),
            TierMultiplied::No => Factor::ONE,
        };
        let share = u64::from(percent.thousandths()) * u64::from(most.thousandths());
        let whole = u64::from(Percent::WHOLE.thousandths()) * u64::from(Factor::ONE.thousandths());
        if earns_again && is_endless(rule) && share >= whole {
            let reason = "a cycle: cashback that is spent earns itself back; give less, give the \
                          rule limits, or let earning count after what was spent";
            self.faults.add(&at.key("percent"), FaultCode::PaysForItself, reason);
        }
    }

    /// Points of a sale can pay on it only where a rule gives some that are not pending.
    fn usable_on_this_sale(&mut self, programme: &Programme) {
        let usable =
            programme.redemption.as_ref().is_some_and(|it| it.this_sale == ThisSale::Usable);
        let is_cashback = |rule: &&EarnRule| matches!(rule.kind, EarnKind::Cashback { .. });
        let mut of_points = programme.earn.iter().filter(|rule| !is_cashback(rule)).peekable();
        if usable && of_points.peek().is_some() && of_points.all(|rule| rule.pending_days > 0) {
            let reason = "every rule gives points that are `pending` at first, so none of a sale \
                          can pay on it: let it be later, or let a rule give some at once";
            let at = Place::Root.key("redemption");
            self.faults.add(&at.key("this_sale"), FaultCode::Contradiction, reason);
        }
    }

    /// What rules give must be there before it lapses, has to have somewhere to go, and comes back
    /// with the goods.
    pub(super) fn gains(&mut self, programme: &Programme, tables: &[(usize, EarnTable)]) {
        self.usable_on_this_sale(programme);
        for (index, table) in tables {
            let of_table = |rule: &&EarnRule| Some(rule.id.as_str()) == table.id.as_deref();
            let Some(rule) = programme.earn.iter().find(of_table) else { continue };
            let list = Place::Root.key("earn");
            let at = list.index(*index);
            let is_cashback = matches!(table.kind, Some(EarnKindWord::Cashback));
            if is_cashback && programme.cashback.is_none() {
                let reason = "the programme has no cashback: add [cashback]";
                self.faults.add(&at.key("kind"), FaultCode::MissingKey, reason);
            }
            let gives = is_cashback || table.points.is_some();
            if !gives {
                self.unused(&at, "pending", table.pending.as_ref(), "a rule without points");
            }
            if gives && rule.pending_days == 0 && programme.claw_back == ClawBack::PendingOnly {
                let reason = "a return takes back only what is pending (`claw_back`), and what \
                              this rule gives never is: give it or [accrual] `pending`";
                self.faults.add(&at, FaultCode::Contradiction, reason);
            }
            self.money_for_nothing(&at, programme, rule);
            let expiries = programme.expiries();
            let lives = if is_cashback { expiries.cashback } else { expiries.points };
            let (ExpiryPolicy::Sliding { days } | ExpiryPolicy::Lots { days }) = lives else {
                continue;
            };
            if gives && rule.pending_days > days {
                let pending = rule.pending_days;
                let reason = format!("it is pending for {pending} days and lapses after {days}");
                self.faults.add(&at.key("pending"), FaultCode::Contradiction, reason);
            }
        }
    }
}
