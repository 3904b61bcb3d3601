//! What can be said, with what it is said of.

use chrono::{NaiveDate, NaiveTime};
use serde::{Serialize, Serializer};

use crate::money::{Amount, Currency, Points, Quantity};

/// An amount and its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// Minor units.
    pub amount: Amount,
    /// Which currency's.
    pub currency: Currency,
}

/// What a sentence is said of. As JSON: counts and minor units are numbers, quantities decimal
/// texts, days and times ISO 8601.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument<'a> {
    /// A number of things; the words follow it.
    Count(i64),
    /// Points, in the smallest part that the programme has; the words follow them.
    Points(Points),
    /// A quantity with decimals; the words follow it.
    Quantity(Quantity),
    /// A name, as the programme writes it.
    Text(&'a str),
    /// Money.
    Money(Money),
    /// A day.
    Day(NaiveDate),
    /// A time of day.
    Time(NaiveTime),
}

macro_rules! sentences {
    ($(
        $(#[$doc:meta])*
        $name:ident $id:literal { $($field:ident: $type:ty),* }
    )+) => {
        /// Everything that can be said, with what it is said of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Sentence<'a> {$(
            $(#[$doc])*
            $name {$(
                #[doc = concat!("`", stringify!($field), "` of the words.")]
                $field: $type,
            )*},
        )+}

        impl<'a> Sentence<'a> {
            /// Every id with the names of its arguments.
            pub const DECLARED: &'static [(&'static str, &'static [&'static str])] =
                &[$(($id, &[$(stringify!($field)),*])),+];

            /// Names the sentence in every language; stable.
            #[must_use]
            pub const fn id(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $id,)+
                }
            }

            /// What it is said of, by name, in the order of declaration.
            #[must_use]
            pub fn arguments(&self) -> Vec<(&'static str, Argument<'a>)> {
                match self {
                    $(Self::$name { $($field),* } => {
                        vec![$((stringify!($field), Argument::from(*$field))),*]
                    })+
                }
            }
        }
    };
}

