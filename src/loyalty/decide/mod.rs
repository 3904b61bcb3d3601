//! From basket to decision, in the fixed order of the stages.
//!
//! `slate` holds the lines while benefits are taken off them; `offers` (those on units with the
//! help of `units`), `vouchers` and `redemption` take; `accrual` gives points on what is left. The result does not depend on the
//! order of lines or offers: lines are worked on by id, offers by priority and id.

mod accrual;
mod called;
mod cashback;
mod catalogue;
mod history;
mod index;
mod occasion;
mod offers;
mod redemption;
mod slate;
mod units;
mod uses;
mod vouchers;

#[cfg(test)]
mod called_tests;
#[cfg(test)]
mod cashback_tests;
#[cfg(test)]
mod catalogue_tests;
#[cfg(test)]
mod earning_tests;
#[cfg(test)]
pub(crate) mod examples;
#[cfg(test)]
mod mechanics;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod redemption_tests;
#[cfg(test)]
mod shared_tests;
#[cfg(test)]
mod tax_tests;
#[cfg(test)]
mod tests;

pub use accrual::POINTS_PER_RECEIPT_MAX;
pub(crate) use accrual::{AccrualLine, EarnCircumstances, Earning, earn};
pub(crate) use history::{History, PastOfSale};
pub use occasion::{Explain, Occasion, SharedUses, Shopper, VoucherStanding, VoucherState};

use chrono::{NaiveDate, NaiveDateTime};

use self::index::OfferIndex;
use self::slate::Slate;
use super::account::Account;
use super::basket::Basket;
use super::counter::Counted;
use super::decision::{
    Applied, Benefit, Decision, LineOutcome, PointsOutcome, Redeemable, Refusal, RewardOption,
    TierOutcome, Totals,
};
use super::entry::Expires;
use super::gain::{CashbackOutcome, EarnedBy};
use super::ids::{OfferId, TierId};
use super::programme::{CashbackPolicy, CatalogueReward, Programme, Tier};
use super::purse::{Gained, PendingPart, Unit};
use super::tax::{TaxMode, TaxSum, TaxedLine, tendered};
use crate::member_code::CouponNumber;
use crate::money::{Amount, Points};

/// A programme made ready for deciding: its offers are indexed by what they cover.
#[derive(Clone, Debug)]
pub struct Evaluator {
    programme: Programme,
    index: OfferIndex,
}

impl Evaluator {
    /// Indexes a programme.
    #[must_use]
    pub fn new(programme: Programme) -> Self {
        let index = OfferIndex::build(&programme.offers);
        Self { programme, index }
    }

    /// The programme.
    #[must_use]
    pub fn programme(&self) -> &Programme {
        &self.programme
    }

    /// Decides a basket. Pure: the same arguments always give the same decision.
    #[must_use]
    pub fn decide(&self, basket: &Basket, occasion: &Occasion<'_>) -> Decision {
        let mut work = Work::new(&self.programme, basket, occasion);
        offers::apply(&mut work, &self.index);
        vouchers::apply(&mut work);
        catalogue::apply(&mut work);
        let redeemable = redemption::apply(&mut work);
        let spendable = cashback::apply(&mut work);
        let options = catalogue::options(&work);
        work.conclude(redeemable, spendable, options)
    }

    /// The offer that a coupon calls for, where the programme has one.
    #[must_use]
    pub fn offer_of_coupon(&self, number: &CouponNumber) -> Option<&OfferId> {
        called::offer_of(&self.programme.offers, number)
    }

    /// What an account becomes when the till's own figures count instead of the decision's: the
    /// discount that was given on each line, in basket order, and the points that were spent.
    #[must_use]
    pub fn decide_as_given(
        &self,
        basket: &Basket,
        occasion: &Occasion<'_>,
        given: &GivenByTill<'_>,
    ) -> Decision {
        let mut work = Work::new(&self.programme, basket, occasion);
        work.take_as_given(given);
        work.conclude(None, None, Vec::new())
    }
}

/// What the rules of one receipt gave together.
pub(crate) fn earned_by<U: Unit>(rules: &[EarnedBy]) -> U {
    EarnedBy::sum::<U>(rules).bounded()
}

/// What a till gave, where that differs from what was decided: facts, never refused.
#[derive(Clone, Copy, Debug)]
pub struct GivenByTill<'a> {
    /// Discount on each line, points spent included, in basket order; no more than the line.
    pub discounts: &'a [Amount],
    /// Points spent, those for rewards included.
    pub spent: Points,
    /// What spent points and cashback paid on each line, in basket order; part of `discounts`.
    pub redeemed: &'a [Amount],
    /// Rewards that the till gave.
    pub rewards: &'a [GivenReward<'a>],
    /// Uses of offers with limits that the decision counted: what the till gave came of them.
    pub offers_used: &'a [Counted],
    /// The tax that the till added on top.
    pub tax: Amount,
    /// The same of limits over all customers.
    pub shared_used: &'a [Counted],
    /// What spent cashback paid on each line, in basket order; part of `redeemed`.
    pub cashback: &'a [Amount],
}

