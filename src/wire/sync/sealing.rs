//! A key that travels to one device: whoever reads the message, even who ends its TLS, does not
//! have it.

use std::fmt;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::hkdf;
use ring::rand::SecureRandom;

use super::enrolment::SealedKey;
use super::fields::Bytes;

/// Keeps keys derived here apart from any other use (RFC 5869, salt).
const SALT: &[u8] = b"tillward/sealed-key/v1";

/// A device's half of one exchange. It opens one sealed key and is gone.
pub struct SealingSecret {
    secret: EphemeralPrivateKey,
    public: [u8; 32],
}

impl SealingSecret {
    /// Makes one.
    ///
    /// # Errors
    /// [`SealingError::NoRandomness`].
    pub fn generate(random: &dyn SecureRandom) -> Result<Self, SealingError> {
        let (secret, public) = generate(random)?;
        Ok(Self { secret, public })
    }

    /// The half that is told: [`super::EnrolRequest::sealing_key`].
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        self.public
    }

    /// Opens what was sealed to it.
    ///
    /// # Errors
    /// [`SealingError::Broken`] where it was sealed to another or changed.
    pub fn open(self, sealed: &SealedKey) -> Result<[u8; 32], SealingError> {
        let key = agree(self.secret, &sealed.sender_key, &self.public, &sealed.sender_key)?;
        let mut text = sealed.sealed.0.clone();
        let text = key
            .open_in_place(no_nonce(), Aad::empty(), &mut text)
            .map_err(|_| SealingError::Broken)?;
        (&*text).try_into().map_err(|_| SealingError::Broken)
    }
}

impl fmt::Debug for SealingSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingSecret(..)")
    }
}

impl SealedKey {
    /// Seals a key to who made `recipient`.
    ///
    /// # Errors
    /// [`SealingError`] where there is no randomness, or the recipient's key is none.
    pub fn seal(
        key: &[u8; 32],
        recipient: &[u8; 32],
        random: &dyn SecureRandom,
    ) -> Result<Self, SealingError> {
        let (secret, sender_key) = generate(random)?;
        let sealing = agree(secret, recipient, recipient, &sender_key)?;
        let mut text = key.to_vec();
        sealing
            .seal_in_place_append_tag(no_nonce(), Aad::empty(), &mut text)
            .expect("32 bytes are far less than the algorithm's limit");
        Ok(Self { sender_key, sealed: Bytes(text) })
    }
}

fn generate(random: &dyn SecureRandom) -> Result<(EphemeralPrivateKey, [u8; 32]), SealingError> {
    let no_randomness = |_| SealingError::NoRandomness;
    let secret = EphemeralPrivateKey::generate(&X25519, random).map_err(no_randomness)?;
    let public = secret.compute_public_key().map_err(no_randomness)?;
    let public = public.as_ref().try_into().expect("a key of X25519 has 32 bytes");
    Ok((secret, public))
}

/// The key of one exchange: of the secret that both share, bound to both public halves.
fn agree(
    secret: EphemeralPrivateKey,
    other: &[u8; 32],
    recipient: &[u8; 32],
    sender: &[u8; 32],
) -> Result<LessSafeKey, SealingError> {
    // A point of small order, with which anybody knows the secret, is refused here (RFC 7748, 6.1).
    agree_ephemeral(secret, &UnparsedPublicKey::new(&X25519, other), |shared| {
        let derivation = hkdf::Salt::new(hkdf::HKDF_SHA256, SALT).extract(shared);
        derivation
            .expand(&[recipient.as_slice(), sender], &CHACHA20_POLY1305)
            .map(|material| LessSafeKey::new(UnboundKey::from(material)))
            .expect("a key of this algorithm is far shorter than HKDF's limit")
    })
    .map_err(|_| SealingError::Broken)
}

/// Zeros: no key is used twice.
fn no_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

/// Why a key cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// The system gives none.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// Sealed to another, changed, or a key that is none.
    #[error("the sealed key does not open: it was sealed to another request or changed")]
    Broken,
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::*;

    fn secret() -> SealingSecret {
        SealingSecret::generate(&SystemRandom::new()).expect("a secret")
    }

    fn seal(recipient: &[u8; 32]) -> Result<SealedKey, SealingError> {
        SealedKey::seal(&[0xd7; 32], recipient, &SystemRandom::new())
    }

    #[test]
    fn a_key_opens_for_the_request_it_was_sealed_to_only() {
        let device = secret();
        let sealed = seal(&device.public_key()).expect("sealed");
        assert_eq!(secret().open(&sealed), Err(SealingError::Broken));
        assert_eq!(device.open(&sealed), Ok([0xd7; 32]));
    }

    #[test]
    fn a_changed_or_cut_key_does_not_open() {
        for place in 0..48 {
            let device = secret();
            let mut sealed = seal(&device.public_key()).expect("sealed");
            assert_eq!(sealed.sealed.0.len(), 48);
            sealed.sealed.0[place] ^= 1;
            assert_eq!(device.open(&sealed), Err(SealingError::Broken), "byte {place}");
        }
        for bytes in 0..48 {
            let device = secret();
            let mut sealed = seal(&device.public_key()).expect("sealed");
            sealed.sealed.0.truncate(bytes);
            assert_eq!(device.open(&sealed), Err(SealingError::Broken), "{bytes} bytes");
        }
        let device = secret();
        let mut sealed = seal(&device.public_key()).expect("sealed");
        sealed.sender_key[3] ^= 1;
        assert_eq!(device.open(&sealed), Err(SealingError::Broken));
    }

    #[test]
    fn a_point_of_small_order_gets_no_key() {
        let mut one = [0; 32];
        one[0] = 1;
        for point in [[0; 32], one] {
            assert_eq!(seal(&point), Err(SealingError::Broken));
            let sealed = SealedKey { sender_key: point, sealed: Bytes(vec![0; 48]) };
            assert_eq!(secret().open(&sealed), Err(SealingError::Broken));
        }
    }
}
