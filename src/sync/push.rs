//! The journal's way to the hub.

use std::collections::BTreeSet;
use std::time::Duration;

use super::command::{Acknowledgement, JournalMatch, Sent, Signing, StoreOutcome, Work};
use super::hub_keys::{CheckpointFault, HubKeys};
use super::lane::{Fault, Lane, Now};
use super::meaning::Failure;
use super::progress::Alert;
use crate::loyalty::DeviceId;
use crate::wire::sync::{JournalPlace, PUSH_RECORDS_MAX, PushReply};

/// Where the shell ends a batch, in bytes of records before they are packed; one record may be
/// longer. A small till holds a few of these in memory.
pub const PUSH_BYTES_TARGET: usize = 2 * 1024 * 1024;

/// Records of a probe: enough to see that the line and the hub work.
const PROBE_RECORDS: usize = 10;
/// Records set aside without one acknowledged between them: a hub that refuses everything gets no
/// further than this, and waits for a person.
const SET_ASIDE_IN_A_ROW_MAX: u32 = 8;
/// Times that the hub may say "from there" without anything acknowledged between them.
const REDIRECTS_IN_A_ROW_MAX: u32 = 3;

/// Where the device stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PushPosition {
    /// The last record that a stored checkpoint acknowledges.
    pub acknowledged: Option<JournalPlace>,
    /// The number of that checkpoint; 0 is none.
    pub checkpoint: u64,
    /// The last record of the journal.
    pub journal_head: Option<JournalPlace>,
}

#[derive(Debug)]
pub(super) struct Push {
    pub(super) lane: Lane,
    pub(super) position: PushPosition,
    /// Behind what the next batch begins.
    after: Option<JournalPlace>,
    /// Up to here the journal has nothing behind `after` that could be sent.
    nothing_until: Option<JournalPlace>,
    /// The furthest place that was ever acknowledged.
    furthest: Option<JournalPlace>,
    /// Why the last checkpoint was not believed.
    pub(super) checkpoint_fault: Option<CheckpointFault>,
    size: BatchSize,
    next: Next,
    set_aside_in_a_row: u32,
    redirects_in_a_row: u32,
}

/// What is to be done when the lane is free.
#[derive(Clone, Debug)]
enum Next {
    Send,
    Acknowledge(Box<Acknowledgement>),
    SetAside(JournalPlace),
}

impl Push {
    pub(super) fn new(position: PushPosition, alerts: &mut BTreeSet<Alert>) -> Self {
        if position.acknowledged > position.journal_head {
            alerts.insert(Alert::JournalBehindHub);
        }
        Self {
            lane: Lane::default(),
            position,
            after: position.acknowledged,
            nothing_until: None,
            furthest: position.acknowledged,
            checkpoint_fault: None,
            size: BatchSize::default(),
            next: Next::Send,
            set_aside_in_a_row: 0,
            redirects_in_a_row: 0,
        }
    }

    /// Whether everything is acknowledged.
    pub(super) fn is_drained(&self) -> bool {
        self.position.acknowledged >= self.position.journal_head
    }

    fn has_work(&self) -> bool {
        let sent_until = self.after.max(self.nothing_until);
        !matches!(self.next, Next::Send) || sent_until < self.position.journal_head
    }

    pub(super) fn next_work(&self, now: Now, signing: Signing) -> Option<Work> {
        if !self.lane.is_free(now) || !self.has_work() {
            return None;
        }
        Some(match &self.next {
            Next::Send => {
                let records_max = self.size.records_max(self.lane.is_probing());
                Work::Push { after: self.after, records_max, signing }
            }
            Next::Acknowledge(acknowledgement) => Work::Acknowledge(acknowledgement.clone()),
            Next::SetAside(place) => Work::SetAside { place: *place },
        })
    }

    pub(super) fn timeout(&self) -> Option<Duration> {
        if self.has_work() { self.lane.free_from() } else { None }
    }

