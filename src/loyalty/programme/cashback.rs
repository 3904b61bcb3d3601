//! Cashback: a balance in money beside the points (BQ-43).

use super::{ExpiryPolicy, RedemptionPolicy};

/// How cashback lives and is spent. Earning rules of their own kind give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashbackPolicy {
    /// How it expires.
    pub expiry: ExpiryPolicy,
    /// How it is spent: as points are whose every one is worth one minor unit.
    pub redemption: RedemptionPolicy,
}
