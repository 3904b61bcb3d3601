//! What a decision needs to know, read from ledger and base. The same for a quote, which reads on
//! a read connection, and for a commit, which reads inside the writer's transaction.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::error::TillError;
use super::referral::{KnownReferral, ReferralKeys};
use super::request::Who;
use super::tokens::{Identification, Tokens};
use crate::agent::store::base::{Base, BaseMember, BaseVoucher, VoucherSaid};
use crate::agent::store::error::StoreError;
use crate::agent::store::ledger::holds::Held;
use crate::agent::store::ledger::{
    accounts, holds, shared_uses, sync_state, vouchers_issued, vouchers_used,
};
use crate::loyalty::{
    Account, AccountRef, Basket, Counters, Draws, Evaluator, Explain, HubWord, IssueState,
    MemberRef, Occasion, Programme, ReceiptUid, SharedUses, Shopper, SpendingCap, StoreId, TillId,
    VoucherId, VoucherStanding, VoucherState,
};
use crate::member_code::{CouponNumber, Strength};
use crate::recompute::use_of_coupon;

/// How long an identification may be used to spend: long enough for a full trolley, short enough
/// that a code copied from a screen is worth little.
pub(crate) const IDENTIFICATION_MS_MAX: i64 = 10 * 60 * 1_000;

/// Who buys, as far as the request proves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claimed {
    pub(crate) member: MemberRef,
    /// `None` where the member was only named or the identification is too old to spend.
    pub(crate) strength: Option<Strength>,
    pub(crate) freshness: Freshness,
}

/// Whether an identification may still be used to spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// It may, or nobody identified.
    Fresh,
    /// It is too old.
    Stale,
}

/// Reads who buys; the identification must be the agent's own.
pub(crate) fn claimed(
    tokens: &Tokens,
    who: &Who,
    at: DateTime<Utc>,
) -> Result<Option<Claimed>, TillError> {
    match who {
        Who::Nobody => Ok(None),
        Who::Named(member) => {
            Ok(Some(Claimed { member: *member, strength: None, freshness: Freshness::Fresh }))
        }
        Who::Identified(text) => {
            let identification =
                tokens.read_identification(text).ok_or(TillError::IdentificationUnknown)?;
            Ok(Some(of_identification(&identification, at)))
        }
    }
}

fn of_identification(identification: &Identification, at: DateTime<Utc>) -> Claimed {
    let age_ms = (at - identification.issued_at).num_milliseconds();
    // The clock may have been set back since; a code that seems to come from the near future is
    // as good as a fresh one.
    let fresh = (-IDENTIFICATION_MS_MAX..=IDENTIFICATION_MS_MAX).contains(&age_ms);
    Claimed {
        member: identification.member,
        strength: fresh.then_some(identification.strength),
        freshness: if fresh { Freshness::Fresh } else { Freshness::Stale },
    }
}

/// What is known of the shopper and the vouchers of a basket.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) shopper: Option<KnownShopper>,
    pub(crate) vouchers: BTreeMap<VoucherId, VoucherState>,
    pub(crate) referral: Option<KnownReferral>,
    /// Of the coupons presented, those that were used before.
    pub(crate) coupons_used: BTreeSet<CouponNumber>,
    /// What all customers used of offers and rules.
    pub(crate) shared_uses: Counters,
    /// What was drawn for surprises; nothing before the receipt is paid.
    pub(crate) draws: Draws,
}

/// A member with the account that owns the points.
#[derive(Debug)]
pub(crate) struct KnownShopper {
    pub(crate) member: BaseMember,
    pub(crate) account: Account,
    pub(crate) strength: Option<Strength>,
    pub(crate) held: Held,
    /// The most that may be spent of the account, whatever the balance.
    pub(crate) offline_cap: SpendingCap,
}

/// For how long the hub has had no more to say than is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HubSaid {
    /// `None` where it said nothing since the start.
    pub(crate) age_ms: Option<u64>,
}

/// The reservation whose points and vouchers count as free.
pub(crate) type Reservation<'a> = Option<(&'a TillId, &'a ReceiptUid)>;

/// Where to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sources<'a> {
    pub(crate) ledger: &'a Connection,
    pub(crate) base: Option<Base<'a>>,
    pub(crate) now: DateTime<Utc>,
}

