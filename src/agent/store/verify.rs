//! Checks a whole journal: every signature, and that no record is missing, changed or swapped.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::error::StoreError;
use super::ledger::journal::{self, row_id};
use crate::journal::{
    Body, Chain, ChainFault, Gap, Head, Kind, ObjectKind, PublicKey, Record, RecordHash,
    RunningTotals, read_unverified,
};

/// Faults that a report keeps; the others are only counted.
const FAULTS_KEPT_MAX: usize = 1_000;

/// What a journal holds and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct JournalReport {
    /// Records that are proven.
    pub(crate) records: u64,
    /// Of each kind.
    pub(crate) by_kind: BTreeMap<Kind, u64>,
    /// The last sequence of each epoch.
    pub(crate) epochs: BTreeMap<u32, u64>,
    /// Wall times of the first and the last record.
    pub(crate) times: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// The last proven record.
    pub(crate) last: Option<(Head, RunningTotals)>,
    /// Records that signed gaps stand for.
    pub(crate) gaps: Vec<Gap>,
    /// Ranges that are missing and that no gap stands for.
    pub(crate) missing: Vec<Missing>,
    /// Rows that are not proven, or do not follow the one before.
    pub(crate) faults: Vec<Fault>,
    /// How many there are, kept in `faults` or not.
    pub(crate) faults_found: usize,
}

/// A row that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Its place: the row, or for an exported journal its number in the file.
    pub(crate) id: i64,
    pub(crate) fault: ChainFault,
    /// No gap stands for it and nothing proves it.
    pub(crate) proof: Proof,
}

/// Whether a faulty row is a record of this device all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// It is, but does not follow the one before.
    Signed,
    /// Nothing proves it.
    None,
}

/// Records that are not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Missing {
    pub(crate) epoch: u32,
    pub(crate) first: u64,
    /// The last, as far as is known.
    pub(crate) last: u64,
}

impl JournalReport {
    /// Whether every record is proven and every missing one is accounted for.
    pub(crate) fn is_sound(&self) -> bool {
        self.faults_found == 0 && self.missing.is_empty()
    }
}

/// Checks the journal of a ledger with the device's key.
///
/// # Errors
/// The rows cannot be read.
pub(crate) fn verify(connection: &Connection, key: PublicKey) -> Result<JournalReport, StoreError> {
    let mut verifier = Verifier::new(key);
    journal::each(connection, 0, |id, bytes| {
        verifier.take(id, bytes);
        Ok::<_, StoreError>(())
    })?;
    Ok(verifier.finish())
}

/// Takes records in their order and says in the end what they are.
pub(crate) struct Verifier {
    chain: Chain,
    report: JournalReport,
}

impl Verifier {
    /// Begins before a device's first record.
    pub(crate) fn new(key: PublicKey) -> Self {
        Self { chain: Chain::begin(key.device_id(), key), report: JournalReport::default() }
    }

    /// Takes the next record.
    pub(crate) fn take(&mut self, id: i64, bytes: &[u8]) {
        let header = unverified(bytes).map(|record| record.header);
        // Only what the chain then accepts was really missing before it.
        let before = self.chain.clone();
        let mut missing = None;
        let accepted = match self.chain.accept(bytes) {
            Err(ChainFault::SequenceGap { expected, found }) => {
                let (epoch, previous) = match &header {
                    Some(header) => (header.epoch, header.previous),
                    None => (0, RecordHash::ZERO),
                };
                missing = Some(Missing { epoch, first: expected, last: found - 1 });
                self.chain.resume_at(Head { epoch, sequence: found - 1, hash: previous });
                self.chain.accept(bytes)
            }
            Err(ChainFault::EpochStartsElsewhere { previous, .. }) => {
                missing = self.chain.head().map(|head| {
                    let next = head.sequence + 1;
                    Missing { epoch: head.epoch, first: next, last: next }
                });
                let lost = missing.map(|missing| Head {
                    epoch: missing.epoch,
                    sequence: missing.last,
                    hash: previous,
                });
                lost.into_iter().for_each(|head| self.chain.resume_at(head));
                self.chain.accept(bytes)
            }
            accepted => accepted,
        };
        match accepted {
            Ok(record) => {
                if before.head().is_none() && missing.is_none() {
                    missing = forerunner(&record);
                }
                self.report.missing.extend(missing);
                self.count(&record, bytes);
            }
            Err(fault) => {
                self.chain = before;
                self.note_fault(id, bytes, fault);
            }
        }
    }

