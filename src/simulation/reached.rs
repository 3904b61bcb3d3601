//! Who came to which reward, and when.

use std::collections::{BTreeMap, BTreeSet};

use crate::loyalty::{
    Benefit, ConversionId, Decision, EarnKind, EarnRule, IssuedBy, Level, LevelWorth, OfferId,
    PointsWorth, Programme, RedemptionPolicy, RewardId, RuleId, TierId,
};
use crate::money::{Amount, Points};

/// What a member may come to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RewardName {
    /// A tier above the first.
    Tier(TierId),
    /// After a purchase the balance is enough to spend: the minimum, and a whole step.
    PointsToSpend,
    /// Points were spent. Only where the simulation spends any.
    PointsSpent,
    /// A reward of the catalogue: it is open to the member, and after a purchase the balance is
    /// what it costs.
    Catalogue(RewardId),
    /// A rule that is a reward of its own gave points (welcome, a referral, a milestone, a basket
    /// above average, a surprise), or a rule handed out a voucher or contest entry.
    Rule(RuleId),
    /// Points became a voucher by themselves.
    Conversion(ConversionId),
    /// An offer gave a discount.
    Offer(OfferId),
}

/// How many members came to a reward, and when those did for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewardReached {
    /// The reward.
    pub reward: RewardName,
    /// Members who ever did.
    pub members: u64,
    /// Local days since the member's first purchase; `None` where nobody did.
    pub days: Option<Quantiles>,
    /// Which purchase of the member it was; the first is 1.
    pub purchases: Option<Quantiles>,
}

/// Of values in their order, by nearest rank: the smallest that so many are not above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantiles {
    /// Half of them are not above it.
    pub median: u32,
    /// 90 % of them are not above it.
    pub p90: u32,
}

impl Quantiles {
    /// `None` of nothing.
    pub(super) fn of(mut values: Vec<u32>) -> Option<Self> {
        values.sort_unstable();
        let at = |percent: usize| {
            let rank = (values.len() * percent).div_ceil(100);
            values.get(rank.saturating_sub(1)).copied()
        };
        Some(Self { median: at(50)?, p90: at(90)? })
    }
}

/// When a member reached a reward for the first time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// Since the first purchase.
    pub(super) days: u32,
    /// From 1.
    pub(super) purchase: u32,
}

/// Every reward of a programme, and who reached it.
pub(super) struct Rewards<'p> {
    programme: &'p Programme,
    /// Rules whose points are a reward of their own.
    by_points: BTreeSet<&'p RuleId>,
    places: BTreeMap<RewardName, usize>,
    /// In the order of the programme.
    moments: Vec<(RewardName, Vec<Moment>)>,
}

/// The rewards that one member has reached, as places in [`Rewards`].
pub(super) type ReachedByMember = BTreeSet<usize>;

impl<'p> Rewards<'p> {
    /// Nobody has reached anything.
    pub(super) fn of(programme: &'p Programme, names: Vec<RewardName>) -> Self {
        let places = names.iter().cloned().enumerate().map(|(place, name)| (name, place)).collect();
        let moments = names.into_iter().map(|name| (name, Vec::new())).collect();
        let by_points = programme.earn.iter().filter(|rule| is_reward_of_its_own(rule));
        let by_points = by_points.map(|rule| &rule.id).collect();
        Self { programme, by_points, places, moments }
    }

    /// Notes what a member's purchase came to.
    pub(super) fn note(
        &mut self,
        reached: &mut ReachedByMember,
        decision: &Decision,
        moment: Moment,
    ) {
        for name in self.reached_with(decision) {
            if let Some(place) = self.places.get(&name) {
                if reached.insert(*place) {
                    self.moments[*place].1.push(moment);
                }
            }
        }
    }

