//! Returns of one sale in parts: each gives back what lies between all of them at once with it and
//! all of them at once without it, lot by lot. So parts come to the whole in their dates too.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Purse, SpentPart, Undone, Unit};
use crate::loyalty::entry::Expires;

/// What returns of a sale did so far to what may be spent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoneSoFar<U> {
    /// What they forgave.
    pub forgiven: U,
    /// What they took out of the lot that the sale earned in, or left as debt.
    own: U,
    /// What they took out of other lots.
    others: BTreeMap<Expires, U>,
    /// What they gave back, by lot.
    given_back: BTreeMap<Expires, U>,
}

/// What comes back of what a sale spent, in the order that serves the customer: what all returns
/// before one gave back, had they been one, and the same with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpentBack<U> {
    /// Without this return.
    pub before: Vec<SpentPart<U>>,
    /// With it; never less of any lot.
    pub after: Vec<SpentPart<U>>,
}

/// A day, and the one on which what lives with the account's purchases ends.
#[derive(Clone, Copy, Debug)]
pub(in crate::loyalty) struct Today {
    pub(in crate::loyalty) day: NaiveDate,
    pub(in crate::loyalty) activity_ends: Option<NaiveDate>,
}

impl<U: Unit> UndoneSoFar<U> {
    /// Adds a return, with what it forgave and took from.
    pub fn add(&mut self, undone: &Undone<U>) {
        self.forgiven += undone.forgiven;
        self.own += undone.taken_usable() - sum(&undone.taken_from);
        for part in &undone.taken_from {
            *self.others.entry(part.expires).or_default() += part.value;
        }
        for part in &undone.restored {
            *self.given_back.entry(part.expires).or_default() += part.value;
        }
    }

    /// How much may still come back to each lot: what the sale spent of it that comes back by now,
    /// and what was taken from it. So no lot ever gets more than it gave, whatever happens between
    /// parts.
    fn room(&self, own: Expires, back: &[SpentPart<U>]) -> BTreeMap<Expires, U> {
        let mut room = self.others.clone();
        *room.entry(own).or_default() += self.own;
        for part in back {
            *room.entry(part.expires).or_default() += part.value;
        }
        for (expires, value) in &self.given_back {
            *room.entry(*expires).or_default() -= *value;
        }
        room
    }

    fn taken_usable(&self) -> U {
        self.own + self.others.values().copied().sum()
    }
}

impl<U: Unit> Undone<U> {
    /// What is taken of what may be spent, or owed.
    fn taken_usable(&self) -> U {
        self.taken() - self.pending.iter().map(|part| part.value).sum()
    }
}

impl<U: Unit> Purse<U> {
    /// Settles lot by lot what a return does, once it is known what it forgives: how much is still
    /// pending of what it takes, which lots it gives back to, and which ones it takes from. Of a
    /// purse that was settled.
    pub(in crate::loyalty) fn settle_lots(
        &self,
        undone: &mut Undone<U>,
        so_far: &UndoneSoFar<U>,
        back: &SpentBack<U>,
        today: Today,
    ) {
        for part in &mut undone.pending {
            part.value = self.held_of(part, undone.expires);
        }
        undone.pending.retain(|part| part.value > U::NONE);
        // The first return gives back what it says: nothing was taken for it to make good.
        if *so_far != UndoneSoFar::default() {
            undone.restored = self.given_back(undone.expires, so_far, back, today);
        }
        undone.taken_from = self.taken_from(undone);
    }

    /// What a return gives back. What settles the debt that earlier ones left comes first, and is
    /// counted as of its own lot.
    fn given_back(
        &self,
        own: Expires,
        so_far: &UndoneSoFar<U>,
        back: &SpentBack<U>,
        today: Today,
    ) -> Vec<SpentPart<U>> {
        let mut begun = self.before_returns(own, so_far);
        // What lapsed meanwhile is not made good in a lot where it would lapse.
        begun.settle(today.day, today.activity_ends);
        let once = |parts: &[SpentPart<U>]| {
            let mut purse = begun.clone();
            purse.give_back(parts);
            purse.take_back(so_far.taken_usable(), own);
            purse
        };
        let (before, after) = (once(&back.before), once(&back.after));
        let mut room = so_far.room(own, &back.after);
        let mut give = |expires: Expires, value: U| {
            let room = room.entry(expires).or_default();
            let value = value.min(*room).max(U::NONE);
            *room -= value;
            (value > U::NONE).then_some(SpentPart { expires, value })
        };
        let held = |expires: &Expires| before.lots.get(expires).copied().unwrap_or_default();
        let lots = after.lots.iter().rev();
        let to_lots: Vec<SpentPart<U>> =
            lots.filter_map(|(expires, value)| give(*expires, *value - held(expires))).collect();
        let mut left = sum(&back.after) - sum(&back.before) - sum(&to_lots);
        let mut parts = Vec::new();
        let longest_first: Vec<Expires> = so_far.room(own, &back.after).into_keys().rev().collect();
        for expires in [own].into_iter().chain(longest_first) {
            let part = give(expires, left);
            left -= part.map_or(U::NONE, |part| part.value);
            parts.extend(part);
        }
        // Records of before lots were told may say less than was taken.
        parts.extend((left > U::NONE).then_some(SpentPart { expires: own, value: left }));
        parts.extend(to_lots);
        parts
    }

