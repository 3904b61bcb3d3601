//! SHA-256 digests of records and of the contents that records name.

use std::fmt;

use ring::digest;

macro_rules! digest_of {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The digest of exactly these bytes.
            #[must_use]
            pub fn of(bytes: &[u8]) -> Self {
                Self(sha256(bytes))
            }

            /// Wraps a digest computed elsewhere.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The 32 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    )+};
}

digest_of! {
    /// SHA-256 of the exact bytes of a sealed record: what the next record names.
    RecordHash,
    /// SHA-256 of something that a record names: an imported file, a base, a programme.
    ContentHash,
}

impl RecordHash {
    /// What the very first record of a device names as the one before it.
    pub const ZERO: Self = Self([0; 32]);
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_sha_256_in_hexadecimal() {
        assert_eq!(
            ContentHash::of(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "FIPS 180-4, example of one block"
        );
    }
}
