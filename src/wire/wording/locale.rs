//! How figures are worded for one programme's customers.

use super::language::Language;
use crate::money::PointDecimals;

/// A language, and how many decimals the points that are told have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Locale {
    /// Whose words.
    pub language: Language,
    /// The programme's.
    pub point_decimals: PointDecimals,
}

impl From<Language> for Locale {
    /// For what tells no points, or whole ones.
    fn from(language: Language) -> Self {
        Self { language, point_decimals: PointDecimals::WHOLE }
    }
}
