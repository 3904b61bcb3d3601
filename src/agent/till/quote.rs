//! Prices a basket. Nothing is written; the same question gets the same answer.

use std::sync::Arc;

use chrono::TimeDelta;

use super::Till;
use super::answer::Quoted;
use super::error::TillError;
use super::event::Happened;
use super::lookup::{Freshness, Known, Sources, claimed};
use super::request::QuoteRequest;
use super::tokens::QuoteStamp;
use crate::loyalty::RequestedSpend;

/// How long a quote is honoured at its prices: a customer who looks for the purse.
pub(crate) const QUOTE_MS_MAX: i64 = 30 * 60 * 1_000;

impl Till {
    /// Prices a basket.
    pub(crate) async fn quote(&self, request: QuoteRequest) -> Result<Quoted, TillError> {
        let programme = self.programme()?;
        let sample = self.inner.clock.sample();
        let (now, hub_said) = (sample.at, self.hub_said(&sample));
        let who = claimed(&self.inner.tokens, &request.who, now)?;
        let benefits = request.basket.benefits();
        let wants_to_spend = matches!(benefits.spend, RequestedSpend::Exactly(p) if p.is_positive())
            || !benefits.rewards.is_empty();
        if wants_to_spend && who.is_some_and(|who| who.freshness == Freshness::Stale) {
            return Err(TillError::IdentificationExpired);
        }
        let stamp =
            QuoteStamp { programme_version: programme.programme().version, decided_at: now };
        let quote_id = self.inner.tokens.quote(&stamp, &request.till);
        let store = self.inner.store.clone();
        let referral = self.referral_keys(request.referral.as_ref(), programme.programme());
        let read = {
            let programme = Arc::clone(&programme);
            move |sources: Sources<'_>| {
                let reservation = request.reservation.as_ref().map(|uid| (&request.till, uid));
                let known = sources.known(who, &request.basket, reservation)?;
                let known = known.referred(referral, &sources)?;
                let known = known.bounded(programme.programme(), hub_said, &sources)?;
                Ok((known.sharing(&request.basket, &programme, &sources)?, request))
            }
        };
        let decide = move |(known, request): (Known, QuoteRequest)| {
            let occasion = known.occasion(now, &store, request.explain);
            let decision = programme.decide(&request.basket, &occasion);
            let quoted = Quoted {
                quote_id,
                decided_at: now,
                expires_at: now + TimeDelta::milliseconds(QUOTE_MS_MAX),
                programme_version: stamp.programme_version,
                member: who.map(|who| who.member),
                mismatches: request.basket.mismatches().to_vec(),
                decision,
            };
            (quoted, request.till)
        };
        let (quoted, till) = self.read_then(read, decide).await?;
        self.happened(Happened::Quoted {
            till,
            payable: quoted.decision.totals.payable,
            discount: quoted.decision.totals.discount,
            earns: quoted.decision.points.as_ref().map(|p| p.earned).unwrap_or_default(),
        });
        Ok(quoted)
    }
}
