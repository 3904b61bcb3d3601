//! Account facts as stored: one CBOR array, the same bytes for the same facts.

mod item;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};

use self::item::Item;
use crate::journal::cbor::Writer;
use crate::loyalty::{
    AccountFacts, Counter, CounterId, Counters, DayTotals, DeviceId, EntryKey, Expires, GreetingId,
    MemberRef, OfferId, Promotion, Purse, PurseTotals, RewardId, RuleId, Unit, UseUnit,
};
use crate::money::{Amount, Points};

/// Versions of the layout, first in the array: the second adds counters, the third what is pending
/// and cashback. Accounts without any are still written in the earlier ones.
const LAYOUT: i64 = 1;
const LAYOUT_WITH_COUNTERS: i64 = 2;
const LAYOUT_WITH_CASHBACK: i64 = 3;

/// A stored account does not decode: the row is damaged or written by newer software.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stored account facts do not decode")]
pub(crate) struct FactsDamaged;

/// Writes facts.
pub(crate) fn encode(facts: &AccountFacts) -> Vec<u8> {
    let AccountFacts { points, cashback, .. } = facts;
    let layout = if !points.pending.is_empty() || *cashback != Purse::default() {
        LAYOUT_WITH_CASHBACK
    } else if !facts.counters.is_empty() {
        LAYOUT_WITH_COUNTERS
    } else {
        LAYOUT
    };
    let mut out = Writer::with_capacity(128);
    out.list(|list| {
        list.item(&layout);
        write_lots(list.next(), &points.lots, Points::value);
        list.item(&points.debt.value());
        list.list(|days| {
            for (day, totals) in &facts.days {
                let [visits, spend, earned] = totals_parts(totals);
                write_row(days.next(), [day_number(*day), visits, spend, earned]);
            }
        });
        list.or_null(&facts.last_purchase.map(day_number));
        write_row(list.next(), totals_parts(&facts.lifetime));
        write_purse_totals(list.next(), &points.totals, Points::value);
        match &facts.last_entry {
            None => list.null(),
            Some(key) => list.list(|parts| {
                parts.item(&key.effective_at.timestamp_millis()).item(&key.device);
                parts.item(&key.epoch).item(&key.sequence);
            }),
        };
        if layout >= LAYOUT_WITH_COUNTERS {
            list.list(|counters| {
                for (id, counter) in facts.counters.iter() {
                    write_counter(counters.next(), id, counter);
                }
            });
        }
        if layout >= LAYOUT_WITH_CASHBACK {
            write_pending(list.next(), &points.pending, Points::value);
            list.list(|purse| {
                write_lots(purse.next(), &cashback.lots, Amount::value);
                write_pending(purse.next(), &cashback.pending, Amount::value);
                purse.item(&cashback.debt.value());
                write_purse_totals(purse.next(), &cashback.totals, Amount::value);
            });
        }
    });
    out.into_bytes()
}

/// Reads facts.
///
/// # Errors
/// [`FactsDamaged`] for anything that [`encode`] does not write.
pub(crate) fn decode(bytes: &[u8]) -> Result<AccountFacts, FactsDamaged> {
    let value = Item::read(bytes).ok_or(FactsDamaged)?;
    let [layout, stored @ ..] = each(&value)? else { return Err(FactsDamaged) };
    let (stored, counters, beside) = match (number(layout)?, stored) {
        (LAYOUT, stored) => (stored, None, None),
        (LAYOUT_WITH_COUNTERS, [stored @ .., counters]) => (stored, Some(counters), None),
        (LAYOUT_WITH_CASHBACK, [stored @ .., counters, pending, cashback]) => {
            (stored, Some(counters), Some((pending, cashback)))
        }
        _ => return Err(FactsDamaged),
    };
    let counters = counters.map(|counters| each(counters)?.iter().map(counter).collect());
    let counters = counters.transpose()?.map(Counters::from_parts).unwrap_or_default();
    let [lots, debt, days, last_purchase, lifetime, totals, last_entry] = stored else {
        return Err(FactsDamaged);
    };
    let (pending, cashback) = match beside {
        None => (BTreeMap::new(), Purse::default()),
        Some((pending, cashback)) => {
            let [lots, waiting, debt, totals] = parts(cashback)?;
            let cashback = Purse {
                lots: read_lots(lots, Amount::new)?,
                pending: read_pending(waiting, Amount::new)?,
                debt: Amount::new(number(debt)?),
                totals: read_purse_totals(totals, Amount::new)?,
            };
            (read_pending(pending, Points::new)?, cashback)
        }
    };
    Ok(AccountFacts {
        points: Purse {
            lots: read_lots(lots, Points::new)?,
            pending,
            debt: Points::new(number(debt)?),
            totals: read_purse_totals(totals, Points::new)?,
        },
        cashback,
        days: each(days)?.iter().map(day).collect::<Result<BTreeMap<_, _>, _>>()?,
        last_purchase: optional(last_purchase, |value| day_from(number(value)?))?,
        lifetime: {
            let [visits, spend, earned] = parts(lifetime)?;
            day_totals(visits, spend, earned)?
        },
        last_entry: optional(last_entry, entry_key)?,
        counters,
    })
}

