use std::fmt;

use ring::hmac;

use super::rotating::DIGITS_MAX;

/// Shortest key: RFC 4226 section 4 asks for 128 bits.
const KEY_BYTES_MIN: usize = 16;
/// Longest key: a block of SHA-1, beyond which HMAC only hashes it.
const KEY_BYTES_MAX: usize = 64;

/// A pass's secret.
pub struct TotpSecret(hmac::Key);

/// A key that is no TOTP secret; never says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TotpSecretError {
    /// Not pairs of base 16 digits.
    #[error("the TOTP secret is not in base 16")]
    NotHex,
    /// Too few or too many bytes.
    #[error("a TOTP secret must have {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes")]
    Length,
}

impl TotpSecret {
    /// The secret of these bytes.
    ///
    /// # Errors
    /// Fewer than 16 or more than 64 bytes.
    pub fn from_bytes(key: &[u8]) -> Result<Self, TotpSecretError> {
        if !(KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&key.len()) {
            return Err(TotpSecretError::Length);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key)))
    }

    /// The secret in base 16, as Google Wallet has it.
    ///
    /// # Errors
    /// Another encoding or length.
    pub fn from_hex(text: &str) -> Result<Self, TotpSecretError> {
        let digits: Option<Vec<u8>> = text
            .chars()
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        let digits = digits.filter(|d| d.len() % 2 == 0).ok_or(TotpSecretError::NotHex)?;
        let key: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        Self::from_bytes(&key)
    }

    /// The code of `step` with `digits` digits (6 to 10).
    pub(crate) fn code(&self, step: u64, digits: usize) -> String {
        let tag = hmac::sign(&self.0, &step.to_be_bytes());
        let tag = tag.as_ref();
        // RFC 4226 section 5.3, dynamic truncation: the last half byte says where to cut.
        let at = tag.last().map_or(0, |last| usize::from(last & 0x0f));
        let number = tag.iter().skip(at).take(4).fold(0_u32, |n, b| n << 8 | u32::from(*b));
        let modulus = 10_u64.pow(u32::try_from(digits.min(DIGITS_MAX)).unwrap_or_default());
        format!("{:0digits$}", u64::from(number & 0x7fff_ffff) % modulus)
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sha_1_vectors_of_rfc_6238_hold() {
        let secret = TotpSecret::from_bytes(b"12345678901234567890").unwrap();
        for (unix_s, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(secret.code(unix_s / 30, 8), code, "{unix_s}");
        }
    }

    #[test]
    fn the_vectors_of_rfc_4226_hold_for_six_and_ten_digits() {
        let secret = TotpSecret::from_bytes(b"12345678901234567890").unwrap();
        assert_eq!((secret.code(0, 6), secret.code(9, 6)), ("755224".into(), "520489".into()));
        assert_eq!(
            (secret.code(0, 10), secret.code(2, 10)),
            ("1284755224".into(), "0137359152".into())
        );
    }

    #[test]
    fn keys_are_base_16_of_a_sane_length() {
        let hex = TotpSecret::from_hex("3132333435363738393031323334353637383930").unwrap();
        assert_eq!(hex.code(1, 8), "94287082");
        for (text, error) in [
            ("", TotpSecretError::Length),
            ("00112233445566778899aabbccddee", TotpSecretError::Length),
            ("00112233445566778899aabbccddeef", TotpSecretError::NotHex),
            ("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", TotpSecretError::NotHex),
        ] {
            assert_eq!(TotpSecret::from_hex(text).err(), Some(error), "{text}");
        }
        assert_eq!(TotpSecret::from_bytes(&[0; 65]).err(), Some(TotpSecretError::Length));
    }
}
