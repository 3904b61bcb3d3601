//! Sums in minor units, points, and quantities in thousandths.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use super::ratio::{Rounding, mul_div};

/// The largest amount of one line or receipt: a million millions of minor units. Ten thousand
/// lines of it still fit an `i64` with a factor of 900 to spare, so sums of parsed amounts cannot
/// overflow.
pub const AMOUNT_MINOR_MAX: i64 = 1_000_000_000_000;

/// The largest quantity of one line: a million units, far beyond any till.
pub const QUANTITY_MILLI_MAX: i64 = 1_000_000_000;

macro_rules! countable {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);

            /// Wraps a count of the smallest unit.
            #[must_use]
            pub const fn new(value: i64) -> Self {
                Self(value)
            }

            /// The count of the smallest unit.
            #[must_use]
            pub const fn value(self) -> i64 {
                self.0
            }

            /// Whether this is nothing.
            #[must_use]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// Whether this is more than nothing.
            #[must_use]
            pub const fn is_positive(self) -> bool {
                self.0 > 0
            }

            /// This, or nothing where it is below nothing.
            #[must_use]
            pub fn or_zero(self) -> Self {
                self.max(Self::ZERO)
            }

            /// The sum, or `None` where it does not fit.
            #[must_use]
            pub fn checked_add(self, other: Self) -> Option<Self> {
                self.0.checked_add(other.0).map(Self)
            }
        }

        impl Add for $name {
            type Output = Self;

            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }

        impl Sub for $name {
            type Output = Self;

            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }

        impl SubAssign for $name {
            fn sub_assign(&mut self, other: Self) {
                self.0 -= other.0;
            }
        }

        impl Neg for $name {
            type Output = Self;

            fn neg(self) -> Self {
                Self(-self.0)
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
                values.fold(Self::ZERO, Add::add)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

countable! {
    /// A sum of money in minor units (haléř, grosz, cent) of the programme's currency.
    Amount
}

countable! {
    /// Loyalty points, whole.
    Points
}

countable! {
    /// A quantity in thousandths of its unit: 1.000 piece, 0.235 kg.
    Quantity
}

impl Quantity {
    /// One unit.
    pub const ONE: Self = Self::new(1_000);

    /// So many whole units.
    #[must_use]
    pub const fn units(count: i64) -> Self {
        Self::new(count * 1_000)
    }

    /// The whole units in it, rounded down.
    #[must_use]
    pub const fn whole_units(self) -> i64 {
        self.value().div_euclid(1_000)
    }

    /// The whole units in it, a begun one counted as whole.
    #[must_use]
    pub const fn started_units(self) -> i64 {
        self.value().saturating_add(999).div_euclid(1_000)
    }

    /// What this quantity costs at a price per unit, rounded half up once.
    /// `None` where the product does not fit.
    #[must_use]
    pub fn at(self, unit_price: Amount) -> Option<Amount> {
        mul_div(unit_price.value(), self.value(), 1_000, Rounding::HalfUp).map(Amount::new)
    }
}
