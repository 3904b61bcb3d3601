//! The words of each language, read once, when the first sentence is said in it.

use std::borrow::Cow;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::{Expression, InlineExpression, Pattern, PatternElement};

use super::formats;
use super::language::Language;
use super::locale::Locale;
use super::sentence::{Argument, Sentence};
use crate::money::PointDecimals;

type Bundle = FluentBundle<FluentResource>;

/// The source of a language's words.
pub(super) const fn source(language: Language) -> &'static str {
    match language {
        Language::Czech => include_str!("cs.ftl"),
        Language::Slovak => include_str!("sk.ftl"),
        Language::Polish => include_str!("pl.ftl"),
        Language::German => include_str!("de.ftl"),
        Language::English => include_str!("en.ftl"),
    }
}

impl Sentence<'_> {
    /// The sentence in a language, points with the locale's decimals. Spaces inside of numbers do not break.
    #[must_use]
    pub fn say(&self, locale: impl Into<Locale>) -> Cow<'static, str> {
        say(locale.into(), self.id(), &self.arguments())
    }
}

/// A message with its arguments in a language; its id, should a language not have it.
pub(super) fn say(
    locale: Locale,
    id: &'static str,
    arguments: &[(&'static str, Argument<'_>)],
) -> Cow<'static, str> {
    let Some(pattern) = pattern(locale.language, id) else {
        return Cow::Borrowed(id);
    };
    match plainly(locale, pattern, arguments) {
        Some(said) => Cow::Owned(said),
        None => by_fluent(locale, pattern, arguments),
    }
}

/// The words of a message.
pub(super) fn pattern(language: Language, id: &str) -> Option<&'static Pattern<&'static str>> {
    bundle(language).get_message(id)?.value()
}

/// Any words.
pub(super) fn by_fluent(
    locale: Locale,
    pattern: &'static Pattern<&'static str>,
    arguments: &[(&'static str, Argument<'_>)],
) -> Cow<'static, str> {
    let mut values = FluentArgs::with_capacity(arguments.len());
    for (name, argument) in arguments {
        values.set(*name, value(locale, *argument));
    }
    let arguments = (!arguments.is_empty()).then_some(&values);
    // A wrong reference shows as the name of what is missing; tests say every sentence.
    bundle(locale.language).format_pattern(pattern, arguments, &mut Vec::new())
}

/// Words of text and arguments alone, as most that have arguments are: Fluent's own way to them is five
/// times as long.
pub(super) fn plainly(
    locale: Locale,
    pattern: &Pattern<&str>,
    arguments: &[(&'static str, Argument<'_>)],
) -> Option<String> {
    if arguments.is_empty() {
        return None;
    }
    let mut said = String::with_capacity(64);
    for element in &pattern.elements {
        let name = match element {
            PatternElement::TextElement { value } => {
                said.push_str(value);
                continue;
            }
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::VariableReference { id }),
            } => id.name,
            PatternElement::Placeable { .. } => return None,
        };
        let (_, argument) = arguments.iter().find(|(known, _)| *known == name)?;
        match value(locale, *argument) {
            FluentValue::String(text) => said.push_str(&text),
            FluentValue::Number(number) => said.push_str(&number_text(locale.language, &number)),
            _ => return None,
        }
    }
    Some(said)
}

/// Counts go in as numbers, because the words follow them; all else as it is to be read.
fn value(locale: Locale, argument: Argument<'_>) -> FluentValue<'_> {
    let language = locale.language;
    match argument {
        Argument::Count(count) => count.into(),
        Argument::Points(points) => match locale.point_decimals {
            PointDecimals::WHOLE => points.value().into(),
            decimals => (points.value() as f64 / decimals.parts() as f64).into(),
        },
        // Fluent computes with floats. Thousandths of a quantity are exact in them as far as
        // their decimals are read, and nothing is computed from it.
        Argument::Quantity(quantity) => (quantity.value() as f64 / 1_000.0).into(),
        Argument::Text(text) => text.into(),
        Argument::Money(money) => formats::money(language, money.amount, money.currency).into(),
        Argument::Day(day) => formats::day(language, day).into(),
        Argument::Time(time) => formats::time(language, time).into(),
    }
}

fn bundle(language: Language) -> &'static Bundle {
    static BUNDLES: [OnceLock<Bundle>; Language::NAMED.len()] =
        [const { OnceLock::new() }; Language::NAMED.len()];
    BUNDLES[language as usize].get_or_init(|| read(language))
}

fn read(language: Language) -> Bundle {
    let tag = language.code().parse().expect("a language code is a tag");
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // Receipt printers print the marks that isolate directions as boxes.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match language {
        Language::Czech => number::<{ Language::Czech as usize }, _>,
        Language::Slovak => number::<{ Language::Slovak as usize }, _>,
        Language::Polish => number::<{ Language::Polish as usize }, _>,
        Language::German => number::<{ Language::German as usize }, _>,
        Language::English => number::<{ Language::English as usize }, _>,
    }));
    let resource = FluentResource::try_new(source(language).to_owned());
    bundle.add_resource_overriding(resource.expect("the words are Fluent, as tests show"));
    bundle
}

/// Writes a number as the language does; anything else is text already.
fn number<const LANGUAGE: usize, M>(value: &FluentValue<'_>, _memoizer: &M) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let (_, language) = Language::NAMED[LANGUAGE];
    Some(number_text(language, number))
}

fn number_text(language: Language, number: &FluentNumber) -> String {
    let number = number.value;
    if number.fract() == 0.0 {
        formats::whole(language, number as i64)
    } else {
        formats::thousandths(language, (number * 1_000.0).round() as i64)
    }
}
