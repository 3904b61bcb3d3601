//! A member as tills see one: a reference, never a name.

use serde::Serialize;
use utoipa::ToSchema;

use super::cashback::{self, CashbackStandingReply, PendingReply};
use super::messages::MessageReply;
use super::points::{ExpiryReply, PointsDecimals};
use super::redeemable::LadderProgressReply;
use super::tier::MeasureName;
use super::time;
use crate::agent::till::answer::{Identified, MemberStanding, VoucherInHand};
use crate::loyalty::{CarriedOffer, CompanyRole, Programme};
use crate::wire::wording::Language;

/// The answer to `POST /v1/identify`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IdentifyReply<'a> {
    /// Opaque; quotes, commits and reservations name it.
    pub(crate) identification_id: &'a str,
    /// Until when it may be used to spend.
    pub(crate) expires_at: String,
    /// How much the code proves: `static`, `totp` or `signed_token`.
    #[schema(example = "totp")]
    pub(crate) strength: &'static str,
    /// What the cashier may want to know: `clock_uncertain`.
    pub(crate) warnings: Vec<&'static str>,
    /// What to say to customer and cashier: the programme's greetings, and vouchers that are about
    /// to lapse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) messages: Vec<MessageReply>,
    /// The account as it is.
    #[serde(flatten)]
    pub(crate) standing: MemberReply<'a>,
}

/// A member's account as it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberReply<'a> {
    /// 32 hexadecimal digits.
    #[schema(example = "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a")]
    pub(crate) member: String,
    /// How many decimals points have: 250 are 2.50 where it is 2. Missing where they are whole.
    #[serde(skip_serializing_if = "PointsDecimals::are_whole")]
    #[schema(value_type = Option<u8>)]
    pub(crate) point_decimals: PointsDecimals,
    /// Points that can be spent, held ones included.
    #[schema(example = 1240)]
    pub(crate) balance: i64,
    /// Points that can be spent only later, by day; no part of the balance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) pending: Vec<PendingReply>,
    /// Cashback, where there is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cashback: Option<CashbackStandingReply>,
    /// Points owed.
    pub(crate) debt: i64,
    /// On hold for baskets being paid.
    pub(crate) held: i64,
    /// Tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tier: Option<MemberTierReply<'a>>,
    /// How far up the discounts by balance the member is (BR-13). Only where points are spent level by
    /// level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<LadderProgressReply>,
    /// The soonest that points lapse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_expiry: Option<ExpiryReply>,
    /// The last day of a purchase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_purchase: Option<String>,
    /// Money paid, in minor units, net of returns.
    pub(crate) lifetime_spend: i64,
    /// Paid receipts, net of whole returns.
    pub(crate) lifetime_visits: u32,
    /// The member's flags.
    pub(crate) flags: Vec<&'a str>,
    /// What the account stands for: `person`, `household` or `company`.
    #[schema(example = "company")]
    pub(crate) account_kind: &'static str,
    /// What the member is in a company: `decision_maker` or `buyer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<&'static str>,
    /// Vouchers that may be used now: neither used nor over, nor on hold for a basket being paid.
    pub(crate) vouchers: Vec<VoucherReply<'a>>,
    /// Vouchers whose first day, `valid_from`, is still to come.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) vouchers_to_come: Vec<VoucherReply<'a>>,
    /// Offers that the member carries and that count now, the best by score first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) offers: Vec<CarriedReply<'a>>,
}

/// An offer that a member carries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CarriedReply<'a> {
    /// The offer.
    #[schema(example = "for-you")]
    pub(crate) offer: &'a str,
    /// What customers call it.
    pub(crate) label: &'a str,
    /// Which of several variants the member got.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) variant: Option<&'a str>,
    /// How much it is likely to interest the member, 0 to 1000.
    #[schema(example = 870)]
    pub(crate) score: u16,
    /// The first instant that it is the member's no more, by the programme's clock.
    #[schema(example = "2026-03-13T00:00:00")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<String>,
}

/// A member's tier and the way to the next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberTierReply<'a> {
    /// The tier.
    #[schema(example = "silver")]
    pub(crate) tier: &'a str,
    /// What customers call it.
    #[schema(example = "Silver")]
    pub(crate) name: &'a str,
    /// The next tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<&'a str>,
    /// What the next tier still needs of the measure: minor units, points or visits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<i64>,
    /// What the tiers count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) measure: Option<MeasureName>,
    /// How far from this tier to the next, 0 to 100.
    pub(crate) progress_percent: u8,
    /// The tier's last day if nothing more is bought; where the programme keeps tiers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2027-12-31")]
    #[schema(value_type = Option<String>)]
    pub(crate) valid_until: Option<time::Day>,
    /// So much more of the measure, bought by that day, keeps the tier for longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing_to_keep: Option<i64>,
}

