//! How points are spent, as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::policies::RoundingWord;
use super::terms::CompanyRoleWord;
use super::text::{DecimalText, PointsNumber};
use crate::wire::table::Table;

/// How points are spent.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedemptionTable {
    /// Points go in whole steps of this many. Either `step` and `step_value`, or `levels`.
    pub(crate) step: Option<PointsNumber>,
    /// What one step is worth, "10.00".
    pub(crate) step_value: Option<DecimalText>,
    /// The ladder, lowest level first: a customer spends just the points of one level.
    #[schemars(length(min = 1, max = 20))]
    pub(crate) levels: Option<Vec<Table<LevelTable>>>,
    /// How a level's percentage becomes an amount, once per receipt.
    #[schemars(extend("default" = "half_up"))]
    pub(crate) rounding: Option<RoundingWord>,
    /// What becomes of a level that is worth more than the basket takes.
    #[schemars(extend("default" = "not_offered"))]
    pub(crate) oversize: Option<OversizeWord>,
    /// At least so many points at once: a multiple of the step or the points of a level; without
    /// it, one step or the lowest level.
    pub(crate) minimum: Option<PointsNumber>,
    /// At most this percentage of what remains to be paid, "50".
    #[schemars(extend("default" = "100"))]
    pub(crate) share_max: Option<DecimalText>,
    /// What happens to a request beyond a limit.
    #[schemars(extend("default" = "clamp"))]
    pub(crate) excess: Option<ExcessWord>,
    /// Whether points lower prices or pay.
    #[schemars(extend("default" = "discount"))]
    pub(crate) redeem_as: Option<RedeemAsWord>,
    /// Whether points of a sale may be spent on it.
    #[schemars(extend("default" = "later"))]
    pub(crate) this_sale: Option<ThisSaleWord>,
    /// Who may spend a company's points; without it anybody of the company.
    #[schemars(length(min = 1, max = 2))]
    pub(crate) company_roles: Option<Vec<CompanyRoleWord>>,
    /// How sure the till must be of the member, by the value of the points, rising.
    #[schemars(length(max = 10))]
    pub(crate) strength: Option<Vec<Table<StrengthTable>>>,
}

/// One level of the ladder.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LevelTable {
    /// What it costs, more than the level before.
    #[schemars(required)]
    pub(crate) points: Option<PointsNumber>,
    /// What it gives, "10.00", no less than the level before. Either `amount` or `percent`, the
    /// same on all levels.
    pub(crate) amount: Option<DecimalText>,
    /// The percentage that it gives of what remains to be paid, "10", no less than the level
    /// before.
    pub(crate) percent: Option<DecimalText>,
}

/// What becomes of a level that is worth more than the basket takes.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OversizeWord {
    /// It is not offered: points never go for less than they are worth.
    NotOffered,
    /// It gives what the basket takes; the rest is lost.
    Capped,
}

/// Whether points of a sale may be spent on it.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ThisSaleWord {
    /// On later sales only.
    Later,
    /// At once.
    Usable,
}

/// What happens to a request for more points than may be spent.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExcessWord {
    /// Spend what may be spent and say so.
    Clamp,
    /// Spend nothing and say why.
    Refuse,
}

/// What spent points are.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RedeemAsWord {
    /// A discount split over the lines that may be discounted.
    Discount,
    /// A means of payment for every line.
    Tender,
}

/// From a value on, a strength is asked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StrengthTable {
    /// Value of the points from which this holds, "0.00".
    #[schemars(required)]
    pub(crate) from: Option<DecimalText>,
    /// The least strength.
    #[schemars(required)]
    pub(crate) strength: Option<StrengthWord>,
}

/// How sure the till is of who stands there.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StrengthWord {
    /// A printed code.
    Static,
    /// A rotating code.
    Totp,
    /// A token signed by the hub.
    SignedToken,
}
