//! From basket to decision, in the fixed order of the stages.
//!
//! `slate` holds the lines while benefits are taken off them; `offers` (in the turns of `rounds`,
//! those on units with the help of `units`), `vouchers` and `redemption` take, `gifts` hands out;
//! `accrual` gives points on what is left, `settle` says what becomes of the account; `promotions`
//! chooses what is said of it all. Where a till gave otherwise, `given` takes that instead. The result
//! does not depend on the order of lines or offers: lines are worked on by id, offers by priority and
//! id.

mod accrual;
mod ahead;
mod budget;
mod called;
mod cashback;
mod catalogue;
mod conversion;
mod cost;
mod dearest;
mod gifts;
mod given;
mod history;
mod index;
mod occasion;
mod offers;
mod personal;
mod promotions;
mod redemption;
mod rounds;
mod settle;
mod slate;
mod this_sale;
mod units;
mod uses;
mod vouchers;

#[cfg(test)]
mod called_tests;
#[cfg(test)]
mod cashback_tests;
#[cfg(test)]
mod catalogue_tests;
#[cfg(test)]
mod conversion_tests;
#[cfg(test)]
mod earning_tests;
#[cfg(test)]
pub(crate) mod examples;
#[cfg(test)]
mod gift_tests;
#[cfg(test)]
mod mechanics;
#[cfg(test)]
mod offline_tests;
#[cfg(test)]
mod personal_tests;
#[cfg(test)]
mod promotion_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod redemption_tests;
#[cfg(test)]
mod shared_tests;
#[cfg(test)]
mod surprise_tests;
#[cfg(test)]
mod switch_tests;
#[cfg(test)]
mod tax_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod voucher_tests;
#[cfg(test)]
mod work_tests;

pub use accrual::POINTS_PER_RECEIPT_MAX;
pub use cost::{LOOKS_PER_LINE_MAX, LineCost};
pub use given::{GivenByTill, GivenReward};
pub use rounds::LOOKS_ANEW_MAX;
pub use slate::ALLOCATIONS_MAX;

pub(crate) use accrual::{AccrualLine, EarnCircumstances, Earning, earn};
pub use budget::Budgets;
pub(crate) use conversion::{Conversions, convert};
pub(crate) use history::{History, PastOfSale};
pub use occasion::{Explain, Occasion, SharedUses, Shopper, VoucherStanding, VoucherState};

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use self::index::OfferIndex;
use self::slate::Slate;
use super::account::Account;
use super::basket::Basket;
use super::chance::Draws;
use super::counter::{Counted, CounterId};
use super::decision::{
    Applied, Decision, LineOutcome, Reason, Redeemable, Refusal, RewardOption, Totals,
};
use super::entry::EntryTerms;
use super::gain::EarnedBy;
use super::gifts::Gifts;
use super::ids::{GreetingId, OfferId, TierId, VoucherId};
use super::personal::CarriedOffer;
use super::programme::{Programme, Tier};
use super::promotion::Promotion;
use super::purse::Unit;
use super::shared_limit::CountedDays;
use super::tax::{TaxMode, TaxSum, TaxedLine, tendered};
use crate::member_code::CouponNumber;
use crate::money::{Amount, Points};

/// A programme made ready for deciding: its offers are indexed by what they cover.
#[derive(Clone, Debug)]
pub struct Evaluator {
    programme: Programme,
    index: OfferIndex,
    /// What entries carry of the programme; the same for all.
    terms: EntryTerms,
    /// Places of the offers with limits over all customers.
    shared: Vec<usize>,
}

impl Evaluator {
    /// Indexes a programme.
    #[must_use]
    pub fn new(programme: Programme) -> Self {
        let index = OfferIndex::build(&programme.offers);
        let terms = programme.entry_terms();
        let offers = programme.offers.iter().enumerate();
        let shared = offers.filter(|(_, offer)| !offer.shared_limits.is_empty());
        let shared = shared.map(|(at, _)| at).collect();
        Self { programme, index, terms, shared }
    }

    /// What folding an entry needs of the programme.
    #[must_use]
    pub fn entry_terms(&self) -> EntryTerms {
        self.terms
    }

    /// What limits over all customers look at for a basket, so that it can be read beforehand:
    /// offers on none of its goods are left out.
    #[must_use]
    pub fn shared_counters_for(
        &self,
        basket: &Basket,
        today: NaiveDate,
    ) -> BTreeMap<CounterId, CountedDays> {
        let limited = self.shared.iter().map(|&at| &self.programme.offers[at]);
        let about = limited.filter(|offer| basket.lines().iter().any(|line| offer.covers(line)));
        self.programme.shared_counters_of(about, today)
    }

    /// The programme.
    #[must_use]
    pub fn programme(&self) -> &Programme {
        &self.programme
    }

    /// What is said unasked to a shopper who has no basket yet.
    #[must_use]
    pub fn greet(&self, occasion: &Occasion<'_>) -> Vec<Promotion> {
        let nothing = Basket::default();
        let work = Work::new(self, &nothing, occasion);
        promotions::select(&work, work.account.as_ref(), promotions::greetings(&work), &[])
    }

