//! The search for baskets where buying more costs less.
//!
//! Each benefit that can turn is tried with the goods around its thresholds, under the real
//! decision of the whole programme: first a basket, then the same with one more unit. What the
//! customer pays must not fall.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::probe::{Item, Probe, Shape};
use super::scene::Scene;
use super::{Advice, AdviceCode, Element};
use crate::loyalty::{
    Basket, Benefit, Conditions, Decision, Evaluator, Offer, Programme, Reward, Stacking,
};
use crate::money::Amount;

/// The most pairs of baskets that one check compares: a second of the slowest programme.
pub const PROBES_MAX: usize = 10_000;

/// The most pairs for one offer or kind of voucher: its prices times its numbers of units.
pub const PROBES_PER_BENEFIT_MAX: usize = 400;

/// Offers times pairs that one check may come to, so that a programme of thousands of offers is
/// answered as soon.
const WORK: usize = 2_000_000;

/// Other offers that an offer is tried together with.
const PARTNERS: usize = 4;

/// A fall of one minor unit comes from rounding.
const ROUNDING: Amount = Amount::new(1);

/// What was searched.
#[derive(Default)]
pub(super) struct Searched {
    pub(super) advice: Vec<Advice>,
    pub(super) baskets_compared: usize,
    pub(super) is_cut_short: bool,
}

/// Something that takes money off a basket.
struct Candidate<'p> {
    element: Element,
    conditions: &'p Conditions,
    shape: Shape,
    partners: Vec<Shape>,
    /// Its offer, if it is one, and the offers tried with it.
    offers: Vec<&'p Offer>,
    remedy: &'static str,
}

/// A basket that costs less than one with less in it.
struct Drop {
    by: Amount,
    probe: Probe,
    before: Amount,
    after: Amount,
    remedy: &'static str,
}

/// One piece of advice for each set of benefits that makes more cost less, with the worst pair.
pub(super) fn drops(evaluator: &Evaluator, today: NaiveDate) -> Searched {
    let programme = evaluator.programme();
    let candidates = candidates(programme);
    let mut searched = Searched::default();
    let all = PROBES_MAX.min(WORK / programme.offers.len().max(1));
    let each = (all / candidates.len().max(1)).clamp(1, PROBES_PER_BENEFIT_MAX);
    let mut worst: BTreeMap<Vec<Element>, Drop> = BTreeMap::new();
    for candidate in candidates {
        let Some(mut scene) = Scene::of(programme, candidate.conditions, today) else { continue };
        if let Element::VoucherType(id) = &candidate.element {
            scene = scene.presenting(id);
        }
        scene = candidate.offers.iter().copied().fold(scene, Scene::bringing);
        let own = candidate.shape.probes();
        let partners = candidate.partners.iter();
        let probes = partners.flat_map(|partner| candidate.shape.probes_with(partner));
        for (n, probe) in own.into_iter().chain(probes).enumerate() {
            if n >= each || searched.baskets_compared >= all {
                searched.is_cut_short = true;
                break;
            }
            searched.baskets_compared += 1;
            let Some((blamed, drop)) = compare(evaluator, &scene, probe, candidate.remedy) else {
                continue;
            };
            match worst.get(&blamed) {
                Some(known) if known.by >= drop.by => {}
                _ => {
                    worst.insert(blamed, drop);
                }
            }
        }
    }
    let told = worst.into_iter().filter_map(|(blamed, drop)| drop.advice(programme, blamed));
    searched.advice = told.collect();
    searched
}

fn candidates(programme: &Programme) -> Vec<Candidate<'_>> {
    let shape_of = |offer: &Offer| Shape::of_offer(&offer.conditions, &offer.reward, offer.cap);
    // A gift takes nothing off.
    let priced = programme.offers.iter().filter(|offer| offer.gift().is_none());
    let offers = priced.filter_map(|offer| {
        let shape = shape_of(offer);
        let others: Vec<&Offer> = partners(programme, offer).collect();
        let offers = others.iter().copied().chain([offer]).collect();
        let partners: Vec<Shape> = others.into_iter().map(shape_of).collect();
        let can_turn = !shape.is_plain() || !partners.is_empty();
        can_turn.then(|| Candidate {
            element: Element::Offer(offer.id.clone()),
            conditions: &offer.conditions,
            shape,
            partners,
            offers,
            remedy: remedy(offer),
        })
    });
    let vouchers = programme.voucher_types.values().filter_map(|kind| {
        let shape = Shape::of_voucher(&kind.conditions, kind.value, kind.cap);
        (!shape.is_plain()).then(|| Candidate {
            element: Element::VoucherType(kind.id.clone()),
            conditions: &kind.conditions,
            shape,
            partners: Vec::new(),
            offers: Vec::new(),
            remedy: OF_MINIMUM,
        })
    });
    offers.chain(vouchers).collect()
}

