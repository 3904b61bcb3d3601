use std::collections::BTreeMap;

use super::fixture::Fixture;
use super::samples::{at, device_id, flag, place, quarantined, receipt, record};
use crate::hub::store::error::{Retry, StoreError};
use crate::hub::store::rows::{ForkRow, Place};
use crate::journal::RecordHash;

pub(super) fn records_are_read_as_they_were_added(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    let rows = [record(place(1, 1)), quarantined(place(1, 2)), record(place(2, 1))];
    tx.append(&rows).expect("added");
    tx.commit().expect("committed");
    let mut tx = store.read().expect("begins");
    let asked =
        [place(2, 1), place(1, 2), place(1, 3), place(1, 1), place(1, 1), place(1, u64::MAX)];
    let expected: BTreeMap<_, _> = rows.into_iter().map(|row| (row.place, row)).collect();
    assert!(matches!(tx.records(&asked), Err(StoreError::OutOfRange { number: u64::MAX })));
    assert_eq!(tx.records(&asked[..5]).expect("read"), expected);
}

pub(super) fn a_taken_place_is_refused(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    tx.append(&[record(place(1, 1))]).expect("added");
    let refused = tx.append(&[record(place(1, 2)), record(place(1, 1))]).expect_err("refused");
    let useless = matches!(refused, StoreError::Database { retry: Retry::IsUseless, .. });
    assert!(useless, "{refused:?}");
}

pub(super) fn hashes_and_records_go_on_from_a_place(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    let of = |epoch, sequence| Place { epoch, ..place(1, sequence) };
    let places = [of(1, 1), of(1, 2), of(1, 3), of(2, 4), of(2, 5)];
    tx.append(&places.map(record)).expect("added");
    tx.append(&[record(place(2, 9))]).expect("added");
    tx.commit().expect("committed");
    let mut tx = store.read().expect("begins");
    let hash = |place: Place| (place.sequence, record(place).hash);
    let device = device_id(1);
    for (epoch, from, count, expected) in [
        (1, 0, 10, &places[..3]),
        (1, 2, 10, &places[1..3]),
        (1, 2, 1, &places[1..2]),
        (2, 0, 10, &places[3..]),
        (3, 0, 10, &[]),
        (1, 4, 10, &[]),
        (1, u64::MAX, 10, &[]),
        (1, 1, 0, &[]),
    ] {
        let found = tx.hashes(device, epoch, from, count).expect("read");
        let expected: Vec<_> = expected.iter().copied().map(hash).collect();
        assert_eq!(found, expected, "{epoch} {from} {count}");
    }
    for (after, count, expected) in [
        (None, 10, &places[..]),
        (None, 2, &places[..2]),
        (Some((1, 2)), 10, &places[2..]),
        (Some((1, 3)), 1, &places[3..4]),
        (Some((1, u64::MAX)), 10, &places[3..]),
        (Some((2, 5)), 10, &[]),
    ] {
        let found = tx.records_after(device, after, count).expect("read");
        let expected: Vec<_> = expected.iter().copied().map(record).collect();
        assert_eq!(found, expected, "{after:?} {count}");
    }
}

pub(super) fn a_second_record_of_a_place_is_kept_once(fixture: &Fixture) {
    let store = fixture.open();
    let fork = |bytes: &[u8]| ForkRow {
        place: place(1, 7),
        bytes: bytes.to_vec(),
        hash: RecordHash::of(bytes),
        arrived_at: at(1),
    };
    let mut rows = [fork(b"second"), fork(b"third")];
    let mut tx = store.write().expect("begins");
    tx.keep_forks(&rows[..1]).expect("kept");
    tx.keep_forks(&rows).expect("kept");
    tx.commit().expect("committed");
    rows.sort_by_key(|row| row.hash);
    let mut tx = store.read().expect("begins");
    assert_eq!(tx.forks(device_id(1)).expect("read"), rows);
    assert_eq!(tx.forks(device_id(2)).expect("read"), []);
}

pub(super) fn a_receipt_is_one_record_for_ever(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    let first = [(receipt(1), place(1, 1)), (receipt(2), place(1, 2))];
    assert_eq!(tx.note_receipts(&first).expect("noted"), BTreeMap::new());
    tx.commit().expect("committed");
    let mut tx = store.write().expect("begins");
    // One that is noted by another record, one that is new, and that again by another record.
    let second = [(receipt(2), place(2, 1)), (receipt(3), place(2, 2)), (receipt(3), place(2, 3))];
    let there = BTreeMap::from([(receipt(2), place(1, 2)), (receipt(3), place(2, 2))]);
    assert_eq!(tx.note_receipts(&second).expect("noted"), there);
    let asked = [4, 3, 2, 1].map(receipt);
    let all = BTreeMap::from([
        (receipt(1), place(1, 1)),
        (receipt(2), place(1, 2)),
        (receipt(3), place(2, 2)),
    ]);
    assert_eq!(tx.receipts(&asked).expect("read"), all);
}

pub(super) fn a_flag_is_added_once_and_the_newest_comes_first(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    let rows = [
        flag(place(1, 1), "", 5),
        flag(place(1, 1), "offer bag", 9),
        flag(place(2, 1), "", 9),
        flag(place(1, 1), "", 77),
    ];
    tx.add_flags(&rows[..1]).expect("added");
    tx.add_flags(&rows).expect("added");
    tx.commit().expect("committed");
    let mut tx = store.read().expect("begins");
    let [oldest, newer, newest, _] = rows;
    assert_eq!(tx.flags(2).expect("read"), [newest.clone(), newer.clone()]);
    assert_eq!(tx.flags(9).expect("read"), [newest, newer, oldest]);
}
