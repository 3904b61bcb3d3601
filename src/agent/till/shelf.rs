//! Programmes: the one in force, and earlier ones for what was decided under them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::agent::store::durable_file::{self, FileAccess};
use crate::journal::ContentHash;
use crate::loyalty::Evaluator;
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
}

fn first(faults: &[ProgrammeFault]) -> String {
    faults.first().map(ToString::to_string).unwrap_or_default()
}

impl Published {
    /// Checks a programme's text.
    pub(crate) fn check(text: String) -> Result<Self, PublishError> {
        let programme =
            ProgrammeFile::check(&text).map_err(|faults| PublishError::Wrong { faults })?;
        let hash = ContentHash::of(text.as_bytes());
        Ok(Self { evaluator: Arc::new(Evaluator::new(programme)), hash, text })
    }

    /// Its version.
    pub(crate) fn version(&self) -> u32 {
        self.evaluator.programme().version
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
        let path = self.path(published.version(), &published.hash.to_string());
        let failed = |source| PublishError::File { doing: "store", path: path.clone(), source };
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        durable_file::replace(&path, published.text.as_bytes(), FileAccess::Everybody)
            .map_err(failed)
    }

    /// Puts a programme in force for what is decided from now on.
    pub(crate) fn put_in_force(&self, evaluator: Arc<Evaluator>) {
        let mut ready = self.lock();
        if let Some(before) = ready.in_force.replace(evaluator) {
            ready.remember(before);
        }
    }

    /// Reads a kept programme by what the ledger remembers of it: `7 <hash>`.
    pub(crate) fn kept(&self, stamp: &str) -> Option<Published> {
        let (version, hash) = stamp.split_once(' ')?;
        let text = std::fs::read_to_string(self.path(version.parse().ok()?, hash)).ok()?;
        let published = Published::check(text).ok()?;
        (published.hash.to_string() == hash).then_some(published)
    }

    /// The newest of the kept programmes, by version.
    pub(crate) fn newest_kept(&self) -> Option<Published> {
        let stamp = |path: PathBuf| {
            let (version, hash) = path.file_stem()?.to_str()?.split_once('-')?;
            Some((version.parse::<u32>().ok()?, format!("{version} {hash}")))
        };
        let files = std::fs::read_dir(&self.folder).ok()?;
        let mut stamps: Vec<_> = files.filter_map(|file| stamp(file.ok()?.path())).collect();
        stamps.sort();
        stamps.iter().rev().find_map(|(_, stamp)| self.kept(stamp))
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
        let prefix = format!("{version}-");
        let files = std::fs::read_dir(&self.folder).ok()?;
        let path = files.filter_map(|file| file.ok().map(|file| file.path())).find(|path| {
            path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&prefix))
        })?;
        let published = Published::check(std::fs::read_to_string(path).ok()?).ok()?;
        self.lock().remember(Arc::clone(&published.evaluator));
        Some(published.evaluator)
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
