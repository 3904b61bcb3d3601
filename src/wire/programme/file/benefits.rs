//! What is taken off baskets: offers and voucher types.

use schemars::JsonSchema;
use serde::Deserialize;

use super::earn::{OfferLimitTable, SharedLimitTable};
use super::rewards::{BundlePartTable, GotUnitsWord, PriceTable, QuantityStepTable};
use super::terms::{AudienceTable, MinimumTable, ScopeTable, WindowTable, has_conditions};
use super::text::DecimalText;
use crate::wire::table::Table;

has_conditions!(OfferTable, VoucherTypeTable);

/// Something given on a basket. Which keys it has, `kind` says.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfferTable {
    /// Its id, unique among the offers.
    #[schemars(required, length(min = 1, max = 64))]
    pub(crate) id: Option<String>,
    /// What customers call it; printed on receipts.
    #[schemars(required, length(min = 1, max = 80))]
    pub(crate) name: Option<String>,
    /// Whether it is announced to everybody as a reduction: the lowest price of the last 30 days is
    /// told beside it, where the till sends it.
    #[schemars(extend("default" = false))]
    pub(crate) announced: Option<bool>,
    /// Which of several variants that are compared it is: "A". It is told and recorded, nothing more.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) variant: Option<String>,
    /// Higher goes first within its stage; ties by id.
    #[schemars(range(min = -2_147_483_648_i64, max = 2_147_483_647_i64), extend("default" = 0))]
    pub(crate) priority: Option<i64>,
    /// Of a group, only the best for the customer applies.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) group: Option<String>,
    /// Only for members who carry it: the members file says who, from when until when, and how much
    /// it is likely to interest them.
    #[schemars(extend("default" = false))]
    pub(crate) personal: Option<bool>,
    /// It comes only where the customer gives one of these codes: "LEAF10".
    #[schemars(length(min = 1, max = 100))]
    pub(crate) codes: Option<Vec<String>>,
    /// It comes only where the customer brings one of these coupons.
    pub(crate) coupon: Option<Table<CouponTable>>,
    /// Whether it shares lines with other offers.
    #[schemars(extend("default" = "stackable"))]
    pub(crate) stacking: Option<StackingWord>,
    /// What it gives.
    #[schemars(required)]
    pub(crate) kind: Option<OfferKind>,
    /// kind fixed_price, required: the price of one unit, "0.01"; kind units_for_price, required:
    /// the price of the units together; kind bundle: the price of the bundle; kind gift: what the till
    /// books a unit at, "0.01" (without it 0).
    pub(crate) price: Option<DecimalText>,
    /// kind price_list, required: the price of one unit by product.
    #[schemars(length(min = 1, max = 10000))]
    pub(crate) prices: Option<Vec<Table<PriceTable>>>,
    /// kinds line_percent and basket_percent, required: the percentage off, "10"; kind buy_get:
    /// off the got units (without it 100: they are free); kind bundle: off the bundle.
    pub(crate) percent: Option<DecimalText>,
    /// kinds line_amount_each and basket_amount, required: the amount off, "5.00"; kind bundle:
    /// off each bundle.
    pub(crate) amount: Option<DecimalText>,
    /// kinds fixed_price, price_list, line_percent and line_amount_each: at most this quantity of
    /// a receipt, dearest units first, "2".
    pub(crate) quantity_max: Option<DecimalText>,
    /// kind gift: what the till books the gift as.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) sku: Option<String>,
    /// kind buy_get, required: so many units at their price.
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) buy: Option<i64>,
    /// kind buy_get, required: so many units cheaper. "3 for the price of 2" is buy 2, get 1.
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) get: Option<i64>,
    /// kind buy_get: which units of a set are cheaper.
    #[schemars(extend("default" = "cheapest"))]
    pub(crate) which: Option<GotUnitsWord>,
    /// kind buy_get: where the cheaper units come from; without it, from `scope`.
    pub(crate) get_scope: Option<Table<ScopeTable>>,
    /// kind units_for_price, required: any so many units go together, the dearest first; kind gift: so
    /// many are handed out each time (without it 1).
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) units: Option<i64>,
    /// kind bundle, required: what goes together.
    #[schemars(length(min = 1, max = 5))]
    pub(crate) parts: Option<Vec<Table<BundlePartTable>>>,
    /// kind quantity_percent, required: rising; the highest that is reached counts for all units.
    #[schemars(length(min = 1, max = 20))]
    pub(crate) steps: Option<Vec<Table<QuantityStepTable>>>,
    /// kinds buy_get, units_for_price and bundle: at most so often on one receipt; kind gift: once for
    /// each time that `minimum` is met, at most so often (without it 1).
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) times_max: Option<i64>,
    /// At most so much discount on one receipt, "100.00".
    pub(crate) cap: Option<DecimalText>,
    /// How often it may be used; all of them must hold. Such an offer is for members.
    #[schemars(length(min = 1, max = 5))]
    pub(crate) limits: Option<Vec<Table<OfferLimitTable>>>,
    /// How often all customers together may use it, with or without a card; all of them must hold.
    #[schemars(length(min = 1, max = 5))]
    pub(crate) shared_limits: Option<Vec<Table<SharedLimitTable>>>,
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

/// Which coupons call for an offer: `issuer` and `offer`, or `number`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CouponTable {
    /// Of EAN-13 coupons (prefix 981 and 982), the issuer's four digits: "3765".
    #[schemars(regex(pattern = "^[0-9]{4}$"))]
    pub(crate) issuer: Option<String>,
    /// Of the issuer's coupons, the offer's two digits: "03".
    #[schemars(regex(pattern = "^[0-9]{2}$"))]
    pub(crate) offer: Option<String>,
    /// The first digits, up to 13, of the coupon's number: "9501101530003". GS1 coupons with a
    /// serial number behind it count once.
    #[schemars(regex(pattern = "^[0-9]{1,13}$"))]
    pub(crate) number: Option<String>,
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
    /// Units of many products, each at its price.
    PriceList,
    /// A percentage off lines.
    LinePercent,
    /// An amount off each whole unit.
    LineAmountEach,
    /// Some units make others cheaper or free.
    BuyGet,
    /// Any so many units together for a price.
    UnitsForPrice,
    /// Goods of several kinds together.
    Bundle,
    /// A percentage off all units, by how many they are.
    QuantityPercent,
    /// A percentage off the basket.
    BasketPercent,
    /// An amount off the basket, once.
    BasketAmount,
    /// What the coupon says: an amount, a percentage, or goods for nothing.
    CouponValue,
    /// The till hands something out; nothing is taken off.
    Gift,
}

impl OfferKind {
    /// As it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::FixedPrice => "fixed_price",
            Self::PriceList => "price_list",
            Self::LinePercent => "line_percent",
            Self::LineAmountEach => "line_amount_each",
            Self::BuyGet => "buy_get",
            Self::UnitsForPrice => "units_for_price",
            Self::Bundle => "bundle",
            Self::QuantityPercent => "quantity_percent",
            Self::BasketPercent => "basket_percent",
            Self::BasketAmount => "basket_amount",
            Self::CouponValue => "coupon_value",
            Self::Gift => "gift",
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
    /// What one that is used costs the shop, where that is not its discount, "60.00"; for reports.
    pub(crate) cost: Option<DecimalText>,
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
