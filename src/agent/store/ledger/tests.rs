use rusqlite::Connection;

use super::codes_used::LastUse;
use super::holds::Hold;
use super::requests::{Answered, What};
use super::*;
use crate::agent::store::base::Base;
use crate::agent::store::checksum::{count_damaged, drop_damaged};
use crate::agent::testing::{receipt, till_id};
use crate::journal::testing::record_of;
use crate::journal::{Body, Kind, Record};
use crate::loyalty::{AccountRef, Counted, CounterId, MemberRef, OfferId, UseUnit, VoucherId};
use crate::money::Points;
use crate::shell::migrate::migrate;

const NOW_MS: i64 = 1_000_000;
const UNTIL_MS: i64 = NOW_MS + 60_000;

fn file_at(migrations: &[Migration]) -> Connection {
    let mut connection = Connection::open_in_memory().expect("opened");
    migrate(&mut connection, migrations).expect("migrated");
    connection
}

fn account() -> AccountRef {
    AccountRef::from_bytes([7; 16])
}

fn answered() -> Answered {
    Answered { id: 42, fingerprint: [9; 32] }
}

fn held() -> Hold {
    Hold {
        till: till_id(),
        uid: receipt("R1"),
        account: account(),
        points: Points::new(100),
        cashback: crate::money::Amount::ZERO,
        vouchers: vec![VoucherId::parse("V1").expect("an id")],
        expires_at_ms: UNTIL_MS,
        fingerprint: [9; 32],
    }
}

/// A record that gives a use of an offer back.
fn void_with_shared_use() -> Record {
    let mut record = record_of(Kind::Void);
    let Body::Void(undo) = &mut record.body else { panic!("a void") };
    let offer = OfferId::parse("first").expect("an id");
    let counter = CounterId::OfferUses { offer, unit: UseUnit::Receipts, member: None };
    undo.shared = vec![Counted { counter, before: 0, by: -1 }];
    undo.shared_on = Some("2026-03-01".parse().expect("a day"));
    record
}

/// One row in each table.
fn filled() -> Connection {
    let ledger = file_at(LEDGER_MIGRATIONS);
    let (till, uid) = (till_id(), receipt("R1"));
    requests::note(&ledger, What::Receipt, Some(&till), &uid, &answered()).expect("noted");
    requests::note_key(&ledger, "till-1", "k", &answered(), UNTIL_MS).expect("noted");
    holds::put(&ledger, &held()).expect("kept");
    codes_used::note(&ledger, b"wallet", 5, UNTIL_MS).expect("noted");
    vouchers_used::note(&ledger, &VoucherId::parse("V2").expect("an id"), 42).expect("noted");
    shared_uses::add(&ledger, &void_with_shared_use()).expect("added");
    ledger
}

fn all_are_read(ledger: &Connection) {
    let (till, uid) = (till_id(), receipt("R1"));
    let found = requests::find(ledger, What::Receipt, Some(&till), &uid).expect("readable");
    assert_eq!(found, Some(answered()));
    let found = requests::find_key(ledger, "till-1", "k").expect("readable");
    assert_eq!(found, Some(answered()));
    assert_eq!(holds::find(ledger, &till, &uid, NOW_MS).expect("readable"), Some(held()));
    let points = holds::of_account(ledger, account(), None, NOW_MS).expect("readable").points;
    assert_eq!(points, Points::new(100));
    assert_eq!(codes_used::last_use(ledger, b"wallet").expect("readable"), LastUse::Step(5));
    for table in &LEDGER_CHECKED {
        assert_eq!(count_damaged(ledger, table).expect("readable"), 0, "{}", table.name);
    }
}

#[test]
fn rows_are_what_was_written() {
    all_are_read(&filled());
}

#[test]
fn rows_of_a_ledger_before_checksums_are_believed() {
    let mut ledger = file_at(&LEDGER_MIGRATIONS[..1]);
    ledger
        .execute_batch(
            "INSERT INTO requests VALUES (1, 'till-1', 'R1', 42, unhex(replace(hex(zeroblob(32)), '00', '09')));
             INSERT INTO idempotency VALUES ('till-1', 'k', unhex(replace(hex(zeroblob(32)), '00', '09')), 42, 1060000);
             INSERT INTO holds VALUES ('till-1', 'R1', unhex(replace(hex(zeroblob(16)), '00', '07')), 100, '[\"V1\"]',
                 1060000, unhex(replace(hex(zeroblob(32)), '00', '09')));
             INSERT INTO codes_used VALUES (CAST('wallet' AS BLOB), 5, 1060000);",
        )
        .expect("written");
    for table in &LEDGER_CHECKED {
        assert_eq!(count_damaged(&ledger, table).expect("nothing to check"), 0, "{}", table.name);
    }
    migrate(&mut ledger, LEDGER_MIGRATIONS).expect("migrated");
    all_are_read(&ledger);
}

