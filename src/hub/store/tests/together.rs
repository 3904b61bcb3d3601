//! Several writers at the same time, each of them a process of its own to the database.

use std::sync::mpsc;
use std::thread;

use super::fixture::Fixture;
use super::samples::{
    account, account_ref, device, device_id, entry_row, member, place, receipt, record, voucher,
    voucher_id,
};
use crate::hub::store::error::{Retry, StoreError};
use crate::hub::store::rows::{AccountRow, DeviceRow, VoucherStanding};
use crate::hub::store::{Store, Tx};
use crate::loyalty::Account;
use crate::wire::sync::Cursor;

/// How many write at once.
const WRITERS: u8 = 4;
/// How often each does.
const TURNS: u64 = 20;

/// Does something in a transaction, again where it may help.
fn write<T>(
    store: &dyn Store,
    mut job: impl FnMut(&mut dyn Tx) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    loop {
        let done = store.write().and_then(|mut tx| {
            let done = job(&mut *tx)?;
            tx.commit()?;
            Ok(done)
        });
        match done {
            Err(StoreError::Database { retry: Retry::MayHelp, .. }) => {}
            done => return done,
        }
    }
}

/// Begins a transaction, again where another process has the file for long.
fn begin(store: &dyn Store) -> Box<dyn Tx + '_> {
    loop {
        match store.write() {
            Err(StoreError::Database { retry: Retry::MayHelp, .. }) => {}
            begun => return begun.expect("begins"),
        }
    }
}

/// Each writer in a thread and with a store of its own.
fn at_once(fixture: &Fixture, job: impl Fn(u8, &dyn Store) + Sync) {
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let job = &job;
            scope.spawn(move || job(writer, &*fixture.open()));
        }
    });
}

pub(super) fn two_writers_on_one_device_wait_for_each_other(fixture: &Fixture) {
    let store = fixture.open();
    write(&*store, |tx| tx.save_device(&device(1))).expect("saved");
    let (say, hear) = mpsc::channel();
    let mut first = store.write().expect("begins");
    first.lock_device(device_id(1)).expect("locked");
    thread::scope(|scope| {
        scope.spawn(move || {
            let other = fixture.open();
            say.send("begins").expect("somebody hears");
            let seen = write(&*other, |tx| {
                let seen = tx.lock_device(device_id(1))?;
                say.send("has it").expect("somebody hears");
                Ok(seen)
            });
            let seen = seen.expect("locked").expect("a device");
            assert_eq!(seen.checkpoint, 1, "it sees what the first one did");
        });
        assert_eq!(hear.recv(), Ok("begins"));
        first.save_device(&DeviceRow { checkpoint: 1, ..device(1) }).expect("saved");
        assert_eq!(hear.try_recv(), Err(mpsc::TryRecvError::Empty), "it waits");
        first.commit().expect("committed");
        assert_eq!(hear.recv(), Ok("has it"));
    });
}

pub(super) fn two_writers_of_the_same_accounts_both_count(fixture: &Fixture) {
    at_once(fixture, |writer, store| {
        for turn in 0..TURNS {
            write(store, |tx| {
                let rows = tx.lock_accounts(&[account_ref(1), account_ref(2)])?;
                let entry = |row: &AccountRow| {
                    let place = place(writer + 1, turn + 1);
                    entry_row(row.account, place, 0)
                };
                tx.add_entries(&rows.values().map(entry).collect::<Vec<_>>())?;
                let folded = |row: &AccountRow| {
                    let mut folded = Account::default();
                    for before in 0..=row.facts.lifetime.visits {
                        let after_ms = i64::from(before);
                        let place = place(1, u64::from(before));
                        folded.apply(&entry_row(row.account, place, after_ms).entry);
                    }
                    AccountRow { facts: folded.facts().clone(), ..row.clone() }
                };
                let rows: Vec<_> = rows.values().map(folded).collect();
                let at = tx.next_cursor()?;
                tx.save_accounts(&rows, at)
            })
            .expect("written");
        }
    });
    let store = fixture.open();
    let mut tx = store.read().expect("begins");
    let refs = [1, 2].map(account_ref);
    let sales = u64::from(WRITERS) * TURNS;
    for row in tx.accounts(&refs).expect("read").into_values() {
        assert_eq!(u64::from(row.facts.lifetime.visits), sales);
    }
    for rows in tx.entries(&refs).expect("read").into_values() {
        assert_eq!(rows.len() as u64, sales);
    }
    assert_eq!(tx.cursor().expect("read"), Cursor(sales));
}

