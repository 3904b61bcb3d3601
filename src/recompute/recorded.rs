//! What a record says of a decision: written by tills, compared with by whoever computes it again.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::journal::{CashbackPart, Inputs, MemberPart, ReferralPart, RefusedBenefit, SaleLine};
use crate::loyalty::{
    Account, AccountRef, Decision, Evaluator, FlagId, Line, LineOutcome, MemberRef, Standing,
};
use crate::member_code::Strength;

/// The most refusals that a record keeps: what a cashier was told, not the whole programme.
pub const REFUSALS_KEPT_MAX: usize = 8;

/// Who bought, as far as a record says it.
#[derive(Clone, Copy, Debug)]
pub struct Buyer<'a> {
    /// Who.
    pub member: MemberRef,
    /// Whose points.
    pub account_ref: AccountRef,
    /// The account as the decision saw it.
    pub account: &'a Account,
    /// How sure the till was.
    pub strength: Option<Strength>,
    /// The member's flags.
    pub flags: &'a BTreeSet<FlagId>,
    /// The member's place in the account.
    pub standing: &'a Standing,
    /// Who referred the member.
    pub referral: Option<&'a ReferralPart>,
}

/// The lines of a sale, in the till's order.
#[must_use]
pub fn sale_lines(lines: &[Line], decided: &[LineOutcome]) -> Vec<SaleLine> {
    let sale_line = |(line, outcome): (&Line, &LineOutcome)| {
        let LineOutcome { discount, redeemed, tax, .. } = *outcome;
        SaleLine { line: line.clone(), discount, redeemed, tax }
    };
    lines.iter().zip(decided).map(sale_line).collect()
}

/// Of what was not given, what is kept: what was asked for comes first, vouchers and points, then
/// rules and offers.
#[must_use]
pub fn refusals_kept(decision: &Decision) -> Vec<RefusedBenefit> {
    let told = decision.refused.iter().rev().take(REFUSALS_KEPT_MAX);
    told.map(RefusedBenefit::of).collect()
}

/// What a sale did to its member's account. What is handed out gets its codes afterwards.
#[must_use]
pub fn member_part(
    evaluator: &Evaluator,
    buyer: &Buyer<'_>,
    decision: &Decision,
    decided_at: DateTime<Utc>,
) -> Option<MemberPart> {
    let points = decision.points.as_ref()?;
    let programme = evaluator.programme();
    let tier = decision.tier.as_ref();
    Some(MemberPart {
        member: buyer.member,
        account: buyer.account_ref,
        strength: buyer.strength,
        inputs: Inputs {
            balance: points.before,
            debt: points.debt_before,
            tier: tier.map(|tier| tier.before.clone()),
            measure: buyer.account.tier_measure(programme, programme.day_of(decided_at)),
            flags: buyer.flags.clone(),
            average_basket: points.average_basket,
        },
        earned: points.earned,
        earned_by: points.earned_by.clone(),
        counted: points.counted.clone(),
        expires: points.earned_expires,
        spent: points.spent,
        spent_from: points.spent_from.clone(),
        converted: points.converted.clone(),
        tier_after: tier.map(|tier| tier.after.clone()),
        tier_validity: tier.and_then(|tier| tier.validity),
        terms: evaluator.entry_terms(),
        referral: buyer.referral.cloned(),
        standing: buyer.standing.clone(),
        issued: Vec::new(),
        personal: decision.personal.clone(),
        pending_after: points.pending_after.clone(),
        cashback: points.cashback.as_ref().map(|outcome| CashbackPart {
            before: outcome.before,
            debt: outcome.debt_before,
            earned: outcome.gained.earned,
            expires: outcome.gained.expires,
            spent: outcome.gained.spent,
            spent_from: outcome.spent_from.clone(),
            pending_after: outcome.pending_after.clone(),
        }),
    })
}
