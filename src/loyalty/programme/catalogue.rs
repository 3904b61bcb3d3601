//! What points buy beside a discount: the rewards that a customer chooses from (LD-42).

use crate::loyalty::counter::UseLimit;
use crate::loyalty::ids::{RewardId, Sku};
use crate::loyalty::issue::VoucherGrant;
use crate::loyalty::terms::Conditions;
use crate::money::{Amount, Points};

/// The most rewards chosen on one receipt: a table of guests, each with a coffee.
pub const REWARDS_CHOSEN_MAX: u32 = 20;

/// A reward of the catalogue. Only members choose one; nothing is ever spent silently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueReward {
    /// Its id.
    pub id: RewardId,
    /// What customers call it; printed on receipts.
    pub name: String,
    /// What it costs, at least 1, each time that it is chosen.
    pub points: Points,
    /// What the customer gets for them.
    pub gift: Gift,
    /// When it may be chosen. Of an item, `scope` says which products it may be.
    pub conditions: Conditions,
    /// How often an account may choose it (LD-9); all of them must hold.
    pub limits: Vec<UseLimit>,
}

/// What a reward gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gift {
    /// One unit of the basket costs this much, the dearest that is eligible first.
    Item {
        /// Zero where it is free.
        price: Amount,
    },
    /// Something that the till hands out and that is no line of the receipt.
    Service {
        /// What the till books it as, where it books it.
        sku: Option<Sku>,
    },
    /// A voucher for a later purchase, with a code of its own. What the till says it gave counts
    /// as far as it was decided: the code is handed out with the answer, not before.
    Voucher(VoucherGrant),
}
