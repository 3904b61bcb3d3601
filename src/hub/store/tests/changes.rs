use super::fixture::Fixture;
use super::samples::{account, gone, member, voucher};
use crate::hub::store::rows::{ChangeRow, VoucherStanding};
use crate::hub::store::{Store, Tx};
use crate::wire::sync::Cursor;

/// What was changed at each cursor.
fn change(store: &dyn Store, what: impl FnOnce(&mut dyn Tx, Cursor)) -> Cursor {
    let mut tx = store.write().expect("begins");
    let at = tx.next_cursor().expect("a cursor");
    what(&mut *tx, at);
    tx.commit().expect("committed");
    at
}

/// Everything behind a cursor, page by page.
fn pages(store: &dyn Store, mut after: Cursor, count: usize) -> Vec<Vec<ChangeRow>> {
    let mut pages = Vec::new();
    let mut tx = store.read().expect("begins");
    let newest = tx.cursor().expect("read");
    while after < newest {
        let (page, to) = tx.changes_after(after, count).expect("read");
        assert!(to > after && to <= newest);
        pages.push(page);
        after = to;
    }
    assert_eq!(tx.changes_after(after, count).expect("read"), (Vec::new(), newest));
    pages
}

pub(super) fn nothing_changed_at_first(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.read().expect("begins");
    assert_eq!(tx.cursor().expect("read"), Cursor(0));
    assert_eq!(tx.changes_after(Cursor(0), 10).expect("read"), (Vec::new(), Cursor(0)));
}

/// Member 1 and account 1 at 1, voucher 1 at 2, account 1 again and account 2 at 3, nothing that
/// tills are told at 4, member 1 gone at 5.
fn history(store: &dyn Store) {
    let open = voucher(1, VoucherStanding::Open);
    change(store, |tx, at| {
        tx.save_members(&[member(1, &[10])], at).expect("saved");
        tx.save_accounts(&[account(1, 1)], at).expect("saved");
    });
    change(store, |tx, at| tx.save_vouchers(&[open], at).expect("saved"));
    change(store, |tx, at| {
        tx.lock_accounts(&[account(9, 0).account]).expect("made, but nobody is told");
        tx.save_accounts(&[account(1, 2), account(2, 1)], at).expect("saved");
    });
    change(store, |tx, at| tx.add_key_list(1, b"list", at).expect("added"));
    let last = change(store, |tx, at| tx.save_members(&[gone(1)], at).expect("saved"));
    assert_eq!(last, Cursor(5));
}

fn told() -> [ChangeRow; 4] {
    [
        ChangeRow::Voucher(voucher(1, VoucherStanding::Open)),
        ChangeRow::Account(account(1, 2)),
        ChangeRow::Account(account(2, 1)),
        ChangeRow::Member(gone(1)),
    ]
}

pub(super) fn each_change_is_told_once_as_it_is_now(fixture: &Fixture) {
    let store = fixture.open();
    history(&*store);
    for (after, expected) in
        [(0, &told()[..]), (1, &told()), (2, &told()[1..]), (3, &told()[3..]), (4, &told()[3..])]
    {
        let found = pages(&*store, Cursor(after), 100).concat();
        assert_eq!(found, expected, "after {after}");
    }
}

pub(super) fn a_page_never_splits_a_cursor(fixture: &Fixture) {
    let store = fixture.open();
    history(&*store);
    let [voucher, first, second, member] = told();
    let accounts = vec![first, second];
    for (count, expected) in [
        (1, vec![vec![voucher.clone()], accounts.clone(), vec![member.clone()]]),
        (2, vec![[vec![voucher.clone()], accounts.clone()].concat(), vec![member.clone()]]),
        (3, vec![[vec![voucher.clone()], accounts.clone()].concat(), vec![member.clone()]]),
        (4, vec![told().to_vec()]),
        (5, vec![told().to_vec()]),
    ] {
        assert_eq!(pages(&*store, Cursor(0), count), expected, "pages of {count}");
    }
}

pub(super) fn a_page_of_nothing_gets_on(fixture: &Fixture) {
    let store = fixture.open();
    history(&*store);
    assert_eq!(pages(&*store, Cursor(0), 0), pages(&*store, Cursor(0), 1));
}

pub(super) fn changes_survive_opening_again(fixture: &Fixture) {
    history(&*fixture.open());
    let store = fixture.open();
    assert_eq!(pages(&*store, Cursor(0), 100).concat(), told());
    assert_eq!(change(&*store, |_, _| ()), Cursor(6));
}
