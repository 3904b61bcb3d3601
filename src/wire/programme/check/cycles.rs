//! Points that beget themselves: what they buy earns as many again, so that nobody pays any more.
//!
//! Told is only what is certain: rules that count on the same purchase (`together`) give back all
//! that was spent, one alone or several in sum, without a limit that would end it. Points may go
//! through a voucher: what buys it is earned again on the receipt that it pays for. What depends on
//! the price of goods is the author's own business. Receipts that are free again and again, whatever
//! pays for them, are looked for in `free_receipts`.

mod ratio;
mod together;

pub(super) use ratio::Ratio;
pub(super) use together::{Closed, Had, Receipt, Rounded, Together, holds_whenever};

use std::collections::BTreeSet;

use super::super::fault::FaultCode;
use super::super::file::EarnTable;
use super::super::place::Place;
use super::super::repair::FileParts;
use super::Check;
use super::free_receipts;
use crate::loyalty::{
    AccrualMoment, CatalogueReward, Conditions, Conversion, EarnKind, EarnRule, Gift, Level,
    LevelWorth, MilestoneMeasure, MilestoneRepeat, PointsWorth, Programme, Scope, VoucherGrant,
    VoucherTypeId, VoucherValue,
};
use crate::money::{Amount, Percent, Points};

/// What ends a cycle.
const REMEDY: &str = "raise what it costs, or give a rule limits or a minimum";

impl Check<'_, '_> {
    /// Tells every way of spending points that rules give back in full.
    pub(super) fn cycles(&mut self, programme: &Programme, parts: &FileParts) {
        let together = Together::all(programme);
        self.money_of_points(programme, &together);
        self.purchase_of_points_and_cashback(programme, &together, &parts.earn);
        self.rewards_of_points(programme, parts, &together);
        self.vouchers_of_points(programme, parts, &together);
        self.free_receipts(programme, &parts.earn, &together);
    }

