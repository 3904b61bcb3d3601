//! Base 45 of RFC 9285: two bytes for three characters that QR codes store compactly.

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Why a text is not base 45.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Base45Error {
    /// A lone character at the end.
    #[error("the base 45 text has a character too many or too few")]
    Length,
    /// A character of no digit; letters are capitals.
    #[error("the base 45 text has a character outside its alphabet")]
    Character,
    /// Three characters above 65535 or two above 255.
    #[error("the base 45 text has a group that stands for no bytes")]
    Overflow,
}

/// Encodes bytes.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(2) * 3);
    for group in bytes.chunks(2) {
        let mut value = group.iter().fold(0_usize, |value, byte| value << 8 | usize::from(*byte));
        // One character more than bytes, lowest digit first.
        for _ in 0..=group.len() {
            text.push(char::from(ALPHABET[value % 45]));
            value /= 45;
        }
    }
    text
}

/// Decodes a text.
///
/// # Errors
/// Every text that [`encode`] cannot have made.
pub fn decode(text: &str) -> Result<Vec<u8>, Base45Error> {
    let mut bytes = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for group in text.as_bytes().chunks(3) {
        let mut value = 0_u32;
        for character in group.iter().rev() {
            value = value * 45 + digit(*character)?;
        }
        match group.len() {
            3 => {
                bytes.extend(u16::try_from(value).map_err(|_| Base45Error::Overflow)?.to_be_bytes())
            }
            2 => bytes.push(u8::try_from(value).map_err(|_| Base45Error::Overflow)?),
            _ => return Err(Base45Error::Length),
        }
    }
    Ok(bytes)
}

fn digit(character: u8) -> Result<u32, Base45Error> {
    ALPHABET
        .iter()
        .position(|letter| *letter == character)
        .and_then(|at| u32::try_from(at).ok())
        .ok_or(Base45Error::Character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_vectors_of_rfc_9285_hold() {
        for (bytes, text) in [
            (&b"AB"[..], "BB8"),
            (b"Hello!!", "%69 VD92EX0"),
            (b"base-45", "UJCLQE7W581"),
            (b"ietf!", "QED8WEX0"),
            (b"\xff\xff", "FGW"),
            (b"\xff", "U5"),
            (b"", ""),
        ] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text), Ok(bytes.to_vec()), "{text}");
        }
    }

    #[test]
    fn what_nobody_encoded_is_refused() {
        for (text, error) in [
            ("GGW", Base45Error::Overflow),
            (":::", Base45Error::Overflow),
            ("V5", Base45Error::Overflow),
            ("BB8B", Base45Error::Length),
            ("bb8", Base45Error::Character),
            ("BB=", Base45Error::Character),
            ("BBé", Base45Error::Character),
        ] {
            assert_eq!(decode(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(decode(&encode(&bytes)), Ok(bytes));
        }

        #[test]
        fn what_is_decoded_was_encoded(text in "[0-9A-Z $%*+./:-]{0,40}", any in any::<String>()) {
            for text in [text, any] {
                if let Ok(bytes) = decode(&text) {
                    prop_assert_eq!(encode(&bytes), text);
                }
            }
        }
    }
}
