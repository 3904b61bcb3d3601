use chrono::TimeDelta;
use proptest::prelude::*;
use rusqlite::Connection;

use super::*;
use crate::agent::store::base::{Base, BaseAbout, BaseRows, Pulls};
use crate::agent::store::ledger::journal::row_id;
use crate::agent::store::ledger::{BASE_MIGRATIONS, LEDGER_MIGRATIONS, accounts, journal};
use crate::journal::testing::{device_key, record_of};
use crate::journal::{Body, Kind, ObjectKind, Record, entry, seal};
use crate::loyalty::{Account, DeviceId, Standing, VoucherTypeId};
use crate::money::Points;
use crate::shell::migrate::migrate;
use crate::wire::sync::{AccountState, Bytes, Change, MemberState, VoucherState, WalletState};

/// The number of the base file under everything.
const BASE: i64 = 4;
/// What of the journal is in that file.
const CONTAINED: i64 = 2;

fn member_ref(number: u8) -> MemberRef {
    MemberRef::from_bytes([number; 16])
}

fn account_ref(number: u8) -> AccountRef {
    AccountRef::from_bytes([100 + number; 16])
}

fn voucher_id(text: &str) -> VoucherId {
    VoucherId::parse(text).expect("an id")
}

fn member_state(number: u8, codes: &[i64]) -> MemberState {
    MemberState {
        member: member_ref(number),
        account: account_ref(number),
        codes: codes.to_vec(),
        flags: Default::default(),
        birthday: None,
        kind: None,
        role: None,
        recruiter: None,
        wallets: vec![WalletState {
            wallet: Bytes(vec![number, u8::try_from(codes.len()).expect("few")]),
            sealed_secret: Bytes(vec![9]),
        }],
        offers: Default::default(),
    }
}

fn facts_of(points: i64) -> AccountFacts {
    let mut facts = AccountFacts::default();
    facts.lifetime.earned = Points::new(points);
    facts
}

fn account_state(number: u8, points: i64) -> Change {
    Change::Account(Box::new(AccountState {
        account: account_ref(number),
        facts: facts_of(points),
    }))
}

fn voucher_state(text: &str, account: Option<u8>) -> VoucherState {
    VoucherState {
        voucher: voucher_id(text),
        voucher_type: VoucherTypeId::parse("ten").expect("an id"),
        account: account.map(account_ref),
        valid_from: None,
        valid_until: None,
    }
}

/// Members 1 and 2 with codes 11 and 12, wallets and 10 points each; `V1` of the first, `V2`.
fn base_file() -> Connection {
    let mut file = Connection::open_in_memory().expect("opened");
    migrate(&mut file, BASE_MIGRATIONS).expect("migrated");
    let rows = BaseRows::of(&file);
    for number in [1, 2] {
        let state = member_state(number, &[10 + i64::from(number)]);
        rows.put_member(&MemberRow::of_state(&state)).expect("written");
        rows.put_code(10 + i64::from(number), member_ref(number)).expect("written");
        let wallet = BaseWallet { member: member_ref(number), sealed_secret: vec![9] };
        rows.put_wallet(&[number, 1], &wallet).expect("written");
        rows.put_account(account_ref(number), &facts_of(10)).expect("written");
    }
    for (text, account) in [("V1", Some(1)), ("V2", None)] {
        let voucher = BaseVoucher::of_state(&voucher_state(text, account));
        rows.put_voucher(&voucher).expect("written");
    }
    rows.put_about(&BaseAbout {
        cursor: BASE,
        content: [1; 32],
        source: [1; 32],
        members: 2,
        imported: 0,
        points: Points::ZERO,
        hub_cursor: Some(70),
        contained: CONTAINED,
    })
    .expect("written");
    file
}

fn ledger() -> Connection {
    let mut ledger = Connection::open_in_memory().expect("opened");
    migrate(&mut ledger, LEDGER_MIGRATIONS).expect("migrated");
    ledger
}

struct Till {
    file: Connection,
    ledger: Connection,
    damage: Pulls,
}