/// Offers that one may take the place of, or lose its place to.
fn partners<'p>(programme: &'p Programme, offer: &'p Offer) -> impl Iterator<Item = &'p Offer> {
    let others = programme.offers.iter().filter(move |other| other.id != offer.id);
    let meets = move |other: &&Offer| {
        let same_group = offer.group.is_some() && offer.group == other.group;
        let alone = offer.stacking == Stacking::Alone || other.stacking == Stacking::Alone;
        other.gift().is_none() && (same_group || alone)
    };
    others.filter(meets).take(PARTNERS)
}

fn compare(
    evaluator: &Evaluator,
    scene: &Scene,
    probe: Probe,
    remedy: &'static str,
) -> Option<(Vec<Element>, Drop)> {
    let with_more: Vec<&Item> = probe.base.iter().chain([&probe.more]).collect();
    let less = decide(evaluator, scene, probe.base.iter())?;
    let more = decide(evaluator, scene, with_more.into_iter())?;
    let (before, after) = (less.totals.payable, more.totals.payable);
    let by = before - after;
    if by <= ROUNDING {
        return None;
    }
    Some((blamed(&less, &more), Drop { by, probe, before, after, remedy }))
}

fn decide<'i>(
    evaluator: &Evaluator,
    scene: &Scene,
    items: impl Iterator<Item = &'i Item>,
) -> Option<Decision> {
    let lines: Option<Vec<_>> = items.enumerate().map(|(n, item)| item.line(n)).collect();
    let basket = Basket::parse(lines?, scene.benefits()).ok()?;
    Some(evaluator.decide(&basket, &scene.occasion()))
}

/// What takes more off the larger basket than off the smaller one.
fn blamed(less: &Decision, more: &Decision) -> Vec<Element> {
    let taken = |decision: &Decision, wanted: &Benefit| -> Amount {
        let of_it = decision.applied.iter().filter(|applied| applied.benefit == *wanted);
        of_it.map(|applied| applied.amount).sum()
    };
    let grown =
        more.applied.iter().filter(|applied| applied.amount > taken(less, &applied.benefit));
    let mut elements: Vec<Element> =
        grown.filter_map(|applied| element_of(&applied.benefit)).collect();
    elements.sort();
    elements.dedup();
    elements
}

fn element_of(benefit: &Benefit) -> Option<Element> {
    match benefit {
        Benefit::Offer(id) => Some(Element::Offer(id.clone())),
        Benefit::Voucher { voucher_type, .. } => Some(Element::VoucherType(voucher_type.clone())),
        _ => None,
    }
}

impl Drop {
    fn advice(self, programme: &Programme, blamed: Vec<Element>) -> Option<Advice> {
        let currency = programme.currency;
        let base: Vec<String> = self.probe.base.iter().map(|item| item.shown(currency)).collect();
        let at_work: Vec<String> = blamed.iter().map(ToString::to_string).collect();
        let reason = format!(
            "buying more costs less: {} costs {}, with {} more it costs {}, by {}; {}",
            base.join(" and "),
            currency.format(self.before),
            self.probe.more.shown(currency),
            currency.format(self.after),
            at_work.join(" and "),
            self.remedy,
        );
        let element = blamed.into_iter().next()?;
        Some(Advice { element, key: String::new(), code: AdviceCode::MoreCostsLess, reason })
    }
}

const OF_MINIMUM: &str = "a cap, or several offers of one group with rising minimums, makes the \
    step smaller; points or a voucher for the next purchase have none";

/// How to write an offer so that more never costs less.
fn remedy(offer: &Offer) -> &'static str {
    match &offer.reward {
        Reward::QuantityPercent(_) => {
            "let the percentages rise so slowly that n units at their step cost no less than n - 1 \
             at the one before"
        }
        Reward::UnitsForPrice { .. } => {
            "ask for a price that is no less than what one unit fewer costs, or write it as \
             `buy_get`, whose last unit is free and never more than that"
        }
        Reward::Bundle(_) => {
            "give a percentage or amount that is no more than the cheapest part costs"
        }
        _ if offer.conditions.minimum.amount.is_some()
            || offer.conditions.minimum.quantity.is_some() =>
        {
            OF_MINIMUM
        }
        _ => "let the offers stack, or leave them to one group with the same products",
    }
}
