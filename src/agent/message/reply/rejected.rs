//! What was not given, and the sentence that says why.

use std::borrow::Cow;

use chrono::NaiveTime;
use serde::Serialize;
use utoipa::ToSchema;

use super::messages::MessageReply;
use super::time;
use crate::journal::{RefusalCode, RefusedBenefit};
use crate::loyalty::{
    EarnKind, MilestoneMeasure, Programme, Promotion, Reason, Refusal, Subject, TierId,
};
use crate::money::{Amount, Points, Quantity};
use crate::wire::wording::{Locale, Money, Sentence};

/// A benefit that did not apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RejectedReply<'a> {
    /// The offer, earning rule, conversion, voucher, reward, code or coupon; "points" or "cashback"
    /// where those were to be spent.
    #[schema(example = "over-500")]
    pub(crate) benefit: &'a str,
    /// What it is.
    pub(crate) kind: BenefitKind,
    /// What customers call it.
    #[schema(value_type = String)]
    pub(crate) label: Cow<'a, str>,
    /// Stable code of the reason.
    #[schema(example = "below_minimum_amount")]
    pub(crate) reason: &'static str,
    /// What is missing or allowed, in the unit of the reason: minor units, thousandths of a unit
    /// or points.
    #[schema(example = 1240)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<i64>,
    /// When the member's own window of the offer opens, by the programme's clock.
    #[schema(example = "2026-03-10T14:00:00")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) opens_at: Option<String>,
    /// A sentence for the cashier.
    #[schema(example = "12.40 more and the 15 voucher applies")]
    #[schema(value_type = String)]
    pub(crate) message: Cow<'static, str>,
    /// The same for the list of messages, where it is worth saying unasked.
    #[serde(skip)]
    pub(crate) shown: Option<MessageReply>,
}

/// What a benefit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BenefitKind {
    /// An offer.
    Offer,
    /// An earning rule.
    Rule,
    /// A conversion of points into vouchers.
    Conversion,
    /// Points to be spent.
    Points,
    /// Cashback to be spent.
    Cashback,
    /// A voucher.
    Voucher,
    /// A reward for points.
    Reward,
    /// A code given to call for an offer.
    Code,
    /// A coupon.
    Coupon,
}

impl<'a> RejectedReply<'a> {
    /// What a decision refused, with the particulars.
    pub(super) fn of_refusal(
        refusal: &'a Refusal,
        programme: &'a Programme,
        locale: Locale,
    ) -> Self {
        let kept = RefusedBenefit::of(refusal);
        let reply = Self::silent(&refusal.subject, kept.code, kept.missing, programme, locale);
        let label = reply.label.clone();
        match &refusal.reason {
            Reason::NotYet { from } => {
                reply.saying(&Sentence::RefusedBeginsOn { label: &label, date: *from }, locale)
            }
            Reason::Over { until } => {
                reply.saying(&Sentence::RefusedEndedOn { label: &label, date: *until }, locale)
            }
            Reason::OwnNotYet { from } => {
                let (date, time) = (from.date(), from.time());
                let sentence = if time == NaiveTime::MIN {
                    Sentence::RefusedOwnBeginsOn { label: &label, date }
                } else {
                    Sentence::RefusedOwnBeginsAt { label: &label, date, time }
                };
                let opens_at = Some(time::local(*from));
                Self { opens_at, ..reply }.saying(&sentence, locale)
            }
            Reason::OwnOver { until } => {
                let (date, time) = (until.date(), until.time());
                let sentence = match date.pred_opt().filter(|_| time == NaiveTime::MIN) {
                    Some(date) => Sentence::RefusedEndedOn { label: &label, date },
                    None => Sentence::RefusedOwnEndedAt { label: &label, date, time },
                };
                reply.saying(&sentence, locale)
            }
            Reason::OtherHours { from, to } => {
                let (from, to) = (*from, *to);
                let sentence = Sentence::RefusedAppliesBetween { label: &label, from, to };
                reply.saying(&sentence, locale)
            }
            Reason::OtherTier { needs } => {
                let names: Vec<&str> = needs.iter().map(|id| tier_name(programme, id)).collect();
                let tiers = &names.join(", ");
                reply.saying(&Sentence::RefusedForTiers { label: &label, tiers }, locale)
            }
            Reason::GroupBestIs { offer: best, .. } => {
                let other = programme.offer(best).map_or(best.as_str(), |offer| &offer.name);
                reply.saying(&Sentence::RefusedOtherIsBetter { label: &label, other }, locale)
            }
            Reason::NotALevel { below: Some(below), above: Some(above) } => {
                let (below, above) = (*below, *above);
                reply.saying(&Sentence::RefusedBetweenLevels { below, above }, locale)
            }
            _ => {
                let subject = &refusal.subject;
                let sentence = in_short(subject, kept.code, kept.missing, &label, programme);
                reply.saying(&sentence, locale)
            }
        }
    }

