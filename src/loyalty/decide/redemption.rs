//! Stage 6: points spent, exactly as many as the customer chose.

use super::Work;
use super::slate::{Claim, Heap};
use super::this_sale;
use crate::loyalty::account::Account;
use crate::loyalty::basket::RequestedSpend;
use crate::loyalty::decision::{
    Benefit, Choices, LevelChoice, Reason, Redeemable, Refusal, Subject,
};
use crate::loyalty::programme::{
    Excess, Ladder, LadderProgress, Oversize, PointsWorth, RedeemAs, RedemptionPolicy, ThisSale,
};
use crate::member_code::Strength;
use crate::money::{Amount, Points, Rounding};

/// Spends what was asked for, within the programme's limits, and says what could be spent.
pub(super) fn apply(work: &mut Work<'_>) -> Option<Redeemable> {
    let asked = match work.basket.benefits().spend {
        RequestedSpend::Exactly(points) if points.is_positive() => Some(points),
        RequestedSpend::Exactly(_) | RequestedSpend::Keep => None,
    };
    let Some(policy) = &work.programme.redemption else {
        refuse_all(work, asked, Reason::NoRedemption);
        return None;
    };
    let Some(purse) = work.purse() else {
        refuse_all(work, asked, Reason::MembersOnly);
        return None;
    };
    if !work.may_spend() {
        refuse_all(work, asked, Reason::RoleMayNotSpend);
        return None;
    }
    let claims = claims(work, policy);
    let free = match policy.this_sale {
        ThisSale::Later => purse.free,
        ThisSale::Usable => this_sale::free(work, policy, purse, &claims),
    };
    let limits = Limits::new(policy, Purse { free, ..purse }, &claims, work.spent_value());
    if let Some(asked) = asked {
        let mut met = Vec::new();
        let points = limits.allow(asked, &mut met);
        let told = |reason| Refusal { subject: Subject::Spend, reason };
        work.refused.extend(met.into_iter().map(told));
        spend(work, points, limits.value_on(points), &claims);
    }
    Some(limits.redeemable())
}

fn refuse_all(work: &mut Work<'_>, asked: Option<Points>, reason: Reason) {
    if asked.is_some() {
        work.refused.push(Refusal { subject: Subject::Spend, reason });
    }
}

/// What the member brings.
#[derive(Clone, Copy)]
pub(super) struct Purse {
    pub(super) balance: Points,
    /// The points of it that are neither on hold elsewhere nor spent on rewards.
    pub(super) free: Points,
    /// How many points this device may still spend, where that is a bound.
    pub(super) offline_left: Option<Points>,
    /// How surely the member is known.
    pub(super) strength: Option<Strength>,
}

impl Purse {
    /// The points that may be spent.
    pub(super) fn available(self) -> Points {
        self.offline_left.map_or(self.free, |left| left.min(self.free))
    }

    /// Why no more than these may be: the tighter of two bounds.
    pub(super) fn bound(self) -> Reason {
        match self.offline_left.filter(|left| *left < self.free) {
            Some(left) => Reason::OfflineLimit { left },
            None => Reason::NotEnoughPoints { available: self.free },
        }
    }

    /// Why it does not pay for what has a price in points.
    pub(super) fn short_of(self, points: Points) -> Option<Reason> {
        let missing = points - self.free;
        if missing.is_positive() {
            return Some(Reason::PointsMissing { missing });
        }
        (points > self.available()).then(|| self.bound())
    }
}

impl Work<'_> {
    /// Whether the shopper may spend the account's points at all.
    pub(super) fn may_spend(&self) -> bool {
        let policy = self.programme.redemption.as_ref();
        let shopper = self.occasion.shopper.as_ref();
        policy.zip(shopper).is_none_or(|(policy, by)| policy.may_spend(by.kind, by.role))
    }

    /// What the points that went for rewards are worth at most.
    pub(super) fn spent_value(&self) -> Amount {
        let policy = self.programme.redemption.as_ref();
        policy.map_or(Amount::ZERO, |policy| policy.value_at_most(self.spent))
    }

    pub(super) fn purse(&self) -> Option<Purse> {
        let shopper = self.occasion.shopper.as_ref()?;
        let balance = self.account.as_ref()?.balance();
        let taken = shopper.held + self.spent;
        let free = (balance - taken).or_zero();
        let offline_left = shopper.offline_cap.points.map(|cap| (cap - taken).or_zero());
        Some(Purse { balance, free, offline_left, strength: shopper.strength })
    }
}

