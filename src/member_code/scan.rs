use std::fmt;

use super::symbology::Symbology;

/// Longest scan taken, in bytes: more than the longest signed token ([`TOKEN_CHARS_MAX`] characters),
/// far less than the 4,296 that a QR code can hold.
///
/// [`TOKEN_CHARS_MAX`]: super::TOKEN_CHARS_MAX
pub const MAX_SCAN_BYTES: usize = 512;

/// Longest stand-in for the group separator, in bytes; real ones are `{GS}`, `|` or `~1`.
pub const STAND_IN_BYTES_MAX: usize = 8;

/// What FNC1 becomes inside a scan (GS1 General Specifications).
pub(crate) const GROUP_SEPARATOR: char = '\u{1d}';

/// How this till's scanners wrap what they read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framing {
    group_separator_stand_ins: Vec<String>,
}

/// A framing that cannot be told from the codes it frames.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// Empty or longer than any scanner sends.
    #[error("a group separator stand-in must have 1 to {STAND_IN_BYTES_MAX} bytes")]
    Length,
    /// All of it may occur in a signed token or a rotating code, which it would damage.
    #[error(
        "a group separator stand-in needs a character that is not a digit, a capital letter, \
         a space or one of $ % * + - . / :"
    )]
    Ambiguous,
}

impl Framing {
    /// Framing whose scanners send one of `stand_ins` where the barcode has FNC1.
    pub fn new(stand_ins: Vec<String>) -> Result<Self, FramingError> {
        for stand_in in &stand_ins {
            if stand_in.is_empty() || stand_in.len() > STAND_IN_BYTES_MAX {
                return Err(FramingError::Length);
            }
            if stand_in.bytes().all(is_base45) {
                return Err(FramingError::Ambiguous);
            }
        }
        Ok(Self { group_separator_stand_ins: stand_ins })
    }

    /// The texts that stand for the group separator.
    pub fn group_separator_stand_ins(&self) -> &[String] {
        &self.group_separator_stand_ins
    }
}

impl Default for Framing {
    /// The two stand-ins that scanner set-up sheets use most.
    fn default() -> Self {
        Self { group_separator_stand_ins: vec!["{GS}".to_owned(), "|".to_owned()] }
    }
}

fn is_base45(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_uppercase() || b" $%*+-./:".contains(&byte)
}

/// One scan without its framing: printable ASCII and group separators, never empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Scan {
    symbology: Option<Symbology>,
    text: String,
}

/// Why what the scanner sent is not a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// Nothing but framing.
    #[error("the scan is empty: scan the code again")]
    Empty,
    /// Longer than [`MAX_SCAN_BYTES`].
    #[error("the scan is longer than {MAX_SCAN_BYTES} bytes: this is not a member code")]
    TooLong,
    /// A control character inside.
    #[error("the scan has control characters inside: two scans may have run together, scan again")]
    ControlCharacter,
    /// A character that no member code has; typically a wedge scanner on a Czech keyboard layout.
    #[error(
        "the scan has characters no member code has: the scanner's keyboard layout may differ \
         from the till's, ask a technician if it happens again"
    )]
    NotAscii,
}

impl ScanError {
    /// The stable code of this error.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "scan_empty",
            Self::TooLong => "scan_too_long",
            Self::ControlCharacter => "scan_control_character",
            Self::NotAscii => "scan_keyboard_layout",
        }
    }
}

impl Scan {
    /// Takes off end keys and the AIM identifier and puts group separators back.
    pub fn parse(raw: &str, framing: &Framing) -> Result<Self, ScanError> {
        if raw.len() > MAX_SCAN_BYTES {
            return Err(ScanError::TooLong);
        }
        // Only end keys: a base45 token may well end in a space.
        let trimmed = raw.trim_end_matches(['\r', '\n', '\t']);
        let (symbology, rest) = split_aim(trimmed);
        let mut text = rest.to_owned();
        for stand_in in &framing.group_separator_stand_ins {
            text = text.replace(stand_in.as_str(), "\u{1d}");
        }
        if text.trim_matches([' ', GROUP_SEPARATOR]).is_empty() {
            return Err(ScanError::Empty);
        }
        if text.chars().any(|c| c.is_control() && c != GROUP_SEPARATOR) {
            return Err(ScanError::ControlCharacter);
        }
        if !text.is_ascii() {
            return Err(ScanError::NotAscii);
        }
        Ok(Self { symbology, text })
    }

