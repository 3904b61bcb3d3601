//! One customer brings another: both sides are rewarded on the newcomer's first purchase (BQ-14).
//!
//! What bounds fraud: only a first purchase counts, nobody refers their own account, a rule says
//! how many newcomers an account may bring and whose marks bar it, and both halves go when the
//! whole purchase comes back.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::account::Account;
use super::counter::{Counted, CounterId, UseLimit};
use super::decision::Reason;
use super::earn_rule::{EarnKind, EarnRule};
use super::gain::EarnedBy;
use super::ids::FlagId;
use super::programme::Programme;
use crate::money::Points;

/// What a referral gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferralTerms {
    /// The newcomer's points.
    pub points: Points,
    /// The points of the one who referred.
    pub referrer_points: Points,
    /// Members with one of these flags refer nobody: staff.
    pub referrer_excluded_flags: BTreeSet<FlagId>,
    /// What a code comes to whose owner is not known here.
    pub unknown_referrer: UnknownReferrer,
}

/// What a code comes to whose owner is not known here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownReferrer {
    /// The newcomer waits too: nothing is given. The default.
    #[default]
    Wait,
    /// The newcomer earns.
    Earn,
}

/// Who referred a shopper.
#[derive(Clone, Copy, Debug)]
pub enum Referral<'a> {
    /// A member of another account.
    By(Referrer<'a>),
    /// The shopper, or another member of the shopper's account.
    OwnAccount,
    /// Nobody known here.
    Unknown,
}

/// A member who referred.
#[derive(Clone, Copy, Debug)]
pub struct Referrer<'a> {
    /// The member's flags.
    pub flags: &'a BTreeSet<FlagId>,
    /// The account that owns the member's points.
    pub account: &'a Account,
}

/// What the one who referred gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferrerGain {
    /// Points, at least 1.
    pub points: Points,
    /// The newcomers that count against the rules' limits.
    pub counted: Vec<Counted>,
}

impl Referral<'_> {
    /// Why a rule gives nothing for it.
    pub(super) fn refuse(
        self,
        rule: &EarnRule,
        terms: &ReferralTerms,
        today: NaiveDate,
    ) -> Option<Reason> {
        match self {
            Self::OwnAccount => Some(Reason::OwnReferral),
            Self::Unknown => match terms.unknown_referrer {
                UnknownReferrer::Wait => Some(Reason::ReferrerUnknown),
                UnknownReferrer::Earn => None,
            },
            Self::By(Referrer { flags, account }) => {
                if !terms.referrer_excluded_flags.is_disjoint(flags) {
                    return Some(Reason::ReferrerExcluded);
                }
                let counter = CounterId::RuleReferrals(rule.id.clone());
                let counters = &account.facts().counters;
                let met = rule.limits.iter().find(|limit| {
                    let UseLimit { window, uses_max } = limit.limit;
                    counters.count(&counter, window, today) >= i64::from(uses_max)
                });
                met.map(|limit| Reason::LimitReached { limit: limit.limit })
            }
        }
    }
}

impl Programme {
    /// Whether a rule looks at who referred a newcomer.
    #[must_use]
    pub fn has_referrals(&self) -> bool {
        self.earn.iter().any(|rule| matches!(rule.kind, EarnKind::Referral(_)))
    }

    /// What the one who referred gets for a purchase that earned so much on a day; `None` where no
    /// rule on referrals was among it.
    #[must_use]
    pub fn referrer_gain(
        &self,
        earned_by: &[EarnedBy],
        referrer: &Referrer<'_>,
        day: NaiveDate,
    ) -> Option<ReferrerGain> {
        let mut gain = ReferrerGain { points: Points::ZERO, counted: Vec::new() };
        for rule in &self.earn {
            let EarnKind::Referral(terms) = &rule.kind else { continue };
            if !earned_by.iter().any(|by| by.rule == rule.id) {
                continue;
            }
            gain.points += terms.referrer_points;
            if let Some(limit) = rule.limits.first() {
                let counter = CounterId::RuleReferrals(rule.id.clone());
                let counters = &referrer.account.facts().counters;
                let before = counters.count(&counter, limit.limit.window, day);
                gain.counted.push(Counted { counter, before, by: 1 });
            }
        }
        gain.points.is_positive().then_some(gain)
    }
}
