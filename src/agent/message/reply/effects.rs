//! What was given, and how a till that books discounts as lines books it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::tax::rate_text;
use super::time::Day;
use crate::loyalty::{
    Applied, Benefit, EarnedBy, Gain, Gift, GiftTerms, Line, LineId, Programme, RedeemAs, Reward,
    VoucherId,
};
use crate::money::{Amount, Percent};
use crate::wire::wording::{Locale, Sentence};

/// Something that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct EffectReply<'a> {
    /// Unique in the answer.
    #[schema(example = "e1")]
    pub(crate) effect_id: String,
    /// What it is.
    #[serde(rename = "type")]
    pub(crate) kind: EffectKind,
    /// The offer, voucher type, reward or earning rule.
    #[schema(example = "dairy-20")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule_id: Option<&'a str>,
    /// The voucher used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) voucher: Option<&'a str>,
    /// What customers call it.
    #[schema(example = "Dairy -20 %")]
    #[schema(value_type = String)]
    pub(crate) label: Cow<'a, str>,
    /// Money off, in minor units; the sum of the allocations.
    #[schema(example = 1596)]
    pub(crate) amount: i64,
    /// What each line got of it.
    pub(crate) allocations: Vec<AllocationReply<'a>>,
    /// Points earned or spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) points: Option<i64>,
    /// Cashback earned or spent, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cashback: Option<i64>,
    /// The first day on which what is earned can be spent, where that is not at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(crate) usable_from: Option<Day>,
    /// How many times a reward is given; how many units of a gift.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) times: Option<u32>,
    /// Of a voucher, what it costs the shop, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<i64>,
    /// What the till hands out and books it as; of a gift, and of a reward that is a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sku: Option<&'a str>,
    /// What the till books a unit of a gift at, in minor units.
    #[schema(example = 1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unit_price: Option<i64>,
    /// Where it comes from.
    pub(crate) reason: EffectReason,
}

/// A line's part of an effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AllocationReply<'a> {
    /// The line.
    pub(crate) line_id: &'a str,
    /// Its part, in minor units.
    pub(crate) amount: i64,
}

/// What an effect is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EffectKind {
    /// Money off certain lines.
    LineDiscount,
    /// Money off the basket.
    OrderDiscount,
    /// Units that cost nothing.
    FreeItem,
    /// Points earned.
    PointsEarn,
    /// Points spent.
    PointsBurn,
    /// Cashback earned.
    CashbackEarn,
    /// Cashback spent.
    CashbackBurn,
    /// A voucher used.
    VoucherRedeem,
    /// A reward that points bought.
    Reward,
    /// Something to hand out that nobody had to ask for.
    Gift,
}

/// Where an effect comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EffectReason {
    /// An offer of the programme.
    Offer,
    /// A voucher.
    Voucher,
    /// The customer spends points; they lower prices.
    PointsDiscount,
    /// The customer spends points; they are a means of payment.
    PointsTender,
    /// The customer spends cashback; it lowers prices.
    CashbackDiscount,
    /// The customer spends cashback; it is a means of payment.
    CashbackTender,
    /// The till's own discount, where it differs from what was decided.
    Till,
    /// An earning rule.
    EarningRule,
    /// The customer chose it of the rewards.
    RewardChosen,
}

/// A discount as a line of its own: one for each effect and tax rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct NegativeLineReply<'a> {
    /// The effect it books.
    pub(crate) effect_id: String,
    /// What to print.
    #[schema(value_type = String)]
    pub(crate) label: Cow<'a, str>,
    /// Below nothing, in minor units.
    #[schema(example = -1596)]
    pub(crate) amount: i64,
    /// Tax rate in percent of the lines it lowers.
    #[schema(example = "12")]
    pub(crate) tax_rate: String,
}

/// The tax rate of each line.
#[derive(Debug, Default)]
pub(crate) struct TaxRates(BTreeMap<LineId, Percent>);

impl<'l> FromIterator<&'l Line> for TaxRates {
    fn from_iter<I: IntoIterator<Item = &'l Line>>(lines: I) -> Self {
        Self(lines.into_iter().map(|line| (line.line_id.clone(), line.tax_rate)).collect())
    }
}

