//! Computes each record of a batch again, with what is known here.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use super::books::Books;
use super::evaluators::Evaluators;
use super::past::{Past, place_of_ref};
use super::vouchers::Vouchers;
use crate::hub::store::Tx;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{MemberRow, Place, VoucherStanding};
use crate::journal::{Assign, Body, Record, RecordRef, ReferralPart, Sale};
use crate::loyalty::{
    Account, AccountRef, EntryKey, IssueState, MemberRef, NOTHING_PERSONAL, VoucherId, VoucherState,
};
use crate::recompute::{self, Known, KnownReferrer, NotRecomputed, Owner, Recomputed, Sold};
use crate::wire::sync::MemberState;

/// Members that records of a batch name.
#[derive(Debug, Default)]
pub(super) struct Persons {
    members: BTreeMap<MemberRef, MemberRow>,
    /// Accounts of those who referred others.
    referrers: BTreeMap<AccountRef, Account>,
}

impl Persons {
    /// Reads who bought and who referred them.
    pub(super) fn read<'r>(
        tx: &mut dyn Tx,
        records: impl Iterator<Item = &'r Record>,
    ) -> Result<Self, StoreError> {
        let (mut refs, mut referred_by) = (BTreeSet::new(), BTreeSet::new());
        for record in records {
            let (member, part) = match &record.body {
                Body::Sale(sale) => match &sale.member {
                    Some(member) => (member.member, member.referral.as_ref()),
                    None => continue,
                },
                Body::Assign(assign) => (assign.member, assign.referral.as_ref()),
                _ => continue,
            };
            refs.insert(member);
            referred_by.extend(part.and_then(|part| part.referrer));
        }
        refs.extend(&referred_by);
        let members = tx.members(&refs.into_iter().collect::<Vec<_>>())?;
        let accounts = referred_by.iter().filter_map(|member| members.get(member)?.state.as_ref());
        let accounts: BTreeSet<AccountRef> = accounts.map(|state| state.account).collect();
        let referrers = tx.accounts(&accounts.into_iter().collect::<Vec<_>>())?;
        let account = |(account, row): (AccountRef, crate::hub::store::rows::AccountRow)| {
            (account, Account::from_facts(row.facts))
        };
        Ok(Self { members, referrers: referrers.into_iter().map(account).collect() })
    }

    fn state(&self, member: MemberRef) -> Option<&MemberState> {
        self.members.get(&member)?.state.as_ref()
    }

    fn referrer(&self, part: Option<&ReferralPart>) -> Option<KnownReferrer<'_>> {
        let state = self.state(part?.referrer?)?;
        let account = self.referrers.get(&state.account)?;
        Some(KnownReferrer { account_ref: state.account, flags: &state.flags, account })
    }
}

/// What records are computed again with.
pub(super) struct Judge<'a> {
    pub(super) evaluators: &'a Evaluators,
    pub(super) persons: &'a Persons,
    pub(super) past: &'a Past,
    pub(super) books: &'a Books,
    pub(super) vouchers: &'a Vouchers,
}

