//! A till beside a hub that misbehaves: a real server on loopback, real files, the real machine.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use ring::rand::SystemRandom;
use tokio::net::TcpListener;

use super::driver;
use super::enrol::{EnrolError, enrol};
use crate::agent::clock::Clock;
use crate::agent::store::ledger::sync_state;
use crate::agent::store::open;
use crate::agent::testing::{MEMBERS, PROGRAMME, Purchase, World, card, member_ref};
use crate::journal::{
    Checkpoint, ContentHash, Header, ObjectKind, Record, RecordHash, SigningKey, read_unverified,
};
use crate::loyalty::{AccountFacts, AccountRef, DeviceId, Expires};
use crate::money::Points;
use crate::shell::keys::DirectoryKey;
use crate::sync::REPLY_BYTES_MAX;
use crate::wire::sync::packing::{pack, unpack};
use crate::wire::sync::{
    AccountState, Bytes, Change, Changes, Contained, Cursor, EnrolReply, EnrolRequest,
    EnrolmentCode, HubIdentity, Invitation, KeyList, KeyUse, ListedKey, MemberState, Message,
    ProgrammeNotice, PushBatch, PushReply, Refusal, RefusalKind, RootFingerprint, SealedKey,
    SnapshotChunk, SnapshotManifest, paths,
};

/// How long a test waits for what must come at once or after a few short waits.
const PATIENCE: Duration = Duration::from_secs(120);

/// One way to misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// A captive portal: a page, and all is well.
    Page,
    /// The right type, and bytes of nothing.
    Garbage,
    /// The line breaks after so many bytes.
    Drops(usize),
    /// Too much at once.
    TooLarge,
    /// Later.
    Later,
    /// A fault of the hub.
    Broken,
    /// A checkpoint of a key that is not listed.
    Forged,
    /// The device's clock is wrong.
    ClockDiffers,
}

#[derive(Clone)]
struct Hub(Arc<Mutex<Known>>);

struct Known {
    device: Option<DeviceId>,
    records: BTreeMap<(u32, u64), Vec<u8>>,
    /// How often each batch came that was taken.
    batches: usize,
    faults: VecDeque<Fault>,
    /// What the next questions for changes are answered with, by the cursor after it.
    changes: Vec<(u64, Vec<Change>)>,
    chunks: BTreeMap<String, Vec<u8>>,
    chunks_asked: usize,
    manifest: Option<SnapshotManifest>,
    programme: Option<(ProgrammeNotice, String)>,
    ahead: TimeDelta,
}

fn root_key() -> SigningKey {
    SigningKey::from_seed([41; 32])
}

fn work_key() -> SigningKey {
    SigningKey::from_seed([42; 32])
}

fn sealed_list() -> Bytes {
    let key = work_key().public_key();
    let uses = [KeyUse::Checkpoint, KeyUse::Programme, KeyUse::Tls];
    let keys = uses.map(|key_use| ListedKey { key_use: key_use.number(), key }).to_vec();
    let expires_at = Utc::now() + TimeDelta::days(4_000);
    Bytes(KeyList { serial: 1, keys, expires_at }.seal(&root_key()).expect("it fits").bytes)
}

fn read_record(bytes: &[u8]) -> (Header, RecordHash) {
    let opened = read_unverified(ObjectKind::Record, bytes).expect("a record");
    (Record::from_payload(opened.payload).expect("readable").header, RecordHash::of(bytes))
}

