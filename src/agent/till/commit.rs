//! Records a paid receipt. What was sold and paid is a fact: it is never refused because a
//! programme, a balance or a limit changed since; such differences are flagged.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;

use super::Till;
use super::answer::Recorded;
use super::draws::DrawKey;
use super::error::TillError;
use super::event::Happened;
use super::given::{self, Given};
use super::issued_codes::IssuedCodes;
use super::lookup::{Claimed, Freshness, HubSaid, Known, Sources, claimed};
use super::quote::QUOTE_MS_MAX;
use super::referral::{self, FirstPurchase, KnownReferral, ReferralKeys};
use super::repeat::{Repeatable, note_request, repeated};
use super::request::{CommitMode, CommitRequest, Idempotency, Who};
use super::scribe::{Asked, Scribe};
use crate::agent::clock::Sample;
use crate::agent::store::ledger::requests::What;
use crate::agent::store::ledger::{holds, vouchers_used};
use crate::journal::{Body, ClockTrust, Flag, MemberPart, OfferReaction, Sale};
use crate::loyalty::{
    Applied, BasketTax, Benefit, Converted, Counted, CounterId, Decision, Evaluator, Explain,
    Occasion, Programme, Reason, Refusal, RequestedSpend, SharedUses, SpendingCap, Subject,
    VoucherId,
};
use crate::member_code::CouponNumber;
use crate::money::{Amount, Points};
use crate::recompute::{Buyer, member_part, refusals_kept, sale_lines, vouchers_of};

/// A till's closing time is believed for what came late: a day, as long as a shop may sell
/// without the agent before somebody looks.
pub(crate) const CLOSED_AT_BACK_MS_MAX: i64 = 24 * 60 * 60 * 1_000;

/// How far a till's clock may run ahead.
pub(crate) const CLOSED_AT_AHEAD_MS_MAX: i64 = 5 * 60 * 1_000;

/// A receipt that comes this long after it was closed was sold without the agent.
pub(crate) const LATE_MS_MIN: i64 = 10 * 60 * 1_000;

/// When and under what programme a receipt is decided.
#[derive(Clone)]
struct Terms {
    evaluator: Arc<Evaluator>,
    decided_at: DateTime<Utc>,
    flags: BTreeSet<Flag>,
    /// What the code of whoever referred the member is looked up by.
    referral: Option<ReferralKeys>,
    issued_codes: IssuedCodes,
    draw_key: DrawKey,
    hub_said: HubSaid,
}

impl Till {
    /// Records a paid receipt.
    pub(crate) async fn commit(
        &self,
        mut request: CommitRequest,
        idempotency: Idempotency,
    ) -> Result<Recorded, TillError> {
        let sample = self.inner.clock.sample();
        let mut terms = self.terms(&request, &sample)?;
        let who = match self.who(&request.who, terms.decided_at, sample.at) {
            Err(TillError::IdentificationUnknown) => {
                terms.flags.insert(Flag::MemberUnknown);
                None
            }
            who => who?,
        };
        let programme = terms.evaluator.programme();
        terms.referral = self.referral_keys(request.referral.as_ref(), programme);
        let (payable, mode) = (request.payable, request.mode);
        let tax = request.basket.tax().mode.unwrap_or(programme.prices.tax);
        // Sums that do not add up are told by the job: a receipt that was recorded is a repetition.
        if let Ok(charged) = given::check_sums(&request, tax) {
            request.basket.note_tax(BasketTax { mode: Some(tax), charged });
        }
        let shown = request.reactions.iter().map(|reaction| reaction.offer.clone()).collect();
        request.basket.note_shown(shown);
        let paid = Arc::new((request, idempotency));
        // What to try where a damaged page hides the member: then nothing of the first try is written.
        let unnamed = who.map(|_| (Arc::clone(&paid), terms.clone()));
        let named = self
            .write(move |connection, scribe| commit(connection, scribe, sample, &paid, who, terms))
            .await;
        let recorded = match (named, unnamed) {
            (Err(TillError::Damaged), Some((paid, mut terms))) => {
                terms.flags.insert(Flag::MemberUnknown);
                self.write(move |connection, scribe| {
                    commit(connection, scribe, sample, &paid, None, terms)
                })
                .await?
            }
            (named, _) => named?,
        };
        if let (Body::Sale(sale), CommitMode::Sale) = (&recorded.record.body, mode) {
            if let Some(till) = recorded.record.header.till.clone() {
                self.happened(Happened::Committed {
                    till,
                    uid: sale.uid.clone(),
                    payable,
                    earned: sale.member.as_ref().map(|m| m.earned).unwrap_or_default(),
                });
            }
        }
        Ok(recorded)
    }

