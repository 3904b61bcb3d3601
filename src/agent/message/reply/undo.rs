//! Recorded voids, returns, late members, adjustments and events.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::issued::IssuedReply;
use super::messages::{MessageReply, gift};
use super::record::RecordStamp;
use super::tax::{self, TaxRefundReply};
use super::time;
use super::totals::CashReply;
use crate::journal::{Adjustment, Assign, Event, Undo};
use crate::loyalty::{Expires, Programme, RemainingSale, Undone};
use crate::money::{Amount, Points, Quantity};
use crate::wire::wording::{Locale, Money, Sentence};

/// A recorded void or return.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UndoReply<'a> {
    /// Where it is recorded.
    pub(crate) record: RecordStamp<'a>,
    /// The void's or return's own id.
    pub(crate) undo_uid: &'a str,
    /// The sale.
    pub(crate) receipt_uid: &'a str,
    /// What came back.
    pub(crate) lines: Vec<ReturnedLineReply<'a>>,
    /// Rewards that were handed back, one entry each time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) rewards: Vec<&'a str>,
    /// Gifts that are claimed, as what remains does not earn them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) gifts_back: Vec<GiftBackReply<'a>>,
    /// Money to pay back, in minor units.
    #[schema(example = 2942)]
    pub(crate) refund: i64,
    /// What is paid back where all of it is paid in cash.
    pub(crate) cash: CashReply,
    /// What comes back by tax rate, the lowest first; missing where nothing was taxed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) taxes: Vec<TaxRefundReply>,
    /// What it did to the member's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<UndoAccountReply>,
    /// Vouchers that may be used again.
    pub(crate) vouchers_freed: Vec<&'a str>,
    /// Codes of vouchers and contest entries that the sale had handed out and that no longer count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) codes_cancelled: Vec<&'a str>,
    /// What to say to customer and cashier, in a fixed order.
    pub(crate) messages: Vec<MessageReply>,
    /// When the till closed it, by the till's clock.
    pub(crate) closed_at: String,
    /// Why, as the till said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'a str>,
    /// What a person may want to look at.
    pub(crate) flags: Vec<&'static str>,
}

/// Units of a line that came back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReturnedLineReply<'a> {
    /// The line of the sale.
    pub(crate) line_id: &'a str,
    /// How much, a decimal text.
    #[schema(example = "1.000")]
    pub(crate) quantity: String,
}

/// A gift that is claimed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GiftBackReply<'a> {
    /// The offer that gave it.
    #[schema(example = "mug")]
    pub(crate) offer: &'a str,
    /// What customers call it.
    pub(crate) label: &'a str,
    /// How many times.
    pub(crate) times: u32,
}

/// What a void or return did to an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UndoAccountReply {
    /// Who.
    pub(crate) member: String,
    /// Whether something stays sold.
    pub(crate) sale_remains: bool,
    /// Earned points taken back.
    pub(crate) clawed_back: i64,
    /// Earned points that are not taken back, as the balance does not hold them and the programme
    /// forgives them; negative where what an earlier return of the sale forgave is taken now.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) forgiven: i64,
    /// Spent and converted points given back.
    pub(crate) restored: i64,
    /// The same of cashback, where there is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cashback: Option<UndoCashbackReply>,
}

/// What a void or return did to an account's cashback, in minor units.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UndoCashbackReply {
    /// Earned cashback taken back.
    #[schema(example = 59)]
    pub(crate) clawed_back: i64,
    /// Earned cashback that is not taken back, as the programme forgives it.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) forgiven: i64,
    /// Spent cashback given back.
    pub(crate) restored: i64,
}

/// A recorded late member.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssignReply<'a> {
    /// Where it is recorded.
    pub(crate) record: RecordStamp<'a>,
    /// The sale.
    pub(crate) receipt_uid: &'a str,
    /// Who.
    pub(crate) member: String,
    /// Points earned.
    pub(crate) earned: i64,
    /// Points converted into vouchers.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) converted: i64,
    /// Cashback earned, in minor units; where the programme has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cashback_earned: Option<i64>,
    /// Vouchers and contest entries that are handed out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) issued: Vec<IssuedReply<'a>>,
}

/// Recorded points given or taken by hand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AdjustmentReply<'a> {
    /// Where it is recorded.
    pub(crate) record: RecordStamp<'a>,
    /// The adjustment's own id.
    pub(crate) adjustment_uid: &'a str,
    /// Who.
    pub(crate) member: String,
    /// More or fewer.
    pub(crate) points: i64,
    /// More cashback or less, in minor units.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) cashback: i64,
    /// The last day of points given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expire_on: Option<String>,
    /// Why.
    pub(crate) reason: &'a str,
}

/// A recorded custom event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventReply<'a> {
    /// Where it is recorded.
    pub(crate) record: RecordStamp<'a>,
    /// The event's own id.
    pub(crate) event_uid: &'a str,
    /// Its type.
    #[serde(rename = "type")]
    pub(crate) event_type: &'a str,
    /// Whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<String>,
    /// Named texts.
    pub(crate) attributes: BTreeMap<&'a str, &'a str>,
}

/// Any other record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OtherReply<'a> {
    /// Where it is recorded.
    pub(crate) record: RecordStamp<'a>,
    /// The record's kind.
    pub(crate) what: &'static str,
}

