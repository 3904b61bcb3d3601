//! The outcome of a simulation as JSON. Money is decimal text in the programme's currency.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::loyalty::{Programme, RuleId, VoucherTypeId};
use crate::money::{Amount, Rounding, mul_div};
use crate::simulation::{
    EntriesHandedOut, Quantiles, RewardName, RewardReached, SimulationOutcome, Spending,
    VoucherUse, VouchersHandedOut,
};

/// What the command prints with `--json`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Report {
    pub(super) spend: SpendName,
    pub(super) vouchers: VouchersName,
    pub(super) training_left_out: u64,
    pub(super) repeated_left_out: u64,
    /// Returns of receipts that are not in the log before.
    pub(super) of_unknown_left_out: u64,
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

/// Whether members used their vouchers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum VouchersName {
    Used,
    Never,
}

impl From<VoucherUse> for VouchersName {
    fn from(vouchers: VoucherUse) -> Self {
        match vouchers {
            VoucherUse::Whenever => Self::Used,
            VoucherUse::Never => Self::Never,
        }
    }
}

/// What one programme came to. Sales, discounts and `redeemed` are net of what came back.
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
    pub(super) returns: u64,
    /// Those that named no goods or more than was left.
    pub(super) returns_impossible: u64,
    pub(super) members: u64,
    /// Before loyalty.
    pub(super) sales: String,
    /// Of offers and vouchers.
    pub(super) discounts: String,
    /// Points and cashback spent, as money.
    pub(super) redeemed: String,
    /// Discounts, points and cashback spent.
    pub(super) cost: String,
    /// Of sales, in percent with two decimals.
    pub(super) cost_percent: Option<String>,
    /// Money paid back.
    pub(super) refunded: String,
    pub(super) points_issued: i64,
    pub(super) points_of_referrers: i64,
    pub(super) points_spent: i64,
    /// Spent points that returns gave back.
    pub(super) points_restored: i64,
    /// Earned points that returns took back.
    pub(super) points_taken_back: i64,
    pub(super) points_expired: i64,
    pub(super) points_outstanding: i64,
    pub(super) points_owed: i64,
    /// Where the programme has cashback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cashback: Option<CashbackReport>,
    pub(super) outstanding_worth: Option<String>,
    pub(super) spendable_worth: Option<String>,
    /// By kind.
    pub(super) vouchers: Vec<VouchersReport>,
    /// Contest entries, by rule.
    pub(super) entries: Vec<EntriesReport>,
    /// In the order of the programme: tiers, points, rewards of the catalogue, rules, conversions,
    /// offers.
    pub(super) rewards: Vec<RewardReport>,
    pub(super) offers_never_applied: u64,
}

/// What became of the vouchers of a kind: used, lapsed, withdrawn and open ones are all.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct VouchersReport {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) handed_out: u64,
    pub(super) used: u64,
    pub(super) lapsed: u64,
    /// What they were given for came back.
    pub(super) withdrawn: u64,
    pub(super) open: u64,
    /// Of the used ones; part of all discounts.
    pub(super) discount: String,
    /// Of the used ones: what their kind says that one costs, else what they took off.
    pub(super) cost: String,
    /// What the open ones will cost when all are used, where that is known before.
    pub(super) open_cost: Option<String>,
}

/// Entries of the contest that a rule is.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct EntriesReport {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) handed_out: u64,
    /// What they were given for came back.
    pub(super) withdrawn: u64,
}

/// What became of the cashback.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct CashbackReport {
    pub(super) issued: String,
    pub(super) spent: String,
    pub(super) restored: String,
    pub(super) taken_back: String,
    pub(super) expired: String,
    pub(super) outstanding: String,
    pub(super) owed: String,
}

