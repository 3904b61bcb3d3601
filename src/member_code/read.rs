use super::card::{CardKind, CardRules};
use super::code::{Code, Gtin, TokenText};
use super::coupon::Coupon;
use super::digital_link::{is_link, parse_digital_link};
use super::error::{CodeError, Unsupported};
use super::gs1::{Element, Gs1Error, parse_element_string};
use super::rotating::RotatingCode;
use super::scan::{GROUP_SEPARATOR, Scan};
use super::symbology::Symbology;

/// Says which kind of code `scan` is; nothing secret is checked here.
///
/// Our own prefixes come first, then links, then GS1 element strings (by barcode, or by a group
/// separator anywhere), then plain numbers by `rules`.
///
/// # Errors
/// [`CodeError`]: damaged, misread, declined or of no known shape.
pub fn read(scan: &Scan, rules: &CardRules) -> Result<Code, CodeError> {
    let text = scan.text();
    if RotatingCode::claims(text) {
        return RotatingCode::parse(text).map(Code::Rotating).ok_or(CodeError::Malformed);
    }
    if TokenText::claims(text) {
        return TokenText::parse(text).map(Code::Token).ok_or(CodeError::Malformed);
    }
    if is_link(text) {
        let elements = parse_digital_link(text).map_err(|error| match error {
            Gs1Error::Nothing => CodeError::Unsupported(Unsupported::ForeignLink),
            other => other.into(),
        })?;
        return from_elements(&elements, scan.symbology(), rules);
    }
    let gs1 = scan.symbology().is_some_and(Symbology::carries_element_string);
    if gs1 || text.contains(GROUP_SEPARATOR) {
        return from_elements(&parse_element_string(text)?, scan.symbology(), rules);
    }
    from_number(text, scan.symbology(), rules)
}

/// [`read`] for the member's field: goods there are a slip of the hand.
///
/// # Errors
/// As [`read`], and [`CodeError::ProductInsteadOfMember`].
pub fn read_member(scan: &Scan, rules: &CardRules) -> Result<Code, CodeError> {
    match read(scan, rules)? {
        Code::Product(_) => Err(CodeError::ProductInsteadOfMember),
        code => Ok(code),
    }
}

fn from_number(
    text: &str,
    symbology: Option<Symbology>,
    rules: &CardRules,
) -> Result<Code, CodeError> {
    let found = rules.recognise(symbology, text)?;
    match found.kind {
        CardKind::Member => Ok(Code::Card { number: found.number, issue: None }),
        CardKind::Coupon => Ok(Code::Coupon(Coupon::from_ean(found.number.as_str()))),
        CardKind::Product => Ok(Code::Product(Gtin::from_checked(found.number.as_str()))),
        CardKind::RefundReceipt => Err(CodeError::Unsupported(Unsupported::RefundReceipt)),
    }
}

