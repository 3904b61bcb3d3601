//! The machine: what comes next, and what an outcome changes.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::command::{
    Attempt, Command, JournalMatch, ProgrammeUse, Sent, Signing, StoreOutcome, Work,
};
use super::hub_keys::HubKeys;
use super::lane::{Fault, Now};
use super::meaning::{self, Failure, Outcome};
use super::progress::{Alert, Progress};
use super::pull::{Programmes, Pull, Told};
use super::push::{Push, PushPosition, acknowledgement};
use crate::loyalty::DeviceId;
use crate::wire::sync::{
    Changes, Cursor, JournalPlace, Nonce, ProgrammeNotice, PushReply, SnapshotManifest,
};

/// Where the device stands when it starts: a few rows, whatever the backlog.
#[derive(Clone, Debug)]
pub struct Start {
    /// The device.
    pub device: DeviceId,
    /// The keys of the hub.
    pub keys: HubKeys,
    /// Its journal.
    pub push: PushPosition,
    /// The changes it has; none before the first snapshot.
    pub cursor: Option<Cursor>,
    /// A snapshot that was begun.
    pub snapshot: Option<Box<SnapshotManifest>>,
    /// The newest version of the programme whose text is here; 0 is none.
    pub programme_version: u32,
    /// The newest notice, whose text may not be here yet.
    pub notice: Option<ProgrammeNotice>,
}

/// The sync client. All waits are by [`Now::elapsed`]; jitter is any random number, new each time.
#[derive(Debug)]
pub struct SyncClient {
    device: DeviceId,
    keys: HubKeys,
    push: Push,
    pull: Pull,
    programmes: Programmes,
    alerts: BTreeSet<Alert>,
    attempts: u64,
    hub_clock: Option<HubClock>,
    nonce: Option<Nonce>,
    clock_ahead_ms: Option<i64>,
}

/// What the hub's clock said, and when.
#[derive(Clone, Copy, Debug)]
struct HubClock {
    said: DateTime<Utc>,
    heard: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Push,
    Pull,
    Programme,
}

impl SyncClient {
    /// Begins.
    #[must_use]
    pub fn new(start: Start) -> Self {
        let mut alerts = BTreeSet::new();
        let push = Push::new(start.push, &mut alerts);
        Self {
            device: start.device,
            keys: start.keys,
            push,
            pull: Pull::new(start.cursor, start.snapshot),
            programmes: Programmes::new(start.programme_version, start.notice),
            alerts,
            attempts: 0,
            hub_clock: None,
            nonce: None,
            clock_ahead_ms: None,
        }
    }

    /// What to do next; none until something is told or the time of
    /// [`SyncClient::poll_timeout`] comes.
    pub fn next_command(&mut self, now: Now) -> Option<Command> {
        let signing = self.signing(now);
        let asks = |work: &Work| {
            matches!(
                work,
                Work::Push { .. }
                    | Work::Pull { .. }
                    | Work::FetchManifest { .. }
                    | Work::FetchChunk { .. }
                    | Work::FetchProgramme { .. }
            )
        };
        let attempt = Attempt(self.attempts + 1);
        let work = if let Some(work) = self.push.next_work(now, signing.clone()) {
            self.push.lane.begin(attempt);
            work
        } else if let Some(work) = self.programmes.next_work(now, signing.clone()) {
            self.programmes.lane.begin(attempt);
            work
        } else {
            let work = self.pull.next_work(now, signing)?;
            self.pull.lane.begin(attempt);
            work
        };
        self.attempts += 1;
        if asks(&work) {
            // A nonce of the hub is good for one request.
            self.nonce = None;
        }
        Some(Command { attempt, work })
    }

