//! What is being bought.

use std::collections::{BTreeMap, BTreeSet};

use super::gifts::Gifts;
use super::ids::{CategoryId, LineId, OfferId, RewardId, Sku, VoucherId};
use super::offer_code::OfferCode;
use super::programme::REWARDS_CHOSEN_MAX;
use super::tax::TaxMode;
use crate::member_code::{Coupon, CouponNumber};
use crate::money::{AMOUNT_MINOR_MAX, Amount, Percent, Points, QUANTITY_MILLI_MAX, Quantity};

/// The most lines of one basket: a wholesale receipt has hundreds; ten thousand is a mistake or
/// an attack.
pub const LINES_MAX: usize = 10_000;

/// The most vouchers of one basket.
pub const VOUCHERS_MAX: usize = 50;

/// A basket: lines with unique ids, amounts that agree with quantity times price. By default there
/// is nothing in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basket {
    lines: Vec<Line>,
    mismatches: Vec<LineMismatch>,
    benefits: RequestedBenefits,
    tax: BasketTax,
    shown: BTreeSet<OfferId>,
}

/// How a basket is taxed, where the till says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BasketTax {
    /// Whether its prices have their tax inside; as the programme says where missing.
    pub mode: Option<TaxMode>,
    /// The tax that the till added; as it is due where missing.
    pub charged: Option<Amount>,
}

/// One line of a basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Unique in the basket.
    pub line_id: LineId,
    /// The product.
    pub sku: Sku,
    /// The product's category path.
    pub category: Option<CategoryId>,
    /// How much; more than nothing.
    pub quantity: Quantity,
    /// Price of one unit before loyalty, with tax unless the basket has it added.
    pub unit_price: Amount,
    /// What the till asks for the line before loyalty: the fact that everything starts from.
    pub amount: Amount,
    /// Tax rate that is inside the amount, or is added to what is left of it.
    pub tax_rate: Percent,
    /// What may not be done with the line.
    pub flags: BTreeSet<LineFlag>,
    /// The least that one unit may be sold for.
    pub unit_price_min: Option<Amount>,
    /// The lowest price of one unit in the 30 days before it was reduced, where the till knows it:
    /// told beside announced reductions (Directive 98/6/EC, Article 6a), and nothing is decided by it.
    pub lowest_30d_price: Option<Amount>,
    /// What the goods of the line cost the shop, where the till knows it: carried for margins, and
    /// nothing is decided by it (LD-16).
    pub cost: Option<Amount>,
}

/// What may not be done with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineFlag {
    /// No offer, voucher or points discount touches it (tobacco, deposits).
    NoDiscount,
    /// It earns nothing.
    NoPoints,
}

/// A line whose amount is off quantity times price by the one minor unit that is tolerated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineMismatch {
    /// The line.
    pub line_id: LineId,
    /// Quantity times price, rounded half up.
    pub computed: Amount,
}

/// What the customer asks for beyond what applies by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestedBenefits {
    /// Vouchers presented.
    pub vouchers: BTreeSet<VoucherId>,
    /// Codes given to call for offers (LD-18).
    pub codes: BTreeSet<OfferCode>,
    /// Coupons presented.
    pub coupons: BTreeMap<CouponNumber, Coupon>,
    /// Points to spend. Nothing is ever spent silently (BR-5).
    pub spend: RequestedSpend,
    /// Cashback to spend, exactly so much; spent beside `spend` (BQ-43).
    pub cashback: Amount,
    /// Rewards chosen, and how many times each; spent beside `spend`.
    pub rewards: BTreeMap<RewardId, u32>,
    /// Gifts that the till says it gave, and how often each; as they are due where `None`.
    pub gifts: Option<Gifts>,
}

/// How many points the customer wants to spend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestedSpend {
    /// Keep them all.
    #[default]
    Keep,
    /// Exactly so many.
    Exactly(Points),
}

