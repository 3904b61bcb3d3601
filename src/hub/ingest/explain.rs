//! What came of computing a record again, as flags that a person can read.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::hub::store::rows::{FlagRow, Place};
use crate::journal::RefusedBenefit;
use crate::loyalty::{Applied, Benefit, CounterId, EarnedBy, Gain, IssuedBy, Subject};
use crate::recompute::{
    Difference, Differing, Explained, Explanation, Figure, InputDifference, InputKind, Recomputed,
};

/// What a flag is about: stable words.
pub(crate) mod kind {
    /// Something else was given than the programme gives.
    pub(crate) const DIFFERS: &str = "differs";
    /// Right from what the till knew; more is known here.
    pub(crate) const INPUTS_DIFFER: &str = "inputs_differ";
    /// The till gave another discount than was decided.
    pub(crate) const GIVEN_OTHERWISE: &str = "given_otherwise";
    /// More came back than was sold.
    pub(crate) const IMPOSSIBLE: &str = "impossible";
    /// It could not be computed again.
    pub(crate) const NOT_RECOMPUTED: &str = "not_recomputed";
    /// A receipt is in two journals; this record is not booked.
    pub(crate) const RECEIPT_TWICE: &str = "receipt_twice";
    /// A return is in two journals; this record is not booked.
    pub(crate) const UNDO_TWICE: &str = "undo_twice";
    /// A receipt's member was named twice; this record is not booked.
    pub(crate) const MEMBER_TWICE: &str = "member_named_twice";
    /// A voucher was used by another receipt before.
    pub(crate) const VOUCHER_TWICE: &str = "voucher_used_twice";
    /// A milestone was given by another till before; the customer keeps both.
    pub(crate) const MILESTONE_TWICE: &str = "milestone_twice";
    /// A place has two records.
    pub(crate) const FORK: &str = "fork";
    /// An epoch does not begin behind the last record that is here.
    pub(crate) const EPOCH_ELSEWHERE: &str = "epoch_begins_elsewhere";
    /// A record was refused before and left out.
    pub(crate) const SET_ASIDE: &str = "set_aside";
    /// A record is kept but not booked.
    pub(crate) const QUARANTINED: &str = "quarantined";
}

/// A flag of a record.
pub(super) fn flag(
    place: Place,
    kind: &'static str,
    subject: &str,
    detail: &Value,
    at: DateTime<Utc>,
) -> FlagRow {
    let (kind, subject) = (kind.to_owned(), subject.to_owned());
    FlagRow { place, kind, subject, detail: detail.to_string(), at }
}

/// The flag of an outcome, where a person may want to look at it.
pub(super) fn flag_of(place: Place, outcome: &Recomputed, at: DateTime<Utc>) -> Option<FlagRow> {
    let (kind, detail) = match outcome {
        Recomputed::Same => return None,
        Recomputed::InputsDiffer { inputs, explained } => {
            (kind::INPUTS_DIFFER, both(inputs, explained))
        }
        Recomputed::GivenOtherwise { explained } => (kind::GIVEN_OTHERWISE, both(&[], explained)),
        Recomputed::Different { inputs, explained } => (kind::DIFFERS, both(inputs, explained)),
        Recomputed::Impossible { reason } => {
            (kind::IMPOSSIBLE, json!({ "reason": reason.to_string() }))
        }
        Recomputed::NotRecomputed(reason) => {
            (kind::NOT_RECOMPUTED, json!({ "reason": reason.to_string() }))
        }
    };
    Some(flag(place, kind, "", &detail, at))
}

fn both(inputs: &[InputDifference], explained: &Explained) -> Value {
    let Explained { recorded, computed, differences } = explained;
    json!({
        "inputs": inputs.iter().map(input).collect::<Vec<_>>(),
        "differences": differences.iter().map(difference).collect::<Vec<_>>(),
        "recorded": explanation(recorded),
        "computed": explanation(computed),
    })
}

fn input(input: &InputDifference) -> Value {
    let InputDifference { what, recorded, known } = input;
    let what = match what {
        InputKind::Balance => "balance".to_owned(),
        InputKind::Debt => "debt".to_owned(),
        InputKind::Cashback => "cashback".to_owned(),
        InputKind::CashbackDebt => "cashback_debt".to_owned(),
        InputKind::Tier => "tier".to_owned(),
        InputKind::Measure => "measure".to_owned(),
        InputKind::AverageBasket => "average_basket".to_owned(),
        InputKind::Convertible => "convertible".to_owned(),
        InputKind::Counter(counter) => counter_text(counter),
    };
    json!({ "what": what, "recorded": figure(recorded), "known": figure(known) })
}