/// A reward that a till gave.
#[derive(Clone, Debug)]
pub struct GivenReward<'a> {
    /// Which.
    pub reward: &'a CatalogueReward,
    /// How many times.
    pub times: u32,
    /// What it took off each line, in basket order; part of what points paid there.
    pub amounts: Vec<Amount>,
}

impl GivenReward<'_> {
    /// What it cost, all times together.
    #[must_use]
    pub fn points(&self) -> Points {
        Points::new(self.reward.points.value().saturating_mul(i64::from(self.times)))
    }
}

/// A decision in the making.
struct Work<'a> {
    programme: &'a Programme,
    occasion: &'a Occasion<'a>,
    basket: &'a Basket,
    today: NaiveDate,
    local: NaiveDateTime,
    /// The account with lapsed points gone.
    account: Option<Account>,
    tier: Option<&'a Tier>,
    slate: Slate<'a>,
    applied: Vec<Applied>,
    refused: Vec<Refusal>,
    spent: Points,
    /// Cashback spent.
    cashback_spent: Amount,
    /// Uses of offers with limits.
    counted: Vec<Counted>,
    /// Whether the prices have their tax inside.
    tax: TaxMode,
    /// The tax that the till added, where it says so.
    tax_charged: Option<Amount>,
    /// Uses of offers with limits over all customers.
    shared: Vec<Counted>,
}

impl<'a> Work<'a> {
    fn new(programme: &'a Programme, basket: &'a Basket, occasion: &'a Occasion<'a>) -> Self {
        let local = occasion.now.with_timezone(&programme.zone).naive_local();
        let account = occasion.shopper.as_ref().map(|shopper| {
            let mut account = shopper.account.clone();
            account.settle_expiry(local.date(), programme.expiries());
            account
        });
        let tier = account.as_ref().and_then(|account| account.tier(programme, local.date()));
        Self {
            tier: tier.map(|(tier, _)| tier),
            programme,
            occasion,
            basket,
            today: local.date(),
            local,
            account,
            slate: Slate::new(basket, &programme.discounts),
            applied: Vec::new(),
            refused: Vec::new(),
            spent: Points::ZERO,
            cashback_spent: Amount::ZERO,
            counted: Vec::new(),
            tax: basket.tax().mode.unwrap_or(programme.prices.tax),
            tax_charged: basket.tax().charged,
            shared: Vec::new(),
        }
    }

