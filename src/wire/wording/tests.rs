use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey,
};
use fluent_syntax::parser::parse;

use super::formats::plain_spaces;
use super::words::{by_fluent, pattern, plainly, say, source};
use super::*;
use crate::money::{Amount, Currency, PointDecimals, Points, Quantity};

const LANGUAGES: [Language; 5] =
    [Language::Czech, Language::Slovak, Language::Polish, Language::German, Language::English];

/// What a language's words are made of.
#[derive(Default)]
struct Words {
    messages: BTreeMap<String, Parts>,
}

#[derive(Default)]
struct Parts {
    text: String,
    variables: BTreeSet<String>,
    references: BTreeSet<String>,
    /// The categories of each selector.
    selectors: Vec<BTreeSet<String>>,
}

impl Words {
    fn of(language: Language) -> Self {
        let resource = parse(source(language)).expect("Fluent without faults");
        let mut words = Self::default();
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let mut parts = Parts::default();
            parts.pattern(&message.value.expect("every message has words"));
            let id = message.id.name.to_owned();
            assert!(words.messages.insert(id, parts).is_none(), "{} twice", message.id.name);
        }
        words
    }

    /// What a message is said of, through the messages that it is made of.
    fn variables(&self, id: &str) -> BTreeSet<&str> {
        let parts = self.messages.get(id).unwrap_or_else(|| panic!("{id} is missing"));
        let own = parts.variables.iter().map(String::as_str);
        let others = parts.references.iter().flat_map(|other| self.variables(other));
        own.chain(others).collect()
    }
}

impl Parts {
    fn pattern(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => {
                    self.text.push_str(value);
                    self.text.push(' ');
                }
                PatternElement::Placeable { expression } => self.expression(expression),
            }
        }
    }

    fn expression(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                let mut categories = BTreeSet::new();
                for variant in variants {
                    let VariantKey::Identifier { name } = variant.key else { panic!("a number") };
                    assert!(categories.insert(name.to_owned()), "{name} twice");
                    assert_eq!(variant.default, name == "other", "other is the default");
                    self.pattern(&variant.value);
                }
                self.selectors.push(categories);
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name.to_owned());
            }
            InlineExpression::MessageReference { id, attribute: None } => {
                self.references.insert(id.name.to_owned());
            }
            other => panic!("{other:?} is not used"),
        }
    }
}

