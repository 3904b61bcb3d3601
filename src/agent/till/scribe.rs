//! Writes records: numbers, chains, signs and stores them, and keeps what must be known of the
//! journal's end in memory.

use std::sync::Arc;

use chrono::{NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;
use rusqlite::Connection;
use tokio::sync::watch;

use super::answer::{Novelty, Recorded};
use crate::agent::clock::{Clock, JumpDetector, Sample};
use crate::agent::store::base::{Base, OpenBase, Pulls};
use crate::agent::store::error::StoreError;
use crate::agent::store::ledger::days::{Day, DayState};
use crate::agent::store::ledger::{accounts, days, journal, shared_uses, vouchers_issued};
use crate::agent::store::sums::{day_sums, totals_after};
use crate::agent::store::writer::WriterState;
use crate::journal::{
    Body, ClockReading, ClockTrust, DailyClosing, ENGINE, FORMAT, Head, Header, ObjectKind,
    Position, Record, RunningTotals, SigningKey, entry, seal,
};
use crate::loyalty::{Account, OperatorRef, Programme, StoreId, TillId};
use crate::wire::sync::JournalPlace;

/// The writer's memory: the end of the journal, and what every record says of its circumstances.
pub(crate) struct Scribe {
    pub(crate) key: Arc<SigningKey>,
    pub(crate) store: StoreId,
    pub(crate) base: Option<OpenBase>,
    /// Told of each record, so that it doubts a wall time before one; `None` in recovery.
    pub(crate) clock: Option<Clock>,
    /// Told of damage in what the hub said, so that it is asked for again.
    pub(crate) pulls: Arc<Pulls>,
    /// Told of the last record that is durable.
    pub(crate) heads: watch::Sender<Option<JournalPlace>>,
    end: End,
    /// Bases that jobs replaced since the last commit, oldest first: a connection cannot be
    /// copied into a mark, so it is kept until nothing can be rolled back to it.
    bases_before: Vec<Option<OpenBase>>,
}

/// What a rolled back job must give back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    end: End,
    bases_before: usize,
}

/// What is known of the journal's end.
#[derive(Clone, Copy, Debug)]
struct End {
    next: Position,
    totals: RunningTotals,
    /// The day up to which days were closed; `None` after a start.
    open_day: Option<NaiveDate>,
    /// The day of the latest receipt, so that a receipt need not read it.
    day: Option<Day>,
    /// Whether receipts of this batch were added to it that its row does not have yet.
    day_is_unsaved: bool,
    /// The zone whose midnight ends a day: the programme's, UTC before there is one.
    zone: Tz,
    programme_version: u32,
    jumps: JumpDetector,
    hub: HubPlace,
}

/// How far this ledger and the hub know each other; zeros where there is no hub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HubPlace {
    /// How far the hub's changes are stored.
    pub(crate) cursor: u64,
    /// Number of the hub's last checkpoint.
    pub(crate) checkpoint: u64,
}

impl WriterState for Scribe {
    type Mark = Mark;

    fn mark(&self) -> Mark {
        Mark { end: self.end, bases_before: self.bases_before.len() }
    }

    fn restore(&mut self, mark: Mark) {
        self.end = mark.end;
        for base in self.bases_before.drain(mark.bases_before..).rev() {
            self.base = base;
        }
    }

    fn before_commit(&mut self, connection: &Connection) -> Result<(), StoreError> {
        self.save_day(connection)
    }

    fn committed(&mut self) {
        self.bases_before.clear();
        let head = self.head();
        self.heads.send_if_modified(|told| std::mem::replace(told, head) != head);
    }
}

/// Who asked for a record.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) till: Option<TillId>,
    pub(crate) operator: Option<OperatorRef>,
    /// The programme that it was decided under, where that is not the one in force.
    pub(crate) programme_version: Option<u32>,
}

impl Scribe {
    /// Goes on behind the last record, or begins a journal.
    pub(crate) fn new(
        key: Arc<SigningKey>,
        store: StoreId,
        last: Option<(Head, RunningTotals)>,
    ) -> Self {
        let (next, totals) = match last {
            Some((head, totals)) => (head.next(), totals),
            None => (Position::FIRST, RunningTotals::default()),
        };
        let (zone, programme_version) = (Tz::UTC, 0);
        let jumps = JumpDetector::default();
        let hub = HubPlace::default();
        let end = End {
            next,
            totals,
            open_day: None,
            day: None,
            day_is_unsaved: false,
            zone,
            programme_version,
            jumps,
            hub,
        };
        let (pulls, bases_before) = Default::default();
        let heads = watch::Sender::new(None);
        let (base, clock) = (None, None);
        let scribe = Self { key, store, base, clock, pulls, heads, end, bases_before };
        scribe.heads.send_replace(scribe.head());
        scribe
    }

