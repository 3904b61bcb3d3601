//! How points are earned.

use super::chance::Chance;
use super::counter::{UseLimit, UseUnit};
use super::ids::RuleId;
use super::issue::Grants;
use super::referral::ReferralTerms;
use super::shared_limit::SharedLimit;
use super::terms::Conditions;
use crate::money::{Amount, Percent, Points};

/// How points are earned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarnRule {
    /// Its id.
    pub id: RuleId,
    /// What customers call it.
    pub name: String,
    /// When it counts.
    pub conditions: Conditions,
    /// What it gives.
    pub kind: EarnKind,
    /// What it hands out beside or instead of points each time that it counts: each receipt, full
    /// amount, whole unit, mark.
    pub grants: Grants,
    /// Multiplied by the member's tier.
    pub tier_multiplied: TierMultiplied,
    /// On how many receipts of one account it counts, or how many points it gives one (LD-9); of a
    /// referral, how many newcomers one account may bring. All of them must hold.
    pub limits: Vec<RuleLimit>,
    /// How often, or how many points, it may give all customers together (LD-9); all of them must
    /// hold.
    pub shared_limits: Vec<SharedLimit>,
    /// How likely it gives where it is drawn: a surprise (BQ-19).
    pub chance: Option<Chance>,
    /// How many days after a sale what it gives may be spent; 0 is at once. What a referral gives to
    /// the one who referred may be spent at once: it is taken back with the whole sale.
    pub pending_days: u16,
}

/// How often a rule counts for one account, or how many points it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleLimit {
    /// What counts as a use: receipts or points.
    pub unit: UseUnit,
    /// Over which time, and how many.
    pub limit: UseLimit,
}

/// Whether a tier's multiplier counts for a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierMultiplied {
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// What an earning rule gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EarnKind {
    /// Points for an amount spent.
    PerAmount {
        /// So many points,
        points: Points,
        /// for this much.
        amount: Amount,
        /// In proportion or per full amount.
        style: StepStyle,
    },
    /// A share of an amount spent as cashback (BQ-43).
    Cashback {
        /// The share.
        percent: Percent,
    },
    /// Points for a receipt that meets the minimum.
    PerVisit {
        /// So many.
        points: Points,
    },
    /// Points for each whole unit of the eligible products.
    PerItem {
        /// So many.
        points: Points,
    },
    /// Points on the first purchase of an account that never bought before (LD-10).
    Welcome {
        /// So many.
        points: Points,
    },
    /// Points on the first purchase of an account that another member referred, for both (BQ-14).
    Referral(ReferralTerms),
    /// Points each time that what the account collected reaches a mark: the n-th purchase, a sum
    /// spent, a full stamp card (BC-16, BQ-30, BQ-34).
    Milestone {
        /// So many each time.
        points: Points,
        /// What is collected.
        measure: MilestoneMeasure,
        /// How much of it is needed: visits, minor units or whole units of goods.
        at: i64,
        /// Once or again and again.
        repeat: MilestoneRepeat,
    },
    /// Points for each amount by which a basket is above the account's own average (BC-12).
    AboveAverage {
        /// So many points,
        points: Points,
        /// for this much above.
        amount: Amount,
        /// Baskets that an account needs before it has an average.
        visits_min: u32,
    },
}

/// What a milestone collects, of receipts that meet its conditions. Returns take it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MilestoneMeasure {
    /// Receipts.
    Visits,
    /// Local days with a receipt: several receipts of one day are one visit (requirements 8, note
    /// 28). A day counts while any receipt of it remains.
    VisitDays,
    /// Money paid for the eligible products.
    Spend,
    /// Whole units of the eligible products: stamps.
    Items,
}

/// Whether a milestone is rewarded again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MilestoneRepeat {
    /// Once in the life of an account, whatever comes late or back. The default.
    #[default]
    Once,
    /// Each time that as much again was collected.
    Every,
}

impl MilestoneRepeat {
    /// How many times a mark was reached with so much collected.
    #[must_use]
    pub fn reached(self, collected: i64, at: i64) -> i64 {
        let times = collected.max(0) / at.max(1);
        match self {
            Self::Once => times.min(1),
            Self::Every => times,
        }
    }

    /// How much must be collected to reach the next mark; `None` where there is none.
    #[must_use]
    pub fn next_mark(self, collected: i64, at: i64) -> Option<i64> {
        match (self, self.reached(collected, at)) {
            (Self::Once, 0) => Some(at),
            (Self::Once, _) => None,
            (Self::Every, times) => Some(at.saturating_mul(times.saturating_add(1))),
        }
    }
}

/// Whether a part of an amount earns a part of its points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepStyle {
    /// In proportion, rounded once. The default.
    #[default]
    Proportional,
    /// Only full amounts count.
    FullSteps,
}
