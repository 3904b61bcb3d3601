//! What a till is told.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::agent::store::ledger::outbox::Unsent;
use crate::agent::sync::report::SyncStanding;
use crate::journal::{Record, Signature};
use crate::loyalty::{
    CarriedOffer, Decision, FlagId, LineMismatch, MemberRef, PendingPart, Promotion, ReceiptUid,
    Standing, TierId, TierValidity, VoucherId, VoucherTypeId,
};
use crate::member_code::Strength;
use crate::money::{Amount, Points};

/// A member was identified.
#[derive(Clone, Debug)]
pub(crate) struct Identified {
    /// Opaque; quotes and commits name it.
    pub(crate) identification_id: String,
    pub(crate) strength: Strength,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) standing: MemberStanding,
    /// The till's clock is in doubt, so the code's age is too.
    pub(crate) clock_uncertain: bool,
}

/// A member's account as it is.
#[derive(Clone, Debug)]
pub(crate) struct MemberStanding {
    pub(crate) member: MemberRef,
    pub(crate) flags: BTreeSet<FlagId>,
    pub(crate) standing: Standing,
    pub(crate) balance: Points,
    pub(crate) debt: Points,
    /// On hold for baskets being paid.
    pub(crate) held: Points,
    /// What may be spent only later, by day.
    pub(crate) pending: Vec<PendingPart>,
    pub(crate) cashback: Option<CashbackStanding>,
    pub(crate) tier: Option<TierStanding>,
    /// The last day of the soonest expiring points, and how many they are.
    pub(crate) next_expiry: Option<(NaiveDate, Points)>,
    pub(crate) last_purchase: Option<NaiveDate>,
    pub(crate) lifetime_spend: Amount,
    pub(crate) lifetime_visits: u32,
    /// Those that may be used now.
    pub(crate) vouchers: Vec<VoucherInHand>,
    /// Offers that the member carries and that count now, the best first.
    pub(crate) offers: Vec<CarriedOffer>,
    /// What is said to the member unasked.
    pub(crate) promotions: Vec<Promotion>,
    /// Those whose first day is still to come.
    pub(crate) vouchers_to_come: Vec<VoucherInHand>,
    /// Those that the member is told of, as they are about to lapse, the soonest first.
    pub(crate) vouchers_lapsing: Vec<LapsingVoucher>,
}

/// A voucher that is about to lapse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LapsingVoucher {
    /// What customers call it.
    pub(crate) name: String,
    /// Its last day.
    pub(crate) until: NaiveDate,
    /// Days beyond the present one on which it is valid.
    pub(crate) days_left: u16,
}

/// A member's cashback.
#[derive(Clone, Debug)]
pub(crate) struct CashbackStanding {
    /// What may be spent.
    pub(crate) balance: Amount,
    /// On hold for baskets being paid.
    pub(crate) held: Amount,
    /// What may be spent only later, by day.
    pub(crate) pending: Vec<PendingPart<Amount>>,
    pub(crate) debt: Amount,
    /// The last day of what expires soonest, and how much it is.
    pub(crate) next_expiry: Option<(NaiveDate, Amount)>,
}

/// A member's tier and the way to the next.
#[derive(Clone, Debug)]
pub(crate) struct TierStanding {
    pub(crate) tier: TierId,
    pub(crate) name: String,
    pub(crate) next: Option<TierId>,
    /// What the next tier still needs of the measure.
    pub(crate) missing: i64,
    /// How far from this tier to the next, 0 to 100.
    pub(crate) progress_percent: u8,
    /// How long the tier holds, where the programme keeps tiers.
    pub(crate) validity: Option<TierValidity>,
}

/// A voucher that a member has.
#[derive(Clone, Debug)]
pub(crate) struct VoucherInHand {
    pub(crate) voucher: VoucherId,
    pub(crate) voucher_type: VoucherTypeId,
    pub(crate) name: String,
    pub(crate) valid_from: Option<NaiveDate>,
    pub(crate) valid_until: Option<NaiveDate>,
}

/// A priced basket. Nothing was written.
#[derive(Clone, Debug)]
pub(crate) struct Quoted {
    /// Opaque; the commit names it.
    pub(crate) quote_id: String,
    pub(crate) decided_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) programme_version: u32,
    pub(crate) member: Option<MemberRef>,
    pub(crate) decision: Decision,
    pub(crate) mismatches: Vec<LineMismatch>,
}

/// A record that is signed, chained and fsynced.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// Its row in the journal.
    pub(crate) id: i64,
    pub(crate) record: Record,
    pub(crate) signature: Signature,
    pub(crate) novelty: Novelty,
}

/// Whether a request was carried out now or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Novelty {
    /// Now.
    Fresh,
    /// Before; this is the answer it got.
    Repeated,
}

/// A receipt and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct ReceiptStatus {
    pub(crate) sale: Recorded,
    /// Voids, returns and the late member, in their order.
    pub(crate) followed_by: Vec<Recorded>,
}

/// Points and vouchers on hold.
#[derive(Clone, Debug)]
pub(crate) struct Reserved {
    pub(crate) uid: ReceiptUid,
    pub(crate) points: Points,
    pub(crate) cashback: Amount,
    pub(crate) vouchers: Vec<VoucherId>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) novelty: Novelty,
}

/// What a monitor wants to know.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    /// The writer works.
    pub(crate) ledger_writable: bool,
    /// The version in force.
    pub(crate) programme_version: Option<u32>,
    /// Whether wall time may be believed.
    pub(crate) clock_trusted: bool,
    /// The base of members can be read.
    pub(crate) base_readable: bool,
    /// Members in the base.
    pub(crate) members: u64,
    /// Who signs.
    pub(crate) device: crate::loyalty::DeviceId,
    /// The journal's epoch.
    pub(crate) epoch: u32,
    /// The last record's number.
    pub(crate) sequence: u64,
    /// How it keeps up with its hub; none of an agent that is not enrolled, or not to keep up.
    pub(crate) hub: Option<HubHealth>,
}

/// How an agent keeps up with its hub.
#[derive(Clone, Debug)]
pub(crate) struct HubHealth {
    /// How the sync fares.
    pub(crate) standing: SyncStanding,
    /// What waits to be sent.
    pub(crate) unsent: Unsent,
}

impl HubHealth {
    /// The age of the oldest record that waits, at an instant.
    pub(crate) fn oldest_unsent_s(&self, now: DateTime<Utc>) -> i64 {
        self.unsent.oldest_at.map_or(0, |at| (now - at).num_seconds().max(0))
    }
}
