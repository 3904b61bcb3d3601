/// A language that tills, customers and cashiers are spoken to in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// Čeština.
    Czech,
    /// Slovenčina.
    Slovak,
    /// Polski.
    Polish,
    /// Deutsch.
    German,
    /// The default.
    #[default]
    English,
}

impl Language {
    /// All of them by their ISO 639-1 codes, in the order of their declaration.
    pub const NAMED: [(&'static str, Self); 5] = [
        ("cs", Self::Czech),
        ("sk", Self::Slovak),
        ("pl", Self::Polish),
        ("de", Self::German),
        ("en", Self::English),
    ];

    /// The ISO 639-1 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        Self::NAMED[self as usize].0
    }

    /// The language of a BCP 47 tag, whatever its region and script; `None` where we do not speak
    /// it or it is no tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let base = tag.split(['-', '_']).next().unwrap_or(tag);
        let known = Self::NAMED.iter().find(|(code, _)| base.eq_ignore_ascii_case(code));
        known.map(|(_, language)| *language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_falls_back_to_its_base_language() {
        let cases = [
            ("cs", Some(Language::Czech)),
            ("cs-CZ", Some(Language::Czech)),
            ("SK", Some(Language::Slovak)),
            ("pl_PL", Some(Language::Polish)),
            ("de-Latn-AT", Some(Language::German)),
            ("en-GB", Some(Language::English)),
            ("fr", None),
            ("csx", None),
            ("", None),
        ];
        for (tag, language) in cases {
            assert_eq!(Language::from_tag(tag), language, "{tag}");
        }
    }

    #[test]
    fn every_language_has_its_own_code() {
        for (code, language) in Language::NAMED {
            assert_eq!(language.code(), code);
            assert_eq!(Language::from_tag(code), Some(language));
        }
    }
}
