use std::collections::BTreeMap;

use super::fixture::Fixture;
use super::samples::{account, account_ref, entry_row, place};
use crate::hub::store::rows::{AccountRow, EntryRow};
use crate::loyalty::AccountFacts;
use crate::wire::sync::Cursor;

pub(super) fn an_account_that_is_locked_is_there(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    tx.save_accounts(&[account(1, 2)], Cursor(1)).expect("saved");
    let asked = [7, 1, 7].map(account_ref);
    let empty =
        AccountRow { account: account_ref(7), opening: None, facts: AccountFacts::default() };
    let expected =
        BTreeMap::from([(account_ref(1), account(1, 2)), (account_ref(7), empty.clone())]);
    assert_eq!(tx.lock_accounts(&asked).expect("locked"), expected);
    assert_eq!(tx.lock_accounts(&asked).expect("locked again"), expected);
    tx.commit().expect("committed");
    let mut tx = store.read().expect("begins");
    assert_eq!(tx.accounts(&asked).expect("read"), expected);
}

pub(super) fn accounts_are_read_as_they_were_saved(fixture: &Fixture) {
    let store = fixture.open();
    let imported = AccountRow { opening: Some(account(2, 3).facts), ..account(2, 5) };
    let bare = AccountRow { opening: None, ..account(3, 1) };
    for rows in [[account(1, 1), imported, bare.clone()], [account(1, 4), account(2, 1), bare]] {
        let mut tx = store.write().expect("begins");
        tx.save_accounts(&rows, Cursor(4)).expect("saved");
        tx.commit().expect("committed");
        let mut tx = store.read().expect("begins");
        let found = tx.accounts(&[3, 9, 2, 1].map(account_ref)).expect("read");
        assert_eq!(found.into_values().collect::<Vec<_>>(), rows);
    }
}

pub(super) fn an_entry_is_added_once_and_read_in_the_order_of_its_key(fixture: &Fixture) {
    let store = fixture.open();
    let [one, two] = [1, 2].map(account_ref);
    let late = entry_row(one, place(1, 1), 900);
    let early = entry_row(one, place(2, 44), 100);
    let between = entry_row(one, place(1, 2), 500);
    let second_of_one = EntryRow { number: 1, ..between.clone() };
    let other = entry_row(two, place(1, 1), 900);
    let mut tx = store.write().expect("begins");
    tx.add_entries(&[late.clone(), other.clone()]).expect("added");
    let more = [second_of_one.clone(), early.clone(), late.clone(), between.clone()];
    tx.add_entries(&more).expect("added");
    tx.commit().expect("committed");
    let mut tx = store.read().expect("begins");
    let expected =
        BTreeMap::from([(one, vec![early, between, second_of_one, late]), (two, vec![other])]);
    assert_eq!(tx.entries(&[two, one, account_ref(3)]).expect("read"), expected);
}

pub(super) fn every_account_is_gone_through_in_order(fixture: &Fixture) {
    let store = fixture.open();
    let numbers = [1, 2, 255, 256, 65_535];
    let mut tx = store.write().expect("begins");
    let rows: Vec<_> = numbers.iter().rev().map(|number| account(*number, 1)).collect();
    tx.save_accounts(&rows, Cursor(1)).expect("saved");
    tx.commit().expect("committed");
    let mut tx = store.read().expect("begins");
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = tx.accounts_after(after, 2).expect("read");
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after = Some(last.account);
        found.extend(page);
    }
    assert_eq!(found, numbers.map(|number| account(number, 1)));
}

pub(super) fn what_is_saved_twice_at_once_is_the_last(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    tx.save_accounts(&[account(1, 1), account(1, 2)], Cursor(1)).expect("saved");
    let found = tx.accounts(&[account_ref(1)]).expect("read");
    assert_eq!(found, BTreeMap::from([(account_ref(1), account(1, 2))]));
    let entry = entry_row(account_ref(1), place(1, 1), 0);
    tx.add_entries(&[entry.clone(), entry.clone()]).expect("added");
    let found = tx.entries(&[account_ref(1)]).expect("read");
    assert_eq!(found, BTreeMap::from([(account_ref(1), vec![entry])]));
}
