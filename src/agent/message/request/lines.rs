//! Lines of a basket.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::fault::Faults;
use super::fields;
use super::offer_codes::{Brought, offer_codes};
use crate::loyalty::{
    Basket, BasketError, BasketTax, CategoryId, GIFTS_GIVEN_MAX, Gifts, LINES_MAX, Line, LineFault,
    LineFlag, LineId, OfferId, RequestedBenefits, RequestedSpend, RewardId, Sku, TaxMode,
    VoucherId,
};
use crate::money::{Amount, Percent, Points, Quantity};

/// One line of a basket. What else a till sends (a name, a GTIN, a unit) is ignored.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct LineBody {
    /// Unique in the basket.
    #[schema(example = "1")]
    pub(crate) line_id: String,
    /// The product, as offers name it.
    #[schema(example = "8594001234567")]
    pub(crate) sku: String,
    /// Category path; a category covers what is below it.
    #[schema(example = "food/dairy")]
    pub(crate) category: Option<String>,
    /// Decimal text with at most three decimals; more than nothing.
    #[schema(example = "2.000")]
    pub(crate) quantity: String,
    /// Price of one unit in minor units before loyalty; with tax, unless tax is added.
    #[schema(example = 3990)]
    pub(crate) unit_price: i64,
    /// What the till asks for the line in minor units, before loyalty: at most one minor unit off
    /// quantity times price.
    #[schema(example = 7980)]
    pub(crate) amount: i64,
    /// Tax rate in percent that is inside the amount or is added to it; "0" where missing.
    #[schema(example = "21")]
    pub(crate) tax_rate: Option<String>,
    /// What may not be done with the line.
    #[serde(default)]
    pub(crate) flags: Vec<LineFlagName>,
    /// The least that one unit may be sold for, in minor units.
    pub(crate) unit_price_min: Option<i64>,
    /// The lowest price of one unit in the 30 days before it was reduced, in minor units: told
    /// beside announced reductions, never decided by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lowest_30d_price: Option<i64>,
    /// What the goods of the line cost the shop, in minor units: recorded for margins, never decided
    /// by and never printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<i64>,
}

/// Whether prices have their tax inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaxName {
    /// Tax is inside the prices.
    Included,
    /// Prices are without tax; it is added to what is left of them.
    Added,
}

impl From<TaxName> for TaxMode {
    fn from(name: TaxName) -> Self {
        match name {
            TaxName::Included => Self::Included,
            TaxName::Added => Self::Added,
        }
    }
}

/// What may not be done with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LineFlagName {
    /// No discount touches it.
    NoDiscount,
    /// It earns nothing.
    NoPoints,
    /// Any other flag of the till; it means nothing here.
    #[serde(other)]
    Other,
}

/// What a body asks for beyond its lines.
pub(super) struct BenefitsBody {
    pub(super) vouchers: Vec<String>,
    pub(super) offer_codes: Vec<String>,
    pub(super) spend_points: Option<i64>,
    pub(super) spend_cashback: Option<i64>,
    pub(super) rewards: Vec<String>,
    pub(super) gifts: Option<Vec<String>>,
    pub(super) tax: Option<TaxName>,
}

/// Reads lines and requests into a basket.
pub(super) fn basket(
    faults: &mut Faults,
    lines: &[LineBody],
    benefits: &BenefitsBody,
) -> Option<Basket> {
    if lines.len() > LINES_MAX {
        let error = BasketError::TooManyLines { lines: lines.len() };
        faults.add("/lines", "too_many_lines", error);
        return None;
    }
    let parsed: Vec<Option<Line>> =
        lines.iter().enumerate().map(|(index, line)| line.parse(index, faults)).collect();
    let vouchers = vouchers(faults, &benefits.vouchers);
    let rewards = rewards(faults, &benefits.rewards);
    let gifts = benefits.gifts.as_deref().map(|gifts| self::gifts(faults, gifts));
    let Brought { codes, coupons } = offer_codes(faults, &benefits.offer_codes);
    let spend = benefits
        .spend_points
        .map_or(RequestedSpend::Keep, |points| RequestedSpend::Exactly(Points::new(points)));
    let cashback = Amount::new(benefits.spend_cashback.unwrap_or_default());
    let lines = parsed.into_iter().collect::<Option<Vec<Line>>>()?;
    let tax = benefits.tax;
    let benefits = RequestedBenefits { vouchers, codes, coupons, spend, cashback, rewards, gifts };
    match Basket::parse(lines, benefits) {
        Ok(mut basket) => {
            basket.note_tax(BasketTax { mode: tax.map(TaxMode::from), charged: None });
            Some(basket)
        }
        Err(errors) => {
            errors.iter().for_each(|error| note(faults, error));
            None
        }
    }
}

