//! Keeps points, cashback and vouchers free while the customer pays.

use chrono::TimeDelta;
use rusqlite::Connection;

use super::Till;
use super::answer::{Novelty, Reserved};
use super::error::TillError;
use super::lookup::{Claimed, Freshness, HubSaid, Sources, claimed};
use super::request::{Idempotency, ReserveRequest};
use crate::agent::store::base::{Base, BaseMember};
use crate::agent::store::ledger::accounts;
use crate::agent::store::ledger::holds::{self, Hold};
use crate::agent::store::ledger::holds_live;
use crate::journal::RefusedBenefit;
use crate::loyalty::{
    Basket, Evaluator, Explain, ReceiptUid, Refusal, SpendingCap, StoreId, Subject, TillId,
};
use crate::money::Points;

/// How long a reservation holds: the longest that a card payment takes, twice over.
pub(crate) const HOLD_MS_MAX: i64 = 5 * 60 * 1_000;

/// The most reservations that a till may have at once: a customer who pays and some who went to
/// fetch something. A till that is stuck must not freeze the whole store's points.
pub(crate) const HOLDS_LIVE_MAX: u64 = 8;

impl Till {
    /// Keeps points, cashback and vouchers free while the customer pays.
    pub(crate) async fn reserve(
        &self,
        request: ReserveRequest,
        idempotency: Idempotency,
    ) -> Result<Reserved, TillError> {
        let sample = self.inner.clock.sample();
        let (now, hub_said) = (sample.at, self.hub_said(&sample));
        let programme = self.programme()?;
        let who =
            claimed(&self.inner.tokens, &request.who, now)?.ok_or(TillError::MemberUnknown)?;
        let spends = request.points.is_positive() || request.cashback.is_positive();
        if spends && who.freshness == Freshness::Stale {
            return Err(TillError::IdentificationExpired);
        }
        self.write(move |connection, scribe| {
            let sources = Sources { ledger: connection, base: scribe.base(connection), now };
            let asked = Asked { request: &request, idempotency: &idempotency, who, hub_said };
            reserve(connection, &sources, &programme, &asked, &scribe.store)
        })
        .await
    }

    /// Lets a reservation go.
    pub(crate) async fn release(&self, till: TillId, uid: ReceiptUid) -> Result<(), TillError> {
        self.write(move |connection, _| {
            if holds::release(connection, &till, &uid)? {
                Ok(())
            } else {
                Err(TillError::ReservationUnknown)
            }
        })
        .await
    }
}

/// What is asked for, by whom.
#[derive(Clone, Copy)]
struct Asked<'r> {
    request: &'r ReserveRequest,
    idempotency: &'r Idempotency,
    who: Claimed,
    hub_said: HubSaid,
}

fn reserve(
    connection: &Connection,
    sources: &Sources<'_>,
    programme: &Evaluator,
    asked: &Asked<'_>,
    store: &StoreId,
) -> Result<Reserved, TillError> {
    let Asked { request, idempotency, who, .. } = *asked;
    let now_ms = sources.now.timestamp_millis();
    if let Some(hold) = holds::find(connection, &request.till, &request.uid, now_ms)? {
        if hold.fingerprint != idempotency.fingerprint {
            return Err(TillError::Conflict { what: "reservation" });
        }
        return Ok(answer(hold, sources, Novelty::Repeated));
    }
    if holds_live::of_till(connection, &request.till, now_ms)? >= HOLDS_LIVE_MAX {
        return Err(TillError::TooManyReservations);
    }
    let member = sources.member(who.member)?;
    check_balances(connection, sources, programme, asked, &member)?;
    check_vouchers(sources, programme, request, who, store)?;
    let hold = Hold {
        till: request.till.clone(),
        uid: request.uid.clone(),
        account: member.account,
        points: request.points,
        cashback: request.cashback,
        vouchers: request.vouchers.clone(),
        expires_at_ms: now_ms + HOLD_MS_MAX,
        fingerprint: idempotency.fingerprint,
    };
    holds::put(connection, &hold)?;
    Ok(answer(hold, sources, Novelty::Fresh))
}

