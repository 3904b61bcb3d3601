//! A recorded receipt.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::presentation::{DiscountStyle, Presentation};
use super::super::receipt_text;
use super::cashback::CashbackReply;
use super::effects::{EffectReply, NegativeLineReply, TaxRates, effects, negative_lines};
use super::issued::IssuedReply;
use super::messages::{MessageReply, Told};
use super::points::{PointsDecimals, PointsReply};
use super::record::RecordStamp;
use super::rejected::RejectedReply;
use super::tax::{self, TaxReply};
use super::tier::TierReply;
use super::time;
use super::totals::{LineReply, TotalsReply};
use crate::journal::{Header, Sale};
use crate::loyalty::{Programme, Promotion};

/// A recorded receipt.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SaleReply<'a> {
    /// Where it is recorded.
    pub(crate) record: RecordStamp<'a>,
    /// The receipt.
    pub(crate) receipt_uid: &'a str,
    /// The number printed on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) receipt_number: Option<&'a str>,
    /// When the till closed it, by the till's clock.
    pub(crate) closed_at: String,
    /// The instant that said what was in force.
    pub(crate) decided_at: String,
    /// ISO 4217 code.
    #[schema(example = "CZK")]
    pub(crate) currency: String,
    /// Who bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<String>,
    /// How sure the till was of the member; missing where the member was only named.
    #[schema(example = "totp")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) strength: Option<&'static str>,
    /// One for each line, in the till's order.
    pub(crate) lines: Vec<LineReply<'a>>,
    /// What was given.
    pub(crate) effects: Vec<EffectReply<'a>>,
    /// What was not given, and why.
    pub(crate) rejected: Vec<RejectedReply<'a>>,
    /// Sums.
    pub(crate) totals: TotalsReply,
    /// Sums of each tax rate, the lowest first; missing where nothing is taxed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) taxes: Vec<TaxReply>,
    /// What the till added or took to make the sum payable in coins.
    pub(crate) rounding: i64,
    /// How it was paid.
    pub(crate) payments: Vec<PaymentReply<'a>>,
    /// How many decimals points have: 250 are 2.50 where it is 2. Missing where they are whole.
    #[serde(skip_serializing_if = "PointsDecimals::are_whole")]
    #[schema(value_type = Option<u8>)]
    pub(crate) point_decimals: PointsDecimals,
    /// Points; only with a member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) points: Option<PointsReply>,
    /// Cashback; only with a member, where there is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cashback: Option<CashbackReply>,
    /// Tier; only with a member, and while the programme's version is the record's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tier: Option<TierReply<'a>>,
    /// Vouchers and contest entries that are handed out with it; only with a member.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) issued: Vec<IssuedReply<'a>>,
    /// What a person may want to look at; nothing was refused for it.
    #[schema(example = json!(["late_commit"]))]
    pub(crate) flags: Vec<&'static str>,
    /// What to say to customer and cashier, in a fixed order.
    pub(crate) messages: Vec<MessageReply>,
    /// The discounts as lines of their own, where the style asks for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) negative_lines: Option<Vec<NegativeLineReply<'a>>>,
    /// Ready to print.
    pub(crate) receipt_lines: Vec<String>,
}

/// A part of the payment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentReply<'a> {
    /// With what.
    #[serde(rename = "type")]
    pub(crate) kind: &'a str,
    /// How much, in minor units.
    pub(crate) amount: i64,
}

/// Whether a receipt counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// It does.
    Yes,
    /// A till in training.
    Training,
}

impl<'a> SaleReply<'a> {
    pub(super) fn of(
        sale: &'a Sale,
        header: &'a Header,
        record: RecordStamp<'a>,
        programme: &'a Programme,
        presentation: Presentation,
        counts: Counts,
    ) -> Self {
        let locale = presentation.locale(programme);
        let member = sale.member.as_ref();
        let earned_by = member.map_or(&[][..], |member| &member.earned_by);
        let effects = effects(&sale.applied, earned_by, &sale.voucher_costs, programme, locale);
        let negative_lines = match presentation.style {
            DiscountStyle::OnLines => None,
            DiscountStyle::NegativeLines => {
                let rates: TaxRates = sale.lines.iter().map(|sold| &sold.line).collect();
                Some(negative_lines(&effects, &rates))
            }
        };
        let same_version = programme.version == header.programme_version;
        let tier = member
            .filter(|_| same_version)
            .and_then(|member| TierReply::of_member(member, sale, programme));
        let rejected: Vec<RejectedReply<'_>> = sale
            .refused
            .iter()
            .map(|refused| {
                let promotion = Promotion::of_subject(&refused.subject);
                let promotion = promotion.filter(|_| refused.code.is_within_reach());
                RejectedReply::of_record(refused, programme, locale).within(promotion, |what| {
                    sale.told.as_ref().is_none_or(|told| told.contains(what))
                })
            })
            .collect();
        let points = member.map(|member| PointsReply::of_member(member, sale, header));
        let cashback = member.and_then(|member| {
            let part = member.cashback.as_ref()?;
            Some(CashbackReply::of_member(part, member, sale, header))
        });
        let today = header.clock.local_day(sale.decided_at);
        let issued = member.map_or(&[][..], |member| &member.issued).iter();
        let issued: Vec<IssuedReply<'_>> =
            issued.map(|issued| IssuedReply::of_issued(issued, programme, today)).collect();
        let told = Told {
            programme,
            today,
            points: points.as_ref(),
            cashback: cashback.as_ref(),
            tier: tier.as_ref(),
            applied: &sale.applied,
            earned_by,
            counted: member.map_or(&[], |member| &member.counted),
            rejected: &rejected,
            rewards: &[],
            promotions: &[],
            issued: &issued,
        };
        let messages = told.messages(locale);
        let announced = programme.announced_on(&sale.applied);
        let mut reply = Self {
            record,
            receipt_uid: sale.uid.as_str(),
            receipt_number: sale.receipt_number.as_ref().map(|number| number.as_str()),
            closed_at: time::utc(sale.closed_at),
            decided_at: time::utc(sale.decided_at),
            currency: sale.currency.to_string(),
            member: member.map(|member| member.member.to_string()),
            strength: member.and_then(|member| member.strength).map(|strength| strength.name()),
            lines: sale.lines.iter().map(|sold| LineReply::of_sold(sold, &announced)).collect(),
            effects,
            rejected,
            totals: TotalsReply::of_sale(&sale.lines, sale.payable),
            taxes: tax::taxes(&tax::sums_of(sale, programme)),
            rounding: sale.rounding.value(),
            payments: sale
                .payments
                .iter()
                .map(|payment| PaymentReply {
                    kind: payment.kind.as_str(),
                    amount: payment.amount.value(),
                })
                .collect(),
            point_decimals: PointsDecimals::of(programme),
            points,
            cashback,
            tier,
            issued,
            flags: sale.flags.iter().map(|flag| flag.name()).collect(),
            messages,
            negative_lines,
            receipt_lines: Vec::new(),
        };
        reply.receipt_lines = receipt_text::lines(&reply, programme, counts, presentation);
        reply
    }
}
