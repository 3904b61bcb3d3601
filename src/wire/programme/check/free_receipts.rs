//! Receipts that beget themselves: nothing is paid on one, and it still earns what pays for the
//! next one.
//!
//! Told is only what is certain whatever goods cost. Rules count a receipt on which nothing was
//! paid, again and again, and give for each, one alone or several in sum, what pays for the next
//! one: a voucher that takes everything off, or points and vouchers worth [`PURCHASE_UNITS`] of the
//! currency, for which every shop sells something. What is worth less may be an honest thank-you for
//! each visit. A rule that is drawn, with limits or a budget, with a minimum, around birthdays or by
//! balance ends by itself.

use super::super::file::EarnTable;
use super::super::place::Place;
use super::Check;
use super::cycles::{
    Closed, Had, Receipt, Rounded, Together, covers, each_time, holds_whenever, is_endless,
    place_of,
};
use crate::loyalty::{
    AccrualMoment, EarnKind, EarnRule, LevelWorth, MilestoneMeasure, MilestoneRepeat, PointsWorth,
    Programme, VoucherType, VoucherValue,
};
use crate::money::{Amount, Percent, Points};

/// Whole units of the currency for which every shop sells something, whichever currency it is.
const PURCHASE_UNITS: i64 = 100;

/// How often it is tried what points earn on what they pay: by then they pay for a purchase, or
/// what more they earn is hardly anything.
const TRIALS_MAX: u32 = 64;

impl Check<'_, '_> {
    /// Tells rules that make receipts free for ever by what they give for a free one.
    pub(super) fn free_receipts(
        &mut self,
        programme: &Programme,
        tables: &[(usize, EarnTable)],
        together: &[Together<'_>],
    ) {
        let points = together.iter().find_map(|rules| points_for_the_next(programme, rules));
        if let Some((key, points, closed)) = &points {
            let at = Place::Root.key("redemption");
            let bought = (*points, "a receipt that they pay for");
            self.pays_for_itself(programme, &at.key(key), bought, closed);
        }
        let mut by_voucher = false;
        for rule in programme.earn.iter().filter(|rule| pays_on_every_receipt(rule)) {
            let Some(kind) = voucher_for_the_next(programme, rule) else { continue };
            by_voucher = true;
            if let Some(index) = place_of(tables, rule) {
                let list = Place::Root.key("earn");
                let what = format!("a voucher `{}`", kind.id);
                let at = list.index(index);
                self.receipt_pays_for_itself(&at.key("voucher"), &what, &[rule]);
            }
        }
        if points.is_some() || by_voucher {
            return;
        }
        let several = together.iter().find_map(|rules| vouchers_for_the_next(programme, rules));
        let Some((rules, worth)) = several else { return };
        let of_voucher = rules.iter().find(|rule| rule.grants.voucher.is_some());
        if let Some(index) = of_voucher.and_then(|rule| place_of(tables, rule)) {
            let worth = programme.currency.format(worth);
            let what = format!("vouchers and points worth {worth} in all");
            let list = Place::Root.key("earn");
            self.receipt_pays_for_itself(&list.index(index).key("voucher"), &what, &rules);
        }
    }
}

/// Whether nothing but a scope keeps a rule from counting receipts that cost nothing.
fn pays_on_every_receipt(rule: &EarnRule) -> bool {
    let (audience, minimum) = (&rule.conditions.audience, &rule.conditions.minimum);
    is_endless(rule) && minimum.amount.is_none() && audience.points.is_none()
}

/// How points are spent and how many, where those of one free receipt pay for the next one, and
/// which rules give them. What single goods cost is not known, nor how many units a smallest
/// purchase has.
fn points_for_the_next<'p>(
    programme: &Programme,
    rules: &Together<'p>,
) -> Option<(&'static str, Points, Closed<'p>)> {
    let policy = programme.redemption.as_ref()?;
    let percent = |ladder: &crate::loyalty::Ladder| {
        ladder.levels.iter().any(|level| matches!(level.worth, LevelWorth::Percent(_)))
    };
    let key = match &policy.worth {
        PointsWorth::Steps { .. } => "step",
        PointsWorth::Levels(ladder) if percent(ladder) => return None,
        PointsWorth::Levels(_) => "levels",
    };
    if policy.share_max < Percent::WHOLE {
        return None;
    }
    // What is earned beside what points pay is spent on the next one too.
    let counted = programme.accrual.base.redemption == AccrualMoment::Before;
    let had = |spent| Had {
        worth: counted.then(|| policy.value_of(spent)),
        receipt: Some(Receipt::Any),
        rounded: Rounded::EachTime,
    };
    let mut spent = Points::ZERO;
    for _ in 0..TRIALS_MAX {
        let more = policy.spendable(rules.earned(had(spent)));
        if more <= spent {
            return None;
        }
        spent = more;
        if policy.value_of(spent) >= purchase(programme) {
            return Some((key, spent, rules.give_back(spent, had(spent))?));
        }
    }
    None
}