    /// The offers that a shopper carries and that count now, the best first.
    #[must_use]
    pub fn carried_now(&self, occasion: &Occasion<'_>) -> Vec<OfferId> {
        let nothing = Basket::default();
        let work = Work::new(self, &nothing, occasion);
        personal::counting(&work)
    }

    /// Decides a basket. Pure: the same arguments always give the same decision.
    #[must_use]
    pub fn decide(&self, basket: &Basket, occasion: &Occasion<'_>) -> Decision {
        self.decide_counting(basket, occasion).0
    }

    /// The decision, and how often it looked at a heap of equal goods.
    fn decide_counting(&self, basket: &Basket, occasion: &Occasion<'_>) -> (Decision, u64) {
        let mut work = Work::new(self, basket, occasion);
        let gifts = offers::apply(&mut work, &self.index);
        vouchers::apply(&mut work);
        gifts::apply(&mut work, &gifts);
        catalogue::apply(&mut work);
        let redeemable = redemption::apply(&mut work);
        let spendable = Spendable { points: redeemable, cashback: cashback::apply(&mut work) };
        let options = catalogue::options(&work);
        let looks = work.slate.looks();
        (work.conclude(spendable, options), looks)
    }

    /// Whether a voucher may be used by this shopper, here and now, as far as that is known without a
    /// basket: its kind's products and minimum are not looked at.
    ///
    /// # Errors
    /// Why not.
    pub fn check_voucher(
        &self,
        voucher: &VoucherId,
        occasion: &Occasion<'_>,
    ) -> Result<(), Reason> {
        let basket = Basket::default();
        vouchers::check(&Work::new(self, &basket, occasion), voucher).map(drop)
    }

    /// The offer that a coupon calls for, where the programme has one.
    #[must_use]
    pub fn offer_of_coupon(&self, number: &CouponNumber) -> Option<&OfferId> {
        called::offer_of(&self.programme.offers, number)
    }

    /// What an account becomes when the till's own figures count instead of the decision's: the
    /// discount that was given on each line, in basket order, and the points that were spent.
    #[must_use]
    pub fn decide_as_given(
        &self,
        basket: &Basket,
        occasion: &Occasion<'_>,
        given: &GivenByTill<'_>,
    ) -> Decision {
        let mut work = Work::new(self, basket, occasion);
        work.take_as_given(given);
        work.conclude(Spendable::default(), Vec::new())
    }
}

/// What the rules of one receipt gave together.
pub(crate) fn earned_by<U: Unit>(rules: &[EarnedBy]) -> U {
    EarnedBy::sum::<U>(rules).bounded()
}

/// The most that could be spent on the basket.
#[derive(Default)]
struct Spendable {
    points: Option<Redeemable>,
    cashback: Option<Amount>,
}

/// What could be said unasked beside what is refused.
struct Unasked<'u> {
    greetings: Vec<GreetingId>,
    rewards: &'u [RewardOption],
}

/// A decision in the making.
struct Work<'a> {
    programme: &'a Programme,
    terms: EntryTerms,
    occasion: &'a Occasion<'a>,
    basket: &'a Basket,
    today: NaiveDate,
    local: NaiveDateTime,
    /// The account with lapsed points gone.
    account: Option<Account>,
    tier: Option<&'a Tier>,
    slate: Slate<'a>,
    applied: Vec<Applied>,
    refused: Vec<Refusal>,
    spent: Points,
    /// Cashback spent.
    cashback_spent: Amount,
    /// Uses of offers with limits.
    counted: Vec<Counted>,
    /// Whether the prices have their tax inside.
    tax: TaxMode,
    /// The tax that the till added, where it says so.
    tax_charged: Option<Amount>,
    /// Uses of offers and rules with limits over all customers.
    shared: Vec<Counted>,
    /// Personal offers that were looked at, by offer.
    personal: Vec<CarriedOffer>,
    gifts_due: Gifts,
    /// What was said unasked, where that was decided before.
    told: Option<Vec<Promotion>>,
    draws: Draws,
}

/// A decision before its first offer.
struct Mark<'a> {
    slate: Slate<'a>,
    refused: usize,
}

impl<'a> Work<'a> {
    fn new(evaluator: &'a Evaluator, basket: &'a Basket, occasion: &'a Occasion<'a>) -> Self {
        let programme = &evaluator.programme;
        let local = occasion.now.with_timezone(&programme.zone).naive_local();
        let account = occasion.shopper.as_ref().map(|shopper| {
            let mut account = shopper.account.clone();
            account.settle_expiry(local.date(), programme.expiries());
            account
        });
        let tier = account.as_ref().and_then(|account| account.tier(programme, local.date()));
        Self {
            tier: tier.map(|(tier, _)| tier),
            programme,
            terms: evaluator.terms,
            occasion,
            basket,
            today: local.date(),
            local,
            account,
            slate: Slate::new(basket, programme),
            applied: Vec::new(),
            refused: Vec::new(),
            spent: Points::ZERO,
            cashback_spent: Amount::ZERO,
            counted: Vec::new(),
            tax: basket.tax().mode.unwrap_or(programme.prices.tax),
            tax_charged: basket.tax().charged,
            shared: Vec::new(),
            personal: Vec::new(),
            gifts_due: Gifts::new(),
            told: None,
            draws: Draws::new(),
        }
    }

