//! A sale of which something comes back later in the log.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::handed_out::{Wallet, state_of};
use crate::loyalty::{
    Basket, Counted, Decision, FlagId, Issued, MemberRef, ReferrerGain, Returned, RewardsBack,
    SoldIssue, SoldLine, SoldPoints, SoldPurse, SoldReceipt, StoreId, TaxMode, UndoneSoFar,
    VoucherId,
};
use crate::money::{Amount, Points, share_until};

/// What a return needs of its sale.
pub(super) struct Sold<'a> {
    /// When.
    pub(super) at: DateTime<Utc>,
    /// On which local day.
    pub(super) day: NaiveDate,
    /// By whom.
    pub(super) member: Option<MemberRef>,
    /// What.
    pub(super) basket: &'a Basket,
    /// What was decided.
    pub(super) decision: Decision,
    /// Points that the member owed before.
    pub(super) debt: Points,
    /// Cashback that the member owed before.
    pub(super) cashback_debt: Amount,
    /// What was handed out.
    pub(super) issued: Vec<Issued>,
    /// What its rules used of limits over all customers: a return takes back what the rest no
    /// longer earns.
    pub(super) used_by_rules: Vec<Counted>,
    /// What whoever referred the member got for it.
    pub(super) referrer: Option<(MemberRef, ReferrerGain)>,
    /// How much of each line is gone.
    pub(super) returned: Returned,
    /// What its returns did to the points.
    pub(super) undone: UndoneSoFar<Points>,
    /// What they did to the cashback.
    pub(super) cashback_undone: UndoneSoFar<Amount>,
    /// Codes that are no longer due.
    pub(super) withdrawn: BTreeSet<VoucherId>,
}

/// Sums of lines as far as they are gone.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gone {
    /// Before loyalty.
    pub(super) gross: Amount,
    /// Offers and vouchers.
    pub(super) discount: Amount,
    /// Points and cashback spent, as money.
    pub(super) redeemed: Amount,
}

impl Sold<'_> {
    /// What was handed out, and what became of it.
    pub(super) fn issues(&self, wallet: Option<&Wallet>) -> Vec<SoldIssue<'_>> {
        let Some(wallet) = wallet else { return Vec::new() };
        let issue = |issued| SoldIssue { issued, state: state_of(issued, wallet, &self.withdrawn) };
        self.issued.iter().map(issue).collect()
    }

    /// The sale as a return looks at it.
    pub(super) fn receipt<'s>(
        &'s self,
        store: &'s StoreId,
        flags: &'s BTreeSet<FlagId>,
        tax: TaxMode,
        issued: &'s [SoldIssue<'s>],
    ) -> SoldReceipt<'s> {
        let lines = self.basket.lines().iter().zip(&self.decision.lines);
        let lines = lines.map(|(line, outcome)| SoldLine {
            line,
            discount: outcome.discount,
            redeemed: outcome.redeemed,
            tax: outcome.tax,
        });
        let tier = self.decision.tier.as_ref().map(|tier| &tier.before);
        SoldReceipt {
            lines: lines.collect(),
            decided_at: self.at,
            day: self.day,
            store,
            applied: &self.decision.applied,
            tax: self.basket.tax().mode.unwrap_or(tax),
            rewards_back: RewardsBack::new(),
            points: self.decision.points.as_ref().map(|points| SoldPoints {
                tier,
                flags,
                points: SoldPurse {
                    earned: points.earned,
                    expires: points.earned_expires,
                    spent: points.spent,
                    spent_from: &points.spent_from,
                    debt: self.debt,
                    undone: self.undone.clone(),
                },
                cashback: points.cashback.as_ref().map_or_else(SoldPurse::default, |part| {
                    SoldPurse {
                        earned: part.gained.earned,
                        expires: part.gained.expires,
                        spent: part.gained.spent,
                        spent_from: &part.spent_from,
                        debt: self.cashback_debt,
                        undone: self.cashback_undone.clone(),
                    }
                }),
                earned_by: &points.earned_by,
                counted: &points.counted,
                average_basket: points.average_basket,
                converted: &points.converted,
                shared: &self.used_by_rules,
                issued,
            }),
        }
    }

    /// Sums of what is gone.
    pub(super) fn gone(&self) -> Gone {
        let mut gone = Gone::default();
        for (line, outcome) in self.basket.lines().iter().zip(&self.decision.lines) {
            let Some(quantity) = self.returned.get(&line.line_id) else { continue };
            let part = |amount: Amount| {
                Amount::new(share_until(amount.value(), quantity.value(), line.quantity.value()))
            };
            gone.gross += part(outcome.gross);
            gone.discount += part(outcome.discount);
            gone.redeemed += part(outcome.redeemed);
        }
        gone
    }
}