/// Kind and id, what came before the days, the days. The id of an offer's uses is a list: the
/// offer, 1 for receipts, 2 for units or 3 for points, the member or null.
fn write_counter(out: &mut Writer, id: &CounterId, counter: &Counter) {
    out.list(|list| {
        match id {
            CounterId::RuleUses(rule) => list.number(1).item(rule),
            CounterId::RuleProgress(rule) => list.number(2).item(rule),
            CounterId::RuleReached(rule) => list.number(3).item(rule),
            CounterId::OfferUses { offer, unit, member } => list.number(4).list(|uses| {
                uses.item(offer).item(unit).or_null(member);
            }),
            CounterId::RulePoints(rule) => list.number(7).item(rule),
            CounterId::RuleVisitDays(rule) => list.number(5).item(rule),
            CounterId::RewardUses(reward) => list.number(8).item(reward),
            CounterId::RuleReferrals(rule) => list.number(9).item(rule),
            CounterId::Told { what, member } => list.number(12).list(|told| {
                match what {
                    Promotion::Greeting(id) => told.number(1).item(id),
                    Promotion::Offer(id) => told.number(2).item(id),
                    Promotion::Rule(id) => told.number(3).item(id),
                    Promotion::Reward(id) => told.number(4).item(id),
                };
                told.item(member);
            }),
            CounterId::MemberRuleUses { rule, member } => list.number(10).list(|uses| {
                uses.item(rule).item(member);
            }),
        };
        list.item(&counter.earlier).list(|days| {
            for (day, by) in &counter.days {
                write_row(days.next(), [day_number(*day), *by]);
            }
        });
    });
}

fn counter(value: &Item<'_>) -> Result<(CounterId, Counter), FactsDamaged> {
    let [kind, id, earlier, days] = parts(value)?;
    let rule = || id.as_text().and_then(|text| RuleId::parse(text).ok()).ok_or(FactsDamaged);
    let id = match number(kind)? {
        1 => CounterId::RuleUses(rule()?),
        2 => CounterId::RuleProgress(rule()?),
        3 => CounterId::RuleReached(rule()?),
        4 => offer_uses(id)?,
        7 => CounterId::RulePoints(rule()?),
        5 => CounterId::RuleVisitDays(rule()?),
        8 => {
            let reward = id.as_text().and_then(|text| RewardId::parse(text).ok());
            CounterId::RewardUses(reward.ok_or(FactsDamaged)?)
        }
        9 => CounterId::RuleReferrals(rule()?),
        12 => told(id)?,
        10 => {
            let [rule, member] = parts(id)?;
            let rule = rule.as_text().and_then(|text| RuleId::parse(text).ok());
            let member = member.as_bytes().and_then(|bytes| bytes.try_into().ok());
            CounterId::MemberRuleUses {
                rule: rule.ok_or(FactsDamaged)?,
                member: MemberRef::from_bytes(member.ok_or(FactsDamaged)?),
            }
        }
        _ => return Err(FactsDamaged),
    };
    let count = |value| {
        let [day, by] = parts(value)?;
        Ok((day_from(number(day)?)?, number(by)?))
    };
    let days = each(days)?.iter().map(count).collect::<Result<_, _>>()?;
    Ok((id, Counter { earlier: number(earlier)?, days }))
}

