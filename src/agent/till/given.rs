//! What a till says it gave: sums that must add up, and how they fall on the lines.

use std::collections::BTreeMap;

use super::commit::requested_points;
use super::error::TillError;
use super::request::CommitRequest;
use crate::journal::Payment;
use crate::loyalty::{
    Applied, Benefit, Counted, Decision, Gift, GivenByTill, GivenReward, LineId, Programme,
    Promotion, RewardId, TaxMode,
};
use crate::money::{Amount, CashRounding, Points, Rounding, allocate, mul_div};

/// The kind of payment that is rounded.
const CASH: &str = "cash";

/// What was given on each line, in basket order.
#[derive(Debug)]
pub(super) struct Given<'p> {
    discounts: Vec<Amount>,
    redeemed: Vec<Amount>,
    spent: Points,
    rewards: Vec<GivenReward<'p>>,
    tax: Amount,
    /// What spent cashback paid of `redeemed`.
    cashback: Vec<Amount>,
}

/// Refuses sums that do not fit each other: the one thing a till must not send. Gives the tax that
/// was added to the prices, where the till's figures say it.
pub(super) fn check_sums(
    request: &CommitRequest,
    mode: TaxMode,
) -> Result<Option<Amount>, TillError> {
    let wrong = |sentence: String| Err(TillError::TotalsDoNotAddUp { sentence });
    let (gross, payable) = (request.basket.gross(), request.payable);
    let by_line = request.line_discounts.as_ref();
    let discount = by_line.map(|discounts| discounts.values().copied().sum::<Amount>());
    let charged = match (mode, request.tax_added, discount) {
        (TaxMode::Included, None, _) => None,
        (TaxMode::Included, Some(tax), _) if tax.is_zero() => None,
        (TaxMode::Included, Some(tax), _) => {
            return wrong(format!("tax_added is {tax}, but the tax is inside the prices"));
        }
        (TaxMode::Added, Some(tax), _) => Some(tax),
        (TaxMode::Added, None, discount) => discount.map(|discount| payable + discount - gross),
    };
    let most = match charged {
        Some(tax) => gross + tax,
        None => gross + mode.in_full(request.basket.lines()),
    };
    let least = charged.unwrap_or_default();
    if payable < least || payable > most || least < Amount::ZERO {
        return wrong(match mode {
            TaxMode::Included => {
                format!("payable is {payable}, the lines come to {gross} minor units")
            }
            TaxMode::Added => format!(
                "payable is {payable}, the lines come to {gross} and tax of {least} minor units"
            ),
        });
    }
    if let Some((given, discounts)) = discount.zip(by_line) {
        let due = gross + least - payable;
        if given != due {
            return wrong(format!("line discounts come to {given}, lines less payable to {due}"));
        }
        let lines = request.basket.lines().iter();
        let amounts: BTreeMap<&LineId, Amount> =
            lines.map(|line| (&line.line_id, line.amount)).collect();
        for (line_id, discount) in discounts {
            let fits = |amount: &Amount| (Amount::ZERO..=*amount).contains(discount);
            if !amounts.get(line_id).is_some_and(fits) {
                return wrong(format!("the discount of line {line_id} does not fit the line"));
            }
        }
    }
    let paid: Amount = request.payments.iter().map(|payment| payment.amount).sum();
    let due = request.payable + request.rounding;
    if !request.payments.is_empty() && paid != due {
        return Err(TillError::PaymentsDiffer { paid, due });
    }
    Ok(charged)
}

/// The tax in what was paid that was added to the prices: as the till says, else as decided where
/// it agrees, else by the share that tax has of the whole receipt.
fn tax_in(request: &CommitRequest, decision: &Decision) -> Amount {
    let tax = request.basket.tax();
    if tax.mode != Some(TaxMode::Added) {
        return Amount::ZERO;
    }
    let payable = request.payable;
    if let Some(charged) = tax.charged {
        return charged;
    }
    if payable == decision.totals.payable {
        return decision.totals.tax;
    }
    let gross = request.basket.gross();
    let whole = gross + TaxMode::Added.in_full(request.basket.lines());
    let goods = mul_div(payable.value(), gross.value(), whole.value(), Rounding::HalfUp);
    payable - Amount::new(goods.unwrap_or_default())
}

