//! What a till says it gave: sums that must add up, and how they fall on the lines.

use super::commit::requested_points;
use super::error::TillError;
use super::request::CommitRequest;
use crate::journal::Payment;
use crate::loyalty::{Counted, Decision, GivenByTill, Programme};
use crate::money::{Amount, CashRounding, Points, allocate};

/// The kind of payment that is rounded.
const CASH: &str = "cash";

/// What was given on each line, in basket order.
#[derive(Debug)]
pub(super) struct Given {
    discounts: Vec<Amount>,
    redeemed: Vec<Amount>,
    spent: Points,
}

/// Refuses sums that do not fit each other: the one thing a till must not send.
pub(super) fn check_sums(request: &CommitRequest) -> Result<(), TillError> {
    let wrong = |sentence: String| Err(TillError::TotalsDoNotAddUp { sentence });
    let gross = request.basket.gross();
    if request.payable < Amount::ZERO || request.payable > gross {
        let payable = request.payable;
        return wrong(format!("payable is {payable}, the lines come to {gross} minor units"));
    }
    if let Some(discounts) = &request.line_discounts {
        let given: Amount = discounts.values().copied().sum();
        if given != gross - request.payable {
            let due = gross - request.payable;
            return wrong(format!("line discounts come to {given}, lines less payable to {due}"));
        }
        let lines = request.basket.lines();
        for (line_id, discount) in discounts {
            let line = lines.iter().find(|line| line.line_id == *line_id);
            let fits = |amount| (Amount::ZERO..=amount).contains(discount);
            if !line.is_some_and(|line| fits(line.amount)) {
                return wrong(format!("the discount of line {line_id} does not fit the line"));
            }
        }
    }
    let paid: Amount = request.payments.iter().map(|payment| payment.amount).sum();
    let due = request.payable + request.rounding;
    if !request.payments.is_empty() && paid != due {
        return Err(TillError::PaymentsDiffer { paid, due });
    }
    Ok(())
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

/// Whether the till gave just what was decided.
pub(super) fn agrees(request: &CommitRequest, decision: &Decision) -> bool {
    let spent = decision.points.as_ref().map(|points| points.spent).unwrap_or_default();
    let by_line = request.line_discounts.as_ref().is_none_or(|discounts| {
        decision.lines.iter().all(|line| {
            let given = discounts.get(&line.line_id).copied().unwrap_or_default();
            given == line.discount + line.redeemed
        })
    });
    request.payable == decision.totals.payable
        && requested_points(request.basket.benefits().spend) == spent
        && by_line
}

impl Given {
    /// What the till gave: by its own lines where it says, else in proportion to the lines. The
    /// value of spent points is taken out of it first.
    pub(super) fn of(request: &CommitRequest, programme: &Programme, has_member: bool) -> Self {
        let lines = request.basket.lines();
        let amounts: Vec<i64> = lines.iter().map(|line| line.amount.value()).collect();
        let total = request.basket.gross() - request.payable;
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
        let value =
            policy.map_or(Amount::ZERO, |policy| policy.value_beside(spent, request.payable));
        let value = value.min(total);
        let redeemed = allocate(value.value(), &discounts, &discounts);
        let amounts = |values: Vec<i64>| values.into_iter().map(Amount::new).collect();
        Self { discounts: amounts(discounts), redeemed: amounts(redeemed), spent }
    }

    pub(super) fn as_given<'a>(&'a self, offers_used: &'a [Counted]) -> GivenByTill<'a> {
        GivenByTill {
            discounts: &self.discounts,
            spent: self.spent,
            redeemed: &self.redeemed,
            offers_used,
        }
    }
}
