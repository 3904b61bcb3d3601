//! Offers of one group against each other: which of them can never be the best.

use std::collections::{BTreeMap, BTreeSet};

use super::{Advice, AdviceCode, Element};
use crate::loyalty::{
    Audience, BundleValue, Conditions, GroupId, Membership, Minimum, Offer, PointsRange, Programme,
    Reach, Reward, Scope, Stacking, Trigger, Window,
};
use crate::money::{Amount, Quantity};

/// Members that never win, and groups that decide nothing.
pub(super) fn compare(programme: &Programme) -> Vec<Advice> {
    let mut groups: BTreeMap<&GroupId, Vec<&Offer>> = BTreeMap::new();
    for offer in &programme.offers {
        if let Some(group) = &offer.group {
            groups.entry(group).or_default().push(offer);
        }
    }
    groups.into_iter().flat_map(|(group, members)| of_group(group, &members)).collect()
}

fn of_group(group: &GroupId, members: &[&Offer]) -> Vec<Advice> {
    let element = |offer: &Offer| Element::Offer(offer.id.clone());
    if let [only] = members {
        let reason = format!("nothing else is in group \"{group}\"; leave it out, or see its name");
        return vec![Advice {
            element: element(only),
            key: "group".to_owned(),
            code: AdviceCode::GroupWithoutEffect,
            reason,
        }];
    }
    if members.iter().enumerate().all(|(n, one)| {
        members[n + 1..].iter().all(|other| never_meet(&one.conditions, &other.conditions))
    }) {
        let reason = format!("no two offers of group \"{group}\" are ever open to one basket");
        return vec![Advice {
            element: element(members[0]),
            key: "group".to_owned(),
            code: AdviceCode::GroupWithoutEffect,
            reason,
        }];
    }
    let beaten = |offer: &&&Offer| {
        let others = members.iter().filter(|other| other.id != offer.id);
        others.copied().find(|other| beats(other, offer))
    };
    let told = |offer: &&Offer| {
        let winner = beaten(&offer)?;
        let reason = format!(
            "it never gives more than `{}` of its group, which is open wherever it is; leave it \
             out, give it more, or narrow the other",
            winner.id
        );
        Some(Advice {
            element: element(offer),
            key: String::new(),
            code: AdviceCode::NeverWins,
            reason,
        })
    };
    members.iter().filter_map(told).collect()
}

/// Whether the first always takes as much as the second, and goes first where both are equal in
/// all that they take.
fn beats(winner: &Offer, loser: &Offer) -> bool {
    let comes_as_well = winner.reach == Reach::Open
        && (winner.trigger == Trigger::Itself || winner.trigger == loser.trigger);
    let goes_first = (loser.priority, &winner.id) < (winner.priority, &loser.id);
    let takes_lines = winner.stacking == Stacking::Stackable || loser.stacking == Stacking::Alone;
    let cap = match (winner.cap, loser.cap) {
        (None, _) => true,
        (Some(winner), Some(loser)) => winner >= loser,
        (Some(_), None) => false,
    };
    let more = takes_at_least(&winner.reward, &loser.reward);
    winner.limits.is_empty()
        && winner.shared_limits.is_empty()
        && comes_as_well
        && takes_lines
        && cap
        && is_wider(&winner.conditions, &loser.conditions)
        && (more == Some(Takes::More) || more == Some(Takes::AsMuch) && goes_first)
}

/// How what one reward takes compares to another, on any basket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// The same.
    AsMuch,
    /// As much or more.
    More,
}

fn takes_at_least(winner: &Reward, loser: &Reward) -> Option<Takes> {
    if winner == loser {
        return Some(Takes::AsMuch);
    }
    let more = match (winner, loser) {
        (
            Reward::LinePercent(more) | Reward::BasketPercent(more),
            Reward::LinePercent(less) | Reward::BasketPercent(less),
        ) if more == less => return Some(Takes::AsMuch),
        (
            Reward::LinePercent(more) | Reward::BasketPercent(more),
            Reward::LinePercent(less) | Reward::BasketPercent(less),
        ) => more > less,
        (Reward::LineAmountEach(more), Reward::LineAmountEach(less))
        | (Reward::BasketAmount(more), Reward::BasketAmount(less)) => more > less,
        (
            Reward::FixedPrice { price: more, quantity_max: None },
            Reward::FixedPrice { price: less, .. },
        ) => more <= less,
        (
            Reward::PriceList { prices: more, quantity_max: None },
            Reward::PriceList { prices: less, .. },
        ) => less.iter().all(|(sku, price)| more.get(sku).is_some_and(|own| own <= price)),
        (Reward::BuyGet(more), Reward::BuyGet(less)) => {
            let as_less = crate::loyalty::BuyGet { percent: less.percent, ..more.clone() };
            as_less == *less && more.percent > less.percent
        }
        (
            Reward::UnitsForPrice { units: of_more, price: more, times_max: None },
            Reward::UnitsForPrice { units: of_less, price: less, .. },
        ) => of_more == of_less && more <= less,
        (Reward::Bundle(more), Reward::Bundle(less)) => {
            more.parts == less.parts
                && (more.times_max.is_none() || more.times_max == less.times_max)
                && match (more.value, less.value) {
                    (BundleValue::Price(more), BundleValue::Price(less)) => more <= less,
                    (BundleValue::Percent(more), BundleValue::Percent(less)) => more >= less,
                    (BundleValue::Amount(more), BundleValue::Amount(less)) => more >= less,
                    _ => false,
                }
        }
        _ => false,
    };
    more.then_some(Takes::More)
}

