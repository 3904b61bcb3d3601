//! Money given back for later purchases, as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::policies::ExpiryTable;
use super::redemption::{ExcessWord, RedeemAsWord, StrengthTable};
use super::terms::CompanyRoleWord;
use super::text::DecimalText;
use crate::wire::table::Table;

/// A balance in money beside the points, given by earning rules of kind cashback.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CashbackTable {
    /// How it expires; without it, 365 days after the last purchase.
    pub(crate) expiry: Option<Table<ExpiryTable>>,
    /// At least so much at once, "1.00"; without it, any amount.
    pub(crate) minimum: Option<DecimalText>,
    /// At most this percentage of what remains to be paid once points were spent, "50".
    #[schemars(extend("default" = "100"))]
    pub(crate) share_max: Option<DecimalText>,
    /// What happens to a request beyond a limit.
    #[schemars(extend("default" = "clamp"))]
    pub(crate) excess: Option<ExcessWord>,
    /// Whether it lowers prices or pays.
    #[schemars(extend("default" = "discount"))]
    pub(crate) redeem_as: Option<RedeemAsWord>,
    /// Who may spend a company's cashback; without it anybody of the company.
    #[schemars(length(min = 1, max = 2))]
    pub(crate) company_roles: Option<Vec<CompanyRoleWord>>,
    /// How sure the till must be of the member, by the amount, rising.
    #[schemars(length(max = 10))]
    pub(crate) strength: Option<Vec<Table<StrengthTable>>>,
}
