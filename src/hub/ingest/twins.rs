//! The same receipt in two journals: tills that fail over to another agent ask it again. The first
//! by its time is booked, whichever arrives first; the other is kept and flagged.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::explain::kind;
use super::past::{Past, about, place_of_ref};
use crate::hub::store::rows::{Place, ReceiptKey};
use crate::journal::{Body, Record, entry};
use crate::loyalty::AccountRef;

/// What is not booked, and what was and is no more.
#[derive(Debug, Default)]
pub(super) struct Twins {
    /// Records of the batch that are not booked.
    pub(super) left_out: BTreeSet<Place>,
    /// Entries of earlier records that are taken back.
    pub(super) removed: Vec<(AccountRef, Place)>,
    /// Receipts that are another record than they were.
    pub(super) moved: BTreeMap<ReceiptKey, Place>,
    /// Each record that has a twin which is booked instead: what about it, and the twin.
    pub(super) told: BTreeSet<(Place, &'static str, Place)>,
}

/// A record of the batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coming<'a> {
    pub(super) place: Place,
    pub(super) record: &'a Record,
    pub(super) effective_at: DateTime<Utc>,
}

/// What makes a sale's receipt one of a kind.
pub(super) fn receipt_of(record: &Record) -> Option<ReceiptKey> {
    let Body::Sale(sale) = &record.body else { return None };
    let (store, till) = (record.header.store.clone(), record.header.till.clone()?);
    Some(ReceiptKey { store, till, uid: sale.uid.clone() })
}

/// Finds them. `noted` are the receipts of the batch that another record was noted for before.
pub(super) fn find(
    coming: &[Coming<'_>],
    noted: &BTreeMap<ReceiptKey, Place>,
    past: &Past,
) -> Twins {
    let by_place: BTreeMap<Place, Coming<'_>> =
        coming.iter().map(|one| (one.place, *one)).collect();
    let mut finder = Finder { by_place, past, noted: noted.clone(), twins: Twins::default() };
    for one in coming {
        match &one.record.body {
            Body::Sale(sale) => {
                finder.of_receipt(one);
                if sale.member.is_some() {
                    for late in finder.others_about(one.place, one.place, is_late_member) {
                        finder.leave_out(late, kind::MEMBER_TWICE, one.place);
                    }
                }
            }
            Body::Void(_) | Body::Return(_) => {
                let same = |other: &Record| is_same_undo(one.record, other);
                finder.of_sale(one, kind::UNDO_TWICE, same);
            }
            Body::Assign(_) => {
                finder.of_sale(one, kind::MEMBER_TWICE, is_late_member);
                finder.of_named_sale(one);
            }
            _ => {}
        }
    }
    finder.twins
}

struct Finder<'a> {
    by_place: BTreeMap<Place, Coming<'a>>,
    past: &'a Past,
    noted: BTreeMap<ReceiptKey, Place>,
    twins: Twins,
}

impl<'a> Finder<'a> {
    fn of_receipt(&mut self, one: &Coming<'a>) {
        let Some(key) = receipt_of(one.record) else { return };
        let Some(other) = self.noted.get(&key).copied().filter(|other| *other != one.place) else {
            return;
        };
        if self.key(other) <= self.key(one.place) {
            self.leave_out(one.place, kind::RECEIPT_TWICE, other);
        } else {
            self.leave_out(other, kind::RECEIPT_TWICE, one.place);
            self.noted.insert(key.clone(), one.place);
            self.twins.moved.insert(key, one.place);
        }
    }

    /// Of the records that say the same of one sale, the first by its time is booked.
    fn of_sale(&mut self, one: &Coming<'a>, what: &'static str, same: impl Fn(&Record) -> bool) {
        let Some(of) = about(one.record) else { return };
        let others = self.others_about(place_of_ref(of), one.place, same);
        let Some(first) = others.into_iter().min_by_key(|place| self.key(*place)) else { return };
        if self.key(first) <= self.key(one.place) {
            self.leave_out(one.place, what, first);
        } else {
            self.leave_out(first, what, one.place);
        }
    }

    /// A member named for a sale that had one.
    fn of_named_sale(&mut self, one: &Coming<'a>) {
        let Some(of) = about(one.record).map(place_of_ref) else { return };
        let sale = self.record(of).map(|record| &record.body);
        if matches!(sale, Some(Body::Sale(sale)) if sale.member.is_some()) {
            self.leave_out(one.place, kind::MEMBER_TWICE, of);
        }
    }

    /// Other records about a sale, of those here and those earlier in the batch.
    fn others_about(
        &self,
        sale: Place,
        not: Place,
        same: impl Fn(&Record) -> bool,
    ) -> BTreeSet<Place> {
        let here = self.past.follow_ups(sale);
        let of_batch = self.by_place.values().filter(|other| {
            // Of two of the batch the later one looks at the earlier.
            (other.place.epoch, other.place.sequence) < (not.epoch, not.sequence)
                && about(other.record).is_some_and(|of| place_of_ref(of) == sale)
        });
        let all = here.chain(of_batch.map(|other| (other.place, other.record)));
        all.filter(|(place, other)| *place != not && same(other)).map(|(place, _)| place).collect()
    }

    fn record(&self, place: Place) -> Option<&'a Record> {
        self.by_place.get(&place).map(|one| one.record).or_else(|| self.past.record(place))
    }

    fn key(&self, place: Place) -> (Option<DateTime<Utc>>, Place) {
        let of_batch = self.by_place.get(&place).map(|one| one.effective_at);
        (of_batch.or_else(|| self.past.effective_at(place)), place)
    }

    fn leave_out(&mut self, place: Place, what: &'static str, instead: Place) {
        self.twins.told.insert((place, what, instead));
        if self.by_place.contains_key(&place) {
            self.twins.left_out.insert(place);
        } else if let Some((account, _)) = self.past.record(place).and_then(entry) {
            self.twins.removed.push((account, place));
        }
    }
}

fn is_late_member(record: &Record) -> bool {
    matches!(record.body, Body::Assign(_))
}

fn is_same_undo(one: &Record, other: &Record) -> bool {
    let (Body::Void(a) | Body::Return(a)) = &one.body else { return false };
    let (Body::Void(b) | Body::Return(b)) = &other.body else { return false };
    let asked = |record: &Record| (record.header.store.clone(), record.header.till.clone());
    a.undo_uid == b.undo_uid && asked(one) == asked(other)
}