impl Sources<'_> {
    /// A member of the base.
    pub(crate) fn member(&self, member: MemberRef) -> Result<BaseMember, TillError> {
        let found = self.base.map(|base| base.member(member)).transpose()?;
        found.flatten().ok_or(TillError::MemberUnknown)
    }

    /// What all customers used of what has limits over all of them.
    pub(crate) fn shared_uses(&self, programme: &Programme) -> Result<Counters, StoreError> {
        let wanted = programme.shared_counters(programme.day_of(self.now));
        shared_uses::load(self.ledger, wanted)
    }

    /// The same of what a basket is about.
    fn shared_uses_for(
        &self,
        basket: &Basket,
        programme: &Evaluator,
    ) -> Result<Counters, StoreError> {
        let today = programme.programme().day_of(self.now);
        let wanted = programme.shared_counters_for(basket, today);
        shared_uses::load(self.ledger, wanted)
    }

    /// The most that this device may spend of an account, by what the programme says of tills that do
    /// not know the hub's latest word. One that is not enrolled at a hub has only its own ledger.
    pub(crate) fn offline_cap(
        &self,
        programme: &Programme,
        account: AccountRef,
        hub_said: HubSaid,
    ) -> Result<SpendingCap, StoreError> {
        let Some(policy) = programme.offline else { return Ok(SpendingCap::NONE) };
        match sync_state::load(self.ledger) {
            Ok(None) => return Ok(SpendingCap::NONE),
            // Of a hub that cannot be told nothing is known but that there is one.
            Ok(Some(_)) | Err(StoreError::RowDamaged { .. }) => {}
            Err(error) => return Err(error),
        }
        let unconfirmed = accounts::unconfirmed(self.ledger, self.base, account)?;
        Ok(policy.cap(&HubWord { age_ms: hub_said.age_ms, unconfirmed }))
    }

    /// Everything that deciding a basket needs.
    pub(crate) fn known(
        &self,
        claimed: Option<Claimed>,
        basket: &Basket,
        reservation: Reservation<'_>,
    ) -> Result<Known, TillError> {
        let now_ms = self.now.timestamp_millis();
        let shopper = claimed
            .map(|claimed| {
                let member = self.member(claimed.member)?;
                let account = accounts::load(self.ledger, self.base, member.account)?;
                let held = holds::of_account(self.ledger, member.account, reservation, now_ms)?;
                Ok::<_, TillError>(KnownShopper {
                    member,
                    account,
                    strength: claimed.strength,
                    held,
                    offline_cap: SpendingCap::NONE,
                })
            })
            .transpose()?;
        let account = shopper.as_ref().map(|shopper| shopper.member.account);
        let vouchers = self.vouchers(basket.benefits().vouchers.iter(), account, reservation)?;
        let coupons_used = self.coupons_used(basket.benefits().coupons.keys())?;
        let (shared_uses, draws) = Default::default();
        Ok(Known { shopper, vouchers, coupons_used, shared_uses, draws, referral: None })
    }

    fn coupons_used<'c>(
        &self,
        presented: impl Iterator<Item = &'c CouponNumber>,
    ) -> Result<BTreeSet<CouponNumber>, StoreError> {
        let mut used = BTreeSet::new();
        for number in presented {
            let Some(once) = use_of_coupon(number) else { continue };
            if vouchers_used::is_used(self.ledger, &once, 0)? {
                used.insert(number.clone());
            }
        }
        Ok(used)
    }

    /// What is known of the vouchers presented; unknown ones are left out.
    pub(crate) fn vouchers<'v>(
        &self,
        presented: impl ExactSizeIterator<Item = &'v VoucherId>,
        account: Option<AccountRef>,
        reservation: Reservation<'_>,
    ) -> Result<BTreeMap<VoucherId, VoucherState>, StoreError> {
        let mut states = BTreeMap::new();
        if presented.len() == 0 {
            return Ok(states);
        }
        let held = holds::vouchers(self.ledger, reservation, self.now.timestamp_millis())?;
        for voucher in presented {
            let Some((known, state)) = voucher_state(self.ledger, self.base, voucher)? else {
                continue;
            };
            let standing = if state == IssueState::Used {
                VoucherStanding::Used
            } else if state == IssueState::Withdrawn {
                VoucherStanding::Cancelled
            } else if known.account.is_some() && known.account != account {
                VoucherStanding::OfOther
            } else if held.has(voucher, known.account) {
                VoucherStanding::Held
            } else {
                VoucherStanding::Usable
            };
            let state = VoucherState {
                voucher_type: known.voucher_type,
                standing,
                valid_from: known.valid_from,
                valid_until: known.valid_until,
            };
            states.insert(voucher.clone(), state);
        }
        Ok(states)
    }
}

