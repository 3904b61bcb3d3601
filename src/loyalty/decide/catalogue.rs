//! Stage 6, before points are spent as money: rewards that the customer chose, each for exactly
//! its points (LD-42); a voucher among them is handed out with the receipt. Rewards go in the order of their ids, whatever order they were asked for in.

use super::Work;
use super::cost;
use super::offers::{at_or_above_unit_price, check_minimum, refuse_circumstances};
use super::slate::{Claim, Heap, Slate};
use crate::loyalty::account::Account;
use crate::loyalty::counter::{Counted, CounterId};
use crate::loyalty::decision::{Applied, Benefit, Reason, Refusal, RewardOption, Subject};
use crate::loyalty::ids::RewardId;
use crate::loyalty::issue::{Issue, IssuedBy};
use crate::loyalty::programme::{CatalogueReward, Gift};
use crate::money::{Amount, Points, share_until};

/// Gives the rewards that were asked for, as many of each as may be had.
pub(super) fn apply(work: &mut Work<'_>) {
    let basket = work.basket;
    if basket.benefits().rewards.is_empty() {
        return;
    }
    let mut piles = Piles::of(&work.slate);
    for (id, times) in &basket.benefits().rewards {
        let programme = work.programme;
        match programme.reward(id) {
            Some(reward) => give(work, reward, *times, &mut piles),
            None => refuse(work, id, Reason::RewardUnknown),
        }
    }
}

/// What the member could choose on what is left, cheapest first.
pub(super) fn options(work: &Work<'_>) -> Vec<RewardOption> {
    if work.programme.rewards.is_empty() || work.account.is_none() {
        return Vec::new();
    }
    let piles = Piles::of(&work.slate);
    let open = |reward: &&CatalogueReward| refuse_now(work, reward).is_none();
    let option = |reward: &CatalogueReward| RewardOption {
        reward: reward.id.clone(),
        points: reward.points,
        obstacles: examine(work, reward, &piles).err().unwrap_or_default(),
    };
    let mut options: Vec<RewardOption> =
        work.programme.rewards.iter().filter(open).map(option).collect();
    options.sort_by(|a, b| (a.points, &a.reward).cmp(&(b.points, &b.reward)));
    options
}

/// Why a reward is not open now, whatever is bought.
fn refuse_now(work: &Work<'_>, reward: &CatalogueReward) -> Option<Reason> {
    let over = || match &reward.gift {
        Gift::Voucher(grant) => grant.refuse(work.today),
        Gift::Item { .. } | Gift::Service { .. } => None,
    };
    refuse_circumstances(work, &reward.conditions).or_else(over)
}

fn refuse(work: &mut Work<'_>, id: &RewardId, reason: Reason) {
    work.refused.push(Refusal { subject: Subject::Reward(id.clone()), reason });
}

fn give(work: &mut Work<'_>, reward: &CatalogueReward, times: u32, piles: &mut Piles) {
    let mut given = 0;
    piles.claimed.clear();
    let mut claims: Vec<Claim> = Vec::new();
    while given < times {
        match examine(work, reward, piles) {
            Ok(unit) => {
                claims.extend(unit.map(|unit| piles.take(unit)));
                work.spent += reward.points;
                work.count_reward(reward, 1);
                given += 1;
            }
            Err(reasons) => {
                reasons.into_iter().for_each(|reason| refuse(work, &reward.id, reason));
                break;
            }
        }
    }
    if given == 0 {
        return;
    }
    let points = Points::new(reward.points.value().saturating_mul(i64::from(given)));
    let benefit = Benefit::Reward { reward: reward.id.clone(), points, times: given };
    let total = claims.iter().map(|claim| claim.weight).sum();
    let nothing_off =
        Applied { benefit: benefit.clone(), amount: Amount::ZERO, allocations: Vec::new() };
    let claims = by_heap(claims);
    let applied = work.slate.take(benefit, total, &claims).unwrap_or(nothing_off);
    work.applied.push(applied);
}

/// Several units of one heap are one claim.
fn by_heap(mut claims: Vec<Claim>) -> Vec<Claim> {
    claims.sort_by_key(|claim| claim.at);
    let mut merged: Vec<Claim> = Vec::with_capacity(claims.len());
    for claim in claims {
        match merged.last_mut().filter(|last| last.at == claim.at) {
            Some(last) => {
                last.weight += claim.weight;
                last.room += claim.room;
            }
            None => merged.push(claim),
        }
    }
    merged
}

/// The unit that the reward would be, where it is an item; or everything that is in its way.
fn examine(
    work: &Work<'_>,
    reward: &CatalogueReward,
    piles: &Piles,
) -> Result<Option<Unit>, Vec<Reason>> {
    if let Some(reason) = refuse_now(work, reward) {
        return Err(vec![reason]);
    }
    let Some(purse) = work.purse() else { return Err(vec![Reason::MembersOnly]) };
    if !work.may_spend() {
        return Err(vec![Reason::RoleMayNotSpend]);
    }
    let mut reasons = Vec::new();
    if let Some(reason) = work.reward_limit_met(reward) {
        reasons.push(reason);
    }
    let short = purse.short_of(reward.points);
    let out_of_reach = short.is_some();
    reasons.extend(short);
    let needs = work.programme.strength_to_spend(work.spent + reward.points);
    if purse.strength.is_none_or(|held| held < needs) {
        reasons.push(Reason::IdentifyBetter { needs });
    }
    // What is out of reach need not be looked for in the basket.
    let unit = if out_of_reach { Ok(None) } else { piles.unit_of(&work.slate, reward) };
    match unit {
        Ok(unit) if reasons.is_empty() => Ok(unit),
        Ok(_) => Err(reasons),
        Err(reason) => {
            reasons.push(reason);
            Err(reasons)
        }
    }
}

