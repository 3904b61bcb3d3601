use chrono::TimeDelta;
use ring::rand::SystemRandom;
use tempfile::TempDir;

use super::*;
use crate::hub::api::testing::{hub_folder, store_id};
use crate::hub::keys::KeyRing;
use crate::hub::store::sqlite::SqliteStore;
use crate::journal::testing::{device_key, hub_key, instant};
use crate::journal::{PublicKey, SigningKey};
use crate::wire::sync::SealingSecret;

struct Hub {
    _dir: TempDir,
    store: SqliteStore,
    keys: KeyRing,
}

fn hub() -> Hub {
    let (dir, store, keys) = hub_folder();
    Hub { _dir: dir, store, keys }
}

fn code(number: u8) -> EnrolmentCode {
    EnrolmentCode::of_random([number; 16])
}

impl Hub {
    fn expect(&self, number: u8, replaces: Option<DeviceId>) -> Result<(), EnrolmentError> {
        let expected = Expected {
            name: format!("lane {number}"),
            store: store_id(),
            group: "all".to_owned(),
            replaces,
            code_life: TimeDelta::days(7),
        };
        let until = expect(&self.store, expected, &code(number), instant(0))?;
        assert_eq!(until, instant(7 * 86_400_000));
        Ok(())
    }

    fn enrol(
        &self,
        number: u8,
        key: PublicKey,
        after_ms: i64,
    ) -> Result<(EnrolReply, SealingSecret), EnrolmentError> {
        let random = SystemRandom::new();
        let secret = SealingSecret::generate(&random).expect("a secret");
        let request = EnrolRequest {
            code: code(number).as_str().to_owned(),
            public_key: key,
            sealing_key: secret.public_key(),
            software: crate::journal::SoftwareVersion::parse("0.1.0").expect("a version"),
            at: instant(after_ms),
        };
        let reply = enrol(&self.store, &self.keys.directory, &request, &random, instant(after_ms))?;
        Ok((reply, secret))
    }

    fn device(&self, key: &SigningKey) -> DeviceRow {
        let mut tx = self.store.read().expect("a look");
        tx.device(key.device_id()).expect("read").expect("a device")
    }
}

#[test]
fn a_device_becomes_known_for_the_store_of_its_code_and_gets_the_directory_key() {
    let hub = hub();
    hub.expect(1, None).expect("expected");
    let (reply, secret) = hub.enrol(1, device_key().public_key(), 60_000).expect("enrolled");
    assert_eq!(reply.device, device_key().device_id());
    assert_eq!((reply.store, reply.epoch), (store_id(), 1));
    assert_eq!(secret.open(&reply.directory_key), Ok(hub.keys.directory));
    let list = crate::wire::sync::KeyList::open(&reply.key_list.0, &hub.keys.root);
    assert_eq!(list.expect("the root's").serial, 1);
    let row = hub.device(&device_key());
    assert_eq!((row.name.as_str(), row.standing), ("lane 1", DeviceStanding::Active));
    assert_eq!((row.head, row.checkpoint, row.enrolled_at), (None, 0, instant(60_000)));
}

#[test]
fn a_code_makes_one_key_known_while_it_is_good() {
    const DAY_MS: i64 = 86_400_000;
    let (first, second) = (device_key().public_key(), hub_key().public_key());
    // Code expected, who enrolled with it before, who asks, when, what comes of it.
    for (case, used_by, asks, after_ms, expected) in [
        ("right", None, first, 0, Ok(())),
        ("its last moment", None, first, 7 * DAY_MS - 1, Ok(())),
        ("expired", None, first, 7 * DAY_MS, Err("code_expired")),
        ("the same again", Some(first), first, 1, Ok(())),
        ("the same again, later", Some(first), first, 30 * DAY_MS, Ok(())),
        ("used by another", Some(first), second, 1, Err("code_used")),
    ] {
        let hub = hub();
        hub.expect(1, None).expect("expected");
        if let Some(key) = used_by {
            hub.enrol(1, key, 0).expect("enrolled");
        }
        let found = hub.enrol(1, asks, after_ms).map(drop).map_err(|error| match error {
            EnrolmentError::CodeExpired => "code_expired",
            EnrolmentError::CodeUsed => "code_used",
            _ => "another",
        });
        assert_eq!(found, expected, "{case}");
    }
}

