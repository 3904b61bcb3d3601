//! For how much more must be bought on the open basket to earn points that are still missing
//! (BR-14).
//!
//! An approximation: the goods to come are ordinary ones at their price, with no offer on them and
//! taxed like the line of the basket with the highest rate; they earn by the rules per amount that
//! count any goods, at the tier and under the conditions of this sale. Points by other rules come on
//! top, so that less may do.

use super::accrual::{AccrualLine, EarnCircumstances, covered, earning_base, per_amount};
use crate::loyalty::earn_rule::{EarnKind, EarnRule, StepStyle};
use crate::loyalty::programme::{AccrualPolicy, Programme, TaxBase};
use crate::loyalty::tax::{self, TaxMode};
use crate::loyalty::terms::MinimumOf;
use crate::money::{AMOUNT_MINOR_MAX, Amount, Factor, Percent, Points};

/// Which points count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counting {
    /// Those that may be spent at once: they are what a balance reaches.
    UsableAtOnce,
    /// All that are earned, pending ones included.
    AllEarned,
}

/// The least that brings so many points, with tax; `None` where no rule counts any goods, or where
/// nothing that a basket may come to brings them.
pub(super) fn amount_for(
    programme: &Programme,
    lines: &[AccrualLine<'_>],
    circumstances: &EarnCircumstances<'_>,
    (missing, counting): (Points, Counting),
) -> Option<Amount> {
    if !missing.is_positive() {
        return None;
    }
    let counts = |rule: &&EarnRule| match counting {
        Counting::UsableAtOnce => rule.pending_days == 0,
        Counting::AllEarned => true,
    };
    let rates = programme.earn.iter().filter(counts);
    let rates: Vec<OpenRate> = rates
        .filter_map(|rule| OpenRate::of(programme.accrual, rule, lines, circumstances))
        .collect();
    let brings =
        |amount| rates.iter().map(|rate| rate.points_of(amount)).sum::<Points>() >= missing;
    if !brings(Amount::new(AMOUNT_MINOR_MAX)) {
        return None;
    }
    // More never brings fewer points.
    let (mut short, mut enough) = (0, AMOUNT_MINOR_MAX);
    while short + 1 < enough {
        let middle = short + (enough - short) / 2;
        if brings(Amount::new(middle)) {
            enough = middle;
        } else {
            short = middle;
        }
    }
    Some(Amount::new(enough))
}

/// What a rule per amount gives for any goods that come to the basket.
#[derive(Clone, Copy, Debug)]
struct OpenRate {
    points: Points,
    amount: Amount,
    style: StepStyle,
    factor: Factor,
    policy: AccrualPolicy,
    mode: TaxMode,
    /// The tax rate that goods to come are taken to have.
    tax_rate: Percent,
    /// What the basket's own goods earn on.
    base: Amount,
    /// What the rule still asks for before it gives anything.
    short: Amount,
}

impl OpenRate {
    /// `None` where a rule does not count any goods, or not on this basket.
    fn of(
        policy: AccrualPolicy,
        rule: &EarnRule,
        lines: &[AccrualLine<'_>],
        circumstances: &EarnCircumstances<'_>,
    ) -> Option<Self> {
        let EarnKind::PerAmount { points, amount, style } = rule.kind else { return None };
        let (scope, minimum) = (&rule.conditions.scope, &rule.conditions.minimum);
        let any_goods = scope.includes_any() && minimum.unit_price.is_none();
        if !any_goods || circumstances.may_use(rule).is_err() {
            return None;
        }
        let eligible: Vec<&AccrualLine<'_>> = covered(rule, lines).collect();
        let counted: Vec<&AccrualLine<'_>> = match minimum.of {
            MinimumOf::Eligible => eligible.clone(),
            MinimumOf::Basket => lines.iter().collect(),
        };
        // How many goods are to come is not known.
        let quantity = counted.iter().map(|line| line.quantity()).sum();
        if minimum.quantity.is_some_and(|least| least > quantity) {
            return None;
        }
        let net: Amount = counted.iter().map(|line| line.net()).sum();
        Some(Self {
            points,
            amount,
            style,
            factor: circumstances.factor_of(rule),
            policy,
            mode: circumstances.tax,
            tax_rate: lines.iter().map(|line| line.tax_rate()).max().unwrap_or_default(),
            base: earning_base(&eligible, policy.tax, circumstances.tax),
            short: minimum.amount.map_or(Amount::ZERO, |least| (least - net).max(Amount::ZERO)),
        })
    }

    /// What so much more brings, all that the basket's own goods earn only with it included.
    fn points_of(&self, more: Amount) -> Points {
        let without_tax = tax::without(self.tax_rate, more);
        let priced = match self.mode {
            TaxMode::Included => more,
            TaxMode::Added => without_tax,
        };
        if priced < self.short {
            return Points::ZERO;
        }
        let earns = match self.policy.tax {
            TaxBase::Gross => more,
            TaxBase::Net => without_tax,
        };
        let of = |base| {
            let Self { points, amount, style, factor, policy, .. } = *self;
            per_amount(base, points, amount, style, factor, policy.rounding)
        };
        let before = if self.short.is_zero() { of(self.base) } else { Points::ZERO };
        of(self.base + earns) - before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loyalty::basket::Line;
    use crate::loyalty::decide::Evaluator;
    use crate::loyalty::decide::examples::*;
    use crate::loyalty::decision::{Choices, Decision, TierOutcome};
    use crate::loyalty::programme::{
        Ladder, Level, LevelWorth, Oversize, PointsWorth, TierMeasure,
    };
    use crate::money::Rounding;

    /// The club, whose tiers count points, with levels at 100 and 200 points.
    fn growing() -> Programme {
        let mut programme = club();
        let worth = |points| Level { points, worth: LevelWorth::Amount(Amount::new(1_000)) };
        if let Some(policy) = &mut programme.redemption {
            policy.worth = PointsWorth::Levels(Ladder {
                levels: [100, 200].map(|points| worth(Points::new(points))).to_vec(),
                rounding: Rounding::HalfUp,
                oversize: Oversize::NotOffered,
            });
        }
        if let Some(policy) = &mut programme.tiers {
            policy.measure = TierMeasure::PointsEarned;
            policy.steps = vec![tier("bronze", 0, 1_000), tier("silver", 50, 1_500)];
        }
        programme
    }

    fn decide(programme: &Programme, lines: Vec<Line>, balance: i64) -> Decision {
        let scene = Scene::member(balance);
        Evaluator::new(programme.clone()).decide(&basket(lines), &scene.occasion())
    }

    /// For how much more the next level is reached, and the next tier.
    fn ahead(decision: &Decision) -> (Option<i64>, Option<i64>) {
        let redeemable = decision.points.as_ref().and_then(|points| points.redeemable.as_ref());
        let level = match &redeemable.expect("there is a ladder").choices {
            Choices::Levels { amount_ahead, .. } => *amount_ahead,
            Choices::Steps { .. } => panic!("the programme has levels"),
        };
        let tier = decision.tier.as_ref().expect("there are tiers");
        let TierOutcome { amount_ahead, .. } = tier;
        (level.map(Amount::value), amount_ahead.map(Amount::value))
    }

    fn milk(price: i64) -> Vec<Line> {
        vec![line("1", "milk", 1, price)]
    }

    #[test]
    fn br_14_what_is_bought_for_so_much_more_reaches_the_level_and_a_cent_less_does_not() {
        let programme = growing();
        for (price, balance) in [(9_000, 0), (9_999, 0), (1, 57), (12_345, 88), (50_000, 3)] {
            let decision = decide(&programme, milk(price), balance);
            let (level, tier) = ahead(&decision);
            let reached = |more: i64| {
                let lines = [milk(price), vec![line("2", "tv", 1, more)]].concat();
                let points = decide(&programme, lines, balance).points.expect("a member");
                (points.after, points.earned)
            };
            let target = if decision.points.expect("a member").after < Points::new(100) {
                Points::new(100)
            } else {
                Points::new(200)
            };
            let more = level.expect("the base rule counts any goods");
            assert!(reached(more).0 >= target && reached(more - 1).0 < target, "{price} {more}");
            if let Some(more) = tier {
                let silver = Points::new(50);
                assert!(
                    reached(more).1 >= silver && reached(more - 1).1 < silver,
                    "{price} {more}"
                );
            }
        }
    }

    #[test]
    fn br_14_how_much_more_goes_by_the_rules_that_count_any_goods() {
        // 90.00 earn 9 points: 91 more to the level, 41 more to silver.
        let told = |programme: &Programme| ahead(&decide(programme, milk(9_000), 0));
        let changed = |change: &dyn Fn(&mut EarnRule)| {
            let mut programme = growing();
            change(&mut programme.earn[0]);
            told(&programme)
        };
        assert_eq!(told(&growing()), (Some(91_000), Some(41_000)));
        let of_milk = changed(&|rule| rule.conditions = on_skus(&["milk"]));
        assert_eq!(of_milk, (None, None), "only one product earns");
        let minimum = |rule: &mut EarnRule| {
            rule.conditions.minimum.amount = Some(Amount::new(200_000));
        };
        // The 90.00 earn nothing before 2,000.00 are reached.
        assert_eq!(changed(&minimum), (Some(191_000), Some(191_000)));
        let pieces = |rule: &mut EarnRule| {
            rule.conditions.minimum.quantity = Some(crate::money::Quantity::units(2));
        };
        assert_eq!(changed(&pieces), (None, None), "how many goods are to come is not known");
        let fewer = |rule: &mut EarnRule| {
            let (points, amount) = (Points::new(1), Amount::new(AMOUNT_MINOR_MAX));
            rule.kind = EarnKind::PerAmount { points, amount, style: StepStyle::FullSteps };
        };
        assert_eq!(changed(&fewer), (None, None), "nothing that can be bought brings so many");
        let waiting = changed(&|rule| rule.pending_days = 14);
        assert_eq!(waiting, (None, Some(41_000)), "a tier counts what no balance holds yet");
        let mut net = growing();
        net.accrual.tax = TaxBase::Net;
        // 90.00 with 21 % are 74.38: 7 points. 93 points need 1,000.00 - 74.38, with tax again.
        assert_eq!(told(&net).0, Some(112_000));
    }

    #[test]
    fn br_14_a_tier_counts_in_how_much_more_must_be_bought() {
        let mut programme = growing();
        if let Some(policy) = &mut programme.tiers {
            policy.steps[0].multiplier = Factor::from_thousandths(2_000);
        }
        let (level, _) = ahead(&decide(&programme, milk(9_000), 0));
        assert_eq!(level, Some(41_000), "82 points at two per 10.00");
    }
}