impl Work<'_> {
    /// The vouchers among the rewards that were given.
    pub(super) fn chosen_vouchers(&self, account: &Account) -> Vec<Issue> {
        let purchases = account.facts().lifetime.visits;
        let voucher = |applied: &Applied| {
            let Benefit::Reward { reward, times, .. } = &applied.benefit else { return None };
            let Gift::Voucher(grant) = &self.programme.reward(reward)?.gift else { return None };
            let what = grant.voucher_on(self.today, purchases)?;
            let (by, count) = (IssuedBy::Reward(reward.clone()), *times);
            Some(Issue { by, what, count }.priced(self.programme))
        };
        self.applied.iter().filter_map(voucher).collect()
    }

    fn reward_limit_met(&self, reward: &CatalogueReward) -> Option<Reason> {
        let counters = &self.account.as_ref()?.facts().counters;
        let counter = CounterId::RewardUses(reward.id.clone());
        let now = self.counted.iter().find(|counted| counted.counter == counter);
        let now = now.map_or(0, |counted| counted.by);
        let met = reward.limits.iter().find(|limit| {
            let used = counters.count(&counter, limit.window, self.today).saturating_add(now);
            used >= i64::from(limit.uses_max)
        });
        met.map(|limit| Reason::LimitReached { limit: *limit })
    }

    /// Counts choices of a reward that has limits.
    pub(super) fn count_reward(&mut self, reward: &CatalogueReward, times: u32) {
        let (Some(limit), Some(account)) = (reward.limits.first(), &self.account) else { return };
        let counter = CounterId::RewardUses(reward.id.clone());
        let before = account.facts().counters.count(&counter, limit.window, self.today);
        let by = i64::from(times);
        match self.counted.iter_mut().find(|counted| counted.counter == counter) {
            Some(counted) => counted.by += by,
            None => self.counted.push(Counted { counter, before, by }),
        }
    }
}

/// The heaps as they are before the first reward: units that became rewards keep their own part,
/// so that no two rewards are the same unit.
struct Piles {
    piles: Vec<Pile>,
    /// The heaps of the units that the reward in the making took by now.
    claimed: Vec<usize>,
}

struct Pile {
    units: i64,
    taken: i64,
    left: Amount,
    room: Amount,
}

/// A unit of a heap and what becoming a reward takes off it.
#[derive(Clone, Copy)]
struct Unit {
    at: usize,
    off: Amount,
}

impl Piles {
    fn of(slate: &Slate<'_>) -> Self {
        let pile = |heap: &Heap<'_>| Pile {
            // Of goods that are weighed, which of them would be the unit?
            units: heap.free_units().whole,
            taken: 0,
            left: heap.left,
            room: heap.room_to_floor(),
        };
        Self { piles: slate.heaps().iter().map(pile).collect(), claimed: Vec::new() }
    }

    fn take(&mut self, unit: Unit) -> Claim {
        let pile = &mut self.piles[unit.at];
        pile.taken += 1;
        pile.room -= unit.off;
        self.claimed.push(unit.at);
        Claim { at: unit.at, weight: unit.off, room: unit.off }
    }

    fn unit_of(&self, slate: &Slate<'_>, reward: &CatalogueReward) -> Result<Option<Unit>, Reason> {
        let (scope, minimum) = (&reward.conditions.scope, &reward.conditions.minimum);
        let Gift::Item { price } = reward.gift else {
            if scope.is_everything() && minimum.is_nothing() {
                return Ok(None);
            }
            let lines = eligible(slate, reward, |_| true)?;
            return check_minimum(slate, &lines, minimum).map(|()| None);
        };
        let lines = eligible(slate, reward, |heap| heap.may_be_discounted())?;
        check_minimum(slate, &lines, minimum)?;
        let is_free = |at: &usize| self.piles[*at].taken < self.piles[*at].units;
        let free: Vec<usize> = lines.into_iter().filter(is_free).collect();
        if free.is_empty() {
            return Err(Reason::NoEligibleLine);
        }
        let unit = |at: usize| Unit { at, off: self.piles[at].next_unit() - price };
        let fits = |unit: &Unit| unit.off.is_positive() && unit.off <= self.piles[unit.at].room;
        let recorded =
            |unit: &Unit| slate.can_spread(self.claimed.iter().copied().chain([unit.at]));
        // The dearest; of equals the first on the slate.
        let dearest = free
            .into_iter()
            .map(unit)
            .filter(fits)
            .reduce(|best, unit| if unit.off > best.off { unit } else { best });
        let dearest = dearest.ok_or(Reason::NothingLeft)?;
        if recorded(&dearest) { Ok(Some(dearest)) } else { Err(Reason::AllocationLimit) }
    }
}

fn eligible(
    slate: &Slate<'_>,
    reward: &CatalogueReward,
    may: impl Fn(&Heap<'_>) -> bool,
) -> Result<Vec<usize>, Reason> {
    let covered = |at: &usize| {
        let heap = slate.heap(*at);
        may(heap) && reward.conditions.scope.covers(heap.line)
    };
    slate.look(slate.heaps().len() * cost::OF_REWARD);
    let lines: Vec<usize> = (0..slate.heaps().len()).filter(covered).collect();
    let lines = at_or_above_unit_price(slate, lines, &reward.conditions.minimum);
    if lines.is_empty() { Err(Reason::NoEligibleLine) } else { Ok(lines) }
}

impl Pile {
    /// What is left to be paid for the next unit.
    fn next_unit(&self) -> Amount {
        let until = |units| share_until(self.left.value(), units, self.units);
        Amount::new(until(self.taken + 1) - until(self.taken))
    }
}
