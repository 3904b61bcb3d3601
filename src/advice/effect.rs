//! What can change nothing: windows that are over, tiers that nobody reaches, limits and caps
//! that others make needless.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{Advice, AdviceCode, Element};
use crate::loyalty::{
    Conditions, CountWindow, EarnKind, EarnRule, Gift, LevelWorth, LimitScope, MilestoneRepeat,
    MinimumOf, Offer, Oversize, PointsWorth, Programme, RedemptionPolicy, Reward, TierId,
    TierMeasure, TierMultiplied, UseLimit, VoucherGrant, VoucherValue,
};
use crate::money::{Amount, Factor, Points, Quantity};

/// Everything of a programme that can change nothing from a day on.
pub(super) fn examine(programme: &Programme, today: NaiveDate) -> Vec<Advice> {
    let reached = reachable_tiers(programme, today);
    let mut advice = unreached_tiers(programme, &reached);
    for rule in &programme.earn {
        let element = Element::Rule(rule.id.clone());
        let without_effect =
            needless(&rule.limits, |by| (by.limit, by.unit), |one, other| one == other);
        advice.extend(without_effect.into_iter().map(|found| found.advice(&element)));
        advice.extend(of_conditions(&element, &rule.conditions, today, &reached));
    }
    for reward in &programme.rewards {
        let element = Element::Reward(reward.id.clone());
        let without_effect = needless(&reward.limits, |limit| (*limit, ()), |(), ()| true);
        advice.extend(without_effect.into_iter().map(|found| found.advice(&element)));
        advice.extend(of_conditions(&element, &reward.conditions, today, &reached));
        if let Gift::Voucher(grant) = &reward.gift {
            advice.extend(of_grant(&element, grant, today));
        }
    }
    for conversion in &programme.conversions {
        let element = Element::Conversion(conversion.id.clone());
        advice.extend(of_conditions(&element, &conversion.conditions, today, &reached));
        advice.extend(of_grant(&element, &conversion.voucher, today));
    }
    for offer in &programme.offers {
        let element = Element::Offer(offer.id.clone());
        advice.extend(of_conditions(&element, &offer.conditions, today, &reached));
        advice.extend(of_offer(&element, offer));
    }
    for greeting in &programme.greetings {
        let element = Element::Greeting(greeting.id.clone());
        advice.extend(of_conditions(&element, &greeting.conditions, today, &reached));
    }
    for kind in programme.voucher_types.values() {
        let element = Element::VoucherType(kind.id.clone());
        advice.extend(of_conditions(&element, &kind.conditions, today, &reached));
        if let (VoucherValue::Amount(amount), Some(cap)) = (kind.value, kind.cap) {
            advice.extend(needless_cap(&element, amount, cap));
        }
    }
    advice.extend(programme.redemption.iter().flat_map(of_redemption));
    advice
}

/// A voucher that points are to buy and that is handed out no more.
fn of_grant(element: &Element, grant: &VoucherGrant, today: NaiveDate) -> Option<Advice> {
    grant.refuse(today).map(|_| Advice {
        element: element.clone(),
        key: "voucher.until".to_owned(),
        code: AdviceCode::WindowOver,
        reason: "the voucher would be over before it begins; none is handed out any more"
            .to_owned(),
    })
}

fn of_conditions(
    element: &Element,
    conditions: &Conditions,
    today: NaiveDate,
    reached: &BTreeSet<TierId>,
) -> Vec<Advice> {
    let mut advice = Vec::new();
    if let Some(until) = conditions.window.until.filter(|until| *until < today) {
        advice.push(Advice {
            element: element.clone(),
            key: "window.until".to_owned(),
            code: AdviceCode::WindowOver,
            reason: format!("its last day was {until}; it does nothing any more"),
        });
    }
    if conditions.audience.tiers.as_ref().is_some_and(|tiers| tiers.is_disjoint(reached)) {
        advice.push(Advice {
            element: element.clone(),
            key: "audience.tiers".to_owned(),
            code: AdviceCode::NeverApplies,
            reason: "no rule lets anybody reach one of these tiers".to_owned(),
        });
    }
    advice
}

fn of_offer(element: &Element, offer: &Offer) -> Vec<Advice> {
    let counted = |limit: &crate::loyalty::OfferLimit| (limit.limit, (limit.per, limit.unit));
    // What an account used is at least what one of its members used.
    let covers = |other: &(LimitScope, _), own: &(LimitScope, _)| {
        other.1 == own.1 && (other.0 == LimitScope::Account || own.0 == LimitScope::Member)
    };
    let without_effect = needless(&offer.limits, counted, covers);
    let mut advice: Vec<Advice> =
        without_effect.into_iter().map(|found| found.advice(element)).collect();
    if let (Reward::BasketAmount(amount), Some(cap)) = (&offer.reward, offer.cap) {
        advice.extend(needless_cap(element, *amount, cap));
    }
    let set = match &offer.reward {
        Reward::BuyGet(deal) if deal.get_scope.is_none() => deal.buy.saturating_add(deal.get),
        Reward::UnitsForPrice { units, .. } => *units,
        Reward::QuantityPercent(steps) => steps.first().map_or(0, |step| step.from),
        _ => 0,
    };
    let minimum = offer.conditions.minimum;
    let minimum = minimum.quantity.filter(|_| minimum.of == MinimumOf::Eligible);
    if minimum.is_some_and(|minimum| minimum <= Quantity::units(i64::from(set))) {
        advice.push(Advice {
            element: element.clone(),
            key: "minimum.quantity".to_owned(),
            code: AdviceCode::LimitWithoutEffect,
            reason: format!("the offer asks for {set} units anyway"),
        });
    }
    advice
}

