//! What a customer brings to call for an offer: a code from a leaflet (LD-18) or a coupon.

use std::fmt;
use std::sync::Arc;

use crate::member_code::{
    CardRules, Code, CodeError, Coupon, CouponNumber, Framing, Scan, ScanError, Symbology, read,
};

/// The shortest code: two characters are hit by chance.
pub const OFFER_CODE_CHARS_MIN: usize = 3;

/// The longest code: more than anybody types.
pub const OFFER_CODE_CHARS_MAX: usize = 32;

/// The most codes and coupons of one basket: more than a leaflet has.
pub const OFFER_CODES_MAX: usize = 20;

/// A code that calls for an offer: capitals, digits and hyphens with at least one letter, so that
/// it is no number of goods, cards or coupons. It names nobody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferCode(Arc<str>);

/// Not the shape of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected {OFFER_CODE_CHARS_MIN} to {OFFER_CODE_CHARS_MAX} letters, digits and hyphens with \
     at least one letter"
)]
pub struct OfferCodeError;

impl OfferCode {
    /// Reads a code in capitals or not.
    ///
    /// # Errors
    /// [`OfferCodeError`] where it has not the shape of one.
    pub fn parse(text: &str) -> Result<Self, OfferCodeError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        let fits = (OFFER_CODE_CHARS_MIN..=OFFER_CODE_CHARS_MAX).contains(&text.len())
            && text.bytes().all(plain)
            && text.bytes().any(|b| b.is_ascii_alphabetic());
        if fits { Ok(Self(text.to_ascii_uppercase().into())) } else { Err(OfferCodeError) }
    }

    /// The code, in capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OfferCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresentedCode {
    /// A code, typed or scanned.
    Code(OfferCode),
    /// A coupon, scanned.
    Coupon(Coupon),
}

/// Why it is neither.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PresentedCodeError {
    /// No text that a scanner sends.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// A coupon that is damaged or declined (8110, 8112).
    #[error(transparent)]
    Coupon(CodeError),
    /// Not the shape of a code.
    #[error(transparent)]
    Shape(#[from] OfferCodeError),
}

impl PresentedCodeError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Scan(error) => error.code(),
            Self::Coupon(error) => error.code(),
            Self::Shape(_) => "offer_code_malformed",
        }
    }
}

impl PresentedCode {
    /// Reads what was typed or scanned. Coupons are the world's, so no rule of the store is asked.
    ///
    /// # Errors
    /// [`PresentedCodeError`]: neither code nor coupon.
    pub fn read(text: &str) -> Result<Self, PresentedCodeError> {
        let scan = Scan::parse(text, &Framing::default())?;
        let gs1 = scan.symbology().is_some_and(Symbology::carries_element_string);
        let code = OfferCode::parse(scan.text());
        if let Some(code) = code.clone().ok().filter(|_| !gs1) {
            return Ok(Self::Code(code));
        }
        match read(&scan, &CardRules::default()) {
            Ok(Code::Coupon(coupon)) => Ok(Self::Coupon(coupon)),
            Ok(_) | Err(CodeError::NotRecognised) => Err(OfferCodeError.into()),
            Err(error) => Err(PresentedCodeError::Coupon(error)),
        }
    }
}

/// Which coupons call for an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CouponOf {
    /// EAN-13 coupons with prefix 981 or 982: four digits of the issuer, two of the offer.
    Issuer {
        /// Four digits.
        issuer: String,
        /// Two digits.
        offer: String,
    },
    /// Coupons whose 13 digits begin so: of GS1 coupons (AI 255) the number without its serial.
    Number(String),
}

impl CouponOf {
    /// Whether a coupon is one of them.
    #[must_use]
    pub fn covers(&self, number: &CouponNumber) -> bool {
        let digits = number.offer();
        match self {
            Self::Issuer { issuer, offer } => {
                matches!(digits.get(..3), Some("981" | "982"))
                    && digits.get(3..7) == Some(issuer)
                    && digits.get(7..9) == Some(offer)
            }
            Self::Number(prefix) => digits.starts_with(prefix.as_str()),
        }
    }

    /// Whether some coupon is of both.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let begins = |a: &str, b: &str| a.starts_with(b) || b.starts_with(a);
        let of_issuer = |issuer: &str, offer: &str, prefix: &str| {
            ["981", "982"].iter().any(|kind| begins(&format!("{kind}{issuer}{offer}"), prefix))
        };
        match (self, other) {
            (Self::Issuer { .. }, Self::Issuer { .. }) => self == other,
            (Self::Number(a), Self::Number(b)) => begins(a, b),
            (Self::Issuer { issuer, offer }, Self::Number(prefix))
            | (Self::Number(prefix), Self::Issuer { issuer, offer }) => {
                of_issuer(issuer, offer, prefix)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ld_18_a_code_is_read_in_capitals_or_not_and_never_as_a_number() {
        let code = |text: &str| PresentedCode::read(text).map(|read| format!("{read:?}"));
        let leaf = OfferCode::parse("LEAF-10").map(PresentedCode::Code).expect("a code");
        for text in ["LEAF-10", "leaf-10", "Leaf-10\r\n", "]C0leaf-10"] {
            assert_eq!(PresentedCode::read(text), Ok(leaf.clone()), "{text}");
        }
        for (text, told) in [
            ("AB", "offer_code_malformed"),
            ("A B C", "offer_code_malformed"),
            ("12345", "offer_code_malformed"),
            ("2000000000015", "offer_code_malformed"),
            ("5018374827715", "offer_code_malformed"),
            ("9813765030012", "code_check_digit_wrong"),
            ("]C18110ABC123", "code_coupon_8110_unsupported"),
            ("]C181121234", "code_coupon_8112_unsupported"),
        ] {
            assert_eq!(code(text).map_err(|error| error.code()), Err(told), "{text}");
        }
    }

    #[test]
    fn a_coupon_is_of_its_issuer_or_of_the_beginning_of_its_number() {
        let number = |raw: &str| match PresentedCode::read(raw) {
            Ok(PresentedCode::Coupon(coupon)) => coupon.number,
            other => panic!("{raw}: {other:?}"),
        };
        let issuer = |issuer: &str, offer: &str| CouponOf::Issuer {
            issuer: issuer.to_owned(),
            offer: offer.to_owned(),
        };
        let begins = |digits: &str| CouponOf::Number(digits.to_owned());
        let (ean, gs1) = (number("9813765030011"), number("]Q32559501101530003123|3900000"));
        for (of, coupon, covered) in [
            (issuer("3765", "03"), &ean, true),
            (issuer("3765", "04"), &ean, false),
            (begins("981"), &ean, true),
            (begins("9501101530003"), &gs1, true),
            (begins("95011"), &gs1, true),
            (begins("9501101530003123"), &gs1, false),
            (issuer("1101", "53"), &gs1, false),
        ] {
            assert_eq!(of.covers(coupon), covered, "{of:?}");
        }
        for (a, b, meet) in [
            (issuer("3765", "03"), issuer("3765", "04"), false),
            (issuer("3765", "03"), begins("9823765"), true),
            (issuer("3765", "03"), begins("99"), false),
            (begins("95011"), begins("9501101530003"), true),
        ] {
            assert_eq!((a.meets(&b), b.meets(&a)), (meet, meet), "{a:?} {b:?}");
        }
    }
}
