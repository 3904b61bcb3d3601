use super::fixture::Fixture;
use super::samples::device;
use crate::hub::store::error::OpenError;

pub(super) fn a_store_of_a_newer_program_is_refused_and_left_alone(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    tx.save_device(&device(1)).expect("saved");
    tx.commit().expect("committed");
    drop(store);
    fixture.make_newer();
    let before = fixture.content();
    let refused = fixture.try_open().err().expect("refused");
    let known = fixture.newest_schema();
    let said = matches!(refused, OpenError::Newer { found: 999, known: said } if said == known);
    assert!(said, "{refused:?}");
    assert_eq!(fixture.content(), before);
}

pub(super) fn every_older_schema_becomes_the_newest(fixture: &Fixture) {
    // The cases share a fixture only where the older ones come first.
    fixture.make_older(fixture.newest_schema() - 1);
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    tx.save_device(&device(1)).expect("saved");
    tx.commit().expect("committed");
    drop(store);
    let schema = fixture.schema();
    assert!(schema.len() > 20, "{schema:?}");
    let store = fixture.open();
    assert_eq!(fixture.schema(), schema, "opening again changes nothing");
    assert_eq!(store.read().expect("begins").devices().expect("read"), [device(1)]);
}

pub(super) fn what_belongs_to_another_program_is_refused(fixture: &Fixture) {
    fixture.execute("CREATE TABLE receipts (till TEXT NOT NULL)");
    let before = fixture.content();
    let refused = fixture.try_open().err().expect("refused");
    assert!(matches!(refused, OpenError::Foreign { .. }), "{refused:?}");
    assert_eq!(fixture.content(), before);
}
