//! Whatever a hub, a proxy or a line does: nothing is acknowledged that no checkpoint says, and when
//! all is well for long enough everything is.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::testing::{Answer, at, checkpoint, client, place, push_reply, sealed_checkpoint};
use super::*;
use crate::journal::testing::{device_key, instant};
use crate::wire::sync::{
    Bytes, Changes, Contained, Cursor, JournalPlace, Nonce, PushReply, Refusal, RefusalKind,
};

/// What happens to one request.
#[derive(Clone, Debug)]
enum Fate {
    Good,
    LostBefore,
    LostAfter,
    ToldTwice,
    Page(u16),
    Garbage(Vec<u8>),
    Refused(usize, Option<u64>),
    ForgedAhead(u64),
    OtherDevice(u64),
    RolledBack(u64),
    TooLargeAbove(usize),
    Wait,
    NotStored,
    Slow(u64),
}

fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Good),
        1 => Just(Fate::LostBefore),
        1 => Just(Fate::LostAfter),
        1 => Just(Fate::ToldTwice),
        1 => prop_oneof![Just(200), Just(204), Just(301), Just(400), Just(403), Just(404), Just(413),
            Just(429), Just(500), Just(502), Just(503)].prop_map(Fate::Page),
        1 => prop::collection::vec(any::<u8>(), 0..60).prop_map(Fate::Garbage),
        2 => (0..RefusalKind::ALL.len(), prop::option::of(0..80_u64))
            .prop_map(|(kind, head)| Fate::Refused(kind, head)),
        1 => (1..500_u64).prop_map(Fate::ForgedAhead),
        1 => (1..500_u64).prop_map(Fate::OtherDevice),
        1 => (0..60_u64).prop_map(Fate::RolledBack),
        1 => (1..20_usize).prop_map(Fate::TooLargeAbove),
        1 => Just(Fate::Wait),
        1 => Just(Fate::NotStored),
        1 => (1..400_u64).prop_map(Fate::Slow),
    ]
}

/// A device, a hub that behaves, and what stands between them.
struct World {
    client: SyncClient,
    seconds: u64,
    journal: u64,
    aside: BTreeSet<JournalPlace>,
    hub_head: u64,
    hub_number: u64,
    /// The furthest head of any checkpoint that the hub signed.
    signed: u64,
    /// What is stored at the device.
    stored: Option<JournalPlace>,
    late: BTreeMap<Attempt, (Sent, Answer)>,
}

impl World {
    fn new(journal: u64) -> Self {
        let head = Some(place(1, journal)).filter(|_| journal > 0);
        let client = client(PushPosition { acknowledged: None, checkpoint: 0, journal_head: head });
        Self {
            client,
            seconds: 0,
            journal,
            aside: BTreeSet::new(),
            hub_head: 0,
            hub_number: 0,
            signed: 0,
            stored: None,
            late: BTreeMap::new(),
        }
    }

    /// Does what the client asks for until it waits, with this fate for the first request.
    fn step(&mut self, fate: &Fate, jitter: u64) {
        if let Fate::Slow(seconds) = fate {
            self.seconds += seconds;
        }
        let mut fate = fate.clone();
        // More commands at one moment are a loop.
        for _ in 0..200 {
            let Some(command) = self.client.next_command(at(self.seconds)) else { return };
            self.carry_out(command, &fate, jitter);
            self.check();
            fate = Fate::Good;
        }
        panic!("it does not come to rest: {:?}", self.client.progress());
    }

    fn carry_out(&mut self, command: Command, fate: &Fate, jitter: u64) {
        let now = at(self.seconds);
        match command.work {
            Work::Push { after, records_max, .. } => {
                self.push(command.attempt, after, records_max, fate, jitter);
            }
            Work::Acknowledge(acknowledgement) => {
                if matches!(fate, Fate::NotStored) {
                    let failed = StoreOutcome::Failed;
                    return self.client.handle_stored(command.attempt, failed, now, jitter);
                }
                let told = acknowledgement.place();
                let found = if told <= place(1, self.journal) {
                    self.stored = Some(told);
                    JournalMatch::Same
                } else {
                    JournalMatch::Missing
                };
                self.client.handle_acknowledged(command.attempt, found, now, jitter);
            }
            Work::SetAside { place } => {
                self.aside.insert(place);
                self.client.handle_stored(command.attempt, StoreOutcome::Stored, now, jitter);
            }
            Work::Pull { after, .. } => {
                // The hub has a change every minute.
                let changes = Changes {
                    after,
                    to: after.max(Cursor(self.seconds / 60)),
                    more: false,
                    contained: Contained::default(),
                    changes: Vec::new(),
                    programme: None,
                    key_list: None,
                    at: now.at,
                };
                let answer = self.spoilt(Answer::message(&changes), fate);
                let outcome = answer.as_ref().map_or(Outcome::NoReply, Answer::outcome);
                self.client.handle_reply(command.attempt, outcome, now, jitter);
            }
            Work::FetchManifest { .. } => {
                let answer = Answer::html(500);
                self.client.handle_reply(command.attempt, answer.outcome(), now, jitter);
            }
            Work::StoreChanges { .. } => {
                let stored = match fate {
                    Fate::NotStored => StoreOutcome::Failed,
                    _ => StoreOutcome::Stored,
                };
                self.client.handle_stored(command.attempt, stored, now, jitter);
            }
            other => panic!("nobody told of it: {other:?}"),
        }
    }

