use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::hub::store::sqlite::SqliteStore;
use crate::journal::testing::instant;

struct Folder {
    dir: TempDir,
    store: SqliteStore,
}

impl Folder {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(&dir.path().join("hub.db")).expect("a store");
        Self { dir, store }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn root_file(&self) -> PathBuf {
        self.path().join("away").join("root.key")
    }

    fn init(&self) -> Result<init::Initialised, KeysError> {
        std::fs::create_dir_all(self.path().join("away")).expect("a folder");
        let root_file = self.root_file();
        let (folder, store) = (self.path(), &self.store as &dyn Store);
        init(&Init { folder, root_file: &root_file, store, now: instant(0) })
    }

    fn rotate(&self, root_file: &Path, step: Step) -> Result<rotation::Rotated, KeysError> {
        let (folder, store) = (self.path(), &self.store as &dyn Store);
        let place = Place { folder, root_file, store, now: instant(1) };
        match step {
            Step::Start => start_rotation(place, KeyUse::Checkpoint),
            Step::Finish => finish_rotation(place, KeyUse::Checkpoint),
        }
    }

    fn list(&self) -> KeyList {
        let root = root_public(self.path()).expect("a root");
        newest_list(&mut *self.store.read().expect("a look"), &root).expect("a list")
    }

    fn signs_with(&self) -> PublicKey {
        KeyRing::load(self.path(), &self.store).expect("keys").checkpoint.public_key()
    }
}

#[derive(Clone, Copy)]
enum Step {
    Start,
    Finish,
}

#[test]
fn init_makes_every_key_once_and_lists_them_under_the_root() {
    let folder = Folder::new();
    let made = folder.init().expect("made");
    assert_eq!(made.root_file, Some(folder.root_file()));
    assert_eq!((made.list.serial, made.list.keys.len()), (1, 4));
    assert_eq!(made.list.expires_at, instant(0) + LIST_LIFE);
    let again = folder.init().expect("there");
    assert_eq!((again.root_file, &again.list), (None, &made.list));
    assert_eq!(again.fingerprint, made.fingerprint);
    let ring = KeyRing::load(folder.path(), &folder.store).expect("keys");
    assert_eq!(ring.fingerprint(), made.fingerprint);
    for (key_use, key) in [
        (KeyUse::Checkpoint, ring.checkpoint.public_key()),
        (KeyUse::Programme, ring.programme.public_key()),
    ] {
        assert_eq!(made.list.keys_for(key_use).collect::<Vec<_>>(), [&key]);
    }
}

