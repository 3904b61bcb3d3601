//! What holds for every programme and basket.

mod conditions;
mod coverage;
mod groups;
mod handing_out;
mod histories;
mod strategies;
mod units;
mod visits;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use self::conditions::*;
use self::handing_out::*;
use self::strategies::*;
use self::visits::*;
use super::examples::*;
use super::redemption_tests::any_redemption;
use super::*;
use crate::cases::{cases, ran};
use crate::loyalty::basket::{Line, LineFlag, RequestedBenefits, RequestedSpend};
use crate::loyalty::chance::{Chance, DrawnNumber};
use crate::loyalty::claw_back::ClawBack;
use crate::loyalty::conversion::Conversion;
use crate::loyalty::counter::{CountWindow, Counted, CounterId, UseLimit, UseUnit};
use crate::loyalty::decision::{Benefit, Choices, PointsOutcome, Subject};
use crate::loyalty::earn_rule::*;
use crate::loyalty::entry::Change;
use crate::loyalty::entry::RemainingSale;
use crate::loyalty::gifts::{GiftTerms, Gifts, GiftsBack};
use crate::loyalty::ids::{
    CategoryId, ConversionId, FlagId, GreetingId, GroupId, LineId, OfferId, RewardId, RuleId, Sku,
    StoreId, VoucherId, VoucherTypeId,
};
use crate::loyalty::issue::{Grants, IssueState, Issued, SoldIssue, VoucherGrant, VoucherTerm};
use crate::loyalty::personal::{PersonalOffer, PersonalOffers, PersonalPolicy, Reach, Score};
use crate::loyalty::programme::*;
use crate::loyalty::promotion::{Greeting, MessagePolicy, ShownTo, Texts};
use crate::loyalty::purse::balance_after;
use crate::loyalty::returns::{ReturnLine, Returned, SoldPoints, SoldReceipt};
use crate::loyalty::shared_limit::{SharedLimit, SharedOffline, SharedScope};
use crate::loyalty::spent_back::UsedPointsBack;
use crate::loyalty::tax::{TaxMode, tendered};
use crate::loyalty::terms::{Conditions, Minimum, MinimumOf, Scope};
use crate::money::{LeftOver, Percent, Quantity, Rounding};

fn decided(programme: &Programme, lines: Vec<Line>, visit: &Visit) -> Decision {
    let scene = visit.scene(programme);
    let basket = visit.basket(programme, lines);
    Evaluator::new(programme.clone()).decide(&basket, &scene.occasion())
}

/// The same in the order of random keys.
fn shuffled<T>(all: Vec<T>, keys: &[u32]) -> Vec<T> {
    let mut keyed: Vec<(u32, T)> = keys.iter().copied().cycle().zip(all).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, one)| one).collect()
}

/// What came back of a sale in all.
#[derive(Debug, PartialEq)]
struct CameBack {
    refund: Amount,
    /// Points and cashback.
    clawed: (Points, Amount),
    /// Points and cashback.
    restored: (Points, Amount),
    remaining: RemainingSale,
    returned: Returned,
    withdrawn: BTreeSet<VoucherId>,
    /// Codes that were used and paid for with points.
    kept: BTreeSet<VoucherId>,
    gifts: Gifts,
    counted: BTreeMap<CounterId, i64>,
    /// What was used of limits over all customers.
    used: i64,
}