sentences! {
    // On receipts.
    /// A till in training printed this.
    LabelTraining "label_training" {}
    /// What points are called.
    LabelPoints "label_points" {}
    /// A discount of the till's own.
    LabelTillDiscount "label_till_discount" {}
    /// Points lowered the price.
    LabelPaidWithPoints "label_paid_with_points" { points: Points }
    /// The sum of all discounts.
    LabelSaved "label_saved" {}
    /// Before the part of the discounts at one tax rate.
    LabelDiscountAtRate "label_discount_at_rate" { rate: &'a str }
    /// Before the lowest price of the last 30 days of a line with an announced reduction.
    LabelLowestPrice "label_lowest_price" { line: &'a str }
    /// Before the tax of one rate that is added to the prices.
    LabelTaxAdded "label_tax_added" { rate: &'a str }
    /// Before what was added or taken to make the sum payable in coins.
    LabelCashRounding "label_cash_rounding" {}
    /// Before the points earned.
    LabelPointsEarned "label_points_earned" {}
    /// Before the points spent.
    LabelPointsSpent "label_points_spent" {}
    /// Before the balance.
    LabelPointsBalance "label_points_balance" {}
    /// Before the points owed.
    LabelPointsOwed "label_points_owed" {}
    /// What cashback is called.
    LabelCashback "label_cashback" {}
    /// Cashback lowered the price.
    LabelPaidWithCashback "label_paid_with_cashback" {}
    /// Before the cashback earned.
    LabelCashbackEarned "label_cashback_earned" {}
    /// Before the cashback spent.
    LabelCashbackSpent "label_cashback_spent" {}
    /// Before the cashback that there is.
    LabelCashbackBalance "label_cashback_balance" {}
    /// Before the cashback owed.
    LabelCashbackOwed "label_cashback_owed" {}
    /// Before what a tier still needs.
    LabelToTier "label_to_tier" { tier: &'a str }
    /// Before the visits that a tier still needs.
    LabelVisitsToTier "label_visits_to_tier" { tier: &'a str }
    /// Before the points that the next reward still needs.
    LabelToNextReward "label_to_next_reward" {}
    /// Before the code of the record.
    LabelReceiptCode "label_receipt_code" {}
    /// Before the points converted into vouchers.
    LabelPointsConverted "label_points_converted" {}
    /// Before the code of a voucher that is handed out.
    LabelVoucherCode "label_voucher_code" {}
    /// Before the code of a contest entry.
    LabelEntryCode "label_entry_code" {}
    /// So many points.
    CountPoints "count_points" { points: Points }
    /// A reward and the points that it costs.
    RewardGiven "reward_given" { label: &'a str, points: Points }
    /// Points with their last day.
    ReceiptPointsExpire "receipt_points_expire" { points: Points, date: NaiveDate }
    /// The last day of the points earned now.
    ReceiptEarnedExpire "receipt_earned_expire" { date: NaiveDate }
    // Messages.
    /// A voucher that is handed out, with its last day.
    VoucherReceived "voucher_received" { label: &'a str, date: NaiveDate }
    /// A voucher that is handed out and begins later.
    VoucherReceivedFrom "voucher_received_from" { label: &'a str, from: NaiveDate, date: NaiveDate }
    /// A voucher that the member has and that is about to lapse, with the days that are left.
    VoucherLapsesIn "voucher_lapses_in" { label: &'a str, days: i64, date: NaiveDate }
    /// This is the last day of a voucher.
    VoucherLapsesToday "voucher_lapses_today" { label: &'a str }
    /// Something that the till hands out.
    GiftGiven "gift_given" { label: &'a str, units: i64 }
    /// A gift that is claimed.
    GiftBack "gift_back" { label: &'a str, units: i64 }
    /// Entries of a contest.
    ContestEntries "contest_entries" { label: &'a str, entries: i64 }
    /// A voucher or contest entry that no longer counts.
    CodeCancelled "code_cancelled" { code: &'a str }
    /// A tier that the member did not have before.
    TierReached "tier_reached" { tier: &'a str }
    /// The member's tier.
    TierLevel "tier_level" { tier: &'a str }
    /// There is no tier above.
    TierHighest "tier_highest" { tier: &'a str }
    /// Money that the next tier still needs.
    TierMissingSpend "tier_missing_spend" { tier: &'a str, amount: Money }
    /// Points that the next tier still needs.
    TierMissingPoints "tier_missing_points" { tier: &'a str, points: Points }
    /// Visits that the next tier still needs.
    TierMissingVisits "tier_missing_visits" { tier: &'a str, visits: i64 }
    /// How far the way to the next tier is gone.
    TierProgress "tier_progress" { tier: &'a str, percent: i64 }
    /// The last day of the member's tier.
    TierValidUntil "tier_valid_until" { tier: &'a str, date: NaiveDate }
    /// Money that keeps the tier beyond its last day.
    TierKeepSpend "tier_keep_spend" { tier: &'a str, amount: Money, date: NaiveDate }
    /// Points that keep the tier beyond its last day.
    TierKeepPoints "tier_keep_points" { tier: &'a str, points: Points, date: NaiveDate }
    /// Visits that keep the tier beyond its last day.
    TierKeepVisits "tier_keep_visits" { tier: &'a str, visits: i64, date: NaiveDate }
    /// The balance after all.
    PointsBalance "points_balance" { points: Points }
    /// Points that the purchase earns.
    PointsEarned "points_earned" { points: Points }
    /// Earned points that can be spent only later.
    PointsUsableFrom "points_usable_from" { points: Points, date: NaiveDate }
    /// Cashback that the purchase earns.
    CashbackEarned "cashback_earned" { amount: Money }
    /// Earned cashback that can be spent only later.
    CashbackUsableFrom "cashback_usable_from" { amount: Money, date: NaiveDate }
    /// Cashback that the purchase spends.
    CashbackSpent "cashback_spent" { amount: Money }
    /// The cashback after all.
    CashbackBalance "cashback_balance" { amount: Money }
    /// Cashback owed after all.
    CashbackOwed "cashback_owed" { amount: Money }
    /// Cashback that could be spent on this basket.
    CashbackSpendNow "cashback_spend_now" { amount: Money }
    /// The soonest that cashback lapses.
    CashbackValidUntil "cashback_valid_until" { amount: Money, date: NaiveDate }
    /// Points that the purchase spends.
    PointsSpent "points_spent" { points: Points }
    /// Points that became vouchers by themselves.
    PointsConverted "points_converted" { points: Points }
    /// Points owed after all.
    PointsOwed "points_owed" { points: Points }
    /// Points still missing for a reward.
    RewardAhead "reward_ahead" { points: Points, amount: Money }
    /// A reward that could be had now.
    RewardReady "reward_ready" { label: &'a str, points: Points }
    /// The next reward and the points that are missing for it.
    RewardMissing "reward_missing" { label: &'a str, points: Points, missing: Points }
    /// What could be spent on this basket.
    SpendNow "spend_now" { points: Points, amount: Money }
    /// What keeping the points leads to.
    KeepPoints "keep_points" { points: Points, amount: Money }
    /// The discount level that the balance pays for.
    LevelReached "level_reached" { points: Points }
    /// There is no better discount level.
    LevelHighest "level_highest" {}
    /// Money that brings the points which the next discount level still needs.
    LevelMissingSpend "level_missing_spend" { points: Points, amount: Money }
    /// How far the way to the next discount level is gone.
    LevelProgress "level_progress" { points: Points, percent: i64 }
    /// The soonest that points lapse.
    PointsExpireIn "points_expire_in" { points: Points, days: i64, date: NaiveDate }
    /// This is the last day of points.
    PointsExpireToday "points_expire_today" { points: Points }
    /// The n-th purchase.
    MilestoneVisits "milestone_visits" { visits: i64, label: &'a str, points: Points }
    /// A sum of purchases was reached.
    MilestoneSpend "milestone_spend" { amount: Money, label: &'a str, points: Points }
    /// A stamp card is full.
    MilestoneItems "milestone_items" { items: i64, label: &'a str, points: Points }
    /// Something is given for a birthday.
    Birthday "birthday" { label: &'a str }
    /// A rule gave something that was drawn.
    Surprise "surprise" { label: &'a str }
    /// Points for the first purchase.
    Welcome "welcome" { points: Points }
    /// Points for a newcomer whom somebody referred.
    Referred "referred" { points: Points }
    /// Earned points that a return takes.
    PointsTakenBack "points_taken_back" { points: Points }
    /// Earned points that a return does not take, as the balance does not hold them.
    PointsForgiven "points_forgiven" { points: Points }
    /// Spent points that a return gives.
    PointsGivenBack "points_given_back" { points: Points }
    /// Earned cashback that a return takes.
    CashbackTakenBack "cashback_taken_back" { amount: Money }
    /// Earned cashback that a return does not take.
    CashbackForgiven "cashback_forgiven" { amount: Money }
    /// Spent cashback that a return gives.
    CashbackGivenBack "cashback_given_back" { amount: Money }
    /// Money to pay back.
    Refund "refund" { amount: Money }
    /// What that is in coins.
    RefundInCash "refund_in_cash" { amount: Money }
    /// What is payable in coins.
    CashPayable "cash_payable" { amount: Money }
    // Why a benefit did not apply.
    /// First day to come.
    RefusedBeginsOn "refused_begins_on" { label: &'a str, date: NaiveDate }
    /// Last day gone.
    RefusedEndedOn "refused_ended_on" { label: &'a str, date: NaiveDate }
    /// Other hours.
    RefusedAppliesBetween "refused_applies_between" { label: &'a str, from: NaiveTime, to: NaiveTime }
    /// Other tiers.
    RefusedForTiers "refused_for_tiers" { label: &'a str, tiers: &'a str }
    /// The member's own first day to come.
    RefusedOwnBeginsOn "refused_own_begins_on" { label: &'a str, date: NaiveDate }
    /// The member's own first hour to come.
    RefusedOwnBeginsAt "refused_own_begins_at" { label: &'a str, date: NaiveDate, time: NaiveTime }
    /// The member's own last hour gone.
    RefusedOwnEndedAt "refused_own_ended_at" { label: &'a str, date: NaiveDate, time: NaiveTime }
    /// The best of its group.
    RefusedOtherIsBetter "refused_other_is_better" { label: &'a str, other: &'a str }
    /// See [`RefusalCode::NotYet`](crate::journal::RefusalCode::NotYet).
    RefusedNotYet "refused_not_yet" { label: &'a str }
    /// See [`RefusalCode::Over`](crate::journal::RefusalCode::Over).
    RefusedOver "refused_over" { label: &'a str }
    /// See [`RefusalCode::OtherWeekday`](crate::journal::RefusalCode::OtherWeekday).
    RefusedOtherWeekday "refused_other_weekday" { label: &'a str }
    /// See [`RefusalCode::OtherHours`](crate::journal::RefusalCode::OtherHours).
    RefusedOtherHours "refused_other_hours" { label: &'a str }
    /// See [`RefusalCode::OtherStore`](crate::journal::RefusalCode::OtherStore).
    RefusedOtherStore "refused_other_store" { label: &'a str }
    /// See [`RefusalCode::MembersOnly`](crate::journal::RefusalCode::MembersOnly).
    RefusedMembersOnly "refused_members_only" { label: &'a str }
    /// See [`RefusalCode::OtherTier`](crate::journal::RefusalCode::OtherTier).
    RefusedOtherTier "refused_other_tier" { label: &'a str }
    /// See [`RefusalCode::NotInSegment`](crate::journal::RefusalCode::NotInSegment).
    RefusedNotInSegment "refused_not_in_segment" { label: &'a str }
    /// See [`RefusalCode::OtherBalance`](crate::journal::RefusalCode::OtherBalance).
    RefusedOtherBalance "refused_other_balance" { label: &'a str }
    /// See [`RefusalCode::OtherAccountKind`](crate::journal::RefusalCode::OtherAccountKind).
    RefusedOtherAccountKind "refused_other_account_kind" { label: &'a str }
    /// See [`RefusalCode::OtherRole`](crate::journal::RefusalCode::OtherRole).
    RefusedOtherRole "refused_other_role" { label: &'a str }
    /// See [`RefusalCode::RoleMayNotSpend`](crate::journal::RefusalCode::RoleMayNotSpend).
    RefusedRoleMayNotSpend "refused_role_may_not_spend" {}
    /// See [`RefusalCode::RoleMayNotSpend`](crate::journal::RefusalCode::RoleMayNotSpend).
    RefusedRoleMayNotSpendCashback "refused_role_may_not_spend_cashback" {}
    /// See [`RefusalCode::NoEligibleLine`](crate::journal::RefusalCode::NoEligibleLine).
    RefusedNoEligibleLine "refused_no_eligible_line" { label: &'a str }
    /// See [`RefusalCode::BelowMinimumAmount`](crate::journal::RefusalCode::BelowMinimumAmount).
    RefusedBelowMinimumAmount "refused_below_minimum_amount" { label: &'a str, amount: Money }
    /// See [`RefusalCode::BelowMinimumQuantity`](crate::journal::RefusalCode::BelowMinimumQuantity).
    RefusedBelowMinimumQuantity "refused_below_minimum_quantity" { label: &'a str, quantity: Quantity }
    /// See [`RefusalCode::NothingLeft`](crate::journal::RefusalCode::NothingLeft).
    RefusedNothingLeft "refused_nothing_left" { label: &'a str }
    /// See [`RefusalCode::DiscountLimit`](crate::journal::RefusalCode::DiscountLimit).
    RefusedDiscountLimit "refused_discount_limit" { label: &'a str }
    /// See [`RefusalCode::AllocationLimit`](crate::journal::RefusalCode::AllocationLimit).
    RefusedAllocationLimit "refused_allocation_limit" { label: &'a str }
    /// See [`RefusalCode::GroupBestIs`](crate::journal::RefusalCode::GroupBestIs).
    RefusedGroupBestIs "refused_group_best_is" { label: &'a str }
    /// See [`RefusalCode::DoesNotStack`](crate::journal::RefusalCode::DoesNotStack).
    RefusedDoesNotStack "refused_does_not_stack" { label: &'a str }
    /// See [`RefusalCode::VoucherUnknown`](crate::journal::RefusalCode::VoucherUnknown).
    RefusedVoucherUnknown "refused_voucher_unknown" { label: &'a str }
    /// See [`RefusalCode::VoucherUsed`](crate::journal::RefusalCode::VoucherUsed).
    RefusedVoucherUsed "refused_voucher_used" { label: &'a str }
    /// See [`RefusalCode::VoucherHeld`](crate::journal::RefusalCode::VoucherHeld).
    RefusedVoucherHeld "refused_voucher_held" { label: &'a str }
    /// See [`RefusalCode::VoucherOfOther`](crate::journal::RefusalCode::VoucherOfOther).
    RefusedVoucherOfOther "refused_voucher_of_other" { label: &'a str }
    /// See [`RefusalCode::VoucherCancelled`](crate::journal::RefusalCode::VoucherCancelled).
    RefusedVoucherCancelled "refused_voucher_cancelled" { label: &'a str }
    /// See [`RefusalCode::NoRedemption`](crate::journal::RefusalCode::NoRedemption).
    RefusedNoRedemption "refused_no_redemption" {}
    /// See [`RefusalCode::BelowSpendMinimum`](crate::journal::RefusalCode::BelowSpendMinimum).
    RefusedBelowSpendMinimum "refused_below_spend_minimum" { points: Points }
    /// See [`RefusalCode::NotWholeSteps`](crate::journal::RefusalCode::NotWholeSteps).
    RefusedNotWholeSteps "refused_not_whole_steps" { points: Points }
    /// See [`RefusalCode::NotALevel`](crate::journal::RefusalCode::NotALevel).
    RefusedNotALevel "refused_not_a_level" { points: Points }
    /// [`Sentence::RefusedNotALevel`] where there is a level on either side.
    RefusedBetweenLevels "refused_between_levels" { below: Points, above: Points }
    /// See [`RefusalCode::NotEnoughPoints`](crate::journal::RefusalCode::NotEnoughPoints).
    RefusedNotEnoughPoints "refused_not_enough_points" { points: Points }
    /// See [`RefusalCode::NoCashback`](crate::journal::RefusalCode::NoCashback).
    RefusedNoCashback "refused_no_cashback" {}
    /// See [`RefusalCode::BelowCashbackMinimum`](crate::journal::RefusalCode::BelowCashbackMinimum).
    RefusedBelowCashbackMinimum "refused_below_cashback_minimum" { amount: Money }
    /// See [`RefusalCode::NotEnoughCashback`](crate::journal::RefusalCode::NotEnoughCashback).
    RefusedNotEnoughCashback "refused_not_enough_cashback" { amount: Money }
    /// See [`RefusalCode::CashbackOverShare`](crate::journal::RefusalCode::CashbackOverShare).
    RefusedCashbackOverShare "refused_cashback_over_share" { amount: Money }
    /// See [`RefusalCode::OfflineLimit`](crate::journal::RefusalCode::OfflineLimit).
    RefusedOfflineLimit "refused_offline_limit" { points: Points }
    /// See [`RefusalCode::OfflineLimit`](crate::journal::RefusalCode::OfflineLimit).
    RefusedOfflineLimitCashback "refused_offline_limit_cashback" { amount: Money }
    /// See [`RefusalCode::PointsMissing`](crate::journal::RefusalCode::PointsMissing).
    RefusedPointsMissing "refused_points_missing" { label: &'a str, points: Points }
    /// See [`RefusalCode::RewardUnknown`](crate::journal::RefusalCode::RewardUnknown).
    RefusedRewardUnknown "refused_reward_unknown" { label: &'a str }
    /// See [`RefusalCode::OverShare`](crate::journal::RefusalCode::OverShare).
    RefusedOverShare "refused_over_share" { points: Points }
    /// See [`RefusalCode::IdentifyBetter`](crate::journal::RefusalCode::IdentifyBetter).
    RefusedIdentifyBetter "refused_identify_better" {}
    /// See [`RefusalCode::LimitReached`](crate::journal::RefusalCode::LimitReached).
    RefusedLimitReached "refused_limit_reached" { label: &'a str }
    /// See [`RefusalCode::SharedLimitReached`](crate::journal::RefusalCode::SharedLimitReached).
    RefusedSharedLimitReached "refused_shared_limit_reached" { label: &'a str }
    /// See [`RefusalCode::NotFirstPurchase`](crate::journal::RefusalCode::NotFirstPurchase).
    RefusedNotFirstPurchase "refused_not_first_purchase" { label: &'a str }
    /// See [`RefusalCode::OwnReferral`](crate::journal::RefusalCode::OwnReferral).
    RefusedOwnReferral "refused_own_referral" { label: &'a str }
    /// See [`RefusalCode::ReferrerUnknown`](crate::journal::RefusalCode::ReferrerUnknown).
    RefusedReferrerUnknown "refused_referrer_unknown" { label: &'a str }
    /// See [`RefusalCode::ReferrerExcluded`](crate::journal::RefusalCode::ReferrerExcluded).
    RefusedReferrerExcluded "refused_referrer_excluded" { label: &'a str }
    /// See [`RefusalCode::MilestoneAhead`](crate::journal::RefusalCode::MilestoneAhead).
    RefusedMilestoneAhead "refused_milestone_ahead" { label: &'a str, missing: i64 }
    /// See [`RefusalCode::MilestoneAhead`](crate::journal::RefusalCode::MilestoneAhead).
    RefusedMilestoneAheadVisits "refused_milestone_ahead_visits" { label: &'a str, visits: i64 }
    /// See [`RefusalCode::MilestoneAhead`](crate::journal::RefusalCode::MilestoneAhead).
    RefusedMilestoneAheadItems "refused_milestone_ahead_items" { label: &'a str, items: i64 }
    /// See [`RefusalCode::MilestoneAheadAmount`](crate::journal::RefusalCode::MilestoneAheadAmount).
    RefusedMilestoneAheadAmount "refused_milestone_ahead_amount" { label: &'a str, amount: Money }
    /// See [`RefusalCode::BelowOwnAverage`](crate::journal::RefusalCode::BelowOwnAverage).
    RefusedBelowOwnAverage "refused_below_own_average" { label: &'a str, amount: Money }
    /// See [`RefusalCode::NoAverageYet`](crate::journal::RefusalCode::NoAverageYet).
    RefusedNoAverageYet "refused_no_average_yet" { label: &'a str }
    /// See [`RefusalCode::NotBirthday`](crate::journal::RefusalCode::NotBirthday).
    RefusedNotBirthday "refused_not_birthday" { label: &'a str }
    /// See [`RefusalCode::BirthdayUsed`](crate::journal::RefusalCode::BirthdayUsed).
    RefusedBirthdayUsed "refused_birthday_used" { label: &'a str }
    /// See [`RefusalCode::OfferCodeUnknown`](crate::journal::RefusalCode::OfferCodeUnknown).
    RefusedOfferCodeUnknown "refused_offer_code_unknown" { label: &'a str }
    /// See [`RefusalCode::NeedsCode`](crate::journal::RefusalCode::NeedsCode).
    RefusedNeedsCode "refused_needs_code" { label: &'a str }
    /// See [`RefusalCode::CouponUsed`](crate::journal::RefusalCode::CouponUsed).
    RefusedCouponUsed "refused_coupon_used" { label: &'a str }
    /// See [`RefusalCode::CouponUnusable`](crate::journal::RefusalCode::CouponUnusable).
    RefusedCouponUnusable "refused_coupon_unusable" { label: &'a str }
    /// See [`RefusalCode::NotPersonal`](crate::journal::RefusalCode::NotPersonal).
    RefusedNotPersonal "refused_not_personal" { label: &'a str }
    /// See [`RefusalCode::Outranked`](crate::journal::RefusalCode::Outranked).
    RefusedOutranked "refused_outranked" { label: &'a str }
}

macro_rules! arguments_from {
    ($($type:ty => $variant:ident($value:ident) $as:expr;)+) => {$(
        impl<'a> From<$type> for Argument<'a> {
            fn from($value: $type) -> Self {
                Self::$variant($as)
            }
        }
    )+};
}

arguments_from! {
    i64 => Count(count) count;
    Points => Points(points) points;
    Quantity => Quantity(quantity) quantity;
    &'a str => Text(text) text;
    Money => Money(money) money;
    NaiveDate => Day(day) day;
    NaiveTime => Time(time) time;
}

impl Serialize for Argument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => serializer.serialize_i64(*count),
            Self::Points(points) => serializer.serialize_i64(points.value()),
            Self::Quantity(quantity) => {
                let milli = quantity.value();
                serializer.collect_str(&format_args!("{}.{:03}", milli / 1_000, milli % 1_000))
            }
            Self::Text(text) => serializer.serialize_str(text),
            Self::Money(money) => serializer.serialize_i64(money.amount.value()),
            Self::Day(day) => serializer.collect_str(day),
            Self::Time(time) => serializer.collect_str(&time.format("%H:%M")),
        }
    }
}
