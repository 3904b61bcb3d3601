//! The walk through a log.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::handed_out::{HandedOut, VoucherUse, Wallet, vouchers_of};
use super::log::{BackGoods, Happening, LoggedReceipt, LoggedReferral, LoggedReturn, SalesLog};
use super::outcome::{CashbackSums, SimulationOutcome};
use super::reached::{self, Moment, ReachedByMember, RewardName, Rewards};
use super::sold::Sold;
use crate::loyalty::{
    Account, AccountKind, Basket, Change, Counted, Counters, Decision, DeviceId, DrawnNumber,
    Draws, Entry, EntryKey, Evaluator, Explain, FlagId, Issued, MemberRef, NOTHING_PERSONAL,
    Occasion, Referral, Referrer, ReferrerGain, RemainingSale, RequestedBenefits, RequestedSpend,
    SharedUses, Shopper, SpendingCap, StoreId, UndoneSoFar, VoucherId, VoucherState,
};
use crate::member_code::Strength;
use crate::money::{Amount, Points};

/// The distance of one receipt's draw from the next: the golden section of 10,000, made prime to it,
/// so that each number comes once in 10,000 receipts.
const DRAW_STEP: u64 = 6_181;

/// When members spend their points; a log cannot know it of a programme that was not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spending {
    /// They keep them.
    Never,
    /// All that may be spent on a basket, as soon as it may.
    Whenever,
}

/// What is assumed of members, which no log can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumptions {
    /// When they spend their points.
    pub spending: Spending,
    /// Whether they use their vouchers.
    pub vouchers: VoucherUse,
}

/// What a member spends on a basket.
#[derive(Clone, Copy, Default)]
struct Spends {
    points: RequestedSpend,
    cashback: Amount,
}

/// Replays a log in the order of time; receipts of one instant in the order of the log.
#[must_use]
pub fn simulate(
    evaluator: &Evaluator,
    log: &SalesLog,
    store: &StoreId,
    assumptions: Assumptions,
) -> SimulationOutcome {
    let mut simulation = Simulation::new(evaluator, log, store, assumptions);
    for (at, happening) in log.in_time(evaluator.programme().zone) {
        match happening {
            Happening::Sold(place, receipt) => simulation.sell(at, place, receipt),
            Happening::CameBack(back) => simulation.take_back(at, back),
        }
    }
    simulation.conclude()
}

/// A simulation under way.
struct Simulation<'a> {
    evaluator: &'a Evaluator,
    store: &'a StoreId,
    assumptions: Assumptions,
    members: BTreeMap<MemberRef, Member>,
    rewards: Rewards<'a>,
    outcome: SimulationOutcome,
    /// What all customers used of offers so far.
    shared_uses: Counters,
    handed_out: HandedOut,
    /// Receipts of which something comes back.
    come_back: BTreeSet<usize>,
    /// Those of them that were sold so far.
    sold: BTreeMap<usize, Sold<'a>>,
    /// Entries so far.
    sequence: u64,
    /// The log knows nobody's.
    flags: BTreeSet<FlagId>,
}

/// A member as the receipts so far made them.
struct Member {
    account: Account,
    first_day: NaiveDate,
    purchases: u32,
    reached: ReachedByMember,
    wallet: Wallet,
}

/// Who buys, and what they bring.
#[derive(Clone, Copy)]
struct Customer<'m> {
    account: &'m Account,
    vouchers: &'m BTreeMap<VoucherId, VoucherState>,
    referral: Option<Referral<'m>>,
}

impl<'a> Simulation<'a> {
    fn new(
        evaluator: &'a Evaluator,
        log: &SalesLog,
        store: &'a StoreId,
        assumptions: Assumptions,
    ) -> Self {
        let programme = evaluator.programme();
        let mut names = reached::names(programme);
        let spends = assumptions.spending == Spending::Whenever;
        names.retain(|name| spends || *name != RewardName::PointsSpent);
        Self {
            evaluator,
            store,
            assumptions,
            members: BTreeMap::new(),
            rewards: Rewards::of(programme, names),
            outcome: SimulationOutcome::default(),
            shared_uses: Counters::default(),
            handed_out: HandedOut::default(),
            come_back: log.returns.iter().map(|back| back.of).collect(),
            sold: BTreeMap::new(),
            sequence: 0,
            flags: BTreeSet::new(),
        }
    }