/// A sold receipt of a decision, taken back in the given parts; what came back in all, and how. Of
/// the codes that were handed out, some were used before.
fn take_back(
    programme: &Programme,
    lines: &[Line],
    decision: &Decision,
    parts: &[Vec<ReturnLine>],
    (scene, used_codes): (&Scene, impl Fn(usize) -> bool),
) -> (CameBack, Vec<Change>) {
    let points = decision.points.as_ref().expect("a member");
    let shared = of_rules(decision);
    let sold = sold_receipt(programme, lines, decision, scene);
    let of_member = sold.points.map(|points| SoldPoints { shared: &shared, ..points });
    let sold = SoldReceipt { points: of_member, ..sold };
    let evaluator = Evaluator::new(programme.clone());
    let mut returned = Returned::new();
    let (mut refund, mut used) = (Amount::ZERO, 0);
    let (mut clawed, mut restored) = <((Points, Amount), (Points, Amount))>::default();
    let (mut gifts, mut taken_back) = (Gifts::new(), BTreeMap::new());
    let mut changes = Vec::new();
    let mut remaining = RemainingSale::Some;
    let mut by_rate: BTreeMap<Percent, (Amount, Amount)> = BTreeMap::new();
    let issued = handed_out(points);
    let [mut withdrawn, mut kept] = [BTreeSet::new(), BTreeSet::new()];
    for part in parts {
        let state = |number, issued: &Issued| match withdrawn.contains(&issued.code) {
            true => IssueState::Withdrawn,
            false if used_codes(number) => IssueState::Used,
            false => IssueState::Open,
        };
        let issues: Vec<SoldIssue<'_>> = issued
            .iter()
            .enumerate()
            .map(|(number, issued)| SoldIssue { issued, state: state(number, issued) })
            .collect();
        let points = sold.points.clone().map(|points| SoldPoints { issued: &issues, ..points });
        let sold = SoldReceipt { points, ..sold.clone() };
        let outcome = evaluator.take_back(&sold, &returned, part).expect("a sound return");
        refund += outcome.refund;
        for back in &outcome.taxes {
            assert!(Amount::ZERO <= back.tax && back.tax <= back.total, "{back:?}");
            let sum = by_rate.entry(back.rate).or_default();
            *sum = (sum.0 + back.total, sum.1 + back.tax);
        }
        remaining = outcome.remaining;
        assert!(outcome.shared.iter().all(|back| back.by < 0), "a return uses nothing");
        used += outcome.shared.iter().map(|back| back.by).sum::<i64>();
        for code in outcome.withdrawn {
            assert!(withdrawn.insert(code), "nothing is withdrawn twice");
        }
        for (offer, times) in outcome.gifts_back {
            *gifts.entry(offer).or_default() += times;
        }
        for code in outcome.kept {
            assert!(kept.insert(code), "nothing is told twice");
        }
        returned = outcome.returned;
        changes.extend(outcome.change.clone());
        if let Some(Change::Undo { points, cashback, counted, .. }) = outcome.change {
            for Counted { counter, by, .. } in counted {
                *taken_back.entry(counter).or_default() += by;
            }
            assert!(points.clawed_back.value() >= 0, "a return never earns");
            assert!(cashback.clawed_back.value() >= 0, "a return never earns");
            let waiting: Points = points.pending.iter().map(|part| part.value).sum();
            assert!(waiting <= points.clawed_back, "no more was pending than was earned");
            clawed.0 += points.clawed_back;
            clawed.1 += cashback.clawed_back;
            restored.0 += points.given_back();
            restored.1 += cashback.given_back();
        }
    }
    if remaining == RemainingSale::Nothing {
        let sums = decision.taxes.iter().filter(|sum| !sum.total.is_zero());
        let whole = sums.map(|sum| (sum.rate, (sum.total, sum.tax))).collect();
        assert_eq!(by_rate, whole, "all tax comes back");
    }
    taken_back.retain(|_, by: &mut i64| *by != 0);
    let counted = taken_back;
    let came_back = CameBack {
        refund,
        clawed,
        restored,
        remaining,
        returned,
        withdrawn,
        kept,
        gifts,
        counted,
        used,
    };
    (came_back, changes)
}

/// What the rules of a decision use of limits over all customers.
fn of_rules(decision: &Decision) -> Vec<Counted> {
    decision.shared.iter().filter(|used| !used.counter.is_of_offer()).cloned().collect()
}

/// The gifts of a decision.
fn gifts_of(decision: &Decision) -> Gifts {
    let gift = |applied: &Applied| match &applied.benefit {
        Benefit::Gift { offer, times } => Some((offer.clone(), *times)),
        _ => None,
    };
    decision.applied.iter().filter_map(gift).collect()
}

/// The offer that a benefit is of.
fn offer_of(benefit: &Benefit) -> Option<&OfferId> {
    match benefit {
        Benefit::Offer(offer) | Benefit::Coupon { offer, .. } => Some(offer),
        _ => None,
    }
}

