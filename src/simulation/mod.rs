//! What-if for programme authors (LD-15): a purchase log goes through a draft in memory, receipt by
//! receipt, with the code that decides at the till. Pure: the same log and programme always give
//! the same [`SimulationOutcome`].
//!
//! `log` is what a log says, `purchase_log` reads the one that the demo replays. `replay` is the walk
//! through a log, with `sold` for what comes back of it; `handed_out` keeps vouchers and contest
//! entries, `reached` who came to which reward and when, `outcome` is what it all came to.

mod handed_out;
mod log;
mod outcome;
mod purchase_log;
mod reached;
mod replay;
mod sold;

// The example is a programme file.
#[cfg(all(test, feature = "wire"))]
mod tests;

pub use handed_out::{EntriesHandedOut, VoucherUse, VouchersHandedOut};
pub use log::{BackGoods, LoggedReceipt, LoggedReferral, LoggedReturn, LoggedTime, SalesLog};
pub use outcome::{CashbackSums, SimulationOutcome};
pub use purchase_log::{
    LOG_CATEGORY, LOG_SKU, LogError, Purchase, SoldLine, is_purchase_header, parse_purchases,
};
pub use reached::{Quantiles, RewardName, RewardReached};
pub use replay::{Assumptions, Spending, simulate};
