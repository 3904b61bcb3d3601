//! Deterministic CBOR (RFC 8949, 4.2.1) with small integer keys.
//!
//! Writers build [`Value`]s; maps come out with their keys in order and without defaults, and
//! ciborium writes every length and integer in its shortest form. Readers are total: whatever the
//! bytes, the answer is a value or a [`CborError`] that names the place.

use ciborium::Value;

/// The largest record: ten thousand lines with the longest ids are about 3 MiB, so that a legal
/// basket always fits and a hostile length cannot fill the memory.
pub const RECORD_BYTES_MAX: usize = 8 * 1024 * 1024;

/// How deep a payload nests at most; our own nest to 6.
const DEPTH_MAX: usize = 16;

/// The most items of one list: beyond the lines of a basket and the offers of a programme.
const LIST_ITEMS_MAX: usize = 100_000;

/// Something with one CBOR form.
pub(crate) trait Field: Sized {
    fn to_cbor(&self) -> Value;
    fn from_cbor(value: Value) -> Result<Self, CborError>;
}

/// Writes a value as bytes.
pub(crate) fn to_bytes(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    ciborium::into_writer(value, &mut bytes).expect("writing to memory does not fail");
    bytes
}

/// Reads one value that fills the bytes, of the size of a record.
pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Value, CborError> {
    from_bytes_within(bytes, RECORD_BYTES_MAX)
}

/// Reads one value that fills the bytes, which are at most so many.
pub(crate) fn from_bytes_within(bytes: &[u8], bytes_max: usize) -> Result<Value, CborError> {
    if bytes.len() > bytes_max {
        return Err(CborFault::TooLarge.into());
    }
    let mut rest = bytes;
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, DEPTH_MAX)
        .map_err(|_| CborFault::NotCbor)?;
    if rest.is_empty() { Ok(value) } else { Err(CborFault::TrailingBytes.into()) }
}

/// Builds a map; whatever order the keys come in, they are written in order.
pub(crate) struct MapBuilder(Vec<(u64, Value)>);

impl MapBuilder {
    pub(crate) fn with_capacity(keys: usize) -> Self {
        Self(Vec::with_capacity(keys))
    }

    pub(crate) fn raw(&mut self, key: u64, value: Value) {
        self.0.push((key, value));
    }

    pub(crate) fn required<T: Field>(&mut self, key: u64, field: &T) {
        self.raw(key, field.to_cbor());
    }

    pub(crate) fn optional<T: Field>(&mut self, key: u64, field: &Option<T>) {
        if let Some(field) = field {
            self.required(key, field);
        }
    }

    pub(crate) fn or_default<T: Field + Default + PartialEq>(&mut self, key: u64, field: &T) {
        if *field != T::default() {
            self.required(key, field);
        }
    }

    pub(crate) fn finish(mut self) -> Value {
        self.0.sort_by_key(|(key, _)| *key);
        debug_assert!(self.0.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let entries = self.0.into_iter();
        Value::Map(entries.map(|(key, value)| (key.into(), value)).collect())
    }
}

/// Reads a map. Keys that nobody asks for are a later version's: they are ignored.
pub(crate) struct MapReader(Vec<(u64, Value)>);

impl MapReader {
    pub(crate) fn open(value: Value) -> Result<Self, CborError> {
        let Value::Map(entries) = value else {
            return Err(CborFault::expected("a map"));
        };
        let mut map: Vec<(u64, Value)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let key = u64::from_cbor(key)?;
            if map.last().is_some_and(|(last, _)| *last >= key) {
                return Err(CborFault::KeyOrder { key }.into());
            }
            map.push((key, value));
        }
        Ok(Self(map))
    }

    pub(crate) fn required<T: Field>(&mut self, key: u64, name: &str) -> Result<T, CborError> {
        let Some(value) = self.take(key) else {
            return Err(CborError::from(CborFault::Missing { key }).within(name));
        };
        T::from_cbor(value).map_err(|fault| fault.within(name))
    }

    pub(crate) fn optional<T: Field>(
        &mut self,
        key: u64,
        name: &str,
    ) -> Result<Option<T>, CborError> {
        self.take(key)
            .map(|value| T::from_cbor(value).map_err(|fault| fault.within(name)))
            .transpose()
    }

    pub(crate) fn or_default<T: Field + Default>(
        &mut self,
        key: u64,
        name: &str,
    ) -> Result<T, CborError> {
        self.optional(key, name).map(Option::unwrap_or_default)
    }

    /// The raw value of a key; the second time it is null.
    pub(crate) fn take(&mut self, key: u64) -> Option<Value> {
        let at = self.0.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(std::mem::replace(&mut self.0[at].1, Value::Null))
    }
}

/// Opens a list of bounded length.
pub(crate) fn list(value: Value) -> Result<Vec<Value>, CborError> {
    match value {
        Value::Array(items) if items.len() <= LIST_ITEMS_MAX => Ok(items),
        Value::Array(_) => Err(CborFault::TooLarge.into()),
        _ => Err(CborFault::expected("a list")),
    }
}