    fn sell(&mut self, at: DateTime<Utc>, place: usize, receipt: &'a LoggedReceipt) {
        let day = self.evaluator.programme().day_of(at);
        self.outcome.receipts += 1;
        self.outcome.first_day.get_or_insert(day);
        self.outcome.last_day = Some(day);
        let sold = match receipt.member {
            None => Sold {
                at,
                day,
                member: None,
                basket: &receipt.basket,
                decision: self.decide(at, receipt, None, Spends::default()),
                debt: Points::ZERO,
                cashback_debt: Amount::ZERO,
                issued: Vec::new(),
                used_by_rules: Vec::new(),
                referrer: None,
                returned: BTreeMap::new(),
                undone: UndoneSoFar::default(),
                cashback_undone: UndoneSoFar::default(),
                withdrawn: BTreeSet::new(),
            },
            Some(member) => self.sell_to(member, at, day, receipt),
        };
        for used in &sold.decision.shared {
            self.shared_uses.add(&used.counter, day, used.by);
        }
        self.outcome.sales += sold.decision.totals.gross;
        self.outcome.discount += sold.decision.totals.discount;
        self.outcome.redeemed += sold.decision.totals.redeemed;
        if self.come_back.contains(&place) {
            self.sold.insert(place, sold);
        }
    }

