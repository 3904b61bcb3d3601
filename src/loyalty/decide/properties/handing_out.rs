//! Random rewards of the catalogue, and rules that hand out vouchers or reward a referral.

use super::*;
use crate::loyalty::referral::{ReferralTerms, UnknownReferrer};

/// Vouchers by how many purchases came before.
fn any_grant() -> impl Strategy<Value = VoucherGrant> {
    let until = (0_u64..20).prop_map(|at| {
        VoucherTerm::Until(tuesday().date_naive() - chrono::Days::new(4) + chrono::Days::new(at))
    });
    let term = prop_oneof![2 => (1_u16..60).prop_map(VoucherTerm::Days), 1 => until];
    (any::<bool>(), 0_u16..5, term).prop_map(|(steps, starts_in_days, term)| {
        let mut types = BTreeMap::from([(0, voucher_type(0))]);
        if steps {
            types.insert(1, voucher_type(1));
        }
        VoucherGrant { types, starts_in_days, term }
    })
}

/// Rewards to choose from.
pub(super) fn any_catalogue() -> impl Strategy<Value = Vec<CatalogueReward>> {
    let gift = prop_oneof![
        2 => (0_i64..2_000).prop_map(|price| Gift::Item { price: Amount::new(price) }),
        1 => Just(Gift::Service { sku: None }),
        1 => any_grant().prop_map(Gift::Voucher),
    ];
    let terms = (any_circumstances_of_members(), any_scope(), any_minimum(), any::<bool>());
    let limits = prop::collection::vec(1_u32..3, 0..2);
    let one = (gift, 1_i64..2_500, terms, limits);
    let none = || Just(Vec::new());
    let rewards = prop_oneof![1 => none(), 1 => prop::collection::vec(one, 1..=4)];
    rewards.prop_map(|rewards| {
        let reward = |(n, (gift, points, terms, limits)): (usize, (_, _, _, Vec<u32>))| {
            let (circumstances, scope, minimum, has_minimum) = terms;
            let minimum = if has_minimum { minimum } else { Minimum::default() };
            let limit = |uses_max| UseLimit { window: CountWindow::Month, uses_max };
            CatalogueReward {
                id: reward_id(n),
                name: "r".to_owned(),
                points: Points::new(points),
                gift,
                conditions: Conditions { scope, minimum, ..circumstances },
                limits: limits.into_iter().map(limit).collect(),
            }
        };
        rewards.into_iter().enumerate().map(reward).collect()
    })
}

/// What rules that hand out vouchers look at.
fn any_granting_kind() -> impl Strategy<Value = EarnKind> {
    let points = (0_i64..20).prop_map(Points::new);
    let kinds = (points, 1_i64..40_000, 0_usize..5);
    kinds.prop_map(|(points, amount, kind)| match kind {
        0 => EarnKind::PerVisit { points },
        1 => EarnKind::PerItem { points },
        2 => {
            EarnKind::PerAmount { points, amount: Amount::new(amount), style: StepStyle::FullSteps }
        }
        3 => EarnKind::Welcome { points },
        _ => EarnKind::Milestone {
            points,
            measure: MilestoneMeasure::Spend,
            at: amount,
            repeat: MilestoneRepeat::Every,
        },
    })
}

/// Rules that hand out vouchers, with contest entries now and then, and one that rewards a referral.
pub(super) fn any_granting() -> impl Strategy<Value = Vec<EarnRule>> {
    let voucher = (any_granting_kind(), any_grant(), 0_u32..3, any_scope(), any_minimum());
    let vouchers = prop::collection::vec(voucher, 0..3);
    let limits = prop::collection::vec(1_u32..3, 0..2);
    let excluded = prop::bool::weighted(0.7);
    let referral = prop::option::of((1_i64..100, excluded, any::<bool>(), limits));
    (vouchers, referral).prop_map(|(vouchers, referral)| {
        let rule = |id: &str, kind| EarnRule {
            id: RuleId::parse(id).expect("plain"),
            name: id.to_owned(),
            kind,
            ..two_percent()
        };
        let grants = vouchers.into_iter().enumerate();
        let grants = grants.map(|(n, (kind, grant, entries, scope, minimum))| EarnRule {
            conditions: Conditions { scope, minimum, ..Conditions::default() },
            grants: Grants { voucher: Some(grant), entries },
            ..rule(&format!("grant{n}"), kind)
        });
        let referral = referral.map(|(points, no_staff, earns, limits)| {
            let terms = ReferralTerms {
                points: Points::new(points),
                referrer_points: Points::new(2 * points),
                referrer_excluded_flags: no_staff.then(|| flag("staff")).into_iter().collect(),
                unknown_referrer: match earns {
                    true => UnknownReferrer::Earn,
                    false => UnknownReferrer::Wait,
                },
            };
            let limit = |uses_max| RuleLimit {
                unit: UseUnit::Receipts,
                limit: UseLimit { window: CountWindow::Year, uses_max },
            };
            let limits = limits.into_iter().map(limit).collect();
            EarnRule { limits, ..rule("referral", EarnKind::Referral(terms)) }
        });
        grants.chain(referral).collect()
    })
}

/// Who, when and where, for each rule in its turn; as it is where `None`.
pub(super) fn any_rule_terms() -> impl Strategy<Value = Vec<Option<Conditions>>> {
    let terms = prop::option::weighted(0.3, any_circumstances());
    prop::collection::vec(terms, 5)
}
