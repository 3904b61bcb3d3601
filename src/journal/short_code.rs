//! The code that a receipt prints: enough to find its record and to see that it is the one.

use std::fmt;
use std::str::FromStr;

use super::key::Signature;

/// Crockford's base 32: no I, L, O or U, so that it can be read aloud and typed.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many letters of the signature are printed: 20 bits, one forgery in a million fits.
const MARK_LETTERS: usize = 4;

/// Number of a record and the beginning of its signature: "3F-7K2M", or "2-3F-7K2M" where the
/// epoch is not the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortCode {
    /// The record's epoch.
    pub epoch: u32,
    /// The record's number in the epoch.
    pub sequence: u64,
    mark: u32,
}

impl ShortCode {
    /// The code of a record.
    #[must_use]
    pub fn of(epoch: u32, sequence: u64, signature: &Signature) -> Self {
        let [a, b, c, ..] = *signature.as_bytes();
        let mark = u32::from_be_bytes([0, a, b, c]) >> 4;
        Self { epoch, sequence, mark }
    }
}

impl fmt::Display for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.epoch != 1 {
            write!(f, "{}-", base32(u64::from(self.epoch), 1))?;
        }
        let mark = base32(u64::from(self.mark), MARK_LETTERS);
        write!(f, "{}-{mark}", base32(self.sequence, 1))
    }
}

impl FromStr for ShortCode {
    type Err = ShortCodeError;

    /// Reads a code as a person types it: in any case, with O for 0 and I or L for 1.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.trim().split('-').collect();
        let (epoch, sequence, mark) = match parts[..] {
            [sequence, mark] => ("1", sequence, mark),
            [epoch, sequence, mark] => (epoch, sequence, mark),
            _ => return Err(ShortCodeError),
        };
        if mark.chars().count() != MARK_LETTERS {
            return Err(ShortCodeError);
        }
        Ok(Self {
            epoch: u32::try_from(number(epoch)?).map_err(|_| ShortCodeError)?,
            sequence: number(sequence)?,
            mark: u32::try_from(number(mark)?).map_err(|_| ShortCodeError)?,
        })
    }
}

/// The code that a receipt prints.
#[must_use]
pub fn short_code(epoch: u32, sequence: u64, signature: &Signature) -> String {
    ShortCode::of(epoch, sequence, signature).to_string()
}

/// Whether a code that a person typed is the one of a record.
#[must_use]
pub fn matches(text: &str, epoch: u32, sequence: u64, signature: &Signature) -> bool {
    text.parse() == Ok(ShortCode::of(epoch, sequence, signature))
}

fn base32(mut value: u64, letters_min: usize) -> String {
    let mut letters = Vec::new();
    while value > 0 || letters.len() < letters_min {
        letters.push(char::from(ALPHABET[(value % 32) as usize]));
        value /= 32;
    }
    letters.iter().rev().collect()
}

fn number(text: &str) -> Result<u64, ShortCodeError> {
    if text.is_empty() {
        return Err(ShortCodeError);
    }
    text.chars().try_fold(0_u64, |sum, letter| {
        let letter = match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let place = |known: &u8| char::from(*known) == letter;
        let digit = ALPHABET.iter().position(place).ok_or(ShortCodeError)?;
        sum.checked_mul(32).and_then(|sum| sum.checked_add(digit as u64)).ok_or(ShortCodeError)
    })
}

/// A text that is no code of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the code of a receipt, like \"3F-7K2M\"")]
pub struct ShortCodeError;

#[cfg(test)]
mod tests {
    use super::*;

    fn signature() -> Signature {
        let mut bytes = [0; 64];
        bytes[..3].copy_from_slice(&[0x01, 0x23, 0x45]);
        Signature::from_bytes(bytes)
    }

    #[test]
    fn a_code_is_number_and_beginning_of_the_signature() {
        let cases = [
            (1, 1, "1-04HM"),
            (1, 111, "3F-04HM"),
            (2, 111, "2-3F-04HM"),
            (1, u64::MAX, "FZZZZZZZZZZZZ-04HM"),
            (u32::MAX, 0, "3ZZZZZZ-0-04HM"),
        ];
        for (epoch, sequence, text) in cases {
            assert_eq!(short_code(epoch, sequence, &signature()), text);
            assert!(matches(text, epoch, sequence, &signature()), "{text}");
        }
    }

    #[test]
    fn a_code_is_found_as_typed_and_no_other_is() {
        let cases = [
            ("3f-o4hm", true),
            (" 3F-04HM ", true),
            ("1-3F-04HM", true),
            ("2-3F-04HM", false),
            ("3G-04HM", false),
            ("3F-04HN", false),
            ("3F-004HM", false),
            ("3F04HM", false),
            ("3F-04H\u{17d}", false),
            ("3FFFFFFFFFFFFFFFFFF-04HM", false),
            ("-04HM", false),
            ("", false),
        ];
        for (text, expected) in cases {
            assert_eq!(matches(text, 1, 111, &signature()), expected, "{text:?}");
        }
    }
}
