//! What the hub knows, on its way to the device: a snapshot first, then changes behind a cursor, and
//! the programme.

use std::collections::BTreeSet;
use std::time::Duration;

use super::command::{ChunkBytes, ProgrammeUse, Signing, StoreOutcome, Work};
use super::hub_keys::HubKeys;
use super::lane::{Fault, Lane, Now};
use super::meaning::Failure;
use super::progress::{Alert, SnapshotProgress};
use crate::wire::sync::{Bytes, Changes, Cursor, ProgrammeNotice, SnapshotManifest};

/// How long the hub may wait for a change before it answers that there is none.
pub const PULL_WAIT: Duration = Duration::from_secs(25);

/// The pause after an answer without changes that came at once: a hub that does not wait is not
/// asked in a loop.
const EMPTY_PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Pull {
    pub(super) lane: Lane,
    pub(super) cursor: Option<Cursor>,
    next: Next,
    asked_at: Duration,
    /// When the hub last answered that there is no more than is stored.
    pub(super) caught_up_at: Option<Duration>,
}

/// What is to be done when the lane is free.
#[derive(Debug)]
enum Next {
    Manifest,
    StoreManifest(Box<SnapshotManifest>, Option<Bytes>),
    Chunk(Fetching),
    StoreChunk(Fetching, ChunkBytes),
    Apply(Fetching),
    Changes,
    StoreChanges(Box<Changes>, Option<Bytes>, Option<ProgrammeNotice>),
}

#[derive(Debug)]
struct Fetching {
    manifest: Box<SnapshotManifest>,
    done: usize,
}

impl Pull {
    pub(super) fn new(cursor: Option<Cursor>, begun: Option<Box<SnapshotManifest>>) -> Self {
        let next = match (cursor, begun) {
            (_, Some(manifest)) => Next::fetching(manifest, 0),
            (None, None) => Next::Manifest,
            (Some(_), None) => Next::Changes,
        };
        Self { lane: Lane::default(), cursor, next, asked_at: Duration::ZERO, caught_up_at: None }
    }

    pub(super) fn next_work(&mut self, now: Now, signing: Signing) -> Option<Work> {
        if !self.lane.is_free(now) {
            return None;
        }
        self.asked_at = now.elapsed;
        Some(match &self.next {
            Next::Manifest => Work::FetchManifest { signing },
            Next::StoreManifest(manifest, key_list) => {
                Work::StoreManifest { manifest: manifest.clone(), key_list: key_list.clone() }
            }
            Next::Chunk(fetching) => {
                Work::FetchChunk { hash: fetching.manifest.chunks[fetching.done], signing }
            }
            Next::StoreChunk(_, chunk) => Work::StoreChunk(chunk.clone()),
            Next::Apply(fetching) => Work::ApplySnapshot(fetching.manifest.clone()),
            Next::Changes => {
                Work::Pull { after: self.cursor.unwrap_or_default(), wait: PULL_WAIT, signing }
            }
            Next::StoreChanges(changes, key_list, notice) => Work::StoreChanges {
                changes: changes.clone(),
                key_list: key_list.clone(),
                notice: notice.clone(),
            },
        })
    }

    pub(super) fn timeout(&self) -> Option<Duration> {
        self.lane.free_from()
    }

    pub(super) fn snapshot(&self) -> Option<SnapshotProgress> {
        match &self.next {
            Next::Chunk(fetching) | Next::StoreChunk(fetching, _) | Next::Apply(fetching) => {
                let chunks = fetching.manifest.chunks.len();
                Some(SnapshotProgress { chunks_done: fetching.done, chunks })
            }
            _ => None,
        }
    }

    /// Which chunk is asked for.
    pub(super) fn wanted_chunk(&self) -> Option<crate::journal::ContentHash> {
        match &self.next {
            Next::Chunk(fetching) => fetching.manifest.chunks.get(fetching.done).copied(),
            _ => None,
        }
    }

    /// Whether a manifest is what is asked for.
    pub(super) fn wants_manifest(&self) -> bool {
        matches!(self.next, Next::Manifest)
    }

