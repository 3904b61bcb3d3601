//! Stages 1 to 4: offers on lines and on the basket.

use std::collections::BTreeMap;

use super::Work;
use super::called::{Called, called_for};
use super::index::OfferIndex;
use super::occasion::Explain;
use super::personal::Own;
use super::slate::{Claim, Slate};
use super::units;
use super::uses::allowance;
use super::{cost, dearest, rounds};
use crate::loyalty::account::Account;
use crate::loyalty::basket::Line;
use crate::loyalty::decision::{Benefit, Reason, Refusal, Subject};
use crate::loyalty::programme::{Offer, Reward, Stacking, Trigger};
use crate::loyalty::terms::{Conditions, Minimum, MinimumOf};
use crate::money::{Amount, Percent, Quantity, Rounding};

/// Applies the programme's offers stage by stage. Only offers that cover a line are looked at,
/// unless everything is to be explained. Gifts come after vouchers: those that time, place, person
/// and limits let in are given back.
pub(super) fn apply<'a>(work: &mut Work<'a>, index: &OfferIndex) -> Vec<&'a Offer> {
    let offers: &'a [Offer] = &work.programme.offers;
    let mut covered = index.covered(offers, work.slate.heaps().iter().map(|heap| heap.line));
    let mut called = called_for(work, index);
    for &at in called.keys() {
        work.slate.look(work.slate.heaps().len());
        let heaps = work.slate.heaps().iter().enumerate();
        let places = heaps.filter(|(_, heap)| offers[at].covers(heap.line));
        covered.insert(at, places.map(|(place, _)| place).collect());
    }
    let own = Own::of(work);
    if work.occasion.explain == Explain::Everything {
        refuse_uncovered(work, &covered, &own);
    }
    let mut open = BTreeMap::new();
    for (at, covered) in covered {
        work.personal.extend(own.as_carried(&offers[at]));
        match admit(work, &offers[at], &own) {
            // Called for goods that are not there: it takes no part in its group.
            Ok(_) if covered.is_empty() => {
                work.refused.push(refusal(&offers[at], Reason::NoEligibleLine));
            }
            Ok(units_left) => {
                open.insert(at, Open { covered, units_left, called: called.remove(&at) });
            }
            Err(reason) => work.refused.push(refusal(&offers[at], reason)),
        }
    }
    work.slate.look(open.values().map(|open| open.covered.len()).sum());
    let gifts = rounds::go(work, index, &open);
    gifts.into_iter().map(|at| &offers[at]).collect()
}

/// The units that an offer's limits leave, where time, place, person and limits let it in.
fn admit(work: &Work<'_>, offer: &Offer, own: &Own<'_>) -> Result<Option<Quantity>, Reason> {
    let refused = refuse_circumstances(work, &offer.conditions);
    if let Some(reason) = refused.or_else(|| own.refuse(work, offer)) {
        return Err(reason);
    }
    let units_left = allowance(work, offer)?;
    own.outranks(offer).map_or(Ok(units_left), Err)
}

/// Says of the offers that cover no line why they do not apply.
fn refuse_uncovered(work: &mut Work<'_>, covered: &BTreeMap<usize, Vec<usize>>, own: &Own<'_>) {
    for (at, offer) in work.programme.offers.iter().enumerate() {
        if !covered.contains_key(&at) {
            let reason = refuse_circumstances(work, &offer.conditions)
                .or_else(|| own.refuse(work, offer))
                .or_else(|| own.outranks(offer))
                .or_else(|| (offer.trigger != Trigger::Itself).then_some(Reason::NeedsCode));
            work.refused.push(refusal(offer, reason.unwrap_or(Reason::NoEligibleLine)));
        }
    }
}

/// An offer that may apply.
pub(super) struct Open {
    /// The lines it covers.
    covered: Vec<usize>,
    /// Units that its limits leave, where they count units.
    units_left: Option<Quantity>,
    /// What called for it, where it did not come by itself.
    called: Option<Called>,
}

impl Open {
    /// What its discount is put down to.
    pub(super) fn benefit(&self, offer: &Offer) -> Benefit {
        let called = self.called.as_ref().map(|called| called.benefit.clone());
        called.unwrap_or_else(|| Benefit::Offer(offer.id.clone()))
    }

    /// What it gives.
    fn reward<'r>(&'r self, offer: &'r Offer) -> &'r Reward {
        let called = self.called.as_ref().and_then(|called| called.reward.as_ref());
        called.unwrap_or(&offer.reward)
    }
}

/// What an offer would take.
#[derive(Default)]
pub(super) struct Discount {
    pub(super) total: Amount,
    /// How much of the basket was priced; of prices for units only.
    pub(super) priced: Quantity,
    pub(super) claims: Vec<Claim>,
    /// Units that take part, by place on the slate; of offers on units only.
    pub(super) units: Vec<(usize, i64)>,
}

