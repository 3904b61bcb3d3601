//! Points over any history: none appear and none get lost.

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::loyalty::entry::Expires;

/// Points of an account before its history.
const BEGUN_WITH: i64 = 2_000;

/// What happens to an account.
#[derive(Clone, Debug)]
enum Event {
    /// A sale on which so many points are to be spent.
    Buy(Vec<Line>, i64),
    /// Units of a line of an earlier sale come back.
    BringBack(prop::sample::Index, prop::sample::Index, i64),
    /// Points by hand.
    Adjust(i64),
    /// Days pass.
    Wait(i64),
}

/// A sale with what is needed to take it back.
struct Sale {
    lines: Vec<Line>,
    decision: Decision,
    at: DateTime<Utc>,
    returned: Returned,
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (any_lines(), 0_i64..30).prop_map(|(lines, spend)| Event::Buy(lines, spend * 100)),
        4 => (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1_i64..5_000)
            .prop_map(|(sale, line, milli)| Event::BringBack(sale, line, milli)),
        1 => (-3_000_i64..3_000).prop_map(Event::Adjust),
        2 => (1_i64..500).prop_map(Event::Wait),
    ]
}

/// What remains of a line of a sale.
fn left_of(sale: &Sale, at: usize) -> i64 {
    let line = &sale.lines[at];
    let gone = sale.returned.get(&line.line_id).copied().unwrap_or_default();
    line.quantity.value() - gone.value()
}

fn bring_back(evaluator: &Evaluator, sale: &mut Sale, at: usize, milli: i64) -> Option<Change> {
    let flags = BTreeSet::new();
    let points = sale.decision.points.as_ref().expect("a member");
    let tier = sale.decision.tier.as_ref().map(|tier| tier.before.clone());
    let scene = Scene::anonymous();
    let sold_line = |(line, out): (_, &crate::loyalty::LineOutcome)| SoldLine {
        line,
        discount: out.discount,
        redeemed: out.redeemed,
        tax: out.tax,
    };
    let sold = SoldReceipt {
        lines: sale.lines.iter().zip(&sale.decision.lines).map(sold_line).collect(),
        decided_at: sale.at,
        day: evaluator.programme().day_of(sale.at),
        store: &scene.store,
        applied: &sale.decision.applied,
        tax: evaluator.programme().prices.tax,
        rewards_back: Default::default(),
        points: Some(SoldPoints {
            tier: tier.as_ref(),
            flags: &flags,
            earned: points.earned,
            earned_by: &points.earned_by,
            counted: &points.counted,
            average_basket: points.average_basket,
            expires: points.earned_expires,
            spent: points.spent,
            spent_from: &points.spent_from,
        }),
    };
    let line_id = sale.lines[at].line_id.clone();
    let part = [ReturnLine { line_id, quantity: Quantity::new(milli) }];
    let outcome = evaluator.take_back(&sold, &sale.returned, &part).expect("a sound return");
    sale.returned = outcome.returned;
    outcome.change
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn points_are_conserved_over_any_history(
        programme in any_programme(), events in prop::collection::vec(any_event(), 1..12),
    ) {
        let evaluator = Evaluator::new(programme.clone());
        let terms = programme.entry_terms();
        let mut scene = Scene::member(BEGUN_WITH);
        let mut sales: Vec<Sale> = Vec::new();
        for event in events {
            let today = programme.day_of(scene.now);
            let change = match event {
                Event::Buy(lines, spend) => {
                    let basket = spending(lines.clone(), spend);
                    let decision = evaluator.decide(&basket, &scene.occasion());
                    let points = decision.points.clone().expect("a member");
                    let spend = decision.totals.payable;
                    sales.push(Sale { lines, decision, at: scene.now, returned: Returned::new() });
                    Some(Change::Sale { earned: points.earned, expires: points.earned_expires, spent: points.spent, spend, counted: points.counted })
                }
                Event::BringBack(..) if sales.is_empty() => None,
                Event::BringBack(sale, line, milli) => {
                    let sale = sale.get_mut(&mut sales);
                    let at = line.index(sale.lines.len());
                    let milli = milli.min(left_of(sale, at));
                    if milli > 0 { bring_back(&evaluator, sale, at, milli) } else { None }
                }
                Event::Adjust(points) => {
                    let expires = programme.lot_of_adjustment(today);
                    Some(Change::Adjust { points: Points::new(points), expires, counted: None })
                }
                Event::Wait(days) => {
                    scene.now += TimeDelta::days(days);
                    None
                }
            };
            let Some(change) = change else { continue };
            let account = scene.account.take().expect("a member").after(today, terms, &change);
            let totals = account.facts().totals;
            let sum = totals.issued - totals.spent + totals.restored - totals.clawed_back + totals.adjusted - totals.expired;
            prop_assert_eq!(sum, account.balance() - account.debt(), "{:?}", totals);
            prop_assert!(account.debt() >= Points::ZERO);
            prop_assert!(account.facts().lots.values().all(|points| points.is_positive()));
            let sliding = matches!(programme.expiry, ExpiryPolicy::Sliding { .. });
            // Where points live by their lots, only those that the account began with live otherwise.
            let with_activity = account.facts().lots.get(&Expires::WithActivity).copied();
            prop_assert!(sliding || with_activity.unwrap_or_default() <= Points::new(BEGUN_WITH));
            scene.account = Some(account);
        }
        // Whatever is brought back in the end takes back all that was earned.
        let mut account = scene.account.take().expect("a member");
        let today = programme.day_of(scene.now);
        for sale in &mut sales {
            for at in 0..sale.lines.len() {
                let milli = left_of(sale, at);
                if milli > 0 {
                    if let Some(change) = bring_back(&evaluator, sale, at, milli) {
                        account = account.after(today, terms, &change);
                    }
                }
            }
        }
        let totals = account.facts().totals;
        prop_assert_eq!(totals.issued, totals.clawed_back);
        prop_assert_eq!(totals.spent, totals.restored);
        prop_assert_eq!(account.facts().lifetime.visits, 0);
        prop_assert_eq!(account.facts().lifetime.spend, Amount::ZERO);
        prop_assert_eq!(account.facts().lifetime.earned, Points::ZERO);
        ran();
    }
}
