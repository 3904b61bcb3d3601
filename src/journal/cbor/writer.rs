//! Writes CBOR straight into bytes, every length and integer in its shortest form.

use super::Field;

/// Major types (RFC 8949, 3.1).
const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const LIST: u8 = 4;
const MAP: u8 = 5;

/// Simple values.
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;

/// The bytes written so far.
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn unsigned(&mut self, number: u64) {
        self.head(UNSIGNED, number);
    }

    pub(crate) fn integer(&mut self, number: i64) {
        match u64::try_from(number) {
            Ok(number) => self.head(UNSIGNED, number),
            // -1 is written as 0, -2 as 1: all bits the other way round.
            Err(_) => self.head(NEGATIVE, !number as u64),
        }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.head(BYTES, bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.head(TEXT, text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    /// What is CBOR already.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn bool(&mut self, value: bool) {
        self.0.push(if value { TRUE } else { FALSE });
    }

    pub(crate) fn null(&mut self) {
        self.0.push(NULL);
    }

    /// A list of as many items as `write` writes.
    pub(crate) fn list(&mut self, write: impl FnOnce(&mut ListWriter<'_>)) {
        let start = self.begin();
        let mut list = ListWriter { out: self, items: 0 };
        write(&mut list);
        let items = list.items;
        self.end(start, LIST, items);
    }

    /// A map of as many keys as `write` writes.
    pub(crate) fn map(&mut self, write: impl FnOnce(&mut MapWriter<'_>)) {
        let start = self.begin();
        let mut map = MapWriter { out: self, keys: 0, last: None };
        write(&mut map);
        let keys = map.keys;
        self.end(start, MAP, keys);
    }

    /// Leaves room for the head of something with fewer than 24 items, as nearly everything has.
    fn begin(&mut self) -> usize {
        self.0.push(0);
        self.0.len() - 1
    }

    fn end(&mut self, start: usize, major: u8, items: u64) {
        let (head, length) = head(major, items);
        match length {
            1 => self.0[start] = head[0],
            _ => drop(self.0.splice(start..=start, head[..length].iter().copied())),
        }
    }

    fn head(&mut self, major: u8, argument: u64) {
        let (head, length) = head(major, argument);
        self.0.extend_from_slice(&head[..length]);
    }
}

/// Items of a list, in their order.
pub(crate) struct ListWriter<'w> {
    out: &'w mut Writer,
    items: u64,
}

impl ListWriter<'_> {
    /// The next item, to be written as one value.
    pub(crate) fn next(&mut self) -> &mut Writer {
        self.items += 1;
        self.out
    }

    pub(crate) fn item(&mut self, item: &impl Field) -> &mut Self {
        item.write(self.next());
        self
    }

    pub(crate) fn items<'i, T: Field + 'i>(
        &mut self,
        items: impl IntoIterator<Item = &'i T>,
    ) -> &mut Self {
        for item in items {
            self.item(item);
        }
        self
    }

    /// The next item, or null in its place.
    pub(crate) fn or_null(&mut self, item: &Option<impl Field>) -> &mut Self {
        match item {
            Some(item) => self.item(item),
            None => self.null(),
        }
    }

    pub(crate) fn null(&mut self) -> &mut Self {
        self.next().null();
        self
    }

    /// The next item is a list of as many items as `write` writes.
    pub(crate) fn list(&mut self, write: impl FnOnce(&mut ListWriter<'_>)) -> &mut Self {
        self.next().list(write);
        self
    }

    /// A number that says what follows.
    pub(crate) fn number(&mut self, number: u64) -> &mut Self {
        self.next().unsigned(number);
        self
    }
}

/// Keys of a map, which must rise.
pub(crate) struct MapWriter<'w> {
    out: &'w mut Writer,
    keys: u64,
    last: Option<u64>,
}

impl MapWriter<'_> {
    /// A key, whose value is to be written as one value.
    pub(crate) fn key(&mut self, key: u64) -> &mut Writer {
        assert!(self.last.is_none_or(|last| last < key), "key {key} is written out of order");
        self.last = Some(key);
        self.keys += 1;
        self.out.unsigned(key);
        self.out
    }

    pub(crate) fn required(&mut self, key: u64, field: &impl Field) {
        field.write(self.key(key));
    }

    pub(crate) fn optional(&mut self, key: u64, field: &Option<impl Field>) {
        if let Some(field) = field {
            self.required(key, field);
        }
    }

    pub(crate) fn or_default<T: Field + Default + PartialEq>(&mut self, key: u64, field: &T) {
        if *field != T::default() {
            self.required(key, field);
        }
    }
}

/// The head of a value, and how many of its bytes count.
fn head(major: u8, argument: u64) -> ([u8; 9], usize) {
    let mut head = [0; 9];
    let (more, length) = match argument {
        0..=23 => (argument as u8, 0),
        24..=0xff => (24, 1),
        0x100..=0xffff => (25, 2),
        0x1_0000..=0xffff_ffff => (26, 4),
        _ => (27, 8),
    };
    head[0] = major << 5 | more;
    head[1..=length].copy_from_slice(&argument.to_be_bytes()[8 - length..]);
    (head, 1 + length)
}
