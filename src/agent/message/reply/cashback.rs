//! What may be spent only later, and the balance in money beside the points.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::points::{activity_ends, earned_ends};
use super::time::Day;
use crate::agent::till::answer::CashbackStanding;
use crate::journal::{CashbackPart, Header, MemberPart, Sale};
use crate::loyalty::{CashbackOutcome, PendingPart, balance_after};
use crate::money::Amount;

/// Points that may be spent from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PendingReply {
    /// The first day.
    #[schema(example = "2026-12-05")]
    #[schema(value_type = String)]
    pub(crate) usable_from: Day,
    /// How many.
    #[schema(example = 12)]
    pub(crate) points: i64,
}

/// Cashback that may be spent from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PendingCashbackReply {
    /// The first day.
    #[schema(example = "2026-12-05")]
    #[schema(value_type = String)]
    pub(crate) usable_from: Day,
    /// How much, in minor units.
    #[schema(example = 245)]
    pub(crate) amount: i64,
}

/// What happens to a member's cashback, in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct CashbackReply {
    /// What could be spent before.
    #[schema(example = 1500)]
    pub(crate) before: i64,
    /// Earned now.
    #[schema(example = 245)]
    pub(crate) earned: i64,
    /// Spent now.
    #[schema(example = 500)]
    pub(crate) spent: i64,
    /// What can be spent after.
    #[schema(example = 1245)]
    pub(crate) after: i64,
    /// What of the account's can be spent only later, by day, after the sale.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) pending: Vec<PendingCashbackReply>,
    /// Owed after; the next cashback settles it.
    pub(crate) debt_after: i64,
    /// The last day of the cashback earned now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(crate) earned_expire_on: Option<Day>,
    /// The soonest that cashback lapses. A record tells it where a purchase renews all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_expiry: Option<CashbackExpiryReply>,
    /// The most that could be spent on this basket; quotes only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) spendable: Option<i64>,
}

/// A member's cashback as it is, in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct CashbackStandingReply {
    /// What can be spent, held amounts included.
    #[schema(example = 1500)]
    pub(crate) balance: i64,
    /// On hold for baskets being paid.
    pub(crate) held: i64,
    /// What can be spent only later, by day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) pending: Vec<PendingCashbackReply>,
    /// Owed.
    pub(crate) debt: i64,
    /// The soonest that cashback lapses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_expiry: Option<CashbackExpiryReply>,
}

/// Cashback that lapses together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct CashbackExpiryReply {
    /// Its last day.
    #[schema(example = "2027-02-28")]
    #[schema(value_type = String)]
    pub(crate) date: Day,
    /// How much, in minor units.
    #[schema(example = 1500)]
    pub(crate) amount: i64,
}

/// Points that may be spent only later.
pub(super) fn pending(parts: &[PendingPart]) -> Vec<PendingReply> {
    let reply = |part: &PendingPart| PendingReply {
        usable_from: Day(part.usable_from),
        points: part.value.value(),
    };
    parts.iter().map(reply).collect()
}

fn pending_cashback(parts: &[PendingPart<Amount>]) -> Vec<PendingCashbackReply> {
    let reply = |part: &PendingPart<Amount>| PendingCashbackReply {
        usable_from: Day(part.usable_from),
        amount: part.value.value(),
    };
    parts.iter().map(reply).collect()
}

impl CashbackReply {
    pub(super) fn of_outcome(outcome: &CashbackOutcome) -> Self {
        let gained = &outcome.gained;
        let activity_ends = outcome.next_expiry.map(|(day, _)| day);
        let earned_ends = earned_ends(gained.expires, activity_ends);
        Self {
            before: outcome.before.value(),
            earned: gained.earned.value(),
            spent: gained.spent.value(),
            after: outcome.after.value(),
            pending: pending_cashback(&outcome.pending_after),
            debt_after: outcome.debt_after.value(),
            earned_expire_on: earned_ends.filter(|_| gained.earned.is_positive()).map(Day),
            next_expiry: outcome.next_expiry.map(CashbackExpiryReply::of),
            spendable: outcome.spendable.map(Amount::value),
        }
    }

    /// What a sale's record says of it.
    pub(super) fn of_member(
        part: &CashbackPart,
        member: &MemberPart,
        sale: &Sale,
        header: &Header,
    ) -> Self {
        let gained = part.gained(&member.earned_by);
        let (after, debt_after) = balance_after(part.before, part.debt, &gained);
        let activity_ends = activity_ends(member.terms.cashback_expiry, sale, header);
        let earned_ends = earned_ends(part.expires, activity_ends);
        let next_expiry = activity_ends.filter(|_| after.is_positive());
        Self {
            before: part.before.value(),
            earned: part.earned.value(),
            spent: part.spent.value(),
            after: after.value(),
            pending: pending_cashback(&part.pending_after),
            debt_after: debt_after.value(),
            earned_expire_on: earned_ends.filter(|_| part.earned.is_positive()).map(Day),
            next_expiry: next_expiry.map(|day| CashbackExpiryReply::of((day, after))),
            spendable: None,
        }
    }
}

impl CashbackExpiryReply {
    fn of((day, amount): (NaiveDate, Amount)) -> Self {
        Self { date: Day(day), amount: amount.value() }
    }
}

impl CashbackStandingReply {
    pub(super) fn of(standing: &CashbackStanding) -> Self {
        Self {
            balance: standing.balance.value(),
            held: standing.held.value(),
            pending: pending_cashback(&standing.pending),
            debt: standing.debt.value(),
            next_expiry: standing.next_expiry.map(CashbackExpiryReply::of),
        }
    }
}
