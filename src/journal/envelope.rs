//! Signed objects: COSE_Sign1 (RFC 9052, 4.2) with Ed25519 (RFC 9864, alg -19), in the one
//! deterministic form.
//!
//! The frame is read byte by byte and only its shortest form is taken, so an object has one
//! encoding and its hash cannot be changed without its signature.

use coset::iana::Algorithm;
use coset::{
    CborSerializable, Header, HeaderBuilder, Label, ProtectedHeader, RegisteredLabelWithPrivate,
    SignatureContext, sig_structure_data,
};

use super::cbor::RECORD_BYTES_MAX;
use super::hash::RecordHash;
use super::key::{KeyId, PublicKey, Signature, SigningKey};

/// Header parameter "typ" (RFC 9596).
const HEADER_TYP: i64 = 16;

/// Tag 18 (COSE_Sign1) and a list of four.
const FRAME_START: [u8; 2] = [0xd2, 0x84];
/// The unprotected header: an empty map.
const UNPROTECTED: u8 = 0xa0;
/// A byte string of 64 bytes follows.
const SIGNATURE_START: [u8; 2] = [0x58, 64];

/// What is signed. Each has its own `typ`, which is checked, so that a signature for one is never
/// taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// A record of a journal.
    Record,
    /// The hub's word on a journal's head.
    Checkpoint,
    /// A programme.
    Programme,
    /// The list of the hub's keys, signed by the offline root.
    KeyList,
}

impl ObjectKind {
    /// The `typ` of the protected header and the external data of the signature.
    #[must_use]
    pub const fn typ(self) -> &'static str {
        match self {
            Self::Record => "tillward/record/v1",
            Self::Checkpoint => "tillward/checkpoint/v1",
            Self::Programme => "tillward/programme/v1",
            Self::KeyList => "tillward/key-list/v1",
        }
    }
}

/// A signed object. Its bytes are kept and sent as they are; nobody encodes them again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The exact bytes.
    pub bytes: Vec<u8>,
    /// Their hash.
    pub hash: RecordHash,
    /// The signature in them.
    pub signature: Signature,
}

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened<'a> {
    /// The payload.
    pub payload: &'a [u8],
    /// Whose signature it carries.
    pub key_id: KeyId,
    /// The signature.
    pub signature: Signature,
}

/// Signs a payload.
///
/// # Errors
/// [`EnvelopeError::TooLarge`] where the payload exceeds [`RECORD_BYTES_MAX`].
pub fn seal(kind: ObjectKind, payload: &[u8], key: &SigningKey) -> Result<Sealed, EnvelopeError> {
    if payload.len() > RECORD_BYTES_MAX {
        return Err(EnvelopeError::TooLarge);
    }
    let protected = protected_header(kind, key.key_id());
    let signature = key.sign(&to_be_signed(kind, protected.clone(), payload));
    let bytes = frame(&protected, payload, &signature);
    Ok(Sealed { hash: RecordHash::of(&bytes), bytes, signature })
}

/// Checks type, key and signature, and gives the payload.
///
/// # Errors
/// [`EnvelopeError`] where the bytes are not exactly what the key's owner signed as this kind.
pub fn open<'a>(
    kind: ObjectKind,
    bytes: &'a [u8],
    key: &PublicKey,
) -> Result<Opened<'a>, EnvelopeError> {
    let frame = Frame::read(bytes)?;
    let key_id = frame.check_header(kind)?;
    if key_id != key.key_id() {
        return Err(EnvelopeError::OtherKey { found: key_id });
    }
    let message = to_be_signed(kind, frame.protected.to_vec(), frame.payload);
    if !key.verifies(&message, &frame.signature) {
        return Err(EnvelopeError::Signature);
    }
    Ok(frame.opened(key_id))
}

/// Gives the payload without checking the signature: nothing in it is proven.
///
/// # Errors
/// [`EnvelopeError`] where the bytes are no signed object of this kind.
pub fn read_unverified(kind: ObjectKind, bytes: &[u8]) -> Result<Opened<'_>, EnvelopeError> {
    let frame = Frame::read(bytes)?;
    let key_id = frame.check_header(kind)?;
    Ok(frame.opened(key_id))
}

/// Puts a record together from its parts: the bytes that [`seal`] made, if they are the parts of
/// what it made.
///
/// # Errors
/// [`EnvelopeError::TooLarge`] where the payload exceeds [`RECORD_BYTES_MAX`].
pub fn rebuild_record(
    key_id: KeyId,
    payload: &[u8],
    signature: &Signature,
) -> Result<Vec<u8>, EnvelopeError> {
    if payload.len() > RECORD_BYTES_MAX {
        return Err(EnvelopeError::TooLarge);
    }
    let protected = protected_header(ObjectKind::Record, key_id);
    Ok(frame(&protected, payload, signature))
}

fn frame(protected: &[u8], payload: &[u8], signature: &Signature) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(protected.len() + payload.len() + 80);
    bytes.extend(FRAME_START);
    write_byte_string(&mut bytes, protected);
    bytes.push(UNPROTECTED);
    write_byte_string(&mut bytes, payload);
    bytes.extend(SIGNATURE_START);
    bytes.extend(signature.as_bytes());
    bytes
}

