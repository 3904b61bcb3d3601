//! Programmes: the one in force, and earlier ones for what was decided under them.
//!
//! The ledger has the text of each; the files are there to be looked at and read again while the
//! agent runs. A start makes the two agree.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::agent::store::error::StoreError;
use crate::agent::store::ledger::programmes::{self, hash_of};
use crate::journal::ContentHash;
use crate::loyalty::{Evaluator, Programme, ProgrammeId};
use crate::money::Currency;
use crate::shell::durable_file::{self, FileAccess};
use crate::wire::programme::{ProgrammeFault, ProgrammeFile};

/// How many earlier programmes are kept ready; older ones are read again when asked for.
const READY_MAX: usize = 4;

/// The programmes of a data folder: `programmes/<version>-<hash>.toml`.
#[derive(Debug)]
pub(crate) struct Shelf {
    folder: PathBuf,
    ready: Mutex<Ready>,
}

#[derive(Debug, Default)]
struct Ready {
    in_force: Option<Arc<Evaluator>>,
    by_version: BTreeMap<u32, Arc<Evaluator>>,
}

/// A programme file that was checked.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub(crate) evaluator: Arc<Evaluator>,
    pub(crate) hash: ContentHash,
    text: String,
}

/// Why a programme cannot be put in force; the old one stays.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishError {
    /// The file could not be read or stored.
    #[error("could not {doing} {path}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The programme is wrong.
    #[error("the programme has {} faults: {}", faults.len(), first(faults))]
    Wrong {
        /// Every one.
        faults: Vec<ProgrammeFault>,
    },
    /// Versions only rise.
    #[error("version {version} is not above version {in_force}, which is in force")]
    NotNewer {
        /// Of the file.
        version: u32,
        /// In force.
        in_force: u32,
    },
    /// A ledger's points are of one programme for ever.
    #[error(
        "the programme is `{id}`, but this ledger's is `{in_force}`, and points of two programmes must not mix: give it a data folder of its own, or keep the id [other_programme]"
    )]
    OtherProgramme {
        /// Of the file.
        id: ProgrammeId,
        /// In force.
        in_force: ProgrammeId,
    },
    /// A ledger's sums are of one currency for ever.
    #[error(
        "the programme's currency is {currency}, but this ledger's sums are in {in_force}: give it a data folder of its own, or keep the currency [other_currency]"
    )]
    OtherCurrency {
        /// Of the file.
        currency: Currency,
        /// In force.
        in_force: Currency,
    },
}

/// Whether a programme may follow the one in force on the same ledger, whatever its version.
///
/// # Errors
/// [`PublishError::OtherProgramme`] or [`PublishError::OtherCurrency`].
pub(crate) fn check_follows(next: &Programme, in_force: &Programme) -> Result<(), PublishError> {
    if next.id != in_force.id {
        let (id, in_force) = (next.id.clone(), in_force.id.clone());
        return Err(PublishError::OtherProgramme { id, in_force });
    }
    if next.currency != in_force.currency {
        let (currency, in_force) = (next.currency, in_force.currency);
        return Err(PublishError::OtherCurrency { currency, in_force });
    }
    Ok(())
}

/// A programme whose text says the version that it is kept under.
fn published(version: u32, text: String) -> Option<Published> {
    let programme = ProgrammeFile::check_kept(&text).ok()?;
    Some(Published::of(programme, text)).filter(|published| published.version() == version)
}

/// Version and hash of what the ledger remembers.
fn read_stamp(stamp: &str) -> Option<(u32, &str)> {
    let (version, hash) = stamp.split_once(' ')?;
    Some((version.parse().ok()?, hash))
}

fn first(faults: &[ProgrammeFault]) -> String {
    faults.first().map(ToString::to_string).unwrap_or_default()
}

impl Published {
    /// Checks a programme's text.
    pub(crate) fn check(text: String) -> Result<Self, PublishError> {
        let programme =
            ProgrammeFile::check(&text).map_err(|faults| PublishError::Wrong { faults })?;
        Ok(Self::of(programme, text))
    }

    fn of(programme: Programme, text: String) -> Self {
        let hash = ContentHash::of(text.as_bytes());
        Self { evaluator: Arc::new(Evaluator::new(programme)), hash, text }
    }

    /// Its version.
    pub(crate) fn version(&self) -> u32 {
        self.evaluator.programme().version
    }

    /// Its text, word for word.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// How the ledger remembers which programme is in force.
    pub(crate) fn stamp(&self) -> String {
        format!("{} {}", self.version(), self.hash)
    }
}

impl Shelf {
    /// The shelf of a data folder.
    pub(crate) fn new(data_folder: &Path) -> Self {
        Self { folder: data_folder.join("programmes"), ready: Mutex::default() }
    }

    /// The programme in force.
    pub(crate) fn in_force(&self) -> Option<Arc<Evaluator>> {
        self.lock().in_force.clone()
    }

    /// Keeps a programme's file, so that what was decided under it can be decided again.
    pub(crate) fn keep(&self, published: &Published) -> Result<(), PublishError> {
        let (version, hash) = (published.version(), published.hash.to_string());
        self.write(version, &hash, &published.text).map_err(|source| PublishError::File {
            doing: "store",
            path: self.path(version, &hash),
            source,
        })
    }

