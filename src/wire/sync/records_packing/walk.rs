//! Goes through a record's values, the same way when it is written and when it is read.
//!
//! Each place in a record (a path of map keys) is a column with a memory of its own: what was there
//! before is likely to be there again.

use std::collections::BTreeMap;

use ciborium::Value;

use super::Unfit;
use super::coder::{Coder, Model, plain_byte};
use super::expected::{Expected, Facts, is_list, is_read_backwards};

/// How deep a record nests at most.
const DEPTH_MAX: usize = 16;
/// Integers beyond this are no amount or time of ours; so differences always fit.
const INTEGER_MAX: i128 = 1 << 53;
/// The most values of a batch, so that unpacking takes seconds at the worst: a thousand receipts of
/// ten lines have a third of it.
const VALUES_MAX: usize = 1_000_000;
/// The most places that a batch remembers: our records have a few hundred.
const COLUMNS_MAX: usize = 4_096;
/// The most bytes that a batch unpacks to.
pub(super) const UNPACKED_BYTES_MAX: usize = super::super::fields::MESSAGE_BYTES_MAX;

/// Path elements beyond any map key: an item of a list, and of a tuple by its place.
pub(super) const ITEM: u32 = u32::MAX;
pub(super) const TUPLE: u32 = u32::MAX - 16;
const TUPLE_PLACES: usize = 8;

/// What stands where the value is as expected; no value begins with it.
const AS_EXPECTED: u8 = 0xff;

/// Everything learnt of a batch so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    shapes: BTreeMap<Vec<u32>, Column>,
    scalars: BTreeMap<Vec<u32>, Column>,
    pub(super) facts: Facts,
    bytes: usize,
    values: usize,
}

impl Memory {
    /// Counts what is unpacked before there is room made for it.
    fn spend(&mut self, values: usize, bytes: usize) -> Result<(), Unfit> {
        self.values = self.values.saturating_add(values);
        self.bytes = self.bytes.saturating_add(bytes);
        let within = self.values <= VALUES_MAX && self.bytes <= UNPACKED_BYTES_MAX;
        if within { Ok(()) } else { Err(Unfit) }
    }
}

#[derive(Clone, Debug, Default)]
struct Column {
    seen: Model<Vec<u8>>,
    letters: BTreeMap<u8, Model<u8>>,
}

/// Where in a record it is.
pub(super) struct Walk<'a> {
    pub(super) coder: &'a mut dyn Coder,
    pub(super) memory: &'a mut Memory,
    path: Vec<u32>,
    places: Vec<usize>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(coder: &'a mut dyn Coder, memory: &'a mut Memory) -> Self {
        Self { coder, memory, path: Vec::new(), places: Vec::new() }
    }

    /// Codes a whole record's payload.
    pub(super) fn record(&mut self, known: Option<&Value>) -> Result<Value, Unfit> {
        self.memory.facts.begin_record();
        self.value(known)
    }

    /// Codes bytes of a kind of their own, named by a path that no record has.
    pub(super) fn bytes(&mut self, column: u32, known: Option<&[u8]>) -> Result<Vec<u8>, Unfit> {
        let known = known.map(|bytes| scalar_token(&Value::Bytes(bytes.to_vec()))).transpose()?;
        let token = self.token(Kind::Scalar, &[ITEM, column], known)?;
        match read_scalar(&token)? {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(Unfit),
        }
    }

    fn value(&mut self, known: Option<&Value>) -> Result<Value, Unfit> {
        if self.path.len() > DEPTH_MAX {
            return Err(Unfit);
        }
        let shape = known.map(shape_token).transpose()?;
        let path = self.path.clone();
        let shape = self.token(Kind::Shape, &path, shape)?;
        match read_shape(&shape)? {
            Shape::Scalar => self.scalar(known),
            Shape::Array(length) => self.array(known, length),
            Shape::Map(keys) => self.map(known, &keys),
        }
    }

    fn array(&mut self, known: Option<&Value>, length: usize) -> Result<Value, Unfit> {
        let known = match known {
            Some(Value::Array(items)) => Some(items),
            _ => None,
        };
        self.memory.spend(length, 0)?;
        let list = is_list(&self.path);
        let backwards = is_read_backwards(&self.path);
        let mut items = vec![Value::Null; length];
        for step in 0..length {
            let place = if backwards { length - 1 - step } else { step };
            self.path.push(if list { ITEM } else { TUPLE + place.min(TUPLE_PLACES) as u32 });
            self.places.push(place);
            items[place] = self.value(known.map(|items| &items[place]))?;
            self.places.pop();
            self.path.pop();
        }
        Ok(Value::Array(items))
    }

    fn map(&mut self, known: Option<&Value>, keys: &[u32]) -> Result<Value, Unfit> {
        let known = match known {
            Some(Value::Map(entries)) => Some(entries),
            _ => None,
        };
        self.memory.spend(keys.len(), 0)?;
        let backwards = is_read_backwards(&self.path);
        let mut entries = vec![(Value::Null, Value::Null); keys.len()];
        for step in 0..keys.len() {
            let place = if backwards { keys.len() - 1 - step } else { step };
            self.path.push(keys[place]);
            let value = self.value(known.map(|entries| &entries[place].1))?;
            self.path.pop();
            entries[place] = (keys[place].into(), value);
        }
        Ok(Value::Map(entries))
    }

    fn scalar(&mut self, known: Option<&Value>) -> Result<Value, Unfit> {
        let place = self.places.last().copied().unwrap_or_default();
        let expected = self.memory.facts.expected(&self.path, place);
        let token = known.map(|value| write_expected(value, expected.as_ref())).transpose()?;
        let path = self.path.clone();
        let token = self.token(Kind::Scalar, &path, token)?;
        let value = read_expected(&token, expected)?;
        self.memory.facts.note(&self.path, place, &value);
        Ok(value)
    }

    fn token(
        &mut self,
        kind: Kind,
        path: &[u32],
        known: Option<Vec<u8>>,
    ) -> Result<Vec<u8>, Unfit> {
        let columns = match kind {
            Kind::Shape => &mut self.memory.shapes,
            Kind::Scalar => &mut self.memory.scalars,
        };
        if !columns.contains_key(path) {
            if columns.len() >= COLUMNS_MAX {
                return Err(Unfit);
            }
            columns.insert(path.to_vec(), Column::default());
        }
        let column = columns.get_mut(path).ok_or(Unfit)?;
        let token = match column.seen.code(self.coder, known.as_ref())? {
            Some(token) => token,
            None => {
                let token = spell(&mut column.letters, self.coder, known.as_deref())?;
                column.seen.learn(token.clone());
                token
            }
        };
        self.memory.spend(1, token.len())?;
        Ok(token)
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Shape,
    Scalar,
}