pub(super) fn accounts_in_any_order_do_not_lock_each_other_out(fixture: &Fixture) {
    write(&*fixture.open(), |tx| {
        let open = |number| voucher(number, VoucherStanding::Open);
        tx.save_vouchers(&[1, 2, 3].map(open), Cursor(0))
    })
    .expect("saved");
    at_once(fixture, |writer, store| {
        for turn in 0..TURNS {
            // Some that are there and some that are made now, in an order of its own.
            let mut numbers = [1, 2, 3, 100 + turn as u16, 200 + turn as u16];
            numbers.rotate_left(usize::from(writer));
            let mut tx = begin(store);
            let locked = tx.lock_accounts(&numbers.map(account_ref)).expect("no deadlock");
            assert_eq!(locked.len(), numbers.len());
            let mut codes = [1, 2, 3].map(voucher_id);
            codes.rotate_left(usize::from(writer));
            assert_eq!(tx.lock_vouchers(&codes).expect("no deadlock").len(), codes.len());
            let rows: Vec<_> = locked.into_values().collect();
            let at = tx.next_cursor().expect("taken");
            tx.save_accounts(&rows, at).expect("no deadlock");
            tx.commit().expect("committed");
        }
    });
}

pub(super) fn cursors_become_visible_in_their_order(fixture: &Fixture) {
    let turns = u64::from(WRITERS) * TURNS;
    thread::scope(|scope| {
        scope.spawn(|| {
            at_once(fixture, |writer, store| {
                for turn in 0..TURNS {
                    let number = u16::from(writer) * 1_000 + turn as u16;
                    write(store, |tx| {
                        tx.append(&[record(place(writer, turn + 1))])?;
                        let at = tx.next_cursor()?;
                        tx.save_accounts(&[account(number, 1)], at)
                    })
                    .expect("written");
                }
            });
        });
        // A reader that goes on from where it was: a cursor that became visible late is missed.
        let store = fixture.open();
        let (mut after, mut heard) = (Cursor(0), 0);
        while after < Cursor(turns) {
            let mut tx = store.read().expect("begins");
            let (changes, to) = tx.changes_after(after, 3).expect("read");
            assert!(to >= after);
            heard += changes.len() as u64;
            assert_eq!(heard, to.0, "one change at each cursor");
            after = to;
        }
    });
}

pub(super) fn a_code_that_two_want_at_once_has_one_holder(fixture: &Fixture) {
    at_once(fixture, |writer, store| {
        let number = u16::from(writer) + 1;
        let saved = write(store, |tx| {
            tx.save_members(&[member(number, &[77, i64::from(number)])], Cursor(1))
        });
        if let Err(refused) = saved {
            assert!(matches!(refused, StoreError::CodeTaken { .. }), "{refused:?}");
        }
    });
    let store = fixture.open();
    let mut tx = store.read().expect("begins");
    assert_eq!(tx.count_members().expect("counted"), 1);
    let holder = tx.holders(&[77]).expect("read")[&77];
    let members = tx.members(&[holder]).expect("read");
    assert_eq!(members[&holder].state.as_ref().map(|state| state.codes[0]), Some(77));
    drop(tx);
    // And a receipt that two tell of is one record.
    at_once(fixture, |writer, store| {
        let mine = [(receipt(1), place(writer, 1))];
        write(store, |tx| tx.note_receipts(&mine)).expect("noted");
    });
    let mut tx = store.write().expect("begins");
    let there = tx.note_receipts(&[(receipt(1), place(99, 1))]).expect("noted");
    assert!(there[&receipt(1)].device <= device_id(WRITERS));
}

pub(super) fn several_open_an_empty_store_at_once(fixture: &Fixture) {
    at_once(fixture, |writer, store| {
        write(store, |tx| tx.save_device(&device(writer))).expect("saved");
    });
    let store = fixture.open();
    let devices = store.read().expect("begins").devices().expect("read");
    assert_eq!(devices.len(), usize::from(WRITERS));
}
