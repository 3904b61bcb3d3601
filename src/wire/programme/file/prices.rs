//! The table that says how prices are computed.

use schemars::JsonSchema;
use serde::Deserialize;

/// How prices are computed, where shops and countries differ.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PricesTable {
    /// Whether prices have their tax inside, where a till does not say.
    #[schemars(extend("default" = "included"))]
    pub(crate) tax: Option<TaxModeWord>,
    /// Whose rule rounds what is paid in cash: a country, or "none". Without it "CZ" where the
    /// currency is CZK, else "none".
    pub(crate) cash_rounding: Option<CashRoundingWord>,
}

/// Whether prices have their tax inside.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaxModeWord {
    /// Tax is inside the prices.
    Included,
    /// Prices are without tax; it is added to what is left of them, rounded once per rate.
    Added,
}

/// A country that rounds what is paid in cash, as ISO 3166 writes it.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub(crate) enum CashRoundingWord {
    /// Every minor unit is paid.
    #[serde(rename = "none")]
    None,
    /// Belgium: 5 cents.
    #[serde(rename = "BE")]
    Belgium,
    /// Czechia: whole crowns.
    #[serde(rename = "CZ")]
    Czechia,
    /// Germany: not at all.
    #[serde(rename = "DE")]
    Germany,
    /// Estonia: 5 cents.
    #[serde(rename = "EE")]
    Estonia,
    /// Finland: 5 cents.
    #[serde(rename = "FI")]
    Finland,
    /// Ireland: 5 cents.
    #[serde(rename = "IE")]
    Ireland,
    /// Italy: 5 cents.
    #[serde(rename = "IT")]
    Italy,
    /// Lithuania: 5 cents.
    #[serde(rename = "LT")]
    Lithuania,
    /// The Netherlands: 5 cents.
    #[serde(rename = "NL")]
    Netherlands,
    /// Poland: not at all.
    #[serde(rename = "PL")]
    Poland,
    /// Slovakia: 5 cents, and never below one coin.
    #[serde(rename = "SK")]
    Slovakia,
}

impl CashRoundingWord {
    /// The country's code; `None` where nothing is rounded.
    pub(crate) const fn country(self) -> Option<&'static str> {
        Some(match self {
            Self::None => return None,
            Self::Belgium => "BE",
            Self::Czechia => "CZ",
            Self::Germany => "DE",
            Self::Estonia => "EE",
            Self::Finland => "FI",
            Self::Ireland => "IE",
            Self::Italy => "IT",
            Self::Lithuania => "LT",
            Self::Netherlands => "NL",
            Self::Poland => "PL",
            Self::Slovakia => "SK",
        })
    }
}
