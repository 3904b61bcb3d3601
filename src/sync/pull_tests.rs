//! What the hub knows on its way to the device, one rule a test.

use super::testing::{Answer, at, keys, place, sealed_list};
use super::*;
use crate::journal::ContentHash;
use crate::journal::testing::{device_key, hub_key, instant};
use crate::wire::sync::{
    Bytes, Changes, Contained, Cursor, Nonce, ProgrammeNotice, Refusal, RefusalKind,
    SnapshotManifest,
};

fn client(cursor: Option<u64>) -> SyncClient {
    SyncClient::new(Start {
        device: device_key().device_id(),
        keys: keys(),
        push: PushPosition::default(),
        cursor: cursor.map(Cursor),
        snapshot: None,
        programme_version: 3,
        notice: None,
    })
}

fn chunk(number: u8) -> Vec<u8> {
    vec![number; 100]
}

fn manifest(cursor: u64, chunks: u8) -> SnapshotManifest {
    SnapshotManifest {
        cursor: Cursor(cursor),
        contained: Contained::default(),
        chunks: (0..chunks).map(|number| ContentHash::of(&chunk(number))).collect(),
        members: 7,
        at: instant(0),
        programme: None,
        key_list: None,
    }
}

fn changes(after: u64, to: u64) -> Changes {
    Changes {
        after: Cursor(after),
        to: Cursor(to),
        more: false,
        contained: Contained::default(),
        changes: Vec::new(),
        programme: None,
        key_list: None,
        at: instant(0),
    }
}

fn notice(version: u32) -> ProgrammeNotice {
    let hash = ContentHash::of(&text(version));
    ProgrammeNotice::seal(version, hash, instant(0), &hub_key()).expect("it fits")
}

fn text(version: u32) -> Vec<u8> {
    format!("version = {version}").into_bytes()
}

fn raw(body: Vec<u8>) -> Answer {
    Answer { content_encoding: None, body, ..Answer::html(200) }
}

fn problem(kind: RefusalKind) -> Answer {
    Answer::problem(kind.status(), &Refusal::of(kind))
}

fn next(client: &mut SyncClient, seconds: u64) -> Command {
    client.next_command(at(seconds)).expect("something to do")
}

fn reply(client: &mut SyncClient, command: &Command, answer: &Answer, seconds: u64) {
    client.handle_reply(command.attempt, answer.outcome(), at(seconds), 0);
}

/// Answers the next request and gives what is to be stored.
fn answered(client: &mut SyncClient, answer: &Answer, seconds: u64) -> Command {
    let command = next(client, seconds);
    reply(client, &command, answer, seconds);
    next(client, seconds)
}

fn stored(client: &mut SyncClient, command: &Command, seconds: u64) {
    client.handle_stored(command.attempt, StoreOutcome::Stored, at(seconds), 0);
}

fn alerts(client: &SyncClient) -> Vec<Alert> {
    client.progress().alerts.into_iter().collect()
}

