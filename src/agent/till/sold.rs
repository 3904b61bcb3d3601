//! A sale and what followed it, read back from the journal.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::answer::{Novelty, ReceiptStatus, Recorded};
use super::commit::vouchers_of;
use super::error::TillError;
use super::lookup::voucher_state;
use super::repeat::load;
use crate::agent::store::base::Base;
use crate::agent::store::ledger::requests::{self, What};
use crate::agent::store::ledger::vouchers_used;
use crate::journal::{AccountPart, Adjustment, Body, CashbackPart, RecordRef, Sale, entry};
use crate::loyalty::{
    AccountRef, Converted, Counted, EarnedBy, EntryTerms, Expires, FlagId, IssueState, Issued,
    MemberRef, ReceiptUid, Returned, RewardsBack, SoldIssue, SoldLine, SoldPoints, SoldPurse,
    SoldReceipt, SpentPart, TierId, TillId, VoucherId,
};
use crate::money::{Amount, Points};

/// A sale with what followed it.
#[derive(Debug)]
pub(super) struct SoldSale {
    recorded: Recorded,
    followed_by: Vec<Recorded>,
    owner: Option<Owner>,
}

/// Whose points a sale touched: its member's, or the one's who was named afterwards.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub(super) member: MemberRef,
    pub(super) account: AccountRef,
    pub(super) terms: EntryTerms,
    day: chrono::NaiveDate,
    tier: Option<TierId>,
    flags: BTreeSet<FlagId>,
    earned: Points,
    earned_by: Vec<EarnedBy>,
    counted: Vec<Counted>,
    /// What its earning rules used of limits over all customers.
    shared: Vec<Counted>,
    average_basket: Option<Amount>,
    expires: Expires,
    spent: Points,
    spent_from: Vec<SpentPart>,
    converted: Converted,
    debt: Points,
    cashback: Option<CashbackPart>,
    issued: Vec<(Issued, IssueState)>,
}

impl SoldSale {
    /// Reads a sale of a till. Trainings are no sales.
    pub(super) fn load(
        connection: &Connection,
        base: Option<Base<'_>>,
        till: &TillId,
        uid: &ReceiptUid,
    ) -> Result<Self, TillError> {
        let unknown = || TillError::ReceiptUnknown { uid: uid.to_string(), till: till.to_string() };
        let answered =
            requests::find(connection, What::Receipt, Some(till), uid)?.ok_or_else(unknown)?;
        Self::of_record(connection, base, answered.id)?.ok_or(TillError::Damaged)
    }

    /// Whether a record is a sale that used a voucher and stays sold, at least in part. One that is
    /// lost uses nothing any more.
    pub(super) fn still_uses(
        connection: &Connection,
        id: i64,
        voucher: &VoucherId,
    ) -> Result<bool, TillError> {
        let sold = match Self::of_record(connection, None, id) {
            Err(TillError::Damaged) => None,
            sold => sold?,
        };
        let used = |sold: &Self| !sold.is_training() && vouchers_of(sold.sale()).contains(voucher);
        Ok(sold.is_some_and(|sold| used(&sold) && !sold.is_gone(&sold.returned())))
    }

    /// Reads the sale of a record; `None` of a record that is something else.
    fn of_record(
        connection: &Connection,
        base: Option<Base<'_>>,
        id: i64,
    ) -> Result<Option<Self>, TillError> {
        let recorded = load(connection, id, Novelty::Repeated)?;
        if !matches!(recorded.record.body, Body::Sale(_) | Body::Training(_)) {
            return Ok(None);
        }
        let followed_by = requests::follow_ups(connection, id)?
            .into_iter()
            .map(|id| load(connection, id, Novelty::Repeated))
            .collect::<Result<Vec<_>, _>>()?;
        let mut owner = owner_of(&recorded, &followed_by);
        for (issued, state) in owner.iter_mut().flat_map(|owner| &mut owner.issued) {
            *state = issue_state(connection, base, &issued.code, &followed_by)?;
        }
        Ok(Some(Self { recorded, followed_by, owner }))
    }

