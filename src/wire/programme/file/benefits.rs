//! What is taken off baskets: offers and voucher types.

use schemars::JsonSchema;
use serde::Deserialize;

use super::terms::{AudienceTable, MinimumTable, ScopeTable, WindowTable, has_conditions};
use super::text::DecimalText;
use crate::wire::table::Table;

has_conditions!(OfferTable, VoucherTypeTable);

/// Something given on a basket. `price`, `percent` and `amount` by kind.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfferTable {
    /// Its id, unique among the offers.
    #[schemars(required, length(min = 1, max = 64))]
    pub(crate) id: Option<String>,
    /// What customers call it; printed on receipts.
    #[schemars(required, length(min = 1, max = 80))]
    pub(crate) name: Option<String>,
    /// Higher goes first within its stage; ties by id.
    #[schemars(range(min = -2_147_483_648_i64, max = 2_147_483_647_i64), extend("default" = 0))]
    pub(crate) priority: Option<i64>,
    /// Of a group, only the best for the customer applies.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) group: Option<String>,
    /// Whether it shares lines with other offers.
    #[schemars(extend("default" = "stackable"))]
    pub(crate) stacking: Option<StackingWord>,
    /// What it gives.
    #[schemars(required)]
    pub(crate) kind: Option<OfferKind>,
    /// kind fixed_price, required: the price of one unit, "0.01".
    pub(crate) price: Option<DecimalText>,
    /// kinds line_percent and basket_percent, required: the percentage off, "10".
    pub(crate) percent: Option<DecimalText>,
    /// kinds line_amount_each and basket_amount, required: the amount off, "5.00".
    pub(crate) amount: Option<DecimalText>,
    /// kind fixed_price: at most this quantity of a receipt, dearest units first, "2".
    pub(crate) quantity_max: Option<DecimalText>,
    /// At most so much discount on one receipt, "100.00".
    pub(crate) cap: Option<DecimalText>,
    /// Who.
    pub(crate) audience: Option<Table<AudienceTable>>,
    /// When.
    pub(crate) window: Option<Table<WindowTable>>,
    /// Only in these stores.
    #[schemars(length(min = 1, max = 10000))]
    pub(crate) stores: Option<Vec<String>>,
    /// Which products.
    pub(crate) scope: Option<Table<ScopeTable>>,
    /// How much at least.
    pub(crate) minimum: Option<Table<MinimumTable>>,
}

/// Whether an offer shares lines with other offers.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StackingWord {
    /// It applies to what earlier offers left.
    Stackable,
    /// It takes only lines that no offer touched, and closes them to later ones.
    Alone,
}

/// What an offer gives.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OfferKind {
    /// Units at a price.
    FixedPrice,
    /// A percentage off lines.
    LinePercent,
    /// An amount off each whole unit.
    LineAmountEach,
    /// A percentage off the basket.
    BasketPercent,
    /// An amount off the basket, once.
    BasketAmount,
}

impl OfferKind {
    /// As it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::FixedPrice => "fixed_price",
            Self::LinePercent => "line_percent",
            Self::LineAmountEach => "line_amount_each",
            Self::BasketPercent => "basket_percent",
            Self::BasketAmount => "basket_amount",
        }
    }
}

/// A kind of voucher. `amount` or `percent` by kind.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoucherTypeTable {
    /// Its id, unique among the voucher types.
    #[schemars(required, length(min = 1, max = 64))]
    pub(crate) id: Option<String>,
    /// What customers call it; printed on receipts.
    #[schemars(required, length(min = 1, max = 80))]
    pub(crate) name: Option<String>,
    /// What it is worth.
    #[schemars(required)]
    pub(crate) kind: Option<VoucherKind>,
    /// kind amount, required: the amount off, "100.00".
    pub(crate) amount: Option<DecimalText>,
    /// kind percent, required: the percentage off, "10".
    pub(crate) percent: Option<DecimalText>,
    /// At most so much discount, "100.00".
    pub(crate) cap: Option<DecimalText>,
    /// Who.
    pub(crate) audience: Option<Table<AudienceTable>>,
    /// When.
    pub(crate) window: Option<Table<WindowTable>>,
    /// Only in these stores.
    #[schemars(length(min = 1, max = 10000))]
    pub(crate) stores: Option<Vec<String>>,
    /// Which products.
    pub(crate) scope: Option<Table<ScopeTable>>,
    /// How much at least.
    pub(crate) minimum: Option<Table<MinimumTable>>,
}

/// What a voucher is worth.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VoucherKind {
    /// An amount.
    Amount,
    /// A percentage.
    Percent,
}

impl VoucherKind {
    /// As it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Percent => "percent",
        }
    }
}