/// The member before the coupon before the goods: whoever prints several means the first.
fn from_elements(
    elements: &[Element],
    symbology: Option<Symbology>,
    rules: &CardRules,
) -> Result<Code, CodeError> {
    let value = |ai: &str| elements.iter().find(|e| e.ai == ai).map(|e| e.value.as_str());
    if let Some(gsrn) = value("8018").or_else(|| value("8017")) {
        let issue = value("8019").and_then(|issue| issue.parse().ok());
        return from_number(gsrn, symbology, rules).map(|code| match code {
            Code::Card { number, .. } => Code::Card { number, issue },
            other => other,
        });
    }
    if let Some(coupon) = Coupon::from_elements(elements).map_err(|_| CodeError::Malformed)? {
        return Ok(Code::Coupon(coupon));
    }
    if let Some(gtin) = value("01").or_else(|| value("8003").and_then(|grai| grai.get(..14))) {
        return Ok(Code::Product(Gtin::from_checked(gtin)));
    }
    Err(CodeError::Unsupported(match (value("8110"), value("8112")) {
        (Some(_), _) => Unsupported::NorthAmericanCoupon,
        (_, Some(_)) => Unsupported::PositiveOfferCoupon,
        _ => Unsupported::OtherGs1,
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scan::Framing;
    use super::*;

    fn read_raw(raw: &str) -> Result<Code, CodeError> {
        read(&Scan::parse(raw, &Framing::default()).unwrap(), &CardRules::default())
    }

    /// A code as a short text that tests can compare.
    fn told(code: &Code) -> String {
        match code {
            Code::Card { number, issue: None } => format!("card {}", number.as_str()),
            Code::Card { number, issue: Some(n) } => format!("card {} issue {n}", number.as_str()),
            Code::Rotating(code) => format!("rotating {}", code.to_text()),
            Code::Token(text) => format!("token {}", text.as_str()),
            Code::Coupon(coupon) => format!("coupon {}", coupon.number.as_str()),
            Code::Product(gtin) => format!("product {}", gtin.as_str()),
        }
    }

    #[test]
    fn every_family_is_told_apart() {
        for (raw, wanted) in [
            ("]E02000000000015\r\n", "card 2000000000015"),
            ("]E0421234567891", "card 0421234567891"),
            ("]C0abc-77", "card ABC-77"),
            ("]C18018950110153001000013|80193", "card 950110153001000013 issue 3"),
            ("https://id.gs1.org/8018/950110153001000013", "card 950110153001000013"),
            ("|8017950110153001000013", "card 950110153001000013"),
            (
                "]Q1LY1-0123456789ABCDEF-1700000000-94287082",
                "rotating LY1-0123456789ABCDEF-1700000000-94287082",
            ),
            ("ly1.0123456789abcdef.94287082", "rotating LY1.0123456789ABCDEF.94287082"),
            ("]Q1LYT1:bb8 ", "token LYT1:BB8 "),
            ("]Q32559501101530003123|3900000", "coupon 9501101530003123"),
            ("2559501101530003123|3900000", "coupon 9501101530003123"),
            ("]E09828508010106", "coupon 9828508010106"),
            ("]E420123451", "card 20123451"),
            ("]E496385074", "product 00000096385074"),
            ("]E05018374827715", "product 05018374827715"),
            ("]d20109501101530003172612311021A", "product 09501101530003"),
            ("https://shop.example/01/9501101530003?x=y", "product 09501101530003"),
        ] {
            assert_eq!(read_raw(raw).map(|code| told(&code)), Ok(wanted.to_owned()), "{raw}");
        }
    }

    #[test]
    fn every_fault_has_its_stable_code() {
        for (raw, code) in [
            ("LY1-0123456789ABCDEF-1700000000", "code_malformed"),
            ("]E02000000000016", "code_check_digit_wrong"),
            ("]C18018950110153001000018", "code_check_digit_wrong"),
            ("https://id.gs1.org/8018/950110153001000018", "code_check_digit_wrong"),
            ("]C1801895011", "code_gs1_malformed"),
            ("]C181101234", "code_coupon_8110_unsupported"),
            ("]C181121234", "code_coupon_8112_unsupported"),
            ("]C110LOT", "code_gs1_unsupported"),
            ("]C17230XY", "code_gs1_unsupported"),
            ("]Q32559501101530003123|3900000|81110001", "code_malformed"),
            ("]E09800000000007", "code_is_refund_receipt"),
            ("https://shop.example/menu", "code_is_foreign_link"),
            ("]Q1hello there", "code_not_recognised"),
            ("]E012345", "code_not_recognised"),
        ] {
            assert_eq!(read_raw(raw).map_err(|error| error.code()), Err(code), "{raw}");
        }
    }

    #[test]
    fn goods_in_the_members_field_are_their_own_fault() {
        let member = |raw| {
            let scan = Scan::parse(raw, &Framing::default()).unwrap();
            read_member(&scan, &CardRules::default())
        };
        assert_eq!(member("]E05018374827715"), Err(CodeError::ProductInsteadOfMember));
        assert!(member("]E02000000000015").is_ok());
    }

    proptest! {
        #[test]
        fn any_scan_gives_an_answer_that_does_not_repeat_it(
            raw in "(\\](E0|E4|C0|C1|Q1|Q3)|LY1-|LY1\\.|LYT1:|https://a/)?[ -~]{0,60}",
        ) {
            if let Ok(scan) = Scan::parse(&raw, &Framing::default()) {
                if let Err(error) = read(&scan, &CardRules::default()) {
                    let long_enough_to_tell = scan.text().len() > 8;
                    prop_assert!(!long_enough_to_tell || !error.to_string().contains(scan.text()));
                }
            }
        }

        #[test]
        fn digits_and_separators_give_an_answer(raw in "(\\]C1|\\|)?(8018|255|01|17|39|8)?[0-9|]{0,40}") {
            let _ = Scan::parse(&raw, &Framing::default())
                .map(|scan| read(&scan, &CardRules::default()));
        }
    }
}
