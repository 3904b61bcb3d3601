use std::fs;

use super::doctor::{Finding, examine};
use crate::agent::cli::{BackupArgs, DoctorArgs, Exit, Handlers, JournalSource, RestoreArgs};
use crate::agent::command::Commands;
use crate::agent::config::{Config, Needs, Overrides, Pretended};
use crate::agent::testing::World;
use crate::shell::keys::DEVICE_KEY_FILE;

/// Findings that somebody must act on. A world's clock is not this machine's.
fn amiss(world: &World) -> Vec<String> {
    let told = |finding| match finding {
        Finding::Well(_) => None,
        Finding::Amiss(text) | Finding::Damaged(text) => Some(text),
    };
    let findings = examine(world.folder()).into_iter().filter_map(told);
    findings.filter(|text| !text.starts_with("the clock")).collect()
}

#[tokio::test]
async fn a_sound_folder_needs_nothing_whether_the_agent_runs_or_not() {
    let mut world = World::new().await;
    world.trade("a").await;
    assert_eq!(amiss(&world), [] as [&str; 0]);
    world.stop().await;
    assert_eq!(amiss(&world), [] as [&str; 0]);
}

#[tokio::test]
async fn what_is_wrong_is_told_with_what_to_do() {
    let mut world = World::new().await;
    world.trade("a").await;
    world.stop().await;
    let says = |words: &str| {
        let findings = amiss(&world);
        assert!(findings.iter().any(|text| text.contains(words)), "{words}: {findings:?}");
    };
    let ledger = rusqlite::Connection::open(world.ledger()).expect("opened");
    ledger.execute_batch("DELETE FROM days").expect("broken");
    says("tillward rebuild");
    ledger.execute_batch("UPDATE requests SET fingerprint = zeroblob(32)").expect("broken");
    says("rows of requests are damaged");
    let base = rusqlite::Connection::open(world.folder().join("base-1.db")).expect("opened");
    base.execute_batch("UPDATE codes SET member = zeroblob(16)").expect("broken");
    drop(base);
    says("20 rows of codes in the base are damaged: import the members again");
    let sql = "UPDATE journal SET bytes = x'00' WHERE id = (SELECT max(id) - 3 FROM journal)";
    ledger.execute_batch(sql).expect("broken");
    drop(ledger);
    says("tillward doctor --salvage");
    fs::rename(world.folder().join("programmes"), world.folder().join("lost")).expect("renamed");
    says("writes it again from the ledger");
    let ledger = rusqlite::Connection::open(world.ledger()).expect("opened");
    ledger.execute_batch("UPDATE programmes SET text = text || ' '").expect("broken");
    drop(ledger);
    says("tillward programme activate");
    fs::remove_file(world.folder().join("base-1.db")).expect("removed");
    says("import the members again");
    let key = world.folder().join(DEVICE_KEY_FILE);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("changed");
        says("chmod 600");
    }
    fs::remove_file(&key).expect("removed");
    says("put it back");
    fs::remove_file(world.ledger()).expect("removed");
    says("there is no ledger yet");
}

#[tokio::test]
async fn the_commands_do_what_they_say_and_refuse_while_the_agent_runs() {
    let mut world = World::new().await;
    world.trade("a").await;
    let config = config_of(&world);
    let file = world.folder().join("saved.backup");
    let args = BackupArgs { file: file.clone() };
    Commands.backup(config.clone(), args.clone()).expect("backed up while the till sells");
    let again = Commands.backup(config.clone(), args).expect_err("never overwrites");
    assert_eq!(again.exit, Exit::Failed);
    let restore = || Commands.restore(config.clone(), RestoreArgs { file: file.clone() });
    let salvage = || Commands.doctor(config.clone(), DoctorArgs { salvage: true });
    assert_eq!(Commands.rebuild(config.clone()).expect_err("it runs").exit, Exit::Busy);
    assert_eq!(restore().expect_err("it runs").exit, Exit::Busy);
    world.stop().await;
    let ledger = rusqlite::Connection::open(world.ledger()).expect("opened");
    ledger.execute_batch("UPDATE requests SET id = id + 1").expect("broken");
    drop(ledger);
    Commands.rebuild(config.clone()).expect("rebuilt");
    assert_eq!(amiss(&world), [] as [&str; 0], "damaged rows are computed again");
    restore().expect("restored");
    let bytes = fs::read(world.ledger()).expect("readable");
    salvage().expect("nothing to salvage");
    assert_eq!(fs::read(world.ledger()).expect("readable"), bytes);
    let ledger = rusqlite::Connection::open(world.ledger()).expect("opened");
    ledger.execute_batch("DELETE FROM journal WHERE id % 7 = 3; VACUUM").expect("broken");
    drop(ledger);
    let verify = || Commands.journal_verify(JournalSource::Ledger(Box::new(config.clone())));
    assert_eq!(verify().expect_err("records are missing").exit, Exit::Data);
    salvage().expect("salvaged, and well after it");
    verify().expect("sound");
}

fn config_of(world: &World) -> Config {
    let folder = world.folder().to_str().expect("a text").to_owned();
    let overrides = Overrides { data_dir: Some(folder), ..Overrides::default() };
    Config::load(&overrides, Needs::Nothing, &Pretended::default()).expect("a configuration")
}