    /// What was found, less what signed gaps account for.
    pub(crate) fn finish(mut self) -> JournalReport {
        let gaps = &self.report.gaps;
        let missing = std::mem::take(&mut self.report.missing);
        self.report.missing = missing.iter().flat_map(|missing| missing.without(gaps)).collect();
        self.report
    }

    fn count(&mut self, record: &Record, bytes: &[u8]) {
        let report = &mut self.report;
        let header = &record.header;
        report.records += 1;
        *report.by_kind.entry(record.body.kind()).or_default() += 1;
        report.epochs.insert(header.epoch, header.sequence);
        let wall = header.clock.wall;
        report.times = Some((report.times.map_or(wall, |(first, _)| first), wall));
        report.last = Some((Head::of(header, RecordHash::of(bytes)), header.totals));
        if let Body::Gap(gap) = &record.body {
            report.gaps.push(gap.clone());
        }
    }

    /// A record that is signed but does not fit is gone on behind, so that one fault is told once.
    fn note_fault(&mut self, id: i64, bytes: &[u8], fault: ChainFault) {
        let signed = matches!(
            fault,
            ChainFault::HashMismatch { .. }
                | ChainFault::SequenceRepeated { .. }
                | ChainFault::EpochBackwards { .. }
                | ChainFault::UnknownFormat { .. }
        );
        if let (ChainFault::HashMismatch { .. }, Some(record)) = (&fault, unverified(bytes)) {
            self.chain.resume_at(Head::of(&record.header, RecordHash::of(bytes)));
            self.count(&record, bytes);
        }
        let proof = if signed { Proof::Signed } else { Proof::None };
        self.report.faults_found += 1;
        if self.report.faults.len() < FAULTS_KEPT_MAX {
            self.report.faults.push(Fault { id, fault, proof });
        }
    }
}

impl Missing {
    /// The row of the first.
    pub(crate) fn first_id(&self) -> i64 {
        row_id(self.epoch, self.first)
    }

    /// What of it no gap stands for.
    pub(crate) fn without(&self, gaps: &[Gap]) -> Vec<Self> {
        let mut left = vec![*self];
        for gap in gaps.iter().filter(|gap| gap.epoch == self.epoch) {
            let (gap_first, gap_last) = (gap.first_sequence, gap.last_sequence);
            left = left
                .into_iter()
                .flat_map(|part| {
                    let below = Self { last: part.last.min(gap_first.saturating_sub(1)), ..part };
                    let above = Self { first: part.first.max(gap_last.saturating_add(1)), ..part };
                    if gap_last < part.first || gap_first > part.last {
                        return vec![part];
                    }
                    [below, above].into_iter().filter(|part| part.first <= part.last).collect()
                })
                .collect();
        }
        left
    }
}

/// A journal's first record that names one before it: that one is lost.
fn forerunner(record: &Record) -> Option<Missing> {
    let header = &record.header;
    let lost = header.sequence == 1 && header.previous != RecordHash::ZERO;
    lost.then(|| Missing { epoch: header.epoch.saturating_sub(1), first: 1, last: 1 })
}

fn unverified(bytes: &[u8]) -> Option<Record> {
    let opened = read_unverified(ObjectKind::Record, bytes).ok()?;
    Record::from_payload(opened.payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Remark;

    #[test]
    fn gaps_account_for_what_they_name_and_no_more() {
        let gap = |first_sequence, last_sequence| Gap {
            epoch: 2,
            first_sequence,
            last_sequence,
            hash: None,
            reason: Remark::clip("test"),
        };
        let missing = Missing { epoch: 2, first: 10, last: 20 };
        let left = |gaps: &[Gap]| -> Vec<(u64, u64)> {
            missing.without(gaps).iter().map(|part| (part.first, part.last)).collect()
        };
        assert_eq!(left(&[]), [(10, 20)]);
        assert_eq!(left(&[gap(10, 20)]), []);
        assert_eq!(left(&[gap(1, 100)]), []);
        assert_eq!(left(&[gap(12, 13), gap(15, 15)]), [(10, 11), (14, 14), (16, 20)]);
        assert_eq!(left(&[gap(1, 9), gap(21, 30)]), [(10, 20)]);
        assert_eq!(left(&[Gap { epoch: 1, ..gap(10, 20) }]), [(10, 20)]);
    }
}
