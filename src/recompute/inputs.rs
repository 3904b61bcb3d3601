//! What a record says was known of an account, beside what is known of it now.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::compare::Figure;
use crate::journal::{Assign, MemberPart, Sale};
use crate::loyalty::{
    Account, AccountFacts, CountWindow, Counted, Counter, CounterId, Counters, DayTotals, Decision,
    EarnKind, Expires, PointsOutcome, Programme, Purse, SpentPart, TierMeasure, Unit,
};
use crate::money::{Amount, Points};

/// Something that was known otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputDifference {
    /// What.
    pub what: InputKind,
    /// As the record says that it was.
    pub recorded: Figure,
    /// As it is known now.
    pub known: Figure,
}

/// What a decision reads of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// Points that could be spent.
    Balance,
    /// Points owed.
    Debt,
    /// Cashback that could be spent.
    Cashback,
    /// Cashback owed.
    CashbackDebt,
    /// The tier.
    Tier,
    /// What the tiers count.
    Measure,
    /// The average basket.
    AverageBasket,
    /// How often something was counted before.
    Counter(CounterId),
    /// What there was to convert, less what was on hold.
    Convertible,
}

/// Where the record's inputs and those of a decision on what is known now differ.
pub(super) fn differences(
    sale: &Sale,
    programme: &Programme,
    account: &Account,
    computed: &Decision,
) -> Vec<InputDifference> {
    let (Some(member), Some(points)) = (&sale.member, &computed.points) else { return Vec::new() };
    let inputs = &member.inputs;
    let mut found = Vec::new();
    let mut add = |what, recorded: Option<i64>, known: Option<i64>| {
        if recorded != known {
            let figure = |side: Option<i64>| side.map_or(Figure::Nothing, Figure::Number);
            let (recorded, known) = (figure(recorded), figure(known));
            found.push(InputDifference { what, recorded, known });
        }
    };
    let day = programme.day_of(sale.decided_at);
    let measure = account.tier_measure(programme, day);
    let (balance, debt) = (points.before.value(), points.debt_before.value());
    add(InputKind::Balance, Some(inputs.balance.value()), Some(balance));
    add(InputKind::Debt, Some(inputs.debt.value()), Some(debt));
    add(InputKind::Measure, Some(inputs.measure), Some(measure));
    let average = |side: Option<Amount>| side.map(Amount::value);
    add(InputKind::AverageBasket, average(inputs.average_basket), average(points.average_basket));
    let (recorded, known) = (member.cashback.as_ref(), points.cashback.as_ref());
    let before = recorded.map(|part| part.before.value()).unwrap_or_default();
    let known_before = known.map(|part| part.before.value()).unwrap_or_default();
    add(InputKind::Cashback, Some(before), Some(known_before));
    let owed = recorded.map(|part| part.debt.value()).unwrap_or_default();
    let known_owed = known.map(|part| part.debt_before.value()).unwrap_or_default();
    add(InputKind::CashbackDebt, Some(owed), Some(known_owed));
    for (counter, recorded, known) in counted_before(member, points) {
        add(InputKind::Counter(counter), recorded, known);
    }
    if let Some(held) = held(member, points) {
        let balance = member.converted.balance.value();
        add(InputKind::Convertible, Some(balance), Some(balance + held.value()));
    }
    let tier = computed.tier.as_ref().map(|tier| &tier.before);
    if inputs.tier.as_ref() != tier {
        let figure = |side: Option<&crate::loyalty::TierId>| {
            side.map_or(Figure::Nothing, |tier| Figure::Text(tier.to_string()))
        };
        let (recorded, known) = (figure(inputs.tier.as_ref()), figure(tier));
        found.push(InputDifference { what: InputKind::Tier, recorded, known });
    }
    found
}

/// The same of a late member, whose record names fewer of them.
pub(super) fn of_late_member(
    assign: &Assign,
    programme: &Programme,
    account: Option<&Account>,
) -> Vec<InputDifference> {
    let day = programme.day_of(assign.sale_at);
    let mut settled = account.cloned().unwrap_or_default();
    settled.settle_expiry(day, programme.expiries());
    let mut found = Vec::new();
    let mut add = |what, recorded: Figure, known: Figure| {
        if recorded != known {
            found.push(InputDifference { what, recorded, known });
        }
    };
    let figure = |side: Option<Amount>| {
        side.map_or(Figure::Nothing, |amount| Figure::Number(amount.value()))
    };
    let number = |side: Points| Figure::Number(side.value());
    add(InputKind::Debt, number(assign.debt), number(settled.debt()));
    let average = programme.average_of(&settled);
    add(InputKind::AverageBasket, figure(assign.average_basket), figure(average));
    let tier = settled.tier(programme, day).map(|(tier, _)| &tier.id);
    let text = |side: Option<&crate::loyalty::TierId>| {
        side.map_or(Figure::Nothing, |tier| Figure::Text(tier.to_string()))
    };
    add(InputKind::Tier, text(assign.tier.as_ref()), text(tier));
    for counted in &assign.counted {
        // A window that the record's count is in is not recorded; the days before are more.
        let counter = &counted.counter;
        let known = match counter {
            CounterId::RuleVisitDays(_) => settled.facts().counters.other_days(counter, day),
            _ => settled.facts().counters.count(counter, CountWindow::Ever, day),
        };
        if known < counted.before {
            let (recorded, known) = (Figure::Number(counted.before), Figure::Number(known));
            add(InputKind::Counter(counter.clone()), recorded, known);
        }
    }
    found
}

/// Points that must have been on hold for another basket: what the record converted from was less
/// than there was.
pub(super) fn held(member: &MemberPart, computed: &PointsOutcome) -> Option<Points> {
    if member.inputs.balance != computed.before || member.converted.by.is_empty() {
        return None;
    }
    let held = computed.converted.balance - member.converted.balance;
    (held.is_positive() && !computed.converted.by.is_empty()).then_some(held)
}

