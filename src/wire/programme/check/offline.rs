//! What members may spend at tills that do not know the hub's latest word.

use super::super::fault::FaultCode;
use super::super::file::{OfflineSpendingWord, OfflineTable};
use super::super::place::Place;
use super::Check;
use crate::loyalty::{CashbackPolicy, OfflineSpending, RedemptionPolicy};
use crate::money::{Amount, Points};

/// What can be spent in a programme, as far as it could be read.
pub(super) struct Spendable<'p> {
    pub(super) redemption: Written<&'p RedemptionPolicy>,
    pub(super) cashback: Written<&'p CashbackPolicy>,
    /// How many rewards points buy.
    pub(super) rewards: usize,
}

/// A table of the file.
#[derive(Clone, Copy)]
pub(super) enum Written<T> {
    /// There is none.
    Not,
    /// There is one, and it is told what is wrong with it.
    Wrong,
    /// What it says.
    As(T),
}

impl<T> Written<T> {
    pub(super) fn of<U>(table: Option<&U>, read: Option<T>) -> Self {
        match (table, read) {
            (None, _) => Self::Not,
            (Some(_), None) => Self::Wrong,
            (Some(_), Some(read)) => Self::As(read),
        }
    }

    fn is_there(&self) -> bool {
        !matches!(self, Self::Not)
    }
}

impl Check<'_, '_> {
    pub(super) fn offline(
        &mut self,
        table: Option<&OfflineTable>,
        spendable: &Spendable<'_>,
    ) -> Option<OfflineSpending> {
        let table = table?;
        let at = Place::Root.key("offline");
        let word = *self.required(&at, "spending", table.spending.as_ref())?;
        let points = spendable.redemption.is_there() || spendable.rewards > 0;
        if !points && !spendable.cashback.is_there() {
            let reason = "nothing can be spent in this programme; leave [offline] out";
            self.faults.add(&at, FaultCode::Contradiction, reason);
        }
        match word {
            OfflineSpendingWord::None => {
                let by = "spending = \"none\"";
                self.unused(&at, "floor_points", table.floor_points.as_ref(), by);
                self.unused(&at, "floor_cashback", table.floor_cashback.as_ref(), by);
                Some(OfflineSpending::Nothing)
            }
            OfflineSpendingWord::Floor => {
                let points = if points {
                    self.floor_points(&at, table, spendable)
                } else {
                    let by = "a programme in which points cannot be spent";
                    self.unused(&at, "floor_points", table.floor_points.as_ref(), by);
                    Some(Points::ZERO)
                };
                let cashback = if spendable.cashback.is_there() {
                    self.floor_cashback(&at, table, spendable)
                } else {
                    let by = "a programme without cashback";
                    self.unused(&at, "floor_cashback", table.floor_cashback.as_ref(), by);
                    Some(Amount::ZERO)
                };
                Some(OfflineSpending::Floor { points: points?, cashback: cashback? })
            }
        }
    }

    fn floor_points(
        &mut self,
        at: &Place<'_>,
        table: &OfflineTable,
        spendable: &Spendable<'_>,
    ) -> Option<Points> {
        let number = self.required(at, "floor_points", table.floor_points.as_ref())?;
        let at = at.key("floor_points");
        let floor = self.points(&at, number)?;
        // A reward may cost less than the least that is spent as money.
        if let (Written::As(policy), 0) = (spendable.redemption, spendable.rewards) {
            if floor < policy.minimum {
                let least = self.point_decimals.format(policy.minimum);
                self.below_the_least(&at, &least);
            }
        }
        Some(floor)
    }

    fn floor_cashback(
        &mut self,
        at: &Place<'_>,
        table: &OfflineTable,
        spendable: &Spendable<'_>,
    ) -> Option<Amount> {
        let text = self.required(at, "floor_cashback", table.floor_cashback.as_ref())?;
        let at = at.key("floor_cashback");
        let floor = self.amount(&at, text)?;
        if let (Written::As(policy), Some(currency)) = (spendable.cashback, self.currency) {
            let least = Amount::new(policy.redemption.minimum.value());
            if floor < least {
                self.below_the_least(&at, &currency.format(least));
            }
        }
        Some(floor)
    }

    fn below_the_least(&mut self, at: &Place<'_>, least: &str) {
        let reason = format!(
            "less than the {least} that must be spent at once, so nothing could be; \
             write spending = \"none\" where that is meant"
        );
        self.faults.add(at, FaultCode::Contradiction, reason);
    }
}
