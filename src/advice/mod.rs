//! What an author of a sound programme may want to know before it goes live (LD-15).
//!
//! Advice is no fault: the programme decides as it is written. Pure: the same programme and day
//! always give the same advice. `search` looks for baskets where buying more costs less, with the
//! goods that `probe` derives from the programme and the shopper of `scene`; `groups` compares the
//! offers of one group, `effect` finds what can change nothing, `often` what applies more often than it
//! reads.

mod effect;
mod groups;
mod often;
mod probe;
mod scene;
mod search;

// The examples are programme files.
#[cfg(all(test, feature = "wire"))]
mod tests;

use std::fmt;

use chrono::NaiveDate;

pub use search::{PROBES_MAX, PROBES_PER_BENEFIT_MAX};

use crate::loyalty::{
    ConversionId, Evaluator, GreetingId, OfferId, RewardId, RuleId, TierId, VoucherTypeId,
};

/// The most pieces of advice on one programme: an author reads these first.
pub const ADVICE_MAX: usize = 100;

/// One thing that an author may want to write otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What it is about, the first in the order of the programme.
    pub element: Element,
    /// The key of it; empty where it is about the whole element.
    pub key: String,
    /// What kind of advice; stable.
    pub code: AdviceCode,
    /// What happens and how to write it otherwise.
    pub reason: String,
}

/// An element of a programme.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// Spending points.
    Redemption,
    /// A tier.
    Tier(TierId),
    /// A greeting.
    Greeting(GreetingId),
    /// An earning rule.
    Rule(RuleId),
    /// A reward for points.
    Reward(RewardId),
    /// A conversion of points into vouchers.
    Conversion(ConversionId),
    /// An offer.
    Offer(OfferId),
    /// A kind of voucher.
    VoucherType(VoucherTypeId),
}

/// Kinds of advice. The text is stable: scripts may rely on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdviceCode {
    /// A basket with more in it costs less.
    MoreCostsLess,
    /// Another offer of the group always takes as much or more.
    NeverWins,
    /// No basket at all can meet it.
    NeverApplies,
    /// A group that decides nothing.
    GroupWithoutEffect,
    /// A limit, cap or minimum that another one makes needless.
    LimitWithoutEffect,
    /// No rule lets anybody reach the tier.
    TierUnreachable,
    /// Its last day is over.
    WindowOver,
    /// Around a birthday it applies to every purchase.
    BirthdayWithoutLimit,
}

/// What was found, and how far the search went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advised {
    /// In the order of the programme; at most [`ADVICE_MAX`].
    pub advice: Vec<Advice>,
    /// How many pairs of baskets were compared.
    pub baskets_compared: usize,
    /// Whether pairs were left out for their number, or advice was.
    pub is_cut_short: bool,
}

/// Advice on a programme as it is on a day.
#[must_use]
pub fn advise(evaluator: &Evaluator, today: NaiveDate) -> Advised {
    let programme = evaluator.programme();
    let searched = search::drops(evaluator, today);
    let mut advice = searched.advice;
    advice.extend(groups::compare(programme));
    advice.extend(effect::examine(programme, today));
    advice.extend(often::examine(programme));
    advice.sort_by(|a, b| (&a.element, a.code, &a.key).cmp(&(&b.element, b.code, &b.key)));
    let is_cut_short = searched.is_cut_short || advice.len() > ADVICE_MAX;
    advice.truncate(ADVICE_MAX);
    Advised { advice, baskets_compared: searched.baskets_compared, is_cut_short }
}

impl AdviceCode {
    /// The stable text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MoreCostsLess => "more_costs_less",
            Self::NeverWins => "never_wins",
            Self::NeverApplies => "never_applies",
            Self::GroupWithoutEffect => "group_without_effect",
            Self::LimitWithoutEffect => "limit_without_effect",
            Self::TierUnreachable => "tier_unreachable",
            Self::WindowOver => "window_over",
            Self::BirthdayWithoutLimit => "birthday_without_limit",
        }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.element)?;
        if !self.key.is_empty() {
            write!(f, ".{}", self.key)?;
        }
        write!(f, ": {} [{}]", self.reason, self.code.as_str())
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redemption => f.write_str("redemption"),
            Self::Tier(id) => write!(f, "tiers.steps ({id})"),
            Self::Greeting(id) => write!(f, "greetings ({id})"),
            Self::Rule(id) => write!(f, "earn ({id})"),
            Self::Reward(id) => write!(f, "rewards ({id})"),
            Self::Conversion(id) => write!(f, "conversions ({id})"),
            Self::Offer(id) => write!(f, "offers ({id})"),
            Self::VoucherType(id) => write!(f, "voucher_types ({id})"),
        }
    }
}
