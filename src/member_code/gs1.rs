use std::fmt;

use super::check_digit::{CheckDigit, CheckDigitError};
use super::gs1_table::{Check, Format, format_at_start, predefined_len};
use super::scan::GROUP_SEPARATOR;

/// Most elements taken from one code: a QR code of loyalty or goods has well under ten.
pub const ELEMENTS_MAX: usize = 32;

/// One GS1 element: an application identifier and its value.
#[derive(Clone, PartialEq, Eq)]
pub struct Element {
    /// The identifier, 2 to 4 digits.
    pub ai: String,
    /// The value, checked for length, characters and check digit.
    pub value: String,
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}) {} bytes", self.ai, self.value.len())
    }
}

/// What is wrong with GS1 content; names identifiers, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Gs1Error {
    /// Nothing that is understood, or nothing at all.
    #[error("the GS1 code has no element a till understands")]
    Nothing,
    /// Too many elements.
    #[error("the GS1 code has more than {ELEMENTS_MAX} elements")]
    TooMany,
    /// An element that does not begin with two digits.
    #[error("the GS1 code has an element without an application identifier")]
    NoIdentifier,
    /// A value that is shorter or longer than its identifier says.
    #[error("the value of GS1 element ({ai}) has the wrong length")]
    Length {
        /// The application identifier.
        ai: String,
    },
    /// A value with characters its identifier does not allow.
    #[error("the value of GS1 element ({ai}) has characters it may not have")]
    Characters {
        /// The application identifier.
        ai: String,
    },
    /// A value whose check digit is wrong.
    #[error("the check digit of GS1 element ({ai}) is wrong")]
    CheckDigit {
        /// The application identifier.
        ai: String,
        /// The digit, 0 to 9, that the others ask for.
        expected: u8,
    },
    /// The same identifier twice with different values.
    #[error("GS1 element ({ai}) comes twice with different values")]
    Contradiction {
        /// The application identifier.
        ai: String,
    },
    /// A link whose percent-encoding is broken or hides control characters.
    #[error("the GS1 link is not encoded properly")]
    Encoding,
}

/// Splits an element string, with or without a leading FNC1, into the elements that are understood.
///
/// Unknown elements are skipped if their end is certain.
///
/// # Errors
/// [`Gs1Error`] for a wrong length, character or check digit, and if nothing is left.
pub fn parse_element_string(text: &str) -> Result<Vec<Element>, Gs1Error> {
    let mut elements = Elements::default();
    let mut rest = text.trim_start_matches(GROUP_SEPARATOR);
    while !rest.is_empty() {
        let end = rest.find(GROUP_SEPARATOR).unwrap_or(rest.len());
        let (segment, after) = rest.split_at(end);
        let known = format_at_start(segment);
        let cut = match predefined_len(segment) {
            Some(len) if len <= segment.len() && segment.is_char_boundary(len) => len,
            // Of an unknown identifier the first two digits are all that is certain.
            Some(_) => {
                let ai = known.map_or(&segment[..2], |(_, ai)| ai);
                return Err(Gs1Error::Length { ai: ai.to_owned() });
            }
            None => segment.len(),
        };
        match known {
            Some((format, ai)) => elements.add(format, ai, &segment[ai.len()..cut])?,
            None if segment.bytes().take(2).filter(u8::is_ascii_digit).count() == 2 => {}
            None => return Err(Gs1Error::NoIdentifier),
        }
        rest = match &segment[cut..] {
            "" => after.trim_start_matches(GROUP_SEPARATOR),
            _ => &rest[cut..],
        };
    }
    elements.done()
}

/// The elements found so far.
#[derive(Default)]
pub(crate) struct Elements(Vec<Element>);

impl Elements {
    /// Checks one value and keeps it.
    pub(crate) fn add(&mut self, format: &Format, ai: &str, value: &str) -> Result<(), Gs1Error> {
        check_value(format, ai, value)?;
        match self.0.iter().find(|element| element.ai == ai) {
            Some(known) if known.value == value => Ok(()),
            Some(_) => Err(Gs1Error::Contradiction { ai: ai.to_owned() }),
            None if self.0.len() == ELEMENTS_MAX => Err(Gs1Error::TooMany),
            None => {
                self.0.push(Element { ai: ai.to_owned(), value: value.to_owned() });
                Ok(())
            }
        }
    }

    /// All of them, at least one.
    pub(crate) fn done(self) -> Result<Vec<Element>, Gs1Error> {
        if self.0.is_empty() { Err(Gs1Error::Nothing) } else { Ok(self.0) }
    }
}

