//! What holds for all discounts of a programme: their bounds, and how they are computed where
//! engines differ.

use std::collections::BTreeSet;

use crate::loyalty::basket::{Line, LineFlag};
use crate::loyalty::ids::CategoryId;
use crate::loyalty::terms::Scope;
use crate::money::{Amount, LeftOver, Percent};

/// What offers and vouchers together may take, whatever each of them says. Points spent are the
/// customer's own: the percentages do not bind them, the categories bind them as a discount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscountBounds {
    /// At most this share of what the receipt comes to before loyalty, rounded down.
    pub receipt_percent_max: Option<Percent>,
    /// At most so much on a receipt.
    pub receipt_amount_max: Option<Amount>,
    /// At most this share of a line. Lines of the same goods at the same price are bound
    /// together, rounded down, so that splitting a line changes nothing; each of them is bound
    /// rounded up.
    pub line_percent_max: Option<Percent>,
    /// Goods that the law lets nobody discount, and what is below them: as if each such line
    /// carried [`LineFlag::NoDiscount`].
    pub excluded_categories: BTreeSet<CategoryId>,
    /// The least that units of some goods may come to; of several, the highest counts.
    pub price_floors: Vec<PriceFloor>,
}

/// The least that a unit of some goods may come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceFloor {
    /// Which goods.
    pub scope: Scope,
    /// The least for one unit. Goods that cost less than that are not discounted at all.
    pub unit_price_min: Amount,
}

impl DiscountBounds {
    /// Whether the till and the law let anybody discount a line.
    pub(crate) fn may_be_discounted(&self, line: &Line) -> bool {
        let category = line.category.as_ref();
        !line.has(LineFlag::NoDiscount)
            && !category.is_some_and(|id| id.is_within(&self.excluded_categories))
    }

    /// The least that a whole line may come to: what the till, the law and the programme say.
    pub(crate) fn floor_of(&self, line: &Line) -> Amount {
        if !self.may_be_discounted(line) {
            return line.amount;
        }
        let floors = self.price_floors.iter().filter(|floor| floor.scope.covers(line));
        let of_line = |floor: &PriceFloor| line.quantity.at(floor.unit_price_min);
        let least = floors.filter_map(of_line).max().unwrap_or_default();
        least.min(line.amount).max(line.floor())
    }
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