impl Hub {
    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().expect("no test panics with it")
    }

    fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.lock().ahead
    }

    fn head(&self, signed_by: &SigningKey) -> Option<Bytes> {
        let known = self.lock();
        let (place, bytes) = known.records.last_key_value()?;
        let checkpoint = Checkpoint {
            number: known.batches as u64,
            device: known.device.expect("enrolled"),
            epoch: place.0,
            sequence: place.1,
            hash: RecordHash::of(bytes),
            at: Utc::now(),
        };
        Some(Bytes(checkpoint.seal(signed_by).expect("it fits").bytes))
    }

    fn push(&self, batch: PushBatch, signed_by: &SigningKey) -> PushReply {
        {
            let mut known = self.lock();
            for Bytes(bytes) in batch.records {
                let (header, _) = read_record(&bytes);
                known.records.insert((header.epoch, header.sequence), bytes);
            }
            known.batches += 1;
        }
        PushReply { checkpoint: self.head(signed_by), quarantined: Vec::new(), at: self.now() }
    }

    fn contained(&self) -> Contained {
        let place = self.lock().records.last_key_value().map(|(place, _)| *place);
        let (epoch, sequence) = place.unwrap_or_default();
        Contained { epoch, sequence }
    }

    async fn changes(&self, after: u64) -> Changes {
        // As long as a real hub would wait is longer than a test should.
        for _ in 0..20 {
            if self.lock().changes.iter().any(|(to, _)| *to > after) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let (contained, at) = (self.contained(), self.now());
        let known = self.lock();
        let next = known.changes.iter().find(|(to, _)| *to > after).cloned();
        let (to, changes) = next.unwrap_or((after, Vec::new()));
        let notice = known.programme.as_ref().map(|(notice, _)| notice.clone());
        Changes {
            after: Cursor(after),
            to: Cursor(to),
            more: false,
            contained,
            changes,
            programme: notice,
            key_list: None,
            at,
        }
    }

    fn enrol(&self, request: &EnrolRequest) -> EnrolReply {
        let device = request.public_key.device_id();
        self.lock().device = Some(device);
        let directory_key =
            SealedKey::seal(&[3; 32], &request.sealing_key, &SystemRandom::new()).expect("sealed");
        let (store, key_list, at) = (crate::agent::testing::store(), sealed_list(), self.now());
        EnrolReply { device, store, epoch: 1, key_list, directory_key, at }
    }
}

fn reply(content_type: &str, status: StatusCode, body: impl Into<Body>) -> Response {
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, content_type);
    response.body(body.into()).expect("a response")
}

fn message(bytes: Vec<u8>) -> Response {
    let mut response = reply(paths::CONTENT_TYPE, StatusCode::OK, pack(&bytes));
    response.headers_mut().insert(header::CONTENT_ENCODING, "zstd".parse().expect("a value"));
    response
}

fn problem(status: StatusCode, refusal: &Refusal) -> Response {
    let body = serde_json::to_vec(refusal).expect("JSON");
    reply("application/problem+json", status, body)
}

async fn answer(State(hub): State<Hub>, request: Request) -> Response {
    let fault = match request.uri().path() {
        // Enrolment misbehaves in tests of its own.
        paths::KEYS => None,
        _ => hub.lock().faults.pop_front(),
    };
    let mut signed_by = work_key();
    match fault {
        Some(Fault::Page) => return reply("text/html", StatusCode::OK, "<html>pay here</html>"),
        Some(Fault::Garbage) => return reply(paths::CONTENT_TYPE, StatusCode::OK, "\u{1}garbage"),
        Some(Fault::Drops(bytes)) => {
            let pieces = [Ok(vec![b'x'; bytes]), Err(std::io::Error::other("the line broke"))];
            let body = Body::from_stream(futures_util::stream::iter(pieces));
            return reply(paths::CONTENT_TYPE, StatusCode::OK, body);
        }
        Some(Fault::TooLarge) => {
            return reply("text/plain", StatusCode::PAYLOAD_TOO_LARGE, "too much");
        }
        Some(Fault::Later) => {
            let mut response = reply("text/plain", StatusCode::TOO_MANY_REQUESTS, "later");
            response.headers_mut().insert(header::RETRY_AFTER, "1".parse().expect("a value"));
            return response;
        }
        Some(Fault::Broken) => {
            return reply("text/plain", StatusCode::INTERNAL_SERVER_ERROR, "oh");
        }
        Some(Fault::ClockDiffers) => {
            let nonce = crate::wire::sync::Nonce::of_random([5; 12]);
            let refusal = Refusal::clock_differs(hub.now(), &nonce);
            return problem(StatusCode::UNAUTHORIZED, &refusal);
        }
        Some(Fault::Forged) => signed_by = SigningKey::from_seed([66; 32]),
        None => {}
    }
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.expect("a body");
    let sent = || unpack(&body, REPLY_BYTES_MAX).expect("packed");
    match path.as_str() {
        paths::KEYS => {
            let identity = HubIdentity { root: root_key().public_key(), key_list: sealed_list() };
            message(identity.to_message())
        }
        paths::ENROLMENTS => {
            let request = EnrolRequest::from_message(&sent()).expect("a request");
            message(hub.enrol(&request).to_message())
        }
        paths::RECORDS => {
            let batch = PushBatch::from_message(&sent()).expect("a batch");
            message(hub.push(batch, &signed_by).to_message())
        }
        paths::CHANGES => {
            let after = query.split(['=', '&']).nth(1).expect("a cursor");
            message(hub.changes(after.parse().expect("a number")).await.to_message())
        }
        paths::SNAPSHOT => match hub.lock().manifest.clone() {
            Some(manifest) => message(manifest.to_message()),
            None => problem(StatusCode::NOT_FOUND, &Refusal::of(RefusalKind::Revoked)),
        },
        path => {
            let hash = path.rsplit('/').next().expect("a hash").to_owned();
            let mut known = hub.lock();
            known.chunks_asked += 1;
            let text = known.programme.as_ref().filter(|(notice, _)| {
                notice.hash.to_string() == hash && path.starts_with(paths::PROGRAMMES)
            });
            let bytes = text.map(|(_, text)| text.clone().into_bytes());
            match bytes.or_else(|| known.chunks.get(&hash).cloned()) {
                Some(bytes) => reply("application/octet-stream", StatusCode::OK, bytes),
                None => reply("text/plain", StatusCode::NOT_FOUND, "no such thing"),
            }
        }
    }
}