    /// Who bought. An identification counts if it was fresh when the receipt was decided, or is
    /// fresh now that a late one is sent.
    fn who(
        &self,
        who: &Who,
        decided_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Option<Claimed>, TillError> {
        let then = claimed(&self.inner.tokens, who, decided_at)?;
        if then.is_some_and(|then| then.freshness == Freshness::Stale) {
            return claimed(&self.inner.tokens, who, now);
        }
        Ok(then)
    }

    /// The quote's instant where there is a believable one, else the till's closing time where
    /// that is believable, else now.
    fn terms(&self, request: &CommitRequest, sample: &Sample) -> Result<Terms, TillError> {
        let now = sample.at;
        let in_force = self.programme()?;
        let mut flags = BTreeSet::new();
        if sample.reading.trust == ClockTrust::Untrusted {
            flags.insert(Flag::ClockUntrusted);
        }
        let ms_ago = |at: DateTime<Utc>| (now - at).num_milliseconds();
        let closed_ms_ago = ms_ago(request.closed_at);
        let closed_believable =
            (-CLOSED_AT_AHEAD_MS_MAX..=CLOSED_AT_BACK_MS_MAX).contains(&closed_ms_ago);
        if closed_believable && closed_ms_ago >= LATE_MS_MIN {
            flags.insert(Flag::LateCommit);
        }
        let stamp =
            request.quote.as_ref().and_then(|q| self.inner.tokens.read_quote(q, &request.till));
        let mut decided_at = match stamp {
            Some(stamp) => {
                let before_quote = request.closed_at < stamp.decided_at - TimeDelta::seconds(1);
                if !closed_believable || before_quote {
                    flags.insert(Flag::ClosedAtFarOff);
                }
                stamp.decided_at
            }
            None if closed_believable => request.closed_at.min(now),
            None => {
                flags.insert(Flag::ClosedAtFarOff);
                now
            }
        };
        let mut evaluator = Arc::clone(&in_force);
        if let Some(stamp) = stamp {
            if !(0..=QUOTE_MS_MAX).contains(&ms_ago(stamp.decided_at)) {
                flags.insert(Flag::QuoteOutdated);
                decided_at = now;
            } else if stamp.programme_version != in_force.programme().version {
                flags.insert(Flag::ProgrammeOutdated);
                let quoted_under = self.inner.shelf.of_version(stamp.programme_version);
                evaluator = quoted_under.unwrap_or(evaluator);
            }
        } else if request.quote.is_some() {
            flags.insert(Flag::QuoteOutdated);
        }
        let (issued_codes, draw_key) =
            (self.inner.issued_codes.clone(), self.inner.draw_key.clone());
        let hub_said = self.hub_said(sample);
        Ok(Terms { evaluator, decided_at, flags, referral: None, issued_codes, draw_key, hub_said })
    }
}

fn commit(
    connection: &Connection,
    scribe: &mut Scribe,
    sample: Sample,
    (request, idempotency): &(CommitRequest, Idempotency),
    who: Option<Claimed>,
    terms: Terms,
) -> Result<Recorded, TillError> {
    let repeatable = Repeatable {
        what: What::Receipt,
        name: "receipt",
        till: Some(&request.till),
        uid: &request.uid,
        idempotency,
    };
    if let Some(before) = repeated(connection, &repeatable)? {
        return Ok(before);
    }
    let mode = request.basket.tax().mode.unwrap_or(terms.evaluator.programme().prices.tax);
    given::check_sums(request, mode)?;
    let sources =
        Sources { ledger: connection, base: scribe.base(connection), now: terms.decided_at };
    let reservation = request.reservation.as_ref().map(|uid| (&request.till, uid));
    let Terms { evaluator, decided_at, mut flags, referral, issued_codes, draw_key, hub_said } =
        terms;
    let known = match sources.known(who, &request.basket, reservation) {
        // A member who is not known here, or whose row is damaged, is no reason to refuse a fact.
        Err(TillError::MemberUnknown | TillError::Damaged) if who.is_some() => {
            flags.insert(Flag::MemberUnknown);
            sources.known(None, &request.basket, reservation)?
        }
        known => known?,
    }
    .referred(referral, &sources)?
    .sharing(&request.basket, &evaluator, &sources)?
    .bounded(evaluator.programme(), hub_said, &sources)?
    .drawing(draw_key.draws(evaluator.programme(), &request.till, &request.uid));
    if known.referral.as_ref().is_some_and(KnownReferral::is_unknown) {
        flags.insert(Flag::ReferrerUnknown);
    }
    if who.is_some_and(|who| who.freshness == Freshness::Stale) {
        flags.insert(Flag::IdentificationExpired);
    }
    let reactions = reactions(evaluator.programme(), request, &known, &mut flags);
    let decision = decide(&evaluator, request, &known, decided_at, scribe, &mut flags);
    let training = request.mode == CommitMode::Training;
    let issued = match &decision.points {
        Some(points) if !training => {
            issued_codes.hand_out(&points.issues, &request.till, &request.uid)
        }
        _ => Vec::new(),
    };
    let mut sale = sale_of(&evaluator, request, &known, decision, decided_at, flags);
    sale.reactions = reactions;
    if let Some(member) = &mut sale.member {
        member.issued = issued;
        if training {
            // No points for vouchers that are not handed out.
            member.converted = Converted::default();
        }
    }
    let used = vouchers_of(&sale);
    let sale = Box::new(sale);
    let body = if training { Body::Training(sale) } else { Body::Sale(sale) };
    let asked = Asked {
        till: Some(request.till.clone()),
        operator: request.operator.clone(),
        programme_version: Some(evaluator.programme().version),
    };
    let Known { shopper, referral, .. } = known;
    let before = shopper.map(|shopper| shopper.account);
    let recorded = scribe.record_knowing(connection, sample, &asked, body, before)?;
    note_request(connection, &repeatable, recorded.id, sample.at)?;
    if !training {
        if let (Some(referral), Some(purchase)) = (&referral, FirstPurchase::of(&recorded)) {
            let programme = evaluator.programme();
            referral::reward(connection, scribe, sample, &asked, programme, referral, &purchase)?;
        }
        for voucher in &used {
            vouchers_used::note(connection, voucher, recorded.id)?;
        }
        if let Some(reservation) = &request.reservation {
            holds::release(connection, &request.till, reservation)?;
        }
    }
    Ok(recorded)
}

/// The decision, or what the till gave where that differs.
fn decide(
    evaluator: &Evaluator,
    request: &CommitRequest,
    known: &Known,
    decided_at: DateTime<Utc>,
    scribe: &Scribe,
    flags: &mut BTreeSet<Flag>,
) -> Decision {
    if !request.basket.mismatches().is_empty() {
        flags.insert(Flag::AmountOffByOne);
    }
    if !given::rounds_like(request, evaluator.programme().prices.cash_rounding) {
        flags.insert(Flag::RoundingDiffers);
    }
    let occasion = known.occasion(decided_at, &scribe.store, Explain::Relevant);
    let mut decision = evaluator.decide(&request.basket, &occasion);
    if let Some(beyond) = beyond_shared_limits(evaluator, request, known, &occasion, &decision) {
        flags.insert(Flag::SharedLimitExceeded);
        decision = beyond;
    }
    if let Some(beyond) = beyond_offline_limit(evaluator, request, &occasion, &decision) {
        flags.insert(Flag::OfflineLimitExceeded);
        decision = beyond;
    }
    if request.basket.tax().charged.is_some_and(|charged| charged != decision.tax_due) {
        flags.insert(Flag::TaxDiffers);
    }
    if !given::gifts_agree(request, &decision) {
        flags.insert(Flag::GiftNotDue);
    }
    let rewards_agree = given::rewards_agree(request, &decision);
    let discount_agrees = given::discount_agrees(request, &decision);
    if rewards_agree && discount_agrees {
        return decision;
    }
    if !discount_agrees {
        flags.insert(Flag::DiscountDiffers);
    }
    if !rewards_agree {
        flags.insert(Flag::RewardNotDue);
    }
    for refusal in &decision.refused {
        match (&refusal.subject, &refusal.reason) {
            (Subject::Voucher { .. }, Reason::VoucherUsed) => {
                flags.insert(Flag::VoucherAlreadyUsed)
            }
            (Subject::Voucher { .. }, Reason::VoucherCancelled) => {
                flags.insert(Flag::VoucherCancelled)
            }
            (Subject::Voucher { .. }, Reason::VoucherHeld) => flags.insert(Flag::VoucherHeld),
            (Subject::Voucher { .. }, Reason::VoucherOfOther) => flags.insert(Flag::VoucherOfOther),
            (Subject::Coupon(_), Reason::CouponUsed) => flags.insert(Flag::CouponAlreadyUsed),
            (Subject::Voucher { .. }, Reason::VoucherUnknown) => flags.insert(Flag::VoucherUnknown),
            (Subject::Spend, Reason::NotEnoughPoints { .. })
            | (Subject::Cashback, Reason::NotEnoughCashback { .. }) => {
                flags.insert(Flag::SpentBeyondBalance)
            }
            (_, Reason::OfflineLimit { .. } | Reason::CashbackOfflineLimit { .. }) => {
                flags.insert(Flag::OfflineLimitExceeded)
            }
            (Subject::Reward(_), Reason::PointsMissing { .. }) => {
                flags.insert(Flag::SpentBeyondBalance)
            }
            (
                Subject::Spend | Subject::Cashback | Subject::Reward(_),
                Reason::IdentifyBetter { .. } | Reason::MembersOnly | Reason::RoleMayNotSpend,
            ) => flags.insert(Flag::SpentUnproven),
            _ => false,
        };
    }
    let given = Given::of(request, evaluator.programme(), known.shopper.is_some(), &decision);
    let counted = decision.points.map(|points| points.counted).unwrap_or_default();
    let of_offer = |counter: &CounterId| matches!(counter, CounterId::OfferUses { .. });
    let offers_used: Vec<Counted> =
        counted.into_iter().filter(|counted| of_offer(&counted.counter)).collect();
    let is_gift = |applied: &&Applied| matches!(applied.benefit, Benefit::Gift { .. });
    let gifts: Vec<Applied> = decision.applied.iter().filter(is_gift).cloned().collect();
    let shared: Vec<Counted> =
        decision.shared.iter().filter(|counted| of_offer(&counted.counter)).cloned().collect();
    let as_given = given.as_given(&offers_used, &shared, &gifts, &decision.promotions);
    let personal = std::mem::take(&mut decision.personal);
    let refused = std::mem::take(&mut decision.refused);
    let mut decision = evaluator.decide_as_given(&request.basket, &occasion, &as_given);
    decision.personal = personal;
    // What the rules say follows what was given; of all else stands why it was not to be had.
    let of_rule = |refusal: &Refusal| matches!(refusal.subject, Subject::Rule(_));
    decision.refused.extend(refused.into_iter().filter(|refusal| !of_rule(refusal)));
    decision.refused.sort_by(|a, b| a.subject.cmp(&b.subject));
    decision.applied.extend(vouchers_taken(request, known));
    decision.applied.extend(coupons_taken(evaluator, request));
    decision
}

/// What the till gave, where that is not what is decided now but just what was before others used a
/// limit over all customers up: a fact that counts beyond the limit.
fn beyond_shared_limits(
    evaluator: &Evaluator,
    request: &CommitRequest,
    known: &Known,
    occasion: &Occasion<'_>,
    decision: &Decision,
) -> Option<Decision> {
    let used_up = |refusal: &Refusal| {
        matches!(refusal.subject, Subject::Offer(_))
            && matches!(refusal.reason, Reason::SharedLimitReached { .. })
    };
    if !decision.refused.iter().any(used_up) || agrees(request, decision) {
        return None;
    }
    let shared_uses = SharedUses::Beyond(&known.shared_uses);
    let beyond = evaluator.decide(&request.basket, &Occasion { shared_uses, ..occasion.clone() });
    agrees(request, &beyond).then_some(beyond)
}

/// What the till gave, where that is just what the balance allows and only this device's bound
/// without the hub forbids: it was quoted while the hub was heard, or is a fact all the same.
fn beyond_offline_limit(
    evaluator: &Evaluator,
    request: &CommitRequest,
    occasion: &Occasion<'_>,
    decision: &Decision,
) -> Option<Decision> {
    let bounded = |refusal: &Refusal| {
        matches!(refusal.reason, Reason::OfflineLimit { .. } | Reason::CashbackOfflineLimit { .. })
    };
    if !decision.refused.iter().any(bounded) || agrees(request, decision) {
        return None;
    }
    let mut occasion = occasion.clone();
    if let Some(shopper) = &mut occasion.shopper {
        shopper.offline_cap = SpendingCap::NONE;
    }
    let beyond = evaluator.decide(&request.basket, &occasion);
    agrees(request, &beyond).then_some(beyond)
}

/// Whether the till gave what was decided.
fn agrees(request: &CommitRequest, decision: &Decision) -> bool {
    given::rewards_agree(request, decision) && given::discount_agrees(request, decision)
}

/// The vouchers that a till took where its own figures count: all that it presented, whatever their
/// standing, as what it gave for them is given. What each was worth is in the till's figures, so
/// nothing is put down to it; but the record must say that it is used up.
fn vouchers_taken<'a>(
    request: &'a CommitRequest,
    known: &'a Known,
) -> impl Iterator<Item = Applied> + 'a {
    request.basket.benefits().vouchers.iter().filter_map(|voucher| {
        let voucher_type = known.vouchers.get(voucher)?.voucher_type.clone();
        let benefit = Benefit::Voucher { voucher: voucher.clone(), voucher_type };
        Some(Applied { benefit, amount: Amount::ZERO, allocations: Vec::new() })
    })
}