    /// The tier that benefits are decided for: the one before this sale.
    fn tier_id(&self) -> Option<&'a TierId> {
        self.tier.map(|tier| &tier.id)
    }

    fn take_as_given(&mut self, given: &GivenByTill<'_>) {
        let price: Vec<Amount> = given
            .discounts
            .iter()
            .zip(given.redeemed)
            .map(|(all, points)| *all - *points)
            .collect();
        self.applied.extend(self.slate.take_exactly(Benefit::Till, &price));
        self.tax_charged = Some(given.tax);
        self.counted = given.offers_used.to_vec();
        self.shared = given.shared_used.to_vec();
        self.spent = given.spent;
        let mut as_money = given.redeemed.to_vec();
        let mut points = given.spent;
        for given in given.rewards {
            let GivenReward { reward, times, amounts } = given;
            self.count_reward(reward, *times);
            points -= given.points();
            let benefit = Benefit::Reward {
                reward: reward.id.clone(),
                points: given.points(),
                times: *times,
            };
            let nothing_off =
                Applied { benefit: benefit.clone(), amount: Amount::ZERO, allocations: Vec::new() };
            let taken = self.slate.take_exactly(benefit, amounts);
            self.applied.push(taken.unwrap_or(nothing_off));
            as_money.iter_mut().zip(amounts).for_each(|(all, reward)| *all -= *reward);
        }
        as_money.iter_mut().zip(given.cashback).for_each(|(all, cashback)| *all -= *cashback);
        if points.is_positive() {
            let benefit = Benefit::Points(points);
            self.applied.extend(self.slate.take_exactly(benefit, &as_money));
        }
        let taken = self.slate.take_exactly(Benefit::Cashback, given.cashback);
        self.cashback_spent = taken.iter().map(|applied| applied.amount).sum();
        self.applied.extend(taken);
    }

    fn conclude(
        mut self,
        redeemable: Option<Redeemable>,
        spendable: Option<Amount>,
        rewards: Vec<RewardOption>,
    ) -> Decision {
        let mut lines = self.slate.outcomes();
        let (taxes, tax_due) = self.add_tax(&mut lines);
        let totals = Totals {
            gross: lines.iter().map(|line| line.gross).sum(),
            discount: lines.iter().map(|line| line.discount).sum(),
            redeemed: lines.iter().map(|line| line.redeemed).sum(),
            tax: lines.iter().map(|line| line.tax).sum(),
            payable: lines.iter().map(|line| line.net).sum(),
        };
        let (points, tier) = match self.account.take() {
            None => (None, None),
            Some(account) => {
                let (points, tier) = self.settle(&account, totals.payable, redeemable, spendable);
                (Some(points), tier)
            }
        };
        self.refused.sort_by(|a, b| a.subject.cmp(&b.subject));
        let (applied, refused, shared) = (self.applied, self.refused, self.shared);
        Decision { lines, applied, refused, totals, taxes, tax_due, points, tier, rewards, shared }
    }

    /// Adds the tax that comes on top; gives the sums of each rate, and the tax that is due.
    fn add_tax(&self, lines: &mut [LineOutcome]) -> (Vec<TaxSum>, Amount) {
        let tendered = tendered(&self.applied, self.programme);
        let discount = |line: &LineOutcome| {
            let tender = tendered.get(&line.line_id).copied().unwrap_or_default();
            line.discount + line.redeemed - tender
        };
        let sold = self.basket.lines().iter().zip(&*lines);
        let taxed: Vec<_> = sold.map(|(line, out)| (line, line.amount - discount(out))).collect();
        let due = self.tax.added_to(&taxed);
        let tax_due = due.iter().copied().sum();
        let added = match self.tax_charged {
            None => due,
            Some(charged) => self.tax.charged_on(&taxed, due, charged),
        };
        for (line, tax) in lines.iter_mut().zip(added) {
            line.tax = tax;
            line.net += tax;
        }
        let sold = self.basket.lines().iter().zip(&*lines);
        let taxed =
            sold.map(|(line, out)| TaxedLine { line, discount: discount(out), added: out.tax });
        (self.tax.sums(taxed), tax_due)
    }

    /// What the basket does to the account.
    fn settle(
        &mut self,
        account: &Account,
        paid: Amount,
        redeemable: Option<Redeemable>,
        spendable: Option<Amount>,
    ) -> (PointsOutcome, Option<TierOutcome>) {
        let programme = self.programme;
        let circumstances = EarnCircumstances {
            local: self.local,
            store: self.occasion.store,
            tier: self.tier,
            person: self.occasion.shopper.as_ref().map(|shopper| shopper.person(account.balance())),
            referral: self.occasion.shopper.as_ref().and_then(|shopper| shopper.referral),
            history: History::Account(account),
            tax: self.tax,
        };
        let lines = self.slate.accrual_lines(programme.accrual);
        let earning = earn(programme, &lines, &circumstances);
        self.refused.extend(earning.refused);
        let earned: Points = earned_by(&earning.by_rule);
        let mut counted = std::mem::take(&mut self.counted);
        counted.extend(earning.counted);
        let expires = programme.lot_of(self.today);
        let policy = programme.cashback.as_ref();
        let cashback = self.cashback(account, policy, &earning.by_rule);
        let mut points = PointsOutcome {
            before: account.balance(),
            debt_before: account.debt(),
            earned,
            earned_pending: PendingPart::of(&earning.by_rule, earned),
            earned_by: earning.by_rule,
            counted,
            issues: earning.issues,
            average_basket: programme.average_of(account),
            earned_expires: expires,
            spent: self.spent,
            spent_from: account.points().consumption(self.spent),
            after: Points::ZERO,
            pending_after: Vec::new(),
            debt_after: Points::ZERO,
            next_expiry: None,
            redeemable: None,
            cashback,
        };
        let after = account.after(self.today, programme.entry_terms(), &points.change(paid));
        points.after = after.balance();
        points.pending_after = after.points().pending();
        points.debt_after = after.debt();
        points.next_expiry = after.next_expiry(programme.expiry);
        points.redeemable = redeemable
            .map(|redeemable| redeemable.concluded(programme.redemption.as_ref(), after.balance()));
        if let Some(cashback) = &mut points.cashback {
            cashback.after = after.cashback().balance();
            cashback.pending_after = after.cashback().pending();
            cashback.debt_after = after.cashback().debt;
            cashback.next_expiry = after.next_cashback_expiry(programme.expiries().cashback);
            cashback.spendable = spendable;
        }
        let tier = self.tier.and_then(|before| {
            let (reached, next) = after.tier(programme, self.today)?;
            let measure = after.tier_measure(programme, self.today);
            Some(TierOutcome {
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