    /// What a record keeps of a refusal.
    pub(super) fn of_record(
        refused: &'a RefusedBenefit,
        programme: &'a Programme,
        locale: Locale,
    ) -> Self {
        let RefusedBenefit { subject, code, missing } = refused;
        let reply = Self::silent(subject, *code, *missing, programme, locale);
        let label = reply.label.clone();
        reply.saying(&in_short(subject, *code, *missing, &label, programme), locale)
    }

    /// Says it unasked only where it is among what is said, if it is a promotion at all.
    pub(super) fn within(
        mut self,
        promotion: Option<Promotion>,
        is_told: impl Fn(&Promotion) -> bool,
    ) -> Self {
        if promotion.is_some_and(|promotion| !is_told(&promotion)) {
            self.shown = None;
        }
        self
    }

    fn silent(
        subject: &'a Subject,
        code: RefusalCode,
        missing: Option<i64>,
        programme: &'a Programme,
        locale: Locale,
    ) -> Self {
        let (benefit, kind, label) = named(subject, programme, locale);
        let (reason, message) = (code.name(), Cow::Borrowed(""));
        Self { benefit, kind, label, reason, missing, opens_at: None, message, shown: None }
    }

    /// What the customer wanted to use is always worth a word; of the rest,
    /// what is within reach.
    fn saying(mut self, sentence: &Sentence<'_>, locale: Locale) -> Self {
        let within_reach = matches!(
            sentence,
            Sentence::RefusedBelowMinimumAmount { .. }
                | Sentence::RefusedBelowMinimumQuantity { .. }
                | Sentence::RefusedMilestoneAhead { .. }
                | Sentence::RefusedMilestoneAheadVisits { .. }
                | Sentence::RefusedMilestoneAheadItems { .. }
                | Sentence::RefusedMilestoneAheadAmount { .. }
                | Sentence::RefusedBelowOwnAverage { .. }
                | Sentence::RefusedOwnBeginsOn { .. }
                | Sentence::RefusedOwnBeginsAt { .. }
                | Sentence::RefusedOwnReferral { .. }
                | Sentence::RefusedReferrerUnknown { .. }
                | Sentence::RefusedReferrerExcluded { .. }
        );
        let asked_for = match self.kind {
            BenefitKind::Offer | BenefitKind::Rule => false,
            // Nobody asks for one; only that it comes near is worth a word.
            BenefitKind::Conversion => matches!(sentence, Sentence::RefusedPointsMissing { .. }),
            BenefitKind::Points
            | BenefitKind::Cashback
            | BenefitKind::Voucher
            | BenefitKind::Reward
            | BenefitKind::Code
            | BenefitKind::Coupon => true,
        };
        if within_reach || asked_for {
            let shown = MessageReply::of(sentence, locale);
            self.message = shown.text.clone();
            self.shown = Some(shown);
        } else {
            self.message = sentence.say(locale);
        }
        self
    }
}

/// The stable code of a reason.
pub(super) fn code_of(reason: &Reason) -> &'static str {
    let refusal = Refusal { subject: Subject::Spend, reason: reason.clone() };
    RefusedBenefit::of(&refusal).code.name()
}

