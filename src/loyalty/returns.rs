//! What a return gives back: money by the returned units' own part, points by what remains.
//!
//! Both are functions of how much of the sale is gone, so any parts of a return add up to the
//! whole. A return is never blocked because points were spent: what the balance does not hold
//! is settled by the programme's [`ClawBack`](super::claw_back::ClawBack).

mod points_back;
mod sold;
mod sold_purse;

pub use sold::{Returned, RewardsBack, SoldLine, SoldPoints, SoldReceipt};
pub use sold_purse::SoldPurse;

use std::collections::BTreeMap;

use super::basket::Line;
use super::chance::Draws;
use super::conversion::Converted;
use super::counter::{Counted, CounterId, Counters};
use super::decide::{
    AccrualLine, Budgets, Conversions, EarnCircumstances, Earning, Evaluator, History, PastOfSale,
    Shopper, convert, earn, earned_by,
};
use super::entry::{Change, RemainingSale};
use super::gain::EarnedBy;
use super::gifts::{Gifts, claimed};
use super::ids::{LineId, OfferId, RewardId, TierId, VoucherId};
use super::issue::{ISSUED_PER_RECEIPT_MAX, Issue, IssuedBy, undue};
use super::purse::{Gained, PendingPart, SpentBack};
use super::referral::Referral;
use super::standing::AccountKind;
use super::tax::{TaxRefund, TaxedLine, tendered};
use super::terms::Person;
use crate::money::{Amount, Points, Quantity, share_until};

/// Part of a line that comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnLine {
    /// The line of the sale.
    pub line_id: LineId,
    /// How much of it.
    pub quantity: Quantity,
}

/// What a return does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnOutcome {
    /// Money back.
    pub refund: Amount,
    /// By line, in the order asked for.
    pub refund_by_line: Vec<(LineId, Amount)>,
    /// By tax rate, the lowest first; rates of which nothing comes back are left out.
    pub taxes: Vec<TaxRefund>,
    /// Whether anything stays sold.
    pub remaining: RemainingSale,
    /// What happens to the account, not settled yet; `None` without a member.
    pub change: Option<Change>,
    /// What comes back of what was spent, as if all returns were one.
    pub lots_back: LotsBack,
    /// How much of each line is gone afterwards.
    pub returned: Returned,
    /// Codes of vouchers and contest entries that are no longer due; those that were used among
    /// them stay used.
    pub withdrawn: Vec<VoucherId>,
    /// Gifts that are claimed, as what remains does not earn them.
    pub gifts_back: Vec<(OfferId, u32)>,
    /// Vouchers that are no longer due since this return and stay, as points were paid for them and
    /// they were used.
    pub kept: Vec<VoucherId>,
    /// What it takes back of what earning rules used of limits over all customers, on the sale's
    /// day.
    pub shared: Vec<Counted>,
}

/// What comes back of what a sale spent, as if all its returns were one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LotsBack {
    /// Points, those that were converted too.
    pub points: SpentBack<Points>,
    /// Cashback.
    pub cashback: SpentBack<Amount>,
}

/// What a sale earns for a member who is named afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarnedLate {
    /// Points earned.
    pub earned: Points,
    /// Cashback earned.
    pub cashback: Amount,
    /// What each rule gave.
    pub earned_by: Vec<EarnedBy>,
    /// What is used and collected.
    pub counted: Vec<Counted>,
    /// What is used of limits over all customers.
    pub shared: Vec<Counted>,
    /// What was drawn for surprises that could be given.
    pub draws: Draws,
    /// Points converted into vouchers.
    pub converted: Converted,
    /// What is handed out beside points.
    pub issues: Vec<Issue>,
    /// The account's average basket, where a rule looks at it.
    pub average_basket: Option<Amount>,
}