/// The same of vouchers that are not known here, which have no kind.
fn vouchers_unknown(
    request: &CommitRequest,
    known: &Known,
    flags: &BTreeSet<Flag>,
) -> Vec<VoucherId> {
    let presented = request.basket.benefits().vouchers.iter();
    let taken = presented.filter(|_| flags.contains(&Flag::VoucherUnknown));
    taken.filter(|voucher| !known.vouchers.contains_key(*voucher)).cloned().collect()
}

/// The coupons that a till took where its own figures count, like vouchers.
fn coupons_taken<'a>(
    evaluator: &'a Evaluator,
    request: &'a CommitRequest,
) -> impl Iterator<Item = Applied> + 'a {
    let counts_once = |number: &&CouponNumber| number.serial().is_some();
    request.basket.benefits().coupons.keys().filter(counts_once).filter_map(|number| {
        let offer = evaluator.offer_of_coupon(number)?.clone();
        let benefit = Benefit::Coupon { offer, number: number.clone() };
        Some(Applied { benefit, amount: Amount::ZERO, allocations: Vec::new() })
    })
}

/// What became of the offers shown, each with the variant that the member carries or the programme
/// says where the till does not. An offer that is gone from the programme is no reason to forget that it was shown.
fn reactions(
    programme: &Programme,
    request: &CommitRequest,
    known: &Known,
    flags: &mut BTreeSet<Flag>,
) -> BTreeSet<OfferReaction> {
    let carried = known.shopper.as_ref().map(|shopper| &shopper.member.personal);
    let with_variant = |reaction: &OfferReaction| {
        let offer = programme.offer(&reaction.offer);
        if offer.is_none() {
            flags.insert(Flag::OfferUnknown);
        }
        let variant = reaction.variant.clone();
        let carried = carried.and_then(|carried| carried.get(&reaction.offer));
        let variant = variant.or_else(|| carried.and_then(|carried| carried.variant.clone()));
        let variant = variant.or_else(|| offer.and_then(|offer| offer.variant.clone()));
        OfferReaction { variant, ..reaction.clone() }
    };
    request.reactions.iter().map(with_variant).collect()
}

