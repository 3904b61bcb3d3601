use coset::{CoseSign1, TaggedCborSerializable};
use proptest::prelude::*;

use super::*;
use crate::journal::record::Kind;
use crate::journal::testing::{device_key, hub_key, record_of, sealed};

fn sample() -> Sealed {
    sealed(&record_of(Kind::Sale))
}

fn open_record(bytes: &[u8]) -> Result<Opened<'_>, EnvelopeError> {
    open(ObjectKind::Record, bytes, &device_key().public_key())
}

#[test]
fn another_cose_library_reads_and_verifies_what_we_seal() {
    for length in [0, 23, 24, 255, 256, 65_535, 65_536] {
        let payload = vec![0x55; length];
        let sealed = seal(ObjectKind::Record, &payload, &device_key()).expect("it fits");
        let read = CoseSign1::from_tagged_slice(&sealed.bytes).expect("a COSE_Sign1");
        assert!(read.unprotected.is_empty());
        let aad = ObjectKind::Record.typ().as_bytes();
        let verified = read.verify_signature(aad, |signature, message| {
            let signature = Signature::from_bytes(signature.try_into().expect("64 bytes"));
            let fits = device_key().public_key().verifies(message, &signature);
            fits.then_some(()).ok_or("the signature does not fit")
        });
        assert_eq!(verified, Ok(()), "{length}");
        assert_eq!(read.payload.as_deref(), Some(&payload[..]), "{length}");
        assert_eq!(read.to_tagged_vec().ok(), Some(sealed.bytes.clone()));
        let opened = open_record(&sealed.bytes).expect("our own object");
        assert_eq!(opened.payload, payload, "{length}");
        assert_eq!(opened.signature, sealed.signature);
        assert_eq!(sealed.hash, RecordHash::of(&sealed.bytes));
    }
}

#[test]
fn any_single_flipped_bit_is_refused() {
    let sealed = sample();
    let mut bytes = sealed.bytes.clone();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            assert!(open_record(&bytes).is_err(), "byte {at} bit {bit}");
            bytes[at] ^= 1 << bit;
        }
    }
    assert!(open_record(&bytes).is_ok());
}

#[test]
fn type_key_algorithm_and_form_are_checked() {
    let sealed = sample();
    let key = device_key().public_key();
    let changed = |from: &[u8], to: &[u8]| {
        let found = sealed.bytes.windows(from.len()).position(|part| part == from);
        let at = found.expect("it is there");
        [&sealed.bytes[..at], to, &sealed.bytes[at + from.len()..]].concat()
    };
    let trailing = [&sealed.bytes[..], &[0]].concat();
    let cases: [(&str, Vec<u8>, EnvelopeError); 8] = [
        ("trailing byte", trailing, EnvelopeError::Malformed),
        ("nothing", Vec::new(), EnvelopeError::Malformed),
        ("no tag", sealed.bytes[1..].to_vec(), EnvelopeError::Malformed),
        (
            "signature length not in its shortest form",
            changed(&[0x58, 64], &[0x59, 0, 64]),
            EnvelopeError::Malformed,
        ),
        (
            "something unprotected",
            changed(&[0xa0, 0x59], &[0xa1, 0x01, 0x01, 0x59]),
            EnvelopeError::Malformed,
        ),
        (
            "protected header out of order",
            changed(
                &[&[0x01, 0x32, 0x04, 0x48][..], device_key().key_id().as_bytes()].concat(),
                &[&[0x04, 0x48][..], device_key().key_id().as_bytes(), &[0x01, 0x32]].concat(),
            ),
            EnvelopeError::Malformed,
        ),
        (
            "the older name of the algorithm",
            changed(&[0x01, 0x32, 0x04], &[0x01, 0x27, 0x04]),
            EnvelopeError::OtherAlgorithm,
        ),
        ("payload", changed(b"praha-1", b"praha-2"), EnvelopeError::Signature),
    ];
    for (what, bytes, expected) in cases {
        assert_eq!(open_record(&bytes), Err(expected), "{what}");
    }
    let expected = ObjectKind::Programme.typ();
    assert_eq!(
        open(ObjectKind::Programme, &sealed.bytes, &key),
        Err(EnvelopeError::OtherKind { expected })
    );
    let found = device_key().key_id();
    assert_eq!(
        open(ObjectKind::Record, &sealed.bytes, &hub_key().public_key()),
        Err(EnvelopeError::OtherKey { found })
    );
}

#[test]
fn the_unverified_payload_is_the_verified_one() {
    let sealed = sample();
    assert_eq!(read_unverified(ObjectKind::Record, &sealed.bytes), open_record(&sealed.bytes));
}

#[test]
fn a_payload_beyond_every_record_is_not_signed() {
    let payload = vec![0; RECORD_BYTES_MAX + 1];
    assert_eq!(seal(ObjectKind::Record, &payload, &device_key()), Err(EnvelopeError::TooLarge));
}

proptest! {
    #[test]
    fn any_bytes_are_opened_or_refused(
        mut bytes in prop::collection::vec(any::<u8>(), 0..300),
        like_ours in any::<bool>(),
    ) {
        if like_ours {
            bytes.splice(0..0, sample().bytes[..40].iter().copied());
        }
        prop_assert!(open_record(&bytes).is_err());
        let _ = read_unverified(ObjectKind::Record, &bytes);
    }
}
