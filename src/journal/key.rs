//! Ed25519 keys and signatures.

use std::fmt;
use std::str::FromStr;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use super::hash::sha256;
use crate::loyalty::DeviceId;
use crate::member_code::weak_key::is_weak;

/// A private key. It stays where it was made; only its public half is shown.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl SigningKey {
    /// Reads a key pair in PKCS #8, version 2 (RFC 5958).
    ///
    /// # Errors
    /// [`KeyError`] where it is no consistent Ed25519 key pair.
    pub fn from_pkcs8(document: &[u8]) -> Result<Self, KeyError> {
        Self::of_pair(Ed25519KeyPair::from_pkcs8(document).map_err(|_| KeyError::NotPkcs8)?)
    }

    /// A key for tests, from its seed.
    #[cfg(test)]
    pub(crate) fn from_seed(seed: [u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("a seed has 32 bytes");
        Self::of_pair(pair).expect("a seed does not give a weak key")
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.public
    }

    /// The name that signatures carry.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.public.key_id()
    }

    /// The device whose first key this is.
    #[must_use]
    pub fn device_id(&self) -> DeviceId {
        self.public.device_id()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        let signature = self.pair.sign(message);
        let bytes = signature.as_ref().try_into();
        Signature(bytes.expect("an Ed25519 signature has 64 bytes"))
    }

    fn of_pair(pair: Ed25519KeyPair) -> Result<Self, KeyError> {
        let bytes = pair.public_key().as_ref().try_into();
        let bytes = bytes.map_err(|_| KeyError::NotPkcs8)?;
        let public = PublicKey::parse(bytes)?;
        Ok(Self { pair, public })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.key_id())
    }
}

/// A public key that is not weak: no signature by it fits more than one message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Takes the 32 bytes of a key.
    ///
    /// # Errors
    /// [`KeyError::Weak`] for points of small order and for encodings that are not reduced.
    pub fn parse(bytes: [u8; 32]) -> Result<Self, KeyError> {
        if is_weak(&bytes) {
            return Err(KeyError::Weak);
        }
        Ok(Self(bytes))
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The name that signatures carry: the first 8 bytes of the SHA-256 of the key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        let [a, b, c, d, e, f, g, h, ..] = sha256(&self.0);
        KeyId([a, b, c, d, e, f, g, h])
    }

    /// The device whose first key this is: the first 16 bytes of the SHA-256 of the key.
    #[must_use]
    pub fn device_id(&self) -> DeviceId {
        let digest = sha256(&self.0);
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        DeviceId::from_bytes(id)
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.0);
        key.verify(message, &signature.0).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(")?;
        write_hex(f, &self.0)?;
        f.write_str(")")
    }
}

/// The short name of a public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 8]);

impl KeyId {
    /// Wraps 8 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The 8 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl FromStr for KeyId {
    type Err = KeyIdError;

    /// Reads what is shown: 16 small hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let small_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 16 || !text.bytes().all(small_hex) {
            return Err(KeyIdError);
        }
        let number = u64::from_str_radix(text, 16).map_err(|_| KeyIdError)?;
        Ok(Self(number.to_be_bytes()))
    }
}

/// A text names no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is named by 16 small hexadecimal digits")]
pub struct KeyIdError;

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// An Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Wraps 64 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The 64 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(")?;
        write_hex(f, &self.0[..8])?;
        f.write_str("...)")
    }
}

fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Why bytes are not a usable key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No key pair.
    #[error("the key file is not an Ed25519 key pair in PKCS #8")]
    NotPkcs8,
    /// A key whose signatures prove nothing.
    #[error("the public key is weak: its signatures prove nothing")]
    Weak,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_beginning_of_the_keys_digest() {
        let key = SigningKey::from_seed([7; 32]);
        let digest = sha256(key.public_key().as_bytes());
        assert_eq!(key.key_id().as_bytes()[..], digest[..8]);
        assert_eq!(key.device_id().as_bytes()[..], digest[..16]);
    }

    #[test]
    fn a_key_is_named_as_it_is_shown() {
        let key_id = SigningKey::from_seed([7; 32]).key_id();
        assert_eq!(key_id.to_string().parse(), Ok(key_id));
        let shown = key_id.to_string();
        for text in ["", &shown[1..], "0x34567890abcdef", "+123456789abcdef", "ABCDEFABCDEFABCD"] {
            assert_eq!(text.parse::<KeyId>(), Err(KeyIdError), "{text}");
        }
    }

    #[test]
    fn a_key_file_that_is_none_is_refused() {
        assert_eq!(SigningKey::from_pkcs8(b"-----BEGIN").err(), Some(KeyError::NotPkcs8));
    }
}
