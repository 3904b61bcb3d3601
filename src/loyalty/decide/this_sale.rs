//! Points that a sale earns, spent on that very sale.

use super::redemption::{Limits, Purse};
use super::slate::Claim;
use super::{Work, cost, earn, earned_by};
use crate::loyalty::account::Account;
use crate::loyalty::decision::Benefit;
use crate::loyalty::entry::Expires;
use crate::loyalty::programme::{Programme, RedemptionPolicy, ThisSale};
use crate::loyalty::purse::{PendingPart, SpentPart};
use crate::money::Points;

/// How often it is tried what a number of points leaves to be earned: once with none, once with
/// all, and twelve halvings between. That is exact where spending costs fewer than 4,096 points of
/// the sale, and never gives too many.
pub(super) const TRIALS_MAX: u32 = 14;

/// How many points there are to spend if those of this sale count: no more than the account has
/// and the sale still earns once they are spent, as points that pay may lower what earns.
///
/// The more is spent, the less is earned, so the most lies between what there is if all that can
/// be earned is, and if only so much is as is left beside that.
pub(super) fn free(
    work: &Work<'_>,
    policy: &RedemptionPolicy,
    purse: Purse,
    claims: &[Claim],
) -> Points {
    let Some(account) = &work.account else {
        return purse.free;
    };
    let with_earned = |free: Points| {
        let limits = Limits::new(policy, Purse { free, ..purse }, claims, work.spent_value());
        purse.free + earned_beside(work, account, &limits, claims)
    };
    let most = with_earned(Points::ZERO);
    let mut held = with_earned(most);
    let mut failed = most + Points::new(1);
    for _ in 2..TRIALS_MAX {
        let middle = held + Points::new((failed - held).value() / 2);
        if middle == held {
            break;
        }
        if middle <= with_earned(middle) {
            held = middle;
        } else {
            failed = middle;
        }
    }
    held
}

/// The lots that spent points come from: what the account does not hold comes from what the sale
/// earned to be spent at once, where the programme has that.
pub(super) fn spent_from(
    programme: &Programme,
    account: &Account,
    spent: Points,
    (at_once, expires): (Points, Expires),
) -> Vec<SpentPart> {
    let mut parts = account.points().consumption(spent);
    let held: Points = parts.iter().map(|part| part.value).sum();
    let usable =
        programme.redemption.as_ref().is_some_and(|policy| policy.this_sale == ThisSale::Usable);
    let points = (spent - held).min(at_once);
    if usable && points.is_positive() {
        match parts.iter_mut().find(|part| part.expires == expires) {
            Some(part) => part.value += points,
            None => parts.push(SpentPart { expires, value: points }),
        }
        parts.sort_by_key(|part| part.expires);
    }
    parts
}

/// What the sale earns where as many points pay as the limits allow, without what is pending.
fn earned_beside(
    work: &Work<'_>,
    account: &Account,
    limits: &Limits<'_>,
    claims: &[Claim],
) -> Points {
    let rules = work.programme.earn.len() * cost::OF_RULE as usize;
    work.slate.look(work.basket.lines().len() * rules);
    let mut slate = work.slate.clone();
    let points = limits.points_max();
    if points.is_positive() {
        slate.take(Benefit::Points(points), limits.value_on(points), claims);
    }
    let lines = slate.accrual_lines(work.programme.accrual);
    let earning = earn(work.programme, &lines, &work.circumstances(account));
    let earned: Points = earned_by(&earning.by_rule);
    let pending = PendingPart::of(&earning.by_rule, earned);
    earned - pending.iter().map(|part| part.value).sum()
}