/// Why a return cannot be; the till's mistake.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReturnError {
    /// The sale has no such line.
    #[error("the receipt has no line {line_id}")]
    NoSuchLine {
        /// As asked for.
        line_id: LineId,
    },
    /// More than what is still sold.
    #[error("only {left_milli} thousandths of line {line_id} are left to return")]
    MoreThanSold {
        /// The line.
        line_id: LineId,
        /// What is left, in thousandths.
        left_milli: i64,
    },
    /// Nothing or less.
    #[error("the quantity to return of line {line_id} must be more than nothing")]
    NothingToReturn {
        /// The line.
        line_id: LineId,
    },
    /// No such reward, or one that is a unit of a line.
    #[error("the receipt has no reward {reward} that comes back by itself")]
    NoSuchReward {
        /// As asked for.
        reward: RewardId,
    },
    /// More often than it was given and neither handed back nor, as a voucher, used.
    #[error("only {left} of reward {reward} are left to return")]
    MoreRewardsThanGiven {
        /// The reward.
        reward: RewardId,
        /// What is left.
        left: u32,
    },
    /// No lines at all.
    #[error("the return names no line")]
    NoLines,
}

/// What the goods that remain of a sale earn, count and are worth a code for.
#[derive(Default)]
struct StillEarned {
    earned_by: Vec<EarnedBy>,
    counted: Vec<Counted>,
    shared: Vec<Counted>,
    /// No more than this is still due of what the sale handed out.
    issues: Vec<Issue>,
}

/// What a return does to an account, and to what the sale handed out.
#[derive(Default)]
struct Undone {
    change: Option<Change>,
    lots_back: LotsBack,
    withdrawn: Vec<VoucherId>,
    kept: Vec<VoucherId>,
    shared: Vec<Counted>,
}

impl Evaluator {
    /// Decides a void: everything that is left comes back. A sale that has nothing left gives
    /// nothing.
    #[must_use]
    pub fn take_back_the_rest(&self, sold: &SoldReceipt<'_>, before: &Returned) -> ReturnOutcome {
        let rest: Vec<ReturnLine> = sold
            .lines
            .iter()
            .map(|sold| (sold.line, before.get(&sold.line.line_id).copied().unwrap_or_default()))
            .map(|(line, gone)| ReturnLine {
                line_id: line.line_id.clone(),
                quantity: line.quantity - gone,
            })
            .filter(|line| line.quantity.is_positive())
            .collect();
        self.take_back_lines(sold, before, &rest, &sold.rewards_back)
            .expect("what is left of a sale can come back")
    }

    /// Decides a return of units.
    ///
    /// # Errors
    /// [`ReturnError`] where the sale does not hold what is returned.
    pub fn take_back(
        &self,
        sold: &SoldReceipt<'_>,
        before: &Returned,
        lines: &[ReturnLine],
    ) -> Result<ReturnOutcome, ReturnError> {
        self.take_back_with_rewards(sold, before, lines, &RewardsBack::new())
    }

    /// Decides a return of units and of rewards that are no line: a service that is handed back
    /// gives its own points back.
    ///
    /// # Errors
    /// [`ReturnError`] where the sale does not hold what is returned.
    pub fn take_back_with_rewards(
        &self,
        sold: &SoldReceipt<'_>,
        before: &Returned,
        lines: &[ReturnLine],
        rewards: &RewardsBack,
    ) -> Result<ReturnOutcome, ReturnError> {
        // A receipt without lines comes back as a whole.
        if lines.is_empty() && (rewards.is_empty() || sold.lines.is_empty()) {
            return Err(ReturnError::NoLines);
        }
        let rewards_after = sold.rewards_after(rewards)?;
        self.take_back_lines(sold, before, lines, &rewards_after)
    }

