//! Rules that surely count on the same receipts, and what they give there together.

use std::collections::BTreeSet;

use super::ratio::Ratio;
use super::{covers, each_time, is_endless};
use crate::loyalty::{
    Audience, Conditions, EarnKind, EarnRule, Programme, RuleId, TierMultiplied, Window,
};
use crate::money::{Amount, Factor, Percent, Points};

/// A rule that nothing ends, and all those that are for the same members, at the same times and in
/// the same shops whenever it is.
pub(crate) struct Together<'p> {
    first: &'p EarnRule,
    rules: Vec<Member<'p>>,
    /// The highest multiplier of a tier that they are for.
    multiplier: Factor,
}

/// One of them.
#[derive(Clone, Copy)]
struct Member<'p> {
    rule: &'p EarnRule,
    /// Whether it gives by amount, and counts whatever goods the first one does.
    counts_goods_of_first: bool,
}

/// What was had without money, as rules look at it.
#[derive(Clone, Copy)]
pub(crate) struct Had<'p> {
    /// What it would have cost, where rules count that by amount.
    pub(crate) worth: Option<Amount>,
    /// The receipt, where nothing at all was paid on it.
    pub(crate) receipt: Option<Receipt<'p>>,
    /// Whether rules round what they give each time.
    pub(crate) rounded: Rounded,
}

/// A receipt on which nothing was paid.
#[derive(Clone, Copy)]
pub(crate) enum Receipt<'p> {
    /// Of any goods.
    Any,
    /// Of goods that these rules count.
    CountedBy(&'p BTreeSet<&'p RuleId>),
}

/// Whether rules round what they give.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rounded {
    /// Each time.
    EachTime,
    /// Not where enough is bought at once.
    Never,
}

/// Rules that give all points back that something cost.
pub(crate) struct Closed<'p> {
    /// Those that give the most of it, no more of them than it takes.
    pub(crate) rules: Vec<&'p EarnRule>,
    /// What they give together.
    pub(crate) earned: Points,
}

impl<'p> Together<'p> {
    /// Each rule that nothing ends with those that count whenever it does.
    pub(crate) fn all(programme: &'p Programme) -> Vec<Self> {
        let endless = || programme.earn.iter().filter(|rule| is_endless(rule));
        let with = |first: &'p EarnRule| {
            let holds = |rule: &&EarnRule| {
                rule.id == first.id || holds_whenever(&rule.conditions, &first.conditions)
            };
            let member = |rule| {
                let counts_goods_of_first = is_by_amount(rule) && counts_goods_of(rule, first);
                Member { rule, counts_goods_of_first }
            };
            Self {
                first,
                rules: endless().filter(holds).map(member).collect(),
                multiplier: highest_multiplier(programme, &first.conditions.audience),
            }
        };
        endless().map(with).collect()
    }

    /// The rule that all others count with.
    pub(crate) fn first(&self) -> &'p EarnRule {
        self.first
    }

    /// They with something that is for some members, times and shops only; `None` where it is not
    /// certain that it ever meets them.
    pub(crate) fn meeting(&self, programme: &Programme, conditions: &Conditions) -> Option<Self> {
        let of_first = &self.first.conditions;
        let multiplier = if holds_whenever(conditions, of_first) {
            self.multiplier
        } else if holds_whenever(of_first, conditions) {
            highest_multiplier(programme, &conditions.audience)
        } else {
            return None;
        };
        Some(Self { first: self.first, rules: self.rules.clone(), multiplier })
    }

    pub(crate) fn rules(&self) -> impl Iterator<Item = &'p EarnRule> {
        self.rules.iter().map(|member| member.rule)
    }

    /// The points that they give for what was had.
    pub(crate) fn earned(&self, had: Had<'_>) -> Points {
        let gains = self.rules.iter().filter_map(|member| self.gain(member, had));
        let sum = gains.fold(Ratio::NOTHING, |sum, gain| sum.plus(gain).unwrap_or(sum));
        Points::new(sum.floor())
    }

    /// Which of them give back what it cost, if they do.
    pub(crate) fn give_back(&self, cost: Points, had: Had<'_>) -> Option<Closed<'p>> {
        let gain = |member: &Member<'p>| Some((member.rule, self.gain(member, had)?));
        let mut gains: Vec<(&EarnRule, Ratio)> = self.rules.iter().filter_map(gain).collect();
        gains.sort_by_key(|(_, gain)| std::cmp::Reverse(gain.floor()));
        let (mut rules, mut sum) = (Vec::new(), Ratio::NOTHING);
        for (rule, gain) in gains {
            sum = sum.plus(gain)?;
            rules.push(rule);
            let earned = Points::new(sum.floor());
            if earned >= cost {
                return Some(Closed { rules, earned });
            }
        }
        None
    }

    /// The share of a purchase that each rule gives back in points, so many of which pay so much, or
    /// in cashback.
    pub(crate) fn shares(
        &self,
        worth: Option<(Points, Amount)>,
    ) -> impl Iterator<Item = (&'p EarnRule, Ratio)> {
        let members = self.rules.iter().filter(|member| member.counts_goods_of_first);
        members.filter_map(move |Member { rule, .. }| {
            let multiplier = self.multiplier_of(rule);
            let share = match rule.kind {
                EarnKind::Cashback { percent } => {
                    let whole = Percent::WHOLE.thousandths().into();
                    Ratio::of(&[percent.thousandths().into(), multiplier], &[whole, WHOLE])
                }
                EarnKind::PerAmount { points, amount, .. } => {
                    let (step, pays) = worth?;
                    let over = [points.value(), pays.value(), multiplier];
                    Ratio::of(&over, &[amount.value(), step.value(), WHOLE])
                }
                _ => None,
            };
            Some((*rule, share?))
        })
    }

    fn gain(&self, member: &Member<'_>, had: Had<'_>) -> Option<Ratio> {
        let rule = member.rule;
        let Conditions { scope, minimum, audience, .. } = &rule.conditions;
        let counts = match had.receipt {
            None => member.counts_goods_of_first,
            // By balance it may end by itself.
            Some(Receipt::Any) => {
                scope.is_everything() && minimum.is_nothing() && audience.points.is_none()
            }
            Some(Receipt::CountedBy(rules)) => rules.contains(&rule.id),
        };
        if !counts {
            return None;
        }
        let multiplier = self.multiplier_of(rule);
        let gain = match rule.kind {
            EarnKind::PerAmount { points, amount, .. } => {
                let over = [points.value(), had.worth?.value(), multiplier];
                Ratio::of(&over, &[amount.value(), WHOLE])?
            }
            EarnKind::PerVisit { points }
            | EarnKind::PerItem { points }
            | EarnKind::Milestone { points, .. } => {
                Ratio::of(&[each_time(&rule.kind, points.value())?, multiplier], &[WHOLE])?
            }
            _ => return None,
        };
        Some(if had.rounded == Rounded::EachTime { gain.floored() } else { gain })
    }

    fn multiplier_of(&self, rule: &EarnRule) -> i64 {
        match rule.tier_multiplied {
            TierMultiplied::Yes => self.multiplier.thousandths().into(),
            TierMultiplied::No => WHOLE,
        }
    }
}