    /// Where offers begin, to be gone back to.
    fn mark(&self) -> Mark<'a> {
        Mark { slate: self.slate.clone(), refused: self.refused.len() }
    }

    /// Forgets everything that offers did since.
    fn back_to(&mut self, mark: &Mark<'a>) {
        self.slate.look(self.slate.heaps().len());
        let looks = self.slate.looks();
        self.slate = mark.slate.clone();
        self.slate.look_as_before(looks);
        self.refused.truncate(mark.refused);
        self.applied.clear();
        self.counted.clear();
        self.shared.clear();
    }

    /// The tier that benefits are decided for: the one before this sale.
    fn tier_id(&self) -> Option<&'a TierId> {
        self.tier.map(|tier| &tier.id)
    }

    fn conclude(mut self, spendable: Spendable, rewards: Vec<RewardOption>) -> Decision {
        let mut lines = self.slate.outcomes();
        let (taxes, tax_due) = self.add_tax(&mut lines);
        let announced = self.programme.announced_on(&self.applied);
        for line in &mut lines {
            line.lowest_30d_price =
                line.lowest_30d_price.filter(|_| announced.contains(&line.line_id));
        }
        let totals = Totals {
            gross: lines.iter().map(|line| line.gross).sum(),
            discount: lines.iter().map(|line| line.discount).sum(),
            redeemed: lines.iter().map(|line| line.redeemed).sum(),
            tax: lines.iter().map(|line| line.tax).sum(),
            payable: lines.iter().map(|line| line.net).sum(),
        };
        let unasked = Unasked { greetings: promotions::greetings(&self), rewards: &rewards };
        let (points, tier) = match self.account.take() {
            None => {
                self.say(None, unasked);
                (None, None)
            }
            Some(account) => {
                let (points, tier) = self.settle(&account, totals.payable, spendable, unasked);
                (Some(points), tier)
            }
        };
        self.refused.sort_by(|a, b| a.subject.cmp(&b.subject));
        self.personal.sort_by(|a, b| a.offer.cmp(&b.offer));
        Decision {
            lines,
            applied: self.applied,
            refused: self.refused,
            totals,
            taxes,
            tax_due,
            points,
            tier,
            rewards,
            shared: self.shared,
            personal: self.personal,
            gifts_due: self.gifts_due,
            promotions: self.told.unwrap_or_default(),
            draws: self.draws,
        }
    }

    /// Chooses what is said unasked, unless that was decided before.
    fn say(&mut self, account: Option<&Account>, unasked: Unasked<'_>) {
        let Unasked { greetings, rewards } = unasked;
        if self.told.is_none() {
            self.told = Some(promotions::select(self, account, greetings, rewards));
        }
    }

    /// Adds the tax that comes on top; gives the sums of each rate, and the tax that is due.
    fn add_tax(&self, lines: &mut [LineOutcome]) -> (Vec<TaxSum>, Amount) {
        let tendered = tendered(&self.applied, self.programme);
        let discount = |line: &LineOutcome| {
            let tender = tendered.get(&line.line_id).copied().unwrap_or_default();
            line.discount + line.redeemed - tender
        };
        let sold = self.basket.lines().iter().zip(&*lines);
        let taxed: Vec<_> = sold.map(|(line, out)| (line, line.amount - discount(out))).collect();
        let due = self.tax.added_to(&taxed);
        let tax_due = due.iter().copied().sum();
        let added = match self.tax_charged {
            None => due,
            Some(charged) => self.tax.charged_on(&taxed, due, charged),
        };
        for (line, tax) in lines.iter_mut().zip(added) {
            line.tax = tax;
            line.net += tax;
        }
        let sold = self.basket.lines().iter().zip(&*lines);
        let taxed =
            sold.map(|(line, out)| TaxedLine { line, discount: discount(out), added: out.tax });
        (self.tax.sums(taxed), tax_due)
    }

    /// What earning rules look at beside the lines.
    fn circumstances<'w>(&self, account: &'w Account) -> EarnCircumstances<'w>
    where
        'a: 'w,
    {
        let shopper = self.occasion.shopper.as_ref();
        EarnCircumstances {
            local: self.local,
            store: self.occasion.store,
            tier: self.tier,
            person: shopper.map(|shopper| shopper.person(account.balance())),
            referral: shopper.and_then(|shopper| shopper.referral),
            history: History::Account(account),
            tax: self.tax,
            budgets: Budgets {
                shared_uses: self.occasion.shared_uses.counters(),
                draws: self.occasion.draws,
            },
        }
    }
}
