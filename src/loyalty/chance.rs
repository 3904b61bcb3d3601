//! Rules that give only where a draw wins: surprise rewards (BQ-19).
//!
//! Nothing is random here: what was drawn comes in as an argument. A quote draws nothing and says
//! nothing of such a rule, so that nobody asks again until it wins; a record says what was drawn
//! for each rule, won or lost.

use std::collections::BTreeMap;

use super::ids::RuleId;

/// How likely a rule gives, in basis points: 1 to 10,000, which is certain and still a surprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chance(u16);

/// A number from 0 to 9,999 that was drawn for a rule on a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DrawnNumber(u16);

/// What was drawn for each rule with a chance; empty where nothing is drawn, as for a quote.
pub type Draws = BTreeMap<RuleId, DrawnNumber>;

/// Every number of a draw, each as likely.
const NUMBERS: u16 = 10_000;

impl Chance {
    /// Every draw wins, in basis points.
    pub const CERTAIN: u16 = NUMBERS;

    /// A chance of so many basis points; `None` where that is none or more than certain.
    #[must_use]
    pub fn from_basis_points(basis_points: u16) -> Option<Self> {
        (1..=Self::CERTAIN).contains(&basis_points).then_some(Self(basis_points))
    }

    /// In basis points.
    #[must_use]
    pub fn basis_points(self) -> u16 {
        self.0
    }

    /// Whether a drawn number wins.
    #[must_use]
    pub fn wins(self, drawn: DrawnNumber) -> bool {
        drawn.0 < self.0
    }
}

impl DrawnNumber {
    /// The number that evenly spread bits come to.
    #[must_use]
    pub fn of_bits(bits: u64) -> Self {
        let number = bits % u64::from(NUMBERS);
        Self(u16::try_from(number).expect("it is less than 10,000"))
    }

    /// A number as it was recorded; `None` where it is none.
    #[must_use]
    pub fn new(number: u16) -> Option<Self> {
        (number < NUMBERS).then_some(Self(number))
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> u16 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bq_19_so_many_of_ten_thousand_numbers_win() {
        for basis_points in [1, 250, 9_999, 10_000] {
            let chance = Chance::from_basis_points(basis_points).expect("a chance");
            let wins =
                (0..NUMBERS).filter_map(DrawnNumber::new).filter(|drawn| chance.wins(*drawn));
            assert_eq!(wins.count(), usize::from(basis_points));
        }
        assert_eq!(Chance::from_basis_points(0), None);
        assert_eq!(Chance::from_basis_points(10_001), None);
    }

    #[test]
    fn bq_19_bits_come_to_a_number_of_the_draw() {
        let cases = [(0, 0), (9_999, 9_999), (10_000, 0), (u64::MAX, 1_615)];
        for (bits, number) in cases {
            assert_eq!(DrawnNumber::of_bits(bits).value(), number, "{bits}");
            assert_eq!(DrawnNumber::new(number), Some(DrawnNumber::of_bits(bits)));
        }
        assert_eq!(DrawnNumber::new(10_000), None);
    }
}
