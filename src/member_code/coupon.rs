use std::fmt;

use chrono::{Days, Months, NaiveDate};

use super::gs1::Element;

/// Digits of a global coupon number without its serial.
const GCN_DIGITS: usize = 13;

/// Digits of a serial at most (AI 255).
const SERIAL_DIGITS: usize = 12;

/// A coupon's number: 13 digits, for GS1 coupons followed by the serial if there is one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CouponNumber(String);

impl CouponNumber {
    /// The whole number; one with a serial is worth money to whoever has it, so never log it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a number as a record has it: 13 to 25 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (GCN_DIGITS..=GCN_DIGITS + SERIAL_DIGITS).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }

    /// The 13 digits that name the offer.
    pub fn offer(&self) -> &str {
        self.0.get(..GCN_DIGITS).unwrap_or(&self.0)
    }

    /// The digits that make this coupon one of a kind.
    pub fn serial(&self) -> Option<&str> {
        self.0.get(GCN_DIGITS..).filter(|serial| !serial.is_empty())
    }
}

impl fmt::Debug for CouponNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CouponNumber({} digits)", self.0.len())
    }
}

/// What a coupon says it is worth; what it is worth here, the programme decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CouponWorth {
    /// `value` units of 10^-`decimals` of the shop's currency.
    Amount {
        /// The digits, at most fifteen.
        value: u64,
        /// How many of them are decimals.
        decimals: u8,
    },
    /// `value` units of 10^-`decimals` percent off.
    Percent {
        /// The digits, at most four.
        value: u64,
        /// How many of them are decimals.
        decimals: u8,
    },
    /// That many loyalty points.
    Points(u64),
    /// Goods for nothing.
    FreeGoods,
}

/// A coupon: GS1 (AI 255) or in an EAN-13 with prefix 981-984 or 99.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    /// Its number.
    pub number: CouponNumber,
    /// What it says it is worth, if it does.
    pub worth: Option<CouponWorth>,
    /// The last day on which it can be used, if it says so.
    pub expires_on: Option<NaiveDate>,
}

/// A coupon whose parts contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadCoupon;

impl Coupon {
    /// The coupon in an EAN-13: `981` has 10-cent units, `982` cents, in the three digits before
    /// the check digit, `000` being free goods; other prefixes say nothing of their worth.
    pub(crate) fn from_ean(digits: &str) -> Self {
        let value = digits.get(9..12).and_then(|value| value.parse().ok()).unwrap_or_default();
        let worth = match digits.get(..3) {
            Some("981" | "982") if value == 0 => Some(CouponWorth::FreeGoods),
            Some("981") => Some(CouponWorth::Amount { value, decimals: 1 }),
            Some("982") => Some(CouponWorth::Amount { value, decimals: 2 }),
            _ => None,
        };
        Self { number: CouponNumber(digits.to_owned()), worth, expires_on: None }
    }

    /// The coupon of these elements, `None` if there is no AI 255.
    pub(crate) fn from_elements(elements: &[Element]) -> Result<Option<Self>, BadCoupon> {
        let Some(number) = elements.iter().find(|element| element.ai == "255") else {
            return Ok(None);
        };
        let mut worths = elements.iter().filter_map(worth_of);
        let worth = worths.next().transpose()?;
        if worths.next().is_some() {
            return Err(BadCoupon);
        }
        let expires = elements.iter().find(|element| element.ai == "17");
        let expires_on = expires.map(|e| expiry_date(&e.value).ok_or(BadCoupon)).transpose()?;
        Ok(Some(Self { number: CouponNumber(number.value.clone()), worth, expires_on }))
    }
}