/// A voucher that the hub, the base or a receipt of this ledger tells of, and what became of it.
/// What the hub said stands for what this journal's records said up to a place; only those behind it
/// still count.
pub(super) fn voucher_state(
    ledger: &Connection,
    base: Option<Base<'_>>,
    voucher: &VoucherId,
) -> Result<Option<(BaseVoucher, IssueState)>, StoreError> {
    let issued = vouchers_issued::find(ledger, voucher)?;
    let said = base.map_or(Ok(VoucherSaid::Unknown), |base| base.voucher(voucher))?;
    let (known, since) = match (said, &issued) {
        (VoucherSaid::Gone { was, .. }, issued) => {
            let withdrawn = issued.as_ref().is_some_and(|issued| issued.is_cancelled(0));
            let state = if withdrawn { IssueState::Withdrawn } else { IssueState::Used };
            let known = was.or_else(|| issued.as_ref().map(|issued| issued.voucher.clone()));
            return Ok(known.map(|known| (known, state)));
        }
        (VoucherSaid::Known { voucher, contained }, issued)
            if contained > 0 || issued.is_none() =>
        {
            (voucher, contained)
        }
        (_, Some(issued)) => (issued.voucher.clone(), 0),
        (_, None) => return Ok(None),
    };
    let state = if vouchers_used::is_used(ledger, voucher, since)? {
        IssueState::Used
    } else if issued.is_some_and(|issued| issued.is_cancelled(since)) {
        IssueState::Withdrawn
    } else {
        IssueState::Open
    };
    Ok(Some((known, state)))
}

impl Known {
    /// With who referred the shopper; nobody refers a receipt without one.
    pub(super) fn referred(
        mut self,
        keys: Option<ReferralKeys>,
        sources: &Sources<'_>,
    ) -> Result<Self, TillError> {
        let keys = keys.filter(|_| self.shopper.is_some());
        self.referral = keys.map(|keys| sources.referral(keys)).transpose()?;
        Ok(self)
    }

    /// With what all customers used of the programme's rules, and its offers on goods of a basket.
    pub(super) fn sharing(
        mut self,
        basket: &Basket,
        programme: &Evaluator,
        sources: &Sources<'_>,
    ) -> Result<Self, StoreError> {
        self.shared_uses = sources.shared_uses_for(basket, programme)?;
        Ok(self)
    }

    /// With what this device may spend of the shopper's account without the hub.
    pub(super) fn bounded(
        mut self,
        programme: &Programme,
        hub_said: HubSaid,
        sources: &Sources<'_>,
    ) -> Result<Self, StoreError> {
        if let Some(shopper) = &mut self.shopper {
            shopper.offline_cap =
                sources.offline_cap(programme, shopper.member.account, hub_said)?;
        }
        Ok(self)
    }

    /// With what was drawn for a paid receipt.
    pub(super) fn drawing(mut self, draws: Draws) -> Self {
        self.draws = draws;
        self
    }

    /// The circumstances of a decision.
    pub(crate) fn occasion<'a>(
        &'a self,
        now: DateTime<Utc>,
        store: &'a StoreId,
        explain: Explain,
    ) -> Occasion<'a> {
        let shopper = self.shopper.as_ref().map(|known| Shopper {
            member: known.member.member,
            flags: &known.member.flags,
            birthday: known.member.birthday,
            kind: known.member.standing.kind,
            role: known.member.standing.role,
            account: &known.account,
            strength: known.strength,
            held: known.held.points,
            held_cashback: known.held.cashback,
            offline_cap: known.offline_cap,
            referral: self.referral.as_ref().map(|referral| referral.of(known.member.account)),
            personal: &known.member.personal,
        });
        let (vouchers, coupons_used) = (&self.vouchers, &self.coupons_used);
        let (shared_uses, draws) = (SharedUses::Within(&self.shared_uses), &self.draws);
        Occasion { now, store, shopper, vouchers, coupons_used, shared_uses, draws, explain }
    }
}