    /// The manifest came; the list and notice in it are verified.
    pub(super) fn handle_manifest(
        &mut self,
        manifest: Box<SnapshotManifest>,
        keys: &HubKeys,
        alerts: &mut BTreeSet<Alert>,
        now: Now,
        jitter: u64,
    ) {
        // Older than what the device has: only a hub that was provably restored may do that.
        if Some(manifest.cursor) < self.cursor && !alerts.contains(&Alert::HubRolledBack) {
            alerts.insert(Alert::OlderSnapshot);
            return self.lane.fail(Fault::NotProven, now, jitter);
        }
        let told = told(&manifest.key_list, &manifest.programme, keys);
        let Ok((key_list, _)) = told else {
            alerts.insert(Alert::HubNotProven);
            return self.lane.fail(Fault::NotProven, now, jitter);
        };
        alerts.remove(&Alert::OlderSnapshot);
        alerts.remove(&Alert::DeviceRefused);
        self.next = Next::StoreManifest(manifest, key_list);
    }

    pub(super) fn handle_chunk(&mut self, bytes: Vec<u8>) {
        self.next = match std::mem::replace(&mut self.next, Next::Manifest) {
            Next::Chunk(fetching) => {
                let hash = fetching.manifest.chunks[fetching.done];
                Next::StoreChunk(fetching, ChunkBytes { hash, bytes: Bytes(bytes) })
            }
            other => other,
        };
    }

    pub(super) fn handle_changes(
        &mut self,
        changes: Box<Changes>,
        keys: &HubKeys,
        alerts: &mut BTreeSet<Alert>,
        now: Now,
        jitter: u64,
    ) {
        if Some(changes.after) != self.cursor || changes.to < changes.after {
            return self.lane.fail(Fault::Unusable, now, jitter);
        }
        let Ok((key_list, notice)) = told(&changes.key_list, &changes.programme, keys) else {
            alerts.insert(Alert::HubNotProven);
            return self.lane.fail(Fault::NotProven, now, jitter);
        };
        alerts.remove(&Alert::DeviceRefused);
        let nothing = changes.to == changes.after && key_list.is_none() && notice.is_none();
        if nothing {
            self.lane.succeed(now);
            if !changes.more {
                self.caught_up_at = Some(now.elapsed);
            }
            if now.elapsed < self.asked_at + EMPTY_PAUSE {
                self.lane.pause(now.elapsed + EMPTY_PAUSE);
            }
            return;
        }
        self.next = Next::StoreChanges(changes, key_list, notice);
    }

    pub(super) fn handle_failure(
        &mut self,
        failure: Failure,
        alerts: &mut BTreeSet<Alert>,
        now: Now,
        jitter: u64,
    ) {
        let fault = match failure {
            Failure::Wait(asked) => return self.lane.wait_as_asked(asked, now, jitter),
            Failure::SnapshotNeeded if matches!(self.next, Next::Changes) => {
                self.next = Next::Manifest;
                return;
            }
            // The hub no longer has the chunks of this snapshot.
            Failure::NotFound if matches!(self.next, Next::Chunk(_)) => {
                self.next = Next::Manifest;
                Fault::Refused
            }
            Failure::DeviceRefused => {
                alerts.insert(Alert::DeviceRefused);
                Fault::Refused
            }
            Failure::Line => Fault::Line,
            Failure::TooLarge { .. } | Failure::RecordRefused { .. } | Failure::PushFrom { .. } => {
                Fault::Refused
            }
            Failure::ClockDiffers { .. }
            | Failure::SnapshotNeeded
            | Failure::NotFound
            | Failure::Unusable => Fault::Unusable,
        };
        self.lane.fail(fault, now, jitter);
    }

    /// Something was stored, or could not be.
    pub(super) fn handle_stored(
        &mut self,
        stored: StoreOutcome,
        alerts: &mut BTreeSet<Alert>,
        now: Now,
        jitter: u64,
    ) -> Told {
        let next = std::mem::replace(&mut self.next, Next::Manifest);
        if stored == StoreOutcome::Failed {
            self.next = match next {
                Next::Apply(_) => {
                    alerts.insert(Alert::SnapshotUnusable);
                    Next::Manifest
                }
                other => other,
            };
            self.lane.fail(Fault::Storage, now, jitter);
            return Told::default();
        }
        let mut told = Told::default();
        self.next = match next {
            Next::StoreManifest(manifest, key_list) => {
                told = Told { key_list, notice: manifest.programme.clone() };
                Next::fetching(manifest, 0)
            }
            // A chunk that was in the folder already, or has been stored now.
            Next::Chunk(fetching) | Next::StoreChunk(fetching, _) => {
                Next::fetching(fetching.manifest, fetching.done + 1)
            }
            Next::Apply(fetching) => {
                alerts.remove(&Alert::SnapshotUnusable);
                self.cursor = Some(fetching.manifest.cursor);
                Next::Changes
            }
            Next::StoreChanges(changes, key_list, notice) => {
                self.cursor = Some(changes.to);
                if !changes.more {
                    self.caught_up_at = Some(now.elapsed);
                }
                told = Told { key_list, notice };
                Next::Changes
            }
            other @ (Next::Manifest | Next::Changes) => other,
        };
        self.lane.succeed(now);
        told
    }
}