/// Time, place and person.
pub(super) fn refuse_circumstances(work: &Work<'_>, conditions: &Conditions) -> Option<Reason> {
    let elsewhere =
        conditions.stores.as_ref().is_some_and(|all| !all.contains(work.occasion.store));
    if elsewhere {
        return Some(Reason::OtherStore);
    }
    conditions.window.refuse(work.local).or_else(|| {
        let balance = work.account.as_ref().map(Account::balance).unwrap_or_default();
        let person = work.occasion.shopper.as_ref().map(|shopper| shopper.person(balance));
        conditions.audience.refuse(work.tier_id(), person, work.today)
    })
}

/// What an offer would take off the lines as they are.
pub(super) fn price(offer: &Offer, slate: &Slate<'_>, open: &Open) -> Result<Discount, Reason> {
    let mut lines = open.covered.clone();
    slate.look(lines.len() * cost::OF_PRICING);
    lines.retain(|&at| slate.heap(at).may_be_discounted());
    let mut got = Vec::new();
    let reward = open.reward(offer);
    if let Some(scope) = reward.got_scope() {
        got = lines.clone();
        got.retain(|&at| scope.covers(slate.heap(at).line));
        lines.retain(|&at| offer.conditions.scope.covers(slate.heap(at).line));
    }
    let mut lines = at_or_above_unit_price(slate, lines, &offer.conditions.minimum);
    if lines.is_empty() {
        return Err(Reason::NoEligibleLine);
    }
    check_minimum(slate, &lines, &offer.conditions.minimum)?;
    let units_left = open.units_left.into_iter().chain(offer.quantity_max).min();
    let open = |at: &usize| {
        let heap = slate.heap(*at);
        !heap.closed && (offer.stacking == Stacking::Stackable || !heap.touched)
    };
    let got_before = got.len();
    lines.retain(open);
    got.retain(open);
    if lines.is_empty() || (got.is_empty() && got_before > 0) {
        return Err(Reason::DoesNotStack);
    }
    let mut discount = claim(reward, slate, &lines, &got, units_left)?;
    discount.total = discount.total.min(offer.cap.unwrap_or(discount.total));
    discount.total = discount.total.min(slate.room(&discount.claims)?);
    if discount.total.is_positive() { Ok(discount) } else { Err(Reason::NothingLeft) }
}

/// Lines whose unit price reaches the minimum (CC-13).
pub(super) fn at_or_above_unit_price(
    slate: &Slate<'_>,
    mut lines: Vec<usize>,
    minimum: &Minimum,
) -> Vec<usize> {
    if let Some(least) = minimum.unit_price {
        lines.retain(|&at| slate.heap(at).line.unit_price >= least);
    }
    lines
}

/// Whether the eligible lines or the whole basket come to the minimum.
pub(super) fn check_minimum(
    slate: &Slate<'_>,
    lines: &[usize],
    minimum: &Minimum,
) -> Result<(), Reason> {
    let eligible = || lines.iter().map(|&at| slate.heap(at));
    if let Some(least) = minimum.amount {
        let sum: Amount = match minimum.of {
            MinimumOf::Eligible => eligible().map(|heap| slate.towards_minimum(heap)).sum(),
            MinimumOf::Basket => slate.all_towards_minimum(),
        };
        if sum < least {
            return Err(Reason::BelowMinimumAmount { missing: least - sum });
        }
    }
    if let Some(least) = minimum.quantity {
        let sum: Quantity = match minimum.of {
            MinimumOf::Eligible => eligible().map(|heap| heap.quantity).sum(),
            MinimumOf::Basket => slate.quantity(),
        };
        if sum < least {
            return Err(Reason::BelowMinimumQuantity { missing: least - sum });
        }
    }
    Ok(())
}

fn claim(
    reward: &Reward,
    slate: &Slate<'_>,
    lines: &[usize],
    got: &[usize],
    units_left: Option<Quantity>,
) -> Result<Discount, Reason> {
    let within = |quantity_max: Option<Quantity>| quantity_max.into_iter().chain(units_left).min();
    Ok(match reward {
        Reward::FixedPrice { price, quantity_max } => {
            at_price(slate, lines, |_| Some(*price), within(*quantity_max))
        }
        Reward::PriceList { prices, quantity_max } => {
            let price_of = |line: &Line| prices.get(&line.sku).copied();
            at_price(slate, lines, price_of, within(*quantity_max))
        }
        Reward::LinePercent(percent) => dearest::share_of(slate, lines, *percent, units_left),
        Reward::BasketPercent(percent) => share(slate, lines, *percent),
        Reward::LineAmountEach(amount) => dearest::amount_each(slate, lines, *amount, units_left),
        Reward::BasketAmount(amount) => {
            let claims = by_what_is_left(slate, lines);
            Discount { total: *amount, claims, ..Discount::default() }
        }
        // A coupon's own value is known by now; nobody calls for one without a coupon.
        Reward::CouponValue => return Err(Reason::NeedsCode),
        // It has a stage of its own.
        Reward::Gift(_) => return Err(Reason::NothingLeft),
        Reward::BuyGet(_)
        | Reward::UnitsForPrice { .. }
        | Reward::Bundle(_)
        | Reward::QuantityPercent(_) => return units::claim(reward, slate, lines, got),
    })
}

