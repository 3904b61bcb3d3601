//! Points for what was paid: the same function for a sale and for what a return leaves of it.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDateTime};

use super::budget::Budgets;
use super::history::History;

use crate::loyalty::basket::{Line, LineFlag};
use crate::loyalty::chance::{DrawnNumber, Draws};
use crate::loyalty::counter::Counted;
use crate::loyalty::decision::{Reason, Refusal, Subject};
use crate::loyalty::earn_rule::{EarnKind, EarnRule, MilestoneMeasure, StepStyle, TierMultiplied};
use crate::loyalty::gain::{EarnedBy, Gain};
use crate::loyalty::ids::StoreId;
use crate::loyalty::issue::Issue;
use crate::loyalty::programme::{AccrualMoment, AccrualPolicy, Programme, TaxBase, Tier};
use crate::loyalty::referral::Referral;
use crate::loyalty::tax::{self, TaxMode};
use crate::loyalty::terms::{Conditions, MinimumOf, Person};
use crate::money::{
    AMOUNT_MINOR_MAX, Amount, Factor, Percent, Points, Quantity, Rounding, mul_div, share_until,
};

/// A line as it earns.
#[derive(Clone, Debug)]
pub(crate) struct AccrualLine<'a> {
    line: &'a Line,
    quantity: Quantity,
    /// What earns, before tax is looked at.
    base: Amount,
    /// What was paid, without tax on top; minimums are measured on it.
    net: Amount,
}

/// Under what circumstances the sale was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EarnCircumstances<'a> {
    pub(crate) local: NaiveDateTime,
    pub(crate) store: &'a StoreId,
    pub(crate) tier: Option<&'a Tier>,
    /// `None` without a member.
    pub(crate) person: Option<Person<'a>>,
    /// Who referred the member.
    pub(crate) referral: Option<Referral<'a>>,
    pub(crate) history: History<'a>,
    /// Whether the prices have their tax inside.
    pub(crate) tax: TaxMode,
    pub(crate) budgets: Budgets<'a>,
}

/// What the rules gave, and why the others did not.
#[derive(Default)]
pub(crate) struct Earning {
    pub(crate) by_rule: Vec<EarnedBy>,
    pub(crate) counted: Vec<Counted>,
    /// What they use of limits over all customers.
    pub(crate) shared: Vec<Counted>,
    pub(crate) draws: Draws,
    pub(crate) issues: Vec<Issue>,
    pub(crate) refused: Vec<Refusal>,
}

/// What one rule gave.
#[derive(Default)]
pub(super) struct Given {
    pub(super) gain: Gain,
    /// How many times it counts: what it hands out, it hands out so often.
    pub(super) times: i64,
    pub(super) counted: Vec<Counted>,
    pub(super) shared: Vec<Counted>,
    /// What was drawn for it.
    pub(super) drawn: Option<DrawnNumber>,
    /// What is missing for more.
    pub(super) ahead: Option<Reason>,
}

impl Given {
    /// Whether anything comes of it.
    pub(super) fn gives(&self, rule: &EarnRule) -> bool {
        self.gain.is_positive() || (self.times > 0 && !rule.grants.is_empty())
    }
}

impl<'a> AccrualLine<'a> {
    /// A whole line with what was taken off it.
    pub(crate) fn of_sold(
        line: &'a Line,
        discount: Amount,
        redeemed: Amount,
        policy: AccrualPolicy,
    ) -> Self {
        let counted = |moment, deduction| match moment {
            AccrualMoment::After => deduction,
            AccrualMoment::Before => Amount::ZERO,
        };
        let base = line.amount
            - counted(policy.base.discounts, discount)
            - counted(policy.base.redemption, redeemed);
        Self { line, quantity: line.quantity, base, net: line.amount - discount - redeemed }
    }

    /// How much of it earns.
    pub(super) fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// What was paid, without tax on top.
    pub(super) fn net(&self) -> Amount {
        self.net
    }

    /// Its tax rate.
    pub(super) fn tax_rate(&self) -> Percent {
        self.line.tax_rate
    }

