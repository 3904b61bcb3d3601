//! How an answer is to look; never part of what a request says.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::Faults;
use crate::loyalty::Programme;
use crate::wire::wording::{Language, Locale};

/// The usual receipt printer: font A on 80 mm paper.
pub(crate) const COLUMNS_DEFAULT: u16 = 42;
/// Narrower than any receipt printer; labels still fit.
pub(crate) const COLUMNS_MIN: u16 = 20;
/// Wider than any receipt printer.
pub(crate) const COLUMNS_MAX: u16 = 80;

/// How the till applies discounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DiscountStyle {
    /// On the lines. The default.
    #[default]
    OnLines,
    /// As lines of their own with negative amounts, one for each discount and tax rate.
    NegativeLines,
}

/// How an answer is to look, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Presentation {
    /// Columns of the receipt text.
    pub(crate) columns: usize,
    /// How the till applies discounts.
    pub(crate) style: DiscountStyle,
    /// Of every sentence and label that is ours.
    pub(crate) language: Language,
}

/// How a request wants its answer to look, as it was sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked<'a> {
    pub(crate) columns: Option<u16>,
    pub(crate) style: Option<DiscountStyle>,
    /// BCP 47.
    pub(crate) language: Option<&'a str>,
}

impl Presentation {
    /// How figures of a programme are worded.
    pub(crate) fn locale(self, programme: &Programme) -> Locale {
        Locale { language: self.language, point_decimals: programme.point_decimals }
    }
}

impl Default for Presentation {
    fn default() -> Self {
        Self {
            columns: usize::from(COLUMNS_DEFAULT),
            style: DiscountStyle::default(),
            language: Language::default(),
        }
    }
}

impl Presentation {
    /// Reads what a request asks for; what it leaves open is as the store has it. Columns out of
    /// range are a fault. A language that we do not speak is none: no receipt fails for its words.
    pub(crate) fn parse(asked: Asked<'_>, usual: Self, faults: &mut Faults) -> Self {
        if asked.columns.is_some_and(|columns| !(COLUMNS_MIN..=COLUMNS_MAX).contains(&columns)) {
            let message = format!("a receipt has {COLUMNS_MIN} to {COLUMNS_MAX} columns");
            faults.add("/columns", "columns_out_of_range", message);
        }
        Self {
            columns: asked.columns.map_or(usual.columns, usize::from),
            style: asked.style.unwrap_or(usual.style),
            ..usual.speaking(asked.language)
        }
    }

    /// The same in the language of a tag, where there is one that we speak.
    pub(crate) fn speaking(self, tag: Option<&str>) -> Self {
        Self { language: tag.and_then(Language::from_tag).unwrap_or(self.language), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_leaves_open_is_as_the_store_has_it() {
        let usual =
            Presentation { columns: 32, language: Language::Czech, ..Presentation::default() };
        let cases = [
            (None, Language::Czech),
            (Some("de-AT"), Language::German),
            (Some("pl"), Language::Polish),
            (Some("fr"), Language::Czech),
            (Some(""), Language::Czech),
        ];
        for (language, expected) in cases {
            let mut faults = Faults::default();
            let asked = Asked { language, ..Asked::default() };
            let found = Presentation::parse(asked, usual, &mut faults);
            assert_eq!(found, Presentation { language: expected, ..usual }, "{language:?}");
            assert_eq!(faults.settle(Some(())), Ok(()));
        }
    }
}
