//! What is said unasked, and how much of it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::earn::LimitTable;
use super::terms::{AudienceTable, WindowTable};
use crate::wire::table::Table;

/// How much is said unasked: greetings, offers and rewards within reach.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessagesTable {
    /// At most so many promotional messages in one answer, the highest priorities first.
    #[schemars(range(min = 0, max = 50), extend("default" = 50))]
    pub(crate) promotional_max: Option<i64>,
    /// How often one member is told the same; all of them must hold. Without it, each time.
    #[schemars(length(min = 1, max = 5))]
    pub(crate) frequency: Option<Vec<Table<LimitTable>>>,
    /// From how many days before its last one on a member who comes hears of a voucher.
    #[schemars(range(min = 0, max = 3660), extend("default" = 7))]
    pub(crate) voucher_days_before: Option<i64>,
}

/// What is said to members of a kind when they come: at identification and with each quote.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GreetingTable {
    /// Its id, unique among the greetings.
    #[schemars(required, length(min = 1, max = 64))]
    pub(crate) id: Option<String>,
    /// Higher goes first; ties by id.
    #[schemars(range(min = -2_147_483_648_i64, max = 2_147_483_647_i64), extend("default" = 0))]
    pub(crate) priority: Option<i64>,
    /// Its words by language, at least one. Who asks for another language reads the English, else the
    /// first by code.
    #[schemars(required)]
    pub(crate) text: Option<Table<TextTable>>,
    /// Who reads it.
    #[schemars(extend("default" = "everybody"))]
    pub(crate) shown_to: Option<ShownToWord>,
    /// How often one member is told it, instead of what `messages` says.
    #[schemars(length(min = 1, max = 5))]
    pub(crate) frequency: Option<Vec<Table<LimitTable>>>,
    /// Who.
    pub(crate) audience: Option<Table<AudienceTable>>,
    /// When.
    pub(crate) window: Option<Table<WindowTable>>,
    /// Only in these stores.
    #[schemars(length(min = 1, max = 10000))]
    pub(crate) stores: Option<Vec<String>>,
}

/// A text by language.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextTable {
    /// Čeština.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) cs: Option<String>,
    /// Slovenčina.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) sk: Option<String>,
    /// Polski.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) pl: Option<String>,
    /// Deutsch.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) de: Option<String>,
    /// English.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) en: Option<String>,
}

/// Who reads a message.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ShownToWord {
    /// Customer and cashier.
    Everybody,
    /// The cashier.
    Cashier,
    /// The customer's display.
    Display,
}
