//! Books the new records of a batch.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::json;

use super::books::{self, Books};
use super::chain::FreshRecord;
use super::effective::{self, Bounds};
use super::evaluators::Evaluators;
use super::explain::{flag, flag_of, kind};
use super::judge::{Judge, Persons};
use super::past::{Past, about, place_of_ref};
use super::twins::{self, Coming, Twins};
use super::vouchers::{self, Vouchers};
use crate::hub::store::Tx;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{AccountRow, DeviceRow, FlagRow, JournalRow, Place, VoucherRow};
use crate::journal::{Body, ClockTrust, Header, Record, entry};
use crate::loyalty::{AccountRef, Entry, EntryKey, VoucherId};
use crate::wire::sync::{Quarantine, Quarantined};

/// Books with what.
pub(super) struct Booking<'a> {
    pub(super) evaluators: &'a Evaluators,
    pub(super) now: DateTime<Utc>,
}

/// What is to be stored of a batch.
#[derive(Debug, Default)]
pub(super) struct BookedBatch {
    pub(super) accounts: Vec<AccountRow>,
    pub(super) vouchers: Vec<VoucherRow>,
    pub(super) flags: Vec<FlagRow>,
    pub(super) quarantined: Vec<Quarantined>,
    pub(super) added: usize,
}

/// A record of a batch on its way.
struct Item {
    row: JournalRow,
    record: Option<Box<Record>>,
    entry: Option<(AccountRef, Entry)>,
}

