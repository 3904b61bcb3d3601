//! Points that become vouchers by themselves once an account has enough of them (LD-41).
//!
//! What counts is the balance after the sale, without points on hold for another basket: points
//! that were spent or lapsed or are still pending are not there to be converted, points given by
//! hand are. A counter of
//! all that was ever collected would promise vouchers for points that are gone.

use super::decision::Reason;
use super::ids::ConversionId;
use super::issue::{Issue, IssuedBy, SoldIssue, VoucherGrant};
use super::programme::Programme;
use super::purse::SpentPart;
use super::terms::Conditions;
use crate::money::Points;

/// A rule that converts points. Whoever shall choose for themselves is left out by the audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// Its id.
    pub id: ConversionId,
    /// What customers call it.
    pub name: String,
    /// For whom, when and where; goods do not matter.
    pub conditions: Conditions,
    /// It takes at least this balance; never less than `points`.
    pub at: Points,
    /// What one voucher costs, at least 1.
    pub points: Points,
    /// At most so many vouchers on one receipt.
    pub times_max: u32,
    /// What the points become.
    pub voucher: VoucherGrant,
}

/// What a sale converted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// What there was to convert: the balance after all else, without points on hold. Zero where
    /// nothing was converted.
    pub balance: Points,
    /// What became of it, in the order in which it was converted.
    pub by: Vec<ConvertedBy>,
    /// From which lots.
    pub from: Vec<SpentPart>,
}

/// What one rule converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertedBy {
    /// The rule.
    pub conversion: ConversionId,
    /// What one voucher cost.
    pub points: Points,
    /// How many vouchers.
    pub times: u32,
}

impl Conversion {
    /// How many vouchers a balance comes to, where paper has room for so many.
    #[must_use]
    pub fn times(&self, balance: Points, room: u32) -> u32 {
        times_in(balance, self.at, self.points).min(self.times_max).min(room)
    }

    /// How many points are missing for one.
    #[must_use]
    pub fn missing(&self, balance: Points) -> Option<Reason> {
        let missing = self.at - balance;
        missing.is_positive().then_some(Reason::PointsMissing { missing })
    }
}

impl Converted {
    /// All points that were converted.
    #[must_use]
    pub fn points(&self) -> Points {
        self.by.iter().map(ConvertedBy::points_together).sum()
    }

    /// What one voucher cost that was handed out; `None` of one that points were not converted for.
    #[must_use]
    pub fn cost_of(&self, handed_out_by: &IssuedBy) -> Option<Points> {
        let IssuedBy::Conversion(id) = handed_out_by else { return None };
        self.by.iter().find(|by| by.conversion == *id).map(|by| by.points)
    }

    /// The vouchers that would have come of it with so many points fewer: those that came first, up
    /// to the first that the balance did not hold. So fewer points never give a voucher that more
    /// of them did not, and any parts of a return come to the same.
    pub(crate) fn still_due(
        &self,
        programme: &Programme,
        fewer: Points,
        sold: &[SoldIssue<'_>],
    ) -> Vec<Issue> {
        let mut balance = (self.balance - fewer).or_zero();
        let mut due = Vec::new();
        for by in &self.by {
            let known = programme.conversions.iter().find(|known| known.id == by.conversion);
            let at = known.map_or(by.points, |known| known.at);
            let times = times_in(balance, at, by.points).min(by.times);
            due.extend(Issue::of_sold(&IssuedBy::Conversion(by.conversion.clone()), sold, times));
            if times < by.times {
                break;
            }
            balance -= by.points_together();
        }
        due
    }
}

impl ConvertedBy {
    fn points_together(&self) -> Points {
        Points::new(self.points.value().saturating_mul(i64::from(self.times)))
    }
}

/// How often points may be taken from a balance that must be `at` each time.
fn times_in(balance: Points, at: Points, points: Points) -> u32 {
    let beyond = (balance - at).value();
    if beyond < 0 {
        return 0;
    }
    u32::try_from(beyond / points.value().max(1) + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::loyalty::ids::VoucherTypeId;
    use crate::loyalty::issue::VoucherTerm;

    #[test]
    fn ld_41_a_balance_comes_to_a_voucher_each_time_that_it_is_enough() {
        // at, points, times_max, room, balance; vouchers
        let cases = [
            (500, 500, 9, 50, 499, 0),
            (500, 500, 9, 50, 500, 1),
            (500, 500, 9, 50, 999, 1),
            (500, 500, 9, 50, 1_000, 2),
            (500, 500, 1, 50, 5_000, 1),
            (500, 500, 9, 3, 5_000, 3),
            (500, 500, 9, 0, 5_000, 0),
            (600, 500, 9, 50, 599, 0),
            (600, 500, 9, 50, 1_099, 1),
            (600, 500, 9, 50, 1_100, 2),
            (1, 1, u32::MAX, u32::MAX, i64::from(u32::MAX) + 7, u32::MAX),
        ];
        for (at, points, times_max, room, balance, expected) in cases {
            let kind = VoucherTypeId::parse("v5").expect("an id");
            let conversion = Conversion {
                id: ConversionId::parse("c").expect("an id"),
                name: "c".to_owned(),
                conditions: Conditions::default(),
                at: Points::new(at),
                points: Points::new(points),
                times_max,
                voucher: VoucherGrant {
                    types: BTreeMap::from([(0, kind)]),
                    starts_in_days: 0,
                    term: VoucherTerm::Days(30),
                },
            };
            let times = conversion.times(Points::new(balance), room);
            assert_eq!(times, expected, "{at} {points} {times_max} {room} {balance}");
        }
    }
}
