//! Sums of parts that are not whole, exact: whether rules give all back together must not depend
//! on how each of them rounds.

/// A number of at least nothing; a sum that does not fit is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    pub(crate) const NOTHING: Self = Self { numerator: 0, denominator: 1 };

    /// The product of some numbers over the product of others; `None` where it does not fit, or
    /// where one of the others is nothing.
    pub(crate) fn of(over: &[i64], under: &[i64]) -> Option<Self> {
        let product = |factors: &[i64]| {
            factors.iter().try_fold(1_i128, |product, factor| product.checked_mul((*factor).into()))
        };
        Self::reduced(product(over)?, product(under)?)
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Self::reduced(left.checked_add(right)?, self.denominator.checked_mul(other.denominator)?)
    }

    /// The whole part; the largest number there is where it does not fit.
    pub(crate) fn floor(self) -> i64 {
        i64::try_from(self.numerator / self.denominator).unwrap_or(i64::MAX)
    }

    /// Without what is not whole.
    pub(crate) fn floored(self) -> Self {
        Self { numerator: self.numerator / self.denominator, denominator: 1 }
    }

    fn reduced(numerator: i128, denominator: i128) -> Option<Self> {
        if numerator < 0 || denominator <= 0 {
            return None;
        }
        let by = greatest_common_divisor(numerator, denominator);
        Some(Self { numerator: numerator / by, denominator: denominator / by })
    }
}

/// Of a number and one that is more than nothing.
fn greatest_common_divisor(mut one: i128, mut other: i128) -> i128 {
    while one != 0 {
        (one, other) = (other % one, one);
    }
    other
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parts<'a> = &'a [(i64, i64)];

    #[test]
    fn a_sum_of_parts_is_exact_and_one_that_does_not_fit_is_none() {
        let sum = |parts: Parts<'_>| {
            parts.iter().try_fold(Ratio::NOTHING, |sum, (over, under)| {
                sum.plus(Ratio::of(&[*over], &[*under])?)
            })
        };
        let cases: [(Parts<'_>, Option<i64>); 7] = [
            (&[], Some(0)),
            (&[(1, 3), (2, 3)], Some(1)),
            (&[(1, 3), (1, 3)], Some(0)),
            (&[(60, 100), (50, 100), (1, 7)], Some(1)),
            (&[(i64::MAX, 1), (i64::MAX, 1)], Some(i64::MAX)),
            (&[(1, i64::MAX), (1, i64::MAX - 1), (1, i64::MAX - 2)], None),
            (&[(1, 0)], None),
        ];
        for (parts, expected) in cases {
            assert_eq!(sum(parts).map(Ratio::floor), expected, "{parts:?}");
        }
    }
}
