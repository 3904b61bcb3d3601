//! The journal's way to the hub, one rule a test.

use std::collections::BTreeSet;

use super::testing::{Answer, at, client, place, push_reply};
use super::*;
use crate::journal::testing::{device_key, instant};
use crate::wire::sync::{JournalPlace, Nonce, Refusal, RefusalKind};

const BACKLOG: u64 = 100_000;

/// A device of so many records, of which the hub has acknowledged some.
fn device(acknowledged: u64) -> SyncClient {
    client(PushPosition {
        acknowledged: (acknowledged > 0).then(|| place(1, acknowledged)),
        checkpoint: acknowledged,
        journal_head: Some(place(1, BACKLOG)),
    })
}

/// A batch that the client asked for, as a shell would have sent it.
struct Batch {
    attempt: Attempt,
    sent: Sent,
    signing: Signing,
}

impl Batch {
    fn places(&self) -> (u64, u64) {
        (self.sent.first.sequence, self.sent.last.sequence)
    }
}

/// The next command that is not a pull.
fn next(client: &mut SyncClient, seconds: u64) -> Option<Command> {
    loop {
        let command = client.next_command(at(seconds))?;
        if !matches!(command.work, Work::Pull { .. }) {
            return Some(command);
        }
    }
}

fn sent(client: &mut SyncClient, seconds: u64) -> Batch {
    let command = next(client, seconds).expect("something to do");
    let Work::Push { after, records_max, signing } = command.work else {
        panic!("a push, not {command:?}");
    };
    let first = after.map_or(1, |after| after.sequence + 1);
    let last = (first + records_max as u64 - 1).min(BACKLOG);
    let records = (last - first + 1) as usize;
    let sent = Sent { first: place(1, first), last: place(1, last), records };
    Batch { attempt: command.attempt, sent, signing }
}

fn answer(client: &mut SyncClient, batch: &Batch, answer: &Answer, seconds: u64) {
    client.handle_push(batch.attempt, batch.sent, answer.outcome(), at(seconds), 0);
}

/// Sends a batch that is acknowledged up to a record.
fn acknowledged(client: &mut SyncClient, number: u64, head: u64, seconds: u64) -> Batch {
    let batch = sent(client, seconds);
    let reply = push_reply(number, place(1, head), at(seconds).at);
    answer(client, &batch, &Answer::message(&reply), seconds);
    compared(client, JournalMatch::Same, seconds);
    batch
}

fn compared(client: &mut SyncClient, found: JournalMatch, seconds: u64) {
    let command = next(client, seconds).expect("something to do");
    assert!(matches!(command.work, Work::Acknowledge(_)), "{command:?}");
    client.handle_acknowledged(command.attempt, found, at(seconds), 0);
}

fn refusal(kind: RefusalKind) -> Refusal {
    Refusal::of(kind)
}

fn problem(refusal: &Refusal) -> Answer {
    let kind = RefusalKind::of_code(&refusal.code).expect("a kind");
    Answer::problem(kind.status(), refusal)
}

fn alerts(client: &SyncClient) -> Vec<Alert> {
    client.progress().alerts.into_iter().collect()
}

fn head(client: &SyncClient) -> Option<JournalPlace> {
    client.progress().acknowledged
}

#[test]
fn one_small_batch_is_tried_and_then_the_backlog_drains_in_large_ones() {
    let mut client = device(0);
    assert_eq!(acknowledged(&mut client, 1, 10, 0).places(), (1, 10));
    assert_eq!(acknowledged(&mut client, 2, 1_010, 0).places(), (11, 1_010));
    assert_eq!(acknowledged(&mut client, 3, 2_010, 0).places(), (1_011, 2_010));
    let batch = sent(&mut client, 0);
    client.handle_push(batch.attempt, batch.sent, Outcome::NoReply, at(0), 0);
    assert!(next(&mut client, 0).is_none(), "it waits");
    assert_eq!(acknowledged(&mut client, 4, 2_020, 1).places(), (2_011, 2_020), "a probe");
    assert_eq!(acknowledged(&mut client, 5, 3_020, 1).places(), (2_021, 3_020));
}

