//! What earning rules give: points, or money for later purchases (BQ-43).

use chrono::NaiveDate;

use super::ids::RuleId;
use super::purse::{Gained, PendingPart, SpentPart, Unit};
use crate::money::{Amount, Points};

/// What one rule gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarnedBy {
    /// The rule.
    pub rule: RuleId,
    /// What.
    pub gain: Gain,
    /// The first day on which it may be spent; `None` where that is at once.
    pub usable_from: Option<NaiveDate>,
}

/// What rules give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gain {
    /// Points.
    Points(Points),
    /// Money for later purchases.
    Cashback(Amount),
}

impl Default for Gain {
    fn default() -> Self {
        Self::Points(Points::ZERO)
    }
}

impl Gain {
    /// Whether it is more than nothing.
    #[must_use]
    pub fn is_positive(self) -> bool {
        match self {
            Self::Points(points) => points.is_positive(),
            Self::Cashback(amount) => amount.is_positive(),
        }
    }
}

impl EarnedBy {
    /// What rules gave of points or of cashback, before the bound of a receipt.
    #[must_use]
    pub fn sum<U: Unit>(rules: &[Self]) -> U {
        rules.iter().map(|by| U::of(by.gain)).sum()
    }
}

/// What happens to the account's cashback.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CashbackOutcome {
    /// Usable before.
    pub before: Amount,
    /// Owed before.
    pub debt_before: Amount,
    /// What the sale gives and takes.
    pub gained: Gained<Amount>,
    /// From which lots.
    pub spent_from: Vec<SpentPart<Amount>>,
    /// Usable after.
    pub after: Amount,
    /// Usable later, by day, after this sale.
    pub pending_after: Vec<PendingPart<Amount>>,
    /// Owed after: taken back or spent beyond the balance.
    pub debt_after: Amount,
    /// The last day of what expires soonest after this sale, and how much that is.
    pub next_expiry: Option<(NaiveDate, Amount)>,
    /// The most that could be spent on this basket; `None` where nothing can be.
    pub spendable: Option<Amount>,
}
