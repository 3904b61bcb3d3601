//! The hub's signed word on which programme is to be in force.

use chrono::{DateTime, Utc};

use super::fields::Bytes;
use super::key_list::{KeyList, KeyUse};
use crate::journal::cbor::{CborError, Field, cbor_map, from_bytes, to_bytes};
use crate::journal::{
    ContentHash, EnvelopeError, ObjectKind, SigningKey, open, read_unverified, seal,
};

/// A programme that was published. Versions only rise: going back is publishing old content anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeNotice {
    /// Its version.
    pub version: u32,
    /// SHA-256 of its text.
    pub hash: ContentHash,
    /// From when it is to be in force.
    pub from: DateTime<Utc>,
    /// The sealed notice: what the hub's programme key signed, so that no proxy changes it.
    pub sealed: Bytes,
}

cbor_map!(ProgrammeNotice {
    1 version required,
    2 hash required,
    3 from required,
    4 sealed required,
});

/// What is signed.
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
    /// Signs one with the hub's programme key; `from` in whole milliseconds.
    ///
    /// # Errors
    /// None in practice: a notice is far smaller than what [`seal`] takes.
    pub fn seal(
        version: u32,
        hash: ContentHash,
        from: DateTime<Utc>,
        key: &SigningKey,
    ) -> Result<Self, EnvelopeError> {
        let from = DateTime::from_timestamp_millis(from.timestamp_millis()).unwrap_or(from);
        let payload = Payload { version, hash, from }.to_cbor();
        let sealed = seal(ObjectKind::Programme, &to_bytes(&payload), key)?;
        Ok(Self { version, hash, from, sealed: Bytes(sealed.bytes) })
    }

    /// Checks that a programme key of the list signed just this.
    ///
    /// # Errors
    /// [`NoticeError`].
    pub fn verify(&self, keys: &KeyList) -> Result<(), NoticeError> {
        let Bytes(sealed) = &self.sealed;
        let found = read_unverified(ObjectKind::Programme, sealed)?.key_id;
        let key = keys.key_for(KeyUse::Programme, found);
        let key = key.ok_or(EnvelopeError::OtherKey { found })?;
        let opened = open(ObjectKind::Programme, sealed, key)?;
        let Payload { version, hash, from } = Payload::from_cbor(from_bytes(opened.payload)?)?;
        if (version, hash, from) != (self.version, self.hash, self.from) {
            return Err(NoticeError::Differs);
        }
        Ok(())
    }
}

/// Why a notice is not the hub's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// Not signed by a programme key.
    #[error("the notice of a programme cannot be opened: {0}")]
    Envelope(#[from] EnvelopeError),
    /// Signed, but not readable.
    #[error("the notice of a programme cannot be read: {0}")]
    Payload(#[from] CborError),
    /// What was signed is not what is told beside it.
    #[error("the notice of a programme says other than what was signed")]
    Differs,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::testing::{device_key, hub_key, instant};
    use crate::wire::sync::ListedKey;

    #[test]
    fn a_notice_is_taken_as_it_was_signed_and_by_a_programme_key_only() {
        let keys = |key_use: KeyUse| KeyList {
            serial: 1,
            keys: vec![ListedKey { key_use: key_use.number(), key: hub_key().public_key() }],
            expires_at: instant(1),
        };
        let sealed =
            |key: &SigningKey| ProgrammeNotice::seal(3, ContentHash::of(b"text"), instant(0), key);
        let notice = sealed(&hub_key()).expect("it fits");
        assert_eq!(notice.verify(&keys(KeyUse::Programme)), Ok(()));
        assert!(notice.verify(&keys(KeyUse::Checkpoint)).is_err());
        let forged = sealed(&device_key()).expect("it fits");
        assert!(forged.verify(&keys(KeyUse::Programme)).is_err());
        for changed in [
            ProgrammeNotice { version: 4, ..notice.clone() },
            ProgrammeNotice { hash: ContentHash::of(b"other"), ..notice.clone() },
            ProgrammeNotice { from: instant(1), ..notice.clone() },
        ] {
            assert_eq!(changed.verify(&keys(KeyUse::Programme)), Err(NoticeError::Differs));
        }
    }
}