#[test]
fn a_batch_is_not_acknowledged_before_its_checkpoint_is_stored() {
    let mut client = device(40);
    let batch = sent(&mut client, 0);
    answer(&mut client, &batch, &Answer::message(&push_reply(41, place(1, 50), instant(0))), 0);
    assert_eq!(head(&client), Some(place(1, 40)));
    let store = next(&mut client, 0).expect("something to do");
    client.handle_stored(store.attempt, StoreOutcome::Failed, at(0), 0);
    assert_eq!(head(&client), Some(place(1, 40)));
    assert!(next(&mut client, 0).is_none(), "it waits");
    compared(&mut client, JournalMatch::Same, 1);
    assert_eq!(head(&client), Some(place(1, 50)));
}

#[test]
fn what_is_no_signed_checkpoint_of_this_device_acknowledges_nothing() {
    let told = testing::checkpoint(41, place(1, 50));
    let reply = |sealed: Option<Vec<u8>>| {
        let checkpoint = sealed.map(crate::wire::sync::Bytes);
        let reply =
            crate::wire::sync::PushReply { checkpoint, ..push_reply(41, place(1, 50), instant(0)) };
        Answer::message(&reply)
    };
    let sealed = |checkpoint: &crate::journal::Checkpoint, key: &crate::journal::SigningKey| {
        Some(checkpoint.seal(key).expect("it fits").bytes)
    };
    let hub = crate::journal::testing::hub_key();
    let other = crate::journal::Checkpoint { device: hub.device_id(), ..told.clone() };
    let mut flipped = sealed(&told, &hub).expect("some");
    flipped[90] ^= 1;
    for (answer, fault, why) in [
        (reply(None), Fault::Unusable, "no checkpoint"),
        (reply(sealed(&told, &device_key())), Fault::NotProven, "another key"),
        (reply(sealed(&other, &hub)), Fault::NotProven, "another device"),
        (reply(Some(flipped)), Fault::NotProven, "a flipped bit"),
        (reply(Some(Vec::new())), Fault::NotProven, "nothing"),
        (Answer::html(200), Fault::Unusable, "a proxy's page"),
        (Answer::html(204), Fault::Unusable, "nothing at all"),
    ] {
        let mut client = device(40);
        let batch = sent(&mut client, 0);
        super::push_tests::answer(&mut client, &batch, &answer, 0);
        assert_eq!(head(&client), Some(place(1, 40)), "{why}");
        assert_eq!(client.progress().push.fault, Some(fault), "{why}");
        let alerted =
            if fault == Fault::NotProven { vec![Alert::HubNotProven] } else { Vec::new() };
        assert_eq!(alerts(&client), alerted, "{why}");
        assert!(next(&mut client, 0).is_none(), "{why}: it waits");
        acknowledged(&mut client, 41, 50, 1);
        assert_eq!(alerts(&client), [], "{why}");
    }
}

#[test]
fn too_large_a_batch_is_halved_until_it_passes_and_grows_again_slowly() {
    let mut client = device(0);
    acknowledged(&mut client, 1, 10, 0);
    let mut sizes = Vec::new();
    for _ in 0..4 {
        let batch = sent(&mut client, 0);
        sizes.push(batch.sent.records);
        answer(&mut client, &batch, &Answer::html(413), 0);
    }
    assert_eq!(sizes, [1_000, 500, 250, 125]);
    let passed = acknowledged(&mut client, 2, 72, 0);
    assert_eq!(passed.sent.records, 62);
    assert_eq!(sent(&mut client, 0).sent.records, 62 + 62 / 8 + 1);
    assert_eq!(client.progress().push.failures_in_a_row, 0, "that is no failure");
}

#[test]
fn one_record_that_is_too_large_is_set_aside_where_the_hub_says_so_and_waits_where_a_proxy_does() {
    let other = Refusal { code: "body_too_large".to_owned(), ..Refusal::default() };
    for (answer, set_aside) in [(Answer::problem(413, &other), true), (Answer::html(413), false)] {
        let mut client = device(0);
        let batch = loop {
            let batch = sent(&mut client, 0);
            super::push_tests::answer(&mut client, &batch, &answer, 0);
            if batch.sent.records == 1 {
                break batch;
            }
        };
        assert_eq!(batch.places(), (1, 1));
        let command = next(&mut client, 0);
        let work = command.map(|command| command.work);
        let expected = set_aside.then(|| Work::SetAside { place: place(1, 1) });
        assert_eq!(work, expected);
    }
}