/// Whether the till rounded as the country does (BC-24): the part that is paid in cash, and nothing
/// else. A till that does not say how it was paid may have been paid either way.
pub(super) fn rounds_like(request: &CommitRequest, rule: CashRounding) -> bool {
    let is_cash = |payment: &&Payment| payment.kind.as_str().eq_ignore_ascii_case(CASH);
    let payments = &request.payments;
    let others = payments.iter().filter(|payment| !is_cash(payment));
    let due_in_cash = request.payable - others.map(|payment| payment.amount).sum();
    let due = match payments.iter().find(is_cash) {
        Some(_) => rule.difference(due_in_cash),
        None => Amount::ZERO,
    };
    request.rounding == due
        || payments.is_empty() && request.rounding == rule.difference(due_in_cash)
}

/// Whether the till took off just what was decided.
pub(super) fn discount_agrees(request: &CommitRequest, decision: &Decision) -> bool {
    let spent = decision.points.as_ref().map(|points| points.spent).unwrap_or_default();
    let cashback = decision.points.as_ref().and_then(|points| points.cashback.as_ref());
    let cashback = cashback.map(|cashback| cashback.gained.spent).unwrap_or_default();
    let for_rewards: Points = rewards_of(decision).map(|(_, points, _)| points).sum();
    let by_line = request.line_discounts.as_ref().is_none_or(|discounts| {
        decision.lines.iter().all(|line| {
            let given = discounts.get(&line.line_id).copied().unwrap_or_default();
            given == line.discount + line.redeemed
        })
    });
    request.payable == decision.totals.payable
        && requested_points(request.basket.benefits().spend) == spent - for_rewards
        && request.basket.benefits().cashback == cashback
        && by_line
}

/// Whether the till gave just the rewards that were decided.
pub(super) fn rewards_agree(request: &CommitRequest, decision: &Decision) -> bool {
    let given: BTreeMap<&RewardId, u32> =
        rewards_of(decision).map(|(reward, _, times)| (reward, times)).collect();
    let asked = request.basket.benefits().rewards.iter();
    given == asked.map(|(reward, times)| (reward, *times)).collect()
}

/// Whether every gift that the till says it gave was due.
pub(super) fn gifts_agree(request: &CommitRequest, decision: &Decision) -> bool {
    let mut said = request.basket.benefits().gifts.iter().flatten();
    said.all(|(offer, times)| decision.gifts_due.get(offer).is_some_and(|due| times <= due))
}

fn rewards_of(decision: &Decision) -> impl Iterator<Item = (&RewardId, Points, u32)> {
    decision.applied.iter().filter_map(|applied| match &applied.benefit {
        Benefit::Reward { reward, points, times } => Some((reward, *points, *times)),
        _ => None,
    })
}