/// Who reached a reward.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct RewardReport {
    /// `tier`, `points_to_spend`, `points_spent`, `catalogue`, `rule`, `conversion` or `offer`.
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
            returns: outcome.returns,
            returns_impossible: outcome.returns_impossible,
            members: outcome.members,
            sales: money(outcome.sales),
            discounts: money(outcome.discount),
            redeemed: money(outcome.redeemed),
            cost: money(outcome.cost()),
            cost_percent: percent(outcome.cost().value(), outcome.sales.value()),
            refunded: money(outcome.refunded),
            points_issued: outcome.points_issued.value(),
            points_of_referrers: outcome.points_of_referrers.value(),
            points_spent: outcome.points_spent.value(),
            points_restored: outcome.points_restored.value(),
            points_taken_back: outcome.points_taken_back.value(),
            points_expired: outcome.points_expired.value(),
            points_outstanding: outcome.points_outstanding.value(),
            points_owed: outcome.points_owed.value(),
            cashback: outcome.cashback.map(|sums| CashbackReport {
                issued: money(sums.issued),
                spent: money(sums.spent),
                restored: money(sums.restored),
                taken_back: money(sums.taken_back),
                expired: money(sums.expired),
                outstanding: money(sums.outstanding),
                owed: money(sums.owed),
            }),
            outstanding_worth: outcome.outstanding_worth.map(money),
            spendable_worth: outcome.spendable_worth.map(money),
            vouchers: outcome
                .vouchers
                .iter()
                .map(|(id, vouchers)| VouchersReport::of(programme, id, vouchers))
                .collect(),
            entries: outcome
                .entries
                .iter()
                .map(|(rule, entries)| names.entries(rule, *entries))
                .collect(),
            rewards: outcome.rewards.iter().map(reward).collect(),
            offers_never_applied: outcome.offers_never_applied,
        }
    }
}

impl VouchersReport {
    fn of(programme: &Programme, id: &VoucherTypeId, vouchers: &VouchersHandedOut) -> Self {
        let money = |amount: Amount| programme.currency.format(amount);
        let kind = programme.voucher_types.get(id);
        Self {
            id: id.to_string(),
            name: kind.map(|kind| kind.name.clone()).unwrap_or_default(),
            handed_out: vouchers.handed_out,
            used: vouchers.used,
            lapsed: vouchers.lapsed,
            withdrawn: vouchers.withdrawn,
            open: vouchers.open,
            discount: money(vouchers.discount),
            cost: money(vouchers.cost),
            open_cost: vouchers.open_cost.map(money),
        }
    }
}

/// A share in percent, rounded half up to two decimals; `None` of nothing.
fn percent(part: i64, whole: i64) -> Option<String> {
    let hundredths = mul_div(part, 10_000, whole.max(1), Rounding::HalfUp)?;
    (whole > 0).then(|| format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

/// What customers call tiers, rewards, rules, conversions and offers.
struct Names<'p> {
    tiers: BTreeMap<&'p str, &'p str>,
    catalogue: BTreeMap<&'p str, &'p str>,
    rules: BTreeMap<&'p str, &'p str>,
    conversions: BTreeMap<&'p str, &'p str>,
    offers: BTreeMap<&'p str, &'p str>,
}

impl<'p> Names<'p> {
    fn of(programme: &'p Programme) -> Self {
        let tiers = programme.tiers.iter().flat_map(|policy| &policy.steps);
        Self {
            tiers: tiers.map(|tier| (tier.id.as_str(), tier.name.as_str())).collect(),
            catalogue: programme.rewards.iter().map(|r| (r.id.as_str(), r.name.as_str())).collect(),
            rules: programme.earn.iter().map(|r| (r.id.as_str(), r.name.as_str())).collect(),
            conversions: programme
                .conversions
                .iter()
                .map(|c| (c.id.as_str(), c.name.as_str()))
                .collect(),
            offers: programme.offers.iter().map(|o| (o.id.as_str(), o.name.as_str())).collect(),
        }
    }

    fn entries(&self, rule: &RuleId, entries: EntriesHandedOut) -> EntriesReport {
        let EntriesHandedOut { handed_out, withdrawn } = entries;
        let name = self.rules.get(rule.as_str()).copied().unwrap_or_default().to_owned();
        EntriesReport { id: rule.to_string(), name, handed_out, withdrawn }
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
            RewardName::Catalogue(reward) => ("catalogue", named(&self.catalogue, reward.as_str())),
            RewardName::Rule(rule) => ("rule", named(&self.rules, rule.as_str())),
            RewardName::Conversion(id) => ("conversion", named(&self.conversions, id.as_str())),
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