/// What counts now that it is stored.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) key_list: Option<Bytes>,
    pub(super) notice: Option<ProgrammeNotice>,
}

impl Next {
    fn fetching(manifest: Box<SnapshotManifest>, done: usize) -> Self {
        let whole = done >= manifest.chunks.len();
        let fetching = Fetching { manifest, done };
        if whole { Self::Apply(fetching) } else { Self::Chunk(fetching) }
    }
}

/// What is neither the root's nor a listed key's word.
struct NotProven;

/// A newer list of keys and a notice, each where there is one: the notice by the newer list.
fn told(
    key_list: &Option<Bytes>,
    notice: &Option<ProgrammeNotice>,
    keys: &HubKeys,
) -> Result<(Option<Bytes>, Option<ProgrammeNotice>), NotProven> {
    let newer = match key_list {
        Some(sealed) => keys.with(sealed).map_err(|_| NotProven)?,
        None => None,
    };
    if let Some(notice) = notice {
        let keys = newer.as_ref().unwrap_or(keys);
        keys.verify_notice(notice).map_err(|_| NotProven)?;
    }
    Ok((newer.and_then(|_| key_list.clone()), notice.clone()))
}

/// A programme that was published and is not here yet.
#[derive(Debug, Default)]
pub(super) struct Programmes {
    pub(super) lane: Lane,
    /// The version that is here; versions only rise.
    pub(super) version: u32,
    wanted: Option<ProgrammeNotice>,
    text: Option<Vec<u8>>,
}

impl Programmes {
    pub(super) fn new(version: u32, wanted: Option<ProgrammeNotice>) -> Self {
        let wanted = wanted.filter(|notice| notice.version > version);
        Self { version, wanted, ..Self::default() }
    }

    pub(super) fn want(&mut self, notice: ProgrammeNotice) {
        let newest = self.wanted.as_ref().map_or(self.version, |wanted| wanted.version);
        if notice.version > newest {
            self.wanted = Some(notice);
            self.text = None;
        }
    }

    pub(super) fn wanted(&self) -> Option<&ProgrammeNotice> {
        self.wanted.as_ref()
    }

    pub(super) fn next_work(&self, now: Now, signing: Signing) -> Option<Work> {
        let notice = self.wanted.as_ref().filter(|_| self.lane.is_free(now))?;
        Some(match &self.text {
            None => Work::FetchProgramme { hash: notice.hash, signing },
            Some(text) => Work::StoreProgramme { notice: notice.clone(), text: text.clone() },
        })
    }

    pub(super) fn timeout(&self) -> Option<Duration> {
        self.wanted.as_ref().and_then(|_| self.lane.free_from())
    }

    /// The text came. A newer one may have been published meanwhile: then it is of no use.
    pub(super) fn handle_text(&mut self, text: Vec<u8>) {
        let fits = |notice: &ProgrammeNotice| crate::journal::ContentHash::of(&text) == notice.hash;
        if self.wanted.as_ref().is_some_and(fits) {
            self.text = Some(text);
        }
    }

    pub(super) fn handle_failure(&mut self, failure: &Failure, now: Now, jitter: u64) {
        match failure {
            Failure::Wait(asked) => self.lane.wait_as_asked(*asked, now, jitter),
            Failure::Line => self.lane.fail(Fault::Line, now, jitter),
            _ => self.lane.fail(Fault::Unusable, now, jitter),
        }
    }

    pub(super) fn handle_stored(
        &mut self,
        version: u32,
        used: ProgrammeUse,
        alerts: &mut BTreeSet<Alert>,
        now: Now,
    ) {
        self.version = self.version.max(version);
        if self.wanted.as_ref().is_some_and(|wanted| wanted.version <= version) {
            self.wanted = None;
            self.text = None;
        }
        match used {
            ProgrammeUse::Stored => alerts.remove(&Alert::ProgrammeUnusable),
            ProgrammeUse::NotUsable => alerts.insert(Alert::ProgrammeUnusable),
        };
        self.lane.succeed(now);
    }

    pub(super) fn handle_not_stored(&mut self, now: Now, jitter: u64) {
        self.lane.fail(Fault::Storage, now, jitter);
    }
}
