//! The walk through a log.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::reached::{self, Moment, ReachedByMember, RewardName, RewardReached, Rewards};
use crate::loyalty::{
    Account, AccountKind, Basket, Counters, Decision, DeviceId, Entry, EntryKey, Evaluator,
    Explain, MemberRef, Occasion, Purse, PurseTotals, RequestedBenefits, RequestedSpend,
    SharedUses, Shopper, StoreId,
};
use crate::member_code::Strength;
use crate::money::{Amount, Points};

/// A receipt of a log: what was bought, before loyalty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedReceipt {
    /// When.
    pub at: LoggedTime,
    /// By whom; `None` where nobody identified themselves.
    pub member: Option<MemberRef>,
    /// What. The vouchers and points that it asks for do not count: they are of another programme.
    pub basket: Basket,
}

/// When a receipt of a log was sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoggedTime {
    /// The log has an instant.
    Instant(DateTime<Utc>),
    /// The log has the local day only: noon of it.
    Day(NaiveDate),
}

/// When members spend their points; a log cannot know it of a programme that was not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spending {
    /// They keep them.
    Never,
    /// All that may be spent on a basket, as soon as it may.
    Whenever,
}

/// What a programme would have come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimulationOutcome {
    /// All of the log.
    pub receipts: u64,
    /// Those of members.
    pub receipts_of_members: u64,
    /// Members who bought.
    pub members: u64,
    /// Local day of the first receipt.
    pub first_day: Option<NaiveDate>,
    /// Local day of the last one; balances are as of its end.
    pub last_day: Option<NaiveDate>,
    /// Before loyalty.
    pub sales: Amount,
    /// Discount by offers.
    pub discount: Amount,
    /// Points and cashback spent, as money.
    pub redeemed: Amount,
    /// Points earned.
    pub points_issued: Points,
    /// Points spent.
    pub points_spent: Points,
    /// Points that lapsed up to the last day.
    pub points_expired: Points,
    /// Points that members hold on the last day, pending ones included.
    pub points_outstanding: Points,
    /// Cashback, where the programme has it.
    pub cashback: Option<CashbackSums>,
    /// What those are worth in whole steps of all of them; `None` where nothing can be spent.
    pub outstanding_worth: Option<Amount>,
    /// What of it members hold who have enough to spend, in whole steps of each.
    pub spendable_worth: Option<Amount>,
    /// Every reward of the programme that somebody reached or that is no offer.
    pub rewards: Vec<RewardReached>,
    /// How many offers never applied for a member.
    pub offers_never_applied: u64,
}

/// What became of a programme's cashback.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CashbackSums {
    /// Earned.
    pub issued: Amount,
    /// Spent; part of what was redeemed.
    pub spent: Amount,
    /// Lapsed up to the last day.
    pub expired: Amount,
    /// What members hold on the last day, pending amounts included.
    pub outstanding: Amount,
}

/// What a member spends on a basket.
#[derive(Clone, Copy, Default)]
struct Spends {
    points: RequestedSpend,
    cashback: Amount,
}

impl SimulationOutcome {
    /// What the programme cost: discounts, points and cashback spent.
    #[must_use]
    pub fn cost(&self) -> Amount {
        self.discount + self.redeemed
    }
}

/// Replays a log in the order of time; receipts of one instant in the order of the log.
#[must_use]
pub fn simulate(
    evaluator: &Evaluator,
    log: &[LoggedReceipt],
    store: &StoreId,
    spending: Spending,
) -> SimulationOutcome {
    let zone = evaluator.programme().zone;
    let mut in_time: Vec<(DateTime<Utc>, &LoggedReceipt)> =
        log.iter().map(|receipt| (receipt.at.instant(zone), receipt)).collect();
    in_time.sort_by_key(|(at, _)| *at);
    let mut simulation = Simulation::new(evaluator, store, spending);
    for (at, receipt) in in_time {
        simulation.sell(at, receipt);
    }
    simulation.conclude()
}

impl LoggedTime {
    fn instant(self, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Instant(at) => at,
            Self::Day(day) => {
                let noon = day.and_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default());
                // No zone ever skipped a noon but with its whole day; that day is then UTC's.
                zone.from_local_datetime(&noon)
                    .earliest()
                    .map_or_else(|| noon.and_utc(), |at| at.to_utc())
            }
        }
    }
}

