//! What a record does to an account.

use chrono::{DateTime, NaiveDate, Utc};

use super::counter::Counted;
use super::decision::SpentPart;
use super::ids::DeviceId;
use super::programme::ExpiryPolicy;
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
    /// A paid receipt: spends, renews sliding points, earns, then converts.
    Sale {
        /// Points earned.
        earned: Points,
        /// Their lot.
        expires: Expires,
        /// Points spent.
        spent: Points,
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
        /// Earned points to take back.
        clawed_back: Points,
        /// How many of them are not taken, as the balance did not hold them (see
        /// [`ClawBack`](super::claw_back::ClawBack)); negative where a return takes what an earlier
        /// one of the same sale forgave. Never more than `clawed_back`.
        forgiven: Points,
        /// The lot they were earned in.
        expires: Expires,
        /// Spent points given back, to their lots.
        restored: Vec<SpentPart>,
        /// Money paid back.
        spend: Amount,
        /// What it takes back of what the sale counted, on the sale's day.
        counted: Vec<Counted>,
    },
    /// Points given or taken by hand; does not renew.
    Adjust {
        /// More or fewer.
        points: Points,
        /// The lot of points given.
        expires: Expires,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expires {
    /// To the end of this local day.
    On(NaiveDate),
    /// With the account's last purchase.
    WithActivity,
    /// Not at all.
    Never,
}
