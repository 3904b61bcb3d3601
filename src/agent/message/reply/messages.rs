//! Everything worth saying about a decision or a recorded sale, in a fixed order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::cashback::CashbackReply;
use super::issued::IssuedReply;
use super::points::PointsReply;
use super::redeemable::LadderProgressReply;
use super::rejected::RejectedReply;
use super::tier::{MeasureName, TierReply};
use crate::agent::till::answer::LapsingVoucher;
use crate::loyalty::{
    Applied, Benefit, Counted, CounterId, EarnKind, EarnRule, EarnedBy, Greeting, LevelWorth,
    MilestoneMeasure, Offer, OfferId, PendingPart, PointsWorth, Programme, Promotion, Reason,
    RedemptionPolicy, RewardOption, RuleId, Unit, rewards_told,
};
use crate::money::{Amount, Points};
use crate::wire::wording::{Language, Locale, Money, Sentence};

/// The id of a greeting in the words of the programme, and the name of its argument.
const GREETING: &str = "greeting";

/// A sentence for customer or cashier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct MessageReply {
    /// Stable id of the sentence.
    #[schema(example = "tier_missing_spend")]
    pub(crate) id: &'static str,
    /// Its words in the language asked for. Spaces inside of numbers do not break (U+00A0).
    #[schema(value_type = String, example = "Buy for 7374.24 more to reach Gold")]
    pub(crate) text: Cow<'static, str>,
    /// What it is said of: counts and minor units as numbers, days as ISO 8601 texts.
    #[schema(value_type = Object, example = json!({"tier": "Gold", "amount": 737_424}))]
    pub(crate) arguments: BTreeMap<&'static str, Value>,
    /// Who is to read it, `cashier` or `display`; both where missing.
    #[schema(example = "cashier")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shown_to: Option<&'static str>,
}

/// What there is to speak of.
pub(super) struct Told<'r, 'a> {
    pub(super) programme: &'a Programme,
    /// The local day.
    pub(super) today: NaiveDate,
    pub(super) points: Option<&'r PointsReply>,
    pub(super) cashback: Option<&'r CashbackReply>,
    pub(super) tier: Option<&'r TierReply<'a>>,
    pub(super) applied: &'a [Applied],
    pub(super) earned_by: &'a [EarnedBy],
    pub(super) counted: &'a [Counted],
    pub(super) rejected: &'r [RejectedReply<'a>],
    /// What the member could choose; of a quote only.
    pub(super) rewards: &'r [RewardOption],
    /// What is said unasked.
    pub(super) promotions: &'r [Promotion],
    /// What is handed out beside points.
    pub(super) issued: &'r [IssuedReply<'a>],
}

impl MessageReply {
    /// Says a sentence.
    pub(super) fn of(sentence: &Sentence<'_>, locale: Locale) -> Self {
        let argument = |(name, argument)| {
            let value = serde_json::to_value(argument);
            (name, value.expect("a number or a text is JSON"))
        };
        Self {
            id: sentence.id(),
            text: sentence.say(locale),
            arguments: sentence.arguments().into_iter().map(argument).collect(),
            shown_to: None,
        }
    }

    /// The greetings among what is said unasked, in the words of the programme.
    pub(super) fn greetings(
        promotions: &[Promotion],
        programme: &Programme,
        language: Language,
    ) -> Vec<Self> {
        let message = |greeting: &Greeting| Self {
            id: GREETING,
            text: greeting.texts.in_language(language.code()).to_owned().into(),
            arguments: BTreeMap::from([(GREETING, greeting.id.as_str().into())]),
            shown_to: greeting.shown_to.name(),
        };
        programme.greetings_of(promotions).map(message).collect()
    }

    /// What is said of vouchers that are about to lapse.
    pub(crate) fn lapsing(vouchers: &[LapsingVoucher], language: Language) -> Vec<Self> {
        let message = |voucher: &LapsingVoucher| {
            let label = voucher.name.as_str();
            let sentence = match voucher.days_left {
                0 => Sentence::VoucherLapsesToday { label },
                days => {
                    let date = voucher.until;
                    Sentence::VoucherLapsesIn { label, days: days.into(), date }
                }
            };
            Self::of(&sentence, language.into())
        };
        vouchers.iter().map(message).collect()
    }

    /// Whether it belongs on the receipt beside the figures: what is celebrated.
    pub(crate) fn is_celebration(&self) -> bool {
        ["tier_reached", "birthday", "welcome", "referred", "surprise"].contains(&self.id)
            || self.id.starts_with("milestone_")
    }
}

impl MessageReply {
    /// Whether it says from when on something that was earned can be spent.
    pub(crate) fn is_about_waiting(&self) -> bool {
        ["points_usable_from", "cashback_usable_from"].contains(&self.id)
    }
}