    fn take_back_lines(
        &self,
        sold: &SoldReceipt<'_>,
        before: &Returned,
        lines: &[ReturnLine],
        rewards_after: &RewardsBack,
    ) -> Result<ReturnOutcome, ReturnError> {
        let by_id: BTreeMap<&LineId, &SoldLine<'_>> =
            sold.lines.iter().map(|sold| (&sold.line.line_id, sold)).collect();
        let mut returned = before.clone();
        let mut refund_by_line = Vec::with_capacity(lines.len());
        for wanted in lines {
            let line_id = wanted.line_id.clone();
            let Some(line) = by_id.get(&line_id) else {
                return Err(ReturnError::NoSuchLine { line_id });
            };
            if !wanted.quantity.is_positive() {
                return Err(ReturnError::NothingToReturn { line_id });
            }
            let gone = returned.get(&line_id).copied().unwrap_or_default();
            let left = line.line.quantity - gone;
            if wanted.quantity > left {
                return Err(ReturnError::MoreThanSold { line_id, left_milli: left.value() });
            }
            let refund = line.net_until(gone + wanted.quantity) - line.net_until(gone);
            returned.insert(line_id.clone(), gone + wanted.quantity);
            refund_by_line.push((line_id, refund));
        }
        let refund = refund_by_line.iter().map(|(_, amount)| *amount).sum();
        let remaining = sold.remaining(&returned);
        let undone = sold.points.as_ref().map(|points| {
            let after = (&returned, rewards_after);
            self.undo(sold, points, before, after, refund)
        });
        let Undone { change, lots_back, withdrawn, kept, shared } = undone.unwrap_or_default();
        let taxes = self.tax_refunds(sold, before, &returned);
        let gifts = |returned| sold.gifts_kept(self.programme(), returned);
        // A receipt without lines comes back as a whole.
        let gifts_after = if sold.lines.is_empty() { Gifts::new() } else { gifts(&returned) };
        let gifts_back = claimed(&gifts(before), &gifts_after);
        Ok(ReturnOutcome {
            refund,
            refund_by_line,
            taxes,
            remaining,
            change,
            lots_back,
            returned,
            withdrawn,
            gifts_back,
            kept,
            shared,
        })
    }