#[test]
fn a_voucher_that_was_used_once_may_have_been_by_several_receipts_after_the_migration() {
    let of_several = |step: &Migration| step.name == "vouchers of several receipts";
    let before = LEDGER_MIGRATIONS.iter().position(of_several).expect("a migration");
    let mut ledger = file_at(&LEDGER_MIGRATIONS[..before]);
    let (voucher, id) = (VoucherId::parse("V2").expect("an id"), 42);
    vouchers_used::note_as_before(&ledger, &voucher, id).expect("written");
    migrate(&mut ledger, LEDGER_MIGRATIONS).expect("migrated");
    assert_eq!(vouchers_used::users(&ledger, &voucher).expect("readable"), [42]);
    for again in [43, 42, 43] {
        vouchers_used::note(&ledger, &voucher, again).expect("noted");
    }
    assert_eq!(vouchers_used::users(&ledger, &voucher).expect("readable"), [42, 43]);
    assert_eq!(count_damaged(&ledger, &LEDGER_CHECKED[4]).expect("readable"), 0);
    vouchers_used::free(&ledger, &voucher).expect("freed");
    assert!(!vouchers_used::is_used(&ledger, &voucher, 0).expect("readable"));
}

#[test]
fn a_change_to_any_column_is_noticed_and_such_rows_can_be_forgotten() {
    for (table, change) in [
        (0, "requests SET id = 43"),
        (0, "requests SET fingerprint = zeroblob(32)"),
        (0, "requests SET fingerprint = 'text'"),
        (0, "requests SET uid = 'R2'"),
        (0, "requests SET what = 2"),
        (0, "requests SET checksum = checksum + 1"),
        (1, "idempotency SET id = 43"),
        (1, "idempotency SET kept_until = 1"),
        (1, "idempotency SET fingerprint = zeroblob(32)"),
        (2, "holds SET points = 99"),
        (2, "holds SET account = zeroblob(16)"),
        (2, "holds SET vouchers = '[]'"),
        (2, "holds SET expires_at = expires_at + 1"),
        (2, "holds SET fingerprint = zeroblob(32)"),
        (3, "codes_used SET last_step = 4"),
        (3, "codes_used SET code = x'00'"),
        (3, "codes_used SET used_until = 0"),
        (4, "vouchers_used SET id = 43"),
        (5, "shared_uses SET uses = 2"),
        (5, "shared_uses SET day = '2026-03-02'"),
        (5, "shared_uses SET unit = 1"),
        (5, "shared_uses SET offer = 'other'"),
    ] {
        let ledger = filled();
        assert_eq!(ledger.execute(&format!("UPDATE {change}"), []).expect("changed"), 1);
        for (at, other) in LEDGER_CHECKED.iter().enumerate() {
            let damaged = count_damaged(&ledger, other).expect("readable");
            assert_eq!(damaged, usize::from(at == table), "{change}: {}", other.name);
        }
        drop_damaged(&ledger, &LEDGER_CHECKED[table]).expect("forgotten");
        assert_eq!(count_damaged(&ledger, &LEDGER_CHECKED[table]).expect("readable"), 0);
    }
}

#[test]
fn a_damaged_hold_holds_all_of_its_account_until_it_lapses_and_no_longer() {
    let other_voucher = VoucherId::parse("V9").expect("an id");
    for change in ["points = 0", "vouchers = 'not JSON'", "expires_at = 9000000000000000"] {
        let ledger = filled();
        ledger.execute(&format!("UPDATE holds SET {change}"), []).expect("changed");
        let points =
            |now_ms| holds::of_account(&ledger, account(), None, now_ms).expect("readable").points;
        assert!(points(NOW_MS) > Points::new(1_000_000), "{change}");
        let elsewhere = holds::of_account(&ledger, AccountRef::from_bytes([8; 16]), None, NOW_MS);
        assert_eq!(elsewhere.expect("readable"), holds::Held::default(), "{change}");
        let vouchers = holds::vouchers(&ledger, None, NOW_MS).expect("readable");
        assert!(vouchers.has(&other_voucher, Some(account())), "{change}");
        assert!(!vouchers.has(&other_voucher, None), "{change}");
        holds::forget(&ledger, UNTIL_MS).expect("forgotten");
        assert_eq!(points(UNTIL_MS), Points::ZERO, "{change}");
    }
}