/// A voucher that a member has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VoucherReply<'a> {
    /// The voucher.
    pub(crate) voucher: &'a str,
    /// Its kind.
    #[serde(rename = "type")]
    pub(crate) voucher_type: &'a str,
    /// What customers call it.
    pub(crate) name: &'a str,
    /// Its first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_from: Option<String>,
    /// Its last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_until: Option<String>,
}

impl<'a> IdentifyReply<'a> {
    /// Renders an identification.
    pub(crate) fn of(
        identified: &'a Identified,
        programme: &'a Programme,
        language: Language,
    ) -> Self {
        let standing = &identified.standing;
        let mut messages = MessageReply::greetings(&standing.promotions, programme, language);
        messages.extend(MessageReply::lapsing(&standing.vouchers_lapsing, language));
        Self {
            identification_id: &identified.identification_id,
            expires_at: time::utc(identified.expires_at),
            strength: identified.strength.name(),
            warnings: if identified.clock_uncertain { vec!["clock_uncertain"] } else { Vec::new() },
            messages,
            standing: MemberReply::of(standing, programme),
        }
    }
}

impl<'a> MemberReply<'a> {
    /// Renders a standing.
    pub(crate) fn of(standing: &'a MemberStanding, programme: &'a Programme) -> Self {
        let measure = programme.tiers.as_ref().map(|policy| policy.measure.into());
        Self {
            member: standing.member.to_string(),
            point_decimals: PointsDecimals::of(programme),
            balance: standing.balance.value(),
            pending: cashback::pending(&standing.pending),
            cashback: standing.cashback.as_ref().map(CashbackStandingReply::of),
            debt: standing.debt.value(),
            held: standing.held.value(),
            tier: standing.tier.as_ref().map(|tier| MemberTierReply {
                tier: tier.tier.as_str(),
                name: &tier.name,
                next: tier.next.as_ref().map(|next| next.as_str()),
                missing: tier.next.as_ref().map(|_| tier.missing),
                measure,
                progress_percent: tier.progress_percent,
                valid_until: tier.validity.map(|validity| time::Day(validity.until)),
                missing_to_keep: tier.validity.and_then(|validity| validity.missing),
            }),
            level: programme
                .redemption
                .as_ref()
                .and_then(|policy| policy.progress(standing.balance))
                .map(LadderProgressReply::of),
            next_expiry: standing
                .next_expiry
                .map(|(day, points)| ExpiryReply { date: time::Day(day), points: points.value() }),
            last_purchase: standing.last_purchase.map(|day| day.to_string()),
            lifetime_spend: standing.lifetime_spend.value(),
            lifetime_visits: standing.lifetime_visits,
            flags: standing.flags.iter().map(|flag| flag.as_str()).collect(),
            account_kind: standing.standing.kind.name(),
            role: standing.standing.role.map(CompanyRole::name),
            offers: standing
                .offers
                .iter()
                .map(|carried| CarriedReply::of(carried, programme))
                .collect(),
            vouchers: standing.vouchers.iter().map(VoucherReply::of).collect(),
            vouchers_to_come: standing.vouchers_to_come.iter().map(VoucherReply::of).collect(),
        }
    }
}

impl<'a> VoucherReply<'a> {
    fn of(held: &'a VoucherInHand) -> Self {
        Self {
            voucher: held.voucher.as_str(),
            voucher_type: held.voucher_type.as_str(),
            name: &held.name,
            valid_from: held.valid_from.map(|day| day.to_string()),
            valid_until: held.valid_until.map(|day| day.to_string()),
        }
    }
}

impl<'a> CarriedReply<'a> {
    fn of(carried: &'a CarriedOffer, programme: &'a Programme) -> Self {
        let CarriedOffer { offer: id, as_carried } = carried;
        let offer = programme.offer(id);
        let variant = as_carried.variant.as_ref();
        let variant = variant.or_else(|| offer.and_then(|offer| offer.variant.as_ref()));
        Self {
            offer: id.as_str(),
            label: offer.map_or(id.as_str(), |offer| &offer.name),
            variant: variant.map(|variant| variant.as_str()),
            score: as_carried.score.value(),
            until: as_carried.window.until.map(time::local),
        }
    }
}
