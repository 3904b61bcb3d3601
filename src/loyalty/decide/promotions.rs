//! What is said unasked, at last: greetings, offers, rules and rewards within reach, within what the
//! programme lets one answer say and a member be told (BQ-7, BQ-32).

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::Work;
use super::offers::refuse_circumstances;
use crate::loyalty::account::Account;
use crate::loyalty::counter::{CountWindow, Counted};
use crate::loyalty::decision::RewardOption;
use crate::loyalty::ids::GreetingId;
use crate::loyalty::promotion::{PROMOTIONS_TOLD_MAX, Promotion, rewards_told};

/// The greetings whose conditions hold, by id.
pub(super) fn greetings(work: &Work<'_>) -> Vec<GreetingId> {
    let greetings = work.programme.greetings.iter();
    let held =
        greetings.filter(|greeting| refuse_circumstances(work, &greeting.conditions).is_none());
    held.map(|greeting| greeting.id.clone()).collect()
}

/// What is told of all that could be: what the member was not told too often, the highest
/// priorities first; of equals greetings, offers, rules, rewards, each in their own order.
pub(super) fn select(
    work: &Work<'_>,
    account: Option<&Account>,
    greetings: Vec<GreetingId>,
    rewards: &[RewardOption],
) -> Vec<Promotion> {
    let greetings = greetings.into_iter().map(Promotion::Greeting);
    let mut refused: Vec<_> = work.refused.iter().filter_map(Promotion::of_refusal).collect();
    refused.sort();
    let rewards = rewards_told(rewards).map(|option| Promotion::Reward(option.reward.clone()));
    let all = greetings.chain(refused).chain(rewards);
    let mut told: Vec<Promotion> = all.filter(|what| may_be_told(work, account, what)).collect();
    told.dedup();
    if let Some(policy) = &work.programme.messages {
        told.sort_by_key(|what| Reverse(work.programme.priority_of(what)));
        told.truncate(policy.promotional_max.unwrap_or(PROMOTIONS_TOLD_MAX) as usize);
    }
    told
}

/// Counts what was told, and what the till says it showed, in each way that it is bounded.
pub(super) fn counted(work: &Work<'_>, account: &Account, told: &[Promotion]) -> Vec<Counted> {
    let Some(shopper) = &work.occasion.shopper else { return Vec::new() };
    let shown = work.basket.shown().iter().cloned().map(Promotion::Offer);
    let all: BTreeSet<Promotion> = told.iter().cloned().chain(shown).collect();
    let counted = all.into_iter().filter_map(|what| {
        let window = work.programme.frequency_of(&what).first()?.window;
        let counter = what.counter(shopper.member);
        let before = account.facts().counters.count(&counter, window, work.today);
        Some(Counted { counter, before, by: 1 })
    });
    counted.collect()
}

fn may_be_told(work: &Work<'_>, account: Option<&Account>, what: &Promotion) -> bool {
    let Some((shopper, account)) = work.occasion.shopper.as_ref().zip(account) else { return true };
    let (counter, counters) = (what.counter(shopper.member), &account.facts().counters);
    let count = |window: CountWindow| counters.count(&counter, window, work.today);
    let mut limits = work.programme.frequency_of(what).iter();
    limits.all(|limit| count(limit.window) < i64::from(limit.uses_max))
}