/// Reads voucher ids, each once.
pub(super) fn vouchers(faults: &mut Faults, texts: &[String]) -> BTreeSet<VoucherId> {
    let mut vouchers = BTreeSet::new();
    for (index, text) in texts.iter().enumerate() {
        let pointer = || format!("/vouchers/{index}");
        if let Some(voucher) = fields::id(faults, text, VoucherId::parse, pointer) {
            if !vouchers.insert(voucher) {
                faults.add(pointer(), "voucher_twice", "the voucher is named twice");
            }
        }
    }
    vouchers
}

/// Reads the rewards chosen; one that is named several times is chosen as often.
pub(super) fn rewards(faults: &mut Faults, texts: &[String]) -> BTreeMap<RewardId, u32> {
    let mut rewards = BTreeMap::new();
    for (index, text) in texts.iter().enumerate() {
        let pointer = || format!("/rewards/{index}");
        if let Some(reward) = fields::id(faults, text, RewardId::parse, pointer) {
            *rewards.entry(reward).or_default() += 1;
        }
    }
    rewards
}

/// Reads the gifts given; one that is named several times was given as often.
fn gifts(faults: &mut Faults, texts: &[String]) -> Gifts {
    let most = GIFTS_GIVEN_MAX as usize;
    fields::list_within(faults, texts.len(), most, "/gifts", "too_many_gifts", "gifts");
    let mut gifts = Gifts::new();
    for (index, text) in texts.iter().enumerate().take(most) {
        if let Some(offer) = fields::id(faults, text, OfferId::parse, || format!("/gifts/{index}"))
        {
            *gifts.entry(offer).or_default() += 1;
        }
    }
    gifts
}

impl LineBody {
    fn parse(&self, index: usize, faults: &mut Faults) -> Option<Line> {
        let at = |field: &str| format!("/lines/{index}/{field}");
        let line_id = fields::id(faults, &self.line_id, LineId::parse, || at("line_id"));
        let sku = fields::id(faults, &self.sku, Sku::parse, || at("sku"));
        let category = match self.category.as_deref() {
            None | Some("") => Some(None),
            Some(path) => fields::id(faults, path, CategoryId::parse, || at("category")).map(Some),
        };
        let quantity = fields::parse_decimal(&self.quantity).ok_or(fields::QUANTITY_EXPECTED);
        let quantity = faults.check(quantity, || at("quantity"), "quantity_malformed");
        let tax_rate: Option<Percent> = match self.tax_rate.as_deref() {
            None => Some(Percent::default()),
            Some(rate) => faults.check(rate.parse(), || at("tax_rate"), "tax_rate_malformed"),
        };
        let mut price = |field, price| match price {
            None => Some(None),
            Some(price) => fields::amount(faults, price, || at(field)).map(Some),
        };
        let unit_price_min = price("unit_price_min", self.unit_price_min);
        let lowest_30d_price = price("lowest_30d_price", self.lowest_30d_price);
        Some(Line {
            line_id: line_id?,
            sku: sku?,
            category: category?,
            quantity: Quantity::new(quantity?),
            unit_price: Amount::new(self.unit_price),
            amount: Amount::new(self.amount),
            tax_rate: tax_rate?,
            flags: self.flags.iter().filter_map(|flag| flag.known()).collect(),
            unit_price_min: unit_price_min?,
            lowest_30d_price: lowest_30d_price?,
            cost: self.cost.map(Amount::new),
        })
    }
}

impl LineFlagName {
    const fn known(self) -> Option<LineFlag> {
        match self {
            Self::NoDiscount => Some(LineFlag::NoDiscount),
            Self::NoPoints => Some(LineFlag::NoPoints),
            Self::Other => None,
        }
    }
}

fn note(faults: &mut Faults, error: &BasketError) {
    match error {
        BasketError::TooManyLines { .. } => faults.add("/lines", "too_many_lines", error),
        BasketError::TooManyVouchers { .. } => {
            faults.add("/vouchers", "too_many_vouchers", error);
        }
        BasketError::TooManyRewards { .. } => {
            faults.add("/rewards", "too_many_rewards", error);
        }
        BasketError::SpendOutOfRange => {
            faults.add("/spend_points", "spend_out_of_range", error);
        }
        BasketError::CashbackOutOfRange => {
            faults.add("/spend_cashback", "cashback_out_of_range", error);
        }
        BasketError::GrossTooLarge => faults.add("/lines", "gross_too_large", error),
        BasketError::LineIdTwice { index } => {
            faults.add(format!("/lines/{index}/line_id"), "line_id_twice", error);
        }
        BasketError::Line { index, fault } => {
            let (field, code) = line_fault(*fault);
            faults.add(format!("/lines/{index}/{field}"), code, fault);
        }
    }
}

/// Field and code of what is wrong with a line.
fn line_fault(fault: LineFault) -> (&'static str, &'static str) {
    match fault {
        LineFault::Quantity => ("quantity", "quantity_out_of_range"),
        LineFault::Amount => ("amount", "amount_out_of_range"),
        LineFault::Cost => ("cost", "amount_out_of_range"),
        LineFault::TaxRate => ("tax_rate", "tax_rate_out_of_range"),
        LineFault::NotQuantityTimesPrice { .. } => ("amount", "not_quantity_times_price"),
    }
}