/// Each unit at a price: taken once over all lines, so that splitting a line changes nothing.
fn at_price(
    slate: &Slate<'_>,
    lines: &[usize],
    price_of: impl Fn(&Line) -> Option<Amount>,
    quantity_max: Option<Quantity>,
) -> Discount {
    slate.look(lines.len() * cost::OF_PRICES);
    let mut dearest_first: Vec<usize> = lines.to_vec();
    dearest_first.sort_by_key(|&at| std::cmp::Reverse(slate.heap(at).line.unit_price));
    let mut quantity_left = quantity_max;
    let mut claims = Vec::with_capacity(lines.len());
    let mut thousandfold_total: i128 = 0;
    let mut priced = Quantity::ZERO;
    for at in dearest_first {
        let heap = slate.heap(at);
        let Some(price) = price_of(heap.line) else { continue };
        let quantity = heap.quantity;
        let costs = i128::from(price.value()) * i128::from(quantity.value());
        if i128::from(heap.left.value()) * 1_000 <= costs {
            // Nothing to take off: such units use up nothing of the quantity.
            continue;
        }
        let counted = quantity.min(quantity_left.unwrap_or(quantity));
        if let Some(left) = &mut quantity_left {
            *left -= counted;
        }
        // The line's part of what is left, less the price, both times 1,000.
        let left = i128::from(heap.left.value()) * 1_000 * i128::from(counted.value())
            / i128::from(quantity.value());
        let excess = left - i128::from(price.value()) * i128::from(counted.value());
        if excess > 0 {
            thousandfold_total += excess;
            priced += counted;
            let weight = Amount::new(saturating(excess));
            claims.push(Claim { at, weight, room: heap.room() });
        }
    }
    claims.sort_by_key(|claim| claim.at);
    let total = Amount::new(saturating((thousandfold_total + 500) / 1_000));
    Discount { total, claims, priced, ..Discount::default() }
}

fn saturating(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A share of the whole sum, taken once.
fn share(slate: &Slate<'_>, lines: &[usize], percent: Percent) -> Discount {
    let claims = by_percent_base(slate, lines);
    let total = of_claims(percent, &claims);
    Discount { total, claims, ..Discount::default() }
}

/// A percentage of what is claimed, rounded once.
pub(super) fn of_claims(percent: Percent, claims: &[Claim]) -> Amount {
    let sum: Amount = claims.iter().map(|claim| claim.weight).sum();
    let share = percent.of(sum.value(), Rounding::HalfUp);
    Amount::new(share.expect("a share of at most 100 % of a sum fits where the sum fits"))
}

/// Claims of a percentage, within what may still be discounted.
pub(super) fn by_percent_base(slate: &Slate<'_>, lines: &[usize]) -> Vec<Claim> {
    let claim = |&at: &usize| {
        let heap = slate.heap(at);
        Claim { at, weight: heap.percent_base(), room: heap.room() }
    };
    lines.iter().map(claim).collect()
}

/// Claims on what remains to be paid, within what may still be discounted.
pub(super) fn by_what_is_left(slate: &Slate<'_>, lines: &[usize]) -> Vec<Claim> {
    let claim = |&at: &usize| {
        let heap = slate.heap(at);
        Claim { at, weight: heap.left, room: heap.room() }
    };
    lines.iter().map(claim).collect()
}

/// Takes a discount off the lines.
pub(super) fn give(work: &mut Work<'_>, offer: &Offer, open: &Open, discount: &Discount) {
    for &(at, units) in &discount.units {
        work.slate.engage(at, units);
    }
    let benefit = open.benefit(offer);
    let applied = match open.reward(offer) {
        Reward::LinePercent(_) | Reward::BasketPercent(_) | Reward::QuantityPercent(_) => {
            work.slate.take_percent(benefit, discount.total, &discount.claims)
        }
        Reward::FixedPrice { .. }
        | Reward::PriceList { .. }
        | Reward::LineAmountEach(_)
        | Reward::BasketAmount(_)
        | Reward::CouponValue
        | Reward::BuyGet(_)
        | Reward::UnitsForPrice { .. }
        | Reward::Bundle(_)
        | Reward::Gift(_) => work.slate.take(benefit, discount.total, &discount.claims),
    };
    let Some(applied) = applied else { return };
    for claim in &discount.claims {
        work.slate.touch(claim.at);
        if offer.stacking == Stacking::Alone {
            work.slate.close(claim.at);
        }
    }
    work.applied.push(applied);
    work.count_uses(offer, discount.priced);
}

/// Why an offer does not apply.
pub(super) fn refusal(offer: &Offer, reason: Reason) -> Refusal {
    Refusal { subject: Subject::Offer(offer.id.clone()), reason }
}