#[test]
fn a_refused_record_is_set_aside_and_the_others_go_on() {
    let mut client = device(0);
    let batch = sent(&mut client, 0);
    let refused = Refusal { record: Some(place(1, 4)), ..refusal(RefusalKind::RecordRefused) };
    answer(&mut client, &batch, &problem(&refused), 0);
    let command = next(&mut client, 0).expect("something to do");
    assert_eq!(command.work, Work::SetAside { place: place(1, 4) });
    client.handle_stored(command.attempt, StoreOutcome::Stored, at(0), 0);
    assert_eq!(acknowledged(&mut client, 1, 10, 0).places(), (1, 10));
    assert_eq!(acknowledged(&mut client, 2, 1_010, 0).places(), (11, 1_010));
}

#[test]
fn an_unnamed_refusal_is_narrowed_to_one_record() {
    let mut client = device(0);
    let other = Refusal { code: "body_invalid".to_owned(), ..Refusal::default() };
    let mut sizes = Vec::new();
    let command = loop {
        let batch = sent(&mut client, 0);
        sizes.push(batch.sent.records);
        answer(&mut client, &batch, &Answer::problem(400, &other), 0);
        if batch.sent.records == 1 {
            break next(&mut client, 0).expect("something to do");
        }
    };
    assert_eq!(sizes, [10, 5, 2, 1]);
    assert_eq!(command.work, Work::SetAside { place: place(1, 1) });
}

#[test]
fn a_place_outside_the_batch_is_not_set_aside() {
    let mut client = device(40);
    let batch = sent(&mut client, 0);
    let refused = Refusal { record: Some(place(1, 7)), ..refusal(RefusalKind::RecordRefused) };
    answer(&mut client, &batch, &problem(&refused), 0);
    assert_eq!(sent(&mut client, 0).sent.records, 5);
}