fn check_balances(
    connection: &Connection,
    sources: &Sources<'_>,
    programme: &Evaluator,
    asked: &Asked<'_>,
    member: &BaseMember,
) -> Result<(), TillError> {
    let Asked { request, who, hub_said, .. } = *asked;
    let (programme, account) = (programme.programme(), member.account);
    let cashback = Points::new(request.cashback.value());
    let policies = [
        (programme.redemption.as_ref(), request.points),
        (programme.cashback.as_ref().map(|policy| &policy.redemption), cashback),
    ];
    if policies.iter().all(|(_, wanted)| !wanted.is_positive()) {
        return Ok(());
    }
    for (policy, wanted) in policies {
        let Some(policy) = policy.filter(|_| wanted.is_positive()) else { continue };
        if !policy.may_spend(member.standing.kind, member.standing.role) {
            return Err(TillError::RoleMayNotSpend);
        }
        // There is no basket yet: of a level that is a percentage the worth is not known, so the
        // surest identification that the programme asks for at all is asked for.
        let needs = policy.strength_for(policy.value_of(wanted));
        if who.strength.is_none_or(|strength| strength < needs) {
            return Err(TillError::IdentifyBetter { needs });
        }
    }
    let base: Option<Base<'_>> = sources.base;
    let mut owned = accounts::load(connection, base, account)?;
    owned.settle_expiry(programme.day_of(sources.now), programme.expiries());
    let held = holds::of_account(connection, account, None, sources.now.timestamp_millis())?;
    let available = (owned.balance() - held.points).or_zero();
    if request.points > available {
        return Err(TillError::NotEnoughPoints { available });
    }
    let available = (owned.cashback().balance() - held.cashback).or_zero();
    if request.cashback > available {
        return Err(TillError::NotEnoughCashback { available });
    }
    let cap = sources.offline_cap(programme, account, hub_said)?;
    if let SpendingCap { points: Some(points), cashback: Some(cashback) } = cap {
        let points = (points - held.points).or_zero();
        let cashback = (cashback - held.cashback).or_zero();
        if request.points > points || request.cashback > cashback {
            return Err(TillError::OfflineLimit { points, cashback });
        }
    }
    Ok(())
}

/// Everything but what needs a basket: the kind's products and minimum.
fn check_vouchers(
    sources: &Sources<'_>,
    programme: &Evaluator,
    request: &ReserveRequest,
    who: Claimed,
    store: &StoreId,
) -> Result<(), TillError> {
    if request.vouchers.is_empty() {
        return Ok(());
    }
    let mut known = sources.known(Some(who), &Basket::default(), None)?;
    let account = known.shopper.as_ref().map(|shopper| shopper.member.account);
    known.vouchers = sources.vouchers(request.vouchers.iter(), account, None)?;
    let occasion = known.occasion(sources.now, store, Explain::Relevant);
    for voucher in &request.vouchers {
        if let Err(reason) = programme.check_voucher(voucher, &occasion) {
            let state = known.vouchers.get(voucher);
            let voucher_type = state.map(|state| state.voucher_type.clone());
            let subject = Subject::Voucher { voucher: voucher.clone(), voucher_type };
            let reason = RefusedBenefit::of(&Refusal { subject, reason }).code.name();
            return Err(TillError::VoucherNotUsable { reason });
        }
    }
    Ok(())
}

fn answer(hold: Hold, sources: &Sources<'_>, novelty: Novelty) -> Reserved {
    let left_ms = hold.expires_at_ms - sources.now.timestamp_millis();
    Reserved {
        uid: hold.uid,
        points: hold.points,
        cashback: hold.cashback,
        vouchers: hold.vouchers,
        expires_at: sources.now + TimeDelta::milliseconds(left_ms),
        novelty,
    }
}

#[cfg(test)]
mod tests;
