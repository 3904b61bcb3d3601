use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;

use super::check_digit::{CheckDigit, CheckDigitError};
use super::error::CodeError;
use super::symbology::Symbology;

/// Longest static card number: Code 128 labels beyond this do not fit on a card.
pub const CARD_CHARS_MAX: usize = 48;

/// A static card number in its one canonical form, the form to look up and to import: upper case,
/// no blanks around it, UPC-A padded to the 13 digits of EAN-13. Only [`read`](super::read()) makes
/// them, so that an imported number and a scanned one cannot differ.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardNumber(String);

impl CardNumber {
    /// The number: a member code, so never log it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardNumber({} characters)", self.0.len())
    }
}

/// What a number that a rule recognises stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CardKind {
    /// A member's card.
    Member,
    /// A coupon in an EAN-13.
    Coupon,
    /// Goods.
    Product,
    /// A refund receipt (EAN prefix 980).
    RefundReceipt,
}

/// The barcodes a rule is for. A scan whose barcode is unknown fits every rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Symbologies {
    /// All of them.
    Any,
    /// These.
    Only(BTreeSet<Symbology>),
}

impl Symbologies {
    fn include(&self, scanned: Option<Symbology>) -> bool {
        match (self, scanned) {
            (Self::Any, _) | (_, None) => true,
            (Self::Only(set), Some(symbology)) => set.contains(&symbology),
        }
    }
}

/// The characters of a card number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Digits only.
    Digits,
    /// Letters, digits and hyphens.
    Alphanumeric,
}

impl Alphabet {
    fn has(self, byte: u8) -> bool {
        match self {
            Self::Digits => byte.is_ascii_digit(),
            Self::Alphanumeric => byte.is_ascii_alphanumeric() || byte == b'-',
        }
    }
}

/// How to recognise one family of numbers. The shape (barcode, prefix, length, characters) decides
/// whether it is this family, the check digit whether it was read well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRule {
    /// What people call this family; appears in logs, so no member's number.
    pub name: String,
    /// The barcodes it is printed as.
    pub symbologies: Symbologies,
    /// What its numbers begin with, after padding; may be empty.
    pub prefix: String,
    /// How many characters they have, prefix and check digit included, after padding.
    pub length: RangeInclusive<usize>,
    /// Which characters.
    pub alphabet: Alphabet,
    /// The check digit they end in.
    pub check: CheckDigit,
    /// What they stand for.
    pub kind: CardKind,
}

/// A card rule that can never do what its author meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardRuleError {
    /// The lengths are empty, zero or too long.
    #[error("card rule {name:?}: lengths must lie within 1 and {CARD_CHARS_MAX}")]
    Length {
        /// The rule.
        name: String,
    },
    /// The prefix is longer than the number or has other characters.
    #[error("card rule {name:?}: no number of this rule can begin with its prefix")]
    Prefix {
        /// The rule.
        name: String,
    },
    /// A check digit on something else than digits, or a coupon that is no EAN-13.
    #[error("card rule {name:?}: {reason}")]
    Contradiction {
        /// The rule.
        name: String,
        /// What contradicts what.
        reason: &'static str,
    },
}

/// The rules in order: the first whose shape fits decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRules(Vec<CardRule>);

/// A number that a rule recognised and whose check digit is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recognised {
    pub(crate) number: CardNumber,
    pub(crate) kind: CardKind,
}

impl CardRules {
    /// Checks the rules; their order is kept.
    ///
    /// # Errors
    /// The first rule that contradicts itself.
    pub fn new(rules: Vec<CardRule>) -> Result<Self, CardRuleError> {
        for rule in &rules {
            check_rule(rule)?;
        }
        Ok(Self(rules))
    }

    /// The rules in order.
    pub fn as_slice(&self) -> &[CardRule] {
        &self.0
    }

    /// Recognises a plain number.
    pub(crate) fn recognise(
        &self,
        symbology: Option<Symbology>,
        text: &str,
    ) -> Result<Recognised, CodeError> {
        let scanned = text.trim_matches(' ').to_ascii_uppercase();
        let padded = padded_upc_a(symbology, &scanned);
        // UPC-A is EAN-13 with a zero in front: rules speak of the longer form.
        let symbology = symbology.map(|s| if s == Symbology::UpcA { Symbology::Ean13 } else { s });
        for rule in self.0.iter().filter(|rule| rule.symbologies.include(symbology)) {
            let form = [Some(&scanned), padded.as_ref()].into_iter().flatten();
            if let Some(number) = form.into_iter().find(|number| has_shape(rule, number)) {
                rule.check.verify(number).map_err(|error| match error {
                    CheckDigitError::Wrong { expected } => CodeError::CheckDigitWrong { expected },
                    CheckDigitError::TooShort | CheckDigitError::NotDigits => CodeError::Malformed,
                })?;
                return Ok(Recognised { number: CardNumber(number.clone()), kind: rule.kind });
            }
        }
        Err(CodeError::NotRecognised)
    }
}

