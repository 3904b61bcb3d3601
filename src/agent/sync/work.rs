//! What the machine asks for, done: requests over the line, reads and writes of the ledger.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::line::{Answer, HubLine, LineError, Request};
use crate::agent::store::ledger::programmes_to_come::ProgrammeToCome;
use crate::agent::store::snapshot::{self, Chunks};
use crate::agent::till::Till;
use crate::agent::till::error::TillError;
use crate::agent::till::hub::{CHANGES_PER_JOB_MAX, Pulled, TakenUp};
use crate::agent::till::shelf::Published;
use crate::shell::durable_file::{self, FileAccess};
use crate::sync::{
    Acknowledgement, Command, JournalMatch, Outcome, PUSH_BYTES_TARGET, ProgrammeUse, Reply, Sent,
    Signing, StoreOutcome, Work,
};
use crate::wire::sync::{
    Bytes, Change, Changes, Contained, Cursor, JournalPlace, Message, ProgrammeNotice, PushBatch,
    SnapshotManifest, paths,
};

/// The manifest of a snapshot whose chunks are being fetched, in the data folder.
const MANIFEST_FILE: &str = "snapshot.manifest";

/// What one piece of work came to.
#[derive(Debug)]
pub(crate) enum Done {
    /// A batch was sent.
    Pushed { sent: Sent, answer: Option<Answer> },
    /// Nothing waits behind the place.
    NothingToPush,
    /// Another request was sent.
    Answered(Option<Answer>),
    /// A checkpoint was compared.
    Acknowledged(JournalMatch),
    /// Something was to be stored.
    Stored(StoreOutcome),
    /// What the hub said lies over another base than was thought: begin from what is stored.
    Elsewhere,
    /// The text of a programme was looked at.
    Programme { version: u32, used: ProgrammeUse },
}

impl Answer {
    /// As the machine takes it.
    pub(crate) fn outcome(answer: Option<&Self>) -> Outcome<'_> {
        answer.map_or(Outcome::NoReply, |answer| {
            Outcome::Reply(Reply {
                status: answer.status,
                content_type: answer.content_type.as_deref(),
                content_encoding: answer.content_encoding.as_deref(),
                retry_after: answer.retry_after.as_deref(),
                body: &answer.body,
            })
        })
    }
}

/// Does what the machine asks for. Clones share everything.
#[derive(Clone, Debug)]
pub(crate) struct Worker {
    pub(crate) till: Till,
    pub(crate) line: HubLine,
    pub(crate) folder: PathBuf,
}

impl Worker {
    /// Does one command. What fails is logged here; the machine only hears that it did.
    pub(crate) async fn run(self, command: Command) -> Done {
        match command.work {
            Work::Push { after, records_max, signing } => {
                self.push(after, records_max, &signing).await
            }
            Work::Pull { after, wait, signing } => self.pull(after, wait, &signing).await,
            Work::FetchManifest { signing } => {
                self.ask(Request::get(paths::SNAPSHOT), &signing).await
            }
            Work::FetchChunk { hash, signing } => {
                if Chunks::of(&self.folder).has(hash) {
                    return Done::Stored(StoreOutcome::Stored);
                }
                self.ask(Request::get(format!("{}/{hash}", paths::CHUNKS)), &signing).await
            }
            Work::FetchProgramme { hash, signing } => {
                self.ask(Request::get(format!("{}/{hash}", paths::PROGRAMMES)), &signing).await
            }
            Work::Acknowledge(acknowledgement) => self.acknowledge(*acknowledgement).await,
            Work::SetAside { place } => {
                tracing::error!(%place, "the hub refuses a record; it is set aside");
                stored("note a refused record", self.till.set_record_aside(row_of(place)).await)
            }
            Work::StoreManifest { manifest, key_list } => {
                self.store_manifest(&manifest, key_list).await
            }
            Work::StoreChunk(chunk) => {
                let chunks = Chunks::of(&self.folder);
                let kept = blocking(move || chunks.keep(chunk.hash, &chunk.bytes.0)).await;
                stored("keep a chunk of a snapshot", kept)
            }
            Work::ApplySnapshot(manifest) => self.apply_snapshot(*manifest).await,
            Work::StoreChanges { changes, key_list, notice } => {
                self.store_changes(*changes, key_list, notice).await
            }
            Work::StoreProgramme { notice, text } => self.store_programme(notice, text).await,
        }
    }

    /// The manifest of a snapshot that was begun, if it can be read.
    pub(crate) fn begun_snapshot(&self) -> Option<Box<SnapshotManifest>> {
        let bytes = std::fs::read(self.folder.join(MANIFEST_FILE)).ok()?;
        SnapshotManifest::from_message(&bytes).ok().map(Box::new)
    }

