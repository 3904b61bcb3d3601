//! Voids and returns: a function of the sale's record and of what came back before.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::Till;
use super::answer::Recorded;
use super::error::TillError;
use super::event::Happened;
use super::referral;
use super::repeat::{Repeatable, note_request, repeated};
use super::request::{Idempotency, ReturnRequest, VoidRequest};
use super::scribe::{Asked, Scribe};
use super::shelf::Shelf;
use super::sold::SoldSale;
use crate::agent::clock::Sample;
use crate::agent::store::ledger::pulled;
use crate::agent::store::ledger::requests::{self, What};
use crate::agent::store::ledger::{accounts, vouchers_used};
use crate::journal::{Body, Flag, Remark, Undo, UndoneKind};
use crate::loyalty::{
    Account, Evaluator, IssueState, OperatorRef, ReceiptUid, RemainingSale, ReturnLine,
    ReturnOutcome, RewardsBack, SoldIssue, TillId, VoucherId,
};
use crate::money::CashRounding;
use crate::recompute::{vouchers_of, what_comes_back};

/// A void or a return, alike but for what comes back.
struct TakeBack {
    of: ReceiptUid,
    sold_by: TillId,
    till: TillId,
    operator: Option<OperatorRef>,
    undo_uid: ReceiptUid,
    what: Back,
    closed_at: Option<DateTime<Utc>>,
    reason: Option<Remark>,
}

/// What comes back.
enum Back {
    /// Everything that is left.
    Everything,
    /// These units.
    Units(Vec<ReturnLine>, RewardsBack),
}

impl Till {
    /// Takes back everything that is left of a receipt.
    pub(crate) async fn void(
        &self,
        request: VoidRequest,
        idempotency: Idempotency,
    ) -> Result<Recorded, TillError> {
        let VoidRequest { of, till, operator, undo_uid, closed_at, reason } = request;
        let sold_by = till.clone();
        let what = Back::Everything;
        let undo = TakeBack { of, sold_by, till, operator, undo_uid, what, closed_at, reason };
        self.undo(undo, idempotency).await
    }

    /// Takes back units of a receipt.
    pub(crate) async fn take_back(
        &self,
        request: ReturnRequest,
        idempotency: Idempotency,
    ) -> Result<Recorded, TillError> {
        let undo = TakeBack {
            of: request.of,
            sold_by: request.sold_by.unwrap_or_else(|| request.till.clone()),
            till: request.till,
            operator: request.operator,
            undo_uid: request.undo_uid,
            what: Back::Units(request.lines, request.rewards),
            closed_at: request.closed_at,
            reason: request.reason,
        };
        self.undo(undo, idempotency).await
    }

    async fn undo(&self, undo: TakeBack, idempotency: Idempotency) -> Result<Recorded, TillError> {
        let sample = self.inner.clock.sample();
        let shelf = Arc::clone(&self.inner.shelf);
        let recorded = self
            .write(move |connection, scribe| {
                record_undo(connection, scribe, sample, &shelf, undo, &idempotency)
            })
            .await?;
        if let (Body::Void(undo) | Body::Return(undo), Some(till)) =
            (&recorded.record.body, recorded.record.header.till.clone())
        {
            let (uid, refund) = (undo.of.uid.clone(), undo.refund);
            self.happened(Happened::TakenBack { till, uid, refund });
        }
        Ok(recorded)
    }
}

fn record_undo(
    connection: &Connection,
    scribe: &mut Scribe,
    sample: Sample,
    shelf: &Shelf,
    undo: TakeBack,
    idempotency: &Idempotency,
) -> Result<Recorded, TillError> {
    let name = match undo.what {
        Back::Everything => "void",
        Back::Units(..) => "return",
    };
    let repeatable = Repeatable {
        what: What::Undo,
        name,
        till: Some(&undo.till),
        uid: &undo.undo_uid,
        idempotency,
    };
    if let Some(before) = repeated(connection, &repeatable)? {
        return Ok(before);
    }
    let sold = SoldSale::load(connection, scribe.base(connection), &undo.sold_by, &undo.of)?;
    let evaluator = evaluator_of(&sold, shelf)?;
    let mut outcome = outcome(&sold, &evaluator, &undo.what)?;
    let account = settle_claw_back(connection, scribe, sample, &evaluator, &sold, &mut outcome)?;
    let nothing_left = outcome.remaining == RemainingSale::Nothing;
    let in_force = shelf.in_force();
    let rule = in_force.map(|evaluator| evaluator.programme().prices.cash_rounding);
    // A training used none up.
    let freed = if nothing_left && !sold.is_training() {
        vouchers_used_by_none_but(connection, &sold)?
    } else {
        Vec::new()
    };
    let body = body_of(&sold, &undo, outcome, freed.clone(), rule.unwrap_or_default(), sample.at);
    let asked = Asked {
        till: Some(undo.till.clone()),
        operator: undo.operator.clone(),
        ..Asked::default()
    };
    let recorded = scribe.record_knowing(connection, sample, &asked, body, account)?;
    requests::note_follow_up(connection, sold.id(), recorded.id)?;
    note_request(connection, &repeatable, recorded.id, sample.at)?;
    if nothing_left {
        referral::take_back(connection, scribe, sample, &asked, &sold)?;
    }
    for voucher in &freed {
        vouchers_used::free(connection, voucher)?;
        if let Some(base) = scribe.base(connection) {
            pulled::lift_tombstone(connection, base.cursor(), voucher)?;
        }
    }
    Ok(recorded)
}