    /// What is left of the line after so much of it was returned.
    pub(crate) fn without(mut self, returned: Quantity) -> Self {
        let (gone, whole) = (returned.value(), self.line.quantity.value());
        let remain = |sum: Amount| sum - Amount::new(share_until(sum.value(), gone, whole));
        self.base = remain(self.base);
        self.net = remain(self.net);
        self.quantity -= returned;
        self
    }
}

/// Applies every earning rule. A surprise that does not come is not told.
pub(crate) fn earn(
    programme: &Programme,
    lines: &[AccrualLine<'_>],
    circumstances: &EarnCircumstances<'_>,
) -> Earning {
    let mut earning = Earning::default();
    let matters = |rule: &&EarnRule| {
        circumstances.history.knows(&rule.id) && circumstances.is_about_them(rule)
    };
    let rules = programme.earn.iter().filter(matters);
    for rule in rules {
        let mut refuse = |reason| {
            if rule.chance.is_none() {
                earning.refused.push(Refusal { subject: Subject::Rule(rule.id.clone()), reason });
            }
        };
        match given(programme, rule, lines, circumstances) {
            Ok(Given { gain, times, counted, shared, drawn, ahead }) => {
                ahead.into_iter().for_each(&mut refuse);
                earning.counted.extend(counted);
                earning.shared.extend(shared);
                earning.draws.extend(drawn.map(|number| (rule.id.clone(), number)));
                let issues = circumstances.issues(rule, times);
                earning.issues.extend(issues.map(|issue| issue.priced(programme)));
                if gain.is_positive() {
                    let usable_from = circumstances.usable_from(rule);
                    let by = EarnedBy { rule: rule.id.clone(), gain, usable_from };
                    earning.by_rule.push(by);
                }
            }
            Err(reason) => refuse(reason),
        }
    }
    earning
}

fn given(
    programme: &Programme,
    rule: &EarnRule,
    lines: &[AccrualLine<'_>],
    circumstances: &EarnCircumstances<'_>,
) -> Result<Given, Reason> {
    let uses = circumstances.may_use(rule)?;
    let eligible = Eligible::of(rule, lines)?;
    let factor = circumstances.factor_of(rule);
    let policy = programme.accrual;
    let times = |points, times| multiplied(points, times, factor, policy.rounding);
    let mut given = Given { times: 1, ..Given::default() };
    let points = match rule.kind {
        EarnKind::Cashback { percent } => {
            let base = earning_base(&eligible.lines, policy.tax, circumstances.tax);
            given.gain = Gain::Cashback(share_of(base, percent, factor, policy.rounding));
            Points::ZERO
        }
        EarnKind::Referral(ref terms) => times(terms.points, 1),
        EarnKind::PerAmount { points, amount, style } => {
            let base = earning_base(&eligible.lines, policy.tax, circumstances.tax);
            given.times = base.value() / amount.value();
            per_amount(base, points, amount, style, factor, policy.rounding)
        }
        EarnKind::PerVisit { points } | EarnKind::Welcome { points } => times(points, 1),
        EarnKind::PerItem { points } => {
            given.times = eligible.quantity.whole_units();
            times(points, given.times)
        }
        EarnKind::Milestone { points, measure, at, repeat } => {
            let collected = match measure {
                MilestoneMeasure::Visits | MilestoneMeasure::VisitDays => 1,
                MilestoneMeasure::Spend => eligible.net.value(),
                MilestoneMeasure::Items => eligible.quantity.whole_units(),
            };
            let history = circumstances.history;
            let progress = match measure {
                MilestoneMeasure::VisitDays => {
                    history.other_visit_days(&rule.id, circumstances.local.date())
                }
                _ => history.progress(&rule.id),
            };
            let progress = progress.counting(collected);
            let reached = circumstances.history.reached(&rule.id);
            let due = repeat.reached(progress.after(), at);
            let newly = (due - reached.before).max(0);
            let reached = reached.counting(newly);
            let next = repeat.next_mark(progress.after(), at).filter(|_| reached.by == 0);
            let missing = next.map(|mark| mark.saturating_sub(progress.after()));
            given.ahead = missing.map(|missing| match measure {
                MilestoneMeasure::Spend => {
                    Reason::MilestoneAheadAmount { missing: Amount::new(missing) }
                }
                MilestoneMeasure::Visits
                | MilestoneMeasure::VisitDays
                | MilestoneMeasure::Items => Reason::MilestoneAhead { missing },
            });
            let earned = times(points, reached.by);
            given.times = reached.by;
            given.counted.extend([progress, reached].into_iter().filter(|count| count.by != 0));
            earned
        }
        EarnKind::AboveAverage { points, amount, visits_min } => {
            let average =
                circumstances.history.average_basket(visits_min).ok_or(Reason::NoAverageYet)?;
            let base = earning_base(&eligible.lines, policy.tax, circumstances.tax);
            if base <= average {
                return Err(Reason::BelowOwnAverage { missing: average - base });
            }
            let style = StepStyle::Proportional;
            given.times = (base - average).value() / amount.value();
            per_amount(base - average, points, amount, style, factor, policy.rounding)
        }
    };
    if points.is_positive() {
        given.gain = Gain::Points(points);
    }
    if given.gives(rule) {
        given.counted.extend(uses);
    }
    let today = circumstances.local.date();
    Ok(circumstances.budgets.bound(rule, given, circumstances.history, today))
}

impl EarnCircumstances<'_> {
    /// Of a rule on referrals: whether somebody referred the member at all.
    fn is_about_them(&self, rule: &EarnRule) -> bool {
        !matches!(rule.kind, EarnKind::Referral(_))
            || self.referral.is_some()
            || matches!(self.history, History::Sale(_))
    }

    /// What a rule's points are multiplied by.
    pub(super) fn factor_of(&self, rule: &EarnRule) -> Factor {
        match rule.tier_multiplied {
            TierMultiplied::Yes => self.tier.map_or(Factor::ONE, |tier| tier.multiplier),
            TierMultiplied::No => Factor::ONE,
        }
    }

    /// The first day on which what a rule gives may be spent; `None` where that is at once.
    fn usable_from(&self, rule: &EarnRule) -> Option<chrono::NaiveDate> {
        let days = Days::new(u64::from(rule.pending_days));
        (rule.pending_days > 0).then(|| self.local.date() + days)
    }

    /// What a rule hands out that counts so many times.
    fn issues(&self, rule: &EarnRule, times: i64) -> impl Iterator<Item = Issue> {
        rule.grants.issues(&rule.id, times, self.history.purchases(), self.local.date())
    }

    /// Whether a rule may give points, and what that uses up. A rule that gave some at the sale
    /// may still do so when a return looks at what is left of it.
    pub(super) fn may_use(&self, rule: &EarnRule) -> Result<Vec<Counted>, Reason> {
        let History::Account(account) = self.history else {
            return Ok(self.history.uses_of(&rule.id));
        };
        let today = self.local.date();
        if let Some(reason) = self.refuse(&rule.conditions) {
            return Err(reason);
        }
        let uses = rule.may_be_used_by(account, self.person, today)?;
        let refused = match (&rule.kind, self.referral) {
            (EarnKind::Referral(terms), Some(referral)) => referral.refuse(rule, terms, today),
            _ => None,
        };
        refused.map_or(Ok(uses), Err)
    }

    /// Why conditions do not hold, whatever is bought.
    pub(super) fn refuse(&self, conditions: &Conditions) -> Option<Reason> {
        if conditions.stores.as_ref().is_some_and(|stores| !stores.contains(self.store)) {
            return Some(Reason::OtherStore);
        }
        let tier_id = self.tier.map(|tier| &tier.id);
        let of_person = || conditions.audience.refuse(tier_id, self.person, self.local.date());
        conditions.window.refuse(self.local).or_else(of_person)
    }
}

/// The lines that a rule counts.
struct Eligible<'l, 'a> {
    lines: Vec<&'l AccrualLine<'a>>,
    net: Amount,
    quantity: Quantity,
}

impl<'l, 'a> Eligible<'l, 'a> {
    fn of(rule: &'l EarnRule, lines: &'l [AccrualLine<'a>]) -> Result<Self, Reason> {
        let minimum = &rule.conditions.minimum;
        let all = lines.iter().filter(|line| line.quantity.is_positive());
        let lines: Vec<&AccrualLine<'_>> = covered(rule, lines).collect();
        if lines.is_empty() {
            return Err(Reason::NoEligibleLine);
        }
        let net: Amount = lines.iter().map(|line| line.net).sum();
        let quantity: Quantity = lines.iter().map(|line| line.quantity).sum();
        let (sum, count) = match minimum.of {
            MinimumOf::Eligible => (net, quantity),
            MinimumOf::Basket => {
                (all.clone().map(|line| line.net).sum(), all.map(|line| line.quantity).sum())
            }
        };
        if let Some(least) = minimum.amount.filter(|least| sum < *least) {
            return Err(Reason::BelowMinimumAmount { missing: least - sum });
        }
        if let Some(least) = minimum.quantity.filter(|least| count < *least) {
            return Err(Reason::BelowMinimumQuantity { missing: least - count });
        }
        Ok(Self { lines, net, quantity })
    }
}

/// The lines that a rule is for, of which something is left.
pub(super) fn covered<'l, 'a>(
    rule: &'l EarnRule,
    lines: &'l [AccrualLine<'a>],
) -> impl Iterator<Item = &'l AccrualLine<'a>> {
    let (scope, minimum) = (&rule.conditions.scope, &rule.conditions.minimum);
    lines
        .iter()
        .filter(|line| line.quantity.is_positive() && !line.line.has(LineFlag::NoPoints))
        .filter(|line| scope.covers(line.line))
        .filter(|line| minimum.unit_price.is_none_or(|price| line.line.unit_price >= price))
}

/// The sum that earns; tax is taken out of it or added to it per rate, rounded once each.
pub(super) fn earning_base(lines: &[&AccrualLine<'_>], earns: TaxBase, mode: TaxMode) -> Amount {
    let as_priced = lines.iter().map(|line| line.base);
    let corrected: fn(Percent, Amount) -> Amount = match (earns, mode) {
        (TaxBase::Gross, TaxMode::Included) | (TaxBase::Net, TaxMode::Added) => {
            return as_priced.sum();
        }
        (TaxBase::Net, TaxMode::Included) => tax::without,
        (TaxBase::Gross, TaxMode::Added) => |rate, sum| sum + tax::on_top(rate, sum),
    };
    let mut by_rate: BTreeMap<Percent, Amount> = BTreeMap::new();
    for (line, base) in lines.iter().zip(as_priced) {
        *by_rate.entry(line.line.tax_rate).or_default() += base;
    }
    by_rate.into_iter().map(|(rate, sum)| corrected(rate, sum)).sum()
}

/// Multiplies first and rounds once.
pub(super) fn per_amount(
    base: Amount,
    points: Points,
    amount: Amount,
    style: StepStyle,
    factor: Factor,
    rounding: Rounding,
) -> Points {
    match style {
        StepStyle::FullSteps => multiplied(points, base.value() / amount.value(), factor, rounding),
        StepStyle::Proportional => {
            let points_thousandfold =
                points.value().saturating_mul(i64::from(factor.thousandths()));
            let per_thousand = amount.value().saturating_mul(1_000);
            let earned = mul_div(base.value(), points_thousandfold, per_thousand, rounding);
            Points::new(earned.unwrap_or(i64::MAX)).min(POINTS_PER_RECEIPT_MAX)
        }
    }
}

/// Multiplies first and rounds once.
fn share_of(base: Amount, percent: Percent, factor: Factor, rounding: Rounding) -> Amount {
    let thousandths = i64::from(percent.thousandths()) * i64::from(factor.thousandths());
    let whole = i64::from(Percent::WHOLE.thousandths()) * 1_000;
    let earned = mul_div(base.value(), thousandths, whole, rounding);
    Amount::new(earned.unwrap_or(AMOUNT_MINOR_MAX).min(AMOUNT_MINOR_MAX))
}

fn multiplied(points: Points, times: i64, factor: Factor, rounding: Rounding) -> Points {
    let thousandfold = points.value().saturating_mul(i64::from(factor.thousandths()));
    let earned = mul_div(times, thousandfold, 1_000, rounding);
    Points::new(earned.unwrap_or(i64::MAX)).min(POINTS_PER_RECEIPT_MAX)
}

/// The most that one receipt earns: a bound that no honest programme meets and that keeps a
/// hostile one from overflowing a balance or a journal's totals.
pub const POINTS_PER_RECEIPT_MAX: Points = Points::new(1_000_000_000_000);