/// Checks length, characters and check digit of the value of `ai`.
pub(crate) fn check_value(format: &Format, ai: &str, value: &str) -> Result<(), Gs1Error> {
    let length = || Gs1Error::Length { ai: ai.to_owned() };
    let characters = || Gs1Error::Characters { ai: ai.to_owned() };
    if !value.is_ascii() {
        return Err(characters());
    }
    if value.len() < format.fixed_digits {
        return Err(length());
    }
    let (digits, rest) = value.split_at(format.fixed_digits);
    let tail_fits = match format.tail {
        None => rest.is_empty(),
        Some(tail) => (tail.chars_min..=tail.chars_max).contains(&rest.len()),
    };
    if !tail_fits {
        return Err(length());
    }
    let tail_clean = format.tail.is_none_or(|tail| rest.bytes().all(|b| tail.charset.has(b)));
    if !tail_clean || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(characters());
    }
    match format.check {
        Check::None => Ok(()),
        Check::Last => CheckDigit::Gs1.verify(digits).map_err(|error| match error {
            CheckDigitError::Wrong { expected } => {
                Gs1Error::CheckDigit { ai: ai.to_owned(), expected }
            }
            CheckDigitError::TooShort | CheckDigitError::NotDigits => characters(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(text: &str) -> Result<Vec<(String, String)>, Gs1Error> {
        let elements = parse_element_string(&text.replace('|', "\u{1d}"))?;
        Ok(elements.into_iter().map(|e| (e.ai, e.value)).collect())
    }

    #[test]
    fn element_strings_split_where_they_should() {
        for (text, wanted) in [
            ("8018950110153001000013", &[("8018", "950110153001000013")][..]),
            ("|8018950110153001000013|80193", &[("8018", "950110153001000013"), ("8019", "3")]),
            ("2559501101530003123|3900000", &[("255", "9501101530003123"), ("3900", "000")]),
            (
                "01095011015300031726123110LOT-1|21S/N",
                &[("01", "09501101530003"), ("17", "261231"), ("10", "LOT-1"), ("21", "S/N")],
            ),
            (
                "310300125001095011015300037230XY|3922999",
                &[("01", "09501101530003"), ("3922", "999")],
            ),
            ("17261231||10A|", &[("17", "261231"), ("10", "A")]),
        ] {
            let wanted: Vec<_> =
                wanted.iter().map(|(a, v)| ((*a).to_owned(), (*v).to_owned())).collect();
            assert_eq!(pairs(text), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn wrong_elements_say_which_and_why() {
        let ai = |ai: &str| ai.to_owned();
        for (text, error) in [
            ("", Gs1Error::Nothing),
            ("|", Gs1Error::Nothing),
            ("7230XY", Gs1Error::Nothing),
            ("HELLO", Gs1Error::NoIdentifier),
            ("9", Gs1Error::NoIdentifier),
            ("801895011015300100001", Gs1Error::Length { ai: ai("8018") }),
            ("80189501101530010000137", Gs1Error::Length { ai: ai("8018") }),
            ("8018950110153001000018", Gs1Error::CheckDigit { ai: ai("8018"), expected: 3 }),
            ("80189501101530010000x7", Gs1Error::Characters { ai: ai("8018") }),
            ("0109501101530", Gs1Error::Length { ai: ai("01") }),
            ("310300", Gs1Error::Length { ai: ai("31") }),
            ("8019", Gs1Error::Length { ai: ai("8019") }),
            ("80191 2", Gs1Error::Characters { ai: ai("8019") }),
            ("2559501101530003x", Gs1Error::Characters { ai: ai("255") }),
            ("394012345", Gs1Error::Length { ai: ai("3940") }),
            ("1726123110A|10B", Gs1Error::Contradiction { ai: ai("10") }),
        ] {
            assert_eq!(pairs(text), Err(error), "{text}");
        }
    }

    #[test]
    fn more_elements_than_any_code_has_are_refused() {
        // Only 42 identifiers are understood, so it takes all the decimals to get there.
        let many: Vec<String> = (0..10)
            .flat_map(|n| [format!("390{n}1"), format!("392{n}1"), format!("394{n}0001")])
            .chain(["10A", "21A", "22A"].map(str::to_owned))
            .collect();
        assert_eq!(pairs(&many.join("|")), Err(Gs1Error::TooMany));
    }

    proptest! {
        #[test]
        fn any_text_gives_an_answer(text in any::<String>(), digits in "[0-9|é]{0,60}") {
            let _ = (pairs(&text), pairs(&digits));
        }

        #[test]
        fn every_understood_element_is_found_again(
            lot in "[A-Z0-9]{1,20}", srin in "[0-9]{1,10}", worth in "[0-9]{1,15}",
        ) {
            let found = pairs(&format!("10{lot}|8019{srin}|3902{worth}")).unwrap();
            prop_assert_eq!(found, vec![
                ("10".to_owned(), lot), ("8019".to_owned(), srin), ("3902".to_owned(), worth),
            ]);
        }
    }
}