    /// What is decided from now on is decided under this programme.
    pub(crate) fn put_in_force(&mut self, programme: &Programme) {
        self.end.zone = programme.zone;
        self.end.programme_version = programme.version;
    }

    /// Accounts begin with another base from now on.
    pub(crate) fn replace_base(&mut self, base: OpenBase) {
        self.bases_before.push(self.base.replace(base));
    }

    /// The base that accounts begin with, under what the hub said since.
    pub(crate) fn base<'a>(&'a self, ledger: &'a Connection) -> Option<Base<'a>> {
        self.base.as_ref().map(|base| base.view().under(ledger, &self.pulls))
    }

    /// The last record, where this epoch has one.
    fn head(&self) -> Option<JournalPlace> {
        let Position { epoch, sequence, .. } = self.end.next;
        (sequence > 1).then(|| JournalPlace { epoch, sequence: sequence - 1 })
    }

    /// What is known of the hub as of what this job stored.
    pub(crate) fn note_hub(&mut self, hub: HubPlace) {
        self.end.hub = hub;
    }

    /// How far this ledger and the hub know each other.
    pub(crate) fn hub(&self) -> HubPlace {
        self.end.hub
    }

    /// The epoch of the next record.
    pub(crate) fn epoch(&self) -> u32 {
        self.end.next.epoch
    }

    /// Goes on in a new epoch, behind the last record: after a salvage or a restore.
    pub(crate) fn begin_epoch(&mut self, epoch: u32) {
        self.end.next = Position { epoch, sequence: 1, previous: self.end.next.previous };
    }

    /// Records something, after what must be recorded before it: a clock jump, the closing of
    /// days that are over. The account that it changes is booked, and the vouchers that it hands
    /// out or cancels are kept.
    pub(crate) fn record(
        &mut self,
        connection: &Connection,
        sample: Sample,
        asked: &Asked,
        body: Body,
    ) -> Result<Recorded, StoreError> {
        self.record_knowing(connection, sample, asked, body, None)
    }

    /// [`Scribe::record`] where the account was loaded already in this job, as it is before.
    pub(crate) fn record_knowing(
        &mut self,
        connection: &Connection,
        sample: Sample,
        asked: &Asked,
        body: Body,
        before: Option<Account>,
    ) -> Result<Recorded, StoreError> {
        self.record_what_is_due(connection, sample)?;
        let recorded = self.append(connection, sample, asked, body)?;
        self.add_to_day(connection, &recorded.record)?;
        shared_uses::add(connection, &recorded.record)?;
        vouchers_issued::take_up(connection, &recorded.record, recorded.id)?;
        if let Some((account, entry)) = entry(&recorded.record) {
            accounts::book(
                connection,
                self.base(connection),
                account,
                before,
                &entry,
                recorded.id,
            )?;
        }
        Ok(recorded)
    }

    /// Records a jump of the wall clock and closes days that are over.
    pub(crate) fn record_what_is_due(
        &mut self,
        connection: &Connection,
        sample: Sample,
    ) -> Result<(), StoreError> {
        if let Some(jump) = self.end.jumps.feed(sample.reading) {
            tracing::warn!(from = %jump.from, to = %jump.to, "wall clock jumped");
            self.append(connection, sample, &Asked::default(), Body::ClockJump(jump))?;
            self.end.open_day = None;
        }
        let today = sample.at.with_timezone(&self.end.zone).date_naive();
        if self.end.open_day.is_some_and(|open| open >= today) {
            return Ok(());
        }
        self.close_days_before(connection, sample, today)?;
        self.end.open_day = Some(today);
        Ok(())
    }