impl<'p> Given<'p> {
    /// What the till gave: by its own lines where it says, else in proportion to the lines. The
    /// value of rewards and of spent points is taken out of it first.
    pub(super) fn of(
        request: &CommitRequest,
        programme: &'p Programme,
        has_member: bool,
        decision: &Decision,
    ) -> Self {
        let lines = request.basket.lines();
        let amounts: Vec<i64> = lines.iter().map(|line| line.amount.value()).collect();
        let tax = tax_in(request, decision);
        let goods = request.payable - tax;
        let total = request.basket.gross() - goods;
        let discounts: Vec<i64> = match &request.line_discounts {
            Some(given) => {
                let of = |line: &crate::loyalty::Line| given.get(&line.line_id).copied();
                lines.iter().map(|line| of(line).unwrap_or_default().value()).collect()
            }
            None => allocate(total.value(), &amounts, &amounts),
        };
        let asked = requested_points(request.basket.benefits().spend);
        let policy = programme.redemption.as_ref().filter(|_| has_member);
        let spent = policy.map_or(Points::ZERO, |_| asked);
        let value = policy.map_or(Amount::ZERO, |policy| policy.value_beside(spent, goods));
        let mut left = discounts.clone();
        let rewards = if has_member {
            given_rewards(request, programme, decision, &mut left)
        } else {
            Vec::new()
        };
        let value = value.value().min(left.iter().sum());
        let as_money = allocate(value, &left, &left);
        let left_by_points: Vec<i64> =
            left.iter().zip(&as_money).map(|(left, points)| left - points).collect();
        // Cashback is the money that it takes off: more of it than was taken off was not spent.
        let asked = request.basket.benefits().cashback;
        let has_cashback = has_member && programme.cashback.is_some();
        let cashback = if has_cashback { asked.value() } else { 0 };
        let cashback = cashback.min(left_by_points.iter().sum());
        let cashback = allocate(cashback, &left_by_points, &left_by_points);
        let redeemed =
            (0..lines.len()).map(|at| discounts[at] - left[at] + as_money[at] + cashback[at]);
        let amounts = |values: Vec<i64>| values.into_iter().map(Amount::new).collect();
        let for_rewards: Points = rewards.iter().map(GivenReward::points).sum();
        Self {
            redeemed: amounts(redeemed.collect()),
            cashback: amounts(cashback),
            discounts: amounts(discounts),
            spent: spent + for_rewards,
            rewards,
            tax,
        }
    }

    pub(super) fn as_given<'a>(
        &'a self,
        offers_used: &'a [Counted],
        shared_used: &'a [Counted],
        gifts: &'a [Applied],
        promotions: &'a [Promotion],
    ) -> GivenByTill<'a> {
        GivenByTill {
            discounts: &self.discounts,
            spent: self.spent,
            redeemed: &self.redeemed,
            rewards: &self.rewards,
            offers_used,
            tax: self.tax,
            shared_used,
            gifts,
            promotions,
            cashback: &self.cashback,
        }
    }
}

fn decided_times(decision: &Decision, id: &RewardId) -> u32 {
    rewards_of(decision).find(|(reward, ..)| *reward == id).map_or(0, |(_, _, times)| times)
}

/// The rewards that a till says it gave. What one took off is known where it was decided just so
/// and the till's discounts have room for it; else it is among the till's own figures. Of vouchers
/// no more are given than were decided: their codes come from here.
fn given_rewards<'p>(
    request: &CommitRequest,
    programme: &'p Programme,
    decision: &Decision,
    left: &mut [i64],
) -> Vec<GivenReward<'p>> {
    let lines = request.basket.lines();
    let places: BTreeMap<&LineId, usize> =
        lines.iter().enumerate().map(|(at, line)| (&line.line_id, at)).collect();
    let asked = request.basket.benefits().rewards.iter();
    let given = asked.filter_map(|(id, times)| {
        let reward = programme.reward(id)?;
        let times = match reward.gift {
            Gift::Item { .. } | Gift::Service { .. } => *times,
            Gift::Voucher(_) => decided_times(decision, id).min(*times),
        };
        (times > 0).then_some((reward, times))
    });
    let mut rewards = Vec::new();
    for (reward, times) in given {
        let decided = decision.applied.iter().find(|applied| match &applied.benefit {
            Benefit::Reward { reward: decided, times: as_often, .. } => {
                *decided == reward.id && *as_often == times
            }
            _ => false,
        });
        let mut off = vec![0; lines.len()];
        for part in decided.iter().flat_map(|applied| &applied.allocations) {
            let at = places.get(&part.line_id).copied();
            at.into_iter().for_each(|at| off[at] += part.amount.value());
        }
        if off.iter().zip(&*left).any(|(off, left)| off > left) {
            off.fill(0);
        }
        left.iter_mut().zip(&off).for_each(|(left, off)| *left -= off);
        let amounts = off.into_iter().map(Amount::new).collect();
        rewards.push(GivenReward { reward, times, amounts });
    }
    rewards
}