impl Till {
    fn new() -> Self {
        Self { file: base_file(), ledger: ledger(), damage: Pulls::default() }
    }

    fn base(&self) -> Base<'_> {
        Base::of(&self.file).expect("a base").under(&self.ledger, &self.damage)
    }

    fn hear(&self, changes: &[Change], contained: i64) {
        take_up(&self.ledger, self.base(), &Told { changes, contained }).expect("stored");
    }

    fn points(&self, number: u8) -> (i64, i64) {
        let opening = self.base().opening(account_ref(number)).expect("readable");
        (opening.facts.lifetime.earned.value(), opening.contained)
    }

    fn holder(&self, code: i64) -> Option<MemberRef> {
        self.base().member_of_code(code).expect("readable")
    }

    fn vouchers(&self, number: u8) -> Vec<String> {
        let vouchers = self.base().vouchers_of(account_ref(number)).expect("readable");
        vouchers.iter().map(|voucher| voucher.voucher.to_string()).collect()
    }
}

#[test]
fn what_the_hub_says_stands_before_the_file() {
    let till = Till::new();
    assert_eq!((till.holder(11), till.points(1)), (Some(member_ref(1)), (10, CONTAINED)));
    till.hear(
        &[
            Change::Member(Box::new(member_state(1, &[21, 22]))),
            account_state(1, 500),
            Change::Voucher(voucher_state("V2", Some(1))),
            Change::Voucher(voucher_state("V3", Some(1))),
            Change::Member(Box::new(member_state(3, &[13]))),
        ],
        7,
    );
    assert_eq!(till.holder(11), None, "a code that the member no longer has");
    assert_eq!((till.holder(21), till.holder(22)), (Some(member_ref(1)), Some(member_ref(1))));
    assert_eq!(till.base().wallet(&[1, 1]).expect("readable"), None);
    assert!(till.base().wallet(&[1, 2]).expect("readable").is_some());
    assert_eq!(till.points(1), (500, 7));
    assert_eq!((till.points(2), till.points(3)), ((10, CONTAINED), (0, CONTAINED)));
    assert_eq!(till.vouchers(1), ["V1", "V2", "V3"]);
    assert_eq!(till.holder(13), Some(member_ref(3)));
    let known = till.base().member(member_ref(3)).expect("readable").expect("known");
    assert_eq!((known.account, known.standing), (account_ref(3), Standing::default()));
    assert_eq!(till.holder(12), Some(member_ref(2)), "of whom nothing was told");
    till.hear(&[Change::Member(Box::new(member_state(2, &[21])))], 7);
    assert_eq!(till.holder(21), Some(member_ref(2)), "the code went to another");
    till.hear(&[Change::Member(Box::new(member_state(1, &[22])))], 7);
    assert_eq!(till.holder(21), Some(member_ref(2)), "in whatever order it is told");
}

#[test]
fn what_is_gone_is_hidden_and_may_come_back() {
    let till = Till::new();
    let gone = [
        Change::MemberGone(member_ref(1)),
        Change::VoucherGone(voucher_id("V1")),
        Change::VoucherGone(voucher_id("V9")),
    ];
    till.hear(&gone, 7);
    assert_eq!(till.base().member(member_ref(1)).expect("readable"), None);
    assert_eq!((till.holder(11), till.base().wallet(&[1, 1]).expect("readable")), (None, None));
    assert_eq!(till.vouchers(1), [""; 0]);
    let said = till.base().voucher(&voucher_id("V1")).expect("readable");
    assert!(
        matches!(&said, VoucherSaid::Gone { was: Some(was), contained: 7 } if was.account.is_some()),
        "{said:?}"
    );
    let said = till.base().voucher(&voucher_id("V9")).expect("readable");
    assert_eq!(said, VoucherSaid::Gone { was: None, contained: 7 });
    lift_tombstone(&till.ledger, BASE, &voucher_id("V1")).expect("lifted");
    assert_eq!(till.vouchers(1), ["V1"], "as the file says it");
    till.hear(&[Change::Voucher(voucher_state("V9", Some(1)))], 8);
    till.hear(&[Change::VoucherGone(voucher_id("V9"))], 9);
    lift_tombstone(&till.ledger, BASE, &voucher_id("V9")).expect("lifted");
    assert_eq!(till.vouchers(1), ["V1", "V9"], "as it was told");
    till.hear(&[Change::Member(Box::new(member_state(1, &[11])))], 9);
    assert_eq!(till.holder(11), Some(member_ref(1)));
}

