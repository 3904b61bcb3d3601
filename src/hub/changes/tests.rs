use super::*;
use crate::hub::api::testing::hub_folder;
use crate::hub::store::Store;
use crate::hub::store::rows::{AccountRow, MemberRow, VoucherRow};
use crate::journal::RecordHash;
use crate::journal::testing::{device_key, instant};
use crate::loyalty::{AccountFacts, AccountRef, MemberRef, VoucherId, VoucherTypeId};

fn device_row(head: Option<(u32, u64, RecordHash)>) -> DeviceRow {
    DeviceRow {
        device: device_key().device_id(),
        name: "lane".to_owned(),
        store: crate::hub::api::testing::store_id(),
        group: "all".to_owned(),
        key: device_key().public_key(),
        standing: crate::hub::store::rows::DeviceStanding::Active,
        replaces: None,
        head,
        checkpoint: 0,
        enrolled_at: instant(0),
        seen_at: None,
        software: String::new(),
        clock_offset_ms: 0,
    }
}

fn voucher(number: usize, standing: VoucherStanding) -> VoucherRow {
    VoucherRow {
        voucher: VoucherId::parse(&format!("V{number}")).expect("an id"),
        voucher_type: VoucherTypeId::parse("hundred").expect("an id"),
        account: None,
        valid_from: None,
        valid_until: None,
        standing,
    }
}

fn save_vouchers(store: &dyn Store, rows: &[VoucherRow]) -> Cursor {
    let mut tx = store.write().expect("a transaction");
    let cursor = tx.next_cursor().expect("a cursor");
    tx.save_vouchers(rows, cursor).expect("saved");
    tx.commit().expect("stored");
    cursor
}

#[test]
fn a_reply_is_all_that_changed_with_what_it_contains_of_the_devices_journal() {
    let (_dir, store, _) = hub_folder();
    let account = AccountRef::from_bytes([1; 16]);
    let mut tx = store.write().expect("a transaction");
    tx.save_device(&device_row(Some((2, 17, RecordHash::ZERO)))).expect("saved");
    let gone = MemberRow { member: MemberRef::from_bytes([2; 16]), state: None };
    let facts = AccountFacts::default();
    let row = AccountRow { account, opening: None, facts: facts.clone() };
    let cursor = tx.next_cursor().expect("a cursor");
    tx.save_members(std::slice::from_ref(&gone), cursor).expect("saved");
    tx.save_accounts(&[row], cursor).expect("saved");
    tx.commit().expect("stored");
    let revoked = voucher(2, VoucherStanding::Revoked);
    let to = save_vouchers(&store, &[voucher(1, VoucherStanding::Open), revoked.clone()]);

    // The row that the caller holds is older than what the transaction sees.
    let mut tx = store.read().expect("a look");
    let found = changes(&mut *tx, &device_row(None), Cursor(1), instant(5)).expect("a reply");
    assert_eq!((found.after, found.to, found.more), (Cursor(1), to, false));
    assert_eq!(found.contained, Contained { epoch: 2, sequence: 17 });
    assert_eq!(found.at, instant(5));
    assert_eq!(found.key_list, None, "it changed at 1");
    assert!(found.changes.contains(&Change::MemberGone(gone.member)));
    assert!(found.changes.contains(&Change::Account(Box::new(AccountState { account, facts }))));
    assert!(found.changes.contains(&Change::VoucherGone(revoked.voucher)));
    assert_eq!(found.changes.len(), 4);
    let nothing = changes(&mut *tx, &device_row(None), to, instant(5)).expect("a reply");
    assert_eq!((nothing.to, nothing.changes.len()), (to, 0));
}

#[test]
fn who_is_further_behind_than_a_reply_tells_begins_with_a_snapshot() {
    let (_dir, store, _) = hub_folder();
    let many: Vec<VoucherRow> =
        (0..CHANGES_REPLY_MAX).map(|number| voucher(number, VoucherStanding::Open)).collect();
    let first = save_vouchers(&store, &many);
    let device = device_row(None);
    let mut tx = store.read().expect("a look");
    let all = changes(&mut *tx, &device, Cursor(0), instant(0)).expect("a reply");
    assert_eq!((all.changes.len(), all.to), (CHANGES_REPLY_MAX, first));
    drop(tx);
    let second = save_vouchers(&store, &[voucher(CHANGES_REPLY_MAX, VoucherStanding::Open)]);
    let mut tx = store.read().expect("a look");
    let late = changes(&mut *tx, &device, Cursor(0), instant(0));
    assert!(matches!(late, Err(ChangesError::SnapshotNeeded)));
    let near = changes(&mut *tx, &device, first, instant(0)).expect("a reply");
    assert_eq!((near.changes.len(), near.to), (1, second));
    let ahead = changes(&mut *tx, &device, Cursor(second.0 + 1), instant(0));
    assert!(matches!(ahead, Err(ChangesError::SnapshotNeeded)), "of before a restore");
}
