//! What a till asks for, checked: every field is a domain value.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::referral::ReferralCode;
use crate::journal::{Attributes, OfferReaction, Payment, ReceiptNumber, Remark};
use crate::loyalty::{
    Basket, EventTypeId, Explain, LineId, MemberRef, OperatorRef, ReceiptUid, ReturnLine,
    RewardsBack, TillId, VoucherId,
};
use crate::member_code::Symbology;
use crate::money::{Amount, Points};

/// A scan to be understood.
#[derive(Clone, Debug)]
pub(crate) struct IdentifyRequest {
    /// As the scanner sent it.
    pub(crate) raw: String,
    /// What the till knows of the symbol.
    pub(crate) symbology: Option<Symbology>,
}

/// Who buys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Nobody was identified.
    Nobody,
    /// The identification that `identify` gave, opaque.
    Identified(String),
    /// A member named without a scan; nothing can be spent.
    Named(MemberRef),
}

/// A basket to be priced.
#[derive(Clone, Debug)]
pub(crate) struct QuoteRequest {
    pub(crate) till: TillId,
    pub(crate) basket: Basket,
    pub(crate) who: Who,
    /// Points and vouchers that this reservation holds count as free.
    pub(crate) reservation: Option<ReceiptUid>,
    pub(crate) explain: Explain,
    /// The code of whoever referred the member.
    pub(crate) referral: Option<ReferralCode>,
}

/// A paid receipt: facts.
#[derive(Clone, Debug)]
pub(crate) struct CommitRequest {
    pub(crate) uid: ReceiptUid,
    pub(crate) till: TillId,
    pub(crate) operator: Option<OperatorRef>,
    pub(crate) receipt_number: Option<ReceiptNumber>,
    /// When the till closed the receipt.
    pub(crate) closed_at: DateTime<Utc>,
    /// Lines, vouchers used and points spent.
    pub(crate) basket: Basket,
    pub(crate) who: Who,
    /// The quote that the till applied.
    pub(crate) quote: Option<String>,
    pub(crate) reservation: Option<ReceiptUid>,
    /// What the customer paid after every discount, before rounding, with tax.
    pub(crate) payable: Amount,
    /// The tax in it that was added to the prices, where the till says.
    pub(crate) tax_added: Option<Amount>,
    /// The discount given on each line, points included, where the till knows.
    pub(crate) line_discounts: Option<BTreeMap<LineId, Amount>>,
    pub(crate) payments: Vec<Payment>,
    /// Cash rounding; outside of everything loyalty counts.
    pub(crate) rounding: Amount,
    pub(crate) mode: CommitMode,
    /// What became of the offers that were shown.
    pub(crate) reactions: BTreeSet<OfferReaction>,
    /// The code of whoever referred the member.
    pub(crate) referral: Option<ReferralCode>,
}

/// Whether a receipt counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommitMode {
    /// It does.
    Sale,
    /// A till in training: recorded, touches nothing.
    Training,
}

/// Everything that is left of a receipt is taken back.
#[derive(Clone, Debug)]
pub(crate) struct VoidRequest {
    pub(crate) of: ReceiptUid,
    pub(crate) till: TillId,
    pub(crate) operator: Option<OperatorRef>,
    /// The void's own receipt.
    pub(crate) undo_uid: ReceiptUid,
    pub(crate) closed_at: Option<DateTime<Utc>>,
    pub(crate) reason: Option<Remark>,
}

/// Units of a receipt are brought back.
#[derive(Clone, Debug)]
pub(crate) struct ReturnRequest {
    pub(crate) of: ReceiptUid,
    /// The till that sold them, where it is not the one that takes them back.
    pub(crate) sold_by: Option<TillId>,
    pub(crate) till: TillId,
    pub(crate) operator: Option<OperatorRef>,
    /// The return's own receipt.
    pub(crate) undo_uid: ReceiptUid,
    pub(crate) lines: Vec<ReturnLine>,
    /// Rewards that are no line and are handed back.
    pub(crate) rewards: RewardsBack,
    pub(crate) closed_at: Option<DateTime<Utc>>,
    pub(crate) reason: Option<Remark>,
}

/// A member for a receipt that was sold without one.
#[derive(Clone, Debug)]
pub(crate) struct AssignRequest {
    pub(crate) of: ReceiptUid,
    pub(crate) till: TillId,
    pub(crate) operator: Option<OperatorRef>,
    pub(crate) who: Who,
    /// The code of whoever referred the member.
    pub(crate) referral: Option<ReferralCode>,
}

/// Points and vouchers kept free while the customer pays.
#[derive(Clone, Debug)]
pub(crate) struct ReserveRequest {
    /// The till's own id of the reservation.
    pub(crate) uid: ReceiptUid,
    pub(crate) till: TillId,
    pub(crate) who: Who,
    pub(crate) points: Points,
    pub(crate) cashback: Amount,
    pub(crate) vouchers: Vec<VoucherId>,
}

/// Something that happened, of a registered type.
#[derive(Clone, Debug)]
pub(crate) struct EventRequest {
    pub(crate) uid: ReceiptUid,
    pub(crate) till: Option<TillId>,
    pub(crate) event_type: EventTypeId,
    pub(crate) member: Option<MemberRef>,
    pub(crate) attributes: Attributes,
}

/// Points given or taken by hand.
#[derive(Clone, Debug)]
pub(crate) struct AdjustRequest {
    pub(crate) uid: ReceiptUid,
    /// The till whose token asked; `None` without tokens.
    pub(crate) till: Option<TillId>,
    pub(crate) operator: OperatorRef,
    pub(crate) member: MemberRef,
    pub(crate) points: Points,
    pub(crate) cashback: Amount,
    pub(crate) reason: Remark,
}

/// A key that makes a request repeatable, and what the request said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Idempotency {
    /// The header, where the caller sent one.
    pub(crate) key: Option<String>,
    /// SHA-256 of the request as understood.
    pub(crate) fingerprint: [u8; 32],
}
