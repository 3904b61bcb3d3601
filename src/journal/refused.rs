//! What was not given, in as few bytes as explain it later.

use super::numbered::numbered;
use crate::loyalty::{Reason, Refusal, Subject};
use crate::money::Points;

/// A benefit that did not apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedBenefit {
    /// What.
    pub subject: Subject,
    /// Why.
    pub code: RefusalCode,
    /// What was missing or allowed, in the unit of the reason: minor units, thousandths of a
    /// unit, or points.
    pub missing: Option<i64>,
}

impl RefusedBenefit {
    /// What a record keeps of a refusal.
    #[must_use]
    pub fn of(refusal: &Refusal) -> Self {
        use RefusalCode as Code;
        let (code, missing) = match &refusal.reason {
            Reason::NotYet { .. } => (Code::NotYet, None),
            Reason::Over { .. } => (Code::Over, None),
            Reason::OtherWeekday => (Code::OtherWeekday, None),
            Reason::OtherHours { .. } => (Code::OtherHours, None),
            Reason::OtherStore => (Code::OtherStore, None),
            Reason::MembersOnly => (Code::MembersOnly, None),
            Reason::OtherTier { .. } => (Code::OtherTier, None),
            Reason::NotInSegment => (Code::NotInSegment, None),
            Reason::OtherBalance { missing } => (Code::OtherBalance, missing.map(Points::value)),
            Reason::OtherAccountKind => (Code::OtherAccountKind, None),
            Reason::OtherRole => (Code::OtherRole, None),
            Reason::RoleMayNotSpend => (Code::RoleMayNotSpend, None),
            Reason::NoEligibleLine => (Code::NoEligibleLine, None),
            Reason::BelowMinimumAmount { missing } => {
                (Code::BelowMinimumAmount, Some(missing.value()))
            }
            Reason::BelowMinimumQuantity { missing } => {
                (Code::BelowMinimumQuantity, Some(missing.value()))
            }
            Reason::NothingLeft => (Code::NothingLeft, None),
            Reason::DiscountLimit => (Code::DiscountLimit, None),
            Reason::AllocationLimit => (Code::AllocationLimit, None),
            Reason::GroupBestIs { .. } => (Code::GroupBestIs, None),
            Reason::DoesNotStack => (Code::DoesNotStack, None),
            Reason::VoucherUnknown => (Code::VoucherUnknown, None),
            Reason::VoucherUsed => (Code::VoucherUsed, None),
            Reason::VoucherHeld => (Code::VoucherHeld, None),
            Reason::VoucherOfOther => (Code::VoucherOfOther, None),
            Reason::VoucherCancelled => (Code::VoucherCancelled, None),
            Reason::NoRedemption => (Code::NoRedemption, None),
            Reason::BelowSpendMinimum { minimum } => {
                (Code::BelowSpendMinimum, Some(minimum.value()))
            }
            Reason::NotWholeSteps { step } => (Code::NotWholeSteps, Some(step.value())),
            Reason::NotALevel { below, above } => {
                (Code::NotALevel, below.or(*above).map(Points::value))
            }
            Reason::NotEnoughPoints { available } => {
                (Code::NotEnoughPoints, Some(available.value()))
            }
            Reason::NoCashback => (Code::NoCashback, None),
            Reason::BelowCashbackMinimum { minimum } => {
                (Code::BelowCashbackMinimum, Some(minimum.value()))
            }
            Reason::NotEnoughCashback { available } => {
                (Code::NotEnoughCashback, Some(available.value()))
            }
            Reason::CashbackOverShare { amount_max } => {
                (Code::CashbackOverShare, Some(amount_max.value()))
            }
            Reason::OfflineLimit { left } => (Code::OfflineLimit, Some(left.value())),
            Reason::CashbackOfflineLimit { left } => (Code::OfflineLimit, Some(left.value())),
            Reason::RewardUnknown => (Code::RewardUnknown, None),
            Reason::PointsMissing { missing } => (Code::PointsMissing, Some(missing.value())),
            Reason::OverShare { points_max } => (Code::OverShare, Some(points_max.value())),
            Reason::IdentifyBetter { .. } => (Code::IdentifyBetter, None),
            Reason::LimitReached { limit } => (Code::LimitReached, Some(i64::from(limit.uses_max))),
            Reason::SharedLimitReached { limit, .. } => {
                (Code::SharedLimitReached, Some(i64::from(limit.uses_max)))
            }
            Reason::NotFirstPurchase => (Code::NotFirstPurchase, None),
            Reason::OwnReferral => (Code::OwnReferral, None),
            Reason::ReferrerUnknown => (Code::ReferrerUnknown, None),
            Reason::ReferrerExcluded => (Code::ReferrerExcluded, None),
            Reason::MilestoneAhead { missing } => (Code::MilestoneAhead, Some(*missing)),
            Reason::MilestoneAheadAmount { missing } => {
                (Code::MilestoneAheadAmount, Some(missing.value()))
            }
            Reason::BelowOwnAverage { missing } => (Code::BelowOwnAverage, Some(missing.value())),
            Reason::NoAverageYet => (Code::NoAverageYet, None),
            Reason::NotBirthday => (Code::NotBirthday, None),
            Reason::BirthdayUsed => (Code::BirthdayUsed, None),
            Reason::OfferCodeUnknown => (Code::OfferCodeUnknown, None),
            Reason::NeedsCode => (Code::NeedsCode, None),
            Reason::CouponUsed => (Code::CouponUsed, None),
            Reason::CouponUnusable => (Code::CouponUnusable, None),
            Reason::OwnNotYet { .. } => (Code::NotYet, None),
            Reason::OwnOver { .. } => (Code::Over, None),
            Reason::NotPersonal => (Code::NotPersonal, None),
            Reason::Outranked => (Code::Outranked, None),
        };
        Self { subject: refusal.subject.clone(), code, missing }
    }
}

