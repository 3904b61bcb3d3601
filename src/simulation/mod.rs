//! What-if for programme authors (LD-15): a purchase log goes through a draft in memory, receipt by
//! receipt, with the code that decides at the till. Pure: the same log and programme always give
//! the same [`CashbackSums, SimulationOutcome`].
//!
//! `purchase_log` reads the log that the demo replays, `replay` is the walk through a log,
//! `reached` keeps who came to which reward and when.

mod purchase_log;
mod reached;
mod replay;

// The example is a programme file.
#[cfg(all(test, feature = "wire"))]
mod tests;

pub use purchase_log::{
    LOG_CATEGORY, LOG_SKU, LogError, Purchase, SoldLine, is_purchase_header, parse_purchases,
};
pub use reached::{Quantiles, RewardName, RewardReached};
pub use replay::{CashbackSums, LoggedReceipt, LoggedTime, SimulationOutcome, Spending, simulate};