/// A simulation under way.
struct Simulation<'a> {
    evaluator: &'a Evaluator,
    store: &'a StoreId,
    spending: Spending,
    members: BTreeMap<MemberRef, Member>,
    rewards: Rewards<'a>,
    outcome: SimulationOutcome,
    /// What all customers used of offers so far.
    shared_uses: Counters,
}

/// A member as the receipts so far made them.
struct Member {
    account: Account,
    first_day: NaiveDate,
    purchases: u32,
    reached: ReachedByMember,
}

impl<'a> Simulation<'a> {
    fn new(evaluator: &'a Evaluator, store: &'a StoreId, spending: Spending) -> Self {
        let programme = evaluator.programme();
        let mut names = reached::names(programme);
        names.retain(|name| spending == Spending::Whenever || *name != RewardName::PointsSpent);
        Self {
            evaluator,
            store,
            spending,
            members: BTreeMap::new(),
            rewards: Rewards::of(programme, names),
            outcome: SimulationOutcome::default(),
            shared_uses: Counters::default(),
        }
    }

    fn sell(&mut self, at: DateTime<Utc>, receipt: &LoggedReceipt) {
        let day = self.evaluator.programme().day_of(at);
        self.outcome.receipts += 1;
        self.outcome.first_day.get_or_insert(day);
        self.outcome.last_day = Some(day);
        let decision = match receipt.member {
            None => self.decide(at, receipt, None, Spends::default()),
            Some(member) => self.sell_to(member, at, day, receipt),
        };
        for used in &decision.shared {
            self.shared_uses.add(&used.counter, day, used.by);
        }
        self.outcome.sales += decision.totals.gross;
        self.outcome.discount += decision.totals.discount;
        self.outcome.redeemed += decision.totals.redeemed;
    }

    fn sell_to(
        &mut self,
        name: MemberRef,
        at: DateTime<Utc>,
        day: NaiveDate,
        receipt: &LoggedReceipt,
    ) -> Decision {
        self.outcome.receipts_of_members += 1;
        let mut member = self.members.remove(&name).unwrap_or_else(|| Member::new(day));
        let spend = self.spend_on(at, receipt, &member.account);
        let decision = self.decide(at, receipt, Some(&member.account), spend);
        let entry = self.entry(at, day, &decision);
        member.account.apply(&entry);
        member.purchases += 1;
        let days = (day - member.first_day).num_days().try_into().unwrap_or_default();
        let moment = Moment { days, purchase: member.purchases };
        self.rewards.note(&mut member.reached, &decision, moment);
        self.members.insert(name, member);
        decision
    }

    /// All that may be spent on the basket, where anything may.
    fn spend_on(&self, at: DateTime<Utc>, receipt: &LoggedReceipt, account: &Account) -> Spends {
        let programme = self.evaluator.programme();
        let policy = programme.redemption.as_ref();
        // Until the decision looks at them points only lapse, or are pending no longer: this leaves
        // out nobody.
        let points = account.balance() + account.points().pending.values().copied().sum();
        let holds = policy.is_some_and(|policy| points >= reached::spendable_from(policy));
        let cashback = account.cashback();
        let has_cashback = programme.cashback.is_some()
            && !(cashback.lots.is_empty() && cashback.pending.is_empty());
        if self.spending == Spending::Never || !(holds || has_cashback) {
            return Spends::default();
        }
        let decision = self.decide(at, receipt, Some(account), Spends::default());
        let redeemable = decision.points.and_then(|points| points.redeemable);
        let points = redeemable.filter(|_| holds).map(|may| may.points_max);
        let mut spends = Spends {
            points: points.map_or(RequestedSpend::Keep, RequestedSpend::Exactly),
            ..Spends::default()
        };
        if has_cashback {
            let decision = self.decide(at, receipt, Some(account), spends);
            let cashback = decision.points.and_then(|points| points.cashback);
            spends.cashback = cashback.and_then(|may| may.spendable).unwrap_or_default();
        }
        spends
    }