    fn reached_with(&self, decision: &Decision) -> Vec<RewardName> {
        let mut names = Vec::new();
        if let (Some(policy), Some(outcome)) = (&self.programme.tiers, &decision.tier) {
            // A large purchase may skip a tier: whoever is gold has what silver gives.
            let at = policy.steps.iter().position(|tier| tier.id == outcome.after);
            let up_to = policy.steps.iter().take(at.map_or(0, |at| at + 1));
            names.extend(up_to.map(|tier| RewardName::Tier(tier.id.clone())));
        }
        if let Some(points) = &decision.points {
            let least = self.programme.redemption.as_ref().map(spendable_from);
            if least.is_some_and(|least| points.after >= least) {
                names.push(RewardName::PointsToSpend);
            }
            if points.spent.is_positive() {
                names.push(RewardName::PointsSpent);
            }
            let affords = decision.rewards.iter().filter(|option| points.after >= option.points);
            names.extend(affords.map(|option| RewardName::Catalogue(option.reward.clone())));
            let gave = points.earned_by.iter().filter(|by| by.gain.is_positive());
            let gave = gave.filter(|by| self.by_points.contains(&by.rule));
            names.extend(gave.map(|by| RewardName::Rule(by.rule.clone())));
            names.extend(points.issues.iter().filter_map(|issue| match &issue.by {
                IssuedBy::Rule(rule) => Some(RewardName::Rule(rule.clone())),
                IssuedBy::Conversion(id) => Some(RewardName::Conversion(id.clone())),
                IssuedBy::Reward(_) => None,
            }));
        }
        names.extend(decision.applied.iter().filter_map(|applied| match &applied.benefit {
            Benefit::Offer(offer) | Benefit::Coupon { offer, .. } | Benefit::Gift { offer, .. } => {
                Some(RewardName::Offer(offer.clone()))
            }
            _ => None,
        }));
        names
    }

    /// What was reached, in the order of the names.
    pub(super) fn conclude(self) -> Vec<RewardReached> {
        let conclude = |(reward, moments): (RewardName, Vec<Moment>)| RewardReached {
            reward,
            members: moments.len() as u64,
            days: Quantiles::of(moments.iter().map(|moment| moment.days).collect()),
            purchases: Quantiles::of(moments.iter().map(|moment| moment.purchase).collect()),
        };
        self.moments.into_iter().map(conclude).collect()
    }
}

/// The balance from which points may be spent.
pub(super) fn spendable_from(policy: &RedemptionPolicy) -> Points {
    policy.step().map_or(policy.minimum, |(step, _)| policy.minimum.max(step))
}

/// What points are worth as money; `None` where that depends on the basket.
pub(super) fn worth(policy: &RedemptionPolicy, points: Points) -> Option<Amount> {
    let percent = |level: &Level| matches!(level.worth, LevelWorth::Percent(_));
    match &policy.worth {
        PointsWorth::Levels(ladder) if ladder.levels.iter().any(percent) => None,
        PointsWorth::Levels(_) | PointsWorth::Steps { .. } => Some(policy.value_of(points)),
    }
}

/// The rewards that a programme has.
pub(super) fn names(programme: &Programme) -> Vec<RewardName> {
    let tiers = programme.tiers.iter().flat_map(|policy| policy.steps.iter().skip(1));
    let tiers = tiers.map(|tier| RewardName::Tier(tier.id.clone()));
    let redemption = programme.redemption.iter();
    let redemption = redemption.flat_map(|_| [RewardName::PointsToSpend, RewardName::PointsSpent]);
    let catalogue = programme.rewards.iter();
    let catalogue = catalogue.map(|reward| RewardName::Catalogue(reward.id.clone()));
    let hands_out = |rule: &EarnRule| !rule.grants.is_empty();
    let rules = programme.earn.iter();
    let rules = rules.filter(|rule| is_reward_of_its_own(rule) || hands_out(rule));
    let rules = rules.map(|rule| RewardName::Rule(rule.id.clone()));
    let conversions = programme.conversions.iter();
    let conversions = conversions.map(|known| RewardName::Conversion(known.id.clone()));
    let offers = programme.offers.iter().map(|offer| RewardName::Offer(offer.id.clone()));
    let all = tiers.chain(redemption).chain(catalogue).chain(rules);
    all.chain(conversions).chain(offers).collect()
}

/// The others are the ordinary way of earning: everybody gets them with every purchase.
fn is_reward_of_its_own(rule: &EarnRule) -> bool {
    match rule.kind {
        EarnKind::Welcome { .. }
        | EarnKind::Referral(_)
        | EarnKind::Milestone { .. }
        | EarnKind::AboveAverage { .. } => true,
        EarnKind::PerAmount { .. }
        | EarnKind::Cashback { .. }
        | EarnKind::PerVisit { .. }
        | EarnKind::PerItem { .. } => rule.chance.is_some(),
    }
}
