//! What was not given, and the sentence that says why.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::wording::Phrase;
use super::effects::offer;
use crate::journal::{RefusalCode, RefusedBenefit};
use crate::loyalty::{Programme, Reason, Refusal, Subject, TierId};
use crate::money::{Amount, Points};

/// A benefit that did not apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RejectedReply<'a> {
    /// The offer, earning rule or voucher; "points" where points were to be spent.
    #[schema(example = "over-500")]
    pub(crate) benefit: &'a str,
    /// What it is.
    pub(crate) kind: BenefitKind,
    /// What customers call it.
    pub(crate) label: &'a str,
    /// Stable code of the reason.
    #[schema(example = "below_minimum_amount")]
    pub(crate) reason: &'static str,
    /// What is missing or allowed, in the unit of the reason: minor units, thousandths of a unit
    /// or points.
    #[schema(example = 1240)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<i64>,
    /// A sentence for the cashier.
    #[schema(example = "12.40 more and the 15 voucher applies")]
    pub(crate) message: String,
}

/// What a benefit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BenefitKind {
    /// An offer.
    Offer,
    /// An earning rule.
    Rule,
    /// Points to be spent.
    Points,
    /// A voucher.
    Voucher,
}

impl<'a> RejectedReply<'a> {
    /// What a decision refused, with the particulars.
    pub(super) fn of_refusal(refusal: &'a Refusal, programme: &'a Programme) -> Self {
        let kept = RefusedBenefit::of(refusal);
        let (benefit, kind, label) = subject(&refusal.subject, programme);
        let message = particulars(&refusal.reason, label, programme)
            .unwrap_or_else(|| in_short(kept.code, kept.missing, label, programme));
        let reason = kept.code.name();
        Self { benefit, kind, label, reason, missing: kept.missing, message }
    }

    /// What a record keeps of a refusal.
    pub(super) fn of_record(refused: &'a RefusedBenefit, programme: &'a Programme) -> Self {
        let (benefit, kind, label) = subject(&refused.subject, programme);
        Self {
            benefit,
            kind,
            label,
            reason: refused.code.name(),
            missing: refused.missing,
            message: in_short(refused.code, refused.missing, label, programme),
        }
    }
}

fn subject<'a>(subject: &'a Subject, programme: &'a Programme) -> (&'a str, BenefitKind, &'a str) {
    match subject {
        Subject::Offer(id) => {
            let label = offer(programme, id).map_or(id.as_str(), |offer| &offer.name);
            (id.as_str(), BenefitKind::Offer, label)
        }
        Subject::Rule(id) => {
            let rule = programme.earn.iter().find(|rule| rule.id == *id);
            let label = rule.map_or(id.as_str(), |rule| &rule.name);
            (id.as_str(), BenefitKind::Rule, label)
        }
        Subject::Spend => ("points", BenefitKind::Points, Phrase::Points.english()),
        Subject::Voucher { voucher, voucher_type } => {
            let kind = voucher_type.as_ref().and_then(|id| programme.voucher_types.get(id));
            let label = kind.map_or(voucher.as_str(), |kind| &kind.name);
            (voucher.as_str(), BenefitKind::Voucher, label)
        }
    }
}

fn in_short(code: RefusalCode, missing: Option<i64>, label: &str, programme: &Programme) -> String {
    let missing = match (code, missing) {
        (
            RefusalCode::BelowMinimumAmount
            | RefusalCode::BelowOwnAverage
            | RefusalCode::MilestoneAheadAmount,
            Some(minor),
        ) => programme.currency.format(Amount::new(minor)),
        (RefusalCode::BelowMinimumQuantity, Some(milli)) => decimal(milli),
        (_, Some(points)) => points.to_string(),
        (_, None) => String::new(),
    };
    Phrase::Refused(code).fill(&[("label", label), ("missing", &missing)])
}

fn particulars(reason: &Reason, label: &str, programme: &Programme) -> Option<String> {
    let said = match reason {
        Reason::NotYet { from } => {
            Phrase::BeginsOn.fill(&[("label", label), ("date", &from.to_string())])
        }
        Reason::Over { until } => {
            Phrase::EndedOn.fill(&[("label", label), ("date", &until.to_string())])
        }
        Reason::OtherHours { from, to } => {
            let (from, to) = (from.format("%H:%M").to_string(), to.format("%H:%M").to_string());
            Phrase::AppliesBetween.fill(&[("label", label), ("from", &from), ("to", &to)])
        }
        Reason::OtherTier { needs } => {
            let names: Vec<&str> = needs.iter().map(|id| tier_name(programme, id)).collect();
            Phrase::ForTiers.fill(&[("label", label), ("tiers", &names.join(", "))])
        }
        Reason::GroupBestIs { offer: best, .. } => {
            let other = offer(programme, best).map_or(best.as_str(), |offer| &offer.name);
            Phrase::OtherIsBetter.fill(&[("label", label), ("other", other)])
        }
        Reason::NotALevel { below, above } => {
            let nearest: Vec<String> =
                [below, above].into_iter().flatten().map(Points::to_string).collect();
            Phrase::Refused(RefusalCode::NotALevel).fill(&[("missing", &nearest.join(" / "))])
        }
        _ => return None,
    };
    Some(said)
}

fn tier_name<'a>(programme: &'a Programme, id: &'a TierId) -> &'a str {
    programme.tier(id).map_or(id.as_str(), |tier| &tier.name)
}

/// Thousandths as a decimal without needless zeros: "2", "0.5".
fn decimal(milli: i64) -> String {
    let (whole, rest) = (milli / 1_000, milli % 1_000);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:03}").trim_end_matches('0').to_owned()
}
