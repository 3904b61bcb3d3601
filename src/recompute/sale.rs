//! A sale computed again.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{Difference, Differences, Differing};
use super::given::Given;
use super::{
    Explained, Explanation, InputDifference, Known, NotRecomputed, Recomputed, check_engine, inputs,
};
use crate::journal::{Flag, Header, MemberPart, RefusalCode, RefusedBenefit, Sale};
use crate::loyalty::{
    Account, Applied, Basket, BasketTax, Benefit, Counter, CounterId, Counters, Decision,
    Evaluator, Explain, Issue, Issued, IssuedBy, Occasion, PersonalOffers, PointsOutcome,
    Programme, Referral, Referrer, RequestedBenefits, RequestedSpend, RewardId, SharedUses,
    Shopper, SpendingCap, Subject, TaxMode, VoucherId, VoucherStanding, VoucherState,
};
use crate::member_code::{Coupon, CouponWorth};
use crate::money::{Amount, Points};

/// Decides a recorded sale again and compares; `evaluator` is of the programme version that the
/// header names, where that is here.
#[must_use]
pub fn sale(
    header: &Header,
    sale: &Sale,
    evaluator: Option<&Evaluator>,
    known: &Known<'_>,
) -> Recomputed {
    if let Err(reason) = check_engine(header) {
        return Recomputed::NotRecomputed(reason);
    }
    let version = header.programme_version;
    let Some(evaluator) = evaluator.filter(|known| known.programme().version == version) else {
        return Recomputed::NotRecomputed(NotRecomputed::ProgrammeUnknown { version });
    };
    let Some(basket) = basket_of(sale) else {
        let reason = NotRecomputed::NotInRecord { what: "a basket that this software takes" };
        return Recomputed::NotRecomputed(reason);
    };
    let scene = Scene::new(header, sale, evaluator, &basket, known);
    let nothing = Account::default();
    let account = known.account.unwrap_or(&nothing);
    let now = scene.decide(account, Points::ZERO);
    if now.differences.is_empty() {
        return scene.agreed(now);
    }
    if scene.agrees_where_limits_are_used_up(account) {
        let what = "how far limits over all customers were used up";
        return Recomputed::NotRecomputed(NotRecomputed::NotInRecord { what });
    }
    let programme = evaluator.programme();
    let inputs = inputs::differences(sale, programme, account, &now.decision);
    let Some(member) = sale.member.as_ref().filter(|_| !inputs.is_empty()) else {
        return scene.parted(inputs, now);
    };
    let day = programme.day_of(sale.decided_at);
    let account = inputs::as_recorded(account, member, programme, day);
    let mut then = scene.decide(&account, Points::ZERO);
    let held = then.decision.points.as_ref().and_then(|points| inputs::held(member, points));
    if let Some(held) = held {
        then = scene.decide(&account, held);
    }
    if then.differences.is_empty() {
        let explained = Box::new(scene.explained(now));
        return Recomputed::InputsDiffer { inputs, explained };
    }
    scene.parted(inputs, then)
}

/// What the device could spend without the hub, where the record says that this was less than was
/// asked for: what was left, and what the sale had taken of it by then.
fn offline_cap(sale: &Sale) -> SpendingCap {
    let mut cap = SpendingCap::NONE;
    for refused in sale.refused.iter().filter(|refused| refused.code == RefusalCode::OfflineLimit) {
        let left = refused.missing.unwrap_or_default();
        let taken: Points = match &refused.subject {
            Subject::Cashback => {
                cap.cashback = Some(Amount::new(left));
                continue;
            }
            Subject::Reward(of) => rewards(sale).filter(|(id, _)| *id <= of).map(|(_, p)| p).sum(),
            _ => rewards(sale).map(|(_, points)| points).sum(),
        };
        cap.points = Some(Points::new(left) + taken);
    }
    cap
}

/// What went for rewards, which go in the order of their ids.
fn rewards(sale: &Sale) -> impl Iterator<Item = (&RewardId, Points)> {
    sale.applied.iter().filter_map(|applied| match &applied.benefit {
        Benefit::Reward { reward, points, .. } => Some((reward, *points)),
        _ => None,
    })
}

/// What is the same however often the sale is decided.
struct Scene<'a> {
    header: &'a Header,
    sale: &'a Sale,
    evaluator: &'a Evaluator,
    basket: &'a Basket,
    known: &'a Known<'a>,
    vouchers: BTreeMap<VoucherId, VoucherState>,
    shared_uses: Counters,
    personal: PersonalOffers,
}

/// A decision, and where the record differs from it.
struct Attempt {
    decision: Decision,
    differences: Vec<Difference>,
}