#[test]
fn a_damaged_row_says_nothing_and_everything_is_asked_for_again() {
    let told = [
        Change::Member(Box::new(member_state(1, &[21]))),
        account_state(1, 500),
        Change::Voucher(voucher_state("V1", Some(2))),
    ];
    let damaged =
        |read: Result<bool, StoreError>| matches!(read, Err(StoreError::RowDamaged { .. }));
    type Look = fn(&Till) -> Result<bool, StoreError>;
    let looks: [(&str, &str, Look, bool); 8] = [
        ("pulled_members", "account = zeroblob(16)", |t| t.known(), true),
        ("pulled_members", "gone = 1", |t| t.known(), true),
        ("pulled_codes", "member = zeroblob(16)", |t| Ok(t.holder(21).is_some()), false),
        ("pulled_wallets", "secret = x'00'", |t| Ok(t.base().wallet(&[1, 1])?.is_some()), false),
        ("pulled_accounts", "facts = x'00'", |t| t.opened(), true),
        ("pulled_accounts", "contained = 0", |t| t.opened(), true),
        ("pulled_vouchers", "gone = 1", |t| t.has_v1(), false),
        ("pulled_vouchers", "account = zeroblob(16)", |t| t.has_v1(), false),
    ];
    for (table, change, look, is_error) in looks {
        let till = Till::new();
        till.hear(&told, 7);
        assert_eq!(look(&till).ok(), Some(true), "{table} {change}");
        assert!(!till.damage.take_damage(), "{table} {change}: whole");
        let sql = format!("UPDATE {table} SET {change}");
        till.ledger.execute(&sql, []).expect("changed");
        let found = look(&till);
        assert!(
            if is_error { damaged(found) } else { found.ok() == Some(false) },
            "{table} {change}"
        );
        assert!(till.damage.take_damage(), "{table} {change}: asked for again");
        till.hear(&told, 7);
        assert_eq!(look(&till).ok(), Some(true), "{table} {change}: told again");
    }
}

impl Till {
    fn known(&self) -> Result<bool, StoreError> {
        Ok(self.base().member(member_ref(1))?.is_some())
    }

    fn opened(&self) -> Result<bool, StoreError> {
        Ok(self.base().opening(account_ref(1))?.contained == 7)
    }

    fn has_v1(&self) -> Result<bool, StoreError> {
        let said = self.base().voucher(&voucher_id("V1"))?;
        Ok(matches!(said, VoucherSaid::Known { contained: 7, .. }))
    }
}

#[test]
fn rows_over_an_earlier_file_say_nothing_and_are_swept_away() {
    let till = Till::new();
    let told: Vec<Change> = (0..150_u8)
        .flat_map(|number| {
            let state = member_state(number, &[1_000 + i64::from(number)]);
            [Change::Member(Box::new(state)), account_state(number, 1)]
        })
        .collect();
    till.hear(&told, 7);
    till.file.execute("UPDATE about SET cursor = 5", []).expect("another file");
    assert_eq!((till.points(1), till.holder(1_001)), ((10, CONTAINED), None));
    till.hear(&[account_state(1, 2)], 8);
    let mut rounds = 1;
    while sweep(&till.ledger, 5).expect("swept") {
        rounds += 1;
    }
    assert!(rounds > 2, "a job sweeps only so much: {rounds}");
    let left: i64 = till
        .ledger
        .query_row(
            "SELECT (SELECT count(*) FROM pulled_members) + (SELECT count(*) FROM pulled_codes) +
                 (SELECT count(*) FROM pulled_wallets) + (SELECT count(*) FROM pulled_accounts)",
            [],
            |row| row.get(0),
        )
        .expect("counted");
    assert_eq!((left, till.points(1)), (1, (2, 8)), "only what lies over the present file");
}

