//! Keys, checkpoints and replies of a hub, for tests.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::journal::testing::{device_key, hub_key, instant};
use crate::journal::{Checkpoint, RecordHash, SigningKey};
use crate::wire::sync::packing::pack;
use crate::wire::sync::{Bytes, JournalPlace, KeyList, KeyUse, ListedKey, Message, PushReply};

pub(super) fn root_key() -> SigningKey {
    SigningKey::from_seed([9; 32])
}

pub(super) fn key_list(serial: u64) -> KeyList {
    let listed =
        |key_use: KeyUse| ListedKey { key_use: key_use.number(), key: hub_key().public_key() };
    let keys = vec![listed(KeyUse::Checkpoint), listed(KeyUse::Programme)];
    KeyList { serial, keys, expires_at: instant(0) + TimeDelta::days(365) }
}

pub(super) fn sealed_list(serial: u64) -> Bytes {
    Bytes(key_list(serial).seal(&root_key()).expect("it fits").bytes)
}

pub(super) fn keys() -> HubKeys {
    HubKeys::read(root_key().public_key(), &sealed_list(1)).expect("the root's")
}

pub(super) fn place(epoch: u32, sequence: u64) -> JournalPlace {
    JournalPlace { epoch, sequence }
}

pub(super) fn checkpoint(number: u64, place: JournalPlace) -> Checkpoint {
    Checkpoint {
        number,
        device: device_key().device_id(),
        epoch: place.epoch,
        sequence: place.sequence,
        hash: RecordHash::of(&place.sequence.to_be_bytes()),
        at: instant(0),
    }
}

pub(super) fn sealed_checkpoint(checkpoint: &Checkpoint) -> Bytes {
    Bytes(checkpoint.seal(&hub_key()).expect("it fits").bytes)
}

pub(super) fn push_reply(number: u64, head: JournalPlace, at: DateTime<Utc>) -> PushReply {
    let checkpoint = Some(sealed_checkpoint(&checkpoint(number, head)));
    PushReply { checkpoint, quarantined: Vec::new(), at }
}

/// A time so many seconds after the start, on a device whose clock is right.
pub(super) fn at(seconds: u64) -> Now {
    Now {
        elapsed: Duration::from_secs(seconds),
        at: instant(0) + TimeDelta::seconds(i64::try_from(seconds).expect("a small number")),
    }
}

/// A reply with what it borrows from.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) content_encoding: Option<&'static str>,
    pub(super) retry_after: Option<&'static str>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn message(message: &impl Message) -> Self {
        Self {
            status: 200,
            content_type: crate::wire::sync::paths::CONTENT_TYPE,
            content_encoding: Some("zstd"),
            retry_after: None,
            body: pack(&message.to_message()),
        }
    }

    pub(super) fn problem(status: u16, refusal: &crate::wire::sync::Refusal) -> Self {
        Self {
            status,
            content_type: "application/problem+json",
            content_encoding: None,
            retry_after: None,
            body: serde_json::to_vec(refusal).expect("JSON"),
        }
    }

    pub(super) fn html(status: u16) -> Self {
        Self {
            status,
            content_type: "text/html; charset=utf-8",
            content_encoding: None,
            retry_after: None,
            body: b"<!doctype html><p>Please log in".to_vec(),
        }
    }

    pub(super) fn outcome(&self) -> Outcome<'_> {
        Outcome::Reply(Reply {
            status: self.status,
            content_type: Some(self.content_type),
            content_encoding: self.content_encoding,
            retry_after: self.retry_after,
            body: &self.body,
        })
    }
}

pub(super) fn client(push: PushPosition) -> SyncClient {
    SyncClient::new(Start {
        device: device_key().device_id(),
        keys: keys(),
        push,
        cursor: Some(crate::wire::sync::Cursor(1)),
        snapshot: None,
        programme_version: 0,
        notice: None,
    })
}
