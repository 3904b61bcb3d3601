//! Points over any history: none appear and none get lost.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::*;
use crate::loyalty::entry::Expires;
use crate::loyalty::purse::UndoneSoFar;
use crate::loyalty::returns::SoldPurse;

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
#[derive(Clone)]
struct Sale {
    lines: Vec<Line>,
    decision: Decision,
    at: DateTime<Utc>,
    returned: Returned,
    /// What the account owed before it.
    debt: Points,
    /// What its returns did to the points.
    undone: UndoneSoFar<Points>,
    /// Codes that its returns withdrew.
    withdrawn: BTreeSet<VoucherId>,
    /// The same of the cashback.
    cashback_debt: Amount,
    cashback_undone: UndoneSoFar<Amount>,
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

/// Lots of up to so much that an account began with, of all kinds; sales on 10 March 2026 spend them.
fn any_lots(most: i64) -> impl Strategy<Value = Vec<(Expires, i64)>> {
    let day = NaiveDate::from_ymd_opt(2026, 3, 10).expect("a day");
    let expires = prop_oneof![
        3 => (1_u64..600).prop_map(move |days| Expires::On(day + Days::new(days))),
        1 => Just(Expires::WithActivity),
        1 => Just(Expires::Never),
    ];
    prop::collection::vec((expires, 1..most), 0..5)
}

/// What remains of a line of a sale.
fn left_of(sale: &Sale, at: usize) -> i64 {
    let line = &sale.lines[at];
    let gone = sale.returned.get(&line.line_id).copied().unwrap_or_default();
    line.quantity.value() - gone.value()
}

/// The account after a return, with what the policy forgives.
fn bring_back(
    evaluator: &Evaluator,
    sale: &mut Sale,
    parts: &[ReturnLine],
    (account, today): (&Account, NaiveDate),
) -> Account {
    let programme = evaluator.programme();
    let points = sale.decision.points.as_ref().expect("a member");
    let scene = Scene { now: sale.at, ..Scene::anonymous() };
    let issued = handed_out(points);
    let state = |issued: &Issued| match sale.withdrawn.contains(&issued.code) {
        true => IssueState::Withdrawn,
        false => IssueState::Open,
    };
    let issues: Vec<SoldIssue<'_>> =
        issued.iter().map(|issued| SoldIssue { issued, state: state(issued) }).collect();
    let sold = sold_receipt(programme, &sale.lines, &sale.decision, &scene);
    let points = sold.points.map(|sold| SoldPoints {
        points: SoldPurse { debt: sale.debt, undone: sale.undone.clone(), ..sold.points },
        cashback: SoldPurse {
            debt: sale.cashback_debt,
            undone: sale.cashback_undone.clone(),
            ..sold.cashback
        },
        issued: &issues,
        ..sold
    });
    let sold = SoldReceipt { points, ..sold };
    let outcome = evaluator.take_back(&sold, &sale.returned, parts).expect("a sound return");
    let mut change = outcome.change.expect("a member");
    let (points, terms) = (sold.points.as_ref().expect("a member"), programme.entry_terms());
    let undone = (&mut change, &outcome.lots_back);
    programme.claw_back.settle(undone, points, account, today, terms);
    let Change::Undo { points, cashback, .. } = &change else { panic!("a return undoes") };
    assert!(points.forgiven <= points.clawed_back, "nothing is given");
    assert!(cashback.forgiven <= cashback.clawed_back, "nothing is given");
    sale.returned = outcome.returned;
    sale.withdrawn.extend(outcome.withdrawn);
    sale.undone.add(points);
    sale.cashback_undone.add(cashback);
    assert!(sale.undone.forgiven >= Points::ZERO, "no more is taken than was earned");
    assert!(sale.cashback_undone.forgiven >= Amount::ZERO, "no more is taken than was earned");
    account.after(today, terms, &change)
}

/// So much of a line of a sale.
fn units_of(sale: &Sale, at: usize, milli: i64) -> ReturnLine {
    ReturnLine { line_id: sale.lines[at].line_id.clone(), quantity: Quantity::new(milli) }
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
        scene.account = scene.account.map(|account| with_cashback(account, BEGUN_WITH));
        let mut sales: Vec<Sale> = Vec::new();
        for event in events {
            let today = programme.day_of(scene.now);
            let account = scene.account.take().expect("a member");
            let (debt, cashback_debt) = (account.debt(), account.cashback().debt);
            let account = match event {
                Event::Buy(lines, spend) => {
                    let basket = paying(lines.clone(), spend, spend);
                    scene.account = Some(account.clone());
                    let decision = evaluator.decide(&basket, &scene.occasion());
                    let points = decision.points.clone().expect("a member");
                    let spend = decision.totals.payable;
                    let (returned, undone, cashback_undone, withdrawn) = Default::default();
                    sales.push(Sale {
                        lines, decision, at: scene.now, returned, debt, undone, withdrawn, cashback_debt, cashback_undone,
                    });
                    let change = points.change(spend);
                    account.after(today, terms, &change)
                }
                Event::BringBack(..) if sales.is_empty() => account,
                Event::BringBack(sale, line, milli) => {
                    let sale = sale.get_mut(&mut sales);
                    let at = line.index(sale.lines.len());
                    let milli = milli.min(left_of(sale, at));
                    if milli > 0 {
                        let part = [units_of(sale, at, milli)];
                        let account = bring_back(&evaluator, sale, &part, (&account, today));
                        let within = programme.claw_back == ClawBack::WithinBalance;
                        prop_assert!(!within || account.debt() <= debt.max(sale.debt));
                        let owed_more = account.debt() > debt || account.cashback().debt > cashback_debt;
                        prop_assert!(programme.claw_back != ClawBack::PendingOnly || !owed_more);
                        account
                    } else {
                        account
                    }
                }
                Event::Adjust(points) => {
                    let expires = programme.lot_of_adjustment(today);
                    let change = Change::of_points(Points::new(points), expires);
                    account.after(today, terms, &change)
                }
                Event::Wait(days) => {
                    scene.now += TimeDelta::days(days);
                    account
                }
            };
            let (points, cashback) = (account.points(), account.cashback());
            prop_assert_eq!(points.totals.left(), points.worth(), "{:?}", points);
            prop_assert_eq!(cashback.totals.left(), cashback.worth(), "{:?}", cashback);
            prop_assert!(cashback.debt >= Amount::ZERO);
            prop_assert!(account.debt() >= Points::ZERO);
            prop_assert!(account.points().lots.values().all(|points| points.is_positive()));
            let sliding = matches!(programme.expiry, ExpiryPolicy::Sliding { .. });
            // Where points live by their lots, only those that the account began with live otherwise.
            let with_activity = account.points().lots.get(&Expires::WithActivity).copied();
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
                    let part = [units_of(sale, at, milli)];
                    account = bring_back(&evaluator, sale, &part, (&account, today));
                }
            }
        }
        let totals = account.points().totals;
        let forgiven: Points = sales.iter().map(|sale| sale.undone.forgiven).sum();
        prop_assert_eq!(totals.issued, totals.clawed_back + forgiven);
        prop_assert!(programme.claw_back != ClawBack::NegativeAllowed || forgiven.is_zero());
        prop_assert_eq!(totals.spent, totals.restored);
        let cashback = account.cashback().totals;
        let forgiven: Amount = sales.iter().map(|sale| sale.cashback_undone.forgiven).sum();
        prop_assert_eq!(cashback.issued, cashback.clawed_back + forgiven);
        prop_assert!(programme.claw_back != ClawBack::NegativeAllowed || forgiven.is_zero());
        prop_assert_eq!(cashback.spent, cashback.restored);
        prop_assert_eq!(account.facts().lifetime.visits, 0);
        prop_assert_eq!(account.facts().lifetime.spend, Amount::ZERO);
        prop_assert_eq!(account.facts().lifetime.earned, Points::ZERO);
        ran();
    }

    #[test]
    fn parts_of_a_return_are_the_whole_under_every_claw_back(
        programme in any_programme(), lines in any_lines(), spend in 0_i64..30,
        points_lots in any_lots(800), cashback_lots in any_lots(300), owed in 0_i64..200, elsewhere in 0_i64..3_000,
        picks in prop::collection::vec((any::<prop::sample::Index>(), 1_i64..1_500), 1..12),
    ) {
        let evaluator = Evaluator::new(programme.clone());
        let terms = programme.entry_terms();
        let mut scene = Scene::member(0);
        let today = programme.day_of(scene.now);
        let adjusted = |account: Account, points: i64| {
            let expires = programme.lot_of_adjustment(today);
            let points = Points::new(points);
            account.after(today, terms, &Change::of_points(points, expires))
        };
        let begun = [(points_lots, [1, 0]), (cashback_lots, [0, 1])].into_iter().fold(
            scene.account.take().expect("a member"),
            |account, (lots, kind)| lots.into_iter().fold(account, |account, (expires, value)| {
                let (points, cashback) = (Points::new(value * kind[0]), Amount::new(value * kind[1]));
                let change = Change::Adjust { points, expires, cashback, cashback_expires: expires, counted: None };
                account.after(today, terms, &change)
            }),
        );
        let begun = adjusted(begun, -owed);
        scene.account = Some(begun.clone());
        let decision = evaluator.decide(&paying(lines.clone(), spend * 100, spend * 10), &scene.occasion());
        let points = decision.points.clone().expect("a member");
        let payable = decision.totals.payable;
        let change = points.change(payable);
        let sold = begun.after(today, terms, &change);
        let (returned, undone, cashback_undone, withdrawn) = Default::default();
        let cashback_debt = begun.cashback().debt;
        let sale = Sale {
            lines, decision, at: scene.now, returned, debt: begun.debt(), undone, withdrawn, cashback_debt, cashback_undone,
        };
        // Spent elsewhere, as far as the balance goes.
        let left = adjusted(sold.clone(), -elsewhere.min(sold.balance().value()));

        let (mut in_parts, mut after_parts) = (sale.clone(), left.clone());
        for (pick, milli) in picks {
            let at = pick.index(sale.lines.len());
            let milli = milli.min(left_of(&in_parts, at));
            if milli > 0 {
                let part = [units_of(&sale, at, milli)];
                after_parts = bring_back(&evaluator, &mut in_parts, &part, (&after_parts, today));
            }
        }
        let gone: Vec<ReturnLine> = in_parts.returned.iter()
            .map(|(line_id, quantity)| ReturnLine { line_id: line_id.clone(), quantity: *quantity }).collect();
        let mut at_once = sale.clone();
        let after_once = bring_back(&evaluator, &mut at_once, &gone, (&left, today));
        prop_assert_eq!(in_parts.undone.forgiven, at_once.undone.forgiven);
        prop_assert_eq!(after_parts.balance(), after_once.balance());
        prop_assert_eq!(after_parts.debt(), after_once.debt());
        let (of_parts, of_once) = (after_parts.points(), after_once.points());
        prop_assert_eq!((&of_parts.pending, of_parts.totals), (&of_once.pending, of_once.totals));
        prop_assert_eq!(&of_parts.lots, &of_once.lots, "after the sale {:?}", left.points());
        prop_assert_eq!(after_parts.cashback(), after_once.cashback());

        // Nothing spent elsewhere: a sale and its void are nothing, whatever was owed.
        let mut voided = sale.clone();
        let all: Vec<ReturnLine> = (0..sale.lines.len()).map(|at| units_of(&sale, at, left_of(&sale, at))).collect();
        let after_void = bring_back(&evaluator, &mut voided, &all, (&sold, today));
        prop_assert_eq!(voided.undone.forgiven, Points::ZERO);
        prop_assert_eq!((after_void.balance(), after_void.debt()), (begun.balance(), begun.debt()));
        prop_assert_eq!(after_void.points().worth(), begun.points().worth());
        prop_assert_eq!(after_void.cashback().worth(), begun.cashback().worth());
        ran();
    }
}
