//! Conditions, which earning rules, offers and voucher types share.

use schemars::JsonSchema;
use serde::Deserialize;

use super::text::{DecimalText, PointsNumber};
use crate::wire::table::Table;

/// Days of the week as they are written, Monday first.
pub(crate) const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The conditions of one element, wherever they stand.
#[derive(Clone, Copy)]
pub(crate) struct ConditionTables<'f> {
    pub(crate) audience: Option<&'f AudienceTable>,
    pub(crate) window: Option<&'f WindowTable>,
    pub(crate) stores: Option<&'f [String]>,
    pub(crate) scope: Option<&'f ScopeTable>,
    pub(crate) minimum: Option<&'f MinimumTable>,
}

/// Whose basket.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AudienceTable {
    /// Members only, or receipts without a member too.
    #[schemars(extend("default" = "members"))]
    pub(crate) members: Option<MembershipWord>,
    /// Only members of these tiers.
    #[schemars(length(min = 1, max = 10000))]
    pub(crate) tiers: Option<Vec<String>>,
    /// Only members who carry one of these flags.
    #[schemars(length(min = 1, max = 10000))]
    pub(crate) flags: Option<Vec<String>>,
    /// No members who carry one of these flags, such as staff.
    #[schemars(length(min = 1, max = 10000))]
    pub(crate) excluded_flags: Option<Vec<String>>,
    /// Only accounts of these kinds.
    #[schemars(length(min = 1, max = 3))]
    pub(crate) account_kinds: Option<Vec<AccountKindWord>>,
    /// Only people who are this in a company.
    #[schemars(length(min = 1, max = 2))]
    pub(crate) roles: Option<Vec<CompanyRoleWord>>,
    /// Only while the account has so many points to spend.
    pub(crate) points: Option<Table<PointsRangeTable>>,
    /// Only around the member's birthday; an earning rule then counts once for each birthday.
    pub(crate) birthday: Option<Table<BirthdayTable>>,
}

/// A range of balances, read before the sale.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PointsRangeTable {
    /// At least so many points.
    pub(crate) min: Option<PointsNumber>,
    /// At most so many points.
    pub(crate) max: Option<PointsNumber>,
}

/// So many days around a birthday.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BirthdayTable {
    /// Days before it.
    #[schemars(range(min = 0, max = 180), extend("default" = 0))]
    pub(crate) days_before: Option<i64>,
    /// Days after it.
    #[schemars(range(min = 0, max = 180), extend("default" = 0))]
    pub(crate) days_after: Option<i64>,
}

/// Whether a member is asked for.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MembershipWord {
    /// Members only.
    Members,
    /// Receipts without a member too.
    Everyone,
}

/// What an account stands for.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AccountKindWord {
    /// One person.
    Person,
    /// People who share their points.
    Household,
    /// A company.
    Company,
}

/// What a person is in a company.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CompanyRoleWord {
    /// Decides what the company does.
    DecisionMaker,
    /// Buys for it.
    Buyer,
}

/// When, in the programme's zone.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowTable {
    /// The first day, "2026-03-01".
    #[schemars(extend("format" = "date"))]
    pub(crate) from: Option<String>,
    /// The last day, "2026-03-31".
    #[schemars(extend("format" = "date"))]
    pub(crate) until: Option<String>,
    /// Only on these days of the week.
    #[schemars(length(min = 1), inner(regex(pattern = "^(mon|tue|wed|thu|fri|sat|sun)$")))]
    pub(crate) weekdays: Option<Vec<String>>,
    /// Only in these hours, "08:00-10:00": from inclusive to exclusive; "22:00-02:00" is over
    /// midnight.
    #[schemars(regex(pattern = "^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$"))]
    pub(crate) hours: Option<String>,
}

/// Which products count. Without inclusions, all.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScopeTable {
    /// These products.
    #[schemars(length(max = 10000))]
    pub(crate) skus: Option<Vec<String>>,
    /// These categories and what is below them: "food" has "food/dairy" in it.
    #[schemars(length(max = 10000))]
    pub(crate) categories: Option<Vec<String>>,
    /// Not these products.
    #[schemars(length(max = 10000))]
    pub(crate) excluded_skus: Option<Vec<String>>,
    /// Not these categories and what is below them.
    #[schemars(length(max = 10000))]
    pub(crate) excluded_categories: Option<Vec<String>>,
}

/// What the products that count, or the whole basket, must come to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MinimumTable {
    /// Their sum, after earlier discounts: "200.00".
    pub(crate) amount: Option<DecimalText>,
    /// Their quantity: "3".
    pub(crate) quantity: Option<DecimalText>,
    /// Only products from this price per unit count: "5.00".
    pub(crate) unit_price: Option<DecimalText>,
    /// Sum and quantity of the products in the scope, or of the whole basket.
    #[schemars(extend("default" = "eligible"))]
    pub(crate) of: Option<MinimumOfWord>,
}

/// What must come to a minimum.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MinimumOfWord {
    /// The products in the scope.
    Eligible,
    /// The whole basket.
    Basket,
}

/// Gives a table with the five keys of conditions one view of them.
macro_rules! has_conditions {
    ($($table:ty),+ $(,)?) => {$(
        impl $table {
            /// Its conditions.
            pub(crate) fn conditions(
                &self,
            ) -> crate::wire::programme::file::ConditionTables<'_> {
                crate::wire::programme::file::ConditionTables {
                    audience: self.audience.as_deref(),
                    window: self.window.as_deref(),
                    stores: self.stores.as_deref(),
                    scope: self.scope.as_deref(),
                    minimum: self.minimum.as_deref(),
                }
            }
        }
    )+};
}
pub(super) use has_conditions;
