//! Points that come back to their lots, and what becomes of vouchers that points were paid for: one
//! that was used is the customer's own, and its price is not given back.

use super::{Returned, RewardsBack, SoldPoints, SoldReceipt};
use crate::loyalty::decision::{Applied, Benefit};
use crate::loyalty::entry::{Expires, RemainingSale};
use crate::loyalty::ids::{RewardId, VoucherId};
use crate::loyalty::issue::{Issue, IssueState, IssuedBy, SoldIssue};
use crate::loyalty::purse::{SpentPart, Unit};
use crate::money::{Points, share_until};

impl SoldReceipt<'_> {
    /// How many vouchers of a reward were used: those are not handed back.
    pub(super) fn used_of(&self, reward: &RewardId) -> u32 {
        let issued = self.points.iter().flat_map(|points| points.issued);
        let used = |sold: &&SoldIssue<'_>| {
            sold.state == IssueState::Used
                && matches!(&sold.issued.by, IssuedBy::Reward(of) if of == reward)
        };
        u32::try_from(issued.filter(used).count()).unwrap_or(u32::MAX)
    }

    /// What the vouchers cost that were chosen as rewards and used.
    pub(super) fn price_of_used(&self, points: &SoldPoints<'_>) -> Points {
        let price = |applied: &Applied| match &applied.benefit {
            Benefit::Reward { reward, points, times } => {
                let used = self.used_of(reward).min(*times);
                Points::new(share_until(points.value(), used.into(), (*times).into()))
            }
            _ => Points::ZERO,
        };
        self.applied.iter().map(price).sum::<Points>().min(points.points.spent)
    }

    /// The vouchers among the chosen rewards that are still due.
    pub(super) fn rewards_due(
        &self,
        points: &SoldPoints<'_>,
        returned: &Returned,
        rewards_back: &RewardsBack,
    ) -> Vec<Issue> {
        // A receipt without lines is whole until it is voided.
        if self.remaining(returned) == RemainingSale::Nothing && !self.lines.is_empty() {
            return Vec::new();
        }
        let due = |applied: &Applied| {
            let Benefit::Reward { reward, times, .. } = &applied.benefit else { return None };
            let back = rewards_back.get(reward).copied().unwrap_or_default();
            let by = IssuedBy::Reward(reward.clone());
            Issue::of_sold(&by, points.issued, times.saturating_sub(back))
        };
        self.applied.iter().filter_map(due).collect()
    }
}

impl<'a> SoldPoints<'a> {
    pub(super) fn converted_lots(&self) -> LotsOf<'a> {
        let (value, from) = (self.converted.points(), &self.converted.from);
        LotsOf { value, from, expires: self.points.expires }
    }

    /// How many converted points had come back before, and once these codes are withdrawn.
    pub(super) fn converted_back(&self, withdrawn: &[VoucherId]) -> (Points, Points) {
        let price = |sold: &SoldIssue<'_>| self.converted.cost_of(&sold.issued.by);
        let gone = self.issued.iter().filter(|sold| sold.state == IssueState::Withdrawn);
        let before: Points = gone.filter_map(price).sum();
        let going = self.issued.iter().filter(|sold| withdrawn.contains(&sold.issued.code));
        (before, before + going.filter_map(price).sum())
    }
}

/// What a sale took from lots.
pub(super) struct LotsOf<'a, U = Points> {
    pub(super) value: U,
    pub(super) from: &'a [SpentPart<U>],
    /// Where that goes that was taken beyond the balance.
    pub(super) expires: Expires,
}

impl<U: Unit> LotsOf<'_, U> {
    /// The lots of what lies between the `from`-th and the `to`-th unit, longest-lived first: that
    /// is the order that serves the customer. What was taken beyond the balance comes last; giving
    /// it back settles the debt it left.
    pub(super) fn between(&self, from: U, to: U) -> Vec<SpentPart<U>> {
        let in_lots: U = self.from.iter().map(|part| part.value).sum();
        let beyond = SpentPart { expires: self.expires, value: self.value - in_lots };
        let mut parts = Vec::new();
        let mut start = U::NONE;
        for part in self.from.iter().rev().chain([&beyond]) {
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
