//! What an imported account begins with.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::fault::ImportFaultCode;
use super::line::{DayObject, LineObject, LotObject, PendingObject};
use super::parse::{DAYS_MAX, LOTS_MAX, Line, Outcome};
use crate::loyalty::{AccountFacts, DayTotals, Expires, Purse, PurseTotals, Unit};
use crate::money::Points;
use crate::wire::table::Table;

/// The facts of a member line. All points count as given by hand, so that what an account holds
/// is still the sum of where its points came from.
pub(crate) fn account_facts(line: Line, object: &LineObject) -> Outcome<AccountFacts> {
    let mut lots = lots(line, object.lots.as_deref().unwrap_or_default())?;
    let points = line.points("points", object.points.unwrap_or_default(), 0)?;
    if points.is_positive() {
        lots.insert(Expires::WithActivity, points);
    }
    let days = days(line, object.days.as_deref().unwrap_or_default())?;
    let last_purchase = object.last_purchase.as_deref();
    let last_purchase = last_purchase.map(|text| line.day("last_purchase", text)).transpose()?;
    let pending = pending(line, object.pending.as_deref().unwrap_or_default())?;
    let cashback = object.cashback.as_deref().map(|text| line.amount("cashback", text));
    let cashback = cashback.transpose()?.filter(|amount| amount.is_positive());
    let cashback_lots =
        cashback.into_iter().map(|amount| (Expires::WithActivity, amount)).collect();
    Ok(AccountFacts {
        lifetime: lifetime(line, object, &days)?,
        points: begun(lots, pending),
        cashback: begun(cashback_lots, BTreeMap::new()),
        days,
        last_purchase,
        ..AccountFacts::default()
    })
}

/// A balance to begin with.
fn begun<U: Unit>(
    lots: BTreeMap<Expires, U>,
    pending: BTreeMap<(NaiveDate, Expires), U>,
) -> Purse<U> {
    let adjusted = lots.values().chain(pending.values()).copied().sum();
    let totals = PurseTotals { adjusted, ..PurseTotals::default() };
    Purse { lots, pending, totals, ..Purse::default() }
}

/// Points that live with the account's purchases and may be spent only later.
fn pending(
    line: Line,
    objects: &[Table<PendingObject>],
) -> Outcome<BTreeMap<(NaiveDate, Expires), Points>> {
    line.count("pending", objects.len(), LOTS_MAX)?;
    let mut pending = BTreeMap::new();
    for (index, object) in objects.iter().enumerate() {
        let path = |key: &str| format!("pending[{index}].{key}");
        let points = line.points(&path("points"), object.points, 1)?;
        let from = line.day(&path("usable_from"), &object.usable_from)?;
        let expires = object.expires.as_deref().map(|text| line.day(&path("expires"), text));
        let expires = expires.transpose()?.map_or(Expires::WithActivity, Expires::On);
        *pending.entry((from, expires)).or_default() += points;
    }
    Ok(pending)
}

fn lots(line: Line, objects: &[Table<LotObject>]) -> Outcome<BTreeMap<Expires, Points>> {
    line.count("lots", objects.len(), LOTS_MAX)?;
    let mut lots = BTreeMap::new();
    for (index, object) in objects.iter().enumerate() {
        let points = line.points(&format!("lots[{index}].points"), object.points, 1)?;
        let expires = line.day(&format!("lots[{index}].expires"), &object.expires)?;
        *lots.entry(Expires::On(expires)).or_default() += points;
    }
    Ok(lots)
}

fn days(line: Line, objects: &[Table<DayObject>]) -> Outcome<BTreeMap<NaiveDate, DayTotals>> {
    line.count("days", objects.len(), DAYS_MAX)?;
    let mut days = BTreeMap::new();
    for (index, object) in objects.iter().enumerate() {
        let path = |key: &str| format!("days[{index}].{key}");
        let day = line.day(&path("day"), &object.day)?;
        let totals = DayTotals {
            visits: line.visits(&path("visits"), object.visits)?,
            spend: line.amount(&path("spend"), &object.spend)?,
            earned: line.points(&path("earned"), object.earned, 0)?,
        };
        if days.insert(day, totals).is_some() {
            let reason = "this day is there already";
            return Err(line.fault(&path("day"), ImportFaultCode::Duplicate, reason));
        }
    }
    Ok(days)
}

fn lifetime(
    line: Line,
    object: &LineObject,
    days: &BTreeMap<NaiveDate, DayTotals>,
) -> Outcome<DayTotals> {
    let mut of_days = DayTotals::default();
    for totals in days.values() {
        of_days.visits += totals.visits;
        of_days.spend += totals.spend;
        of_days.earned += totals.earned;
    }
    let visits = object.visits_lifetime;
    let spend = object.spend_lifetime.as_deref();
    let earned = object.earned_lifetime;
    let told = DayTotals {
        visits: visits.map_or(Ok(of_days.visits), |n| line.visits("visits_lifetime", n))?,
        spend: spend.map_or(Ok(of_days.spend), |text| line.amount("spend_lifetime", text))?,
        earned: earned.map_or(Ok(of_days.earned), |n| line.points("earned_lifetime", n, 0))?,
    };
    let short = [
        ("visits_lifetime", told.visits < of_days.visits),
        ("spend_lifetime", told.spend < of_days.spend),
        ("earned_lifetime", told.earned < of_days.earned),
    ];
    match short.into_iter().find(|(_, short)| *short) {
        Some((key, _)) => {
            let reason = "a life has at least what its `days` have";
            Err(line.fault(key, ImportFaultCode::Contradiction, reason))
        }
        None => Ok(told),
    }
}
