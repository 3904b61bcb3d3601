//! The CBOR that facts are made of, read where it lies: an account is read for each receipt.

/// Lists in lists of lists in a list.
const DEPTH_MAX: usize = 8;

/// One value; nothing else is in facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item<'b> {
    Integer(i64),
    Bytes(&'b [u8]),
    Text(&'b str),
    List(Vec<Item<'b>>),
    Null,
}

impl<'b> Item<'b> {
    /// Reads one value that fills the bytes; `None` for any other bytes.
    pub(super) fn read(mut bytes: &'b [u8]) -> Option<Self> {
        let item = Self::next(&mut bytes, DEPTH_MAX)?;
        bytes.is_empty().then_some(item)
    }

    fn next(rest: &mut &'b [u8], depth_left: usize) -> Option<Self> {
        let head = take(rest, 1)?[0];
        if head == 0xf6 {
            return Some(Self::Null);
        }
        let argument = match head & 0x1f {
            small @ 0..=23 => u64::from(small),
            size @ 24..=27 => {
                let bytes = take(rest, 1 << (size - 24))?;
                bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
            }
            _ => return None,
        };
        let length = usize::try_from(argument).ok();
        Some(match head >> 5 {
            0 => Self::Integer(i64::try_from(argument).ok()?),
            1 => Self::Integer(!i64::try_from(argument).ok()?),
            2 => Self::Bytes(take(rest, length?)?),
            3 => Self::Text(std::str::from_utf8(take(rest, length?)?).ok()?),
            4 => {
                let depth_left = depth_left.checked_sub(1)?;
                // An item has a byte at least, so a length that lies reserves no more than there is.
                let mut items = Vec::with_capacity(length?.min(rest.len()));
                for _ in 0..argument {
                    items.push(Self::next(rest, depth_left)?);
                }
                Self::List(items)
            }
            _ => return None,
        })
    }

    pub(super) fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(number) = self { Some(*number) } else { None }
    }

    pub(super) fn as_bytes(&self) -> Option<&'b [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(super) fn as_text(&self) -> Option<&'b str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    pub(super) fn is_null(&self) -> bool {
        *self == Self::Null
    }
}

fn take<'b>(rest: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use ciborium::Value;
    use proptest::prelude::*;

    use super::*;

    fn as_value(item: &Item<'_>) -> Value {
        match item {
            Item::Integer(number) => (*number).into(),
            Item::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Item::Text(text) => (*text).into(),
            Item::List(items) => Value::Array(items.iter().map(as_value).collect()),
            Item::Null => Value::Null,
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_ciborium_reads(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Some(item) = Item::read(&bytes) {
                let value: Value = ciborium::from_reader(&*bytes).expect("ciborium reads it too");
                prop_assert_eq!(as_value(&item), value);
            }
        }
    }

    #[test]
    fn values_of_facts_are_read_and_no_others() {
        let read: [(&[u8], Item<'_>); 6] = [
            (&[0x17], Item::Integer(23)),
            (&[0x39, 0x01, 0x00], Item::Integer(-257)),
            (&[0x3b, 0x7f, 255, 255, 255, 255, 255, 255, 255], Item::Integer(i64::MIN)),
            (&[0x42, 1, 2], Item::Bytes(&[1, 2])),
            (&[0x82, 0x61, b'a', 0xf6], Item::List(vec![Item::Text("a"), Item::Null])),
            (&[0x81, 0x80], Item::List(vec![Item::List(Vec::new())])),
        ];
        for (bytes, item) in read {
            assert_eq!(Item::read(bytes), Some(item));
        }
        let refused: [&[u8]; 9] = [
            &[],
            &[0x00, 0x00],
            &[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0],
            &[0x42, 1],
            &[0x61, 0xff],
            &[0x9b, 255, 255, 255, 255, 255, 255, 255, 255],
            &[0xa0],
            &[0xf5],
            &[0x81; 20],
        ];
        for bytes in refused {
            assert_eq!(Item::read(bytes), None, "{bytes:02x?}");
        }
    }
}
