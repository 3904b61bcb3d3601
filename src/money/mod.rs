//! Money, quantities and shares without floats.
//!
//! `amount` has the units, `currency` and `point_decimals` how they are written, `ratio` the one place that multiplies
//! and rounds, `allocate` splits a sum over lines so that the parts are the whole,
//! `cash_rounding` says what a sum comes to in coins.

mod allocate;
mod amount;
mod cash_rounding;
mod currency;
mod decimal;
mod point_decimals;
mod ratio;

pub use allocate::{LeftOver, allocate, allocate_with, share_until};
pub use amount::{AMOUNT_MINOR_MAX, Amount, Points, QUANTITY_MILLI_MAX, Quantity};
pub use cash_rounding::CashRounding;
pub use currency::{Currency, CurrencyError, ParseAmountError};
pub use point_decimals::{POINT_DECIMALS_MAX, ParsePointsError, PointDecimals};
pub use ratio::{Factor, ParseRatioError, Percent, Rounding, mul_div};