fn named<'a>(
    subject: &'a Subject,
    programme: &'a Programme,
    locale: Locale,
) -> (&'a str, BenefitKind, Cow<'a, str>) {
    match subject {
        Subject::Offer(id) => {
            let label = programme.offer(id).map_or(id.as_str(), |offer| &offer.name);
            (id.as_str(), BenefitKind::Offer, label.into())
        }
        Subject::Rule(id) => {
            let rule = programme.earn.iter().find(|rule| rule.id == *id);
            let label = rule.map_or(id.as_str(), |rule| &rule.name);
            (id.as_str(), BenefitKind::Rule, label.into())
        }
        Subject::Reward(id) => {
            let label = programme.reward(id).map_or(id.as_str(), |reward| &reward.name);
            (id.as_str(), BenefitKind::Reward, label.into())
        }
        Subject::Conversion(id) => {
            let known = programme.conversions.iter().find(|known| known.id == *id);
            let label = known.map_or(id.as_str(), |known| &known.name);
            (id.as_str(), BenefitKind::Conversion, label.into())
        }
        Subject::Spend => ("points", BenefitKind::Points, Sentence::LabelPoints {}.say(locale)),
        Subject::Cashback => {
            ("cashback", BenefitKind::Cashback, Sentence::LabelCashback {}.say(locale))
        }
        Subject::Voucher { voucher, voucher_type } => {
            let kind = voucher_type.as_ref().and_then(|id| programme.voucher_types.get(id));
            let label = kind.map_or(voucher.as_str(), |kind| &kind.name);
            (voucher.as_str(), BenefitKind::Voucher, label.into())
        }
        Subject::Code(code) => (code.as_str(), BenefitKind::Code, code.as_str().into()),
        Subject::Coupon(number) => (number.as_str(), BenefitKind::Coupon, number.offer().into()),
    }
}

