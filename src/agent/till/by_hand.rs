//! Custom events, adjustments by hand, and the status of a receipt.

use std::sync::Arc;

use super::Till;
use super::answer::{ReceiptStatus, Recorded};
use super::error::TillError;
use super::lookup::Sources;
use super::repeat::{Repeatable, note_request, repeated};
use super::request::{AdjustRequest, EventRequest, Idempotency};
use super::scribe::Asked;
use super::sold::SoldSale;
use crate::agent::store::ledger::requests::What;
use crate::journal::{Adjustment, Body, Event};
use crate::loyalty::{Expires, ReceiptUid, TillId};

impl Till {
    /// What became of a receipt.
    pub(crate) async fn status(
        &self,
        till: TillId,
        uid: ReceiptUid,
    ) -> Result<ReceiptStatus, TillError> {
        self.read(move |sources| {
            Ok(SoldSale::load(sources.ledger, sources.base, &till, &uid)?.into_status())
        })
        .await
    }

    /// Records a custom event of a type that the programme registers (CC-19).
    pub(crate) async fn record_event(
        &self,
        request: EventRequest,
        idempotency: Idempotency,
    ) -> Result<Recorded, TillError> {
        let programme = self.programme()?;
        if !programme.programme().event_types.contains(&request.event_type) {
            let event_type = request.event_type.to_string();
            return Err(TillError::EventTypeUnknown { event_type });
        }
        let sample = self.inner.clock.sample();
        self.write(move |connection, scribe| {
            let EventRequest { uid, till, event_type, member, attributes } = request;
            let repeatable = Repeatable {
                what: What::Event,
                name: "event",
                till: till.as_ref(),
                uid: &uid,
                idempotency: &idempotency,
            };
            if let Some(before) = repeated(connection, &repeatable)? {
                return Ok(before);
            }
            if let Some(member) = member {
                Sources { ledger: connection, base: scribe.base(connection), now: sample.at }
                    .member(member)?;
            }
            let event = Event { event_type, event_uid: uid.clone(), member, attributes };
            let asked = Asked { till: till.clone(), operator: None, ..Asked::default() };
            let recorded = scribe.record(connection, sample, &asked, Body::Event(event))?;
            note_request(connection, &repeatable, recorded.id, sample.at)?;
            Ok::<_, TillError>(recorded)
        })
        .await
    }

    /// Gives or takes points and cashback by hand.
    pub(crate) async fn adjust(
        &self,
        request: AdjustRequest,
        idempotency: Idempotency,
    ) -> Result<Recorded, TillError> {
        let evaluator = Arc::clone(&self.programme()?);
        let sample = self.inner.clock.sample();
        self.write(move |connection, scribe| {
            let repeatable = Repeatable {
                what: What::Adjustment,
                name: "adjustment",
                till: None,
                uid: &request.uid,
                idempotency: &idempotency,
            };
            if let Some(before) = repeated(connection, &repeatable)? {
                return Ok(before);
            }
            let programme = evaluator.programme();
            let sources =
                Sources { ledger: connection, base: scribe.base(connection), now: sample.at };
            let member = sources.member(request.member)?;
            let day = programme.day_of(sample.at);
            let adjustment = Adjustment {
                uid: request.uid.clone(),
                member: member.member,
                account: member.account,
                points: request.points,
                expires: programme.lot_of_adjustment(day),
                terms: programme.entry_terms(),
                reason: request.reason.clone(),
                counted: Vec::new(),
                counted_on: None,
                of: None,
                cashback: request.cashback,
                cashback_expires: if request.cashback.is_zero() {
                    Expires::Never
                } else {
                    programme.expiries().cashback.lot_by_hand(day)
                },
            };
            let asked = Asked {
                till: request.till.clone(),
                operator: Some(request.operator.clone()),
                ..Asked::default()
            };
            let body = Body::Adjustment(adjustment);
            let recorded = scribe.record(connection, sample, &asked, body)?;
            note_request(connection, &repeatable, recorded.id, sample.at)?;
            Ok::<_, TillError>(recorded)
        })
        .await
    }
}