fn protected_header(kind: ObjectKind, key_id: KeyId) -> Vec<u8> {
    HeaderBuilder::new()
        .algorithm(Algorithm::Ed25519)
        .key_id(key_id.as_bytes().to_vec())
        .value(HEADER_TYP, kind.typ().into())
        .build()
        .to_vec()
        .expect("a header of an integer, bytes and a text can be written")
}

fn to_be_signed(kind: ObjectKind, protected: Vec<u8>, payload: &[u8]) -> Vec<u8> {
    let protected = ProtectedHeader { original_data: Some(protected), header: Header::default() };
    let aad = kind.typ().as_bytes();
    sig_structure_data(SignatureContext::CoseSign1, protected, None, aad, payload)
}

fn write_byte_string(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = bytes.len() as u64;
    match length {
        0..=23 => out.push(0x40 | length as u8),
        24..=0xff => out.extend([0x58, length as u8]),
        0x100..=0xffff => {
            out.push(0x59);
            out.extend((length as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(0x5a);
            out.extend((length as u32).to_be_bytes());
        }
        _ => {
            out.push(0x5b);
            out.extend(length.to_be_bytes());
        }
    }
    out.extend(bytes);
}

/// The parts of a COSE_Sign1 in its deterministic form.
struct Frame<'a> {
    protected: &'a [u8],
    payload: &'a [u8],
    signature: Signature,
}

impl<'a> Frame<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > RECORD_BYTES_MAX + FRAME_BYTES_MAX {
            return Err(EnvelopeError::TooLarge);
        }
        Self::parts(bytes).ok_or(EnvelopeError::Malformed)
    }

    fn parts(bytes: &'a [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&FRAME_START)?;
        let (protected, rest) = read_byte_string(rest)?;
        let rest = rest.strip_prefix(&[UNPROTECTED])?;
        let (payload, rest) = read_byte_string(rest)?;
        let signature = rest.strip_prefix(&SIGNATURE_START)?;
        Some(Self {
            protected,
            payload,
            signature: Signature::from_bytes(signature.try_into().ok()?),
        })
    }

    /// The key id of a protected header that says this kind and Ed25519, and nothing else.
    fn check_header(&self, kind: ObjectKind) -> Result<KeyId, EnvelopeError> {
        if self.protected.len() > FRAME_BYTES_MAX {
            return Err(EnvelopeError::Malformed);
        }
        let header = Header::from_slice(self.protected).map_err(|_| EnvelopeError::Malformed)?;
        let algorithm = RegisteredLabelWithPrivate::Assigned(Algorithm::Ed25519);
        if header.alg != Some(algorithm) {
            return Err(EnvelopeError::OtherAlgorithm);
        }
        let typ = header.rest.iter().find_map(|(label, value)| {
            let named = *label == Label::Int(HEADER_TYP);
            named.then(|| value.as_text()).flatten()
        });
        if typ != Some(kind.typ()) {
            return Err(EnvelopeError::OtherKind { expected: kind.typ() });
        }
        let key_id = header.key_id.as_slice().try_into();
        let key_id = KeyId::from_bytes(key_id.map_err(|_| EnvelopeError::Malformed)?);
        if self.protected == protected_header(kind, key_id) {
            Ok(key_id)
        } else {
            Err(EnvelopeError::Malformed)
        }
    }

    fn opened(&self, key_id: KeyId) -> Opened<'a> {
        Opened { payload: self.payload, key_id, signature: self.signature }
    }
}

/// More than everything around a payload takes: our own frames have 107 to 117 bytes.
const FRAME_BYTES_MAX: usize = 256;

/// A byte string whose length is in its shortest form, and what follows it.
fn read_byte_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (length_bytes, length_min) = match first {
        0x40..=0x57 => return rest.split_at_checked(usize::from(first - 0x40)),
        0x58 => (1, 24),
        0x59 => (2, 0x100),
        0x5a => (4, 0x1_0000),
        0x5b => (8, 0x1_0000_0000),
        _ => return None,
    };
    let (length, rest) = rest.split_at_checked(length_bytes)?;
    let length = length.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    if length < length_min {
        return None;
    }
    rest.split_at_checked(usize::try_from(length).ok()?)
}

/// Why bytes are not a signed object that may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Larger than any record.
    #[error("the object is larger than {RECORD_BYTES_MAX} bytes")]
    TooLarge,
    /// No COSE_Sign1, or not in the one form that is taken.
    #[error("the bytes are not a signed object in deterministic form")]
    Malformed,
    /// Another algorithm than Ed25519.
    #[error("the object is not signed with Ed25519")]
    OtherAlgorithm,
    /// Signed as something else.
    #[error("the object is not of type {expected}")]
    OtherKind {
        /// The `typ` that was asked for.
        expected: &'static str,
    },
    /// Signed by another key.
    #[error("the object names key {found}, not the one it is checked with")]
    OtherKey {
        /// The key it names.
        found: KeyId,
    },
    /// Changed after it was signed, or never signed by this key.
    #[error("the signature does not fit")]
    Signature,
}

#[cfg(test)]
mod tests;
