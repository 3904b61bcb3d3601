//! Earning rules.

use schemars::JsonSchema;
use serde::Deserialize;

use super::policies::PendingTable;
use super::terms::{AudienceTable, MinimumTable, ScopeTable, WindowTable, has_conditions};
use super::text::{DecimalText, PointsNumber, Threshold};
use crate::wire::table::Table;

has_conditions!(EarnTable);

/// An earning rule. Points as whole numbers, the rest by kind.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EarnTable {
    /// Its id, unique among the earning rules.
    #[schemars(required, length(min = 1, max = 64))]
    pub(crate) id: Option<String>,
    /// What customers call it; without it, its id.
    #[schemars(length(min = 1, max = 80))]
    pub(crate) name: Option<String>,
    /// What is counted.
    #[schemars(required)]
    pub(crate) kind: Option<EarnKindWord>,
    /// So many points; required where the rule hands out neither a voucher nor entries, but for kind
    /// cashback.
    pub(crate) points: Option<PointsNumber>,
    /// A voucher each time that the rule counts: each receipt, full amount, whole unit, mark.
    pub(crate) voucher: Option<Table<VoucherGrantTable>>,
    /// So many entries of the contest that the rule is, each time that it counts.
    #[schemars(range(min = 1, max = 50))]
    pub(crate) entries: Option<i64>,
    /// kind cashback, required: this percentage of what was spent, "2".
    pub(crate) percent: Option<DecimalText>,
    /// How long what it gives cannot be spent; without it, as `[accrual]` says. What kind referral
    /// gives to the one who referred can be spent at once.
    pub(crate) pending: Option<Table<PendingTable>>,
    /// kinds per_amount and above_average, required: the points are for this much, "10.00".
    pub(crate) amount: Option<DecimalText>,
    /// kind per_amount: whether a part of the amount earns a part of the points.
    #[schemars(extend("default" = "proportional"))]
    pub(crate) style: Option<StepStyleWord>,
    /// kind milestone, required: what is collected.
    pub(crate) measure: Option<MilestoneMeasureWord>,
    /// measure visits: whether several receipts of one local day are one visit. A rule whose word
    /// changes begins to count anew.
    #[schemars(extend("default" = "receipts"))]
    pub(crate) visits: Option<VisitsWord>,
    /// kind milestone, required: how much of it is needed; money as text, a count as a whole
    /// number.
    pub(crate) at: Option<Threshold>,
    /// kind milestone: whether it is rewarded each time that as much again was collected.
    #[schemars(extend("default" = "once"))]
    pub(crate) repeat: Option<RepeatWord>,
    /// kind above_average: baskets that an account needs before it has an average.
    #[schemars(range(min = 1, max = 1000), extend("default" = 3))]
    pub(crate) visits_min: Option<i64>,
    /// kind referral, required: so many points for the one who referred.
    pub(crate) referrer_points: Option<PointsNumber>,
    /// kind referral: members with one of these flags refer nobody, such as staff.
    #[schemars(length(min = 1, max = 10000))]
    pub(crate) referrer_excluded_flags: Option<Vec<String>>,
    /// kind referral: what a code comes to whose owner the till does not know.
    #[schemars(extend("default" = "wait"))]
    pub(crate) unknown_referrer: Option<UnknownReferrerWord>,
    /// On how many receipts of one account it counts, or how many points it gives one; kind
    /// referral: how many newcomers one account may bring. All of them must hold.
    #[schemars(length(min = 1, max = 5))]
    pub(crate) limits: Option<Vec<Table<RuleLimitTable>>>,
    /// How often, or how many points, it may give all customers together: its budget. All of them
    /// must hold.
    #[schemars(length(min = 1, max = 5))]
    pub(crate) shared_limits: Option<Vec<Table<SharedLimitTable>>>,
    /// A surprise: the rule is drawn when a receipt is paid, with this chance in basis points (250
    /// are 2.5 %), and not spoken of before. Not for kinds milestone and referral.
    #[schemars(range(min = 1, max = 10_000))]
    pub(crate) chance_bp: Option<i64>,
    /// Whether the tier's multiplier counts; without it, only for kinds per_amount and cashback.
    pub(crate) tier_multiplied: Option<bool>,
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

/// A voucher that is handed out with the receipt, for a later purchase.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoucherGrantTable {
    /// Its voucher type.
    #[serde(rename = "type")]
    #[schemars(required, length(min = 1, max = 64))]
    pub(crate) voucher_type: Option<String>,
    /// Other types for accounts that bought more often before.
    #[schemars(length(min = 1, max = 20))]
    pub(crate) by_purchases: Option<Vec<Table<VoucherStepTable>>>,
    /// Its first day is so many days after the purchase.
    #[schemars(range(min = 0, max = 3660), extend("default" = 0))]
    pub(crate) starts_in_days: Option<i64>,
    /// It is valid on so many days, the first included; this or `until`.
    #[schemars(range(min = 1, max = 3660))]
    pub(crate) days: Option<i64>,
    /// It is valid through this day, "2026-12-31"; this or `days`.
    pub(crate) until: Option<String>,
}

/// The voucher type from so many earlier purchases on.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoucherStepTable {
    /// Purchases that the account made before, at least; rising.
    #[schemars(required, range(min = 1, max = 1_000_000))]
    pub(crate) from: Option<i64>,
    /// The voucher type.
    #[serde(rename = "type")]
    #[schemars(required, length(min = 1, max = 64))]
    pub(crate) voucher_type: Option<String>,
}

