use super::fixture::Fixture;
use super::samples::at;
use crate::hub::store::error::StoreError;
use crate::hub::store::rows::ProgrammeRow;
use crate::journal::ContentHash;
use crate::wire::sync::Cursor;

fn programme(version: u32) -> ProgrammeRow {
    let text = format!("[programme]\nid = \"klub č. 1\"\nversion = {version}\n");
    let hash = ContentHash::of(text.as_bytes());
    ProgrammeRow { version, hash, text, from: at(5), sealed: vec![0, 1, 0xff] }
}

pub(super) fn programmes_are_newest_and_in_force_by_version_and_time(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    assert_eq!(tx.newest_programme().expect("looked for"), None);
    for (version, cursor) in [(9, 1), (10, 2), (100, 3)] {
        tx.add_programme(&programme(version), Cursor(cursor)).expect("added");
    }
    tx.commit().expect("committed");
    let mut tx = store.write().expect("begins");
    assert_eq!(tx.newest_programme().expect("read"), Some(programme(100)));
    assert_eq!(tx.programme(10).expect("read"), Some(programme(10)));
    assert_eq!(tx.programme(11).expect("looked for"), None);
    let later = ProgrammeRow { from: at(50), ..programme(101) };
    tx.add_programme(&later, Cursor(4)).expect("added");
    for (seconds, version) in [(4, None), (5, Some(100)), (49, Some(100)), (50, Some(101))] {
        let found = tx.programme_in_force(at(seconds)).expect("read");
        assert_eq!(found.map(|row| row.version), version, "at {seconds}");
    }
    let ProgrammeRow { hash, text, .. } = programme(9);
    assert_eq!(tx.programme_text(hash.as_bytes()).expect("read"), Some(text));
    assert_eq!(tx.programme_text(&[0; 32]).expect("looked for"), None);
    let again = tx.add_programme(&programme(9), Cursor(4)).expect_err("it is there");
    assert!(matches!(again, StoreError::Database { .. }), "{again:?}");
}

pub(super) fn the_newest_list_of_keys_is_that_of_the_highest_serial(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    assert_eq!(tx.newest_key_list().expect("looked for"), None);
    tx.add_key_list(1, b"first", Cursor(1)).expect("added");
    tx.add_key_list(2, b"second", Cursor(7)).expect("added");
    tx.commit().expect("committed");
    let mut tx = store.read().expect("begins");
    let newest = Some((2, b"second".to_vec(), Cursor(7)));
    assert_eq!(tx.newest_key_list().expect("read"), newest);
}
