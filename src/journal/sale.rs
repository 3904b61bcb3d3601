//! A paid receipt and what was decided about it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::numbered::numbered;
use super::reaction::OfferReaction;
use super::refused::RefusedBenefit;
use super::text::{PaymentKind, ReceiptNumber};
use crate::loyalty::{
    AccountRef, Applied, CarriedOffer, Converted, Counted, Draws, EarnedBy, EntryTerms, Expires,
    FlagId, Gained, Issued, Line, MemberRef, OfferCode, PendingPart, Promotion, ReceiptUid,
    SpentPart, Standing, TaxMode, TierId, TierValidity, VoucherId,
};
use crate::member_code::Strength;
use crate::money::{Amount, Currency, Points};

/// A paid receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// The receipt.
    pub uid: ReceiptUid,
    /// The number printed on it.
    pub receipt_number: Option<ReceiptNumber>,
    /// When the till closed it, by the till's clock.
    pub closed_at: DateTime<Utc>,
    /// When the agent decided it: the instant that says what was in force.
    pub decided_at: DateTime<Utc>,
    /// Of all its amounts.
    pub currency: Currency,
    /// What was sold, in the till's order.
    pub lines: Vec<SaleLine>,
    /// What was given.
    pub applied: Vec<Applied>,
    /// What was not given, and why.
    pub refused: Vec<RefusedBenefit>,
    /// How it was paid.
    pub payments: Vec<Payment>,
    /// What the till added or took to make the sum payable in coins.
    pub rounding: Amount,
    /// What the customer paid, before rounding.
    pub payable: Amount,
    /// Who bought.
    pub member: Option<MemberPart>,
    /// What a person may want to look at.
    pub flags: BTreeSet<Flag>,
    /// Codes given to call for offers; they name nobody.
    pub offer_codes: BTreeSet<OfferCode>,
    /// What became of the offers that were shown.
    pub reactions: BTreeSet<OfferReaction>,
    /// Whether its prices have their tax inside.
    pub tax: TaxMode,
    /// What it used of limits over all customers.
    pub shared: Vec<Counted>,
    /// What was drawn for surprises that could be given, won or lost (BQ-19).
    pub draws: Draws,
    /// What each voucher that was used costs the shop (CC-28); empty in records from before.
    pub voucher_costs: Vec<(VoucherId, Amount)>,
    /// What was said unasked; `None` where nothing bounds it, so that everything was.
    pub told: Option<BTreeSet<Promotion>>,
    /// Vouchers that the till took and that were not known here: used up all the same, where they
    /// become known later.
    pub vouchers_unknown: Vec<VoucherId>,
}

/// A line as sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleLine {
    /// As the till sent it.
    pub line: Line,
    /// Offers and vouchers on it.
    pub discount: Amount,
    /// Points and cashback spent on it, as money.
    pub redeemed: Amount,
    /// Its part of the tax that was added on top.
    pub tax: Amount,
}

impl SaleLine {
    /// What was paid for it, with tax.
    #[must_use]
    pub fn paid(&self) -> Amount {
        self.line.amount - self.discount - self.redeemed + self.tax
    }
}

/// A part of the payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// With what.
    pub kind: PaymentKind,
    /// How much.
    pub amount: Amount,
}

/// What a sale did to a member's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberPart {
    /// Who.
    pub member: MemberRef,
    /// Whose points.
    pub account: AccountRef,
    /// How sure the till was; `None` where the member was only named.
    pub strength: Option<Strength>,
    /// What was known of the account.
    pub inputs: Inputs,
    /// Points earned.
    pub earned: Points,
    /// By rule.
    pub earned_by: Vec<EarnedBy>,
    /// What the sale used and collected.
    pub counted: Vec<Counted>,
    /// The lot of the earned points.
    pub expires: Expires,
    /// Points spent.
    pub spent: Points,
    /// From which lots.
    pub spent_from: Vec<SpentPart>,
    /// Points converted into vouchers, after all else (LD-41).
    pub converted: Converted,
    /// Tier after the sale.
    pub tier_after: Option<TierId>,
    /// How long that tier holds, where the programme keeps tiers.
    pub tier_validity: Option<TierValidity>,
    /// The terms that it was decided under.
    pub terms: EntryTerms,
    /// Who referred the member, where a code was brought.
    pub referral: Option<ReferralPart>,
    /// The member's place in the account then.
    pub standing: Standing,
    /// Vouchers and contest entries that were handed out.
    pub issued: Vec<Issued>,
    /// Points of the account that may be spent only later, by day, after the sale.
    pub pending_after: Vec<PendingPart>,
    /// The personal offers that were about goods of the basket, as the member carried them.
    pub personal: Vec<CarriedOffer>,
    /// What the sale did to the cashback, where there is any.
    pub cashback: Option<CashbackPart>,
}