fn asks_for_changes(client: &mut SyncClient, seconds: u64) -> Option<Cursor> {
    match client.next_command(at(seconds))?.work {
        Work::Pull { after, .. } => Some(after),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_first_start_takes_a_snapshot_piece_by_piece_and_then_follows_the_changes() {
    let mut client = client(None);
    let answer = Answer::message(&manifest(500, 3));
    let store = answered(&mut client, &answer, 0);
    let told = Box::new(manifest(500, 3));
    assert_eq!(store.work, Work::StoreManifest { manifest: told.clone(), key_list: None });
    stored(&mut client, &store, 0);
    for number in 0..3 {
        let done = SnapshotProgress { chunks_done: usize::from(number), chunks: 3 };
        assert_eq!(client.progress().snapshot, Some(done));
        let store = answered(&mut client, &raw(chunk(number)), 0);
        let hash = ContentHash::of(&chunk(number));
        let bytes = Bytes(chunk(number));
        assert_eq!(store.work, Work::StoreChunk(ChunkBytes { hash, bytes }));
        stored(&mut client, &store, 0);
    }
    let apply = next(&mut client, 0);
    assert_eq!(apply.work, Work::ApplySnapshot(told));
    assert_eq!(client.progress().cursor, None, "not before it is taken up");
    stored(&mut client, &apply, 0);
    assert_eq!(client.progress().cursor, Some(Cursor(500)));
    assert_eq!(asks_for_changes(&mut client, 0), Some(Cursor(500)));
}

#[test]
fn a_snapshot_that_was_begun_goes_on_with_what_is_in_the_folder() {
    let mut client = SyncClient::new(Start {
        device: device_key().device_id(),
        keys: keys(),
        push: PushPosition::default(),
        cursor: None,
        snapshot: Some(Box::new(manifest(500, 3))),
        programme_version: 0,
        notice: None,
    });
    for number in 0..2 {
        let command = next(&mut client, 0);
        let hash = ContentHash::of(&chunk(number));
        assert!(matches!(command.work, Work::FetchChunk { hash: asked, .. } if asked == hash));
        stored(&mut client, &command, 0);
    }
    let store = answered(&mut client, &raw(chunk(2)), 0);
    stored(&mut client, &store, 0);
    assert!(matches!(next(&mut client, 0).work, Work::ApplySnapshot(_)));
}

#[test]
fn a_piece_of_another_hash_is_asked_for_again() {
    let mut client = client(None);
    let store = answered(&mut client, &Answer::message(&manifest(500, 2)), 0);
    stored(&mut client, &store, 0);
    let mut flipped = chunk(0);
    flipped[3] ^= 1;
    for (tries, answer) in
        [raw(flipped), raw(chunk(1)), raw(chunk(0)[..99].to_vec()), Answer::html(200)]
            .into_iter()
            .enumerate()
    {
        let seconds = 1_000 * tries as u64;
        let command = next(&mut client, seconds);
        let hash = ContentHash::of(&chunk(0));
        assert!(matches!(command.work, Work::FetchChunk { hash: asked, .. } if asked == hash));
        reply(&mut client, &command, &answer, seconds);
        assert_eq!(client.next_command(at(seconds)), None, "it waits");
    }
    let store = answered(&mut client, &raw(chunk(0)), 9_000);
    assert!(matches!(store.work, Work::StoreChunk(_)));
}

#[test]
fn a_snapshot_whose_pieces_are_gone_or_that_cannot_be_taken_up_begins_anew() {
    let mut client = client(None);
    let store = answered(&mut client, &Answer::message(&manifest(500, 1)), 0);
    stored(&mut client, &store, 0);
    let gone = Refusal { code: "chunk_unknown".to_owned(), ..Refusal::default() };
    let command = next(&mut client, 0);
    reply(&mut client, &command, &Answer::problem(404, &gone), 0);
    assert!(client.next_command(at(0)).is_none(), "it waits");
    let store = answered(&mut client, &Answer::message(&manifest(501, 1)), 9);
    stored(&mut client, &store, 9);
    let store = answered(&mut client, &raw(chunk(0)), 9);
    stored(&mut client, &store, 9);
    let apply = next(&mut client, 9);
    client.handle_stored(apply.attempt, StoreOutcome::Failed, at(9), 0);
    assert_eq!(alerts(&client), [Alert::SnapshotUnusable]);
    assert!(matches!(next(&mut client, 99).work, Work::FetchManifest { .. }));
}

#[test]
fn changes_count_when_they_are_stored_and_only_those_that_were_asked_for() {
    let mut client = client(Some(40));
    for (answer, why) in [
        (changes(39, 50), "behind another cursor"),
        (changes(41, 50), "behind another cursor"),
        (changes(40, 39), "backwards"),
    ] {
        let mut client = super::pull_tests::client(Some(40));
        let command = next(&mut client, 0);
        reply(&mut client, &command, &Answer::message(&answer), 0);
        assert!(client.next_command(at(0)).is_none(), "{why}");
        assert_eq!(client.progress().cursor, Some(Cursor(40)), "{why}");
    }
    let store = answered(&mut client, &Answer::message(&changes(40, 50)), 0);
    let expected = Box::new(changes(40, 50));
    let work = Work::StoreChanges { changes: expected, key_list: None, notice: None };
    assert_eq!(store.work, work);
    client.handle_stored(store.attempt, StoreOutcome::Failed, at(0), 0);
    assert_eq!(client.progress().cursor, Some(Cursor(40)));
    let again = next(&mut client, 1);
    assert_eq!(again.work, work);
    stored(&mut client, &again, 1);
    assert_eq!(client.progress().cursor, Some(Cursor(50)));
    assert_eq!(asks_for_changes(&mut client, 1), Some(Cursor(50)));
}

#[test]
fn a_hub_that_does_not_wait_is_not_asked_in_a_loop() {
    let mut client = client(Some(40));
    let command = next(&mut client, 10);
    reply(&mut client, &command, &Answer::message(&changes(40, 40)), 10);
    assert!(client.next_command(at(10)).is_none(), "it came at once");
    assert_eq!(client.poll_timeout().map(|timeout| timeout.as_secs()), Some(11));
    let command = next(&mut client, 11);
    reply(&mut client, &command, &Answer::message(&changes(40, 40)), 36);
    assert_eq!(asks_for_changes(&mut client, 36), Some(Cursor(40)), "it waited");
}

#[test]
fn a_cursor_that_is_too_old_asks_for_a_snapshot_and_keeps_what_it_has_until_then() {
    let mut client = client(Some(40));
    let command = next(&mut client, 0);
    reply(&mut client, &command, &problem(RefusalKind::SnapshotNeeded), 0);
    let store = answered(&mut client, &Answer::message(&manifest(900, 0)), 0);
    stored(&mut client, &store, 0);
    assert_eq!(client.progress().cursor, Some(Cursor(40)));
    let apply = next(&mut client, 0);
    stored(&mut client, &apply, 0);
    assert_eq!(client.progress().cursor, Some(Cursor(900)));
}

#[test]
fn an_older_snapshot_is_taken_of_a_hub_only_that_was_provably_restored() {
    let mut client = client(Some(40));
    let command = next(&mut client, 0);
    reply(&mut client, &command, &problem(RefusalKind::SnapshotNeeded), 0);
    let command = next(&mut client, 0);
    reply(&mut client, &command, &Answer::message(&manifest(39, 0)), 0);
    assert_eq!(alerts(&client), [Alert::OlderSnapshot]);
    assert!(client.next_command(at(0)).is_none(), "it waits");
    let store = answered(&mut client, &Answer::message(&manifest(40, 0)), 9);
    assert!(matches!(store.work, Work::StoreManifest { .. }));
    assert_eq!(alerts(&client), []);
}

#[test]
fn a_list_of_keys_counts_when_it_is_newer_the_roots_and_stored() {
    let told =
        |key_list: Bytes| Answer::message(&Changes { key_list: Some(key_list), ..changes(40, 50) });
    let mut client = client(Some(40));
    let store = answered(&mut client, &told(sealed_list(2)), 0);
    assert_eq!(client.keys().list().serial, 1);
    stored(&mut client, &store, 0);
    assert_eq!(client.keys().list().serial, 2);

    let older = Answer::message(&Changes { key_list: Some(sealed_list(1)), ..changes(50, 60) });
    let store = answered(&mut client, &older, 0);
    assert!(matches!(&store.work, Work::StoreChanges { key_list: None, .. }), "{store:?}");
    stored(&mut client, &store, 0);
    assert_eq!(client.keys().list().serial, 2);

    let mut client = super::pull_tests::client(Some(40));
    let forged = testing::key_list(9).seal(&hub_key()).expect("it fits").bytes;
    let command = next(&mut client, 0);
    reply(&mut client, &command, &told(Bytes(forged)), 0);
    assert_eq!(alerts(&client), [Alert::HubNotProven]);
    assert_eq!(client.progress().cursor, Some(Cursor(40)), "nothing of it is taken");
    assert_eq!(client.keys().list().serial, 1);
}

#[test]
fn a_programme_is_fetched_when_it_is_newer_and_the_hubs() {
    let told = |notice: ProgrammeNotice| {
        Answer::message(&Changes { programme: Some(notice), ..changes(40, 50) })
    };
    let mut client = client(Some(40));
    let store = answered(&mut client, &told(notice(4)), 0);
    stored(&mut client, &store, 0);
    let command = next(&mut client, 0);
    let hash = ContentHash::of(&text(4));
    assert!(matches!(command.work, Work::FetchProgramme { hash: asked, .. } if asked == hash));
    assert_eq!(asks_for_changes(&mut client, 0), Some(Cursor(50)), "side by side");
    reply(&mut client, &command, &raw(text(5)), 0);
    assert!(client.next_command(at(0)).is_none(), "another text: it waits");
    let store = answered(&mut client, &raw(text(4)), 1);
    assert_eq!(store.work, Work::StoreProgramme { notice: notice(4), text: text(4) });
    client.handle_programme(store.attempt, 4, ProgrammeUse::NotUsable, at(1));
    assert_eq!(alerts(&client), [Alert::ProgrammeUnusable]);
    assert!(client.next_command(at(9_999)).is_none(), "it is not fetched again");

    let mut client = super::pull_tests::client(Some(40));
    let store = answered(&mut client, &told(notice(3)), 0);
    stored(&mut client, &store, 0);
    assert_eq!(asks_for_changes(&mut client, 0), Some(Cursor(50)), "it is here already");

    let forged = ProgrammeNotice { version: 9, ..notice(4) };
    let other = ProgrammeNotice::seal(9, ContentHash::of(b"x"), instant(0), &device_key());
    for notice in [forged, other.expect("it fits")] {
        let mut client = super::pull_tests::client(Some(40));
        let command = next(&mut client, 0);
        reply(&mut client, &command, &told(notice), 0);
        assert_eq!(alerts(&client), [Alert::HubNotProven]);
        assert_eq!(client.progress().cursor, Some(Cursor(40)), "nothing of it is taken");
    }
}

#[test]
fn a_snapshot_brings_the_programme_and_the_keys() {
    let mut client = client(None);
    let told = SnapshotManifest {
        programme: Some(notice(8)),
        key_list: Some(sealed_list(5)),
        ..manifest(500, 0)
    };
    let store = answered(&mut client, &Answer::message(&told), 0);
    assert!(matches!(&store.work, Work::StoreManifest { key_list: Some(_), .. }));
    stored(&mut client, &store, 0);
    assert_eq!(client.keys().list().serial, 5);
    assert!(matches!(next(&mut client, 0).work, Work::FetchProgramme { .. }));
}

#[test]
fn a_line_that_is_back_for_one_direction_is_back_for_the_other() {
    let mut client = client(Some(40));
    client.handle_journal_head(place(1, 5));
    let sent = Sent { first: place(1, 1), last: place(1, 5), records: 5 };
    let mut push = next(&mut client, 0);
    let pull = next(&mut client, 0);
    assert!(matches!(pull.work, Work::Pull { .. }), "{pull:?}");
    for seconds in [0, 1, 3, 7, 15, 31, 63, 127] {
        if seconds > 0 {
            push = next(&mut client, seconds);
        }
        assert!(matches!(push.work, Work::Push { .. }), "{push:?}");
        client.handle_push(push.attempt, sent, Outcome::NoReply, at(seconds), u64::MAX);
    }
    let waits_until = client.progress().push.waits_until.expect("a wait");
    assert!(waits_until.as_secs() > 190, "{waits_until:?}");
    assert!(client.next_command(at(190)).is_none());
    reply(&mut client, &pull, &Answer::message(&changes(40, 41)), 190);
    assert!(matches!(next(&mut client, 190).work, Work::Push { .. }));
}

#[test]
fn a_clock_that_is_off_is_no_failure_of_a_pull() {
    let mut client = client(Some(40));
    let command = next(&mut client, 0);
    let nonce = Nonce::of_random([4; 12]);
    let hub_time = instant(0) - chrono::TimeDelta::days(20_000);
    let refused = Refusal::clock_differs(hub_time, &nonce);
    reply(&mut client, &command, &Answer::problem(401, &refused), 0);
    let Work::Pull { signing, .. } = next(&mut client, 0).work else { panic!("a pull") };
    assert_eq!(signing, Signing { created: Some(hub_time), nonce: Some(nonce) });
    assert_eq!(client.progress().pull.failures_in_a_row, 0);
}

#[test]
fn the_device_knows_all_once_the_hub_has_no_more_than_is_stored() {
    let mut client = client(Some(40));
    let caught_up = |client: &SyncClient| client.caught_up_at().map(|at| at.as_secs());
    let more = Changes { more: true, ..changes(40, 50) };
    let store = answered(&mut client, &Answer::message(&more), 1);
    stored(&mut client, &store, 2);
    assert_eq!(caught_up(&client), None, "there is more");
    let store = answered(&mut client, &Answer::message(&changes(50, 60)), 3);
    assert_eq!(caught_up(&client), None, "it is not stored");
    stored(&mut client, &store, 4);
    assert_eq!(caught_up(&client), Some(4));
    let command = next(&mut client, 5);
    reply(&mut client, &command, &Answer::message(&changes(60, 60)), 30);
    assert_eq!(caught_up(&client), Some(30), "nothing new is a word too");
    let command = next(&mut client, 31);
    reply(&mut client, &command, &Answer::html(200), 56);
    assert_eq!(caught_up(&client), Some(30), "whoever that was");
    assert!(PULL_WAIT.as_millis() < u128::from(crate::loyalty::HUB_WORD_MS_MAX));
}