/// What was given, in the order of the stages, then what was earned.
pub(super) fn effects<'a>(
    applied: &'a [Applied],
    earned_by: &'a [EarnedBy],
    costs: &[(VoucherId, Amount)],
    programme: &'a Programme,
    locale: Locale,
) -> Vec<EffectReply<'a>> {
    let mut effects = Vec::with_capacity(applied.len() + earned_by.len());
    for applied in applied {
        let given = Given::of(&applied.benefit, programme, locale);
        effects.push(EffectReply {
            effect_id: effect_id(effects.len()),
            kind: given.kind,
            rule_id: given.rule_id,
            voucher: given.voucher,
            label: given.label,
            amount: applied.amount.value(),
            allocations: applied
                .allocations
                .iter()
                .map(|part| AllocationReply {
                    line_id: part.line_id.as_str(),
                    amount: part.amount.value(),
                })
                .collect(),
            points: given.points,
            cashback: (applied.benefit == Benefit::Cashback).then(|| applied.amount.value()),
            usable_from: None,
            times: given.times,
            cost: cost_of(&applied.benefit, costs).map(Amount::value),
            sku: given.sku,
            unit_price: gift_of(&applied.benefit, programme).map(|gift| gift.price.value()),
            reason: given.reason,
        });
    }
    for earned in earned_by {
        let (kind, label, points, cashback) = match earned.gain {
            Gain::Points(points) => {
                let label = Sentence::LabelPointsEarned {};
                (EffectKind::PointsEarn, label, Some(points.value()), None)
            }
            Gain::Cashback(amount) => {
                let label = Sentence::LabelCashbackEarned {};
                (EffectKind::CashbackEarn, label, None, Some(amount.value()))
            }
        };
        effects.push(EffectReply {
            effect_id: effect_id(effects.len()),
            kind,
            rule_id: Some(earned.rule.as_str()),
            voucher: None,
            label: label.say(locale),
            amount: 0,
            allocations: Vec::new(),
            points,
            cashback,
            usable_from: earned.usable_from.map(Day),
            times: None,
            cost: None,
            sku: None,
            unit_price: None,
            reason: EffectReason::EarningRule,
        });
    }
    effects
}

/// The same discounts as lines of their own. What pays is a tender, not a line.
pub(super) fn negative_lines<'a>(
    effects: &[EffectReply<'a>],
    rates: &TaxRates,
) -> Vec<NegativeLineReply<'a>> {
    let mut negative = Vec::new();
    let pays = |effect: &&EffectReply<'_>| {
        matches!(effect.reason, EffectReason::PointsTender | EffectReason::CashbackTender)
    };
    for effect in effects.iter().filter(|effect| !pays(effect)) {
        let mut by_rate: BTreeMap<Percent, i64> = BTreeMap::new();
        for part in &effect.allocations {
            let rate = rates.0.get(part.line_id).copied().unwrap_or_default();
            *by_rate.entry(rate).or_default() += part.amount;
        }
        negative.extend(by_rate.into_iter().map(|(rate, amount)| NegativeLineReply {
            effect_id: effect.effect_id.clone(),
            label: effect.label.clone(),
            amount: -amount,
            tax_rate: rate_text(rate),
        }));
    }
    negative
}

fn cost_of(benefit: &Benefit, costs: &[(VoucherId, Amount)]) -> Option<Amount> {
    let Benefit::Voucher { voucher, .. } = benefit else { return None };
    costs.iter().find(|(of, _)| of == voucher).map(|(_, cost)| *cost)
}

fn effect_id(before: usize) -> String {
    format!("e{}", before + 1)
}

/// What a benefit is to the customer.
struct Given<'a> {
    kind: EffectKind,
    rule_id: Option<&'a str>,
    voucher: Option<&'a str>,
    label: Cow<'a, str>,
    points: Option<i64>,
    times: Option<u32>,
    sku: Option<&'a str>,
    reason: EffectReason,
}