#[test]
fn a_hub_that_refuses_everything_gets_a_few_records_aside_and_no_more() {
    let mut client = device(0);
    let mut aside = BTreeSet::new();
    for seconds in 0..10_000 {
        while let Some(command) = next(&mut client, seconds) {
            match command.work {
                Work::Push { .. } => {
                    // All that is not set aside yet, one at a time.
                    let first = place(1, aside.len() as u64 + 1);
                    let sent = Sent { first, last: first, records: 1 };
                    let answer = problem(&refusal(RefusalKind::RecordRefused));
                    client.handle_push(command.attempt, sent, answer.outcome(), at(seconds), 0);
                }
                Work::SetAside { place } => {
                    aside.insert(place);
                    client.handle_stored(command.attempt, StoreOutcome::Stored, at(seconds), 0);
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(aside.len(), 8);
    assert_eq!(alerts(&client), [Alert::RecordsRefused]);
    assert!(client.progress().push.failures_in_a_row > 10, "it is tried all the same");
}

#[test]
fn a_wait_that_was_asked_for_is_kept_and_is_no_failure() {
    for (answer, least_s) in [
        (Answer { retry_after: Some("90"), ..Answer::html(429) }, 90),
        (Answer { retry_after: Some("90"), ..Answer::html(503) }, 90),
        (Answer::html(429), 30),
    ] {
        let mut client = device(40);
        let batch = sent(&mut client, 0);
        super::push_tests::answer(&mut client, &batch, &answer, 0);
        assert_eq!(client.progress().push.failures_in_a_row, 0);
        assert!(next(&mut client, least_s - 1).is_none());
        assert!(next(&mut client, least_s).is_some());
    }
}

#[test]
fn attempts_go_on_for_ever_and_never_more_than_five_minutes_apart() {
    let mut client = device(40);
    let mut tries = 0;
    for seconds in 0..30 * 86_400 {
        if client.poll_timeout().is_none_or(|timeout| timeout.as_secs() > seconds) {
            continue;
        }
        while let Some(command) = next(&mut client, seconds) {
            tries += 1;
            let sent = Sent { first: place(1, 41), last: place(1, 50), records: 10 };
            client.handle_push(command.attempt, sent, Outcome::NoReply, at(seconds), u64::MAX);
        }
    }
    assert!((8_640..9_000 * 2).contains(&tries), "{tries} in 30 days");
    acknowledged(&mut client, 41, 50, 31 * 86_400);
    assert_eq!(client.progress().push.failures_in_a_row, 0);
}

#[test]
fn a_clock_that_is_off_signs_anew_at_once_and_knows_the_time_from_then_on() {
    let mut client = device(40);
    let batch = sent(&mut client, 0);
    assert_eq!(batch.signing, Signing::default());
    let hub_time = instant(0) + chrono::TimeDelta::days(4_000);
    let nonce = Nonce::of_random([4; 12]);
    answer(&mut client, &batch, &problem(&Refusal::clock_differs(hub_time, &nonce)), 0);
    let again = sent(&mut client, 0);
    assert_eq!(again.signing, Signing { created: Some(hub_time), nonce: Some(nonce.clone()) });
    let days = chrono::TimeDelta::days(4_000).num_milliseconds();
    assert_eq!(client.progress().clock_ahead_ms, Some(-days));
    // The same answer again is no reason to try in a loop.
    answer(&mut client, &again, &problem(&Refusal::clock_differs(hub_time, &nonce)), 0);
    assert!(next(&mut client, 0).is_none(), "it waits");
    let later = sent(&mut client, 7);
    assert_eq!(later.signing.created, Some(hub_time + chrono::TimeDelta::seconds(7)));
}

#[test]
fn a_hub_that_was_restored_gets_what_it_lost_again_and_that_is_told() {
    // Signed: a checkpoint below the one that is held.
    let mut client = device(5_000);
    let batch = sent(&mut client, 0);
    let reply = push_reply(900, place(1, 900), instant(0));
    answer(&mut client, &batch, &Answer::message(&reply), 0);
    compared(&mut client, JournalMatch::Same, 0);
    assert_eq!(alerts(&client), [Alert::HubRolledBack]);
    assert_eq!(head(&client), Some(place(1, 900)), "no more is acknowledged, so none is pruned");
    assert_eq!(acknowledged(&mut client, 901, 910, 1).places(), (901, 910));
    assert_eq!(alerts(&client), [Alert::HubRolledBack]);
    let mut number = 901;
    while head(&client) < Some(place(1, 5_000)) {
        number += 1;
        let last = sent_head(&client) + 1_000;
        acknowledged(&mut client, number, last, 1);
    }
    assert_eq!(alerts(&client), [], "it is all there again");

    // Unsigned: it decides from where to send, not what counts.
    let mut client = device(5_000);
    let batch = sent(&mut client, 0);
    let unknown = Refusal { head: Some(place(1, 900)), ..refusal(RefusalKind::UnknownPredecessor) };
    answer(&mut client, &batch, &problem(&unknown), 0);
    assert_eq!(alerts(&client), [], "whoever sent it may have made it up");
    assert_eq!(head(&client), Some(place(1, 5_000)));
    assert_eq!(acknowledged(&mut client, 901, 910, 0).places(), (901, 910));
    assert_eq!(alerts(&client), [Alert::HubRolledBack], "a checkpoint proves it");
}

fn sent_head(client: &SyncClient) -> u64 {
    head(client).map_or(0, |head| head.sequence)
}

#[test]
fn a_hub_that_sends_the_device_to_and_fro_is_not_followed_in_a_loop() {
    let mut client = device(5_000);
    let mut followed = 0;
    while let Some(command) = next(&mut client, 0) {
        followed += 1;
        let from = if followed % 2 == 0 { 900 } else { 700 };
        let unknown =
            Refusal { head: Some(place(1, from)), ..refusal(RefusalKind::UnknownPredecessor) };
        let sent = Sent { first: place(1, from + 1), last: place(1, from + 1), records: 1 };
        client.handle_push(command.attempt, sent, problem(&unknown).outcome(), at(0), 0);
    }
    assert_eq!(followed, 4);
}

#[test]
fn a_journal_that_was_restored_goes_on_behind_what_the_hub_has() {
    let mut client = device(5_000);
    let batch = sent(&mut client, 0);
    let far = place(1, BACKLOG + 7);
    answer(&mut client, &batch, &Answer::message(&push_reply(5_001, far, instant(0))), 0);
    compared(&mut client, JournalMatch::Missing, 0);
    assert_eq!(alerts(&client), [Alert::JournalBehindHub]);
    assert_eq!(head(&client), Some(place(1, 5_000)), "what is not here cannot be compared");
    assert!(next(&mut client, 0).is_none(), "nothing is behind it");
    client.handle_journal_head(place(2, 1));
    let command = next(&mut client, 0).expect("something to do");
    assert!(matches!(command.work, Work::Push { after, .. } if after == Some(far)));
    let sent = Sent { first: place(2, 1), last: place(2, 1), records: 1 };
    let reply = Answer::message(&push_reply(5_002, place(2, 1), instant(0)));
    client.handle_push(command.attempt, sent, reply.outcome(), at(0), 0);
    compared(&mut client, JournalMatch::Same, 0);
    assert_eq!(alerts(&client), []);
    assert!(client.progress().drained);

    let behind = PushPosition {
        acknowledged: Some(place(1, 50)),
        checkpoint: 3,
        journal_head: Some(place(1, 40)),
    };
    assert_eq!(alerts(&testing::client(behind)), [Alert::JournalBehindHub]);
}

#[test]
fn another_record_at_the_hub_is_a_fork_and_acknowledges_nothing() {
    let mut client = device(40);
    let batch = sent(&mut client, 0);
    answer(&mut client, &batch, &Answer::message(&push_reply(41, place(1, 50), instant(0))), 0);
    compared(&mut client, JournalMatch::Other, 0);
    assert_eq!(alerts(&client), [Alert::JournalForked]);
    assert_eq!(head(&client), Some(place(1, 40)));
    assert!(next(&mut client, 0).is_none(), "it waits");

    let mut client = device(40);
    let batch = sent(&mut client, 0);
    let fork = Refusal { head: Some(place(1, 45)), ..refusal(RefusalKind::Fork) };
    answer(&mut client, &batch, &problem(&fork), 0);
    assert_eq!(alerts(&client), [Alert::JournalForked]);
    assert_eq!(sent(&mut client, 0).places(), (46, 55));
}

#[test]
fn a_device_that_is_not_known_tries_again_and_says_so() {
    for kind in [RefusalKind::NotSigned, RefusalKind::Revoked] {
        let mut client = device(40);
        let batch = sent(&mut client, 0);
        answer(&mut client, &batch, &problem(&refusal(kind)), 0);
        assert_eq!(alerts(&client), [Alert::DeviceRefused]);
        acknowledged(&mut client, 41, 50, 1);
        assert_eq!(alerts(&client), []);
    }
}

#[test]
fn an_outcome_that_is_told_twice_or_late_changes_nothing() {
    let mut client = device(40);
    let first = acknowledged(&mut client, 41, 50, 0);
    let before = client.progress();
    for reply in [
        Answer::message(&push_reply(42, place(1, 60), instant(0))),
        Answer::message(&push_reply(1, place(1, 1), instant(0))),
        Answer::html(500),
    ] {
        answer(&mut client, &first, &reply, 0);
        assert_eq!(client.progress(), before);
    }
    let second = sent(&mut client, 0);
    answer(&mut client, &first, &Answer::html(500), 0);
    assert_eq!(client.progress(), before);
    answer(&mut client, &second, &Answer::message(&push_reply(42, place(1, 60), instant(0))), 0);
    compared(&mut client, JournalMatch::Same, 0);
    assert_eq!(head(&client), Some(place(1, 60)));
}

#[test]
fn a_tail_that_is_set_aside_waits_for_what_follows() {
    let mut client = client(PushPosition {
        acknowledged: Some(place(1, 9)),
        checkpoint: 9,
        journal_head: Some(place(1, 10)),
    });
    let command = next(&mut client, 0).expect("something to do");
    client.handle_nothing_to_push(command.attempt);
    assert!(next(&mut client, 1_000).is_none());
    assert!(!client.progress().drained);
    client.handle_journal_head(place(1, 11));
    let command = next(&mut client, 1_000).expect("something to do");
    assert!(matches!(command.work, Work::Push { after, .. } if after == Some(place(1, 9))));
}