fn told(id: &Item<'_>) -> Result<CounterId, FactsDamaged> {
    let [kind, id, member] = parts(id)?;
    let id = id.as_text().ok_or(FactsDamaged)?;
    let what = match number(kind)? {
        1 => GreetingId::parse(id).map(Promotion::Greeting),
        2 => OfferId::parse(id).map(Promotion::Offer),
        3 => RuleId::parse(id).map(Promotion::Rule),
        4 => RewardId::parse(id).map(Promotion::Reward),
        _ => return Err(FactsDamaged),
    };
    let member = member.as_bytes().and_then(|bytes| bytes.try_into().ok());
    Ok(CounterId::Told {
        what: what.map_err(|_| FactsDamaged)?,
        member: MemberRef::from_bytes(member.ok_or(FactsDamaged)?),
    })
}

fn offer_uses(id: &Item<'_>) -> Result<CounterId, FactsDamaged> {
    let [offer, unit, member] = parts(id)?;
    let offer = offer.as_text().and_then(|text| OfferId::parse(text).ok()).ok_or(FactsDamaged)?;
    let unit = match number(unit)? {
        1 => UseUnit::Receipts,
        2 => UseUnit::Units,
        3 => UseUnit::Points,
        _ => return Err(FactsDamaged),
    };
    let member = optional(member, |value| {
        let bytes = value.as_bytes().and_then(|bytes| bytes.try_into().ok());
        bytes.map(MemberRef::from_bytes).ok_or(FactsDamaged)
    })?;
    Ok(CounterId::OfferUses { offer, unit, member })
}

/// Kind and day of each lot, and how much it holds.
fn write_lots<U: Unit>(out: &mut Writer, lots: &BTreeMap<Expires, U>, value: fn(U) -> i64) {
    out.list(|list| {
        for (expires, held) in lots {
            let (kind, day) = expires_parts(*expires);
            write_row(list.next(), [kind, day, value(*held)]);
        }
    });
}

fn read_lots<U>(value: &Item<'_>, of: fn(i64) -> U) -> Result<BTreeMap<Expires, U>, FactsDamaged> {
    let lot = |value| {
        let [kind, day, held] = parts(value)?;
        Ok((expires(kind, day)?, of(number(held)?)))
    };
    each(value)?.iter().map(lot).collect()
}

/// The day from which it is usable, then as a lot.
fn write_pending<U: Unit>(
    out: &mut Writer,
    pending: &BTreeMap<(NaiveDate, Expires), U>,
    value: fn(U) -> i64,
) {
    out.list(|list| {
        for ((from, expires), held) in pending {
            let (kind, day) = expires_parts(*expires);
            write_row(list.next(), [day_number(*from), kind, day, value(*held)]);
        }
    });
}

fn read_pending<U>(
    value: &Item<'_>,
    of: fn(i64) -> U,
) -> Result<BTreeMap<(NaiveDate, Expires), U>, FactsDamaged> {
    let part = |value| {
        let [from, kind, day, held] = parts(value)?;
        Ok(((day_from(number(from)?)?, expires(kind, day)?), of(number(held)?)))
    };
    each(value)?.iter().map(part).collect()
}

fn write_purse_totals<U: Unit>(out: &mut Writer, totals: &PurseTotals<U>, value: fn(U) -> i64) {
    let PurseTotals { issued, spent, restored, clawed_back, adjusted, expired } = *totals;
    write_row(out, [issued, spent, restored, clawed_back, adjusted, expired].map(value));
}

fn read_purse_totals<U>(
    value: &Item<'_>,
    of: fn(i64) -> U,
) -> Result<PurseTotals<U>, FactsDamaged> {
    let [issued, spent, restored, clawed_back, adjusted, expired] = parts(value)?;
    let sum = |value| number(value).map(of);
    Ok(PurseTotals {
        issued: sum(issued)?,
        spent: sum(spent)?,
        restored: sum(restored)?,
        clawed_back: sum(clawed_back)?,
        adjusted: sum(adjusted)?,
        expired: sum(expired)?,
    })
}

