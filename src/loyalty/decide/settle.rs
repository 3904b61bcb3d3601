//! What a basket does to the account, and what the account is afterwards.

use super::conversion::HandedOut;
use super::{Spendable, Unasked, Work, ahead, earn, earned_by, promotions, this_sale};
use crate::loyalty::account::Account;
use crate::loyalty::conversion::Converted;
use crate::loyalty::decision::{PointsOutcome, TierOutcome};
use crate::loyalty::entry::Expires;
use crate::loyalty::gain::{CashbackOutcome, EarnedBy};
use crate::loyalty::programme::{CashbackPolicy, TierMeasure};
use crate::loyalty::purse::{Gained, PendingPart};
use crate::money::{Amount, Points};

impl Work<'_> {
    /// What the basket does to the account.
    pub(super) fn settle(
        &mut self,
        account: &Account,
        paid: Amount,
        spendable: Spendable,
        unasked: Unasked<'_>,
    ) -> (PointsOutcome, Option<TierOutcome>) {
        let programme = self.programme;
        let lines = self.slate.accrual_lines(programme.accrual);
        let circumstances = self.circumstances(account);
        let earning = earn(programme, &lines, &circumstances);
        let amount_for = |missing, counting| {
            ahead::amount_for(programme, &lines, &circumstances, (missing, counting))
        };
        self.refused.extend(earning.refused);
        self.shared.extend(earning.shared);
        self.draws = earning.draws;
        let earned: Points = earned_by(&earning.by_rule);
        let mut counted = self.counted.clone();
        counted.extend(earning.counted);
        self.say(Some(account), unasked);
        let told = self.told.as_deref().unwrap_or_default();
        counted.extend(promotions::counted(self, account, told));
        let expires = programme.lot_of(self.today);
        let policy = programme.cashback.as_ref();
        let cashback = self.cashback(account, policy, &earning.by_rule);
        let earned_pending = PendingPart::of(&earning.by_rule, earned);
        let waiting: Points = earned_pending.iter().map(|part| part.value).sum();
        let mut points = PointsOutcome {
            before: account.balance(),
            debt_before: account.debt(),
            earned,
            earned_pending,
            earned_by: earning.by_rule,
            counted,
            issues: Vec::new(),
            average_basket: programme.average_of(account),
            earned_expires: expires,
            spent: self.spent,
            spent_from: this_sale::spent_from(
                programme,
                account,
                self.spent,
                (earned - waiting, expires),
            ),
            converted: Converted::default(),
            after: Points::ZERO,
            pending_after: Vec::new(),
            debt_after: Points::ZERO,
            next_expiry: None,
            redeemable: None,
            cashback,
        };
        let change = |converted| points.change_converting(converted, paid);
        let HandedOut { converted, issues, after, refused } =
            self.hand_out(account, &circumstances, earning.issues, change);
        self.refused.extend(refused);
        points.converted = converted;
        points.issues = issues;
        points.after = after.balance();
        points.pending_after = after.points().pending();
        points.debt_after = after.debt();
        points.next_expiry = after.next_expiry(programme.expiry);
        points.redeemable = spendable.points.map(|redeemable| {
            redeemable.concluded(programme.redemption.as_ref(), &after, |missing| {
                amount_for(missing, ahead::Counting::UsableAtOnce)
            })
        });
        if let Some(cashback) = &mut points.cashback {
            cashback.after = after.cashback().balance();
            cashback.pending_after = after.cashback().pending();
            cashback.debt_after = after.cashback().debt;
            cashback.next_expiry = after.next_cashback_expiry(programme.expiries().cashback);
            cashback.spendable = spendable.cashback;
        }
        let tier = self.tier.and_then(|before| {
            let (reached, next) = after.tier(programme, self.today)?;
            let measure = after.tier_measure(programme, self.today);
            let points = programme.tiers.as_ref().map(|policy| policy.measure);
            let points = next.filter(|_| points == Some(TierMeasure::PointsEarned));
            let missing = points.map(|next| Points::new(next.threshold - measure));
            Some(TierOutcome {
                amount_ahead: missing
                    .and_then(|missing| amount_for(missing, ahead::Counting::AllEarned)),
                before: before.id.clone(),
                after: reached.id.clone(),
                next: next.map(|next| (next.id.clone(), next.threshold - measure)),
                measure,
                validity: after.tier_validity(programme, self.today),
            })
        });
        (points, tier)
    }

    /// What happens to the cashback, but for what is there afterwards.
    fn cashback(
        &self,
        account: &Account,
        policy: Option<&CashbackPolicy>,
        by_rule: &[EarnedBy],
    ) -> Option<CashbackOutcome> {
        let purse = account.cashback();
        if policy.is_none() && *purse == Default::default() && self.cashback_spent.is_zero() {
            return None;
        }
        let earned: Amount = earned_by(by_rule);
        let gained = Gained {
            earned,
            expires: policy.map_or(Expires::Never, |policy| policy.expiry.lot_of(self.today)),
            pending: PendingPart::of(by_rule, earned),
            spent: self.cashback_spent,
        };
        let spent_from = purse.consumption(gained.spent);
        let (before, debt_before) = (purse.balance(), purse.debt);
        let none = CashbackOutcome::default();
        Some(CashbackOutcome { before, debt_before, gained, spent_from, ..none })
    }
}