impl<'a> Scene<'a> {
    fn new(
        header: &'a Header,
        sale: &'a Sale,
        evaluator: &'a Evaluator,
        basket: &'a Basket,
        known: &'a Known<'a>,
    ) -> Self {
        let mut personal = known.personal.clone();
        let carried = sale.member.iter().flat_map(|member| &member.personal);
        personal.extend(carried.map(|one| (one.offer.clone(), one.as_carried.clone())));
        Self {
            header,
            sale,
            evaluator,
            basket,
            known,
            vouchers: vouchers_of(sale, known),
            shared_uses: shared_uses(sale, evaluator.programme(), UsedUp::AsRecorded),
            personal,
        }
    }

    fn decide(&self, account: &Account, held: Points) -> Attempt {
        self.decide_with(account, held, &self.shared_uses)
    }

    /// Whether the record follows where every limit over all customers that it says nothing of was
    /// used up: it keeps the first refusals only.
    fn agrees_where_limits_are_used_up(&self, account: &Account) -> bool {
        let shared_uses = shared_uses(self.sale, self.evaluator.programme(), UsedUp::AllElse);
        let some = shared_uses != self.shared_uses;
        some && self.decide_with(account, Points::ZERO, &shared_uses).differences.is_empty()
    }

    fn decide_with(&self, account: &Account, held: Points, shared_uses: &Counters) -> Attempt {
        let Self { sale, evaluator, basket, .. } = self;
        let shopper = sale.member.as_ref().map(|member| Shopper {
            member: member.member,
            flags: &member.inputs.flags,
            birthday: self.known.birthday,
            kind: member.standing.kind,
            role: member.standing.role,
            account,
            strength: member.strength,
            held,
            held_cashback: Amount::ZERO,
            offline_cap: offline_cap(sale),
            referral: self.referral(member),
            personal: &self.personal,
        });
        let beyond = sale.flags.contains(&Flag::SharedLimitExceeded);
        let occasion = Occasion {
            now: sale.decided_at,
            store: &self.header.store,
            shopper,
            vouchers: &self.vouchers,
            coupons_used: &BTreeSet::new(),
            shared_uses: if beyond {
                SharedUses::Beyond(shared_uses)
            } else {
                SharedUses::Within(shared_uses)
            },
            draws: &sale.draws,
            explain: Explain::Relevant,
        };
        let decision = evaluator.decide(basket, &occasion);
        if !given_otherwise(sale) {
            let differences = differences(sale, &decision);
            return Attempt { decision, differences };
        }
        let given = Given::of(sale, evaluator.programme());
        let as_given = evaluator.decide_as_given(basket, &occasion, &given.as_given());
        let differences = differences(sale, &as_given);
        Attempt { decision, differences }
    }

    fn referral(&self, member: &MemberPart) -> Option<Referral<'a>> {
        let part = member.referral.as_ref()?;
        let known = self.known.referrer.filter(|_| part.referrer.is_some());
        Some(match known {
            None => Referral::Unknown,
            Some(by) if by.account_ref == member.account => Referral::OwnAccount,
            Some(by) => Referral::By(Referrer { flags: by.flags, account: by.account }),
        })
    }

    /// What is said where the record follows from what is known now.
    fn agreed(&self, attempt: Attempt) -> Recomputed {
        if !given_otherwise(self.sale) {
            return Recomputed::Same;
        }
        let differences = differences(self.sale, &attempt.decision);
        let explained = self.explained(Attempt { differences, ..attempt });
        Recomputed::GivenOtherwise { explained: Box::new(explained) }
    }

    /// What is said where it does not: something that no record says may be the reason.
    fn parted(&self, inputs: Vec<InputDifference>, attempt: Attempt) -> Recomputed {
        if let Some(what) = self.not_in_record() {
            return Recomputed::NotRecomputed(NotRecomputed::NotInRecord { what });
        }
        Recomputed::Different { inputs, explained: Box::new(self.explained(attempt)) }
    }

    fn explained(&self, attempt: Attempt) -> Explained {
        let Attempt { decision, differences } = attempt;
        let recorded = Explanation {
            payable: self.sale.payable,
            applied: self.sale.applied.clone(),
            earned_by: self.sale.member.iter().flat_map(|m| m.earned_by.clone()).collect(),
            refused: self.sale.refused.clone(),
        };
        let computed = Explanation {
            payable: decision.totals.payable,
            applied: decision.applied,
            earned_by: decision.points.map(|points| points.earned_by).unwrap_or_default(),
            refused: decision.refused.iter().map(RefusedBenefit::of).collect(),
        };
        Explained { recorded, computed, differences }
    }

    fn not_in_record(&self) -> Option<&'static str> {
        let programme = self.evaluator.programme();
        let coupon = |applied: &Applied| match &applied.benefit {
            Benefit::Coupon { offer, .. } => programme
                .offer(offer)
                .is_some_and(|offer| matches!(offer.reward, crate::loyalty::Reward::CouponValue)),
            _ => false,
        };
        if self.sale.applied.iter().any(coupon) {
            return Some("what a coupon says that it is worth");
        }
        let member = self.sale.member.as_ref()?;
        let of_birthday = programme
            .earn
            .iter()
            .map(|rule| &rule.conditions)
            .chain(programme.offers.iter().map(|offer| &offer.conditions))
            .any(|conditions| conditions.audience.birthday.is_some());
        if self.known.birthday.is_none() && of_birthday {
            return Some("the member's birthday");
        }
        let referred = member.referral.as_ref().is_some_and(|part| part.referrer.is_some());
        (referred && self.known.referrer.is_none()).then_some("who referred the member")
    }
}

