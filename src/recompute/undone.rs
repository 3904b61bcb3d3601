//! A void or return computed again: what the till's own code for returns makes of the sale.

use std::collections::BTreeMap;

use super::compare::{Differences, Differing};
use super::sold::Sold;
use super::{Explained, Explanation, NotRecomputed, Recomputed, check_engine};
use crate::journal::{AccountPart, Body, Record, Undo};
use crate::loyalty::{
    Account, Change, ClawBack, Counted, Evaluator, LineId, OfferId, RemainingSale, ReturnError,
    ReturnLine, ReturnOutcome, TaxRefund, Undone, VoucherId,
};
use crate::money::{Amount, Quantity};

/// What comes back of a sale and what that does, as a record says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// What came back, by line of the sale.
    pub lines: Vec<(LineId, Quantity)>,
    /// Money paid back.
    pub refund: Amount,
    /// By tax rate.
    pub taxes: Vec<TaxRefund>,
    /// What it did to an account.
    pub account: Option<AccountPart>,
    /// What it gives back of limits over all customers.
    pub shared: Vec<Counted>,
    /// Gifts that are claimed.
    pub gifts_back: Vec<(OfferId, u32)>,
    /// Codes that no longer count.
    pub codes_cancelled: Vec<VoucherId>,
}

/// What a record says of an outcome.
#[must_use]
pub fn what_comes_back(sold: &Sold<'_>, outcome: ReturnOutcome) -> TakenBack {
    let before = sold.returned();
    let gone = |line_id| before.get(line_id).copied().unwrap_or_default();
    let lines = outcome
        .returned
        .iter()
        .map(|(line_id, quantity)| (line_id.clone(), *quantity - gone(line_id)))
        .filter(|(_, quantity)| quantity.is_positive())
        .collect();
    let all_back = outcome.remaining == RemainingSale::Nothing && !sold.is_training();
    // Like an account's uses of offers, they come back only when nothing stays sold.
    let given_back = |used: &Counted| Counted { by: used.by.saturating_neg(), ..used.clone() };
    let of_offers = sold.sale().shared.iter().filter(|used| used.counter.is_of_offer());
    let of_offers = of_offers.filter(|_| all_back).map(given_back);
    TakenBack {
        lines,
        refund: outcome.refund,
        taxes: outcome.taxes,
        shared: of_offers.chain(outcome.shared).collect(),
        account: account_part(sold, outcome.change),
        gifts_back: outcome.gifts_back,
        codes_cancelled: outcome.withdrawn,
    }
}

fn account_part(sold: &Sold<'_>, change: Option<Change>) -> Option<AccountPart> {
    let owner = sold.owner()?;
    let Change::Undo { sale_day, remaining, points, cashback, spend, counted } = change? else {
        return None;
    };
    let Undone { clawed_back, forgiven, expires, pending, restored } = points;
    Some(AccountPart {
        member: owner.member,
        account: owner.account,
        sale_day,
        remaining,
        clawed_back,
        forgiven,
        expires,
        restored,
        spend,
        counted,
        terms: owner.terms,
        pending,
        cashback,
    })
}

/// Decides a recorded void or return again and compares. `sold` is the sale with what came back of
/// it before, `evaluator` of the version that the sale names, `account` its account just before.
#[must_use]
pub fn taken_back(
    record: &Record,
    sold: Option<&Sold<'_>>,
    evaluator: Option<&Evaluator>,
    account: Option<&Account>,
) -> Recomputed {
    let (is_void, undo) = match &record.body {
        Body::Void(undo) => (true, undo),
        Body::Return(undo) => (false, undo),
        _ => return Recomputed::Same,
    };
    if let Err(reason) = check_engine(&record.header) {
        return Recomputed::NotRecomputed(reason);
    }
    let Some(sold) = sold else {
        return Recomputed::NotRecomputed(NotRecomputed::SaleUnknown);
    };
    let version = sold.record().header.programme_version;
    let Some(evaluator) = evaluator.filter(|known| known.programme().version == version) else {
        return Recomputed::NotRecomputed(NotRecomputed::ProgrammeUnknown { version });
    };
    let computed = match decide(evaluator, record, undo, is_void, sold, account) {
        Ok(outcome) => what_comes_back(sold, outcome),
        Err(reason) => return Recomputed::Impossible { reason },
    };
    let differences = differences(undo, &computed);
    if differences.is_empty() {
        return Recomputed::Same;
    }
    let recorded = Explanation { payable: undo.refund, ..Explanation::default() };
    let computed = Explanation { payable: computed.refund, ..Explanation::default() };
    let known_otherwise = differences.iter().all(|difference| hangs_on_inputs(&difference.at));
    let explained = Box::new(Explained { recorded, computed, differences });
    if known_otherwise {
        return Recomputed::InputsDiffer { inputs: Vec::new(), explained };
    }
    Recomputed::Different { inputs: Vec::new(), explained }
}

