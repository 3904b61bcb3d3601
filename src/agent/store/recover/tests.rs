use std::collections::BTreeMap;
use std::fs;

use rusqlite::Connection;

use super::*;
use crate::agent::store::backup::{BackupError, backup};
use crate::agent::store::base::Base;
use crate::agent::store::base_files;
use crate::agent::store::ledger::journal;
use crate::agent::store::open::open_reader;
use crate::agent::store::rebuild::{compare, rebuild};
use crate::agent::store::verify::{JournalReport, verify};
use crate::agent::testing::{MEMBERS, Purchase, World, receipt, store, till_id};
use crate::journal::Kind;
use crate::shell::keys::load_or_create_device_key;

const PAGE_BYTES: usize = 4096;

fn key(world: &World) -> Arc<SigningKey> {
    Arc::new(load_or_create_device_key(world.folder()).expect("a key").0)
}

fn report(world: &World) -> JournalReport {
    let ledger = open_reader(&world.ledger()).expect("opened");
    verify(&ledger, key(world).public_key()).expect("readable")
}

fn records(path: &Path) -> BTreeMap<i64, Vec<u8>> {
    let ledger = open_reader(path).expect("opened");
    let mut records = BTreeMap::new();
    journal::each(&ledger, 0, |id, bytes| {
        records.insert(id, bytes.to_vec());
        Ok::<_, StoreError>(())
    })
    .expect("readable");
    records
}

fn differences(world: &World) -> Vec<String> {
    let ledger = open_reader(&world.ledger()).expect("opened");
    let (_, base) = base_files::newest(world.folder()).expect("a base");
    let base = open_reader(&base).expect("opened");
    let found = compare(&ledger, Some(Base::of(&base).expect("a base"))).expect("compared");
    found.told.iter().map(ToString::to_string).collect()
}

async fn balances(world: &World) -> Vec<i64> {
    let mut balances = Vec::new();
    for member in 1..=MEMBERS {
        balances.push(world.balance(member).await);
    }
    balances
}

fn salvage_it(world: &World) -> Salvaged {
    salvage(world.folder(), &store(), &key(world), &world.clock).expect("salvaged")
}

/// Every receipt of these records is known to the till.
async fn all_known(world: &World, uids: impl Iterator<Item = String>) {
    for uid in uids {
        let status = world.till().status(till_id(), receipt(&uid)).await;
        assert!(status.is_ok(), "{uid}: {status:?}");
    }
}

#[tokio::test]
async fn a_sound_ledger_verifies_and_its_projections_are_what_the_journal_gives() {
    let mut world = World::new().await;
    world.trade("a").await;
    world.pass(chrono::TimeDelta::days(2));
    world.trade("bb").await;
    world.stop().await;
    let report = report(&world);
    assert!(report.is_sound(), "{:?} {:?}", report.faults, report.missing);
    assert_eq!(report.by_kind[&Kind::Sale], 8);
    assert_eq!(differences(&world), [] as [&str; 0]);
}

#[tokio::test]
async fn a_voucher_taken_at_the_tills_own_price_is_used_up_by_the_record_alone() {
    let mut world = World::new().await;
    let purchase = Purchase::of(7, 5_000).with_voucher("V7-1");
    let mut request = world.commit_request("own price", &purchase).await;
    request.payable = crate::money::Amount::new(4_400);
    let idempotency = crate::agent::testing::once("own price");
    world.till().commit(request, idempotency).await.expect("committed");
    world.void("own price").await;
    world.sell("again", &purchase).await;
    world.stop().await;
    assert_eq!(differences(&world), [] as [&str; 0]);
}

#[tokio::test]
async fn the_void_of_a_training_frees_no_voucher_that_was_used() {
    let world = World::new().await;
    let purchase = Purchase::of(8, 5_000).with_voucher("V8-1");
    world.sell("training", &purchase.clone().in_training()).await;
    world.sell("sale", &purchase).await;
    world.void("training").await;
    let again = world.quote(&purchase).await;
    assert_eq!(again.decision.totals.payable.value(), 4_750, "5 % and no voucher");
}