    fn sell_to(
        &mut self,
        name: MemberRef,
        at: DateTime<Utc>,
        day: NaiveDate,
        receipt: &'a LoggedReceipt,
    ) -> Sold<'a> {
        self.outcome.receipts_of_members += 1;
        let mut member = self.members.remove(&name).unwrap_or_else(|| Member::new(day));
        let vouchers = match self.assumptions.vouchers {
            VoucherUse::Never => BTreeMap::new(),
            VoucherUse::Whenever => member.wallet.usable_on(day),
        };
        let referral = receipt.referral.map(|referral| self.referral(name, referral));
        let customer = Customer { account: &member.account, vouchers: &vouchers, referral };
        let spends = self.spend_on(at, receipt, customer);
        let decision = self.decide(at, receipt, Some(customer), spends);
        let (debt, cashback_debt) = (member.account.debt(), member.account.cashback().debt);
        member.wallet.note_used(self.evaluator.programme(), &decision.applied);
        let issued = self.hand_out(&mut member.wallet, &decision);
        let points = decision.points.as_ref().expect("a member's decision has points");
        let entry = self.entry(at, day, points.change(decision.totals.payable));
        member.account.apply(&entry);
        member.purchases += 1;
        let days = (day - member.first_day).num_days().try_into().unwrap_or_default();
        let moment = Moment { days, purchase: member.purchases };
        self.rewards.note(&mut member.reached, &decision, moment);
        self.members.insert(name, member);
        let referrer = self.reward_referrer(at, day, name, receipt, &decision);
        Sold {
            at,
            day,
            member: Some(name),
            basket: &receipt.basket,
            used_by_rules: of_rules(&decision),
            decision,
            debt,
            cashback_debt,
            issued,
            referrer,
            returned: BTreeMap::new(),
            undone: UndoneSoFar::default(),
            cashback_undone: UndoneSoFar::default(),
            withdrawn: BTreeSet::new(),
        }
    }

    /// Who referred a member, as the core sees it.
    fn referral(&self, newcomer: MemberRef, referral: LoggedReferral) -> Referral<'_> {
        match referral {
            LoggedReferral::By(name) if name == newcomer => Referral::OwnAccount,
            LoggedReferral::By(name) => self.members.get(&name).map_or(Referral::Unknown, |by| {
                Referral::By(Referrer { flags: &self.flags, account: &by.account })
            }),
            LoggedReferral::Unknown => Referral::Unknown,
        }
    }

    /// Gives the one who referred a newcomer their half.
    fn reward_referrer(
        &mut self,
        at: DateTime<Utc>,
        day: NaiveDate,
        newcomer: MemberRef,
        receipt: &LoggedReceipt,
        decision: &Decision,
    ) -> Option<(MemberRef, ReferrerGain)> {
        let Some(LoggedReferral::By(name)) = receipt.referral else { return None };
        let by = self.members.get(&name).filter(|_| name != newcomer)?;
        let referrer = Referrer { flags: &self.flags, account: &by.account };
        let earned_by = &decision.points.as_ref()?.earned_by;
        let programme = self.evaluator.programme();
        let gain = programme.referrer_gain(earned_by, &referrer, day)?;
        self.adjust(at, name, gain.points, (day, gain.counted.clone()));
        Some((name, gain))
    }

    fn adjust(
        &mut self,
        at: DateTime<Utc>,
        name: MemberRef,
        points: Points,
        counted: (NaiveDate, Vec<Counted>),
    ) {
        let programme = self.evaluator.programme();
        let day = programme.day_of(at);
        let expires = programme.lot_of_adjustment(day);
        let counted = Some(counted).filter(|(_, counted)| !counted.is_empty());
        let entry = self.entry(at, day, Change::of_points(points, expires).counting(counted));
        if let Some(member) = self.members.get_mut(&name) {
            member.account.apply(&entry);
        }
    }

    /// Gives what the decision hands out.
    fn hand_out(&mut self, wallet: &mut Wallet, decision: &Decision) -> Vec<Issued> {
        let mut handed_out = Vec::new();
        for issue in decision.points.iter().flat_map(|points| &points.issues) {
            handed_out.extend(issue.hand_out(|_, _| self.handed_out.next_code()));
        }
        for issued in &handed_out {
            self.handed_out.note(issued);
            wallet.add(issued);
        }
        handed_out
    }

    /// All that may be spent on the basket, where anything may.
    fn spend_on(
        &self,
        at: DateTime<Utc>,
        receipt: &LoggedReceipt,
        customer: Customer<'_>,
    ) -> Spends {
        let programme = self.evaluator.programme();
        let policy = programme.redemption.as_ref();
        // Until the decision looks at them points only lapse, or are pending no longer: this leaves
        // out nobody.
        let account = customer.account;
        let points = account.balance() + account.points().pending.values().copied().sum();
        let holds = policy.is_some_and(|policy| points >= reached::spendable_from(policy));
        let cashback = account.cashback();
        let has_cashback = programme.cashback.is_some()
            && !(cashback.lots.is_empty() && cashback.pending.is_empty());
        if self.assumptions.spending == Spending::Never || !(holds || has_cashback) {
            return Spends::default();
        }
        let decision = self.decide(at, receipt, Some(customer), Spends::default());
        let redeemable = decision.points.and_then(|points| points.redeemable);
        let points = redeemable.filter(|_| holds).map(|may| may.points_max);
        let mut spends = Spends {
            points: points.map_or(RequestedSpend::Keep, RequestedSpend::Exactly),
            ..Spends::default()
        };
        if has_cashback {
            let decision = self.decide(at, receipt, Some(customer), spends);
            let cashback = decision.points.and_then(|points| points.cashback);
            spends.cashback = cashback.and_then(|may| may.spendable).unwrap_or_default();
        }
        spends
    }

    fn decide(
        &self,
        at: DateTime<Utc>,
        receipt: &LoggedReceipt,
        customer: Option<Customer<'_>>,
        spends: Spends,
    ) -> Decision {
        let (nothing, coupons_used) = Default::default();
        let vouchers = customer.map_or(&nothing, |customer| customer.vouchers);
        let shopper = customer.map(|customer| Shopper {
            // One member an account: whose is its own.
            member: MemberRef::from_bytes([0; 16]),
            flags: &self.flags,
            birthday: None,
            account: customer.account,
            strength: Some(Strength::Token),
            held: Points::ZERO,
            held_cashback: Amount::ZERO,
            offline_cap: SpendingCap::NONE,
            referral: customer.referral,
            personal: &NOTHING_PERSONAL,
            kind: AccountKind::Person,
            role: None,
        });
        let occasion = Occasion {
            now: at,
            store: self.store,
            shopper,
            vouchers,
            coupons_used: &coupons_used,
            shared_uses: SharedUses::Within(&self.shared_uses),
            draws: &self.draws(),
            explain: Explain::Relevant,
        };
        let asked = receipt.basket.benefits();
        // What codes and coupons a customer brings does not depend on the programme.
        let (codes, coupons) = (asked.codes.clone(), asked.coupons.clone());
        let vouchers = vouchers.keys().cloned().collect();
        let (spend, cashback) = (spends.points, spends.cashback);
        let benefits = RequestedBenefits {
            vouchers,
            codes,
            coupons,
            spend,
            cashback,
            ..RequestedBenefits::default()
        };
        if *asked == benefits {
            return self.evaluator.decide(&receipt.basket, &occasion);
        }
        let mut basket = Basket::parse(receipt.basket.lines().to_vec(), benefits)
            .expect("lines of a basket make one, and no decision offers more points than fit");
        basket.note_tax(receipt.basket.tax());
        self.evaluator.decide(&basket, &occasion)
    }

    /// Draws such that every rule with a chance wins as often as it should, on receipts that lie
    /// evenly: a simulation with luck in it could not be compared with another.
    fn draws(&self) -> Draws {
        let number = DrawnNumber::of_bits(self.outcome.receipts.wrapping_mul(DRAW_STEP));
        let surprises = self.evaluator.programme().earn.iter();
        let surprises = surprises.filter(|rule| rule.chance.is_some());
        surprises.map(|rule| (rule.id.clone(), number)).collect()
    }

    fn take_back(&mut self, at: DateTime<Utc>, back: &LoggedReturn) {
        let programme = self.evaluator.programme();
        let day = programme.day_of(at);
        self.outcome.returns += 1;
        self.outcome.last_day = Some(day);
        let Some(mut sold) = self.sold.remove(&back.of) else { return };
        let mut member = sold.member.and_then(|name| self.members.remove(&name));
        let before = sold.gone();
        let issues = sold.issues(member.as_ref().map(|member| &member.wallet));
        let receipt = sold.receipt(self.store, &self.flags, programme.prices.tax, &issues);
        let outcome = match &back.back {
            BackGoods::Everything => {
                Ok(self.evaluator.take_back_the_rest(&receipt, &sold.returned))
            }
            BackGoods::Units(lines) => self.evaluator.take_back(&receipt, &sold.returned, lines),
        };
        let outcome = outcome.map(|mut outcome| {
            if let (Some(member), Some(points), Some(change)) =
                (&member, &receipt.points, &mut outcome.change)
            {
                let terms = programme.entry_terms();
                let undone = (change, &outcome.lots_back);
                programme.claw_back.settle(undone, points, &member.account, day, terms);
            }
            outcome
        });
        match outcome {
            Err(_) => self.outcome.returns_impossible += 1,
            Ok(outcome) => {
                for used in &outcome.shared {
                    self.shared_uses.add(&used.counter, sold.day, used.by);
                }
                if let (Some(member), Some(change)) = (&mut member, outcome.change) {
                    if let Change::Undo { points, cashback, .. } = &change {
                        sold.undone.add(points);
                        sold.cashback_undone.add(cashback);
                    }
                    let entry = self.entry(at, day, change);
                    member.account.apply(&entry);
                    self.withdraw(&mut sold, &mut member.wallet, outcome.withdrawn);
                }
                sold.returned = outcome.returned;
                let after = sold.gone();
                self.outcome.sales -= after.gross - before.gross;
                self.outcome.discount -= after.discount - before.discount;
                self.outcome.redeemed -= after.redeemed - before.redeemed;
                self.outcome.refunded += outcome.refund;
                if outcome.remaining == RemainingSale::Nothing {
                    self.nothing_left(at, &mut sold, member.as_mut());
                }
            }
        }
        if let (Some(name), Some(member)) = (sold.member, member) {
            self.members.insert(name, member);
        }
        self.sold.insert(back.of, sold);
    }

    fn withdraw(&mut self, sold: &mut Sold<'_>, wallet: &mut Wallet, codes: Vec<VoucherId>) {
        for code in codes {
            let issued = sold.issued.iter().find(|issued| issued.code == code);
            issued.into_iter().for_each(|issued| self.handed_out.note_withdrawn(issued));
            wallet.note_withdrawn(&code);
            sold.withdrawn.insert(code);
        }
    }

    /// What a sale used is free again, and whoever referred its customer has no part in it.
    fn nothing_left(
        &mut self,
        at: DateTime<Utc>,
        sold: &mut Sold<'_>,
        member: Option<&mut Member>,
    ) {
        let used = std::mem::take(&mut sold.decision.shared);
        for used in used.iter().filter(|used| used.counter.is_of_offer()) {
            self.shared_uses.add(&used.counter, sold.day, -used.by);
        }
        if let Some(member) = member {
            member.wallet.note_freed(&sold.decision.applied);
        }
        if let Some((name, gain)) = sold.referrer.take() {
            let taken = |counted: Counted| Counted { by: -counted.by, ..counted };
            let counted = gain.counted.into_iter().map(taken).collect();
            self.adjust(at, name, -gain.points, (sold.day, counted));
        }
    }

    fn entry(&mut self, at: DateTime<Utc>, day: NaiveDate, change: Change) -> Entry {
        self.sequence += 1;
        Entry {
            key: EntryKey {
                effective_at: at,
                device: DeviceId::from_bytes([0; 16]),
                epoch: 1,
                sequence: self.sequence,
            },
            day,
            terms: self.evaluator.programme().entry_terms(),
            change,
        }
    }

    fn conclude(self) -> SimulationOutcome {
        let Self { evaluator, mut members, rewards, mut outcome, handed_out, .. } = self;
        let programme = evaluator.programme();
        let policy = programme.redemption.as_ref();
        let mut spendable = policy.map(|_| Amount::ZERO);
        outcome.members = members.len() as u64;
        outcome.cashback = programme.cashback.as_ref().map(|_| CashbackSums::default());
        for member in members.values_mut() {
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
            outcome.points_of_referrers += totals.adjusted;
            outcome.points_spent += totals.spent;
            outcome.points_restored += totals.restored;
            outcome.points_taken_back += totals.clawed_back;
            outcome.points_expired += totals.expired;
            outcome.points_outstanding += balance + pending;
            outcome.points_owed += member.account.debt();
            if let Some(policy) = policy.filter(|p| balance >= reached::spendable_from(p)) {
                spendable = spendable
                    .zip(reached::worth(policy, balance))
                    .map(|(before, worth)| before + worth);
            }
        }
        let outstanding = outcome.points_outstanding;
        outcome.outstanding_worth = policy.and_then(|policy| reached::worth(policy, outstanding));
        outcome.spendable_worth = spendable;
        let wallets = members.values().map(|member| &member.wallet);
        outcome.vouchers = vouchers_of(programme, wallets, outcome.last_day);
        outcome.entries = handed_out.into_entries();
        let rewards = rewards.conclude();
        let idle = |reached: &reached::RewardReached| {
            matches!(reached.reward, RewardName::Offer(_)) && reached.members == 0
        };
        outcome.offers_never_applied =
            rewards.iter().filter(|reached| idle(reached)).count() as u64;
        outcome.rewards = rewards.into_iter().filter(|reached| !idle(reached)).collect();
        outcome
    }
}

impl Member {
    fn new(first_day: NaiveDate) -> Self {
        Self {
            account: Account::default(),
            first_day,
            purchases: 0,
            reached: ReachedByMember::new(),
            wallet: Wallet::default(),
        }
    }
}

/// What earning rules used of limits over all customers.
fn of_rules(decision: &Decision) -> Vec<Counted> {
    decision.shared.iter().filter(|used| !used.counter.is_of_offer()).cloned().collect()
}
