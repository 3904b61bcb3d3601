//! Stage 6: points spent, exactly as many as the customer chose.

use super::Work;
use super::slate::{Claim, Heap};
use crate::loyalty::basket::RequestedSpend;
use crate::loyalty::decision::{Benefit, Reason, Redeemable, Refusal, Subject};
use crate::loyalty::programme::{Excess, RedeemAs, RedemptionPolicy};
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
    let Some((available, strength)) = work.available() else {
        refuse_all(work, asked, Reason::MembersOnly);
        return None;
    };
    let claims = claims(work, policy);
    let limits = Limits::new(policy, available, &claims);
    if let Some(asked) = asked {
        let points = limits.allow(policy, asked, strength, &mut work.refused);
        spend(work, policy, points, &claims);
    }
    Some(limits.redeemable(policy))
}

fn refuse_all(work: &mut Work<'_>, asked: Option<Points>, reason: Reason) {
    if asked.is_some() {
        work.refused.push(Refusal { subject: Subject::Spend, reason });
    }
}

impl Work<'_> {
    /// Points that are not on hold elsewhere, and how surely the member is known.
    fn available(&self) -> Option<(Points, Option<Strength>)> {
        let shopper = self.occasion.shopper.as_ref()?;
        let balance = self.account.as_ref()?.balance();
        Some(((balance - shopper.held).or_zero(), shopper.strength))
    }
}

fn claims(work: &Work<'_>, policy: &RedemptionPolicy) -> Vec<Claim> {
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
struct Limits {
    available: Points,
    points_max: Points,
}

impl Limits {
    fn new(policy: &RedemptionPolicy, available: Points, claims: &[Claim]) -> Self {
        let sum: Amount = claims.iter().map(|claim| claim.weight).sum();
        let room: Amount = claims.iter().map(|claim| claim.room).sum();
        let share = policy
            .share_max
            .of(sum.value(), Rounding::Floor)
            .expect("a share of at most 100 % of a sum fits where the sum fits");
        let value_max = room.min(Amount::new(share));
        let steps = (value_max.value() / policy.step_value.value())
            .min(available.value() / policy.step.value());
        let points = Points::new(steps * policy.step.value());
        let points_max = if points < policy.minimum { Points::ZERO } else { points };
        Self { available, points_max }
    }

    fn redeemable(&self, policy: &RedemptionPolicy) -> Redeemable {
        Redeemable {
            points_max: self.points_max,
            value_max: policy.value_of(self.points_max),
            step: policy.step,
            step_value: policy.step_value,
        }
    }

    /// How many of the points asked for are spent; every limit that was met is told.
    fn allow(
        &self,
        policy: &RedemptionPolicy,
        asked: Points,
        strength: Option<Strength>,
        refused: &mut Vec<Refusal>,
    ) -> Points {
        let mut limit_met = |reason| refused.push(Refusal { subject: Subject::Spend, reason });
        let mut points = asked;
        let mut beyond = false;
        if points > self.available {
            limit_met(Reason::NotEnoughPoints { available: self.available });
            points = self.available;
            beyond = true;
        }
        if points > self.points_max && self.points_max < self.available.min(asked) {
            limit_met(Reason::OverShare { points_max: self.points_max });
            beyond = true;
        }
        points = points.min(self.points_max);
        if asked.value() % policy.step.value() != 0 {
            limit_met(Reason::NotWholeSteps { step: policy.step });
            beyond = true;
        }
        points = Points::new(points.value() / policy.step.value() * policy.step.value());
        if asked < policy.minimum {
            limit_met(Reason::BelowSpendMinimum { minimum: policy.minimum });
            return Points::ZERO;
        }
        if beyond && policy.excess == Excess::Refuse {
            return Points::ZERO;
        }
        if points < policy.minimum {
            return Points::ZERO;
        }
        let needs = policy.strength_for(policy.value_of(points));
        if strength.is_none_or(|held| held < needs) {
            limit_met(Reason::IdentifyBetter { needs });
            return Points::ZERO;
        }
        points
    }
}

impl RedemptionPolicy {
    /// What so many points are worth; whole steps only.
    #[must_use]
    pub fn value_of(&self, points: Points) -> Amount {
        let steps = points.value() / self.step.value();
        Amount::new(steps.saturating_mul(self.step_value.value()))
    }

    /// How surely the member must be known to spend this much; at least by a scanned code.
    #[must_use]
    pub fn strength_for(&self, value: Amount) -> Strength {
        let reached = self.strength.iter().rev().find(|step| step.from <= value);
        reached.map_or(Strength::Static, |step| step.strength)
    }
}

fn spend(work: &mut Work<'_>, policy: &RedemptionPolicy, points: Points, claims: &[Claim]) {
    if !points.is_positive() {
        return;
    }
    let value = policy.value_of(points);
    if let Some(applied) = work.slate.take(Benefit::Points(points), value, claims) {
        work.applied.push(applied);
        work.spent = points;
    }
}
