use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::weak_key::is_weak;

/// Bytes of a key id: enough not to collide in one list, few enough for a QR code.
pub const KEY_ID_BYTES: RangeInclusive<usize> = 4..=8;

/// The hub's token keys that this till trusts, by key id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenKeys(BTreeMap<Vec<u8>, [u8; 32]>);

/// A key that cannot be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenKeyError {
    /// The key id is too short or too long.
    #[error("a token key id must have 4 to 8 bytes")]
    KeyIdLength,
    /// A small-order or non-canonical point: anybody could sign for it.
    #[error("the token key is a weak Ed25519 key")]
    WeakKey,
    /// Two keys of one id.
    #[error("the token key id is already in use by another key")]
    KeyIdTaken,
}

impl TokenKeys {
    /// Trusts the Ed25519 key `public_key` as `key_id`.
    ///
    /// # Errors
    /// [`TokenKeyError`]; nothing is changed then.
    pub fn insert(&mut self, key_id: &[u8], public_key: [u8; 32]) -> Result<(), TokenKeyError> {
        if !KEY_ID_BYTES.contains(&key_id.len()) {
            return Err(TokenKeyError::KeyIdLength);
        }
        if is_weak(&public_key) {
            return Err(TokenKeyError::WeakKey);
        }
        match self.0.get(key_id) {
            Some(known) if *known != public_key => Err(TokenKeyError::KeyIdTaken),
            _ => {
                self.0.insert(key_id.to_vec(), public_key);
                Ok(())
            }
        }
    }

    /// The key of that id.
    pub fn key(&self, key_id: &[u8]) -> Option<&[u8; 32]> {
        self.0.get(key_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_cannot_be_trusted_are_refused() {
        let honest = {
            let mut key = [0x5a; 32];
            key[31] = 0x11;
            key
        };
        let mut keys = TokenKeys::default();
        assert_eq!(keys.insert(b"abc", honest), Err(TokenKeyError::KeyIdLength));
        assert_eq!(keys.insert(b"abcdefghi", honest), Err(TokenKeyError::KeyIdLength));
        assert_eq!(keys.insert(b"abcd", [0; 32]), Err(TokenKeyError::WeakKey));
        assert_eq!(keys.insert(b"abcd", honest), Ok(()));
        assert_eq!(keys.insert(b"abcd", honest), Ok(()));
        assert_eq!(keys.insert(b"abcd", [0x5b; 32]), Err(TokenKeyError::KeyIdTaken));
        assert_eq!((keys.key(b"abcd"), keys.key(b"abce")), (Some(&honest), None));
    }
}