/// A hub on loopback, and where it is.
async fn hub() -> (Hub, String) {
    let known = Known {
        device: None,
        records: BTreeMap::new(),
        batches: 0,
        faults: VecDeque::new(),
        changes: Vec::new(),
        chunks: BTreeMap::new(),
        chunks_asked: 0,
        manifest: None,
        programme: None,
        ahead: TimeDelta::zero(),
    };
    let hub = Hub(Arc::new(Mutex::new(known)));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let app = Router::new().fallback(answer).with_state(hub.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (hub, url)
}

fn invitation(url: &str) -> Invitation {
    let code = EnrolmentCode::of_random([7; 16]);
    Invitation { url: url.to_owned(), code, root: RootFingerprint::of(&root_key().public_key()) }
}

/// A till with its members under the hub's directory key, enrolled, and the hub with a snapshot of
/// those members.
async fn enrolled() -> (World, Hub) {
    let (hub, url) = hub().await;
    let mut world = World::new().await;
    world.stop().await;
    std::fs::remove_file(world.folder().join("base-1.db")).expect("no base of another key");
    let clock = Clock::system(chrono_tz::Tz::UTC);
    enrol(world.folder(), &invitation(&url), clock).await.expect("enrolled");
    world.start().await;
    let (directory, _) = DirectoryKey::load_or_create(world.folder()).expect("a key");
    // The world's clock stands in the spring; so does the hub's.
    hub.lock().ahead = world.clock.now().wall - Utc::now();
    let changes: Vec<Change> =
        (1..=MEMBERS).flat_map(|number| member(number, &directory)).collect();
    hub.offer(&changes, 10);
    (world, hub)
}

fn account(member: u32) -> AccountRef {
    AccountRef::from_bytes(*member_ref(member).as_bytes())
}

fn facts(points: i64) -> AccountFacts {
    let mut facts = AccountFacts::default();
    facts.points.lots.insert(Expires::Never, Points::new(points));
    facts.points.totals.adjusted = Points::new(points);
    facts
}

fn member(number: u32, directory: &DirectoryKey) -> [Change; 2] {
    [
        Change::Member(Box::new(MemberState {
            member: member_ref(number),
            account: account(number),
            codes: vec![directory.hash_code(&card(number))],
            flags: Default::default(),
            birthday: None,
            kind: None,
            role: None,
            recruiter: None,
            wallets: Vec::new(),
            offers: Default::default(),
        })),
        Change::Account(Box::new(AccountState { account: account(number), facts: facts(70) })),
    ]
}

impl Hub {
    /// Has a snapshot of these things in two chunks.
    fn offer(&self, changes: &[Change], cursor: u64) {
        let (contained, at) = (self.contained(), self.now());
        let mut known = self.lock();
        let mut chunks = Vec::new();
        for part in changes.chunks(changes.len().div_ceil(2)) {
            let packed = pack(&SnapshotChunk { changes: part.to_vec() }.to_message());
            let hash = ContentHash::of(&packed);
            chunks.push(hash);
            known.chunks.insert(hash.to_string(), packed);
        }
        let members = changes.iter().filter(|change| matches!(change, Change::Member(_))).count();
        known.manifest = Some(SnapshotManifest {
            cursor: Cursor(cursor),
            contained,
            chunks,
            members: members as u64,
            at,
            programme: None,
            key_list: None,
        });
    }
}

/// Runs the sync of a world until something is so.
async fn until(world: &World, what: &str, so: impl AsyncFn() -> bool) {
    let till = world.till().clone();
    let report = till.sync_report().clone();
    let sync = tokio::spawn(driver::keep_up(till, world.folder().to_owned(), report));
    let waited = tokio::time::timeout(PATIENCE, async {
        while !so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let waited = waited.await;
    sync.abort();
    let _ = sync.await;
    assert!(waited.is_ok(), "{what}: {:?}", world.till().sync_report().standing());
}

async fn unsent(world: &World) -> u64 {
    let standing = world.till().health().await.hub;
    standing.map_or(u64::MAX, |hub| hub.unsent.records)
}

/// The records of the till's ledger, as signed.
fn journal_of(world: &World) -> Vec<Vec<u8>> {
    let ledger = open::open_reader(&world.ledger()).expect("opened");
    let mut statement = ledger.prepare("SELECT bytes FROM journal ORDER BY id").expect("prepared");
    let rows = statement.query_map([], |row| row.get(0)).expect("queried");
    rows.collect::<Result<_, _>>().expect("read")
}

#[tokio::test]
async fn a_hub_of_another_root_hears_nothing() {
    let (hub, url) = hub().await;
    let folder = tempfile::tempdir().expect("a folder");
    let other =
        Invitation { root: RootFingerprint::of(&work_key().public_key()), ..invitation(&url) };
    let clock = Clock::system(chrono_tz::Tz::UTC);
    let refused = enrol(folder.path(), &other, clock.clone()).await.expect_err("refused");
    assert!(matches!(refused, EnrolError::OtherHub { .. }), "{refused}");
    assert_eq!(hub.lock().device, None, "the code was not sent");
    enrol(folder.path(), &invitation(&url), clock.clone()).await.expect("enrolled");
    let refused = enrol(folder.path(), &other, clock).await.expect_err("refused");
    assert!(matches!(refused, EnrolError::OtherRoot { .. }), "{refused}");
}

#[tokio::test]
async fn members_under_another_directory_key_refuse_an_enrolment() {
    let (_, url) = hub().await;
    let mut world = World::new().await;
    world.stop().await;
    let clock = Clock::system(chrono_tz::Tz::UTC);
    let refused = enrol(world.folder(), &invitation(&url), clock).await.expect_err("refused");
    assert!(matches!(refused, EnrolError::OtherDirectory { .. }), "{refused}");
    let ledger = open::open_reader(&world.ledger()).expect("opened");
    assert_eq!(sync_state::load(&ledger).expect("readable"), None);
}

#[tokio::test]
async fn a_clock_of_1970_enrols_at_the_second_try_and_decides_by_the_hubs_time() {
    let (hub, url) = hub().await;
    let folder = tempfile::tempdir().expect("a folder");
    hub.lock().faults.push_back(Fault::ClockDiffers);
    let clock = Clock::simulated(DateTime::UNIX_EPOCH, chrono_tz::Tz::UTC);
    enrol(folder.path(), &invitation(&url), clock).await.expect("enrolled");
    assert!(hub.lock().device.is_some());
}

#[tokio::test]
async fn members_come_as_a_snapshot_and_changes_behind_it_at_once() {
    let (world, hub) = enrolled().await;
    let points = async |number| {
        let known = world.till().member(member_ref(number)).await;
        known.map(|standing| standing.balance.value()).ok()
    };
    until(&world, "the snapshot is taken up", async || points(1).await == Some(70)).await;
    assert_eq!(points(MEMBERS).await, Some(70));
    hub.lock().changes = vec![
        (
            12,
            vec![Change::Account(Box::new(AccountState {
                account: account(1),
                facts: facts(500),
            }))],
        ),
        (13, vec![Change::MemberGone(member_ref(2))]),
    ];
    until(&world, "changes are taken up", async || {
        points(1).await == Some(500) && points(2).await.is_none()
    })
    .await;
    let state = world.till().hub_known().await.expect("readable").expect("enrolled").state;
    assert_eq!(state.cursor, 13);
    let sold = world.sell("R1", &Purchase::of(1, 10_000)).await;
    assert_eq!(sold.record.header.base_cursor, 13, "what it was decided on");
    let before = points(1).await.expect("known");
    assert!(before > 500, "what the hub does not have yet counts: {before}");
    until(&world, "the sale is at the hub", async || unsent(&world).await == 0).await;
    let booked =
        Change::Account(Box::new(AccountState { account: account(1), facts: facts(before) }));
    hub.lock().changes.push((14, vec![booked]));
    until(&world, "the hub's account is heard", async || {
        let known = world.till().hub_known().await.expect("readable");
        known.is_some_and(|known| known.state.cursor == 14)
    })
    .await;
    assert_eq!(points(1).await, Some(before), "and what it has counts once");
    let sold = world.sell("R2", &Purchase::of(1, 100)).await;
    assert!(sold.record.header.checkpoint > 0, "the hub's last word is in each record");
}

#[tokio::test]
async fn a_snapshot_goes_on_where_it_broke_off() {
    let (world, hub) = enrolled().await;
    let second = hub.lock().manifest.clone().expect("offered").chunks[1];
    let kept = hub.lock().chunks.remove(&second.to_string()).expect("there");
    let chunks = crate::agent::store::snapshot::Chunks::of(world.folder());
    let first = hub.lock().manifest.clone().expect("offered").chunks[0];
    until(&world, "the first chunk is there", async || chunks.has(first)).await;
    hub.lock().chunks.insert(second.to_string(), kept);
    hub.lock().chunks.remove(&first.to_string());
    until(&world, "it is taken up", async || world.till().member(member_ref(1)).await.is_ok())
        .await;
    assert!(!chunks.has(first), "and the pieces are gone");
}

#[tokio::test]
async fn whatever_the_line_does_every_record_arrives_and_none_changes() {
    let (world, hub) = enrolled().await;
    until(&world, "a beginning", async || unsent(&world).await == 0).await;
    for fault in [
        Fault::Page,
        Fault::Garbage,
        Fault::Drops(0),
        Fault::Drops(7),
        Fault::TooLarge,
        Fault::Later,
        Fault::Broken,
        Fault::Forged,
        Fault::ClockDiffers,
    ] {
        for number in 0..3 {
            world.sell(&format!("{fault:?}-{number}"), &Purchase::anonymous(1_000)).await;
        }
        hub.lock().faults.extend([fault, fault]);
        until(&world, &format!("{fault:?}"), async || {
            unsent(&world).await == 0 && hub.lock().faults.is_empty()
        })
        .await;
    }
    let at_hub: Vec<Vec<u8>> = hub.lock().records.values().cloned().collect();
    assert_eq!(at_hub, journal_of(&world), "every one, as it was signed");
}

#[tokio::test]
async fn a_programme_comes_signed_and_is_in_force_when_its_time_has_come() {
    let (world, hub) = enrolled().await;
    let text = PROGRAMME.replace("version = 1\n", "version = 5\n");
    let hash = ContentHash::of(text.as_bytes());
    let from = world.clock.now().wall - TimeDelta::days(1);
    let notice = ProgrammeNotice::seal(5, hash, from, &work_key()).expect("sealed");
    let forged = ProgrammeNotice::seal(9, hash, from, &root_key()).expect("sealed");
    hub.lock().programme = Some((forged, text.clone()));
    hub.lock().changes = vec![(11, Vec::new())];
    until(&world, "a forged one is told", async || {
        let standing = world.till().sync_report().standing();
        standing.is_some_and(|standing| standing.alerts().contains(&"hub_not_proven"))
    })
    .await;
    let in_force =
        |world: &World| world.till().programme().expect("a programme").programme().version;
    assert_eq!(in_force(&world), 1);
    hub.lock().programme = Some((notice, text));
    until(&world, "it is in force and no longer to come", async || {
        let to_come = world.till().programmes_to_come().await.expect("readable");
        in_force(&world) == 5 && to_come.is_empty()
    })
    .await;
}
