//! The application identifiers that matter at a loyalty till, and how long the others are.
//!
//! Formats from the GS1 syntax dictionary; an identifier ends at its length when its first two
//! digits are in the predefined list, else at a group separator or at the end.

/// Characters that an element's variable part may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// Digits.
    Numeric,
    /// GS1 encodable character set 82.
    Set82,
    /// GS1 encodable character set 64: URL-safe base 64 with padding.
    Set64,
}

impl Charset {
    pub(crate) fn has(self, byte: u8) -> bool {
        match self {
            Self::Numeric => byte.is_ascii_digit(),
            Self::Set82 => byte.is_ascii_alphanumeric() || b"!\"%&'()*+,-./:;<=>?_".contains(&byte),
            Self::Set64 => byte.is_ascii_alphanumeric() || b"-_=".contains(&byte),
        }
    }
}

/// The part after the fixed digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tail {
    pub(crate) charset: Charset,
    pub(crate) chars_min: usize,
    pub(crate) chars_max: usize,
}

/// One application identifier that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    /// The identifier's digits; `n` stands for any digit (a number of decimals).
    pub(crate) ai: &'static str,
    /// Digits that always come first.
    pub(crate) fixed_digits: usize,
    /// Whether the fixed digits end in a GS1 check digit.
    pub(crate) check: Check,
    /// What may follow them.
    pub(crate) tail: Option<Tail>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    None,
    Last,
}

const fn fixed(ai: &'static str, fixed_digits: usize, check: Check) -> Format {
    Format { ai, fixed_digits, check, tail: None }
}

const fn open(ai: &'static str, charset: Charset, chars_max: usize) -> Format {
    let tail = Some(Tail { charset, chars_min: 1, chars_max });
    Format { ai, fixed_digits: 0, check: Check::None, tail }
}

const fn keyed(
    ai: &'static str,
    fixed_digits: usize,
    charset: Charset,
    chars_max: usize,
) -> Format {
    let tail = Some(Tail { charset, chars_min: 0, chars_max });
    Format { ai, fixed_digits, check: Check::Last, tail }
}

const FORMATS: [Format; 18] = [
    fixed("01", 14, Check::Last),
    open("10", Charset::Set82, 20),
    fixed("17", 6, Check::None),
    open("21", Charset::Set82, 20),
    open("22", Charset::Set82, 20),
    keyed("255", 13, Charset::Numeric, 12),
    open("390n", Charset::Numeric, 15),
    open("392n", Charset::Numeric, 15),
    fixed("394n", 4, Check::None),
    keyed("8003", 14, Charset::Set82, 16),
    fixed("8017", 18, Check::Last),
    fixed("8018", 18, Check::Last),
    open("8019", Charset::Numeric, 10),
    open("8020", Charset::Set82, 25),
    open("8030", Charset::Set64, 90),
    open("8110", Charset::Set82, 70),
    fixed("8111", 4, Check::None),
    open("8112", Charset::Set82, 70),
];

/// Identifiers whose element needs no separator: first two digits, and the length of the whole
/// element with its identifier (GS1 General Specifications, predefined length).
const PREDEFINED: [(&str, usize); 22] = [
    ("00", 20),
    ("01", 16),
    ("02", 16),
    ("03", 16),
    ("04", 18),
    ("11", 8),
    ("12", 8),
    ("13", 8),
    ("14", 8),
    ("15", 8),
    ("16", 8),
    ("17", 8),
    ("18", 8),
    ("19", 8),
    ("20", 4),
    ("31", 10),
    ("32", 10),
    ("33", 10),
    ("34", 10),
    ("35", 10),
    ("36", 10),
    ("41", 16),
];

/// The format of the identifier that `text` begins with, and the identifier itself.
pub(crate) fn format_at_start(text: &str) -> Option<(&'static Format, &str)> {
    FORMATS.iter().find_map(|format| {
        let ai = text.get(..format.ai.len())?;
        matches(format, ai).then_some((format, ai))
    })
}

/// The format of exactly the identifier `ai`.
pub(crate) fn format_of(ai: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.ai.len() == ai.len() && matches(format, ai))
}

fn matches(format: &Format, ai: &str) -> bool {
    format.ai.bytes().zip(ai.bytes()).all(|(wanted, byte)| match wanted {
        b'n' => byte.is_ascii_digit(),
        _ => wanted == byte,
    })
}

/// Bytes of the whole element, with its identifier, if it ends without a separator.
pub(crate) fn predefined_len(text: &str) -> Option<usize> {
    let start = text.get(..2)?;
    PREDEFINED.iter().find(|(prefix, _)| *prefix == start).map(|(_, len)| *len)
}
