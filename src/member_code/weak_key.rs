/// The y coordinates of the eight points whose order divides eight, little endian; the sign bit of
/// x is not part of them (RFC 8032 section 5.1.2).
const SMALL_ORDER_Y: [[u8; 32]; 5] = [
    // Order 1: y = 1.
    [
        1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0,
    ],
    // Order 2: y = -1.
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0x7f,
    ],
    // Order 4: y = 0.
    [0; 32],
    // Order 8, both values of y.
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// Whether an Ed25519 public key must not be trusted: with a point of small order some signatures
/// are right for any message, and a y of 2^255-19 or more is a second spelling of another key.
pub(crate) fn is_weak(public_key: &[u8; 32]) -> bool {
    let mut y = *public_key;
    y[31] &= 0x7f;
    let non_canonical = y[31] == 0x7f && y[0] >= 0xed && y[1..31].iter().all(|b| *b == 0xff);
    non_canonical || SMALL_ORDER_Y.contains(&y)
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

    use super::{SMALL_ORDER_Y, is_weak};

    #[test]
    fn small_order_keys_are_weak_with_either_sign() {
        for y in SMALL_ORDER_Y {
            let mut other = y;
            other[31] |= 0x80;
            assert!(is_weak(&y) && is_weak(&other));
        }
    }

    #[test]
    fn second_spellings_are_weak_and_the_last_first_spelling_is_not() {
        let mut key = [0xff; 32];
        for (low, weak) in [(0xed, true), (0xee, true), (0xff, true), (0xeb, false)] {
            key[0] = low;
            assert_eq!(is_weak(&key), weak, "{low:x}");
        }
    }

    #[test]
    fn a_weak_key_really_signs_everything_and_an_honest_one_is_not_weak() {
        // A = R = the neutral point and S = 0 solve the verification equation for any message.
        let mut forged = [0_u8; 64];
        forged[0] = 1;
        let weak = &SMALL_ORDER_Y[0];
        assert!(UnparsedPublicKey::new(&ED25519, weak).verify(b"any message", &forged).is_ok());
        let honest = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        assert!(!is_weak(honest.public_key().as_ref().try_into().unwrap()));
    }
}
