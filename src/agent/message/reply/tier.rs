//! A member's tier and the way to the next.

use serde::Serialize;
use utoipa::ToSchema;

use super::time::Day;
use crate::journal::{MemberPart, Sale};
use crate::loyalty::{Programme, TierId, TierMeasure, TierOutcome, TierValidity};
use crate::money::{Amount, Currency, Points};
use crate::wire::wording::{Money, Sentence};

/// A member's tier and the way to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TierReply<'a> {
    /// Before; its multiplier counted.
    #[schema(example = "silver")]
    pub(crate) before: &'a str,
    /// After.
    #[schema(example = "silver")]
    pub(crate) after: &'a str,
    /// What customers call the tier after.
    #[schema(example = "Silver")]
    pub(crate) name: &'a str,
    /// The next tier, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<&'a str>,
    /// What customers call the next tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_name: Option<&'a str>,
    /// What the next tier still needs of the measure: minor units, points or visits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<i64>,
    /// Of a quote, where tiers count points: for how much more on this basket, in minor units with
    /// tax, the next tier is reached, at the rate at which any goods earn now. About.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing_amount: Option<i64>,
    /// What the tiers count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) measure: Option<MeasureName>,
    /// How far from this tier to the next, 0 to 100; 100 at the highest.
    #[schema(example = 40)]
    pub(crate) progress_percent: u8,
    /// The last day of the tier after if nothing more is bought; where the programme keeps tiers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2027-12-31")]
    #[schema(value_type = Option<String>)]
    pub(crate) valid_until: Option<Day>,
    /// So much more of the measure, bought by that day, keeps the tier for longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing_to_keep: Option<i64>,
}

/// What tiers count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MeasureName {
    /// Money paid, in minor units.
    Spend,
    /// Points earned.
    PointsEarned,
    /// Paid receipts.
    Visits,
}

impl<'a> TierReply<'a> {
    pub(super) fn of_outcome(tier: &'a TierOutcome, programme: &'a Programme) -> Self {
        let missing_amount = tier.amount_ahead.map(Amount::value);
        let reply = Self::at(&tier.before, &tier.after, tier.measure, programme);
        Self { missing_amount, ..reply }.valid(tier.validity)
    }

    /// What a sale's record says of it: the measure read before, and what the sale added.
    pub(super) fn of_member(
        part: &'a MemberPart,
        sale: &Sale,
        programme: &'a Programme,
    ) -> Option<Self> {
        let after = part.tier_after.as_ref()?;
        let before = part.inputs.tier.as_ref().unwrap_or(after);
        let added = match programme.tiers.as_ref().map(|policy| policy.measure) {
            Some(TierMeasure::Spend) => sale.payable.value(),
            Some(TierMeasure::PointsEarned) => part.earned.value(),
            Some(TierMeasure::Visits) => 1,
            None => 0,
        };
        let measure = part.inputs.measure.saturating_add(added);
        Some(Self::at(before, after, measure, programme).valid(part.tier_validity))
    }

    /// Whether this sale lifted the account.
    pub(super) fn is_reached_now(&self, programme: &Programme) -> bool {
        let steps = programme.tiers.as_ref().map_or(&[][..], |policy| &policy.steps);
        let place = |id: &str| steps.iter().position(|tier| tier.id.as_str() == id);
        place(self.after) > place(self.before)
    }

    /// What keeps the tier, where buying now does.
    pub(crate) fn keep(&self, currency: Currency) -> Option<Sentence<'a>> {
        let (tier, date, missing) = (self.name, self.valid_until?.0, self.missing_to_keep?);
        Some(match self.measure {
            Some(MeasureName::Spend) => {
                let amount = Money { amount: Amount::new(missing), currency };
                Sentence::TierKeepSpend { tier, amount, date }
            }
            Some(MeasureName::Visits) => Sentence::TierKeepVisits { tier, visits: missing, date },
            Some(MeasureName::PointsEarned) | None => {
                Sentence::TierKeepPoints { tier, points: Points::new(missing), date }
            }
        })
    }

    fn at(before: &'a TierId, after: &'a TierId, measure: i64, programme: &'a Programme) -> Self {
        let policy = programme.tiers.as_ref();
        let steps = policy.map_or(&[][..], |policy| &policy.steps);
        let place = steps.iter().position(|tier| tier.id == *after);
        let reached = place.and_then(|place| steps.get(place));
        let next = place.and_then(|place| steps.get(place + 1));
        let progress_percent = match (reached, next) {
            (Some(reached), Some(next)) => {
                let done = (measure - reached.threshold).max(0);
                let whole = (next.threshold - reached.threshold).max(1);
                (done.saturating_mul(100) / whole).clamp(0, 100) as u8
            }
            _ => 100,
        };
        Self {
            before: before.as_str(),
            after: after.as_str(),
            name: reached.map_or(after.as_str(), |tier| &tier.name),
            next: next.map(|tier| tier.id.as_str()),
            next_name: next.map(|tier| tier.name.as_str()),
            missing: next.map(|tier| (tier.threshold - measure).max(0)),
            missing_amount: None,
            measure: policy.map(|policy| MeasureName::from(policy.measure)),
            progress_percent,
            valid_until: None,
            missing_to_keep: None,
        }
    }

    fn valid(mut self, validity: Option<TierValidity>) -> Self {
        self.valid_until = validity.map(|validity| Day(validity.until));
        self.missing_to_keep = validity.and_then(|validity| validity.missing);
        self
    }
}

impl From<TierMeasure> for MeasureName {
    fn from(measure: TierMeasure) -> Self {
        match measure {
            TierMeasure::Spend => Self::Spend,
            TierMeasure::PointsEarned => Self::PointsEarned,
            TierMeasure::Visits => Self::Visits,
        }
    }
}
