//! What was decided, and why everything else was not.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::chance::Draws;
use super::conversion::Converted;
use super::counter::{Counted, UseLimit};
use super::entry::{Change, Expires};
use super::gain::{CashbackOutcome, EarnedBy};
use super::gifts::Gifts;
use super::ids::{
    ConversionId, GroupId, LineId, OfferId, RewardId, RuleId, TierId, VoucherId, VoucherTypeId,
};
use super::issue::Issue;
use super::offer_code::OfferCode;
use super::personal::CarriedOffer;
use super::programme::LadderProgress;
use super::promotion::Promotion;
use super::purse::{Gained, PendingPart, SpentPart};
use super::shared_limit::SharedScope;
use super::tax::TaxSum;
use crate::member_code::{CouponNumber, Strength};
use crate::money::{Amount, Points, Quantity};

/// The outcome of a basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// One for each basket line, in its order.
    pub lines: Vec<LineOutcome>,
    /// What was given, in the order of the stages.
    pub applied: Vec<Applied>,
    /// What was not given and why; offers that touch no line of the basket are left out unless
    /// the full explanation was asked for.
    pub refused: Vec<Refusal>,
    /// Sums.
    pub totals: Totals,
    /// Sums of each tax rate, the lowest first.
    pub taxes: Vec<TaxSum>,
    /// The tax that is due on top; what was charged is another where a till rounds otherwise.
    pub tax_due: Amount,
    /// Points of the account; `None` without a member.
    pub points: Option<PointsOutcome>,
    /// Tier of the account; `None` without a member or tiers.
    pub tier: Option<TierOutcome>,
    /// What the member could choose on what is left, cheapest first.
    pub rewards: Vec<RewardOption>,
    /// What the sale uses of limits over all customers.
    pub shared: Vec<Counted>,
    /// The personal offers that are about goods of the basket, as the member carries them, by offer.
    pub personal: Vec<CarriedOffer>,
    /// The gifts that are due, whatever the till says that it gave.
    pub gifts_due: Gifts,
    /// What is said unasked, what comes first at first.
    pub promotions: Vec<Promotion>,
    /// What was drawn for surprises that could be given, won or lost.
    pub draws: Draws,
}

/// A line after everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineOutcome {
    /// The line.
    pub line_id: LineId,
    /// What the till asked for.
    pub gross: Amount,
    /// Offers and vouchers on it.
    pub discount: Amount,
    /// Points and cashback spent on it, as money.
    pub redeemed: Amount,
    /// Its part of the tax that is added on top; nothing where prices have it inside.
    pub tax: Amount,
    /// What remains to be paid for it, with the tax on top.
    pub net: Amount,
    /// The lowest price of a unit in the last 30 days, where an offer on the line is announced as a
    /// reduction and the till knows it.
    pub lowest_30d_price: Option<Amount>,
}

/// Sums over the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Before loyalty.
    pub gross: Amount,
    /// Offers and vouchers.
    pub discount: Amount,
    /// Points and cashback spent, as money.
    pub redeemed: Amount,
    /// Tax added on top.
    pub tax: Amount,
    /// What the customer pays.
    pub payable: Amount,
}

/// A benefit and what each line got of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// What gave it.
    pub benefit: Benefit,
    /// The sum of its allocations.
    pub amount: Amount,
    /// By line, in basket order; lines that got nothing are left out.
    pub allocations: Vec<Allocation>,
}

/// What gave a discount.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Benefit {
    /// An offer.
    Offer(OfferId),
    /// A voucher.
    Voucher {
        /// The voucher.
        voucher: VoucherId,
        /// Its kind.
        voucher_type: VoucherTypeId,
    },
    /// Points spent.
    Points(Points),
    /// Cashback spent: as much as it took off.
    Cashback,
    /// A reward that the customer chose; of one that is no item the amount is zero.
    Reward {
        /// The reward.
        reward: RewardId,
        /// What it cost, all times together.
        points: Points,
        /// How many times it was given.
        times: u32,
    },
    /// A gift that came by itself: nothing is taken off.
    Gift {
        /// The offer.
        offer: OfferId,
        /// How many times it was given.
        times: u32,
    },
    /// What the till gave of its own, where it differs from the decision.
    Till,
    /// An offer that a coupon called for.
    Coupon {
        /// The offer.
        offer: OfferId,
        /// The coupon.
        number: CouponNumber,
    },
}

