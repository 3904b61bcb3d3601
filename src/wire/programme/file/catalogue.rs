//! What points buy beside a discount.

use schemars::JsonSchema;
use serde::Deserialize;

use super::earn::{LimitTable, VoucherGrantTable};
use super::terms::{AudienceTable, MinimumTable, ScopeTable, WindowTable, has_conditions};
use super::text::{DecimalText, PointsNumber};
use crate::wire::table::Table;

has_conditions!(RewardTable);

/// A reward that members choose for points. Which keys it has, `kind` says.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RewardTable {
    /// Its id, unique among the rewards.
    #[schemars(required, length(min = 1, max = 64))]
    pub(crate) id: Option<String>,
    /// What customers call it; printed on receipts.
    #[schemars(required, length(min = 1, max = 80))]
    pub(crate) name: Option<String>,
    /// What it gives.
    #[schemars(required)]
    pub(crate) kind: Option<GiftKind>,
    /// What it costs, each time that it is chosen.
    #[schemars(required)]
    pub(crate) points: Option<PointsNumber>,
    /// kind item: what one unit costs then, "1.00"; without it, it is free.
    pub(crate) price: Option<DecimalText>,
    /// kind service: what the till books it as.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) sku: Option<String>,
    /// kind voucher, required: which voucher, and for how long.
    pub(crate) voucher: Option<Table<VoucherGrantTable>>,
    /// How often one account may choose it; all of them must hold.
    #[schemars(length(min = 1, max = 5))]
    pub(crate) limits: Option<Vec<Table<LimitTable>>>,
    /// Who, among the members.
    pub(crate) audience: Option<Table<AudienceTable>>,
    /// When.
    pub(crate) window: Option<Table<WindowTable>>,
    /// Only in these stores.
    #[schemars(length(min = 1, max = 10000))]
    pub(crate) stores: Option<Vec<String>>,
    /// Which products; kind item: required, one unit of them is the reward.
    pub(crate) scope: Option<Table<ScopeTable>>,
    /// How much of them at least.
    pub(crate) minimum: Option<Table<MinimumTable>>,
}

/// What a reward gives.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GiftKind {
    /// A unit of the basket, free or at a price.
    Item,
    /// Something that the till hands out and that is no line of the receipt.
    Service,
    /// A voucher for a later purchase; its code is printed on the receipt.
    Voucher,
}

impl GiftKind {
    /// As it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Service => "service",
            Self::Voucher => "voucher",
        }
    }
}
