//! How a programme computes prices, where shops and countries differ.

use crate::loyalty::tax::TaxMode;
use crate::money::CashRounding;

/// How prices are computed; every switch has a default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PricePolicy {
    /// Whether prices have their tax inside, where a basket does not say.
    pub tax: TaxMode,
    /// How sums paid in cash are rounded (BC-24); outside of everything that loyalty counts.
    pub cash_rounding: CashRounding,
}