    /// Puts a programme in force for what is decided from now on.
    pub(crate) fn put_in_force(&self, evaluator: Arc<Evaluator>) {
        let mut ready = self.lock();
        if let Some(before) = ready.in_force.replace(evaluator) {
            ready.remember(before);
        }
    }

    /// Reads a kept programme's file by what the ledger remembers of it: `7 <hash>`.
    pub(crate) fn kept(&self, stamp: &str) -> Option<Published> {
        let (version, hash) = read_stamp(stamp)?;
        published(version, self.text_of(version, hash)?)
    }

    /// Reads a programme by what the ledger remembers of it: its file, else the ledger's own text.
    pub(crate) fn kept_here_or_in(
        &self,
        ledger: &Connection,
        stamp: &str,
    ) -> Result<Option<Published>, StoreError> {
        if let Some(kept) = self.kept(stamp) {
            return Ok(Some(kept));
        }
        let Some((version, hash)) = read_stamp(stamp) else { return Ok(None) };
        let text = programmes::text_of(ledger, version, hash)?;
        Ok(text.and_then(|text| published(version, text)))
    }

    /// Writes every programme of the ledger again whose file is missing or damaged. One that cannot
    /// be written is no reason not to sell.
    pub(crate) fn write_missing(&self, ledger: &Connection) -> Result<(), StoreError> {
        for (version, hash) in programmes::keys(ledger)? {
            if self.text_of(version, &hash).is_some() {
                continue;
            }
            let Some(text) = programmes::text_of(ledger, version, &hash)? else { continue };
            match self.set_aside(version, &hash).and_then(|()| self.write(version, &hash, &text)) {
                Ok(()) => tracing::warn!(
                    version,
                    "a programme's file was missing or damaged; written again from the ledger"
                ),
                Err(error) => tracing::warn!(version, %error, "a programme's file is missing"),
            }
        }
        Ok(())
    }

    /// Gives the ledger every programme up to a version that only a file has: of an earlier
    /// software, which kept them in files alone.
    pub(crate) fn note_missing(&self, ledger: &Connection, last: u32) -> Result<(), StoreError> {
        for (version, hash) in self.stamps().into_iter().filter(|(version, _)| *version <= last) {
            if programmes::text_of(ledger, version, &hash)?.is_some() {
                continue;
            }
            if let Some(text) = self.text_of(version, &hash) {
                programmes::keep(ledger, version, &text)?;
            }
        }
        Ok(())
    }

    /// The newest of the kept programmes, by version.
    pub(crate) fn newest_kept(&self) -> Option<Published> {
        let mut stamps = self.stamps().into_iter().rev();
        stamps.find_map(|(version, hash)| published(version, self.text_of(version, &hash)?))
    }

    /// The programme of a version: in force, ready or read again.
    pub(crate) fn of_version(&self, version: u32) -> Option<Arc<Evaluator>> {
        {
            let ready = self.lock();
            let in_force = ready.in_force.iter().find(|e| e.programme().version == version);
            if let Some(found) = in_force.or_else(|| ready.by_version.get(&version)) {
                return Some(Arc::clone(found));
            }
        }
        let of_version = self.stamps().into_iter().filter(|(other, _)| *other == version);
        let found = of_version
            .into_iter()
            .find_map(|(_, hash)| published(version, self.text_of(version, &hash)?))?;
        self.lock().remember(Arc::clone(&found.evaluator));
        Some(found.evaluator)
    }

    /// What the names of the files say: versions and hashes, in order.
    fn stamps(&self) -> Vec<(u32, String)> {
        let stamp = |path: PathBuf| {
            let (version, hash) =
                path.file_name()?.to_str()?.strip_suffix(".toml")?.split_once('-')?;
            Some((version.parse::<u32>().ok()?, hash.to_owned()))
        };
        let files = std::fs::read_dir(&self.folder).into_iter().flatten();
        let mut stamps: Vec<_> = files.filter_map(|file| stamp(file.ok()?.path())).collect();
        stamps.sort();
        stamps
    }

    /// A file's text, if it is what the file's name says.
    fn text_of(&self, version: u32, hash: &str) -> Option<String> {
        let text = std::fs::read_to_string(self.path(version, hash)).ok()?;
        (hash_of(&text) == hash).then_some(text)
    }

    fn write(&self, version: u32, hash: &str, text: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        durable_file::replace(&self.path(version, hash), text.as_bytes(), FileAccess::Everybody)
    }

    /// Moves a file that is not what its name says out of the way: somebody may want what is in it.
    fn set_aside(&self, version: u32, hash: &str) -> std::io::Result<()> {
        let path = self.path(version, hash);
        match std::fs::rename(&path, durable_file::with_suffix(&path, ".damaged")) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            moved => moved,
        }
    }

    fn path(&self, version: u32, hash: &str) -> PathBuf {
        self.folder.join(format!("{version}-{hash}.toml"))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ready> {
        // A panic while holding it leaves at worst a programme that is read again.
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ready {
    fn remember(&mut self, evaluator: Arc<Evaluator>) {
        self.by_version.insert(evaluator.programme().version, evaluator);
        if self.by_version.len() > READY_MAX {
            self.by_version.pop_first();
        }
    }
}
