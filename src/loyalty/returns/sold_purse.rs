//! What a return does to a balance: what was earned and is no longer, and what comes back of what
//! was spent.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Returned, RewardsBack, SoldPoints, SoldReceipt, StillEarned, StillIssued};
use crate::loyalty::decision::{Allocation, Applied, Benefit};
use crate::loyalty::entry::{Expires, RemainingSale};
use crate::loyalty::gain::EarnedBy;
use crate::loyalty::ids::LineId;
use crate::loyalty::purse::{PendingPart, SpentPart, Undone, Unit};
use crate::money::{Amount, Points, share_until};

/// What a sale did to a balance.
#[derive(Clone, Copy, Debug, Default)]
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
    /// What returns of it forgave so far.
    pub forgiven: U,
}

impl SoldReceipt<'_> {
    /// How many of the spent points have come back when so much is gone: those of each reward and
    /// those spent as money in proportion to what they paid, all of them when nothing remains. A
    /// reward that took nothing off a line comes back when it is handed back, or with the whole
    /// sale.
    pub(super) fn spent_points_back(
        &self,
        points: &SoldPoints<'_>,
        returned: &Returned,
        rewards_back: &RewardsBack,
    ) -> Points {
        if self.remaining(returned) == RemainingSale::Nothing {
            return points.points.spent;
        }
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
            back += self.share_back(*points, paid_by(applied), returned);
        }
        back + self.share_back(
            as_money.or_zero(),
            redeemed.iter().map(|(id, left)| (*id, *left)),
            returned,
        )
    }

    /// How much of the spent cashback has come back when so much is gone: what it paid for that.
    pub(super) fn cashback_back(&self, points: &SoldPoints<'_>, returned: &Returned) -> Amount {
        if self.remaining(returned) == RemainingSale::Nothing {
            return points.cashback.spent;
        }
        let spent = |applied: &&Applied| applied.benefit == Benefit::Cashback;
        let back = self.applied.iter().filter(spent).map(|applied| {
            let whole = Points::new(applied.amount.value());
            self.share_back(whole, paid_by(applied), returned)
        });
        Amount::new(back.sum::<Points>().value()).min(points.cashback.spent)
    }

    /// The part of points that paid so much on each line.
    fn share_back<'l>(
        &self,
        points: Points,
        paid: impl Iterator<Item = (&'l LineId, Amount)> + Clone,
        returned: &Returned,
    ) -> Points {
        let all: Amount = paid.clone().map(|(_, amount)| amount).sum();
        if !all.is_positive() {
            return Points::ZERO;
        }
        let sold = |id: &LineId| self.lines.iter().find(|sold| sold.line.line_id == *id);
        let gone = |(id, amount): (&LineId, Amount)| {
            let quantity = returned.get(id).copied().filter(|gone| gone.is_positive())?;
            let whole = sold(id)?.line.quantity;
            Some(share_until(amount.value(), quantity.value(), whole.value()))
        };
        let paid_back: i64 = paid.filter_map(gone).sum();
        Points::new(share_until(points.value(), paid_back, all.value()))
    }
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
    /// What a return does, nothing forgiven yet: what was and is still earned, and what has come
    /// back of what was spent, before it and after it.
    pub(super) fn undone(
        &self,
        [back_before, back_after]: [U; 2],
        was: &StillEarned,
        still: &StillEarned,
        earned_by: &[EarnedBy],
    ) -> Undone<U> {
        let earned = |still: &StillEarned| match still.issues {
            StillIssued::All => self.earned,
            StillIssued::These(_) => EarnedBy::sum::<U>(&still.earned_by).min(self.earned),
        };
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
            restored: self.lots_between(back_before, back_after),
        }
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

    /// The lots of what was spent from the `from`-th to the `to`-th unit, longest-lived first: that
    /// is the order that serves the customer. What was spent beyond the balance comes last; giving
    /// it back settles the debt it left.
    fn lots_between(&self, from: U, to: U) -> Vec<SpentPart<U>> {
        let in_lots: U = self.spent_from.iter().map(|part| part.value).sum();
        let beyond = SpentPart { expires: self.expires, value: self.spent - in_lots };
        let mut parts = Vec::new();
        let mut start = U::NONE;
        for part in self.spent_from.iter().rev().chain([&beyond]) {
            let end = start + part.value;
            let value = to.min(end) - from.max(start);
            if value > U::NONE {
                parts.push(SpentPart { expires: part.expires, value });
            }
            start = end;
        }
        parts
    }
}
