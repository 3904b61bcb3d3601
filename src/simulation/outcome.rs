//! What a programme would have come to.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::handed_out::{EntriesHandedOut, VouchersHandedOut};
use super::reached::RewardReached;
use crate::loyalty::{Purse, PurseTotals, RuleId, VoucherTypeId};
use crate::money::{Amount, Points};

/// What a programme would have come to. Sales, discounts and points spent as money are net of
/// what came back. Points: what members hold less what they owe is what was issued, given for
/// referrals and restored, less what was spent, taken back and lapsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimulationOutcome {
    /// All of the log.
    pub receipts: u64,
    /// Those of members.
    pub receipts_of_members: u64,
    /// Returns and voids.
    pub returns: u64,
    /// Of those, the ones that named no goods or more than was left of their receipt: nothing came of
    /// them.
    pub returns_impossible: u64,
    /// Members who bought.
    pub members: u64,
    /// Local day of the first receipt.
    pub first_day: Option<NaiveDate>,
    /// Local day of the last receipt or return; balances are as of its end.
    pub last_day: Option<NaiveDate>,
    /// Before loyalty.
    pub sales: Amount,
    /// Discount by offers and vouchers.
    pub discount: Amount,
    /// Points and cashback spent, as money.
    pub redeemed: Amount,
    /// Money paid back by returns.
    pub refunded: Amount,
    /// Points earned.
    pub points_issued: Points,
    /// Points of those who referred a newcomer, less what was taken back of them.
    pub points_of_referrers: Points,
    /// Points spent.
    pub points_spent: Points,
    /// Spent points that returns gave back.
    pub points_restored: Points,
    /// Earned points that returns took back.
    pub points_taken_back: Points,
    /// Points that lapsed up to the last day.
    pub points_expired: Points,
    /// Points that members hold on the last day, pending ones included.
    pub points_outstanding: Points,
    /// Points that members owe on the last day.
    pub points_owed: Points,
    /// Cashback, where the programme has it.
    pub cashback: Option<CashbackSums>,
    /// What the outstanding points are worth in whole steps of all of them; `None` where nothing can be
    /// spent.
    pub outstanding_worth: Option<Amount>,
    /// What of it members hold who have enough to spend, in whole steps of each.
    pub spendable_worth: Option<Amount>,
    /// What became of the vouchers that were handed out, by kind.
    pub vouchers: BTreeMap<VoucherTypeId, VouchersHandedOut>,
    /// Contest entries that were handed out, by rule.
    pub entries: BTreeMap<RuleId, EntriesHandedOut>,
    /// Every reward of the programme that somebody reached or that is no offer.
    pub rewards: Vec<RewardReached>,
    /// How many offers never applied for a member.
    pub offers_never_applied: u64,
}

/// What became of a programme's cashback. What members hold less what they owe is what was issued
/// and restored, less what was spent, taken back and lapsed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CashbackSums {
    /// Earned.
    pub issued: Amount,
    /// Spent; part of what was redeemed.
    pub spent: Amount,
    /// Spent cashback that returns gave back.
    pub restored: Amount,
    /// Earned cashback that returns took back.
    pub taken_back: Amount,
    /// Lapsed up to the last day.
    pub expired: Amount,
    /// What members hold on the last day, pending amounts included.
    pub outstanding: Amount,
    /// What members owe on the last day.
    pub owed: Amount,
}

impl CashbackSums {
    pub(super) fn add(&mut self, purse: &Purse<Amount>) {
        let PurseTotals { issued, spent, restored, clawed_back, expired, .. } = purse.totals;
        self.issued += issued;
        self.spent += spent;
        self.restored += restored;
        self.taken_back += clawed_back;
        self.expired += expired;
        self.outstanding += purse.balance() + purse.pending.values().copied().sum();
        self.owed += purse.debt;
    }
}

impl SimulationOutcome {
    /// What the programme cost: discounts, points and cashback spent.
    #[must_use]
    pub fn cost(&self) -> Amount {
        self.discount + self.redeemed
    }
}
