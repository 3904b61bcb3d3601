//! What a return does to a balance: what was earned and is no longer, and what comes back of what
//! was spent.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::points_back::LotsOf;
use super::{Returned, RewardsBack, SoldPoints, SoldReceipt, StillEarned};
use crate::loyalty::decision::{Allocation, Applied, Benefit};
use crate::loyalty::entry::{Expires, RemainingSale};
use crate::loyalty::gain::EarnedBy;
use crate::loyalty::ids::LineId;
use crate::loyalty::purse::{PendingPart, SpentBack, SpentPart, Undone, UndoneSoFar, Unit};
use crate::loyalty::spent_back::UsedPointsBack;
use crate::money::{Amount, Points, Quantity, share_until};

/// What a sale did to a balance.
#[derive(Clone, Debug, Default)]
pub struct SoldPurse<'a, U> {
    /// Earned.
    pub earned: U,
    /// Its lot.
    pub expires: Expires,
    /// Spent.
    pub spent: U,
    /// From which lots.
    pub spent_from: &'a [SpentPart<U>],
    /// What was owed before the sale.
    pub debt: U,
    /// What returns of it did so far.
    pub undone: UndoneSoFar<U>,
}

impl SoldReceipt<'_> {
    /// How many of the spent points have come back when so much is gone: those of each reward in
    /// proportion to what they paid, those spent as money by the policy, all of them when nothing
    /// remains. A reward that took nothing off a line comes back when it is handed back, or with the
    /// whole sale; a voucher that was used does not.
    pub(super) fn spent_points_back(
        &self,
        policy: UsedPointsBack,
        points: &SoldPoints<'_>,
        returned: &Returned,
        rewards_back: &RewardsBack,
    ) -> Points {
        if self.lines.is_empty() {
            return Points::ZERO;
        }
        if self.remaining(returned) == RemainingSale::Nothing {
            return points.points.spent - self.price_of_used(points);
        }
        let whole = self.sold_quantities();
        let mut as_money = points.points.spent;
        let mut redeemed: BTreeMap<&LineId, Amount> =
            self.lines.iter().map(|sold| (&sold.line.line_id, sold.redeemed)).collect();
        let mut back = Points::ZERO;
        for applied in self.applied {
            if applied.benefit == Benefit::Cashback {
                take_from(&mut redeemed, applied);
            }
            let Benefit::Reward { reward, points, times } = &applied.benefit else { continue };
            as_money -= *points;
            if applied.allocations.is_empty() {
                let back_times = rewards_back.get(reward).copied().unwrap_or_default();
                let part = share_until(points.value(), back_times.into(), (*times).into());
                back += Points::new(part);
                continue;
            }
            take_from(&mut redeemed, applied);
            back += share_back(*points, paid_by(applied), returned, &whole);
        }
        match policy {
            UsedPointsBack::FullReturnOnly => back,
            UsedPointsBack::ProRata => {
                let as_paid = redeemed.iter().map(|(id, left)| (*id, *left));
                back + share_back(as_money.or_zero(), as_paid, returned, &whole)
            }
        }
    }

    /// How much of the spent cashback has come back when so much is gone: what it paid for that. It
    /// is money, so that no policy for points keeps it.
    pub(super) fn cashback_back(&self, points: &SoldPoints<'_>, returned: &Returned) -> Amount {
        if self.remaining(returned) == RemainingSale::Nothing {
            return points.cashback.spent;
        }
        let whole = self.sold_quantities();
        let spent = |applied: &&Applied| applied.benefit == Benefit::Cashback;
        let back = self.applied.iter().filter(spent).map(|applied| {
            let spent = Points::new(applied.amount.value());
            share_back(spent, paid_by(applied), returned, &whole)
        });
        Amount::new(back.sum::<Points>().value()).min(points.cashback.spent)
    }

    fn sold_quantities(&self) -> BTreeMap<&LineId, Quantity> {
        self.lines.iter().map(|sold| (&sold.line.line_id, sold.line.quantity)).collect()
    }
}