    /// The other lots than its own that a return takes from.
    fn taken_from(&self, undone: &Undone<U>) -> Vec<SpentPart<U>> {
        let mut purse = self.clone();
        purse.give_back(&undone.restored);
        let left = purse.take_from_own(undone.taken_usable(), undone.expires);
        purse.consumption(left)
    }

    /// The purse as if returns of a sale had done nothing. What was given back and is gone counts
    /// as spent from other lots.
    fn before_returns(&self, own: Expires, so_far: &UndoneSoFar<U>) -> Self {
        let mut purse = self.clone();
        // What is owed was counted as taken from their own lot.
        purse.award(so_far.own, own);
        for (expires, value) in &so_far.others {
            purse.award(*value, *expires);
        }
        let mut gone = U::NONE;
        for (expires, value) in &so_far.given_back {
            let held = purse.lots.get(expires).copied().unwrap_or_default().min(*value);
            purse.take_from(*expires, held);
            gone += *value - held;
        }
        purse.take(gone);
        purse
    }
}

fn sum<U: Unit>(parts: &[SpentPart<U>]) -> U {
    parts.iter().map(|part| part.value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loyalty::programme::ExpiryPolicy;
    use crate::loyalty::purse::Gained;
    use crate::money::Points;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn soon() -> Expires {
        Expires::On(day("2026-05-31"))
    }

    fn late() -> Expires {
        Expires::On(day("2026-12-31"))
    }

    fn spent(parts: &[(Expires, i64)]) -> Vec<SpentPart> {
        parts
            .iter()
            .map(|(expires, value)| SpentPart { expires: *expires, value: Points::new(*value) })
            .collect()
    }

    /// The first so many of what was spent.
    fn until(parts: &[SpentPart], value: i64) -> Vec<SpentPart> {
        let mut left = Points::new(value);
        let cut = |part: &SpentPart| {
            let value = part.value.min(left);
            left -= value;
            SpentPart { value, ..*part }
        };
        parts.iter().map(cut).filter(|part| part.value.is_positive()).collect()
    }

    fn purse(lots: &[(Expires, i64)]) -> Purse<Points> {
        let mut purse = Purse::default();
        for (expires, value) in lots {
            purse.adjust(Points::new(*value), *expires);
        }
        purse
    }

    /// A return on a day, which takes so many back and after which so many of the spent have come
    /// back in all.
    type Part = (&'static str, i64, i64);

    type Lots<'a> = &'a [(Expires, i64)];

    /// What parts take back, and how much of the spent has come back in all after each.
    type Parts<'a> = &'a [(i64, i64)];

    /// The lots that returns leave, of a sale that earned in a lot and spent this, in the order in
    /// which it comes back.
    fn after(
        begun: &Purse<Points>,
        (own, spent): (Expires, &[SpentPart]),
        parts: &[Part],
        mut between: impl FnMut(&mut Purse<Points>),
    ) -> Vec<(Expires, i64)> {
        let (mut purse, mut so_far, mut came_back) = (begun.clone(), UndoneSoFar::default(), 0);
        for (number, (on, clawed_back, back)) in parts.iter().enumerate() {
            if number > 0 {
                between(&mut purse);
            }
            let today = Today { day: day(on), activity_ends: None };
            purse.settle(today.day, None);
            let lots_back =
                SpentBack { before: until(spent, came_back), after: until(spent, *back) };
            let mut left_out = came_back;
            let rest = spent.iter().filter_map(|part| {
                let skipped = left_out.min(part.value.value());
                left_out -= skipped;
                let value = part.value - Points::new(skipped);
                value.is_positive().then_some(SpentPart { value, ..*part })
            });
            let rest: Vec<SpentPart> = rest.collect();
            let mut undone = Undone {
                clawed_back: Points::new(*clawed_back),
                expires: own,
                restored: until(&rest, back - came_back),
                ..Undone::default()
            };
            purse.settle_lots(&mut undone, &so_far, &lots_back, today);
            let given: Points = undone.restored.iter().map(|part| part.value).sum();
            assert_eq!(given.value(), back - came_back, "all of it comes back");
            let taken: Points = undone.taken_from.iter().map(|part| part.value).sum();
            assert!(taken <= undone.clawed_back);
            purse.undo(&undone);
            so_far.add(&undone);
            came_back = *back;
        }
        assert_eq!(purse.totals.left(), purse.worth());
        purse.lots.iter().map(|(expires, value)| (*expires, value.value())).collect()
    }

    #[test]
    fn returns_in_parts_leave_the_lots_of_one_return() {
        let (soon, late, never) = (soon(), late(), Expires::Never);
        let today = "2026-03-10";
        let cases: [(Lots<'_>, Expires, Lots<'_>, Parts<'_>, Lots<'_>); 5] = [
            // lots after the sale, its own, what it spent; parts; lots left
            // It paid 60 of 100 points by itself, and they come back with the last unit.
            (&[(soon, 40), (late, 50)], soon, &[(soon, 60)], &[(70, 0), (30, 60)], &[(late, 50)]),
            // What it earned became a voucher that a later part withdraws.
            (
                &[(late, 20), (never, 50)],
                late,
                &[(late, 30), (soon, 20)],
                &[(30, 0), (20, 50)],
                &[(soon, 20), (never, 50)],
            ),
            // What it spent lapses sooner than what was taken for it.
            (&[(late, 50)], never, &[(soon, 30)], &[(20, 0), (0, 30)], &[(soon, 10), (late, 50)]),
            // Nothing was left, so that the first part left a debt.
            (&[], late, &[(never, 50), (soon, 10)], &[(40, 0), (0, 30), (10, 60)], &[(never, 10)]),
            // Several parts take and give in turn.
            (
                &[(soon, 5), (late, 30), (never, 9)],
                late,
                &[(late, 20), (soon, 10)],
                &[(35, 0), (2, 5), (8, 12), (0, 20), (5, 30)],
                &[(soon, 15), (never, 9)],
            ),
        ];
        for (begun, own, lots, parts, expected) in cases {
            let (begun, lots) = (purse(begun), spent(lots));
            let in_parts: Vec<Part> =
                parts.iter().map(|(taken, back)| (today, *taken, *back)).collect();
            let taken = parts.iter().map(|(taken, _)| taken).sum();
            let at_once = [(today, taken, parts.last().expect("some").1)];
            let nothing = |_: &mut Purse<Points>| {};
            let found = after(&begun, (own, &lots), &at_once, nothing);
            assert_eq!(found, expected, "at once {begun:?}");
            let found = after(&begun, (own, &lots), &in_parts, nothing);
            assert_eq!(found, expected, "in parts {begun:?}");
        }
    }

    #[test]
    fn what_was_spent_or_lapsed_between_parts_is_gone_and_nothing_else_is() {
        let (soon, late) = (soon(), late());
        let of_sale = (late, spent(&[(late, 60)]));
        let begun = purse(&[(soon, 50), (late, 40)]);
        let spend = |points: i64| {
            move |purse: &mut Purse<Points>| {
                let spent = Points::new(points);
                purse.sell(&Gained { spent, ..Gained::default() }, ExpiryPolicy::Never);
            }
        };
        let cases: [(_, i64, Lots<'_>); 4] = [
            // the day of the second part; spent between, lots left
            ("2026-03-10", 0, &[(soon, 50)]),
            ("2026-03-10", 20, &[(soon, 30)]),
            ("2026-03-10", 35, &[(soon, 15)]),
            // What the first part took is gone with its lot, so it comes back to that of the sale.
            ("2026-07-01", 0, &[(late, 30)]),
        ];
        for (second, points, expected) in cases {
            let parts = [("2026-03-10", 70, 0), (second, 30, 60)];
            let found = after(&begun, (of_sale.0, &of_sale.1), &parts, spend(points));
            assert_eq!(found, expected, "{second} {points}");
        }
    }
}
