//! What the hub's programme key signs about a programme, so that nobody between hub and till
//! changes which one is in force.

use chrono::{DateTime, Utc};

use super::change::ProgrammeNotice;
use super::fields::Bytes;
use super::key_list::{KeyList, KeyUse};
use crate::journal::cbor::{CborError, Field, cbor_map, from_bytes, to_bytes};
use crate::journal::{
    ContentHash, EnvelopeError, KeyId, ObjectKind, SigningKey, open, read_unverified, seal,
};

#[derive(Clone, Debug, PartialEq, Eq)]
struct Payload {
    version: u32,
    hash: ContentHash,
    from: DateTime<Utc>,
}

cbor_map!(Payload {
    1 version required,
    2 hash required,
    3 from required,
});

impl ProgrammeNotice {
    /// Signs one. `from` is taken to the millisecond.
    ///
    /// # Errors
    /// [`EnvelopeError`].
    pub fn seal(
        version: u32,
        hash: ContentHash,
        from: DateTime<Utc>,
        key: &SigningKey,
    ) -> Result<Self, EnvelopeError> {
        let from = DateTime::from_timestamp_millis(from.timestamp_millis()).unwrap_or(from);
        let payload = Payload { version, hash, from };
        let sealed = seal(ObjectKind::Programme, &to_bytes(&payload.to_cbor()), key)?;
        Ok(Self { version, hash, from, sealed: Bytes(sealed.bytes) })
    }

    /// Checks that a listed programme key signed exactly what the notice says.
    ///
    /// # Errors
    /// [`NoticeError`].
    pub fn check(&self, keys: &KeyList) -> Result<(), NoticeError> {
        let Bytes(sealed) = &self.sealed;
        let named = read_unverified(ObjectKind::Programme, sealed)?.key_id;
        let key = keys
            .key_for(KeyUse::Programme, named)
            .ok_or(NoticeError::KeyNotListed { key_id: named })?;
        let opened = open(ObjectKind::Programme, sealed, key)?;
        let payload = Payload::from_cbor(from_bytes(opened.payload)?)?;
        let told = Payload { version: self.version, hash: self.hash, from: self.from };
        if payload == told { Ok(()) } else { Err(NoticeError::Differs) }
    }
}

/// Why a notice is not the hub's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// Not signed, or not as a programme.
    #[error("the notice of a programme cannot be opened: {0}")]
    Envelope(#[from] EnvelopeError),
    /// Signed, but not readable.
    #[error("the notice of a programme cannot be read: {0}")]
    Payload(#[from] CborError),
    /// Signed with a key that may not: fetch the list of keys anew.
    #[error("key {key_id} is not on the list as a programme key")]
    KeyNotListed {
        /// The key.
        key_id: KeyId,
    },
    /// It says something else than what was signed.
    #[error("the notice of a programme says something else than what was signed")]
    Differs,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::testing::{device_key, hub_key, instant};
    use crate::wire::sync::ListedKey;

    fn list(key_use: KeyUse, key: &SigningKey) -> KeyList {
        let keys = vec![ListedKey { key_use: key_use.number(), key: key.public_key() }];
        KeyList { serial: 1, keys, expires_at: instant(0) }
    }

    #[test]
    fn a_notice_is_good_as_it_was_signed_by_a_listed_programme_key() {
        let hash = ContentHash::of(b"version = 7");
        let notice = ProgrammeNotice::seal(7, hash, instant(0), &hub_key()).expect("sealed");
        let listed = list(KeyUse::Programme, &hub_key());
        assert_eq!(notice.check(&listed), Ok(()));
        let not_listed = NoticeError::KeyNotListed { key_id: hub_key().key_id() };
        assert_eq!(notice.check(&list(KeyUse::Checkpoint, &hub_key())), Err(not_listed.clone()));
        assert_eq!(notice.check(&list(KeyUse::Programme, &device_key())), Err(not_listed));
        for changed in [
            ProgrammeNotice { version: 8, ..notice.clone() },
            ProgrammeNotice { hash: ContentHash::of(b"version = 8"), ..notice.clone() },
            ProgrammeNotice { from: instant(1), ..notice.clone() },
        ] {
            assert_eq!(changed.check(&listed), Err(NoticeError::Differs));
        }
        let mut sealed = notice.clone();
        sealed.sealed.0[90] ^= 1;
        assert!(sealed.check(&listed).is_err());
    }
}
