//! Where two sides of a receipt differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug};

use crate::loyalty::{Applied, Benefit, Counted, CounterId, EarnedBy, Gain, IssuedBy, LineId};
use crate::loyalty::{RuleId, VoucherId};
use crate::money::Amount;

/// One place where they differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where.
    pub at: Differing,
    /// What the record says.
    pub recorded: Figure,
    /// What comes out now.
    pub computed: Figure,
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Differing {
    /// Money paid, or paid back.
    Payable,
    /// Offers and vouchers on a line.
    LineDiscount(LineId),
    /// Points and cashback spent on a line, as money.
    LineRedeemed(LineId),
    /// The tax on top of a line.
    LineTax(LineId),
    /// What a benefit took off altogether.
    Benefit(Benefit),
    /// What a benefit took off a line.
    BenefitOnLine(Benefit, LineId),
    /// What an earning rule gave.
    Rule(RuleId),
    /// A sum of the account: earned, spent, converted, taken back.
    Sum(&'static str),
    /// A lot, a tier, a day or another thing that is no sum.
    Term(&'static str),
    /// What is counted for the account.
    Counter(CounterId),
    /// What is counted for all customers.
    Shared(CounterId),
    /// How many vouchers or contest entries were handed out by something.
    Issued(IssuedBy),
    /// A voucher or entry that was withdrawn.
    Withdrawn(VoucherId),
}

/// One side of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// There is nothing.
    Nothing,
    /// A number in the unit of what differs: minor units, points, a count.
    Number(i64),
    /// Something else, as text.
    Text(String),
}

impl Figure {
    fn of(value: Option<i64>) -> Self {
        value.map_or(Self::Nothing, Self::Number)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("-"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Collects differences.
#[derive(Debug, Default)]
pub(super) struct Differences(pub(super) Vec<Difference>);

impl Differences {
    /// Two numbers that should be one.
    pub(super) fn number(&mut self, at: Differing, recorded: i64, computed: i64) {
        self.optional(at, Some(recorded), Some(computed));
    }

    fn optional(&mut self, at: Differing, recorded: Option<i64>, computed: Option<i64>) {
        if recorded != computed {
            let (recorded, computed) = (Figure::of(recorded), Figure::of(computed));
            self.0.push(Difference { at, recorded, computed });
        }
    }

    /// Two amounts that should be one.
    pub(super) fn amount(&mut self, at: Differing, recorded: Amount, computed: Amount) {
        self.number(at, recorded.value(), computed.value());
    }

    /// Two things that should be one and are no numbers.
    pub(super) fn term<T: PartialEq + Debug>(
        &mut self,
        what: &'static str,
        recorded: &T,
        computed: &T,
    ) {
        if recorded != computed {
            let text = |side: &T| Figure::Text(format!("{side:?}"));
            let (recorded, computed) = (text(recorded), text(computed));
            self.0.push(Difference { at: Differing::Term(what), recorded, computed });
        }
    }

    /// Keys with numbers on both sides.
    fn maps<K: Ord + Clone>(
        &mut self,
        recorded: &BTreeMap<K, i64>,
        computed: &BTreeMap<K, i64>,
        at: impl Fn(K) -> Differing,
    ) {
        let keys: BTreeSet<&K> = recorded.keys().chain(computed.keys()).collect();
        for key in keys {
            let (one, other) = (recorded.get(key).copied(), computed.get(key).copied());
            self.optional(at(key.clone()), one, other);
        }
    }

    /// Benefits, whatever their order.
    pub(super) fn benefits(&mut self, recorded: &[Applied], computed: &[Applied]) {
        let sums = |side: &[Applied]| -> BTreeMap<Benefit, i64> {
            side.iter().map(|one| (one.benefit.clone(), one.amount.value())).collect()
        };
        self.maps(&sums(recorded), &sums(computed), Differing::Benefit);
        let parts = |side: &[Applied]| -> BTreeMap<(Benefit, LineId), i64> {
            let parts = side.iter().flat_map(|one| {
                let part = |part: &crate::loyalty::Allocation| {
                    ((one.benefit.clone(), part.line_id.clone()), part.amount.value())
                };
                one.allocations.iter().map(part)
            });
            parts.collect()
        };
        let on_line = |(benefit, line)| Differing::BenefitOnLine(benefit, line);
        self.maps(&parts(recorded), &parts(computed), on_line);
    }

    /// What rules gave.
    pub(super) fn rules(&mut self, recorded: &[EarnedBy], computed: &[EarnedBy]) {
        let sums = |side: &[EarnedBy]| -> BTreeMap<RuleId, i64> {
            let given = |by: &EarnedBy| match by.gain {
                Gain::Points(points) => points.value(),
                Gain::Cashback(amount) => amount.value(),
            };
            side.iter().map(|by| (by.rule.clone(), given(by))).collect()
        };
        self.maps(&sums(recorded), &sums(computed), Differing::Rule);
        self.term("usable_from", &days_of(recorded), &days_of(computed));
    }

    /// What is counted for the account. What was said unasked is no value, and is left out.
    pub(super) fn counted(&mut self, recorded: &[Counted], computed: &[Counted]) {
        self.maps(&counts(recorded), &counts(computed), Differing::Counter);
    }

    /// What is counted for all customers.
    pub(super) fn shared(&mut self, recorded: &[Counted], computed: &[Counted]) {
        self.maps(&counts(recorded), &counts(computed), Differing::Shared);
    }

    /// How many were handed out by what.
    pub(super) fn issued(
        &mut self,
        recorded: &BTreeMap<IssuedBy, i64>,
        computed: &BTreeMap<IssuedBy, i64>,
    ) {
        self.maps(recorded, computed, Differing::Issued);
    }

    /// Codes that were withdrawn.
    pub(super) fn withdrawn(&mut self, recorded: &[VoucherId], computed: &[VoucherId]) {
        let each = |side: &[VoucherId]| -> BTreeMap<VoucherId, i64> {
            side.iter().map(|code| (code.clone(), 1)).collect()
        };
        self.maps(&each(recorded), &each(computed), Differing::Withdrawn);
    }
}

fn days_of(rules: &[EarnedBy]) -> BTreeMap<&RuleId, chrono::NaiveDate> {
    rules.iter().filter_map(|by| Some((&by.rule, by.usable_from?))).collect()
}

fn counts(side: &[Counted]) -> BTreeMap<CounterId, i64> {
    let mut counts = BTreeMap::new();
    for counted in side {
        if !matches!(counted.counter, CounterId::Told { .. }) {
            *counts.entry(counted.counter.clone()).or_insert(0) += counted.by;
        }
    }
    counts
}