    /// Its row in the journal.
    pub(super) fn id(&self) -> i64 {
        self.recorded.id
    }

    pub(super) fn sale(&self) -> &Sale {
        match &self.recorded.record.body {
            Body::Sale(sale) | Body::Training(sale) => sale,
            _ => unreachable!("load refuses everything else"),
        }
    }

    /// Whether it is a receipt of a till in training.
    pub(super) fn is_training(&self) -> bool {
        matches!(self.recorded.record.body, Body::Training(_))
    }

    pub(super) fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    pub(super) fn programme_version(&self) -> u32 {
        self.recorded.record.header.programme_version
    }

    pub(super) fn record_ref(&self) -> RecordRef {
        let header = &self.recorded.record.header;
        RecordRef {
            device: header.device,
            epoch: header.epoch,
            sequence: header.sequence,
            uid: self.sale().uid.clone(),
        }
    }

    /// How much of each line came back so far.
    pub(super) fn returned(&self) -> Returned {
        let mut returned = Returned::new();
        for follow_up in &self.followed_by {
            if let Body::Void(undo) | Body::Return(undo) = &follow_up.record.body {
                for (line_id, quantity) in &undo.lines {
                    *returned.entry(line_id.clone()).or_default() += *quantity;
                }
            }
        }
        returned
    }

    /// Rewards that were handed back so far.
    fn rewards_back(&self) -> RewardsBack {
        let mut back = RewardsBack::new();
        for follow_up in &self.followed_by {
            if let Body::Void(undo) | Body::Return(undo) = &follow_up.record.body {
                for (reward, times) in &undo.rewards {
                    *back.entry(reward.clone()).or_default() += times;
                }
            }
        }
        back
    }

    /// What its returns did to the account so far.
    fn undone(&self) -> impl Iterator<Item = &AccountPart> {
        self.followed_by.iter().filter_map(|after| match &after.record.body {
            Body::Void(undo) | Body::Return(undo) => undo.account.as_ref(),
            _ => None,
        })
    }

    /// Whether nothing is left to come back.
    pub(super) fn is_gone(&self, returned: &Returned) -> bool {
        let lines = &self.sale().lines;
        let voided =
            self.followed_by.iter().any(|after| matches!(after.record.body, Body::Void(_)));
        let all_back = lines.iter().all(|sold| {
            returned.get(&sold.line.line_id).is_some_and(|gone| *gone >= sold.line.quantity)
        });
        voided || (!lines.is_empty() && all_back)
    }

    /// What it handed out, and what became of it.
    pub(super) fn issues(&self) -> Vec<SoldIssue<'_>> {
        let issued = self.owner.iter().flat_map(|owner| &owner.issued);
        issued.map(|(issued, state)| SoldIssue { issued, state: *state }).collect()
    }

    /// What the pure core needs to decide a return; `issues` are its own.
    pub(super) fn receipt<'a>(&'a self, issues: &'a [SoldIssue<'a>]) -> SoldReceipt<'a> {
        let sale = self.sale();
        let header = &self.recorded.record.header;
        SoldReceipt {
            lines: sale
                .lines
                .iter()
                .map(|sold| {
                    let crate::journal::SaleLine { line, discount, redeemed, tax } = sold;
                    SoldLine { line, discount: *discount, redeemed: *redeemed, tax: *tax }
                })
                .collect(),
            decided_at: sale.decided_at,
            day: self
                .owner
                .as_ref()
                .map_or_else(|| header.clock.local_day(sale.decided_at), |owner| owner.day),
            store: &header.store,
            applied: &sale.applied,
            tax: sale.tax,
            rewards_back: self.rewards_back(),
            points: self.owner.as_ref().map(|owner| SoldPoints {
                tier: owner.tier.as_ref(),
                flags: &owner.flags,
                points: SoldPurse {
                    earned: owner.earned,
                    expires: owner.expires,
                    spent: owner.spent,
                    spent_from: &owner.spent_from,
                    debt: owner.debt,
                    forgiven: self.undone().map(|part| part.forgiven).sum(),
                },
                cashback: owner.cashback.as_ref().map_or_else(SoldPurse::default, |part| {
                    SoldPurse {
                        earned: part.earned,
                        expires: part.expires,
                        spent: part.spent,
                        spent_from: &part.spent_from,
                        debt: part.debt,
                        forgiven: self.undone().map(|part| part.cashback.forgiven).sum(),
                    }
                }),
                earned_by: &owner.earned_by,
                counted: &owner.counted,
                shared: &owner.shared,
                average_basket: owner.average_basket,
                converted: &owner.converted,
                issued: issues,
            }),
        }
    }

    /// What it gave, or took back from, whoever referred its member.
    pub(super) fn referrals(&self) -> impl Iterator<Item = &Adjustment> {
        self.followed_by.iter().filter_map(|after| match &after.record.body {
            Body::Adjustment(adjustment) => Some(adjustment),
            _ => None,
        })
    }

    /// As a till is told: what another member got for it is not its customer's business.
    pub(super) fn into_status(self) -> ReceiptStatus {
        let mut followed_by = self.followed_by;
        followed_by.retain(|after| !matches!(after.record.body, Body::Adjustment(_)));
        ReceiptStatus { sale: self.recorded, followed_by }
    }
}