    /// Points that pay on a purchase.
    fn money_of_points(&mut self, programme: &Programme, together: &[Together<'_>]) {
        if programme.accrual.base.redemption != AccrualMoment::Before {
            return;
        }
        for (key, points, worth) in ways_to_spend(programme) {
            // Of steps any number is spent at once, of levels one.
            let rounded = if key == "step" { Rounded::Never } else { Rounded::EachTime };
            let had = Had { worth: Some(worth), receipt: None, rounded };
            let closed = together.iter().find_map(|rules| rules.give_back(points, had));
            if let Some(closed) = closed {
                let pays = format!("{} to pay with", programme.currency.format(worth));
                let at = Place::Root.key("redemption");
                self.pays_for_itself(programme, &at.key(key), (points, &pays), &closed);
            }
        }
    }

    /// Points and cashback that pay a purchase together.
    fn purchase_of_points_and_cashback(
        &mut self,
        programme: &Programme,
        together: &[Together<'_>],
        tables: &[(usize, EarnTable)],
    ) {
        let Some(cashback) = &programme.cashback else { return };
        if programme.accrual.base.redemption != AccrualMoment::Before
            || cashback.redemption.share_max < Percent::WHOLE
        {
            return;
        }
        let policy = programme.redemption.as_ref();
        let policy = policy.filter(|policy| policy.share_max == Percent::WHOLE);
        let worth = policy.and_then(|policy| policy.step());
        let Some(rules) = together.iter().find_map(|rules| whole_purchase(rules, worth)) else {
            return;
        };
        let of_cashback = |rule: &&&EarnRule| matches!(rule.kind, EarnKind::Cashback { .. });
        let Some(first) = rules.iter().find(of_cashback) else { return };
        let Some(index) = place_of(tables, first) else { return };
        let reason = format!(
            "a cycle: a purchase paid with what was earned -> {} give back all of it; {REMEDY}",
            named(&rules)
        );
        let list = Place::Root.key("earn");
        self.faults.add(&list.index(index).key("percent"), FaultCode::PaysForItself, reason);
    }

    /// Rewards that points are paid for.
    fn rewards_of_points(
        &mut self,
        programme: &Programme,
        parts: &FileParts,
        together: &[Together<'_>],
    ) {
        for (index, table) in &parts.rewards {
            let of_table =
                |reward: &&CatalogueReward| Some(reward.id.as_str()) == table.id.as_deref();
            let Some(reward) = programme.rewards.iter().find(of_table) else { continue };
            let conditions = &reward.conditions;
            let is_free = reward.gift == (Gift::Item { price: Amount::ZERO });
            if !is_free || !conditions.minimum.is_nothing() {
                continue;
            }
            let counts = |rule: &&EarnRule| {
                covers(&rule.conditions.scope, &conditions.scope)
                    && rule.conditions.minimum.is_nothing()
            };
            let counting: BTreeSet<_> =
                programme.earn.iter().filter(counts).map(|rule| &rule.id).collect();
            let receipt = Some(Receipt::CountedBy(&counting));
            let had = Had { worth: None, receipt, rounded: Rounded::EachTime };
            let closed = together.iter().find_map(|rules| {
                rules.meeting(programme, conditions)?.give_back(reward.points, had)
            });
            if let Some(closed) = closed {
                let list = Place::Root.key("rewards");
                let what = format!("the reward `{}`", reward.id);
                let at = list.index(*index);
                let bought = (reward.points, what.as_str());
                self.pays_for_itself(programme, &at.key("points"), bought, &closed);
            }
        }
    }

    /// Vouchers that points are paid for, or become.
    fn vouchers_of_points(
        &mut self,
        programme: &Programme,
        parts: &FileParts,
        together: &[Together<'_>],
    ) {
        for bought in vouchers_bought(programme, parts) {
            let closed = together.iter().find_map(|rules| {
                let rules = rules.meeting(programme, bought.conditions)?;
                paid_with(programme, &rules, &bought)
            });
            if let Some((what, closed)) = closed {
                let list = Place::Root.key(bought.list);
                let at = list.index(bought.index);
                let points = (bought.points, what.as_str());
                self.pays_for_itself(programme, &at.key("points"), points, &closed);
            }
        }
    }

    /// Tells what so many points buy, and which rules give them back.
    pub(super) fn pays_for_itself(
        &mut self,
        programme: &Programme,
        at: &Place<'_>,
        (points, what): (Points, &str),
        closed: &Closed<'_>,
    ) {
        let format = |points| programme.point_decimals.format(points);
        let reason = format!(
            "a cycle: {} points -> {what} -> {} points by {}; {REMEDY}",
            format(points),
            format(closed.earned),
            named(&closed.rules),
        );
        self.faults.add(at, FaultCode::PaysForItself, reason);
    }

    /// Tells what pays for a receipt whole, which earns it again.
    pub(super) fn receipt_pays_for_itself(
        &mut self,
        at: &Place<'_>,
        what: &str,
        rules: &[&EarnRule],
    ) {
        let reason = format!(
            "a cycle: {what} -> a receipt on which nothing is paid -> the same by {}; give a rule \
             limits or a minimum amount",
            named(rules)
        );
        self.faults.add(at, FaultCode::PaysForItself, reason);
    }
}

/// Rules as a fault names them.
fn named(rules: &[&EarnRule]) -> String {
    let names: Vec<String> = rules.iter().map(|rule| format!("`{}`", rule.id)).collect();
    match &names[..] {
        [one] => format!("the rule {one}"),
        [first @ .., last] => format!("the rules {} and {last} together", first.join(", ")),
        [] => "no rule".to_owned(),
    }
}

/// The place of a rule in the file.
pub(super) fn place_of(tables: &[(usize, EarnTable)], rule: &EarnRule) -> Option<usize> {
    let of_rule = |table: &&(usize, EarnTable)| table.1.id.as_deref() == Some(rule.id.as_str());
    tables.iter().find(of_rule).map(|(index, _)| *index)
}

/// Rules that give a whole purchase back, some of it as cashback and in several parts; so many
/// points pay so much.
fn whole_purchase<'p>(
    together: &Together<'p>,
    worth: Option<(Points, Amount)>,
) -> Option<Vec<&'p EarnRule>> {
    let (mut rules, mut sum) = (Vec::new(), Ratio::NOTHING);
    for (rule, share) in together.shares(worth) {
        // Alone it is told elsewhere.
        if share.floor() >= 1 {
            return None;
        }
        sum = sum.plus(share)?;
        rules.push(rule);
    }
    (sum.floor() >= 1 && rules.len() > 1).then_some(rules)
}

/// A voucher that points buy.
struct VoucherBought<'p> {
    points: Points,
    /// The list and the place of what sells it.
    list: &'static str,
    index: usize,
    conditions: &'p Conditions,
    voucher: &'p VoucherGrant,
}

/// Rules that give back what a voucher cost on the receipt that it pays on, and what that is.
fn paid_with<'p>(
    programme: &'p Programme,
    rules: &Together<'p>,
    bought: &VoucherBought<'p>,
) -> Option<(String, Closed<'p>)> {
    let kind = bought.voucher.types.last_key_value()?.1;
    let worth = worth_of(programme, bought.voucher);
    let counted = programme.accrual.base.discounts == AccrualMoment::Before;
    let worth = worth.filter(|_| counted);
    let rounded = Rounded::EachTime;
    let part = Had { worth, receipt: None, rounded };
    if let Some(closed) = rules.give_back(bought.points, part) {
        return Some((format!("a voucher `{kind}`"), closed));
    }
    let kind = programme.voucher_types.get(kind)?;
    let rules = rules.meeting(programme, &kind.conditions)?;
    let receipt = free_receipts::pays_whole(programme, kind).then_some(Receipt::Any)?;
    let whole = Had { worth, receipt: Some(receipt), rounded };
    let closed = rules.give_back(bought.points, whole)?;
    Some((format!("a voucher `{}` -> a receipt that it pays for", kind.id), closed))
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

/// Each voucher that points buy.
fn vouchers_bought<'p>(programme: &'p Programme, parts: &FileParts) -> Vec<VoucherBought<'p>> {
    let mut bought = Vec::new();
    for (index, table) in &parts.rewards {
        let of_table = |reward: &&CatalogueReward| Some(reward.id.as_str()) == table.id.as_deref();
        let Some(reward) = programme.rewards.iter().find(of_table) else { continue };
        if let CatalogueReward { points, gift: Gift::Voucher(voucher), conditions, .. } = reward {
            let (points, list, index) = (*points, "rewards", *index);
            bought.push(VoucherBought { points, list, index, conditions, voucher });
        }
    }
    for (index, table) in &parts.conversions {
        let of_table = |known: &&Conversion| Some(known.id.as_str()) == table.id.as_deref();
        let Some(known) = programme.conversions.iter().find(of_table) else { continue };
        let Conversion { points, conditions, voucher, .. } = known;
        let (points, list, index) = (*points, "conversions", *index);
        bought.push(VoucherBought { points, list, index, conditions, voucher });
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

/// Whether a rule gives again and again. Birthdays come once a year.
pub(super) fn is_endless(rule: &EarnRule) -> bool {
    rule.limits.is_empty()
        && rule.shared_limits.is_empty()
        && rule.chance.is_none()
        && rule.conditions.audience.birthday.is_none()
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