impl Booking<'_> {
    /// Books records and adds them to the journal. Accounts and vouchers are left to be stored, for
    /// they are stored at a cursor.
    pub(super) fn book(
        &self,
        tx: &mut dyn Tx,
        device: &DeviceRow,
        fresh: Vec<FreshRecord>,
    ) -> Result<BookedBatch, StoreError> {
        if fresh.is_empty() {
            return Ok(BookedBatch::default());
        }
        let mut items = self.items(tx, device, fresh)?;
        let (past, twins) = self.past_and_twins(tx, &items)?;
        let persons = Persons::read(tx, items.iter().filter_map(|item| item.record.as_deref()))?;
        let vouchers = Vouchers::open(tx, voucher_ids(&items, &past))?;
        let is_booked = |item: &&Item| !twins.left_out.contains(&item.row.place);
        let coming: Vec<(AccountRef, EntryKey)> = items
            .iter()
            .filter(is_booked)
            .filter_map(|item| item.entry.as_ref().map(|(account, entry)| (*account, entry.key)))
            .collect();
        let books = Books::open(tx, &coming, &twins.removed)?;
        let mut flags = self.twin_flags(&twins);
        let mut round = Round { books, vouchers, past, flags: Vec::new() };
        for place in removed_places(&twins) {
            if let Some(Body::Sale(sale)) = round.past.record(place).map(|record| &record.body) {
                round.vouchers.unbooked(sale, place);
            }
        }
        for item in &mut items {
            let left_out = twins.left_out.contains(&item.row.place);
            self.take(tx, item, left_out, &persons, &mut round)?;
        }
        flags.append(&mut round.flags);
        let booked = round.books.close();
        let (voucher_rows, used_twice) = round.vouchers.close();
        flags.extend(used_twice.into_iter().map(|(place, voucher_type, first)| {
            let detail = json!({ "used_before_by": place_json(first) });
            flag(place, kind::VOUCHER_TWICE, voucher_type.as_str(), &detail, self.now)
        }));
        flags.extend(booked.reached_twice.into_iter().map(|(place, rule)| {
            flag(
                place,
                kind::MILESTONE_TWICE,
                rule.as_str(),
                &json!({ "policy": "keep" }),
                self.now,
            )
        }));
        let rows: Vec<JournalRow> = items.into_iter().map(|item| item.row).collect();
        tx.append(&rows)?;
        tx.remove_entries(&twins.removed)?;
        tx.move_receipts(&twins.moved.into_iter().collect::<Vec<_>>())?;
        tx.add_entries(&booked.entries)?;
        let quarantined = rows.iter().filter_map(|row| {
            let Place { epoch, sequence, .. } = row.place;
            Some(Quarantined { epoch, sequence, reason: row.quarantine?.number() })
        });
        Ok(BookedBatch {
            quarantined: quarantined.collect(),
            added: rows.len(),
            accounts: booked.accounts,
            vouchers: voucher_rows,
            flags,
        })
    }

    /// Rows of the journal, with what each does to an account in its place in time.
    fn items(
        &self,
        tx: &mut dyn Tx,
        device: &DeviceRow,
        fresh: Vec<FreshRecord>,
    ) -> Result<Vec<Item>, StoreError> {
        let mut checkpoints: BTreeMap<u64, DateTime<Utc>> = BTreeMap::new();
        let mut items = Vec::with_capacity(fresh.len());
        for FreshRecord { place, bytes, hash, read } in fresh {
            let (record, quarantine) = match read {
                Ok(record) => (Some(record), None),
                Err(reason) => (None, Some(reason)),
            };
            let header = record.as_ref().map(|record| &record.header);
            let bounds = self.bounds(tx, device, header, &mut checkpoints)?;
            let effective_at =
                header.map_or(self.now, |header| effective::of_record(header, bounds));
            let mut entry = record.as_deref().and_then(entry);
            if let (Some((_, entry)), Some(header)) = (&mut entry, header) {
                effective::place(entry, header, bounds);
            }
            let kind = record.as_ref().map_or(0, |record| record.body.kind().number());
            let arrived_at = self.now;
            let row = JournalRow { place, kind, bytes, hash, effective_at, arrived_at, quarantine };
            items.push(Item { row, record, entry });
        }
        Ok(items)
    }

    fn bounds(
        &self,
        tx: &mut dyn Tx,
        device: &DeviceRow,
        header: Option<&Header>,
        checkpoints: &mut BTreeMap<u64, DateTime<Utc>>,
    ) -> Result<Bounds, StoreError> {
        let mut bounds = Bounds { earliest: device.enrolled_at, latest: self.now };
        let doubted = header.filter(|header| header.clock.trust == ClockTrust::Untrusted);
        if let Some(number) = doubted.map(|header| header.checkpoint).filter(|number| *number > 0) {
            bounds.earliest = match checkpoints.get(&number) {
                Some(at) => *at,
                None => {
                    let at = tx.checkpoint_at(device.device, number)?;
                    let at = at.unwrap_or(device.enrolled_at);
                    checkpoints.insert(number, at);
                    at
                }
            };
        }
        Ok(bounds)
    }

    /// What the batch is about, and what of it is here already under another record.
    fn past_and_twins(&self, tx: &mut dyn Tx, items: &[Item]) -> Result<(Past, Twins), StoreError> {
        let coming: Vec<Coming<'_>> = items.iter().filter_map(Item::coming).collect();
        let mut follow_ups = Vec::new();
        let mut sales = BTreeSet::new();
        for one in &coming {
            if let Some(of) = about(one.record) {
                follow_ups.push((place_of_ref(of), one.place));
                sales.insert(place_of_ref(of));
            }
            if matches!(one.record.body, Body::Sale(_)) {
                sales.insert(one.place);
            }
        }
        let receipts: BTreeMap<_, Place> = coming
            .iter()
            .rev()
            .filter_map(|one| Some((twins::receipt_of(one.record)?, one.place)))
            .collect();
        let mut noted = tx.note_receipts(&receipts.clone().into_iter().collect::<Vec<_>>())?;
        let beside: BTreeSet<Place> = noted.values().copied().collect();
        let past = Past::read(tx, &sales, &beside)?;
        // Of receipts that are new the first of the batch is noted.
        for (key, place) in receipts {
            noted.entry(key).or_insert(place);
        }
        let twins = twins::find(&coming, &noted, &past);
        tx.note_follow_ups(&follow_ups)?;
        Ok((past, twins))
    }

    fn twin_flags(&self, twins: &Twins) -> Vec<FlagRow> {
        let told = twins.told.iter().map(|(place, what, instead)| {
            flag(*place, what, "", &json!({ "booked": place_json(*instead) }), self.now)
        });
        told.collect()
    }

    /// Computes a record again and books it.
    fn take(
        &self,
        tx: &mut dyn Tx,
        item: &mut Item,
        left_out: bool,
        persons: &Persons,
        round: &mut Round,
    ) -> Result<(), StoreError> {
        let place = item.row.place;
        let Some(record) = item.record.take() else {
            let reason = item.row.quarantine.map_or("", quarantine_text);
            let detail = json!({ "reason": reason });
            round.flags.push(flag(place, kind::QUARANTINED, "", &detail, self.now));
            return Ok(());
        };
        if !left_out {
            let key = item.entry.as_ref().map(|(_, entry)| entry.key);
            let judge = Judge {
                evaluators: self.evaluators,
                persons,
                past: &round.past,
                books: &round.books,
                vouchers: &round.vouchers,
            };
            let outcome = judge.judge(tx, &record, key)?;
            round.flags.extend(outcome.and_then(|outcome| flag_of(place, &outcome, self.now)));
        }
        let booked = !left_out && self.add(item, round);
        if booked {
            round.note_vouchers(&record, place, item.row.effective_at);
        }
        round.past.take_up(place, *record, item.row.effective_at);
        Ok(())
    }

    /// Books what a record does to its account; whether it could be.
    fn add(&self, item: &mut Item, round: &mut Round) -> bool {
        let Some((account, entry)) = item.entry.take() else { return true };
        let place = item.row.place;
        let counts = books::counts_milestones(&entry);
        if let Some(before) = round.books.before(account, entry.key).filter(|_| counts) {
            for (place, rule) in books::reached_before(&before, &entry) {
                let detail = json!({ "policy": "keep" });
                let flag = flag(place, kind::MILESTONE_TWICE, rule.as_str(), &detail, self.now);
                round.flags.push(flag);
            }
        }
        if round.books.add(account, entry).is_ok() {
            return true;
        }
        item.row.quarantine = Some(Quarantine::OutOfRange);
        let detail = json!({ "reason": quarantine_text(Quarantine::OutOfRange) });
        round.flags.push(flag(place, kind::QUARANTINED, "", &detail, self.now));
        false
    }
}

