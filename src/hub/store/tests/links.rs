use std::collections::BTreeMap;

use super::fixture::Fixture;
use super::samples::{account_ref, at, device_id, entry_row, place, receipt};
use crate::hub::store::rows::EntryRow;

pub(super) fn what_follows_a_sale_is_noted_once_and_in_order(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    let (sale, other) = (place(1, 1), place(1, 2));
    tx.note_follow_ups(&[(sale, place(2, 9)), (other, place(1, 5))]).expect("noted");
    tx.note_follow_ups(&[(sale, place(2, 9)), (sale, place(1, 300)), (sale, place(1, 4))])
        .expect("noted");
    tx.commit().expect("committed");
    let mut tx = store.read().expect("begins");
    let expected = BTreeMap::from([
        (sale, vec![place(1, 4), place(1, 300), place(2, 9)]),
        (other, vec![place(1, 5)]),
    ]);
    let asked = [other, place(7, 7), sale];
    assert_eq!(tx.follow_ups(&asked).expect("read"), expected);
    assert!(tx.follow_ups(&[]).expect("read").is_empty());
}

pub(super) fn a_checkpoint_keeps_its_time(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    tx.note_checkpoint(device_id(1), 7, at(5)).expect("noted");
    tx.note_checkpoint(device_id(1), 7, at(99)).expect("stays");
    tx.commit().expect("committed");
    let mut tx = store.read().expect("begins");
    for (device, number, expected) in
        [(1, 7, Some(at(5))), (1, 8, None), (2, 7, None), (1, u64::MAX, None)]
    {
        let found = tx.checkpoint_at(device_id(device), number).expect("read");
        assert_eq!(found, expected, "{device} {number}");
    }
}

pub(super) fn entries_of_a_record_are_taken_back(fixture: &Fixture) {
    let store = fixture.open();
    let [one, two] = [1, 2].map(account_ref);
    let first = entry_row(one, place(1, 1), 0);
    let second_of_it = EntryRow { number: 1, ..first.clone() };
    let kept = [entry_row(one, place(1, 2), 5), entry_row(two, place(1, 1), 0)];
    let mut tx = store.write().expect("begins");
    tx.add_entries(&[first, second_of_it]).expect("added");
    tx.add_entries(&kept).expect("added");
    tx.remove_entries(&[(one, place(1, 1)), (one, place(9, 9))]).expect("taken back");
    tx.remove_entries(&[]).expect("nothing to take back");
    tx.commit().expect("committed");
    let mut tx = store.read().expect("begins");
    let left: Vec<_> = tx.entries(&[one, two]).expect("read").into_values().flatten().collect();
    assert_eq!(left, kept);
}

pub(super) fn a_receipt_becomes_another_record(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    let noted = [(receipt(1), place(1, 1)), (receipt(2), place(1, 2))];
    tx.note_receipts(&noted).expect("noted");
    tx.move_receipts(&[(receipt(1), place(2, 1)), (receipt(3), place(2, 3))]).expect("moved");
    tx.move_receipts(&[]).expect("nothing to move");
    tx.commit().expect("committed");
    let mut tx = store.read().expect("begins");
    let expected = BTreeMap::from([(receipt(1), place(2, 1)), (receipt(2), place(1, 2))]);
    assert_eq!(tx.receipts(&[1, 2, 3].map(receipt)).expect("read"), expected);
}
