//! A new ledger in the making: proven records as they are, projections computed, and a new epoch
//! that says what is missing. `keep` takes over what the journal does not know.

mod keep;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::remains::{self, FoundRow, Remains};
use super::replace::NEXT_FILE;
use super::{Built, RecoverError, SET_ASIDE_FOLDER};
use crate::agent::clock::Clock;
use crate::agent::start::{LEDGER_FILE, take_up_base, take_up_programme};
use crate::agent::store::base_files;
use crate::agent::store::checkpoint::{CheckpointMode, checkpoint};
use crate::agent::store::error::StoreError;
use crate::agent::store::ledger::facts::{self, Fact};
use crate::agent::store::ledger::{LEDGER_APPLICATION_ID, LEDGER_MIGRATIONS, journal};
use crate::agent::store::open::{self, OwnedFile};
use crate::agent::store::rebuild::rebuild;
use crate::agent::store::verify::{self, JournalReport, Missing};
use crate::agent::till::hub;
use crate::agent::till::scribe::{Asked, Scribe};
use crate::agent::till::shelf::Shelf;
use crate::journal::{
    BaseChange, Body, ContentHash, EnvelopeError, Gap, KeyChange, KeyId, Kind, LeaseChange,
    ObjectKind, ProgrammeChange, Record, RecordError, Remark, SigningKey, open as open_sealed,
};
use crate::loyalty::StoreId;
use crate::shell::durable_file::{self, FileAccess};

/// A ledger that is being built.
const BUILDING_FILE: &str = "ledger.building.db";

/// Rows under another key that are looked at before a journal counts as another device's.
const OTHER_KEY_ROWS_MAX: usize = 100;

/// How far beyond the last proven record another table's word is taken for records that are lost:
/// a day of the largest store. What names more is damaged itself.
const HEARD_OF_MAX: u64 = 100_000;

/// The year 2020 begins. When nothing of the epochs before is left, the next one is numbered by the
/// hours since then: more than any till has epochs.
const HOURS_BEGIN_UNIX_S: i64 = 1_577_836_800;

/// Why a ledger is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// The old one is damaged.
    Salvage,
    /// A backup is restored.
    Restore,
}

/// What became of bytes that may be a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is proven, and in the new ledger.
    New,
    /// It was there already.
    Known,
    /// It is proven, but another one is there under its number.
    Other { epoch: u32, sequence: u64 },
    /// Another key signed it, or seems to have.
    OtherKey(KeyId),
    /// Nothing proves it.
    Unproven,
}

/// A ledger that is being built.
pub(super) struct Building<'a> {
    folder: &'a Path,
    file: OwnedFile,
    store: &'a StoreId,
    signing: &'a Arc<SigningKey>,
    clock: &'a Clock,
    /// Rows that nothing proves, with the hash of their bytes.
    unproven: BTreeMap<i64, ContentHash>,
    /// Rows that other tables name.
    heard_of: BTreeMap<u32, u64>,
    facts: BTreeMap<String, String>,
    dropped_holds: u32,
}

impl<'a> Building<'a> {
    /// Begins with an empty file; what a crash left of an earlier attempt goes.
    pub(super) fn begin(
        folder: &'a Path,
        store: &'a StoreId,
        signing: &'a Arc<SigningKey>,
        clock: &'a Clock,
    ) -> Result<Self, RecoverError> {
        let path = folder.join(BUILDING_FILE);
        remains::remove(&path)?;
        let file = open::open_writer(&path, LEDGER_APPLICATION_ID, LEDGER_MIGRATIONS)?;
        file.connection.execute_batch("BEGIN IMMEDIATE")?;
        let (unproven, heard_of, facts) = Default::default();
        let dropped_holds = 0;
        Ok(Self { folder, file, store, signing, clock, unproven, heard_of, facts, dropped_holds })
    }

