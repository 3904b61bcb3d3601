//! Which till customers come to, from the log alone.
//!
//! From day to day they go round all tills, for every evening all tills know the same. While the line
//! is away a till knows what was sold elsewhere before, and what it sold itself: who comes then stays
//! at the till they came to first. What is brought back goes to the till that sold it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::figures::Customer;
use super::habits::{Day, Errand};

/// The line is away for one of so many days.
const DAYS_PER_DAY_AWAY: usize = 8;

/// The days on which the line is away: from the middle on. It goes while the first of them is under
/// way and comes back when the last is over.
pub(crate) fn days_away(days: usize) -> Range<usize> {
    let from = days / 2;
    from..(from + (days / DAYS_PER_DAY_AWAY).max(1)).min(days)
}

/// The place of the till of every visit of every day.
pub(crate) fn tills_of(days: &[Day], tills: usize, away: &Range<usize>) -> Vec<Vec<usize>> {
    let mut last: BTreeMap<Customer, usize> = BTreeMap::new();
    let mut stays: BTreeMap<Customer, usize> = BTreeMap::new();
    let mut all = Vec::with_capacity(days.len());
    for (number, day) in days.iter().enumerate() {
        let mut of_day = Vec::with_capacity(day.visits.len());
        for (customer, errands) in &day.visits {
            let brings_back = errands.iter().any(|errand| matches!(errand, Errand::BringBack(_)));
            let sold_at = last.get(customer).filter(|_| brings_back);
            let stays_at = stays.get(customer).filter(|_| away.contains(&number));
            let round = (*customer as usize + number) % tills;
            let till = sold_at.or(stays_at).copied().unwrap_or(round);
            last.insert(*customer, till);
            if away.contains(&number) {
                stays.insert(*customer, till);
            }
            of_day.push(till);
        }
        all.push(of_day);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::{habits, log};

    #[test]
    fn customers_go_round_but_stay_while_the_line_is_away_and_bring_back_where_they_bought() {
        let purchases = log::purchases().expect("a sound log");
        let days = habits::days(&purchases);
        let away = days_away(days.len());
        let tills = tills_of(&days, 3, &away);
        let mut last: BTreeMap<Customer, usize> = BTreeMap::new();
        let mut met_away: BTreeMap<Customer, usize> = BTreeMap::new();
        let (mut moved, mut brought_back) = (0, 0);
        for (number, (day, tills)) in days.iter().zip(&tills).enumerate() {
            for ((customer, errands), till) in day.visits.iter().zip(tills) {
                let before = last.insert(*customer, *till);
                moved += usize::from(before.is_some_and(|before| before != *till));
                if errands.iter().any(|errand| matches!(errand, Errand::BringBack(_))) {
                    assert_eq!(before, Some(*till), "brought back where it was bought");
                    brought_back += 1;
                }
                if away.contains(&number) {
                    assert_eq!(met_away.entry(*customer).or_insert(*till), till, "stays");
                }
            }
        }
        assert!(moved > 25_000 && brought_back > 700 && met_away.len() > 1_000, "{moved}");
    }

    #[test]
    fn the_line_is_away_in_the_middle() {
        for (days, away) in [(1, 0..1), (2, 1..2), (16, 8..10), (546, 273..341)] {
            assert_eq!(days_away(days), away, "{days}");
        }
    }
}
