//! What happens around the sales.

use chrono::{DateTime, NaiveDate, Utc};

use super::hash::ContentHash;
use super::header::RunningTotals;
use super::key::PublicKey;
use super::numbered::numbered;
use super::text::{Attributes, Remark, SoftwareVersion};
use crate::loyalty::{EventTypeId, MemberRef, ProgrammeId, ReceiptUid};
use crate::money::{Amount, Points};

/// A custom event of a registered type (CC-19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its type.
    pub event_type: EventTypeId,
    /// Its own id, so that it is booked once.
    pub event_uid: ReceiptUid,
    /// Who.
    pub member: Option<MemberRef>,
    /// What else.
    pub attributes: Attributes,
}

/// Members taken from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The file.
    pub source_hash: ContentHash,
    /// How many members.
    pub members: u64,
    /// The sum of their points, to check against.
    pub points: Points,
    /// The base that it made.
    pub cursor: u64,
}

/// A new base of members: an imported one, or a snapshot of the hub. What is pulled behind a snapshot
/// is no record of its own; each header has the cursor that balances were read at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseChange {
    /// What it is up to.
    pub cursor: u64,
    /// Its content.
    pub hash: ContentHash,
}

/// A programme that came into force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeChange {
    /// Which.
    pub id: ProgrammeId,
    /// Its version.
    pub version: u32,
    /// Its file.
    pub hash: ContentHash,
}

/// Holds and leases that ended otherwise than by being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseChange {
    /// Why.
    pub reason: Remark,
    /// Holds dropped.
    pub dropped_holds: u32,
    /// Leases dropped.
    pub dropped_leases: u32,
}

/// Something that tills or the agent rely on stopped answering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutageBegin {
    /// What.
    pub cause: OutageCause,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// It answers again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutageEnd {
    /// What.
    pub cause: OutageCause,
    /// When it had begun.
    pub begun: DateTime<Utc>,
}

numbered! {
    /// What did not answer.
    OutageCause {
        /// The agent itself: tills sold without it.
        AgentDown = 1 "agent_down",
        /// The hub.
        HubUnreachable = 2 "hub_unreachable",
    }
}

/// The wall clock moved by more than time passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockJump {
    /// What it should have said.
    pub from: DateTime<Utc>,
    /// What it said.
    pub to: DateTime<Utc>,
}

/// Another version of the software runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoftwareChange {
    /// The one before; `None` at the first start.
    pub from: Option<SoftwareVersion>,
    /// The one that runs.
    pub to: SoftwareVersion,
    /// Its engine.
    pub engine: u16,
}

/// The key that a device signs with, told at its first start and when it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    /// The key.
    pub public_key: PublicKey,
    /// Why.
    pub reason: Remark,
}

/// Records that could not be proven and were set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Their epoch.
    pub epoch: u32,
    /// The first.
    pub first_sequence: u64,
    /// The last.
    pub last_sequence: u64,
    /// The bytes that could not be read, where there are any.
    pub hash: Option<ContentHash>,
    /// What is wrong with them.
    pub reason: Remark,
}

/// The end of a business day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DailyClosing {
    /// The local day.
    pub day: NaiveDate,
    /// Its sums.
    pub day_totals: RunningTotals,
    /// Sums over the device's life.
    pub perpetual: RunningTotals,
    /// Sales of the day with a member, and receipts whose member was named on the day, whenever
    /// they were sold.
    pub identified_receipts: u64,
    /// What was paid for them.
    pub identified_value: Amount,
    /// What was taken back on the day, whenever it was sold.
    pub taken_back: TakenBack,
    /// How often the day was closed before: receipts that came after a closing ask for another,
    /// which has the sums of the whole day again.
    pub closed_before: u32,
}

/// Sums of voids and returns. Trainings do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakenBack {
    /// Receipts voided.
    pub voids: u64,
    /// Returns of units.
    pub returns: u64,
    /// What was paid back for both.
    pub refunded: Amount,
    /// Earned points taken back.
    pub points_clawed_back: Points,
    /// Spent points given back.
    pub points_restored: Points,
    /// Earned cashback taken back.
    pub cashback_clawed_back: Amount,
    /// Spent cashback given back.
    pub cashback_restored: Amount,
}
