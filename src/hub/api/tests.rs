use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::limits::{BODY_BYTES_MAX, UNPACKED_BYTES_MAX};
use super::testing::{Answer, PROGRAMME, TestDevice, TestHub, hub_time, plain};
use crate::hub::enrolment::{Standing, change_standing};
use crate::hub::keys::{KeyRing, Place, root_public, start_rotation};
use crate::hub::programmes::{Checked, publish};
use crate::hub::store::error::{Retry, StoreError};
use crate::hub::store::{Store, Tx};
use crate::journal::Checkpoint;
use crate::journal::testing::{instant, journal};
use crate::wire::sync::packing::{pack, unpack};
use crate::wire::sync::{
    Bytes, Changes, Contained, Cursor, EnrolmentCode, HubIdentity, JournalPlace, KeyList, KeyUse,
    Message, Nonce, PROBLEM_TYPE, PUSH_RECORDS_MAX, PushBatch, PushReply, Refusal,
    SnapshotManifest, paths,
};

/// The seed of the key that signs the journals of tests.
const JOURNAL_SEED: u8 = 1;

/// Status and code of a problem.
fn refused((status, body, media_type): Answer) -> (u16, String) {
    assert_eq!(media_type, PROBLEM_TYPE);
    (status, Refusal::read(&body).expect("a problem").code)
}

fn publish_programme(hub: &TestHub) {
    let keys = KeyRing::load(hub.folder(), &*hub.store).expect("keys");
    let checked = Checked::of(PROGRAMME.to_owned()).expect("a programme");
    publish(&*hub.store, &keys.programme, checked, hub_time()).expect("published");
}

#[test]
fn a_device_enrols_checks_the_hub_and_pulls() {
    let hub = TestHub::new();
    publish_programme(&hub);
    let device = hub.device(1);
    hub.expect_device(&device.code(), None);
    let root = root_public(hub.folder()).expect("a root");
    let (status, told, _) = plain(&format!("{}{}", hub.url, paths::KEYS), "*/*");
    let told = HubIdentity::from_message(&told).expect("an identity");
    let sealed = told.key_list.0;
    assert_eq!(told.root, root);
    let list = KeyList::open(&sealed, &root).expect("the root's");
    assert_eq!((status, list.serial), (200, 1));

    let (status, body, secret) = device.enrol(&device.code(), hub_time(), None);
    assert_eq!(status, 200);
    let reply = TestDevice::reply(&body);
    assert_eq!((reply.key_list.0, reply.at), (sealed, hub_time()));
    let keys = KeyRing::load(hub.folder(), &*hub.store).expect("keys");
    assert_eq!(secret.open(&reply.directory_key), Ok(keys.directory));

    let changes: Changes = device.message("/sync/v1/changes?after=0");
    assert!(changes.changes.is_empty() && !changes.more);
    assert_eq!(changes.contained, Contained::default());
    let notice = changes.programme.expect("a programme");
    assert_eq!(notice.verify(&list), Ok(()));
    assert!(changes.key_list.is_some(), "it changed behind 0");
    let path = format!("{}/{}", paths::PROGRAMMES, notice.hash);
    let (status, text, _) = device.get(&path);
    assert_eq!(status, 200);
    assert_eq!(unpack(&text, 100_000).expect("packed"), PROGRAMME.as_bytes());

    let again: Changes = device.message(&format!("/sync/v1/changes?after={}", changes.to.0));
    assert_eq!((again.to, again.programme, again.key_list), (changes.to, None, None));
}

/// What a device sends of a journal that begins at its beginning.
fn batch(records: &[crate::journal::Sealed]) -> Vec<u8> {
    let records = records.iter().map(|sealed| Bytes(sealed.bytes.clone())).collect();
    let batch = PushBatch { epoch: 1, sequence: 1, records, set_aside: Vec::new() };
    pack(&batch.to_message())
}

fn push(device: &TestDevice, body: &[u8]) -> Answer {
    device.send("POST", paths::RECORDS, body, hub_time(), None)
}

