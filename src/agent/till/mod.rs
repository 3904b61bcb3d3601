//! The use cases of a till: identify, quote, commit, void, return and the rest.
//!
//! `request` and `answer` are their words, `error` says what went wrong. A use case reads, lets
//! the pure core decide, and hands the writer one job that signs and stores. `scribe` is the
//! writer's memory; `upkeep` does what time and files ask for.

pub(crate) mod answer;
mod assign;
mod by_hand;
pub(crate) mod commit;
mod draws;
pub(crate) mod error;
pub(crate) mod event;
mod given;
pub(crate) mod hub;
mod identify;
mod issued_codes;
mod lookup;
mod member;
mod quote;
mod referral;
pub(crate) mod repeat;
pub(crate) mod request;
mod reserve;
pub(crate) mod scribe;
pub(crate) mod shelf;
mod sold;
pub(crate) mod tokens;
mod undo;
pub(crate) mod upkeep;

pub(crate) use commit::{CLOSED_AT_AHEAD_MS_MAX, CLOSED_AT_BACK_MS_MAX, LATE_MS_MIN};
pub(crate) use identify::ROTATING_CODE_KEPT_MS;
pub(crate) use lookup::IDENTIFICATION_MS_MAX;
pub(crate) use member::VOUCHERS_LISTED_MAX;
pub(crate) use quote::QUOTE_MS_MAX;
pub(crate) use referral::{REFERRAL_CODE_BYTES_MAX, ReferralCode};
pub(crate) use repeat::KEY_KEPT_MS;
pub(crate) use reserve::{HOLD_MS_MAX, HOLDS_LIVE_MAX};

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tokio::sync::{broadcast, watch};

use self::answer::{Health, HubHealth};
use self::draws::{DRAWS_LABEL, DrawKey};
use self::error::TillError;
use self::event::{Happened, TillEvent};
use self::issued_codes::{ISSUED_CODES_LABEL, IssuedCodes};
use self::lookup::Sources;
use self::scribe::Scribe;
use self::shelf::Shelf;
use self::tokens::Tokens;
use crate::agent::clock::Clock;
use crate::agent::config;
use crate::agent::store::base::{Base, Pulls};
use crate::agent::store::ledger::journal;
use crate::agent::store::readers::{ReadConnections, ReadError, Readers};
use crate::agent::store::writer::{Status, SubmitError, Writer};
use crate::agent::sync::report::SyncReport;
use crate::journal::{ClockTrust, ObjectKind, Record, SigningKey, read_unverified};
use crate::loyalty::{Evaluator, StoreId};
use crate::member_code::token::TokenKeys;
use crate::member_code::totp::TotpPolicy;
use crate::member_code::{CardRules, Framing};
use crate::shell::keys::DirectoryKey;
use crate::wire::sync::JournalPlace;

/// Events that a slow listener may fall behind before it loses some.
const EVENTS_KEPT: usize = 256;

/// The use cases of one agent. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Till {
    inner: Arc<Inner>,
}

/// What the use cases share.
pub(crate) struct Inner {
    pub(crate) store: StoreId,
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
    pub(crate) codes: CodeSettings,
    pub(crate) tokens: Tokens,
    pub(crate) issued_codes: IssuedCodes,
    pub(crate) draw_key: DrawKey,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) writer: Writer<Scribe>,
    pub(crate) readers: Readers,
    pub(crate) pulls: Arc<Pulls>,
    heads: watch::Receiver<Option<JournalPlace>>,
    sync_report: SyncReport,
    /// When the hub last had no more to say, by the monotonic clock; none before it had.
    hub_said_at_ms: Mutex<Option<u64>>,
    /// One base is taken up at a time.
    base_turn: tokio::sync::Mutex<()>,
    events: broadcast::Sender<TillEvent>,
    event_number: AtomicU64,
}

/// The agent's keys.
pub(crate) struct Keys {
    pub(crate) signing: Arc<SigningKey>,
    pub(crate) directory: DirectoryKey,
}

/// Which member codes are read and how.
#[derive(Clone, Debug, Default)]
pub(crate) struct CodeSettings {
    pub(crate) framing: Framing,
    pub(crate) rules: CardRules,
    pub(crate) totp: TotpPolicy,
    pub(crate) token_keys: TokenKeys,
}

impl From<&config::CodeSettings> for CodeSettings {
    fn from(settings: &config::CodeSettings) -> Self {
        Self {
            framing: settings.framing.clone(),
            rules: settings.card_rules.clone(),
            totp: settings.totp,
            token_keys: settings.token_keys.clone(),
        }
    }
}

/// What a till is made of.
pub(crate) struct Parts {
    pub(crate) store: StoreId,
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
    pub(crate) codes: CodeSettings,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) writer: Writer<Scribe>,
    pub(crate) readers: Readers,
    pub(crate) pulls: Arc<Pulls>,
    pub(crate) heads: watch::Receiver<Option<JournalPlace>>,
}

impl std::fmt::Debug for Till {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Till").field("store", &self.inner.store).finish_non_exhaustive()
    }
}

