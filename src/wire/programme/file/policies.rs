//! The tables that a programme has once: accrual, expiry, tiers, discounts, personal offers.

use schemars::JsonSchema;
use serde::Deserialize;

use super::terms::ScopeTable;
use super::text::{DecimalText, PointsNumber, Threshold};
use crate::wire::table::Table;

/// What points are.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PointsTable {
    /// How many decimals they have, 0 to 3. Never changes while anybody has points.
    #[schemars(range(min = 0, max = 3), extend("default" = 0))]
    pub(crate) decimals: Option<i64>,
}

/// What earns and how it is rounded.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccrualTable {
    /// Whether tax earns.
    #[schemars(extend("default" = "gross"))]
    pub(crate) tax: Option<TaxWord>,
    /// Whether earning counts after offers and vouchers, or before them.
    #[schemars(extend("default" = "after"))]
    pub(crate) discounts: Option<MomentWord>,
    /// Whether earning counts after points spent, or before them.
    #[schemars(extend("default" = "after"))]
    pub(crate) redemption: Option<MomentWord>,
    /// How points become whole, once per rule and receipt.
    #[schemars(extend("default" = "floor"))]
    pub(crate) rounding: Option<RoundingWord>,
    /// How long what a sale earns cannot be spent; without it, it can be at once.
    pub(crate) pending: Option<Table<PendingTable>>,
}

/// How long what a sale earns cannot be spent.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PendingTable {
    /// It may be spent from so many local days after the sale on; 0 is at once.
    #[schemars(required, range(min = 0, max = 366))]
    pub(crate) days: Option<i64>,
}

/// Whether tax earns.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaxWord {
    /// Tax included.
    Gross,
    /// Tax taken out.
    Net,
}

/// Before or after a deduction.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MomentWord {
    /// The deduction lowers what earns.
    After,
    /// The deduction does not matter.
    Before,
}

/// How a fraction becomes whole.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoundingWord {
    /// Down.
    Floor,
    /// To the nearest, a half up.
    HalfUp,
    /// Up.
    Ceil,
}

/// How points expire.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpiryTable {
    /// The way points expire.
    #[schemars(extend("default" = "sliding"))]
    pub(crate) mode: Option<ExpiryMode>,
    /// Days from the last purchase (sliding) or from the award (lots), 1 to 3660.
    #[schemars(range(min = 1, max = 3660), extend("default" = 365))]
    pub(crate) days: Option<i64>,
}

/// The way points expire.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExpiryMode {
    /// The whole balance, so many days after the last purchase.
    Sliding,
    /// Each award, so many days after it was earned.
    Lots,
    /// Not at all.
    Never,
}

/// Levels that an account reaches.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TiersTable {
    /// What lifts an account.
    #[schemars(required)]
    pub(crate) measure: Option<MeasureWord>,
    /// Over which time it is summed.
    #[schemars(required)]
    pub(crate) window: Option<TierWindowWord>,
    /// The days of window "rolling_days", today included, 1 to 3660.
    #[schemars(range(min = 1, max = 3660))]
    pub(crate) days: Option<i64>,
    /// windows calendar_year and rolling_days: how many days a tier stays after the last one on
    /// which the measure was there, 1 to 3660. Either `grace_days` or `kept`.
    #[schemars(range(min = 1, max = 3660))]
    pub(crate) grace_days: Option<i64>,
    /// window calendar_year: how long a tier stays once it was reached.
    #[schemars(extend("default" = "measured"))]
    pub(crate) kept: Option<TierKeptWord>,
    /// The tiers, lowest first; the first begins at 0.
    #[schemars(required, length(min = 1, max = 20))]
    pub(crate) steps: Option<Vec<Table<TierTable>>>,
}

/// What lifts an account.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MeasureWord {
    /// Money paid.
    Spend,
    /// Points earned.
    Points,
    /// Paid receipts.
    Visits,
}

/// Over which time a measure is summed.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TierWindowWord {
    /// Since the account began.
    Lifetime,
    /// Since 1 January.
    CalendarYear,
    /// The last so many days.
    RollingDays,
}

/// How long a tier stays once it was reached.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TierKeptWord {
    /// As long as the measure is there.
    Measured,
    /// To the end of the year after.
    YearAfter,
}

