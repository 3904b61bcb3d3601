//! What may be spent of an account while its device does not hear the hub.

use crate::money::{Amount, Points};

/// How long the hub's word counts as the latest, in milliseconds: longer than a quiet hub keeps a
/// question open, so that a line that works is never taken for one that does not.
pub const HUB_WORD_MS_MAX: u64 = 30_000;

/// What a programme lets a device spend of an account that does not know the hub's latest word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfflineSpending {
    /// Nothing.
    Nothing,
    /// So much, until the hub says that it has booked it: a floor limit, by account and device. No
    /// day and no restart gives it back.
    Floor {
        /// Of the points.
        points: Points,
        /// Of the cashback.
        cashback: Amount,
    },
}

/// What a device recorded of an account that the hub's word on it does not contain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unconfirmed {
    /// How many records that changed the account.
    pub records: usize,
    /// Points spent in them, less what returns of these very sales gave back.
    pub points: Points,
    /// Cashback spent, likewise.
    pub cashback: Amount,
}

/// What a device that is enrolled at a hub knows of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HubWord {
    /// For how long the hub has said no more than the device has; `None` where it said nothing
    /// since the device started.
    pub age_ms: Option<u64>,
    /// What the hub has not heard of the account.
    pub unconfirmed: Unconfirmed,
}

/// The most that may be spent of an account here and now, whatever the balance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpendingCap {
    /// Points; `None` where only the balance is a bound.
    pub points: Option<Points>,
    /// Cashback, likewise.
    pub cashback: Option<Amount>,
}

impl SpendingCap {
    /// Only the balance is a bound.
    pub const NONE: Self = Self { points: None, cashback: None };
}

impl OfflineSpending {
    /// The most that a device may spend of an account. Never below zero.
    #[must_use]
    pub fn cap(self, word: &HubWord) -> SpendingCap {
        if word.is_latest() {
            return SpendingCap::NONE;
        }
        let (points, cashback) = match self {
            Self::Nothing => (Points::ZERO, Amount::ZERO),
            Self::Floor { points, cashback } => {
                let Unconfirmed { points: spent, cashback: spent_cashback, .. } = word.unconfirmed;
                ((points - spent).or_zero(), (cashback - spent_cashback).or_zero())
            }
        };
        SpendingCap { points: Some(points), cashback: Some(cashback) }
    }
}

impl HubWord {
    /// Whether the balance is the hub's own, as of a moment ago.
    fn is_latest(&self) -> bool {
        self.unconfirmed.records == 0 && self.age_ms.is_some_and(|age_ms| age_ms < HUB_WORD_MS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOOR: OfflineSpending =
        OfflineSpending::Floor { points: Points::new(500), cashback: Amount::new(2_000) };

    fn word(age_ms: Option<u64>, records: usize, points: i64, cashback: i64) -> HubWord {
        let (points, cashback) = (Points::new(points), Amount::new(cashback));
        HubWord { age_ms, unconfirmed: Unconfirmed { records, points, cashback } }
    }

    #[test]
    fn a_device_spends_the_balance_by_the_hubs_latest_word_and_else_what_the_programme_says() {
        let capped = |points, cashback| SpendingCap {
            points: Some(Points::new(points)),
            cashback: Some(Amount::new(cashback)),
        };
        let last = Some(HUB_WORD_MS_MAX - 1);
        for (word, of_floor, of_nothing) in [
            (word(Some(0), 0, 0, 0), SpendingCap::NONE, SpendingCap::NONE),
            (word(last, 0, 0, 0), SpendingCap::NONE, SpendingCap::NONE),
            (word(Some(HUB_WORD_MS_MAX), 0, 0, 0), capped(500, 2_000), capped(0, 0)),
            (word(None, 0, 0, 0), capped(500, 2_000), capped(0, 0)),
            (word(Some(0), 1, 0, 0), capped(500, 2_000), capped(0, 0)),
            (word(Some(0), 1, 200, 1), capped(300, 1_999), capped(0, 0)),
            (word(None, 3, 500, 2_000), capped(0, 0), capped(0, 0)),
            (word(None, 3, 5_000, 2_001), capped(0, 0), capped(0, 0)),
        ] {
            assert_eq!(FLOOR.cap(&word), of_floor, "{word:?}");
            assert_eq!(OfflineSpending::Nothing.cap(&word), of_nothing, "{word:?}");
        }
    }
}