/// Whether it depends on more than the sale: on the balance when it came back, or on which codes
/// had been used by then.
fn hangs_on_inputs(at: &Differing) -> bool {
    matches!(at, Differing::Sum("forgiven" | "cashback_forgiven") | Differing::Withdrawn(_))
}

fn decide(
    evaluator: &Evaluator,
    record: &Record,
    undo: &Undo,
    is_void: bool,
    sold: &Sold<'_>,
    account: Option<&Account>,
) -> Result<ReturnOutcome, ReturnError> {
    let issues = sold.issues();
    let receipt = sold.receipt(&issues);
    let before = sold.returned();
    let mut outcome = if is_void {
        evaluator.take_back_the_rest(&receipt, &before)
    } else {
        let line = |(line_id, quantity): &(LineId, Quantity)| ReturnLine {
            line_id: line_id.clone(),
            quantity: *quantity,
        };
        let lines: Vec<ReturnLine> = undo.lines.iter().map(line).collect();
        let rewards = undo.rewards.iter().cloned().collect();
        evaluator.take_back_with_rewards(&receipt, &before, &lines, &rewards)?
    };
    let policy = evaluator.programme().claw_back;
    if let (Some(change), Some(points), Some(owner)) =
        (outcome.change.as_mut(), &receipt.points, sold.owner())
    {
        if policy != ClawBack::NegativeAllowed {
            let nothing = Account::default();
            let day = evaluator.programme().day_of(record.header.decided_at());
            policy.settle(change, points, account.unwrap_or(&nothing), day, owner.terms);
        }
    }
    Ok(outcome)
}

fn differences(undo: &Undo, computed: &TakenBack) -> Vec<super::Difference> {
    let mut found = Differences::default();
    found.amount(Differing::Payable, undo.refund, computed.refund);
    let lines = |side: &[(LineId, Quantity)]| -> BTreeMap<LineId, Quantity> {
        side.iter().cloned().collect()
    };
    found.term("lines", &lines(&undo.lines), &lines(&computed.lines));
    found.term("taxes", &undo.taxes, &computed.taxes);
    found.shared(&undo.shared, &computed.shared);
    found.term("gifts_back", &undo.gifts_back, &computed.gifts_back);
    found.withdrawn(&undo.codes_cancelled, &computed.codes_cancelled);
    match (&undo.account, &computed.account) {
        (Some(recorded), Some(computed)) => of_account(recorded, computed, &mut found),
        (recorded, computed) => found.term("member", &recorded.is_some(), &computed.is_some()),
    }
    found.0
}

fn of_account(recorded: &AccountPart, computed: &AccountPart, found: &mut Differences) {
    let sum = Differing::Sum;
    found.term("account", &recorded.account, &computed.account);
    found.number(sum("clawed_back"), recorded.clawed_back.value(), computed.clawed_back.value());
    found.number(sum("forgiven"), recorded.forgiven.value(), computed.forgiven.value());
    found.term("restored", &recorded.restored, &computed.restored);
    found.term("pending", &recorded.pending, &computed.pending);
    found.term("expires", &recorded.expires, &computed.expires);
    found.amount(sum("spend"), recorded.spend, computed.spend);
    found.counted(&recorded.counted, &computed.counted);
    found.term("remaining", &recorded.remaining, &computed.remaining);
    found.term("sale_day", &recorded.sale_day, &computed.sale_day);
    let forgiven = [&recorded.cashback, &computed.cashback].map(|side| side.forgiven);
    found.amount(sum("cashback_forgiven"), forgiven[0], forgiven[1]);
    let beside = |side: &Undone<Amount>| Undone { forgiven: Amount::ZERO, ..side.clone() };
    found.term("cashback", &beside(&recorded.cashback), &beside(&computed.cashback));
}