#[test]
fn a_device_pushes_and_the_changes_say_what_they_contain() {
    let hub = TestHub::new();
    let device = hub.enrolled(JOURNAL_SEED);
    let records = journal(3);
    let (status, body, _) = push(&device, &batch(&records));
    assert_eq!(status, 200, "{:?}", Refusal::read(&body));
    let read = |body: &[u8]| {
        PushReply::from_message(&unpack(body, 100_000).expect("packed")).expect("a reply")
    };
    let reply = read(&body);
    let keys = KeyRing::load(hub.folder(), &*hub.store).expect("keys");
    let sealed = reply.checkpoint.expect("a checkpoint").0;
    let checkpoint = Checkpoint::open(&sealed, &keys.checkpoint.public_key()).expect("the hub's");
    assert_eq!((checkpoint.epoch, checkpoint.sequence), (1, 3));
    assert_eq!((checkpoint.hash, checkpoint.number), (records[2].hash, 1));
    let changes: Changes = device.message("/sync/v1/changes?after=0");
    assert_eq!(changes.contained, Contained { epoch: 1, sequence: 3 });
    let manifest: SnapshotManifest = device.message(paths::SNAPSHOT);
    assert_eq!(manifest.contained, Contained { epoch: 1, sequence: 3 });

    let (status, body, _) = push(&device, &batch(&records));
    assert_eq!(status, 200, "the same again");
    let again = Checkpoint::open(
        &read(&body).checkpoint.expect("a checkpoint").0,
        &keys.checkpoint.public_key(),
    );
    assert_eq!(again.expect("the hub's").number, 1);
}

#[test]
fn a_batch_that_cannot_be_taken_says_from_where_or_which() {
    let hub = TestHub::new();
    let device = hub.enrolled(JOURNAL_SEED);
    let records = journal(3);
    let told = |answer: Answer| {
        let (status, body, _) = answer;
        (status, Refusal::read(&body).expect("a problem"))
    };
    let (status, gap) = told(push(&device, &{
        let records = vec![Bytes(records[2].bytes.clone())];
        let batch = PushBatch { epoch: 1, sequence: 3, records, set_aside: Vec::new() };
        pack(&batch.to_message())
    }));
    assert_eq!((status, gap.code.as_str(), gap.head), (409, "unknown_predecessor", None));
    let mut changed = records.clone();
    let last = changed[1].bytes.len() - 1;
    changed[1].bytes[last] ^= 1;
    let (status, refused) = told(push(&device, &batch(&changed)));
    assert_eq!((status, refused.code.as_str()), (422, "record_refused"));
    assert_eq!(refused.record, Some(JournalPlace { epoch: 1, sequence: 2 }));
    let bomb = pack(&vec![0; UNPACKED_BYTES_MAX + 1]);
    let (status, bomb) = told(push(&device, &bomb));
    assert_eq!((status, bomb.code.as_str()), (413, "body_too_large"));
    let many = vec![records[0].clone(); PUSH_RECORDS_MAX + 1];
    let (status, many) = told(push(&device, &batch(&many)));
    assert_eq!((status, many.code.as_str()), (413, "body_too_large"));
    assert_eq!(push(&device, &batch(&records)).0, 200, "nothing of it was kept");
}

#[test]
fn a_replaced_device_may_send_what_it_recorded_and_a_revoked_one_nothing() {
    let hub = TestHub::new();
    let (old, new) = (hub.enrolled(JOURNAL_SEED), hub.device(2));
    hub.expect_device(&new.code(), Some(old.key.device_id()));
    assert_eq!(new.enrol(&new.code(), hub_time(), None).0, 200);
    assert_eq!(push(&old, &batch(&journal(2))).0, 200);
    change_standing(&*hub.store, old.key.device_id(), Standing::Revoked).expect("revoked");
    assert_eq!(refused(push(&old, &batch(&journal(3)))), (403, "revoked".to_owned()));
}