    /// All that is behind the place was set aside: it is named when something follows.
    pub(super) fn handle_nothing_sent(&mut self) {
        self.nothing_until = self.position.journal_head;
    }

    /// A reply came to what was sent, with what it proves. Only looks at it: the place moves when it
    /// is stored.
    pub(super) fn handle_reply(
        &mut self,
        sent: Sent,
        proven: Result<Acknowledgement, NotProven>,
        alerts: &mut BTreeSet<Alert>,
        now: Now,
        jitter: u64,
    ) {
        let acknowledgement = match proven {
            Ok(acknowledgement) => acknowledgement,
            // The hub has just stored records, so it has a head to tell.
            Err(NotProven::Nothing) => return self.lane.fail(Fault::Unusable, now, jitter),
            Err(NotProven::Checkpoint(fault)) => {
                self.checkpoint_fault = Some(fault);
                alerts.insert(Alert::HubNotProven);
                return self.lane.fail(Fault::NotProven, now, jitter);
            }
        };
        self.checkpoint_fault = None;
        alerts.remove(&Alert::HubNotProven);
        alerts.remove(&Alert::DeviceRefused);
        self.size.succeeded(sent.records);
        self.next = Next::Acknowledge(Box::new(acknowledgement));
    }

    /// The checkpoint was compared with the journal and, where it is of it, stored.
    pub(super) fn handle_acknowledged(
        &mut self,
        found: JournalMatch,
        alerts: &mut BTreeSet<Alert>,
        now: Now,
        jitter: u64,
    ) {
        let Next::Acknowledge(acknowledgement) = std::mem::replace(&mut self.next, Next::Send)
        else {
            return;
        };
        let place = Some(acknowledgement.place());
        let before = self.after;
        let mut rolled_back = false;
        match found {
            JournalMatch::Same => {
                let number = acknowledgement.checkpoint.number;
                rolled_back =
                    number < self.position.checkpoint || place < self.position.acknowledged;
                self.position.acknowledged = place;
                self.position.checkpoint = number;
                self.after = place;
                self.furthest = self.furthest.max(place);
                alerts.remove(&Alert::JournalForked);
                if place >= self.furthest {
                    alerts.remove(&Alert::JournalBehindHub);
                }
            }
            JournalMatch::Missing => {
                alerts.insert(Alert::JournalBehindHub);
                self.after = self.after.max(place);
            }
            JournalMatch::Other => {
                alerts.insert(Alert::JournalForked);
            }
        }
        if rolled_back {
            alerts.insert(Alert::HubRolledBack);
            self.nothing_until = None;
        }
        if self.after <= before {
            // Nothing was won by it; and two hubs that disagree are not asked in a loop.
            return self.lane.fail(Fault::Unusable, now, jitter);
        }
        self.lane.succeed(now);
        self.set_aside_in_a_row = 0;
        self.redirects_in_a_row = 0;
        alerts.remove(&Alert::RecordsRefused);
    }

    pub(super) fn handle_failure(
        &mut self,
        sent: Sent,
        failure: Failure,
        alerts: &mut BTreeSet<Alert>,
        now: Now,
        jitter: u64,
    ) {
        let fault = match failure {
            Failure::Wait(asked) => return self.lane.wait_as_asked(asked, now, jitter),
            Failure::TooLarge { .. } if sent.records > 1 => return self.size.split(sent.records),
            Failure::TooLarge { of_the_hub: true } => {
                return self.refuse(sent.last, alerts, now, jitter);
            }
            Failure::RecordRefused { record } => {
                let named = record.filter(|place| (sent.first..=sent.last).contains(place));
                return match named {
                    Some(place) => self.refuse(place, alerts, now, jitter),
                    None if sent.records > 1 => self.size.split(sent.records),
                    None => self.refuse(sent.last, alerts, now, jitter),
                };
            }
            Failure::PushFrom { head, forked } => {
                if forked {
                    alerts.insert(Alert::JournalForked);
                }
                return self.push_from(head, alerts, now, jitter);
            }
            Failure::DeviceRefused => {
                alerts.insert(Alert::DeviceRefused);
                Fault::Refused
            }
            Failure::Line => Fault::Line,
            Failure::TooLarge { of_the_hub: false } => Fault::Refused,
            Failure::ClockDiffers { .. }
            | Failure::SnapshotNeeded
            | Failure::NotFound
            | Failure::Unusable => Fault::Unusable,
        };
        self.lane.fail(fault, now, jitter);
    }