    /// Takes every proven record; rows that nothing proves are set aside. How many were new.
    pub(super) fn take_from(&mut self, remains: &Remains) -> Result<u64, RecoverError> {
        let mut new = 0;
        let mut of_other_key: Vec<FoundRow> = Vec::new();
        remains.each_row(|row| {
            match self.take(&row.bytes)? {
                Taken::New => new += 1,
                Taken::Known => {}
                Taken::Other { epoch, sequence } => {
                    return Err(RecoverError::Fork { epoch, sequence });
                }
                Taken::Unproven => self.set_aside(row.id, &row.bytes)?,
                Taken::OtherKey(found) if of_other_key.len() < OTHER_KEY_ROWS_MAX => {
                    tracing::warn!(row = row.id, %found, "another key signed this record");
                    of_other_key.push(row);
                }
                Taken::OtherKey(found) if new == 0 => return Err(RecoverError::OtherKey { found }),
                Taken::OtherKey(_) => self.set_aside(row.id, &row.bytes)?,
            }
            Ok(())
        })?;
        // A record may stand in the file twice, in a batch that was rolled back and in another.
        remains.carve(self.signing, |bytes| {
            new += u64::from(self.take(bytes)? == Taken::New);
            Ok::<_, RecoverError>(())
        })?;
        for row in of_other_key {
            // One record may be damaged just there; a whole journal has another key.
            if let (true, Taken::OtherKey(found)) = (self.is_empty()?, self.take(&row.bytes)?) {
                return Err(RecoverError::OtherKey { found });
            }
            self.set_aside(row.id, &row.bytes)?;
        }
        Ok(new)
    }

    fn take(&self, bytes: &[u8]) -> Result<Taken, RecoverError> {
        let key = self.signing.public_key();
        let opened = match open_sealed(ObjectKind::Record, bytes, &key) {
            Ok(opened) => opened,
            Err(EnvelopeError::OtherKey { found }) => return Ok(Taken::OtherKey(found)),
            Err(_) => return Ok(Taken::Unproven),
        };
        let record = match Record::from_payload(opened.payload) {
            Ok(record) => record,
            Err(RecordError::UnknownFormat { .. }) => return Err(RecoverError::NewerRecords),
            Err(_) => return Ok(Taken::Unproven),
        };
        let (epoch, sequence) = (record.header.epoch, record.header.sequence);
        if record.header.device != key.device_id() {
            return Ok(Taken::Unproven);
        }
        let id = journal::row_id(epoch, sequence);
        let connection = &self.file.connection;
        match bytes_of(connection, id)? {
            Some(before) if before == bytes => return Ok(Taken::Known),
            Some(_) => return Ok(Taken::Other { epoch, sequence }),
            None => {}
        }
        connection
            .prepare_cached("INSERT INTO journal (id, kind, bytes) VALUES (?1, ?2, ?3)")?
            .execute(params![id, record.body.kind().number(), bytes])?;
        Ok(Taken::New)
    }