#[test]
fn a_code_that_is_wrong_or_another_devices_is_refused() {
    let hub = TestHub::new();
    let (first, second) = (hub.enrolled(1), hub.device(2));
    for (code, expected) in [
        (EnrolmentCode::of_random([9; 16]), (403, "code_unknown")),
        (first.code(), (409, "code_used")),
    ] {
        let (status, body, _) = second.enrol(&code, hub_time(), None);
        let told = Refusal::read(&body).expect("a problem");
        assert_eq!((status, told.code.as_str()), expected);
    }
    let (status, _, _) = first.enrol(&first.code(), hub_time(), None);
    assert_eq!(status, 200, "the answer was lost: the same again");
}

#[test]
fn a_request_to_enrol_is_signed_with_the_key_that_it_names() {
    let hub = TestHub::new();
    let (device, other) = (hub.device(1), hub.device(2));
    hub.expect_device(&device.code(), None);
    let secret = crate::wire::sync::SealingSecret::generate(&ring::rand::SystemRandom::new());
    let request = crate::wire::sync::EnrolRequest {
        code: device.code().as_str().to_owned(),
        public_key: device.key.public_key(),
        sealing_key: secret.expect("a secret").public_key(),
        software: crate::journal::SoftwareVersion::parse("0.1.0").expect("a version"),
        at: hub_time(),
    };
    let body = pack(&crate::wire::sync::Message::to_message(&request));
    let answer = other.send("POST", paths::ENROLMENTS, &body, hub_time(), None);
    assert_eq!(refused(answer), (401, "not_signed".to_owned()));
}

#[test]
fn a_revoked_device_is_refused_at_once_and_an_unknown_key_too() {
    let hub = TestHub::new();
    let device = hub.enrolled(1);
    let path = "/sync/v1/changes?after=0";
    assert_eq!(device.get(path).0, 200);
    assert_eq!(refused(hub.device(2).get(path)), (401, "not_signed".to_owned()));
    change_standing(&*hub.store, device.key.device_id(), Standing::Revoked).expect("revoked");
    assert_eq!(refused(device.get(path)), (403, "revoked".to_owned()));
}

#[test]
fn a_replaced_device_hears_nothing_any_more() {
    let hub = TestHub::new();
    let (old, new) = (hub.enrolled(1), hub.device(2));
    hub.expect_device(&new.code(), Some(old.key.device_id()));
    assert_eq!(new.enrol(&new.code(), hub_time(), None).0, 200);
    assert_eq!(new.get("/sync/v1/changes?after=0").0, 200);
    for path in ["/sync/v1/changes?after=0", paths::SNAPSHOT] {
        assert_eq!(refused(old.get(path)), (403, "revoked".to_owned()), "{path}");
    }
}

#[test]
fn a_request_that_was_changed_on_its_way_is_refused() {
    let hub = TestHub::new();
    let device = hub.enrolled(1);
    let signed = |path: &str| {
        let (plain, query) = path.split_once('?').expect("a query");
        let parts = crate::wire::sync::RequestParts::new("GET", plain, Some(query), b"");
        let nonce = Nonce::of_random([7; 12]);
        let signed = parts.expect("a request").sign(hub_time(), nonce, &device.key);
        signed.headers().map(|(name, value)| (name, value.to_owned()))
    };
    let headers = signed("/sync/v1/changes?after=0");
    assert_eq!(device.send_with("GET", "/sync/v1/changes?after=0", b"", &headers).0, 200);
    let other = device.send_with("GET", "/sync/v1/changes?after=1", b"", &headers);
    assert_eq!(refused(other), (401, "not_signed".to_owned()));
    for left_out in 0..3 {
        let mut some = headers.to_vec();
        some.remove(left_out);
        let answer = device.send_with("GET", "/sync/v1/changes?after=0", b"", &some);
        assert_eq!(refused(answer), (401, "not_signed".to_owned()));
    }
}