#[tokio::test]
async fn a_rebuild_of_a_sound_ledger_changes_nothing_and_of_another_mends_it() {
    let mut world = World::new().await;
    world.trade("a").await;
    world.trade("bb").await;
    world.stop().await;
    let dump = |connection: &Connection| -> Vec<String> {
        let tables = ["accounts", "account_records", "vouchers_used", "requests", "follow_ups"];
        let tables = tables.into_iter().chain(["vouchers_issued"]);
        let mut rows = Vec::new();
        for table in tables.chain(["days", "journal", "facts"]) {
            let sql = format!("SELECT * FROM {table} ORDER BY 1, 2");
            let mut statement = connection.prepare(&sql).expect("a table");
            let columns = statement.column_count();
            let row = |row: &rusqlite::Row<'_>| {
                (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at)).collect()
            };
            let found = statement.query_map([], row).expect("rows");
            rows.extend(found.map(|row: rusqlite::Result<Vec<_>>| format!("{table} {row:?}")));
        }
        rows
    };
    let (_, base) = base_files::newest(world.folder()).expect("a base");
    let base = open_reader(&base).expect("opened");
    let base = Base::of(&base).expect("a base");
    let connection = Connection::open(world.ledger()).expect("opened");
    let before = dump(&connection);
    rebuild(&connection, Some(base)).expect("rebuilt");
    assert_eq!(dump(&connection), before);
    connection
        .execute_batch(
            "UPDATE accounts SET facts = x'00' WHERE account = (SELECT min(account) FROM accounts);
             DELETE FROM vouchers_used;
             DELETE FROM follow_ups;
             DELETE FROM days;
             UPDATE account_records SET id = id + 1000 WHERE id = (SELECT min(id) FROM account_records);
             DELETE FROM requests WHERE what = 2",
        )
        .expect("broken");
    assert!(compare(&connection, Some(base)).expect("compared").found > 5);
    rebuild(&connection, Some(base)).expect("rebuilt");
    assert_eq!(compare(&connection, Some(base)).expect("compared").found, 0);
    drop(connection);
    world.start().await;
    // Its fingerprint is lost: whatever is sent under its id gets the answer that was given.
    assert_eq!(world.void("a-2").await.novelty, crate::agent::till::answer::Novelty::Repeated);
    assert_eq!(differences(&world), [] as [&str; 0]);
}

type PageChoice = Box<dyn Fn(usize) -> bool>;

/// Overwrites a piece of every page that `chosen` names.
fn damage(path: &Path, chosen: impl Fn(usize) -> bool) -> usize {
    let mut bytes = fs::read(path).expect("readable");
    let mut damaged = 0;
    for (page, content) in bytes.chunks_mut(PAGE_BYTES).enumerate() {
        if chosen(page) {
            content[..2_000].fill(0x5a);
            damaged += 1;
        }
    }
    fs::write(path, bytes).expect("written");
    damaged
}

async fn sold_world() -> (World, BTreeMap<i64, Vec<u8>>) {
    let mut world = World::new().await;
    for day in 0..4 {
        world.trade(&format!("day{day}")).await;
        for number in 0..15 {
            let uid = format!("day{day}-n{number}");
            world.sell(&uid, &Purchase::of(number % MEMBERS + 1, 1_000)).await;
        }
        world.pass(chrono::TimeDelta::days(1));
    }
    world.stop().await;
    let records = records(&world.ledger());
    (world, records)
}

#[tokio::test]
async fn whatever_page_breaks_all_that_is_provable_survives_and_the_till_sells_on() {
    let (world, _) = sold_world().await;
    let intact = fs::read(world.ledger()).expect("readable");
    let pages = intact.len() / PAGE_BYTES;
    drop(world);
    // Every seventh page, the first, the second, the last, and every one but the first.
    let patterns: [(&str, PageChoice); 5] = [
        ("every seventh", Box::new(|page| page % 7 == 3)),
        ("first", Box::new(|page| page == 0)),
        ("second", Box::new(|page| page == 1)),
        ("last", Box::new(move |page| page + 1 == pages)),
        ("all but the first", Box::new(|page| page > 0)),
    ];
    for (name, chosen) in patterns {
        let (mut world, before) = sold_world().await;
        assert!(damage(&world.ledger(), chosen) > 0, "{name}");
        let broken = fs::read(world.ledger()).expect("readable");
        let salvaged = salvage_it(&world);
        assert_eq!(salvaged.epoch, before.keys().last().map_or(0, |id| (id >> 40) as u32) + 1);
        let aside = salvaged.aside.expect("moved aside");
        assert_eq!(fs::read(&aside).expect("still there"), broken, "{name}");
        let after = records(&world.ledger());
        for (id, bytes) in after.iter().filter(|(id, _)| before.contains_key(id)) {
            assert_eq!(before[id], *bytes, "{name}: {id}");
        }
        let survived = before.keys().filter(|id| after.contains_key(id)).count();
        assert_eq!(survived as u64, salvaged.records, "{name}");
        let sound = report(&world);
        assert!(sound.is_sound(), "{name}: {:?} {:?}", sound.faults, sound.missing);
        let in_gaps: u64 =
            sound.gaps.iter().map(|gap| gap.last_sequence - gap.first_sequence + 1).sum();
        assert!(survived as u64 + in_gaps <= before.len() as u64, "{name}");
        if name != "all but the first" && name != "last" {
            assert!(survived * 3 > before.len() * 2, "{name}: {survived} of {}", before.len());
            assert_eq!(survived as u64 + in_gaps, before.len() as u64, "{name}");
        }
        assert_eq!(differences(&world), [] as [&str; 0], "{name}");
        world.start().await;
        world.sell("after", &Purchase::of(1, 1_000)).await;
        world.stop().await;
        let sound = report(&world);
        assert!(sound.is_sound(), "{name}: {:?} {:?}", sound.faults, sound.missing);
        assert_eq!(differences(&world), [] as [&str; 0], "{name}");
    }
}