    fn is_empty(&self) -> Result<bool, RecoverError> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM journal)";
        Ok(self.file.connection.query_row(sql, [], |row| row.get(0))?)
    }

    fn set_aside(&mut self, id: i64, bytes: &[u8]) -> Result<(), RecoverError> {
        let folder = self.folder.join(SET_ASIDE_FOLDER);
        let path = folder.join(format!("{id}.cbor"));
        fs::create_dir_all(&folder)
            .and_then(|()| durable_file::replace(&path, bytes, FileAccess::OwnerOnly))
            .map_err(RecoverError::file("set a record aside in", &path))?;
        tracing::warn!(id, "nothing proves this record; it is set aside");
        self.unproven.insert(id, ContentHash::of(bytes));
        Ok(())
    }

    /// Computes projections, says in a new epoch what is missing, and leaves the file complete
    /// under its next name.
    pub(super) fn finish(mut self, occasion: Occasion) -> Result<Built, RecoverError> {
        let report = verify::verify(&self.file.connection, self.signing.public_key())?;
        let lost = self.lost(&report);
        if let Some((_, last)) = report.times {
            self.clock.note_record_time(last);
        }
        self.derive_facts()?;
        let programme = self.programme_left()?;
        let mut scribe = Scribe::new(Arc::clone(self.signing), self.store.clone(), report.last);
        take_up_programme(&self.file, &Shelf::new(self.folder), &mut scribe)?;
        take_up_base(&self.file, self.folder, &mut scribe)?;
        self.begin_again_with_the_hub(&mut scribe)?;
        rebuild(&self.file.connection, scribe.base(&self.file.connection))?;
        let epoch = self.next_epoch(&report);
        scribe.begin_epoch(epoch);
        for body in self.bodies(occasion, &report, &lost).into_iter().chain(programme) {
            let connection = &self.file.connection;
            scribe.record(connection, self.clock.sample(), &Asked::default(), body)?;
        }
        let (records, dropped_holds) = (report.records, self.dropped_holds);
        self.complete()?;
        Ok(Built { records, lost, epoch, dropped_holds })
    }

    /// What the hub said over its base is not carried over: it is asked for again.
    fn begin_again_with_the_hub(&self, scribe: &mut Scribe) -> Result<(), RecoverError> {
        let connection = &self.file.connection;
        let about = scribe.base(connection).map(|base| base.about()).transpose()?;
        let base =
            about.and_then(|about| Some((about.hub_cursor?.unsigned_abs(), about.contained)));
        let (cursor, contained) = base.unwrap_or_default();
        hub::begin_with(connection, scribe, cursor, contained)?;
        scribe.note_hub(hub::place(connection)?);
        Ok(())
    }

    /// Where the journal does not say which programme is in force, the newest that is kept is: a
    /// till without one could not sell.
    fn programme_left(&self) -> Result<Option<Body>, RecoverError> {
        if facts::read(&self.file.connection, Fact::Programme)?.is_some() {
            return Ok(None);
        }
        let shelf = Shelf::new(self.folder);
        shelf.write_missing(&self.file.connection)?;
        let Some(published) = shelf.newest_kept() else { return Ok(None) };
        let programme = published.evaluator.programme();
        facts::note(&self.file.connection, Fact::Programme, &published.stamp())?;
        let (id, version, hash) = (programme.id.clone(), programme.version, published.hash);
        tracing::warn!(version, "the newest kept programme is in force");
        Ok(Some(Body::ProgrammeChange(ProgrammeChange { id, version, hash })))
    }

    /// What is missing between proven records, and behind the last where something names it.
    fn lost(&self, report: &JournalReport) -> Vec<Missing> {
        let mut lost = report.missing.clone();
        for (epoch, heard_of) in &self.heard_of {
            let proven = report.epochs.get(epoch).copied().unwrap_or(0);
            if *heard_of > proven && *heard_of - proven <= HEARD_OF_MAX {
                let behind = Missing { epoch: *epoch, first: proven + 1, last: *heard_of };
                // Where the next epoch names a record that is not there, its range begins alike.
                lost.retain(|missing| (missing.epoch, missing.first) != (*epoch, behind.first));
                lost.extend(behind.without(&report.gaps));
            }
        }
        lost.sort_unstable();
        lost.into_iter().flat_map(|missing| self.split(missing)).collect()
    }

    /// Records whose bytes are set aside each get a gap of their own, with the hash.
    fn split(&self, missing: Missing) -> Vec<Missing> {
        let ids = missing.first_id()..=journal::row_id(missing.epoch, missing.last);
        let mut parts = Vec::new();
        let mut next = missing.first;
        for sequence in self.unproven.range(ids).filter_map(|(id, _)| place_of(*id)).map(|p| p.1) {
            if next < sequence {
                parts.push(Missing { first: next, last: sequence - 1, ..missing });
            }
            parts.push(Missing { first: sequence, last: sequence, ..missing });
            next = sequence + 1;
        }
        if next <= missing.last {
            parts.push(Missing { first: next, ..missing });
        }
        parts
    }

    /// An epoch that was never used: behind every one that is proven or named, and behind as many
    /// as ledgers were moved aside here, each of which ended one.
    fn next_epoch(&self, report: &JournalReport) -> u32 {
        let proven = report.epochs.keys().next_back().copied();
        let believable = proven.unwrap_or(1).saturating_add(1_000);
        let heard_of = self.heard_of.keys().rev().find(|epoch| **epoch <= believable).copied();
        let used = proven.max(heard_of).max(Some(1 + ledgers_aside(self.folder)));
        if proven.is_some() {
            return used.unwrap_or(1) + 1;
        }
        let hours = (self.clock.now().wall.timestamp() - HOURS_BEGIN_UNIX_S) / 3_600;
        used.unwrap_or(1).saturating_add(u32::try_from(hours).unwrap_or(0)) + 1
    }

    fn bodies(&self, occasion: Occasion, report: &JournalReport, lost: &[Missing]) -> Vec<Body> {
        let mut bodies = Vec::new();
        if report.last.is_none() {
            let public_key = self.signing.public_key();
            let reason = Remark::clip("nothing of the journal before could be read");
            bodies.push(Body::KeyChange(KeyChange { public_key, reason }));
        }
        bodies.extend(lost.iter().map(|missing| {
            let hash = self.unproven.get(&missing.first_id()).copied();
            let reason = match hash {
                Some(_) => "the signature or the content does not prove it",
                None => "could not be read",
            };
            Body::Gap(Gap {
                epoch: missing.epoch,
                first_sequence: missing.first,
                last_sequence: missing.last,
                hash,
                reason: Remark::clip(reason),
            })
        }));
        let reason = Remark::clip(match occasion {
            Occasion::Salvage => "salvage of a damaged ledger",
            Occasion::Restore => "restore from a backup",
        });
        let dropped_holds = self.dropped_holds;
        bodies.push(Body::LeaseChange(LeaseChange { reason, dropped_holds, dropped_leases: 0 }));
        bodies
    }

    /// Facts as the journal tells them, or as they were noted where that is newer.
    fn derive_facts(&mut self) -> Result<(), RecoverError> {
        let connection = &self.file.connection;
        for fact in [Fact::Software, Fact::Programme, Fact::Base, Fact::Running] {
            let noted = self.facts.remove(fact.name());
            let told = match fact {
                Fact::Running | Fact::BeginsInEpoch => None,
                Fact::Software => last_of(connection, Kind::SoftwareChange)?,
                Fact::Programme => last_of(connection, Kind::ProgrammeChange)?,
                Fact::Base => last_of(connection, Kind::BaseChange)?,
            };
            let told = told.and_then(|record| match &record.body {
                Body::BaseChange(change) => self.stamp_of_base(change),
                body => stamp(body),
            });
            let number =
                |stamp: &str| stamp.split_once(' ').and_then(|(n, _)| n.parse::<u64>().ok());
            let newest = match (told, noted) {
                (Some(told), Some(noted)) if number(&noted) > number(&told) => Some(noted),
                (told, noted) => told.or(noted),
            };
            if let Some(value) = newest {
                facts::note(connection, fact, &value)?;
            }
        }
        Ok(())
    }

    /// The base that a record names: the newest file, where it has that content, for its number need
    /// not be the hub's cursor.
    fn stamp_of_base(&self, change: &BaseChange) -> Option<String> {
        let newest = base_files::newest(self.folder)
            .and_then(|(number, path)| Some((number, base_files::about(&path).ok()?)))
            .filter(|(_, about)| about.content == *change.hash.as_bytes());
        let number = newest.map_or(change.cursor, |(number, _)| number.unsigned_abs());
        Some(format!("{number} {}", change.hash))
    }

    fn complete(self) -> Result<(), RecoverError> {
        let Self { folder, file, .. } = self;
        file.connection.execute_batch("COMMIT")?;
        checkpoint(&file.connection, CheckpointMode::Truncate)?;
        let path = file.path.clone();
        drop(file);
        fs::File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(RecoverError::file("make durable", &path))?;
        let next = folder.join(NEXT_FILE);
        fs::rename(&path, &next)
            .and_then(|()| durable_file::sync_folder_of(&next))
            .map_err(RecoverError::file("complete", &next))?;
        remains::remove(&path)
    }
}