fn expires(kind: &Item<'_>, day: &Item<'_>) -> Result<Expires, FactsDamaged> {
    Ok(match number(kind)? {
        0 => Expires::On(day_from(number(day)?)?),
        1 => Expires::WithActivity,
        2 => Expires::Never,
        _ => return Err(FactsDamaged),
    })
}

fn day(value: &Item<'_>) -> Result<(NaiveDate, DayTotals), FactsDamaged> {
    let [day, visits, spend, earned] = parts(value)?;
    Ok((day_from(number(day)?)?, day_totals(visits, spend, earned)?))
}

fn day_totals(
    visits: &Item<'_>,
    spend: &Item<'_>,
    earned: &Item<'_>,
) -> Result<DayTotals, FactsDamaged> {
    Ok(DayTotals {
        visits: u32::try_from(number(visits)?).map_err(|_| FactsDamaged)?,
        spend: Amount::new(number(spend)?),
        earned: Points::new(number(earned)?),
    })
}

fn entry_key(value: &Item<'_>) -> Result<EntryKey, FactsDamaged> {
    let [at, device, epoch, sequence] = parts(value)?;
    let device = device.as_bytes().and_then(|bytes| bytes.try_into().ok());
    Ok(EntryKey {
        effective_at: DateTime::from_timestamp_millis(number(at)?).ok_or(FactsDamaged)?,
        device: DeviceId::from_bytes(device.ok_or(FactsDamaged)?),
        epoch: u32::try_from(number(epoch)?).map_err(|_| FactsDamaged)?,
        sequence: u64::try_from(number(sequence)?).map_err(|_| FactsDamaged)?,
    })
}

fn expires_parts(expires: Expires) -> (i64, i64) {
    match expires {
        Expires::On(day) => (0, day_number(day)),
        Expires::WithActivity => (1, 0),
        Expires::Never => (2, 0),
    }
}

fn totals_parts(totals: &DayTotals) -> [i64; 3] {
    [i64::from(totals.visits), totals.spend.value(), totals.earned.value()]
}

fn day_number(day: NaiveDate) -> i64 {
    i64::from(day.to_epoch_days())
}

fn day_from(number: i64) -> Result<NaiveDate, FactsDamaged> {
    let number = i32::try_from(number).map_err(|_| FactsDamaged)?;
    NaiveDate::from_epoch_days(number).ok_or(FactsDamaged)
}

fn write_row<const N: usize>(out: &mut Writer, numbers: [i64; N]) {
    out.list(|row| {
        row.items(&numbers);
    });
}

fn each<'v, 'b>(value: &'v Item<'b>) -> Result<&'v [Item<'b>], FactsDamaged> {
    value.as_list().ok_or(FactsDamaged)
}

fn parts<'v, 'b, const N: usize>(value: &'v Item<'b>) -> Result<&'v [Item<'b>; N], FactsDamaged> {
    each(value)?.try_into().map_err(|_| FactsDamaged)
}

fn number(value: &Item<'_>) -> Result<i64, FactsDamaged> {
    value.as_integer().ok_or(FactsDamaged)
}