#[test]
fn a_damaged_hold_is_let_go_for_the_one_who_made_it() {
    let ledger = filled();
    ledger.execute("UPDATE holds SET fingerprint = zeroblob(32)", []).expect("changed");
    let found = holds::find(&ledger, &till_id(), &receipt("R1"), NOW_MS).expect("readable");
    assert_eq!(found, None);
    let held = holds::of_account(&ledger, account(), None, NOW_MS).expect("readable").points;
    assert_eq!(held, Points::ZERO);
}

#[test]
fn a_damaged_idempotency_key_counts_as_never_used_and_can_be_used_again() {
    let ledger = filled();
    ledger.execute("UPDATE idempotency SET id = 43", []).expect("changed");
    assert_eq!(requests::find_key(&ledger, "till-1", "k").expect("readable"), None);
    requests::note_key(&ledger, "till-1", "k", &answered(), UNTIL_MS).expect("noted");
    all_are_read(&ledger);
    let again = requests::note_key(&ledger, "till-1", "k", &answered(), UNTIL_MS);
    assert!(again.is_err(), "a whole row is never replaced");
}

#[test]
fn a_damaged_row_under_a_request_that_no_record_answers_gives_way() {
    let ledger = filled();
    let (till, uid) = (till_id(), receipt("R2"));
    ledger.execute("UPDATE requests SET uid = 'R2'", []).expect("changed");
    let found = requests::find(&ledger, What::Receipt, Some(&till), &uid).expect("readable");
    assert_eq!(found, None);
    requests::note(&ledger, What::Receipt, Some(&till), &uid, &answered()).expect("noted");
    let found = requests::find(&ledger, What::Receipt, Some(&till), &uid).expect("readable");
    assert_eq!(found, Some(answered()));
    let again = requests::note(&ledger, What::Receipt, Some(&till), &uid, &answered());
    assert!(again.is_err(), "a whole row is never replaced");
}

#[test]
fn a_base_before_checksums_is_read_as_it_is_and_after_a_migration() {
    let mut base = file_at(&BASE_MIGRATIONS[..1]);
    base.execute_batch(
        "INSERT INTO about VALUES (1, 3, zeroblob(32), zeroblob(32), 1, 1, 0);
         INSERT INTO codes VALUES (5, unhex(replace(hex(zeroblob(16)), '00', '01')));
         INSERT INTO wallets VALUES (x'0a', unhex(replace(hex(zeroblob(16)), '00', '01')), x'0b');",
    )
    .expect("written");
    let member = MemberRef::from_bytes([1; 16]);
    for _ in 0..2 {
        let view = Base::of(&base).expect("a base");
        assert_eq!(view.member_of_code(5).expect("readable"), Some(member));
        let wallet = view.wallet(&[10]).expect("readable").expect("known");
        assert_eq!((wallet.member, wallet.sealed_secret), (member, vec![11]));
        assert!(view.count_damaged().expect("readable").is_empty());
        migrate(&mut base, BASE_MIGRATIONS).expect("migrated");
    }
}

#[test]
fn bq_43_rows_from_before_cashback_are_whole_and_a_changed_sum_is_noticed() {
    use crate::agent::store::checksum::checksum;

    let mut ledger = file_at(&LEDGER_MIGRATIONS[..5]);
    let sums: [i64; 15] = [1, 4_000, 0, 0, 40, 0, 1, 4_000, 0, 0, 0, 0, 0, 0, 0];
    let bytes = sums.map(i64::to_be_bytes).concat();
    let columns = sums.map(|sum| sum.to_string()).join(", ");
    let row = format!(
        "INSERT INTO days
             (day, receipts, gross, discount, redeemed, points_issued, points_spent,
              identified_receipts, identified_value, closed, voids, returns, refunded,
              points_clawed_back, points_restored, closings, checksum)
         VALUES ('2026-03-02', {columns}, {})",
        checksum(&[b"2026-03-02", &bytes])
    );
    ledger.execute(&row, []).expect("as the software before wrote it");
    migrate(&mut ledger, LEDGER_MIGRATIONS).expect("migrated");
    let day = "2026-03-02".parse().expect("a day");
    let read = days::load(&ledger, day).expect("whole").expect("a day");
    assert_eq!(read.sums.totals.points_issued, Points::new(40));
    holds::put(&ledger, &held()).expect("stored");
    assert_eq!(
        holds::find(&ledger, &till_id(), &receipt("R1"), NOW_MS).expect("whole"),
        Some(held())
    );
    ledger.execute("UPDATE days SET cashback_spent = 7", []).expect("changed");
    assert!(days::load(&ledger, day).is_err());
    ledger.execute("UPDATE holds SET cashback = 7", []).expect("changed");
    let read = holds::of_account(&ledger, account(), None, NOW_MS).expect("readable");
    assert!(read.cashback > crate::money::Amount::new(7), "a damaged hold holds all there is");
}