    /// The record is noted, or the acknowledgement could not be stored and is tried again.
    pub(super) fn handle_stored(&mut self, stored: StoreOutcome, now: Now, jitter: u64) {
        match self.next {
            Next::SetAside(_) if stored == StoreOutcome::Stored => self.next = Next::Send,
            _ => self.lane.fail(Fault::Storage, now, jitter),
        }
    }

    fn refuse(&mut self, place: JournalPlace, alerts: &mut BTreeSet<Alert>, now: Now, jitter: u64) {
        if self.set_aside_in_a_row >= SET_ASIDE_IN_A_ROW_MAX {
            alerts.insert(Alert::RecordsRefused);
            return self.lane.fail(Fault::Refused, now, jitter);
        }
        self.set_aside_in_a_row += 1;
        self.next = Next::SetAside(place);
    }

    /// The hub said where it stands, unsigned: that decides what is sent, never what counts as
    /// acknowledged, nor that the hub was rolled back; the checkpoint that follows proves it.
    fn push_from(
        &mut self,
        head: Option<JournalPlace>,
        alerts: &mut BTreeSet<Alert>,
        now: Now,
        jitter: u64,
    ) {
        if head > self.position.journal_head {
            alerts.insert(Alert::JournalBehindHub);
        }
        self.redirects_in_a_row += 1;
        let useless = head == self.after || self.redirects_in_a_row > REDIRECTS_IN_A_ROW_MAX;
        self.after = head;
        self.nothing_until = None;
        if useless {
            self.lane.fail(Fault::Refused, now, jitter);
        }
    }

    /// Whether what the hub forgot is there again; told by the client after each step.
    pub(super) fn has_caught_up(&self) -> bool {
        self.position.acknowledged >= self.furthest
    }
}

/// Why a reply to a batch acknowledges nothing.
#[derive(Debug)]
pub(super) enum NotProven {
    /// It has no checkpoint.
    Nothing,
    /// Its checkpoint is not the hub's, or of another device.
    Checkpoint(CheckpointFault),
}

/// What a reply to a batch proves.
pub(super) fn acknowledgement(
    reply: PushReply,
    keys: &HubKeys,
    device: DeviceId,
    now: Now,
) -> Result<Acknowledgement, NotProven> {
    let sealed = reply.checkpoint.ok_or(NotProven::Nothing)?;
    let checkpoint =
        keys.open_checkpoint(&sealed, device, now.at).map_err(NotProven::Checkpoint)?;
    Ok(Acknowledgement { checkpoint, sealed, quarantined: reply.quarantined })
}

/// How many records a batch may have: halved where it is too much, slowly more where it is not.
#[derive(Debug)]
struct BatchSize {
    ceiling: usize,
}

impl Default for BatchSize {
    fn default() -> Self {
        Self { ceiling: PUSH_RECORDS_MAX }
    }
}

impl BatchSize {
    fn records_max(&self, probing: bool) -> usize {
        if probing { self.ceiling.min(PROBE_RECORDS) } else { self.ceiling }
    }

    fn split(&mut self, records: usize) {
        self.ceiling = (records.min(self.ceiling) / 2).max(1);
    }

    fn succeeded(&mut self, records: usize) {
        if records >= self.ceiling {
            self.ceiling = (self.ceiling + self.ceiling / 8 + 1).min(PUSH_RECORDS_MAX);
        }
    }
}