#[tokio::test]
async fn a_start_on_a_cut_or_headless_or_emptied_file_salvages_it() {
    for keep in [0.9, 0.5, 0.01] {
        let (mut world, before) = sold_world().await;
        let bytes = fs::read(world.ledger()).expect("readable");
        let kept = ((bytes.len() as f64 * keep) as usize / PAGE_BYTES).max(1) * PAGE_BYTES;
        fs::write(world.ledger(), &bytes[..kept]).expect("cut");
        world.start().await;
        world.sell("after the cut", &Purchase::of(1, 1_000)).await;
        world.stop().await;
        let sound = report(&world);
        assert!(sound.is_sound(), "{keep}: {:?} {:?}", sound.faults, sound.missing);
        let after = records(&world.ledger());
        assert!(after.iter().all(|(id, bytes)| before.get(id).is_none_or(|b| b == bytes)));
        assert!(after.keys().last() > before.keys().last(), "{keep}: a new epoch");
        assert_eq!(differences(&world), [] as [&str; 0], "{keep}");
        let aside = fs::read_dir(world.folder()).expect("a folder").filter(|file| {
            let name = file.as_ref().expect("a file").file_name();
            name.to_string_lossy().starts_with("ledger.db.damaged-")
        });
        assert_eq!(aside.count(), 1, "{keep}");
    }
}

#[tokio::test]
async fn records_that_only_a_headless_wal_has_survive() {
    let mut world = World::new().await;
    world.trade("a").await;
    let wal =
        fs::read(crate::shell::durable_file::with_suffix(&world.ledger(), "-wal")).expect("a WAL");
    world.stop().await;
    let before = records(&world.ledger());
    fs::write(world.ledger(), b"").expect("emptied");
    let beside = crate::shell::durable_file::with_suffix(&world.ledger(), "-wal");
    fs::write(beside, wal).expect("put back");
    world.start().await;
    all_known(&world, ["a-1".to_owned(), "a-4".to_owned()].into_iter()).await;
    world.stop().await;
    let after = records(&world.ledger());
    assert!(before.iter().all(|(id, bytes)| after.get(id) == Some(bytes)));
    assert!(report(&world).is_sound());
}

#[tokio::test]
async fn what_a_crash_left_of_an_earlier_attempt_is_no_obstacle() {
    let (world, before) = sold_world().await;
    for name in ["ledger.building.db", "ledger.building.db-wal", "ledger.reading.db"] {
        fs::write(world.folder().join(name), [7; 5_000]).expect("written");
    }
    assert_eq!(salvage_it(&world).records, before.len() as u64);
    assert_eq!(salvage_it(&world).epoch, 3);
    assert!(report(&world).is_sound());
    let left = fs::read_dir(world.folder()).expect("a folder").filter(|file| {
        let name = file.as_ref().expect("a file").file_name();
        let name = name.to_string_lossy();
        ["ledger.building", "ledger.reading", "ledger.next"].iter().any(|p| name.starts_with(p))
    });
    assert_eq!(left.count(), 0);
}

