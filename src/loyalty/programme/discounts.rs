//! What holds for all discounts of a programme: their bounds, and how they are computed where
//! engines differ.

use std::collections::BTreeSet;

use crate::loyalty::ids::CategoryId;
use crate::money::{LeftOver, Percent};

/// What offers and vouchers together may take, whatever each of them says. Points spent are the
/// customer's own: the percentages do not bind them, the categories bind them as a discount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscountBounds {
    /// At most this share of what the receipt comes to before loyalty, rounded down.
    pub receipt_percent_max: Option<Percent>,
    /// At most this share of a line. Lines of the same goods at the same price are bound
    /// together, rounded down, so that splitting a line changes nothing; each of them is bound
    /// rounded up.
    pub line_percent_max: Option<Percent>,
    /// Goods that the law lets nobody discount, and what is below them: as if each such line
    /// carried [`LineFlag::NoDiscount`](crate::loyalty::LineFlag::NoDiscount).
    pub excluded_categories: BTreeSet<CategoryId>,
}

/// How discounts are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiscountMethod {
    /// Which prices come to a minimum of an offer or a voucher.
    pub minimum: MinimumMoment,
    /// Of what a percentage is taken that is not the first.
    pub percents: PercentStyle,
    /// Where minor units go that a split over lines leaves over.
    pub left_over: LeftOver,
}

/// Which prices come to a minimum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MinimumMoment {
    /// What earlier stages left (requirements 8, note 13). The default.
    #[default]
    AfterStages,
    /// What the goods cost before any discount.
    BeforeStages,
}

/// Of what a percentage is taken where another one was taken before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PercentStyle {
    /// Of what is left: 10 % and 20 % make 28 %. The default.
    #[default]
    Sequential,
    /// Of what would be left without other percentages: 10 % and 20 % make 30 %. Prices, amounts
    /// and free units still lower it. Percentages of sets and of got units are not summed up.
    Additive,
}