    fn decide(
        &self,
        at: DateTime<Utc>,
        receipt: &LoggedReceipt,
        account: Option<&Account>,
        spends: Spends,
    ) -> Decision {
        let (flags, vouchers, coupons_used) = Default::default();
        let shopper = account.map(|account| Shopper {
            // One member an account: whose is its own.
            member: MemberRef::from_bytes([0; 16]),
            flags: &flags,
            birthday: None,
            account,
            strength: Some(Strength::Token),
            held: Points::ZERO,
            held_cashback: Amount::ZERO,
            referral: None,
            kind: AccountKind::Person,
            role: None,
        });
        let occasion = Occasion {
            now: at,
            store: self.store,
            shopper,
            vouchers: &vouchers,
            coupons_used: &coupons_used,
            shared_uses: SharedUses::Within(&self.shared_uses),
            explain: Explain::Relevant,
        };
        let asked = receipt.basket.benefits();
        // What codes and coupons a customer brings does not depend on the programme.
        let (codes, coupons) = (asked.codes.clone(), asked.coupons.clone());
        let (spend, cashback) = (spends.points, spends.cashback);
        let benefits =
            RequestedBenefits { codes, coupons, spend, cashback, ..RequestedBenefits::default() };
        if *asked == benefits {
            return self.evaluator.decide(&receipt.basket, &occasion);
        }
        let basket = Basket::parse(receipt.basket.lines().to_vec(), benefits)
            .expect("lines of a basket make one, and no decision offers more points than fit");
        self.evaluator.decide(&basket, &occasion)
    }

    fn entry(&self, at: DateTime<Utc>, day: NaiveDate, decision: &Decision) -> Entry {
        let points = decision.points.as_ref().expect("a member's decision has points");
        Entry {
            key: EntryKey {
                effective_at: at,
                device: DeviceId::from_bytes([0; 16]),
                epoch: 1,
                sequence: self.outcome.receipts,
            },
            day,
            terms: self.evaluator.programme().entry_terms(),
            change: points.change(decision.totals.payable),
        }
    }

    fn conclude(self) -> SimulationOutcome {
        let Self { evaluator, members, rewards, mut outcome, .. } = self;
        let programme = evaluator.programme();
        let policy = programme.redemption.as_ref();
        let mut spendable = policy.map(|_| Amount::ZERO);
        outcome.members = members.len() as u64;
        outcome.cashback = programme.cashback.as_ref().map(|_| CashbackSums::default());
        for mut member in members.into_values() {
            if let Some(last_day) = outcome.last_day {
                member.account.settle_expiry(last_day, programme.expiries());
            }
            let totals = member.account.points().totals;
            let balance = member.account.balance();
            let pending: Points = member.account.points().pending.values().copied().sum();
            if let Some(sums) = &mut outcome.cashback {
                sums.add(member.account.cashback());
            }
            outcome.points_issued += totals.issued;
            outcome.points_spent += totals.spent;
            outcome.points_expired += totals.expired;
            outcome.points_outstanding += balance + pending;
            if let Some(policy) = policy.filter(|p| balance >= reached::spendable_from(p)) {
                spendable = spendable
                    .zip(reached::worth(policy, balance))
                    .map(|(before, worth)| before + worth);
            }
        }
        let outstanding = outcome.points_outstanding;
        outcome.outstanding_worth = policy.and_then(|policy| reached::worth(policy, outstanding));
        outcome.spendable_worth = spendable;
        let rewards = rewards.conclude();
        let idle = |reached: &RewardReached| {
            matches!(reached.reward, RewardName::Offer(_)) && reached.members == 0
        };
        outcome.offers_never_applied =
            rewards.iter().filter(|reached| idle(reached)).count() as u64;
        outcome.rewards = rewards.into_iter().filter(|reached| !idle(reached)).collect();
        outcome
    }
}

impl CashbackSums {
    fn add(&mut self, purse: &Purse<Amount>) {
        let PurseTotals { issued, spent, expired, .. } = purse.totals;
        self.issued += issued;
        self.spent += spent;
        self.expired += expired;
        self.outstanding += purse.balance() + purse.pending.values().copied().sum();
    }
}

impl Member {
    fn new(first_day: NaiveDate) -> Self {
        Self {
            account: Account::default(),
            first_day,
            purchases: 0,
            reached: ReachedByMember::new(),
        }
    }
}