    /// The same scan with the symbology that the till declares; an AIM identifier in the scan
    /// itself is nearer to the truth and wins.
    pub fn declared(self, symbology: Option<Symbology>) -> Self {
        Self { symbology: self.symbology.or(symbology), ..self }
    }

    /// The barcode it came from, if scanner or till said.
    pub const fn symbology(&self) -> Option<Symbology> {
        self.symbology
    }

    /// The content: a member code, so never log it.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scan({:?}, {} bytes)", self.symbology, self.text.len())
    }
}

/// `]`, a letter, a letter or digit, and at least one more character.
fn split_aim(text: &str) -> (Option<Symbology>, &str) {
    let mut chars = text.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some(']'), Some(letter), Some(modifier))
            if letter.is_ascii_alphabetic()
                && modifier.is_ascii_alphanumeric()
                && !chars.as_str().is_empty() =>
        {
            (Some(Symbology::from_aim(letter, modifier)), chars.as_str())
        }
        _ => (None, text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn framing_comes_off() {
        use Symbology::{Aztec, Ean8, Ean13, Gs1Qr, Gs1128, Other};
        for (raw, symbology, text) in [
            ("2000000000015\r\n", None, "2000000000015"),
            ("]E02000000000015\t", Some(Ean13), "2000000000015"),
            ("]E420123451\n", Some(Ean8), "20123451"),
            ("]C1255{GS}17", Some(Gs1128), "255\u{1d}17"),
            ("]Q3255|17", Some(Gs1Qr), "255\u{1d}17"),
            ("]z0ABC", Some(Aztec), "ABC"),
            ("]XAABC", Some(Other), "ABC"),
            ("]E0", None, "]E0"),
            ("LYT1:A ", None, "LYT1:A "),
        ] {
            let scan = Scan::parse(raw, &Framing::default()).unwrap();
            assert_eq!((scan.symbology(), scan.text()), (symbology, text), "{raw:?}");
        }
    }

    #[test]
    fn what_is_not_a_scan_is_refused() {
        let long = "1".repeat(MAX_SCAN_BYTES + 1);
        for (raw, error) in [
            ("", ScanError::Empty),
            ("\r\n", ScanError::Empty),
            ("  ", ScanError::Empty),
            ("|", ScanError::Empty),
            (&long, ScanError::TooLong),
            ("20000\r\n20000", ScanError::ControlCharacter),
            ("20\u{0}00", ScanError::ControlCharacter),
            ("+ěščřžýáíé", ScanError::NotAscii),
        ] {
            assert_eq!(Scan::parse(raw, &Framing::default()), Err(error), "{raw:?}");
        }
    }

    #[test]
    fn the_aim_identifier_outranks_what_the_till_declares() {
        let framing = Framing::default();
        let told = |raw: &str| Scan::parse(raw, &framing).unwrap().declared(Some(Symbology::Qr));
        assert_eq!(told("123").symbology(), Some(Symbology::Qr));
        assert_eq!(told("]C0123").symbology(), Some(Symbology::Code128));
    }

    #[test]
    fn a_stand_in_that_tokens_may_contain_is_refused() {
        assert_eq!(Framing::new(vec!["%".into()]), Err(FramingError::Ambiguous));
        assert_eq!(Framing::new(vec![String::new()]), Err(FramingError::Length));
        assert!(Framing::new(vec!["~1".into()]).is_ok());
    }

    #[test]
    fn debug_does_not_show_the_code() {
        let scan = Scan::parse("2000000000015", &Framing::default()).unwrap();
        assert_eq!(format!("{scan:?}"), "Scan(None, 13 bytes)");
    }

    proptest! {
        #[test]
        fn any_text_gives_an_answer(raw in any::<String>()) {
            let _ = Scan::parse(&raw, &Framing::default()).map_err(ScanError::code);
        }
    }
}
