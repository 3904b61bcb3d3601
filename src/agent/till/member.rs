//! A member's account as it is.

use std::collections::BTreeSet;

use super::Till;
use super::answer::{
    CashbackStanding, LapsingVoucher, MemberStanding, TierStanding, VoucherInHand,
};
use super::error::TillError;
use super::lookup::{Sources, voucher_state};
use crate::agent::store::base::BaseMember;
use crate::agent::store::ledger::{accounts, holds, vouchers_issued};
use crate::loyalty::{
    Account, AccountRef, CarriedOffer, Evaluator, Explain, IssueState, MemberRef, Occasion,
    Programme, Promotion, SharedUses, Shopper, SpendingCap, StoreId, VoucherId,
};
use crate::money::{Amount, Points};

/// The most vouchers listed for a member: more than anybody wants to hear of at a till.
pub(crate) const VOUCHERS_LISTED_MAX: usize = 50;

impl Till {
    /// A member's account as it is.
    pub(crate) async fn member(&self, member: MemberRef) -> Result<MemberStanding, TillError> {
        let programme = self.programme()?;
        let store = self.inner.store.clone();
        self.read(move |sources| standing(&sources, &programme, &store, member)).await
    }
}

/// Reads a member's account and lets it lapse to the present.
pub(crate) fn standing(
    sources: &Sources<'_>,
    evaluator: &Evaluator,
    store: &StoreId,
    member: MemberRef,
) -> Result<MemberStanding, TillError> {
    let programme = evaluator.programme();
    let found = sources.member(member)?;
    let mut account = accounts::load(sources.ledger, sources.base, found.account)?;
    let today = programme.day_of(sources.now);
    account.settle_expiry(today, programme.expiries());
    let now_ms = sources.now.timestamp_millis();
    let held = holds::of_account(sources.ledger, found.account, None, now_ms)?;
    let (promotions, offers) = unasked(sources, evaluator, store, (&found, &account));
    let (vouchers, vouchers_to_come) = vouchers_in_hand(sources, programme, found.account)?;
    Ok(MemberStanding {
        member,
        vouchers_lapsing: lapsing(programme, &vouchers, today, promotions.len()),
        offers,
        promotions,
        balance: account.balance(),
        debt: account.debt(),
        held: held.points.min(account.balance()),
        pending: account.points().pending(),
        cashback: CashbackStanding::of(programme, &account, held.cashback),
        tier: tier_standing(programme, &account, today),
        next_expiry: account.next_expiry(programme.expiry),
        last_purchase: account.last_purchase(),
        lifetime_spend: account.facts().lifetime.spend,
        lifetime_visits: account.facts().lifetime.visits,
        vouchers,
        vouchers_to_come,
        flags: found.flags,
        standing: found.standing,
    })
}

impl CashbackStanding {
    /// `None` where the programme has no cashback and the account none left.
    fn of(programme: &Programme, account: &Account, held: Amount) -> Option<Self> {
        let purse = account.cashback();
        let balance = purse.balance();
        let any = balance.is_positive() || !purse.pending.is_empty() || purse.debt.is_positive();
        (programme.cashback.is_some() || any).then(|| Self {
            balance,
            held: held.min(balance),
            pending: purse.pending(),
            debt: purse.debt,
            next_expiry: account.next_cashback_expiry(programme.expiries().cashback),
        })
    }
}

/// What is said to a member who has no basket yet, and the offers that the member carries.
fn unasked(
    sources: &Sources<'_>,
    evaluator: &Evaluator,
    store: &StoreId,
    (member, account): (&BaseMember, &Account),
) -> (Vec<Promotion>, Vec<CarriedOffer>) {
    let shopper = Shopper {
        member: member.member,
        flags: &member.flags,
        birthday: member.birthday,
        kind: member.standing.kind,
        role: member.standing.role,
        account,
        strength: None,
        held: Points::ZERO,
        held_cashback: Amount::ZERO,
        offline_cap: SpendingCap::NONE,
        referral: None,
        personal: &member.personal,
    };
    let (vouchers, coupons_used, uses, draws) = Default::default();
    let occasion = Occasion {
        now: sources.now,
        store,
        shopper: Some(shopper),
        vouchers: &vouchers,
        coupons_used: &coupons_used,
        shared_uses: SharedUses::Within(&uses),
        draws: &draws,
        explain: Explain::Relevant,
    };
    let carried = evaluator.carried_now(&occasion).into_iter().filter_map(|offer| {
        let as_carried = member.personal.get(&offer)?.clone();
        Some(CarriedOffer { offer, as_carried })
    });
    (evaluator.greet(&occasion), carried.collect())
}