/// Whether the first hold wherever the second do, on as many goods or more.
fn is_wider(wider: &Conditions, narrower: &Conditions) -> bool {
    let Conditions { audience, window, stores, scope, minimum } = wider;
    wider_audience(audience, &narrower.audience)
        && wider_window(window, &narrower.window)
        && wider_choice(stores.as_ref(), narrower.stores.as_ref())
        && wider_scope(scope, &narrower.scope)
        && wider_minimum(minimum, &narrower.minimum)
}

fn wider_audience(wider: &Audience, narrower: &Audience) -> bool {
    let Audience {
        membership,
        tiers,
        flags,
        excluded_flags,
        birthday,
        account_kinds,
        roles,
        points,
    } = wider;
    (*membership == Membership::Everyone || narrower.membership == Membership::Members)
        && wider_choice(tiers.as_ref(), narrower.tiers.as_ref())
        && wider_choice(flags.as_ref(), narrower.flags.as_ref())
        && excluded_flags.is_subset(&narrower.excluded_flags)
        && (birthday.is_none() || *birthday == narrower.birthday)
        && wider_choice(account_kinds.as_ref(), narrower.account_kinds.as_ref())
        && wider_choice(roles.as_ref(), narrower.roles.as_ref())
        && (points.is_none() || *points == narrower.points)
}

fn wider_window(wider: &Window, narrower: &Window) -> bool {
    let Window { from, until, weekdays, hours } = wider;
    from.is_none_or(|from| narrower.from.is_some_and(|other| from <= other))
        && until.is_none_or(|until| narrower.until.is_some_and(|other| other <= until))
        && wider_choice(weekdays.as_ref(), narrower.weekdays.as_ref())
        && (hours.is_none() || *hours == narrower.hours)
}

fn wider_choice<T: Ord>(wider: Option<&BTreeSet<T>>, narrower: Option<&BTreeSet<T>>) -> bool {
    wider.is_none_or(|wider| narrower.is_some_and(|narrower| narrower.is_subset(wider)))
}

fn wider_scope(wider: &Scope, narrower: &Scope) -> bool {
    let listed = !narrower.skus.is_empty()
        && narrower.categories.is_empty()
        && narrower.skus.is_subset(&wider.skus)
        && narrower.skus.is_disjoint(&wider.excluded_skus)
        && wider.excluded_categories.is_empty();
    wider == narrower || wider.is_everything() || listed
}

fn wider_minimum(wider: &Minimum, narrower: &Minimum) -> bool {
    fn lower<T: PartialOrd>(wider: Option<T>, narrower: Option<T>) -> bool {
        wider.is_none_or(|wider| narrower.is_some_and(|narrower| wider <= narrower))
    }
    let Minimum { amount, quantity, unit_price, of } = wider;
    let of_nothing = amount.is_none() && quantity.is_none();
    (of_nothing || *of == narrower.of)
        && lower::<Amount>(*amount, narrower.amount)
        && lower::<Quantity>(*quantity, narrower.quantity)
        && lower::<Amount>(*unit_price, narrower.unit_price)
}

/// Whether no basket is open to both: other days, other shops, other people.
fn never_meet(one: &Conditions, other: &Conditions) -> bool {
    fn apart<T: Ord>(one: Option<&BTreeSet<T>>, other: Option<&BTreeSet<T>>) -> bool {
        one.zip(other).is_some_and(|(one, other)| one.is_disjoint(other))
    }
    let before = |one: &Window, other: &Window| {
        one.until.zip(other.from).is_some_and(|(until, from)| until < from)
    };
    apart(one.stores.as_ref(), other.stores.as_ref())
        || apart(one.audience.tiers.as_ref(), other.audience.tiers.as_ref())
        || balances_apart(&one.audience, &other.audience)
        || apart(one.window.weekdays.as_ref(), other.window.weekdays.as_ref())
        || before(&one.window, &other.window)
        || before(&other.window, &one.window)
}

/// Whether no balance is in both ranges.
fn balances_apart(one: &Audience, other: &Audience) -> bool {
    let Some((one, other)) = one.points.zip(other.points) else { return false };
    let below = |one: PointsRange, other: PointsRange| {
        one.max.zip(other.min).is_some_and(|(max, min)| max < min)
    };
    below(one, other) || below(other, one)
}
