//! Crockford's base 32: five bits a character, no I L O U, case does not matter.

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a wallet id.
pub(crate) const CHARS: usize = 16;
/// Bytes of a wallet id: 80 bits.
pub(crate) const BYTES: usize = CHARS * 5 / 8;

/// Sixteen characters for ten bytes, upper case.
pub(crate) fn encode(bytes: &[u8; BYTES]) -> String {
    let value = bytes.iter().fold(0_u128, |value, byte| value << 8 | u128::from(*byte));
    (0..CHARS)
        .rev()
        .map(|place| char::from(ALPHABET[(value >> (5 * place) & 31) as usize]))
        .collect()
}

/// The ten bytes of exactly sixteen characters; `I` and `L` read as 1, `O` as 0.
pub(crate) fn decode(text: &str) -> Option<[u8; BYTES]> {
    if text.len() != CHARS {
        return None;
    }
    let mut value = 0_u128;
    for byte in text.bytes() {
        value = value << 5 | u128::from(digit(byte)?);
    }
    let mut bytes = [0; BYTES];
    bytes.copy_from_slice(&value.to_be_bytes()[16 - BYTES..]);
    Some(bytes)
}

fn digit(byte: u8) -> Option<u8> {
    let byte = match byte.to_ascii_uppercase() {
        b'I' | b'L' => b'1',
        b'O' => b'0',
        other => other,
    };
    ALPHABET.iter().position(|letter| *letter == byte).and_then(|at| u8::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_texts() {
        assert_eq!(encode(&[0; 10]), "0000000000000000");
        assert_eq!(encode(&[0xff; 10]), "ZZZZZZZZZZZZZZZZ");
        assert_eq!(encode(&[0, 0, 0, 0, 1, 0, 0, 0, 0, 31]), "000000010000000Z");
    }

    #[test]
    fn look_alikes_and_case_do_not_matter() {
        assert_eq!(decode("iLoO00000000abcd"), decode("110000000000ABCD"));
        assert!(decode("110000000000ABCD").is_some());
    }

    #[test]
    fn other_letters_and_lengths_are_refused() {
        for text in
            ["", "000000000000000", "00000000000000000", "U000000000000000", "é00000000000000"]
        {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(bytes in any::<[u8; BYTES]>()) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }

        #[test]
        fn any_text_gives_an_answer(text in any::<String>()) {
            let _ = decode(&text);
        }
    }
}