/// What a sale did to the cashback of a member's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashbackPart {
    /// What could be spent before.
    pub before: Amount,
    /// Owed before.
    pub debt: Amount,
    /// Earned; the rules say how much by which.
    pub earned: Amount,
    /// Its lot.
    pub expires: Expires,
    /// Spent.
    pub spent: Amount,
    /// From which lots.
    pub spent_from: Vec<SpentPart<Amount>>,
    /// What of the account's may be spent only later, by day, after the sale.
    pub pending_after: Vec<PendingPart<Amount>>,
}

impl CashbackPart {
    /// What it does to the account, by what the rules gave.
    #[must_use]
    pub fn gained(&self, earned_by: &[EarnedBy]) -> Gained<Amount> {
        let Self { earned, expires, spent, .. } = *self;
        Gained { earned, expires, pending: PendingPart::of(earned_by, earned), spent }
    }
}

/// Who referred a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferralPart {
    /// Who; `None` where nobody here is known by the code.
    pub referrer: Option<MemberRef>,
    /// What such a code is looked up by: its HMAC under the directory key, never the code.
    pub code: Option<i64>,
}

/// What the decision read of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Points that could be spent.
    pub balance: Points,
    /// Points owed.
    pub debt: Points,
    /// Tier.
    pub tier: Option<TierId>,
    /// What the tiers count.
    pub measure: i64,
    /// The member's flags.
    pub flags: BTreeSet<FlagId>,
    /// The account's average basket, where a rule looked at it.
    pub average_basket: Option<Amount>,
}

numbered! {
    /// What a person may want to look at; nothing was refused for it.
    Flag {
        /// A line is off quantity times price by the one minor unit that is tolerated.
        AmountOffByOne = 1 "amount_off_by_one",
        /// The till gave another discount than was decided.
        DiscountDiffers = 2 "discount_differs",
        /// The quote was older than it may be.
        QuoteOutdated = 3 "quote_outdated",
        /// The quote was made under another version of the programme.
        ProgrammeOutdated = 4 "programme_outdated",
        /// The till's closing time is not believable.
        ClosedAtFarOff = 5 "closed_at_far_off",
        /// The agent's clock was not trusted.
        ClockUntrusted = 6 "clock_untrusted",
        /// More points were spent than the account had.
        SpentBeyondBalance = 7 "spent_beyond_balance",
        /// A voucher had been used before.
        VoucherAlreadyUsed = 8 "voucher_already_used",
        /// A voucher is not known here.
        VoucherUnknown = 9 "voucher_unknown",
        /// The identification was older than it may be.
        IdentificationExpired = 10 "identification_expired",
        /// The receipt came long after it was closed.
        LateCommit = 11 "late_commit",
        /// The member is not known here, so nothing was booked; name one with a late member.
        MemberUnknown = 12 "member_unknown",
        /// Points were spent without an identification that allows it.
        SpentUnproven = 13 "spent_unproven",
        /// The till rounded another sum for cash than the programme's country does.
        RoundingDiffers = 14 "rounding_differs",
        /// The till added another tax than is due.
        TaxDiffers = 15 "tax_differs",
        /// What all customers together may use had been used up since the quote.
        SharedLimitExceeded = 18 "shared_limit_exceeded",
        /// A voucher that was taken back with what it had been given for was used before that.
        IssuedVoucherUsed = 16 "issued_voucher_used",
        /// What a voucher had been given for was taken back before.
        VoucherCancelled = 17 "voucher_cancelled",
        /// A voucher was on hold for another basket.
        VoucherHeld = 28 "voucher_held",
        /// A voucher is another member's.
        VoucherOfOther = 29 "voucher_of_other",
        /// A coupon had been used before.
        CouponAlreadyUsed = 22 "coupon_already_used",
        /// An offer that was reacted to is not of the programme.
        OfferUnknown = 23 "offer_unknown",
        /// A reward was given that was not to be had.
        RewardNotDue = 24 "reward_not_due",
        /// A gift was given that was not due, or that the programme does not have.
        GiftNotDue = 26 "gift_not_due",
        /// More was spent than this device may spend until it hears of the hub.
        OfflineLimitExceeded = 30 "offline_limit_exceeded",
        /// Nobody here is known by the code of a referral.
        ReferrerUnknown = 25 "referrer_unknown",
    }
}
