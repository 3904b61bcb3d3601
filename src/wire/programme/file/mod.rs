//! The programme file as it is written: one struct per table, every key optional for the reader
//! so that all faults are found at once. What is required is marked for the schema and checked in
//! `check`.

mod benefits;
mod cashback;
mod catalogue;
mod conversions;
mod earn;
mod messages;
mod policies;
mod prices;
mod redemption;
mod rewards;
mod terms;
mod text;

pub(super) use benefits::{
    CouponTable, OfferKind, OfferTable, StackingWord, VoucherKind, VoucherTypeTable,
};
pub(super) use cashback::CashbackTable;
pub(super) use catalogue::{GiftKind, RewardTable};
pub(super) use conversions::ConversionTable;
pub(super) use earn::{CountWindowWord, EarnKindWord, EarnTable, LimitTable};
pub(super) use earn::{LimitScopeWord, OfferLimitTable, RuleLimitTable, UseUnitWord};
pub(super) use earn::{
    MilestoneMeasureWord, RepeatWord, StepStyleWord, UnknownReferrerWord, VisitsWord,
};
pub(super) use earn::{SharedLimitTable, SharedOfflineWord, SharedScopeWord};
pub(super) use earn::{VoucherGrantTable, VoucherStepTable};
pub(super) use messages::{GreetingTable, MessagesTable, ShownToWord, TextTable};
pub(super) use policies::{
    AccrualTable, ClawBackWord, DiscountsTable, ExpiryMode, ExpiryTable, GiftsBackWord,
    LeftOverWord, MeasureWord, MomentWord, OfflineSpendingWord, OfflineTable, PendingTable,
    PercentsWord, PersonalTable, PointsTable, PriceFloorTable, ReturnsTable, RoundingWord,
    UsedPointsWord,
};
pub(super) use policies::{TaxWord, TierKeptWord, TierTable, TierWindowWord, TiersTable};
pub(super) use prices::{CashRoundingWord, PricesTable, TaxModeWord};
pub(super) use redemption::{
    ExcessWord, LevelTable, OversizeWord, RedeemAsWord, RedemptionTable, StrengthTable,
    StrengthWord, ThisSaleWord,
};
pub(super) use rewards::{BundlePartTable, GotUnitsWord, PriceTable, QuantityStepTable};
pub(super) use terms::{
    AccountKindWord, AudienceTable, BirthdayTable, CompanyRoleWord, ConditionTables,
    MembershipWord, MinimumOfWord, MinimumTable, PointsRangeTable,
};
pub(super) use terms::{ScopeTable, WEEKDAYS, WindowTable};
pub(super) use text::{DecimalText, PointsNumber, Threshold};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::wire::table::Table;

/// A loyalty programme: what earns, what is offered, what points buy. Every published change is a
/// new file with a higher version. Amounts, percents and factors are written as text ("12.50",
/// "10", "1.5") so that no value is ever rounded on the way.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Tillward programme")]
pub struct ProgrammeFile {
    /// The version of this file format: 1.
    #[schemars(required, extend("const" = 1))]
    pub(crate) format: Option<i64>,
    /// The programme's id; never changes.
    #[schemars(required, length(min = 1, max = 64))]
    pub(crate) id: Option<String>,
    /// The programme's version, from 1; rises with every publication.
    #[schemars(required, range(min = 1, max = 4_294_967_295_i64))]
    pub(crate) version: Option<i64>,
    /// What customers call the programme; printed on receipts.
    #[schemars(required, length(min = 1, max = 80))]
    pub(crate) name: Option<String>,
    /// The one currency of its receipts: an ISO 4217 code such as "CZK".
    #[schemars(required, regex(pattern = "^[A-Z]{3}$"))]
    pub(crate) currency: Option<String>,
    /// Whose midnight ends a day: an IANA zone such as "Europe/Prague".
    #[schemars(required)]
    pub(crate) zone: Option<String>,
    /// How many days after a sale a member may still be assigned to it, 0 to 90.
    #[schemars(range(min = 0, max = 90), extend("default" = 14))]
    pub(crate) late_member_days: Option<i64>,
    /// Kinds of custom events that tills may record.
    #[schemars(length(max = 200))]
    pub(crate) event_types: Option<Vec<String>>,
    /// What points are; without it, whole numbers.
    pub(crate) points: Option<Table<PointsTable>>,
    /// What earns and how it is rounded.
    pub(crate) accrual: Option<Table<AccrualTable>>,
    /// How points expire; without it, 365 days after the last purchase.
    pub(crate) expiry: Option<Table<ExpiryTable>>,
    /// What a return does.
    pub(crate) returns: Option<Table<ReturnsTable>>,
    /// Tiers, if the programme has any.
    pub(crate) tiers: Option<Table<TiersTable>>,
    /// How points are spent; without it they cannot be.
    pub(crate) redemption: Option<Table<RedemptionTable>>,
    /// Money given back for later purchases, beside the points.
    pub(crate) cashback: Option<Table<CashbackTable>>,
    /// What members may spend at tills that do not know the hub's latest word; without it, what the
    /// till's own ledger says they have.
    pub(crate) offline: Option<Table<OfflineTable>>,
    /// What offers and vouchers together may not exceed, whatever each of them says.
    pub(crate) discounts: Option<Table<DiscountsTable>>,
    /// How prices are computed, where shops and countries differ.
    pub(crate) prices: Option<Table<PricesTable>>,
    /// How offers that single members carry are handled.
    pub(crate) personal: Option<Table<PersonalTable>>,
    /// How much is said unasked: greetings, offers and rewards within reach. Without it, everything.
    pub(crate) messages: Option<Table<MessagesTable>>,
    /// What is said to members of a kind when they come.
    #[schemars(length(max = 50))]
    pub(crate) greetings: Option<Vec<Table<GreetingTable>>>,
    /// Earning rules; each that applies gives its points.
    #[serde(default)]
    #[schemars(length(max = 200))]
    #[expect(dead_code, reason = "`repair` reads the elements one by one")]
    pub(crate) earn: Vec<EarnTable>,
    /// What points buy beside a discount. Their order in the file does not matter.
    #[serde(default)]
    #[schemars(length(max = 100))]
    #[expect(dead_code, reason = "`repair` reads the elements one by one")]
    pub(crate) rewards: Vec<RewardTable>,
    /// What converts points into vouchers by itself. Their order in the file does not matter.
    #[serde(default)]
    #[schemars(length(max = 20))]
    #[expect(dead_code, reason = "`repair` reads the elements one by one")]
    pub(crate) conversions: Vec<ConversionTable>,
    /// Offers. Their order in the file does not matter.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    #[expect(dead_code, reason = "`repair` reads the elements one by one")]
    pub(crate) offers: Vec<OfferTable>,
    /// Kinds of vouchers.
    #[serde(default)]
    #[schemars(length(max = 500))]
    #[expect(dead_code, reason = "`repair` reads the elements one by one")]
    pub(crate) voucher_types: Vec<VoucherTypeTable>,
}