impl<'a> Told<'_, 'a> {
    /// Greetings, celebrations, gifts, tier, points and cashback, what to do with them, expiry,
    /// rewards, what is handed out, what is missing for
    /// benefits.
    pub(super) fn messages(&self, locale: Locale) -> Vec<MessageReply> {
        let mut sentences = Vec::with_capacity(16);
        self.celebrations(&mut sentences);
        self.gifts(&mut sentences);
        self.tier(&mut sentences);
        self.points(&mut sentences);
        self.cashback(&mut sentences);
        self.rewards(&mut sentences);
        sentences.extend(self.issued.iter().map(IssuedReply::sentence));
        let mut messages =
            MessageReply::greetings(self.promotions, self.programme, locale.language);
        messages.extend(sentences.iter().map(|sentence| MessageReply::of(sentence, locale)));
        messages.extend(self.rejected.iter().filter_map(|rejected| rejected.shown.clone()));
        messages
    }

    fn celebrations(&self, sentences: &mut Vec<Sentence<'a>>) {
        if let Some(tier) = self.tier.filter(|tier| tier.is_reached_now(self.programme)) {
            sentences.push(Sentence::TierReached { tier: tier.name });
        }
        for applied in self.applied {
            let (Benefit::Offer(id)
            | Benefit::Coupon { offer: id, .. }
            | Benefit::Gift { offer: id, .. }) = &applied.benefit
            else {
                continue;
            };
            let given = self.programme.offer(id);
            if let Some(offer) = given.filter(|o| o.conditions.audience.birthday.is_some()) {
                sentences.push(Sentence::Birthday { label: &offer.name });
            }
        }
        let surprises = self.programme.earn.iter().filter(|rule| self.is_surprise(rule));
        sentences.extend(surprises.map(|rule| Sentence::Surprise { label: &rule.name }));
        for earned in self.earned_by {
            let Some(rule) = self.rule(&earned.rule) else { continue };
            let points = Points::of(earned.gain);
            if matches!(rule.kind, EarnKind::Welcome { .. }) {
                sentences.push(Sentence::Welcome { points });
            }
            if matches!(rule.kind, EarnKind::Referral(_)) {
                sentences.push(Sentence::Referred { points });
            }
            if rule.conditions.audience.birthday.is_some() {
                sentences.push(Sentence::Birthday { label: &rule.name });
            }
            let reached = |counted: &&Counted| match &counted.counter {
                CounterId::RuleReached(rule) => *rule == earned.rule,
                _ => false,
            };
            let reached = self.counted.iter().find(reached).map(Counted::after);
            sentences.extend(reached.and_then(|times| self.milestone(rule, times, points)));
        }
    }

    /// What the till hands out.
    fn gifts(&self, sentences: &mut Vec<Sentence<'a>>) {
        for applied in self.applied {
            let Benefit::Gift { offer, times } = &applied.benefit else { continue };
            sentences.push(gift(self.programme, offer, *times, |label, units| {
                Sentence::GiftGiven { label, units }
            }));
        }
    }

    /// Whether a rule was drawn and gave something.
    fn is_surprise(&self, rule: &EarnRule) -> bool {
        let handed_out = |issued: &IssuedReply<'_>| issued.rule_id == Some(rule.id.as_str());
        rule.chance.is_some()
            && (self.earned_by.iter().any(|by| by.rule == rule.id)
                || self.issued.iter().any(handed_out))
    }

    /// A milestone reached for the n-th time.
    fn milestone(&self, rule: &'a EarnRule, times: i64, points: Points) -> Option<Sentence<'a>> {
        let EarnKind::Milestone { measure, at, .. } = rule.kind else { return None };
        let (mark, label) = (at.saturating_mul(times), rule.name.as_str());
        Some(match measure {
            MilestoneMeasure::Visits | MilestoneMeasure::VisitDays => {
                Sentence::MilestoneVisits { visits: mark, label, points }
            }
            MilestoneMeasure::Spend => {
                Sentence::MilestoneSpend { amount: self.money(mark), label, points }
            }
            MilestoneMeasure::Items => Sentence::MilestoneItems { items: mark, label, points },
        })
    }

    fn tier(&self, sentences: &mut Vec<Sentence<'a>>) {
        let Some(tier) = self.tier else { return };
        self.way_to_next_tier(tier, sentences);
        if let Some(date) = tier.valid_until {
            let valid = Sentence::TierValidUntil { tier: tier.name, date: date.0 };
            sentences.push(tier.keep(self.programme.currency).unwrap_or(valid));
        }
    }

    fn way_to_next_tier(&self, tier: &TierReply<'a>, sentences: &mut Vec<Sentence<'a>>) {
        let (Some(next), Some(missing)) = (tier.next_name, tier.missing) else {
            sentences.push(Sentence::TierHighest { tier: tier.name });
            return;
        };
        sentences.push(Sentence::TierLevel { tier: tier.name });
        sentences.push(match tier.measure {
            Some(MeasureName::Spend) => {
                Sentence::TierMissingSpend { tier: next, amount: self.money(missing) }
            }
            Some(MeasureName::Visits) => {
                Sentence::TierMissingVisits { tier: next, visits: missing }
            }
            Some(MeasureName::PointsEarned) | None => {
                Sentence::TierMissingPoints { tier: next, points: Points::new(missing) }
            }
        });
        if let Some(amount) = tier.missing_amount {
            sentences.push(Sentence::TierMissingSpend { tier: next, amount: self.money(amount) });
        }
        let percent = i64::from(tier.progress_percent);
        sentences.push(Sentence::TierProgress { tier: next, percent });
    }

    fn points(&self, sentences: &mut Vec<Sentence<'a>>) {
        let Some(points) = self.points else { return };
        let some = |count: i64| (count > 0).then(|| Points::new(count));
        sentences.extend(some(points.earned).map(|points| Sentence::PointsEarned { points }));
        let waiting = PendingPart::<Points>::of(self.earned_by, Points::new(points.earned));
        sentences.extend(
            waiting.into_iter().map(|part| Sentence::PointsUsableFrom {
                points: part.value,
                date: part.usable_from,
            }),
        );
        sentences.extend(some(points.spent).map(|points| Sentence::PointsSpent { points }));
        let converted = some(points.converted);
        sentences.extend(converted.map(|points| Sentence::PointsConverted { points }));
        sentences.push(Sentence::PointsBalance { points: Points::new(points.after) });
        sentences.extend(some(points.debt_after).map(|points| Sentence::PointsOwed { points }));
        let could =
            points.redeemable.as_ref().filter(|could| could.points_max > 0 && points.spent == 0);
        match could {
            Some(could) => {
                let amount = self.money(could.value_max);
                sentences
                    .push(Sentence::SpendNow { points: Points::new(could.points_max), amount });
                let kept = self.programme.redemption.as_ref();
                let kept = kept.and_then(|policy| NextReward::after(points, policy));
                sentences.extend(kept.map(|next| Sentence::KeepPoints {
                    points: next.missing,
                    amount: self.money(next.worth.value()),
                }));
            }
            None => {
                let first = NextReward::first(points, self.programme);
                sentences.extend(first.map(|next| Sentence::RewardAhead {
                    points: next.missing,
                    amount: self.money(next.worth.value()),
                }));
            }
        }
        let ladder = points.redeemable.as_ref().and_then(|could| could.ladder.as_ref());
        if let Some(ladder) = ladder {
            self.way_to_next_level(&ladder.after, sentences);
        }
        if let Some(next) = &points.next_expiry {
            let (points, date) = (Points::new(next.points), next.date.0);
            sentences.push(match (date - self.today).num_days() {
                ..=0 => Sentence::PointsExpireToday { points },
                days => Sentence::PointsExpireIn { points, days, date },
            });
        }
    }

    /// How far up the discounts by balance the member is after this sale (BR-13, BR-14).
    fn way_to_next_level(&self, after: &LadderProgressReply, sentences: &mut Vec<Sentence<'a>>) {
        sentences.extend(after.reached.map(|level| {
            let points = Points::new(level);
            Sentence::LevelReached { points }
        }));
        let Some(next) = after.next else {
            sentences.push(Sentence::LevelHighest {});
            return;
        };
        let points = Points::new(next);
        sentences.extend(
            after
                .missing_amount
                .map(|amount| Sentence::LevelMissingSpend { points, amount: self.money(amount) }),
        );
        let percent = i64::from(after.progress_percent);
        sentences.push(Sentence::LevelProgress { points, percent });
    }

    fn cashback(&self, sentences: &mut Vec<Sentence<'a>>) {
        let Some(cashback) = self.cashback else { return };
        let some = |minor: i64| (minor > 0).then(|| self.money(minor));
        let earned = some(cashback.earned);
        sentences.extend(earned.map(|amount| Sentence::CashbackEarned { amount }));
        let waiting = PendingPart::<Amount>::of(self.earned_by, Amount::new(cashback.earned));
        sentences.extend(waiting.into_iter().map(|part| Sentence::CashbackUsableFrom {
            amount: self.money(part.value.value()),
            date: part.usable_from,
        }));
        let spent = some(cashback.spent);
        sentences.extend(spent.map(|amount| Sentence::CashbackSpent { amount }));
        sentences.push(Sentence::CashbackBalance { amount: self.money(cashback.after) });
        let owed = some(cashback.debt_after);
        sentences.extend(owed.map(|amount| Sentence::CashbackOwed { amount }));
        let could = cashback.spendable.filter(|_| cashback.spent == 0).and_then(some);
        sentences.extend(could.map(|amount| Sentence::CashbackSpendNow { amount }));
        let ends = cashback.next_expiry.as_ref();
        sentences.extend(ends.map(|next| Sentence::CashbackValidUntil {
            amount: self.money(next.amount),
            date: next.date.0,
        }));
    }

    /// What was chosen, what could be, and the next that only points are missing for.
    fn rewards(&self, sentences: &mut Vec<Sentence<'a>>) {
        for applied in self.applied {
            let Benefit::Reward { reward, points, .. } = &applied.benefit else { continue };
            let label = self.programme.reward(reward).map_or(reward.as_str(), |known| &known.name);
            sentences.push(Sentence::RewardGiven { label, points: *points });
        }
        for option in rewards_told(self.rewards) {
            let is_told = self.promotions.contains(&Promotion::Reward(option.reward.clone()));
            let Some(reward) = self.programme.reward(&option.reward).filter(|_| is_told) else {
                continue;
            };
            let (label, points) = (reward.name.as_str(), reward.points);
            sentences.push(match option.obstacles[..] {
                [Reason::PointsMissing { missing }] => {
                    Sentence::RewardMissing { label, points, missing }
                }
                _ => Sentence::RewardReady { label, points },
            });
        }
    }

    fn rule(&self, id: &RuleId) -> Option<&'a EarnRule> {
        self.programme.earn.iter().find(|rule| rule.id == *id)
    }

    fn money(&self, minor: i64) -> Money {
        Money { amount: Amount::new(minor), currency: self.programme.currency }
    }
}

