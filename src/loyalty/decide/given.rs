//! What a till gave, where that differs from what was decided.

use super::Work;
use crate::loyalty::counter::Counted;
use crate::loyalty::decision::{Applied, Benefit};
use crate::loyalty::programme::CatalogueReward;
use crate::loyalty::promotion::Promotion;
use crate::money::{Amount, Points};

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
    /// The same of offers' limits over all customers.
    pub shared_used: &'a [Counted],
    /// Gifts among what was decided: they take nothing off.
    pub gifts: &'a [Applied],
    /// What was said unasked.
    pub promotions: &'a [Promotion],
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

impl Work<'_> {
    /// Takes what the till took, instead of deciding.
    pub(super) fn take_as_given(&mut self, given: &GivenByTill<'_>) {
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
        self.applied.extend_from_slice(given.gifts);
        self.told = Some(given.promotions.to_vec());
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
}
