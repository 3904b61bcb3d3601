//! What a scan says: framing, check digits, GS1, card rules, rotating codes and signed tokens.
//!
//! [`Scan::parse`] takes what the scanner sent, [`read()`] says which kind of code it is; both are
//! total: any input gives an answer or an error, never a panic. Whether a rotating code or a token
//! is genuine needs keys and a time, see `totp` and `token` (rung `crypto`). No error text ever
//! carries the code itself, and `Debug` of everything that holds one shows its length only.

mod card;
mod check_digit;
mod clock_trust;
mod code;
mod coupon;
pub(crate) mod crockford;
mod digital_link;
mod error;
mod gs1;
mod gs1_table;
mod read;
mod rotating;
mod scan;
mod strength;
mod symbology;

#[cfg(feature = "crypto")]
pub mod base45;
#[cfg(feature = "crypto")]
pub mod token;
#[cfg(feature = "crypto")]
mod token_claims;
#[cfg(feature = "crypto")]
mod token_keys;
#[cfg(feature = "crypto")]
pub mod totp;
#[cfg(feature = "crypto")]
mod totp_policy;
#[cfg(feature = "crypto")]
mod totp_secret;
#[cfg(feature = "crypto")]
pub(crate) mod weak_key;

pub use card::{
    Alphabet, CARD_CHARS_MAX, CardKind, CardNumber, CardRule, CardRuleError, CardRules, Symbologies,
};
pub use check_digit::{CheckDigit, CheckDigitError};
pub use clock_trust::{ClockTrust, LikelyCause};
pub use code::{Code, Gtin, TOKEN_CHARS_MAX, TokenText};
pub use coupon::{Coupon, CouponNumber, CouponWorth};
pub use digital_link::{is_link, parse_digital_link};
pub use error::{CodeError, Unsupported};
pub use gs1::{ELEMENTS_MAX, Element, Gs1Error, parse_element_string};
pub use read::{read, read_member};
pub use rotating::{DIGITS_MAX, DIGITS_MIN, RotatingCode, SECONDS_DIGITS_MAX, WalletId};
pub use scan::{Framing, FramingError, MAX_SCAN_BYTES, STAND_IN_BYTES_MAX, Scan, ScanError};
pub use strength::Strength;
pub use symbology::Symbology;
