use super::*;
use crate::hub::store::Store;
use crate::hub::store::rows::AccountRow;
use crate::hub::store::sqlite::SqliteStore;
use crate::journal::testing::{device_key, instant};
use crate::loyalty::{AccountFacts, AccountRef, EntryKey, StoreId};

const LEAST: &str = "format = 1\nid = \"club\"\nversion = 3\nname = \"Club\"\ncurrency = \"EUR\"\n\
                     zone = \"Europe/Prague\"\n";
const STEPS: &str = "[redemption]\nstep = 100\nstep_value = \"1.00\"\n";
const LEVELS: &str = "[redemption]\nlevels = [{ points = 100, amount = \"1.00\" }, \
                      { points = 300, amount = \"5.00\" }]\n";

fn programme(tables: &str) -> Programme {
    ProgrammeFile::check(&format!("{LEAST}{tables}")).expect("a sound programme")
}

fn floor(points: i64) -> String {
    format!("[offline]\nspending = \"floor\"\nfloor_points = {points}\n")
}

fn device(standing: DeviceStanding) -> DeviceRow {
    DeviceRow {
        device: device_key().device_id(),
        name: "lane".to_owned(),
        store: StoreId::parse("S1").expect("an id"),
        group: "all".to_owned(),
        key: device_key().public_key(),
        standing,
        replaces: None,
        head: None,
        checkpoint: 0,
        enrolled_at: instant(0),
        seen_at: None,
        software: String::new(),
        clock_offset_ms: 0,
    }
}

const FLEET: Fleet = Fleet { at_work: 3, gone: 1 };

#[test]
fn a_device_counts_until_somebody_says_that_it_is_gone() {
    use DeviceStanding::{Active, Replaced, Revoked, Suspended};
    let devices = [Active, Suspended, Replaced, Revoked, Active].map(device);
    assert_eq!(Fleet::of(&devices), Fleet { at_work: 3, gone: 2 });
    assert_eq!(Fleet::of(&[]), Fleet { at_work: 0, gone: 0 });
}

#[test]
fn the_bound_is_the_floor_of_every_account_on_every_device_and_what_that_is_worth() {
    let half = "[redemption]\nlevels = [{ points = 100, percent = \"50\" }]\n";
    for (tables, points, worth) in [
        (format!("{STEPS}{}", floor(500)), 30_000, Some(30_000)),
        (format!("{STEPS}{}", floor(150)), 9_000, Some(9_000)),
        // 5.00 for 300 points is the dearest: 8.34 for each 500.
        (format!("{LEVELS}{}", floor(500)), 30_000, Some(60 * 834)),
        (format!("{half}{}", floor(100)), 6_000, None),
        (format!("{STEPS}[offline]\nspending = \"none\"\n"), 0, Some(0)),
    ] {
        let bound = Exposure::of(&programme(&tables), FLEET, 20).bound.expect("a bound");
        let found = (bound.points.value(), bound.worth.map(Amount::value));
        assert_eq!(found, (points, worth), "{tables}");
    }
    let unbounded = Exposure::of(&programme(STEPS), FLEET, 20);
    assert_eq!(unbounded.bound, None);
    assert_eq!(unbounded.json(&programme(STEPS))["bound"], Value::Null);
}

#[test]
fn cashback_adds_to_what_points_are_worth() {
    let tables = format!("{STEPS}[cashback]\n{}floor_cashback = \"2.00\"\n", floor(100));
    let programme = programme(&tables);
    let exposure = Exposure::of(&programme, FLEET, 20);
    let told = exposure.json(&programme);
    assert_eq!(
        told,
        json!({
            "programme_version": 3,
            "currency": "EUR",
            "point_decimals": 0,
            "spending": "floor",
            "devices": 3,
            "devices_gone": 1,
            "accounts": 20,
            "bound": {
                "floor_points": 100,
                "floor_cashback": 200,
                "points": 6_000,
                "cashback": 12_000,
                "worth": 18_000,
            },
            "hub_word_s": 30,
        })
    );
    let text = exposure.text(&programme);
    for line in [
        "devices      3 (1 more are gone)",
        "points       at most 6000 (100 for each account and device)",
        "cashback     at most 120.00 EUR (2.00 EUR for each account and device)",
        "in money     at most 180.00 EUR",
    ] {
        assert!(text.lines().any(|told| told == line), "{line} in\n{text}");
    }
}

#[test]
fn a_bound_beyond_all_numbers_is_the_greatest_number() {
    let programme = programme(&format!("{STEPS}{}", floor(500)));
    let fleet = Fleet { at_work: u64::MAX, gone: 0 };
    let bound = Exposure::of(&programme, fleet, u64::MAX).bound.expect("a bound");
    assert_eq!((bound.points.value(), bound.worth), (i64::MAX, Some(Amount::new(i64::MAX))));
}

#[test]
fn an_account_counts_that_ever_had_an_opening_or_a_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("hub.db")).expect("a store");
    let key = EntryKey {
        effective_at: instant(0),
        device: device_key().device_id(),
        epoch: 1,
        sequence: 7,
    };
    let row = |number: u8, opening: Option<AccountFacts>, last_entry| AccountRow {
        account: AccountRef::from_bytes([number; 16]),
        opening,
        facts: AccountFacts { last_entry, ..AccountFacts::default() },
    };
    let rows =
        [row(1, None, None), row(2, Some(AccountFacts::default()), None), row(3, None, Some(key))];
    let mut tx = store.write().expect("a transaction");
    tx.lock_accounts(&rows.clone().map(|row| row.account)).expect("made");
    let cursor = tx.next_cursor().expect("a cursor");
    tx.save_accounts(&rows, cursor).expect("saved");
    tx.commit().expect("durable");
    let found = accounts_with_history(&mut *store.read().expect("a look")).expect("read");
    assert_eq!(found, 2);
}
