//! Names of things: opaque 128-bit refs and short texts.

use std::fmt;
use std::sync::Arc;

/// The longest id that a programme, a till or a shop may use: long enough for a UUID with a
/// prefix, short enough for a journal record.
pub const ID_BYTES_MAX: usize = 64;

/// Why a text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing there.
    #[error("the id is empty")]
    Empty,
    /// Longer than 64 bytes.
    #[error("the id is longer than {ID_BYTES_MAX} bytes")]
    TooLong,
    /// Control characters, or white space at either end.
    #[error("the id has control characters or white space around it")]
    NotPlain,
    /// Not 32 hexadecimal digits.
    #[error("expected 32 hexadecimal digits")]
    NotHex,
}

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Reads an id: 1 to 64 bytes of text without control characters.
            ///
            /// # Errors
            /// [`IdError`] where the text is empty, too long or not plain.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                plain(text).map(|text| Self(text.into()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

text_id! {
    /// A product category; a slash makes a path ("food/dairy"), and a category covers what is below it.
    CategoryId,
    /// A rule that converts points into vouchers.
    ConversionId,
    /// A registered kind of custom event (CC-19).
    EventTypeId,
    /// A mark on a member that offers may ask for ("staff", "vip").
    FlagId,
    /// A greeting of the programme.
    GreetingId,
    /// A group of offers of which only the best for the customer applies.
    GroupId,
    /// A basket line's id, unique in its basket.
    LineId,
    /// An offer of the programme.
    OfferId,
    /// Who works the till; opaque to us.
    OperatorRef,
    /// A programme.
    ProgrammeId,
    /// A receipt's id, unique in its till for ever.
    ReceiptUid,
    /// A seller who won an account; opaque to us.
    RecruiterRef,
    /// A reward that points buy.
    RewardId,
    /// An earning rule of the programme.
    RuleId,
    /// A product.
    Sku,
    /// A shop.
    StoreId,
    /// A tier of the programme.
    TierId,
    /// A till of a store.
    TillId,
    /// A variant of an offer that is compared with others ("A", "B").
    VariantId,
    /// A single voucher.
    VoucherId,
    /// A kind of voucher.
    VoucherTypeId,
}

impl CategoryId {
    /// The category and everything above it: "food/dairy/milk", "food/dairy", "food".
    pub fn path(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self.as_str()), |path| {
            path.rsplit_once('/').map(|(above, _)| above)
        })
    }

    /// Whether it or a category above it is one of these.
    #[must_use]
    pub fn is_within(&self, categories: &std::collections::BTreeSet<Self>) -> bool {
        self.path().any(|path| categories.contains(path))
    }
}

macro_rules! ref_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Wraps 16 bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Reads 32 hexadecimal digits.
            ///
            /// # Errors
            /// [`IdError::NotHex`] for anything else.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                hex16(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut digits = [0; 32];
                for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
                    pair.copy_from_slice(&[hex_digit(byte >> 4), hex_digit(byte & 0xf)]);
                }
                f.write_str(std::str::from_utf8(&digits).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    )+};
}

ref_id! {
    /// Who owns points, limits and leases: one member, a household or a company.
    AccountRef,
    /// A till device: the first half of the SHA-256 of its public key.
    DeviceId,
    /// A member: random, so that a till holds nothing that names a person.
    MemberRef,
}

fn plain(text: &str) -> Result<&str, IdError> {
    if text.is_empty() {
        Err(IdError::Empty)
    } else if text.len() > ID_BYTES_MAX {
        Err(IdError::TooLong)
    } else if text.trim() != text || text.chars().any(char::is_control) {
        Err(IdError::NotPlain)
    } else {
        Ok(text)
    }
}

const fn hex_digit(nibble: u8) -> u8 {
    b"0123456789abcdef"[nibble as usize]
}

fn hex16(text: &str) -> Result<[u8; 16], IdError> {
    let digits = text.as_bytes();
    if digits.len() != 32 {
        return Err(IdError::NotHex);
    }
    let nibble = |digit: u8| char::from(digit).to_digit(16).ok_or(IdError::NotHex);
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (nibble(pair[0])? * 16 + nibble(pair[1])?) as u8;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_plain_texts() {
        let long = "x".repeat(65);
        let cases = [
            ("4006381333931", None),
            ("Rohlík tukový", None),
            ("", Some(IdError::Empty)),
            (long.as_str(), Some(IdError::TooLong)),
            ("a\nb", Some(IdError::NotPlain)),
            (" a", Some(IdError::NotPlain)),
        ];
        for (text, refusal) in cases {
            assert_eq!(Sku::parse(text).err(), refusal, "{text:?}");
        }
    }

    #[test]
    fn refs_are_written_as_they_are_read() {
        let text = "00112233445566778899aabbccddeeff";
        assert_eq!(MemberRef::parse(text).map(|m| m.to_string()), Ok(text.to_owned()));
        for wrong in
            ["", "00", "zz112233445566778899aabbccddeeff", "+0112233445566778899aabbccddeeff"]
        {
            assert_eq!(MemberRef::parse(wrong), Err(IdError::NotHex), "{wrong}");
        }
    }
}
