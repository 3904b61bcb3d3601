//! `POST /v1/identify`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::agent::till::request::IdentifyRequest;
use crate::member_code::Symbology;

/// A scan to be understood.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct IdentifyBody {
    /// Exactly as the scanner sent it, AIM identifier included.
    #[schema(example = "]E02000000000008")]
    pub(crate) raw: String,
    /// The symbol, where the till knows it.
    pub(crate) symbology: Option<SymbologyName>,
    /// How the code came in.
    pub(crate) entry_mode: Option<EntryModeName>,
    /// Language of the answer's sentences as a BCP 47 tag; the store's where missing or unknown.
    #[schema(example = "cs-CZ")]
    #[serde(skip_serializing)]
    pub(crate) language: Option<String>,
}

/// How a code came in (nexo names).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EntryModeName {
    /// By the scanner.
    Scanned,
    /// Typed by the cashier.
    Keyed,
    /// By holding a card or phone to a reader.
    Tapped,
    /// By the member's phone.
    Mobile,
}

/// A symbol as tills name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SymbologyName {
    Ean13,
    UpcA,
    Ean8,
    Code128,
    Gs1_128,
    Gs1Databar,
    DataMatrix,
    Gs1DataMatrix,
    Qr,
    Gs1Qr,
    Gs1Dotcode,
    Code39,
    Itf,
    Pdf417,
    Aztec,
    /// Any other.
    #[serde(other)]
    Other,
}

impl IdentifyBody {
    /// The request. A code that is no code is the use case's to refuse.
    pub(crate) fn into_request(self) -> IdentifyRequest {
        IdentifyRequest { raw: self.raw, symbology: self.symbology.map(Symbology::from) }
    }
}

impl From<SymbologyName> for Symbology {
    fn from(name: SymbologyName) -> Self {
        match name {
            SymbologyName::Ean13 => Self::Ean13,
            SymbologyName::UpcA => Self::UpcA,
            SymbologyName::Ean8 => Self::Ean8,
            SymbologyName::Code128 => Self::Code128,
            SymbologyName::Gs1_128 => Self::Gs1128,
            SymbologyName::Gs1Databar => Self::Gs1DataBar,
            SymbologyName::DataMatrix => Self::DataMatrix,
            SymbologyName::Gs1DataMatrix => Self::Gs1DataMatrix,
            SymbologyName::Qr => Self::Qr,
            SymbologyName::Gs1Qr => Self::Gs1Qr,
            SymbologyName::Gs1Dotcode => Self::Gs1DotCode,
            SymbologyName::Code39 => Self::Code39,
            SymbologyName::Itf => Self::Itf,
            SymbologyName::Pdf417 => Self::Pdf417,
            SymbologyName::Aztec => Self::Aztec,
            SymbologyName::Other => Self::Other,
        }
    }
}
