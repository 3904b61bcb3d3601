use chrono::TimeDelta;

use super::*;
use crate::hub::api::testing::{PROGRAMME, hub_folder};
use crate::journal::testing::{hub_key, instant};
use crate::wire::sync::{KeyList, KeyUse, ListedKey};

fn text(version: u32) -> String {
    PROGRAMME.replace("version = 1\n", &format!("version = {version}\n"))
}

fn published(store: &dyn Store, text: String) -> Result<ProgrammeRow, PublishError> {
    publish(store, &hub_key(), Checked::of(text)?, instant(0) + TimeDelta::microseconds(7))
}

#[test]
fn a_programme_is_stored_with_a_notice_that_the_programme_key_signed() {
    let (_dir, store, _) = hub_folder();
    let row = published(&store, text(1)).expect("published");
    let stored = store.read().and_then(|mut tx| tx.newest_programme()).expect("read");
    assert_eq!(stored.as_ref(), Some(&row));
    let notice = crate::hub::changes::notice(row);
    let keys = vec![ListedKey { key_use: KeyUse::Programme.number(), key: hub_key().public_key() }];
    let list = KeyList { serial: 1, keys, expires_at: instant(0) };
    assert_eq!(notice.verify(&list), Ok(()));
    assert_eq!((notice.version, notice.hash), (1, ContentHash::of(text(1).as_bytes())));
    assert_eq!(notice.from, instant(0), "whole milliseconds");
}

#[test]
fn what_may_not_follow_is_refused_and_the_one_before_stays() {
    let (_dir, store, _) = hub_folder();
    published(&store, text(2)).expect("published");
    for (text, expected) in [
        (text(2), "not above"),
        (text(1), "not above"),
        (text(3).replace("id = \"club\"", "id = \"other\""), "must not mix"),
        (text(3).replace("currency = \"CZK\"", "currency = \"EUR\""), "sums are in"),
        (text(3).replace("currency = \"CZK\"", "currency = \"crowns\""), "faults"),
        ("no toml at all [".to_owned(), "faults"),
    ] {
        let refused = published(&store, text).expect_err(expected).to_string();
        assert!(refused.contains(expected), "{refused}");
    }
    let newest = store.read().and_then(|mut tx| tx.newest_programme()).expect("read");
    assert_eq!(newest.map(|row| row.version), Some(2));
}

#[test]
fn going_back_publishes_old_content_above_every_version() {
    let (_dir, store, _) = hub_folder();
    let first = format!("# the first\n{}", text(1));
    published(&store, first.clone()).expect("published");
    published(&store, text(5)).expect("published");
    let back = roll_back(&store, &hub_key(), 1, instant(1)).expect("gone back");
    assert_eq!((back.version, back.from), (6, instant(1)));
    assert_eq!(back.text, first.replace("version = 1\n", "version = 6\n"));
    let unknown = roll_back(&store, &hub_key(), 4, instant(1));
    assert!(matches!(unknown, Err(PublishError::VersionUnknown { version: 4 })));
}