impl Default for CardRules {
    /// What shops use unless they say otherwise: EAN-13 with a company-internal prefix (20-29, and
    /// 04 in which some tills keep `042`), short EAN-8, GSRN, and any other alphanumeric label;
    /// coupons (981-984, 99), refund receipts (980) and goods are recognised as what they are.
    fn default() -> Self {
        let retail = |name: &str, prefix: &str, length: usize, kind| CardRule {
            name: name.to_owned(),
            symbologies: Symbologies::Only(BTreeSet::from(PRINTED_AS_EAN)),
            prefix: prefix.to_owned(),
            length: length..=length,
            alphabet: Alphabet::Digits,
            check: CheckDigit::Gs1,
            kind,
        };
        Self(vec![
            retail("card ean-13 20-29", "2", 13, CardKind::Member),
            retail("card ean-13 04", "04", 13, CardKind::Member),
            retail("refund receipt", "980", 13, CardKind::RefundReceipt),
            retail("coupon 981", "981", 13, CardKind::Coupon),
            retail("coupon 982", "982", 13, CardKind::Coupon),
            retail("coupon 983", "983", 13, CardKind::Coupon),
            retail("coupon 984", "984", 13, CardKind::Coupon),
            retail("coupon 99", "99", 13, CardKind::Coupon),
            retail("product ean-13", "", 13, CardKind::Product),
            retail("card ean-8 2", "2", 8, CardKind::Member),
            retail("card ean-8 0", "0", 8, CardKind::Member),
            retail("product ean-8", "", 8, CardKind::Product),
            CardRule { symbologies: Symbologies::Any, ..retail("gsrn", "", 18, CardKind::Member) },
            CardRule {
                name: "card alphanumeric".to_owned(),
                symbologies: Symbologies::Only(BTreeSet::from(PRINTED_AS_LABEL)),
                prefix: String::new(),
                length: 4..=40,
                alphabet: Alphabet::Alphanumeric,
                check: CheckDigit::None,
                kind: CardKind::Member,
            },
        ])
    }
}

/// Where an EAN number is found: the barcode itself and a phone's picture of the same digits.
const PRINTED_AS_EAN: [Symbology; 6] = [
    Symbology::Ean13,
    Symbology::Ean8,
    Symbology::Qr,
    Symbology::DataMatrix,
    Symbology::Pdf417,
    Symbology::Aztec,
];

/// Where an alphanumeric number is found.
const PRINTED_AS_LABEL: [Symbology; 7] = [
    Symbology::Code128,
    Symbology::Code39,
    Symbology::Itf,
    Symbology::Qr,
    Symbology::DataMatrix,
    Symbology::Pdf417,
    Symbology::Aztec,
];

/// Twelve digits that are or may be UPC-A, as the thirteen that they stand for.
fn padded_upc_a(symbology: Option<Symbology>, text: &str) -> Option<String> {
    let may_be = matches!(symbology, None | Some(Symbology::UpcA | Symbology::Ean13));
    let twelve = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    (may_be && twelve).then(|| format!("0{text}"))
}

fn has_shape(rule: &CardRule, number: &str) -> bool {
    rule.length.contains(&number.len())
        && number.bytes().all(|byte| rule.alphabet.has(byte))
        && number.get(..rule.prefix.len()).is_some_and(|p| p.eq_ignore_ascii_case(&rule.prefix))
}

