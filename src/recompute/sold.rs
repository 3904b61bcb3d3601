//! A sale and what followed it, as their records tell it.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::journal::{
    AccountPart, Adjustment, Body, CashbackPart, Record, RecordRef, Sale, SaleLine, entry,
};
use crate::loyalty::{
    AccountRef, Applied, Benefit, Converted, Counted, EarnedBy, EntryTerms, Expires, FlagId,
    IssueState, Issued, MemberRef, Returned, RewardsBack, SoldIssue, SoldLine, SoldPoints,
    SoldPurse, SoldReceipt, SpentPart, TierId, VoucherId,
};
use crate::member_code::CouponNumber;
use crate::money::{Amount, Points, share_until};

/// A sale or training with the records that followed it, in their order.
#[derive(Clone, Debug)]
pub struct Sold<'r> {
    record: &'r Record,
    sale: &'r Sale,
    followed_by: Vec<&'r Record>,
    owner: Option<&'r Owner>,
}

/// Whose points a sale touched: its member's, or the one's who was named afterwards.
#[derive(Clone, Debug)]
pub struct Owner {
    /// Who.
    pub member: MemberRef,
    /// Whose points.
    pub account: AccountRef,
    /// The terms that it was decided under.
    pub terms: EntryTerms,
    /// What was handed out, and what became of it.
    pub issued: Vec<(Issued, IssueState)>,
    day: NaiveDate,
    tier: Option<TierId>,
    flags: BTreeSet<FlagId>,
    earned: Points,
    earned_by: Vec<EarnedBy>,
    counted: Vec<Counted>,
    /// What its earning rules used of limits over all customers.
    shared: Vec<Counted>,
    average_basket: Option<Amount>,
    expires: Expires,
    spent: Points,
    spent_from: Vec<SpentPart>,
    converted: Converted,
    debt: Points,
    cashback: Option<CashbackPart>,
}

impl<'r> Sold<'r> {
    /// Puts records together; `None` where the first is no sale or training.
    #[must_use]
    pub fn of(
        record: &'r Record,
        followed_by: Vec<&'r Record>,
        owner: Option<&'r Owner>,
    ) -> Option<Self> {
        let (Body::Sale(sale) | Body::Training(sale)) = &record.body else { return None };
        Some(Self { record, sale, followed_by, owner })
    }

