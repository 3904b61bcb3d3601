//! What time and files ask for: the first records of a start, closings, new programmes, new bases.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;

use super::Till;
use super::error::TillError;
use super::event::Happened;
use super::hub;
use super::scribe::{Asked, Scribe};
use super::shelf::{PublishError, Published, check_follows};
use crate::agent::clock::Sample;
use crate::agent::store::base::{BaseAbout, OpenBase};
use crate::agent::store::base_files::{self, PENDING_BASE_FILE};
use crate::agent::store::error::StoreError;
use crate::agent::store::ledger::facts::{self, Fact};
use crate::agent::store::ledger::{codes_used, holds, journal, programmes, requests};
use crate::agent::store::open;
use crate::journal::{
    BaseChange, Body, ClockTrust, ContentHash, ENGINE, Import, KeyChange, OutageBegin, OutageCause,
    OutageEnd, ProgrammeChange, Remark, SoftwareChange, SoftwareVersion,
};

/// Where a checked programme is dropped for the running agent to take up.
pub(crate) const PROGRAMME_DROP_FILE: &str = "programme.toml";

/// What the ledger says while the agent runs, and after it stopped in order.
const RUNNING: &str = "yes";
const STOPPED: &str = "no";

/// Why a new base was not taken up; the old one stays.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BaseError {
    /// The file could not be opened or put in its place.
    #[error("could not take up the base {path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It could not be recorded.
    #[error(transparent)]
    Till(#[from] TillError),
}

impl Till {
    /// Records what a start must say: the first key, another software, an outage.
    pub(crate) async fn record_start(&self) -> Result<(), TillError> {
        let sample = self.inner.clock.sample();
        let public_key = self.inner.keys.signing.public_key();
        self.write(move |connection, scribe| {
            let last = journal::last(connection)?;
            if last.is_none() {
                let reason = Remark::clip("first start");
                let body = Body::KeyChange(KeyChange { public_key, reason });
                scribe.record(connection, sample, &Asked::default(), body)?;
            }
            record_outage(connection, scribe, sample, last.map(|(id, _)| id))?;
            record_software(connection, scribe, sample)?;
            facts::note(connection, Fact::Running, RUNNING)?;
            Ok::<_, TillError>(())
        })
        .await
    }

    /// Notes that the agent stops in order, so that the next start knows of no outage.
    pub(crate) async fn record_stop(&self) -> Result<(), TillError> {
        self.write(|connection, _| Ok(facts::note(connection, Fact::Running, STOPPED)?)).await
    }

    /// Closes days that are over, notes clock jumps and forgets what has lapsed.
    pub(crate) async fn keep_up(&self) -> Result<(), TillError> {
        let sample = self.inner.clock.sample();
        self.write(move |connection, scribe| {
            scribe.record_what_is_due(connection, sample)?;
            if sample.reading.trust == ClockTrust::Untrusted {
                // A clock that is far ahead would forget what is still needed.
                return Ok::<_, TillError>(());
            }
            let now_ms = sample.at.timestamp_millis();
            requests::forget_keys(connection, now_ms)?;
            holds::forget(connection, now_ms)?;
            codes_used::forget(connection, now_ms)?;
            Ok::<_, TillError>(())
        })
        .await
    }

    /// Puts a programme in force. A wrong or older one, or another programme than the ledger's, is
    /// refused and the old one stays.
    pub(crate) async fn publish(&self, text: String) -> Result<u32, PublishProblem> {
        let published = Published::check(text)?;
        let version = published.version();
        if let Some(in_force) = self.inner.shelf.in_force() {
            let in_force = in_force.programme();
            check_follows(published.evaluator.programme(), in_force)?;
            let in_force = in_force.version;
            if version <= in_force {
                return Err(PublishError::NotNewer { version, in_force }.into());
            }
        }
        self.inner.shelf.keep(&published)?;
        let sample = self.inner.clock.sample();
        let (evaluator, hash, stamp) =
            (Arc::clone(&published.evaluator), published.hash, published.stamp());
        let programme = evaluator.programme().clone();
        self.write(move |connection, scribe| {
            scribe.put_in_force(&programme);
            let body = Body::ProgrammeChange(ProgrammeChange { id: programme.id, version, hash });
            scribe.record(connection, sample, &Asked::default(), body)?;
            programmes::keep(connection, version, published.text())?;
            facts::note(connection, Fact::Programme, &stamp)?;
            Ok::<_, TillError>(())
        })
        .await?;
        self.inner.shelf.put_in_force(evaluator);
        tracing::info!(version, "programme in force");
        self.happened(Happened::ProgrammeChanged { version });
        Ok(version)
    }

