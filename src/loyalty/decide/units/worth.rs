//! Sums of parts of what is left, rounded once.

use std::ops::{Add, AddAssign, Sub};

use crate::money::{Amount, Percent};

/// Money in millionths of a millionth of a minor unit.
///
/// Units of a heap own a fraction of what is left of it. Fractions of ten thousand heaps have no
/// common denominator that fits, so each heap's part is rounded here, far below anything that
/// counts: the errors of the most lines of a basket come to less than a hundred-millionth, and
/// the one rounding to minor units first takes them back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Worth(i128);

impl Worth {
    /// Parts of a minor unit. A receipt's sum in them times a receipt's units fits an `i128`.
    const SCALE: i128 = 1_000_000_000_000;

    /// Parts of a minor unit that a total is rounded to before it is rounded to minor units.
    const MILLIONTHS: i128 = 1_000_000;

    pub(super) const NOTHING: Self = Self(0);

    pub(super) fn of(amount: Amount) -> Self {
        Self(i128::from(amount.value()) * Self::SCALE)
    }

    /// What so many of the `whole` units own that together have so much left.
    pub(super) fn of_units(left: i64, units: i64, whole: i64) -> Self {
        if left % whole == 0 {
            // A whole price per unit, as most have: the same without a wide division.
            return Self(i128::from(left / whole) * i128::from(units) * Self::SCALE);
        }
        let exact = i128::from(left) * i128::from(units) * Self::SCALE;
        let whole = i128::from(whole);
        Self((exact + whole / 2) / whole)
    }

    pub(super) fn times(self, times: i64) -> Self {
        Self(self.0.saturating_mul(i128::from(times)))
    }

    pub(super) fn share(self, percent: Percent) -> Self {
        let whole = i128::from(Percent::WHOLE.thousandths());
        Self((self.0 * i128::from(percent.thousandths()) + whole / 2) / whole)
    }

    /// In whole minor units, half up.
    pub(super) fn rounded(self) -> Amount {
        let half = |of: i128| of / 2;
        let per_millionth = Self::SCALE / Self::MILLIONTHS;
        let millionths = (self.0 + half(per_millionth)).div_euclid(per_millionth);
        let whole = (millionths + half(Self::MILLIONTHS)).div_euclid(Self::MILLIONTHS);
        Amount::new(i64::try_from(whole).unwrap_or(i64::MAX))
    }

    /// As a weight among others of the same scale.
    pub(super) fn weight(self) -> Amount {
        let millionths = self.0 / (Self::SCALE / Self::MILLIONTHS);
        Amount::new(i64::try_from(millionths).unwrap_or(i64::MAX))
    }
}

impl Add for Worth {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Worth {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Worth {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_half_counts_as_one_however_many_parts_it_has() {
        // 1/6 of a minor unit from each of three heaps, and from each of three thousand.
        let sum =
            |heaps: usize| (0..heaps).fold(Worth::NOTHING, |sum, _| sum + Worth::of_units(1, 1, 6));
        assert_eq!(sum(3).rounded(), Amount::new(1));
        assert_eq!(sum(2).rounded(), Amount::ZERO);
        assert_eq!(sum(3_003).rounded(), Amount::new(501), "500.5");
    }

    #[test]
    fn the_largest_receipt_fits() {
        let most = crate::money::AMOUNT_MINOR_MAX;
        let units = 10_000_000_000;
        assert_eq!(Worth::of_units(most, units, units).rounded(), Amount::new(most));
        assert_eq!(Worth::of(Amount::new(most)).share(Percent::WHOLE).rounded().value(), most);
    }
}