    fn append(
        &mut self,
        connection: &Connection,
        sample: Sample,
        asked: &Asked,
        body: Body,
    ) -> Result<Recorded, StoreError> {
        let totals = totals_after(self.end.totals, &body);
        let (position, trust) = (self.end.next, sample.reading.trust);
        let header = Header {
            format: FORMAT,
            engine: ENGINE,
            device: self.key.device_id(),
            epoch: position.epoch,
            sequence: position.sequence,
            previous: position.previous,
            clock: self.reading(sample),
            believed_at: (trust == ClockTrust::Untrusted).then_some(sample.at),
            store: self.store.clone(),
            till: asked.till.clone(),
            operator: asked.operator.clone(),
            programme_version: asked.programme_version.unwrap_or(self.end.programme_version),
            base_cursor: self.base_cursor(),
            checkpoint: self.end.hub.checkpoint,
            totals,
        };
        let record = Record { header, body };
        let sealed = seal(ObjectKind::Record, &record.to_payload(), &self.key)
            .map_err(|_| StoreError::RecordTooLarge)?;
        let id = journal::append(connection, &record, &sealed)?;
        if let Some(clock) = self.clock.as_ref().filter(|_| trust == ClockTrust::Trusted) {
            clock.note_record_time(sample.at);
        }
        self.end.next = Head::of(&record.header, sealed.hash).next();
        self.end.totals = totals;
        let signature = sealed.signature;
        Ok(Recorded { id, record, signature, novelty: Novelty::Fresh })
    }

    /// What balances are read from: the hub's changes, else the file.
    fn base_cursor(&self) -> u64 {
        let file = || self.base.as_ref().map_or(0, |base| base.view().cursor().unsigned_abs());
        if self.end.hub.cursor > 0 { self.end.hub.cursor } else { file() }
    }

    fn reading(&self, sample: Sample) -> ClockReading {
        let offset = self.end.zone.offset_from_utc_datetime(&sample.at.naive_utc()).fix();
        let offset_minutes = offset.local_minus_utc() / 60;
        let offset_minutes =
            i16::try_from(offset_minutes).expect("offsets from UTC are less than a day");
        ClockReading { offset_minutes, ..sample.reading }
    }

    fn add_to_day(&mut self, connection: &Connection, record: &Record) -> Result<(), StoreError> {
        let Some((day, sums)) = day_sums(record) else { return Ok(()) };
        if self.end.day.is_none_or(|known| known.day != day) {
            self.save_day(connection)?;
            match days::load(connection, day) {
                Ok(stored) => self.end.day = Some(stored.unwrap_or_else(|| Day::new(day))),
                Err(StoreError::RowDamaged { .. }) => {
                    // The journal has the record already.
                    sum_days_anew(connection)?;
                    self.end.day = days::load(connection, day)?;
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(known) = &mut self.end.day {
            known.add(&sums);
            self.end.day_is_unsaved = true;
        }
        Ok(())
    }

    /// Once for all receipts of a batch.
    fn save_day(&mut self, connection: &Connection) -> Result<(), StoreError> {
        if let Some(day) = self.end.day.filter(|_| self.end.day_is_unsaved) {
            days::save(connection, &day)?;
            self.end.day_is_unsaved = false;
        }
        Ok(())
    }

    fn close_days_before(
        &mut self,
        connection: &Connection,
        sample: Sample,
        today: NaiveDate,
    ) -> Result<(), StoreError> {
        self.save_day(connection)?;
        let days = match days::all(connection) {
            Err(StoreError::RowDamaged { .. }) => {
                sum_days_anew(connection)?;
                days::all(connection)?
            }
            days => days?,
        };
        let over = |day: &Day| day.day < today && day.state == DayState::Open;
        for mut day in days.into_iter().filter(over) {
            let closing = DailyClosing {
                day: day.day,
                day_totals: day.sums.totals,
                perpetual: self.end.totals,
                identified_receipts: day.sums.identified_receipts,
                identified_value: day.sums.identified_value,
                taken_back: day.sums.taken_back,
                closed_before: day.closings,
            };
            self.append(connection, sample, &Asked::default(), Body::DailyClosing(closing))?;
            day.close();
            days::save(connection, &day)?;
        }
        // The one in memory may be among them.
        self.end.day = None;
        Ok(())
    }
}

fn sum_days_anew(connection: &Connection) -> Result<(), StoreError> {
    tracing::warn!("a day's sums are damaged or of an older version; summed anew");
    days::sum_anew(connection)
}

#[cfg(test)]
mod tests;
