//! Why a till's request was not carried out, by who is at fault.

use super::reserve::HOLDS_LIVE_MAX;
use crate::agent::store::error::StoreError;
use crate::loyalty::ReturnError;
use crate::member_code::Strength;
use crate::money::{Amount, Points};

/// Why a request was not carried out. The codes are stable; README lists them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TillError {
    /// The scan is no code, or none of ours.
    #[error("{sentence}")]
    Code {
        /// Stable code.
        code: &'static str,
        /// What the cashier should do.
        sentence: String,
    },
    /// A sound code that nobody holds.
    #[error("no member has this code; ask for another card or sell without one")]
    MemberUnknown,
    /// The code was used before.
    #[error("this code was used before; ask the customer to wait for the next one")]
    CodeUsed,
    /// The identification is none of ours, or altered.
    #[error("the identification is not known; scan the member's code again")]
    IdentificationUnknown,
    /// The identification is too old.
    #[error("the identification is older than 10 minutes; scan the member's code again")]
    IdentificationExpired,
    /// Nothing was sold under this receipt id.
    #[error(
        "no receipt {uid} of till {till} is known here; check both: nothing is taken back without \
         its receipt, and points are put right by an adjustment with its reason"
    )]
    ReceiptUnknown {
        /// The receipt.
        uid: String,
        /// The till.
        till: String,
    },
    /// The same id with other content.
    #[error("{what} was recorded before with other content; use a new id for a new {what}")]
    Conflict {
        /// "receipt", "return", …
        what: &'static str,
    },
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request; use a new key")]
    KeyReused,
    /// Sums that do not fit each other.
    #[error("the totals do not add up: {sentence}")]
    TotalsDoNotAddUp {
        /// Which, by how much.
        sentence: String,
    },
    /// The receipt was voided.
    #[error("the receipt is voided or returned whole already")]
    NothingLeft,
    /// The return does not fit the receipt.
    #[error(transparent)]
    Return(#[from] ReturnError),
    /// The receipt has a member.
    #[error("the receipt has a member already")]
    MemberPresent,
    /// The receipt is too old for a member.
    #[error("a member can be assigned for {days} days after the sale, and those are over")]
    TooLateForMember {
        /// So many.
        days: u16,
    },
    /// More than may be held.
    #[error("only {available} points are free")]
    NotEnoughPoints {
        /// What may be held.
        available: Points,
    },
    /// More cashback than may be held.
    #[error("only {available} minor units of cashback are free")]
    NotEnoughCashback {
        /// What may be held.
        available: Amount,
    },
    /// More than this device may spend until it hears of the hub.
    #[error(
        "the hub is not heard; until it is, only {points} points and {cashback} minor units of cashback may be spent here"
    )]
    OfflineLimit {
        /// Points that are left.
        points: Points,
        /// Cashback that is left.
        cashback: Amount,
    },
    /// A voucher that cannot be held.
    #[error("the voucher cannot be used: {reason}")]
    VoucherNotUsable {
        /// Stable code of the reason.
        reason: &'static str,
    },
    /// The till keeps more than a till needs.
    #[error("the till has {HOLDS_LIVE_MAX} reservations; release one, or wait until one lapses")]
    TooManyReservations,
    /// The member must be identified better.
    #[error("spending this much needs a better identification")]
    IdentifyBetter {
        /// At least so.
        needs: Strength,
    },
    /// Others of the company spend its points.
    #[error("this person may not spend the company's points")]
    RoleMayNotSpend,
    /// No reservation of that id is held.
    #[error("no such reservation; it may have lapsed")]
    ReservationUnknown,
    /// The programme does not know such events.
    #[error("events of type {event_type} are not registered in the programme")]
    EventTypeUnknown {
        /// As asked for.
        event_type: String,
    },
    /// There is no programme.
    #[error("no programme is in force yet; put one in force with `tillward programme activate`")]
    NoProgramme,
    /// Too many requests at once.
    #[error("the agent is busy; try again in a moment")]
    Busy,
    /// The disk is full. Nothing was recorded.
    #[error("the disk is full, so nothing can be recorded; free some space, then send it again")]
    StorageFull,
    /// The disk is read-only, or it failed and the agent must be restarted. Nothing was recorded.
    #[error(
        "the data folder is read-only or its disk failed, so nothing can be recorded; call the technician"
    )]
    StorageReadOnly,
    /// It may or may not be recorded.
    #[error(
        "the disk failed while recording; ask for the receipt's status before sending it again"
    )]
    OutcomeUnknown,
    /// A stored row fails its checksum.
    #[error("a stored row is damaged; run `tillward doctor`")]
    Damaged,
    /// Our own fault.
    #[error("internal error while {doing}")]
    Internal {
        /// What was being done.
        doing: &'static str,
        /// Logged, never told.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Not enough of the sum is paid.
    #[error("payments come to {paid}, the receipt to {due} minor units")]
    PaymentsDiffer {
        /// Sum of the payments.
        paid: Amount,
        /// Payable and rounding.
        due: Amount,
    },
}

impl TillError {
    /// Our own fault, with what was being done.
    pub(crate) fn internal(
        doing: &'static str,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Internal { doing, source: Box::new(source) }
    }

    /// The stable code of the problem.
    #[must_use]
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Code { code, .. } => code,
            Self::MemberUnknown => "member_unknown",
            Self::CodeUsed => "code_used",
            Self::IdentificationUnknown => "identification_unknown",
            Self::IdentificationExpired => "identification_expired",
            Self::ReceiptUnknown { .. } => "receipt_unknown",
            Self::Conflict { .. } => "conflict",
            Self::KeyReused => "idempotency_key_reused",
            Self::TotalsDoNotAddUp { .. } => "totals_do_not_add_up",
            Self::PaymentsDiffer { .. } => "payments_differ",
            Self::NothingLeft => "nothing_left",
            Self::Return(ReturnError::NoSuchLine { .. }) => "return_no_such_line",
            Self::Return(ReturnError::MoreThanSold { .. }) => "return_more_than_sold",
            Self::Return(ReturnError::NothingToReturn { .. }) => "return_nothing",
            Self::Return(ReturnError::NoSuchReward { .. }) => "return_no_such_reward",
            Self::Return(ReturnError::MoreRewardsThanGiven { .. }) => {
                "return_more_rewards_than_given"
            }
            Self::Return(ReturnError::NoLines) => "return_no_lines",
            Self::MemberPresent => "member_present",
            Self::TooLateForMember { .. } => "too_late_for_member",
            Self::NotEnoughPoints { .. } => "not_enough_points",
            Self::NotEnoughCashback { .. } => "not_enough_cashback",
            Self::OfflineLimit { .. } => "offline_limit",
            Self::VoucherNotUsable { .. } => "voucher_not_usable",
            Self::TooManyReservations => "too_many_reservations",
            Self::IdentifyBetter { .. } => "identify_better",
            Self::RoleMayNotSpend => "role_may_not_spend",
            Self::ReservationUnknown => "reservation_unknown",
            Self::EventTypeUnknown { .. } => "event_type_unknown",
            Self::NoProgramme => "no_programme",
            Self::Busy => "busy",
            Self::StorageFull => "storage_full",
            Self::StorageReadOnly => "storage_read_only",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Damaged => "row_damaged",
            Self::Internal { .. } => "internal",
        }
    }
}

impl From<StoreError> for TillError {
    fn from(error: StoreError) -> Self {
        if error.is_damage() {
            tracing::error!(error = &error as &dyn std::error::Error, "stored row is damaged");
            return Self::Damaged;
        }
        Self::internal("using the ledger", error)
    }
}