    fn push(
        &mut self,
        attempt: Attempt,
        after: Option<JournalPlace>,
        records_max: usize,
        fate: &Fate,
        jitter: u64,
    ) {
        let now = at(self.seconds);
        let first = after.map_or(0, |after| after.sequence) + 1;
        let sendable = (first..=self.journal).map(|sequence| place(1, sequence));
        let sendable = sendable.filter(|place| !self.aside.contains(place));
        let batch: Vec<JournalPlace> = sendable.take(records_max).collect();
        let [first_sent, .., last] = match batch.as_slice() {
            [] => return self.client.handle_nothing_to_push(attempt),
            [only] => [*only, *only],
            [first, .., last] => [*first, *last],
        };
        let sent = Sent { first: first_sent, last, records: batch.len() };
        let follows = first <= self.hub_head + 1;
        let reaches_hub = !matches!(
            fate,
            Fate::LostBefore
                | Fate::Page(_)
                | Fate::Garbage(_)
                | Fate::Refused(..)
                | Fate::TooLargeAbove(_)
                | Fate::Wait
        );
        let answer = if reaches_hub && follows {
            self.hub_head = self.hub_head.max(last.sequence);
            self.hub_number += 1;
            self.signed = self.signed.max(self.hub_head);
            Answer::message(&push_reply(self.hub_number, place(1, self.hub_head), now.at))
        } else {
            let head = Some(place(1, self.hub_head)).filter(|_| self.hub_head > 0);
            let refusal = Refusal { head, ..Refusal::of(RefusalKind::UnknownPredecessor) };
            Answer::problem(409, &refusal)
        };
        let answer = match fate {
            Fate::TooLargeAbove(records) if batch.len() > *records => Some(Answer::html(413)),
            Fate::TooLargeAbove(_) => Some(Answer::html(500)),
            fate => self.spoilt(answer, fate),
        };
        let outcome = answer.as_ref().map_or(Outcome::NoReply, Answer::outcome);
        self.client.handle_push(attempt, sent, outcome, now, jitter);
        if let Fate::ToldTwice = fate {
            self.client.handle_push(attempt, sent, outcome, now, jitter);
            for (attempt, (sent, answer)) in &self.late {
                self.client.handle_push(*attempt, *sent, answer.outcome(), now, jitter);
            }
        }
        if let Some(answer) = answer {
            self.late.insert(attempt, (sent, answer));
        }
    }

    /// What comes of the hub's answer on its way.
    fn spoilt(&mut self, good: Answer, fate: &Fate) -> Option<Answer> {
        let forged = |told: crate::journal::Checkpoint, sealed: Bytes| {
            let reply = PushReply {
                checkpoint: Some(sealed),
                ..push_reply(told.number, place(1, 1), instant(0))
            };
            Some(Answer::message(&reply))
        };
        match fate {
            Fate::LostBefore | Fate::LostAfter => None,
            Fate::Page(status) => Some(Answer::html(*status)),
            Fate::Garbage(body) => Some(Answer { body: body.clone(), ..good }),
            Fate::Refused(kind, head) => {
                let kind = RefusalKind::ALL[*kind];
                let head = head.map(|sequence| place(1, sequence));
                let nonce = Nonce::of_random([1; 12]);
                let refusal =
                    Refusal { head, record: head, ..Refusal::clock_differs(instant(0), &nonce) };
                let refusal = Refusal { code: kind.code().to_owned(), ..refusal };
                Some(Answer::problem(kind.status(), &refusal))
            }
            Fate::ForgedAhead(by) => {
                let told = checkpoint(self.hub_number + 9, place(1, self.hub_head + by));
                let sealed = told.seal(&device_key()).expect("it fits").bytes;
                forged(told, Bytes(sealed))
            }
            Fate::OtherDevice(by) => {
                let mut told = checkpoint(self.hub_number + 9, place(1, self.hub_head + by));
                told.device = crate::journal::testing::hub_key().device_id();
                let sealed = sealed_checkpoint(&told);
                forged(told, sealed)
            }
            Fate::RolledBack(to) if *to > 0 && *to < self.hub_head => {
                self.hub_head = *to;
                self.hub_number = (*to).min(self.hub_number);
                let at = at(self.seconds).at;
                Some(Answer::message(&push_reply(self.hub_number, place(1, *to), at)))
            }
            Fate::Wait => Some(Answer { retry_after: Some("60"), ..Answer::html(429) }),
            _ => Some(good),
        }
    }

    fn check(&self) {
        let progress = self.client.progress();
        assert_eq!(progress.acknowledged, self.stored, "what counts is what is stored");
        assert!(progress.acknowledged <= Some(place(1, self.signed)), "{progress:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_counts_that_no_checkpoint_says_and_a_good_line_drains_everything(
        journal in 0..400_u64,
        script in prop::collection::vec((fates(), any::<u64>(), 0..40_u64), 0..60),
        more in 1..400_u64,
    ) {
        let mut world = World::new(journal);
        for (fate, jitter, seconds) in &script {
            world.step(fate, *jitter);
            world.seconds += seconds;
        }
        world.journal += more;
        world.client.handle_journal_head(place(1, world.journal));
        // Half an hour without a fault, in steps of the client's own waits.
        let end = world.seconds + 1_800;
        while world.seconds < end {
            world.step(&Fate::Good, 1);
            let timeout = world.client.poll_timeout().map(|timeout| timeout.as_secs() + 1);
            world.seconds = timeout.unwrap_or(end).max(world.seconds + 1);
        }
        let progress = world.client.progress();
        let last_aside = world.aside.contains(&place(1, world.journal));
        prop_assert!(progress.drained || last_aside, "{progress:?}");
        prop_assert!(world.hub_head == world.journal || last_aside);
        prop_assert_eq!(progress.push.failures_in_a_row, 0);
        prop_assert!(!progress.alerts.contains(&Alert::HubRolledBack), "{:?}", progress.alerts);
    }
}