    async fn ask(&self, request: Request, signing: &Signing) -> Done {
        Done::Answered(said(self.line.send(request, signing).await))
    }

    async fn push(
        &self,
        after: Option<JournalPlace>,
        records_max: usize,
        signing: &Signing,
    ) -> Done {
        let batch = self.till.outgoing(after.map_or(0, row_of), records_max, PUSH_BYTES_TARGET);
        let batch = match batch.await {
            Ok(batch) => batch,
            Err(error) => {
                tracing::error!(%error, "records to be sent cannot be read");
                return Done::NothingToPush;
            }
        };
        let Some((first, last)) = batch.ends() else { return Done::NothingToPush };
        let sent = Sent { first, last, records: batch.records.len() };
        let message = PushBatch {
            epoch: first.epoch,
            sequence: first.sequence,
            records: batch.records.into_iter().map(|(_, bytes)| Bytes(bytes)).collect(),
            set_aside: batch.set_aside,
        };
        let request = Request::post(paths::RECORDS, message.to_message());
        Done::Pushed { sent, answer: said(self.line.send(request, signing).await) }
    }

    async fn pull(&self, after: Cursor, wait: Duration, signing: &Signing) -> Done {
        let query = format!("after={}&wait_s={}", after.0, wait.as_secs());
        let request = Request { query: Some(query), wait, ..Request::get(paths::CHANGES) };
        self.ask(request, signing).await
    }

    async fn acknowledge(&self, acknowledgement: Acknowledgement) -> Done {
        let Acknowledgement { checkpoint, sealed, quarantined } = acknowledgement;
        for set_aside in quarantined {
            let (epoch, sequence, reason) = (set_aside.epoch, set_aside.sequence, set_aside.reason);
            tracing::error!(epoch, sequence, reason, "the hub keeps a record but does not book it");
        }
        let place = JournalPlace { epoch: checkpoint.epoch, sequence: checkpoint.sequence };
        let compared = self.till.compare_and_acknowledge(
            row_of(place),
            checkpoint.hash,
            sealed.0,
            checkpoint.number,
        );
        match compared.await {
            Ok(found) => Done::Acknowledged(found),
            Err(error) => {
                tracing::error!(%error, "the hub's acknowledgement could not be stored");
                Done::Stored(StoreOutcome::Failed)
            }
        }
    }

    async fn store_manifest(&self, manifest: &SnapshotManifest, key_list: Option<Bytes>) -> Done {
        if let Err(error) = self.note_key_list(key_list).await {
            return not_stored("store the hub's keys", &error);
        }
        Chunks::of(&self.folder).keep_only(manifest);
        let (path, bytes) = (self.folder.join(MANIFEST_FILE), manifest.to_message());
        let written =
            blocking(move || durable_file::replace(&path, &bytes, FileAccess::OwnerOnly)).await;
        stored("store the manifest of a snapshot", written)
    }

    async fn apply_snapshot(&self, manifest: SnapshotManifest) -> Done {
        let notice = manifest.programme.clone();
        let folder = self.folder.clone();
        let built = blocking(move || snapshot::build(&folder, &manifest)).await;
        let taken_up = match built {
            Ok(()) => self.till.take_up_base(&self.folder).await,
            Err(error) => {
                self.forget_snapshot();
                return not_stored("build a base of the snapshot", &error);
            }
        };
        self.forget_snapshot();
        if let (Ok(_), Some(notice)) = (&taken_up, notice) {
            if let Err(error) = self.note_programme(notice).await {
                return not_stored("note a programme to come", &error);
            }
        }
        stored("take up the base of the snapshot", taken_up)
    }

