//! The answer to `POST /v1/quotes`.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::presentation::{DiscountStyle, Presentation};
use super::cashback::CashbackReply;
use super::catalogue::RewardReply;
use super::effects::{EffectReply, NegativeLineReply, TaxRates, effects, negative_lines};
use super::issued::IssuedReply;
use super::messages::{MessageReply, Told};
use super::offers::{OfferReply, to_show};
use super::points::{PointsDecimals, PointsReply};
use super::rejected::RejectedReply;
use super::tax::{self, TaxReply};
use super::tier::TierReply;
use super::time;
use super::totals::{CashReply, LineReply, TotalsReply};
use crate::agent::till::answer::Quoted;
use crate::loyalty::{Programme, Promotion};
use crate::money::Amount;
use crate::wire::wording::{Money, Sentence};

/// A priced basket. Nothing was written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuoteReply<'a> {
    /// Opaque; the commit names it.
    pub(crate) quote_id: &'a str,
    /// The instant that said what is in force.
    pub(crate) decided_at: String,
    /// Until when the quote holds; later commits are taken and flagged.
    pub(crate) expires_at: String,
    /// The programme's version.
    pub(crate) programme_version: u32,
    /// Who buys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<String>,
    /// One for each line, in the till's order.
    pub(crate) lines: Vec<LineReply<'a>>,
    /// What is given.
    pub(crate) effects: Vec<EffectReply<'a>>,
    /// What is not given, and why.
    pub(crate) rejected: Vec<RejectedReply<'a>>,
    /// The offers to show to the customer; what becomes of them goes into the receipt.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) offers: Vec<OfferReply<'a>>,
    /// Sums.
    pub(crate) totals: TotalsReply,
    /// Sums of each tax rate, the lowest first; missing where nothing is taxed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) taxes: Vec<TaxReply>,
    /// What is payable where all of it is paid in cash.
    pub(crate) cash: CashReply,
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
    /// Rewards that the member could choose, the cheapest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) rewards: Vec<RewardReply<'a>>,
    /// Tier; only with a member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tier: Option<TierReply<'a>>,
    /// Vouchers and contest entries that the receipt will hand out; only with a member.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) issues: Vec<IssuedReply<'a>>,
    /// Lines that are one minor unit off quantity times price.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) mismatches: Vec<MismatchReply<'a>>,
    /// What to say to customer and cashier, in a fixed order.
    pub(crate) messages: Vec<MessageReply>,
    /// The discounts as lines of their own, where the style asks for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) negative_lines: Option<Vec<NegativeLineReply<'a>>>,
}

/// A line that is one minor unit off quantity times price.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MismatchReply<'a> {
    /// The line.
    pub(crate) line_id: &'a str,
    /// Quantity times price, in minor units.
    pub(crate) computed: i64,
}

impl<'a> QuoteReply<'a> {
    /// Renders a quote; `rates` counts where negative lines are asked for.
    pub(crate) fn of(
        quoted: &'a Quoted,
        rates: &TaxRates,
        programme: &'a Programme,
        presentation: Presentation,
    ) -> Self {
        let locale = presentation.locale(programme);
        let decision = &quoted.decision;
        let earned_by = decision.points.as_ref().map_or(&[][..], |points| &points.earned_by);
        let costs = programme.voucher_costs(&decision.applied);
        let effects = effects(&decision.applied, earned_by, &costs, programme, locale);
        let negative_lines = match presentation.style {
            DiscountStyle::OnLines => None,
            DiscountStyle::NegativeLines => Some(negative_lines(&effects, rates)),
        };
        let promotions: BTreeSet<&Promotion> = decision.promotions.iter().collect();
        let rejected: Vec<RejectedReply<'_>> = decision
            .refused
            .iter()
            .map(|refusal| {
                let promotion = Promotion::of_refusal(refusal);
                RejectedReply::of_refusal(refusal, programme, locale)
                    .within(promotion, |told| promotions.contains(told))
            })
            .collect();
        let offers = to_show(&decision.applied, &rejected, &decision.personal, programme);
        let points = decision.points.as_ref().map(PointsReply::of_outcome);
        let cashback = decision.points.as_ref().and_then(|points| points.cashback.as_ref());
        let cashback = cashback.map(CashbackReply::of_outcome);
        let tier = decision.tier.as_ref().map(|tier| TierReply::of_outcome(tier, programme));
        let today = programme.day_of(quoted.decided_at);
        let issues = decision.points.as_ref().map_or(&[][..], |points| &points.issues).iter();
        let issues: Vec<IssuedReply<'_>> =
            issues.map(|issue| IssuedReply::of_issue(issue, programme, today)).collect();
        let told = Told {
            programme,
            today,
            points: points.as_ref(),
            cashback: cashback.as_ref(),
            tier: tier.as_ref(),
            applied: &decision.applied,
            earned_by,
            counted: decision.points.as_ref().map_or(&[], |points| &points.counted),
            rejected: &rejected,
            rewards: &decision.rewards,
            promotions: &decision.promotions,
            issued: &issues,
        };
        let mut messages = told.messages(locale);
        let payable = decision.totals.payable;
        let cash = CashReply::of(payable, programme.prices.cash_rounding.difference(payable));
        if cash.rounding != 0 {
            let amount = Amount::new(cash.amount);
            let amount = Money { amount, currency: programme.currency };
            messages.push(MessageReply::of(&Sentence::CashPayable { amount }, locale));
        }
        Self {
            quote_id: &quoted.quote_id,
            decided_at: time::utc(quoted.decided_at),
            expires_at: time::utc(quoted.expires_at),
            programme_version: quoted.programme_version,
            member: quoted.member.map(|member| member.to_string()),
            lines: decision.lines.iter().map(LineReply::of_outcome).collect(),
            effects,
            rejected,
            offers,
            totals: decision.totals.into(),
            taxes: tax::taxes(&decision.taxes),
            cash,
            point_decimals: PointsDecimals::of(programme),
            points,
            cashback,
            rewards: decision
                .rewards
                .iter()
                .filter_map(|option| RewardReply::of(option, programme))
                .collect(),
            tier,
            issues,
            mismatches: quoted
                .mismatches
                .iter()
                .map(|mismatch| MismatchReply {
                    line_id: mismatch.line_id.as_str(),
                    computed: mismatch.computed.value(),
                })
                .collect(),
            messages,
            negative_lines,
        }
    }
}