fn of_rules(shared: &[Counted]) -> Vec<Counted> {
    shared.iter().filter(|used| !used.counter.is_of_offer()).cloned().collect()
}

fn open(issued: &[Issued]) -> Vec<(Issued, IssueState)> {
    issued.iter().map(|issued| (issued.clone(), IssueState::Open)).collect()
}

fn issue_state(
    connection: &Connection,
    base: Option<Base<'_>>,
    code: &VoucherId,
    followed_by: &[Recorded],
) -> Result<IssueState, TillError> {
    let withdrawn = followed_by.iter().any(|after| match &after.record.body {
        Body::Void(undo) | Body::Return(undo) => undo.codes_cancelled.contains(code),
        _ => false,
    });
    if withdrawn {
        return Ok(IssueState::Withdrawn);
    }
    // Entries of contests, and those whose row is damaged, are known by their record alone.
    let used_here = || vouchers_used::is_used(connection, code, 0);
    Ok(match voucher_state(connection, base, code)? {
        Some((_, IssueState::Used)) => IssueState::Used,
        None if used_here()? => IssueState::Used,
        _ => IssueState::Open,
    })
}

fn owner_of(sale: &Recorded, followed_by: &[Recorded]) -> Option<Owner> {
    if let Body::Sale(sold) = &sale.record.body {
        if let Some(member) = &sold.member {
            let (_, entry) = entry(&sale.record)?;
            return Some(Owner {
                member: member.member,
                account: member.account,
                terms: member.terms,
                day: entry.day,
                tier: member.inputs.tier.clone(),
                flags: member.inputs.flags.clone(),
                earned: member.earned,
                earned_by: member.earned_by.clone(),
                counted: member.counted.clone(),
                shared: of_rules(&sold.shared),
                average_basket: member.inputs.average_basket,
                expires: member.expires,
                spent: member.spent,
                spent_from: member.spent_from.clone(),
                converted: member.converted.clone(),
                debt: member.inputs.debt,
                cashback: member.cashback.clone(),
                issued: open(&member.issued),
            });
        }
    }
    followed_by.iter().find_map(|after| {
        let Body::Assign(assign) = &after.record.body else { return None };
        let (_, entry) = entry(&after.record)?;
        Some(Owner {
            member: assign.member,
            account: assign.account,
            terms: assign.terms,
            day: entry.day,
            tier: assign.tier.clone(),
            flags: assign.flags.clone(),
            earned: assign.earned,
            earned_by: assign.earned_by.clone(),
            counted: assign.counted.clone(),
            shared: of_rules(&assign.shared),
            average_basket: assign.average_basket,
            expires: assign.expires,
            spent: Points::ZERO,
            spent_from: Vec::new(),
            converted: assign.converted.clone(),
            debt: assign.debt,
            cashback: assign.cashback.clone(),
            issued: open(&assign.issued),
        })
    })
}
