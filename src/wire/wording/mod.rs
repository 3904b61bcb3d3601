//! What tills, customers and cashiers read, in every language that we speak. Pure.
//!
//! A [`Sentence`] is a message id with typed arguments; `*.ftl` beside this file have its words
//! (Project Fluent), `formats` writes numbers, money and days as a language does. Journal and
//! programme hold no sentences of ours, so anything can be said again in another language.

mod formats;
mod language;
mod locale;
mod sentence;
#[cfg(test)]
mod tests;
mod words;

pub use formats::{
    NO_BREAK_SPACE, day, money, percent, plain_spaces, points, points_signed, time, whole,
};
pub use language::Language;
pub use locale::Locale;
pub use sentence::{Argument, Money, Sentence};
