//! The ledger has the programmes, whatever becomes of their files.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::agent::store::backup::backup;
use crate::agent::store::recover::{restore, salvage};
use crate::agent::testing::{PROGRAMME, store};
use crate::shell::keys::load_or_create_device_key;

fn programme(version: u32) -> String {
    PROGRAMME.replace("version = 1", &format!("version = {version}"))
}

fn files(world: &World) -> Vec<PathBuf> {
    let files = fs::read_dir(world.folder().join("programmes")).into_iter().flatten();
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_start_without_the_folder_of_programmes_sells_and_writes_it_again() {
    let mut world = World::new().await;
    world.till().publish(programme(2)).await.expect("published");
    let before: Vec<_> =
        files(&world).iter().map(|path| fs::read(path).expect("readable")).collect();
    assert_eq!(before.len(), 2);
    world.stop().await;
    fs::remove_dir_all(world.folder().join("programmes")).expect("removed");
    world.start().await;
    let sold = world.sell("R1", &Purchase::of(1, 10_000)).await;
    assert_eq!(sold.record.header.programme_version, 2);
    let after: Vec<_> =
        files(&world).iter().map(|path| fs::read(path).expect("readable")).collect();
    assert_eq!(after, before);
    assert!(world.till().programme_of(1).is_some(), "earlier ones too");
}

#[tokio::test]
async fn a_start_sells_where_the_files_cannot_be_written() {
    let mut world = World::new().await;
    world.stop().await;
    let folder = world.folder().join("programmes");
    fs::remove_dir_all(&folder).expect("removed");
    fs::write(&folder, "no folder").expect("written");
    world.start().await;
    world.sell("R1", &Purchase::of(1, 10_000)).await;
}

#[tokio::test]
async fn a_file_that_somebody_changed_is_not_what_was_in_force() {
    let mut world = World::new().await;
    let original = fs::read_to_string(&files(&world)[0]).expect("readable");
    world.till().publish(programme(2)).await.expect("published");
    world.stop().await;
    let path = files(&world).remove(0);
    let changed = original.replace("percent = \"5\"", "percent = \"50\"");
    assert_ne!(changed, original);
    world.start().await;
    fs::write(&path, &changed).expect("changed");
    assert!(world.till().programme_of(1).is_none(), "the name is not believed");
    world.stop().await;
    world.start().await;
    assert_eq!(fs::read_to_string(&path).expect("readable"), original);
    assert!(world.till().programme_of(1).is_some());
    let aside = path.with_extension("toml.damaged");
    assert_eq!(fs::read_to_string(aside).expect("kept"), changed);
}

#[tokio::test]
async fn a_ledger_that_has_no_programmes_yet_takes_them_from_the_files() {
    let mut world = World::new().await;
    world.stop().await;
    let connection = Connection::open(world.ledger()).expect("opens");
    connection.execute_batch("DELETE FROM programmes").expect("as before");
    drop(connection);
    world.start().await;
    world.stop().await;
    fs::remove_dir_all(world.folder().join("programmes")).expect("removed");
    world.start().await;
    world.sell("R1", &Purchase::of(1, 10_000)).await;
}

#[tokio::test]
async fn backup_restore_and_salvage_carry_the_programmes() {
    let mut world = World::new().await;
    world.sell("R1", &Purchase::of(1, 10_000)).await;
    let key = load_or_create_device_key(world.folder()).expect("a key").0;
    let file = world.folder().join("saved.backup");
    backup(&world.ledger(), &file, key.public_key()).expect("backed up");
    world.stop().await;
    let key = std::sync::Arc::new(key);
    fs::remove_file(world.ledger()).expect("gone");
    for number in 2..4 {
        fs::remove_dir_all(world.folder().join("programmes")).expect("removed");
        if number == 2 {
            restore(world.folder(), &file, &store(), &key, &world.clock).expect("restored");
        } else {
            salvage(world.folder(), &store(), &key, &world.clock).expect("salvaged");
        }
        world.start().await;
        world.sell(&format!("R{number}"), &Purchase::of(1, 10_000)).await;
        world.stop().await;
    }
}

#[tokio::test]
async fn a_programme_that_an_earlier_version_took_is_read_though_it_would_not_be_published_now() {
    use std::fmt::Write as _;

    let world = World::new().await;
    let mut costly = programme(3);
    for number in 0..1_000 {
        let _ = write!(
            costly,
            "\n[[offers]]\nid = \"n{number}\"\nname = \"N\"\nkind = \"basket_percent\"\npercent = \"0.1\"\n"
        );
    }
    let refused = world.till().publish(costly.clone()).await.expect_err("too costly");
    assert!(refused.to_string().contains("too_costly"), "{refused}");
    let hash = crate::agent::store::ledger::programmes::hash_of(&costly);
    fs::write(world.folder().join(format!("programmes/3-{hash}.toml")), costly).expect("written");
    let kept = world.till().programme_of(3).expect("it is read");
    assert!(kept.programme().offers.len() >= 1_000);
}