fn difference(difference: &Difference) -> Value {
    let Difference { at, recorded, computed } = difference;
    let at = match at {
        Differing::Payable => "payable".to_owned(),
        Differing::LineDiscount(line) => format!("line:{line}:discount"),
        Differing::LineRedeemed(line) => format!("line:{line}:redeemed"),
        Differing::LineTax(line) => format!("line:{line}:tax"),
        Differing::Benefit(benefit) => benefit_text(benefit),
        Differing::BenefitOnLine(benefit, line) => format!("{}:{line}", benefit_text(benefit)),
        Differing::Rule(rule) => format!("rule:{rule}"),
        Differing::Sum(what) | Differing::Term(what) => (*what).to_owned(),
        Differing::Counter(counter) => counter_text(counter),
        Differing::Shared(counter) => format!("shared:{}", counter_text(counter)),
        Differing::Issued(by) => format!("issued:{}", issued_text(by)),
        Differing::Withdrawn(_) => "withdrawn".to_owned(),
    };
    json!({ "at": at, "recorded": figure(recorded), "computed": figure(computed) })
}

fn explanation(side: &Explanation) -> Value {
    let Explanation { payable, applied, earned_by, refused } = side;
    json!({
        "payable": payable.value(),
        "applied": applied.iter().map(applied_value).collect::<Vec<_>>(),
        "earned_by": earned_by.iter().map(earned_value).collect::<Vec<_>>(),
        "refused": refused.iter().map(refused_value).collect::<Vec<_>>(),
    })
}

fn applied_value(applied: &Applied) -> Value {
    let lines = applied
        .allocations
        .iter()
        .map(|part| json!({ "line": part.line_id.as_str(), "amount": part.amount.value() }));
    json!({
        "benefit": benefit_text(&applied.benefit),
        "amount": applied.amount.value(),
        "lines": lines.collect::<Vec<_>>(),
    })
}

fn earned_value(by: &EarnedBy) -> Value {
    let (unit, value) = match by.gain {
        Gain::Points(points) => ("points", points.value()),
        Gain::Cashback(amount) => ("cashback", amount.value()),
    };
    json!({ "rule": by.rule.as_str(), unit: value })
}

fn refused_value(refused: &RefusedBenefit) -> Value {
    // A code is worth money to whoever reads it: its kind says enough.
    let subject = match &refused.subject {
        Subject::Offer(offer) => format!("offer:{offer}"),
        Subject::Rule(rule) => format!("rule:{rule}"),
        Subject::Conversion(conversion) => format!("conversion:{conversion}"),
        Subject::Spend => "spend".to_owned(),
        Subject::Cashback => "cashback".to_owned(),
        Subject::Reward(reward) => format!("reward:{reward}"),
        Subject::Voucher { voucher_type: Some(kind), .. } => format!("voucher:{kind}"),
        Subject::Voucher { voucher_type: None, .. } => "voucher".to_owned(),
        Subject::Code(_) => "code".to_owned(),
        Subject::Coupon(_) => "coupon".to_owned(),
    };
    json!({ "what": subject, "why": refused.code.name(), "missing": refused.missing })
}

fn benefit_text(benefit: &Benefit) -> String {
    match benefit {
        Benefit::Offer(offer) => format!("offer:{offer}"),
        Benefit::Voucher { voucher_type, .. } => format!("voucher:{voucher_type}"),
        Benefit::Points(points) => format!("points:{}", points.value()),
        Benefit::Cashback => "cashback".to_owned(),
        Benefit::Reward { reward, times, .. } => format!("reward:{reward}:{times}"),
        Benefit::Gift { offer, times } => format!("gift:{offer}:{times}"),
        Benefit::Till => "till".to_owned(),
        Benefit::Coupon { offer, .. } => format!("coupon:{offer}"),
    }
}

fn counter_text(counter: &CounterId) -> String {
    match counter {
        CounterId::RuleUses(rule) => format!("uses:rule:{rule}"),
        CounterId::MemberRuleUses { rule, .. } => format!("member_uses:rule:{rule}"),
        CounterId::RuleProgress(rule) => format!("progress:rule:{rule}"),
        CounterId::RuleVisitDays(rule) => format!("visit_days:rule:{rule}"),
        CounterId::RuleReached(rule) => format!("reached:rule:{rule}"),
        CounterId::OfferUses { offer, .. } => format!("uses:offer:{offer}"),
        CounterId::RuleReferrals(rule) => format!("referrals:rule:{rule}"),
        CounterId::RewardUses(reward) => format!("uses:reward:{reward}"),
        CounterId::Told { .. } => "told".to_owned(),
        CounterId::RulePoints(rule) => format!("points:rule:{rule}"),
    }
}

fn issued_text(by: &IssuedBy) -> String {
    match by {
        IssuedBy::Rule(rule) => format!("rule:{rule}"),
        IssuedBy::Conversion(conversion) => format!("conversion:{conversion}"),
        IssuedBy::Reward(reward) => format!("reward:{reward}"),
    }
}

fn figure(figure: &Figure) -> Value {
    match figure {
        Figure::Nothing => Value::Null,
        Figure::Number(number) => json!(number),
        Figure::Text(text) => json!(text),
    }
}
