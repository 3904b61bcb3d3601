//! Points that beget themselves: what they buy earns as many again, so that nobody pays any more.
//!
//! Told is only what is certain: one earning rule alone gives back all that was spent, without a
//! limit that would end it. Rules that do so only together, and what depends on the price of
//! goods, are the author's own business. Receipts that are free again and again, whatever pays for
//! them, are looked for in `free_receipts`.

use super::super::fault::FaultCode;
use super::super::place::Place;
use super::super::repair::FileParts;
use super::Check;
use crate::loyalty::{
    AccrualMoment, CatalogueReward, Conversion, EarnKind, EarnRule, Gift, Level, LevelWorth,
    MilestoneMeasure, MilestoneRepeat, PointsWorth, Programme, Scope, TierMultiplied, VoucherGrant,
    VoucherType, VoucherTypeId, VoucherValue,
};
use crate::money::{Amount, Factor, Points, Rounding, mul_div};

impl Check<'_, '_> {
    /// Tells every way of spending points that one rule gives back in full.
    pub(super) fn cycles(&mut self, programme: &Programme, parts: &FileParts) {
        let endless = || programme.earn.iter().filter(|rule| is_endless(rule));
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
        for (index, table) in &parts.rewards {
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
        if programme.accrual.base.discounts == AccrualMoment::Before {
            for (points, at, voucher) in vouchers_bought(programme, parts) {
                let gives_back = |rule: &&EarnRule| {
                    let worth = worth_of(programme, voucher);
                    let earned = worth.and_then(|worth| earned_on(programme, rule, worth));
                    earned.is_some_and(|earned| earned >= points)
                };
                if let Some(rule) = endless().find(gives_back) {
                    let list = Place::Root.key(at.0);
                    self.pays_for_itself(&list.index(at.1).key("points"), points, rule);
                }
            }
        }
    }

    pub(super) fn pays_for_itself(&mut self, at: &Place<'_>, points: Points, rule: &EarnRule) {
        let reason = format!(
            "a cycle: what {points} points buy earns them back by the rule `{}`; raise what it \
             costs, or give the rule limits or a minimum",
            rule.id
        );
        self.faults.add(at, FaultCode::PaysForItself, reason);
    }

    pub(super) fn voucher_pays_for_itself(
        &mut self,
        at: &Place<'_>,
        kind: &VoucherType,
        rule: &EarnRule,
    ) {
        let reason = format!(
            "a cycle: what a voucher `{}` pays for whole earns the next one by the rule `{}`; give \
             the rule limits or a minimum amount",
            kind.id, rule.id
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

/// Each voucher that points buy: what it costs, the list and the place of what sells it, and it.
fn vouchers_bought<'p>(
    programme: &'p Programme,
    parts: &FileParts,
) -> Vec<(Points, (&'static str, usize), &'p VoucherGrant)> {
    let mut bought = Vec::new();
    for (index, table) in &parts.rewards {
        let of_table = |reward: &&CatalogueReward| Some(reward.id.as_str()) == table.id.as_deref();
        let reward = programme.rewards.iter().find(of_table);
        if let Some((points, Gift::Voucher(grant))) = reward.map(|r| (r.points, &r.gift)) {
            bought.push((points, ("rewards", *index), grant));
        }
    }
    for (index, table) in &parts.conversions {
        let of_table = |known: &&Conversion| Some(known.id.as_str()) == table.id.as_deref();
        let conversion = programme.conversions.iter().find(of_table);
        let sold = conversion.map(|known| (known.points, ("conversions", *index), &known.voucher));
        bought.extend(sold);
    }
    bought
}

/// What a voucher takes off any basket at least; `None` where that depends on the basket.
fn worth_of(programme: &Programme, voucher: &VoucherGrant) -> Option<Amount> {
    let worth = |id: &VoucherTypeId| {
        let kind = programme.voucher_types.get(id)?;
        match kind.value {
            VoucherValue::Amount(amount) if kind.conditions.minimum.is_nothing() => {
                Some(kind.cap.map_or(amount, |cap| cap.min(amount)))
            }
            VoucherValue::Amount(_) | VoucherValue::Percent(_) => None,
        }
    };
    let worths: Option<Vec<Amount>> = voucher.types.values().map(worth).collect();
    worths?.into_iter().min()
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

/// Whether a rule gives again and again. Birthdays come once a year.
pub(super) fn is_endless(rule: &EarnRule) -> bool {
    rule.limits.is_empty()
        && rule.shared_limits.is_empty()
        && rule.chance.is_none()
        && rule.conditions.audience.birthday.is_none()
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
    earned_each_time(programme, rule).filter(|_| counts)
}

/// What a rule gives for each visit or unit, also where nothing is paid.
pub(super) fn earned_each_time(programme: &Programme, rule: &EarnRule) -> Option<Points> {
    let points = match rule.kind {
        EarnKind::PerVisit { points }
        | EarnKind::PerItem { points }
        | EarnKind::Milestone { points, .. } => points,
        _ => return None,
    };
    multiplied(programme, rule, Points::new(each_time(&rule.kind, points.value())?))
}

/// How much of what a rule gives falls to each visit or unit.
pub(super) fn each_time(kind: &EarnKind, given: i64) -> Option<i64> {
    match *kind {
        EarnKind::PerVisit { .. } | EarnKind::PerItem { .. } => Some(given),
        EarnKind::Milestone {
            measure:
                MilestoneMeasure::Visits | MilestoneMeasure::VisitDays | MilestoneMeasure::Items,
            at,
            repeat: MilestoneRepeat::Every,
            ..
        } => Some(given / at.max(1)),
        _ => None,
    }
}

/// Whether a rule surely counts every product of a reward.
pub(super) fn covers(rule: &Scope, reward: &Scope) -> bool {
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
