//! Public keys that prove nothing.

/// The points of small order (order 1, 2, 4 and 8) of Edwards25519 as 32 bytes, the sign bit
/// cleared (RFC 8032, 5.1.2). With such a key a signature can be made for any message by anybody.
const SMALL_ORDER: [[u8; 32]; 5] = [
    // y = 0: order 4.
    [0; 32],
    // y = 1: the neutral element.
    hex("0100000000000000000000000000000000000000000000000000000000000000"),
    // Order 8.
    hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    // Order 8.
    hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    // y = -1: order 2.
    hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
];

/// Whether a key is a point of small order, or its y is not reduced modulo 2^255 - 19 (RFC 8032,
/// 5.1.3, step 1), which would give one point two encodings.
pub(crate) fn is_weak(key: &[u8; 32]) -> bool {
    let mut y = *key;
    y[31] &= 0x7f;
    let unreduced = y[31] == 0x7f && y[1..31].iter().all(|byte| *byte == 0xff) && y[0] >= 0xed;
    unreduced || SMALL_ORDER.contains(&y)
}

const fn hex(digits: &str) -> [u8; 32] {
    let digits = digits.as_bytes();
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < 32 {
        bytes[at] = nibble(digits[2 * at]) * 16 + nibble(digits[2 * at + 1]);
        at += 1;
    }
    bytes
}

const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    /// With the neutral element as key and R, and S = 0, the equation holds for every message.
    #[test]
    fn a_forgery_that_the_signature_check_accepts_is_stopped_by_the_key() {
        let key = SMALL_ORDER[1];
        let mut forged = [0; 64];
        forged[..32].copy_from_slice(&key);
        let accepted = UnparsedPublicKey::new(&ED25519, key).verify(b"any message", &forged);
        assert!(accepted.is_ok(), "the check alone is not enough");
        assert!(is_weak(&key));
    }

    #[test]
    fn weak_keys_are_told_whatever_their_sign_bit() {
        for mut key in SMALL_ORDER {
            assert!(is_weak(&key), "{key:02x?}");
            key[31] |= 0x80;
            assert!(is_weak(&key), "{key:02x?}");
        }
        let mut unreduced = [0xff; 32];
        unreduced[31] = 0x7f;
        for low in 0xed..=0xff {
            unreduced[0] = low;
            assert!(is_weak(&unreduced), "{low:02x}");
        }
        // RFC 8032, 7.1, test 1.
        let sound = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assert!(!is_weak(&sound));
    }
}