/// Counters that both sides moved, with what each found before. What only one side moved is no
/// input but an outcome.
fn counted_before(
    member: &MemberPart,
    computed: &PointsOutcome,
) -> Vec<(CounterId, Option<i64>, Option<i64>)> {
    let known: BTreeMap<&CounterId, i64> =
        computed.counted.iter().map(|counted| (&counted.counter, counted.before)).collect();
    let both = |counted: &Counted| {
        let known = *known.get(&counted.counter)?;
        (known != counted.before)
            .then(|| (counted.counter.clone(), Some(counted.before), Some(known)))
    };
    member.counted.iter().filter_map(both).collect()
}

/// The account as the record says that it was known: where the record says nothing, as it is known
/// now.
pub(super) fn as_recorded(
    account: &Account,
    member: &MemberPart,
    programme: &Programme,
    day: NaiveDate,
) -> Account {
    let mut settled = account.clone();
    settled.settle_expiry(day, programme.expiries());
    let balance = settled.balance();
    let mut facts = settled.facts().clone();
    let inputs = &member.inputs;
    if had_bought_nothing(member, programme) {
        let AccountFacts { points, cashback, counters, .. } = facts;
        facts = AccountFacts { points, cashback, counters, ..AccountFacts::default() };
    }
    if balance != inputs.balance || facts.points.debt != inputs.debt {
        set_purse(&mut facts.points, inputs.balance, inputs.debt, &member.spent_from);
    }
    if let Some(part) = &member.cashback {
        if facts.cashback.balance() != part.before || facts.cashback.debt != part.debt {
            set_purse(&mut facts.cashback, part.before, part.debt, &part.spent_from);
        }
    }
    facts.counters = counters_before(&facts.counters, &member.counted, day);
    if let Some(average) = inputs.average_basket {
        if programme.average_of(&Account::from_facts(facts.clone())) != Some(average) {
            let visits = i64::from(facts.lifetime.visits.max(1));
            facts.lifetime.spend = Amount::new(average.value().saturating_mul(visits));
        }
    }
    set_measure(&mut facts, inputs.measure, programme, day);
    Account::from_facts(facts)
}

/// A welcome or a referral was given, so no purchase was known.
fn had_bought_nothing(member: &MemberPart, programme: &Programme) -> bool {
    let is_of_first = |by: &crate::loyalty::EarnedBy| {
        let rule = programme.earn.iter().find(|rule| rule.id == by.rule);
        rule.is_some_and(|rule| {
            matches!(rule.kind, EarnKind::Welcome { .. } | EarnKind::Referral(_))
        })
    };
    member.earned_by.iter().any(is_of_first)
}

/// Makes a balance of the lots that the record spent from; what is left of it is in the last of
/// them, or never lapses.
fn set_purse<U: Unit>(purse: &mut Purse<U>, balance: U, debt: U, spent_from: &[SpentPart<U>]) {
    let mut lots: BTreeMap<Expires, U> = BTreeMap::new();
    let mut left = balance;
    for part in spent_from {
        let value = part.value.min(left);
        if value > U::NONE {
            *lots.entry(part.expires).or_default() += value;
            left -= value;
        }
    }
    if left > U::NONE {
        let lot = spent_from.last().map_or(Expires::Never, |part| part.expires);
        *lots.entry(lot).or_default() += left;
    }
    (purse.lots, purse.debt) = (lots, debt);
}

/// Counters with what the record found before, on the day that it counts for: in every window of
/// that day.
fn counters_before(counters: &Counters, counted: &[Counted], day: NaiveDate) -> Counters {
    let mut by_id: BTreeMap<CounterId, Counter> =
        counters.iter().map(|(id, counter)| (id.clone(), counter.clone())).collect();
    for Counted { counter, before, .. } in counted {
        let mut set = Counter::default();
        match counter {
            // The days before are what the record says; of its own day it says nothing.
            CounterId::RuleVisitDays(_) => {
                let today = by_id.get(counter).and_then(|known| known.days.get(&day)).copied();
                set.earlier = *before;
                set.days.extend(today.map(|count| (day, count)));
            }
            _ if *before != 0 => drop(set.days.insert(day, *before)),
            _ => {}
        }
        by_id.insert(counter.clone(), set);
    }
    Counters::from_parts(by_id)
}

/// Makes the measure of the tiers what the record says, by what was bought on the day.
fn set_measure(facts: &mut AccountFacts, wanted: i64, programme: &Programme, day: NaiveDate) {
    let Some(policy) = &programme.tiers else { return };
    let known = Account::from_facts(facts.clone()).tier_measure(programme, day);
    let missing = wanted - known;
    if missing == 0 {
        return;
    }
    if policy.measure == TierMeasure::Visits && missing < 0 {
        // Visits of other days are gone too, the last first.
        let mut more = u32::try_from(-missing).unwrap_or(u32::MAX);
        facts.lifetime.visits = facts.lifetime.visits.saturating_sub(more);
        for (_, totals) in facts.days.range_mut(..=day).rev() {
            let gone = totals.visits.min(more);
            totals.visits -= gone;
            more -= gone;
        }
        return;
    }
    let add = |totals: &mut DayTotals| match policy.measure {
        TierMeasure::Spend => totals.spend += Amount::new(missing),
        TierMeasure::PointsEarned => totals.earned += Points::new(missing),
        TierMeasure::Visits => totals.visits += u32::try_from(missing).unwrap_or(u32::MAX),
    };
    add(facts.days.entry(day).or_default());
    add(&mut facts.lifetime);
}
