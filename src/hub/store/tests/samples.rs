//! Rows for tests: each of its number, with every column in use.

use chrono::{DateTime, Utc};

use crate::hub::store::rows::{
    AccountRow, DeviceRow, DeviceStanding, EnrolmentRow, EntryRow, FlagRow, JournalRow, MemberRow,
    Place, ReceiptKey, VoucherRow, VoucherStanding,
};
use crate::journal::testing::{device_key, instant, record_of};
use crate::journal::{Kind, RecordHash, entry};
use crate::loyalty::{
    Account, AccountFacts, AccountRef, DeviceId, FlagId, MemberRef, ReceiptUid, StoreId, TillId,
    VoucherId, VoucherTypeId,
};
use crate::wire::sync::{Bytes, MemberState, Quarantine, WalletState};

pub(in crate::hub::store) fn at(after_ms: i64) -> DateTime<Utc> {
    instant(after_ms)
}

pub(in crate::hub::store) fn device_id(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 16])
}

pub(in crate::hub::store) fn account_ref(number: u16) -> AccountRef {
    let mut bytes = [0xac; 16];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    AccountRef::from_bytes(bytes)
}

pub(in crate::hub::store) fn member_ref(number: u16) -> MemberRef {
    MemberRef::from_bytes(*account_ref(number).as_bytes())
}

pub(in crate::hub::store) fn store_id() -> StoreId {
    StoreId::parse("praha-1").expect("an id")
}

pub(in crate::hub::store) fn voucher_id(number: u16) -> VoucherId {
    VoucherId::parse(&format!("V-{number:04}")).expect("an id")
}

pub(in crate::hub::store) fn enrolment(number: u8) -> EnrolmentRow {
    EnrolmentRow {
        code_hash: [number; 32],
        name: "Pokladna č. 3".to_owned(),
        store: store_id(),
        group: "early".to_owned(),
        replaces: Some(device_id(9)),
        expires_at: at(60_000),
        used_by: None,
    }
}

pub(in crate::hub::store) fn device(number: u8) -> DeviceRow {
    DeviceRow {
        device: device_id(number),
        name: format!("Pokladna č. {number}"),
        store: store_id(),
        group: "early".to_owned(),
        key: device_key().public_key(),
        standing: DeviceStanding::Active,
        replaces: None,
        head: None,
        checkpoint: 0,
        enrolled_at: at(0),
        seen_at: None,
        software: String::new(),
        clock_offset_ms: 0,
    }
}

pub(in crate::hub::store) fn place(device: u8, sequence: u64) -> Place {
    Place { device: device_id(device), epoch: 1, sequence }
}

pub(in crate::hub::store) fn record(place: Place) -> JournalRow {
    let bytes = format!("{place:?}").into_bytes();
    let hash = RecordHash::of(&bytes);
    let (effective_at, arrived_at) = (at(-5), at(7));
    JournalRow { place, kind: 1, bytes, hash, effective_at, arrived_at, quarantine: None }
}

pub(in crate::hub::store) fn quarantined(place: Place) -> JournalRow {
    JournalRow { kind: 0, quarantine: Some(Quarantine::UnknownFormat), ..record(place) }
}

pub(in crate::hub::store) fn receipt(number: u64) -> ReceiptKey {
    ReceiptKey {
        store: store_id(),
        till: TillId::parse("till-3").expect("an id"),
        uid: ReceiptUid::parse(&format!("účtenka {number}")).expect("an id"),
    }
}

pub(in crate::hub::store) fn flag(place: Place, subject: &str, at_ms: i64) -> FlagRow {
    let (kind, subject) = ("differs".to_owned(), subject.to_owned());
    FlagRow { place, kind, subject, detail: r#"{"points":"č"}"#.to_owned(), at: at(at_ms) }
}

/// What a sale does to an account, so many milliseconds later.
pub(in crate::hub::store) fn entry_row(
    account: AccountRef,
    place: Place,
    after_ms: i64,
) -> EntryRow {
    let (_, mut entry) = entry(&record_of(Kind::Sale)).expect("a sale changes an account");
    entry.key.effective_at = at(after_ms);
    entry.key.device = place.device;
    entry.key.epoch = place.epoch;
    entry.key.sequence = place.sequence;
    EntryRow { account, number: 0, entry }
}

/// An account that bought so many times.
pub(in crate::hub::store) fn account(number: u16, sales: u64) -> AccountRow {
    let mut folded = Account::default();
    for sequence in 1..=sales {
        let after_ms = i64::try_from(sequence).expect("a few");
        folded.apply(&entry_row(account_ref(number), place(1, sequence), after_ms).entry);
    }
    let facts = folded.facts().clone();
    AccountRow { account: account_ref(number), opening: Some(AccountFacts::default()), facts }
}

pub(in crate::hub::store) fn member(number: u16, codes: &[i64]) -> MemberRow {
    let state = MemberState {
        member: member_ref(number),
        account: account_ref(number),
        codes: codes.to_vec(),
        flags: [FlagId::parse("vip").expect("an id")].into(),
        birthday: None,
        kind: None,
        role: None,
        recruiter: None,
        wallets: vec![WalletState { wallet: Bytes(vec![1, 2]), sealed_secret: Bytes(vec![3; 40]) }],
        offers: Default::default(),
    };
    MemberRow { member: member_ref(number), state: Some(state) }
}

pub(in crate::hub::store) fn gone(number: u16) -> MemberRow {
    MemberRow { member: member_ref(number), state: None }
}

pub(in crate::hub::store) fn voucher(number: u16, standing: VoucherStanding) -> VoucherRow {
    VoucherRow {
        voucher: voucher_id(number),
        voucher_type: VoucherTypeId::parse("coffee").expect("an id"),
        account: Some(account_ref(number)),
        valid_from: Some(at(0).date_naive()),
        valid_until: None,
        standing,
    }
}