#[cfg(unix)]
#[test]
fn secrets_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    folder.init().expect("made");
    for name in [
        "checkpoint.key",
        "programme.key",
        "token.key",
        "tls.key",
        "directory.key",
        "away/root.key",
    ] {
        let mode = folder.path().join(name).metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_new_store_gets_its_list_from_the_root_and_from_no_other_key() {
    let folder = Folder::new();
    let fingerprint = folder.init().expect("made").fingerprint;
    let root = std::fs::read(folder.root_file()).expect("the root");
    let store = SqliteStore::open(&folder.path().join("new.db")).expect("a store");
    let moved = Folder { store, ..folder };
    std::fs::remove_file(moved.root_file()).expect("carried away");
    assert!(matches!(moved.init(), Err(KeysError::RootNeeded { .. })));
    crate::shell::keys::load_or_create_key_pair(&moved.root_file()).expect("another");
    assert!(matches!(moved.init(), Err(KeysError::OtherRoot { .. })));
    std::fs::write(moved.root_file(), root).expect("brought back");
    let made = moved.init().expect("listed");
    assert_eq!((made.fingerprint, made.root_file, made.list.serial), (fingerprint, None, 1));
}

#[test]
fn a_store_of_another_hub_is_refused() {
    let (one, other) = (Folder::new(), Folder::new());
    one.init().expect("made");
    other.init().expect("made");
    let found = KeyRing::load(one.path(), &other.store);
    assert!(matches!(found, Err(KeysError::List(_))), "{found:?}");
    let none = KeyRing::load(Folder::new().path(), &one.store);
    assert!(matches!(none, Err(KeysError::NotInitialised { .. })), "{none:?}");
}

#[test]
fn a_key_is_replaced_in_two_steps_and_signs_only_while_it_is_listed() {
    let folder = Folder::new();
    folder.init().expect("made");
    let old = folder.signs_with();
    let begun = folder.rotate(&folder.root_file(), Step::Finish);
    assert!(matches!(begun, Err(KeysError::NotBegun { .. })));

    let started = folder.rotate(&folder.root_file(), Step::Start).expect("started");
    let both: Vec<&PublicKey> = started.list.keys_for(KeyUse::Checkpoint).collect();
    assert_eq!((started.list.serial, both), (2, vec![&old, &started.key]));
    assert_eq!(folder.signs_with(), started.key, "after a restart");
    let twice = folder.rotate(&folder.root_file(), Step::Start);
    assert!(matches!(twice, Err(KeysError::UnderWay { .. })));

    let finished = folder.rotate(&folder.root_file(), Step::Finish).expect("finished");
    let one: Vec<&PublicKey> = finished.list.keys_for(KeyUse::Checkpoint).collect();
    assert_eq!((finished.list.serial, one), (3, vec![&started.key]));
    assert_eq!(finished.list.keys.len(), 4, "other uses keep theirs");
    assert_eq!(folder.signs_with(), started.key);
    assert_eq!(folder.list(), finished.list);
    assert!(folder.rotate(&folder.root_file(), Step::Start).is_ok(), "and once more");
}

#[test]
fn a_key_that_was_made_but_not_listed_does_not_sign() {
    let folder = Folder::new();
    folder.init().expect("made");
    let old = folder.signs_with();
    let next = next_file(folder.path(), KeyUse::Checkpoint);
    let (made, _) = crate::shell::keys::load_or_create_key_pair(&next).expect("made");
    assert_eq!(folder.signs_with(), old);
    let started = folder.rotate(&folder.root_file(), Step::Start).expect("started");
    assert_eq!(started.key, made.key.public_key(), "the step goes on where it was cut");
}

#[test]
fn a_step_that_was_cut_behind_its_list_is_settled() {
    let folder = Folder::new();
    folder.init().expect("made");
    let started = folder.rotate(&folder.root_file(), Step::Start).expect("started");
    let (current, next) = (
        current_file(folder.path(), KeyUse::Checkpoint),
        next_file(folder.path(), KeyUse::Checkpoint),
    );
    let old = std::fs::read(&current).expect("the old key");
    folder.rotate(&folder.root_file(), Step::Finish).expect("finished");
    // As if the files had not been moved.
    std::fs::rename(&current, &next).expect("moved back");
    std::fs::write(&current, old).expect("written");
    std::fs::set_permissions(&current, next.metadata().expect("a file").permissions())
        .expect("changed");
    assert_eq!(folder.signs_with(), started.key);
    let again = folder.rotate(&folder.root_file(), Step::Start).expect("started");
    assert_ne!(again.key, started.key);
    assert_eq!(again.list.keys_for(KeyUse::Checkpoint).count(), 2);
}

#[test]
fn lists_are_signed_by_the_root_alone() {
    let folder = Folder::new();
    folder.init().expect("made");
    let other = folder.path().join("other.key");
    let missing = folder.rotate(&other, Step::Start);
    assert!(matches!(missing, Err(KeysError::RootNeeded { .. })));
    crate::shell::keys::load_or_create_key_pair(&other).expect("another");
    assert!(matches!(folder.rotate(&other, Step::Start), Err(KeysError::OtherRoot { .. })));
    assert_eq!(folder.list().serial, 1);
}

#[test]
fn a_list_is_renewed_with_the_same_keys() {
    let folder = Folder::new();
    let made = folder.init().expect("made").list;
    let (root_file, store) = (folder.root_file(), &folder.store as &dyn Store);
    let now = instant(86_400_000);
    let place = Place { folder: folder.path(), root_file: &root_file, store, now };
    let renewed = renew(place).expect("renewed");
    assert_eq!((renewed.serial, &renewed.keys), (2, &made.keys));
    assert_eq!(renewed.expires_at, now + LIST_LIFE);
}