fn categories(language: Language) -> BTreeSet<String> {
    let names: &[&str] = match language {
        Language::Czech | Language::Slovak | Language::Polish => &["one", "few", "many", "other"],
        Language::German | Language::English => &["one", "other"],
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn every_sentence_has_words_with_its_arguments_in_every_language() {
    for language in LANGUAGES {
        let words = Words::of(language);
        for (id, arguments) in Sentence::DECLARED {
            let declared: BTreeSet<&str> = arguments.iter().copied().collect();
            assert_eq!(words.variables(id), declared, "{language:?}: {id}");
        }
        let declared: BTreeSet<&str> = Sentence::DECLARED.iter().map(|(id, _)| *id).collect();
        let used: BTreeSet<&str> =
            words.messages.values().flat_map(|parts| &parts.references).map(|id| &**id).collect();
        let found = words.messages.keys().map(String::as_str);
        let unused: Vec<&str> =
            found.filter(|id| !declared.contains(id) && !used.contains(id)).collect();
        assert!(unused.is_empty(), "{language:?} has words that nobody says: {unused:?}");
    }
}

#[test]
fn plain_words_are_said_as_fluent_says_them() {
    let currency = Currency::from_code("CZK").expect("a code");
    let day = chrono::NaiveDate::from_ymd_opt(2026, 2, 8).expect("a day");
    let arguments = [
        Argument::Text("Zlatá { $x } \u{a0}"),
        Argument::Count(-1_234),
        Argument::Points(Points::new(1_250)),
        Argument::Quantity(Quantity::new(1_500)),
        Argument::Money(Money { amount: Amount::new(123_450), currency }),
        Argument::Day(day),
    ];
    for language in LANGUAGES {
        let locale = Locale { language, point_decimals: PointDecimals::new(2).expect("a scale") };
        let mut plain = 0;
        for (id, names) in Sentence::DECLARED {
            let pattern = pattern(language, id).expect("every sentence has words");
            for argument in arguments {
                let arguments: Vec<_> = names.iter().map(|name| (*name, argument)).collect();
                let Some(said) = plainly(locale, pattern, &arguments) else { continue };
                assert_eq!(said, by_fluent(locale, pattern, &arguments), "{language:?} {id}");
                plain += 1;
            }
        }
        assert!(plain > 100, "{language:?}: {plain}");
    }
}

#[test]
fn every_plural_has_the_categories_of_its_language() {
    for language in LANGUAGES {
        let words = Words::of(language);
        let selectors = words.messages.values().flat_map(|parts| &parts.selectors);
        assert!(selectors.clone().count() >= 3, "{language:?}");
        for (id, parts) in &words.messages {
            for found in &parts.selectors {
                assert_eq!(*found, categories(language), "{language:?}: {id}");
            }
        }
    }
}

#[test]
fn no_english_word_is_left_in_another_language() {
    let words_of = |text: &str| -> BTreeSet<String> {
        let words = text.split(|letter: char| !letter.is_alphabetic());
        // Shorter ones are spelled alike by chance: "am", "war", "do".
        words.filter(|word| word.chars().count() > 3).map(str::to_lowercase).collect()
    };
    let english: BTreeSet<String> =
        Words::of(Language::English).messages.values().flat_map(|p| words_of(&p.text)).collect();
    // German took the first word over, everybody the second.
    let loans: BTreeSet<String> = ["code", "cashback"].map(str::to_owned).into();
    for language in &LANGUAGES[..4] {
        for (id, parts) in Words::of(*language).messages {
            let left: Vec<String> = words_of(&parts.text)
                .into_iter()
                .filter(|word| english.contains(word) && !loans.contains(word))
                .collect();
            assert!(left.is_empty(), "{language:?}: {id} has {left:?}");
        }
    }
}

#[test]
fn counts_are_in_the_number_that_the_language_asks_for() {
    let cases: [(i64, [&str; 5]); 9] = [
        (0, ["0 bodů", "0 bodov", "0 punktów", "0 Punkte", "0 points"]),
        (1, ["1 bod", "1 bod", "1 punkt", "1 Punkt", "1 point"]),
        (2, ["2 body", "2 body", "2 punkty", "2 Punkte", "2 points"]),
        (4, ["4 body", "4 body", "4 punkty", "4 Punkte", "4 points"]),
        (5, ["5 bodů", "5 bodov", "5 punktów", "5 Punkte", "5 points"]),
        (12, ["12 bodů", "12 bodov", "12 punktów", "12 Punkte", "12 points"]),
        (21, ["21 bodů", "21 bodov", "21 punktów", "21 Punkte", "21 points"]),
        (22, ["22 bodů", "22 bodov", "22 punkty", "22 Punkte", "22 points"]),
        (1_025, ["1 025 bodů", "1 025 bodov", "1 025 punktów", "1.025 Punkte", "1025 points"]),
    ];
    for (count, expected) in cases {
        let said = Sentence::CountPoints { points: Points::new(count) };
        for (language, expected) in LANGUAGES.into_iter().zip(expected) {
            assert_eq!(plain_spaces(&said.say(language)), expected, "{language:?}");
        }
    }
}

#[test]
fn purchases_pieces_and_days_are_in_the_number_that_the_language_asks_for() {
    let cases: [(&str, &str, i64, [&str; 5]); 9] = [
        ("count_visits", "visits", 1, ["1 nákup", "1 nákup", "1 zakup", "1 Einkauf", "1 purchase"]),
        (
            "count_visits",
            "visits",
            2,
            ["2 nákupy", "2 nákupy", "2 zakupy", "2 Einkäufe", "2 purchases"],
        ),
        (
            "count_visits",
            "visits",
            25,
            ["25 nákupů", "25 nákupov", "25 zakupów", "25 Einkäufe", "25 purchases"],
        ),
        ("count_items", "items", 1, ["1 kus", "1 kus", "1 sztuka", "1 Stück", "1 piece"]),
        ("count_items", "items", 4, ["4 kusy", "4 kusy", "4 sztuki", "4 Stück", "4 pieces"]),
        ("count_items", "items", 21, ["21 kusů", "21 kusov", "21 sztuk", "21 Stück", "21 pieces"]),
        ("count_days", "days", 1, ["1 den", "1 deň", "1 dzień", "1 Tag", "1 day"]),
        ("count_days", "days", 22, ["22 dní", "22 dní", "22 dni", "22 Tage", "22 days"]),
        ("count_days", "days", 3, ["3 dny", "3 dni", "3 dni", "3 Tage", "3 days"]),
    ];
    for (id, argument, count, expected) in cases {
        for (language, expected) in LANGUAGES.into_iter().zip(expected) {
            let found = say(language.into(), id, &[(argument, Argument::Count(count))]);
            assert_eq!(found, expected, "{language:?} {id}");
        }
    }
}

#[test]
fn a_quantity_with_decimals_has_a_number_of_its_own() {
    let cases: [(i64, [&str; 5]); 5] = [
        (1_000, ["1 kus ", "1 kus ", "1 sztukę ", "1 Stück ", "1 more"]),
        (1_500, ["1,5 kusu ", "1,5 kusa ", "1,5 sztuki ", "1,5 Stück ", "1.5 more"]),
        (2_000, ["2 kusy ", "2 kusy ", "2 sztuki ", "2 Stück ", "2 more"]),
        (5_000, ["5 kusů ", "5 kusov ", "5 sztuk ", "5 Stück ", "5 more"]),
        (22_000, ["22 kusů ", "22 kusov ", "22 sztuki ", "22 Stück ", "22 more"]),
    ];
    for (milli, expected) in cases {
        let quantity = Quantity::new(milli);
        let said = Sentence::RefusedBelowMinimumQuantity { label: "X", quantity };
        for (language, expected) in LANGUAGES.into_iter().zip(expected) {
            let found = said.say(language);
            assert!(found.contains(expected), "{language:?}: {found}");
        }
    }
}

#[test]
fn arguments_are_written_by_the_language_and_told_as_data() {
    let currency = Currency::from_code("CZK").expect("a code");
    let said = Sentence::TierMissingSpend {
        tier: "Zlatá",
        amount: Money { amount: Amount::new(123_450), currency },
    };
    let cases = [
        (Language::Czech, "Nakupte ještě za 1 234,50 Kč a získáte úroveň Zlatá"),
        (Language::Slovak, "Nakúpte ešte za 1 234,50 Kč a získate úroveň Zlatá"),
        (Language::Polish, "Kup jeszcze za 1 234,50 Kč, aby osiągnąć poziom Zlatá"),
        (Language::German, "Noch für 1.234,50 Kč einkaufen, um Zlatá zu erreichen"),
        (Language::English, "Buy for 1234.50 more to reach Zlatá"),
    ];
    for (language, expected) in cases {
        assert_eq!(plain_spaces(&said.say(language)), expected);
    }
    let told: BTreeMap<&str, Argument<'_>> = said.arguments().into_iter().collect();
    let told = serde_json::to_value(told).expect("JSON");
    assert_eq!(told, serde_json::json!({"tier": "Zlatá", "amount": 123_450}));
}

#[test]
fn a_large_count_is_written_exactly() {
    let points = Points::new(crate::money::AMOUNT_MINOR_MAX + 1);
    assert_eq!(Sentence::CountPoints { points }.say(Language::English), "1000000000001 points");
}

#[test]
fn points_with_decimals_are_said_with_them_and_with_the_words_that_follow_decimals() {
    let points = Points::new(1_250);
    let said = |language, decimals| {
        let point_decimals = PointDecimals::new(decimals).expect("few enough");
        plain_spaces(&Sentence::CountPoints { points }.say(Locale { language, point_decimals }))
    };
    let cases = [
        (Language::Czech, 0, "1 250 bodů"),
        (Language::Czech, 2, "12,5 bodu"),
        (Language::Slovak, 2, "12,5 bodu"),
        (Language::Polish, 3, "1,25 punktu"),
        (Language::German, 2, "12,5 Punkte"),
        (Language::English, 1, "125 points"),
        (Language::English, 3, "1.25 points"),
    ];
    for (language, decimals, expected) in cases {
        assert_eq!(said(language, decimals), expected, "{language:?} {decimals}");
    }
    let locale =
        Locale { language: Language::Czech, point_decimals: PointDecimals::new(2).expect("few") };
    assert_eq!(points_signed(locale, Points::new(-1_205)), "-12,05");
    assert_eq!(points_signed(locale, points), "+12,5");
}