fn check_rule(rule: &CardRule) -> Result<(), CardRuleError> {
    let name = rule.name.clone();
    let (least, most) = (*rule.length.start(), *rule.length.end());
    if least == 0 || least > most || most > CARD_CHARS_MAX {
        return Err(CardRuleError::Length { name });
    }
    if rule.prefix.len() > most || !rule.prefix.bytes().all(|byte| rule.alphabet.has(byte)) {
        return Err(CardRuleError::Prefix { name });
    }
    let reason = if rule.check != CheckDigit::None && rule.alphabet != Alphabet::Digits {
        "a check digit needs a number of digits only"
    } else if rule.check != CheckDigit::None && least < 2 {
        "a check digit needs a number in front of it"
    } else if matches!(rule.kind, CardKind::Coupon | CardKind::Product)
        && rule.alphabet != Alphabet::Digits
    {
        "coupons and goods have numbers of digits only"
    } else {
        return Ok(());
    };
    Err(CardRuleError::Contradiction { name, reason })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn recognise(
        symbology: Option<Symbology>,
        text: &str,
    ) -> Result<(String, CardKind), CodeError> {
        let found = CardRules::default().recognise(symbology, text)?;
        Ok((found.number.as_str().to_owned(), found.kind))
    }

    #[test]
    fn the_default_rules_know_the_common_families() {
        use CardKind::{Coupon, Member, Product, RefundReceipt};
        use Symbology::{Aztec, Code128, Ean8, Ean13, Gs1128, Itf, Qr, UpcA};
        for (symbology, text, number, kind) in [
            (Some(Ean13), "2000000000015", "2000000000015", Member),
            (None, "2000000000015", "2000000000015", Member),
            (Some(Qr), "2000000000015", "2000000000015", Member),
            (None, "0421234567891", "0421234567891", Member),
            (Some(UpcA), "421234567891", "0421234567891", Member),
            (Some(Ean13), "421234567891", "0421234567891", Member),
            (None, "421234567891", "0421234567891", Member),
            (Some(Code128), "421234567891", "421234567891", Member),
            (Some(Itf), "42123456789", "42123456789", Member),
            (Some(Ean8), "20123451", "20123451", Member),
            (Some(Ean8), "96385074", "96385074", Product),
            (None, "950110153001000013", "950110153001000013", Member),
            (Some(Gs1128), "950110153001000013", "950110153001000013", Member),
            (Some(Code128), " abC-123 ", "ABC-123", Member),
            (Some(Aztec), "ABC-123", "ABC-123", Member),
            (Some(Ean13), "5018374827715", "5018374827715", Product),
            (Some(Ean13), "036000291452", "0036000291452", Product),
            (Some(Ean13), "9813765030011", "9813765030011", Coupon),
            (Some(Ean13), "9900000000004", "9900000000004", Coupon),
            (Some(Ean13), "9800000000007", "9800000000007", RefundReceipt),
        ] {
            assert_eq!(recognise(symbology, text), Ok((number.to_owned(), kind)), "{text}");
        }
    }

    #[test]
    fn the_check_digit_is_the_first_fitting_rules_and_no_later_rule_saves_it() {
        let wrong = |expected| Err(CodeError::CheckDigitWrong { expected });
        for (text, answer) in [
            ("2000000000016", wrong(5)),
            ("421234567890", wrong(1)),
            ("96385075", wrong(4)),
            ("950110153001000018", wrong(3)),
            ("A B", Err(CodeError::NotRecognised)),
            ("abc", Err(CodeError::NotRecognised)),
            ("", Err(CodeError::NotRecognised)),
        ] {
            assert_eq!(recognise(None, text), answer, "{text}");
        }
    }

    #[test]
    fn an_earlier_rule_wins() {
        let mut rules = CardRules::default().0;
        let own = CardRule {
            name: "old cards".into(),
            symbologies: Symbologies::Any,
            prefix: "k".into(),
            length: 6..=6,
            alphabet: Alphabet::Alphanumeric,
            check: CheckDigit::None,
            kind: CardKind::RefundReceipt,
        };
        rules.insert(0, own);
        let rules = CardRules::new(rules).unwrap();
        let kind = |text| rules.recognise(None, text).map(|found| found.kind);
        assert_eq!(kind("K12345"), Ok(CardKind::RefundReceipt));
        assert_eq!(kind("L12345"), Ok(CardKind::Member));
    }

    #[test]
    fn contradictory_rules_are_refused() {
        let base = CardRules::default().0.pop().unwrap();
        let refused = |rule: CardRule| CardRules::new(vec![rule]).unwrap_err();
        let name = base.name.clone();
        #[expect(clippy::reversed_empty_ranges, reason = "the fault under test")]
        for length in [0..=4, 5..=4, 4..=49] {
            let rule = CardRule { length, ..base.clone() };
            assert_eq!(refused(rule), CardRuleError::Length { name: name.clone() });
        }
        let rule = CardRule { prefix: "a b".into(), ..base.clone() };
        assert_eq!(refused(rule), CardRuleError::Prefix { name });
        let rule = CardRule { check: CheckDigit::Luhn, ..base.clone() };
        assert!(matches!(refused(rule), CardRuleError::Contradiction { .. }));
        assert!(CardRules::new(CardRules::default().0).is_ok());
    }

    proptest! {
        #[test]
        fn a_canonical_number_is_read_as_itself(text in "[0-9A-Za-z-]{4,40}") {
            if let Ok(found) = recognise(None, &text) {
                prop_assert_eq!(recognise(None, &found.0), Ok(found));
            }
        }
    }
}
