//! What the ledger keeps of the hub: what it acknowledged, what it said, how far.

use std::sync::PoisonError;

use rusqlite::Connection;

use super::Till;
use super::error::TillError;
use super::lookup::HubSaid;
use super::scribe::{HubPlace, Scribe};
use crate::agent::clock::Sample;
use crate::agent::store::error::StoreError;
use crate::agent::store::ledger::journal::place_of;
use crate::agent::store::ledger::outbox::{self, Outgoing, Unsent};
use crate::agent::store::ledger::programmes_to_come::{self, ProgrammeToCome};
use crate::agent::store::ledger::pulled::{self, Told};
use crate::agent::store::ledger::set_aside;
use crate::agent::store::ledger::sync_state::{self, SyncState, row_of};
use crate::journal::{Checkpoint, RecordHash};
use crate::sync::JournalMatch;
use crate::wire::sync::{Change, Contained, Cursor, KeyList};

/// Changes that one job stores: a few milliseconds on a small till, so that no receipt waits longer
/// for what comes from the hub.
pub(crate) const CHANGES_PER_JOB_MAX: usize = 32;

/// A part of what the hub said, stored by one job.
#[derive(Clone, Debug)]
pub(crate) struct Pulled {
    /// Things as they are now.
    pub(crate) changes: Vec<Change>,
    /// What of this journal is in them.
    pub(crate) contained: Contained,
    /// Where the question began.
    pub(crate) after: Cursor,
    /// Where the next begins; `None` while more of the same answer comes.
    pub(crate) to: Option<Cursor>,
}

/// Whether a part of what the hub said was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakenUp {
    /// It was.
    Stored,
    /// There is no base of the hub that it could lie over, or it was asked for before another was
    /// taken up.
    Elsewhere,
}

/// What a sync needs to know when it begins.
#[derive(Clone, Debug)]
pub(crate) struct HubKnown {
    /// Which hub, and how far.
    pub(crate) state: SyncState,
    /// Whether the base in use is the hub's; if not, it begins with a snapshot.
    pub(crate) has_base: bool,
}

impl Till {
    /// Which hub this device is enrolled at, and how far they know each other.
    pub(crate) async fn hub_known(&self) -> Result<Option<HubKnown>, TillError> {
        self.read(|sources| {
            let Some(state) = sync_state::load(sources.ledger)? else { return Ok(None) };
            let about = sources.base.map(|base| base.about()).transpose()?;
            let has_base = about.is_some_and(|about| about.hub_cursor.is_some());
            Ok(Some(HubKnown { state, has_base }))
        })
        .await
    }

    /// Notes that the hub has no more to say than is stored.
    pub(crate) fn note_hub_said_all(&self) {
        let now_ms = self.inner.clock.now().monotonic_ms;
        *self.inner.hub_said_at_ms.lock().unwrap_or_else(PoisonError::into_inner) = Some(now_ms);
    }

    /// For how long the hub has had no more to say.
    pub(super) fn hub_said(&self, sample: &Sample) -> HubSaid {
        let at_ms = *self.inner.hub_said_at_ms.lock().unwrap_or_else(PoisonError::into_inner);
        let age_ms = at_ms.map(|at_ms| sample.reading.monotonic_ms.saturating_sub(at_ms));
        HubSaid { age_ms }
    }

    /// The next records behind a row, within both bounds.
    pub(crate) async fn outgoing(
        &self,
        acknowledged: i64,
        records_max: usize,
        bytes_max: usize,
    ) -> Result<Outgoing, TillError> {
        self.read(move |sources| {
            Ok(outbox::next(sources.ledger, acknowledged, records_max, bytes_max)?)
        })
        .await
    }

    /// How much waits behind a row.
    pub(crate) async fn unsent(&self, acknowledged: i64) -> Result<Unsent, TillError> {
        self.read(move |sources| Ok(outbox::unsent(sources.ledger, acknowledged)?)).await
    }

    /// Compares the hub's word on the head of this journal, checked by the caller, with the record
    /// that it names, and keeps it where it is the same.
    pub(crate) async fn compare_and_acknowledge(
        &self,
        id: i64,
        hash: RecordHash,
        sealed: Vec<u8>,
        number: u64,
    ) -> Result<JournalMatch, TillError> {
        self.write(move |connection, scribe| {
            let Some(bytes) = outbox::bytes_of(connection, id)? else {
                return Ok(JournalMatch::Missing);
            };
            if RecordHash::of(&bytes) != hash {
                return Ok(JournalMatch::Other);
            }
            change_state(connection, |state| state.checkpoint = Some(sealed))?;
            scribe.note_hub(HubPlace { checkpoint: number, ..scribe.hub() });
            Ok(JournalMatch::Same)
        })
        .await
    }

    /// Notes that the hub refuses a record: it is named from now on, not sent.
    pub(crate) async fn set_record_aside(&self, id: i64) -> Result<(), TillError> {
        self.write(move |connection, _| Ok(set_aside::note(connection, id)?)).await
    }

    /// Keeps a list of the hub's keys, if it is the root's and newer than the one that is kept.
    pub(crate) async fn note_key_list(&self, sealed: Vec<u8>) -> Result<(), TillError> {
        self.write(move |connection, _| {
            Ok(change_state(connection, |state| {
                let list = KeyList::open(&sealed, &state.root).ok();
                if let Some(list) = list.filter(|list| list.serial > state.key_list_serial) {
                    state.key_list_serial = list.serial;
                    state.key_list = sealed;
                }
            })?)
        })
        .await
    }