    /// The sale.
    #[must_use]
    pub fn sale(&self) -> &'r Sale {
        self.sale
    }

    /// Its record.
    #[must_use]
    pub fn record(&self) -> &'r Record {
        self.record
    }

    /// Whose points it touched.
    #[must_use]
    pub fn owner(&self) -> Option<&'r Owner> {
        self.owner
    }

    /// Whether it is a receipt of a till in training.
    #[must_use]
    pub fn is_training(&self) -> bool {
        matches!(self.record.body, Body::Training(_))
    }

    /// How other records name it.
    #[must_use]
    pub fn record_ref(&self) -> RecordRef {
        let header = &self.record.header;
        let (device, epoch, sequence) = (header.device, header.epoch, header.sequence);
        RecordRef { device, epoch, sequence, uid: self.sale.uid.clone() }
    }

    /// How much of each line came back so far.
    #[must_use]
    pub fn returned(&self) -> Returned {
        let mut returned = Returned::new();
        for follow_up in &self.followed_by {
            if let Body::Void(undo) | Body::Return(undo) = &follow_up.body {
                for (line_id, quantity) in &undo.lines {
                    *returned.entry(line_id.clone()).or_default() += *quantity;
                }
            }
        }
        returned
    }

    /// Rewards that were handed back so far.
    fn rewards_back(&self) -> RewardsBack {
        let mut back = RewardsBack::new();
        for follow_up in &self.followed_by {
            if let Body::Void(undo) | Body::Return(undo) = &follow_up.body {
                for (reward, times) in &undo.rewards {
                    *back.entry(reward.clone()).or_default() += times;
                }
            }
        }
        back
    }

    /// What its returns did to the account so far.
    fn undone(&self) -> impl Iterator<Item = &'r AccountPart> {
        self.followed_by.iter().filter_map(|after| match &after.body {
            Body::Void(undo) | Body::Return(undo) => undo.account.as_ref(),
            _ => None,
        })
    }

    /// Whether nothing is left to come back.
    #[must_use]
    pub fn is_gone(&self, returned: &Returned) -> bool {
        let lines = &self.sale.lines;
        let voided = self.followed_by.iter().any(|after| matches!(after.body, Body::Void(_)));
        let all_back = lines.iter().all(|sold| {
            returned.get(&sold.line.line_id).is_some_and(|gone| *gone >= sold.line.quantity)
        });
        voided || (!lines.is_empty() && all_back)
    }

    /// Money paid for what is left of it.
    #[must_use]
    pub fn still_paid(&self, returned: &Returned) -> Amount {
        let left = |line: &SaleLine| {
            let net = line.paid();
            let gone = returned.get(&line.line.line_id).copied().unwrap_or_default();
            net - Amount::new(share_until(net.value(), gone.value(), line.line.quantity.value()))
        };
        self.sale.lines.iter().map(left).sum()
    }

    /// What it handed out, and what became of it.
    #[must_use]
    pub fn issues(&self) -> Vec<SoldIssue<'r>> {
        let issued = self.owner.iter().flat_map(|owner| &owner.issued);
        issued.map(|(issued, state)| SoldIssue { issued, state: *state }).collect()
    }

    /// What it gave, or took back from, whoever referred its member.
    pub fn referrals(&self) -> impl Iterator<Item = &'r Adjustment> {
        self.followed_by.iter().filter_map(|after| match &after.body {
            Body::Adjustment(adjustment) => Some(adjustment),
            _ => None,
        })
    }

    /// The local day that it counts for.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        let clock = &self.record.header.clock;
        self.owner.map_or_else(|| clock.local_day(self.sale.decided_at), |owner| owner.day)
    }

    /// What the pure core needs to decide a return; `issues` are its own.
    #[must_use]
    pub fn receipt<'a>(&self, issues: &'a [SoldIssue<'a>]) -> SoldReceipt<'a>
    where
        'r: 'a,
    {
        let sale = self.sale;
        SoldReceipt {
            lines: sale
                .lines
                .iter()
                .map(|sold| {
                    let SaleLine { line, discount, redeemed, tax } = sold;
                    SoldLine { line, discount: *discount, redeemed: *redeemed, tax: *tax }
                })
                .collect(),
            decided_at: sale.decided_at,
            day: self.day(),
            store: &self.record.header.store,
            applied: &sale.applied,
            tax: sale.tax,
            rewards_back: self.rewards_back(),
            points: self.owner.map(|owner| SoldPoints {
                tier: owner.tier.as_ref(),
                flags: &owner.flags,
                points: SoldPurse {
                    earned: owner.earned,
                    expires: owner.expires,
                    spent: owner.spent,
                    spent_from: &owner.spent_from,
                    debt: owner.debt,
                    forgiven: self.undone().map(|part| part.forgiven).sum(),
                },
                cashback: owner.cashback.as_ref().map_or_else(SoldPurse::default, |part| {
                    SoldPurse {
                        earned: part.earned,
                        expires: part.expires,
                        spent: part.spent,
                        spent_from: &part.spent_from,
                        debt: part.debt,
                        forgiven: self.undone().map(|part| part.cashback.forgiven).sum(),
                    }
                }),
                earned_by: &owner.earned_by,
                counted: &owner.counted,
                shared: &owner.shared,
                average_basket: owner.average_basket,
                converted: &owner.converted,
                issued: issues,
            }),
        }
    }
}

