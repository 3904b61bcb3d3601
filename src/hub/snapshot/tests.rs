use chrono::TimeDelta;
use tempfile::TempDir;

use super::*;
use crate::hub::api::testing::hub_folder;
use crate::hub::store::Store;
use crate::hub::store::rows::{AccountRow, MemberRow, ProgrammeRow};
use crate::hub::store::sqlite::SqliteStore;
use crate::journal::testing::{device_key, instant};
use crate::loyalty::{AccountFacts, AccountRef, MemberRef, PersonalOffers};
use crate::wire::sync::packing::unpack;
use crate::wire::sync::{Change, MemberState, SNAPSHOT_CHUNK_BYTES_MAX, SnapshotChunk};

const FRESHNESS: Freshness = Freshness { age_max: TimeDelta::hours(1), changes_max: 10 };

fn state(number: u32) -> MemberState {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    MemberState {
        member: MemberRef::from_bytes(bytes),
        account: AccountRef::from_bytes(bytes),
        codes: vec![i64::from(number)],
        flags: Default::default(),
        birthday: None,
        kind: None,
        role: None,
        recruiter: None,
        wallets: Vec::new(),
        offers: PersonalOffers::default(),
    }
}

fn save(store: &dyn Store, numbers: std::ops::Range<u32>) {
    let mut tx = store.write().expect("a transaction");
    let cursor = tx.next_cursor().expect("a cursor");
    let states: Vec<MemberState> = numbers.map(state).collect();
    let members: Vec<MemberRow> = states
        .iter()
        .map(|state| MemberRow { member: state.member, state: Some(state.clone()) })
        .collect();
    let account = |state: &MemberState| AccountRow {
        account: state.account,
        opening: None,
        facts: AccountFacts::default(),
    };
    let accounts: Vec<AccountRow> = states.iter().map(account).collect();
    tx.save_members(&members, cursor).expect("saved");
    tx.save_accounts(&accounts, cursor).expect("saved");
    tx.commit().expect("stored");
}

fn gone(store: &dyn Store, number: u32) {
    let mut tx = store.write().expect("a transaction");
    let cursor = tx.next_cursor().expect("a cursor");
    let row = MemberRow { member: state(number).member, state: None };
    tx.save_members(&[row], cursor).expect("saved");
    tx.commit().expect("stored");
}

fn shelf() -> (TempDir, SqliteStore, Shelf) {
    let (dir, store, _) = hub_folder();
    let shelf = Shelf::open(dir.path(), FRESHNESS).expect("a folder");
    (dir, store, shelf)
}

fn read(shelf: &Shelf, snapshot: &Snapshot) -> Vec<Change> {
    let chunk = |hash: &ContentHash| {
        let packed = shelf.chunk(hash).expect("readable").expect("there");
        let bytes = unpack(&packed, SNAPSHOT_CHUNK_BYTES_MAX).expect("within its bound");
        SnapshotChunk::from_message(&bytes).expect("a chunk").changes
    };
    snapshot.chunks.iter().flat_map(chunk).collect()
}

#[test]
fn a_snapshot_is_everything_that_is_there_in_chunks_within_their_bound() {
    let (_dir, store, shelf) = shelf();
    save(&store, 0..9_000);
    save(&store, 9_000..14_000);
    gone(&store, 7);
    let snapshot = shelf.fresh(&store, instant(0)).expect("built");
    assert_eq!((snapshot.cursor, snapshot.members), (Cursor(4), 13_999));
    assert!(snapshot.chunks.len() > 1, "{} chunks", snapshot.chunks.len());
    let changes = read(&shelf, &snapshot);
    let members = changes.iter().filter(|change| matches!(change, Change::Member(_))).count();
    let accounts = changes.iter().filter(|change| matches!(change, Change::Account(_))).count();
    assert_eq!((members, accounts, changes.len()), (13_999, 14_000, 27_999));
}

#[test]
fn a_manifest_says_what_of_the_asking_devices_journal_is_in_it() {
    let contained = Contained { epoch: 1, sequence: 5 };
    let heads = BTreeMap::from([(device_key().device_id(), contained)]);
    let snapshot = Snapshot::new(Cursor(3), Vec::new(), 0, instant(0), heads);
    let (_dir, store, _) = shelf();
    let mut tx = store.read().expect("a look");
    let known = snapshot.manifest(&mut *tx, device_key().device_id(), instant(9));
    let known = known.expect("a manifest");
    assert_eq!((known.contained, known.at), (contained, instant(9)));
    assert_eq!((known.programme, known.key_list.is_some()), (None, true));
    let other = DeviceId::from_bytes([9; 16]);
    let other = snapshot.manifest(&mut *tx, other, instant(9)).expect("a manifest");
    assert_eq!(other.contained, Contained::default());
}