impl Benefit {
    /// Whether it is paid with points or cashback: the customer's own, no discount of the shop's.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        matches!(self, Self::Points(_) | Self::Cashback | Self::Reward { .. })
    }
}

/// A line's part of a benefit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The line.
    pub line_id: LineId,
    /// Its part.
    pub amount: Amount,
}

/// Something that did not apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What.
    pub subject: Subject,
    /// Why.
    pub reason: Reason,
}

impl Refusal {
    /// Whether only points are missing.
    pub(crate) fn is_within_reach(&self) -> bool {
        matches!(self.reason, Reason::PointsMissing { .. })
    }
}

/// What did not apply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An offer.
    Offer(OfferId),
    /// An earning rule.
    Rule(RuleId),
    /// A conversion of points into vouchers.
    Conversion(ConversionId),
    /// Points to be spent.
    Spend,
    /// Cashback to be spent.
    Cashback,
    /// A reward that the customer chose.
    Reward(RewardId),
    /// A voucher.
    Voucher {
        /// The voucher.
        voucher: VoucherId,
        /// Its kind, where it is known.
        voucher_type: Option<VoucherTypeId>,
    },
    /// A code given to call for an offer.
    Code(OfferCode),
    /// A coupon.
    Coupon(CouponNumber),
}

/// Why something did not apply, and what is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Not yet in force.
    NotYet {
        /// First day.
        from: NaiveDate,
    },
    /// No longer in force.
    Over {
        /// Last day.
        until: NaiveDate,
    },
    /// Not on this day of the week.
    OtherWeekday,
    /// Not at this hour.
    OtherHours {
        /// Opens.
        from: NaiveTime,
        /// Closes.
        to: NaiveTime,
    },
    /// Not in this store.
    OtherStore,
    /// No member.
    MembersOnly,
    /// Another tier.
    OtherTier {
        /// Any of these.
        needs: Vec<TierId>,
    },
    /// The member carries none of the flags.
    NotInSegment,
    /// The balance is outside of what is asked for.
    OtherBalance {
        /// So many more points; `None` where it is above.
        missing: Option<Points>,
    },
    /// Another kind of account.
    OtherAccountKind,
    /// Others of a company.
    OtherRole,
    /// Others of the company spend its points.
    RoleMayNotSpend,
    /// No line of the basket is eligible.
    NoEligibleLine,
    /// The eligible lines cost too little.
    BelowMinimumAmount {
        /// So much more.
        missing: Amount,
    },
    /// Too few of the eligible products.
    BelowMinimumQuantity {
        /// So many more.
        missing: Quantity,
    },
    /// The eligible lines are already at their floor.
    NothingLeft,
    /// The receipt or the eligible lines carry all the discount that the programme allows
    /// together.
    DiscountLimit,
    /// The receipt's benefits are spread over as many lines as may be already.
    AllocationLimit,
    /// Another offer of the group applies: of those that come to something in their turn, the one
    /// that takes most off the lines as they are when the group is settled.
    GroupBestIs {
        /// The group.
        group: GroupId,
        /// The winner.
        offer: OfferId,
    },
    /// It does not share lines with offers that already apply.
    DoesNotStack,
    /// No such voucher.
    VoucherUnknown,
    /// The voucher was used before.
    VoucherUsed,
    /// The voucher is on hold for another basket.
    VoucherHeld,
    /// The voucher belongs to another account.
    VoucherOfOther,
    /// What the voucher was given for was taken back.
    VoucherCancelled,
    /// Nothing can be spent in this programme.
    NoRedemption,
    /// Fewer points than the least that may be spent.
    BelowSpendMinimum {
        /// The least.
        minimum: Points,
    },
    /// Not whole steps.
    NotWholeSteps {
        /// The step.
        step: Points,
    },
    /// No level of the programme's ladder.
    NotALevel {
        /// The highest level below.
        below: Option<Points>,
        /// The lowest level above.
        above: Option<Points>,
    },
    /// More than the balance.
    NotEnoughPoints {
        /// What may be spent.
        available: Points,
    },
    /// The programme has no cashback.
    NoCashback,
    /// Less cashback than the least that may be spent.
    BelowCashbackMinimum {
        /// The least.
        minimum: Amount,
    },
    /// More cashback than the balance.
    NotEnoughCashback {
        /// What may be spent.
        available: Amount,
    },
    /// More cashback than the basket may take.
    CashbackOverShare {
        /// The most.
        amount_max: Amount,
    },
    /// More points than this device may spend until it hears of the hub.
    OfflineLimit {
        /// What is left of them.
        left: Points,
    },
    /// More cashback than this device may spend until it hears of the hub.
    CashbackOfflineLimit {
        /// What is left of it.
        left: Amount,
    },
    /// The programme has no such reward.
    RewardUnknown,
    /// The balance does not hold what a reward or conversion takes.
    PointsMissing {
        /// So many more.
        missing: Points,
    },
    /// More than the basket may take; of a level, all that it is worth.
    OverShare {
        /// The most, of levels the highest that fits.
        points_max: Points,
    },
    /// It was used as often as it may be.
    LimitReached {
        /// The limit that is met.
        limit: UseLimit,
    },
    /// All customers together used it as often as they may.
    SharedLimitReached {
        /// Whose uses count.
        per: SharedScope,
        /// The limit that is met.
        limit: UseLimit,
    },
    /// It was used for this birthday already.
    BirthdayUsed,
    /// The account bought before.
    NotFirstPurchase,
    /// Nobody refers their own account.
    OwnReferral,
    /// Whoever referred is not known here.
    ReferrerUnknown,
    /// Whoever referred is barred from it by a mark.
    ReferrerExcluded,
    /// Not enough was collected yet.
    MilestoneAhead {
        /// So many more visits or units of goods.
        missing: i64,
    },
    /// Not enough was spent yet.
    MilestoneAheadAmount {
        /// So much more.
        missing: Amount,
    },
    /// The basket is not above the account's own average.
    BelowOwnAverage {
        /// So much more.
        missing: Amount,
    },
    /// The account has no average yet.
    NoAverageYet,
    /// It is not the member's birthday, or the day is not known.
    NotBirthday,
    /// No offer of the programme comes by such a code or coupon.
    OfferCodeUnknown,
    /// It comes only by a code or coupon.
    NeedsCode,
    /// The coupon was used before.
    CouponUsed,
    /// What the coupon says it is worth cannot be given here.
    CouponUnusable,
    /// The offer is for members who carry it, and this one does not.
    NotPersonal,
    /// The member's own window of the offer is not open yet (LD-51).
    OwnNotYet {
        /// When it opens, by the programme's clock.
        from: NaiveDateTime,
    },
    /// The member's own window of the offer is over.
    OwnOver {
        /// When it closed, by the programme's clock.
        until: NaiveDateTime,
    },
    /// Offers that are likely to interest the member more come first (LD-57).
    Outranked,
    /// The member must be identified better.
    IdentifyBetter {
        /// At least so.
        needs: Strength,
    },
}