/// How many vouchers were chosen as rewards, and the points that they cost.
fn chosen_vouchers(programme: &Programme, decision: &Decision) -> (u32, Points) {
    let mut chosen = (0, Points::ZERO);
    for applied in &decision.applied {
        if let Benefit::Reward { reward, points, times } = &applied.benefit {
            let reward = programme.reward(reward).expect("of the programme");
            if matches!(reward.gift, Gift::Voucher(_)) {
                chosen = (chosen.0 + times, chosen.1 + *points);
            }
        }
    }
    chosen
}

/// What a decision hands out, with codes.
fn handed_out(points: &PointsOutcome) -> Vec<Issued> {
    let code = |issue: &crate::loyalty::Issue, number: u32| {
        let kind = if issue.what.is_voucher() { "voucher" } else { "entry" };
        VoucherId::parse(&format!("{:?} {kind} {number}", issue.by)).expect("plain")
    };
    points.issues.iter().flat_map(|issue| issue.hand_out(code)).collect()
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn allocations_sum_exactly_and_no_line_goes_below_its_floor(
        programme in any_programme(), lines in any_lines(), visit in any_visit(),
    ) {
        let decision = decided(&programme, lines.clone(), &visit);
        for (line, out) in lines.iter().zip(&decision.lines) {
            prop_assert_eq!(out.gross - out.discount - out.redeemed + out.tax, out.net);
            // A means of payment may go below the floors that bind a discount.
            let tendered = tendered(&decision.applied, &programme).get(&line.line_id).copied().unwrap_or_default();
            prop_assert!(out.net - out.tax + tendered >= line.floor().min(line.amount), "{:?} {:?}", line, out);
            let given: Amount = decision.applied.iter().flat_map(|applied| &applied.allocations)
                .filter(|part| part.line_id == line.line_id).map(|part| part.amount).sum();
            prop_assert_eq!(given, out.discount + out.redeemed);
        }
        for applied in &decision.applied {
            prop_assert_eq!(applied.allocations.iter().map(|part| part.amount).sum::<Amount>(), applied.amount);
            let is_handed_out = match &applied.benefit {
                Benefit::Gift { .. } => true,
                Benefit::Reward { reward, .. } => {
                    let reward = programme.reward(reward).expect("of the programme");
                    !matches!(reward.gift, Gift::Item { .. })
                }
                _ => false,
            };
            prop_assert_eq!(applied.amount.is_positive(), !is_handed_out);
        }
        let totals = decision.totals;
        prop_assert_eq!(totals.gross - totals.discount - totals.redeemed + totals.tax, totals.payable);
        let points = decision.points.expect("a member");
        let pending: Points = points.earned_pending.iter().map(|part| part.value).sum();
        prop_assert_eq!(points.before + points.earned - pending - points.spent - points.converted.points(), points.after);
        prop_assert_eq!(points.spent_from.iter().map(|part| part.value).sum::<Points>(), points.spent);
        prop_assert_eq!(points.converted.from.iter().map(|part| part.value).sum::<Points>(), points.converted.points());
        if let Some(cashback) = points.cashback {
            let gained = &cashback.gained;
            let of_lines: Amount = decision.applied.iter()
                .filter(|applied| applied.benefit == Benefit::Cashback).map(|applied| applied.amount).sum();
            prop_assert_eq!(of_lines, gained.spent);
            prop_assert!(gained.spent <= cashback.before);
            prop_assert_eq!(cashback.spent_from.iter().map(|part| part.value).sum::<Amount>(), gained.spent);
            let owed = Amount::ZERO;
            prop_assert_eq!(balance_after(cashback.before, owed, gained), (cashback.after, cashback.debt_after));
        }
        ran();
    }

    #[test]
    fn discounts_together_stay_within_the_programmes_bounds(
        programme in any_programme(), lines in any_lines(), visit in any_visit(),
    ) {
        let decision = decided(&programme, lines.clone(), &visit);
        let bounds = &programme.discounts;
        let share = |percent: Percent, of: Amount, rounding| {
            Amount::new(percent.of(of.value(), rounding).expect("it fits"))
        };
        if let Some(percent) = bounds.receipt_percent_max {
            let totals = decision.totals;
            prop_assert!(totals.discount <= share(percent, totals.gross, Rounding::Floor));
        }
        if let Some(most) = bounds.receipt_amount_max {
            prop_assert!(decision.totals.discount <= most);
        }
        for floor in &bounds.price_floors {
            for (line, out) in lines.iter().zip(&decision.lines).filter(|(line, _)| floor.scope.covers(line)) {
                let least = line.quantity.at(floor.unit_price_min).expect("it fits");
                prop_assert!(out.gross - out.discount >= least.min(line.amount), "{:?} {:?}", floor, out);
            }
        }
        let mut by_goods = BTreeMap::<_, (Amount, Amount)>::new();
        let tendered = tendered(&decision.applied, &programme);
        for (line, out) in lines.iter().zip(&decision.lines) {
            let goods = (&line.sku, line.unit_price, line.tax_rate, &line.flags, line.unit_price_min);
            let (gross, discount) = by_goods.entry(goods).or_default();
            *gross += out.gross;
            *discount += out.discount;
            if let Some(percent) = bounds.line_percent_max {
                prop_assert!(out.discount <= share(percent, out.gross, Rounding::Ceil));
            }
            if line.category_path().any(|path| bounds.excluded_categories.contains(path)) {
                prop_assert_eq!(out.discount + out.redeemed, tendered.get(&line.line_id).copied().unwrap_or_default());
            }
        }
        for (gross, discount) in by_goods.into_values() {
            let percent = bounds.line_percent_max.unwrap_or(Percent::WHOLE);
            prop_assert!(discount <= share(percent, gross, Rounding::Floor));
        }
        ran();
    }

    #[test]
    fn points_are_spent_as_asked_for_as_far_as_balance_and_basket_go(
        programme in any_programme(), lines in any_lines(), asked in 0_i64..6_000, held in 0_i64..6_000,
        visit in any_visit(),
    ) {
        let scene = Scene { held: Points::new(held), ..visit.scene(&programme) };
        // Rewards take points beside those that are money; so does cashback of the receipt's share.
        let visit = Visit { spend: 0, rewards: BTreeMap::new(), ..visit };
        let evaluator = Evaluator::new(programme.clone());
        let spend = RequestedSpend::Exactly(Points::new(asked));
        let benefits = RequestedBenefits { spend, ..visit.benefits(&programme) };
        let basket = Basket::parse(lines, benefits).expect("a sound basket");
        let decision = evaluator.decide(&basket, &scene.occasion());
        let policy = programme.redemption.as_ref().expect("it has one");
        let totals = decision.totals;
        let points = decision.points.as_ref().expect("a member");
        let spent = points.spent;
        let pending: Points = points.earned_pending.iter().map(|part| part.value).sum();
        let of_this_sale = match policy.this_sale {
            ThisSale::Usable => points.earned.value() - pending.value(),
            ThisSale::Later => 0,
        };
        prop_assert!(spent.value() <= asked.min((POINTS - held).max(0) + of_this_sale));
        prop_assert_eq!(policy.spendable(spent), spent, "whole steps, or a level");
        prop_assert_eq!(spent.is_positive(), totals.redeemed.is_positive());
        let left = totals.gross - totals.discount;
        let rounding = match &policy.worth {
            PointsWorth::Steps { .. } => Rounding::Floor,
            PointsWorth::Levels(ladder) => ladder.rounding,
        };
        let share = policy.share_max.of(left.value(), rounding).expect("it fits");
        prop_assert!(totals.redeemed <= Amount::new(share));
        let redeemable = points.redeemable.as_ref().expect("a member");
        prop_assert!(spent <= redeemable.points_max);
        prop_assert!(totals.redeemed <= redeemable.value_max);
        let told = decision.refused.iter().any(|refusal| refusal.subject == Subject::Spend);
        prop_assert_eq!(told, spent.value() != asked, "whatever is not as asked is told");
        let paid = match &redeemable.choices {
            Choices::Steps { .. } => policy.value_of(spent),
            Choices::Levels { levels, .. } => {
                let level = levels.iter().find(|level| level.points == spent);
                prop_assert!(level.is_none_or(|level| level.obstacles.is_empty()));
                level.map_or(Amount::ZERO, |level| level.value)
            }
        };
        prop_assert_eq!(totals.redeemed, paid, "and it gives what was told");
        ran();
    }

    #[test]
    fn of_one_group_the_best_is_the_best_of_all_tried_alone(
        programme in any_programme(), lines in any_lines(),
        offers in prop::collection::vec(any_offer(), 1..=12), visit in any_visit(),
    ) {
        let visit = visit.for_offers();
        let offers: Vec<Offer> = numbered_offers(offers)
            .map(|offer| Offer { group: GroupId::parse("g").ok(), ..offer }).collect();
        let programme = Programme { offers, voucher_types: BTreeMap::new(), ..programme };
        let alone = |offer: &Offer| {
            let alone = Programme { offers: vec![offer.clone()], ..programme.clone() };
            (decided(&alone, lines.clone(), &visit).totals.discount, offer.priority, std::cmp::Reverse(offer.id.clone()))
        };
        // Ties go to the priority, then to the id.
        let best = programme.offers.iter().map(alone).max().expect("there are offers");
        let decision = decided(&programme, lines.clone(), &visit);
        prop_assert_eq!(decision.totals.discount, best.0);
        let winners: Vec<Option<&OfferId>> =
            decision.applied.iter().map(|applied| offer_of(&applied.benefit)).collect();
        let winner = best.0.is_positive().then_some(Some(&best.2.0));
        prop_assert_eq!(winners, Vec::from_iter(winner));
        ran();
    }

    #[test]
    fn lines_tax_rates_and_the_receipt_come_to_the_same(
        programme in any_programme(), lines in any_lines(), visit in any_visit(),
    ) {
        let decision = decided(&programme, lines.clone(), &visit);
        let tendered = tendered(&decision.applied, &programme);
        let tender: Amount = tendered.values().copied().sum();
        let sum_of = |part: fn(&crate::loyalty::TaxSum) -> Amount| decision.taxes.iter().map(part).sum::<Amount>();
        let totals = decision.totals;
        prop_assert_eq!(sum_of(|sum| sum.gross), totals.gross);
        prop_assert_eq!(sum_of(|sum| sum.discount), totals.discount + totals.redeemed - tender);
        prop_assert_eq!(sum_of(|sum| sum.total), totals.payable + tender);
        for sum in &decision.taxes {
            // What a person with a pocket calculator finds: the rate once on the whole.
            let rate = i128::from(sum.rate.thousandths());
            let net = i128::from(sum.net().value());
            let (exact, found) = match programme.prices.tax {
                TaxMode::Added => {
                    prop_assert_eq!(sum.net(), sum.gross - sum.discount);
                    (net * rate * 2, i128::from(sum.tax.value()) * 200_000)
                }
                TaxMode::Included => {
                    prop_assert_eq!(sum.total, sum.gross - sum.discount);
                    let with = 100_000 + rate;
                    (i128::from(sum.total.value()) * 200_000, net * 2 * with)
                }
            };
            let unit = match programme.prices.tax {
                TaxMode::Added => 100_000,
                TaxMode::Included => 100_000 + rate,
            };
            prop_assert!((exact - found).abs() <= unit, "{:?}", sum);
            let of_rate = || lines.iter().zip(&decision.lines).filter(|(line, _)| line.tax_rate == sum.rate);
            let tax_of_lines: Amount = of_rate().map(|(_, out)| out.tax).sum();
            let on_top = if programme.prices.tax == TaxMode::Added { sum.tax } else { Amount::ZERO };
            prop_assert_eq!(tax_of_lines, on_top);
            let discounts: Amount = decision.applied.iter().flat_map(|applied| &applied.allocations)
                .filter(|part| of_rate().any(|(line, _)| line.line_id == part.line_id))
                .map(|part| part.amount).sum();
            let paid_with_points: Amount = of_rate().filter_map(|(line, _)| tendered.get(&line.line_id)).copied().sum();
            prop_assert_eq!(discounts - paid_with_points, sum.discount, "discounts of a rate are those of its lines");
        }
        ran();
    }

    #[test]
    fn the_order_of_lines_and_offers_does_not_matter(
        programme in any_programme(), lines in any_lines(), visit in any_visit(),
        (places, turns) in (prop::collection::vec(any::<u32>(), 32), prop::collection::vec(any::<u32>(), 32)),
    ) {
        // Which promotions are left out goes by priority, which is looked up by the order of the ids.
        let messages = programme.messages.clone().map(|policy| MessagePolicy { promotional_max: None, ..policy });
        let programme = Programme { messages, ..programme };
        let forward = decided(&programme, lines.clone(), &visit);
        let mut turned = programme.clone();
        turned.offers = shuffled(turned.offers, &turns);
        let backward = decided(&turned, shuffled(lines, &places), &visit);
        let all_told = |decision: &Decision| decision.promotions.iter().cloned().collect::<BTreeSet<_>>();
        prop_assert_eq!(all_told(&forward), all_told(&backward));
        let by_line = |decision: &Decision| {
            let mut lines = decision.lines.clone();
            lines.sort_by(|a, b| a.line_id.cmp(&b.line_id));
            lines
        };
        prop_assert_eq!(by_line(&forward), by_line(&backward));
        let given = |decision: &Decision| {
            let mut given = decision.applied.clone();
            given.iter_mut().for_each(|one| one.allocations.sort_by(|a, b| a.line_id.cmp(&b.line_id)));
            given
        };
        prop_assert_eq!(given(&forward), given(&backward));
        prop_assert_eq!((forward.totals, &forward.taxes), (backward.totals, &backward.taxes));
        prop_assert_eq!(forward.shared, backward.shared);
        prop_assert_eq!(forward.points, backward.points);
        prop_assert_eq!(forward.refused, backward.refused);
        prop_assert_eq!(forward.gifts_due, backward.gifts_due);
        prop_assert_eq!(forward.personal, backward.personal);
        ran();
    }

    #[test]
    fn splitting_a_line_keeps_the_totals(
        programme in any_programme(), lines in any_lines(), at in any::<prop::sample::Index>(), visit in any_visit(),
    ) {
        let whole = decided(&programme, lines.clone(), &visit);
        let several = |at: &usize| lines[*at].quantity > Quantity::ONE;
        let divisible: Vec<usize> = (0..lines.len()).filter(several).collect();
        if divisible.is_empty() {
            return Ok(());
        }
        let at = *at.get(&divisible);
        let mut split = lines;
        // Both keep their line's place among the ids.
        let part = |place: &str, quantity: Quantity, line: &Line| Line {
            line_id: LineId::parse(&format!("{}{place}", line.line_id)).expect("plain"),
            quantity,
            amount: quantity.at(line.unit_price).expect("it fits"),
            ..line.clone()
        };
        let rest = split[at].quantity - Quantity::ONE;
        let (first, second) = (part("", Quantity::ONE, &split[at]), part("b", rest, &split[at]));
        split.splice(at..=at, [first, second]);
        let parts = decided(&programme, split, &visit);
        prop_assert_eq!(whole.totals, parts.totals);
        prop_assert_eq!(&whole.gifts_due, &parts.gifts_due);
        let of_account = |decision: Decision| {
            let points = decision.points.expect("a member");
            (points.earned, points.spent, points.issues, points.after)
        };
        prop_assert_eq!(of_account(whole), of_account(parts));
        ran();
    }

    #[test]
    fn parts_of_a_return_are_the_whole(
        programme in any_programme(), lines in any_lines(), visit in any_visit(),
        picks in prop::collection::vec((any::<prop::sample::Index>(), 1_i64..1_500), 1..20),
    ) {
        let decision = decided(&programme, lines.clone(), &visit);
        let scene = visit.scene(&programme);
        let mut parts = Vec::new();
        let mut left: Vec<i64> = lines.iter().map(|line| line.quantity.value()).collect();
        let one = |at: usize, quantity: i64| ReturnLine {
            line_id: lines[at].line_id.clone(),
            quantity: Quantity::new(quantity),
        };
        for (pick, quantity) in picks {
            let at = pick.index(lines.len());
            let quantity = quantity.min(left[at]);
            if quantity > 0 {
                left[at] -= quantity;
                parts.push(vec![one(at, quantity)]);
            }
        }
        let some: Vec<ReturnLine> = (0..lines.len())
            .map(|at| (at, lines[at].quantity.value() - left[at]))
            .filter(|(_, gone)| *gone > 0).map(|(at, gone)| one(at, gone)).collect();
        let unused = |_| false;
        for used in [0, 1, 2] {
            let used = |number: usize| number % 3 < used;
            let in_parts = take_back(&programme, &lines, &decision, &parts, (&scene, used));
            let at_once = take_back(&programme, &lines, &decision, std::slice::from_ref(&some), (&scene, used));
            prop_assert_eq!(&in_parts.0, &at_once.0);
        }
        let rest: Vec<ReturnLine> = (0..lines.len()).filter(|at| left[*at] > 0).map(|at| one(at, left[at])).collect();
        if !rest.is_empty() {
            parts.push(rest);
        }
        let (all, _) = take_back(&programme, &lines, &decision, &parts, (&scene, unused));
        let points = decision.points.as_ref().expect("a member");
        let cashback = points.cashback.as_ref().map(|cashback| cashback.gained.clone()).unwrap_or_default();
        prop_assert_eq!(all.refund, decision.totals.payable, "all money comes back");
        prop_assert_eq!(all.clawed, (points.earned, cashback.earned));
        prop_assert_eq!(all.restored, (points.spent + points.converted.points(), cashback.spent));
        prop_assert_eq!(-all.used, of_rules(&decision).iter().map(|used| used.by).sum::<i64>());
        prop_assert_eq!(all.remaining, RemainingSale::Nothing);
        prop_assert_eq!(all.withdrawn.len(), handed_out(points).len(), "every code goes");
        prop_assert_eq!(all.gifts, gifts_of(&decision), "every gift is claimed");
        let (used, _) = take_back(&programme, &lines, &decision, &parts, (&scene, |_| true));
        let (chosen, price) = chosen_vouchers(&programme, &decision);
        let given_back = points.spent - price;
        prop_assert_eq!((used.clawed.0, used.restored.0), (points.earned, given_back), "used vouchers were paid for");
        let vouchers: u32 = points.converted.by.iter().map(|by| by.times).sum();
        prop_assert_eq!(used.kept.len(), (vouchers + chosen) as usize);
        ran();
    }

    #[test]
    fn a_sale_and_its_void_leave_the_account_as_it_was(
        programme in any_programme(), lines in any_lines(), visit in any_visit(),
    ) {
        let decision = decided(&programme, lines.clone(), &visit);
        let points = decision.points.as_ref().expect("a member");
        let scene = visit.scene(&programme);
        let today = programme.day_of(scene.now);
        let before = scene.account.clone().expect("a member");
        let terms = programme.entry_terms();
        let sale = points.change(decision.totals.payable);
        let sold = before.after(today, terms, &sale);
        let back: Vec<ReturnLine> = lines.iter().map(|line| ReturnLine { line_id: line.line_id.clone(), quantity: line.quantity }).collect();
        let (_, undo) = take_back(&programme, &lines, &decision, &[back], (&scene, |_| false));
        let after = sold.after(today, terms, &undo[0]);
        prop_assert_eq!(after.points().worth(), before.points().worth());
        prop_assert_eq!(&after.points().pending, &before.points().pending);
        prop_assert_eq!(after.cashback().worth(), before.cashback().worth());
        prop_assert_eq!(&after.cashback().pending, &before.cashback().pending);
        prop_assert_eq!(after.balance(), before.balance());
        prop_assert_eq!(after.debt(), before.debt());
        prop_assert_eq!(after.last_purchase(), before.last_purchase());
        prop_assert_eq!(after.facts().lifetime, before.facts().lifetime);
        prop_assert_eq!(&after.facts().counters, &before.facts().counters);
        ran();
    }
}