fn bytes_of(connection: &Connection, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
    connection
        .prepare_cached("SELECT bytes FROM journal WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()
        .map_err(StoreError::sqlite("look a record up"))
}

fn last_of(connection: &Connection, kind: Kind) -> Result<Option<Record>, StoreError> {
    let id = connection
        .query_row("SELECT max(id) FROM journal WHERE kind = ?1", [kind.number()], |row| {
            row.get::<_, Option<i64>>(0)
        })
        .map_err(StoreError::sqlite("look for a record of a kind"))?;
    id.map(|id| journal::load(connection, id).map(|stored| stored.record)).transpose()
}

fn stamp(body: &Body) -> Option<String> {
    match body {
        Body::SoftwareChange(change) => Some(change.to.as_str().to_owned()),
        Body::ProgrammeChange(change) => Some(format!("{} {}", change.version, change.hash)),
        Body::BaseChange(change) => Some(format!("{} {}", change.cursor, change.hash)),
        _ => None,
    }
}

/// Epoch and sequence of a row.
fn place_of(id: i64) -> Option<(u32, u64)> {
    let (epoch, sequence) = journal::place_of(id)?;
    (epoch > 0 && sequence > 0).then_some((epoch, sequence))
}

fn ledgers_aside(folder: &Path) -> u32 {
    let Ok(files) = fs::read_dir(folder) else { return 0 };
    let is_ledger = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let moved = name.strip_prefix(LEDGER_FILE).unwrap_or_default();
        (moved.starts_with(".damaged-") || moved.starts_with(".replaced-"))
            && !moved.ends_with("-wal")
            && !moved.ends_with("-shm")
    };
    let moved = files.filter_map(|file| file.ok().map(|file| file.path())).filter(is_ledger);
    u32::try_from(moved.count()).unwrap_or(0)
}