/// What happens to the account's points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointsOutcome {
    /// Balance before.
    pub before: Points,
    /// Owed before.
    pub debt_before: Points,
    /// Earned now.
    pub earned: Points,
    /// By rule.
    pub earned_by: Vec<EarnedBy>,
    /// What the sale uses and collects.
    pub counted: Vec<Counted>,
    /// What is handed out beside points: chosen rewards, what points were converted into, and what
    /// rules give in their order.
    pub issues: Vec<Issue>,
    /// The account's average basket before, where a rule looks at it.
    pub average_basket: Option<Amount>,
    /// Until when the earned points live.
    pub earned_expires: Expires,
    /// How many of the earned points may be spent only later, by day.
    pub earned_pending: Vec<PendingPart>,
    /// Spent now.
    pub spent: Points,
    /// From which lots.
    pub spent_from: Vec<SpentPart>,
    /// Converted into vouchers, after all else.
    pub converted: Converted,
    /// Balance after.
    pub after: Points,
    /// Points of the account that may be spent only later, by day, after this sale.
    pub pending_after: Vec<PendingPart>,
    /// Points owed after: taken back or spent beyond the balance.
    pub debt_after: Points,
    /// The last day of the soonest expiring points after this sale, and how many they are.
    pub next_expiry: Option<(NaiveDate, Points)>,
    /// What could be spent on this basket.
    pub redeemable: Option<Redeemable>,
    /// Cashback; `None` where the programme has none and neither has the account.
    pub cashback: Option<CashbackOutcome>,
}