/// What a record has to say; what is missing is in the unit of the reason.
fn in_short<'l>(
    subject: &Subject,
    code: RefusalCode,
    missing: Option<i64>,
    label: &'l str,
    programme: &Programme,
) -> Sentence<'l> {
    let is_short = missing.is_some();
    let missing = missing.unwrap_or_default();
    let points = Points::new(missing);
    let amount = Money { amount: Amount::new(missing), currency: programme.currency };
    match code {
        RefusalCode::BelowMinimumQuantity => {
            Sentence::RefusedBelowMinimumQuantity { label, quantity: Quantity::new(missing) }
        }
        RefusalCode::MilestoneAhead => match milestone(subject, programme) {
            Some(MilestoneMeasure::Visits | MilestoneMeasure::VisitDays) => {
                Sentence::RefusedMilestoneAheadVisits { label, visits: missing }
            }
            Some(MilestoneMeasure::Items) => {
                Sentence::RefusedMilestoneAheadItems { label, items: missing }
            }
            Some(MilestoneMeasure::Spend) | None => {
                Sentence::RefusedMilestoneAhead { label, missing }
            }
        },
        RefusalCode::NotYet => Sentence::RefusedNotYet { label },
        RefusalCode::Over => Sentence::RefusedOver { label },
        RefusalCode::OtherWeekday => Sentence::RefusedOtherWeekday { label },
        RefusalCode::OtherHours => Sentence::RefusedOtherHours { label },
        RefusalCode::OtherStore => Sentence::RefusedOtherStore { label },
        RefusalCode::MembersOnly => Sentence::RefusedMembersOnly { label },
        RefusalCode::OtherTier => Sentence::RefusedOtherTier { label },
        RefusalCode::NotInSegment => Sentence::RefusedNotInSegment { label },
        RefusalCode::OtherBalance if is_short => Sentence::RefusedPointsMissing { label, points },
        RefusalCode::OtherBalance => Sentence::RefusedOtherBalance { label },
        RefusalCode::OtherAccountKind => Sentence::RefusedOtherAccountKind { label },
        RefusalCode::OtherRole => Sentence::RefusedOtherRole { label },
        RefusalCode::RoleMayNotSpend if *subject == Subject::Cashback => {
            Sentence::RefusedRoleMayNotSpendCashback {}
        }
        RefusalCode::RoleMayNotSpend => Sentence::RefusedRoleMayNotSpend {},
        RefusalCode::NoEligibleLine => Sentence::RefusedNoEligibleLine { label },
        RefusalCode::BelowMinimumAmount => Sentence::RefusedBelowMinimumAmount { label, amount },
        RefusalCode::DiscountLimit => Sentence::RefusedDiscountLimit { label },
        RefusalCode::AllocationLimit => Sentence::RefusedAllocationLimit { label },
        RefusalCode::NotALevel => Sentence::RefusedNotALevel { points },
        RefusalCode::NothingLeft => Sentence::RefusedNothingLeft { label },
        RefusalCode::GroupBestIs => Sentence::RefusedGroupBestIs { label },
        RefusalCode::DoesNotStack => Sentence::RefusedDoesNotStack { label },
        RefusalCode::VoucherUnknown => Sentence::RefusedVoucherUnknown { label },
        RefusalCode::VoucherUsed => Sentence::RefusedVoucherUsed { label },
        RefusalCode::VoucherHeld => Sentence::RefusedVoucherHeld { label },
        RefusalCode::VoucherOfOther => Sentence::RefusedVoucherOfOther { label },
        RefusalCode::VoucherCancelled => Sentence::RefusedVoucherCancelled { label },
        RefusalCode::NoRedemption => Sentence::RefusedNoRedemption {},
        RefusalCode::BelowSpendMinimum => Sentence::RefusedBelowSpendMinimum { points },
        RefusalCode::NotWholeSteps => Sentence::RefusedNotWholeSteps { points },
        RefusalCode::NotEnoughPoints => Sentence::RefusedNotEnoughPoints { points },
        RefusalCode::NoCashback => Sentence::RefusedNoCashback {},
        RefusalCode::BelowCashbackMinimum => Sentence::RefusedBelowCashbackMinimum { amount },
        RefusalCode::NotEnoughCashback => Sentence::RefusedNotEnoughCashback { amount },
        RefusalCode::CashbackOverShare => Sentence::RefusedCashbackOverShare { amount },
        RefusalCode::OfflineLimit if *subject == Subject::Cashback => {
            Sentence::RefusedOfflineLimitCashback { amount }
        }
        RefusalCode::OfflineLimit => Sentence::RefusedOfflineLimit { points },
        RefusalCode::PointsMissing => Sentence::RefusedPointsMissing { label, points },
        RefusalCode::RewardUnknown => Sentence::RefusedRewardUnknown { label },
        RefusalCode::OverShare => Sentence::RefusedOverShare { points },
        RefusalCode::IdentifyBetter => Sentence::RefusedIdentifyBetter {},
        RefusalCode::LimitReached => Sentence::RefusedLimitReached { label },
        RefusalCode::SharedLimitReached => Sentence::RefusedSharedLimitReached { label },
        RefusalCode::NotFirstPurchase => Sentence::RefusedNotFirstPurchase { label },
        RefusalCode::OwnReferral => Sentence::RefusedOwnReferral { label },
        RefusalCode::ReferrerUnknown => Sentence::RefusedReferrerUnknown { label },
        RefusalCode::ReferrerExcluded => Sentence::RefusedReferrerExcluded { label },
        RefusalCode::MilestoneAheadAmount => {
            Sentence::RefusedMilestoneAheadAmount { label, amount }
        }
        RefusalCode::BelowOwnAverage => Sentence::RefusedBelowOwnAverage { label, amount },
        RefusalCode::NoAverageYet => Sentence::RefusedNoAverageYet { label },
        RefusalCode::NotBirthday => Sentence::RefusedNotBirthday { label },
        RefusalCode::BirthdayUsed => Sentence::RefusedBirthdayUsed { label },
        RefusalCode::OfferCodeUnknown => Sentence::RefusedOfferCodeUnknown { label },
        RefusalCode::NeedsCode => Sentence::RefusedNeedsCode { label },
        RefusalCode::CouponUsed => Sentence::RefusedCouponUsed { label },
        RefusalCode::CouponUnusable => Sentence::RefusedCouponUnusable { label },
        RefusalCode::NotPersonal => Sentence::RefusedNotPersonal { label },
        RefusalCode::Outranked => Sentence::RefusedOutranked { label },
    }
}

fn milestone(subject: &Subject, programme: &Programme) -> Option<MilestoneMeasure> {
    let Subject::Rule(id) = subject else { return None };
    match programme.earn.iter().find(|rule| rule.id == *id)?.kind {
        EarnKind::Milestone { measure, .. } => Some(measure),
        _ => None,
    }
}

fn tier_name<'a>(programme: &'a Programme, id: &'a TierId) -> &'a str {
    programme.tier(id).map_or(id.as_str(), |tier| &tier.name)
}