impl RefusalCode {
    /// Whether little is missing, so that it is worth saying unasked.
    #[must_use]
    pub const fn is_within_reach(self) -> bool {
        matches!(
            self,
            Self::BelowMinimumAmount
                | Self::BelowMinimumQuantity
                | Self::MilestoneAhead
                | Self::MilestoneAheadAmount
                | Self::BelowOwnAverage
        )
    }
}

numbered! {
    /// Why a benefit did not apply: a [`Reason`] without its particulars, which the programme
    /// version of the record still has.
    RefusalCode {
        /// See [`Reason::NotYet`] and [`Reason::OwnNotYet`].
        NotYet = 1 "not_yet",
        /// See [`Reason::Over`] and [`Reason::OwnOver`].
        Over = 2 "over",
        /// See [`Reason::OtherWeekday`].
        OtherWeekday = 3 "other_weekday",
        /// See [`Reason::OtherHours`].
        OtherHours = 4 "other_hours",
        /// See [`Reason::OtherStore`].
        OtherStore = 5 "other_store",
        /// See [`Reason::MembersOnly`].
        MembersOnly = 6 "members_only",
        /// See [`Reason::OtherTier`].
        OtherTier = 7 "other_tier",
        /// See [`Reason::NotInSegment`].
        NotInSegment = 8 "not_in_segment",
        /// See [`Reason::NoEligibleLine`].
        NoEligibleLine = 9 "no_eligible_line",
        /// See [`Reason::BelowMinimumAmount`].
        BelowMinimumAmount = 10 "below_minimum_amount",
        /// See [`Reason::BelowMinimumQuantity`].
        BelowMinimumQuantity = 11 "below_minimum_quantity",
        /// See [`Reason::NothingLeft`].
        NothingLeft = 12 "nothing_left",
        /// See [`Reason::GroupBestIs`].
        GroupBestIs = 13 "group_best_is",
        /// See [`Reason::DoesNotStack`].
        DoesNotStack = 14 "does_not_stack",
        /// See [`Reason::VoucherUnknown`].
        VoucherUnknown = 15 "voucher_unknown",
        /// See [`Reason::VoucherUsed`].
        VoucherUsed = 16 "voucher_used",
        /// See [`Reason::VoucherHeld`].
        VoucherHeld = 17 "voucher_held",
        /// See [`Reason::VoucherOfOther`].
        VoucherOfOther = 18 "voucher_of_other",
        /// See [`Reason::NoRedemption`].
        NoRedemption = 19 "no_redemption",
        /// See [`Reason::BelowSpendMinimum`].
        BelowSpendMinimum = 20 "below_spend_minimum",
        /// See [`Reason::NotWholeSteps`].
        NotWholeSteps = 21 "not_whole_steps",
        /// See [`Reason::NotEnoughPoints`].
        NotEnoughPoints = 22 "not_enough_points",
        /// See [`Reason::OverShare`].
        OverShare = 23 "over_share",
        /// See [`Reason::IdentifyBetter`].
        IdentifyBetter = 24 "identify_better",
        /// See [`Reason::DiscountLimit`].
        DiscountLimit = 25 "discount_limit",
        /// See [`Reason::NotALevel`]; of the nearest levels, the one below if there is one.
        NotALevel = 30 "not_a_level",
        /// See [`Reason::AllocationLimit`].
        AllocationLimit = 60 "allocation_limit",
        /// See [`Reason::LimitReached`].
        LimitReached = 40 "limit_reached",
        /// See [`Reason::SharedLimitReached`].
        SharedLimitReached = 70 "shared_limit_reached",
        /// See [`Reason::NotFirstPurchase`].
        NotFirstPurchase = 41 "not_first_purchase",
        /// See [`Reason::MilestoneAhead`].
        MilestoneAhead = 42 "milestone_ahead",
        /// See [`Reason::BelowOwnAverage`].
        BelowOwnAverage = 43 "below_own_average",
        /// See [`Reason::NoAverageYet`].
        NoAverageYet = 44 "no_average_yet",
        /// See [`Reason::NotBirthday`].
        NotBirthday = 45 "not_birthday",
        /// See [`Reason::MilestoneAheadAmount`].
        MilestoneAheadAmount = 47 "milestone_ahead_amount",
        /// See [`Reason::BirthdayUsed`].
        BirthdayUsed = 46 "birthday_used",
        /// See [`Reason::VoucherCancelled`].
        VoucherCancelled = 65 "voucher_cancelled",
        /// See [`Reason::NoCashback`].
        NoCashback = 75 "no_cashback",
        /// See [`Reason::BelowCashbackMinimum`].
        BelowCashbackMinimum = 76 "below_cashback_minimum",
        /// See [`Reason::NotEnoughCashback`].
        NotEnoughCashback = 77 "not_enough_cashback",
        /// See [`Reason::CashbackOverShare`].
        CashbackOverShare = 78 "cashback_over_share",
        /// See [`Reason::OfferCodeUnknown`].
        OfferCodeUnknown = 80 "offer_code_unknown",
        /// See [`Reason::NeedsCode`].
        NeedsCode = 81 "needs_code",
        /// See [`Reason::CouponUsed`].
        CouponUsed = 82 "coupon_used",
        /// See [`Reason::CouponUnusable`].
        CouponUnusable = 83 "coupon_unusable",
        /// See [`Reason::OtherBalance`].
        OtherBalance = 84 "other_balance",
        /// See [`Reason::NotPersonal`].
        NotPersonal = 85 "not_personal",
        /// See [`Reason::Outranked`].
        Outranked = 86 "outranked",
        /// See [`Reason::PointsMissing`].
        PointsMissing = 87 "points_missing",
        /// See [`Reason::RewardUnknown`].
        RewardUnknown = 88 "reward_unknown",
        /// See [`Reason::OwnReferral`].
        OwnReferral = 89 "own_referral",
        /// See [`Reason::ReferrerUnknown`].
        ReferrerUnknown = 90 "referrer_unknown",
        /// See [`Reason::ReferrerExcluded`].
        ReferrerExcluded = 91 "referrer_excluded",
        /// See [`Reason::RoleMayNotSpend`].
        RoleMayNotSpend = 92 "role_may_not_spend",
        /// See [`Reason::OtherAccountKind`].
        OtherAccountKind = 93 "other_account_kind",
        /// See [`Reason::OtherRole`].
        OtherRole = 94 "other_role",
        /// See [`Reason::OfflineLimit`] and [`Reason::CashbackOfflineLimit`].
        OfflineLimit = 95 "offline_limit",
    }
}