/// Rules that give vouchers, and maybe points, on each free receipt which pay for the next one
/// together, and what those are worth.
fn vouchers_for_the_next<'p>(
    programme: &Programme,
    together: &Together<'p>,
) -> Option<(Vec<&'p EarnRule>, Amount)> {
    if discounts_are_bounded(programme) {
        return None;
    }
    let (mut rules, mut worth) = (Vec::new(), Amount::ZERO);
    for rule in together.rules().filter(|rule| gives_on_any_receipt(rule)) {
        if let Some(more) = voucher_on_anything(programme, together.first(), rule) {
            worth += more;
            rules.push(rule);
        }
    }
    if rules.is_empty() {
        return None;
    }
    let nothing = Had { worth: None, receipt: Some(Receipt::Any), rounded: Rounded::EachTime };
    let steps = programme.redemption.as_ref().filter(|policy| policy.step().is_some());
    if let Some(policy) = steps.filter(|policy| policy.share_max == Percent::WHOLE) {
        let points = policy.spendable(together.earned(nothing));
        if points.is_positive() {
            worth += policy.value_of(points);
            let given = together.give_back(points, nothing)?;
            let more = given.rules.into_iter().filter(|rule| !rules.contains(rule));
            let more: Vec<&EarnRule> = more.collect();
            rules.extend(more);
        }
    }
    (worth >= purchase(programme)).then_some((rules, worth))
}

/// Whether a rule counts each receipt, whatever goods are on it and though nothing is paid.
fn gives_on_any_receipt(rule: &EarnRule) -> bool {
    let conditions = &rule.conditions;
    pays_on_every_receipt(rule)
        && conditions.scope.is_everything()
        && conditions.minimum.is_nothing()
        && each_time(&rule.kind, 1) == Some(1)
}

/// What the voucher of a rule takes off any receipt of those whom another is for.
fn voucher_on_anything(programme: &Programme, first: &EarnRule, rule: &EarnRule) -> Option<Amount> {
    let (_, kind) = rule.grants.voucher.as_ref()?.types.last_key_value()?;
    let kind = programme.voucher_types.get(kind)?;
    let conditions = &kind.conditions;
    let anywhere = conditions.scope.is_everything()
        && conditions.minimum.is_nothing()
        && holds_whenever(conditions, &first.conditions);
    match kind.value {
        VoucherValue::Amount(amount) if anywhere => Some(kind.cap.unwrap_or(amount).min(amount)),
        VoucherValue::Amount(_) | VoucherValue::Percent(_) => None,
    }
}

/// Whether a voucher pays for a receipt whole, whatever goods cost.
pub(super) fn pays_whole(programme: &Programme, kind: &VoucherType) -> bool {
    let minimum = &kind.conditions.minimum;
    let worth = match kind.value {
        VoucherValue::Percent(percent) if percent < Percent::WHOLE => return false,
        VoucherValue::Percent(_) => kind.cap,
        VoucherValue::Amount(amount) => Some(amount.min(kind.cap.unwrap_or(amount))),
    };
    let needed = purchase(programme).max(minimum.amount.unwrap_or_default());
    let plain = (minimum.quantity, minimum.unit_price) == (None, None);
    !discounts_are_bounded(programme) && worth.is_none_or(|worth| plain && worth >= needed)
}

/// Whether no benefit takes everything off.
fn discounts_are_bounded(programme: &Programme) -> bool {
    let bounds = &programme.discounts;
    bounds.receipt_percent_max.is_some() || bounds.line_percent_max.is_some()
}

/// The voucher of a rule, where the one of a free receipt pays for the next one.
fn voucher_for_the_next<'p>(programme: &'p Programme, rule: &EarnRule) -> Option<&'p VoucherType> {
    if discounts_are_bounded(programme) {
        return None;
    }
    // From so many purchases on it is always the last kind.
    let (_, kind) = rule.grants.voucher.as_ref()?.types.last_key_value()?;
    let kind = programme.voucher_types.get(kind)?;
    let (conditions, minimum) = (&kind.conditions, &kind.conditions.minimum);
    let is_for_them = conditions.audience == rule.conditions.audience
        || conditions.audience == Default::default();
    if !is_for_them || !covers(&rule.conditions.scope, &conditions.scope) {
        return None;
    }
    let counts = match rule.kind {
        EarnKind::PerAmount { .. } => programme.accrual.base.discounts == AccrualMoment::Before,
        EarnKind::Milestone {
            measure: MilestoneMeasure::Items,
            repeat: MilestoneRepeat::Every,
            ..
        } => true,
        _ => each_time(&rule.kind, 1) == Some(1),
    };
    let worth = match kind.value {
        VoucherValue::Percent(percent) if percent < Percent::WHOLE => return None,
        VoucherValue::Percent(_) => kind.cap,
        VoucherValue::Amount(amount) => Some(amount.min(kind.cap.unwrap_or(amount))),
    };
    let is_enough = worth.is_none_or(|worth| {
        let needed = match rule.kind {
            EarnKind::PerAmount { amount, .. } => amount,
            _ => purchase(programme),
        };
        let plain = rule.conditions.scope.is_everything()
            && rule.conditions.minimum.is_nothing()
            && !matches!(rule.kind, EarnKind::Milestone { at, .. } if at > 1)
            && (minimum.quantity, minimum.unit_price) == (None, None);
        plain && worth >= needed.max(minimum.amount.unwrap_or_default())
    });
    (counts && is_enough).then_some(kind)
}

/// What every shop sells something for.
fn purchase(programme: &Programme) -> Amount {
    let minor = 10_i64.pow(u32::from(programme.currency.exponent()));
    Amount::new(PURCHASE_UNITS * minor)
}
