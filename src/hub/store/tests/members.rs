use std::collections::BTreeMap;

use super::fixture::Fixture;
use super::samples::{gone, member, member_ref, place, voucher, voucher_id};
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::{VoucherRow, VoucherStanding};
use crate::wire::sync::Cursor;

pub(super) fn members_are_read_as_they_were_saved(fixture: &Fixture) {
    let store = fixture.open();
    for rows in [
        [member(1, &[10, -11]), member(2, &[i64::MIN, i64::MAX]), gone(3)],
        [member(1, &[12]), gone(2), member(3, &[0])],
    ] {
        let mut tx = store.write().expect("begins");
        tx.save_members(&rows, Cursor(1)).expect("saved");
        tx.commit().expect("committed");
        let mut tx = store.read().expect("begins");
        let found = tx.members(&[3, 9, 1, 2].map(member_ref)).expect("read");
        assert_eq!(found.into_values().collect::<Vec<_>>(), rows);
        assert_eq!(tx.count_members().expect("counted"), 2);
    }
}

pub(super) fn a_code_has_one_holder(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    // The same code twice is of one holder.
    tx.save_members(&[member(1, &[10, 11, 10]), member(2, &[20])], Cursor(1)).expect("saved");
    tx.commit().expect("committed");
    for (rows, holder) in [
        (vec![member(2, &[20, 11])], member_ref(1)),
        (vec![member(3, &[20])], member_ref(2)),
        (vec![member(4, &[40]), member(5, &[40])], member_ref(4)),
    ] {
        let mut tx = store.write().expect("begins");
        let refused = tx.save_members(&rows, Cursor(2)).expect_err("refused");
        let said = matches!(refused, StoreError::CodeTaken { holder: said } if said == holder);
        assert!(said, "{refused:?}");
        assert!(matches!(tx.commit(), Err(StoreError::Broken)));
    }
    let mut tx = store.read().expect("begins");
    let expected = BTreeMap::from([(10, member_ref(1)), (11, member_ref(1)), (20, member_ref(2))]);
    assert_eq!(tx.holders(&[40, 20, 11, 10]).expect("read"), expected);
}

pub(super) fn codes_go_from_one_member_to_another(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    tx.save_members(&[member(1, &[10, 11]), member(2, &[20])], Cursor(1)).expect("saved");
    tx.save_members(&[member(1, &[20, 11]), member(2, &[10])], Cursor(2)).expect("swapped");
    tx.commit().expect("committed");
    let mut tx = store.read().expect("begins");
    let expected = BTreeMap::from([(10, member_ref(2)), (11, member_ref(1)), (20, member_ref(1))]);
    assert_eq!(tx.holders(&[10, 11, 20]).expect("read"), expected);
}

pub(super) fn a_member_that_is_gone_frees_its_codes(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    tx.save_members(&[member(1, &[10])], Cursor(1)).expect("saved");
    tx.save_members(&[gone(1)], Cursor(2)).expect("saved");
    assert_eq!(tx.holders(&[10]).expect("read"), BTreeMap::new());
    tx.save_members(&[member(2, &[10])], Cursor(3)).expect("free again");
    assert_eq!(tx.holders(&[10]).expect("read"), BTreeMap::from([(10, member_ref(2))]));
}

pub(super) fn vouchers_are_read_as_they_were_saved(fixture: &Fixture) {
    let store = fixture.open();
    let bearer =
        VoucherRow { account: None, valid_from: None, ..voucher(1, VoucherStanding::Open) };
    let dated = VoucherRow { valid_until: bearer.valid_from, ..voucher(2, VoucherStanding::Open) };
    for rows in [
        [bearer, dated.clone(), voucher(3, VoucherStanding::Used(place(1, 5)))],
        [voucher(1, VoucherStanding::Revoked), dated, voucher(3, VoucherStanding::Open)],
    ] {
        let mut tx = store.write().expect("begins");
        tx.save_vouchers(&rows, Cursor(1)).expect("saved");
        tx.commit().expect("committed");
        let mut tx = store.write().expect("begins");
        let found = tx.lock_vouchers(&[3, 9, 1, 2].map(voucher_id)).expect("locked");
        assert_eq!(found.into_values().collect::<Vec<_>>(), rows);
    }
}