    fn forget_snapshot(&self) {
        Chunks::of(&self.folder).clear();
        match std::fs::remove_file(self.folder.join(MANIFEST_FILE)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, "could not remove the manifest of a snapshot");
            }
            _ => {}
        }
    }

    /// The cursor moves with the last part, so what was stored before it is heard again after a
    /// failure, and nothing is lost.
    async fn store_changes(
        &self,
        changes: Changes,
        key_list: Option<Bytes>,
        notice: Option<ProgrammeNotice>,
    ) -> Done {
        let Changes { after, to, contained, changes, .. } = changes;
        if let Err(error) = self.note_key_list(key_list).await {
            return not_stored("store the hub's keys", &error);
        }
        if let Some(notice) = notice {
            if let Err(error) = self.note_programme(notice).await {
                return not_stored("note a programme to come", &error);
            }
        }
        for part in parts_of(changes, contained, after, to) {
            match self.till.take_up_pulled(part).await {
                Ok(TakenUp::Stored) => {}
                Ok(TakenUp::Elsewhere) => return Done::Elsewhere,
                Err(error) => return not_stored("store what the hub said", &error),
            }
        }
        Done::Stored(StoreOutcome::Stored)
    }

    async fn note_key_list(&self, sealed: Option<Bytes>) -> Result<(), TillError> {
        match sealed {
            Some(Bytes(sealed)) => self.till.note_key_list(sealed).await,
            None => Ok(()),
        }
    }

    async fn note_programme(&self, notice: ProgrammeNotice) -> Result<(), TillError> {
        let in_force = self.till.programme().map_or(0, |evaluator| evaluator.programme().version);
        if notice.version <= in_force {
            return Ok(());
        }
        self.till.keep_programme_to_come(to_come(&notice, None)).await
    }

    async fn store_programme(&self, notice: ProgrammeNotice, text: Vec<u8>) -> Done {
        let version = notice.version;
        let not_usable = |reason: String| {
            tracing::error!(
                version,
                reason,
                "the hub's programme cannot be used; the old one stays"
            );
            Done::Programme { version, used: ProgrammeUse::NotUsable }
        };
        let Ok(text) = String::from_utf8(text) else {
            return not_usable("it is not UTF-8".to_owned());
        };
        match Published::check(text.clone()) {
            Ok(published) if published.version() == version => {}
            Ok(published) => {
                return not_usable(format!("its text says version {}", published.version()));
            }
            Err(error) => return not_usable(error.to_string()),
        }
        match self.till.keep_programme_to_come(to_come(&notice, Some(text))).await {
            Ok(()) => Done::Programme { version, used: ProgrammeUse::Stored },
            Err(error) => not_stored("keep a programme to come", &error),
        }
    }
}

/// Puts every programme in force whose time has come, the newest last.
pub(crate) async fn put_due_programmes_in_force(till: &Till, now: DateTime<Utc>) {
    let to_come = match till.programmes_to_come().await {
        Ok(to_come) => to_come,
        Err(error) => return tracing::error!(%error, "programmes to come cannot be read"),
    };
    let mut due =
        to_come.into_iter().filter(|programme| programme.from_ms <= now.timestamp_millis());
    // Versions only rise: of several that are due only the newest matters.
    let Some(ProgrammeToCome { version, text: Some(text), .. }) = due.next_back() else { return };
    let in_force = till.programme().map_or(0, |evaluator| evaluator.programme().version);
    if version > in_force {
        if let Err(error) = till.publish(text).await {
            tracing::error!(version, %error, "the hub's programme is not put in force");
        }
    }
    if let Err(error) = till.forget_programmes_to_come(version).await {
        tracing::error!(%error, "a programme that had its turn could not be forgotten");
    }
}

/// What the hub said, in parts that one job each stores.
fn parts_of(changes: Vec<Change>, contained: Contained, after: Cursor, to: Cursor) -> Vec<Pulled> {
    let part = |changes| Pulled { changes, contained, after, to: None };
    let mut parts = Vec::new();
    let mut changes = changes.into_iter().peekable();
    loop {
        parts.push(part(changes.by_ref().take(CHANGES_PER_JOB_MAX).collect()));
        if changes.peek().is_none() {
            break;
        }
    }
    if let Some(last) = parts.last_mut() {
        last.to = Some(to);
    }
    parts
}

fn to_come(notice: &ProgrammeNotice, text: Option<String>) -> ProgrammeToCome {
    ProgrammeToCome {
        version: notice.version,
        hash: notice.hash,
        from_ms: notice.from.timestamp_millis(),
        sealed: notice.sealed.0.clone(),
        text,
    }
}

/// Being without a line is no news.
fn said(sent: Result<Answer, LineError>) -> Option<Answer> {
    sent.inspect_err(|error| {
        let why = crate::shell::process::chain(error);
        tracing::debug!(why, "no answer from the hub");
    })
    .ok()
}

fn stored<T>(doing: &'static str, result: Result<T, impl std::error::Error>) -> Done {
    match result {
        Ok(_) => Done::Stored(StoreOutcome::Stored),
        Err(error) => not_stored(doing, &error),
    }
}

fn not_stored(doing: &'static str, error: &dyn std::error::Error) -> Done {
    let why = crate::shell::process::chain(error);
    tracing::error!(doing, why, "the sync could not store something");
    Done::Stored(StoreOutcome::Failed)
}

async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        // The work panicked, or the runtime ends: neither is for this task to survive.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

pub(crate) fn row_of(place: JournalPlace) -> i64 {
    crate::agent::store::ledger::journal::row_id(place.epoch, place.sequence)
}
