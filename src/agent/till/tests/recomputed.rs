//! Every record of a scenario is computed again from what the till knew, with the code of the hub.

use std::collections::BTreeMap;

use super::*;
use crate::agent::store::base::BaseMember;
use crate::agent::till::shelf::Published;
use crate::journal::{Record, RecordRef, ReferralPart, entry};
use crate::loyalty::{Account, Entry, Evaluator, IssueState, MemberRef, VoucherId, VoucherState};
use crate::recompute::{self, Known, KnownReferrer, NotRecomputed, Owner, Recomputed, Sold};

/// What a journal came to so far.
struct Past<'a> {
    base: Base<'a>,
    entries: BTreeMap<AccountRef, Vec<Entry>>,
    records: Vec<Record>,
    programmes: BTreeMap<u32, Evaluator>,
    used: Vec<VoucherId>,
}

/// Checks that what every record gave is what comes out again; how many were looked at.
pub(super) fn check_recomputed(world: &World) -> usize {
    let ledger = ledger(world);
    let (_, path) = base_files::newest(world.folder()).expect("a base");
    let base = open::open_reader(&path).expect("readable");
    let base = Base::of(&base).expect("a base");
    let (entries, records, used) = Default::default();
    let mut past = Past { base, entries, records, programmes: programmes(world), used };
    let mut looked_at = 0;
    journal::each(&ledger, 0, |id, bytes| {
        let record = journal::decode(id, bytes)?.record;
        if let Some(recomputed) = past.recompute(&record) {
            let kind = record.body.kind();
            let fine = match &recomputed {
                Recomputed::Same | Recomputed::GivenOtherwise { .. } => true,
                // The base of a scenario may be another than the one that the record was decided on.
                Recomputed::InputsDiffer { .. } => record.header.base_cursor != base_cursor(&past),
                Recomputed::NotRecomputed(NotRecomputed::NotInRecord { .. }) => true,
                _ => false,
            };
            assert!(fine, "{kind} {id}: {recomputed:#?}\n{record:#?}");
            looked_at += 1;
        }
        past.take_up(record);
        Ok::<_, crate::agent::store::error::StoreError>(())
    })
    .expect("readable");
    looked_at
}

fn base_cursor(past: &Past<'_>) -> u64 {
    u64::try_from(past.base.cursor()).expect("a cursor")
}

fn programmes(world: &World) -> BTreeMap<u32, Evaluator> {
    let files = std::fs::read_dir(world.folder().join("programmes")).expect("the programmes");
    let texts = files.map(|file| std::fs::read_to_string(file.expect("a file").path()));
    texts
        .filter_map(|text| Published::check(text.ok()?).ok())
        .map(|published| {
            let evaluator = Evaluator::new(published.evaluator.programme().clone());
            (evaluator.programme().version, evaluator)
        })
        .collect()
}

