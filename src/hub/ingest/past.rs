//! Records that a batch is about and that were here before: sales, and what followed them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::hub::store::Tx;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::Place;
use crate::journal::{Body, ObjectKind, Record, RecordRef, read_unverified};

/// Records by place, those of the batch among them once they had their turn, and what follows what.
#[derive(Debug, Default)]
pub(super) struct Past {
    records: BTreeMap<Place, (Record, DateTime<Utc>)>,
    follow_ups: BTreeMap<Place, BTreeSet<Place>>,
}

impl Past {
    /// Reads what followed sales, and the sales themselves.
    pub(super) fn read(
        tx: &mut dyn Tx,
        sales: &BTreeSet<Place>,
        beside: &BTreeSet<Place>,
    ) -> Result<Self, StoreError> {
        let sales: Vec<Place> = sales.iter().copied().collect();
        let follow_ups = tx.follow_ups(&sales)?;
        let after = follow_ups.values().flatten().copied();
        let wanted: BTreeSet<Place> =
            sales.iter().copied().chain(after).chain(beside.iter().copied()).collect();
        let rows = tx.records(&wanted.into_iter().collect::<Vec<_>>())?;
        let read = |(place, row): (Place, crate::hub::store::rows::JournalRow)| {
            // What is here was checked when it came.
            let opened = read_unverified(ObjectKind::Record, &row.bytes).ok()?;
            Some((place, (Record::from_payload(opened.payload).ok()?, row.effective_at)))
        };
        Ok(Self {
            records: rows.into_iter().filter_map(read).collect(),
            follow_ups: follow_ups
                .into_iter()
                .map(|(sale, after)| (sale, after.into_iter().collect()))
                .collect(),
        })
    }

    /// A record that was here, or had its turn.
    pub(super) fn record(&self, place: Place) -> Option<&Record> {
        self.records.get(&place).map(|(record, _)| record)
    }

    /// When a record took effect.
    pub(super) fn effective_at(&self, place: Place) -> Option<DateTime<Utc>> {
        self.records.get(&place).map(|(_, at)| *at)
    }

    /// What followed a sale, in order of devices and places.
    pub(super) fn follow_ups(&self, sale: Place) -> impl Iterator<Item = (Place, &Record)> {
        let places = self.follow_ups.get(&sale).into_iter().flatten();
        places.filter_map(|place| Some((*place, self.record(*place)?)))
    }

    /// A record had its turn.
    pub(super) fn take_up(&mut self, place: Place, record: Record, at: DateTime<Utc>) {
        if let Some(of) = about(&record) {
            self.follow_ups.entry(place_of_ref(of)).or_default().insert(place);
        }
        self.records.insert(place, (record, at));
    }
}

/// The sale that a record is about.
pub(super) fn about(record: &Record) -> Option<&RecordRef> {
    match &record.body {
        Body::Void(undo) | Body::Return(undo) => Some(&undo.of),
        Body::Assign(assign) => Some(&assign.of),
        Body::Adjustment(adjustment) => adjustment.of.as_ref(),
        _ => None,
    }
}

pub(super) fn place_of_ref(of: &RecordRef) -> Place {
    let RecordRef { device, epoch, sequence, .. } = of;
    Place { device: *device, epoch: *epoch, sequence: *sequence }
}