/// Whether a payload can be written this way: our own records can.
pub(super) fn is_plain(value: &Value) -> bool {
    fn plain(value: &Value, depth: usize) -> bool {
        depth <= DEPTH_MAX
            && match value {
                Value::Integer(integer) => i128::from(*integer).abs() <= INTEGER_MAX,
                Value::Bytes(_) | Value::Text(_) | Value::Bool(_) | Value::Null => true,
                Value::Array(items) => items.iter().all(|item| plain(item, depth + 1)),
                Value::Map(entries) => entries
                    .iter()
                    .all(|(key, value)| map_key(key).is_ok() && plain(value, depth + 1)),
                _ => false,
            }
    }
    plain(value, 0)
}

enum Shape {
    Scalar,
    Array(usize),
    Map(Vec<u32>),
}

fn shape_token(value: &Value) -> Result<Vec<u8>, Unfit> {
    Ok(match value {
        Value::Array(items) => head(4, items.len() as u64),
        Value::Map(entries) => {
            let mut token = head(5, entries.len() as u64);
            for (key, _) in entries {
                token.extend(head(0, map_key(key)?.into()));
            }
            token
        }
        _ => head(0, 0),
    })
}

fn read_shape(token: &[u8]) -> Result<Shape, Unfit> {
    let mut rest = token;
    let (major, count) = read_head(&mut rest)?;
    let count = usize::try_from(count).map_err(|_| Unfit)?;
    if count > VALUES_MAX {
        return Err(Unfit);
    }
    Ok(match major {
        0 => Shape::Scalar,
        4 => Shape::Array(count),
        5 => {
            let mut keys = Vec::new();
            for _ in 0..count {
                let (_, key) = read_head(&mut rest)?;
                keys.push(u32::try_from(key).map_err(|_| Unfit)?);
            }
            Shape::Map(keys)
        }
        _ => return Err(Unfit),
    })
}

fn map_key(key: &Value) -> Result<u32, Unfit> {
    let Value::Integer(key) = key else { return Err(Unfit) };
    let key = u32::try_from(i128::from(*key)).map_err(|_| Unfit)?;
    if key < TUPLE { Ok(key) } else { Err(Unfit) }
}

fn write_expected(value: &Value, expected: Option<&Expected>) -> Result<Vec<u8>, Unfit> {
    match (value, expected) {
        (value, Some(Expected::Value(expected))) if value == expected => Ok(vec![AS_EXPECTED]),
        (Value::Integer(integer), Some(Expected::Near(base))) => {
            let difference = i128::from(*integer) - base;
            scalar_token(&Value::Integer(difference.try_into().map_err(|_| Unfit)?))
        }
        (value, _) => scalar_token(value),
    }
}

