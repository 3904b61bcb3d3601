//! What becomes of points that a return takes back and the balance does not hold.
//!
//! A return is never blocked because points were spent. What it takes back is a function of what
//! remains of the sale; how much of that the account pays is the programme's policy, and is
//! decided once: the record of the return says what was forgiven, so that an account is folded
//! without the programme. It says which lots it gives back to and takes from, too: they depend on
//! what earlier returns of the sale did.

use chrono::NaiveDate;

use super::account::Account;
use super::entry::{Change, EntryTerms};
use super::purse::{Purse, Today, Undone, Unit};
use super::returns::{LotsBack, SoldPoints, SoldPurse};

/// What happens where a return takes back more points than the balance holds (issue "The
/// programme", "Returns"). It is for what the sale itself earned: what a referral gave to whoever
/// referred is taken back whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClawBack {
    /// The rest becomes debt, which the next points settle. The default.
    #[default]
    NegativeAllowed,
    /// The rest is forgiven. Points of the sale that settled a debt leave that debt again, so
    /// that a sale and its void are nothing.
    ///
    /// Each return of a sale takes what all returns of it take back together, less what they
    /// took already, as far as the balance holds it after spent points were given back. So parts
    /// are the whole while nothing else happens between them; and where the balance holds more
    /// by the next return of the same sale, that one takes what an earlier one forgave.
    WithinBalance,
    /// Only what is still pending is taken back; what has become usable meanwhile is forgiven. So
    /// every earning rule of such a programme gives what is pending at first, for as long as goods
    /// may come back.
    PendingOnly,
}

impl ClawBack {
    /// Settles how much of what a return takes back is forgiven, and the lots that it gives back to
    /// and takes from, on the account as it is before.
    pub fn settle(
        self,
        (change, lots_back): (&mut Change, &LotsBack),
        sold: &SoldPoints<'_>,
        account: &Account,
        day: NaiveDate,
        terms: EntryTerms,
    ) {
        let Change::Undo { points, cashback, .. } = change else { return };
        let mut account = account.clone();
        let expiries = terms.expiries();
        account.settle_expiry(day, expiries);
        let today = |policy| Today { day, activity_ends: account.activity_expiry(policy) };
        let purse = account.points();
        points.forgiven = self.forgiven(points, &sold.points, purse);
        purse.settle_lots(points, &sold.points.undone, &lots_back.points, today(expiries.points));
        let purse = account.cashback();
        cashback.forgiven = self.forgiven(cashback, &sold.cashback, purse);
        let (undone, back) = (&sold.cashback.undone, &lots_back.cashback);
        purse.settle_lots(cashback, undone, back, today(expiries.cashback));
    }

    fn forgiven<U: Unit>(self, undone: &Undone<U>, sold: &SoldPurse<'_, U>, purse: &Purse<U>) -> U {
        match self {
            Self::NegativeAllowed => U::NONE,
            Self::WithinBalance => {
                let owed = undone.clawed_back + sold.undone.forgiven;
                let room = purse.room_for_claw_back(undone, sold.debt);
                undone.clawed_back - owed.min(room)
            }
            Self::PendingOnly => undone.clawed_back - purse.still_pending(undone),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::loyalty::conversion::Converted;
    use crate::loyalty::decide::examples::club;
    use crate::loyalty::entry::{Expires, RemainingSale};
    use crate::loyalty::purse::UndoneSoFar;
    use crate::money::{Amount, Points};

    const EARNED: Points = Points::new(100);

    /// What is forgiven of 60 and then of 40 points, and what the account is left with: it owed
    /// `debt` before it earned 100, and had `balance` (below nothing: debt) just before the return.
    fn returned(policy: ClawBack, debt: i64, balance: i64, between: i64) -> ([i64; 2], i64) {
        let terms = club().entry_terms();
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day");
        let expires = Expires::WithActivity;
        let adjust = |points| {
            let (points, expires) = (Points::new(points), Expires::Never);
            Change::of_points(points, expires)
        };
        let mut account = Account::default().after(day, terms, &adjust(balance));
        let (mut forgiven, mut so_far) = ([0; 2], UndoneSoFar::default());
        for (part, clawed_back) in [60, 40].into_iter().enumerate() {
            let mut change = Change::Undo {
                sale_day: day,
                remaining: RemainingSale::Some,
                points: Undone {
                    clawed_back: Points::new(clawed_back),
                    expires,
                    ..Undone::default()
                },
                cashback: Undone::default(),
                spend: Amount::ZERO,
                counted: Vec::new(),
            };
            let sold = SoldPoints {
                issued: &[],
                tier: None,
                flags: &BTreeSet::new(),
                earned_by: &[],
                counted: &[],
                shared: &[],
                average_basket: None,
                points: SoldPurse {
                    earned: EARNED,
                    expires,
                    debt: Points::new(debt),
                    undone: so_far.clone(),
                    ..SoldPurse::default()
                },
                cashback: SoldPurse::default(),
                converted: &Converted::default(),
            };
            let nothing_back = LotsBack::default();
            policy.settle((&mut change, &nothing_back), &sold, &account, day, terms);
            account = account.after(day, terms, &change);
            let Change::Undo { points, .. } = change else { unreachable!("as made") };
            forgiven[part] = points.forgiven.value();
            so_far.add(&points);
            account = account.after(day, terms, &adjust(if part == 0 { between } else { 0 }));
        }
        (forgiven, (account.balance() - account.debt()).value())
    }

    #[test]
    fn what_the_balance_does_not_hold_is_owed_or_forgiven_as_the_programme_says() {
        use ClawBack::{NegativeAllowed, WithinBalance};
        let cases = [
            // policy, debt before the sale, balance, earned between; forgiven, left
            (NegativeAllowed, 0, 100, 0, ([0, 0], 0)),
            (NegativeAllowed, 0, 30, 0, ([0, 0], -70)),
            (WithinBalance, 0, 100, 0, ([0, 0], 0)),
            (WithinBalance, 0, 70, 0, ([0, 30], 0)),
            (WithinBalance, 0, 30, 0, ([30, 40], 0)),
            (WithinBalance, 0, 0, 0, ([60, 40], 0)),
            // What an earlier return forgave is taken by a later one that can.
            (WithinBalance, 0, 30, 50, ([30, -10], 0)),
            (WithinBalance, 0, 30, 500, ([30, -30], 430)),
            // The sale settled a debt, which is there again.
            (WithinBalance, 25, 75, 0, ([0, 0], -25)),
            (WithinBalance, 25, 0, 0, ([35, 40], -25)),
            // A debt from elsewhere neither grows nor is forgiven.
            (WithinBalance, 0, -50, 0, ([60, 40], -50)),
        ];
        for (policy, debt, balance, between, expected) in cases {
            let found = returned(policy, debt, balance, between);
            assert_eq!(found, expected, "{policy:?} {debt} {balance} {between}");
        }
    }
}
