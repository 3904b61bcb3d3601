//! Names the member of a receipt that was sold without one.

use std::sync::Arc;

use chrono::TimeDelta;
use rusqlite::Connection;

use super::Till;
use super::answer::Recorded;
use super::draws::DrawKey;
use super::error::TillError;
use super::issued_codes::IssuedCodes;
use super::lookup::{Claimed, Sources, claimed};
use super::referral::{self, FirstPurchase, KnownReferral, ReferralKeys};
use super::repeat::{Repeatable, note_request, repeated};
use super::request::{AssignRequest, Idempotency};
use super::scribe::{Asked, Scribe};
use super::shelf::Shelf;
use super::sold::SoldSale;
use crate::agent::clock::Sample;
use crate::agent::store::ledger::requests::{self, What};
use crate::agent::store::ledger::{accounts, holds};
use crate::journal::{Assign, Body, CashbackPart};
use crate::loyalty::{Budgets, Shopper, SpendingCap};
use crate::money::Amount;

/// Who is named, and what their codes and draws are made with.
struct Named {
    who: Claimed,
    referral: Option<ReferralKeys>,
    issued_codes: IssuedCodes,
    draw_key: DrawKey,
}

impl Till {
    /// Names the member of a receipt afterwards: points are earned as of the sale, prices stay.
    pub(crate) async fn assign(
        &self,
        request: AssignRequest,
        idempotency: Idempotency,
    ) -> Result<Recorded, TillError> {
        let sample = self.inner.clock.sample();
        let who = claimed(&self.inner.tokens, &request.who, sample.at)?
            .ok_or(TillError::MemberUnknown)?;
        let shelf = Arc::clone(&self.inner.shelf);
        // What the code comes to, the programme of the sale says; it is looked up by any.
        let in_force = self.programme()?;
        let referral = self.referral_keys(request.referral.as_ref(), in_force.programme());
        let (issued_codes, draw_key) =
            (self.inner.issued_codes.clone(), self.inner.draw_key.clone());
        let named = Named { who, referral, issued_codes, draw_key };
        self.write(move |connection, scribe| {
            assign(connection, scribe, sample, &shelf, &request, &idempotency, named)
        })
        .await
    }
}

fn assign(
    connection: &Connection,
    scribe: &mut Scribe,
    sample: Sample,
    shelf: &Shelf,
    request: &AssignRequest,
    idempotency: &Idempotency,
    named: Named,
) -> Result<Recorded, TillError> {
    let Named { who, referral, issued_codes, draw_key } = named;
    let repeatable = Repeatable {
        what: What::Assign,
        name: "late member",
        till: Some(&request.till),
        uid: &request.of,
        idempotency,
    };
    match repeated(connection, &repeatable) {
        Ok(Some(before)) => return Ok(before),
        Ok(None) => {}
        // Another member for the same receipt.
        Err(TillError::Conflict { .. }) => return Err(TillError::MemberPresent),
        Err(error) => return Err(error),
    }
    let sold = SoldSale::load(connection, scribe.base(connection), &request.till, &request.of)?;
    if sold.owner().is_some() {
        return Err(TillError::MemberPresent);
    }
    let returned = sold.returned();
    if sold.is_training() || sold.is_gone(&returned) {
        return Err(TillError::NothingLeft);
    }
    let evaluator = shelf
        .of_version(sold.programme_version())
        .or_else(|| shelf.in_force())
        .ok_or(TillError::NoProgramme)?;
    let programme = evaluator.programme();
    let sale_at = sold.sale().decided_at;
    let days = programme.late_member_days;
    if sample.at - sale_at > TimeDelta::days(i64::from(days)) {
        return Err(TillError::TooLateForMember { days });
    }
    let sources = Sources { ledger: connection, base: scribe.base(connection), now: sale_at };
    let member = sources.member(who.member)?;
    let account = accounts::load(connection, scribe.base(connection), member.account)?;
    let referral = referral.map(|keys| sources.referral(keys)).transpose()?;
    let day = programme.day_of(sale_at);
    let mut settled = account.clone();
    settled.settle_expiry(day, programme.expiries());
    let tier = account.tier(programme, day).map(|(tier, _)| tier.id.clone());
    let receipt = sold.receipt(&[]);
    let held = holds::of_account(connection, member.account, None, sample.at.timestamp_millis())?;
    let shopper = Shopper {
        member: member.member,
        flags: &member.flags,
        birthday: member.birthday,
        kind: member.standing.kind,
        role: member.standing.role,
        account: &account,
        strength: None,
        held: held.points,
        held_cashback: Amount::ZERO,
        offline_cap: SpendingCap::NONE,
        referral: referral.as_ref().map(|referral| referral.of(member.account)),
        personal: &member.personal,
    };
    let shared_uses = sources.shared_uses(programme)?;
    let draws = draw_key.draws(programme, &request.till, &request.of);
    let budgets = Budgets { shared_uses: &shared_uses, draws: &draws };
    let late = evaluator.earned_afterwards(&receipt, &returned, tier.as_ref(), &shopper, budgets);
    let issued = issued_codes.hand_out(&late.issues, &request.till, &request.of);
    let body = Body::Assign(Assign {
        of: sold.record_ref(),
        member: member.member,
        account: member.account,
        earned: late.earned,
        earned_by: late.earned_by,
        expires: programme.lot_of(day),
        spend: sold.sold().still_paid(&returned),
        terms: programme.entry_terms(),
        sale_at,
        tier,
        flags: member.flags,
        counted: late.counted,
        average_basket: late.average_basket,
        referral: referral.as_ref().map(KnownReferral::part),
        standing: member.standing,
        debt: settled.debt(),
        issued,
        converted: late.converted,
        shared: late.shared,
        draws: late.draws,
        cashback: programme.cashback.as_ref().map(|policy| CashbackPart {
            before: Amount::ZERO,
            debt: settled.cashback().debt,
            earned: late.cashback,
            expires: policy.expiry.lot_of(day),
            spent: Amount::ZERO,
            spent_from: Vec::new(),
            pending_after: Vec::new(),
        }),
    });
    let asked = Asked {
        till: Some(request.till.clone()),
        operator: request.operator.clone(),
        ..Asked::default()
    };
    let recorded = scribe.record(connection, sample, &asked, body)?;
    requests::note_follow_up(connection, sold.id(), recorded.id)?;
    if let (Some(referral), Body::Assign(assign)) = (&referral, &recorded.record.body) {
        let purchase = FirstPurchase {
            id: sold.id(),
            of: sold.record_ref(),
            newcomer: assign.account,
            earned_by: &assign.earned_by,
            day,
        };
        referral::reward(connection, scribe, sample, &asked, programme, referral, &purchase)?;
    }
    note_request(connection, &repeatable, recorded.id, sample.at)?;
    Ok(recorded)
}
