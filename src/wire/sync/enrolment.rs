//! How a device becomes known to the hub, and the hub to the device.

use std::fmt;

use chrono::{DateTime, Utc};

use super::fields::{Bytes, Message};
use crate::journal::cbor::cbor_map;
use crate::journal::{PublicKey, SoftwareVersion};
use crate::loyalty::{DeviceId, StoreId};

/// Characters of an enrolment code without its dashes: 80 bits, so that nobody guesses one in its
/// life.
const CODE_CHARS: usize = 16;

/// Crockford's base 32.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What a person types at the till once: `7XKQ-0M4T-9WDA-E5ZP`. Says nothing of itself in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentCode(String);

/// A text is no enrolment code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an enrolment code has 16 letters and digits, as in 7XKQ-0M4T-9WDA-E5ZP")]
pub struct EnrolmentCodeError;

impl EnrolmentCode {
    /// Makes one of random bytes.
    #[must_use]
    pub fn of_random(bytes: [u8; CODE_CHARS]) -> Self {
        Self(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
    }

    /// Reads what a person typed: dashes, spaces and small letters are allowed, and the letters
    /// that look like digits.
    ///
    /// # Errors
    /// [`EnrolmentCodeError`].
    pub fn parse(text: &str) -> Result<Self, EnrolmentCodeError> {
        let typed = text.chars().filter(|char| !matches!(char, '-' | ' ')).map(|char| {
            match char.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                char => char,
            }
        });
        let code: String = typed.collect();
        let known = code.bytes().all(|byte| ALPHABET.contains(&byte));
        if code.len() != CODE_CHARS || !known {
            return Err(EnrolmentCodeError);
        }
        Ok(Self(code))
    }

    /// The 16 characters, without dashes: what is hashed and sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a person reads it, in four groups.
    #[must_use]
    pub fn grouped(&self) -> String {
        let groups: Vec<&str> = (0..CODE_CHARS / 4).map(|at| &self.0[at * 4..at * 4 + 4]).collect();
        groups.join("-")
    }
}

impl fmt::Debug for EnrolmentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnrolmentCode(..)")
    }
}

/// A device asks to be known. The request is signed with the key that it names, which proves that
/// the device has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolRequest {
    /// [`EnrolmentCode::as_str`].
    pub code: String,
    /// The device's signing key, made on the device.
    pub public_key: PublicKey,
    /// A key of X25519 made for this request alone, to seal the directory key to.
    pub sealing_key: [u8; 32],
    /// The agent's software.
    pub software: SoftwareVersion,
    /// What the device's clock says, believed or not.
    pub at: DateTime<Utc>,
}

cbor_map!(EnrolRequest {
    1 code required,
    2 public_key required,
    3 sealing_key required,
    4 software required,
    5 at required,
});

impl Message for EnrolRequest {}

/// The hub knows the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolReply {
    /// The device's id: of its first key.
    pub device: DeviceId,
    /// The store it was enrolled for.
    pub store: StoreId,
    /// The epoch in which the hub expects its journal to go on; 1 for a new device.
    pub epoch: u32,
    /// The sealed list of the hub's keys. The till checks it against the fingerprint of the root
    /// that the person typed with the code.
    pub key_list: Bytes,
    /// The programme-wide directory key.
    pub directory_key: SealedKey,
    /// The hub's time.
    pub at: DateTime<Utc>,
}

cbor_map!(EnrolReply {
    1 device required,
    2 store required,
    3 epoch required,
    4 key_list required,
    5 directory_key required,
    6 at required,
});

impl Message for EnrolReply {}

/// A key sealed to one request: X25519 between the request's key and this one, HKDF-SHA-256,
/// ChaCha20-Poly1305 with a nonce of zeros, for no key is used twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedKey {
    /// The sender's half.
    pub sender_key: [u8; 32],
    /// Text and tag.
    pub sealed: Bytes,
}

cbor_map!(SealedKey {
    1 sender_key required,
    2 sealed required,
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_a_person_types_it() {
        let code =
            EnrolmentCode::of_random([0, 1, 2, 3, 33, 9, 10, 11, 12, 31, 20, 21, 22, 23, 24, 25]);
        assert_eq!(code.grouped(), "0123-19AB-CZMN-PQRS");
        for (typed, expected) in [
            ("0123-19AB-CZMN-PQRS", true),
            ("o123 i9ab czmn pqrs", true),
            ("O12319ABCZMNPQRS", true),
            ("0123-19AB-CZMN-PQR", false),
            ("0123-19AB-CZMN-PQRU", false),
            ("", false),
        ] {
            let read = EnrolmentCode::parse(typed);
            assert_eq!(read == Ok(code.clone()), expected, "{typed}");
        }
    }

    #[test]
    fn a_code_is_not_shown_in_a_log() {
        assert_eq!(format!("{:?}", EnrolmentCode::of_random([7; 16])), "EnrolmentCode(..)");
    }
}
