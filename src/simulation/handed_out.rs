//! Vouchers and contest entries that members get, and what becomes of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::loyalty::{
    Applied, Benefit, IssueState, Issued, IssuedBy, IssuedKind, Programme, RuleId, VOUCHERS_MAX,
    VoucherId, VoucherStanding, VoucherState, VoucherTypeId,
};
use crate::money::Amount;

/// Whether members use the vouchers that they get; a log cannot know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoucherUse {
    /// They keep them.
    Never,
    /// They bring all that are valid to each purchase, and what applies is used.
    Whenever,
}

/// What became of the vouchers of one kind. Those handed out are the used, lapsed, withdrawn and
/// open ones together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VouchersHandedOut {
    /// All of them.
    pub handed_out: u64,
    /// They were used.
    pub used: u64,
    /// They were over before the last day of the log.
    pub lapsed: u64,
    /// What they were given for came back, and they were not used.
    pub withdrawn: u64,
    /// They may still be used.
    pub open: u64,
    /// What the used ones took off, part of all discounts.
    pub discount: Amount,
    /// What the used ones cost the shop: what their kind says, else what they took off.
    pub cost: Amount,
    /// What the open ones will cost when all are used; `None` where that depends on the basket.
    pub open_cost: Option<Amount>,
}

/// Entries of the contest that a rule is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntriesHandedOut {
    /// All of them.
    pub handed_out: u64,
    /// What they were given for came back.
    pub withdrawn: u64,
}

/// The vouchers of one member.
#[derive(Debug, Default)]
pub(super) struct Wallet {
    vouchers: BTreeMap<VoucherId, Held>,
}

#[derive(Debug)]
struct Held {
    state: VoucherState,
    fate: Fate,
}

/// What became of a voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Open,
    Used { discount: Amount, cost: Amount },
    Withdrawn,
}

impl Wallet {
    /// Adds what was handed out.
    pub(super) fn add(&mut self, issued: &Issued) {
        if let IssuedKind::Voucher { voucher_type, valid_from, valid_until, .. } = &issued.what {
            let state = VoucherState {
                voucher_type: voucher_type.clone(),
                standing: VoucherStanding::Usable,
                valid_from: Some(*valid_from),
                valid_until: Some(*valid_until),
            };
            self.vouchers.insert(issued.code.clone(), Held { state, fate: Fate::Open });
        }
    }

    /// What a member can bring on a day: where that is more than a basket takes, the soonest over.
    pub(super) fn usable_on(&self, day: NaiveDate) -> BTreeMap<VoucherId, VoucherState> {
        let usable = self.vouchers.iter().filter(|(_, held)| held.is_usable_on(day));
        let mut usable: Vec<_> = usable.map(|(code, held)| (code, &held.state)).collect();
        if usable.len() > VOUCHERS_MAX {
            usable.sort_by_key(|(_, state)| state.valid_until);
            usable.truncate(VOUCHERS_MAX);
        }
        usable.into_iter().map(|(code, state)| (code.clone(), state.clone())).collect()
    }

    /// Notes the vouchers among benefits as used.
    pub(super) fn note_used(&mut self, programme: &Programme, applied: &[Applied]) {
        for (code, cost) in programme.voucher_costs(applied) {
            let took_off = applied.iter().filter(|applied| is_of(applied, &code));
            let discount = took_off.map(|applied| applied.amount).sum();
            self.settle(&code, Fate::Used { discount, cost });
        }
    }

    /// Notes that a whole sale came back: the vouchers used on it are as they were.
    pub(super) fn note_freed(&mut self, applied: &[Applied]) {
        for applied in applied {
            if let Benefit::Voucher { voucher, .. } = &applied.benefit {
                self.settle(voucher, Fate::Open);
            }
        }
    }

    /// Notes that what a voucher was given for came back; one that was used stays used.
    pub(super) fn note_withdrawn(&mut self, code: &VoucherId) {
        if !self.is_used(code) {
            self.settle(code, Fate::Withdrawn);
        }
    }