impl Judge<'_> {
    /// What comes out; `None` of records that nothing is decided by. `key` is the place of what the
    /// record does to its account.
    pub(super) fn judge(
        &self,
        tx: &mut dyn Tx,
        record: &Record,
        key: Option<EntryKey>,
    ) -> Result<Option<Recomputed>, StoreError> {
        Ok(Some(match &record.body {
            Body::Sale(sale) => self.sale(tx, record, sale, key)?,
            Body::Void(undo) | Body::Return(undo) => {
                let account = undo.account.as_ref().map(|part| part.account);
                let account = self.account(account, key);
                self.about(tx, record, &undo.of, |sold, evaluator| {
                    recompute::taken_back(record, Some(sold), evaluator, account.as_ref())
                })?
            }
            Body::Assign(assign) => self.late_member(tx, record, assign, key)?,
            _ => return Ok(None),
        }))
    }

    fn sale(
        &self,
        tx: &mut dyn Tx,
        record: &Record,
        sale: &Sale,
        key: Option<EntryKey>,
    ) -> Result<Recomputed, StoreError> {
        let evaluator = self.evaluators.of_version(tx, record.header.programme_version)?;
        let member = sale.member.as_ref();
        let account = self.account(member.map(|member| member.account), key);
        let state = member.and_then(|member| self.persons.state(member.member));
        let vouchers = self.dates_of(sale);
        let known = Known {
            account: account.as_ref(),
            birthday: state.and_then(|state| state.birthday),
            personal: state.map_or(&NOTHING_PERSONAL, |state| &state.offers),
            vouchers: &vouchers,
            referrer: self.persons.referrer(member.and_then(|member| member.referral.as_ref())),
        };
        Ok(recompute::sale(&record.header, sale, evaluator.as_deref(), &known))
    }

    fn late_member(
        &self,
        tx: &mut dyn Tx,
        record: &Record,
        assign: &Assign,
        key: Option<EntryKey>,
    ) -> Result<Recomputed, StoreError> {
        let account = self.account(Some(assign.account), key);
        let state = self.persons.state(assign.member);
        let vouchers = BTreeMap::new();
        let known = Known {
            account: account.as_ref(),
            birthday: state.and_then(|state| state.birthday),
            personal: state.map_or(&NOTHING_PERSONAL, |state| &state.offers),
            vouchers: &vouchers,
            referrer: self.persons.referrer(assign.referral.as_ref()),
        };
        self.about(tx, record, &assign.of, |sold, evaluator| {
            recompute::assigned(&record.header, assign, Some(sold), evaluator, &known)
        })
    }

    fn account(&self, account: Option<AccountRef>, key: Option<EntryKey>) -> Option<Account> {
        let (account, key) = account.zip(key)?;
        self.books.before(account, key)
    }

    /// Computes a record that is about a sale: first with everything that followed the sale, then
    /// with what its own device knew of that.
    fn about(
        &self,
        tx: &mut dyn Tx,
        record: &Record,
        of: &RecordRef,
        compute: impl Fn(&Sold<'_>, Option<&crate::loyalty::Evaluator>) -> Recomputed,
    ) -> Result<Recomputed, StoreError> {
        let place = place_of_ref(of);
        let Some(sale) = self.past.record(place) else {
            return Ok(Recomputed::NotRecomputed(NotRecomputed::SaleUnknown));
        };
        let evaluator = self.evaluators.of_version(tx, sale.header.programme_version)?;
        let header = &record.header;
        let own = Place { device: header.device, epoch: header.epoch, sequence: header.sequence };
        let all: Vec<(Place, &Record)> =
            self.past.follow_ups(place).filter(|(after, _)| *after != own).collect();
        let compute = |followed_by: Vec<&Record>| {
            let owner = self.owner(sale, &followed_by);
            let sold = Sold::of(sale, followed_by, owner.as_ref());
            let unknown = Recomputed::NotRecomputed(NotRecomputed::SaleUnknown);
            sold.map_or(unknown, |sold| compute(&sold, evaluator.as_deref()))
        };
        let with_all = compute(all.iter().map(|(_, record)| *record).collect());
        let is_own = |(after, _): &&(Place, &Record)| after.device == header.device;
        let fine = matches!(with_all, Recomputed::Same | Recomputed::NotRecomputed(_));
        if fine || all.iter().all(|after| is_own(&after)) {
            return Ok(with_all);
        }
        let with_own = compute(all.iter().filter(is_own).map(|(_, record)| *record).collect());
        Ok(match (with_own, with_all) {
            (Recomputed::Same, Recomputed::Different { inputs, explained }) => {
                Recomputed::InputsDiffer { inputs, explained }
            }
            (_, with_all) => with_all,
        })
    }

    fn owner(&self, sale: &Record, followed_by: &[&Record]) -> Option<Owner> {
        let withdrawn = |code: &VoucherId| {
            followed_by.iter().any(|after| match &after.body {
                Body::Void(undo) | Body::Return(undo) => undo.codes_cancelled.contains(code),
                _ => false,
            })
        };
        let used = |code: &VoucherId| {
            let row = self.vouchers.row(code);
            row.is_some_and(|row| matches!(row.standing, VoucherStanding::Used(_)))
        };
        let owner = Owner::of(sale, followed_by.iter().copied(), |code| {
            Ok::<_, Infallible>(if withdrawn(code) {
                IssueState::Withdrawn
            } else if used(code) {
                IssueState::Used
            } else {
                IssueState::Open
            })
        });
        owner.unwrap_or_else(|never| match never {})
    }

    /// First and last days of the vouchers of a sale, as far as they are known.
    fn dates_of(&self, sale: &Sale) -> BTreeMap<VoucherId, VoucherState> {
        let vouchers = recompute::vouchers_of(sale).into_iter();
        let state = |voucher: VoucherId| {
            let row = self.vouchers.row(&voucher)?;
            let state = VoucherState {
                voucher_type: row.voucher_type.clone(),
                standing: crate::loyalty::VoucherStanding::Usable,
                valid_from: row.valid_from,
                valid_until: row.valid_until,
            };
            Some((voucher, state))
        };
        vouchers.filter_map(state).collect()
    }
}