    /// What comes back by rate: the units' own part of what was taxed, and of the tax of a rate in
    /// proportion to how much of the rate is gone.
    fn tax_refunds(
        &self,
        sold: &SoldReceipt<'_>,
        before: &Returned,
        after: &Returned,
    ) -> Vec<TaxRefund> {
        let tendered = tendered(sold.applied, self.programme());
        let tender = |line: &Line| tendered.get(&line.line_id).copied().unwrap_or_default();
        let lines: Vec<TaxedLine<'_>> =
            sold.lines.iter().map(|sold| sold.taxed(tender(sold.line))).collect();
        let gone = |taxed: &TaxedLine<'_>, returned: &Returned| {
            let gone = returned.get(&taxed.line.line_id).copied().unwrap_or_default();
            share_until(taxed.total().value(), gone.value(), taxed.line.quantity.value())
        };
        let sums = sold.tax.sums(lines.iter().copied()).into_iter();
        let refunds = sums.map(|sum| {
            let of_rate = lines.iter().filter(|taxed| taxed.line.tax_rate == sum.rate);
            let total = |returned| of_rate.clone().map(|taxed| gone(taxed, returned)).sum::<i64>();
            let (from, to) = (total(before), total(after));
            let tax_until = |total| share_until(sum.tax.value(), total, sum.total.value());
            let tax = Amount::new(tax_until(to) - tax_until(from));
            TaxRefund { rate: sum.rate, total: Amount::new(to - from), tax }
        });
        refunds.filter(|refund| !refund.total.is_zero()).collect()
    }

    /// What a sale without a member earns for one who is named afterwards: the rules as they were
    /// at the sale, on what is left of it. Prices stay as they were paid.
    #[must_use]
    pub fn earned_afterwards(
        &self,
        sold: &SoldReceipt<'_>,
        returned: &Returned,
        tier: Option<&TierId>,
        shopper: &Shopper<'_>,
        budgets: Budgets<'_>,
    ) -> EarnedLate {
        let history = History::Account(shopper.account);
        let mut account = shopper.account.clone();
        account.settle_expiry(sold.day, self.programme().expiries());
        let (person, referral) = (shopper.person(account.balance()), shopper.referral);
        let circumstances = self.circumstances(sold, tier, person, referral, (history, budgets));
        let earning = self.earned_on(sold, returned, &circumstances);
        let earned: Points = earned_by(&earning.by_rule);
        let purchase = Change::Sale {
            points: Gained {
                earned,
                expires: self.programme().lot_of(sold.day),
                pending: PendingPart::of(&earning.by_rule, earned),
                spent: Points::ZERO,
            },
            cashback: Gained::default(),
            converted: Points::ZERO,
            spend: Amount::ZERO,
            counted: Vec::new(),
        };
        let after = account.after(sold.day, self.programme().entry_terms(), &purchase);
        let room = ISSUED_PER_RECEIPT_MAX;
        let Conversions { converted, mut issues, .. } =
            convert(self.programme(), &after, shopper.held, &circumstances, room);
        issues.extend(earning.issues);
        EarnedLate {
            earned,
            cashback: earned_by(&earning.by_rule),
            earned_by: earning.by_rule,
            counted: earning.counted,
            shared: earning.shared,
            draws: earning.draws,
            converted,
            issues: Issue::bounded(issues),
            average_basket: self.programme().average_of(shopper.account),
        }
    }

    fn undo(
        &self,
        sold: &SoldReceipt<'_>,
        points: &SoldPoints<'_>,
        before: &Returned,
        (after, rewards_after): (&Returned, &RewardsBack),
        refund: Amount,
    ) -> Undone {
        let mut was = self.still_earned(sold, points, before);
        was.issues.extend(sold.rewards_due(points, before, &sold.rewards_back));
        let policy = self.programme().used_points_back;
        // A receipt without lines comes back as a whole or not at all.
        let (still, points_back, cashback_back) = if sold.lines.is_empty() {
            let spent = points.points.spent - sold.price_of_used(points);
            let all = ([Points::ZERO, spent], [Amount::ZERO, points.cashback.spent]);
            (StillEarned::default(), all.0, all.1)
        } else {
            let mut still = self.still_earned(sold, points, after);
            still.issues.extend(sold.rewards_due(points, after, rewards_after));
            let points_back = [
                sold.spent_points_back(policy, points, before, &sold.rewards_back),
                sold.spent_points_back(policy, points, after, rewards_after),
            ];
            let cashback_back = [before, after].map(|gone| sold.cashback_back(points, gone));
            (still, points_back, cashback_back)
        };
        let undue_before = undue(points.issued, &was.issues);
        let undue = undue(points.issued, &still.issues);
        let (from, to) = points.converted_back(&undue.withdrawn);
        let converted = points.converted_lots();
        let mut points_undone = points.points.undone(points_back, &was, &still, points.earned_by);
        points_undone.restored.extend(converted.between(from, to));
        let mut lots_back = LotsBack {
            points: points.points.spent_back(points_back),
            cashback: points.cashback.spent_back(cashback_back),
        };
        lots_back.points.before.extend(converted.between(Points::ZERO, from));
        lots_back.points.after.extend(converted.between(Points::ZERO, to));
        let change = Change::Undo {
            sale_day: sold.day,
            remaining: sold.remaining(after),
            points: points_undone,
            cashback: points.cashback.undone(cashback_back, &was, &still, points.earned_by),
            spend: refund,
            counted: Counted::differences(&was.counted, &still.counted),
        };
        let is_new = |code: &VoucherId| !undue_before.kept.contains(code);
        Undone {
            change: Some(change),
            lots_back,
            withdrawn: undue.withdrawn,
            kept: undue.kept.into_iter().filter(is_new).collect(),
            shared: Counted::differences(&was.shared, &still.shared),
        }
    }

    /// What the remaining goods earned and counted: the rules as they were at the sale.
    fn still_earned(
        &self,
        sold: &SoldReceipt<'_>,
        points: &SoldPoints<'_>,
        returned: &Returned,
    ) -> StillEarned {
        let gone = |line: &Line| returned.get(&line.line_id).copied().unwrap_or_default();
        if sold.lines.iter().all(|sold| gone(sold.line).is_zero()) {
            return StillEarned {
                earned_by: points.earned_by.to_vec(),
                counted: points.counted.to_vec(),
                shared: points.shared.to_vec(),
                issues: Issue::all_of_sold(points.issued)
                    .into_iter()
                    .filter(|issue| !matches!(issue.by, IssuedBy::Reward(_)))
                    .collect(),
            };
        }
        if sold.remaining(returned) == RemainingSale::Nothing {
            return StillEarned::default();
        }
        let history = History::Sale(PastOfSale {
            earned_by: points.earned_by,
            counted: points.counted,
            shared: points.shared,
            issued: points.issued,
            average_basket: points.average_basket,
        });
        // Who it was was right at the sale; nothing asks for it again.
        let person = Person {
            flags: points.flags,
            birthday: None,
            kind: AccountKind::Person,
            role: None,
            balance: Points::ZERO,
            member: None,
        };
        let nothing = (Counters::default(), Draws::new());
        let budgets = Budgets { shared_uses: &nothing.0, draws: &nothing.1 };
        let circumstances = self.circumstances(sold, points.tier, person, None, (history, budgets));
        let earning = self.earned_on(sold, returned, &circumstances);
        // An offer was used as long as anything stays sold: else goods for 0.01 could be had again
        // by returning those beside them. A gift that is claimed was not used.
        let kept = sold.gifts_kept(self.programme(), returned);
        let is_claimed = |counter: &CounterId| match counter {
            CounterId::OfferUses { offer, .. } => sold.gave(offer) && !kept.contains_key(offer),
            _ => false,
        };
        let uses = points
            .counted
            .iter()
            .filter(|counted| counted.counter.is_of_offer() && !is_claimed(&counted.counter));
        let counted = uses.cloned().chain(earning.counted).collect();
        let mut issues = earning.issues;
        let at_once = |rules: &[EarnedBy]| points.points.at_once(rules, points.earned_by);
        let fewer = (at_once(points.earned_by) - at_once(&earning.by_rule)).or_zero();
        issues.extend(points.converted.still_due(self.programme(), fewer, points.issued));
        StillEarned { earned_by: earning.by_rule, counted, shared: earning.shared, issues }
    }

    fn circumstances<'c>(
        &'c self,
        sold: &SoldReceipt<'c>,
        tier: Option<&TierId>,
        person: Person<'c>,
        referral: Option<Referral<'c>>,
        (history, budgets): (History<'c>, Budgets<'c>),
    ) -> EarnCircumstances<'c> {
        let programme = self.programme();
        EarnCircumstances {
            local: sold.decided_at.with_timezone(&programme.zone).naive_local(),
            store: sold.store,
            tier: tier.and_then(|tier| programme.tier(tier)),
            person: Some(person),
            referral,
            history,
            tax: sold.tax,
            budgets,
        }
    }

    fn earned_on(
        &self,
        sold: &SoldReceipt<'_>,
        returned: &Returned,
        circumstances: &EarnCircumstances<'_>,
    ) -> Earning {
        let gone = |line: &Line| returned.get(&line.line_id).copied().unwrap_or_default();
        let programme = self.programme();
        let lines: Vec<AccrualLine<'_>> = sold
            .lines
            .iter()
            .map(|sold| {
                AccrualLine::of_sold(sold.line, sold.discount, sold.redeemed, programme.accrual)
                    .without(gone(sold.line))
            })
            .collect();
        earn(programme, &lines, circumstances)
    }
}