#[test]
fn a_wrong_code_makes_nothing_known() {
    let hub = hub();
    hub.expect(1, None).expect("expected");
    let wrong = hub.enrol(2, device_key().public_key(), 0);
    assert!(matches!(wrong, Err(EnrolmentError::CodeUnknown)));
    assert!(hub.store.read().and_then(|mut tx| tx.devices()).expect("read").is_empty());
    assert!(hub.enrol(1, device_key().public_key(), 0).is_ok(), "the right one is still good");
}

#[test]
fn a_key_is_enrolled_once() {
    let hub = hub();
    hub.expect(1, None).expect("expected");
    hub.expect(2, None).expect("expected");
    hub.enrol(1, device_key().public_key(), 0).expect("enrolled");
    let again = hub.enrol(2, device_key().public_key(), 0);
    assert!(matches!(again, Err(EnrolmentError::KeyEnrolled { .. })));
    assert!(hub.enrol(2, hub_key().public_key(), 0).is_ok(), "the code is not used up by it");
}

#[test]
fn a_replaced_device_keeps_its_row_and_loses_its_place() {
    let hub = hub();
    hub.expect(1, None).expect("expected");
    hub.enrol(1, device_key().public_key(), 0).expect("enrolled");
    let replaced = device_key().device_id();
    hub.expect(2, Some(replaced)).expect("expected");
    hub.expect(3, Some(replaced)).expect("expected");
    assert_eq!(hub.device(&device_key()).standing, DeviceStanding::Active, "until it is there");
    let (reply, _) = hub.enrol(2, hub_key().public_key(), 1).expect("enrolled");
    assert_eq!((reply.device, reply.epoch), (hub_key().device_id(), 1));
    assert_eq!(hub.device(&hub_key()).replaces, Some(replaced));
    assert_eq!(hub.device(&device_key()).standing, DeviceStanding::Replaced);
    let third = SigningKey::from_seed([3; 32]).public_key();
    let late = hub.enrol(3, third, 2);
    assert!(matches!(late, Err(EnrolmentError::ReplacedBefore { .. })));
    let again = hub.expect(4, Some(replaced));
    assert!(matches!(again, Err(EnrolmentError::ReplacedBefore { .. })));
    let unknown = hub.expect(5, Some(SigningKey::from_seed([9; 32]).device_id()));
    assert!(matches!(unknown, Err(EnrolmentError::ReplacedUnknown { .. })));
}

#[test]
fn nothing_comes_back_from_being_revoked_or_replaced() {
    use DeviceStanding::{Active, Replaced, Revoked, Suspended};
    for (before, wanted, after) in [
        (Active, Standing::Revoked, Some(Revoked)),
        (Suspended, Standing::Revoked, Some(Revoked)),
        (Replaced, Standing::Revoked, Some(Revoked)),
        (Revoked, Standing::Revoked, Some(Revoked)),
        (Suspended, Standing::Restored, Some(Active)),
        (Active, Standing::Restored, Some(Active)),
        (Replaced, Standing::Restored, None),
        (Revoked, Standing::Restored, None),
    ] {
        let hub = hub();
        hub.expect(1, None).expect("expected");
        hub.enrol(1, device_key().public_key(), 0).expect("enrolled");
        let row = DeviceRow { standing: before, ..hub.device(&device_key()) };
        let mut tx = hub.store.write().expect("a transaction");
        tx.save_device(&row).expect("saved");
        tx.commit().expect("stored");
        let changed = change_standing(&hub.store, row.device, wanted);
        assert_eq!(changed.is_ok(), after.is_some(), "{before:?} {wanted:?}");
        assert_eq!(hub.device(&device_key()).standing, after.unwrap_or(before));
    }
    let nobody = change_standing(&hub().store, device_key().device_id(), Standing::Revoked);
    assert!(matches!(nobody, Err(EnrolmentError::DeviceUnknown { .. })));
}

#[test]
fn a_revoked_device_does_not_come_back_with_its_code() {
    let hub = hub();
    hub.expect(1, None).expect("expected");
    hub.enrol(1, device_key().public_key(), 0).expect("enrolled");
    change_standing(&hub.store, device_key().device_id(), Standing::Revoked).expect("revoked");
    let again = hub.enrol(1, device_key().public_key(), 1);
    assert!(matches!(again, Err(EnrolmentError::CodeUsed)));
}
