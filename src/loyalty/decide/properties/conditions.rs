//! Random conditions, by and for which something may be there or not.

use chrono::{Days, NaiveTime};

use super::*;
use crate::loyalty::birthday::BirthdayWindow;
use crate::loyalty::ids::{FlagId, TierId};
use crate::loyalty::standing::{AccountKind, CompanyRole};
use crate::loyalty::terms::{Audience, Membership, PointsRange, Window};

/// Flags that members carry.
pub(super) const FLAGS: [&str; 2] = ["staff", "vip"];

/// Where goods are bought.
pub(super) const STORES: [&str; 2] = ["S1", "S2"];

/// Where each product is, in the order of [`SKUS`].
pub(super) const CATEGORIES: [Option<&str>; 4] =
    [Some("drinks/beer"), Some("food/bakery"), Some("food/dairy"), None];

pub(super) fn category(path: &str) -> CategoryId {
    CategoryId::parse(path).expect("plain")
}

pub(super) fn flag(id: &str) -> FlagId {
    FlagId::parse(id).expect("plain")
}

pub(super) fn store(id: &str) -> StoreId {
    StoreId::parse(id).expect("plain")
}

fn skus_in(range: std::ops::Range<usize>) -> impl Strategy<Value = BTreeSet<Sku>> {
    let skus = prop::collection::btree_set(0..SKUS.len(), range);
    skus.prop_map(|skus| skus.into_iter().map(|at| Sku::parse(SKUS[at]).expect("plain")).collect())
}

/// Products, categories, or everything but some of either.
pub(super) fn any_scope() -> impl Strategy<Value = Scope> {
    let categories = prop::sample::select(&["drinks", "drinks/beer", "food", "food/dairy"][..]);
    let categories = || categories.clone().prop_map(|path| BTreeSet::from([category(path)]));
    prop_oneof![
        6 => skus_in(0..3).prop_map(|skus| Scope { skus, ..Scope::default() }),
        1 => categories().prop_map(|categories| Scope { categories, ..Scope::default() }),
        // Goods of the category may be excluded one by one.
        1 => (categories(), skus_in(1..2)).prop_map(|(categories, excluded_skus)| Scope {
            categories, excluded_skus, ..Scope::default()
        }),
        1 => skus_in(1..3).prop_map(|excluded_skus| Scope { excluded_skus, ..Scope::default() }),
        1 => categories().prop_map(|excluded_categories| Scope {
            excluded_categories, ..Scope::default()
        }),
    ]
}

/// Members of some kind.
fn any_members() -> impl Strategy<Value = Audience> {
    let audience = Audience::default;
    let points = (prop::option::of(1_i64..9_000), prop::option::of(0_i64..3_000));
    let around = (0_u16..20, 0_u16..20);
    prop_oneof![
        1 => any::<bool>().prop_map(move |silver| Audience {
            tiers: Some([TierId::parse(if silver { "silver" } else { "bronze" }).expect("plain")].into()),
            ..audience()
        }),
        2 => prop::sample::select(&FLAGS[..]).prop_map(move |id| Audience {
            flags: Some([flag(id)].into()), ..audience()
        }),
        1 => Just(Audience { excluded_flags: [flag("staff")].into(), ..audience() }),
        2 => points.prop_map(move |(min, more)| Audience {
            points: Some(PointsRange {
                min: min.map(Points::new),
                max: more.map(|more| Points::new(min.unwrap_or(3_000) + more)),
            }),
            ..audience()
        }),
        1 => around.prop_map(move |(days_before, days_after)| Audience {
            birthday: Some(BirthdayWindow { days_before, days_after }), ..audience()
        }),
        1 => any::<bool>().prop_map(move |company| Audience {
            account_kinds: Some([if company { AccountKind::Company } else { AccountKind::Person }].into()),
            ..audience()
        }),
        1 => Just(Audience { roles: Some([CompanyRole::Buyer].into()), ..audience() }),
    ]
}

/// All members, as a rule; or those of some kind; or everyone.
pub(super) fn any_audience() -> impl Strategy<Value = Audience> {
    let everyone = Audience { membership: Membership::Everyone, ..Audience::default() };
    prop_oneof![8 => Just(Audience::default()), 3 => any_members(), 1 => Just(everyone)]
}

/// Always, as a rule; or around the week of the baskets, by days, weekdays or hours.
pub(super) fn any_window() -> impl Strategy<Value = Window> {
    let day = |after: u64| tuesday().date_naive() - Days::new(7) + Days::new(after);
    let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour");
    let hours = (0_u32..24, 1_u32..24);
    let hours = hours.prop_map(move |(from, length)| (hour(from), hour((from + length) % 24)));
    let one = prop_oneof![
        (0_u64..14).prop_map(move |at| Window { from: Some(day(at)), ..Window::default() }),
        (0_u64..14).prop_map(move |at| Window { until: Some(day(at)), ..Window::default() }),
        prop::collection::btree_set(1_u8..=7, 1..6)
            .prop_map(|days| Window { weekdays: Some(days), ..Window::default() }),
        hours.prop_map(|hours| Window { hours: Some(hours), ..Window::default() }),
    ];
    prop_oneof![4 => Just(Window::default()), 1 => one]
}

pub(super) fn any_stores() -> impl Strategy<Value = Option<BTreeSet<StoreId>>> {
    let some = prop::collection::btree_set(prop::sample::select(&STORES[..]), 1..=2);
    prop::option::weighted(0.2, some.prop_map(|ids| ids.into_iter().map(store).collect()))
}

/// Who, when and where; nothing of the goods.
pub(super) fn any_circumstances() -> impl Strategy<Value = Conditions> {
    (any_audience(), any_window(), any_stores()).prop_map(|(audience, window, stores)| Conditions {
        audience,
        window,
        stores,
        ..Conditions::default()
    })
}

/// The same where only members come into question.
pub(super) fn any_circumstances_of_members() -> impl Strategy<Value = Conditions> {
    any_circumstances().prop_map(of_members)
}

/// The same conditions, for members only.
pub(super) fn of_members(mut conditions: Conditions) -> Conditions {
    conditions.audience.membership = Membership::Members;
    conditions
}

pub(super) fn any_minimum() -> impl Strategy<Value = Minimum> {
    let quantity = prop::option::weighted(0.2, 1_i64..4);
    let unit_price = prop::option::weighted(0.2, 1_i64..10_000);
    (prop::option::of(1_i64..40_000), quantity, unit_price, any::<bool>()).prop_map(
        |(amount, quantity, unit_price, of_basket)| Minimum {
            amount: amount.map(Amount::new),
            quantity: quantity.map(Quantity::units),
            unit_price: unit_price.map(Amount::new),
            of: if of_basket { MinimumOf::Basket } else { MinimumOf::Eligible },
        },
    )
}
