//! A sale as its record tells it, with what came back of it before.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::{ReturnError, SoldPurse};
use crate::loyalty::basket::Line;
use crate::loyalty::conversion::Converted;
use crate::loyalty::counter::Counted;
use crate::loyalty::decision::{Applied, Benefit};
use crate::loyalty::entry::RemainingSale;
use crate::loyalty::gain::EarnedBy;
use crate::loyalty::ids::{FlagId, LineId, OfferId, RewardId, StoreId, TierId};
use crate::loyalty::issue::SoldIssue;
use crate::loyalty::tax::{TaxMode, TaxedLine};
use crate::money::{Amount, Points, Quantity, share_until};

/// A sale as its record tells it.
#[derive(Clone, Debug)]
pub struct SoldReceipt<'a> {
    /// Its lines with what each got.
    pub lines: Vec<SoldLine<'a>>,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// The local day it counts for.
    pub day: NaiveDate,
    /// The shop.
    pub store: &'a StoreId,
    /// What was given on it.
    pub applied: &'a [Applied],
    /// Whether its prices have their tax inside.
    pub tax: TaxMode,
    /// Rewards of it that were handed back before.
    pub rewards_back: RewardsBack,
    /// What it did to an account, if there was a member.
    pub points: Option<SoldPoints<'a>>,
}

/// A sold line.
#[derive(Clone, Copy, Debug)]
pub struct SoldLine<'a> {
    /// The line.
    pub line: &'a Line,
    /// Offers and vouchers on it.
    pub discount: Amount,
    /// Points spent on it, as money.
    pub redeemed: Amount,
    /// Its part of the tax that was added on top.
    pub tax: Amount,
}

/// What a sale did to its account.
#[derive(Clone, Debug)]
pub struct SoldPoints<'a> {
    /// The tier it was decided for.
    pub tier: Option<&'a TierId>,
    /// The member's flags then.
    pub flags: &'a BTreeSet<FlagId>,
    /// What it did to the points.
    pub points: SoldPurse<'a, Points>,
    /// What it did to the cashback.
    pub cashback: SoldPurse<'a, Amount>,
    /// What each rule gave.
    pub earned_by: &'a [EarnedBy],
    /// What the sale used and collected.
    pub counted: &'a [Counted],
    /// What its earning rules used of limits over all customers.
    pub shared: &'a [Counted],
    /// The account's average basket then, where a rule looked at it.
    pub average_basket: Option<Amount>,
    /// Points converted into vouchers.
    pub converted: &'a Converted,
    /// What was handed out, and what became of it.
    pub issued: &'a [SoldIssue<'a>],
}

/// How much of each line is gone.
pub type Returned = BTreeMap<LineId, Quantity>;

/// How often rewards that are no line were handed back.
pub type RewardsBack = BTreeMap<RewardId, u32>;

impl SoldReceipt<'_> {
    /// Whether nothing stays sold. A receipt without lines is whole until it is voided.
    pub(crate) fn is_gone(&self, returned: &Returned) -> bool {
        self.remaining(returned) == RemainingSale::Nothing
    }

    /// Whether it gave a gift of an offer.
    pub(super) fn gave(&self, wanted: &OfferId) -> bool {
        self.applied.iter().any(|applied| match &applied.benefit {
            Benefit::Gift { offer, .. } => offer == wanted,
            _ => false,
        })
    }

    /// Whether anything stays sold. A receipt without lines is whole until it is voided.
    pub(super) fn remaining(&self, returned: &Returned) -> RemainingSale {
        let gone = |sold: &SoldLine<'_>| {
            returned.get(&sold.line.line_id).is_some_and(|gone| *gone >= sold.line.quantity)
        };
        if self.lines.iter().all(gone) { RemainingSale::Nothing } else { RemainingSale::Some }
    }

    /// How often rewards were handed back once these are.
    pub(super) fn rewards_after(&self, rewards: &RewardsBack) -> Result<RewardsBack, ReturnError> {
        let mut after = self.rewards_back.clone();
        for (reward, back) in rewards {
            let given = self.applied.iter().find_map(|applied| match &applied.benefit {
                Benefit::Reward { reward: given, times, .. } if given == reward => {
                    applied.allocations.is_empty().then_some(*times)
                }
                _ => None,
            });
            let reward = reward.clone();
            let Some(given) = given else { return Err(ReturnError::NoSuchReward { reward }) };
            let before = after.get(&reward).copied().unwrap_or_default();
            let used = self.used_of(&reward);
            let left = given.saturating_sub(before).saturating_sub(used);
            if *back > left {
                return Err(ReturnError::MoreRewardsThanGiven { reward, left });
            }
            after.insert(reward, before + back);
        }
        Ok(after)
    }
}

impl<'a> SoldLine<'a> {
    /// As tax looks at it, `tender` being what points paid of it as a means of payment.
    #[must_use]
    pub fn taxed(&self, tender: Amount) -> TaxedLine<'a> {
        let discount = self.discount + self.redeemed - tender;
        TaxedLine { line: self.line, discount, added: self.tax }
    }

    /// Money paid for the first so much of the line, with tax.
    pub(super) fn net_until(&self, quantity: Quantity) -> Amount {
        let net = self.line.amount - self.discount - self.redeemed + self.tax;
        Amount::new(share_until(net.value(), quantity.value(), self.line.quantity.value()))
    }
}