impl Owner {
    /// Whose points a sale touched, by its record or the late member's; `None` of trainings and of
    /// receipts without a member. What became of what it handed out is asked of `state`.
    pub fn of<'r, E>(
        sale: &Record,
        followed_by: impl IntoIterator<Item = &'r Record>,
        mut state: impl FnMut(&VoucherId) -> Result<IssueState, E>,
    ) -> Result<Option<Self>, E> {
        let mut owner =
            Self::of_sale(sale).or_else(|| followed_by.into_iter().find_map(Self::of_late_member));
        // A training that named a member touches nobody.
        if matches!(sale.body, Body::Training(_)) {
            owner = None;
        }
        for (issued, now) in owner.iter_mut().flat_map(|owner| &mut owner.issued) {
            *now = state(&issued.code)?;
        }
        Ok(owner)
    }

    fn of_sale(record: &Record) -> Option<Self> {
        let Body::Sale(sold) = &record.body else { return None };
        let member = sold.member.as_ref()?;
        let (_, entry) = entry(record)?;
        Some(Self {
            member: member.member,
            account: member.account,
            terms: member.terms,
            day: entry.day,
            tier: member.inputs.tier.clone(),
            flags: member.inputs.flags.clone(),
            earned: member.earned,
            earned_by: member.earned_by.clone(),
            counted: member.counted.clone(),
            shared: of_rules(&sold.shared),
            average_basket: member.inputs.average_basket,
            expires: member.expires,
            spent: member.spent,
            spent_from: member.spent_from.clone(),
            converted: member.converted.clone(),
            debt: member.inputs.debt,
            cashback: member.cashback.clone(),
            issued: open(&member.issued),
        })
    }

    fn of_late_member(record: &Record) -> Option<Self> {
        let Body::Assign(assign) = &record.body else { return None };
        let (_, entry) = entry(record)?;
        Some(Self {
            member: assign.member,
            account: assign.account,
            terms: assign.terms,
            day: entry.day,
            tier: assign.tier.clone(),
            flags: assign.flags.clone(),
            earned: assign.earned,
            earned_by: assign.earned_by.clone(),
            counted: assign.counted.clone(),
            shared: of_rules(&assign.shared),
            average_basket: assign.average_basket,
            expires: assign.expires,
            spent: Points::ZERO,
            spent_from: Vec::new(),
            converted: assign.converted.clone(),
            debt: assign.debt,
            cashback: assign.cashback.clone(),
            issued: open(&assign.issued),
        })
    }
}

fn of_rules(shared: &[Counted]) -> Vec<Counted> {
    shared.iter().filter(|used| !used.counter.is_of_offer()).cloned().collect()
}

fn open(issued: &[Issued]) -> Vec<(Issued, IssueState)> {
    issued.iter().map(|issued| (issued.clone(), IssueState::Open)).collect()
}

/// The vouchers that a sale used, known or not, and the coupons that count once.
#[must_use]
pub fn vouchers_of(sale: &Sale) -> Vec<VoucherId> {
    let voucher = |applied: &Applied| match &applied.benefit {
        Benefit::Voucher { voucher, .. } => Some(voucher.clone()),
        Benefit::Coupon { number, .. } => use_of_coupon(number),
        Benefit::Offer(_)
        | Benefit::Points(_)
        | Benefit::Reward { .. }
        | Benefit::Gift { .. }
        | Benefit::Cashback
        | Benefit::Till => None,
    };
    let used = sale.applied.iter().filter_map(voucher);
    used.chain(sale.vouchers_unknown.iter().cloned()).collect()
}

/// What notes the use of a coupon; `None` of one without a serial number, which counts each time.
/// No voucher has parentheses around digits in front, as GS1 writes an AI.
#[must_use]
pub fn use_of_coupon(number: &CouponNumber) -> Option<VoucherId> {
    number.serial()?;
    VoucherId::parse(&format!("(255){}", number.as_str())).ok()
}