    /// When there may be something to do though nothing is told, by [`Now::elapsed`]; none while
    /// everything waits for an outcome.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let timeouts = [self.push.timeout(), self.pull.timeout(), self.programmes.timeout()];
        timeouts.into_iter().flatten().min()
    }

    /// The journal grew to this record.
    pub fn handle_journal_head(&mut self, head: JournalPlace) {
        self.push.position.journal_head = self.push.position.journal_head.max(Some(head));
    }

    /// There was nothing to send behind the place of a [`Work::Push`].
    pub fn handle_nothing_to_push(&mut self, attempt: Attempt) {
        if self.push.lane.end(attempt) {
            self.push.handle_nothing_sent();
        }
    }

    /// What came of a batch.
    pub fn handle_push(
        &mut self,
        attempt: Attempt,
        sent: Sent,
        outcome: Outcome<'_>,
        now: Now,
        jitter: u64,
    ) {
        if !self.push.lane.end(attempt) {
            return;
        }
        match meaning::message::<PushReply>(outcome) {
            Ok(reply) => {
                self.heard(Direction::Push, reply.at, now);
                let proven = acknowledgement(reply, &self.keys, self.device, now);
                self.push.handle_reply(sent, proven, &mut self.alerts, now, jitter);
            }
            Err(Failure::ClockDiffers { hub_time, nonce }) => {
                if !self.sign_anew(hub_time, nonce, now) {
                    self.push.lane.fail(Fault::Refused, now, jitter);
                }
            }
            Err(failure) => {
                self.push.handle_failure(sent, failure, &mut self.alerts, now, jitter);
            }
        }
    }

    /// How the checkpoint of a [`Work::Acknowledge`] compares with the journal; where it is the
    /// same it is stored.
    pub fn handle_acknowledged(
        &mut self,
        attempt: Attempt,
        found: JournalMatch,
        now: Now,
        jitter: u64,
    ) {
        if !self.push.lane.end(attempt) {
            return;
        }
        self.push.handle_acknowledged(found, &mut self.alerts, now, jitter);
        if self.push.has_caught_up() {
            self.alerts.remove(&Alert::HubRolledBack);
        }
    }

    /// What came of any other request.
    pub fn handle_reply(&mut self, attempt: Attempt, outcome: Outcome<'_>, now: Now, jitter: u64) {
        if self.programmes.lane.end(attempt) {
            self.handle_programme_reply(outcome, now, jitter);
        } else if self.pull.lane.end(attempt) {
            self.handle_pull_reply(outcome, now, jitter);
        }
    }

    /// Whether what a command asked to store is stored. A checkpoint that could not be compared or
    /// stored and a programme that could not be stored are told here as failed, too.
    pub fn handle_stored(&mut self, attempt: Attempt, stored: StoreOutcome, now: Now, jitter: u64) {
        if self.push.lane.end(attempt) {
            self.push.handle_stored(stored, now, jitter);
        } else if self.programmes.lane.end(attempt) {
            self.programmes.handle_not_stored(now, jitter);
        } else if self.pull.lane.end(attempt) {
            let told = self.pull.handle_stored(stored, &mut self.alerts, now, jitter);
            self.take(told);
        }
    }

    /// What became of the text of a [`Work::StoreProgramme`], whose version is told.
    pub fn handle_programme(
        &mut self,
        attempt: Attempt,
        version: u32,
        used: ProgrammeUse,
        now: Now,
    ) {
        if self.programmes.lane.end(attempt) {
            self.programmes.handle_stored(version, used, &mut self.alerts, now);
        }
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            acknowledged: self.push.position.acknowledged,
            journal_head: self.push.position.journal_head,
            drained: self.push.is_drained(),
            push: self.push.lane.progress(),
            cursor: self.pull.cursor,
            snapshot: self.pull.snapshot(),
            pull: self.pull.lane.progress(),
            alerts: self.alerts.clone(),
            checkpoint_fault: self.push.checkpoint_fault.clone(),
            clock_ahead_ms: self.clock_ahead_ms,
        }
    }

    /// The hub's time, by what it last said and what passed since.
    #[must_use]
    pub fn hub_time(&self, now: Now) -> Option<DateTime<Utc>> {
        self.hub_clock.and_then(|clock| clock.now(now))
    }

    /// When the device last knew all that the hub had to say, by [`Now::elapsed`].
    #[must_use]
    pub fn caught_up_at(&self) -> Option<Duration> {
        self.pull.caught_up_at
    }

    /// The keys in use.
    #[must_use]
    pub fn keys(&self) -> &HubKeys {
        &self.keys
    }

    fn handle_pull_reply(&mut self, outcome: Outcome<'_>, now: Now, jitter: u64) {
        let alerts = &mut self.alerts;
        let failure = if let Some(hash) = self.pull.wanted_chunk() {
            match meaning::content(outcome, hash) {
                Ok(bytes) => return self.pull.handle_chunk(bytes),
                Err(failure) => failure,
            }
        } else if self.pull.wants_manifest() {
            match meaning::message::<SnapshotManifest>(outcome) {
                Ok(manifest) => {
                    let (manifest, keys) = (Box::new(manifest), &self.keys);
                    let at = manifest.at;
                    self.pull.handle_manifest(manifest, keys, alerts, now, jitter);
                    return self.heard(Direction::Pull, at, now);
                }
                Err(failure) => failure,
            }
        } else {
            match meaning::message::<Changes>(outcome) {
                Ok(changes) => {
                    let (changes, keys) = (Box::new(changes), &self.keys);
                    let at = changes.at;
                    self.pull.handle_changes(changes, keys, alerts, now, jitter);
                    return self.heard(Direction::Pull, at, now);
                }
                Err(failure) => failure,
            }
        };
        match failure {
            Failure::ClockDiffers { hub_time, nonce } => {
                if !self.sign_anew(hub_time, nonce, now) {
                    self.pull.lane.fail(Fault::Refused, now, jitter);
                }
            }
            failure => self.pull.handle_failure(failure, alerts, now, jitter),
        }
    }

    fn handle_programme_reply(&mut self, outcome: Outcome<'_>, now: Now, jitter: u64) {
        let Some(notice) = self.programmes.wanted() else { return };
        match meaning::content(outcome, notice.hash) {
            Ok(text) => self.programmes.handle_text(text),
            Err(Failure::ClockDiffers { hub_time, nonce }) => {
                if !self.sign_anew(hub_time, nonce, now) {
                    self.programmes.lane.fail(Fault::Refused, now, jitter);
                }
            }
            Err(failure) => self.programmes.handle_failure(&failure, now, jitter),
        }
    }

    fn take(&mut self, told: Told) {
        if let Some(sealed) = told.key_list {
            if let Ok(Some(newer)) = self.keys.with(&sealed) {
                self.keys = newer;
            }
        }
        if let Some(notice) = told.notice {
            self.programmes.want(notice);
        }
    }

    /// The hub's own answer came: its time is known, and the other directions need not wait for the
    /// line.
    fn heard(&mut self, by: Direction, at: DateTime<Utc>, now: Now) {
        self.note_time(at, now);
        for (direction, lane) in [
            (Direction::Push, &mut self.push.lane),
            (Direction::Pull, &mut self.pull.lane),
            (Direction::Programme, &mut self.programmes.lane),
        ] {
            if direction != by {
                lane.line_is_back();
            }
        }
    }

    fn note_time(&mut self, said: DateTime<Utc>, now: Now) {
        self.clock_ahead_ms = Some(now.at.signed_duration_since(said).num_milliseconds());
        self.hub_clock = Some(HubClock { said, heard: now.elapsed });
    }

    /// Whether it makes sense to sign anew at once: not where that was just done.
    fn sign_anew(&mut self, hub_time: DateTime<Utc>, nonce: Nonce, now: Now) -> bool {
        let known = self.hub_clock.and_then(|clock| clock.now(now));
        let was_right = known.is_some_and(|known| {
            known.signed_duration_since(hub_time).abs() < TimeDelta::minutes(1)
        });
        self.note_time(hub_time, now);
        self.nonce = Some(nonce);
        !was_right
    }

    fn signing(&self, now: Now) -> Signing {
        let created = self.hub_clock.and_then(|clock| clock.now(now));
        Signing { created, nonce: self.nonce.clone() }
    }
}

impl HubClock {
    fn now(self, now: Now) -> Option<DateTime<Utc>> {
        let since = TimeDelta::from_std(now.elapsed.saturating_sub(self.heard)).ok()?;
        self.said.checked_add_signed(since)
    }
}