/// A sentence on a gift: what customers call it, and how many units so many times are.
pub(super) fn gift<'a>(
    programme: &'a Programme,
    id: &'a OfferId,
    times: u32,
    say: impl FnOnce(&'a str, i64) -> Sentence<'a>,
) -> Sentence<'a> {
    let offer = programme.offer(id);
    let units = offer.and_then(Offer::gift).map_or(1, |gift| gift.units);
    let label = offer.map_or(id.as_str(), |offer| &offer.name);
    say(label, i64::from(times) * i64::from(units))
}

/// Points that an account does not have yet, and what they would be worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NextReward {
    /// So many more points.
    pub(crate) missing: Points,
    /// What all of it is worth then.
    pub(crate) worth: Amount,
}

impl NextReward {
    /// The first that can be spent at all; `None` where the balance has it already, or where what
    /// points are worth depends on the basket.
    pub(crate) fn first(points: &PointsReply, programme: &Programme) -> Option<Self> {
        let policy = programme.redemption.as_ref()?;
        let least = match &policy.worth {
            PointsWorth::Steps { step, .. } => {
                whole_steps(policy.minimum.value().max(step.value()), step.value().max(1))
            }
            PointsWorth::Levels(_) => policy.minimum.value(),
        };
        (points.after < least).then(|| Self::at(least, points, policy)).flatten()
    }

