//! How values of other modules are written in messages.

use std::fmt;

use ciborium::Value;

use crate::journal::cbor::{
    CborError, CborFault, Field, RECORD_BYTES_MAX, from_bytes_within, to_bytes,
};
use crate::loyalty::{AccountFacts, Birthday, PersonalOffers};
use crate::wire::{account_facts, personal_offers};

/// A message of this protocol as bytes.
#[allow(private_bounds, reason = "only the messages of this module are written this way")]
pub trait Message: Field {
    /// Writes it.
    fn to_message(&self) -> Vec<u8> {
        to_bytes(&self.to_cbor())
    }

    /// Reads one that fills the bytes.
    ///
    /// # Errors
    /// [`CborError`] names the place; the sender's fault.
    fn from_message(bytes: &[u8]) -> Result<Self, CborError> {
        Self::from_cbor(from_bytes_within(bytes, MESSAGE_BYTES_MAX)?)
    }
}

/// The largest message before it is compressed: a batch of the largest record and what else fits.
pub const MESSAGE_BYTES_MAX: usize = 2 * RECORD_BYTES_MAX;

/// Bytes that are passed on as they are: a sealed object, a secret under a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({})", self.0.len())
    }
}

impl Field for Bytes {
    fn to_cbor(&self) -> Value {
        Value::Bytes(self.0.clone())
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        match value {
            Value::Bytes(bytes) => Ok(Self(bytes)),
            _ => Err(CborFault::expected("a byte string")),
        }
    }
}

impl Field for String {
    fn to_cbor(&self) -> Value {
        self.as_str().into()
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        value.into_text().map_err(|_| CborFault::expected("a text"))
    }
}

impl Field for bool {
    fn to_cbor(&self) -> Value {
        Value::Bool(*self)
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        value.into_bool().map_err(|_| CborFault::expected("true or false"))
    }
}

impl Field for AccountFacts {
    fn to_cbor(&self) -> Value {
        Value::Bytes(account_facts::encode(self))
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let Bytes(bytes) = Bytes::from_cbor(value)?;
        account_facts::decode(&bytes).map_err(|error| text_fault(&error))
    }
}

impl Field for PersonalOffers {
    fn to_cbor(&self) -> Value {
        personal_offers::encode(self).map_or(Value::Null, Value::Text)
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let text = match value {
            Value::Null => None,
            Value::Text(text) => Some(text),
            _ => return Err(CborFault::expected("a text")),
        };
        personal_offers::decode(text.as_deref()).ok_or_else(|| text_fault(&"no carried offers"))
    }
}

impl Field for Birthday {
    fn to_cbor(&self) -> Value {
        self.to_string().into()
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let text = value.into_text().map_err(|_| CborFault::expected("a text"))?;
        Self::parse(&text).ok_or_else(|| text_fault(&"not a month and a day"))
    }
}

fn text_fault(reason: &impl ToString) -> CborError {
    CborFault::Text { reason: reason.to_string() }.into()
}
