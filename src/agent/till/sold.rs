//! A sale and what followed it, read back from the journal.

use rusqlite::Connection;

use super::answer::{Novelty, ReceiptStatus, Recorded};
use super::error::TillError;
use super::lookup::voucher_state;
use super::repeat::load;
use crate::agent::store::base::Base;
use crate::agent::store::ledger::requests::{self, What};
use crate::agent::store::ledger::vouchers_used;
use crate::journal::{Body, RecordRef, Sale};
use crate::loyalty::{IssueState, ReceiptUid, Returned, SoldIssue, SoldReceipt, TillId, VoucherId};
use crate::recompute::{Owner, Sold, vouchers_of};

/// A sale with what followed it.
#[derive(Debug)]
pub(super) struct SoldSale {
    recorded: Recorded,
    followed_by: Vec<Recorded>,
    owner: Option<Owner>,
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
        let after = followed_by.iter().map(|after| &after.record);
        let owner = Owner::of(&recorded.record, after, |code| {
            issue_state(connection, base, code, &followed_by)
        })?;
        Ok(Some(Self { recorded, followed_by, owner }))
    }

    /// Its row in the journal.
    pub(super) fn id(&self) -> i64 {
        self.recorded.id
    }

    /// As the pure code sees it.
    pub(super) fn sold(&self) -> Sold<'_> {
        let followed_by = self.followed_by.iter().map(|after| &after.record).collect();
        Sold::of(&self.recorded.record, followed_by, self.owner.as_ref())
            .expect("load refuses everything else")
    }

    pub(super) fn sale(&self) -> &Sale {
        self.sold().sale()
    }

    /// Whether it is a receipt of a till in training.
    pub(super) fn is_training(&self) -> bool {
        self.sold().is_training()
    }

    pub(super) fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    pub(super) fn programme_version(&self) -> u32 {
        self.recorded.record.header.programme_version
    }

    pub(super) fn record_ref(&self) -> RecordRef {
        self.sold().record_ref()
    }

    /// How much of each line came back so far.
    pub(super) fn returned(&self) -> Returned {
        self.sold().returned()
    }

    /// Whether nothing is left to come back.
    pub(super) fn is_gone(&self, returned: &Returned) -> bool {
        self.sold().is_gone(returned)
    }

    /// What it handed out, and what became of it.
    pub(super) fn issues(&self) -> Vec<SoldIssue<'_>> {
        self.sold().issues()
    }

    /// What the pure core needs to decide a return; `issues` are its own.
    pub(super) fn receipt<'a>(&'a self, issues: &'a [SoldIssue<'a>]) -> SoldReceipt<'a> {
        self.sold().receipt(issues)
    }

    /// As a till is told: what another member got for it is not its customer's business.
    pub(super) fn into_status(self) -> ReceiptStatus {
        let mut followed_by = self.followed_by;
        followed_by.retain(|after| !matches!(after.record.body, Body::Adjustment(_)));
        ReceiptStatus { sale: self.recorded, followed_by }
    }
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