#[test]
fn one_snapshot_serves_until_it_is_old_or_too_much_changed() {
    let (_dir, store, shelf) = shelf();
    save(&store, 0..3);
    let first = shelf.fresh(&store, instant(0)).expect("built");
    assert_eq!(shelf.fresh(&store, instant(7_200_000)).expect("kept"), first, "nothing changed");
    save(&store, 3..5);
    assert_eq!(shelf.fresh(&store, instant(1)).expect("kept"), first, "four things changed");
    let second = shelf.fresh(&store, instant(3_600_001)).expect("built");
    assert_eq!(second.members, 5, "it was an hour old");
    for number in 5..11 {
        save(&store, number..number + 1);
    }
    let third = shelf.fresh(&store, instant(3_600_002)).expect("built");
    assert_eq!(third.members, 11, "twelve things changed");
}

#[test]
fn a_snapshot_is_taken_up_after_a_restart_and_old_chunks_go() {
    let (dir, store, shelf) = shelf();
    save(&store, 0..3);
    let first = shelf.fresh(&store, instant(0)).expect("built");
    let again = Shelf::open(dir.path(), FRESHNESS).expect("a folder");
    assert_eq!(again.fresh(&store, instant(1)).expect("kept"), first);
    save(&store, 3..20);
    again.fresh(&store, instant(2)).expect("built");
    assert!(again.chunk(&first.chunks[0]).expect("readable").is_some(), "tills still fetch it");
    save(&store, 20..40);
    again.fresh(&store, instant(3)).expect("built");
    assert!(again.chunk(&first.chunks[0]).expect("readable").is_none());
}

#[test]
fn a_damaged_chunk_is_never_sent_and_made_anew() {
    let (dir, store, shelf) = shelf();
    save(&store, 0..3);
    let snapshot = shelf.fresh(&store, instant(0)).expect("built");
    let path = dir.path().join("snapshots").join(chunk_file(&snapshot.chunks[0]));
    let whole = std::fs::read(&path).expect("readable");
    let mut damaged = whole.clone();
    damaged[9] ^= 1;
    std::fs::write(&path, damaged).expect("written");
    assert_eq!(shelf.chunk(&snapshot.chunks[0]).expect("readable"), None);
    let again = shelf.fresh(&store, instant(1)).expect("built");
    assert_eq!(again.chunks, snapshot.chunks);
    assert_eq!(shelf.chunk(&again.chunks[0]).expect("readable"), Some(whole));
}

#[test]
fn a_snapshot_of_before_a_restored_backup_is_not_used() {
    let (dir, store, shelf) = shelf();
    save(&store, 0..3);
    shelf.fresh(&store, instant(0)).expect("built");
    let (_other, older, _) = hub_folder();
    let again = Shelf::open(dir.path(), FRESHNESS).expect("a folder");
    let built = again.fresh(&older, instant(1)).expect("built");
    assert_eq!((built.cursor, built.members), (Cursor(1), 0));
}

#[test]
fn a_till_that_begins_is_told_the_programme_in_force_and_not_the_one_to_come() {
    let snapshot = Snapshot::new(Cursor(3), Vec::new(), 0, instant(0), BTreeMap::new());
    let (_dir, store, _) = shelf();
    let mut tx = store.write().expect("begins");
    for (version, from) in [(1, 10), (2, 90)] {
        let text = format!("version = {version}");
        let hash = ContentHash::of(text.as_bytes());
        let (from, sealed) = (instant(from), Vec::new());
        let row = ProgrammeRow { version, hash, text, from, sealed };
        tx.add_programme(&row, Cursor(version.into())).expect("added");
    }
    for (now, version) in [(9, 2), (10, 1), (89, 1), (90, 2)] {
        let device = device_key().device_id();
        let told = snapshot.manifest(&mut *tx, device, instant(now)).expect("a manifest");
        assert_eq!(told.programme.map(|notice| notice.version), Some(version), "at {now}");
    }
}