impl Basket {
    /// Checks lines and requests.
    ///
    /// # Errors
    /// Every [`BasketError`] found, in line order.
    pub fn parse(lines: Vec<Line>, benefits: RequestedBenefits) -> Result<Self, Vec<BasketError>> {
        if lines.len() > LINES_MAX {
            return Err(vec![BasketError::TooManyLines { lines: lines.len() }]);
        }
        let mut errors = Vec::new();
        let mut mismatches = Vec::new();
        if benefits.vouchers.len() > VOUCHERS_MAX {
            errors.push(BasketError::TooManyVouchers { vouchers: benefits.vouchers.len() });
        }
        if let RequestedSpend::Exactly(points) = benefits.spend {
            if !(0..=AMOUNT_MINOR_MAX).contains(&points.value()) {
                errors.push(BasketError::SpendOutOfRange);
            }
        }
        if !(0..=AMOUNT_MINOR_MAX).contains(&benefits.cashback.value()) {
            errors.push(BasketError::CashbackOutOfRange);
        }
        let rewards =
            benefits.rewards.values().fold(0_u32, |all, times| all.saturating_add(*times));
        if rewards > REWARDS_CHOSEN_MAX {
            errors.push(BasketError::TooManyRewards { rewards });
        }
        let mut seen = BTreeSet::new();
        for (index, line) in lines.iter().enumerate() {
            if !seen.insert(&line.line_id) {
                errors.push(BasketError::LineIdTwice { index });
            }
            match line.check() {
                Ok(None) => {}
                Ok(Some(computed)) => {
                    mismatches.push(LineMismatch { line_id: line.line_id.clone(), computed });
                }
                Err(fault) => errors.push(BasketError::Line { index, fault }),
            }
        }
        // Wide, because amounts that are refused for their size are summed too.
        let gross: i128 = lines.iter().map(|line| i128::from(line.amount.value())).sum();
        if errors.is_empty() && gross > i128::from(AMOUNT_MINOR_MAX) {
            errors.push(BasketError::GrossTooLarge);
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let (tax, shown) = Default::default();
        Ok(Self { lines, mismatches, benefits, tax, shown })
    }

    /// Notes how the till says that it is taxed.
    pub fn note_tax(&mut self, tax: BasketTax) {
        self.tax = tax;
    }

    /// Notes the offers that the till says it showed.
    pub fn note_shown(&mut self, shown: BTreeSet<OfferId>) {
        self.shown = shown;
    }

    /// The offers that the till says it showed.
    #[must_use]
    pub fn shown(&self) -> &BTreeSet<OfferId> {
        &self.shown
    }

    /// How it is taxed, where the till says.
    #[must_use]
    pub fn tax(&self) -> BasketTax {
        self.tax
    }

    /// The lines in the till's order.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// What the customer asks for.
    #[must_use]
    pub fn benefits(&self) -> &RequestedBenefits {
        &self.benefits
    }

    /// Lines off by the tolerated minor unit; to be flagged.
    #[must_use]
    pub fn mismatches(&self) -> &[LineMismatch] {
        &self.mismatches
    }

    /// Sum of the lines before loyalty.
    #[must_use]
    pub fn gross(&self) -> Amount {
        self.lines.iter().map(|line| line.amount).sum()
    }
}

impl Line {
    /// Whether the line carries a flag.
    #[must_use]
    pub fn has(&self, flag: LineFlag) -> bool {
        self.flags.contains(&flag)
    }

    /// The category and everything above it: "food/dairy/milk", "food/dairy", "food".
    pub(crate) fn category_path(&self) -> impl Iterator<Item = &str> {
        self.category.iter().flat_map(CategoryId::path)
    }

    /// The least that the whole line may be sold for.
    pub(crate) fn floor(&self) -> Amount {
        if self.has(LineFlag::NoDiscount) {
            return self.amount;
        }
        self.unit_price_min
            .and_then(|price| self.quantity.at(price))
            .unwrap_or(Amount::ZERO)
            .min(self.amount)
    }

    /// `Some(computed)` where the amount is off by the tolerated minor unit.
    fn check(&self) -> Result<Option<Amount>, LineFault> {
        let range = 0..=AMOUNT_MINOR_MAX;
        if !(1..=QUANTITY_MILLI_MAX).contains(&self.quantity.value()) {
            return Err(LineFault::Quantity);
        }
        if !range.contains(&self.unit_price.value()) || !range.contains(&self.amount.value()) {
            return Err(LineFault::Amount);
        }
        if self.cost.is_some_and(|cost| !range.contains(&cost.value())) {
            return Err(LineFault::Cost);
        }
        if self.tax_rate > Percent::WHOLE {
            return Err(LineFault::TaxRate);
        }
        let computed = self.quantity.at(self.unit_price).ok_or(LineFault::Amount)?;
        match (computed - self.amount).value().abs() {
            0 => Ok(None),
            1 => Ok(Some(computed)),
            _ => Err(LineFault::NotQuantityTimesPrice { computed }),
        }
    }
}

/// What is wrong with a basket; the till's mistake.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BasketError {
    /// More than [`LINES_MAX`] lines.
    #[error("the basket has {lines} lines, at most {LINES_MAX} are taken")]
    TooManyLines {
        /// How many.
        lines: usize,
    },
    /// More vouchers than anybody holds.
    #[error("the basket names {vouchers} vouchers, at most {VOUCHERS_MAX} are taken")]
    TooManyVouchers {
        /// How many.
        vouchers: usize,
    },
    /// More rewards than one receipt takes.
    #[error("the basket chooses {rewards} rewards, at most {REWARDS_CHOSEN_MAX} are taken")]
    TooManyRewards {
        /// How many.
        rewards: u32,
    },
    /// Negative or absurd.
    #[error("the number of points to spend is negative or too large")]
    SpendOutOfRange,
    /// Negative or absurd.
    #[error("the cashback to spend is negative or too large")]
    CashbackOutOfRange,
    /// The lines come to more than any receipt.
    #[error("the lines come to more than a million millions of minor units")]
    GrossTooLarge,
    /// Two lines with one id.
    #[error("line {index} repeats the id of an earlier line")]
    LineIdTwice {
        /// Position from 0.
        index: usize,
    },
    /// A line that cannot be.
    #[error("line {index}: {fault}")]
    Line {
        /// Position from 0.
        index: usize,
        /// What is wrong with it.
        fault: LineFault,
    },
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// Zero, negative or absurd.
    #[error(
        "the quantity must be more than nothing and at most a million units; send returns as returns"
    )]
    Quantity,
    /// Negative or absurd.
    #[error("price and amount must not be negative or beyond a million millions of minor units")]
    Amount,
    /// A cost below nothing or beyond what an amount can be.
    #[error("the cost of a line is not 0 to {AMOUNT_MINOR_MAX} minor units")]
    Cost,
    /// Above 100 %.
    #[error("the tax rate is above 100 %")]
    TaxRate,
    /// Off by more than one minor unit.
    #[error("the amount is not quantity times price, which is {computed} minor units")]
    NotQuantityTimesPrice {
        /// Quantity times price.
        computed: Amount,
    },
}