/// Whether the till's own figures count.
fn given_otherwise(sale: &Sale) -> bool {
    let flags = [Flag::DiscountDiffers, Flag::RewardNotDue];
    flags.iter().any(|flag| sale.flags.contains(flag))
}

/// The basket as the till sent it, as far as the record says; what came to nothing is left out.
fn basket_of(sale: &Sale) -> Option<Basket> {
    let mut benefits =
        RequestedBenefits { codes: sale.offer_codes.clone(), ..RequestedBenefits::default() };
    let mut gifts = crate::loyalty::Gifts::new();
    for Applied { benefit, amount, .. } in &sale.applied {
        match benefit {
            Benefit::Voucher { voucher, .. } => drop(benefits.vouchers.insert(voucher.clone())),
            Benefit::Coupon { number, .. } => {
                // What the coupon said is not recorded: what it gave is the best guess.
                let (decimals, value) = (sale.currency.exponent(), amount.value().unsigned_abs());
                let worth = Some(CouponWorth::Amount { value, decimals });
                let coupon = Coupon { number: number.clone(), worth, expires_on: None };
                benefits.coupons.insert(number.clone(), coupon);
            }
            Benefit::Points(points) => benefits.spend = RequestedSpend::Exactly(*points),
            Benefit::Cashback => benefits.cashback = *amount,
            Benefit::Reward { reward, times, .. } => {
                benefits.rewards.insert(reward.clone(), *times);
            }
            Benefit::Gift { offer, times } => drop(gifts.insert(offer.clone(), *times)),
            Benefit::Offer(_) | Benefit::Till => {}
        }
    }
    benefits.gifts = Some(gifts);
    let lines = sale.lines.iter().map(|sold| sold.line.clone()).collect();
    let mut basket = Basket::parse(lines, benefits).ok()?;
    let charged = match sale.tax {
        TaxMode::Included => None,
        TaxMode::Added => Some(sale.lines.iter().map(|sold| sold.tax).sum()),
    };
    basket.note_tax(BasketTax { mode: Some(sale.tax), charged });
    basket.note_shown(sale.reactions.iter().map(|reaction| reaction.offer.clone()).collect());
    Some(basket)
}

/// The vouchers that the record says were good: whether others used them too is no question of
/// what this till decided.
fn vouchers_of(sale: &Sale, known: &Known<'_>) -> BTreeMap<VoucherId, VoucherState> {
    let voucher = |applied: &Applied| {
        let Benefit::Voucher { voucher, voucher_type } = &applied.benefit else { return None };
        let dates = known.vouchers.get(voucher);
        let state = VoucherState {
            voucher_type: voucher_type.clone(),
            standing: VoucherStanding::Usable,
            valid_from: dates.and_then(|known| known.valid_from),
            valid_until: dates.and_then(|known| known.valid_until),
        };
        Some((voucher.clone(), state))
    };
    sale.applied.iter().filter_map(voucher).collect()
}

/// Which limits over all customers count as used up beside what the record used of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UsedUp {
    /// Those that the record says were.
    AsRecorded,
    /// All of which it used nothing.
    AllElse,
}

/// What all customers had used, by the record: what it found before where it used more, and all
/// there is where it says that it found nothing left.
fn shared_uses(sale: &Sale, programme: &Programme, which: UsedUp) -> Counters {
    let day = programme.day_of(sale.decided_at);
    let on_day = |count: i64| Counter { earlier: 0, days: BTreeMap::from([(day, count)]) };
    let refused = |wanted: Subject| {
        let is_it = |refused: &RefusedBenefit| {
            refused.subject == wanted && refused.code == RefusalCode::SharedLimitReached
        };
        which == UsedUp::AllElse || sale.refused.iter().any(is_it)
    };
    let of_offers = programme.offers.iter().flat_map(|offer| {
        let refused = !offer.shared_limits.is_empty() && refused(Subject::Offer(offer.id.clone()));
        let limits = offer.shared_limits.iter().filter(move |_| refused);
        limits.map(|limit| limit.counter(&offer.id))
    });
    let of_rules = programme.earn.iter().flat_map(|rule| {
        let refused = !rule.shared_limits.is_empty() && refused(Subject::Rule(rule.id.clone()));
        let limits = rule.shared_limits.iter().filter(move |_| refused);
        limits.map(|limit| limit.counter_of_rule(&rule.id))
    });
    let mut uses: BTreeMap<CounterId, Counter> =
        of_offers.chain(of_rules).map(|counter| (counter, on_day(i64::MAX))).collect();
    uses.extend(sale.shared.iter().map(|used| (used.counter.clone(), on_day(used.before))));
    Counters::from_parts(uses)
}

