//! What every record says, whatever it records.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::hash::RecordHash;
use super::numbered::numbered;
use crate::loyalty::{DeviceId, OperatorRef, StoreId, TillId};
use crate::money::{Amount, Points};

/// The format of the records that this software writes: raised when a reader of the format
/// before could not read them (a new kind or a new number of an enum; a new key is no reason).
pub const FORMAT: u8 = 1;

/// The engine that decides: raised when any golden decision changes.
pub const ENGINE: u16 = 1;

/// What every record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The record's format; [`FORMAT`] when written by this software.
    pub format: u8,
    /// The engine that decided; [`ENGINE`] when written by this software.
    pub engine: u16,
    /// The device whose journal it is.
    pub device: DeviceId,
    /// The device's epoch: a salvage or a restore begins a new one. The first is 1.
    pub epoch: u32,
    /// Number in the epoch, from 1 without a gap.
    pub sequence: u64,
    /// Hash of the record before; [`RecordHash::ZERO`] for the very first, and for the first of
    /// an epoch whose forerunner is not known.
    pub previous: RecordHash,
    /// The agent's clocks when it was decided.
    pub clock: ClockReading,
    /// What was taken for the time where the clock's wall time could not be believed.
    pub believed_at: Option<DateTime<Utc>>,
    /// The store.
    pub store: StoreId,
    /// The till, where one asked.
    pub till: Option<TillId>,
    /// Who worked the till.
    pub operator: Option<OperatorRef>,
    /// The programme in force; 0 is none.
    pub programme_version: u32,
    /// What balances were read from: the hub's cursor at an enrolled till, else the number of the
    /// imported base; 0 is none.
    pub base_cursor: u64,
    /// Number of the hub's last checkpoint; 0 is none.
    pub checkpoint: u64,
    /// Sums over the device's life, this record included.
    pub totals: RunningTotals,
}

impl Header {
    /// When it was decided, as far as the agent knew.
    #[must_use]
    pub fn decided_at(&self) -> DateTime<Utc> {
        self.believed_at.unwrap_or(self.clock.wall)
    }
}

/// What the agent's clocks said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// Wall time; a record keeps whole milliseconds.
    pub wall: DateTime<Utc>,
    /// The store's offset from UTC at the time that was believed, east positive.
    pub offset_minutes: i16,
    /// Time since the machine started.
    pub monotonic_ms: u64,
    /// The start that it counts from.
    pub boot: BootId,
    /// Whether the wall time may be believed.
    pub trust: ClockTrust,
}

impl ClockReading {
    /// The store's calendar day of an instant, by this reading's offset.
    #[must_use]
    pub fn local_day(&self, at: DateTime<Utc>) -> NaiveDate {
        let offset = TimeDelta::minutes(i64::from(self.offset_minutes));
        at.naive_utc().checked_add_signed(offset).unwrap_or(at.naive_utc()).date()
    }
}

/// Names one start of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BootId(pub [u8; 16]);

numbered! {
    /// Whether a wall time may be believed.
    ClockTrust {
        /// Agreed with the hub or the system's time service.
        Trusted = 1 "trusted",
        /// Nobody confirmed it.
        Untrusted = 2 "untrusted",
    }
}

/// Sums that only grow with what is recorded. All are as decided; no return lowers them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunningTotals {
    /// Sales.
    pub receipts: u64,
    /// What was sold, before loyalty.
    pub gross: Amount,
    /// Offers and vouchers.
    pub discount: Amount,
    /// Points and cashback spent, as money.
    pub redeemed: Amount,
    /// Points earned.
    pub points_issued: Points,
    /// Points spent.
    pub points_spent: Points,
    /// Cashback earned.
    pub cashback_issued: Amount,
    /// Cashback spent.
    pub cashback_spent: Amount,
}