/// What each heap takes of points or cashback.
pub(super) fn claims(work: &Work<'_>, policy: &RedemptionPolicy) -> Vec<Claim> {
    let heaps = work.slate.heaps().iter().enumerate();
    let claim = |(at, heap): (usize, &Heap<'_>)| match policy.redeem_as {
        RedeemAs::Tender => Some(Claim { at, weight: heap.left, room: heap.left }),
        RedeemAs::Discount => {
            let room = heap.room_to_floor();
            heap.may_be_discounted().then_some(Claim { at, weight: heap.left, room })
        }
    };
    heaps.filter_map(claim).collect()
}

/// What may be spent on this basket.
pub(super) struct Limits<'p> {
    policy: &'p RedemptionPolicy,
    purse: Purse,
    /// What is left to be paid for the lines that points may pay for.
    remaining: Amount,
    /// What points may pay of it.
    room: Amount,
    points_max: Points,
    /// What the points that went for rewards are worth: the member must be known well enough for
    /// all together.
    spent_before: Amount,
}

impl<'p> Limits<'p> {
    pub(super) fn new(
        policy: &'p RedemptionPolicy,
        purse: Purse,
        claims: &[Claim],
        spent_before: Amount,
    ) -> Self {
        let remaining: Amount = claims.iter().map(|claim| claim.weight).sum();
        let room: Amount = claims.iter().map(|claim| claim.room).sum();
        // A level of as many percent as the share allows is rounded like the share.
        let rounding = match &policy.worth {
            PointsWorth::Steps { .. } => Rounding::Floor,
            PointsWorth::Levels(ladder) => ladder.rounding,
        };
        let share = policy
            .share_max
            .of(remaining.value(), rounding)
            .expect("a share of at most 100 % of a sum fits where the sum fits");
        let room = room.min(Amount::new(share));
        let points_max = Points::ZERO;
        let mut limits = Self { policy, purse, remaining, room, points_max, spent_before };
        limits.points_max = limits.find_points_max();
        limits
    }

    /// The most that may be spent.
    pub(super) fn points_max(&self) -> Points {
        self.points_max
    }

    fn find_points_max(&self) -> Points {
        let points = match &self.policy.worth {
            PointsWorth::Steps { step, value } => {
                let steps = self.room.value() / value.value();
                Points::new(steps.min(self.purse.available().value() / step.value()) * step.value())
            }
            PointsWorth::Levels(ladder) => {
                let mut falling = ladder.levels.iter().rev().map(|level| level.points);
                let most = falling
                    .find(|points| *points <= self.purse.available() && self.takes_level(*points));
                most.unwrap_or_default()
            }
        };
        if points < self.policy.minimum { Points::ZERO } else { points }
    }

    /// What so many points, whole steps or a level, give on this basket.
    pub(super) fn value_on(&self, points: Points) -> Amount {
        let PointsWorth::Levels(ladder) = &self.policy.worth else {
            return self.policy.value_of(points);
        };
        let level = ladder.at_or_below(points);
        let value = level.map_or(Amount::ZERO, |level| ladder.value_on(level, self.remaining));
        match ladder.oversize {
            Oversize::NotOffered => value,
            Oversize::Capped => value.min(self.room),
        }
    }

    /// Whether the basket takes all that a level gives, and that is something.
    fn takes_level(&self, points: Points) -> bool {
        let value = self.value_on(points);
        value.is_positive() && value <= self.room
    }

    fn redeemable(&self) -> Redeemable {
        let choices = match &self.policy.worth {
            PointsWorth::Steps { step, value } => {
                Choices::Steps { step: *step, step_value: *value }
            }
            PointsWorth::Levels(ladder) => Choices::Levels {
                levels: ladder.levels.iter().map(|level| self.choice(level.points)).collect(),
                before: ladder.progress(self.purse.balance),
                after: LadderProgress::default(),
                amount_ahead: None,
            },
        };
        let value_max = self.value_max();
        Redeemable { points_max: self.points_max, value_max, choices }
    }