    /// Whether a voucher was used.
    pub(super) fn is_used(&self, code: &VoucherId) -> bool {
        let fate = self.vouchers.get(code).map(|held| held.fate);
        matches!(fate, Some(Fate::Used { .. }))
    }

    fn settle(&mut self, code: &VoucherId, fate: Fate) {
        if let Some(held) = self.vouchers.get_mut(code) {
            held.fate = fate;
        }
    }
}

impl Held {
    fn is_usable_on(&self, day: NaiveDate) -> bool {
        self.fate == Fate::Open && self.state.check(day).is_ok()
    }
}

fn is_of(applied: &Applied, code: &VoucherId) -> bool {
    matches!(&applied.benefit, Benefit::Voucher { voucher, .. } if voucher == code)
}

/// What was handed out to all members.
#[derive(Debug, Default)]
pub(super) struct HandedOut {
    codes: u64,
    entries: BTreeMap<RuleId, EntriesHandedOut>,
}

impl HandedOut {
    /// A code of its own for each; those that come later are greater.
    pub(super) fn next_code(&mut self) -> VoucherId {
        self.codes += 1;
        VoucherId::parse(&format!("{:020}", self.codes)).expect("digits are an id")
    }

    /// Counts what is an entry.
    pub(super) fn note(&mut self, issued: &Issued) {
        if let Some(entries) = self.entries_of(issued) {
            entries.handed_out += 1;
        }
    }

    /// Counts what was an entry.
    pub(super) fn note_withdrawn(&mut self, issued: &Issued) {
        if let Some(entries) = self.entries_of(issued) {
            entries.withdrawn += 1;
        }
    }

    fn entries_of(&mut self, issued: &Issued) -> Option<&mut EntriesHandedOut> {
        let IssuedBy::Rule(rule) = &issued.by else { return None };
        (!issued.what.is_voucher()).then(|| self.entries.entry(rule.clone()).or_default())
    }

    /// What became of all entries.
    pub(super) fn into_entries(self) -> BTreeMap<RuleId, EntriesHandedOut> {
        self.entries
    }
}

/// What became of all vouchers by the last day of the log.
pub(super) fn vouchers_of<'w>(
    programme: &Programme,
    wallets: impl Iterator<Item = &'w Wallet>,
    last_day: Option<NaiveDate>,
) -> BTreeMap<VoucherTypeId, VouchersHandedOut> {
    let mut all: BTreeMap<VoucherTypeId, VouchersHandedOut> = BTreeMap::new();
    for held in wallets.flat_map(|wallet| wallet.vouchers.values()) {
        let kind = &held.state.voucher_type;
        let of_kind = all.entry(kind.clone()).or_insert_with(|| VouchersHandedOut {
            open_cost: programme.voucher_cost(kind).map(|_| Amount::ZERO),
            ..VouchersHandedOut::default()
        });
        of_kind.handed_out += 1;
        match held.fate {
            Fate::Used { discount, cost } => {
                of_kind.used += 1;
                of_kind.discount += discount;
                of_kind.cost += cost;
            }
            Fate::Withdrawn => of_kind.withdrawn += 1,
            Fate::Open if held.state.valid_until < last_day => of_kind.lapsed += 1,
            Fate::Open => {
                of_kind.open += 1;
                let each = programme.voucher_cost(kind);
                of_kind.open_cost = of_kind.open_cost.zip(each).map(|(all, each)| all + each);
            }
        }
    }
    all
}

/// What became of something that a sale handed out.
pub(super) fn state_of(
    issued: &Issued,
    wallet: &Wallet,
    withdrawn: &BTreeSet<VoucherId>,
) -> IssueState {
    if withdrawn.contains(&issued.code) {
        IssueState::Withdrawn
    } else if wallet.is_used(&issued.code) {
        IssueState::Used
    } else {
        IssueState::Open
    }
}
