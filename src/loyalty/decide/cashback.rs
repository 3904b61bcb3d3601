//! Stage 7: cashback spent, exactly as much as the customer chose (BQ-43). It goes the way of
//! points whose every one is worth one minor unit, on what these left to be paid.

use super::Work;
use super::redemption::{Limits, Purse, claims};
use crate::loyalty::decision::{Benefit, Reason, Refusal, Subject};
use crate::money::{Amount, Points};

/// Spends what was asked for, within the programme's limits, and says how much could be spent.
pub(super) fn apply(work: &mut Work<'_>) -> Option<Amount> {
    let asked = Some(work.basket.benefits().cashback).filter(|asked| asked.is_positive());
    let limits = limits(work);
    match (limits, asked) {
        (Err(reason), Some(_)) => {
            work.refused.push(Refusal { subject: Subject::Cashback, reason });
            None
        }
        (Err(_), None) => None,
        (Ok((limits, claims)), asked) => {
            if let Some(asked) = asked {
                let mut met = Vec::new();
                let points = limits.allow(Points::new(asked.value()), &mut met);
                let told =
                    |reason| Refusal { subject: Subject::Cashback, reason: in_money(reason) };
                work.refused.extend(met.into_iter().map(told));
                let amount = limits.value_on(points);
                if let Some(applied) = work.slate.take(Benefit::Cashback, amount, &claims) {
                    work.cashback_spent = applied.amount;
                    work.applied.push(applied);
                }
            }
            Some(limits.value_max())
        }
    }
}

fn limits<'a>(work: &Work<'a>) -> Result<(Limits<'a>, Vec<super::slate::Claim>), Reason> {
    let programme = work.programme;
    let policy = &programme.cashback.as_ref().ok_or(Reason::NoCashback)?.redemption;
    let (shopper, account) =
        work.occasion.shopper.as_ref().zip(work.account.as_ref()).ok_or(Reason::MembersOnly)?;
    if !policy.may_spend(shopper.kind, shopper.role) {
        return Err(Reason::RoleMayNotSpend);
    }
    let balance = account.cashback().balance();
    let free = (balance - shopper.held_cashback).or_zero();
    let cap = shopper.offline_cap.cashback;
    let offline_left = cap.map(|cap| (cap - shopper.held_cashback).or_zero()).map(as_points);
    let (balance, free) = (as_points(balance), as_points(free));
    let purse = Purse { balance, free, offline_left, strength: shopper.strength };
    let claims = claims(work, policy);
    // The member must be known well enough for all that leaves the account together.
    let spent = programme.redemption.as_ref().map(|policy| policy.value_at_most(work.spent));
    Ok((Limits::new(policy, purse, &claims, spent.unwrap_or_default()), claims))
}

/// Every minor unit as a point.
fn as_points(amount: Amount) -> Points {
    Points::new(amount.value())
}

/// A reason that counts points as the money that they are here.
fn in_money(reason: Reason) -> Reason {
    let money = |points: Points| Amount::new(points.value());
    match reason {
        Reason::NotEnoughPoints { available } => {
            Reason::NotEnoughCashback { available: money(available) }
        }
        Reason::OfflineLimit { left } => Reason::CashbackOfflineLimit { left: money(left) },
        Reason::OverShare { points_max } => {
            Reason::CashbackOverShare { amount_max: money(points_max) }
        }
        Reason::BelowSpendMinimum { minimum } => {
            Reason::BelowCashbackMinimum { minimum: money(minimum) }
        }
        other => other,
    }
}