    /// What the most that can be spent gives.
    pub(super) fn value_max(&self) -> Amount {
        self.value_on(self.points_max)
    }

    fn choice(&self, points: Points) -> LevelChoice {
        let value = self.value_on(points);
        let minimum = self.policy.minimum;
        let obstacles = [
            (points < minimum).then_some(Reason::BelowSpendMinimum { minimum }),
            (points > self.purse.available()).then(|| self.purse.bound()),
            (!self.takes_level(points))
                .then_some(Reason::OverShare { points_max: self.points_max }),
            self.identification_missing(value),
        ];
        LevelChoice { points, value, obstacles: obstacles.into_iter().flatten().collect() }
    }

    fn identification_missing(&self, value: Amount) -> Option<Reason> {
        let needs = self.policy.strength_for(value + self.spent_before);
        let known = self.purse.strength.is_some_and(|held| held >= needs);
        (!known).then_some(Reason::IdentifyBetter { needs })
    }

    /// How many of the points asked for are spent; every limit that was met is told.
    pub(super) fn allow(&self, asked: Points, met: &mut Vec<Reason>) -> Points {
        let policy = self.policy;
        let available = self.purse.available();
        let mut limit_met = |reason| met.push(reason);
        let mut beyond = false;
        if asked > available {
            limit_met(self.purse.bound());
            beyond = true;
        }
        if self.is_over_share(asked.min(available)) {
            limit_met(Reason::OverShare { points_max: self.points_max });
            beyond = true;
        }
        if let Some(reason) = not_to_be_had(policy, asked) {
            limit_met(reason);
            beyond = true;
        }
        if asked < policy.minimum {
            limit_met(Reason::BelowSpendMinimum { minimum: policy.minimum });
            return Points::ZERO;
        }
        let points = policy.spendable(asked.min(self.points_max));
        if points.is_zero() || beyond && policy.excess == Excess::Refuse {
            return Points::ZERO;
        }
        if let Some(reason) = self.identification_missing(self.value_on(points)) {
            limit_met(reason);
            return Points::ZERO;
        }
        points
    }

    fn is_over_share(&self, points: Points) -> bool {
        match &self.policy.worth {
            PointsWorth::Steps { .. } => points > self.points_max,
            PointsWorth::Levels(ladder) => {
                ladder.at_or_below(points).is_some_and(|level| !self.takes_level(level.points))
            }
        }
    }
}

/// Why nobody can spend just so many points.
fn not_to_be_had(policy: &RedemptionPolicy, asked: Points) -> Option<Reason> {
    match &policy.worth {
        PointsWorth::Steps { step, .. } => {
            (asked.value() % step.value() != 0).then_some(Reason::NotWholeSteps { step: *step })
        }
        PointsWorth::Levels(ladder) => not_a_level(ladder, asked),
    }
}

fn not_a_level(ladder: &Ladder, asked: Points) -> Option<Reason> {
    let below = ladder.at_or_below(asked).map(|level| level.points);
    let above = ladder.above(asked).map(|level| level.points);
    (below != Some(asked)).then_some(Reason::NotALevel { below, above })
}

fn spend(work: &mut Work<'_>, points: Points, value: Amount, claims: &[Claim]) {
    if !points.is_positive() {
        return;
    }
    if let Some(applied) = work.slate.take(Benefit::Points(points), value, claims) {
        work.applied.push(applied);
        work.spent += points;
    }
}

impl Redeemable {
    /// The same with how far the balance after the sale is, and for how much more the next level is
    /// reached. Points owed are settled first.
    pub(super) fn concluded(
        mut self,
        policy: Option<&RedemptionPolicy>,
        account_after: &Account,
        amount_for: impl Fn(Points) -> Option<Amount>,
    ) -> Self {
        if let Choices::Levels { after, amount_ahead, .. } = &mut self.choices {
            let balance = account_after.balance();
            *after = policy.and_then(|policy| policy.progress(balance)).unwrap_or_default();
            *amount_ahead =
                after.next.and_then(|(_, missing)| amount_for(missing + account_after.debt()));
        }
        self
    }
}
