//! What a record does to an account.

use chrono::{DateTime, NaiveDate, Utc};

use super::counter::Counted;
use super::ids::DeviceId;
use super::programme::{Expiries, ExpiryPolicy};
use super::purse::{Gained, Undone};
use crate::money::{Amount, Points};

/// One change of one account, in its place in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place.
    pub key: EntryKey,
    /// The local day it belongs to.
    pub day: NaiveDate,
    /// The terms it was decided under.
    pub terms: EntryTerms,
    /// What it does.
    pub change: Change,
}

/// What folding an entry needs of the programme it was decided under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryTerms {
    /// How points expired then.
    pub expiry: ExpiryPolicy,
    /// How cashback expired then; not at all where the programme had none.
    pub cashback_expiry: ExpiryPolicy,
    /// How many days of history the programme's windows needed then.
    pub days_kept: u16,
}

/// The place of an entry: entries are folded in this order, whatever order they arrive in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryKey {
    /// When it took effect.
    pub effective_at: DateTime<Utc>,
    /// The device whose record it is.
    pub device: DeviceId,
    /// The device's epoch.
    pub epoch: u32,
    /// The record's number in the epoch.
    pub sequence: u64,
}

/// What an entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A paid receipt: spends, renews what is sliding, earns, then converts.
    Sale {
        /// What it does to the points.
        points: Gained<Points>,
        /// What it does to the cashback.
        cashback: Gained<Amount>,
        /// Points converted into vouchers.
        converted: Points,
        /// Money paid.
        spend: Amount,
        /// What it counts.
        counted: Vec<Counted>,
    },
    /// A return or void of a sale, or of a part of it.
    Undo {
        /// The local day of the sale.
        sale_day: NaiveDate,
        /// What is left of the sale.
        remaining: RemainingSale,
        /// What it does to the points.
        points: Undone<Points>,
        /// What it does to the cashback.
        cashback: Undone<Amount>,
        /// Money paid back.
        spend: Amount,
        /// What it takes back of what the sale counted, on the sale's day.
        counted: Vec<Counted>,
    },
    /// Points and cashback given or taken by hand; does not renew.
    Adjust {
        /// More or fewer.
        points: Points,
        /// The lot of points given.
        expires: Expires,
        /// More cashback or less.
        cashback: Amount,
        /// The lot of cashback given.
        cashback_expires: Expires,
        /// What it counts, and the local day that this is for.
        counted: Option<(NaiveDate, Vec<Counted>)>,
    },
}

/// Whether a sale still counts as a visit after a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemainingSale {
    /// Some units stay sold.
    Some,
    /// Nothing stays: the visit never was, and the expiry it renewed is the earlier one again.
    Nothing,
}

/// Until when points live. Soonest first; that is the order in which they are spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expires {
    /// To the end of this local day.
    On(NaiveDate),
    /// With the account's last purchase.
    WithActivity,
    /// Not at all.
    #[default]
    Never,
}

impl Change {
    /// Points given or taken by hand.
    #[must_use]
    pub fn of_points(points: Points, expires: Expires) -> Self {
        let (cashback, cashback_expires) = (Amount::ZERO, Expires::Never);
        Self::Adjust { points, expires, cashback, cashback_expires, counted: None }
    }

    /// The same, where it is by hand, with what it counts on a local day.
    #[must_use]
    pub fn counting(mut self, counts: Option<(NaiveDate, Vec<Counted>)>) -> Self {
        if let Self::Adjust { counted, .. } = &mut self {
            *counted = counts;
        }
        self
    }
}

impl EntryTerms {
    /// How points and cashback expired then.
    #[must_use]
    pub fn expiries(&self) -> Expiries {
        Expiries { points: self.expiry, cashback: self.cashback_expiry }
    }
}

impl Expires {
    /// The last day, where what lives with the account's purchases ends on `activity_ends`.
    pub(super) fn last_day(self, activity_ends: Option<NaiveDate>) -> Option<NaiveDate> {
        match self {
            Self::On(day) => Some(day),
            Self::WithActivity => activity_ends,
            Self::Never => None,
        }
    }
}