/// The part of points that paid so much on each line; `whole` is what was sold of each.
fn share_back<'l>(
    points: Points,
    paid: impl Iterator<Item = (&'l LineId, Amount)> + Clone,
    returned: &Returned,
    whole: &BTreeMap<&LineId, Quantity>,
) -> Points {
    let all: Amount = paid.clone().map(|(_, amount)| amount).sum();
    if !all.is_positive() {
        return Points::ZERO;
    }
    let gone = |(id, amount): (&LineId, Amount)| {
        let quantity = returned.get(id).copied().filter(|gone| gone.is_positive())?;
        let whole = whole.get(id)?;
        Some(share_until(amount.value(), quantity.value(), whole.value()))
    };
    let paid_back: i64 = paid.filter_map(gone).sum();
    Points::new(share_until(points.value(), paid_back, all.value()))
}

/// What a benefit took off each line.
fn paid_by(applied: &Applied) -> impl Iterator<Item = (&LineId, Amount)> + Clone {
    applied.allocations.iter().map(|Allocation { line_id, amount }| (line_id, *amount))
}

fn take_from(redeemed: &mut BTreeMap<&LineId, Amount>, applied: &Applied) {
    for (line_id, amount) in paid_by(applied) {
        if let Some(left) = redeemed.get_mut(line_id) {
            *left -= amount;
        }
    }
}

impl<U: Unit> SoldPurse<'_, U> {
    /// What a return does, nothing forgiven yet: what was and is still earned, and how much has come
    /// back of what was spent, before it and after it.
    pub(super) fn undone(
        &self,
        [back_before, back_after]: [U; 2],
        was: &StillEarned,
        still: &StillEarned,
        earned_by: &[EarnedBy],
    ) -> Undone<U> {
        let earned = |still: &StillEarned| self.earned_by(&still.earned_by, earned_by);
        let waiting = |still: &StillEarned| self.pending_of(&still.earned_by, earned_by);
        let (was_waiting, still_waiting) = (waiting(was), waiting(still));
        let part = |(usable_from, value): (NaiveDate, U)| {
            let value = value - still_waiting.get(&usable_from).copied().unwrap_or_default();
            (value > U::NONE).then_some(PendingPart { usable_from, value })
        };
        Undone {
            clawed_back: earned(was) - earned(still),
            forgiven: U::NONE,
            expires: self.expires,
            pending: was_waiting.into_iter().filter_map(part).collect(),
            restored: self.spent_lots().between(back_before, back_after),
            taken_from: Vec::new(),
        }
    }

    /// What has come back of what was spent, before a return and after it.
    pub(super) fn spent_back(&self, [back_before, back_after]: [U; 2]) -> SpentBack<U> {
        let until = |back| self.spent_lots().between(U::NONE, back);
        SpentBack { before: until(back_before), after: until(back_after.max(back_before)) }
    }

    /// How much of what goods earn is usable only from a day on: the days are those of the sale's
    /// record, and none has more than it had there.
    fn pending_of(&self, earned: &[EarnedBy], at_sale: &[EarnedBy]) -> BTreeMap<NaiveDate, U> {
        let dated = |by: &EarnedBy| {
            let sold =
                at_sale.iter().find(|sold| sold.rule == by.rule && U::of(sold.gain) > U::NONE)?;
            Some(EarnedBy { usable_from: sold.usable_from, ..by.clone() })
        };
        let dated: Vec<EarnedBy> = earned.iter().filter_map(dated).collect();
        let parts = PendingPart::<U>::of(&dated, self.earned);
        parts.into_iter().map(|part| (part.usable_from, part.value)).collect()
    }

    /// How much rules still give where they gave this at the sale: no more than the receipt earned.
    fn earned_by(&self, rules: &[EarnedBy], at_sale: &[EarnedBy]) -> U {
        if rules == at_sale { self.earned } else { EarnedBy::sum::<U>(rules).min(self.earned) }
    }

    /// How much of what goods earn was usable at once.
    pub(super) fn at_once(&self, rules: &[EarnedBy], at_sale: &[EarnedBy]) -> U {
        let pending: U = self.pending_of(rules, at_sale).into_values().sum();
        self.earned_by(rules, at_sale) - pending
    }

    fn spent_lots(&self) -> LotsOf<'_, U> {
        LotsOf { value: self.spent, from: self.spent_from, expires: self.expires }
    }
}