/// Opens a list of a number that says what follows, and that.
pub(crate) fn tagged(value: Value) -> Result<(u64, std::vec::IntoIter<Value>), CborError> {
    let mut items = list(value)?.into_iter();
    let number = items.next().ok_or(CborFault::expected("a number"))?;
    Ok((u64::from_cbor(number)?, items))
}

/// The next item of a list.
pub(crate) fn next<T: Field>(items: &mut std::vec::IntoIter<Value>) -> Result<T, CborError> {
    let item = items.next().ok_or(CborFault::expected("a longer list"))?;
    T::from_cbor(item)
}

macro_rules! integer_field {
    ($($name:ident),+) => {$(
        impl Field for $name {
            fn to_cbor(&self) -> Value {
                (*self).into()
            }

            fn from_cbor(value: Value) -> Result<Self, CborError> {
                let Value::Integer(integer) = value else {
                    return Err(CborFault::expected("an integer"));
                };
                integer.try_into().map_err(|_| CborFault::OutOfRange.into())
            }
        }
    )+};
}

integer_field!(u8, u16, u32, u64, i16, i32, i64);

impl<const N: usize> Field for [u8; N] {
    fn to_cbor(&self) -> Value {
        Value::Bytes(self.to_vec())
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let Value::Bytes(bytes) = value else {
            return Err(CborFault::expected("a byte string"));
        };
        bytes.try_into().map_err(|_| CborFault::Length { bytes: N }.into())
    }
}

impl<T: Field> Field for Vec<T> {
    fn to_cbor(&self) -> Value {
        Value::Array(self.iter().map(T::to_cbor).collect())
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let items = list(value)?.into_iter().enumerate();
        items
            .map(|(index, item)| {
                T::from_cbor(item).map_err(|fault| fault.within(&format!("[{index}]")))
            })
            .collect()
    }
}

impl<A: Field, B: Field> Field for (A, B) {
    fn to_cbor(&self) -> Value {
        Value::Array(vec![self.0.to_cbor(), self.1.to_cbor()])
    }

    fn from_cbor(value: Value) -> Result<Self, CborError> {
        let mut items = list(value)?.into_iter();
        Ok((next(&mut items)?, next(&mut items)?))
    }
}

/// What is wrong with a payload, and where; the writer's fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{fault}", .path, if .path.is_empty() { "" } else { ": " })]
pub struct CborError {
    path: String,
    fault: CborFault,
}

impl CborError {
    /// The place, as in `body.lines[2].sku`; empty for the whole.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong there.
    #[must_use]
    pub fn fault(&self) -> &CborFault {
        &self.fault
    }

    pub(crate) fn within(mut self, outer: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{outer}{dot}{}", self.path);
        self
    }
}

impl From<CborFault> for CborError {
    fn from(fault: CborFault) -> Self {
        Self { path: String::new(), fault }
    }
}

/// What is wrong at a place of a payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborFault {
    /// No well-formed CBOR, or nested too deep.
    #[error("the bytes are not well-formed CBOR or nest too deep")]
    NotCbor,
    /// Something follows the value.
    #[error("bytes follow the value")]
    TrailingBytes,
    /// Beyond the largest record or list.
    #[error("it is larger than any record may be")]
    TooLarge,
    /// A key that must be there.
    #[error("key {key} is missing")]
    Missing {
        /// The key.
        key: u64,
    },
    /// Map keys repeat or are out of order.
    #[error("key {key} repeats or is out of order")]
    KeyOrder {
        /// The key.
        key: u64,
    },
    /// Another type.
    #[error("expected {what}")]
    Type {
        /// The type.
        what: &'static str,
    },
    /// A byte string of another length.
    #[error("expected {bytes} bytes")]
    Length {
        /// How many.
        bytes: usize,
    },
    /// A number that cannot be.
    #[error("the number is out of range")]
    OutOfRange,
    /// A number that stands for nothing here.
    #[error("{number} stands for nothing known here")]
    UnknownNumber {
        /// The number.
        number: u64,
    },
    /// A text that is no id, currency or short text.
    #[error("{reason}")]
    Text {
        /// Why.
        reason: String,
    },
}

impl CborFault {
    pub(crate) fn expected(what: &'static str) -> CborError {
        Self::Type { what }.into()
    }
}

/// Writes and reads a struct as a map: one line a field, `key name how`, where how is `required`,
/// `optional` (an `Option`, left out where `None`) or `or_default` (left out where default).
/// Taking the struct apart makes a new field of a domain type a compile error here.
macro_rules! cbor_map {
    ($name:ident { $($key:literal $field:ident $how:ident,)+ }) => {
        impl $crate::journal::cbor::Field for $name {
            fn to_cbor(&self) -> ciborium::Value {
                let Self { $($field),+ } = self;
                let mut map = $crate::journal::cbor::MapBuilder::with_capacity([$($key),+].len());
                $(map.$how($key, $field);)+
                map.finish()
            }

            fn from_cbor(
                value: ciborium::Value,
            ) -> Result<Self, $crate::journal::cbor::CborError> {
                let mut map = $crate::journal::cbor::MapReader::open(value)?;
                Ok(Self { $($field: map.$how($key, stringify!($field))?,)+ })
            }
        }
    };
}

pub(crate) use cbor_map;

#[cfg(test)]
mod tests;