fn needless_cap(element: &Element, amount: Amount, cap: Amount) -> Option<Advice> {
    (cap >= amount).then(|| Advice {
        element: element.clone(),
        key: "cap".to_owned(),
        code: AdviceCode::LimitWithoutEffect,
        reason: "it never takes more than its amount anyway".to_owned(),
    })
}

/// A limit that another one of the same list makes needless, by their places.
struct Needless {
    limit: usize,
    by: usize,
}

impl Needless {
    fn advice(self, element: &Element) -> Advice {
        Advice {
            element: element.clone(),
            key: format!("limits[{}]", self.limit),
            code: AdviceCode::LimitWithoutEffect,
            reason: format!("limits[{}] allows no more over at least as long a time", self.by),
        }
    }
}

/// The limits that hold wherever another one does; of two equal ones, the later.
fn needless<L, W>(
    limits: &[L],
    read: impl Fn(&L) -> (UseLimit, W),
    covers: impl Fn(&W, &W) -> bool,
) -> Vec<Needless> {
    let read: Vec<(UseLimit, W)> = limits.iter().map(read).collect();
    let holds = |by: usize, limit: usize| {
        let ((wider, of_wider), (narrower, of_narrower)) = (&read[by], &read[limit]);
        covers(of_wider, of_narrower)
            && wider.uses_max <= narrower.uses_max
            && contains(wider.window, narrower.window)
    };
    let found = |limit: usize| {
        let by = (0..read.len())
            .find(|&by| by != limit && holds(by, limit) && (!holds(limit, by) || by < limit))?;
        Some(Needless { limit, by })
    };
    (0..read.len()).filter_map(found).collect()
}

/// Whether all that counts in one window counts in the other.
fn contains(wider: CountWindow, narrower: CountWindow) -> bool {
    use CountWindow as Window;
    match (wider, narrower) {
        (Window::Ever, _) | (Window::Day | Window::Days(_), Window::Day) => true,
        (Window::Week | Window::Month | Window::Year, Window::Day) => true,
        (Window::Year, Window::Month) => true,
        (Window::Days(wider), Window::Days(narrower)) => wider >= narrower,
        // Days to come count too: so many days on either side hold all of a calendar window.
        (Window::Days(days), Window::Week | Window::Month | Window::Year) => {
            days >= narrower.days()
        }
        (Window::Day, Window::Days(days)) => days == 1,
        _ => wider == narrower,
    }
}

/// Levels of a ladder that are never offered.
fn of_redemption(policy: &RedemptionPolicy) -> Vec<Advice> {
    let PointsWorth::Levels(ladder) = &policy.worth else { return Vec::new() };
    let mut advice = Vec::new();
    for (n, level) in ladder.levels.iter().enumerate() {
        let LevelWorth::Percent(percent) = level.worth else { continue };
        if percent > policy.share_max && ladder.oversize == Oversize::NotOffered {
            let reason = format!(
                "{percent} is more than `share_max`, {}: the level is never offered",
                policy.share_max
            );
            advice.push(Advice {
                element: Element::Redemption,
                key: format!("levels[{n}]"),
                code: AdviceCode::NeverApplies,
                reason,
            });
        }
    }
    advice
}

fn unreached_tiers(programme: &Programme, reached: &BTreeSet<TierId>) -> Vec<Advice> {
    let tiers = programme.tiers.iter().flat_map(|policy| &policy.steps);
    let unreached = tiers.filter(|tier| !reached.contains(&tier.id));
    let told = |tier: &crate::loyalty::Tier| Advice {
        element: Element::Tier(tier.id.clone()),
        key: "threshold".to_owned(),
        code: AdviceCode::TierUnreachable,
        reason: format!(
            "the earning rules that are open below it never come to {} points",
            tier.threshold
        ),
    };
    unreached.map(told).collect()
}

/// The tiers that somebody can reach. Money and visits have no end; points come from rules, some
/// of which give once only, or to some tiers only.
fn reachable_tiers(programme: &Programme, today: NaiveDate) -> BTreeSet<TierId> {
    let Some(policy) = &programme.tiers else { return BTreeSet::new() };
    let mut reached = BTreeSet::new();
    let mut most = Points::ZERO;
    for tier in &policy.steps {
        if policy.measure == TierMeasure::PointsEarned && Points::new(tier.threshold) > most {
            break;
        }
        reached.insert(tier.id.clone());
        most = points_within_reach(programme, &reached, today);
    }
    reached
}

/// The most points that accounts of these tiers ever earn.
fn points_within_reach(
    programme: &Programme,
    reached: &BTreeSet<TierId>,
    today: NaiveDate,
) -> Points {
    let is_open = |rule: &&EarnRule| {
        let Conditions { audience, window, .. } = &rule.conditions;
        window.until.is_none_or(|until| until >= today)
            && audience.tiers.as_ref().is_none_or(|tiers| !tiers.is_disjoint(reached))
    };
    let best = programme
        .tiers
        .iter()
        .flat_map(|policy| &policy.steps)
        .filter(|tier| reached.contains(&tier.id))
        .map(|tier| tier.multiplier)
        .max()
        .unwrap_or(Factor::ONE);
    let most = |rule: &EarnRule| {
        let points = match rule.kind {
            EarnKind::Welcome { points }
            | EarnKind::Milestone { points, repeat: MilestoneRepeat::Once, .. } => points.value(),
            EarnKind::Cashback { .. } => return 0,
            _ => return i64::MAX,
        };
        let factor = match rule.tier_multiplied {
            TierMultiplied::Yes => i64::from(best.thousandths()),
            TierMultiplied::No => 1_000,
        };
        points.saturating_mul(factor).div_euclid(1_000).saturating_add(1)
    };
    let rules = programme.earn.iter().filter(is_open);
    Points::new(rules.map(most).fold(0, i64::saturating_add))
}