/// Amount (390n), percent (394n) and points (8111): at most one of them may stand in a coupon.
fn worth_of(element: &Element) -> Option<Result<CouponWorth, BadCoupon>> {
    let decimals = |start: &str| {
        element.ai.strip_prefix(start).filter(|n| n.len() == 1).and_then(|n| n.parse::<u8>().ok())
    };
    let value = element.value.parse::<u64>().map_err(|_| BadCoupon);
    if let Some(decimals) = decimals("390") {
        // GS1 General Specifications: (3900) 000 is a free gift.
        return Some(value.map(|value| match (value, decimals) {
            (0, _) => CouponWorth::FreeGoods,
            _ => CouponWorth::Amount { value, decimals },
        }));
    }
    if let Some(decimals) = decimals("394") {
        let most = 100 * 10_u64.pow(u32::from(decimals.min(3)));
        return Some(value.and_then(|value| match value {
            value if decimals <= 3 && value <= most => Ok(CouponWorth::Percent { value, decimals }),
            _ => Err(BadCoupon),
        }));
    }
    (element.ai == "8111").then(|| value.map(CouponWorth::Points))
}

/// `YYMMDD`, day `00` meaning the month's last. The years are 2000 to 2099: GS1's sliding century
/// would need a clock, and no coupon of the last century is still honoured.
fn expiry_date(value: &str) -> Option<NaiveDate> {
    let part = |at: usize| value.get(at..at + 2).and_then(|part| part.parse::<u32>().ok());
    let (year, month, day) = (part(0)?, part(2)?, part(4)?);
    let year = 2000 + i32::try_from(year).ok()?;
    if day > 0 {
        return NaiveDate::from_ymd_opt(year, month, day);
    }
    NaiveDate::from_ymd_opt(year, month, 1)?
        .checked_add_months(Months::new(1))?
        .checked_sub_days(Days::new(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worth_of_an_ean_coupon_is_in_its_digits() {
        for (digits, worth) in [
            ("9813765030011", Some(CouponWorth::Amount { value: 1, decimals: 1 })),
            ("9813765031513", Some(CouponWorth::Amount { value: 151, decimals: 1 })),
            ("9828508010106", Some(CouponWorth::Amount { value: 10, decimals: 2 })),
            ("9828508010007", Some(CouponWorth::FreeGoods)),
            ("9900000000004", None),
        ] {
            let coupon = Coupon::from_ean(digits);
            assert_eq!((coupon.worth, coupon.number.as_str()), (worth, digits));
        }
    }

    fn gs1(parts: &[(&str, &str)]) -> Result<Option<Coupon>, BadCoupon> {
        let element = |(ai, value): &(&str, &str)| Element {
            ai: (*ai).to_owned(),
            value: (*value).to_owned(),
        };
        Coupon::from_elements(&parts.iter().map(element).collect::<Vec<_>>())
    }

    #[test]
    fn the_worth_of_a_gs1_coupon_is_in_one_element() {
        let number = ("255", "9501101530003123");
        for (element, worth) in [
            (("3900", "000"), CouponWorth::FreeGoods),
            (("3902", "150"), CouponWorth::Amount { value: 150, decimals: 2 }),
            (("3941", "0125"), CouponWorth::Percent { value: 125, decimals: 1 }),
            (("8111", "0500"), CouponWorth::Points(500)),
        ] {
            let coupon = gs1(&[number, element]).unwrap().unwrap();
            assert_eq!(coupon.worth, Some(worth));
            assert_eq!(coupon.number.offer(), "9501101530003");
            assert_eq!(coupon.number.serial(), Some("123"));
        }
        assert_eq!(gs1(&[("8018", "1")]), Ok(None));
        assert_eq!(gs1(&[number, ("3902", "1"), ("8111", "0001")]), Err(BadCoupon));
        assert_eq!(gs1(&[number, ("3940", "0101")]), Err(BadCoupon));
        assert_eq!(gs1(&[number, ("3949", "0001")]), Err(BadCoupon));
    }

    #[test]
    fn the_expiry_is_the_last_day() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        for (value, date) in [
            ("261231", day(2026, 12, 31)),
            ("280200", day(2028, 2, 29)),
            ("991200", day(2099, 12, 31)),
            ("261301", None),
            ("260230", None),
            ("26", None),
        ] {
            assert_eq!(expiry_date(value), date, "{value}");
        }
    }
}
