//! Short texts that come from outside and end in a record.

use std::collections::BTreeMap;

/// The most attributes of one custom event: a form has a dozen, so this leaves room.
pub const ATTRIBUTES_MAX: usize = 32;

/// A means of payment as the till names it ("cash", "card").
pub type PaymentKind = Text<32>;

/// The number printed on a receipt.
pub type ReceiptNumber = Text<64>;

/// Why something was done, for a person to read later.
pub type Remark = Text<200>;

/// A version of the software.
pub type SoftwareVersion = Text<64>;

/// The name of an attribute of a custom event.
pub type AttributeName = Text<64>;

/// The value of an attribute of a custom event.
pub type AttributeValue = Text<256>;

/// Text of at most `BYTES_MAX` bytes of UTF-8 without control characters; may be empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<const BYTES_MAX: usize>(Box<str>);

impl<const BYTES_MAX: usize> Text<BYTES_MAX> {
    /// Takes a text that came from outside.
    ///
    /// # Errors
    /// [`TextError`] where it is too long or has control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.len() > BYTES_MAX {
            return Err(TextError::TooLong { bytes_max: BYTES_MAX });
        }
        if text.chars().any(char::is_control) {
            return Err(TextError::Control);
        }
        Ok(Self(text.into()))
    }

    /// Makes a text of our own fit: control characters become spaces, the end is cut.
    #[must_use]
    pub fn clip(text: &str) -> Self {
        let mut clipped = String::new();
        for letter in text.chars() {
            if clipped.len() + letter.len_utf8() > BYTES_MAX {
                break;
            }
            clipped.push(if letter.is_control() { ' ' } else { letter });
        }
        Self(clipped.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Named values of a custom event, at most [`ATTRIBUTES_MAX`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(BTreeMap<AttributeName, AttributeValue>);

impl Attributes {
    /// Takes the values of an event.
    ///
    /// # Errors
    /// [`TextError::TooMany`] beyond [`ATTRIBUTES_MAX`].
    pub fn parse(values: BTreeMap<AttributeName, AttributeValue>) -> Result<Self, TextError> {
        if values.len() > ATTRIBUTES_MAX {
            return Err(TextError::TooMany);
        }
        Ok(Self(values))
    }

    /// The values by name.
    #[must_use]
    pub fn values(&self) -> &BTreeMap<AttributeName, AttributeValue> {
        &self.0
    }
}

/// Why a text does not fit a record; the sender's mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Too many bytes.
    #[error("the text is longer than {bytes_max} bytes")]
    TooLong {
        /// The most that is taken.
        bytes_max: usize,
    },
    /// Line breaks and the like.
    #[error("the text has control characters")]
    Control,
    /// Too many attributes.
    #[error("the event has more than {ATTRIBUTES_MAX} attributes")]
    TooMany,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_from_outside_are_refused_and_our_own_are_cut() {
        let cases = [
            ("", Ok(()), ""),
            ("kočka", Ok(()), "kočka"),
            ("kočička", Err(TextError::TooLong { bytes_max: 6 }), "koči"),
            ("žžžž", Err(TextError::TooLong { bytes_max: 6 }), "žžž"),
            ("a\nb", Err(TextError::Control), "a b"),
        ];
        for (text, parsed, clipped) in cases {
            assert_eq!(Text::<6>::parse(text).map(|_| ()), parsed, "{text:?}");
            assert_eq!(Text::<6>::clip(text).as_str(), clipped, "{text:?}");
        }
    }
}
