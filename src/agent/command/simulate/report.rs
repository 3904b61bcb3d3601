//! The outcome of a simulation as JSON. Money is decimal text in the programme's currency.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::loyalty::Programme;
use crate::money::{Amount, Rounding, mul_div};
use crate::simulation::{Quantiles, RewardName, RewardReached, SimulationOutcome, Spending};

/// What the command prints with `--json`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Report {
    pub(super) spend: SpendName,
    pub(super) training_left_out: u64,
    pub(super) repeated_left_out: u64,
    pub(super) draft: ProgrammeReport,
    pub(super) current: Option<ProgrammeReport>,
}

/// When members spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SpendName {
    Never,
    Whenever,
}

impl From<Spending> for SpendName {
    fn from(spending: Spending) -> Self {
        match spending {
            Spending::Never => Self::Never,
            Spending::Whenever => Self::Whenever,
        }
    }
}

/// What one programme came to.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct ProgrammeReport {
    pub(super) programme: String,
    pub(super) version: u32,
    pub(super) name: String,
    pub(super) currency: String,
    pub(super) first_day: Option<String>,
    pub(super) last_day: Option<String>,
    pub(super) receipts: u64,
    pub(super) receipts_of_members: u64,
    pub(super) members: u64,
    /// Before loyalty.
    pub(super) sales: String,
    pub(super) discounts: String,
    /// Points and cashback spent, as money.
    pub(super) redeemed: String,
    /// Discounts, points and cashback spent.
    pub(super) cost: String,
    /// Of sales, in percent with two decimals.
    pub(super) cost_percent: Option<String>,
    pub(super) points_issued: i64,
    pub(super) points_spent: i64,
    pub(super) points_expired: i64,
    pub(super) points_outstanding: i64,
    /// Where the programme has cashback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cashback: Option<CashbackReport>,
    pub(super) outstanding_worth: Option<String>,
    pub(super) spendable_worth: Option<String>,
    /// In the order of the programme: tiers, points, rules, offers.
    pub(super) rewards: Vec<RewardReport>,
    pub(super) offers_never_applied: u64,
}

/// What became of the cashback.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct CashbackReport {
    pub(super) issued: String,
    pub(super) spent: String,
    pub(super) expired: String,
    pub(super) outstanding: String,
}

/// Who reached a reward.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct RewardReport {
    /// `tier`, `points_to_spend`, `points_spent`, `rule` or `offer`.
    pub(super) kind: &'static str,
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) members: u64,
    /// Of all members who bought, in percent with two decimals.
    pub(super) members_percent: Option<String>,
    /// From the first purchase to the one that reached it.
    pub(super) days: Option<QuantilesReport>,
    /// Which purchase it was, from 1.
    pub(super) purchases: Option<QuantilesReport>,
}

/// By nearest rank, of those who reached it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct QuantilesReport {
    pub(super) median: u32,
    pub(super) p90: u32,
}

impl From<Quantiles> for QuantilesReport {
    fn from(Quantiles { median, p90 }: Quantiles) -> Self {
        Self { median, p90 }
    }
}

impl ProgrammeReport {
    pub(super) fn of(programme: &Programme, outcome: &SimulationOutcome) -> Self {
        let money = |amount: Amount| programme.currency.format(amount);
        let names = Names::of(programme);
        let reward = |reached: &RewardReached| names.reward(reached, outcome.members);
        Self {
            programme: programme.id.to_string(),
            version: programme.version,
            name: programme.name.clone(),
            currency: programme.currency.to_string(),
            first_day: outcome.first_day.map(|day| day.to_string()),
            last_day: outcome.last_day.map(|day| day.to_string()),
            receipts: outcome.receipts,
            receipts_of_members: outcome.receipts_of_members,
            members: outcome.members,
            sales: money(outcome.sales),
            discounts: money(outcome.discount),
            redeemed: money(outcome.redeemed),
            cost: money(outcome.cost()),
            cost_percent: percent(outcome.cost().value(), outcome.sales.value()),
            points_issued: outcome.points_issued.value(),
            points_spent: outcome.points_spent.value(),
            points_expired: outcome.points_expired.value(),
            points_outstanding: outcome.points_outstanding.value(),
            cashback: outcome.cashback.map(|sums| CashbackReport {
                issued: money(sums.issued),
                spent: money(sums.spent),
                expired: money(sums.expired),
                outstanding: money(sums.outstanding),
            }),
            outstanding_worth: outcome.outstanding_worth.map(money),
            spendable_worth: outcome.spendable_worth.map(money),
            rewards: outcome.rewards.iter().map(reward).collect(),
            offers_never_applied: outcome.offers_never_applied,
        }
    }
}

/// A share in percent, rounded half up to two decimals; `None` of nothing.
fn percent(part: i64, whole: i64) -> Option<String> {
    let hundredths = mul_div(part, 10_000, whole.max(1), Rounding::HalfUp)?;
    (whole > 0).then(|| format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

/// What customers call tiers, rules and offers.
struct Names<'p> {
    tiers: BTreeMap<&'p str, &'p str>,
    rules: BTreeMap<&'p str, &'p str>,
    offers: BTreeMap<&'p str, &'p str>,
}

impl<'p> Names<'p> {
    fn of(programme: &'p Programme) -> Self {
        let tiers = programme.tiers.iter().flat_map(|policy| &policy.steps);
        Self {
            tiers: tiers.map(|tier| (tier.id.as_str(), tier.name.as_str())).collect(),
            rules: programme.earn.iter().map(|r| (r.id.as_str(), r.name.as_str())).collect(),
            offers: programme.offers.iter().map(|o| (o.id.as_str(), o.name.as_str())).collect(),
        }
    }

    fn reward(&self, reached: &RewardReached, members: u64) -> RewardReport {
        let named = |names: &BTreeMap<&str, &str>, id: &str| {
            (Some(id.to_owned()), names.get(id).copied().unwrap_or_default().to_owned())
        };
        let (kind, (id, name)) = match &reached.reward {
            RewardName::Tier(tier) => ("tier", named(&self.tiers, tier.as_str())),
            RewardName::PointsToSpend => {
                ("points_to_spend", (None, "enough points to spend".to_owned()))
            }
            RewardName::PointsSpent => ("points_spent", (None, "points spent".to_owned())),
            RewardName::Rule(rule) => ("rule", named(&self.rules, rule.as_str())),
            RewardName::Offer(offer) => ("offer", named(&self.offers, offer.as_str())),
        };
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        RewardReport {
            kind,
            id,
            name,
            members: reached.members,
            members_percent: percent(count(reached.members), count(members)),
            days: reached.days.map(QuantilesReport::from),
            purchases: reached.purchases.map(QuantilesReport::from),
        }
    }
}