impl Past<'_> {
    fn take_up(&mut self, record: Record) {
        if let Some((account, entry)) = entry(&record) {
            let entries = self.entries.entry(account).or_default();
            entries.push(entry);
            entries.sort_by_key(|entry| entry.key);
        }
        if let Body::Sale(sale) = &record.body {
            self.used.extend(recompute::vouchers_of(sale));
        }
        if let Body::Void(undo) | Body::Return(undo) = &record.body {
            self.used.retain(|used| !undo.vouchers_freed.contains(used));
        }
        self.records.push(record);
    }

    fn account(&self, account: AccountRef) -> Account {
        let facts = self.base.opening(account).expect("readable").facts;
        let mut folded = Account::from_facts(facts);
        self.entries.get(&account).into_iter().flatten().for_each(|entry| folded.apply(entry));
        folded
    }

    fn member(&self, member: MemberRef) -> Option<BaseMember> {
        self.base.member(member).expect("readable")
    }

    fn recompute(&self, record: &Record) -> Option<Recomputed> {
        match &record.body {
            Body::Sale(sale) => {
                let version = record.header.programme_version;
                let evaluator = self.programmes.get(&version);
                let part = sale.member.as_ref();
                let who = part.map(|part| (part.member, part.account, part.referral.as_ref()));
                Some(
                    self.knowing(who, |known| {
                        recompute::sale(&record.header, sale, evaluator, known)
                    }),
                )
            }
            Body::Void(undo) | Body::Return(undo) => self.about(&undo.of, |sold, evaluator| {
                let account = undo.account.as_ref().map(|part| self.account(part.account));
                recompute::taken_back(record, Some(sold), evaluator, account.as_ref())
            }),
            Body::Assign(assign) => self.about(&assign.of, |sold, evaluator| {
                let who = (assign.member, assign.account, assign.referral.as_ref());
                self.knowing(Some(who), |known| {
                    let header = &record.header;
                    recompute::assigned(header, assign, Some(sold), evaluator, known)
                })
            }),
            _ => None,
        }
    }

    fn knowing(
        &self,
        who: Option<(MemberRef, AccountRef, Option<&ReferralPart>)>,
        recompute: impl FnOnce(&Known<'_>) -> Recomputed,
    ) -> Recomputed {
        let account = who.map(|(_, account, _)| self.account(account));
        let member = who.and_then(|(member, ..)| self.member(member));
        let referrer = who.and_then(|(.., part)| part?.referrer);
        let referrer = referrer.and_then(|referrer| self.member(referrer));
        let referrer = referrer.map(|by| (self.account(by.account), by));
        recompute(&Known {
            account: account.as_ref(),
            birthday: member.as_ref().and_then(|member| member.birthday),
            personal: member.as_ref().map_or(&crate::loyalty::NOTHING_PERSONAL, |m| &m.personal),
            vouchers: &BTreeMap::<VoucherId, VoucherState>::new(),
            referrer: referrer.as_ref().map(|(account, by)| KnownReferrer {
                account_ref: by.account,
                flags: &by.flags,
                account,
            }),
        })
    }

    /// Asks about a record that follows a sale.
    fn about(
        &self,
        of: &RecordRef,
        recompute: impl FnOnce(&Sold<'_>, Option<&Evaluator>) -> Recomputed,
    ) -> Option<Recomputed> {
        let is_sale = |record: &&Record| {
            record.header.sequence == of.sequence && record.header.epoch == of.epoch
        };
        let sale = self.records.iter().find(is_sale)?;
        let follows = |record: &&Record| match &record.body {
            Body::Void(undo) | Body::Return(undo) => undo.of == *of,
            Body::Assign(assign) => assign.of == *of,
            Body::Adjustment(adjustment) => adjustment.of.as_ref() == Some(of),
            _ => false,
        };
        let followed_by: Vec<&Record> = self.records.iter().filter(follows).collect();
        let withdrawn = |code: &VoucherId| {
            followed_by.iter().any(|after| match &after.body {
                Body::Void(undo) | Body::Return(undo) => undo.codes_cancelled.contains(code),
                _ => false,
            })
        };
        let owner = Owner::of(sale, followed_by.iter().copied(), |code| {
            Ok::<_, std::convert::Infallible>(if withdrawn(code) {
                IssueState::Withdrawn
            } else if self.used.contains(code) {
                IssueState::Used
            } else {
                IssueState::Open
            })
        });
        let owner = owner.unwrap_or_else(|never| match never {});
        let sold = Sold::of(sale, followed_by, owner.as_ref()).expect("a sale");
        let evaluator = self.programmes.get(&sale.header.programme_version);
        Some(recompute(&sold, evaluator))
    }
}

#[tokio::test]
async fn what_a_days_trade_gave_comes_out_again() {
    let mut world = World::new().await;
    world.trade("a").await;
    world.pass(TimeDelta::days(20));
    world.trade("b").await;
    assert_eq!(check_recomputed(&world), 2 * 7);
    world.stop().await;
}
