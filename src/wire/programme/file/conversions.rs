//! What converts points into vouchers.

use schemars::JsonSchema;
use serde::Deserialize;

use super::ConditionTables;
use super::earn::VoucherGrantTable;
use super::terms::{AudienceTable, WindowTable};
use super::text::PointsNumber;
use crate::wire::table::Table;

/// Points of a member become vouchers by themselves after a sale, each time that the balance is
/// enough. Members who choose for themselves are left out by their flags.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConversionTable {
    /// Its id, unique among the conversions.
    #[schemars(required, length(min = 1, max = 64))]
    pub(crate) id: Option<String>,
    /// What customers call it; without it, its id.
    #[schemars(length(min = 1, max = 80))]
    pub(crate) name: Option<String>,
    /// What one voucher costs.
    #[schemars(required)]
    pub(crate) points: Option<PointsNumber>,
    /// It takes at least this balance; without it, `points`.
    pub(crate) at: Option<PointsNumber>,
    /// At most so many vouchers on one receipt.
    #[schemars(range(min = 1, max = 50), extend("default" = 50))]
    pub(crate) times_max: Option<i64>,
    /// What the points become.
    #[schemars(required)]
    pub(crate) voucher: Option<Table<VoucherGrantTable>>,
    /// Who, among the members.
    pub(crate) audience: Option<Table<AudienceTable>>,
    /// When.
    pub(crate) window: Option<Table<WindowTable>>,
    /// Only in these stores.
    #[schemars(length(min = 1, max = 10000))]
    pub(crate) stores: Option<Vec<String>>,
}

impl ConversionTable {
    /// Its conditions; goods are none of them.
    pub(crate) fn conditions(&self) -> ConditionTables<'_> {
        ConditionTables {
            audience: self.audience.as_deref(),
            window: self.window.as_deref(),
            stores: self.stores.as_deref(),
            scope: None,
            minimum: None,
        }
    }
}