    /// Takes up a base that an import left, if there is one.
    pub(crate) async fn take_up_base(&self, folder: &Path) -> Result<Option<i64>, BaseError> {
        // Upkeep and whoever left the base may come at the same time.
        let _turn = self.inner.base_turn.lock().await;
        let pending = folder.join(PENDING_BASE_FILE);
        if !pending.exists() {
            return Ok(None);
        }
        let failed = |path: &Path, reason: &dyn std::fmt::Display| BaseError::File {
            path: path.to_owned(),
            reason: reason.to_string(),
        };
        let about = base_files::about(&pending).map_err(|error| failed(&pending, &error))?;
        let path =
            base_files::place(folder, about.cursor).map_err(|error| failed(&pending, &error))?;
        self.adopt_base(path, about).await.map(Some)
    }

    /// Records a base file that is in its place and lets everything use it.
    pub(crate) async fn adopt_base(
        &self,
        path: PathBuf,
        about: BaseAbout,
    ) -> Result<i64, BaseError> {
        let connection = open::open_sealed(&path)
            .map_err(|error| BaseError::File { path: path.clone(), reason: error.to_string() })?;
        let base = OpenBase::of(connection).map_err(TillError::from)?;
        let sample = self.inner.clock.sample();
        let cursor = about.cursor;
        self.write(move |connection, scribe| {
            record_base(connection, scribe, sample, base, &about)?;
            Ok::<_, TillError>(())
        })
        .await?;
        self.inner
            .readers
            .swap_base(&path)
            .map_err(|error| BaseError::File { path: path.clone(), reason: error.to_string() })?;
        base_files::remove_older(&path, cursor);
        tracing::info!(cursor, "base of members in use");
        Ok(cursor)
    }
}

/// Why a programme was not put in force.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishProblem {
    /// It is wrong, older, another or cannot be kept.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// It could not be recorded.
    #[error(transparent)]
    Till(#[from] TillError),
}

/// The agent did not stop in order: tills sold without it since its last record.
fn record_outage(
    connection: &Connection,
    scribe: &mut Scribe,
    sample: Sample,
    last: Option<i64>,
) -> Result<(), StoreError> {
    let Some(last) = last else { return Ok(()) };
    if facts::read(connection, Fact::Running)?.as_deref() != Some(RUNNING) {
        return Ok(());
    }
    let since = journal::load(connection, last)?.record.header.decided_at();
    tracing::warn!(%since, "the agent did not stop in order");
    let (cause, nobody) = (OutageCause::AgentDown, Asked::default());
    let begin = Body::OutageBegin(OutageBegin { cause, since });
    scribe.record(connection, sample, &nobody, begin)?;
    let end = Body::OutageEnd(OutageEnd { cause, begun: since });
    scribe.record(connection, sample, &nobody, end)?;
    Ok(())
}

fn record_software(
    connection: &Connection,
    scribe: &mut Scribe,
    sample: Sample,
) -> Result<(), StoreError> {
    let running = env!("CARGO_PKG_VERSION");
    let before = facts::read(connection, Fact::Software)?;
    if before.as_deref() == Some(running) {
        return Ok(());
    }
    let body = Body::SoftwareChange(SoftwareChange {
        from: before.as_deref().map(SoftwareVersion::clip),
        to: SoftwareVersion::clip(running),
        engine: ENGINE,
    });
    scribe.record(connection, sample, &Asked::default(), body)?;
    facts::note(connection, Fact::Software, running)
}

fn record_base(
    connection: &Connection,
    scribe: &mut Scribe,
    sample: Sample,
    base: OpenBase,
    about: &BaseAbout,
) -> Result<(), StoreError> {
    let number = about.cursor.unsigned_abs();
    let hash = ContentHash::from_bytes(about.content);
    let nobody = Asked::default();
    let cursor = match about.hub_cursor {
        None => {
            let import = Body::Import(Import {
                source_hash: ContentHash::from_bytes(about.source),
                members: about.imported,
                points: about.points,
                cursor: number,
            });
            scribe.record(connection, sample, &nobody, import)?;
            number
        }
        // What the hub said up to here is in the file.
        Some(hub_cursor) => {
            let cursor = hub_cursor.unsigned_abs();
            hub::begin_with(connection, scribe, cursor, about.contained)?;
            cursor
        }
    };
    let change = Body::BaseChange(BaseChange { cursor, hash });
    scribe.replace_base(base);
    scribe.record(connection, sample, &nobody, change)?;
    facts::note(connection, Fact::Base, &format!("{number} {hash}"))
}