fn sale_of(
    evaluator: &Evaluator,
    request: &CommitRequest,
    known: &Known,
    decision: Decision,
    decided_at: DateTime<Utc>,
    flags: BTreeSet<Flag>,
) -> Sale {
    let lines = sale_lines(request.basket.lines(), &decision.lines);
    let refused = refusals_kept(&decision);
    let programme = evaluator.programme();
    Sale {
        uid: request.uid.clone(),
        receipt_number: request.receipt_number.clone(),
        closed_at: request.closed_at,
        decided_at,
        currency: programme.currency,
        lines,
        member: part_of(evaluator, known, &decision, decided_at),
        voucher_costs: programme.voucher_costs(&decision.applied),
        applied: decision.applied,
        vouchers_unknown: vouchers_unknown(request, known, &flags),
        refused,
        payments: request.payments.clone(),
        rounding: request.rounding,
        payable: decision.totals.payable,
        flags,
        offer_codes: request.basket.benefits().codes.clone(),
        reactions: BTreeSet::new(),
        tax: request.basket.tax().mode.unwrap_or(programme.prices.tax),
        shared: decision.shared,
        told: programme.messages.as_ref().map(|_| decision.promotions.into_iter().collect()),
        draws: decision.draws,
    }
}

fn part_of(
    evaluator: &Evaluator,
    known: &Known,
    decision: &Decision,
    decided_at: DateTime<Utc>,
) -> Option<MemberPart> {
    let shopper = known.shopper.as_ref()?;
    let referral = known.referral.as_ref().map(KnownReferral::part);
    let buyer = Buyer {
        member: shopper.member.member,
        account_ref: shopper.member.account,
        account: &shopper.account,
        strength: shopper.strength,
        flags: &shopper.member.flags,
        standing: &shopper.member.standing,
        referral: referral.as_ref(),
    };
    member_part(evaluator, &buyer, decision, decided_at)
}

/// Points that a request spends.
pub(super) fn requested_points(spend: RequestedSpend) -> Points {
    match spend {
        RequestedSpend::Keep => Points::ZERO,
        RequestedSpend::Exactly(points) => points,
    }
}
