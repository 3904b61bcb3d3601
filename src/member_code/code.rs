use std::fmt;

use super::card::CardNumber;
use super::coupon::Coupon;
use super::rotating::RotatingCode;
use super::strength::Strength;

/// Longest token taken, in characters with its prefix: every claim at its longest fits, and so
/// does the QR code on a small phone (version 12 at most, a plain one 9).
pub const TOKEN_CHARS_MAX: usize = 400;

/// What stands in front of a token's base 45.
pub(crate) const TOKEN_PREFIX: &str = "LYT1:";

/// What was scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// A static card.
    Card {
        /// Its canonical number, to look up.
        number: CardNumber,
        /// Which issue of the card it is (AI 8019), if it says: a re-issued card has a higher one.
        issue: Option<u64>,
    },
    /// A rotating code from a phone; `totp::verify` checks it.
    Rotating(RotatingCode),
    /// A token that the hub signed; `token::verify` checks it.
    Token(TokenText),
    /// A coupon.
    Coupon(Coupon),
    /// Goods.
    Product(Gtin),
}

impl Code {
    /// What the code will prove about the member once it is checked; coupons and goods prove
    /// nothing about anybody.
    pub const fn strength(&self) -> Option<Strength> {
        match self {
            Self::Card { .. } => Some(Strength::Static),
            Self::Rotating(_) => Some(Strength::Totp),
            Self::Token(_) => Some(Strength::Token),
            Self::Coupon(_) | Self::Product(_) => None,
        }
    }
}

/// The number of goods, always as 14 digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gtin(String);

impl Gtin {
    /// The GTIN of 8 to 14 checked digits.
    pub(crate) fn from_checked(digits: &str) -> Self {
        Self(format!("{digits:0>14}"))
    }

    /// Its 14 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text of a signed token, prefix included, upper case; nothing in it has been checked.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenText(String);

impl TokenText {
    /// Whether `text` claims to be a token.
    pub(crate) fn claims(text: &str) -> bool {
        text.get(..TOKEN_PREFIX.len()).is_some_and(|p| p.eq_ignore_ascii_case(TOKEN_PREFIX))
    }

    /// Takes a text with the token prefix; `None` without it or beyond [`TOKEN_CHARS_MAX`].
    /// Base 45 has capitals only, so a scanner with caps lock on does no harm.
    pub fn parse(text: &str) -> Option<Self> {
        (Self::claims(text) && text.len() <= TOKEN_CHARS_MAX)
            .then(|| Self(text.to_ascii_uppercase()))
    }

    /// The text: whoever has it can use it, so never log it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The base 45 behind the prefix.
    #[cfg(feature = "crypto")]
    pub(crate) fn body(&self) -> &str {
        &self.0[TOKEN_PREFIX.len()..]
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenText({} characters)", self.0.len())
    }
}