#[test]
fn clocks_of_1970_and_2040_get_through_with_the_hubs_nonce() {
    let clock = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
    for created in [clock("1970-01-01T00:00:10Z"), clock("2040-05-06T07:08:09Z")] {
        let hub = TestHub::new();
        let device = hub.device(1);
        hub.expect_device(&device.code(), None);
        let (status, body, _) = device.enrol(&device.code(), created, None);
        let told = Refusal::read(&body).expect("a problem");
        assert_eq!((status, told.code.as_str()), (401, "clock_differs"));
        assert_eq!(told.hub_time(), Some(hub_time()));
        let nonce = told.nonce.as_deref().and_then(Nonce::parse).expect("a nonce");
        let (status, body, _) = device.enrol(&device.code(), created, Some(nonce));
        assert_eq!(status, 200);
        assert_eq!(TestDevice::reply(&body).at, hub_time());

        let path = "/sync/v1/changes?after=0";
        let (status, body, _) = device.send("GET", path, b"", created, None);
        let told = Refusal::read(&body).expect("a problem");
        assert_eq!((status, told.code.as_str()), (401, "clock_differs"));
        let nonce = told.nonce.as_deref().and_then(Nonce::parse);
        assert_eq!(device.send("GET", path, b"", created, nonce).0, 200);
        let row = hub.store.read().and_then(|mut tx| tx.device(device.key.device_id()));
        let offset = row.expect("read").expect("a device").clock_offset_ms;
        let expected = created.signed_duration_since(hub_time()).num_milliseconds();
        assert!((offset - expected).abs() <= 1_000, "{offset} {expected}");
    }
}

#[test]
fn a_body_that_is_too_large_or_unpacks_to_too_much_is_refused() {
    let hub = TestHub::new();
    let device = hub.enrolled(1);
    let bomb = pack(&vec![0; UNPACKED_BYTES_MAX + 1]);
    assert!(bomb.len() < 4_000, "{} bytes", bomb.len());
    for (path, body, expected) in [
        (paths::ENROLMENTS, bomb, (413, "body_too_large")),
        (paths::ENROLMENTS, vec![0; 4 * 1024 + 1], (413, "body_too_large")),
        (paths::ENROLMENTS, b"<html>".to_vec(), (400, "body_damaged")),
        (paths::ENROLMENTS, pack(b"\x80"), (422, "body_invalid")),
        (paths::ENROLMENTS, pack(b""), (422, "body_invalid")),
    ] {
        let (status, code) = refused(device.send("POST", path, &body, hub_time(), None));
        assert_eq!((status, code.as_str()), expected);
    }
    let large = vec![0; BODY_BYTES_MAX + 1];
    let answer = device.send("POST", "/sync/v1/records", &large, hub_time(), None);
    assert_eq!(refused(answer), (413, "body_too_large".to_owned()));
}

#[test]
fn a_browser_is_told_the_same_as_a_device() {
    let hub = TestHub::new();
    const HTML: &str = "text/html,application/xhtml+xml;q=0.9";
    for (path, expected) in [
        ("/", (404, "path_unknown")),
        ("/sync/v1/nothing", (404, "path_unknown")),
        ("/sync/v1/enrolments", (405, "method_not_allowed")),
        ("/sync/v1/changes?after=0", (400, "protocol_unknown")),
        ("/sync/v1/changes", (400, "request_malformed")),
    ] {
        let (status, code) = refused(plain(&format!("{}{path}", hub.url), HTML));
        assert_eq!((status, code.as_str()), expected, "{path}");
    }
}

#[test]
fn whoever_runs_the_hub_is_answered_without_a_signature() {
    let hub = TestHub::new();
    for (path, media_type, part) in [
        ("/healthz", "application/json", "alive"),
        ("/readyz", "application/json", "ready"),
        ("/info", "application/json", "\"fingerprint\""),
        ("/metrics", super::metrics::OPEN_METRICS, "tillward_hub_build_info"),
        ("/openapi.json", "application/json", "\"3.1.0\""),
    ] {
        let (status, body, found) = plain(&format!("{}{path}", hub.url), "*/*");
        let text = String::from_utf8(body).expect("text");
        assert_eq!((status, found.as_str()), (200, media_type), "{path}");
        assert!(text.contains(part), "{path}: {text}");
    }
}

