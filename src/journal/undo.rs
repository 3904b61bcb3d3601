//! What changes an account after a sale: void, return, late member, adjustment.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::numbered::numbered;
use super::record::RecordRef;
use super::sale::{CashbackPart, Flag, ReferralPart};
use super::text::Remark;
use crate::loyalty::{
    AccountRef, Converted, Counted, Draws, EarnedBy, EntryTerms, Expires, FlagId, Issued, LineId,
    MemberRef, OfferId, PendingPart, ReceiptUid, RemainingSale, RewardId, SpentPart, Standing,
    TaxRefund, TierId, Undone, VoucherId,
};
use crate::money::{Amount, Points, Quantity};

/// A void or a return of a sale, or of a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    /// The void's or return's own receipt.
    pub undo_uid: ReceiptUid,
    /// The sale.
    pub of: RecordRef,
    /// What came back, by line of the sale.
    pub lines: Vec<(LineId, Quantity)>,
    /// Money paid back.
    pub refund: Amount,
    /// What it did to an account, where the sale had a member.
    pub account: Option<AccountPart>,
    /// Vouchers that may be used again.
    pub vouchers_freed: Vec<VoucherId>,
    /// When the till closed it, by the till's clock.
    pub closed_at: DateTime<Utc>,
    /// Why, as the till said.
    pub reason: Option<Remark>,
    /// What a person may want to look at.
    pub flags: BTreeSet<Flag>,
    /// Whether the sale counted.
    pub of_kind: UndoneKind,
    /// Rewards that are no line and were handed back, and how often.
    pub rewards: Vec<(RewardId, u32)>,
    /// What is added to the refund where it is paid back in cash.
    pub cash_rounding: Amount,
    /// What came back by tax rate.
    pub taxes: Vec<TaxRefund>,
    /// What it gives back of limits over all customers, of offers and earning rules.
    pub shared: Vec<Counted>,
    /// The sale's local day, which that counted on.
    pub shared_on: Option<NaiveDate>,
    /// Gifts that are claimed, as what remains does not earn them, and how many times each.
    pub gifts_back: Vec<(OfferId, u32)>,
    /// Codes of vouchers and contest entries that the sale had handed out and that no longer count.
    pub codes_cancelled: Vec<VoucherId>,
}

numbered! {
    /// Whether a sale that is taken back had counted.
    #[derive(Default)]
    UndoneKind {
        /// It had.
        #[default]
        Sale = 1 "sale",
        /// It was a training: taking it back counts as little.
        Training = 2 "training",
    }
}

/// What a void or return did to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPart {
    /// Who.
    pub member: MemberRef,
    /// Whose points.
    pub account: AccountRef,
    /// The local day of the sale.
    pub sale_day: NaiveDate,
    /// What is left of the sale.
    pub remaining: RemainingSale,
    /// Earned points to take back.
    pub clawed_back: Points,
    /// How many of them are not taken: a fact, as the balance was then. Negative where what an
    /// earlier return of the sale forgave is taken after all.
    pub forgiven: Points,
    /// The lot they were earned in.
    pub expires: Expires,
    /// Spent points given back, to their lots.
    pub restored: Vec<SpentPart>,
    /// Money paid back, as it counts for tiers.
    pub spend: Amount,
    /// What is taken back of what the sale used and collected.
    pub counted: Vec<Counted>,
    /// The terms that it was decided under.
    pub terms: EntryTerms,
    /// How much of `clawed_back` was earned to be spent only later, by day: what was still pending.
    pub pending: Vec<PendingPart>,
    /// Other lots than `expires` that it was taken from.
    pub taken_from: Vec<SpentPart>,
    /// What it does to the cashback.
    pub cashback: Undone<Amount>,
}

/// A member named after the sale; takes effect at the sale's own instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assign {
    /// The sale.
    pub of: RecordRef,
    /// Who.
    pub member: MemberRef,
    /// Whose points.
    pub account: AccountRef,
    /// Points earned.
    pub earned: Points,
    /// By rule.
    pub earned_by: Vec<EarnedBy>,
    /// Their lot.
    pub expires: Expires,
    /// Money paid.
    pub spend: Amount,
    /// The terms that it was decided under.
    pub terms: EntryTerms,
    /// When the sale took effect.
    pub sale_at: DateTime<Utc>,
    /// The tier that it was decided for.
    pub tier: Option<TierId>,
    /// The member's flags.
    pub flags: BTreeSet<FlagId>,
    /// What the sale uses and collects.
    pub counted: Vec<Counted>,
    /// The account's average basket, where a rule looked at it.
    pub average_basket: Option<Amount>,
    /// Who referred the member, where a code was brought.
    pub referral: Option<ReferralPart>,
    /// The member's place in the account then.
    pub standing: Standing,
    /// Vouchers and contest entries that were handed out.
    pub issued: Vec<Issued>,
    /// Points that the account owed before them.
    pub debt: Points,
    /// Points converted into vouchers, after all else.
    pub converted: Converted,
    /// What it uses of limits over all customers, on the sale's local day.
    pub shared: Vec<Counted>,
    /// What was drawn for surprises that could be given, won or lost.
    pub draws: Draws,
    /// Cashback earned, where the programme has any.
    pub cashback: Option<CashbackPart>,
}

impl AccountPart {
    /// Earned points that are taken back.
    #[must_use]
    pub fn taken(&self) -> Points {
        self.clawed_back - self.forgiven
    }

    /// What it does to the points.
    #[must_use]
    pub fn points(&self) -> Undone<Points> {
        Undone {
            clawed_back: self.clawed_back,
            forgiven: self.forgiven,
            expires: self.expires,
            pending: self.pending.clone(),
            restored: self.restored.clone(),
            taken_from: self.taken_from.clone(),
        }
    }
}

/// Points and cashback given or taken by hand, or points for a newcomer whom the member referred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// Its own id, so that it is booked once.
    pub uid: ReceiptUid,
    /// Who.
    pub member: MemberRef,
    /// Whose points.
    pub account: AccountRef,
    /// More or fewer.
    pub points: Points,
    /// The lot of points given.
    pub expires: Expires,
    /// The terms that it was decided under.
    pub terms: EntryTerms,
    /// Why.
    pub reason: Remark,
    /// What it counts.
    pub counted: Vec<Counted>,
    /// The local day that this is for.
    pub counted_on: Option<NaiveDate>,
    /// The newcomer's purchase; `None` of points given by hand.
    pub of: Option<RecordRef>,
    /// More cashback or less.
    pub cashback: Amount,
    /// The lot of cashback given.
    pub cashback_expires: Expires,
}