impl Till {
    /// Puts the parts together.
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { store, clock, keys, codes, shelf, writer, readers, .. } = parts;
        let (pulls, heads) = (parts.pulls, parts.heads);
        let tokens = Tokens::new(keys.directory.derive_key("identifications and quotes"));
        let codes_key = keys.directory.derive_key(ISSUED_CODES_LABEL);
        let issued_codes = IssuedCodes::new(codes_key, keys.signing.device_id());
        let draws_key = keys.directory.derive_key(DRAWS_LABEL);
        let draw_key = DrawKey::new(draws_key, keys.signing.device_id());
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        let event_number = AtomicU64::new(0);
        let inner = Inner {
            store,
            clock,
            keys,
            codes,
            tokens,
            issued_codes,
            draw_key,
            shelf,
            writer,
            readers,
            pulls,
            heads,
            sync_report: SyncReport::default(),
            hub_said_at_ms: Mutex::new(None),
            base_turn: tokio::sync::Mutex::new(()),
            events,
            event_number,
        };
        Self { inner: Arc::new(inner) }
    }

    /// The programme in force.
    pub(crate) fn programme(&self) -> Result<Arc<Evaluator>, TillError> {
        self.inner.shelf.in_force().ok_or(TillError::NoProgramme)
    }

    /// The programme of a version, where it is kept; to word what was decided under it.
    pub(crate) fn programme_of(&self, version: u32) -> Option<Arc<Evaluator>> {
        self.inner.shelf.of_version(version)
    }

    /// The store that this agent serves.
    pub(crate) fn store(&self) -> &StoreId {
        &self.inner.store
    }

    /// The last record that is durable, whenever there is another.
    pub(crate) fn heads(&self) -> watch::Receiver<Option<JournalPlace>> {
        self.inner.heads.clone()
    }

    /// How the sync with the hub fares.
    pub(crate) fn sync_report(&self) -> &SyncReport {
        &self.inner.sync_report
    }

    /// The agent's clock.
    pub(crate) fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// The device's key.
    pub(crate) fn signing_key(&self) -> &Arc<SigningKey> {
        &self.inner.keys.signing
    }

    /// What happens, for displays.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<TillEvent> {
        self.inner.events.subscribe()
    }

    /// What a monitor wants to know.
    pub(crate) async fn health(&self) -> Health {
        let read = self
            .read(|sources| {
                let last = journal::last(sources.ledger)?;
                let members = sources.base.map(|base| base.members()).transpose()?;
                Ok((last, members))
            })
            .await
            .ok();
        let (last, members) = read.unwrap_or_default();
        let hub = self.hub_health().await;
        let header = last.and_then(|(_, bytes)| {
            let opened = read_unverified(ObjectKind::Record, &bytes).ok()?;
            Record::from_payload(opened.payload).ok().map(|record| record.header)
        });
        let in_force = self.inner.shelf.in_force();
        Health {
            ledger_writable: self.inner.writer.status() == Status::Running,
            programme_version: in_force.map(|evaluator| evaluator.programme().version),
            clock_trusted: self.inner.clock.now().trust == ClockTrust::Trusted,
            base_readable: members.is_some(),
            members: members.unwrap_or_default(),
            device: self.inner.keys.signing.device_id(),
            epoch: header.as_ref().map_or(0, |header| header.epoch),
            sequence: header.as_ref().map_or(0, |header| header.sequence),
            hub,
        }
    }

    async fn hub_health(&self) -> Option<HubHealth> {
        let standing = self.inner.sync_report.standing()?;
        let acknowledged = standing.progress.acknowledged;
        let acknowledged =
            acknowledged.map_or(0, |place| journal::row_id(place.epoch, place.sequence));
        let unsent = self.unsent(acknowledged).await.unwrap_or_default();
        Some(HubHealth { standing, unsent })
    }

    fn happened(&self, what: Happened) {
        let number = self.inner.event_number.fetch_add(1, Ordering::Relaxed) + 1;
        let at = self.inner.clock.sample().at;
        // Nobody may be listening.
        let _ = self.inner.events.send(TillEvent { number, at, what });
    }

    /// Reads ledger and base in one short snapshot.
    async fn read<R: Send + 'static>(
        &self,
        job: impl FnOnce(Sources<'_>) -> Result<R, TillError> + Send + 'static,
    ) -> Result<R, TillError> {
        self.read_then(job, |read| read).await
    }

    /// [`Till::read`], and works on what was read when the snapshot is gone.
    async fn read_then<K, R: Send + 'static>(
        &self,
        job: impl FnOnce(Sources<'_>) -> Result<K, TillError> + Send + 'static,
        then: impl FnOnce(K) -> R + Send + 'static,
    ) -> Result<R, TillError> {
        let now = self.inner.clock.sample().at;
        let pulls = Arc::clone(&self.inner.pulls);
        let job = move |connections: ReadConnections<'_>| {
            let base = connections.base.map(Base::of).transpose()?;
            let base = base.map(|base| base.under(connections.ledger, &pulls));
            job(Sources { ledger: connections.ledger, base, now })
        };
        let reading = self.inner.readers.read_then(job, then);
        reading.await.map_err(|error| match error {
            ReadError::Job(error) => error,
            error => TillError::internal("reading the ledger", error),
        })
    }

    /// Runs a job in the writer; it is durable when this answers.
    async fn write<R: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection, &mut Scribe) -> Result<R, TillError> + Send + 'static,
    ) -> Result<R, TillError> {
        self.inner.writer.submit(job).await.map_err(TillError::from)
    }
}

impl From<SubmitError<TillError>> for TillError {
    fn from(error: SubmitError<TillError>) -> Self {
        match error {
            SubmitError::Job(error) => error,
            SubmitError::Busy => Self::Busy,
            SubmitError::StorageFull => Self::StorageFull,
            // A writer that stopped writes nothing more until a restart, like a disk that does not.
            SubmitError::ReadOnly | SubmitError::Stopped => Self::StorageReadOnly,
            SubmitError::Damaged => Self::Damaged,
            SubmitError::OutcomeUnknown => Self::OutcomeUnknown,
            error => Self::internal("writing to the ledger", error),
        }
    }
}