#[test]
fn a_new_key_is_told_to_devices() {
    let hub = TestHub::new();
    let device = hub.enrolled(1);
    let before: Changes = device.message("/sync/v1/changes?after=0");
    let root_file = hub.root_file();
    let (folder, store) = (hub.folder(), &*hub.store);
    let place = Place { folder, root_file: &root_file, store, now: hub_time() };
    let rotated = start_rotation(place, KeyUse::Tls).expect("started");
    let after: Changes = device.message(&format!("/sync/v1/changes?after={}", before.to.0));
    let root = root_public(folder).expect("a root");
    let told = KeyList::open(&after.key_list.expect("a list").0, &root).expect("the root's");
    assert_eq!((told.serial, told.keys_for(KeyUse::Tls).count()), (2, 2));
    assert_eq!(told, rotated.list);
}

#[test]
fn who_waits_hears_of_a_change_of_another_process() {
    let hub = TestHub::new();
    let device = hub.enrolled(1);
    let before: Changes = device.message("/sync/v1/changes?after=0");
    let path = format!("/sync/v1/changes?after={}&wait_s=50", before.to.0);
    let begun = std::time::Instant::now();
    let waiting = std::thread::spawn(move || device.message::<Changes>(&path));
    // The server hears nothing of it but by looking.
    publish_programme(&hub);
    let told = waiting.join().expect("an answer");
    assert!(told.to > before.to && told.programme.is_some());
    assert!(begun.elapsed() < std::time::Duration::from_secs(40), "{:?}", begun.elapsed());
}

#[test]
fn a_cursor_that_this_hub_never_gave_out_leads_to_a_snapshot() {
    let hub = TestHub::new();
    let device = hub.enrolled(1);
    let answer = device.get("/sync/v1/changes?after=1000");
    assert_eq!(refused(answer), (410, "snapshot_needed".to_owned()));
    let manifest: SnapshotManifest = device.message(paths::SNAPSHOT);
    assert_eq!((manifest.cursor, manifest.members), (Cursor(1), 0));
    assert!(manifest.chunks.is_empty() && manifest.key_list.is_some());
    let path = format!("{}/{}", paths::CHUNKS, "00".repeat(32));
    assert_eq!(refused(device.get(&path)), (404, "chunk_unknown".to_owned()));
    let path = format!("{}/{}", paths::PROGRAMMES, "no hash".replace(' ', "%20"));
    assert_eq!(refused(device.get(&path)), (404, "programme_unknown".to_owned()));
}

/// A store whose disk is full.
struct Full(Arc<dyn Store>);

impl Store for Full {
    fn write(&self) -> Result<Box<dyn Tx + '_>, StoreError> {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        let source = rusqlite::Error::SqliteFailure(code, None).into();
        Err(StoreError::Database { doing: "begin", retry: Retry::MayHelp, source })
    }

    fn read(&self) -> Result<Box<dyn Tx + '_>, StoreError> {
        self.0.read()
    }
}

#[test]
fn a_full_disk_is_said_and_what_only_reads_goes_on() {
    let hub = TestHub::over(|store| Arc::new(Full(store)));
    let device = hub.device(1);
    let (status, body, _) = device.enrol(&device.code(), hub_time(), None);
    let told = Refusal::read(&body).expect("a problem");
    assert_eq!((status, told.code.as_str()), (507, "storage_full"));
    let (status, _, _) = plain(&format!("{}{}", hub.url, paths::KEYS), "*/*");
    assert_eq!(status, 200);
}

#[test]
fn a_request_outside_the_window_is_not_of_now() {
    let hub = TestHub::new();
    let device = hub.enrolled(1);
    for (minutes, expected) in [(0, 200), (4, 200), (-4, 200), (6, 401), (-6, 401)] {
        let created = instant(0) + TimeDelta::minutes(minutes);
        let answer = device.send("GET", "/sync/v1/changes?after=0", b"", created, None);
        assert_eq!(answer.0, expected, "{minutes} min");
    }
}