    /// Keeps how far the hub's clock is ahead.
    pub(crate) async fn note_hub_ahead(&self, ahead_ms: i64) -> Result<(), TillError> {
        self.write(move |connection, _| {
            Ok(change_state(connection, |state| state.hub_ahead_ms = Some(ahead_ms))?)
        })
        .await
    }

    /// Stores a part of what the hub said; with the last of it the cursor moves. What is left of
    /// earlier bases is swept away by and by.
    pub(crate) async fn take_up_pulled(&self, part: Pulled) -> Result<TakenUp, TillError> {
        self.write(move |connection, scribe| {
            let taken = take_up(connection, scribe, &part)?;
            if let Some(base) = scribe.base(connection) {
                pulled::sweep(connection, base.cursor())?;
            }
            Ok(taken)
        })
        .await
    }

    /// Asks for everything again that was said since the base was made: a row of it is damaged.
    pub(crate) async fn ask_again(&self) -> Result<Option<Cursor>, TillError> {
        self.write(|connection, scribe| {
            let about = scribe.base(connection).map(|base| base.about()).transpose()?;
            let Some(cursor) = about.and_then(|about| about.hub_cursor) else { return Ok(None) };
            let cursor = cursor.unsigned_abs();
            change_state(connection, |state| state.cursor = cursor)?;
            scribe.note_hub(HubPlace { cursor, ..scribe.hub() });
            Ok(Some(Cursor(cursor)))
        })
        .await
    }

    /// Whether a row of what the hub said was found damaged since this was last asked.
    pub(crate) fn pulled_damage_seen(&self) -> bool {
        self.inner.pulls.take_damage()
    }

    /// The programmes that the hub published and that are not in force yet.
    pub(crate) async fn programmes_to_come(&self) -> Result<Vec<ProgrammeToCome>, TillError> {
        self.read(|sources| Ok(programmes_to_come::all(sources.ledger)?)).await
    }

    /// Keeps a programme that the hub published.
    pub(crate) async fn keep_programme_to_come(
        &self,
        programme: ProgrammeToCome,
    ) -> Result<(), TillError> {
        self.write(move |connection, _| Ok(programmes_to_come::save(connection, &programme)?)).await
    }

    /// Forgets the programmes to come up to a version.
    pub(crate) async fn forget_programmes_to_come(&self, version: u32) -> Result<(), TillError> {
        self.write(move |connection, _| Ok(programmes_to_come::forget(connection, version)?)).await
    }
}

/// A base of the hub is taken up: what was said before it says nothing any more.
pub(crate) fn begin_with(
    connection: &Connection,
    scribe: &mut Scribe,
    cursor: u64,
    contained: i64,
) -> Result<(), StoreError> {
    let (epoch, sequence) = place_of(contained).ok_or(StoreError::RowDamaged { table: "about" })?;
    change_state(connection, |state| {
        state.cursor = cursor;
        state.contained = Contained { epoch, sequence };
    })?;
    scribe.note_hub(HubPlace { cursor, ..scribe.hub() });
    Ok(())
}

/// What a start must know of the hub. A state that cannot be read is left for the sync to tell.
pub(crate) fn place(connection: &Connection) -> Result<HubPlace, StoreError> {
    let state = match sync_state::load(connection) {
        Err(StoreError::RowDamaged { .. }) => None,
        state => state?,
    };
    Ok(state.map_or_else(HubPlace::default, |state| HubPlace {
        cursor: state.cursor,
        checkpoint: checkpoint_of(&state).map_or(0, |checkpoint| checkpoint.number),
    }))
}

/// The hub's last word on this journal, which was checked before it was stored.
pub(crate) fn checkpoint_of(state: &SyncState) -> Option<Checkpoint> {
    Checkpoint::read_kept(state.checkpoint.as_deref()?).ok()
}

fn take_up(
    connection: &Connection,
    scribe: &mut Scribe,
    part: &Pulled,
) -> Result<TakenUp, StoreError> {
    let Some(state) = sync_state::load(connection)? else { return Ok(TakenUp::Elsewhere) };
    scribe.pulls.note_some();
    let Some(base) = scribe.base(connection) else { return Ok(TakenUp::Elsewhere) };
    if base.about()?.hub_cursor.is_none() || state.cursor != part.after.0 {
        return Ok(TakenUp::Elsewhere);
    }
    let told = Told { changes: &part.changes, contained: row_of(part.contained) };
    pulled::take_up(connection, base, &told)?;
    if let Some(to) = part.to {
        let contained = part.contained;
        sync_state::save(connection, &SyncState { cursor: to.0, contained, ..state })?;
        scribe.note_hub(HubPlace { cursor: to.0, ..scribe.hub() });
    }
    Ok(TakenUp::Stored)
}

fn change_state(
    connection: &Connection,
    change: impl FnOnce(&mut SyncState),
) -> Result<(), StoreError> {
    let Some(mut state) = sync_state::load(connection)? else { return Ok(()) };
    change(&mut state);
    sync_state::save(connection, &state)
}