#[tokio::test]
async fn another_record_under_the_same_number_is_a_fork_and_refused() {
    let mut world = World::new().await;
    world.trade("a").await;
    world.stop().await;
    let common = fs::read(world.ledger()).expect("readable");
    world.start().await;
    world.sell("here", &Purchase::of(1, 1_000)).await;
    let file = world.folder().join("saved.backup");
    backup(&world.ledger(), &file, key(&world).public_key()).expect("backed up");
    world.stop().await;
    fs::write(world.ledger(), common).expect("rolled back");
    world.start().await;
    world.sell("there", &Purchase::of(2, 1_000)).await;
    world.stop().await;
    let before = records(&world.ledger());
    let refused = restore(world.folder(), &file, &store(), &key(&world), &world.clock);
    assert!(matches!(refused, Err(RecoverError::Fork { epoch: 1, .. })), "{refused:?}");
    assert_eq!(records(&world.ledger()), before);
}

#[tokio::test]
async fn a_record_that_nothing_proves_is_set_aside_and_a_gap_stands_for_it() {
    let (mut world, before) = sold_world().await;
    let (id, bytes) = before.iter().nth(20).expect("a record");
    let mut changed = bytes.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    let connection = Connection::open(world.ledger()).expect("opened");
    connection
        .execute("UPDATE journal SET bytes = ?1 WHERE id = ?2", (&changed, id))
        .expect("changed");
    // Without this the old page would give the record back.
    connection.execute_batch("VACUUM").expect("packed");
    drop(connection);
    let found = report(&world);
    assert_eq!(found.faults.iter().map(|fault| fault.id).collect::<Vec<_>>(), [*id]);
    let salvaged = salvage_it(&world);
    assert_eq!(salvaged.lost.len(), 1);
    let aside = world.folder().join(SET_ASIDE_FOLDER).join(format!("{id}.cbor"));
    assert_eq!(fs::read(aside).expect("set aside"), changed);
    let sound = report(&world);
    assert!(sound.is_sound(), "{:?} {:?}", sound.faults, sound.missing);
    assert_eq!(sound.gaps[0].hash, Some(crate::journal::ContentHash::of(&changed)));
    let after = records(&world.ledger());
    assert!(before.iter().all(|(other, bytes)| other == id || after.get(other) == Some(bytes)));
    world.start().await;
    world.sell("after", &Purchase::of(1, 1_000)).await;
    world.stop().await;
    assert!(report(&world).is_sound());
}

#[tokio::test]
async fn after_a_restore_nothing_is_lost_or_doubled() {
    let mut world = World::new().await;
    world.trade("a").await;
    let file = world.folder().join("saved.backup");
    let made = backup(&world.ledger(), &file, key(&world).public_key()).expect("backed up");
    assert!(made.is_sound());
    let again = backup(&world.ledger(), &file, key(&world).public_key());
    assert!(matches!(again, Err(BackupError::Exists { .. })));
    for number in 0..10 {
        world.sell(&format!("before-{number}"), &Purchase::of(number + 1, 2_000)).await;
    }
    world.reserve("held", 3, 100).await;
    let running = restore(world.folder(), &file, &store(), &key(&world), &world.clock);
    assert!(matches!(running, Err(RecoverError::Open(OpenError::AlreadyRunning { .. }))));
    let balances_before = balances(&world).await;
    world.stop().await;
    let before = records(&world.ledger());
    let restored =
        restore(world.folder(), &file, &store(), &key(&world), &world.clock).expect("restored");
    assert_eq!(restored.from_backup, made.records);
    assert_eq!(restored.from_backup + restored.carried_over, before.len() as u64);
    assert_eq!((restored.epoch, restored.dropped_holds, restored.lost.len()), (2, 1, 0));
    world.start().await;
    assert_eq!(balances(&world).await, balances_before);
    for number in 0..10 {
        world.sell(&format!("after-{number}"), &Purchase::of(number + 1, 2_000)).await;
    }
    let uids = (0..10).flat_map(|n| [format!("before-{n}"), format!("after-{n}")]);
    all_known(&world, uids.chain(["a-1".to_owned()])).await;
    world.stop().await;
    let after = records(&world.ledger());
    assert!(before.iter().all(|(id, bytes)| after.get(id) == Some(bytes)));
    let sound = report(&world);
    assert!(sound.is_sound(), "{:?} {:?}", sound.faults, sound.missing);
    assert_eq!(sound.by_kind[&Kind::Sale], 4 + 20);
    assert_eq!(differences(&world), [] as [&str; 0]);
}