fn read_expected(token: &[u8], expected: Option<Expected>) -> Result<Value, Unfit> {
    if token == [AS_EXPECTED] {
        return match expected {
            Some(Expected::Value(value)) => Ok(value),
            _ => Err(Unfit),
        };
    }
    let value = read_scalar(token)?;
    match (value, expected) {
        (Value::Integer(difference), Some(Expected::Near(base))) => {
            let integer = base + i128::from(difference);
            if integer.abs() > INTEGER_MAX {
                return Err(Unfit);
            }
            Ok(Value::Integer(integer.try_into().map_err(|_| Unfit)?))
        }
        (value, _) => Ok(value),
    }
}

/// A scalar as deterministic CBOR.
fn scalar_token(value: &Value) -> Result<Vec<u8>, Unfit> {
    match value {
        Value::Array(_) | Value::Map(_) => Err(Unfit),
        scalar => Ok(crate::journal::cbor::to_bytes(scalar)),
    }
}

fn read_scalar(token: &[u8]) -> Result<Value, Unfit> {
    let value = crate::journal::cbor::from_bytes(token).map_err(|_| Unfit)?;
    if is_plain(&value) && !matches!(value, Value::Array(_) | Value::Map(_)) {
        Ok(value)
    } else {
        Err(Unfit)
    }
}

/// A token that the column has not seen, byte by byte: its head says how long it is.
fn spell(
    letters: &mut BTreeMap<u8, Model<u8>>,
    coder: &mut dyn Coder,
    known: Option<&[u8]>,
) -> Result<Vec<u8>, Unfit> {
    let mut token = Vec::new();
    let mut letter = |context: Option<u8>, token: &mut Vec<u8>| -> Result<(), Unfit> {
        let known = known.map(|known| known.get(token.len()).copied().ok_or(Unfit)).transpose()?;
        let byte = match context {
            None => plain_byte(coder, known)?,
            Some(context) => {
                let model = letters.entry(context).or_default();
                match model.code(coder, known.as_ref())? {
                    Some(byte) => byte,
                    None => {
                        let byte = plain_byte(coder, known)?;
                        model.learn(byte);
                        byte
                    }
                }
            }
        };
        token.push(byte);
        Ok(())
    };
    letter(Some(0), &mut token)?;
    let first = token[0];
    if first == AS_EXPECTED {
        return Ok(token);
    }
    spell_argument(first, 1, &mut letter, &mut token)?;
    let (major, count) = read_head(&mut token.as_slice())?;
    let count = usize::try_from(count).map_err(|_| Unfit)?;
    match major {
        2 | 3 => {
            if count > UNPACKED_BYTES_MAX {
                return Err(Unfit);
            }
            for place in 0..count {
                let context = 16 + place.min(3) as u8;
                letter((major == 3).then_some(context), &mut token)?;
            }
        }
        5 => {
            for _ in 0..count {
                letter(Some(32), &mut token)?;
                let first = token[token.len() - 1];
                spell_argument(first, 33, &mut letter, &mut token)?;
            }
        }
        _ => {}
    }
    Ok(token)
}

/// The bytes of a head behind its first.
fn spell_argument(
    first: u8,
    context: u8,
    letter: &mut dyn FnMut(Option<u8>, &mut Vec<u8>) -> Result<(), Unfit>,
    token: &mut Vec<u8>,
) -> Result<(), Unfit> {
    let bytes = match first & 0x1f {
        0..=23 => 0,
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return Err(Unfit),
    };
    for place in 0..bytes {
        // The low bytes of a large number are anybody's guess.
        let context = if place < 2 { Some(context + place * 2 + (first & 1)) } else { None };
        letter(context, token)?;
    }
    Ok(())
}

/// A CBOR head in its shortest form.
fn head(major: u8, argument: u64) -> Vec<u8> {
    let value = Value::Integer(argument.into());
    let mut bytes = crate::journal::cbor::to_bytes(&value);
    bytes[0] |= major << 5;
    bytes
}

fn read_head(rest: &mut &[u8]) -> Result<(u8, u64), Unfit> {
    let (first, behind) = rest.split_first().ok_or(Unfit)?;
    let length = match first & 0x1f {
        small @ 0..=23 => {
            *rest = behind;
            return Ok((first >> 5, u64::from(small)));
        }
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return Err(Unfit),
    };
    let (argument, behind) = behind.split_at_checked(length).ok_or(Unfit)?;
    *rest = behind;
    let argument = argument.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
    Ok((first >> 5, argument))
}
