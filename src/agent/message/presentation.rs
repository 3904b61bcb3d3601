//! How an answer is to look; never part of what a request says.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::Faults;

/// The usual receipt printer: font A on 80 mm paper.
pub(crate) const COLUMNS_DEFAULT: u16 = 42;
/// Narrower than any receipt printer; labels still fit.
pub(crate) const COLUMNS_MIN: u16 = 20;
/// Wider than any receipt printer.
pub(crate) const COLUMNS_MAX: u16 = 80;

/// How the till applies discounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DiscountStyle {
    /// On the lines. The default.
    #[default]
    OnLines,
    /// As lines of their own with negative amounts, one for each discount and tax rate.
    NegativeLines,
}

/// How an answer is to look, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Presentation {
    /// Columns of the receipt text.
    pub(crate) columns: usize,
    /// How the till applies discounts.
    pub(crate) style: DiscountStyle,
}

impl Default for Presentation {
    fn default() -> Self {
        Self { columns: usize::from(COLUMNS_DEFAULT), style: DiscountStyle::default() }
    }
}

impl Presentation {
    /// Reads what a request asks for; columns out of range are a fault.
    pub(crate) fn parse(
        columns: Option<u16>,
        style: Option<DiscountStyle>,
        faults: &mut Faults,
    ) -> Self {
        let columns = columns.unwrap_or(COLUMNS_DEFAULT);
        if !(COLUMNS_MIN..=COLUMNS_MAX).contains(&columns) {
            let message = format!("a receipt has {COLUMNS_MIN} to {COLUMNS_MAX} columns");
            faults.add("/columns", "columns_out_of_range", message);
        }
        Self { columns: usize::from(columns), style: style.unwrap_or_default() }
    }
}