/// Thousandths of a multiplier that multiplies nothing.
const WHOLE: i64 = 1_000;

/// Whether conditions hold for somebody, sometime and somewhere whenever others do.
pub(crate) fn holds_whenever(these: &Conditions, others: &Conditions) -> bool {
    let (audience, of_others) = (&these.audience, &others.audience);
    let Audience { tiers, flags, excluded_flags, account_kinds, roles, points, birthday, .. } =
        audience;
    within(tiers.as_ref(), of_others.tiers.as_ref())
        && within(flags.as_ref(), of_others.flags.as_ref())
        && within(account_kinds.as_ref(), of_others.account_kinds.as_ref())
        && within(roles.as_ref(), of_others.roles.as_ref())
        && excluded_flags.is_subset(&of_others.excluded_flags)
        && (points.is_none() || *points == of_others.points)
        && (birthday.is_none() || *birthday == of_others.birthday)
        && (these.window == Window::default() || these.window == others.window)
        && within(these.stores.as_ref(), others.stores.as_ref())
}

/// Whether all of one set, which is everything where there is none, are in another.
fn within<T: Ord>(wide: Option<&BTreeSet<T>>, narrow: Option<&BTreeSet<T>>) -> bool {
    wide.is_none_or(|wide| narrow.is_some_and(|narrow| narrow.is_subset(wide)))
}

/// Whether a rule gives by what goods cost.
fn is_by_amount(rule: &EarnRule) -> bool {
    matches!(rule.kind, EarnKind::PerAmount { .. } | EarnKind::Cashback { .. })
}

/// Whether a rule counts whatever goods another does.
fn counts_goods_of(rule: &EarnRule, other: &EarnRule) -> bool {
    let (own, others) = (&rule.conditions, &other.conditions);
    rule.id == other.id
        || (covers(&own.scope, &others.scope)
            && (own.minimum.is_nothing() || own.minimum == others.minimum))
}

/// The highest multiplier of the tiers that are meant.
fn highest_multiplier(programme: &Programme, audience: &Audience) -> Factor {
    let Some(tiers) = &audience.tiers else { return programme.highest_multiplier() };
    let multipliers = tiers.iter().filter_map(|id| programme.tier(id));
    multipliers.map(|tier| tier.multiplier).max().unwrap_or(Factor::ONE)
}
