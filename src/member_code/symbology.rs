/// The barcode a scan came from, as far as loyalty codes care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symbology {
    /// EAN-13; scanners report UPC-A and UPC-E the same way (`]E0`).
    Ean13,
    /// UPC-A as its own 12 digits; only a till can declare it, `]E0` does not tell it from EAN-13.
    UpcA,
    /// EAN-8 (`]E4`).
    Ean8,
    /// Code 128 without a function character first (`]C0`, `]C2`, `]C4`).
    Code128,
    /// GS1-128 (`]C1`).
    Gs1128,
    /// GS1 DataBar (`]e0`).
    Gs1DataBar,
    /// Data Matrix (`]d1` and others).
    DataMatrix,
    /// GS1 DataMatrix (`]d2`).
    Gs1DataMatrix,
    /// QR code (`]Q1` and others).
    Qr,
    /// GS1 QR code (`]Q3`).
    Gs1Qr,
    /// GS1 DotCode (`]J1`).
    Gs1DotCode,
    /// Code 39 (`]A`).
    Code39,
    /// Interleaved 2 of 5 (`]I`).
    Itf,
    /// PDF417 (`]L`).
    Pdf417,
    /// Aztec (`]z`).
    Aztec,
    /// Anything else that has an AIM identifier.
    Other,
}

impl Symbology {
    /// The symbology of an AIM identifier: code letter and modifier (ISO/IEC 15424).
    pub fn from_aim(letter: char, modifier: char) -> Self {
        match (letter, modifier) {
            ('E', '4') => Self::Ean8,
            ('E', _) => Self::Ean13,
            ('C', '1') => Self::Gs1128,
            ('C', _) => Self::Code128,
            ('e', '0') => Self::Gs1DataBar,
            ('d', '2') => Self::Gs1DataMatrix,
            ('d', _) => Self::DataMatrix,
            ('Q', '3') => Self::Gs1Qr,
            ('Q', _) => Self::Qr,
            ('J', '1') => Self::Gs1DotCode,
            ('A', _) => Self::Code39,
            ('I', _) => Self::Itf,
            ('L', _) => Self::Pdf417,
            ('z', _) => Self::Aztec,
            _ => Self::Other,
        }
    }

    /// Whether the content is a GS1 element string (GS1 General Specifications).
    pub const fn carries_element_string(self) -> bool {
        matches!(
            self,
            Self::Gs1128 | Self::Gs1DataBar | Self::Gs1DataMatrix | Self::Gs1Qr | Self::Gs1DotCode
        )
    }
}