#[tokio::test]
async fn a_restore_brings_back_a_ledger_that_is_gone() {
    let mut world = World::new().await;
    world.trade("a").await;
    let file = world.folder().join("saved.backup");
    backup(&world.ledger(), &file, key(&world).public_key()).expect("backed up");
    world.stop().await;
    let before = records(&world.ledger());
    fs::remove_file(world.ledger()).expect("gone");
    let restored =
        restore(world.folder(), &file, &store(), &key(&world), &world.clock).expect("restored");
    assert_eq!((restored.carried_over, restored.aside.clone()), (0, None));
    world.start().await;
    all_known(&world, ["a-1".to_owned()].into_iter()).await;
    world.stop().await;
    assert!(records(&world.ledger()).len() >= before.len());
    assert!(report(&world).is_sound());
}

#[tokio::test]
async fn a_crash_between_the_two_moves_of_an_exchange_is_finished_at_the_next_start() {
    let (mut world, before) = sold_world().await;
    // Complete beside the old one; the old one moved or not.
    for moved in [false, true] {
        fs::copy(world.ledger(), world.folder().join(replace::NEXT_FILE)).expect("copied");
        if moved {
            fs::rename(world.ledger(), world.folder().join("ledger.db.replaced-then")).expect("");
        }
        world.start().await;
        world.stop().await;
        assert!(!world.folder().join(replace::NEXT_FILE).exists());
        let after = records(&world.ledger());
        assert!(before.iter().all(|(id, bytes)| after.get(id) == Some(bytes)));
    }
    assert!(report(&world).is_sound());
}

#[tokio::test]
async fn a_backup_of_another_device_is_refused_and_nothing_changes() {
    let mut world = World::new().await;
    let mut other = World::new().await;
    world.trade("a").await;
    world.stop().await;
    other.stop().await;
    let file = other.folder().join("saved.backup");
    backup(&other.ledger(), &file, key(&other).public_key()).expect("backed up");
    let before = records(&world.ledger());
    let refused = restore(world.folder(), &file, &store(), &key(&world), &world.clock);
    assert!(matches!(refused, Err(RecoverError::OtherKey { .. })), "{refused:?}");
    assert_eq!(records(&world.ledger()), before);
}

#[tokio::test]
async fn a_start_with_another_device_key_refuses_and_leaves_the_ledger_as_it_is() {
    let (mut world, before) = sold_world().await;
    let device_key = world.folder().join(crate::shell::keys::DEVICE_KEY_FILE);
    fs::rename(&device_key, world.folder().join("lost.key")).expect("renamed");
    let refused = world.try_start().await.expect_err("no key");
    assert!(!device_key.exists(), "no new key is made: {refused}");
    crate::shell::keys::load_or_create_device_key(world.folder()).expect("a key of its own");
    let refused = world.try_start().await.expect_err("another key");
    let told = crate::agent::command::chain(&refused);
    assert!(told.contains("put the right device.key back"), "{told}");
    assert_eq!(records(&world.ledger()), before);
    assert!(!world.folder().join(SET_ASIDE_FOLDER).exists());
    fs::rename(world.folder().join("lost.key"), &device_key).expect("renamed");
    world.start().await;
    world.stop().await;
    assert!(report(&world).is_sound());
}

#[tokio::test]
async fn a_salvage_keeps_what_the_journal_does_not_know_from_a_ledger_before_checksums_too() {
    for before_checksums in [
        "",
        "ALTER TABLE requests DROP COLUMN checksum; ALTER TABLE idempotency DROP COLUMN checksum;
         ALTER TABLE holds DROP COLUMN checksum; ALTER TABLE codes_used DROP COLUMN checksum;",
    ] {
        let (world, _) = sold_world().await;
        let connection = Connection::open(world.ledger()).expect("opened");
        connection
            .execute_batch(&format!(
                "INSERT INTO codes_used (code, last_step, used_until) VALUES (x'aa', 5, 9e15);
                 INSERT INTO idempotency (till, key, fingerprint, id, kept_until)
                 SELECT 'till-1', 'k', fingerprint, id, 9e15 FROM requests LIMIT 1;
                 {before_checksums}"
            ))
            .expect("changed");
        let kept = |connection: &Connection| -> (i64, i64, i64) {
            let sql = "SELECT (SELECT count(*) FROM requests WHERE fingerprint <> zeroblob(32)),
                              (SELECT count(*) FROM idempotency),
                              (SELECT count(*) FROM codes_used WHERE last_step = 5)";
            connection.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?))).expect("read")
        };
        let before = kept(&connection);
        assert!(before.0 > 0);
        drop(connection);
        salvage_it(&world);
        assert_eq!(kept(&open_reader(&world.ledger()).expect("opened")), before);
        assert_eq!(differences(&world), [] as [&str; 0]);
    }
}
