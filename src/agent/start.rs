//! Opens a data folder and puts the parts of an agent together; stops it in order.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use chrono_tz::Tz;
use rusqlite::Connection;

use super::clock::Clock;
use super::store::base::OpenBase;
use super::store::base_files;
use super::store::error::StoreError;
use super::store::ledger::facts::{self, Fact};
use super::store::ledger::{LEDGER_APPLICATION_ID, LEDGER_MIGRATIONS, journal, pulled};
use super::store::open::{self, OpenError, OwnedFile};
use super::store::readers::Readers;
use super::store::recover;
use super::store::writer::{Writer, WriterLimits, WriterObserver};
use super::till::hub;
use super::till::scribe::Scribe;
use super::till::shelf::Shelf;
use super::till::{CodeSettings, Keys, Parts, Till};
use crate::shell::keys::{self, DirectoryKey, KeyError};
use chrono::{DateTime, Utc};

use crate::journal::{
    ClockTrust, Head, ObjectKind, Record, RecordHash, RunningTotals, SigningKey,
    open as open_sealed,
};
use crate::loyalty::StoreId;

/// The irreplaceable file: journal, projections, keys' state.
pub(crate) const LEDGER_FILE: &str = "ledger.db";

/// What an agent needs to start.
pub(crate) struct Settings {
    pub(crate) folder: PathBuf,
    pub(crate) store: StoreId,
    pub(crate) clock: Clock,
    pub(crate) codes: CodeSettings,
    pub(crate) limits: WriterLimits,
    pub(crate) observer: Arc<dyn WriterObserver>,
}

/// A running agent, without its doors.
pub(crate) struct Agent {
    pub(crate) till: Till,
    pub(crate) folder: PathBuf,
    writer: Writer<Scribe>,
    thread: JoinHandle<()>,
}