impl<'a> Given<'a> {
    fn of(benefit: &'a Benefit, programme: &'a Programme, locale: Locale) -> Self {
        match benefit {
            Benefit::Offer(id) | Benefit::Coupon { offer: id, .. } => {
                let offer = programme.offer(id);
                Self {
                    kind: offer.map_or(EffectKind::LineDiscount, |offer| kind_of(&offer.reward)),
                    rule_id: Some(id.as_str()),
                    voucher: None,
                    label: Cow::Borrowed(offer.map_or(id.as_str(), |offer| &offer.name)),
                    points: None,
                    times: None,
                    sku: None,
                    reason: EffectReason::Offer,
                }
            }
            Benefit::Voucher { voucher, voucher_type } => Self {
                kind: EffectKind::VoucherRedeem,
                rule_id: Some(voucher_type.as_str()),
                voucher: Some(voucher.as_str()),
                label: Cow::Borrowed(
                    programme
                        .voucher_types
                        .get(voucher_type)
                        .map_or(voucher_type.as_str(), |known| &known.name),
                ),
                points: None,
                times: None,
                sku: None,
                reason: EffectReason::Voucher,
            },
            Benefit::Points(points) => Self {
                kind: EffectKind::PointsBurn,
                rule_id: None,
                voucher: None,
                label: Sentence::LabelPoints {}.say(locale),
                points: Some(points.value()),
                times: None,
                sku: None,
                reason: match programme.redemption.as_ref().map(|policy| policy.redeem_as) {
                    Some(RedeemAs::Tender) => EffectReason::PointsTender,
                    Some(RedeemAs::Discount) | None => EffectReason::PointsDiscount,
                },
            },
            Benefit::Cashback => Self {
                kind: EffectKind::CashbackBurn,
                rule_id: None,
                voucher: None,
                label: Sentence::LabelCashback {}.say(locale),
                points: None,
                times: None,
                sku: None,
                reason: match &programme.cashback {
                    Some(policy) if policy.redemption.redeem_as == RedeemAs::Tender => {
                        EffectReason::CashbackTender
                    }
                    _ => EffectReason::CashbackDiscount,
                },
            },
            Benefit::Reward { reward: id, points, times } => {
                let reward = programme.reward(id);
                Self {
                    kind: EffectKind::Reward,
                    rule_id: Some(id.as_str()),
                    voucher: None,
                    label: Cow::Borrowed(reward.map_or(id.as_str(), |reward| &reward.name)),
                    points: Some(points.value()),
                    times: Some(*times),
                    sku: reward.and_then(|reward| match &reward.gift {
                        Gift::Service { sku } => sku.as_ref().map(|sku| sku.as_str()),
                        Gift::Item { .. } | Gift::Voucher(_) => None,
                    }),
                    reason: EffectReason::RewardChosen,
                }
            }
            Benefit::Gift { offer: id, times } => {
                let gift = gift_of(benefit, programme);
                let units = gift.map_or(1, |gift| gift.units);
                Self {
                    kind: EffectKind::Gift,
                    rule_id: Some(id.as_str()),
                    voucher: None,
                    label: Cow::Borrowed(
                        programme.offer(id).map_or(id.as_str(), |offer| &offer.name),
                    ),
                    points: None,
                    times: Some(times.saturating_mul(units)),
                    sku: gift.and_then(|gift| gift.sku.as_ref()).map(|sku| sku.as_str()),
                    reason: EffectReason::Offer,
                }
            }
            Benefit::Till => Self {
                kind: EffectKind::LineDiscount,
                rule_id: None,
                voucher: None,
                label: Sentence::LabelTillDiscount {}.say(locale),
                points: None,
                times: None,
                sku: None,
                reason: EffectReason::Till,
            },
        }
    }
}

/// What a gift is, where the benefit is one.
fn gift_of<'p>(benefit: &Benefit, programme: &'p Programme) -> Option<&'p GiftTerms> {
    let Benefit::Gift { offer, .. } = benefit else { return None };
    programme.offer(offer)?.gift()
}

/// Units that come free are a discount too: every unit of the set carries its part.
fn kind_of(reward: &Reward) -> EffectKind {
    match reward {
        Reward::FixedPrice { price, .. } if price.is_zero() => EffectKind::FreeItem,
        Reward::FixedPrice { .. }
        | Reward::PriceList { .. }
        | Reward::LinePercent(_)
        | Reward::LineAmountEach(_)
        | Reward::BuyGet(_)
        | Reward::UnitsForPrice { .. }
        | Reward::Bundle(_)
        | Reward::QuantityPercent(_) => EffectKind::LineDiscount,
        Reward::BasketPercent(_) | Reward::BasketAmount(_) | Reward::CouponValue => {
            EffectKind::OrderDiscount
        }
        Reward::Gift(_) => EffectKind::Gift,
    }
}
