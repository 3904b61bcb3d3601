//! What is said unasked: greetings by flag, tier or segment (BQ-7, BC-11), offers and rewards within
//! reach. A programme bounds how many of them one answer has, and how often a member is told the same
//! (BQ-32); what counts is what the records say was told or shown.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::counter::{CounterId, UseLimit};
use super::decision::{Reason, Refusal, RewardOption, Subject};
use super::ids::{GreetingId, MemberRef, OfferId, RewardId, RuleId};
use super::programme::Programme;
use super::terms::Conditions;

/// The most that one answer says unasked where the programme bounds it without a number: more than
/// anybody reads.
pub const PROMOTIONS_TOLD_MAX: u32 = 50;

/// How many days before its last one a voucher is spoken of, where a programme does not say: a week
/// has one more large purchase.
pub const VOUCHER_DAYS_BEFORE: u16 = 7;

/// The most rewards that a quote speaks of unasked: what a cashier can say in one breath.
pub const REWARDS_TOLD_MAX: usize = 3;

/// Something that is said unasked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promotion {
    /// A greeting.
    Greeting(GreetingId),
    /// An offer within reach.
    Offer(OfferId),
    /// An earning rule within reach.
    Rule(RuleId),
    /// A reward that could be had, or the next that points are missing for.
    Reward(RewardId),
}

/// What is said to members of a kind when they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// Its id.
    pub id: GreetingId,
    /// Higher goes first; ties by id.
    pub priority: i32,
    /// Who, when and where; nothing asks for goods.
    pub conditions: Conditions,
    /// Who reads it.
    pub shown_to: ShownTo,
    /// Its words.
    pub texts: Texts,
    /// How often one member is told it; as the programme's messages where there is none.
    pub frequency: Vec<UseLimit>,
}

/// Who reads a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShownTo {
    /// Customer and cashier. The default.
    #[default]
    Everybody,
    /// The cashier, to say it or to act on it.
    Cashier,
    /// The customer's display.
    Display,
}

/// A text of the programme in several languages, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts(BTreeMap<&'static str, String>);

/// How much is said unasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessagePolicy {
    /// At most so much in one answer, the highest priorities first; [`PROMOTIONS_TOLD_MAX`] where
    /// `None`.
    pub promotional_max: Option<u32>,
    /// How often one member is told the same; all of them must hold.
    pub frequency: Vec<UseLimit>,
    /// From how many days before its last one on a member hears of a voucher.
    pub voucher_days_before: u16,
}

impl Default for MessagePolicy {
    fn default() -> Self {
        Self {
            promotional_max: None,
            frequency: Vec::new(),
            voucher_days_before: VOUCHER_DAYS_BEFORE,
        }
    }
}

impl Texts {
    /// By language code of ISO 639-1; `None` where there is no text.
    #[must_use]
    pub fn new(by_language: BTreeMap<&'static str, String>) -> Option<Self> {
        (!by_language.is_empty()).then_some(Self(by_language))
    }

    /// The text in a language, else in English, else in the first there is by code.
    #[must_use]
    pub fn in_language(&self, code: &str) -> &str {
        let text = self.0.get(code).or_else(|| self.0.get("en"));
        text.or_else(|| self.0.values().next()).map_or("", String::as_str)
    }
}

impl ShownTo {
    /// As replies write it; nothing where everybody reads it.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Everybody => None,
            Self::Cashier => Some("cashier"),
            Self::Display => Some("display"),
        }
    }
}

impl Promotion {
    /// What a refusal says unasked: what is within reach.
    #[must_use]
    pub fn of_refusal(refusal: &Refusal) -> Option<Self> {
        let within_reach = matches!(
            refusal.reason,
            Reason::BelowMinimumAmount { .. }
                | Reason::BelowMinimumQuantity { .. }
                | Reason::MilestoneAhead { .. }
                | Reason::MilestoneAheadAmount { .. }
                | Reason::BelowOwnAverage { .. }
                | Reason::OwnNotYet { .. }
        );
        within_reach.then(|| Self::of_subject(&refusal.subject)).flatten()
    }

    /// What is said of an offer or a rule; of all else a customer asked.
    #[must_use]
    pub fn of_subject(subject: &Subject) -> Option<Self> {
        match subject {
            Subject::Offer(offer) => Some(Self::Offer(offer.clone())),
            Subject::Rule(rule) => Some(Self::Rule(rule.clone())),
            _ => None,
        }
    }

    /// What it is counted by.
    #[must_use]
    pub fn counter(&self, member: MemberRef) -> CounterId {
        CounterId::Told { what: self.clone(), member }
    }
}

impl Programme {
    /// A greeting by its id.
    #[must_use]
    pub fn greeting(&self, id: &GreetingId) -> Option<&Greeting> {
        let found = self.greetings.binary_search_by(|greeting| greeting.id.cmp(id)).ok()?;
        self.greetings.get(found)
    }