/// Where a record and a decision differ.
fn differences(sale: &Sale, computed: &Decision) -> Vec<Difference> {
    let mut found = Differences::default();
    for (sold, line) in sale.lines.iter().zip(&computed.lines) {
        let id = || line.line_id.clone();
        found.amount(Differing::LineDiscount(id()), sold.discount, line.discount);
        found.amount(Differing::LineRedeemed(id()), sold.redeemed, line.redeemed);
        found.amount(Differing::LineTax(id()), sold.tax, line.tax);
    }
    found.amount(Differing::Payable, sale.payable, computed.totals.payable);
    found.benefits(&put_down(&sale.applied, sale), &computed.applied);
    let gifts = sale.applied.iter().filter_map(|applied| match &applied.benefit {
        Benefit::Gift { offer, times } => Some((offer, *times)),
        _ => None,
    });
    for (offer, times) in gifts.filter(|_| !sale.flags.contains(&Flag::GiftNotDue)) {
        let due = computed.gifts_due.get(offer).copied().unwrap_or_default();
        if times > due && !given_otherwise(sale) {
            let at = Differing::Benefit(Benefit::Gift { offer: offer.clone(), times });
            found.number(at, times.into(), due.into());
        }
    }
    found.shared(&sale.shared, &computed.shared);
    match (&sale.member, &computed.points) {
        (Some(member), Some(points)) => of_account(member, points, computed, &mut found),
        (None, None) => {}
        (member, points) => found.term("member", &member.is_some(), &points.is_some()),
    }
    found.0
}

/// What a record puts benefits down to. Where the till's own figures count, vouchers and coupons
/// that it took are named beside them and are worth nothing of themselves.
fn put_down(applied: &[Applied], sale: &Sale) -> Vec<Applied> {
    let taken = |applied: &&Applied| {
        let is_code = matches!(applied.benefit, Benefit::Voucher { .. } | Benefit::Coupon { .. });
        !(is_code && applied.amount.is_zero() && given_otherwise(sale))
    };
    applied.iter().filter(taken).cloned().collect()
}

fn of_account(
    member: &MemberPart,
    points: &PointsOutcome,
    computed: &Decision,
    found: &mut Differences,
) {
    let sum = Differing::Sum;
    found.number(sum("earned"), member.earned.value(), points.earned.value());
    found.rules(&member.earned_by, &points.earned_by);
    found.term("expires", &member.expires, &points.earned_expires);
    found.number(sum("spent"), member.spent.value(), points.spent.value());
    found.term("spent_from", &member.spent_from, &points.spent_from);
    let converted = [&member.converted, &points.converted].map(|side| side.points().value());
    found.number(sum("converted"), converted[0], converted[1]);
    found.term("converted_from", &member.converted.from, &points.converted.from);
    found.counted(&member.counted, &points.counted);
    found.issued(&handed_out(&member.issued), &due(&points.issues));
    let tier = computed.tier.as_ref().map(|tier| &tier.after);
    found.term("tier_after", &member.tier_after.as_ref(), &tier);
    let (recorded, computed) = (member.cashback.as_ref(), points.cashback.as_ref());
    let of_record = recorded.map(|part| (part.earned, part.spent)).unwrap_or_default();
    let gained = computed.map(|part| &part.gained);
    let of_now = gained.map(|part| (part.earned, part.spent)).unwrap_or_default();
    found.amount(sum("cashback_earned"), of_record.0, of_now.0);
    found.amount(sum("cashback_spent"), of_record.1, of_now.1);
    if let Some((recorded, computed)) = recorded.zip(computed) {
        found.term("cashback_expires", &recorded.expires, &computed.gained.expires);
        found.term("cashback_spent_from", &recorded.spent_from, &computed.spent_from);
    }
}

/// How many were handed out by what.
pub(super) fn handed_out(issued: &[Issued]) -> BTreeMap<IssuedBy, i64> {
    let mut counts = BTreeMap::new();
    for issued in issued {
        *counts.entry(issued.by.clone()).or_insert(0) += 1;
    }
    counts
}

/// How many are due by what.
pub(super) fn due(issues: &[Issue]) -> BTreeMap<IssuedBy, i64> {
    let mut counts = BTreeMap::new();
    for issue in issues {
        *counts.entry(issue.by.clone()).or_insert(0) += i64::from(issue.count);
    }
    counts
}