/// What changes from record to record.
struct Round {
    books: Books,
    vouchers: Vouchers,
    past: Past,
    flags: Vec<FlagRow>,
}

impl Round {
    fn note_vouchers(&mut self, record: &Record, place: Place, at: DateTime<Utc>) {
        match &record.body {
            Body::Sale(sale) => {
                let after =
                    self.past.follow_ups(place).filter_map(|(_, after)| match &after.body {
                        Body::Void(undo) | Body::Return(undo) => Some(&undo.vouchers_freed),
                        _ => None,
                    });
                let freed: BTreeSet<&VoucherId> = after.flatten().collect();
                self.vouchers.used(sale, (place, at), &freed);
                if let Some(member) = &sale.member {
                    self.vouchers.issued(&member.issued, member.account);
                }
            }
            Body::Assign(assign) => self.vouchers.issued(&assign.issued, assign.account),
            Body::Void(undo) | Body::Return(undo) => {
                self.vouchers.freed(undo, place_of_ref(&undo.of));
                self.vouchers.withdrawn(undo);
            }
            _ => {}
        }
    }
}

impl Item {
    fn coming(&self) -> Option<Coming<'_>> {
        let record = self.record.as_deref()?;
        let effective_at =
            self.entry.as_ref().map_or(self.row.effective_at, |(_, entry)| entry.key.effective_at);
        Some(Coming { place: self.row.place, record, effective_at })
    }
}

/// Every voucher that records of a batch are about, and those that the sales they are about handed
/// out.
fn voucher_ids(items: &[Item], past: &Past) -> BTreeSet<VoucherId> {
    let mut ids = BTreeSet::new();
    for record in items.iter().filter_map(|item| item.record.as_deref()) {
        match &record.body {
            Body::Sale(sale) => ids.extend(vouchers::of_sale(sale)),
            Body::Assign(assign) => ids.extend(vouchers::codes(&assign.issued)),
            Body::Void(undo) | Body::Return(undo) => {
                ids.extend(undo.vouchers_freed.iter().chain(&undo.codes_cancelled).cloned());
                let of = place_of_ref(&undo.of);
                let sale = past.record(of).into_iter();
                let after = past.follow_ups(of).map(|(_, record)| record);
                for record in sale.chain(after) {
                    match &record.body {
                        Body::Sale(sale) => {
                            let issued = sale.member.iter().flat_map(|member| &member.issued);
                            ids.extend(vouchers::codes(issued));
                        }
                        Body::Assign(assign) => ids.extend(vouchers::codes(&assign.issued)),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    ids
}

fn removed_places(twins: &Twins) -> BTreeSet<Place> {
    twins.removed.iter().map(|(_, place)| *place).collect()
}

fn place_json(place: Place) -> serde_json::Value {
    let Place { device, epoch, sequence } = place;
    json!({ "device": device.to_string(), "epoch": epoch, "sequence": sequence })
}

fn quarantine_text(reason: Quarantine) -> &'static str {
    match reason {
        Quarantine::Unreadable => "unreadable",
        Quarantine::UnknownFormat => "unknown_format",
        Quarantine::OutOfRange => "out_of_range",
    }
}
