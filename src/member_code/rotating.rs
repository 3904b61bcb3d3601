use std::fmt;

use super::crockford;

/// Fewest digits of a one-time password (RFC 4226 section 5.3).
pub const DIGITS_MIN: usize = 6;
/// Most digits of a one-time password: what a 31-bit number fills.
pub const DIGITS_MAX: usize = 10;
/// Most digits of a timestamp: far past any clock, and no overflow in milliseconds.
pub const SECONDS_DIGITS_MAX: usize = 11;

/// The member as a wallet pass names it: 80 random bits, shown as 16 characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WalletId([u8; crockford::BYTES]);

impl WalletId {
    /// The id of these bytes.
    pub const fn from_bytes(bytes: [u8; crockford::BYTES]) -> Self {
        Self(bytes)
    }

    /// The id written as 16 characters of Crockford's base 32.
    pub fn parse(text: &str) -> Option<Self> {
        crockford::decode(text).map(Self)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; crockford::BYTES] {
        &self.0
    }

    /// Its 16 characters, upper case: a member code, so never log it.
    pub fn to_text(self) -> String {
        crockford::encode(&self.0)
    }
}

impl fmt::Debug for WalletId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WalletId(..)")
    }
}

/// A rotating code as scanned, not yet checked:
/// `LY1-{member}-{unix seconds}-{digits}` or `LY1.{member}.{digits}`.
#[derive(Clone, PartialEq, Eq)]
pub struct RotatingCode {
    /// Whose pass it is.
    pub member: WalletId,
    /// When the phone made it, in Unix seconds, if it says.
    pub generated_at: Option<i64>,
    digits: String,
}

impl RotatingCode {
    /// A code of these parts; `None` unless `digits` are 6 to 10 digits and the time, 0 or later,
    /// has at most 11.
    pub fn new(member: WalletId, generated_at: Option<i64>, digits: &str) -> Option<Self> {
        let time_fits = generated_at.is_none_or(|seconds| (0..100_000_000_000).contains(&seconds));
        let digits_fit = (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len()) && all_digits(digits);
        (time_fits && digits_fit).then(|| Self { member, generated_at, digits: digits.to_owned() })
    }

    /// Whether `text` claims to be a rotating code.
    pub(crate) fn claims(text: &str) -> bool {
        text.get(..4).is_some_and(|start| {
            start.eq_ignore_ascii_case("LY1-") || start.eq_ignore_ascii_case("LY1.")
        })
    }

    /// Takes a text apart; `None` if it is malformed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if !Self::claims(text) {
            return None;
        }
        let (separator, rest) = (text.chars().nth(3)?, &text[4..]);
        let parts: Vec<&str> = rest.trim_end_matches(' ').split(separator).collect();
        match (separator, parts.as_slice()) {
            ('-', &[member, seconds, digits])
                if seconds.len() <= SECONDS_DIGITS_MAX && all_digits(seconds) =>
            {
                Self::new(WalletId::parse(member)?, Some(seconds.parse().ok()?), digits)
            }
            ('.', &[member, digits]) => Self::new(WalletId::parse(member)?, None, digits),
            _ => None,
        }
    }

    /// The one-time password, 6 to 10 digits.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// The text as the phone shows it: a member code, so never log it.
    pub fn to_text(&self) -> String {
        let member = self.member.to_text();
        match self.generated_at {
            Some(seconds) => format!("LY1-{member}-{seconds}-{}", self.digits),
            None => format!("LY1.{member}.{}", self.digits),
        }
    }
}

impl fmt::Debug for RotatingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RotatingCode")
            .field("generated_at", &self.generated_at)
            .finish_non_exhaustive()
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_forms_are_understood_in_any_case() {
        let timed = RotatingCode::parse("ly1-0123456789abcdef-1700000000-01234567").unwrap();
        assert_eq!(timed.to_text(), "LY1-0123456789ABCDEF-1700000000-01234567");
        let short = RotatingCode::parse("LY1.0123456789ABCDEF.94287082").unwrap();
        assert_eq!((short.generated_at, short.digits()), (None, "94287082"));
    }

    #[test]
    fn malformed_ones_are_refused() {
        for text in [
            "LY1-",
            "LY1-0123456789ABCDEF-94287082",
            "LY1-0123456789ABCDEF--94287082",
            "LY1-0123456789ABCDEF-1700000000-94287",
            "LY1-0123456789ABCDEF-1700000000-94287082123",
            "LY1-0123456789ABCDEF-+700000000-94287082",
            "LY1-0123456789ABCDEF-170000000000-94287082",
            "LY1-0123456789ABCDEU-1700000000-94287082",
            "LY1-0123456789ABCDEF-1700000000-94287082-1",
            "LY1.0123456789ABCDEF.1700000000.94287082",
            "LY1.0123456789ABCDEF.9428708x",
            "LY2.0123456789ABCDEF.94287082",
        ] {
            assert_eq!(RotatingCode::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_an_answer(text in any::<String>()) {
            let _ = (RotatingCode::parse(&text), RotatingCode::parse(&format!("LY1-{text}")));
        }

        #[test]
        fn what_is_written_is_read(
            member in any::<[u8; 10]>(), seconds in proptest::option::of(0_i64..100_000_000_000),
            digits in "[0-9]{6,10}",
        ) {
            let code = RotatingCode::new(WalletId::from_bytes(member), seconds, &digits).unwrap();
            prop_assert_eq!(RotatingCode::parse(&code.to_text()), Some(code));
        }
    }
}
