//! One limit, and how a table shows it.

use std::fmt;
use std::marker::PhantomData;

use crate::journal::Text;

/// A limit as the table has it.
pub(super) struct Limit {
    /// What is limited.
    pub(super) name: &'static str,
    pub(super) bound: Bound,
    pub(super) value: i64,
    pub(super) unit: Unit,
    /// In a few words.
    pub(super) why: &'static str,
    pub(super) beyond: Beyond,
    /// The path of the constant that the value is of.
    #[cfg(test)]
    pub(super) constant: &'static str,
}

/// On which side of the value it is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Most,
    Least,
    Exactly,
}

/// What the value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Bytes,
    Ms,
    S,
    Days,
    MinorUnits,
    /// Thousandths of a unit of goods.
    Thousandths,
    /// Things of this name.
    Of(&'static str),
}

/// What happens beyond the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beyond {
    /// The request is refused with this code, of a problem or of one of its `errors`.
    Refused(&'static str),
    /// The same with the one code or the other.
    RefusedEither(&'static str, &'static str),
    /// The receipt is booked and carries this flag.
    Flagged(&'static str),
    /// A programme or members file is refused; the fault has this code.
    FileFault(&'static str),
    /// The configuration is refused: exit code 64.
    WrongConfiguration,
    /// Nothing is refused.
    Then(&'static str),
}

/// A limit whose value is read from a constant, or from what `=` gives of one.
macro_rules! limit {
    ($bound:ident $name:literal, $constant:path, $unit:expr, $why:literal, $beyond:expr) => {
        limit!($bound $name, $constant = $constant, $unit, $why, $beyond)
    };
    ($bound:ident $name:literal, $constant:path = $value:expr, $unit:expr, $why:literal, $beyond:expr) => {
        $crate::agent::limits::limit::Limit {
            name: $name,
            bound: $crate::agent::limits::limit::Bound::$bound,
            value: ($value) as i64,
            unit: $unit,
            why: $why,
            beyond: $beyond,
            #[cfg(test)]
            constant: stringify!($constant),
        }
    };
}
pub(super) use limit;

/// How many bytes a kind of text may have.
pub(super) const fn bytes_of<const BYTES_MAX: usize>(_: PhantomData<Text<BYTES_MAX>>) -> usize {
    BYTES_MAX
}

impl fmt::Display for Limit {
    /// A row of a Markdown table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, bound, value, unit, why, beyond, .. } = self;
        let (number, unit) = unit.scaled(*value);
        write!(f, "| {name} | {bound}{number} {unit} | {why} | {beyond} |")
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Most => "≤ ",
            Self::Least => "≥ ",
            Self::Exactly => "",
        })
    }
}

impl fmt::Display for Beyond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(code) => write!(f, "`{code}`"),
            Self::RefusedEither(one, other) => write!(f, "`{one}`, `{other}`"),
            Self::Flagged(flag) => write!(f, "flag `{flag}`"),
            Self::FileFault(code) => write!(f, "fault `{code}`"),
            Self::WrongConfiguration => f.write_str("exit 64"),
            Self::Then(what) => f.write_str(what),
        }
    }
}

impl Unit {
    /// The value in the largest unit that takes it without a fraction.
    fn scaled(self, value: i64) -> (String, &'static str) {
        let larger: &[(i64, &'static str)] = match self {
            Self::Bytes => &[(1 << 20, "MiB"), (1 << 10, "KiB"), (1, "bytes")],
            Self::Ms => &[
                (24 * 3_600_000, "days"),
                (3_600_000, "h"),
                (60_000, "min"),
                (1_000, "s"),
                (1, "ms"),
            ],
            Self::S => &[(3_600, "h"), (60, "min"), (1, "s")],
            Self::Days => &[(1, "days")],
            Self::MinorUnits => &[(1, "minor units")],
            Self::Thousandths => &[(1_000, "units"), (1, "thousandths")],
            Self::Of(things) => return (grouped(value), things),
        };
        // One day is told in hours.
        let fits = |(size, name): &&(i64, &str)| {
            value % size == 0 && !(*name == "days" && value == *size && *size > 1)
        };
        let (size, name) = larger.iter().find(fits).unwrap_or(&(1, ""));
        (grouped(value / size), name)
    }
}

/// Digits in groups of three.
fn grouped(value: i64) -> String {
    let digits = value.abs().to_string();
    let mut text = String::from(if value < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
