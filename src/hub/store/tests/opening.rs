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
    let newest = fixture.fresh();
    drop(newest.open());
    for older in 0..newest.newest_schema() {
        let fixture = fixture.fresh();
        fixture.make_older(older);
        assert_ne!(fixture.schema(), newest.schema(), "{older}");
        becomes_the_newest(&fixture);
        assert_eq!(fixture.schema(), newest.schema(), "{older}");
    }
}

fn becomes_the_newest(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    tx.save_device(&device(1)).expect("saved");
    tx.commit().expect("committed");
    drop(store);
    let before = fixture.content();
    let store = fixture.open();
    assert_eq!(fixture.content(), before, "opening again changes nothing");
    assert_eq!(store.read().expect("begins").devices().expect("read"), [device(1)]);
}

pub(super) fn what_belongs_to_another_program_is_refused(fixture: &Fixture) {
    fixture.make_foreign();
    let before = fixture.content();
    let refused = fixture.try_open().err().expect("refused");
    assert!(matches!(refused, OpenError::Foreign { .. }), "{refused:?}");
    assert_eq!(fixture.content(), before);
}