/// One level.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TierTable {
    /// Its id.
    #[schemars(required, length(min = 1, max = 64))]
    pub(crate) id: Option<String>,
    /// What customers call it.
    #[schemars(required, length(min = 1, max = 80))]
    pub(crate) name: Option<String>,
    /// Where it begins: an amount as text where spend is measured, else a whole number.
    #[schemars(required)]
    pub(crate) threshold: Option<Threshold>,
    /// Multiplies what rules marked `tier_multiplied` earn, "1.5".
    #[schemars(extend("default" = "1"))]
    pub(crate) multiplier: Option<DecimalText>,
}

/// What a return does.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReturnsTable {
    /// What becomes of what a sale earned where it comes back and the balance does not hold it.
    #[schemars(extend("default" = "negative_allowed"))]
    pub(crate) claw_back: Option<ClawBackWord>,
    /// When points come back that paid as money.
    #[schemars(extend("default" = "pro_rata"))]
    pub(crate) used_points: Option<UsedPointsWord>,
    /// What becomes of gifts when a part of what they were given for comes back.
    #[schemars(extend("default" = "claimed"))]
    pub(crate) gifts: Option<GiftsBackWord>,
}

/// What members may spend at tills that do not know the hub's latest word.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfflineTable {
    /// How much.
    #[schemars(required)]
    pub(crate) spending: Option<OfflineSpendingWord>,
    /// spending floor, required where points can be spent: the most points that one device spends
    /// of an account until the hub has booked them, from 1.
    pub(crate) floor_points: Option<PointsNumber>,
    /// spending floor, required where there is cashback: the same of the cashback, "20.00".
    pub(crate) floor_cashback: Option<DecimalText>,
}

/// What members may spend at tills that do not know the hub's latest word.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OfflineSpendingWord {
    /// Nothing.
    None,
    /// At most the floors, on each device.
    Floor,
}

/// What becomes of gifts when a part of the goods comes back.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GiftsBackWord {
    /// Those that what remains does not earn are claimed.
    Claimed,
    /// They stay the customer's as long as anything stays sold.
    Kept,
}

/// What becomes of points that the balance does not hold.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClawBackWord {
    /// They are owed; the next points settle it.
    NegativeAllowed,
    /// They are forgiven.
    WithinBalance,
    /// Only what is still pending is taken back, the rest is forgiven.
    PendingOnly,
}

/// What offers and vouchers together may take. Points spent do not count.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiscountsTable {
    /// At most this percentage of what the receipt comes to before loyalty, "50".
    #[schemars(extend("default" = "100"))]
    pub(crate) receipt_percent_max: Option<DecimalText>,
    /// At most so much on a receipt, "500.00".
    pub(crate) receipt_amount_max: Option<DecimalText>,
    /// The least that units of some goods may come to; of several, the highest counts.
    #[schemars(length(max = 100))]
    pub(crate) price_floors: Option<Vec<Table<PriceFloorTable>>>,
    /// At most this percentage of a line, "80".
    #[schemars(extend("default" = "100"))]
    pub(crate) line_percent_max: Option<DecimalText>,
    /// No discount on these categories and what is below them, nor points spent as one.
    #[schemars(length(max = 10000))]
    pub(crate) excluded_categories: Option<Vec<String>>,
    /// Whether a minimum is measured on what earlier stages left, or on prices before discounts.
    #[schemars(extend("default" = "after"))]
    pub(crate) minimums: Option<MomentWord>,
    /// Of what a percentage is taken after another one.
    #[schemars(extend("default" = "sequential"))]
    pub(crate) percents: Option<PercentsWord>,
    /// Where minor units go that a split over lines leaves over.
    #[schemars(extend("default" = "largest_remainder"))]
    pub(crate) left_over: Option<LeftOverWord>,
}

/// The least that a unit of some goods may come to.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceFloorTable {
    /// Which goods; without it all.
    pub(crate) scope: Option<Table<ScopeTable>>,
    /// The least for one unit, "0.01".
    #[schemars(required)]
    pub(crate) unit_price_min: Option<DecimalText>,
}

/// Of what a percentage is taken after another one.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PercentsWord {
    /// Of what is left.
    Sequential,
    /// Of what would be left without other percentages.
    Additive,
}

/// Where minor units go that a split leaves over.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LeftOverWord {
    /// To the lines whose exact part was cut the most.
    LargestRemainder,
    /// To the lines with the lowest ids.
    FirstLines,
}

/// When points come back that paid as money.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UsedPointsWord {
    /// In proportion to what is returned.
    ProRata,
    /// When all is returned.
    FullReturnOnly,
}

/// How offers that single members carry are handled.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonalTable {
    /// So many of the offers that a member carries count at a time: of those that are open, the best
    /// by score. Without it, all of them.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) shown_max: Option<i64>,
}
