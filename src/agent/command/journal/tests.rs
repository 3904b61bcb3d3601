use std::path::PathBuf;

use super::*;
use crate::agent::testing::World;
use crate::journal::Kind;
use crate::shell::keys::load_or_create_device_key;

async fn traded() -> (World, PublicKey) {
    let mut world = World::new().await;
    world.trade("a").await;
    world.stop().await;
    let (key, _) = load_or_create_device_key(world.folder()).expect("a key");
    (world, key.public_key())
}

fn shown(world: &World, args: &JournalShowArgs) -> Vec<String> {
    let ledger = open_ledger(world.folder()).expect("opened");
    let mut out = Vec::new();
    show_to(&mut out, &ledger, args).expect("shown");
    String::from_utf8(out).expect("text").lines().map(str::to_owned).collect()
}

fn all() -> JournalShowArgs {
    JournalShowArgs { from: None, to: None, kind: None, json: false }
}

fn exported(world: &World, key: PublicKey) -> PathBuf {
    let path = world.folder().join("journal.export");
    let ledger = open_ledger(world.folder()).expect("opened");
    export::write(&ledger, key, &path).expect("exported");
    path
}

#[tokio::test]
async fn every_record_is_a_line_and_filters_choose() {
    let (world, _) = traded().await;
    let lines = shown(&world, &all());
    assert!(
        lines[0].starts_with("1/1 2026-03-02T08:00:00+00:00 key_change - key "),
        "{}",
        lines[0]
    );
    let sales = shown(&world, &JournalShowArgs { kind: Some(Kind::Sale), ..all() });
    assert_eq!(sales.len(), 4);
    assert_eq!(
        sales[0].split_once(' ').expect("words").1,
        "2026-03-02T09:00:00+01:00 sale till-1 a-1 lines 1 payable 11728 EUR member 00000001 earned 117 spent 0"
    );
    let range = shown(&world, &JournalShowArgs { from: Some(2), to: Some(4), ..all() });
    assert_eq!(range, lines[1..4]);
}

#[tokio::test]
async fn every_kind_is_one_json_object_with_its_place_and_proof() {
    let (world, _) = traded().await;
    let lines = shown(&world, &JournalShowArgs { json: true, ..all() });
    let mut kinds = std::collections::BTreeSet::new();
    for (number, line) in lines.iter().enumerate() {
        let object: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(object["sequence"], number as u64 + 1);
        assert_eq!(object["signature"].as_str().map(str::len), Some(128));
        let kind = object["kind"].as_str().expect("a kind").to_owned();
        assert!(object[&kind].is_object(), "{line}");
        kinds.insert(kind);
    }
    for kind in ["sale", "training", "return", "void", "assign", "adjustment", "event"] {
        assert!(kinds.contains(kind), "{kind}");
    }
}

#[test]
fn a_record_of_any_kind_can_be_shown() {
    for kind in Kind::ALL {
        let record = crate::journal::testing::record_of(*kind);
        assert!(show::line(&record).contains(kind.name()), "{kind}");
    }
}

#[test]
fn a_closing_says_what_was_taken_back_and_that_it_is_a_supplement() {
    let line = show::line(&crate::journal::testing::supplement());
    let told = "voids 2 returns 5 refunded 12340 taken back 123 given back 40 supplement 1";
    assert!(line.ends_with(told), "{line}");
}

#[tokio::test]
async fn an_export_proves_itself_and_every_changed_byte_is_found() {
    let (world, key) = traded().await;
    let path = exported(&world, key);
    let (report, found) = export::verify(&path).expect("an export");
    assert!(report.is_sound() && found == key);
    assert_eq!(report.records as usize, shown(&world, &all()).len());
    assert!(told(&report, key).contains(&"0 faults".to_owned()));

    let bytes = std::fs::read(&path).expect("readable");
    let broken = world.folder().join("broken.export");
    for place in (0..bytes.len()).step_by(61) {
        let mut changed = bytes.clone();
        changed[place] ^= 0x10;
        std::fs::write(&broken, changed).expect("written");
        let sound = export::verify(&broken).is_ok_and(|(report, _)| report.is_sound());
        assert!(!sound, "byte {place}");
    }
    for cut in (0..bytes.len()).step_by(97) {
        std::fs::write(&broken, &bytes[..cut]).expect("written");
        let refused = export::verify(&broken).expect_err("cut off");
        assert!(matches!(refused, ExportError::NoExport { .. }), "{cut}: {refused}");
    }
    std::fs::write(&broken, [&bytes[..], b"x"].concat()).expect("written");
    assert!(export::verify(&broken).is_err(), "more behind the end");
}

#[tokio::test]
async fn an_export_never_overwrites() {
    let (world, key) = traded().await;
    let path = exported(&world, key);
    let ledger = open_ledger(world.folder()).expect("opened");
    let refused = export::write(&ledger, key, &path);
    assert!(matches!(refused, Err(ExportError::Exists { .. })));
}