fn optional<T>(
    value: &Item<'_>,
    read: impl FnOnce(&Item<'_>) -> Result<T, FactsDamaged>,
) -> Result<Option<T>, FactsDamaged> {
    if value.is_null() { Ok(None) } else { read(value).map(Some) }
}

#[cfg(test)]
mod tests {
    use ciborium::Value;

    use super::*;

    fn sample() -> AccountFacts {
        let day = NaiveDate::from_ymd_opt(2026, 3, 10).expect("a day");
        let totals = DayTotals { visits: 2, spend: Amount::new(-5), earned: Points::new(7) };
        AccountFacts {
            points: Purse {
                lots: [
                    (Expires::On(day), Points::new(3)),
                    (Expires::WithActivity, Points::new(4)),
                    (Expires::Never, Points::new(5)),
                ]
                .into(),
                pending: BTreeMap::new(),
                debt: Points::new(9),
                totals: PurseTotals { issued: Points::new(12), ..PurseTotals::default() },
            },
            cashback: Purse::default(),
            days: [(day, totals)].into(),
            last_purchase: Some(day),
            lifetime: totals,
            last_entry: Some(EntryKey {
                effective_at: DateTime::from_timestamp_millis(1_700_000_000_123).expect("a time"),
                device: DeviceId::from_bytes([3; 16]),
                epoch: 2,
                sequence: 77,
            }),
            counters: Counters::default(),
        }
    }

    /// With counters of every kind.
    fn counting() -> AccountFacts {
        let rule = || RuleId::parse("tenth-visit").expect("an id");
        let day = NaiveDate::from_ymd_opt(2026, 3, 10).expect("a day");
        let counter = Counter { earlier: -3, days: [(day, i64::MAX)].into() };
        let counters = [
            CounterId::RuleUses(rule()),
            CounterId::RuleProgress(rule()),
            CounterId::RuleReached(rule()),
            CounterId::RuleVisitDays(rule()),
            CounterId::RuleReferrals(rule()),
            CounterId::RulePoints(rule()),
            CounterId::MemberRuleUses { rule: rule(), member: MemberRef::from_bytes([8; 16]) },
        ];
        let offer = || OfferId::parse("bag").expect("an id");
        let member = Some(MemberRef::from_bytes([9; 16]));
        let of_offers = [
            CounterId::OfferUses { offer: offer(), unit: UseUnit::Receipts, member: None },
            CounterId::OfferUses { offer: offer(), unit: UseUnit::Units, member },
        ];
        let reward = CounterId::RewardUses(RewardId::parse("coffee").expect("an id"));
        let member = MemberRef::from_bytes([7; 16]);
        let told = [
            Promotion::Greeting(GreetingId::parse("vip").expect("an id")),
            Promotion::Offer(offer()),
            Promotion::Rule(rule()),
            Promotion::Reward(RewardId::parse("coffee").expect("an id")),
        ];
        let told = told.map(|what| CounterId::Told { what, member });
        let counters = counters.into_iter().chain(of_offers).chain([reward]).chain(told);
        let counters = counters.map(|id| (id, counter.clone())).collect();
        AccountFacts { counters: Counters::from_parts(counters), ..sample() }
    }

    /// With what is pending, and cashback.
    fn waiting() -> AccountFacts {
        let day = NaiveDate::from_ymd_opt(2026, 3, 10).expect("a day");
        let mut facts = sample();
        facts.points.pending =
            [((day, Expires::Never), Points::new(2)), ((day, Expires::On(day)), Points::new(8))]
                .into();
        facts.cashback = Purse {
            lots: [(Expires::WithActivity, Amount::new(70))].into(),
            pending: [((day, Expires::WithActivity), Amount::new(3))].into(),
            debt: Amount::new(1),
            totals: PurseTotals { issued: Amount::new(72), ..PurseTotals::default() },
        };
        facts
    }

    #[test]
    fn facts_are_read_as_written() {
        let both = AccountFacts { counters: counting().counters, ..waiting() };
        for facts in [AccountFacts::default(), sample(), counting(), waiting(), both] {
            assert_eq!(decode(&encode(&facts)), Ok(facts));
        }
    }

    #[test]
    fn facts_are_written_in_their_shortest_form() {
        for facts in [AccountFacts::default(), sample(), counting(), waiting()] {
            let written = encode(&facts);
            let value: Value = ciborium::from_reader(&*written).expect("CBOR");
            let mut shortest = Vec::new();
            ciborium::into_writer(&value, &mut shortest).expect("written");
            assert_eq!(written, shortest);
        }
    }

    #[test]
    fn damaged_facts_are_refused() {
        for bytes in [encode(&counting()), encode(&waiting())] {
            for cut in 0..bytes.len() {
                assert_eq!(decode(&bytes[..cut]), Err(FactsDamaged), "cut at {cut}");
            }
        }
        assert_eq!(decode(&encode(&sample())[1..]), Err(FactsDamaged));
    }
}