impl<'a> UndoReply<'a> {
    pub(super) fn of(
        undo: &'a Undo,
        record: RecordStamp<'a>,
        programme: &'a Programme,
        locale: Locale,
    ) -> Self {
        let account = undo.account.as_ref().map(|part| UndoAccountReply {
            member: part.member.to_string(),
            sale_remains: part.remaining == RemainingSale::Some,
            clawed_back: part.taken().value(),
            forgiven: part.forgiven.value(),
            restored: part.restored.iter().map(|lot| lot.value).sum::<Points>().value(),
            cashback: (part.cashback != Undone::default()).then(|| UndoCashbackReply {
                clawed_back: part.cashback.taken().value(),
                forgiven: part.cashback.forgiven.value(),
                restored: part.cashback.given_back().value(),
            }),
        });
        let refund = Money { amount: undo.refund, currency: programme.currency };
        let mut sentences = vec![Sentence::Refund { amount: refund }];
        if !undo.cash_rounding.is_zero() {
            let amount = undo.refund + undo.cash_rounding;
            let amount = Money { amount, currency: programme.currency };
            sentences.push(Sentence::RefundInCash { amount });
        }
        if let Some(account) = &account {
            let some = |count: i64| (count > 0).then(|| Points::new(count));
            let (taken, given) = (some(account.clawed_back), some(account.restored));
            sentences.extend(taken.map(|points| Sentence::PointsTakenBack { points }));
            let forgiven = some(account.forgiven);
            sentences.extend(forgiven.map(|points| Sentence::PointsForgiven { points }));
            sentences.extend(given.map(|points| Sentence::PointsGivenBack { points }));
            if let Some(cashback) = &account.cashback {
                let money = |minor: i64| {
                    let amount = Amount::new(minor);
                    amount.is_positive().then_some(Money { amount, currency: programme.currency })
                };
                let taken = money(cashback.clawed_back);
                sentences.extend(taken.map(|amount| Sentence::CashbackTakenBack { amount }));
                let forgiven = money(cashback.forgiven);
                sentences.extend(forgiven.map(|amount| Sentence::CashbackForgiven { amount }));
                let given = money(cashback.restored);
                sentences.extend(given.map(|amount| Sentence::CashbackGivenBack { amount }));
            }
        }
        let back = undo.gifts_back.iter().map(|(offer, times)| {
            gift(programme, offer, *times, |label, units| Sentence::GiftBack { label, units })
        });
        sentences.extend(back);
        let cancelled = undo.codes_cancelled.iter();
        sentences.extend(cancelled.map(|code| Sentence::CodeCancelled { code: code.as_str() }));
        let say = |sentence| MessageReply::of(sentence, locale);
        Self {
            record,
            codes_cancelled: undo.codes_cancelled.iter().map(|code| code.as_str()).collect(),
            messages: sentences.iter().map(say).collect(),
            undo_uid: undo.undo_uid.as_str(),
            receipt_uid: undo.of.uid.as_str(),
            lines: undo
                .lines
                .iter()
                .map(|(line_id, quantity)| ReturnedLineReply {
                    line_id: line_id.as_str(),
                    quantity: decimal(*quantity),
                })
                .collect(),
            rewards: undo
                .rewards
                .iter()
                .flat_map(|(reward, times)| (0..*times).map(|_| reward.as_str()))
                .collect(),
            gifts_back: undo
                .gifts_back
                .iter()
                .map(|(offer, times)| GiftBackReply {
                    offer: offer.as_str(),
                    label: programme.offer(offer).map_or(offer.as_str(), |known| &known.name),
                    times: *times,
                })
                .collect(),
            refund: undo.refund.value(),
            cash: CashReply::of(undo.refund, undo.cash_rounding),
            taxes: tax::refunds(&undo.taxes),
            account,
            vouchers_freed: undo.vouchers_freed.iter().map(|voucher| voucher.as_str()).collect(),
            closed_at: time::utc(undo.closed_at),
            reason: undo.reason.as_ref().map(|reason| reason.as_str()),
            flags: undo.flags.iter().map(|flag| flag.name()).collect(),
        }
    }
}

impl<'a> AssignReply<'a> {
    pub(super) fn of(
        assign: &'a Assign,
        record: RecordStamp<'a>,
        programme: &'a Programme,
    ) -> Self {
        let today = programme.day_of(assign.sale_at);
        let issued = assign.issued.iter();
        Self {
            issued: issued.map(|issued| IssuedReply::of_issued(issued, programme, today)).collect(),
            record,
            receipt_uid: assign.of.uid.as_str(),
            member: assign.member.to_string(),
            earned: assign.earned.value(),
            converted: assign.converted.points().value(),
            cashback_earned: assign.cashback.as_ref().map(|part| part.earned.value()),
        }
    }
}

impl<'a> AdjustmentReply<'a> {
    pub(super) fn of(adjustment: &'a Adjustment, record: RecordStamp<'a>) -> Self {
        let expire_on = match adjustment.expires {
            Expires::On(day) if adjustment.points.is_positive() => Some(day.to_string()),
            Expires::On(_) | Expires::WithActivity | Expires::Never => None,
        };
        Self {
            record,
            adjustment_uid: adjustment.uid.as_str(),
            member: adjustment.member.to_string(),
            points: adjustment.points.value(),
            cashback: adjustment.cashback.value(),
            expire_on,
            reason: adjustment.reason.as_str(),
        }
    }
}

impl<'a> EventReply<'a> {
    pub(super) fn of(event: &'a Event, record: RecordStamp<'a>) -> Self {
        let values = event.attributes.values();
        Self {
            record,
            event_uid: event.event_uid.as_str(),
            event_type: event.event_type.as_str(),
            member: event.member.map(|member| member.to_string()),
            attributes: values.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect(),
        }
    }
}

fn is_zero(points: &i64) -> bool {
    *points == 0
}

fn decimal(quantity: Quantity) -> String {
    let milli = quantity.value();
    format!("{}.{:03}", milli / 1_000, milli % 1_000)
}
