//! Receipts that beget themselves: nothing is paid on one, and it still earns what pays for the
//! next one.
//!
//! Told is only what is certain whatever goods cost. One rule alone counts a receipt on which
//! nothing was paid, again and again, and gives for each what pays for the next one: a voucher that
//! takes everything off, or points or a voucher worth [`PURCHASE_UNITS`] of the currency, for which
//! every shop sells something. What is worth less may be an honest thank-you for each visit. A rule that is drawn,
//! with limits or a budget, with a minimum, around birthdays or by balance ends by itself.

use super::super::file::EarnTable;
use super::super::place::Place;
use super::Check;
use super::cycles::{covers, each_time, earned_each_time, is_endless};
use crate::loyalty::{
    AccrualMoment, EarnKind, EarnRule, LevelWorth, MilestoneMeasure, MilestoneRepeat, PointsWorth,
    Programme, VoucherType, VoucherValue,
};
use crate::money::{Amount, Percent, Points};

/// Whole units of the currency for which every shop sells something, whichever currency it is.
const PURCHASE_UNITS: i64 = 100;

impl Check<'_, '_> {
    /// Tells every rule that makes receipts free for ever by what it gives for a free one.
    pub(super) fn free_receipts(&mut self, programme: &Programme, tables: &[(usize, EarnTable)]) {
        for rule in programme.earn.iter().filter(|rule| pays_on_every_receipt(rule)) {
            if let Some((key, points)) = points_for_the_next(programme, rule) {
                self.pays_for_itself(&Place::Root.key("redemption").key(key), points, rule);
            }
            let Some(kind) = voucher_for_the_next(programme, rule) else { continue };
            let of_rule =
                |table: &&(usize, EarnTable)| table.1.id.as_deref() == Some(rule.id.as_str());
            if let Some((index, _)) = tables.iter().find(of_rule) {
                let list = Place::Root.key("earn");
                self.voucher_pays_for_itself(&list.index(*index).key("voucher"), kind, rule);
            }
        }
    }
}

/// Whether nothing but a scope keeps a rule from counting receipts that cost nothing.
fn pays_on_every_receipt(rule: &EarnRule) -> bool {
    let (audience, minimum) = (&rule.conditions.audience, &rule.conditions.minimum);
    is_endless(rule) && minimum.amount.is_none() && audience.points.is_none()
}

/// How points are spent and how many, where those of one free receipt pay for the next one.
fn points_for_the_next(programme: &Programme, rule: &EarnRule) -> Option<(&'static str, Points)> {
    let policy = programme.redemption.as_ref()?;
    // What single goods cost is not known, nor how many units a smallest purchase has.
    if policy.share_max < Percent::WHOLE
        || !rule.conditions.scope.is_everything()
        || !rule.conditions.minimum.is_nothing()
    {
        return None;
    }
    let spent = policy.spendable(earned_each_time(programme, rule)?);
    let (key, worth) = match &policy.worth {
        PointsWorth::Steps { .. } => ("step", policy.value_of(spent)),
        PointsWorth::Levels(ladder) => match ladder.at_or_below(spent)?.worth {
            LevelWorth::Amount(amount) => ("levels", amount),
            LevelWorth::Percent(_) => return None,
        },
    };
    (spent.is_positive() && worth >= purchase(programme)).then_some((key, spent))
}

/// The voucher of a rule, where the one of a free receipt pays for the next one.
fn voucher_for_the_next<'p>(programme: &'p Programme, rule: &EarnRule) -> Option<&'p VoucherType> {
    let bounds = &programme.discounts;
    if bounds.receipt_percent_max.is_some() || bounds.line_percent_max.is_some() {
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