impl PointsOutcome {
    /// What a sale that was decided so, and on which so much was paid, does to the account.
    #[must_use]
    pub fn change(&self, spend: Amount) -> Change {
        self.change_converting(self.converted.points(), spend)
    }

    /// The same where so many points are converted into vouchers.
    pub(super) fn change_converting(&self, converted: Points, spend: Amount) -> Change {
        let points = Gained {
            earned: self.earned,
            expires: self.earned_expires,
            pending: self.earned_pending.clone(),
            spent: self.spent,
        };
        let cashback = self.cashback.as_ref().map(|cashback| cashback.gained.clone());
        let cashback = cashback.unwrap_or_default();
        Change::Sale { points, cashback, converted, spend, counted: self.counted.clone() }
    }
}

/// What could be spent, so that the cashier can ask "use now or keep" (BR-5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redeemable {
    /// At most so many points.
    pub points_max: Points,
    /// What they are worth.
    pub value_max: Amount,
    /// What there is to choose from.
    pub choices: Choices,
}

/// What a customer who spends points chooses from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choices {
    /// Any number of steps.
    Steps {
        /// In steps of.
        step: Points,
        /// What a step is worth.
        step_value: Amount,
    },
    /// One of the levels (BR-4).
    Levels {
        /// Every level of the programme, the lowest first.
        levels: Vec<LevelChoice>,
        /// How far the balance before this sale is.
        before: LadderProgress,
        /// How far the balance after this sale is, as it was decided: what is spent is gone and
        /// what is earned is there (BR-14).
        after: LadderProgress,
        /// For how much more on this basket, with tax, the balance after this sale reaches the next
        /// level: about, as goods to come are taken to be ordinary ones. `None` at the top, or where
        /// no earning rule counts any goods.
        amount_ahead: Option<Amount>,
    },
}

/// One level on this basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelChoice {
    /// What it costs.
    pub points: Points,
    /// What it gives on this basket; where it does not fit, what it would give.
    pub value: Amount,
    /// Why it cannot be spent now; empty where it can.
    pub obstacles: Vec<Reason>,
}

/// A reward that is open to the member now, and what is in its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewardOption {
    /// The reward.
    pub reward: RewardId,
    /// What it costs.
    pub points: Points,
    /// Why it cannot be had on this basket; empty where it can.
    pub obstacles: Vec<Reason>,
}

/// What happens to the account's tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierOutcome {
    /// The measure of tiers after this sale: minor units, points or visits.
    pub measure: i64,
    /// Before this sale; its multiplier counted.
    pub before: TierId,
    /// After it.
    pub after: TierId,
    /// The next tier and what it still needs of the measure, after this sale.
    pub next: Option<(TierId, i64)>,
    /// For how much more on this basket, with tax, the next tier is reached where tiers count
    /// points: about, as of levels.
    pub amount_ahead: Option<Amount>,
    /// How long the tier after this sale holds, where the programme keeps tiers.
    pub validity: Option<TierValidity>,
}

/// How long a tier holds if nothing more is bought (BQ-16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierValidity {
    /// The last day.
    pub until: NaiveDate,
    /// So much more of the measure, bought by that day, keeps it for longer: minor units, points
    /// or visits. `None` where what is bought now would not count for that.
    pub missing: Option<i64>,
}