    /// The one after all that the balance has.
    fn after(points: &PointsReply, policy: &RedemptionPolicy) -> Option<Self> {
        let target = match &policy.worth {
            PointsWorth::Steps { step, .. } => {
                let step = step.value().max(1);
                let next = (points.after / step).checked_add(1)?.checked_mul(step)?;
                next.max(whole_steps(policy.minimum.value(), step))
            }
            PointsWorth::Levels(ladder) => ladder.above(Points::new(points.after))?.points.value(),
        };
        Self::at(target, points, policy)
    }

    /// Points owed are settled first.
    fn at(target: i64, points: &PointsReply, policy: &RedemptionPolicy) -> Option<Self> {
        let worth = match &policy.worth {
            PointsWorth::Steps { step, value } => {
                let steps = target / step.value().max(1);
                Amount::new(value.value().saturating_mul(steps))
            }
            PointsWorth::Levels(ladder) => match ladder.at_or_below(Points::new(target))?.worth {
                LevelWorth::Amount(amount) => amount,
                LevelWorth::Percent(_) => return None,
            },
        };
        Some(Self { missing: Points::new(target - points.after + points.debt_after), worth })
    }
}

/// The least whole steps that hold so much.
fn whole_steps(least: i64, step: i64) -> i64 {
    let over = least % step;
    if over == 0 { least } else { least - over + step }
}