/// The n-th change of an account, by this device or by another.
fn change_at(sequence: u64, points: i64, own: bool) -> Record {
    let mut record = record_of(Kind::Adjustment);
    record.header.epoch = 1;
    record.header.sequence = sequence;
    let device = if own { device_key().device_id() } else { DeviceId::from_bytes([7; 16]) };
    record.header.device = device;
    let minutes = TimeDelta::minutes(i64::try_from(sequence).expect("few"));
    record.header.clock.wall += minutes;
    let Body::Adjustment(adjustment) = &mut record.body else { panic!("an adjustment") };
    adjustment.points = Points::new(points);
    adjustment.account = account_ref(9);
    record
}

fn entry_of(record: &Record) -> crate::loyalty::Entry {
    entry(record).expect("it touches an account").1
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the hub had booked of this journal when it spoke, the till's account is the fold of
    /// everything: of what the hub had, others' included, and of what it did not have yet.
    #[test]
    fn an_account_is_the_fold_of_what_the_hub_has_and_what_it_has_not(
        history in proptest::collection::vec((1_i64..500, any::<bool>()), 1..12),
        split in 0_usize..12,
        spoke_first in any::<bool>(),
    ) {
        let split = split.min(history.len());
        let records: Vec<Record> = (1..).zip(&history).map(|(sequence, (points, own))| {
            change_at(sequence, *points, *own)
        }).collect();
        let own = |record: &&Record| record.header.device == device_key().device_id();
        let (told, later) = records.split_at(split);
        let pending: Vec<&Record> = later.iter().filter(own).collect();
        let mut hub = Account::default();
        told.iter().for_each(|record| hub.apply(&entry_of(record)));
        let mut everything = hub.clone();
        pending.iter().for_each(|record| everything.apply(&entry_of(record)));

        let till = Till::new();
        let contained = told.iter().rfind(own).map_or(0, |record| row_id(1, record.header.sequence));
        let state = AccountState { account: account_ref(9), facts: hub.facts().clone() };
        let said = [Change::Account(Box::new(state))];
        let book = |record: &Record| {
            let sealed = seal(ObjectKind::Record, &record.to_payload(), &device_key());
            let id = journal::append(&till.ledger, record, &sealed.expect("it fits")).expect("stored");
            let base = Some(till.base());
            accounts::book(&till.ledger, base, account_ref(9), None, &entry_of(record), id)
                .expect("booked");
        };
        told.iter().filter(own).for_each(book);
        if spoke_first {
            till.hear(&said, contained);
        }
        pending.iter().for_each(|record| book(record));
        if !spoke_first {
            till.hear(&said, contained);
        }
        let mut expected = everything.facts().clone();
        for account in [
            accounts::load(&till.ledger, Some(till.base()), account_ref(9)).expect("readable"),
            accounts::fold_anew(&till.ledger, Some(till.base()), account_ref(9)).expect("readable"),
        ] {
            // Whose entry was the last is known of own ones only.
            expected.last_entry = account.facts().last_entry;
            prop_assert_eq!(account.facts(), &expected);
        }
        // Told twice is told once.
        till.hear(&said, contained);
        let again = accounts::load(&till.ledger, Some(till.base()), account_ref(9));
        let again = again.expect("readable");
        prop_assert_eq!(again.facts(), &expected);
        let stored = crate::agent::store::rebuild::compare(&till.ledger, Some(till.base()));
        let different = stored.expect("compared").told.into_iter().map(|d| d.to_string());
        let of_accounts: Vec<String> = different.filter(|told| told.starts_with("accounts")).collect();
        prop_assert_eq!(of_accounts, Vec::<String>::new());
    }
}