/// The vouchers of a sale that no other receipt used which stays sold, at least in part.
fn vouchers_used_by_none_but(
    connection: &Connection,
    sold: &SoldSale,
) -> Result<Vec<VoucherId>, TillError> {
    let mut freed = Vec::new();
    for voucher in vouchers_of(sold.sale()) {
        let users = vouchers_used::users(connection, &voucher)?;
        let mut others = users.into_iter().filter(|id| *id != sold.id());
        let is_used = others.try_fold(false, |is_used, id| {
            Ok::<_, TillError>(is_used || SoldSale::still_uses(connection, id, &voucher)?)
        })?;
        if !is_used {
            freed.push(voucher);
        }
    }
    Ok(freed)
}

/// What the sale was decided with.
fn evaluator_of(sold: &SoldSale, shelf: &Shelf) -> Result<Arc<Evaluator>, TillError> {
    let of_sale = shelf.of_version(sold.programme_version());
    of_sale.or_else(|| shelf.in_force()).ok_or(TillError::NoProgramme)
}

fn outcome(
    sold: &SoldSale,
    evaluator: &Evaluator,
    what: &Back,
) -> Result<ReturnOutcome, TillError> {
    let issues = sold.issues();
    let receipt = sold.receipt(&issues);
    let before = sold.returned();
    match what {
        Back::Units(lines, rewards) => {
            Ok(evaluator.take_back_with_rewards(&receipt, &before, lines, rewards)?)
        }
        Back::Everything => {
            if sold.is_gone(&before) {
                return Err(TillError::NothingLeft);
            }
            Ok(evaluator.take_back_the_rest(&receipt, &before))
        }
    }
}

/// Settles by the programme's policy what the account pays of the points taken back, and from
/// which lots; the account as it is before, where the sale has one.
fn settle_claw_back(
    connection: &Connection,
    scribe: &Scribe,
    sample: Sample,
    evaluator: &Evaluator,
    sold: &SoldSale,
    outcome: &mut ReturnOutcome,
) -> Result<Option<Account>, TillError> {
    let programme = evaluator.programme();
    let (Some(owner), Some(change)) = (sold.owner(), outcome.change.as_mut()) else {
        return Ok(None);
    };
    let account = accounts::load(connection, scribe.base(connection), owner.account)?;
    let day = programme.day_of(sample.at);
    let issues = sold.issues();
    if let Some(points) = &sold.receipt(&issues).points {
        let undone = (change, &outcome.lots_back);
        programme.claw_back.settle(undone, points, &account, day, owner.terms);
    }
    Ok(Some(account))
}

fn body_of(
    sold: &SoldSale,
    undo: &TakeBack,
    outcome: ReturnOutcome,
    vouchers_freed: Vec<VoucherId>,
    rule: CashRounding,
    now: DateTime<Utc>,
) -> Body {
    let rewards = match &undo.what {
        Back::Units(_, rewards) => rewards.iter().map(|(id, times)| (id.clone(), *times)).collect(),
        Back::Everything => Vec::new(),
    };
    let used = |issue: &SoldIssue<'_>| {
        issue.state == IssueState::Used && outcome.withdrawn.contains(&issue.issued.code)
    };
    let used = sold.issues().iter().any(used) || !outcome.kept.is_empty();
    let flags = used.then_some(Flag::IssuedVoucherUsed).into_iter().collect();
    let back = what_comes_back(&sold.sold(), outcome);
    let body = Undo {
        shared_on: (!back.shared.is_empty()).then(|| sold.sold().day()),
        shared: back.shared,
        rewards,
        undo_uid: undo.undo_uid.clone(),
        of: sold.record_ref(),
        lines: back.lines,
        refund: back.refund,
        account: back.account,
        codes_cancelled: back.codes_cancelled,
        gifts_back: back.gifts_back,
        vouchers_freed,
        closed_at: undo.closed_at.unwrap_or(now),
        reason: undo.reason.clone(),
        flags,
        cash_rounding: rule.difference(back.refund),
        taxes: back.taxes,
        of_kind: if sold.is_training() { UndoneKind::Training } else { UndoneKind::Sale },
    };
    match undo.what {
        Back::Everything => Body::Void(body),
        Back::Units(..) => Body::Return(body),
    }
}
