//! The hub's keys: an offline root signs a numbered list, tills pin the root.

use chrono::{DateTime, Utc};

use crate::journal::cbor::{CborError, Field, cbor_map, from_bytes, to_bytes};
use crate::journal::{EnvelopeError, KeyId, ObjectKind, PublicKey, Sealed, SigningKey, open, seal};

/// The list of the hub's keys. Its serial only rises: a till that saw a higher one refuses a lower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyList {
    /// Rises with every list.
    pub serial: u64,
    /// The keys, with what each may sign.
    pub keys: Vec<ListedKey>,
    /// Until when the list may be used. A till whose clock is doubted goes by the hub's time.
    pub expires_at: DateTime<Utc>,
}

cbor_map!(KeyList {
    1 serial required,
    2 keys required,
    3 expires_at required,
});

/// A key of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// What it may sign, by [`KeyUse::number`].
    pub key_use: u8,
    /// The key.
    pub key: PublicKey,
}

cbor_map!(ListedKey {
    1 key_use required,
    2 key required,
});

/// What a key of the hub may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyUse {
    /// Checkpoints, and the records of the hub's own chain.
    Checkpoint,
    /// Programmes.
    Programme,
    /// Members' signed codes.
    Token,
    /// TLS: the certificate's key.
    Tls,
}

impl KeyUse {
    /// As lists write it.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Checkpoint => 1,
            Self::Programme => 2,
            Self::Token => 3,
            Self::Tls => 4,
        }
    }
}

impl KeyList {
    /// Signs it with the root.
    ///
    /// # Errors
    /// [`EnvelopeError::TooLarge`].
    pub fn seal(&self, root: &SigningKey) -> Result<Sealed, EnvelopeError> {
        seal(ObjectKind::KeyList, &to_bytes(self), root)
    }

    /// Checks and reads one.
    ///
    /// # Errors
    /// [`KeyListError`] where it is not the root's or cannot be read.
    pub fn open(bytes: &[u8], root: &PublicKey) -> Result<Self, KeyListError> {
        let opened = open(ObjectKind::KeyList, bytes, root)?;
        Ok(Self::from_cbor(from_bytes(opened.payload)?)?)
    }

    /// The keys that may sign something; several while one is replaced by the next.
    pub fn keys_for(&self, key_use: KeyUse) -> impl Iterator<Item = &PublicKey> {
        let wanted = key_use.number();
        self.keys.iter().filter(move |listed| listed.key_use == wanted).map(|listed| &listed.key)
    }

    /// The key of a name, where it may sign this.
    #[must_use]
    pub fn key_for(&self, key_use: KeyUse, key_id: KeyId) -> Option<&PublicKey> {
        self.keys_for(key_use).find(|key| key.key_id() == key_id)
    }
}

/// Why bytes are no list of the hub's keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyListError {
    /// Not signed by the root as a list.
    #[error("the list of keys cannot be opened: {0}")]
    Envelope(#[from] EnvelopeError),
    /// Signed, but not readable.
    #[error("the list of keys cannot be read: {0}")]
    Payload(#[from] CborError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::testing::{device_key, hub_key, instant};

    #[test]
    fn a_list_is_read_as_the_root_sealed_it_and_a_key_serves_its_use_only() {
        let checkpoint = device_key().public_key();
        let keys = vec![ListedKey { key_use: KeyUse::Checkpoint.number(), key: checkpoint }];
        let list = KeyList { serial: 3, keys, expires_at: instant(0) };
        let sealed = list.seal(&hub_key()).expect("it fits");
        let read = KeyList::open(&sealed.bytes, &hub_key().public_key()).expect("the root's");
        assert_eq!(read, list);
        assert!(KeyList::open(&sealed.bytes, &checkpoint).is_err());
        assert_eq!(read.key_for(KeyUse::Checkpoint, checkpoint.key_id()), Some(&checkpoint));
        assert_eq!(read.key_for(KeyUse::Programme, checkpoint.key_id()), None);
    }
}
