//! Points for what was paid: the same function for a sale and for what a return leaves of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;

use crate::loyalty::basket::{Line, LineFlag};
use crate::loyalty::decision::{EarnedBy, Reason, Refusal, Subject};
use crate::loyalty::ids::{FlagId, StoreId};
use crate::loyalty::programme::{
    AccrualMoment, AccrualPolicy, EarnKind, EarnRule, Programme, StepStyle, TaxBase, Tier,
    TierMultiplied,
};
use crate::money::{Amount, Factor, Percent, Points, Quantity, Rounding, mul_div, share_until};

/// A line as it earns.
#[derive(Clone, Debug)]
pub(crate) struct AccrualLine<'a> {
    line: &'a Line,
    quantity: Quantity,
    /// What earns, before tax is looked at.
    base: Amount,
    /// What was paid; minimums are measured on it.
    net: Amount,
}

/// Under what circumstances the sale was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EarnCircumstances<'a> {
    pub(crate) local: NaiveDateTime,
    pub(crate) store: &'a StoreId,
    pub(crate) tier: Option<&'a Tier>,
    /// `None` without a member.
    pub(crate) flags: Option<&'a BTreeSet<FlagId>>,
}

/// What the rules gave, and why the others did not.
pub(crate) struct Earning {
    pub(crate) by_rule: Vec<EarnedBy>,
    pub(crate) refused: Vec<Refusal>,
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

/// Applies every earning rule.
pub(crate) fn earn(
    programme: &Programme,
    lines: &[AccrualLine<'_>],
    circumstances: &EarnCircumstances<'_>,
) -> Earning {
    let mut earning = Earning { by_rule: Vec::new(), refused: Vec::new() };
    for rule in &programme.earn {
        match points_of(programme, rule, lines, circumstances) {
            Ok(points) if points.is_positive() => {
                earning.by_rule.push(EarnedBy { rule: rule.id.clone(), points });
            }
            Ok(_) => {}
            Err(reason) => {
                let subject = Subject::Rule(rule.id.clone());
                earning.refused.push(Refusal { subject, reason });
            }
        }
    }
    earning
}

fn points_of(
    programme: &Programme,
    rule: &EarnRule,
    lines: &[AccrualLine<'_>],
    circumstances: &EarnCircumstances<'_>,
) -> Result<Points, Reason> {
    let conditions = &rule.conditions;
    if conditions.stores.as_ref().is_some_and(|stores| !stores.contains(circumstances.store)) {
        return Err(Reason::OtherStore);
    }
    if let Some(reason) = conditions.window.refuse(circumstances.local) {
        return Err(reason);
    }
    let tier_id = circumstances.tier.map(|tier| &tier.id);
    if let Some(reason) = conditions.audience.refuse(tier_id, circumstances.flags) {
        return Err(reason);
    }
    let eligible: Vec<&AccrualLine<'_>> = lines
        .iter()
        .filter(|line| line.quantity.is_positive() && !line.line.has(LineFlag::NoPoints))
        .filter(|line| conditions.scope.covers(line.line))
        .filter(|line| conditions.minimum.unit_price.is_none_or(|p| line.line.unit_price >= p))
        .collect();
    if eligible.is_empty() {
        return Err(Reason::NoEligibleLine);
    }
    let net: Amount = eligible.iter().map(|line| line.net).sum();
    if let Some(least) = conditions.minimum.amount.filter(|least| net < *least) {
        return Err(Reason::BelowMinimumAmount { missing: least - net });
    }
    let quantity: Quantity = eligible.iter().map(|line| line.quantity).sum();
    if let Some(least) = conditions.minimum.quantity.filter(|least| quantity < *least) {
        return Err(Reason::BelowMinimumQuantity { missing: least - quantity });
    }
    let factor = match rule.tier_multiplied {
        TierMultiplied::Yes => circumstances.tier.map_or(Factor::ONE, |tier| tier.multiplier),
        TierMultiplied::No => Factor::ONE,
    };
    let policy = programme.accrual;
    Ok(match rule.kind {
        EarnKind::PerAmount { points, amount, style } => {
            let base = earning_base(&eligible, policy.tax);
            per_amount(base, points, amount, style, factor, policy.rounding)
        }
        EarnKind::PerVisit { points } => multiplied(points, 1, factor, policy.rounding),
        EarnKind::PerItem { points } => {
            multiplied(points, quantity.whole_units(), factor, policy.rounding)
        }
    })
}

/// The sum that earns; tax is taken out per rate, rounded once each.
fn earning_base(lines: &[&AccrualLine<'_>], tax: TaxBase) -> Amount {
    match tax {
        TaxBase::Gross => lines.iter().map(|line| line.base).sum(),
        TaxBase::Net => {
            let mut by_rate: BTreeMap<Percent, Amount> = BTreeMap::new();
            for line in lines {
                *by_rate.entry(line.line.tax_rate).or_default() += line.base;
            }
            let whole = i64::from(Percent::WHOLE.thousandths());
            let without_tax = |(rate, sum): (&Percent, &Amount)| {
                let with_tax = whole + i64::from(rate.thousandths());
                mul_div(sum.value(), whole, with_tax, Rounding::HalfUp)
                    .expect("a sum without its tax is no larger than the sum")
            };
            Amount::new(by_rate.iter().map(without_tax).sum())
        }
    }
}

/// Multiplies first and rounds once.
fn per_amount(
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

fn multiplied(points: Points, times: i64, factor: Factor, rounding: Rounding) -> Points {
    let thousandfold = points.value().saturating_mul(i64::from(factor.thousandths()));
    let earned = mul_div(times, thousandfold, 1_000, rounding);
    Points::new(earned.unwrap_or(i64::MAX)).min(POINTS_PER_RECEIPT_MAX)
}

/// The most that one receipt earns: a bound that no honest programme meets and that keeps a
/// hostile one from overflowing a balance or a journal's totals.
pub const POINTS_PER_RECEIPT_MAX: Points = Points::new(1_000_000_000_000);
