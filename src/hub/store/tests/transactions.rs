use std::collections::BTreeMap;

use super::fixture::Fixture;
use super::samples::{
    account, account_ref, device, device_id, entry_row, member, member_ref, place, receipt, record,
};
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{AccountRow, DeviceRow, Place};
use crate::wire::sync::{Cursor, PUSH_RECORDS_MAX};

pub(super) fn a_transaction_that_is_dropped_is_gone(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    tx.save_device(&device(1)).expect("saved");
    tx.append(&[record(place(1, 1))]).expect("added");
    tx.note_receipts(&[(receipt(1), place(1, 1))]).expect("noted");
    tx.lock_accounts(&[account_ref(1)]).expect("made");
    assert_eq!(tx.next_cursor().expect("taken"), Cursor(1));
    assert_eq!(tx.devices().expect("read").len(), 1, "it sees its own work");
    drop(tx);
    let mut tx = store.write().expect("begins");
    assert_eq!(tx.devices().expect("read"), []);
    assert_eq!(tx.records(&[place(1, 1)]).expect("read"), BTreeMap::new());
    assert_eq!(tx.receipts(&[receipt(1)]).expect("read"), BTreeMap::new());
    assert_eq!(tx.accounts(&[account_ref(1)]).expect("read"), BTreeMap::new());
    assert_eq!(tx.next_cursor().expect("taken"), Cursor(1));
}

pub(super) fn a_transaction_in_which_something_failed_is_not_committed(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    tx.append(&[record(place(1, 1))]).expect("added");
    tx.append(&[record(place(1, 1))]).expect_err("the place is taken");
    assert!(matches!(tx.commit(), Err(StoreError::Broken)));
    let mut tx = store.write().expect("begins");
    assert_eq!(tx.records(&[place(1, 1)]).expect("read"), BTreeMap::new());
    tx.append(&[record(place(1, 1))]).expect("the next one is whole");
    tx.commit().expect("committed");
}

pub(super) fn a_read_sees_one_state(fixture: &Fixture) {
    let store = fixture.open();
    let mut before = store.read().expect("begins");
    let mut tx = store.write().expect("begins");
    tx.save_device(&device(1)).expect("saved");
    tx.next_cursor().expect("taken");
    tx.commit().expect("committed");
    let mut after = store.read().expect("begins");
    assert_eq!(before.cursor().expect("read"), Cursor(0));
    assert_eq!(before.devices().expect("read"), []);
    assert_eq!(after.cursor().expect("read"), Cursor(1));
    assert_eq!(after.devices().expect("read"), [device(1)]);
    drop(before);
    let mut again = store.read().expect("begins");
    assert_eq!(again.devices().expect("read"), [device(1)]);
    assert!(again.save_device(&device(2)).is_err(), "nothing is written by a read");
}

pub(super) fn a_number_beyond_what_databases_hold_is_refused(fixture: &Fixture) {
    let store = fixture.open();
    let beyond = i64::MAX as u64 + 1;
    let mut tx = store.write().expect("begins");
    let device = DeviceRow { checkpoint: beyond, ..device(1) };
    let refused = tx.save_device(&device).expect_err("refused");
    assert!(matches!(refused, StoreError::OutOfRange { number } if number == beyond));
    let refused = tx.append(&[record(place(1, beyond))]).expect_err("refused");
    assert!(matches!(refused, StoreError::OutOfRange { number } if number == beyond));
    assert!(matches!(tx.commit(), Err(StoreError::Broken)));
}

pub(super) fn nothing_asked_for_is_nothing_found(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    tx.append(&[]).expect("nothing to add");
    tx.keep_forks(&[]).expect("nothing to keep");
    tx.add_flags(&[]).expect("nothing to add");
    tx.add_entries(&[]).expect("nothing to add");
    tx.save_accounts(&[], Cursor(1)).expect("nothing to save");
    tx.save_members(&[], Cursor(1)).expect("nothing to save");
    tx.save_vouchers(&[], Cursor(1)).expect("nothing to save");
    assert!(tx.records(&[]).expect("read").is_empty());
    assert!(tx.note_receipts(&[]).expect("noted").is_empty());
    assert!(tx.receipts(&[]).expect("read").is_empty());
    assert!(tx.lock_accounts(&[]).expect("locked").is_empty());
    assert!(tx.accounts(&[]).expect("read").is_empty());
    assert!(tx.entries(&[]).expect("read").is_empty());
    assert!(tx.members(&[]).expect("read").is_empty());
    assert!(tx.holders(&[]).expect("read").is_empty());
    assert!(tx.lock_vouchers(&[]).expect("locked").is_empty());
    tx.commit().expect("committed");
}

pub(super) fn large_batches_go_through(fixture: &Fixture) {
    let store = fixture.open();
    let numbers = 1..=PUSH_RECORDS_MAX as u16;
    let places: Vec<Place> = numbers.clone().map(|n| place(1, u64::from(n))).collect();
    let records: Vec<_> = places.iter().copied().map(record).collect();
    let receipts: Vec<_> = places.iter().map(|place| (receipt(place.sequence), *place)).collect();
    let accounts: Vec<_> = numbers.clone().map(account_ref).collect();
    let entries: Vec<_> = accounts
        .iter()
        .zip(&places)
        .map(|(account, place)| entry_row(*account, *place, 0))
        .collect();
    let members: Vec<_> =
        numbers.map(|n| member(n, &[i64::from(n), i64::from(n) + 100_000])).collect();
    let mut tx = store.write().expect("begins");
    tx.save_device(&device(1)).expect("saved");
    tx.lock_device(device_id(1)).expect("locked");
    tx.append(&records).expect("added");
    assert!(tx.note_receipts(&receipts).expect("noted").is_empty());
    let locked = tx.lock_accounts(&accounts).expect("locked");
    assert_eq!(locked.len(), accounts.len());
    tx.add_entries(&entries).expect("added");
    let sold = account(1, 1);
    let rows: Vec<_> =
        accounts.iter().map(|account| AccountRow { account: *account, ..sold.clone() }).collect();
    let at = tx.next_cursor().expect("taken");
    tx.save_accounts(&rows, at).expect("saved");
    tx.save_members(&members, at).expect("saved");
    tx.commit().expect("committed");
    let mut tx = store.read().expect("begins");
    assert_eq!(tx.records_after(device_id(1), None, usize::MAX).expect("read"), records);
    assert_eq!(tx.records(&places).expect("read").len(), records.len());
    assert_eq!(
        tx.receipts(&receipts.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>())
            .expect("read"),
        receipts.into_iter().collect()
    );
    assert_eq!(tx.accounts(&accounts).expect("read").into_values().collect::<Vec<_>>(), rows);
    assert_eq!(
        tx.entries(&accounts).expect("read").into_values().flatten().collect::<Vec<_>>(),
        entries
    );
    assert_eq!(tx.holders(&[100_001]).expect("read"), BTreeMap::from([(100_001, member_ref(1))]));
    let (changes, to) = tx.changes_after(Cursor(0), 10).expect("read");
    assert_eq!((changes.len(), to), (2 * PUSH_RECORDS_MAX, at));
}