/// Why an agent cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// The folder cannot be made.
    #[error("could not make the data folder {path}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key is gone that earlier files need.
    #[error("{path} is missing, and the data folder needs it: put it back from your copy")]
    KeyLost {
        /// Where it was.
        path: PathBuf,
    },
    /// A row cannot be read.
    #[error("could not read the ledger")]
    Store(#[from] StoreError),
    /// The damaged ledger could not be salvaged.
    #[error("could not salvage the damaged ledger")]
    Recover(#[from] recover::RecoverError),
    /// The first records could not be written.
    #[error("could not record the start")]
    Record(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Agent {
    /// Opens the folder and records the start. Takes as long however many records there are,
    /// unless the ledger is damaged: then what can be read of it is salvaged first.
    ///
    /// # Errors
    /// [`StartError`].
    pub(crate) async fn start(settings: Settings) -> Result<Self, StartError> {
        let Settings { folder, store, clock, codes, limits, observer } = settings;
        std::fs::create_dir_all(&folder)
            .map_err(|source| StartError::Folder { path: folder.clone(), source })?;
        refuse_lost_keys(&folder)?;
        let (signing, _) = keys::load_or_create_device_key(&folder)?;
        let (directory, _) = DirectoryKey::load_or_create(&folder)?;
        let signing = Arc::new(signing);
        let path = folder.join(LEDGER_FILE);
        let (file, last) = open_ledger(&folder, &store, &signing, &clock)?;
        if let Some(last) = &last {
            last.trusted_until.into_iter().for_each(|wall| clock.note_record_time(wall));
            clock.note_passed(last.passed_until);
        }
        let last = last.map(|last| (last.head, last.totals));
        let mut scribe = Scribe::new(Arc::clone(&signing), store.clone(), last);
        scribe.clock = Some(clock.clone());
        scribe.note_hub(hub::place(&file.connection)?);
        if !pulled::is_any(&file.connection)? {
            scribe.pulls.note_none();
        }
        begin_epoch_of_hub(&file.connection, &mut scribe)?;
        let shelf = Arc::new(Shelf::new(&folder));
        take_up_programme(&file, &shelf, &mut scribe)?;
        let base = take_up_base(&file, &folder, &mut scribe)?;
        let readers = Readers::open(&path, base.in_use.as_deref())?;
        let pulls = Arc::clone(&scribe.pulls);
        let heads = scribe.heads.subscribe();
        let (writer, thread) = Writer::start(file, scribe, limits, observer)?;
        let keys = Keys { signing, directory };
        let writer_too = writer.clone();
        let parts =
            Parts { store, clock, keys, codes, shelf, writer: writer_too, readers, pulls, heads };
        let till = Till::new(parts);
        let record = |error: Box<dyn std::error::Error + Send + Sync>| StartError::Record(error);
        till.record_start().await.map_err(|error| record(error.into()))?;
        if let Some(path) = base.not_recorded {
            match base_files::about(&path) {
                Ok(about) => {
                    till.adopt_base(path, about).await.map_err(|error| record(error.into()))?;
                }
                Err(error) => tracing::error!(%error, "a base file cannot be used"),
            }
        }
        Ok(Self { till, folder, writer, thread })
    }

    /// Takes up what was left in the folder, closes days, forgets what lapsed. Called every few
    /// seconds; nothing that goes wrong here stops the till.
    pub(crate) async fn keep_up(&self) {
        self.take_up_dropped_programme().await;
        if let Err(error) = self.till.take_up_base(&self.folder).await {
            tracing::error!(error = %error, "the new base was not taken up; the old one stays");
        }
        if let Err(error) = self.till.keep_up().await {
            tracing::error!(error = %error, "upkeep failed");
        }
    }

    /// Ends in order: the stop is noted, what waits is written, the WAL is copied.
    pub(crate) async fn stop(self) {
        if let Err(error) = self.till.record_stop().await {
            tracing::error!(error = %error, "could not note the stop");
        }
        self.writer.shutdown();
        let thread = self.thread;
        if tokio::task::spawn_blocking(move || thread.join()).await.is_err() {
            tracing::error!("the writer did not end in order");
        }
    }

    /// Ends as a power cut would: nothing is noted.
    #[cfg(test)]
    pub(crate) async fn abandon(self) {
        self.writer.shutdown();
        let thread = self.thread;
        tokio::task::spawn_blocking(move || thread.join()).await.ok();
    }

    async fn take_up_dropped_programme(&self) {
        let dropped = self.folder.join(super::till::upkeep::PROGRAMME_DROP_FILE);
        let Ok(text) = std::fs::read_to_string(&dropped) else { return };
        match self.till.publish(text).await {
            Ok(_) => {
                if let Err(error) = std::fs::remove_file(&dropped) {
                    tracing::warn!(%error, "could not remove the programme that is in force now");
                }
            }
            Err(error) => {
                tracing::error!(%error, "the dropped programme is not put in force; the old one stays");
                let aside = dropped.with_extension("toml.refused");
                if let Err(error) = std::fs::rename(&dropped, &aside) {
                    tracing::warn!(%error, "could not set the refused programme aside");
                }
            }
        }
    }
}

/// A key that is missing beside what only it can prove or read is never replaced by a new one.
pub(crate) fn refuse_lost_keys(folder: &Path) -> Result<(), StartError> {
    let lost = |file: &'static str, needed: bool| {
        let missing = needed && !folder.join(file).exists();
        if missing { Err(StartError::KeyLost { path: folder.join(file) }) } else { Ok(()) }
    };
    lost(keys::DEVICE_KEY_FILE, folder.join(LEDGER_FILE).exists())?;
    lost(keys::DIRECTORY_KEY_FILE, base_files::latest(folder).is_some())
}

/// The hub knows this device's journal further than this folder does: it goes on behind that.
fn begin_epoch_of_hub(ledger: &Connection, scribe: &mut Scribe) -> Result<(), StoreError> {
    let expected = facts::read(ledger, Fact::BeginsInEpoch)?;
    let expected = expected.and_then(|epoch| epoch.parse::<u32>().ok());
    if let Some(epoch) = expected.filter(|epoch| *epoch > scribe.epoch()) {
        tracing::warn!(epoch, "the journal goes on in the epoch that the hub expects");
        scribe.begin_epoch(epoch);
    }
    Ok(())
}

/// What is known of the journal's end.
struct Last {
    head: Head,
    totals: RunningTotals,
    /// The wall time of the last record whose clock was trusted; `None` where none is near.
    trusted_until: Option<DateTime<Utc>>,
    /// What the last record was decided by: later where the clock was doubted since.
    passed_until: DateTime<Utc>,
}

/// How far back a start looks for a record whose clock was trusted: a bad clock battery writes a
/// day's receipts before somebody comes.
const TRUSTED_LOOKED_FOR_MAX: u64 = 1_000;

/// Opens the ledger; one that is damaged, or whose last record cannot be proven, is moved aside
/// and salvaged.
fn open_ledger(
    folder: &Path,
    store: &StoreId,
    signing: &Arc<SigningKey>,
    clock: &Clock,
) -> Result<(OwnedFile, Option<Last>), StartError> {
    recover::replace::finish_interrupted(folder, clock.now().wall)?;
    let path = folder.join(LEDGER_FILE);
    match open::open_writer(&path, LEDGER_APPLICATION_ID, LEDGER_MIGRATIONS) {
        Ok(file) => match read_last(&file, signing) {
            Ok(last) => return Ok((file, last)),
            // A disk that is busy or fails is no reason to salvage: the next start may read it.
            Err(error) if !error.is_damage() => return Err(error.into()),
            Err(error) => tracing::error!(%error, "the journal's end cannot be proven"),
        },
        Err(OpenError::Damaged { found, .. }) => {
            tracing::error!(found, "the ledger is damaged; salvaging it");
        }
        Err(error) => return Err(error.into()),
    }
    recover::salvage(folder, store, signing, clock)?;
    let file = open::open_writer(&path, LEDGER_APPLICATION_ID, LEDGER_MIGRATIONS)?;
    let last = read_last(&file, signing)?;
    Ok((file, last))
}

fn read_last(file: &OwnedFile, signing: &SigningKey) -> Result<Option<Last>, StoreError> {
    let Some((id, bytes)) = journal::last(&file.connection)? else { return Ok(None) };
    let damaged = || StoreError::RowDamaged { table: "journal" };
    let opened =
        open_sealed(ObjectKind::Record, &bytes, &signing.public_key()).map_err(|_| damaged())?;
    let record = Record::from_payload(opened.payload)
        .map_err(|source| StoreError::RecordDamaged { id, source })?;
    let head = Head::of(&record.header, RecordHash::of(&bytes));
    let trusted_until = last_trusted(file, id, &record)?;
    let passed_until = record.header.decided_at();
    Ok(Some(Last { head, totals: record.header.totals, trusted_until, passed_until }))
}

fn last_trusted(
    file: &OwnedFile,
    id: i64,
    last: &Record,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let trusted = |record: &Record| {
        let clock = record.header.clock;
        (clock.trust == ClockTrust::Trusted).then_some(clock.wall)
    };
    let mut record = last.clone();
    for back in 1..TRUSTED_LOOKED_FOR_MAX.min(last.header.sequence) {
        if let Some(wall) = trusted(&record) {
            return Ok(Some(wall));
        }
        let back = i64::try_from(back).expect("a thousand fits");
        match journal::load(&file.connection, id - back) {
            Ok(stored) => record = stored.record,
            // What cannot be read is left to the doctor.
            Err(error) if error.is_damage() => break,
            Err(error) => return Err(error),
        }
    }
    Ok(trusted(&record))
}

pub(crate) fn take_up_programme(
    file: &OwnedFile,
    shelf: &Shelf,
    scribe: &mut Scribe,
) -> Result<(), StoreError> {
    let Some(stamp) = facts::read(&file.connection, Fact::Programme)? else { return Ok(()) };
    shelf.write_missing(&file.connection)?;
    match shelf.kept_here_or_in(&file.connection, &stamp)? {
        Some(published) => {
            shelf.note_missing(&file.connection, published.version())?;
            let programme = published.evaluator.programme();
            scribe.put_in_force(programme);
            shelf.put_in_force(published.evaluator);
        }
        None => tracing::error!(
            stamp,
            "the programme in force is neither in the ledger nor in the data folder"
        ),
    }
    Ok(())
}

/// The base files of a start.
pub(crate) struct BaseFiles {
    pub(crate) in_use: Option<PathBuf>,
    /// One that was put in its place and not recorded: power was cut in between.
    pub(crate) not_recorded: Option<PathBuf>,
}

pub(crate) fn take_up_base(
    file: &OwnedFile,
    folder: &Path,
    scribe: &mut Scribe,
) -> Result<BaseFiles, StoreError> {
    let recorded = facts::read(&file.connection, Fact::Base)?;
    let cursor = recorded.and_then(|fact| fact.split_once(' ')?.0.parse::<i64>().ok());
    let newest = base_files::newest(folder);
    let not_recorded =
        newest.filter(|(newest, _)| cursor.is_none_or(|cursor| *newest > cursor)).map(|(_, p)| p);
    let Some(cursor) = cursor else { return Ok(BaseFiles { in_use: None, not_recorded }) };
    let path = base_files::path_of(folder, cursor);
    let opened = open::open_sealed(&path)
        .map_err(|error| error.to_string())
        .and_then(|connection| OpenBase::of(connection).map_err(|error| error.to_string()));
    match opened {
        Ok(base) => {
            scribe.base = Some(base);
            Ok(BaseFiles { in_use: Some(path), not_recorded })
        }
        Err(error) => {
            tracing::error!(error, cursor, "the base of members cannot be read: import it again");
            Ok(BaseFiles { in_use: None, not_recorded })
        }
    }
}

/// The zone of a clock before any programme is known.
pub(crate) const ZONE_BEFORE_PROGRAMME: Tz = Tz::UTC;