fn tier_standing(
    programme: &Programme,
    account: &Account,
    today: chrono::NaiveDate,
) -> Option<TierStanding> {
    let (tier, next) = account.tier(programme, today)?;
    let measure = account.tier_measure(programme, today);
    let progress_percent = next.map_or(100, |next| {
        let span = (next.threshold - tier.threshold).max(1);
        let done = (measure - tier.threshold).clamp(0, span);
        u8::try_from(i128::from(done) * 100 / i128::from(span)).unwrap_or(100)
    });
    Some(TierStanding {
        tier: tier.id.clone(),
        name: tier.name.clone(),
        next: next.map(|next| next.id.clone()),
        missing: next.map_or(0, |next| next.threshold - measure),
        progress_percent,
        validity: account.tier_validity(programme, today),
    })
}

/// The vouchers of an account that may be used now, and those that are still to come. What is used
/// up, over or on hold for a basket being paid is in nobody's hand.
fn vouchers_in_hand(
    sources: &Sources<'_>,
    programme: &Programme,
    account: AccountRef,
) -> Result<(Vec<VoucherInHand>, Vec<VoucherInHand>), TillError> {
    let today = programme.day_of(sources.now);
    let (mut in_hand, mut to_come) = (Vec::new(), Vec::new());
    let of_base = sources.base.map(|base| base.vouchers_of(account)).transpose()?;
    let of_base = of_base.unwrap_or_default();
    let mut vouchers = vouchers_issued::of_account(sources.ledger, account)?;
    let known: BTreeSet<VoucherId> =
        vouchers.iter().map(|voucher| voucher.voucher.clone()).collect();
    vouchers.extend(of_base.into_iter().filter(|voucher| !known.contains(&voucher.voucher)));
    let held = holds::vouchers(sources.ledger, None, sources.now.timestamp_millis())?;
    for voucher in vouchers {
        let over = voucher.valid_until.is_some_and(|until| until < today);
        let Some(kind) = programme.voucher_types.get(&voucher.voucher_type) else { continue };
        let is_held = held.has(&voucher.voucher, voucher.account);
        let list = match voucher.valid_from {
            Some(from) if from > today => &mut to_come,
            _ => &mut in_hand,
        };
        if over || is_held || list.len() == VOUCHERS_LISTED_MAX {
            continue;
        }
        let state = voucher_state(sources.ledger, sources.base, &voucher.voucher)?;
        if !state.is_some_and(|(_, state)| state == IssueState::Open) {
            continue;
        }
        list.push(VoucherInHand {
            voucher: voucher.voucher,
            voucher_type: voucher.voucher_type,
            name: kind.name.clone(),
            valid_from: voucher.valid_from,
            valid_until: voucher.valid_until,
        });
    }
    Ok((in_hand, to_come))
}

/// The vouchers that are about to lapse, as many as one answer may speak of beside what it says
/// already.
fn lapsing(
    programme: &Programme,
    vouchers: &[VoucherInHand],
    today: chrono::NaiveDate,
    told: usize,
) -> Vec<LapsingVoucher> {
    let lapsing = vouchers.iter().filter_map(|voucher| {
        let until = voucher.valid_until?;
        let days_left = programme.days_left_to_tell(until, today)?;
        Some(LapsingVoucher { name: voucher.name.clone(), until, days_left })
    });
    let mut lapsing: Vec<LapsingVoucher> = lapsing.collect();
    lapsing.sort_by(|a, b| (a.until, &a.name).cmp(&(b.until, &b.name)));
    lapsing.truncate(programme.room_to_tell(told));
    lapsing
}
