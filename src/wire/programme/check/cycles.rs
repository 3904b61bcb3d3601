//! Points that beget themselves: what they buy earns as many again, so that nobody pays any more.
//!
//! Told is only what is certain: one earning rule alone gives back all that was spent, without a
//! limit that would end it. Rules that do so only together, and what depends on the price of
//! goods, are the author's own business.

use super::super::fault::FaultCode;
use super::super::file::RewardTable;
use super::super::place::Place;
use super::Check;
use crate::loyalty::{
    AccrualMoment, CatalogueReward, EarnKind, EarnRule, Gift, Level, LevelWorth, MilestoneMeasure,
    MilestoneRepeat, PointsWorth, Programme, Scope, TierMultiplied,
};
use crate::money::{Amount, Factor, Points, Rounding, mul_div};

impl Check<'_, '_> {
    /// Tells every way of spending points that one rule gives back in full.
    pub(super) fn cycles(&mut self, programme: &Programme, rewards: &[(usize, RewardTable)]) {
        let endless = || programme.earn.iter().filter(|rule| rule.limits.is_empty());
        if programme.accrual.base.redemption == AccrualMoment::Before {
            for (key, points, worth) in ways_to_spend(programme) {
                let gives_back = |rule: &&EarnRule| {
                    earned_on(programme, rule, worth).is_some_and(|earned| earned >= points)
                };
                if let Some(rule) = endless().find(gives_back) {
                    let at = Place::Root.key("redemption");
                    self.pays_for_itself(&at.key(key), points, rule);
                }
            }
        }
        for (index, table) in rewards {
            let of_table =
                |reward: &&CatalogueReward| Some(reward.id.as_str()) == table.id.as_deref();
            let Some(reward) = programme.rewards.iter().find(of_table) else { continue };
            let gives_back = |rule: &&EarnRule| {
                let earned = earned_with(programme, rule, reward);
                earned.is_some_and(|earned| earned >= reward.points)
            };
            if let Some(rule) = endless().find(gives_back) {
                let list = Place::Root.key("rewards");
                self.pays_for_itself(&list.index(*index).key("points"), reward.points, rule);
            }
        }
    }

    fn pays_for_itself(&mut self, at: &Place<'_>, points: Points, rule: &EarnRule) {
        let reason = format!(
            "a cycle: what {points} points buy earns them back by the rule `{}`; raise what it \
             costs, or give the rule limits or a minimum",
            rule.id
        );
        self.faults.add(at, FaultCode::PaysForItself, reason);
    }
}

/// Each way to spend points as money that does not depend on the basket: its key, the points, and
/// what they are worth.
fn ways_to_spend(programme: &Programme) -> Vec<(&'static str, Points, Amount)> {
    match programme.redemption.as_ref().map(|policy| &policy.worth) {
        Some(PointsWorth::Steps { step, value }) => vec![("step", *step, *value)],
        Some(PointsWorth::Levels(ladder)) => {
            let worth = |level: &Level| match level.worth {
                LevelWorth::Amount(amount) => Some(("levels", level.points, amount)),
                LevelWorth::Percent(_) => None,
            };
            ladder.levels.iter().filter_map(worth).collect()
        }
        None => Vec::new(),
    }
}

/// What a rule gives for an amount that was paid with points.
fn earned_on(programme: &Programme, rule: &EarnRule, worth: Amount) -> Option<Points> {
    match rule.kind {
        EarnKind::PerAmount { points, amount, .. } => {
            let (worth, amount) = (worth.value(), amount.value());
            let plain = mul_div(points.value(), worth, amount, Rounding::Floor)?;
            multiplied(programme, rule, Points::new(plain))
        }
        _ => None,
    }
}

/// What a rule gives each time that a reward is taken and nothing is paid.
fn earned_with(programme: &Programme, rule: &EarnRule, reward: &CatalogueReward) -> Option<Points> {
    if reward.gift != (Gift::Item { price: Amount::ZERO }) {
        return None;
    }
    let conditions = &rule.conditions;
    let counts = covers(&conditions.scope, &reward.conditions.scope)
        && conditions.minimum.is_nothing()
        && reward.conditions.minimum.is_nothing();
    let points = match rule.kind {
        _ if !counts => return None,
        EarnKind::PerVisit { points } | EarnKind::PerItem { points } => points,
        EarnKind::Milestone {
            points,
            measure: MilestoneMeasure::Visits | MilestoneMeasure::Items,
            at,
            repeat: MilestoneRepeat::Every,
        } => Points::new(points.value() / at.max(1)),
        _ => return None,
    };
    multiplied(programme, rule, points)
}

/// Whether a rule surely counts every product of a reward.
fn covers(rule: &Scope, reward: &Scope) -> bool {
    let listed = !reward.skus.is_empty()
        && reward.categories.is_empty()
        && reward.skus.is_subset(&rule.skus)
        && reward.skus.is_disjoint(&rule.excluded_skus)
        && rule.excluded_categories.is_empty();
    rule.is_everything() || rule == reward || listed
}

/// Points at the highest multiplier that the rule may have.
fn multiplied(programme: &Programme, rule: &EarnRule, points: Points) -> Option<Points> {
    let most = match rule.tier_multiplied {
        TierMultiplied::Yes => programme.highest_multiplier(),
        TierMultiplied::No => Factor::ONE,
    };
    let (by, whole) = (most.thousandths(), Factor::ONE.thousandths());
    mul_div(points.value(), i64::from(by), i64::from(whole), Rounding::Floor).map(Points::new)
}
