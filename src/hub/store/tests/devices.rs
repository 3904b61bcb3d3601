use super::fixture::Fixture;
use super::samples::{at, device, device_id, enrolment};
use crate::hub::store::rows::{DeviceRow, DeviceStanding, EnrolmentRow};
use crate::journal::RecordHash;

pub(super) fn a_device_is_read_as_it_was_saved(fixture: &Fixture) {
    let store = fixture.open();
    let busy = DeviceRow {
        standing: DeviceStanding::Suspended,
        replaces: Some(device_id(9)),
        head: Some((u32::MAX, i64::MAX as u64, RecordHash::of(b"head"))),
        checkpoint: 911,
        seen_at: Some(at(3)),
        software: "0.2.0".to_owned(),
        clock_offset_ms: -86_400_000,
        ..device(1)
    };
    let replaced = DeviceRow { standing: DeviceStanding::Replaced, ..device(1) };
    let revoked = DeviceRow { standing: DeviceStanding::Revoked, name: String::new(), ..device(1) };
    for row in [device(1), busy, replaced, revoked] {
        let mut tx = store.write().expect("begins");
        tx.save_device(&row).expect("saved");
        tx.commit().expect("committed");
        let mut tx = store.write().expect("begins");
        assert_eq!(tx.device(row.device).expect("read"), Some(row.clone()));
        assert_eq!(tx.lock_device(row.device).expect("locked"), Some(row));
        assert_eq!(tx.lock_device(device_id(2)).expect("looked for"), None);
    }
}

pub(super) fn devices_are_in_order(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    for number in [3, 200, 1] {
        tx.save_device(&device(number)).expect("saved");
    }
    tx.commit().expect("committed");
    let found = store.read().expect("begins").devices().expect("read");
    assert_eq!(found, [1, 3, 200].map(device));
}

pub(super) fn what_a_device_said_of_itself_is_noted(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    tx.save_device(&device(1)).expect("saved");
    tx.note_seen(device_id(1), at(77), "0.3.0", -1_200).expect("noted");
    tx.note_seen(device_id(2), at(77), "0.3.0", -1_200).expect("nothing to note");
    tx.commit().expect("committed");
    let mut tx = store.read().expect("begins");
    let expected = DeviceRow {
        seen_at: Some(at(77)),
        software: "0.3.0".to_owned(),
        clock_offset_ms: -1_200,
        ..device(1)
    };
    assert_eq!(tx.devices().expect("read"), [expected]);
}

pub(super) fn an_enrolment_is_read_as_it_was_added_and_used_once(fixture: &Fixture) {
    let store = fixture.open();
    let mut tx = store.write().expect("begins");
    tx.add_enrolment(&enrolment(1)).expect("added");
    tx.add_enrolment(&EnrolmentRow { replaces: None, ..enrolment(2) }).expect("added");
    tx.commit().expect("committed");
    let mut tx = store.write().expect("begins");
    assert_eq!(tx.lock_enrolment(&[1; 32]).expect("read"), Some(enrolment(1)));
    assert_eq!(tx.lock_enrolment(&[3; 32]).expect("looked for"), None);
    tx.use_enrolment(&[1; 32], device_id(5)).expect("used");
    tx.commit().expect("committed");
    let mut tx = store.write().expect("begins");
    let used = EnrolmentRow { used_by: Some(device_id(5)), ..enrolment(1) };
    assert_eq!(tx.lock_enrolment(&[1; 32]).expect("read"), Some(used));
    let other = EnrolmentRow { replaces: None, ..enrolment(2) };
    assert_eq!(tx.lock_enrolment(&[2; 32]).expect("read"), Some(other));
}