/// What an earning rule counts.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EarnKindWord {
    /// Money spent.
    PerAmount,
    /// Money spent, of which a share is given back for later purchases.
    Cashback,
    /// Receipts.
    PerVisit,
    /// Whole units of the products in scope.
    PerItem,
    /// The first purchase of an account that never bought before.
    Welcome,
    /// The first purchase of an account that another member referred: points for both.
    Referral,
    /// Each time that what the account collected reaches a mark.
    Milestone,
    /// What a basket is above the account's own average.
    AboveAverage,
}

impl EarnKindWord {
    /// As it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::PerAmount => "per_amount",
            Self::Cashback => "cashback",
            Self::PerVisit => "per_visit",
            Self::PerItem => "per_item",
            Self::Welcome => "welcome",
            Self::Referral => "referral",
            Self::Milestone => "milestone",
            Self::AboveAverage => "above_average",
        }
    }
}

/// What a code comes to whose owner the till does not know.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnknownReferrerWord {
    /// Nothing is given until the owner is known.
    Wait,
    /// The newcomer earns.
    Earn,
}

/// Whether a part of an amount earns a part of its points.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepStyleWord {
    /// In proportion, rounded once.
    Proportional,
    /// Only full amounts count.
    FullSteps,
}

/// What a milestone collects.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MilestoneMeasureWord {
    /// Receipts.
    Visits,
    /// Money paid for the products in scope.
    Spend,
    /// Whole units of the products in scope: stamps.
    Items,
}

/// What a visit is.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VisitsWord {
    /// Each receipt.
    Receipts,
    /// Each local day of which a receipt remains.
    Days,
}

/// Whether a milestone is rewarded again.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RepeatWord {
    /// Once in the life of an account.
    Once,
    /// Each time.
    Every,
}

/// So many uses in a window.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitTable {
    /// Over which time.
    #[schemars(required)]
    pub(crate) window: Option<CountWindowWord>,
    /// window days, required: the last so many days, today included.
    #[schemars(range(min = 1, max = 3660))]
    pub(crate) days: Option<i64>,
    /// At most so many times.
    #[schemars(required, range(min = 1, max = 1_000_000))]
    pub(crate) uses: Option<i64>,
}

/// So many uses of an earning rule by one account in a window.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleLimitTable {
    /// What counts as a use.
    #[schemars(extend("default" = "receipts"))]
    pub(crate) count: Option<UseUnitWord>,
    /// Over which time.
    #[schemars(required)]
    pub(crate) window: Option<CountWindowWord>,
    /// window days, required: the last so many days, today included.
    #[schemars(range(min = 1, max = 3660))]
    pub(crate) days: Option<i64>,
    /// At most so many times.
    #[schemars(required, range(min = 1, max = 1_000_000))]
    pub(crate) uses: Option<i64>,
}

/// Over which time a limit counts.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CountWindowWord {
    /// The running local day.
    Day,
    /// The running week, from Monday.
    Week,
    /// The running calendar month.
    Month,
    /// The running calendar year.
    Year,
    /// The last so many days.
    Days,
    /// As long as the rule is there.
    Ever,
}

/// So many uses of an offer in a window.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfferLimitTable {
    /// Whose uses are counted.
    #[schemars(extend("default" = "account"))]
    pub(crate) per: Option<LimitScopeWord>,
    /// What counts as a use.
    #[schemars(extend("default" = "receipts"))]
    pub(crate) count: Option<UseUnitWord>,
    /// Over which time.
    #[schemars(required)]
    pub(crate) window: Option<CountWindowWord>,
    /// window days, required: the last so many days, today included.
    #[schemars(range(min = 1, max = 3660))]
    pub(crate) days: Option<i64>,
    /// At most so many times.
    #[schemars(required, range(min = 1, max = 1_000_000))]
    pub(crate) uses: Option<i64>,
}

/// So many uses of an offer or earning rule by all customers together in a window.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SharedLimitTable {
    /// Whose uses are counted.
    #[schemars(required)]
    pub(crate) per: Option<SharedScopeWord>,
    /// What counts as a use.
    #[schemars(extend("default" = "receipts"))]
    pub(crate) count: Option<UseUnitWord>,
    /// Over which time.
    #[schemars(required)]
    pub(crate) window: Option<CountWindowWord>,
    /// window days, required: the last so many days, today included.
    #[schemars(range(min = 1, max = 3660))]
    pub(crate) days: Option<i64>,
    /// At most so many times.
    #[schemars(required, range(min = 1, max = 1_000_000))]
    pub(crate) uses: Option<i64>,
    /// How an agent holds it that knows its own uses only.
    #[schemars(required)]
    pub(crate) offline: Option<SharedOfflineWord>,
    /// offline slice, required: each agent may give so many of the uses.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) slice: Option<i64>,
}

/// Whose uses a limit over all customers counts.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SharedScopeWord {
    /// All customers of a store.
    Store,
    /// All customers of all stores.
    Total,
}

/// How an agent holds a limit that others give from as well.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SharedOfflineWord {
    /// Each agent gives its slice.
    Slice,
    /// Each agent may give all; `programme check --agents` says how much too much that can be.
    Approximate,
}

/// Whose uses a limit counts.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LimitScopeWord {
    /// All members of an account together.
    Account,
    /// Each member for itself.
    Member,
}

/// What counts as a use.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UseUnitWord {
    /// A receipt.
    Receipts,
    /// A unit that got the price; of offers of the kinds fixed_price and price_list.
    Units,
    /// A point that was given; of earning rules.
    Points,
}
