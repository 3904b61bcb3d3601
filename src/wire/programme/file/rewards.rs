//! What offers on several products or on units consist of.

use schemars::JsonSchema;
use serde::Deserialize;

use super::terms::ScopeTable;
use super::text::DecimalText;
use crate::wire::table::Table;

/// A product and its price.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceTable {
    /// The product; once in a list.
    #[schemars(required, length(min = 1, max = 64))]
    pub(crate) sku: Option<String>,
    /// The price of one unit, "19.90".
    #[schemars(required)]
    pub(crate) price: Option<DecimalText>,
}

/// One kind of goods in a bundle.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BundlePartTable {
    /// Which products.
    #[schemars(required)]
    pub(crate) scope: Option<Table<ScopeTable>>,
    /// How many units of them.
    #[schemars(range(min = 1, max = 1000), extend("default" = 1))]
    pub(crate) units: Option<i64>,
}

/// From so many units on, a percentage off all of them.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuantityStepTable {
    /// Units from which it holds.
    #[schemars(required, range(min = 1, max = 1000))]
    pub(crate) from: Option<i64>,
    /// The percentage off, "10".
    #[schemars(required)]
    pub(crate) percent: Option<DecimalText>,
}

/// Which units of a set become cheaper.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GotUnitsWord {
    /// The cheapest.
    Cheapest,
    /// The dearest.
    Dearest,
}