    /// The greetings among what is said unasked, in its order.
    pub fn greetings_of(&self, promotions: &[Promotion]) -> impl Iterator<Item = &Greeting> {
        promotions.iter().filter_map(|promotion| match promotion {
            Promotion::Greeting(id) => self.greeting(id),
            _ => None,
        })
    }

    /// How many days are left of a voucher with a last day, where a member who comes hears of it.
    #[must_use]
    pub fn days_left_to_tell(&self, valid_until: NaiveDate, today: NaiveDate) -> Option<u16> {
        let own = self.messages.as_ref().map(|policy| policy.voucher_days_before);
        let left = u16::try_from((valid_until - today).num_days()).ok()?;
        (left <= own.unwrap_or(VOUCHER_DAYS_BEFORE)).then_some(left)
    }

    /// How much more one answer says unasked beside so many greetings and offers.
    #[must_use]
    pub fn room_to_tell(&self, told: usize) -> usize {
        let most = self.messages.as_ref().and_then(|policy| policy.promotional_max);
        (most.unwrap_or(PROMOTIONS_TOLD_MAX) as usize).saturating_sub(told)
    }

    /// How often one member is told something.
    pub(crate) fn frequency_of(&self, what: &Promotion) -> &[UseLimit] {
        let own = match what {
            Promotion::Greeting(id) => self.greeting(id).map(|greeting| &greeting.frequency),
            _ => None,
        };
        let usual = self.messages.as_ref().map(|policy| &policy.frequency);
        own.filter(|own| !own.is_empty()).or(usual).map_or(&[], Vec::as_slice)
    }

    /// What comes first where not everything is said.
    pub(crate) fn priority_of(&self, what: &Promotion) -> i32 {
        match what {
            Promotion::Greeting(id) => self.greeting(id).map_or(0, |greeting| greeting.priority),
            Promotion::Offer(id) => self.offer(id).map_or(0, |offer| offer.priority),
            Promotion::Rule(_) | Promotion::Reward(_) => 0,
        }
    }
}

/// The rewards that are spoken of unasked: a few that can be had, and the next that only points are
/// missing for.
pub fn rewards_told(options: &[RewardOption]) -> impl Iterator<Item = &RewardOption> {
    let ready = options.iter().filter(|option| option.obstacles.is_empty());
    let next = options
        .iter()
        .find(|option| matches!(option.obstacles[..], [Reason::PointsMissing { .. }]));
    ready.take(REWARDS_TOLD_MAX).chain(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bq_7_a_text_is_read_in_the_language_asked_for_in_english_or_in_the_first_there_is() {
        let texts = |pairs: &[(&'static str, &str)]| {
            let texts = pairs.iter().map(|(code, text)| (*code, (*text).to_owned()));
            Texts::new(texts.collect()).expect("some text")
        };
        let all = texts(&[("cs", "Vítejte"), ("en", "Welcome"), ("de", "Willkommen")]);
        let without_english = texts(&[("sk", "Vitajte"), ("cs", "Vítejte")]);
        let cases = [
            (&all, "cs", "Vítejte"),
            (&all, "de", "Willkommen"),
            (&all, "pl", "Welcome"),
            (&without_english, "sk", "Vitajte"),
            (&without_english, "pl", "Vítejte"),
        ];
        for (texts, code, expected) in cases {
            assert_eq!(texts.in_language(code), expected, "{code}");
        }
        assert_eq!(Texts::new(BTreeMap::new()), None);
    }

    #[test]
    fn a_voucher_is_spoken_of_from_so_many_days_before_its_last_one() {
        use crate::loyalty::decide::examples::club;
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).expect("a day");
        let policy = |voucher_days_before| {
            Some(MessagePolicy { voucher_days_before, ..MessagePolicy::default() })
        };
        let cases = [
            (None, 10, 17, Some(7)),
            (None, 10, 18, None),
            (None, 10, 10, Some(0)),
            (None, 10, 9, None),
            (policy(2), 10, 12, Some(2)),
            (policy(2), 10, 13, None),
            (policy(0), 10, 10, Some(0)),
            (policy(0), 10, 11, None),
        ];
        for (messages, today, until, left) in cases {
            let programme = Programme { messages, ..club() };
            let found = programme.days_left_to_tell(day(until), day(today));
            assert_eq!(found, left, "{:?} {today} {until}", programme.messages);
        }
        let bounded = MessagePolicy { promotional_max: Some(3), ..MessagePolicy::default() };
        let programme = Programme { messages: Some(bounded), ..club() };
        assert_eq!([0, 2, 4].map(|told| programme.room_to_tell(told)), [3, 1, 0]);
    }
}
